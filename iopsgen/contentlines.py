"""The lines an iCalendar file is made of (RFC 5545, 3.1): values escaped, lines folded, and read back with their place."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

_LIMIT = 75  # octets in a line, its CRLF not counted
_NEWLINE = re.compile("[\n\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_ADDRESS_SAFE = "-._~:/?#[]@!$&'()*+,;=%"
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')


class Line(msgspec.Struct, frozen=True):
    """One unfolded content line: its name in capitals, its parameters, its raw value, and the line it starts on.

    `malformed` says what keeps it from being a content line at all; it then has no name, and its value is the whole line.
    """

    name: str
    value: str
    parameters: dict[str, str] = {}
    number: int = 0
    malformed: str = ""


# --- writing -------------------------------------------------------------------------------------------------------


def text(value: str) -> str:
    r"""A TEXT value (RFC 5545, 3.3.11): `\`, `;`, `,` and every kind of newline escaped, other control characters dropped.

    A lone CR, NEL, U+2028 and U+2029 count as newlines: some reader or other ends a line at each of them.
    """
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    if value.isprintable():
        return value
    return _CONTROL.sub("", _NEWLINE.sub("\\\\n", value.replace("\r\n", "\n")))


def parameter(value: str) -> str:
    r"""A parameter's value (RFC 5545, 3.2), quoted where needed.

    It has no way to hold `"` or a newline, which become `'` and a space. A backslash means nothing there, but some readers
    take it for the beginning of an escape, so it becomes `/`.
    """
    value = _CONTROL.sub("", _NEWLINE.sub(" ", value.replace("\r\n", " "))).replace("^", "^^").replace('"', "'").replace("\\", "/")
    return f'"{value}"' if any(c in value for c in ":;,") else value


def uri(value: str) -> str:
    """A URI value (RFC 3986): spaces, newlines and everything beyond ASCII percent-encoded, so that it cannot end the line."""
    if _ADDRESS.fullmatch(value):
        return value
    return quote(value.encode("utf-8", "ignore"), safe=_ADDRESS_SAFE)


def folded(line: str) -> bytes:
    """A content line in UTF-8 with its CRLF, folded at 75 octets, never inside a UTF-8 sequence or a TEXT escape."""
    data = line.encode()
    size = len(data)
    if size <= _LIMIT:
        return data + b"\r\n"
    pieces = []
    start, room = 0, _LIMIT
    while size - start > room:
        cut = start + room
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        escape = cut
        while escape > start and data[escape - 1] == 0x5C:
            escape -= 1
        cut -= (cut - escape) & 1
        pieces.append(data[start:cut])
        start, room = cut, _LIMIT - 1  # a continuation spends one octet on its space
    pieces.append(data[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


# --- reading -------------------------------------------------------------------------------------------------------


def unfolded(data: bytes) -> Iterator[Line]:
    """The content lines of a file, whatever its newlines are. Lines that are none come with `malformed`; empty ones are left out."""
    parts: list[bytes] = []
    first = 0
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", data), 1):
        if line[:1] in (b" ", b"\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield _read(b"".join(parts), first)
        parts, first = ([line], number) if line else ([], 0)
    if parts:
        yield _read(b"".join(parts), first)


def unescaped(value: str) -> str:
    r"""The text that a TEXT value stands for; an unknown escape stands for its character."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value, flags=re.DOTALL)


def _read(line: bytes, number: int) -> Line:
    """One unfolded line, taken apart."""
    name = _NAME.match(line)
    if not name:
        return Line("", line.decode("utf-8", "replace"), number=number, malformed="does not start with a property's name")
    rest = line[name.end() :].decode("utf-8", "replace")
    parameters = {}
    at = 0
    while found := _PARAMETER.match(rest, at):
        parameters[found[1].upper()] = found[2]
        at = found.end()
    if rest[at : at + 1] != ":":
        return Line("", line.decode("utf-8", "replace"), number=number, malformed="has no colon after the property's name and parameters")
    return Line(name[0].decode("ascii").upper(), rest[at + 1 :], parameters, number)
