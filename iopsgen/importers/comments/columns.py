"""Tells which column of a form service's table holds which part of a comment, and makes comments from its rows."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from iopsgen.importers.comments.foreign import Choices, Foreign, State
from iopsgen.importers.comments.moments import read_date
from iopsgen.model import Value
from iopsgen.problems import Place, Problem, did_you_mean, error
from iopsgen.read.comments import Format, Signals

# Field → what services and people call it, in small letters without signs. The first that a table has counts.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "submissionid", "responseid", "entryid", "uuid", "commentid"),
    "page": ("page", "pageurl", "pageaddress", "permalink", "post", "slug", "path", "referrer", "referer", "pagetitle"),
    "received": (
        "received", "createdat", "submittedat", "submissiondate", "submitted", "date", "timestamp", "created", "datetime", "time",
        "zeitstempel", "marcatemporal", "horodateur", "informazionicronologiche", "carimbodedatahora", "طابعزمني", "datum",
    ),
    "body": (
        "body", "comment", "message", "yourcomment", "yourmessage", "comments", "text", "content", "kommentar", "ihrkommentar", "nachricht",
        "comentario", "sucomentario", "mensaje", "commentaire", "votrecommentaire", "commento", "messaggio", "comentário", "mensagem", "تعليق",
    ),
    "name": ("name", "yourname", "author", "fullname", "ihrname", "nombre", "sunombre", "nom", "votrenom", "nome", "الاسم", "displayname"),
    "url": ("url", "yourwebsite", "homepage", "website", "webseite"),
    "parent": ("parent", "inreplyto", "replyto", "replyingto", "parentid"),
    "language": ("language", "lang", "locale"),
    "format": ("format",),
    "status": ("status", "state"),
    "honeypot": ("honeypot", "gotcha", "botfield", "website"),
}  # fmt: skip
_SIGNS = re.compile(r"[\W_]+")
_LONG_ENOUGH = 8  # characters of an id: shorter ones are numbers of rows, which begin anew in each file


class Columns(Value, frozen=True):
    """Which column holds which field, and which columns hold none."""

    of: dict[str, str]
    unused: tuple[str, ...]


def plain(header: str) -> str:
    """The name of a column in small letters without signs and spaces."""
    return _SIGNS.sub("", header.casefold())


def match(headers: Iterable[str], choices: Choices, place: Place) -> tuple[Columns, list[Problem]]:
    """Finds the columns by what was decided, else by their names. An error where there is no text, or a column that was named is missing.

    A column `website` is the trap of our form where there is a column `url` too, and the address of whoever wrote where there is none.
    """
    headers = list(dict.fromkeys(h for h in headers if h.strip()))
    by_name = {plain(h): h for h in reversed(headers)}
    problems: list[Problem] = []
    of: dict[str, str] = {}
    for field, wanted in choices.columns.items():
        found = wanted if wanted in headers else by_name.get(plain(wanted), "")
        if wanted and not found:
            hint = did_you_mean(wanted, headers) or f"Its columns are: {', '.join(headers[:30])}."
            problems.append(error(f'There is no column "{wanted}" for {field}.', place, hint))
        of[field] = found
    taken = set(of.values())
    for field, names in NAMES.items():
        if field not in of:
            of[field] = next((by_name[n] for n in names if n in by_name and by_name[n] not in taken), "")
            taken.add(of[field])
    if not of["body"] and not problems:
        columns = ", ".join(headers[:30]) or "none"
        problems.append(error(f"No column of this table is known to hold the comments. Its columns: {columns}.", place, 'Name it: --map body="…".'))
    return Columns({f: c for f, c in of.items() if c}, tuple(h for h in headers if h not in taken)), problems


def comment_of(row: Mapping[str, str], columns: Columns, choices: Choices, place: Place, file: str) -> Foreign:
    """The comment of a row."""

    def value(field: str) -> str:
        return row.get(columns.of.get(field, ""), "").strip()

    ident, page = value("id"), value("page")
    return Foreign(
        place=place,
        file=file,
        id=ident,
        key=ident if len(ident) >= _LONG_ENOUGH else "",
        parent=value("parent"),
        scope=file,
        pages=(page,) if page else (),
        title=page if page and "/" not in page else "",
        received=_received(value("received"), choices),
        body=row.get(columns.of["body"], ""),
        format=_format(value("format"), choices),
        name=value("name"),
        url=value("url"),
        language=value("language"),
        state=_state(value("status"), choices),
        signals=Signals(honeypot=value("honeypot").casefold() not in ("", "false", "0", "no")),
    )


def _received(text: str, choices: Choices) -> datetime | None:
    return read_date(text, choices.zone, choices.day_first)


def _format(word: str, choices: Choices) -> Format:
    if choices.format:
        return choices.format
    return "text" if word == "text" else "markdown"


def _state(word: str, choices: Choices) -> State:
    known: dict[str, State] = {"approved": "approved", "pending": "pending", "spam": "spam", "deleted": "deleted"}
    return known.get(word.casefold(), choices.status)
