"""Makes the site ready again whenever its files change, or the moment comes at which it changes by itself."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from iopsgen.build import Failed, Options, Prepared, prepare
from iopsgen.problems import Problem, error, has_errors
from iopsgen.serve.changes import Changes, Watch
from iopsgen.serve.stage import Stage
from iopsgen.settings import FILE
from iopsgen.store import Missing, Store

QUIET, LONGEST = 0.05, 5.0  # seconds without a change before the site is read; seconds after which it is read all the same
GLANCE = 0.012  # seconds without a change before a glance
ROUND = 2.0  # seconds between looks at the folders that are watched, and at the clock
_TRIES = 3

Clock = Callable[[], datetime]


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """One rebuild: what changed (nothing but the time if empty), how long it took in seconds, and all that is wrong now."""

    changed: tuple[str, ...] = ()
    first: bool = False
    seconds: float = 0.0
    outputs: int = 0
    problems: tuple[Problem, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """What is wrong with pages that nobody had asked for yet."""

    problems: tuple[Problem, ...]


Say = Callable[[Rebuilt | Found], None]


class Rebuilder:
    """Reads the site again and again, in one thread; `running` tells the others when."""

    def __init__(self, stage: Stage, options: Options, clock: Clock | None, say: Say) -> None:
        """`clock` gives the moment of each rebuild; without one it is always that of `options`."""
        self.stage, self.options, self.clock, self.say = stage, options, clock, say
        self.site_dir: Path = stage.site_dir
        self.names: frozenset[str] = frozenset({FILE, "content", "themes", "static", "data", "comments"})
        self.next_change: datetime | None = None
        self.running = False

    def first(self) -> None:
        """The first time, before there are threads: on all processors."""
        self.rebuild((), Changes(), workers=0, first=True)

    def run(self, changes: Changes, watch: Watch) -> None:
        """Rebuilds until `changes` has ended."""
        while not changes.ended:
            taken = changes.take(self._patience(), QUIET, LONGEST) | watch.follow(self.names)
            if changes.ended:
                return
            if taken or self._is_due():
                self.running = True
                self.rebuild(sorted(taken), changes)
                self.running = False
                self.stage.unchecked.set()

    def rebuild(self, changed: Iterable[str], changes: Changes, workers: int = 1, first: bool = False) -> None:
        """Prepares the site and shows it, or what is wrong with it."""
        started = time.perf_counter()
        options = msgspec.structs.replace(self.options, workers=workers, now=self.clock() if self.clock else self.options.now)
        prepared, problems, texts = self._prepare(options, changes)
        outputs = 0
        if isinstance(prepared, Prepared):
            self.next_change = prepared.site.next_change
            comments = prepared.settings.comments
            calendars = (calendar.file for calendar in prepared.settings.calendars)
            roots = {path.partition("/")[0] for path in (comments.inbox, comments.decisions, *calendars)}
            self.names = frozenset({FILE, "content", "themes", "static", "data", *roots} - {"", ".", ".."})
            outputs = len(prepared.plan.outputs)
            self.stage.put(prepared, problems, texts, changes.peek())
        else:
            self.next_change = None
            self.stage.fail(problems)
        seconds = time.perf_counter() - started
        self.say(Rebuilt(changed=tuple(changed), first=first, seconds=seconds, outputs=outputs, problems=self.stage.notice.problems))

    def _prepare(self, options: Options, changes: Changes) -> tuple[Prepared | Failed, list[Problem], dict[str, str]]:
        """The site, what is wrong with it, and its texts. What goes wrong because files change meanwhile is tried again."""
        for _ in range(_TRIES):
            vanished = False
            try:
                prepared, problems, texts = self._read(options)
            except OSError as fault:  # a file vanished between being found and being read
                vanished = True
                problems = [error(f"A file of the site cannot be read: {fault}.", None, "Check that it is there, and its permissions.")]
                prepared, texts = Failed(tuple(problems)), {}
            except Exception as fault:  # our own fault must not end the preview
                said = f"iopsgen itself failed: {type(fault).__name__}: {fault}."
                problems = [error(said, None, "`iopsgen check` says more. Please report it.")]
                return Failed(tuple(problems)), problems, {}
            if has_errors(problems):
                time.sleep(GLANCE)
                if vanished or changes.pending:
                    continue
            break
        return prepared, problems, texts

    def _read(self, options: Options) -> tuple[Prepared | Failed, list[Problem], dict[str, str]]:
        store = Store(self.site_dir / ".iopsgen" / "cache.sqlite")
        try:
            prepared, problems = prepare(self.site_dir, options, store)
            try:
                return prepared, problems, _texts(prepared, self.stage.texts(), store)
            except Missing:  # the store lost a text that it promised: read the sources again
                store.forget()
                prepared, problems = prepare(self.site_dir, options, store)
                return prepared, problems, _texts(prepared, self.stage.texts(), store)
        finally:
            store.close()

    def _patience(self) -> float:
        if self.clock is None or self.next_change is None:
            return ROUND
        return min(ROUND, max(0.05, (self.next_change - self.clock()).total_seconds()))

    def _is_due(self) -> bool:
        return self.clock is not None and self.next_change is not None and self.clock() >= self.next_change


def _texts(prepared: Prepared | Failed, known: Mapping[str, str], store: Store) -> dict[str, str]:
    """The HTML of every text of a site by its digest. Kept in memory: pages are made by other threads than the store's."""
    if isinstance(prepared, Failed):
        return {}
    wanted = {item.fields.text.digest for item in prepared.site.items} - {""}
    return {digest: known[digest] if digest in known else store.html(digest) for digest in wanted}
