"""Adds lines to a file that only grows: under a lock, in one write, flushed, whoever else adds to it and whatever stops the machine."""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from iopsgen.write.failure import WriteFailed
from iopsgen.write.lock import hold, stands_at

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PAUSE = 0.005  # seconds between two attempts to get the lock
_CHUNK = 1 << 16
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Lines:
    """A file of lines, held by us alone as long as the `with` block of `hold_lines` lasts."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return os.fstat(self._descriptor).st_size

    def read(self) -> bytes:
        """All of its bytes."""
        return self._read_from(0)

    def add(self, lines: Sequence[bytes], is_whole: Callable[[bytes], bool] | None = None) -> bytes:
        """Add lines (without their ends) in one write, and wait until the disk has them.

        A last line without an end is given one, so that what is added stands on lines of its own: it was written by hand, or its
        writer was stopped. With `is_whole`, one that this does not call whole is taken out instead, and given back. Where the disk
        refuses, nothing is added. Raises OSError, ValueError for a line that holds a line end.
        """
        if any(b"\n" in line for line in lines):
            raise ValueError("a line end inside a line")
        tail = self._tail()
        gone = b""
        if tail and is_whole is not None and not is_whole(tail):
            os.ftruncate(self._descriptor, self.size - len(tail))
            tail, gone = b"", tail
        self._write((b"\n" if tail else b"") + b"".join(line + b"\n" for line in lines))
        return gone

    def _write(self, data: bytes) -> None:
        before = self.size
        try:
            written = os.write(self._descriptor, data)
            if written != len(data):  # there was no room for more
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):  # nobody is told that it was taken in, so nothing of it stays
                if self.size <= before + len(data):
                    os.ftruncate(self._descriptor, before)
            raise

    def _tail(self) -> bytes:
        """What stands behind the last line end."""
        at = size = self.size
        found = b""
        while at > 0:
            start = max(0, at - _CHUNK)
            os.lseek(self._descriptor, start, os.SEEK_SET)
            found = self._read_exactly(at - start) + found
            if b"\n" in found:
                return found.rpartition(b"\n")[2]
            at = start
        return found[:size]

    def _read_from(self, start: int) -> bytes:
        os.lseek(self._descriptor, start, os.SEEK_SET)
        return self._read_exactly(self.size - start)

    def _read_exactly(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := os.read(self._descriptor, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


@contextmanager
def hold_lines(site: Path, path: str, timeout: float = 10.0) -> Iterator[Lines]:
    """Hold a file of the site (`path` below the folder `site`, made if it is not there) during a `with` block.

    The lock (`flock`) is on the file itself, so that every program that asks for it waits for its turn, and it ends with the process.
    Raises WriteFailed: the file lies behind a link that leads out of the site, is no plain file, or is held by another for `timeout`
    seconds; and for every OSError inside the block.
    """
    target = site / path
    try:
        _make_folder(site, target)
        descriptor = _take(target, timeout)
    except OSError as error:
        raise _explained(error, path) from error
    try:
        yield Lines(target, descriptor)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        os.close(descriptor)


def _make_folder(site: Path, target: Path) -> None:
    """Make the folder of the file, and see that it lies in the site."""
    root = os.path.realpath(site)
    if not os.path.realpath(target.parent).startswith(root + os.sep) and os.path.realpath(target.parent) != root:
        raise OSError(errno.ELOOP, "a link leads out of the site's folder", str(target.parent))
    target.parent.mkdir(parents=True, exist_ok=True)


def _take(target: Path, timeout: float) -> int:
    """A descriptor of the file that stands there, with its lock."""
    end = time.monotonic() + timeout
    while True:
        fresh = not os.path.lexists(target)
        descriptor = os.open(target, _OPEN, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is no plain file", str(target))
            if hold(descriptor) and stands_at(target, descriptor):  # else git or an editor has just put another in its place
                if fresh:
                    _flush_folder(target.parent)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() >= end:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target))
        time.sleep(_PAUSE)


def _flush_folder(folder: Path) -> None:
    """Bring the name of a new file onto the disk."""
    if os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, path: str) -> WriteFailed:
    reason = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EACCES: "permission was refused",
        errno.EPERM: "permission was refused",
        errno.EROFS: "the file system is read-only",
        errno.EBUSY: "another program is writing it",
        errno.EIO: "the disk reported an error",
    }.get(error.errno or 0, (error.strerror or str(error)).lower())
    hint = "Free some space and try again." if error.errno in _FULL else f"Check {path} and who may write it, then try again."
    return WriteFailed(f"Nothing was added to {path}: {reason}.", hint)
