"""Turns the body of a comment, which anybody may have written, into safe HTML in which every word survives."""

import re
from functools import lru_cache
from html import escape, unescape
from typing import Literal

import nh3

from iopsgen.markdown import commonmark
from iopsgen.markdown.links import link_bare, may_hold_address
from iopsgen.markdown.sanitiser import is_boundless
from iopsgen.markdown.source import prepare, tidy, without_controls

_REL = "nofollow ugc noopener noreferrer"
# Headings and pictures pass the sanitiser to be rewritten as text afterwards; nothing of them reaches the page.
_KEPT = "p br a em strong b i del s code pre blockquote ul ol li".split()
_REWRITTEN = "h1 h2 h3 h4 h5 h6 img".split()
_BLOCKISH = re.compile(
    r"<(?=/?(?:address|article|aside|body|caption|center|dd|details|div|dl|dt|figcaption|figure|footer|form|header|hr|legend|main|nav|option"
    r"|section|summary|table|tbody|td|tfoot|th|thead|title|tr)\b)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"<(/?)h[1-6]>")
_IMAGE = re.compile(r'<img(?: alt="([^"]*)")?>')
_ANCHOR = re.compile(r"<a ([^>]*)>|</a>")
_TAG = re.compile(r"<[^<>]*+>")
_WORD = re.compile(r"\w+")


def comment_html(body: str, format: Literal["markdown", "text", "html"]) -> str:
    """The HTML of a comment, as `iopsgen.markdown.comment_html` says."""
    source = tidy(body)
    if format == "text":
        return _linked(_paragraphs(source))
    html = _BLOCKISH.sub(" <", source) if format == "html" else commonmark.comment_to_html(prepare(source, raw_html=False, comment=True))
    if is_boundless(html):
        return _linked(_paragraphs(source))
    html = without_controls(_cleaner().clean(html))
    html = _HEADING.sub(lambda m: "</strong></p>" if m[1] else "<p><strong>", html)
    html = _IMAGE.sub(lambda m: m[1] or "", html)
    html = _without_dead_links(html).strip()
    if format == "html" and _count(html) < _count(source):  # a tag, a comment or a script that is never closed hides the rest
        html = _paragraphs(source)
    return _linked(html)


def _without_dead_links(html: str) -> str:
    """The HTML without links that lost their address, and without links in links."""
    kept: list[bool] = []

    def tag(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0] if not kept or kept.pop() else ""
        kept.append("href=" in match[1] and not any(kept))
        return match[0] if kept[-1] else ""

    return _ANCHOR.sub(tag, html)


def _count(html: str) -> int:
    """How many words stand outside tags."""
    return len(_WORD.findall(unescape(_TAG.sub(" ", html))))


@lru_cache(maxsize=1)
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags={*_KEPT, *_REWRITTEN},
        clean_content_tags={"script", "style"},
        attributes={"a": {"href"}, "img": {"alt"}, "*": set()},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel=_REL,
    )


def _paragraphs(text: str) -> str:
    """Plain text as paragraphs and lines."""
    parts = (escape(part.strip("\n"), quote=False).replace("\n", "<br>\n") for part in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip()))
    return "\n".join(f"<p>{part}</p>" for part in parts if part)


def _linked(html: str) -> str:
    """The HTML with bare addresses as links, outside links and code; mail addresses stay text."""
    if not may_hold_address(html):
        return html
    out: list[str] = []
    end = inside = 0
    for tag in _TAG.finditer(html):
        out.append(_piece(html[end : tag.start()], inside))
        out.append(tag[0])
        end = tag.end()
        if tag[0].startswith(("<a ", "<code", "<pre")):
            inside += 1
        elif tag[0] in ("</a>", "</code>", "</pre>"):
            inside -= 1
    out.append(_piece(html[end:], inside))
    return "".join(out)


def _piece(text: str, inside: int) -> str:
    return text if inside or not text else link_bare(text, f' rel="{_REL}"', str, mail=False)
