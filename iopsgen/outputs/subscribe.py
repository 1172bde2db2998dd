"""Where to subscribe: the page with every feed and calendar of an edition, and the same feeds as a list for feed readers."""

from collections.abc import Iterator

from iopsgen.outputs.discussions import comments_feed
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.embeds import embed_of, embed_of_all
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.schedules import ONLINE, events_at_venues, online_feeds, title_of
from iopsgen.plan import Output
from iopsgen.views import FeedGroup, SubscribeView, View


class SubscriptionList(View, frozen=True, kw_only=True):
    """What `feeds.opml` is made from."""

    title: str
    address: str
    groups: tuple[FeedGroup, ...] = ()
    site: FeedGroup | None = None


def subscribe_page(edition: Edition) -> Iterator[Output]:
    """`/subscribe/` and `feeds.opml`."""
    title, common = edition.texts.gettext("Subscribe"), edition.common
    route, opml = edition.route("/subscribe/"), edition.route("/feeds.opml")
    chapters, categories = tuple(_chapters(edition)), tuple(_categories(edition))
    view = SubscribeView(
        head=make_head(edition, route, title),
        title=title,
        site=edition.feeds,
        online=FeedGroup(title=edition.texts.gettext("Online events"), url=edition.url(ONLINE), feeds=online_feeds(edition)),
        chapters=chapters,
        categories=categories,
        venues=tuple(_venues(edition)),
        comments=comments_feed(edition),
        opml=common.url(opml),
        embed=embed_of_all(edition),
    )
    yield Output(route=route, maker="page", view=view, template="subscribe.html", language=edition.language, title=title)
    site = FeedGroup(title=edition.names.title, url=edition.url("/"), feeds=edition.feeds)
    home = common.address(edition.route("/"))
    listed = SubscriptionList(title=edition.names.title, address=home, groups=(*chapters, *categories), site=site)
    yield Output(route=opml, maker="opml", view=listed, language=edition.language, title="feeds.opml")


def _chapters(edition: Edition) -> Iterator[FeedGroup]:
    """The branches and chapters, each before those below it."""

    def walk(names: list[str], level: int) -> Iterator[FeedGroup]:
        for name in names:
            chapter = edition.chapters[name]
            yield FeedGroup(
                title=chapter.title,
                url=edition.common.url(chapter.route),
                feeds=edition.feeds_at(chapter.route, title_of(edition, chapter.title), calendar=True),
                level=level,
                embed=embed_of(edition, chapter),
            )
            yield from walk([c for c in chapter.children if c in edition.chapters], level + 1)

    tops = sorted((c for c in edition.chapters.values() if c.parent not in edition.chapters), key=lambda c: (c.title.casefold(), c.id))
    yield from walk([c.id for c in tops], 0)


def _categories(edition: Edition) -> Iterator[FeedGroup]:
    for term in sorted(edition.categories.values(), key=lambda t: t.name.casefold()):
        route = f"/categories/{term.slug}/"
        feeds = edition.feeds_at(edition.route(route), title_of(edition, term.name), calendar=True)
        yield FeedGroup(title=term.name, url=edition.url(route), feeds=feeds)


def _venues(edition: Edition) -> Iterator[FeedGroup]:
    """The venues that have a page, each with its calendar."""
    venues = [edition.site.venues[name] for name in events_at_venues(edition)]
    for venue in sorted(venues, key=lambda v: (v.name.casefold(), v.id)):
        route = edition.common.venue_routes[venue.id]
        feeds = edition.feeds_at(edition.route(route), title_of(edition, venue.name), calendar=True, feeds=False)
        yield FeedGroup(title=", ".join(filter(None, (venue.name, venue.city))), url=edition.url(route), feeds=feeds)
