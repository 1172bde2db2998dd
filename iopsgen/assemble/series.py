"""The occurrences of an event: what its rule or its list of dates gives, and what `changes` makes of single ones."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import msgspec

from iopsgen.assemble.eventtimes import Findings, Times, clock, place_written, read_end, tell_long
from iopsgen.dates import MONTHS, Fault
from iopsgen.model import Change, Day, EventFields, Moment, Occurrence, Pause, Rule, Venue
from iopsgen.recurrence import Missed, as_wall, expand, find_wall, nearest_wall, skipped_months
from iopsgen.rrule import Wall
from iopsgen.zones import exists_once, place_moment, resolve, zone

_SHOWN = 6  # dates or months named in one message


class Occurrences(msgspec.Struct, frozen=True, kw_only=True):
    """Every occurrence by start, the starts taken away from the rule and those added to it, and the rule as it was applied."""

    all: tuple[Occurrence, ...] = ()
    left_out: tuple[datetime | Day, ...] = ()
    added: tuple[datetime | Day, ...] = ()
    rule: Rule | None = None


def find_occurrences(fields: EventFields, times: Times, horizon: date, findings: Findings) -> Occurrences:
    """The occurrences of an event. The horizon bounds what a rule makes; a date that somebody wrote is always there."""
    if fields.repeat is None and len(fields.dates) <= 1:
        if fields.changes:
            findings.error(
                "changes",
                "Only an event that takes place several times can have changes.",
                "Change the start itself, and keep the old one as was: 2026-10-21 19:00; or write status: cancelled.",
            )
        return Occurrences(all=(Occurrence(start=times.start, end=times.end),))
    if fields.repeat is None:
        return _listed(fields, times, findings)
    return _repeated(fields, fields.repeat, times, horizon, findings)


def _listed(fields: EventFields, times: Times, findings: Findings) -> Occurrences:
    """The occurrences that `dates` lists."""
    placed: dict[Wall, datetime | Day] = {}
    for n, moment in enumerate(sorted(fields.dates, key=lambda m: m.wall)):
        start: datetime | Day
        if times.all_day:
            wall, start = (day := moment.wall.date()), day
        elif n == 0:
            wall, start = times.first, times.start
        else:
            start = place_written(moment, times.zone, "dates", findings)
            wall = start.replace(tzinfo=None, fold=0)
        if wall in placed:
            findings.warn("dates", f"{clock(wall)} is listed twice.", "Remove one of them.", moment)
        placed[wall] = start
    walls = sorted(placed)
    found = _apply_changes(fields, times, walls, _make(walls, times, placed, findings), (), findings)
    return Occurrences(all=found, added=tuple(placed[wall] for wall in walls[1:]))


def _repeated(fields: EventFields, rule: Rule, times: Times, horizon: date, findings: Findings) -> Occurrences:
    """The occurrences that a rule makes, with its exceptions."""
    key = "rrule" if rule.raw else "repeat"
    rule = _with_last_day(rule, times)
    named = {_here(change.original, times.zone).wall.date() for change in fields.changes}
    series = expand(rule, times.first, max([horizon, *named]))
    if isinstance(series, Fault):
        findings.error(key, series.message, series.hint)
        return Occurrences(all=(Occurrence(start=times.start, end=times.end, original=times.start),), rule=rule)
    for missed in series.missed:
        _tell_missed(missed, key, findings)
    _tell_skipped(rule, skipped_months(rule, times.first, _reach(rule, times.first, horizon)), key, findings)
    _tell_overlap(series.starts, times, findings)
    if not series.starts:
        findings.warn(
            key,
            "Every date of the series is left out, so the event never takes place.",
            "Check except and pause, or write status: cancelled.",
        )
    explicit = _added(rule, times, key, findings)
    walls = [w for w in series.starts if _day(w) <= horizon or w == times.first or w in explicit or _day(w) in named]
    made = _make(walls, times, explicit, findings, key)
    return Occurrences(
        all=_apply_changes(fields, times, walls, made, series.left_out, findings),
        left_out=tuple(_place(wall, times) for wall in series.left_out),
        added=tuple(explicit[wall] for wall in series.added),
        rule=rule,
    )


def _with_last_day(rule: Rule, times: Times) -> Rule:
    """The rule with its end as the last day on which an occurrence may start: UNTIL may be a moment in UTC (RFC 5545 section 3.3.10)."""
    if rule.until_at is None:
        return rule
    last = rule.until_at.astimezone(zone(times.zone)).replace(tzinfo=None) if rule.until_at.tzinfo else rule.until_at
    misses = isinstance(times.first, datetime) and last.time() < times.first.time()
    return msgspec.structs.replace(rule, until=last.date() - timedelta(days=1 if misses else 0), until_at=None)


def _added(rule: Rule, times: Times, key: str, findings: Findings) -> dict[Wall, datetime | Day]:
    """The dates after `also`, by their wall clock: somebody wrote them, so what the clocks do to them is told."""
    placed: dict[Wall, datetime | Day] = {}
    for moment in rule.added:
        wall = as_wall(moment, times.first)
        if isinstance(wall, datetime):
            placed[wall] = place_written(msgspec.structs.replace(moment, wall=wall), times.zone, key, findings)
        else:
            if moment.has_time:
                findings.error(
                    key, f"{clock(moment.wall)} has a time, but the event lasts whole days.", f"Write also {moment.wall.date()}."
                )
            placed[wall] = wall
    return placed


def _make(
    walls: Sequence[Wall], times: Times, explicit: dict[Wall, datetime | Day], findings: Findings, key: str = "dates"
) -> list[Occurrence]:
    """One occurrence for each wall-clock start. Those in `explicit`, and the first, are placed already."""
    if times.all_day:
        return [Occurrence(start=wall, end=times.end_of(wall), original=wall) for wall in walls]
    tz = zone(times.zone)
    gaps: list[tuple[datetime, datetime]] = []
    twice: list[datetime] = []
    found = []
    for wall in walls:
        assert isinstance(wall, datetime)
        if wall == times.first:
            found.append(Occurrence(start=times.start, end=times.end, original=times.start))
            continue
        start = wall.replace(tzinfo=tz)
        if wall in explicit:
            written = explicit[wall]
            assert isinstance(written, datetime)
            start = written
        elif not exists_once(start):
            read = resolve(wall, times.zone)
            start = read.moment
            if read.gap:
                gaps.append((wall, start))
            else:
                twice.append(wall)
        found.append(Occurrence(start=start, end=times.end_of(start), original=start))
    _tell_clock_changes(gaps, twice, times, key, findings)
    return found


def _place(wall: Wall, times: Times) -> datetime | Day:
    """A start that the rule gives, in the zone."""
    if not isinstance(wall, datetime):
        return wall
    return times.start if wall == times.first else resolve(wall, times.zone).moment


def _day(start: datetime | Day) -> date:
    return start.date() if isinstance(start, datetime) else start


# --- changes -------------------------------------------------------------------------------------------------------


def _apply_changes(
    fields: EventFields, times: Times, walls: Sequence[Wall], made: list[Occurrence], left_out: Sequence[Wall], findings: Findings
) -> tuple[Occurrence, ...]:
    """The occurrences, by start, with `changes` applied to those they name. `walls` and `made` go together."""
    place_of = {wall: n for n, wall in enumerate(walls)} if fields.changes else {}
    for change in fields.changes:
        original = _here(change.original, times.zone)
        wall = find_wall(walls, original)
        if wall is None:
            _tell_no_hit(change, original, walls, left_out, findings)
            continue
        n = place_of[wall]
        if made[n].changed:
            findings.error("changes", f"{clock(wall)} is changed twice.", "Put both changes under one date.", change.original)
            continue
        made[n] = _changed(made[n], change, times, findings)
    return tuple(sorted(made, key=_order)) if fields.changes else tuple(made)


def _order(occurrence: Occurrence) -> tuple[float, float]:
    """By start, then by original start."""
    return _instant(occurrence.start), _instant(occurrence.original or occurrence.start)


def _instant(start: datetime | Day) -> float:
    return start.timestamp() if isinstance(start, datetime) else start.toordinal() * 86400.0


def _here(moment: Moment, zone_name: str) -> Moment:
    """The moment on the clocks of the zone."""
    if moment.offset is None:
        return moment
    return msgspec.structs.replace(moment, wall=place_moment(moment, zone_name).replace(tzinfo=None, fold=0), offset=None)


def _changed(occurrence: Occurrence, change: Change, times: Times, findings: Findings) -> Occurrence:
    """The occurrence as the change wants it; its length stays unless an end is given."""
    start, end = occurrence.start, occurrence.end
    if change.start is not None:
        start = _new_start(occurrence.start, change, change.start, times, findings)
        end = _moved_end(occurrence, start, times)
    if change.end is not None:
        end = _new_end(start, change, change.end, times, findings) or end
    return Occurrence(
        start=start,
        end=end,
        original=occurrence.original,
        title=change.title,
        note=change.note,
        venue=Venue(name=change.venue) if isinstance(change.venue, str) else change.venue,
        online=change.online,
        cancelled=change.cancelled,
        changed=True,
    )


def _new_start(old: datetime | Day, change: Change, new: Moment, times: Times, findings: Findings) -> datetime | Day:
    """The start of a moved occurrence: a time alone keeps the day, a day alone keeps the time."""
    if not isinstance(old, datetime):
        if new.has_time:
            findings.error("changes", f"{clock(new.wall)} has a time, but the event lasts whole days.", "Write the day alone.", new)
        return old if change.start_is_time else new.wall.date()
    if change.start_is_time:
        new = msgspec.structs.replace(new, wall=datetime.combine(old.date(), new.wall.time()))
    elif not new.has_time:
        new = msgspec.structs.replace(new, wall=datetime.combine(new.wall.date(), old.time()), has_time=True)
    return place_written(new, times.zone, "changes", findings)


def _moved_end(occurrence: Occurrence, start: datetime | Day, times: Times) -> datetime | Day | None:
    """The end of a moved occurrence: as long as it would have been."""
    old, end = occurrence.start, occurrence.end
    if times.end_clock and isinstance(start, datetime) and isinstance(old, datetime) and isinstance(end, datetime):
        return times.same_length(start, end - old)
    return times.end_of(start)


def _new_end(start: datetime | Day, change: Change, end: Moment, times: Times, findings: Findings) -> datetime | Day | None:
    if isinstance(start, datetime):
        read = read_end(end, change.end_is_time, start, times.zone, "changes", findings)
        if read is not None:
            tell_long(read - start, start, "changes", findings, end)
        return read
    if end.has_time:
        findings.error("changes", "This end has a time, but the event lasts whole days.", "Write the last day alone.", end)
        return None
    if end.wall.date() < start:
        findings.error("changes", f"{start} would end before it starts.", "The end is the last day. Correct one of the two.", end)
        return None
    return end.wall.date()


# --- messages ------------------------------------------------------------------------------------------------------


def _tell_no_hit(change: Change, original: Moment, walls: Sequence[Wall], left_out: Sequence[Wall], findings: Findings) -> None:
    named = clock(original.wall) if original.has_time else str(original.wall.date())
    if find_wall(left_out, original) is not None:
        hint = "Remove it from there, or remove this change. To show it as cancelled, keep only the change."
        findings.warn("changes", f"{named} is left out by except or pause, so the change of it does nothing.", hint, change.original)
        return
    near = nearest_wall(walls, original)
    hint = f"The nearest date is {clock(near)}. A change names the date as it was before the change." if near else "Remove the change."
    findings.warn("changes", f"The event does not take place on {named}, so the change of it does nothing.", hint, change.original)


def _tell_missed(missed: Missed, key: str, findings: Findings) -> None:
    near = f"The nearest date is {clock(missed.nearest)}." if missed.nearest else "There is no date near it."
    if isinstance(missed.written, Pause):
        findings.warn(key, f"The pause from {missed.written.first} to {missed.written.last} leaves out nothing.", near)
        return
    named = clock(missed.written.wall) if missed.written.has_time else str(missed.written.wall.date())
    if missed.kind == "also":
        findings.warn(key, f"{named} takes place anyway, so also is not needed for it.", "Remove it.")
    else:
        findings.warn(key, f"The event does not take place on {named}, so except does nothing there.", near)


def _reach(rule: Rule, first: Wall, horizon: date) -> date:
    """The day up to which the months that a rule skips are told: of a yearly one, so far that there are some."""
    return max(horizon, _day(first) + timedelta(days=5 * 366)) if "FREQ=YEARLY" in rule.rrule else horizon


def _tell_skipped(rule: Rule, months: Sequence[date], key: str, findings: Findings) -> None:
    if not months:
        return
    named = _some([f"{MONTHS[m.month - 1]} {m.year}" for m in months])
    if "FREQ=YEARLY" in rule.rrule:
        message = f"There is no such day in every year: the event does not take place in {named}."
        findings.warn(key, message, "Repeat it on a day that every year has, such as 28 February; for single years add also.")
        return
    findings.warn(
        key,
        f"There is no such day in every month: the event does not take place in {named}.",
        "For the end of each month write monthly on the last day, or on the last Friday; for other dates add also.",
    )


def _tell_overlap(walls: Sequence[Wall], times: Times, findings: Findings) -> None:
    length = times.wall_length or times.exact or (timedelta(days=(times.days or 0) + 1) if times.all_day else None)
    if length is None or length <= timedelta(days=1) or len(walls) < 2:
        return
    nearest = min(b - a for a, b in pairwise(walls))
    if length > nearest:
        findings.error(
            "end" if times.exact is None else "duration",
            f"Each date lasts {length.days} days, but the next one begins {nearest.days} days after it.",
            "The end is that of one date. For the end of the series write until and a date in repeat.",
        )


def _tell_clock_changes(gaps: list[tuple[datetime, datetime]], twice: list[datetime], times: Times, key: str, findings: Findings) -> None:
    if gaps:
        named = _some([f"{wall.date()} (shown at {start:%H:%M})" for wall, start in gaps])
        wall, start = gaps[0]
        findings.warn(
            key,
            f"The clocks in {times.zone} jump over {wall:%H:%M} on {named}; calendars differ on what happens then.",
            f"Give the time yourself: except {wall.date()}, also {clock(start)}.",
        )
    if twice:
        named = _some([str(wall.date()) for wall in twice])
        findings.warn(
            key,
            f"The clocks in {times.zone} show {twice[0]:%H:%M} twice on {named}; the first one is taken.",
            f"If that matters, give another time: except {twice[0].date()}, also {clock(twice[0] + timedelta(hours=1))}.",
        )


def _some(words: list[str]) -> str:
    """The first few words of a list, and how many more there are."""
    if len(words) <= _SHOWN + 1:
        return ", ".join(words)
    return f"{', '.join(words[:_SHOWN])} and {len(words) - _SHOWN} more"
