"""The pages that list: posts, events by month and year, month grids, the tree of chapters, terms, people, the archive."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from iopsgen.model import Chapter, Event, Person, Post, Term
from iopsgen.outputs.agenda import Pair, by_day, by_month, by_start, first_day, month_weeks, past_pairs
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.pages import person_card
from iopsgen.plan import Output
from iopsgen.texts import first_weekday, format_date
from iopsgen.views import (
    ArchiveView,
    ChaptersView,
    DayCell,
    EventCard,
    EventMonth,
    EventsView,
    FeedLink,
    Listing,
    MonthView,
    Pagination,
    PeopleView,
    PersonView,
    Ref,
    TermsView,
    TermView,
    View,
)

MONTHS_OF_SERIES = 6  # how many months ahead the list of events repeats a series; the grid shows all


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


# --- events ------------------------------------------------------------------------------------------------------------


def _by_month(edition: Edition, pairs: Iterable[Pair], newest_first: bool = False) -> tuple[EventMonth, ...]:
    """The events of each month; a series stands once in a month, at its first occurrence there that takes place."""
    found: list[EventMonth] = []
    for first, group in by_month(pairs):
        once: dict[str, Pair] = {}
        for event, occurrence in group:
            held = once.get(event.route)
            if held is None or (held[1].cancelled and not occurrence.cancelled):
                once[event.route] = (event, occurrence)
        found.append(EventMonth(first=first, url=_grid_url(edition, first), events=tuple(edition.event_card(*p) for p in by_start(once.values()))))
    return tuple(reversed(found) if newest_first else found)


def _grid_url(edition: Edition, first: date) -> str:
    return edition.url(f"/calendar/{first.year:04}/{first.month:02}/")


def event_lists(edition: Edition) -> Iterator[Output]:
    """`/events/`, `/events/past/` and a page for each year with events that are over."""
    site, say = edition.site, edition.texts.gettext
    ahead = site.now.year * 12 + site.now.month - 1 + MONTHS_OF_SERIES
    limit = date(ahead // 12, ahead % 12 + 1, 1)
    coming = [(e, o) for e in edition.events for n, o in enumerate(e.upcoming) if n == 0 or first_day(o) < limit]
    past: dict[int, list[Pair]] = {}
    for pair in past_pairs(edition.events):
        past.setdefault(first_day(pair[1]).year, []).append(pair)
    years = tuple(
        Ref(title=str(y), url=edition.url(f"/events/past/{y}/"), id=str(y), count=len({e.route for e, _ in past[y]}))
        for y in sorted(past, reverse=True)
    )
    calendar = edition.feeds_at(edition.route("/"), edition.names.title, calendar=True, feeds=False)
    title = say("Upcoming events")
    view = EventsView(
        head=make_head(edition, edition.route("/events/"), title, feeds=calendar),
        title=title,
        months=_by_month(edition, coming),
        undated=tuple(edition.event_card(e) for e in edition.events if not e.dated),
        years=years,
    )
    yield _page(edition, edition.route("/events/"), view, "events.html", title)
    title = say("Past events")
    recent = past[max(past)] if past else []
    crumbs: tuple[Ref, ...] = (Ref(title=say("Events"), url=edition.url("/events/")),)
    view = EventsView(
        head=make_head(edition, edition.route("/events/past/"), title, crumbs=crumbs),
        title=title,
        months=_by_month(edition, recent, newest_first=True),
        past=True,
        years=years,
        year=max(past, default=0),
    )
    yield _page(edition, edition.route("/events/past/"), view, "events.html", title)
    crumbs = (*crumbs, Ref(title=title, url=edition.url("/events/past/")))
    for year, pairs in past.items():
        named = say("Events of %(year)s") % {"year": year}
        view = EventsView(
            head=make_head(edition, edition.route(f"/events/past/{year}/"), named, crumbs=crumbs),
            title=named,
            months=_by_month(edition, pairs, newest_first=True),
            past=True,
            years=years,
            year=year,
        )
        yield _page(edition, edition.route(f"/events/past/{year}/"), view, "events.html", named)


def month_grids(edition: Edition) -> Iterator[Output]:
    """`/calendar/` (the month of `now`) and `/calendar/<year>/<month>/` for each month with events."""
    days = by_day((event, occurrence) for event in edition.events for occurrence in event.occurrences)
    current = edition.site.now.date().replace(day=1)
    months = sorted({day.replace(day=1) for day in days} | {current})
    for n, first in enumerate(months):
        older = months[n - 1] if n else None
        newer = months[n + 1] if n + 1 < len(months) else None
        routes = [f"/calendar/{first.year:04}/{first.month:02}/"] + (["/calendar/"] if first == current else [])
        weeks, events = _cells(edition, first, days)
        for route in routes:
            title = format_date(first, "month", edition.language)
            page_title = edition.texts.gettext("Calendar") if route == "/calendar/" else title
            crumbs = () if route == "/calendar/" else (Ref(title=edition.texts.gettext("Calendar"), url=edition.url("/calendar/")),)
            view = MonthView(
                head=make_head(edition, edition.route(route), page_title, crumbs=crumbs),
                title=title,
                first=first,
                weeks=weeks,
                newer=_month_ref(edition, newer),
                older=_month_ref(edition, older),
                events=events,
            )
            yield _page(edition, edition.route(route), view, "month.html", page_title)


def _cells(edition: Edition, first: date, days: Mapping[date, tuple[Pair, ...]]) -> tuple[tuple[tuple[DayCell, ...], ...], tuple[EventCard, ...]]:
    """The weeks of a month, and its events as a list: each occurrence once."""
    weeks: list[tuple[DayCell, ...]] = []
    listed: dict[tuple[str, Any], Pair] = {}
    for week in month_weeks(first.year, first.month, first_weekday(edition.language)):
        cells: list[DayCell] = []
        for day in week:
            inside = day.month == first.month
            pairs = days.get(day, ()) if inside else ()
            for pair in pairs:
                listed.setdefault((pair[0].route, pair[1].start), pair)
            cells.append(DayCell(day=day, inside=inside, events=tuple(edition.event_card(*p) for p in pairs)))
        weeks.append(tuple(cells))
    return tuple(weeks), tuple(edition.event_card(*p) for p in listed.values())


def _month_ref(edition: Edition, first: date | None) -> Ref | None:
    if first is None:
        return None
    return Ref(title=format_date(first, "month", edition.language), url=_grid_url(edition, first))


# --- chapters, terms, people -------------------------------------------------------------------------------------------


def chapter_directory(edition: Edition) -> Iterator[Output]:
    """`/chapters/`."""
    title = edition.texts.gettext("Chapters")
    head = make_head(edition, edition.route("/chapters/"), title)
    view = ChaptersView(head=head, title=title, branches=edition.tree, total=sum(c.kind == "chapter" for c in edition.chapters.values()))
    yield _page(edition, edition.route("/chapters/"), view, "chapters.html", title)


def term_pages(edition: Edition, kind: str) -> Iterator[Output]:
    """`/categories/` and `/tags/` with a page for each; kind is categories or tags."""
    single = "category" if kind == "categories" else "tag"
    say = edition.texts.gettext
    posts = _sorted_into(edition.posts, lambda p: getattr(p, kind))
    events = _sorted_into([e for e, _ in edition.upcoming], lambda e: getattr(e, kind))
    all_events = _sorted_into(edition.events, lambda e: getattr(e, kind))
    terms = edition.categories if kind == "categories" else {s: t for s, t in edition.site.tags.items() if s in edition.tags}
    title = say("Categories") if kind == "categories" else say("Tags")
    refs = tuple(
        Ref(title=t.name, url=edition.url(f"/{kind}/{t.slug}/"), id=t.slug, count=len(posts.get(t.slug, ())) + len(all_events.get(t.slug, ())))
        for t in sorted(terms.values(), key=lambda t: (t.name.casefold(), t.slug))
    )
    route = edition.route(f"/{kind}/")
    yield _page(edition, route, TermsView(head=make_head(edition, route, title), title=title, kind=single, terms=refs), "terms.html", title)  # type: ignore[arg-type]
    crumbs = (Ref(title=title, url=edition.url(f"/{kind}/")),)
    for term in (*terms.values(), *edition.former("categories" if kind == "categories" else "tags")):
        yield from _term(edition, kind, term, posts.get(term.slug, []), events.get(term.slug, []), crumbs)


def _sorted_into(items: Any, terms_of: Callable[[Any], tuple[str, ...]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        for slug in terms_of(item):
            found.setdefault(slug, []).append(item)
    return found


def _term(edition: Edition, kind: str, term: Term, posts: list[Post], events: list[Event], crumbs: tuple[Ref, ...]) -> Iterator[Output]:
    base = edition.route(f"/{kind}/{term.slug}/")
    feeds = edition.feeds_at(base, f"{edition.names.short_title}: {term.name}") if kind == "categories" else ()
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
