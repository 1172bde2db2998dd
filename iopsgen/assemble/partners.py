"""Puts the events of other people's calendars beside the site's own, which they never stand above and never stop."""

import re
from collections.abc import Callable, Container, Iterable
from datetime import date, datetime, timedelta

import msgspec

from iopsgen.model import Day, Event, EventFields, Partner
from iopsgen.problems import Place, Problem, has_errors, warning
from iopsgen.read.partners import PartnerReading

MOST_DATES = 50_000  # of one calendar, over all its events
_FAULTY = 1_000  # for how many dates an event counts that could not be placed
_PART_OF = re.compile(r"[0-9]{8}(?:T[0-9]{6})?-(.+)")  # the UID of a date that had to become an event of its own

Placing = Callable[[EventFields], tuple[Event | None, list[Problem]]]


class Merged(msgspec.Struct, frozen=True):
    """The events of all calendars that are shown, what became of each calendar, and what is wrong."""

    events: tuple[Event, ...]
    partners: tuple[Partner, ...]
    problems: tuple[Problem, ...]


def merge_partners(readings: Iterable[PartnerReading], own: Container[str], place: Placing, since: Day) -> Merged:
    """The events of the calendars, each UID once: the site's `own` wins, then the calendar that comes first.

    `place` puts an event in its place on the site. What was over before the day `since` is left out.
    """
    events: list[Event] = []
    partners: list[Partner] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for reading in readings:
        shown, ours, over = [], 0, 0
        faults: list[tuple[Place, Problem]] = []
        budget = MOST_DATES
        for fields in reading.events:
            if _is_known(fields.uid, own) or fields.uid in seen:
                ours += 1
                continue
            seen.add(fields.uid)
            where = Place(*fields.where())
            if budget <= 0:
                faults.append((where, warning(f"The calendar has more than {MOST_DATES:,} dates.")))
                continue
            event, found = place(fields)
            budget -= len(event.occurrences) if event else _FAULTY
            if event is None or has_errors(found):
                faults.append((where, next((p for p in found if p.severity == "error"), warning("It is not shown."))))
            elif not event.upcoming and _last_day(event) < since:
                over += 1
            else:
                shown.append(msgspec.structs.replace(event, organisers=(), listed_since=since))
        events += shown
        problems += _say(faults)
        partners.append(Partner(file=reading.file, events=len(shown), ours=ours, over=over, left_out=reading.left_out + len(faults)))
    return Merged(tuple(events), tuple(partners), tuple(problems))


def _is_known(uid: str, own: Container[str]) -> bool:
    """Whether the site has the event itself, or the one of which it is a date: calendars are taken over in both directions."""
    part = _PART_OF.fullmatch(uid)
    return uid in own or (part is not None and part[1] in own)


def _last_day(event: Event) -> date:
    """The day on which the last occurrence ends."""
    last = max((o.end or o.start for o in event.occurrences), key=_day, default=None)
    return _day(last) if last is not None else date.max


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _say(faults: list[tuple[Place, Problem]]) -> list[Problem]:
    """One warning for all events of a calendar that cannot be shown."""
    if not faults:
        return []
    place, first = faults[0]
    events = "This event is" if len(faults) == 1 else f"This event and {len(faults) - 1:,} more are"
    return [warning(f"{events} left out: {first.message}", place, "It must be put right in the calendar that it comes from.")]


def since_when(now: datetime) -> Day:
    """The day from which on partners' events are listed that are over: the first of the month a year ago."""
    return (now.date().replace(day=1) - timedelta(days=364)).replace(day=1)
