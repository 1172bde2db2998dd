"""`iopsgen check`: the whole site, what was understood of its events, or calendar files from anywhere."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
import msgspec

from iopsgen.build import Failed, Inspect, Options, Prepared, prepare
from iopsgen.calendar_lint import LARGEST, lint
from iopsgen.checks.published import Calendar, check_calendars
from iopsgen.checks.series import SaidBack, as_lines, say_back
from iopsgen.checks.site import check_site
from iopsgen.cli.make import finish, read_options, run
from iopsgen.cli.show import count, problem_values, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.model import Event, Site
from iopsgen.problems import Problem, has_errors, in_order
from iopsgen.store import Store
from iopsgen.write import Copy

_STANDARD_INPUT = "standard input"
_READ = 1 << 20  # characters of a source that are looked at


@click.command()
@site_options
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--events", is_flag=True, help="Say what was understood of repeated events, or of the events at each PATH, with the next dates.")
@click.option("--calendar", is_flag=True, help="Check calendar files (.ics) instead of a site: each PATH, - for standard input.")
@click.option("--now", metavar="ISO", help="Check as at this moment (else SOURCE_DATE_EPOCH, else the clock).")
@click.option("--drafts", is_flag=True, help="Check drafts and scheduled texts too.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def check(
    site: str | None, pairs: tuple[str, ...], paths: tuple[str, ...], events: bool, calendar: bool, now: str | None, drafts: bool, as_json: bool
) -> None:
    """Find everything that is wrong, without writing the site.

    The whole site is read, planned and rendered as by `build`, and every calendar that it would publish is checked; the output folder is
    not touched. With --events only the events are read, and said back in words. With --calendar no site is needed.
    """
    if events and calendar:
        raise click.UsageError("--events and --calendar do not go together.")
    if calendar:
        _check_files(paths, as_json)
        return
    if paths and not events:
        raise click.UsageError(f"{paths[0]}: `iopsgen check` looks at the whole site. Write --calendar before a calendar file, or --events before an event.")
    folder = find_site(site)
    options = read_options(now, drafts=drafts, keep_going=True, clean=True, dry_run=True, checking=True, overrides=read_overrides(pairs))
    if events:
        _say_events(folder, options, paths, as_json)
        return
    said: list[SaidBack] = []
    result = run(folder, msgspec.structs.replace(options, inspect=_inspector(folder, said)), as_json)
    finish(result, folder, as_json, "Checked", {"events": said})


def _inspector(folder: Path, said: list[SaidBack]) -> Inspect:
    """Looks at a site and, where nothing is wrong with it, at its calendars; puts what was understood of its series into `said`.

    A calendar of events that are wrong is wrong for that reason: to tell of both would lead astray.
    """

    def inspect(prepared: Prepared, made: list[tuple[str, bytes | Copy]], problems: list[Problem]) -> list[Problem]:
        said.extend(say_back(prepared.site.events))
        calendars = [] if has_errors(problems) else check_calendars(_calendars(made, folder), prepared.site.events)
        return [*check_site(prepared.site, _reader(folder)), *calendars]

    return inspect


def _calendars(made: Iterable[tuple[str, bytes | Copy]], folder: Path) -> Iterator[Calendar]:
    """The calendars among what would be published."""
    for path, data in made:
        if not path.lower().endswith(".ics"):
            continue
        if isinstance(data, bytes):
            yield Calendar(path, data)
        elif (read := _read_bytes(data.source)) is not None:
            inside = data.source.is_relative_to(folder)
            yield Calendar(path, read, data.source.relative_to(folder).as_posix() if inside else str(data.source))


def _reader(folder: Path) -> Callable[[str], str]:
    """Gives the text of a source by its path."""

    def read(source: str) -> str:
        try:
            with (folder / source).open(encoding="utf-8", errors="replace") as opened:
                return opened.read(_READ)
        except (OSError, ValueError):
            return ""

    return read


# --- events --------------------------------------------------------------------------------------------------------


def _say_events(folder: Path, options: Options, paths: tuple[str, ...], as_json: bool) -> None:
    """Says what was understood of events, and what is wrong with them."""
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        prepared, problems = prepare(folder, options, store)
    finally:
        store.close()
    if isinstance(prepared, Failed):
        show_problems(problems, folder)
        sys.exit(2 if prepared.usage else 1)
    names = [_source_of(path, folder, prepared.site) for path in paths]
    chosen = [event for event in prepared.site.events if not names or any(_is_at(event, name) for name in names)]
    said = say_back(chosen, single=bool(names))
    problems += check_site(prepared.site, _reader(folder))
    about = in_order(problem for problem in problems if _is_about(problem, names))
    if as_json:
        value = {"ok": not has_errors(about), "now": options.now.isoformat(), "events": said, "problems": problem_values(about)}
        click.echo(msgspec.json.encode(value))
    else:
        show_problems(about, folder)
        for one in said:
            click.echo("\n".join(as_lines(one)))
        if not said and not about:
            click.echo("None of these events is shown now; --drafts shows those that are not published yet." if names else "No event repeats.")
    if has_errors(about):
        sys.exit(1)


def _source_of(path: str, folder: Path, site: Site) -> str:
    """The path of an event's source (or of a folder of such) within the site, from what somebody wrote: a path, or the name of an event."""
    for start in (Path.cwd(), folder):
        absolute = (start / path).resolve()
        if absolute.exists() and absolute.is_relative_to(folder.resolve()):
            return absolute.relative_to(folder.resolve()).as_posix()
    named = next((event.fields.source for event in site.events if path in (event.slug, event.route)), None)
    if named is None:
        raise click.UsageError(f"There is no event at {path}. Write the path of its file, such as content/events/picnic.md.")
    return named


def _is_at(event: Event, name: str) -> bool:
    return event.fields.source == name or event.fields.source.startswith(f"{name}/") or name == "."


def _is_about(problem: Problem, names: list[str]) -> bool:
    file = problem.place.file if problem.place else ""
    if not names:
        return file.startswith("content/events/")
    return any(file == name or file.startswith(f"{name}/") for name in names)


# --- calendar files ------------------------------------------------------------------------------------------------


def _check_files(paths: tuple[str, ...], as_json: bool) -> None:
    """Checks calendar files from anywhere."""
    if not paths:
        raise click.UsageError("Name a calendar file, or - for standard input: iopsgen check --calendar FILE")
    problems: list[Problem] = []
    for path in paths:
        data = sys.stdin.buffer.read(LARGEST + 1) if path == "-" else _read_bytes(Path(path))
        if data is None:
            raise click.UsageError(f"{path} cannot be read. Check its name, and that it is a file.")
        problems += lint(data, _STANDARD_INPUT if path == "-" else path)
    errors, warnings = (sum(p.severity == severity for p in problems) for severity in ("error", "warning"))
    if as_json:
        value = {"ok": not errors, "calendars": [_STANDARD_INPUT if p == "-" else p for p in paths], "problems": problem_values(problems)}
        click.echo(msgspec.json.encode(value))
    else:
        show_problems(problems, Path.cwd())
        found = [count(n, one, many) for n, one, many in ((errors, "error", "errors"), (warnings, "warning", "warnings")) if n]
        click.echo(f"Checked {count(len(paths), 'calendar', 'calendars')}: {' and '.join(found) or 'nothing is wrong'}.")
    if errors:
        sys.exit(1)


def _read_bytes(path: Path) -> bytes | None:
    """The bytes of a file, one more than is looked at; None where it cannot be read."""
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError:
        return None
