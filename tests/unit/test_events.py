"""Events in their place: start and end, occurrences, changes, what is upcoming, and every slip of time that is told."""

from datetime import UTC, date, datetime, timedelta

import pytest

from iopsgen.assemble.events import derive_uid, next_change, over_at, resolve_event
from iopsgen.dates import Fault, read_moment, read_time
from iopsgen.model import Change, Event, EventFields, Moment, Occurrence, Rule, Venue
from iopsgen.problems import Place, Problem
from iopsgen.recurrence import read_repeat, read_rrule
from iopsgen.zones import zone

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = date(2028, 6, 1)
LINES = {"start": 3, "end": 4, "repeat": 5, "changes": 6, "dates": 7}


def at(text: str, line: int = 0) -> Moment:
    """A moment as the reader gives it."""
    read = read_moment(text)
    assert isinstance(read, Moment), read
    return Moment(wall=read.wall, offset=read.offset, has_time=read.has_time, line=line, column=line and 8)


def clock(text: str) -> Moment:
    """A time alone, as the reader gives it."""
    read = read_time(text)
    assert not isinstance(read, Fault)
    return Moment(wall=datetime.combine(date(1900, 1, 1), read))


def repeated(text: str) -> Rule:
    """A repetition in words."""
    read = read_repeat(text)
    assert isinstance(read, Rule), read
    return read


def resolve(
    fields: EventFields, name: str = "Europe/Berlin", now: datetime = NOW, horizon: date = HORIZON, updated: datetime | None = None, language: str = "en"
) -> tuple[Event, list[Problem]]:
    """The event with the arguments that do not matter filled in."""
    return resolve_event(
        fields,
        slug="meeting",
        route="/events/meeting/",
        language=language,
        zone=name,
        chapter="berlin",
        venue=None,
        organisers=("berlin",),
        site_host="example.org",
        horizon_end=horizon,
        now=now,
        updated=updated,
    )


def event(**written: object) -> EventFields:
    """An event as written."""
    return EventFields(source="content/events/meeting.md", lines=LINES, **written)  # type: ignore[arg-type]


def sound(fields: EventFields, **more: object) -> Event:
    """The event, which must be without problems."""
    found, problems = resolve(fields, **more)  # type: ignore[arg-type]
    assert problems == []
    return found


def only(fields: EventFields, **more: object) -> Problem:
    """The one problem of an event."""
    _, problems = resolve(fields, **more)  # type: ignore[arg-type]
    assert len(problems) == 1, problems
    return problems[0]


def times(found: Event) -> list[str]:
    """Start and end of each occurrence, short."""

    def short(moment: date | None) -> str:
        return f"{moment:%m-%d %H:%M}" if isinstance(moment, datetime) else f"{moment:%m-%d}" if moment else ""

    return [f"{short(o.start)}/{short(o.end)}" + ("!" if o.cancelled else "") for o in found.occurrences]


# --- one date ------------------------------------------------------------------------------------------------------


def test_a_wall_clock_time_is_in_the_zone_of_the_event() -> None:
    """Start, end as a time, and everything handed in arrive in the event."""
    found = sound(event(start=at("2026-12-01 19:00"), end=clock("21:30"), end_is_time=True), name="America/New_York")
    assert found.start == datetime(2026, 12, 1, 19, tzinfo=zone("America/New_York"))
    assert found.end == datetime(2026, 12, 1, 21, 30, tzinfo=zone("America/New_York"))
    assert found.occurrences == (Occurrence(start=found.start, end=found.end),)
    assert (found.dated, found.all_day, found.zone, found.chapter, found.organisers) == (True, False, "America/New_York", "berlin", ("berlin",))
    assert (found.route, found.slug, found.group) == ("/events/meeting/", "meeting", "content/events/meeting.md")


def test_an_end_is_a_time_a_moment_or_a_length() -> None:
    """All three forms of the end give the same event."""
    forms: list[dict[str, object]] = [{"end": clock("21:00"), "end_is_time": True}, {"end": at("2026-12-01 21:00")}, {"duration": timedelta(hours=2)}]
    for form in forms:
        assert times(sound(event(start=at("2026-12-01 19:00"), **form))) == ["12-01 19:00/12-01 21:00"]


def test_an_end_after_midnight_is_the_next_day_and_said() -> None:
    """22:00 to 02:00 is read as a night, with a hint; a length beyond twelve hours is a warning."""
    night = event(start=at("2026-12-01 22:00"), end=clock("02:00"), end_is_time=True)
    assert times(resolve(night)[0]) == ["12-01 22:00/12-02 02:00"]
    assert only(night).severity == "hint"
    assert "end: 2026-12-02 02:00" in only(night).hint
    slip = only(event(start=at("2026-12-01 19:00"), end=clock("18:00"), end_is_time=True))
    assert slip.severity == "warning"
    assert "23 hours" in slip.message
    midnight = event(start=at("2026-12-01 19:00"), end=clock("24:00"), end_is_time=True)
    assert times(resolve(midnight)[0]) == ["12-01 19:00/12-02 00:00"]


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ({"start": at("2026-12-01 19:00"), "end": at("2026-12-01 17:00")}, "before it starts", "end: 2026-12-02 17:00"),
        ({"start": at("2026-12-01 19:00"), "end": at("2026-11-01 21:00")}, "before it starts", "Correct one"),
        ({"start": at("2026-12-01 19:00"), "end": clock("19:00"), "end_is_time": True}, "ends when it starts", "leave the end out"),
        ({"start": at("2026-12-01 19:00"), "end": at("2026-12-01 19:00")}, "ends when it starts", "Did you mean"),
        ({"start": at("2026-12-01 19:00"), "end": at("2026-12-03")}, "none at its end", "end: 2026-12-03 17:00"),
        ({"start": at("2026-12-01"), "end": clock("21:00"), "end_is_time": True}, "none at its start", "start: 2026-12-01 19:00"),
        ({"start": at("2026-12-01"), "end": at("2026-12-01 21:00")}, "none at its start", "start: 2026-12-01 19:00"),
        ({"start": at("2026-12-01"), "duration": timedelta(hours=2)}, "no start time", "start: 2026-12-01 19:00"),
        ({"start": at("2026-12-03"), "end": at("2026-12-01")}, "before it starts", "last day"),
        ({"start": at("2026-12-01 19:00"), "end": at("2029-12-01 21:00")}, "lasts 1096 days", "year"),
        ({"start": at("2026-12-01"), "end": at("2029-12-01")}, "lasts 1097 days", "year"),
        ({"start": at("2027-03-28 02:30")}, "no 02:30 on 2027-03-28 in Europe/Berlin", "2027-03-28 03:00"),
        ({"start": at("2026-12-01 19:00"), "changes": (Change(original=at("2026-12-01"), cancelled=True),)}, "several times", "status: cancelled"),
        ({"dates": (at("2026-12-01 19:00"), at("2026-12-08"))}, "2026-12-08 has no time", "2026-12-08 19:00"),
        ({"dates": (at("2026-12-01 19:00"), at("2026-12-08 19:00")), "end": at("2026-12-01 21:00")}, "several dates", "end: 21:00"),
        ({"dates": (at("2026-12-01"), at("2026-12-08")), "end": at("2026-12-02")}, "several dates", "duration: 2 days"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly on Wed")}, "Tuesday 2026-12-01", "start: 2026-12-02 19:00"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly until 2026-01-01")}, "before the first date", "year"),
        ({"start": at("2026-01-05 19:00"), "end": at("2026-12-28 21:00"), "repeat": repeated("weekly")}, "lasts 357 days", "until"),
        ({"start": at("2026-12-01"), "repeat": repeated("weekly, also 2026-12-03 19:00")}, "whole days", "also 2026-12-03"),
    ],
)
def test_what_cannot_be_is_an_error(written: dict[str, object], message: str, hint: str) -> None:
    """Times that contradict each other or do not exist stop the build, with what to write instead."""
    problem = only(event(**written))
    assert problem.severity == "error"
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ({"start": at("2027-10-31 02:30")}, "happens twice", "2027-10-31 02:30+01:00"),
        ({"start": at("2029-12-01 19:00")}, "more than two years", "year"),
        ({"start": at("2026-12-01 19:00"), "end": at("2027-02-01 19:00")}, "lasts 62 days", "without times"),
        ({"start": at("2026-12-01 19:00"), "time_tba": True}, "to be announced", "Remove"),
        ({"start": at("2026-12-01"), "end": clock("21:00"), "end_is_time": True, "time_tba": True}, "to be announced", "Remove"),
        ({"dates": (at("2026-12-01 19:00"), at("2026-12-01 19:00"))}, "listed twice", "Remove"),
        ({"start": at("2026-12-01 19:00"), "title": "Friday drinks"}, "says Friday, but 2026-12-01 is a Tuesday", "title"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly, except 2026-12-09")}, "2026-12-09", "2026-12-08 19:00"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly, except 2026-12-08 18:00")}, "2026-12-08 18:00", "2026-12-08 19:00"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly, also 2026-12-08")}, "anyway", "Remove"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly, pause 2026-12-02 to 2026-12-07")}, "leaves out nothing", "2026-12-01"),
        ({"start": at("2026-12-01 19:00"), "repeat": repeated("weekly, 2 times, except 2026-12-01, 2026-12-08")}, "Every date", "cancelled"),
        ({"start": at("2026-12-31 19:00"), "repeat": repeated("monthly until 2027-05-01")}, "February 2027, April 2027", "last day"),
        ({"start": at("2027-03-21 02:30"), "repeat": repeated("weekly, 3 times")}, "2027-03-28 (shown at 03:30)", "also 2027-03-28 03:30"),
        ({"start": at("2027-10-24 02:30"), "repeat": repeated("weekly, 3 times")}, "twice on 2027-10-31", "2027-10-31 03:30"),
    ],
)
def test_what_may_be_a_slip_is_a_warning(written: dict[str, object], message: str, hint: str) -> None:
    """What is odd but possible is published, and told with a date or a form to check."""
    problem = only(event(**written))
    assert problem.severity == "warning"
    assert message in problem.message
    assert hint in problem.hint


def test_a_problem_stands_where_it_was_written() -> None:
    """The line and column of the moment itself, else the line of its key."""
    assert only(event(start=at("2027-03-28 02:30", line=9))).place == Place("content/events/meeting.md", 9, 8)
    assert only(event(start=at("2026-12-31"), repeat=repeated("monthly until 2027-03-01"))).place == Place("content/events/meeting.md", 5, 1)


def test_an_offset_is_converted_and_said() -> None:
    """A browser editor's UTC time becomes the time in the zone; the hint says how it was read."""
    found, problems = resolve(event(start=at("2026-12-01T18:00:00Z")))
    assert found.start == datetime(2026, 12, 1, 19, tzinfo=zone("Europe/Berlin"))
    assert [p.severity for p in problems] == ["hint"]
    assert "read as 2026-12-01 19:00 in Europe/Berlin" in problems[0].message
    chosen, problems = resolve(event(start=at("2027-10-31 02:30+01:00")))
    assert isinstance(chosen.start, datetime)
    assert chosen.start.utcoffset() == timedelta(hours=1)
    assert [p.severity for p in problems] == ["hint"]


def test_an_all_day_event_ends_on_its_last_day() -> None:
    """Days stay days, the end is inclusive, and a length in days counts the first."""
    assert times(sound(event(start=at("2026-12-01")))) == ["12-01/"]
    assert times(sound(event(start=at("2026-12-01"), end=at("2026-12-03")))) == ["12-01/12-03"]
    found = sound(event(start=at("2026-12-01"), duration=timedelta(days=2)))
    assert (found.all_day, found.start, found.end) == (True, date(2026, 12, 1), date(2026, 12, 2))


def test_a_time_to_be_announced_makes_a_day() -> None:
    """`time: tba` with a day is all-day; without one the event has no date at all."""
    found = sound(event(start=at("2026-12-01"), time_tba=True))
    assert (found.all_day, found.dated, found.start) == (True, True, date(2026, 12, 1))
    nowhen = sound(event(time_tba=True))
    assert (nowhen.dated, nowhen.start, nowhen.occurrences, nowhen.upcoming) == (False, None, (), ())
    assert next_change(nowhen, NOW) is None


def test_a_duration_is_real_time_and_an_end_is_on_the_clock() -> None:
    """Over the night on which the clocks go back, two hours are two hours, and an end at 04:00 is at 04:00."""
    night = at("2027-10-31 01:30")
    assert times(sound(event(start=night, duration=timedelta(hours=2)))) == ["10-31 01:30/10-31 02:30"]
    end = sound(event(start=night, end=clock("04:00"), end_is_time=True)).end
    assert isinstance(end, datetime)
    assert end.isoformat() == "2027-10-31T04:00:00+01:00"


# --- several dates -------------------------------------------------------------------------------------------------


def test_a_series_keeps_its_wall_clock_time_over_the_year() -> None:
    """Occurrences stay at 19:00 to 21:00 whatever the offset; each knows its original start."""
    found = sound(event(start=at("2027-03-22 19:00"), end=clock("21:00"), end_is_time=True, repeat=repeated("weekly, 3 times")))
    assert times(found) == ["03-22 19:00/03-22 21:00", "03-29 19:00/03-29 21:00", "04-05 19:00/04-05 21:00"]
    assert [o.start.utcoffset() for o in found.occurrences if isinstance(o.start, datetime)] == [timedelta(hours=n) for n in (1, 2, 2)]
    assert all(o.original == o.start and not o.changed for o in found.occurrences)


def test_the_horizon_bounds_what_a_rule_makes() -> None:
    """Beyond it only the first date and those that somebody wrote down are there."""
    endless = event(
        start=at("2026-12-01 19:00"),
        repeat=repeated("weekly, also 2027-12-24"),
        changes=(Change(original=at("2027-06-01"), cancelled=True),),
    )
    assert times(sound(endless, horizon=date(2026, 12, 8))) == ["12-01 19:00/", "12-08 19:00/", "06-01 19:00/!", "12-24 19:00/"]
    assert times(sound(event(start=at("2026-12-01 19:00"), repeat=repeated("weekly")), horizon=date(2026, 1, 1))) == ["12-01 19:00/"]


def test_exceptions_reach_the_calendar() -> None:
    """What is left out and what is added is listed with its zone, beyond the horizon too."""
    found = sound(
        event(start=at("2026-12-01 19:00"), repeat=repeated("weekly, except 2026-12-08, pause 2027-07-01 to 2027-07-09, also 2026-12-09 20:00")),
        horizon=date(2026, 12, 20),
    )
    tz = zone("Europe/Berlin")
    assert times(found) == ["12-01 19:00/", "12-09 20:00/", "12-15 19:00/"]
    assert found.left_out == (datetime(2026, 12, 8, 19, tzinfo=tz), datetime(2027, 7, 6, 19, tzinfo=tz))
    assert found.added == (datetime(2026, 12, 9, 20, tzinfo=tz),)


def test_a_list_of_dates_is_a_series() -> None:
    """`dates` in any order, each ending at the same time of day; all but the first are additions."""
    found = sound(event(dates=(at("2026-12-05 19:00"), at("2026-12-01 18:00"), at("2027-01-02 19:00")), end=clock("21:00"), end_is_time=True))
    assert times(found) == ["12-01 18:00/12-01 21:00", "12-05 19:00/12-05 21:00", "01-02 19:00/01-02 21:00"]
    assert found.start == found.occurrences[0].start
    assert found.added == tuple(o.start for o in found.occurrences[1:])
    whole = sound(event(dates=(at("2026-12-05"), at("2026-12-01")), duration=timedelta(days=3)))
    assert times(whole) == ["12-01/12-03", "12-05/12-07"]


def test_a_moved_date_of_a_list_stays_as_long_as_it_was() -> None:
    """The common end time is that of the dates as listed; a date moved to the morning does not last until the evening."""
    found = sound(
        event(
            dates=(at("2026-12-01 18:00"), at("2026-12-05 19:00")),
            end=clock("21:00"),
            end_is_time=True,
            changes=(Change(original=at("2026-12-01"), start=at("2026-12-02 10:00")),),
        )
    )
    assert times(found) == ["12-02 10:00/12-02 13:00", "12-05 19:00/12-05 21:00"]


def test_whole_days_can_be_moved_too() -> None:
    """The new start is a day, the length in days stays, and a time is refused."""
    camp = {"start": at("2026-12-01"), "end": at("2026-12-02"), "repeat": repeated("weekly, 2 times")}
    found = sound(event(**camp, changes=(Change(original=at("2026-12-01"), start=at("2026-12-03")),)))
    assert times(found) == ["12-03/12-04", "12-08/12-09"]
    longer = sound(event(**camp, changes=(Change(original=at("2026-12-08"), end=at("2026-12-10")),)))
    assert times(longer) == ["12-01/12-02", "12-08/12-10"]
    for change in (
        Change(original=at("2026-12-01"), start=at("2026-12-03 19:00")),
        Change(original=at("2026-12-01"), end=at("2026-12-03 19:00")),
        Change(original=at("2026-12-08"), end=at("2026-12-07")),
    ):
        assert only(event(**camp, changes=(change,))).severity == "error"


def test_single_occurrences_can_be_changed() -> None:
    """Moved, cancelled, renamed and relocated occurrences keep their original start; the order is by the new one."""
    hall = Venue(id="hall", name="Town hall")
    found, problems = resolve(
        event(
            start=at("2026-12-07 19:00"),
            end=clock("21:00"),
            end_is_time=True,
            repeat=repeated("weekly, 4 times"),
            changes=(
                Change(original=at("2026-12-07"), start=at("2026-12-22 18:00"), note="room taken"),
                Change(original=at("2026-12-14 19:00"), cancelled=True),
                Change(original=at("2026-12-21"), title="Party", venue=hall, online="https://example.org/", end=clock("01:00"), end_is_time=True),
            ),
        )
    )
    assert [p.severity for p in problems] == ["hint"]  # that 01:00 is the next day's
    assert times(found) == ["12-14 19:00/12-14 21:00!", "12-21 19:00/12-22 01:00", "12-22 18:00/12-22 20:00", "12-28 19:00/12-28 21:00"]
    _, party, moved, plain = found.occurrences
    assert (moved.original, moved.note, moved.changed) == (datetime(2026, 12, 7, 19, tzinfo=zone("Europe/Berlin")), "room taken", True)
    assert (party.title, party.venue, party.online, party.original) == ("Party", hall, "https://example.org/", party.start)
    assert not plain.changed
    assert found.start == datetime(2026, 12, 7, 19, tzinfo=zone("Europe/Berlin"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(original=at("2026-12-07"), start=at("2026-12-08")), "12-08 19:00/12-08 21:00"),
        (Change(original=at("2026-12-07T18:00Z"), start=at("2026-12-08")), "12-08 19:00/12-08 21:00"),
        (Change(original=at("2026-12-07"), start=clock("20:00"), start_is_time=True), "12-07 20:00/12-07 22:00"),
        (Change(original=at("2026-12-07"), end=clock("23:00"), end_is_time=True), "12-07 19:00/12-07 23:00"),
        (Change(original=at("2026-12-07"), start=at("2026-12-08 10:00"), end=at("2026-12-08 11:00")), "12-08 10:00/12-08 11:00"),
    ],
)
def test_a_move_may_name_the_day_or_the_time_alone(change: Change, expected: str) -> None:
    """A day keeps the usual time, a time keeps the day, and the length stays unless an end is given."""
    found = sound(event(start=at("2026-12-07 19:00"), end=clock("21:00"), end_is_time=True, repeat=repeated("weekly, 2 times"), changes=(change,)))
    assert times(found)[:1] == [expected]


@pytest.mark.parametrize(
    ("change", "severity", "message", "hint"),
    [
        (Change(original=at("2026-12-08"), cancelled=True), "warning", "not take place on 2026-12-08", "2026-12-07 19:00"),
        (Change(original=at("2026-12-14 18:00"), cancelled=True), "warning", "2026-12-14 18:00", "2026-12-14 19:00"),
        (Change(original=at("2026-12-21"), cancelled=True), "warning", "left out by except", "keep only the change"),
        (Change(original=at("2026-12-07"), start=at("2027-03-28 02:30")), "error", "no 02:30", "2027-03-28 03:00"),
        (Change(original=at("2026-12-07"), end=at("2026-12-07 18:00")), "error", "before it starts", "Did you mean"),
    ],
)
def test_a_change_that_hits_nothing_or_cannot_be_is_told(change: Change, severity: str, message: str, hint: str) -> None:
    """A change names a real date by its original day, and its times are checked like all others."""
    problem = only(event(start=at("2026-12-07 19:00"), repeat=repeated("weekly, 4 times, except 2026-12-21"), changes=(change,)))
    assert problem.severity == severity
    assert message in problem.message
    assert hint in problem.hint


def test_two_changes_of_one_date_are_an_error() -> None:
    """By day and by day and time it is the same date."""
    both = (Change(original=at("2026-12-07"), cancelled=True), Change(original=at("2026-12-07 19:00"), title="Party"))
    assert "changed twice" in only(event(start=at("2026-12-07 19:00"), repeat=repeated("weekly"), changes=both)).message


@pytest.mark.parametrize(
    ("until", "last"), [("20261229T000000Z", "12-28"), ("20261228T235959Z", "12-21"), ("20261228", "12-28"), ("20261228T190000", "12-28"), ("20261228T185959", "12-21")]
)
def test_until_of_a_raw_rule_is_a_moment(until: str, last: str) -> None:
    """UNTIL in UTC or on the wall bounds the starts to the second, and becomes the last day in the event's zone."""
    rule = read_rrule(f"FREQ=WEEKLY;UNTIL={until}")
    assert isinstance(rule, Rule)
    found = sound(event(start=at("2026-12-07 19:00"), repeat=rule), name="America/New_York")
    assert times(found)[-1] == f"{last} 19:00/"
    assert found.fields.repeat is not None
    assert found.fields.repeat.until_at is None


# --- what is to come -----------------------------------------------------------------------------------------------


def test_an_occurrence_is_over_at_its_end_or_at_the_end_of_its_day() -> None:
    """With an end at that moment; without one when its day is over where it takes place; all-day after its last day."""
    tz = zone("America/New_York")
    start = datetime(2026, 12, 1, 19, tzinfo=tz)
    assert over_at(Occurrence(start=start, end=start + timedelta(hours=2)), "America/New_York") == datetime(2026, 12, 1, 21, tzinfo=tz)
    assert over_at(Occurrence(start=start), "America/New_York") == datetime(2026, 12, 2, tzinfo=tz)
    assert over_at(Occurrence(start=date(2026, 12, 1)), "America/New_York") == datetime(2026, 12, 2, tzinfo=tz)
    assert over_at(Occurrence(start=date(2026, 12, 1), end=date(2026, 12, 3)), "America/New_York") == datetime(2026, 12, 4, tzinfo=tz)


@pytest.mark.parametrize(
    "fields",
    [
        event(start=at("2026-12-01 19:00"), end=clock("21:00"), end_is_time=True, repeat=repeated("daily, 5 times")),
        event(start=at("2026-12-01 19:00"), repeat=repeated("daily, 5 times")),
        event(start=at("2026-12-01"), repeat=repeated("daily, 5 times")),
        event(start=at("2026-12-01"), end=at("2026-12-03"), repeat=repeated("every 3 days, 5 times")),
        event(
            start=at("2026-12-01 19:00"),
            duration=timedelta(hours=3),
            repeat=repeated("daily, 5 times"),
            changes=(Change(original=at("2026-12-02"), end=at("2026-12-06 12:00")),),
        ),
    ],
)
def test_upcoming_changes_exactly_when_it_is_said(fields: EventFields) -> None:
    """From one `next_change` to the next nothing changes, and at each of them exactly then one occurrence is over."""
    now = datetime(2026, 11, 30, tzinfo=UTC)
    seen = []
    while True:
        found, _ = resolve(fields, now=now)
        seen.append(len(found.upcoming))
        change = next_change(found, now)
        if change is None:
            break
        assert resolve(fields, now=change - timedelta(seconds=1))[0].upcoming == found.upcoming
        now = change
    assert seen == [5, 4, 3, 2, 1, 0]


def test_cancelled_dates_stay_in_sight() -> None:
    """A date that is cancelled is upcoming until it would have been over: people who planned to come must see it."""
    found = sound(event(start=at("2026-12-01 19:00"), repeat=repeated("weekly, 2 times"), changes=(Change(original=at("2026-12-01"), cancelled=True),)))
    assert [o.cancelled for o in found.upcoming] == [True, False]


# --- who it is -----------------------------------------------------------------------------------------------------


def test_a_uid_depends_on_site_and_source_alone() -> None:
    """An explicit uid wins; else neither title nor date nor zone changes it, and another file has another."""
    first = sound(event(start=at("2026-12-01 19:00"), title="One"))
    second = sound(event(start=at("2027-01-01 10:00"), title="Two"), name="Asia/Tokyo")
    assert first.uid == second.uid == derive_uid("example.org", "content/events/meeting.md")
    assert first.uid.endswith("@example.org")
    assert derive_uid("example.org", "content/events/other.md") != first.uid
    assert sound(event(start=at("2026-12-01 19:00"), uid="welcome@example.org")).uid == "welcome@example.org"


def test_sequence_grows_with_what_the_file_says_has_changed() -> None:
    """Nothing changed is 0; an old start, a status and changed dates count; `updated` counts by the minute and wins."""
    plain = event(start=at("2026-12-01 19:00"))
    assert sound(plain).sequence == 0
    assert sound(event(start=at("2026-12-01 19:00"), was=at("2026-11-01 19:00"), status="cancelled")).sequence == 2
    day = datetime(2026, 12, 1, tzinfo=UTC)
    numbers = [sound(plain, updated=day + timedelta(minutes=n)).sequence for n in (0, 1, 60)]
    assert numbers == sorted(set(numbers))
    assert 0 < numbers[0] < numbers[-1] < 2**31


@pytest.mark.parametrize(
    ("title", "language", "told"),
    [
        ("Friday drinks", "en", True),
        ("Tuesday drinks", "en", False),
        ("Tuesdays at the hub", "en", False),
        ("Monday to Wednesday sprint", "en", True),
        ("Tuesday or Friday?", "en", False),
        ("Stammtisch am Freitag", "de-AT", True),
        ("Stammtisch am Dienstag", "de", False),
        ("Réunion du vendredi", "fr", True),
        ("Cena del martes", "es", False),
        ("Fridayish", "en", False),
        ("Friday drinks", "ja", False),
    ],
)
def test_a_weekday_in_the_title_is_compared_with_the_date(title: str, language: str, told: bool) -> None:
    """2026-12-01 is a Tuesday; only whole names of weekdays in the event's language count."""
    _, problems = resolve(event(start=at("2026-12-01 19:00"), title=title), language=language)
    assert bool(problems) == told
