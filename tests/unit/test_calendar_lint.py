"""The linter finds in calendar files what other validators let pass, says where, and says what to write."""

import pytest

from iopsgen.calendar_lint import Linter, lint
from iopsgen.problems import Problem

HEAD = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Example//EN
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:STANDARD
DTSTART:20251026T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261001T100000Z
{more}
END:VEVENT
"""
TIMED = "DTSTART;TZID=Europe/London:20261102T190000\nDTEND;TZID=Europe/London:20261102T210000\nSUMMARY:Meeting"
WEEKLY = f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628T180000Z"


def calendar(*events: str, head: str = HEAD) -> bytes:
    """A calendar with the given events, each the lines between DTSTAMP and the end; a UID of their own unless they give one."""
    parts = []
    for number, more in enumerate(events):
        uid, _, rest = more.partition("\n") if more.startswith("UID:") else (f"UID:{number}@example.org", "", more)
        parts.append(EVENT.format(uid=uid.removeprefix("UID:"), more=rest))
    return (head + "".join(parts) + "END:VCALENDAR\n").replace("\n", "\r\n").encode()


def faults(data: bytes) -> list[Problem]:
    """What is found, hints apart."""
    return [problem for problem in lint(data, "calendar.ics") if problem.severity != "hint"]


def only(data: bytes) -> Problem:
    """The one problem that is found, hints apart."""
    problems = faults(data)
    assert len(problems) == 1, problems
    assert problems[0].place
    assert problems[0].place.file == "calendar.ics"
    assert problems[0].message.endswith(".")
    assert problems[0].hint.endswith((".", ")"))
    return problems[0]


def test_nothing_wrong() -> None:
    """A sound calendar with a series, an exception, an override and an all-day event has no problems."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261116T190000\n{TIMED.replace('1102', '1117')}"
    day = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Days\\, and nights\\; \\\\ \\n"
    assert faults(calendar(f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261109T190000", override, day)) == []


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("DTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261102", 23, "before its first day is over"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND;TZID=Europe/London:20261102T190000"), 23, "does not end after"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND:20261102T185900Z"), 23, "does not end after"),
        (TIMED.replace("DTEND;TZID=Europe/London:20261102T210000", "DTEND;VALUE=DATE:20261103"), 23, "not of the same type"),
        ("DTSTART:20261102T190000", 22, "no time zone"),
        ("DTSTART;TZID=Europe/Paris:20261102T190000", 22, '"Europe/Paris" is used but not described'),
        ("DTSTART;TZID=Europe/London:20191102T190000", 22, "before the time zone Europe/London begins"),
        ("DTSTART:20261102", 22, "is a day, and does not say so"),
        ("DTSTART;VALUE=DATE:20260230", 22, "cannot be read"),
        (f"{TIMED}; and more", 24, 'SUMMARY holds ";"'),
        (f"{TIMED}, and more", 24, 'SUMMARY holds ","'),
        (f"{TIMED} \\x", 24, "backslash"),
        (f"{TIMED}\nCATEGORIES:a,b;c", 25, 'CATEGORIES holds ";"'),
        (f"{TIMED}\nSTATUS:POSTPONED", 25, "STATUS cannot be"),
        (f"{TIMED}\nGEO:51.5,-0.1", 25, "GEO is not"),
        (f"{TIMED}\nURL:https://example.org/a b", 25, "holds a space"),
        (f"{TIMED}\nDURATION:PT1H", 25, "both DTEND and DURATION"),
        (f"{TIMED}\nSUMMARY:Again", 25, "SUMMARY twice"),
        (f"{TIMED}\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM", 25, "alarm"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628", 25, "UNTIL and DTSTART are not of the same type"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270628T190000", 25, "UNTIL is not in UTC"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;BYDAY=TU", 25, "does not give the first date"),
        (f"{TIMED}\nRRULE:FREQ=FORTNIGHTLY", 25, "FORTNIGHTLY"),
        ("DTSTART:20261102T190000Z\nRRULE:FREQ=WEEKLY", 22, "moves by an hour"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261110T190000", 26, "EXDATE takes away 2026-11-10 19:00"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20261109T193000", 26, "EXDATE takes away 2026-11-09 19:30"),
        (f"{WEEKLY}\nEXDATE;TZID=Europe/London:20270705T190000", 26, "EXDATE takes away 2027-07-05"),
        (f"{WEEKLY}\nEXDATE;VALUE=DATE:20261109", 26, "EXDATE has not the type"),
        (f"{WEEKLY}\nEXDATE:20261109T190000Z", 26, "EXDATE has not the type or the zone"),
        (f"{TIMED}\nEXDATE;TZID=Europe/London:20261109T190000", 25, "EXDATE takes away"),
    ],
)
def test_one_event(more: str, line: int, words: str) -> None:
    """What is wrong with a single event is found once, on its line."""
    problem = only(calendar(more))
    assert words in problem.message
    assert problem.place
    assert problem.place.line == line


@pytest.mark.parametrize("name", ["UID", "DTSTAMP", "DTSTART"])
def test_missing_property(name: str) -> None:
    """An event without UID, DTSTAMP or DTSTART is named with the line on which it begins."""
    lines = calendar("DTSTART;VALUE=DATE:20261102").decode().split("\r\n")
    problem = only("\r\n".join(line for line in lines if not line.startswith(name) or "T020000" in line or "T010000" in line).encode())
    assert problem.message == f"The event has no {name}."
    assert problem.place
    assert problem.place.line == 19


def test_two_events_with_one_uid() -> None:
    """A UID that comes twice without RECURRENCE-ID is an error that names the first event's line."""
    problem = only(calendar(f"UID:a@b\n{TIMED}", f"UID:a@b\n{TIMED}"))
    assert 'line 19 has the same UID "a@b"' in problem.message
    assert problem.place
    assert problem.place.line == 26


@pytest.mark.parametrize("original", ["20261110T190000", "20261109T180000"])
def test_dangling_override(original: str) -> None:
    """An override that names no date of its series is found."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:{original}\n{TIMED}"
    assert "RECURRENCE-ID names" in only(calendar(WEEKLY, override)).message


def test_override_of_nothing() -> None:
    """An override whose series is not in the file is found, and so is one of an event that is no series."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261109T190000\n{TIMED}"
    assert "a series that is not in the file" in only(calendar(override)).message
    assert "RECURRENCE-ID names" in only(calendar(TIMED, override)).message


def test_date_changed_twice() -> None:
    """Two overrides of one date are found."""
    override = f"UID:0@example.org\nRECURRENCE-ID;TZID=Europe/London:20261109T190000\n{TIMED}"
    assert "changed twice" in only(calendar(WEEKLY, override, override)).message


def test_count_ends_the_series() -> None:
    """An exception after the last date that COUNT allows meets nothing; one on the last does."""
    series = f"{TIMED}\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/London:"
    assert lint(calendar(f"{series}20261116T190000"), "calendar.ics") == []
    assert "EXDATE takes away" in only(calendar(f"{series}20261123T190000")).message


def test_calendar_properties() -> None:
    """METHOD, a REFRESH-INTERVAL without its type, and a missing VERSION, PRODID or component are found."""
    refresh = HEAD.replace("BEGIN:VTIMEZONE", "REFRESH-INTERVAL:PT12H\nBEGIN:VTIMEZONE", 1)
    assert only(calendar(TIMED, head=refresh)).hint == "Write REFRESH-INTERVAL;VALUE=DURATION:PT12H (RFC 7986, 5.7)."
    method = HEAD.replace("BEGIN:VTIMEZONE", "METHOD:PUBLISH\nBEGIN:VTIMEZONE", 1)
    assert only(calendar(TIMED, head=method)).severity == "warning"
    bare = lint(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "calendar.ics")
    assert [word for problem in bare for word in ("VERSION", "PRODID", "component") if word in problem.message] == [
        "VERSION",
        "PRODID",
        "component",
    ]


def test_zones() -> None:
    """A zone that is there twice, that has no observance, or that stands after the events is found."""
    zone = HEAD[HEAD.index("BEGIN:VTIMEZONE") :]
    assert "there twice" in only(calendar(TIMED, head=HEAD + zone)).message
    assert "neither STANDARD nor DAYLIGHT" in only(calendar(TIMED, head=HEAD + "BEGIN:VTIMEZONE\nTZID:Europe/Oslo\nEND:VTIMEZONE\n")).message
    late = calendar(TIMED).decode().replace(zone.replace("\n", "\r\n"), "").replace("END:VCAL", zone.replace("\n", "\r\n") + "END:VCAL")
    assert "after the events" in only(late.encode()).message


def test_line_ends() -> None:
    """A file with LF alone, and a single LF or CR among CRLF, are found with the first line concerned."""
    sound = calendar(TIMED)
    problem = only(sound.replace(b"\r\n", b"\n"))
    assert problem.message == "This line does not end with CR LF (25 more like it)."
    assert problem.place
    assert problem.place.line == 1
    lone = only(sound.replace(b"SUMMARY:Meeting\r\n", b"SUMMARY:Meeting\n"))
    assert lone.place
    assert lone.place.line == 24
    assert "CR LF" in only(sound.replace(b"SUMMARY:Meeting\r\n", b"SUMMARY:Meeting\r")).message
    assert "has no end" in only(sound.removesuffix(b"\r\n")).message


def test_long_lines() -> None:
    """75 octets are allowed, 76 are not, and two bytes count as two."""
    assert lint(calendar(f"{TIMED}{'x' * 60}"), "calendar.ics") == []
    assert "longer than 75 octets" in only(calendar(f"{TIMED}{'x' * 61}")).message
    assert "longer than 75 octets" in only(calendar(f"{TIMED}{'ü' * 31}")).message


def test_characters() -> None:
    """A byte order mark, control characters, other newlines, empty lines and what is not UTF-8 are found."""
    sound = calendar(TIMED)
    assert "byte order mark" in only(b"\xef\xbb\xbf" + sound).message
    assert "control character" in only(sound.replace(b"Meeting", b"Mee\x07ting")).message
    assert "control character" in only(sound.replace(b"Meeting", "Mee\u2028ting".encode())).message
    assert "is empty" in only(sound.replace(b"END:VEVENT\r\n", b"END:VEVENT\r\n\r\n")).message
    assert "not UTF-8" in only(sound.replace(b"Meeting", b"Gr\xfc\xdfe")).message


def test_fold_inside_a_character() -> None:
    """A line that is folded between the bytes of one character is found, and told from one that is not UTF-8."""
    sound = calendar(f"{TIMED}ü")
    problem = only(sound.replace("ü".encode(), b"\xc3\r\n \xbc"))
    assert problem.message == "This line is folded inside a character (1 more like it)."
    assert problem.place
    assert problem.place.line == 24


def test_structure() -> None:
    """Text that is no property, components without an end or a beginning, and files that are no calendar are found."""
    sound = calendar(TIMED)
    assert "does not start with a property's name" in only(sound.replace(b"SUMMARY", b"*")).message
    assert "no colon" in only(sound.replace(b"SUMMARY:", b"SUMMARY ")).message
    assert "END:VTODO ends nothing" in only(sound.replace(b"END:VCAL", b"END:VTODO\r\nEND:VCAL")).message
    assert "VEVENT has no end" in only(sound.replace(b"END:VEVENT\r\n", b"")).message
    assert "empty" in only(b"").message
    for other in (b"PRODID:x\r\n", b"SUMMARY:x\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"):
        assert "This is no calendar: it has no BEGIN:VCALENDAR." in [problem.message for problem in lint(other, "calendar.ics")]


def test_rule_that_never_ends_is_read_in_time() -> None:
    """A rule that gives no date at all, and an exception in the year 9999, are looked at for a bounded time."""
    never = f"{TIMED}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEXDATE;TZID=Europe/London:99991231T190000"
    assert {problem.place.line for problem in lint(calendar(never), "calendar.ics") if problem.place} == {25, 26}


# --- the rest of what is looked at -----------------------------------------------------------------------------------


def hints(data: bytes) -> list[str]:
    """The hints alone, as messages."""
    return [problem.message for problem in lint(data, "calendar.ics") if problem.severity == "hint"]


@pytest.mark.parametrize(
    ("more", "line", "severity", "words"),
    [
        ("DTSTART;TZID=Europe/London:20261102T190000Z", 22, "error", "names a time zone and says with its Z"),
        ("DTSTART;VALUE=DATE:20261102T190000", 22, "error", "said to be a day, and holds a time"),
        ("DTSTART:2026-11-02T19:00:00Z", 22, "error", "with hyphens"),
        ("DTSTART;TZID=Europe/London;VALUE=DATE:20261102", 22, "error", "a day has no time zone"),
        ("DTSTART;TZID=UTC:20261102T190000", 22, "error", '"UTC" is used but not described'),
        ("DTSTART;TZID=Europe/London:20270328T013000", 22, "warning", "There is no 01:30 on 2027-03-28 in Europe/London"),
        (f"{TIMED}\nUID:x", 25, "error", "UID twice"),
        (f"{TIMED}\nCREATED:20261001T100000", 25, "error", "CREATED is not in UTC"),
        (f"{TIMED}\nLAST-MODIFIED;TZID=Europe/London:20261001T100000", 25, "error", "LAST-MODIFIED is not in UTC"),
        (f"{TIMED}\nSEQUENCE:one", 25, "error", 'SEQUENCE cannot be "one"'),
        (f"{TIMED}\nTRANSP:FREE", 25, "error", 'TRANSP cannot be "FREE"'),
        (f"{TIMED}\nGEO:-0.12;151.5;0", 25, "error", "GEO is not"),
        (f"{TIMED}\nGEO:151.5;-0.12", 25, "error", "GEO names no place"),
        (f"{TIMED}\nURL:example.org/events", 25, "error", "URL is not a whole address"),
        (f"{TIMED}\nCONFERENCE:https://meet.example.org/x", 25, "error", "CONFERENCE has no VALUE=URI"),
        (f"{TIMED}\nCONFERENCE;VALUE=URI:https://meet.example.org/x y", 25, "error", "holds a space"),
        (f"{TIMED}\nORGANIZER:Ada", 25, "error", "ORGANIZER is not a whole address"),
        (f"{TIMED}\nORGANIZER;CN=Ada:mailto:", 25, "error", "ORGANIZER is not a whole address"),
        (f"{TIMED}\nORGANIZER;CN=Ada:mailto:nobody", 25, "warning", "ORGANIZER is no mailbox"),
        (f"{TIMED}\nATTENDEE:mailto:a@example.org", 25, "warning", "names attendees"),
        (f"{TIMED}\nEXRULE:FREQ=WEEKLY", 25, "warning", "EXRULE"),
        (f"{TIMED}\nRDATE;TZID=Europe/London:20261103T190000", 25, "warning", "RDATE and no RRULE"),
        (f"{TIMED}\nRRULE:FREQ=HOURLY;COUNT=2", 25, "warning", "repeat hourly"),
        (f"{TIMED}\nRRULE:RSCALE=GREGORIAN;FREQ=WEEKLY;COUNT=2", 25, "warning", "RSCALE"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY; COUNT=2", 25, "error", "The rule holds a space"),
        (f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20250628T180000Z", 25, "error", "ends on 2025-06-28, before it starts on 2026-11-02"),
        (f"{WEEKLY}\nRRULE:FREQ=DAILY", 26, "error", "RRULE twice"),
        (f"{TIMED}\nCOLOR:#ff0000", 25, "warning", "COLOR is not the name"),
        (f"{TIMED}\nBEGIN:VEVENT\nEND:VEVENT", 25, "error", "VEVENT stands inside an event"),
        ("DTSTART;VALUE=DATE:20261102\nDURATION:PT2H", 23, "error", "a length in hours"),
        ("DTSTART;TZID=Europe/London:20261102T190000\nDURATION:2 hours", 23, "error", "DURATION cannot be read"),
        ("DTSTART;TZID=Europe/London:20261102T190000\nDURATION:-PT2H", 23, "error", "not more than nothing"),
        ("DTSTART;TZID=Europe/London:20261102T190000\nDURATION:P", 23, "error", "DURATION cannot be read"),
        (f"{WEEKLY}\nEXDATE:20261109T190000Z", 26, "warning", "zone of DTSTART, so some programs do not find"),
        (f"{WEEKLY}\nEXDATE:20261110T190000Z", 26, "error", "EXDATE takes away 2026-11-10 19:00"),
    ],
)
def test_more_of_one_event(more: str, line: int, severity: str, words: str) -> None:
    """Each of these is found on its line, as an error where the standard forbids it and as a warning where programs misread it."""
    problems = [(p.place.line if p.place else 0, p.severity, p.message) for p in faults(calendar(more)) if words in p.message]
    assert [(place, kind) for place, kind, _ in problems] == [(line, severity)], faults(calendar(more))


def test_what_would_be_better() -> None:
    """Hints: no title, a cancelled event that does not say so, a time that comes twice, a lone backslash at a fold, names that differ."""
    assert "no SUMMARY" in hints(calendar("DTSTART;VALUE=DATE:20261102"))[0]
    off = hints(calendar(f"{TIMED}\nSTATUS:CANCELLED"))
    assert "ignore STATUS:CANCELLED" in off[0]
    for said in ("Cancelled: Meeting", "Abgesagt: Treffen", "Cancelado: Cena", "Annulé : Réunion"):
        assert hints(calendar(f"{TIMED.replace('Meeting', said)}\nSTATUS:CANCELLED")) == []
    assert "01:30 comes twice on 2026-10-25" in hints(calendar("DTSTART;TZID=Europe/London:20261025T013000\nSUMMARY:x"))[0]
    split = calendar(f"{TIMED} and so on\\n and on").replace(b"on\\n", b"on\\\r\n n")
    assert "between a backslash" in hints(split)[0] and faults(split) == []
    named = HEAD.replace("BEGIN:VTIMEZONE", "NAME:One\nX-WR-CALNAME:Two\nBEGIN:VTIMEZONE", 1)
    assert "NAME and X-WR-CALNAME differ" in hints(calendar(TIMED, head=named))[0]
    assert "no X-WR-CALNAME" in hints(calendar(TIMED, TIMED.replace("Meeting", "Other")))[0]
    assert hints(calendar(TIMED)) == []
    refresh = HEAD.replace("BEGIN:VTIMEZONE", "X-WR-CALNAME:x\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\nBEGIN:VTIMEZONE", 1)
    assert "Outlook reads X-PUBLISHED-TTL" in hints(calendar(TIMED, head=refresh))[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("CALSCALE:ISLAMIC", "CALSCALE cannot be"),
        ("VERSION:2.0", "VERSION twice"),
        ("X-WR-TIMEZONE:CET", 'X-WR-TIMEZONE: "CET" is an abbreviation'),
        ("REFRESH-INTERVAL;VALUE=DURATION:12 hours", 'REFRESH-INTERVAL cannot be "12 hours"'),
        ("X-PUBLISHED-TTL:never", 'X-PUBLISHED-TTL cannot be "never"'),
        ("NAME:One, two", 'NAME holds ","'),
        ("URL:example.org", "URL is not a whole address"),
    ],
)
def test_more_of_the_calendar_itself(line: str, words: str) -> None:
    """What is wrong with the properties of the calendar is found on their line."""
    problem = next(p for p in faults(calendar(TIMED, head=HEAD.replace("BEGIN:VTIMEZONE", f"{line}\nBEGIN:VTIMEZONE", 1))) if words in p.message)
    assert problem.place and problem.place.line == 4


@pytest.mark.parametrize(
    ("name", "severity", "words", "hint"),
    [
        ("CET", "warning", '"CET" is an abbreviation', "Europe/Berlin"),
        ("Europe", "warning", '"Europe" is a part of the world', "Europe/London"),
        ("My zone", "warning", '"My zone" is not the name of a time zone', "Area/City"),
        ("GMT Standard Time", "hint", "only Windows knows", "Europe/London"),
    ],
)
def test_names_of_zones(name: str, severity: str, words: str, hint: str) -> None:
    """A zone is described in the file, but programs that go by its name must know it: the nearest Area/City is named."""
    data = calendar(TIMED.replace("Europe/London", name), head=HEAD.replace("Europe/London", name))
    (problem,) = lint(data, "x")
    assert problem.severity == severity and words in problem.message and hint in problem.hint


@pytest.mark.parametrize("name", ["US/Eastern", "/example.org/Europe/London", "/freeassociation.sourceforge.net/Europe/London", "GB"])
def test_other_names_of_zones(name: str) -> None:
    """Old names, and names behind a prefix, mean the zone of the database."""
    head = HEAD.replace("Europe/London", name)
    if name == "US/Eastern":
        head = HEAD.replace("Europe/London", name).replace("+0100", "+0400").replace("+0000", "-0500").replace("+0400", "-0400")
    assert faults(calendar(TIMED.replace("Europe/London", name), head=head)) == []


def test_a_zone_that_differs_from_the_database() -> None:
    """A VTIMEZONE that gives another offset than the database where an event makes use of it is told with both offsets; elsewhere it is not."""
    wrong = HEAD.replace("+0100", "+0200")
    problem = only(calendar("DTSTART;TZID=Europe/London:20260702T190000\nSUMMARY:x", head=wrong))
    assert problem.message == "For 2026-07-02 18:00 UTC this VTIMEZONE says UTC+02:00, and the zone database says UTC+01:00 for Europe/London."
    assert (problem.severity, problem.place and problem.place.line) == ("warning", 4)
    assert faults(calendar(TIMED, head=wrong)) == []
    assert "2027-03-28 01:00 UTC" in only(calendar(WEEKLY, head=wrong)).message
    assert faults(calendar(f"{TIMED}\nRRULE:FREQ=WEEKLY;UNTIL=20270301T190000Z", head=wrong)) == []
    ended = HEAD.replace("BYDAY=-1SU\nEND:DAYLIGHT", "BYDAY=-1SU;UNTIL=20260329T010000Z\nEND:DAYLIGHT")
    assert "2027-03-28" in only(calendar(f"{TIMED}\nRRULE:FREQ=WEEKLY", head=ended)).message
    late = HEAD.replace("20260329T010000", "20260329T020000")
    assert faults(calendar(WEEKLY, head=late)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("TZID:Europe/London", "X-LIC-LOCATION:Europe/London", "no TZID"),
        ("DTSTART:20260329T010000", "DTSTART:20260329T010000Z", "DAYLIGHT does not start at a local time"),
        ("TZOFFSETTO:+0000", "TZOFFSETTO:0", "STANDARD has no right TZOFFSETTO"),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RRULE:FREQ=SOMETIMES", '"SOMETIMES" is not a frequency'),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RRULE:FREQ=MONTHLY;INTERVAL=12", "do not understand clocks"),
        ("BYMONTH=3;BYDAY=-1SU", "BYMONTH=3;BYDAY=-1SU;UNTIL=20300331T010000", "UNTIL is not in UTC"),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RDATE:20270328T010000Z", "RDATE cannot be read"),
        ("BEGIN:DAYLIGHT", "BEGIN:SUMMER", "SUMMER stands inside a time zone"),
    ],
)
def test_parts_of_a_zone(old: str, new: str, words: str) -> None:
    """What is wrong inside a VTIMEZONE is found on its line."""
    data = calendar("DTSTART;VALUE=DATE:20261102\nSUMMARY:x", head=HEAD.replace(old, new).replace("END:DAYLIGHT", "END:SUMMER" if "SUMMER" in new else "END:DAYLIGHT"))
    assert [p for p in faults(data) if words in p.message and p.place and 4 <= p.place.line <= 18]


def test_blank_lines_at_the_end_are_forgiven() -> None:
    """They are a warning there, and an error elsewhere; a folded line that holds only a space is none."""
    assert only(calendar(TIMED) + b"\r\n\r\n").severity == "warning"
    assert faults(calendar(TIMED).replace(b"Meeting", b"Meet\r\n  \r\n ing")) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf<html>", "web page"),
        (b"PK\x03\x04" + b"\0" * 100, "ZIP"),
        (b"\x1f\x8b\x08" + b"\0" * 100, "compressed"),
        ("BEGIN:VCALENDAR\r\n".encode("utf-16"), "UTF-16"),
        (b'{"error": 404}', "JSON"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "contacts"),
        (b"Not found\r\n", "no BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\n" * (1 << 20), "larger than 16 MB"),
        (b" \r\n\t", "empty"),
    ],
)
def test_what_is_no_calendar(data: bytes, words: str) -> None:
    """Something else is named for what it is, in a single finding."""
    (problem,) = lint(data, "x")
    assert words in problem.message and problem.severity == "error"


def test_the_same_is_not_told_a_thousand_times() -> None:
    """Of findings with the same words five are listed and the rest counted; and no file has more than some hundred findings."""
    data = calendar(*["DTSTART;VALUE=DATE:20261102\nSUMMARY:a;b"] * 1000)
    found = [p for p in lint(data, "x") if "SUMMARY holds" in p.message]
    assert len(found) == 5 and found[-1].message == 'SUMMARY holds ";", which is not escaped (995 more like it).'
    assert [p.place.line for p in found if p.place] == [23, 29, 35, 41, 47]
    many = lint(calendar(*[f"UID:x\nDTSTART;VALUE=DATE:20261102\nSUMMARY:x\nSTATUS:{n}" for n in range(2000)]), "x")
    assert len(many) == 501 and "more findings are not listed" in many[-1].message


def test_files_that_share_events() -> None:
    """A linter that is used for several files tells what is wrong with an event in the first of them, and what is wrong with a file in each."""
    linter = Linter()
    one, other = calendar(f"{TIMED};x", head=HEAD), calendar(f"{TIMED};x", head=HEAD.replace("VERSION:2.0\n", ""))
    assert ["escaped" in p.message for p in linter.lint(one, "one")] == [True]
    assert ["VERSION" in p.message for p in linter.lint(other, "other")] == [True]
    assert [p.message for p in linter.lint(calendar(TIMED, head=HEAD.replace("Europe/London", "Europe/Paris")), "three")] != []


# --- other people's files --------------------------------------------------------------------------------------------

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
X-WR-CALNAME:Repair group
X-WR-TIMEZONE:America/New_York
X-WR-CALDESC:Where things are mended\\, and tea is drunk
BEGIN:VTIMEZONE
TZID:America/New_York
X-LIC-LOCATION:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20240109T180000
DTEND;TZID=America/New_York:20240109T200000
RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20240528T035959Z;BYDAY=TU
EXDATE;TZID=America/New_York:20240213T180000
DTSTAMP:20260110T101112Z
UID:0a1b2c3d4e5f6g7h8i9j@google.com
CREATED:20231210T101112Z
DESCRIPTION:<p>Bring your <b>lamp</b></p>\\nhttps://example.org/a?b=c\\;d
LAST-MODIFIED:20240110T101112Z
LOCATION:12 High St\\, Springfield
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Repair evening
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20240206T190000
DTEND;TZID=America/New_York:20240206T210000
DTSTAMP:20260110T101112Z
UID:0a1b2c3d4e5f6g7h8i9j@google.com
RECURRENCE-ID;TZID=America/New_York:20240206T180000
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Repair evening (later)
END:VEVENT
BEGIN:VEVENT
DTSTART:20240301T150000Z
DTEND:20240301T160000Z
DTSTAMP:20260110T101112Z
UID:single@google.com
SUMMARY:One talk
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20240704
DTEND;VALUE=DATE:20240705
DTSTAMP:20260110T101112Z
UID:day@google.com
DESCRIPTION:
LOCATION:
STATUS:TENTATIVE
SUMMARY:Picnic
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""
OUTLOOK = """BEGIN:VCALENDAR
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
X-WR-CALNAME:Calendar
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DESCRIPTION:\\n
RRULE:FREQ=MONTHLY;UNTIL=20270630T170000Z;INTERVAL=1;BYDAY=1MO
EXDATE;TZID=W. Europe Standard Time:20270104T190000
UID:040000008200E00074C5B7101A82E00800000000F0A1B2C3D4E5D801000000000000000
 01000000000A1B2C3D4E5F60718293A4B5C6D7E8F
SUMMARY:Stammtisch
DTSTART;TZID=W. Europe Standard Time:20261005T190000
DTEND;TZID=W. Europe Standard Time:20261005T210000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20260901T080000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
LOCATION:Raum 4
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
END:VEVENT
END:VCALENDAR
"""
APPLE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//macOS 14.2//EN
CALSCALE:GREGORIAN
X-WR-CALNAME:Choir
X-APPLE-CALENDAR-COLOR:#1BADF8
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
DTSTART:19810329T010000
TZNAME:BST
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
DTSTART:19961027T020000
TZNAME:GMT
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
TRANSP:OPAQUE
DTEND;TZID=Europe/London:20260106T213000
UID:9B6C8C9E-5F0B-4B7B-9E1A-0F6B8B6D5C11
DTSTAMP:20251201T120000Z
LOCATION:St Anne's Hall\\nChurch Lane\\nLeeds
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="Church Lane\\nLeeds";X-
 APPLE-RADIUS=70;X-TITLE="St Anne's Hall":geo:53.799000,-1.549000
SEQUENCE:1
SUMMARY:Rehearsal
DTSTART;TZID=Europe/London:20260106T193000
CREATED:20251201T115500Z
RRULE:FREQ=WEEKLY;COUNT=12
LAST-MODIFIED:20251201T115900Z
END:VEVENT
END:VCALENDAR
"""
EVOLUTION = """BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Ximian//NONSGML Evolution Calendar//EN
VERSION:2.0
BEGIN:VTIMEZONE
TZID:/freeassociation.sourceforge.net/Europe/Berlin
X-LIC-LOCATION:Europe/Berlin
BEGIN:DAYLIGHT
TZNAME:CEST
DTSTART:19810329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:c2a4b6d8e0
DTSTAMP:20260101T000000Z
DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:
 20260305T180000
DTEND;TZID=/freeassociation.sourceforge.net/Europe/Berlin:
 20260305T200000
SUMMARY:Chorprobe
END:VEVENT
BEGIN:VTODO
UID:todo
DTSTAMP:20260101T000000Z
DUE;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260305T180000
SUMMARY:Buy glue
END:VTODO
END:VCALENDAR
"""


@pytest.mark.parametrize("text", [GOOGLE, OUTLOOK, APPLE, EVOLUTION], ids=["Google", "Outlook", "Apple", "Evolution"])
def test_sound_files_of_others(text: str) -> None:
    """What the large programs write is let pass: their zones from 1601 and 1970, their names, their own properties and parameters."""
    assert faults(text.replace("\n", "\r\n").encode()) == []


def test_what_others_do_write_wrongly() -> None:
    """METHOD in a Google calendar, and the UTC of its overrides, are warnings and no errors: the dates are found all the same."""
    text = GOOGLE.replace("CALSCALE", "METHOD:PUBLISH\nCALSCALE").replace("RECURRENCE-ID;TZID=America/New_York:20240206T180000", "RECURRENCE-ID:20240206T230000Z")
    assert [(p.severity, p.message.split()[0]) for p in faults(text.replace("\n", "\r\n").encode())] == [("warning", "METHOD"), ("warning", "RECURRENCE-ID")]
