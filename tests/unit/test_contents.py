"""Everything a site holds, read: each file once, only what changed anew, problems at their place, nothing lost without a word."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from iopsgen.read.contents import Contents, read_contents
from iopsgen.read.directory import read_data, read_people, read_venues
from iopsgen.settings import read_settings
from iopsgen.store import Store
from tests.sites import EVENT, POST, SETTINGS, build_site, messages, tree, write_site

LONG_AGO = 1_600_000_000


def read(site: Path, store: Store | None = None, program: str = "p", workers: int = 1, settings: str = "") -> Contents:
    """The contents of a site."""
    found = read_settings((site / "iopsgen.yml").read_text("utf-8") + settings)[0]
    assert found is not None
    return read_contents(site, found, store or Store(None), program, time.time_ns(), workers)


def told(contents: Contents) -> list[str]:
    """The problems as `severity file:line:column message`."""
    return [f"{p.severity} {p.place} {p.message}" for p in contents.problems]


def age(site: Path) -> None:
    """Makes every file look as if it was written long ago, so that its stamp is trusted."""
    for path in site.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


# --- what is read anew ---------------------------------------------------------------------------------------------


def test_only_what_changed_is_parsed(tmp_path: Path) -> None:
    """A second reading parses nothing, an edit one text, other defaults all below them, another program everything; all give the same."""
    store = Store(None)
    site = write_site(tmp_path, {f"content/posts/{folder}/2026-10-0{n}-p{n}.md": POST for folder in ("a", "b") for n in (1, 2)})
    write_site(site, {"content/events/e.md": EVENT, "content/posts/a/_defaults.yml": "tags: [x]\n"})
    assert read(site, store).read == 5
    assert read(site, store).read == 0
    write_site(site, {"content/posts/a/2026-10-01-p1.md": POST + "More.\n"})
    assert read(site, store).read == 1
    write_site(site, {"content/posts/a/_defaults.yml": "tags: [y]\n"})
    again = read(site, store)
    assert again.read == 2 and {p.tags for p in again.posts if "/a/" in p.source} == {("y",)}
    (site / "content/posts/a/2026-10-02-p2.md").rename(site / "content/posts/b/2026-10-03-p3.md")
    moved = read(site, store)
    assert moved.read == 1 and [p.tags for p in moved.posts if p.source.endswith("p3.md")] == [()]
    assert read(site, store, program="q").read == 5
    assert read(site, store, settings="markdown: {smart_quotes: no}\n").read == 5
    fresh = read(site)
    assert read(site, store).posts == fresh.posts and read(site, store).events == fresh.events


def test_a_stamp_is_trusted_only_when_it_is_old(tmp_path: Path) -> None:
    """A file that was just written may change again within the same tick, so its bytes are looked at once more."""
    store = Store(None)
    site = write_site(tmp_path, {"content/posts/2026-10-01-a.md": POST})
    path = site / "content/posts/2026-10-01-a.md"
    read(site, store)
    assert store.files()["content/posts/2026-10-01-a.md"][0] == ""
    path.write_text(POST.replace("Hello", "Howdy"))
    assert read(site, store).read == 1


def test_what_is_gone_leaves_the_store(tmp_path: Path) -> None:
    """A removed file is forgotten; the text of another one stays."""
    store = Store(None)
    site = write_site(tmp_path, {"content/posts/2026-10-01-a.md": POST, "content/posts/2026-10-02-b.md": POST + "b", "static/x.txt": "x"})
    read(site, store)
    (site / "content/posts/2026-10-01-a.md").unlink()
    (site / "static/x.txt").unlink()
    contents = read(site, store)
    assert list(store.files()) == ["content/posts/2026-10-02-b.md"] and store.html(contents.posts[0].text.digest)


def test_several_processors_read_the_same(tmp_path: Path) -> None:
    """With more texts than one process is worth, two give what one gives, problems too."""
    files: dict[str, str | bytes | None] = {f"content/posts/2026-10-{n % 28 + 1:02}-p{n}.md": POST.replace("Welcome", f"Welcome {n}") + f"n{n}" for n in range(220)}
    files["content/posts/bad.md"] = "---\ntitle: [a\n---\n"
    files["content/posts/_defaults.yml"] = "tags: [x]\nextra: {a: [1, {b: c}]}\n"
    site = write_site(tmp_path, files)
    one, two = read(site, workers=1), read(site, workers=2)
    assert (one.posts, one.problems, one.broken) == (two.posts, two.problems, two.broken) and len(two.posts) == 220
    assert one.posts[0].inherited == {"tags": ("content/posts/_defaults.yml", 1), "extra": ("content/posts/_defaults.yml", 2)}


def test_a_language_of_a_chapter_is_known_to_its_texts(tmp_path: Path) -> None:
    """Texts of a chapter are rendered in its language, inherited or its own; another language reads them anew."""
    store = Store(None)
    chapters: dict[str, str | bytes | None] = {
        "content/chapters/Köln/index.md": "---\ntitle: Köln\nlanguage: de\n---\n",
        "content/chapters/Köln/süd.md": "---\ntitle: Süd\n---\n",
        "content/posts/Köln/süd/2026-10-01-a.md": '---\ntitle: T\n---\n"Hallo"\n',
        "content/posts/2026-10-01-b.md": '---\ntitle: T\nchapter: sud\n---\n"Hallo"\n',
    }
    site = write_site(tmp_path, chapters)
    for post in read(site, store).posts:
        assert "„Hallo“" in store.html(post.text.digest)
    write_site(site, {"content/chapters/Köln/index.md": "---\ntitle: Köln\nlanguage: en\n---\n"})
    again = read(site, store)
    assert again.read == 3 and "“Hallo”" in store.html(again.posts[0].text.digest)


# --- which files ---------------------------------------------------------------------------------------------------


def test_what_is_copied_and_what_is_not(tmp_path: Path) -> None:
    """Files of content/ and static/ are copied; texts and YAML are read, or a warning says that nobody reads them."""
    files: dict[str, str | bytes | None] = {
        "content/posts/a.jpg": "x", "content/files/b.pdf": "x", "content/posts/c.html": "x", "static/d.md": "x", "static/e.yml": "x", "static/.well-known/f": "x",
        "content/posts/2026-10-01-x.md": POST, "content/posts/_defaults.yml": "draft: no", "content/people.yml": "", "content/venues.yml": "",
        "content/posts.md": "x", "content/notes/y.md": "x", "content/authors.yml": "x: y", "content/posts/z.yml": "x: y", "content/files/_defaults.yml": "tags: [x]",
        "content/people.yaml": "x: y",
    }  # fmt: skip
    contents = read(write_site(tmp_path, files))
    assert [(a.source, a.route) for a in contents.assets] == [
        ("content/files/b.pdf", "/files/b.pdf"),
        ("content/posts/a.jpg", "/posts/a.jpg"),
        ("content/posts/c.html", "/posts/c.html"),
        ("static/.well-known/f", "/.well-known/f"),
        ("static/d.md", "/d.md"),
        ("static/e.yml", "/e.yml"),
    ]
    assert sorted(told(contents)) == [
        "warning content/authors.yml This file is neither read nor published.",
        "warning content/files/_defaults.yml Nothing inherits from this file.",
        "warning content/notes/y.md This text is not published: it lies in none of the folders for texts.",
        "warning content/people.yaml This file is neither read nor published.",
        "warning content/posts.md This text is not published: it lies in none of the folders for texts.",
        "warning content/posts/z.yml This file is neither read nor published.",
    ]


def test_nothing_at_all(tmp_path: Path) -> None:
    """A site of settings alone is a site."""
    contents = read(write_site(tmp_path))
    assert contents.problems == () and contents.posts == () and build_site(tmp_path).ok


def test_a_language_that_the_site_does_not_have(tmp_path: Path) -> None:
    """What looks like a translation into another language is named, where there is a text it could translate."""
    site = write_site(tmp_path, {"content/pages/a.md": "---\ntitle: A\n---\n", "content/pages/a.fr.md": "---\ntitle: A\n---\n", "content/pages/b.v2.md": "---\ntitle: B\n---\n"})
    contents = read(site)
    assert told(contents) == ['warning content/pages/a.fr.md:1:1 "fr" is not a language of the site, so this is a text of its own.']
    assert "languages: [en, fr]" in contents.problems[0].hint
    assert read(site, settings="languages: [fr]\n").problems == ()


def test_broken_sources_are_named(tmp_path: Path) -> None:
    """A source with an error has no value, and the others have theirs."""
    contents = read(write_site(tmp_path, {"content/posts/2026-10-01-a.md": POST, "content/posts/b.md": "\xff\x00", "content/events/c.yml": "a: b: c"}))
    assert contents.broken == ("content/events/c.yml", "content/posts/b.md") and len(contents.posts) == 1 and len(contents.problems) == 2


# --- people, venues, data ------------------------------------------------------------------------------------------


def test_people_and_venues() -> None:
    """Ids with their keys, or with a name alone; what is wrong is named at its place and the rest is read."""
    people, problems = read_people(
        b"ada: {name: Ada, image: {src: a.jpg, alt: A}, links: {Web: 'https://a.example'}, bio: 'x *y*'}\nben: Ben\ncarla:\n  name: ''\n"
        b"a/b: {name: X}\ndora:\n'con': X\neve: {name: E, photo: x}\nAda: {name: Other}\nflo: [x]\ngil: {name: G, url: nonsense}\n",
        "content/people.yml",
    )
    assert sorted(people) == ["ada", "ben", "eve", "gil"] and people["ben"].name == "Ben" and people["ada"].image is not None and people["eve"].line == 8
    assert [f"{p.severity} {p.place.line if p.place else 0} {p.message}" for p in problems] == [
        'error 5 "a/b" cannot be an id: it holds / or starts with a dot.',
        'error 6 "dora" has no keys.',
        """error 7 "con" cannot be an id: "con" is reserved on Windows.""",
        'error 9 "Ada" differs only in capitals from "ada" on line 1.',
        'error 10 "flo" has no keys.',
        'error 4 "name" is missing for a person.',
        'warning 8 "photo" is not a key that is known for a person.',
        'error 11 "nonsense" is not a web address.',
    ]
    venues, problems = read_venues("firebox: {name: Firebox café, city: London, country: gb, geo: [51.5, -0.1], access: step-free}\nx: {city: Y}\n".encode(), "content/venues.yml")
    assert venues["firebox"].country == "GB" and venues["firebox"].access == ("step-free",) and list(venues) == ["firebox"]
    assert [p.message for p in problems] == ['"name" is missing in a venue.']


@pytest.mark.parametrize("data", [b"", b"\n", b"# nobody\n", b"---\n", b"~"])
def test_nobody(data: bytes) -> None:
    """Empty files are no problem."""
    assert read_people(data, "f") == ({}, []) == read_venues(data, "f") and read_data(data, "f")[1] == []


def test_six_hundred_people() -> None:
    """A file far longer than a front matter may be is read."""
    text = "".join(f"person-{n}:\n  name: Person {n}\n  bio: {'A life of many words. ' * 20}\n" for n in range(600))
    people, problems = read_people(text.encode(), "content/people.yml")
    assert len(people) == 600 and problems == [] and len(text) > 64 * 1024


def test_data_files(tmp_path: Path) -> None:
    """Every YAML file of data/ under its name with its folder; errors at their place; two of one name are an error."""
    contents = read(write_site(tmp_path, {"data/a.yml": "x: [1, 1.10, no]", "data/b/c.yaml": "- y", "data/d.txt": "z", "data/e.yml": "", "data/f.yml": "a: b: c", "data/a.yaml": "q"}))
    assert contents.data == {"a": {"x": [1, "1.10", "no"]}, "b/c": ["y"], "e": None, "f": None}
    assert sorted(told(contents)) == ["error data/a.yml There is another data file of this name, a.yml.", "error data/f.yml:1:5 A second colon stands in this line."]


# --- defaults ------------------------------------------------------------------------------------------------------


def test_defaults_of_folders(tmp_path: Path) -> None:
    """The nearest folder wins; content/ itself counts for all kinds; bundles and translations inherit, too."""
    files: dict[str, str | bytes | None] = {
        "content/_defaults.yml": "chapter: here\nnoindex: yes\n",
        "content/posts/_defaults.yml": "author: Ann\ntags: [all]\n",
        "content/posts/london/_defaults.yaml": "authors: [Ben]\nnoindex: no\n",
        "content/posts/london/2026-10-01-x/index.md": "---\ntitle: X\n---\n",
        "content/posts/2026-10-01-y.md": "---\ntitle: Y\ntags: ''\n---\n",
        "content/events/e.yml": "title: E\nstart: 2026-12-01\n",
    }
    contents = read(write_site(tmp_path, files))
    x, y = sorted(contents.posts, key=lambda p: p.title)
    assert (x.authors, x.tags, x.chapter, x.noindex) == (("Ben",), ("all",), "here", False)
    assert (y.authors, y.tags, y.chapter, y.noindex) == (("Ann",), ("all",), "here", True)
    assert (contents.events[0].chapter, contents.events[0].noindex) == ("here", True) and contents.problems == ()


def test_errors_of_defaults_stop_the_build_once(tmp_path: Path) -> None:
    """A fault in a `_defaults.yml` is told once, at its place, however many texts inherit from it: a wrong form and an unknown name."""
    files: dict[str, str | bytes | None] = {f"content/posts/2026-10-{n:02}-p{n}.md": POST for n in range(1, 20)}
    site = write_site(tmp_path, {**files, "content/posts/_defaults.yml": "event: nowhere\nchapter: nowhere\nlanguage: english\n", "content/_defaults.yml": "dark: yes\ntimezone: Nowhere\n"})
    assert messages(build_site(site)) == [
        'error content/_defaults.yml:2:11 "Nowhere" is not the name of a time zone.',
        'error content/posts/_defaults.yml:1:1 The event "nowhere" is not there.',
        'error content/posts/_defaults.yml:2:1 "nowhere" is not a chapter of this site.',
        'error content/posts/_defaults.yml:3:11 "english" is not a language code.',
        'warning content/_defaults.yml:1:1 "dark" is not a key of posts or events or chapters or pages.',
    ]


# --- whole sites ---------------------------------------------------------------------------------------------------


def test_a_file_that_vanishes_between_two_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is gone when it is listed is no file of the site; one that is gone when it is read is an error; neither is an exception."""
    site = write_site(tmp_path, {"content/posts/2026-10-01-a.md": POST, "content/posts/2026-10-02-b.md": POST})
    scan = os.scandir

    def remove_first(path: Any) -> Any:
        entries = list(scan(path))
        (site / "content/posts/2026-10-01-a.md").unlink(missing_ok=True)
        return entries

    monkeypatch.setattr(os, "scandir", remove_first)
    contents = read(site)
    assert [p.source for p in contents.posts] == ["content/posts/2026-10-02-b.md"] and contents.problems == ()
    monkeypatch.undo()
    opened = os.open

    def remove_then_open(path: Any, *rest: Any) -> int:
        (site / "content/posts/2026-10-02-b.md").unlink(missing_ok=True)
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", remove_then_open)
    assert told(read(site)) == ["error content/posts/2026-10-02-b.md This file was removed while the site was read."]


def test_bundles_and_loose_files(tmp_path: Path) -> None:
    """A bundle's files lie beside its page; those of a draft, of a broken text and of a scheduled one are published nowhere."""
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-01-shown/index.md": POST + "\n![x](in/pic.svg)\n",
        "content/posts/2026-10-01-shown/in/pic.svg": "<svg/>",
        "content/posts/2026-10-01-shown/index.es.md": "---\ntitle: Hola\n---\n![x](in/pic.svg)\n",
        "content/posts/draft/index.md": POST.replace("date:", "draft: true\ndate:"),
        "content/posts/draft/deep/secret.svg": "<svg/>",
        "content/posts/later/index.md": POST.replace("date:", "publish: 2027-01-01\ndate:"),
        "content/posts/later/secret.svg": "<svg/>",
        "content/posts/broken/index.md": "---\ntitle: [x\ndraft: true\n---\n",
        "content/posts/broken/secret.svg": "<svg/>",
        "content/events/party/index.md": EVENT.replace("title:", "draft: yes\ntitle:"),
        "content/events/party/secret.svg": "<svg/>",
        "content/chapters/town/index.md": "---\ntitle: Town\ndraft: yes\n---\n",
        "content/chapters/town/secret.svg": "<svg/>",
        "content/posts/loose.svg": "<svg/>",
    }
    site = write_site(tmp_path, files, SETTINGS + "languages: [en, es]\n")
    result = build_site(site, keep_going=True)
    assert [line for line in messages(result) if "index.md" not in line] == []
    output = tree(site / "output")
    assert sorted(name for name in output if name.endswith(".svg") and not name.startswith("assets/")) == ["posts/loose.svg", "posts/shown/in/pic.svg"]
    assert b"/river/posts/shown/in/pic.svg" in output["es/posts/shown/index.html"]
    assert not [name for name, data in output.items() if b"secret" in data]
