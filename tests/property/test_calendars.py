"""Laws of calendar files: whatever is written comes back from somebody else's parser, and nothing in it can become more."""

from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iopsgen.assemble.events import resolve_event
from iopsgen.calendar_lint import lint
from iopsgen.contentlines import folded, text, unescaped, unfolded
from iopsgen.model import Change, Event, EventFields, Moment, Pause, Rule
from iopsgen.outputs.calendars import calendar, vevent
from iopsgen.views import CalendarEntry, CalendarView
from iopsgen.vtimezone import vtimezone
from iopsgen.zones import zone
from tests.events import HOSTILE, NOW, STAMP, make_entry, plain

FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=400, deadline=None)

NASTY = st.sampled_from(HOSTILE)
TEXTS = st.lists(st.one_of(st.text(max_size=60), NASTY), min_size=1, max_size=5).map("".join)


@MANY
@given(st.one_of(TEXTS, st.text(st.characters(codec=None), max_size=40)))
def test_text_comes_back(value: str) -> None:
    """A text, escaped, folded, unfolded and unescaped by `icalendar` and by ourselves, is the text again."""
    data = folded(f"SUMMARY:{text(value)}")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert [unescaped(line.value) for line in unfolded(data)] == [plain(value)]
    theirs = icalendar.Event.from_ical(b"BEGIN:VEVENT\r\n" + data + b"END:VEVENT\r\n")
    assert str(theirs["SUMMARY"]) == plain(value)
    assert len(theirs.property_items(recursive=False)) == 3


@FEW
@given(
    summary=TEXTS,
    description=TEXTS,
    location=TEXTS,
    category=TEXTS,
    uid=TEXTS,
    organizer=TEXTS,
    url=TEXTS,
    picture=TEXTS,
    name=TEXTS,
)
def test_nothing_becomes_more(
    summary: str, description: str, location: str, category: str, uid: str, organizer: str, url: str, picture: str, name: str
) -> None:
    """Whatever stands in the text fields of an event, each comes back as it was, and the file holds no property besides."""
    entry = CalendarEntry(
        uid=f"1{uid}",
        summary=f"1{summary}",
        start=datetime(2026, 10, 28, 19, tzinfo=zone("Europe/London")),
        zone="Europe/London",
        stamp=STAMP,
        description=f"1{description}",
        location=f"1{location}",
        url=f"https://example.org/{url}",
        categories=(f"1{category}", "two"),
        conference=f"https://example.org/{url}",
        organizer=f"1{organizer}",
        organizer_email="a@example.org",
        picture=f"https://example.org/{picture}",
    )
    data = calendar(CalendarView(name=f"1{name}", description=f"1{name}", zone="Europe/London", entries=(entry,)))
    assert lint(data, "x") == []
    theirs = icalendar.Calendar.from_ical(data)
    assert unescaped(str(theirs["NAME"])) == unescaped(str(theirs["X-WR-CALNAME"])) == plain(f"1{name}")  # it knows neither
    assert [part.name for part in theirs.subcomponents] == ["VTIMEZONE", "VEVENT"]
    (event,) = theirs.events
    assert sorted(event.keys()) == sorted(
        "UID DTSTAMP LAST-MODIFIED SEQUENCE DTSTART STATUS SUMMARY LOCATION URL DESCRIPTION CATEGORIES CONFERENCE ORGANIZER IMAGE ATTACH".split()
    )
    assert [str(event[key]) for key in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION")] == [
        plain(f"1{value}") for value in (uid, summary, location, description)
    ]
    assert [str(one) for one in event["CATEGORIES"].cats] == [plain(f"1{category}"), "two"]
    assert str(event["ORGANIZER"]) == "mailto:a@example.org"
    assert not any(c in str(event["URL"]) for c in " \r\n\t")


# --- times ---------------------------------------------------------------------------------------------------------

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Dublin", "UTC"])
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=2",
        "FREQ=YEARLY",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    ]
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
LENGTHS = st.one_of(st.none(), st.integers(1, 20).map(lambda n: timedelta(minutes=30 * n)))


@st.composite
def events(draw: st.DrawFn) -> EventFields:
    """An event as written: timed or in days, single or with a rule and exceptions to it."""
    name = draw(ZONES)
    all_day = draw(st.booleans())
    first = draw(DAYS)
    start = Moment(
        wall=datetime.combine(first, time() if all_day else time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30])))),
        has_time=not all_day,
    )
    duration = draw(LENGTHS)
    if all_day:
        duration = timedelta(days=draw(st.integers(1, 2)))
    rule, changes = None, ()
    if draw(st.booleans()):
        rrule = draw(RULES)
        ends = draw(st.sampled_from(["never", "until", "count"]))
        near = st.integers(0, 60).map(lambda n: Moment(wall=datetime.combine(first + timedelta(days=n), time()), has_time=False))
        rule = Rule(
            rrule=rrule,
            until=first + timedelta(days=draw(st.integers(0, 200))) if ends == "until" else None,
            count=draw(st.integers(1, 30)) if ends == "count" else None,
            excluded=tuple(draw(st.lists(near, max_size=3))),
            added=tuple(draw(st.lists(near, max_size=2, unique_by=lambda m: m.wall))),
            pauses=tuple(
                Pause(first=first + timedelta(days=n), last=first + timedelta(days=n + 9))
                for n in draw(st.lists(st.integers(1, 90), max_size=1))
            ),
        )
        changes = tuple(
            Change(original=moment, cancelled=draw(st.booleans()), title=draw(st.sampled_from(["", "Other"])), note="room taken")
            for moment in draw(st.lists(near, max_size=2, unique_by=lambda m: m.wall))
        )
    return EventFields(
        source="content/events/a.md",
        title="Meeting",
        slug="a",
        start=start,
        duration=duration,
        repeat=rule,
        changes=changes,
        timezone=name,
    )


def resolved(fields: EventFields) -> Event:
    """The event in its place."""
    event, _ = resolve_event(
        fields,
        slug="a",
        route="/events/a/",
        language="en",
        zone=fields.timezone,
        chapter="",
        venue=None,
        organisers=(),
        site_host="example.org",
        horizon_end=date(2028, 1, 1),
        now=NOW,
    )
    return event


LAST = "2027-12-20"


def seen(data: bytes) -> list[tuple[str, str, str]]:
    """Start, end and title of what `recurring-ical-events` sees up to 2028."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(date(2026, 1, 1), date(2027, 12, 31))
    return sorted((moment(one["DTSTART"].dt), moment(one["DTEND"].dt), str(one["SUMMARY"])) for one in found)


def moment(when: datetime | date) -> str:
    """UTC to the minute, or the day."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}" if isinstance(when, datetime) else when.isoformat()


@FEW
@given(events())
def test_every_occurrence_comes_back(fields: EventFields) -> None:
    """What the site shows of any event is what a foreign reader sees of its file, and the linter has nothing to say."""
    event = resolved(fields)
    data = calendar(CalendarView(zone=event.zone, entries=(make_entry(event),)))
    assert lint(data, "x") == []
    wanted = []
    for one in event.occurrences:
        end = one.end or one.start
        if not isinstance(end, datetime):
            end += timedelta(days=1)
        if moment(one.start) < LAST:
            wanted.append((moment(one.start), moment(end), ("Cancelled: " if one.cancelled else "") + (one.title or "Meeting")))
    assert [one for one in seen(data) if one[0] < LAST] == sorted(wanted)


@FEW
@given(events(), events())
def test_calendars_hold_their_events(one: EventFields, other: EventFields) -> None:
    """A calendar is its zones and the bytes of its events, in the order given, and says so the same way every time."""
    entries = (make_entry(resolved(one)), make_entry(resolved(other)))
    data = calendar(CalendarView(name="x", entries=entries))
    assert data == calendar(CalendarView(name="x", entries=entries))
    assert data.endswith(vevent(entries[0]) + vevent(entries[1]) + b"END:VCALENDAR\r\n")
    assert data.count(b"BEGIN:VTIMEZONE") == len({entry.zone for entry in entries if not entry.all_day})


@pytest.mark.parametrize("first", [1975, 1990, 2012, 2030])
@FEW
@given(name=st.sampled_from(["Africa/Casablanca", "Europe/London", "Asia/Gaza", "America/Nuuk", "Asia/Kathmandu", "Europe/Moscow"]))
def test_zones_are_sound(first: int, name: str) -> None:
    """Whatever the first year, a zone is valid, begins before that year, and always comes out the same."""
    data = vtimezone(name, first)
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
    assert lint(head + data + b"END:VCALENDAR\r\n", "x") == []
    starts = [line.value for line in unfolded(data) if line.name == "DTSTART"]
    assert min(starts) <= f"{first}0101T000000"
    assert starts == sorted(starts)
