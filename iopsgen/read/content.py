"""One Markdown or YAML source file into its typed fields: pure, so that it can be kept by digest and run on every processor."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iopsgen.dates import Fault, read_moment
from iopsgen.fields import Report
from iopsgen.markdown import Options, render
from iopsgen.model import ChapterFields, EventFields, Moment, PageFields, PostFields, Registration, Text, Value
from iopsgen.problems import Place, Problem, did_you_mean, error, has_errors, warning
from iopsgen.read.frontmatter import RECORDS, Parts, read_record, split, to_image
from iopsgen.read.sources import decode
from iopsgen.read.tree import chapter_folder
from iopsgen.settings import MarkdownSettings
from iopsgen.slugs import fold, slugify
from iopsgen.yamltext import MAX_BYTES, MAX_FILE, Map, Node, Scalar, parse

AnyFields = PostFields | EventFields | ChapterFields | PageFields
Inherited = tuple[Any, tuple[str, int]]  # a value, and the file and line that give it

_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[-_ ]+(.*))?")
_LANGUAGE = re.compile(r"(.+)\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3})")
_MANY = {"author": "authors", "category": "categories"}
_ONE_TEXT = {  # keys that belong to one text and so cannot be shared by many
    **dict.fromkeys(("slug", "aliases", "canonical"), "Each text has addresses of its own"),
    "uid": "Each event has a uid of its own",
    "translation_of": "Each translation has an original of its own",
    "description": "Each event has a text of its own",
}
RIVALS = {  # key → keys that say the same thing in another way: who writes one does not inherit the others
    "start": ("date", "dates"),
    "date": ("start", "dates"),
    "dates": ("start", "date", "repeat", "rrule"),
    "end": ("duration",),
    "duration": ("end", "end_is_time"),
    "repeat": ("rrule", "dates"),
    "rrule": ("repeat", "dates"),
    "author": ("authors",),
    "authors": ("author",),
    "category": ("categories",),
    "categories": ("category",),
    "image": ("image_alt",),
}
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
    return parts[1] if len(parts) > 2 and parts[0] == "content" and parts[1] in RECORDS else ""


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
    match = _LANGUAGE.fullmatch(stem)
    if match:
        stem, language = match.group(1), match.group(2)
    if stem == "index" and folder.count("/") >= 2:
        stem = folder.rpartition("/")[2]
    return stem, language


def original_path(path: str) -> str:
    """The path without the language in its name: `posts/welcome.fr.md` is `posts/welcome.md`."""
    folder, slash, name = path.rpartition("/")
    stem, ending = os.path.splitext(name)
    match = _LANGUAGE.fullmatch(stem)
    return f"{folder}{slash}{match.group(1)}{ending}" if match else path


def language_in(path: str, languages: Iterable[str]) -> str:
    """The language of the site that stands in the name of a source (`welcome.fr.md`), "" where there is none."""
    written = stem_of(path)[1].replace("_", "-").lower()
    return next((language for language in languages if language.lower() == written), "") if written else ""


def name_of(path: str, languages: Iterable[str], language: str = "") -> str:
    """The slug that a source gets from its path, "" where nothing of its name is left."""
    stem, suffix = stem_of(path)
    if suffix and not language_in(path, languages):
        stem = f"{stem}.{suffix}"
    dated = _DATED.fullmatch(stem) if kind_of(path) in ("posts", "events") else None
    return slugify((dated.group(2) or dated.group(1)) if dated else stem, language)


def read_defaults(data: bytes, path: str, kinds: Sequence[str]) -> tuple[dict[str, dict[str, Inherited]], list[Problem]]:
    """The typed values of a `_defaults.yml` for each of the kinds of source below it, and what is wrong with it, each thing once."""
    found: dict[str, dict[str, Inherited]] = {kind: {} for kind in kinds}
    text, problems = decode(data, path)
    if text is None:
        return found, problems
    node, problems = parse(text, path)
    report = Report(path)
    report.problems += problems
    if isinstance(node, Map):
        seen: dict[str, int] = {}
        for key, value in node.pairs:
            name = RECORDS["pages"].name_of(key)
            if name in seen:
                report.say(key, f'"{key.text}" stands here a second time; the first is on line {seen[name]}.', "Keep one of the two.")
            elif name in _ONE_TEXT:
                report.say(key, f'{_ONE_TEXT[name]}: "{key.text}" cannot be shared.', "Write it into the texts themselves.")
            else:
                _share(name, (key, value), kinds, found, report)
            seen.setdefault(name, key.line)
    elif node is not None:
        report.say(node, "This file is made of keys and values.", "Write for example: chapter: london")
    return found, report.problems


def _share(name: str, pair: tuple[Scalar, Node], kinds: Sequence[str], found: dict[str, dict[str, Inherited]], report: Report) -> None:
    """Reads one key for every kind that knows it; where one of them understands it, the others do without."""
    knowing = [kind for kind in kinds if name in RECORDS[kind].fields]
    if not knowing:
        elsewhere = [kind for kind in RECORDS if name in RECORDS[kind].fields]
        known = {key for kind in kinds for key in RECORDS[kind].fields}
        hint = f"It is one of {' and '.join(elsewhere)}." if elsewhere else did_you_mean(name, known) or f"Possible keys: {', '.join(sorted(known))}."
        report.say(pair[0], f'"{pair[0].text}" is not a key of {" or ".join(kinds)}.', hint, "warning")
    complaints: list[Problem] = []
    for kind in knowing:
        attempt = Report(report.file)
        values = RECORDS[kind].read_pairs((pair,), attempt)
        complaints = complaints or attempt.problems
        if name in values:
            found[kind][name] = values[name], (report.file, pair[0].line)
    if not any(name in found[kind] for kind in knowing):
        report.problems += complaints


def inherit(own: Iterable[str], above: Mapping[str, Inherited]) -> dict[str, Inherited]:
    """What a text, or a nearer `_defaults.yml`, takes from above when it writes the keys `own` itself."""
    own = set(own)
    dropped = own.union(*(RIVALS.get(key, ()) for key in own))
    kept = {key: value for key, value in above.items() if key not in dropped}
    if "image_alt" in own and isinstance(image := kept.get("image", (None,))[0], dict):
        kept["image"] = {key: value for key, value in image.items() if key != "alt"}, kept["image"][1]
    return kept


def read_source(path: str, data: bytes, defaults: Mapping[str, Inherited], context: Context) -> Reading:
    """Reads one source file of content/. `defaults` is what it inherits. Never raises for what is written in it."""
    text, problems = decode(data, path)
    if text is None:
        return Reading(problems=tuple(problems))
    kind = kind_of(path)
    limit = MAX_BYTES
    if path.lower().endswith((".yml", ".yaml")):
        parts, limit = Parts(yaml=text), MAX_FILE
    else:
        parts, problems = split(text, path)
        if problems:
            return Reading(problems=tuple(problems))
    report = Report(path)
    node, found = parse(parts.yaml, path, parts.yaml_line, limit)
    if has_errors(found) and node is None:
        return Reading(problems=tuple(found))
    report.problems += found
    values, lines = read_record(RECORDS[kind], node, report)
    if node is not None and not isinstance(node, Map):
        return Reading(problems=tuple(report.problems))
    inherited: dict[str, tuple[str, int]] = {}
    if defaults:
        kept = inherit(values, defaults)
        inherited = {_main_key(kind, key): place for key, (_, place) in kept.items()}
        values = {**{key: value for key, (value, _) in kept.items()}, **values}
    body, body_line = parts.body, parts.body_line
    if "description" in values:
        body, body_line = values.pop("description") + ("\n\n" + body if body.strip() else ""), lines.get("description", 1)
    fields = _common(path, kind, values, lines, report, context)
    fields["inherited"] = inherited
    options = Options(
        engine=context.markdown.engine,
        language=fields["language"] or _language_near(path, values, context),
        html=context.markdown.trust(path),  # type: ignore[arg-type]
        smart_quotes=context.markdown.smart_quotes,
    )
    html, rendered, said = render(body, options, path, body_line) if body.strip() else ("", Text(), [])
    report.problems += said
    if has_errors(report.problems):
        return Reading(problems=tuple(report.problems))
    made = _CLASSES[kind](**fields, text=rendered)
    return Reading(fields=made, html=html, problems=tuple(report.problems))


def _main_key(kind: str, key: str) -> str:
    """The name that the model has for a key that can be written in two ways."""
    if kind == "events" and key in ("date", "rrule"):
        return "start" if key == "date" else "repeat"
    return _MANY.get(key, key)


def _language_near(path: str, values: Mapping[str, Any], context: Context) -> str:
    """The language of the chapter that a source belongs to, else the site's."""
    if values.get("chapter") in context.chapter_languages:
        return context.chapter_languages[values["chapter"]]
    found = chapter_folder(path, context.chapter_languages)
    return context.chapter_languages[found] if found else context.language


def _common(path: str, kind: str, values: dict[str, Any], lines: dict[str, int], report: Report, context: Context) -> dict[str, Any]:
    """The values of a record as arguments of its struct, after what the path says and what the kind demands."""
    suffix = language_in(path, context.languages)
    if suffix:
        _speak(path, suffix, values, lines, report)
    dated = _DATED.fullmatch(stem_of(path)[0]) if kind in ("posts", "events") else None
    alt = values.pop("image_alt", "")
    if values.get("image") is not None or values.get("translation_of"):
        values["image"] = to_image(values.get("image"), alt, lines.get("image", lines.get("image_alt", 0)))
    for one, many in _MANY.items():
        if one in values:
            values[many] = (*values.get(many, ()), *values.pop(one))
    for key in list(lines):
        lines.setdefault(_main_key(kind, key), lines[key])
    values.setdefault("language", "")
    values["source"] = path
    values["lines"] = lines
    aliases: dict[str, str] = {}
    for alias in values.get("aliases", ()):
        aliases.setdefault(fold(alias.rstrip("/")), alias)
    values["aliases"] = tuple(aliases.values())
    if kind == "posts" and values.get("date") is None and dated:
        moment = read_moment(dated.group(1))
        values["date"] = moment if isinstance(moment, Moment) else None
        if isinstance(moment, Fault):
            report.problems.append(error(f"The date in the name of this file does not exist. {moment.message}", Place(path, 1, 1), moment.hint))
    _demand(kind, values, lines, report, dated is not None)
    language = values["language"] or _language_near(path, values, context)
    slug = values.get("slug") or name_of(path, context.languages, language) or slugify(values.get("title", ""), language)
    if not slug:
        report.problems.append(error("This file has no name that could be an address.", Place(path, 1, 1), "Add for example: slug: welcome"))
    values["slug"] = slug
    if kind == "events":
        _arrange_event(values, lines, report)
    return values


def _speak(path: str, suffix: str, values: dict[str, Any], lines: dict[str, int], report: Report) -> None:
    """Takes the language from the name of the file, and with it what the text is a translation of."""
    if "language" in lines and values.get("language") not in (None, suffix):
        message = f'The name of this file says "{suffix}", and the key language says "{values["language"]}"; the key counts.'
        report.problems.append(warning(message, Place(path, lines["language"], 1), "Rename the file, or correct the key."))
        return
    values["language"] = suffix
    values.setdefault("translation_of", original_path(path))


def _demand(kind: str, values: dict[str, Any], lines: dict[str, int], report: Report, dated: bool) -> None:
    """What a source of this kind must have, `dated` by its name or not."""

    def missing(key: str, example: str) -> None:
        hint = f"Write between the --- lines at the top: {key}: {example}"
        report.problems.append(error(f"The {key} is missing.", Place(report.file, 1, 1), hint))

    if not values.get("title") and "title" not in lines:
        missing("title", "Welcome to our group")
    if values.get("translation_of"):
        return  # it takes the rest from its original
    if kind == "posts" and not dated and values.get("date") is None and "date" not in lines:
        missing("date", "2026-10-28")
    undated = values.get("status") in ("postponed", "cancelled") or values.get("time") == "tba"
    if kind == "events" and not undated and not any(values.get(key) or key in lines for key in ("start", "date", "dates")):
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
