"""The pages that list events: what is coming up, what is over by year, what is online, and each month as a grid."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from iopsgen.assemble.events import over_at
from iopsgen.model import Event, Occurrence
from iopsgen.outputs.agenda import Pair, by_day, by_month, by_start, first_day, in_reach, month_weeks, past_pairs
from iopsgen.outputs.edition import Edition, is_online
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.schedules import ONLINE, online_events, online_feeds
from iopsgen.plan import Output
from iopsgen.texts import first_weekday, format_date
from iopsgen.views import DayCell, EventCard, EventMonth, EventsView, MonthView, Ref, View

MONTHS_OF_SERIES = 6  # how many months ahead the list of events repeats a series; the grid shows all
YEARS_OF_SERIES = 10  # how many years back the dates of a series make pages of their own; older months and years have one for other events


def _page(edition: Edition, route: str, view: View, template: str, title: str) -> Output:
    return Output(route=route, maker="page", view=view, template=template, language=edition.language, title=title)


def _since(edition: Edition) -> date:
    """The first day from which on the dates of a series make pages."""
    return date(edition.site.now.year - YEARS_OF_SERIES, 1, 1)


# --- lists -------------------------------------------------------------------------------------------------------------


def event_lists(edition: Edition) -> Iterator[Output]:
    """`/events/`, `/events/online/`, `/events/past/` and a page for each year with events that are over."""
    past: dict[int, list[Pair]] = {}
    for pair in in_reach(past_pairs(edition.events), _since(edition)):
        past.setdefault(first_day(pair[1]).year, []).append(pair)
    years = tuple(
        Ref(title=str(y), url=edition.url(f"/events/past/{y}/"), id=str(y), count=len({e.route for e, _ in past[y]}))
        for y in sorted(past, reverse=True)
    )
    yield _upcoming(edition, years)
    yield _online(edition)
    yield from _past(edition, past, years)


def _upcoming(edition: Edition, years: tuple[Ref, ...]) -> Output:
    title = edition.texts.gettext("Upcoming events")
    calendar = edition.feeds_at(edition.route("/"), edition.names.title, calendar=True, feeds=False)
    view = EventsView(
        head=make_head(edition, edition.route("/events/"), title, feeds=calendar),
        title=title,
        months=_by_month(edition, _coming(edition, edition.events)),
        undated=tuple(edition.event_card(e) for e in edition.events if not e.dated),
        years=years,
        feeds=calendar,
    )
    return _page(edition, edition.route("/events/"), view, "events.html", title)


def _online(edition: Edition) -> Output:
    """What one can take part in from anywhere; of a series only the dates of which that is true."""
    title = edition.texts.gettext("Online events")
    events, calendar = online_events(edition), online_feeds(edition)
    crumbs = (Ref(title=edition.texts.gettext("Events"), url=edition.url("/events/")),)
    view = EventsView(
        head=make_head(edition, edition.route(ONLINE), title, feeds=calendar, crumbs=crumbs, noindex=not events),
        title=title,
        months=_by_month(edition, ((e, o) for e, o in _coming(edition, events) if is_online(e, o))),
        undated=tuple(edition.event_card(e) for e in events if not e.dated),
        online=True,
        feeds=calendar,
    )
    return _page(edition, edition.route(ONLINE), view, "events.html", title)


def _past(edition: Edition, past: Mapping[int, list[Pair]], years: tuple[Ref, ...]) -> Iterator[Output]:
    say = edition.texts.gettext
    crumbs: tuple[Ref, ...] = (Ref(title=say("Events"), url=edition.url("/events/")),)
    latest = max(past, default=0)
    title = say("Past events")
    yield _year(edition, "/events/past/", title, latest, past.get(latest, []), years, crumbs)
    crumbs = (*crumbs, Ref(title=title, url=edition.url("/events/past/")))
    for year, pairs in past.items():
        yield _year(edition, f"/events/past/{year}/", say("Events of %(year)s") % {"year": year}, year, pairs, years, crumbs)


def _year(edition: Edition, route: str, title: str, year: int, pairs: list[Pair], years: tuple[Ref, ...], crumbs: tuple[Ref, ...]) -> Output:
    view = EventsView(
        head=make_head(edition, edition.route(route), title, crumbs=crumbs),
        title=title,
        months=_by_month(edition, pairs, newest_first=True),
        past=True,
        years=years,
        year=year,
        feeds=edition.feeds_at(edition.route("/"), edition.names.title, calendar=True, feeds=False),
    )
    return _page(edition, edition.route(route), view, "events.html", title)


def _coming(edition: Edition, events: Iterable[Event]) -> Iterator[Pair]:
    """The dates to come: the next one of each event, and those of the next months."""
    now = edition.site.now
    ahead = now.year * 12 + now.month - 1 + MONTHS_OF_SERIES
    limit = date(ahead // 12, ahead % 12 + 1, 1)
    return ((e, o) for e in events for n, o in enumerate(e.upcoming) if n == 0 or first_day(o) < limit)


def _by_month(edition: Edition, pairs: Iterable[Pair], newest_first: bool = False) -> tuple[EventMonth, ...]:
    """The events of each month; what a rule repeats stands once in a month, at its first date there that takes place."""
    found: list[EventMonth] = []
    for first, group in by_month(pairs):
        once: dict[tuple[str, object], Pair] = {}
        lasts: dict[tuple[str, object], Occurrence] = {}
        for pair in group:
            key = _listed_as(pair)
            held = once.get(key)
            if held is None or (held[1].cancelled and not pair[1].cancelled):
                once[key] = pair
            lasts[key] = pair[1]
        cards = tuple(_card_until(edition, *pair, lasts[_listed_as(pair)]) for pair in by_start(once.values()))
        found.append(EventMonth(first=first, url=_grid_url(edition, first), events=cards))
    return tuple(reversed(found) if newest_first else found)


def _listed_as(pair: Pair) -> tuple[str, object]:
    """What counts as one in the list of a month: all dates of a rule, each date that somebody wrote."""
    return pair[0].route, "" if pair[0].fields.repeat else pair[1].start


def _card_until(edition: Edition, event: Event, occurrence: Occurrence, last: Occurrence) -> EventCard:
    """A card that stands in a list until a later occurrence is over."""
    card = edition.event_card(event, occurrence)
    if card.over_at is None:
        return card
    ends = over_at(last, event.zone)
    return card if ends == card.over_at else replace(card, over_at=ends)


def _grid_url(edition: Edition, first: date) -> str:
    return edition.url(f"/calendar/{first.year:04}/{first.month:02}/")


# --- months ------------------------------------------------------------------------------------------------------------


def month_grids(edition: Edition) -> Iterator[Output]:
    """`/calendar/` (the month of `now`) and `/calendar/<year>/<month>/` for each month with events.

    The dates of a series make such a page only if they lie at most ten years back; one that other events make shows them all.
    """
    every = ((event, occurrence) for event in edition.events for occurrence in event.listed)
    days = by_day(in_reach(every, _since(edition)))
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
                present=first == current,
                weeks=weeks,
                newer=_month_ref(edition, newer),
                older=_month_ref(edition, older),
                events=events,
            )
            yield _page(edition, edition.route(route), view, "month.html", page_title)


def _cells(edition: Edition, first: date, days: Mapping[date, tuple[Pair, ...]]) -> tuple[tuple[tuple[DayCell, ...], ...], tuple[EventCard, ...]]:
    """The weeks of a month, and its events as a list: each occurrence once."""
    weeks: list[tuple[DayCell, ...]] = []
    listed: dict[tuple[str, Any, datetime | date], Pair] = {}
    for week in month_weeks(first.year, first.month, first_weekday(edition.language)):
        cells: list[DayCell] = []
        for day in week:
            inside = day.month == first.month
            pairs = days.get(day, ()) if inside else ()
            for pair in pairs:
                listed.setdefault((pair[0].route, pair[1].original, pair[1].start), pair)
            cells.append(DayCell(day=day, inside=inside, events=tuple(edition.event_card(*p) for p in pairs)))
        weeks.append(tuple(cells))
    return tuple(weeks), tuple(edition.event_card(*p) for p in listed.values())


def _month_ref(edition: Edition, first: date | None) -> Ref | None:
    if first is None:
        return None
    return Ref(title=format_date(first, "month", edition.language), url=_grid_url(edition, first))
