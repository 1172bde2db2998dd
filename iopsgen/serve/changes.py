"""What changes in the files of a site, gathered until it is quiet for a moment, so that a thousand files are one rebuild."""

import os
import threading
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from iopsgen.read.sources import is_hidden

# Not that a file was opened or read: reading the site must not look like changing it.
_EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent, FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip


class Changes:
    """Paths from the site's folder that changed and were not taken yet. For any number of threads."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._first = self._last = 0.0
        self._number = 0  # of additions so far
        self._ended = False
        self._more = threading.Condition()

    def add(self, paths: Iterable[str]) -> None:
        """Adds paths that changed now."""
        with self._more:
            now = time.monotonic()
            self._first = self._first if self._paths else now
            self._paths.update(paths)
            self._last = now
            self._number += 1
            self._more.notify_all()

    def end(self) -> None:
        """Wakes everybody who waits; from now on nobody waits any more."""
        with self._more:
            self._ended = True
            self._more.notify_all()

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._ended

    @property
    def pending(self) -> bool:
        """Whether there are paths that were not taken yet."""
        return bool(self._paths)

    def peek(self) -> frozenset[str]:
        """The paths that were not taken yet."""
        with self._more:
            return frozenset(self._paths)

    def wait(self, seen: int, quiet: float) -> int:
        """Waits until something is added beyond the first `seen` additions and then nothing more for `quiet` seconds; their number then."""
        with self._more:
            self._more.wait_for(lambda: self._ended or (self._number > seen and self._paths))
            self._settle(quiet, 10.0)
            return self._number

    def take(self, timeout: float, quiet: float, longest: float) -> frozenset[str]:
        """Waits for changes and then for `quiet` seconds without any, `longest` in all; takes them. Empty after `timeout` seconds without one."""
        with self._more:
            self._more.wait_for(lambda: self._ended or self._paths, timeout)
            self._settle(quiet, longest)
            taken = frozenset(self._paths)
            self._paths.clear()
            return taken

    def _settle(self, quiet: float, longest: float) -> None:
        while self._paths and not self._ended:
            left = min(self._last + quiet, self._first + longest) - time.monotonic()
            if left <= 0:
                return
            self._more.wait(left)


class Watch:
    """Looks after the folders and files of a site that a build reads, also those that come, go and come back."""

    def __init__(self, site: Path, changes: Changes) -> None:
        self._site, self._changes = site, changes
        self._names: frozenset[str] = frozenset()
        self._lock, self._ended = threading.RLock(), False
        self._handler = _Handler(self)
        self._polls = False
        # watchdog warns when it finds a new folder by two ways at once; it then watches it once, which is right.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        try:
            self._observer: BaseObserver = Observer()
        except OSError:  # too many programs watch something already
            self._observer, self._polls = PollingObserver(timeout=1.0), True
        self._watched: dict[str, tuple[ObservedWatch, tuple[int, int]]] = {}  # name → watch and identity of the folder
        self._observer.start()

    def follow(self, names: Iterable[str]) -> frozenset[str]:
        """Watches these folders and files in the site's folder from now on; those that were not watched till now, or are gone."""
        with self._lock:
            self._names = frozenset(names)
            return frozenset() if self._ended else self._follow()

    def _follow(self) -> frozenset[str]:
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}
        news: set[str] = set()
        for name in ("", *sorted(self._names | self._watched.keys() - {""})):
            identity = _identity(self._site / name) if not name or name in self._names else None
            held = self._watched.get(name)
            if held is not None and (held[1] != identity or held[0] not in alive):
                del self._watched[name]
                self._observer.unschedule(held[0])
                news.add(name or ".")
                held = None
            try:
                if held is None and identity is not None and self._watch(name, identity):
                    news.add(name or ".")
            except OSError:  # the system watches no more folders: look at them again and again instead
                if not self._polls:
                    self._poll()
                    return self._follow()
        return frozenset(news)

    def _watch(self, name: str, identity: tuple[int, int]) -> bool:
        try:
            watch = self._observer.schedule(self._handler, str(self._site / name), recursive=bool(name), event_filter=_EVENTS)
        except FileNotFoundError:
            return False
        self._watched[name] = (watch, identity)
        return True

    def _poll(self) -> None:
        self._end()
        self._watched.clear()
        self._observer, self._polls = PollingObserver(timeout=1.0), True
        self._observer.start()

    def stop(self) -> None:
        """Ends the watching."""
        with self._lock:
            self._ended = True
            self._end()

    def _end(self) -> None:
        self._observer.stop()
        self._observer.join(5)

    def note(self, paths: Iterable[str]) -> None:
        """Passes on what changed of what is watched."""
        found = set()
        for path in paths:
            parts = os.path.relpath(path, self._site).split(os.sep)
            if parts[0] in self._names and not any(map(is_hidden, parts)):
                found.add("/".join(parts))
        if found:
            self._changes.add(found)


class _Handler(FileSystemEventHandler):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._watch.note(os.fsdecode(path) for path in (event.src_path, event.dest_path) if path)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells one folder from another that takes its name; None where there is no folder."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if path.is_dir() else None


def changed_since(site: Path, names: Iterable[str], moment: int) -> str:
    """A file or folder of these that was changed, or in which something came or went, at or after a moment (ns since 1970); "" if none."""
    for name in names:
        waiting = [str(site / name)]
        while waiting:
            path = waiting.pop()
            try:
                found = os.stat(path)
                if max(found.st_mtime_ns, found.st_ctime_ns) >= moment:
                    return Path(path).relative_to(site).as_posix()
                if os.path.isdir(path):
                    waiting += [entry.path for entry in os.scandir(path) if not is_hidden(entry.name) and not entry.is_symlink()]
            except OSError:
                continue
    return ""
