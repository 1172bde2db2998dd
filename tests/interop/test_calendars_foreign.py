"""Other people's programs read our calendars as we mean them: each occurrence to the minute, each zone on every half-hour."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import icalendar
import msgspec
import pytest

from iopsgen.build import Prepared
from iopsgen.calendar_lint import lint
from iopsgen.model import Event
from iopsgen.outputs.calendar_entries import PREFIXES
from iopsgen.outputs.calendars import calendar
from iopsgen.outputs.event_entries import status_prefix
from iopsgen.views import CalendarView
from tests.demonstration import NOW, copy_demonstration
from tests.events import HOSTILE, make_entry, make_event, plain
from tests.interop.agreement import calendars_of, differences, expected, prepared
from tests.interop.readers import (
    Seen,
    Texts,
    read_all_icaljs,
    read_icalendar,
    read_icaljs,
    read_khal,
    read_libical,
    read_sabre,
    texts_icaljs,
    texts_libical,
)

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)

EVENTS: dict[str, tuple[str, str]] = {  # what it is: (front matter, zone)
    "single": ("start: 2026-10-28 19:00\nend: 21:00", "Europe/London"),
    "in summer, far away": ("start: 2026-07-14 18:30\nend: 20:00", "America/New_York"),
    "over midnight": ("start: 2026-12-31 22:00\nend: 03:00", "Europe/Berlin"),
    "through the night in which the clocks go back": ("start: 2026-10-24 22:00\nend: 03:00", "Europe/Berlin"),
    "ends in the second of two equal hours": ("start: 2026-10-24 22:00\nend: 2026-10-25T02:30:00+01:00", "Europe/Berlin"),
    "starts in the second of two equal hours": ("start: 2026-10-25T02:30:00+01:00\nend: 04:00", "Europe/Berlin"),
    "quarter hours": ("start: 2026-05-05 07:15\nend: 08:45", "Asia/Kathmandu"),
    "in UTC": ("start: 2026-05-05 07:15\nend: 08:45", "UTC"),
    "a day": ("start: 2026-12-24", "Europe/London"),
    "days": ("start: 2026-12-24\nend: 2026-12-27", "Europe/London"),
    "time unknown": ("start: 2026-12-05\ntime: tba", "Europe/London"),
    "cancelled": ("start: 2026-12-05 12:00\nend: 13:00\nstatus: cancelled\nreason: storm", "Europe/London"),
    "postponed": ("start: 2026-12-05 12:00\nend: 13:00\nstatus: postponed", "Europe/London"),
    "weekly": ("start: 2026-01-05 19:00\nend: 21:00\nrepeat: weekly", "Europe/London"),
    "weekly for centuries": ("start: 1760-01-04 19:00\nend: 21:00\nrepeat: weekly", "Europe/Paris"),  # before 1753, ical.js has Julian leap years
    "weekly in the south": ("start: 2026-01-05 19:00\nend: 21:00\nrepeat: weekly", "Australia/Lord_Howe"),
    "two days of every other week": ("start: 2026-01-06 07:00\nend: 08:00\nrepeat: every 2 weeks on Tue and Thu", "America/Santiago"),
    "daily": ("start: 2026-02-01 09:00\nend: 09:15\nrepeat: daily until 2026-08-31", "Africa/Casablanca"),
    "n times": ("start: 2026-01-30 18:00\nend: 19:00\nrepeat: monthly on the last Friday, 12 times", "Africa/Cairo"),
    "n times, the first left out": (
        "start: 2026-01-05 18:00\nend: 19:00\nrepeat: weekly, 8 times, except 2026-01-05, 2026-02-02",
        "America/Nuuk",
    ),
    "until an evening that is tomorrow in UTC": ("start: 2026-01-05 20:00\nend: 22:00\nrepeat: weekly until 2026-06-29", "America/Denver"),
    "until a morning that is yesterday in UTC": ("start: 2026-01-05 07:00\nend: 08:00\nrepeat: weekly until 2026-06-29", "Asia/Tokyo"),
    "everything": (
        "start: 2026-10-05 19:00\nend: 21:00\n"
        "repeat: monthly on the first Monday until 2029-06-30, except 2027-01-04, also 2026-12-24 12:00, pause 2027-07-01 to 2027-09-30\n"
        "changes:\n  2026-12-07: {start: 2026-12-08 19:30, note: room taken}\n  2027-02-01: cancelled\n"
        "  2027-03-01: {title: 'Tea; cake, and \"more\"'}\n"
        "  2027-04-05: {end: 22:30}\n  2028-01-03: {start: 2028-01-03 20:00, venue: {name: Elsewhere}}\n"
        "  2026-12-24: {start: 2026-12-24 13:00}",
        "Europe/London",
    ),
    "first date moved": (
        "start: 2026-03-02 19:00\nend: 21:00\nrepeat: weekly, 5 times\nchanges:\n  2026-03-02: {start: 2026-03-01 15:00}",
        "Asia/Gaza",
    ),
    "nights, two of them with a clock change": ("start: 2026-01-03 22:00\nend: 04:00\nrepeat: weekly", "Europe/Paris"),
    "nights of a fixed length": ("start: 2026-01-03 22:00\nduration: 6h\nrepeat: weekly", "America/Chicago"),
    "first date in the night of a clock change": ("start: 2026-03-28 22:00\nend: 04:00\nrepeat: weekly", "Europe/Paris"),
    "day 31": ("start: 2026-01-31 19:00\nend: 20:00\nrepeat: monthly on day 31", "Europe/London"),
    "day 31, understood": ("start: 2026-08-31 19:00\nend: 20:00\nrepeat: monthly until 2027-06-30", "Europe/London"),
    "29 February": ("start: 2028-02-29\nrepeat: yearly", "Europe/London"),
    "in an hour that is skipped once a year": ("start: 2026-01-04 02:30\nend: 02:45\nrepeat: weekly", "Europe/Berlin"),
    "left out in the skipped hour": ("start: 2026-01-04 02:30\nend: 02:45\nrepeat: weekly, except 2026-03-29", "Europe/Berlin"),
    "changed in the skipped hour": (
        "start: 2026-01-04 02:30\nend: 02:45\nrepeat: weekly\nchanges:\n  2026-03-29: cancelled",
        "Europe/Berlin",
    ),
    "working days": ("start: 2026-01-30 12:00\nend: 13:00\nrrule: FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Europe/London"),
    "all-day series": (
        "start: 2026-05-01\nend: 2026-05-02\nrepeat: yearly, except 2027-05-01\nchanges:\n"
        "  2028-05-01: {start: 2028-05-06}\n  2029-05-01: cancelled",
        "Europe/London",
    ),
    "dates": (
        "dates: [2026-03-03 19:00, 2026-04-09 20:00, 2026-06-30 19:00, 2027-11-02 19:00]\nend: 22:00\n"
        "changes:\n  2026-04-09: cancelled\n  2026-06-30: {start: 2026-07-01 18:00}",
        "Europe/London",
    ),
    "dates, the first cancelled": (
        "dates: [2026-03-03 19:00, 2026-04-09 19:00]\nend: 22:00\nchanges:\n  2026-03-03: cancelled",
        "Europe/London",
    ),
    "dates without times": ("dates: [2026-03-03, 2026-04-09]\nduration: 2 days", "Europe/London"),
    "series called off": ("start: 2026-01-05 19:00\nend: 21:00\nrepeat: weekly until 2026-03-30\nstatus: cancelled", "Europe/London"),
}

SECOND_HOUR = ["ends in the second of two equal hours", "starts in the second of two equal hours"]
SKIPPED_HOUR = [name for name in EVENTS if "skipped" in name]


@cache
def written(most: int = 10_000) -> tuple[bytes, dict[str, Event]]:
    """One calendar that holds those of EVENTS that take place at most so often, and these events by name."""
    events = {
        name: make_event(f"{front}\nuid: {number}@example.org", zone=where, source=f"content/events/{number}.md", horizon=END.date())
        for number, (name, (front, where)) in enumerate(EVENTS.items())
    }
    events = {name: event for name, event in events.items() if expected(event, START, END).total() <= most}
    return calendar(CalendarView(name="All", zone="Europe/London", entries=tuple(map(make_entry, events.values())))), events


def check(found: Iterable[Seen], events: dict[str, Event], but: Iterable[str] = ()) -> None:
    """Each event was seen when and as it should be, and nothing else; `but` are events that this reader is known to misread."""
    wrong = differences(found, events.values(), START, END)
    misread = {events[name].fields.source for name in but}
    names = {event.fields.source: name for name, event in events.items()}
    assert {names.get(source, source): what for source, what in wrong.items() if source not in misread} == {}


def test_our_own_linter_finds_nothing() -> None:
    """The linter, which reads bytes and rules by itself, has nothing to say but that clocks skip some dates that are left out."""
    lines = written()[0].split(b"\r\n")
    found = lint(written()[0], "calendar.ics")
    assert [one for one in found if not (one.severity == "warning" and one.place and lines[one.place.line - 1].startswith(b"EXDATE"))] == []


def test_there_is_something_to_see() -> None:
    """The calendar holds over a thousand occurrences, and every event at least one, so that agreement means something."""
    counts = {name: expected(event, START, END).total() for name, event in written()[1].items()}
    assert all(counts.values())
    assert sum(counts.values()) > 1000


def test_icalendar() -> None:
    """`icalendar` and `recurring-ical-events` see every occurrence.

    They put moments in UTC into the zone of X-WR-TIMEZONE, here London, and lose there which of two equal hours is meant.
    """
    data, events = written()
    check(read_icalendar(data, START, END), events, but=SECOND_HOUR)


def test_icaljs() -> None:
    """ical.js, of Thunderbird and Nextcloud, sees every occurrence."""
    data, events = written()
    check(read_icaljs(data, START, END), events)


def test_libical() -> None:
    """libical, of GNOME and KDE, sees every occurrence (after a skipped hour its own counting is an hour late for a while)."""
    data, events = written()
    check(read_libical(data, START, END), events, but=SKIPPED_HOUR)


def test_sabre(tmp_path: Path) -> None:
    """sabre/vobject 2, of many servers, sees every occurrence, and its validator has nothing to say.

    After a skipped hour it is an hour late forever, and it does not see that the very first date of a series was moved.
    """
    data, events = written()
    found, problems = read_sabre(data, START, END, tmp_path)
    assert problems == []
    check(found, events, but=[*SKIPPED_HOUR, "first date moved"])


@pytest.mark.parametrize("most", [30, pytest.param(10_000, marks=pytest.mark.slow)])
def test_khal(most: int, tmp_path: Path) -> None:
    """khal imports the file and lists every occurrence; it takes its time, so in the quick run of the rarer events alone."""
    data, events = written(most)
    check(set(read_khal(data, START, END, tmp_path)), events)


# --- the demonstration ---------------------------------------------------------------------------------------------

FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2031, 11, 1, tzinfo=UTC)


@cache
def demonstration() -> Prepared:
    """The demonstration site, with five years of each series."""
    folder = Path(mkdtemp(prefix="iopsgen-demonstration-"))
    return prepared(copy_demonstration(folder), NOW)


def read_each(read: Callable[[bytes, datetime, datetime], list[Seen]]) -> Callable[[list[bytes]], list[list[Seen]]]:
    """A reader of many calendars from a reader of one."""
    return lambda calendars: [read(data, FIRST, LAST) for data in calendars]


READERS = {
    "icalendar": read_each(read_icalendar),
    "libical": read_each(read_libical),
    "ical.js": lambda calendars: read_all_icaljs(calendars, FIRST, LAST),
}


def check_demonstration(route: str, data: bytes, found: Iterable[Seen], least: timedelta = timedelta(0)) -> None:
    """A reader saw every occurrence of each event in a calendar, in the event's own language; the site's calendars hold all events."""
    site = demonstration()
    prefixes = {language: {status: status_prefix(status, texts) for status in PREFIXES} for language, texts in site.workshop.texts.items()}
    pages = {str(event.get("URL")) for event in icalendar.Calendar.from_ical(data).walk("VEVENT")}
    events = [event for event in site.site.events if f"https://iops.example.org{event.route}" in pages]
    assert differences(found, events, FIRST, LAST, least, prefixes) == {}, route
    if route in ("/calendar.ics", "/es/calendar.ics"):
        assert {event.group for event in events} == {event.group for event in site.site.events if event.dated}


@pytest.mark.parametrize("ending", ["/calendar.ics", "/event.ics"])
@pytest.mark.parametrize("reader", READERS)
def test_demonstration(reader: str, ending: str) -> None:
    """Python, libical and ical.js see every occurrence in every calendar of the demonstration as the site shows it."""
    calendars = {route: data for route, data in calendars_of(demonstration()).items() if route.endswith(ending)}
    assert len(calendars) > 20
    for (route, data), found in zip(calendars.items(), READERS[reader](list(calendars.values())), strict=True):
        check_demonstration(route, data, found)


@pytest.mark.parametrize("route", ["/calendar.ics", "/es/calendar.ics"])
def test_demonstration_in_sabre_and_khal(route: str, tmp_path: Path) -> None:
    """So do sabre/vobject, whose validator has nothing to say, and khal, in the calendars of the site."""
    data = calendars_of(demonstration())[route]
    found, problems = read_sabre(data, FIRST, LAST, tmp_path)
    assert problems == []
    check_demonstration(route, data, found)
    check_demonstration(route, data, set(read_khal(data, FIRST, LAST, tmp_path)), least=timedelta(hours=1))


# --- texts ---------------------------------------------------------------------------------------------------------


def test_empty_calendar(tmp_path: Path) -> None:
    """A calendar without events is one for all of them: it holds a component, and nothing happens in it."""
    data = calendar(CalendarView(name="Nothing yet", zone="Europe/London"))
    assert lint(data, "calendar.ics") == []
    found, problems = read_sabre(data, START, END, tmp_path)
    assert problems == []
    assert [found, read_icaljs(data, START, END), read_libical(data, START, END), read_icalendar(data, START, END)] == [[]] * 4


@pytest.mark.parametrize("read", [texts_icaljs, texts_libical])
def test_hostile_texts_come_back(read: Callable[[bytes], list[Texts]]) -> None:
    """Newlines of every kind, quotes, escapes and whole components in a text are a text to other readers, and the same one."""
    texts = [f"before {one} after" for one in HOSTILE]
    plain_entry = make_entry(make_event("start: 2026-10-28 19:00"))
    entries = [
        msgspec.structs.replace(plain_entry, uid=f"{n}@example.org", summary=value, description=value, location=value)
        for n, value in enumerate(texts)
    ]
    data = calendar(CalendarView(zone="Europe/London", entries=tuple(entries)))
    assert read(data) == [Texts(plain(value), plain(value), plain(value)) for value in texts]
