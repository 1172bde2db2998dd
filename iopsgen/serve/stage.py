"""What is on show: the last good state of the site, what is wrong meanwhile, and the telling of open pages when either changes."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from iopsgen.build import Prepared
from iopsgen.model import Asset
from iopsgen.outputs.make import Workshop
from iopsgen.pictures.darkroom import Darkroom
from iopsgen.pictures.versions import Version
from iopsgen.problems import Problem, has_errors, in_order
from iopsgen.render import Renderer
from iopsgen.serve.glance import Known, glance, is_worth_it, learn
from iopsgen.serve.listeners import Listeners
from iopsgen.serve.live import Notice
from iopsgen.serve.press import Press
from iopsgen.serve.showing import Showing
from iopsgen.store import Missing

NOTHING = "nothing"  # the mark of a page that stands for a site that cannot be shown


class Page(NamedTuple):
    """What answers an address: a file of the site by its path, made here (`data`) or copied (None); the mark of what it shows."""

    path: str
    data: bytes | None
    mark: str
    status: int = 200


class Stage:
    """Holds one showing at a time and swaps it whole. For any thread; `press` makes its pages, `listeners` are who looks at them."""

    def __init__(self, site_dir: Path) -> None:
        self.site_dir = site_dir
        self.press, self.listeners, self.darkroom = Press(), Listeners(), Darkroom(site_dir)
        self.showing: Showing | None = None
        self.notice = Notice()
        self.unchecked = threading.Event()  # there may be pages that nobody has checked
        self._problems: tuple[Problem, ...] = ()
        self._whole = True  # what is shown had no error when it was read
        self._texts: dict[str, str] = {}
        self._earlier: dict[str, str] = {}  # texts of the state before: somebody may still be making a page of it
        self._base: Showing | None = None  # the showing as it was prepared; `showing` is that after glances at `_glanced`
        self._glanced: set[str] = set()
        self._known: dict[str, Known] = {}  # by path of the page
        self._noted: tuple[int, tuple[Problem, ...]] = (0, self._problems)  # what the notice was made from
        self._swap, self._telling, self._note = threading.RLock(), threading.Lock(), threading.Lock()

    # --- what is shown ---------------------------------------------------------------------------------------------

    def page(self, address: str) -> Page | None:
        """What answers the path of an address; the page that says so where nothing does, None where there is no page to answer with."""
        showing = self.showing
        if showing is None:
            return None
        path, status = showing.find(address), 200
        if not path:
            path, status = showing.not_found(address), 404
        if not path:
            return Page("", None, "404", 404)
        view = showing.outputs[path].view
        if isinstance(view, Asset):
            return Page(path, None, showing.mark(path), status)
        if isinstance(view, Version):  # made when somebody looks, and kept for the next build
            data = self.darkroom.make_one(view)
            return Page(path, data, showing.mark(path), status) if data is not None else Page("", None, "404", 404)
        made = self.press.make(showing, path)
        self.note()
        if made is None:
            return None
        return Page(path, made.data, made.mark if status == 200 else f"404 {made.mark}", status)

    def mark(self, address: str) -> str:
        """The mark of what an address shows now."""
        if self.showing is not None and self.showing.elsewhere(address):
            return "elsewhere"
        page = self.page(address)
        return page.mark if page is not None else NOTHING

    def html_of(self, digest: str) -> str:
        """The HTML of a text that is shown. Raises `Missing` where it is not known."""
        found = self._texts.get(digest)
        if found is None:
            found = self._earlier.get(digest)
        if found is None:
            raise Missing(digest)
        return found

    def texts(self) -> Mapping[str, str]:
        """The texts that are shown, by digest."""
        return self._texts

    # --- swapping it -----------------------------------------------------------------------------------------------

    def put(self, prepared: Prepared, problems: Iterable[Problem], texts: dict[str, str], pending: Collection[str] = ()) -> None:
        """Shows a site that was prepared, as it is after a glance at what changed meanwhile (`pending`).

        With errors it is shown only if there is nothing better: else the last good state stays, below what is wrong.
        """
        problems = in_order(problems)
        with self._swap:
            before = self.showing
            whole = not has_errors(problems)
            self._problems = problems
            news = whole or before is None or not self._whole
            if news:
                self._earlier, self._texts, self._whole = self._texts, texts, whole
                self._base = Showing(prepared.settings, prepared.site, {o.path: o for o in prepared.plan.outputs}, self._workshop(prepared))
                self._glanced.clear()
                self._glance(pending)
                self.unchecked.set()
        self._tell(before)
        if news:
            with self._swap:
                held, self._known = self._known, {}
            self.learn(self.listeners.addresses(), held)

    def fail(self, problems: Iterable[Problem]) -> None:
        """Says what is wrong with a site that could not be prepared; the last good state stays."""
        self._problems = in_order(problems)
        self._tell(self.showing)

    def look(self, changed: Collection[str]) -> None:
        """Shows what a glance at changed files can tell, until the site is prepared again."""
        with self._swap:
            before = self.showing
            if self._base is not None and is_worth_it(changed, self._known.values()):
                self._glance(changed)
        if self.showing is not before:
            self.unchecked.set()
            self._tell(before)

    def learn(self, addresses: Iterable[str], held: Mapping[str, Known] | None = None) -> None:
        """Gets ready for a glance at the pages of these addresses; `held` is what was known of them before."""
        base = self._base
        if base is None:
            return
        for path in {base.find(address) for address in addresses} - {"", *self._known}:
            known = learn(self.site_dir, base, path, held.get(path) if held is not None else None)
            with self._swap:
                if known is not None and self._base is base:
                    self._known[path] = known

    def check(self, stop: Callable[[], bool]) -> None:
        """Makes every page that nobody asked for yet, to see whether it can be made, until `stop` says so."""
        showing = self.showing
        if showing is None:
            return
        for path in showing.outputs:
            if stop():
                return
            self.press.check(showing, path)
            self.note()
        self.press.finish(showing)
        self.note()

    def _workshop(self, prepared: Prepared) -> Workshop:
        """The workshop of a prepared site; templates that were compiled before, and frames that are the same, are used again."""
        new, old = prepared.workshop, self.showing.workshop if self.showing is not None else None
        if old is None:
            return Workshop(new.theme, new.frames, new.texts, self.html_of, new.program)
        renderer = old.renderer if old.theme == new.theme else Renderer(new.theme, self.html_of, new.texts, before=old.renderer)
        frames = {language: held if (held := old.frames.get(language)) == frame else frame for language, frame in new.frames.items()}
        return Workshop(new.theme, frames, new.texts, self.html_of, new.program, renderer)

    def _glance(self, changed: Collection[str]) -> None:
        """Shows the base as it is with all changes that were glanced at since it was read, and these."""
        assert self._base is not None
        if is_worth_it(changed, self._known.values()):
            self._glanced.update(changed)
        self.showing, texts = glance(self.site_dir, self._base, self._known, self._glanced, self.html_of)
        self._texts.update(texts)

    # --- telling ---------------------------------------------------------------------------------------------------

    def _tell(self, before: Showing | None) -> None:
        """Tells open pages to load again where they show something else now, and what is wrong."""
        copies = before.copies if before is not None else {}
        now = self.showing.copies if self.showing is not None and self.showing is not before else copies
        pictures = any(now.get(path, digest) != digest for path, digest in copies.items())  # any page may show one of them
        with self._telling:  # one after the other, so that the last word is about what is shown last
            for address in self.listeners.addresses():
                self.listeners.reload(address, self.mark(address), always=pictures)
            self._review()
            self.note()

    def _review(self) -> None:
        """Makes one page again for each fault of a template: where that works now, the fault is taken for mended."""
        showing = self.showing
        examples = {problem: path for path, found in self.press.faults.items() for problem in found}
        if showing is None or not examples:
            return
        for path in set(examples.values()) & showing.outputs.keys():
            self.press.check(showing, path)
        faults = self.press.faults
        self.press.forgive({problem for problem, path in examples.items() if problem not in faults.get(path, ())})

    def note(self) -> None:
        """Brings what is wrong up to date, and tells the open pages if that is news."""
        with self._note:
            seen = (self.press.changes, self._problems)
            if seen[0] == self._noted[0] and seen[1] is self._noted[1]:
                return
            problems = in_order([*self._problems, *(problem for found in self.press.faults.values() for problem in found)])
            if problems != self.notice.problems:
                self.notice = Notice(problems, self.site_dir, self._words(problems))
            self._noted = seen
            self.listeners.problems(self.notice.mark)

    def _words(self, problems: tuple[Problem, ...]) -> str:
        if self.showing is None or not has_errors(problems):
            return ""
        return "The last good pages are shown." if self._whole else "What is sound is shown."
