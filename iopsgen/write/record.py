"""What iopsgen remembers of the folders it wrote: which files are its own, what is in them, and how they looked on the disk."""

import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from typing import TypeVar

import msgspec

from iopsgen.write import system
from iopsgen.write.names import stay_below

_LEDGER = b"iopsgen ledger 1\n"
_JOURNAL = b"iopsgen journal 1\n"

# A file changed again within one tick of the clock keeps its time stamp. Stamps this close to the youngest one prove nothing.
_TICK = 12_000_000  # nanoseconds; the coarsest clock of a Linux kernel ticks every 10 ms
COARSE = 2_100_000_000  # file systems without fractions of a second round to one or two seconds

T = TypeVar("T")


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file of ours: the `fingerprint` it was made from, `digest` and `size` (bytes) of its content, and how it stood on the disk."""

    fingerprint: str
    digest: str
    size: int
    ino: int
    mtime: int  # nanoseconds since 1970


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How a folder stood on the disk: a name that comes, goes or is replaced in it changes `mtime` (nanoseconds)."""

    ino: int
    mtime: int


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """One of the two folders that are swapped, known by its inode wherever it stands."""

    ino: int
    latest: int  # the youngest time stamp when it was recorded, nanoseconds
    folders: dict[str, Stamp]  # folders that hold files of ours, parents first, "" for the top
    foreign: tuple[bytes, ...] = ()  # what others put there: the topmost files and folders, as the file system spells them

    def is_young(self, mtime: int) -> bool:
        """Whether this time stamp is too close to the moment of recording to prove that nothing changed since."""
        return mtime >= self.latest - (COARSE if mtime % 1_000_000_000 == 0 else _TICK)


class Record(msgspec.Struct, frozen=True, array_like=True):
    """Both folders after a publishing step. It is saved before the swap, and the inode of the live folder tells which of the two it is."""

    new: Tree
    entries: dict[str, Entry]  # what `new` holds
    differs: dict[str, Entry | None]  # what `old` holds where that is another file, or none
    old: msgspec.Raw  # a Tree, or nil; decoded only when something is published
    cannot_swap: bool = False  # it failed here: files are replaced one by one

    def old_entries(self) -> dict[str, Entry]:
        """What the other folder holds."""
        held = {path: entry for path, entry in self.entries.items() if path not in self.differs}
        return held | {path: entry for path, entry in self.differs.items() if entry is not None}


class Journal(msgspec.Struct, frozen=True, array_like=True):
    """A publishing step that replaces files one by one: everything needed to finish it after a stop at any instant."""

    writes: list[str]  # paths that move from the stage to the output folder
    removes: list[str]  # paths that leave the output folder
    entries: dict[str, Entry]  # what the output folder holds afterwards
    cannot_swap: bool = False  # as in the record


def digest_of(data: bytes) -> str:
    """The digest that outputs and copied files are compared by: 160 bits of BLAKE2b (RFC 7693) in hexadecimal."""
    return blake2b(data, digest_size=20).hexdigest()


def latest_of(folders: Mapping[str, Stamp], entries: Mapping[str, Entry]) -> int:
    """The youngest time stamp among folders and files."""
    return max(max((stamp.mtime for stamp in folders.values()), default=0), max((entry.mtime for entry in entries.values()), default=0))


def packed(tree: Tree | None) -> msgspec.Raw:
    """A tree, encoded for the `old` of a record."""
    return msgspec.Raw(msgspec.msgpack.encode(tree))


def unpacked(raw: msgspec.Raw) -> Tree | None:
    """The tree in the `old` of a record; None when there is none, or none that can be used."""
    try:
        tree = msgspec.msgpack.decode(raw, type=Tree | None)
    except msgspec.DecodeError:
        return None
    return tree if tree is not None and _is_sound(tree) else None


def _is_sound(tree: Tree) -> bool:
    return "" in tree.folders and stay_below(tree.folders) and stay_below(map(os.fsdecode, tree.foreign))


def differences(old: Mapping[str, Entry], new: Mapping[str, Entry], paths: set[str]) -> dict[str, Entry | None]:
    """What `old` holds at those of the `paths` where `new` holds another file."""
    return {path: old.get(path) for path in paths if _file(old.get(path)) != _file(new.get(path))}


def _file(entry: Entry | None) -> tuple[str, int, int] | None:
    return None if entry is None else (entry.digest, entry.ino, entry.mtime)


def save_record(path: str, record: Record, durable: bool = True) -> None:
    """Write the record, whole or not at all; `durable`: it is on the disk before anything that comes later."""
    _save(path, _LEDGER, record, durable)


def save_journal(path: str, journal: Journal, durable: bool = True) -> None:
    """Write the journal, in the same way."""
    _save(path, _JOURNAL, journal, durable)


def load_record(path: str) -> Record | None:
    """The record, or None when it is missing, damaged, from another version, or names a path outside the folder."""
    record = _load(path, _LEDGER, Record)
    if record is None:
        return None
    return record if _is_sound(record.new) and stay_below(record.entries) and stay_below(record.differs) else None


def load_journal(path: str) -> Journal | None:
    """The journal, or None when it is missing, damaged, from another version, or names a path outside the folder."""
    journal = _load(path, _JOURNAL, Journal)
    return journal if journal is not None and stay_below([*journal.writes, *journal.removes, *journal.entries]) else None


def _save(path: str, magic: bytes, value: Record | Journal, durable: bool = True) -> None:
    body = msgspec.msgpack.encode(value)
    part = path + ".part"
    with suppress(FileNotFoundError):
        os.unlink(part)  # of an interrupted step; or a link somebody planted, which must not be written through
    with open(part, "xb") as file:
        file.write(magic + b"%08x\n" % zlib.crc32(body))
        file.write(body)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    os.replace(part, path)
    if durable:
        system.flush_names(os.path.dirname(path))


def _load(path: str, magic: bytes, kind: type[T]) -> T | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    start = len(magic) + 9
    body = memoryview(data)[start:]
    if not data.startswith(magic) or data[len(magic) : start] != b"%08x\n" % zlib.crc32(body):
        return None
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
