"""Makes a Markdown source fit for both engines: no control characters, one kind of line end, nothing without bounds."""

import re

MAX_SIZE = 1 << 20  # characters

# Stand-ins for characters that an engine must not read as markup. None of them survives in a source; a numeric character
# reference can make one, which then only means the character it stands for.
UNDERSCORE, LESS_THAN, ASTERISK, TILDE, COLON = "\x04", "\x05", "\x06", "\x07", "\x10"
TO_DO, DONE = "\x0e", "\x0f"  # the boxes of a task list, on their way from an engine to the page

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CONTROLS_MADE = re.compile("[\x00-\x08\x0b\x0c\x10-\x1f\x7f-\x9f\ufffe\uffff]")
_WINDOWS = re.compile(r"&#0*(12[89]|1[345][0-9]);")  # in HTML these mean Windows-1252 (HTML standard, 13.2.5.80), in CommonMark nothing
_BOX_REFERENCE = re.compile(r"&#(?:0*1[45]|[xX]0*[eEfF])(?![0-9a-fA-F]);?")
_GAPS = re.compile("[ \t]{256,}")
_OFFICE = re.compile(r"</?(?:o|w|v|st1):[A-Za-z]++[^<>]*+>")  # what Word leaves in pasted text; no Markdown engine takes it for HTML
_TAG = re.compile(r"<(\w+)\b([^<>]*+)>")
_MARKDOWN_INSIDE = re.compile(r"""\smarkdown(?:=(?:"[^"]*+"|'[^']*+'|\w+))?(?!\S)""", re.IGNORECASE)
# A bare address whose `_`, `*` or `~` would be taken for emphasis; not one that is a link's target or stands in a tag.
_MARKED_ADDRESS = re.compile(
    r"""(?<!\]\()(?<![\w"'=<])(?:https?://|www\.)[^\s<>"_*~]{0,500}+[_*~][^\s<>"]{0,1500}[^\s<>"_*~.,:;!?')\]]"""
)
_MARKED_HTTP, _MARKED_WWW = (re.compile(start + r"""[^\s<>"_*~]{0,500}+[_*~]""") for start in ("://", r"www\."))  # quick to look for
_HIDE = str.maketrans({"_": UNDERSCORE, "*": ASTERISK, "~": TILDE})
_HIDDEN = re.compile("[\x04\x06\x07\x10]")
_SHOW = {UNDERSCORE: "_", ASTERISK: "*", TILDE: "~", COLON: ":"}
# An engine may have encoded them in an address; in a text, "%10" is what a Turkish shop takes off its prices.
_ADDRESS = re.compile(r''' (?:href|src)="[^"]*''')
_ENCODED = re.compile("%(?:0[4-7]|10)")
_SHOW_ENCODED = {"%04": "_", "%05": "%3C", "%06": "*", "%07": "~", "%10": ":"}
_NO_DEFINITION = re.compile(r"(?<=\]):(?!\s*<?https?://\S+\s*$)", re.MULTILINE | re.IGNORECASE)
_RAW_LESS_THAN = re.compile(
    r"<(?!!--\s*more\b[^<>]*-->)(?![A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*>)(?![\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+>)", re.IGNORECASE
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


def without_controls(html: str) -> str:
    """HTML without the control characters that character references have made."""
    return _CONTROLS_MADE.sub("", html)


def prepare(source: str, raw_html: bool, comment: bool = False) -> str:
    """What an engine gets to read: a tidy source in which stand-ins guard bare addresses and, unless `raw_html`, every `<`.

    `<div markdown="1">` gets empty lines around it, which is how CommonMark says that Markdown is meant inside. In a `comment`,
    what looks like the definition of a link but has no web address is text, as its words would vanish.
    """
    if comment and "]:" in source:
        source = _NO_DEFINITION.sub(COLON, source)
    if "&#" in source:
        source = _BOX_REFERENCE.sub("", source)
        source = _WINDOWS.sub(lambda m: bytes([int(m[1])]).decode("cp1252", "replace"), source)
    if " " * 256 in source or "\t" * 128 in source:  # some patterns of the default engine are quadratic in spaces
        source = _GAPS.sub(" " * 256, source)
    if _MARKED_HTTP.search(source) or _MARKED_WWW.search(source):
        source = _MARKED_ADDRESS.sub(lambda m: m[0].translate(_HIDE), source)
    if "<" in source:
        if not raw_html:
            return _RAW_LESS_THAN.sub(LESS_THAN, source)
        source = _OFFICE.sub("", source)
        if "markdown" in source:
            return _TAG.sub(_apart, source)
    return source


def _apart(tag: re.Match[str]) -> str:
    """A tag that says that Markdown stands inside, without that word and between empty lines."""
    rest, found = _MARKDOWN_INSIDE.subn("", tag[2])
    return f"\n\n<{tag[1]}{rest}>\n\n" if found else tag[0]


def restore(html: str) -> str:
    """The HTML of an engine with the stand-ins of `prepare` turned back into what they stand for."""
    if LESS_THAN in html:
        html = html.replace(LESS_THAN, "&lt;")
    if UNDERSCORE in html or ASTERISK in html or TILDE in html or COLON in html:
        html = _HIDDEN.sub(lambda m: _SHOW[m[0]], html)
    if "%0" in html or "%10" in html:
        html = _ADDRESS.sub(lambda address: _ENCODED.sub(lambda m: _SHOW_ENCODED[m[0]], address[0]), html)
    return html


class Lines:
    """Finds the line on which something stands in a source, in time that is linear in the source altogether."""

    def __init__(self, source: str, first_line: int) -> None:
        self._source = source
        self._at = 0  # where the last thing was found: the next is usually behind it
        self._line = first_line
        self._found: dict[str, int] = {}  # where each text was found last: it may stand there more than once
        self._budget = 200 * len(source) + 10_000  # characters to look at; looking is quick

    def of(self, text: str) -> int:
        """The line of the next occurrence of a text; 0: not found."""
        for start in (self._found[text] + 1,) if text in self._found else (self._at, 0):
            if not text or self._budget <= 0:
                return 0
            found = self._source.find(text, start)
            self._budget -= (found if found >= 0 else len(self._source)) - start
            if found >= 0:
                self._found[text] = found
                return self._line_at(found)
        return self._line_at(self._found[text]) if text in self._found else 0

    def _line_at(self, position: int) -> int:
        low, high = sorted((self._at, position))
        self._budget -= high - low
        lines = self._source.count("\n", low, high)
        self._line += lines if position > self._at else -lines
        self._at = position
        return self._line
