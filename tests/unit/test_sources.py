"""Which files a site has, and their bytes: nothing from outside, nothing hidden, everything from one moment."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from iopsgen.read import sources
from iopsgen.read.sources import File, decode, find, is_hidden, look_for, read_bytes, read_digest, walk
from iopsgen.write import digest_of
from tests.sites import NOW, POST, SETTINGS, build_site, messages, tree, write_site


def names(site: Path, folder: str = "content") -> list[str]:
    """The paths that a walk finds, without problems."""
    files, problems = walk(site, folder)
    assert problems == []
    return [file.path for file in files]


def told(site: Path, folder: str = "content") -> list[str]:
    """The problems of a walk as `severity file message`."""
    return [f"{p.severity} {p.place} {p.message}" for p in walk(site, folder)[1]]


def only(site: Path, path: str) -> File:
    """A file that must be there."""
    found = find(site, path)
    assert found is not None
    return found


# --- which files ---------------------------------------------------------------------------------------------------


def test_files_by_path_whatever_their_names(tmp_path: Path) -> None:
    """Spaces, capitals, accents in either form and every script are fine; the order is that of the paths."""
    wanted = ["content/B.md", "content/a b.md", "content/a/z.md", "content/ca\u0301fe.md", "content/cáfe.md", "content/日本.md", "content/مرحبا.md"]
    write_site(tmp_path, dict.fromkeys(wanted, "x"))
    assert names(tmp_path) == sorted(wanted)
    assert names(tmp_path, "static") == []
    assert "iopsgen.yml" in names(tmp_path, "") and "content/B.md" in names(tmp_path, "")


@pytest.mark.parametrize("name", [".env", ".git", "a.md~", "#a.md#", ".#a.md", "a.md.swp", "a.bak", "a.orig", "a.tmp", "Thumbs.db", ".DS_Store", "desktop.ini", "Icon\r"])
def test_what_nobody_meant_to_publish(tmp_path: Path, name: str) -> None:
    """Dot files, what editors leave behind, and files of systems are not there, folders of such names neither."""
    write_site(tmp_path, {f"content/{name}": "x", f"content/deep/{name}/inside.md": "x", "content/a.md": "x"})
    assert is_hidden(name) and names(tmp_path) == ["content/a.md"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A name that is not UTF-8, or holds a line end or an escape code, is an error that can be printed; the rest is read."""
    write_site(tmp_path, {"content/posts/a.md": POST})
    folder = os.fsencode(tmp_path / "content" / "posts")
    for name in (b"caf\xe9.md", b"a\nb.md", b"\x1b[31mred.md", b"z\xe2\x80\xa8.md"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(POST.encode())
    files, problems = walk(tmp_path, "content")
    assert [f.path for f in files] == ["content/posts/a.md"] and [p.severity for p in problems] == ["error"] * 4
    for problem in problems:
        assert str(problem.place).encode() and str(problem.place).isprintable()
    result = build_site(tmp_path)
    assert not result.ok and len(result.problems) == 4
    assert build_site(tmp_path, keep_going=True).written > 10


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside.md", "../../iopsgen.yml", "../../comments/inbox.jsonl", "../.hidden/secret.md"])
@pytest.mark.parametrize("folder", ["content/posts", "static/files"])
def test_links_out_are_refused(tmp_path: Path, folder: str, target: str) -> None:
    """A link may lead to a file of the same folder of the site; out of it, or to what is hidden, it is an error and nothing is copied."""
    site = write_site(tmp_path / "site", {f"{folder}/a.txt": "fine", "content/.hidden/secret.md": "x", "static/.hidden/secret.md": "x", "comments/inbox.jsonl": ""})
    (tmp_path / "outside.md").write_text("secret")
    (site / folder / "link.txt").symlink_to(target)
    assert told(site, folder.split("/")[0]) == [f"error {folder}/link.txt This link leads out of the folder {folder.split('/')[0]}."]
    result = build_site(site, keep_going=True)
    assert not result.ok and not any(name.endswith("link.txt") for name in tree(site / "output"))


def test_links_inside(tmp_path: Path) -> None:
    """A link to a file beside it is that file; links to folders, to nothing and to themselves are named and left out."""
    site = write_site(tmp_path, {"static/a/x.txt": "x"})
    (site / "static/y.txt").symlink_to("a/x.txt")
    assert names(site, "static") == ["static/a/x.txt", "static/y.txt"]
    for name, target in (("folder", "a"), ("nothing", "gone.txt"), ("self", "self"), ("above", "../static")):
        (site / "static" / name).symlink_to(target)
    assert told(site, "static") == [
        "warning static/above Links to folders are not followed.",
        "warning static/folder Links to folders are not followed.",
        "warning static/nothing This link leads nowhere.",
        "warning static/self This link leads nowhere.",
    ]


@pytest.mark.parametrize("folder", ["content", "static", "data"])
def test_a_whole_folder_elsewhere_is_refused(tmp_path: Path, folder: str) -> None:
    """A folder of the site that is itself a link out is an error; one that leads to another place inside is read."""
    site = write_site(tmp_path / "site")
    write_site(tmp_path / "elsewhere", {"posts/a.md": POST})
    (site / folder).symlink_to(tmp_path / "elsewhere")
    assert told(site, folder) == [f"error {folder} This link leads out of the site's folder."] and walk(site, folder)[0] == []
    (site / folder).unlink()
    write_site(site, {"real/posts/a.md": POST})
    (site / folder).symlink_to("real")
    assert names(site, folder) == [f"{folder}/posts/a.md"]


def test_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    """A pipe is left out with a warning, and nobody waits for it."""
    site = write_site(tmp_path, {"static/a.txt": "x"})
    os.mkfifo(site / "static/pipe")
    assert told(site, "static") == ["warning static/pipe This is neither a file nor a folder, and is left out."]
    assert look_for(site, "static/pipe")[1][0].message == "A file is expected here."


def test_a_file_where_a_folder_is_expected(tmp_path: Path) -> None:
    """`content` may be a file by mistake; it is said so."""
    site = write_site(tmp_path, {"content": "x"})
    assert told(site) == ["error content This is a file, and a folder is expected here."]


@pytest.mark.parametrize("path", ["content/people.yml", "content/venues.yml", "comments/decisions.jsonl"])
def test_a_folder_where_a_file_is_expected(tmp_path: Path, path: str) -> None:
    """It is an error: what was meant to stand there would be missing without a word."""
    site = write_site(tmp_path, {f"{path}/x": "x"})
    assert messages(build_site(site))[0] == f"error {path} A file is expected here."


def test_without_decisions_no_comment_is_shown(tmp_path: Path) -> None:
    """Where the decisions cannot be read, even a build that keeps going shows no comment: a rejected one would be back."""
    comment = '{"id": "c1", "page": "welcome", "received": "2026-11-01T10:00:00Z", "body": "HELLO"}\n'
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "comments/inbox.jsonl": comment})
    assert build_site(site).comments.published == 1
    (site / "comments/decisions.jsonl").mkdir()
    result = build_site(site, keep_going=True)
    assert not result.ok and result.comments.records == 0 and b"HELLO" not in (site / "output/posts/welcome/index.html").read_bytes()


@pytest.mark.parametrize("pattern", ["*.jsonl", "comments/*.jsonl", "comments/in/*.jsonl", "comments", "comments/inbox"])
def test_an_inbox_of_several_files(tmp_path: Path, pattern: str) -> None:
    """A folder or a pattern of files, also in the site's own folder; only files that match, and never the decisions."""
    lines = {f"c{n}": f'{{"id": "c{n}", "page": "welcome", "received": "2026-11-01T10:00:00Z", "body": "x"}}\n' for n in range(6)}
    files: dict[str, str | bytes | None] = {
        "one.jsonl": lines["c0"], "comments/two.jsonl": lines["c1"], "comments/in/three.jsonl": lines["c2"], "comments/inbox/four.jsonl": lines["c3"],
        "comments/inbox/five.txt": lines["c4"], "comments/decisions.jsonl": "", "content/posts/welcome.md": POST,
    }  # fmt: skip
    site = write_site(tmp_path, files, SETTINGS + f"comments: {{inbox: '{pattern}'}}\n")
    result = build_site(site)
    wanted = {"*.jsonl": 4, "comments/*.jsonl": 1, "comments/in/*.jsonl": 1, "comments": 3, "comments/inbox": 1}[pattern]
    assert result.ok and result.comments.records == wanted, messages(result)


@pytest.mark.parametrize("path", ["content/people.yml", "comments/inbox.jsonl", "comments/decisions.jsonl"])
def test_single_files_that_are_links_out(tmp_path: Path, path: str) -> None:
    """They are refused, not passed over in silence."""
    site = write_site(tmp_path / "site", {"content/posts/a.md": POST})
    (tmp_path / "outside").write_text("x")
    (site / path).parent.mkdir(exist_ok=True)
    (site / path).symlink_to(tmp_path / "outside")
    result = build_site(site)
    assert not result.ok and any(f"{path} This link leads out" in line for line in messages(result))


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and folders without permission, and a disk that fails, are errors that say so."""
    site = write_site(tmp_path, {"content/posts/a.md": POST, "content/posts/b.md": POST, "static/x/y.txt": "x"})
    opened, listed = os.open, os.scandir

    def refuse(path: "os.PathLike[str] | str", flags: int, *rest: int) -> int:
        if str(path).endswith("a.md"):
            raise PermissionError(13, "Permission denied")
        if str(path).endswith("b.md"):
            raise OSError(5, "Input/output error")
        return opened(path, flags, *rest)

    def refuse_folder(path: "os.PathLike[str] | str") -> "os._ScandirIterator[str]":
        if str(path).endswith("static/x"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    assert messages(build_site(site)) == [
        "error content/posts/a.md This cannot be read: nobody gave permission.",
        "error content/posts/b.md This cannot be read: Input/output error.",
        "error static/x This cannot be read: nobody gave permission.",
    ]


# --- their bytes ---------------------------------------------------------------------------------------------------


def change_while_read(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None], times: int = 1) -> None:
    """Makes `change` happen after a file was opened, the first `times` times."""
    read, left = os.read, [times]

    def meddle(descriptor: int, size: int) -> bytes:
        data = read(descriptor, size)
        if left[0]:
            left[0] -= 1
            change()
        return data

    monkeypatch.setattr(sources.os, "read", meddle)


def test_bytes_and_digest_are_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is changed while it is read is read again: what comes is all old or all new."""
    site = write_site(tmp_path, {"content/a.md": "old " * 1000})
    path = site / "content/a.md"
    for read in (read_bytes, read_digest):
        path.write_text("old " * 1000)
        file = only(site, "content/a.md")
        change_while_read(monkeypatch, lambda: path.write_text("new " * 900))
        found, problems = read(site, file)
        assert problems == [] and found == (b"new " * 900 if read is read_bytes else digest_of(b"new " * 900))
        monkeypatch.undo()


def test_a_file_that_never_rests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few tries it is an error; nobody waits for ever."""
    site = write_site(tmp_path, {"content/a.md": "x"})
    path, counter = site / "content/a.md", iter(range(5, 10**6))
    change_while_read(monkeypatch, lambda: (path.write_text("x" * next(counter)), None)[1], times=10**6)
    data, problems = read_bytes(site, only(site, "content/a.md"))
    assert data is None and "changes all the time" in problems[0].message


def test_a_file_that_goes(tmp_path: Path) -> None:
    """One that was removed after it was seen is an error that says so."""
    site = write_site(tmp_path, {"content/a.md": "x"})
    file = only(site, "content/a.md")
    (site / "content/a.md").unlink()
    assert read_bytes(site, file)[1][0].message == "This file was removed while the site was read."


def test_a_link_laid_after_the_look(tmp_path: Path) -> None:
    """A file that somebody replaced by a link out, or whose folder, is not opened through it."""
    site = write_site(tmp_path / "site", {"content/x/a.md": "mine"})
    write_site(tmp_path / "theirs", {"a.md": "SECRET"})
    file = only(site, "content/x/a.md")
    (site / "content/x/a.md").unlink()
    (site / "content/x/a.md").symlink_to(tmp_path / "theirs/a.md")
    data, problems = read_bytes(site, file)
    assert data is None and "leads out" in problems[0].message
    (site / "content/x/a.md").unlink()
    (site / "content/x").rmdir()
    (site / "content/x").symlink_to(tmp_path / "theirs")
    data, problems = read_bytes(site, file)
    assert data is None and "leads out" in problems[0].message


def test_a_pipe_laid_after_the_look(tmp_path: Path) -> None:
    """Nobody waits for what never comes."""
    site = write_site(tmp_path, {"content/a.md": "mine"})
    file = only(site, "content/a.md")
    (site / "content/a.md").unlink()
    os.mkfifo(site / "content/a.md")
    assert read_bytes(site, file)[0] is None


def test_texts_are_bounded_and_other_files_are_not(tmp_path: Path) -> None:
    """A text of more than 4 MiB is refused before it is read; a film of that size is copied."""
    site = write_site(tmp_path, {"content/posts/a.md": b"x" * (4 * 2**20 + 1), "static/film.mp4": b"x" * (4 * 2**20 + 1)})
    result = build_site(site, keep_going=True)
    assert messages(result) == ["error content/posts/a.md This file is over 4 MiB long."]
    assert (site / "output/film.mp4").stat().st_size == 4 * 2**20 + 1
    film = only(site, "static/film.mp4")
    assert read_digest(site, film)[0] == digest_of((site / "static/film.mp4").read_bytes())


def test_a_long_inbox_is_read_at_every_build(tmp_path: Path) -> None:
    """An inbox of many years, over 4 MiB, is read the first time and every time after."""
    line = '{"id": "c%d", "page": "welcome", "received": "2026-11-01T10:00:00Z", "body": "' + "x" * 5000 + '"}\n'
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "comments/inbox.jsonl": "".join(line % n for n in range(1000))})
    os.utime(site / "comments/inbox.jsonl", (1, 1))
    assert [build_site(site, NOW, dry_run=True).comments.records for _ in range(3)] == [1000, 1000, 1000]


# --- their text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "text"), [(b"", ""), (b"\xef\xbb\xbfa", "a"), (b"a\r\nb\rc\n", "a\nb\nc\n"), ("日本\u2028x\x0c\t\u00a0".encode(), "日本\u2028x\x0c\t\u00a0")])
def test_texts(data: bytes, text: str) -> None:
    """UTF-8 with or without a mark, any line ends; everything else stays."""
    assert decode(data, "f") == (text, [])


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"abc\nd\xe9f", "f:2:2", "not UTF-8"),
        ("é".encode() + b"\xff", "f:1:2", "not UTF-8"),
        (b"\xff\xfea\x00", "f:1:1", "UTF-16"),
        (b"\xfe\xff\x00a", "f:1:1", "UTF-16"),
        (b"a\r\nb\x00c", "f:2:2", "NUL"),
        (b"\xed\xa0\x80", "f:1:1", "not UTF-8"),
        (b"\xc0\x80", "f:1:1", "not UTF-8"),
    ],
)
def test_texts_refused(data: bytes, place: str, words: str) -> None:
    """Other encodings and binary files: where the text breaks off."""
    text, problems = decode(data, "f")
    assert text is None and str(problems[0].place) == place and words in problems[0].message and "UTF-8" in problems[0].hint


def test_a_name_typed_on_another_system(tmp_path: Path) -> None:
    """A file whose name is decomposed, as on a Mac, is found by a link with composed letters, and the other way round."""
    composed, decomposed = "café", unicodedata.normalize("NFD", "café")
    files: dict[str, str | bytes | None] = {
        f"content/posts/{decomposed}.md": POST + f"\n[x]({composed}2.md) ![y]({composed}.svg)\n",
        f"content/posts/{composed}2.md": POST + f"\n[x]({decomposed}.md)\n",
        f"content/posts/{decomposed}.svg": b"<svg/>",
    }
    result = build_site(write_site(tmp_path, files))
    assert result.ok and messages(result) == []
    assert b'href="/river/posts/cafe2/"' in (tmp_path / "output/posts/cafe/index.html").read_bytes()
