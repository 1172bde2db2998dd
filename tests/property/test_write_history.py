"""Whatever was built, damaged, stopped and lost before: after a build the output folder holds the plan and the files of others, no more."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from iopsgen.write import WriteFailed
from tests.publishing import die_before, in_child, no_waiting, opened, publish, replace_calls, snapshot

PATHS = ["index.html", "feed.xml", "a", "a/b", "a/b/c", "a/index.html", "posts/1/index.html", "posts/2/index.html", "posts/2/x.ics", "posts", "z/z/z"]
CONTENTS = [b"one", b"two", b"three" * 3000]
THEIRS = ["CNAME", ".git/HEAD", "posts/1/note", "a/b", "z/own", "index.html", "posts/index.txt", "a"]

Snapshot = dict[str, bytes | str]


def clash(paths: set[str]) -> bool:
    """Whether one of the paths is a folder of another."""
    return any(other.startswith(f"{path}/") for path in paths for other in paths)


plans = st.dictionaries(st.sampled_from(PATHS), st.sampled_from(CONTENTS), max_size=7).filter(lambda plan: not clash(set(plan)))


def expected(plan: dict[str, bytes], theirs: Snapshot) -> Snapshot | None:
    """What has to stand there after a build; None when a folder of theirs is in the way."""
    if any(path.startswith(f"{page}/") for path in theirs for page in plan):
        return None
    kept = {path: content for path, content in theirs.items() if not any(page == path or page.startswith(f"{path}/") for page in plan)}
    return kept | plan


class History(RuleBasedStateMachine):
    """A site, what was planned last, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        no_waiting(self.patch)
        self.top = Path(tempfile.mkdtemp(prefix="iopsgen-history-"))
        self.site, self.elsewhere = self.top / "site", self.top / "elsewhere"
        self.output = self.site / "output"
        self.own: set[str] = set()

    def teardown(self) -> None:
        """Nothing outside was touched."""
        self.patch.undo()
        try:
            assert snapshot(self.elsewhere) == {"1/index.html": b"private", "note": b"private"}
        finally:
            shutil.rmtree(self.top)

    @initialize(care=st.sampled_from(["files", "files", "folders"]), missing=st.sampled_from(["", "", "link", "exchange"]))
    def begin(self, care: str, missing: str) -> None:
        """An empty site, a folder that must not be touched, how closely builds look, and what the file system cannot do."""
        self.care = care

        def refused(*_: Any, **__: Any) -> None:
            raise OSError(errno.EPERM, "not here")

        if missing:
            replace_calls(self.patch, lambda name, real: refused, (missing,))
        self.site.mkdir()
        (self.elsewhere / "1").mkdir(parents=True)
        (self.elsewhere / "1/index.html").write_bytes(b"private")
        (self.elsewhere / "note").write_bytes(b"private")

    def theirs(self) -> Snapshot:
        """What stands there and is not ours."""
        return {path: content for path, content in snapshot(self.output).items() if path not in self.own}

    @rule(plan=plans, in_place=st.booleans(), prepare=st.booleans())
    def build(self, plan: dict[str, bytes], in_place: bool, prepare: bool) -> None:
        """A build: the plan stands, what others put there stays, or nothing changes."""
        before, wanted = snapshot(self.output), expected(plan, self.theirs())
        if wanted is None:
            with pytest.raises(WriteFailed, match="not a file of iopsgen's"):
                publish(self.site, plan, in_place=in_place, care=self.care)
            assert snapshot(self.output) == before
            return
        done = publish(self.site, plan, in_place=in_place, prepare=prepare, care=self.care)
        assert snapshot(self.output) == wanted
        assert {file.path for file in done.written} <= set(plan) and len(done.written) + done.unchanged == len(plan)
        self.own = set(plan)
        again = publish(self.site, plan, in_place=in_place, care=self.care)
        assert not again.written and not again.removed and snapshot(self.output) == wanted

    @rule(plan=plans, number=st.integers(1, 60), in_place=st.booleans())
    def stopped_build(self, plan: dict[str, bytes], number: int, in_place: bool) -> None:
        """A build that is stopped somewhere: all of the old or all of the new, at the latest after the next look."""
        theirs = self.theirs()
        before, wanted = snapshot(self.output), expected(plan, theirs)
        if wanted is None or not self.own or set(plan) & set(theirs):
            return

        def step() -> None:
            die_before(number)
            publish(self.site, plan, in_place=in_place, care=self.care)

        assert in_child(step) in (0, 9)
        opened(self.site)  # where folders cannot be swapped, this finishes what was begun
        found = snapshot(self.output)
        assert found in (before, wanted)
        if found == wanted:
            self.own = set(plan)

    @rule(path=st.sampled_from(PATHS), how=st.sampled_from(["edit", "replace", "delete", "link", "folder"]))
    def damage(self, path: str, how: str) -> None:
        """Somebody lays hands on a file of ours."""
        target = self.output / path
        if (how == "edit" and self.care != "files") or path not in self.own or target.is_symlink() or not target.is_file() or not target.resolve().is_relative_to(self.output):
            return
        if how == "edit":
            target.write_bytes(b"hack")
        elif how == "replace":
            (self.site / "new").write_bytes(b"hack")
            (self.site / "new").rename(target)
        else:
            target.unlink()
            if how == "link":
                target.symlink_to(self.elsewhere / "note")
            elif how == "folder":
                target.mkdir()
                (target / "x").write_bytes(b"theirs")

    @rule(folder=st.sampled_from(["a", "posts", "posts/1"]), link=st.booleans())
    def damage_folder(self, folder: str, link: bool) -> None:
        """Somebody deletes a folder, or puts a link out in its place."""
        target = self.output / folder
        if target.is_dir() and not target.is_symlink() and target.resolve() == target:
            shutil.rmtree(target)
            if link:
                target.symlink_to(self.elsewhere)

    @rule(path=st.sampled_from(THEIRS))
    def add_theirs(self, path: str) -> None:
        """Somebody puts a file there."""
        target = self.output / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(target) and target.parent.resolve().is_relative_to(self.output):
                target.write_bytes(b"theirs")
        except (FileExistsError, NotADirectoryError):
            pass

    @rule(path=st.sampled_from(THEIRS))
    def remove_theirs(self, path: str) -> None:
        """Somebody takes a file of their own away."""
        target = self.output / path
        if path not in self.own and target.parent.resolve() == target.parent and target.is_file():
            target.unlink()
            self.prune()

    def prune(self) -> None:
        """An empty folder of somebody else's is in the way of a page, too; that is not what these histories are about."""
        for where, _, _ in os.walk(self.output, topdown=False):
            if where != str(self.output) and not os.listdir(where):
                os.rmdir(where)

    @rule()
    def lose_everything(self) -> None:
        """The cache is deleted: what stands there is nobody's now."""
        shutil.rmtree(self.site / ".iopsgen", ignore_errors=True)
        self.own = set()
        self.prune()

    @rule(name=st.sampled_from(["twin", "stage", "aside"]))
    def lose_something(self, name: str) -> None:
        """A part of the cache is deleted."""
        for path in self.site.glob(f".iopsgen/published/*/{name}"):
            shutil.rmtree(path)

    @precondition(lambda self: self.output.exists())
    @rule()
    def start_afresh(self) -> None:
        """Somebody deletes the output folder. What is put at a path of ours before the next build counts as ours, altered."""
        shutil.rmtree(self.output)

    @precondition(lambda self: self.output.exists())
    @rule()
    def restore_a_backup(self) -> None:
        """The site is copied, and the copy goes on: other inodes, same contents."""
        shutil.copytree(self.site, self.top / "copy", symlinks=True)
        shutil.rmtree(self.site)
        (self.top / "copy").rename(self.site)


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=int(os.environ.get("IOPSGEN_HISTORIES", "60")), stateful_step_count=20, deadline=None)
