"""Reads and writes `published.jsonl`: what was ever published, one text a line, so that identities outlive edits."""

from collections.abc import Iterable

import msgspec

from iopsgen.model import Identity, Scope, Value
from iopsgen.problems import Place, Problem, warning
from iopsgen.slugs import fault_of_route

FILE = "published.jsonl"
MAX_BYTES = 256 * 1024 * 1024

_MOST = 2**31 - 1000  # SEQUENCE is a 32-bit number (RFC 5545 section 3.3.8)
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_DECODER = msgspec.json.Decoder(Identity | Scope)
_ENCODER = msgspec.json.Encoder()


class Known(Value, frozen=True, kw_only=True):
    """What the file holds: identities by `first`, scopes by route, and the lines that cannot be read."""

    identities: tuple[Identity, ...] = ()
    scopes: tuple[Scope, ...] = ()
    unread: tuple[bytes, ...] = ()


def read_identities(data: bytes) -> tuple[Known, list[Problem]]:
    """What was published so far. Two lines about one text, as a merge of two branches leaves them, become one; git's own marks are left out."""
    identities: dict[str, Identity] = {}
    scopes: dict[str, Scope] = {}
    unread: list[bytes] = []
    problems: list[Problem] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.strip()
        if not line or line.startswith(_CONFLICT):
            continue
        try:
            found = _sound(_DECODER.decode(line))
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            unread.append(line)
            hint = "Take the line from an earlier version of the file, or remove it: the text it was about then counts as new."
            problems.append(warning("This line of what was published cannot be read.", Place(FILE, number, 1), hint))
            continue
        if isinstance(found, Scope):
            scopes.setdefault(found.route, found)
        else:
            held = identities.get(found.first)
            identities[found.first] = _join(held, found) if held else found
    known = Known(
        identities=tuple(identities[name] for name in sorted(identities)),
        scopes=tuple(scopes[route] for route in sorted(scopes)),
        unread=tuple(unread),
    )
    return known, problems


def _sound(found: Identity | Scope) -> Identity | Scope:
    """The same, if every address in it could be one of a site and every number one of a calendar; else ValueError."""
    routes = (found.route,) if isinstance(found, Scope) else found.routes
    if any(not route.startswith("/") or fault_of_route(route) for route in routes):
        raise ValueError("this is no address")
    if isinstance(found, Identity) and (not found.first or not 0 <= found.sequence < _MOST):
        raise ValueError("this is no number of revisions")
    return found


def _join(one: Identity, other: Identity) -> Identity:
    """The later of two states of one text, with the addresses of both. It does not matter which of the two comes first."""
    later, earlier = sorted((one, other), key=lambda i: (i.sequence, i.changed.timestamp() if i.changed else 0.0, _ENCODER.encode(i)), reverse=True)
    present = later.routes[-1:]
    routes = (*sorted({*later.routes, *earlier.routes} - {*present}), *present)
    return msgspec.structs.replace(later, routes=routes) if set(earlier.routes) - set(later.routes) else later


def write_identities(identities: Iterable[Identity], scopes: Iterable[Scope], unread: Iterable[bytes]) -> bytes:
    """The bytes of the file: a line a text in the order of `first`, so that two branches that add texts merge line by line."""
    lines = [*map(_ENCODER.encode, identities), *map(_ENCODER.encode, scopes), *unread]
    return b"".join(line + b"\n" for line in lines)
