"""An event as a volunteer would write it: keys and values in their order, and the file that holds them."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from iopsgen.scaffold import quoted


class Plain(str):
    """A value that needs no quotes: a date, a time, a number, a word of the front matter itself."""

    __slots__ = ()


Value: TypeAlias = str | tuple["Value", ...] | dict[str, "Value"]


class Draft(NamedTuple):
    """An event that was found in a calendar file: its front matter, its text in Markdown, and the line on which it begins there.

    `address` is that of the original on the web, `lines` say where in the file each key comes from.
    """

    uid: str
    title: str
    keys: dict[str, Value]
    body: str
    number: int
    lines: dict[str, int]
    address: str = ""


class Skip(NamedTuple):
    """An event that was left out, with its title, its line, and why: a clause that follows `since`."""

    uid: str
    title: str
    number: int
    why: str


def write_source(keys: dict[str, Value], body: str) -> str:
    """The Markdown file of an event: front matter that is read back as these keys, then the text."""
    front = "".join(write_key(name, value) for name, value in keys.items())
    return f"---\n{front}---\n{body}\n" if body else f"---\n{front}---\n"


def write_key(name: str, value: Value) -> str:
    """A key with its value, as whole lines; changes of single dates one on each line."""
    if name == "changes" and isinstance(value, dict):
        return "changes:\n" + "".join(f"  {day}: {write_value(change)}\n" for day, change in value.items())
    return f"{name}: {write_value(value)}\n"


def write_value(value: Value) -> str:
    """A value on one line."""
    if isinstance(value, Plain):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {write_value(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(write_value, value)) + "]"


def in_order(keys: dict[str, Value], order: Iterable[str]) -> dict[str, Value]:
    """The keys in an order; those that are not in it come last."""
    return {**{name: keys[name] for name in order if name in keys}, **keys}
