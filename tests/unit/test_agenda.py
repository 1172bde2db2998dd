"""Arranging occurrences for lists and month grids."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from iopsgen.model import Event, EventFields, Occurrence, Rule
from iopsgen.outputs.agenda import by_day, by_month, by_start, days_of, in_reach, month_weeks, next_of_each, past_pairs
from iopsgen.zones import zone

BERLIN = zone("Europe/Berlin")
LATE = datetime(2026, 12, 31, 22, tzinfo=BERLIN)


def event(name: str, *occurrences: Occurrence, upcoming: tuple[Occurrence, ...] = ()) -> Event:
    """An event of which only its occurrences matter."""
    return Event(
        fields=EventFields(source=f"{name}.md"),
        slug=name,
        route=f"/events/{name}/",
        language="en",
        group=f"{name}.md",
        zone="Europe/Berlin",
        uid=name,
        occurrences=occurrences,
        upcoming=upcoming,
    )


def test_an_occurrence_is_on_every_day_that_it_touches() -> None:
    """Days where it takes place; an end at midnight does not touch the day that begins."""
    assert days_of(Occurrence(start=LATE)) == (date(2026, 12, 31),)
    assert days_of(Occurrence(start=LATE, end=LATE + timedelta(hours=2))) == (date(2026, 12, 31),)
    assert days_of(Occurrence(start=LATE, end=LATE + timedelta(hours=4))) == (date(2026, 12, 31), date(2027, 1, 1))
    assert days_of(Occurrence(start=date(2026, 12, 30), end=date(2027, 1, 1))) == (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))
    midnight = datetime(2026, 12, 31, tzinfo=BERLIN)
    assert days_of(Occurrence(start=midnight, end=midnight)) == (date(2026, 12, 31),)


def test_an_agenda_goes_by_day_then_whole_days_then_moment() -> None:
    """The day is that where the event takes place, so months never interleave; the moment decides within a day, whatever the zone."""
    tokyo = event("tokyo", Occurrence(start=datetime(2026, 12, 31, 23, tzinfo=zone("Asia/Tokyo"))))
    berlin = event("berlin", Occurrence(start=LATE))
    whole = event("whole", Occurrence(start=date(2026, 12, 31)))
    january = event("january", Occurrence(start=datetime(2027, 1, 1, 0, 30, tzinfo=zone("Pacific/Auckland"))))
    pairs = [(e, e.occurrences[0]) for e in (january, berlin, tokyo, whole)]
    assert [e.slug for e, _ in by_start(pairs)] == ["whole", "tokyo", "berlin", "january"]
    assert [(month, [e.slug for e, _ in group]) for month, group in by_month(pairs)] == [
        (date(2026, 12, 1), ["whole", "tokyo", "berlin"]),
        (date(2027, 1, 1), ["january"]),
    ]


def test_what_lasts_several_days_is_on_each_of_them() -> None:
    """Days come in order, and so do the pairs on them."""
    camp = event("camp", Occurrence(start=date(2026, 12, 30), end=date(2027, 1, 1)))
    party = event("party", Occurrence(start=LATE, end=LATE + timedelta(hours=5)))
    found = by_day([(party, party.occurrences[0]), (camp, camp.occurrences[0])])
    assert {str(day): [e.slug for e, _ in pairs] for day, pairs in found.items()} == {
        "2026-12-30": ["camp"],
        "2026-12-31": ["camp", "party"],
        "2027-01-01": ["camp", "party"],
    }
    assert list(found) == sorted(found)


def test_a_month_is_whole_weeks() -> None:
    """Seven days each, from the first weekday of the locale on, with days of the months around."""
    weeks = month_weeks(2026, 11)
    assert (weeks[0][0], weeks[-1][-1], len(weeks)) == (date(2026, 10, 26), date(2026, 12, 6), 6)
    assert all(len(week) == 7 and week[0].weekday() == 0 for week in weeks)
    assert month_weeks(2026, 11, 6)[0][0] == date(2026, 11, 1)


def test_each_event_is_listed_with_its_next_date_that_takes_place() -> None:
    """A cancelled date gives way to the next; if all are cancelled the first stands there; what is over is left out."""
    one = Occurrence(start=datetime(2026, 12, 1, 19, tzinfo=UTC), cancelled=True)
    two = Occurrence(start=datetime(2026, 12, 8, 19, tzinfo=UTC))
    events = [event("a", one, two, upcoming=(one, two)), event("b", one, upcoming=(one,)), event("c", one)]
    assert [(e.slug, o) for e, o in next_of_each(events)] == [("b", one), ("a", two)]
    assert [(e.slug, o) for e, o in past_pairs(events)] == [("c", one)]


def test_what_a_rule_repeats_reaches_back_only_so_far() -> None:
    """Old dates of a rule are left out, but for those in a month that holds a date which somebody wrote: of another event, or a change."""
    days = [date(1990, 1, 1), date(1990, 2, 1), date(1991, 3, 1), date(2020, 1, 1)]
    repeated = tuple(Occurrence(start=day, changed=day.year == 1991) for day in days)
    series = replace(event("series", *repeated), fields=EventFields(source="series.md", repeat=Rule(rrule="FREQ=DAILY")))
    single = event("single", Occurrence(start=date(1990, 2, 20)))
    pairs = [(series, o) for o in repeated] + [(single, single.occurrences[0])]

    kept = sorted((e.slug, str(o.start)) for e, o in in_reach(pairs, date(2016, 1, 1)))
    assert kept == [("series", "1990-02-01"), ("series", "1991-03-01"), ("series", "2020-01-01"), ("single", "1990-02-20")]
