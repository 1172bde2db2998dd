"""The rule of a repeated event of a calendar file: from which date it can be told, how far it goes, and which dates it gives."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

import msgspec

from iopsgen.calendar_files.occasions import Hours, day_of
from iopsgen.dates import Fault
from iopsgen.rrule import Ending, Parts, Wall, read_parts, walls
from iopsgen.zones import resolve

_SEARCH = timedelta(days=40 * 366)
_LATE_START = timedelta(days=400)  # in which mostly the first date lies that a rule gives


class Budget:
    """How many days of repetitions are looked at in one file."""

    def __init__(self, days: int = 3_000_000) -> None:
        self.left = days

    def spend(self, first: date, last: date, times: int = 1) -> bool:
        """Whether there is enough left to look from one day to another, so many times on each."""
        self.left -= max(1, (last - first).days * times)
        return self.left > 0


class Repetition(NamedTuple):
    """A rule that starts on a date of its own, `begin`.

    `times` is how often it takes place, `given` are its dates up to the last one that anything names; `beyond` those of the last day that come after UNTIL, where a
    day has several.
    """

    parts: Parts
    begin: Wall
    until: date | None
    times: int | None
    given: tuple[Wall, ...]
    beyond: tuple[Wall, ...] = ()


def read_repetition(text: str, first: Wall, named: Iterable[Wall], clock: Hours, budget: Budget) -> tuple[Repetition | None, tuple[Wall, ...]] | Fault:
    """The rule (None if it gives no date) and the dates before its beginning that take place all the same.

    DTSTART always takes place and counts for COUNT, even if the rule does not give it (RFC 5545, 3.8.5.3; programs differ). A rule
    cannot begin with a time that the clocks skip: such first dates are named apart. `named` are the dates of exceptions.
    """
    read = read_parts(text)
    if isinstance(read, Fault):
        return Fault(f"its repetition is not understood: {read.message}")
    parts, ending = simplified(read[0]), read[1]
    several = bool(parts.hours or parts.minutes or parts.seconds)
    until = clock.last_day(ending.until, _midnight(first) if several else first) if ending.until else None
    begin, skipped = _begin(parts, first, until, clock, budget)
    before = tuple(skipped if begin == first or skipped[:1] == [first] else [first, *skipped])[: ending.count]
    count = ending.count - len(before) if ending.count else None
    if begin is None or (count is not None and count <= 0):
        return None, before
    reach = max(map(day_of, (begin, *named)))
    last = min(reach, until or reach)
    times = max(1, len(parts.hours)) * max(1, len(parts.minutes)) * max(1, len(parts.seconds))
    if not budget.spend(day_of(begin), until if several and until else last, times):
        return Fault("the calendar has more repetitions than are read")
    given = tuple(islice(walls(parts, begin, last), count))
    beyond = tuple(_beyond(parts, begin, until, ending, clock)) if several and until else ()
    return Repetition(parts, begin, until if count is None else None, count, tuple(w for w in given if w not in beyond), beyond), before


def _begin(parts: Parts, first: Wall, until: date | None, clock: Hours, budget: Budget) -> tuple[Wall | None, list[Wall]]:
    """The first date that the rule gives and the clocks show, and those before it that they skip."""
    day = day_of(first)
    far = min(day + _SEARCH, until or day + _SEARCH)
    skipped: list[Wall] = []
    for last in (min(day, far), min(day + _LATE_START, far), far):
        if last > day and not budget.spend(day, last):
            break
        found = list(islice(walls(parts, first, last), 5))
        skipped = list(takewhile(lambda wall: isinstance(wall, datetime) and resolve(wall, clock.zone).gap, found))
        if len(skipped) < len(found):
            return found[len(skipped)], skipped
    return None, skipped


def _beyond(parts: Parts, begin: Wall, until: date, ending: Ending, clock: Hours) -> Iterable[Wall]:
    """The dates of the last day that come after UNTIL, where a day has several."""
    assert ending.until is not None
    return (wall for wall in walls(parts, begin, until) if day_of(wall) == until and clock.last_day(ending.until, wall) < until)


def _midnight(wall: Wall) -> Wall:
    return datetime.combine(wall.date(), time()) if isinstance(wall, datetime) else wall


def simplified(parts: Parts) -> Parts:
    """The same rule in the form for which there are words: Outlook writes BYDAY=MO;BYSETPOS=2 for 2MO, others FREQ=DAILY for weekdays."""
    plain = not (parts.weeks or parts.year_days or parts.hours or parts.minutes or parts.seconds or parts.month_days)
    in_month = (parts.freq == "MONTHLY" and not parts.months) or (parts.freq == "YEARLY" and len(parts.months) == 1)
    one_weekday = len(parts.days) == 1 and not parts.days[0][0]
    if plain and in_month and one_weekday and parts.positions and all(abs(n) <= 5 for n in parts.positions):
        days = sorted(((n, parts.days[0][1]) for n in parts.positions), key=lambda pair: (pair[0] < 0, pair))
        return msgspec.structs.replace(parts, days=tuple(days), positions=())
    if plain and parts.freq == "DAILY" and parts.interval == 1 and parts.days and not (parts.months or parts.positions):
        return msgspec.structs.replace(parts, freq="WEEKLY")
    return parts
