"""How long the calendars of a large site take, beside the `icalendar` library that writes the same events.

    python -m benchmarks.calendars [--events 10000] [--chapters 300] [--runs 5]

The calendars are those of the site, of each chapter and branch, and the file of each event. Medians; both in turn in one process.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import icalendar

from benchmarks.generate import write_site
from iopsgen.build import Options, Prepared, prepare
from iopsgen.outputs import calendars
from iopsgen.outputs.calendar_entries import calendar_entry
from iopsgen.store import Store
from iopsgen.views import CalendarView, Shared

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def main() -> None:
    """Reads the numbers from the command line, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--chapters", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iopsgen-calendars-") as folder:
        write_site(Path(folder), 0, given.events, chapters=given.chapters)
        site = prepared(Path(folder))
    views = [output.view for output in site.plan.outputs if output.maker == "calendar"]
    compare(site, [view for view in views if isinstance(view, CalendarView)], given.runs)


def prepared(folder: Path) -> Prepared:
    """The site up to its plan; this is not measured."""
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        found, problems = prepare(folder, Options(now=NOW), store)
    finally:
        store.close()
    assert isinstance(found, Prepared), problems
    return found


def compare(site: Prepared, views: list[CalendarView], runs: int) -> None:
    """Measures in turn, and prints medians and what one is of the other."""
    named = [view for view in views if view.name]
    whole = max(named, key=lambda view: len(view.entries))
    held = sum(len(view.entries) for view in views)
    print(f"{len(whole.entries)} events, {len(named)} calendars and {len(views) - len(named)} single files, which hold {held} events together")
    theirs = {view: theirs_of(view) for view in views}
    rows: dict[str, list[float]] = {}
    for _ in range(runs):
        note(rows, "events to entries, iopsgen", lambda: [entry_of(event) for event in site.site.events])
        note(rows, "the site's calendar, iopsgen", lambda: ours([whole]))
        note(rows, "the site's calendar, icalendar", lambda: theirs[whole].to_ical())
        note(rows, "all calendars, iopsgen", lambda: ours(views))
        note(rows, "all calendars, icalendar", lambda: [calendar.to_ical() for calendar in theirs.values()])
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        peer = rows.get(name.replace("iopsgen", "icalendar"))
        ratio = f"   {middle / statistics.median(peer):.3f} of icalendar" if peer and "iopsgen" in name else ""
        print(f"{middle:8.3f} s  ({min(seconds):.3f} to {max(seconds):.3f})  {name}{ratio}")


def entry_of(event: object) -> object:
    """An event as calendars hold it, with the digest by which it is shared."""
    made = calendar_entry(event, page_address="https://example.org/", stamp=NOW)  # type: ignore[arg-type]
    return Shared(made) if made else None


def ours(views: Iterable[CalendarView]) -> int:
    """Writes calendars as a build does that knows none of their events yet; bytes in all."""
    calendars._written.clear()
    return sum(len(calendars.calendar(view)) for view in views)


def theirs_of(view: CalendarView) -> icalendar.Calendar:
    """The same calendar as objects of `icalendar`."""
    return icalendar.Calendar.from_ical(calendars.calendar(view))


def note(rows: dict[str, list[float]], name: str, step: Callable[[], object]) -> None:
    """Adds the seconds of the processor that a step takes."""
    started = time.process_time()
    step()
    rows.setdefault(name, []).append(time.process_time() - started)


if __name__ == "__main__":
    main()
