"""YAML as text with its positions: libyaml gives the shape, and whoever reads a field decides its type.

Nothing here resolves `no` to False or `19:30` to 1170: every scalar is the text that was written. What YAML offers beyond
maps, lists and texts (anchors, aliases, merge keys, tags, several documents) is refused, so that size in is size out.
"""

import re
import unicodedata
from typing import Any

import msgspec
import yaml

from iopsgen.problems import Place, Problem, error, warning

MAX_BYTES = 64 * 1024  # of a front matter
MAX_FILE = 1024 * 1024  # of a file that is YAML from end to end
MAX_DEPTH = 20
_MANY = 50  # errors of one file, and as many warnings


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

# What libyaml says → what happened, and what to write instead.
_FAULTS = (
    ("tab character", "There is a tab where only spaces may stand", "Replace the tab by spaces."),
    ("cannot start any token", "A text cannot start with this character", "Put quotes around the whole text."),
    ("while scanning a quoted scalar found unexpected", "The quote that opens here is never closed", "Close it with the same sign."),
    ("could not find expected ':'", "This line is not of the form `key: value`", "Write a colon and a space; a text over several lines needs `|`."),
    ("expected '-' indicator", "This entry does not stand under those before it", "The entries of a list start in one column, each with `- `."),
    ("expected ',' or ']'", "A list in square brackets is not closed", "Write it as [one, two]."),
    ("expected ',' or '}'", "Keys in braces are not closed", "Write them as {key: value, key: value}."),
    ("while parsing a flow node", "A bracket is opened and not closed", "Write lists as [one, two], and keys as {key: value}."),
    ("sequence entries are not allowed", "A list cannot start here", "Start it on a new line below its key, or write it as [one, two]."),
    ("unknown escape", "A backslash in double quotes cannot stand before this character", "Put the text between 'single quotes'."),
    ("did not find expected key", "This does not fit what stands before it", "The keys of one level start in the same column."),
    ("mapping keys are not allowed", "A text cannot start with a question mark and a space", "Put quotes around the whole text."),
    ("expected node content", "A text cannot start with this character", "Put quotes around the whole text."),
    ("expected comment or line break", "A text cannot follow `|` or `>` on its line", "Start it on the next line, indented by two spaces."),
    ("directive", "A line cannot start with `%`", "Leave the line out."),
    ("incompatible YAML document", "This version of YAML is not read", "Leave the line out."),
    ("expected <document start>", "This does not belong to what stands before it", "Keep one list of keys, without lines of `...`."),
)
_UNUSUAL = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")  # what no text needs, or YAML refuses
_LINE_ENDS = str.maketrans({"\x85": " ", "\u2028": " ", "\u2029": " "})  # line ends for YAML, and for no editor
_NO_BREAK = re.compile(r"^(?=[^\n]*\xa0)[ \xa0]*(?:[\w-]+:(?=\xa0))?\xa0?", re.MULTILINE)
_HASH = re.compile(r"[ \t]#[^\s#]")
_UNSPACED = re.compile(r"[ \t]*(?:- )?([A-Za-z_][\w-]*):(?!//)([^\s:].*)")
_CURLY = re.compile(r"([ \t]*(?:- )?[\w-]+:[ \t]+)[“”„‟«»‘’‚](.*?)[“”„‟«»‘’‚]?[ \t]*")


class _Refused(Exception):
    """Ends the reading of a text at a position; never leaves this room."""

    def __init__(self, message: str, hint: str, mark: Any) -> None:
        super().__init__(message)
        self.message, self.hint, self.mark = message, hint, mark


def parse(text: str, file: str, first_line: int = 1, limit: int = MAX_BYTES) -> tuple[Node | None, list[Problem]]:
    """Reads one YAML document. Gives its root (None for an empty one or after an error) and the problems found.

    `first_line` is the line of the file on which `text` starts. Bounded: `limit` bytes, 20 levels. Texts are in Unicode NFC, so that a name
    typed on one system is the same as on another, and hold no control characters.
    """
    if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
        hint = "Keep long texts below the second `---` line." if limit == MAX_BYTES else "Make several of it, or leave some of it out."
        return None, [error(f"This part is over {limit // 1024} KiB long.", Place(file, first_line, 1), hint)]
    text = _tidy(text)
    builder = _Builder(file, first_line - 1, text)
    try:
        return builder.build(text), builder.problems
    except _Refused as refused:
        return None, [*builder.problems, error(refused.message, builder.place(refused.mark), refused.hint)]
    except yaml.MarkedYAMLError as fault:
        return None, [*builder.problems, builder.explain(fault)]
    except (yaml.YAMLError, UnicodeError):
        return None, [builder.find_unusual()]


def _tidy(text: str) -> str:
    """The text without what nobody sees and YAML minds: line ends that no editor knows, no-break spaces between key and value."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_LINE_ENDS)
    return _NO_BREAK.sub(lambda found: found[0].replace("\xa0", " "), text) if "\xa0" in text else text


def explain_unspaced(line: str) -> tuple[str, str] | None:
    """What is wrong with `title:Tea`, and what to write; None for any other line."""
    found = _UNSPACED.fullmatch(line.rstrip())
    return (f'There is no space behind the colon of "{found[1]}"', f"Write {found[1]}: {found[2][:80]}") if found else None


def _explain_colon(lines: list[str], line: int, column: int) -> tuple[str, str]:
    """Why a colon cannot stand where it stands, and what to write."""
    before = lines[line][:column]
    if curly := _CURLY.fullmatch(lines[line]):
        return "Curly quotes are signs like any other here, so a text between them cannot hold a colon", f'Write straight quotes: {curly[1].lstrip()}"{curly[2]}"'
    above = next((text for text in reversed(lines[:line]) if text.strip()), "")
    if ": " in before:
        return "A second colon stands in this line", 'Put quotes around a text that holds a colon, like this: title: "Welcome: a day out"'
    if ":" in above and len(before) - len(before.lstrip()) > len(above) - len(above.lstrip()):
        return "This line starts further to the right than the one above, which has a value already", "Start the keys of one level in the same column."
    return "The line above this one is not of the form `key: value`", "Write a colon and a space behind its key."


class _Builder:
    """Makes nodes from libyaml's events; not recursive, so that depth is a number and never a crash."""

    def __init__(self, file: str, offset: int, text: str) -> None:
        self.file, self.offset, self.text = file, offset, text
        self.problems: list[Problem] = []
        self.warnings = 0
        self.lines = text.split("\n")
        self.hashes = {number for number, line in enumerate(self.lines) if _HASH.search(line)} if "#" in text else set()

    def place(self, mark: Any) -> Place:
        """Where a mark of libyaml stands in the file; at the end of the text its last line that holds something."""
        if mark is None:
            return Place(self.file, self.offset + 1, 1)
        if mark.line >= len(self.lines) or not any(line.strip() for line in self.lines[mark.line :]):
            last = next((n for n in range(len(self.lines) - 1, 0, -1) if self.lines[n].strip()), 0)
            return Place(self.file, self.offset + last + 1, len(self.lines[last].rstrip()) + 1)
        return Place(self.file, self.offset + mark.line + 1, mark.column + 1)

    def explain(self, fault: yaml.MarkedYAMLError) -> Problem:
        """What libyaml found wrong, in words for people who never heard of it."""
        said = " ".join(filter(None, (fault.context, fault.problem)))
        mark: Any = fault.problem_mark or fault.context_mark
        line = self.lines[mark.line] if mark is not None and mark.line < len(self.lines) else ""
        if ("quoted scalar" in said and "unexpected" in said) or "simple key" in said:
            mark = fault.context_mark or mark
        if mark is not None and ("mapping values are not allowed" in said or "could not find expected ':'" in said):
            number = next((n for n in range(min(mark.line, len(self.lines) - 1), max(-1, mark.line - 3), -1) if explain_unspaced(self.lines[n])), None)
            if number is not None and (unspaced := explain_unspaced(self.lines[number])):
                column = len(self.lines[number]) - len(self.lines[number].lstrip()) + 1
                return error(unspaced[0] + ".", Place(self.file, self.offset + number + 1, column), unspaced[1])
        if "token" in said and line[mark.column : mark.column + 1] == "\t":
            said = "tab character"
        if "mapping values are not allowed" in said:
            message, hint = _explain_colon(self.lines, mark.line, mark.column)
        elif "did not find expected" in said and line[: mark.column].rstrip().endswith(("'", '"')):
            message, hint = "Something follows a closing quote", "Quotes go around the whole text; inside a text in 'single quotes' write an apostrophe twice."
        else:
            known = ((words, hint) for needle, words, hint in _FAULTS if needle in said)
            message, hint = next(known, (f"This cannot be read as YAML: {said}", "Check quotes, colons and indentation around this place."))
        return error(message + ".", self.place(mark), hint)

    def find_unusual(self) -> Problem:
        """Where the first character stands that YAML refuses."""
        found = _UNUSUAL.search(self.text)
        at = found.start() if found else 0
        place = Place(self.file, self.offset + self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at))
        return error("An invisible control character stands here.", place, "Delete it; if you cannot see it, write the whole line again.")

    def warn_of_hash(self, event: Any) -> None:
        """Says so where a sign `#` with no space behind it cuts a text off: `title: Meeting #5`."""
        rest = self.lines[event.end_mark.line][event.end_mark.column :]
        if _HASH.match(rest) or (not event.value and _HASH.match(" " + rest.lstrip())):
            place = Place(self.file, self.offset + event.end_mark.line + 1, event.end_mark.column + 1 + rest.index("#"))
            self.warnings += 1
            if self.warnings <= _MANY:
                more = " There are more such lines below." if self.warnings == _MANY else ""
                text = f"What stands behind this # is not read: a # after a space starts a remark.{more}"
                self.problems.append(warning(text, place, "Put quotes around the whole text."))

    def build(self, text: str) -> Node | None:
        root: Node | None = None
        stack: list[tuple[bool, list[Node], Any]] = []  # (is a map, its nodes so far, where it starts)
        documents = 0
        event: Any
        for event in yaml.parse(text, Loader=_Loader):
            mark = event.start_mark
            if len(self.problems) - min(self.warnings, _MANY) >= _MANY:
                raise _Refused("So much is wrong before this line that the rest was not read.", "Correct that first.", mark)
            node: Node | None = None
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._refuse_extras(event)
                value = event.value
                if not value.isprintable():
                    value = _UNUSUAL.sub("", value.translate(_LINE_ENDS))
                plain = event.style in (None, "")
                if plain and event.end_mark.line in self.hashes:
                    self.warn_of_hash(event)
                line = min(mark.line, len(self.lines) - 1)  # libyaml puts what is missing at the end on a line of its own
                node = Scalar(value, self.offset + line + 1, mark.column + 1, plain)
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
        return None if isinstance(root, Scalar) and is_empty(root) else root

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
    """Plain values for `extra:` and data files: texts, lists and dicts; unquoted `true`, `false` and numbers become such.

    A number that would lose something, such as 007 or 1.10, stays a text.
    """
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
        if dot and whole.isdigit() and part.isdigit() and repr(float(text)) == text:
            return float(text)
    return text
