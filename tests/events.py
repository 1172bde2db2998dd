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
HOSTILE = [
    "\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT",
    "\nATTENDEE:mailto:x@example.org",
    "\rX-EVIL:1",
    "\u2028X-EVIL:1",
    "\u2029X-EVIL:1",
    "\x85X-EVIL:1",
    "\x0bX-EVIL:1\x0cX-EVIL:2",
    "END:VCALENDAR",
    '";X=1:"',
    "\\n\\,\\;\\\\",
    "\\",
    ";,:",
    "]]></script>",
    "\x00\x1f\x7f",
    "🎉" * 40,
    "^n^'^^",
    "\ufeff",
    "e\u0301\u0328" * 40,  # marks that belong to the letter before, where a line is folded
    "\u202eabc\u202c \u0634\u0643\u0631\u0627 \u05e9\u05dc\u05d5\u05dd\u200f",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3fd" * 9,
    "w\u00f6rd" * 2_500,  # ten thousand characters without a space
    "\r",
    "\n",
    "\r\n\r\n ",
    " \t ",
    "DTSTART:20260101T000000Z",
    ':;,"',
]
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


def plain(value: str) -> str:
    """What may come back of a text: its newlines all the same, without control characters and halves of characters."""
    value = value.replace("\r\n", "\n")
    value = "".join("\n" if c in "\n\r\x85\u2028\u2029" else c for c in value)
    return "".join(c for c in value if c in "\n\t" or not (c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff"))
