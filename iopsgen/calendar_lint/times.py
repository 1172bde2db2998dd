"""Dates, times and lengths of time as a calendar file writes them (RFC 5545, 3.3.4 to 3.3.6 and 3.3.14)."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

import msgspec

from iopsgen.contentlines import Line
from iopsgen.rrule import Wall
from iopsgen.zonenames import ABBREVIATIONS, today_name
from iopsgen.zones import zone

TIMES = frozenset(["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"])
_WHEN = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_DURATION = re.compile(r"([+-]?)P(?:([0-9]{1,5})W|(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})S)?)?)")
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-5][0-9])([0-5][0-9])?")
_PREFIXED = re.compile(r"/[^/]+/(?:[^/]*[0-9][^/]*/)?(.+)")


class When(msgspec.Struct, frozen=True):
    """A date or time as a calendar writes it: a day or a wall clock, and the zone (a TZID, "Z" for UTC, or none)."""

    wall: Wall
    zone: str = ""

    @property
    def is_day(self) -> bool:
        """Whether it is a day without a time."""
        return not isinstance(self.wall, datetime)

    @property
    def floats(self) -> bool:
        """Whether it is a time without a zone."""
        return isinstance(self.wall, datetime) and not self.zone

    @property
    def day_after(self) -> date:
        """The day after its day."""
        day = date(self.wall.year, self.wall.month, self.wall.day)
        return day + timedelta(days=1) if day < date.max else day

    def __str__(self) -> str:
        """`2026-10-28` or `2026-10-28 19:00`."""
        return f"{self.wall:%Y-%m-%d %H:%M}" if isinstance(self.wall, datetime) else f"{self.wall}"


def read_whens(line: Line) -> list[When | None]:
    """The dates and times of a property, None for each that has no right form. Of a period the start."""
    kind = line.parameters.get("VALUE", "DATE-TIME").upper()
    name = tzid_of(line)
    return [_read_one(value.partition("/")[0] if kind == "PERIOD" else value, kind, name) for value in line.value.split(",")]


def tzid_of(line: Line) -> str:
    """The time zone that a property names; empty if it names none."""
    return line.parameters.get("TZID", "").strip('"')


def _read_one(value: str, kind: str, name: str) -> When | None:
    found = _WHEN.fullmatch(value)
    if not found or (found[2] is None) != (kind == "DATE") or (found[3] and name):
        return None
    try:
        if found[2] is None:
            return When(date.fromisoformat(found[1]))
        return When(datetime.fromisoformat(f"{found[1]}T{found[2]}"), found[3] or name)
    except ValueError:
        return None


def why_unreadable(line: Line) -> tuple[str, str]:
    """What keeps the dates of a property from being read, and what to write instead."""
    kind, name = line.parameters.get("VALUE", "").upper(), line.name
    value = next(v for v, read in zip(line.value.split(","), read_whens(line), strict=True) if read is None)
    if re.fullmatch(r"[0-9]{8}", value) and kind != "DATE" and _read_one(value, "DATE", ""):
        return f"{name} is a day, and does not say so.", f"Write {name};VALUE=DATE:{value}."
    if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", value) and tzid_of(line):
        return f"{name} names a time zone and says with its Z that it is in UTC.", f"Write {name};TZID={tzid_of(line)}:{value[:-1]} or {name}:{value}."
    if "T" in value and kind == "DATE":
        return f"{name} is said to be a day, and holds a time.", f"Write {name};VALUE=DATE:{value[:8]}, or leave VALUE=DATE out."
    if re.match(r"[0-9]{4}-[0-9]{2}", value):
        return f"{name} is written with hyphens, as nowhere in a calendar.", f"Write it like {name}:20261028T180000Z."
    hint = f"Write {name};VALUE=DATE:20261028 for a day, or {name};TZID=Europe/London:20261028T190000 for a time."
    return f'{name} cannot be read: "{value[:40]}" is no date that exists.', hint


def ends_before(start: When, end: When) -> bool:
    """Whether a time does not lie after another; False where the zones are not known."""
    if start.zone == end.zone:
        return end.wall <= start.wall
    begin, finish = moment_of(start), moment_of(end)
    return begin is not None and finish is not None and finish <= begin


def moment_of(when: When) -> datetime | None:
    """A time in UTC, if its zone is one of the database."""
    if not isinstance(when.wall, datetime):
        return None
    info = zone_of(when.zone)
    try:
        return None if info is None else when.wall.replace(tzinfo=info).astimezone(UTC)
    except OverflowError:
        return None


def wall_in(moment: datetime, name: str) -> datetime | None:
    """What the clocks of a zone show at a moment, if the zone is one of the database."""
    info = zone_of(name)
    try:
        return None if info is None else moment.astimezone(info).replace(tzinfo=None)
    except OverflowError:
        return None


def zone_of(name: str) -> tzinfo | None:
    """The zone that a TZID (or "Z") means; None for one that the database does not know."""
    if name == "Z":
        return UTC
    known = database_name(name)
    return zone(known) if known else None


def database_name(name: str) -> str:
    """The Area/City that a TZID means, also for old names and those with a prefix, such as `/example.org/2025/Europe/London`.

    Empty for one that the database does not know, and for abbreviations, of which nobody is sure.
    """
    if name.upper() in ABBREVIATIONS:
        return ""
    if name.startswith("/") and (found := _PREFIXED.fullmatch(name)):
        name = found[1]
    return today_name(name)


def read_length(text: str) -> timedelta | None:
    """A DURATION value; None if it has no right form."""
    found = _DURATION.fullmatch(text.upper())
    if not found or text[-1:] in "PpTt":
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def read_offset(text: str) -> int | None:
    """A UTC-OFFSET value in seconds; None if it has no right form."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    return -seconds if found[1] == "-" else seconds
