"""Laws of calendar files: whatever is written comes back from somebody else's parser, and nothing in it can become more."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import msgspec
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iopsgen.assemble.events import resolve_event
from iopsgen.calendar_lint import lint
from iopsgen.contentlines import folded, text, unescaped, unfolded
from iopsgen.model import Change, Event, EventFields, Moment, Pause, Rule, Venue
from iopsgen.outputs.calendar_entries import calendar_entry
from iopsgen.outputs.calendars import calendar, vevent
from iopsgen.views import CalendarEntry, CalendarView
from iopsgen.vtimezone import vtimezone
from iopsgen.zones import zone
from tests.events import HOSTILE, NOW, STAMP, make_entry, make_event, plain
from tests.interop.agreement import differences, skips_an_hour
from tests.interop.readers import Texts, read_libical, texts_icaljs, texts_libical

FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=400, deadline=None)
PROPERTIES = frozenset(
    "UID DTSTAMP LAST-MODIFIED SEQUENCE DTSTART DTEND RRULE EXDATE RECURRENCE-ID STATUS SUMMARY LOCATION URL DESCRIPTION CONFERENCE".split()
)

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


@st.composite
def written(draw: st.DrawFn) -> Event:
    """An event in its place, every text of which may be hostile."""
    fields = draw(events())
    name = st.one_of(TEXTS, st.just(""), st.just("Plain"))
    link = st.one_of(st.just(""), TEXTS.map("https://example.org/{}".format))

    def venue() -> Venue | None:
        return draw(st.one_of(st.none(), st.builds(Venue, name=TEXTS, address=name, city=name)))

    changes = tuple(
        msgspec.structs.replace(change, title=draw(name), note=draw(name), venue=venue(), online=draw(link)) for change in fields.changes
    )
    status = draw(st.sampled_from(["scheduled", "cancelled", "postponed", "moved-online"]))
    fields = msgspec.structs.replace(fields, title=f"1{draw(TEXTS)}", reason=draw(name), online=draw(link), status=status, changes=changes)
    return msgspec.structs.replace(resolved(fields), venue=venue())


def texts_of(summary: str, description: str, location: str) -> Texts:
    """The texts as any reader should give them, but for blanks around them: libical drops some."""
    return Texts(*(plain(value).strip() for value in (summary, description, location)))


def stripped(found: Iterable[Texts]) -> list[Texts]:
    """The same of what a reader gave."""
    return [Texts(*(value.strip() for value in texts)) for texts in found]


@FEW
@given(written())
def test_a_whole_event_comes_back(event: Event) -> None:
    """Title, description and place of an event and of each changed date are in Python and for libical what they were, and no more."""
    entry = calendar_entry(event, page_address="https://example.org/", stamp=STAMP, description="Come\r\nand see.")
    if entry is None:
        assert not event.occurrences
        return
    data = calendar(CalendarView(name="x", zone=event.zone, entries=(entry,)))
    assert [problem for problem in lint(data, "x") if problem.severity == "error"] == []
    own = texts_of(entry.summary, entry.description, entry.location)
    changed = {texts_of(one.summary, one.description or entry.description, one.location or entry.location) for one in entry.overrides}
    theirs = icalendar.Calendar.from_ical(data)
    python = stripped(Texts(*(str(part.get(name, "")) for name in ("SUMMARY", "DESCRIPTION", "LOCATION"))) for part in theirs.walk("VEVENT"))
    assert set(python) - {own} == changed - {own}
    assert stripped(texts_libical(data)) == python
    assert {str(part["UID"]).rpartition("-")[2] for part in theirs.walk("VEVENT")} == {event.uid}
    assert {part.name for part in theirs.subcomponents} <= {"VTIMEZONE", "VEVENT"}
    assert all(set(part) <= PROPERTIES for part in theirs.walk("VEVENT"))


def test_many_events_come_back_in_icaljs() -> None:
    """The same for ical.js, which is asked once for many events whose texts are put together by chance."""
    chance = random.Random("calendars")

    def any_text() -> str:
        return "".join(chance.choices([*HOSTILE, "word ", "; ", ", ", ": ", "\\"], k=chance.randint(1, 6)))

    plain_entry = make_entry(make_event("start: 2026-10-28 19:00\nrepeat: weekly, 2 times\nchanges:\n  2026-11-04: {title: Other}"))
    entries = []
    for n in range(60):
        other = msgspec.structs.replace(plain_entry.overrides[0], summary=f"2{any_text()}", description=f"2{any_text()}", location=f"2{any_text()}")
        texts = {"summary": f"1{any_text()}", "description": f"1{any_text()}", "location": f"1{any_text()}"}
        entries.append(msgspec.structs.replace(plain_entry, uid=f"{n}@example.org", overrides=(other,), **texts))
    data = calendar(CalendarView(name=any_text(), zone="Europe/London", entries=tuple(entries)))
    assert stripped(texts_icaljs(data)) == [
        texts_of(one.summary, one.description, one.location) for entry in entries for one in (entry, *entry.overrides)
    ]


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
    """What the site shows of any event is what two foreign readers see of its file, and the linter finds no error."""
    event = resolved(fields)
    entry = calendar_entry(event, page_address="https://example.org/events/welcome/", stamp=STAMP)
    data = calendar(CalendarView(zone=event.zone, entries=(entry,) if entry else ()))
    assert [problem for problem in lint(data, "x") if problem.severity == "error"] == []
    start, end = datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 12, 20, tzinfo=UTC)
    if not skips_an_hour(event, end):  # which libical misreads
        assert differences(read_libical(data, start, end), [event], start, end) == {}
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
