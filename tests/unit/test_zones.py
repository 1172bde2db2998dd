"""Time zones: the names that are accepted, and the moments that wall clocks show."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from iopsgen.dates import Fault
from iopsgen.model import Moment
from iopsgen.zonenames import ABBREVIATIONS, AREAS, known_zones, suggest_zones
from iopsgen.zones import check_zone, exists_once, place_moment, resolve, zone


@pytest.mark.parametrize("name", ["Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/UTC", "Europe/Kiev", "Asia/Calcutta", "Pacific/Chatham"])
def test_area_and_city_is_a_zone(name: str) -> None:
    """Area/City names are accepted, old ones too, and UTC."""
    assert check_zone(name) is None
    assert zone(name).key == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe", "Europe/London"),
        ("CET", "Europe/Berlin"),
        ("EST", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("cest", "Europe/Berlin"),
        ("GMT", "Europe/London"),
        ("IST", "Asia/Kolkata (or Europe/Dublin or Asia/Jerusalem)"),
        ("localtime", "Area/City"),
        ("UTC+2", "Europe/Athens (or Europe/Berlin)"),
        ("GMT+1", "Europe/Berlin"),
        ("+05:30", "Asia/Kolkata"),
        ("Etc/GMT+2", "America/Nuuk"),
        ("Etc/GMT-1", "Europe/Berlin"),
        ("", "Area/City"),
        ("   ", "Area/City"),
        ("../x", "Area/City"),
        ("/etc/localtime", "Area/City"),
        ("posixrules", "Area/City"),
        ("a\0b", "Area/City"),
        ("Mars/Olympus_Mons", "Area/City"),
        ("London", "Europe/London"),
        ("new york", "America/New_York"),
        ("Munich", "Europe/Berlin"),
        ("Europe/Munich", "Europe/Berlin"),
        ("San Francisco", "America/Los_Angeles"),
        ("Rio de Janeiro", "America/Sao_Paulo"),
        ("Germany", "Europe/Berlin"),
        ("UK", "Europe/London"),
        ("USA", "America/New_York"),
        ("JP", "Asia/Tokyo"),
        ("europe/london", "Write Europe/London."),
        ("Europe/Lodnon", "Write Europe/London."),
        ("Europe/London ", "Write Europe/London."),
        ("US/Pacific", "America/Los_Angeles"),
        ("GB", "Europe/London"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Pacific Daylight Time", "America/Los_Angeles"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam"),
    ],
)
def test_what_is_no_zone_is_refused_with_the_nearest(name: str, hint: str) -> None:
    """Areas, abbreviations, offsets, cities, countries, Windows names and slips lead to an Area/City name."""
    fault = check_zone(name)
    assert isinstance(fault, Fault)
    assert hint in fault.hint


def test_every_suggestion_is_itself_a_zone() -> None:
    """Whoever follows a hint gets no second refusal."""
    texts = [*ABBREVIATIONS, *AREAS, *known_zones(), "Spain", "Berlin", "Zürich", "Hyderabad", *(f"UTC{n:+}" for n in range(-12, 15))]
    for text in texts:
        for name in suggest_zones(text):
            assert check_zone(name) is None, (text, name)


def test_only_checked_names_are_opened() -> None:
    """A name that leads out of the database is a fault of the caller, not a file."""
    for name in ("../../etc/passwd", "Europe", "", "localtime", "CET"):
        with pytest.raises(ValueError, match="not a zone"):
            zone(name)


def test_a_zone_is_read_once_and_travels_by_name() -> None:
    """The same object each time, in a copy from another process too: arithmetic and comparison stay on the wall clock."""
    london = zone("Europe/London")
    assert zone("Europe/London") is london
    assert pickle.loads(pickle.dumps(london)) is london


def test_the_zone_database_is_that_of_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """What the machine believes about zones does not matter."""
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path))
    monkeypatch.setenv("TZ", "Pacific/Apia")
    zone.cache_clear()
    moment = datetime(2026, 7, 1, 12, tzinfo=zone("Europe/London"))
    assert moment.astimezone(UTC).hour == 11


@pytest.mark.parametrize(
    ("name", "wall", "shown", "next_valid"),
    [
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 03:30", "2027-03-28 03:00"),
        ("Europe/Berlin", "2027-03-28 02:00", "2027-03-28 03:00", "2027-03-28 03:00"),
        ("Europe/London", "2027-03-28 01:59", "2027-03-28 02:59", "2027-03-28 02:00"),
        ("America/New_York", "2027-03-14 02:15", "2027-03-14 03:15", "2027-03-14 03:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 02:45", "2026-10-04 02:30"),
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00", "2018-11-04 01:00"),
        ("Pacific/Apia", "2011-12-30 10:00", "2011-12-31 10:00", "2011-12-31 00:00"),
    ],
)
def test_a_time_that_the_clocks_skip_is_read_with_the_old_offset(name: str, wall: str, shown: str, next_valid: str) -> None:
    """RFC 5545 section 3.3.5; the next valid time is that right after the jump."""
    read = resolve(datetime.fromisoformat(wall), name)
    assert read.gap
    assert not read.twice
    assert read.moment.replace(tzinfo=None, fold=0) == datetime.fromisoformat(shown)
    assert read.next_valid == datetime.fromisoformat(next_valid)
    assert not exists_once(datetime.fromisoformat(wall).replace(tzinfo=zone(name)))


@pytest.mark.parametrize(("name", "wall", "offset"), [("Europe/Berlin", "2027-10-31 02:30", 2), ("America/New_York", "2026-11-01 01:00", -4)])
def test_a_time_that_happens_twice_is_the_first_of_the_two(name: str, wall: str, offset: int) -> None:
    """RFC 5545 section 3.3.5."""
    read = resolve(datetime.fromisoformat(wall), name)
    assert read.twice
    assert not read.gap
    assert read.moment.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize("name", ["Europe/Dublin", "Africa/Casablanca", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_the_table_of_quiet_days_agrees_with_both_readings(name: str) -> None:
    """For every half-hour of a few years the quick answer is that of comparing both readings of the wall clock."""
    tz = zone(name)
    for year in (2011, 2023, 2026):
        wall = datetime(year, 1, 1)
        while wall.year == year:
            moment = wall.replace(tzinfo=tz)
            assert exists_once(moment) == (moment.utcoffset() == moment.replace(fold=1).utcoffset()), moment
            wall += timedelta(minutes=30)


def test_a_moment_with_an_offset_is_converted() -> None:
    """What a browser editor wrote in UTC is the same instant on the event's clocks."""
    placed = place_moment(Moment(wall=datetime(2026, 7, 1, 18), offset=0), "Europe/London")
    assert placed.isoformat() == "2026-07-01T19:00:00+01:00"
    assert placed.tzinfo is zone("Europe/London")


def test_a_day_is_its_first_moment() -> None:
    """A date alone is the start of that day in the zone, also where midnight is skipped."""
    assert place_moment(Moment(wall=datetime(2026, 7, 1), has_time=False), "Asia/Tokyo").isoformat() == "2026-07-01T00:00:00+09:00"
    assert place_moment(Moment(wall=datetime(2018, 11, 4), has_time=False), "America/Sao_Paulo").isoformat() == "2018-11-04T01:00:00-02:00"
