"""Calendars at every scope: the site, what is online, each chapter and branch, category, tag, venue, and each event by itself."""

from collections.abc import Iterable, Iterator
from typing import Literal

from iopsgen.model import Event, Term
from iopsgen.outputs.edition import Edition, families, is_online
from iopsgen.outputs.event_entries import EventEntries
from iopsgen.outputs.indexes import EventJson
from iopsgen.plan import Output
from iopsgen.problems import Place
from iopsgen.views import CalendarEntry, CalendarView, FeedLink, Shared, View

ONLINE = "/events/online/"
Kind = Literal["categories", "tags"]
KINDS: tuple[Kind, ...] = ("categories", "tags")


class EventList(View, frozen=True, kw_only=True):
    """What an `events.json` is made from."""

    title: str
    address: str
    entries: tuple[Shared[EventJson], ...] = ()


def calendars(edition: Edition, made: EventEntries) -> Iterator[Output]:
    """`calendar.ics` and `events.json` of every scope of an edition, and `event.ics` of each of its events."""
    names, zone = edition.names, edition.settings.site.timezone
    yield from _calendar(edition, made, edition.route("/"), names.title, names.description, zone, edition.events)
    yield from _calendar(edition, made, edition.route(ONLINE), online_title(edition), "", zone, online_events(edition))
    own = families(edition, edition.events, lambda e: (e.chapter, *e.organisers))
    for chapter in edition.chapters.values():
        if edition.owns(chapter):
            title = title_of(edition, chapter.title)
            yield from _calendar(edition, made, chapter.route, title, edition.summary(chapter), chapter.zone, own.get(chapter.id, ()))
    for kind in KINDS:
        for term, events in terms_with_calendar(edition, kind):
            route = edition.route(f"/{kind}/{term.slug}/")
            yield from _calendar(edition, made, route, title_of(edition, term.name), term.description, zone, events)
    for name, events in events_at_venues(edition).items():
        venue = edition.site.venues[name]
        route = edition.route(edition.common.venue_routes[name])
        yield from _calendar(edition, made, route, title_of(edition, venue.name), "", events[0].zone, events)
    for term in edition.former("venues"):
        yield from _calendar(edition, made, edition.route(f"/venues/{term.slug}/"), title_of(edition, term.name), "", zone, ())
    yield from _single_events(edition, made)


def _single_events(edition: Edition, made: EventEntries) -> Iterator[Output]:
    for event in edition.site.events:
        if edition.owns(event) and (entry := made.calendar(event)):
            view = CalendarView(address=edition.common.address(event.route), zone=event.zone, entries=(entry,))
            place, title = Place(event.fields.source), event.fields.title
            yield Output(route=event.route + "event.ics", maker="calendar", view=view, language=edition.language, place=place, title=title)


def _calendar(
    edition: Edition, made: EventEntries, route: str, title: str, description: str, zone: str, events: Iterable[Event]
) -> Iterator[Output]:
    address = edition.common.address(route)
    pairs: list[tuple[Event, Shared[CalendarEntry]]] = [(e, entry) for e in events if (entry := made.calendar(e))]
    view = CalendarView(name=title, description=description, address=address, zone=zone, entries=tuple(entry for _, entry in pairs))
    yield Output(route=route + "calendar.ics", maker="calendar", view=view, language=edition.language, title=f"{title} (calendar.ics)")
    listed = EventList(title=title, address=address, entries=tuple(one for e, _ in pairs for one in made.json(edition, e)))
    yield Output(route=route + "events.json", maker="events_json", view=listed, language=edition.language, title=f"{title} (events.json)")


# --- which events belong to a scope ------------------------------------------------------------------------------------


def title_of(edition: Edition, scope: str) -> str:
    """What the feeds and the calendar of a scope are called."""
    return f"{edition.names.short_title}: {scope}"


def online_title(edition: Edition) -> str:
    """What the calendar of the events online is called."""
    return title_of(edition, edition.texts.gettext("Online events"))


def online_feeds(edition: Edition) -> tuple[FeedLink, ...]:
    """The calendar of what one can take part in from anywhere."""
    return edition.feeds_at(edition.route(ONLINE), online_title(edition), calendar=True, feeds=False)


def online_events(edition: Edition) -> tuple[Event, ...]:
    """The events with at least one date in which one can take part from anywhere."""
    return tuple(e for e in edition.events if is_online(e, None) or any(o.online for o in e.occurrences))


def events_at_venues(edition: Edition) -> dict[str, list[Event]]:
    """id of each venue with a page → the events with at least one date there, in the order of venues.yml."""
    found: dict[str, list[Event]] = {name: [] for name in edition.common.venue_routes}
    for event in edition.events:
        places = (event.venue, *(o.venue for o in event.occurrences)) if event.fields.changes else (event.venue,)
        for name in dict.fromkeys(venue.id for venue in places if venue and venue.id in found):
            found[name].append(event)
    return {name: events for name, events in found.items() if events}


def terms_with_calendar(edition: Edition, kind: Kind) -> Iterator[tuple[Term, list[Event]]]:
    """The categories, or tags, that have a calendar, with their events: all categories, and each tag that an event has or once had."""
    events: dict[str, list[Event]] = {}
    for event in edition.events:
        for slug in event.categories if kind == "categories" else event.tags:
            events.setdefault(slug, []).append(event)
    terms = edition.categories if kind == "categories" else {s: t for s, t in edition.site.tags.items() if s in events or _had_calendar(edition, s)}
    for slug, term in terms.items():
        yield term, events.get(slug, [])
    for term in edition.former(kind):
        yield term, []


def _had_calendar(edition: Edition, tag: str) -> bool:
    """Whether a tag that texts of this edition have was published with a calendar before: its address stays."""
    route = edition.route(f"/tags/{tag}/")
    return tag in edition.tags and any(scope.route == route for scope in edition.site.scopes)
