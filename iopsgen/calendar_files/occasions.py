"""When an event of a calendar file takes place: its dates as the file gives them, all told by one clock."""

from datetime import date, datetime, time, timedelta

import msgspec

from iopsgen.calendar_files.clocks import Point, Timed
from iopsgen.calendar_files.drafts import Value
from iopsgen.rrule import Wall
from iopsgen.zones import exists_once, resolve, zone

Moment = date | datetime  # a day, or an aware time on the clocks of the event


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One date of a series that differs: the date for which it stands, what it is like, and its number among those of the file (-1: none).

    `hidden`: it must not be shown at all. `later`: all later dates differ in the same way. `keys` are what `changes` says of it
    beyond its times. Ends of whole days are the last day.
    """

    at: Point
    start: Point
    end: Point | None = None
    cancelled: bool = False
    hidden: bool = False
    later: bool = False
    keys: dict[str, Value] = {}
    number: int = -1


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """When an event takes place, as its file says: start, end (of whole days the last day), RRULE, EXDATE, RDATE, RECURRENCE-ID."""

    start: Point
    end: Point | None = None
    rules: tuple[str, ...] = ()
    exceptions: tuple[Point, ...] = ()
    further: tuple[tuple[Point, Point | None], ...] = ()  # with an end of their own, if they are periods
    variants: tuple[Variant, ...] = ()


class Hours:
    """Tells times on the clocks of a zone. A wall (naive) is what a rule gives; a moment (aware) is when that really is."""

    def __init__(self, zone_name: str) -> None:
        self.zone = zone_name
        self._info = zone(zone_name)

    def moment(self, point: Point) -> Moment:
        """When a point is; a day is its midnight."""
        if not isinstance(point, Timed):
            return self.of_wall(datetime.combine(point, time()))
        return point.moment if point.zone == self.zone else point.moment.astimezone(self._info)

    def start(self, point: Point) -> Wall:
        """The wall clock from which a rule counts."""
        return point.wall if isinstance(point, Timed) and point.zone == self.zone else self.wall(self.moment(point))

    def of_wall(self, wall: Wall) -> Moment:
        """When the clocks show that, or would if they did not skip it."""
        assert isinstance(wall, datetime)
        return resolve(wall, self.zone).moment

    def wall(self, moment: Moment) -> Wall:
        """What the clocks show then."""
        assert isinstance(moment, datetime)
        return moment.replace(tzinfo=None, fold=0)

    def key(self, moment: Moment) -> float:
        """What equal moments have in common, in the order of time."""
        assert isinstance(moment, datetime)
        return moment.timestamp()

    def later(self, moment: Moment, length: timedelta) -> Moment:
        """So much later on the clock."""
        return self.of_wall(self.wall(moment) + length)

    def length(self, start: Moment, end: Moment | None) -> timedelta | None:
        """How much later on the clock something ends; None where it does not end after it starts."""
        if end is None or self.key(end) <= self.key(start):
            return None
        assert isinstance(end, datetime) and isinstance(start, datetime)
        length = end.replace(tzinfo=None, fold=0) - start.replace(tzinfo=None, fold=0)
        return length if length > timedelta(0) else timedelta(seconds=self.key(end) - self.key(start))

    def last_day(self, until: Wall, begin: Wall) -> date:
        """The last day on which a date may start that starts at the time of `begin`. A day alone ends when it begins, as everybody reads it."""
        assert isinstance(begin, datetime)
        if not isinstance(until, datetime):
            until = datetime.combine(until, time())
        last = until.astimezone(self._info).replace(tzinfo=None) if until.tzinfo else until
        return last.date() - timedelta(days=last.time() < begin.time())

    def text(self, moment: Moment) -> str:
        """As front matter has it: with its offset where the clocks show it twice."""
        assert isinstance(moment, datetime)
        plain = f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        if exists_once(moment):
            return plain
        minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
        return f"{plain}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class Days(Hours):
    """The same for an event that lasts whole days: its walls and moments are days."""

    def __init__(self, zone_name: str) -> None:
        super().__init__(zone_name)
        self._default, self.zone = zone_name, ""

    def moment(self, point: Point) -> Moment:
        return point.wall.date() if isinstance(point, Timed) else point

    def start(self, point: Point) -> Wall:
        return self.moment(point)

    def of_wall(self, wall: Wall) -> Moment:
        return wall

    def wall(self, moment: Moment) -> Wall:
        return moment

    def key(self, moment: Moment) -> float:
        return moment.toordinal()

    def later(self, moment: Moment, length: timedelta) -> Moment:
        return moment + length

    def length(self, start: Moment, end: Moment | None) -> timedelta | None:
        return None if end is None or end <= start else end - start

    def last_day(self, until: Wall, begin: Wall) -> date:
        if isinstance(until, datetime):
            return until.astimezone(zone(self._default)).date() if until.tzinfo else until.date()
        return until

    def text(self, moment: Moment) -> str:
        return f"{moment:%Y-%m-%d}"


def day_of(wall: Wall) -> date:
    """The day of a wall or a moment."""
    return wall.date() if isinstance(wall, datetime) else wall
