"""Finds weekdays that contradict the date beside them, where that date is the event's: `Monday, 5 October` for a Tuesday."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from iopsgen.dates import WEEKDAYS
from iopsgen.daywords import WORDS, base_language, folded
from iopsgen.locales import locale_of
from iopsgen.model import Event, Fields, Occurrence, Site
from iopsgen.problems import Place, Problem, warning

_MOST_DAYS = 14  # of one occurrence that are compared
_LARGEST = 1 << 20  # characters of a file that are looked at
_LONGEST_ABBREVIATION = 4
# Marks of Markdown and HTML, which may stand between a weekday and its date; each becomes spaces, so that columns stay.
_MARKS = re.compile(r"[*_`\[\]]|<[^<>\n]{1,100}>|&nbsp;")
_ARTICLE = r"(?:(?:the|den|dem|der|el|le|il|dia|o|em|del|dal|am|on)[ \t\n]+)?"
_OF = r"(?:[ \t\n]*(?:of|de|del|di|do|d')[ \t\n]*|[ \t\n]*)"
_DAY = r"(?P<day>[0-9]{1,2})(?![0-9:])(?:st|nd|rd|th|er|ro|ero|\N{MASCULINE ORDINAL INDICATOR}|\N{DEGREE SIGN}|\.)?"
_YEAR = rf"(?:,?{_OF}(?P<year>(?:19|20|21)[0-9]{{2}})(?![0-9:]))?"
_GAP = r"(?:[ \t]*[,\N{ARABIC COMMA}]?[ \t]*\n?[ \t]*)"


class Written(NamedTuple):
    """A weekday with a date beside it: where they stand in the text, the weekday and where it stands, and what the date may mean."""

    start: int
    end: int
    weekday: int
    word: tuple[int, int]
    dates: tuple[tuple[int | None, int, int], ...]  # year if written, month, day


class Names(NamedTuple):
    """The weekdays and months of a language: word → number (weekdays from 0, Monday; months from 1), and what finds them with a date."""

    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    patterns: tuple[re.Pattern[str], ...]
    any_weekday: re.Pattern[str]
    capitals: bool  # they start with one; what does not is another word: sat, sun, so


def check_weekdays(site: Site, read: Callable[[str], str]) -> list[Problem]:
    """A warning for each weekday beside a date of the event that falls on another one, in the files of events and of posts that announce one.

    `read` gives the text of a source by its path, empty where it cannot be read.
    """
    events = {event.route: event for event in site.events}
    found: list[Problem] = []
    for event in site.events:
        if event.fields.origin is not None:
            continue
        found += _check_file(event.fields, event, event.language, read)
    for post in site.posts:
        if post.event in events:
            found += _check_file(post.fields, events[post.event], post.language, read)
    return found


def _check_file(fields: Fields, event: Event, language: str, read: Callable[[str], str]) -> Iterator[Problem]:
    names = names_in(base_language(language))
    text = read(fields.source)[:_LARGEST].removeprefix("\ufeff")
    written = find_written(text, names)
    if not written:
        return
    days = _days_by_month(event.occurrences)
    single = len(event.occurrences) == 1 and base_language(language) in WORDS and fields is event.fields
    for one in written:
        wrong = _contradicted(one, days)
        line = text.count("\n", 0, one.start) + 1
        if wrong is None or (single and line == fields.lines.get("title")):  # the title has been looked at by itself
            continue
        right = _spelt(text[one.word[0] : one.word[1]], wrong.weekday(), language)
        phrase = _plain(text[one.start : one.end])
        mended = _plain(text[one.start : one.word[0]] + right + text[one.word[1] : one.end])
        message = f'"{phrase}" does not fit: {wrong} is a {WEEKDAYS[wrong.weekday()]}.'
        place = Place(fields.source, line, one.start - text.rfind("\n", 0, one.start))
        yield warning(message, place, f'Write "{mended}" if the date is right; else correct it here and in the event.')


def _plain(text: str) -> str:
    """A piece of a text on one line, without marks."""
    return " ".join(_MARKS.sub("", text).split())


def _days_by_month(occurrences: Iterable[Occurrence]) -> dict[tuple[int, int], list[date]]:
    """(month, day) → the days of the event that fall on it."""
    found: dict[tuple[int, int], list[date]] = {}
    for occurrence in occurrences:
        end = occurrence.end or occurrence.start
        first = occurrence.start.date() if isinstance(occurrence.start, datetime) else occurrence.start
        last = end.date() if isinstance(end, datetime) else end
        for n in range(min((last - first).days, _MOST_DAYS) + 1):
            day = first + timedelta(days=n)
            found.setdefault((day.month, day.day), []).append(day)
    return found


def _contradicted(written: Written, days: Mapping[tuple[int, int], list[date]]) -> date | None:
    """The day of the event that the date means and the weekday does not; None if they fit, or mean another day."""
    meant = [day for year, month, number in written.dates for day in days.get((month, number), ()) if year in (None, day.year)]
    return None if not meant or any(day.weekday() == written.weekday for day in meant) else meant[0]


def _spelt(word: str, weekday: int, language: str) -> str:
    """The right weekday, written like the wrong one: in full or short, with or without a capital."""
    locale = locale_of(language)
    short = len(word.rstrip(".")) <= _LONGEST_ABBREVIATION
    name = str(locale.days["format"]["abbreviated" if short else "wide"][weekday]).rstrip(".")
    name += "." if word.endswith(".") else ""
    return name.upper() if word.isupper() and len(word) > 1 else name.capitalize() if word[:1].isupper() else name.lower()


# --- finding -------------------------------------------------------------------------------------------------------


def find_written(text: str, names: Names) -> list[Written]:
    """The weekdays that stand beside a date, in the order of the text."""
    plain = folded(_MARKS.sub(lambda mark: " " * len(mark[0]), text))
    if not names.any_weekday.search(plain):
        return []
    found: list[Written] = []
    taken: set[int] = set()
    for pattern in names.patterns:
        for match in pattern.finditer(plain):
            start, end = match.span("weekday")
            if start in taken or (names.capitals and end - start <= _LONGEST_ABBREVIATION and not text[start].isupper()):
                continue
            taken.add(start)
            dates = tuple(_dates_in(match, names))
            if dates:
                found.append(Written(match.start(), match.end(), names.weekdays[match["weekday"].rstrip(".")], (start, end), dates))
    return sorted(found)


def _dates_in(match: re.Match[str], names: Names) -> Iterator[tuple[int | None, int, int]]:
    """What a date may mean."""
    parts = match.groupdict()
    year = int(parts["year"]) if parts.get("year") else None
    day = int(parts["day"])
    if parts.get("month"):
        yield year, names.months[parts["month"].rstrip(".")], day
        return
    number = int(parts["number"])
    for month, other in ((number, day), (day, number)) if parts.get("sign") == "/" else ((number, day),):
        if 1 <= month <= 12 and 1 <= other <= 31:
            yield year, month, other


@lru_cache(maxsize=64)
def names_in(language: str) -> Names:
    """The names of a language, from the Unicode CLDR and from what people write besides."""
    locale = locale_of(language)
    weekdays: dict[str, int] = dict(_more_weekdays(language))
    months: dict[str, int] = {"sept": 9} if language in ("en", "es", "fr", "it", "de", "pt") else {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            weekdays |= {_bare(name): number for number, name in locale.days[context][width].items()}
            months |= {_bare(name): number for number, name in locale.months[context][width].items()}
    weekdays = {name: number for name, number in weekdays.items() if len(name) > 1 and not name.isdigit()}
    months = {name: number for name, number in months.items() if len(name) > 2 and not name.isdigit()}
    return Names(weekdays, months, _patterns(language, weekdays, months), re.compile(rf"(?<!\w)(?:{_any(weekdays)})(?!\w)"), language in ("en", "de"))


def _bare(name: object) -> str:
    return folded(str(name)).strip().rstrip(".")


def _more_weekdays(language: str) -> Iterator[tuple[str, int]]:
    words = WORDS.get(language)
    if words is None:
        return
    yield from words.also.items()
    for number, name in enumerate(words.names):
        yield folded(name), number
        if language == "en":
            yield from ((short, number) for short in {1: ("tues",), 2: ("weds",), 3: ("thur", "thurs")}.get(number, ()))
        if language == "pt" and "-" in name:
            yield folded(name).removesuffix("-feira"), number


def _patterns(language: str, weekdays: Mapping[str, int], months: Mapping[str, int]) -> tuple[re.Pattern[str], ...]:
    """The forms in which a weekday and a date stand beside each other, the surest first."""
    weekday = rf"(?<![\w-])(?P<weekday>{_any(weekdays)})"
    month = rf"(?P<month>{_any(months)})(?!\w)"
    gap = rf"{_GAP}{_ARTICLE}"
    sign = "/" if language in ("en", "es", "fr", "it", "pt") else r"[./]"
    tail = r"(?!\w|[:%]|[ \t]*(?:uhr|h|hrs|pm|am)\b)"
    number = rf"(?P<day>[0-9]{{1,2}})(?P<sign>{sign})[ ]?(?P<number>[0-9]{{1,2}})(?:(?P=sign)[ ]?(?P<year>[0-9]{{4}})|{'' if sign == '/' else '[.]'}){tail}"
    iso = r"(?P<year>[0-9]{4})-(?P<number>[0-9]{2})-(?P<day>[0-9]{2})(?![0-9])"
    behind = rf"[ \t]*[(,][ \t]*(?:(?:a|an|ein|un|um)[ \t]+)?(?<![\w-])(?P<weekday>{_any(weekdays)})(?![\w-])\)?"
    forms = (
        rf"{weekday}{gap}{_DAY}{_OF}{month}{_YEAR}",
        rf"{weekday}{gap}{month}[ \t\n]+{_DAY}{_YEAR}",
        rf"{weekday}{gap}{iso}",
        rf"{weekday}{gap}{number}",
        rf"(?<![\w.-]){_DAY}{_OF}{month}{_YEAR}{behind}",
        rf"(?<![\w.-]){month}[ \t\n]+{_DAY}{_YEAR}{behind}",
        rf"(?<![\w.-]){iso}{behind}",
    )
    return tuple(re.compile(form) for form in forms)


def _any(names: Iterable[str]) -> str:
    """One of some names, the longest first; short ones may have a dot."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name) + (r"\.?" if len(name) <= _LONGEST_ABBREVIATION else "") for name in ordered)
