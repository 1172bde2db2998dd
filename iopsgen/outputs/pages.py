"""The pages that tell one thing: a post, an event, a chapter, a person, a standing page, the home page."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from iopsgen.assemble.events import registration_closes
from iopsgen.assemble.threads import thread_view
from iopsgen.markdown import Options, render_small
from iopsgen.model import Chapter, Event, Item, Page, Person, Post
from iopsgen.outputs.agenda import Pair, by_start
from iopsgen.outputs.discussions import discussion_feeds
from iopsgen.outputs.edition import Edition, is_of, is_series, place_of
from iopsgen.outputs.embeds import embed_of
from iopsgen.outputs.event_entries import EventEntries
from iopsgen.outputs.exceptions import exceptions_in_words
from iopsgen.outputs.forms import comment_form
from iopsgen.outputs.frame import alternates_of, make_head
from iopsgen.outputs.neighbours import Neighbours
from iopsgen.plan import Output
from iopsgen.problems import Place
from iopsgen.read.content import kind_of
from iopsgen.texts import country_name, language_name
from iopsgen.views import (
    Body,
    CalendarEntry,
    ChapterView,
    EventCard,
    EventView,
    Head,
    HomeView,
    NotFoundView,
    PersonCard,
    PostView,
    Ref,
    StandingView,
    ThreadView,
)

HOME_EVENTS = 6
HOME_POSTS = 8
CHAPTER_POSTS = 10
CHAPTER_EVENTS = 12


def _place(item: Item) -> Place:
    return Place(item.fields.source)


def _template(item: Item, default: str) -> str:
    return f"{item.fields.template.removesuffix('.html')}.html" if item.fields.template else default


def _output(edition: Edition, item: Item, view: PostView | EventView | StandingView | ChapterView, template: str) -> Output:
    return Output(
        route=item.route,
        maker="page",
        view=view,
        template=_template(item, template),
        language=edition.language,
        place=_place(item),
        title=item.fields.title,
    )


def _crumbs(edition: Edition, chapter: str) -> tuple[Ref, ...]:
    """The chapter and the branches above it, from the top."""
    found: list[Ref] = []
    while chapter and (ref := edition.chapter(chapter)) and ref not in found:
        found.append(ref)
        chapter = edition.chapters[chapter].parent
    return tuple(reversed(found))


def _head(edition: Edition, item: Item, groups: dict[str, dict[str, str]], **more: Any) -> Head:
    """The head of a text's own page: what its front matter says, and `more`."""
    fields = item.fields
    return make_head(
        edition,
        item.route,
        fields.title,
        language=item.language,
        noindex=fields.noindex,
        canonical=fields.canonical,
        alternates=alternates_of(edition, groups.get(item.group, {})),
        code=fields.text.code,
        source=fields.source if kind_of(fields.source) else "",
        extra=fields.extra,
        **more,
    )


def person_card(edition: Edition, person: Person, count: int = 0, short: bool = False) -> PersonCard:
    """A person with bio and picture; without them where `short`."""
    options = Options(engine="commonmark", language=edition.language, html="none")
    return PersonCard(
        name=person.name,
        url=edition.url(f"/people/{person.id}/"),
        id=person.id,
        bio=render_small(person.bio, options) if person.bio and not short else "",
        picture=edition.common.image(person.image, "content/people.yml"),
        chapter=edition.chapter(person.chapter),
        links=tuple(Ref(title=link.title, url=link.url, external=True) for link in (*person.links, *((_own_link(person),) if person.url else ()))),
        count=count,
    )


def _own_link(person: Person) -> Ref:
    return Ref(title=person.url.removeprefix("https://").removeprefix("http://").rstrip("/"), url=person.url)


def _thread(edition: Edition, item: Post | Event, people: tuple[str, ...]) -> ThreadView | None:
    """The discussion of a page; None where comments are off and there are none."""
    thread = edition.site.threads.get(item.route)
    if item.route in edition.site.comments_off and (thread is None or not thread.count):
        return None
    return thread_view(
        thread,
        page_url=edition.common.url(item.route),
        page=item.route,
        title=item.fields.title,
        closed=item.fields.comments != "open" or (thread is not None and thread.closed),
        form=comment_form(
            edition.settings.comments.form,
            page=item.route,
            slug=item.slug,
            title=item.fields.title,
            language=item.language,
            url=edition.common.url(item.route),
            address=edition.common.address(item.route),
        ),
        privacy=edition.settings.comments.form.privacy,
        contact=edition.settings.site.contact,
        feed=edition.common.url(item.route + "comments.xml") if thread is not None and thread.count else "",
        authors=tuple(edition.site.people[p].name for p in people if p in edition.site.people),
        address=edition.common.address(item.route),
    )


# --- posts -------------------------------------------------------------------------------------------------------------


def post_page(edition: Edition, post: Post, neighbours: Neighbours, groups: dict[str, dict[str, str]], entries: EventEntries) -> Output:
    """The page of a post."""
    fields = post.fields
    card = edition.post_card(post)
    event = edition.common.event_by_route.get(post.event) if post.event else None
    event = (
        next(iter(edition.best(e for e in edition.site.events if e.group == event.group)), event)
        if event and len(edition.site.languages) > 1
        else event
    )
    newer, older = neighbours.beside(post)
    route = edition.route("/posts/")
    head = _head(
        edition,
        post,
        groups,
        description=card.summary,
        picture=card.picture,
        article=True,
        published=post.date,
        updated=post.updated,
        feeds=discussion_feeds(edition, post),
        crumbs=(*_crumbs(edition, post.chapter), Ref(title=edition.texts.gettext("Posts"), url=edition.common.url(route))),
    )
    view = PostView(
        head=head,
        title=fields.title,
        body=edition.body(fields.text, fields.source),
        date=post.date,
        updated=post.updated,
        authors=card.authors,
        people=tuple(
            person_card(edition, edition.site.people[a]) for a in post.authors if edition.site.people[a].bio or edition.site.people[a].image
        ),
        chapter=card.chapter,
        categories=card.categories,
        tags=tuple(edition.term("tags", t) for t in post.tags),
        series=fields.series,
        series_posts=tuple(_ref(edition, p, current=p is post) for p in neighbours.series(post)),
        picture=card.picture,
        summary=fields.summary,
        minutes=card.minutes,
        headings=_headings(post),
        event=edition.event_card(event) if event else None,
        entry=_entry(entries, event) if event else None,
        elsewhere=tuple(Ref(title=link.title, url=link.url, external=True) for link in fields.elsewhere),
        thread=_thread(edition, post, post.authors),
        related=tuple(edition.post_card(p) for p in neighbours.related(post)),
        newer=_ref(edition, newer) if newer else None,
        older=_ref(edition, older) if older else None,
    )
    return _output(edition, post, view, "post.html")


def _ref(edition: Edition, post: Post, current: bool = False) -> Ref:
    return Ref(title=post.fields.title, url=edition.common.url(post.route), language=edition.other(post.language), current=current)


def _headings(item: Post | Page) -> tuple[Ref, ...]:
    """The table of contents: headings of the second and third level; the id holds the level."""
    found = tuple(Ref(title=h.title, url=f"#{h.id}", id=str(h.level)) for h in item.fields.text.headings if h.level in (2, 3))
    return found if len(found) > 2 else ()


# --- events ------------------------------------------------------------------------------------------------------------


def event_page(edition: Edition, event: Event, groups: dict[str, dict[str, str]], entries: EventEntries) -> Output:
    """The page of an event."""
    fields = event.fields
    card = edition.event_card(event)
    series = is_series(event)
    head = _head(
        edition,
        event,
        groups,
        description=card.summary,
        picture=card.picture,
        article=True,
        updated=event.updated,
        feeds=discussion_feeds(edition, event),
        crumbs=(*_crumbs(edition, event.chapter), Ref(title=edition.texts.gettext("Events"), url=edition.url("/events/"))),
    )
    chapter = edition.chapters.get(event.chapter)
    place = place_of(event, edition.main_occurrence(event))
    closes = registration_closes(event)
    shut = closes is not None and closes <= edition.site.now
    organisers = {o: ref for o in event.organisers if (ref := _organiser(edition, o))}
    view = EventView(
        head=head,
        title=fields.title,
        body=edition.body(fields.text, fields.source),
        when=card.when,
        status=card.status,
        reason=fields.reason,
        was=edition.was(event),
        venue=edition.venue(event.venue),
        online=fields.online,
        repeats=card.repeats,
        exceptions=exceptions_in_words(event, edition.texts, edition.language),
        occurrences=tuple(edition.when(event, o) for o in event.upcoming) if series else (),
        past=len(event.occurrences) - len(event.upcoming) if series else 0,
        organisers=tuple(organisers.values()),
        people=tuple(ref for name, ref in organisers.items() if name not in edition.chapters),
        chapter=card.chapter,
        contact="" if fields.origin else chapter.contact if chapter else edition.settings.site.contact,
        categories=tuple(edition.term("categories", c) for c in event.categories),
        tags=tuple(edition.term("tags", t) for t in event.tags),
        register_url=fields.register.url if fields.register else "",
        register_until=_last_moment(edition, event),
        register_closes=None if shut else closes,
        register_status=_register_status(event, shut),
        capacity=fields.register.capacity if fields.register else None,
        price=fields.register.price if fields.register else "",
        access=tuple(dict.fromkeys((*fields.access, *(place.access if place else ())))),
        languages=tuple(language_name(code, edition.language) for code in fields.languages),
        notes=_address(edition, event, fields.after.notes) if fields.after else "",
        recording=fields.after.recording if fields.after else "",
        report=_report(edition, event),
        summary=fields.summary,
        picture=card.picture,
        entry=_entry(entries, event),
        elsewhere=tuple(Ref(title=link.title, url=link.url, external=True) for link in fields.elsewhere),
        posts=tuple(edition.post_card(p) for p in edition.best(edition.common.post_by_route[r] for r in event.posts)),
        nearby=_nearby(edition, event),
        thread=_thread(edition, event, event.organisers),
        flyer="" if fields.origin else edition.common.url(event.route + "flyer/"),
        origin=card.origin,
    )
    return _output(edition, event, view, "event.html")


def _entry(entries: EventEntries, event: Event) -> CalendarEntry | None:
    shared = entries.calendar(event)
    return shared.view if shared else None


def _last_moment(edition: Edition, event: Event) -> datetime | date | None:
    """The last moment or the last day to register, as it was written."""
    until = event.fields.register.until if event.fields.register else None
    if until is None:
        return None
    return edition.common.moment(until, event.zone) if until.has_time else until.wall.date()


def _register_status(event: Event, shut: bool) -> str:
    """Whether one can register; `shut` where the last moment for it has passed. Who says that all places are taken is right even then."""
    register = event.fields.register
    if register is None:
        return ""
    return "closed" if shut and register.status == "open" else register.status


def _organiser(edition: Edition, name: str) -> Ref | None:
    return edition.chapter(name) if name in edition.chapters else edition.person(name) if name in edition.site.people else None


def _address(edition: Edition, event: Event, written: str) -> str:
    if not written or written.startswith(("https://", "http://")):
        return written
    route, rest = edition.common.links.route(written, event.fields.source, Place(event.fields.source, event.fields.lines.get("after", 1)))
    return edition.common.url(route) + rest if route else ""


def _report(edition: Edition, event: Event) -> Ref | None:
    written = event.fields.after.report if event.fields.after else ""
    url = _address(edition, event, written)
    if not url:
        return None
    post = next((p for p in edition.site.posts if edition.common.url(p.route) == url), None)
    return Ref(title=post.fields.title if post else edition.texts.gettext("Report"), url=url, external=post is None)


def _nearby(edition: Edition, event: Event) -> tuple[EventCard, ...]:
    """The next events of the same chapter, else of its branch, without this one."""
    chapter = edition.chapters.get(event.chapter)
    if chapter is None:
        return ()
    parent = edition.chapters.get(chapter.parent)
    family = parent.family if parent else chapter.family
    found = [(e.chapter != chapter.id, n, e, o) for n, (e, o) in enumerate(edition.upcoming) if e.chapter in family and e.group != event.group]
    return tuple(edition.event_card(e, o) for _, _, e, o in sorted(found, key=lambda f: f[:2])[:3])


# --- chapters, people, pages -------------------------------------------------------------------------------------------


def chapter_page(edition: Edition, chapter: Chapter, groups: dict[str, dict[str, str]]) -> Output:
    """The page of a branch or chapter: its own and its family's posts and events."""
    fields = chapter.fields
    posts = [p for p in edition.posts if p.chapter in chapter.family]
    upcoming = [edition.event_card(*pair) for pair in edition.upcoming if is_of(pair[0], chapter)]
    upcoming += [edition.event_card(e) for e in edition.events if not e.dated and is_of(e, chapter)]
    over = by_start((e, e.occurrences[-1]) for e in edition.events if e.occurrences and not e.upcoming and is_of(e, chapter))
    feeds = edition.feeds_at(chapter.route, f"{edition.names.short_title}: {chapter.title}", calendar=True)
    card = edition.chapter_card(chapter)
    head = _head(
        edition,
        chapter,
        groups,
        description=card.summary,
        picture=card.picture,
        feeds=feeds,
        crumbs=(Ref(title=edition.texts.gettext("Chapters"), url=edition.url("/chapters/")), *_crumbs(edition, chapter.parent)),
    )
    view = ChapterView(
        head=head,
        title=chapter.title,
        kind=chapter.kind,
        body=edition.body(fields.text, fields.source),
        summary=fields.summary,
        place=fields.place,
        country=country_name(fields.country, edition.language) if fields.country else "",
        latitude=fields.geo[0] if fields.geo else None,
        longitude=fields.geo[1] if fields.geo else None,
        status=fields.status,
        since=edition.common.moment(fields.since, chapter.zone) if fields.since else None,
        members=fields.members,
        contact=chapter.contact,
        picture=card.picture,
        parent=edition.chapter(chapter.parent),
        links=tuple(Ref(title=link.title, url=link.url, external=True) for link in fields.links),
        organisers=tuple(edition.person(p) for p in chapter.organisers),
        children=card.children,
        events=tuple(upcoming[:CHAPTER_EVENTS]),
        past_events=tuple(edition.event_card(e, o) for e, o in over[:-6:-1]),
        posts=tuple(edition.post_card(p) for p in posts[:CHAPTER_POSTS]),
        all_posts=edition.common.url(chapter.route + "posts/") if len(posts) > CHAPTER_POSTS else "",
        feeds=feeds,
        embed=embed_of(edition, chapter),
        zone=chapter.zone,
    )
    return _output(edition, chapter, view, "chapter.html")


def standing_page(edition: Edition, page: Page, groups: dict[str, dict[str, str]]) -> Output:
    """A standing page."""
    fields = page.fields
    picture = edition.common.picture(fields)
    updated = edition.common.moment(fields.updated, edition.settings.site.timezone) if fields.updated else None
    head = _head(
        edition,
        page,
        groups,
        description=edition.summary(page),
        picture=picture,
        updated=updated,
        crumbs=_crumbs(edition, page.chapter) or (),
    )
    view = StandingView(
        head=head,
        title=fields.title,
        body=edition.body(fields.text, fields.source),
        headings=_headings(page),
        updated=updated,
        picture=picture,
        chapter=edition.chapter(page.chapter),
    )
    return _output(edition, page, view, "page.html")


def _sure_one_first(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """The next events, the first that takes place in front: it is what people are invited to."""
    sure = next((pair for pair in pairs if not pair[1].cancelled and pair[0].fields.status not in ("cancelled", "postponed")), None)
    return pairs if sure is None else (sure, *(pair for pair in pairs if pair is not sure))


def home_page(edition: Edition, groups: dict[str, dict[str, str]]) -> Output:
    """`/` of an edition."""
    route = edition.route("/")
    page = next((p for p in edition.site.pages if p.route == route), None)
    featured = [p for p in edition.posts if p.fields.featured][:3]
    homes = {code: f"/{code}/" if code != edition.site.languages[0] else "/" for code in edition.site.languages}
    head = make_head(
        edition,
        route,
        edition.names.title,
        description=page.fields.summary if page else "",
        picture=edition.common.picture(page.fields) if page else None,
        noindex=page.fields.noindex if page else False,
        canonical=page.fields.canonical if page else "",
        alternates=alternates_of(edition, homes),
        code=page.fields.text.code if page else False,
        source=page.fields.source if page else "",
        extra=page.fields.extra if page else None,
    )
    view = HomeView(
        head=head,
        body=edition.body(page.fields.text, page.fields.source) if page else Body(),
        events=tuple(edition.event_card(e, o) for e, o in _sure_one_first(edition.upcoming)[:HOME_EVENTS]),
        featured=tuple(edition.post_card(p) for p in featured),
        posts=tuple(edition.post_card(p) for p in [p for p in edition.posts if p not in featured][:HOME_POSTS]),
        branches=edition.tree,
    )
    return Output(
        route=route,
        maker="page",
        view=view,
        template=_template(page, "home.html") if page else "home.html",
        language=edition.language,
        place=_place(page) if page else None,
        title=edition.texts.gettext("Home"),
    )


def not_found_page(edition: Edition) -> Output:
    """`/404.html`."""
    title = edition.texts.gettext("Page not found")
    view = NotFoundView(
        head=make_head(edition, edition.route("/404.html"), title, noindex=True),
        title=title,
        posts=tuple(edition.post_card(p) for p in edition.posts[:5]),
        events=tuple(edition.event_card(e, o) for e, o in edition.upcoming[:3]),
    )
    return Output(route=edition.route("/404.html"), maker="page", view=view, template="404.html", language=edition.language, title=title)


def translations(items: Iterable[Item]) -> dict[str, dict[str, str]]:
    """source of an original → language → route, for texts that exist in several languages."""
    found: dict[str, dict[str, str]] = {}
    for item in items:
        found.setdefault(item.group, {})[item.language] = item.route
    return {group: routes for group, routes in found.items() if len(routes) > 1}
