"""Colours code with Pygments, which is imported when the first text needs it."""

from functools import lru_cache
from html import unescape
from typing import Any

# A lexer is a pile of regular expressions, some of them quadratic: code beyond these bounds stays plain.
_MAX_CODE = 50_000
_MAX_LINE = 1_000


def highlight(code: str, language: str) -> str:
    """HTML of the code (given as HTML text) with `<span class="…">` as Pygments names them; "" if it stays plain."""
    if len(code) > _MAX_CODE or not language:
        return ""
    lexer = _lexer(language)
    if lexer is None:
        return ""
    text = unescape(code)
    if max(map(len, text.split("\n"))) > _MAX_LINE:
        return ""
    from pygments import highlight as colour  # imported late: most pages hold no code, and this takes 30 ms

    html: str = colour(text, lexer, _formatter())
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
