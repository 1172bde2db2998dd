"""Turns events into what calendars hold, and into the links that put them into people's calendars."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlencode

import msgspec

from iopsgen.dates import Fault
from iopsgen.model import Event, Moment, Occurrence, Rule, Venue
from iopsgen.outputs.calendars import written_rule
from iopsgen.recurrence import expand
from iopsgen.views import AddToCalendar, CalendarEntry, CalendarOverride, Day
from iopsgen.zones import place_moment, resolve, zone

PREFIXES: Mapping[str, str] = {
    "cancelled": "Cancelled: ",
    "postponed": "Postponed: ",
    "moved-online": "Online: ",
    "tentative": "Tentative: ",
    "tba": "Time to be announced: ",
}
TEXTS: Mapping[str, str] = {"reason": "Reason: {}", "join": "Join online: {}", "register": "Register: {}"}

_STATUSES: Mapping[str, Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]] = {
    "cancelled": "CANCELLED",
    "postponed": "TENTATIVE",
    "tentative": "TENTATIVE",
}
_SEVERAL_A_DAY = re.compile("BY(HOUR|MINUTE|SECOND)")
_LONGEST_LINK_TEXT = 600  # characters of a description that still fit into a link


class CalendarLinks(NamedTuple):
    """Ways to subscribe to a calendar: for the programs of a machine, for Google Calendar, for Outlook.com."""

    webcal: str
    google: str
    outlook: str


class _Series(msgspec.Struct, frozen=True):
    """When a rule takes place: the first wall clock not left out, how often from there on, and what it gives (for comparing)."""

    first: datetime | Day
    count: int | None
    kept: frozenset[datetime | Day]
    left_out: tuple[datetime | Day, ...]


class _Words(msgspec.Struct, frozen=True):
    """What makes the texts of an entry: prefixes of the title, patterns for the description, and the venue as one line."""

    prefixes: Mapping[str, str]
    texts: Mapping[str, str]
    description: str
    page_address: str
    location: Callable[[Venue], str]


def venue_line(venue: Venue, country: str = "") -> str:
    """A venue in one line, as maps understand it: name, address, city, country (`country` instead of its code)."""
    return ", ".join(dict.fromkeys(filter(None, (venue.name, venue.address, venue.city, country or venue.country))))


# --- events --------------------------------------------------------------------------------------------------------


def calendar_entry(
    event: Event,
    *,
    page_address: str,
    stamp: datetime,
    title_prefixes: Mapping[str, str] = PREFIXES,
    texts: Mapping[str, str] = TEXTS,
    description: str = "",
    location: Callable[[Venue], str] = venue_line,
    categories: tuple[str, ...] = (),
    organizer: str = "",
    organizer_email: str = "",
    picture: str = "",
    created: datetime | None = None,
) -> CalendarEntry | None:
    """What calendars hold of an event; None if its day is not known.

    `stamp` is when its content last changed. `title_prefixes` are put before the title for a status (see PREFIXES; a status
    without one gets none) and for `tba`, a time that is not known: such an event lasts all day. `texts` are the lines added
    to `description`, each with `{}` for the address or reason (see TEXTS). `location` makes a line of a venue.

    A rule stays a rule, `except` and pauses become dates left out, `also` and `dates` further dates, and `changes`
    overrides. An occurrence that a clock change makes longer or shorter than the others is an override too, since
    clients do not agree on its end.
    """
    if not event.dated or event.start is None:
        return None
    words = _Words(title_prefixes, texts, description, page_address, location)
    series = _series(event)
    occurrences = _occurrences(event)
    master = _entry(event, occurrences, series, words, stamp)
    return msgspec.structs.replace(
        master,
        created=created,
        categories=categories,
        organizer=organizer if organizer_email else "",
        organizer_email=organizer_email,
        picture=picture,
    )


def _entry(event: Event, occurrences: list[Occurrence], series: _Series | None, words: _Words, stamp: datetime) -> CalendarEntry:
    """The entry with all that the event itself says."""
    plain = Occurrence(start=occurrences[0].start)
    if series is None:
        plain = occurrences[0]  # no rule, so nothing that an override could name
        start, end = plain.start, plain.end
    else:
        start = _aware(event, series.first)
        end = _end(start, _usual_length(occurrences))
    apart, overrides = _differing(event, occurrences, series, start, end, words)
    rule = event.fields.repeat if series else None
    return CalendarEntry(
        uid=event.uid,
        summary=_title(event, plain, words),
        start=start,
        end=end,
        zone=event.zone,
        all_day=_all_day(event),
        status="CANCELLED" if plain.cancelled else _STATUSES.get(event.fields.status, "CONFIRMED"),
        sequence=event.sequence,
        stamp=stamp,
        description=_description(event, plain, words),
        location=_location(event, plain, words),
        geo=_geo(event, plain),
        url=words.page_address,
        conference=plain.online or event.fields.online,
        rrule=rule.rrule if rule else "",
        until=_until(event, rule, series) if rule and series else None,
        count=series.count if series else None,
        rdates=apart,
        exdates=series.left_out if series else (),
        overrides=overrides,
    )


def _occurrences(event: Event) -> list[Occurrence]:
    """The occurrences by original start, in days if the event lasts all day, and further `dates` and `also` dates with them."""
    assert event.start is not None
    known = [_in_days(one) for one in event.occurrences] if _all_day(event) else list(event.occurrences)
    if not known:
        known = [Occurrence(start=_start(event, event.start), end=_start(event, event.end) if event.end else None)]
    there = {_key(_original(one)) for one in known}
    length = _usual_length(known)
    rule = event.fields.repeat
    for moment in (*event.fields.dates, *(rule.added if rule else ())):
        start = _start(event, _placed(event, moment))
        if _key(start) not in there:
            known.append(Occurrence(start=start, end=_end(start, length)))
    return sorted(known, key=lambda one: _key(_original(one)))


def _differing(
    event: Event, occurrences: list[Occurrence], series: _Series | None, start: datetime | Day, end: datetime | Day | None, words: _Words
) -> tuple[tuple[datetime | Day, ...], tuple[CalendarOverride, ...]]:
    """The dates off the rule, and the overrides: occurrences with another time, length, title or place, or cancelled."""
    on_rule = series.kept if series else {_key(_original(occurrences[0]))}
    exact = _exact(start, end)
    apart, overrides = [], []
    for one in occurrences:
        original = _original(one)
        is_apart = _key(original) not in on_rule
        if is_apart:
            apart.append(original)
        elif series is None:
            continue  # the entry itself
        moved = _key(one.start) != _key(original)
        other = one.title or one.note or one.venue or one.online or one.cancelled
        if moved or other or _exact(one.start, one.end) != exact:
            overrides.append(_override(event, one, original, words))
    return tuple(apart), tuple(overrides)


def _override(event: Event, one: Occurrence, original: datetime | Day, words: _Words) -> CalendarOverride:
    """One occurrence that differs from the event."""
    return CalendarOverride(
        original=original,
        start=one.start,
        end=one.end,
        summary=_title(event, one, words),
        location=_location(event, one, words),
        geo=_geo(event, one),
        note=one.note,
        description=_description(event, one, words),
        conference=one.online,
        cancelled=one.cancelled,
    )


# --- rules ---------------------------------------------------------------------------------------------------------


def _series(event: Event) -> _Series | None:
    """The rule of an event from its first date that is not left out. None without a rule, or with one that does not fit."""
    rule, begin = event.fields.repeat, event.fields.start
    if rule is None or begin is None:
        return None
    first = _wall(event, _placed(event, begin))
    known = max((_day(_original(one)) for one in event.occurrences), default=_day(first))
    found = expand(rule, first, known)
    if isinstance(found, Fault):
        return None
    added = set(found.added)
    kept = [wall for wall in found.starts if wall not in added]
    start = kept[0] if kept else first
    skipped = sum(wall < start for wall in found.left_out)
    return _Series(
        first=start,
        count=rule.count - skipped if rule.count else None,
        kept=frozenset(_key(_aware(event, wall)) for wall in kept),
        left_out=tuple(_aware(event, wall) for wall in found.left_out if wall >= start),
    )


def _until(event: Event, rule: Rule, series: _Series) -> datetime | Day | None:
    """The last possible start: the first one's time on the last day, so that clients that see a day alone see the right one."""
    if rule.until is None or rule.count:
        return None
    if not isinstance(series.first, datetime) or _SEVERAL_A_DAY.search(rule.rrule):
        return rule.until
    return resolve(datetime.combine(rule.until, series.first.time()), event.zone).moment


# --- times ---------------------------------------------------------------------------------------------------------


def _all_day(event: Event) -> bool:
    return event.all_day or event.fields.time_tba


def _placed(event: Event, moment: Moment) -> datetime | Day:
    """A moment as written, in the event's zone. A day alone takes the time at which the event starts."""
    if moment.has_time or not isinstance(event.start, datetime):
        return place_moment(moment, event.zone)
    begin = event.fields.start
    clock = begin.wall.time() if begin and begin.has_time else event.start.time()
    return resolve(datetime.combine(moment.wall.date(), clock), event.zone).moment


def _start(event: Event, moment: datetime | Day) -> datetime | Day:
    """A moment as an all-day event has it, a day, or as a timed one has it, aware."""
    if _all_day(event):
        return _day(moment)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone(event.zone))


def _in_days(one: Occurrence) -> Occurrence:
    """An occurrence whose times are not to be seen."""
    original = _day(one.original) if one.original else None
    return msgspec.structs.replace(one, start=_day(one.start), end=_day(one.end) if one.end else None, original=original)


def _wall(event: Event, moment: datetime | Day) -> datetime | Day:
    """A moment as rules count it: a day, or naive."""
    start = _start(event, moment)
    return start.astimezone(zone(event.zone)).replace(tzinfo=None, fold=0) if isinstance(start, datetime) else start


def _aware(event: Event, wall: datetime | Day) -> datetime | Day:
    """A wall clock of a rule in the event's zone; one that the clocks skip keeps its digits, which RFC 5545 gives a meaning."""
    return wall.replace(tzinfo=zone(event.zone)) if isinstance(wall, datetime) else wall


def _original(one: Occurrence) -> datetime | Day:
    """The start that the rule gave."""
    return one.start if one.original is None else one.original


def _key(moment: datetime | Day) -> datetime | Day:
    """For comparing: UTC, since a wall clock that is skipped and the one that shows the same moment must be equal."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _usual_length(occurrences: Iterable[Occurrence]) -> timedelta | None:
    """How long most occurrences last by the wall clock; None if they have no end."""
    lengths = Counter(_length(one.start, one.end) for one in occurrences)
    return max(lengths, key=lambda length: lengths[length])


def _length(start: datetime | Day, end: datetime | Day | None) -> timedelta | None:
    """From start to end by the wall clock."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return _day(end) - _day(start) if end else None


def _exact(start: datetime | Day, end: datetime | Day | None) -> timedelta | None:
    """From start to end as time passes."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(UTC) - start.astimezone(UTC)
    return _day(end) - _day(start) if end else None


def _end(start: datetime | Day, length: timedelta | None) -> datetime | Day | None:
    """The end of what starts then and lasts so long by the wall clock."""
    return None if length is None else start + length


# --- texts ---------------------------------------------------------------------------------------------------------


def _title(event: Event, one: Occurrence, words: _Words) -> str:
    """The title with the prefix of its status, since many clients show no status."""
    status = "cancelled" if one.cancelled else event.fields.status
    unknown = words.prefixes.get("tba", "") if event.fields.time_tba and status not in ("cancelled", "postponed") else ""
    return f"{words.prefixes.get(status, '')}{unknown}{one.title or event.fields.title}"


def _description(event: Event, one: Occurrence, words: _Words) -> str:
    """Plain text: what is different, what it is about, how to join and register, and the page's address at the end."""
    fields = event.fields
    online = one.online or fields.online
    lines = [
        one.note,
        _line(words, "reason", fields.reason),
        words.description,
        _line(words, "join", online),
        _line(words, "register", fields.register.url if fields.register else ""),
        words.page_address,
    ]
    return "\n\n".join(filter(None, lines))


def _line(words: _Words, name: str, value: str) -> str:
    return words.texts.get(name, TEXTS[name]).replace("{}", value) if value else ""


def _location(event: Event, one: Occurrence, words: _Words) -> str:
    """The venue; for an event that is online alone the address to join, which clients make a link."""
    venue = _venue(event, one)
    return (words.location(venue) if venue else "") or one.online or event.fields.online


def _venue(event: Event, one: Occurrence) -> Venue | None:
    return one.venue or (None if event.fields.status == "moved-online" else event.venue)


def _geo(event: Event, one: Occurrence) -> tuple[float, float] | None:
    venue = _venue(event, one)
    return venue.geo if venue else None


# --- links ---------------------------------------------------------------------------------------------------------


def add_to_calendar(entry: CalendarEntry, *, ics_url: str, upcoming: Occurrence | None = None) -> AddToCalendar:
    """Links that put an event into a calendar: its file, Google Calendar, Outlook.com and Office 365.

    Google takes a series with its rule. Outlook's links know no rule, and Google's no exceptions from one, so these add
    one occurrence: `upcoming`, else the first.
    """
    start, end = (upcoming.start, upcoming.end) if upcoming else (entry.start, entry.end)
    google = {"action": "TEMPLATE", "text": entry.summary, "dates": _google_dates(entry, start, end)}
    if entry.rrule and not (entry.exdates or entry.overrides or entry.rdates):
        google |= {"dates": _google_dates(entry, entry.start, entry.end), "recur": written_rule(entry)}
    if not entry.all_day:
        google["ctz"] = entry.zone
    google |= {"details": _link_text(entry), "location": entry.location}
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        **_outlook_dates(entry, start, end),
        "body": _link_text(entry),
        "location": entry.location,
    }
    return AddToCalendar(
        ics=ics_url,
        google=f"https://calendar.google.com/calendar/render?{_query(google)}",
        outlook=f"https://outlook.live.com/calendar/0/deeplink/compose?{_query(outlook)}",
        office365=f"https://outlook.office.com/calendar/0/deeplink/compose?{_query(outlook)}",
    )


def calendar_links(address: str, name: str = "") -> CalendarLinks:
    """Links that subscribe to the calendar at an absolute address. Google refuses `https:` here and takes `webcal:`."""
    webcal = f"webcal://{address.partition('://')[2]}"
    return CalendarLinks(
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?{_query({'cid': webcal})}",
        outlook=f"https://outlook.live.com/calendar/0/addfromweb?{_query({'url': address, 'name': name})}",
    )


def _google_dates(entry: CalendarEntry, start: datetime | Day, end: datetime | Day | None) -> str:
    """`dates`: wall clocks in `ctz`, or days with an exclusive end."""
    if entry.all_day:
        return f"{_day(start):%Y%m%d}/{_day(end or start) + timedelta(days=1):%Y%m%d}"
    return "/".join(f"{moment:%Y%m%dT%H%M%S}" for moment in (start, end or start))


def _outlook_dates(entry: CalendarEntry, start: datetime | Day, end: datetime | Day | None) -> dict[str, str]:
    """`startdt` and `enddt`: UTC, or days with an exclusive end."""
    if isinstance(start, datetime) and not entry.all_day:
        last = end if isinstance(end, datetime) else start
        return {"startdt": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "enddt": f"{last.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return {"startdt": _day(start).isoformat(), "enddt": (_day(end or start) + timedelta(days=1)).isoformat(), "allday": "true"}


def _link_text(entry: CalendarEntry) -> str:
    """The description, shortened to what fits into a link but not without the page's address."""
    if len(entry.description) <= _LONGEST_LINK_TEXT:
        return entry.description
    return f"{entry.description[:_LONGEST_LINK_TEXT].rstrip()}…\n\n{entry.url}"


def _query(values: Mapping[str, str]) -> str:
    """The query of an address, without what is empty."""
    return urlencode({name: value for name, value in values.items() if value})
