"""Anybody's calendar files as front matter: shapes of well-known programs, zones of every kind, texts, and damage."""

from datetime import datetime

import msgspec
import pytest

from iopsgen.calendar_files import MAX_BYTES
from iopsgen.calendar_files.components import MAX_EVENTS
from iopsgen.calendar_files.drafts import write_source
from iopsgen.calendar_files.prose import markdown_of_html, markdown_of_text
from iopsgen.model import Venue
from tests.calendar_shapes import SHAPES
from tests.imports import AROUND, converted, file_of, read_draft

LONDON = msgspec.structs.replace(AROUND, zone="Europe/London")
NEWS = msgspec.structs.replace(AROUND, categories=("News",))
B = ";TZID=Europe/Berlin:"


def keys_of(*lines: str, head: str = "", around: object = AROUND, parts: str = "") -> dict[str, object]:
    """The keys of the first event of a file."""
    data = file_of(*lines, head=head).replace(b"BEGIN:VEVENT", parts.replace("\n", "\r\n").encode() + b"BEGIN:VEVENT", 1)
    found = converted(data, around)  # type: ignore[arg-type]
    assert found.drafts, (found.skipped, found.problems)
    return dict(found.drafts[0].keys)


def body_of(*lines: str) -> str:
    """The text of the first event of a file."""
    return converted(file_of(f"DTSTART{B}20260302T190000|" + "|".join(lines))).drafts[0].body


def why(*events: str) -> list[str]:
    """Why events of a file were left out."""
    return [skip.why for skip in converted(file_of(*events)).skipped]


# --- well-known programs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHAPES)
def test_well_known_programs(name: str) -> None:
    """What each program writes becomes the front matter and the text that a volunteer would have written, and the site reads it without an error."""
    found = converted(SHAPES[name].data, NEWS)
    assert [write_source(draft.keys, draft.body) for draft in found.drafts] == list(SHAPES[name].events)
    assert not found.problems
    for draft in found.drafts:
        event, problems = read_draft(draft)
        assert event is not None and not [p for p in problems if p.severity == "error"], problems


# --- zones ---------------------------------------------------------------------------------------------------------

EUROPE = """BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("GMT Standard Time", "Europe/London"),
        ("US/Eastern", "America/New_York"),
        ("/freeassociation.sourceforge.net/Europe/Oslo", "Europe/Oslo"),
        ("/example.org/20250126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("GMT", "UTC"),
        ("Etc/UTC", "UTC"),
        ('"tzone://Microsoft/Utc"', "UTC"),
        ("Etc/GMT-2", "Africa/Johannesburg"),
        ('"UTC+05:45"', "Asia/Kathmandu"),
    ],
)
def test_names_of_zones(name: str, expected: str) -> None:
    """Zones are known by the names of the database, old ones and such with a prefix, those of Windows, and as a distance from UTC."""
    keys = keys_of(f"DTSTART;TZID={name}:20260705T190000|RRULE:FREQ=DAILY;COUNT=2")
    assert keys["timezone"] == expected and keys["start"] == "2026-07-05 19:00"


@pytest.mark.parametrize(
    ("name", "expected"), [("Customized Time Zone", "Europe/Berlin"), ("CET", "Europe/Brussels"), ("(UTC+01:00) Rome", "Europe/Rome"), ("EST", "Europe/Berlin")]
)
def test_zones_that_a_calendar_describes(name: str, expected: str) -> None:
    """A zone under a name that says nothing is the one of the database with the same clocks; the one that the name may mean comes first."""
    keys = keys_of(f'DTSTART;TZID="{name}":20260705T190000', parts=EUROPE.format(name))
    assert keys["timezone"] == expected and keys["start"] == "2026-07-05 19:00"


def test_a_zone_that_is_like_none() -> None:
    """Clocks that no zone has: single events are at the right moment, told by other clocks, and that is said."""
    odd = EUROPE.format("Odd").replace("-1SU;BYMONTH=3", "1WE;BYMONTH=4")
    found = converted(file_of("DTSTART;TZID=Odd:20260705T190000").replace(b"BEGIN:VEVENT", odd.replace("\n", "\r\n").encode() + b"BEGIN:VEVENT", 1), LONDON)
    assert found.drafts[0].keys["start"] == "2026-07-05 18:00" and found.drafts[0].keys["timezone"] == "Europe/London"
    assert "No time zone has the clocks" in found.problems[0].message


def test_times_without_a_zone() -> None:
    """They are read on the clocks that the calendar names, else on those of the site, and that is said once; unknown zones are told, too."""
    assert keys_of("DTSTART:20260705T190000", head="X-WR-TIMEZONE:Asia/Tokyo")["timezone"] == "Asia/Tokyo"
    found = converted(file_of("DTSTART:20260705T190000", "DTSTART:20260706T190000"), LONDON)
    assert [p.message for p in found.problems] == ["Times without a time zone are read in Europe/London."]
    assert found.problems[0].place and found.problems[0].place.line
    unknown = converted(file_of("DTSTART;TZID=Nowhere:20260705T190000"), LONDON)
    assert unknown.drafts[0].keys["timezone"] == "Europe/London" and '"Nowhere" is not known' in unknown.problems[0].message


# --- what an event is ----------------------------------------------------------------------------------------------


def test_places() -> None:
    """A place is an id if the site has one of that name, else it is written out; what only says "online" is none."""
    venues = {"hall": Venue(id="hall", name="Town hall", address="1 Market Street", city="Leeds")}
    around = msgspec.structs.replace(AROUND, venues=venues)
    start = f"DTSTART{B}20260302T190000"
    for text in ("Town hall", "hall", "Town hall\\, 1 Market Street\\, Leeds", "town HALL\\, 1 market street\\, Leeds\\, UK"):
        assert keys_of(f"{start}|LOCATION:{text}", around=around)["venue"] == "hall"
    assert keys_of(f"{start}|LOCATION:Barn\\, Hill Road\\nLeeds|GEO:53.8;-1.55")["venue"] == {
        "name": "Barn", "address": "Hill Road, Leeds", "geo": ("53.8", "-1.55"),
    }  # fmt: skip
    assert keys_of(f"{start}|LOCATION:Barn|GEO:0;0")["venue"] == {"name": "Barn"}
    online = keys_of(f"{start}|LOCATION:Zoom https://zoom.example.org/j/1")
    assert online["online"] == "https://zoom.example.org/j/1" and "venue" not in online
    assert keys_of(f"{start}|LOCATION:Zoom")["venue"] == {"name": "Zoom"}


def test_addresses_are_of_the_web() -> None:
    """Only http and https become addresses; of ways to join, one with pictures comes first."""
    start = f"DTSTART{B}20260302T190000"
    bad = keys_of(f"{start}|URL:javascript:alert(1)|X-GOOGLE-CONFERENCE:file:///etc/passwd|ATTACH;FMTTYPE=image/png:data:image/png;base64,xx")
    assert not {"elsewhere", "online", "image"} & bad.keys()
    assert keys_of(f"{start}|CONFERENCE;VALUE=URI:tel:+1|CONFERENCE;FEATURE=AUDIO:https://a.example.org/|CONFERENCE;FEATURE=VIDEO:https://v.example.org/")["online"] == "https://v.example.org/"
    assert keys_of(f"{start}|ATTACH;FMTTYPE=application/pdf:https://a.example.org/x.pdf|IMAGE;VALUE=URI:https://a.example.org/x.png")["image"] == "https://a.example.org/x.png"
    assert "elsewhere" not in keys_of(f"{start}|URL:https://example.org/river/events/x/", around=msgspec.structs.replace(AROUND, site="https://example.org/river/"))


def test_terms_and_people() -> None:
    """Categories that the site allows are categories, others tags; organisers are chapters or names, never a mail address."""
    keys = keys_of(f"DTSTART{B}20260302T190000|CATEGORIES:news,A\\, B,!!|CATEGORIES:News|ORGANIZER;CN=ada@example.org:mailto:ada@example.org", around=NEWS)
    assert keys["categories"] == ("News",) and keys["tags"] == ("A, B",) and "organisers" not in keys
    assert keys_of(f"DTSTART{B}20260302T190000|CATEGORIES:A,B")["categories"] == ("A", "B")
    around = msgspec.structs.replace(AROUND, chapters={"leeds group": "leeds"})
    assert keys_of(f'DTSTART{B}20260302T190000|ORGANIZER;CN="Leeds Group":mailto:x@example.org', around=around)["organisers"] == ("leeds",)
    assert "example.org" not in str(converted(file_of(f"DTSTART{B}20260302T190000|ORGANIZER;CN=Ada:mailto:ada@example.org|ATTENDEE:mailto:bob@example.org")).drafts)


def test_titles() -> None:
    """A title is one line without the prefix that its status gives it; without one the event is called untitled."""
    start = f"DTSTART{B}20260302T190000"
    assert keys_of(f"{start}|SUMMARY:Tea:\\n cake\\; #1 <b>")["title"] == "Tea: cake; #1 <b>"
    assert keys_of(f"{start}|SUMMARY:Abgesagt: Tee|STATUS:CANCELLED") | {"uid": ""} == {
        "title": "Tee", "start": "2026-03-02 19:00", "timezone": "Europe/Berlin", "status": "cancelled", "uid": "",
    }  # fmt: skip
    assert keys_of(f"{start}|SUMMARY:Cancelled: Tea")["title"] == "Cancelled: Tea"
    assert keys_of(f"{start}|SUMMARY:")["title"] == "Untitled"


def test_names_of_events() -> None:
    """A UID is kept on one line; an event without one gets a name that the same event gets again, and so does one that is too long."""
    assert keys_of(f"UID:a\\,\\nb  c|DTSTART{B}20260302T190000")["uid"] == "a, b c"
    lines = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART{B}20260302T190000\r\nSUMMARY:Tea\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    names = {converted(lines).drafts[0].uid, converted(lines.replace(b"END:VEVENT", b"LOCATION:x\r\nEND:VEVENT")).drafts[0].uid}
    assert len(names) == 1 and names.pop().startswith("imported-")
    assert len(keys_of(f"UID:{'x' * 300}|DTSTART{B}20260302T190000")["uid"]) < 60  # type: ignore[arg-type]


def test_private_events() -> None:
    """What is private is left out and counted, single dates of a series too; asked for, it is taken."""
    series = f"UID:a|DTSTART{B}20260302T190000|RRULE:FREQ=WEEKLY;COUNT=3"
    secret = f"UID:a|CLASS:CONFIDENTIAL|RECURRENCE-ID{B}20260309T190000|DTSTART{B}20260309T200000|SUMMARY:Secret"
    alone = f"UID:b|CLASS:PRIVATE|DTSTART{B}20260302T190000|SUMMARY:Secret"
    found = converted(file_of(series, secret, alone))
    assert len(found.drafts) == 1 and [s.why for s in found.skipped] == ["it is private"]
    assert found.drafts[0].keys["repeat"] == "weekly, 3 times, except 2026-03-09" and "Secret" not in str(found.drafts)
    both = converted(file_of(series, secret, alone), msgspec.structs.replace(AROUND, private=True))
    assert len(both.drafts) == 2 and "Secret" in str(both.drafts)


def test_what_is_left_out() -> None:
    """An event that cannot be said is left out with its reason, and every event is counted once."""
    start = f"DTSTART{B}20260302T190000"
    assert why("SUMMARY:x") == ["it has no start that can be read"]
    assert why("DTSTART:2026-03-02") == ["it has no start that can be read"]
    assert why("DTSTART:00010101T000000Z") == ["it has no start that can be read"]
    assert "within a day" in why(f"{start}|RRULE:FREQ=HOURLY;COUNT=3")[0]
    assert why(f"{start}|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY") == ["it has several repetition rules"]
    assert "EXRULE" in why(f"{start}|RRULE:FREQ=DAILY|EXRULE:FREQ=WEEKLY")[0]
    assert "not understood" in why(f"{start}|RRULE:RSCALE=CHINESE;FREQ=YEARLY")[0]
    assert why(f"{start}|DTEND{B}20280302T190000") == ["it lasts longer than a year"]
    assert why(f"{start}|EXDATE{B}20260302T190000") == ["every date of it is left out"]
    assert why(f"UID:a|{start}", f"UID:a|SEQUENCE:1|{start}") == ["it is an older version of an event that is there too"]
    data = file_of(*(f"UID:{n % 7}|{start}|SEQUENCE:{n}" for n in range(20)), "SUMMARY:x")
    found = converted(data)
    assert len(found.drafts) == 7 and len(found.skipped) == 14


def test_a_cancellation() -> None:
    """A calendar that is a cancellation cancels its events."""
    assert keys_of(f"DTSTART{B}20260302T190000|STATUS:CONFIRMED", head="METHOD:CANCEL")["status"] == "cancelled"


def test_changes_say_what_differs() -> None:
    """A changed date has only the keys in which it differs; another description is a note of one line."""
    found = keys_of(
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=4|LOCATION:Hall|DESCRIPTION:Usual",
        f"UID:a|RECURRENCE-ID{B}20260309T190000|DTSTART{B}20260309T190000|DTEND{B}20260309T200000|LOCATION:Hall|DESCRIPTION:Bring\\nboots",
        f"UID:a|RECURRENCE-ID{B}20260316T190000|DTSTART{B}20260316T190000|DTEND{B}20260316T200000|LOCATION:Barn|DESCRIPTION:Usual",
        f"UID:a|RECURRENCE-ID{B}20260323T190000|DTSTART{B}20260323T190000|DTEND{B}20260323T200000|LOCATION:Hall|DESCRIPTION:Usual",
    )
    assert found["changes"] == {"2026-03-09": {"note": "Bring boots"}, "2026-03-16": {"venue": {"name": "Barn"}}}


# --- texts ---------------------------------------------------------------------------------------------------------


def test_plain_text_stays_text() -> None:
    """Lines stay lines, addresses become links, and nothing else becomes anything."""
    assert markdown_of_text("# A\n---\ntitle: x\n\n1. b\n- c\n*d* <e> `f` [g](h)\n\n\n\nsee (https://example.org/a_b).") == (
        "\\# A  \n\\---  \ntitle: x\n\n1\\. b  \n\\- c  \n\\*d\\* &lt;e> \\`f\\` \\[g\\](h)\n\nsee (<https://example.org/a_b>)."
    )
    assert markdown_of_text(" \n\n ") == "" and len(markdown_of_text("word " * 10_000)) < 21_000


def test_html_becomes_markdown() -> None:
    """Paragraphs, lines, lists, headings and web links stay; scripts, styles and all other tags go, and their words stay."""
    html = (
        '<style>p{}</style><h2>Plan #</h2><p>Come <b>all</b>,<br>see <a href="https://e.org/?a=1&amp;b=2">us</a> or '
        '<a href="javascript:x()">not</a>.</p><ol><li>One<ul><li>Under</ul><li>Two<p>more</p></ol><script>x()</script>1. no item'
    )
    assert markdown_of_html(html) == (
        "### Plan \\#\n\nCome all,  \nsee [us](<https://e.org/?a=1&b=2>) or not.\n\n1. One\n    - Under\n2. Two  \n   more\n\n1\\. no item"
    )
    assert markdown_of_html("<ul><li>" * 5000 + "deep") == "deep"


def test_which_text_counts() -> None:
    """HTML beside plain text wins unless it is empty; HTML in plain text is read as such; Google's block of dial-in data goes."""
    assert body_of("DESCRIPTION:plain", "X-ALT-DESC;FMTTYPE=text/html:<p>rich</p>") == "rich"
    assert body_of("DESCRIPTION:plain", "X-ALT-DESC;FMTTYPE=text/html:<html><body></body></html>") == "plain"
    assert body_of("DESCRIPTION:one<br>two") == "one  \ntwo"
    assert body_of("DESCRIPTION:Tea &amp\\; cake \\, 3 < 4") == "Tea &amp; cake , 3 &lt; 4".replace("&amp;", "&")
    assert body_of("DESCRIPTION:Hello\\n\\n-::~:~::~:~::-\\nJoin: https://meet.google.com/x\\nPIN: 1\\n-::~:~::~:~::-") == "Hello"


# --- damage --------------------------------------------------------------------------------------------------------

GOOD = file_of(f"UID:a|DTSTART{B}20260302T190000|SUMMARY:Tee für Müßige|DESCRIPTION:Über {'x' * 80} ß", f"UID:b|DTSTART{B}20260303T190000")


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b"\r\n", b"\n"),
        GOOD.replace(b"\r\n", b"\r"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b"\r\n", b"\r\n\r\n"),
        GOOD.replace(b"SUMMARY:Tee", b"SUMM\r\n ARY:Te\r\n\te"),
        GOOD.replace("ß".encode(), "ß".encode()[:1] + b"\r\n " + "ß".encode()[1:]),
        GOOD.replace(b"BEGIN:VEVENT", b"begin:vevent").replace(b"DTSTART", b"dtstart"),
        GOOD.replace(b"SUMMARY", b"X-UNKNOWN;A=B:c\r\nno property at all\r\n;;;\r\nX_FOO:1\r\nSUMMARY"),
        GOOD.replace(b"END:VEVENT\r\nBEGIN", b"BEGIN"),
        GOOD.replace(b"END:VTIMEZONE\r\n", b""),
        b"\r\n\r\n" + GOOD,
        GOOD.replace(b"SUMMARY:Tee", b"BEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nSUMMARY:Tee"),
        GOOD + GOOD,
    ],
    ids=["LF", "CR", "BOM", "UTF-16", "empty lines", "folds anywhere", "folded inside a character", "small letters", "unknown lines", "no END:VEVENT",
         "no END:VTIMEZONE", "leading lines", "alarm first", "twice"],
)  # fmt: skip
def test_damage_that_can_be_mended(data: bytes) -> None:
    """The two events are read as from the sound file, whatever happened to line ends, folds, encoding and components."""
    found = {draft.uid: draft for draft in converted(data).drafts}
    good = {draft.uid: draft for draft in converted(GOOD).drafts}
    assert {uid: (draft.keys, draft.body) for uid, draft in found.items()} == {uid: (draft.keys, draft.body) for uid, draft in good.items()}


def test_other_encodings() -> None:
    """A file in Latin-1 is read as such, with a warning."""
    found = converted(GOOD.decode().encode("latin-1"))
    assert found.drafts[0].title == "Tee für Müßige" and "not in UTF-8" in found.problems[0].message


def test_a_text_with_line_ends_of_its_own() -> None:
    """Lines of a text that were not folded are put together again; what looks like a property is one."""
    data = file_of(f"DTSTART{B}20260302T190000|DESCRIPTION:one").replace(b"DESCRIPTION:one", b"DESCRIPTION:one\r\ntwo words\r\nLOCATION:Hall\r\nX_Y:z")
    found = converted(data)
    assert found.drafts[0].body == "one  \ntwo words" and found.drafts[0].keys["venue"] == {"name": "Hall"}
    assert "line end stands inside DESCRIPTION" in found.problems[0].message


def test_a_file_that_stops_early() -> None:
    """What is whole is read, the event in whose middle the file stops is not, and that is said."""
    found = converted(GOOD[: GOOD.rindex(b"20260303")])
    assert [draft.uid for draft in found.drafts] == ["a"] and "stops before the calendar ends" in found.problems[0].message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "This file is empty."),
        (b"\n\n", "This file is empty."),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "This is a web page and not a calendar."),
        (b"PK\x03\x04xxxx", "This is a ZIP archive and not a calendar."),
        (b"{}", "This is a JSON file and not a calendar."),
        (b"hello", "This is not a calendar."),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "This is not a calendar."),
        (b"x" * (100 * 2**20), "This calendar is 100 MiB long."),
        (b"BEGIN:VCALENDAR\n" + b"\n" * 700_000, "This calendar has more than 600,000 lines."),
    ],
    ids=["empty", "blank", "HTML", "ZIP", "JSON", "text", "vCard", "100 MB", "lines"],
)
def test_what_is_no_calendar(data: bytes, message: str) -> None:
    """One error says what the file is and what to do; nothing is taken."""
    found = converted(data)
    assert [p.message for p in found.problems] == [message] and found.problems[0].hint and not found.drafts


def test_limits() -> None:
    """Beyond the number of events that is read, the rest is left out with a warning; a file of the largest size is read."""
    assert MAX_BYTES == 16 * 2**20 and MAX_EVENTS == 10_000
    part = b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:20260302T190000Z\r\nEND:VEVENT\r\n"
    data = b"BEGIN:VCALENDAR\r\n" + b"".join(part % n for n in range(MAX_EVENTS + 5)) + b"END:VCALENDAR\r\n"
    found = converted(data)
    assert len(found.drafts) == MAX_EVENTS and "more than 10,000 events" in found.problems[0].message
    assert converted(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").problems[0].message == "The calendar holds no event."


def test_problems_stand_at_lines_of_the_file() -> None:
    """Drafts and what is left out say where in the file they begin."""
    data = file_of(f"DTSTART{B}20260302T190000", "SUMMARY:x")
    found = converted(data)
    lines = data.decode().split("\r\n")
    assert lines[found.drafts[0].number - 1] == "BEGIN:VEVENT" and lines[found.skipped[0].number - 1] == "BEGIN:VEVENT"
    assert lines[found.drafts[0].lines["start"] - 1].startswith("DTSTART")


def test_updated_is_told_by_the_clocks_of_the_event() -> None:
    """LAST-MODIFIED becomes `updated`; what programs write that know no time does not."""
    assert keys_of(f"DTSTART{B}20260302T190000|LAST-MODIFIED:20260101T101010Z")["updated"] == f"{datetime(2026, 1, 1, 11, 10):%Y-%m-%d %H:%M}"
    assert "updated" not in keys_of(f"DTSTART{B}20260302T190000|LAST-MODIFIED:00001231T000000Z")
