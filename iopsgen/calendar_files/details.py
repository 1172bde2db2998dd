"""What an event of a calendar file is: its title, text, place, address to join at, people and terms, as front matter says it."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple

import msgspec

from iopsgen.calendar_files.components import Component, parameter_of
from iopsgen.calendar_files.drafts import Plain, Value
from iopsgen.calendar_files.prose import looks_like_html, markdown_of_html, markdown_of_text, plain_line
from iopsgen.contentlines import Line, unescaped
from iopsgen.fields import Geo, Report, WebAddress
from iopsgen.model import Venue
from iopsgen.slugs import slugify
from iopsgen.yamltext import Scalar

_LONGEST_TITLE, _LONGEST_NAME, _LONGEST_ADDRESS = 200, 200, 2_000
_MOST_TERMS = 30
_STATUS_PREFIX = re.compile(
    r"(?:tentative|cancell?ed|abgesagt|annul[ée]e?s?|annullat[oa]|cancelad[oa]|geannuleerd|inställt|avlyst|aflyst|zrušeno|odwołane)\s*[:\-–—]+\s*", re.IGNORECASE
)
_GOOGLE_MEET = re.compile(r"-::~:~::~[~:]*::-.*?(?:-::~:~::~[~:]*::-|\Z)", re.DOTALL)  # a block that Google adds: link, telephone, PIN
_NOWHERE = frozenset(
    "online|online event|virtual|virtual event|web|webinar|video call|videocall|zoom|zoom meeting|google meet|microsoft teams|microsoft teams meeting"
    "|teams|skype|jitsi|jitsi meet|bigbluebutton|discord|en línea|en ligne".split("|")
)
_CONFERENCES = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK", "X-MICROSOFT-ONLINEMEETINGCONFLINK")
_NO_PERSON = re.compile(r"@|://|\bcalendar\b|\bunknown", re.IGNORECASE)
_NO_MAILBOX = re.compile(r"@group\.calendar\.google\.com|\bno-?reply", re.IGNORECASE)  # of a calendar, of a program
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|svg)(?:\?|\Z)", re.IGNORECASE)
_STATUSES = {"CANCELLED": "cancelled", "CANCELED": "cancelled", "TENTATIVE": "tentative"}
_REFERENCE = re.compile(r"&(?:amp|quot|lt|gt|nbsp|#[0-9]{2,6});")
_IN_BRACKETS = re.compile(r"([^(),]+) \(([^()]+)\)")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_GEO_ADDRESS = re.compile(r"geo:(-?[0-9.]+),(-?[0-9.]+)", re.IGNORECASE)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What of a site decides how a calendar file is read.

    `zone` is for times that say none, `categories` are the allowed ones (None: all), `site` is the address of the site itself,
    `private` whether events that are not for everybody are taken too.
    """

    zone: str
    venues: dict[str, Venue] = {}
    categories: tuple[str, ...] | None = None
    chapters: dict[str, str] = {}  # title in small letters → id
    site: str = ""
    private: bool = False


class Details(NamedTuple):
    """The keys that do not say when, the text in Markdown, and where the event stands on the web."""

    keys: dict[str, Value]
    body: str
    address: str


def title_of(part: Component) -> str:
    """The title on one line, without a prefix that says what the status says."""
    title = plain_line(_read(part.text("SUMMARY")), _LONGEST_TITLE)
    return (_STATUS_PREFIX.sub("", title, count=1) if part.value("STATUS").upper() in _STATUSES and _STATUS_PREFIX.match(title) else title) or "Untitled"


def _read(text: str) -> str:
    """The text with character references read, which some programs write into plain text (`Tea &amp; cake`)."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), text)


def details_of(part: Component, around: Surroundings, cancelled: bool = False) -> Details:
    """What an event says of itself; `cancelled` if its whole calendar is a cancellation."""
    keys: dict[str, Value] = {"title": title_of(part)}
    status = "cancelled" if cancelled else _STATUSES.get(part.value("STATUS").upper(), "")
    if status:
        keys["status"] = Plain(status)
    online = next(filter(None, _online(part)), "")
    if venue := _venue(part, around, bool(online)):
        keys["venue"] = venue
    if online:
        keys["online"] = online
    if organiser := _organiser(part, around):
        keys["organisers"] = (organiser,)
    categories, tags = _terms(part, around)
    if categories:
        keys["categories"] = categories
    if tags:
        keys["tags"] = tags
    if image := next(filter(None, _images(part)), ""):
        keys["image"] = image
    address = web_address(part.value("URL"))
    if address in (online, "") or (around.site and address.startswith(around.site)):
        address = ""
    else:
        keys["elsewhere"] = ({"title": re.sub(r"\Ahttps?://(?:www\.)?([^/:?#]+).*", r"\1", address), "url": address},)
    return Details(keys, _body(part), address)


def web_address(text: str) -> str:
    """An address of the web (http or https) as front matter takes it; empty if it is none."""
    text = text.strip()
    if len(text) > _LONGEST_ADDRESS or not text.isprintable():
        return ""
    found: str | None = WebAddress().read(Scalar(text, 1, 1), Report(""))
    return found or ""


def _body(part: Component) -> str:
    """The text: HTML where there is some, else plain."""
    for line in part.lines:
        if line.name in ("X-ALT-DESC", "STYLED-DESCRIPTION") and "html" in parameter_of(line, "FMTTYPE").lower():
            body = markdown_of_html(unescaped(line.value))
            if body:
                return body
    text = _GOOGLE_MEET.sub("", part.text("DESCRIPTION"))
    return markdown_of_html(text) if looks_like_html(text) else markdown_of_text(_read(text))


def _online(part: Component) -> Iterator[str]:
    """The addresses to join at, the likeliest first."""
    lines = [line for line in part.lines if line.name == "CONFERENCE"]
    lines.sort(key=lambda line: "VIDEO" not in parameter_of(line, "FEATURE").upper())
    lines += [line for name in _CONFERENCES for line in part.all(name)]
    yield from (web_address(unescaped(line.value)) for line in lines)
    if found := _ADDRESS.search(part.text("LOCATION")):
        yield web_address(found[0].rstrip(".,;)"))


def _venue(part: Component, around: Surroundings, is_online: bool) -> Value | None:
    """An id of the site's venues, or the place itself."""
    text = _ADDRESS.sub("", _read(part.text("LOCATION")))
    lines = [plain_line(line, _LONGEST_ADDRESS).strip(" ,;") for line in re.split(r"[\n\r]+", text)]
    place = ", ".join(line for line in lines if line)
    if not place or (is_online and place.casefold() in _NOWHERE):
        return None
    in_brackets = _IN_BRACKETS.fullmatch(place)
    name, address = in_brackets.groups() if in_brackets else (piece.strip() for piece in place.partition(",")[::2])
    for venue in around.venues.values():
        line = ", ".join(filter(None, (venue.name, venue.address, venue.city)))
        if place.casefold() in (venue.id.casefold(), venue.name.casefold(), line.casefold()) or place.casefold().startswith(f"{line.casefold()}, "):
            return venue.id
    made: dict[str, Value] = {"name": name[:_LONGEST_NAME] or place[:_LONGEST_NAME]}
    if address:
        made["address"] = address[:_LONGEST_NAME]
    if geo := _position(part):
        made["geo"] = geo
    return made


def _position(part: Component) -> Value | None:
    """Latitude and longitude, from GEO or from what Apple writes; 0, 0 is what programs write that know none."""
    apple = part.first("X-APPLE-STRUCTURED-LOCATION")
    found = _GEO_ADDRESS.search(apple.value) if apple else None
    text = f"{found[1]}, {found[2]}" if found else part.value("GEO").replace(";", ",")
    read: Any = Geo().read(Scalar(text, 1, 1), Report("")) if text else None
    if read is None or read == (0.0, 0.0):
        return None
    return tuple(Plain(f"{degrees:.6f}".rstrip("0").rstrip(".")) for degrees in read)


def _organiser(part: Component, around: Surroundings) -> str:
    """The name of who invites, if it is that of a chapter or looks like one of a person; never a mail address."""
    line = part.first("ORGANIZER")
    name = plain_line(parameter_of(line, "CN"), 100) if line and not _NO_MAILBOX.search(line.value) else ""
    if chapter := around.chapters.get(name.casefold()):
        return chapter
    return "" if not slugify(name) or _NO_PERSON.search(name) else name


def _terms(part: Component, around: Surroundings) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The categories that the site allows, and the others as tags."""
    names = (plain_line(unescaped(word), 60) for line in part.all("CATEGORIES") for word in _words(line))
    found = list({name.casefold(): name for name in names if slugify(name)}.values())[:_MOST_TERMS]
    if around.categories is None:
        return tuple(found), ()
    allowed = {name.casefold(): name for name in around.categories}
    return (
        tuple(allowed[name.casefold()] for name in found if name.casefold() in allowed),
        tuple(name for name in found if name.casefold() not in allowed),
    )


def _words(line: Line) -> Iterable[str]:
    """The values of a list, at commas that are not escaped."""
    return re.split(r"(?<!\\)(?:\\\\)*,", line.value)


def _images(part: Component) -> Iterator[str]:
    """Addresses of pictures."""
    for line in part.lines:
        kind = parameter_of(line, "FMTTYPE").lower()
        is_picture = kind.startswith("image/") or (not kind and _PICTURE.search(line.value))
        if line.name == "IMAGE" or (line.name == "ATTACH" and is_picture):
            yield web_address(unescaped(line.value))
