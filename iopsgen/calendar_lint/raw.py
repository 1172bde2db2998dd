"""Checks the bytes of a calendar file before one looks at what they say: newlines, folding, characters (RFC 5545, 3.1)."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from iopsgen.calendar_lint.findings import Found, fault, mild, remark

LARGEST = 16 << 20  # bytes that are looked at
LIMIT = 75  # octets of a line, its end not counted
_CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNUSUAL = re.compile(b"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")  # allowed, but some programs end a line there
_BEGIN = re.compile(rb"BEGIN:VCALENDAR", re.IGNORECASE)
_END = re.compile(rb"\r\n|\r|\n")
_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_SPLIT_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:\r\n|\r|\n)[ \t][\\;,nN]")
_FOREIGN = (  # how files begin that are something else
    (b"\xff\xfe", "The file is UTF-16.", "Save it as UTF-8."),
    (b"\xfe\xff", "The file is UTF-16.", "Save it as UTF-8."),
    (b"PK\x03\x04", "This is a ZIP archive.", "Unpack it: the calendars inside end with .ics."),
    (b"\x1f\x8b", "This file is compressed.", "Unpack it first; let the web server compress, if anything."),
    (b"<", "This is a web page, no calendar.", "Check the address: where a calendar is private, a page to log in may come instead."),
    (b"{", "This is JSON, no calendar.", "Calendars start with BEGIN:VCALENDAR."),
    (b"BEGIN:VCARD", "These are contacts, no calendar.", "Calendars start with BEGIN:VCALENDAR."),
)


def what_else(data: bytes) -> Found | None:
    """Why a file need not be read as a calendar at all: it is empty, too large, or something else."""
    if not data.strip():
        return fault(1, "The file is empty.", "A calendar starts with BEGIN:VCALENDAR and holds at least one component.")
    if len(data) > LARGEST:
        return fault(1, f"The file is larger than {LARGEST >> 20} MB, which hardly any program reads.", "Make several calendars of it.")
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for sign, message, hint in _FOREIGN:
        if start[: len(sign)].upper() == sign:
            return fault(1, message, hint)
    if not _BEGIN.search(data):
        return fault(1, "This is no calendar: it has no BEGIN:VCALENDAR.", "Start the file with BEGIN:VCALENDAR.")
    return None


def check_bytes(data: bytes) -> Iterator[Found]:
    """What is wrong with the bytes of a file that is not empty."""
    if data.startswith(b"\xef\xbb\xbf"):
        hint = "Save it as UTF-8 without BOM."
        yield fault(1, "The file starts with a byte order mark, behind which some programs see no calendar.", hint)
    lines = _END.split(data)
    if lines[-1]:
        yield fault(len(lines), "The last line has no end.", "End every line, also the last, with CR LF.")
    else:
        lines.pop()
    if data.count(b"\r\n") != data.count(b"\n") or data.count(b"\r\n") != data.count(b"\r"):
        wrong = [number for number, end in enumerate(_END.findall(data), 1) if end != b"\r\n"]
        yield from _together(wrong, "This line does not end with CR LF", "End every line with CR LF, also on Unix (RFC 5545, 3.1).")
    long = [number for number, line in enumerate(lines, 1) if len(line) > LIMIT]
    yield from _together(long, f"This line is longer than {LIMIT} octets", f"Fold it: CR LF and a space after at most {LIMIT} octets.")
    yield from _check_blank(lines)
    yield from _check_characters(data, lines)
    if (b"\\\r\n" in data or b"\\\n" in data) and _SPLIT_ESCAPE.search(data):
        split = [number for number, pair in enumerate(pairwise(lines), 1) if _SPLIT_ESCAPE.search(b"\n".join(pair))]
        hint = "Fold before the backslash: some programs read a lone one."
        yield from _together(split, "The line is folded between a backslash and what belongs to it", hint, remark)


def _check_blank(lines: list[bytes]) -> Iterator[Found]:
    """Empty lines: at the end of the file most programs forgive them."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    blank = [number for number, line in enumerate(lines[:end], 1) if not line]
    yield from _together(blank, "This line is empty", "Leave it out; in a text write a newline as \\n.")
    if end < len(lines):
        yield mild(end + 1, "Empty lines follow the calendar.", "End the file with END:VCALENDAR and CR LF.")


def _check_characters(data: bytes, lines: list[bytes]) -> Iterator[Found]:
    """Control characters, and what is not UTF-8, or no longer once it is folded."""
    for signs, words, kind in (
        (_CONTROL, "This line holds a control character", fault),
        (_UNUSUAL, "This line holds a control character or a newline of another kind, at which some programs end it", mild),
    ):
        if signs.search(data):
            wrong = [number for number, line in enumerate(lines, 1) if signs.search(line)]
            yield from _together(wrong, words, "Leave such characters out; write newlines in texts as \\n.", kind)
    if _is_text(data):
        return
    broken = [number for number, line in enumerate(lines, 1) if not _is_text(line)]
    if _is_text(_FOLD.sub(b"", data)):
        yield from _together(broken, "This line is folded inside a character", "Fold between characters, not between the bytes of one.")
    else:
        yield from _together(broken, "This line is not UTF-8", "Save the file as UTF-8.")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _together(numbers: list[int], message: str, hint: str, kind: Callable[[int, str, str], Found] = fault) -> Iterator[Found]:
    """One finding for all lines with the same fault."""
    if numbers:
        others = len(numbers) - 1
        more = f" ({others} more like it)" if others else ""
        yield kind(numbers[0], f"{message}{more}.", hint)
