"""The pages of venues: where something takes place again and again, what is coming up there and what was."""

from collections.abc import Iterator

from iopsgen.model import Event, Occurrence, Venue
from iopsgen.outputs.agenda import Pair, by_start
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.schedules import events_at_venues, title_of
from iopsgen.plan import Output
from iopsgen.texts import country_name
from iopsgen.views import EventCard, Ref, VenueCard, VenuePageView, VenuesView, VenueView

PAST = 12  # events that are over and still listed on the page of their venue


def venue_pages(edition: Edition) -> Iterator[Output]:
    """`/venues/`, and a page for each venue of venues.yml with events; neither where there is none."""
    found = events_at_venues(edition)
    title, route = edition.texts.gettext("Venues"), edition.route("/venues/")
    crumbs = (Ref(title=title, url=edition.url("/venues/")),)
    cards: list[VenueCard] = []
    for name, events in sorted(found.items(), key=lambda pair: (edition.site.venues[pair[0]].name.casefold(), pair[0])):
        venue = edition.site.venues[name]
        coming = by_start((e, o) for e in events if (o := _next_there(e, venue)))
        cards.append(_card(edition, venue, coming))
        yield _venue_page(edition, venue, events, coming, crumbs)
    for term in edition.former("venues"):
        yield _page_of(edition, f"/venues/{term.slug}/", term.name, VenueView(name=term.name), (), crumbs, 0)
    if cards:
        view = VenuesView(head=make_head(edition, route, title), title=title, venues=tuple(cards))
        yield Output(route=route, maker="page", view=view, template="venues.html", language=edition.language, title=title)


def _is_there(event: Event, occurrence: Occurrence | None, venue: Venue) -> bool:
    place = (occurrence.venue if occurrence else None) or event.venue
    return place is not None and place.id == venue.id


def _next_there(event: Event, venue: Venue) -> Occurrence | None:
    """The next occurrence at a venue that takes place, else the next one there at all."""
    there = [o for o in event.upcoming if _is_there(event, o, venue)]
    return next((o for o in there if not o.cancelled), there[0] if there else None)


def _venue_page(edition: Edition, venue: Venue, events: list[Event], coming: list[Pair], crumbs: tuple[Ref, ...]) -> Output:
    """The page of one venue. An event whose day is unknown comes last among those to come."""
    view = edition.venue(venue)
    assert view is not None
    upcoming = {event.route for event, _ in coming}
    cards = [edition.event_card(*pair) for pair in coming]
    cards += [edition.event_card(event) for event in events if not event.dated and _is_there(event, None, venue)]
    over = by_start(
        (e, o) for e in events if e.route not in upcoming and (o := next((o for o in reversed(e.occurrences) if _is_there(e, o, venue)), None))
    )
    past = tuple(edition.event_card(*pair) for pair in over[: -PAST - 1 : -1])
    return _page_of(edition, edition.common.venue_routes[venue.id], venue.name, view, tuple(cards), crumbs, len(over), past)


def _page_of(
    edition: Edition,
    route: str,
    name: str,
    venue: VenueView,
    events: tuple[EventCard, ...],
    crumbs: tuple[Ref, ...],
    past: int,
    past_events: tuple[EventCard, ...] = (),
) -> Output:
    route = edition.route(route)
    feeds = edition.feeds_at(route, title_of(edition, name), calendar=True, feeds=False)
    place = ", ".join(filter(None, (venue.address, venue.city, venue.country)))
    view = VenuePageView(
        head=make_head(edition, route, name, description=place, feeds=feeds, crumbs=crumbs, noindex=not events and not past),
        title=name,
        venue=venue,
        events=events,
        past_events=past_events,
        past=past,
        feeds=feeds,
    )
    return Output(route=route, maker="page", view=view, template="venue.html", language=edition.language, title=name)


def _card(edition: Edition, venue: Venue, coming: list[Pair]) -> VenueCard:
    following = next((pair for pair in coming if not pair[1].cancelled), None)
    return VenueCard(
        name=venue.name,
        url=edition.venue_url(venue),
        id=venue.id,
        place=", ".join(filter(None, (venue.city, country_name(venue.country, edition.language) if venue.country else ""))),
        access=venue.access,
        next_event=edition.event_card(*following) if following else None,
    )
