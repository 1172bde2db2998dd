"""The cache: what was kept comes back, what was damaged is not there, and a build goes on whatever happens to it."""

import os
import random
import sqlite3
from pathlib import Path

import pytest

from iopsgen.store import Missing, Store, text_digest
from tests.sites import EVENT, POST, build_site, messages, tree, write_site

HTML = "<p>Grüße, 日本</p>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the cache lies."""
    return tmp_path / ".iopsgen" / "cache.sqlite"


def fill(store: Store) -> None:
    """Something in every table."""
    store.keep(
        [("content/a.md", "1:2:3:4", "d1"), ("content/ü.md", "5:6:7:8", "d2")],
        [("content/a.md", "k1", b"reading \x00 one", text_digest(HTML)), ("content/ü.md", "k2", b"", "")],
        [(text_digest(HTML), HTML), ("orphan", "gone")],
    )
    store.keep_fact("fact", b"\x00value")


def check(store: Store) -> None:
    """Everything that `fill` kept."""
    assert store.files() == {"content/a.md": ("1:2:3:4", "d1"), "content/ü.md": ("5:6:7:8", "d2")}
    assert store.readings() == {"content/a.md": ("k1", b"reading \x00 one"), "content/ü.md": ("k2", b"")}
    assert store.html(text_digest(HTML)) == HTML and store.fact("fact") == b"\x00value" and store.fact("other") is None


def test_what_was_kept_comes_back(path: Path) -> None:
    """Across closing and opening, in a file and in memory; a text that no reading names goes."""
    for place in (path, None):
        store = Store(place)
        fill(store)
        check(store)
        with pytest.raises(Missing):
            store.html("orphan")
        store.close()
    again = Store(path)
    check(again)
    again.close()


def test_what_is_gone_is_forgotten(path: Path) -> None:
    """Rows of removed files go, and their texts with them; a replaced reading loses its old text."""
    store = Store(path)
    fill(store)
    store.keep(gone=["content/a.md"])
    assert list(store.files()) == ["content/ü.md"] == list(store.readings())
    with pytest.raises(Missing):
        store.html(text_digest(HTML))
    store.close()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 999, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_made_anew(path: Path, content: bytes) -> None:
    """Whatever stands in its place, the cache is empty and works."""
    path.parent.mkdir()
    path.write_bytes(content)
    store = Store(path)
    assert store.files() == {} == store.readings()
    fill(store)
    store.close()
    again = Store(path)
    check(again)
    again.close()


@pytest.mark.parametrize(
    "change",
    ["update about set version = 'older'", "drop table readings; create table readings (path text, something blob)", "drop table texts; create table texts (digest int)"],
)
def test_another_shape_is_made_anew(path: Path, change: str) -> None:
    """A cache of another version, or with other columns, is not used and does not stay in the way."""
    store = Store(path)
    fill(store)
    store.close()
    database = sqlite3.connect(path)
    database.executescript(change)
    database.close()
    store = Store(path)
    assert store.readings() == {} and store.files() == {}
    fill(store)
    check(store)
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        "update readings set value = x'00' || substr(value, 2)",
        "update readings set value = substr(value, 1, 3)",
        "update readings set value = 'text'",
        "update readings set value = 5",
        "update readings set key = 'k9'",
        "update files set digest = 'd9' || substr(digest, 3)",
        "update files set digest = 7",
        "update files set digest = x'ff'",
        "update texts set html = html || ' '",
        "update texts set html = x'ff'",
        "update facts set value = x'0102030405'",
        "update facts set value = 'text'",
    ],
)
def test_damaged_rows_are_not_there(path: Path, change: str) -> None:
    """A changed byte anywhere in a row makes it one that was never kept; the others stay."""
    store = Store(path)
    fill(store)
    store.close()
    database = sqlite3.connect(path)
    database.execute(change)
    database.commit()
    database.close()
    store = Store(path)
    table = change.split()[1]
    if table == "readings":
        assert store.readings() == {} and len(store.files()) == 2
    elif table == "files":
        assert store.files() == {} and len(store.readings()) == 2
    elif table == "texts":
        with pytest.raises(Missing):
            store.html(text_digest(HTML))
    else:
        assert store.fact("fact") is None
    store.close()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path, path: Path) -> None:
    """A database elsewhere, to which somebody laid a link, is not touched."""
    other = tmp_path / "theirs.sqlite"
    database = sqlite3.connect(other)
    database.execute("create table mine (x)")
    database.commit()
    database.close()
    before = other.read_bytes()
    path.parent.mkdir()
    path.symlink_to(other)
    store = Store(path)
    fill(store)
    check(store)
    store.close()
    assert other.read_bytes() == before and not path.is_symlink()


def test_without_a_place_it_works_from_memory(tmp_path: Path) -> None:
    """Where no file can be, in a file's place or in a folder's, nothing is kept and everything works."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "cache.sqlite", tmp_path / "folder"):
        store = Store(place)
        fill(store)
        check(store)
        store.close()


def test_a_lost_file_loses_no_text_of_this_build(path: Path) -> None:
    """Where nothing can be written any more, the texts of the running build are still there."""
    store = Store(path)
    store.close()
    fill(store)
    assert store.html(text_digest(HTML)) == HTML and store.files() == {}


def test_any_byte_of_the_cache_may_be_damaged(tmp_path: Path) -> None:
    """After damage at random places a build gives the same site, and never fails."""
    site = write_site(tmp_path / "site", {f"content/posts/2026-10-{n:02}-post-{n}.md": POST.replace("Welcome", f"Welcome {n}") for n in range(1, 20)})
    write_site(site, {"content/events/picnic.md": EVENT, "static/logo.svg": "<svg width='5' height='5'/>"})
    assert build_site(site).ok
    wanted = tree(site / "output")
    cache = site / ".iopsgen" / "cache.sqlite"
    rng = random.Random(7)
    for _ in range(12):
        data = bytearray(cache.read_bytes())
        for _ in range(rng.choice((1, 5, 40))):
            at = rng.randrange(100, len(data))
            data[at] = rng.randrange(256)
        cache.write_bytes(bytes(data))
        for end in ("-wal", "-shm"):
            Path(str(cache) + end).unlink(missing_ok=True)
        for name in (site / "output").glob("posts/*/index.html"):
            os.unlink(name)
        result = build_site(site)
        assert result.ok, messages(result)
        assert tree(site / "output") == wanted
