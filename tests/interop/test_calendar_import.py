"""What a site makes of a calendar equals the calendar: other people's programs find the same dates in both, to the minute."""

import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iopsgen.calendar_files.drafts import write_source
from tests.calendar_shapes import SHAPES
from tests.imports import AROUND, calendar_of, converted, file_of, seen
from tests.occasions import ZONES, occasions

B = ";TZID=Europe/Berlin:"

CASES: dict[str, tuple[str, ...]] = {  # what it is: the events of a file
    "single": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000",),
    "in UTC": ("DTSTART:20260702T190000Z|DTEND:20260702T233000Z",),
    "a series in UTC": ("DTSTART:20260315T190000Z|DTEND:20260315T200000Z|RRULE:FREQ=WEEKLY;COUNT=8",),
    "until a moment in UTC that is tomorrow here": (f"DTSTART{B}20260302T000000|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20260309T230000Z",),
    "until a day alone": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;UNTIL=20260316",),
    "the first date is none of the rule": (f"DTSTART{B}20260304T190000|DTEND{B}20260304T200000|RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260330T220000Z",),
    "two times a day": (f"DTSTART{B}20260302T090000|DURATION:PT1H|RRULE:FREQ=DAILY;BYHOUR=9,15;UNTIL=20260305T120000Z",),
    "two times a day, starting with the second": (f"DTSTART{B}20260302T150000|DURATION:PT1H|RRULE:FREQ=DAILY;BYHOUR=9,15;UNTIL=20260305T120000Z",),
    "exceptions in every form": (
        f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=8|EXDATE{B}20260309T190000,20260316T190000"
        "|EXDATE:20260323T180000Z|EXDATE;VALUE=DATE:20260406",
    ),
    "an exception that is none": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=4|EXDATE{B}20260310T190000",),
    "all-day series with exceptions": ("DTSTART;VALUE=DATE:20260302|DTEND;VALUE=DATE:20260304|RRULE:FREQ=YEARLY;COUNT=3|EXDATE;VALUE=DATE:20270302",),
    "an all-day series without an end": ("DTSTART;VALUE=DATE:20260302|RRULE:FREQ=MONTHLY;COUNT=4",),
    "dates without a rule": (f"DTSTART{B}20260302T190000|DURATION:PT1H30M|RDATE{B}20260305T190000,20260307T200000",),
    "dates of different lengths": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RDATE;VALUE=PERIOD:20260305T180000Z/PT3H",),
    "dates over midnight": (f"DTSTART{B}20260302T220000|DTEND{B}20260303T010000|RDATE{B}20260305T220000,20260307T230000",),
    "dates of several days": ("DTSTART;VALUE=DATE:20260302|DTEND;VALUE=DATE:20260305|RDATE;VALUE=DATE:20260309,20260318",),
    "dates beside a rule": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=3|RDATE{B}20260305T100000,20260306T190000",),
    "changed dates": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=8",
        f"UID:a|RECURRENCE-ID{B}20260309T190000|DTSTART{B}20260310T180000|DTEND{B}20260310T193000|SUMMARY:Elsewhere: a walk",
        "UID:a|RECURRENCE-ID:20260316T180000Z|DTSTART:20260317T110000Z|DTEND:20260317T120000Z",
        f"UID:a|RECURRENCE-ID{B}20260323T190000|DTSTART{B}20260323T190000|DTEND{B}20260323T200000|STATUS:CANCELLED",
        f"UID:a|RECURRENCE-ID{B}20260330T190000|DTSTART{B}20260330T190000|DTEND{B}20260331T010000",
        f"UID:a|RECURRENCE-ID{B}20260406T190000|DTSTART;VALUE=DATE:20260407|DTEND;VALUE=DATE:20260409",
    ),
    "a change of a date that is left out": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=4|EXDATE{B}20260309T190000",
        f"UID:a|RECURRENCE-ID{B}20260309T190000|DTSTART{B}20260310T190000|DTEND{B}20260310T200000",
    ),
    "a change of a date that is none": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=3",
        f"UID:a|RECURRENCE-ID{B}20260311T190000|DTSTART{B}20260312T190000|DTEND{B}20260312T210000|SUMMARY:Extra",
    ),
    "a change of all later dates": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=6",
        f"UID:a|RECURRENCE-ID;RANGE=THISANDFUTURE{B}20260309T190000|DTSTART{B}20260310T180000|DTEND{B}20260310T200000|SUMMARY:Later",
    ),
    "a change of an added date": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RDATE{B}20260305T190000",
        f"UID:a|RECURRENCE-ID{B}20260305T190000|DTSTART{B}20260306T180000|DTEND{B}20260306T200000",
    ),
    "a single event whose only date is changed": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000",
        f"UID:a|RECURRENCE-ID{B}20260302T190000|DTSTART{B}20260310T190000|DTEND{B}20260310T200000|SUMMARY:Moved",
    ),
    "a series of one date, which is cancelled": (
        f"UID:a|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|RRULE:FREQ=WEEKLY;COUNT=1",
        f"UID:a|RECURRENCE-ID{B}20260302T190000|DTSTART{B}20260302T190000|DTEND{B}20260302T200000|SUMMARY:Off|STATUS:CANCELLED",
    ),
    "single dates without their series": (
        f"UID:a|RECURRENCE-ID{B}20260309T190000|DTSTART{B}20260310T190000|DTEND{B}20260310T200000",
        f"UID:a|RECURRENCE-ID{B}20260316T190000|DTSTART{B}20260317T190000|DTEND{B}20260317T210000|SUMMARY:Two",
    ),
    "a newer version": (f"UID:a|SEQUENCE:2|DTSTART{B}20260303T190000|SUMMARY:New", f"UID:a|SEQUENCE:1|DTSTART{B}20260302T190000|SUMMARY:Old"),
    "in both of two equal hours": ("DTSTART:20261025T003000Z|DTEND:20261025T013000Z", "DTSTART:20261025T013000Z|DTEND:20261025T020000Z"),
    "nights over clock changes": (f"DTSTART{B}20260321T220000|DTEND{B}20260322T040000|RRULE:FREQ=WEEKLY;COUNT=40",),
    "a series that starts in the skipped hour": (f"DTSTART{B}20260329T023000|RRULE:FREQ=DAILY;COUNT=3",),
    "a zone that nobody has named": ("DTSTART;TZID=America/New_York:20260302T190000|DTEND;TZID=America/New_York:20260302T200000|RRULE:FREQ=WEEKLY;COUNT=8",),
    "to the second": (f"DTSTART{B}20260302T190015|DTEND{B}20260302T235959|RRULE:FREQ=DAILY;COUNT=3",),
    "no end": (f"DTSTART{B}20260302T190000|RRULE:FREQ=DAILY;COUNT=3",),
    "an end that is the start": (f"DTSTART{B}20260302T190000|DTEND{B}20260302T190000",),
    "tentative and cancelled": (f"DTSTART{B}20260302T190000|STATUS:TENTATIVE", f"DTSTART{B}20260303T190000|RRULE:FREQ=DAILY;COUNT=2|STATUS:CANCELLED"),
    "six weeks": (f"DTSTART{B}20260302T190000|DTEND{B}20260415T120000",),
    "outlook's form of rules": (
        f"DTSTART{B}20260302T190000|DURATION:PT1H|RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=9",
        f"DTSTART{B}20260329T190000|DURATION:PT1H|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYSETPOS=-1;COUNT=3",
        f"DTSTART{B}20260302T120000|DURATION:PT1H|RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=30",
        f"DTSTART{B}20260331T120000|DURATION:PT1H|RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=9",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_date_is_the_same(name: str) -> None:
    """The site's own calendar of an imported event has the dates of the original: start, end, title and status."""
    data = file_of(*CASES[name], zones=ZONES)
    found = converted(data)
    assert not found.problems and all("older" in skip.why for skip in found.skipped)
    sources = "\n".join(write_source(draft.keys, draft.body) for draft in found.drafts)
    assert seen(data) == seen(calendar_of(found)), sources


@pytest.mark.parametrize("name", SHAPES)
def test_every_date_of_well_known_programs_is_the_same(name: str) -> None:
    """The same for what Google, Outlook, Apple, Nextcloud, Mobilizon, The Events Calendar and Meetup write; private events are taken, too."""
    data = SHAPES[name].data
    found = converted(data, msgspec.structs.replace(AROUND, private=True))
    assert not found.problems and not found.skipped
    data = re.sub(rb'TZID="W. Europe Standard Time":(\d{8})T000000', rb"VALUE=DATE:\1", data)  # so Outlook writes whole days
    assert [one[:2] for one in seen(data)] == [one[:2] for one in seen(calendar_of(found))]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(occasions(), st.data())
def test_every_date_of_any_series_is_the_same(events: list[str], data: st.DataObject) -> None:
    """The same for series made at random: rules, exceptions, further and changed dates, in zones that change their clocks on different days."""
    file = file_of(*events, zones=ZONES)
    found = converted(file)
    assert not found.skipped
    sources = "\n".join(write_source(draft.keys, draft.body) for draft in found.drafts)
    assert seen(file) == seen(calendar_of(found)), "\n".join(events).replace("|", "\n") + "\n\n" + sources


def test_our_own_calendar_comes_back_as_it_was() -> None:
    """A calendar that a site wrote, imported elsewhere and written again, has the same dates under the same names."""
    first = calendar_of(converted(file_of(*(event for events in CASES.values() for event in _apart(events)), zones=ZONES)))
    again = calendar_of(converted(first))
    assert seen(first) == seen(again)
    assert {line for line in first.split(b"\r\n") if line.startswith(b"UID:")} == {line for line in again.split(b"\r\n") if line.startswith(b"UID:")}


def _apart(events: tuple[str, ...]) -> list[str]:
    """The events of a case with a UID that no other case has."""
    mark = f"{abs(hash(events)) % 10**8}"
    return [event.replace("UID:a|", f"UID:{mark}|") if event.startswith("UID:a|") else f"UID:{mark}-{n}|{event}" for n, event in enumerate(events)]
