"""Checks the repeated events of a calendar file: rules, exceptions and overrides that fit together."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from iopsgen.calendar_lint.effort import Effort, cost_of, times_a_day, years_of
from iopsgen.calendar_lint.events import Body
from iopsgen.calendar_lint.findings import Found, fault, mild
from iopsgen.calendar_lint.times import When, moment_of, read_whens, wall_in
from iopsgen.calendar_lint.zones import Span
from iopsgen.contentlines import Line
from iopsgen.dates import Fault
from iopsgen.rrule import Ending, Parts, Wall, read_parts, walls

_MOST = 40_000  # dates of one rule that are looked at
_FARTHEST = timedelta(days=120 * 366)
_OFTEN = 100  # times a day; a rule that gives more is not unfolded
_REPEATING = frozenset(["RRULE", "RDATE", "EXDATE"])


class Placed(NamedTuple):
    """An event and the line on which it begins."""

    number: int
    body: Body


class _Named(NamedTuple):
    """A date of the series that a property names: its property, the event's first line, the date on the clocks of the series."""

    line: Line
    number: int
    wall: Wall

    @property
    def at(self) -> int:
        """Its line in the file."""
        return self.number + self.line.number


def group(events: Iterable[Placed]) -> tuple[list[tuple[Placed, list[Placed]]], list[Found]]:
    """Each event or series with its overrides, and what is wrong with their UIDs."""
    masters: dict[str, Placed] = {}
    nameless: list[Placed] = []
    overrides: dict[str, list[Placed]] = {}
    found = []
    for event in events:
        uid = event.body.value("UID")
        if event.body.all("RECURRENCE-ID"):
            overrides.setdefault(uid, []).append(event)
        elif not uid.strip():
            nameless.append(event)
        elif uid in masters:
            hint = "Give each event a UID of its own; what changes one date of a series has a RECURRENCE-ID."
            message = f'The event that begins on line {masters[uid].number} has the same UID "{uid[:80]}".'
            found.append(fault(event.number, message, hint))
        else:
            masters[uid] = event
    for uid, changed in overrides.items():
        if uid not in masters:
            hint = "Add the series itself, or leave RECURRENCE-ID out."
            line = changed[0].body.all("RECURRENCE-ID")[0]
            found.append(fault(changed[0].number + line.number, "This is a change to a series that is not in the file.", hint))
    return [(master, overrides.get(uid, [])) for uid, master in masters.items()] + [(one, []) for one in nameless], found


def is_series(master: Placed, overrides: Sequence[Placed]) -> bool:
    """Whether an event takes place more than once."""
    return bool(overrides) or any(line.name in _REPEATING for line in master.body.lines)


def span_of(master: Placed, latest: int) -> Span | None:
    """The days of a series with a zone: to the end of its rule; of one without an end, to two years beyond the year `latest`."""
    starts, rules = master.body.all("DTSTART"), master.body.all("RRULE")
    start = next(iter(read_whens(starts[0])), None) if starts else None
    if not rules or start is None or start.is_day or start.zone in ("", "Z"):
        return None
    read = read_parts(rules[0].value)
    first = _day(start.wall)
    if isinstance(read, Fault):
        return None
    parts, ending = read
    if ending.until is not None:
        return Span(start.zone, first, _day(ending.until))
    year = max(latest, first.year) + 2
    if ending.count is not None:
        year = min(year, first.year + years_of(parts, ending.count))
    return Span(start.zone, first, date(min(year, date.max.year), 12, 31))


def check_series(master: Placed, overrides: Sequence[Placed], effort: Effort) -> Iterator[Found]:
    """A series with its overrides: every exception and every change meets a date that the series gives."""
    starts = master.body.all("DTSTART")
    start = next(iter(read_whens(starts[0])), None) if starts else None
    if start is None:
        return  # said already
    findings: list[Found] = []
    further = _named(start, [(line, master.number) for line in master.body.all("RDATE")], findings)
    exceptions = _named(start, [(line, master.number) for line in master.body.all("EXDATE")], findings)
    changes = _named(start, [(line, event.number) for event in overrides for line in event.body.all("RECURRENCE-ID")[:1]], findings)
    yield from findings
    yield from _twice(changes)
    dates = {one.wall for one in further} | {start.wall}
    if rules := master.body.all("RRULE"):
        last = max([one.wall for one in (*exceptions, *changes)], default=start.wall)
        given, findings = _dates_of(rules[0], start, last, effort)
        yield from (one.moved(master.number) for one in findings)
        if start.zone == "Z":
            hint = "Write DTSTART, DTEND and the exceptions with the zone in which it takes place."
            message = "This series is in UTC, so it moves by an hour whenever the clocks change."
            yield mild(master.number + starts[0].number, message, hint)
        if given is None:
            return
        dates |= given
    yield from _check_hits(start, dates, exceptions, changes)


def _check_hits(start: When, dates: set[Wall], exceptions: list[_Named], changes: list[_Named]) -> Iterator[Found]:
    """Exceptions and changes name dates that are there."""
    for one in exceptions:
        if one.wall not in dates:
            message = f"EXDATE takes away {When(one.wall)}, which is no date of the series."
            yield fault(one.at, message, f"Write a start of the series, to the minute.{_near(one.wall, dates)}")
    for one in changes:
        if one.wall not in dates:
            message = f"RECURRENCE-ID names {When(one.wall)}, which is no date of the series."
            yield fault(one.at, message, f"Write the start that the rule gives, to the minute, not the new one.{_near(one.wall, dates)}")


def _near(wall: Wall, dates: set[Wall]) -> str:
    """The date that may be meant: one on the same day, else none."""
    near = next((one for one in dates if isinstance(one, datetime) and _day(one) == _day(wall)), None)
    return f" On that day it starts at {near:%H:%M}." if near else ""


def _named(start: When, lines: Iterable[tuple[Line, int]], findings: list[Found]) -> list[_Named]:
    """The dates of some properties on the clocks of the series, and a finding for each that has not the form of DTSTART."""
    named = []
    for line, number in lines:
        for when in read_whens(line):
            if when is None:
                continue  # said already
            if (when.is_day, when.zone) == (start.is_day, start.zone):
                named.append(_Named(line, number, when.wall))
                continue
            wall = _converted(when, start)
            hint = f"Write it like DTSTART: {_form(start)}."
            if wall is None:
                findings.append(fault(number + line.number, f"{line.name} has not the type or the zone of DTSTART.", hint))
            else:
                message = f"{line.name} has not the type or the zone of DTSTART, so some programs do not find the date that it means."
                findings.append(mild(number + line.number, message, hint))
                named.append(_Named(line, number, wall))
    return named


def _converted(when: When, start: When) -> Wall | None:
    """A time of another zone on the clocks of the series; None if there is no such thing."""
    if when.is_day or start.is_day or not when.zone or not start.zone:
        return None
    moment = moment_of(when)
    return None if moment is None else wall_in(moment, start.zone)


def _form(start: When) -> str:
    """How a property says its type and zone."""
    if start.is_day:
        return "with VALUE=DATE"
    return "in UTC" if start.zone == "Z" else f"with TZID={start.zone[:60]}" if start.zone else "without a zone"


def _twice(changes: list[_Named]) -> Iterator[Found]:
    """Two overrides of one date."""
    seen: set[Wall] = set()
    for one in changes:
        if one.wall in seen:
            yield fault(one.at, f"{When(one.wall)} is changed twice.", "Keep one change for each date.")
        seen.add(one.wall)


# --- rules ---------------------------------------------------------------------------------------------------------


def _dates_of(line: Line, start: When, last: Wall, effort: Effort) -> tuple[set[Wall] | None, list[Found]]:
    """The dates that a rule gives up to the day of `last`; None if they are not known."""
    found = list(_check_form(line))
    read = read_parts(line.value)
    if isinstance(read, Fault):
        return None, found or [fault(line.number, read.message, read.hint)]
    parts, ending = read
    found += _check_until(line, start, ending)
    first = start.wall
    until = _local(ending.until, start) if ending.until else None
    if until is not None and _past(first, until):
        hint = "Correct UNTIL: it is the last moment at which a date may start."
        return None, [*found, fault(line.number, f"The series ends on {_day(until)}, before it starts on {_day(first)}.", hint)]
    farthest = min(max(_day(last), _day(first)), _day(first) + _FARTHEST if _day(first).year < 9000 else date.max)
    if times_a_day(parts) > _OFTEN or not effort.spend(cost_of(parts, (farthest - _day(first)).days)):
        return None, found
    given = _unfold(parts, first, farthest, until, ending.count)
    if first not in given:
        hint = "Let the event start on a date that its rule gives: programs do not agree on others."
        found.append(fault(line.number, "The rule does not give the first date of the series.", hint))
    return given, found


def _unfold(parts: Parts, first: Wall, farthest: date, until: Wall | None, count: int | None) -> set[Wall]:
    given = set()
    for wall in islice(walls(parts, first, farthest), min(count or _MOST, _MOST)):
        if until is not None and _past(wall, until):
            break
        given.add(wall)
    return given


def _check_form(line: Line) -> list[Found]:
    """What is allowed in a rule and read by few, and spaces."""
    rule = line.value.upper()
    if found := re.search(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", rule):
        hint = "Write FREQ=DAILY, and BYHOUR for several times a day, or an event for each."
        return [mild(line.number, f"Many programs do not show events that repeat {found[1].lower()}.", hint)]
    if "RSCALE=" in rule:
        return [mild(line.number, "Hardly any program knows RSCALE (RFC 7529).", "Write the dates one by one.")]
    if re.search(r"\s", rule):
        return [fault(line.number, "The rule holds a space.", "Leave spaces out of RRULE.")]
    return []


def _check_until(line: Line, start: When, ending: Ending) -> list[Found]:
    """UNTIL is a day for days, and UTC for times with a zone."""
    if ending.until is None:
        return []
    is_day = not isinstance(ending.until, datetime)
    if start.is_day != is_day:
        hint = "Write UNTIL as a day, such as UNTIL=20270630." if start.is_day else "Write UNTIL in UTC, such as UNTIL=20270630T180000Z."
        return [fault(line.number, "UNTIL and DTSTART are not of the same type.", hint)]
    if isinstance(ending.until, datetime) and bool(start.zone) != bool(ending.until.tzinfo):
        hint = "Write UNTIL in UTC, such as UNTIL=20270630T180000Z." if start.zone else "Write UNTIL without Z, like DTSTART."
        return [fault(line.number, "UNTIL is not in UTC." if start.zone else "UNTIL is in UTC, and DTSTART has no zone.", hint)]
    return []


def _local(until: Wall, start: When) -> Wall:
    """UNTIL on the clocks of the series; its day where the zone is not known."""
    if not isinstance(until, datetime) or until.tzinfo is None:
        return until
    local = wall_in(until.astimezone(UTC), start.zone)
    return until.date() if local is None else local


def _past(wall: Wall, until: Wall) -> bool:
    """Whether a date lies after the end of the rule."""
    if isinstance(wall, datetime) and isinstance(until, datetime):
        return wall > until
    return _day(wall) > _day(until)


def _day(wall: Wall) -> date:
    return wall.date() if isinstance(wall, datetime) else wall
