"""Time zones: which names are accepted, and which moment a wall-clock time in a zone is."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from iopsgen.dates import Fault
from iopsgen.model import Moment
from iopsgen.zonenames import ABBREVIATIONS, AREAS, DATABASE, known_zones, read_offset, suggest_zones

_STEP = 4  # days between two looks at an offset


class Zone(ZoneInfo):
    """A time zone from the `tzdata` package, whatever the machine itself knows: so every machine makes the same bytes."""

    def __reduce__(self) -> tuple[object, ...]:
        """Travels between processes by its name."""
        return (zone, (self.key,))


class Resolved(msgspec.Struct, frozen=True):
    """What a wall-clock time in a zone comes to.

    `moment` is aware and exists. `gap`: the clocks jump over the time that was written; `moment` then reads it with the
    offset from before the jump (RFC 5545 section 3.3.5) and `next_valid` is the first wall-clock time after it. `twice`:
    the time happens twice, since the clocks go back; `moment` is the first of the two.
    """

    moment: datetime
    gap: bool = False
    twice: bool = False
    next_valid: datetime | None = None


def check_zone(name: str) -> Fault | None:
    """None if `name` is an Area/City zone of the zone database (or UTC), else what is wrong with it and what to write."""
    if name in ("UTC", "Etc/UTC") or (name.split("/")[0] in AREAS and name in known_zones()):
        return None
    shown = name if len(name) <= 60 else name[:60] + "…"
    hint = _hint(suggest_zones(name))
    word = name.strip()
    if not word:
        return Fault("The time zone is empty.", hint)
    if word.strip("/").title() in AREAS:
        return Fault(f'"{shown}" is a part of the world, not a time zone.', hint)
    if word.upper() in ABBREVIATIONS:
        return Fault(f'"{shown}" is an abbreviation, and does not say when the clocks change.', hint)
    if read_offset(word) is not None:
        extra = "; its sign is the opposite of what it seems" if word.casefold().startswith("etc/") else ""
        return Fault(f'"{shown}" is a distance from UTC, and does not say when the clocks change{extra}.', hint)
    return Fault(f'"{shown}" is not the name of a time zone.', hint)


def _hint(zones: tuple[str, ...]) -> str:
    if not zones:
        return "Write the zone as Area/City, such as Europe/London, America/New_York or Asia/Tokyo."
    others = f" (or {' or '.join(zones[1:])})" if zones[1:] else ""
    return f"Write {zones[0]}{others}."


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name, read once. Only for names that `check_zone` accepts; anything else is a ValueError."""
    if check_zone(name):
        raise ValueError(f"not a zone: {name!r}")
    with DATABASE.joinpath(*name.split("/")).open("rb") as data:
        return Zone.from_file(data, key=name)


def resolve(wall: datetime, name: str) -> Resolved:
    """The moment at which the clocks in zone `name` show `wall` (naive), and whether they skip it or show it twice."""
    tz = zone(name)
    first = wall.replace(tzinfo=tz, fold=0)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before == after:
        return Resolved(first)
    assert before is not None and after is not None  # a ZoneInfo always knows its offset
    if before > after:
        return Resolved(first, twice=True)
    return Resolved(_settled(first), gap=True, next_valid=_end_of_gap(wall, tz, before, after))


def exists_once(moment: datetime) -> bool:
    """Whether the wall-clock time of this aware moment happens exactly once in its zone (for most days answered by a table)."""
    if moment.date() not in _unquiet_days(moment.tzinfo, moment.year):
        return True
    return moment.utcoffset() == moment.replace(fold=1 - moment.fold).utcoffset()


@cache
def _unquiet_days(tz: tzinfo | None, year: int) -> frozenset[date]:
    """The days of a year on or near which the offset of a zone changes. No zone changes twice in less than four days."""
    found: set[date] = set()
    day = datetime(year, 1, 1, tzinfo=tz) - timedelta(days=_STEP)
    before = day.utcoffset()
    while day.year <= year:
        day += timedelta(days=_STEP)
        after = day.utcoffset()
        if after != before:
            found.update((day - timedelta(days=n)).date() for n in range(-1, _STEP + 2))
        before = after
    return frozenset(found)


def place_moment(moment: Moment, name: str) -> datetime:
    """The aware datetime in zone `name` that was written: converted if it has an offset, else the wall clock there.

    A day without a time is the start of that day. Times that are skipped or happen twice follow RFC 5545 section 3.3.5.
    """
    if moment.offset is not None:
        return moment.wall.replace(tzinfo=timezone(timedelta(minutes=moment.offset))).astimezone(zone(name))
    return resolve(moment.wall, name).moment


def _settled(imaginary: datetime) -> datetime:
    """The same instant with the wall clock that really shows it."""
    return imaginary.astimezone(UTC).astimezone(imaginary.tzinfo)


def _end_of_gap(wall: datetime, tz: ZoneInfo, before: timedelta, after: timedelta) -> datetime:
    """The wall-clock time right after the jump: the two readings of `wall` lie on both sides of it, so halve until found."""
    early, late = (wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC)
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle == early:
            break
        if middle.astimezone(tz).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.astimezone(tz).replace(tzinfo=None)
