"""What is wrong with a site, as values: where, what, and what to write instead."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "hint"]

_RANK: dict[str, int] = {"error": 0, "warning": 1, "hint": 2}


class Place(msgspec.Struct, frozen=True):
    """A position in a file of the site: `file` relative to the site's folder, `line` and `column` from 1 (0: unknown)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:column`, without the parts that are not known."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


class Problem(msgspec.Struct, frozen=True):
    """One finding: `message` says what happened in one sentence, `hint` what to write or do instead."""

    message: str
    place: Place | None = None
    hint: str = ""
    severity: Severity = "error"


def error(message: str, place: Place | None = None, hint: str = "") -> Problem:
    """A problem that stops the build."""
    return Problem(message, place, hint, "error")


def warning(message: str, place: Place | None = None, hint: str = "") -> Problem:
    """A problem that is published all the same."""
    return Problem(message, place, hint, "warning")


def note(message: str, place: Place | None = None, hint: str = "") -> Problem:
    """Something worth knowing (severity `hint`)."""
    return Problem(message, place, hint, "hint")


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether one of the problems is an error."""
    return any(p.severity == "error" for p in problems)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once: errors first, then by file, line and column, then by text."""

    def key(p: Problem) -> tuple[int, str, int, int, str]:
        place = p.place or Place("")
        return (_RANK[p.severity], place.file, place.line, place.column, p.message)

    return tuple(sorted(dict.fromkeys(problems), key=key))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean "x"?` for the nearest known word, else an empty text."""
    names = sorted(known)
    near = get_close_matches(word.casefold(), [n.casefold() for n in names], n=1, cutoff=0.6)
    for name in names:
        if near and name.casefold() == near[0]:
            return f'Did you mean "{name}"?'
    return ""
