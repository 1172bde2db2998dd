"""Says in front matter when an event of a calendar file takes place, so that not one of its dates differs."""

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
        self.dates: dict[float, _Date] = {}  # those that no rule gives
        self.given: dict[float, Wall] = {}  # those that the rule gives, as far as something names them
        self.apart: list[Variant] = []
        self.changes: dict[float, Variant] = {}
        alike = [p for p in occasion.exceptions if isinstance(p, Timed) or not isinstance(occasion.start, Timed)]
        self.left_out = {clock.key(clock.moment(point)) for point in alike}
        self.days_out = {p for p in occasion.exceptions if not isinstance(p, Timed)} if isinstance(occasion.start, Timed) else set()

    def write(self) -> Schedule | Fault:
        """All keys."""
        if self.length is not None and self.length > _LONGEST:
            return Fault("it lasts longer than a year")
        rule: Repetition | None = None
        if len(self.occasion.rules) > 1:
            return Fault("it has several repetition rules")
        if self.occasion.rules:
            read = read_repetition(self.occasion.rules[0], self.clock.start(self.occasion.start), self._named(), self.clock, self.budget)
            if isinstance(read, Fault):
                return read
            rule, before = read
            self.given = {self._key(wall): wall for wall in rule.given} if rule else {}
            for wall in before:
                self._add(self.clock.of_wall(wall))
        else:
            self._add(self.first)
        self._add_further()
        self._place_variants()
        if rule is not None:
            return self._write_rule(rule)
        return self._write_dates()

    # --- which dates ---------------------------------------------------------------------------------------------------

    def _key(self, wall: Wall) -> float:
        return self.clock.key(self.clock.of_wall(wall))

    def _named(self) -> Iterable[Wall]:
        """Every date that something names, as far as a rule must be followed to find it."""
        points = (*self.occasion.exceptions, *(v.at for v in self.occasion.variants), *(point for point, _ in self.occasion.further))
        yield from (self.clock.wall(self.clock.moment(point)) + timedelta(days=1) for point in points)
        yield from (self.clock.wall(self.clock.moment(v.at)) + timedelta(days=31 * _MOST_LATER) for v in self.occasion.variants if v.later)

    def _end(self, start: Moment, end: Point | None) -> Moment | None:
        """An end of the same kind as the start."""
        return None if end is None or isinstance(start, datetime) != isinstance(end, Timed) else self.clock.moment(end)

    def _is_out(self, moment: Moment) -> bool:
        return self.clock.key(moment) in self.left_out or day_of(moment) in self.days_out

    def _add(self, moment: Moment, length: timedelta | None = None) -> None:
        if not self._is_out(moment) and self.clock.key(moment) not in self.given:
            self.dates.setdefault(self.clock.key(moment), _Date(moment, length))

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
            if key in self.left_out:
                continue
            if key not in self.given and key not in self.dates:
                if variant.hidden or variant.cancelled:
                    continue
                moment = self.clock.moment(variant.start)
                key = self.clock.key(moment)
                if key in self.given or key in self.dates or not self._is_alike(variant):
                    self.apart.append(variant)
                    continue
                self.dates[key] = _Date(moment)
            if variant.hidden or not self._is_alike(variant):
                self.left_out.add(key)
                self.dates.pop(key, None)
                self.apart += [] if variant.hidden else [variant]
            else:
                self.changes[key] = variant

    def _is_alike(self, variant: Variant) -> bool:
        """Whether it lasts whole days as the series does, or has times as that."""
        return isinstance(variant.start, Timed) == isinstance(self.occasion.start, Timed)

    def _key_of(self, point: Point) -> float:
        """The key of the date that a point names; a day alone means the date on it."""
        if isinstance(self.first, datetime) and not isinstance(point, Timed):
            found = next((key for key, wall in self.given.items() if day_of(wall) == point), None)
            if found is not None:
                return found
        return self.clock.key(self.clock.moment(point))

    def _each_variant(self) -> Iterable[Variant]:
        """The variants; one that holds for all later dates once for each of them that has none of its own."""
        own = {self._key_of(v.at) for v in self.occasion.variants if not v.later}
        later = sorted((v for v in self.occasion.variants if v.later and self._is_alike(v)), key=lambda v: self._key_of(v.at))
        for number, variant in enumerate(later):
            begin = self._key_of(variant.at)
            end = self._key_of(later[number + 1].at) if number + 1 < len(later) else float("inf")
            found = [key for key in sorted(self.given) if begin <= key < end and key not in own]
            yield from (self._shifted(variant, self.given[key]) for key in found[:_MOST_LATER])
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
        out = [wall for key, wall in self.given.items() if key in self.left_out or day_of(wall) in self.days_out]
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
        return Schedule({**keys, **self._zone_key()}, tuple(self.apart))

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
        moments = {**{key: self.clock.of_wall(wall) for key, wall in self.given.items()}, **{key: one.moment for key, one in self.dates.items()}}
        walls = {key: self.given.get(key) or self.clock.wall(moment) for key, moment in moments.items()}
        days = Counter(map(day_of, walls.values()))
        found: dict[str, Value] = {}
        for key in sorted(moments):
            change: Value = {}
            if variant := self.changes.get(key):
                change = self._change(moments[key], variant)
            elif key in self.dates and (length := self.dates[key].length) and length != self.length:
                change = {"end": self._end_text(moments[key], self.clock.later(moments[key], length))}
            if change:
                wall = walls[key]
                found[f"{wall:%Y-%m-%d %H:%M}" if days[day_of(wall)] > 1 and isinstance(wall, datetime) else f"{wall:%Y-%m-%d}"] = change
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


