"""Finds events that get in each other's way: in one place, of one chapter, or of one branch on one evening."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from iopsgen.assemble.eventtimes import clock
from iopsgen.model import Chapter, Event, Occurrence, Site, Venue
from iopsgen.problems import Place, Problem, note, warning

_EVENING = 17  # the hour from which an event is one of the evening
_LONGEST = timedelta(hours=12)  # what lasts longer has other events inside it
_NO_END = timedelta(hours=1)  # how long an event without an end is taken to last
_LOOKED_AT = 12  # events at one time in one place that are compared with each other
_MOST = 50  # clashes that are told
_SHOWN = 3

_PLACE, _ADDRESS, _CHAPTER, _BRANCH = range(4)  # the ways to clash, the worst one first


class _Slot(NamedTuple):
    """An occurrence in time: when it starts and ends (seconds since 1970), which event it is of, and the occurrence."""

    start: float
    end: float
    number: int
    occurrence: Occurrence


class _Bucket(NamedTuple):
    """Slots of which any two clash if they overlap: in what way, and in which place, at which address, in which chapter."""

    kind: int
    key: str


class _Clash(msgspec.Struct):
    """How two events clash: the dates of the second one by kind."""

    dates: dict[int, list[datetime]] = {}


def find_clashes(site: Site) -> list[Problem]:
    """Events to come that overlap: a warning in one place (or at one address to join), a note in one chapter.

    In chapters of one branch it is a note, too, where the same people may want to go to both: in one town, both online, both single
    events, or one of them of the branch itself; there it is enough that both are on one evening. Each pair is told once, with its
    first dates. Left out are events that are cancelled or postponed, that last whole days or over twelve hours, and translations.
    The work grows with the number of occurrences, not of pairs.
    """
    events = [event for event in site.events if _takes_part(event)]
    slots = sorted((slot for number, event in enumerate(events) for slot in _slots(number, event)), key=lambda slot: slot[:3])
    homes = [_Home(event, site) for event in events]
    clashes: dict[tuple[int, int], _Clash] = {}
    running: dict[_Bucket, list[_Slot]] = {}
    evenings: dict[tuple[str, date], list[_Slot]] = {}
    for slot in slots:
        for bucket in homes[slot.number].buckets(slot.occurrence):
            held = [other for other in running.get(bucket, ()) if other.end > slot.start]
            for other in held:
                _add(clashes, other, slot, bucket.kind)
            running[bucket] = [*held, slot][-_LOOKED_AT:]
        for branch in homes[slot.number].branches:
            day = evenings.setdefault((branch, _wall(slot).date()), [])
            for other in day[-_LOOKED_AT:]:
                if _at_once(other, slot) and _same_people(homes[other.number], homes[slot.number], other.occurrence, slot.occurrence):
                    _add(clashes, other, slot, _BRANCH)
            day.append(slot)
    return list(_told(clashes, events, site))


def _takes_part(event: Event) -> bool:
    if event.fields.origin is None and event.group != event.fields.source:
        return False
    return event.dated and not event.all_day and event.fields.status not in ("cancelled", "postponed")


def _slots(number: int, event: Event) -> Iterator[_Slot]:
    for occurrence in event.upcoming:
        start, end = occurrence.start, occurrence.end
        if occurrence.cancelled or not isinstance(start, datetime):
            continue
        begin = start.timestamp()
        finish = end.timestamp() if isinstance(end, datetime) else begin + _NO_END.total_seconds()
        if finish - begin <= _LONGEST.total_seconds():
            yield _Slot(begin, finish, number, occurrence)


class _Home:
    """Where an event belongs: its chapters, their branches, and whom it is for."""

    def __init__(self, event: Event, site: Site) -> None:
        names = [name for name in dict.fromkeys((event.chapter, *event.organisers)) if name in site.chapters]
        self.event = event
        self.chapters = [_Bucket(_CHAPTER, name) for name in names]
        self.branches = list(dict.fromkeys(branch for name in names if (branch := _branch_of(site.chapters[name], site))))
        self.of_branch = any(site.chapters[name].kind == "branch" for name in names)
        self.town = next((site.chapters[name].fields.place for name in names if site.chapters[name].fields.place), "")
        self.single = not event.fields.repeat and len(event.fields.dates) < 2

    def buckets(self, occurrence: Occurrence) -> list[_Bucket]:
        """What an occurrence takes up: its place, its address to join, the time of its chapters."""
        found = list(self.chapters)
        if key := _place_key(occurrence.venue or self.event.venue):
            found.append(_Bucket(_PLACE, key))
        if address := occurrence.online or self.event.fields.online:
            found.append(_Bucket(_ADDRESS, address))
        return found

    def town_of(self, occurrence: Occurrence) -> str:
        """The town in which an occurrence takes place; empty for one that is only online."""
        venue = occurrence.venue or self.event.venue
        if venue is None:
            return "" if occurrence.online or self.event.fields.online else self.town.casefold()
        return (venue.city or self.town).casefold()


def _branch_of(chapter: Chapter, site: Site) -> str:
    """The nearest branch that a chapter is or belongs to; empty if there is none."""
    seen: set[str] = set()
    while chapter.kind != "branch":
        seen.add(chapter.id)
        if chapter.parent not in site.chapters or chapter.parent in seen:
            return ""
        chapter = site.chapters[chapter.parent]
    return chapter.id


def _place_key(venue: Venue | None) -> str:
    """What tells one place from another; empty where it cannot be told."""
    if venue is None:
        return ""
    if venue.id:
        return venue.id
    return "\n".join((venue.name, venue.address, venue.city)).casefold() if venue.name and (venue.address or venue.city) else ""


def _wall(slot: _Slot) -> datetime:
    assert isinstance(slot.occurrence.start, datetime)
    return slot.occurrence.start


def _at_once(one: _Slot, other: _Slot) -> bool:
    """Whether two slots of one day overlap, or both begin in the evening where they are."""
    return one.end > other.start or (_wall(one).hour >= _EVENING and _wall(other).hour >= _EVENING)


def _same_people(one: _Home, other: _Home, here: Occurrence, there: Occurrence) -> bool:
    """Whether people of a branch may want to go to both of two events of different chapters."""
    if {bucket.key for bucket in one.chapters} & {bucket.key for bucket in other.chapters}:
        return False  # a chapter knows its own evenings: there, only what overlaps is told
    if one.of_branch or other.of_branch or (one.single and other.single):
        return True
    return one.town_of(here) == other.town_of(there)


def _add(clashes: dict[tuple[int, int], _Clash], other: _Slot, slot: _Slot, kind: int) -> None:
    if other.number == slot.number:
        return
    pair = (min(other.number, slot.number), max(other.number, slot.number))
    clash = clashes.get(pair)
    if clash is None:
        clash = clashes[pair] = _Clash(dates={})
    clash.dates.setdefault(kind, []).append(_wall(slot))


# --- messages ------------------------------------------------------------------------------------------------------


def _told(clashes: dict[tuple[int, int], _Clash], events: list[Event], site: Site) -> Iterator[Problem]:
    ordered = sorted(clashes.items(), key=lambda pair: (min(pair[1].dates), pair[1].dates[min(pair[1].dates)][0].timestamp(), pair[0]))
    for (first, second), clash in ordered[:_MOST]:
        kind = min(clash.dates)
        one, other = events[first], events[second]
        if other.fields.origin is not None:  # told at the one that can be changed here
            one, other = other, one
        if other.fields.origin is None:
            yield _tell(kind, one, other, clash.dates[kind], site)
    if len(ordered) > _MOST:
        yield note(f"{len(ordered) - _MOST} more pairs of events are at the same time.", None, "Look at those that are listed first.")


def _tell(kind: int, first: Event, second: Event, dates: Iterable[datetime], site: Site) -> Problem:
    """The message about two events, at the second of them."""
    place = Place(*second.fields.where("start", "dates"), 1)
    when = _listed(dates)
    other = f'"{first.fields.title}" ({first.fields.where("start")[0]})'
    if kind == _PLACE:
        name = (second.venue or first.venue or Venue(name="the place")).name
        return warning(f"{name} is taken: {other} is there at the same time, {when}.", place, "Move one of the two, or name the room in its venue.")
    if kind == _ADDRESS:
        message = f"The address to join is taken: {other} uses it at the same time, {when}."
        return warning(message, place, "Give one of the two another address, or people meet in the wrong room.")
    hint = "If the same people may want to go to both, move one of them."
    if kind == _CHAPTER:
        names = [name for name in (first.chapter, *first.organisers) if name in (second.chapter, *second.organisers) and name in site.chapters]
        chapter = site.chapters[names[0]].title if names else "The chapter"
        return note(f"{chapter} has another event at the same time, {when}: {other}.", place, hint)
    return note(f"Another event of the same branch is on the same day, {when}: {other}.", place, hint)


def _listed(dates: Iterable[datetime]) -> str:
    """The first few dates, and how many more there are."""
    every = sorted(set(dates))
    shown = ", ".join(clock(one) for one in every[:_SHOWN])
    return f"{shown} and {len(every) - _SHOWN} more dates" if len(every) > _SHOWN else shown
