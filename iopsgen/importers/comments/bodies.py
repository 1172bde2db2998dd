"""The texts of comments as other systems keep them, made ready for the formats of the inbox; nothing is made safe here, the build does that."""

import re
from html import escape
from urllib.parse import unquote

from iopsgen.read.comments import Format

_TAG = re.compile(r"<(?:a\s[^<>]{0,2000}|(?:blockquote|br|div|ol|p|pre|ul)(?:\s[^<>]{0,2000})?/?)>", re.IGNORECASE)
_OWN_BREAKS = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)
_BLOCK = re.compile(r"\s*</?(?:blockquote|div|h[1-6]|hr|li|ol|p|pre|table|ul)\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
_GAP = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"(?<!<br>)(?<!<br/>)(?<!<br />)\n", re.IGNORECASE)
_CODE = re.compile(r"(`+)[^`].*?\1(?!`)", re.DOTALL)
_DISQUS_LINK = re.compile(r"https?://(?:[a-z]+\.)?disq\.us/(?:url)?\?url=([^\s\"'<>&]{1,4000})(?:&[^\s\"'<>]{0,2000})?", re.IGNORECASE)
_DISQUS_MARK = re.compile(r":[A-Za-z0-9_-]{27}$")


def from_html(text: str) -> tuple[str, Format]:
    """HTML as WordPress and Disqus keep it, in which line ends count too, unless it has paragraphs of its own."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "<" not in text and "&" not in text:
        return text, "text"
    if "\n" not in text or _OWN_BREAKS.search(text):
        return text, "html"
    return "\n".join(_blocks(text)), "html"


def _blocks(text: str) -> list[str]:
    """The paragraphs of a text whose empty lines part them; a preformatted part stays as it is."""
    blocks: list[str] = []
    for number, piece in enumerate(_PREFORMATTED.split(text)):
        if number % 2:
            blocks.append(piece)
            continue
        for part in filter(str.strip, _GAP.split(piece)):
            lines = _LINE.sub("<br>\n", part.strip("\n"))
            blocks.append(part if _BLOCK.match(part) else f"<p>{lines}</p>")
    return blocks


def from_markdown(text: str) -> tuple[str, Format]:
    """Markdown as Isso, Remark42 and Staticman keep it, which is HTML where the comment came from elsewhere.

    It counts as HTML if it has paragraphs, links or lists of that kind outside code; a lone `<b>` is shown as it was written.
    """
    if "<" in text and _TAG.search(_CODE.sub("", text)):
        return from_html(text)
    return text, "markdown"


def without_detours(html: str) -> str:
    """The text with links that lead through Disqus' counter leading straight to where they go."""
    if "disq.us/" not in html:
        return html
    return _DISQUS_LINK.sub(lambda found: _straight(found[1]), html)


def _straight(quoted: str) -> str:
    address = _DISQUS_MARK.sub("", unquote(quoted))
    if not address.startswith(("http://", "https://")):
        return f"https://disq.us/url?url={quoted}"
    return escape(address.replace(" ", "%20"))
