"""Laws of repetitions, judged by dateutil and recurring-ical-events, and of reading dates at all."""

from datetime import date, datetime, timedelta
from itertools import takewhile

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from iopsgen.dates import Fault, read_duration, read_moment, read_time
from iopsgen.model import Moment, Rule
from iopsgen.recurrence import Series, describe, expand, in_words, read_repeat, read_rrule, skipped_months, starts, write_repeat, write_rrule
from iopsgen.rrule import DAYS, Parts, read_parts, walls, write_parts
from iopsgen.zones import check_zone, place_moment, zone

few = settings(max_examples=40, deadline=None, derandomize=True)
some = settings(max_examples=150, deadline=None, derandomize=True)
many = settings(max_examples=400, deadline=None, derandomize=True)

DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31))
WALL = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(lambda d: d.replace(second=0, microsecond=0))
LATE = st.datetimes(datetime(9980, 1, 1), datetime(9985, 12, 31)).map(lambda d: d.replace(second=0, microsecond=0))
SPAN = timedelta(days=1500)


def day_of(wall: date) -> date:
    """The day of a day or a moment."""
    return wall.date() if isinstance(wall, datetime) else wall


@st.composite
def rrules(draw: st.DrawFn) -> str:
    """RRULE values whose meaning dateutil and RFC 5545 agree on.

    Left out, because dateutil differs there from the RFC: plain weekdays mixed with numbered ones (it takes those that are both),
    BYSETPOS with WEEKLY (it counts from the first date on), BYWEEKNO without a weekday.
    """
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]

    def choose(name: str, values: st.SearchStrategy[object]) -> None:
        if draw(st.booleans()):
            parts.append(f"{name}={','.join(str(v) for v in draw(st.lists(values, min_size=1, max_size=3, unique=True)))}")

    choose("BYMONTH", st.integers(1, 12))
    if freq != "WEEKLY":
        choose("BYMONTHDAY", st.sampled_from([-31, -29, -2, -1, 1, 2, 13, 15, 28, 29, 30, 31]))
    weeks = freq == "YEARLY" and draw(st.integers(0, 9)) == 0
    if freq == "YEARLY" and not weeks and draw(st.integers(0, 4)) == 0:
        choose("BYYEARDAY", st.sampled_from([1, 59, 60, 61, 200, 365, 366, -1, -306, -366]))
    numbers = [""] if freq in ("DAILY", "WEEKLY") or weeks or draw(st.booleans()) else ["1", "2", "3", "5", "-1", "-2"]
    if weeks or draw(st.booleans()):
        chosen = draw(st.lists(st.tuples(st.sampled_from(numbers), st.sampled_from(DAYS)), min_size=1, max_size=3, unique=True))
        parts.append("BYDAY=" + ",".join(n + d for n, d in chosen))
    if weeks:
        parts[1] = "INTERVAL=1"
        parts.append(f"BYWEEKNO={draw(st.sampled_from([2, 10, 20, 51, -2]))}")
    choose("BYHOUR", st.integers(0, 23))
    if freq != "WEEKLY" and len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from(['1', '-1', '2', '1,-1', '-3']))}")
    parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    return ";".join(parts)


def parts_of(text: str) -> Parts:
    """The parts of a rule that must be right."""
    read = read_parts(text)
    assert isinstance(read, tuple), (text, read)
    return read[0]


@many
@given(rrules(), LATE)
def test_the_dates_of_a_rule_are_those_that_dateutil_finds(text: str, first: datetime) -> None:
    """From any first moment, over four years, on the wall clock. Late years, since dateutil looks on to 9999 for a rule without dates."""
    last = (first + SPAN).date()
    expected = list(takewhile(lambda d: d.date() <= last, rrulestr(text, dtstart=first)))
    assert list(walls(parts_of(text), first, last)) == expected


@some
@given(rrules(), DAY)
def test_days_are_found_as_moments_are(text: str, first: date) -> None:
    """An all-day rule gives the days that the same rule gives at midnight."""
    text = ";".join(part for part in text.split(";") if not part.startswith("BYHOUR"))
    assume("BYSETPOS" not in text or text.count("BY") > 1)
    parts = parts_of(text)
    at_midnight = walls(parts, datetime(first.year, first.month, first.day), first + SPAN)
    assert list(walls(parts, first, first + SPAN)) == [wall.date() for wall in at_midnight if isinstance(wall, datetime)]


@some
@given(rrules())
def test_a_rule_written_is_read_as_itself(text: str) -> None:
    """RRULE values come back the same, whatever the order and form in which they were written."""
    parts = parts_of(text)
    assert parts_of(write_parts(parts)) == parts


@many
@given(rrules(), WALL)
@example("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYSETPOS=1", datetime(2020, 1, 1))
def test_a_raw_rule_said_in_words_gives_the_same_dates(text: str, first: datetime) -> None:
    """If there are words for a rule they are read as a rule with the same dates; and no rule is beyond being described."""
    rule = read_rrule(text)
    assert isinstance(rule, Rule)
    if words := write_repeat(rule):
        said = read_repeat(words)
        assert isinstance(said, Rule), (words, said)
        last = (first + SPAN).date()
        assert list(walls(parts_of(said.rrule), first, last)) == list(walls(parts_of(text), first, last))
    sentences = [in_words(rule, first, code) for code in ("en", "es", "fr", "de")]
    assert all(sentences) if describe(rule, first).freq != "other" else not any(sentences)
    assert words == "" or all(sentences)


@some
@given(st.sampled_from([1, 2, 52, 53, -1, -2, -53]), st.sampled_from(DAYS), st.sampled_from(DAYS), st.integers(2020, 2035))
def test_numbered_weeks_are_those_of_the_calendar(week: int, day: str, week_start: str, year: int) -> None:
    """For weeks that start on Monday ISO 8601 is the judge; a week of another start still has its days in order and in it."""
    parts = parts_of(f"FREQ=YEARLY;BYWEEKNO={week};BYDAY={day};WKST={week_start}")
    found = list(walls(parts, date(year, 1, 1), date(year + 9, 12, 31)))
    assert found == sorted(set(found))
    assert all(DAYS[wall.weekday()] == day for wall in found)
    if week_start == "MO":
        years = range(year - 1, year + 12)
        lengths = {y: date(y, 12, 28).isocalendar().week for y in years}
        numbers = {y: week if week > 0 else lengths[y] + 1 + week for y in years}
        wanted = [date.fromisocalendar(y, numbers[y], DAYS.index(day) + 1) for y in years if 1 <= numbers[y] <= lengths[y]]
        assert found == [wall for wall in wanted if date(year, 1, 1) <= wall <= date(year + 9, 12, 31)]


ORDINAL = st.sampled_from(["first", "second", "third", "fourth", "fifth", "last", "second to last", "1st", "3rd"])
WEEKDAY = st.sampled_from(["Monday", "Tuesday", "Wed", "Thu", "fri", "saturday", "Sunday"])
MONTH = st.sampled_from(["January", "Feb", "march", "October"])


@st.composite
def phrases(draw: st.DrawFn) -> str:
    """Repetitions in the words of the grammar."""
    count = draw(st.integers(2, 12))
    weekdays = " and ".join(draw(st.lists(WEEKDAY, min_size=1, max_size=3, unique=True)))
    place = f"the {' and '.join(draw(st.lists(ORDINAL, min_size=1, max_size=2, unique=True)))} {draw(WEEKDAY)}"
    numbers = ", ".join(str(n) for n in draw(st.lists(st.integers(1, 31), min_size=1, max_size=3)))
    pattern = draw(
        st.sampled_from(
            [
                "daily",
                f"every {count} days",
                "weekly",
                f"weekly on {weekdays}",
                f"every {weekdays}",
                f"every {count} weeks on {weekdays}",
                "every weekday",
                "monthly",
                f"monthly on {place}",
                f"every {count} months on {place}",
                f"{place} of every month",
                f"monthly on day {numbers}",
                "monthly on the last day",
                "monthly on the last weekday",
                "yearly",
                f"yearly on {draw(st.integers(1, 28))} {draw(MONTH)}",
                f"yearly on {place} of {draw(MONTH)}",
            ]
        )
    )
    ending = draw(st.sampled_from(["", f" until {draw(DAY)}", f", {count} times"]))
    exceptions = draw(st.sampled_from(["", f", except {draw(DAY)}", f", except {draw(DAY)}, {draw(DAY)}", f", also {draw(DAY)} 19:30"]))
    begin = draw(DAY)
    pause = draw(st.sampled_from(["", f", pause {begin} to {begin + timedelta(days=count)}"]))
    return pattern + ending + exceptions + pause


@some
@given(phrases())
def test_words_said_back_are_the_same_rule(text: str) -> None:
    """Words, rule, words, rule: the rule stays, and from then on the words do too; the raw form keeps it as well."""
    rule = read_repeat(text)
    assert isinstance(rule, Rule), (text, rule)
    words = write_repeat(rule)
    assert read_repeat(words) == rule
    again = read_repeat(words)
    assert isinstance(again, Rule)
    assert write_repeat(again) == words
    raw = read_rrule(write_rrule(rule))
    assert isinstance(raw, Rule)
    assert (raw.rrule, raw.until, raw.count, raw.excluded, raw.added, raw.pauses) == (
        rule.rrule,
        rule.until,
        rule.count,
        rule.excluded,
        rule.added,
        rule.pauses,
    )


@some
@given(phrases(), WALL)
def test_an_expansion_loses_and_invents_nothing(text: str, first: datetime) -> None:
    """What takes place and what is left out together are what the rule gives and what was added."""
    rule = read_repeat(text)
    assert isinstance(rule, Rule)
    begun = next(iter(walls(parts_of(rule.rrule), first, first.date() + timedelta(days=20_000))), None)
    assume(begun is not None and begun.year < 2040)
    assert begun is not None
    limit = begun.date() + timedelta(days=800) if isinstance(begun, datetime) else begun
    found = expand(rule, begun, limit)
    given_by_rule = starts(rule, begun, limit)
    if isinstance(found, Fault) or isinstance(given_by_rule, Fault):
        assert rule.until and rule.until < day_of(begun)
        return
    kept = [wall for wall in found.starts if wall not in found.added]
    assert kept == sorted(set(kept))
    near = [wall for wall in found.left_out if wall <= datetime.combine(limit, datetime.max.time())]
    assert sorted([*kept, *near]) == given_by_rule
    assert not set(found.added) & set(given_by_rule)
    for month in skipped_months(rule, begun, limit):
        assert not [wall for wall in given_by_rule if (wall.year, wall.month) == (month.year, month.month)]


@few
@given(phrases(), WALL, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]))
def test_another_calendar_program_shows_the_same_dates(text: str, first: datetime, zone_name: str) -> None:
    """An iCalendar event with RRULE, EXDATE and RDATE has, for recurring-ical-events, the dates of the expansion."""
    rule = read_repeat(text)
    assert isinstance(rule, Rule)
    first = first.replace(hour=12 + first.hour % 10)  # no clock change: what programs do there differs
    begun = next(iter(walls(parts_of(rule.rrule), first, first.date() + timedelta(days=5_000))), None)
    assume(isinstance(begun, datetime))
    assert isinstance(begun, datetime)
    limit = begun.date() + timedelta(days=400)
    found = expand(rule, begun, limit)
    assume(isinstance(found, Series))
    assert isinstance(found, Series)
    tz = zone(zone_name)
    event = icalendar.Event()
    event.add("uid", "x@example.org")
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=zone("UTC")))
    event.add("dtstart", begun.replace(tzinfo=tz))
    ending = f";COUNT={rule.count}" if rule.count else ""
    if rule.until:
        ending = f";UNTIL={datetime.combine(rule.until, begun.time(), tz).astimezone(zone('UTC')):%Y%m%dT%H%M%SZ}"
    event.add("rrule", icalendar.vRecur.from_ical(rule.rrule + ending))
    for name, walls_of in (("exdate", found.left_out), ("rdate", found.added)):
        for wall in walls_of:
            assert isinstance(wall, datetime)
            event.add(name, wall.replace(tzinfo=tz))
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    end = datetime.combine(limit + timedelta(days=1), datetime.min.time(), tz)
    shown = sorted(one["DTSTART"].dt for one in recurring_ical_events.of(calendar).between(begun.replace(tzinfo=tz), end))
    wanted = [wall for wall in found.starts if begun <= wall and day_of(wall) <= limit]
    assert [moment.replace(tzinfo=None) for moment in shown] == wanted


@many
@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9:./ TZ+\-a-z]{0,30}", fullmatch=True)))
def test_no_text_makes_a_reader_stumble(text: str) -> None:
    """Whatever is written, reading gives a value or a fault with a message and a hint."""
    for read in (read_moment, read_time, read_duration, read_repeat, read_rrule):
        found = read(text)
        if isinstance(found, Fault):
            assert found.message and found.hint
    fault = check_zone(text)
    assert fault is None or (fault.message and fault.hint)


@some
@given(WALL, st.one_of(st.none(), st.integers(-840, 840)))
def test_a_moment_written_in_iso_form_is_read_as_itself(wall: datetime, offset: int | None) -> None:
    """Date, time and offset of every moment survive being written and read."""
    sign = "" if offset is None else f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    assert read_moment(f"{wall:%Y-%m-%dT%H:%M}{sign}") == Moment(wall=wall, offset=offset)


@some
@given(WALL, st.sampled_from(["Europe/London", "America/Sao_Paulo", "Pacific/Chatham", "Africa/Casablanca"]))
def test_a_placed_moment_exists_and_is_near_what_was_written(wall: datetime, name: str) -> None:
    """Placed in its zone a wall clock is a moment that clocks there really show: the same, or one moved by the jump."""
    placed = place_moment(Moment(wall=wall), name)
    there_and_back = placed.astimezone(zone("UTC")).astimezone(zone(name))
    assert there_and_back.replace(tzinfo=None, fold=0) == placed.replace(tzinfo=None, fold=0)
    assert timedelta(0) <= placed.replace(tzinfo=None, fold=0) - wall <= timedelta(hours=1)
