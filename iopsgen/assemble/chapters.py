"""The tree of branches and chapters, with what each inherits and who belongs to its family."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from iopsgen.assemble.routes import prefix_of
from iopsgen.assemble.translations import Broken, Settled
from iopsgen.model import Chapter, ChapterFields
from iopsgen.problems import Names, Place, Problem, error
from iopsgen.read.tree import inherited, lineage, parents_of
from iopsgen.settings import Settings


def assemble_chapters(
    texts: Settled[ChapterFields], settings: Settings, is_shown: Callable[[ChapterFields, str], bool], broken: Broken
) -> tuple[dict[str, Chapter], tuple[Chapter, ...], list[Problem]]:
    """The originals by id, hidden ones too; the texts that are shown, translations too; and the problems: same ids, unknown parents, circles.

    `is_shown` is asked with a text and its zone. Whatever lies below a hidden chapter hangs on the next one above that is shown.
    """
    originals, problems = _find_originals(texts)
    parents = parents_of(originals.values())
    problems += _check_tree(originals, parents, broken)
    parents = {name: "" if name in lineage(parent, parents) or parent not in originals else parent for name, parent in parents.items()}
    zones = {name: inherited(name, parents, lambda n: originals[n].timezone, settings.site.timezone) for name in originals}
    shown = {name for name, main in originals.items() if is_shown(main, zones[name])}
    above = {name: next((n for n in lineage(parents[name], parents) if n in shown), "") for name in originals}
    children: dict[str, list[str]] = {name: [] for name in originals}
    families: dict[str, set[str]] = {name: {name} for name in originals}
    for name in sorted(shown, key=lambda n: (originals[n].title.casefold(), n)):
        if above[name]:
            children[above[name]].append(name)
        for upper in lineage(above[name], above):
            families[upper].add(name)
    every: dict[str, Chapter] = {}
    for name, main in originals.items():
        language = inherited(name, parents, lambda n: originals[n].language, settings.site.language)
        every[name] = Chapter(
            fields=main,
            id=name,
            group=main.source,
            title=main.title,
            kind="branch" if main.kind == "branch" or children[name] else "chapter",
            route=_route(name, language, settings),
            language=language,
            zone=zones[name],
            contact=inherited(name, parents, lambda n: originals[n].contact, settings.site.contact),
            parent=above[name],
            children=tuple(children[name]),
            family=frozenset(families[name]),
        )
    return every, _with_translations(texts, every, shown, settings, is_shown), problems


def _with_translations(
    texts: Settled[ChapterFields], every: Mapping[str, Chapter], shown: set[str], settings: Settings, is_shown: Callable[[ChapterFields, str], bool]
) -> tuple[Chapter, ...]:
    """The chapters that are shown, each followed by its translations."""
    by_source = {chapter.fields.source: chapter for name, chapter in every.items() if name in shown}
    found = list(by_source.values())
    for text in texts.texts:
        main = by_source.get(texts.groups[text.source])
        if main is None or texts.original(text) or not is_shown(text, main.zone):
            continue
        language = text.language or main.language
        found.append(replace(main, fields=text, title=text.title, language=language, route=_route(main.id, language, settings)))
    return tuple(sorted(found, key=lambda c: (c.id, c.route)))


def _route(name: str, language: str, settings: Settings) -> str:
    return f"{prefix_of(language, settings.all_languages)}/chapters/{name}/"


def _find_originals(texts: Settled[ChapterFields]) -> tuple[dict[str, ChapterFields], list[Problem]]:
    """The originals by id; of two with the same id the first by path, and an error for the other."""
    found: dict[str, ChapterFields] = {}
    problems: list[Problem] = []
    for text in sorted(filter(texts.original, texts.texts), key=lambda t: t.source):
        other = found.setdefault(text.slug, text)
        if other is not text:
            message = f'The chapter {other.source} has the id "{text.slug}" already.'
            problems.append(error(message, Place(*text.where("slug"), 1), f"Rename this file, or write for example: slug: {text.slug}-2"))
    return found, problems


def _check_tree(originals: Mapping[str, ChapterFields], parents: Mapping[str, str], broken: Broken) -> list[Problem]:
    """Unknown parents, and each circle once."""
    problems: list[Problem] = []
    names = Names(originals)
    told: set[str] = set()
    for name, parent in sorted(parents.items()):
        place = Place(*originals[name].where("parent"), 1)
        circle = lineage(parent, parents)
        if parent and parent not in originals:
            if not broken.has("chapters", parent):
                hint = names.near(parent) or "Give the name of a file in content/chapters, without its ending."
                problems.append(error(f'The parent "{parent}" is not a chapter.', place, hint))
        elif parent == name:
            problems.append(error("This chapter is its own parent.", place, "Remove the line parent, or name the branch above it."))
        elif name in circle and name not in told:
            told.update(circle)
            way = " → ".join((name, *circle[: circle.index(name) + 1]))
            problems.append(error(f"These chapters are each other's parents: {way}.", place, "Remove one of the lines parent."))
    return problems
