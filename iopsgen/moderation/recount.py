"""Counts the comments on the pages that were built, to prove that none was lost on the way there."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from iopsgen.assemble.threads import anchor
from iopsgen.model import Thread, Value

_PREFIX = anchor("")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))  # of a text: "Comment on the plan" has such an id, too


class Recount(Value, frozen=True, kw_only=True):
    """What stands on the built pages. `counted` are the comments found; `pages` how many pages have some.

    `missing` and `strange` name what is on no page, or on one that should not have it, as pairs of path and id of the comment;
    `waiting` are the paths of pages that were not built since something on them changed, and which are not counted.
    """

    counted: int = 0
    pages: int = 0
    waiting: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    strange: tuple[tuple[str, str], ...] = ()

    def agrees(self) -> bool:
        """Whether the pages show exactly the comments that they should."""
        return not self.missing and not self.strange


def recount(output: Path, threads: Iterable[tuple[str, Thread]], known: Collection[str], current: Mapping[str, bool]) -> Recount:
    """Looks at the built pages below `output`.

    `threads` are the discussions by the path of their page, `known` the ids of all comments of the inbox, published or not; `current`
    says of each path of the site whether its file is as the site is now. A comment on a page is whatever has the `id` of its permanent
    link; placeholders of removed ones have one as well, and are not counted.
    """
    expected = {path: thread for path, thread in threads if thread.count or any(c.removed for c in thread.comments)}
    counted = pages = 0
    waiting: list[str] = []
    missing: list[tuple[str, str]] = []
    strange: list[tuple[str, str]] = []
    for path in sorted({*expected, *(p for p, is_current in current.items() if p.endswith(".html"))}):
        thread = expected.get(path)
        if not current.get(path, False):
            waiting += [path] if thread is not None else []
            continue
        found = comments_on(output / path)
        shown = {c.id for c in thread.comments if not c.removed} if thread else set()
        removed = {c.id for c in thread.comments if c.removed} if thread else set()
        on_page = [name for name in found if name in known and name not in removed]
        missing += [(path, name) for name in sorted(shown - set(on_page))]
        strange += [(path, name) for name in sorted(set(on_page) - shown)]
        strange += [(path, name) for name, times in sorted(Counter(on_page).items()) if times > 1]
        counted += len(on_page)
        pages += bool(on_page)
    return Recount(counted=counted, pages=pages, waiting=tuple(waiting), missing=tuple(missing), strange=tuple(strange))


def comments_on(file: Path) -> list[str]:
    """The ids of the comments on a page, in the order in which they stand there; none where there is no such file."""
    try:
        data = file.read_bytes()
    except OSError:
        return []
    if os.fsencode(_PREFIX) not in data:  # spares most pages the parser
        return []
    from lxml import etree  # late, for the time the program takes to start

    root = etree.fromstring(data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    if root is None:
        return []
    ids = (str(e.get("id")) for e in root.iter() if isinstance(e.tag, str) and e.get("id") and e.tag not in _HEADINGS)
    return [name.removeprefix(_PREFIX) for name in ids if name.startswith(_PREFIX)]
