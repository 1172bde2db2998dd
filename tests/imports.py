"""Calendar files for tests: what becomes of them on a site, and what other people's programs see on both sides."""

import re
from datetime import UTC, date, datetime

from iopsgen.assemble.events import resolve_event
from iopsgen.calendar_files.convert import Converted, convert
from iopsgen.calendar_files.details import Surroundings
from iopsgen.calendar_files.drafts import Draft, write_source
from iopsgen.model import Event, EventFields, Venue
from iopsgen.outputs.calendar_entries import calendar_entry
from iopsgen.outputs.calendars import calendar
from iopsgen.problems import Problem
from iopsgen.read.content import Context, read_source
from iopsgen.settings import MarkdownSettings
from iopsgen.views import CalendarView
from iopsgen.vtimezone import vtimezone
from tests.interop.readers import Seen, read_icalendar

ZONE = "Europe/Berlin"
AROUND = Surroundings(zone=ZONE)
FROM, TO = datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
HORIZON = date(2029, 2, 1)
_NOW = datetime(2026, 1, 10, tzinfo=UTC)
_STAMP = datetime(2026, 1, 1, tzinfo=UTC)
_CONTEXT = Context(markdown=MarkdownSettings(), language="en", languages=("en",))


def file_of(*events: str, head: str = "", zones: tuple[str, ...] = (ZONE,)) -> bytes:
    """A calendar file: each event as lines with `|` between them, a UID, a title and a stamp added where there are none."""
    parts = []
    for number, event in enumerate(events, 1):
        lines = [line for line in event.strip().strip("|").split("|") if line]
        for name, usual in (("UID", f"event-{number}@example.net"), ("SUMMARY", "Meeting"), ("DTSTAMP", "20260101T000000Z"), ("STATUS", "CONFIRMED")):
            if not any(re.match(rf"{name}[;:]", line) for line in lines):
                lines.insert(0, f"{name}:{usual}")
        parts.append("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]) + "\r\n")
    top = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\n" + "".join(f"{line}\r\n" for line in head.split("|") if line)
    body = "".join(vtimezone(zone, 2024).decode() for zone in zones) + "".join(parts)
    return f"{top}{body}END:VCALENDAR\r\n".encode()


def read_draft(draft: Draft) -> tuple[Event | None, list[Problem]]:
    """The event that a site makes of a draft, and all that is wrong with it."""
    data = write_source(draft.keys, draft.body).encode()
    reading = read_source("content/events/imported.md", data, {}, _CONTEXT)
    if not isinstance(reading.fields, EventFields):
        return None, list(reading.problems)
    fields = reading.fields
    event, problems = resolve_event(
        fields,
        slug="imported",
        route="/events/imported/",
        language="en",
        zone=fields.timezone or ZONE,
        chapter="",
        venue=fields.venue if isinstance(fields.venue, Venue) else None,
        organisers=(),
        site_host="example.org",
        horizon_end=HORIZON,
        now=_NOW,
    )
    return event, [*reading.problems, *problems]


def calendar_of(converted: Converted) -> bytes:
    """The site's own calendar of what was made of a file. Fails where a draft holds an error."""
    entries = []
    for draft in converted.drafts:
        event, problems = read_draft(draft)
        assert event is not None and not [p for p in problems if p.severity == "error"], (problems, write_source(draft.keys, draft.body))
        entry = calendar_entry(event, page_address="https://example.org/events/imported/", stamp=_STAMP)
        assert entry is not None
        entries.append(entry)
    return calendar(CalendarView(name="Site", address="https://example.org/", entries=tuple(entries)))


def seen(data: bytes) -> list[tuple[str, str, str, str]]:
    """What a foreign reader makes of a calendar: start, end, title and status of each occurrence, in order."""
    return sorted(_plain(one) for one in read_icalendar(data, FROM, TO))


def _plain(one: Seen) -> tuple[str, str, str, str]:
    title = re.sub("^(Cancelled|Tentative): ", "", one.summary)
    return one.start, one.end if one.end != one.start else "", title, one.status


def converted(data: bytes, around: Surroundings = AROUND) -> Converted:
    """What a file comes to."""
    return convert(data, "partner.ics", around)
