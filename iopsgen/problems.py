"""What is wrong with a site, as values: where, what, and what to write instead."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from itertools import chain, islice
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "hint"]

_FEW = 200  # names that are all compared
_LOOKED_AT = 2000  # names that share letters with a word, the rarest letters first
_LONGEST = 200  # letters of a word that are compared
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


class Names:
    """Known words, to find the one that a slip of the pen meant; made once where many words are looked for among many."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known
        self._index: dict[str, list[int]] = {}  # three letters → the names that hold them
        self._found: dict[str, str] = {}

    @cached_property
    def _names(self) -> list[str]:
        return sorted(set(self._known))

    @cached_property
    def _folded(self) -> list[str]:
        return [name.casefold() for name in self._names]

    def near(self, word: str) -> str:
        """`Did you mean "x"?` for the nearest known word, else an empty text."""
        word = word.casefold()[:_LONGEST]
        if word not in self._found:
            near = get_close_matches(word, self._candidates(word), n=1, cutoff=0.6)
            self._found[word] = f'Did you mean "{self._names[self._folded.index(near[0])]}"?' if near else ""
        return self._found[word]

    def _candidates(self, word: str) -> list[str]:
        """All names where they are few; of many, those that share the most of the word's rarest groups of three letters."""
        if len(self._folded) <= _FEW:
            return self._folded
        if not self._index:
            for number, name in enumerate(self._folded):
                for letters in _threes(name[:_LONGEST]):
                    self._index.setdefault(letters, []).append(number)
        rarest = sorted((self._index[letters] for letters in sorted(_threes(word)) if letters in self._index), key=len)
        counts = Counter(islice(chain.from_iterable(rarest), _LOOKED_AT))
        return [self._folded[number] for number, _ in counts.most_common(40)]


def _threes(word: str) -> set[str]:
    return {word[at : at + 3] for at in range(max(1, len(word) - 2))}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean "x"?` for the nearest known word, else an empty text."""
    return Names(known).near(word)
