"""What `init` and `new` write can be built as it stands, whatever titles people give."""

import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopsgen.scaffold import Kind, NewFile, new_file, quoted, starter_site
from iopsgen.slugs import fault_of_route
from iopsgen.yamltext import Map, Scalar, parse
from tests.sites import SETTINGS, build_site, messages, write_site

TODAY = date(2026, 11, 20)
KINDS: tuple[Kind, ...] = ("post", "event", "chapter", "page")
TITLES = [
    "Welcome", "Tea: a talk", '"Quoted" and it\'s', "Meeting #5", "#hashtag", "- a dash", "[x] {y}", "@home & *away*", "no", "null", "~", "12:30", "1.10", "%x", "| y", "> z", "? a", "! b", "`c`",
    "C:\\temp", "a\nb\tc", "  spaces  ", "مرحبا: بالعالم", "日本語", "🎉", "con", "Index", "x" * 300, "a\u2028b", "\u202eevil", "tab\x00\x1b[31m", "\udce9 broken", "true", "&amp; <b>", "---", "...", "title: x",
]  # fmt: skip


def title_of(file: NewFile) -> str:
    """The title as the file says it."""
    node, problems = parse(file.text.split("---\n")[1], file.path)
    assert problems == [] and isinstance(node, Map)
    value = node.get("title")
    assert isinstance(value, Scalar)
    return value.text


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("kind", KINDS)
def test_any_title_makes_a_file_that_builds(tmp_path: Path, kind: Kind, title: str) -> None:
    """The file can be written, its title is read back on one line, and the site builds with nothing to say but what is to be filled in."""
    file = new_file(kind, title, today=TODAY)
    assert file.path.isprintable() and file.path.encode() and file.text.encode() and fault_of_route("/" + file.path) == ""
    assert title_of(file) == " ".join("".join(" " if c in "\x00\x1b\n\t\u2028\udce9" else c for c in title).split())
    result = build_site(write_site(tmp_path, {file.path: file.text}))
    assert result.ok and messages(result) == []


def test_where_files_go() -> None:
    """Posts by date, texts of a chapter in its folder, a chapter below its branch."""
    assert new_file("post", "Tea time", today=TODAY).path == "content/posts/2026-11-20-tea-time.md"
    assert new_file("post", "Tea time", today=TODAY, chapter="london", author="no").path == "content/posts/london/2026-11-20-tea-time.md"
    assert 'authors: ["no"]' in new_file("post", "Tea time", today=TODAY, author="no").text
    assert new_file("event", "Grüße", today=TODAY, language="de").path == "content/events/gruesse.md"
    chapter = new_file("chapter", "Soho", today=TODAY, chapter="london")
    assert chapter.path == "content/chapters/soho.md" and "parent: london\n" in chapter.text
    assert new_file("page", "About us", today=TODAY).path == "content/pages/about-us.md"


def test_uids_differ() -> None:
    """Each new event has a uid of its own, which does not depend on the machine."""
    texts = [new_file("event", title, today=day, chapter=chapter).text for title in ("A", "B") for day in (TODAY, date(2027, 1, 1)) for chapter in ("", "london")]
    uids = {line for text in texts for line in text.splitlines() if line.startswith("uid:")}
    assert len(uids) == 8 and new_file("event", "A", today=TODAY).text == texts[0]


@given(st.text(max_size=60))
def test_a_quoted_text_comes_back(text: str) -> None:
    """Whatever is quoted is read back as it was, on one line."""
    once = read_back(text)
    assert "\n" not in once and read_back(once) == once
    if text.isprintable() and text == " ".join(text.split()) and unicodedata.is_normalized("NFC", text):
        assert once == text


def read_back(text: str) -> str:
    """A text that was quoted and read."""
    node, problems = parse(f"key: {quoted(text)}\n", "f")
    assert problems == [] and isinstance(node, Map) and isinstance(node.pairs[0][1], Scalar)
    return node.pairs[0][1].text


@pytest.mark.parametrize(
    ("title", "url", "language", "zone"),
    [("My group", "https://example.org/", "en", "UTC"), ("Tea: & \"cake\" #1", "https://example.org/sub", "es", "Europe/Madrid"), ("عائلة", "http://localhost:8000", "ar", "Africa/Cairo"), ("no", "https://example.org:", "pt-BR", "America/Sao_Paulo")],
)
def test_a_new_site_builds(tmp_path: Path, title: str, url: str, language: str, zone: str) -> None:
    """The starter site is a site without a single problem, and shows its title."""
    for file in starter_site(title, url, language, zone, TODAY):
        assert fault_of_route("/" + file.path) == ""
        write_site(tmp_path, {file.path: file.text}, "")
    result = build_site(tmp_path)
    assert result.ok and messages(result) == [] and result.scheduled == 0 == result.drafts
    assert (tmp_path / "output/posts/welcome/index.html").is_file() and (tmp_path / "output/events/welcome-event/event.ics").is_file()


def test_new_files_in_a_chapter(tmp_path: Path) -> None:
    """Everything that `new` makes for a chapter belongs to it."""
    files = [new_file(kind, f"New {kind}", today=TODAY, chapter="london", author="Ann") for kind in ("post", "event", "chapter")]
    site = write_site(tmp_path, {"content/chapters/london.md": "---\ntitle: London\n---\n", **{f.path: f.text for f in files}}, SETTINGS)
    assert messages(build_site(site)) == []
    assert b"New event" in (site / "output/chapters/london/index.html").read_bytes() and b"New chapter" in (site / "output/chapters/london/index.html").read_bytes()
