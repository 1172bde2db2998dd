"""The demonstration site, copied and built elsewhere: under a path, so that no link may count on the root of a host."""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from iopsgen.build import Options, Result, build
from tests.needs import ROOT

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://iops.example.org/world/"
BASE = "https://iops.example.org"
PATH = "/world/"
PARTS = ("content", "comments", "static", "themes", "data", "iopsgen.yml")


def copy_demonstration(folder: Path) -> Path:
    """The sources of the demonstration in another folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy2(source, folder / name)
    return folder


@cache
def built_demonstration() -> tuple[Path, Result]:
    """The demonstration built once for all tests that only look at it: its folder and what the build said."""
    folder = Path(mkdtemp(prefix="iopsgen-demonstration-"))
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy_demonstration(folder)
    return folder, build(folder, Options(now=NOW, overrides={"site.url": URL}))
