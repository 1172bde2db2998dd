"""Whole builds that are stopped: at random moments, at every call to the system, by any signal; the site is the old one or the new one."""

from __future__ import annotations

import atexit
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import iopsgen.build as builds
from iopsgen.write import system
from tests import needs
from tests.publishing import CHANGES, die_before, in_child, no_waiting
from tests.sites import NOW, POST, SETTINGS, build_site, messages, tree, write_site

KILLS = int(os.environ.get("IOPSGEN_KILLS", "10"))
MANY_KILLS = int(os.environ.get("IOPSGEN_MANY_KILLS", "300"))
CALLS = ("write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "link", "linkat", "ftruncate", "fsync", "fdatasync", "syncfs")

IN_MAIN = re.compile(r"iopsgen/cli/__init__.py\", line [0-9]+, in main")  # before that, Ctrl-C meets Python itself

EVENT = "---\ntitle: Picnic\nstart: 2026-12-05 12:00\nvenue: {name: Park}\nrepeat: weekly, 3 times\n---\nBring a cake.\n"
INBOX = '{"id": "c1", "page": "/posts/post-1/", "received": "2026-11-01T10:00:00Z", "name": "Zoe", "body": "Hello **there**"}\n'


@cache
def first_pair(posts: int) -> tuple[Path, dict[str, bytes], dict[str, dict[str, bytes]]]:
    """The folder of a site in state `b`, and of each state what is noted and what is published."""
    folder = Path(tempfile.mkdtemp(prefix="iopsgen-pair-"))
    atexit.register(shutil.rmtree, folder)
    made = Pair.__new__(Pair)
    made.begin(folder, posts)
    return made.site, made.notes, made.whole


class Pair:
    """A site that changes to and fro between two states, with the files that each of them is published as."""

    def __init__(self, folder: Path, posts: int = 12) -> None:
        first, self.notes, self.whole = first_pair(posts)
        self.site = folder / "site"
        self.output, self.noted = self.site / "output", self.site / "published.jsonl"
        shutil.copytree(first, self.site, symlinks=True)

    def begin(self, folder: Path, posts: int) -> None:
        """Makes the site, and builds it until it stands in state `b`."""
        self.site = write_site(
            folder / "site",
            {f"content/posts/2026-10-{n % 28 + 1:02d}-post-{n}.md": POST.replace("Welcome", f"Post {n}") for n in range(posts)}
            | {"content/events/picnic.md": EVENT, "comments/inbox.jsonl": INBOX, "static/logo.svg": "<svg/>"},
            SETTINGS + "languages: [en, es]\n",
        )
        self.output, self.noted = self.site / "output", self.site / "published.jsonl"
        for letter in "abab":  # by then all that can be noted is noted
            self.turn(letter)
            built = build_site(self.site)
            assert built.ok, messages(built)
        self.notes, self.whole = {}, {}
        for letter in "ab":
            self.turn(letter)
            clean = folder / f"clean-{letter}"
            shutil.copytree(self.site, clean, ignore=shutil.ignore_patterns("output", ".iopsgen"))
            assert build_site(clean).ok
            self.whole[letter], self.notes[letter] = tree(clean / "output"), (clean / "published.jsonl").read_bytes()
        assert len(self.whole["a"]) != len(self.whole["b"])
        build_site(self.site)

    def turn(self, letter: str) -> None:
        """Puts the sources into one of the two states: a text, a title, a picture, a comment, and texts that come and go differ."""
        write_site(
            self.site,
            {
                "content/posts/2026-10-02-post-1.md": POST.replace("Welcome", f"Title {letter}").replace("Hello", letter * 99) + "",
                "content/posts/2026-11-01-late.md": POST.replace("date: ", f"draft: {'no' if letter == 'a' else 'yes'}\ndate: "),
                "content/pages/about.md": f"---\ntitle: About\nslug: about-{letter}\naliases: [/about-{'b' if letter == 'a' else 'a'}/]\n---\nUs.\n",
                "static/logo.svg": f"<svg id='{letter}'/>",
                "comments/decisions.jsonl": "" if letter == "a" else '{"at": "2026-11-02T10:00:00Z", "action": "reject", "id": "c1"}\n',
            },
        )

    def command(self) -> list[str]:
        """A build as everybody calls it."""
        return [sys.executable, "-W", "error", "-m", "iopsgen", "build", "--site", str(self.site), "--now", NOW.isoformat()]

    def state(self) -> str:
        """The letter of the state that is published, `?` for anything else."""
        found = tree(self.output)
        return next((letter for letter, files in self.whole.items() if found == files), "?")

    def check(self, before: str, after: str) -> str:
        """The state that is published, which is one of two; and what is remembered beside it is whole."""
        found = self.state()
        assert found in (before, after), f"neither {before} nor {after}: {differences(tree(self.output), self.whole)}"
        assert self.noted.read_bytes() in self.notes.values()
        return found

    def heal(self, letter: str) -> None:
        """A build that nobody stops publishes the state, and leaves nothing of what was begun (but for the other folder, under any name)."""
        built = build_site(self.site)
        assert built.ok and self.state() == letter and self.noted.read_bytes() == self.notes[letter], messages(built)
        assert not list(self.site.glob("published.jsonl.*")) and (not built.written or not list(self.site.glob(".iopsgen/published/*/stage")))
        assert not list(self.site.glob(".iopsgen/published/*/journal*"))


def differences(found: dict[str, bytes], whole: dict[str, dict[str, bytes]]) -> dict[str, list[str]]:
    """The files in which each state differs from what was found."""
    return {letter: sorted(name for name in found.keys() | files.keys() if found.get(name) != files.get(name))[:9] for letter, files in whole.items()}


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A small site with two states; `b` is published, and the sources are in that state."""
    return Pair(tmp_path)


def kill_again_and_again(pair: Pair, kills: int, signals: tuple[signal.Signals, ...]) -> dict[str, int]:
    """Turns the site to and fro with builds that are stopped at random moments; how often each state was found, and how often whole builds ended."""
    chance = random.Random(20261122)
    started = time.monotonic()
    subprocess.run(pair.command(), check=True, capture_output=True)
    whole = 1.1 * (time.monotonic() - started)
    now, counts = "b", {"old": 0, "new": 0, "ended": 0}
    for number in range(kills):
        wanted = "ab"[number % 2]
        pair.turn(wanted)
        # Half of them near the end of a build, where it publishes.
        moment = whole * (chance.random() if number % 2 else chance.uniform(0.6, 1.0))
        process = subprocess.Popen(pair.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            stop = chance.choice(signals)
            (os.killpg if stop is signal.SIGINT else os.kill)(process.pid, stop)  # Ctrl-C reaches the workers, too
        said = "".join(process.communicate())
        assert "Traceback" not in said or ("KeyboardInterrupt" in said and not IN_MAIN.search(said)), said
        found = pair.check(now, wanted)
        counts["ended"] += process.returncode == 0
        counts["new" if found == wanted else "old"] += 1
        now = found
        if number % 20 == 19:
            pair.heal(wanted)
            now = wanted
    pair.heal(wanted)
    return counts


ALL = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def test_stopped_at_random_moments(pair: Pair) -> None:
    """Builds that are killed, ended, interrupted or cut off at random leave the old site or the new one, and the builds after them are right."""
    kill_again_and_again(pair, KILLS, ALL)


@pytest.mark.slow
def test_killed_hundreds_of_times(pair: Pair) -> None:
    """The same over hundreds of builds: both outcomes are seen, and never a third one."""
    counts = kill_again_and_again(pair, MANY_KILLS, ALL)
    assert min(counts["old"], counts["new"]) > MANY_KILLS / 20, counts


@pytest.mark.slow
def test_killed_while_many_processes_work(tmp_path: Path) -> None:
    """On a site large enough for several processes it is no different; none of them outlives the build by more than a moment."""
    pair = Pair(tmp_path, posts=450)
    for turn in range(4):
        shutil.rmtree(pair.site / ".iopsgen")  # everything is read and made again
        kill_again_and_again(pair, 10, (ALL[turn],))
    assert not [pid for pid in processes_with(str(pair.site)) if time.sleep(0.5) is None and pid in processes_with(str(pair.site))]


def processes_with(word: str) -> list[int]:
    """The processes that were called with this word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # it has just ended
            continue
    return found


# --- at every call --------------------------------------------------------------------------------------------------


def each_call(pair: Pair, calls: Iterator[tuple[str, int]] | None, kinds: tuple[str, ...]) -> tuple[int, set[str]]:
    """Builds that are killed as they enter one call to the system after the other; how many, and which states were seen.

    With `calls`, only those (name of the call, which one of its kind); else all of `kinds`, until a build is through.
    """
    strace = needs.program("strace", "apt-get install strace")
    seen: set[str] = set()
    number = 0
    waiting = [(kind, 1) for kind in kinds] if calls is None else list(calls)
    while waiting:
        kind, at = waiting.pop(0)
        wanted = "ab"[number % 2]
        pair.turn(wanted)
        trace = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={at}"]
        done = subprocess.run([*trace, *pair.command()], capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
        found = pair.check("ba"[number % 2], wanted)
        seen.add("new" if found == wanted else "old")
        if calls is None and done.returncode:
            waiting.insert(0, (kind, at + (3 if kind in ("write", "pwrite64") else 1)))  # there are many of these, and each is like its neighbours
        pair.heal(wanted)
        number += 1
    return number, seen


def test_killed_at_some_calls(pair: Pair) -> None:
    """Killed as the process enters a call to the system, here a few of them, those of the cache among them."""
    each_call(pair, iter([("rename", 1), ("rename", 2), ("renameat2", 1), ("renameat2", 2), ("syncfs", 1), ("pwrite64", 3), ("fsync", 1), ("fsync", 3)]), ())


@pytest.mark.slow
def test_killed_at_every_call(pair: Pair) -> None:
    """Killed as the process enters any call that can change something on the disk: hundreds of builds, and never a third state."""
    number, seen = each_call(pair, None, CALLS)
    assert number > 40 and seen == {"old", "new"}


def test_stopped_between_publishing_and_noting(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before any change to the disk after the two folders were swapped: what is noted is the old state or the new one, whole."""
    no_waiting(monkeypatch)
    before = 0
    for number in range(1, 400):
        pair.turn("a")
        write_site(pair.site, {"content/posts/2026-10-03-post-2.md": POST.replace("Welcome", f"Renamed {number}")})
        old, held = pair.noted.read_bytes(), tree(pair.output)

        def step(number: int = number) -> None:
            real = system.exchange

            def exchange(one: str, other: str) -> None:
                real(one, other)
                if "stage" in one:
                    die_before(number)

            monkeypatch.setattr(system, "exchange", exchange)
            build_site(pair.site)

        code = in_child(step)
        assert code in (0, 9)
        noted = pair.noted.read_bytes()
        shown = tree(pair.output) != held
        assert shown and (noted == old or b"Renamed %d\"" % number in noted)
        before += noted == old
        assert build_site(pair.site).ok and b"Renamed %d\"" % number in pair.noted.read_bytes()
        assert not list(pair.site.glob("published.jsonl.*"))
        if code == 0:
            break
    assert before > 3 and code == 0


def test_stopped_before_it_is_remembered(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that is stopped as soon as it has published leaves no memory of the one before: the next one does what it is asked."""
    import iopsgen.build as room

    def age() -> None:
        for path in pair.site.rglob("*"):
            if path.is_file() and "output" not in path.parts and ".iopsgen" not in path.parts:
                os.utime(path, (1_000_000_000, 1_000_000_000))

    age()
    late = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr(room.time, "time_ns", lambda: late)  # type: ignore[attr-defined]
    assert build_site(pair.site).ok
    whole = tree(pair.output)

    def step() -> None:
        monkeypatch.setattr(builds, "_keep_identities", lambda *a: os._exit(9))
        build_site(pair.site, overrides={"site.title": "On trial"})

    assert in_child(step) == 9
    assert b"On trial" in tree(pair.output)["index.html"]
    assert build_site(pair.site).ok and tree(pair.output) == whole


# --- the processes that help ----------------------------------------------------------------------------------------


def test_a_worker_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system kills a process that makes pages, for want of memory, the others' work is used and the rest made without it."""
    site = write_site(tmp_path, {f"content/posts/2026-10-01-p{n}.md": POST.replace("Welcome", f"Post {n}") for n in range(30)})
    assert build_site(site).ok
    whole = tree(site / "output")
    monkeypatch.setattr(builds, "WORTH_A_PROCESS", 10)
    real, parent = builds._make_range, os.getpid()

    def dying(bounds: tuple[int, int]) -> object:
        if bounds[0] > 0 and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(bounds)

    monkeypatch.setattr(builds, "_make_range", dying)
    dying.__module__, dying.__qualname__ = builds.__name__, "_make_range"  # so that it can be named to another process
    assert build_site(site, clean=True, workers=2).ok
    assert tree(site / "output") == whole


def test_a_reading_process_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process that reads texts is killed, they are read without it."""
    from iopsgen.read import contents as room

    site = write_site(tmp_path, {f"content/posts/2026-10-01-p{n}.md": POST.replace("Welcome", f"Post {n}") for n in range(30)})
    monkeypatch.setattr(room, "_WORTH_A_PROCESS", 10)
    real, parent = room._parse_range, os.getpid()

    def dying(bounds: tuple[int, int]) -> object:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(bounds)

    monkeypatch.setattr(room, "_parse_range", dying)
    dying.__module__, dying.__qualname__ = room.__name__, "_parse_range"
    built = build_site(site, workers=2)
    assert built.ok and len(list((site / "output/posts").glob("p*"))) == 30 + 1


def test_workers_end_with_the_build(tmp_path: Path) -> None:
    """A worker whose parent is killed ends at once and says nothing."""
    if sys.platform != "linux":
        pytest.skip("only Linux ends a process with its parent")
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            system.end_with_parent()
            os.write(write, b"%d" % os.getpid())
            time.sleep(600)
        time.sleep(600)
    worker = int(os.read(read, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    os.close(write)
    assert os.read(read, 1) == b""  # its copy of the pipe is closed: it ended
    assert worker > 0
    os.close(read)


def test_calls_are_known() -> None:
    """What is counted as a change to the disk has a name on this system."""
    assert all(hasattr(os, name) or hasattr(system, name) for name in CHANGES)
