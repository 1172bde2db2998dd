"""The words of a rendered text: without markup, counted, and cut to a summary."""

import re
from html import unescape

SUMMARY = 300  # characters

_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|iframe|noframes|noembed|xmp)\b[^<>]*+>.*?(?:</\1\s*>|\Z)|<(/?[a-zA-Z][a-zA-Z0-9-]*)[^<>]*+>", re.DOTALL
)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u var wbr font tt".split()
)
_GAPS = re.compile(r"[ \t\r\n\f]+")
_WORD = re.compile(r"\w\S*")
# Scripts written without spaces: each character counts as a word, which is how editors count them.
_BEYOND = re.compile("[ぁ-𲎯]")  # quick to look for
_IDEOGRAPH = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def plain_text(html: str) -> str:
    """The words of an HTML text on one line: no markup, no scripts and styles, character references read."""
    return squeeze(unescape(_MARKUP.sub(_gap, html)))


def _gap(match: re.Match[str]) -> str:
    name = match[2]
    return "" if name and name.lstrip("/").lower() in _INLINE else " "


def squeeze(text: str) -> str:
    """The text with every run of spaces and line ends as one space; no-break spaces stay."""
    return _GAPS.sub(" ", text).strip(" ")


def count_words(text: str) -> int:
    """How many words a plain text holds; Chinese and Japanese characters count one each."""
    if text.isascii() or not _BEYOND.search(text):
        return len(_WORD.findall(text))
    single = len(_IDEOGRAPH.findall(text))
    return single + len(_WORD.findall(_IDEOGRAPH.sub(" ", text)))


def shorten(text: str, length: int = SUMMARY) -> str:
    """The text, or as many whole words as fit with `…` behind them: never more than `length` characters."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    end = cut.rfind(" ")
    if end < length // 2:  # one very long word, or a script without spaces
        end = length - 1
    return cut[:end].rstrip(" ,;:–—-(«“„") + "…"
