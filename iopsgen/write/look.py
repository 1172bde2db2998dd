"""What stands in the output folder now, compared with what iopsgen remembers of it."""

import os
import stat
from collections.abc import Mapping
from typing import Literal

import msgspec

from iopsgen.write import files
from iopsgen.write.failure import WriteFailed
from iopsgen.write.names import CASE_BLIND, STAGE_INSIDE, lies_below, one_name
from iopsgen.write.record import COARSE, Entry, Stamp, Tree

Care = Literal["files", "folders", "top"]


class Seen(msgspec.Struct, frozen=True):
    """The output folder as it was found."""

    ino: int  # of the folder itself
    entries: dict[str, Entry]  # files of ours; where one is damaged, as it should be
    damaged: frozenset[str]  # paths of ours that are missing or altered
    folders: dict[str, Stamp]  # folders of ours that stand
    foreign: frozenset[str]  # what others put there: the topmost files and folders
    news: bool  # whether the record is behind what was found


def look(live: str, tree: Tree, entries: dict[str, Entry], care: Care) -> Seen:
    """Compare a folder with its record.

    `care` is "files": the state of every file (a file that was edited in place is noticed); "folders": only of the folders, which
    notices what came, went or was replaced, in a third of the time; "top": only of the folder at the top, and of all folders when that
    is not as it was left. A file whose inode or time stamp is another one is read: with the same content it is ours still (a copied
    site, a restored backup).
    """
    if care == "top" and files.stamp_of(live) != tree.folders[""]:
        care = "folders"  # perhaps another folder altogether, for inodes are used again
    suspects, missing, folders, foreign = _look_at_folders(live, tree, entries, care)
    damaged: set[str] = set()
    renewed: dict[str, Entry] = {}
    top, certain = live + os.sep, tree.latest - COARSE
    for path in entries if care == "files" else suspects:
        entry = entries[path]
        if missing and lies_below(path, missing):
            damaged.add(path)
            continue
        try:
            if _is_same(os.lstat(top + path), entry) and (entry.mtime < certain or not tree.is_young(entry.mtime)):
                continue
        except (FileNotFoundError, NotADirectoryError):
            damaged.add(path)
            continue
        found = files.holds(top + path, entry.digest, entry.size)
        if found is None:
            damaged.add(path)
        elif not _is_same(found, entry):
            renewed[path] = msgspec.structs.replace(entry, ino=found.st_ino, mtime=found.st_mtime_ns)
    news = bool(renewed) or folders != tree.folders or foreign != set(map(os.fsdecode, tree.foreign))
    return Seen(os.lstat(live).st_ino, entries | renewed, frozenset(damaged), folders, frozenset(foreign), news)


def _is_same(found: os.stat_result, entry: Entry) -> bool:
    """Whether this is the very file that was written, as far as its state tells."""
    return (
        found.st_mtime_ns == entry.mtime and found.st_size == entry.size and found.st_ino == entry.ino and stat.S_ISREG(found.st_mode)
    )


def _look_at_folders(
    live: str, tree: Tree, entries: Mapping[str, Entry], care: Care
) -> tuple[set[str], set[str], dict[str, Stamp], set[str]]:
    """The files that may be altered, the folders that are not there any more, the stamps of those that are, and what is foreign."""
    missing: set[str] = set()
    scan: set[str] = set()
    folders: dict[str, Stamp] = {}
    certain = tree.latest - COARSE  # older stamps need no closer look
    for folder, old in tree.folders.items():
        if care == "top" and folder:
            folders[folder] = old
            continue
        found = None if missing and lies_below(folder, missing) else files.state_of(f"{live}/{folder}")
        if found is None or not stat.S_ISDIR(found.st_mode):
            missing.add(folder)
            continue
        mtime = found.st_mtime_ns
        same = mtime == old.mtime and found.st_ino == old.ino
        folders[folder] = old if same else Stamp(found.st_ino, mtime)
        if not same or (mtime >= certain and tree.is_young(mtime)):
            scan.add(folder)
    doubtful = scan | missing
    foreign = {path for path in map(os.fsdecode, tree.foreign) if path.rpartition("/")[0] not in doubtful}
    for folder in scan:
        foreign |= _scan(live, folder, tree.folders, entries)
    suspects = {path for path in entries if path.rpartition("/")[0] in doubtful} if doubtful else set()
    return suspects, missing, folders, foreign


def _scan(live: str, folder: str, folders: Mapping[str, Stamp], entries: Mapping[str, Entry]) -> set[str]:
    """What stands in this folder and is not ours."""
    foreign = set()
    with os.scandir(os.path.join(live, folder)) as found:
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if path in (folders if is_folder else entries) or path == STAGE_INSIDE:
                continue
            foreign.add(path)
    return foreign


def newcomers(live: str, known: Seen) -> frozenset[str]:
    """What others have put at the top of the output folder since it was looked at."""
    return frozenset(_scan(live, "", known.folders, known.entries)) - known.foreign


class Strays(msgspec.Struct, frozen=True):
    """What others put into the output folder, sorted by what becomes of it."""

    kept: frozenset[str]  # stays: the topmost files and folders
    standing: frozenset[str]  # files and links that stand where a file is planned
    blocking: frozenset[str]  # files and links that stand where a folder is needed


def sort_out(live: str, foreign: frozenset[str], planned: Mapping[str, object], needed: set[str]) -> Strays:
    """Decide about everything foreign. Raises WriteFailed for a folder of somebody else where a file is planned."""
    kept, standing, blocking = set(), set(), set()
    pages, folders = (planned.keys(), needed) if not CASE_BLIND or not foreign else ({*map(one_name, planned)}, {*map(one_name, needed)})
    todo = list(foreign)
    while todo:
        path = todo.pop()
        found = files.state_of(os.path.join(live, path))
        if found is None:
            continue
        is_folder = stat.S_ISDIR(found.st_mode)
        name = one_name(path) if CASE_BLIND else path
        if is_folder and name in folders:
            with os.scandir(os.path.join(live, path)) as inside:
                todo += [f"{path}/{entry.name}" for entry in inside]
        elif name in folders:
            blocking.add(path)
        elif name in pages and not is_folder:
            standing.add(path)
        elif name in pages or lies_below(name, pages):
            raise WriteFailed(
                f"{path!r} in the output folder is not a file of iopsgen's, and the site needs its place.",
                "Move it elsewhere, or give the page that needs this path another address.",
            )
        else:
            kept.add(path)
    return Strays(frozenset(kept), frozenset(standing), frozenset(blocking))
