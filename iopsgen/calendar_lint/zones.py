"""Checks the time zones of a calendar file: each that is used is there once, in time, and says what the zone database says."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import NamedTuple

from iopsgen.calendar_lint.effort import NAME, Effort, cost_of
from iopsgen.calendar_lint.events import Use
from iopsgen.calendar_lint.findings import Found, fault, mild, remark
from iopsgen.calendar_lint.times import database_name, read_offset, read_whens
from iopsgen.calendar_lint.tree import Part
from iopsgen.contentlines import Line
from iopsgen.dates import Fault
from iopsgen.rrule import read_parts, walls
from iopsgen.vtimezone import shifts_of
from iopsgen.zonenames import suggest_zones
from iopsgen.zones import check_zone, zone

_EPOCH = datetime(1970, 1, 1)
_MOST_ONSETS = 3000  # of a zone; more and it is not compared
_MOST_USES = 5000  # times of a zone that are compared one by one
_SHORTEST = 24 * 60 * 60  # seconds of a difference that matters to a series: some programs begin an hour late, at night
_LAST_YEAR = 2037  # to which the zones of most programs reach


class Span(NamedTuple):
    """The first and the last day of a series in a zone."""

    zone: str
    first: date
    last: date


class Zone(NamedTuple):
    """A VTIMEZONE as it was read: name, findings by line from 0, the local time at which it begins, and its onsets in order.

    An onset is a moment (seconds since 1970 UTC) and the seconds from UTC thereafter; there are none if one could not be read.
    """

    name: str
    findings: list[Found]
    begins: datetime | None = None
    onsets: tuple[tuple[int, int], ...] = ()
    before: int = 0  # seconds from UTC before the first onset


def read_zone(part: Part, effort: Effort) -> Zone:
    """A VTIMEZONE (RFC 5545, 3.6.5), its lines counted from 0, and what is wrong with it by itself."""
    name = part.first("TZID")
    if name is None or not name.value.strip():
        hint = "Write TZID with its name, as in TZID:Europe/London."
        return Zone("", [fault(name.number if name else 0, "This time zone has no TZID.", hint)])
    findings = [*_check_name(name.value, name.number)] if effort.spend(NAME) else []
    if not part.parts:
        findings.append(fault(0, "This time zone has neither STANDARD nor DAYLIGHT.", "Write one STANDARD even if the clocks never change."))
    onsets: list[tuple[int, int, int]] = []
    starts: list[datetime] = []
    is_known = bool(part.parts)
    for inner in part.parts:
        read = _read_observance(inner, findings, starts, effort)
        is_known = is_known and read is not None and len(onsets) + len(read) <= _MOST_ONSETS
        onsets += read or ()
    if any(inner.first("RDATE") for inner in part.parts):
        line = next(line for inner in part.parts for line in inner.all("RDATE"))
        findings.append(remark(line.number, "Outlook passes over RDATE in a time zone.", "Say when the clocks change with RRULE."))
    onsets.sort()
    known = tuple((moment, after) for moment, after, _ in onsets) if is_known else ()
    return Zone(name.value, findings, min(starts, default=None), known, onsets[0][2] if known else 0)


def _check_name(name: str, number: int) -> Iterator[Found]:
    """Programs that pass over what a VTIMEZONE says go by its name."""
    if database_name(name):
        return
    wrong = check_zone(name)
    near = suggest_zones(name)
    if near and name.casefold().endswith(" time"):
        message = f'"{name[:60]}" is a name that only Windows knows; Google and Apple may take another zone.'
        yield remark(number, message, f"Write {near[0]}, here and wherever TZID names it.")
    elif wrong is not None:
        yield mild(number, f"{wrong.message.removesuffix('.')}; programs that go by the name alone do not know it.", wrong.hint)


def _read_observance(part: Part, findings: list[Found], starts: list[datetime], effort: Effort) -> list[tuple[int, int, int]] | None:
    """The onsets of a STANDARD or DAYLIGHT: moment, seconds from UTC afterwards and before. None if they are not known."""
    if part.name not in ("STANDARD", "DAYLIGHT"):
        findings.append(fault(part.number, f"{part.name} stands inside a time zone.", "A time zone holds STANDARD and DAYLIGHT alone."))
        return []
    offsets: list[int | None] = []
    for name in ("TZOFFSETFROM", "TZOFFSETTO"):
        line = part.first(name)
        offsets.append(read_offset(line.value) if line else None)
        if offsets[-1] is None:
            hint = f"Write the offset from UTC, such as {name}:+0100."
            findings.append(fault((line or part).number, f"{part.name} has no right {name}.", hint))
    line = part.first("DTSTART")
    start = next(iter(read_whens(line)), None) if line else None
    if start is None or not start.floats or not isinstance(start.wall, datetime):
        hint = "Write DTSTART with the local time, such as DTSTART:20261025T020000."
        findings.append(fault((line or part).number, f"{part.name} does not start at a local time.", hint))
        return None
    starts.append(start.wall)
    before, after = offsets
    local = _onset_walls(part, start.wall, findings, effort)
    if before is None or after is None or local is None:
        return None
    return [(_seconds(wall) - before, after, before) for wall in local]


def _onset_walls(part: Part, first: datetime, findings: list[Found], effort: Effort) -> list[datetime] | None:
    """The local times at which an observance begins, each once; None if they are not known."""
    found = {first}
    for line in part.all("RDATE"):
        whens = read_whens(line)
        if any(when is None or not isinstance(when.wall, datetime) or when.zone for when in whens):
            findings.append(fault(line.number, "RDATE cannot be read.", "Write it as a local time, like DTSTART."))
            return None
        found |= {when.wall for when in whens if when is not None and isinstance(when.wall, datetime)}
    for line in part.all("RRULE"):
        given = _onsets_by_rule(part, line, first, findings, effort)
        if given is None:
            return None
        found.update(given)
    return sorted(found)


def _onsets_by_rule(part: Part, line: Line, first: datetime, findings: list[Found], effort: Effort) -> list[datetime] | None:
    """The local times that a rule of an observance gives; None if they are not known."""
    read = read_parts(line.value)
    if isinstance(read, Fault):
        findings.append(fault(line.number, read.message, read.hint))
        return None
    parts, ending = read
    if parts.freq != "YEARLY" or parts.hours or parts.minutes or parts.seconds:
        message = "Most programs do not understand clocks that change by such a rule."
        findings.append(mild(line.number, message, "Write FREQ=YEARLY with BYMONTH and BYDAY."))
        return None
    until = ending.until
    if isinstance(until, datetime) and until.tzinfo is None:
        findings.append(fault(line.number, "UNTIL is not in UTC.", "Write UNTIL in UTC, such as UNTIL=20261025T010000Z."))
    last = max(_LAST_YEAR, min(first.year, 9000)) + 1
    if not effort.spend(cost_of(parts, 366 * (last - first.year))):
        return None
    given = [wall for wall in islice(walls(parts, first, date(last, 12, 31)), ending.count or _MOST_ONSETS + 1) if isinstance(wall, datetime)]
    if until is None:
        return given
    if not isinstance(until, datetime):
        return [wall for wall in given if wall.date() <= until]
    offset = next((read_offset(line.value) for line in part.all("TZOFFSETFROM")), None) or 0
    limit = _seconds(until.replace(tzinfo=None)) + (offset if until.tzinfo else 0)
    return [wall for wall in given if _seconds(wall) <= limit]


def _seconds(wall: datetime) -> int:
    return int((wall - _EPOCH).total_seconds())


# --- use -----------------------------------------------------------------------------------------------------------


def check_order(zones: Iterable[tuple[int, Zone]], first_event: int | None) -> Iterator[Found]:
    """Each zone is described once, and before the events. `zones` are lines and what stands there."""
    seen: set[str] = set()
    for number, described in zones:
        if not described.name:
            continue
        if described.name in seen:
            yield fault(number, f"The time zone {described.name} is there twice.", "Keep one VTIMEZONE for each zone.")
        seen.add(described.name)
        if first_event is not None and number > first_event:
            message = f"The time zone {described.name} stands after the events, too late for some programs."
            yield mild(number, message, "Put it before the first event.")


def check_uses(uses: Iterable[Use], zones: Mapping[str, Zone]) -> Iterator[Found]:
    """Each zone that is used is described, and from before its first use on."""
    missing: set[str] = set()
    for use in uses:
        described = zones.get(use.zone)
        if described is None:
            if use.zone not in missing:
                missing.add(use.zone)
                hint = f"Add a VTIMEZONE with TZID:{use.zone} before the events."
                if use.zone.upper() in ("UTC", "Z", "ETC/UTC", "GMT"):
                    hint = "Write the time with a Z at its end and without TZID."
                yield fault(use.number, f'The time zone "{use.zone[:60]}" is used but not described in the file.', hint)
        elif use.wall is not None and described.begins is not None and use.wall < described.begins:
            hint = f"Let the VTIMEZONE begin before its first use: with DTSTART before {use.wall:%Y%m%d}."
            yield fault(use.number, f"This time lies before the time zone {use.zone} begins.", hint)


class Comparison:
    """Compares what time zones of files say with the zone database; remembers what it has compared."""

    def __init__(self) -> None:
        self._years: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (zone, year) → from when to when they differ
        self._held: dict[int, Zone] = {}  # keeps the zones alive whose id is a key

    def check(self, number: int, described: Zone, uses: Iterable[Use], spans: Iterable[Span]) -> Iterator[Found]:
        """A zone that says something else than the database where events make use of it."""
        known = database_name(described.name)
        if not known or not described.onsets:
            return
        begins = described.begins
        used = {use.wall for use in islice(uses, _MOST_USES) if use.wall and (begins is None or use.wall >= begins)}
        moments = sorted(moment for wall in used if (moment := _moment(wall, known)) is not None)
        wrong = next((m for m in moments if _offset_in(described, m) != _offset(known, m)), None)
        if wrong is None:
            wrong = min((m for span in spans if (m := self._first_difference(described, known, span)) is not None), default=None)
        if wrong is None:
            return
        theirs, ours = _offset_in(described, wrong), _offset(known, wrong)
        at = datetime.fromtimestamp(wrong, UTC)
        message = f"For {at:%Y-%m-%d %H:%M} UTC this VTIMEZONE says {_shown(theirs)}, and the zone database says {_shown(ours)} for {known}."
        yield mild(number, message, "Write the VTIMEZONE anew: programs that read it show these events at another time.")

    def _first_difference(self, described: Zone, known: str, span: Span) -> int | None:
        """The first moment of a span at which they differ."""
        first, last = (_seconds(datetime(day.year, day.month, day.day)) for day in (span.first, span.last))
        for year in range(max(span.first.year, 1900), min(span.last.year, _LAST_YEAR) + 1):
            for start, end in self._differences(described, known, year):
                if end > first and start < last:
                    return max(start, first)
        return None

    def _differences(self, described: Zone, known: str, year: int) -> list[tuple[int, int]]:
        """From when to when they differ within a year, where that is long enough to matter."""
        key = (id(described), year)
        if key not in self._years:
            self._held[id(described)] = described
            first, last = _seconds(datetime(year, 1, 1)), _seconds(datetime(year + 1, 1, 1))
            begins = max(first, described.onsets[0][0])
            points = {begins, *(m for m, _ in described.onsets), *(m for m, _ in shifts_of(known, year))}
            stretches = pairwise([*sorted(m for m in points if begins <= m < last), last])
            wrong = [(m, end) for m, end in stretches if end - m >= _SHORTEST and _offset_in(described, m) != _offset(known, m)]
            self._years[key] = wrong
        return self._years[key]


def _moment(wall: datetime, name: str) -> int | None:
    """The moment at which the clocks of a zone show a time."""
    if not 1900 <= wall.year < 2100:
        return None
    return int(wall.replace(tzinfo=zone(name)).timestamp())


def _offset(name: str, moment: int) -> int:
    """The seconds from UTC that the database gives."""
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)).astimezone(zone(name)).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _offset_in(described: Zone, moment: int) -> int:
    """The seconds from UTC that a VTIMEZONE gives."""
    place = bisect_right(described.onsets, (moment, 10**9))
    return described.onsets[place - 1][1] if place else described.before


def _shown(seconds: int) -> str:
    minutes = abs(seconds) // 60
    return f"UTC{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
