"""Reads what stands inside a paragraph, with Python-Markdown's inline patterns, and only those that can match."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Callable

from markdown import Markdown
from markdown.inlinepatterns import DelimiterProcessor, ImageReferenceInlineProcessor, InlineProcessor, ReferenceInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import INLINE_PLACEHOLDER, INLINE_PLACEHOLDER_PREFIX, INLINE_PLACEHOLDER_RE, AtomicString, code_escape

from iopsgen.markdown.blocks import RAW, Blocks, TooIntricate

# Patterns look for the end of what they began, from every place where something may begin: the work is at most the length
# of a text times the number of such places. A post of 600 words comes to some 50,000 of these, a second is 30 million.
_BUDGET = 10_000_000
_SIGNS = re.compile(r"[`\\\[<*_~]|  \n")

_CODE = r"(?<!\\)(?:\\\\)*(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)"
_SIMPLE_LINK = r"(?<!!)\[([^\[\]\\`<!]+)\]\(([^\s()<>\"'\\\x02]+)\)"
_SIMPLE_EMPHASIS = r"(\*\*?|__?)(?![\s*_])([^*_]*[^\s*_])\1(?![\w*_])"
_NOT_ESCAPED = r"(?<!\\)(?:\\\\)*(?<!\]\()"
_HTML = (
    _NOT_ESCAPED + r"(</[A-Za-z][A-Za-z0-9:-]*\s*>"
    r"|<[A-Za-z][A-Za-z0-9:-]*(?:\s+[A-Za-z_:@][\w:.@-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*+\s*/?>"
    r"|<!--(?:(?!<!--|-->).)*-->|<\?(?:(?!<\?|\?>).)*\?>|<!\[CDATA\[(?:(?!<!\[|\]\]>).)*\]\]>|<![A-Za-z][^<>]*>)"
)
_AUTOLINK = _NOT_ESCAPED + r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*)>"
_AUTOMAIL = _NOT_ESCAPED + r"<([\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+)>"
_STRUCK = r"(?<![~\\])(~~?)(?![~\s])((?:[^~]|(?<=\\)~)*?[^~\s])\1(?!~)"


class Inlines(Treeprocessor):
    """Applies the inline patterns to every text of the tree.

    Stands in for Python-Markdown's own processor of this name: the patterns are the same, but a text in which no pattern can
    match is left alone, and so is a pattern whose first character does not occur.
    """

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.stashed_nodes: dict[str, etree.Element | str] = {}  # patterns look here for what others have found
        self.ancestors: list[str] = []
        self._patterns: list[tuple[InlineProcessor, Callable[[str], bool] | None]] = []
        self._all_known = True
        self._budget = 0
        self._expansion = 0  # how many characters a reference may become

    def run(self, root: etree.Element) -> etree.Element | None:
        """Replaces markup in the texts of a tree of blocks by elements."""
        if not self._patterns:
            self._learn()
        self.stashed_nodes = {}
        self._budget = _BUDGET
        self._expansion = max((len(target) + len(title) for target, title in self.md.references.values()), default=0)
        for element in list(root.iter()):
            text = element.text
            if text and not isinstance(text, AtomicString):
                self.ancestors = [element.tag]
                element.text, children = self._split(self._apply(text))
                for index, child in enumerate(children):
                    element.insert(index, child)
            for child in list(element) if len(element) and element.tag in ("li", "dd") else ():
                if child.tail:  # what a tight item says after a list or a quote
                    self.ancestors = [element.tag]
                    child.tail, children = self._split(self._apply(child.tail))
                    place = list(element).index(child) + 1
                    for index, made in enumerate(children):
                        element.insert(place + index, made)
        return None

    def _learn(self) -> None:
        """Finds for each registered pattern what a text must hold for it to match."""
        references = self.md.references
        notes = self.md.parser.notes if isinstance(self.md.parser, Blocks) else set()
        conditions: dict[str, Callable[[str], bool]] = {
            "backtick": lambda text: "`" in text,
            "escape": lambda text: "\\" in text,
            "html": lambda text: "<" in text,
            "autolink": lambda text: "<" in text,
            "automail": lambda text: "<" in text,
            "footnote": lambda text: bool(notes) and "[^" in text,
            "simple_link": lambda text: "](" in text,
            "link": lambda text: "](" in text,
            "image_link": lambda text: "![" in text and "](" in text,
            "reference": lambda text: bool(references) and "[" in text,
            "short_reference": lambda text: bool(references) and "[" in text,
            "image_reference": lambda text: bool(references) and "![" in text,
            "short_image_ref": lambda text: bool(references) and "![" in text,
            "linebreak": lambda text: "  \n" in text,
            "hard_break": lambda text: "\\\n" in text,
            "struck": lambda text: "~" in text,
            "simple_emphasis": lambda text: "*" in text or "_" in text,
            "em_strong": lambda text: "*" in text or "_" in text,
        }
        patterns = self.md.inlinePatterns
        order = {patterns.get_index_for_name(name): may_match for name, may_match in conditions.items() if name in patterns}
        self._patterns = [(pattern, order.get(index)) for index, pattern in enumerate(patterns) if isinstance(pattern, InlineProcessor)]
        self._all_known = len(order) == len(self._patterns)

    def _apply(self, data: str, first: int = 0) -> str:
        """The text with a placeholder for each thing that a pattern, from the `first` on, has found in it."""
        if isinstance(data, AtomicString) or (self._all_known and not _SIGNS.search(data)):
            return data
        self._spend(data)
        for index in range(first, len(self._patterns)):
            pattern, may_match = self._patterns[index]
            if may_match is not None and not may_match(data):
                continue
            if pattern.ANCESTOR_EXCLUDES and any(tag in self.ancestors for tag in pattern.ANCESTOR_EXCLUDES):
                continue
            if may_match is not None and not isinstance(pattern, DelimiterProcessor):
                data = self._match_all(pattern, index, data)
                continue
            start: int | None = 0
            while start is not None:
                data, start = self._match(pattern, index, data, start)
        return data

    def _match_all(self, pattern: InlineProcessor, index: int, data: str) -> str:
        """The text with a placeholder for each match of a pattern that keeps no state between matches."""
        pieces: list[str] = []
        last = 0
        for match in pattern.getCompiledRegExp().finditer(data):
            if match.start() < last:  # inside what the match before has taken
                continue
            node, start, end = pattern.handleMatch(match, data)
            if start is None or end is None:
                continue
            if node is not None:
                pieces.append(data[last:start])
                pieces.append(self._stash(node, index))
                last = end
        if not pieces:
            return data
        pieces.append(data[last:])
        return "".join(pieces)

    def _match(self, pattern: InlineProcessor, index: int, data: str, position: int) -> tuple[str, int | None]:
        """Lets a pattern find its next match; gives the text and the position to go on from, None: nothing found."""
        for match in pattern.getCompiledRegExp().finditer(data, position):
            node, start, end = pattern.handleMatch(match, data)
            if start is None or end is None:
                continue
            if node is None:
                return data, max(end, match.end())
            placeholder = self._stash(node, index)
            return f"{data[:start]}{placeholder}{data[end:]}", start + len(placeholder)
        return data, None

    def _stash(self, node: etree.Element | str, index: int) -> str:
        """Keeps what a pattern has found; gives the placeholder that stands for it."""
        if not isinstance(node, str) and not isinstance(node.text, AtomicString):
            self._descend(node, index)
        number = str(len(self.stashed_nodes)).zfill(4)
        self.stashed_nodes[number] = node
        return INLINE_PLACEHOLDER % number

    def _descend(self, node: etree.Element, index: int) -> None:
        for child in (node, *node):
            if child.text:
                self.ancestors.append(child.tag)
                child.text = self._apply(child.text, index + 1)
                self.ancestors.pop()
            if child.tail:
                child.tail = self._apply(child.tail, index)

    def _split(self, data: str) -> tuple[str, list[etree.Element]]:
        """What stands before the first element, and the elements with what follows each as its tail."""
        if INLINE_PLACEHOLDER_PREFIX not in data:
            return data, []
        text: list[str] = []
        made: list[etree.Element] = []
        end = 0

        def say(piece: str) -> None:
            if made:
                made[-1].tail = (made[-1].tail or "") + piece
            else:
                text.append(piece)

        for match in INLINE_PLACEHOLDER_RE.finditer(data):
            node = self.stashed_nodes.get(match[1])
            if node is None:
                continue
            say(data[end : match.start()])
            end = match.end()
            if isinstance(node, str):
                say(node)
            else:
                self._fill(node)
                made.append(node)
        say(data[end:])
        return "".join(text), made

    def _fill(self, node: etree.Element) -> None:
        """Puts elements in place of the placeholders inside a node."""
        if not len(node) and (not node.text or INLINE_PLACEHOLDER_PREFIX not in node.text):
            return
        for child in list(node):
            self._fill(child)
            if child.tail:
                child.tail, made = self._split(child.tail)
                place = list(node).index(child) + 1
                for index, element in enumerate(made):
                    node.insert(place + index, element)
        if node.text and not isinstance(node.text, AtomicString):
            node.text, made = self._split(node.text)
            for index, element in enumerate(made):
                node.insert(index, element)

    def _spend(self, data: str) -> None:
        brackets = data.count("[")
        self._budget -= brackets * self._expansion // 8
        signs = brackets + data.count("*") + data.count("_") + data.count("`") + data.count("<") + data.count("\\") + data.count("~")
        self._budget -= signs * len(data)
        if self._budget < 0:
            raise TooIntricate


class Code(InlineProcessor):
    """Code between backquotes (CommonMark, 6.1: code spans)."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_CODE, md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        text = m[2].replace("\n", " ")
        if text[0] == text[-1] == " " and text.strip(" "):
            text = text[1:-1]
        element = etree.Element("code")
        element.text = AtomicString(code_escape(text))
        return element, m.start(1), m.end()


class SimpleLink(InlineProcessor):
    """`[text](address)` with nothing unusual in it, which is what nearly all links are."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_SIMPLE_LINK, md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        element = etree.Element("a", {"href": m[2]})
        element.text = m[1]
        return element, m.start(), m.end()


class SimpleEmphasis(InlineProcessor):
    """`*text*` and `**text**` between words, with no other star or underscore inside: the rest is the delimiter processor's."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_SIMPLE_EMPHASIS, md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element | None, int | None, int | None]:  # type: ignore[override]
        start = m.start()
        before = data[start - 1] if start else " "
        if before.isalnum() or before in "*_\\":  # looked at here, as a pattern that begins with a literal is found faster
            return None, None, None
        element = etree.Element("em" if len(m[1]) == 1 else "strong")
        element.text = m[2]
        return element, start, m.end()


class RawHtml(InlineProcessor):
    """A tag or a comment inside a paragraph."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_HTML, md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        element = etree.Element(RAW)
        element.text = AtomicString(INLINE_PLACEHOLDER_RE.sub(self._again, m[1]))
        return element, m.start(1), m.end()

    def _again(self, placeholder: re.Match[str]) -> str:
        """What an earlier pattern took for code inside the tag, as it was written."""
        inlines = self.md.treeprocessors["inline"] if self.md else None
        node = inlines.stashed_nodes.get(placeholder[1], "") if isinstance(inlines, Inlines) else ""
        return node if isinstance(node, str) else f"`{''.join(node.itertext())}`"


class Autolink(InlineProcessor):
    """`<https://…>` and `<me@example.org>`."""

    def __init__(self, md: Markdown, mail: bool) -> None:
        super().__init__(_AUTOMAIL if mail else _AUTOLINK, md)
        self._before = "mailto:" if mail else ""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        text = self.unescape(m[1])
        element = etree.Element("a", {"href": self._before + text})
        element.text = AtomicString(text)
        return element, m.start(1) - 1, m.end()


class Reference(ReferenceInlineProcessor):
    """`[text][label]` without a space between, as `[a] [b]` are two links."""

    RE_LINK = re.compile(r"\[([^\]]*)\]")


class PictureReference(ImageReferenceInlineProcessor):
    """`![text][label]` without a space between."""

    RE_LINK = re.compile(r"\[([^\]]*)\]")


class NoteReference(InlineProcessor):
    """`[^label]` of a footnote that is defined somewhere."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"\[\^([^\[\]\s]+)\]", md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element | None, int, int]:  # type: ignore[override]
        if self.md is None or not isinstance(self.md.parser, Blocks) or m[1] not in self.md.parser.notes:
            return None, m.start(), m.end()
        element = etree.Element("sup", {"class": "footnote-reference"})
        link = etree.SubElement(element, "a", {"href": f"#{m[1]}"})
        link.text = element.text = AtomicString("")
        link.text = AtomicString("0")
        return element, m.start(), m.end()


class Struck(InlineProcessor):
    """`~~text~~`, and `~text~` as GitHub has it too."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(_STRUCK, md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        element = etree.Element("del")
        element.text = m[2]
        return element, m.start(), m.end()


class HardBreak(InlineProcessor):
    """A backslash at the end of a line."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"\\\n", md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        return etree.Element("br"), m.start(), m.end()
