"""Writers of the inbox that are killed in the middle of it: no comment that was confirmed is lost or damaged, and none of the others'."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iopsgen.read.comments import read_inbox
from iopsgen.write import hold_lines
from tests.needs import ROOT
from tests.publishing import die_before, in_child

WRITERS = 8
KILLS = int(os.environ.get("IOPSGEN_KILLS", "30"))
INBOX = "comments/inbox.jsonl"

# What a writer does until it is killed: it adds a comment and then says, in a file of its own, that it was confirmed.
_WRITER = """
import json, os, random, sys
from pathlib import Path
from iopsgen.write import hold_lines
site, name = Path(sys.argv[1]), sys.argv[2]
told = os.open(site / f"told-{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
chance = random.Random(name)
number = 0
while True:
    ident = f"{name}-{number}"
    record = {"id": ident, "page": "/a/", "received": "2026-01-01T00:00:00Z", "body": ident + " " + "x" * chance.choice([10, 5000, 30000])}
    with hold_lines(site, "comments/inbox.jsonl") as lines:
        lines.add([json.dumps(record).encode()])
    os.write(told, (ident + "\\n").encode())
    number += 1
"""


def start(site: Path, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _WRITER, str(site), name], env={**os.environ, "PYTHONPATH": str(ROOT)})


def confirmed(site: Path) -> set[str]:
    """The ids that writers were told are safe."""
    return {line for path in site.glob("told-*") for line in path.read_text().splitlines()}


def check(site: Path, kills: int) -> int:
    """Every confirmed comment stands there whole, and whatever is damaged is a line of its own that a kill explains; how many there are."""
    data = (site / INBOX).read_bytes()
    inbox, _ = read_inbox([(INBOX, data)])
    bodies = {r.id: r.body for r in inbox.records}
    assert confirmed(site) <= bodies.keys()
    assert all(body.startswith(name + " ") and set(body.removeprefix(name + " ")) == {"x"} for name, body in bodies.items())
    assert {d.name for d in inbox.dispositions} <= {"half line"} and inbox.malformed <= kills
    assert len(inbox.records) == len(bodies)  # none twice
    return len(bodies)


def test_writers_killed_at_random(tmp_path: Path) -> None:
    """Eight writers at once, one after the other killed (signal 9) at random moments and replaced: what was confirmed is there."""
    chance = random.Random(20261122)
    writers = [start(tmp_path, f"w{n}") for n in range(WRITERS)]
    try:
        end = time.monotonic() + 60
        while len(confirmed(tmp_path)) < WRITERS and time.monotonic() < end:
            time.sleep(0.05)
        for number in range(KILLS):
            time.sleep(chance.uniform(0.0, 0.03))
            at = chance.randrange(WRITERS)
            writers[at].send_signal(signal.SIGKILL)
            writers[at].wait()
            writers[at] = start(tmp_path, f"k{number}")
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    many = check(tmp_path, KILLS + WRITERS)
    assert many >= WRITERS
    with hold_lines(tmp_path, INBOX) as lines:  # nobody's lock outlives them
        lines.add([json.dumps({"id": "last", "page": "/a/", "received": "2026-01-01T00:00:00Z", "body": "last x"}).encode()])
    assert check(tmp_path, KILLS + WRITERS) == many + 1


@pytest.mark.parametrize("torn", [b"", b"first\n", b"first\nhalf"])
def test_stopped_before_any_call(tmp_path: Path, torn: bytes) -> None:
    """Stopped before any call to the system, or in the middle of the write, the lines before are as they were, and the next one is whole."""
    for number in range(1, 50):
        site = tmp_path / str(number)
        (site / "comments").mkdir(parents=True)
        (site / INBOX).write_bytes(torn)

        def step(site: Path = site, number: int = number) -> None:
            die_before(number)
            with hold_lines(site, INBOX) as lines:
                lines.add([b"n" * 100])

        code = in_child(step)
        found = (site / INBOX).read_bytes()
        assert found.startswith(torn)
        with hold_lines(site, INBOX) as lines:
            lines.add([b"next"])
        after = (site / INBOX).read_bytes()
        assert after.startswith(found) and after.endswith(b"\nnext\n" if after != b"next\n" else b"next\n")
        assert set(after.split(b"\n")) <= {b"first", b"half", b"next", b""} | {b"n" * n for n in range(1, 101)}
        if code == 0:
            break
    assert number > 1


def test_a_decision_that_was_torn_is_none(tmp_path: Path) -> None:
    """Stopped while it decides, the next decision takes the half line out: the file can always be read."""
    from iopsgen.moderation.decide import Choice, write_decisions
    from iopsgen.read.comments import read_decisions
    from tests.sites import NOW

    for number in range(1, 50):
        site = tmp_path / str(number)

        def step(site: Path = site, number: int = number) -> None:
            die_before(number)
            write_decisions(site, "comments/decisions.jsonl", [Choice(action="hold", id="a"), Choice(action="hold", id="b", reason="x" * 9000)], "", NOW)

        site.mkdir()
        code = in_child(step)
        write_decisions(site, "comments/decisions.jsonl", [Choice(action="spam", id="c")], "", NOW)
        found, problems = read_decisions("d", (site / "comments/decisions.jsonl").read_bytes())
        assert problems == [] and [d.id for d in found] in (["c"], ["a", "c"], ["a", "b", "c"])
        if code == 0:
            break
    assert number > 1
