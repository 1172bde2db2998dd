"""Writes iCalendar files (RFC 5545, 7986): whole calendars and single events, byte by byte as clients read them."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from iopsgen.contentlines import folded, parameter, text, uri
from iopsgen.views import CalendarEntry, CalendarOverride, CalendarView, Day, Shared
from iopsgen.vtimezone import shift_days, vtimezone
from iopsgen.zones import exists_once, zone

_PRODID = "-//iopsgen//iopsgen//EN"  # without a version, so that an upgrade changes no calendar
_REFRESH = "PT12H"
_LAST_YEAR, _FARTHEST = 2037, 2100  # zones are written up to the first, or to the last date in the calendar, but not beyond the second
_EMPTY_SINCE = 2020  # first year of the zone in a calendar without events
_IMAGE_TYPES = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp", "avif": "avif", "gif": "gif", "svg": "svg+xml"}
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_NOT_IN_RULE = re.compile(r"[^A-Z0-9=;,+-]")
_KEPT = 50_000  # serialised events kept for the next calendar that holds them

_written: dict[str, bytes] = {}


def calendar(view: CalendarView) -> bytes:
    """A whole file: one VCALENDAR with a VTIMEZONE for every zone used, then the events in the order given.

    A view without a name is the download of a single event: it does not name a calendar and asks for no refresh.
    """
    events = [vevent(entry) for entry in view.entries]
    zones = _zones(entry.view if isinstance(entry, Shared) else entry for entry in view.entries)
    if not events:
        zones = [vtimezone(view.zone or "Etc/UTC", _EMPTY_SINCE)]
    return b"".join([b"BEGIN:VCALENDAR\r\n", *map(folded, _header(view)), *zones, *events, b"END:VCALENDAR\r\n"])


def vevent(entry: Shared[CalendarEntry] | CalendarEntry) -> bytes:
    """The VEVENTs of one event, serialised once and kept for all calendars that share it.

    The first is the event, or the series with its rule. Each override follows as a VEVENT of its own with a RECURRENCE-ID
    (RFC 5545, 3.8.4.4). Dates off the rule (`rdates`) follow as events of their own, with a UID made from the event's and
    the date, and not as RDATE: Outlook drops a whole event that has RDATE and no RRULE, Google does not show an RDATE
    after the last date of the rule, and several others know DTSTART alone.
    """
    if not isinstance(entry, Shared):
        return _serialise(entry)
    found = _written.get(entry.digest)
    if found is None:
        if len(_written) >= _KEPT:
            _written.clear()
        found = _written[entry.digest] = _serialise(entry.view)
    return found


def written_rule(entry: CalendarEntry) -> str:
    """The RRULE line of a series, with its end (RFC 5545, 3.8.5.3)."""
    end = ""
    if entry.until:
        end = f";UNTIL={_until(entry, entry.until)}"
    elif entry.count:
        end = f";COUNT={entry.count}"
    return f"RRULE:{_NOT_IN_RULE.sub('', entry.rrule)}{end}"


# --- the calendar --------------------------------------------------------------------------------------------------


def _header(view: CalendarView) -> list[str]:
    """The properties of the calendar itself (RFC 5545, 3.7; RFC 7986, 5)."""
    lines = ["VERSION:2.0", f"PRODID:{_PRODID}", "CALSCALE:GREGORIAN"]
    if not view.name:
        return lines
    name, description = text(view.name), text(view.description)
    lines += [f"NAME:{name}", f"X-WR-CALNAME:{name}"]
    if description:
        lines += [f"DESCRIPTION:{description}", f"X-WR-CALDESC:{description}"]
    if view.address:
        lines.append(f"URL:{uri(view.address)}")
    if view.zone:
        lines.append(f"X-WR-TIMEZONE:{text(view.zone)}")
    if view.color.startswith("#"):
        lines.append(f"X-APPLE-CALENDAR-COLOR:{text(view.color)}")  # COLOR takes the names of CSS alone
    elif view.color:
        lines.append(f"COLOR:{text(view.color)}")
    return [*lines, f"REFRESH-INTERVAL;VALUE=DURATION:{_REFRESH}", f"X-PUBLISHED-TTL:{_REFRESH}"]


def _zones(entries: Iterable[CalendarEntry]) -> list[bytes]:
    """One VTIMEZONE for each zone in use, by name, from a year before its first use."""
    years: dict[str, tuple[int, int]] = {}
    for entry in entries:
        if entry.all_day:
            continue
        first, last = entry.start.year, (entry.end or entry.start).year
        if entry.until or entry.rdates or entry.overrides:
            further = _years(entry)
            first, last = min(first, *further), max(last, *further)
        known = years.get(entry.zone)
        if known is None or first < known[0] or last > known[1]:
            years[entry.zone] = (first, last) if known is None else (min(first, known[0]), max(last, known[1]))
    return [vtimezone(name, first - 1, min(max(last + 1, _LAST_YEAR), _FARTHEST)) for name, (first, last) in sorted(years.items())]


def _years(entry: CalendarEntry) -> list[int]:
    """The years that an event touches beyond those of its start and end."""
    moments = [*entry.rdates, *(override.start for override in entry.overrides)]
    return [moment.year for moment in ([entry.until] if entry.until else []) + moments]


# --- an event ------------------------------------------------------------------------------------------------------


def _serialise(entry: CalendarEntry) -> bytes:
    """All VEVENTs of an event."""
    if not (entry.rrule or entry.rdates or entry.overrides):
        return _component(entry, entry.uid, _span(entry, entry.start, entry.end))
    overrides = {_wall(entry, override.original): override for override in entry.overrides}
    parts = []
    if entry.rrule:
        parts.append(_component(entry, entry.uid, _span(entry, entry.start, entry.end, once=False) + _rule(entry)))
    else:
        override = overrides.pop(_wall(entry, entry.start), None) or _unchanged(entry, entry.start)
        parts.append(_override(entry, override, entry.uid, ""))
    apart = {_wall(entry, moment): moment for moment in entry.rdates}
    for original, override in sorted(overrides.items()):
        if original not in apart:
            parts.append(_override(entry, override, entry.uid, _moment(entry, "RECURRENCE-ID", override.original)))
    for wall, moment in apart.items():
        override = overrides.get(wall) or _unchanged(entry, moment)
        parts.append(_override(entry, override, f"{wall}-{entry.uid}", ""))
    return b"".join(parts)


def _component(entry: CalendarEntry, uid: str, times: str) -> bytes:
    """One VEVENT: `times` are its properties of time, as lines."""
    stamp = _utc(entry.stamp)
    created = f"CREATED:{_utc(entry.created)}\r\n" if entry.created else ""
    head = f"DTSTAMP:{stamp}\r\n{created}LAST-MODIFIED:{stamp}\r\nSEQUENCE:{entry.sequence}\r\n{times}STATUS:{entry.status}\r\n"
    lines = [f"UID:{text(uid)}", f"SUMMARY:{text(entry.summary)}"]
    location, description = text(entry.location), text(entry.description)
    if location.strip():  # libical takes a blank value for an error
        lines.append(f"LOCATION:{location}")
    if entry.geo:
        lines.append(f"GEO:{_degrees(entry.geo[0])};{_degrees(entry.geo[1])}")
    if entry.url:
        lines.append(f"URL:{uri(entry.url)}")
    if description.strip():
        lines.append(f"DESCRIPTION:{description}")
    if categories := ",".join(filter(None, map(text, entry.categories))):
        lines.append(f"CATEGORIES:{categories}")
    if entry.conference:
        lines.append(f"CONFERENCE;VALUE=URI:{uri(entry.conference)}")
    if entry.organizer_email and _MAILBOX.fullmatch(entry.organizer_email):
        name = f";CN={parameter(entry.organizer)}" if entry.organizer else ""
        lines.append(f"ORGANIZER{name}:mailto:{uri(entry.organizer_email)}")
    if entry.picture:
        lines += _picture(entry.picture)
    return b"".join([b"BEGIN:VEVENT\r\n", folded(lines[0]), head.encode(), *map(folded, lines[1:]), b"END:VEVENT\r\n"])


def _override(entry: CalendarEntry, override: CalendarOverride, uid: str, times: str) -> bytes:
    """The VEVENT of one occurrence that differs: the event with what the override changes."""
    changed = msgspec.structs.replace(
        entry,
        summary=override.summary or entry.summary,
        location=override.location or entry.location,
        geo=override.geo if override.location else entry.geo,
        url=override.url or entry.url,
        conference=override.conference or entry.conference,
        description=override.description or "\n\n".join(filter(None, (override.note, entry.description))),
        status="CANCELLED" if override.cancelled else entry.status,
    )
    return _component(changed, uid, times + _span(entry, override.start, override.end))


def _unchanged(entry: CalendarEntry, start: datetime | Day) -> CalendarOverride:
    """An occurrence at another time that differs in nothing else: it lasts as long as the event itself."""
    if entry.end is None or entry.all_day:
        end = None if entry.end is None else _day(start) + (_day(entry.end) - _day(entry.start))
        return CalendarOverride(original=start, start=start, end=end)
    length = _local(entry, entry.end).astimezone(UTC) - _local(entry, entry.start).astimezone(UTC)
    return CalendarOverride(original=start, start=start, end=(_local(entry, start).astimezone(UTC) + length).astimezone(zone(entry.zone)))


def _picture(address: str) -> list[str]:
    """A picture as IMAGE (RFC 7986, 5.10) and as ATTACH, which more clients show."""
    suffix = address.rpartition("?")[0] or address
    kind = _IMAGE_TYPES.get(suffix.rpartition(".")[2].lower())
    kind = f";FMTTYPE=image/{kind}" if kind else ""
    return [f"IMAGE;VALUE=URI{kind}:{uri(address)}", f"ATTACH{kind}:{uri(address)}"]


# --- times ---------------------------------------------------------------------------------------------------------


def _span(entry: CalendarEntry, start: datetime | Day, end: datetime | Day | None, once: bool = True) -> str:
    """DTSTART and DTEND: of an all-day event always both, of a timed one no end unless it comes after the start.

    Programs do not agree on local times that the clocks skip or repeat. Where no rule starts from them (`once`), a start or
    an end at such a time puts both into UTC, which also tells the second of two equal ones; one of each kind is misread too.
    """
    if entry.all_day:
        last = max(_day(start), _day(end)) if end else _day(start)
        return f"{_moment(entry, 'DTSTART', start)}DTEND;VALUE=DATE:{_basic(last + timedelta(days=1))}\r\n"
    moments = {"DTSTART": _local(entry, start)}
    if isinstance(start, datetime) and isinstance(end, datetime) and end.timestamp() > start.timestamp():
        moments["DTEND"] = _local(entry, end)
    if once and not all(map(_is_clear, moments.values())):
        return "".join(f"{name}:{_utc(moment)}\r\n" for name, moment in moments.items())
    return "".join(_moment(entry, name, moment) for name, moment in moments.items())


def _is_clear(moment: datetime) -> bool:
    """Whether the clocks of its zone show a time exactly once."""
    assert isinstance(moment.tzinfo, ZoneInfo)
    return moment.date() not in shift_days(moment.tzinfo.key, moment.year) or exists_once(moment)


def _rule(entry: CalendarEntry) -> str:
    """RRULE, and the dates left out: one EXDATE each, since not every client splits a list."""
    if not entry.rrule:
        return ""
    return f"{folded(written_rule(entry)).decode()}{''.join(_moment(entry, 'EXDATE', moment) for moment in entry.exdates)}"


def _until(entry: CalendarEntry, until: datetime | Day) -> str:
    """UNTIL: a date for all-day events, else UTC (RFC 5545, 3.3.10); a day alone lasts until its last second."""
    if entry.all_day:
        return _basic(_day(until))
    if isinstance(until, datetime):
        return _utc(until)
    return _utc(datetime.combine(until, time(23, 59, 59), zone(entry.zone)))


def _moment(entry: CalendarEntry, name: str, moment: datetime | Day) -> str:
    """A property line that holds a date, or a local time with its zone."""
    if entry.all_day:
        return f"{name};VALUE=DATE:{_basic(_day(moment))}\r\n"
    return f"{name};TZID={parameter(entry.zone)}:{_basic(_local(entry, moment))}\r\n"


def _wall(entry: CalendarEntry, moment: datetime | Day) -> str:
    """A start as it is written, for matching one with another."""
    return _basic(_day(moment)) if entry.all_day else _basic(_local(entry, moment))


def _local(entry: CalendarEntry, moment: datetime | Day) -> datetime:
    """A moment on the wall clock of the event's zone; a day alone is its midnight."""
    its = zone(entry.zone)
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), its)
    return moment if moment.tzinfo is its else moment.astimezone(its) if moment.tzinfo else moment.replace(tzinfo=its)


def _day(moment: datetime | Day) -> date:
    """The day of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def _basic(moment: datetime | Day) -> str:
    """`20261028` or `20261028T190000`."""
    if isinstance(moment, datetime):
        return moment.isoformat("T", "seconds")[:19].replace("-", "").replace(":", "")
    return moment.isoformat().replace("-", "")


def _utc(moment: datetime) -> str:
    """`20261028T180000Z`."""
    return f"{_basic(moment.astimezone(UTC))}Z"


def _degrees(value: float) -> str:
    """Degrees with six decimals at most (RFC 5545, 3.8.1.6)."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
