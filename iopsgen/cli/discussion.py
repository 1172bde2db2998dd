"""`iopsgen comments`: what became of each line of the inbox."""

import os
import sys
from collections import Counter

import click
import msgspec

from iopsgen.build import Failed, Options, now_from, prepare
from iopsgen.cli.show import count, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.store import Store


@click.command()
@site_options
@click.argument("what", type=click.Choice(["report", "list"]), default="report")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def comments(site: str | None, pairs: tuple[str, ...], what: str, as_json: bool) -> None:
    """See what became of the comments of the inbox.

    `report` gives the sums: every line of the inbox is counted exactly once. `list` names each line with what became of it.
    Nothing is written.
    """
    folder = find_site(site)
    now = now_from(None, os.environ)
    if now is None:
        raise click.UsageError("SOURCE_DATE_EPOCH is not a number of seconds.")
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        prepared, problems = prepare(folder, Options(now=now, overrides=read_overrides(pairs)), store)
    finally:
        store.close()
    if isinstance(prepared, Failed):
        show_problems(problems, folder)
        sys.exit(2 if prepared.usage else 1)
    report = prepared.comments
    about = [p for p in problems if p.place and p.place.file.startswith(os.path.dirname(prepared.settings.comments.inbox) or "comments")]
    if as_json:
        value = {**msgspec.structs.asdict(report), "adds_up": report.adds_up()}
        if what == "report":
            value.pop("dispositions")
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    elif what == "list":
        for one in report.dispositions:
            click.echo(f"{one.file}:{one.line}: {one.name}" + (f" ({one.reason})" if one.reason else ""))
    else:
        show_problems(about, folder)
        click.echo(f"{count(report.lines, 'line', 'lines')} = {report.blank} blank + {report.malformed} malformed + {report.records} records")
        parts = ("published", "held", "rejected", "spam", "erased", "duplicate", "quarantined")
        click.echo(f"{count(report.records, 'record', 'records')} = " + " + ".join(f"{getattr(report, name)} {name}" for name in parts))
        shown = Counter({route: thread.count for route, thread in prepared.site.threads.items() if thread.count})
        for route, number in sorted(shown.items()):
            click.echo(f"  {route}: {count(number, 'comment', 'comments')}")
    if not report.adds_up() or report.published != sum(t.count for t in prepared.site.threads.values()):
        click.echo("These numbers do not add up. That is a fault of iopsgen: please report it.", err=True)
        sys.exit(3)
