"""Markdown to sound and safe HTML, by Python-Markdown or by a CommonMark engine, with what a text says of itself.

The engines, and the many patterns of this room, are loaded by the first call: most builds find every text in the store.
"""

from typing import Literal

from iopsgen.markdown.options import Options
from iopsgen.model import Text
from iopsgen.problems import Problem

__all__ = ["Options", "comment_html", "plain_text", "render", "render_small"]


def render(source: str, options: Options, file: str, first_line: int = 1) -> tuple[str, Text, list[Problem]]:
    """Renders a text: its HTML, its Text and what is wrong with it. `first_line` is the line of `file` on which it begins.

    In the HTML, `\\x02N\\x03` stands for the N-th of `Text.targets`; `Text.digest` is the BLAKE2b digest (16 bytes, hex) of the
    HTML. Never raises for what a text holds: where it cannot be rendered, the HTML is empty and a problem says why.
    """
    from iopsgen.markdown import rendering  # imported late, for the sake of start-up

    return rendering.render(source, options, file, first_line)


def render_small(source: str, options: Options) -> str:
    """HTML of a short text inside a page, like the bio of a person: no ids, addresses as they were written, no problems."""
    from iopsgen.markdown import rendering  # imported late, as above

    return rendering.render_small(source, options)


def comment_html(body: str, format: Literal["markdown", "text", "html"]) -> str:
    """The body of a comment as HTML that is safe to publish; in linear time, and without losing a word.

    Only `p br a em strong b i del s code pre blockquote ul ol li` remain, with `href` on `a` (absolute, http or https) and
    `rel="nofollow ugc noopener noreferrer"`. Raw HTML in Markdown is shown as text.
    """
    from iopsgen.markdown import comments  # imported late, as above

    return comments.comment_html(body, format)


def plain_text(html: str) -> str:
    """The words of an HTML text on one line: no markup, no scripts and styles, character references read."""
    from iopsgen.markdown import words  # imported late, as above

    return words.plain_text(html)
