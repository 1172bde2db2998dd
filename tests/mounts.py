"""Steps of a test that mount file systems: run in a process that may, and whose mounts nobody else sees."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

STEPS = """
import subprocess
from pathlib import Path
from {module} import {name}
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
{name}(Path({path!r}))
"""


def with_mounts(step: Callable[[Path], object], path: Path) -> None:
    """Runs a function of a module of tests in a process that may mount: as the superuser, or in a namespace of its own."""
    trial = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*trial, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        message = "mounting is not allowed here; run the tests as the superuser, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    steps = STEPS.format(module=step.__module__, name=step.__name__, path=str(path))
    root = Path(__file__).parents[1]
    done = subprocess.run([*trial, sys.executable, "-W", "error", "-c", steps], capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stderr


def mount(kind: str, *what: str) -> None:
    """Mounts something: a `tmpfs`, or one folder at another (`bind`)."""
    subprocess.run(["mount", *(["-t", kind] if kind == "tmpfs" else [f"--{kind}"]), *what], check=True)
