"""Reads the documentation for the tests that compare it with the program: tables, examples, links, pieces of code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = [p for p in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))]

_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")


class Block(NamedTuple):
    """A fenced example: its language, what stands behind that (a file name, or what its lines are), its text."""

    language: str
    label: str
    text: str


class Row(NamedTuple):
    """A row of a table: the headings above it, and its cells."""

    headings: tuple[str, ...]
    cells: tuple[str, ...]

    def spans(self, cell: int) -> list[str]:
        """The pieces of code in a cell."""
        return [span.replace("\\|", "|") for span in _SPAN.findall(self.cells[cell])]


def read(name: str) -> str:
    """The text of a document, by its path from the root of the repository."""
    return (ROOT / name).read_text("utf-8")


def blocks(name: str) -> list[Block]:
    """The fenced examples of a document, in order."""
    return [Block(m[1], m[2] or "", m[3]) for m in _BLOCK.finditer(read(name))]


def lines_labelled(name: str, label: str) -> list[str]:
    """The lines of the examples with a label."""
    return [line for block in blocks(name) if block.label == label for line in block.text.splitlines() if line.strip()]


def prose(name: str) -> str:
    """A document without its fenced examples."""
    return _BLOCK.sub("", read(name))


def rows(name: str, heading: str = "") -> list[Row]:
    """The rows of all tables of a document without their heads, or of those below one heading."""
    return [row for row in _rows(prose(name)) if not heading or heading in row.headings]


def _rows(text: str) -> Iterator[Row]:
    headings: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if match := re.match(r"(#+) (.+)", line):
            del headings[len(match[1]) - 1 :]
            headings.append(match[2])
        elif line.startswith("|") and not line.startswith("|--") and not lines[number + 1].startswith("|--"):
            yield Row(tuple(headings), tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]))


def spans(text: str) -> list[str]:
    """All pieces of code within a text."""
    return _SPAN.findall(text)


def anchors(text: str) -> set[str]:
    """The addresses of the headings of a document, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
