"""People, venues and data files: small YAML files read whole."""

from typing import Any

from iopsgen.fields import Record, Report
from iopsgen.model import Person, Venue
from iopsgen.problems import Problem
from iopsgen.read.frontmatter import PERSON, VENUE, VENUE_FIELDS, to_image
from iopsgen.read.sources import decode
from iopsgen.slugs import fault_of_segment, fold
from iopsgen.yamltext import MAX_FILE, Map, Scalar, is_empty, parse, to_plain


def _entries(data: bytes, path: str, report: Report) -> list[tuple[Scalar, Map]]:
    """The ids and keys of a file that maps ids to keys."""
    text, problems = decode(data, path)
    report.problems += problems
    if text is None:
        return []
    node, problems = parse(text, path, limit=MAX_FILE)
    report.problems += problems
    if node is None:
        return []
    if not isinstance(node, Map):
        report.say(node, "This file maps ids to their keys.", "Write for example:\nfirebox:\n  name: Firebox café")
        return []
    found: list[tuple[Scalar, Map]] = []
    seen: dict[str, Scalar] = {}
    for key, value in node.pairs:
        same = seen.setdefault(fold(key.text), key)
        if same is not key:
            report.say(key, f'"{key.text}" differs only in capitals from "{same.text}" on line {same.line}.', "Give one of the two another id.")
        elif (fault := fault_of_segment(key.text)) or "/" in key.text or key.text.startswith("."):
            report.say(
                key,
                f'"{key.text}" cannot be an id: {fault or "it holds / or starts with a dot"}.',
                "Use letters, digits and hyphens, for example: firebox",
            )
        elif isinstance(value, Map):
            found.append((key, value))
        elif isinstance(value, Scalar) and not is_empty(value):
            found.append((key, Map(((Scalar("name", value.line, value.column), value),), value.line, value.column)))
        else:
            report.say(key, f'"{key.text}" has no keys.', "Give at least a name.")
    return found


def read_people(data: bytes, path: str) -> tuple[dict[str, Person], list[Problem]]:
    """The people of `people.yml` by id."""
    report = Report(path)
    people: dict[str, Person] = {}
    for key, node in _entries(data, path, report):
        values: dict[str, Any] | None = PERSON.read(node, report)
        if values is not None:
            alt, image = values.pop("image_alt", ""), values.pop("image", None)
            people[key.text] = Person(id=key.text, line=key.line, image=to_image(image, alt, key.line) if image else None, **values)
    return people, report.problems


def read_venues(data: bytes, path: str) -> tuple[dict[str, Venue], list[Problem]]:
    """The venues of `venues.yml` by id."""
    record = Record(VENUE_FIELDS, ("name",), unknown="warning", what="in a venue", foreign=VENUE.foreign)
    report = Report(path)
    venues: dict[str, Venue] = {}
    for key, node in _entries(data, path, report):
        values: dict[str, Any] | None = record.read(node, report)
        if values is not None:
            venues[key.text] = Venue(id=key.text, **values)
    return venues, report.problems


def read_data(data: bytes, path: str) -> tuple[object, list[Problem]]:
    """The plain values of a file in data/."""
    text, problems = decode(data, path)
    if text is None:
        return None, problems
    node, problems = parse(text, path, limit=MAX_FILE)
    return to_plain(node), problems
