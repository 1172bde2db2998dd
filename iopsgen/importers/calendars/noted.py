"""What was taken over from calendars: `calendars/imported.jsonl`, by which a later import tells the calendar's changes from people's."""

from collections.abc import Iterable

import msgspec

from iopsgen.model import Value
from iopsgen.problems import Place, Problem, warning

FILE = "calendars/imported.jsonl"
MAX_BYTES = 64 * 1024 * 1024
_ENCODER = msgspec.json.Encoder()


class Note(Value, frozen=True, kw_only=True):
    """An event that was taken over: from which calendar, into which file, and a digest of each part as the calendar said it then."""

    uid: str
    calendar: str
    file: str
    parts: dict[str, str] = {}


def read_notes(data: bytes) -> tuple[dict[str, Note], tuple[bytes, ...], list[Problem]]:
    """The notes by uid, and the lines that cannot be read, which are kept as they are. Of two notes on one event the later counts."""
    decoder = msgspec.json.Decoder(Note)
    notes: dict[str, Note] = {}
    unread: list[bytes] = []
    problems: list[Problem] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            note = decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            unread.append(line.strip())
            hint = "Take the line from an earlier version of the file, or remove it. Nothing of the event it was about is overwritten."
            problems.append(warning("This note on an imported event cannot be read.", Place(FILE, number, 1), hint))
            continue
        notes[note.uid] = note
    return notes, tuple(unread), problems


def write_notes(notes: Iterable[Note], unread: Iterable[bytes]) -> bytes:
    """The bytes of the file: a line an event in the order of the uid, so that two branches that import merge line by line."""
    lines = [*(_ENCODER.encode(note) for note in sorted(notes, key=lambda note: note.uid)), *unread]
    return b"".join(line + b"\n" for line in lines)
