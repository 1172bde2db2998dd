"""Everything a site holds, read: each file looked at once, each source parsed only if it, or what it depends on, changed."""

import multiprocessing
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from iopsgen.model import Asset, ChapterFields, EventFields, PageFields, Person, PostFields, Value, Venue
from iopsgen.problems import Place, Problem, warning
from iopsgen.read.content import Context, Reading, is_source, kind_of, read_defaults, read_source
from iopsgen.read.directory import read_data, read_people, read_venues
from iopsgen.read.frontmatter import RECORDS
from iopsgen.read.sources import File, find, read_bytes, walk
from iopsgen.read.tree import languages_of
from iopsgen.settings import Settings
from iopsgen.store import Store
from iopsgen.write import digest_of

_ENCODER = msgspec.msgpack.Encoder()
_READING = msgspec.msgpack.Decoder(Reading)
_WORTH_A_PROCESS = 200  # sources to parse before a second process pays
_RACE = 2_000_000_000  # nanoseconds: a file as young as this may change again without its stamp changing

Defaults = dict[str, tuple[dict[str, Any], str]]  # folder → (values, digest)


class Contents(Value, frozen=True, kw_only=True):
    """What was read. `broken` names sources that have errors and so no value here."""

    posts: tuple[PostFields, ...] = ()
    events: tuple[EventFields, ...] = ()
    chapters: tuple[ChapterFields, ...] = ()
    pages: tuple[PageFields, ...] = ()
    people: dict[str, Person] = {}
    venues: dict[str, Venue] = {}
    data: dict[str, object] = {}
    assets: tuple[Asset, ...] = ()
    inbox: tuple[tuple[str, bytes], ...] = ()
    decisions: tuple[str, bytes] = ("", b"")
    broken: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    read: int = 0  # how many sources were parsed anew


class _Reader:
    """One run over the files of a site."""

    def __init__(self, site: Path, store: Store, program: str, started: int, workers: int) -> None:
        self.site, self.store, self.program, self.started, self.workers = site, store, program, started, workers
        self.known_files = store.files()
        self.known_readings = store.readings()
        self.problems: list[Problem] = []
        self.new_files: list[tuple[str, str, str]] = []
        self.new_readings: list[tuple[str, str, bytes, str]] = []
        self.new_texts: list[tuple[str, str]] = []
        self.bytes: dict[str, bytes] = {}
        self.seen: set[str] = set()
        self.parsed = 0

    def digest_of(self, file: File, limit: int = 2**30) -> str | None:
        """The digest of a file, from its stamp where that has not changed."""
        self.seen.add(file.path)
        stamp = ":".join(map(str, file.stamp))
        known = self.known_files.get(file.path)
        if known is not None and known[0] == stamp:
            return known[1]
        data, problems = read_bytes(self.site, file, limit)
        self.problems += problems
        if data is None:
            return None
        self.bytes[file.path] = data
        young = max(file.stamp[1], file.stamp[2]) > self.started - _RACE
        name = digest_of(data)
        self.new_files.append((file.path, "" if young else stamp, name))
        return name

    def bytes_of(self, file: File) -> bytes | None:
        data = self.bytes.pop(file.path, None)
        if data is None:
            data, problems = read_bytes(self.site, file)
            self.problems += problems
        return data

    def read_small(self, file: File | None) -> tuple[bytes, str]:
        """The bytes and digest of a file that is always read whole."""
        if file is None:
            return b"", ""
        name = self.digest_of(file)
        data = self.bytes_of(file) if name else None
        return data or b"", name or ""

    def read_all(self, files: list[File], defaults: Mapping[str, Defaults], context: Context) -> dict[str, Reading]:
        """The readings of sources, from the store where nothing they depend on changed."""
        base = digest_of(_ENCODER.encode(context) + self.program.encode())
        readings: dict[str, Reading] = {}
        jobs: list[tuple[str, str, bytes, dict[str, Any]]] = []
        for file in files:
            name = self.digest_of(file, 4 * 2**20)
            if name is None:
                readings[file.path] = Reading(problems=())
                continue
            values, defaults_digest = _defaults_for(file.path, defaults[kind_of(file.path)])
            key = digest_of(f"{base} {defaults_digest} {name} {file.path}".encode())
            known = self.known_readings.get(file.path)
            if known is not None and known[0] == key:
                try:
                    readings[file.path] = _READING.decode(known[1])
                    continue
                except msgspec.MsgspecError:
                    pass
            data = self.bytes_of(file)
            if data is None:
                readings[file.path] = Reading(problems=())
            else:
                jobs.append((file.path, key, data, values))
        self._parse(jobs, context, readings)
        return readings

    def _parse(self, jobs: list[tuple[str, str, bytes, dict[str, Any]]], context: Context, readings: dict[str, Reading]) -> None:
        self.parsed += len(jobs)
        results = _parse_apart(jobs, context, self.workers) if self.workers > 1 and len(jobs) >= _WORTH_A_PROCESS else None
        for number, (path, key, data, values) in enumerate(jobs):
            reading = results[number] if results else read_source(path, data, values, context)
            if reading.html and reading.fields is not None:
                self.new_texts.append((reading.fields.text.digest, reading.html))
            reading = msgspec.structs.replace(reading, html="")
            readings[path] = reading
            text = reading.fields.text.digest if reading.fields else ""
            self.new_readings.append((path, key, _ENCODER.encode(reading), text))


_work: tuple[list[tuple[str, str, bytes, dict[str, Any]]], Context] | None = None


def _parse_apart(jobs: list[tuple[str, str, bytes, dict[str, Any]]], context: Context, workers: int) -> list[Reading] | None:
    """Parses on several processors; None where processes cannot be forked (they would cost more than they bring)."""
    global _work
    if "fork" not in multiprocessing.get_all_start_methods():
        return None
    _work = (jobs, context)
    step = max(20, len(jobs) // (workers * 8))
    ranges = [(at, min(at + step, len(jobs))) for at in range(0, len(jobs), step)]
    try:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            encoded = pool.map(_parse_range, ranges, chunksize=1)
    except OSError:
        return None
    finally:
        _work = None
    decoder = msgspec.msgpack.Decoder(list[Reading])
    return [reading for part in encoded for reading in decoder.decode(part)]


def _parse_range(bounds: tuple[int, int]) -> bytes:
    assert _work is not None
    jobs, context = _work
    return _ENCODER.encode([read_source(path, data, values, context) for path, _, data, values in jobs[bounds[0] : bounds[1]]])


def _defaults_for(path: str, defaults: Defaults) -> tuple[dict[str, Any], str]:
    """What a source inherits from the `_defaults.yml` files above it, nearest wins."""
    if not defaults:
        return {}, ""
    folders = path.split("/")[:-1]
    chain = [found for n in range(1, len(folders) + 1) if (found := defaults.get("/".join(folders[:n])))]
    merged: dict[str, Any] = {}
    for values, _ in chain:
        merged.update(values)
    return merged, " ".join(name for _, name in chain)


def read_contents(site: Path, settings: Settings, store: Store, program: str, started: int, workers: int = 1) -> Contents:
    """Reads the whole site. `started` is the clock at the start in nanoseconds: files younger than that are not trusted by stamp.

    `program` is the digest of the program, so that an upgrade parses everything again.
    """
    reader = _Reader(site, store, program, started, workers)
    files, problems = walk(site, "content")
    reader.problems += problems
    sources = [f for f in files if is_source(f.path) and kind_of(f.path)]
    defaults = _read_defaults(reader, [f for f in files if f.path.rsplit("/", 1)[-1] in ("_defaults.yml", "_defaults.yaml")])
    people, venues = _read_directories(reader)
    context = Context(markdown=settings.markdown, language=settings.site.language, languages=settings.all_languages, program=program)
    readings = reader.read_all([f for f in sources if kind_of(f.path) == "chapters"], defaults, context)
    chapters = [r.fields for r in readings.values() if isinstance(r.fields, ChapterFields)]
    context = msgspec.structs.replace(context, chapter_languages=languages_of(chapters, settings.site.language))
    readings.update(reader.read_all([f for f in sources if kind_of(f.path) != "chapters"], defaults, context))
    assets = _list_assets(reader, files)
    data = _read_data(reader)
    inbox, decisions = _read_comments(reader, settings)
    gone = set(reader.known_files) - reader.seen
    if gone or reader.new_files or reader.new_readings:
        store.keep(reader.new_files, reader.new_readings, reader.new_texts, gone)
    ordered = [readings[path] for path in sorted(readings)]
    return Contents(
        posts=_of(PostFields, ordered),
        events=_of(EventFields, ordered),
        chapters=_of(ChapterFields, ordered),
        pages=_of(PageFields, ordered),
        people=people,
        venues=venues,
        data=data,
        assets=assets,
        inbox=inbox,
        decisions=decisions,
        broken=tuple(path for path in sorted(readings) if readings[path].fields is None),
        problems=(*reader.problems, *(p for r in ordered for p in r.problems)),
        read=reader.parsed,
    )


def _of(kind: type[Any], readings: list[Reading]) -> tuple[Any, ...]:
    return tuple(r.fields for r in readings if type(r.fields) is kind)


def _read_defaults(reader: _Reader, files: list[File]) -> dict[str, Defaults]:
    found: dict[str, Defaults] = {kind: {} for kind in RECORDS}
    for file in files:
        data, name = reader.read_small(file)
        folder = file.path.rpartition("/")[0]
        for kind in RECORDS:
            if folder == "content" or folder.startswith(f"content/{kind}"):
                values, problems = read_defaults(data, file.path, kind)
                reader.problems += problems
                found[kind][folder] = (values, name)
    return found


def _read_directories(reader: _Reader) -> tuple[dict[str, Person], dict[str, Venue]]:
    people, problems = read_people(reader.read_small(find(reader.site, "content/people.yml"))[0], "content/people.yml")
    venues, more = read_venues(reader.read_small(find(reader.site, "content/venues.yml"))[0], "content/venues.yml")
    reader.problems += [*problems, *more]
    return people, venues


def _read_data(reader: _Reader) -> dict[str, object]:
    files, problems = walk(reader.site, "data")
    reader.problems += problems
    found: dict[str, object] = {}
    for file in files:
        if file.suffix in (".yml", ".yaml"):
            value, problems = read_data(reader.read_small(file)[0], file.path)
            reader.problems += problems
            found[os.path.splitext(file.path.removeprefix("data/"))[0]] = value
    return found


def _read_comments(reader: _Reader, settings: Settings) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, bytes]]:
    """The inbox, a file, a folder or a glob of files, and the decisions."""
    path = settings.comments.inbox
    if "*" in path:
        folder = path.split("*")[0].rpartition("/")[0]
        files = [f for f in walk(reader.site, folder)[0] if Path(f.path).match(path)]
    elif (reader.site / path).is_dir():
        files = [f for f in walk(reader.site, path)[0] if f.suffix == ".jsonl"]
    else:
        files = [f for f in (find(reader.site, path),) if f]
    decisions = find(reader.site, settings.comments.decisions)
    files = [f for f in files if decisions is None or f.path != decisions.path]
    return (
        tuple((f.path, reader.read_small(f)[0]) for f in files),
        (settings.comments.decisions, reader.read_small(decisions)[0]),
    )


def _list_assets(reader: _Reader, files: list[File]) -> tuple[Asset, ...]:
    """What is copied: every file of content/ that is not a source, under its own path, and static/ as it is."""
    static, problems = walk(reader.site, "static")
    reader.problems += problems
    assets: list[Asset] = []
    for file in [*files, *static]:
        name = file.path.rsplit("/", 1)[-1]
        if file.path.startswith("content/") and (is_source(file.path) or file.suffix in (".yml", ".yaml")):
            if not kind_of(file.path) and file.suffix not in (".yml", ".yaml"):
                place, hint = Place(file.path), "Move it into content/posts, content/events, content/chapters or content/pages."
                reader.problems.append(warning("This text is not published: it lies in none of the folders for texts.", place, hint))
            elif (
                file.suffix in (".yml", ".yaml")
                and file.path.count("/") == 1
                and name not in ("people.yml", "venues.yml", "_defaults.yml", "_defaults.yaml")
            ):
                reader.problems.append(
                    warning(
                        "This file is not read.", Place(file.path), "Data for themes lie in data/, people and venues in people.yml and venues.yml."
                    )
                )
            continue
        found = reader.digest_of(file)
        reader.bytes.pop(file.path, None)
        if found is not None:
            route = "/" + file.path.partition("/")[2]
            assets.append(Asset(source=file.path, route=route, digest=found, size=file.size))
    return tuple(assets)
