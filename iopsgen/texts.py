"""The words of the interface in a reader's language: a theme's gettext catalogues, and the time of an event as a sentence.

The names, numbers and dates of a locale belong to the same vocabulary and can be asked for here, too.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import msgspec

from iopsgen.dateforms import STYLES, between, format_date, format_days, format_time, format_times, with_time, zone_label
from iopsgen.locales import country_name, direction_of, first_weekday, format_number, join_list, language_name, locale_of
from iopsgen.problems import Place, Problem, warning
from iopsgen.theme import Theme, ThemeFile, catalogues_for, digest_of
from iopsgen.views import When

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = (
    "STYLES",
    "Texts",
    "country_name",
    "direction_of",
    "first_weekday",
    "format_date",
    "format_days",
    "format_number",
    "format_time",
    "format_when",
    "join_list",
    "language_name",
    "load_texts",
    "zone_label",
)

Key = tuple[str, str]  # context ("" if there is none) and the English text

# A line of a catalogue; Babel itself takes what is wrong for what it might mean.
_PO_LINE = re.compile(r'\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\])\s*)?"(?:[^"\\]|\\.)*+"\s*)?')
_WIDE = re.compile(r"%(?:\([^)]*\))?[^a-zA-Z%]*\d{3}")
_PLURALS = re.compile(r"nplurals\s*=\s*([0-9]+)")
_MOST_PLURALS = 6  # Arabic
_OVERNIGHT = timedelta(hours=12)


# --- catalogues -----------------------------------------------------------------------------------------------------


class Texts(msgspec.Struct, frozen=True):
    """The texts of a theme in one language. What is not translated stays English."""

    language: str
    digest: str = ""
    single: dict[Key, str] = {}
    plural: dict[Key, tuple[tuple[str, ...], Callable[[int], int]]] = {}  # all forms, and which of them a number takes
    problems: tuple[Problem, ...] = ()

    def gettext(self, text: str) -> str:
        """The translation of an English text."""
        return self.single.get(("", text), text)

    def pgettext(self, context: str, text: str) -> str:
        """The translation of an English text that means different things in different contexts."""
        return self.single.get((context, text), text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form that a number takes; the number itself is not filled in."""
        return self.npgettext("", one, many, number)

    def npgettext(self, context: str, one: str, many: str, number: int) -> str:
        """The form that a number takes, in a context."""
        found = self.plural.get((context, one))
        if found is None:
            return one if number == 1 else many
        forms, choose = found
        try:
            index = choose(abs(int(number)))
        except ArithmeticError:  # a rule that divides by zero for this number
            index = len(forms) - 1
        return forms[min(max(index, 0), len(forms) - 1)]


def load_texts(theme: Theme, language: str) -> Texts:
    """The catalogues of a theme for a language, the nearest layer over its parents, `pt-BR` over `pt`.

    A translation that would not fit into its place (other names in `%(…)s`, a lone `%`) is left out with a problem.
    """
    files = catalogues_for(theme, language)
    single: dict[Key, str] = {}
    plural: dict[Key, tuple[tuple[str, ...], Callable[[int], int]]] = {}
    problems: list[Problem] = []
    for file in reversed(files):
        _add_catalogue(file, language, single, plural, problems)
    return Texts(language, digest_of([language, *(file.digest for file in files)]), single, plural, tuple(problems))


def _add_catalogue(
    file: ThemeFile,
    language: str,
    single: dict[Key, str],
    plural: dict[Key, tuple[tuple[str, ...], Callable[[int], int]]],
    problems: list[Problem],
) -> None:
    found = _read_catalogue(file, language, problems)
    if found is None:
        return
    catalogue, choose = found
    for message in catalogue:
        ids, texts = _forms(message.id), _forms(message.string)
        if not all(ids) or not all(texts) or message.fuzzy:
            continue
        if wrong := _misfit(ids, texts):
            hint = "Copy the words in %(…)s as they are; write %% for a percent sign."
            problems.append(warning(f'A translation of "{ids[0]}" does not fit: {wrong}.', Place(file.shown, message.lineno or 0), hint))
            continue
        key = (message.context or "", ids[0])
        single[key] = texts[0]
        if len(ids) > 1:
            plural[key] = (texts, choose)


def _read_catalogue(file: ThemeFile, language: str, problems: list[Problem]) -> "tuple[Catalog, Callable[[int], int]] | None":
    """The messages of a catalogue, and the function that chooses a plural form; None after a problem."""
    from gettext import c2py

    from babel.messages.pofile import PoFileError, read_po

    line, said, hint = 1, "", "Open and save it with a program such as Poedit."
    for number, text in enumerate(file.text.split("\n"), 1):
        if (forms := _PLURALS.search(text)) and int(forms[1][:4]) > _MOST_PLURALS:
            line, said, hint = number, f"no language has {forms[1][:20]} plural forms", "Write for example: nplurals=2; plural=(n != 1);"
            break
        if not _PO_LINE.fullmatch(text):
            line, said, hint = number, "a text stands in quotes, behind msgid or msgstr", 'Write for example: msgid "Events"'
            break
    else:
        try:
            catalogue = read_po(StringIO(file.text), locale=locale_of(language), abort_invalid=True)
            choose = c2py(str(catalogue.plural_expr))
            choose(1)
        except PoFileError as fault:
            line, said = fault.lineno + 1, str(fault)
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as fault:
            said = str(fault)
        else:
            return catalogue, choose
    problems.append(warning(f"This catalogue cannot be read: {said}.", Place(file.shown, line), hint))
    return None


def _forms(text: object) -> tuple[str, ...]:
    """The forms of a text that may or may not have a plural."""
    return tuple(str(form or "") for form in text) if isinstance(text, tuple | list) else (str(text or ""),)


def _misfit(ids: Iterable[str], texts: Iterable[str]) -> str:
    """Why translations cannot be filled in as their English text can."""
    names: dict[str, int] = dict.fromkeys(re.findall(r"%\((\w+)\)", " ".join(ids)), 0)
    names["num"] = 0
    for text in texts:
        if _WIDE.search(text):
            return "it asks for a very wide text"
        try:
            text % names
        except KeyError as fault:
            return f"it asks for %({fault.args[0]})s"
        except (ValueError, TypeError):
            return "it holds a lone %"
    return ""


# --- the time of an event -------------------------------------------------------------------------------------------


def format_when(when: When, texts: Texts, language: str, zone: bool = True) -> str:
    """The time of an event as a sentence: “Sunday 28 October 2012, 11:00–17:00 (GMT)”, “12–14 May 2026”.

    An event that ends in the night after it began keeps the short form; a longer one names both days. `zone` shows the time zone.
    """
    start, end = when.start, when.end
    if start is None:
        return texts.gettext("Date to be announced")
    if when.all_day or when.tba or not isinstance(start, datetime):
        days = format_days(_day_of(start), _day_of(end or start), language)
        return with_time(days, texts.gettext("time to be announced"), language) if when.tba else days
    label = f" ({zone_label(start, language)})" if zone and start.tzinfo else ""
    day = format_date(start, "full", language)
    if not isinstance(end, datetime) or end <= start:
        return with_time(day, format_time(start, language) + label, language)
    last = f" ({zone_label(end, language)})" if zone and end.tzinfo else ""
    night = end.replace(tzinfo=None) - start.replace(tzinfo=None) < _OVERNIGHT and end.hour < 7
    if label == last and (start.date() == end.date() or night):
        return with_time(day, format_times(start.time(), end.time(), language) + label, language)
    first = with_time(day, format_time(start, language) + (label if label != last else ""), language)
    return between(first, with_time(format_date(end, "full", language), format_time(end, language) + last, language), language)


def _day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
