"""YAML as text with its positions: libyaml gives the shape, and whoever reads a field decides its type.

Nothing here resolves `no` to False or `19:30` to 1170: every scalar is the text that was written. What YAML offers beyond
maps, lists and texts (anchors, aliases, merge keys, tags, several documents) is refused, so that size in is size out.
"""

from typing import Any

import msgspec
import yaml

from iopsgen.problems import Place, Problem, error

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20


class Scalar(msgspec.Struct, frozen=True, tag="s"):
    """A text as written, `line` and `column` from 1. `plain` is True without quotes and without `|` or `>`."""

    text: str
    line: int
    column: int
    plain: bool = True


class Seq(msgspec.Struct, frozen=True, tag="l"):
    """A list."""

    items: tuple["Node", ...]
    line: int
    column: int


class Map(msgspec.Struct, frozen=True, tag="m"):
    """Keys and values in the order written; no key twice."""

    pairs: tuple[tuple[Scalar, "Node"], ...]
    line: int
    column: int

    def get(self, key: str) -> "Node | None":
        """The value of a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Seq | Map

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_REMEDIES = (
    ("mapping values are not allowed", 'A text that holds a colon needs quotes around it, like this: title: "Welcome: a day out"'),
    ("cannot start any token", "A text may not start with this character. Put quotes around the whole text."),
    ("found unexpected end of stream", "A quote that was opened is never closed."),
    ("could not find expected ':'", "Each line needs the form `key: value`; a text over several lines needs quotes or `|`."),
    ("did not find expected key", "Check the quotes on this line and the indentation: the keys of one level start in the same column."),
    ("did not find expected '-' indicator", "The entries of a list start in the same column, each with `- `."),
    ("did not find expected ',' or ']'", "A list in square brackets is not closed: write [one, two]."),
    ("did not find expected ',' or '}'", "A map in braces is not closed: write {key: value}."),
    ("block sequence entries are not allowed", "Start the list on a new line below its key."),
    ("found unknown escape character", "In \"double quotes\" a backslash has a meaning. Use 'single quotes'."),
    ("control characters are not allowed", "There is an invisible control character here. Delete it and write the text again."),
)


class _Refused(Exception):
    """Ends the reading of a text at a position; never leaves this room."""

    def __init__(self, message: str, hint: str, mark: Any) -> None:
        super().__init__(message)
        self.message, self.hint, self.mark = message, hint, mark


def parse(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Reads one YAML document. Gives its root (None for an empty one or after an error) and the problems found.

    `first_line` is the line of the file on which `text` starts. Bounded: 64 KiB, 20 levels.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        place = Place(file, first_line)
        return None, [error(f"This part is over {MAX_BYTES // 1024} KiB long.", place, "Keep long texts below the second `---` line.")]
    builder = _Builder(file, first_line - 1)
    try:
        return builder.build(text), builder.problems
    except _Refused as refused:
        place = builder.place(refused.mark)
        return None, [*builder.problems, error(refused.message, place, refused.hint)]
    except yaml.MarkedYAMLError as fault:
        said = " ".join(filter(None, (fault.context, fault.problem)))
        place = builder.place(fault.problem_mark or fault.context_mark)
        return None, [*builder.problems, error("This is not valid YAML: " + _plain(said, text, fault) + ".", place, _remedy(said, text, fault))]
    except (yaml.YAMLError, UnicodeError):
        place = Place(file, first_line)
        return None, [error("This part holds a character that YAML does not allow.", place, _REMEDIES[-1][1])]


def _line_at(text: str, fault: yaml.MarkedYAMLError) -> str:
    mark = fault.problem_mark or fault.context_mark
    lines = text.split("\n")
    return lines[mark.line] if mark is not None and mark.line < len(lines) else ""


def _plain(said: str, text: str, fault: yaml.MarkedYAMLError) -> str:
    if "\t" in _line_at(text, fault) and "token" in said:
        return "there is a tab where only spaces may stand"
    return said.replace("block mapping", "keys").replace("while parsing a ", "in a ").replace("while scanning a ", "in a ")


def _remedy(said: str, text: str, fault: yaml.MarkedYAMLError) -> str:
    if "\t" in _line_at(text, fault) and "token" in said:
        return "Replace the tab by spaces."
    return next((hint for words, hint in _REMEDIES if words in said), "Check quotes, colons and indentation around this place.")


class _Builder:
    """Makes nodes from libyaml's events; not recursive, so that depth is a number and never a crash."""

    def __init__(self, file: str, offset: int) -> None:
        self.file, self.offset = file, offset
        self.problems: list[Problem] = []

    def place(self, mark: Any) -> Place:
        if mark is None:
            return Place(self.file, self.offset + 1)
        return Place(self.file, self.offset + mark.line + 1, mark.column + 1)

    def build(self, text: str) -> Node | None:
        root: Node | None = None
        stack: list[tuple[bool, list[Node], Any]] = []  # (is a map, its nodes so far, where it starts)
        documents = 0
        event: Any
        for event in yaml.parse(text, Loader=_Loader):
            mark = event.start_mark
            node: Node | None = None
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._refuse_extras(event)
                node = Scalar(event.value, self.offset + mark.line + 1, mark.column + 1, event.style in (None, ""))
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._refuse_extras(event)
                if len(stack) >= MAX_DEPTH:
                    raise _Refused(f"This is nested more than {MAX_DEPTH} levels deep.", "Write it flatter.", mark)
                stack.append((kind is yaml.MappingStartEvent, [], mark))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                is_map, nodes, start = stack.pop()
                line, column = self.offset + start.line + 1, start.column + 1
                node = self._map(nodes, line, column) if is_map else Seq(tuple(nodes), line, column)
            elif kind is yaml.AliasEvent:
                raise _Refused(f"`*{event.anchor}` is a YAML alias, which is not read here.", "Put quotes around a text that starts with `*`.", mark)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise _Refused("A second document starts here.", "Remove this `---` line.", mark)
            if node is None:
                continue
            if stack:
                stack[-1][1].append(node)
            else:
                root = node
        if isinstance(root, Scalar) and root.plain and root.text == "":
            return None
        return root

    @staticmethod
    def _refuse_extras(event: Any) -> None:
        if event.anchor is not None:
            raise _Refused(
                f"`&{event.anchor}` is a YAML anchor, which is not read here.", "Put quotes around a text that starts with `&`.", event.start_mark
            )
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise _Refused(
                "A YAML tag (a word that starts with `!`) is not read here.", "Put quotes around a text that starts with `!`.", event.start_mark
            )

    def _map(self, nodes: list[Node], line: int, column: int) -> Map:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(error("A key must be a plain word.", Place(self.file, key.line, key.column), "Write `key: value`."))
            elif key.text == "<<" and key.plain:
                self.problems.append(
                    error(
                        "`<<` (a YAML merge key) is not read here.",
                        Place(self.file, key.line, key.column),
                        "Write the keys out, or use a _defaults.yml.",
                    )
                )
            elif key.text in seen:
                first = seen[key.text].line
                self.problems.append(
                    error(
                        f'"{key.text}" stands here a second time; the first is on line {first}.',
                        Place(self.file, key.line, key.column),
                        "Keep one of the two.",
                    )
                )
            else:
                seen[key.text] = key
                pairs.append((key, value))
        return Map(tuple(pairs), line, column)


def is_empty(node: Node | None) -> bool:
    """Whether a value is the same as no key: nothing, `null`, `~`, an empty text, list or map."""
    if node is None:
        return True
    if isinstance(node, Scalar):
        return node.text.strip() == "" or (node.plain and node.text in ("~", "null", "Null", "NULL"))
    return not (node.items if isinstance(node, Seq) else node.pairs)


def to_plain(node: Node | None) -> object:
    """Plain values for `extra:` and data files: texts, lists and dicts; unquoted `true`, `false` and numbers become such."""
    if node is None or isinstance(node, Scalar):
        return None if is_empty(node) and (node is None or node.plain) else _plain_scalar(node)
    if isinstance(node, Seq):
        return [to_plain(item) for item in node.items]
    return {key.text: to_plain(value) for key, value in node.pairs}


def _plain_scalar(node: Scalar | None) -> object:
    if node is None:
        return None
    text = node.text
    if node.plain and text in ("true", "false"):
        return text == "true"
    if node.plain and len(text) < 16 and text.isascii():
        digits = text[1:] if text.startswith("-") else text
        if digits.isdigit() and (digits == "0" or not digits.startswith("0")):
            return int(text)
        whole, dot, part = digits.partition(".")
        if dot and whole.isdigit() and part.isdigit():
            return float(text)
    return text
