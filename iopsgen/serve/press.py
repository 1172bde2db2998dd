"""Pages made when they are asked for, and kept while nothing they show changes; the last good ones stand in for those that fail."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from iopsgen.model import Asset
from iopsgen.outputs.make import Workshop
from iopsgen.pictures.versions import Version
from iopsgen.plan import Output
from iopsgen.problems import Problem, error
from iopsgen.serve.showing import Showing

ROOM = 64 * 2**20  # bytes of pages that are kept


class Made(NamedTuple):
    """The bytes of an output, and the mark of what they show."""

    data: bytes
    mark: str


class Press:
    """Makes outputs for any thread, one at a time. `faults` holds what is wrong with those that cannot be made, by path."""

    def __init__(self, room: int = ROOM) -> None:
        self._turn = threading.Lock()
        self._waiting, self._count = 0, threading.Lock()
        self._kept: OrderedDict[str, Made] = OrderedDict()
        self._size, self._room = 0, room
        self._sound: dict[str, str] = {}  # path → mark, of what was made without a fault
        self._good: Workshop | None = None  # the last one with which everything could be made
        self._faults: dict[str, tuple[Problem, ...]] = {}
        self.changes = 0  # how often `faults` changed so far

    @property
    def faults(self) -> dict[str, tuple[Problem, ...]]:
        """Path → why that output cannot be made, of all that were tried."""
        with self._turn:
            return dict(self._faults)

    def make(self, showing: Showing, path: str) -> Made | None:
        """An output that is not copied; an earlier state of it where it cannot be made now, None where there is no earlier one."""
        mark = showing.mark(path)
        with self._asking():
            kept = self._kept.get(path)
            if kept is not None and kept.mark == mark:
                self._kept.move_to_end(path)
                return kept
            data = self._try(showing, path)
            if data is not None:
                return self._keep(path, Made(data, mark))
            if kept is not None:
                return kept
            earlier = self._good and _make(self._good, showing.outputs[path])[0]
            return Made(earlier, f"{mark}.earlier") if earlier else None

    def check(self, showing: Showing, path: str) -> bool:
        """Makes an output only to see whether that works; False where it is known to, since nothing it shows changed."""
        if isinstance(showing.outputs[path].view, Asset | Version) or self._sound.get(path) == showing.mark(path):
            return False
        if self._waiting:  # somebody waits for a page
            time.sleep(0.002)
        with self._turn:
            self._try(showing, path)
        return True

    def finish(self, showing: Showing) -> None:
        """Notes that every output was checked: forgets those that are gone, and keeps the workshop if all is well."""
        with self._turn:
            for known in (self._faults, self._sound):
                for path in [path for path in known if path not in showing.outputs]:
                    del known[path]
                    self.changes += known is self._faults
            if not self._faults:
                self._good = showing.workshop

    def forgive(self, problems: set[Problem]) -> None:
        """Takes problems away from every output: where they still stand, they will be found again."""
        with self._turn:
            for path, found in list(self._faults.items()):
                left = tuple(p for p in found if p not in problems)
                self.changes += left != found
                if left:
                    self._faults[path] = left
                else:
                    del self._faults[path]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """A turn for somebody who waits for a page: `check` lets them go first."""
        with self._count:
            self._waiting += 1
        try:
            with self._turn:
                yield
        finally:
            with self._count:
                self._waiting -= 1

    def _try(self, showing: Showing, path: str) -> bytes | None:
        data, problems = _make(showing.workshop, showing.outputs[path])
        before = self._faults.pop(path, None)
        if data is None:
            self._faults[path] = tuple(problems)
            self._sound.pop(path, None)
        else:
            self._sound[path] = showing.mark(path)
        self.changes += self._faults.get(path) != before
        return data

    def _keep(self, path: str, made: Made) -> Made:
        old = self._kept.pop(path, None)
        self._size += len(made.data) - (len(old.data) if old else 0)
        self._kept[path] = made
        while self._size > self._room and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1].data)
        return made


def _make(workshop: Workshop, output: Output) -> tuple[bytes | None, list[Problem]]:
    try:
        return workshop.make(output)
    except Exception as fault:  # our own, or a text that is just being read again: the other pages live on
        return None, [error(f"iopsgen itself failed on {output.title or output.path}: {type(fault).__name__}: {fault}.", output.place, "`iopsgen check` says more.")]
