"""Lints every calendar that a site publishes: those that iopsgen makes, and those that lie in static/."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from iopsgen.calendar_lint import Linter
from iopsgen.model import Event
from iopsgen.problems import Place, Problem

_UID = re.compile(r"UID:(?:[0-9T]+-)?(.*)")
_OURS = "This is a fault of iopsgen, not of your text. Please report it"


class Calendar(NamedTuple):
    """A calendar as it would be published: its path in the output, its bytes, and the file it is copied from ("" for one that is made)."""

    path: str
    data: bytes
    source: str = ""


def check_calendars(calendars: Iterable[Calendar], events: Iterable[Event]) -> list[Problem]:
    """Errors and warnings in calendars. Each event is looked at once, however many calendars hold it; what would only be better is not told."""
    linter = Linter()
    sources: dict[str, Event] = {}
    for event in events:
        sources.setdefault(event.uid, event)
    found: list[Problem] = []
    for calendar in calendars:
        problems = [p for p in linter.lint(calendar.data, calendar.source or calendar.path) if p.severity != "hint"]
        found += problems if calendar.source else _as_ours(problems, calendar, sources)
    return found


def _as_ours(problems: list[Problem], calendar: Calendar, sources: dict[str, Event]) -> list[Problem]:
    """What is wrong with a calendar that iopsgen made, at the event that it is about."""
    if not problems:
        return []
    lines = calendar.data.decode("utf-8", "replace").splitlines()
    told = []
    for problem in problems:
        number = problem.place.line if problem.place else 0
        event = _event_at(lines, number, sources)
        line = lines[number - 1][:80] if 0 < number <= len(lines) else ""
        place = Place(*event.fields.where("start", "dates", "title"), 1) if event else None
        told.append(Problem(f"{calendar.path}, line {number}: {problem.message}", place, f"{_OURS}, with this line: {line}", problem.severity))
    return told


def _event_at(lines: list[str], number: int, sources: dict[str, Event]) -> Event | None:
    """The event whose part of the calendar a line stands in."""
    first = next((n for n in range(min(number, len(lines)) - 1, -1, -1) if lines[n] == "BEGIN:VEVENT"), None)
    for line in lines[first:] if first is not None else ():
        if line == "END:VEVENT":
            break
        if uid := _UID.fullmatch(line):
            return sources.get(uid[1]) or sources.get(line[4:])
    return None
