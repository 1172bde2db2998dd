"""A site of events of every kind in forty zones, the same for the same seed: what calendars have to get right, thousands of times."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

ZONES = (
    "Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Argentina/Buenos_Aires America/Asuncion "
    "America/Bogota America/Caracas America/Halifax America/Havana America/Los_Angeles America/Mexico_City America/New_York America/Nuuk "
    "America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Jerusalem "
    "Asia/Kathmandu Asia/Kolkata Asia/Pyongyang Asia/Tehran Asia/Tokyo Atlantic/Azores Australia/Adelaide Australia/Lord_Howe "
    "Europe/Berlin Europe/Dublin Europe/Istanbul Europe/London Europe/Volgograd Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Kiritimati"
).split()

PATTERNS = {  # words for a repetition → the rule that they stand for
    "daily": "FREQ=DAILY",
    "every 3 days": "FREQ=DAILY;INTERVAL=3",
    "every other day": "FREQ=DAILY;INTERVAL=2",
    "weekly": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "every 3 weeks": "FREQ=WEEKLY;INTERVAL=3",
    "every other week": "FREQ=WEEKLY;INTERVAL=2",
    "weekly on Tuesday": "FREQ=WEEKLY;BYDAY=TU",
    "every Sunday": "FREQ=WEEKLY;BYDAY=SU",
    "every 2 weeks on Tue and Thu": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "every other Friday": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
    "weekly on Mon, Wed and Fri": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "every weekday": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "every weekend": "FREQ=WEEKLY;BYDAY=SA,SU",
    "monthly": "FREQ=MONTHLY",
    "quarterly": "FREQ=MONTHLY;INTERVAL=3",
    "every 2 months": "FREQ=MONTHLY;INTERVAL=2",
    "monthly on the first Monday": "FREQ=MONTHLY;BYDAY=1MO",
    "monthly on the first and third Monday": "FREQ=MONTHLY;BYDAY=1MO,3MO",
    "monthly on the fifth Saturday": "FREQ=MONTHLY;BYDAY=5SA",
    "monthly on the second to last Sunday": "FREQ=MONTHLY;BYDAY=-2SU",
    "monthly on the first and last Friday": "FREQ=MONTHLY;BYDAY=1FR,-1FR",
    "monthly on the first Monday and the third Wednesday": "FREQ=MONTHLY;BYDAY=1MO,3WE",
    "the last Friday of every month": "FREQ=MONTHLY;BYDAY=-1FR",
    "the second Tuesday of every 2 months": "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU",
    "monthly on day 15": "FREQ=MONTHLY;BYMONTHDAY=15",
    "monthly on the 29th": "FREQ=MONTHLY;BYMONTHDAY=29",
    "monthly on day 1 and 15": "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "monthly on day 31": "FREQ=MONTHLY;BYMONTHDAY=31",
    "monthly on the last day": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "monthly on the first and last day": "FREQ=MONTHLY;BYMONTHDAY=1,-1",
    "monthly on the last weekday": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "monthly on the first weekday": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
    "yearly": "FREQ=YEARLY",
    "every 2 years": "FREQ=YEARLY;INTERVAL=2",
    "yearly on 5 October": "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=5",
    "yearly on 29 February": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "yearly on the last Sunday of October": "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "yearly in May on the first Monday": "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO",
    "the first Saturday of March": "FREQ=YEARLY;BYMONTH=3;BYDAY=1SA",
}
RULES = (  # for experts
    "FREQ=DAILY;BYMONTH=3,10;BYDAY=SA,SU",
    "FREQ=DAILY;BYMONTHDAY=1,-1",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO",
    "FREQ=WEEKLY;BYDAY=SA;BYHOUR=10,15;BYMINUTE=30",
    "FREQ=WEEKLY;BYMONTH=6,7,8;BYDAY=WE",
    "FREQ=MONTHLY;BYDAY=TU,TH;BYSETPOS=2,-1",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=MONTHLY;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=WE",
    "FREQ=MONTHLY;BYMONTHDAY=-1,-2",
    "FREQ=MONTHLY;BYDAY=2TU,-1TU;BYMONTH=1,4,10",
    "FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=1SA",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=YEARLY;BYDAY=-1FR",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=TU",
)
STATUSES = ("cancelled", "postponed", "tentative", "moved-online")
TITLES = ("Shared table", "Repair evening", "Boat; and rope, mended", "Ćwiczenia 🎉", "שבת", "Walk \\ talk", 'The "open" door')


def calendar_site(number: int, *, first_year: int, seed: str = "calendars") -> dict[str, str]:
    """The files of a site with so many events, all of which begin within five years from `first_year`: path → text."""
    chapters = {
        f"content/chapters/chapter-{n}.md": f"---\ntitle: Chapter {n}\ntimezone: {name}\n---\nWe meet.\n" for n, name in enumerate(ZONES)
    }
    return {**chapters, **dict(_Writer(n, first_year, seed).file() for n in range(number))}


class _Writer:
    """Writes one event; what it is follows from its number, the year and the seed alone."""

    def __init__(self, number: int, first_year: int, seed: str) -> None:
        self.number, self.year = number, first_year
        self.chance = random.Random(f"{seed} {first_year} {number}")
        self.zone = ZONES[number % len(ZONES)]
        self.lines = [f"title: {_quoted(f'{self.chance.choice(TITLES)} {number}')}"]

    def file(self) -> tuple[str, str]:
        """Path and text. The path says what kind of event it is."""
        kinds = list(_KINDS)
        kind = kinds[self.number % len(kinds)]
        _KINDS[kind](self)
        self.about()
        return f"content/events/{self.number:04}-{kind}.md", "\n".join(["---", *self.lines, "---", "Come and see.", ""])

    def about(self) -> None:
        """What events of every kind may say besides."""
        chance = self.chance
        self.lines.append(f"chapter: chapter-{self.number % len(ZONES)}" if chance.random() < 0.5 else f"timezone: {self.zone}")
        if chance.random() < 0.5:
            self.lines.append(f"venue: {{name: Hall {chance.randrange(9)}, city: Town, geo: [{chance.randrange(-80, 80)}.25, 12.5]}}")
        if chance.random() < 0.2:
            self.lines.append("online: https://meet.example.org/room?a=1,2;b")
        if chance.random() < 0.2:
            self.lines += [f"status: {chance.choice(STATUSES)}", "reason: Storm; rain, wind"]
        if chance.random() < 0.2:
            self.lines.append(f"uid: event-{self.number}@example.org")
        if chance.random() < 0.2:
            self.lines.append(f"publish: {self.year - 1}-06-01 09:00")

    # --- events that take place once -----------------------------------------------------------------------------------

    def once(self) -> None:
        """A start and an end on the same day, or after midnight."""
        start = self.moment()
        end = self.after(start, timedelta(minutes=15 * self.chance.randint(1, 30)))
        self.lines += [f"start: {start:%Y-%m-%d %H:%M}", f"end: {end:%H:%M}"]

    def long(self) -> None:
        """Several days, with times."""
        start = self.moment()
        end = self.after(start, timedelta(hours=self.chance.randint(25, 150)))
        self.lines += [f"start: {start:%Y-%m-%d %H:%M}", f"end: {end:%Y-%m-%d %H:%M}"]

    def lasting(self) -> None:
        """A start and a length."""
        self.lines += [f"start: {self.moment():%Y-%m-%d %H:%M}", f"duration: {self.chance.choice(['45 min', '2h 30m', '8 hours', '2 days'])}"]

    def endless(self) -> None:
        """A start alone."""
        self.lines.append(f"start: {self.moment():%Y-%m-%d %H:%M}")

    def abroad(self) -> None:
        """A start and an end with offsets, of which the second of two equal hours is the reason."""
        info = ZoneInfo(self.zone)
        start = (self.moment().replace(tzinfo=UTC)).astimezone(info)
        end = (start.astimezone(UTC) + timedelta(minutes=30 * self.chance.randint(1, 12))).astimezone(info)
        self.lines += [f"start: {start.isoformat(timespec='minutes')}", f"end: {end.isoformat(timespec='minutes')}"]

    def days(self) -> None:
        """One day or several."""
        start = self.day()
        self.lines.append(f"start: {start}")
        if self.chance.random() < 0.5:
            self.lines.append(f"end: {start + timedelta(days=self.chance.randint(0, 9))}")

    def unknown(self) -> None:
        """A day without a time, or not even a day."""
        self.lines.append("time: tba")
        if self.chance.random() < 0.8:
            self.lines.append(f"start: {self.day()}")

    # --- events that take place several times --------------------------------------------------------------------------

    def dates(self) -> None:
        """Dates that follow no rule, some of them changed."""
        moments = sorted({self.moment() for _ in range(self.chance.randint(2, 6))})
        moments = [one for n, one in enumerate(moments) if all(one.date() != other.date() for other in moments[:n])]
        self.lines.append(f"dates: [{', '.join(f'{one:%Y-%m-%d %H:%M}' for one in moments)}]")
        self.lines.append("duration: 90 min")
        self.changes(moments, timed=True)

    def listed_days(self) -> None:
        """Days that follow no rule."""
        days = sorted({self.day() for _ in range(self.chance.randint(2, 6))})
        self.lines.append(f"dates: [{', '.join(map(str, days))}]")
        if self.chance.random() < 0.5:
            self.lines.append(f"duration: {self.chance.randint(1, 3)} days")
        self.changes([datetime.combine(day, time()) for day in days], timed=False)

    def series(self) -> None:
        """A rule in words, with times."""
        words, rule = self.chance.choice(list(PATTERNS.items()))
        walls = self.walls(rule, self.moment())
        self.repeated("repeat", words, walls, timed=True)

    def night_series(self) -> None:
        """A rule in words whose time is one at which clocks change."""
        words = self.chance.choice(["daily", "weekly on Tuesday", "every Sunday", "every weekend", "monthly on the last day"])
        start = self.moment().replace(hour=self.chance.choice([0, 0, 1, 2, 3]), minute=self.chance.choice([0, 30]))
        self.repeated("repeat", words, self.walls(PATTERNS[words], start), timed=True)

    def day_series(self) -> None:
        """A rule in words, in days."""
        words, rule = self.chance.choice(list(PATTERNS.items()))
        self.repeated("repeat", words, self.walls(rule, datetime.combine(self.day(), time())), timed=False)

    def rule(self) -> None:
        """A rule as RFC 5545 writes it, with its own kinds of end."""
        rule = self.chance.choice(RULES)
        walls = self.walls(rule, self.moment())
        self.repeated("rrule", rule, walls, timed=True)

    def repeated(self, key: str, rule: str, walls: list[datetime], timed: bool) -> None:
        """A series from the first of `walls`, with an end and exceptions or without."""
        chance, first = self.chance, walls[0]
        self.lines.append(f"start: {first:%Y-%m-%d %H:%M}" if timed else f"start: {first:%Y-%m-%d}")
        self.lines += self.length(first, timed)
        kind = chance.choice(["never", "until", "count"])
        last = walls[min(chance.randint(2, 60), len(walls) - 1)]
        if kind == "until":
            rule += f" until {last.date()}" if key == "repeat" else f";UNTIL={self.until(last)}" if timed else f";UNTIL={last:%Y%m%d}"
        elif kind == "count":
            count = chance.randint(2, 40)
            rule += f", {count} times" if key == "repeat" else f";COUNT={count}"
            walls = walls[:count]
        walls = [wall for wall in walls if kind != "until" or wall <= last]
        rule += self.exceptions(walls, timed)
        self.lines.append(f"{key}: {rule}")
        self.changes(walls[:30], timed)

    def until(self, last: datetime) -> str:
        """UNTIL as a moment in UTC, as programs write it, or as a day."""
        moment = last.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        return self.chance.choice([f"{moment:%Y%m%dT%H%M%SZ}", f"{last:%Y%m%d}"])

    def length(self, first: datetime, timed: bool) -> list[str]:
        """How long each date lasts."""
        if not timed:
            return [f"end: {first.date()}"] if self.chance.random() < 0.5 else []
        kind = self.chance.choice(["end", "end", "duration", "none"])
        end = self.after(first, timedelta(minutes=15 * self.chance.randint(1, 36)))
        return [f"end: {end:%H:%M}"] if kind == "end" else ["duration: 3h"] if kind == "duration" else []

    def exceptions(self, walls: list[datetime], timed: bool) -> str:
        """`except`, `also` and `pause`, or nothing."""
        chance, words = self.chance, ""
        if chance.random() < 0.4:
            words += f", except {', '.join(f'{wall:%Y-%m-%d}' for wall in self.some(walls[:40], 3))}"
        if chance.random() < 0.3:
            extra = self.free(walls)
            words += f", also {extra:%Y-%m-%d %H:%M}" if timed else f", also {extra:%Y-%m-%d}"
        if chance.random() < 0.2 and len(walls) > 3:
            begin = walls[chance.randint(1, min(9, len(walls) - 1))].date()
            words += f", pause {begin} to {begin + timedelta(days=chance.randint(0, 40))}"
        return words

    def changes(self, walls: list[datetime], timed: bool) -> None:
        """`changes` of some of the dates: cancelled, moved, longer, renamed, elsewhere."""
        if self.chance.random() < 0.5:
            return
        self.lines.append("changes:")
        days = {wall.date(): wall for wall in self.some(walls, 3)}
        self.lines += [f"  {day}: {self.change(wall, timed)}" for day, wall in days.items()]

    def change(self, wall: datetime, timed: bool) -> str:
        """What is different on one date."""
        moved = self.free([wall], near=wall)
        kinds = [
            "cancelled",
            "{status: cancelled, note: 'Snow, ice; fog'}",
            "{title: 'Renamed, with ice; and \"more\"'}",
            "{venue: {name: Elsewhere, city: 'Far, away', geo: [1.5, -2.25]}, note: Another door}",
            "{online: 'https://other.example.org/x'}",
            f"{{start: {moved:%Y-%m-%d}}}" if not timed else f"{{start: {moved:%Y-%m-%d %H:%M}, note: The room is taken}}",
        ]
        if timed:
            later = self.after(wall, timedelta(minutes=15 * self.chance.randint(1, 40)))
            kinds.append(f"{{end: {later:%H:%M}}}")
        return self.chance.choice(kinds)

    # --- moments -------------------------------------------------------------------------------------------------------

    def day(self) -> date:
        """A day within the five years."""
        return date(self.year, 1, 1) + timedelta(days=self.chance.randrange(5 * 365))

    def moment(self) -> datetime:
        """A time that the clocks show once, often in a night in which they change."""
        chance = self.chance
        while True:
            shifts = _shifts(self.zone, self.year)
            day = chance.choice(shifts) + timedelta(days=chance.randint(-1, 0)) if shifts and chance.random() < 0.4 else self.day()
            hour = chance.choice([22, 23, 0, 1, 2, 3]) if chance.random() < 0.3 else chance.randint(7, 21)
            wall = datetime.combine(day, time(hour, chance.choice([0, 0, 15, 30, 45])))
            if self.exists_once(wall) and wall.year >= self.year:
                return wall

    def after(self, start: datetime, length: timedelta) -> datetime:
        """A time that the clocks show once, so much later or somewhat more, and in fact later."""
        end = start + length
        while not self.exists_once(end) or end.time() == start.time():
            end += timedelta(hours=1)
        return end

    def free(self, walls: list[datetime], near: datetime | None = None) -> datetime:
        """A time that the clocks show once, on a day that is not that of any of `walls`."""
        while True:
            wall = near + timedelta(days=self.chance.randint(-3, 9), minutes=30 * self.chance.randint(-9, 9)) if near else self.moment()
            if self.exists_once(wall) and wall.year >= self.year and all(wall.date() != other.date() for other in walls):
                return wall

    def some(self, walls: list[datetime], most: int) -> list[datetime]:
        """Some of the dates, at least one."""
        return sorted(self.chance.sample(walls, min(len(walls), self.chance.randint(1, most))))

    def walls(self, rule: str, start: datetime) -> list[datetime]:
        """The first dates of a rule that begins at `start` or as soon as it can, in fact when the clocks show its time once."""
        first = next(wall for wall in rrulestr(rule, dtstart=start) if self.exists_once(wall))
        walls = list(islice(rrulestr(rule, dtstart=first), 400))
        return [wall for n, wall in enumerate(walls) if n == 0 or wall.year < self.year + 6]

    def exists_once(self, wall: datetime) -> bool:
        """Whether the clocks of the zone show a time once."""
        info = ZoneInfo(self.zone)
        one, other = (wall.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1))
        return one == other


_KINDS: dict[str, Callable[[_Writer], None]] = {
    "once": _Writer.once,
    "series": _Writer.series,
    "long": _Writer.long,
    "rule": _Writer.rule,
    "days": _Writer.days,
    "night-series": _Writer.night_series,
    "dates": _Writer.dates,
    "day-series": _Writer.day_series,
    "lasting": _Writer.lasting,
    "listed-days": _Writer.listed_days,
    "endless": _Writer.endless,
    "unknown": _Writer.unknown,
    "abroad": _Writer.abroad,
}


@cache
def _shifts(zone: str, first_year: int) -> tuple[date, ...]:
    """The days within five years on which the clocks of a zone change."""
    info = ZoneInfo(zone)

    def changing() -> Iterator[date]:
        before = None
        for n in range(5 * 365):
            day = date(first_year, 1, 2) + timedelta(days=n)
            offset = datetime.combine(day, time(), info).utcoffset()
            if before is not None and offset != before:
                yield day - timedelta(days=1)
            before = offset

    return tuple(changing())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
