"""Publishing small sites in tests: from a dict of contents, with processes that die on the way."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from iopsgen.write import Copy, Output, Published, digest_of, lock, open_output

Files = Mapping[str, bytes]

# The calls to the operating system that change something; between two of them it makes no difference when one is stopped.
CHANGES = ("open", "write", "mkdir", "rmdir", "unlink", "link", "symlink", "rename", "replace", "exchange")


def publish(site: Path, files: Mapping[str, bytes | Copy], *, output: Path | None = None, prepare: bool = False, durable: bool = True, **how: Any) -> Published:
    """Bring the output folder of a site to these contents."""
    with lock(site) as held:
        opened = open_output(held, output or site / "output", **how)
        published = bring(opened, files, durable)
        if prepare:
            opened.prepare()
    return published


def bring(opened: Output, files: Mapping[str, bytes | Copy], durable: bool = True) -> Published:
    """Publish these contents through an open output folder; the fingerprint of a content is its digest."""
    planned = {path: content.digest if isinstance(content, Copy) else digest_of(content) for path, content in files.items()}
    return opened.publish(planned, ((path, files[path]) for path in sorted(opened.outdated(planned))), durable=durable)


def opened(site: Path, **how: Any) -> Output:
    """The output folder of a site, only looked at."""
    with lock(site) as held:
        return open_output(held, site / "output", **how)


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Every file below a folder with its bytes, every symbolic link with an arrow and where it points; folders only through them."""
    found: dict[str, bytes | str] = {}
    for where, folders, names in os.walk(folder):
        for name in [*names, *(f for f in folders if os.path.islink(os.path.join(where, f)))]:
            path = Path(where, name)
            found[path.relative_to(folder).as_posix()] = f"-> {os.readlink(path)}" if path.is_symlink() else path.read_bytes()
    return found


def leftovers(site: Path) -> set[str]:
    """What publishing keeps for itself."""
    return {path.name for path in (site / ".iopsgen" / "published").glob("*/*")}


def in_child(step: Callable[[], object]) -> int:
    """Run a step in a child process: 0 when it ended, 9 when it was stopped by `die_before`, 1 when it raised (the trace is printed)."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            step()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_before(number: int) -> None:
    """From here on, this process stops dead before the given change (from 1) to the disk, or in the middle of it if it is a write."""
    count = 0

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            if name == "open" and not args[1] & os.O_CREAT:
                return real(*args, **kwargs)
            count += 1
            if count == number:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                os._exit(9)
            return real(*args, **kwargs)

        return call

    replace_calls(pytest.MonkeyPatch(), dying)


def no_waiting(patch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: what a stopped process wrote is there without that, and a busy machine makes the waiting long."""
    replace_calls(patch, lambda name, real: lambda descriptor: None, ("fsync", "flush"))


def replace_calls(patch: pytest.MonkeyPatch, wrap: Callable[[str, Callable[..., Any]], Callable[..., Any]], names: tuple[str, ...] = CHANGES) -> None:
    """Put something in the place of calls to the operating system."""
    from iopsgen.write import system

    for name in names:
        where = system if name in ("exchange", "flush") else os
        patch.setattr(where, name, wrap(name, getattr(where, name)))
