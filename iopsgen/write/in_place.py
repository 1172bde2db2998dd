"""Publishing where folders cannot be swapped: files are replaced one by one, from a journal that the next command finishes."""

import errno
import os
from contextlib import suppress

from iopsgen.write import files, system
from iopsgen.write.change import Change
from iopsgen.write.failure import explain
from iopsgen.write.names import folders_of, lies_below, one_name
from iopsgen.write.place import Place
from iopsgen.write.record import Entry, Journal, Record, Stamp, Tree, latest_of, load_journal, packed, save_journal, save_record


class InPlace:
    """A stage for the files that change, and the steps that bring them to the output folder."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.top = place.stage
        files.own_folder(place.room)
        for folder in (place.twin, place.aside, self.top):
            files.clear(folder)
        os.mkdir(self.top, 0o755)
        self._known = {""}

    def write(self, path: str, fingerprint: str, content: bytes | files.Copy, digest: str) -> Entry:
        """Make one file in the stage."""
        files.make_folder(self.top, path.rpartition("/")[0], self._known)
        target = os.path.join(self.top, path)
        if isinstance(content, files.Copy):
            return files.write_copy(target, fingerprint, content)
        return files.write_bytes(target, fingerprint, content, digest)

    def finish(self, change: Change) -> Record:
        """Replace, add and remove what changed in the output folder."""
        return replace_files(self.place, change)

    def abandon(self) -> None:
        """Throw the stage away; the output folder was not touched."""
        with suppress(OSError):
            files.clear(self.top)


def replace_files(place: Place, change: Change) -> Record:
    """Bring the written files from the stage to the output folder, remove the stale ones, and record what stands there then.

    From the moment the journal is saved the step will be finished, now or by the next command (`finish_interrupted`).
    """
    os.makedirs(place.live, exist_ok=True)
    if change.durable:
        _flush(place.stage)
    going = change.stale | change.strays.blocking
    touched = folders_of(change.written | going)
    _refuse_locked_folders(place.live, touched)
    journal = Journal(sorted(change.written), sorted(going), change.entries, change.cannot_swap)
    save_journal(place.journal, journal, change.durable)
    try:
        _carry_out(place, journal)
        folders = files.stamps_of(place.live, change.needed, change.seen.folders, touched)
        return _close(place, journal, folders, collapse(change.strays.kept, change.needed))
    except OSError as error:
        raise explain(error, "The output folder could not be brought up to date", touched=True) from error


def finish_interrupted(place: Place) -> bool:
    """Finish a step that was stopped between two files; True when there was one."""
    journal = load_journal(place.journal)
    if journal is None:
        with suppress(OSError):
            os.unlink(place.journal)  # damaged, or from another version: what stands is compared with the record instead
        return False
    if not files.is_folder(place.live):
        os.unlink(place.journal)  # the output folder was deleted since
        return False
    try:
        _carry_out(place, journal)
        _close(place, journal, dict.fromkeys(sorted(folders_of(journal.entries)), Stamp(0, 0)), ())
    except OSError as error:
        raise explain(error, "An interrupted build could not be finished", touched=True) from error
    return True


def collapse(kept: frozenset[str], needed: set[str]) -> tuple[bytes, ...]:
    """The topmost paths of what belongs to others: a folder that no file of ours needs is theirs as a whole."""
    tops = set()
    for path in kept:
        while (above := path.rpartition("/")[0]) not in needed:
            path = above
        tops.add(os.fsencode(path))
    return tuple(sorted(tops))


def _refuse_locked_folders(live: str, touched: set[str]) -> None:
    """Raise PermissionError before anything is begun that could not be finished."""
    for folder in touched:
        path = os.path.join(live, folder)
        if files.is_folder(path) and not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def _carry_out(place: Place, journal: Journal) -> None:
    """The steps themselves; those that are done already are passed over."""
    live, needed = place.live, folders_of(journal.entries)
    early = _in_the_way(journal)
    known: set[str] = set()
    for path in sorted(early):
        files.remove_file(live, path, known)
    files.remove_empty(live, folders_of(early), needed)
    known = {""}
    for path in journal.writes:
        source = os.path.join(place.stage, path)
        if files.state_of(source) is not None:
            files.make_folder(live, path.rpartition("/")[0], known)
            os.replace(source, os.path.join(live, path))
    for path in journal.removes:
        if path not in early:
            files.remove_file(live, path, known)
    files.remove_empty(live, folders_of(journal.removes), needed)


def _in_the_way(journal: Journal) -> set[str]:
    """Which of the removed files have to go before the new ones come: those that stand where a folder is needed or below a new file,
    and those that differ from a new file only in case, which a case-blind file system takes for the same."""
    names = {one_name(path) for path in journal.writes}
    folders = {one_name(folder) for folder in folders_of(journal.writes)}
    return {path for path in journal.removes if one_name(path) in names | folders or lies_below(one_name(path), names)}


def _close(place: Place, journal: Journal, folders: dict[str, Stamp], foreign: tuple[bytes, ...]) -> Record:
    tree = Tree(os.lstat(place.live).st_ino, latest_of(folders, journal.entries), folders, foreign)
    record = Record(tree, journal.entries, {}, packed(None), journal.cannot_swap)
    _flush(place.live)
    save_record(place.record, record)
    os.unlink(place.journal)
    with suppress(OSError):
        files.clear(place.stage)  # else the next step clears it
    return record


def _flush(folder: str) -> None:
    if os.name == "nt":
        return  # folders cannot be opened there; each file was flushed as it was written
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        system.flush(descriptor)
    finally:
        os.close(descriptor)
