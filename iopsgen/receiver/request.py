"""What was sent to the receiver: read within bounds, or refused with the reason."""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import msgspec

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BYTES = 160 * 1024  # a full text of 32 KiB, each byte as %XX, and room for the other fields
_FIELDS = ("page", "body", "name", "url", "parent", "language", "website", "elapsed", "email")
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


def say(text: str) -> str:
    """Marks a text that translators find in the catalogues of the theme."""
    return text


class Refused(Exception):
    """Why nothing was taken in: a code for programs, the HTTP status, and a sentence for people (in English, to be translated)."""

    def __init__(self, code: str, status: str, words: str, retry: int = 0) -> None:
        super().__init__(code)
        self.code, self.status, self.words, self.retry = code, status, words, retry


class Sent(msgspec.Struct, frozen=True):
    """The fields that are known, as texts, and whether a program asks rather than a form."""

    fields: dict[str, str]
    as_json: bool


def wants_json(environ: "WSGIEnvironment") -> bool:
    """Whether the answer goes to a program."""
    return _kind(environ) == _JSON or _JSON in environ.get("HTTP_ACCEPT", "")


def read_request(environ: "WSGIEnvironment") -> Sent:
    """The fields of a POST request, from a form or as JSON. Raises Refused for anything else, or for more than MAX_BYTES."""
    kind = _kind(environ)
    if kind not in (_FORM, _JSON):
        raise Refused("kind", "415 Unsupported Media Type", say("What was sent cannot be read."))
    data = _read(environ)
    try:
        pairs = _from_json(data) if kind == _JSON else dict(_from_form(data))
    except (ValueError, RecursionError):
        raise Refused("unreadable", "400 Bad Request", say("What was sent cannot be read.")) from None
    return Sent({name: pairs[name] for name in _FIELDS if name in pairs}, wants_json(environ))


def _kind(environ: "WSGIEnvironment") -> str:
    found: str = environ.get("CONTENT_TYPE", "")
    return found.partition(";")[0].strip().lower()


def _read(environ: "WSGIEnvironment") -> bytes:
    """The body, no more of it than is allowed."""
    length = environ.get("CONTENT_LENGTH") or ""
    too_long = Refused("too-long", "413 Content Too Large", say("It is too long."))
    if length:
        if not (length.isascii() and length.isdigit()):
            raise Refused("length", "400 Bad Request", say("What was sent cannot be read."))
        if len(length) > 9 or int(length) > MAX_BYTES:
            raise too_long
        wanted = int(length)
    elif environ.get("wsgi.input_terminated"):  # sent in chunks, and the server knows the end
        wanted = MAX_BYTES + 1
    else:
        raise Refused("length", "411 Length Required", say("What was sent cannot be read."))
    data = b""
    while len(data) < wanted and (part := environ["wsgi.input"].read(wanted - len(data))):
        data += part
    if len(data) > MAX_BYTES:
        raise too_long
    if length and len(data) < wanted:  # the connection broke
        raise Refused("unreadable", "400 Bad Request", say("What was sent cannot be read."))
    return data


def _from_form(data: bytes) -> Iterable[tuple[str, str]]:
    return parse_qsl(data.decode("ascii"), keep_blank_values=True, strict_parsing=bool(data), errors="strict", max_num_fields=50)


def _from_json(data: bytes) -> dict[str, str]:
    found = json.loads(data.decode("utf-8"))
    if not isinstance(found, dict):
        raise ValueError("no object")
    texts = {name: str(value) for name, value in found.items() if isinstance(value, (str, int, float)) and not isinstance(value, bool)}
    if any(name in _FIELDS and name not in texts and value is not None for name, value in found.items()):
        raise ValueError("a field that is no text")
    return texts


def client_of(environ: "WSGIEnvironment", proxies: int) -> str:
    """The address that sent it. Behind `proxies` servers of our own it is the one that the outermost of them saw (X-Forwarded-For)."""
    found: str = environ.get("REMOTE_ADDR", "")
    if proxies:
        seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        found = seen[-proxies] if len(seen) >= proxies and seen[-proxies] else found
    try:
        address = ipaddress.ip_address(found.strip("[]").partition("%")[0])
    except ValueError:
        return found[:100]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # A household has a whole network of these: one limit for all of it.
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def origin_of(environ: "WSGIEnvironment") -> str:
    """Where the page stands that sent it (`https://example.org`), "" where that is not said.

    A browser says so with every form (RFC 6454); what is no browser need not.
    """
    origin: str = environ.get("HTTP_ORIGIN", "")
    if origin:
        return origin.lower()
    return plain_origin(environ.get("HTTP_REFERER", ""))


def plain_origin(address: str) -> str:
    """Scheme, host and port of an address as an Origin header has them; "" for what has none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def is_trapped(fields: Mapping[str, str]) -> bool:
    """Whether the field was filled in that people do not see."""
    return bool(fields.get("website", "").strip())
