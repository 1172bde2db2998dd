"""`iopsgen comments report`: the account of the inbox, and its proof from the pages that were built."""

import sys
from collections import Counter
from pathlib import Path

import click
import msgspec

from iopsgen.build import Failed, Options, Prepared, fingerprints, prepare
from iopsgen.cli.comments_desk import moment
from iopsgen.cli.show import count, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.moderation.recount import Recount, recount
from iopsgen.problems import Problem
from iopsgen.slugs import file_of
from iopsgen.store import Store
from iopsgen.write import Locked, WriteFailed, lock, open_output

_OF_LINES = ("blank", "malformed", "records")
_OF_RECORDS = ("published", "held", "rejected", "spam", "erased", "duplicate", "quarantined")
_OF_QUARANTINED = ("unknown_page", "future", "conflicting")


@click.command()
@site_options
@click.option("--lines", "each_line", is_flag=True, help="Name each line of the inbox with what became of it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def report(site: str | None, pairs: tuple[str, ...], each_line: bool, as_json: bool) -> None:
    """Say what became of every line of the inbox.

    Two sums in which every line and every comment counts exactly once, and the comments recounted from the pages that were built.
    Nothing is written. Exit code 3 where the numbers do not agree: that is a fault of iopsgen.
    """
    folder = find_site(site)
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        prepared, problems = prepare(folder, Options(now=moment(), overrides=read_overrides(pairs)), store)
        if isinstance(prepared, Failed):
            show_problems(problems, folder)
            sys.exit(2 if prepared.usage else 1)
        found, why = _recount(folder, prepared)
    finally:
        store.close()
    account = prepared.comments
    sound = account.adds_up() and account.published == sum(t.count for t in prepared.site.threads.values())
    agrees = sound and (found is None or found.agrees())
    if as_json:
        click.echo(_as_json(prepared, found, agrees, each_line))
    else:
        files = {f.file for f in account.inbox.files} | {prepared.settings.comments.inbox, prepared.settings.comments.decisions}
        show_problems([p for p in problems if _is_about(p, files)], folder)
        _say(prepared, found, why, each_line)
    if not agrees:
        for path, name in (*(found.missing if found else ()), *(found.strange if found else ())):
            click.echo(f"{path}: comment {name} is {'missing' if (path, name) in found.missing else 'where it should not be'}.", err=True)  # type: ignore[union-attr]
        click.echo("These numbers do not agree. That is a fault of iopsgen: please report it.", err=True)
        sys.exit(3)


def _is_about(problem: Problem, files: set[str]) -> bool:
    return (problem.place is not None and problem.place.file in files) or "inbox" in problem.message


def _recount(folder: Path, prepared: Prepared) -> tuple[Recount | None, str]:
    """The comments on the built pages, or None and why they could not be counted."""
    output = folder / prepared.settings.output
    if not output.is_dir():
        return None, "Nothing is built yet, so nothing was recounted."
    try:
        with lock(folder, "iopsgen comments report", timeout=10.0) as held:
            live = open_output(held, output)
            prints = fingerprints(prepared)
            current = {p: (e := live.ledger.get(p)) is not None and e.fingerprint == mark and p not in live.damaged for p, mark in prints.items()}
            threads = ((file_of(route), thread) for route, thread in prepared.site.threads.items())
            return recount(output, threads, {r.id for r in prepared.comments.inbox.records}, current), ""
    except Locked as locked:
        return None, f"{locked} Nothing was recounted."
    except WriteFailed as failed:
        return None, f"{failed.message} Nothing was recounted."


def _say(prepared: Prepared, found: Recount | None, why: str, each_line: bool) -> None:
    account = prepared.comments
    if each_line:
        for one in account.dispositions:
            click.echo(f"{one.file}:{one.line}: {one.name}" + (f" ({one.reason})" if one.reason else ""))
    click.echo(f"{count(account.lines, 'line', 'lines')} = {_sum(account, _OF_LINES)}")
    click.echo(f"{count(account.records, 'record', 'records')} = {_sum(account, _OF_RECORDS)}")
    if account.quarantined:
        click.echo(f"{account.quarantined:,} quarantined = {_sum(account, _OF_QUARANTINED)}")
    if found is None:
        click.echo(why)
    else:
        words = f"{count(found.counted, 'comment', 'comments')} on {count(found.pages, 'page', 'pages')}"
        end = "as published" if not found.waiting else f"{count(len(found.waiting), 'page waits', 'pages wait')} for the next build"
        click.echo(f"Recounted from {prepared.settings.output}/: {words}; {end}.")
    shown = Counter({route: thread.count for route, thread in prepared.site.threads.items() if thread.count})
    for route, number in sorted(shown.items()):
        click.echo(f"  {route}: {count(number, 'comment', 'comments')}")


def _sum(account: object, names: tuple[str, ...]) -> str:
    return " + ".join(f"{getattr(account, name):,} {name.replace('_', ' ')}" for name in names)


def _as_json(prepared: Prepared, found: Recount | None, agrees: bool, each_line: bool) -> str:
    account = prepared.comments
    value: dict[str, object] = {name: getattr(account, name) for name in ("lines", *_OF_LINES, *_OF_RECORDS, *_OF_QUARANTINED)}
    value["adds_up"] = account.adds_up()
    value["recounted"] = (
        {"comments": found.counted, "pages": found.pages, "waiting": list(found.waiting), "agrees": found.agrees()} if found is not None else None
    )
    value["agrees"] = agrees
    value["next_change"] = account.next_change.isoformat() if account.next_change else None
    value["threads"] = {route: thread.count for route, thread in prepared.site.threads.items() if thread.count}
    if each_line:
        value["dispositions"] = [msgspec.to_builtins(d) for d in account.dispositions]
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
