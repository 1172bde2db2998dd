"""The last pass, the same for both engines: ids, notes, markers for addresses, code, quotes, and what the text says of itself."""

import re
from html import escape, unescape
from typing import Literal, NamedTuple

from iopsgen.markdown.anchors import Anchors, table_of_contents
from iopsgen.markdown.embeds import link_for_frame
from iopsgen.markdown.figures import with_figures, without_captions
from iopsgen.markdown.highlight import BUDGET, effort, highlight
from iopsgen.markdown.links import as_written, is_absolute, link_bare, may_hold_address
from iopsgen.markdown.notes import Notes
from iopsgen.markdown.phrases import phrases_in
from iopsgen.markdown.quotes import INLINE, Typesetter, marks_of
from iopsgen.markdown.source import DONE, TO_DO
from iopsgen.markdown.words import count_words, first_paragraph, shorten, squeeze, strip_tags
from iopsgen.model import Heading

_VERBATIM = frozenset("code kbd samp var textarea button tt math pre".split())  # no quotes and no links inside
_OPAQUE = frozenset("script style iframe noembed noframes noscript xmp title template textarea svg".split())
_ADDRESSED = frozenset("a area audio embed form img input object source track video".split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_RENAMED = {"tt": "code", "strike": "s", "acronym": "abbr", "center": "div"}

# What is looked at: comments, tags with attributes, and of those without the ones that mean something here. The rest is left
# in the text. The sanitiser writes every attribute in double quotes, and every `<` and `>` in a value as a reference.
_MEANT = "|".join(sorted(_VERBATIM | _OPAQUE | set(_RENAMED) | {"a", "div", "img", "h[1-6]"}))
_PIECES = re.compile(rf"(<!--.*?-->|<[^\s>]+ [^>]*>|</?(?:{_MEANT})>)", re.DOTALL)
_TAG = re.compile(r"<(/?)([^\s/>]+)([^>]*)>")
# What makes a text worth a closer look: quotes, dashes, dots, addresses, the boxes of tasks.
_NOTABLE = re.compile(rf"\"|'|@|{TO_DO}|{DONE}|--|\.\.\.|://|www\.")
_BOXED = re.compile(rf"<li>(\s*(?:<p>)?)([{TO_DO}{DONE}])")

_MORE = re.compile(r"\s*more\b", re.IGNORECASE)
_ID = re.compile(r' id="([^"]*)"')
_ALIGN = re.compile(r' align="(left|right|center|justify)"')
_CLASS = re.compile(r' class="([^"]*)"')
_ADDRESS = re.compile(r' (href|src|poster|action|data|srcset)="([^"]*)"')
_SOURCE = re.compile(' src="(?:\x02([0-9]+)\x03|([^"]*))"')
_COMMA = re.compile(r",\s+|,\Z")
_ALT = re.compile(r' alt="([^"]*)"')
_QUOTES_ALONE = re.compile(r"[\s\"'“”„‟‘’‚‛«»‹›「」]+\Z")
_NAME = re.compile(r' name="([^"]*)"')
_CODE = re.compile(r"<code(?P<attributes>[^>]*)>(?P<code>[^<]*)</code></pre>\Z")
_LANGUAGE = re.compile(r'\blanguage-([^\s"]+)')
# What both engines make of `[^1]` and of `[^1]: …`.
_NOTE_REFERENCE, _NOTE_LABEL = '<sup class="footnote-reference">', '<sup class="footnote-definition-label">'
_NOTE_BEGINS = '<div class="footnote-definition" id="'
_REFERENCE = re.compile(r'<a href="#([^"]*)">[^<]*</a></sup>')

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
    anchors: tuple[str, ...]  # ids written by hand that are none of a heading
    targets: tuple[tuple[str, Attribute], ...]
    words: int
    code: bool
    more: bool
    pictures: tuple[Picture, ...]  # those without a description
    empty_links: int
    dead_links: bool  # the sanitiser took the address of a link or a picture
    unused_notes: tuple[str, ...]


class Finisher:
    """Walks once over sanitised HTML. `small`: for a text inside another page, without ids, markers and notes."""

    def __init__(self, language: str, smart_quotes: bool, small: bool = False, trusted: bool = False) -> None:
        self._phrases = phrases_in(language)
        self._type = Typesetter(marks_of(language)) if smart_quotes else None
        self._small = small
        self._trusted = trusted
        self._out: list[str] = []
        self._main = self._out
        self._notes = Notes(self._main, self._phrases)
        self._anchors = Anchors(set())
        self._by_hand: frozenset[str] = frozenset()  # ids
        self._headings: list[Heading] = []
        self._targets: list[tuple[str, Attribute]] = []
        self._pictures: list[Picture] = []
        self._open_divs: list[bool] = []  # of each open div whether it is a note
        self._heading: tuple[int, str] | None = None  # where in `_out` a heading began, and its attributes
        self._verbatim = self._linked = 0  # how many such elements are open
        self._more = -1  # where in `_out` the summary ends
        self._code = self._dead_links = False
        self._colours = BUDGET
        self._empty_links = 0

    def finish(self, html: str) -> Finished:
        """The sanitised HTML, in which no control characters may be left but the boxes of tasks, made ready for a page."""
        if ' class=""' in html:  # the sanitiser knew none of the classes
            html = html.replace(' class=""', "")
        if "<p></p>" in html:  # the sanitiser made it of a stray </p>
            html = html.replace("<p></p>", "")
        if self._trusted:
            html = _without_script_addresses(html)
        if ' id="' in html or ' name="' in html:
            html = self._with_single_ids(html)
        self._walk(html if self._small else with_figures(html, self._phrases.credit))
        return self._result()

    def _with_single_ids(self, html: str) -> str:
        """Keeps of elements with the same id the id of the first, as links lead there."""
        seen: set[str] = set()

        def once(match: re.Match[str]) -> str:
            name = unescape(match[1])
            if name in seen or not name or name.startswith(("fn:", "fnref:")):
                return ""
            seen.add(name)
            return match[0]

        def tag(match: re.Match[str]) -> str:
            text = match[0]
            if text.startswith("<a ") and ' id="' not in text:
                text = _NAME.sub(lambda m: f' id="{m[1]}"', text, count=1)
            return _ID.sub(once, text) if ' id="' in text and not text.startswith(_NOTE_BEGINS) else text

        html = re.sub(r"<[^\s>]+ [^>]*>", tag, html)
        self._by_hand = frozenset(seen)
        self._anchors = Anchors(seen)
        return html

    # --- the walk --------------------------------------------------------------------------------------------------

    def _walk(self, html: str) -> None:
        pieces = _PIECES.split(html)
        at, end = 0, len(pieces)
        while at < end:
            text = pieces[at]
            if text:
                self._text(text)
            at += 2
            if at <= end:
                at = self._tag(pieces, at, pieces[at - 1])

    def _tag(self, pieces: list[str], at: int, tag: str) -> int:
        """Handles a tag; `at` is the piece after it. Gives the piece to go on with."""
        match = None if tag[1] == "!" else _TAG.match(tag)
        if match is None:
            if self._more < 0 and self._out is self._main and _MORE.match(tag, 4):
                self._more = len(self._out)
            return at
        close, name, attributes = match.groups()
        if close:
            self._close(name)
        elif name == "pre" and (code := _CODE.match("".join(pieces[at : at + 6]))):
            self._preformatted(code)
            return at + 6
        elif name in _OPAQUE:
            end = _closing(pieces, at, f"</{name}>")
            frame = name == "iframe" and not self._trusted
            self._out.append(link_for_frame(attributes) if frame else "".join(pieces[at - 1 : end + 1]))
            return end + 1
        elif tag == _NOTE_REFERENCE and (reference := _REFERENCE.match("".join(pieces[at : at + 5]))):
            self._refer(unescape(reference[1]))
            pieces[at + 4] = pieces[at + 4].removeprefix("</sup>")
            return at + 4
        elif tag.startswith(_NOTE_BEGINS):
            return self._begin_note(attributes, pieces, at)
        else:
            self._open(name, attributes)
        return at

    def _text(self, text: str) -> None:
        if self._verbatim:
            text = text.replace(TO_DO, "[ ] ").replace(DONE, "[x] ")
        elif _NOTABLE.search(text):
            if not self._linked and may_hold_address(text):
                text = link_bare(text, "", self._dress)
            else:
                text = self._dress(text)
            if TO_DO in text or DONE in text:
                text = _BOXED.sub(self._box, text).replace(TO_DO, "").replace(DONE, "")
        elif self._type:
            self._type.passes(text)
        self._out.append(text)

    def _dress(self, text: str) -> str:
        return self._type.set(text) if self._type else text

    def _box(self, item: re.Match[str]) -> str:
        """A task: an item of a list with a box before its text."""
        checked, label = (" checked", self._phrases.done) if item[2] == DONE else ("", self._phrases.to_do)
        return f'<li class="task">{item[1]}<input type="checkbox" disabled{checked} aria-label="{label}">'

    def _open(self, name: str, attributes: str) -> None:
        if attributes:
            attributes = self._attributes(name, attributes)
        elif name in ("a", "img"):
            self._dead_links = True
        if name in _RENAMED:
            attributes = _with_class(attributes, "align-center") if name == "center" else attributes
            name = _RENAMED[name]
        if name in _VERBATIM:
            self._verbatim += 1
        elif name == "a":
            self._linked += 1
        elif name == "img":
            attributes = self._picture(attributes)
            if self._type:
                self._type.jump()
        elif name not in INLINE:
            if self._type:
                self._type.start()
            if name in _HEADINGS:
                self._heading = (len(self._out), attributes)
            elif name == "div":
                self._open_divs.append(False)
        self._out.append(f"<{name}{attributes}>")

    def _close(self, name: str) -> None:
        name = _RENAMED.get(name, name)
        if name in _VERBATIM:
            self._verbatim -= 1
            if self._type:
                self._type.jump()
        elif name == "a":
            self._linked -= 1
        elif name not in INLINE:
            if self._type:
                self._type.start()
            if name in _HEADINGS:
                self._end_heading(name)
            elif name == "div" and self._open_divs and self._open_divs.pop():
                self._out = self._main
                return
        self._out.append(f"</{name}>")

    # --- single elements -------------------------------------------------------------------------------------------

    def _attributes(self, name: str, attributes: str) -> str:
        if name in _ADDRESSED:
            if name in ("a", "img") and not _ADDRESS.search(attributes):
                self._dead_links = True
            attributes = _ADDRESS.sub(self._address, attributes)
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

    def _picture(self, attributes: str) -> str:
        """Looks whether a picture is described; gives its attributes, with what lets a browser fetch it late."""
        alt = _ALT.search(attributes)
        if alt is None or not alt[1].strip():
            source = _SOURCE.search(attributes)
            src = (self._targets[int(source[1])][0] if source[1] else unescape(source[2])) if source else ""
            self._pictures.append(Picture(src, alt is not None))
        elif _QUOTES_ALONE.match(unescape(alt[1])):  # it only decorates
            attributes = attributes.replace(alt[0], ' alt=""', 1)
        return attributes if self._small or " loading=" in attributes else f'{attributes} loading="lazy" decoding="async"'

    def _preformatted(self, code: re.Match[str]) -> None:
        """Writes a block of code, which the match covers up to `</pre>`."""
        if self._type:
            self._type.start()
        language = _LANGUAGE.search(code["attributes"])
        name = unescape(language[1]) if language else ""
        coloured = self._coloured(code["code"], name) if name else ""
        self._code = self._code or bool(coloured)
        pre = ' class="codehilite"' if coloured else ""
        kind = f' class="language-{escape(name)}"' if name else ""
        self._out.append(f"<pre{pre}><code{kind}>{coloured or code['code']}</code></pre>")

    def _coloured(self, code: str, language: str) -> str:
        cost = effort(code)
        if cost > self._colours:
            return ""
        self._colours -= cost
        return highlight(code, language)

    def _end_heading(self, name: str) -> None:
        if self._heading is None or self._small:
            return
        place, attributes = self._heading
        self._heading = None
        title = squeeze(unescape(strip_tags("".join(self._out[place + 1 :]))))
        given = _ID.search(attributes)
        anchor = unescape(given[1]) if given else self._anchors.new(title)
        if not given:
            self._out[place] = f'<{name} id="{escape(anchor)}"{attributes}>'
        if title and self._out is self._main:
            self._headings.append(Heading(level=int(name[1]), id=anchor, title=title))

    def _begin_note(self, attributes: str, pieces: list[str], at: int) -> int:
        """Begins a footnote; gives the piece after its number, which is written anew."""
        label = unescape(_ID.search(attributes)[1])  # type: ignore[index] # the tag begins so
        if pieces[at + 1 : at + 2] == [_NOTE_LABEL] and "</sup>" in pieces[at + 2]:
            pieces[at + 2] = pieces[at + 2].partition("</sup>")[2]
            at += 2
        if self._type:
            self._type.start()
        if self._small or self._out is not self._main:
            self._open_divs.append(False)
            self._out.append(f"<div><sup>{escape(label)}</sup> ")
        else:
            self._open_divs.append(True)
            self._out = self._notes.define(label)
        return at

    def _refer(self, label: str) -> None:
        if self._small:
            self._out.append(f"<sup>{escape(label)}</sup>")
        else:
            self._notes.refer(label, self._out)
        if self._type:
            self._type.jump()

    # --- the result ------------------------------------------------------------------------------------------------

    def _result(self) -> Finished:
        html = "".join(self._main)
        if "<p>[TOC]</p>" in html and not self._small:
            self._place_contents()
            html = "".join(self._main)
        words = strip_tags(html)
        summary = squeeze(unescape(strip_tags(without_captions("".join(self._main[: self._more]))))) if self._more > 0 else ""
        if not summary:
            lead = first_paragraph(html)
            summary = shorten(squeeze(unescape(strip_tags(lead) if lead else words)))
        count = count_words(unescape(words))
        if self._notes:
            count += sum(count_words(unescape(strip_tags(text))) for text in self._notes.texts())
            foot = self._notes.number()
            html = "".join(self._main).strip() + foot
        return Finished(
            html=html.strip(),
            summary=summary,
            headings=tuple(self._headings),
            anchors=tuple(sorted(self._by_hand.difference(h.id for h in self._headings))) if self._by_hand else (),
            targets=tuple(self._targets),
            words=count,
            code=self._code,
            more=self._more >= 0,
            pictures=tuple(self._pictures),
            empty_links=self._empty_links,
            dead_links=self._dead_links,
            unused_notes=self._notes.unused(),
        )

    def _place_contents(self) -> None:
        """Puts the table of contents where a paragraph says no more than `[TOC]`, the first time: more would grow with their square."""
        contents = table_of_contents(self._headings)
        for place, piece in enumerate(self._main):
            if "<p>[TOC]</p>" in piece:
                self._main[place] = piece.replace("<p>[TOC]</p>", contents, 1)
                break


def _closing(pieces: list[str], at: int, tag: str) -> int:
    """The place of the next such tag, else of the end."""
    try:
        return pieces.index(tag, at)
    except ValueError:
        return len(pieces)


def _with_class(attributes: str, mark: str) -> str:
    old = _CLASS.search(attributes)
    return attributes.replace(old[0], f' class="{old[1]} {mark}"', 1) if old else f'{attributes} class="{mark}"'


def _without_script_addresses(html: str) -> str:
    """The HTML of somebody trusted without addresses that run a program, in whatever attribute they stand."""
    if not re.search(r"script:|data:|&|[\t\n]", html):
        return html

    def attribute(match: re.Match[str]) -> str:
        address = re.sub(r"[\x00-\x20]", "", unescape(match[1])).lower()
        return "" if address.startswith(("javascript:", "vbscript:", "livescript:", "data:")) else match[0]

    return re.sub(r"<[a-zA-Z][^>]*>", lambda tag: re.sub(r' [^\s="<>]+="([^"]*)"', attribute, tag[0]), html)
