"""How much a template may do: a meter for the work of one page, and filters that ask it first.

What would print the inner workings of a value (and with them addresses of memory) is refused here, too: only texts and numbers
can be shown.
"""

import re
from collections.abc import Callable
from datetime import date, time
from functools import partial, wraps
from typing import Any

import msgspec
from jinja2 import Undefined, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Macro
from markupsafe import Markup, escape

STEPS = 5_000_000
TEXT = 128_000_000
MAX_RANGE = 10_000
MAX_POWER_BITS = 4096


def names(words: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(words.split())


_KEPT_FILTERS = names(
    "abs batch capitalize count d default dictsort e escape filesizeformat first float forceescape groupby int items last length list "
    "lower map max min reject rejectattr reverse safe select selectattr slice sort striptags sum title trim truncate unique upper "
    "urlencode wordcount xmlattr"
)

# Those that would turn whatever they get into a text, its inner workings and all.
_TEXT_FILTERS = names("capitalize e escape forceescape lower safe striptags title trim truncate upper urlencode wordcount xmlattr")

_WIDE = re.compile(r"%(?:\([^)]*\))?[-+ #0-9.]*(?:\d{4}|\*)|%(?:\([^)]*\))?[-+ #]*\*")


class Refused(Exception):
    """A template asked for something that there is not, or may not be: `message` and `hint` are words for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class UnknownName(UndefinedError):
    """A template used a name, a field or a key that does not exist: `obj` (jinja2.utils.missing for a bare name) has no `name`."""

    def __init__(self, obj: object, name: object, message: str) -> None:
        super().__init__(message)
        self.obj, self.name = obj, name


class Meter:
    """Counts the work of one page."""

    __slots__ = ("steps", "text")

    def __init__(self) -> None:
        self.steps = self.text = 0

    def reset(self) -> None:
        """Starts a new page."""
        self.steps = self.text = 0

    def work(self, steps: int) -> None:
        """Counts passes through loops and calls."""
        self.steps += steps
        if self.steps > STEPS:
            raise Refused(f"The template does more than {STEPS:,} steps for one page.", "Look for a loop within a loop over many things.")

    def grow(self, characters: int) -> None:
        """Counts text before it is put together."""
        self.text += characters
        if self.text > TEXT:
            raise Refused(
                f"The template puts together more than {TEXT // 1_000_000} million characters for one page.",
                "Look for a text that is repeated.",
            )

    def look(self, value: object) -> None:
        """Counts what a filter will have to go through."""
        if isinstance(value, list | tuple | dict):
            self.work(len(value))
        elif isinstance(value, str):
            self.work(len(value) >> 6)


# --- texts ----------------------------------------------------------------------------------------------------------


def shown(value: Any) -> Any:
    """A value fit for the page: nothing for None; anything but texts and numbers is refused, with a hint how to show it."""
    kind = type(value)
    if kind is str or kind is Markup or kind is int or kind is float or kind is bool:
        return value
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return str(value)  # raises
    raise Refused(f"{describe(value)} cannot be shown as a text.", _how_to_show(value))


def describe(value: object) -> str:
    """What a value is called in a message: a text, a list, a PostView."""
    if value is None:
        return "Nothing"
    for kinds, name in (
        ((str,), "A text"),
        ((bool, int, float), "A number"),
        ((list, tuple), "A list"),
        ((dict,), "A table"),
        ((date, time), "A date"),
    ):
        if isinstance(value, kinds):
            return name
    if isinstance(value, msgspec.Struct):
        name = type(value).__name__
        return f"{'An' if name[0] in 'AEIOU' else 'A'} {name}"
    return "A macro" if isinstance(value, Macro) else "This"


def _how_to_show(value: object) -> str:
    if isinstance(value, date | time):
        return 'Write |date("long"), |time or |iso behind it.'
    if isinstance(value, list | tuple):
        return "Write |joined behind it, or go through it with {% for … in … %}."
    if isinstance(value, msgspec.Struct):
        fields = type(value).__struct_fields__
        if {"digest", "urls"} <= set(fields):
            return "Write |html behind it."
        return "Write |when behind it." if "all_day" in fields else f"Name one of its fields: {', '.join(fields)}."
    return "Write () behind it." if isinstance(value, Macro) else "Show a field or an entry of it, or write |join or |list behind a filter."


# --- filters --------------------------------------------------------------------------------------------------------


def make_filters(meter: Meter) -> dict[str, Callable[..., Any]]:
    """Jinja's filters without chance (`random`), reprs (`pprint`) and ways around the list (`attr`), each counted."""
    filters = {name: _counted(FILTERS[name], meter, name in _TEXT_FILTERS) for name in sorted(_KEPT_FILTERS)}
    filters |= {
        "(each)": partial(each, meter),
        "(concat)": partial(_concat, meter),
        "(words)": _words,
        "batch": _with_count(filters["batch"]),
        "slice": _with_count(filters["slice"]),
        "join": partial(bounded_join, meter),
        "replace": partial(bounded_replace, meter),
        "indent": partial(_indent, meter),
        "format": partial(_format, meter),
        "round": _round,
        "string": shown,
    }
    return filters


def _counted(function: Callable[..., Any], meter: Meter, text: bool = False) -> Callable[..., Any]:
    first = 1 if hasattr(function, "jinja_pass_arg") else 0  # what stands before the value: the context, or a part of it

    @wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        meter.look(args[first])
        return function(*args, **kwargs)

    @wraps(function)
    def counted_text(*args: Any, **kwargs: Any) -> Any:
        meter.look(args[first])
        return function(*args[:first], _printable(args[first]), *args[first + 1 :], **kwargs)

    return counted_text if text else counted


def _printable(value: Any) -> Any:
    """The value, or its parts, after a look whether it may be written out."""
    if isinstance(value, dict):
        return {key: part if part is None else shown(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_printable(part) for part in value) if type(value) in (list, tuple) else shown(value)
    return shown(value)


def _with_count(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            if isinstance(value, int):
                _at_most(value, MAX_RANGE)
        return function(*args, **kwargs)

    return bounded


def _at_most(number: Any, most: int) -> int:
    if not isinstance(number, int) or number > most:
        raise Refused(f"A whole number of at most {most:,} is expected here.", "Use a smaller number.")
    return number


def bounded_range(*args: Any) -> range:
    if not all(isinstance(arg, int) for arg in args):
        raise Refused("range() takes whole numbers.", "Write for example: range(3) or range(1, 4)")
    numbers = range(*args)
    try:
        _at_most(len(numbers), MAX_RANGE)
    except OverflowError:
        _at_most(MAX_RANGE + 1, MAX_RANGE)
    return numbers


def each(meter: Meter, items: Any) -> Any:
    """What a loop goes through, counted beforehand."""
    try:
        count = len(items)
    except TypeError:
        if items is None:
            raise Refused("There is nothing here to go through.", "Put {% if … %} around the loop.") from None
        items = list(items)
        count = len(items)
    meter.work(count)
    return items


def _concat(meter: Meter, values: list[Any]) -> str:
    """`a ~ b`: the texts side by side, escaped where one of them is HTML already."""
    return bounded_join(meter, values)


def bounded_join(meter: Meter, value: Any, sep: Any = "", attribute: Any = None, *, d: Any = None) -> str:
    """The texts of a list with `sep` between them; the others are escaped where one is HTML."""
    separator = shown(sep if d is None else d)
    items = list(each(meter, value))
    if attribute is not None:
        items = [_entry(item, attribute) for item in items]
    texts = [item if isinstance(item, str) else str(shown(item)) for item in items]
    separator = separator if isinstance(separator, str) else str(separator)
    meter.grow(sum(map(len, texts)) + len(separator) * len(texts))
    if isinstance(separator, Markup) or any(isinstance(text, Markup) for text in texts):
        return Markup(escape(separator)).join(texts)
    return separator.join(texts)


def _entry(item: Any, attribute: Any) -> Any:
    if isinstance(item, msgspec.Struct) and attribute in type(item).__struct_fields__:
        return getattr(item, attribute)
    if isinstance(item, dict) and attribute in item:
        return item[attribute]
    raise UnknownName(item, attribute, f"no {attribute}")


def bounded_replace(meter: Meter, value: Any, old: Any, new: Any, count: int = -1) -> str:
    """The text with one part replaced by another, which is escaped where the text is HTML."""
    text, old, new = (part if isinstance(part, str) else str(shown(part)) for part in (value, old, new))
    if isinstance(new, Markup) and not isinstance(text, Markup):
        text = escape(text)
    elif isinstance(text, Markup):
        new = escape(new)
    found = text.count(old)
    meter.grow(len(text) + found * len(new))
    meter.work(len(text) >> 6)
    return text.replace(old, new, -1 if count is None else count)


def _indent(meter: Meter, value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """The text with every line but the first moved to the right."""
    space = width if isinstance(width, str) else " " * _at_most(width, 100)
    text = value if isinstance(value, str) else str(shown(value))
    meter.grow(len(text) + len(space) * (text.count("\n") + 1))
    lines = text.splitlines() or [""]
    moved = [space + line if (line or blank) and (number or first) else line for number, line in enumerate(lines)]
    return (Markup("\n") if isinstance(text, Markup) else "\n").join(moved)


def check_format(text: str) -> None:
    """Refuses a text with %-places whose width would make it enormous."""
    if _WIDE.search(text):
        raise Refused("A place in % asks for a very wide text.", "Leave the width out.")


def _format(meter: Meter, value: Any, *args: Any, **kwargs: Any) -> str:
    """`"%s and %s"|format(a, b)`."""
    return format_text(meter, value if isinstance(value, str) else str(shown(value)), kwargs or args)


def format_text(meter: Meter, text: str, values: Any) -> str:
    """`text % values`, with nothing written out that may not be shown, and no place wider than three digits."""
    check_format(text)
    parts = _printable(values)
    sizes = parts.values() if isinstance(parts, dict) else parts if isinstance(parts, tuple) else (parts,)
    meter.grow(len(text) + text.count("%") * max((len(part) for part in sizes if isinstance(part, str)), default=0))
    filled: str = text % parts
    return filled


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    result: float = FILTERS["round"](value, _at_most(abs(precision), 20) and precision, method)
    return result


def _words(value: Any) -> str:
    """A text that is translated but is not part of the template: escaped, since translations count as HTML."""
    return str(escape(value if isinstance(value, str) else str(shown(value)))).replace("%", "%%")


# --- arithmetic -----------------------------------------------------------------------------------------------------


def check_operation(meter: Meter, operator: str, left: Any, right: Any) -> None:
    """Refuses an operation whose result would be enormous, and counts what it puts together."""
    if operator == "**":
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise Refused(f"{describe(left)} cannot be raised to a power.")
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 0) > MAX_POWER_BITS:
            raise Refused("The result of ** is too large.", "Use smaller numbers.")
    elif operator == "*":
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MAX_POWER_BITS:
            raise Refused("The result of * is too large.", "Use smaller numbers.")
        for times, value in ((left, right), (right, left)):
            if isinstance(value, str | list | tuple) and isinstance(times, int):
                meter.grow(len(value) * max(times, 0))
    elif isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        meter.grow(len(left) + len(right))
