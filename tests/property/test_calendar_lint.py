"""Laws of the linter: no bytes make it fail or run for long, every finding has a place and a remedy, and what is sound stays sound."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iopsgen.calendar_lint import Linter, lint
from iopsgen.problems import Problem
from iopsgen.vtimezone import vtimezone
from iopsgen.zones import zone
from tests.unit.test_calendar_lint import APPLE, EVOLUTION, GOOGLE, HEAD, OUTLOOK, TIMED, WEEKLY, calendar

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

OVERRIDE = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261116T190000\n{TIMED}"
SOUND = [text.replace("\n", "\r\n").encode() for text in (GOOGLE, OUTLOOK, APPLE, EVOLUTION)] + [
    calendar(f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261109T190000", OVERRIDE, "DTSTART;VALUE=DATE:20261224")
]
PIECES = [line + b"\r\n" for data in SOUND for line in data.split(b"\r\n")] + [
    b"\r", b"\n", b" ", b"\xff", b"\0", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n", b"DTSTART:99991231T235959\r\n",
    b"DTSTART;TZID=Europe/London:00010101T000000\r\n", b"DTEND;VALUE=DATE:99991231\r\n", b"DTSTART;VALUE=DATE:99991231\r\n", b"TZOFFSETTO:-9959\r\n",
    b"RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2\r\n", b"RRULE:FREQ=DAILY;COUNT=100000\r\n", b"EXDATE:99991231T235959Z\r\n", b"RECURRENCE-ID:20261116T190000Z\r\n",
    b"RRULE:FREQ=YEARLY;UNTIL=00010101T000000Z\r\n", b"DURATION:P99999W\r\n", b"DTSTART;TZID=UTC:20261102T190000\r\n", b"GEO:;\r\n", b"RDATE;VALUE=PERIOD:/\r\n",
]  # fmt: skip


def check(problems: list[Problem], data: bytes) -> None:
    """Every finding has words, a remedy and a line that exists."""
    lines = len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    for problem in problems:
        assert problem.message.endswith(".") and len(problem.message) < 300 and problem.hint.rstrip(")")[-1:] not in ("", " ")
        assert problem.place is not None and 1 <= problem.place.line <= lines
    assert len(problems) <= 501


@MANY
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_lines_in_any_order(data: bytes) -> None:
    """Lines of calendars, shuffled and mixed, are read without failing, and all findings have their place."""
    check(lint(data, "x"), data)
    around = b"BEGIN:VCALENDAR\r\n" + data + b"END:VCALENDAR\r\n"
    check(lint(around, "x"), around)


@MANY
@given(st.sampled_from(SOUND), st.integers(0, 5000), st.binary(max_size=8), st.integers(0, 40))
def test_damaged_files(sound: bytes, place: int, put: bytes, cut: int) -> None:
    """A file in which something was overwritten or left out is read without failing."""
    place %= len(sound)
    data = sound[:place] + put + sound[place + cut :]
    check(lint(data, "x"), data)


@FEW
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes(data: bytes, within: bool) -> None:
    """Whatever bytes, alone or within a calendar, are read without failing."""
    data = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + data + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" if within else data
    check(lint(data, "x"), data)


@FEW
@given(st.lists(st.sampled_from([WEEKLY, TIMED, "DTSTART;VALUE=DATE:20261224", f"{TIMED};x", f"{WEEKLY}\nEXDATE:20261110T190000Z"]), min_size=1, max_size=5))
def test_a_memory_changes_nothing(events: list[str]) -> None:
    """A linter that has seen other files finds in a new one what one without memory finds, but for what it has told."""
    data = calendar(*events)
    fresh = lint(data, "x")
    used = Linter()
    before = {(p.message, p.hint) for p in used.lint(calendar(*events[:1]), "x")}
    again = {(p.message, p.hint) for p in used.lint(data, "x")}
    assert {(p.message, p.hint) for p in fresh} - before <= again | before and again <= {(p.message, p.hint) for p in fresh}


@FEW
@given(st.sampled_from(sorted(["Europe/Dublin", "Africa/Casablanca", "America/Nuuk", "Asia/Gaza", "Australia/Lord_Howe", "Europe/London", "Africa/Cairo", "UTC"])), st.integers(2012, 2035), st.data())
def test_our_zones_agree_with_the_database(name: str, year: int, data: st.DataObject) -> None:
    """The zones that we write agree for every series; one that is wrong by an hour for half a year does not."""
    head = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nX-WR-CALNAME:x\n{vtimezone(name, year - 1).decode().replace(chr(13), '')}"
    day = data.draw(st.integers(1, 28))
    series = f"DTSTART;TZID={name}:{year}01{day:02}T120000\nSUMMARY:x\nRRULE:FREQ=WEEKLY;UNTIL={year + 2}0101T000000Z"
    assert lint(calendar(series, head=head), "x") == []
    if b"DAYLIGHT" in vtimezone(name, year - 1):
        wrong = "".join(f"TZOFFSETTO:{line[11:14]}15\n" if line.startswith("TZOFFSETTO") else line + "\n" for line in head.splitlines())
        assert any("the zone database says" in p.message for p in lint(calendar(series, head=wrong), "x"))


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_files_of_icalendar(name: str) -> None:
    """What the `icalendar` package writes, its zones with their lists of dates too, has no faults."""
    theirs = icalendar.Calendar()
    theirs.add("prodid", "-//Example//Example//EN")
    theirs.add("version", "2.0")
    for number in range(5):
        event = icalendar.Event()
        start = datetime(2026, 1 + number, 5, 19, tzinfo=zone(name))
        event.add("uid", f"{number}@example.org")
        event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
        event.add("summary", "Tea; cake, and “more” — ünd so weiter\n" * 3)
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(hours=2))
        event.add("rrule", {"freq": "weekly", "count": 20})
        event.add("exdate", [start + timedelta(days=7), start + timedelta(days=14)])
        event.add("geo", (51.5, -0.12))
        event.add("url", "https://example.org/a?b=c,d;e")
        event.add("categories", ["a,b", "c"])
        theirs.add_component(event)
    theirs.add_missing_timezones()
    assert [p for p in lint(theirs.to_ical(), "x") if p.severity != "hint"] == []


HOSTILE = {
    "begin": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 40_000,
    "deep": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 20_000 + b"END:X\r\n" * 20_000,
    "end": b"BEGIN:VCALENDAR\r\n" + b"END:VEVENT\r\n" * 40_000,
    "carriage returns": b"BEGIN:VCALENDAR\r" + b"BEGIN:VEVENT\rEND:VEVENT\r" * 20_000,
    "folds": b"BEGIN:VCALENDAR\r\nA:" + b"\r\n x" * 60_000,
    "backslashes": b"BEGIN:VCALENDAR\r\nSUMMARY:" + b"\\" * 200_000 + b"\r\n n\r\n",
    "parameters": b"BEGIN:VCALENDAR\r\nA" + b";x=y" * 60_000 + b":1\r\n",
    "calendars": b"BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Europe/Nowhere\r\nEND:VCALENDAR\r\n" * 5_000,
    "rules": calendar(*[f"DTSTART;TZID=Europe/London:20261102T190000\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEXDATE;TZID=Europe/London:99991231T{n % 24:02}0000" for n in range(500)]),
    "yearly": calendar(*[f"{TIMED}\nRRULE:FREQ=YEARLY;BYYEARDAY={','.join(map(str, range(1, 180)))}\nEXDATE;TZID=Europe/London:99991231T190000"] * 200),
    "every second": calendar(f"{TIMED}\nRRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))};BYSECOND={','.join(map(str, range(60)))}"),
    "positions": calendar(*[f"{TIMED}\nRRULE:FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2,3;BYMONTHDAY={','.join(map(str, range(1, 32)))};BYSETPOS=1\nEXDATE;TZID=Europe/London:99991231T190000"] * 100),
    "zones": calendar(TIMED, head=HEAD + "".join(f"BEGIN:VTIMEZONE\nTZID:Zone {n}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n" for n in range(2000))),
    "names": calendar(*[f"DTSTART;TZID=Europe/Lond{n}:20261102T190000" for n in range(3000)]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_to_their_end(name: str) -> None:
    """Files of some hundred kilobytes, made to take hours, are read in seconds: what they ask for is bounded."""
    check(lint(HOSTILE[name], "x"), HOSTILE[name])


def test_the_file_on_disk_is_not_needed() -> None:
    """The name of a file is only repeated, never opened."""
    (problem, *_) = lint(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "/nowhere/\x1b[31m.ics")
    assert problem.place is not None and problem.place.file == "/nowhere/\x1b[31m.ics" and not Path(problem.place.file).exists()
