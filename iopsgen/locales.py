"""What the Unicode CLDR, through Babel, knows of a language: names of countries and languages, numbers, lists, the week.

Plain `en` stands for the English of an international organisation, written as in Britain: 28 October 2012, 18:30. A site for
readers in the United States says `en-US`. A language that nobody knows here is treated as English. Nothing here looks at the
machine's own locale. Babel is loaded with the first call that needs it: it costs 30 ms, and 4 ms for each further language.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from babel.core import Locale

_RIGHT_TO_LEFT = frozenset(("ar", "arc", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "iw", "khw", "ks", "lrc", "mzn", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"))
_RIGHT_TO_LEFT_SCRIPTS = frozenset(("adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa"))


@cache
def _isolated() -> "type[Locale]":
    """Babel's Locale over data of its own.

    In Babel 2.18 locales share parts of one tree and write what an alias stands for back into it, so that after one Japanese date
    a Czech October is called 10月. Here each locale has a copy of the tree, and the shared one stays as it was read.
    """
    from babel.core import Locale
    from babel.localedata import LocaleDataDict, load

    class OwnLocale(Locale):
        """A locale that shares nothing."""

        @property
        def _data(self) -> LocaleDataDict:
            found: LocaleDataDict | None = self.__dict__.get("own_data")
            if found is None:
                found = self.__dict__["own_data"] = LocaleDataDict(_copy(load(str(self))))
            return found

    return OwnLocale


def _copy(value: dict[Any, Any]) -> dict[Any, Any]:
    copied: dict[Any, Any] = {}
    for key, part in value.items():
        if isinstance(part, dict):
            copied[key] = _copy(part)
        elif isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], dict):  # an alias, and what differs from it
            copied[key] = (part[0], _copy(part[1]))
        else:
            copied[key] = part
    return copied


@lru_cache(maxsize=256)
def locale_of(language: str) -> "Locale":
    """The locale of a language tag (BCP 47), or of as much of the tag as is known; the same object for the same tag.

    Whatever asks Babel for anything must hand it this object, never a text, see above.
    """
    from babel.core import UnknownLocaleError

    locale_class = _isolated()
    parts = re.findall("[A-Za-z0-9]+", language)
    for length in range(len(parts), 0, -1):
        tag = "_".join(parts[:length])
        try:
            return locale_class.parse("en_GB" if tag.lower() == "en" else tag)
        except (UnknownLocaleError, ValueError):
            continue
    return locale_class("en", "GB")


def direction_of(language: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written; a script in the tag (`ku-Arab`, `ar-Latn`) decides where there is one."""
    first, *rest = language.lower().replace("_", "-").split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    return "rtl" if (script in _RIGHT_TO_LEFT_SCRIPTS if script else first in _RIGHT_TO_LEFT) else "ltr"


@lru_cache(maxsize=256)
def first_weekday(language: str) -> int:
    """The day on which a week starts, 0 is Monday and 6 is Sunday; without a region in the tag, that of most who speak the language."""
    from babel.core import UnknownLocaleError, get_global

    locale = locale_of(language)
    if not locale.territory:
        likely = str(get_global("likely_subtags").get(str(locale), ""))  # such as ar_Arab_EG
        try:
            locale = type(locale)(locale.language, likely.split("_")[-1]) if likely else locale
        except (UnknownLocaleError, ValueError):  # for instance zh_TW, which needs its script
            with suppress(UnknownLocaleError, ValueError):  # for instance no, whose full form has no data of its own
                locale = type(locale).parse(likely)
    return int(locale.first_week_day)


@lru_cache(maxsize=4096)
def country_name(code: str, language: str) -> str:
    """The name of a country (ISO 3166-1 code) in a language; an unknown code as it is."""
    return str(locale_of(language).territories.get(code.upper(), code))


@lru_cache(maxsize=4096)
def language_name(code: str, in_language: str) -> str:
    """The name of a language in another one, or in itself; an unknown code as it is."""
    names = locale_of(in_language).languages
    parts = code.replace("-", "_").split("_")
    tag = "_".join([parts[0].lower(), *(p.title() if len(p) == 4 else p.upper() for p in parts[1:])])
    if tag in names:
        return str(names[tag])
    if parts[0].lower() not in names:
        return code
    if len(parts) == 1:
        return str(names[parts[0].lower()])
    return str(locale_of(code).get_display_name(locale_of(in_language)) or code)


@lru_cache(maxsize=20_000)
def format_number(number: float, language: str) -> str:
    """A number with the locale's separators: 1,234.5."""
    from babel.numbers import format_decimal

    return format_decimal(number, locale=locale_of(language))


def join_list(texts: Iterable[str], language: str) -> str:
    """Texts as one phrase: “A, B and C”."""
    from babel.lists import format_list

    return format_list(list(texts), locale=locale_of(language))
