"""Adding lines to a file that only grows."""

import errno
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from iopsgen.write import WriteFailed, hold_lines
from iopsgen.write import lines as room

FILE = "comments/inbox.jsonl"


def add(site: Path, *lines: bytes, whole: bool | None = None, timeout: float = 10.0) -> bytes:
    """Adds lines; `whole` is what is thought of a last line without an end, None: it is given one whatever it holds."""
    with hold_lines(site, FILE, timeout) as held:
        return held.add(lines, None if whole is None else lambda line: whole)


def test_lines_are_added(tmp_path: Path) -> None:
    """The folder and the file are made; every call adds its lines, in order, at the end; what is held can be read."""
    add(tmp_path, b"one")
    add(tmp_path, b"two", b"three")
    with hold_lines(tmp_path, FILE) as held:
        assert held.read() == b"one\ntwo\nthree\n" == (tmp_path / FILE).read_bytes()
        assert held.size == 14
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644 & ~os.umask(os.umask(0o022))


@pytest.mark.parametrize("tail", [b"half", b"x" * 70_000 + b"\xc3", b"\0"])
def test_a_last_line_without_an_end(tmp_path: Path, tail: bytes) -> None:
    """It is given one, so that nothing is glued to it; or taken out and given back, where it is not whole."""
    (tmp_path / "comments").mkdir()
    for before in (b"", b"first\n"):
        (tmp_path / FILE).write_bytes(before + tail)
        assert add(tmp_path, b"new") == b""
        assert (tmp_path / FILE).read_bytes() == before + tail + b"\nnew\n"
        (tmp_path / FILE).write_bytes(before + tail)
        assert add(tmp_path, b"new", whole=True) == b""
        assert (tmp_path / FILE).read_bytes() == before + tail + b"\nnew\n"
        (tmp_path / FILE).write_bytes(before + tail)
        assert add(tmp_path, b"new", whole=False) == tail
        assert (tmp_path / FILE).read_bytes() == before + b"new\n"
    assert add(tmp_path, b"more", whole=False) == b""


def test_a_line_has_no_line_end_inside(tmp_path: Path) -> None:
    """What would become two lines is refused, and nothing is added."""
    with pytest.raises(ValueError, match="line end"):
        add(tmp_path, b"good", b"a\nb")
    assert (tmp_path / FILE).read_bytes() == b""


def test_a_full_disk_leaves_nothing_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk takes only a part, or cannot be flushed, the part goes again, and the reason is said."""
    add(tmp_path, b"one")
    real = os.write
    monkeypatch.setattr(room.os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    with pytest.raises(WriteFailed, match="the disk is full") as failed:
        add(tmp_path, b"two")
    assert "Free some space" in failed.value.hint
    monkeypatch.undo()

    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, "I/O")

    monkeypatch.setattr(room.os, "fsync", refuse)
    with pytest.raises(WriteFailed, match="the disk reported an error"):
        add(tmp_path, b"three")
    monkeypatch.undo()
    assert (tmp_path / FILE).read_bytes() == b"one\n"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "way out"])
def test_only_plain_files_of_the_site(tmp_path: Path, kind: str) -> None:
    """A link, a folder or a pipe in the place of the file is refused, and so is a folder that leads out of the site."""
    site, away = tmp_path / "site", tmp_path / "away"
    (site / "comments").mkdir(parents=True)
    away.mkdir()
    target = site / FILE
    if kind == "link":
        target.symlink_to(away / "file")
    elif kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        (site / "comments").rmdir()
        (site / "comments").symlink_to(away)
    with pytest.raises(WriteFailed, match=f"Nothing was added to {FILE}"):
        add(site, b"x")
    assert list(away.iterdir()) == []


def test_one_at_a_time(tmp_path: Path) -> None:
    """While somebody holds the file, another waits, and gives up when told to; a file put in its place meanwhile is the one that grows."""
    with hold_lines(tmp_path, FILE) as held:
        with pytest.raises(WriteFailed, match="another program is writing it"):
            add(tmp_path, b"late", timeout=0.05)
        held.add([b"early"])
        os.replace(tmp_path / FILE, tmp_path / "old")
        (tmp_path / FILE).write_bytes(b"checked out by git\n")
        add(tmp_path, b"new")
    assert (tmp_path / FILE).read_bytes() == b"checked out by git\nnew\n"
    assert (tmp_path / "old").read_bytes() == b"early\n"


def test_a_file_that_is_replaced_in_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git puts another file in its place between the opening and the lock, the one that stands there then is the one that grows."""
    add(tmp_path, b"old")
    real, calls = room.hold, []

    def hold(descriptor: int) -> bool:
        if not calls:
            (tmp_path / "new").write_bytes(b"checked out by git\n")
            os.replace(tmp_path / "new", tmp_path / FILE)
        calls.append(descriptor)
        return real(descriptor)

    monkeypatch.setattr(room, "hold", hold)
    add(tmp_path, b"added")
    assert (tmp_path / FILE).read_bytes() == b"checked out by git\nadded\n" and len(calls) == 2


def _many(site: Path, letter: str, number: int) -> None:
    for n in range(number):
        add(site, f"{letter}{n} ".encode() + letter.encode() * 9000)


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    """Four programs that add long lines at once: every line is there, whole, each program's in its order."""
    context: Any = multiprocessing.get_context("fork")
    writers = [context.Process(target=_many, args=(tmp_path, letter, 25)) for letter in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = (tmp_path / FILE).read_bytes().splitlines()
    assert len(found) == 100
    for letter in b"abcd":
        mine = [line for line in found if line[0] == letter]
        assert [line.partition(b" ")[0][1:] for line in mine] == [str(n).encode() for n in range(25)]
        assert {line.partition(b" ")[2] for line in mine} == {bytes([letter]) * 9000}
