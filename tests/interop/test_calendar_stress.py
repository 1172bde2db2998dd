"""Thousands of events of every kind, in forty zones: other people's programs see each occurrence as the site shows it, to the minute."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

import pytest

from iopsgen.calendar_lint import lint
from iopsgen.model import Event
from iopsgen.vtimezone import shifts_of
from iopsgen.zones import zone
from tests.calendar_site import PATTERNS, RULES, ZONES, calendar_site
from tests.interop.agreement import (
    calendars_of,
    changes_clocks_each_time,
    differences,
    expected,
    last_is_moved,
    out_of_order,
    overridden_at_once,
    prepared,
    repeated_in,
    rule_of,
    skips_an_hour,
)
from tests.interop.readers import Seen, read_icalendar, read_icaljs, read_khal, read_libical, read_sabre, shifts_php
from tests.sites import SETTINGS, write_site

SAMPLE, MANY = 160, 2000
YEARS = (2009, 2018, 2026)  # the first of five: Samoa leaves out a day, Brazil and Iran give up summer time, Egypt takes it up again
SIZES = [pytest.param(2026, SAMPLE), *(pytest.param(year, MANY, marks=pytest.mark.slow) for year in YEARS)]
sizes = pytest.mark.parametrize(("year", "number"), SIZES)

SKIPPED_DAY = datetime(2011, 12, 30, tzinfo=UTC)

Shape = Callable[[Event], bool]


@cache
def site(year: int, number: int) -> tuple[bytes, tuple[Event, ...], datetime, datetime]:
    """The calendar of a whole site, its events, and the five years that are looked at."""
    folder = Path(mkdtemp(prefix="iopsgen-calendar-"))
    write_site(folder, dict(calendar_site(number, first_year=year)), SETTINGS)
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 5, 1, 1, tzinfo=UTC)
    found = prepared(folder, start)
    return calendars_of(found)["/calendar.ics"], found.site.events, start, end


def check(found: Iterable[Seen], year: int, number: int, known: Iterable[Shape] = (), least: timedelta = timedelta(0)) -> None:
    """Each event was seen as it should be. `known` are the shapes that this reader misreads; nearly all events have none of them."""
    _, events, start, end = site(year, number)
    misread = {event.fields.source for event in events if any(shape(event) for shape in known)}
    assert len(misread) < len(events) / 4
    wrong = {source: what for source, what in differences(found, events, start, end, least).items() if source not in misread}
    assert not wrong


@sizes
def test_the_site_is_worth_it(year: int, number: int) -> None:
    """Every kind of event, every zone and thousands of occurrences are there, many in nights in which clocks change."""
    _, events, start, end = site(year, number)
    assert len(events) == number
    assert len({event.fields.source.partition("-")[2] for event in events}) == 13
    assert {event.zone for event in events} == set(ZONES)
    assert sum(expected(event, start, end).total() for event in events) > 15 * number
    assert sum(one.cancelled for event in events for one in event.occurrences) > number / 40
    assert any(event.left_out for event in events) and any(event.added for event in events)
    assert any(repeated_in(event, event.zone) for event in events) and any(skips_an_hour(event, end) for event in events)
    if number == MANY:
        rules = {str(sorted(rule_of(event).items())) for event in events}
        assert len(rules) > len(RULES) + len(set(PATTERNS.values())) * 0.9


@sizes
def test_our_own_linter(year: int, number: int) -> None:
    """The linter finds no error."""
    assert [str(problem) for problem in lint(site(year, number)[0], "calendar.ics") if problem.severity == "error"] == []


@sizes
def test_icalendar(year: int, number: int) -> None:
    """`icalendar` and `recurring-ical-events` see every occurrence.

    Two faults of theirs: a moment in UTC is put into the zone of X-WR-TIMEZONE (here London), and if clocks there show its
    time twice, it becomes the first of the two; and of a series that takes place twice a day an override of one occurrence takes
    away the other of that day, though RECURRENCE-ID names a moment (RFC 5545, 3.8.4.4).
    """
    data, _, start, end = site(year, number)
    known: list[Shape] = [
        lambda event: repeated_in(event, "Europe/London") and repeated_in(event, event.zone),
        lambda event: "BYHOUR" in rule_of(event) and bool(event.fields.changes),
    ]
    check(read_icalendar(data, start, end), year, number, known)


@sizes
def test_icaljs(year: int, number: int) -> None:
    """ical.js, of Thunderbird and Nextcloud, sees every occurrence.

    Four faults of ical.js 2.2, all of rules for experts: with FREQ=DAILY it does not know the last day of a month
    (BYMONTHDAY=-1); with FREQ=MONTHLY, BYMONTH and several numbered weekdays it sees the first dates twice; with FREQ=YEARLY it
    takes BYDAY=20MO for every Monday, and does not know BYWEEKNO. And it counts the time on the clock from the first date's start to
    its end, where RFC 5545, 3.8.5.3, counts the time that passes: that differs if the clocks change on every date of a series.
    """
    data, _, start, end = site(year, number)

    def misread(event: Event) -> bool:
        rule = rule_of(event)
        frequency, days = rule.get("FREQ"), rule.get("BYDAY", "")
        return (
            (frequency == "DAILY" and "-" in rule.get("BYMONTHDAY", ""))
            or (frequency == "MONTHLY" and "BYMONTH" in rule and "," in days)
            or (frequency == "YEARLY" and ("BYWEEKNO" in rule or days == "20MO"))
        )

    check(read_icaljs(data, start, end), year, number, [misread, changes_clocks_each_time])


@sizes
def test_libical(year: int, number: int) -> None:
    """libical, of GNOME and KDE, sees every occurrence.

    Three faults of libical 3.0. Where the clocks jump over the time of a series it goes on an hour late for a while, and does not
    see that the skipped date is an EXDATE; by RFC 5545, 3.3.5, such a time is read with the offset before the jump, on that
    date alone. Where Samoa leaves out a whole day, a series goes on a day late. And with FREQ=DAILY it does not know the last
    day of a month (BYMONTHDAY=-1).
    """
    data, _, start, end = site(year, number)
    known: list[Shape] = [
        lambda event: skips_an_hour(event, end),
        lambda event: event.zone == "Pacific/Apia" and isinstance(event.start, datetime) and bool(event.fields.repeat) and event.start < SKIPPED_DAY,
        lambda event: rule_of(event).get("FREQ") == "DAILY" and "-" in rule_of(event).get("BYMONTHDAY", ""),
    ]
    check(read_libical(data, start, end), year, number, known)


@sizes
def test_sabre(year: int, number: int, tmp_path: Path) -> None:
    """sabre/vobject 2.1, of many servers, sees every occurrence, and its validator has nothing to say.

    It goes by the zone database of PHP, so events in zones in which that is another one are left out. Its faults: after an hour
    that clocks jump over, a series is an hour late forever; an override of the first date is not seen; of occurrences that were
    moved to the day of another one, beyond it or beyond the end of the series it sees too few or too many; it does not understand
    a half-hour that comes twice; and it does not know many rules for experts.
    """
    data, _, start, end = site(year, number)
    theirs = shifts_php(ZONES, start, end)
    ours = {name: [shift for n in range(year, year + 5) for shift in shifts_of(name, n)] for name in ZONES}

    def unknown_rule(event: Event) -> bool:
        rule = rule_of(event)
        frequency = rule.get("FREQ")
        return (
            "BYYEARDAY" in rule
            or "BYWEEKNO" in rule
            or (frequency == "DAILY" and len(rule) > 1)
            or (frequency == "WEEKLY" and "BYMONTH" in rule)
            or (frequency == "MONTHLY" and "BYMONTH" in rule)
            or (frequency == "MONTHLY" and "BYMONTHDAY" in rule and "BYDAY" in rule)
            or (frequency == "YEARLY" and "BYDAY" in rule)
        )

    overridden = overridden_at_once(data)
    known: list[Shape] = [
        lambda event: theirs[event.zone] != ours[event.zone],
        lambda event: skips_an_hour(event, end),
        lambda event: event.uid in overridden,
        out_of_order,
        last_is_moved,
        lambda event: event.zone == "Australia/Lord_Howe" and repeated_in(event, event.zone),
        unknown_rule,
    ]
    found, problems = read_sabre(data, start, end, tmp_path)
    assert problems == []
    check(found, year, number, known)


@pytest.mark.parametrize(("year", "number"), [(2026, SAMPLE // 2), *(pytest.param(year, 500, marks=pytest.mark.slow) for year in YEARS)])
def test_khal(year: int, number: int, tmp_path: Path) -> None:
    """khal imports the file and lists every occurrence; it takes its time, so of fewer events.

    It goes by the zone database of the machine, so events in zones in which that is another one are left out. It is not given
    rules such as BYDAY=20MO, for experts, since it then takes nothing of the whole file.
    """
    data, _, start, end = site(year, number)
    data = re.sub(rb"BEGIN:VEVENT\r\n((?!END:VEVENT).+\r\n)*RRULE:.*BYDAY=20MO.*\r\n((?!END:VEVENT).+\r\n)*END:VEVENT\r\n", b"", data)
    days = [start + timedelta(days=n / 4) for n in range(4 * (end - start).days)]
    other = {name for name in ZONES if any(day.astimezone(ZoneInfo(name)).utcoffset() != day.astimezone(zone(name)).utcoffset() for day in days)}
    known: list[Shape] = [
        lambda event: event.zone in other,
        lambda event: rule_of(event).get("BYDAY") == "20MO",
        lambda event: max(expected(event, start, end).values(), default=0) > 1,  # it lists an event on each of its days, so equal lines count once
    ]
    check(set(read_khal(data, start, end, tmp_path)), year, number, known, least=timedelta(hours=1))
