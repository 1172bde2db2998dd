"""Which address each text gets: permalink patterns, languages, translations."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from iopsgen.model import Fields
from iopsgen.problems import Place, Problem, did_you_mean, error

F = TypeVar("F", bound=Fields)


def prefix_of(language: str, languages: tuple[str, ...]) -> str:
    """`/es` for a further language of the site; "" for its main language and for languages it does not offer."""
    return f"/{language}" if language in languages[1:] else ""


def fill_permalink(pattern: str, slug: str, day: date | None, chapter: str) -> str:
    """An address from a pattern such as `/posts/{year}/{slug}/`; a part that stays empty falls away."""
    filled = pattern.replace("{slug}", slug).replace("{chapter}", chapter)
    if "{" in filled:
        year, month, number = (f"{day.year:04}", f"{day.month:02}", f"{day.day:02}") if day else ("", "", "")
        filled = filled.replace("{year}", year).replace("{month}", month).replace("{day}", number)
    while "//" in filled:
        filled = filled.replace("//", "/")
    return filled


def group_translations(fields: Iterable[F], known: Mapping[str, F]) -> tuple[dict[str, str], list[Problem]]:
    """source → source of its original (itself for an original). `known` finds an original by slug or by source path."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for one in fields:
        wanted = one.translation_of
        if not wanted:
            found[one.source] = one.source
            continue
        original = known.get(wanted) or known.get(_beside(one.source, wanted)) or known.get(wanted.strip("/").rpartition("/")[2])
        if original is None or original.source == one.source or original.translation_of:
            place = Place(one.source, one.lines.get("translation_of", 1), 1)
            hint = did_you_mean(wanted, (k for k in known if "/" not in k)) or "Give the slug or the path of the original text."
            problems.append(error(f'The original "{wanted}" of this translation is not there.', place, hint))
            found[one.source] = one.source
        else:
            found[one.source] = original.source
    return found, problems


def _beside(source: str, path: str) -> str:
    return source.rpartition("/")[0] + "/" + path.removeprefix("./")
