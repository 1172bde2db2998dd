"""What the commands for comments share: the desk, ids, who decides, and comments as they are shown on a terminal."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from iopsgen.build import now_from
from iopsgen.cli.show import show_problems, use_colour
from iopsgen.cli.site import read_overrides
from iopsgen.excerpt import clean
from iopsgen.moderation.decide import Choice, Decided, write_decisions
from iopsgen.moderation.desk import Desk, Matter, Unclear, find_content, open_desk
from iopsgen.problems import has_errors
from iopsgen.store import Store
from iopsgen.write import WriteFailed

_COLOURS = {"published": "green", "held": "yellow", "rejected": "red", "spam": "red", "erased": "red", "quarantined": "magenta", "duplicate": "bright_black"}
_WORDS = {"approve": "approved", "reject": "rejected", "spam": "called spam", "hold": "held", "erase": "erased", "edit": "given another text"}
_WORDS |= {"redact-name": "shown without its name", "move": "moved", "close-thread": "closed", "trust-author": "trusted"}


def moment() -> datetime:
    """Now, as the commands take it."""
    now = now_from(None, os.environ)
    if now is None:
        raise click.UsageError("SOURCE_DATE_EPOCH is not a number of seconds.")
    return now


def desk_of(folder: Path, pairs: tuple[str, ...] = ()) -> Desk:
    """The comments of a site. Ends the program where they cannot be read; shows what is wrong with inbox and decisions."""
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        desk, problems = open_desk(folder, moment(), read_overrides(pairs), store)
    finally:
        store.close()
    if desk is None:
        show_problems(problems, folder)
        sys.exit(2)
    mine = [p for p in problems if p.place and p.place.file == desk.settings.comments.decisions]
    if has_errors(mine):
        show_problems([p for p in mine if p.severity == "error"], folder)
    return desk


def contents_of(desk: Desk, ids: Iterable[str], sha256: str = "") -> list[Matter]:
    """The records that are meant, each once. UsageError where one of them is unclear; all of these are named."""
    found: dict[str, Matter] = {}
    unclear: list[str] = []
    for given in ids:
        try:
            matter = find_content(desk, given, sha256)
        except Unclear as why:
            unclear.append(str(why))
            continue
        found.setdefault(matter.record.id, matter)
    if unclear:
        raise click.UsageError("\n".join([*unclear, "Nothing was decided."]))
    return list(found.values())


def who_decides(given: str | None, site: Path) -> str:
    """The name that goes into a decision: as given, else the one that git has for its commits; never a mail address."""
    if given is not None:
        return given
    try:
        asked = subprocess.run(["git", "config", "user.name"], cwd=site, capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.decode("utf-8", "replace").strip() if asked.returncode == 0 else ""


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --by."""
    return click.option("--by", metavar="NAME", help="Who decides; else the user.name of git.")(command)


def write(site: Path, desk: Desk, choices: list[Choice], by: str) -> Decided:
    """Writes decisions and says what was odd about the file. Ends the program where they could not be written."""
    try:
        decided = write_decisions(site, desk.settings.comments.decisions, choices, by, moment())
    except WriteFailed as failed:
        click.echo(f"{clean(failed.message)}\n{clean(failed.hint)}", err=True)
        sys.exit(1)
    if decided.torn:
        click.echo(f"The last line of {desk.settings.comments.decisions} was only half there, so it was taken out: {clean(decided.torn)}", err=True)
    if decided.ahead:
        when = decided.ahead.isoformat()
        click.echo(f"An earlier decision bears a moment that is yet to come ({when}), so this one is dated right behind it: the latest one counts.", err=True)
    show_problems(decided.problems, site)
    return decided


def decided_words(action: str) -> str:
    """What became of a comment, as a word."""
    return _WORDS[action]


# --- how a comment is shown --------------------------------------------------------------------------------------------


def name_of(matter: Matter) -> str:
    """Who wrote it; of an erased comment nothing is shown any more."""
    return "(erased)" if matter.state == "erased" else clean(matter.record.name) or "(no name)"


def text_of(matter: Matter) -> str:
    """What it says."""
    return "(erased)" if matter.state == "erased" else matter.record.body


def page_of(matter: Matter) -> str:
    """Where it stands."""
    return matter.page or f"{clean(matter.record.page)} (no page of the site)"


def when_of(matter: Matter) -> str:
    """When it was received, by its own clock."""
    return matter.record.received.isoformat(sep=" ", timespec="minutes")


def state_of(matter: Matter) -> str:
    """What became of it, with the exact case where that says more."""
    return matter.state if matter.case in (matter.state, "approved") else f"{matter.state}: {matter.case}"


def beginning(text: str, width: int) -> str:
    """The first words of a text on one line."""
    words = " ".join(clean(text, keep_lines=True).split())
    return words if len(words) <= width else words[: width - 1].rstrip() + "…"


def wrapped(text: str, indent: str, width: int) -> str:
    """A text in lines that fit, its own line ends kept, without anything that could steer a terminal."""
    lines = clean(text, keep_lines=True).split("\n")
    return "\n".join(
        textwrap.fill(line, max(20, width), initial_indent=indent, subsequent_indent=indent, replace_whitespace=False) or indent.rstrip() for line in lines
    )


def styled(text: str, state: str = "", bold: bool = False) -> str:
    """A text in the colour of a state, where colours may be."""
    if not use_colour(sys.stdout.isatty()):
        return text
    return click.style(text, fg=_COLOURS.get(state), bold=bold or None)
