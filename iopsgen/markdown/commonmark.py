"""The fast engine: pulldown-cmark through pyromark, imported when the first text needs it."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from iopsgen.markdown.source import DONE, TO_DO, restore

if TYPE_CHECKING:
    import pyromark

_BOX = re.compile(r'<input disabled="" type="checkbox"( checked="")?/>\n')


def to_html(source: str) -> str:
    """The HTML of a prepared source: raw HTML as written, nothing sanitised. Linear in time, not recursive."""
    html = restore(_parser().html(source))
    if ' style="text-align: ' in html:
        html = re.sub(r'<(t[hd]) style="text-align: (\w+)">', r'<\1 align="\2">', html)
    if "<input disabled" in html:
        html = _BOX.sub(lambda m: DONE if m[1] else TO_DO, html)
    return html


def comment_to_html(source: str) -> str:
    """The HTML of a comment: CommonMark with ~~strikethrough~~ alone."""
    return restore(_comment_parser().html(source))


def raw_html(source: str) -> list[tuple[int, str]]:
    """Every piece of raw HTML in a source, code not included, with its position (in UTF-8 bytes)."""
    found: list[tuple[int, str]] = []
    for event, where in _parser().events_with_range(source):
        if isinstance(event, dict):
            text = event.get("InlineHtml") or event.get("Html")
            if isinstance(text, str):
                found.append((where["start"], text))
    return found


@lru_cache(maxsize=1)
def _parser() -> "pyromark.Markdown":
    import pyromark  # imported late: a site of the default engine with nothing unusual in it never needs it

    on = pyromark.Options
    return pyromark.Markdown(
        options=on.ENABLE_TABLES
        | on.ENABLE_FOOTNOTES
        | on.ENABLE_STRIKETHROUGH
        | on.ENABLE_TASKLISTS
        | on.ENABLE_HEADING_ATTRIBUTES
        | on.ENABLE_DEFINITION_LIST
    )


@lru_cache(maxsize=1)
def _comment_parser() -> "pyromark.Markdown":
    import pyromark  # imported late, as above

    return pyromark.Markdown(options=pyromark.Options.ENABLE_STRIKETHROUGH)
