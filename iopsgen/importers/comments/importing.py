"""Runs an import: looks at the site, reads the foreign files, and adds what is new to the inbox."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from iopsgen.assemble.site import assemble_site
from iopsgen.build import load_settings
from iopsgen.importers.comments.foreign import MOST, Choices
from iopsgen.importers.comments.kinds import read_kind
from iopsgen.importers.comments.opening import Source, Unreadable, decode, read_whole
from iopsgen.importers.comments.pages import KnownPages, read_page_map
from iopsgen.importers.comments.taking import Known, Taken, take
from iopsgen.model import Site, Value
from iopsgen.problems import Place, Problem, error, has_errors, warning
from iopsgen.program import program_digest
from iopsgen.read.comments import read_inbox
from iopsgen.read.contents import read_contents
from iopsgen.settings import FILE, Settings
from iopsgen.store import Store
from iopsgen.write import WriteFailed, hold_lines


class Wish(Value, frozen=True, kw_only=True):
    """What was asked for: an importer, files and folders, where to, and what was decided about the details."""

    kind: str
    paths: tuple[str, ...]
    into: str = ""  # a file below the current folder; empty: the inbox of the settings
    page_map: str = ""  # a file with old and new addresses
    dry_run: bool = False
    choices: Choices = Choices()
    overrides: dict[str, str] = {}


class Outcome(Value, frozen=True, kw_only=True):
    """What an import came to. `added` counts the lines that `file` (below the site's folder) got, or would get."""

    file: str = ""
    added: int = 0
    taken: Taken = Taken()
    problems: tuple[Problem, ...] = ()
    usage: bool = False  # the fault lies in the settings or in how it was called


def run_import(site_dir: Path, wish: Wish, store: Store, now: datetime) -> Outcome:
    """Imports comments into the site in `site_dir`. What is wrong with files, settings and disks comes back as problems."""
    settings, problems = load_settings(site_dir, wish.overrides)
    if settings is None:
        return Outcome(problems=tuple(problems), usage=True)
    file, wrong = find_target(site_dir, settings, wish)
    if file is None:
        return Outcome(problems=tuple(wrong), usage=True)
    moved, found = _read_map(wish.page_map)
    if has_errors(found):
        return Outcome(problems=tuple(found), usage=True)
    contents = read_contents(site_dir, settings, store, program_digest(), 0)
    site, report, problems = assemble_site(contents, settings, now, True)
    unread = [p for p in (*contents.problems, *problems) if p.severity == "error" and _is_about_comments(p, settings)]
    if unread:  # what is there already, or was erased, is not known
        return Outcome(file=file, problems=tuple(unread))
    pages = KnownPages(names_of(site), site.discussed, settings.site.root, moved)
    problems = [*wrong, *_check_map(moved, pages, wish.page_map)]
    choices = replace(wish.choices, zone=wish.choices.zone or settings.site.timezone, site=settings.site.url)
    known = Known.of(report.inbox.records, report.decisions)
    taken = take(read_kind(wish.kind, wish.paths, choices), wish.kind, pages, known, choices, now)
    problems += taken.problems
    added = len(taken.lines)
    if not wish.dry_run:
        try:
            if taken.decisions:  # first: a decision about a comment that is not there does no harm
                _add(site_dir, settings.comments.decisions, taken.decisions)
            if taken.lines:
                added = _add_new(site_dir, file, taken)
        except WriteFailed as failed:
            problems.append(error(failed.message, None, failed.hint))
            added = 0
    return Outcome(file=file, added=added, taken=taken, problems=tuple(problems))


def names_of(site: Site) -> dict[str, str]:
    """Every name of a page that can be discussed → its route: routes, addresses it had before, aliases, slugs, paths of files."""
    names: dict[str, str] = {}
    for item in sorted(site.discussed, key=lambda i: i.group != i.fields.source):  # a slug means the original
        source = item.fields.source
        for key in (item.slug, source, *item.fields.aliases, *site.moved.get(item.route, ()), site.firsts.get(source, source)):
            names.setdefault(key, item.route)
    return {**names, **{item.route: item.route for item in site.discussed}}


def _is_about_comments(problem: Problem, settings: Settings) -> bool:
    file = problem.place.file if problem.place else ""
    return file in (FILE, settings.comments.decisions) or is_of_inbox(file, settings.comments.inbox, True)


# --- where to ----------------------------------------------------------------------------------------------------------


def is_of_inbox(file: str, inbox: str, folder: bool) -> bool:
    """Whether a file (below the site's folder) is part of the inbox: that file, one of that folder, or one that fits the pattern."""
    if "*" in inbox:
        return file.startswith(inbox.partition("*")[0].rpartition("/")[0]) and PurePosixPath(file).match(inbox)
    return file == inbox or (folder and file.startswith(f"{inbox}/") and file.endswith(".jsonl"))


def find_target(site_dir: Path, settings: Settings, wish: Wish) -> tuple[str | None, list[Problem]]:
    """The file that the lines are added to, below the site's folder; None where there is none that would do."""
    inbox = settings.comments.inbox
    is_folder = os.path.isdir(site_dir / inbox)
    if wish.into:
        return _given_target(site_dir, settings, wish.into, is_folder)
    name = f"imported-{wish.kind}.jsonl"
    file = inbox
    if "*" in inbox:
        file = f"{inbox.partition('*')[0].rpartition('/')[0]}/{name}"
        if not is_of_inbox(file, inbox, False):
            example = inbox.replace("**", "imported").replace("*", f"imported-{wish.kind}")
            hint = f"Name a file that fits the pattern, with --into, for example: --into {example}"
            return None, [error(f"The inbox is {inbox}, and {name} does not fit that pattern.", Place(FILE), hint)]
    elif is_folder:
        file = f"{inbox}/{name}"
    return file, []


def _given_target(site_dir: Path, settings: Settings, into: str, is_folder: bool) -> tuple[str | None, list[Problem]]:
    full = Path(os.path.abspath(into))
    for root in (site_dir, Path(os.path.realpath(site_dir))):
        if full.is_relative_to(root):
            file = full.relative_to(root).as_posix()
            break
    else:
        return None, [error(f"{into} does not lie in the folder of the site.", None, f"Name a file of the inbox ({settings.comments.inbox}).")]
    if not file.endswith(".jsonl") or file == settings.comments.decisions:
        return None, [error(f"{file} is no file for comments.", None, "Name a file that ends in .jsonl, and not that of the decisions.")]
    if not is_of_inbox(file, settings.comments.inbox, is_folder):
        hint = "Name one of its files, or make comments.inbox a folder or a pattern that holds this one, too."
        return file, [warning(f"{file} is not part of the inbox ({settings.comments.inbox}), so the site does not show what is in it.", None, hint)]
    return file, []


def _read_map(path: str) -> tuple[dict[str, str], list[Problem]]:
    if not path:
        return {}, []
    try:
        text, _ = decode(read_whole(Source(Path(path), Path(), path)))
    except Unreadable as fault:
        return {}, [fault.problem(path)]
    return read_page_map(text, path)


def _check_map(moved: Mapping[str, str], pages: KnownPages, path: str) -> list[Problem]:
    """A warning for each page that the list leads to and that the site does not have, up to twenty."""
    missing = sorted({new for new in moved.values() if not pages.find((new,))})
    return [warning(f'"{new}" is no page that can be discussed.', Place(path), "Correct the list of addresses.") for new in missing[:20]]


# --- writing -----------------------------------------------------------------------------------------------------------


def _add(site_dir: Path, file: str, lines: Sequence[bytes]) -> None:
    with hold_lines(site_dir, file) as held:
        held.add(lines)


def _add_new(site_dir: Path, file: str, taken: Taken) -> int:
    """Adds the lines whose ids have not come into the file since it was read, and gives their number. Raises WriteFailed."""
    with hold_lines(site_dir, file) as held:
        there = {record.id for record in read_inbox([(file, held.read())])[0].records}
        new = [line for ident, line in zip(taken.ids, taken.lines, strict=True) if ident not in there]
        if held.size + sum(map(len, new)) + len(new) >= MOST:
            hint = "Make the inbox a folder (comments.inbox), and import into another file with --into."
            raise WriteFailed(f"Nothing was added: {file} would be over {MOST >> 20} MiB long, which no build reads.", hint)
        if new:
            held.add(new)
        return len(new)
