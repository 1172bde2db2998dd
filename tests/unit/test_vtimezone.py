"""A VTIMEZONE says what the zone database says, in the form that clients read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from iopsgen.contentlines import unfolded
from iopsgen.vtimezone import vtimezone
from iopsgen.zones import zone


def observances(name: str, first_year: int) -> list[dict[str, str]]:
    """The STANDARD and DAYLIGHT components as property maps, `kind` among them."""
    found: list[dict[str, str]] = []
    for line in unfolded(vtimezone(name, first_year)):
        if line.name == "BEGIN" and line.value != "VTIMEZONE":
            found.append({"kind": line.value})
        elif found:
            found[-1].setdefault(line.name, line.value)
    return found


def test_simple_zone_is_two_yearly_rules() -> None:
    """London is one DAYLIGHT and one STANDARD whose rules have no end and whose onsets are in the old offset."""
    assert vtimezone("Europe/London", 2012) == (
        b"BEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"
        b"BEGIN:DAYLIGHT\r\nDTSTART:20110327T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\n"
        b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZNAME:BST\r\nEND:DAYLIGHT\r\n"
        b"BEGIN:STANDARD\r\nDTSTART:20111030T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\n"
        b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZNAME:GMT\r\nEND:STANDARD\r\n"
        b"END:VTIMEZONE\r\n"
    )


@pytest.mark.parametrize(("name", "offset"), [("Asia/Tokyo", "+0900"), ("Asia/Kathmandu", "+0545"), ("UTC", "+0000")])
def test_zone_without_shifts_is_one_standard(name: str, offset: str) -> None:
    """A zone that does not shift is one STANDARD that begins before the year and moves nothing."""
    (only,) = observances(name, 2026)
    assert (only["kind"], only["DTSTART"], only["TZOFFSETFROM"], only["TZOFFSETTO"]) == ("STANDARD", "20250101T000000", offset, offset)
    assert "RRULE" not in only


def test_rule_that_ended_has_its_last_onset_in_utc() -> None:
    """The rule of New York before 2007 ends with UNTIL, in UTC, at its last onset; the present one has no end."""
    april, autumn, march, november = observances("America/New_York", 2000)
    assert april["RRULE"] == "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z"
    assert autumn["RRULE"] == "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z"
    assert march["RRULE"] == "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
    assert november["RRULE"] == "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"


def test_greater_offset_is_daylight() -> None:
    """Dublin, which the database writes with a negative saving, has its summer in DAYLIGHT, and its winter in STANDARD."""
    assert {(one["kind"], one["TZOFFSETTO"]) for one in observances("Europe/Dublin", 2026)} == {
        ("DAYLIGHT", "+0100"),
        ("STANDARD", "+0000"),
    }


def test_day_that_is_no_nth_weekday() -> None:
    """Nuuk goes to summer time on the Saturday before the last Sunday: a weekday within seven days of the month."""
    rules = [one.get("RRULE") for one in observances("America/Nuuk", 2026)]
    assert "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=24,25,26,27,28,29,30;BYDAY=SA" in rules


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Pacific/Apia", "America/Caracas"])
@pytest.mark.parametrize("year", [1990, 2012, 2026])
def test_every_shift_has_its_onset(name: str, year: int) -> None:
    """The onsets, read with no rule engine but our own counting, are the moments at which the zone's offset changes."""
    begins: dict[datetime, tuple[int, int]] = {}
    for one in observances(name, year):
        for wall in onsets(one):
            begins[wall - timedelta(seconds=seconds(one["TZOFFSETFROM"]))] = (seconds(one["TZOFFSETFROM"]), seconds(one["TZOFFSETTO"]))
    info = zone(name)
    first, last = datetime(year, 1, 1), datetime(2038, 1, 1)
    in_force = max(moment for moment in begins if moment <= first)
    assert offset(info, first) == begins[in_force][1]
    within = {moment: shift for moment, shift in begins.items() if first < moment <= last and shift[0] != shift[1]}
    assert within == changes(info, first, last)


def test_lines_are_folded_and_end_with_crlf() -> None:
    """No line is longer than 75 octets and every one ends with CRLF."""
    lines = vtimezone("Asia/Gaza", 2005).split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert any(line.startswith(b" ") for line in lines)


def test_unknown_zone_is_refused() -> None:
    """A name that is no zone raises, since earlier floors have checked it."""
    with pytest.raises(ValueError, match="Nowhere"):
        vtimezone("Europe/Nowhere", 2026)


def changes(info: ZoneInfo, at: datetime, last: datetime) -> dict[datetime, tuple[int, int]]:
    """The UTC moments at which a zone's offset changes, with the old and the new one, found by looking every half-day."""
    found = {}
    while at < last:
        later = at + timedelta(hours=12)
        if offset(info, later) != offset(info, at):
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if offset(info, middle) == offset(info, at) else (low, middle)
            found[high] = (offset(info, at), offset(info, later))
        at = later
    return found


def offset(info: ZoneInfo, moment: datetime) -> int:
    """The zone's offset at a UTC moment."""
    return round((moment.replace(tzinfo=UTC).astimezone(info).utcoffset() or timedelta()).total_seconds())


def seconds(value: str) -> int:
    """A UTC-OFFSET value in seconds."""
    size = int(value[1:3]) * 3600 + int(value[3:5]) * 60 + int(value[5:7] or 0)
    return -size if value[0] == "-" else size


def onsets(one: dict[str, str]) -> list[datetime]:
    """Every onset of an observance up to 2045, by walking the days of each year."""
    first = datetime.fromisoformat(one["DTSTART"])
    if "RRULE" not in one:
        return [first]
    rule = dict(part.split("=") for part in one["RRULE"].split(";"))
    last = datetime(2045, 1, 1)
    if "UNTIL" in rule:
        last = datetime.fromisoformat(rule["UNTIL"].rstrip("Z")) + timedelta(seconds=seconds(one["TZOFFSETFROM"]))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.month == int(rule["BYMONTH"]) and fits(day, rule)]


def fits(day: datetime, rule: dict[str, str]) -> bool:
    """Whether a day is the one that BYDAY and BYMONTHDAY name within its month."""
    if "BYMONTHDAY" in rule and str(day.day) not in rule["BYMONTHDAY"].split(","):
        return False
    week, weekday = rule.get("BYDAY", "")[:-2], rule.get("BYDAY", "")[-2:]
    if weekday and ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()] != weekday:
        return False
    if week == "-1":
        return (day + timedelta(days=7)).month != day.month
    return not week or (day.day - 1) // 7 + 1 == int(week)
