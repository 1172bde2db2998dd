"""The tree of branches and chapters, with what each inherits and who belongs to its family."""

from iopsgen.assemble.routes import group_translations, prefix_of
from iopsgen.model import Chapter, ChapterFields
from iopsgen.problems import Place, Problem, did_you_mean, error
from iopsgen.read.tree import inherited, lineage, parents_of
from iopsgen.settings import Settings


def assemble_chapters(fields: tuple[ChapterFields, ...], settings: Settings) -> tuple[dict[str, Chapter], tuple[Chapter, ...], list[Problem]]:
    """The originals by id, all texts with their translations, and the problems: unknown parents, circles."""
    groups, problems = group_translations(fields, {key: f for f in fields if not f.translation_of for key in (f.slug, f.source)})
    originals = {f.slug: f for f in fields if groups[f.source] == f.source}
    parents = parents_of(originals.values())
    problems += _check_tree(originals, parents)
    children: dict[str, list[str]] = {name: [] for name in originals}
    for name, parent in parents.items():
        if parent in children and name not in lineage(parent, parents):
            children[parent].append(name)
    families = {name: set[str]() for name in originals}
    for name in originals:
        for above in lineage(name, parents):
            if above in families:
                families[above].add(name)
    by_source = {f.source: name for name, f in originals.items()}
    chapters: list[Chapter] = []
    for one in fields:
        name = by_source[groups[one.source]]
        main = originals[name]
        language = one.language or inherited(name, parents, lambda n: originals[n].language if n in originals else None, settings.site.language)
        chapters.append(
            Chapter(
                fields=one,
                id=name,
                group=main.source,
                title=one.title,
                kind="branch" if main.kind == "branch" or children[name] else "chapter",
                route=f"{prefix_of(language, settings.all_languages)}/chapters/{name}/",
                language=language,
                zone=inherited(name, parents, lambda n: originals[n].timezone if n in originals else None, settings.site.timezone),
                contact=inherited(name, parents, lambda n: originals[n].contact if n in originals else None, settings.site.contact),
                parent=parents[name] if parents[name] in originals else "",
                children=tuple(sorted(children[name], key=lambda n: (originals[n].title.casefold(), n))),
                family=frozenset(families[name]),
            )
        )
    chapters.sort(key=lambda c: (c.id, c.route))
    return {c.id: c for c in chapters if c.group == c.fields.source}, tuple(chapters), problems


def _check_tree(originals: dict[str, ChapterFields], parents: dict[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    for name, parent in parents.items():
        place = Place(originals[name].source, originals[name].lines.get("parent", 1), 1)
        if parent and parent not in originals:
            hint = did_you_mean(parent, originals) or "Give the name of a file in content/chapters, without its ending."
            problems.append(error(f'The parent "{parent}" is not a chapter.', place, hint))
        elif parent and parent in originals and name in lineage(parent, parents):
            circle = " → ".join((name, *lineage(parent, parents)))
            problems.append(error(f"These chapters are each other's parents: {circle}.", place, "Remove one of the `parent:` lines."))
    return problems
