"""One build: what is published, what is kept, what is told, and that nothing in a site makes it fail otherwise."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import iopsgen.build as room
from iopsgen.build import Options, now_from
from iopsgen.problems import has_errors
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, messages, tree, write_site

BAD = "---\ntitle: Bad\nchapter: nowhere\n---\nText.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a post and an event."""
    return write_site(tmp_path / "site", {"content/posts/2026-10-05-welcome.md": POST, "content/events/picnic.md": EVENT})


# --- what is published ---------------------------------------------------------------------------------------------


def test_first_second_and_third_build(site: Path) -> None:
    """The first writes all, the second nothing, the third what an edit changed; the numbers add up."""
    first = build_site(site)
    assert first.ok and first.written == first.outputs == len(tree(site / "output"))
    second = build_site(site)
    assert (second.written, second.unchanged, second.removed) == (0, first.outputs, 0)
    before = tree(site / "output")
    write_site(site, {"content/posts/2026-10-05-welcome.md": POST + "\nOne more line.\n"})
    third = build_site(site)
    after = tree(site / "output")
    changed = {name for name in after if after[name] != before.get(name)}
    assert third.written == len(changed) and third.written + third.unchanged == third.outputs
    assert changed == {
        "posts/welcome/index.html",
        "search/words-0.json",
        *(f"{scope}{feed}" for scope in ("", "people/anna/", "people/ben/") for feed in ("feed.xml", "atom.xml", "feed.json")),
    }


def test_what_is_gone_is_removed_and_strangers_stay(site: Path) -> None:
    """A page without a source goes, with its folder; a file that somebody put there stays."""
    build_site(site)
    (site / "output/CNAME").write_text("example.org\n")
    write_site(site, {"content/posts/2026-10-05-welcome.md": None})
    result = build_site(site)
    assert result.ok and result.removed > 0 and not (site / "output/posts/welcome").exists()
    assert (site / "output/CNAME").read_text() == "example.org\n"


def test_damaged_output_is_mended(site: Path) -> None:
    """Files of the output that were changed or removed by hand come back; so does a lost folder."""
    build_site(site)
    whole = tree(site / "output")
    (site / "output/index.html").write_text("spoilt")
    (site / "output/feed.xml").unlink()
    result = build_site(site)
    assert result.written == 2 and {c.path: c.why for c in result.changes}["index.html"] == "its file in the output folder was changed or removed"
    (site / "output").rename(site / "elsewhere")
    assert build_site(site).written == len(whole) and tree(site / "output") == whole


def test_clean_and_lost_caches_change_no_byte(site: Path) -> None:
    """`clean` makes everything anew, and a lost or broken cache is no loss: the bytes are the same."""
    build_site(site)
    before = tree(site / "output")
    assert build_site(site, clean=True).ok and tree(site / "output") == before
    for spoil in (b"", b"nonsense" * 1000):
        for path in (site / ".iopsgen").glob("cache*"):
            path.write_bytes(spoil)
        assert build_site(site).ok and tree(site / "output") == before


@pytest.mark.parametrize("workers", [1, 2])
def test_a_text_lost_from_the_store_is_read_again(site: Path, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cache lost the HTML of a text, the build reads the sources again instead of failing."""
    monkeypatch.setattr(room, "WORTH_A_PROCESS", 1)
    build_site(site)
    before = tree(site / "output")
    store = sqlite3.connect(site / ".iopsgen" / "cache.sqlite")
    assert store.execute("delete from texts").rowcount > 0
    store.commit()
    store.close()
    (site / "output/posts/welcome/index.html").unlink()
    assert build_site(site, workers=workers).ok and tree(site / "output") == before


# --- errors --------------------------------------------------------------------------------------------------------


def test_an_error_leaves_the_last_good_site(site: Path) -> None:
    """Nothing is written, nothing removed, and the result says so."""
    build_site(site)
    before = tree(site / "output")
    write_site(site, {"content/posts/2026-10-06-bad.md": BAD, "content/posts/2026-10-05-welcome.md": None})
    result = build_site(site)
    assert not result.ok and not result.usage and (result.written, result.removed) == (0, 0)
    assert tree(site / "output") == before


def test_keep_going_publishes_what_is_sound(site: Path) -> None:
    """One bad text does not stop the others; the errors are still told."""
    write_site(site, {"content/posts/2026-10-06-bad.md": BAD, "content/posts/2026-10-07-good.md": POST})
    result = build_site(site, keep_going=True)
    assert not result.ok and has_errors(result.problems)
    assert (site / "output/posts/good/index.html").exists()


def test_keep_going_keeps_the_last_good_version(site: Path) -> None:
    """A text whose error is found only among the others (an unknown venue, a dead link) is not shown anew: its page stays as it was, the lists leave it out."""
    write_site(site, {"content/events/picnic.md": EVENT})
    assert build_site(site).ok
    before = tree(site / "output")
    write_site(site, {"content/events/picnic.md": EVENT.replace("end:", "venue: nowhere\nend:"), "content/posts/2026-10-07-new.md": POST + "\n[there](gone.md)\n"})
    result = build_site(site, keep_going=True)
    after = tree(site / "output")
    assert not result.ok and len([p for p in result.problems if p.severity == "error"]) == 2, messages(result)
    assert after["events/picnic/index.html"] == before["events/picnic/index.html"] and after["events/picnic/event.ics"] == before["events/picnic/event.ics"]
    assert b"/events/picnic/" not in after["events/index.html"] and "posts/new/index.html" not in after
    assert tree(site / "output") == after and build_site(site, keep_going=True).written == 0
    write_site(site, {"content/events/picnic.md": EVENT, "content/posts/2026-10-07-new.md": None})
    assert build_site(site).ok and tree(site / "output") == before


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_template(site: Path, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that fails stops the build before anything is published; with keep_going its pages keep their last good version."""
    monkeypatch.setattr(room, "WORTH_A_PROCESS", 1)
    write_site(site, {"themes/ours/templates/_leaf.html": "{# ours #}"}, "")
    (site / "iopsgen.yml").write_text(SETTINGS + "theme: ours\n")
    assert build_site(site, workers=workers).ok
    before = tree(site / "output")
    write_site(
        site,
        {
            "themes/ours/templates/post.html": '{% extends "!post.html" %}{% block main %}{{ page.titel.x }}{% endblock %}',
            "content/pages/new.md": "---\ntitle: New\n---\n",
        },
    )
    result = build_site(site, workers=workers)
    assert not result.ok and tree(site / "output") == before
    assert any("themes/ours/templates/post.html" in m for m in messages(result)), messages(result)
    result = build_site(site, workers=workers, keep_going=True)
    after = tree(site / "output")
    assert not result.ok and after["posts/welcome/index.html"] == before["posts/welcome/index.html"] and "new/index.html" in after
    write_site(site, {"themes/ours/templates/post.html": '{% extends "!post.html" %}{% block main %}Mended{% endblock %}'})
    result = build_site(site, workers=workers)
    assert result.ok and b"Mended" in tree(site / "output")["posts/welcome/index.html"]


@pytest.mark.parametrize("spoilt", ["file", "folder", "missing", "utf-16", "empty", "list"])
def test_settings_that_cannot_be_read(site: Path, spoilt: str) -> None:
    """Every way in which the settings cannot be read is wrong usage, told with what to do."""
    path = site / "iopsgen.yml"
    path.unlink()
    if spoilt == "folder":
        path.mkdir()
    elif spoilt != "missing":
        path.write_bytes({"file": b"site: [", "utf-16": SETTINGS.encode("utf-16"), "empty": b"", "list": b"- a\n"}[spoilt])
    result = build_site(site)
    assert not result.ok and result.usage and result.problems[0].hint, messages(result)


@pytest.mark.parametrize("name", ["output", "output/posts", "output/index.html"])
def test_something_else_stands_in_the_way(site: Path, name: str) -> None:
    """A file where a folder has to be, and the other way round, ends in a message or a site, never in a fault."""
    path = site / name
    if name.endswith(".html"):
        path.mkdir(parents=True)
        (path / "x.txt").write_text("mine")
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    result = build_site(site)
    assert result.ok or result.problems[0].message
    if result.ok:
        assert (site / "output/index.html").is_file() and (site / "output/posts/index.html").is_file()


@pytest.mark.parametrize("files", [
    {"content": b"a file"}, {"content/posts": b"a file"}, {"themes": b"a file"}, {"static": b"a file"}, {"data": b"a file"}, {"comments": b"a file"},
    {"content/posts/2026-01-01-a.md": b""}, {"content/posts/2026-01-01-a.md": b"\x00\xff"}, {"content/posts/2026-01-01-a.md": b"---\n"},
    {"content/people.yml": b"- a\n"}, {"content/venues.yml": b"\xff\xfe"}, {"data/x.yml": b": :\n  - ]"}, {"data/x.yml": b"a: 1\n"},
    {"comments/inbox.jsonl": b"\xff\xfe\n{}\n[]\nnull\n"}, {"themes/ours/theme.yml": b"- x"}, {"content/posts/_defaults.yml": b"- x"},
], ids=lambda f: f"{next(iter(f))}={next(iter(f.values()))!r}")  # fmt: skip
@pytest.mark.parametrize("keep_going", [False, True])
def test_whatever_is_in_a_site(tmp_path: Path, files: dict[str, str | bytes | None], keep_going: bool) -> None:
    """Files that are not what they should be end in problems with a message, or do no harm."""
    result = build_site(write_site(tmp_path / "site", files), keep_going=keep_going)
    assert result.ok == (not has_errors(result.problems))
    assert result.ok or (tmp_path / "site/output/index.html").exists() == (keep_going and not result.usage)


def test_inbox_patterns(tmp_path: Path) -> None:
    """The inbox may be a pattern, in names of files or folders; a new line in any of its files shows."""
    line = '{"id": "c%d", "page": "welcome", "received": "2026-10-06T10:00:00Z", "name": "Ada", "body": "Hello"}\n'
    for pattern, name in (("comments/*.jsonl", "comments/two.jsonl"), ("comments/*/in.jsonl", "comments/a/in.jsonl")):
        site = write_site(
            tmp_path / name.replace("/", "-"),
            {"content/posts/2026-10-05-welcome.md": POST, name: line % 1},
            SETTINGS + f"comments: {{inbox: '{pattern}'}}\n",
        )
        assert build_site(site).comments.published == 1, pattern
        write_site(site, {name: line % 1 + line % 2})
        assert build_site(site).comments.published == 2, pattern


# --- time, places, processors --------------------------------------------------------------------------------------


def test_processors_change_no_byte(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes make the same files as one, in builds from scratch."""
    monkeypatch.setattr(room, "WORTH_A_PROCESS", 1)
    assert build_site(site, workers=1).ok
    one = tree(site / "output")
    assert build_site(site, workers=2, clean=True).ok and tree(site / "output") == one
    other = write_site(tmp_path / "other", {"content/posts/2026-10-05-welcome.md": POST, "content/events/picnic.md": EVENT})
    assert build_site(other, workers=2).ok and tree(other / "output") == one


def test_progress_is_told(site: Path) -> None:
    """Each step is told, with how many of how many are done."""
    told: list[tuple[str, int, int]] = []
    room.build(site, Options(now=NOW, workers=1), lambda *words: told.append(words))
    assert told[0] == ("Reading", 0, 0) and told[-1][:2] == ("Making pages", 0) and told[-1][2] > 10


@pytest.mark.parametrize(("text", "expected"), [
    ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)), ("2026-11-22T18:00", datetime(2026, 11, 22, 18, tzinfo=UTC)), ("2026-11-22T18:00:00Z", datetime(2026, 11, 22, 18, tzinfo=UTC)),
    (" 2026-11-22 18:00+01:00 ", datetime(2026, 11, 22, 17, tzinfo=UTC)), ("soon", None), ("", None), ("2026-13-01", None), ("9999-12-31", None), ("0001-01-01", None),
])  # fmt: skip
def test_now_as_written(text: str, expected: datetime | None) -> None:
    """ISO 8601, UTC without an offset; None for what is no moment, or none that a calendar can go on from."""
    assert now_from(text, {"SOURCE_DATE_EPOCH": "0"}) == expected


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1350000000", datetime(2012, 10, 12, tzinfo=UTC)),
        ("x", None),
        ("9" * 30, None),
        ("253402300799", None),
        ("1.5", None),
    ],
)
def test_now_from_the_environment(epoch: str, expected: datetime | None) -> None:
    """SOURCE_DATE_EPOCH in whole seconds; an empty one is none."""
    assert now_from(None, {"SOURCE_DATE_EPOCH": epoch}) == expected
    clock = now_from(None, {"SOURCE_DATE_EPOCH": ""})
    assert clock is not None and clock.tzinfo is UTC and clock.microsecond == 0


@pytest.mark.parametrize("now", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2400, 2, 29, tzinfo=UTC)])
def test_far_moments(site: Path, now: datetime) -> None:
    """A build works at the ends of what `now` may be."""
    assert build_site(site, now).ok


def test_what_changes_and_why(site: Path) -> None:
    """Each output that is made has its reason: new, the frame, what it shows."""
    assert {c.why for c in build_site(site).changes} == {"it is new"}
    write_site(site, {"content/posts/2026-10-05-welcome.md": POST.replace("Hello", "Good day")})
    assert {(c.action, c.why) for c in build_site(site, dry_run=True).changes} == {("write", "what it shows changed")}
    (site / "iopsgen.yml").write_text(SETTINGS.replace("Friends", "Neighbours"))
    changes = build_site(site, dry_run=True).changes
    assert any("the frame of all pages" in c.why for c in changes if c.path == "about/index.html" or c.path == "archive/index.html")
    write_site(site, {"content/events/picnic.md": None})
    gone = [c for c in build_site(site, dry_run=True).changes if c.action == "remove"]
    assert {c.path for c in gone} >= {"events/picnic/index.html", "events/picnic/event.ics"} and all(c.why for c in gone)
    assert (site / "output/events/picnic/event.ics").exists()


def test_overrides(site: Path) -> None:
    """Settings given for one build count for that build alone; unknown ones are wrong usage."""
    assert build_site(site, overrides={"site.title": "Other"}).ok and b"Other" in tree(site / "output")["index.html"]
    assert build_site(site).written > 0 and b"Other" not in tree(site / "output")["index.html"]
    options: dict[str, Any] = {"overrides": {"site.nonsense": "x"}}
    assert build_site(site, **options).usage


@pytest.mark.parametrize("workers", [1, 2])
def test_many_broken_pages_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """A template that fails on every page is known after a hundred pages: a build of ten thousand does not go on. One that keeps going does."""
    import iopsgen.build as room
    from iopsgen.outputs.make import Workshop

    made: list[str] = []
    real = Workshop.make
    monkeypatch.setattr(room, "WORTH_A_PROCESS", 10)
    monkeypatch.setattr(room, "MANY_BROKEN", 12)
    monkeypatch.setattr(Workshop, "make", lambda self, output: (made.append(output.path), real(self, output))[1])
    footer = {"themes/ours/theme.yml": "parent: default\n", "themes/ours/templates/_footer.html": "{{ nothing.at.all }}"}
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, **footer}, SETTINGS + "theme: ours\n")
    built = build_site(site, workers=workers)
    assert not built.ok and any("nothing" in text for text in messages(built)) and not (site / "output").exists()
    assert workers > 1 or len(made) < built.outputs
    kept = build_site(site, workers=workers, keep_going=True)
    assert not kept.ok and kept.written and (site / "output/feed.xml").exists()
