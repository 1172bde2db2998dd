"""When an event takes place: its start and end as written, placed in its zone, with everything that can be wrong about them."""

from datetime import UTC, date, datetime, time, timedelta

import msgspec

from iopsgen.model import Day, EventFields, Moment
from iopsgen.problems import Place, Problem, error, note, warning
from iopsgen.rrule import Wall
from iopsgen.zones import exists_once, place_moment, resolve

_LONG_NIGHT = timedelta(hours=12)  # an end time before the start time is the next day's; longer than this it may be a slip
_LONGEST = timedelta(days=14)  # with times; what lasts longer is mostly written with days alone
_LONGEST_DAYS = 183
_IMPOSSIBLE = timedelta(days=366)  # a lasting thing is a page, not an event


class Findings:
    """The problems of one event, each at the line of the key it is about."""

    def __init__(self, fields: EventFields) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def error(self, key: str, message: str, hint: str, moment: Moment | None = None) -> None:
        """Something that stops the build."""
        self.problems.append(error(message, self.place(key, moment), hint))

    def warn(self, key: str, message: str, hint: str, moment: Moment | None = None) -> None:
        """Something that is published all the same."""
        self.problems.append(warning(message, self.place(key, moment), hint))

    def note(self, key: str, message: str, hint: str, moment: Moment | None = None) -> None:
        """Something worth knowing."""
        self.problems.append(note(message, self.place(key, moment), hint))

    def place(self, key: str, moment: Moment | None = None) -> Place:
        """Where a moment stands, else where its key does."""
        file, line = self.fields.where(key)
        return Place(file, moment.line, moment.column) if moment and moment.line else Place(file, line, 1)


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The first start of an event and how long each occurrence lasts.

    `first` is the wall clock (or the day), `start` and `end` the same placed in the zone. One of the three lengths is set, or
    none: `wall_length` (an end was written: it is the same on the clock each time), `exact` (a duration was written: it is
    equally long each time), `days` (all-day: days from the first to the last). `end_clock` beside `wall_length`: several dates,
    perhaps at different times, end at the same time of day.
    """

    zone: str
    first: Wall
    start: datetime | Day
    end: datetime | Day | None = None
    wall_length: timedelta | None = None
    exact: timedelta | None = None
    days: int | None = None
    end_clock: time | None = None

    @property
    def all_day(self) -> bool:
        """Whether the event has days only."""
        return not isinstance(self.first, datetime)

    def end_of(self, start: datetime | Day) -> datetime | Day | None:
        """The end of an occurrence that starts then."""
        if not isinstance(start, datetime):
            return None if self.days is None else start + timedelta(days=self.days)
        if self.exact is not None:
            return after(start, self.exact)
        if self.wall_length is None:
            return None
        if self.end_clock is not None:
            return self._end_on_clock(start, self.end_clock)
        return self.same_length(start, self.wall_length)

    def _end_on_clock(self, start: datetime, clock_time: time) -> datetime:
        """The next time that the clocks show `clock_time`."""
        wall = datetime.combine(start.date(), clock_time)
        begin = start.replace(tzinfo=None, fold=0)
        return self.same_length(start, (wall if wall > begin else wall + timedelta(days=1)) - begin)

    def same_length(self, start: datetime, length: timedelta) -> datetime:
        """The end that lies so far from the start on the clock; where the clocks change in a way that forbids it, in real time."""
        end = start + length  # in one zone: the wall clock moves, not the instant
        if exists_once(end) and exists_once(start):
            return end
        end = resolve(end.replace(tzinfo=None), self.zone).moment
        return end if end.timestamp() > start.timestamp() else after(start, length)


def after(start: datetime, length: timedelta) -> datetime:
    """The moment that much time later, in the same zone, whatever the clocks do in between."""
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


def read_times(fields: EventFields, zone: str, findings: Findings) -> Times | None:
    """When the event takes place for the first time; None if the day is not known."""
    moments = sorted(fields.dates, key=lambda m: m.wall) if fields.dates else [fields.start] if fields.start else []
    if not moments:
        return None
    key = "dates" if fields.dates else "start"
    timed = [m for m in moments if m.has_time]
    if fields.time_tba and timed:
        findings.warn("time", f"The time is to be announced, so {clock(timed[0].wall)} is not shown.", "Remove time: tba, or the time.")
    if not fields.time_tba and timed and len(timed) < len(moments):
        bare = next(m for m in moments if not m.has_time)
        findings.error(key, f"{bare.wall.date()} has no time, although other dates have one.", f"Write {bare.wall:%Y-%m-%d} 19:00.", bare)
    if fields.time_tba or not timed:
        return _all_day_times(fields, moments[0].wall.date(), zone, findings)
    start = place_written(timed[0], zone, key, findings)
    return _timed_times(fields, start, zone, findings)


def place_written(moment: Moment, zone: str, key: str, findings: Findings) -> datetime:
    """A date and time that somebody wrote, in the zone; says how an offset was read, and what the clocks do to it."""
    placed = place_moment(moment, zone)
    if moment.offset is not None:
        written = f"{clock(moment.wall)} {_offset(moment.offset)}"
        findings.note(
            key,
            f"{written} is read as {clock(placed)} in {zone}.",
            f"If {clock(moment.wall)} was meant there, leave the offset out.",
            moment,
        )
        return placed
    read = resolve(moment.wall, zone)
    if read.gap and read.next_valid:
        message = f"There is no {moment.wall:%H:%M} on {moment.wall.date()} in {zone}: the clocks jump to {read.next_valid:%H:%M}."
        findings.error(key, message, f"The next valid time is {clock(read.next_valid)}.", moment)
    elif read.twice:
        second = placed.replace(fold=1)
        findings.warn(
            key,
            f"{moment.wall:%H:%M} happens twice on {moment.wall.date()} in {zone}, since the clocks go back; the first one is taken.",
            f"For the second one write {clock(moment.wall)}{_offset(_minutes(second))}.",
            moment,
        )
    return placed


def _all_day_times(fields: EventFields, first: date, zone: str, findings: Findings) -> Times:
    """The days of an event without times."""
    plain = Times(zone=zone, first=first, start=first)
    if fields.duration:
        if fields.duration % timedelta(days=1):
            findings.error("duration", "The event has a length in hours, but no start time.", f"Write start: {first} 19:00.")
            return plain
        return _with_days(plain, fields.duration.days - 1)
    end = fields.end
    if end is None:
        return plain
    if end.has_time and fields.time_tba:
        findings.warn("end", "The time is to be announced, so the time of the end is not shown.", "Remove time: tba, or the time.", end)
        if fields.end_is_time:
            return plain
    elif end.has_time:
        findings.error("end", "The event has a time at its end, but none at its start.", f"Write start: {first} 19:00.", end)
        return plain
    days = (end.wall.date() - first).days
    if len(fields.dates) > 1:
        findings.error("end", "One end cannot be that of several dates.", "Write how long each lasts, as in: duration: 2 days.", end)
        return plain
    if days < 0:
        hint = "The end of an all-day event is its last day. Correct one of the two dates."
        findings.error("end", f"The event ends on {end.wall.date()}, before it starts on {first}.", hint, end)
        return plain
    if days > _IMPOSSIBLE.days:
        findings.error("end", f"The event lasts {days + 1} days.", "Check the year of its end.", end)
        return plain
    if days > _LONGEST_DAYS:
        findings.warn("end", f"The event lasts {days + 1} days.", "Check the month and the year of its end.", end)
    return _with_days(plain, days)


def _with_days(times: Times, days: int) -> Times:
    times = msgspec.structs.replace(times, days=days)
    return msgspec.structs.replace(times, end=times.end_of(times.start))


def _timed_times(fields: EventFields, start: datetime, zone: str, findings: Findings) -> Times:
    """Start, end and length of an event with times."""
    first = start.replace(tzinfo=None, fold=0)
    plain = Times(zone=zone, first=first, start=start)
    if fields.duration:
        if not fields.repeat:
            tell_long(fields.duration, start, "duration", findings)
        return msgspec.structs.replace(plain, exact=fields.duration, end=after(start, fields.duration))
    if fields.end is None:
        return plain
    if len(fields.dates) > 1 and not fields.end_is_time:
        findings.error(
            "end", "One end cannot be that of several dates.", "Write a time alone, as in end: 21:00, or a duration.", fields.end
        )
        return plain
    end = read_end(fields.end, fields.end_is_time, start, zone, "end", findings)
    if end is None:
        return plain
    length = end.replace(tzinfo=None, fold=0) - first
    if length > _IMPOSSIBLE:
        findings.error("end", f"The event lasts {length.days} days.", "Check the year of its end.", fields.end)
        return plain
    if not fields.repeat:
        tell_long(length, start, "end", findings, fields.end)
    if length <= timedelta(0):  # only where the clocks go back in between: equally long is the best that can be said
        return msgspec.structs.replace(plain, exact=end.astimezone(UTC) - start.astimezone(UTC), end=end)
    several = len(fields.dates) > 1
    return msgspec.structs.replace(plain, wall_length=length, end=end, end_clock=fields.end.wall.time() if several else None)


def read_end(end: Moment, is_time: bool, start: datetime, zone: str, key: str, findings: Findings) -> datetime | None:
    """The end that was written for this start: after it, or None with an error. A time alone before the start is the next day's."""
    if is_time:
        wall = datetime.combine(start.date(), end.wall.time())
        begin = start.replace(tzinfo=None, fold=0)
        if wall == begin:
            findings.error(
                key, f"The event ends when it starts, at {begin:%H:%M}.", "Correct one of the two times, or leave the end out.", end
            )
            return None
        if wall < begin:
            wall += timedelta(days=1)
            length = wall - begin
            tell = findings.warn if length > _LONG_NIGHT else findings.note
            message = f"The end, {end.wall:%H:%M}, is before the start, {begin:%H:%M}: it is read as {clock(wall)}, {_hours(length)} later."
            tell(key, message, f"Write end: {clock(wall)} if that is right, else correct the time.", end)
        end = msgspec.structs.replace(end, wall=wall)
    elif not end.has_time:
        findings.error(
            key, "The event has a time at its start, but none at its end.", f"Write for example end: {end.wall:%Y-%m-%d} 17:00.", end
        )
        return None
    placed = place_written(end, zone, key, findings)
    if placed.timestamp() <= start.timestamp() and not exists_once(placed):
        placed = placed.replace(fold=1)
    if placed.timestamp() <= start.timestamp():
        later = datetime.combine(start.date() + timedelta(days=1), placed.time())
        hint = f"Did you mean end: {clock(later)}?" if placed.date() == start.date() else "Correct one of the two."
        message = (
            f"The event ends when it starts, at {clock(start)}."
            if placed == start
            else f"The event ends at {clock(placed)}, before it starts at {clock(start)}."
        )
        findings.error(key, message, hint, end)
        return None
    return placed


def tell_long(length: timedelta, start: datetime, key: str, findings: Findings, moment: Moment | None = None) -> None:
    """Warns of an event with times that goes on for weeks."""
    if length > _LONGEST:
        last = (start + length).date()
        hint = f"Check its end. If it is open on all these days, write them without times: start: {start.date()} and end: {last}."
        findings.warn(key, f"The event lasts {length.days} days without a break, from {clock(start)} on.", hint, moment)


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone."""
    return resolve(datetime.combine(day, time()), zone).moment


def clock(wall: datetime | date) -> str:
    """A moment or a day as people write it in front matter."""
    return f"{wall:%Y-%m-%d %H:%M}" if isinstance(wall, datetime) else f"{wall}"


def _hours(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes % 60 == 0 else f"{minutes // 60} hours {minutes % 60} minutes"


def _minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
