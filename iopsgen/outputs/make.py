"""From a planned output to its bytes: one function a maker, all alike, none of them writes."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from iopsgen.model import Asset
from iopsgen.outputs import indexes
from iopsgen.outputs.calendars import calendar
from iopsgen.outputs.feeds import atom, json_feed, opml, rss
from iopsgen.outputs.finishing import complete, with_sizes
from iopsgen.outputs.search import search_index, search_texts, search_words
from iopsgen.pictures.versions import Version
from iopsgen.plan import Output
from iopsgen.problems import Problem
from iopsgen.render import Renderer, maker_digest
from iopsgen.texts import Texts
from iopsgen.theme import Theme
from iopsgen.views import FeedView, Frame, View
from iopsgen.write import digest_of

HtmlOf = Callable[[str], str]


def _status(view: Any) -> bytes:
    return msgspec.json.encode({"version": 1, **msgspec.structs.asdict(view)}) + b"\n"


_MAKERS: dict[str, Callable[[Any, HtmlOf], bytes]] = {
    "rss": rss,
    "atom": atom,
    "json_feed": json_feed,
    "opml": lambda view, _: opml(view.title, view.groups, site=view.site.feeds if view.site else (), address=view.address),
    "calendar": lambda view, _: calendar(view),
    "events_json": lambda view, _: indexes.events_json(view.title, view.address, view.entries),
    "sitemap": lambda view, _: indexes.sitemap(view.entries),
    "sitemap_index": lambda view, _: indexes.sitemap_index(view.entries),
    "robots": lambda view, _: indexes.robots(view.address),
    "redirects_netlify": lambda view, _: indexes.redirects_netlify(view.pairs),
    "redirects_apache": lambda view, _: indexes.redirects_apache(view.pairs, view.text),
    "headers": lambda view, _: indexes.headers_file(view.text, view.address),
    "search_index": search_index,
    "search_texts": search_texts,
    "search_words": search_words,
    "status": lambda view, _: _status(view),
}


class Workshop:
    """Makes outputs: holds the theme's templates compiled, the frames, and the way to a text by its digest."""

    def __init__(
        self, theme: Theme, frames: Mapping[str, Frame], texts: Mapping[str, Texts], html_of: HtmlOf, program: str, renderer: Renderer | None = None
    ) -> None:
        """`program` is the digest of the program: an upgrade makes everything again. A `renderer` of the same theme spares compiling it."""
        self.theme, self.frames, self.texts, self.html_of, self.program = theme, frames, texts, html_of, program
        self.renderer = renderer or Renderer(theme, html_of)
        self.sizes: Mapping[str, int] = {}  # bytes of the pictures that are made, by url
        self._digests: dict[tuple[str, str, str], str] = {}
        encoder = msgspec.json.Encoder(order="deterministic")
        self._frame_digests = {language: digest_of(encoder.encode(frame)) for language, frame in frames.items()}

    def maker(self, output: Output) -> str:
        """The digest of how an output is made: template, catalogue, frame, program; 64 bits, in hexadecimal."""
        key = (output.maker, output.template, output.language)
        found = self._digests.get(key)
        if found is None:
            if output.maker == "page":
                found = maker_digest(self.theme, output.template, output.language) + self._frame_digests[output.language]
            else:
                found = output.maker
            found = self._digests[key] = digest_of(f"{self.program} {found}".encode())[:16]
        return found

    def make(self, output: Output) -> tuple[bytes | None, list[Problem]]:
        """The bytes of an output other than a copied file or a picture, or None and why not."""
        assert not isinstance(output.view, Asset | Version)
        if output.maker != "page":
            view = with_sizes(output.view, self.sizes) if isinstance(output.view, FeedView) else output.view
            return _MAKERS[output.maker](view, self.html_of), []
        frame = self.frames[output.language]
        assert isinstance(output.view, View)
        view = complete(output.view, frame, self.texts[output.language])
        return self.renderer.render(output.template, view, frame, output.place)
