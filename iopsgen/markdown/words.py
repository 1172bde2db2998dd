"""The words of a rendered text: without markup, counted, and cut to a summary."""

import re
from html import unescape

from iopsgen.markdown.quotes import INLINE

SUMMARY = 300  # characters

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template|iframe|noframes|noembed|xmp)\b[^<>]*+>.*?(?:</\1\s*>|\Z)", re.DOTALL)
_RAW = re.compile(r"<(?:script|style|template|iframe|noframes|noembed|xmp)")
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(INLINE, key=len, reverse=True))})(?:\s[^<>]*+)?>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*+>")
_PARAGRAPH = re.compile(r"<p(?: [^>]*)?>")
_HOLDER_OPENS, _HOLDER_CLOSES = (
    re.compile(rf"<{slash}(?:blockquote|li|td|th|figure|details|dd|caption)(?: [^>]*)?>") for slash in ("", "/")
)
_GAPS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
# Scripts written without spaces: each character counts as a word, which is how editors count them.
_NO_WORDS = (" – ", " — ", " - ", " & ")
_BEYOND = re.compile("[ぁ-𲎯]")  # quick to look for
_IDEOGRAPH = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def plain_text(html: str) -> str:
    """The words of an HTML text on one line: no markup, no scripts and styles, character references read."""
    return squeeze(unescape(strip_tags(html)))


def strip_tags(html: str) -> str:
    """An HTML text without tags, comments, scripts and styles; where a block begins or ends, a line ends."""
    if "<!--" in html or _RAW.search(html):
        html = _HIDDEN.sub(" ", html)
    return _TAG.sub("\n", _INLINE_TAG.sub("", html))


def first_paragraph(html: str) -> str:
    """The HTML of the first paragraph that says something and is no part of a quotation, a list, a table or a figure."""
    inside = end = 0
    for number, tag in enumerate(_PARAGRAPH.finditer(html)):
        inside += len(_HOLDER_OPENS.findall(html, end, tag.start())) - len(_HOLDER_CLOSES.findall(html, end, tag.start()))
        end = tag.start()
        if not inside:
            text = html[tag.end() : html.find("</p>", tag.end())]
            if strip_tags(text).strip():
                return text
        if number > 1_000:
            break
    return ""


def squeeze(text: str) -> str:
    """The text with every run of spaces and line ends as one space; no-break spaces stay."""
    return _GAPS.sub(" ", text).strip(" ")


def count_words(text: str) -> int:
    """How many words a plain text holds; Chinese and Japanese characters count one each."""
    single = 0
    if not text.isascii() and _BEYOND.search(text):
        text, single = _IDEOGRAPH.subn(" ", text)
    return single + len(text.split()) - sum(text.count(sign) for sign in _NO_WORDS)


def shorten(text: str, length: int = SUMMARY) -> str:
    """The text, or as many whole words as fit with `…` behind them: never more than `length` characters."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    end = cut.rfind(" ")
    if end < length // 2:  # one very long word, or a script without spaces
        end = length - 1
    return cut[:end].rstrip(" ,;:–—-(«“„") + "…"
