"""`iopsgen import ics`: makes event files of the events in calendar files, or brings them up to date."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from iopsgen.build import now_from
from iopsgen.calendar_files.convert import reasons_of
from iopsgen.cli.show import count, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.excerpt import clean
from iopsgen.importers.calendars.importing import Account, Outcome, Wish, run_import
from iopsgen.problems import Problem, has_errors
from iopsgen.settings import FILE, read_settings
from iopsgen.slugs import fault_of_route
from iopsgen.store import Store

_NAMED = 12  # files that are named


@click.command()
@site_options
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--chapter", default="", metavar="ID", help="Chapter that the events belong to; they go into its folder.")
@click.option("--into", default="", metavar="FOLDER", help="Another folder, below content/events.")
@click.option("--private", is_flag=True, help="Also take events that are marked private or confidential.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ics(site: str | None, pairs: tuple[str, ...], files: tuple[str, ...], chapter: str, into: str, private: bool, dry_run: bool, as_json: bool) -> None:
    """Make event files of the events in calendar files (.ics), or bring them up to date.

    An event that was taken over before is known by its uid. Only what changed in the calendar is written, never over what somebody
    changed here. Each event that was read is accounted for.
    """
    folder = find_site(site)
    settings, problems = read_settings((folder / FILE).read_text("utf-8-sig", "replace"), read_overrides(pairs))
    now = now_from(None, os.environ)
    if now is None:
        raise click.UsageError("SOURCE_DATE_EPOCH is not a number of seconds.")
    if settings is None:
        show_problems(problems, folder)
        sys.exit(2)
    wish = Wish(paths=files, chapter=chapter, into=_folder(folder, into), private=private, dry_run=dry_run)
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        outcome = run_import(folder, settings, wish, store, now)
    finally:
        store.close()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(outcome_json(outcome, dry_run)), indent=2).decode())
    else:
        show_problems(outcome.problems, folder)
        for line in outcome_lines(outcome, dry_run):
            click.echo(line)
    if has_errors(outcome.problems):
        sys.exit(2 if outcome.usage else 1)


def _folder(site: Path, into: str) -> str:
    """The folder that was named, from the site's folder; UsageError where it does not lie in content/events."""
    if not into:
        return ""
    if os.path.isabs(into):
        into = os.path.relpath(os.path.realpath(into), os.path.realpath(site))
    path = into.replace(os.sep, "/").removeprefix("./").strip("/")
    path = path if path.startswith(("content/", "../")) else f"content/events/{path}"
    inside = Path(os.path.realpath(site / path)).is_relative_to(os.path.realpath(site / "content" / "events"))
    if fault_of_route(f"/{path}") or not inside or not f"{path}/".startswith("content/events/"):
        raise click.UsageError(f"--into: {into} does not lie in content/events. Write for example --into content/events/leeds.")
    return path


# --- what it came to ---------------------------------------------------------------------------------------------------


def outcome_lines(outcome: Outcome, dry_run: bool) -> Iterable[str]:
    """The account of an import for people."""
    for account in outcome.accounts:
        numbers = [f"{account.count(name):,} {name}" for name in ("new", "updated", "unchanged")]
        numbers.append(f"{len(account.skipped):,} left out")
        yield f"{clean(account.file)}: {count(account.read, 'event', 'events')} read: {', '.join(numbers)}.{' Nothing was written.' if dry_run else ''}"
        for why, number in reasons_of(account.skipped).items():
            yield f"  left out: {number:>5,} × {clean(why)}"
        named = [action for action in account.actions if action.action != "unchanged"]
        for action in named[:_NAMED]:
            parts = f" ({', '.join(action.parts)})" if action.parts else ""
            yield f"  {action.action + ':':9} {clean(action.file)}{parts}"
        if len(named) > _NAMED:
            yield f"  … and {count(len(named) - _NAMED, 'more file', 'more files')}."


def outcome_json(outcome: Outcome, dry_run: bool) -> dict[str, object]:
    """The account of an import for programs: nothing in it is cut short."""
    return {
        "ok": not has_errors(outcome.problems),
        "dry_run": dry_run,
        "calendars": [_account_json(account) for account in outcome.accounts],
        "problems": [_problem_json(problem) for problem in outcome.problems],
    }


def _account_json(account: Account) -> dict[str, object]:
    return {
        "file": account.file,
        "read": account.read,
        **{name: account.count(name) for name in ("new", "updated", "unchanged")},
        "skipped": len(account.skipped),
        "reasons": reasons_of(account.skipped),
        "gone": list(account.gone),
        "events": [msgspec.structs.asdict(action) for action in account.actions],
        "left_out": [{"uid": s.uid, "title": s.title, "line": s.number or None, "why": s.why} for s in account.skipped],
    }


def _problem_json(problem: Problem) -> dict[str, object]:
    place = problem.place
    return {
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "file": place.file if place else None,
        "line": place.line or None if place else None,
    }
