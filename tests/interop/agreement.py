"""What people should see of our events, what a foreign reader saw, and how the two differ."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar

from iopsgen.build import Options, Prepared, prepare
from iopsgen.model import Event, Occurrence
from iopsgen.outputs.calendar_entries import PREFIXES, venue_line
from iopsgen.problems import has_errors
from iopsgen.store import Store
from iopsgen.texts import country_name
from tests.interop.readers import Seen, minute

ENGLISH = {"en": PREFIXES}
_SHOWN = {"cancelled": "CANCELLED", "postponed": "TENTATIVE", "tentative": "TENTATIVE"}
_APART = re.compile(r"[0-9]{8}(T[0-9]{6})?-")  # what our UID of a date off the rule begins with


def prepared(folder: Path, now: datetime, horizon: str = "5 years") -> Prepared:
    """A site with its events and the plan of its outputs."""
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        found, problems = prepare(folder, Options(now=now, workers=1, overrides={"events.horizon": horizon}), store)
    finally:
        store.close()
    assert isinstance(found, Prepared) and not has_errors(problems), [p for p in problems if p.severity == "error"]
    return found


def calendars_of(site: Prepared) -> dict[str, bytes]:
    """Every calendar that a site publishes: address → bytes."""
    made = {output.route: site.workshop.make(output)[0] for output in site.plan.outputs if output.maker == "calendar"}
    return {route: data for route, data in made.items() if data is not None}


def expected(
    event: Event, start: datetime, end: datetime, least: timedelta = timedelta(0), prefixes: Mapping[str, Mapping[str, str]] = ENGLISH
) -> Counter[Seen]:
    """What people should see of an event: each occurrence that starts between two moments (UTC midnights).

    `least` is how long the reader says that an event without an end lasts. `prefixes` stand before titles: language → status → words.
    """
    seen = (_seen(event, one, least, prefixes[event.language]) for one in event.occurrences if event.dated)
    return Counter(one for one in seen if minute(start)[:10] <= one.start < minute(end)[:10])


def _seen(event: Event, one: Occurrence, least: timedelta, prefixes: Mapping[str, str]) -> Seen:
    end = one.end or (one.start.astimezone(UTC) + least if isinstance(one.start, datetime) else one.start)
    if not isinstance(end, datetime):
        end += timedelta(days=1)
    status = "cancelled" if one.cancelled else event.fields.status
    prefix = prefixes.get(status, "")
    if event.fields.time_tba and status not in ("cancelled", "postponed"):
        prefix += prefixes["tba"]
    venue = one.venue or (None if event.fields.status == "moved-online" else event.venue)
    country = country_name(venue.country, event.language) if venue and venue.country else ""
    return Seen(
        uid=event.uid,
        start=minute(one.start),
        end=minute(end),
        summary=prefix + (one.title or event.fields.title),
        status=_SHOWN.get(status, "CONFIRMED"),
        location=venue_line(venue, country) if venue else one.online or event.fields.online,
    )


def differences(
    found: Iterable[Seen],
    events: Iterable[Event],
    start: datetime,
    end: datetime,
    least: timedelta = timedelta(0),
    prefixes: Mapping[str, Mapping[str, str]] = ENGLISH,
) -> dict[str, dict[str, list[Seen]]]:
    """Source of an event → what of it was not seen, and what was seen instead. Events nobody knows stand under their UID."""
    seen: dict[str, Counter[Seen]] = {}
    for one in found:
        uid = _APART.sub("", one.uid, count=1)
        seen.setdefault(uid, Counter())[one._replace(uid=uid)] += 1
    wrong = {}
    for event in events:
        here, wanted = seen.pop(event.uid, Counter()), expected(event, start, end, least, prefixes)
        if here != wanted:
            wrong[event.fields.source] = {"not seen": sorted((wanted - here).elements()), "instead": sorted((here - wanted).elements())}
    wrong |= {uid: {"not seen": [], "instead": sorted(counter.elements())} for uid, counter in seen.items()}
    return wrong


# --- shapes on which readers are known to differ -----------------------------------------------------------------------


def rule_of(event: Event) -> dict[str, str]:
    """The parts of an event's rule by name; empty for an event without one."""
    rule = event.fields.repeat.rrule if event.fields.repeat else ""
    return dict(part.split("=", 1) for part in rule.split(";") if part)


def skips_an_hour(event: Event, end: datetime) -> bool:
    """Whether the clocks of a timed series' zone jump over its time of day on some day between its first date and `end`."""
    first = event.start
    if not event.fields.repeat or not isinstance(first, datetime):
        return False
    info = ZoneInfo(event.zone)
    walls = (datetime.combine(first.date() + timedelta(days=n), first.time()) for n in range((end.date() - first.date()).days + 1))
    return any(wall.replace(tzinfo=info).astimezone(UTC).astimezone(info).replace(tzinfo=None) != wall for wall in walls)


def repeated_in(event: Event, zone: str) -> bool:
    """Whether an event has an occurrence that starts or ends at a moment whose wall clock comes twice in that zone."""
    moments = (moment for one in event.occurrences for moment in (one.start, one.end) if isinstance(moment, datetime))
    return any(_comes_twice(moment.astimezone(ZoneInfo(zone))) for moment in moments)


def _comes_twice(moment: datetime) -> bool:
    return moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()


def overridden_at_once(data: bytes) -> set[str]:
    """The UIDs of the series in a calendar whose very first date, DTSTART, has an override."""
    events = list(icalendar.Calendar.from_ical(data).walk("VEVENT"))
    starts = {str(event["UID"]): event["DTSTART"].to_ical() for event in events if "RRULE" in event}
    named = [(str(event["UID"]), event["RECURRENCE-ID"].to_ical()) for event in events if "RECURRENCE-ID" in event]
    return {uid for uid, original in named if original == starts.get(uid)}


def out_of_order(event: Event) -> bool:
    """Whether an occurrence was moved to the day of another one, or beyond it."""
    days = [minute(one.start)[:10] for one in sorted(event.occurrences, key=lambda one: minute(one.original or one.start))]
    return any(one >= other for one, other in pairwise(days))


def last_is_moved(event: Event) -> bool:
    """Whether the last date of a series that ends was moved to a later day."""
    rule = event.fields.repeat
    last = max(event.occurrences, key=lambda one: minute(one.original or one.start), default=None)
    return bool(rule and (rule.until or rule.count) and last and minute(last.start)[:10] > minute(last.original or last.start)[:10])


def changes_clocks_each_time(event: Event) -> bool:
    """Whether the clocks change between start and end of every date of a series, but for those that `changes` names."""
    spans = [(one.start, one.end) for one in event.occurrences if isinstance(one.end, datetime) and not one.changed]
    moments = [(start, end) for start, end in spans if isinstance(start, datetime)]
    return bool(event.fields.repeat and moments) and all(start.utcoffset() != end.utcoffset() for start, end in moments)
