"""Which files a site has: a walk over content/ and static/ that stays inside the site and skips what nobody meant to publish."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from iopsgen.model import Value
from iopsgen.problems import Place, Problem, error, warning

T = TypeVar("T")
MAX_SOURCE = 4 * 1024 * 1024  # bytes of one text file
_CHUNK = 1024 * 1024
_TRIES = 5  # for a file that is changed while it is read
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

_BACKUP_ENDS = ("~", ".bak", ".swp", ".swo", ".swx", ".kate-swp", ".tmp", ".orig", ".old", ".save", ".rej", ".part")
_MEANT = frozenset({".well-known", ".nojekyll"})  # names that hosts look for
_BACKUP_NAMES = frozenset({"Thumbs.db", "desktop.ini", "Icon\r"})
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # line ends, escape codes, bytes that are no UTF-8


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
    return (name[0] in ".#" and name not in _MEANT) or name.startswith("~$") or name.lower().endswith(_BACKUP_ENDS) or name in _BACKUP_NAMES


def walk(site: Path, folder: str) -> tuple[list[File], list[Problem]]:
    """All files below `site/folder` ("" for the whole site) by path. Links that lead out of it and what cannot be read are errors."""
    files: list[File] = []
    problems: list[Problem] = []
    inside = os.path.realpath(site / folder)
    if not _lies_in(inside, os.path.realpath(site)):
        return [], [_leads_out(folder, "")]
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = list(os.scandir(site / current))
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            problems.append(error("This is a file, and a folder is expected here.", Place(current), "Give it another name, and make a folder."))
            continue
        except OSError as fault:
            problems.append(_unreadable(current, fault))
            continue
        for entry in entries:
            if is_hidden(entry.name):
                continue
            path = f"{current}/{entry.name}" if current else entry.name
            if _ODD.search(entry.name):
                place = Place(_ODD.sub("\ufffd", path))
                problems.append(error("The name of this file holds something that is no character.", place, "Give it another name."))
                continue
            try:
                if _is_folder(entry, path, files, inside, folder, problems):
                    waiting.append(path)
            except FileNotFoundError:
                continue  # it was removed since the folder was listed
            except OSError as fault:
                problems.append(_unreadable(path, fault))
    files.sort(key=lambda f: f.path)
    problems.sort(key=lambda p: p.place.file if p.place else "")
    return files, problems


def _is_folder(entry: "os.DirEntry[str]", path: str, files: list[File], inside: str, folder: str, problems: list[Problem]) -> bool:
    """Whether an entry is a folder to be walked; a file is added to those found."""
    linked = entry.is_symlink()
    if linked and not _may_link(os.path.realpath(entry.path), inside):
        problems.append(_leads_out(path, folder))
    elif entry.is_dir():
        if not linked:
            return True
        problems.append(warning("Links to folders are not followed.", Place(path), "Move the files here."))
    elif entry.is_file():
        files.append(_file(path, entry.stat()))
    elif linked:
        problems.append(_leads_nowhere(path))
    else:
        problems.append(warning("This is neither a file nor a folder, and is left out.", Place(path), "Remove it."))
    return False


def look_for(site: Path, path: str) -> tuple[File | None, list[Problem]]:
    """One file of the site, None where there is none; a folder in its place and a link that leads out of the site are errors."""
    full = site / path
    try:
        if not os.path.lexists(full):
            return None, []
        if not _lies_in(os.path.realpath(full), os.path.realpath(site)):
            return None, [_leads_out(path, "")]
        found = full.stat()
    except (OSError, ValueError) as fault:
        return None, [_unreadable(path, fault)]
    if stat.S_ISREG(found.st_mode):
        return _file(path, found), []
    return None, [error("A file is expected here.", Place(path), "Remove what stands in its place.")]


def find(site: Path, path: str) -> File | None:
    """One file of the site, or None where there is none that may be read."""
    return look_for(site, path)[0]


def _file(path: str, found: os.stat_result) -> File:
    return File(path=path, size=found.st_size, stamp=(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino))


def _lies_in(real: str, inside: str) -> bool:
    return real == inside or real.startswith(inside.rstrip(os.sep) + os.sep)


def _may_link(real: str, inside: str) -> bool:
    """Whether a link may lead to a real path: one in the same folder of the site, and not hidden there."""
    return _lies_in(real, inside) and not any(is_hidden(name) for name in real[len(inside) :].split(os.sep) if name)


def _leads_out(path: str, folder: str) -> Problem:
    where = f"the folder {folder}" if folder else "the site's folder"
    return error(f"This link leads out of {where}.", Place(path), "Put a copy of the file in its place.")


def _leads_nowhere(path: str) -> Problem:
    return warning("This link leads nowhere.", Place(path), "Remove it, or put the file in its place.")


def _unreadable(path: str, fault: OSError | ValueError) -> Problem:
    if isinstance(fault, OSError) and fault.errno in (errno.ELOOP, errno.ENOENT):
        return _leads_nowhere(path)
    if isinstance(fault, PermissionError):
        return error("This cannot be read: nobody gave permission.", Place(path), "Check its permissions.")
    why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return error(f"This cannot be read: {why}.", Place(path), "Check the name of the file, and the disk.")


def read_bytes(site: Path, file: File, limit: int = MAX_SOURCE) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a file, all from one moment, or None and why not: unreadable, too large, gone, or never at rest."""
    return _read(site, file, limit, b"".join)


def read_digest(site: Path, file: File) -> tuple[str | None, list[Problem]]:
    """The digest of a file of any size, as `write.digest_of` makes it, or None and why not."""

    def hash_all(chunks: Iterator[bytes]) -> str:
        hashed = hashlib.blake2b(digest_size=20)
        for chunk in chunks:
            hashed.update(chunk)
        return hashed.hexdigest()

    return _read(site, file, 2**63, hash_all)


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """The bytes of an open file, not more than it had: one that grows all the time has no end."""
    while size > 0 and (chunk := os.read(descriptor, min(size, _CHUNK))):
        size -= len(chunk)
        yield chunk


def _read(site: Path, file: File, limit: int, use: Callable[[Iterator[bytes]], T]) -> tuple[T | None, list[Problem]]:
    """What `use` makes of a file that is the one looked at, before and after; where another took its place, that is looked at again."""
    for _ in range(_TRIES):
        if file.size > limit:
            return None, [error(f"This file is over {limit // 2**20} MiB long.", Place(file.path), "Make several of it.")]
        try:
            descriptor = os.open(site / file.path, _FLAGS)
            try:
                if _file(file.path, os.fstat(descriptor)) == file:
                    made = use(_chunks(descriptor, file.size))
                    if _file(file.path, os.fstat(descriptor)) == file:
                        return made, []
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            pass
        except OSError as fault:
            return None, [_unreadable(file.path, fault)]
        found, problems = look_for(site, file.path)
        if found is None:
            return None, problems or [error("This file was removed while the site was read.", Place(file.path), "Build again.")]
        file = found
    return None, [error("This file changes all the time while it is read.", Place(file.path), "Build again when it is at rest.")]


def decode(data: bytes, path: str) -> tuple[str | None, list[Problem]]:
    """The text of a UTF-8 file, each line ending in LF, or None and where it stops being one."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [error("This file is UTF-16 text.", Place(path, 1, 1), "Save it with the encoding UTF-8.")]
    try:
        text = _with_plain_ends(data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        place = _end_of(_with_plain_ends(data[: fault.start].decode("utf-8-sig", "replace")), path)
        return None, [error("This file is not UTF-8 text: it breaks off here.", place, "Save it with the encoding UTF-8.")]
    if "\0" in text:
        place = _end_of(text.partition("\0")[0], path)
        return None, [error("This file holds a NUL character, which no text does.", place, "Save it as plain text with the encoding UTF-8.")]
    return text, []


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _end_of(text: str, path: str) -> Place:
    """The place right behind a text."""
    return Place(path, text.count("\n") + 1, len(text) - text.rfind("\n"))
