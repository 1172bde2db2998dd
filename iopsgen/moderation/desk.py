"""All comments of the inbox on one desk: each with what became of it, on which page, and what was decided about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from iopsgen.assemble.site import assemble_site
from iopsgen.assemble.threads import Report
from iopsgen.assemble.verdicts import Pages
from iopsgen.build import load_settings
from iopsgen.model import Value
from iopsgen.problems import Names, Problem
from iopsgen.program import program_digest
from iopsgen.read.comments import Decision, Disposition, Record
from iopsgen.read.contents import read_contents
from iopsgen.settings import Settings
from iopsgen.store import Store

STATES = ("published", "held", "rejected", "spam", "erased", "duplicate", "quarantined")
_STATE_ACTIONS = ("approve", "reject", "spam", "hold")


class Matter(Value, frozen=True, kw_only=True):
    """One record of the inbox and what became of it."""

    record: Record
    state: str  # one of STATES
    case: str  # the exact case
    reason: str
    page: str  # route of its page, empty if that is unknown


class Desk:
    """What a moderator has before them. `matters` are newest first."""

    def __init__(self, settings: Settings, report: Report, titles: Mapping[str, str]) -> None:
        """`titles` are those of the pages by route."""
        self.settings, self.report, self.titles = settings, report, titles
        self._pages = Pages(report.pages, settings.site.root)
        places = {(d.file, d.line): d for d in report.dispositions}
        found = (_matter(record, places[record.file, record.line]) for record in report.inbox.records)
        self.matters = tuple(sorted(found, key=lambda m: (m.record.received, m.record.id, m.record.line), reverse=True))

    @cached_property
    def by_id(self) -> dict[str, list[Matter]]:
        """The matters of each id: the one that stands first, then others with its id."""
        found: dict[str, list[Matter]] = {}
        for matter in sorted(self.matters, key=lambda m: (m.case in ("duplicate", "other content"), m.record.received, m.record.file, m.record.line)):
            found.setdefault(matter.record.id, []).append(matter)
        return found

    def page(self, name: str) -> str:
        """The route of a page by any of its names, as the inbox may have them; empty if none is known."""
        return self._pages.find(name)

    def decisions(self, name: str) -> tuple[Decision, ...]:
        """What was decided about a comment, the earliest first."""
        return tuple(sorted((d for d in self.report.decisions if d.id == name), key=lambda d: d.at))

    def state_decision(self, matter: Matter) -> Decision | None:
        """The latest decision to show or hide it that holds for its text, or None."""
        found = (d for d in self.decisions(matter.record.id) if d.action in _STATE_ACTIONS and d.sha256 in ("", matter.record.sha256))
        return max(found, key=lambda d: d.at, default=None)

    def replies(self, name: str) -> tuple[Matter, ...]:
        """The comments that answer this one, by time."""
        return tuple(m for m in reversed(self.matters) if m.record.parent == name and m.state != "duplicate")


class Unclear(Exception):
    """No comment, or more than one, is meant by what was given; the text says what to write instead."""


def open_desk(site_dir: Path, now: datetime, overrides: Mapping[str, str], store: Store) -> tuple[Desk | None, list[Problem]]:
    """The comments of a site as they are at `now`, and every problem of the site; None where the settings cannot be read."""
    settings, problems = load_settings(site_dir, overrides)
    if settings is None:
        return None, problems
    contents = read_contents(site_dir, settings, store, program_digest(), 0)
    site, report, found = assemble_site(contents, settings, now)
    titles = {i.route: i.fields.title for i in site.discussed}
    return Desk(settings, report, titles), [*problems, *contents.problems, *found]


def _matter(record: Record, disposition: Disposition) -> Matter:
    return Matter(record=record, state=disposition.sort, case=disposition.name, reason=disposition.reason, page=disposition.page)


def find_comment(desk: Desk, given: str) -> list[Matter]:
    """The records of the comment that is meant by an id or the beginning of one: the one that stands first.

    Raises Unclear where no comment begins so, or several do.
    """
    if given in desk.by_id:
        return desk.by_id[given]
    meant = sorted(name for name in desk.by_id if name.startswith(given)) if given else []
    if len(meant) == 1:
        return desk.by_id[meant[0]]
    if meant:
        raise Unclear(f'{len(meant)} comments have an id that begins with "{given}": {_some(meant)}. Write more of it.')
    near = Names(desk.by_id).near(given) or "`iopsgen comments list` shows the ids."
    raise Unclear(f'No comment has the id "{given}". {near}')


def find_content(desk: Desk, given: str, sha256: str) -> Matter:
    """The record that is meant by an id and, where several contents have it or somebody wants to be sure, the beginning of its digest.

    Raises Unclear.
    """
    matters = find_comment(desk, given)
    name = matters[0].record.id
    if not sha256:
        contents = {m.record.sha256 for m in matters}
        if len(contents) > 1:
            digests = _some([m.record.sha256[:12] for m in matters if m.case != "duplicate"])
            raise Unclear(f'{len(contents)} different comments have the id "{name}". Say which is meant with --sha256: {digests}.')
        return matters[0]
    found = next((m for m in matters if m.record.sha256.startswith(sha256.lower())), None)
    if found is None:
        raise Unclear(f'Comment "{name}" is not, or no longer, the text with this sha256. `iopsgen comments show {name}` shows what it is now.')
    return found


def by_author(desk: Desk, name: str) -> list[Matter]:
    """All comments under a name, whatever their case of letters, one for each id."""
    wanted = name.casefold().strip()
    return [matters[0] for matters in desk.by_id.values() if any(m.record.name.casefold() == wanted for m in matters)] if wanted else []


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
