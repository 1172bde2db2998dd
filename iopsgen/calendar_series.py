"""Checks the repeated events of a calendar file: rules, exceptions and overrides that fit together."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import NamedTuple

import msgspec

from iopsgen.contentlines import Line
from iopsgen.dates import Fault
from iopsgen.problems import Severity
from iopsgen.rrule import Ending, Wall, read_parts, walls
from iopsgen.zones import zone

_MOST = 40_000  # dates of one rule that are looked at
_FARTHEST = timedelta(days=120 * 366)
_WHEN = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?(?:/.*)?")


class Found(NamedTuple):
    """A finding at a line."""

    number: int
    message: str
    hint: str
    severity: Severity


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
        return date(self.wall.year, self.wall.month, self.wall.day) + timedelta(days=1)


def fault(number: int, message: str, hint: str) -> Found:
    """What RFC 5545 or 7986 forbids."""
    return Found(number, message, hint, "error")


def mild(number: int, message: str, hint: str) -> Found:
    """What is allowed, and misread by real clients."""
    return Found(number, message, hint, "warning")


class Event(NamedTuple):
    """A VEVENT: the line it begins on and its properties."""

    number: int
    lines: list[Line]

    def all(self, name: str) -> list[Line]:
        """Its properties of that name."""
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        """The value of its first property of that name; empty if there is none."""
        return next((line.value for line in self.lines if line.name == name), "")


def read_when(line: Line) -> list[When | None]:
    """The dates and times of a property, None for each that has no right form. Of a period the start."""
    kind = line.parameters.get("VALUE", "DATE-TIME").upper()
    name = line.parameters.get("TZID", "").strip('"')
    return [_read_one(value, kind, name) for value in line.value.split(",")]


def _read_one(value: str, kind: str, name: str) -> When | None:
    """One date or time."""
    found = _WHEN.fullmatch(value)
    if not found or (found[2] is None) != (kind == "DATE") or (found[3] and name):
        return None
    try:
        if found[2] is None:
            return When(date.fromisoformat(found[1]))
        return When(datetime.fromisoformat(f"{found[1]}T{found[2]}"), found[3] or name)
    except ValueError:
        return None


def ends_before(start: When, end: When) -> bool:
    """Whether a time does not lie after another; False where the zones are not known."""
    if start.zone == end.zone:
        return end.wall <= start.wall
    begin, finish = _moment(start), _moment(end)
    return begin is not None and finish is not None and finish <= begin


def _moment(when: When) -> datetime | None:
    """A time in UTC, if its zone is one of the database."""
    if not isinstance(when.wall, datetime):
        return None
    try:
        return when.wall.replace(tzinfo=_zone(when)).astimezone(UTC)
    except ValueError:
        return None


# --- series --------------------------------------------------------------------------------------------------------


def check_series(events: Iterable[Event]) -> Iterator[Found]:
    """Each UID is one event with its overrides, each override and exception meets a date of the series."""
    masters: dict[str, Event] = {}
    overrides: dict[str, list[Event]] = {}
    for event in events:
        uid = event.value("UID")
        if event.all("RECURRENCE-ID"):
            overrides.setdefault(uid, []).append(event)
        elif uid and uid in masters:
            hint = "Give each event a UID of its own; what changes one date of a series has a RECURRENCE-ID."
            yield fault(event.number, f'The event that begins on line {masters[uid].number} has the same UID "{uid}".', hint)
        else:
            masters[uid] = event
    for uid, changed in overrides.items():
        if uid not in masters:
            hint = "Add the series itself, or leave RECURRENCE-ID out."
            yield fault(changed[0].all("RECURRENCE-ID")[0].number, "This is a change to a series that is not in the file.", hint)
    for uid, master in masters.items():
        yield from _check_one(master, overrides.get(uid, []))


def _check_one(master: Event, overrides: list[Event]) -> Iterator[Found]:
    """An event or a series, with its overrides."""
    if not overrides and not any(line.name in ("RRULE", "RDATE", "EXDATE") for line in master.lines):
        return
    starts = master.all("DTSTART")
    start = next(iter(read_when(starts[0])), None) if starts else None
    if start is None:
        return  # said already
    further, findings = _same_kind(start, master.all("RDATE"))
    yield from findings
    exceptions, findings = _same_kind(start, master.all("EXDATE"))
    yield from findings
    changes, findings = _same_kind(start, [line for event in overrides for line in event.all("RECURRENCE-ID")[:1]])
    yield from findings
    yield from _twice(changes)
    dates = {when.wall for _, when in further} | {start.wall}
    if rules := master.all("RRULE"):
        named = [when.wall for _, when in (*exceptions, *changes)]
        given, findings = _dates_of(rules[0], start, max(named, default=start.wall))
        yield from findings
        if given is None:
            return
        dates |= given
        if start.zone == "Z":
            hint = "Write DTSTART, DTEND and the exceptions with the zone in which it takes place."
            yield mild(starts[0].number, "This series is in UTC, so it moves by an hour whenever the clocks change.", hint)
    for line, when in exceptions:
        if when.wall not in dates:
            yield fault(
                line.number,
                f"EXDATE takes away {_say(when)}, which is no date of the series.",
                "Write a start of the series, to the minute.",
            )
    for line, when in changes:
        if when.wall not in dates:
            hint = "Write the start that the rule gives, to the minute, not the new one."
            yield fault(line.number, f"RECURRENCE-ID names {_say(when)}, which is no date of the series.", hint)


def _same_kind(start: When, lines: Sequence[Line]) -> tuple[list[tuple[Line, When]], list[Found]]:
    """The dates of some properties that have the type and the zone of DTSTART, and a finding for each that has not."""
    same, found = [], []
    for line in lines:
        for when in read_when(line):
            if when is None:
                continue  # said already
            if (when.is_day, when.zone) == (start.is_day, start.zone):
                same.append((line, when))
            else:
                found.append(
                    fault(line.number, f"{line.name} has not the type or the zone of DTSTART.", f"Write it like DTSTART: {_form(start)}.")
                )
    return same, found


def _form(start: When) -> str:
    """How a property says its type and zone."""
    if start.is_day:
        return "with VALUE=DATE"
    return "in UTC" if start.zone == "Z" else f"with TZID={start.zone}" if start.zone else "without a zone"


def _twice(changes: list[tuple[Line, When]]) -> Iterator[Found]:
    """Two overrides of one date."""
    seen: set[Wall] = set()
    for line, when in changes:
        if when.wall in seen:
            yield fault(line.number, f"{_say(when)} is changed twice.", "Keep one change for each date.")
        seen.add(when.wall)


def _dates_of(line: Line, start: When, last: Wall) -> tuple[set[Wall] | None, list[Found]]:
    """The dates that a rule gives up to the day of `last`; None if they are not known."""
    read = read_parts(line.value)
    if isinstance(read, Fault):
        return None, [fault(line.number, read.message, read.hint)]
    parts, ending = read
    found = _check_until(line, start, ending)
    first = start.wall
    farthest = min(max(_day(last), _day(first)), _day(first) + _FARTHEST)
    until = _local(ending.until, start) if ending.until else None
    given = set()
    for wall in islice(walls(parts, first, farthest), min(ending.count or _MOST, _MOST)):
        if until is not None and _past(wall, until):
            break
        given.add(wall)
    if first not in given:
        hint = "Let the event start on a date that its rule gives: programs do not agree on others."
        found.append(fault(line.number, "The rule does not give the first date of the series.", hint))
    return given, found


def _check_until(line: Line, start: When, ending: Ending) -> list[Found]:
    """UNTIL is a day for days, and UTC for times with a zone."""
    if ending.until is None:
        return []
    is_day = not isinstance(ending.until, datetime)
    if start.is_day != is_day:
        hint = "Write UNTIL as a day, such as UNTIL=20270630." if start.is_day else "Write UNTIL in UTC, such as UNTIL=20270630T180000Z."
        return [fault(line.number, "UNTIL and DTSTART are not of the same type.", hint)]
    if isinstance(ending.until, datetime) and bool(start.zone) != bool(ending.until.tzinfo):
        hint = "Write UNTIL in UTC, such as UNTIL=20270630T180000Z." if start.zone else "Write UNTIL without Z, like DTSTART."
        return [fault(line.number, "UNTIL is not in UTC." if start.zone else "UNTIL is in UTC, and DTSTART has no zone.", hint)]
    return []


def _local(until: Wall, start: When) -> Wall:
    """UNTIL on the clocks of the series; its day where the zone is not known."""
    if not isinstance(until, datetime) or until.tzinfo is None:
        return until
    try:
        return until.astimezone(_zone(start)).replace(tzinfo=None)
    except ValueError:
        return until.date()


def _zone(when: When) -> tzinfo:
    """The zone of a time. One that is not of the database is a ValueError."""
    return UTC if when.zone == "Z" else zone(when.zone)


def _past(wall: Wall, until: Wall) -> bool:
    """Whether a date lies after the end of the rule."""
    if isinstance(wall, datetime) and isinstance(until, datetime):
        return wall > until
    return _day(wall) > _day(until)


def _day(wall: Wall) -> date:
    return wall.date() if isinstance(wall, datetime) else wall


def _say(when: When) -> str:
    return f"{when.wall:%Y-%m-%d %H:%M}" if isinstance(when.wall, datetime) else f"{when.wall}"
