"""The plain words for repetitions: `every 2 weeks on Tue and Thu`, `monthly on the first Monday`, and back again."""

import re
from collections.abc import Callable, Sequence

from iopsgen.dates import MONTHS, WEEKDAYS, Fault
from iopsgen.problems import did_you_mean
from iopsgen.rrule import Freq, Parts

EXAMPLES = (
    "Write for example: weekly on Tuesday; every 2 weeks on Tue and Thu; monthly on the first Monday; "
    "monthly on day 15; monthly on the last day; yearly; every weekday."
)
_WEEKDAY = {
    **{name.casefold(): n for n, name in enumerate(WEEKDAYS)},
    **{name[:3].casefold(): n for n, name in enumerate(WEEKDAYS)},
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
_MONTH = {
    **{name.casefold(): n for n, name in enumerate(MONTHS, 1)},
    **{name[:3].casefold(): n for n, name in enumerate(MONTHS, 1)},
    "sept": 9,
}
_NUMBER = {
    word: n for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2)
}
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1, "penultimate": -2}
_WORKDAYS = tuple((0, n) for n in range(5))
_WEEKEND = ((0, 5), (0, 6))
_FREQ: dict[str, tuple[Freq, int]] = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "fortnightly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
    "quarterly": ("MONTHLY", 3),
    "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1),
}
_UNIT: dict[str, tuple[Freq, int]] = {
    "day": ("DAILY", 1),
    "week": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2),
    "month": ("MONTHLY", 1),
    "quarter": ("MONTHLY", 3),
    "year": ("YEARLY", 1),
}
_TWO_READINGS = {
    "biweekly": "Write every 2 weeks; for twice a week write for example: weekly on Tue and Thu.",
    "bi-weekly": "Write every 2 weeks; for twice a week write for example: weekly on Tue and Thu.",
    "bimonthly": "Write every 2 months; for twice a month write for example: monthly on day 1 and 15.",
    "bi-monthly": "Write every 2 months; for twice a month write for example: monthly on day 1 and 15.",
    "biannually": "Write every 6 months, or every 2 years.",
}
_VOCABULARY = sorted(
    {*_FREQ, *_UNIT, *_WEEKDAY, *_MONTH, *_ORDINAL, "every", "other", "weekday", "weekend", "until", "except", "also", "pause", "times"}
)
_LARGEST_INTERVAL = 1000


class _Stop(Exception):
    """Raised inside this module where the words stop making sense; it leaves as a Fault."""

    def __init__(self, message: str, hint: str = EXAMPLES) -> None:
        self.fault = Fault(message, hint)


def read_pattern(text: str) -> Parts | Fault:
    """The rule that plain words name, without an end and exceptions.

    Frequencies: `daily`, `weekly`, `fortnightly`, `monthly`, `quarterly`, `yearly`, `every N days|weeks|months|years`,
    `every other week`. Weekdays: `every Friday`, `every other Friday`, `weekly on Tue and Thu`, `every weekday`, `every weekend`.
    Places in a month: `on the first and third Monday`, `on the last Friday`, `on the last weekday`, `on day 1 and 15`,
    `on the 15th`, `on the last day`; also turned round: `the first Monday of every month`. In a year: `on 5 October`,
    `on the last Sunday of October`, `in May on the first Monday`. Days that are not named are those of the first date.
    """
    words = _Words(text)
    try:
        parts = _pattern(words)
        if not words.at_end():
            raise words.stop()
    except _Stop as stop:
        return stop.fault
    return parts


class _Words:
    """The words of a text, taken one after the other."""

    def __init__(self, text: str) -> None:
        text = re.sub(r"\b(?:second(?:[- ]to)?|next[- ]to)[- ]last\b", "penultimate", " ".join(text.casefold().split()))
        self.words: list[str] = re.findall(r"[^ ,&]+|[,&]", text.strip(" ,;."))
        self.at = 0

    def at_end(self) -> bool:
        return self.at >= len(self.words)

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place] if place < len(self.words) else ""

    def take(self, *wanted: str) -> str:
        """The next word if it is one of these, else an empty text."""
        word = self.peek()
        if word not in wanted:
            return ""
        self.at += 1
        return word

    def take_with(self, meaning: Callable[[str], int | None]) -> int | None:
        """What the next word means, if it means something."""
        found = meaning(self.peek()) if not self.at_end() else None
        if found is not None:
            self.at += 1
        return found

    def joined(self) -> bool:
        """Takes `,`, `and` or both; whether there was something."""
        comma = self.take(",", "&")
        return bool(self.take("and") or comma)

    def stop(self) -> _Stop:
        """The words that cannot be read from here on."""
        rest = " ".join(self.words[self.at : self.at + 8]).replace(" ,", ",")
        if not rest:
            return _Stop("The repetition stops too early." if self.words else "The repetition is empty.")
        word = self.peek()
        if word == "at" or re.match(r"[0-9]{1,2}[:.][0-9]{2}|[0-9]{1,2}[ap]m", word):
            return _Stop(f'The repetition cannot hold a time ("{rest}").', "Leave the time out: it is that of the start.")
        if word in ("from", "starting", "beginning", "since"):
            return _Stop(f'The repetition cannot say when it begins ("{rest}").', "Leave that out: it begins at the start of the event.")
        meant = did_you_mean(word, _VOCABULARY) if word not in _VOCABULARY else ""
        return _Stop(f'The repetition is not understood from "{rest}" on.', f"{meant} {EXAMPLES}".strip())


def _pattern(words: _Words) -> Parts:
    words.take("repeats", "repeat", "on")
    word = words.peek()
    if word in _TWO_READINGS:
        raise _Stop(f'"{word}" can be read in two ways.', _TWO_READINGS[word])
    if word in _FREQ:
        words.at += 1
        return _rest(words, *_FREQ[word])
    if words.take("every", "each"):
        return _every(words)
    if days := _weekdays(words):
        return Parts(freq="WEEKLY", days=days)
    if words.peek() == "the" or words.peek() in _ORDINAL or _numbered(words.peek()):
        return _turned_round(words)
    raise words.stop()


def _every(words: _Words) -> Parts:
    """What follows `every`."""
    if words.peek() == "the" or (words.peek() in ("first", "last", "1st") and words.peek(1) in _WEEKDAY):
        return _turned_round(words)
    start = words.at
    interval = words.take_with(_count) or (2 if words.take("other") else 0)
    ordinal = 0 if interval else words.take_with(_ordinal) or 0
    word = words.peek()
    if word.removesuffix("s") in _UNIT:
        words.at += 1
        freq, factor = _UNIT[word.removesuffix("s")]
        if ordinal < 0:
            words.at = start
            raise words.stop()
        return _rest(words, freq, factor * (interval or ordinal or 1))
    if ordinal and _weekday(word) is not None:
        if "month" in words.words or "months" in words.words:
            words.at = start
            return _turned_round(words)
        name, n = WEEKDAYS[_weekday(word) or 0], words.words[start]
        raise _Stop(f'"every {n} {name}" can be read in two ways.', f"Write monthly on the {n} {name}, or every {ordinal} weeks on {name}.")
    if interval > 2 or ordinal:
        raise words.stop()
    days = _weekdays(words)
    if not days:
        raise words.stop()
    return Parts(freq="WEEKLY", interval=interval or 1, days=days)


def _rest(words: _Words, freq: Freq, interval: int) -> Parts:
    """What follows a frequency: the days on which it happens."""
    if not 1 <= interval <= _LARGEST_INTERVAL:
        raise _Stop(f"An interval of {interval} is not possible.", f"Write a number from 1 to {_LARGEST_INTERVAL}.")
    if freq == "YEARLY":
        return _yearly(words, interval)
    on = words.take("on", "each", "every")
    if freq == "WEEKLY" and (on or not words.at_end()):
        days = _weekdays(words)
        if not days:
            raise words.stop()
        return Parts(freq=freq, interval=interval, days=days)
    if freq == "MONTHLY" and on:
        parts = _places(words, interval)
        if words.take("of", "in"):
            words.take("the", "each", "every")
            if not words.take("month"):
                raise words.stop()
        return parts
    if on:
        raise words.stop()
    return Parts(freq=freq, interval=interval)


def _yearly(words: _Words, interval: int) -> Parts:
    """What follows `yearly`."""
    month = 0
    if words.take("in"):
        month = words.take_with(_MONTH.get) or 0
        if not month:
            raise words.stop()
        if words.at_end():
            return Parts(freq="YEARLY", interval=interval, months=(month,))
    if not words.take("on"):
        if words.at_end():
            return Parts(freq="YEARLY", interval=interval)
        raise words.stop()
    words.take("the")
    if not month and (date := _day_of_year(words)):
        return Parts(freq="YEARLY", interval=interval, months=(date[0],), month_days=(date[1],))
    places = _places(words, interval)
    if not month:
        if not words.take("of", "in"):
            raise words.stop()
        month = words.take_with(_MONTH.get) or 0
        if not month:
            raise words.stop()
    return Parts(
        freq="YEARLY", interval=interval, months=(month,), month_days=places.month_days, days=places.days, positions=places.positions
    )


def _day_of_year(words: _Words) -> tuple[int, int] | None:
    """A month and a day: `5 October`, `5th of October`, `October 5`."""
    start = words.at
    month = words.take_with(_MONTH.get)
    day = words.take_with(_day_number)
    if month is None and day is not None:
        words.take("of")
        month = words.take_with(_MONTH.get)
    if month is None or day is None:
        words.at = start
        return None
    if day > (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]:
        raise _Stop(f"There is no {day} {MONTHS[month - 1]}.", EXAMPLES)
    return month, day


def _turned_round(words: _Words) -> Parts:
    """`the first Monday of every month`, `the last Friday of every 2 months`, `the last Sunday of October`; after `every` too."""
    places = _places(words, 1)
    if not words.take("of", "in", "each", "every"):
        if words.at_end() and words.words[0] in ("every", "each"):
            return places
        raise words.stop()
    words.take("the", "each", "every")
    if month := words.take_with(_MONTH.get):
        words.take("every") and words.take("year")
        return Parts(freq="YEARLY", months=(month,), month_days=places.month_days, days=places.days, positions=places.positions)
    interval = words.take_with(_count) or (2 if words.take("other") else 1)
    if not words.take("month", "months"):
        raise words.stop()
    return Parts(freq="MONTHLY", interval=interval, month_days=places.month_days, days=places.days, positions=places.positions)


def _weekdays(words: _Words) -> tuple[tuple[int, int], ...]:
    """Weekdays with `and` or commas between them, or `weekday`, `weekend`; empty if there are none."""
    if words.take("weekday", "weekdays", "workday", "workdays"):
        return _WORKDAYS
    if words.take("weekend", "weekends"):
        return _WEEKEND
    found: set[int] = set()
    while (n := words.take_with(_weekday)) is not None:
        found.add(n)
        if _weekday(words.peek()) is None and not (words.peek() in (",", "and", "&") and words.joined()):
            return tuple((0, n) for n in sorted(found))
    if found:
        raise words.stop()
    return ()


def _places(words: _Words, interval: int) -> Parts:
    """Days of a month: by number, or as the n-th of a weekday; several with `and` or commas between them."""
    days: set[tuple[int, int]] = set()
    numbers: set[int] = set()
    positions: set[int] = set()
    while True:
        words.take("the")
        _place(words, days, numbers, positions)
        if not words.joined():
            break
    if sum(map(bool, (days, numbers, positions))) > 1:
        raise _Stop(
            "Days of the month and weekdays cannot stand together in one repetition.", "Write one of them, and the other dates after also."
        )
    return Parts(
        freq="MONTHLY",
        interval=interval,
        month_days=tuple(sorted(numbers, key=lambda n: (n < 0, n))),
        days=_WORKDAYS if positions else tuple(sorted(days, key=lambda pair: (pair[0] < 0, pair))),
        positions=tuple(sorted(positions, key=lambda n: (n < 0, n))),
    )


def _place(words: _Words, days: set[tuple[int, int]], numbers: set[int], positions: set[int]) -> None:
    """One group: `day 1 and 15`, `15th and 30th`, `first and last day`, `first and third Monday`, `last weekday`."""
    if words.take("day", "days"):
        numbers.update(_listed(words, _day_number))
        return
    start = words.at
    ordinals = _listed(words, _ordinal)
    spelt = any(not _numbered(w) for w in words.words[start : words.at] if w not in (",", "and", "&", "the"))
    weekday = words.take_with(_weekday)
    if weekday is not None:
        if any(abs(n) > 5 for n in ordinals):
            raise _Stop(f"No month has a {max(ordinals)}th {WEEKDAYS[weekday]}.", "Write first to fifth, or last.")
        days.update((n, weekday) for n in ordinals)
    elif words.take("weekday", "workday") or (
        words.peek() == "working" and words.peek(1) == "day" and words.take("working") and words.take("day")
    ):
        positions.update(ordinals)
    elif words.take("day", "days") or not spelt:
        numbers.update(ordinals)
    else:
        raise (
            _Stop(f'"{" ".join(words.words[start : words.at])}" of what?', "Write for example the first Monday, the last day or day 15.")
            if words.at_end()
            else words.stop()
        )


def _listed(words: _Words, meaning: Callable[[str], int | None]) -> list[int]:
    """One or several numbers, with `and` or commas between them."""
    found: list[int] = []
    while True:
        n = words.take_with(meaning)
        if n is None:
            raise words.stop()
        found.append(n)
        before = words.at
        if words.joined():
            words.take("the")
            if words.at_end() or meaning(words.peek()) is not None:
                continue
        words.at = before
        return found


def _ordinal(word: str) -> int | None:
    """The number in `first`, `last` (-1), `penultimate` (-2) or `3rd`."""
    return _ORDINAL.get(word) or _numbered(word)


def _numbered(word: str) -> int | None:
    """The number in `15th`."""
    found = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)", word)
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


def _day_number(word: str) -> int | None:
    """A day of the month: 15 or 15th."""
    found = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th|\.)?", word)
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


def _count(word: str) -> int | None:
    return int(word) if re.fullmatch(r"[1-9][0-9]{0,4}", word) else _NUMBER.get(word)


def _weekday(word: str) -> int | None:
    """A weekday, in full or short, also in the plural."""
    found = _WEEKDAY.get(word.rstrip("."))
    return found if found is not None else _WEEKDAY.get(word.removesuffix("s"))


# --- saying it -----------------------------------------------------------------------------------------------------


def pattern_in_words(parts: Parts) -> str:
    """The words that `read_pattern` reads as this rule, always the same; empty if the rule is beyond them."""
    if parts.weeks or parts.year_days or parts.hours or parts.minutes or parts.seconds or (parts.freq != "YEARLY" and parts.months):
        return ""
    name = {"DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly", "YEARLY": "yearly"}[parts.freq]
    unit = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months", "YEARLY": "years"}[parts.freq]
    head = name if parts.interval == 1 else f"every {parts.interval} {unit}"
    if parts.freq == "DAILY":
        return "" if parts.days or parts.month_days or parts.positions else head
    if parts.freq == "WEEKLY":
        return _weekly_in_words(parts, head)
    if parts.freq == "MONTHLY":
        if not (parts.days or parts.month_days or parts.positions):
            return head
        places = _places_in_words(parts)
        return f"{head} on {places}" if places else ""
    return _yearly_in_words(parts, head)


def _weekly_in_words(parts: Parts, head: str) -> str:
    if parts.positions or (parts.interval > 1 and parts.week_start):
        return ""
    if not parts.days:
        return head
    if parts.days == _WORKDAYS:
        return "every weekday" if parts.interval == 1 else f"{head} on weekdays"
    return f"{head} on {_and([WEEKDAYS[n] for _, n in parts.days])}"


def _yearly_in_words(parts: Parts, head: str) -> str:
    if not (parts.months or parts.days or parts.month_days or parts.positions):
        return head
    if len(parts.months) != 1:
        return ""
    month = MONTHS[parts.months[0] - 1]
    if not (parts.days or parts.month_days or parts.positions):
        return f"{head} in {month}"
    if len(parts.month_days) == 1 and parts.month_days[0] > 0 and not parts.days and not parts.positions:
        day = parts.month_days[0]
        return f"{head} on {day} {month}" if _day_of_year_exists(parts.months[0], day) else ""
    places = _places_in_words(parts)
    return (
        f"{head} on {places} of {month}" if places and not places.startswith("day") else f"{head} in {month} on {places}" if places else ""
    )


def _day_of_year_exists(month: int, day: int) -> bool:
    return day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _places_in_words(parts: Parts) -> str:
    """The places in a month; empty if there are no words for them."""
    if parts.positions:
        if parts.days != _WORKDAYS or parts.month_days or not set(parts.positions) <= set(_ORDINALS):
            return ""
        return f"the {_and([_ORDINALS[n] for n in parts.positions])} weekday"
    if parts.month_days:
        if parts.days or any(n < -2 for n in parts.month_days):
            return ""
        if all(n > 0 for n in parts.month_days):
            return f"day {_and([str(n) for n in parts.month_days])}"
        return f"the {_and([_ORDINALS[n] if n < 0 else _suffixed(n) for n in parts.month_days])} day"
    if any(n not in _ORDINALS for n, _ in parts.days):
        return ""
    weekdays = list(dict.fromkeys(weekday for _, weekday in parts.days))
    return _and([f"the {_and([_ORDINALS[n] for n, w in parts.days if w == weekday])} {WEEKDAYS[weekday]}" for weekday in weekdays])


_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}


def _suffixed(n: int) -> str:
    return f"{n}{'th' if 11 <= n <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
