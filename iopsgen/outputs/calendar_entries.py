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
_SEVERAL_A_DAY = re.compile("BY(HOUR|MINUTE|SECOND)")
_LONGEST_LINK_TEXT = 600  # characters of a description that still fit into a link


class CalendarLinks(NamedTuple):
    """Ways to subscribe to a calendar: for the programs of a machine, for Google Calendar, for Outlook.com."""

    webcal: str
    google: str
    outlook: str


class _Series(msgspec.Struct, frozen=True, kw_only=True):
    """When an event takes place: its rule if it has one, when its first date starts and ends, and how many dates the rule gives.

    `left_out` are dates of the rule that do not take place or stand among `apart`, the dates that are events of their own.
    """

    rule: Rule | None
    start: datetime | Day
    end: datetime | Day | None
    count: int | None
    left_out: tuple[datetime | Day, ...]
    apart: tuple[datetime | Day, ...]


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
    return msgspec.structs.replace(
        _entry(event, _series(event, event.start), words, stamp),
        created=created,
        categories=categories,
        organizer=organizer if organizer_email else "",
        organizer_email=organizer_email,
        picture=picture,
    )


def _entry(event: Event, series: _Series, words: _Words, stamp: datetime) -> CalendarEntry:
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
        rrule=_explicit(series.rule, series.start) if series.rule else "",
        until=_until(event, series.rule, series) if series.rule else None,
        count=series.count,
        rdates=series.apart,
        exdates=series.left_out,
        overrides=tuple(_overrides(event, series, words)),
    )


def _overrides(event: Event, series: _Series, words: _Words) -> Iterator[CalendarOverride]:
    """The occurrences with another time, length, title or place, or cancelled."""
    apart = {_key(one) for one in series.apart}
    usual = _lengths(series.start, series.end)
    for one in event.occurrences:
        if one.changed or _lengths(one.start, one.end) != usual:
            original = _original(one)
            yield CalendarOverride(
                original=original if _key(original) in apart else _ruled(original, event),
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


# --- times ---------------------------------------------------------------------------------------------------------


def _series(event: Event, start: datetime | Day) -> _Series:
    """When the event takes place: from the first date that is not left out, as long as most of its dates last.

    Where the clocks skip or repeat a date's start or end, programs do not agree on when it is. Such a date is taken out of
    the rule and becomes an event of its own, which can be written in UTC.
    """
    rule = event.fields.repeat
    added = {_key(one) for one in event.added}
    plain: list[Occurrence] = []
    unclear: list[Occurrence] = []
    for one in event.occurrences:
        if not (added and _key(_original(one)) in added):
            (unclear if rule and _is_unclear(one, event) else plain).append(one)
    if not plain:
        plain, unclear = unclear, []
    begin = min(map(_original, plain), default=start)
    lengths = Counter(_lengths(one.start, one.end)[0] for one in event.occurrences if not one.changed)
    usual = max(lengths, key=lambda length: lengths[length]) if lengths else _lengths(start, event.end)[0]
    taken_out = [_original(one) for one in unclear]
    left_out = sorted((_ruled(one, event) for one in (*event.left_out, *taken_out)), key=_key)
    skipped = sum(_key(one) < _key(begin) for one in left_out)
    return _Series(
        rule=rule,
        start=begin,
        end=_later(begin, usual),
        count=rule.count - skipped if rule and rule.count else None,
        left_out=tuple(left_out[skipped:]),
        apart=tuple(sorted((*event.added, *taken_out), key=_key)),
    )


def _is_unclear(one: Occurrence, event: Event) -> bool:
    """Whether the clocks skip or repeat the original start of an occurrence, its start or its end."""
    original = _original(one)
    if not isinstance(original, datetime):
        return False
    ends = (one.start, one.end) if one.changed else (one.end,)
    moments = [original, *(moment for moment in ends if isinstance(moment, datetime))]
    if not any(moment.date() in shift_days(event.zone, moment.year) for moment in moments):
        return False
    return not all(map(exists_once, moments)) or _ruled(original, event) != original


def _explicit(rule: Rule, start: datetime | Day) -> str:
    """The rule; a day that is not in every month stands in it, since some programs take the next day where it is missing."""
    if start.day <= 28 or "BY" in rule.rrule:
        return rule.rrule
    if "FREQ=YEARLY" in rule.rrule:
        return f"{rule.rrule};BYMONTH={start.month};BYMONTHDAY={start.day}"
    return f"{rule.rrule};BYMONTHDAY={start.day}" if "FREQ=MONTHLY" in rule.rrule else rule.rrule


def _until(event: Event, rule: Rule, series: _Series) -> datetime | Day | None:
    """The last possible start: the first one's time on the last day, so that clients that see a day alone see the right one."""
    if rule.until is None or rule.count:
        return None
    if not isinstance(series.start, datetime) or _SEVERAL_A_DAY.search(rule.rrule):
        return rule.until
    return resolve(datetime.combine(rule.until, series.start.time()), event.zone).moment


def _ruled(moment: datetime | Day, event: Event) -> datetime | Day:
    """A date of the rule with the wall clock that the rule gives, also where the clocks skip it and the site shows a later one."""
    begin = event.start
    if not isinstance(moment, datetime) or not isinstance(begin, datetime):
        return moment
    digits = moment.replace(hour=begin.hour, minute=begin.minute, second=begin.second, fold=0)
    return digits if _key(digits) == _key(moment) else moment


def _original(one: Occurrence) -> datetime | Day:
    """The start that the rule gave."""
    return one.start if one.original is None else one.original


def _key(moment: datetime | Day) -> float:
    """For comparing: as time passes, since a wall clock that is skipped and the one that shows the same moment are equal."""
    return moment.timestamp() if isinstance(moment, datetime) else moment.toordinal()


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _lengths(start: datetime | Day, end: datetime | Day | None) -> tuple[timedelta | None, timedelta | None]:
    """From start to end as time passes, and by the wall clock: RFC 5545 repeats the former, most programs the latter."""
    if end is None:
        return None, None
    if isinstance(start, datetime) and isinstance(end, datetime):
        before, after = start.utcoffset(), end.utcoffset()
        wall = end - start if end.tzinfo is start.tzinfo else end.replace(tzinfo=None) - start.replace(tzinfo=None)
        return (wall if before is None or after is None else wall - (after - before)), wall
    return _day(end) - _day(start), None


def _later(start: datetime | Day, length: timedelta | None) -> datetime | Day | None:
    """That much time later."""
    if length is None or not isinstance(start, datetime):
        return None if length is None else start + length
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


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
