"""Discussions: the feeds of comments, of each page and of the whole site, and the bodies of comments on a page that is made."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from iopsgen.assemble.threads import anchor
from iopsgen.markdown import comment_html
from iopsgen.model import Comment, Event, Post
from iopsgen.outputs.edition import Edition
from iopsgen.plan import Output
from iopsgen.problems import Place
from iopsgen.views import CommentView, FeedEntry, FeedLink, FeedPerson, FeedView, ThreadView

NEWEST = 100  # comments in a feed
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def with_bodies(thread: ThreadView) -> ThreadView:
    """The thread with the bodies of its comments as HTML. Pages are compared without them: to sanitise each comment takes longer."""
    return replace(thread, comments=tuple(map(_with_body, thread.comments)))


def _with_body(comment: CommentView) -> CommentView:
    body = comment_html(comment.source, comment.format) if comment.source else ""  # type: ignore[arg-type]
    return replace(comment, body=body, source="", format="", replies=tuple(map(_with_body, comment.replies)))


def comment_feeds(edition: Edition) -> Iterator[Output]:
    """`comments.xml` of each page that has comments, and of the whole edition: newest first, each under its permanent link."""
    everything: list[tuple[Comment, FeedEntry]] = []
    for item in edition.site.discussed:
        thread = edition.site.threads.get(item.route)
        if thread is None or not thread.count or not edition.owns(item):
            continue
        shown = sorted((c for c in thread.comments if not c.removed), key=_newest, reverse=True)[:NEWEST]
        made = tuple(_entries(edition, item, shown))
        everything += zip(shown, made, strict=True)
        title = edition.texts.gettext("Comments on %(title)s") % {"title": item.fields.title}
        yield _feed(edition, item.route, item.route + "comments.xml", title, made, Place(item.fields.source))
    newest = sorted(everything, key=lambda pair: _newest(pair[0]), reverse=True)[:NEWEST]
    link = comments_feed(edition)
    yield _feed(edition, edition.route("/"), edition.route("/comments.xml"), link.title, tuple(entry for _, entry in newest))


def discussion_feeds(edition: Edition, item: Post | Event) -> tuple[FeedLink, ...]:
    """What a page with a discussion links for autodiscovery: the feed of its own comments, if it has any, and that of all."""
    thread = edition.site.threads.get(item.route)
    if thread is None or not thread.count:
        return () if item.route in edition.site.comments_off else (comments_feed(edition),)
    title = edition.texts.gettext("Comments on %(title)s") % {"title": item.fields.title}
    return (_link(edition, item.route + "comments.xml", title), comments_feed(edition))


def comments_feed(edition: Edition) -> FeedLink:
    """The feed of all comments of an edition."""
    title = f"{edition.names.short_title}: {edition.texts.gettext('All comments')}"
    return _link(edition, edition.route("/comments.xml"), title)


def _link(edition: Edition, route: str, title: str) -> FeedLink:
    url, address = edition.common.url(route), edition.common.address(route)
    return FeedLink(title=title, url=url, address=address, type="application/rss+xml", label="RSS")


def _newest(comment: Comment) -> tuple[float, str]:
    return (comment.received.timestamp(), comment.id)


def _entries(edition: Edition, item: Post | Event, comments: list[Comment]) -> Iterator[FeedEntry]:
    """The comments of a page as entries of feeds."""
    address, permanent, title = edition.common.address(item.route), edition.common.permanent(item), item.fields.title
    words, nameless = edition.texts.gettext("%(name)s on %(title)s"), edition.texts.gettext("No name")
    for c in comments:
        yield FeedEntry(
            id=f"{permanent}#{anchor(c.id)}",
            address=f"{address}#{anchor(c.id)}",
            title=words % {"name": c.name or nameless, "title": title},
            published=c.received,
            updated=c.received,
            source=c.body,
            format=c.format,
            authors=(FeedPerson(name=c.name),) if c.name else (),
            language=c.language or item.language,
        )


def _feed(edition: Edition, mirrors: str, route: str, title: str, entries: tuple[FeedEntry, ...], place: Place | None = None) -> Output:
    view = FeedView(
        title=title,
        address=edition.common.address(mirrors),
        description=title,
        language=edition.language,
        updated=max((e.updated for e in entries), default=_BEGINNING),
        rss=edition.common.address(route),
        author=edition.names.title,
        entries=entries,
    )
    return Output(route=route, maker="rss", view=view, language=edition.language, place=place, title=title)
