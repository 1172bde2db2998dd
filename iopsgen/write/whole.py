"""Publishing a whole folder in one step: the twin of the output folder is brought up to date, then the two change places."""

import errno
import os
import stat
from collections.abc import Mapping, Set
from contextlib import suppress

import msgspec

from iopsgen.write import files, system
from iopsgen.write.change import CannotSwap, Change
from iopsgen.write.in_place import collapse
from iopsgen.write.look import Seen
from iopsgen.write.names import folders_of
from iopsgen.write.place import Place
from iopsgen.write.record import Entry, Record, Stamp, Tree, differences, digest_of, latest_of, packed, save_record, unpacked

_CANNOT = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBUSY, errno.EPERM, errno.EACCES}


class Twin(msgspec.Struct, frozen=True):
    """What is known of the twin: its record (encoded, `null` for none) and the files in which it differs from the live folder."""

    tree: msgspec.Raw
    differs: dict[str, Entry | None]


def find_twin(place: Place, twin: Twin | None) -> Tree | None:
    """The record of the twin, when a folder with its inode stands in its place: then nobody was interrupted while working on it."""
    found = files.state_of(place.twin)
    tree = unpacked(twin.tree) if twin is not None and found is not None else None
    return tree if tree is not None and found is not None and found.st_ino == tree.ino and stat.S_ISDIR(found.st_mode) else None


class Whole:
    """The twin while it is brought up to date. Its files are those of the output folder (hard links), but for what is made anew.

    While it is worked on it is called `stage`: what bears that name after a stop is compared with the output folder file by file.
    """

    def __init__(self, place: Place, seen: Seen | None, twin: Twin | None, planned: Set[str], remade: set[str], thorough: bool) -> None:
        """Make the stage ready for `planned`. `seen` is None when there is no output folder yet; `remade` are the paths that will be
        written; `thorough` looks at every folder of the twin, not only at those that change. Raises CannotSwap where that is known."""
        self.place, self.top = place, place.stage
        self._exists = seen is not None
        entries = seen.entries if seen is not None else {}
        damaged = seen.damaged if seen is not None else frozenset()
        self._live = {path: entry for path, entry in entries.items() if path not in damaged} if damaged else entries
        self._owned = entries.keys()
        self._owned_folders = seen.folders.keys() if seen is not None else set()
        self._planned = planned
        self._needed = folders_of(planned)
        self._written: set[str] = set()
        self._copies: dict[str, Entry] = {}  # files that could not be linked, as they stand in the stage
        self._touched, self._known = {""}, {""}
        files.own_folder(place.room)
        self._stamps: Mapping[str, Stamp] = {}
        self._twin: dict[str, Entry | None] = {}
        ready = find_twin(place, twin)
        if ready is not None and twin is not None and not files.state_of(self.top):
            os.rename(place.twin, self.top)
            self._stamps = ready.folders
            self._behind = self._take_over(twin.differs, thorough)
        elif self._exists and not system.can_exchange(place.room):
            raise CannotSwap
        else:
            self._behind = self._rebuild(remade)
        self._descriptor = os.open(self.top, os.O_RDONLY) if os.name != "nt" else -1

    def write(self, path: str, fingerprint: str, content: bytes | files.Copy, digest: str) -> Entry:
        """Make one file anew; in the output folder its old self stays as it is."""
        files.make_folder(self.top, path.rpartition("/")[0], self._known, clearing=True)
        self._touch(path)
        self._written.add(path)
        target = os.path.join(self.top, path)
        if isinstance(content, files.Copy):
            return files.write_copy(target, fingerprint, content)
        return files.write_bytes(target, fingerprint, content, digest)

    def finish(self, change: Change) -> Record:
        """Complete the stage, save the record of both folders, and let them change places: the site is the old one until that instant
        and the new one from it on. Raises CannotSwap, with the stage complete, where the file system refuses."""
        for path in sorted((self._behind | change.adopted) - change.written):
            self._keep(path, change.entries[path])
        files.remove_empty(self.top, self._touched, self._needed)
        self._known = {""}
        if change.durable and self._descriptor >= 0:
            system.flush(self._descriptor)
        if self._exists:
            files.dress(self.top, self.place.live)
            self._bring_foreign(change.strays.kept)
        record = self._recorded(change)
        save_record(self.place.record, record, change.durable)
        try:
            (system.exchange if self._exists else os.rename)(self.top, self.place.live)
        except OSError as error:
            raise CannotSwap if self._exists and error.errno in _CANNOT else error from error
        if self._exists:
            with suppress(OSError):  # the new site stands; a stage that is left is put right by the next step
                self._take_foreign_back(change.strays.kept)
                os.rename(self.top, self.place.twin)
        return record

    def rest(self, record: Record) -> Record:
        """Leave a stage that holds the files of the output folder as its twin, so that the next step finds one."""
        folders = files.stamps_of(self.top, self._needed, {}, set())
        tree = Tree(os.lstat(self.top).st_ino, latest_of(folders, {}), folders)
        record = msgspec.structs.replace(record, old=packed(tree), differs=self._copies | dict.fromkeys(self._owned - self._live.keys()))
        save_record(self.place.record, record)
        os.rename(self.top, self.place.twin)
        return record

    def abandon(self) -> None:
        """Give back the space that new files took. The output folder was not touched; the next step puts the stage right."""
        with suppress(OSError):
            if not self._exists:
                files.clear(self.top)
            for path in self._written:
                files.remove_file(self.top, path, set())

    def close(self) -> None:
        """Let go of the open folder."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _take_over(self, differs: dict[str, Entry | None], thorough: bool) -> set[str]:
        """Prepare a twin that stands as recorded; gives back the planned files in which it is behind the output folder."""
        behind = {path for path in differs if path in self._planned and path in self._live}
        self._twin = differs
        altered = {""} if files.stamp_of(self.top) != self._stamps[""] else set()
        for folder, stamp in self._stamps.items() if thorough or altered else ():  # an inode alone proves little: they are used again
            found = files.state_of(f"{self.top}/{folder}")
            if found is None or found.st_mtime_ns != stamp.mtime or found.st_ino != stamp.ino or not stat.S_ISDIR(found.st_mode):
                altered.add(folder)
            else:
                self._known.add(folder)
        for folder in altered - self._needed:
            if not files.is_folder(os.path.join(self.top, folder)):
                files.clear(os.path.join(self.top, folder))
        self._match(altered, behind)
        for path in sorted((differs.keys() | self._owned) - self._planned):
            if files.remove_file(self.top, path, self._known):
                self._touch(path)
        return behind

    def _rebuild(self, remade: set[str]) -> set[str]:
        """Make a stage of unknown content, or none, hold the files of the output folder, but for those that are made anew."""
        if files.is_folder(self.top):
            files.clear(self.place.twin)
        else:
            files.clear(self.top)
            if files.is_folder(self.place.twin):
                os.rename(self.place.twin, self.top)
            else:
                os.mkdir(self.top, 0o755)
        behind = remade & self._live.keys()
        self._match(None, behind)
        return behind

    def _match(self, only: set[str] | None, behind: set[str]) -> None:
        """Make folders of the stage hold the files of the output folder that stay, except those that are `behind`.

        `only` are the folders where something else was found than was recorded: what others put there since comes along, as if it stood
        in the output folder (a program that works in the folder does not notice a swap). None: all folders, and what is there
        besides goes, for it is what an interrupted step left.
        """
        chosen = self._live if only is None else [path for path in self._live if path.rpartition("/")[0] in only]
        stay = [path for path in chosen if path in self._planned and path not in behind]
        needed = folders_of(stay) if only is None else only & self._needed
        links: dict[str, dict[str, Entry]] = {folder: {} for folder in sorted(needed)}
        for path in stay:
            folder, _, name = path.rpartition("/")
            if folder in links:
                links[folder][name] = self._live[path]
        made: set[str] = set()
        for folder, names in links.items():
            path = os.path.join(self.top, folder)
            above = folder.rpartition("/")[0]
            if folder and (above in made or not files.is_folder(path)):
                files.clear(path)
                os.mkdir(path, 0o755)
                made.add(folder)
                self._touch(folder)
            self._known.add(folder)
            self._touch(f"{folder}/" if folder else "")
            self._match_folder(folder, names, behind, links.keys() if only is None else self._needed, keep=only is not None)

    def _match_folder(self, folder: str, names: dict[str, Entry], behind: set[str], subfolders: Set[str], keep: bool) -> None:
        start = f"{folder}/" if folder else ""
        with os.scandir(os.path.join(self.top, folder)) as entries:
            present = {entry.name: (entry.is_dir(follow_symlinks=False), entry.inode()) for entry in entries}
        for name, entry in names.items():
            if present.pop(name, None) != (False, entry.ino):
                self._link(start + name, entry)
        for name, (is_folder, _) in present.items():
            path = start + name
            if path in subfolders if is_folder else path in behind:
                continue
            if keep and path not in self._planned and path not in self._needed:
                continue
            files.clear(os.path.join(self.top, path))

    def _keep(self, path: str, entry: Entry) -> None:
        """Make the stage hold a file of the output folder that stays, or find that its own copy is the same."""
        held = self._twin.get(path)
        if held is not None and held.digest == entry.digest:
            found = files.state_of(os.path.join(self.top, path))
            if found is not None and (found.st_ino, found.st_mtime_ns, found.st_size) == (held.ino, held.mtime, held.size):
                self._copies[path] = msgspec.structs.replace(held, fingerprint=entry.fingerprint)
                return
        files.make_folder(self.top, path.rpartition("/")[0], self._known, clearing=True)
        self._link(path, entry)

    def _link(self, path: str, entry: Entry) -> None:
        source, target = os.path.join(self.place.live, path), os.path.join(self.top, path)
        self._touch(path)
        try:
            linked = files.link_or_copy(source, target)
        except FileExistsError:
            files.clear(target)
            linked = files.link_or_copy(source, target)
        if not linked:
            found = files.holds(target, entry.digest, entry.size)
            if found is None:
                raise OSError(errno.EIO, "it changed while it was copied", source)
            self._copies[path] = msgspec.structs.replace(entry, ino=found.st_ino, mtime=found.st_mtime_ns)

    def _touch(self, path: str) -> None:
        """Note that the folder of `path` and those above may have another time stamp now."""
        folder = path.rpartition("/")[0]
        while folder not in self._touched:
            self._touched.add(folder)
            folder = folder.rpartition("/")[0]

    def _bring_foreign(self, kept: frozenset[str]) -> None:
        """Put what belongs to others into the stage as well, so that it is there before and after the swap."""
        files.own_folder(self.place.aside)
        try:
            for path in sorted(kept):
                source, target = os.path.join(self.place.live, path), os.path.join(self.top, path)
                files.make_folder(self.top, path.rpartition("/")[0], self._known, clearing=True)
                self._touch(path)
                files.clear(target)
                if files.is_folder(source):
                    aside = self._aside(path)
                    files.mirror(source, aside)
                    os.rename(aside, target)
                else:
                    files.link_or_copy(source, target)
        except PermissionError as error:
            raise CannotSwap from error  # somebody else's file that we may neither link nor copy: leave it where it is

    def _take_foreign_back(self, kept: frozenset[str]) -> None:
        """After the swap, take what belongs to others out of the folder that is the twin now: whoever still works in it shall notice."""
        for path in sorted(kept):
            old, new = os.path.join(self.top, path), os.path.join(self.place.live, path)
            found, other = files.state_of(old), files.state_of(new)
            if found is None:
                continue
            if files.is_folder(old):
                files.clear(self._aside(path))
                os.rename(old, self._aside(path))
            elif other is None or found.st_ino == other.st_ino or (found.st_size, found.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
                os.unlink(old)
            else:
                os.replace(old, new)  # replaced between the linking and the swap: this is the younger one
        files.remove_empty(self.top, folders_of(kept), self._needed | self._owned_folders)
        used = {os.path.basename(self._aside(path)) for path in kept}
        for name in os.listdir(self.place.aside):
            if name not in used:
                files.clear(os.path.join(self.place.aside, name))

    def _aside(self, path: str) -> str:
        return os.path.join(self.place.aside, digest_of(os.fsencode(path)))

    def _recorded(self, change: Change) -> Record:
        folders = files.stamps_of(self.top, change.needed, self._stamps, self._touched)
        foreign = collapse(change.strays.kept, change.needed)
        entries = change.entries | self._copies
        tree = Tree(os.lstat(self.top).st_ino, latest_of(folders, entries), folders, foreign)
        if not self._exists:
            return Record(tree, entries, {}, packed(None))
        seen = change.seen
        before = seen.entries | {path: change.entries[path] for path in change.adopted}
        stood = files.stamps_of(self.place.live, seen.folders.keys() | folders_of(change.adopted), seen.folders, set())
        old = Tree(seen.ino, latest_of(stood, before), stood, tuple(map(os.fsencode, sorted(seen.foreign))))
        differs = differences(before, entries, set(change.written | change.stale | self._copies.keys()))
        return Record(tree, entries, differs | dict.fromkeys(change.strays.blocking), packed(old))
