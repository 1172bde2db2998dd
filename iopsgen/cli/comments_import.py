"""`iopsgen comments import`: brings in the comments that another system kept."""

import os
import sys
from collections.abc import Mapping

import click
import msgspec

from iopsgen.build import now_from
from iopsgen.cli.show import count, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.excerpt import clean
from iopsgen.importers.comments.columns import NAMES
from iopsgen.importers.comments.foreign import Choices
from iopsgen.importers.comments.importing import Outcome, Wish, run_import
from iopsgen.importers.comments.kinds import KINDS
from iopsgen.importers.comments.taking import ALREADY, total
from iopsgen.problems import Place, did_you_mean, has_errors, in_order
from iopsgen.store import Store
from iopsgen.zones import check_zone

_PLACES = 5  # of one reason that are named
_PAGES = 30  # unknown ones that are named


@click.command("import")
@site_options
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--into", metavar="FILE", default="", help="File of the inbox to add to; else the inbox of the settings.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--page-map", metavar="FILE", default="", help="A list of old and new addresses, one pair on each line.")
@click.option("--page", metavar="ADDRESS", default="", help="Page of the comments that name none.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="csv and json: which column holds what, e.g. name=Nickname.")
@click.option("--timezone", metavar="ZONE", default="", help="Zone of times that do not name theirs; else that of the site.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="How 01/02/2026 is read.")
@click.option("--format", "form", type=click.Choice(["markdown", "text", "html"]), default=None, help="csv, json, mail, staticman: what the texts are.")
@click.option("--status", type=click.Choice(["approved", "pending"]), default=None, help="Of comments about which nothing was decided there.")
@click.option("--skip-spam", is_flag=True, help="Leave out what was spam there.")
@click.option("--keep-quotes", is_flag=True, help="mail: keep signatures and what is quoted below.")
def import_comments(
    site: str | None,
    pairs: tuple[str, ...],
    kind: str,
    paths: tuple[str, ...],
    into: str,
    dry_run: bool,
    as_json: bool,
    page_map: str,
    page: str,
    columns: tuple[str, ...],
    timezone: str,
    dates: str | None,
    form: str | None,
    status: str | None,
    skip_spam: bool,
    keep_quotes: bool,
) -> None:
    """Add the comments that another system kept to the inbox.

    PATH is what that system exported: a file, or a folder of files. What is in the inbox already is not added again, so an import
    can be repeated. Everything that is not taken is counted, with the reason.
    """
    folder = find_site(site)
    now = now_from(None, os.environ)
    if now is None:
        raise click.UsageError("SOURCE_DATE_EPOCH is not a number of seconds.")
    overrides = read_overrides(pairs)
    choices = {
        "zone": _zone(timezone),
        "day_first": None if dates is None else dates == "day-first",
        "page": page,
        "format": form or "",
        "columns": _columns(columns),
        "status": status or "",
        "keep_quotes": keep_quotes,
        "skip_spam": skip_spam,
    }
    wish = Wish(
        kind=kind, paths=paths, into=into, page_map=page_map, dry_run=dry_run, choices=msgspec.convert(choices, Choices), overrides=overrides
    )
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        outcome = run_import(folder, wish, store, now)
    finally:
        store.close()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(outcome_json(outcome, dry_run)), indent=2).decode())
    else:
        show_problems(in_order(outcome.problems), folder)
        if not outcome.usage:
            click.echo("\n".join(outcome_lines(outcome, dry_run)))
    if has_errors(outcome.problems):
        sys.exit(2 if outcome.usage else 1)


def _zone(name: str) -> str:
    """A zone that exists; empty for none."""
    if not name:
        return ""
    fault = check_zone(name)
    if fault:
        raise click.UsageError(f"--timezone: {fault.message} {fault.hint}")
    return name


def _columns(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        field = field.strip()
        if not equals or field not in NAMES:
            hint = did_you_mean(field, NAMES) or f"Fields: {', '.join(NAMES)}."
            raise click.UsageError(f'--map takes FIELD=COLUMN, for example --map name=Nickname, not "{pair}". {hint}')
        found[field] = column.strip()
    return found


# --- what it came to ---------------------------------------------------------------------------------------------------


def outcome_lines(outcome: Outcome, dry_run: bool) -> list[str]:
    """The account of an import for people."""
    taken = outcome.taken
    verb = "would be added" if dry_run else "added"
    lines = [f"{count(taken.read, 'comment', 'comments')} read, {outcome.added:,} {verb} to {outcome.file}."]
    words = [f"{number:,} {status}" for status, number in sorted(taken.states.items()) if status]
    words += [f"{taken.nameless:,} without a name"] if taken.nameless else []
    if words:
        lines.append(f"Of these: {', '.join(words)}.")
    if late := len(taken.lines) - outcome.added:
        lines.append(f"{late:,} more were not written.")
    if total(taken.passed):
        lines += [f"Not taken: {total(taken.passed):,}.", *_counted(taken.passed)]
    if taken.remarks:
        lines += ["Also:", *_counted(taken.remarks)]
    if taken.unknown_pages:
        number = sum(taken.unknown_pages.values())
        lines.append(f"On pages that this site does not have: {number:,}. Give a page of this site such an address as an alias, or use --page-map.")
        pages = sorted(taken.unknown_pages.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"  {number:>6,} × {clean(page)}" for page, number in pages[:_PAGES]]
        lines += [f"  … and {len(pages) - _PAGES:,} more; --json names all."] if len(pages) > _PAGES else []
    if taken.decisions:
        what = count(len(taken.decisions), "decision", "decisions")
        lines.append(f"{what} to erase {'would be' if dry_run else 'were'} written for what was deleted there, so that answers keep their place.")
    return lines


def _counted(found: Mapping[str, tuple[Place, ...]]) -> list[str]:
    lines = []
    for what, places in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        named = list(dict.fromkeys(map(str, places)))
        where = "" if what == ALREADY else f": {', '.join(map(clean, named[:_PLACES]))}" + (" …" if len(named) > _PLACES else "")
        lines.append(f"  {len(places):>6,} × {what}{where}")
    return lines


def outcome_json(outcome: Outcome, dry_run: bool) -> dict[str, object]:
    """The account of an import for programs: nothing in it is cut short."""
    taken = outcome.taken

    def listed(found: Mapping[str, tuple[Place, ...]]) -> list[dict[str, object]]:
        return [{"what": w, "count": len(p), "places": [{"file": x.file, "line": x.line or None} for x in p]} for w, p in sorted(found.items())]

    return {
        "ok": not has_errors(outcome.problems),
        "dry_run": dry_run,
        "file": outcome.file,
        "read": taken.read,
        "added": outcome.added,
        "skipped": total(taken.passed),
        "nameless": taken.nameless,
        "states": {status or "none": number for status, number in sorted(taken.states.items())},
        "reasons": listed(taken.passed),
        "remarks": listed(taken.remarks),
        "unknown_pages": taken.unknown_pages,
        "erased": len(taken.decisions),
        "problems": [
            {
                "severity": p.severity,
                "message": p.message,
                "hint": p.hint,
                "file": p.place.file if p.place else None,
                "line": p.place.line or None if p.place else None,
            }
            for p in in_order(outcome.problems)
        ],
    }
