"""Reads the database of Isso: one SQLite file with a table of threads and one of comments."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from iopsgen.importers.comments.bodies import from_markdown
from iopsgen.importers.comments.foreign import Choices, Foreign, Found, Passed, State
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable, open_stream
from iopsgen.problems import error

_MAGIC = b"SQLite format 3\0"
_TEXT = 4 * 1024 * 1024  # bytes of one value
_STEPS = 200_000_000  # of SQLite's machine: beyond, a database was made to be slow
_STATES: dict[object, State] = {1: "approved", 2: "pending", 4: "deleted"}
_NEEDED = {"tid", "id", "parent", "created", "mode", "text", "author", "website"}


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of a database, which is opened to be read and for nothing else. Raises Unreadable."""
    with open_stream(source) as stream:
        start = stream.read(len(_MAGIC))
    if start == _MAGIC and _first_bytes(source.path) != _MAGIC:
        raise Unreadable("This database is packed.", "Unpack it, and import what was in it.")
    if start != _MAGIC:
        raise Unreadable("This is no SQLite database.", "Name the file that stands as dbpath in the configuration of Isso.")
    try:
        with closing(_open(source)) as base:
            _check(base)
            yield from _rows(base, source)
    except (sqlite3.Error, OverflowError, UnicodeError) as fault:  # the last: damage in the name of a table, which SQLite puts into its words
        words = "it is damaged" if isinstance(fault, UnicodeError) else str(fault)
        yield error(f"The database cannot be read any further: {words}.", source.place(), "Copy it while Isso is stopped, or repair it with sqlite3.")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))


def _open(source: Source) -> sqlite3.Connection:
    address = f"file:{quote(str(source.path.absolute()))}?mode=ro"
    try:
        return _guarded(sqlite3.connect(address, uri=True))
    except sqlite3.OperationalError:  # a folder that cannot be written has no room for the file that SQLite shares with Isso
        return _guarded(sqlite3.connect(f"{address}&immutable=1", uri=True))


def _guarded(base: sqlite3.Connection) -> sqlite3.Connection:
    """The same with bounds, since a stranger may have made it, once it has shown that it can be read; closed if it cannot."""
    try:
        _guard(base)
        base.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        base.close()
        raise
    return base


def _guard(base: sqlite3.Connection) -> None:
    base.text_factory = lambda data: data.decode("utf-8", "replace")
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _TEXT)
    for wish in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
        base.execute(f"PRAGMA {wish}")
    left = [_STEPS // 100_000]

    def count_down() -> int:
        left[0] -= 1
        return left[0] < 0

    base.set_progress_handler(count_down, 100_000)


def _check(base: sqlite3.Connection) -> None:
    """Raises Unreadable unless there are the two tables of Isso: tables, since views could be anything."""
    kinds = dict(base.execute("SELECT name, type FROM sqlite_master WHERE name IN ('threads', 'comments')"))
    columns = {name for _, name, *_ in base.execute("PRAGMA table_info(comments)")}
    if kinds != {"threads": "table", "comments": "table"} or not columns >= _NEEDED:
        raise Unreadable("This database is not one of Isso.", "Name the file that stands as dbpath in the configuration of Isso.")


def _rows(base: sqlite3.Connection, source: Source) -> Iterator[Found]:
    created = {row[0]: row[1] for row in base.execute("SELECT id, created FROM comments")}
    rows = base.execute(
        "SELECT c.id, c.parent, c.created, c.mode, c.text, c.author, c.website, t.uri"
        " FROM comments AS c LEFT JOIN threads AS t ON t.id = c.tid ORDER BY c.id"
    )
    for number, parent, moment, mode, text, author, website, uri in rows:
        if not isinstance(number, int) or not isinstance(text or "", str):
            yield Passed("damaged", source.place())
            continue
        body, form = from_markdown(text or "")
        key = _key(number, moment)
        yield Foreign(
            place=source.place(),
            file=source.name,
            id=key,
            key=key,
            parent=_key(parent, created.get(parent)) if parent is not None else "",
            pages=(uri,) if isinstance(uri, str) else (),
            received=read_date(moment, "UTC"),
            body=body,
            format=form,
            name=author if isinstance(author, str) else "",
            url=website if isinstance(website, str) else "",
            state=_STATES.get(mode, "pending"),
        )


def _key(number: object, moment: object) -> str:
    """The number of a comment, which counts in one database only, with a mark of the moment it came."""
    return f"{number}.{hashlib.sha256(repr(moment).encode()).hexdigest()[:8]}"
