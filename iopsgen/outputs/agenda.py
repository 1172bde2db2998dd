"""Arranging occurrences for lists and month grids: which days they touch, which month and week a day belongs to."""

from calendar import Calendar
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby

from iopsgen.model import Event, Occurrence

Pair = tuple[Event, Occurrence]


def first_day(occurrence: Occurrence) -> date:
    """The day on which an occurrence starts, where it takes place."""
    return occurrence.start.date() if isinstance(occurrence.start, datetime) else occurrence.start


def last_day(occurrence: Occurrence) -> date:
    """The last day that an occurrence touches; one that ends at midnight does not touch the day that begins then."""
    end = occurrence.end
    if end is None:
        return first_day(occurrence)
    if not isinstance(end, datetime):
        return end
    touched = end.date() - timedelta(days=1) if end.time() == time() else end.date()
    return max(touched, first_day(occurrence))


def days_of(occurrence: Occurrence) -> tuple[date, ...]:
    """Every day that an occurrence touches, in order."""
    first = first_day(occurrence)
    return tuple(first + timedelta(days=n) for n in range((last_day(occurrence) - first).days + 1))


def by_start(pairs: Iterable[Pair]) -> list[Pair]:
    """In the order of an agenda: by day, what lasts whole days first, then by moment, then by route."""

    def key(pair: Pair) -> tuple[date, bool, float, str]:
        event, occurrence = pair
        start = occurrence.start
        timed = isinstance(start, datetime)
        moment = start.timestamp() if isinstance(start, datetime) else 0.0
        return first_day(occurrence), timed, moment, event.route

    return sorted(pairs, key=key)


def by_month(pairs: Iterable[Pair]) -> tuple[tuple[date, tuple[Pair, ...]], ...]:
    """The pairs in the order of an agenda, grouped by the month in which they start (named by its first day)."""
    grouped = groupby(by_start(pairs), key=lambda pair: first_day(pair[1]).replace(day=1))
    return tuple((month, tuple(group)) for month, group in grouped)


def by_day(pairs: Iterable[Pair]) -> dict[date, tuple[Pair, ...]]:
    """For each day with something on it, the pairs that touch it in the order of an agenda: what lasts several days is on each."""
    days: dict[date, list[Pair]] = {}
    for pair in by_start(pairs):
        for day in days_of(pair[1]):
            days.setdefault(day, []).append(pair)
    return {day: tuple(days[day]) for day in sorted(days)}


def month_weeks(year: int, month: int, first_weekday: int = 0) -> tuple[tuple[date, ...], ...]:
    """The weeks that a month touches, seven days each, beginning on `first_weekday` (0 is Monday, 6 is Sunday)."""
    return tuple(tuple(week) for week in Calendar(first_weekday).monthdatescalendar(year, month))


def next_of_each(events: Iterable[Event]) -> list[Pair]:
    """For each event that is not over its next occurrence that takes place, in the order of an agenda.

    An event of which every coming occurrence is cancelled stands there with the first of these.
    """
    found = []
    for event in events:
        if event.upcoming:
            found.append((event, next((o for o in event.upcoming if not o.cancelled), event.upcoming[0])))
    return by_start(found)


def past_pairs(events: Iterable[Event]) -> Iterator[Pair]:
    """Every occurrence that is over, with its event, each event's in the order of their starts."""
    for event in events:
        coming = {(o.start, o.original) for o in event.upcoming}
        for occurrence in event.listed:
            if (occurrence.start, occurrence.original) not in coming:
                yield event, occurrence


def in_reach(pairs: Iterable[Pair], since: date) -> Iterator[Pair]:
    """The pairs of all months that somebody wrote a date into, and of those that no more than a repetition fills from `since` on.

    A weekly event that began centuries ago thus does not make a page for each of its months and years.
    """
    old: list[tuple[Pair, frozenset[date]]] = []
    written: set[date] = set()
    for pair in pairs:
        months = frozenset((first_day(pair[1]).replace(day=1), last_day(pair[1]).replace(day=1)))
        if pair[0].fields.repeat is None or pair[1].changed:
            written |= months
        elif max(months) < since:
            old.append((pair, months))
            continue
        yield pair
    yield from (pair for pair, months in old if months & written)
