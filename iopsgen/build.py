"""One build: read, assemble, plan, compare, make, publish. A build with an error publishes nothing."""

import multiprocessing
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from iopsgen.assemble.links import quoted
from iopsgen.assemble.site import assemble_site
from iopsgen.assemble.threads import Report as CommentReport
from iopsgen.model import Asset, Partner, Site
from iopsgen.outputs.make import Workshop
from iopsgen.outputs.pictures import say_spoilt
from iopsgen.outputs.site_plan import Plan, plan_site, theme_assets
from iopsgen.outputs.vocabulary import Vocabulary
from iopsgen.pictures.darkroom import Darkroom
from iopsgen.pictures.look import keep_spoilt, look_at_all
from iopsgen.pictures.versions import Version
from iopsgen.plan import Output, fingerprint
from iopsgen.problems import Place, Problem, error, has_errors, in_order, note, warning
from iopsgen.program import program_digest
from iopsgen.read.contents import Contents, read_contents
from iopsgen.read.identities import FILE as PUBLISHED
from iopsgen.read.identities import write_identities
from iopsgen.read.remembered import KEY as KEPT_INBOX
from iopsgen.read.remembered import remember
from iopsgen.read.sources import walk
from iopsgen.recall import KEY, CommentCounts, Memory, digest_of_published, holds, look_at, recall
from iopsgen.settings import FILE, Settings, read_settings
from iopsgen.slugs import fold
from iopsgen.store import Missing, Store
from iopsgen.texts import load_texts
from iopsgen.theme import Theme, choose_options, load_theme, static_files
from iopsgen.write import Copy, Entry, Lock, Locked, WriteFailed, clear_replacement, digest_of, lock, open_output, replace_file
from iopsgen.write.output import Output as LiveOutput
from iopsgen.write.system import end_with_parent

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
_ERASED = "erased comments"  # name in the store of the digest of their ids
WORTH_A_PROCESS = 400  # outputs to make before a second process pays
MANY_BROKEN = 100  # outputs that failed, after which a build that publishes nothing makes no more


# Looks at a site, at path and bytes of what was made, and at what is known to be wrong with it.
Inspect = Callable[["Prepared", list[tuple[str, bytes | Copy]], list[Problem]], Iterable[Problem]]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What one build was asked for. `now` is aware. `inspect` finds more problems in what a dry run made."""

    now: datetime
    drafts: bool = False
    keep_going: bool = False
    clean: bool = False
    dry_run: bool = False
    checking: bool = False  # everything that can be wrong is said, and what a build only warns of may be an error
    overrides: dict[str, str] = {}
    workers: int = 0  # 0: as many as there are processors
    inspect: Inspect | None = None


class Change(msgspec.Struct, frozen=True):
    """One output that is made, removed or left as it is, and why."""

    path: str
    action: str  # write | remove | keep
    why: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a build came to."""

    ok: bool
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    outputs: int = 0
    seconds: float = 0.0
    now: datetime
    next_change: datetime | None = None
    scheduled: int = 0
    drafts: int = 0
    expired: int = 0
    comments: CommentCounts = CommentCounts()
    calendars: tuple[Partner, ...] = ()
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    usage: bool = False  # the fault lies in the settings or in how iopsgen was called
    output_dir: str = ""


class Prepared(msgspec.Struct, frozen=True):
    """A site that is read, assembled and planned, ready to be made."""

    settings: Settings
    site: Site
    plan: Plan
    workshop: Workshop
    comments: CommentReport
    published: bytes  # what published.jsonl held


class Failed(msgspec.Struct, frozen=True):
    """Why nothing could be planned; `usage` where the fault lies in the settings."""

    problems: tuple[Problem, ...]
    usage: bool = False


def prepare(site_dir: Path, options: Options, store: Store, started: int | None = None) -> tuple[Prepared | Failed, list[Problem]]:
    """Everything up to the plan, with every problem found on the way. Nothing is written but the store.

    `started` is the clock at the start in nanoseconds, now if not given: files younger than that are not trusted by their stamp.
    """
    settings, problems = load_settings(site_dir, options.overrides)
    if settings is None:
        return Failed(tuple(problems), usage=True), problems
    theme, found = load_theme(site_dir, settings.theme)
    problems += found
    if theme is None:
        return Failed(tuple(problems), usage=True), problems
    chosen, found = choose_options(theme, settings.theme_options)
    problems += found
    program = program_digest()
    contents = read_contents(site_dir, settings, store, program, started or time.time_ns(), _workers(options))
    problems += contents.problems
    texts = {language: load_texts(theme, language) for language in settings.all_languages}
    problems += [p for t in texts.values() for p in t.problems]
    files = static_files(theme)
    assets = theme_assets(files, {name: digest_of(path.read_bytes()) for name, path in files.items()})
    looks = look_at_all(site_dir, contents.assets, store)
    vocabulary = Vocabulary(store, store.html, program)
    while True:
        site, report, found = assemble_site(contents, settings, options.now, options.drafts)
        plan = plan_site(site, settings, texts, assets, chosen, looks, vocabulary)
        found += plan.problems
        problems += [p for p in found if p not in problems] if contents.broken else found
        broken = _sources_of_errors(contents, found) if options.keep_going and not options.dry_run else frozenset()
        if not broken:
            break
        contents = contents.without(broken)
    vocabulary.keep()
    problems += plan.asked if options.checking else ()
    problems += plan.vanished if options.checking else (msgspec.structs.replace(p, severity="warning") for p in plan.vanished)
    return Prepared(settings, site, plan, Workshop(theme, plan.frames, texts, store.html, program), report, contents.published), problems


def _sources_of_errors(contents: Contents, problems: Iterable[Problem]) -> frozenset[str]:
    """The texts in which something is wrong: to keep going is to publish the site as if they could not be read."""
    files = {p.place.file for p in problems if p.severity == "error" and p.place is not None}
    return frozenset(files.intersection(text.source for text in contents.texts))


def _workers(options: Options) -> int:
    return options.workers or os.cpu_count() or 1


def load_settings(site_dir: Path, overrides: Mapping[str, str]) -> tuple[Settings | None, list[Problem]]:
    """The settings of a site, None where they cannot be read, and what is wrong with them. `overrides` are dotted keys with texts."""
    try:
        text = (site_dir / FILE).read_text("utf-8-sig")
    except FileNotFoundError:
        return None, [error(f"There is no {FILE} in this folder.", Place(FILE), "Start a site with `iopsgen init`, or name its folder with --site.")]
    except (OSError, UnicodeDecodeError) as fault:
        return None, [error(f"The settings cannot be read: {fault}.", Place(FILE), "Save the file as UTF-8 text.")]
    return read_settings(text, dict(overrides))


def build(site_dir: Path, options: Options, progress: Progress | None = None) -> Result:
    """Builds the site in `site_dir` into its output folder and says what was done.

    Bad content, a broken theme, a full disk and a second build at the same time end in problems, never in an exception.
    """
    started = time.perf_counter()
    say = progress or (lambda words, done, total: None)
    try:
        with lock(site_dir, "iopsgen build", timeout=30.0, waiting=lambda holder: say(f"Waiting for {holder.command}", 0, 0)) as held:
            result = _build(site_dir, options, held, say)
    except Locked as locked:
        result = Result(ok=False, now=options.now, problems=(error(str(locked), None, "Wait until it has finished, then build again."),))
    except WriteFailed as failed:
        result = Result(ok=False, now=options.now, problems=(error(failed.message, None, failed.hint),))
    return msgspec.structs.replace(result, seconds=round(time.perf_counter() - started, 3))


def _build(site_dir: Path, options: Options, held: Lock, say: Progress) -> Result:
    store = Store(site_dir / ".iopsgen" / "cache.sqlite")
    started = time.time_ns()
    try:
        if options.clean:
            _start_over(store)
        elif (rested := _rest(site_dir, options, held, store, started)) is not None:
            return rested
        try:
            return _build_with(site_dir, options, store, held, say, started)
        except Missing:  # the store lost a text that it promised: read the sources again
            _start_over(store)
            return _build_with(site_dir, options, store, held, say, started)
    finally:
        store.close()


def _start_over(store: Store) -> None:
    """Empties the store, but for what the inbox held: nothing else tells that it lost something."""
    held = store.fact(KEPT_INBOX)
    store.forget()
    if held is not None:
        store.keep_fact(KEPT_INBOX, held)


def _asked(options: Options) -> str:
    """What a build was asked, but for the moment."""
    return f"{program_digest()} {options.drafts} {sorted(options.overrides.items())}"


def _rest(site_dir: Path, options: Options, held: Lock, store: Store, started: int) -> Result | None:
    """The result of a build that has nothing to do; None where there may be something."""
    memory = recall(store.fact(KEY))
    if memory is None or not holds(memory, site_dir, _asked(options), options.now, started):
        return None
    live = open_output(held, site_dir / memory.output)
    if live.damaged or _standing(live) != memory.standing:
        return None
    return Result(
        ok=True,
        unchanged=memory.outputs,
        outputs=memory.outputs,
        now=options.now,
        next_change=memory.until,
        scheduled=memory.scheduled,
        drafts=memory.drafts,
        expired=memory.expired,
        comments=memory.comments,
        calendars=memory.calendars,
        problems=memory.problems,
        output_dir=memory.output,
    )


def _standing(live: LiveOutput) -> str:
    """A digest of what the files in the output folder were made from: a build may have been stopped before it remembered itself."""
    return digest_of("".join(entry.fingerprint for entry in live.ledger.values()).encode())


def _roots(settings: Settings) -> tuple[str, ...]:
    """The files and folders that a build reads."""
    inbox = settings.comments.inbox
    return (
        FILE,
        "content",
        "static",
        "data",
        "themes",
        inbox.partition("*")[0].rpartition("/")[0] if "*" in inbox else inbox,
        settings.comments.decisions,
        *(calendar.file for calendar in settings.calendars),
    )


def _stamps_cover(site_dir: Path, theme: Theme) -> bool:
    """Whether every file of the site's own themes is one whose stamp was looked at, none of them behind a link."""
    stamped = {os.path.join(site_dir, file.path) for file in walk(site_dir, "themes")[0]}
    own = [layer for layer in theme.layers if Path(layer).is_relative_to(os.path.realpath(site_dir)) or not Path(layer).is_relative_to(Path(__file__).parent)]
    used = [file.path for files in (*theme.templates, theme.icons, theme.static) for file in files.values()]
    used += [file.path for files in theme.catalogues.values() for file in files]
    return all(path in stamped for path in used if any(Path(path).is_relative_to(layer) for layer in own))


def _keep_identities(site_dir: Path, options: Options, prepared: Prepared, problems: Iterable[Problem]) -> tuple[bool, list[Problem]]:
    """Notes in `published.jsonl` what was published, so that it is known again after it is renamed or moved. Drafts are not noted.

    Whether all is noted now: not where the file could not be read or written, nor where somebody changed it since it was read.
    """
    if options.drafts:
        return True, []
    if any(p.severity == "error" and p.place is not None and p.place.file == PUBLISHED for p in problems):
        return False, []  # what it holds is not known, so nothing may take its place
    site, path = prepared.site, site_dir / PUBLISHED
    data = write_identities(site.identities, prepared.plan.scopes, site.unread_identities)
    try:
        held = path.read_bytes() if path.exists() else b""
        if data == held:
            clear_replacement(path)
            return True, []
        if held != prepared.published:
            return False, []
        replace_file(path, data)
    except OSError as fault:
        hint = "Make the file writable. Until then, a text that is renamed gets a new identity, and its old address leads nowhere."
        return False, [warning(f"What was published could not be noted: {fault.strerror or fault}.", Place(PUBLISHED), hint)]
    return True, []


def _keep_comments(report: CommentReport, live: LiveOutput, store: Store, whole: bool) -> None:
    """Notes what the inbox held. Where a comment was erased since the last build, nothing of the site before that build is left."""
    erased = report.erased_ids
    mark = digest_of("\n".join(sorted(erased)).encode()).encode() if erased else b""
    if mark and store.fact(_ERASED) != mark:
        live.forget_twin()
        store.scrub()
        if whole:  # else a page that could not be made may still hold it
            store.keep_fact(_ERASED, mark)
    held = remember(report.inbox, erased)
    if held != store.fact(KEPT_INBOX):
        store.keep_fact(KEPT_INBOX, held)


def _remember(site_dir: Path, settings: Settings, options: Options, store: Store, result: Result, seen: str, standing: str) -> None:
    """Keeps what a sound build saw before it began to read, and what it left standing."""
    memory = Memory(
        seen=seen,
        roots=_roots(settings),
        output=settings.output,
        since=options.now,
        until=result.next_change,
        outputs=result.outputs,
        scheduled=result.scheduled,
        drafts=result.drafts,
        expired=result.expired,
        comments=result.comments,
        calendars=result.calendars,
        problems=result.problems,
        published=digest_of_published(site_dir),
        standing=standing,
    )
    store.keep_fact(KEY, msgspec.msgpack.encode(memory) if seen and result.ok else b"")


def _build_with(site_dir: Path, options: Options, store: Store, held: Lock, say: Progress, started: int) -> Result:
    say("Reading", 0, 0)
    settings, _ = load_settings(site_dir, options.overrides)
    seen = look_at(site_dir, _roots(settings), _asked(options), started) if settings else ""
    prepared, problems = prepare(site_dir, options, store, started)
    if isinstance(prepared, Failed):
        return Result(ok=False, now=options.now, problems=in_order(problems), usage=prepared.usage)
    if has_errors(problems) and not options.keep_going:
        return _result(prepared, options, problems, ok=False)
    live = open_output(held, site_dir / prepared.settings.output)
    prints = fingerprints(prepared)
    changes = explain(prepared, prints, {} if options.clean else live.ledger, live.damaged)
    wanted = {change.path for change in changes}
    problems += _say_unknown(live.is_unknown, live.foreign, prepared.settings.output)
    rendering = Rendering(site_dir, prepared, [o for o in prepared.plan.outputs if o.path in wanted], store, _workers(options), say)
    rendering.sizes = {path: entry.size for path, entry in live.ledger.items() if path not in wanted}
    if options.clean:
        rendering.darkroom.clear()
    if options.dry_run or options.keep_going:  # what fails is known before anything is published
        made = list(rendering.run())
        problems += rendering.problems
        failed = wanted - {path for path, _ in made}
        prints = {
            path: live.ledger[path].fingerprint if path in failed else mark
            for path, mark in prints.items()
            if path not in failed or (path in live.ledger and path not in live.damaged)
        }
        prints |= _last_good(prepared.site, live, prints)
        if options.dry_run:
            problems += options.inspect(prepared, made, problems) if options.inspect is not None else ()
            rendering.tidy()
            gone = [path for path in live.ledger if path not in prints]
            return _result(
                prepared,
                options,
                problems,
                written=len(made),
                unchanged=len(prints) - len(made),
                removed=len(gone),
                changes=(*changes, *map(_removal, sorted(gone))),
            )
        published = live.publish(prints, made)
    else:
        try:
            published = live.publish(prints, rendering.run_whole())
        except Broken:
            return _result(prepared, options, [*problems, *rendering.problems], ok=False, changes=changes)
        problems += rendering.problems
    rendering.tidy()
    noted, found = _keep_identities(site_dir, options, prepared, problems)
    problems += found
    _keep_comments(prepared.comments, live, store, whole=not has_errors(problems))
    result = _result(
        prepared,
        options,
        [
            *problems,
            *(warning(f"{path} stood in the output folder and was not ours; a page of the site replaced it.") for path in published.replaced),
        ],
        written=len(published.written),
        unchanged=published.unchanged,
        removed=len(published.removed),
        changes=(*changes, *map(_removal, published.removed)),
    )
    trusted = noted and _stamps_cover(site_dir, prepared.workshop.theme)
    _remember(site_dir, prepared.settings, options, store, result, seen if trusted else "", _standing(live))
    return result


def _last_good(site: Site, live: LiveOutput, prints: Mapping[str, str]) -> dict[str, str]:
    """The files of texts that are broken now, as they were published last: paths and fingerprints."""
    folders = tuple(identity.routes[-1][1:] for identity in site.identities if identity.path in site.broken and identity.routes[-1:] != ("/",))
    if not folders:
        return {}
    taken = {fold(path) for path in prints}
    return {
        path: entry.fingerprint
        for path, entry in live.ledger.items()
        if path.startswith(folders) and path not in live.damaged and fold(path) not in taken
    }


def _removal(path: str) -> Change:
    return Change(path, "remove", "nothing of the site has this address any more")


def _say_unknown(unknown: bool, foreign: tuple[str, ...], folder: str) -> list[Problem]:
    """A note where files stand in the output folder of which no record is left."""
    foreign = tuple(name for name in foreign if not name.startswith("."))
    if not unknown or not foreign:
        return []
    names = ", ".join(foreign[:3]) + (" …" if len(foreign) > 3 else "")
    return [
        note(
            f"There is no record of what stands in {folder}/ ({names}); what no page replaces stays there.",
            None,
            f"To start afresh, empty {folder}/ and build again.",
        )
    ]


def _result(
    prepared: Prepared,
    options: Options,
    problems: Iterable[Problem],
    *,
    ok: bool = True,
    written: int = 0,
    unchanged: int = 0,
    removed: int = 0,
    changes: Iterable[Change] = (),
) -> Result:
    problems = in_order(problems)
    site, report = prepared.site, prepared.comments
    return Result(
        ok=ok and not has_errors(problems),
        written=written,
        unchanged=unchanged,
        removed=removed,
        outputs=len(prepared.plan.outputs),
        now=options.now,
        next_change=site.next_change,
        scheduled=site.scheduled,
        drafts=site.drafts,
        expired=site.expired,
        calendars=site.partners,
        comments=CommentCounts(
            records=report.records,
            published=report.published,
            held=report.held,
            rejected=report.rejected + report.spam,
            problems=report.malformed + report.quarantined,
        ),
        problems=problems,
        changes=tuple(changes),
        output_dir=prepared.settings.output,
    )


def fingerprints(prepared: Prepared) -> dict[str, str]:
    """The path of every output → the fingerprint of what it is made from."""
    maker = prepared.workshop.maker
    return {o.path: o.view.digest if isinstance(o.view, Asset) else fingerprint(o, maker(o)) for o in prepared.plan.outputs}


def explain(prepared: Prepared, prints: Mapping[str, str], ledger: Mapping[str, Entry], damaged: Collection[str]) -> list[Change]:
    """The outputs that have to be made, and why."""
    changes: list[Change] = []
    for output in prepared.plan.outputs:
        path = output.path
        entry = ledger.get(path)
        if entry is None or entry.fingerprint != prints[path] or path in damaged:
            changes.append(Change(path, "write", _why(entry.fingerprint if entry else "", prints[path], output, path in damaged)))
    return changes


def _why(old: str, new: str, output: Output, hurt: bool) -> str:
    if not old:
        return "it is new"
    if hurt:
        return "its file in the output folder was changed or removed"
    if isinstance(output.view, Asset):
        return "the file that is copied changed"
    if old.partition(".")[0] != new.partition(".")[0]:
        return "its template, the frame of all pages (title, menu, theme) or the program changed" if output.maker == "page" else "the program changed"
    return "what it shows changed"


Made = tuple[bytes | None, list[Problem]]
_work: tuple[Workshop, list[Output], Store] | None = None


class Broken(Exception):
    """Some output could not be made; the problems say which."""


class Rendering:
    """The making of outputs, one after the other, so that each can be written while the next is made."""

    def __init__(self, site_dir: Path, prepared: Prepared, outputs: list[Output], store: Store, workers: int, say: Progress) -> None:
        self.site_dir, self.prepared, self.outputs, self.store, self.workers, self.say = site_dir, prepared, outputs, store, workers, say
        self.problems: list[Problem] = []
        self.darkroom = Darkroom(site_dir)
        self.sizes: dict[str, int] = {}  # bytes of what stands already, by path

    def run(self, most_broken: int = 0) -> Iterator[tuple[str, bytes | Copy]]:
        """Path and content of each output that can be made; the others leave a problem. Ends after `most_broken` of these, if that is set."""
        rendered: list[Output] = []
        pictures: dict[Version, str] = {}  # with their paths
        for output in self.outputs:
            view = output.view
            if isinstance(view, Asset):
                yield output.path, Copy(Path(view.root) if view.root else self.site_dir / view.source, view.digest)
            elif isinstance(view, Version):
                pictures[view] = output.path
            else:
                rendered.append(output)
        yield from self._develop(pictures)
        root = self.prepared.settings.site.root
        versions = (o for o in self.prepared.plan.outputs if isinstance(o.view, Version))
        self.prepared.workshop.sizes = {root + quoted(o.route[1:]): self.sizes[o.path] for o in versions if o.path in self.sizes}
        broken = 0
        for done, (output, (data, found)) in enumerate(zip(rendered, self._make(rendered), strict=True)):
            self.problems += found
            if data is not None:
                yield output.path, data
            elif (broken := broken + 1) == most_broken:
                return
            if done % 50 == 0:
                self.say("Making pages", done, len(rendered))

    def _develop(self, wanted: Mapping[Version, str]) -> Iterator[tuple[str, bytes | Copy]]:
        """Path and content of each picture."""
        for name in self.darkroom.unwritable(wanted):
            hint = f"Install Pillow from PyPI, whose packages can; or leave {name} out of pictures.formats in {FILE}."
            self.problems.append(error(f"This installation of Python's library for pictures, Pillow, cannot write {name} files.", None, hint))
            wanted = {version: path for version, path in wanted.items() if version.format != name}
        spoilt: dict[str, str] = {}
        for done, (version, made) in enumerate(self.darkroom.make(wanted, self.workers)):
            if made.data is None and not made.path:
                raise WriteFailed(f"{version.source} changed while the site was being built.", "Build again. The output folder still holds the last build.")
            self.sizes[wanted[version]] = len(made.data) if made.data is not None else os.path.getsize(made.path)
            if made.spoilt:
                spoilt[version.digest] = version.source
            yield wanted[version], made.data if made.data is not None else Copy(Path(made.path), made.digest)
            if done % 10 == 0:
                self.say("Making pictures", done, len(wanted))
        self.problems += map(say_spoilt, spoilt.values())
        keep_spoilt(self.store, spoilt)

    def tidy(self) -> None:
        """Clears away what was made of pictures and nobody will need again; only a build that made some looks."""
        if any(isinstance(output.view, Version) for output in self.outputs):
            self.darkroom.sweep(output.view for output in self.prepared.plan.outputs if isinstance(output.view, Version))

    def run_whole(self) -> Iterator[tuple[str, bytes | Copy]]:
        """The same, but raises `Broken` at the end if any output failed."""
        yield from self.run(MANY_BROKEN)
        if has_errors(self.problems):
            raise Broken

    def _make(self, outputs: list[Output]) -> Iterator[Made]:
        """Each output made, in order; on several processors where there are many."""
        global _work
        if self.workers < 2 or len(outputs) < WORTH_A_PROCESS or "fork" not in multiprocessing.get_all_start_methods():
            yield from map(self.prepared.workshop.make, outputs)
            return
        from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # here because most builds need no second process

        _work = (self.prepared.workshop, outputs, self.store)
        step = max(20, len(outputs) // (self.workers * 16))
        ranges = [(at, min(at + step, len(outputs))) for at in range(0, len(outputs), step)]
        done = 0
        try:
            with ProcessPoolExecutor(self.workers, multiprocessing.get_context("fork"), _reopen) as pool:
                for part in pool.map(_make_range, ranges):
                    yield from part
                    done += len(part)
        except (BrokenProcessPool, OSError):  # a worker was killed by whoever needs its memory, or cannot be had: go on alone
            yield from map(self.prepared.workshop.make, outputs[done:])
        finally:
            _work = None


def _reopen() -> None:
    end_with_parent()
    assert _work is not None
    _work[2].reopen()


def _make_range(bounds: tuple[int, int]) -> list[Made]:
    assert _work is not None
    workshop, outputs, _ = _work
    return [workshop.make(output) for output in outputs[bounds[0] : bounds[1]]]


def now_from(text: str | None, environment: Mapping[str, str]) -> datetime | None:
    """The moment of a build: `--now`, else SOURCE_DATE_EPOCH, else the clock. None where the text cannot be read.

    An ISO 8601 date or time; without an offset it is UTC. From the year 1900 to 2500: beyond, a calendar of the next years has no room.
    """
    epoch = environment.get("SOURCE_DATE_EPOCH")
    if text is None and not epoch:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text.strip()) if text is not None else datetime.fromtimestamp(int(epoch or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not 1900 <= moment.year <= 2500:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
