"""Where links between sources lead: by source path, by file path, by address of the site; each is checked."""

import posixpath
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from urllib.parse import quote, unquote, urlsplit

from iopsgen.model import Target, Text, Value
from iopsgen.problems import Names, Place, Problem, did_you_mean, error, warning

_SAFE = "/:@!$&'()*+,;=-._~?"  # a question mark stands in old addresses alone: no file has one in its name
_UNSAFE = frozenset(' "#<>%`{}|^\\[]')


def quoted(route: str) -> str:
    """A route as it stands in an address: percent-encoded where it is not ASCII."""
    return route if route.isascii() and not set(route) & _UNSAFE else quote(route, safe=_SAFE)


class Wanted(Value, frozen=True, kw_only=True):
    """An address of the site that a text points to: checked against the plan when there is one."""

    route: str
    place: Place
    written: str
    fragment: str = ""


class Links:
    """Resolves what texts point to. Collects the problems, and the addresses that only the plan can check."""

    def __init__(self, sources: Mapping[str, str], files: Mapping[str, str], root: str, hidden: Iterable[str] = ()) -> None:
        """`sources` and `files` map paths from the site's folder to routes; `hidden` are sources not published now."""
        self.sources, self.files, self.root, self.hidden = sources, files, root, frozenset(hidden)
        self.problems: list[Problem] = []
        self.wanted: list[Wanted] = []
        paths = (path for path in (*sources, *files) if not path.isascii())
        self._composed = {unicodedata.normalize("NFC", path): path for path in paths}

    def urls_of(self, text: Text, source: str) -> tuple[str, ...]:
        """The address on the page of each target of a text, with the path of the site."""
        if not text.targets:
            return ()
        return tuple(self.url(target, source) for target in text.targets)

    def url(self, target: Target, source: str) -> str:
        """The address that stands in the page for one target: itself where it cannot be resolved."""
        place = Place(source, target.line)
        route, fragment = self.route(target.url, source, place, target.attribute)
        return self.root + quoted(route[1:]) + fragment if route else target.url

    def route(self, written: str, source: str, place: Place, attribute: str = "href") -> tuple[str, str]:
        """The route and the rest (`?…#…`) that a link means; ("", "") where it leads nowhere, with a problem."""
        literal = self._find(posixpath.join(posixpath.dirname(source), written))  # a name may hold `#`, `?` and `%`
        if literal:
            return self._route_of(literal), ""
        try:
            parts = urlsplit(written)
        except ValueError:
            self.problems.append(error(f'"{written}" is not an address.', place, "Check for brackets and spaces in the link."))
            return "", ""
        if parts.scheme or parts.netloc:
            self.problems.append(error(f'"{written}" is not an address of this site.', place, "Write a web address in full, with https:// in front."))
            return "", ""
        rest = ("?" + parts.query if parts.query else "") + ("#" + parts.fragment if parts.fragment else "")
        path = unquote(parts.path)
        if not path:
            return "", ""
        if path.startswith("/"):
            self.wanted.append(Wanted(route=path, place=place, written=written, fragment=parts.fragment))
            return path, rest
        full = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        meant = (full, posixpath.join(full, "index.md"), posixpath.normpath(path), posixpath.normpath("content/" + path))
        for candidate in meant:
            found = self._find(candidate)
            if found:
                route = self._route_of(found)
                if found in self.sources and parts.fragment:
                    self.wanted.append(Wanted(route=route, place=place, written=written, fragment=parts.fragment))
                return route, rest
        if not self.hidden.isdisjoint(meant):
            hint = "Publish it first, or remove the link until then."
            self.problems.append(warning(f'"{written}" leads to a text that is not published now.', place, hint))
        else:
            self._say_missing(written, full, place, attribute)
        return "", ""

    def _find(self, path: str) -> str:
        """The path of a source or a file as it is on the disk; "" where there is none. Composed and decomposed accents are the same."""
        if path in self.sources or path in self.files:
            return path
        return "" if path.isascii() else self._composed.get(unicodedata.normalize("NFC", path), "")

    def _route_of(self, path: str) -> str:
        return self.sources.get(path) or self.files[path]

    @cached_property
    def _names(self) -> Names:
        """The names of all files that can be linked to."""
        return Names(path.rpartition("/")[2] for path in (*self.sources, *self.files))

    def _say_missing(self, written: str, full: str, place: Place, attribute: str) -> None:
        near = "Write / instead of \\ between folders." if "\\" in written else self._names.near(full.rpartition("/")[2])
        if full.endswith((".md", ".markdown", ".yml", ".yaml")):
            self.problems.append(
                error(f'"{written}" leads to a file that is not there.', place, near or "Write the path from this file to the other one.")
            )
        elif attribute == "src":
            self.problems.append(
                warning(f'The picture "{written}" is not there.', place, near or "Put the file beside this one, or correct its name.")
            )
        else:
            self.problems.append(
                warning(f'"{written}" leads nowhere.', place, near or "Write the path to a source file, or a full address with https://.")
            )

    def check(self, routes: Mapping[str, object] | frozenset[str], headings: Mapping[str, frozenset[str]]) -> list[Problem]:
        """The problems of the addresses of the site that texts name, once every route is known."""
        found: list[Problem] = []
        names = Names(routes)
        for want in self.wanted:
            route = want.route
            if route not in routes and route + "/" not in routes and route.removesuffix("index.html") not in routes:
                bare = route.removeprefix(self.root.rstrip("/")) if self.root != "/" else route
                hint = (
                    f"Leave out {self.root.rstrip('/')}: it is added by itself." if bare != route and bare in routes else names.near(route)
                )
                found.append(
                    warning(
                        f'"{want.written}" is not an address of this site.',
                        want.place,
                        hint or "Link to the source file instead; then it is checked.",
                    )
                )
            elif want.fragment and route in headings and unquote(want.fragment) not in headings[route]:
                found.append(
                    warning(f'"{want.written}" leads to a heading that is not there.', want.place, did_you_mean(want.fragment, headings[route]))
                )
        return found
