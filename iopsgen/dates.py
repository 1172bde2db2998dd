"""Reading the dates, times and lengths of time that people write; never a clock, never the zone of the machine."""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

import msgspec

from iopsgen.model import Moment
from iopsgen.zonenames import ABBREVIATIONS, AREAS, known_zones, suggest_zones

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")

FIRST_YEAR, LAST_YEAR = 1000, 2999  # what organisations need, and never near the ends of datetime's range
_LONGEST = timedelta(days=366)
_LARGEST_OFFSET = 14 * 60
_FORM = "Write a date as 2026-10-28, or with a time as 2026-10-28 19:00."
_TIME_FORM = "Write a time as 19:30 or 7:30pm."
_DURATION_FORM = "Write for example 2h 30m, 90 min or 2 days."


class Fault(msgspec.Struct, frozen=True):
    """Why a text could not be read: `message` says what happened in one sentence, `hint` what to write instead."""

    message: str
    hint: str = ""


_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
_COMPACT = re.compile(r"([0-9]{4})()([0-9]{2})([0-9]{2})(?![0-9])")
_FAST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2}))?")
_TURNED = re.compile(r"([0-9]{1,2})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{4}|[0-9]{2})(?![0-9])")
_NO_YEAR = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})(?![0-9/-])")
_MONTH_NAME = "sept(?:ember)?|" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in MONTHS)
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})(?:st|nd|rd|th|\.)? ?(?:of )?({_MONTH_NAME})\.?,? ?([0-9]+)?(?![0-9])", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"({_MONTH_NAME})\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9]),? ?([0-9]+)?(?![0-9:.])", re.IGNORECASE)
_WEEKDAY = re.compile(rf"({'|'.join(f'{w[:3]}(?:{w[3:]})?' for w in WEEKDAYS)}|tues|wednes|thur|thurs)\.?,? ", re.IGNORECASE)
_SEPARATOR = re.compile(r"[ ,]*(?:[Tt](?=[0-9])|\bat\b|@|[ ,]) *")
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:(?P<sep>[:.h]|(?<=[0-9]) h )(?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
    r" ?(?P<half>[ap]\.?m\b\.?)?(?P<tail> ?(?:h|hrs|uhr|o'clock)\b)?",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"(?:12 ?)?(noon|midday|midnight)\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|z)|(?:utc)?([+\-−])([0-9]{1,2}):?([0-9]{2})?", re.IGNORECASE)
_LENGTH = re.compile(r"([0-9]+(?:[.,][0-9]+)?|an?(?= )) ?([a-z]+)\.?", re.IGNORECASE)
_ISO_LENGTH = re.compile(r"P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?", re.IGNORECASE)
_SHORT_LENGTH = re.compile(r"([0-9]+) ?(?:h|:) ?([0-5][0-9])", re.IGNORECASE)
_UNITS = {
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), timedelta(weeks=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std"), timedelta(hours=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
}
_NEVER_SAME = frozenset(["today", "tomorrow", "yesterday", "now", "tonight", "next", "this"])
_UNKNOWN = frozenset(["tba", "tbc", "tbd", "unknown", "?"])


def read_moment(text: str) -> Moment | Fault:
    """A date, or a date and a time with or without an offset from UTC, as people write them.

    Read: ISO 8601 (also with `/` or `.`, single digits, no separators, a space for the T, seconds, `Z` and offsets up
    to 14 hours), English month names, RFC 2822, and every time that `read_time` reads. A form that can be read two ways,
    a year of two digits, an abbreviated zone and a date that does not exist are faults.
    """
    if found := _FAST.fullmatch(text):
        year, month, day, hour, minute = found.groups()
        try:
            wall = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= wall.year <= LAST_YEAR:
                return Moment(wall=wall, has_time=hour is not None)
    text = " ".join(text.split())
    if fault := _unreadable(text):
        return fault
    rest, named = text, None
    if weekday := _WEEKDAY.match(text):
        rest, named = text[weekday.end() :], weekday[1]
    day_read = _date_at_start(rest)
    if isinstance(day_read, Fault):
        return day_read
    day, length = day_read
    if named and WEEKDAYS[day.weekday()][:3].casefold() != named[:3].casefold():
        return Fault(
            f"{day} is a {WEEKDAYS[day.weekday()]}, not a {_full_name(named)}.",
            "Correct the date or the weekday, or leave the weekday out.",
        )
    return _with_time(day, rest[length:])


def read_day(text: str) -> date | Fault:
    """A date without a time."""
    moment = read_moment(text)
    if isinstance(moment, Fault):
        return moment
    if moment.has_time:
        return Fault(f'"{_short(text)}" holds a time, and only a day is wanted here.', f"Write {moment.wall.date()}.")
    return moment.wall.date()


def read_time(text: str) -> time | Fault:
    """A time of day: 19:30, 19.30, 19h30, 1930, 7pm, 7:30 pm, noon, midnight. 24:00 is read as 0:00."""
    text = _with_colons(" ".join(text.split()))
    read = _time_at_start(text)
    if isinstance(read, Fault):
        return read
    hour, minute, second, length = read
    if rest := text[length:].strip():
        return _trailing(text, rest, _TIME_FORM)
    return time(hour % 24, minute, second)


def read_duration(text: str) -> timedelta | Fault:
    """A length of time above zero and up to a year: 2h 30m, 2h30, 2:30, 90 min, 1.5 hours, 1 day, 2 weeks, PT2H30M (RFC 5545 section 3.3.6)."""
    text = " ".join(text.split())
    if not text or len(text) > 60:
        return Fault(f'"{_short(text)}" is not a length of time.', _DURATION_FORM)
    total = _sum_lengths(text)
    if isinstance(total, Fault):
        return total
    if total <= timedelta(0):
        return Fault("A length of time must be more than nothing.", _DURATION_FORM)
    if total > _LONGEST:
        return Fault(f'"{_short(text)}" is longer than a year.', "Check the number and the unit.")
    return total


# --- parts of a date -----------------------------------------------------------------------------------------------


def _date_at_start(text: str) -> tuple[date, int] | Fault:
    """The date with which the text begins, and how many characters it takes."""
    if found := _ISO.match(text) or _COMPACT.match(text):
        year, _, month, day = found.groups()
        return _checked(int(year), int(month), int(day), found.end())
    if found := _TURNED.match(text):
        return _ambiguous(found)
    found = _DAY_FIRST.match(text)
    if found:
        number, name, year = found.groups()
    elif found := _MONTH_FIRST.match(text):
        name, number, year = found.groups()
    else:
        return _no_date(text)
    month = 1 + [m[:3].casefold() for m in MONTHS].index(name[:3].casefold())
    if not year:
        return Fault(f'The year is missing in "{_short(text)}".', f"Write it as in 2026-{month:02}-{int(number):02}.")
    if len(year) != 4:
        return Fault(f'The year "{year}" does not have four digits.', f"Write the date as in 2026-{month:02}-{int(number):02}.")
    return _checked(int(year), month, int(number), found.end())


def _checked(year: int, month: int, day: int, length: int) -> tuple[date, int] | Fault:
    """The date, if there is such a day."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Fault(f"The year {year:04} is out of range.", f"Years from {FIRST_YEAR} to {LAST_YEAR} are understood.")
    if not 1 <= month <= 12:
        turned = f"Did you mean {year}-{day:02}-{month:02}?" if 1 <= day <= 12 and 1 <= month <= 31 else _FORM
        return Fault(f"There is no month {month}.", turned)
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        return Fault(
            f"{MONTHS[month - 1]} {year} has {last} days: there is no {year}-{month:02}-{day:02}.",
            f"The last day of that month is {year}-{month:02}-{last}.",
        )
    return date(year, month, day), length


def _ambiguous(found: "re.Match[str]") -> Fault:
    """What to write instead of 03/04/2012: every reading that is a real date."""
    one, _, two, year = found.groups()
    if len(year) == 2:
        return Fault(f'"{found[0]}" can be read in several ways.', "Write the year with four digits, first: 2026-10-28.")
    readings = []
    for month, day in dict.fromkeys(((int(two), int(one)), (int(one), int(two)))):
        if not isinstance(_checked(int(year), month, day, 0), Fault):
            readings.append(f"{year}-{month:02}-{day:02} ({day} {MONTHS[month - 1]})")
    if len(readings) == 2:
        return Fault(f'"{found[0]}" can be read in two ways.', f"Write {readings[0]} or {readings[1]}.")
    return Fault(f'"{found[0]}" is not written with the year first.', f"Write {readings[0]}." if readings else _FORM)


def _no_date(text: str) -> Fault:
    """Why no date stands at the start of the text."""
    word = text.split(" ")[0].casefold().strip(",.")
    if word in _NEVER_SAME:
        return Fault(f'"{_short(text)}" means another day each time the site is built.', _FORM)
    if word in _UNKNOWN:
        return Fault(
            f'"{_short(text)}" is not a date.',
            "If the day is known, write it and add time: tba; if not, leave the start out and add time: tba.",
        )
    if found := re.match(r"([0-9]{3}|[0-9]{5,6})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])", text):
        return Fault(f'The year "{found[1]}" does not have four digits.', f"Write the date as in 2026-{int(found[3]):02}-{int(found[4]):02}.")
    if _NO_YEAR.match(text):
        return Fault(f'The year is missing in "{_short(text)}".', _FORM)
    if re.fullmatch(rf"[0-9]{{4}}-[0-9]{{1,2}}|(?:{_MONTH_NAME})\.? [0-9]{{4}}", text, re.IGNORECASE):
        return Fault(f'The day is missing in "{text}".', _FORM)
    if re.match(r"[0-9]{1,2}(?:[:h]|[ap]m)", text, re.IGNORECASE):
        read = read_time(text)
        if isinstance(read, Fault):
            return read
        return Fault(f'"{_short(text)}" is a time without a date.', _FORM)
    return Fault(f'"{_short(text)}" is not understood as a date.', _FORM)


def _full_name(word: str) -> str:
    """The weekday that an abbreviation stands for."""
    return next(w for w in WEEKDAYS if w[:3].casefold() == word[:3].casefold())


# --- parts of a time -----------------------------------------------------------------------------------------------


def _with_time(day: date, rest: str) -> Moment | Fault:
    """The moment on `day` that the rest of the text says."""
    if not rest.strip(" ,"):
        return Moment(wall=datetime(day.year, day.month, day.day), has_time=False)
    gap = _SEPARATOR.match(rest)
    clock = _with_colons(rest[gap.end() :] if gap else "")
    if not clock:
        return Fault(f'"{_short(rest.strip())}" after the date is not understood.', _FORM)
    read = _time_at_start(clock)
    if isinstance(read, Fault):
        zone = _zone_fault(clock)
        return zone or read
    hour, minute, second, length = read
    iso = (gap is not None and gap[0].strip(" ,") in ("T", "t")) or clock[:length].count(":") == 2
    offset = _offset(clock[length:].strip(), clock, (hour, minute), iso)
    if isinstance(offset, Fault):
        return offset
    wall = datetime(day.year, day.month, day.day, hour % 24, minute, second) + timedelta(days=hour // 24)
    return Moment(wall=wall, offset=offset, has_time=True)


def _time_at_start(text: str) -> tuple[int, int, int, int] | Fault:
    """Hour (24 only as 24:00), minute, second, and how many characters they take."""
    if spoken := _SPOKEN.match(text):
        return (0 if spoken[1].casefold() == "midnight" else 12), 0, 0, spoken.end()
    found = _CLOCK.match(text)
    if not found:
        return Fault(f'"{_short(text)}" is not understood as a time.', _TIME_FORM)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["minute"] is None and not found["half"] and not found["tail"]:
        if re.match(r"[0-9]{1,2}(?![0-9:.h])", text) and hour <= 24:
            return Fault(f'"{_short(text)}" could be morning or evening.', f"Write {hour}:00 or {hour % 12 or 12}pm.")
        return Fault(f'"{_short(text)}" is not understood as a time.', _TIME_FORM)
    if found["half"]:
        if not 1 <= hour <= 12:
            return Fault(f'There is no "{found[0].strip()}".', "Write a time as 19:30 or 7:30pm, not a mixture of both.")
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return Fault(f'There is no time "{found[0].strip()}".', _TIME_FORM)
    return hour, minute, min(second, 59), found.end()


def _with_colons(clock: str) -> str:
    """A time whose parts are not separated, as in 1930 or 193000, with its colons."""
    return re.sub(r"\A([0-9]{2})([0-9]{2})(?:([0-9]{2}))?(?![0-9:.])", lambda m: ":".join(part for part in m.groups() if part), clock)


def _offset(rest: str, clock: str, start: tuple[int, int], iso: bool) -> int | Fault | None:
    """The offset from UTC in minutes that follows a time, None if nothing does.

    Behind a minus it may be an end time that people write: 10:00-12:00. Only the ISO form (a T, or seconds) is above that doubt.
    """
    if not rest:
        return None
    found = _OFFSET.fullmatch(rest)
    if not found:
        return _trailing(clock, rest, _FORM)
    if not found[1]:
        return 0
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if found[1] != "+" and not iso and found[3] and (int(found[2]), int(found[3])) > start and minutes < 24 * 60:
        return _trailing(clock, rest, _FORM)
    if minutes > _LARGEST_OFFSET or int(found[3] or 0) > 59:
        return Fault(
            f"The offset {rest} from UTC does not exist: none is beyond 14 hours.",
            "Leave the offset out: a time alone is the time where the event or the chapter is.",
        )
    return minutes if found[1] == "+" else -minutes


def _trailing(text: str, rest: str, form: str) -> Fault:
    """Why what follows a time cannot stand there."""
    if zone := _zone_fault(rest):
        return zone
    end = re.match(r"(?:-|−|–|—|to|until|till|bis)\s*(.+)", rest)
    if end and not isinstance(_time_at_start(end[1]), Fault):
        return Fault(f'"{_short(text)}" holds two times.', f"Write the second one on its own line: end: {end[1]}")
    return Fault(f'"{_short(rest)}" after the time is not understood.', form)


def _zone_fault(text: str) -> Fault | None:
    """The fault for a zone written behind a time, naming the line that says it rightly; None if it is no zone."""
    word = text.split(" ")[-1].strip("()[]")
    if word.upper() in ABBREVIATIONS:
        zones = suggest_zones(word)
        others = f" (or {' or '.join(zones[1:])})" if zones[1:] else ""
        return Fault(
            f'"{word}" does not say for certain which time is meant.',
            f"Leave it out and write on its own line: timezone: {zones[0]}{others}",
        )
    if word in known_zones() and word.split("/")[0] in AREAS:
        return Fault(f'The time zone "{word}" cannot stand behind the time.', f"Leave it out and write on its own line: timezone: {word}")
    return None


# --- lengths of time -----------------------------------------------------------------------------------------------


def _sum_lengths(text: str) -> timedelta | Fault:
    """All the parts of a length of time together."""
    if found := _ISO_LENGTH.fullmatch(text):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if len(text) > 12 or not any(found.groups()):
            return Fault(f'"{_short(text)}" is not a length of time.', _DURATION_FORM)
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if found := _SHORT_LENGTH.fullmatch(text):
        return timedelta(hours=min(int(found[1]), 100_000), minutes=int(found[2]))
    total, position = timedelta(0), 0
    while position < len(text):
        found = _LENGTH.match(text, position)
        if not found:
            if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text):
                return Fault(f'The unit is missing in "{text}".', f"Write {text} min or {text} h.")
            return Fault(f'"{_short(text[position:])}" is not understood as a length of time.', _DURATION_FORM)
        unit = _UNITS.get(found[2].casefold())
        if unit is None:
            return Fault(
                f'"{found[2]}" is not a unit of time that is always equally long.', "Write weeks, days, hours (h) or minutes (min)."
            )
        number = 1.0 if found[1][0] in "aA" else float(found[1].replace(",", "."))
        total += min(number, 1e5) * unit
        position = found.end()
        if joint := re.compile(r" ?(?:,|and\b|&|\+)? ?", re.IGNORECASE).match(text, position):
            position = joint.end()
    return timedelta(seconds=round(total.total_seconds()))


# --- both ----------------------------------------------------------------------------------------------------------


def _unreadable(text: str) -> Fault | None:
    """A fault for what cannot be a date whatever the form."""
    if not text:
        return Fault("The date is empty.", _FORM)
    if len(text) > 80:
        return Fault(f'"{_short(text)}" is too long for a date.', _FORM)
    return None


def _short(text: str) -> str:
    """The text as it is quoted in messages."""
    return text if len(text) <= 40 else text[:40] + "…"
