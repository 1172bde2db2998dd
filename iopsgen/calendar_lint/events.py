"""Checks one event of a calendar file by itself: what it must have, what it must not have twice, its texts, addresses and times."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from iopsgen.calendar_lint.findings import Found, fault, mild, remark
from iopsgen.calendar_lint.times import TIMES, When, database_name, ends_before, read_length, read_whens, tzid_of, why_unreadable
from iopsgen.calendar_lint.tree import Part
from iopsgen.contentlines import Line
from iopsgen.zones import exists_once, resolve, zone

_ONCE = (
    "UID DTSTAMP DTSTART DTEND DURATION SUMMARY DESCRIPTION LOCATION STATUS SEQUENCE URL GEO RRULE "
    "RECURRENCE-ID CREATED LAST-MODIFIED ORGANIZER PRIORITY TRANSP CLASS COLOR"
).split()
_MISSING = {
    "UID": "Give it a UID of its own that never changes, or subscribers will see it twice.",
    "DTSTAMP": "Write DTSTAMP with the moment of its last change in UTC.",
    "DTSTART": "Write DTSTART with its zone, as in DTSTART;TZID=Europe/London:20261028T190000.",
}
_TEXT = frozenset(["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "NAME", "X-WR-CALNAME", "X-WR-CALDESC"])
_LISTS = frozenset(["CATEGORIES", "RESOURCES"])
_ADDRESSES = frozenset(["URL", "CONFERENCE", "IMAGE", "ATTACH", "SOURCE", "ORGANIZER", "ATTENDEE"])
_STATUSES = frozenset(["CONFIRMED", "TENTATIVE", "CANCELLED"])
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")
_GEO = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?);([+-]?[0-9]{1,3}(?:\.[0-9]*)?)")
_UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_GOOD_ESCAPES = re.compile(r"\\[\\;,nN]")
# How a title says that an event does not take place, in the languages that calendars here are most often written in.
_CALLED_OFF = re.compile(r"cancel|annul|abgesagt|entfällt|fällt aus|suspend|afgelast|avlys|inställ|odwoł|zruš|отмен|скасов|ملغ|延期|中止|取消|취소|iptal", re.IGNORECASE)


class Use(NamedTuple):
    """A zone that an event names: its name, the wall clock (None where it is no time of the event itself), the property, its line."""

    zone: str
    wall: datetime | None
    property: str
    number: int


class Body(NamedTuple):
    """An event as it was read and checked by itself; lines count from its first one."""

    lines: list[Line]
    findings: list[Found]
    uses: list[Use]

    def all(self, name: str) -> list[Line]:
        """Its properties of that name."""
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        """The value of its first property of that name; empty if there is none."""
        return next((line.value for line in self.lines if line.name == name), "")


def check_event(event: Part) -> Body:
    """An event, its lines counted from 0, with all that is wrong with it by itself."""
    uses: list[Use] = []
    findings = [*_check_names(event), *_check_values(event), *check_texts(event.lines), *check_addresses(event.lines), *_check_times(event, uses)]
    return Body(event.lines, findings, uses)


def _check_names(event: Part) -> Iterator[Found]:
    """Which properties and components an event has."""
    names = [line.name for line in event.lines]
    for name in ("UID", "DTSTAMP", "DTSTART"):
        if name not in names:
            yield fault(0, f"The event has no {name}.", _MISSING[name])
    if len(set(names)) < len(names):
        for name in _ONCE:
            if names.count(name) > 1:
                yield fault(event.all(name)[1].number, f"The event has {name} twice.", "Keep one of them.")
    if "SUMMARY" not in names:
        yield remark(0, "The event has no SUMMARY: programs show it without a title.", "Write SUMMARY with its title.")
    for part in event.parts:
        if part.name == "VALARM":
            yield mild(part.number, "An alarm in a shared calendar rings for every subscriber.", "Leave VALARM out.")
        elif not part.name.startswith("X-") and part.name not in ("PARTICIPANT", "VLOCATION", "VRESOURCE"):  # RFC 9073
            yield fault(part.number, f"{part.name} stands inside an event.", "End the event before it.")


def _check_values(event: Part) -> Iterator[Found]:
    """Properties that have a form of their own."""
    for line in event.lines:
        name, value = line.name, line.value
        if name == "UID" and not value.strip():
            yield fault(line.number, "The UID is empty.", _MISSING["UID"])
        elif name in ("DTSTAMP", "CREATED", "LAST-MODIFIED") and not _UTC.fullmatch(value):
            yield fault(line.number, f"{name} is not in UTC.", "Write it like 20261028T180000Z.")
        elif name == "STATUS":
            yield from _check_status(line, event)
        elif name == "SEQUENCE" and not (value.isascii() and value.isdigit()):
            yield fault(line.number, f'SEQUENCE cannot be "{value[:40]}".', "Write a whole number that grows with each change.")
        elif name == "TRANSP" and value.upper() not in ("OPAQUE", "TRANSPARENT"):
            yield fault(line.number, f'TRANSP cannot be "{value[:40]}".', "Write OPAQUE or TRANSPARENT.")
        elif name == "GEO":
            yield from _check_geo(line)
        elif name == "EXRULE":
            yield mild(line.number, "EXRULE is no longer part of calendars, and programs pass over it.", "Write each date left out as EXDATE.")
        elif name == "RECURRENCE-ID" and "RANGE" in line.parameters:
            yield mild(line.number, "Hardly any program knows RANGE.", "Write one override for each date, or end the series and begin another.")
        elif name == "COLOR" and not (value.isascii() and value.isalpha()):
            yield mild(line.number, "COLOR is not the name of a colour.", "Write a name of CSS, such as COLOR:teal (RFC 7986, 5.9).")


def _check_status(line: Line, event: Part) -> Iterator[Found]:
    """STATUS, and whether the title of an event that is off says so."""
    status = line.value.upper()
    if status not in _STATUSES:
        yield fault(line.number, f'STATUS cannot be "{line.value[:40]}".', "Write CONFIRMED, TENTATIVE or CANCELLED.")
    summary = event.first("SUMMARY")
    if status == "CANCELLED" and summary and not _CALLED_OFF.search(summary.value):
        hint = "Say it in SUMMARY, too: SUMMARY:Cancelled: …"
        yield remark(line.number, "Many programs ignore STATUS:CANCELLED, and the title does not say it.", hint)


def _check_geo(line: Line) -> Iterator[Found]:
    found = _GEO.fullmatch(line.value)
    if not found:
        yield fault(line.number, "GEO is not latitude and longitude.", "Write both in degrees with a semicolon, such as GEO:51.5;-0.12.")
    elif abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        hint = "Latitude comes first, from -90 to 90, then longitude, from -180 to 180."
        yield fault(line.number, "GEO names no place on the earth.", hint)


def check_texts(lines: list[Line]) -> Iterator[Found]:
    """Commas, semicolons and backslashes that are not escaped (RFC 5545, 3.3.11)."""
    for line in lines:
        if line.name not in _TEXT and line.name not in _LISTS:
            continue
        rest = _GOOD_ESCAPES.sub("", line.value) if "\\" in line.value else line.value
        kind = mild if line.name.startswith("X-") else fault  # programs that do not know a property do not escape it
        for sign in ";" if line.name in _LISTS else ";,":
            if sign in rest:
                yield kind(line.number, f'{line.name} holds "{sign}", which is not escaped.', f"Write \\{sign} instead.")
        if "\\" in rest:
            hint = "Write \\\\ for a backslash and \\n for a newline."
            yield kind(line.number, f"{line.name} holds a backslash, which is not escaped.", hint)


def check_addresses(lines: list[Line]) -> Iterator[Found]:
    """Addresses with spaces or without a beginning, what RFC 7986 wants to be marked as one, and people."""
    for line in lines:
        if line.name not in _ADDRESSES:
            continue
        kind = line.parameters.get("VALUE", "").upper()
        if line.name in ("CONFERENCE", "IMAGE") and kind not in ("URI", "BINARY"):
            yield fault(line.number, f"{line.name} has no VALUE=URI.", f"Write {line.name};VALUE=URI:… (RFC 7986, 5.10 and 5.11).")
        if kind == "BINARY":
            continue
        if re.search(r"\s", line.value):
            yield fault(line.number, "This address holds a space.", "Write %20 for a space.")
        elif not _SCHEME.match(line.value):
            example = "mailto:name@example.org" if line.name in ("ORGANIZER", "ATTENDEE") else "https://example.org/"
            yield fault(line.number, f"{line.name} is not a whole address.", f"Write it from its beginning, as in {example}.")
        elif line.name == "ORGANIZER" and line.value[:7].casefold() == "mailto:" and not _MAILBOX.fullmatch(line.value[7:]):
            yield mild(line.number, "ORGANIZER is no mailbox.", "Leave ORGANIZER out where there is no mailbox that somebody reads.")
        if line.name == "ATTENDEE":
            hint = "Leave ATTENDEE out of a calendar that everybody can read."
            yield mild(line.number, "A shared calendar that names attendees publishes their addresses.", hint)


# --- times ---------------------------------------------------------------------------------------------------------


def _check_times(event: Part, uses: list[Use]) -> Iterator[Found]:
    """Times that cannot be read or float, zones that a day cannot have, and ends that do not come after the start."""
    for line in event.lines:
        name = tzid_of(line)
        if line.name not in TIMES:
            if name:
                uses.append(Use(name, None, line.name, line.number))
            continue
        whens = read_whens(line)
        if None in whens:
            yield fault(line.number, *why_unreadable(line))
        for when in whens:
            if when is None:
                continue
            if name and isinstance(when.wall, datetime):
                uses.append(Use(name, when.wall, line.name, line.number))
            yield from _check_when(line, when, name)
    yield from _check_end(event)
    if any(line.name == "RDATE" for line in event.lines) and not event.first("RRULE"):
        hint = "Write each of these dates as an event of its own."
        yield mild(event.all("RDATE")[0].number, "Outlook leaves out an event that has RDATE and no RRULE.", hint)


def _check_when(line: Line, when: When, name: str) -> Iterator[Found]:
    """A date or time by itself."""
    if when.is_day and name:
        yield fault(line.number, f"{line.name} is a day, and a day has no time zone.", f"Leave TZID out: {line.name};VALUE=DATE:{line.value}.")
    elif when.floats:
        hint = f"Write its zone, as in {line.name};TZID=Europe/London:{line.value}."
        yield mild(line.number, f"{line.name} has no time zone: each program reads it in another.", hint)
    elif isinstance(when.wall, datetime):
        yield from _check_clock(line, when.wall, name)


def _check_clock(line: Line, wall: datetime, name: str) -> Iterator[Found]:
    """Whether the clocks of a zone show a time, and once."""
    known = database_name(name)
    if not known or not 1 < wall.year < 9999 or exists_once(wall.replace(tzinfo=zone(known))):
        return
    if resolve(wall, known).gap:
        hint = "Write a time that exists, or this one in UTC: programs differ on what it means."
        yield mild(line.number, f"There is no {wall:%H:%M} on {wall:%Y-%m-%d} in {name}: the clocks jump over it.", hint)
    elif line.name in ("DTSTART", "DTEND"):
        hint = "If the second one is meant, write it in UTC."
        yield remark(line.number, f"{wall:%H:%M} comes twice on {wall:%Y-%m-%d} in {name}; programs take the first.", hint)


def _check_end(event: Part) -> Iterator[Found]:
    """DTEND comes after DTSTART, has its type, and stands alone; DURATION is more than nothing."""
    start, end, length = event.first("DTSTART"), event.first("DTEND"), event.first("DURATION")
    if end and length:
        yield fault(length.number, "The event has both DTEND and DURATION.", "Keep one of them.")
    begin, finish = (next(iter(read_whens(line)), None) if line else None for line in (start, end))
    if length:
        yield from _check_length(length, begin)
    if not (end and begin and finish):
        return
    if begin.is_day != finish.is_day:
        yield fault(end.number, "DTSTART and DTEND are not of the same type.", "Write both as days (VALUE=DATE) or both as times.")
    elif begin.is_day and finish.wall <= begin.wall:
        hint = f"DTEND is the day after the last: write DTEND;VALUE=DATE:{begin.day_after:%Y%m%d} for a single day."
        yield fault(end.number, "This all-day event ends before its first day is over.", hint)
    elif ends_before(begin, finish):
        yield fault(end.number, "The event does not end after it starts.", "Correct DTEND, or leave it out if the event has no end.")
    elif begin.floats != finish.floats:
        yield mild(end.number, "Of DTSTART and DTEND one has a time zone and the other has none.", "Write both with the same TZID.")


def _check_length(line: Line, begin: When | None) -> Iterator[Found]:
    """DURATION has its form, lasts, and is one of whole days where the start is a day."""
    length = read_length(line.value)
    if length is None:
        yield fault(line.number, "DURATION cannot be read.", "Write for example DURATION:PT2H30M, or DURATION:P2D for two days.")
    elif length <= timedelta(0):
        yield fault(line.number, "DURATION is not more than nothing.", "Correct it, or leave it out if the event has no end.")
    elif begin and begin.is_day and length % timedelta(days=1):
        yield fault(line.number, "This all-day event has a length in hours.", "Write DURATION in days, such as DURATION:P2D.")
