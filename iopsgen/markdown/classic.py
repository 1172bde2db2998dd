"""The default engine: Python-Markdown with its extra family, with the blocks and links that GitHub shows."""

import re
import xml.etree.ElementTree as etree
from html import escape
from threading import local

import markdown
from markdown.blockprocessors import ParagraphProcessor
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrExtension, AbbrTreeprocessor
from markdown.extensions.attr_list import AttrListExtension, AttrListTreeprocessor
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import IMAGE_REFERENCE_RE, REFERENCE_RE
from markdown.postprocessors import Postprocessor

from iopsgen.markdown.blocks import LAZY, RAW, Blocks, TooIntricate
from iopsgen.markdown.inlines import (
    Autolink,
    Code,
    HardBreak,
    Inlines,
    NoteReference,
    PictureReference,
    RawHtml,
    Reference,
    SimpleEmphasis,
    SimpleLink,
    Struck,
)
from iopsgen.markdown.source import restore

__all__ = ["TooIntricate", "to_html"]

_VOID = frozenset(("br", "hr", "img", "input"))
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_ESCAPED = re.compile("\x02([0-9]{1,7})\x03")
_LEAD = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MAX_ABBREVIATED = 100_000  # characters
_MAX_ATTRIBUTE_LINE = 2_000  # the attribute lists of Python-Markdown are quadratic in a line

_engines = local()


def to_html(source: str) -> str:
    """The HTML of a prepared source: raw HTML as written, nothing sanitised.

    Raises TooIntricate or RecursionError for a text that it could not read in reasonable time or depth.
    """
    engine: Engine | None = getattr(_engines, "engine", None)
    if engine is None:
        engine = _engines.engine = Engine()
    if "\t" in source:
        source = _with_spaces(source)
    try:
        html: str = engine.convert(source)
    finally:
        engine.reset()
    return restore(html.replace(LAZY, ""))


def _with_spaces(source: str) -> str:
    """The source with the tabs that indent a line as spaces, but for those of fenced code."""
    lines = source.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif "\t" in line and not fence:
            end = _LEAD.match(line).end()  # type: ignore[union-attr] # it matches an empty text too
            lines[number] = line[:end].expandtabs(4) + line[end:]
    return "\n".join(lines)


class Engine(markdown.Markdown):
    """Python-Markdown, set up once for every text of a thread."""

    def __init__(self) -> None:
        super().__init__(extensions=[TableExtension(use_align_attribute=True), AbbrExtension(), AttrListExtension(), GitHubShape()], output_format="html")
        self.serializer = to_text

    def build_parser(self) -> "Engine":
        """Sets up the parts, with blocks read as CommonMark has them."""
        super().build_parser()
        self.parser = Blocks(self)
        self.parser.blockprocessors.register(ParagraphProcessor(self.parser), "paragraph", 10)
        return self


class GitHubShape(Extension):
    """What GitHub shows and Python-Markdown by itself does not: strikethrough, footnotes, raw HTML as written."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        """Registers the patterns, and takes out what `prepare`, the blocks and the last pass do instead."""
        for name in ("normalize_whitespace", "html_block"):
            md.preprocessors.deregister(name)
        patterns = md.inlinePatterns
        patterns.register(Reference(REFERENCE_RE, md), "reference", 170)
        patterns.register(PictureReference(IMAGE_REFERENCE_RE, md), "image_reference", 140)
        patterns.deregister("entity")  # references stay as they are anyway
        patterns.register(Code(md), "backtick", 190)
        patterns.register(HardBreak(md), "hard_break", 185)
        patterns.register(RawHtml(md), "html", 189)
        patterns.register(Autolink(md, mail=False), "autolink", 188)
        patterns.register(Autolink(md, mail=True), "automail", 187)
        patterns.register(NoteReference(md), "footnote", 175)
        patterns.register(SimpleLink(md), "simple_link", 172)
        patterns.register(Struck(md), "struck", 70)
        patterns.register(SimpleEmphasis(md), "simple_emphasis", 65)
        md.ESCAPED_CHARS = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
        md.treeprocessors.register(Inlines(md), "inline", 20)
        md.treeprocessors.deregister("prettify")
        md.treeprocessors.deregister("unescape")
        md.treeprocessors.register(Attributes(md), "attr_list", 8)
        abbreviations = md.parser.blockprocessors["abbr"]
        md.treeprocessors.register(Abbreviations(md, getattr(abbreviations, "abbrs", {})), "abbr", 7)
        md.postprocessors.register(Unescape(md), "unescape", 10)


class Attributes(AttrListTreeprocessor):
    """Attribute lists (`{#id .class}`), looked for only in texts that hold one."""

    def run(self, doc: etree.Element) -> None:
        """Puts the attributes onto their elements."""
        lines: list[str] = getattr(self.md, "lines", [])
        braces = [line for line in lines if "{" in line]
        if braces and max(map(len, braces)) <= _MAX_ATTRIBUTE_LINE:
            super().run(doc)


class Abbreviations(AbbrTreeprocessor):
    """Abbreviations, in texts of a size in which looking for each of them everywhere does not take long."""

    def run(self, root: etree.Element) -> etree.Element | None:
        """Puts `<abbr>` around each of them."""
        if self.abbrs and sum(map(len, getattr(self.md, "lines", []))) <= _MAX_ABBREVIATED:
            super().run(root)
        return None


class Unescape(Postprocessor):
    """Turns what stands for a character behind a backslash back into it."""

    def run(self, text: str) -> str:
        """The HTML with these characters escaped as HTML has them."""
        return _ESCAPED.sub(lambda m: escape(chr(int(m[1]))), text) if "\x02" in text else text


def to_text(root: etree.Element) -> str:
    """Writes a tree as HTML."""
    out: list[str] = []
    _write(root, out)
    return "".join(out)


def _write(element: etree.Element, out: list[str]) -> None:
    tag, text = element.tag, element.text
    if tag == RAW:
        out.append(text or "")
        return
    if element.attrib:
        attributes = "".join(
            f' {key}="{_escaped(str(key if value is None else value)).replace(chr(34), "&quot;")}"' for key, value in sorted(element.attrib.items())
        )
        out.append(f"<{tag}{attributes}>")
    else:
        out.append(f"<{tag}>")
    if text:
        out.append(_escaped(text))
    if tag in _VOID:
        return
    for child in element:
        _write(child, out)
        if child.tail:
            out.append(_escaped(child.tail))
    out.append(f"</{tag}>\n" if tag in _BLOCKS else f"</{tag}>")


_BLOCKS = frozenset("p ul ol li h1 h2 h3 h4 h5 h6 blockquote pre table thead tbody tr dl dt dd div".split())


def _escaped(text: str) -> str:
    if "&" in text:
        text = _AMPERSAND.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text
