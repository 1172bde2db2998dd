"""What can go wrong around a whole build: full and read-only disks, other builds, changing input, foreign caches. The site stays whole."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from iopsgen.write import system
from tests import needs
from tests.fault.test_build_kill import INBOX, Pair
from tests.fault.test_write_kill import anybody_may_enter, fail_on, unprivileged
from tests.mounts import mount, with_mounts
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, messages, tree, write_site

__all__ = ["anybody_may_enter"]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A small site with two states; `b` is published, and the sources are in that state."""
    return Pair(tmp_path)


def built_by_hand(site: Path, *more: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """A build in a process of its own."""
    call = [sys.executable, "-W", "error", "-m", "iopsgen", "build", "--site", str(site), "--now", NOW.isoformat(), *more]
    return subprocess.run(call, capture_output=True, text=True, check=False, **how)


# --- full disks -----------------------------------------------------------------------------------------------------


def mounted_full_disk(path: Path) -> None:
    """The steps of the test below."""
    mount("tmpfs", "-o", "size=24m", "none", str(path))
    pair = Pair(path)
    now, seen = "b", set()
    for number, room in enumerate((0, 12, 90, 220, 450, 2000)):
        wanted = "ab"[number % 2]
        pair.turn(wanted)
        if number == 4:  # the cache, and the other folder of the pair, have to be made as well
            shutil.rmtree(path / "site/.iopsgen")
        free = os.statvfs(path).f_bavail * os.statvfs(path).f_frsize
        (path / "ballast").write_bytes(bytes(max(0, free - room * 1024)))
        done = built_by_hand(pair.site)
        said = done.stdout + done.stderr
        assert "Traceback" not in said and "Exception" not in said, said
        found = pair.check(now, wanted)
        seen.add((found == wanted, done.returncode))
        if done.returncode:
            assert "the disk is full" in said or "database or disk is full" in said, said
            assert "Free some space" in said, said
        assert found == wanted or done.returncode == 1, said
        (path / "ballast").unlink()
        pair.heal(wanted)
        now = wanted
    assert (False, 1) in seen and (True, 0) in seen, seen


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """However little room is left, a build publishes its site or says that the disk is full, and works as soon as there is room."""
    with_mounts(mounted_full_disk, tmp_path)


@pytest.mark.parametrize("most", [0, 20_000, 60_000])
def test_files_that_may_not_grow(pair: Pair, most: int) -> None:
    """Where no file may be longer than so many bytes, be it a page, the cache or the ledger, it is no different."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    pair.turn("a")
    done = built_by_hand(pair.site, preexec_fn=limit)
    said = done.stdout + done.stderr
    assert "Traceback" not in said and "Exception" not in said, said
    found = pair.check("b", "a")
    assert found == ("a" if done.returncode == 0 else "b") and done.returncode in (0, 1), said
    pair.heal("a")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_calls_that_fail_from_some_moment_on(pair: Pair, fault: str) -> None:
    """From any moment on all calls of a kind fail, those of the cache among them: a sentence, or the new site."""
    strace = needs.program("strace", "apt-get install strace")
    now, number = "b", 0
    for kind in ("pwrite64", "fsync", "fdatasync", "ftruncate", "syncfs", "rename,renameat2", "mkdir", "link,linkat", "unlink"):
        for at in (1, 2, 9):
            wanted = "ab"[number % 2]
            number += 1
            pair.turn(wanted)
            call = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={kind}", "-e", f"inject={kind}:error={fault}:when={at}+"]
            done = subprocess.run([*call, *pair.command()], capture_output=True, text=True, check=False)
            said = done.stdout + done.stderr
            assert "Traceback" not in said and "Exception" not in said and done.returncode in (0, 1), (kind, at, said)
            now = pair.check(now, wanted)
            assert now == wanted or done.returncode == 1, (kind, at, said)
            pair.heal(wanted)
            now = wanted


def test_noting_what_was_published_fails(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where published.jsonl cannot be written the site is published with a warning, the file stays whole, and the next build tries again."""
    held = pair.noted.read_bytes()
    write_site(pair.site, {"content/posts/2026-11-02-new.md": POST.replace("Welcome", "Quite new")})
    age(pair.site)
    late = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr("iopsgen.build.time.time_ns", lambda: late)
    with monkeypatch.context() as patch:
        failed = fail_on(patch, "open", errno.ENOSPC, below="published.jsonl.new")
        built = build_site(pair.site)
        assert failed and built.ok and any("could not be noted" in text for text in messages(built))
    assert pair.noted.read_bytes() == held
    again = build_site(pair.site)
    assert again.ok and not again.problems and b"Quite new" in pair.noted.read_bytes()


def test_a_short_write_of_what_was_published(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes a few bytes at a time gets all of published.jsonl in the end."""
    real = os.write
    pair.turn("a")
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:700]))
    pair.heal("a")


# --- read-only ------------------------------------------------------------------------------------------------------


def test_folders_that_may_not_be_written(anybody_may_enter: Path) -> None:
    """A build where the site, the cache or the output may not be written says so in a sentence, and changes nothing of the output."""
    site = anybody_may_enter / "site"
    write_site(site, {"content/posts/welcome.md": POST, "content/events/picnic.md": EVENT})
    for path in (site, *site.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert unprivileged(lambda: build_site(site).ok or os._exit(1)) == 0
    whole = tree(site / "output")
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})

    def refused() -> None:
        for folder in ("output", ".iopsgen", "output and .iopsgen"):
            shut = [path for name in folder.split(" and ") for path in (site / name, *(site / name).rglob("*")) if path.is_dir()]
            for path in shut:
                path.chmod(0o555)
            built = build_site(site)
            assert not built.ok, folder
            assert [p for p in built.problems if "permission" in p.message and p.hint], messages(built)
            for path in shut:
                path.chmod(0o755)
            assert tree(site / "output") == whole

    assert unprivileged(refused) == 0
    site.chmod(0o555)  # the folder of the site itself: no published.jsonl can be put into it, and output cannot change places
    assert unprivileged(lambda: build_site(site).ok or os._exit(1)) == 0
    site.chmod(0o777)
    assert b"Good evening" in tree(site / "output")["posts/welcome/index.html"]


def test_a_site_that_may_only_be_read(anybody_may_enter: Path) -> None:
    """A site that was never built and may not be written is told in a sentence; `check`, which writes nothing, looks at it all the same."""
    site = anybody_may_enter / "site"
    write_site(site, {"content/posts/welcome.md": POST})
    for path in (site, *site.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = tree(site)

    def look() -> None:
        built = build_site(site)
        assert not built.ok and "permission was refused" in built.problems[0].message

    assert unprivileged(look) == 0
    site.chmod(0o755)
    assert tree(site) == before


def mounted_read_only(path: Path) -> None:
    """The steps of the test below."""
    pair = Pair(path)
    pair.turn("a")
    before = tree(pair.site)
    mount("bind", str(pair.site), str(pair.site))
    subprocess.run(["mount", "-o", "remount,ro,bind", str(pair.site)], check=True)
    done = built_by_hand(pair.site)
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "the file system is read-only" in said and "Traceback" not in said, said
    assert tree(pair.site) == before
    subprocess.run(["umount", str(pair.site)], check=True)
    pair.heal("a")


def test_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    """On a file system that turned read-only, as a failing disk does, the build says so and the old site stands."""
    with_mounts(mounted_read_only, tmp_path)


# --- at the same time -----------------------------------------------------------------------------------------------


def test_many_builds_at_once(pair: Pair) -> None:
    """Builds that begin together take turns: each one ends well, and the site is whole while and after they work."""
    pair.turn("a")
    running = [subprocess.Popen(pair.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(4)]
    while any(process.poll() is None for process in running):
        try:
            found = tree(pair.output)
        except FileNotFoundError:  # it was listed before the swap and read after it
            continue
        names = {name for name in found if any(found[name] != pair.whole[letter].get(name) for letter in "ab")}
        assert all(any(found[name] == pair.whole[letter].get(name) for letter in "ab") for name in names), sorted(names)
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sum("0 written" not in words for words in said) == 1, said
    pair.heal("a")


def test_a_second_build_that_waits_in_vain(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first does not end, the second says who it is, and leaves all as it is."""
    import iopsgen.build as room
    from iopsgen.write import lock

    pair.turn("a")
    monkeypatch.setattr(room, "lock", lambda site, command, timeout, waiting: lock(site, command, 0.1, waiting))
    holder = subprocess.Popen([sys.executable, "-c", f"import sys, time\nfrom pathlib import Path\nfrom iopsgen.write import lock\nwith lock(Path({str(pair.site)!r}), 'iopsgen build'):\n    print('held', flush=True)\n    time.sleep(600)"], stdout=subprocess.PIPE, text=True, cwd=needs.ROOT)
    try:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        built = build_site(pair.site)
        assert not built.ok and f"(process {holder.pid}) is building this site already" in built.problems[0].message and built.problems[0].hint
        pair.check("b", "b")
    finally:
        holder.kill()
        holder.communicate()
    pair.heal("a")


class Writer(threading.Thread):
    """Somebody who saves one file after the other, as fast as it goes; each save is a new generation of all of them."""

    def __init__(self, site: Path, write: Callable[[Path, str], None]) -> None:
        super().__init__()
        self.site, self.write, self.ended, self.generation = site, write, False, 0

    def run(self) -> None:
        while not self.ended:
            self.generation += 1
            for number in range(6):
                words = f"---\ntitle: Title {number} g{self.generation}g\ndate: 2026-10-0{number + 1}\nsummary: Summary g{self.generation}g\n---\n" + f"Text g{self.generation}g. " * 200 + "\n"
                self.write(self.site / f"content/posts/p{number}.md", words)
                time.sleep(0.02)
            self.write(self.site / "static/data.txt", f"g{self.generation}g " * 5000)


def moved_over(path: Path, text: str) -> None:
    """A save as editors and git do it: a new file takes the place of the old."""
    path.with_name(f".{path.name}").write_text(text)
    path.with_name(f".{path.name}").replace(path)


def in_place(path: Path, text: str) -> None:
    """A save as careless programs do it: the same file is emptied and written, in two pieces."""
    with path.open("w") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        file.write(text[len(text) // 2 :])


@pytest.mark.parametrize("write", [moved_over, in_place])
def test_input_that_changes_during_the_build(tmp_path: Path, write: Callable[[Path, str], None]) -> None:
    """While texts and files are saved without end, each page, and what lists say of it, comes from one state of its file; or the build says why not."""
    site = write_site(tmp_path / "site", {"static/data.txt": "g0g "})
    (site / "content/posts").mkdir(parents=True)
    writer = Writer(site, write)
    writer.start()
    built = []
    try:
        for _ in range(12):
            held = tree(site / "output") if (site / "output").exists() else {}
            result = build_site(site)
            built.append(result.ok)
            assert all(problem.message and problem.hint for problem in result.problems if problem.severity == "error")
            output = tree(site / "output") if (site / "output").exists() else {}
            if not result.ok:
                assert output == held
                continue
            assert len(set(re.findall(rb"g\d+g", output["data.txt"]))) <= 1
            for number in range(6):
                name = f"posts/p{number}/index.html"
                generations = set(re.findall(rb"(?:Text|Title %d|Summary) g(\d+)g" % number, output.get(name, b"")))
                listed = set(re.findall(rb"Title %d g(\d+)g" % number, b"".join(output[path] for path in ("index.html", "posts/index.html", "feed.xml", "feed.json", "atom.xml"))))
                own = set(re.findall(rb"<h1[^>]*>\s*Title \d+ g(\d+)g", output.get(name, b"")))
                assert len(own) <= 1 and listed <= own and own <= generations, (name, generations, listed)
                assert write is in_place or len(set(re.findall(rb"Text g(\d+)g", output.get(name, b"")))) <= 1
    finally:
        writer.ended = True
        writer.join()
    assert any(built)
    last = build_site(site)
    assert last.ok and f"g{writer.generation}g".encode() in tree(site / "output")["data.txt"]
    assert build_site(site).written == 0


def test_a_copied_file_that_changes_after_it_was_planned(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes between being read and being copied is noticed: nothing is published, and the next build takes it as it is."""
    import iopsgen.build as room

    pair.turn("a")
    real = room.fingerprints

    def late(prepared: Any) -> dict[str, str]:
        (pair.site / "static/logo.svg").write_text("<svg id='later'/>")
        return real(prepared)

    with monkeypatch.context() as patch:
        patch.setattr(room, "fingerprints", late)
        built = build_site(pair.site)
    assert not built.ok and "logo.svg changed while the site was being built" in built.problems[0].message
    pair.check("b", "b")
    assert build_site(pair.site).ok and tree(pair.output)["logo.svg"] == b"<svg id='later'/>"


def test_what_was_published_changes_during_the_build(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that git brings into published.jsonl while a build runs are not overwritten; the build after that knows them."""
    import iopsgen.build as room

    pair.turn("a")
    write_site(pair.site, {"content/posts/2026-11-02-new.md": POST.replace("Welcome", "Quite new")})
    line = b'{"kind":"text","first":"content/posts/elsewhere.md","routes":["/posts/elsewhere/"],"title":"Elsewhere"}\n'
    real = room.fingerprints

    def late(prepared: Any) -> dict[str, str]:
        if line not in pair.noted.read_bytes():
            pair.noted.write_bytes(pair.noted.read_bytes() + line)
        return real(prepared)

    monkeypatch.setattr(room, "fingerprints", late)
    assert build_site(pair.site).ok
    assert line in pair.noted.read_bytes() and b"Quite new" not in pair.noted.read_bytes()
    assert build_site(pair.site).ok
    assert b'"first":"content/posts/elsewhere.md"' in pair.noted.read_bytes() and b"Quite new" in pair.noted.read_bytes()


# --- what others left -----------------------------------------------------------------------------------------------


def age(folder: Path) -> None:
    """Makes every source old, so that its stamp can be trusted."""
    for path in folder.rglob("*"):
        if path.is_file() and "output" not in path.parts and ".iopsgen" not in path.parts:
            os.utime(path, (1_000_000_000, 1_000_000_000))


def test_the_cache_of_another_site(pair: Pair, tmp_path: Path) -> None:
    """A cache that was copied from another site, or from this one in another state, changes nothing in the output."""
    other = write_site(tmp_path / "other", {"content/posts/2026-10-02-post-1.md": POST.replace("Hello", "From elsewhere"), "comments/inbox.jsonl": INBOX}, SETTINGS.replace("Friends", "Foes"))
    age(other)
    assert build_site(other).ok
    shutil.copytree(pair.site / ".iopsgen", tmp_path / "kept")
    for letter, source in (("a", other / ".iopsgen"), ("b", other / ".iopsgen"), ("a", tmp_path / "kept"), ("b", tmp_path / "kept")):
        pair.turn(letter)
        for old in (pair.site / ".iopsgen").glob("cache*"):
            old.unlink()
        for file in source.glob("cache*"):
            shutil.copy(file, pair.site / ".iopsgen")
        built = build_site(pair.site)
        assert built.ok, messages(built)
        pair.check(letter, letter)
    shutil.rmtree(pair.site / ".iopsgen")
    shutil.rmtree(pair.output)
    shutil.copytree(other / ".iopsgen", pair.site / ".iopsgen")
    assert build_site(pair.site).ok
    pair.check("b", "b")


def test_the_cache_of_another_program(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade everything is made again, whatever the cache says; back again, too."""
    import iopsgen.build as room

    for digest in ("another program", "a third one"):
        with monkeypatch.context() as patch:
            patch.setattr(room, "program_digest", lambda digest=digest: digest)
            built = build_site(pair.site)
        assert built.ok and len(built.changes) == built.outputs - sum(name.endswith((".svg", ".css", ".js")) for name in pair.whole["b"]), messages(built)
        pair.check("b", "b")
    assert build_site(pair.site, now=NOW + timedelta(hours=1)).ok


@pytest.mark.parametrize("held", ["ssh-rsa AAAAB3\n", ""])
def test_published_jsonl_that_leads_out(pair: Pair, tmp_path: Path, held: str) -> None:
    """A link in the place of published.jsonl that leads out of the site is refused, and what it leads to is never written, even by a build that keeps going."""
    target = tmp_path / "secret.txt"
    target.write_text(held)
    pair.turn("a")
    pair.noted.unlink()
    pair.noted.symlink_to(target)
    for options in ({}, {"keep_going": True}, {"keep_going": True, "clean": True}):
        built = build_site(pair.site, **options)
        assert not built.ok and any("published.jsonl" in text and "leads out" in text for text in messages(built)), messages(built)
        assert target.read_text() == held
    assert not any(b"AAAAB3" in data for data in tree(pair.output).values())


def test_what_a_stopped_note_left(pair: Pair) -> None:
    """A replacement of published.jsonl that never took its place goes with the next build that looks, although there is nothing to note."""
    pair.noted.with_name("published.jsonl.new").write_bytes(pair.notes["a"][:100])
    pair.turn("a")
    pair.turn("b")
    pair.heal("b")


def test_published_jsonl_that_cannot_be_read(anybody_may_enter: Path) -> None:
    """Where it may not be read, nothing takes its place: a build that keeps going would else forget all that it knew."""
    site = anybody_may_enter / "site"
    write_site(site, {"content/posts/welcome.md": POST})
    for path in (site, *site.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert unprivileged(lambda: build_site(site).ok or os._exit(1)) == 0
    held = (site / "published.jsonl").read_bytes()
    (site / "published.jsonl").chmod(0o000)

    def kept() -> None:
        write_site(site, {"content/posts/welcome.md": POST.replace("Welcome", "Good evening")})
        assert not build_site(site, keep_going=True).ok

    assert unprivileged(kept) == 0
    (site / "published.jsonl").chmod(0o644)
    assert (site / "published.jsonl").read_bytes() == held


def test_what_is_flushed_before_the_swap(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a power cut: the new files are on the disk before the record of them, and that before the folders change places."""
    told: list[str] = []
    flush, names, exchange = system.flush, system.flush_names, system.exchange
    monkeypatch.setattr(system, "flush", lambda descriptor: (told.append("files"), flush(descriptor))[1])
    monkeypatch.setattr(system, "flush_names", lambda folder: (told.append("record"), names(folder))[1])
    monkeypatch.setattr(system, "exchange", lambda one, other: (told.append("swap") if "stage" in one else None, exchange(one, other))[1])
    pair.turn("a")
    pair.heal("a")
    assert told == ["files", "record", "swap"]
