"""The linter finds in calendar files what other validators let pass, says where, and says what to write."""

import pytest

from iopsgen.calendar_lint import lint
from iopsgen.problems import Problem

HEAD = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Example//EN
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:STANDARD
DTSTART:20251026T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261001T100000Z
{more}
END:VEVENT
"""
TIMED = "DTSTART;TZID=Europe/London:20261102T190000\nDTEND;TZID=Europe/London:20261102T210000\nSUMMARY:Meeting"
WEEKLY = f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628T180000Z"


def calendar(*events: str, head: str = HEAD) -> bytes:
    """A calendar with the given events, each the lines between DTSTAMP and the end; a UID of their own unless they give one."""
    parts = []
    for number, more in enumerate(events):
        uid, _, rest = more.partition("\n") if more.startswith("UID:") else (f"UID:{number}@example.org", "", more)
        parts.append(EVENT.format(uid=uid.removeprefix("UID:"), more=rest))
    return (head + "".join(parts) + "END:VCALENDAR\n").replace("\n", "\r\n").encode()


def faults(data: bytes) -> list[Problem]:
    """What is found, hints apart."""
    return [problem for problem in lint(data, "calendar.ics") if problem.severity != "hint"]


def only(data: bytes) -> Problem:
    """The one problem that is found, hints apart."""
    problems = faults(data)
    assert len(problems) == 1, problems
    assert problems[0].place
    assert problems[0].place.file == "calendar.ics"
    assert problems[0].message.endswith(".")
    assert problems[0].hint.endswith((".", ")"))
    return problems[0]


def test_nothing_wrong() -> None:
    """A sound calendar with a series, an exception, an override and an all-day event has no problems."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261116T190000\n{TIMED.replace('1102', '1117')}"
    day = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Days\\, and nights\\; \\\\ \\n"
    assert faults(calendar(f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261109T190000", override, day)) == []


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("DTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261102", 23, "before its first day is over"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND;TZID=Europe/London:20261102T190000"), 23, "does not end after"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND:20261102T185900Z"), 23, "does not end after"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND;VALUE=DATE:20261103"), 23, "not of the same type"),
        ("DTSTART:20261102T190000", 22, "no time zone"),
        ("DTSTART;TZID=Europe/Paris:20261102T190000", 22, '"Europe/Paris" is used but not described'),
        ("DTSTART;TZID=Europe/London:20191102T190000", 22, "before the time zone Europe/London begins"),
        ("DTSTART:20261102", 22, "is a day, and does not say so"),
        ("DTSTART;VALUE=DATE:20260230", 22, "cannot be read"),
        (f"{TIMED}; and more", 24, 'SUMMARY holds ";"'),
        (f"{TIMED}, and more", 24, 'SUMMARY holds ","'),
        (f"{TIMED} \\x", 24, "backslash"),
        (f"{TIMED}\nCATEGORIES:a,b;c", 25, 'CATEGORIES holds ";"'),
        (f"{TIMED}\nSTATUS:POSTPONED", 25, "STATUS cannot be"),
        (f"{TIMED}\nGEO:51.5,-0.1", 25, "GEO is not"),
        (f"{TIMED}\nURL:https://example.org/a b", 25, "holds a space"),
        (f"{TIMED}\nDURATION:PT1H", 25, "both DTEND and DURATION"),
        (f"{TIMED}\nSUMMARY:Again", 25, "SUMMARY twice"),
        (f"{TIMED}\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM", 25, "alarm"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628", 25, "UNTIL and DTSTART are not of the same type"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628T190000", 25, "UNTIL is not in UTC"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;BYDAY=TU", 25, "does not give the first date"),
        (f"{TIMED}\nRRULE:FREQ=FORTNIGHTLY", 25, "FORTNIGHTLY"),
        ("DTSTART:20261102T190000Z\nRRULE:FREQ=WEEKLY", 22, "moves by an hour"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261110T190000", 26, "EXDATE takes away 2026-11-10 19:00"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261109T193000", 26, "EXDATE takes away 2026-11-09 19:30"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20270705T190000", 26, "EXDATE takes away 2027-07-05"),
        (f"{WEEKLY}\nEXDATE;VALUE=DATE:20261109", 26, "EXDATE has not the type"),
        (f"{WEEKLY}\nEXDATE:20261109T190000Z", 26, "EXDATE has not the type or the zone"),
        (f"{TIMED}\nEXDATE;TZID=Europe/London:20261109T190000", 25, "EXDATE takes away"),
    ],
)
def test_one_event(more: str, line: int, words: str) -> None:
    """What is wrong with a single event is found once, on its line."""
    problem = only(calendar(more))
    assert words in problem.message
    assert problem.place
    assert problem.place.line == line


@pytest.mark.parametrize("name", ["UID", "DTSTAMP", "DTSTART"])
def test_missing_property(name: str) -> None:
    """An event without UID, DTSTAMP or DTSTART is named with the line on which it begins."""
    lines = calendar("DTSTART;VALUE=DATE:20261102").decode().split("\r\n")
    problem = only("\r\n".join(line for line in lines if not line.startswith(name) or "T020000" in line or "T010000" in line).encode())
    assert problem.message == f"The event has no {name}."
    assert problem.place
    assert problem.place.line == 19


def test_two_events_with_one_uid() -> None:
    """A UID that comes twice without RECURRENCE-ID is an error that names the first event's line."""
    problem = only(calendar(f"UID:a@b\n{TIMED}", f"UID:a@b\n{TIMED}"))
    assert 'line 19 has the same UID "a@b"' in problem.message
    assert problem.place
    assert problem.place.line == 26


@pytest.mark.parametrize("original", ["20261110T190000", "20261109T180000"])
def test_dangling_override(original: str) -> None:
    """An override that names no date of its series is found."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:{original}\n{TIMED}"
    assert "RECURRENCE-ID names" in only(calendar(WEEKLY, override)).message


def test_override_of_nothing() -> None:
    """An override whose series is not in the file is found, and so is one of an event that is no series."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261109T190000\n{TIMED}"
    assert "a series that is not in the file" in only(calendar(override)).message
    assert "RECURRENCE-ID names" in only(calendar(TIMED, override)).message


def test_date_changed_twice() -> None:
    """Two overrides of one date are found."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261109T190000\n{TIMED}"
    assert "changed twice" in only(calendar(WEEKLY, override, override)).message


def test_count_ends_the_series() -> None:
    """An exception after the last date that COUNT allows meets nothing; one on the last does."""
    series = f"{TIMED}\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/London:"
    assert lint(calendar(f"{series}20261116T190000"), "calendar.ics") == []
    assert "EXDATE takes away" in only(calendar(f"{series}20261123T190000")).message


def test_calendar_properties() -> None:
    """METHOD, a REFRESH-INTERVAL without its type, and a missing VERSION, PRODID or component are found."""
    refresh = HEAD.replace("BEGIN:VTIMEZONE", "REFRESH-INTERVAL:PT12H\nBEGIN:VTIMEZONE", 1)
    assert only(calendar(TIMED, head=refresh)).hint == "Write REFRESH-INTERVAL;VALUE=DURATION:PT12H (RFC 7986, 5.7)."
    method = HEAD.replace("BEGIN:VTIMEZONE", "METHOD:PUBLISH\nBEGIN:VTIMEZONE", 1)
    assert only(calendar(TIMED, head=method)).severity == "warning"
    bare = lint(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "calendar.ics")
    assert [word for problem in bare for word in ("VERSION", "PRODID", "component") if word in problem.message] == [
        "VERSION",
        "PRODID",
        "component",
    ]


def test_zones() -> None:
    """A zone that is there twice, that has no observance, or that stands after the events is found."""
    zone = HEAD[HEAD.index("BEGIN:VTIMEZONE") :]
    assert "there twice" in only(calendar(TIMED, head=HEAD + zone)).message
    assert "neither STANDARD nor DAYLIGHT" in only(calendar(TIMED, head=HEAD + "BEGIN:VTIMEZONE\nTZID:Europe/Oslo\nEND:VTIMEZONE\n")).message
    late = calendar(TIMED).decode().replace(zone.replace("\n", "\r\n"), "").replace("END:VCAL", zone.replace("\n", "\r\n") + "END:VCAL")
    assert "after the events" in only(late.encode()).message


def test_line_ends() -> None:
    """A file with LF alone, and a single LF or CR among CRLF, are found with the first line concerned."""
    sound = calendar(TIMED)
    problem = only(sound.replace(b"\r\n", b"\n"))
    assert problem.message == "This line does not end with CR LF (25 more like it)."
    assert problem.place
    assert problem.place.line == 1
    lone = only(sound.replace(b"SUMMARY:Meeting\r\n", b"SUMMARY:Meeting\n"))
    assert lone.place
    assert lone.place.line == 24
    assert "CR LF" in only(sound.replace(b"SUMMARY:Meeting\r\n", b"SUMMARY:Meeting\r")).message
    assert "has no end" in only(sound.removesuffix(b"\r\n")).message


def test_long_lines() -> None:
    """75 octets are allowed, 76 are not, and two bytes count as two."""
    assert lint(calendar(f"{TIMED}{'x' * 60}"), "calendar.ics") == []
    assert "longer than 75 octets" in only(calendar(f"{TIMED}{'x' * 61}")).message
    assert "longer than 75 octets" in only(calendar(f"{TIMED}{'ü' * 31}")).message


def test_characters() -> None:
    """A byte order mark, control characters, other newlines, empty lines and what is not UTF-8 are found."""
    sound = calendar(TIMED)
    assert "byte order mark" in only(b"\xef\xbb\xbf" + sound).message
    assert "control character" in only(sound.replace(b"Meeting", b"Mee\x07ting")).message
    assert "control character" in only(sound.replace(b"Meeting", "Mee\u2028ting".encode())).message
    assert "is empty" in only(sound.replace(b"END:VEVENT\r\n", b"END:VEVENT\r\n\r\n")).message
    assert "not UTF-8" in only(sound.replace(b"Meeting", b"Gr\xfc\xdfe")).message


def test_fold_inside_a_character() -> None:
    """A line that is folded between the bytes of one character is found, and told from one that is not UTF-8."""
    sound = calendar(f"{TIMED}ü")
    problem = only(sound.replace("ü".encode(), b"\xc3\r\n \xbc"))
    assert problem.message == "This line is folded inside a character (1 more like it)."
    assert problem.place
    assert problem.place.line == 24


def test_structure() -> None:
    """Text that is no property, components without an end or a beginning, and files that are no calendar are found."""
    sound = calendar(TIMED)
    assert "does not start with a property's name" in only(sound.replace(b"SUMMARY", b"*")).message
    assert "no colon" in only(sound.replace(b"SUMMARY:", b"SUMMARY ")).message
    assert "END:VTODO ends nothing" in only(sound.replace(b"END:VCAL", b"END:VTODO\r\nEND:VCAL")).message
    assert "VEVENT has no end" in only(sound.replace(b"END:VEVENT\r\n", b"")).message
    assert "empty" in only(b"").message
    for other in (b"PRODID:x\r\n", b"SUMMARY:x\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"):
        assert "This is no calendar: it has no BEGIN:VCALENDAR." in [problem.message for problem in lint(other, "calendar.ics")]


def test_rule_that_never_ends_is_read_in_time() -> None:
    """A rule that gives no date at all, and an exception in the year 9999, are looked at for a bounded time."""
    never = f"{TIMED}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEXDATE;TZID=Europe/London:99991231T190000"
    assert {problem.place.line for problem in lint(calendar(never), "calendar.ics") if problem.place} == {25, 26}
