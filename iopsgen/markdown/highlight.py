"""Colours code with Pygments, which is imported when the first text needs it."""

from functools import lru_cache
from html import unescape
from typing import Any

# Many lexers are quadratic, in the lines of a block or in a line: those for C, C# and Java take a second for a thousand lines
# that hold a letter each. So a document has a budget; what goes beyond it stays plain.
BUDGET = 2_000_000
_SLOW = frozenset(("autohotkey", "ahk", "autoit", "mcschema", "xpp", "x++"))  # these are worse than that


def effort(code: str) -> int:
    """What colouring the code may cost at worst, in units of `BUDGET`."""
    lengths = [len(line) for line in code.split("\n")]
    return len(lengths) ** 2 + sum(length * length for length in lengths) // 10


def highlight(code: str, language: str) -> str:
    """HTML of the code (given as HTML text) with `<span class="…">` as Pygments names them; "" if it stays plain."""
    lexer = None if language.lower() in _SLOW else _lexer(language)
    if lexer is None:
        return ""
    from pygments import highlight as colour  # imported late: most pages hold no code, and this takes 30 ms

    html: str = colour(unescape(code), lexer, _formatter())
    return html


@lru_cache(maxsize=128)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1)
def _formatter() -> Any:
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(nowrap=True)
