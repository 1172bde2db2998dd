"""Puts an event in its place: its times, its occurrences up to the horizon, what is still to come, and its identity."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

import msgspec

from iopsgen.assemble.eventtimes import Findings, read_times, start_of_day
from iopsgen.assemble.series import Occurrences, find_occurrences
from iopsgen.assemble.slips import check_slips
from iopsgen.model import Event, EventFields, Occurrence, Venue
from iopsgen.problems import Problem
from iopsgen.zones import place_moment
from iopsgen.zones import zone as zone_named

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def resolve_event(
    fields: EventFields,
    *,
    slug: str,
    route: str,
    language: str,
    zone: str,
    chapter: str,
    venue: Venue | None,
    organisers: tuple[str, ...],
    site_host: str,
    horizon_end: date,
    now: datetime,
    categories: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    published: datetime | None = None,
    updated: datetime | None = None,
) -> tuple[Event, list[Problem]]:
    """The event with all its occurrences, and what is wrong with its times.

    Every occurrence from the first to the day `horizon_end` is there, past ones too; beyond it only the first and those
    that somebody wrote down (`dates`, `also`, `changes`). `upcoming` are those not over at `now` (aware). Venues named in
    `changes` must be resolved already. The group is the event's own source: whoever knows translations replaces it.
    """
    findings = Findings(fields)
    times = read_times(fields, zone, findings)
    found = find_occurrences(fields, times, horizon_end, findings) if times else Occurrences()
    if times:
        check_slips(times, found.all, found.rule, language, now, findings)
    if found.rule is not None and found.rule != fields.repeat:
        fields = msgspec.structs.replace(fields, repeat=found.rule)
    event = Event(
        fields=fields,
        slug=slug,
        route=route,
        language=language,
        group=fields.source,
        zone=zone,
        uid=fields.uid or derive_uid(site_host, fields.source),
        all_day=times.all_day if times else False,
        dated=times is not None,
        start=times.start if times else None,
        end=times.end if times else None,
        venue=venue,
        chapter=chapter,
        organisers=organisers,
        categories=categories,
        tags=tags,
        occurrences=found.all,
        upcoming=tuple(_coming(found.all, zone, now)),
        left_out=found.left_out,
        added=found.added,
        published=published,
        updated=updated,
        sequence=count_revisions(fields, updated),
    )
    return event, findings.problems


def over_at(occurrence: Occurrence, zone: str) -> datetime:
    """The moment at which an occurrence is over: its end; without an end, the end of its day in the zone; the end of its last day."""
    last = occurrence.end or occurrence.start
    if isinstance(last, datetime):
        if occurrence.end is not None:
            return last
        last = last.date()
    return start_of_day(last + timedelta(days=1), zone)


def _coming(occurrences: Iterable[Occurrence], zone_name: str, now: datetime) -> Iterable[Occurrence]:
    """Those not over at `now`."""
    today = now.astimezone(zone_named(zone_name)).date()
    for occurrence in occurrences:
        begun = occurrence.start <= now if isinstance(occurrence.start, datetime) else occurrence.start <= today
        if not begun or over_at(occurrence, zone_name) > now:
            yield occurrence


def registration_closes(event: Event) -> datetime | None:
    """The moment from which nobody can register any more, in the event's zone; after a last day that is written without a time."""
    until = event.fields.register.until if event.fields.register else None
    if until is None:
        return None
    return place_moment(until, event.zone) if until.has_time else start_of_day(until.wall.date() + timedelta(days=1), event.zone)


def next_change(event: Event, now: datetime) -> datetime | None:
    """The next moment after `now` at which `upcoming` has one occurrence less, or registration closes; None if all stays as it is.

    That the horizon moves on is not in it: it moves with the months, for the whole site.
    """
    closes = registration_closes(event)
    nearest = closes if closes is not None and closes > now and event.upcoming else None
    for occurrence in event.upcoming:
        if nearest and _start_moment(occurrence, event.zone) >= nearest:
            break  # they are by start, and none is over before it starts
        moment = over_at(occurrence, event.zone)
        if moment > now and (nearest is None or moment < nearest):
            nearest = moment
    return nearest


def _start_moment(occurrence: Occurrence, zone_name: str) -> datetime:
    return occurrence.start if isinstance(occurrence.start, datetime) else start_of_day(occurrence.start, zone_name)


def derive_uid(host: str, source: str) -> str:
    """The UID of an event that has none of its own (RFC 7986 section 5.3): always the same for a site and a source path.

    It changes when the file moves to another folder or the site to another host; a `uid:` in the file never does.
    """
    digest = blake2b(f"{host}\n{source}".encode(), digest_size=16).hexdigest()
    return f"{digest}@{host}" if host else digest


def count_revisions(fields: EventFields, updated: datetime | None) -> int:
    """SEQUENCE (RFC 5545 section 3.8.7.4), from the content alone: no memory of earlier builds is needed.

    With `updated:` it is the number of minutes from the year 2000 to it, so that each later `updated` is a higher revision.
    Without, it counts what the file itself says has changed: an old start, a status, each changed occurrence.
    """
    if updated is not None:
        return max(0, int((updated - _EPOCH).total_seconds() // 60))
    return (fields.was is not None) + (fields.status not in ("scheduled", "tentative")) + len(fields.changes)
