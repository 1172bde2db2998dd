"""Laws of events: whatever is written, the occurrences are real, in order, and what is upcoming follows from them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from iopsgen.assemble.events import next_change, over_at, resolve_event
from iopsgen.model import Change, Event, EventFields, Moment, Rule
from iopsgen.outputs.agenda import by_day, by_start, days_of
from iopsgen.problems import Problem, has_errors
from iopsgen.recurrence import read_repeat

many = settings(max_examples=150, deadline=None, derandomize=True)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu"])
WALL = st.datetimes(datetime(2025, 10, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(second=0, microsecond=0))
NIGHT = WALL.map(lambda d: d.replace(hour=d.hour % 4, minute=d.minute // 15 * 15))  # where the clocks change


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """Days, wall-clock times and moments with an offset, many of them at night."""
    wall = draw(st.one_of(WALL, NIGHT))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return Moment(wall=datetime(wall.year, wall.month, wall.day), has_time=False)
    return Moment(wall=wall, offset=draw(st.integers(-840, 840)) if kind == 1 else None)


RULES = st.sampled_from(
    [
        "daily",
        "weekly",
        "weekly, 10 times",
        "every 2 weeks",
        "monthly",
        "yearly",
        "daily until 2026-12-31, except 2026-03-29, 2026-05-01, also 2026-07-01, pause 2026-08-01 to 2026-08-31",
        "monthly on the first Monday",
    ]
).map(read_repeat)


@st.composite
def events(draw: st.DrawFn) -> EventFields:
    """Events with contradictions of every kind."""
    changes = st.builds(
        Change,
        original=moments(),
        start=st.one_of(st.none(), moments()),
        end=st.one_of(st.none(), moments()),
        start_is_time=st.booleans(),
        end_is_time=st.booleans(),
        cancelled=st.booleans(),
    )
    rule = draw(st.one_of(st.none(), RULES))
    assert rule is None or isinstance(rule, Rule)
    listed = rule is None and draw(st.booleans())
    return EventFields(
        source="content/events/x.md",
        title=draw(st.sampled_from(["Meeting", "Friday meeting"])),
        start=None if listed else draw(st.one_of(st.none(), moments())),
        dates=tuple(draw(st.lists(moments(), max_size=4))) if listed else (),
        end=draw(st.one_of(st.none(), moments())),
        end_is_time=draw(st.booleans()),
        duration=draw(st.one_of(st.none(), st.timedeltas(timedelta(minutes=1), timedelta(days=3)))),
        repeat=rule,
        changes=tuple(draw(st.lists(changes, max_size=2))),
        time_tba=draw(st.integers(0, 9)) == 0,
    )


def resolve(fields: EventFields, zone: str, now: datetime) -> tuple[Event, list[Problem]]:
    """The event in its place."""
    return resolve_event(
        fields,
        slug="x",
        route="/events/x/",
        language="en",
        zone=zone,
        chapter="",
        venue=None,
        organisers=(),
        site_host="example.org",
        horizon_end=date(2027, 12, 31),
        now=now,
    )


@many
@given(events(), ZONES, WALL.map(lambda d: d.replace(tzinfo=UTC)))
def test_whatever_is_written_the_occurrences_are_real(fields: EventFields, zone: str, now: datetime) -> None:
    """Nothing raises; starts are in order and exist, ends come after them, all of one kind; every problem has a place and a hint."""
    event, problems = resolve(fields, zone, now)
    assert all(p.message and p.hint and p.place and p.place.file == fields.source for p in problems)
    assert event.dated == bool(event.start)
    for one in event.occurrences:
        assert isinstance(one.start, datetime) != event.all_day
        if isinstance(one.start, datetime):
            there_and_back = one.start.astimezone(UTC).astimezone(one.start.tzinfo)
            assert (there_and_back.replace(tzinfo=None), there_and_back.fold) == (one.start.replace(tzinfo=None), one.start.fold)
            if one.end is not None and not has_errors(problems):
                assert isinstance(one.end, datetime)
                assert one.end.timestamp() > one.start.timestamp()
        elif one.end is not None:
            assert not isinstance(one.end, datetime)
            assert one.end >= one.start
    keys = [one.start.timestamp() if isinstance(one.start, datetime) else one.start.toordinal() for one in event.occurrences]
    assert keys == sorted(keys)


@many
@given(events(), ZONES, WALL.map(lambda d: d.replace(tzinfo=UTC)))
def test_upcoming_follows_from_the_occurrences(fields: EventFields, zone: str, now: datetime) -> None:
    """Upcoming are those not over; the next change is when the first of them is over; agendas hold each of them."""
    event, _ = resolve(fields, zone, now)
    assert event.upcoming == tuple(one for one in event.occurrences if over_at(one, zone) > now)
    ends = [over_at(one, zone) for one in event.upcoming]
    assert next_change(event, now) == (min(ends) if ends else None)
    pairs = [(event, one) for one in event.occurrences]
    assert sorted(map(id, (one for _, one in by_start(pairs)))) == sorted(map(id, event.occurrences))
    held = by_day(pairs)
    assert all((event, one) in held[day] for one in event.occurrences[:20] for day in days_of(one)[:5])
