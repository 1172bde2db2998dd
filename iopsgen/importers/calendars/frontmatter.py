"""Changes single keys in the front matter of a file, and leaves everything else in it as somebody wrote it, remarks too."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import yaml

from iopsgen.calendar_files.drafts import Value, write_key
from iopsgen.problems import Problem, error, has_errors
from iopsgen.read.frontmatter import EVENT, split
from iopsgen.yamltext import MAX_BYTES, MAX_FILE, Map, Node, Scalar, Seq, parse

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document(NamedTuple):
    """A file of an event: what stands before its keys, its keys as lines, what stands between, its text, and its line ends.

    A file that is YAML from end to end has no text: `is_yaml`.
    """

    opening: str
    yaml: str
    closing: str
    body: str
    newline: str
    is_yaml: bool
    root: Map

    def keys(self) -> dict[str, Node]:
        """The values of the keys by the names that they have here."""
        return {EVENT.name_of(key): value for key, value in self.root.pairs}


def read_document(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """A file in its parts; None, and why, where its keys cannot be changed one by one."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    is_yaml = file.lower().endswith((".yml", ".yaml"))
    if is_yaml:
        mark, front, closing, body = "\ufeff" if plain.startswith("\ufeff") else "", plain.removeprefix("\ufeff"), "", ""
        first = 1
    else:
        parts, problems = split(plain, file)
        if problems:
            return None, problems
        before, _, rest = plain.partition("---")
        mark, rest = before + "---" + rest.partition("\n")[0] + "\n", rest.partition("\n")[2]
        front, body, first = parts.yaml, parts.body, parts.yaml_line
        closing = rest[len(front) : len(rest) - len(body)]
    root, problems = parse(front, file, first, MAX_FILE if is_yaml else MAX_BYTES)
    if has_errors(problems) or not isinstance(root, Map):
        return None, problems or [error("This file has no front matter.", None, "")]
    document = Document(mark, front, closing, body, newline, is_yaml, root)
    if _spans(front) is None:
        return None, []
    return document, []


def write_document(document: Document, keys: Mapping[str, Value | None], body: str | None, order: Iterable[str]) -> str:
    """The file with other values for these keys (None: without the key), and another text if `body` is given.

    A key that is new stands behind the one that comes before it in `order`.
    """
    spans = _spans(document.yaml) or []
    lines = document.yaml.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    pieces: list[tuple[str, list[str]]] = [("", lines[: spans[0].start if spans else len(lines)])]  # key → its lines, with remarks
    for number, span in enumerate(spans):
        following = spans[number + 1].start if number + 1 < len(spans) else len(lines)
        own = lines[span.start : span.end]
        if span.name in keys:
            own = _changed(span, own, keys[span.name])
        pieces += [(span.name, own), ("", lines[span.end : following])]
    present = {name for name, _ in pieces}
    order = tuple(order)
    for name in order:
        value = keys.get(name)
        if value is not None and name not in present:
            at = _place_for(name, pieces, order)
            pieces.insert(at, (name, write_key(name, value).splitlines()))
            present.add(name)
    front = "\n".join(line for _, own in pieces for line in own)
    text = document.body if body is None else f"{body}\n" if body else ""
    whole = document.opening + front + ("\n" if front else "") + document.closing + text
    return whole.replace("\n", document.newline)


def canonical(node: Node) -> object:
    """What a value says, without how it is written."""
    if isinstance(node, Scalar):
        return " ".join(node.text.split())
    if isinstance(node, Seq):
        return [canonical(item) for item in node.items]
    return [[key.text, canonical(value)] for key, value in node.pairs]


class _Span(NamedTuple):
    """Where a key stands: its first line, the line behind its last, and what follows its value on that line."""

    name: str
    start: int
    end: int
    remark: str


def _spans(text: str) -> list[_Span] | None:
    """Where the keys of a block of YAML stand; None where they are not lines of their own."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError):
        return None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    lines = text.split("\n")
    starts = [key.start_mark.line for key, _ in root.value]
    found = []
    for number, (key, value) in enumerate(root.value):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        while end > starts[number] + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1  # what stands there belongs to the next key, or to none
        last = value.end_mark.line
        rest = lines[last][value.end_mark.column :].strip() if starts[number] <= last < end else ""
        if value.start_mark.line > starts[number]:
            rest = lines[starts[number]][key.end_mark.column + 1 :].strip()
        found.append(_Span(EVENT.name_of(Scalar(key.value, 1, 1)), starts[number], end, rest if rest.startswith("#") else ""))
    return found


def _changed(span: _Span, own: list[str], value: Value | None) -> list[str]:
    """The lines of a key with another value, or without it; remarks stay."""
    remarks = [line.strip() for line in own[1:] if line.strip().startswith("#")]
    if value is None:
        return [*remarks, span.remark] if span.remark else remarks
    fresh = write_key(span.name, value).splitlines()
    if span.remark and span.remark not in remarks:
        fresh[0] = f"{fresh[0]}  {span.remark}"
    return [*remarks, *fresh]


def _place_for(name: str, pieces: list[tuple[str, list[str]]], order: tuple[str, ...]) -> int:
    """Where a new key belongs: behind the nearest one before it in the order that is there."""
    rank = {key: number for number, key in enumerate(order)}
    before = [n for n, (key, own) in enumerate(pieces) if own and rank.get(key, 10**6) < rank[name]]
    if before:
        nearest = max(before, key=lambda n: rank[pieces[n][0]])
        return nearest + 1
    return 1
