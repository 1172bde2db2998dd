"""Reads the data files that Staticman and its relatives commit: one comment in each (YAML, JSON or front matter), a folder for each page."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from iopsgen.importers.comments.bodies import from_html, from_markdown
from iopsgen.importers.comments.foreign import MOST, Choices, Foreign, Found, Passed, Remark, State
from iopsgen.importers.comments.jsontext import as_list, as_map, as_text, read_value
from iopsgen.importers.comments.looseyaml import read_yaml
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import NOT_UTF8, Source, Unreadable, decode, read_whole
from iopsgen.model import Value
from iopsgen.problems import Place, Problem
from iopsgen.read.comments import Format, Signals

_FILE = 1024 * 1024  # bytes

# What the forms of themes call these things, in small letters without signs. Of several the first that is filled in counts.
_BODY = ("message", "body", "comment", "content", "text")
_NAME = ("name", "author", "username", "displayname")
_URL = ("url", "website", "authorurl", "site", "link")
_DATE = ("date", "created", "createdat", "timestamp", "time", "published", "publishedat", "updated")
_IDS = ("id", "uid", "commentid")
_PAGES = ("page", "permalink", "pageurl", "posturl", "pageid", "postid", "post", "slug", "entryid", "path", "origin")
_ANSWERS = ("replyingtouid", "replytouid", "replytoid", "replyid", "inreplyto", "replyto", "replyingto", "parentid", "replythread", "rootid")
_TRAPS = ("hidden", "honeypot", "botpot", "gotcha", "fax")

_SIGNS = re.compile(r"[^a-z0-9]")
_STAMP = re.compile(r"(?:^|[^0-9])([0-9]{13}|[0-9]{10})(?:[^0-9]|$)")
_SAFE_ID = 16  # characters: a shorter one counts within its page only


class _Entry(Value, frozen=True, kw_only=True):
    """One comment as it stands in a file: its fields by their names without signs, and where it lies."""

    fields: dict[str, object]
    group: str  # the folder, or the file that holds several
    stem: str  # name of the file without its ending
    place: Place
    file: str


def read_all(sources: Iterable[Source | Remark | Problem], choices: Choices) -> Iterator[Found]:
    """The comments of all files. They are given at the end, since answers may name what they answer by its place among the others."""
    entries: list[_Entry] = []
    size = 0
    for source in sources:
        if not isinstance(source, Source):
            yield source
            continue
        try:
            text, expected = decode(read_whole(source, _FILE))
            if not expected:
                yield Remark(NOT_UTF8, source.place())
            for entry in _entries(source, text):
                if entry is None:
                    yield Passed("holding no comment", source.place())
                    continue
                entries.append(entry)
                size += len(_first(entry.fields, _BODY))
        except Unreadable as fault:
            yield Passed("in files that cannot be read", source.place())
            yield fault.problem(str(source.path))
        if size > MOST:
            yield Unreadable("There is too much text in these files; the rest was not read.", "Import folder by folder.").problem(str(source.path))
            break
    answers = _Answers(entries)
    for entry in entries:
        yield _comment(entry, answers, choices)


# --- files -------------------------------------------------------------------------------------------------------------


def _entries(source: Source, text: str) -> Iterator[_Entry | None]:
    """The comments of a file; None for something in it that is none."""
    stem, _, ending = source.path.name.rpartition(".")
    value = read_value(text.encode("utf-8", "replace")) if ending.lower() == "json" else _read_front_matter(text)
    folder, _, _ = source.name.rpartition("/")
    folder = folder or source.path.absolute().parent.name
    found = value if isinstance(value, dict) else {}
    if _is_comment(found):
        yield _Entry(fields=_without_signs(found), group=folder, stem=stem, place=source.place(), file=source.name)
        return
    # Several in one file: a list, a map of them by id, or either below the key `comments`. Its name is that of the page.
    inner = found.get("comments", value)
    several = list(inner.items()) if isinstance(inner, dict) else [(f"{n:05}", one) for n, one in enumerate(as_list(inner), 1)]
    if not several:
        yield None
    group = f"{folder}/{stem}" if "/" in source.name else stem
    for name, one in several:
        if isinstance(one, dict) and _is_comment(one):
            fields = _without_signs(one)
            yield _Entry(fields=fields, group=group, stem=str(name), place=source.place(), file=source.name)
        else:
            yield None


def _read_front_matter(text: str) -> object:
    """YAML; what stands behind a second line of three hyphens is the text of the comment."""
    if text.startswith("---"):
        head, mark, body = re.sub("\r\n?", "\n", text).partition("\n---\n")
        if mark and body.strip():
            value = read_yaml(head)
            return {**value, "message": body.strip("\n")} if isinstance(value, dict) and not _first(_without_signs(value), _BODY) else value
    return read_yaml(text)


def _is_comment(found: dict[str, object]) -> bool:
    fields = _without_signs(found)
    return any(name in fields and not isinstance(fields[name], (dict, list)) for name in _BODY)


def _without_signs(found: dict[str, object]) -> dict[str, object]:
    return {_SIGNS.sub("", str(key).lower()): value for key, value in reversed(found.items())}


def _first(fields: dict[str, object], names: Iterable[str]) -> str:
    """The first of several fields that holds a text, without space around it."""
    for name in names:
        text = as_text(fields.get(name)).strip()
        if text:
            return text
    return ""


# --- what answers what -------------------------------------------------------------------------------------------------


class _Answers:
    """Finds what an answer answers, by id, by the name of a file, or by its place among the comments of the page that answer none.

    The places are counted from 1 in the order of the file names, as themes count them that show the comments of a folder.
    """

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self.ids: dict[str, list[_Entry]] = {}
        self.stems: dict[tuple[str, str], _Entry] = {}
        self.tops: dict[str, list[_Entry]] = {}
        for entry in entries:
            self.stems[entry.group, entry.stem] = entry
            if ident := _first(entry.fields, _IDS):
                self.ids.setdefault(ident, []).append(entry)
        for entry in self.stems.values():
            if not self.wanted(entry):
                self.tops.setdefault(entry.group, []).append(entry)
        for tops in self.tops.values():
            tops.sort(key=lambda e: e.stem)

    def wanted(self, entry: _Entry) -> str:
        """What a comment says that it answers, or an empty text. `_parent` may be that, or the page, or the comment itself."""
        named = _first(entry.fields, _ANSWERS)
        parent = _first(entry.fields, ("parent",))
        ours = "page" in entry.fields  # our own form, which names the page and puts the id of the inbox into `_parent`
        if not named and parent and (ours or parent in self.ids or (parent.isdecimal() and len(parent) < 6)):
            named = parent
        return "" if named == _first(entry.fields, _IDS) or named in ("0", "null", "None", "undefined") else named

    def find(self, entry: _Entry) -> str:
        """The `id` (as in `_name_of`) of what a comment answers; of one that is not there what it would be."""
        named = self.wanted(entry)
        if not named:
            return ""
        for name in (named, named.removeprefix("#"), re.sub("^#?comment-?", "", named)):
            same = self.ids.get(name, [])
            found = next((e for e in same if e.group == entry.group), same[0] if len(same) == 1 and len(name) >= _SAFE_ID else None)
            found = found or self.stems.get((entry.group, name))
            if found is not None and found is not entry:
                return _name_of(found)
        tops = self.tops.get(entry.group, [])
        if named.isdecimal() and len(named) < 6 and 1 <= int(named) <= len(tops):
            return _name_of(tops[int(named) - 1])
        return named if len(named) >= _SAFE_ID or "page" in entry.fields else f"{entry.group}.{named}"


def _name_of(entry: _Entry) -> str:
    """What a comment is called within this import."""
    return _key(entry) or f"{entry.group}/{entry.stem}"


def _key(entry: _Entry) -> str:
    """The id that a comment has there; a short one with its page, since it counts in that only. Empty without one."""
    ident = _first(entry.fields, _IDS)
    return ident if len(ident) >= _SAFE_ID or not ident else f"{entry.group}.{ident}"


# --- comments ----------------------------------------------------------------------------------------------------------


def _comment(entry: _Entry, answers: _Answers, choices: Choices) -> Foreign:
    fields = entry.fields
    author = as_map(fields.get("author"))
    body, form = _body(_first(fields, _BODY), choices)
    return Foreign(
        place=entry.place,
        file=entry.file,
        id=_name_of(entry),
        key=_key(entry),
        parent=answers.find(entry),
        pages=_pages(entry, answers),
        received=_date(entry, choices),
        body=body,
        format=form,
        name=_first(fields, _NAME) or _first(author, ("name",)),
        url=_first(fields, _URL if "url" not in fields else ("url",)) or _first(author, ("website", "url")),
        language=_first(fields, ("language", "lang")),
        state=_state(fields),
        signals=Signals(honeypot=_first(fields, (*_TRAPS, "website") if "url" in fields else _TRAPS).lower() not in ("", "false", "0", "no")),
    )


def _body(text: str, choices: Choices) -> tuple[str, Format]:
    if choices.format == "html":
        return from_html(text)
    return (text, choices.format) if choices.format else from_markdown(text)


def _pages(entry: _Entry, answers: _Answers) -> tuple[str, ...]:
    """The names of the page: paths that the comment holds, the folder it lies in, other names that it holds."""
    parent = _first(entry.fields, ("parent",))
    named = [as_text(entry.fields.get(name)).strip() for name in _PAGES]
    if parent and "page" not in entry.fields and parent not in answers.ids and not parent.isdecimal():
        named.append(parent)
    paths = [name for name in named if "/" in name]
    return tuple(dict.fromkeys(filter(None, (*paths, entry.group, *named, entry.group.rpartition("/")[2]))))


def _date(entry: _Entry, choices: Choices) -> datetime | None:
    """When it was received: what a field says, else the moment in the name of the file (`comment-1471818805944.yml`)."""
    for name in _DATE:
        if found := read_date(as_text(entry.fields.get(name)), choices.zone, choices.day_first):
            return found
    stamp = _STAMP.search(entry.stem)
    return read_date(stamp[1], "UTC") if stamp else None


def _state(fields: dict[str, object]) -> State:
    """What the file says of its own state; a file that says nothing was let in by somebody."""

    def says(name: str) -> str:
        return str(fields.get(name, "")).strip().lower()

    status = says("status") or says("state")
    if status in ("spam", "deleted", "pending", "approved"):
        return status  # type: ignore[return-value]
    if says("spam") == "true" or status == "rejected":
        return "spam"
    if says("deleted") == "true":
        return "deleted"
    return "pending" if "false" in (says("approved"), says("published"), says("visible")) else "approved"
