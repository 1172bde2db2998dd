"""What one process costs: time on the clock, time of processors, and memory at its peak, of itself and of all that it starts."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1_000_000
_MAXRSS = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


class Cost(NamedTuple):
    """Seconds on the clock, seconds of all processors (user and system), and megabytes."""

    wall: float
    processor: float
    memory: float


class Failed(Exception):
    """The process ended with another code than 0; the message holds what it said."""


def measure(command: list[str]) -> Cost:
    """Runs a command to its end, with nothing on the terminal. What waits to be written to the disk is written before, so that no run pays for another."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "SOURCE_DATE_EPOCH")}
    os.sync()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, start_new_session=True)
        with Watch(process.pid) as watch:
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode(errors='replace')}")
    return Cost(wall, used.ru_utime + used.ru_stime, max(used.ru_maxrss * _MAXRSS, watch.peak) / MEGABYTE)


class Watch:
    """Looks now and then at the memory of a process and of those that it started, as long as there are several.

    The kernel itself keeps the peak of a single one. A page that several share counts once (the proportional set size). A look costs some
    milliseconds, so the pause after it is twenty times as long.
    """

    def __init__(self, leader: int) -> None:
        self.peak = 0  # bytes
        self._leader = leader
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        if Path("/proc/self/smaps_rollup").exists():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._thread.ident:
            self._thread.join()

    def _look(self) -> None:
        pause = 0.05
        while not self._end.wait(pause):
            started = time.perf_counter()
            family = list(_session(self._leader))
            if len(family) > 1:
                self.peak = max(self.peak, sum(map(_memory, family)))
            pause = max(0.05, 20 * (time.perf_counter() - started))


def _session(leader: int) -> Iterator[int]:
    """The processes of a session, which is named after its first."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == leader:
                    yield int(name)
            except OSError:  # it has ended
                continue


def _memory(process: int) -> int:
    """The proportional set size in bytes, 0 where the process has ended."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
