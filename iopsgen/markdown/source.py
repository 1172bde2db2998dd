"""Makes a Markdown source fit for both engines: no control characters, one kind of line end, nothing without bounds."""

import re

MAX_SIZE = 1 << 20  # characters

# Stand-ins for characters that an engine must not read as markup. None of them survives in a source, so none can be forged
# there; a numeric character reference can make one, which then only means the character it stands for.
UNDERSCORE, LESS_THAN, ASTERISK, TILDE = "\x04", "\x05", "\x06", "\x07"
TO_DO, DONE = "\x0e", "\x0f"  # the boxes of a task list, on their way from an engine to the page

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile("[ \t]{256,}")
_TAG = re.compile(r"<(\w+)\b([^<>]*+)>")
_MARKDOWN_INSIDE = re.compile(r"""\smarkdown(?:=(?:"[^"]*+"|'[^']*+'|\w+))?(?!\S)""", re.IGNORECASE)
# A bare address whose `_`, `*` or `~` would be taken for emphasis; not one that is a link's target or stands in a tag.
_MARKED_ADDRESS = re.compile(
    r"""(?<!\]\()(?<![\w"'=<])(?:https?://|www\.)[^\s<>"_*~]{0,500}+[_*~][^\s<>"]{0,1500}[^\s<>"_*~.,:;!?')\]]"""
)
_MARKED_HTTP, _MARKED_WWW = (re.compile(start + r"""[^\s<>"_*~]{0,500}+[_*~]""") for start in ("://", r"www\."))  # quick to look for
_HIDE = str.maketrans({"_": UNDERSCORE, "*": ASTERISK, "~": TILDE})
_HIDDEN = re.compile("[\x04\x06\x07]|%0[467]")
_SHOW = {UNDERSCORE: "_", ASTERISK: "*", TILDE: "~", "%04": "_", "%06": "*", "%07": "~"}
_RAW_LESS_THAN = re.compile(
    r"<(?!!--\s*more\s*-->)(?![A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*>)(?![\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+>)", re.IGNORECASE
)


def tidy(source: str) -> str:
    """The source without byte order mark and control characters, lines ending in `\\n`.

    Form feeds and vertical tabs become spaces, lone surrogates U+FFFD.
    """
    source = source.removeprefix("\ufeff")
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS.search(source):
        source = _CONTROLS.sub(lambda m: " " if m[0] in "\x0b\x0c\x85" else "\ufffd" if "\ud800" <= m[0] <= "\udfff" else "", source)
    return source


def prepare(source: str, raw_html: bool) -> str:
    """What an engine gets to read: a tidy source in which stand-ins guard bare addresses and, unless `raw_html`, every `<`.

    `<div markdown="1">` gets empty lines around it, which is how CommonMark says that Markdown is meant inside.
    """
    if " " * 256 in source or "\t" * 128 in source:  # some patterns of the default engine are quadratic in spaces
        source = _GAPS.sub(" " * 256, source)
    if _MARKED_HTTP.search(source) or _MARKED_WWW.search(source):
        source = _MARKED_ADDRESS.sub(lambda m: m[0].translate(_HIDE), source)
    if "<" in source:
        if not raw_html:
            return _RAW_LESS_THAN.sub(LESS_THAN, source)
        if "markdown" in source:
            return _TAG.sub(_apart, source)
    return source


def _apart(tag: re.Match[str]) -> str:
    """A tag that says that Markdown stands inside, without that word and between empty lines."""
    rest, found = _MARKDOWN_INSIDE.subn("", tag[2])
    return f"\n\n<{tag[1]}{rest}>\n\n" if found else tag[0]


def restore(html: str) -> str:
    """The HTML of an engine with the stand-ins of `prepare` turned back into what they stand for."""
    if LESS_THAN in html or "%05" in html:
        html = html.replace(LESS_THAN, "&lt;").replace("%05", "%3C")
    if _HIDDEN.search(html):
        html = _HIDDEN.sub(lambda m: _SHOW[m[0]], html)
    return html


class Lines:
    """Finds the line on which something stands in a source, in time that is linear in the source altogether."""

    def __init__(self, source: str, first_line: int) -> None:
        self._source = source
        self._first = first_line
        self._at = 0  # where the last thing was found: the next is usually behind it
        self._line = first_line
        self._budget = 8 * len(source) + 4096

    def of(self, *candidates: str) -> int:
        """The line of the first candidate that occurs, preferably after what was found last; 0: not found."""
        for text in candidates:
            for start in (self._at + 1 if self._at else 0, 0):
                if not text or self._budget <= 0:
                    return 0
                found = self._source.find(text, start)
                if found >= 0:
                    self._move(found)
                    return self._line
                self._budget -= len(self._source) - start
        return 0

    def at(self, position: int) -> int:
        """The line of a position in the source."""
        return self._first + self._source.count("\n", 0, position)

    def _move(self, found: int) -> None:
        low, high = sorted((self._at, found))
        self._budget -= high - low
        change = self._source.count("\n", low, high)
        self._line += change if found > self._at else -change
        self._at = found  # the search itself goes on one further, so that each occurrence is found once
