"""Calendar files and the links that add events: what each line says, and what hostile text cannot do."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from iopsgen.calendar_lint import lint
from iopsgen.contentlines import folded, parameter, text, unescaped, unfolded, uri
from iopsgen.model import Venue
from iopsgen.outputs.calendar_entries import add_to_calendar, calendar_entry, calendar_links, venue_line
from iopsgen.outputs.calendars import calendar, vevent
from iopsgen.views import CalendarEntry, CalendarOverride, CalendarView, Shared
from iopsgen.zones import zone
from tests.events import STAMP, make_entry, make_event

LONDON = zone("Europe/London")


def entry(**changes: object) -> CalendarEntry:
    """A plain entry with some fields changed."""
    plain: dict[str, object] = {
        "uid": "1@example.org",
        "summary": "Meeting",
        "start": datetime(2026, 10, 28, 19, tzinfo=LONDON),
        "end": datetime(2026, 10, 28, 21, tzinfo=LONDON),
        "zone": "Europe/London",
        "stamp": STAMP,
    }
    return CalendarEntry(**{**plain, **changes})  # type: ignore[arg-type]


def lines(made: CalendarEntry | str, name: str) -> list[str]:
    """The lines of an entry's VEVENTs that begin with a property's name, unfolded."""
    made = make_entry(make_event(made)) if isinstance(made, str) else made
    unwrapped = vevent(made).replace(b"\r\n ", b"").decode().split("\r\n")
    return [line for line in unwrapped if line.split(":")[0].split(";")[0] == name]


# --- lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        ("a; b, c\\d", "a\\; b\\, c\\\\d"),
        ("one\ntwo\r\nthree\rfour", "one\\ntwo\\nthree\\nfour"),
        ("one\u2028two\u2029three\x85four", "one\\ntwo\\nthree\\nfour"),
        ("a\x00b\x07c\x1bd\x7fe\x9ff\x0bg", "abcdefg"),
        ("tab\tstays, and\u00a0so does this", "tab\tstays\\, and\u00a0so does this"),
        ("\ud800half", "half"),
        ("\\n", "\\\\n"),
    ],
)
def test_text(plain: str, escaped: str) -> None:
    """Backslash, semicolon, comma and every newline are escaped; other control characters and half characters are dropped."""
    assert text(plain) == escaped


def test_parameter() -> None:
    """A parameter is quoted where it must be, and cannot end itself."""
    assert parameter("Anna") == "Anna"
    assert parameter("Anna: Berlin; Bonn") == '"Anna: Berlin; Bonn"'
    assert parameter("back\\") == "back/"
    assert parameter('The "A"\r\nATTENDEE:x') == "\"The 'A' ATTENDEE:x\""


def test_uri() -> None:
    """An address cannot end its line; what is no part of one is percent-encoded, what is encoded already stays."""
    assert uri("https://example.org/a?b=c;d,e%20f#g") == "https://example.org/a?b=c;d,e%20f#g"
    assert uri("https://example.org/a b\r\nX:1") == "https://example.org/a%20b%0D%0AX:1"
    assert uri("https://example.org/über") == "https://example.org/%C3%BCber"


@pytest.mark.parametrize("value", ["x" * 400, "ü" * 200, "\\;" * 200, "\\" * 401, "🎉" * 90, "a\\,üö🎉" * 60])
def test_folding(value: str) -> None:
    """Lines have at most 75 octets, are cut neither inside a character nor inside an escape, and unfold to what they were."""
    line = "SUMMARY:" + value.replace("\\" * 401, "\\" * 400)
    data = folded(line)
    assert data.endswith(b"\r\n")
    pieces = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(len(piece) > 70 for piece in pieces[:-1])
    assert all((len(piece) - len(piece.rstrip(b"\\"))) % 2 == 0 for piece in pieces)
    assert "".join(piece.decode().removeprefix(" " if n else "") for n, piece in enumerate(pieces)) == line


def test_unfolding() -> None:
    """Lines are read back with their parameters and the number of the line they start on, whatever their ends are."""
    read = list(unfolded(b'A;X="1:2;3";Y=4,"5":va\r\n lue\n\nB:\\,\\;\\\\\\n\rC\r\n'))
    assert [(line.name, line.parameters, line.value, line.number) for line in read[:2]] == [
        ("A", {"X": '"1:2;3"', "Y": '4,"5"'}, "value", 1),
        ("B", {}, "\\,\\;\\\\\\n", 4),
    ]
    assert unescaped(read[1].value) == ",;\\\n"
    assert read[2].malformed


# --- calendars -----------------------------------------------------------------------------------------------------


def test_subscription() -> None:
    """A calendar to subscribe to says its name twice, its zone, how often to ask again, and has no METHOD; zones come first."""
    view = CalendarView(
        name="River; friends",
        description="All, of us",
        address="https://example.org/",
        zone="Europe/London",
        color="teal",
        entries=(entry(),),
    )
    data = calendar(view)
    assert data.decode().startswith(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//iopsgen//iopsgen//EN\r\nCALSCALE:GREGORIAN\r\n"
        "NAME:River\\; friends\r\nX-WR-CALNAME:River\\; friends\r\nDESCRIPTION:All\\, of us\r\nX-WR-CALDESC:All\\, of us\r\n"
        "URL:https://example.org/\r\nX-WR-TIMEZONE:Europe/London\r\nCOLOR:teal\r\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\nX-PUBLISHED-TTL:PT12H\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"
    )
    assert data.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert b"METHOD" not in data
    assert lint(data, "calendar.ics") == []


def test_single_event_names_no_calendar() -> None:
    """The download of one event has no name and no refresh, so that importing it makes no calendar."""
    data = calendar(CalendarView(zone="Europe/London", entries=(entry(),)))
    assert not [word for word in (b"NAME", b"X-WR", b"REFRESH", b"PUBLISHED", b"METHOD") if word in data.replace(b"TZNAME", b"")]
    assert lint(data, "event.ics") == []


def test_one_zone_for_each_tzid() -> None:
    """Each zone in use is described once, from the year before its first use, and no other; days need none."""
    madrid = zone("Europe/Madrid")
    early = entry(uid="2", start=datetime(2012, 1, 1, 10, tzinfo=LONDON), end=None)
    other = entry(uid="3", start=datetime(2026, 5, 5, 10, tzinfo=madrid), end=None, zone="Europe/Madrid")
    day = entry(uid="4", start=date(2026, 5, 5), end=None, all_day=True, zone="Asia/Tokyo")
    data = calendar(CalendarView(name="x", zone="Asia/Tokyo", entries=(entry(), other, day, early))).decode()
    assert [line for line in data.split("\r\n") if line.startswith("TZID:")] == ["TZID:Europe/London", "TZID:Europe/Madrid"]
    assert data.rindex("END:VTIMEZONE") < data.index("BEGIN:VEVENT")
    assert "DTSTART:20100328T010000" in data  # London: the summer before 2011 begins
    assert "DTSTART:20240331T020000" in data  # Madrid


def test_zone_covers_moved_dates() -> None:
    """A zone begins before a date that an override moved into an earlier year."""
    moved = CalendarOverride(original=datetime(2026, 1, 7, 19, tzinfo=LONDON), start=datetime(2024, 1, 2, 19, tzinfo=LONDON))
    made = entry(start=datetime(2026, 1, 7, 19, tzinfo=LONDON), end=None, rrule="FREQ=WEEKLY", overrides=(moved,))
    assert lint(calendar(CalendarView(name="x", entries=(made,))), "x") == []


@pytest.mark.parametrize("name", ["", "Europe/London"])
def test_empty_calendar_holds_a_zone(name: str) -> None:
    """A calendar without events has a component all the same."""
    data = calendar(CalendarView(name="Empty", zone=name))
    assert data.count(b"BEGIN:VTIMEZONE") == 1
    assert lint(data, "calendar.ics") == []


def test_same_bytes_in_every_calendar() -> None:
    """An event is the same bytes in each calendar that shares it, and is serialised once."""
    made = Shared(entry(description="x" * 300))
    again = Shared(entry(description="x" * 300))
    assert vevent(made) is vevent(again)
    assert vevent(made) in calendar(CalendarView(name="A", entries=(made,)))
    assert vevent(made) in calendar(CalendarView(name="B", entries=(entry(uid="2"), again)))


# --- events --------------------------------------------------------------------------------------------------------


def test_properties() -> None:
    """All that is known of an event is there, in a form that is valid."""
    made = entry(
        description="Come",
        location="Firebox, London",
        geo=(51.5270001, -0.123),
        url="https://example.org/e/",
        categories=("talk, tea", "north"),
        conference="https://meet.example.org/x",
        organizer="London; crew",
        organizer_email="london@example.org",
        picture="https://example.org/a.JPG?x=1",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        sequence=3,
    )
    assert vevent(made).decode() == (
        "BEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20261001T083000Z\r\nCREATED:20260101T000000Z\r\n"
        "LAST-MODIFIED:20261001T083000Z\r\nSEQUENCE:3\r\n"
        "DTSTART;TZID=Europe/London:20261028T190000\r\nDTEND;TZID=Europe/London:20261028T210000\r\nSTATUS:CONFIRMED\r\n"
        "SUMMARY:Meeting\r\nLOCATION:Firebox\\, London\r\nGEO:51.527;-0.123\r\nURL:https://example.org/e/\r\nDESCRIPTION:Come\r\n"
        "CATEGORIES:talk\\, tea,north\r\nCONFERENCE;VALUE=URI:https://meet.example.org/x\r\n"
        'ORGANIZER;CN="London; crew":mailto:london@example.org\r\n'
        "IMAGE;VALUE=URI;FMTTYPE=image/jpeg:https://example.org/a.JPG?x=1\r\n"
        "ATTACH;FMTTYPE=image/jpeg:https://example.org/a.JPG?x=1\r\nEND:VEVENT\r\n"
    )


@pytest.mark.parametrize(
    "mailbox", ["", "London", "a@b", "a b@example.org", "a@example.org\r\nATTENDEE:mailto:x@example.org", "https://x.org"]
)
def test_organizer_needs_a_mailbox(mailbox: str) -> None:
    """Without a real mailbox there is no ORGANIZER."""
    assert lines(entry(organizer="London", organizer_email=mailbox), "ORGANIZER") == []


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("start: 2026-12-24", ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225"]),
        ("start: 2026-12-24\nend: 2026-12-27", ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261228"]),
        ("start: 2026-12-24\ntime: tba", ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225"]),
        ("start: 2026-12-24 19:00", ["DTSTART;TZID=Europe/London:20261224T190000"]),
        (
            "start: 2026-10-25T01:30:00+00:00\nend: 2026-10-25T03:00:00+00:00",  # the second half past one of that night
            ["DTSTART:20261025T013000Z", "DTEND:20261025T030000Z"],
        ),
    ],
)
def test_times(front: str, expected: list[str]) -> None:
    """Days have an exclusive end; a time without an end has none; where one of the two comes twice both are in UTC, else in their zone."""
    assert lines(front, "DTSTART") + lines(front, "DTEND") == expected


def test_end_that_does_not_follow() -> None:
    """An end before the start is left out of a timed event, and of an all-day event the first day remains."""
    assert lines(entry(end=datetime(2026, 10, 28, 19, tzinfo=LONDON)), "DTEND") == []
    assert lines(entry(all_day=True, start=date(2026, 5, 5), end=date(2026, 5, 4)), "DTEND") == ["DTEND;VALUE=DATE:20260506"]


@pytest.mark.parametrize(
    ("front", "summary", "status"),
    [
        ("start: 2026-12-24 19:00", "Meeting", "CONFIRMED"),
        ("start: 2026-12-24 19:00\nstatus: cancelled", "Cancelled: Meeting", "CANCELLED"),
        ("start: 2026-12-24 19:00\nstatus: postponed", "Postponed: Meeting", "TENTATIVE"),
        ("start: 2026-12-24 19:00\nstatus: tentative", "Tentative: Meeting", "TENTATIVE"),
        ("start: 2026-12-24 19:00\nstatus: moved-online\nonline: https://x.example.org/", "Online: Meeting", "CONFIRMED"),
        ("start: 2026-12-24\ntime: tba", "Time to be announced: Meeting", "CONFIRMED"),
        ("start: 2026-12-24\ntime: tba\nstatus: cancelled", "Cancelled: Meeting", "CANCELLED"),
    ],
)
def test_status(front: str, summary: str, status: str) -> None:
    """The status is both in STATUS and before the title, since many clients show no status."""
    assert lines(front, "SUMMARY") == [f"SUMMARY:{summary}"]
    assert lines(front, "STATUS") == [f"STATUS:{status}"]


def test_event_without_a_day_is_in_no_calendar() -> None:
    """An event whose day is not known has no entry."""
    event = make_event("start: 2026-12-24 19:00")
    undated = type(event)(**{**{f: getattr(event, f) for f in event.__struct_fields__}, "dated": False, "start": None})
    assert calendar_entry(undated, page_address="https://example.org/", stamp=STAMP) is None


def test_words_are_the_readers() -> None:
    """Prefixes, lines and places are in the language of the texts given, and the description ends with the page's address."""
    event = make_event(
        "title: Treffen\nstart: 2026-12-24 19:00\nstatus: cancelled\nreason: Sturm\nvenue: {name: Halle, city: Bonn, country: DE}\n"
        "online: https://meet.example.org/x\nregister: {url: 'https://example.org/r'}"
    )
    made = calendar_entry(
        event,
        page_address="https://example.org/treffen/",
        stamp=STAMP,
        title_prefixes={"cancelled": "Abgesagt: "},
        texts={"reason": "Grund: {}", "join": "Online: {}", "register": "Anmeldung: {}"},
        description="Kommt alle.",
        location=lambda venue: venue_line(venue, "Deutschland"),
    )
    assert made
    assert made.summary == "Abgesagt: Treffen"
    assert made.location == "Halle, Bonn, Deutschland"
    assert made.description == (
        "Grund: Sturm\n\nKommt alle.\n\nOnline: https://meet.example.org/x\n\nAnmeldung: https://example.org/r\n\nhttps://example.org/treffen/"
    )


def test_place() -> None:
    """The place is the venue; without one, and when it moved online, it is the address to join."""
    hybrid = "start: 2026-12-24 19:00\nvenue: {name: Hall, geo: [1.5, 2]}\nonline: https://meet.example.org/x"
    assert lines(hybrid, "LOCATION") == ["LOCATION:Hall"]
    assert lines(hybrid, "GEO") == ["GEO:1.5;2"]
    assert lines(hybrid, "CONFERENCE") == ["CONFERENCE;VALUE=URI:https://meet.example.org/x"]
    moved = hybrid + "\nstatus: moved-online"
    assert lines(moved, "LOCATION") == ["LOCATION:https://meet.example.org/x"]
    assert lines(moved, "GEO") == []


def test_venue_line() -> None:
    """A venue is one line without what is empty or said twice."""
    assert venue_line(Venue(name="Bonn", city="Bonn", country="DE")) == "Bonn, DE"
    assert venue_line(Venue(name="Hall", address="1 Street", city="Cardiff", country="GB"), "Wales") == "Hall, 1 Street, Cardiff, Wales"


# --- series --------------------------------------------------------------------------------------------------------

WEEKLY = "start: 2026-01-05 19:00\nend: 21:00\nrepeat: weekly"


@pytest.mark.parametrize(
    ("front", "rule"),
    [
        (WEEKLY, "FREQ=WEEKLY"),
        (f"{WEEKLY} until 2026-06-30", "FREQ=WEEKLY;UNTIL=20260630T180000Z"),
        (f"{WEEKLY}, 10 times", "FREQ=WEEKLY;COUNT=10"),
        (f"{WEEKLY}, 10 times, except 2026-01-19", "FREQ=WEEKLY;COUNT=10"),
        (f"{WEEKLY}, 10 times, except 2026-01-05, 2026-01-12, 2026-01-26", "FREQ=WEEKLY;COUNT=8"),
        ("start: 2026-05-01\nrepeat: yearly until 2030-05-01", "FREQ=YEARLY;UNTIL=20300501"),
        ("start: 2028-02-29\nrepeat: yearly", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
        ("start: 2026-01-31 19:00\nrepeat: monthly on day 31", "FREQ=MONTHLY;BYMONTHDAY=31"),
        ("start: 2026-01-05 19:00\nrrule: FREQ=DAILY;BYHOUR=19,20;UNTIL=20260630", "FREQ=DAILY;BYHOUR=19,20;UNTIL=20260630T225959Z"),
    ],
)
def test_rule(front: str, rule: str) -> None:
    """A rule ends with UNTIL in UTC or as a day, or with COUNT, which counts what is left out but not what stands before the start."""
    assert lines(front, "RRULE") == [f"RRULE:{rule}"]


def test_left_out_dates() -> None:
    """Each date of `except` and of a pause is an EXDATE like DTSTART; a series starts on its first date that is not left out."""
    front = f"{WEEKLY}, except 2026-01-05, 2026-02-02, pause 2026-03-10 to 2026-03-25"
    assert lines(front, "EXDATE") == [f"EXDATE;TZID=Europe/London:{day}T190000" for day in ("20260202", "20260316", "20260323")]
    assert lines(front, "DTSTART") == ["DTSTART;TZID=Europe/London:20260112T190000"]


def test_further_dates_are_events_of_their_own() -> None:
    """`also` and `dates` make VEVENTs with a UID from the event's and the original date, and no RDATE."""
    also = f"uid: a@b\n{WEEKLY}, also 2026-01-10 12:00"
    assert lines(also, "UID") == ["UID:a@b", "UID:20260110T120000-a@b"]
    assert lines(also, "RDATE") == []
    assert lines(also, "DTEND")[1] == "DTEND;TZID=Europe/London:20260110T140000"
    dates = "uid: a@b\ndates: [2026-03-03, 2026-04-09, 2026-05-09]\nchanges:\n  2026-04-09: {start: 2026-04-11}"
    assert lines(dates, "UID") == ["UID:a@b", "UID:20260409-a@b", "UID:20260509-a@b"]
    assert lines(dates, "DTSTART") == [f"DTSTART;VALUE=DATE:{day}" for day in ("20260303", "20260411", "20260509")]
    assert lines(dates, "RECURRENCE-ID") == []


def test_changes_are_overrides() -> None:
    """A changed date names its original start and carries what is new; a cancelled one stays, with status and prefix."""
    front = (
        f"{WEEKLY}\nvenue: {{name: Hall}}\nchanges:\n  2026-01-12: {{start: 2026-01-13 18:00, note: 'room; taken', venue: {{name: Club}}}}\n"
        "  2026-01-19: cancelled\n  2026-01-26: {title: Party}"
    )
    assert lines(front, "RECURRENCE-ID") == [f"RECURRENCE-ID;TZID=Europe/London:202601{day}T190000" for day in (12, 19, 26)]
    assert lines(front, "DTSTART")[1:] == [f"DTSTART;TZID=Europe/London:202601{moment}0000" for moment in ("13T18", "19T19", "26T19")]
    assert lines(front, "SUMMARY") == ["SUMMARY:Meeting", "SUMMARY:Meeting", "SUMMARY:Cancelled: Meeting", "SUMMARY:Party"]
    assert lines(front, "STATUS") == [f"STATUS:{status}" for status in ("CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED")]
    assert lines(front, "LOCATION") == ["LOCATION:Hall", "LOCATION:Club", "LOCATION:Hall", "LOCATION:Hall"]
    assert lines(front, "DESCRIPTION")[1].startswith("DESCRIPTION:room\\; taken\\n\\nCome and see.")
    assert len(set(lines(front, "UID"))) == 1


def test_cancelled_first_of_dates() -> None:
    """When the first of several dates is cancelled, it alone is."""
    front = "dates: [2026-03-03 19:00, 2026-04-09 19:00]\nend: 21:00\nchanges:\n  2026-03-03: cancelled"
    assert lines(front, "STATUS") == ["STATUS:CANCELLED", "STATUS:CONFIRMED"]
    assert lines(front, "SUMMARY") == ["SUMMARY:Cancelled: Meeting", "SUMMARY:Meeting"]


def test_night_of_a_clock_change_is_an_override() -> None:
    """A date that is longer than the others, since the clocks go back in it, says its own end."""
    front = "start: 2026-10-17 22:00\nend: 04:00\nrepeat: weekly, 3 times"
    assert lines(front, "RECURRENCE-ID") == ["RECURRENCE-ID;TZID=Europe/London:20261024T220000"]
    assert lines(front, "DTEND")[1] == "DTEND;TZID=Europe/London:20261025T040000"


def test_first_date_in_the_night_of_a_clock_change() -> None:
    """A series whose first date lasts an hour more than the others begins with the second; the first stands apart."""
    front = "uid: a@b\nstart: 2026-10-24 22:00\nend: 04:00\nrepeat: weekly, 3 times"
    assert lines(front, "UID") == ["UID:a@b", "UID:20261024T220000-a@b"]
    assert lines(front, "RRULE") == ["RRULE:FREQ=WEEKLY;COUNT=2"]
    assert lines(front, "DTSTART") == ["DTSTART;TZID=Europe/London:20261031T220000", "DTSTART;TZID=Europe/London:20261024T220000"]
    assert lines(front, "DTEND") == ["DTEND;TZID=Europe/London:20261101T040000", "DTEND;TZID=Europe/London:20261025T040000"]


def test_series_begins_with_a_date_that_takes_place() -> None:
    """Even if all dates up to the horizon are left out, DTSTART is one that is not, and COUNT is what remains."""
    front = "uid: a@b\nstart: 2026-01-05 19:00\nrepeat: weekly, 150 times, also 2026-05-01 18:00, pause 2026-01-01 to 2028-07-02"
    assert lines(front, "DTSTART") == ["DTSTART;TZID=Europe/London:20280703T190000", "DTSTART;TZID=Europe/London:20260501T180000"]
    assert lines(front, "RRULE") == ["RRULE:FREQ=WEEKLY;COUNT=20"]
    assert lines(front, "EXDATE") == []


def test_rule_without_a_date_left() -> None:
    """If every date of a rule is left out, what was added is all there is; without that the event is in no calendar."""
    front = "uid: a@b\nstart: 2026-01-05 19:00\nend: 20:00\nrepeat: weekly, 2 times, except 2026-01-05, 2026-01-12"
    added = f"{front}, also 2026-05-01 18:00, 2026-05-02 18:00"
    assert [lines(added, name) for name in ("UID", "RRULE", "EXDATE")] == [["UID:a@b", "UID:20260502T180000-a@b"], [], []]
    assert lines(added, "DTSTART") == [f"DTSTART;TZID=Europe/London:2026050{day}T180000" for day in (1, 2)]
    assert calendar_entry(make_event(front), page_address="https://example.org/", stamp=STAMP) is None


def test_long_rule_is_folded() -> None:
    """The line of a rule has at most 75 octets too."""
    front = "start: 2026-11-11 19:00\nrrule: FREQ=MONTHLY;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=WE;UNTIL=20300101T000000Z"
    assert lines(front, "RRULE") == ["RRULE:FREQ=MONTHLY;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=WE;UNTIL=20291231T190000Z"]
    assert all(len(line) <= 75 for line in vevent(make_entry(make_event(front))).split(b"\r\n"))


def test_skipped_hour_is_an_event_of_its_own() -> None:
    """A date that the clocks skip is left out of the rule, and stands apart in UTC at the moment the site shows."""
    front = "uid: a@b\nstart: 2026-03-22 01:30\nend: 01:45\nrepeat: weekly, 3 times"
    assert lines(front, "EXDATE") == ["EXDATE;TZID=Europe/London:20260329T013000"]
    assert lines(front, "UID") == ["UID:a@b", "UID:20260329T023000-a@b"]
    assert lines(front, "DTSTART")[1] == "DTSTART;TZID=Europe/London:20260329T023000"


def test_rule_cannot_end_its_line() -> None:
    """Nothing but a rule comes out of the field for one."""
    assert lines(entry(rrule="FREQ=DAILY\r\nATTENDEE:x"), "RRULE") == ["RRULE:FREQ=DAILYATTENDEE"]


# --- links ---------------------------------------------------------------------------------------------------------


def query(address: str) -> dict[str, str]:
    """The query of an address, decoded."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_links_of_a_timed_event() -> None:
    """Google gets the wall clock and the zone, Outlook gets UTC, and texts survive."""
    made = entry(summary="Tea & cake; 100 %", location="Hall, Bonn", description="Come\n\nhttps://example.org/e/")
    links = add_to_calendar(made, ics_url="/e/event.ics")
    assert links.ics == "/e/event.ics"
    assert links.google.startswith("https://calendar.google.com/calendar/render?")
    assert query(links.google) == {
        "action": "TEMPLATE",
        "text": "Tea & cake; 100 %",
        "dates": "20261028T190000/20261028T210000",
        "ctz": "Europe/London",
        "details": "Come\n\nhttps://example.org/e/",
        "location": "Hall, Bonn",
    }
    outlook = query(links.outlook)
    assert (outlook["startdt"], outlook["enddt"]) == ("2026-10-28T19:00:00Z", "2026-10-28T21:00:00Z")
    assert outlook["path"] == "/calendar/action/compose"
    assert outlook["subject"] == "Tea & cake; 100 %"
    assert query(links.office365) == outlook
    assert urlsplit(links.outlook).netloc == "outlook.live.com"
    assert urlsplit(links.office365).netloc == "outlook.office.com"


def test_links_of_an_all_day_event() -> None:
    """Days have an exclusive end in all links and no zone."""
    links = add_to_calendar(entry(all_day=True, start=date(2026, 12, 24), end=date(2026, 12, 26)), ics_url="x")
    assert query(links.google)["dates"] == "20261224/20261227"
    assert "ctz" not in query(links.google)
    outlook = query(links.outlook)
    assert (outlook["startdt"], outlook["enddt"], outlook["allday"]) == ("2026-12-24", "2026-12-27", "true")


def test_links_of_a_series() -> None:
    """Google takes a plain series with its rule; one with exceptions, and any at Outlook, is the date asked for."""
    event = make_event(f"{WEEKLY} until 2027-06-30")
    links = add_to_calendar(make_entry(event), ics_url="x", upcoming=event.upcoming[0])
    assert query(links.google)["recur"] == "RRULE:FREQ=WEEKLY;UNTIL=20270630T180000Z"
    assert query(links.google)["dates"] == "20260105T190000/20260105T210000"
    assert query(links.outlook)["startdt"] == "2026-11-23T19:00:00Z"
    event = make_event(f"{WEEKLY}, except 2027-01-04")
    links = add_to_calendar(make_entry(event), ics_url="x", upcoming=event.upcoming[0])
    assert "recur" not in query(links.google)
    assert query(links.google)["dates"] == "20261123T190000/20261123T210000"


def test_long_description_is_cut_in_links() -> None:
    """A link stays short enough to work, and keeps the page's address."""
    links = add_to_calendar(entry(description="ü" * 3000 + "\n\nhttps://example.org/e/", url="https://example.org/e/"), ics_url="x")
    assert len(query(links.google)["details"]) < 700
    assert query(links.google)["details"].endswith("…\n\nhttps://example.org/e/")


def test_links_to_subscribe() -> None:
    """A calendar can be subscribed to by webcal, by Google, which wants webcal, and by Outlook, which wants https."""
    webcal, google, outlook = calendar_links("https://example.org/river/calendar.ics", "River")
    assert webcal == "webcal://example.org/river/calendar.ics"
    assert google == "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fexample.org%2Friver%2Fcalendar.ics"
    assert query(outlook) == {"url": "https://example.org/river/calendar.ics", "name": "River"}
