"""Brings the file of an event up to date with its calendar, part by part, where nobody changed that part meanwhile."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from iopsgen.calendar_files.convert import ORDER
from iopsgen.calendar_files.drafts import Draft, Value, write_source
from iopsgen.importers.calendars.frontmatter import Document, canonical, read_document, write_document
from iopsgen.problems import Problem
from iopsgen.yamltext import Node, Scalar

# What belongs together: who changed the end of an event has also an opinion on its start.
PARTS: dict[str, tuple[str, ...]] = {
    "title": ("title",),
    "times": ("start", "date", "end", "duration", "dates", "timezone", "repeat", "rrule", "changes", "time"),
    "status": ("status",),
    "venue": ("venue",),
    "online": ("online",),
    "organisers": ("organisers",),
    "categories": ("categories", "category"),
    "tags": ("tags",),
    "image": ("image",),
    "elsewhere": ("elsewhere",),
    "text": ("description",),
}
_ENCODER = msgspec.json.Encoder()


class Update(NamedTuple):
    """What an import comes to for one file.

    `text` is the file's new text, None if it stays as it is. `written` are the parts that are brought up to date, `kept` those that
    both sides changed, each with what the calendar says; `parts` what to note. `unreadable` says why the file cannot be changed.
    """

    text: str | None
    written: tuple[str, ...] = ()
    kept: dict[str, str] = {}
    parts: dict[str, str] = {}
    unreadable: tuple[Problem, ...] | None = None


def digests_of(draft: Draft) -> dict[str, str]:
    """A digest of each part of an event as its calendar says it."""
    document, _ = read_document(write_source(draft.keys, draft.body), "draft.md")
    return {} if document is None else {part: digest for part in PARTS if (digest := _digest(part, document))}


def merge(text: str, file: str, draft: Draft, before: Mapping[str, str]) -> Update:
    """Compares a file with what its calendar says now and with what that said `before` (empty: not known)."""
    document, problems = read_document(text, file)
    if document is None:
        return Update(None, unreadable=tuple(problems))
    now = digests_of(draft)
    changes: dict[str, Value | None] = {}
    body: str | None = None
    written: list[str] = []
    kept: dict[str, str] = {}
    parts = dict(before)
    for part, names in PARTS.items():
        here, there, known = _digest(part, document), now.get(part, ""), before.get(part, "" if before else None)
        if here == there:
            parts = _noted(parts, part, there)
        elif here == known:
            parts = _noted(parts, part, there)
            written.append(part)
            if part == "text" and not document.is_yaml:
                body = draft.body
            elif part == "text":
                changes["description"] = draft.body or None
            else:
                changes.update({name: draft.keys.get(name) for name in names})
        elif there != known and (there or known):
            kept[part] = _said(part, draft)
    if not written:
        return Update(None, kept=kept, parts=parts)
    if "updated" in draft.keys:
        changes["updated"] = draft.keys["updated"]
    return Update(write_document(document, changes, body, ORDER), tuple(written), kept, parts)


def _noted(parts: dict[str, str], part: str, digest: str) -> dict[str, str]:
    """The notes with that of one part; nothing is noted of a part that is not there."""
    rest = {name: value for name, value in parts.items() if name != part}
    return {**rest, part: digest} if digest else rest


def _digest(part: str, document: Document) -> str:
    """A digest of what a file says in one part; empty if it says nothing."""
    keys = document.keys()
    said: list[object] = [[name, canonical(keys[name])] for name in PARTS[part] if name in keys and _holds(keys[name])]
    if part == "text":
        own = keys.get("description")
        whole = f"{own.text if isinstance(own, Scalar) else ''}\n{document.body}".strip()
        said = [line.rstrip() for line in whole.split("\n")] if whole else []
    return blake2b(_ENCODER.encode(said), digest_size=6).hexdigest() if said else ""


def _holds(node: Node) -> bool:
    return canonical(node) not in ("", [], "null", "~")


def _said(part: str, draft: Draft) -> str:
    """What the calendar says of a part, in a few words."""
    if part == "text":
        return _short(draft.body)
    return _short("; ".join(f"{name}: {_words(draft.keys[name])}" for name in PARTS[part] if name in draft.keys))


def _words(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(inner)}" for key, inner in value.items())
    return ", ".join(map(_words, value))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:200].rstrip() + " …"


