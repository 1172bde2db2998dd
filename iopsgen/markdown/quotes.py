"""Typographic quotation marks, apostrophes, dashes and ellipses, as each language writes them."""

import re
from typing import NamedTuple

from iopsgen.markdown.source import DONE, TO_DO


class Marks(NamedTuple):
    """Opening and closing marks: of a quotation, and of one inside it."""

    open: str
    close: str
    inner_open: str
    inner_close: str


_THIN = "\u202f"  # narrow no-break space
_CURLY = Marks("“", "”", "‘", "’")
_LOW = Marks("„", "“", "‚", "‘")
_LOW_HIGH = Marks("„", "”", "‚", "’")
_ANGLES = Marks("«", "»", "“", "”")
_ANGLES_LOW = Marks("«", "»", "„", "“")
_RIGHT = Marks("”", "”", "’", "’")
_CORNERS = Marks("「", "」", "『", "』")
_MARKS = {
    "es": _ANGLES,
    "fr": Marks("«" + _THIN, _THIN + "»", "“", "”"),
    "fr-ch": Marks("«", "»", "‹", "›"),
    "de": _LOW,
    "de-ch": Marks("«", "»", "‹", "›"),
    "it": _ANGLES,
    "it-ch": Marks("«", "»", "‹", "›"),
    "el": _ANGLES,
    "ar": _ANGLES,
    "fa": Marks("«", "»", "‹", "›"),
    "he": Marks("”", "”", "’", "’"),
    "ja": _CORNERS,
    "zh-tw": _CORNERS,
    "zh-hk": _CORNERS,
    "zh-hant": _CORNERS,
    "pl": Marks("„", "”", "«", "»"),
    "ro": Marks("„", "”", "«", "»"),
    "hu": Marks("„", "”", "»", "«"),
    "nl": _CURLY,
    "af": _CURLY,
    "cs": _LOW,
    "sk": _LOW,
    "sl": _LOW,
    "hr": _LOW_HIGH,
    "sr": _LOW_HIGH,
    "bs": _LOW_HIGH,
    "bg": _LOW,
    "mk": _LOW,
    "is": _LOW,
    "et": _LOW,
    "lt": _LOW,
    "lv": _ANGLES_LOW,
    "ka": _LOW,
    "ru": _ANGLES_LOW,
    "uk": _ANGLES_LOW,
    "be": _ANGLES_LOW,
    "hy": _ANGLES_LOW,
    "nb": Marks("«", "»", "‘", "’"),
    "nn": Marks("«", "»", "‘", "’"),
    "no": Marks("«", "»", "‘", "’"),
    "da": _CURLY,
    "sv": _RIGHT,
    "fi": _RIGHT,
    "sq": _LOW,
    "ca": _ANGLES,
    "gl": _ANGLES,
    "eu": _ANGLES,
}
_MARKS.update({f"es-{country}": _CURLY for country in "419 mx us gt hn sv ni cr pa cu do pr co ve ec pe bo cl ar py uy".split()})

_SIGNS = re.compile(r"\"|'|--+|\.\.\.+")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")  # inside a word
_OPENERS = frozenset(" \t\n\u00a0\u202f\u2009([{<-–—/“‘„‚«‹「『¿¡" + TO_DO + DONE)
_WITHOUT_SPACES = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_ELIDED = re.compile(r"'(?:\d\ds?|tis|twas|twere|em|til|cause|bout|round|n'?)(?![^\W_])", re.IGNORECASE)
_KEPT = 300  # characters to look back over

# Elements inside a sentence; what is no such element begins or ends a paragraph.
INLINE = frozenset("a abbr b bdi bdo cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u var wbr".split())
_INLINE_TAGS = frozenset(f"<{slash}{name}>" for name in INLINE for slash in ("", "/"))
_BREAK = re.compile(rf"<(?!/?(?:{'|'.join(sorted(INLINE))}|br)>)")


def marks_of(language: str) -> Marks:
    """The marks of a language (BCP 47: `de`, `pt-BR`), those of English where the language is not known."""
    tag = language.replace("_", "-").lower()
    return _MARKS.get(tag) or _MARKS.get(tag.partition("-")[0], _CURLY)


class Typesetter:
    """Turns the straight signs of an HTML text into typographic ones, piece by piece as the pieces come.

    A piece may hold tags without attributes; other tags stand between pieces, where `start` or `jump` is called for them.
    """

    __slots__ = ("_checked", "_inner", "_marks", "_open", "_tail", "_text")

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._text = ""
        self._tail = " "  # what stands before the next piece
        self._open = self._inner = False
        self._checked = 0

    def start(self) -> None:
        """A new paragraph, heading or cell begins: no quotation is open."""
        self._tail = " "
        self._open = self._inner = False

    def jump(self) -> None:
        """Something stands here that is no text, such as code: what follows closes a quotation."""
        self._tail = "x"

    def set(self, text: str) -> str:
        """The piece with its signs replaced; in it `&`, `<` and `>` stand as references."""
        if "'" in text:
            text = _APOSTROPHE.sub("’", text)
        self._text, self._checked = text, 0
        done = _SIGNS.sub(self._sign, text)
        self.passes(text)
        return done

    def passes(self, text: str) -> None:
        """A piece without signs goes by."""
        if "<" in text and _BREAK.search(text, self._checked if text is self._text else 0):
            self._open = self._inner = False
        self._tail = text[-_KEPT:] if len(text) > _KEPT else (self._tail + text)[-_KEPT:]

    def _sign(self, match: re.Match[str]) -> str:
        sign, start, end = match[0], match.start(), match.end()
        if sign[0] == ".":
            return "…" if len(sign) == 3 else sign
        text = self._text
        after = text[end : end + 1]
        before = text[start - 1] if start else ">"
        if before in ">;":
            before = self._before(start)
        if sign[0] == "-":
            return self._dash(sign, before, after)
        if "<" in text and _BREAK.search(text, self._checked, start):
            self._open = self._inner = False
        self._checked = end
        return self._double(before, after) if sign == '"' else self._single(before, after, start)

    def _before(self, start: int) -> str:
        """The character before a sign, whatever tags of inline elements stand between."""
        text, at = (self._text, start) if start else (self._tail, len(self._tail))
        while True:
            if not at:
                if text is self._tail:
                    return " "
                text, at = self._tail, len(self._tail)
            elif text[at - 1] == ">":
                begin = text.rfind("<", 0, at)
                if text[begin:at] not in _INLINE_TAGS:
                    return " "
                at = begin
            else:
                return "\u00a0" if text.endswith("&nbsp;", 0, at) else text[at - 1]

    def _dash(self, sign: str, before: str, after: str) -> str:
        if len(sign) > 3 or (before in _OPENERS and after.isalnum()):  # a rule drawn by hand; an option of a program
            return sign
        return "—" if len(sign) == 3 else "–"

    def _double(self, before: str, after: str) -> str:
        if before.isdigit() and not self._open:
            return '"'  # inches, seconds
        opens = before in _OPENERS and not (after == "" and self._open) and not after.isspace()
        if not opens and not self._open and _WITHOUT_SPACES.match(before):
            opens = True
        self._open = opens
        return self._marks.open if opens else self._marks.close

    def _single(self, before: str, after: str, start: int) -> str:
        if before.isdigit() and not self._inner and not after.isalpha():
            return "'"  # feet, minutes
        if before not in _OPENERS or after.isspace():
            if self._inner and not (before.isalnum() and after.isalnum()):
                self._inner = False
                return self._marks.inner_close
            return "’"
        if _ELIDED.match(self._text, start):
            return "’"
        self._inner = True
        return self._marks.inner_open
