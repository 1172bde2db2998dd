"""Front matter: where it ends, where the text begins, and the records that give each key its type."""

import re
from datetime import datetime
from typing import Any

from iopsgen.dates import Fault, read_moment, read_time
from iopsgen.fields import (
    Anything,
    Country,
    Either,
    Email,
    Field,
    Flag,
    Geo,
    Language,
    ListOf,
    MomentField,
    Name,
    OldAddress,
    OneOf,
    Parsed,
    Record,
    Report,
    Schema,
    Table,
    Text,
    WebAddress,
    Whole,
    Zone,
    duration,
)
from iopsgen.model import After, Change, Image, Moment, Registration, Value, Venue
from iopsgen.problems import Place, Problem, error
from iopsgen.recurrence import read_repeat, read_rrule
from iopsgen.settings import LinksField
from iopsgen.yamltext import Map, Node, Scalar, explain_unspaced, is_empty


class Parts(Value, frozen=True, kw_only=True):
    """A source file cut in two; lines count from 1. `yaml` is empty where there is no front matter."""

    yaml: str = ""
    yaml_line: int = 1
    body: str = ""
    body_line: int = 1


def split(text: str, file: str) -> tuple[Parts, list[Problem]]:
    """Cuts a file at its `---` lines. LF, CRLF and a byte order mark are fine."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while text.startswith("\n", start):
        start += 1
    first = text.find("\n", start)
    opening = text[start : first if first >= 0 else None].rstrip()
    if opening == "+++":
        hint = "Put lines of --- around the keys instead, and write each as key: value."
        return Parts(), [error("This front matter is written in TOML, which is not read here.", Place(file, text.count("\n", 0, start) + 1, 1), hint)]
    if opening != "---":
        following = text[first + 1 : first + 200].lstrip("\n").partition("\n")[0] if first >= 0 else ""
        return Parts(body=text), _explain_opening(opening, following, Place(file, text.count("\n", 0, start) + 1, 1))
    skipped = text.count("\n", 0, start) + 1  # lines before and with the opening `---`
    position = first + 1 if first >= 0 else len(text)
    begin = position
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if text.startswith(("---", "..."), position) and text[position:end].rstrip() in ("---", "..."):
            yaml = text[begin:position]
            return Parts(yaml=yaml, yaml_line=skipped + 1, body=text[end + 1 :], body_line=skipped + yaml.count("\n") + 2), []
        position = end + 1
    place = Place(file, skipped, 1)
    return Parts(), [error("The front matter that starts here never ends.", place, "Write a line with only --- below the last key.")]


def _explain_opening(line: str, following: str, place: Place) -> list[Problem]:
    """Why a file that starts with keys, or with other dashes above keys, has no front matter; nothing for one that starts with its text."""
    if re.fullmatch(r"[-\u2010-\u2015\u2212_=~]{2,}", line) and _starts_with_key(following):
        return [error(f'"{line[:40]}" does not begin the front matter.', place, "Write three hyphens there, and nothing else: ---")]
    if _starts_with_key(line):
        hint = "Write a line with only --- above the first key, and another one below the last key."
        return [error("The file starts with keys, but there is no line of --- before them.", place, hint)]
    return []


def _starts_with_key(line: str) -> bool:
    key = re.match(r"([A-Za-z_-]+)[ \t]*:", line)
    return key is not None and key[1].lower().replace("-", "_") in {name for record in RECORDS.values() for name in record.fields}


class TimeField(OneOf):
    """`tba`, where the day of an event is known and the time is not."""

    def __init__(self) -> None:
        super().__init__("tba", also={"tbc": "tba", "tbd": "tba"})

    def read(self, node: Node, report: Report) -> str | None:
        if isinstance(node, Scalar) and not isinstance(read := read_time(node.text), Fault):
            hint = f"Write it behind the date, as in start: 2026-10-28 {read:%H:%M}"
            report.say(node, "The time of an event belongs to its start; time says only that it is not known yet (tba).", hint)
            return None
        return super().read(node, report)


class MomentOrTime(Field):
    """A date, a date and time, or a time alone: then of a day that is named elsewhere."""

    example = "17:00"

    def read(self, node: Node, report: Report) -> tuple[Moment, bool] | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        time = read_time(text)
        if not isinstance(time, Fault):
            return Moment(datetime.combine(datetime(1900, 1, 1), time), None, True, node.line, node.column), True
        moment = read_moment(text)
        if isinstance(moment, Fault):
            report.say(node, moment.message, moment.hint)
            return None
        return Moment(moment.wall, moment.offset, moment.has_time, node.line, node.column), False

    def schema(self) -> Schema:
        return {"type": "string", "examples": ["17:00", "2026-10-28 17:00", "2026-10-29"]}


_MOMENT = MomentField()
_NAMES = ListOf(Text(example="london"), commas=True)
_ACCESS = ListOf(Text(example="wheelchair"), commas=True)

IMAGE = Either(
    Text(example="cafe.jpg"),
    Record(
        {"src": Text(example="cafe.jpg"), "alt": Text(), "credit": Text(), "decorative": Flag()},
        ("src",),
        unknown="warning",
        what="under image",
        foreign=dict.fromkeys(("url", "path", "file"), "The key for this is src."),
    ),
)

VENUE_FIELDS: dict[str, Field] = {
    "name": Text(),
    "address": Text(),
    "city": Text(),
    "country": Country(),
    "geo": Geo(),
    "url": WebAddress(),
    "access": _ACCESS,
    "timezone": Zone(),
}
_VENUE_WORDS = {
    **dict.fromkeys(("street", "location"), "The key for this is address."),
    **dict.fromkeys(("town", "place"), "The key for this is city."),
    **dict.fromkeys(("website", "web"), "The key for this is url."),
    **dict.fromkeys(("lat", "latitude", "lon", "longitude", "coordinates"), "Write both as geo: [51.5072, -0.1276]"),
    "accessibility": "The key for this is access.",
}
VENUE = Record(VENUE_FIELDS, ("name",), make=Venue, unknown="warning", what="in a venue", foreign=_VENUE_WORDS)

PERSON = Record(
    {"name": Text(), "url": WebAddress(), "bio": Text(long=True), "image": IMAGE, "image_alt": Text(), "chapter": Name(), "links": LinksField()},
    ("name",),
    unknown="warning",
    what="for a person",
    foreign={
        **dict.fromkeys(("photo", "picture", "avatar"), "The key for this is image."),
        **dict.fromkeys(("website", "web", "homepage"), "The key for this is url."),
        **dict.fromkeys(("email", "mail"), "Write it as a link, if it may be public: links: {Mail: ada@example.org}"),
        **dict.fromkeys(("description", "about"), "The key for this is bio."),
    },
)

COMMON: dict[str, Field] = {
    "title": Text(),
    "slug": Name(),
    "summary": Text(),
    "image": IMAGE,
    "image_alt": Text(),
    "language": Language(),
    "translation_of": Text(example="welcome"),
    "draft": Flag(),
    "publish": _MOMENT,
    "expires": _MOMENT,
    "updated": _MOMENT,
    "aliases": ListOf(OldAddress()),
    "featured": Flag(),
    "noindex": Flag(),
    "canonical": WebAddress(),
    "elsewhere": LinksField(),
    "template": Name(),
    "extra": Table(Anything()),
}

# Words that Jekyll, Hugo, WordPress exports and habit bring along.
_FOREIGN = {
    "published": "Write draft: true to keep a text off the site, and publish: 2026-10-28 to show it from a day on.",
    **dict.fromkeys(("publishdate", "pubdate", "publish_date"), "The key for this is publish."),
    **dict.fromkeys(("expirydate", "expiry_date", "unpublishdate", "expire"), "The key for this is expires."),
    **dict.fromkeys(("lastmod", "modified", "last_modified_at", "last_modified"), "The key for this is updated."),
    **dict.fromkeys(("description", "excerpt", "subtitle", "abstract"), "The key for this is summary."),
    **dict.fromkeys(("permalink", "url"), "The key for the last part of the address is slug; for addresses of before, aliases."),
    **dict.fromkeys(("redirect_from", "redirects", "alias"), "The key for this is aliases."),
    **dict.fromkeys(("cover", "thumbnail", "featured_image", "picture", "photo", "images"), "The key for this is image."),
    **dict.fromkeys(("lang", "locale"), "The key for this is language."),
    **dict.fromkeys(("keywords", "tag"), "The key for this is tags."),
    "layout": "The key for this is template; it is rarely needed.",
}

POST = Record(
    {
        **COMMON,
        "date": _MOMENT,
        "authors": _NAMES,
        "author": _NAMES,
        "chapter": Name(),
        "categories": _NAMES,
        "category": _NAMES,
        "tags": _NAMES,
        "series": Text(),
        "event": Text(example="welcome-event"),
        "comments": OneOf("open", "closed", "off", also={"true": "open", "yes": "open", "false": "off", "no": "off"}),
    },
    ("title",),
    unknown="warning",
    what="in a post",
    foreign=_FOREIGN,
)

_PLACE = Either(Text(example="firebox"), VENUE)


class ChangesField(Field):
    """What differs for single occurrences: original date → `cancelled`, or keys."""

    example = "{2026-12-07: cancelled}"
    keys = Record(
        {
            "start": MomentOrTime(),
            "end": MomentOrTime(),
            "title": Text(),
            "note": Text(),
            "venue": _PLACE,
            "online": WebAddress(),
            "status": OneOf("scheduled", "cancelled"),
            "cancelled": Flag(),
        },
        unknown="warning",
        what="in a change",
    )

    def read(self, node: Node, report: Report) -> tuple[Change, ...]:
        if not isinstance(node, Map):
            report.say(node, "Changes are named by their original date.", "Write for example:\nchanges:\n  2026-12-07: cancelled")
            return ()
        found = []
        for key, value in node.pairs:
            original = _MOMENT.read(key, report)
            if original is None:
                continue
            if isinstance(value, Scalar):
                if value.text.strip().lower() not in ("cancelled", "canceled"):
                    report.say(
                        value,
                        f'"{value.text}" is not understood as a change.',
                        "Write cancelled, or keys such as {start: 2026-12-08 19:00, note: room taken}.",
                    )
                    continue
                found.append(Change(original=original, cancelled=True, line=key.line))
                continue
            values: dict[str, Any] = self.keys.read(value, report) or {}
            end, is_time = values.pop("end", (None, False))
            start, start_is_time = values.pop("start", (None, False))
            cancelled = values.pop("cancelled", False) or values.pop("status", "") == "cancelled"
            found.append(
                Change(
                    original=original,
                    cancelled=cancelled,
                    start=start,
                    start_is_time=start_is_time,
                    end=end,
                    end_is_time=is_time,
                    line=key.line,
                    **values,
                )
            )
        return tuple(found)

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"anyOf": [{"const": "cancelled"}, self.keys.schema()]}}


REGISTER = Record(
    {"url": WebAddress(mail=True), "until": _MOMENT, "capacity": Whole(1), "price": Text(example="free"), "status": OneOf("open", "full", "closed")},
    make=Registration,
    unknown="warning",
    what="under register",
)

EVENT = Record(
    {
        **COMMON,
        "start": _MOMENT,
        "date": _MOMENT,
        "end": MomentOrTime(),
        "duration": duration(),
        "timezone": Zone(),
        "venue": _PLACE,
        "online": WebAddress(),
        "status": OneOf(
            "scheduled",
            "tentative",
            "cancelled",
            "postponed",
            "moved-online",
            also={"canceled": "cancelled", "confirmed": "scheduled", "online": "moved-online"},
        ),
        "reason": Text(),
        "was": _MOMENT,
        "organisers": _NAMES,
        "chapter": Name(),
        "categories": _NAMES,
        "category": _NAMES,
        "tags": _NAMES,
        "register": Either(WebAddress(mail=True), REGISTER),
        "repeat": Parsed(read_repeat, "monthly on the first Monday", "A repetition in plain words."),
        "rrule": Parsed(read_rrule, "FREQ=MONTHLY;BYDAY=1MO", "A raw RFC 5545 RRULE."),
        "changes": ChangesField(),
        "dates": ListOf(_MOMENT),
        "time": TimeField(),
        "access": _ACCESS,
        "languages": ListOf(Language(), commas=True),
        "after": Record(
            {"notes": WebAddress(local=True), "recording": WebAddress(), "report": WebAddress(local=True)}, make=After, unknown="warning", what="under after"
        ),
        "uid": Text(example="welcome-2012@example.org"),
        "comments": OneOf("open", "closed", "off", also={"true": "open", "yes": "open", "false": "off", "no": "off"}),
        "description": Text(long=True),
    },
    ("title",),
    unknown="warning",
    what="in an event",
    foreign={
        **_FOREIGN,
        **dict.fromkeys(("location", "where", "place", "address"), "The key for this is venue."),
        **dict.fromkeys(("organiser", "organizer", "organizers", "host", "hosts"), "The key for this is organisers."),
        **dict.fromkeys(("recurrence", "recurring", "repeats"), "The key for this is repeat."),
        **dict.fromkeys(("registration", "tickets", "signup"), "The key for this is register."),
        **dict.fromkeys(("authors", "author"), "An event has organisers."),
        "tz": "The key for this is timezone.",
    },
)

CHAPTER = Record(
    {
        **COMMON,
        "kind": OneOf("chapter", "branch"),
        "parent": Name(),
        "country": Country(),
        "place": Text(example="London"),
        "geo": Geo(),
        "timezone": Zone(),
        "contact": Email(),
        "links": LinksField(),
        "organisers": _NAMES,
        "status": OneOf("active", "forming", "resting"),
        "since": _MOMENT,
        "members": Whole(0),
    },
    ("title",),
    unknown="warning",
    what="in a chapter",
    foreign={
        **_FOREIGN,
        **dict.fromkeys(("email", "mail"), "The key for this is contact."),
        **dict.fromkeys(("branch", "region"), "The key for this is parent."),
        **dict.fromkeys(("organiser", "organizer", "organizers"), "The key for this is organisers."),
        **dict.fromkeys(("location", "city", "town"), "The key for this is place."),
        "tz": "The key for this is timezone.",
    },
)

PAGE = Record({**COMMON, "chapter": Name()}, ("title",), unknown="warning", what="in a page", foreign=_FOREIGN)

RECORDS = {"posts": POST, "events": EVENT, "chapters": CHAPTER, "pages": PAGE}


def read_record(record: Record, node: Node | None, report: Report) -> tuple[dict[str, Any], dict[str, int]]:
    """The typed values of a front matter and the line of each key that holds something."""
    if node is None:
        return {}, {}
    if not isinstance(node, Map):
        said = (explain_unspaced(node.text) if isinstance(node, Scalar) else None) or ("The front matter is made of keys and values", "Write for example: title: Welcome")
        report.say(node, said[0] + ".", said[1])
        return {}, {}
    values = record.read_pairs(node.pairs, report)
    lines: dict[str, int] = {}
    for key, value in node.pairs:
        name = record.name_of(key)
        field = record.fields.get(name)
        if not (field.is_absent(value) if field else is_empty(value)):
            lines.setdefault(name, key.line)
    return values, lines


def to_image(value: Any, alt: str, line: int) -> Image | None:
    """An image from a path or from its keys; `alt` counts where the keys hold none. Without a path: None, or a description alone."""
    if value is None:
        return Image(src="", alt=alt, line=line) if alt else None
    if isinstance(value, str):
        return Image(src=value, alt=alt, line=line)
    return Image(src=value["src"], alt=value.get("alt", alt), credit=value.get("credit", ""), decorative=value.get("decorative", False), line=line)
