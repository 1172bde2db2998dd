"""Dates, times and lengths of time: what is read, and what is refused with which advice."""

from datetime import date, datetime, time, timedelta

import pytest

from iopsgen.dates import Fault, read_day, read_duration, read_moment, read_time
from iopsgen.model import Moment

DAY = datetime(2012, 10, 5)
EVENING = datetime(2012, 10, 5, 18, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2012-10-05",
        "2012-10-5",
        "2012/10/05",
        "2012.10.05",
        "20121005",
        " 2012-10-05 ",
        "5 Oct 2012",
        "5 October 2012",
        "5. October 2012",
        "5th of October, 2012",
        "October 5, 2012",
        "Oct 5 2012",
        "Friday 2012-10-05",
        "Fri, 5 Oct 2012",
    ],
)
def test_a_day_is_read_in_every_form_with_one_meaning(text: str) -> None:
    """A date alone has no time and no offset, whatever the form."""
    assert read_moment(text) == Moment(wall=DAY, has_time=False)


@pytest.mark.parametrize(
    "text",
    [
        "2012-10-05 18:30",
        "2012-10-05T18:30",
        "2012-10-05t18:30:00",
        "2012-10-05 18:30:00.000",
        "2012-10-05 18.30",
        "2012-10-05 18h30",
        "2012-10-05, 18:30",
        "2012-10-05 at 6:30pm",
        "2012-10-05 6:30 p.m.",
        "2012-10-05 6.30 PM",
        "2012-10-05 1830",
        "20121005T183000",
        "5 Oct 2012 18:30",
        "October 5, 2012, 6:30 pm",
    ],
)
def test_a_date_and_time_is_wall_clock_time(text: str) -> None:
    """A time without an offset stays the time on the wall."""
    assert read_moment(text) == Moment(wall=EVENING)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2012-10-05T18:30:00Z", 0),
        ("2012-10-05T18:30:00.123Z", 0),
        ("2012-10-05 18:30 UTC", 0),
        ("2012-10-05T18:30:00+01:00", 60),
        ("2012-10-05 18:30 +0100", 60),
        ("2012-10-05 18:30-03:30", -210),
        ("2012-10-05 18:30 +14:00", 840),
        ("2012-10-05 18:30 UTC+2", 120),
        ("Fri, 05 Oct 2012 18:30:00 -0500", -300),
    ],
)
def test_an_offset_is_kept_beside_the_wall_clock(text: str, offset: int) -> None:
    """An offset that was written is kept in minutes; the wall clock is as written."""
    assert read_moment(text) == Moment(wall=EVENING, offset=offset)


def test_an_offset_in_iso_form_is_never_taken_for_an_end() -> None:
    """10:00-12:00 is refused, since it looks like start and end; with a T or seconds it is an offset."""
    assert read_moment("2012-10-05T10:00-12:00") == Moment(wall=datetime(2012, 10, 5, 10), offset=-720)
    assert read_moment("2012-10-05 10:00:00-12:00") == Moment(wall=datetime(2012, 10, 5, 10), offset=-720)


def test_midnight_at_the_end_of_a_day_is_the_next_day() -> None:
    """24:00 is the start of the next day (ISO 8601), and only exactly 24:00."""
    assert read_moment("2012-10-05 24:00") == Moment(wall=datetime(2012, 10, 6))
    assert isinstance(read_moment("2012-10-05 24:01"), Fault)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("03/04/2012", "2012-04-03 (3 April) or 2012-03-04 (4 March)"),
        ("3.4.2012", "2012-04-03 (3 April) or 2012-03-04 (4 March)"),
        ("3-4-2012 19:00", "2012-04-03 (3 April) or 2012-03-04 (4 March)"),
        ("25/12/2012", "Write 2012-12-25"),
        ("12/25/2012", "Write 2012-12-25"),
        ("03/04/12", "four digits"),
        ("12-10-05", "four digits"),
        ("5 Oct 12", "2026-10-05"),
        ("5 Oct", "2026-10-05"),
        ("10-28", "2026-10-28"),
        ("2026-10", "2026-10-28"),
        ("May 2026", "2026-10-28"),
        ("2026-02-30", "2026-02-28"),
        ("2024-02-30", "2024-02-29"),
        ("2024-09-31 19:00", "2024-09-30"),
        ("31 April 2026", "2026-04-30"),
        ("2026-13-05", "2026-05-13"),
        ("Thursday 2012-10-05", "weekday"),
        ("2012-10-05 19:00 PDT", "timezone: America/Los_Angeles"),
        ("2012-10-05 14:00 ET", "timezone: America/New_York"),
        ("2012-10-05 14:00 CET", "timezone: Europe/Berlin (or Europe/Paris)"),
        ("2012-10-05 14:00 (CEST)", "timezone: Europe/Berlin"),
        ("2012-10-05 14:00 GMT", "timezone: Europe/London"),
        ("2012-10-05 14:00 Europe/Rome", "timezone: Europe/Rome"),
        ("2012-10-05 CET", "timezone: Europe/Berlin"),
        ("2012-10-05 18:30 +17:30", "Leave the offset out"),
        ("2012-10-05 18:30 -14:01", "Leave the offset out"),
        ("2012-10-05 19", "19:00"),
        ("2012-10-05 19:00-21:00", "end: 21:00"),
        ("2012-10-05 10:00-12:00", "end: 12:00"),
        ("2012-10-05 10:00 - 11:30", "end: 11:30"),
        ("2012-10-05 19:00 to 9pm", "end: 9pm"),
        ("2012-10-05 25:00", "19:30"),
        ("2012-10-05 13pm", "7:30pm"),
        ("19:00", "2026-10-28"),
        ("tomorrow", "2026-10-28"),
        ("tba", "time: tba"),
        ("0206-10-05", "1000"),
        ("", "2026-10-28"),
        ("5 Oktober 2012", "2026-10-28"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_write(text: str, hint: str) -> None:
    """A form with two readings, a day that does not exist, an abbreviated zone and the like are faults whose hint helps."""
    fault = read_moment(text)
    assert isinstance(fault, Fault)
    assert hint in fault.hint


def test_an_impossible_date_names_the_length_of_its_month() -> None:
    """The message says how many days the month has."""
    fault = read_moment("2026-02-30")
    assert isinstance(fault, Fault)
    assert fault.message == "February 2026 has 28 days: there is no 2026-02-30."


def test_a_wrong_weekday_names_both() -> None:
    """The message says which weekday was written and which it is."""
    fault = read_moment("Thu, 05 Oct 2012 18:30:00 +0100")
    assert isinstance(fault, Fault)
    assert fault.message == "2012-10-05 is a Friday, not a Thursday."


def test_a_long_text_is_quoted_in_short() -> None:
    """A message stays a sentence, however much stands where a date should be."""
    for read in (read_moment, read_time, read_duration):
        fault = read("blah " * 20)
        assert isinstance(fault, Fault)
        assert len(fault.message) < 120


def test_digits_of_other_scripts_are_not_a_date() -> None:
    """Only the digits 0 to 9 make a date; others would look the same and sort differently."""
    assert isinstance(read_moment("٢٠١٢-١٠-٠٥"), Fault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19:30", time(19, 30)),
        ("9:05", time(9, 5)),
        ("19.30", time(19, 30)),
        ("19h30", time(19, 30)),
        ("19h", time(19)),
        ("19 Uhr", time(19)),
        ("1930", time(19, 30)),
        ("7pm", time(19)),
        ("7 PM", time(19)),
        ("7:30 pm", time(19, 30)),
        ("7.30p.m.", time(19, 30)),
        ("12am", time(0)),
        ("12:15 am", time(0, 15)),
        ("12pm", time(12)),
        ("noon", time(12)),
        ("12 noon", time(12)),
        ("midnight", time(0)),
        ("24:00", time(0)),
        ("18:30:15", time(18, 30, 15)),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, expected: time) -> None:
    """24-hour and 12-hour forms, with colon, point or h."""
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["7", "25:00", "19:60", "13pm", "0am", "19:30 CET", "19:30 or so", "19:30 - 21:00", "", "tba", "7:5", "2026-10-28"])
def test_no_time_is_guessed(text: str) -> None:
    """What is not clearly a time is a fault with a hint."""
    fault = read_time(text)
    assert isinstance(fault, Fault)
    assert fault.hint


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2h 30m", 150),
        ("2h30", 150),
        ("2h 30", 150),
        ("2:30", 150),
        ("2 hours, 30 minutes", 150),
        ("2 hours and 30 min", 150),
        ("90 min", 90),
        ("90m", 90),
        ("1.5 hours", 90),
        ("1,5 h", 90),
        ("an hour", 60),
        ("1 day", 1440),
        ("2 weeks", 20160),
        ("PT2H", 120),
        ("P1DT2H30M", 1590),
        ("P2W", 20160),
    ],
)
def test_a_length_of_time_is_read(text: str, minutes: int) -> None:
    """Weeks, days, hours and minutes, in words or as RFC 5545 has them."""
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["90", "0h", "-1h", "2 months", "1 year", "P", "PT", "400 days", "9" * 50 + "h", "h", "", "2 parsecs"])
def test_no_length_of_time_is_guessed(text: str) -> None:
    """A missing unit, months, nothing at all and more than a year are faults with a hint."""
    fault = read_duration(text)
    assert isinstance(fault, Fault)
    assert fault.hint


def test_a_day_has_no_time() -> None:
    """Where a day is wanted, a time is refused."""
    assert read_day("5 Oct 2012") == date(2012, 10, 5)
    fault = read_day("2012-10-05 18:30")
    assert isinstance(fault, Fault)
    assert fault.hint == "Write 2012-10-05."
