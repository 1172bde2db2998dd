"""What the last build saw: when a build may rest, and when it may not."""

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from iopsgen.recall import KEY, Memory, holds, look_at, recall
from iopsgen.store import Store
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, tree, write_site

OLD = 1_600_000_000
ROOTS = ("iopsgen.yml", "content", "comments/inbox.jsonl")
STARTED = 2_000_000_000 * 10**9


def age(folder: Path) -> None:
    """Makes every source old, so that its stamp can be trusted. (The time of a change of the inode stays; so `STARTED` lies ahead.)"""
    for path in folder.rglob("*"):
        if path.is_file() and "output" not in path.parts and ".iopsgen" not in path.parts:
            os.utime(path, (OLD, OLD))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = write_site(
        tmp_path / "site", {"content/posts/2026-10-05-welcome.md": POST, "content/events/picnic.md": EVENT, "comments/inbox.jsonl": ""}
    )
    age(folder)
    return folder


def look(site: Path, asked: str = "a", started: int = STARTED) -> str:
    return look_at(site, ROOTS, asked, started)


def test_the_same_files_look_the_same(site: Path) -> None:
    """Nothing touched, nothing changed."""
    assert look(site) == look(site) != ""
    assert look(site) != look(site, "b")


def test_every_kind_of_change_is_seen(site: Path) -> None:
    """A text edited, added, removed, renamed, replaced by one of the same size and time, or settings edited: each looks different."""
    seen = {look(site)}
    post = site / "content/posts/2026-10-05-welcome.md"

    def differs() -> None:
        found = look(site)
        assert found not in seen
        seen.add(found)

    post.write_text(POST + "More.\n")
    differs()
    write_site(site, {"content/posts/2026-10-06-b.md": POST})
    differs()
    (site / "content/posts/2026-10-06-b.md").rename(site / "content/posts/2026-10-06-c.md")
    differs()
    (site / "content/posts/2026-10-05-welcome.md").rename(site / "content/posts/2026-10-06-c.md")
    differs()
    (site / "content/posts/2026-10-06-c.md").rename(post)
    other = site / "other"
    other.write_text((POST + "More.\n").replace("Hello", "Howdy"))
    os.utime(other, (OLD, OLD))
    os.utime(post, (OLD, OLD))
    differs()
    other.replace(post)
    differs()
    (site / "iopsgen.yml").write_text(SETTINGS + "# more\n")
    differs()
    (site / "comments/inbox.jsonl").write_text("{}\n")
    differs()


def test_young_files_are_not_trusted(site: Path) -> None:
    """A file written less than two seconds before the look may change again within the same stamp: then nothing is remembered."""
    stamp = max(p.stat().st_ctime_ns for p in site.rglob("*"))
    assert look(site, started=stamp + 1_900_000_000) == ""
    assert look(site, started=stamp + 2_100_000_000) != ""


@pytest.mark.parametrize("data", [None, b"", b"\x00", b"nonsense", msgspec.msgpack.encode({"seen": 1})])
def test_a_damaged_memory_is_none(data: bytes | None) -> None:
    """What cannot be read as a memory is as if there were none."""
    assert recall(data) is None


def memory(site: Path, **more: object) -> Memory:
    values = {
        "seen": look(site),
        "roots": ROOTS,
        "output": "output",
        "since": NOW,
        "until": NOW + timedelta(days=1),
        "outputs": 1,
        "scheduled": 0,
        "drafts": 0,
        "expired": 0,
        "comments": {},
        "calendars": [],
        "problems": [],
    }
    return msgspec.convert({**values, **more}, Memory, strict=False)


def test_when_a_memory_holds(site: Path) -> None:
    """From the moment of the build until the site changes by itself, while the files and what is asked are the same and output is there."""
    (site / "output").mkdir()
    kept = memory(site)
    assert holds(kept, site, "a", NOW, STARTED) and holds(kept, site, "a", NOW + timedelta(hours=23), STARTED)
    assert not holds(kept, site, "a", NOW - timedelta(seconds=1), STARTED), "the clock was set back"
    assert not holds(kept, site, "a", NOW + timedelta(days=1), STARTED), "the site changes at this very moment"
    assert not holds(kept, site, "b", NOW, STARTED)
    assert holds(memory(site, until=None), site, "a", NOW + timedelta(days=9999), STARTED)
    assert recall(msgspec.msgpack.encode(kept)) == kept
    (site / "output").rmdir()
    assert not holds(kept, site, "a", NOW, STARTED)


def test_a_build_of_nothing_says_the_same(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that rests gives the result of the one before, all unchanged, warnings included; what is changed by hand ends the rest."""
    import iopsgen.build as room

    monkeypatch.setattr(room.time, "time_ns", lambda: STARTED)  # type: ignore[attr-defined]
    write_site(site, {"content/pages/about.md": "---\ntitle: About\nfoo: 1\n---\n[x](nowhere.txt)\n"})
    first = build_site(site)
    assert first.ok and first.problems and first.written
    calls = []
    monkeypatch.setattr(room, "_build_with", lambda *a: calls.append(a) or pytest.fail("did not rest"))
    second = build_site(site, NOW + timedelta(hours=1))
    assert (second.ok, second.written, second.unchanged, second.outputs) == (True, 0, first.outputs, first.outputs)
    assert (second.problems, second.next_change, second.comments) == (first.problems, first.next_change, first.comments)
    monkeypatch.undo()
    monkeypatch.setattr(room.time, "time_ns", lambda: STARTED)  # type: ignore[attr-defined]
    (site / "output/index.html").write_text("spoilt")
    third = build_site(site)
    assert third.written == 1 and b"spoilt" not in tree(site / "output")["index.html"]


def test_a_failed_build_is_not_remembered(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error the next build reads again and tells it again."""
    import iopsgen.build as room

    monkeypatch.setattr(room.time, "time_ns", lambda: STARTED)  # type: ignore[attr-defined]
    assert build_site(site).ok
    write_site(site, {"content/posts/2026-10-06-bad.md": "---\ntitle: X\nchapter: nowhere\n---\n"})
    for options in ({}, {}, {"keep_going": True}, {"keep_going": True}, {}):
        assert not build_site(site, **options).ok
    write_site(site, {"content/posts/2026-10-06-bad.md": None})
    assert build_site(site).ok


def test_a_dry_run_is_not_remembered(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run publishes nothing, so the build after it has everything to do."""
    import iopsgen.build as room

    monkeypatch.setattr(room.time, "time_ns", lambda: STARTED)  # type: ignore[attr-defined]
    assert build_site(site, dry_run=True).ok
    built = build_site(site)
    assert built.written == built.outputs == len(tree(site / "output"))


def test_the_store_keeps_it(site: Path) -> None:
    """The memory is one fact of the store, and goes with it."""
    store = Store(site / ".iopsgen" / "cache.sqlite")
    kept = memory(site)
    store.keep_fact(KEY, msgspec.msgpack.encode(kept))
    assert recall(store.fact(KEY)) == kept
    store.forget()
    assert recall(store.fact(KEY)) is None
    store.close()
