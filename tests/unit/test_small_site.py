"""Whole small sites: what a first-time user met, so that nobody meets it again."""

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
