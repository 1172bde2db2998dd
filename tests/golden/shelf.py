"""Small sites with their expected output, each in one text file that can be read and compared."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

from iopsgen.build import Options, build

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SITES = tuple(sorted(p.parent.name for p in HERE.glob("*/iopsgen.yml")))


def expected(name: str) -> str:
    """The output that a site is to have, as `made` writes it; "" where none was accepted yet."""
    path = HERE / name / "expected.txt"
    return path.read_bytes().decode("utf-8") if path.exists() else ""


def accept(name: str, text: str) -> None:
    """Makes this the expected output."""
    (HERE / name / "expected.txt").write_bytes(text.encode("utf-8"))


def made(name: str, folder: Path) -> str:
    """The output of a site built in `folder`: below the path and the size of each file its bytes, with ␍ for each carriage return.

    What is copied from a theme is left out: it changes with the default theme, which always comes last.
    """
    site = folder / name
    shutil.copytree(HERE / name, site, ignore=shutil.ignore_patterns("expected.txt"))
    shutil.copytree(HERE / "theme", site / "themes" / "golden")
    result = build(site, Options(now=NOW, workers=1))
    assert result.ok and not result.problems, result.problems
    return "".join(_shown(site / "output"))


def _shown(output: Path) -> Iterator[str]:
    for path in sorted(output.rglob("*"), key=lambda p: p.relative_to(output).as_posix()):
        name = path.relative_to(output).as_posix()
        if path.is_file() and not name.startswith("assets/"):
            data = path.read_bytes()
            yield f"===== {name} ({len(data)} bytes)\n" + data.decode("utf-8").replace("\r", "␍").rstrip("\n") + "\n"


def difference(name: str, text: str) -> str:
    """What changed against the expected output, as a unified diff; "" where nothing did."""
    lines = unified_diff(expected(name).splitlines(), text.splitlines(), f"{name}: expected", f"{name}: made", lineterm="", n=2)
    return "\n".join(lines)
