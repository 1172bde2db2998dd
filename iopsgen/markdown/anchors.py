"""Ids of headings, and the table of contents that links to them."""

import re
import unicodedata
from html import escape

from iopsgen.model import Heading

_DROPPED = re.compile(r"[^a-z0-9_\s-]")
_GAPS = re.compile(r"[\s-]+")


def anchor_of(title: str) -> str:
    """The id of a heading from its text: lower case, letters and digits of every script, `-` between words."""
    text = unicodedata.normalize("NFC", title).lower()
    if text.isascii():
        kept = _DROPPED.sub("", text)
    else:
        kept = "".join(c if c in "_- " or unicodedata.category(c)[0] in "LNM" else " " if c.isspace() or c in "–—" else "" for c in text)
    return _GAPS.sub("-", kept).strip("-")[:100] or "section"


class Anchors:
    """The ids that a page has so far."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._repeats: dict[str, int] = {}  # how often an id was taken already

    def new(self, title: str) -> str:
        """An id for a heading that no other element has."""
        anchor = name = anchor_of(title)
        while name in self._taken:
            self._repeats[anchor] = number = self._repeats.get(anchor, 0) + 1
            name = f"{anchor}-{number}"
        self._taken.add(name)
        return name


def table_of_contents(headings: list[Heading]) -> str:
    """Nested lists of links to the headings."""
    out: list[str] = []
    open_levels: list[int] = []
    for heading in headings:
        if open_levels and heading.level > open_levels[-1]:
            out.append("<ul><li>")
            open_levels.append(heading.level)
        else:
            while len(open_levels) > 1 and heading.level <= open_levels[-2]:
                out.append("</li></ul>")
                open_levels.pop()
            out.append("</li><li>" if open_levels else "<ul><li>")
            open_levels[-1:] = [heading.level]
        out.append(f'<a href="#{escape(heading.id)}">{escape(heading.title, quote=False)}</a>')
    out.append("</li></ul>" * len(open_levels))
    return f'<div class="toc">{"".join(out)}</div>' if headings else ""
