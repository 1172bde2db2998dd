"""Who writes and organises, and which categories and tags are in use: names as written become people and terms."""

from collections.abc import Iterable, Mapping

from iopsgen.model import EventFields, Person, PostFields, Term
from iopsgen.problems import Place, Problem, did_you_mean, error
from iopsgen.settings import Settings
from iopsgen.slugs import slugify


class People:
    """Finds a person by id or name; a bare name that nobody has yet makes a new person."""

    def __init__(self, written: Mapping[str, Person]) -> None:
        self.known: dict[str, Person] = dict(written)
        self._ids: dict[str, str] = {}
        for person in written.values():
            self._ids.setdefault(person.name.casefold(), person.id)
        for name in written:
            self._ids[name.casefold()] = name

    def find(self, names: Iterable[str], language: str) -> tuple[str, ...]:
        """The ids of the people named, each once, in the order written."""
        return tuple(dict.fromkeys(self._find(name, language) for name in names if name))

    def _find(self, name: str, language: str) -> str:
        found = self._ids.get(name.casefold())
        if found is None:
            found = slugify(name, language) or "person"
            while found in self.known and self.known[found].name.casefold() != name.casefold():
                found += "-2"
            self.known.setdefault(found, Person(id=found, name=name))
            self._ids[name.casefold()] = found
        return found


class Terms:
    """Categories or tags in use, found by name or slug; with an allowed list, a name outside it is an error."""

    def __init__(self, kind: str, allowed: Mapping[str, Term] | None = None) -> None:
        self.kind = kind
        self.known: dict[str, Term] = {}
        self._slugs: dict[str, str] = {}
        self._allowed = allowed
        for name, term in (allowed or {}).items():
            self.known[term.slug] = term
            for key in (name, term.name, term.slug):
                self._slugs[key.casefold()] = term.slug

    def find(self, names: Iterable[str], source: PostFields | EventFields, problems: list[Problem]) -> tuple[str, ...]:
        """The slugs of the terms named, each once, in the order written."""
        found: dict[str, None] = {}
        for name in names:
            slug = self._slugs.get(name.casefold())
            if slug is None:
                if self._allowed:
                    place = Place(source.source, source.lines.get("categories", source.lines.get("category", 1)), 1)
                    names_known = [t.name for t in self._allowed.values()]
                    hint = f"{did_you_mean(name, names_known)} Possible: {', '.join(names_known)}; more can be added under categories in iopsgen.yml."
                    problems.append(error(f'"{name}" is not one of the site\'s categories.', place, hint.strip()))
                    continue
                slug = slugify(name, source.language)
                if not slug:
                    continue
                self._slugs[name.casefold()] = slug
                self.known.setdefault(slug, Term(slug=slug, name=name))
            found[slug] = None
        return tuple(found)


def allowed_categories(settings: Settings) -> dict[str, Term]:
    """The categories of the settings as terms, by the name written there."""
    return {name: Term(slug=c.slug, name=c.title or name, description=c.description) for name, c in settings.categories.items()}
