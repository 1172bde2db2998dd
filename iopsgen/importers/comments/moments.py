"""Reads the dates and times that other systems write, always as an exact moment."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from iopsgen.dates import MONTHS, read_moment
from iopsgen.model import Moment

_NUMBER = re.compile(r"[0-9]{9,16}(?:\.[0-9]{1,9})?")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])[T ]?([0-2][0-9])([0-5][0-9])([0-5][0-9])(Z?)")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})[T ]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9})[0-9]*)?"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?(?::[0-9]{2})?)?(?: [A-Z+-][A-Z0-9+-]{1,5})?",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{1,2}) ([0-9]{4}) ([0-9:]{8}) GMT([+-][0-9]{4})(?: \(.*\))?")
_SLASHED = re.compile(
    r"([0-9]{1,4})([/.-]) ?([0-9]{1,2})\2 ?([0-9]{1,4})(?:,? +(?:at )?([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?(?: ?([ap])\.? ?m\.?)?)?"
    r"(?: (?:GMT|UTC)([+-][0-9]{1,2})?(?::([0-9]{2}))?)?",
    re.IGNORECASE,
)
_EARLIEST, _LATEST = 315532800, 7258118400  # 1980 and 2200, between which a number of seconds is a date


def read_date(value: object, zone: str, day_first: bool | None = None) -> datetime | None:
    """The moment that a value means, aware; None if it means none, or could mean two.

    Numbers are seconds, milliseconds or microseconds since 1970. Texts are ISO 8601 in all its dialects, RFC 2822, what JavaScript, Go
    and Ruby print, and the forms of spreadsheets. What does not name its zone is a time of `zone`. `day_first` says how 01/02/2026 is
    read; without it such a date is None unless one of its numbers cannot be a month.
    """
    if isinstance(value, (int, float)):
        value = (f"{value}" if isinstance(value, int) else f"{value:.6f}") if 0 < value < 1e17 else ""
    if not isinstance(value, str) or len(value) > 100:
        return None
    text = " ".join(value.replace("\u202f", " ").split()).strip("'\"")
    try:
        found = _number(text) or _iso(text, zone) or _script(text) or _slashed(text, zone, day_first) or _mail(text) or _written(text, zone)
        return found if found is not None and 1 < found.astimezone(UTC).year < 9999 else None
    except (ValueError, OverflowError, OSError):
        return None


def which_first(texts: list[str]) -> bool | None:
    """Whether the day comes first in the dates of a file (True), or the month (False); None if they do not show it, or contradict each other."""
    found: set[bool] = set()
    for text in texts:
        if match := _SLASHED.fullmatch(" ".join(text.replace("\u202f", " ").split())):
            one, other = int(match[1]), int(match[3])
            if len(match[1]) <= 2 and match[2] != "." and (one > 12) != (other > 12):
                found.add(one > 12)
    return found.pop() if len(found) == 1 else None


def _number(text: str) -> datetime | None:
    """Seconds since 1970, or thousandths or millionths of them: which one is shown by the size."""
    if not _NUMBER.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    for size in (1, 1000, 1_000_000):
        seconds, rest = divmod(int(whole), size)
        if _EARLIEST <= seconds < _LATEST:
            micro = int(f"{part:0<6}"[:6]) if size == 1 and part else rest * (1_000_000 // size)
            return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micro)
    return None


def _placed(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))


def _iso(text: str, zone: str) -> datetime | None:
    if match := _COMPACT.fullmatch(text):
        wall = datetime(*map(int, match.groups()[:6]))  # type: ignore[arg-type]
        return _placed(wall, "UTC" if match[7] else zone)
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    day = "-".join(f"{int(part):02}" for part in match[1].split("-"))
    clock = match[2] if match[2][1] != ":" else f"0{match[2]}"
    wall = datetime.fromisoformat(f"{day}T{clock}")
    if match[3]:
        wall = wall.replace(microsecond=int(f"{match[3]:0<6}"[:6]))
    if not match[4]:
        return _placed(wall, zone)
    return wall.replace(tzinfo=_offset(match[4]))


def _offset(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(6, "0")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
    return timezone(-length if text[0] == "-" else length)


def _script(text: str) -> datetime | None:
    match = _SCRIPT.fullmatch(text)
    months = [name[:3] for name in MONTHS]
    if match is None or match[1] not in months:
        return None
    return datetime.fromisoformat(f"{match[3]}-{months.index(match[1]) + 1:02}-{int(match[2]):02}T{match[4]}").replace(tzinfo=_offset(match[5]))


def _slashed(text: str, zone: str, day_first: bool | None) -> datetime | None:
    """What spreadsheets and forms write: 11/22/2026 18:30:00, 22.11.2026 18:30, 2026/11/22 6:30:00 PM GMT+1."""
    match = _SLASHED.fullmatch(text)
    if match is None:
        return None
    one, _, two, three, hour, minute, second, half, offset, offset_minutes = match.groups()
    if len(one) == 4:
        year, month, day = int(one), int(two), int(three)
    elif len(one) == 3 or len(three) != 4:
        return None
    else:
        year = int(three)
        if match[2] != "." and int(one) <= 12 and int(two) <= 12 and one != two and day_first is None:
            return None
        first = match[2] == "." or int(one) > 12 or (int(two) <= 12 and bool(day_first))
        day, month = (int(one), int(two)) if first else (int(two), int(one))
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    wall = datetime(year, month, day, hours, int(minute or 0), int(second or 0))
    if re.search("GMT|UTC", text, re.IGNORECASE):
        sign, number = (offset or "+0")[0], (offset or "+0")[1:]
        return wall.replace(tzinfo=_offset(f"{sign}{number:0>2}{offset_minutes or '00'}"))
    return _placed(wall, zone)


def _mail(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)  # -0000: UTC, of an unknown place


def _written(text: str, zone: str) -> datetime | None:
    """A date as people write it."""
    found = read_moment(text)
    if not isinstance(found, Moment):
        return None
    if found.offset is None:
        return _placed(found.wall, zone)
    return found.wall.replace(tzinfo=timezone(timedelta(minutes=found.offset)))
