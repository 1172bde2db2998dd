"""Events for tests, from front matter as volunteers write it to the entry that calendars hold."""

from datetime import UTC, date, datetime

from iopsgen.assemble.events import resolve_event
from iopsgen.model import Event, EventFields, Venue
from iopsgen.outputs.calendar_entries import calendar_entry
from iopsgen.read.content import Context, read_source
from iopsgen.settings import MarkdownSettings
from iopsgen.views import CalendarEntry

STAMP = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_CONTEXT = Context(markdown=MarkdownSettings(), language="en", languages=("en",))


def make_event(
    front: str, *, source: str = "content/events/welcome.md", zone: str = "Europe/London", horizon: date = date(2028, 6, 1)
) -> Event:
    """The event that a front matter comes to; a title is added if there is none. Fails if it holds an error."""
    title = "" if front.startswith("title:") or "\ntitle:" in front else "title: Meeting\n"
    reading = read_source(source, f"---\n{title}{front.strip()}\n---\n".encode(), {}, _CONTEXT)
    assert isinstance(reading.fields, EventFields), reading.problems
    fields = reading.fields
    event, problems = resolve_event(
        fields,
        slug=fields.slug,
        route="/events/welcome/",
        language="en",
        zone=fields.timezone or zone,
        chapter="",
        venue=fields.venue if isinstance(fields.venue, Venue) else None,
        organisers=(),
        site_host="example.org",
        horizon_end=horizon,
        now=NOW,
    )
    assert not [problem for problem in problems if problem.severity == "error"], problems
    return event


def make_entry(event: Event) -> CalendarEntry:
    """The entry of an event that has a day."""
    entry = calendar_entry(event, page_address="https://example.org/events/welcome/", stamp=STAMP, description="Come and see.")
    assert entry is not None
    return entry
