"""One build at a time: a lock that the operating system takes back when its holder dies."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from iopsgen.write.failure import explain

_PAUSE = 0.05  # seconds between two attempts
_held: set[int] = set()  # descriptors of the locks of this process


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock: process number, seconds since 1970 when it was taken, and the command; zero and empty where unknown."""

    pid: int = 0
    since: float = 0.0
    command: str = ""


class Locked(Exception):
    """Another process is building this site."""

    def __init__(self, holder: Holder) -> None:
        who = f"{holder.command or 'iopsgen'} (process {holder.pid})" if holder.pid else "another process"
        self.holder = holder
        self.message = f"{who} is building this site already."
        self.hint = "Wait until it is done, or stop it, and try again."
        super().__init__(self.message)


class Lock(msgspec.Struct, frozen=True):
    """The right to write what belongs to `site_dir`, as long as the `with` block of `lock` lasts."""

    site_dir: Path

    @property
    def folder(self) -> Path:
        """The folder of caches and records of the site."""
        return self.site_dir / ".iopsgen"


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # locked bytes cannot be read by others, so the lock lies far behind the text

    def hold(descriptor: int) -> bool:
        """Take the lock of an open file if nobody else has it; it ends when the file is closed, by whatever."""
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def hold(descriptor: int) -> bool:
        """Take the lock of an open file if nobody else has it; it ends when the file is closed, by whatever."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go_in_child() -> None:
        """A worker that outlives a killed build must not keep its lock: the copy that a fork makes of the descriptor is closed."""
        for descriptor in _held:
            os.close(descriptor)
        _held.clear()

    os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def lock(site_dir: Path, command: str = "iopsgen", timeout: float = 0.0, waiting: Callable[[Holder], None] | None = None) -> Iterator[Lock]:
    """Hold the lock of a site during a `with` block.

    Waits up to `timeout` seconds for another holder (calling `waiting` once with who that is), then raises Locked. The lock ends with
    the process, however it ends; a file that a dead one left is no hindrance. `command` is what others are told.
    """
    path = site_dir / ".iopsgen" / "lock"
    descriptor, attempts = _take(path), 0
    while descriptor is None:
        if attempts == 0 and waiting is not None and timeout > 0:
            waiting(_read_holder(path))
        if attempts * _PAUSE >= timeout:
            raise Locked(_read_holder(path))
        time.sleep(_PAUSE)
        attempts += 1
        descriptor = _take(path)
    _held.add(descriptor)
    try:
        with suppress(OSError):  # on a full disk others do not learn who it is
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, json.dumps({"pid": os.getpid(), "command": command}).encode() + b"\n")  # cutting off the rest would wait for the disk
        yield Lock(site_dir)
    finally:
        if descriptor in _held:  # not in a forked child, where it is closed already
            _held.discard(descriptor)
            os.close(descriptor)


def _take(path: Path) -> int | None:
    """A descriptor that holds the lock, or None when somebody else does."""
    try:
        while True:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            if hold(descriptor) and stands_at(path, descriptor):
                return descriptor
            busy = stands_at(path, descriptor)
            os.close(descriptor)
            if busy:
                return None
    except OSError as error:
        raise explain(error, "The lock of the site could not be taken") from error


def stands_at(path: Path, descriptor: int) -> bool:
    """Whether others find this open file there: a lock on one that was deleted in between is none."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _read_holder(path: Path) -> Holder:
    """What the holder wrote about itself; empty when it had no time to."""
    try:
        told = json.loads(path.read_bytes().partition(b"\n")[0])
        return Holder(pid=int(told["pid"]), since=path.stat().st_mtime, command=str(told["command"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Holder()
