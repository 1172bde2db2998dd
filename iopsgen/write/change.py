"""What one publishing step is made of, whichever way it reaches the output folder."""

from typing import NamedTuple

from iopsgen.write.look import Seen, Strays
from iopsgen.write.record import Entry


class Change(NamedTuple):
    """One publishing step, decided. Paths are relative to the output folder."""

    seen: Seen  # the output folder before it
    entries: dict[str, Entry]  # every file of ours after it
    written: frozenset[str]  # those that were made anew and wait in the stage
    adopted: frozenset[str]  # those that stood there already, put by somebody else, with the very same content
    stale: frozenset[str]  # files of ours that go
    needed: set[str]  # folders that hold files of ours after it
    strays: Strays
    durable: bool  # whether to wait until the disk has everything
    cannot_swap: bool = False  # whether swapping was tried and refused here


class CannotSwap(Exception):
    """The folders cannot be swapped here; the files have to be replaced one by one."""
