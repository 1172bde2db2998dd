"""The law of the incremental build: after any history of edits the output is byte for byte what a clean build makes."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.histories import History
from tests.sites import messages, tree

HISTORIES = int(os.environ.get("IOPSGEN_HISTORIES", "4"))
STEPS = int(os.environ.get("IOPSGEN_STEPS", "10"))
FIRST = int(os.environ.get("IOPSGEN_FIRST_HISTORY", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + HISTORIES))
def test_incremental_equals_clean(tmp_path: Path, seed: int) -> None:
    """After every step of a random history the output equals that of a clean build elsewhere, and a second build writes nothing.

    The history holds edits of everything that is a source, damage to everything that is not, builds that were stopped or asked for
    something else, upgrades, and machines with other processors and orders of files. What is noted as published is the same, too.
    """
    history = History(tmp_path / "site", seed)
    for number in range(STEPS):
        history.step()
        compared = number % 3 == 2 or number == STEPS - 1
        clean = history.copy(tmp_path / f"clean-{number}") if compared else None
        built = history.build()
        assert built.ok, (history.log, messages(built))
        if clean is not None:
            assert history.build(clean).ok
            mine, theirs = tree(history.site / "output"), tree(clean / "output")
            assert sorted(mine) == sorted(theirs), history.log
            assert [name for name in mine if mine[name] != theirs[name]] == [], history.log
            assert (history.site / "published.jsonl").read_bytes() == (clean / "published.jsonl").read_bytes(), history.log
            shutil.rmtree(clean)
            assert history.build().written == 0, history.log


def test_same_bytes_on_another_machine(tmp_path: Path) -> None:
    """Hash seed, locale, time zone, working folder and number of processors change no byte."""
    import subprocess

    history = History(tmp_path / "site", 99)
    history.add_comment()
    history.add_photograph()
    outputs = []
    for number, environment in enumerate(
        (
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C", "LANG": "C"},
            {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANGUAGE": "fr"},
        )
    ):
        site = history.copy(tmp_path / f"machine-{number}")
        command = [sys.executable, "-m", "iopsgen", "build", "--site", str(site), "--now", history.now.isoformat()]
        done = subprocess.run(command, env={**os.environ, **environment}, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outputs.append(tree(site / "output"))
    assert outputs[0] == outputs[1]
