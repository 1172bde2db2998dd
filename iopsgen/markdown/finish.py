"""The last pass, the same for both engines: ids, notes, markers for addresses, code, quotes, and what the text says of itself."""

import re
import unicodedata
from html import escape, unescape
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from iopsgen.markdown.highlight import BUDGET, effort, highlight
from iopsgen.markdown.links import as_written, is_absolute, link_bare, may_hold_address
from iopsgen.markdown.phrases import Phrases, phrases_in
from iopsgen.markdown.quotes import Typesetter, marks_of
from iopsgen.markdown.source import DONE, TO_DO
from iopsgen.markdown.words import count_words, shorten, squeeze
from iopsgen.model import Heading

# The sanitiser writes every attribute in double quotes and every `<` and `>` in a value as a reference.
_PIECES = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_TAG = re.compile(r"<(/?)([^\s/>]+)([^>]*)>")
# What makes a text worth a closer look: quotes, dashes, dots, addresses, the boxes of tasks, the table of contents.
_NOTABLE = re.compile(rf"[\"'@\[{TO_DO}{DONE}]|--|\.\.\.|://|www\.")
_MORE = re.compile(r"\s*more\b", re.IGNORECASE)
_ID = re.compile(r' id="([^"]*)"')
_ALIGN = re.compile(r' align="(left|right|center|justify)"')
_CLASS = re.compile(r' class="([^"]*)"')
_ADDRESS = re.compile(r' (href|src|poster|action|data|srcset)="([^"]*)"')
_COMMA = re.compile(r",\s+|,\Z")
_ALT = re.compile(r' alt="([^"]*)"')
_NAME = re.compile(r' name="([^"]*)"')
_CODE = re.compile(r"<code(?P<attributes>[^>]*)>(?P<code>[^<]*)</code></pre>\Z")
# What both engines make of `[^1]` and of `[^1]: …`.
_NOTE_REFERENCE, _NOTE_LABEL = '<sup class="footnote-reference">', '<sup class="footnote-definition-label">'
_NOTE_BEGINS = '<div class="footnote-definition" id="'
_REFERENCE = re.compile(r'<a href="#([^"]*)">[^<]*</a></sup>')
_LANGUAGE = re.compile(r'\blanguage-([^\s"]+)')

_INLINE = frozenset("a abbr b bdi bdo cite del dfn em i ins mark q rp rt ruby s small span strong sub sup time u data wbr".split())
_VERBATIM = frozenset("code kbd samp var textarea button tt math".split())  # no quotes and no links inside
_OPAQUE = frozenset("script style iframe noembed noframes noscript xmp title template textarea svg".split())
_ADDRESSED = frozenset("a area audio embed form img input object source track video".split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_RENAMED = {"tt": "code", "strike": "s", "acronym": "abbr", "center": "div"}
_NO_LEAD = frozenset("blockquote li td th figure figcaption details dd caption".split())  # their paragraphs do not sum up a text
_PLAIN = frozenset(f"<{slash}{name}>" for name in _INLINE - {"a"} for slash in ("", "/"))
_PLAIN_BLOCKS = frozenset(f"<{slash}{name}>" for name in "ul ol dl table thead tbody tr hr".split() for slash in ("", "/"))

Attribute = Literal["href", "src"]


class Picture(NamedTuple):
    """A picture without a description: its address, and whether its author wrote `alt=""`."""

    src: str
    empty: bool


class Finished(NamedTuple):
    """HTML ready for a page, and what was learnt on the way. `targets` are (address, attribute) by marker number."""

    html: str
    summary: str
    headings: tuple[Heading, ...]
    targets: tuple[tuple[str, Attribute], ...]
    words: int
    code: bool
    more: bool
    pictures: tuple[Picture, ...]  # those without a description
    empty_links: int
    dead_links: bool  # the sanitiser took the address of a link or a picture
    unused_notes: tuple[str, ...]


class _Note:
    """A footnote: its text, and where the text refers to it."""

    __slots__ = ("defined", "html", "references", "said")

    def __init__(self) -> None:
        self.defined = False
        self.html: list[str] = []
        self.said: list[str] = []
        self.references: list[tuple[list[str], int]] = []  # where a reference waits for its number


class Finisher:
    """Walks once over sanitised HTML. `small`: for a text inside another page, without ids, markers and notes."""

    def __init__(self, language: str, smart_quotes: bool, small: bool = False, trusted: bool = False) -> None:
        self._phrases: Phrases = phrases_in(language)
        self._type = Typesetter(marks_of(language)) if smart_quotes else None
        self._small = small
        self._guard = trusted
        self._out: list[str] = []
        self._main = self._out
        self._text_said: list[str] = []  # the words, with a line end where a block ends; those of notes stand apart
        self._said = self._text_said
        self._ids: set[str] = set()
        self._repeats: dict[str, int] = {}  # how often a heading's id was taken already
        self._headings: list[Heading] = []
        self._targets: list[tuple[str, Attribute]] = []
        self._pictures: list[Picture] = []
        self._notes: dict[str, _Note] = {}
        self._open_divs: list[str] = []  # what each open div is: "" or "note"
        self._heading: tuple[int, int, str] | None = None
        self._lead: tuple[int, int] | None = None  # the first paragraph, as a slice of what was said
        self._paragraph = -1
        self._verbatim = self._linked = self._inside = self._in_note = 0
        self._more = -1
        self._tocs: list[int] = []
        self._code = False
        self._colours = BUDGET
        self._empty_links = 0
        self._dead_links = False

    def finish(self, html: str) -> Finished:
        """The sanitised HTML, in which no control characters may be left but the boxes of tasks, made ready for a page."""
        if ' class=""' in html:  # the sanitiser knew none of the classes
            html = html.replace(' class=""', "")
        if self._guard:
            html = _without_script_addresses(html)
        if ' id="' in html:
            self._ids = set(map(unescape, _ID.findall(html)))
        self._walk(html)
        return self._result()

    # --- the walk --------------------------------------------------------------------------------------------------

    def _walk(self, html: str) -> None:
        pieces = _PIECES.split(html)
        at, end = 0, len(pieces)
        out = self._out
        while at < end:
            text = pieces[at]
            if text:
                self._text(text)
            at += 1
            if at == end:
                break
            tag = pieces[at]
            at += 1
            if tag in _PLAIN:
                self._out.append(tag)
            elif tag in _PLAIN_BLOCKS:
                self._break()
                self._out.append(tag)
            elif tag.startswith("<!--"):
                self._comment(tag[4:-3])
            else:
                at = self._tag(pieces, at, tag)
        assert out is self._main

    def _tag(self, pieces: list[str], at: int, tag: str) -> int:
        """Handles a tag that means something; `at` is the piece after it. Gives the piece to go on with."""
        match = _TAG.match(tag)
        if match is None:
            return at
        close, name, attributes = match.groups()
        if close:
            self._close(name)
        elif name == "pre" and (code := _CODE.match("".join(pieces[at : at + 6]))):
            self._preformatted(code)
            return at + 6
        elif name in _OPAQUE:
            end = _closing(pieces, at, f"</{name}>")
            if name == "iframe" and not self._guard:
                self._out.append(_embed(attributes))
            else:
                self._out.extend(pieces[at - 1 : end + 1])
            return end + 1
        elif tag == _NOTE_REFERENCE and (reference := _REFERENCE.fullmatch("".join(pieces[at : at + 6]))):
            self._refer(unescape(reference[1]))
            return at + 6
        elif tag.startswith(_NOTE_BEGINS):
            return self._begin_note(attributes, pieces, at)
        else:
            self._open(name, attributes)
        return at

    def _text(self, text: str) -> None:
        if self._verbatim:
            text = text.replace(TO_DO, "[ ] ").replace(DONE, "[x] ")
        elif _NOTABLE.search(text):
            self._notable(text)
            return
        elif self._type:
            self._type.before = text
        self._said.append(text)
        self._out.append(text)

    def _notable(self, text: str) -> None:
        said, dress = self._said, self._dress
        if text == "[TOC]" and self._out and self._out[-1] == "<p>" and not self._in_note and not self._small:
            self._tocs.append(len(self._out))
            self._out.append(text)
            return
        if TO_DO in text or DONE in text:
            text = self._box(text)
        if not self._linked and may_hold_address(text):
            said.append(dress(text))
            self._out.append(link_bare(text, "", dress))
        else:
            text = dress(text)
            said.append(text)
            self._out.append(text)

    def _dress(self, text: str) -> str:
        return self._type.set(text) if self._type else text

    def _comment(self, text: str) -> None:
        if self._more < 0 and not self._in_note and _MORE.match(text):
            self._more = len(self._said)

    def _break(self) -> None:
        """A block begins or ends: words on both sides stand apart, and no quotation goes on."""
        self._said.append("\n")
        if self._type:
            self._type.start()

    def _open(self, name: str, attributes: str) -> None:
        if attributes:
            attributes = self._attributes(name, attributes)
        elif name in ("a", "img"):
            self._dead_links = True
        if name in _RENAMED:
            attributes = _with_class(attributes, "align-center") if name == "center" else attributes
            name = _RENAMED[name]
        if name in _INLINE:
            if name == "a":
                self._linked += 1
        elif name in _VERBATIM:
            self._verbatim += 1
        elif name == "img":
            self._picture(attributes)
        elif name == "br":
            self._said.append("\n")
            if self._type:
                self._type.before = " "
        else:
            self._open_block(name, attributes)
            return
        self._out.append(f"<{name}{attributes}>")

    def _open_block(self, name: str, attributes: str) -> None:
        self._break()
        if name in _HEADINGS:
            self._heading = (len(self._out), len(self._said), attributes)
        elif name == "p" and not self._inside and not self._in_note and self._lead is None:
            self._paragraph = len(self._said)
        elif name in _NO_LEAD:
            self._inside += 1
        elif name == "pre":  # markup by hand
            self._verbatim += 1
        elif name == "div":
            self._open_divs.append("")
        self._out.append(f"<{name}{attributes}>")

    def _close(self, name: str) -> None:
        name = _RENAMED.get(name, name)
        out = self._out
        if name in _VERBATIM:
            self._verbatim -= 1
            if self._type:
                self._type.before = "x"  # what follows code closes a quotation
        elif name == "a":
            self._linked -= 1
        elif name not in _INLINE:
            if name == "p":
                self._end_paragraph()
                if out and out[-1] == "<p>":  # the sanitiser made it of a stray </p>
                    out.pop()
                    return
            elif name in _HEADINGS:
                self._end_heading(name)
            elif name in _NO_LEAD:
                self._inside -= 1
            elif name == "pre":
                self._verbatim -= 1
            elif name == "div" and self._open_divs and self._open_divs.pop():
                self._break()
                self._out, self._said, self._in_note = self._main, self._text_said, 0
                return
            self._break()
        out.append(f"</{name}>")

    # --- single elements -------------------------------------------------------------------------------------------

    def _attributes(self, name: str, attributes: str) -> str:
        if name in _ADDRESSED:
            if name in ("a", "img") and not _ADDRESS.search(attributes):
                self._dead_links = True
            attributes = _ADDRESS.sub(self._address, attributes)
            if name == "a" and ' id="' not in attributes and (anchor := _NAME.search(attributes)):
                attributes = attributes.replace(anchor[0], f' id="{anchor[1]}"')
        if " align=" in attributes and (align := _ALIGN.search(attributes)):
            attributes = _with_class(attributes.replace(align[0], ""), f"align-{align[1]}")
        if self._small and ' id="' in attributes:
            attributes = _ID.sub("", attributes)
        return attributes

    def _address(self, match: re.Match[str]) -> str:
        key, value = match[1], match[2]
        if key == "srcset":
            return ' srcset="' + ", ".join(filter(None, map(self._candidate, _COMMA.split(unescape(value))))) + '"'
        if value[:8] == "https://" or value[:7] == "http://" or self._small:
            return match[0]
        url = unescape(value).strip()
        if not url:
            self._empty_links += key == "href"
            return "" if key == "href" else match[0]
        if url[0] == "#" or is_absolute(url):
            return match[0]
        return f' {key}="{self._mark(url, "href" if key in ("href", "action") else "src")}"'

    def _candidate(self, text: str) -> str:
        """A candidate of a `srcset`, whose addresses the sanitiser does not look at."""
        url, _, size = text.strip().partition(" ")
        if not url or (is_absolute(url) and not url.startswith(("https://", "http://", "//"))):
            return ""
        return f"{escape(url) if self._small or is_absolute(url) else self._mark(url, 'src')} {escape(size)}".strip()

    def _mark(self, url: str, attribute: Attribute) -> str:
        self._targets.append((as_written(url), attribute))
        return f"\x02{len(self._targets) - 1}\x03"

    def _picture(self, attributes: str) -> None:
        alt = _ALT.search(attributes)
        if alt is None or not alt[1].strip():
            source = re.search(r' src="(?:\x02(\d+)\x03|([^"]*))"', attributes)
            src = (self._targets[int(source[1])][0] if source[1] else unescape(source[2])) if source else ""
            self._pictures.append(Picture(src, alt is not None))

    def _box(self, text: str) -> str:
        """Puts the box of a task before its text, and marks the item."""
        box = text[0] if text[:1] in (TO_DO, DONE) else ""
        text = text.replace(TO_DO, "").replace(DONE, "")
        if box:
            for place in range(len(self._out) - 1, max(-1, len(self._out) - 4), -1):
                if self._out[place] == "<li>":
                    self._out[place] = '<li class="task">'
                if self._out[place] != "<p>" and not self._out[place].isspace():
                    break
            checked = " checked" if box == DONE else ""
            label = self._phrases.done if box == DONE else self._phrases.to_do
            self._out.append(f'<input type="checkbox" disabled{checked} aria-label="{label}">')
        return text

    def _preformatted(self, code: re.Match[str]) -> None:
        """Writes a block of code, which the match covers up to `</pre>`."""
        self._break()
        self._said.append(code["code"])
        language = _LANGUAGE.search(code["attributes"])
        name = unescape(language[1]) if language else ""
        coloured = self._coloured(code["code"], name) if name else ""
        self._code = self._code or bool(coloured)
        pre = ' class="codehilite"' if coloured else ""
        kind = f' class="language-{escape(name)}"' if name else ""
        self._out.append(f"<pre{pre}><code{kind}>{coloured or code['code']}</code></pre>")
        self._break()

    def _coloured(self, code: str, language: str) -> str:
        cost = effort(code)
        if cost > self._colours:
            return ""
        self._colours -= cost
        return highlight(code, language)

    # --- paragraphs, headings, notes -------------------------------------------------------------------------------

    def _end_paragraph(self) -> None:
        if self._paragraph >= 0:
            if any(not piece.isspace() for piece in self._said[self._paragraph :]):
                self._lead = (self._paragraph, len(self._said))
            self._paragraph = -1

    def _end_heading(self, name: str) -> None:
        if self._heading is None or self._small:
            return
        place, start, attributes = self._heading
        self._heading = None
        title = squeeze(unescape("".join(self._said[start:])))
        given = _ID.search(attributes)
        if given:
            anchor = unescape(given[1])
        else:
            anchor = self._unique(anchor_of(title))
            self._out[place] = f'<{name} id="{escape(anchor)}"{attributes}>'
        self._ids.add(anchor)
        if title and not self._in_note:
            self._headings.append(Heading(level=int(name[1]), id=anchor, title=title))

    def _unique(self, anchor: str) -> str:
        name = anchor
        while name in self._ids:
            self._repeats[anchor] = number = self._repeats.get(anchor, 0) + 1
            name = f"{anchor}-{number}"
        return name

    def _begin_note(self, attributes: str, pieces: list[str], at: int) -> int:
        """Begins a footnote; gives the piece after its number, which is written anew."""
        label = unescape(_ID.search(attributes)[1])  # type: ignore[index] # the tag begins so
        after = at + 4 if pieces[at + 1 : at + 2] == [_NOTE_LABEL] else at
        if self._small or self._in_note:
            self._open_divs.append("")
            self._out.append(f"<div><sup>{escape(label)}</sup> ")
            return after
        self._open_divs.append("note")
        self._break()
        self._in_note = 1
        note = self._notes.setdefault(label, _Note())
        note.defined = True
        self._out, self._said = note.html, note.said
        return after

    def _refer(self, label: str) -> None:
        if self._small:
            self._out.append(f"<sup>{escape(label)}</sup>")
            return
        self._notes.setdefault(label, _Note()).references.append((self._out, len(self._out)))
        self._out.append("")  # its number is known when the whole text has been read
        if self._type:
            self._type.before = "x"

    # --- the result ------------------------------------------------------------------------------------------------

    def _result(self) -> Finished:
        foot = self._foot() if self._notes else ""
        self._place_contents()
        text = unescape("".join(self._said))
        html = "".join(self._main).strip() + foot
        return Finished(
            html=html,
            summary=self._summary(text),
            headings=tuple(self._headings),
            targets=tuple(self._targets),
            words=count_words(text) + sum(count_words(unescape("".join(note.said))) for note in self._notes.values() if note.references),
            code=self._code,
            more=self._more >= 0,
            pictures=tuple(self._pictures),
            empty_links=self._empty_links,
            dead_links=self._dead_links,
            unused_notes=tuple(label for label, note in self._notes.items() if note.defined and not note.references),
        )

    def _summary(self, text: str) -> str:
        if self._more > 0:
            before = squeeze(unescape("".join(self._said[: self._more])))
            if before:
                return before
        if self._lead:
            return shorten(squeeze(unescape("".join(self._said[slice(*self._lead)]))))
        return shorten(squeeze(text))

    def _place_contents(self) -> None:
        """Puts the table of contents where a paragraph says no more than `[TOC]`."""
        main = self._main
        for place in self._tocs:
            if main[place + 1 : place + 2] == ["</p>"]:
                main[place - 1] = main[place + 1] = ""
                main[place] = _table_of_contents(self._headings)

    def _foot(self) -> str:
        """Numbers the notes in the order in which the text refers to them, and gives the list of them."""
        in_main: list[tuple[int, str]] = []
        inside: dict[int, list[tuple[int, str]]] = {}
        for label, note in self._notes.items():
            for place, index in note.references:
                (in_main if place is self._main else inside.setdefault(id(place), [])).append((index, label))
        order = list(dict.fromkeys(label for _, label in sorted(in_main)))
        listed = set(order)
        for label in order:  # grows while it is walked: notes may refer to notes
            for _, other in sorted(inside.get(id(self._notes[label].html), [])):
                if other not in listed:
                    listed.add(other)
                    order.append(other)
        names = _note_names(order)
        ways_back = [self._number(number, names[label], self._notes[label]) for number, label in enumerate(order, 1)]
        kept = [_item(names[label], self._notes[label], back) for label, back in zip(order, ways_back, strict=True) if back]
        if not kept:
            return ""
        label = escape(self._phrases.footnotes)
        return f'\n<section class="footnotes" role="doc-endnotes" aria-label="{label}">\n<ol>\n{"".join(kept)}</ol>\n</section>'

    def _number(self, number: int, name: str, note: _Note) -> str:
        """Writes the number wherever the text refers to a note; gives the links back to these places."""
        back: list[str] = []
        for count, (place, index) in enumerate(note.references, 1):
            anchor = f"fnref:{name}" if count == 1 else f"fnref:{name}:{count}"
            if not note.defined:
                place[index] = f"<sup>{number}</sup>"
                continue
            place[index] = f'<sup class="footnote-ref" id="{anchor}"><a href="#fn:{name}" role="doc-noteref">{number}</a></sup>'
            label = escape(self._phrases.back) + (f" ({count})" if count > 1 else "")
            back.append(f'<a class="footnote-backref" href="#{anchor}" role="doc-backlink" aria-label="{label}">↩\ufe0e</a>')
        return " ".join(back)


def _item(name: str, note: _Note, back: str) -> str:
    """A note as an item of the list of notes."""
    text = "".join(note.html).strip()
    text = f"{text[:-4]} {back}</p>" if text.endswith("</p>") else f"{text} {back}"
    return f'<li id="fn:{name}">{text}</li>\n'


def _note_names(labels: list[str]) -> dict[str, str]:
    """For each label the part of an id that names it: itself where an id can hold it."""
    names: dict[str, str] = {}
    for number, label in enumerate(labels, 1):
        name = re.sub(r"[^\w-]", "", label)[:50] or str(number)
        names[label] = name if name == label or name not in labels else f"{name}:{number}"
    return names


def _table_of_contents(headings: list[Heading]) -> str:
    """Nested lists of links to the headings."""
    out: list[str] = []
    open_levels: list[int] = []
    for heading in headings:
        if open_levels and heading.level > open_levels[-1]:
            out.append("<ul><li>")
            open_levels.append(heading.level)
        else:
            while len(open_levels) > 1 and heading.level <= open_levels[-2]:
                out.append("</li></ul>")
                open_levels.pop()
            out.append("</li><li>" if open_levels else "<ul><li>")
            open_levels[-1:] = [heading.level]
        out.append(f'<a href="#{escape(heading.id)}">{escape(heading.title, quote=False)}</a>')
    out.append("</li></ul>" * len(open_levels))
    return f'<div class="toc">{"".join(out)}</div>' if headings else ""


def _with_class(attributes: str, mark: str) -> str:
    old = _CLASS.search(attributes)
    return attributes.replace(old[0], f' class="{old[1]} {mark}"', 1) if old else f'{attributes} class="{mark}"'


def _embed(attributes: str) -> str:
    """What stands for a frame from elsewhere: a link that a theme's script may turn into the frame when it is clicked."""
    source = re.search(r' src="([^"]*)"', attributes)
    url = unescape(source[1]).strip() if source else ""
    url = "https:" + url if url.startswith("//") else url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if parts.scheme not in ("https", "http") or not host:
        return ""
    page, frame = url, url
    if host in ("youtube.com", "youtube-nocookie.com") and parts.path.startswith("/embed/"):
        video = parts.path.removeprefix("/embed/").strip("/")
        start = parse_qs(parts.query).get("start", [""])[0]
        page = f"https://www.youtube.com/watch?v={video}" + (f"&t={start}" if start.isdigit() else "")
        frame = url.replace(parts.netloc, "www.youtube-nocookie.com", 1)
    elif host == "player.vimeo.com" and parts.path.startswith("/video/"):
        page = "https://vimeo.com/" + parts.path.removeprefix("/video/")
    title = re.search(r' title="([^"]*)"', attributes)
    text = title[1].strip() if title and title[1].strip() else escape(host, quote=False)
    return f'<a class="embed" href="{escape(page)}" data-embed="{escape(frame)}">{text}</a>'


def _without_script_addresses(html: str) -> str:
    """The HTML of somebody trusted without addresses that run a program, in whatever attribute they stand."""
    if not re.search(r"script:|data:|&|[\t\n]", html):
        return html

    def attribute(match: re.Match[str]) -> str:
        address = re.sub(r"[\x00-\x20]", "", unescape(match[1])).lower()
        return "" if address.startswith(("javascript:", "vbscript:", "livescript:", "data:")) else match[0]

    return re.sub(r"<[a-zA-Z][^>]*>", lambda tag: re.sub(r' [^\s="<>]+="([^"]*)"', attribute, tag[0]), html)


def _closing(pieces: list[str], at: int, tag: str) -> int:
    """The place of the next such tag, else of the end."""
    try:
        return pieces.index(tag, at)
    except ValueError:
        return len(pieces)


def anchor_of(title: str) -> str:
    """The id of a heading from its text: lower case, letters and digits of every script, `-` between words."""
    text = unicodedata.normalize("NFC", title).lower()
    if text.isascii():
        kept = re.sub(r"[^a-z0-9_\s-]", "", text)
    else:
        kept = "".join(c if c in "_- " or unicodedata.category(c)[0] in "LNM" else " " if c.isspace() or c in "–—" else "" for c in text)
    return re.sub(r"[\s-]+", "-", kept).strip("-")[:100] or "section"
