"""Anything in a calendar file: no exception, no markup out of text, and every draft is a file that is read back as it was meant."""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

import html5lib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iopsgen.calendar_files.drafts import write_source
from iopsgen.calendar_files.prose import markdown_of_html, markdown_of_text
from iopsgen.markdown import Options, render
from iopsgen.model import EventFields
from iopsgen.plain import printable
from iopsgen.read.content import Context, read_source
from iopsgen.settings import MarkdownSettings
from tests.calendar_shapes import SHAPES
from tests.imports import converted, file_of

ENGINES = st.sampled_from(("markdown", "commonmark"))
SIGNS = st.sampled_from(
    [
        *"\\`*_{}[]()#+-.!|<>~:=&^$@%\"'1 \n\t/", "www.a_b.c/*x*", "https://e.org/a_b*c", "http://", "---\n", "===\n", "1. ", "- ", "> ", "    ", "```\n",
        "~~~\n", "[a]: b\n", "[^1]: x\n", "*[AB]: long\n", "AB", "<b>", "&amp;", "&#42;", "<!-- more -->", "| a | b |\n", "|---|---|\n", ": def\n", "{#id}",
        "{: .c}", "title: x\n", "![x](y)", "[x](javascript:alert(1))", "a@b.org", "\x02", "\u2028", "\x85",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(SIGNS, st.text(max_size=5)), max_size=14).map("".join)
TAGS = "p div b i ul ol li a br h2 h3 table tr td span script style blockquote pre svg iframe form".split()
PIECES = st.one_of(
    st.sampled_from([f"<{t}>" for t in TAGS] + [f"</{t}>" for t in TAGS]),
    st.sampled_from(['<a href="https://e.org/a_b">', '<a href="javascript:x">', '<img src="https://t/x.png" alt="pic*">', "&lt;b&gt;", "&amp;", "&nbsp;"]),
    st.sampled_from(["<!-- more -->", "<", " ", "\n", "*a*", "# x", "- y", "1. z", "[a](b)", "```", "<svg/onload=x>", '<a href="https://e.org/)](x">']),
    st.text(max_size=6),
)
_CONTEXT = Context(markdown=MarkdownSettings(), language="en", languages=("en",))


class _Words(HTMLParser):
    """The words and the tags of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.text.append(" " if tag in ("br", "p") else "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def shown(markdown: str, engine: str) -> tuple[str, list[tuple[str, list[tuple[str, str | None]]]]]:
    """The words and tags that a site makes of a text, which nothing may be wrong with."""
    options = Options(engine=engine, language="en", html="restricted", smart_quotes=False)  # type: ignore[arg-type]
    html, text, problems = render(markdown, options, "x.md", 1)
    assert not problems
    for number, target in enumerate(text.targets):
        html = html.replace(f"\x02{number}\x03", escape(target.url))
    words = _Words()
    words.feed(html)
    return unquote("".join(words.text)), words.tags


@settings(max_examples=600, deadline=None)
@given(TEXTS, ENGINES)
def test_plain_text_is_literal(text: str, engine: str) -> None:
    """What a reader of the page sees is what was written, letter for letter, in paragraphs and lines, with links where an address stood."""
    words, tags = shown(markdown_of_text(text), engine)
    wanted = printable(re.sub("[\x85\u2028\u2029]", "\n", re.sub("[\x0b\x0c]", "", text)).replace("\ufeff", ""))
    assert " ".join(words.split()) == " ".join(unquote(wanted).split())
    assert {tag for tag, _ in tags} <= {"p", "br", "a"}


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=18).map("".join), ENGINES)
def test_html_keeps_its_words(html: str, engine: str) -> None:
    """Of any HTML its words are shown (as another reader of HTML finds them), and no tag but those of texts; links lead to the web.

    Of drawings and formulas nothing is taken over, and two readers of damaged HTML differ on where they end.
    """
    words, tags = shown(markdown_of_html(html), engine)
    assert {tag for tag, _ in tags} <= {"p", "br", "a", "ul", "ol", "li", "h3"}
    assert all((value or "").startswith(("https://", "http://", "mailto:", "#")) for _, found in tags for name, value in found if name == "href")
    if "e.org" not in html and "http" not in html and "<svg" not in html and "<math" not in html:
        assert "".join(words.split()) == "".join(unquote(_words_of(html)).split())


def _words_of(html: str) -> str:
    """The words of HTML by html5lib, without what is no text; of a picture its description."""
    tree = html5lib.parse(f"<body>{printable(html)}", namespaceHTMLElements=False).find("body")
    found: list[str] = []

    def walk(element: object) -> None:
        tag = str(getattr(element, "tag", "")).rpartition("}")[2]
        if tag == "img":
            found.append(element.get("alt") or "")  # type: ignore[attr-defined]
        if tag not in ("script", "style", "iframe", "svg") and isinstance(element.tag, str):  # type: ignore[attr-defined]
            found.append(element.text or "")  # type: ignore[attr-defined]
            for child in element:  # type: ignore[attr-defined]
                walk(child)
                found.append(child.tail or "")

    walk(tree)
    return "".join(found)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_damaged_files(name: str, data: st.DataObject) -> None:
    """However a good file is damaged, reading it raises nothing, every problem has a place and no error but the one that it is no calendar."""
    lines = SHAPES[name].data.split(b"\r\n")
    for _ in range(data.draw(st.integers(1, 8))):
        at, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from("delete swap copy cut bytes value".split()))
        if kind == "delete" and len(lines) > 2:
            del lines[at]
        elif kind == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "copy":
            lines.insert(at, lines[other])
        elif kind == "cut":
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        elif kind == "bytes":
            lines[at] += data.draw(st.binary(max_size=9))
        else:
            lines[at] = lines[at].partition(b":")[0] + b":" + data.draw(st.text(max_size=12)).encode("utf-8", "replace")
    found = converted(data.draw(st.sampled_from((b"\r\n", b"\n", b"\r"))).join(lines))
    assert all(problem.place and problem.place.file == "partner.ics" and problem.hint for problem in found.problems)
    _assert_readable(found.drafts)


NAMES = "DTSTART DTEND DURATION RRULE EXDATE RDATE RECURRENCE-ID SUMMARY DESCRIPTION LOCATION GEO STATUS CLASS URL UID CATEGORIES ORGANIZER ATTACH".split()
VALUES = st.one_of(
    st.sampled_from(
        [
            "20261208T190000", "20261208T190000Z", "20261208", "19691231T235959Z", "99991231T235959Z", "20261208T250000", "20261329", "PT1H", "-PT1H", "P99999W",
            "FREQ=DAILY", "FREQ=WEEKLY;COUNT=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;UNTIL=20200101", "FREQ=DAILY;INTERVAL=0", "CANCELLED",
            "PRIVATE", "1;2", "1e999;nan", "20261208T190000,20261209T190000Z,20261210", "20261208T190000Z/PT1H", "https://e.org/", "javascript:x", "a\\,b\\;c\\nd",
        ]
    ),
    TEXTS,
)  # fmt: skip
PARAMETERS = st.sampled_from(["", ";VALUE=DATE", ";VALUE=PERIOD", ";TZID=Europe/Berlin", ";TZID=Nowhere", ';CN="A: b"', ";RANGE=THISANDFUTURE", ";FMTTYPE=text/html"])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.tuples(st.sampled_from(NAMES), PARAMETERS, VALUES), max_size=8), min_size=1, max_size=3))
def test_any_properties(events: list[list[tuple[str, str, str]]]) -> None:
    """Whatever the properties of an event say, reading them raises nothing, and what comes out is read back without an error."""
    lines = ["|".join(f"{name}{extra}:{value}".replace("|", "").replace("\r", "").replace("\n", "") for name, extra, value in event) for event in events]
    found = converted(file_of(*(f"DTSTART:20261208T190000Z|{line}" if number % 2 else line or "X:1" for number, line in enumerate(lines))))
    _assert_readable(found.drafts)


def _assert_readable(drafts: object) -> None:
    """Each draft is a file whose keys come back as they were written, and which is read without an error."""
    for draft in drafts:  # type: ignore[attr-defined]
        source = write_source(draft.keys, draft.body)
        reading = read_source("content/events/imported.md", source.encode(), {}, _CONTEXT)
        assert isinstance(reading.fields, EventFields), (reading.problems, source)
        assert reading.fields.uid == draft.uid and reading.fields.title == " ".join(draft.title.split()), source
        assert not {"slug", "draft", "extra", "template", "aliases"} & reading.fields.lines.keys()
