"""The components of a calendar file as a tree; events and time zones as blocks of bytes, so that equal ones are read once."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from iopsgen.calendar_lint.findings import Found, fault
from iopsgen.contentlines import Line, unfolded

_DEEPEST = 20  # components inside each other
_BLOCK = re.compile(rb"^(BEGIN|END):(VEVENT|VTIMEZONE)[ \t]*\r?\n", re.MULTILINE | re.IGNORECASE)
_LONE_CR = re.compile(rb"\r(?!\n)")


class Part(NamedTuple):
    """A component: its name, the line it begins on, its properties, and the components inside it.

    The lines of what is inside count from the beginning of the outermost part that was read as a block of its own (`data`).
    """

    name: str
    number: int
    lines: list[Line]
    parts: "list[Part]"
    data: bytes = b""

    def first(self, name: str) -> Line | None:
        """Its first property of that name."""
        return next((line for line in self.lines if line.name == name), None)

    def all(self, name: str) -> list[Line]:
        """Its properties of that name."""
        return [line for line in self.lines if line.name == name]


class Tree:
    """Reads a file into components. `findings` says what is wrong with their beginnings and ends, and which lines are none."""

    def __init__(self, data: bytes, number: int = 1, blocks: bool = True) -> None:
        """`number` is that of the first line; without `blocks` every line is read."""
        self.roots: list[Part] = []
        self.findings: list[Found] = []
        self._open: list[Part] = []
        self._too_deep = 0
        at = 0
        for start, end in _blocks(data) if blocks else ():
            number = self._add_lines(data[at:start], number)
            self._add_block(data[start:end], number)
            number += data.count(b"\n", start, end)
            at = end
        self._add_lines(data[at:], number)
        self.findings += [fault(part.number, f"{part.name} has no end.", f"Write END:{part.name} where it ends.") for part in self._open]

    def _add_block(self, data: bytes, number: int) -> None:
        """An event or a time zone that is well-formed outside; its lines are read by whoever needs them."""
        part = Part(data[6 : data.index(b"\n")].decode("ascii").strip().upper(), number, [], [], data)
        if self._open:
            self._open[-1].parts.append(part)
        else:
            self.roots.append(part)

    def _add_lines(self, data: bytes, number: int) -> int:
        """Lines outside of blocks; gives the number of the line after them."""
        for line in unfolded(data) if data else ():
                self._add(Line(line.name, line.value, line.parameters, line.number + number - 1, line.malformed))
        return number + data.count(b"\n")

    def _add(self, line: Line) -> None:
        if line.malformed:
            hint = "Write NAME:value, and start the further lines of a value with a space."
            self.findings.append(fault(line.number, f"This line {line.malformed}.", hint))
        elif line.name == "BEGIN":
            self._begin(line)
        elif line.name == "END":
            self._end(line)
        elif self._open:
            self._open[-1].lines.append(line)
        else:
            hint = "Put it between BEGIN:VCALENDAR and END:VCALENDAR."
            self.findings.append(fault(line.number, f"{line.name} stands outside a calendar.", hint))

    def _begin(self, line: Line) -> None:
        if len(self._open) >= _DEEPEST:
            self._too_deep += 1
            self.findings.append(fault(line.number, f"Components stand more than {_DEEPEST} deep inside each other.", "End each before the next."))
            return
        part = Part(_name(line.value), line.number, [], [])
        (self._open[-1].parts if self._open else self.roots).append(part)
        self._open.append(part)

    def _end(self, line: Line) -> None:
        name = _name(line.value)
        if self._too_deep:
            self._too_deep -= 1
        elif name not in [part.name for part in self._open]:
            self.findings.append(fault(line.number, f"END:{name} ends nothing.", f"Write BEGIN:{name} where it begins, or leave this line out."))
        else:
            while (part := self._open.pop()).name != name:
                self.findings.append(fault(part.number, f"{part.name} has no end before END:{name}.", f"Write END:{part.name} where it ends."))


def read_block(data: bytes) -> tuple[Part, list[Found]]:
    """An event or a time zone with its lines and inner components, lines counted from 0 at its beginning, and what is wrong with its form."""
    tree = Tree(data, 0, blocks=False)
    return tree.roots[0], tree.findings


def moved(part: Part, lines: int) -> Part:
    """The same part, its lines counted from a place so many lines further up."""
    own = [Line(line.name, line.value, line.parameters, line.number - lines, line.malformed) for line in part.lines]
    return Part(part.name, part.number - lines, own, [moved(inner, lines) for inner in part.parts], part.data)


def _name(value: str) -> str:
    """The name of a component as messages show it."""
    name = value.upper().strip()
    return name if len(name) <= 40 else name[:40] + "…"


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Where events and time zones begin and end, of those whose next beginning or end is their own."""
    if _LONE_CR.search(data):
        return  # lines are then counted in another way
    begun: re.Match[bytes] | None = None
    for found in _BLOCK.finditer(data):
        if found[1].upper() == b"BEGIN":
            begun = found
        elif begun is not None and begun[2].upper() == found[2].upper():
            yield begun.start(), found.end()
            begun = None
        else:
            begun = None
