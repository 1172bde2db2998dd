"""From the fields that were sent to a line of the inbox: made so that the build can read it, with nothing private in it."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime

import msgspec

from iopsgen.plain import one_line, printable
from iopsgen.read.comments import BODY_LIMIT, NAME_LIMIT, Record, read_inbox
from iopsgen.receiver.request import Refused, is_trapped, say

_ID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")


class Received(msgspec.Struct, frozen=True):
    """A comment that can be added: its line, its id, and the digest of its content."""

    line: bytes
    id: str
    sha256: str


def make_comment(fields: Mapping[str, str], now: datetime, address: str, keep: tuple[str, ...]) -> Received:
    """The comment that these fields hold. `now` is aware; `keep` says whether a mail address or `address` is written down (see ReceiveSettings).

    Raises Refused where there is no text, or too much of it.
    """
    body = printable(fields.get("body", "")).strip("\n")
    name = one_line(fields.get("name", ""))
    if not one_line(body):
        raise Refused("empty", "422 Unprocessable Content", say("There were no words in it."))
    if len(body.encode()) > BODY_LIMIT or len(name) > NAME_LIMIT:
        raise Refused("too-long", "413 Content Too Large", say("It is too long."))
    values: dict[str, object] = {
        "id": f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}",
        "page": one_line(fields.get("page", "")),
        "received": now.isoformat(timespec="milliseconds"),
        "body": body,
    }
    record = _read(values | {"name": name, "url": one_line(fields.get("url", ""))})
    optional = {
        "parent": _fitting(_ID, fields.get("parent", "")),
        "name": record.name,  # without a mail address that somebody wrote there
        "url": record.url,
        "language": _fitting(_LANGUAGE, fields.get("language", "")),
        "signals": _signals(fields),
        "email": _fitting(_MAIL, fields.get("email", "")) if "email" in keep else "",
        "address": address if "address" in keep else "",
    }
    values |= {key: value for key, value in optional.items() if value}
    return Received(_encoded(values), str(values["id"]), _read(values).sha256)


def _read(values: Mapping[str, object]) -> Record:
    """The record as the build will read it. Raises Refused for one that it could not read."""
    inbox, _ = read_inbox([("", _encoded(values))])
    if not inbox.records:
        raise Refused("unreadable", "400 Bad Request", say("What was sent cannot be read."))
    return inbox.records[0]


def _encoded(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def _fitting(form: re.Pattern[str], text: str) -> str:
    """The text if it has this form, else nothing: a field that is not needed costs the field, never the comment."""
    text = one_line(text)
    return text if form.fullmatch(text) else ""


def _signals(fields: Mapping[str, str]) -> dict[str, object]:
    """What speaks for a program: the trap was filled in, it took no time to write."""
    found: dict[str, object] = {"honeypot": True} if is_trapped(fields) else {}
    elapsed = one_line(fields.get("elapsed", ""))
    if elapsed.isascii() and elapsed.isdigit() and len(elapsed) < 12:
        found["elapsed"] = int(elapsed)
    return found
