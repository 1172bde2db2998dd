"""Feeds at every scope: the site, each branch and chapter, each category, each person."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from markupsafe import escape

from iopsgen.assemble.identities import facts_of
from iopsgen.dates import read_moment
from iopsgen.model import Event, Facts, Moment, Person, Post
from iopsgen.outputs.edition import Edition, families
from iopsgen.outputs.event_entries import status_prefix
from iopsgen.plan import Output
from iopsgen.texts import format_when
from iopsgen.views import FeedEntry, FeedPerson, FeedView, When
from iopsgen.zones import place_moment

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Entries:
    """Feed entries of one edition, each made once."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._posts: dict[str, FeedEntry] = {}
        self._events: dict[str, tuple[FeedEntry, ...]] = {}

    def post(self, post: Post) -> FeedEntry:
        """A post in a feed."""
        found = self._posts.get(post.route)
        if found is None:
            found = self._posts[post.route] = self._make_post(post)
        return found

    def _make_post(self, post: Post) -> FeedEntry:
        edition, fields = self.edition, post.fields
        card = edition.post_card(post)
        return FeedEntry(
            id=edition.common.permanent(post),
            address=card.address,
            title=fields.title,
            published=post.date,
            updated=post.updated or post.date,
            summary=card.summary,
            content=edition.body(fields.text, fields.source, absolute=True)
            if edition.settings.feeds.content == "full" and fields.text.digest
            else None,
            authors=tuple(FeedPerson(name=a.title, address=edition.common.absolute(a.url)) for a in card.authors),
            categories=(*(c.title for c in card.categories), *(edition.term("tags", t).title for t in post.tags)),
            picture=card.picture,
            language=post.language,
            comments=card.address + "comments.xml" if post.comments else "",
        )

    def event(self, event: Event) -> tuple[FeedEntry, ...]:
        """An event in a feed, at the time of its announcement, and once more where its time or place has changed since.

        Nothing before the announcement, and nothing for an event whose day is unknown.
        """
        if event.route not in self._events:
            announced = self._make_event(event)
            changed = self._make_change(event, announced) if announced else None
            self._events[event.route] = tuple(filter(None, (announced, changed)))
        return self._events[event.route]

    def _make_change(self, event: Event, announced: FeedEntry) -> FeedEntry | None:
        """The last change of an event that is not over: feed readers do not notice that an entry they know has changed."""
        revision = event.revision
        if revision is None or not event.upcoming or revision.at <= announced.published:
            return None
        texts = self.edition.texts
        before = self._before(event, revision.before)
        rows = [texts.gettext("Before: %(facts)s") % {"facts": before}] if before else []
        return msgspec.structs.replace(
            announced,
            id=f"{announced.id}#{event.sequence}",
            title=announced.title if event.fields.status != "scheduled" else texts.gettext("Changed: %(title)s") % {"title": announced.title},
            published=revision.at,
            updated=revision.at,
            html=announced.html + "".join(f"<p>{escape(row)}</p>" for row in rows),
        )

    def _before(self, event: Event, facts: Facts) -> str:
        """When and where an event was to take place, as far as that is not as it is now."""
        known, texts, language = facts_of(event), self.edition.texts, self.edition.language
        moment = read_moment(facts.start) if facts.start != known.start else None
        when = ""
        if isinstance(moment, Moment):
            start = place_moment(moment, event.zone) if moment.has_time else moment.wall.date()
            when = format_when(When(start=start, all_day=not moment.has_time, zone=event.zone), texts, language)
        return " · ".join(filter(None, (when, facts.place if facts.place != known.place else "")))

    def _make_event(self, event: Event) -> FeedEntry | None:
        edition, fields = self.edition, event.fields
        occurrence = edition.main_occurrence(event)
        if occurrence is None:
            return None
        published = event.published
        if published is None or published > edition.site.now:
            return None
        card = edition.event_card(event, occurrence)
        when = format_when(card.when, edition.texts, edition.language)
        facts = (when, *((card.venue,) if card.venue else ()), *((edition.texts.gettext("online"),) if card.online else ()))
        prefix = status_prefix(card.status, edition.texts)
        return FeedEntry(
            id=f"{edition.common.base}/uid/{event.uid}" if ":" not in event.uid else event.uid,
            address=card.address,
            title=f"{prefix}{card.title} · {' · '.join(facts)}",
            published=published,
            updated=event.updated or published,
            summary=card.summary,
            content=edition.body(fields.text, fields.source, absolute=True)
            if edition.settings.feeds.content == "full" and fields.text.digest
            else None,
            html=_facts_html(facts, card.repeats),
            authors=(FeedPerson(name=card.chapter.title, address=edition.common.absolute(card.chapter.url)),) if card.chapter else (),
            categories=tuple(edition.term("categories", c).title for c in event.categories),
            picture=card.picture,
            language=event.language,
        )


def _facts_html(facts: tuple[str, ...], repeats: str) -> str:
    rows = [*facts, *([repeats] if repeats else [])]
    return "<p>" + "<br>".join(str(escape(row)) for row in rows) + "</p>"


# --- feeds -------------------------------------------------------------------------------------------------------------


def feeds(
    edition: Edition,
    entries: Entries,
    route: str,
    mirrors: str,
    title: str,
    description: str,
    posts: list[Post],
    events: list[Event],
    title_of_page: str,
) -> Iterator[Output]:
    """RSS, Atom and JSON Feed of one scope: its posts and its announced events, newest first."""
    limit = edition.settings.feeds.items
    made = [entries.post(p) for p in posts[:limit]]
    made += [e for event in events for e in entries.event(event)]
    made.sort(key=lambda e: (-e.published.timestamp(), e.address))
    made = made[:limit]
    rss, atom, json = (link.address for link in edition.feeds_at(route, title))
    view = FeedView(
        title=title,
        address=edition.common.address(mirrors),
        description=description or title,
        language=edition.language,
        updated=max((e.updated for e in made), default=_BEGINNING),
        rss=rss,
        atom=atom,
        json=json,
        author=edition.names.title,
        entries=tuple(made),
    )
    for maker, name in (("rss", "feed.xml"), ("atom", "atom.xml"), ("json_feed", "feed.json")):
        yield Output(route=route + name, maker=maker, view=view, language=edition.language, title=f"{title_of_page} ({name})")


def all_feeds(edition: Edition) -> Iterator[Output]:
    """The feeds of the site, of each chapter, category and person."""
    entries = Entries(edition)
    home = edition.route("/")
    everything = list(edition.own_events)
    yield from feeds(
        edition, entries, home, home, edition.names.title, edition.names.description, list(edition.posts), everything, edition.names.title
    )
    by_chapter = families(edition, edition.posts, lambda p: (p.chapter,))
    events_by_chapter = families(edition, edition.own_events, lambda e: (e.chapter, *e.organisers))
    for chapter in edition.chapters.values():
        if edition.owns(chapter):
            title = f"{edition.names.short_title}: {chapter.title}"
            own = by_chapter.get(chapter.id, []), events_by_chapter.get(chapter.id, [])
            yield from feeds(edition, entries, chapter.route, chapter.route, title, edition.summary(chapter), *own, chapter.title)
    posts_in, events_in = _under(edition.posts, "categories"), _under(edition.own_events, "categories")
    for term in (*edition.categories.values(), *edition.former("categories")):
        route = edition.route(f"/categories/{term.slug}/")
        title = f"{edition.names.short_title}: {term.name}"
        yield from feeds(
            edition, entries, route, route, title, term.description, posts_in.get(term.slug, []), events_in.get(term.slug, []), term.name
        )
    posts_by, events_by = _under(edition.posts, "authors"), _under(edition.own_events, "organisers")
    for person in (*edition.site.people.values(), *(Person(id=p.slug, name=p.name) for p in edition.former("people"))):
        route = edition.route(f"/people/{person.id}/")
        title = f"{edition.names.short_title}: {person.name}"
        yield from feeds(edition, entries, route, route, title, "", posts_by.get(person.id, []), events_by.get(person.id, []), person.name)


def _under(items: Iterable[Any], key: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        for name in getattr(item, key):
            found.setdefault(name, []).append(item)
    return found
