"""The importers by name, and the one way to run one: from paths to what becomes of every comment in them."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from iopsgen.importers.comments.foreign import Choices, Found, Remark
from iopsgen.importers.comments.opening import Source, Unreadable, find_files
from iopsgen.problems import Problem


class Kind(NamedTuple):
    """An importer: its module, the function that reads one file (or, `whole`, all of them), what it reads in words, endings of files."""

    module: str
    function: str
    words: str
    endings: tuple[str, ...]
    whole: bool = False


KINDS: dict[str, Kind] = {
    "staticman": Kind("staticman", "read_all", "comment files of Staticman (.yml .json .md)", (".yml", ".yaml", ".json", ".md", ".markdown"), True),
    "disqus": Kind("disqus", "read", "an export of Disqus (.xml)", (".xml",)),
    "wordpress": Kind("wordpress", "read", "an export of WordPress (.xml)", (".xml", ".wxr")),
    "isso": Kind("isso", "read", "a database of Isso (.db)", (".db", ".sqlite", ".sqlite3")),
    "remark42": Kind("remark42", "read", "a backup of Remark42 (.gz .json)", (".gz", ".json", ".jsonl", ".backup")),
    "commento": Kind("commento", "read", "an export of Commento or Comentario (.json)", (".json",)),
    "csv": Kind("tables", "read_csv", "a table (.csv)", (".csv", ".tsv", ".txt")),
    "json": Kind("tables", "read_json", "submissions in JSON (.json)", (".json", ".jsonl", ".ndjson")),
    "mail": Kind("mail", "read", "mail (an mbox, a Maildir, .eml)", (".eml", ".mbox")),
}


def read_kind(name: str, paths: Iterable[str], choices: Choices) -> Iterator[Found]:
    """Everything that an importer finds in files and folders; faults of files are problems among it, and end only the file they are in."""
    kind = KINDS[name]
    module = import_module(f"iopsgen.importers.comments.{kind.module}")
    files = find_files(paths, _wanted(kind), kind.words)
    if kind.whole:
        read_all: Callable[[Iterable[Source | Remark | Problem], Choices], Iterator[Found]] = getattr(module, kind.function)
        yield from read_all(files, choices)
        return
    read: Callable[[Source, Choices], Iterator[Found]] = getattr(module, kind.function)
    for source in files:
        if not isinstance(source, Source):
            yield source
            continue
        try:
            yield from read(source, choices)
        except Unreadable as fault:
            yield fault.problem(str(source.path))


def _wanted(kind: Kind) -> Callable[[Path], bool]:
    def wanted(path: Path) -> bool:
        in_maildir = kind.module == "mail" and path.parent.name in ("cur", "new")
        return in_maildir or path.name.lower().removesuffix(".gz").endswith(kind.endings) or path.name.lower().endswith(kind.endings)

    return wanted
