"""Pages for the frames of other sites: the next events of the organisation or of a chapter, whole in themselves and without script."""

from collections.abc import Iterator

from iopsgen.model import Chapter
from iopsgen.outputs.agenda import Pair
from iopsgen.outputs.edition import Edition, is_of
from iopsgen.outputs.frame import make_head
from iopsgen.plan import Output
from iopsgen.problems import Place
from iopsgen.views import EmbedView, FeedLink

EVENTS = 6
ALL = "/events/embed/"


def embed_of(edition: Edition, chapter: Chapter) -> str:
    """The address of the page that shows a chapter's next events in a frame."""
    return edition.common.address(f"{chapter.route}embed/")


def embed_of_all(edition: Edition) -> str:
    """The address of the page that shows the next events of all in a frame."""
    return edition.common.address(edition.route(ALL))


def embed_pages(edition: Edition) -> Iterator[Output]:
    """`/events/embed/`, and `/chapters/<id>/embed/` for each chapter and branch."""
    names = edition.names
    yield _embed(edition, edition.route(ALL), names.title, edition.route("/events/"), edition.feeds, edition.upcoming)
    for chapter in edition.chapters.values():
        if edition.owns(chapter):
            feeds = edition.feeds_at(chapter.route, f"{names.short_title}: {chapter.title}", calendar=True, feeds=False)
            pairs = tuple(pair for pair in edition.upcoming if is_of(pair[0], chapter))
            yield _embed(edition, f"{chapter.route}embed/", chapter.title, chapter.route, feeds, pairs, Place(chapter.fields.source))


def _embed(
    edition: Edition, route: str, title: str, page: str, feeds: tuple[FeedLink, ...], pairs: tuple[Pair, ...], place: Place | None = None
) -> Output:
    """One of them; `page` is the route of the page that it stands for. Search engines are to find that one."""
    calendar = tuple(feed for feed in feeds if feed.type == "text/calendar")
    named = edition.texts.gettext("Events: %(title)s") % {"title": title}
    view = EmbedView(
        head=make_head(edition, route, named, noindex=True, canonical=edition.common.address(page), feeds=calendar),
        title=title,
        url=edition.common.url(page),
        events=tuple(edition.event_card(*pair) for pair in pairs[:EVENTS]),
        feeds=calendar,
    )
    return Output(route=route, maker="page", view=view, template="embed.html", language=edition.language, place=place, title=named)
