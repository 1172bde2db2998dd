"""When an event takes place, as calendars say it: one date or rule, the dates left out, the dates apart, and those that differ."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import msgspec

from iopsgen.model import Event, Occurrence, Rule
from iopsgen.rrule import read_parts, walls
from iopsgen.views import Day
from iopsgen.vtimezone import shift_days
from iopsgen.zones import exists_once, resolve

_SEVERAL_A_DAY = re.compile("BY(HOUR|MINUTE|SECOND)")
_SEARCH = timedelta(days=40 * 366)  # in which every rule that ever takes place again has done so

_Length = tuple[timedelta | None, timedelta | None]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """When an event takes place: its first date, and its rule if it has one, with the last possible start or the number of dates.

    `left_out` are dates of the rule that do not take place or stand among `apart`, the dates that are events of their own.
    """

    start: datetime | Day
    end: datetime | Day | None
    rrule: str = ""
    until: datetime | Day | None = None
    count: int | None = None
    left_out: tuple[datetime | Day, ...] = ()
    apart: tuple[datetime | Day, ...] = ()


def series_of(event: Event) -> Series | None:
    """When the event takes place: from the first date that is not left out, as long as its dates last where no clock changes.

    Where the clocks skip or repeat a date's start or end, programs do not agree on when it is. Such a date is taken out of
    the rule and becomes an event of its own, which can be written in UTC. So do the first dates if the clocks change while
    they last: from such a first one some programs would count the hours of all others, and some the time on the clock.
    Nothing here depends on how far the occurrences reach, but for dates taken out. None where the day is not known, or the
    rule gives no date that is not left out, and nothing else does.
    """
    if event.start is None:
        return None
    rule = event.fields.repeat
    if rule is None:
        return _listed(event, event.start, map(_original, event.occurrences))
    added = {_key(one) for one in event.added}
    own = [one for one in event.occurrences if not (added and _key(_original(one)) in added)]
    unclear = [_original(one) for one in own if _is_unclear(one, event)]
    length = _length(event, event.start)
    number, begin = _first(event, event.start, rule, length, {_key(one) for one in (*event.left_out, *unclear)})
    if begin is None:
        return _listed(event, event.start, (*event.added, *unclear))
    before = [_original(one) for one in own if _key(_original(one)) < _key(begin)] if begin != event.start else []
    taken_out = [*before, *(one for one in unclear if one not in before)]
    left_out = sorted((_ruled(one, event) for one in (*event.left_out, *taken_out)), key=_key)
    return Series(
        start=begin,
        end=next((one.end for one in own if _original(one) == begin and not one.changed), _later(begin, length)),
        rrule=_explicit(rule, begin),
        until=_until(event, rule, begin),
        count=rule.count - number if rule.count else None,
        left_out=tuple(one for one in left_out if _key(one) > _key(begin)),
        apart=tuple(sorted((*event.added, *taken_out), key=_key)),
    )


def _listed(event: Event, start: datetime | Day, dates: Iterable[datetime | Day]) -> Series | None:
    """When an event takes place that has no rule."""
    found = sorted(dates, key=_key)
    return Series(start=found[0], end=_later(found[0], _lengths(start, event.end)[0]), apart=tuple(found[1:])) if found else None


def deviations(event: Event, series: Series) -> Iterator[tuple[datetime | Day, Occurrence]]:
    """The occurrences with a time, length, title or place of their own, or cancelled, each with the start that the series gives it."""
    apart = {_key(one) for one in series.apart}
    usual = _lengths(series.start, series.end)
    for one in event.occurrences:
        if one.changed or _lengths(one.start, one.end) != usual:
            original = _original(one)
            yield (original if _key(original) in apart else _ruled(original, event)), one


# --- the dates of the rule ---------------------------------------------------------------------------------------------


def _length(event: Event, start: datetime | Day) -> timedelta | None:
    """How long a date of the rule lasts if no clock changes meanwhile."""
    if event.fields.duration and isinstance(start, datetime):
        return event.fields.duration
    elapsed, wall = _lengths(start, event.end)
    return wall if wall is None or elapsed is None or wall > timedelta(0) or not isinstance(start, datetime) else elapsed


def _first(
    event: Event, start: datetime | Day, rule: Rule, length: timedelta | None, excluded: set[float]
) -> tuple[int, datetime | Day | None]:
    """The first date of the rule, however far ahead, that is not `excluded` and in which no clock changes, and how many dates come before.

    If the clocks change in every date, the first that is not excluded; None if all are.
    """
    found: tuple[int, datetime | Day | None] = (0, None)
    for number, moment in enumerate(_dates(event, start, rule)):
        if _key(moment) in excluded:
            continue
        if found[1] is None:
            found = number, moment
        span = [one for one in (moment, _later(moment, length)) if isinstance(one, datetime)]
        if all(map(exists_once, span)) and len({one.utcoffset() for one in span}) < 2:
            return number, moment
    return found


def _dates(event: Event, start: datetime | Day, rule: Rule) -> Iterator[datetime | Day]:
    """The dates that the rule gives, left out or not, until no new kind of date can come."""
    yield start
    read = read_parts(rule.rrule)
    if not isinstance(read, tuple):
        return
    begin = start.replace(tzinfo=None, fold=0) if isinstance(start, datetime) else start
    last = rule.until or _day(max((start, *event.left_out), key=_key)) + _SEARCH
    for wall in islice(walls(read[0], begin, last), 1, rule.count):
        yield resolve(wall, event.zone).moment if isinstance(wall, datetime) else wall


def _is_unclear(one: Occurrence, event: Event) -> bool:
    """Whether the clocks skip or repeat the original start of an occurrence, its start or its end."""
    original = _original(one)
    if not isinstance(original, datetime):
        return False
    moments = (original, one.start, one.end) if one.changed else (original, one.end)
    for moment in moments:
        if isinstance(moment, datetime) and moment.date() in shift_days(event.zone, moment.year):
            break
    else:
        return False  # which is nearly always so, and of a series that began long ago there are many
    return not all(exists_once(moment) for moment in moments if isinstance(moment, datetime)) or _ruled(original, event) != original


# --- the rule ----------------------------------------------------------------------------------------------------------


def _explicit(rule: Rule, start: datetime | Day) -> str:
    """The rule; a day that is not in every month stands in it, since some programs take the next day where it is missing."""
    if start.day <= 28 or "BY" in rule.rrule:
        return rule.rrule
    if "FREQ=YEARLY" in rule.rrule:
        return f"{rule.rrule};BYMONTH={start.month};BYMONTHDAY={start.day}"
    return f"{rule.rrule};BYMONTHDAY={start.day}" if "FREQ=MONTHLY" in rule.rrule else rule.rrule


def _until(event: Event, rule: Rule, start: datetime | Day) -> datetime | Day | None:
    """The last possible start: the first one's time on the last day, so that clients that see a day alone see the right one."""
    if rule.until is None or rule.count:
        return None
    if not isinstance(start, datetime) or _SEVERAL_A_DAY.search(rule.rrule):
        return rule.until
    return resolve(datetime.combine(rule.until, start.time()), event.zone).moment


def _ruled(moment: datetime | Day, event: Event) -> datetime | Day:
    """A date of the rule with the wall clock that the rule gives, also where the clocks skip it and the site shows a later one."""
    begin = event.start
    if not isinstance(moment, datetime) or not isinstance(begin, datetime):
        return moment
    digits = moment.replace(hour=begin.hour, minute=begin.minute, second=begin.second, fold=0)
    return digits if _key(digits) == _key(moment) else moment


# --- moments and lengths -----------------------------------------------------------------------------------------------


def _original(one: Occurrence) -> datetime | Day:
    """The start that the rule gave."""
    return one.start if one.original is None else one.original


def _key(moment: datetime | Day) -> float:
    """For comparing: as time passes, since a wall clock that is skipped and the one that shows the same moment are equal."""
    return moment.timestamp() if isinstance(moment, datetime) else moment.toordinal()


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _lengths(start: datetime | Day, end: datetime | Day | None) -> _Length:
    """From start to end as time passes, and by the wall clock: RFC 5545 repeats the former, most programs the latter."""
    if end is None:
        return None, None
    if isinstance(start, datetime) and isinstance(end, datetime):
        before, after = start.utcoffset(), end.utcoffset()
        wall = end - start if end.tzinfo is start.tzinfo else end.replace(tzinfo=None) - start.replace(tzinfo=None)
        return (wall if before is None or after is None else wall - (after - before)), wall
    days = _day(end) - _day(start)
    return days, days


def _later(start: datetime | Day, length: timedelta | None) -> datetime | Day | None:
    """That much time later."""
    if length is None or not isinstance(start, datetime):
        return None if length is None else start + length
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
