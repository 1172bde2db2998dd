"""The times of one VEVENT: its start and end, its further dates, the date of a series for which it stands, and its version."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from iopsgen.calendar_files.clocks import Clocks, Point, Timed, timed
from iopsgen.calendar_files.components import Component, parameter_of
from iopsgen.zones import zone

_DURATION = re.compile(r"([+-]?)P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,8})S)?)?")
_LONGEST = timedelta(days=1000)


class Span(NamedTuple):
    """From when to when; the end of whole days is their last one, None where there is none."""

    start: Point
    end: Point | None


class Entry(NamedTuple):
    """A VEVENT with what surrounds it: the clocks of its calendar, whether that is a cancellation, and its place in the file."""

    part: Component
    clocks: Clocks
    cancelled: bool
    order: int

    @property
    def later(self) -> bool:
        """Whether it holds for all later dates of its series, too (RANGE=THISANDFUTURE)."""
        line = self.part.first("RECURRENCE-ID")
        return line is not None and parameter_of(line, "RANGE").upper() == "THISANDFUTURE"

    def point(self, name: str) -> Point | None:
        """The day or time in its first property of that name."""
        line = self.part.first(name)
        return self.clocks.point(line.value.strip(), line) if line else None

    def version(self) -> tuple[int, str, int]:
        """By which it is newer than another one with the same UID."""
        sequence = self.part.value("SEQUENCE")
        number = int(sequence) if re.fullmatch("[0-9]{1,9}", sequence) else 0
        return number, self.part.value("LAST-MODIFIED") or self.part.value("DTSTAMP"), self.order


def span_of(entry: Entry) -> Span | None:
    """When an event takes place; None if it has no start that can be read."""
    start, end = entry.point("DTSTART"), entry.point("DTEND")
    if start is None:
        return None
    if end is None:
        end = _after(start, entry.part.value("DURATION"))
    if entry.part.value("X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE" and _is_midnight(start) and (end is None or _is_midnight(end)):
        start, end = _as_day(start), None if end is None else _as_day(end)
    if not isinstance(start, Timed) and end is not None:
        end = end.wall.date() if isinstance(end, Timed) else end - timedelta(days=1)
    return Span(start, end)


def _is_midnight(point: Point) -> bool:
    return isinstance(point, Timed) and point.wall.time() == time()


def _as_day(point: Point) -> date:
    return point.wall.date() if isinstance(point, Timed) else point


def _after(start: Point, text: str) -> Point | None:
    """The end of what lasts that long: days count on the clock, hours as time passes (RFC 5545, 3.3.6)."""
    found = _DURATION.fullmatch(text.strip().upper())
    if not found or found[1] == "-":
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()[1:])
    whole, rest = timedelta(days=weeks * 7 + days), timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < whole + rest <= _LONGEST:
        return None
    if not isinstance(start, Timed):
        return start + whole
    begin = timed(start.wall + whole, start.zone).moment if whole else start.moment
    end = datetime.fromtimestamp(begin.timestamp() + rest.total_seconds(), zone(start.zone))
    return Timed(end.replace(tzinfo=None, fold=0), start.zone, end)


def further_of(entry: Entry) -> Iterable[tuple[Point, Point | None]]:
    """The dates of RDATE; those of periods with their end."""
    for line in entry.part.all("RDATE"):
        for value in line.value.split(","):
            begin, slash, rest = value.strip().partition("/")
            point = entry.clocks.point(begin, line)
            if point is not None:
                yield point, (_after(point, rest) if rest[:1] in "P+-" else entry.clocks.point(rest, line)) if slash else None


def exceptions_of(entry: Entry) -> Iterable[Point]:
    """The dates of EXDATE."""
    return (point for line in entry.part.all("EXDATE") for point in entry.clocks.points(line) if point is not None)


def newest_of_each(entries: Iterable[Entry]) -> list[tuple[Point, Entry]]:
    """Of each date for which entries stand (RECURRENCE-ID) the newest one, in the order of the file."""
    found: dict[object, tuple[Point, Entry]] = {}
    for entry in entries:
        at = entry.point("RECURRENCE-ID")
        if at is not None:
            held = found.get(instant(at))
            if held is None or entry.version() >= held[1].version():
                found[instant(at)] = at, entry
    return list(found.values())


def instant(point: Point) -> object:
    """What equal points have in common."""
    return point.moment.timestamp() if isinstance(point, Timed) else point


def updated_of(entry: Entry, zone_name: str) -> str:
    """When the event was last changed, on the clocks of its zone and to the minute, as front matter has it; empty if it does not say."""
    point = entry.point("LAST-MODIFIED")
    if not isinstance(point, Timed) or point.wall.year < 1990:
        return ""
    return f"{point.moment.astimezone(zone(zone_name)):%Y-%m-%d %H:%M}"
