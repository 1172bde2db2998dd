"""Finds in calendar files what makes subscribers miss a meeting and what other validators let pass."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from iopsgen.calendar_series import Event, Found, check_series, ends_before, fault, mild, read_when
from iopsgen.contentlines import Line, unfolded
from iopsgen.problems import Place, Problem

_ONCE = "UID DTSTAMP DTSTART DTEND DURATION SUMMARY DESCRIPTION LOCATION STATUS SEQUENCE URL GEO RRULE".split()
_MISSING = {
    "UID": "Give it a UID of its own that never changes, or subscribers will see it twice.",
    "DTSTAMP": "Write DTSTAMP with the moment of its last change in UTC.",
    "DTSTART": "Write DTSTART with its zone, as in DTSTART;TZID=Europe/London:20261028T190000.",
}
_TEXT = frozenset(["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "NAME", "X-WR-CALNAME", "X-WR-CALDESC"])
_LISTS = frozenset(["CATEGORIES", "RESOURCES"])
_TIMES = frozenset(["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"])
_STATUSES = frozenset(["CONFIRMED", "TENTATIVE", "CANCELLED"])
_CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_GEO = re.compile(r"[+-]?[0-9]{1,2}(\.[0-9]+)?;[+-]?[0-9]{1,3}(\.[0-9]+)?")
_OFFSET = re.compile(r"[+-][0-9]{4}([0-9]{2})?")
_LIMIT = 75


class _Part(NamedTuple):
    """A component: its name, the line it begins on, its properties, and the components inside it."""

    name: str
    number: int
    lines: list[Line]
    parts: list["_Part"]

    def first(self, name: str) -> Line | None:
        """Its first property of that name."""
        return next((line for line in self.lines if line.name == name), None)


def lint(data: bytes, file: str) -> list[Problem]:
    """Everything that is wrong with a calendar file, by line: errors break RFC 5545 or 7986, warnings are misread by real clients."""
    found = [*_check_bytes(data), *_check_content(data)]
    return [Problem(one.message, Place(file, one.number), one.hint, one.severity) for one in sorted(dict.fromkeys(found), key=lambda one: one.number)]


# --- bytes ---------------------------------------------------------------------------------------------------------


def _check_bytes(data: bytes) -> Iterator[Found]:
    """What is wrong with the file before one looks at what it says."""
    if not data.strip():
        yield fault(1, "The file is empty.", "A calendar starts with BEGIN:VCALENDAR and holds at least one component.")
        return
    if data.startswith(b"\xef\xbb\xbf"):
        yield fault(
            1, "The file starts with a byte order mark, behind which some programs see no calendar.", "Save it as UTF-8 without BOM."
        )
    lines = re.split(rb"\r\n|\r|\n", data)
    if lines[-1]:
        yield fault(len(lines), "The last line has no end.", "End every line, also the last, with CR LF.")
    else:
        lines.pop()
    if data.count(b"\r\n") != data.count(b"\n") or data.count(b"\r\n") != data.count(b"\r"):
        ends = re.findall(rb"\r\n|\r|\n", data)
        wrong = [number for number, end in enumerate(ends, 1) if end != b"\r\n"]
        yield from _together(wrong, "This line does not end with CR LF", "End every line with CR LF, also on Unix (RFC 5545, 3.1).")
    long = [number for number, line in enumerate(lines, 1) if len(line) > _LIMIT]
    yield from _together(long, f"This line is longer than {_LIMIT} octets", f"Fold it: CR LF and a space after at most {_LIMIT} octets.")
    blank = [number for number, line in enumerate(lines, 1) if not line.strip()]
    yield from _together(blank, "This line is empty", "Leave it out; in a text write a newline as \\n.")
    yield from _check_characters(data, lines)


def _check_characters(data: bytes, lines: list[bytes]) -> Iterator[Found]:
    """Control characters, and what is not UTF-8, or no longer once it is folded."""
    if _CONTROL.search(data):
        wrong = [number for number, line in enumerate(lines, 1) if _CONTROL.search(line)]
        hint = "Leave such characters out; write newlines in texts as \\n."
        yield from _together(wrong, "This line holds a control character or a newline of another kind", hint)
    if _is_text(data):
        return
    broken = [number for number, line in enumerate(lines, 1) if not _is_text(line)]
    if _is_text(_FOLD.sub(b"", data)):
        hint = "Fold between characters, not between the bytes of one."
        yield from _together(broken, "This line is folded inside a character", hint)
    else:
        yield from _together(broken, "This line is not UTF-8", "Save the file as UTF-8.")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _together(numbers: list[int], message: str, hint: str) -> Iterator[Found]:
    """One finding for all lines with the same fault."""
    if numbers:
        others = len(numbers) - 1
        more = f" ({others} more like it)" if others else ""
        yield fault(numbers[0], f"{message}{more}.", hint)


# --- structure -----------------------------------------------------------------------------------------------------


def _check_content(data: bytes) -> Iterator[Found]:
    """What is wrong with lines, components and properties."""
    lines = list(unfolded(data.removeprefix(b"\xef\xbb\xbf")))
    for line in lines:
        if line.malformed:
            yield fault(
                line.number, f"This line {line.malformed}.", "Write NAME:value, and start the further lines of a value with a space."
            )
    roots, findings = _tree(line for line in lines if not line.malformed)
    yield from findings
    for root in roots:
        if root.name == "VCALENDAR":
            yield from _check_calendar(root)
        else:
            yield fault(root.number, f"{root.name} stands outside a calendar.", "Put it between BEGIN:VCALENDAR and END:VCALENDAR.")
    if lines and not roots:
        yield fault(1, "This is no calendar: it has no BEGIN:VCALENDAR.", "Start the file with BEGIN:VCALENDAR.")
    if len(roots) > 1:
        yield mild(
            roots[1].number, "The file holds more than one calendar, and many programs read the first alone.", "Write one VCALENDAR."
        )


def _tree(lines: Iterable[Line]) -> tuple[list[_Part], list[Found]]:
    """The components as a tree, and what is wrong with their beginnings and ends."""
    roots: list[_Part] = []
    open_parts: list[_Part] = []
    found = []
    for line in lines:
        if line.name == "BEGIN":
            part = _Part(line.value.upper().strip(), line.number, [], [])
            (open_parts[-1].parts if open_parts else roots).append(part)
            open_parts.append(part)
        elif line.name == "END":
            name = line.value.upper().strip()
            if name not in [part.name for part in open_parts]:
                found.append(
                    fault(line.number, f"END:{name} ends nothing.", f"Write BEGIN:{name} where it begins, or leave this line out.")
                )
                continue
            while (part := open_parts.pop()).name != name:
                found.append(fault(part.number, f"{part.name} has no end before END:{name}.", f"Write END:{part.name} where it ends."))
        elif open_parts:
            open_parts[-1].lines.append(line)
        else:
            found.append(fault(line.number, f"{line.name} stands outside a calendar.", "Put it between BEGIN:VCALENDAR and END:VCALENDAR."))
    found += [fault(part.number, f"{part.name} has no end.", f"Write END:{part.name} where it ends.") for part in open_parts]
    return roots, found


def _check_calendar(calendar: _Part) -> Iterator[Found]:
    """A VCALENDAR: its own properties, its zones, its events."""
    version = calendar.first("VERSION")
    if version is None or version.value != "2.0":
        yield fault((version or calendar).number, "The calendar does not say VERSION:2.0.", "Write VERSION:2.0 after BEGIN:VCALENDAR.")
    if calendar.first("PRODID") is None:
        yield fault(
            calendar.number,
            "The calendar has no PRODID.",
            "Write PRODID with the name of the program, as in PRODID:-//Example//Events//EN.",
        )
    if not calendar.parts:
        yield fault(calendar.number, "The calendar holds no component.", "Keep at least a VTIMEZONE in an empty calendar.")
    if method := calendar.first("METHOD"):
        hint = "Leave METHOD out of a calendar that people subscribe to."
        yield mild(method.number, "METHOD makes some programs take the file for an invitation.", hint)
    refresh = calendar.first("REFRESH-INTERVAL")
    if refresh and refresh.parameters.get("VALUE", "").upper() != "DURATION":
        hint = f"Write REFRESH-INTERVAL;VALUE=DURATION:{refresh.value} (RFC 7986, 5.7)."
        yield fault(refresh.number, "REFRESH-INTERVAL has no VALUE=DURATION.", hint)
    yield from _check_texts(calendar.lines)
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    for event in events:
        yield from _check_event(event)
    yield from _check_zones(calendar, events)
    yield from check_series(Event(event.number, event.lines) for event in events)


# --- zones ---------------------------------------------------------------------------------------------------------


def _check_zones(calendar: _Part, events: list[_Part]) -> Iterator[Found]:
    """Each zone in use is there once, before the events, and begins before its first use."""
    zones: dict[str, _Part] = {}
    for part in calendar.parts:
        if part.name != "VTIMEZONE":
            continue
        name = part.first("TZID")
        if name is None:
            yield fault(part.number, "This time zone has no TZID.", "Write TZID with its name, as in TZID:Europe/London.")
            continue
        if name.value in zones:
            yield fault(part.number, f"The time zone {name.value} is there twice.", "Keep one VTIMEZONE for each zone.")
        zones[name.value] = part
        yield from _check_observances(part)
        if events and part.number > events[0].number:
            yield mild(
                part.number,
                f"The time zone {name.value} stands after the events, too late for some programs.",
                "Put it before the first event.",
            )
    missing = set()
    for event in events:
        for line in event.lines:
            used = line.parameters.get("TZID", "").strip('"')
            if not used or used in missing:
                continue
            if used not in zones:
                missing.add(used)
                hint = f"Add a VTIMEZONE with TZID:{used} before the events."
                yield fault(line.number, f'The time zone "{used}" is used but not described in the file.', hint)
            else:
                yield from _check_first_use(line, used, zones[used])


def _check_observances(zone: _Part) -> Iterator[Found]:
    """A VTIMEZONE has observances, each with a local start and both offsets."""
    if not zone.parts:
        yield fault(zone.number, "This time zone has neither STANDARD nor DAYLIGHT.", "Write one STANDARD even if the clocks never change.")
    for part in zone.parts:
        start = part.first("DTSTART")
        if start is None or not re.fullmatch(r"[0-9]{8}T[0-9]{6}", start.value):
            hint = "Write DTSTART with the local time, such as DTSTART:20261025T020000."
            yield fault((start or part).number, f"{part.name} does not start at a local time.", hint)
        for name in ("TZOFFSETFROM", "TZOFFSETTO"):
            line = part.first(name)
            if line is None or not _OFFSET.fullmatch(line.value):
                yield fault((line or part).number, f"{part.name} has no right {name}.", f"Write the offset from UTC, such as {name}:+0100.")


def _check_first_use(line: Line, name: str, zone: _Part) -> Iterator[Found]:
    """A time that lies before everything the zone says of itself."""
    starts = [start.value for part in zone.parts if (start := part.first("DTSTART"))]
    if line.name in _TIMES and starts and line.value[:15] < min(starts):
        hint = f"Let the VTIMEZONE begin before its first use: with DTSTART before {line.value[:8]}."
        yield fault(line.number, f"This time lies before the time zone {name} begins.", hint)


# --- events --------------------------------------------------------------------------------------------------------


def _check_event(event: _Part) -> Iterator[Found]:
    """A VEVENT by itself: what it must have, what it must not have twice, its texts and times."""
    names = [line.name for line in event.lines]
    for name in ("UID", "DTSTAMP", "DTSTART"):
        if name not in names:
            yield fault(event.number, f"The event has no {name}.", _MISSING[name])
    for name in _ONCE:
        if names.count(name) > 1:
            second = [line for line in event.lines if line.name == name][1]
            yield fault(second.number, f"The event has {name} twice.", "Keep one of them.")
    for part in event.parts:
        if part.name == "VALARM":
            yield mild(part.number, "An alarm in a shared calendar rings for every subscriber.", "Leave VALARM out.")
    status = event.first("STATUS")
    if status and status.value.upper() not in _STATUSES:
        yield fault(status.number, f'STATUS cannot be "{status.value}".', "Write CONFIRMED, TENTATIVE or CANCELLED.")
    geo = event.first("GEO")
    if geo and not _GEO.fullmatch(geo.value):
        yield fault(geo.number, "GEO is not latitude and longitude.", "Write both in degrees with a semicolon, such as GEO:51.5;-0.12.")
    url = event.first("URL")
    if url and re.search(r"\s", url.value):
        yield fault(url.number, "This address holds a space.", "Write %20 for a space.")
    yield from _check_texts(event.lines)
    yield from _check_times(event)


def _check_texts(lines: list[Line]) -> Iterator[Found]:
    """Commas, semicolons and backslashes that are not escaped."""
    for line in lines:
        if line.name not in _TEXT and line.name not in _LISTS:
            continue
        rest = re.sub(r"\\[\\;,nN]", "", line.value) if "\\" in line.value else line.value
        for sign in ";" if line.name in _LISTS else ";,":
            if sign in rest:
                yield fault(line.number, f'{line.name} holds "{sign}", which is not escaped.', f"Write \\{sign} instead.")
        if "\\" in rest:
            yield fault(
                line.number, f"{line.name} holds a backslash, which is not escaped.", "Write \\\\ for a backslash and \\n for a newline."
            )


def _check_times(event: _Part) -> Iterator[Found]:
    """Times that cannot be read or float, and ends that do not come after the start."""
    stamp = event.first("DTSTAMP")
    if stamp and not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", stamp.value):
        yield fault(stamp.number, "DTSTAMP is not in UTC.", "Write it like 20261028T180000Z.")
    for line in event.lines:
        if line.name not in _TIMES:
            continue
        for when in read_when(line):
            if when is None:
                hint = "Write ;VALUE=DATE:20261028 for a day, or ;TZID=Europe/London:20261028T190000 for a time."
                yield fault(line.number, f"{line.name} cannot be read.", hint)
            elif when.floats:
                hint = f"Write its zone, as in {line.name};TZID=Europe/London:{line.value}."
                yield mild(line.number, f"{line.name} has no time zone: each program reads it in another.", hint)
    yield from _check_end(event)


def _check_end(event: _Part) -> Iterator[Found]:
    """DTEND comes after DTSTART, has its type, and stands alone."""
    start, end, length = event.first("DTSTART"), event.first("DTEND"), event.first("DURATION")
    if end and length:
        yield fault(length.number, "The event has both DTEND and DURATION.", "Keep one of them.")
    begin, finish = (next(iter(read_when(line)), None) if line else None for line in (start, end))
    if not (end and begin and finish):
        return
    if begin.is_day != finish.is_day:
        yield fault(end.number, "DTSTART and DTEND are not of the same type.", "Write both as days (VALUE=DATE) or both as times.")
    elif begin.is_day and finish.wall <= begin.wall:
        hint = f"DTEND is the day after the last: write DTEND;VALUE=DATE:{begin.day_after:%Y%m%d} for a single day."
        yield fault(end.number, "This all-day event ends before its first day is over.", hint)
    elif ends_before(begin, finish):
        yield fault(end.number, "The event does not end after it starts.", "Correct DTEND, or leave it out if the event has no end.")
