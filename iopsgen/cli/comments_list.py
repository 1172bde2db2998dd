"""`iopsgen comments list` and `show`."""

from collections.abc import Iterator

import click
import msgspec

from iopsgen.cli.comments_desk import beginning, desk_of, name_of, page_of, state_of, styled, text_of, when_of, wrapped
from iopsgen.cli.show import count
from iopsgen.cli.site import find_site, site_options
from iopsgen.excerpt import clean
from iopsgen.moderation.desk import STATES, Desk, Matter, Unclear, find_comment


@click.command("list")
@site_options
@click.option("--held", is_flag=True, help="Only those that wait for a decision (the same as --state held).")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only those of which this became; may be given several times.")
@click.option("--page", metavar="PAGE", help="Only those of this page: its address, its slug or the path of its file.")
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="How many at most; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_comments(site: str | None, pairs: tuple[str, ...], held: bool, states: tuple[str, ...], page: str | None, limit: int, as_json: bool) -> None:
    """List comments, the newest first.

    Each with what became of it, its id, who wrote it, its page, and its first words. Nothing is written.
    """
    desk = desk_of(find_site(site), pairs)
    wanted = {*states, *(("held",) if held else ())} or set(STATES)
    route = desk.page(page) if page is not None else ""
    if page is not None and not route and not any(m.record.page == page for m in desk.matters):
        raise click.UsageError(f'No page is known as "{page}". Write its address, for example --page /posts/welcome/.')
    found = [m for m in desk.matters if m.state in wanted and (page is None or m.page == route or (not route and m.record.page == page))]
    shown = found[:limit] if limit else found
    if as_json:
        click.echo(_json({"total": len(found), "comments": [as_value(m) for m in shown]}))
        return
    for matter in shown:
        click.echo("\n".join(_short(matter)))
    if not found:
        click.echo("There is no such comment.")
    elif len(shown) < len(found):
        click.echo(f"… and {count(len(found) - len(shown), 'older one', 'older ones')}: --limit 0 shows all.", err=True)


def _short(matter: Matter) -> Iterator[str]:
    """A comment in two lines."""
    yield f"{styled(state_of(matter), matter.state)}  {styled(matter.record.id, bold=True)}  {when_of(matter)}  {name_of(matter)}  {page_of(matter)}"
    yield f"    {beginning(text_of(matter), 100)}"


@click.command()
@site_options
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(site: str | None, pairs: tuple[str, ...], ids: tuple[str, ...], as_json: bool) -> None:
    """Show comments in full, with what was decided about them."""
    desk = desk_of(find_site(site), pairs)
    found: list[Matter] = []
    for given in ids:
        try:
            found += find_comment(desk, given)
        except Unclear as why:
            raise click.UsageError(str(why)) from why
    if as_json:
        click.echo(_json({"comments": [{**as_value(m), "decisions": [_decision(d) for d in desk.decisions(m.record.id)]} for m in found]}))
        return
    click.echo("\n\n".join("\n".join(_whole(desk, matter)) for matter in found))


def _whole(desk: Desk, matter: Matter) -> Iterator[str]:
    """Everything about a comment."""
    record = matter.record
    reason = f" ({clean(matter.reason)})" if matter.reason else ""
    yield f"{styled(record.id, bold=True)}  {styled(state_of(matter), matter.state)}{reason}"
    yield f"{name_of(matter)}{f' <{record.url}>' if record.url and matter.state != 'erased' else ''}, {when_of(matter)}, on {page_of(matter)}"
    if record.parent:
        parent = desk.by_id.get(record.parent)
        words = f"{name_of(parent[0])}: {beginning(text_of(parent[0]), 60)}" if parent else "which is not in the inbox"
        yield f"answers {clean(record.parent)}: {words}"
    yield ""
    yield wrapped(text_of(matter), "    ", 100)
    yield ""
    yield f"{record.file}, line {record.line}; sha256 {record.sha256}"
    for d in desk.decisions(record.id):
        other = "" if d.sha256 in ("", record.sha256) else " of another text"
        extra = f": {clean(d.reason)}" if d.reason else ""
        yield f"{d.at.isoformat()} {clean(d.by) or 'somebody'}: {d.action}{other}{extra}"


def as_value(matter: Matter) -> dict[str, object]:
    """A comment for programs. `page` is the route of its page, or null where that is unknown; of an erased one no words are given."""
    record = matter.record
    if matter.state == "erased":
        record = msgspec.structs.replace(record, name="", url="", body="", sha256="")
    return {
        "id": record.id,
        "state": matter.state,
        "case": matter.case,
        "reason": matter.reason,
        "page": matter.page or None,
        "page_as_written": record.page,
        "received": record.received.isoformat(),
        "name": record.name,
        "url": record.url,
        "language": record.language,
        "parent": record.parent,
        "format": record.format,
        "body": record.body,
        "sha256": record.sha256,
        "file": record.file,
        "line": record.line,
    }


def _decision(decision: object) -> dict[str, object]:
    value: dict[str, object] = msgspec.to_builtins(decision)
    return {key: value[key] for key in ("at", "by", "action", "sha256", "reason", "value", "file", "line") if key in value}


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
