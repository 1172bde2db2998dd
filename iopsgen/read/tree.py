"""The tree of chapters as the files give it: whose parent is whose, and what a chapter inherits from those above it."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TypeVar

from iopsgen.model import ChapterFields
from iopsgen.slugs import slugify

T = TypeVar("T")


def parents_of(chapters: Iterable[ChapterFields]) -> dict[str, str]:
    """id → id of its parent ("" at the top): `parent:` if written, else the nearest folder that is a chapter itself."""
    every = {c.slug: c for c in chapters}
    found: dict[str, str] = {}
    for name, chapter in every.items():
        found[name] = chapter.parent or chapter_folder(chapter.source, every, name)
    return found


def chapter_folder(path: str, chapters: Container[str], but: str = "") -> str:
    """The chapter that the nearest folder of a source names, capitals and accents aside; "" if none does."""
    for folder in reversed(path.split("/")[2:-1]):
        for name in (folder, slugify(folder), slugify(folder, "de")):
            if name in chapters and name != but:
                return name
    return ""


def lineage(name: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """A chapter and those above it, nearest first. A circle is cut where it closes."""
    line: list[str] = []
    while name and name not in line:
        line.append(name)
        name = parents.get(name, "")
    return tuple(line)


def inherited(name: str, parents: Mapping[str, str], value: Callable[[str], T | None], default: T) -> T:
    """The nearest value that the chapter or one above it has, else the site's."""
    return next((found for above in lineage(name, parents) if (found := value(above))), default)


def languages_of(chapters: Iterable[ChapterFields], default: str) -> dict[str, str]:
    """id of each chapter → its language: its own, or one inherited, or the site's."""
    return _inherited_by_all(chapters, lambda chapter: chapter.language, default)


def zones_of(chapters: Iterable[ChapterFields], default: str) -> dict[str, str]:
    """id of each chapter → its time zone: its own, or one inherited, or the site's."""
    return _inherited_by_all(chapters, lambda chapter: chapter.timezone, default)


def _inherited_by_all(chapters: Iterable[ChapterFields], value: Callable[[ChapterFields], str], default: str) -> dict[str, str]:
    every = {c.slug: c for c in chapters if not c.translation_of}
    parents = parents_of(every.values())
    return {name: inherited(name, parents, lambda n: value(every[n]) if n in every else None, default) for name in every}
