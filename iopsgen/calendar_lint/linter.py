"""Reads a calendar file, has each of its parts checked, and gathers what is found (RFC 5545, RFC 7986, and what real clients do)."""

from collections.abc import Iterator

from iopsgen.calendar_lint.effort import Effort
from iopsgen.calendar_lint.events import Body, Use, check_addresses, check_event, check_texts
from iopsgen.calendar_lint.findings import Found, fault, gather, mild, remark
from iopsgen.calendar_lint.raw import check_bytes, what_else
from iopsgen.calendar_lint.series import Placed, check_series, group, is_series, span_of
from iopsgen.calendar_lint.times import read_length
from iopsgen.calendar_lint.tree import Part, Tree, moved, read_block
from iopsgen.calendar_lint.zones import Comparison, Span, Zone, check_order, check_uses, read_zone
from iopsgen.problems import Place, Problem
from iopsgen.zones import check_zone

_ONCE = "VERSION PRODID CALSCALE METHOD X-WR-CALNAME X-WR-TIMEZONE X-PUBLISHED-TTL REFRESH-INTERVAL URL COLOR LAST-MODIFIED UID".split()
_MOST = 100  # calendars in one file that are looked at
_COMPONENTS = frozenset(["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", "VPOLL"])


def lint(data: bytes, file: str) -> list[Problem]:
    """Everything that is wrong with a calendar file, by line.

    Errors break RFC 5545 or 7986, warnings are misread by real clients, hints would be better. Never raises, whatever the bytes.
    """
    return Linter().lint(data, file)


class Linter:
    """Checks several files that share events and time zones: each is read once, and what is wrong with it by itself is said once."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, Body] = {}
        self._zones: dict[bytes, Zone] = {}
        self._groups: set[tuple[bytes, ...]] = set()
        self._comparison = Comparison()

    def lint(self, data: bytes, file: str) -> list[Problem]:
        """What is wrong with a file and was not said before."""
        found = gather(self._check(data))
        return [Problem(one.message, Place(file, one.number), one.hint, one.severity) for one in found]

    def _check(self, data: bytes) -> Iterator[Found]:
        if other := what_else(data):
            yield other
            return
        yield from check_bytes(data)
        tree = Tree(data.removeprefix(b"\xef\xbb\xbf"))
        yield from tree.findings
        effort = Effort()
        for root in tree.roots[:_MOST]:
            if root.name == "VCALENDAR":
                yield from self._check_calendar(root, effort)
            else:
                yield fault(root.number, f"{root.name} stands outside a calendar.", "Put it between BEGIN:VCALENDAR and END:VCALENDAR.")
        if len(tree.roots) > 1:
            message = "The file holds more than one calendar, and many programs read the first alone."
            yield mild(tree.roots[1].number, message, "Write one VCALENDAR.")

    # --- a calendar ------------------------------------------------------------------------------------------------

    def _check_calendar(self, calendar: Part, effort: Effort) -> Iterator[Found]:
        """A VCALENDAR: its own properties, its zones, its events."""
        yield from _check_properties(calendar)
        yield from _check_refresh(calendar)
        yield from check_texts(calendar.lines)
        yield from check_addresses(calendar.lines)
        findings: list[Found] = []
        events = [(part, Placed(part.number, self._body(part, findings))) for part in calendar.parts if part.name == "VEVENT"]
        zones = [(part.number, self._zone(part, findings, effort)) for part in calendar.parts if part.name == "VTIMEZONE"]
        yield from findings
        yield from check_order(zones, events[0][0].number if events else None)
        yield from self._check_uses([event for _, event in events], zones, calendar, effort)
        yield from self._check_series(events, effort)
        yield from _check_name(calendar, len({event.body.value("URL") or event.body.value("SUMMARY") for _, event in events}))

    def _body(self, part: Part, findings: list[Found]) -> Body:
        """An event, read and checked once for all calendars that hold it."""
        held = self._bodies.get(part.data) if part.data else None
        if held is not None:
            return held
        inner, found = read_block(part.data) if part.data else (moved(part, part.number), [])
        body = check_event(inner)
        if part.data:
            self._bodies[part.data] = body
        findings += [one.moved(part.number) for one in (*found, *body.findings)]
        return body

    def _zone(self, part: Part, findings: list[Found], effort: Effort) -> Zone:
        """A time zone, read and checked once for all calendars that hold it."""
        held = self._zones.get(part.data) if part.data else None
        if held is not None:
            return held
        inner, found = read_block(part.data) if part.data else (moved(part, part.number), [])
        zone = read_zone(inner, effort)
        if part.data:
            self._zones[part.data] = zone
        findings += [one.moved(part.number) for one in (*found, *zone.findings)]
        return zone

    def _check_uses(self, events: list[Placed], zones: list[tuple[int, Zone]], calendar: Part, effort: Effort) -> Iterator[Found]:
        """Whether the zones in use are described, and rightly."""
        uses: dict[str, list[Use]] = {}
        for event in events:
            for use in event.body.uses:
                uses.setdefault(use.zone, []).append(use._replace(number=event.number + use.number))
        for part in calendar.parts:
            if part.name in ("VTODO", "VJOURNAL", "VFREEBUSY"):
                inner = part if part.lines else read_block(part.data)[0] if part.data else part
                for line in inner.lines:
                    if name := line.parameters.get("TZID", "").strip('"'):
                        uses.setdefault(name, []).append(Use(name, None, line.name, line.number))
        described = {zone.name: zone for _, zone in zones if zone.name}
        yield from check_uses((use for some in uses.values() for use in some), described)
        latest = max((use.wall.year for some in uses.values() for use in some if use.wall), default=0)
        spans: dict[str, set[Span]] = {}
        for event in events:
            if span := span_of(event, latest):
                spans.setdefault(span.zone, set()).add(span)
        for number, zone in zones:
            yield from self._comparison.check(number, zone, uses.get(zone.name, ()), spans.get(zone.name, ()))

    def _check_series(self, events: list[tuple[Part, Placed]], effort: Effort) -> Iterator[Found]:
        """Series and their overrides; one that was checked in another calendar is not checked again."""
        data = {event.number: part.data for part, event in events}
        groups, found = group(event for _, event in events)
        yield from found
        for master, overrides in groups:
            if not is_series(master, overrides):
                continue
            key = tuple(data[event.number] for event in (master, *overrides))
            if all(key) and key in self._groups:
                continue
            self._groups.add(key)
            yield from check_series(master, overrides, effort)


def _check_properties(calendar: Part) -> Iterator[Found]:
    """The properties of a calendar itself (RFC 5545, 3.7)."""
    version, scale, method = (calendar.first(name) for name in ("VERSION", "CALSCALE", "METHOD"))
    if version is None or version.value != "2.0":
        yield fault((version or calendar).number, "The calendar does not say VERSION:2.0.", "Write VERSION:2.0 after BEGIN:VCALENDAR.")
    if (product := calendar.first("PRODID")) is None or not product.value.strip():
        hint = "Write PRODID with the name of the program, as in PRODID:-//Example//Events//EN."
        yield fault((product or calendar).number, "The calendar has no PRODID.", hint)
    if scale and scale.value.upper() != "GREGORIAN":
        yield fault(scale.number, f'CALSCALE cannot be "{scale.value[:40]}".', "Write CALSCALE:GREGORIAN, or leave it out.")
    for name in _ONCE:
        if len(lines := calendar.all(name)) > 1 and not (name == "URL" and "LANGUAGE" in lines[1].parameters):
            yield fault(lines[1].number, f"The calendar has {name} twice.", "Keep one of them.")
    if method:
        hint = "Leave METHOD out of a calendar that people subscribe to."
        yield mild(method.number, "METHOD makes some programs take the file for an invitation.", hint)
    if not calendar.parts:
        yield fault(calendar.number, "The calendar holds no component.", "Keep at least a VTIMEZONE in an empty calendar.")
    for part in calendar.parts:
        if part.name not in _COMPONENTS and not part.name.startswith("X-"):
            yield mild(part.number, f"{part.name} is no component of a calendar.", "Programs pass over it: check how it is spelt.")
    zone = calendar.first("X-WR-TIMEZONE")
    if zone and (wrong := check_zone(zone.value)):
        yield mild(zone.number, f"X-WR-TIMEZONE: {wrong.message}", wrong.hint)


def _check_refresh(calendar: Part) -> Iterator[Found]:
    """How often programs are to look again (RFC 7986, 5.7)."""
    refresh, own = calendar.first("REFRESH-INTERVAL"), calendar.first("X-PUBLISHED-TTL")
    if refresh and refresh.parameters.get("VALUE", "").upper() != "DURATION":
        hint = f"Write REFRESH-INTERVAL;VALUE=DURATION:{refresh.value[:40]} (RFC 7986, 5.7)."
        yield fault(refresh.number, "REFRESH-INTERVAL has no VALUE=DURATION.", hint)
    for line in filter(None, (refresh, own)):
        length = read_length(line.value)
        if length is None or length.total_seconds() <= 0:
            yield fault(line.number, f'{line.name} cannot be "{line.value[:40]}".', "Write a length of time, such as PT12H or P1D.")
    if refresh and not own:
        yield remark(refresh.number, "Outlook reads X-PUBLISHED-TTL, not REFRESH-INTERVAL.", f"Add X-PUBLISHED-TTL:{refresh.value[:40]}.")


def _check_name(calendar: Part, events: int) -> Iterator[Found]:
    """A calendar of several events, or one that asks for being read again, has a name, which most programs read from X-WR-CALNAME."""
    name, own = calendar.first("NAME"), calendar.first("X-WR-CALNAME")
    if own is None and (name or events > 1 or calendar.first("REFRESH-INTERVAL") or calendar.first("X-PUBLISHED-TTL")):
        value = name.value[:60] if name else "Events of our group"
        hint = f"Add X-WR-CALNAME:{value} (most programs do not know NAME)."
        yield remark((name or calendar).number, "The calendar has no X-WR-CALNAME, so programs show its address instead of a name.", hint)
    elif name and own and name.value != own.value:
        yield remark(own.number, "NAME and X-WR-CALNAME differ: programs show one or the other.", "Write the same in both.")


