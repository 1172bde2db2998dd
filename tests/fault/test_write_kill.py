"""Whatever stops publishing, and wherever: the output folder holds one whole site, and the next build puts everything right."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iopsgen.write import WriteFailed, lock, open_output, system
from tests.mounts import mount, with_mounts
from tests.publishing import bring, die_before, in_child, leftovers, no_waiting, opened, publish, replace_calls, snapshot

KILLS = int(os.environ.get("IOPSGEN_KILLS", "30"))

FOREIGN: dict[str, bytes | str] = {"CNAME": b"example.org", ".git/HEAD": b"ref", ".git/refs/heads/main": b"1", "b/note.txt": b"keep", "link": "-> /etc/hostname"}


def generation(letter: str, number: int = 3) -> dict[str, bytes]:
    """The files of one build: some in every build, some changing, some only in this one, a folder that is a file in the other."""
    files = {f"posts/{n}/index.html": (b"the same" if n % 3 else f"{letter}{n}".encode()) * 50 for n in range(number)}
    files |= {"index.html": letter.encode() * 9000, f"only-{letter}/x/index.html": b"x", "b/index.html": letter.encode(), "same.css": b"css"}
    files["odd.html"] = b"B" if letter == "b" else b"-"
    return files | ({"turn": b"a file"} if letter == "a" else {"turn/into/folder.html": b"a page"})


def add_foreign(output: Path) -> None:
    """What people put into the output folder by hand."""
    for path, content in FOREIGN.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            (output / path).write_bytes(content)
        else:
            (output / path).symlink_to(content[3:])


def starting_point(site: Path, kind: str) -> None:
    """A site before the step that will be stopped."""
    site.mkdir()
    if kind != "first":
        publish(site, generation("c"), in_place=kind == "in_place")
        publish(site, generation("a"), prepare=kind == "twin", in_place=kind == "in_place")
        add_foreign(site / "output")
    if kind == "no twin":
        shutil.rmtree(next((site / ".iopsgen/published").glob("*/twin")))


@pytest.mark.parametrize("kind", ["first", "twin", "old twin", "no twin", "in_place"])
def test_stopped_before_any_call(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before any call to the system, the output folder holds the old or the new site, and the next builds are right."""
    before: dict[str, bytes | str] = {} if kind == "first" else generation("a") | FOREIGN
    foreign = {} if kind == "first" else FOREIGN
    no_waiting(monkeypatch)
    after = generation("b") | foreign
    seen = set()
    for number in range(1, 2000):
        site = tmp_path / str(number)
        starting_point(site, "twin" if kind == "old twin" else kind)
        if kind == "old twin":
            publish(site, generation("d"))
            publish(site, generation("a"))

        def step(site: Path = site, number: int = number) -> None:
            die_before(number)
            publish(site, generation("b"), in_place=kind == "in_place")

        code = in_child(step)
        assert code in (0, 9)
        if kind == "in_place":
            opened(site, in_place=True)
        found = snapshot(site / "output")
        assert found in (before, after), f"neither the old nor the new site after stopping before call {number}"
        seen.add(found == after)
        for letter in ("bd", "db")[number % 2]:
            publish(site, generation(letter), in_place=kind == "in_place")
            assert snapshot(site / "output") == generation(letter) | foreign
        shutil.rmtree(site)
        if code == 0:
            break
    assert seen == {False, True} and number > 30


def test_stopped_after_adopting(tmp_path: Path) -> None:
    """A build without any record takes over what stands there already; stopped just before the swap, the next build knows it."""
    publish(tmp_path, generation("a"))
    shutil.rmtree(tmp_path / ".iopsgen")

    def step() -> None:
        system.exchange = lambda one, other: os._exit(9) if "stage" in one else None  # type: ignore[assignment]
        publish(tmp_path, generation("b"))

    assert in_child(step) == 9
    assert set(opened(tmp_path).ledger) == {path for path, content in generation("a").items() if generation("b").get(path) == content}
    after = {**generation("b"), "posts/1/index.html": b"edited"}
    publish(tmp_path, after)
    assert snapshot(tmp_path / "output") == {"only-a/x/index.html": b"x", **after}


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Killed (signal 9) at random moments between two builds, the output folder is byte for byte one of the two, time after time."""
    sites = {letter: generation(letter, 60) for letter in "ab"}
    publish(tmp_path, sites["a"])
    add_foreign(tmp_path / "output")
    whole = [sites[letter] | FOREIGN for letter in "ab"]
    chance = random.Random(20261122)
    for _ in range(KILLS):
        child = os.fork()
        if child == 0:
            for turn in range(10**6):
                publish(tmp_path, sites["ba"[turn % 2]])
        time.sleep(chance.uniform(0.001, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert snapshot(tmp_path / "output") in whole
    publish(tmp_path, sites["b"])
    assert snapshot(tmp_path / "output") == whole[1]


def test_a_reader_always_finds_every_page(tmp_path: Path) -> None:
    """Somebody who reads a page over and over while the site is published again and again always finds it there, and whole."""
    sites = [{f"{n}.html": letter * 2000 for n in range(30)} for letter in (b"a", b"b")]
    publish(tmp_path, sites[0])
    child = os.fork()
    if child == 0:
        for turn in range(1, 10**6):
            publish(tmp_path, sites[turn % 2], durable=False)
    try:
        last, turns = b"", 0
        while turns < 20:
            content = (tmp_path / "output" / "7.html").read_bytes()
            assert content in (sites[0]["7.html"], sites[1]["7.html"])
            turns += content != last
            last = content
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def fail_on(patch: pytest.MonkeyPatch, name: str, code: int, at: int = 1, below: str = "") -> list[int]:
    """The call fails from its `at`-th time on; with `below`, only for paths that hold that text. Gives a list that tells how often."""
    failed: list[int] = []
    count = 0

    def failing(_: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            if below and below not in str(args[0]):
                return real(*args, **kwargs)
            count += 1
            if count >= at:
                failed.append(count)
                raise OSError(code, os.strerror(code), args[0] if isinstance(args[0], str) else None)
            return real(*args, **kwargs)

        return call

    replace_calls(patch, failing, (name,))
    return failed


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize(("name", "code", "word"), [("write", errno.ENOSPC, "full"), ("write", errno.EIO, "error"), ("flush", errno.EIO, "error"), ("fsync", errno.EIO, "error")])
def test_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int, word: str, in_place: bool) -> None:
    """A full or failing disk is told in a sentence, the output folder is as before, the space is given back, and the next build works."""
    publish(tmp_path, generation("a"), in_place=in_place)
    add_foreign(tmp_path / "output")
    for at in (1, 3):
        with monkeypatch.context() as patch:
            failed = fail_on(patch, name, code, at)
            if at > 1 and name in ("flush", "fsync"):
                continue
            with pytest.raises(WriteFailed, match=word) as raised:
                publish(tmp_path, generation("b"), in_place=in_place)
        assert failed and raised.value.hint
        assert snapshot(tmp_path / "output") == generation("a") | FOREIGN
        assert not [path for path in tmp_path.glob(".iopsgen/published/*/stage/**/*") if path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1]
    publish(tmp_path, generation("b"), in_place=in_place)
    assert snapshot(tmp_path / "output") == generation("b") | FOREIGN


def test_a_first_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full during the very first build there is no output folder, and no half of one elsewhere."""
    with monkeypatch.context() as patch:
        fail_on(patch, "write", errno.ENOSPC, 8)
        with pytest.raises(WriteFailed):
            publish(tmp_path, generation("a"))
    assert not (tmp_path / "output").exists() and leftovers(tmp_path) == set()


def test_short_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes only a few bytes at a time gets all of them in the end."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:700]))
    publish(tmp_path, generation("a"))
    assert snapshot(tmp_path / "output") == generation("a")


def test_a_system_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes no byte at all is an error, not an endless loop."""
    monkeypatch.setattr(os, "write", lambda descriptor, data: 0)
    with pytest.raises(WriteFailed):
        publish(tmp_path, generation("a"))


def test_bytes_that_were_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is shorter on the disk than what was written is noticed before anything is published."""
    publish(tmp_path, generation("a"))
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:-1]) + 1)
        with pytest.raises(WriteFailed, match="could not be written"):
            publish(tmp_path, generation("b"))
    assert snapshot(tmp_path / "output") == generation("a")


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EBUSY, errno.EPERM])
@pytest.mark.parametrize("late", [False, True])
def test_folders_that_cannot_be_swapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, late: bool) -> None:
    """Where the system cannot swap folders (known at once, or only when it is tried), files are replaced, and that is remembered."""
    publish(tmp_path, generation("a"))
    add_foreign(tmp_path / "output")
    inode = (tmp_path / "output").stat().st_ino
    with monkeypatch.context() as patch:
        fail_on(patch, "exchange", code, below="stage" if late else "")
        publish(tmp_path, generation("b"))
        assert snapshot(tmp_path / "output") == generation("b") | FOREIGN
        assert (tmp_path / "output").stat().st_ino == inode
    monkeypatch.setattr(system, "exchange", None)  # is not tried again
    publish(tmp_path, generation("a"))
    assert snapshot(tmp_path / "output") == generation("a") | FOREIGN
    assert leftovers(tmp_path) <= {"ledger", "aside"}


def test_an_error_while_files_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When files have to be replaced one by one and the disk fails in the middle, the next command finishes, even without publishing."""
    publish(tmp_path, generation("a"), in_place=True)
    with monkeypatch.context() as patch:
        fail_on(patch, "replace", errno.EIO, at=4)
        with pytest.raises(WriteFailed, match="brought up to date") as raised:
            publish(tmp_path, generation("b"), in_place=True)
    assert "finishes" in raised.value.hint
    assert snapshot(tmp_path / "output") not in (generation("a"), generation("b"))
    output = opened(tmp_path)
    assert snapshot(tmp_path / "output") == generation("b")
    assert not output.damaged and set(output.ledger) == set(generation("b"))


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links costs copies, not wholeness: time stamps stay, and unchanged copies are not made twice."""
    publish(tmp_path, generation("a"))
    add_foreign(tmp_path / "output")
    stamp = (tmp_path / "output/same.css").stat().st_mtime_ns
    failed = fail_on(monkeypatch, "link", errno.EPERM)
    for letter in "bab":
        publish(tmp_path, generation(letter))
        assert snapshot(tmp_path / "output") == generation(letter) | FOREIGN
        assert (tmp_path / "output/same.css").stat().st_mtime_ns == stamp
        assert not opened(tmp_path).damaged
    failed.clear()
    publish(tmp_path, generation("a"))
    assert len(failed) < len(generation("a"))


def test_somebody_elses_file_that_cannot_be_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else that may neither be linked nor read stays where it is: the site is published around it."""
    publish(tmp_path, generation("a"))
    add_foreign(tmp_path / "output")
    fail_on(monkeypatch, "link", errno.EPERM, below="CNAME")
    fail_on(monkeypatch, "open", errno.EACCES, below="CNAME")
    publish(tmp_path, generation("b"))
    monkeypatch.undo()
    assert snapshot(tmp_path / "output") == generation("b") | FOREIGN


@pytest.fixture
def anybody_may_enter() -> Iterator[Path]:
    """A folder that a process without special rights can reach, too."""
    folder = Path(tempfile.mkdtemp(prefix="iopsgen-"))
    folder.chmod(0o777)
    yield folder
    for where, _, _ in os.walk(folder):
        os.chmod(where, 0o700)
    shutil.rmtree(folder)


def unprivileged(step: Callable[[], object]) -> int:
    """Run a step in a child process that is not the superuser's."""

    def run() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        step()

    return in_child(run)


def test_read_only_folders(anybody_may_enter: Path) -> None:
    """An output folder, or a folder around it, that may not be written is told in a sentence, and nothing in it changes."""
    site = anybody_may_enter
    assert unprivileged(lambda: publish(site, generation("a"))) == 0

    def refused() -> None:
        for folder in ("output", ".iopsgen"):
            inner = [path for path in [site / folder, *(site / folder).rglob("*")] if path.is_dir()]
            for path in inner:
                path.chmod(0o555)
            with pytest.raises(WriteFailed, match="permission") as raised:
                publish(site, generation("b"))
            assert "who owns" in raised.value.hint
            for path in inner:
                path.chmod(0o755)
            assert snapshot(site / "output") == generation("a")
        publish(site, generation("b"))

    assert unprivileged(refused) == 0
    assert snapshot(site / "output") == generation("b")


def test_a_folder_around_that_may_not_be_written(anybody_may_enter: Path) -> None:
    """An output folder whose own parent may not be written is kept up to date file by file."""
    (anybody_may_enter / "site").mkdir(mode=0o777)
    web = anybody_may_enter / "web"
    (web / "root").mkdir(parents=True)
    for folder in (anybody_may_enter / "site", web / "root"):
        folder.chmod(0o777)
    web.chmod(0o555)
    for letter in "ab":
        assert unprivileged(lambda letter=letter: publish(anybody_may_enter / "site", generation(letter), output=web / "root")) == 0
        assert snapshot(web / "root") == generation(letter)


def mounted_full_disk(path: Path) -> None:
    """The steps of the test below."""
    mount("tmpfs", "-o", "size=2m", "none", str(path))
    small = {f"{n}.html": b"s" * 20_000 for n in range(20)}
    publish(path, small)
    for in_place in (False, True):
        try:
            publish(path, {f"{n}.html": b"L" * 200_000 for n in range(20)}, in_place=in_place)
        except WriteFailed as failed:
            assert "full" in failed.message, failed.message
        else:
            raise AssertionError("the disk should be full")
        assert snapshot(path / "output") == small
        small = {f"{n}.html": b"t" * 20_000 for n in range(20)}
        publish(path, small, in_place=in_place)
        assert snapshot(path / "output") == small


def mounted_volumes(path: Path) -> None:
    """The steps of the test below."""
    for folder in ("one/output", "two/output", "three/.iopsgen", "same", "cache"):
        (path / folder).mkdir(parents=True)
    mount("tmpfs", "none", str(path / "one/output"))  # a disk of its own
    mount("bind", str(path / "same"), str(path / "two/output"))  # a container's volume on the same disk
    mount("bind", str(path / "cache"), str(path / "three/.iopsgen"))  # a cache that is a volume
    for name, swapped in (("one", False), ("two", False), ("three", True)):
        site = path / name
        publish(site, generation("a"))
        add_foreign(site / "output")
        inode = (site / "output").stat().st_ino
        for letter in "ba":
            publish(site, generation(letter))
            assert snapshot(site / "output") == generation(letter) | FOREIGN, name
            assert not list((site / "output").glob(".iopsgen*")) or not swapped
            assert not opened(site).damaged
        publish(site, generation("b"))
        assert ((site / "output").stat().st_ino != inode) == swapped, name
        assert snapshot(site / "output") == generation("b") | FOREIGN, name


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On a small file system that runs full in the middle, the old site stays whole, and what fits is published afterwards."""
    with_mounts(mounted_full_disk, tmp_path)


def test_volumes(tmp_path: Path) -> None:
    """An output folder that is a file system or a bind mount of its own is kept file by file; a cache elsewhere does not hinder swapping."""
    with_mounts(mounted_volumes, tmp_path)


def test_an_output_folder_on_another_disk(tmp_path: Path) -> None:
    """An output folder inside another file system than the site is swapped there, with a hidden neighbour."""
    other = Path(tempfile.mkdtemp(prefix="iopsgen-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        output = other / "web"
        for letter in "aba":
            publish(tmp_path, generation(letter), output=output)
            if letter == "a" and not (output / "CNAME").exists():
                add_foreign(output)
        assert snapshot(output) == generation("a") | FOREIGN
    finally:
        shutil.rmtree(other)


def test_an_exception_while_pages_are_made(tmp_path: Path) -> None:
    """When making a page raises, its exception passes through, the output folder is as before, and the next build works."""
    publish(tmp_path, generation("a"), prepare=True)

    def making() -> Iterator[tuple[str, bytes]]:
        yield "index.html", b"new"
        raise ZeroDivisionError

    with lock(tmp_path) as held:
        output = open_output(held, tmp_path / "output")
        planned = {path: entry.fingerprint for path, entry in output.ledger.items()} | {"index.html": "new"}
        with pytest.raises(ZeroDivisionError):
            output.publish(planned, making())
    assert snapshot(tmp_path / "output") == generation("a")
    with lock(tmp_path) as held:
        bring(open_output(held, tmp_path / "output"), generation("b"))
    assert snapshot(tmp_path / "output") == generation("b")
