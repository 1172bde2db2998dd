"""What was worked out before, kept by digest in one SQLite file: safe to delete, safe to lose, never trusted as code."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zlib import crc32

_VERSION = "5"
_TABLES = """
create table if not exists about (version text not null);
create table if not exists files (path text primary key, stamp text not null, digest text not null) without rowid;
create table if not exists readings (path text primary key, key text not null, value blob not null, text text not null) without rowid;
create table if not exists texts (digest text primary key, html text not null) without rowid;
create table if not exists facts (key text primary key, value blob not null) without rowid;
"""


_FILES = "select path, stamp, digest from files"
_READINGS = "select path, key, value from readings"
_TEXTS = "select digest, html from texts"
_FACTS = "select key, value from facts"


class Missing(Exception):
    """A text that a page needs is not in the store (it was damaged or deleted): the sources must be read again."""


class Store:
    """Four tables: digests of files by stamp, readings by source, texts by digest, and small facts by key.

    Every row carries a checksum, since SQLite has none: what a damaged disk changed is not there.
    """

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the store; `None` keeps it in memory. A store that cannot be read is made anew."""
        self._path = path
        self._texts: dict[str, str] = {}
        try:
            self._database = self._open()
        except (sqlite3.Error, OSError, UnicodeError):  # SQLite quotes damaged bytes in its messages
            self.forget()

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.is_symlink():  # never ours: writing would damage what it leads to
                self._path.unlink()
        database = sqlite3.connect(str(self._path) if self._path else ":memory:", isolation_level=None, timeout=10)
        database.text_factory = str
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = off")
        database.executescript(_TABLES)
        row = database.execute("select version from about").fetchone()
        if row is None:
            database.execute("insert into about values (?)", (_VERSION,))
        elif row[0] != _VERSION:
            database.close()
            raise sqlite3.DatabaseError("another version")
        for question in (_FILES, _READINGS, _TEXTS, _FACTS):
            database.execute(f"{question} limit 0")  # an error where a table has another shape
        return database

    def forget(self) -> None:
        """Starts over with an empty store."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._database.close()
        self._texts.clear()
        if self._path is not None:
            for end in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(OSError):
                    Path(str(self._path) + end).unlink()
        try:
            self._database = self._open()
        except (sqlite3.Error, OSError, UnicodeError):  # a folder that cannot be written: work without keeping anything
            self._path = None
            self._database = self._open()

    def reopen(self) -> None:
        """Opens the file again: a connection must not be shared with the process that was forked from."""
        if self._path is not None:
            with contextlib.suppress(sqlite3.Error, OSError):
                self._database = self._open()

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def files(self) -> dict[str, tuple[str, str]]:
        """path → (stamp, digest) of every file seen last time."""
        rows = self._rows(_FILES)  # a damaged path or stamp is that of no file, so the digest alone needs a checksum
        return {path: (stamp, signed[:-8]) for path, stamp, signed in rows if isinstance(signed, str) and signed == _signed(signed[:-8])}

    def readings(self) -> dict[str, tuple[str, bytes]]:
        """path → (key, encoded reading) of every source read last time."""
        return {path: (key, value[4:]) for path, key, value in self._rows(_READINGS) if _is_whole(key, value)}

    def fact(self, key: str) -> bytes | None:
        """A small value by its key, or None."""
        rows = self._rows(f"{_FACTS} where key = ?", (key,))
        return bytes(rows[0][1][4:]) if rows and _is_whole(key, rows[0][1]) else None

    def facts(self, beginning: str) -> dict[str, bytes]:
        """All facts whose keys begin with an ASCII text, by the rest of the key."""
        rows = self._rows(f"{_FACTS} where key >= ? and key < ?", (beginning, beginning + "\x7f"))
        return {key[len(beginning) :]: value[4:] for key, value in rows if _is_whole(key, value)}

    def html(self, digest: str) -> str:
        """The text of a digest. Raises `Missing` if it is not there or does not match its digest."""
        known = self._texts.get(digest)
        if known is not None:
            return known
        rows = self._rows(f"{_TEXTS} where digest = ?", (digest,))
        if not rows or not isinstance(rows[0][1], str) or text_digest(rows[0][1]) != digest:
            raise Missing(digest)
        html: str = rows[0][1]
        return html

    def keep(
        self,
        files: Iterable[tuple[str, str, str]] = (),
        readings: Iterable[tuple[str, str, bytes, str]] = (),
        texts: Iterable[tuple[str, str]] = (),
        gone: Iterable[str] = (),
    ) -> None:
        """Adds and replaces rows, forgets the paths in `gone`, and drops texts that no reading names, in one transaction."""
        texts = list(texts)
        try:
            with self._transaction() as database:
                lost = [(path,) for path in gone]
                readings = list(readings)
                database.executemany("delete from files where path = ?", lost)
                database.executemany("delete from readings where path = ?", lost)
                signed = ((path, stamp, _signed(digest)) for path, stamp, digest in files)
                database.executemany("insert or replace into files values (?, ?, ?)", signed)
                whole = ((path, key, _whole(key, value), text) for path, key, value, text in readings)
                database.executemany("insert or replace into readings values (?, ?, ?, ?)", whole)
                database.executemany("insert or replace into texts values (?, ?)", texts)
                if lost or readings:
                    database.execute("delete from texts where digest not in (select text from readings)")
        except sqlite3.Error:  # the disk is full or the file is damaged: this build goes on from memory
            self._texts.update(texts)

    def keep_fact(self, key: str, value: bytes) -> None:
        """Keeps a small value."""
        with contextlib.suppress(sqlite3.Error):
            self._database.execute("insert or replace into facts values (?, ?)", (key, _whole(key, value)))

    def keep_facts(self, values: Mapping[str, bytes], gone: Iterable[str] = ()) -> None:
        """Keeps small values by their keys, and forgets the keys in `gone`, in one transaction."""
        with contextlib.suppress(sqlite3.Error), self._transaction() as database:
            database.executemany("delete from facts where key = ?", [(key,) for key in gone])
            database.executemany("insert or replace into facts values (?, ?)", [(key, _whole(key, value)) for key, value in values.items()])

    def scrub(self) -> None:
        """Leaves nothing in the file of what was replaced or deleted: SQLite keeps it in pages that are free."""
        with contextlib.suppress(sqlite3.Error):
            self._database.execute("pragma wal_checkpoint(truncate)")
            self._database.execute("vacuum")
            self._database.execute("pragma wal_checkpoint(truncate)")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("begin immediate")
        try:
            yield self._database
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._database.execute(query, values).fetchall()
        except (sqlite3.Error, UnicodeError):
            return []


def _signed(digest: str) -> str:
    """A digest and its checksum."""
    return f"{digest}{crc32(digest.encode('utf-8', 'surrogatepass')):08x}"


def _whole(key: str, value: bytes) -> bytes:
    """A value behind the checksum of its key and itself."""
    return crc32(value, crc32(key.encode("utf-8", "surrogatepass"))).to_bytes(4, "big") + value


def _is_whole(key: object, value: object) -> bool:
    """Whether a row comes back as it was kept."""
    if not isinstance(key, str) or not isinstance(value, bytes):
        return False
    return int.from_bytes(value[:4], "big") == crc32(memoryview(value)[4:], crc32(key.encode("utf-8", "surrogatepass")))


def text_digest(html: str) -> str:
    """The name of a text in the store: 128 bits of BLAKE2b over its UTF-8, in hexadecimal."""
    return hashlib.blake2b(html.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
