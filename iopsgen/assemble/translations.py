"""Which text is a translation of which, and what it takes from its original."""

import posixpath
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from iopsgen.model import Chapter, ChapterFields, Event, EventFields, Fields, Page, PageFields, Post, PostFields
from iopsgen.problems import Names, Place, Problem, error
from iopsgen.read.content import RIVALS, name_of, original_path

F = TypeVar("F", PostFields, EventFields, ChapterFields, PageFields)

# What a translation never takes from its original: it is another text at another address, in another language.
_OWN = frozenset(
    (
        *("source", "title", "slug", "summary", "language", "translation_of", "aliases", "text", "lines", "inherited"),
        *("updated", "canonical", "uid"),
    )
)
_WRITTEN_AS = {"authors": ("authors", "author"), "categories": ("categories", "category"), "image": ("image",)}
_WRITTEN_AS |= {"start": ("start", "date"), "repeat": ("repeat", "rrule"), "time_tba": ("time",), "end_is_time": ("end",)}


class Settled(msgspec.Struct, Generic[F], frozen=True):
    """The texts of one kind, translations completed from their originals; `groups` maps each source to that of its original."""

    texts: tuple[F, ...]
    groups: dict[str, str]

    def original(self, text: F) -> bool:
        """Whether a text is no translation."""
        return self.groups[text.source] == text.source


class Broken:
    """Sources that have errors, told by path or by the name that others call them by: what points to them is no error of its own."""

    def __init__(self, paths: Iterable[str], languages: tuple[str, ...], language: str) -> None:
        self.paths = frozenset(meant for path in paths for meant in (path, original_path(path)))
        self._names = {(path.split("/")[1], name_of(path, languages, language)) for path in self.paths}

    def has(self, kind: str, name: str) -> bool:
        """Whether a source of this kind (posts, events …) with this path or name is broken."""
        return name in self.paths or (kind, name) in self._names


def settle_translations(
    texts: tuple[F, ...], kind: str, main_language: str, languages: tuple[str, ...], broken: Broken
) -> tuple[Settled[F], list[Problem]]:
    """Finds the original of each translation and completes it. A translation of a broken text is left out, one of none is an error."""
    texts = _elect_originals(texts, main_language, languages, broken)
    by_source = {text.source: text for text in texts}
    by_slug: dict[str, list[F]] = {}
    for text in texts:
        if not text.translation_of:
            by_slug.setdefault(text.slug, []).append(text)
    names = Names(by_slug)
    groups: dict[str, str] = {}
    found: list[F] = []
    problems: list[Problem] = []
    for text in texts:
        original = _original_of(text, by_source, by_slug) if text.translation_of else text
        if original is None and _is_broken(text, kind, broken):
            continue
        if original is None or (original is text and text.translation_of):
            problems.append(_say_lost(text, original is text, names))
            original = text
        groups[text.source] = original.source
        found.append(text if original is text else complete(text, original))
    return Settled(tuple(map(_without_bare_alt, found)), groups), problems


def paths_meant(source: str, written: str) -> tuple[str, ...]:
    """The paths from the site's folder that a path in a source can mean: from its own folder, from the site's, from content/."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(source), written))
    return beside, posixpath.normpath(written), posixpath.normpath("content/" + written)


def last_name(written: str) -> str:
    """The slug that a path or an address ends in: `../events/welcome.md` and `/events/welcome/` are `welcome`."""
    name = written.strip().rstrip("/").rpartition("/")[2]
    return name.removesuffix(".md").removesuffix(".yml")


def _elect_originals(texts: tuple[F, ...], main_language: str, languages: tuple[str, ...], broken: Broken) -> tuple[F, ...]:
    """Where `welcome.en.md` and `welcome.fr.md` stand without a `welcome.md`, the one in the main language is the original."""
    sources = {text.source for text in texts} | broken.paths
    alone: dict[str, list[F]] = {}
    for text in texts:
        if text.translation_of and text.translation_of not in sources and text.translation_of == original_path(text.source):
            alone.setdefault(text.translation_of, []).append(text)
    if not alone:
        return texts
    order = {language: number for number, language in enumerate((main_language, *languages))}
    chosen: dict[str, F] = {}
    for group in alone.values():
        first = min(group, key=lambda text: (order.get(text.language, len(order)), text.source))
        for text in group:
            chosen[text.source] = replace(text, translation_of="" if text is first else first.source)
    return tuple(chosen.get(text.source, text) for text in texts)


def _original_of(text: F, by_source: dict[str, F], by_slug: dict[str, list[F]]) -> F | None:
    """The original that `translation_of` leads to, by way of other translations too; the text itself where it leads in a circle."""
    seen = {text.source}
    found = _named(text, by_source, by_slug)
    while found is not None and found.translation_of:
        if found.source in seen:
            return text
        seen.add(found.source)
        found = _named(found, by_source, by_slug)
    return found


def _named(text: F, by_source: dict[str, F], by_slug: dict[str, list[F]]) -> F | None:
    """What `translation_of` names: a path, a slug, an address. Of several with one slug, one in the same folder."""
    written: str = text.translation_of.strip()
    for path in (written, *paths_meant(text.source, written)):
        if path in by_source:
            return by_source[path]
    same = by_slug.get(written) or by_slug.get(last_name(written)) or []
    folder = posixpath.dirname(text.source)
    return min(same, key=lambda one: (posixpath.dirname(one.source) != folder, one.source), default=None)


def _is_broken(text: Fields, kind: str, broken: Broken) -> bool:
    written = text.translation_of.strip()
    return any(broken.has(kind, name) for name in (written, last_name(written), *paths_meant(text.source, written)))


def _say_lost(text: Fields, circle: bool, names: Names) -> Problem:
    place = Place(*text.where("translation_of"), 1)
    if circle:
        return error("This text says that it is a translation of itself.", place, "Name the original; the original has no line translation_of.")
    hint = names.near(last_name(text.translation_of)) or "Give the slug or the path of the original text."
    return error(f'The original "{text.translation_of}" of this translation is not there.', place, hint)


def complete(text: F, original: F) -> F:
    """A translation with what it does not say itself taken from its original: dates, place, people, picture, whether it is a draft."""
    said = set(text.lines) | set(text.inherited)
    rivals = {rival for key in said for rival in RIVALS.get(key, ())}
    taken: dict[str, Any] = {}
    for name, default in _defaults(type(text)):
        keys = _WRITTEN_AS.get(name, (name,))
        unsaid = getattr(text, name) == default or name == "date"  # a date that nobody wrote comes from the name of the file
        if name not in _OWN and name not in rivals and unsaid and not said.intersection(keys):
            taken[name] = getattr(original, name)
    if text.image is not None and not text.image.src and original.image is not None:  # the description alone was translated
        taken["image"] = replace(original.image, alt=text.image.alt, decorative=False, line=text.image.line)
    _move_paths(taken, original.source, text.source)
    places = {key: (original.source, line) for key, line in original.lines.items()}
    return replace(text, inherited={**original.inherited, **places, **text.inherited}, **taken)


def _move_paths(taken: dict[str, Any], source: str, target: str) -> None:
    """Paths that count from the folder of the original, as paths from the site's folder."""
    if posixpath.dirname(source) == posixpath.dirname(target):
        return
    image, after = taken.get("image"), taken.get("after")
    if image is not None:
        taken["image"] = replace(image, src=_from_site(image.src, source))
    if after is not None:
        taken["after"] = replace(after, notes=_from_site(after.notes, source), report=_from_site(after.report, source))


def _from_site(written: str, source: str) -> str:
    absolute = not written or written.startswith("/") or ":" in written.partition("/")[0]
    return written if absolute else posixpath.normpath(posixpath.join(posixpath.dirname(source), written))


def _without_bare_alt(text: F) -> F:
    return replace(text, image=None) if text.image is not None and not text.image.src else text


@cache
def _defaults(kind: type[Fields]) -> tuple[tuple[str, Any], ...]:
    empty = kind(source="")
    return tuple((name, getattr(empty, name)) for name in kind.__struct_fields__)


def check_languages(items: Iterable[Post | Event | Page | Chapter]) -> Iterator[Problem]:
    """An error where two texts of one group are in the same language: one of them would never be shown."""
    seen: dict[tuple[str, str], str] = {}
    for item in sorted(items, key=lambda i: (i.fields.source != i.group, i.fields.source)):
        other = seen.setdefault((item.group, item.language), item.fields.source)
        if other != item.fields.source:
            hint = "Write the language it is in, for example: language: es"
            message = f"This translation is in the same language as {other}: {item.language}."
            yield error(message, Place(*item.fields.where("language", "translation_of"), 1), hint)
