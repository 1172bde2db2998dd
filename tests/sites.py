"""Small sites for tests: written from a dict of files, built, and compared."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from iopsgen.build import Options, Result, build

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

SETTINGS = """site:
  title: Friends of the river
  url: https://example.org/river/
  language: en
  timezone: Europe/London
  contact: hello@example.org
"""

POST = """---
title: Welcome
date: 2026-10-05
authors: [Anna, Ben]
---
Hello, and **welcome**.
"""

EVENT = """---
title: Picnic
start: 2026-12-05 12:00
end: 15:00
---
Bring a cake.
"""


def write_site(folder: Path, files: dict[str, str | bytes | None] | None = None, settings: str = SETTINGS) -> Path:
    """Writes files below a folder (None removes one) and gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "iopsgen.yml").exists():
        (folder / "iopsgen.yml").write_text(settings, "utf-8")
    for name, content in (files or {}).items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    return folder


def build_site(folder: Path, now: datetime = NOW, **options: object) -> Result:
    """Builds as at NOW, on one processor unless told otherwise."""
    return build(folder, Options(now=now, **{"workers": 1, **options}))  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder with a digest of its bytes."""
    return {name: hashlib.blake2b(data, digest_size=8).hexdigest() for name, data in tree(folder).items()}


def messages(result: Result) -> list[str]:
    """The problems as `severity file:line message`."""
    return [f"{p.severity} {p.place or ''} {p.message}" for p in result.problems]
