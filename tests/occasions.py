"""Events of calendar files made at random for tests: series with exceptions, further dates and changed ones, as a program might write them."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from iopsgen.rrule import read_parts, walls
from iopsgen.zones import resolve

Wall = date | datetime
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata")
RULES = """FREQ=DAILY
FREQ=DAILY;INTERVAL=3
FREQ=WEEKLY
FREQ=WEEKLY;BYDAY=TU,TH
FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU
FREQ=WEEKLY;WKST=SU;BYDAY=SU
FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR
FREQ=MONTHLY
FREQ=MONTHLY;BYDAY=1MO
FREQ=MONTHLY;BYDAY=-1FR
FREQ=MONTHLY;BYDAY=WE;BYSETPOS=2
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
FREQ=MONTHLY;BYMONTHDAY=15
FREQ=MONTHLY;BYMONTHDAY=-1
FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU,4TU
FREQ=YEARLY
FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYSETPOS=-1
FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1
FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SA
FREQ=YEARLY;BYWEEKNO=20;BYDAY=TU""".split("\n")
_LENGTHS = (None, timedelta(hours=1), timedelta(hours=2, minutes=30), timedelta(hours=9), timedelta(days=1, hours=3))


@st.composite
def occasions(draw: st.DrawFn) -> list[str]:
    """One event in the form that `tests.imports.file_of` takes: the series, then its changed dates."""
    return _Maker(draw).make()


class _Maker:
    """Draws one event. Times that the clocks skip, and dates that overlap, are left to other tests: programs differ on them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.all_day = draw(st.integers(0, 3)) == 0
        self.is_utc = draw(st.integers(0, 3)) == 0
        self.zone = draw(st.sampled_from(ZONES))
        self.rule = draw(st.sampled_from((*RULES, *[""] * 6)))
        self.dates = self._dates()
        self.first = self.dates[0]
        self.length = draw(st.sampled_from((timedelta(days=1), timedelta(days=1), timedelta(days=2)) if self.all_day else _LENGTHS))
        if "DAILY" in self.rule and self.length:
            self.length = min(self.length, timedelta(days=1) if self.all_day else timedelta(hours=9))

    def make(self) -> list[str]:
        """The lines of the series, and those of each changed date."""
        lines = [self._line("DTSTART", self.first)]
        if self.length:
            lines.append(self._line("DTEND", self.first + self.length))
        if self.rule:
            lines.append(self._rule())
        out: list[Wall] = []
        if self.rule and len(self.dates) > 1:
            out = self.draw(st.lists(st.sampled_from(self.dates[1:]), max_size=3, unique=True))
        further = self._further()
        lines += [self._line("EXDATE", day) for day in out] + [self._line("RDATE", day) for day in further]
        left = [day for day in (*self.dates, *further) if day not in out]
        changed = self.draw(st.lists(st.sampled_from(left), max_size=3, unique=True)) if self.rule or further else []
        return ["UID:event@example.net|" + "|".join(lines), *(f"UID:event@example.net|{self._variant(day)}" for day in changed)]

    def _dates(self) -> list[Wall]:
        day = date(2025, 1, 1) + timedelta(days=self.draw(st.integers(0, 700)))
        clock = time(self.draw(st.sampled_from((0, 5, 9, 19, 23))), self.draw(st.sampled_from((0, 15, 30))))
        first: Wall = day if self.all_day else datetime.combine(day, clock)
        read = read_parts(self.rule) if self.rule else None
        found = [wall for wall, _ in zip(walls(read[0], first, date(2029, 6, 1)), range(60), strict=False)] if isinstance(read, tuple) else []
        self.rule = self.rule if found else ""
        return found or [first]

    def _rule(self) -> str:
        """The rule with one of the ways to end; `dates` then ends there, too."""
        how = self.draw(st.sampled_from(("", "COUNT", "UNTIL")))
        if not how:
            return f"RRULE:{self.rule}"
        number = self.draw(st.integers(1, min(len(self.dates), 30)))
        self.dates = self.dates[:number]
        last = self.dates[-1]
        if how == "COUNT":
            return f"RRULE:{self.rule};COUNT={number}"
        if not isinstance(last, datetime):
            return f"RRULE:{self.rule};UNTIL={last:%Y%m%d}"
        return f"RRULE:{self.rule};UNTIL={resolve(last, 'UTC' if self.is_utc else self.zone).moment.astimezone(UTC):%Y%m%dT%H%M%S}Z"

    def _further(self) -> list[Wall]:
        if self.draw(st.integers(0, 3)) or (self.length and self.length > timedelta(days=1)):
            return []
        found: list[Wall] = []
        for days in self.draw(st.lists(st.integers(1, 300), max_size=3, unique=True)):
            day = self.first + timedelta(days=days, hours=0 if self.all_day else self.draw(st.integers(0, 1)))
            if day not in self.dates:
                found.append(day)
        return found

    def _variant(self, day: Wall) -> str:
        kind = self.draw(st.sampled_from(("move", "cancel", "title", "longer")))
        start, length = day, self.length
        if kind == "move":
            start = day + timedelta(days=self.draw(st.integers(-1, 2)), hours=0 if self.all_day else self.draw(st.integers(0, 3)))
        elif kind == "longer":
            length = (length or timedelta()) + (timedelta(days=1) if self.all_day else timedelta(hours=1))
        lines = [self._line("RECURRENCE-ID", day), self._line("DTSTART", start)]
        lines += [self._line("DTEND", start + length)] if length else []
        lines += ["STATUS:CANCELLED"] if kind == "cancel" else ["SUMMARY:Other, title: #1"] if kind == "title" else []
        return "|".join(lines)

    def _line(self, name: str, wall: Wall) -> str:
        if not isinstance(wall, datetime):
            return f"{name};VALUE=DATE:{wall:%Y%m%d}"
        return f"{name}:{wall:%Y%m%dT%H%M%S}Z" if self.is_utc else f"{name};TZID={self.zone}:{wall:%Y%m%dT%H%M%S}"
