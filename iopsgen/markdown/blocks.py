"""Reads blocks for Python-Markdown as CommonMark has them, in linear time: lists, quotes, code, HTML, headings, notes.

This is a `BlockParser` that cuts a text into blocks line by line (CommonMark 0.31.2, sections 4 and 5) and leaves what is
not a block of its own, paragraphs and tables, to the block processors that Python-Markdown and its extensions register.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterable

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions.abbr import AbbrBlockprocessor
from markdown.util import AtomicString, code_escape

from iopsgen.markdown.source import DONE, TO_DO

RAW = "raw-html"  # the tag of an element whose text is HTML as written
MAX_NESTING = 50
MAX_CELLS = 20_000
MAX_ABBREVIATIONS = 200  # each is looked for in every text
MAX_TITLE = 200  # characters of what an abbreviation stands for: it is repeated wherever the abbreviation occurs


class TooIntricate(Exception):
    """A text that this engine cannot read in reasonable time."""


_FENCE = re.compile(r"(?:(`{3,})([^`]*)|(~{3,})(.*))\Z")
_ATX = re.compile(r"(#{1,6})(?:[ \t]+(.*))?\Z")
_ATX_END = re.compile(r"(?:\A|[ \t]+)#+[ \t]*\Z")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*\Z")
_MARKER = re.compile(r"([-+*]|(\d{1,9})([.)]))(?:( +)|\Z)")
_TASK = re.compile(r"\[([ xX])\] +(?=\S)")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_NOTE = re.compile(r"\[\^([^\[\]\s]+)\]:[ ]*")
_DEFINITION = re.compile(r":( +)(?=\S)")
_LINK_DEFINITION = re.compile(
    r"""\[((?:[^\[\]\\]|\\.){1,999})\]:[ ]*\n?[ ]*(?:<([^<>\n]*)>|([^\s<]\S*))"""
    r"""(?:(?:[ ]+|[ ]*\n[ ]*)("[^"]*"|'[^']*'|\([^()]*\)))?[ ]*(?:\n|\Z)"""
)
_ABBREVIATION = re.compile(r"^\*\[([^\]\n]+)\] ?:[ ]*(.*)\n?", re.MULTILINE)
_CONTAINERS = re.compile(r"(?: {0,3}(?:>|(?:[-+*]|\d{1,9}[.)])(?= |\Z)))*")
_LANGUAGE = re.compile(r"\{?[ ]*\.?([^\s{}.=]+)")
_HTML_BLOCK = re.compile(
    r"<(?:(?P<text>script|pre|style|textarea)(?:[\s>]|\Z)|(?P<comment>!--)|(?P<instruction>\?)|(?P<cdata>!\[CDATA\[)|(?P<declaration>![A-Za-z])"
    r"|/?(?P<block>address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol"
    r"|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:\s|/?>|\Z))",
    re.IGNORECASE,
)
_WHOLE_TAG = re.compile(
    r"""(?:</[A-Za-z][A-Za-z0-9-]*\s*>|<[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*/?>)\s*\Z"""
)
_HTML_END = {"comment": "-->", "instruction": "?>", "cdata": "]]>", "declaration": ">"}
_TEXT_END = re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE)
LAZY = "\x08"  # begins a line that goes on with a paragraph, whatever the line looks like
_OPENING = frozenset("`~#>-+*_<[:0123456789")  # characters that may open a block
_OWN_PROCESSORS = frozenset(("table", "abbr", "paragraph"))


class Blocks(BlockParser):
    """Builds the tree of blocks. `notes` are the labels of the footnotes that were defined."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.notes: set[str] = set()
        self._plain: bool | None = None  # no processor but those known: an ordinary paragraph needs to pass none
        self._depth = 0

    def parseDocument(self, lines: Iterable[str]) -> etree.ElementTree:
        """The tree of a whole document."""
        self.notes.clear()
        self._depth = 0
        if self._plain is None:
            self._plain = len(self.blockprocessors) == len(_OWN_PROCESSORS) and all(n in self.blockprocessors for n in _OWN_PROCESSORS)
        self.root = etree.Element(self.md.doc_tag)
        self.read(self.root, list(lines))
        return etree.ElementTree(self.root)

    def parseChunk(self, parent: etree.Element, text: str) -> None:
        """Reads a text into `parent`, for processors of extensions."""
        self.read(parent, text.split("\n"))

    def parseBlocks(self, parent: etree.Element, blocks: list[str]) -> None:
        """Reads blocks into `parent`, for processors of extensions."""
        text = "\n\n".join(blocks)
        blocks.clear()
        self.read(parent, text.split("\n"))

    # --- lines to blocks ---------------------------------------------------------------------------------------------

    def read(self, parent: etree.Element, lines: list[str]) -> bool:
        """Reads lines into `parent`; tells whether an empty line stood between two of its children."""
        if self._depth >= MAX_NESTING:
            raise TooIntricate
        self._depth += 1
        at, end = 0, len(lines)
        gap = loose = started = False
        while at < end:
            line = lines[at]
            text = line.lstrip(" ")
            if not text:
                gap = started
                at += 1
                continue
            loose = loose or gap
            gap, started = False, True
            indent = len(line) - len(text)
            at = self._indented(parent, lines, at) if indent > 3 else self._block(parent, lines, at, text, indent)
        self._depth -= 1
        return loose

    def _block(self, parent: etree.Element, lines: list[str], at: int, text: str, indent: int) -> int:
        """Reads the block that begins on a line; gives the line after it."""
        first = text[0]
        if first in _OPENING:
            if first in "`~" and (fence := _FENCE.match(text)):
                return self._fenced(parent, lines, at, fence, indent)
            if first == "#" and (heading := _ATX.match(text)):
                title = _ATX_END.sub("", heading[2] or "")
                etree.SubElement(parent, f"h{len(heading[1])}").text = title.strip(" \t")
                return at + 1
            if first == ">":
                return self._quote(parent, lines, at)
            if first in "-*_" and _RULE.match(text):
                etree.SubElement(parent, "hr")
                return at + 1
            if first in "-+*0123456789" and (marker := _MARKER.match(text)):
                return self._list(parent, lines, at, marker, indent)
            if first == "<" and (last := _html_end(lines, at, text)):
                return self._html(parent, lines, at, last)
            if first == "[" and (note := _NOTE.match(text)):
                return self._note(parent, lines, at, note, text)
            if first == ":" and _DEFINITION.match(text) and len(parent) and parent[-1].tag in ("p", "dl"):
                return self._definitions(parent, lines, at)
        return self._paragraph(parent, lines, at, text)

    def _paragraph(self, parent: etree.Element, lines: list[str], at: int, text: str) -> int:
        """Reads a paragraph, or the heading, table or term that it turns out to be."""
        start = at
        kept = [text.lstrip(LAZY)]
        table = False
        at += 1
        end = len(lines)
        while at < end:
            line = lines[at]
            text = line.lstrip(" ")
            if not text:
                break
            first = text[0]
            if first in "=-|:`~#>+*_<[0123456789" and len(line) - len(text) < 4:
                if first in "=-" and not table and _SETEXT.match(text):
                    title = self._define(kept)
                    if not title:
                        return at
                    etree.SubElement(parent, "h1" if first == "=" else "h2").text = title
                    return at + 1
                if first in "-|:" and not table and "-" in text and _TABLE_RULE.match(text) and self._heads_table(parent, kept[-1], text):
                    if len(kept) > 1:
                        self._leaf(parent, kept[:-1])
                        return at - 1
                    table = True
                elif first == ":" and not table and _DEFINITION.match(text):
                    self._leaf(parent, kept)
                    return self._definitions(parent, lines, at) if len(parent) and parent[-1].tag == "p" else at
                elif _interrupts(text, first, lines, at):
                    break
            kept.append(text.lstrip(LAZY))
            at += 1
        if table:
            if len(kept) * kept[1].count("-") > MAX_CELLS and len(kept) * (kept[1].count("|") + 1) > MAX_CELLS:
                raise TooIntricate
            self.blockprocessors["table"].run(parent, ["\n".join(kept)])
            if len(kept) == 2:  # Python-Markdown adds an empty row
                parent[-1][-1].clear()
        else:
            self._leaf(parent, kept)
        return max(at, start + 1)

    def _heads_table(self, parent: etree.Element, header: str, rule: str) -> bool:
        return "table" in self.blockprocessors and bool(self.blockprocessors["table"].test(parent, f"{header}\n{rule}"))

    def _leaf(self, parent: etree.Element, kept: list[str]) -> None:
        """Makes a paragraph, or what a block processor of an extension makes of it."""
        text = self._define(kept)
        if not text:
            return
        if self._plain:
            etree.SubElement(parent, "p").text = text
        else:
            super().parseBlocks(parent, [text])

    def _define(self, kept: list[str]) -> str:
        """The lines of a paragraph as one text, without the definitions of links and abbreviations that stand there."""
        text = "\n".join(kept).rstrip(" ")
        while text[0:1] == "[" and (link := _LINK_DEFINITION.match(text)):
            label = " ".join(link[1].lower().split())
            if label:
                target = link[2] if link[2] is not None else link[3]
                self.md.references.setdefault(label, (target, (link[4] or "")[1:-1]))
            text = text[link.end() :].lstrip(" ")
        if "*[" in text and "abbr" in self.blockprocessors:
            text = _ABBREVIATION.sub(self._abbreviate, text)
        return text

    def _abbreviate(self, match: re.Match[str]) -> str:
        processor = self.blockprocessors["abbr"]
        known = processor.abbrs if isinstance(processor, AbbrBlockprocessor) else {}
        if match[2].strip() and len(known) < MAX_ABBREVIATIONS:
            known[match[1].strip()] = match[2].strip()[:MAX_TITLE]
        return ""

    # --- code and HTML -----------------------------------------------------------------------------------------------

    def _indented(self, parent: etree.Element, lines: list[str], at: int) -> int:
        start = last = at
        while at < len(lines):
            if lines[at].startswith("    "):
                if not lines[at].isspace():
                    last = at
            elif lines[at].strip(" "):
                break
            at += 1
        _code(parent, "".join(f"{line[4:]}\n" for line in lines[start : last + 1]), "")
        return last + 1

    def _fenced(self, parent: etree.Element, lines: list[str], at: int, fence: re.Match[str], indent: int) -> int:
        sign = fence[1] or fence[3]
        closing = re.compile(rf" {{0,3}}{re.escape(sign[0])}{{{len(sign)},}}[ \t]*\Z")
        inside: list[str] = []
        at += 1
        while at < len(lines):
            line = lines[at]
            at += 1
            if closing.match(line):
                break
            inside.append(line[min(indent, len(line) - len(line.lstrip(" "))) :] if indent else line)
        else:  # never closed: it ends with what holds it, without the empty lines before that
            while inside and not inside[-1].strip():
                inside.pop()
        info = (fence[2] or fence[4] or "").strip()
        language = _LANGUAGE.match(info) if info else None
        _code(parent, "".join(f"{line}\n" for line in inside), language[1] if language else "")
        return at

    def _html(self, parent: etree.Element, lines: list[str], at: int, last: int) -> int:
        etree.SubElement(parent, RAW).text = AtomicString("\n".join(lines[at:last]) + "\n")
        return last

    # --- blocks that hold blocks -------------------------------------------------------------------------------------

    def _quote(self, parent: etree.Element, lines: list[str], at: int) -> int:
        inside: list[str] = []
        flow = _Flow()
        while at < len(lines):
            line = lines[at]
            text = line.lstrip(" ")
            if text.startswith(">") and len(line) - len(text) < 4:
                text = text[2:] if text.startswith("> ") else text[1:]
                flow.take(text)
            elif not text or not flow.goes_on(line, text, lines, at):
                break
            else:
                text = LAZY + text.lstrip(LAZY)
            inside.append(text)
            at += 1
        self.read(etree.SubElement(parent, "blockquote"), inside)
        return at

    def _list(self, parent: etree.Element, lines: list[str], at: int, marker: re.Match[str], indent: int) -> int:
        kind = marker[3] or marker[1]
        items = etree.SubElement(parent, "ol" if marker[3] else "ul")
        if marker[3] and int(marker[2]) != 1:
            items.set("start", str(int(marker[2])))
        loose = False
        while True:
            inside, at, blanks = _item(lines, at, marker, indent)
            item = etree.SubElement(items, "li")
            if task := _TASK.match(inside[0]):
                inside[0] = (TO_DO if task[1] == " " else DONE) + inside[0][task.end() :]
            loose = self.read(item, inside) or loose
            if at >= len(lines):
                break
            text = lines[at].lstrip(" ")
            indent = len(lines[at]) - len(text)
            following = _MARKER.match(text) if indent < 4 else None
            if following is None or (following[3] or following[1]) != kind or _RULE.match(text):
                break
            marker = following
            loose = loose or blanks > 0
        if not loose:
            for item in items:
                _unwrap(item)
        return at - blanks

    def _note(self, parent: etree.Element, lines: list[str], at: int, note: re.Match[str], text: str) -> int:
        """A footnote: its text goes on over indented lines, and lazily over those of its paragraph."""
        inside, at = _hanging(lines, at, text[note.end() :], 4)
        holder = etree.SubElement(parent, "div", {"class": "footnote-definition", "id": note[1]})
        label = etree.SubElement(holder, "sup", {"class": "footnote-definition-label"})
        label.text = AtomicString("0")
        self.notes.add(note[1])
        self.read(holder, inside)
        return at

    def _definitions(self, parent: etree.Element, lines: list[str], at: int) -> int:
        """Definitions (`: …`) of the terms that stand in the paragraph before, one on each line."""
        loose = at > 0 and not lines[at - 1].strip(" ")
        if parent[-1].tag == "p":
            terms = parent[-1]
            parent.remove(terms)
            if not len(parent) or parent[-1].tag != "dl":
                etree.SubElement(parent, "dl")
            for term in (terms.text or "").split("\n"):
                etree.SubElement(parent[-1], "dt").text = term.strip()
        made = parent[-1]
        while at < len(lines):
            text = lines[at].lstrip(" ")
            mark = _DEFINITION.match(text) if len(lines[at]) - len(text) < 4 else None
            if mark is None:
                break
            inside, at = _hanging(lines, at, text[mark.end() :], 2)
            definition = etree.SubElement(made, "dd")
            if not (self.read(definition, inside) or loose):
                _unwrap(definition)
            blank = at
            while blank < len(lines) and not lines[blank].strip(" "):
                blank += 1
            following = lines[blank].lstrip(" ") if blank < len(lines) else ""
            if blank > at and not (_DEFINITION.match(following) and len(lines[blank]) - len(following) < 4):
                break
            loose = blank > at
            at = blank
        return at


class _Flow:
    """Whether a paragraph is open at the end of the lines taken so far, so that the next line may lazily go on with it."""

    def __init__(self) -> None:
        self._open = self._html = False
        self._fence = ""

    def take(self, text: str) -> None:
        held = _CONTAINERS.match(text).end()  # type: ignore[union-attr] # it matches an empty text too
        rest = text[held:].lstrip(" ")
        if self._fence or self._html:
            if self._html and not rest:
                self._html = False
            elif self._fence and rest.startswith(self._fence) and not rest.strip(self._fence[0] + " "):
                self._fence = ""
            return
        indent = len(text) - held - len(rest)
        if rest and self._open and not held and indent > 3:
            return
        self._open = bool(rest) and indent < (5 if held else 4) and not self._closes(rest)

    def _closes(self, rest: str) -> bool:
        """Whether a line is, or begins, something that is no paragraph."""
        first = rest[0]
        if first in "`~" and (fence := _FENCE.match(rest)):
            self._fence = fence[1] or fence[3]
            return True
        if first == "<" and _HTML_BLOCK.match(rest):
            self._html = True
            return True
        if first == "#":
            return _ATX.match(rest) is not None
        if first in "=-" and self._open and _SETEXT.match(rest):
            return True
        return first in "-*_" and _RULE.match(rest) is not None

    def goes_on(self, line: str, text: str, lines: list[str], at: int) -> bool:
        """Whether a line that is not indented enough still belongs to the open paragraph."""
        if not self._open:
            return False
        first = text[0]
        if len(line) - len(text) > 3 or first not in "`~#>-+*_<[0123456789":
            return True
        return not _MARKER.match(text) and not _interrupts(text, first, lines, at)


def _item(lines: list[str], at: int, marker: re.Match[str], indent: int) -> tuple[list[str], int, int]:
    """The lines of a list item without its indentation, the line after it, and how many empty lines end there."""
    text = lines[at].lstrip(" ")
    rest = text[marker.end() :]
    spaces = len(marker[4] or "")
    width = indent + len(marker[1]) + (spaces if 0 < spaces < 5 and rest else 1)
    if spaces > 4 and rest:
        rest = " " * (spaces - 1) + rest
    inside = [rest]
    flow = _Flow()
    flow.take(rest)
    at += 1
    blanks = 0
    while at < len(lines):
        line = lines[at]
        text = line.lstrip(" ")
        if not text:
            blanks += 1
        elif len(line) - len(text) >= width and (blanks == 0 or rest or len(inside) > 1):
            if blanks:
                inside.extend([""] * blanks)
                flow.take("")
                blanks = 0
            inside.append(line[width:])
            flow.take(line[width:])
        elif blanks == 0 and flow.goes_on(line, text, lines, at):
            inside.append(LAZY + text.lstrip(LAZY))
        else:
            break
        at += 1
    return inside, at, blanks


def _hanging(lines: list[str], at: int, rest: str, width: int) -> tuple[list[str], int]:
    """The lines of a footnote or a definition: indented by `width` to 4, or going on with its paragraph; and the line after."""
    inside = [rest]
    flow = _Flow()
    flow.take(rest)
    at += 1
    last = at
    while at < len(lines):
        line = lines[at]
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        at += 1
        if not text:
            inside.append("")
            flow.take("")
            continue
        if indent >= width:
            text = line[min(indent, 4) :]
            flow.take(text)
        elif text[0] in ":[" or not flow.goes_on(line, text, lines, at - 1):
            break
        else:
            text = LAZY + text.lstrip(LAZY)
        inside.append(text)
        last = at
    while inside and not inside[-1]:
        inside.pop()
    return inside or [""], last


def _interrupts(text: str, first: str, lines: list[str], at: int) -> bool:
    """Whether a line begins a block although a paragraph is open."""
    if first in "`~":
        return _FENCE.match(text) is not None
    if first == "#":
        return _ATX.match(text) is not None
    if first == ">":
        return True
    if first in "-*_" and _RULE.match(text):
        return True
    if first in "-+*1":
        marker = _MARKER.match(text)
        return marker is not None and marker[2] in (None, "1") and marker.end() < len(text)
    if first == "<":
        return _HTML_BLOCK.match(text) is not None
    return first == "[" and _NOTE.match(text) is not None


def _html_end(lines: list[str], at: int, text: str) -> int:
    """The line after the HTML block that begins on a line; 0: none begins there."""
    block = _HTML_BLOCK.match(text)
    kind = block.lastgroup if block else "tag" if _WHOLE_TAG.match(text) else ""
    if not kind:
        return 0
    end = len(lines)
    if kind in ("block", "tag"):
        while at < end and lines[at].strip(" "):
            at += 1
        return at
    closing = _HTML_END.get(kind)
    while at < end:
        if (closing in lines[at]) if closing else _TEXT_END.search(lines[at]):
            return at + 1
        at += 1
    return end


def _code(parent: etree.Element, text: str, language: str) -> None:
    code = etree.SubElement(etree.SubElement(parent, "pre"), "code")
    if language:
        code.set("class", f"language-{language}")
    code.text = AtomicString(code_escape(text))


def _unwrap(item: etree.Element) -> None:
    """Takes the paragraphs of an item of a tight list out of their `<p>`."""
    before: etree.Element | None = None
    for child in list(item):
        if child.tag != "p":
            before = child
            continue
        if before is None:
            item.text = child.text
        else:
            before.tail = "\n" + (child.text or "")
        item.remove(child)
