"""Who writes and organises, and which categories and tags are in use: names as written become people and terms."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from iopsgen.model import EventFields, Person, PostFields, Term
from iopsgen.problems import Names, Place, Problem, error, note, warning
from iopsgen.settings import Settings
from iopsgen.slugs import slugify


class People:
    """Finds a person by id or name; a bare name that nobody has yet makes a new person."""

    def __init__(self, written: Mapping[str, Person], language: str) -> None:
        """`written` are the people of `people.yml`; ids of others are made from their names, always in `language`."""
        self.known: dict[str, Person] = dict(written)
        self.names = Names(written)
        self._language = language
        self._ids: dict[str, str] = {}
        for person in written.values():
            self._ids.setdefault(_key(person.name), person.id)
        for name in written:
            self._ids[_key(name)] = name
        self._slugs = {slugify(name): name for name in reversed(tuple(written))}

    def find(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the people named, each once, in the order written."""
        return tuple(dict.fromkeys(self._find(name) for name in names if name))

    def is_new(self, name: str) -> bool:
        """Whether nobody has this id or name yet."""
        return _key(name) not in self._ids and slugify(name) not in self._slugs

    def _find(self, name: str) -> str:
        key = _key(name)
        found = self._ids.get(key)
        if found is None:
            slug = slugify(name, self._language)
            found = self._slugs.get(slug) or self._new(slug or "person", name)
            self._ids[key] = found
        return found

    def _new(self, slug: str, name: str) -> str:
        """The id of a new person: the slug, with a number where somebody else has it."""
        found, number = slug, 2
        while found in self.known:
            found, number = f"{slug}-{number}", number + 1
        self.known[found] = Person(id=found, name=" ".join(name.split()))
        return found


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


class Terms:
    """Categories or tags in use, found by name or slug; with an allowed list, a name outside it is an error."""

    def __init__(self, key: str, language: str, allowed: Mapping[str, Term] | None = None) -> None:
        """`key` is categories or tags; slugs are made in `language`, the same for all texts, so that a word has one address."""
        self.key, self._language = key, language
        self.known: dict[str, Term] = {}
        self._slugs: dict[str, str] = {}
        self._allowed = allowed
        self._names = Names(term.name for term in (allowed or {}).values())
        for name, term in (allowed or {}).items():
            self.known[term.slug] = term
            for spelling in (name, term.name, term.slug):
                self._slugs[_key(spelling)] = term.slug

    def find(self, names: Iterable[str], source: PostFields | EventFields, problems: list[Problem]) -> tuple[str, ...]:
        """The slugs of the terms named, each once, in the order written."""
        found: dict[str, None] = {}
        for name in names:
            slug = self._slugs.get(_key(name))
            if slug is None:
                place = Place(*source.where(self.key), 1)
                if self._allowed:
                    known = ", ".join(term.name for term in self._allowed.values())
                    hint = f"{self._names.near(name)} Possible: {known}; more can be added under {self.key} in iopsgen.yml."
                    problems.append(error(f'"{name}" is not one of the site\'s {self.key}.', place, hint.strip()))
                    continue
                slug = self._new(name, place, problems)
                if not slug:
                    continue
            found[slug] = None
        return tuple(found)

    def _new(self, name: str, place: Place, problems: list[Problem]) -> str:
        """The slug of a name that was not written before; other spellings of a word are the same term."""
        slug = slugify(name, self._language)
        if not slug:
            message = f'"{name}" holds no letter and no digit that an address could be made of, and is left out of the {self.key}.'
            problems.append(warning(message, place, "Write it in words."))
            return ""
        self._slugs[_key(name)] = slug
        held = self.known.setdefault(slug, Term(slug=slug, name=name))
        if _letters(held.name) != _letters(name):
            message = f'"{name}" and "{held.name}" have the same address, /{self.key}/{slug}/, and count as one.'
            problems.append(note(message, place, "If they are two things, write one of them in other words."))
        return slug


def _letters(name: str) -> str:
    """A name without spaces, hyphens, apostrophes, accents and capitals: what makes other spellings of one word the same."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\s\-_.,'’]+", "", plain).casefold()


def allowed_categories(settings: Settings) -> dict[str, Term]:
    """The categories of the settings as terms, by the name written there."""
    return {name: Term(slug=c.slug, name=c.title or name, description=c.description) for name, c in settings.categories.items()}
