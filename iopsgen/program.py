"""The program as a value: a digest of its own source, so that an upgrade makes everything again."""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = ("jinja2", "markdown", "pyromark", "nh3", "babel", "feedgen", "lxml", "pygments", "yaml", "msgspec", "tzdata", "PIL")


@cache
def program_digest() -> str:
    """A digest over every file of iopsgen, its default theme included, by size and change time, and the versions of what renders.

    Sizes and times stand for the bytes: reading 60 files at every start would cost more than an unchanged build may take,
    and the worst that a wrong answer does is to make the site again.
    """
    folder = Path(__file__).parent
    hasher = hashlib.blake2b(digest_size=16)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        stat = path.stat()
        hasher.update(f"{path.relative_to(folder)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            hasher.update(f"{name} {Path(spec.origin).stat().st_mtime_ns}\n".encode())
    return hasher.hexdigest()
