"""What a caller may ask of the Markdown room."""

from typing import Literal

import msgspec

Trust = Literal["trusted", "restricted", "none"]


class Options(msgspec.Struct, frozen=True):
    """How a text is rendered: by which engine, in which language, with how much raw HTML.

    `html`: `trusted` keeps what HTML allows, scripts included, but no script addresses; `restricted` keeps an allow-list;
    `none` shows raw HTML as text.
    """

    engine: Literal["markdown", "commonmark"] = "markdown"
    language: str = "en"  # BCP 47; decides the quotation marks
    html: Trust = "restricted"
    smart_quotes: bool = True
