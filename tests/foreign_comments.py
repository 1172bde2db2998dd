"""A small site for the tests of comment importers, and one call that imports into it and gives what came of it."""

from pathlib import Path
from typing import Any

from iopsgen.importers.comments.foreign import Choices
from iopsgen.importers.comments.importing import Outcome, Wish, run_import
from iopsgen.read.comments import Record, read_inbox
from iopsgen.store import Store
from tests.sites import EVENT, NOW, POST, write_site

TWO = """---
title: Two ways to mend a cup
date: 2026-10-06
aliases: [/2012/10/old-two.html]
---
Glue, or gold.
"""


def make_site(folder: Path) -> Path:
    """A site under a path, in a zone with summer time: /posts/welcome/ (Welcome), /posts/two/, /events/picnic/ (Picnic)."""
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-05-welcome.md": POST,
        "content/posts/2026-10-06-two.md": TWO,
        "content/events/picnic.md": EVENT,
    }
    return write_site(folder, files)


def bring(folder: Path, kind: str, *paths: Path | str, **wishes: Any) -> Outcome:
    """Imports into the site of a folder, which is made where there is none. `wishes` are those of Wish and of Choices."""
    if not (folder / "content").exists():
        make_site(folder)
    choices = Choices(**{key: wishes.pop(key) for key in list(wishes) if key in Choices.__struct_fields__})
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    try:
        return run_import(folder, Wish(kind=kind, paths=tuple(map(str, paths)), choices=choices, **wishes), store, NOW)
    finally:
        store.close()


def records(folder: Path, file: str = "comments/inbox.jsonl") -> list[Record]:
    """The records of the inbox in the order of its lines; every line must be one, and none may hold an address."""
    path = folder / file
    inbox, problems = read_inbox([(file, path.read_bytes())] if path.exists() else [])
    assert problems == [] and inbox.private == 0 and inbox.malformed == 0
    return list(inbox.records)


def by_body(folder: Path, file: str = "comments/inbox.jsonl") -> dict[str, Record]:
    """The records of the inbox by their texts, of which no two are the same."""
    found = records(folder, file)
    assert len({r.body for r in found}) == len(found)
    return {r.body: r for r in found}


def reasons(outcome: Outcome) -> dict[str, int]:
    """Why how many were not taken. Everything that was read is accounted for."""
    found = {reason: len(places) for reason, places in outcome.taken.passed.items()}
    assert outcome.taken.read == len(outcome.taken.lines) + sum(found.values())
    return found


def errors(outcome: Outcome) -> list[str]:
    """The errors as `file:line message`, the file without its folders."""
    return [f"{Path(p.place.file).name if p.place else ''}:{p.place.line if p.place else 0} {p.message}" for p in outcome.problems if p.severity == "error"]
