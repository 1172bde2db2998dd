"""The pages that list: posts, the tree of chapters, terms, people, the archive."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iopsgen.model import Chapter, Event, Person, Post, Term
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.pages import person_card
from iopsgen.outputs.schedules import Kind, terms_with_calendar, title_of
from iopsgen.plan import Output
from iopsgen.views import (
    ArchiveView,
    ChaptersView,
    FeedLink,
    Listing,
    Pagination,
    PeopleView,
    PersonView,
    Ref,
    TermsView,
    TermView,
    View,
)


def _page(edition: Edition, route: str, view: View, template: str, title: str) -> Output:
    return Output(route=route, maker="page", view=view, template=template, language=edition.language, title=title)


def paginate(edition: Edition, route: str, total: int, per_page: int) -> Iterator[tuple[str, slice, Pagination]]:
    """For each page of a list: its route, which entries it shows, and its position. A list without entries has one page."""
    count = max(1, -(-total // per_page))
    routes = [route] + [f"{route}page/{n}/" for n in range(2, count + 1)]
    urls = [edition.common.url(r) for r in routes]
    for n in range(count):
        near = sorted({0, count - 1, *range(max(0, n - 2), min(count, n + 3))})
        yield (
            routes[n],
            slice(n * per_page, (n + 1) * per_page),
            Pagination(
                number=n + 1,
                count=count,
                total=total,
                newer=urls[n - 1] if n else "",
                older=urls[n + 1] if n + 1 < count else "",
                first=urls[0] if n else "",
                last=urls[-1] if n + 1 < count else "",
                pages=tuple(Ref(title=str(k + 1), url=urls[k], current=k == n) for k in near) if count > 1 else (),
            ),
        )


def _numbered(edition: Edition, title: str, pagination: Pagination) -> str:
    """The title of a further page of a list: each page of a site has a title of its own."""
    if pagination.number == 1:
        return title
    return f"{title} · {edition.texts.gettext('Page %(number)s') % {'number': pagination.number}}"


def post_lists(edition: Edition) -> Iterator[Output]:
    """`/posts/` and its further pages, with the way to each year of the archive."""
    title = edition.texts.gettext("Posts")
    yield from _listing(edition, edition.route("/posts/"), title, edition.posts, _year_refs(edition, _by_year(edition)))


def _by_year(edition: Edition) -> dict[int, list[Post]]:
    """The posts of each year, newest first."""
    years: dict[int, list[Post]] = {}
    for post in edition.posts:
        years.setdefault(post.date.year, []).append(post)
    return years


def _year_refs(edition: Edition, years: Mapping[int, list[Post]]) -> tuple[Ref, ...]:
    """A link to each year of the archive, newest first."""
    return tuple(Ref(title=str(y), url=edition.url(f"/archive/{y}/"), id=str(y), count=len(years[y])) for y in sorted(years, reverse=True))


def _listing(
    edition: Edition,
    route: str,
    title: str,
    posts: tuple[Post, ...],
    years: tuple[Ref, ...],
    feeds: tuple[FeedLink, ...] = (),
    crumbs: tuple[Ref, ...] = (),
) -> Iterator[Output]:
    for at, part, pagination in paginate(edition, route, len(posts), edition.settings.posts.per_page):
        named = _numbered(edition, title, pagination)
        view = Listing(
            head=make_head(edition, at, named, feeds=feeds, crumbs=crumbs),
            title=title,
            posts=tuple(edition.post_card(p) for p in posts[part]),
            pagination=pagination,
            years=years,
        )
        yield _page(edition, at, view, "listing.html", named)


def chapter_lists(edition: Edition, chapter: Chapter, short: int) -> Iterator[Output]:
    """`/chapters/<id>/posts/`, where a chapter has more posts than its page shows."""
    posts = tuple(p for p in edition.posts if p.chapter in chapter.family)
    if len(posts) > short:
        title = edition.texts.gettext("Posts from %(chapter)s") % {"chapter": chapter.title}
        feeds = edition.feeds_at(chapter.route, f"{edition.names.short_title}: {chapter.title}", calendar=True)
        crumbs = (Ref(title=chapter.title, url=edition.common.url(chapter.route)),)
        yield from _listing(edition, chapter.route + "posts/", title, posts, (), feeds, crumbs)


def archive(edition: Edition) -> Iterator[Output]:
    """`/archive/` with the years, and a list for each year."""
    title = edition.texts.gettext("Archive")
    years = _by_year(edition)
    refs = _year_refs(edition, years)
    view = ArchiveView(head=make_head(edition, edition.route("/archive/"), title), title=title, years=refs)
    yield _page(edition, edition.route("/archive/"), view, "archive.html", title)
    crumbs = (Ref(title=title, url=edition.url("/archive/")),)
    for year, posts in years.items():
        named = edition.texts.gettext("Posts of %(year)s") % {"year": year}
        yield from _listing(edition, edition.route(f"/archive/{year}/"), named, tuple(posts), refs, crumbs=crumbs)


# --- chapters, terms, people -------------------------------------------------------------------------------------------


def chapter_directory(edition: Edition) -> Iterator[Output]:
    """`/chapters/`."""
    title = edition.texts.gettext("Chapters")
    head = make_head(edition, edition.route("/chapters/"), title)
    view = ChaptersView(head=head, title=title, branches=edition.tree, total=sum(c.kind == "chapter" for c in edition.chapters.values()))
    yield _page(edition, edition.route("/chapters/"), view, "chapters.html", title)


def term_pages(edition: Edition, kind: Kind) -> Iterator[Output]:
    """`/categories/` and `/tags/` with a page for each; kind is categories or tags."""
    single = "category" if kind == "categories" else "tag"
    say = edition.texts.gettext
    posts = _sorted_into(edition.posts, lambda p: getattr(p, kind))
    events = _sorted_into([e for e, _ in edition.upcoming], lambda e: getattr(e, kind))
    all_events = _sorted_into(edition.events, lambda e: getattr(e, kind))
    undated = _sorted_into([e for e in edition.events if not e.dated], lambda e: getattr(e, kind))
    calendars = {term.slug for term, _ in terms_with_calendar(edition, kind)}
    terms = edition.categories if kind == "categories" else {s: t for s, t in edition.site.tags.items() if s in edition.tags}
    title = say("Categories") if kind == "categories" else say("Tags")
    refs = tuple(
        Ref(title=t.name, url=edition.url(f"/{kind}/{t.slug}/"), id=t.slug, count=len(posts.get(t.slug, ())) + len(all_events.get(t.slug, ())))
        for t in sorted(terms.values(), key=lambda t: (t.name.casefold(), t.slug))
    )
    route = edition.route(f"/{kind}/")
    yield _page(edition, route, TermsView(head=make_head(edition, route, title), title=title, kind=single, terms=refs), "terms.html", title)  # type: ignore[arg-type]
    crumbs = (Ref(title=title, url=edition.url(f"/{kind}/")),)
    for term in (*terms.values(), *edition.former(kind)):
        coming = [*events.get(term.slug, ()), *undated.get(term.slug, ())]
        yield from _term(edition, kind, term, posts.get(term.slug, []), coming, term.slug in calendars, crumbs)


def _sorted_into(items: Any, terms_of: Callable[[Any], tuple[str, ...]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        for slug in terms_of(item):
            found.setdefault(slug, []).append(item)
    return found


def _term(
    edition: Edition, kind: Kind, term: Term, posts: list[Post], events: list[Event], calendar: bool, crumbs: tuple[Ref, ...]
) -> Iterator[Output]:
    base = edition.route(f"/{kind}/{term.slug}/")
    feeds = edition.feeds_at(base, title_of(edition, term.name), calendar=calendar, feeds=kind == "categories")
    for route, part, pagination in paginate(edition, base, len(posts), edition.settings.posts.per_page):
        named = _numbered(edition, term.name, pagination)
        view = TermView(
            head=make_head(edition, route, named, description=term.description, feeds=feeds, crumbs=crumbs, noindex=not posts and not events),
            title=term.name,
            kind="category" if kind == "categories" else "tag",
            description=term.description,
            posts=tuple(edition.post_card(p) for p in posts[part]),
            events=tuple(edition.event_card(e) for e in events) if pagination.number == 1 else (),
            pagination=pagination,
            feeds=feeds,
        )
        yield _page(edition, route, view, "term.html", named)


def people_pages(edition: Edition) -> Iterator[Output]:
    """`/people/` and a page for each person."""
    title = edition.texts.gettext("People")
    posts = _sorted_into(edition.posts, lambda p: p.authors)
    events = _sorted_into([e for e, _ in edition.upcoming], lambda e: e.organisers)
    people = sorted(edition.site.people.values(), key=lambda p: (p.name.casefold(), p.id))
    cards = tuple(person_card(edition, p, len(posts.get(p.id, ())), short=True) for p in people)
    route = edition.route("/people/")
    yield _page(edition, route, PeopleView(head=make_head(edition, route, title), title=title, people=cards), "people.html", title)
    crumbs = (Ref(title=title, url=edition.url("/people/")),)
    for person in (*people, *(Person(id=p.slug, name=p.name) for p in edition.former("people"))):
        own = posts.get(person.id, [])
        base = edition.route(f"/people/{person.id}/")
        feeds = edition.feeds_at(base, f"{edition.names.short_title}: {person.name}")
        card = person_card(edition, person, len(own))
        for at, part, pagination in paginate(edition, base, len(own), edition.settings.posts.per_page):
            named = _numbered(edition, person.name, pagination)
            view = PersonView(
                head=make_head(edition, at, named, picture=card.picture, feeds=feeds, crumbs=crumbs),
                person=card,
                posts=tuple(edition.post_card(p) for p in own[part]),
                events=tuple(edition.event_card(e) for e in events.get(person.id, ())) if pagination.number == 1 else (),
                pagination=pagination,
                feeds=feeds,
            )
            yield _page(edition, at, view, "person.html", named)
