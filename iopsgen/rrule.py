"""Repetition rules as RFC 5545 writes them (RRULE): reading, checking, and the calendar arithmetic behind them."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import product
from typing import Literal

import msgspec

from iopsgen.dates import Fault
from iopsgen.problems import did_you_mean

Freq = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
Wall = date | datetime  # a day, or a naive date and time on the clocks of the event's zone

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQS: tuple[Freq, ...] = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
_RANGES = {  # part → smallest and largest number, and whether counting from the end is allowed
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
_KNOWN = ("FREQ", "INTERVAL", *_RANGES, "BYDAY", "WKST", "COUNT", "UNTIL")
_EXAMPLE = "Write for example FREQ=MONTHLY;BYDAY=1MO."


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """An RRULE without COUNT and UNTIL, taken apart (RFC 5545 section 3.3.10).

    `days` are pairs of an ordinal (0: every one; negative: from the end) and a weekday (0 is Monday).
    """

    freq: Freq
    interval: int = 1
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an RRULE ends: after `count` occurrences, at `until`, or never. `until` is a day, a naive or an aware datetime."""

    count: int | None = None
    until: Wall | None = None


# --- reading and writing -------------------------------------------------------------------------------------------


def read_parts(text: str) -> tuple[Parts, Ending] | Fault:
    """Reads and checks an RRULE value, with or without `RRULE:` before it. What RFC 5545 forbids and repetitions within a day are faults."""
    values = _split(text)
    if isinstance(values, Fault):
        return values
    freq = values.get("FREQ", "")
    if freq not in _FREQS:
        return _bad_freq(freq)
    numbers: dict[str, tuple[int, ...]] = {}
    for name in _RANGES:
        read = _numbers(name, values.get(name, ""))
        if isinstance(read, Fault):
            return read
        numbers[name] = read
    days = _days(values.get("BYDAY", ""))
    interval = _whole("INTERVAL", values.get("INTERVAL", "1"), 1000)
    week_start = values.get("WKST", "MO")
    ending = _ending(values)
    for fault in (days, interval, ending):
        if isinstance(fault, Fault):
            return fault
    if week_start not in DAYS:
        return Fault(f'"{week_start}" is not a weekday.', f"Write one of {', '.join(DAYS)}.")
    assert not isinstance(days, Fault) and not isinstance(interval, Fault) and not isinstance(ending, Fault)
    parts = Parts(
        freq=next(f for f in _FREQS if f == freq),
        interval=interval,
        months=numbers["BYMONTH"],
        weeks=numbers["BYWEEKNO"],
        year_days=numbers["BYYEARDAY"],
        month_days=numbers["BYMONTHDAY"],
        days=days,
        hours=numbers["BYHOUR"],
        minutes=numbers["BYMINUTE"],
        seconds=numbers["BYSECOND"],
        positions=numbers["BYSETPOS"],
        week_start=DAYS.index(week_start),
    )
    return _forbidden(parts) or (parts, ending)


def write_parts(parts: Parts) -> str:
    """The RRULE value, its parts always in the same order, without COUNT and UNTIL."""
    lists = (
        ("BYMONTH", parts.months),
        ("BYWEEKNO", parts.weeks),
        ("BYYEARDAY", parts.year_days),
        ("BYMONTHDAY", parts.month_days),
        ("BYDAY", tuple(f"{n or ''}{DAYS[weekday]}" for n, weekday in parts.days)),
        ("BYHOUR", parts.hours),
        ("BYMINUTE", parts.minutes),
        ("BYSECOND", parts.seconds),
        ("BYSETPOS", parts.positions),
    )
    words = [f"FREQ={parts.freq}"]
    if parts.interval != 1:
        words.append(f"INTERVAL={parts.interval}")
    words += [f"{name}={','.join(map(str, values))}" for name, values in lists if values]
    if parts.week_start:
        words.append(f"WKST={DAYS[parts.week_start]}")
    return ";".join(words)


def _split(text: str) -> dict[str, str] | Fault:
    """Name → value of each part, in capitals; every name known and there once."""
    text = "".join(text.split()).upper().removeprefix("RRULE:").strip(";")
    if not text or len(text) > 1000:
        return Fault("This is not a repetition rule.", _EXAMPLE)
    values: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if not sign or not value:
            return Fault(f'"{part[:40]}" is not a part of a repetition rule.', _EXAMPLE)
        if name not in _KNOWN:
            return Fault(
                f'"{name[:40]}" is not a part of a repetition rule.', did_you_mean(name, _KNOWN) or f"Known are {', '.join(_KNOWN)}."
            )
        if name in values:
            return Fault(f"{name} is there twice.", f"Keep one, with commas between several values: {name}={values[name]},{value}.")
        values[name] = value
    return values


def _bad_freq(freq: str) -> Fault:
    if not freq:
        return Fault("The rule does not say how often: FREQ is missing.", _EXAMPLE)
    if freq in _SUB_DAILY:
        return Fault(f"FREQ={freq} repeats within a day, which is not possible here.", "Write DAILY, WEEKLY, MONTHLY or YEARLY.")
    return Fault(f'"{freq}" is not a frequency.', did_you_mean(freq, _FREQS) or "Write DAILY, WEEKLY, MONTHLY or YEARLY.")


def _whole(name: str, text: str, largest: int) -> int | Fault:
    """A whole number from 1."""
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= largest:
        return Fault(f'{name} cannot be "{text[:20]}".', f"Write a whole number from 1 to {largest}.")
    return int(text)


def _numbers(name: str, text: str) -> tuple[int, ...] | Fault:
    """The numbers of a BY… part, each once, in order (from the start, then from the end)."""
    smallest, largest, negative = _RANGES[name]
    found: set[int] = set()
    for word in text.split(",") if text else ():
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", word):
            return Fault(f'{name} cannot hold "{word[:20]}".', f"Write whole numbers from {smallest} to {largest}.")
        number = int(word)
        if not smallest <= abs(number) <= largest or (number < 0 and not negative):
            return Fault(
                f"{name} cannot hold {number}.",
                f"Write numbers from {smallest} to {largest}{', negative from the end' if negative else ''}.",
            )
        found.add(number)
    return tuple(sorted(found, key=lambda n: (n < 0, n)))


def _days(text: str) -> tuple[tuple[int, int], ...] | Fault:
    """The pairs of BYDAY, each once, by ordinal and weekday."""
    found: set[tuple[int, int]] = set()
    for word in text.split(",") if text else ():
        pair = re.fullmatch(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", word)
        if not pair or (pair[1] and not 1 <= abs(int(pair[1])) <= 53):
            return Fault(f'BYDAY cannot hold "{word[:20]}".', f"Write {', '.join(DAYS)}, or with a number such as 1MO or -1FR.")
        found.add((int(pair[1] or 0), DAYS.index(pair[2])))
    return tuple(sorted(found, key=lambda pair: (pair[0] < 0, pair)))


def _ending(values: dict[str, str]) -> Ending | Fault:
    """COUNT or UNTIL."""
    if "COUNT" in values and "UNTIL" in values:
        return Fault("COUNT and UNTIL cannot stand together.", "Keep one of them.")
    if "COUNT" in values:
        count = _whole("COUNT", values["COUNT"], 100_000)
        return count if isinstance(count, Fault) else Ending(count=count)
    if "UNTIL" not in values:
        return Ending()
    text = values["UNTIL"]
    try:
        if re.fullmatch(r"[0-9]{8}", text):
            return Ending(until=date(int(text[:4]), int(text[4:6]), int(text[6:])))
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z?", text):
            return Ending(until=datetime.fromisoformat(text))
    except ValueError:
        pass
    return Fault(f'UNTIL cannot be "{text[:40]}".', "Write UNTIL=20270630 or UNTIL=20270630T180000Z.")


def _forbidden(parts: Parts) -> Fault | None:
    """What RFC 5545 says must not stand together."""
    ordinals = any(n for n, _ in parts.days)
    if ordinals and parts.freq in ("DAILY", "WEEKLY"):
        return Fault(f"BYDAY has no numbers with FREQ={parts.freq}.", "Write FREQ=MONTHLY or FREQ=YEARLY, or the weekdays alone.")
    if ordinals and parts.weeks:
        return Fault("BYDAY has no numbers together with BYWEEKNO.", "Write the weekdays alone.")
    if parts.freq == "MONTHLY" and not parts.positions and any(abs(n) > 5 for n, _ in parts.days):
        return Fault("No month has more than five of a weekday.", "Write numbers from 1 to 5, or from -1 to -5.")
    for name, values, allowed in (
        ("BYWEEKNO", parts.weeks, ("YEARLY",)),
        ("BYYEARDAY", parts.year_days, ("YEARLY",)),
        ("BYMONTHDAY", parts.month_days, ("DAILY", "MONTHLY", "YEARLY")),
    ):
        if values and parts.freq not in allowed:
            return Fault(f"{name} cannot stand with FREQ={parts.freq}.", f"Write FREQ={allowed[-1]}, or leave {name} out.")
    others = (parts.months, parts.weeks, parts.year_days, parts.month_days, parts.days, parts.hours, parts.minutes, parts.seconds)
    if parts.positions and not any(others):
        return Fault(
            "BYSETPOS picks from the dates of another BY… part, and there is none.", "Write for example BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1."
        )
    return None


# --- arithmetic ----------------------------------------------------------------------------------------------------


def walls(parts: Parts, first: Wall, last: date) -> Iterator[Wall]:
    """The occurrences from `first` to the day `last`, both included, in order: of the same type as `first`, which is DTSTART.

    What the rule leaves open (weekday, day, month, time) is that of `first`. `first` itself comes out only if it fits the rule.
    """
    moment = first if isinstance(first, datetime) else None
    begin, end = first.toordinal(), last.toordinal()
    times = _times(parts, moment) if moment else [time()]
    plain = not parts.positions and (moment is None or times == [moment.time()])
    for ordinals in _periods(parts, date.fromordinal(begin), end):
        if not ordinals:
            continue
        if plain:
            for n in ordinals:
                if begin <= n <= end:
                    yield datetime.combine(date.fromordinal(n), times[0]) if moment else date.fromordinal(n)
            continue
        moments = [(n, t) for n in ordinals for t in times]
        if parts.positions:
            moments = _picked(moments, parts.positions)
        for n, t in moments:
            if begin <= n <= end:
                day = date.fromordinal(n)
                if not moment:
                    yield day
                elif (wall := datetime.combine(day, t)) >= moment:
                    yield wall


def _times(parts: Parts, first: datetime) -> list[time]:
    """The times of day at which the rule happens."""
    return [time(*t) for t in product(parts.hours or (first.hour,), parts.minutes or (first.minute,), parts.seconds or (first.second,))]


def _picked(moments: list[tuple[int, time]], positions: Iterable[int]) -> list[tuple[int, time]]:
    """Those at the positions of BYSETPOS (from 1, or from -1 at the end)."""
    size = len(moments)
    places = {p - 1 if p > 0 else size + p for p in positions}
    return [moments[place] for place in sorted(places) if 0 <= place < size]


def _periods(parts: Parts, first: date, end: int) -> Iterator[list[int]]:
    """For each period (day, week, month, year) from that of `first` on: its days as ordinals, in order."""
    if parts.freq == "DAILY":
        yield from _daily(parts, first, end)
    elif parts.freq == "WEEKLY":
        yield from _weekly(parts, first, end)
    elif parts.freq == "MONTHLY":
        month = first.year * 12 + first.month - 1
        while _first_of(month) <= end:
            yield _month(parts, month // 12, month % 12 + 1, first.day)
            month += parts.interval
    else:
        year = first.year
        while _first_of(year * 12) - 7 <= end:  # the first week of a year may begin in the year before
            yield _weeks(parts, year, first) if parts.weeks else _year(parts, year, first)
            year += parts.interval


def _first_of(month: int) -> int:
    """The ordinal of the first day of a month, counted from the year 0; beyond all days after the year 9999."""
    return date(month // 12, month % 12 + 1, 1).toordinal() if month < 120_000 else 10**9


def _daily(parts: Parts, first: date, end: int) -> Iterator[list[int]]:
    plain = not (parts.months or parts.month_days or parts.days)
    weekdays = {weekday for _, weekday in parts.days}
    for n in range(first.toordinal(), end + 1, parts.interval):
        if plain or _allowed(parts, date.fromordinal(n), weekdays):
            yield [n]


def _allowed(parts: Parts, day: date, weekdays: set[int]) -> bool:
    """Whether the parts that limit a day let it pass."""
    if parts.months and day.month not in parts.months:
        return False
    if weekdays and day.weekday() not in weekdays:
        return False
    if not parts.month_days:
        return True
    return day.day in parts.month_days or day.day - monthrange(day.year, day.month)[1] - 1 in parts.month_days


def _weekly(parts: Parts, first: date, end: int) -> Iterator[list[int]]:
    weekdays = {weekday for _, weekday in parts.days} or {first.weekday()}
    steps = sorted((weekday - parts.week_start) % 7 for weekday in weekdays)
    begin = first.toordinal() - (first.weekday() - parts.week_start) % 7
    for monday in range(begin, end + 1, 7 * parts.interval):
        ordinals = [monday + step for step in steps]
        if parts.months:
            ordinals = [n for n in ordinals if n > 0 and date.fromordinal(n).month in parts.months]
        yield ordinals


def _month(parts: Parts, year: int, month: int, default: int | None) -> list[int]:
    """The days of one month; `default` is the day if the rule names none (None: every day)."""
    if parts.months and month not in parts.months:
        return []
    weekday, size = monthrange(year, month)
    before = date(year, month, 1).toordinal() - 1
    wanted = parts.month_days or ((default,) if default and not parts.days else range(1, size + 1))
    found = {n if n > 0 else size + 1 + n for n in wanted}
    if parts.days:
        found &= _nth(parts.days, weekday, size)
    return [before + n for n in sorted(found) if 1 <= n <= size]


def _nth(days: Iterable[tuple[int, int]], first_weekday: int, size: int) -> set[int]:
    """The days, numbered from 1, of a month or year that begins on `first_weekday`, that are the n-th (or every) of a weekday."""
    found: set[int] = set()
    for n, weekday in days:
        every = range(1 + (weekday - first_weekday) % 7, size + 1, 7)
        if not n:
            found.update(every)
        elif abs(n) <= len(every):
            found.add(every[n - 1 if n > 0 else n])
    return found


def _year(parts: Parts, year: int, first: date) -> list[int]:
    """The days of one year. Numbered weekdays count within the months that are named, else within the year."""
    if not (parts.months or parts.year_days or parts.month_days or parts.days):
        return _month(parts, year, first.month, first.day)
    if parts.months or not parts.days:
        default = None if parts.year_days else first.day
        found = [n for month in parts.months or range(1, 13) for n in _month(parts, year, month, default)]
    else:
        before, size = date(year, 1, 1).toordinal() - 1, _length(year)
        found = sorted(before + n for n in _nth(parts.days, date(year, 1, 1).weekday(), size))
        found = [n for n in found if _allowed(parts, date.fromordinal(n), set())]
    return [n for n in found if _on_year_day(parts, date.fromordinal(n))] if parts.year_days else found


def _length(year: int) -> int:
    """The number of days in a year."""
    return 366 if monthrange(year, 2)[1] == 29 else 365


def _weeks(parts: Parts, year: int, first: date) -> list[int]:
    """The days of the numbered weeks of a year. Week 1 is the first with four days in the year; its days may lie outside."""
    beginnings = [_week_one(year, parts.week_start), _week_one(year + 1, parts.week_start)]
    count = (beginnings[1] - beginnings[0]) // 7
    limited = parts.days or parts.month_days or parts.year_days
    weekdays = {weekday for _, weekday in parts.days} or (set(range(7)) if limited else {first.weekday()})
    found = []
    for week in {n if n > 0 else count + 1 + n for n in parts.weeks}:
        if not 1 <= week <= count:
            continue
        for n in range(beginnings[0] + 7 * (week - 1), beginnings[0] + 7 * week):
            day = date.fromordinal(n)
            if day.weekday() in weekdays and _allowed(parts, day, set()) and _on_year_day(parts, day):
                found.append(n)
    return sorted(found)


def _week_one(year: int, week_start: int) -> int:
    """The ordinal of the first day of week 1."""
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7


def _on_year_day(parts: Parts, day: date) -> bool:
    if not parts.year_days:
        return True
    number = day.timetuple().tm_yday
    return number in parts.year_days or number - _length(day.year) - 1 in parts.year_days
