"""The output folder, opened: what stands in it, and the one way to change it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import msgspec

from iopsgen.write import files
from iopsgen.write.change import CannotSwap, Change
from iopsgen.write.failure import WriteFailed, explain
from iopsgen.write.files import Copy
from iopsgen.write.in_place import InPlace, collapse, finish_interrupted, replace_files
from iopsgen.write.lock import Lock
from iopsgen.write.look import Care, Seen, Strays, look, newcomers, sort_out
from iopsgen.write.names import folders_of, refuse_clashes, refuse_unsafe
from iopsgen.write.place import Place, find_place
from iopsgen.write.record import Entry, Record, Stamp, Tree, digest_of, latest_of, load_record, packed, save_record, unpacked
from iopsgen.write.whole import Twin, Whole, find_twin

Content = bytes | Copy


class Written(msgspec.Struct, frozen=True):
    """One file that was made anew: its path below the output folder (with `/`), the digest of its bytes, and their number."""

    path: str
    digest: str
    size: int


class Published(msgspec.Struct, frozen=True):
    """What a publishing step did. Paths are relative to the output folder, in order."""

    written: tuple[Written, ...]
    unchanged: int  # files of ours that stayed as they were
    removed: tuple[str, ...]  # files of ours that no page needs any more
    kept_foreign: tuple[str, ...]  # what others put there, left alone: the topmost files and folders
    replaced: tuple[str, ...]  # files and links of others that stood where the site needs the place, and are gone


class Output:
    """The output folder as it was found. `open_output` makes it; it is valid while the lock is held."""

    def __init__(self, place: Place, record: Record | None, seen: Seen | None, twin: Twin | None, care: Care) -> None:
        self._place, self._record, self._seen, self._twin, self._care = place, record, seen, twin, care
        self._cannot_swap = record is not None and record.cannot_swap and place.in_place

    @property
    def ledger(self) -> Mapping[str, Entry]:
        """The files of ours in the output folder, by path: which fingerprint they were made from, digest and size."""
        return MappingProxyType(self._seen.entries if self._seen is not None else {})

    @property
    def damaged(self) -> frozenset[str]:
        """Paths in the ledger whose file is missing or was altered by somebody else; they have to be made again."""
        return self._seen.damaged if self._seen is not None else frozenset()

    @property
    def foreign(self) -> tuple[str, ...]:
        """What others put into the output folder: the topmost files and folders."""
        return tuple(sorted(self._seen.foreign)) if self._seen is not None else ()

    @property
    def is_unknown(self) -> bool:
        """Whether something stands there but no record of it is left: what no page replaces will stay, as if others had put it there."""
        return self._record is None and bool(self.foreign)

    def outdated(self, planned: Mapping[str, str]) -> set[str]:
        """The planned paths (to their fingerprints) that have to be made: new ones, those with another fingerprint, damaged ones."""
        held = {path: entry.fingerprint for path, entry in self.ledger.items()}
        todo = {path for path, fingerprint in planned.items() if held.get(path) != fingerprint}
        return todo | (self.damaged & planned.keys())

    def publish(self, planned: Mapping[str, str], made: Iterable[tuple[str, Content]], *, durable: bool = True) -> Published:
        """Bring the output folder to the plan, in one step that is done wholly or not at all.

        `planned` maps every path of the site to the fingerprint it is made from. `made` gives the content of at least the paths that
        `outdated` names; it is read one item at a time, so a generator may render while files are written, and when it raises, the
        output folder stays as it was. A content that equals what stands there leaves the file alone. Files of ours that are not planned
        go. `durable` waits until the disk has everything. Raises WriteFailed when a path cannot be used or the disk refuses, ValueError
        when `made` and `planned` do not fit together.
        """
        new = planned.keys() - self.ledger.keys()
        needed = self._check(planned, new)
        strays = self._sort_out(planned, needed)
        stale = frozenset(self.ledger.keys() - planned.keys())
        todo = self.outdated(planned)
        step = _Step(self._stage_maker(planned, todo), self._place, self.ledger, self.damaged, strays)
        try:
            step.make(planned, made)
            if left := todo - step.entries.keys():
                raise ValueError(f"planned but not made: {', '.join(sorted(left)[:5])}")
            if step.stage is None and not stale and not strays.blocking and self._seen is not None:
                return self._note(planned, needed, strays, step)
            entries = self._kept(stale) | step.entries
            with _explained("The site could not be published"):
                stage = step.begin()
                if self._seen is not None and (late := newcomers(self._place.live, self._seen)):
                    strays = sort_out(self._place.live, self._seen.foreign | late, planned, needed)
                change = Change(
                    self._seen or Seen(0, {}, frozenset(), {}, frozenset(), False), entries, frozenset(step.written),
                    frozenset(step.adopted), stale, needed, strays, durable, self._cannot_swap,
                )  # fmt: skip
                self._finish(stage, change)
        except BaseException:
            if files.state_of(self._place.journal) is None:  # else what is in the stage will be needed to finish
                step.abandon()
            raise
        finally:
            step.close()
        return _told(change, strays)

    def prepare(self) -> bool:
        """Make the twin that the next publishing step works on, if there is none: time spent now (30 microseconds a file) that the next
        build would spend. Worth it where somebody edits and builds again, not on a machine that builds once. True when it was made."""
        if self._seen is None or self._record is None or self._place.in_place or find_twin(self._place, self._twin) is not None:
            return False
        with _explained("The next build could not be prepared"):
            try:
                stage = Whole(self._place, self._seen, None, self._seen.entries.keys(), set(), True)
            except CannotSwap:
                return False
            try:
                self._record = stage.rest(self._record)
            finally:
                stage.close()
        self._twin = Twin(self._record.old, self._record.differs)
        return True

    def forget_twin(self) -> None:
        """Remove the other folder of the pair, which holds what stood on the site before: something of it was erased. The next step
        makes it anew. Raises WriteFailed."""
        with _explained("What stood on the site before could not be removed"):
            for folder in (self._place.twin, self._place.stage):
                files.clear(folder)
        self._twin = None

    def _check(self, planned: Mapping[str, str], new: set[str]) -> set[str]:
        """Refuse what must not be written; gives back the folders that are needed. Paths in the ledger were checked before."""
        needed = folders_of(planned)
        refuse_unsafe(new)
        if new:
            refuse_clashes(planned.keys(), needed)
        return needed

    def _sort_out(self, planned: Mapping[str, str], needed: set[str]) -> Strays:
        if self._seen is None:
            return Strays(frozenset(), frozenset(), frozenset())
        with _explained("The output folder could not be read"):
            return sort_out(self._place.live, self._seen.foreign, planned, needed)

    def _stage_maker(self, planned: Mapping[str, str], todo: set[str]) -> Callable[[], Whole | InPlace]:
        def begin() -> Whole | InPlace:
            if self._seen is None or not self._place.in_place:
                try:
                    return Whole(self._place, self._seen, self._twin, planned.keys(), todo, self._care == "files")
                except CannotSwap:
                    self._fall_back()
            return InPlace(self._place)

        return begin

    def _kept(self, stale: frozenset[str]) -> dict[str, Entry]:
        return {path: entry for path, entry in self.ledger.items() if path not in stale} if stale else dict(self.ledger)

    def _fall_back(self) -> None:
        self._place = msgspec.structs.replace(self._place, in_place=True)
        self._cannot_swap = True

    def _finish(self, stage: Whole | InPlace, change: Change) -> None:
        self._twin = None
        try:
            record = stage.finish(change)
        except CannotSwap:
            self._fall_back()
            record = replace_files(self._place, change._replace(cannot_swap=True))
        self._record = record
        if not self._place.in_place:
            self._twin = Twin(record.old, record.differs)
        foreign = frozenset(map(os.fsdecode, record.new.foreign))
        self._seen = Seen(record.new.ino, record.entries, frozenset(), record.new.folders, foreign, False)

    def _note(self, planned: Mapping[str, str], needed: set[str], strays: Strays, step: "_Step") -> Published:
        """Nothing changes in the output folder; what is remembered of it may."""
        seen = self._seen
        assert seen is not None
        if step.entries or seen.news:
            with _explained("The record of the output folder could not be saved"):
                entries = seen.entries | step.entries
                folders = files.stamps_of(self._place.live, needed, seen.folders, set())
                foreign = collapse(strays.kept, needed)
                tree = Tree(seen.ino, latest_of(folders, entries), folders, foreign)
                differs = self._twin.differs | dict.fromkeys(step.adopted) if self._twin is not None else {}
                old = self._twin.tree if self._twin is not None else packed(None)
                self._record = Record(tree, entries, differs, old, self._cannot_swap)
                save_record(self._place.record, self._record)
                self._seen = Seen(seen.ino, entries, frozenset(), folders, frozenset(map(os.fsdecode, foreign)), False)
                if self._twin is not None:
                    self._twin = Twin(old, differs)
        return Published((), len(planned), (), tuple(sorted(strays.kept)), ())


class _Step:
    """One publishing step while its files come in: each is compared with what stands there, and goes to a stage when it differs."""

    def __init__(
        self, begin: Callable[[], Whole | InPlace], place: Place, ledger: Mapping[str, Entry], damaged: frozenset[str], strays: Strays
    ) -> None:
        self._begin, self._place, self._ledger, self._damaged, self._strays = begin, place, ledger, damaged, strays
        self.stage: Whole | InPlace | None = None
        self.entries: dict[str, Entry] = {}
        self.written: set[str] = set()
        self.adopted: set[str] = set()

    def make(self, planned: Mapping[str, str], made: Iterable[tuple[str, Content]]) -> None:
        """Take in every content that was made."""
        for path, content in made:
            fingerprint = planned.get(path)
            if fingerprint is None or path in self.entries:
                raise ValueError(f"made but not planned, or made twice: {path}")
            with _explained(f"{path} could not be written"):
                digest = content.digest if isinstance(content, Copy) else digest_of(content)
                entry = self._same(path, fingerprint, content, digest)
                if entry is None:
                    entry = self.begin().write(path, fingerprint, content, digest)
                    self.written.add(path)
                self.entries[path] = entry

    def begin(self) -> Whole | InPlace:
        """The stage; it is made when it is needed first."""
        if self.stage is None:
            self.stage = self._begin()
        return self.stage

    def abandon(self) -> None:
        """Leave the output folder as it is."""
        if self.stage is not None:
            self.stage.abandon()

    def close(self) -> None:
        """Let go of what is open."""
        if isinstance(self.stage, Whole):
            self.stage.close()

    def _same(self, path: str, fingerprint: str, content: Content, digest: str) -> Entry | None:
        """The entry of the file that stands there, when its content is this one."""
        old = self._ledger.get(path) if path not in self._damaged else None
        stray = path in self._strays.standing
        if old is None and not stray:
            return None
        if isinstance(content, Copy):
            read = files.read_digest(content.source) if not digest else None
            size = read[1].st_size if read is not None else os.stat(content.source).st_size
            digest = read[0] if read is not None else digest
        else:
            size = len(content)
        if old is not None:
            return msgspec.structs.replace(old, fingerprint=fingerprint) if (old.digest, old.size) == (digest, size) else None
        found = files.holds(os.path.join(self._place.live, path), digest, size)
        if found is None:
            return None
        self.adopted.add(path)
        return Entry(fingerprint, digest, size, found.st_ino, found.st_mtime_ns)


def open_output(lock: Lock, output_dir: Path, *, care: Care = "files", in_place: bool = False) -> Output:
    """Open the output folder: finish what an interrupted build began, recognise which build stands there, compare it with its record.

    `care` says how closely ("files", "folders", "top": see `look`). `in_place` replaces files one by one instead of swapping the folder:
    for a folder that another program holds open, such as a container's volume. Raises WriteFailed.
    """
    with _explained(f"The output folder {output_dir} could not be opened"):
        place = find_place(lock, output_dir, in_place)
        finish_interrupted(place)
        record = load_record(place.record)
        found = files.state_of(place.live)
        if found is None:
            return Output(place, record, None, None, care)
        if record is not None and record.cannot_swap and record.new.ino == found.st_ino:
            place = msgspec.structs.replace(place, in_place=True)
        tree, entries, twin = _recognise(record, found.st_ino)
        if twin is not None:
            return Output(place, record, look(place.live, tree, entries, care), twin, care)
        seen = look(place.live, tree, entries, "files")
        return Output(place, record, _without_ghosts(place.live, seen, record), None, care)


def _recognise(record: Record | None, ino: int) -> tuple[Tree, dict[str, Entry], Twin | None]:
    """Which of the recorded folders has this inode, what it holds, and the twin; a strange one is taken for the newer, and compared."""
    if record is None:
        return Tree(ino, 0, {"": Stamp(0, 0)}), {}, None
    if record.new.ino == ino:
        return record.new, record.entries, Twin(record.old, record.differs)
    old, held = unpacked(record.old), record.old_entries()
    if old is not None and old.ino == ino:
        return old, held, Twin(packed(record.new), {path: record.entries.get(path) for path in record.differs})
    owned = held | record.entries
    return Tree(ino, 0, dict.fromkeys(sorted(folders_of(owned)), Stamp(0, 0))), owned, None


def _without_ghosts(live: str, seen: Seen, record: Record | None) -> Seen:
    """In a strange folder, forget files of the older build that are not there: it is the newer one then."""
    if record is None:
        return seen
    ghosts = {path for path in seen.damaged if path not in record.entries and files.state_of(os.path.join(live, path)) is None}
    entries = {path: entry for path, entry in seen.entries.items() if path not in ghosts}
    return msgspec.structs.replace(seen, entries=entries, damaged=seen.damaged - ghosts)


def _told(change: Change, strays: Strays) -> Published:
    written = tuple(Written(path, change.entries[path].digest, change.entries[path].size) for path in sorted(change.written))
    replaced = sorted((strays.standing & change.written) | strays.blocking)
    unchanged = len(change.entries) - len(written)
    return Published(written, unchanged, tuple(sorted(change.stale)), tuple(sorted(strays.kept)), tuple(replaced))


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explain(error, doing) from error


__all__ = ["Content", "Output", "Published", "WriteFailed", "Written", "open_output"]
