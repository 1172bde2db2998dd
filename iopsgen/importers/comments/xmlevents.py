"""Reads XML of any size as a row of small events; entities, document types and damage are answered, never followed."""

import warnings
from collections.abc import Iterator
from html import unescape
from io import BufferedReader
from typing import Any, NamedTuple

from lxml import etree

from iopsgen.importers.comments.opening import Source, Unreadable, open_stream

_DAMAGE = 20  # faults of one file that are told one by one
_DEEPEST = 200
_CONTROLS = bytes(range(9)) + bytes((11, 12, *range(14, 32)))


class _Clean:
    """A stream without control characters, which XML forbids, WordPress writes, and libxml2 stumbles over; UTF-16 passes as it is."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._wide = stream.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")

    def read(self, size: int = -1) -> bytes:
        """The next bytes, perhaps fewer; none only at the end."""
        while data := self._stream.read1(size):
            kept = data if self._wide else data.translate(None, _CONTROLS)
            if kept:
                return kept
        return b""


class Event(NamedTuple):
    """The start or the end of an element: the local names from the root down to it, its attributes (local names), its text at the end."""

    ends: bool
    path: tuple[str, ...]
    attributes: dict[str, str]
    text: str
    line: int


class Damage(NamedTuple):
    """Something in the file that is no XML; what stands around it, or before it, was read."""

    message: str
    line: int
    hint: str = "What stands around it was read."


def read_events(source: Source) -> Iterator[Event | Damage]:
    """The elements of a file as they come; memory does not grow with the file. Raises Unreadable before the first of them.

    No entity is resolved, nothing is fetched, and a document type is refused: exports have none, attacks do.
    """
    with open_stream(source) as stream:
        parser = etree.iterparse(
            _Clean(stream),
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        path: list[str] = []
        begun = False
        try:
            for kind, element in parser:
                if kind == "end":
                    yield Event(True, tuple(path), {}, _text(element), element.sourceline or 0)
                    path.pop()
                    _forget(element)
                    continue
                if not path:
                    _refuse_document_type(element)
                path.append(_local(element.tag))
                if len(path) > _DEEPEST:
                    raise Unreadable("This is nested too deeply to be an export of comments.", "Export it again.", element.sourceline or 0)
                yield Event(False, tuple(path), {_local(k): str(v) for k, v in element.attrib.items()}, "", element.sourceline or 0)
                begun = True
        except etree.XMLSyntaxError as fault:
            if not begun:
                raise Unreadable(_said(fault.msg), "Export it again, or mend this place.", fault.lineno or 0) from None
            yield Damage(_said(fault.msg), fault.lineno or 0)
        except Unreadable as torn:
            if not begun:
                raise
            yield Damage(torn.message, torn.line, torn.hint)
        yield from _damage(parser)


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _text(element: Any) -> str:
    """The text of an element that has only text; a reference to a character of HTML (`&nbsp;`) is read, although XML does not know it."""
    text = element.text or ""
    for child in element.iterchildren(etree.Entity):
        text += unescape(child.text) + (child.tail or "")
    return text


def _forget(element: Any) -> None:
    """Frees what was read: the element and everything before it in its parent."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _refuse_document_type(root: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise Unreadable("This file has a document type (<!DOCTYPE …>), which no export of comments has.", "Remove that line if you trust the file.", 1)


def _damage(parser: Any) -> Iterator[Damage]:
    faults = [fault for fault in parser.error_log if fault.level_name != "WARNING"]
    for fault in faults[:_DAMAGE]:
        yield Damage(_said(fault.message), fault.line)
    if len(faults) > _DAMAGE:
        yield Damage(f"There are {len(faults) - _DAMAGE} more such places.", faults[_DAMAGE].line)


def _said(message: str | None) -> str:
    words = " ".join((message or "it cannot be read").split()).rstrip(".")
    if "XML_PARSE_HUGE" in words:
        return "A text that starts here is over 10 million characters long; nothing behind it was read."
    return f"This is damaged XML: {words[:200]}."
