"""What is possible but mostly a slip of the pen: a wrong year, a weekday that does not fit, dates that make no sense together."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec

from iopsgen.assemble.eventtimes import Findings, Times, clock, start_of_day
from iopsgen.dates import WEEKDAYS, Fault
from iopsgen.daywords import WORDS, base_language, weekdays_in_title
from iopsgen.model import Day, Moment, Occurrence, Rule
from iopsgen.recurrence import starts
from iopsgen.rrule import Wall
from iopsgen.zones import place_moment

_FAR = timedelta(days=731)
_YEAR = timedelta(days=366)
_LONG_SERIES = 12  # years from the first date of a series to its end; beyond, the year is mostly wrong
_CHECKED = 14  # occurrences whose weekdays are compared with the title


def check_slips(times: Times, occurrences: Sequence[Occurrence], rule: Rule | None, language: str, now: datetime, findings: Findings) -> None:
    """Warns of everything in the times of an event that may well be, and mostly is not what was meant."""
    _check_year(times, now, findings)
    _check_end_of_series(times, rule, findings)
    _check_title(occurrences, language, findings)
    _check_was(times, findings)
    _check_deadline(times, occurrences, rule, findings)
    _check_expiry(times, occurrences, findings)
    _check_single(times, rule, findings)
    if findings.fields.changes or len(findings.fields.dates) > 1 or (rule is not None and rule.added):
        _check_doubles(occurrences, findings)


def _key(findings: Findings) -> str:
    return "dates" if findings.fields.dates else "start"


def _day(start: datetime | Day) -> date:
    return start.date() if isinstance(start, datetime) else start


def _moment(start: datetime | Day, zone: str) -> datetime:
    """The moment at which something starts; of a day its beginning."""
    return start if isinstance(start, datetime) else start_of_day(start, zone)


# --- years ---------------------------------------------------------------------------------------------------------


def _check_year(times: Times, now: datetime, findings: Findings) -> None:
    """A first date years ahead, or long before it was announced, is mostly a wrong year."""
    day, fields = _day(times.start), findings.fields
    if day > now.date() + _FAR:
        message = f"The event starts on {day}, more than two years ahead."
        findings.warn(_key(findings), message, f"Check the year.{_meant(day, now.date())}", fields.start)
    elif fields.publish is not None and day + _YEAR < fields.publish.wall.date() and not (fields.repeat or len(fields.dates) > 1):
        message = f"The event takes place on {day}, long before it is published on {fields.publish.wall.date()}."
        findings.warn(_key(findings), message, f"Check both years.{_meant(day, fields.publish.wall.date())}", fields.start)


def _meant(day: date, after: date) -> str:
    """The same day in the year that follows `after`."""
    for year in (after.year, after.year + 1):
        try:
            meant = day.replace(year=year)
        except ValueError:
            continue
        if meant >= after:
            return f" Did you mean {meant}?"
    return ""


def _check_end_of_series(times: Times, rule: Rule | None, findings: Findings) -> None:
    """A series that is to go on for so long that the year of its end is mostly wrong."""
    if rule is None or rule.until is None:
        return
    first = _day(times.start)
    if rule.until.year - first.year > _LONG_SERIES:
        hint = f"Check the year after until.{_meant(rule.until, first)} To go on without an end, leave until out."
        findings.warn(_rule_key(rule), f"The series goes on until {rule.until}, {rule.until.year - first.year} years after it starts.", hint)


def _rule_key(rule: Rule) -> str:
    return "rrule" if rule.raw else "repeat"


# --- weekdays ------------------------------------------------------------------------------------------------------


def _check_title(occurrences: Sequence[Occurrence], language: str, findings: Findings) -> None:
    """A weekday in the title should be one on which the event takes place."""
    fields = findings.fields
    named = weekdays_in_title(fields.title, language)
    days = set(_days(occurrences[:_CHECKED])) if named else set()
    if not days or named & {day.weekday() for day in days}:
        return
    first = min(days)
    said = " and ".join(WEEKDAYS[n] for n in sorted(named))
    nearest = min((first + timedelta(days=n) for n in range(-3, 4)), key=lambda d: (d.weekday() not in named, abs((d - first).days)))
    word = WORDS[base_language(language)].names[first.weekday()]
    hint = f'Write "{word}" in the title, or correct the date: the nearest {WEEKDAYS[nearest.weekday()]} is {nearest}.'
    findings.warn(_key(findings), f"The title says {said}, but {first} is a {WEEKDAYS[first.weekday()]}.", hint, fields.start)


def _days(occurrences: Iterable[Occurrence]) -> Iterable[Day]:
    """The days that occurrences touch, a week of each at most."""
    for occurrence in occurrences:
        first = _day(occurrence.start)
        last = _day(occurrence.end or occurrence.start)
        for n in range(min((last - first).days, 6) + 1):
            yield first + timedelta(days=n)


# --- what belongs to the dates -------------------------------------------------------------------------------------


def _check_was(times: Times, findings: Findings) -> None:
    """The old start of an event that was moved is another one than the new."""
    was = findings.fields.was
    if was is None or (isinstance(times.start, datetime) and not was.has_time):
        return
    old = place_moment(was, times.zone)
    if old == times.start if isinstance(times.start, datetime) else old.date() == times.start:
        hint = "Write under was when it would have been, or leave was out."
        findings.warn("was", "The old start is the same as the new one, so nothing was moved.", hint, was)


def _check_deadline(times: Times, occurrences: Sequence[Occurrence], rule: Rule | None, findings: Findings) -> None:
    """Nobody can register for what has begun."""
    until = findings.fields.register.until if findings.fields.register else None
    if until is None or not occurrences:
        return
    last = occurrences[-1].start
    if rule is not None and rule.count is None:
        if rule.until is None or until.wall.date() <= rule.until:
            return
    elif rule is not None and len(occurrences) < (rule.count or 0):
        return  # the last date may lie beyond those that are known
    elif not _is_after(until, last, times.zone):
        return
    start = f"its last date starts on {clock(last)}" if len(occurrences) > 1 else f"the event starts on {clock(last)}"
    end = f"the series ends on {rule.until}" if rule is not None and rule.until else start
    message = f"Registration closes on {_written(until)}, after {end}."
    findings.warn("register", message, "Correct register.until, or leave it out if people can register until the end.", until)


def _is_after(moment: Moment, start: datetime | Day, zone: str) -> bool:
    """Whether a moment, or a day, that was written lies after a start."""
    if not moment.has_time:
        return moment.wall.date() > _day(start)
    return place_moment(moment, zone) > _moment(start, zone)


def _check_expiry(times: Times, occurrences: Sequence[Occurrence], findings: Findings) -> None:
    """An event that leaves the site before it takes place."""
    expires = findings.fields.expires
    if expires is None or not occurrences:
        return
    if place_moment(expires, times.zone) <= _moment(occurrences[0].start, times.zone):
        message = f"The event leaves the site on {_written(expires)}, before it takes place on {clock(occurrences[0].start)}."
        findings.warn("expires", message, "Leave expires out: past events move to their own list by themselves.", expires)


def _check_single(times: Times, rule: Rule | None, findings: Findings) -> None:
    """A series of one date."""
    dates = findings.fields.dates
    if rule is not None and _gives_one(rule, times.first):
        why = f"since it ends on {rule.until}" if rule.until else "since it takes place once"
        message = f"The series has only one date, {clock(times.first)}, {why}."
        findings.warn(_rule_key(rule), message, "Correct how it ends, or leave the repetition out.")
    elif rule is None and len(dates) == 1:
        findings.note("dates", "Only one date is listed.", f"Write start: {_written(dates[0])}, or add the other dates.", dates[0])


def _gives_one(rule: Rule, first: Wall) -> bool:
    """Whether a rule ends before its second date."""
    if rule.added or (rule.count is None and rule.until is None):
        return False
    if rule.until is None:
        return rule.count == 1
    if rule.until < _day(first):
        return False  # said already
    given = starts(msgspec.structs.replace(rule, until=None, count=2), first, rule.until)
    return not isinstance(given, Fault) and len(given) == 1


def _written(moment: Moment) -> str:
    return clock(moment.wall) if moment.has_time else str(moment.wall.date())


def _check_doubles(occurrences: Sequence[Occurrence], findings: Findings) -> None:
    """Two dates of one event at the same time: mostly one was moved onto the other."""
    doubles: list[tuple[Occurrence, Occurrence]] = []
    open_one: Occurrence | None = None
    for occurrence in occurrences:
        if occurrence.cancelled:
            continue
        if open_one is not None and _overlap(open_one, occurrence):
            doubles.append((open_one, occurrence))
        if open_one is None or _ends(occurrence) >= _ends(open_one):
            open_one = occurrence
    if not doubles or not any(o.changed or _is_added(o, findings) for pair in doubles for o in pair):
        return  # dates of a rule that reach into each other are told where the rule is
    first, second = doubles[0]
    more = f" ({len(doubles) - 1} more such pairs)" if len(doubles) > 1 else ""
    if first.start == second.start:
        message = f"The event takes place twice at {clock(second.start)}{more}."
    else:
        message = f"The date that starts at {clock(second.start)} begins before the one of {clock(first.start)} is over{more}."
    key = "changes" if any(o.changed for o in (first, second)) else "dates" if findings.fields.dates else "repeat"
    at = next((c.original for c in findings.fields.changes if _is_change_of(c.original, (first, second))), None) if key == "changes" else None
    findings.warn(key, message, "Move one of the two, or cancel it.", at)


def _overlap(one: Occurrence, other: Occurrence) -> bool:
    """Whether an occurrence begins before one that began no later is over."""
    return one.start == other.start or (one.end is not None and _begins(other) < _ends(one))


def _begins(occurrence: Occurrence) -> float:
    start = occurrence.start
    return start.timestamp() if isinstance(start, datetime) else start.toordinal() * 86400.0


def _ends(occurrence: Occurrence) -> float:
    end = occurrence.end or occurrence.start
    return end.timestamp() if isinstance(end, datetime) else (end.toordinal() + 1) * 86400.0


def _is_added(occurrence: Occurrence, findings: Findings) -> bool:
    """Whether somebody wrote this date down: after `also` or under `dates`."""
    fields = findings.fields
    written: Iterable[Moment] = fields.dates or (fields.repeat.added if fields.repeat else ())
    wall: Wall = occurrence.start.replace(tzinfo=None) if isinstance(occurrence.start, datetime) else occurrence.start
    return any(m.wall == wall or (not isinstance(wall, datetime) and m.wall.date() == wall) for m in written)


def _is_change_of(original: Moment, pair: Sequence[Occurrence]) -> bool:
    return any(_day(o.original or o.start) == original.wall.date() and o.changed for o in pair)
