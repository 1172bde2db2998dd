"""Calendars as other people's programs read them: each reader gives every occurrence, or the offsets of a zone."""

import ctypes
import json
import subprocess
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tests import needs

HERE = Path(__file__).parent
EPOCH = datetime(1970, 1, 1)


class Seen(NamedTuple):
    """An occurrence: UTC minutes (`2026-10-28T19:00Z`) or days, the end of an all-day one exclusive."""

    uid: str
    start: str
    end: str
    summary: str
    status: str
    location: str = ""


class Texts(NamedTuple):
    """The texts of an event."""

    summary: str
    description: str
    location: str


class Walls(NamedTuple):
    """Local times to ask a zone for: seconds since 1970 as the wall clock shows them."""

    first: int
    step: int
    number: int


def minute(moment: datetime | date) -> str:
    """A moment as `Seen` holds it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if isinstance(moment, datetime) else moment.isoformat()


# --- occurrences ---------------------------------------------------------------------------------------------------


def read_icalendar(data: bytes, start: datetime, end: datetime) -> list[Seen]:
    """What `icalendar` parses and `recurring-ical-events` expands."""
    import icalendar
    import recurring_ical_events

    with _same_zones():
        calendar = icalendar.Calendar.from_ical(data)
        events = recurring_ical_events.of(calendar).between(start, end)
        found = []
        for event in events:
            first, last = event["DTSTART"].dt, event["DTEND"].dt
            texts = [str(event.get(name, "")) for name in ("SUMMARY", "STATUS", "LOCATION")]
            if minute(first) >= minute(start)[: len(minute(first))]:  # it also gives those that began before
                found.append(Seen(str(event["UID"]), minute(first), minute(last), *texts))
    return found


@contextmanager
def _same_zones() -> Iterator[None]:
    """Lets Python programs that go by the name of a zone find the zone database that we have, and not an older one of the machine."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(before)
        zoneinfo.ZoneInfo.clear_cache()


def read_icaljs(data: bytes, start: datetime, end: datetime) -> list[Seen]:
    """What ical.js parses and expands."""
    return read_all_icaljs([data], start, end)[0]


def read_all_icaljs(calendars: Iterable[bytes], start: datetime, end: datetime) -> list[list[Seen]]:
    """What ical.js parses and expands of each of many calendars."""
    found = _icaljs({"calendars": [data.decode() for data in calendars], "from": start.isoformat(), "to": end.isoformat()})
    return [[Seen(one["uid"], one["start"], one["end"], one["summary"], one["status"], one["location"]) for one in seen] for seen in found]


def read_sabre(data: bytes, start: datetime, end: datetime, folder: Path) -> tuple[list[Seen], list[str]]:
    """What sabre/vobject parses and expands, and what its validator says."""
    php = needs.program("php", "apt-get install php-cli php-mbstring")
    needs.file("/usr/share/php/Sabre/VObject/includes.php", "apt-get install php-sabre-vobject")
    file = folder / "sabre.ics"
    file.write_bytes(data)
    words = [php, str(HERE / "sabre.php"), str(file), start.isoformat(), end.isoformat()]
    answer = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    found = [
        Seen(one["uid"], one["start"], one["end"], _comma(one["summary"]), one["status"], _comma(one["location"]))
        for one in answer["occurrences"]
        if one["start"] >= minute(start)[: len(one["start"])]
    ]
    return found, answer["problems"]


def shifts_php(names: Iterable[str], start: datetime, end: datetime) -> dict[str, list[tuple[int, int]]]:
    """The shifts of zones, (moment, offset thereafter), in the zone database that PHP has, by which sabre/vobject goes."""
    php = needs.program("php", "apt-get install php-cli php-mbstring")
    code = (
        "[, $from, $to] = $argv; foreach (array_slice($argv, 3) as $name) { $found[$name] = array_map(fn($t) => [$t['ts'], $t['offset']],"
        " (new DateTimeZone($name))->getTransitions((int) $from, (int) $to)); } echo json_encode($found);"
    )
    words = [php, "-r", code, "--", str(int(start.timestamp())), str(int(end.timestamp())), *names]
    answer = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return {name: [(now[0], now[1]) for last, now in pairwise(rows) if last[1] != now[1]] for name, rows in answer.items()}


def read_khal(data: bytes, start: datetime, end: datetime, folder: Path) -> list[Seen]:
    """What khal imports into an empty collection and lists again. Ends of all-day events are made exclusive.

    It goes by the zone database of the machine, and gives an hour to an event that has no end.
    """
    khal = needs.program("khal", "apt-get install khal")
    (folder / "events").mkdir()
    (folder / "calendar.ics").write_bytes(data)
    (folder / "config").write_text(
        f"[calendars]\n[[events]]\npath = {folder / 'events'}\n[sqlite]\npath = {folder / 'khal.db'}\n"
        "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
        "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%dT%H:%M\nlongdatetimeformat = %Y-%m-%dT%H:%M\n"
        "[default]\ndefault_calendar = events\nenable_mouse = False\n"
    )

    def run(*words: str) -> str:
        environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        command = [khal, "-c", str(folder / "config"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    run("import", "--batch", str(folder / "calendar.ics"))
    form = "{uid}|{start-long-full}|{end-long-full}|{all-day}|{status}|{location}|{title}"
    listed = run("list", "--day-format", "", "--format", form, f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}")
    found = [_from_khal(line) for line in listed.splitlines() if line.count("|") >= 6]
    return [one for one in found if one.start < minute(end)[: len(one.start)]]  # it lists the last day too


def read_libical(data: bytes, start: datetime, end: datetime) -> list[Seen]:
    """What libical parses and expands, overrides put in the place of what they name."""
    return _Libical().occurrences(data, start, end)


def texts_icaljs(data: bytes) -> list[Texts]:
    """The texts that ical.js finds in each event."""
    found = _icaljs({"calendars": [data.decode()], "from": "1970-01-01T00:00Z", "to": "2100-01-01T00:00Z"})
    return [Texts(one["summary"], one["description"], one["location"]) for one in found[0]]


def texts_libical(data: bytes) -> list[Texts]:
    """The texts that libical finds in each event."""
    return _Libical().texts(data)


# --- zones ---------------------------------------------------------------------------------------------------------


def offsets_icaljs(vtimezone: bytes, walls: list[Walls]) -> Iterable[tuple[int, int]]:
    """(local time, offset) for each of `walls` as ical.js reads the zone."""
    runs = _icaljs({"ics": _calendar_around(vtimezone).decode(), "walls": walls})
    following = iter([*(tuple(run) for run in runs), (None, None)])
    run, offset = next(following), 0
    for first, step, number in walls:
        for moment in range(first, first + step * number, step):
            if moment == run[0]:
                offset, run = run[1], next(following)
            yield moment, offset


def offsets_libical(vtimezone: bytes, walls: list[Walls]) -> Iterable[tuple[int, int]]:
    """(local time, offset) for each of `walls` as libical reads the zone."""
    yield from _Libical().offsets(vtimezone, walls)


def offsets_icalendar(vtimezone: bytes, walls: list[Walls]) -> Iterable[tuple[int, int]]:
    """(local time, offset) for each of `walls` as `icalendar` reads the zone, by its own reading and not by the name."""
    import icalendar

    zone = icalendar.Calendar.from_ical(_calendar_around(vtimezone)).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
    for first, step, number in walls:
        for moment in range(first, first + step * number, step):
            offset = (EPOCH + timedelta(seconds=moment)).replace(tzinfo=zone).utcoffset()
            yield moment, round(offset.total_seconds())


# --- the readers' own ways -----------------------------------------------------------------------------------------


def _icaljs(request: dict[str, object]) -> Any:
    node = needs.program("node", "apt-get install nodejs npm")
    needs.file("tests/interop/node_modules/ical.js", "npm ci --prefix tests/interop")
    words = [node, str(HERE / "icaljs.mjs")]
    return json.loads(subprocess.run(words, input=json.dumps(request), check=True, capture_output=True, text=True).stdout)


def _comma(text: str) -> str:
    """sabre/vobject 2 leaves these two escapes as they are."""
    return text.replace("\\,", ",").replace("\\;", ";")


def _from_khal(line: str) -> Seen:
    uid, start, end, all_day, status, location, title = line.split("|", 6)
    if all_day == "True":
        last = date.fromisoformat(end[:10]) + timedelta(days=1)
        return Seen(uid, start[:10], last.isoformat(), title, status.strip(), location)
    return Seen(uid, f"{start}Z", f"{end}Z", title, status.strip(), location)


def _calendar_around(vtimezone: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n" + vtimezone + b"END:VCALENDAR\r\n"


class _Time(ctypes.Structure):
    """struct icaltimetype"""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", ctypes.c_void_p),
    ]


class _Span(ctypes.Structure):
    """struct icaltime_span"""

    _fields_ = [("start", ctypes.c_long), ("end", ctypes.c_long), ("is_busy", ctypes.c_int)]


class _Libical:
    """libical 3, called directly."""

    VEVENT, VTIMEZONE = 4, 13  # icalcomponent_kind, looked up by name below

    def __init__(self) -> None:
        self.c = needs.library("ical", "apt-get install libical3")
        for name, result, arguments in (
            ("icalparser_parse_string", ctypes.c_void_p, [ctypes.c_char_p]),
            ("icalcomponent_string_to_kind", ctypes.c_int, [ctypes.c_char_p]),
            ("icalcomponent_get_first_component", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalcomponent_get_next_component", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int]),
            ("icalcomponent_count_errors", ctypes.c_int, [ctypes.c_void_p]),
            ("icalcomponent_new_clone", ctypes.c_void_p, [ctypes.c_void_p]),
            ("icalcomponent_free", None, [ctypes.c_void_p]),
            ("icalcomponent_get_uid", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalcomponent_get_summary", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalcomponent_get_description", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalcomponent_get_location", ctypes.c_char_p, [ctypes.c_void_p]),
            ("icalcomponent_get_status", ctypes.c_int, [ctypes.c_void_p]),
            ("icalproperty_status_to_string", ctypes.c_char_p, [ctypes.c_int]),
            ("icalcomponent_get_dtstart", _Time, [ctypes.c_void_p]),
            ("icalcomponent_get_dtend", _Time, [ctypes.c_void_p]),
            ("icalcomponent_get_recurrenceid", _Time, [ctypes.c_void_p]),
            ("icaltime_as_timet_with_zone", ctypes.c_long, [_Time, ctypes.c_void_p]),
            ("icaltime_is_null_time", ctypes.c_int, [_Time]),
            ("icaltime_from_timet_with_zone", _Time, [ctypes.c_long, ctypes.c_int, ctypes.c_void_p]),
            ("icaltimezone_get_utc_timezone", ctypes.c_void_p, []),
            ("icaltimezone_new", ctypes.c_void_p, []),
            ("icaltimezone_free", None, [ctypes.c_void_p, ctypes.c_int]),
            ("icaltimezone_set_component", ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
            ("icaltimezone_get_utc_offset", ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(_Time), ctypes.c_void_p]),
        ):
            function = getattr(self.c, name)
            function.restype, function.argtypes = result, arguments
        self.callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Span), ctypes.c_void_p)
        self.c.icalcomponent_foreach_recurrence.argtypes = [ctypes.c_void_p, _Time, _Time, self.callback, ctypes.c_void_p]

    def offsets(self, vtimezone: bytes, walls: list[Walls]) -> Iterable[tuple[int, int]]:
        root = self._parse(_calendar_around(vtimezone))
        zone = self.c.icaltimezone_new()
        component = self.c.icalcomponent_get_first_component(root, self.c.icalcomponent_string_to_kind(b"VTIMEZONE"))
        assert self.c.icaltimezone_set_component(zone, self.c.icalcomponent_new_clone(component)) == 1
        try:
            for first, step, number in walls:
                for moment in range(first, first + step * number, step):
                    wall = EPOCH + timedelta(seconds=moment)
                    local = _Time(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second, 0, 0, None)
                    yield moment, self.c.icaltimezone_get_utc_offset(zone, ctypes.byref(local), None)
        finally:
            self.c.icaltimezone_free(zone, 1)
            self.c.icalcomponent_free(root)

    def occurrences(self, data: bytes, start: datetime, end: datetime) -> list[Seen]:
        root = self._parse(data)
        overrides, masters = {}, []
        for event in self._events(root):
            original = self.c.icalcomponent_get_recurrenceid(event)
            if self.c.icaltime_is_null_time(original):
                masters.append(event)
            else:
                zone = original.zone or self.c.icalcomponent_get_dtstart(event).zone  # it does not look for a TZID there
                overrides[self.c.icalcomponent_get_uid(event), self.c.icaltime_as_timet_with_zone(original, zone)] = event
        found = []
        for event in masters:
            uid = self.c.icalcomponent_get_uid(event)
            for first, last in self._spans(event, start, end):
                override = overrides.pop((uid, first), None)
                if override is None:
                    found.append(self._seen(event, first, last))
                else:
                    first, last = self._own_span(override)
                    found.append(self._seen(override, first, last))
        for (_, original), event in overrides.items():
            if original < end.timestamp():
                found.append(self._seen(event, *self._own_span(event))._replace(status="names no occurrence"))
        self.c.icalcomponent_free(root)
        return [one for one in found if minute(start)[: len(one.start)] <= one.start < minute(end)[: len(one.start)]]

    def texts(self, data: bytes) -> list[Texts]:
        root = self._parse(data)
        getters = self.c.icalcomponent_get_summary, self.c.icalcomponent_get_description, self.c.icalcomponent_get_location
        return [Texts(*((get(event) or b"").decode() for get in getters)) for event in self._events(root)]

    def _parse(self, data: bytes) -> int:
        root = self.c.icalparser_parse_string(data)
        assert root and not self.c.icalcomponent_count_errors(root)
        return root

    def _events(self, root: int) -> Iterable[int]:
        kind = self.c.icalcomponent_string_to_kind(b"VEVENT")
        event = self.c.icalcomponent_get_first_component(root, kind)
        while event:
            yield event
            event = self.c.icalcomponent_get_next_component(root, kind)

    def _spans(self, event: int, start: datetime, end: datetime) -> list[tuple[int, int]]:
        spans = []
        utc = self.c.icaltimezone_get_utc_timezone()

        @self.callback
        def note(_event: int, span: object, _data: object) -> None:
            spans.append((span.contents.start, span.contents.end))

        bounds = [self.c.icaltime_from_timet_with_zone(int(moment.timestamp()), 0, utc) for moment in (start, end)]
        self.c.icalcomponent_foreach_recurrence(event, *bounds, note, None)
        return spans

    def _seconds(self, time: _Time) -> int:
        return self.c.icaltime_as_timet_with_zone(time, time.zone)

    def _own_span(self, event: int) -> tuple[int, int]:
        return tuple(self._seconds(get(event)) for get in (self.c.icalcomponent_get_dtstart, self.c.icalcomponent_get_dtend))

    def _seen(self, event: int, first: int, last: int) -> Seen:
        moments = [datetime.fromtimestamp(second, UTC) for second in (first, last)]
        all_day = self.c.icalcomponent_get_dtstart(event).is_date
        start, end = (minute(moment.date() if all_day else moment) for moment in moments)
        status = self.c.icalproperty_status_to_string(self.c.icalcomponent_get_status(event))
        names = [self.c.icalcomponent_get_uid(event), self.c.icalcomponent_get_summary(event), status]
        uid, summary, status = (name.decode() for name in names)
        return Seen(uid, start, end, summary, status, (self.c.icalcomponent_get_location(event) or b"").decode())


Reader = Callable[[bytes, datetime, datetime], list[Seen]]
