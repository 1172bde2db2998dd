"""Whole small sites: what a first-time user met, so that nobody meets it again."""

import os
from pathlib import Path

from tests.sites import POST, SETTINGS, build_site, messages, tree, write_site


def test_a_slug_in_the_inbox_means_the_original(tmp_path: Path) -> None:
    """A comment that names its page by slug stands below the original text, not below a translation."""
    inbox = '{"id": "c3", "page": "a", "received": "2026-11-01T10:00:00Z", "body": "hello"}\n'
    site = write_site(
        tmp_path,
        {"content/posts/a.md": POST, "content/posts/a.es.md": "---\ntitle: Hola\n---\nHola.\n", "comments/inbox.jsonl": inbox},
        SETTINGS + "languages: [en, es]\n",
    )
    assert build_site(site).ok
    assert "posts/a/comments.xml" in tree(site / "output")
    assert "es/posts/a/comments.xml" not in tree(site / "output")


def test_a_text_with_a_hidden_ending_is_not_published(tmp_path: Path) -> None:
    """`hello.md.txt`, as Windows' Notepad saves it, may be a draft: it is named and not copied to the site."""
    site = write_site(tmp_path, {"content/posts/hello.md.txt": "---\ntitle: Hello\ndraft: true\n---\nnot yet\n"})
    result = build_site(site)
    assert [m for m in messages(result) if "hello.md.txt" in m]
    assert not [name for name, data in tree(site / "output").items() if b"not yet" in data or name.endswith(".md.txt")]


def test_a_text_that_shows_nothing_builds(tmp_path: Path) -> None:
    """A body of a remark or a link definition alone renders to nothing, and stops nothing."""
    site = write_site(
        tmp_path,
        {"content/posts/a.md": "---\ntitle: A\ndate: 2026-01-01\n---\n<!-- todo -->\n", "content/pages/b.md": "---\ntitle: B\n---\n[a]: https://example.org\n"},
    )
    assert build_site(site).ok


def test_decisions_that_are_not_there_stop_the_build(tmp_path: Path) -> None:
    """A mistyped path of the decisions could publish a comment that somebody wanted erased."""
    result = build_site(write_site(tmp_path, {}, SETTINGS + "comments: {decisions: comments/decision.jsonl}\n"))
    assert not result.ok and "comments/decision.jsonl is not there" in messages(result)[0]


def test_a_linked_theme_is_never_taken_for_unchanged(tmp_path: Path) -> None:
    """What lies behind a link has no stamp in the walk, so a build with it is not remembered."""
    site = write_site(tmp_path, {"shared/ours/theme.yml": "parent: default\n", "shared/ours/templates/404.html": "one"}, SETTINGS + "theme: ours\n")
    (site / "themes").mkdir()
    (site / "themes" / "ours").symlink_to("../shared/ours")
    for path in [*site.rglob("*"), site / "iopsgen.yml"]:
        if path.is_file():
            os.utime(path, (1_700_000_000, 1_700_000_000))
    assert build_site(site).ok
    (site / "shared" / "ours" / "templates" / "404.html").write_text("two")
    build_site(site)
    assert (site / "output" / "404.html").read_text() == "two"


def test_norwegian(tmp_path: Path) -> None:
    """`no` is a language, and its full form has no data of its own."""
    assert build_site(write_site(tmp_path, {}, SETTINGS.replace("language: en", "language: no"))).ok


def test_the_picture_of_a_draft_in_capitals_is_not_published(tmp_path: Path) -> None:
    """A bundle is one whatever the case of its index file's name."""
    site = write_site(tmp_path, {"content/posts/b/INDEX.MD": "---\ntitle: A\ndate: 2026-01-01\ndraft: true\n---\nx\n", "content/posts/b/p.svg": "<svg/>"})
    assert build_site(site).ok
    assert not [name for name in tree(site / "output") if name.endswith("p.svg")]
