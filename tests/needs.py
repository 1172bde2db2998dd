"""What a test needs from the machine: without it the test is left out and says how to install it; with CI=true it fails."""

import ctypes
import os
import shutil
from ctypes.util import find_library
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent


def program(name: str, install: str) -> str:
    """The path of a program; `install` is the command that installs it."""
    found = shutil.which(name)
    return found or _missing(f"the program {name}", install)


def library(name: str, install: str) -> ctypes.CDLL:
    """A shared library, loaded: `library("ical", "apt-get install libical3")`."""
    found = find_library(name)
    return ctypes.CDLL(found) if found else _missing(f"the library {name}", install)


def file(path: str | Path, install: str) -> Path:
    """A file or folder that something else installs; a relative path starts at the repository's root."""
    found = ROOT / path
    return found if found.exists() else _missing(str(path), install)


def _missing(what: str, install: str) -> NoReturn:
    message = f"{what} is missing; install it with: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
