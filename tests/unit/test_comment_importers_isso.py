"""Comments of Isso: its database with the tables that Isso makes, states and answers; and databases that are none, damaged or a trap."""

import gzip
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.foreign_comments import bring, by_body, errors, reasons, records

# As Isso 0.14 makes them.
TABLES = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL, modified FLOAT, mode INTEGER,
  remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0,
  voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
"""
Row = tuple[int, int, int | None, float, int, object, str | None, str | None]  # thread, id, parent, created, mode, text, author, website


def database(path: Path, rows: Iterable[Row], tables: str = TABLES) -> Path:
    base = sqlite3.connect(path)
    base.executescript(tables)
    base.executemany("INSERT INTO threads VALUES (?, ?, ?)", [(1, "/posts/welcome/", "Welcome"), (2, "/events/picnic.html", None), (3, "/gone/?x=1", "")])
    insert = "INSERT INTO comments (tid, id, parent, created, mode, text, author, website, remote_addr, email, voters) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '192.0.2.7', 'who@example.org', x'00')"
    base.executemany(insert, rows)
    base.commit()
    base.close()
    return path


ROWS: tuple[Row, ...] = (
    (1, 2, 1, 1795404984.8220358, 1, "Answer", None, None),
    (1, 1, None, 1795404984.8039773, 1, "First *words*\n\nmore", "Ann", "https://ann.example"),
    (2, 4, None, 1795404985.0, 2, "<p>Waits</p>", "", ""),
    (1, 5, None, 1795404986.5, 4, "", None, None),
    (1, 6, 5, 1795404987.5, 1, "Answers what is gone", "Eve", "javascript:alert(1)"),
    (3, 7, 99, 1795404988.5, 1, "Answers what never was", "ann@example.org", None),
)


def test_isso(tmp_path: Path) -> None:
    """Comments come with page, name, website, parent and the exact moment; an address and a hash never do."""
    outcome = bring(tmp_path / "site", "isso", database(tmp_path / "comments.db", ROWS))
    found = by_body(tmp_path / "site")
    first = found["First *words*\n\nmore"]
    assert errors(outcome) == []
    assert (first.name, first.url, first.page, first.status, first.format, first.parent) == ("Ann", "https://ann.example", "/posts/welcome/", "approved", "markdown", "")
    assert first.received.isoformat() == "2026-11-23T03:36:24.803977+00:00"
    assert (found["Answer"].parent, found["Answer"].name) == (first.id, "")
    assert (found["<p>Waits</p>"].status, found["<p>Waits</p>"].format, found["<p>Waits</p>"].page) == ("pending", "html", "/events/picnic/")
    assert found["Answers what is gone"].url == "" and found["Answers what never was"].name == ""
    assert reasons(outcome) == {"deleted there": 1} and len(outcome.taken.decisions) == 1
    assert outcome.taken.unknown_pages == {"/gone/?x=1": 1} and len(outcome.taken.remarks["answers to a comment that is not there"]) == 1
    assert "192.0.2" not in (tmp_path / "site/comments/inbox.jsonl").read_text("utf-8")


def test_again(tmp_path: Path) -> None:
    """The same database adds nothing twice; another one, which counts from one too, does not get in its way."""
    site, path = tmp_path / "site", database(tmp_path / "comments.db", ROWS)
    assert [bring(site, "isso", path).added for _ in range(2)] == [5, 0]
    other = database(tmp_path / "other.db", [(1, 1, None, 1700000000.25, 1, "Another first", None, None)])
    assert bring(site, "isso", other).added == 1 and len(records(site)) == 6


def test_while_isso_runs(tmp_path: Path) -> None:
    """A database in WAL mode, held open by a writer, is read with what is in its log, and left as it is."""
    path = database(tmp_path / "comments.db", ROWS[:2])
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("UPDATE comments SET text = 'From the log' WHERE id = 1")
    writer.commit()
    before = path.read_bytes()
    bring(tmp_path / "site", "isso", path)
    assert "From the log" in by_body(tmp_path / "site") and path.read_bytes() == before
    writer.close()


def test_old_tables(tmp_path: Path) -> None:
    """A database of an early Isso, without the later columns, is read as well."""
    old = TABLES.replace(", notification INTEGER DEFAULT 0", "").replace("CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);", "")
    assert bring(tmp_path / "site", "isso", database(tmp_path / "comments.db", ROWS, old)).added == 5


def test_odd_values(tmp_path: Path) -> None:
    """SQLite lets anything stand anywhere: bytes for a text, words for a moment, numbers for names are counted or read, never a crash."""
    rows: list[Row] = [
        (1, 1, None, 1795404984.5, 1, b"\xff\xfe", None, None),
        (1, 2, None, "yesterday", 1, "No moment", None, None),  # type: ignore[list-item]
        (9, 3, None, 1795404984.5, 1, "No thread", 7, None),  # type: ignore[list-item]
        (1, 4, "x", 1795404984.5, 9, "Odd state", None, None),  # type: ignore[list-item]
    ]
    outcome = bring(tmp_path / "site", "isso", database(tmp_path / "comments.db", rows))
    assert reasons(outcome) == {"damaged": 1, "without a date that can be read": 1, "naming no page": 1}
    assert [(r.body, r.status) for r in records(tmp_path / "site")] == [("Odd state", "pending")]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"SQLite format 3\0" + b"\x01" * 4000, bytes(range(256)) * 100, b"PK\x03\x04"], ids=["empty", "text", "magic", "noise", "zip"]
)
def test_no_database(tmp_path: Path, content: bytes) -> None:
    """A file that is no database gives an error with its name."""
    path = tmp_path / "comments.db"
    path.write_bytes(content)
    outcome = bring(tmp_path / "site", "isso", path)
    assert outcome.added == 0 and len(errors(outcome)) == 1 and errors(outcome)[0].startswith("comments.db:0 ")


def test_a_packed_database(tmp_path: Path) -> None:
    """A database that is packed has to be unpacked first, and the error says so."""
    path = tmp_path / "comments.db.gz"
    path.write_bytes(gzip.compress(database(tmp_path / "comments.db", ROWS).read_bytes()))
    assert errors(bring(tmp_path / "site", "isso", path)) == ["comments.db.gz:0 This database is packed."]


def test_another_database(tmp_path: Path) -> None:
    """A database of something else is refused, and so is one whose tables are views, which could compute for ever."""
    path = tmp_path / "comments.db"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE urls (id INTEGER)")
    base.commit()
    assert errors(bring(tmp_path / "site", "isso", path)) == ["comments.db:0 This database is not one of Isso."]
    base.executescript(TABLES.replace("CREATE TABLE comments", "CREATE TABLE words").replace("ON comments", "ON words"))
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 1 AS tid, i AS id, 1 AS parent, 1 AS created, 1 AS mode, '' AS text, '' AS author, '' AS website FROM n"
    base.execute(f"CREATE VIEW comments AS {endless}")
    base.commit()
    base.close()
    assert errors(bring(tmp_path / "site", "isso", path)) == ["comments.db:0 This database is not one of Isso."]


def test_a_damaged_name(tmp_path: Path) -> None:
    """Damage in the name of a table, which SQLite repeats in what it says, is told like any other."""
    path = database(tmp_path / "comments.db", ROWS)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE threads", b"CREATE TABEL thr\x99ds"))
    outcome = bring(tmp_path / "site", "isso", path)
    assert outcome.added == 0 and len(errors(outcome)) == 1 and "cannot be read any further" in errors(outcome)[0]


def test_a_torn_database(tmp_path: Path) -> None:
    """A database that was cut off, or has garbage in its middle, gives what can be read and one error."""
    path = database(tmp_path / "comments.db", [(1, n, None, 1795404984.0 + n, 1, f"{n} " + "x" * 900, None, None) for n in range(1, 200)])
    data = path.read_bytes()
    half = len(data) // 2
    for number, torn in enumerate((data[:half], data[:half] + bytes(20_000) + data[half + 20_000 :])):
        path.write_bytes(torn)
        outcome = bring(tmp_path / f"site{number}", "isso", path)
        assert len(errors(outcome)) == 1 and "cannot be read any further" in errors(outcome)[0]
        assert outcome.added == len(records(tmp_path / f"site{number}")) < 199
