"""What the last build saw: one that finds the same files, and no moment passed at which the site changes, has nothing to do."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from iopsgen.model import Partner
from iopsgen.problems import Problem
from iopsgen.read.identities import FILE
from iopsgen.read.sources import find, walk
from iopsgen.write import digest_of

KEY = "last build"  # its name in the store
_RACE = 2_000_000_000  # nanoseconds: a file as young as this may change again without its stamp changing


class CommentCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The comments of the inbox by what became of them."""

    records: int = 0
    published: int = 0
    held: int = 0
    rejected: int = 0
    problems: int = 0


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """A build that published: what it was asked and what it saw, from when to when it holds, and what it said."""

    seen: str
    roots: tuple[str, ...]
    output: str
    since: datetime
    until: datetime | None
    outputs: int
    scheduled: int
    drafts: int
    expired: int
    comments: CommentCounts
    calendars: tuple[Partner, ...]
    problems: tuple[Problem, ...]
    published: str = ""  # digest of published.jsonl as the build left it
    standing: str = ""  # digest of what the files in the output folder were made from


def look_at(site: Path, roots: Iterable[str], asked: str, started: int) -> str:
    """A digest of the stamps of every file that a build reads, and of what it was asked; "" where a file is too young to be trusted.

    `started` is the clock in nanoseconds.
    """
    parts = [asked]
    youngest = 0
    for root in roots:
        one = find(site, root)
        if one is None and os.path.lexists(site / root) and (os.path.islink(site / root) or not os.path.isdir(site / root)):
            return ""  # a link, or no plain file: what it leads to may change without a sign here
        for file in (one,) if one is not None else walk(site, root)[0]:
            parts.append(f"{file.path} {file.stamp}")
            youngest = max(youngest, file.stamp[1], file.stamp[2])
    return "" if youngest > started - _RACE else digest_of("\n".join(parts).encode("utf-8", "surrogatepass"))


def digest_of_published(site: Path) -> str:
    """The digest of `published.jsonl`, "" where there is none. Its stamp says nothing: the build that notes something changes it."""
    try:
        return digest_of((site / FILE).read_bytes())
    except OSError:
        return ""


def recall(data: bytes | None) -> Memory | None:
    """The memory from its bytes in the store, None where there is none or it cannot be read."""
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(data, type=Memory)
    except msgspec.MsgspecError:
        return None


def holds(memory: Memory, site: Path, asked: str, now: datetime, started: int) -> bool:
    """Whether a build now would see what the remembered one saw, and show what it showed."""
    if now < memory.since or (memory.until is not None and now >= memory.until) or not os.path.isdir(site / memory.output):
        return False
    return look_at(site, memory.roots, asked, started) == memory.seen and digest_of_published(site) == memory.published
