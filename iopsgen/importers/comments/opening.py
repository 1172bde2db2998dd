"""Opens the files of an import: whatever they are, packed, huge, cut off or no text at all, the answer is a value or one `Unreadable`."""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from iopsgen.importers.comments.foreign import Remark
from iopsgen.problems import Place, Problem, error

WHOLE = 128 * 1024 * 1024  # bytes of a file that has to be read as a whole
LINE = 1024 * 1024  # bytes of one line of a file that is read line by line
_CHUNK = 64 * 1024
_UNPACKED = 4 * 1024 * 1024 * 1024  # bytes that a packed file may come to
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Unreadable(Exception):
    """Why a file cannot be read, or not any further; `line` from 1, 0 for the whole file. Never leaves an importer."""

    def __init__(self, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.line = message, hint, line

    def problem(self, file: str) -> Problem:
        """The same as a problem of a file."""
        return error(self.message, Place(file, self.line), self.hint)


class Source(NamedTuple):
    """A file to be imported: where it is, the folder that was named, and what it is called there (with `/`)."""

    path: Path
    folder: Path
    name: str

    def place(self, line: int = 0) -> Place:
        """A line of it."""
        return Place(str(self.path), line)


def find_files(paths: Iterable[str], wanted: Callable[[Path], bool], kind: str) -> Iterator[Source | Remark | Problem]:
    """The files that were named, whatever they are called, and those that are wanted in folders that were named, by path.

    `kind` says what they are.
    """
    for given in paths:
        path = Path(given)
        if not path.is_dir():
            yield Source(path, path.parent, path.name)
            continue
        found = 0
        for folder, folders, names in os.walk(path):
            hidden = [name for name in sorted((*folders, *names)) if name.startswith(".")]
            yield from (Remark("hidden files and folders, which were not read", Place(os.path.join(folder, name))) for name in hidden)
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in sorted(n for n in names if not n.startswith(".")):
                file = Path(folder, name)
                if not wanted(file):
                    yield Remark("files of another kind, which were not read", Place(str(file)))
                elif file.is_symlink():
                    yield Remark("links, which were not followed", Place(str(file)))
                else:
                    found += 1
                    yield Source(file, path, file.relative_to(path).as_posix())
        if not found:
            yield error(f"In this folder there is nothing that could be {kind}.", Place(given), "Name another folder, or a file.")


@contextmanager
def open_stream(source: Source) -> Iterator[io.BufferedReader]:
    """The bytes of a file, unpacked if it is packed by gzip. Raises Unreadable, also while it is read."""
    try:
        descriptor = os.open(source.path, _FLAGS)
    except (OSError, ValueError) as fault:
        raise _refused(fault) from None
    with open(descriptor, "rb") as raw:
        if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
            raise Unreadable("This is no file.", "Name a file, or a folder of files.")
        start = raw.peek(4)[:4]
        if start.startswith(b"PK\x03\x04"):
            raise Unreadable("This is a ZIP archive.", "Unpack it, and import what was in it.")
        if start.startswith(b"\x1f\x8b"):
            yield io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=raw)), LINE)
        else:
            yield io.BufferedReader(_Bounded(raw), LINE)


class _Bounded(io.RawIOBase):
    """A stream whose every fault is Unreadable, and which ends at a bound."""

    def __init__(self, inner: io.BufferedReader | gzip.GzipFile) -> None:
        self._inner, self._left = inner, _UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = self._inner.read1(min(len(view), _CHUNK))  # not all that is asked for: what stands before a fault is given first
        except EOFError:
            raise Unreadable("This packed file breaks off.", "Download it again.") from None
        except (gzip.BadGzipFile, zlib.error):
            raise Unreadable("This packed file is damaged.", "Download it again.") from None
        except OSError as fault:
            raise _refused(fault) from None
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(f"This file comes to more than {_UNPACKED >> 30} GiB.", "Make several of it.")
        view[: len(data)] = data
        return len(data)


def _refused(fault: OSError | ValueError) -> Unreadable:
    if isinstance(fault, FileNotFoundError):
        return Unreadable("There is no such file.", "Check its name, and the folder you are in.")
    if isinstance(fault, PermissionError):
        return Unreadable("This cannot be read: nobody gave permission.", "Check its permissions.")
    why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return Unreadable(f"This cannot be read: {why}.", "Check the name of the file, and the disk.")


def read_whole(source: Source, limit: int = WHOLE) -> bytes:
    """All bytes of a file, unpacked. Raises Unreadable."""
    with open_stream(source) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"This file is over {limit >> 20} MiB long." if limit >= 1 << 20 else "This file is too long.", "Make several of it.")
    return data


def lines_of(stream: io.BufferedReader, limit: int = LINE) -> Iterator[tuple[int, bytes | None]]:
    """The lines with their ends and numbers from 1; None for one that is longer than the limit."""
    number = 0
    while line := stream.readline(limit):
        number += 1
        if len(line) < limit or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := stream.readline(limit)) and not rest.endswith(b"\n"):
            pass
        yield number, None


NOT_UTF8 = "files that are not UTF-8, and were read as Windows-1252"


def decode(data: bytes) -> tuple[str, bool]:
    """The text of bytes, and whether they were what was expected: UTF-8, or UTF-16 with its mark. Others are read as Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
        return text, "\ufffd" not in text
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False
