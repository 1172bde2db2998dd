"""Reads JSON that strangers wrote: a value or nothing, never an exception."""

import json

import msgspec

from iopsgen.importers.comments.opening import Unreadable, decode


def read_value(data: bytes) -> object:
    """The value of a JSON document. Raises Unreadable with the line."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    text, _ = decode(data)
    try:
        value: object = json.loads(text, strict=False)
    except json.JSONDecodeError as fault:
        raise Unreadable(f"This is not JSON: {fault.msg}.", "Export it again, or mend this place.", fault.lineno) from None
    except (ValueError, RecursionError):
        raise Unreadable("This JSON is nested too deeply, or has a number too long to be one.", "Export it again.") from None
    return value


def read_object(line: bytes) -> dict[str, object] | None:
    """The object of one line, or None."""
    try:
        value = read_value(line)
    except Unreadable:
        return None
    return value if isinstance(value, dict) else None


def as_text(value: object) -> str:
    """A text, or a number as a text; anything else is empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e17 else ""


def as_map(value: object) -> dict[str, object]:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []
