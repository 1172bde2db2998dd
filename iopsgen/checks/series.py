"""Says back what iopsgen understood of each repetition: the rule in words, its exceptions, and the next dates."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from iopsgen.dates import WEEKDAYS
from iopsgen.daywords import folded
from iopsgen.model import Event, Moment, Occurrence, Rule, Site, Value
from iopsgen.problems import Place, Problem, note
from iopsgen.recurrence import in_words, write_rrule

NEXT = 5  # dates that are named
_SHOWN = 6  # exceptions that are named
_LATELY = timedelta(days=366)  # how long ago a series may have ended to be told

State = Literal["", "cancelled", "moved", "changed"]


class NextDate(Value, frozen=True, kw_only=True):
    """One date to come: when (in the event's zone), when it would have been if it was moved, what differs, and a few words."""

    start: datetime | date
    end: datetime | date | None = None
    original: datetime | date | None = None
    state: State = ""
    note: str = ""


class SaidBack(Value, frozen=True, kw_only=True):
    """What was understood of an event: where it is written, its title, the rule in words with exceptions, and the next dates.

    `first` and `last` are the first and the last date that are known; `dates` says how many of them there are, `coming` how many
    are still to come, `endless` that more follow. `repeats` is False for an event that takes place once.
    """

    file: str
    line: int
    title: str
    words: str
    zone: str
    first: datetime | date | None = None
    last: datetime | date | None = None
    dates: int = 0
    coming: int = 0
    endless: bool = False
    repeats: bool = True
    next: tuple[NextDate, ...] = ()


def say_back(events: Iterable[Event], single: bool = False) -> list[SaidBack]:
    """What was understood of each repeated event, by file; with `single` of those that take place once, too."""
    said = [_say(event) for event in events if _is_original(event) and (single or _repeats(event))]
    return sorted(said, key=lambda one: one.file)


def _is_original(event: Event) -> bool:
    """Whether an event was written here, and is not the translation of another one."""
    return event.group == event.fields.source and event.fields.origin is None


def _repeats(event: Event) -> bool:
    return event.fields.repeat is not None or bool(event.fields.dates)


def _say(event: Event) -> SaidBack:
    rule = event.fields.repeat
    file, line = event.fields.where("repeat", "dates", "start", "time")
    held = event.occurrences
    return SaidBack(
        file=event.fields.source,
        line=line if file == event.fields.source else 1,
        title=event.fields.title,
        words=_words(event),
        zone=event.zone,
        first=held[0].start if held else None,
        last=held[-1].start if held else None,
        dates=len(held),
        coming=len(event.upcoming),
        endless=rule is not None and rule.until is None and rule.count is None,
        repeats=_repeats(event),
        next=tuple(map(_next, event.upcoming[:NEXT])),
    )


def _next(occurrence: Occurrence) -> NextDate:
    moved = occurrence.original is not None and occurrence.original != occurrence.start
    state: State = "cancelled" if occurrence.cancelled else "moved" if moved else "changed" if occurrence.changed else ""
    return NextDate(
        start=occurrence.start, end=occurrence.end, original=occurrence.original if moved else None, state=state, note=occurrence.note
    )


# --- words ---------------------------------------------------------------------------------------------------------


def _words(event: Event) -> str:
    """The repetition as a sentence without a full stop, its exceptions behind it."""
    rule = event.fields.repeat
    if event.start is None:
        return "On a day that is not known yet"
    if rule is None:
        return f"On {len(event.occurrences)} listed dates" if len(event.fields.dates) > 1 else "Once"
    words = in_words(rule, event.start, "en") or f"By the rule {write_rrule(_plain(rule))}"
    return "; ".join([words, *_exceptions(rule)])


def _plain(rule: Rule) -> Rule:
    """The rule without what the sentence says besides."""
    return Rule(rrule=rule.rrule, until=rule.until, count=rule.count, raw=rule.raw)


def _exceptions(rule: Rule) -> Iterable[str]:
    if rule.excluded:
        yield f"not on {_some([_written(moment) for moment in rule.excluded])}"
    if rule.pauses:
        yield f"not from {_some([f'{pause.first} to {pause.last}' for pause in rule.pauses])}"
    if rule.added:
        yield f"also on {_some([_written(moment) for moment in rule.added])}"


def _written(moment: Moment) -> str:
    return f"{moment.wall:%Y-%m-%d %H:%M}" if moment.has_time else f"{moment.wall:%Y-%m-%d}"


def _some(words: list[str]) -> str:
    if len(words) <= _SHOWN:
        return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"{', '.join(words[:_SHOWN])} and {len(words) - _SHOWN} more"


def as_lines(said: SaidBack) -> list[str]:
    """What was understood, for a terminal: the rule on one line, the next dates below it."""
    lines = [f"{said.file}: {said.words}."]
    if said.next:
        dates = " · ".join(_date_in_words(one) for one in said.next)
        more = " …" if said.endless or said.coming > len(said.next) else ""
        lines.append(f"    {dates}{more} ({_zone_in_words(said)})")
    elif said.last is not None:
        lines.append(f"    Over: the last date was {_day_in_words(said.last)}.")
    return lines


def _zone_in_words(said: SaidBack) -> str:
    return said.zone if isinstance(said.next[0].start, datetime) else "whole days"


def _date_in_words(one: NextDate) -> str:
    """`Mon 2026-12-07 19:00–21:00`, and behind it what is different on that date."""
    words = _day_in_words(one.start)
    if isinstance(one.start, datetime) and isinstance(one.end, datetime):
        words += f"\N{EN DASH}{one.end:%H:%M}" if one.end.date() == one.start.date() else f" to {_day_in_words(one.end)}"
    elif one.end is not None and one.end != one.start:
        words += f" to {_day_in_words(one.end)}"
    what = {"cancelled": "cancelled", "moved": f"moved from {_day_in_words(one.original)}" if one.original else "", "changed": "changed", "": ""}[one.state]
    behind = ": ".join(filter(None, (what, one.note)))
    return f"{words} ({behind})" if behind else words


def _day_in_words(moment: datetime | date) -> str:
    weekday = WEEKDAYS[moment.weekday()][:3]
    return f"{weekday} {moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else f"{weekday} {moment:%Y-%m-%d}"


# --- over ----------------------------------------------------------------------------------------------------------


def find_ended(site: Site) -> list[Problem]:
    """A note for each series that ended within the last year, unless an event to come has its title and its chapter: it may want to go on."""
    coming = {(event.chapter, folded(event.fields.title)) for event in site.events if event.upcoming}
    found = []
    for event in site.events:
        if not _is_original(event) or not _repeats(event) or event.upcoming or not event.occurrences:
            continue
        last = event.occurrences[-1].start
        day = last.date() if isinstance(last, datetime) else last
        if site.now.date() - day > _LATELY or (event.chapter, folded(event.fields.title)) in coming or event.fields.status == "cancelled":
            continue
        key = "dates" if event.fields.dates else "repeat"
        hint = "If it goes on, write the dates that follow." if key == "dates" else "If it goes on, write a later date after until."
        found.append(note(f"The series is over: its last date was {day}.", Place(*event.fields.where(key), 1), hint))
    return found
