"""Filters and functions for templates: dates, names and numbers in the language of the page, stored texts, the theme's own files.

All are pure. None stands for something that is not known, and gives an empty text.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import msgspec
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from iopsgen.absolute import fill
from iopsgen.pictures.tags import dress
from iopsgen.plain import without_markup
from iopsgen.problems import did_you_mean
from iopsgen.sandbox import Meter, Refused, describe, format_text, shown
from iopsgen.texts import Texts, country_name, format_date, format_number, format_time, format_when, join_list, language_name
from iopsgen.theme import Theme
from iopsgen.views import Body, Frame, When

_PROLOGUE = re.compile(r"\A\ufeff?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*", re.DOTALL | re.IGNORECASE)
_FOR_SCRIPTS = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}


def body_html(body: Body, html_of: Callable[[str], str], sizes: str = "") -> str:
    """The HTML of a stored text with this page's addresses and pictures in their places; `sizes` says how wide a picture is shown."""
    return fill(dress(html_of(body.digest), body.pictures, sizes), body.urls) if body.digest else ""


def make_filters(texts: Texts, html_of: Callable[[str], str]) -> dict[str, Callable[..., Any]]:
    """The filters of one language. Those that depend on it ask for the context, so that Jinja never works them out beforehand."""
    language = texts.language

    @pass_context
    def date_filter(_: Context, value: Any, style: str = "long") -> str:
        """A day, or the day of a moment: `post.date|date("long")`. For the styles see iopsgen.dateforms.STYLES."""
        if value is None or value == "":
            return ""
        if isinstance(value, When):
            return date_filter(_, value.start, style)
        if not isinstance(value, date):
            raise Refused(
                f"{describe(value)} is not a date, and |date is for dates.", "Take it away, or name the field that holds the date."
            )
        try:
            return format_date(value, style, language)
        except ValueError as fault:
            raise Refused(str(fault)) from None

    @pass_context
    def time_filter(_: Context, value: Any) -> str:
        """The time of day of a moment; nothing for a day without a time."""
        if isinstance(value, When):
            value = None if value.tba else value.start
        if isinstance(value, datetime | time):
            return format_time(value, language)
        if value is None or value == "" or isinstance(value, date):
            return ""
        raise Refused(f"{describe(value)} has no time, and |time is for moments.", "Take it away, or name the field that holds the date.")

    @pass_context
    def when_filter(_: Context, value: Any, zone: bool = True) -> str:
        """The time of an event as a sentence."""
        if value is None:
            return ""
        return format_when(_when(value, "when"), texts, language, bool(zone))

    @pass_context
    def country_filter(_: Context, value: Any) -> str:
        """The name of a country from its code."""
        return country_name(str(shown(value)), language) if value else ""

    @pass_context
    def language_filter(_: Context, value: Any) -> str:
        """The name of a language from its code."""
        return language_name(str(shown(value)), language) if value else ""

    @pass_context
    def number_filter(_: Context, value: Any) -> str:
        """A number with the separators of the language."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(f"{describe(value)} is not a number, and |number is for numbers.", "Take it away.")
        return format_number(value, language)

    @pass_context
    def joined_filter(_: Context, value: Any) -> Markup:
        """Texts, or the titles of things, as one phrase: “A, B and C”."""
        items = (value,) if isinstance(value, str) else value or ()
        return Markup(join_list([escape(_title(item)) for item in items], language))

    def html_filter(value: Any, sizes: str = "") -> Markup:
        """A stored text as HTML. `sizes` says how wide its pictures are shown, as in the attribute of that name."""
        if value is None:
            return Markup("")
        if not isinstance(value, Body):
            raise Refused(
                f"{describe(value)} is not a Body, and |html is for those.",
                "Fields that hold HTML already take |safe; other texts need nothing.",
            )
        return Markup(body_html(value, html_of, str(shown(sizes))))

    def plain_filter(value: Any) -> str:
        """The words of a stored text or of a piece of HTML, without tags, on one line."""
        html = body_html(value, html_of) if isinstance(value, Body) else str(shown(value))
        return " ".join(without_markup(html).split())

    return {
        "date": date_filter,
        "time": time_filter,
        "when": when_filter,
        "country": country_filter,
        "language": language_filter,
        "number": number_filter,
        "joined": joined_filter,
        "html": html_filter,
        "plain": plain_filter,
        "iso": _iso,
        "iso_start": _iso_start,
        "iso_end": _iso_end,
        "tojson": _to_json,
    }


def _when(value: Any, name: str) -> When:
    if isinstance(value, When):
        return value
    raise Refused(f"{describe(value)} is not a When, and |{name} is for those.", "For a date alone write |date or |iso.")


def _title(item: Any) -> Any:
    """A text, or what a view is called."""
    if isinstance(item, msgspec.Struct):
        for field in ("title", "name"):
            if field in type(item).__struct_fields__:
                return getattr(item, field)
    return shown(item)


def _iso(value: Any) -> str:
    """A moment or a day for machines (ISO 8601): 2012-10-28T11:00:00+00:00, 2012-10-28."""
    if value is None or value == "":
        return ""
    if isinstance(value, When):
        return _iso_start(value)
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise Refused(f"{describe(value)} is not a date, and |iso is for dates.", "Take it away, or name the field that holds the date.")


def _iso_start(value: Any) -> str:
    """When an event begins: a moment, or a day if it lasts all day or its time is not known."""
    return _iso_of(_when(value, "iso_start"), value.start)


def _iso_end(value: Any) -> str:
    """When an event ends: a moment, or its last day."""
    return _iso_of(_when(value, "iso_end"), value.end)


def _iso_of(when: When, value: date | None) -> str:
    return _iso(value.date() if isinstance(value, datetime) and (when.all_day or when.tba) else value)


def _to_json(value: Any) -> Markup:
    """JSON that may stand in a script or in an attribute: `<`, `>`, `&`, `'` and line separators are escaped."""
    return Markup(msgspec.json.encode(value, enc_hook=_json_of_others).decode().translate(_FOR_SCRIPTS))


def _json_of_others(value: Any) -> str:
    if isinstance(value, str):  # HTML
        return str(value)
    raise Refused(f"{describe(value)} cannot be written as JSON.", "Write |list behind it, or name a field of it.")


# --- functions ------------------------------------------------------------------------------------------------------


def make_functions(theme: Theme, texts: Texts, site: Frame, meter: Meter) -> dict[str, Callable[..., Any]]:
    """What templates may call: translations, `asset(name)` and `icon(name)`."""
    icons: dict[tuple[str, str], Markup] = {}

    def asset(name: str) -> str:
        """The address of a file in the theme's static/ folder."""
        if name in site.assets:
            return site.assets[name]
        hint = did_you_mean(str(name), site.assets) or f"There are: {_few(sorted(site.assets))}."
        raise Refused(f'The theme has no file "{name}" in static/.', hint)

    def icon(name: str, label: str = "") -> Markup:
        """An icon of the theme as inline SVG: hidden from screen readers, or with `label` a picture that says what it shows."""
        label = str(shown(label))
        found = icons.get((name, label))
        if found is None:
            if name not in theme.icons:
                hint = did_you_mean(str(name), theme.icons) or f"There are: {_few(sorted(theme.icons))}."
                raise Refused(f'The theme has no icon "{name}" (icons/{name}.svg).', hint)
            found = icons[name, label] = _draw(theme.icons[name].text, label)
        return found

    return {**_make_gettext(texts, meter), "asset": asset, "icon": icon}


def _few(names: list[str]) -> str:
    return ", ".join(names[:30]) + (" …" if len(names) > 30 else "") if names else "none"


def _draw(svg: str, label: str) -> Markup:
    text = _PROLOGUE.sub("", svg, count=1).strip()
    if label:
        text = re.sub(r'\s(?:aria-hidden|role|aria-label)="[^"]*"', "", text, count=3)
        text = text.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
    return Markup(text)


def _make_gettext(texts: Texts, meter: Meter) -> dict[str, Callable[..., Any]]:
    """`_("…", name=value)` and its kin. Translations count as HTML, like the template; the values are escaped."""

    plain: dict[str, Markup] = {}

    def filled(text: str, values: dict[str, Any]) -> Markup:
        if "%" not in text:
            done = plain.get(text)
            if done is None:
                done = Markup(text)
                if len(plain) < 4096:
                    plain[text] = done
            return done
        try:
            return Markup(format_text(meter, Markup(text), values))
        except KeyError as fault:
            name = str(fault.args[0])
            raise Refused(f'The text "{text}" lacks a value for {name}.', f'Write for example: _("…", {name}=page.title)') from None
        except (ValueError, TypeError):
            raise Refused(f'The text "{text}" holds a lone %.', "Write %% for a percent sign, and %(name)s for a value.") from None

    def gettext(text: str, /, **values: Any) -> Markup:
        return filled(texts.gettext(str(text)), values)

    def pgettext(context: str, text: str, /, **values: Any) -> Markup:
        return filled(texts.pgettext(str(context), str(text)), values)

    def ngettext(one: str, many: str, number: int, /, **values: Any) -> Markup:
        words = texts.ngettext(str(one), str(many), _count(number))
        return filled(words, {"num": _figure(number, words, texts.language), **values})

    def npgettext(context: str, one: str, many: str, number: int, /, **values: Any) -> Markup:
        words = texts.npgettext(str(context), str(one), str(many), _count(number))
        return filled(words, {"num": _figure(number, words, texts.language), **values})

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "pgettext": pgettext, "npgettext": npgettext}


def _figure(number: int, words: str, language: str) -> int | str:
    """The number as it stands in a text: with separators, unless the text asks for bare digits."""
    return number if -1000 < number < 1000 or "%(num)d" in words else format_number(number, language)


def _count(number: Any) -> int:
    if isinstance(number, int):
        return number
    raise Refused(
        f"{describe(number)} is not a number of things.", "The third value of ngettext is a whole number, for example: page.posts|length"
    )
