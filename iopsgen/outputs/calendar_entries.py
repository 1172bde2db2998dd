"""Turns events into what calendars hold, and into the links that put them into people's calendars."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from iopsgen.model import Event, Occurrence, Venue
from iopsgen.outputs.calendar_series import Series, deviations, series_of
from iopsgen.outputs.calendars import written_rule
from iopsgen.views import AddToCalendar, CalendarEntry, CalendarOverride, Day

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
_LONGEST_LINK_TEXT = 600  # characters of a description that still fit into a link


class CalendarLinks(NamedTuple):
    """Ways to subscribe to a calendar: for the programs of a machine, for Google Calendar, for Outlook.com."""

    webcal: str
    google: str
    outlook: str


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
    """What calendars hold of an event; None if its day is not known, or if every date of its rule is left out.

    `stamp` is when its content last changed. `title_prefixes` are put before the title for a status (see PREFIXES; a status
    without one gets none) and for `tba`, a time that is not known: such an event lasts all day. `texts` are the lines added
    to `description`, each with `{}` for the address or reason (see TEXTS). `location` makes a line of a venue.

    A rule stays a rule, `except` and pauses become dates left out, `also` and `dates` further dates, and `changes`
    overrides. An occurrence that a clock change makes longer or shorter than the others is an override too, since
    clients do not agree on its end.
    """
    series = series_of(event)
    if series is None:
        return None
    words = _Words(title_prefixes, texts, description, page_address, location)
    return msgspec.structs.replace(
        _entry(event, series, words, stamp),
        created=created,
        categories=categories,
        organizer=organizer if organizer_email else "",
        organizer_email=organizer_email,
        picture=picture,
    )


def _entry(event: Event, series: Series, words: _Words, stamp: datetime) -> CalendarEntry:
    """The entry with all that the event itself says."""
    plain = Occurrence(start=series.start, end=series.end)
    return CalendarEntry(
        uid=event.uid,
        summary=_title(event, plain, words),
        start=series.start,
        end=series.end,
        zone=event.zone,
        all_day=event.all_day,
        status=_STATUSES.get(event.fields.status, "CONFIRMED"),
        sequence=event.sequence,
        stamp=stamp,
        description=_description(event, plain, words),
        location=_location(event, plain, words),
        geo=_geo(event, plain),
        url=words.page_address,
        conference=event.fields.online,
        rrule=series.rrule,
        until=series.until,
        count=series.count,
        rdates=series.apart,
        exdates=series.left_out,
        overrides=tuple(_overrides(event, series, words)),
    )


def _overrides(event: Event, series: Series, words: _Words) -> Iterator[CalendarOverride]:
    """The occurrences with another time, length, title or place, or cancelled."""
    for original, one in deviations(event, series):
        yield CalendarOverride(
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
    title, body, place = (quote(value, safe="", errors="ignore") for value in (entry.summary, _link_text(entry), entry.location))
    google = {"dates": _google_dates(entry, start, end)}
    if entry.rrule and not (entry.exdates or entry.overrides or entry.rdates):
        google = {"dates": _google_dates(entry, entry.start, entry.end), "recur": written_rule(entry)}
    if not entry.all_day:
        google["ctz"] = entry.zone
    details = f"&details={body}" if body else ""
    text = f"&body={body}" if body else ""
    location = f"&location={place}" if place else ""
    outlook = f"subject={title}&{_query(_outlook_dates(entry, start, end))}{text}{location}"
    compose = f"calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent&{outlook}"
    return AddToCalendar(
        ics=ics_url,
        google=f"https://calendar.google.com/calendar/render?action=TEMPLATE&text={title}&{_query(google)}{details}{location}",
        outlook=f"https://outlook.live.com/{compose}",
        office365=f"https://outlook.office.com/{compose}",
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


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


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
    """The query of an address, without what is empty. Spaces are %20: Outlook shows a plus sign as one."""
    return urlencode({name: value for name, value in values.items() if value}, quote_via=quote)
