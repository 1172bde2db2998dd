"""Finds the page of a foreign comment: by its address there, by an alias, by a slug, or as a list of old and new addresses says."""

import csv
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from iopsgen.assemble.verdicts import Pages
from iopsgen.model import Event, Post
from iopsgen.plain import one_line
from iopsgen.problems import Place, Problem, error

_ENDING = re.compile(r"\.(?:html?|php|aspx?|md|markdown)$", re.IGNORECASE)
_DATED = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}-(?=.)")
_REPLY = re.compile(r"^(?:\s*(?:re|aw|antw|fwd?|wg|sv|vs|rif|res|enc|tr|رد)\s*(?:\[[0-9]+\])?\s*:|\s*\[[^\]]{1,40}\])+\s*", re.IGNORECASE)
_LONGEST = 2000  # characters of an address


class KnownPages:
    """The pages of the site that can be discussed, by everything they may be called.

    `names` leads from routes, aliases, slugs and sources to routes; `items` are the pages themselves, whose slugs and titles count only
    where no two share one. `root` is the path of the site's address; `moved` leads from foreign names to ours.
    """

    def __init__(self, names: Mapping[str, str], items: Iterable[Post | Event], root: str, moved: Mapping[str, str] | None = None) -> None:
        self._pages = Pages(names, root)
        items = list(items)
        self._slugs = _only_ones((i.slug.casefold(), i.group, i.route) for i in items if i.group == i.fields.source)
        self._titles = _only_ones((one_line(i.fields.title).casefold(), i.group, i.route) for i in items)
        self._folded = _only_ones((name.casefold(), route, route) for name, route in names.items())
        self._moved = {key: new for old, new in (moved or {}).items() for key in (old, as_key(old))}
        self._found: dict[str, str] = {}

    def find(self, names: Iterable[str], title: str = "") -> str:
        """The route of the page that has one of the names, else of the only one with this title; empty if there is none."""
        for name in names:
            if name not in self._found:
                self._found[name] = self._find(name) if len(name) <= _LONGEST else ""
            if self._found[name]:
                return self._found[name]
        return self._titles.get(one_line(_REPLY.sub("", title)).casefold(), "") if title else ""

    def _find(self, name: str) -> str:
        new = self._moved.get(name) or self._moved.get(as_key(name))
        if new:
            return self._pages.find(new)
        path = as_key(name).partition("?")[0]
        bare = _ENDING.sub("", path)
        for candidate in (name, bare):
            folded = candidate.casefold()
            if route := self._pages.find(candidate) or self._folded.get(folded) or self._folded.get(f"/{folded.strip('/')}/"):
                return route
        last = unquote(bare).rstrip("/").rpartition("/")[2].casefold()
        return self._slugs.get(last) or self._slugs.get(_DATED.sub("", last), "")


def _only_ones(found: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """From (name, what it stands for, route) the route of each name that stands for one thing only."""
    meant: dict[str, tuple[str, str]] = {}
    twice: set[str] = set()
    for name, group, route in found:
        if not name or meant.setdefault(name, (group, route))[0] != group:
            twice.add(name)
    return {name: route for name, (_, route) in meant.items() if name not in twice}


def as_key(name: str) -> str:
    """What stands in the inbox for a page that is not known: the path of its address, with what follows `?` where that is all there is."""
    name = one_line(name)[:_LONGEST]
    if "://" not in name and not name.startswith("//"):
        return name.partition("#")[0]
    try:
        parts = urlsplit(name)
    except ValueError:
        return name
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query and path.rpartition("/")[2] in ("", "index.php") else path


def read_page_map(text: str, file: str) -> tuple[dict[str, str], list[Problem]]:
    """A list of old and new addresses, one pair on each line, with a comma, a semicolon, a tab, `=>` or spaces in between.

    Empty lines and lines that start with `#` say nothing.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = one_line(line) if "\t" not in line else line.strip()
        if not line or line.startswith("#"):
            continue
        pair = _pair(line)
        if pair is None:
            if len(problems) < 20:
                problems.append(error("This line is not an old and a new address.", Place(file, number), "Write for example: /2012/10/welcome/, /posts/welcome/"))
        elif found.setdefault(pair[0], pair[1]) != pair[1]:
            problems.append(error(f'"{pair[0]}" leads to another page on a line above.', Place(file, number), "Keep one of the two."))
    return found, problems


def _pair(line: str) -> tuple[str, str] | None:
    for mark in ("\t", "=>", ";", ","):
        if mark in line:
            parts = next(csv.reader([line], delimiter=mark)) if len(mark) == 1 else line.split(mark)
            break
    else:
        parts = line.split(" ")
    words = [one_line(part) for part in parts if part.strip()]
    return (words[0], words[1]) if len(words) == 2 else None
