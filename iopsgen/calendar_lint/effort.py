"""How much is computed for one file at most: without such a bound a small file could ask for hours."""

from iopsgen.rrule import Parts

_ALL = 3_000_000  # units, about a microsecond each
NAME = 20_000  # units of looking for the zone that a name may mean
_DAYS_IN = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30, "YEARLY": 365}


class Effort:
    """What may still be spent."""

    def __init__(self) -> None:
        self._left = _ALL

    def spend(self, units: int) -> bool:
        """Whether there is enough left; takes it."""
        self._left -= units
        return self._left >= 0


def times_a_day(parts: Parts) -> int:
    """How many times a day a rule happens."""
    return (len(parts.hours) or 1) * (len(parts.minutes) or 1) * (len(parts.seconds) or 1)


def years_of(parts: Parts, count: int) -> int:
    """The years in which a rule happens so many times, roughly and rather too many."""
    return 1 + count * parts.interval * _DAYS_IN[parts.freq] // 365


def cost_of(parts: Parts, days: int) -> int:
    """The units that it takes to unfold a rule over so many days."""
    periods = days // (_DAYS_IN[parts.freq] * parts.interval) + 1
    if parts.freq == "DAILY":
        work = 2
    elif parts.freq == "WEEKLY":
        work = 3 + len(parts.days)
    elif parts.freq == "MONTHLY":
        work = 30
    elif parts.year_days:
        work = 5000
    elif parts.months:
        work = 30 * len(parts.months)
    else:
        work = 400 if parts.days or parts.month_days or parts.weeks else 10
    return periods * work * times_a_day(parts)
