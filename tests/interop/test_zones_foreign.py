"""Every time zone that we write is, for other people's programs, what the zone database says."""

import random
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache

import pytest

from iopsgen.vtimezone import vtimezone
from iopsgen.zonenames import AREAS
from iopsgen.zones import check_zone, zone
from tests.interop.readers import EPOCH, Walls, offsets_icalendar, offsets_icaljs, offsets_libical

HARD = (
    "Africa/Casablanca Africa/Cairo Africa/Juba America/Asuncion America/Caracas America/Havana America/Nuuk America/Santiago "
    "America/Sao_Paulo America/Scoresbysund Antarctica/Casey Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Jerusalem Asia/Pyongyang "
    "Asia/Tehran Australia/Lord_Howe Europe/Dublin Europe/Istanbul Europe/Volgograd Pacific/Apia Pacific/Chatham Pacific/Fiji "
    "America/New_York"
).split()
READERS = {"ical.js": offsets_icaljs, "libical": offsets_libical, "icalendar": offsets_icalendar}
HOUR, DAY = 3600, 86_400
LAST = 2038

Reader = Callable[[bytes, list[Walls]], Iterable[tuple[int, int]]]


def test_every_zone_is_written_or_refused() -> None:
    """Of all names that Python knows, we write a VTIMEZONE for those of the form Area/City; for others we say what to write."""
    for name in zoneinfo.available_timezones():
        fault = check_zone(name)
        assert (fault is None) == (name.partition("/")[0] in AREAS or name in ("UTC", "Etc/UTC")), name
        if fault is None:
            assert vtimezone(name, 2026).startswith(b"BEGIN:VTIMEZONE\r\nTZID:" + name.encode() + b"\r\n")
        else:
            assert fault.message and fault.hint


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", HARD)
def test_hard_zone(name: str, reader: str) -> None:
    """Around each shift and at random moments, what a foreign reader makes of our VTIMEZONE is what the zone database says."""
    chance = random.Random(name)
    around = [Walls(shift - 4 * HOUR, HOUR // 2, 17) for shift in shifts(name, 2006)]
    scattered = [Walls(chance.randrange(seconds(2006), seconds(LAST), HOUR // 2), HOUR, 1) for _ in range(300)]
    assert wrong(name, READERS[reader](vtimezone(name, 2006), around + scattered)) == []


@pytest.mark.slow
def test_every_zone_on_every_half_hour() -> None:
    """ical.js agrees with the zone database on every half-hour from the year before the first event to the end of 2037."""
    walls = [Walls(seconds(2024), HOUR // 2, (seconds(LAST) - seconds(2024)) // (HOUR // 2))]
    assert {name: found for name, data in different_zones(2024) if (found := wrong(name, offsets_icaljs(data, walls))[:3])} == {}


@pytest.mark.slow
@pytest.mark.parametrize(("reader", "first"), [("ical.js", 2010), ("libical", 1970), ("libical", 2030), ("icalendar", 1990)])
def test_every_zone_as_a_step_function(reader: str, first: int) -> None:
    """From a first year to the end of 2037, offsets agree on every half-hour of the days around each shift, and every twelve hours else.

    So a reader could differ only in a stretch of less than twelve hours that begins and ends far from every shift. `icalendar`,
    which is slow, is asked every five days.
    """
    step = 5 * DAY + HOUR if reader == "icalendar" else 12 * HOUR
    grid = Walls(seconds(first), step, (seconds(LAST) - seconds(first)) // step)
    differing = {}
    for name, data in different_zones(first):
        near = [Walls(shift - DAY, HOUR // 2, 96) for shift in shifts(name, first)]
        found = wrong(name, READERS[reader](data, [*near, grid]))
        if found:
            differing[name] = found[:3]
    assert differing == {}


def different_zones(first: int) -> Iterator[tuple[str, bytes]]:
    """Every zone that Python knows, with its VTIMEZONE, but one alone of those that differ in name only."""
    seen = set()
    for name in sorted(name for name in zoneinfo.available_timezones() if check_zone(name) is None):
        data = vtimezone(name, first)
        body = data.partition(b"\r\nBEGIN:")[2]
        if body not in seen:
            seen.add(body)
            yield name, data


def wrong(name: str, offsets: Iterable[tuple[int, int]]) -> list[str]:
    """Those of (local time, offset) that are wrong. Where the clocks skip or repeat an hour both readings are right."""
    info = zone(name)
    pairs = list(offsets)
    walls = [EPOCH + timedelta(seconds=moment) for moment, _ in pairs]
    given = map(delta, (offset for _, offset in pairs))
    suspect = [(wall, said) for wall, said, known in zip(walls, given, map(info.utcoffset, walls), strict=True) if said != known]
    return [f"{wall} is {said}, not {info.utcoffset(wall)}" for wall, said in suspect if said != info.utcoffset(wall.replace(fold=1))]


@cache
def delta(offset: int) -> timedelta:
    """An offset in seconds as Python has it."""
    return timedelta(seconds=offset)


@cache
def shifts(name: str, first_year: int) -> list[int]:
    """The local times, to the half-hour, at which the zone's offset changes, up to 2037."""
    info, half_day = zone(name), 12 * HOUR
    moments = range(seconds(first_year), seconds(LAST), half_day)
    offsets = [info.utcoffset(EPOCH + timedelta(seconds=moment)) for moment in moments]
    halves = [moment for moment, before, after in zip(moments, offsets, offsets[1:], strict=False) if before != after]
    found = []
    for half in halves:
        before = info.utcoffset(EPOCH + timedelta(seconds=half))
        found.append(next(m for m in range(half, half + half_day + 1, HOUR // 2) if info.utcoffset(EPOCH + timedelta(seconds=m)) != before))
    return found


def seconds(year: int) -> int:
    """The beginning of a year as a local time."""
    return round((datetime(year, 1, 1) - EPOCH).total_seconds())
