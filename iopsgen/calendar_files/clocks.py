"""Which zone of the database a calendar file means, whatever it calls it, and so at which moment each of its times is."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice

import msgspec

from iopsgen.calendar_files.components import Component, parameter_of
from iopsgen.contentlines import Line
from iopsgen.problems import Place, Problem, warning
from iopsgen.rrule import read_parts, walls
from iopsgen.zonenames import AREAS, known_zones, suggest_zones, today_name
from iopsgen.zonenames import read_offset as offset_in_name
from iopsgen.zones import resolve, zone

FIRST_YEAR, LAST_YEAR = 1900, 2100  # of what can be an event of an organisation
_VALUE = re.compile(r"([0-9]{8})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z?))?")
_OFFSET = re.compile(r"([+-]?)([0-9]{2}):?([0-5][0-9])([0-5][0-9])?")
_UTC_NAMES = frozenset("utc gmt z zulu uct universal greenwich gmt0 gmt+0 gmt-0 coordinated_universal_time etc/utc etc/gmt etc/uct".split())
_COMPARED = range(2000, 2037)  # years in which zones are compared
_MOST_ZONES = 50  # zones of one calendar that are compared with those of the database
_MOST_ONSETS, _MOST_OBSERVANCES = 400, 100


class Timed(msgspec.Struct, frozen=True):
    """A time as a calendar file means it: the wall clock in a zone of the database, and the moment that this is (RFC 5545, 3.3.5)."""

    wall: datetime
    zone: str
    moment: datetime

    @property
    def is_utc(self) -> bool:
        """Whether it was written in UTC."""
        return self.zone == "UTC"


Point = date | Timed  # a day, or a time


def timed(wall: datetime, zone_name: str) -> Timed:
    """A wall clock in a zone of the database."""
    return Timed(wall, zone_name, resolve(wall, zone_name).moment)


class Clocks:
    """The zones of one calendar. `problems` says which could not be told for certain; each is said once."""

    def __init__(self, calendar: Component, file: str, default: str) -> None:
        """`default` is for times that say no zone, unless the calendar itself names one (X-WR-TIMEZONE)."""
        self.problems: list[Problem] = []
        self._file = file
        self._own = {part.text("TZID"): part for part in calendar.parts if part.name == "VTIMEZONE"}
        self._found: dict[str, tuple[str, _Offsets | None]] = {}
        self._years = _years_of(calendar)
        named = calendar.text("X-WR-TIMEZONE")
        self.default = (_certain(named) if named else "") or default
        self._floated = False

    def points(self, line: Line) -> list[Point | None]:
        """The days and times of a property, None for each that cannot be read. Of a period the start."""
        return [self.point(value.strip(), line) for value in line.value.split(",")]

    def point(self, value: str, line: Line) -> Point | None:
        """One day or time: what it looks like counts more than what VALUE says it is."""
        found = _VALUE.fullmatch(value.partition("/")[0])
        if not found:
            return None
        try:
            day = date.fromisoformat(found[1])
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                return None
            if found[2] is None:
                return day
            wall = datetime(day.year, day.month, day.day, int(found[2]) % 24, int(found[3]), min(int(found[4] or 0), 59))
            wall += timedelta(days=int(found[2]) // 24)
        except ValueError:
            return None
        return self._place(wall, parameter_of(line, "TZID"), bool(found[5]), line)

    def _place(self, wall: datetime, name: str, is_utc: bool, line: Line) -> Timed:
        if is_utc or name.casefold() in _UTC_NAMES:
            return timed(wall, "UTC")
        if not name:
            if not self._floated:
                self._floated = True
                message = f"Times without a time zone are read in {self.default}."
                hint = "If that is wrong, ask the other program to write time zones, or name the chapter whose clocks are meant."
                self.problems.append(warning(message, Place(self._file, line.number), hint))
            return timed(wall, self.default)
        found, offsets = self._zone(name, line)
        if offsets is None:
            return timed(wall, found)
        moment = (wall - offsets.at_wall(wall)).replace(tzinfo=UTC).astimezone(zone(found))
        return Timed(moment.replace(tzinfo=None, fold=0), found, moment)

    def _zone(self, name: str, line: Line) -> tuple[str, "_Offsets | None"]:
        """The zone behind a name; where none of the database is like it, the default one and the offsets that the file gives."""
        if name not in self._found:
            self._found[name] = self._look_for(name, line)
        return self._found[name]

    def _look_for(self, name: str, line: Line) -> tuple[str, "_Offsets | None"]:
        certain = _certain(name)
        if len(self._found) >= _MOST_ZONES:
            return certain or self.default, None
        own = self._own.get(name)
        fixed = offset_in_name(name)
        if certain and (own is None or not name.isalpha()):  # a bare word such as CET or EST may mean anything
            return certain, None
        offsets = _read_offsets(own) if own else _Offsets.fixed(timedelta(minutes=fixed)) if fixed is not None else None
        if offsets is None:
            if certain:
                return certain, None
            guess = next(iter(suggest_zones(name)), "")
            message = f'The time zone "{name[:60]}" is not known, so its times are read in {guess or self.default}.'
            self.problems.append(warning(message, Place(self._file, line.number), "Compare one of the events with the calendar that it comes from."))
            return guess or self.default, None
        candidates = dict.fromkeys(filter(None, (certain, *suggest_zones(name), self.default, *_well_known(offsets.standard(self._years)))))
        alike = next((one for one in candidates if _is_like(one, offsets, self._years)), "")
        if alike:
            return alike, None
        if certain:
            return certain, None
        message = f'No time zone has the clocks of "{name[:60]}", so its times are shown in {self.default}.'
        hint = "Single events are right; compare a repeated one with the calendar that it comes from, in summer and in winter."
        self.problems.append(warning(message, Place(self._file, line.number), hint))
        return self.default, offsets


def _years_of(calendar: Component) -> range:
    """Two years in which the zones of a calendar are compared: those of its latest event."""
    found = [int(value[:4]) for part in calendar.parts if part.name == "VEVENT" and (value := part.value("DTSTART"))[:4].isdecimal()]
    last = min(max((year for year in found if year in _COMPARED), default=_COMPARED[-1] - 10), _COMPARED[-1] - 1)
    return range(last, last + 2)


def _certain(name: str) -> str:
    """The zone that a name of the database (an old one too, or behind a prefix) or of Windows stands for; empty for any other text."""
    name = name.strip().strip('"')
    parts = name.split("/")
    if parts[-1].casefold().replace(" ", "_") in _UTC_NAMES:
        return "UTC"
    known = next((found for n in range(len(parts)) if (found := today_name("/".join(parts[n:])))), "")
    return known or (today_name(_windows_zones().get(name.casefold(), "")) if name.casefold().endswith(" time") else "")


@cache
def _windows_zones() -> dict[str, str]:
    """The zone of each name that Windows gives, in small letters (the mapping of CLDR)."""
    from babel.core import get_global  # late: it loads a large table, and few calendars need it

    return {name.casefold(): target for name, target in get_global("windows_zone_mapping").items()}


@cache
def _well_known(standard: timedelta) -> tuple[str, ...]:
    """Zones with that offset in winter, the best known first."""
    minutes = int(standard.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    every = sorted(name for name in known_zones() if name.split("/")[0] in AREAS)
    windows = sorted(set(_windows_zones().values()) & set(every))
    return (*suggest_zones(f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"), *windows, *every)


# --- zones that a file describes itself ----------------------------------------------------------------------------


class _Offsets(msgspec.Struct, frozen=True):
    """The offsets from UTC that a VTIMEZONE gives (RFC 5545, 3.6.5): `moments` (UTC, naive) at which each of `after` begins."""

    before: timedelta
    moments: tuple[datetime, ...] = ()
    after: tuple[timedelta, ...] = ()

    @staticmethod
    def fixed(offset: timedelta) -> "_Offsets":
        """Always the same."""
        return _Offsets(offset)

    def at(self, moment: datetime) -> timedelta:
        """The offset at a moment of UTC (naive)."""
        n = bisect_right(self.moments, moment)
        return self.after[n - 1] if n else self.before

    def at_wall(self, wall: datetime) -> timedelta:
        """The offset at a local time; of two equal ones the first, of one that is skipped the offset from before (RFC 5545, 3.3.5)."""
        before, after = self.at(wall - timedelta(days=1)), self.at(wall + timedelta(days=1))
        return after if self.at(wall - before) != before and self.at(wall - after) == after else before

    def standard(self, years: range) -> timedelta:
        """The smallest offset of a year."""
        return min(self.at(datetime(years[0], month, 1)) for month in range(1, 13))


def _read_offsets(part: Component) -> _Offsets | None:
    """The offsets of a VTIMEZONE; None if it says nothing that can be understood."""
    onsets: dict[datetime, timedelta] = {}
    first: tuple[datetime, timedelta] | None = None
    for observance in part.parts[:_MOST_OBSERVANCES]:
        before, after = (_seconds(observance.value(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        if after is None:
            continue
        before = after if before is None else before
        for wall in _onsets(observance):
            onsets[wall - timedelta(seconds=before)] = timedelta(seconds=after)
            if first is None or wall < first[0]:
                first = wall, timedelta(seconds=before)
    if first is None:
        return None
    moments = sorted(onsets)
    return _Offsets(first[1], tuple(moments), tuple(onsets[moment] for moment in moments))


def _seconds(text: str) -> int | None:
    """A UTC-OFFSET value (RFC 5545, 3.3.14) in seconds."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    return -seconds if found[1] == "-" else seconds


def _onsets(observance: Component) -> Iterator[datetime]:
    """The local times at which an observance begins, in the years that matter and once before."""
    begin = _wall(observance.value("DTSTART"))
    if begin is None:
        return
    yield begin
    for line in observance.all("RDATE"):
        yield from (wall for value in line.value.split(",")[:_MOST_ONSETS] if (wall := _wall(value)))
    read = read_parts(observance.value("RRULE"))
    if not isinstance(read, tuple):
        return
    parts, ending = read
    begin = begin.replace(year=max(begin.year, _COMPARED[0] - 2)) if (begin.month, begin.day) != (2, 29) else begin
    last = date(_COMPARED[-1] + 2, 12, 31)
    if ending.until:
        last = min(last, ending.until.date() if isinstance(ending.until, datetime) else ending.until)
    for onset in islice(walls(parts, begin, last), _MOST_ONSETS):
        if isinstance(onset, datetime):
            yield onset


def _wall(text: str) -> datetime | None:
    found = re.fullmatch(r"([0-9]{8})T([0-9]{6})Z?", text.strip())
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}") if found else None
    except ValueError:
        return None


def _is_like(name: str, offsets: _Offsets, years: range) -> bool:
    """Whether a zone of the database has these offsets on every day of the years, and changes them at the same moments."""
    its = zone(name)

    def same(moment: datetime) -> bool:
        return moment.replace(tzinfo=UTC).astimezone(its).utcoffset() == offsets.at(moment)

    begin, end = datetime(years[0], 1, 1, 12), datetime(years[-1] + 1, 1, 1)
    if not all(same(begin + timedelta(days=n)) for n in (14, 195)):
        return False
    near = [m + step for m in offsets.moments if begin <= m < end for step in (timedelta(minutes=-1), timedelta(0))]
    return all(map(same, near)) and all(same(begin + timedelta(days=n)) for n in range((end - begin).days))
