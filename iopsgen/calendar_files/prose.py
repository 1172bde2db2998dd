"""The description of an event, plain text or HTML, as Markdown that shows just that and can do nothing else."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from iopsgen.plain import printable, without_markup
from iopsgen.scaffold import on_one_line

if TYPE_CHECKING:
    import nh3

MAX_TEXT = 20_000  # characters of a description
_MARKS = re.compile(r"[\\`*_\[\]<{}|~]|&(?=#?\w)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\^{|}\x00-\x20]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,:;!?'*_~"
_MAYBE_ADDRESS = re.compile(r"((?:www\.|https?://)\S*)", re.IGNORECASE)
_LINE_START = re.compile(r"(?P<sign>[#>+=:%@!$^-])|(?P<number>[0-9]+)(?=[.)])")
_CLOSING = re.compile(r"(?<!\\)#+\Z")  # behind a heading
_LOOKS_LIKE_HTML = re.compile(r"</?(?:p|br|div|span|b|strong|i|em|u|ul|ol|li|a|h[1-6]|html|body|table|font)\b[^<>]*>", re.IGNORECASE)
_BLOCKS = frozenset("p div section article header footer table tr ul ol dl dt dd blockquote pre figure hr address center form fieldset".split())
_DROPPED = frozenset("script style head title template svg noscript iframe object select textarea math".split())  # with what they hold
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_DEEPEST = 6  # lists within lists


def looks_like_html(text: str) -> bool:
    """Whether a plain-text property holds HTML all the same, as some programs write it."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def markdown_of_text(text: str) -> str:
    """Plain text as Markdown: every line as it stands, web addresses as links, nothing of it read as markup."""
    lines = [" ".join(line.split()) for line in _shortened(printable(text).replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n")).split("\n")]
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(_line(line))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("  \n".join(paragraph) for paragraph in paragraphs if paragraph)


def markdown_of_html(html: str) -> str:
    """HTML as Markdown: paragraphs, lists, headings and web links; of all else the words. No HTML is left in it."""
    from iopsgen.markdown.sanitiser import is_boundless  # late: it loads the sanitiser, and most calendars hold no HTML

    html = _shortened(printable(html), 5)
    if is_boundless(html):
        return markdown_of_text(without_markup(html))
    reader = _Reader()
    reader.feed(_cleaner().clean(html))
    reader.close()
    return reader.result()


def plain_line(text: str, longest: int = 300) -> str:
    """A text on one line, not longer than so many characters."""
    line = on_one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _shortened(text: str, times: int = 1) -> str:
    longest = MAX_TEXT * times
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


@cache
def _cleaner() -> "nh3.Cleaner":
    """Makes sound HTML of any, with the few tags that mean something here."""
    import nh3

    return nh3.Cleaner(
        tags={*_BLOCKS, *_HEADINGS, "br", "a", "li", "td", "th", "img"},
        clean_content_tags=set(_DROPPED),
        attributes={"a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )


# --- literal text ------------------------------------------------------------------------------------------------------


def _line(text: str) -> str:
    """A line of text in which nothing is markup but its web addresses."""
    return _safe_start("".join(_pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for found in _ADDRESS.finditer(text):
        address = _whole_address(found[0])
        if "." in address:
            yield _literal(text[at : found.start()])
            yield f"<{_linkable(address)}>"
            at = found.start() + len(address)
    yield _literal(text[at:])


def _whole_address(address: str) -> str:
    """The address without the punctuation of the sentence around it."""
    while address and (address[-1] in _AFTER_ADDRESS or (address[-1] in ")]" and address.count(address[-1]) > address.count("([" [address[-1] == "]"]))):
        address = address[:-1]
    return address


def _linkable(address: str) -> str:
    """The address for a link: nothing in it is a character reference, and where another one stands in it, nothing is emphasis."""
    address = re.sub(r"(&#?\w+);", r"\1%3B", address)
    if _MAYBE_ADDRESS.search(address, 8):
        return re.sub(r"[_*~]", lambda m: f"%{ord(m[0]):02X}", address)
    return address


def _literal(text: str) -> str:
    """Text in which every sign that could be markup is escaped."""
    pieces = _MAYBE_ADDRESS.split(text)  # what may become a link must hold no backslash
    return "".join(_MARKS.sub(_reference if n % 2 else _escaped, piece) for n, piece in enumerate(pieces))


def _escaped(sign: re.Match[str]) -> str:
    return {"<": "&lt;", "&": "&amp;"}.get(sign[0], f"\\{sign[0]}")


def _reference(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"


def _safe_start(line: str) -> str:
    """A line that begins no heading, list, quote, rule or table."""
    found = _LINE_START.match(line)
    if not found:
        return line
    end = found.end()
    return f"\\{line}" if found["sign"] else f"{line[:end]}\\{line[end:]}"


# --- HTML --------------------------------------------------------------------------------------------------------------


class _Reader(HTMLParser):
    """Reads sound HTML and collects blocks of Markdown: each a prefix (of a heading or a list) and lines of inline text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[tuple[str, list[str]]] = []  # prefix, lines
        self._prefix = ""
        self._lines: list[str] = [""]
        self._lists: list[int] = []  # of each open list the number of its next item, 0 for one without numbers
        self._link = ""
        self._link_text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._lines.append("")
        elif tag in _HEADINGS:
            self._end_block("### ")
        elif tag in ("ul", "ol"):
            self._end_block()
            self._lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            self._end_block(self._item())
        elif tag in _BLOCKS:
            self._part()
        elif tag in ("td", "th") and self._lines[-1]:
            self._lines[-1] += " "
        elif tag == "a":
            self._begin_link(dict(attrs).get("href") or "")
        elif tag == "img" and (words := dict(attrs).get("alt")):
            self.handle_data(f" {words} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._end_block()
            if self._lists:
                self._lists.pop()
        elif tag in _HEADINGS or tag == "li":
            self._end_block()
        elif tag in _BLOCKS:
            self._part()
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if self._link_text is not None:
            self._link_text.append(text)
        else:
            self._add("".join(_pieces(text)))

    def result(self) -> str:
        """All that was read."""
        self._end_link()
        self._end_block()
        out: list[str] = []
        indent = -4  # of the item above
        for prefix, lines in self._blocks:
            is_item = prefix.endswith((". ", "- "))
            if out:
                out.append("\n" if is_item and indent >= 0 else "\n\n")
            if is_item:
                indent = min(len(prefix) - len(prefix.lstrip(" ")), indent + 4)  # deeper it would be code
                prefix = " " * indent + prefix.lstrip(" ")
            else:
                indent = -4
            out.append(prefix + f"  \n{' ' * len(prefix)}".join(lines))
        return "".join(out)

    def _add(self, markdown: str) -> None:
        last = self._lines[-1]
        self._lines[-1] = last + (markdown.lstrip(" ") if not last or last.endswith(" ") else markdown)

    def _item(self) -> str:
        """The prefix of an item of the innermost list."""
        if not self._lists:
            return "- "
        indent = "    " * (min(len(self._lists), _DEEPEST) - 1)
        number = self._lists[-1]
        if number:
            self._lists[-1] += 1
            return f"{indent}{number}. "
        return f"{indent}- "

    def _part(self) -> None:
        """Begins a new paragraph; inside a list a new line of its item."""
        if not self._lists:
            self._end_block()
        elif self._lines[-1]:
            self._lines.append("")

    def _begin_link(self, address: str) -> None:
        self._end_link()
        found = _ADDRESS.fullmatch(address.strip())
        if found:
            self._link, self._link_text = found[0], []

    def _end_link(self) -> None:
        if self._link_text is None:
            return
        words, self._link_text = " ".join("".join(self._link_text).split()), None
        if words in ("", self._link):
            self._add(f"<{_linkable(self._link)}>")
        else:
            self._add(f"[{_literal(words)}](<{_linkable(self._link)}>)")

    def _end_block(self, prefix: str = "") -> None:
        lines = [line.strip() for line in self._lines]
        while lines and not lines[-1]:
            lines.pop()
        while lines and not lines[0]:
            lines.pop(0)
        paragraphs: list[list[str]] = [[]]
        for line in lines:  # two line breaks in a row end a paragraph
            if line:
                paragraphs[-1].append(_safe_start(line))
            elif paragraphs[-1] and not self._prefix:
                paragraphs.append([])
        for paragraph in filter(None, paragraphs):
            if self._prefix.startswith("#"):
                paragraph = [_CLOSING.sub(r"\\\g<0>", " ".join(paragraph))]
            self._blocks.append((self._prefix, paragraph))
            self._prefix = ""
        self._prefix, self._lines = prefix, [""]
