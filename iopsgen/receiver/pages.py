"""Which pages take comments: those of the built site that have a form for them, or those that the settings name."""

import os
import re
import threading
from collections import OrderedDict
from pathlib import Path

from iopsgen.settings import Settings
from iopsgen.slugs import file_of
from iopsgen.write import is_safe

_MAX_PAGE = 64 * 1024 * 1024  # bytes of a page that are read
_KNOWN = 2000  # pages that are remembered


class Pages:
    """Looks at pages, and remembers what it saw until they change."""

    def __init__(self, site_dir: Path) -> None:
        self._site_dir = site_dir
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[tuple[int, int, int], bool]] = OrderedDict()

    def take(self, route: str, settings: Settings) -> bool:
        """Whether the page of a route takes comments.

        On the machine where the site is built, its page has a form with a field `page` that holds this route. Elsewhere the route
        fits one of the patterns in `comments.receive.pages`.
        """
        path = file_of(route)
        if not route.startswith("/") or len(route) > 2000 or not is_safe(path):
            return False
        if any(_fits(pattern, route) for pattern in settings.comments.receive.pages):
            return True
        output = os.path.realpath(self._site_dir / settings.output)
        file = os.path.realpath(os.path.join(output, path))
        return file.startswith(output + os.sep) and self._has_form(file, route)

    def _has_form(self, file: str, route: str) -> bool:
        try:
            found = os.stat(file)
            stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
            with self._lock:
                known = self._seen.get(file)
            if known is not None and known[0] == stamp:
                return known[1]
            with open(file, "rb") as opened:
                data = opened.read(_MAX_PAGE)
        except OSError:
            return False
        takes = _form_for(data, route)
        with self._lock:
            self._seen[file] = (stamp, takes)
            while len(self._seen) > _KNOWN:
                self._seen.popitem(last=False)
        return takes


def _fits(pattern: str, route: str) -> bool:
    """Whether a route fits a pattern, in which `*` stands for any characters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), route) is not None


def _form_for(data: bytes, route: str) -> bool:
    """Whether a page has a form field `page` with this route."""
    if b"<form" not in data:
        return False
    from lxml import etree

    root = etree.fromstring(data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    return root is not None and any(e.get("name") == "page" and e.get("value") == route for e in root.iter("input"))
