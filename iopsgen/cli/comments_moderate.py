"""`iopsgen comments moderate`: the comments that wait, a discussion at a time, each in its context, with a key for each decision."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from iopsgen.cli.comments_desk import (
    beginning,
    by_option,
    decided_words,
    desk_of,
    name_of,
    page_of,
    state_of,
    styled,
    text_of,
    when_of,
    who_decides,
    wrapped,
    write,
)
from iopsgen.cli.show import count
from iopsgen.cli.site import find_site, site_options
from iopsgen.excerpt import clean
from iopsgen.moderation.decide import Choice, choose, undone
from iopsgen.moderation.desk import Desk, Matter

_KEYS = {"a": "approve", "r": "reject", "s": "spam", "h": "hold", "e": "erase"}
_HELP = "a approve   r reject   s spam   h hold   e erase   (A R S H: with a reason)   n next   u undo   q quit"
_STATES = ("held", "quarantined", "published", "rejected", "spam")


@click.command()
@site_options
@by_option
@click.option("--page", metavar="PAGE", help="Only the discussion of this page: its address, its slug or the path of its file.")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Which comments; else those that are held.")
def moderate(site: str | None, pairs: tuple[str, ...], by: str | None, page: str | None, states: tuple[str, ...]) -> None:
    """Go through the comments that wait, a discussion at a time, and decide with one key each.

    Nothing is decided by accident: no key stands for "as suggested", to erase asks for a word, and u takes the last decision back.
    This needs a terminal; scripts use approve, reject, spam, hold and erase.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("This needs a terminal. For scripts there are `iopsgen comments list --held --json` and approve, reject, spam, hold.")
    folder = find_site(site)
    desk = desk_of(folder, pairs)
    route = desk.page(page) if page is not None else ""
    if page is not None and not route:
        raise click.UsageError(f'No page is known as "{page}". Write its address, for example --page /posts/welcome/.')
    wanted = set(states) or {"held"}
    waiting = [m for m in reversed(desk.matters) if m.state in wanted and (page is None or m.page == route)]
    if not waiting:
        click.echo("No comment waits.")
        return
    waiting.sort(key=lambda m: (m.page, m.record.received, m.record.id))
    _Walk(folder, desk, who_decides(by, folder), waiting).run()


class _Walk:
    """One session: the comments before us, where we are, and what was decided so far."""

    def __init__(self, folder: Path, desk: Desk, by: str, waiting: list[Matter]) -> None:
        self.folder, self.desk, self.by, self.waiting = folder, desk, by, waiting
        self.at = 0
        self.made: list[tuple[int, str]] = []  # where, and which action, the latest last
        self.width = min(100, shutil.get_terminal_size().columns - 4)

    def run(self) -> None:
        """Until everything was passed or somebody has had enough."""
        shown = -1
        while self.at < len(self.waiting):
            if shown != self.at:
                click.echo("\n".join(self._view(self.waiting[self.at], shown)))
                shown = self.at
            key = self._key()
            if key == "q":
                break
            if key == "n":
                self.at += 1
            elif key == "u":
                shown = -1 if self._undo() else shown
            elif key.lower() in _KEYS:
                self._decide(_KEYS[key.lower()], key.isupper())
            else:
                click.echo(_HELP)
        self._say_end()

    def _key(self) -> str:
        """The key that is pressed from now on (what was typed or pasted before is thrown away); q where there is nobody any more."""
        try:
            return click.getchar()
        except (EOFError, KeyboardInterrupt):
            return "q"

    def _decide(self, action: str, with_reason: bool) -> None:
        matter = self.waiting[self.at]
        reason = ""
        if with_reason and action != "erase":
            reason = click.prompt(f"Why {action} it? (nothing: do not)", default="", show_default=False).strip()
            if not reason:
                click.echo("Nothing was decided.")
                return
        if action == "erase":
            question = "To erase it is for ever. Write the word erase (nothing: do not)"
            if click.prompt(question, default="", show_default=False).strip() != "erase":
                click.echo("Nothing was decided.")
                return
        self._write(choose(matter, action, reason))
        click.echo(styled(f"{decided_words(action)}.", {"approve": "published", "hold": "held"}.get(action, "rejected"), bold=True))
        self.made.append((self.at, action))
        self.at += 1

    def _undo(self) -> bool:
        if not self.made:
            click.echo("Nothing was decided yet.")
            return False
        at, action = self.made[-1]
        if action == "erase":
            where = self.desk.settings.comments.decisions
            click.echo(f"What is erased stays erased, as long as its line stands in {where}. Take it out by hand if it was a mistake.")
            return False
        self.made.pop()
        earlier = next((a for where, a in reversed(self.made) if where == at), "")
        self._write(choose(self.waiting[at], earlier) if earlier else undone(self.desk, self.waiting[at]))
        click.echo("Taken back.")
        self.at = at
        return True

    def _write(self, choice: Choice) -> None:
        write(self.folder, self.desk, [choice], self.by)

    def _say_end(self) -> None:
        left = len(self.waiting) - len({at for at, _ in self.made})
        if self.made:
            click.echo(f"{count(len(self.made), 'comment', 'comments')} decided. `iopsgen build` brings this to the site.")
        if left:
            click.echo(f"{count(left, 'comment waits', 'comments wait')} for another time.")
        if any(action == "erase" for _, action in self.made):
            click.echo("What was erased still stands in the inbox: `iopsgen comments show ID` gives file and line. Delete it there, and from the history of git.")

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _view(self, matter: Matter, before: int) -> Iterator[str]:
        """A comment below what it answers, and on which page that is where the page is another one."""
        yield ""
        if before < 0 or self.waiting[before].page != matter.page:
            here = sum(m.page == matter.page for m in self.waiting)
            title = clean(self.desk.titles.get(matter.page, "")) or page_of(matter)
            yield styled(f"═══ {title}", bold=True)
            yield f"    {page_of(matter)}: {count(here, 'comment', 'comments')} to look at"
            yield ""
        yield from self._context(matter)
        head = f"{self.at + 1} of {len(self.waiting)}   {styled(name_of(matter), bold=True)}   {when_of(matter)}   {styled(state_of(matter), matter.state)}"
        yield head
        if matter.reason:
            yield f"    {clean(matter.reason)}"
        if matter.record.url:
            yield f"    {clean(matter.record.url)}"
        yield ""
        yield wrapped(matter.record.body, "    ", self.width)
        yield ""
        for decision in self.desk.decisions(matter.record.id):
            yield f"    {decision.at.date().isoformat()} {clean(decision.by) or 'somebody'}: {decision.action}" + (f" ({clean(decision.reason)})" if decision.reason else "")
        replies = [m for m in self.desk.replies(matter.record.id) if m.state == "published"]
        if replies:
            yield f"    {count(len(replies), 'answer', 'answers')}, the first by {name_of(replies[0])}: {beginning(replies[0].record.body, 60)}"
        yield _HELP

    def _context(self, matter: Matter) -> Iterator[str]:
        """What the comment answers, from the top, at most the three nearest."""
        above: list[Matter] = []
        seen = {matter.record.id}
        name = matter.record.parent
        while name and name not in seen and name in self.desk.by_id and len(above) < 3:
            seen.add(name)
            above.append(self.desk.by_id[name][0])
            name = above[-1].record.parent
        for depth, one in enumerate(reversed(above)):
            indent = "  " * depth
            state = "" if one.state == "published" else f" [{state_of(one)}]"
            yield f"    {indent}{name_of(one)}, {when_of(one)}{state}"
            yield wrapped(beginning(text_of(one), 240), f"    {indent}| ", self.width)
        if above:
            yield ""
