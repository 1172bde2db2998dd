"""Everything a site holds, read: each file looked at once, each source parsed only if it, or what it depends on, changed."""

import multiprocessing
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from iopsgen.calendar_files import MAX_BYTES as MAX_CALENDAR
from iopsgen.model import Asset, ChapterFields, EventFields, Fields, PageFields, Person, PostFields, Value, Venue
from iopsgen.problems import Place, Problem, error, has_errors, warning
from iopsgen.read import remembered
from iopsgen.read.content import (
    Context,
    Inherited,
    Reading,
    inherit,
    is_source,
    kind_of,
    language_in,
    original_path,
    read_defaults,
    read_source,
    stem_of,
)
from iopsgen.read.directory import read_data, read_people, read_venues
from iopsgen.read.frontmatter import RECORDS
from iopsgen.read.identities import FILE as PUBLISHED
from iopsgen.read.identities import MAX_BYTES
from iopsgen.read.partners import Around, PartnerReading, around, read_partner, without
from iopsgen.read.sources import MAX_SOURCE, File, look_for, read_bytes, read_digest, walk
from iopsgen.read.tree import languages_of, zones_of
from iopsgen.settings import CalendarSettings, CommentSettings, Settings
from iopsgen.store import Store
from iopsgen.write import digest_of
from iopsgen.write.system import end_with_parent

_ENCODER = msgspec.msgpack.Encoder()
_READING = msgspec.msgpack.Decoder(Reading)
_PARTNER = msgspec.msgpack.Decoder(PartnerReading)
_WORTH_A_PROCESS = 200  # sources to parse before a second process pays
MAX_INBOX = 64 * 1024 * 1024  # bytes of one file of comments
_RACE = 2_000_000_000  # nanoseconds: a file as young as this may change again without its stamp changing

Job = tuple[str, str, bytes, dict[str, Inherited]]  # path, key in the store, bytes, what is inherited
Defaults = dict[str, tuple[dict[str, Inherited], str]]  # folder → (values, digest)


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
    remembered: bytes | None = None  # of the inbox, at the last build
    published: bytes = b""  # published.jsonl
    partners: tuple[PartnerReading, ...] = ()  # calendars of others, in the order of the settings
    broken: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    read: int = 0  # how many sources were parsed anew

    @property
    def texts(self) -> tuple[Fields, ...]:
        """Every source that was read."""
        return (*self.posts, *self.events, *self.chapters, *self.pages)

    def without(self, sources: Collection[str]) -> "Contents":
        """The same as if these sources were broken."""
        kept = {name: tuple(text for text in getattr(self, name) if text.source not in sources) for name in ("posts", "events", "chapters", "pages")}
        return msgspec.structs.replace(self, broken=tuple(sorted({*self.broken, *sources})), **kept)


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

    def digest_of(self, file: File, limit: int = MAX_SOURCE) -> str | None:
        """The digest of a file, from its stamp where that has not changed; its bytes are kept for who reads them, without a `limit` they are not."""
        self.seen.add(file.path)
        stamp = ":".join(map(str, file.stamp))
        known = self.known_files.get(file.path)
        if known is not None and known[0] == stamp:
            return known[1]
        if limit:
            data, problems = read_bytes(self.site, file, limit)
            name = None if data is None else digest_of(data)
        else:
            data = None
            name, problems = read_digest(self.site, file)
        self.problems += problems
        if name is None:
            return None
        if data is not None:
            self.bytes[file.path] = data
        young = max(file.stamp[1], file.stamp[2]) > self.started - _RACE
        self.new_files.append((file.path, "" if young else stamp, name))
        return name

    def bytes_of(self, file: File, limit: int = MAX_SOURCE) -> bytes | None:
        data = self.bytes.pop(file.path, None)
        if data is None:
            data, problems = read_bytes(self.site, file, limit)
            self.problems += problems
        return data

    def read_whole(self, file: File | None, limit: int = MAX_SOURCE) -> tuple[bytes, str]:
        """The bytes and digest of a file that is read at every build; both empty where it is not there or cannot be read."""
        if file is None:
            return b"", ""
        name = self.digest_of(file, limit)
        data = self.bytes_of(file, limit) if name else None
        return data or b"", name or ""

    def look_for(self, path: str) -> File | None:
        """One file of the site, if it is there."""
        found, problems = look_for(self.site, path)
        self.problems += problems
        return found

    def read_all(self, files: list[File], defaults: Mapping[str, Defaults], context: Context) -> dict[str, Reading]:
        """The readings of sources, from the store where nothing they depend on changed."""
        base = digest_of(_ENCODER.encode(context) + self.program.encode())
        readings: dict[str, Reading] = {}
        jobs: list[Job] = []
        for file in files:
            name = self.digest_of(file)
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
                except (msgspec.MsgspecError, ValueError, OverflowError):
                    pass
            data = self.bytes_of(file)
            if data is None:
                readings[file.path] = Reading(problems=())
            else:
                jobs.append((file.path, key, data, values))
        self._parse(jobs, context, readings)
        return readings

    def read_partner(self, calendar: CalendarSettings, place: Around, context: Context) -> PartnerReading:
        """The events of somebody else's calendar, from the store where nothing changed. What is wrong with the file is a warning."""
        before = len(self.problems)
        file = self.look_for(calendar.file)
        name = self.digest_of(file, MAX_CALENDAR) if file else None
        data = self.bytes.pop(calendar.file, None)
        key = digest_of(_ENCODER.encode([msgspec.structs.replace(calendar, line=0), place, context]) + f"{self.program} {name}".encode())
        known = self.known_readings.get(calendar.file)
        if name and known is not None and known[0] == key:
            try:
                return _PARTNER.decode(known[1])
            except (msgspec.MsgspecError, ValueError, OverflowError):
                pass
        if file and name and data is None:
            data = self.bytes_of(file, MAX_CALENDAR)
        found = self.problems[before:]
        del self.problems[before:]
        if data is None:
            why = found[0].message if found else f"{calendar.file} is not there."
            return without(calendar, why, found[0].hint if found else "Fetch the file, or take the calendar out of the settings.")
        reading, texts = read_partner(calendar, data, place, context)
        self.parsed += 1
        self.new_texts += texts
        self.new_readings.append((calendar.file, key, _ENCODER.encode(reading), ""))
        self.new_readings += ((f"{calendar.file}/{digest}", key, b"", digest) for digest, _ in texts)
        return reading

    def _parse(self, jobs: list[Job], context: Context, readings: dict[str, Reading]) -> None:
        self.parsed += len(jobs)
        results = _parse_apart(jobs, context, self.workers) if self.workers > 1 and len(jobs) >= _WORTH_A_PROCESS else None
        for number, (path, key, data, values) in enumerate(jobs):
            reading = results[number] if results else read_source(path, data, values, context)
            if reading.fields is not None and reading.fields.text.digest:
                self.new_texts.append((reading.fields.text.digest, reading.html))
            reading = msgspec.structs.replace(reading, html="")
            readings[path] = reading
            text = reading.fields.text.digest if reading.fields else ""
            self.new_readings.append((path, key, _ENCODER.encode(reading), text))


_work: tuple[list[Job], Context] | None = None


def _parse_apart(jobs: list[Job], context: Context, workers: int) -> list[Reading] | None:
    """Parses on several processors; None where processes cannot be forked (they would cost more than they bring) or one is killed."""
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # here because most builds need no second process

    global _work
    if "fork" not in multiprocessing.get_all_start_methods():
        return None
    _work = (jobs, context)
    step = max(20, len(jobs) // (workers * 8))
    ranges = [(at, min(at + step, len(jobs))) for at in range(0, len(jobs), step)]
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), end_with_parent) as pool:
            encoded = list(pool.map(_parse_range, ranges))
    except (OSError, BrokenProcessPool):
        return None
    finally:
        _work = None
    decoder = msgspec.msgpack.Decoder(list[Reading])
    return [reading for part in encoded for reading in decoder.decode(part)]


def _parse_range(bounds: tuple[int, int]) -> bytes:
    assert _work is not None
    jobs, context = _work
    return _ENCODER.encode([read_source(path, data, values, context) for path, _, data, values in jobs[bounds[0] : bounds[1]]])


def _defaults_for(path: str, defaults: Defaults) -> tuple[dict[str, Inherited], str]:
    """What a source inherits from the `_defaults.yml` files above it, nearest wins."""
    if not defaults:
        return {}, ""
    folders = path.split("/")[:-1]
    chain = [found for n in range(1, len(folders) + 1) if (found := defaults.get("/".join(folders[:n])))]
    merged: dict[str, Inherited] = {}
    for values, _ in chain:
        merged = {**inherit(values, merged), **values}
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
    _say_unknown_languages(reader, [f.path for f in sources], settings)
    partners = _read_partners(reader, settings, venues, zones_of(chapters, settings.site.timezone), context)
    assets = _list_assets(reader, files)
    data = _read_data(reader)
    inbox, decisions = _read_comments(reader, settings)
    published = reader.read_whole(reader.look_for(PUBLISHED), MAX_BYTES)[0]
    texts_of_partners = {f"{p.file}/{event.text.digest}" for p in partners for event in p.events if event.text.digest}
    others = {path for path in reader.known_readings if not path.startswith("content/")}
    gone = (set(reader.known_files) - reader.seen) | (others - texts_of_partners - {partner.file for partner in partners})
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
        remembered=store.fact(remembered.KEY),
        published=published,
        partners=partners,
        broken=tuple(path for path in sorted(readings) if readings[path].fields is None),
        problems=(*reader.problems, *(p for r in ordered for p in r.problems), *(p for r in partners for p in r.problems)),
        read=reader.parsed,
    )


def _of(kind: type[Any], readings: list[Reading]) -> tuple[Any, ...]:
    return tuple(r.fields for r in readings if type(r.fields) is kind)


def _say_unknown_languages(reader: _Reader, paths: list[str], settings: Settings) -> None:
    """Names what looks like a translation into a language that the site does not have."""
    known = set(paths)
    for path in paths:
        suffix = stem_of(path)[1]
        if suffix and not language_in(path, settings.all_languages) and original_path(path) in known:
            hint = f"Write into iopsgen.yml: languages: [{', '.join((*settings.all_languages, suffix))}]"
            reader.problems.append(warning(f'"{suffix}" is not a language of the site, so this is a text of its own.', Place(path, 1, 1), hint))


def _read_partners(
    reader: _Reader, settings: Settings, venues: dict[str, Venue], zones: Mapping[str, str], context: Context
) -> tuple[PartnerReading, ...]:
    """The calendars of others that the settings name; times without a zone are those of the chapter, else of the site."""
    return tuple(reader.read_partner(calendar, around(calendar, settings, venues, zones), context) for calendar in settings.calendars)


def _read_defaults(reader: _Reader, files: list[File]) -> dict[str, Defaults]:
    found: dict[str, Defaults] = {kind: {} for kind in RECORDS}
    for file in files:
        data, name = reader.read_whole(file)
        folder = file.path.rpartition("/")[0]
        kinds = tuple(RECORDS) if folder == "content" else tuple(kind for kind in RECORDS if f"{folder}/".startswith(f"content/{kind}/"))
        if not kinds:
            hint = "It counts in content/posts, content/events, content/chapters or content/pages, or for all of them in content itself."
            reader.problems.append(warning("Nothing inherits from this file.", Place(file.path), hint))
            continue
        values, problems = read_defaults(data, file.path, kinds)
        reader.problems += problems
        for kind in kinds:
            found[kind][folder] = (values[kind], name)
    return found


def _read_directories(reader: _Reader) -> tuple[dict[str, Person], dict[str, Venue]]:
    people, problems = read_people(reader.read_whole(reader.look_for("content/people.yml"))[0], "content/people.yml")
    venues, more = read_venues(reader.read_whole(reader.look_for("content/venues.yml"))[0], "content/venues.yml")
    reader.problems += [*problems, *more]
    return people, venues


def _read_data(reader: _Reader) -> dict[str, object]:
    files, problems = walk(reader.site, "data")
    reader.problems += problems
    found: dict[str, object] = {}
    for file in files:
        if file.suffix in (".yml", ".yaml"):
            value, problems = read_data(reader.read_whole(file)[0], file.path)
            reader.problems += problems
            name = os.path.splitext(file.path.removeprefix("data/"))[0]
            if name in found:
                reader.problems.append(error(f"There is another data file of this name, {name}.yml.", Place(file.path), "Keep one of the two."))
            found[name] = value
    return found


def _read_comments(reader: _Reader, settings: Settings) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, bytes]]:
    """The inbox, a file, a folder or a glob of files, and the decisions. Without the decisions that are there nothing is shown."""
    path = settings.comments.inbox
    before = len(reader.problems)
    decisions = reader.look_for(settings.comments.decisions)
    if decisions is None and settings.comments.decisions != CommentSettings().decisions:  # it may be what erases a comment
        hint = "Correct comments.decisions in iopsgen.yml, or make an empty file of that name."
        reader.problems.append(error(f"The file of decisions {settings.comments.decisions} is not there.", Place("iopsgen.yml"), hint))
    decided = reader.read_whole(decisions, MAX_INBOX)[0]
    if has_errors(reader.problems[before:]):
        return (), (settings.comments.decisions, b"")
    found: tuple[File, ...]
    if "*" in path or os.path.isdir(reader.site / path):
        files, problems = walk(reader.site, path.split("*")[0].rpartition("/")[0] if "*" in path else path)
        reader.problems += problems
        found = tuple(f for f in files if (Path(f.path).match(path) if "*" in path else f.suffix == ".jsonl"))
    else:
        one = reader.look_for(path)
        found = (one,) if one else ()
    inbox = tuple((f.path, reader.read_whole(f, MAX_INBOX)[0]) for f in found if decisions is None or f.path != decisions.path)
    return inbox, (settings.comments.decisions, decided)


_MEANT_AS_TEXT = (".md.txt", ".markdown.txt", ".yml.txt", ".md.docx", ".mdown", ".md.rtf")
_ENDING = "Rename it so that it ends in .md (Windows may hide the last ending). Until then it is neither read nor published."


def _list_assets(reader: _Reader, files: list[File]) -> tuple[Asset, ...]:
    """What is copied: every file of content/ that is not a source, under its own path, and static/ as it is."""
    static, problems = walk(reader.site, "static")
    reader.problems += problems
    assets: list[Asset] = []
    for file in [*files, *static]:
        if file.path.startswith("content/") and (is_source(file.path) or file.suffix in (".yml", ".yaml")):
            reader.problems += _say_unread(file)
            continue
        if kind_of(file.path) and file.path.lower().endswith(_MEANT_AS_TEXT):
            reader.problems.append(warning("This looks like a text to be read, but its name ends otherwise.", Place(file.path), _ENDING))
            continue
        found = reader.digest_of(file, limit=0)
        if found is not None:
            route = "/" + file.path.partition("/")[2]
            assets.append(Asset(source=file.path, route=route, digest=found, size=file.size))
    return tuple(assets)


def _say_unread(file: File) -> list[Problem]:
    """A warning for a text or a YAML file of content/ that nothing reads and nothing copies."""
    if is_source(file.path):
        if kind_of(file.path):
            return []
        hint = "Move it into content/posts, content/events, content/chapters or content/pages."
        return [warning("This text is not published: it lies in none of the folders for texts.", Place(file.path), hint)]
    if file.path in ("content/people.yml", "content/venues.yml") or file.path.rpartition("/")[2] in ("_defaults.yml", "_defaults.yaml"):
        return []
    hint = "Data for themes lie in data/, people and venues in content/people.yml and content/venues.yml, files to download in static/."
    return [warning("This file is neither read nor published.", Place(file.path), hint)]
