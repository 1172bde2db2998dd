"""Which files a site has: a walk over content/ and static/ that stays inside the site and skips what nobody meant to publish."""

import os
from pathlib import Path

from iopsgen.model import Value
from iopsgen.problems import Place, Problem, error, warning

MAX_SOURCE = 4 * 1024 * 1024  # bytes of one text file

_BACKUP_ENDS = ("~", ".bak", ".swp", ".swo", ".tmp", ".orig", ".rej", ".part")
_MEANT = frozenset({".well-known", ".nojekyll"})  # names that hosts look for
_BACKUP_NAMES = frozenset({"Thumbs.db", "desktop.ini", "Icon\r"})


class File(Value, frozen=True, kw_only=True):
    """A file of the site: its path from the site's folder with `/`, and the stamp that tells whether it changed.

    The stamp holds size, modification and change time in nanoseconds, and inode: while it is the same, so are the bytes.
    """

    path: str
    size: int
    stamp: tuple[int, int, int, int]

    @property
    def suffix(self) -> str:
        """The ending in lower case, with its dot."""
        return os.path.splitext(self.path)[1].lower()


def is_hidden(name: str) -> bool:
    """Whether a name is one that is never published: a dot file, an editor's backup, a system's own file."""
    return (name[0] in ".#" and name not in _MEANT) or name.endswith(_BACKUP_ENDS) or name in _BACKUP_NAMES


def walk(site: Path, folder: str) -> tuple[list[File], list[Problem]]:
    """All files below `site/folder` by path. Links that lead out of the site and unreadable folders are errors."""
    files: list[File] = []
    problems: list[Problem] = []
    inside = os.path.realpath(site)
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = list(os.scandir(os.path.join(site, current)))
        except FileNotFoundError:
            continue
        except OSError as fault:
            problems.append(error(f"This folder cannot be read: {fault.strerror}.", Place(current), "Check its permissions."))
            continue
        for entry in entries:
            if is_hidden(entry.name):
                continue
            path = f"{current}/{entry.name}"
            if entry.is_symlink() and not _stays_inside(entry.path, inside):
                problems.append(error("This link leads out of the site's folder.", Place(path), "Copy the file into the site instead."))
                continue
            try:
                if entry.is_dir():
                    if entry.is_symlink():
                        problems.append(warning("Links to folders are not followed.", Place(path), "Move the files here."))
                    else:
                        waiting.append(path)
                elif entry.is_file():
                    files.append(_file(path, entry.stat()))
            except OSError as fault:
                problems.append(error(f"This file cannot be read: {fault.strerror}.", Place(path), "Check its permissions."))
    files.sort(key=lambda f: f.path)
    return files, problems


def find(site: Path, path: str) -> File | None:
    """One file of the site, or None where there is none."""
    full = site / path
    try:
        if not full.is_file() or not _stays_inside(str(full), os.path.realpath(site)):
            return None
        return _file(path, full.stat())
    except OSError:
        return None


def _file(path: str, stat: os.stat_result) -> File:
    return File(path=path, size=stat.st_size, stamp=(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))


def _stays_inside(path: str, inside: str) -> bool:
    return os.path.realpath(path).startswith(inside + os.sep)


def read_bytes(site: Path, file: File, limit: int = MAX_SOURCE) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a file, or None and why not: unreadable, too large, or gone."""
    if file.size > limit:
        return None, [error(f"This file is over {limit // 2**20} MiB.", Place(file.path), "Split it.")]
    try:
        return (site / file.path).read_bytes(), []
    except OSError as fault:
        return None, [error(f"This file cannot be read: {fault.strerror}.", Place(file.path), "Check its permissions.")]


def decode(data: bytes, path: str) -> tuple[str | None, list[Problem]]:
    """The text of a UTF-8 file, or None and where it stops being one."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        column = len(data[data.rfind(b"\n", 0, fault.start) + 1 : fault.start].decode("utf-8", "replace")) + 1
        return None, [error("This file is not UTF-8 text: it breaks off here.", Place(path, line, column), "Save it with the encoding UTF-8.")]
    if "\0" in text:
        return None, [
            error("This file holds a NUL character.", Place(path, text.count("\n", 0, text.index("\0")) + 1), "Save it as plain UTF-8 text.")
        ]
    return text, []
