"""Dates and times as a locale writes them: styles, skeletons, ranges, and what a time zone is called.

All from the Unicode CLDR by way of Babel, by its standard styles and skeletons: a pattern written by hand is right in one language.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from iopsgen.locales import locale_of
from iopsgen.problems import did_you_mean

if TYPE_CHECKING:
    from babel.core import Locale
    from babel.dates import DateTimePattern

STYLES = {
    "full": "Sunday 28 October 2012",
    "long": "28 October 2012",
    "medium": "28 Oct 2012",
    "short": "28/10/2012",
    "month": "October 2012",
    "month-short": "Oct",
    "day-month": "28 October",
    "weekday": "Sunday",
    "weekday-short": "Sun",
    "year": "2012",
}
_SKELETONS = {"month": "yMMMM", "month-short": "MMM", "day-month": "MMMMd", "weekday": "EEEE", "weekday-short": "EEE", "year": "y"}
_FIELDS = frozenset("GyYuUQqMLlwWdDFgEec")
_NAMES = frozenset("MLEec")  # fields that are names when they are long enough
_MANY = 20_000  # cached texts of each kind: the dates of a large site


def format_date(value: date, style: str, language: str) -> str:
    """A day (or the day of a moment, on its own wall clock) as the locale writes it.

    `style` is one of STYLES or a skeleton of the CLDR (UTS 35) such as `MMMEd`. Raises ValueError, in words for the user, for another.
    """
    return _day(value.date() if isinstance(value, datetime) else value, style, language)


@lru_cache(maxsize=_MANY)
def _day(day: date, style: str, language: str) -> str:
    return _pattern(style, language).apply(day, locale_of(language))


@lru_cache(maxsize=1024)
def _pattern(style: str, language: str) -> "DateTimePattern":
    from babel.dates import parse_pattern

    locale = locale_of(language)
    if style in ("full", "long", "medium", "short"):
        pattern = str(locale.date_formats[style].pattern)
        if style == "full" and locale.language == "en":
            # The comma after the weekday would be one too many before the time of day; British usage leaves it out.
            pattern = pattern.replace("EEEE, d", "EEEE d")
        return parse_pattern(pattern)
    skeleton = _SKELETONS.get(style, style)
    if skeleton and len(skeleton) <= 20 and _FIELDS.issuperset(skeleton):
        if len(set(skeleton)) == 1 and skeleton[0] in _NAMES and len(skeleton) in (3, 4, 5):
            return parse_pattern(skeleton.replace("M", "L").replace("E", "c"))  # a name alone
        if pattern := _expand(skeleton, locale):
            return parse_pattern(pattern)
    near = did_you_mean(style, STYLES)
    raise ValueError(f'"{style[:40]}" is not a style of dates. {near + " " if near else ""}There are: {", ".join(STYLES)}.')


def _expand(skeleton: str, locale: "Locale") -> str:
    """The locale's pattern for a skeleton, its names as long as was asked for (UTS 35, matching skeletons); "" if it has none."""
    from babel.dates import match_skeleton, tokenize_pattern, untokenize_pattern

    formats = locale.datetime_skeletons
    nearest = skeleton if skeleton in formats else match_skeleton(skeleton, formats)
    if not nearest:
        return ""
    wanted = {letter: skeleton.count(letter) for letter in "ME" if skeleton.count(letter) > 3}
    tokens = []
    for kind, value in tokenize_pattern(str(formats[nearest].pattern)):
        if kind == "field" and isinstance(value, tuple):
            letter, width = value
            kin = "M" if letter in "ML" else "E" if letter in "Eec" else ""
            if kin in wanted and (width == 3 or (letter == "E" and width == 1)):  # a number stays a number
                value = (letter, wanted[kin])
        tokens.append((kind, value))
    return untokenize_pattern(tokens)


def format_time(value: datetime | time, language: str) -> str:
    """The time of day as the locale writes it, on its own wall clock: 18:30."""
    return _time(value.hour, value.minute, language)


@lru_cache(maxsize=_MANY)
def _time(hour: int, minute: int, language: str) -> str:
    locale = locale_of(language)
    return str(locale.time_formats["short"].apply(time(hour, minute), locale))


@lru_cache(maxsize=_MANY)
def format_times(start: time, end: time, language: str) -> str:
    """Two times of day on wall clocks: 11:00–17:00."""
    from babel.dates import format_interval

    locale = locale_of(language)
    short = re.sub("'[^']*'", "", str(locale.time_formats["short"].pattern))
    day = date(2000, 1, 1)
    return format_interval(datetime.combine(day, start), datetime.combine(day, end), "hm" if re.search("[hK]", short) else "Hm", locale=locale)


# --- ranges ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=_MANY)
def format_days(first: date, last: date, language: str) -> str:
    """Days from one to another, both included: 12–14 May 2026; one day alone with its weekday."""
    if first >= last:
        return _day(first, "full", language)
    field: Literal["d", "M", "y"] = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    patterns = _range_patterns(field, language)
    if patterns is None:
        return between(_day(first, "long", language), _day(last, "long", language), language)
    return patterns[0].apply(first, locale_of(language)) + patterns[1].apply(last, locale_of(language))


def between(first: str, last: str, language: str) -> str:
    """Two texts as the ends of a range: “… – …”."""
    pattern = str(locale_of(language).interval_formats[None])
    # Some locales write 3–4 without spaces; between texts of several words they would run together.
    return _fill("{0} – {1}" if pattern == "{0}–{1}" else pattern, first, last)


def with_time(day: str, clock: str, language: str) -> str:
    """A day and what is said of its time: “28 October 2012, 11:00”."""
    return _fill(str(locale_of(language).datetime_formats["medium"]), clock, day)


def _fill(pattern: str, zero: str, one: str) -> str:
    return pattern.replace("'", "").replace("{0}", "\0").replace("{1}", one).replace("\0", zero)


@lru_cache(maxsize=256)
def _range_patterns(field: Literal["d", "M", "y"], language: str) -> "tuple[DateTimePattern, DateTimePattern] | None":
    """The patterns of a range's two ends with the month in full; None: write both dates out.

    For most locales the CLDR gives ranges with the month in short only. Where the second end is a complete date, the locale's long
    date takes its place ("12–" + "14 de mayo de 2026"); elsewhere the month's name is widened in place ("May 12 – " + "14, 2026").
    """
    from babel.dates import parse_pattern

    locale = locale_of(language)
    if field == "y" or locale.language == "eu":  # Babel's Basque ranges have lost their quotes
        return None
    formats = locale.interval_formats
    exact, short = (formats[name].get(field) if name in formats else None for name in ("yMMMMd", "yMMMd"))
    if exact and len(exact) == 2:
        return parse_pattern(exact[0]), parse_pattern(exact[1])
    if not short or len(short) != 2:
        return None
    first, second = (re.sub(r"(?<![ML])([ML])\1\1(?!\1)", r"\1\1\1\1", piece) for piece in short)
    long = str(locale.date_formats["long"].pattern)
    if {"d", "M", "y"} <= set(_fields(second)) and _fields(long)[:1] == _fields(second)[:1]:
        if field == "M" and (head := _expand("MMMMd", locale)):
            # In Welsh the day and the month alone stand the other way round than in a full date.
            first, second = (head if _fields(head)[:1] == _fields(long)[:1] else _without_separator(first)) + _separator(first), long
        elif field == "d" and _fields(first) == ["d"]:
            first, second = (first if "dd" in long else first.replace("dd", "d")), long
    return parse_pattern(first), parse_pattern(second)


def _fields(pattern: str) -> list[str]:
    from babel.dates import tokenize_pattern

    return [str(value[0]).replace("L", "M") for kind, value in tokenize_pattern(pattern) if kind == "field"]


def _separator(pattern: str) -> str:
    """What stands between the last field of a range's first end and its second end, without what belongs to the field."""
    match = re.search(r"[\s–~～-][^a-zA-Z]*$", pattern)
    return match[0] if match else " – "


def _without_separator(pattern: str) -> str:
    return pattern[: len(pattern) - len(_separator(pattern))]


# --- time zones -----------------------------------------------------------------------------------------------------


def zone_label(moment: datetime, language: str) -> str:
    """What a reader calls the time zone at that moment: GMT, CEST, else its distance from Greenwich. "" for a moment without a zone."""
    offset = moment.utcoffset()
    if offset is None:
        return ""
    return _zone_label(str(moment.tzinfo), moment.tzname() or "", offset, bool(moment.dst()), language)


@lru_cache(maxsize=4096)
def _zone_label(zone: str, abbreviation: str, offset: timedelta, summer: bool, language: str) -> str:
    locale = locale_of(language)
    name = abbreviation if locale.language == "en" else _zone_name(zone, summer, locale)
    # Ireland's winter counts as "summer time backwards", which makes its summer GMT for Babel.
    if name.isalpha() and name.isupper() and 2 < len(name) < 6 and (name not in ("GMT", "UTC") or not offset):
        return name
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    distance = f"{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else ""
    return str(locale.zone_formats["gmt"] % distance).strip()


def _zone_name(zone: str, summer: bool, locale: "Locale") -> str:
    """The short name that people who speak the language use for a zone; "" where they use none."""
    from babel.dates import get_timezone_name

    try:
        return get_timezone_name(zone, "short", locale=locale, zone_variant="daylight" if summer else "standard")
    except (LookupError, ValueError):
        return ""
