"""What is installed is whole: a wheel, in an environment of its own, makes a site outside the repository."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.needs import ROOT

CLEAN = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CI", "SOURCE_DATE_EPOCH")}


def run(*words: str | Path, cwd: Path) -> str:
    """What a program printed; fails with its words where it fails."""
    done = subprocess.run([str(w) for w in words], cwd=cwd, env=CLEAN, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "iopsgen", source / "iopsgen", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", folder, source, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_the_program_and_its_theme(wheel: Path) -> None:
    """Every module and every file of the default theme is in the wheel, and nothing of tests, content or benchmarks."""
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    package = {n for n in names if ".dist-info/" not in n}
    assert all(n.startswith("iopsgen/") for n in package)
    ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / "iopsgen").rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert ours - package == set()
    assert any(n.endswith("LICENSE") for n in names)


@pytest.mark.slow
def test_a_fresh_environment_makes_a_site(wheel: Path, tmp_path: Path) -> None:
    """`pip install`, `iopsgen init my-group`, `iopsgen build`: a styled site, from nothing but the wheel and what it depends on."""
    venv.create(tmp_path / "env", with_pip=True)
    bin_ = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    constraints = ROOT / "constraints.txt"
    run(bin_ / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints, wheel, cwd=tmp_path)
    run(bin_ / "python", "-m", "pip", "check", "--disable-pip-version-check", cwd=tmp_path)
    assert "my-group" in run(bin_ / "iopsgen", "init", "my-group", cwd=tmp_path)
    site = tmp_path / "my-group"
    assert run(bin_ / "iopsgen", "build", cwd=site).startswith("Built ")
    page = (site / "output" / "index.html").read_text("utf-8")
    (style,) = (site / "output" / "assets").glob("style.*.css")
    assert style.name in page and style.read_bytes() == (ROOT / "iopsgen/themes/default/static/style.css").read_bytes()
    where = run(bin_ / "python", "-c", "import iopsgen; print(iopsgen.__file__)", cwd=site)
    assert str(tmp_path / "env") in where
    assert "iopsgen " in run(bin_ / "python", "-m", "iopsgen", "version", cwd=site)
