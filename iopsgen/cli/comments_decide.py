"""`iopsgen comments approve`, `reject`, `spam`, `hold`, `erase` and the other decisions: one call, one line a decision."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from iopsgen.cli.comments_desk import beginning, by_option, contents_of, decided_words, desk_of, name_of, page_of, when_of, who_decides, write
from iopsgen.cli.show import count
from iopsgen.cli.site import find_site, site_options
from iopsgen.moderation.decide import Choice, choose
from iopsgen.moderation.desk import Desk, Matter, Unclear, by_author, find_comment

_NEXT = "`iopsgen build` brings this to the site."


def _ids(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what every decision about comments takes."""
    command = click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the file of decisions.")(command)
    command = click.option("--sha256", metavar="DIGEST", default="", help="Only if this is (the beginning of) the digest of its text.")(command)
    return site_options(by_option(click.argument("ids", nargs=-1, required=True, metavar="ID...")(command)))


def _decide(action: str, site: str | None, pairs: tuple[str, ...], ids: tuple[str, ...], sha256: str, reason: str, by: str | None) -> None:
    """Writes one decision for each comment and says what was decided about which text."""
    if sha256 and len(set(ids)) > 1:
        raise click.UsageError("--sha256 is about one comment; give one id.")
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    matters = contents_of(desk, ids, sha256)
    _refuse_erased(matters)
    write(folder, desk, [choose(m, action, reason) for m in matters], who_decides(by, folder))
    for matter in matters:
        _say(matter, action)
        _warn(matter, action)
    click.echo(_NEXT)


def _refuse_erased(matters: list[Matter]) -> None:
    for matter in matters:
        if matter.state == "erased":
            raise click.UsageError(f'Comment "{matter.record.id}" is erased for ever; nothing else can be decided about it. Nothing was decided.')


def _say(matter: Matter, action: str) -> None:
    click.echo(f"{decided_words(action)}: {matter.record.id}, {name_of(matter)}, {when_of(matter)}, {page_of(matter)}")
    click.echo(f"    {beginning(matter.record.body, 100)}")


def _warn(matter: Matter, action: str) -> None:
    if action == "approve" and matter.case in ("unknown page", "future date"):
        hint = "give the page an alias of this address, or use `iopsgen comments move`" if matter.case == "unknown page" else "it is shown from that moment on"
        click.echo(f"    It is not shown yet ({matter.case}): {hint}.", err=True)


@click.command()
@_ids
def approve(**given: Any) -> None:
    """Show comments. This holds for the text that each has now: one that is changed later waits again."""
    _decide("approve", **given)


@click.command()
@_ids
def reject(**given: Any) -> None:
    """Do not show comments. Answers to them stay."""
    _decide("reject", **given)


@click.command()
@_ids
def spam(**given: Any) -> None:
    """Do not show comments, since they are spam."""
    _decide("spam", **given)


@click.command()
@_ids
def hold(**given: Any) -> None:
    """Let comments wait, shown to nobody."""
    _decide("hold", **given)


@click.command("redact-name")
@_ids
def redact_name(**given: Any) -> None:
    """Show comments without the name and the website of whoever wrote them."""
    _decide("redact-name", **given)


@click.command()
@site_options
@by_option
@click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the file of decisions.")
@click.option("--sha256", metavar="DIGEST", default="", help="Only if this is (the beginning of) the digest of its text.")
@click.option("--text", metavar="TEXT", help="The new text; - reads it from standard input. Without it an editor opens.")
@click.argument("name", metavar="ID")
def edit(site: str | None, pairs: tuple[str, ...], by: str | None, reason: str, sha256: str, text: str | None, name: str) -> None:
    """Show another text instead of what somebody wrote. The inbox keeps what was written."""
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    (matter,) = contents_of(desk, (name,), sha256)
    _refuse_erased([matter])
    if text == "-":
        text = sys.stdin.read()
    elif text is None:
        if not sys.stdin.isatty():
            raise click.UsageError("An editor needs a terminal. Give the new text with --text.")
        text = click.edit(matter.record.body, extension=".md")
    if not text or not text.strip() or text.strip() == matter.record.body.strip():
        raise click.UsageError("There is no other text, so nothing was decided. To take a comment away, use reject or erase.")
    write(folder, desk, [choose(matter, "edit", reason, text)], who_decides(by, folder))
    _say(matter, "edit")
    click.echo(_NEXT)


@click.command()
@site_options
@by_option
@click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the file of decisions.")
@click.argument("name", metavar="ID")
@click.argument("page", metavar="PAGE")
def move(site: str | None, pairs: tuple[str, ...], by: str | None, reason: str, name: str, page: str) -> None:
    """Show a comment, with its answers, on another page: its address, its slug, or the path of its file."""
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    (matter,) = contents_of(desk, (name,))
    _refuse_erased([matter])
    route = _page(desk, page)
    write(folder, desk, [choose(matter, "move", reason, route)], who_decides(by, folder))
    _say(matter, "move")
    click.echo(f"    to {route}: {desk.titles[route]}\n{_NEXT}")


@click.command("close-thread")
@site_options
@by_option
@click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the file of decisions.")
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
def close_thread(site: str | None, pairs: tuple[str, ...], by: str | None, reason: str, pages: tuple[str, ...]) -> None:
    """Close the discussions of pages. They stay readable; comments that come later wait."""
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    routes = list(dict.fromkeys(_page(desk, page) for page in pages))
    write(folder, desk, [Choice(action="close-thread", value=route, reason=reason) for route in routes], who_decides(by, folder))
    for route in routes:
        click.echo(f"closed: {route}: {desk.titles[route]}")
    click.echo(_NEXT)


@click.command("trust-author")
@_ids
def trust_author(**given: Any) -> None:
    """Show what the authors of these comments write without waiting for a moderator, and mark authors of posts as such.

    Somebody is known by name and website: whoever uses both is trusted.
    """
    folder = find_site(given["site"])
    desk = desk_of(folder, given["pairs"])
    nameless = [m.record.id for m in contents_of(desk, given["ids"], given["sha256"]) if not m.record.name]
    if nameless:
        raise click.UsageError(f"Somebody without a name cannot be known again: {', '.join(nameless)}. Nothing was decided.")
    _decide("trust-author", **given)


def _page(desk: Desk, name: str) -> str:
    route = desk.page(name)
    if not route:
        raise click.UsageError(f'No page is known as "{name}". Write its address, for example /posts/welcome/. Nothing was decided.')
    return route


# --- erasing -----------------------------------------------------------------------------------------------------------


@click.command()
@site_options
@by_option
@click.option("--author", "authors", multiple=True, metavar="NAME", help="All comments under this name; may be given several times.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.argument("ids", nargs=-1, metavar="[ID...]")
def erase(site: str | None, pairs: tuple[str, ...], by: str | None, authors: tuple[str, ...], yes: bool, ids: tuple[str, ...]) -> None:
    """Take somebody's comments off the site, its feeds and the cache, for ever.

    Answers to them stay, below a note that a comment was removed. Their lines still stand in the inbox, and in its history: this
    says where, and what to do.
    """
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    if not ids and not authors:
        raise click.UsageError("Name comments by their ids, or everything that somebody wrote with --author.")
    matters = _meant(desk, ids, authors)
    if not yes:
        _ask(matters)
    write(folder, desk, [choose(m, "erase") for m in matters], who_decides(by, folder))
    click.echo(f"{count(len(matters), 'comment', 'comments')} erased. `iopsgen build` takes them off the site, its feeds and the cache.")
    click.echo("\n".join(_left_to_do(folder, desk, matters)))


def _meant(desk: Desk, ids: tuple[str, ...], authors: tuple[str, ...]) -> list[Matter]:
    """The comments to erase, each once. Of several texts with one id all are meant."""
    found: dict[str, Matter] = {}
    for given in ids:
        try:
            matter = find_comment(desk, given)[0]
        except Unclear as why:
            raise click.UsageError(f"{why} Nothing was erased.") from why
        found.setdefault(matter.record.id, matter)
    for name in authors:
        matters = by_author(desk, name)
        if not matters:
            raise click.UsageError(f'Nobody wrote a comment as "{name}". Nothing was erased.')
        found.update((m.record.id, m) for m in matters)
    left = {name: m for name, m in found.items() if m.state != "erased"}
    if not left:
        raise click.UsageError("These comments are erased already.")
    return list(left.values())


def _ask(matters: list[Matter]) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("To erase cannot be undone. Say --yes if it is meant.")
    for matter in matters:
        click.echo(f"{matter.record.id}, {name_of(matter)}, {when_of(matter)}, {page_of(matter)}\n    {beginning(matter.record.body, 100)}")
    question = f"This cannot be undone. Write the word erase to erase {count(len(matters), 'this comment', 'these comments')}"
    if click.prompt(question, default="", show_default=False).strip() != "erase":
        click.echo("Nothing was erased.")
        sys.exit(1)


def _left_to_do(folder: Path, desk: Desk, matters: list[Matter]) -> Iterator[str]:
    """What only a person can do: lines of the inbox and of the decisions, history, copies elsewhere."""
    names = {m.record.id for m in matters}
    lines: dict[str, list[int]] = {}
    for m in desk.matters:
        if m.record.id in names:
            lines.setdefault(m.record.file, []).append(m.record.line)
    for d in desk.report.decisions:
        if d.id in names and (d.value or d.reason):
            lines.setdefault(d.file, []).append(d.line)
    yield "What they wrote still stands in these files. Delete the lines by hand:"
    for file, numbers in sorted(lines.items()):
        yield f"    {file}: line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, sorted(numbers)))}"
    yield "(The line that says erase stays: it keeps the place of the answers, and the comment away if it comes again.)"
    kept = [file for file in sorted(lines) if _is_in_git(folder, file)]
    if kept:
        yield "Git keeps every version of a file. To take the words out of its history, on a fresh clone, and with the others' knowledge:"
        yield "    git filter-repo --replace-text WORDS.txt    (in WORDS.txt, a line each, the words as they stand in the file)"
        yield "and then push it with --force. Whoever has a clone has to clone anew."
    yield "Copies elsewhere (backups, caches of your CI, earlier uploads, search engines, feed readers) are not in reach of iopsgen."


def _is_in_git(folder: Path, file: str) -> bool:
    try:
        asked = subprocess.run(["git", "log", "-1", "--format=%h", "--", file], cwd=folder, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(asked.stdout.strip())
