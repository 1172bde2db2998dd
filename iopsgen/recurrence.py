"""Repetitions: reading them in plain words or as an RRULE, saying them back, and the dates they give."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

import msgspec

from iopsgen.dates import WEEKDAYS, Fault, read_day, read_moment
from iopsgen.model import Moment, Pause, Rule
from iopsgen.repeatgrammar import EXAMPLES, pattern_in_words, read_pattern
from iopsgen.repeatwords import Pattern, describe, in_words
from iopsgen.rrule import Parts, Wall, read_parts, walls, write_parts

__all__ = [
    "Missed",
    "Pattern",
    "Series",
    "describe",
    "expand",
    "in_words",
    "read_repeat",
    "read_rrule",
    "skipped_months",
    "starts",
    "write_repeat",
    "write_rrule",
]

MOST_DATES = 36_600  # daily for a hundred years: more is a slip of the pen
MOST_A_DAY = 48
_LONGEST_TEXT = 8_000
_SEARCH = timedelta(days=40 * 366)  # in which every rule that ever happens has happened
_CLAUSE = re.compile(
    r"[,;]?\s*\b(?:and\s+)?(until|till|except(?:\s+for)?|excluding|but\s+not|without|also|plus|paused?(?:\s+from)?|(?:for\s+)?[0-9]+\s+times)\b(?!=):?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s+(?:to|through|-)\s+|\s*[–—]\s*", re.IGNORECASE)


class Missed(msgspec.Struct, frozen=True):
    """An exception that changes nothing: what was written, and the date of the series nearest to it (None: there is none).

    `kind` says where it stands: `except` and `pause` take nothing away, `also` adds what the rule gives anyway.
    """

    kind: Literal["except", "pause", "also"]
    written: Moment | Pause
    nearest: Wall | None = None


class Series(msgspec.Struct, frozen=True):
    """The dates of a repetition: days, or naive wall-clock times, each tuple in order.

    `starts` are those that take place; `left_out` those that the rule gives and an exception takes away, `added` those that
    only `also` gives. The latter two are complete, `starts` reaches to the limit (and holds all of `added`).
    """

    starts: tuple[Wall, ...]
    left_out: tuple[Wall, ...] = ()
    added: tuple[Wall, ...] = ()
    missed: tuple[Missed, ...] = ()


# --- reading and writing -------------------------------------------------------------------------------------------


def read_repeat(text: str) -> Rule | Fault:
    """Reads a repetition in plain English words, such as `monthly on the first Monday until 2027-06-30, except 2027-01-04`.

    The pattern comes first (see `repeatgrammar`); then `until DATE` or `N times`; then, in any order, `except DATE, …`,
    `also DATE, …` and `pause DATE to DATE`. Whatever is not understood is a fault that quotes it and gives examples.
    """
    if len(text) > _LONGEST_TEXT:
        return Fault("The repetition is too long.", EXAMPLES)
    head, *clauses = _CLAUSE.split(" ".join(text.split()))
    parts = read_pattern(head)
    return parts if isinstance(parts, Fault) else _with_clauses(Rule(rrule=write_parts(parts)), clauses)


def read_rrule(text: str) -> Rule | Fault:
    """Reads a raw RFC 5545 RRULE value; `except`, `also` and `pause` may follow in words."""
    if len(text) > _LONGEST_TEXT:
        return Fault("The repetition is too long.", "Write for example FREQ=MONTHLY;BYDAY=1MO.")
    head, *clauses = _CLAUSE.split(" ".join(text.split()))
    read = read_parts(head)
    if isinstance(read, Fault):
        return read
    parts, ending = read
    if (often := (len(parts.hours) or 1) * (len(parts.minutes) or 1) * (len(parts.seconds) or 1)) > MOST_A_DAY:
        return Fault(f"The rule gives {often} dates a day.", f"Write at most {MOST_A_DAY}, with BYHOUR and BYMINUTE.")
    until_at = ending.until if isinstance(ending.until, datetime) else None
    until = until_at.date() if until_at else ending.until
    return _with_clauses(Rule(rrule=write_parts(parts), until=until, until_at=until_at, count=ending.count, raw=True), clauses)


def write_repeat(rule: Rule) -> str:
    """The words that `read_repeat` reads as this rule; empty if the rule is beyond them (then use `write_rrule`)."""
    words = pattern_in_words(_parts(rule.rrule))
    if not words or rule.until_at:
        return ""
    ending = f" until {rule.until}" if rule.until else f", {rule.count} times" if rule.count else ""
    return words + ending + _exceptions_in_words(rule)


def write_rrule(rule: Rule) -> str:
    """The text that `read_rrule` reads as this rule."""
    text = rule.rrule
    if rule.count:
        text += f";COUNT={rule.count}"
    elif rule.until_at:
        text += f";UNTIL={rule.until_at:%Y%m%dT%H%M%S}{'Z' if rule.until_at.tzinfo else ''}"
    elif rule.until:
        text += f";UNTIL={rule.until:%Y%m%d}"
    return text + _exceptions_in_words(rule)


def _exceptions_in_words(rule: Rule) -> str:
    def listed(moments: Sequence[Moment]) -> str:
        return ", ".join(f"{m.wall:%Y-%m-%d %H:%M}" if m.has_time else f"{m.wall:%Y-%m-%d}" for m in moments)

    clauses = [
        f"except {listed(rule.excluded)}" if rule.excluded else "",
        f"also {listed(rule.added)}" if rule.added else "",
        "pause " + ", ".join(f"{p.first} to {p.last}" for p in rule.pauses) if rule.pauses else "",
    ]
    return "".join(f", {clause}" for clause in clauses if clause)


def _with_clauses(rule: Rule, clauses: list[str]) -> Rule | Fault:
    """The rule with what follows its pattern: alternately a word such as `except` and what belongs to it."""
    excluded: list[Moment] = []
    added: list[Moment] = []
    pauses: list[Pause] = []
    for keyword, body in zip(clauses[::2], (body.strip(" ,;.") for body in clauses[1::2]), strict=True):
        word = keyword.casefold().split()[0]
        if word.startswith("paus"):
            read_pauses = _pauses(body)
            if isinstance(read_pauses, Fault):
                return read_pauses
            pauses += read_pauses
        elif word in ("also", "plus"):
            read = _moments(body, "also")
            if isinstance(read, Fault):
                return read
            added += read
        elif word in ("until", "till", "for") or word.isdigit():
            ended = _ended(rule, keyword, body)
            if isinstance(ended, Fault):
                return ended
            rule = ended
        else:
            read = _moments(body, "except")
            if isinstance(read, Fault):
                return read
            excluded += read
    return msgspec.structs.replace(rule, excluded=tuple(excluded), added=tuple(added), pauses=tuple(pauses))


def _ended(rule: Rule, keyword: str, body: str) -> Rule | Fault:
    """The rule with its end: `until DATE` or `N times`."""
    if rule.raw:
        return Fault(f'"{keyword}" cannot follow an RRULE.', "Write the end inside it: UNTIL=20270630 or COUNT=10.")
    if rule.until or rule.count:
        return Fault("The repetition ends twice.", 'Keep one "until DATE" or one "10 times".')
    if keyword.casefold() in ("until", "till"):
        day = read_day(body)
        if isinstance(day, Fault):
            return Fault(f'After "until": {day.message}', day.hint if body else "Write the last day, as in: until 2027-06-30.")
        return msgspec.structs.replace(rule, until=day)
    count = int(re.sub(r"[^0-9]", "", keyword)[:9])
    if body:
        return Fault(f'"{_quoted(body)}" after "{keyword}" is not understood.', EXAMPLES)
    if not 1 <= count <= MOST_DATES:
        return Fault(f'"{keyword}" is not possible.', f"Write a number from 1 to {MOST_DATES}.")
    return msgspec.structs.replace(rule, count=count)


def _moments(body: str, keyword: str) -> list[Moment] | Fault:
    """The dates of `except` and `also`."""
    found = []
    for text in _items(body):
        moment = read_moment(text)
        if isinstance(moment, Fault):
            example = f"Write the dates with commas between them, as in: {keyword} 2027-01-04, 2027-01-11."
            return Fault(f'After "{keyword}": {moment.message}', moment.hint if text else example)
        if moment.offset is not None:
            return Fault(f'"{_quoted(text)}" has an offset from UTC.', "Leave it out: these dates are in the event's own time zone.")
        found.append(moment)
    return found


def _pauses(body: str) -> list[Pause] | Fault:
    """The stretches of `pause`."""
    form = "Write the first and the last day, as in: pause 2027-07-01 to 2027-08-31."
    found = []
    for text in _items(body):
        ends = _RANGE.split(text)
        if len(ends) != 2:
            return Fault(f'The pause "{_quoted(text)}" needs two dates with "to" between them.', form)
        first, last = read_day(ends[0]), read_day(ends[1])
        for day in (first, last):
            if isinstance(day, Fault):
                return Fault(f'After "pause": {day.message}', day.hint)
        assert isinstance(first, date) and isinstance(last, date)
        if last < first:
            return Fault(f"The pause ends ({last}) before it begins ({first}).", form)
        found.append(Pause(first=first, last=last))
    return found


def _items(body: str) -> list[str]:
    """What stands between commas and `and`."""
    return re.split(r"\s*(?:,|;|\band\b|&)\s*", re.sub(r",\s*and\b", ",", body, flags=re.IGNORECASE), flags=re.IGNORECASE)


def _quoted(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


# --- dates ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _parts(rrule: str) -> Parts:
    """The parts of a rule that has been read before. A text that is no rule is a ValueError."""
    read = read_parts(rrule)
    if not isinstance(read, tuple):
        raise ValueError(read.message)
    return read[0]


def starts(rule: Rule, first: Wall, limit: date) -> list[Wall] | Fault:
    """The dates that the rule itself gives, without its exceptions, from `first` to the day `limit`, both included.

    `first` (DTSTART) is a day or a naive wall-clock time, and the dates are of the same type. It is always the first of them,
    even beyond the limit; a fault says which date would be, if the rule does not give it. `count` counts from `first`.
    """
    day = _day(first)
    if rule.until and rule.until < day:
        return Fault(f"The repetition ends on {rule.until}, before the first date, {day}.", "Correct the year after until, or the start.")
    found: list[Wall] = []
    for wall in walls(_parts(rule.rrule), first, max(day, min(limit, rule.until or limit))):
        if not found and wall != first:
            break
        found.append(wall)
        if len(found) == rule.count:
            break
        if len(found) > MOST_DATES:
            return Fault(f"The repetition gives more than {MOST_DATES} dates.", "Check the year of the start, or write until and a date.")
    return found or _first_is_none(rule, first)


def _first_is_none(rule: Rule, first: Wall) -> Fault:
    """The fault of a first date that the rule does not give."""
    day = _day(first)
    coming = next(iter(walls(_parts(rule.rrule), first, day + _SEARCH)), None)
    if coming is None:
        return Fault("The repetition never takes place.", "Check the day and the month.")
    written = f"{coming:%Y-%m-%d %H:%M}" if isinstance(coming, datetime) else f"{coming}"
    return Fault(
        f"The repetition does not give the first date, {_named(day)}; the first it gives is {_named(_day(coming))}.",
        f"Write start: {written}, or change the repetition so that it holds both.",
    )


def _named(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day}"


def expand(rule: Rule, first: Wall, limit: date) -> Series | Fault:
    """The dates on which the series takes place, up to the day `limit`, with all exceptions applied.

    An `except` without a time takes away every date on that day; an `also` without one takes the time of `first`.
    """
    reach = max([limit, *(m.wall.date() for m in rule.excluded), *(p.last for p in rule.pauses)])
    given = starts(rule, first, reach)
    if isinstance(given, Fault):
        return given
    if not (rule.excluded or rule.pauses or rule.added):
        return Series(tuple(given))
    missed: list[Missed] = []
    out: set[Wall] = set()
    for moment in rule.excluded:
        hit = _hit(given, moment)
        out.update(hit)
        if not hit:
            missed.append(Missed("except", moment, _nearest(given, moment.wall)))
    for pause in rule.pauses:
        between = given[bisect_left(given, pause.first, key=_day) : bisect_right(given, pause.last, key=_day)]
        out.update(between)
        if not between:
            missed.append(Missed("pause", pause, _nearest(given, datetime.combine(pause.first, time()))))
    own = set(given)
    added: set[Wall] = set()
    for moment in rule.added:
        wall = as_wall(moment, first)
        if wall in own:
            missed.append(Missed("also", moment, wall))
            out.discard(wall)
        else:
            added.add(wall)
    kept = [wall for wall in given if wall not in out and (_day(wall) <= limit or wall == first)]
    return Series(tuple(sorted([*kept, *added])), tuple(sorted(out)), tuple(sorted(added)), tuple(missed))


def as_wall(moment: Moment, first: Wall) -> Wall:
    """The date that was written, of the same type as `first`; without a time, at the time of `first`."""
    if not isinstance(first, datetime):
        return moment.wall.date()
    return moment.wall if moment.has_time else datetime.combine(moment.wall.date(), first.time())


def find_wall(given: Sequence[Wall], moment: Moment) -> Wall | None:
    """The date among `given` (in order) that `moment` names: that day, and that time if it has one."""
    return next(iter(_hit(given, moment)), None)


def nearest_wall(given: Sequence[Wall], moment: Moment) -> Wall | None:
    """The date among `given` (in order) that lies nearest to `moment`."""
    return _nearest(given, moment.wall)


def _hit(given: Sequence[Wall], moment: Moment) -> list[Wall]:
    """The dates of `given` that the moment names."""
    if not given:
        return []
    if not isinstance(given[0], datetime):
        day = moment.wall.date()
        place = bisect_left(given, day)
        return [day] if place < len(given) and given[place] == day else []
    place = bisect_left(given, moment.wall)
    if moment.has_time:
        return [moment.wall] if place < len(given) and given[place] == moment.wall else []
    found = []
    while place < len(given) and _day(given[place]) == moment.wall.date():
        found.append(given[place])
        place += 1
    return found


def _nearest(given: Sequence[Wall], wall: datetime) -> Wall | None:
    """The date of `given` nearest to `wall`."""
    if not given:
        return None
    place = bisect_left(given, wall if isinstance(given[0], datetime) else wall.date())

    def distance(other: Wall) -> timedelta:
        return abs((other if isinstance(other, datetime) else datetime.combine(other, time())) - wall)

    return min(given[max(0, place - 1) : place + 1] or given[-1:], key=distance)


def skipped_months(rule: Rule, first: Wall, limit: date) -> list[date]:
    """The months (as their first days) up to `limit` in which the rule gives no date although it is its turn.

    A day from 29 to 31 or a fifth weekday is not in every month; 29 February is not in every year.
    """
    parts = _parts(rule.rrule)
    if not _may_skip(parts, _day(first)):
        return []
    given = starts(rule, first, limit)
    if isinstance(given, Fault):
        return []
    last = _day(given[-1]) if len(given) == rule.count else min(limit, rule.until or limit)
    held = {(_day(wall).year, _day(wall).month) for wall in given}
    found = []
    month = first.year * 12 + first.month - 1
    while (after := date((month + 1) // 12, (month + 1) % 12 + 1, 1)) <= last + timedelta(days=1):
        year, number = month // 12, month % 12 + 1
        if (year, number) not in held and (not parts.months or number in parts.months):
            found.append(date(year, number, 1))
        month = after.year * 12 + after.month - 2 + parts.interval * (12 if parts.freq == "YEARLY" else 1)
    return found


def _may_skip(parts: Parts, first: date) -> bool:
    """Whether a month (or year) may hold none of the days."""
    if parts.positions or parts.weeks or parts.year_days or parts.freq not in ("MONTHLY", "YEARLY"):
        return False
    if parts.days:
        return (parts.freq == "MONTHLY" or bool(parts.months)) and all(abs(n) == 5 for n, _ in parts.days)
    days = parts.month_days or (first.day,)
    if parts.freq == "YEARLY" and (parts.month_days or parts.months) and (len(parts.months) != 1 or parts.months[0] != first.month):
        return False
    return all(abs(n) >= 29 for n in days)


def _day(wall: Wall) -> date:
    return wall.date() if isinstance(wall, datetime) else wall
