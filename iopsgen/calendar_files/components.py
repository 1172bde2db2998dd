"""What a calendar file holds, component by component, also where the file is damaged."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from iopsgen.calendar_files import MAX_BYTES
from iopsgen.contentlines import Line, unescaped, unfolded
from iopsgen.problems import Place, Problem, error, warning

MAX_EVENTS = 10_000  # VEVENT components of a file
_MOST_LINES = 600_000
_DEEPEST = 12
_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_TEXTS = frozenset(["DESCRIPTION", "SUMMARY", "LOCATION", "COMMENT", "X-ALT-DESC"])
_UNKNOWN = re.compile(r"[A-Za-z0-9_.-]+[;:]")  # a property whose name no standard allows
_CARET = re.compile(r"\^([n^'])")
_ELSE = (  # what people save by mistake instead of a calendar: its first bytes, what it is, what to do
    (b"PK\x03\x04", "a ZIP archive", "Unpack it; the calendars are the files in it that end in .ics."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"<?xml", "an XML file", "Ask the other program for an iCalendar file, which begins with BEGIN:VCALENDAR."),
    (b"{", "a JSON file", "Ask the other program for an iCalendar file, which begins with BEGIN:VCALENDAR."),
)


class Component(NamedTuple):
    """A component: its name, the line on which it begins, its properties, and the components inside it."""

    name: str
    number: int
    lines: list[Line]
    parts: "list[Component]"

    def first(self, name: str) -> Line | None:
        """Its first property of that name that holds something."""
        return next((line for line in self.lines if line.name == name and line.value.strip()), None)

    def all(self, name: str) -> list[Line]:
        """Its properties of that name."""
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        """The raw value of its first property of that name, without spaces around it; empty if there is none."""
        line = self.first(name)
        return line.value.strip() if line else ""

    def text(self, name: str) -> str:
        """The text of its first property of that name."""
        line = self.first(name)
        return unescaped(line.value) if line else ""


def parameter_of(line: Line, name: str) -> str:
    """A parameter of a property without quotes and escapes (RFC 6868); empty if it has none."""
    return _CARET.sub(lambda m: {"n": "\n", "^": "^", "'": '"'}[m[1]], line.parameters.get(name, "").strip('"').strip())


def read_calendars(data: bytes, file: str) -> tuple[list[Component], list[Problem]]:
    """The VCALENDARs of a file. A damaged file gives what is whole in it; one that is none gives nothing, and an error that says so.

    Problems stand at lines of `file`. Bounded: MAX_BYTES and MAX_EVENTS, and nothing is deeper than a few levels.
    """
    if problem := _refusal(data, file):
        return [], [problem]
    data, problems = _in_utf8(data, file)
    roots, found = _arrange(_mended(unfolded(data), file, problems), file)
    problems += found
    calendars = [root for root in roots if root.name == "VCALENDAR"]
    if not calendars:
        hint = "A calendar file begins with BEGIN:VCALENDAR. Ask the other program for its iCalendar (.ics) file or address."
        return [], [*problems, error("This is not a calendar.", Place(file, 1), hint)]
    return calendars, problems


def events_of(calendar: Component) -> list[Component]:
    """The events of a calendar in the order of the file, also those inside another one whose end is missing."""
    return [part for part in _walk(calendar) if part.name == "VEVENT"]


def _walk(part: Component) -> Iterable[Component]:
    for inner in part.parts:
        yield inner
        yield from _walk(inner)


def _refusal(data: bytes, file: str) -> Problem | None:
    """Why a file cannot be a calendar that is read here."""
    place = Place(file, 1)
    if len(data) > MAX_BYTES:
        hint = f"Ask for a part of it, such as the coming year. {MAX_BYTES // 2**20} MiB are read at most."
        return error(f"This calendar is {len(data) // 2**20} MiB long.", Place(file), hint)
    if max(data.count(b"\n"), data.count(b"\r")) > _MOST_LINES:
        return error(f"This calendar has more than {_MOST_LINES:,} lines.", Place(file), "Ask for a part of it, such as the coming year.")
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return error("This file is empty.", place, "Ask the other program for the calendar again.")
    if start[:1] == b"<" and (b"<html" in start.lower() or b"<!doctype" in start.lower()):
        hint = "Often it asks for a password, or says that the calendar is gone. Look for the iCalendar (.ics) address of the calendar."
        return error("This is a web page and not a calendar.", place, hint)
    for sign, name, hint in _ELSE:
        if start.startswith(sign):
            return error(f"This is {name} and not a calendar.", place, hint)
    return None


def _in_utf8(data: bytes, file: str) -> tuple[bytes, list[Problem]]:
    """The bytes of a file in UTF-8, whatever they were in; lines may be folded inside a character."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode("utf-8", "replace"), []
    try:
        (data if data.isascii() else _FOLD.sub(b"", data)).decode()
    except UnicodeDecodeError:
        message = "This file is not in UTF-8; it was read as Western European text (Windows-1252)."
        return data.decode("cp1252", "replace").encode(), [warning(message, Place(file), "Check its accents and special characters.")]
    return data, []


def _mended(lines: Iterable[Line], file: str, problems: list[Problem]) -> Iterable[Line]:
    """The lines that are properties. One that is none goes on with the text above it: some programs write line ends as they are."""
    held: Line | None = None
    more: list[str] = []
    for line in lines:
        if line.malformed:
            if held is not None and held.name in _TEXTS and not _UNKNOWN.match(line.value):
                if not more:
                    message = f"A line end stands inside {held.name}, where none may be; the text was put together again."
                    problems.append(warning(message, Place(file, line.number), "The program that wrote the file has a fault: check the text."))
                more.append(line.value)
            continue
        if held is not None:
            yield _joined(held, more)
        held, more = line, []
    if held is not None:
        yield _joined(held, more)


def _joined(line: Line, more: list[str]) -> Line:
    return Line(line.name, "\\n".join((line.value, *more)), line.parameters, line.number) if more else line


def _arrange(lines: Iterable[Line], file: str) -> tuple[list[Component], list[Problem]]:
    """The components as a tree. What has no end ends where the next thing says so."""
    roots: list[Component] = []
    open_parts: list[Component] = []
    problems: list[Problem] = []
    events = 0
    for line in lines:
        if line.name == "BEGIN":
            part = Component(line.value.strip().upper(), line.number, [], [])
            events += part.name == "VEVENT"
            if events > MAX_EVENTS:
                message = f"The calendar holds more than {MAX_EVENTS:,} events; those from here on were not read."
                problems.append(warning(message, Place(file, line.number), "Ask for a part of it, such as the coming year."))
                return roots, problems
            if part.name == "VCALENDAR":
                open_parts.clear()
            while len(open_parts) > 1 and (part.name == open_parts[-1].name or len(open_parts) >= _DEEPEST):
                open_parts.pop()
            (open_parts[-1].parts if open_parts else roots).append(part)
            open_parts.append(part)
        elif line.name == "END":
            name = line.value.strip().upper()
            if name in [part.name for part in open_parts]:
                while open_parts.pop().name != name:
                    pass
        elif open_parts:
            open_parts[-1].lines.append(line)
    if open_parts:
        message = "The file stops before the calendar ends, so a part of it is missing."
        problems.append(warning(message, Place(file, open_parts[-1].number), "Fetch or save it again; what stands in it as a whole was read."))
    for outer, part in pairwise(open_parts):
        if part.name == "VEVENT":
            outer.parts.pop()
    return roots, problems
