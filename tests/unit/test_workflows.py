"""The workflow that `init` writes: it is valid, and its steps do what they say."""

import json
import os
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from iopsgen.workflows import publishing_files


def steps(url: str = "https://example.org/iops/") -> dict[str, dict[str, object]]:
    """The named steps of the workflow."""
    files = {file.path: file.text for file in publishing_files(url, "1.2.3")}
    assert files["requirements.txt"] == "iopsgen==1.2.3\n"
    workflow = yaml.safe_load(files[".github/workflows/publish.yml"])
    assert workflow[True]["schedule"][0]["cron"].count(" ") == 4  # YAML 1.1 reads the key `on` as true
    return {step["name"]: step for step in workflow["jobs"]["publish"]["steps"] if "name" in step}


@pytest.mark.parametrize(("next_change", "due"), [("past", "yes"), ("future", "no"), (None, "no"), ("gone", "yes")])
def test_it_builds_only_when_the_time_has_come(tmp_path: Path, next_change: str | None, due: str) -> None:
    """A scheduled run builds when the moment in the published status.json has passed, or when that file cannot be had."""
    step = steps()["Is it time?"]
    assert step["env"] == {"STATUS": "https://example.org/iops/status.json"}
    moments = {"past": datetime.now(UTC) - timedelta(hours=1), "future": datetime.now(UTC) + timedelta(hours=1)}
    status = {"next_change": moments[next_change].isoformat() if next_change in moments else None}
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(f"#!/bin/sh\n{'exit 22' if next_change == 'gone' else f'echo {json.dumps(json.dumps(status))} > status.json'}\n")
    curl.chmod(curl.stat().st_mode | stat.S_IXUSR)
    environment = {**os.environ, "PATH": f"{curl.parent}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(tmp_path / "out"), "STATUS": "x"}
    done = subprocess.run(["bash", "-e", "-c", str(step["run"])], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_text() == f"due={due}\n" and not (tmp_path / "status.json").exists()


def test_it_notes_what_was_published(tmp_path: Path) -> None:
    """The last step commits published.jsonl where it changed, and nothing else; two branches that both added to it merge."""

    def git(*words: str, folder: Path) -> str:
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=folder, capture_output=True, text=True, check=True).stdout

    attributes = next(f.text for f in publishing_files("https://example.org/", "1") if f.path == ".gitattributes")
    git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "hub"), folder=tmp_path)
    git("clone", "--quiet", str(tmp_path / "hub"), str(tmp_path / "one"), folder=tmp_path)
    (tmp_path / "one" / ".gitattributes").write_text(attributes)
    (tmp_path / "one" / "published.jsonl").write_text("a\n")
    git("checkout", "--quiet", "-B", "main", folder=tmp_path / "one")
    git("add", ".", folder=tmp_path / "one")
    git("commit", "--quiet", "-m", "start", folder=tmp_path / "one")
    git("push", "--quiet", "-u", "origin", "main", folder=tmp_path / "one")
    git("clone", "--quiet", str(tmp_path / "hub"), str(tmp_path / "two"), folder=tmp_path)
    run = str(steps()["Note what was published"]["run"])
    for name, line in (("one", "b"), ("two", "c"), ("two", "")):
        published = tmp_path / name / "published.jsonl"
        published.write_text(published.read_text() + (f"{line}\n" if line else ""))
        (tmp_path / name / "scratch").write_text("not for the repository")
        subprocess.run(["bash", "-e", "-c", run], cwd=tmp_path / name, capture_output=True, text=True, check=True)
    assert sorted(git("show", "main:published.jsonl", folder=tmp_path / "hub").split()) == ["a", "b", "c"]
    assert git("ls-tree", "--name-only", "main", folder=tmp_path / "hub").split() == [".gitattributes", "published.jsonl"]
    assert git("rev-list", "--count", "main", folder=tmp_path / "hub").strip() == "3"
