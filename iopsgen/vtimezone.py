"""Writes a time zone for calendars: a VTIMEZONE that says what the zone database says, in the few words that every client reads."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from iopsgen.contentlines import folded
from iopsgen.zones import zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 24 * 60 * 60
_STEP = timedelta(days=3)  # between two glances at a zone; none shifts twice in less than six days
_MARGIN = _DAY + 3600  # no zone shifts by more than a day
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_AFTERWARDS = 8  # years scanned after the last one, so that a rule without end is known from more than a year or two
_FEWEST = 3  # years that make a rule; fewer are listed one by one


class _State(msgspec.Struct, frozen=True):
    """What a zone says at a moment: seconds from UTC, the sign of its daylight saving, its abbreviation."""

    offset: int
    saving: int
    name: str


class _Shift(msgspec.Struct, frozen=True):
    """A moment (seconds since 1970 UTC) at which a zone goes from one state to another."""

    moment: int
    before: _State
    after: _State


class _Onset(msgspec.Struct, frozen=True):
    """A shift as a calendar writes it: the wall clock in the old offset, both offsets, DAYLIGHT or STANDARD, abbreviation."""

    moment: int
    wall: datetime
    before: int
    after: int
    kind: str
    name: str


class _Run(msgspec.Struct, frozen=True):
    """Onsets that follow one yearly rule, and the ways to say its day, the most widely understood one first."""

    onsets: tuple[_Onset, ...]
    days: tuple[str, ...]


@cache
def vtimezone(name: str, first_year: int, last_year: int = 2037) -> bytes:
    """The VTIMEZONE of a zone (RFC 5545, 3.6.5), exact from the first day of `first_year` to the last of `last_year`.

    Shifts that come back yearly are one observance with a RRULE (where the rule is still in force: without an end); the
    rest are observances of their own. Outlook reads nothing else. A name that is no zone is a ValueError.
    """
    shifts = [shift for year in range(first_year - 1, last_year + 1 + _AFTERWARDS) for shift in _shifts(name, year)]
    onsets = _onsets(shifts)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    if not onsets or onsets[0].moment > _seconds(first_year):
        lines += _beginning(name, first_year - 1, shifts)
    for run in sorted(_runs(onsets), key=lambda run: run.onsets[0].moment):
        if run.onsets[0].moment < _seconds(last_year + 1):
            lines += _observance(run, endless=run.onsets[-1].wall.year >= last_year + _AFTERWARDS)
    return b"".join(folded(line) for line in [*lines, "END:VTIMEZONE"])


@cache
def shift_days(name: str, year: int) -> frozenset[date]:
    """The days, on the zone's own clocks, on which these skip or repeat a time: on other days every time is there once."""
    found = set()
    for shift in (*_shifts(name, year - 1)[-1:], *_shifts(name, year), *_shifts(name, year + 1)[:1]):
        for state in (shift.before, shift.after):
            found.add((_EPOCH + timedelta(seconds=shift.moment + state.offset)).date())
            found.add((_EPOCH + timedelta(seconds=shift.moment + state.offset - 1)).date())
    return frozenset(found)


def shifts_of(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """The shifts of a zone within a year of UTC: the moment of each (seconds since 1970) and the seconds from UTC thereafter."""
    return tuple((shift.moment, shift.after.offset) for shift in _shifts(name, year) if shift.before.offset != shift.after.offset)


# --- what the zone database says -----------------------------------------------------------------------------------


@cache
def _shifts(name: str, year: int) -> tuple[_Shift, ...]:
    """The shifts of a zone within a year of UTC, found by a glance every few days and then halving down to the second."""
    info, walls = zone(name), _walls(year)
    seen = list(zip(map(info.utcoffset, walls), map(info.dst, walls), map(info.tzname, walls), strict=True))
    if seen.count(seen[0]) == len(seen):
        return ()
    found: dict[int, _Shift] = {}
    for n, (one, other) in enumerate(pairwise(seen)):
        if one != other:
            low, high = (_moment(wall, info) for wall in walls[n : n + 2])
            before, after = _state(info, low - _MARGIN), _state(info, high + _MARGIN)
            if before != after:
                moment = _change(info, low - _MARGIN, high + _MARGIN, before)
                found[moment] = _Shift(moment, before, after)
    return tuple(shift for moment, shift in found.items() if _seconds(year) <= moment < _seconds(year + 1))


@cache
def _walls(year: int) -> tuple[datetime, ...]:
    """Local times every few days, from a little before a year to a little after it."""
    return tuple(datetime(year, 1, 1) + n * _STEP for n in range(-1, 124))


def _moment(wall: datetime, info: ZoneInfo) -> int:
    """The moment of a local time; where it comes twice or not at all, one within a day of it."""
    return round((wall.replace(tzinfo=UTC) - _EPOCH - (info.utcoffset(wall) or timedelta())).total_seconds())


def _state(info: ZoneInfo, moment: int) -> _State:
    """What `info` says at a moment."""
    local = (_EPOCH + timedelta(seconds=moment)).astimezone(info)
    saving, offset = local.dst() or timedelta(), local.utcoffset() or timedelta()
    return _State(_DAY * offset.days + offset.seconds, (saving > timedelta()) - (saving < timedelta()), local.tzname() or "")


def _change(info: ZoneInfo, low: int, high: int, state: _State) -> int:
    """The first second after `low` at which the zone is no longer in `state`; it is not at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _state(info, middle) == state:
            low = middle
        else:
            high = middle
    return high


def _seconds(year: int) -> int:
    """The first moment of a year in UTC."""
    return (date(year, 1, 1) - _EPOCH.date()).days * _DAY


# --- what a calendar says ------------------------------------------------------------------------------------------


def _onsets(shifts: list[_Shift]) -> list[_Onset]:
    """The shifts that move the clock or begin or end daylight time."""
    kinds = _kinds(shifts)
    return [
        _Onset(
            moment=shift.moment,
            wall=(_EPOCH + timedelta(seconds=shift.moment + shift.before.offset)).replace(tzinfo=None),
            before=shift.before.offset,
            after=shift.after.offset,
            kind=new,
            name=shift.after.name,
        )
        for shift, old, new in zip(shifts, kinds, kinds[1:], strict=False)
        if (shift.before.offset, old) != (shift.after.offset, new)
    ]


def _kinds(shifts: list[_Shift]) -> list[str]:
    """DAYLIGHT or STANDARD for each state: the one before the first shift, then the one after each.

    In Ireland and Morocco the database calls the greater offset standard time and the smaller one a saving below zero.
    Clients expect the greater offset in DAYLIGHT, so that is how it is written.
    """
    if not shifts:
        return []
    states = [shifts[0].before, *(shift.after for shift in shifts)]

    def is_daylight(i: int) -> bool:
        around = states[max(i - 1, 0) : i + 2]
        return states[i].saving > 0 or (states[i].saving == 0 and any(state.saving < 0 for state in around))

    return ["DAYLIGHT" if is_daylight(i) else "STANDARD" for i in range(len(states))]


def _beginning(name: str, year: int, shifts: list[_Shift]) -> list[str]:
    """The observance in force from the start of `year`, for a zone that does not shift before the calendar needs it."""
    state = shifts[0].before if shifts else _state(zone(name), _seconds(year))
    kind = _kinds(shifts)[0] if shifts else "STANDARD"
    start = _Onset(_seconds(year), datetime(year, 1, 1), state.offset, state.offset, kind, state.name)
    return _observance(_Run((start,), ()), endless=False)


def _runs(onsets: Iterable[_Onset]) -> list[_Run]:
    """The onsets in groups that follow one yearly rule through consecutive years, each group as long as can be."""
    unfinished: dict[tuple[object, ...], _Run] = {}
    finished = []
    for onset in onsets:
        key = (onset.before, onset.after, onset.kind, onset.name, onset.wall.month, onset.wall.time())
        days = _days(onset.wall.date())
        run = unfinished.get(key)
        common = tuple(day for day in run.days if day in days) if run and onset.wall.year == run.onsets[-1].wall.year + 1 else ()
        if run and common:
            unfinished[key] = _Run((*run.onsets, onset), common)
        else:
            finished += [run] if run else []
            unfinished[key] = _Run((onset,), days)
    runs = [*finished, *unfinished.values()]
    return [part for run in runs for part in ([run] if len(run.onsets) >= _FEWEST else _apart(run))]


def _apart(run: _Run) -> list[_Run]:
    """Each onset of a run as a run of its own."""
    return [_Run((onset,), run.days) for onset in run.onsets]


@cache
def _days(day: date) -> tuple[str, ...]:
    """The ways to say which day of its month a date is: last Sunday, second Sunday, Sunday from the 8th on, the 8th."""
    weekday = _WEEKDAYS[day.weekday()]
    length = monthrange(day.year, day.month)[1]
    weeks = [-1 - (length - day.day) // 7, 1 + (day.day - 1) // 7]
    spans = [range(first, first + 7) for first in range(max(1, day.day - 6), min(day.day, length - 6) + 1)]
    return (
        *(f"BYDAY={week}{weekday}" for week in sorted(weeks, key=lambda week: (week != -1, week < 0))),
        *(f"BYMONTHDAY={','.join(map(str, span))};BYDAY={weekday}" for span in spans),
        f"BYMONTHDAY={day.day}",
    )


def _observance(run: _Run, endless: bool) -> list[str]:
    """The lines of a STANDARD or DAYLIGHT component for a run of onsets, or for a single one."""
    first, last = run.onsets[0], run.onsets[-1]
    lines = [
        f"BEGIN:{first.kind}",
        f"DTSTART:{first.wall:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_offset(first.before)}",
        f"TZOFFSETTO:{_offset(first.after)}",
    ]
    if len(run.onsets) > 1:
        until = "" if endless else f";UNTIL={_until(last)}"
        lines.append(f"RRULE:FREQ=YEARLY;BYMONTH={first.wall.month};{run.days[0]}{until}")
    return [*lines, f"TZNAME:{first.name}", f"END:{first.kind}"]


def _until(last: _Onset) -> str:
    """UNTIL in UTC: at the last onset, or where clocks are ahead of UTC as many hours later.

    dateutil, and with it most Python programs, takes UNTIL for local time, and the last onset would lie after it. A bound need
    not be a date of its rule (RFC 5545, 3.3.10), and the next would be a year ahead.
    """
    return f"{_EPOCH + timedelta(seconds=last.moment + max(last.before, 0)):%Y%m%dT%H%M%SZ}"


def _offset(seconds: int) -> str:
    """A UTC-OFFSET value (RFC 5545, 3.3.14)."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}{minutes % 60:02}{f'{rest:02}' if rest else ''}"
