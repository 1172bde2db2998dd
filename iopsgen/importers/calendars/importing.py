"""One import: calendar files become event files, those of an earlier import are brought up to date, and each event is accounted for."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, count
from pathlib import Path

import msgspec

from iopsgen.assemble.events import derive_uid
from iopsgen.assemble.site import assemble_site
from iopsgen.calendar_files import MAX_BYTES as MAX_CALENDAR
from iopsgen.calendar_files.convert import ORDER, Converted, convert
from iopsgen.calendar_files.details import Surroundings
from iopsgen.calendar_files.drafts import Draft, Plain, Skip, in_order, write_source
from iopsgen.importers.calendars.merging import digests_of, merge
from iopsgen.importers.calendars.noted import FILE, MAX_BYTES, Note, read_notes, write_notes
from iopsgen.model import Site
from iopsgen.problems import Place, Problem, error, has_errors, note, warning
from iopsgen.problems import in_order as sorted_problems
from iopsgen.program import program_digest
from iopsgen.read.content import name_of
from iopsgen.read.contents import Contents, read_contents
from iopsgen.read.sources import decode, find, read_bytes
from iopsgen.settings import Settings
from iopsgen.slugs import fold, slugify
from iopsgen.store import Store
from iopsgen.write import replace_file

_FOLDER = "content/events"
_UID_LINE = re.compile(r"^uid:[ \t]*[\"']?(.*?)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
_LONGEST_NAME = 60  # characters of a file's name
_NOT_NAMES = frozenset(("", "index", "past", "online", "embed", "page"))  # of a text, or of what stands below /events/ already
OTHER_FILE = "it stands in another of these files, too"
DELETED = "its file was deleted here"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an import was asked for: calendar files by their paths, the chapter and the folder (below content/events) that get the events."""

    paths: tuple[str, ...]
    chapter: str = ""
    into: str = ""
    private: bool = False
    dry_run: bool = False


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with one event: new | updated | unchanged, its file, the parts that were written, and those that people had changed."""

    action: str
    file: str
    uid: str
    title: str
    parts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one calendar file came to: each event that was read is an action or was skipped."""

    file: str
    actions: tuple[Action, ...] = ()
    skipped: tuple[Skip, ...] = ()
    gone: tuple[str, ...] = ()  # files of coming events that are no longer in the calendar

    @property
    def read(self) -> int:
        """How many events the file holds; a series counts once."""
        return len(self.actions) + len(self.skipped)

    def count(self, action: str) -> int:
        """How many events that was done with."""
        return sum(one.action == action for one in self.actions)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an import came to."""

    accounts: tuple[Account, ...] = ()
    problems: tuple[Problem, ...] = ()
    usage: bool = False  # the fault lies in what was asked for


def run_import(site_dir: Path, settings: Settings, wish: Wish, store: Store, now: datetime) -> Outcome:
    """Imports calendar files into the site. What is wrong with them or with the site is a problem, and never an exception."""
    run = _Run(site_dir, settings, wish, store, now)
    if has_errors(run.problems):
        return Outcome(problems=sorted_problems(run.problems), usage=True)
    accounts = [run.take(path) for path in wish.paths]
    if not wish.dry_run:
        accounts = run.write(accounts)
    return Outcome(accounts=tuple(accounts), problems=sorted_problems(run.problems))


class _Run:
    """One import. Nothing is written before all is read."""

    def __init__(self, site_dir: Path, settings: Settings, wish: Wish, store: Store, now: datetime) -> None:
        self.site_dir, self.settings, self.wish, self.store, self.now = site_dir, settings, wish, store, now
        self.problems: list[Problem] = []
        self.contents = self._read()
        self.site, _, _ = assemble_site(self.contents, settings, now)
        self.notes, self.unread, found = read_notes(self._bytes(FILE))
        self.problems += found
        self.held = dict(self.notes)
        self.files = dict(self._files_by_uid())
        self.slugs = {fields.slug for fields in self.contents.events}
        self.names = {fold(path) for path in (*(f.source for f in self.contents.texts), *self.contents.broken)}
        self.folder = wish.into or (f"{_FOLDER}/{wish.chapter}" if wish.chapter else _FOLDER)
        self.around = _surroundings(settings, self.contents, self.site, wish)
        self.texts: dict[str, str] = {}  # file → its new text
        self.seen: set[str] = set()
        if wish.chapter and wish.chapter not in self.site.chapters:
            hint = f"There are: {', '.join(sorted(self.site.chapters)) or 'none yet'}. `iopsgen new chapter` makes one."
            self.problems.append(error(f'"{wish.chapter}" is not a chapter of this site.', None, hint))

    def _read(self) -> Contents:
        return read_contents(self.site_dir, self.settings, self.store, program_digest(), time.time_ns())

    def _bytes(self, path: str) -> bytes:
        file = find(self.site_dir, path)
        if file is None:
            return b""
        data, problems = read_bytes(self.site_dir, file, MAX_BYTES)
        self.problems += problems
        return data or b""

    def _files_by_uid(self) -> Iterator[tuple[str, str]]:
        """The file of each event of the site by its uid, also of one that cannot be read now."""
        published = {event.fields.source: event.uid for event in self.site.events}
        for path in self.contents.broken:
            if found := _UID_LINE.search(self._bytes(path).decode("utf-8", "replace")):
                yield found[1], path
        for fields in reversed(self.contents.events):
            if not fields.translation_of:
                yield fields.uid or published.get(fields.source) or derive_uid(self.settings.site.host, fields.source), fields.source

    # --- one calendar --------------------------------------------------------------------------------------------------

    def take(self, path: str) -> Account:
        """Decides what becomes of each event of a file."""
        name = os.path.basename(path)
        converted = self._convert(path)
        if converted is None:
            return Account(file=path)
        actions: list[Action] = []
        skipped = list(converted.skipped)
        for draft in converted.drafts:
            if draft.uid in self.seen:
                skipped.append(Skip(draft.uid, draft.title, draft.number, OTHER_FILE))
            elif draft.uid in self.notes and draft.uid not in self.files:
                skipped.append(Skip(draft.uid, draft.title, draft.number, DELETED))
            else:
                actions.append(self._update(draft, name, path) if draft.uid in self.files else self._add(draft, name))
            self.seen.add(draft.uid)
        gone = self._gone(name, {*(draft.uid for draft in converted.drafts), *(skip.uid for skip in converted.skipped)})
        return Account(file=path, actions=tuple(actions), skipped=tuple(skipped), gone=gone)

    def _convert(self, path: str) -> Converted | None:
        """The events of a file; None where it cannot be read."""
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_CALENDAR + 1)
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", None) or fault
            self.problems.append(error(f"{path} cannot be read: {why}.", None, "Check the name of the file."))
            return None
        converted = convert(data, path, self.around)
        self.problems += converted.problems
        return None if has_errors(converted.problems) else converted

    def _add(self, draft: Draft, calendar: str) -> Action:
        """A new file for an event."""
        path = self._new_path(draft)
        keys = dict(draft.keys)
        if self.wish.chapter and self.wish.into:
            keys = in_order({**keys, "chapter": Plain(self.wish.chapter)}, ORDER)
        self.texts[path] = write_source(keys, draft.body)
        self.files[draft.uid] = path
        self.notes[draft.uid] = Note(uid=draft.uid, calendar=calendar, file=path, parts=digests_of(draft))
        return Action(action="new", file=path, uid=draft.uid, title=draft.title)

    def _new_path(self, draft: Draft) -> str:
        """A path whose name gives an address that no other event has."""
        stem = slugify(draft.title, self.settings.site.language)[:_LONGEST_NAME].strip("-")
        stem = "event" if stem in _NOT_NAMES else stem
        day = str(draft.keys.get("start") or next(iter(draft.keys.get("dates", ())), ""))[:10]
        dated = f"{stem}-{day}" if day else stem
        for name in chain((stem, dated), (f"{dated}-{number}" for number in count(2))):
            path = f"{self.folder}/{name}.md"
            slug = name_of(path, self.settings.all_languages, self.settings.site.language)
            if slug and slug not in self.slugs and fold(path) not in self.names and not os.path.lexists(self.site_dir / path):
                break
        self.slugs.add(slug)
        self.names.add(fold(path))
        return path

    def _update(self, draft: Draft, calendar: str, path: str) -> Action:
        """The file of an event that the site has already."""
        file = self.files[draft.uid]
        data = self._bytes(file)
        sound, problems = decode(data, file)
        held = self.notes.get(draft.uid)
        found = merge(data.decode("utf-8"), file, draft, held.parts if held else {}) if sound is not None else None
        if found is None or found.unreadable is not None:
            reason = next(iter((*problems, *((found.unreadable if found else None) or ()))), None)
            self.problems.append(_say_unreadable(file, draft, reason))
            return Action(action="unchanged", file=file, uid=draft.uid, title=draft.title)
        if found.text is not None:
            self.texts[file] = found.text
        self.problems += _say_kept(found.kept, file, held is not None)
        if held or found.parts:
            self.notes[draft.uid] = Note(uid=draft.uid, calendar=calendar, file=file, parts=found.parts)
        action = "updated" if found.text is not None else "unchanged"
        return Action(action=action, file=file, uid=draft.uid, title=draft.title, parts=found.written, kept=tuple(found.kept))

    def _gone(self, calendar: str, uids: set[str]) -> tuple[str, ...]:
        """Files of coming events that were taken from this calendar and are not in it any more."""
        coming = {event.fields.source for event in self.site.events if event.upcoming and event.fields.status != "cancelled"}
        noted = (held for held in self.notes.values() if held.calendar == calendar and held.uid not in uids)
        found = sorted(file for held in noted if (file := self.files.get(held.uid, "")) in coming)
        hint = "If it is called off, write status: cancelled, so that everybody's calendar says so. If it is another calendar of that name, rename this one."
        self.problems += (warning(f"This event is no longer in {calendar}.", Place(file, 1), hint) for file in found)
        return tuple(found)

    # --- writing -------------------------------------------------------------------------------------------------------

    def write(self, accounts: Iterable[Account]) -> list[Account]:
        """Writes all files, reads them as a build would, and takes back those that it would refuse."""
        before: dict[str, bytes] = {}
        for path, text in self.texts.items():
            before[path] = self._bytes(path)
            if not self._put(path, text.encode("utf-8", "replace")):
                return []
        refused = self._refused(before)
        for path, problem in refused.items():
            if before[path]:
                self._put(path, before[path])
            else:
                (self.site_dir / path).unlink(missing_ok=True)
            self.problems.append(problem)
        for uid in [uid for uid, noted in self.notes.items() if noted.file in refused]:
            del self.notes[uid]
            if uid in self.held:
                self.notes[uid] = self.held[uid]
        data = write_notes(self.notes.values(), self.unread)
        if data != self._bytes(FILE):
            self._put(FILE, data)
        return [_without(account, refused) for account in accounts]

    def _put(self, path: str, data: bytes) -> bool:
        """Writes a file: what stands there is replaced in one step, a new one is simply made, which is a hundred times quicker."""
        target = self.site_dir / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                replace_file(target, data)
            else:
                with target.open("xb") as file:
                    file.write(data)
        except OSError as fault:
            self.problems.append(error(f"{path} cannot be written: {fault.strerror}.", Place(path), "Check its permissions, and the disk."))
            return False
        return True

    def _refused(self, written: Iterable[str]) -> dict[str, Problem]:
        """The files in which a build would find an error, with that error said as a warning."""
        contents = self._read()
        _, _, found = assemble_site(contents, self.settings, self.now)
        own = set(written)
        refused: dict[str, Problem] = {}
        for problem in (*contents.problems, *found):
            if problem.severity == "error" and problem.place and problem.place.file in own:
                message = f"This event was left out, since the site could not be built with it: {problem.message}"
                refused.setdefault(problem.place.file, warning(message, Place(problem.place.file), problem.hint))
        return refused


def _surroundings(settings: Settings, contents: Contents, site: Site, wish: Wish) -> Surroundings:
    chapter = site.chapters.get(wish.chapter)
    return Surroundings(
        zone=chapter.zone if chapter else settings.site.timezone,
        venues=contents.venues,
        categories=tuple(settings.categories) if settings.categories else None,
        chapters={one.title.casefold(): name for name, one in site.chapters.items()},
        site=settings.site.url,
        private=wish.private,
    )


def _say_unreadable(file: str, draft: Draft, problem: Problem | None) -> Problem:
    why = problem.message if problem else "its keys are not lines of their own."
    place = problem.place if problem and problem.place else Place(file, 1)
    return warning(f'"{draft.title}" was not brought up to date: {why}', place, "Put the file right, then import again.")


def _say_kept(kept: dict[str, str], file: str, noted: bool) -> Iterator[Problem]:
    """What the calendar says while somebody wrote something else."""
    if noted:
        for part, said in kept.items():
            says = f"The calendar now says {said}" if said else "The calendar does not say it any more."
            yield warning(f"Both the calendar and somebody here changed this: {part}. The file stays as it is.", Place(file, 1), says)
    elif kept:
        message = f"The calendar says something else of this event: {', '.join(kept)}. The file stays as it is, since it was not imported."
        yield note(message, Place(file, 1), "\n".join(f"The calendar says {said}" for said in kept.values()))


def _without(account: Account, refused: Iterable[str]) -> Account:
    """The account with what was taken back among the skipped."""
    back = set(refused)
    kept = tuple(action for action in account.actions if action.file not in back)
    more = tuple(Skip(a.uid, a.title, 0, "the site could not be built with it") for a in account.actions if a.file in back)
    return msgspec.structs.replace(account, actions=kept, skipped=(*account.skipped, *more))

