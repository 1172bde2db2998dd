"""One Markdown or YAML source file into its typed fields: pure, so that it can be kept by digest and run on every processor."""

import os
import re
from collections.abc import Mapping
from typing import Any

from iopsgen.dates import Fault, read_moment
from iopsgen.fields import Report
from iopsgen.markdown import Options, render
from iopsgen.model import ChapterFields, EventFields, Moment, PageFields, PostFields, Registration, Text, Value
from iopsgen.problems import Place, Problem, error
from iopsgen.read.frontmatter import RECORDS, Parts, read_record, split, to_image
from iopsgen.read.sources import decode
from iopsgen.settings import MarkdownSettings
from iopsgen.slugs import slugify
from iopsgen.yamltext import parse

AnyFields = PostFields | EventFields | ChapterFields | PageFields

_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[-_ ]+(.+))?")
_CLASSES: dict[str, type[AnyFields]] = {"posts": PostFields, "events": EventFields, "chapters": ChapterFields, "pages": PageFields}


class Context(Value, frozen=True, kw_only=True):
    """What the reading of one source depends on besides its bytes, its path and the defaults above it."""

    markdown: MarkdownSettings
    language: str
    languages: tuple[str, ...]
    chapter_languages: dict[str, str] = {}  # id of a chapter → its language
    program: str = ""  # digest of the program, so that an upgrade reads again


class Reading(Value, frozen=True, kw_only=True):
    """What one source came to: its fields (None after an error), its HTML, and the problems found."""

    fields: AnyFields | None = None
    html: str = ""
    problems: tuple[Problem, ...] = ()


def kind_of(path: str) -> str:
    """posts, events, chapters or pages: by the folder of content/ that a source lies in ("" elsewhere)."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in RECORDS else ""


def is_source(path: str) -> bool:
    """Whether a file is a text to be read rather than a file to be copied."""
    name, suffix = os.path.splitext(path.rsplit("/", 1)[-1])
    if suffix.lower() in (".md", ".markdown"):
        return True
    return suffix.lower() in (".yml", ".yaml") and kind_of(path) == "events" and name != "_defaults"


def stem_of(path: str) -> tuple[str, str]:
    """The name that a source has from its path, without date prefix cut: `posts/welcome/index.fr.md` is ("welcome", "fr").

    The second value is what stands between name and ending, if it looks like a language code.
    """
    folder, _, name = path.rpartition("/")
    stem = os.path.splitext(name)[0]
    language = ""
    match = re.fullmatch(r"(.+)\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)", stem)
    if match:
        stem, language = match.group(1), match.group(2)
    if stem == "index" and folder.count("/") >= 2:
        stem = folder.rpartition("/")[2]
    return stem, language


def read_defaults(data: bytes, path: str, kind: str) -> tuple[dict[str, Any], list[Problem]]:
    """The typed values of a `_defaults.yml` for one kind of source; keys of other kinds pass."""
    text, problems = decode(data, path)
    if text is None:
        return {}, problems
    node, problems = parse(text, path)
    report = Report(path)
    values, _ = read_record(RECORDS[kind], node, report)
    known = {key for record in RECORDS.values() for key in record.fields}
    found = [p for p in report.problems if not (p.severity == "warning" and any(f'"{key}" is not a key' in p.message for key in known))]
    return values, [*problems, *found]


def read_source(path: str, data: bytes, defaults: Mapping[str, Any], context: Context) -> Reading:
    """Reads one source file of content/. Never raises for what is written in it."""
    text, problems = decode(data, path)
    if text is None:
        return Reading(problems=tuple(problems))
    kind = kind_of(path)
    if path.lower().endswith((".yml", ".yaml")):
        parts = Parts(yaml=text.replace("\r\n", "\n").replace("\r", "\n"))
    else:
        parts, problems = split(text, path)
        if problems:
            return Reading(problems=tuple(problems))
    report = Report(path)
    node, found = parse(parts.yaml, path, parts.yaml_line)
    if any(p.severity == "error" for p in found) and node is None:
        return Reading(problems=tuple(found))
    report.problems += found
    own, lines = read_record(RECORDS[kind], node, report)
    values = {**defaults, **own}
    body, body_line = parts.body, parts.body_line
    if "description" in values:
        body, body_line = values.pop("description") + ("\n\n" + body if body.strip() else ""), lines.get("description", 1)
    fields = _common(path, kind, values, lines, report, context)
    options = Options(
        engine=context.markdown.engine,
        language=fields["language"] or _language_near(path, values, context),
        html=context.markdown.trust(path),  # type: ignore[arg-type]
        smart_quotes=context.markdown.smart_quotes,
    )
    html, rendered, said = render(body, options, path, body_line) if body.strip() else ("", Text(), [])
    report.problems += said
    if any(p.severity == "error" for p in report.problems):
        return Reading(problems=tuple(report.problems))
    made = _CLASSES[kind](**fields, text=rendered)
    return Reading(fields=made, html=html, problems=tuple(report.problems))


def _language_near(path: str, values: Mapping[str, Any], context: Context) -> str:
    """The language of the chapter that a source belongs to, else the site's."""
    if values.get("chapter") in context.chapter_languages:
        return context.chapter_languages[values["chapter"]]
    for folder in reversed(path.split("/")[2:-1]):
        if folder in context.chapter_languages:
            return context.chapter_languages[folder]
    return context.language


def _common(path: str, kind: str, values: dict[str, Any], lines: dict[str, int], report: Report, context: Context) -> dict[str, Any]:
    """The values of a record as arguments of its struct, after what the path says and what the kind demands."""
    stem, suffix = stem_of(path)
    if suffix and suffix not in context.languages:
        stem, suffix = f"{stem}.{suffix}", ""
    dated = _DATED.fullmatch(stem) if kind in ("posts", "events") else None
    name = (dated.group(2) or dated.group(1)) if dated else stem
    values["image"] = to_image(values.get("image"), values.pop("image_alt", ""), lines.get("image", 0))
    for one, many in (("author", "authors"), ("category", "categories")):
        if one in values:
            values[many] = (*values.get(many, ()), *values.pop(one))
    if suffix and not values.get("language"):
        values["language"] = suffix
        values.setdefault("translation_of", path.replace(f".{suffix}.", "."))
    values.setdefault("language", "")
    values["source"] = path
    values["lines"] = lines
    values["aliases"] = tuple(a if a.startswith("/") else "/" + a for a in values.get("aliases", ()))
    if kind == "posts" and values.get("date") is None and dated:
        moment = read_moment(dated.group(1))
        values["date"] = moment if isinstance(moment, Moment) else None
    _demand(kind, values, lines, report)
    slug = values.get("slug") or slugify(name, values["language"] or context.language) or slugify(values.get("title", ""), values["language"])
    if not slug:
        report.problems.append(error("This file has no name that could be an address.", Place(path), "Add for example: slug: welcome"))
    values["slug"] = slug
    if kind == "events":
        _arrange_event(values, lines, report)
    return values


def _demand(kind: str, values: dict[str, Any], lines: dict[str, int], report: Report) -> None:
    """What a source of this kind must have."""

    def missing(key: str, example: str) -> None:
        if not any(p.severity == "error" and p.place and p.place.line == lines.get(key) for p in report.problems):
            report.problems.append(
                error(f"The {key} is missing.", Place(report.file, 1, 1), f"Write between the --- lines at the top: {key}: {example}")
            )

    if not values.get("title"):
        missing("title", "Welcome to our group")
    if kind == "posts" and values.get("date") is None and not values.get("translation_of"):
        missing("date", "2026-10-28")
    if (
        kind == "events"
        and not values.get("translation_of")
        and not (values.get("start") or values.get("date") or values.get("dates"))
        and values.get("status") not in ("postponed", "cancelled")
        and values.get("time") != "tba"
    ):
        missing("start", "2026-10-28 19:30")


def _arrange_event(values: dict[str, Any], lines: dict[str, int], report: Report) -> None:
    """The keys of an event whose form in the file differs from that in the model."""

    def clash(key: str, other: str) -> None:
        place = Place(report.file, lines.get(key, 1), 1)
        report.problems.append(error(f'"{key}" and "{other}" say the same thing twice.', place, f"Keep one of {key} and {other}."))

    date = values.pop("date", None)
    if date is not None:
        if values.get("start"):
            clash("date", "start")
        values["start"] = date
    end = values.pop("end", None)
    if end is not None:
        values["end"], values["end_is_time"] = end
        if values.get("duration"):
            clash("duration", "end")
    rrule = values.pop("rrule", None)
    if rrule is not None:
        if values.get("repeat"):
            clash("rrule", "repeat")
        values["repeat"] = rrule
    if values.get("dates") and (values.get("repeat") or values.get("start")):
        clash("dates", "repeat" if values.get("repeat") else "start")
    values["time_tba"] = values.pop("time", "") == "tba"
    register = values.get("register")
    if isinstance(register, str):
        values["register"] = Registration(url=register)
