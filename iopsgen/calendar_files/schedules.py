"""Says in front matter when an event of a calendar file takes place, so that not one of its dates differs."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import msgspec

from iopsgen.calendar_files.clocks import Point, Timed
from iopsgen.calendar_files.drafts import Plain, Value
from iopsgen.calendar_files.occasions import Days, Hours, Moment, Occasion, Variant, day_of
from iopsgen.calendar_files.repetitions import Budget, Repetition, read_repetition
from iopsgen.dates import Fault
from iopsgen.model import Moment as Written
from iopsgen.model import Pause, Rule
from iopsgen.recurrence import write_repeat, write_rrule
from iopsgen.rrule import Wall, write_parts

MOST_DATES = 1_000  # of a list, and changes of one series
_MOST_EXCEPTIONS = 5_000
_LONGEST_RULE = 7_900  # characters that `repeat` may have
_LONGEST = timedelta(days=366)
_MOST_LATER = 200  # dates to which one change of all later ones is applied


class Schedule(NamedTuple):
    """The keys that say when, and the dates that must become events of their own, since nothing in the keys can say them."""

    keys: dict[str, Value]
    apart: tuple[Variant, ...] = ()


class _Date(NamedTuple):
    """A date on which the event takes place: when, and how long if not as long as the others."""

    moment: Moment
    length: timedelta | None = None


def write_schedule(occasion: Occasion, default_zone: str, budget: Budget) -> Schedule | Fault:
    """The keys for an occasion: `start`, `end`, `timezone`, `repeat` or `rrule` or `dates`, `changes`. A fault says why there are none.

    Single times in UTC are told on the clocks of `default_zone`; repeated ones stay in UTC, or they would move with the clocks.
    """
    start = occasion.start
    if not isinstance(start, Timed):
        clock: Hours = Days(default_zone)
    else:
        clock = Hours(default_zone if start.is_utc and not occasion.rules else start.zone)
    if len(occasion.exceptions) > _MOST_EXCEPTIONS or len(occasion.further) > MOST_DATES or len(occasion.variants) > MOST_DATES:
        return Fault(f"it has more than {MOST_DATES:,} dates of its own")
    return _Writer(occasion, clock, budget).write()


class _Writer:
    """Puts one occasion into words."""

    def __init__(self, occasion: Occasion, clock: Hours, budget: Budget) -> None:
        self.occasion, self.clock, self.budget = occasion, clock, budget
        self.first = clock.moment(occasion.start)
        self.length = clock.length(self.first, self._end(self.first, occasion.end))
        self.given: tuple[Wall, ...] = ()  # the dates that the rule gives, in order, as far as something names them
        self.dates: dict[float, _Date] = {}  # those that no rule gives
        self.changes: dict[float, Variant] = {}
        self.out: set[float] = set()  # those that do not take place
        self.days_out = {point for point in occasion.exceptions if not isinstance(point, Timed)}
        self.apart: list[Variant] = []

    def write(self) -> Schedule | Fault:
        """All keys."""
        if self.length is not None and self.length > _LONGEST:
            return Fault("it lasts longer than a year")
        if len(self.occasion.rules) > 1:
            return Fault("it has several repetition rules")
        rule: Repetition | None = None
        before: tuple[Wall, ...] = ()
        if self.occasion.rules:
            read = read_repetition(self.occasion.rules[0], self.clock.start(self.occasion.start), self._named(), self.clock, self.budget)
            if isinstance(read, Fault):
                return read
            rule, before = read
            self.given = rule.given if rule else ()
        self._take_out()
        for moment in map(self.clock.of_wall, before) if self.occasion.rules else (self.first,):
            self._add(moment)
        self._add_further()
        self._place_variants()
        return self._write_rule(rule) if rule is not None else self._write_dates()

    # --- which dates ---------------------------------------------------------------------------------------------------

    def _named(self) -> Iterable[Wall]:
        """Every date that something names, as far as a rule must be followed to find it."""
        points = (*self.occasion.exceptions, *(v.at for v in self.occasion.variants), *(point for point, _ in self.occasion.further))
        yield from (self.clock.wall(self.clock.moment(point)) + timedelta(days=1) for point in points)
        yield from (self.clock.wall(self.clock.moment(v.at)) + timedelta(days=31 * _MOST_LATER) for v in self.occasion.variants if v.later)

    def _key(self, wall: Wall) -> float:
        return self.clock.key(self.clock.of_wall(wall))

    def _on(self, day: date) -> tuple[Wall, ...]:
        """The dates that the rule gives on a day."""
        return self.given[bisect_left(self.given, day, key=day_of) : bisect_right(self.given, day, key=day_of)]

    def _wall_of(self, key: float, moment: Moment) -> Wall | None:
        """The date of the rule that is at this moment, also where the clocks skip it and so show another time."""
        return next((wall for wall in self._on(day_of(moment)) if self._key(wall) == key), None)

    def _end(self, start: Moment, end: Point | None) -> Moment | None:
        """An end of the same kind as the start."""
        return None if end is None or isinstance(start, datetime) != isinstance(end, Timed) else self.clock.moment(end)

    def _take_out(self) -> None:
        """Notes what EXDATE takes away: dates of the rule, and such as RDATE may give."""
        timed = isinstance(self.occasion.start, Timed)
        for point in self.occasion.exceptions:
            if timed and not isinstance(point, Timed):
                self.out.update(map(self._key, self._on(point)))
            self.out.add(self.clock.key(self.clock.moment(point)))

    def _add(self, moment: Moment, length: timedelta | None = None) -> None:
        """A date that no rule gives, unless it is left out."""
        key = self.clock.key(moment)
        if key not in self.out and day_of(moment) not in self.days_out and self._wall_of(key, moment) is None:
            self.dates.setdefault(key, _Date(moment, length))

    def _add_further(self) -> None:
        """The dates of RDATE."""
        for point, end in self.occasion.further:
            moment = self.clock.moment(point)
            if isinstance(self.first, datetime) and not isinstance(point, Timed):
                moment = self.clock.of_wall(datetime.combine(day_of(point), self.first.time()))
            self._add(moment, self.clock.length(moment, self._end(moment, end)))

    # --- variants ------------------------------------------------------------------------------------------------------

    def _place_variants(self) -> None:
        """Finds for each variant the date for which it stands. One that stands for none is a date more; some become events."""
        for variant in self._each_variant():
            key = self._key_of(variant.at)
            if key in self.out:
                continue
            if not self._is_date(key, self.clock.moment(variant.at)):
                if variant.hidden or variant.cancelled:
                    continue
                moment = self.clock.moment(variant.start)
                key = self.clock.key(moment)
                if self._is_date(key, moment) or not self._is_alike(variant):
                    self.apart.append(variant)
                    continue
                self.dates[key] = _Date(moment)
            if variant.hidden or not self._is_alike(variant):
                self.out.add(key)
                self.dates.pop(key, None)
                self.apart += [] if variant.hidden else [variant]
            else:
                self.changes[key] = variant

    def _is_date(self, key: float, moment: Moment) -> bool:
        """Whether the event takes place then, but for exceptions."""
        return key in self.dates or self._wall_of(key, moment) is not None

    def _is_alike(self, variant: Variant) -> bool:
        """Whether it lasts whole days as the series does, or has times as that."""
        return isinstance(variant.start, Timed) == isinstance(self.occasion.start, Timed)

    def _key_of(self, point: Point) -> float:
        """The key of the date that a point names; a day alone means the date on it."""
        if isinstance(self.first, datetime) and not isinstance(point, Timed):
            for wall in self._on(point):
                return self._key(wall)
        return self.clock.key(self.clock.moment(point))

    def _each_variant(self) -> Iterable[Variant]:
        """The variants; one that holds for all later dates once for each of them that has none of its own."""
        own = {self._key_of(v.at) for v in self.occasion.variants if not v.later}
        later = sorted((v for v in self.occasion.variants if v.later and self._is_alike(v)), key=lambda v: self._key_of(v.at))
        for number, variant in enumerate(later):
            begin = self._key_of(variant.at)
            end = self._key_of(later[number + 1].at) if number + 1 < len(later) else float("inf")
            from_here = self.given[bisect_left(self.given, day_of(self.clock.moment(variant.at)), key=day_of) :][: _MOST_LATER + len(own)]
            found = [wall for wall in from_here if begin <= (key := self._key(wall)) < end and key not in own]
            yield from (self._shifted(variant, wall) for wall in found[:_MOST_LATER])
        yield from (v for v in self.occasion.variants if not (v.later and self._is_alike(v)))

    def _shifted(self, variant: Variant, wall: Wall) -> Variant:
        """The variant for another date: as far from it as the variant is from its own."""
        at, start = self.clock.moment(variant.at), self.clock.moment(variant.start)
        moment = self.clock.of_wall(wall + (_naive(start) - _naive(at)))
        length = self.clock.length(start, self._end(start, variant.end))
        end = None if length is None else self.clock.later(moment, length)
        return msgspec.structs.replace(
            variant, at=self._point(self.clock.of_wall(wall)), start=self._point(moment), end=None if end is None else self._point(end), later=False
        )

    def _point(self, moment: Moment) -> Point:
        return Timed(moment.replace(tzinfo=None, fold=0), self.clock.zone, moment) if isinstance(moment, datetime) else moment

    # --- keys ----------------------------------------------------------------------------------------------------------

    def _write_rule(self, rule: Repetition) -> Schedule | Fault:
        """`start`, `end`, `timezone`, `repeat` or `rrule`, `changes`."""
        self._part_with_odd_dates(rule.begin)
        out = {wall for day in self._days_out() for wall in self._on(day) if self._key(wall) in self.out}
        several = len(set(map(day_of, rule.given))) < len(rule.given) or bool(rule.beyond)
        written = Rule(
            rrule=write_parts(rule.parts),
            until=rule.until,
            count=rule.times,
            excluded=tuple(_written(wall, rule.begin, several) for wall in sorted([*out, *rule.beyond])),
            added=tuple(_written(self.clock.wall(self.dates[key].moment), rule.begin) for key in sorted(self.dates)),
        )
        text = write_repeat(written) or write_rrule(written)
        if len(text) > _LONGEST_RULE:
            written = _with_pauses(written, rule.given)
            text = write_repeat(written) or write_rrule(written)
            if len(text) > _LONGEST_RULE:
                return Fault("it has more exceptions than can be written")
        begin = self.clock.of_wall(rule.begin)
        keys = {"start": Plain(self.clock.text(begin)), **self._length_keys(begin), **self._zone_key()}
        keys["rrule" if text.startswith("FREQ=") else "repeat"] = Plain(text)
        return Schedule({**keys, **self._changes_key()}, tuple(self.apart))

    def _write_dates(self) -> Schedule | Fault:
        """`start`, `end`, `timezone`; or `dates` and what belongs to them."""
        moments = [self.dates[key].moment for key in sorted(self.dates)]
        if not moments:
            return Fault("every date of it is left out")
        if len(moments) > 1:
            keys: dict[str, Value] = {"dates": tuple(Plain(self.clock.text(moment)) for moment in moments)}
            return Schedule({**keys, **self._common_length(moments), **self._zone_key(), **self._changes_key()}, tuple(self.apart))
        (key,) = self.dates
        moment, length = self.dates[key]
        end = self._end(moment, self.occasion.end) if moment == self.first else None
        if variant := self.changes.get(key):
            moment = self.clock.moment(variant.start)
            end = self._end(moment, variant.end)
        elif end is None and (length or self.length):
            end = self.clock.later(moment, length or self.length or timedelta())
        keys = {"start": Plain(self.clock.text(moment))}
        if self.clock.length(moment, end) is not None and end is not None:
            keys["end"] = self._end_text(moment, end)
        if variant is not None:
            keys |= {name: value for name, value in variant.keys.items() if name != "note"}
            keys |= {"status": Plain("cancelled")} if variant.cancelled else {}
        return Schedule({**keys, **self._zone_key()}, tuple(self.apart))

    def _days_out(self) -> set[date]:
        """The days on which something may be left out."""
        points = (*self.occasion.exceptions, *(variant.at for variant in self.occasion.variants))
        return {day_of(self.clock.moment(point)) for point in points}

    def _part_with_odd_dates(self, begin: Wall) -> None:
        """Makes events of the dates that `also` cannot say: to the second, or the second of two equal times."""
        for key, (moment, length) in list(self.dates.items()):
            if not isinstance(moment, datetime) or not isinstance(begin, datetime):
                continue
            if (moment.second == 0 or moment.time() == begin.time()) and self._key(self.clock.wall(moment)) == key:
                continue
            del self.dates[key]
            length = length or self.length
            end = None if length is None else self._point(self.clock.later(moment, length))
            plain = Variant(at=self._point(moment), start=self._point(moment), end=end)
            self.apart.append(self.changes.pop(key, plain))

    def _zone_key(self) -> dict[str, Value]:
        return {"timezone": Plain(self.clock.zone)} if self.clock.zone else {}

    def _length_keys(self, begin: Moment) -> dict[str, Value]:
        """`end` of the first date of a series; `duration` where the clocks skip or repeat it."""
        if self.length is None:
            return {}
        end = self.clock.later(begin, self.length)
        if self.clock.length(begin, end) == self.length and len(self.clock.text(end)) <= len("2026-10-28 19:00:00"):
            return {"end": self._end_text(begin, end)}
        return {"duration": Plain(_length_text(self.length))}

    def _common_length(self, moments: list[Moment]) -> dict[str, Value]:
        """How long each of several dates lasts."""
        if self.length is None:
            return {}
        if not isinstance(self.first, datetime):
            return {"duration": Plain(f"{self.length.days + 1} days")}
        end = _naive(self.first) + self.length
        if len({_naive(moment).time() for moment in moments}) == 1 and end.date() == self.first.date():
            return {"end": Plain(f"{end:%H:%M:%S}".removesuffix(":00"))}
        return {"duration": Plain(_length_text(self.length))}

    def _end_text(self, start: Moment, end: Moment) -> Plain:
        """An end: a time alone on the day of the start, else with its day."""
        text = self.clock.text(end)
        if isinstance(end, datetime) and day_of(start) == day_of(end) and len(text) <= len("2026-10-28 19:00:00"):
            return Plain(text.partition(" ")[2])
        return Plain(text)

    def _changes_key(self) -> dict[str, Value]:
        """`changes`, if there are any: variants, and dates with a length of their own."""
        found: dict[str, Value] = {}
        days = Counter(day_of(one.moment) for one in self.dates.values())
        for key in sorted({*self.changes, *self.dates}):
            held, variant = self.dates.get(key), self.changes.get(key)
            if held is not None:
                moment, wall = held.moment, self.clock.wall(held.moment)
            else:
                wall = next(wall for wall in self._on(day_of(self.clock.moment(self.changes[key].at))) if self._key(wall) == key)
                moment = self.clock.of_wall(wall)
            change: Value = {}
            if variant is not None:
                change = self._change(moment, variant)
            elif held is not None and held.length and held.length != self.length:
                change = {"end": self._end_text(moment, self.clock.later(moment, held.length))}
            if change:
                several = isinstance(wall, datetime) and days[day_of(wall)] + len(self._on(day_of(wall))) > 1
                found[f"{wall:%Y-%m-%d %H:%M}" if several else f"{wall:%Y-%m-%d}"] = change
        return {"changes": found} if found else {}

    def _change(self, usual: Moment, variant: Variant) -> Value:
        """What is different on a date."""
        keys: dict[str, Value] = {}
        start = self.clock.moment(variant.start)
        if self.clock.key(start) != self.clock.key(usual):
            keys["start"] = Plain(self.clock.text(start))
        end = self._end(start, variant.end)
        if end is not None and self.clock.length(start, end) is not None:
            expected = None if self.length is None else self.clock.later(start, self.length)
            if expected is None or self.clock.key(expected) != self.clock.key(end):
                keys["end"] = self._end_text(start, end)
        keys.update(variant.keys)
        if variant.cancelled:
            return {"status": Plain("cancelled"), **keys} if keys else Plain("cancelled")
        return keys


def _written(wall: Wall, begin: Wall, several: bool = False) -> Written:
    """A date of `except` and `also`: without its time where that is the usual one."""
    if isinstance(wall, datetime) and isinstance(begin, datetime) and (several or wall.time() != begin.time()):
        return Written(wall)
    return Written(datetime.combine(day_of(wall), time()), has_time=False)


def _naive(moment: Moment) -> datetime:
    return moment.replace(tzinfo=None, fold=0) if isinstance(moment, datetime) else datetime.combine(moment, time())


def _length_text(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    if seconds:
        return f"PT{minutes // 60}H{minutes % 60}M{seconds}S"
    return " ".join(filter(None, (f"{minutes // 60}h" if minutes >= 60 else "", f"{minutes % 60}m" if minutes % 60 else "")))


def _with_pauses(rule: Rule, given: Iterable[Wall]) -> Rule:
    """The same rule, with what is left out several times in a row as pauses."""
    out = {moment.wall.date() for moment in rule.excluded}
    runs: list[list[date]] = [[]]
    for day in dict.fromkeys(map(day_of, given)):
        if day in out:
            runs[-1].append(day)
        elif runs[-1]:
            runs.append([])
    long = [run for run in runs if len(run) > 1]
    paused = {day for run in long for day in run}
    excluded = tuple(moment for moment in rule.excluded if moment.wall.date() not in paused)
    return msgspec.structs.replace(rule, excluded=excluded, pauses=tuple(Pause(run[0], run[-1]) for run in long))


