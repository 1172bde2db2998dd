"""Which text is which: identities that outlive a new title, a new date, another folder and another chapter."""

import posixpath
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace

from iopsgen.model import Change, Chapter, Day, Event, EventFields, Facts, Fields, Identity, Item, Moment, PostFields, Revision, Rule, Venue
from iopsgen.read.content import kind_of, stem_of

_ENCODER = msgspec.json.Encoder()


class Recognised:
    """Which identity each source has, and which identities have no source any more."""

    def __init__(self, known: Iterable[Identity], texts: Iterable[Fields], others: Iterable[str], now: datetime) -> None:
        """`texts` are complete, translations too. `others` are sources that are there but cannot be read: theirs are neither lost nor given away."""
        every = tuple(known)
        unread = set(others)
        self._firsts = {identity.first for identity in every}
        self._by_source: dict[str, Identity] = {}
        left = {identity.first: identity for identity in every if identity.absent or identity.path not in unread}
        exact = {(identity.path, identity.title, _start_known(identity)): identity for identity in left.values()}
        unknown: list[Fields] = []
        for text in texts:
            held = exact.get((text.source, text.title, _start_of(text)))
            if held is not None:
                self._by_source[text.source] = left.pop(held.first)
            elif kind_of(text.source):
                unknown.append(text)
        for text, identity in _match(unknown, list(left.values()), now) if unknown and left else ():
            self._by_source[text.source] = left.pop(identity.first)
        self.vanished = tuple(left.values())
        self._new: dict[str, str] = {}

    def get(self, source: str) -> Identity | None:
        """The identity of a source that was published before."""
        return self._by_source.get(source)

    def first(self, source: str) -> str:
        """The path by which a source is identified: its own, unless it or another text is known by that already."""
        held = self._by_source.get(source)
        if held is not None:
            return held.first
        if source not in self._new:
            name, number = source, 2
            while name in self._firsts:
                name, number = f"{source}#{number}", number + 1
            self._firsts.add(name)
            self._new[source] = name
        return self._new[source]


# --- moved files ---------------------------------------------------------------------------------------------------


def _match(fresh: list[Fields], lost: list[Identity], now: datetime) -> list[tuple[Fields, Identity]]:
    """New files that are old ones under another name. By what both have in common, strongest first; never where it could be two."""
    pairs: list[tuple[Fields, Identity]] = []
    for of_text, of_identity in (*_LIKENESSES, _same_title(now.date().isoformat())):
        there, here = _single(lost, of_identity), _single(fresh, of_text)
        found = [(text, there[key]) for key, text in here.items() if key in there]
        pairs += found
        taken_texts, taken = {text.source for text, _ in found}, {identity.first for _, identity in found}
        fresh = [text for text in fresh if text.source not in taken_texts]
        lost = [identity for identity in lost if identity.first not in taken]
    return pairs


def _single(items: Iterable[Any], key_of: Callable[[Any], Hashable | None]) -> dict[Hashable, Any]:
    """The items whose key no other one has."""
    found: dict[Hashable, Any] = {}
    twice: set[Hashable] = set()
    for item in items:
        key = key_of(item)
        if key is not None:
            twice |= {key} & found.keys()
            found[key] = item
    return {key: item for key, item in found.items() if key not in twice}


def _kind(source: str) -> tuple[str, str]:
    """What a move does not change: the type of a text and the language in its name."""
    return kind_of(source), stem_of(source)[1]


def _start_of(text: Fields) -> str:
    moment = text.date if isinstance(text, PostFields) else _first_moment(text) if isinstance(text, EventFields) else None
    return _wall(moment) if moment else ""


def _first_moment(text: EventFields) -> Moment | None:
    return text.start or (min(text.dates, key=lambda m: m.wall) if text.dates else None)


def _wall(moment: Moment) -> str:
    return moment.wall.isoformat(timespec="minutes") if moment.has_time else moment.wall.date().isoformat()


def _name_of(identity: Identity) -> str:
    """The last part of the present address."""
    return identity.routes[-1].strip("/").rpartition("/")[2] if identity.routes else stem_of(identity.path)[0]


def _start_known(identity: Identity) -> str:
    return identity.facts.start if identity.facts else ""


def _text_key(*parts: Callable[[Fields], str]) -> Callable[[Fields], Hashable | None]:
    def key(text: Fields) -> Hashable | None:
        values = tuple(part(text) for part in parts)
        return (_kind(text.source), *values) if all(values) else None

    return key


def _identity_key(*parts: Callable[[Identity], str]) -> Callable[[Identity], Hashable | None]:
    def key(identity: Identity) -> Hashable | None:
        values = tuple(part(identity) for part in parts)
        return (_kind(identity.path), *values) if all(values) else None

    return key


def _same_title(today: str) -> tuple[Callable[[Fields], Hashable | None], Callable[[Identity], Hashable | None]]:
    """The title alone says enough for chapters, pages and events that are still to come; next year's meeting is called like last year's."""

    def is_lasting(source: str, start: str) -> bool:
        return kind_of(source) in ("chapters", "pages") or (kind_of(source) == "events" and start >= today)

    def of_text(text: Fields) -> Hashable | None:
        return (_kind(text.source), text.title) if text.title and is_lasting(text.source, _start_of(text)) else None

    def of_identity(identity: Identity) -> Hashable | None:
        return (_kind(identity.path), identity.title) if identity.title and is_lasting(identity.path, _start_known(identity)) else None

    return of_text, of_identity


# Which likeness makes a file a text that was published: a pair of keys, of the file and of the identity. What it says comes before where it lies:
# two files whose names were exchanged are each what they say.
_LIKENESSES: tuple[tuple[Callable[[Fields], Hashable | None], Callable[[Identity], Hashable | None]], ...] = (
    (_text_key(lambda t: getattr(t, "uid", "")), _identity_key(lambda i: i.uid)),
    (_text_key(lambda t: t.title, _start_of), _identity_key(lambda i: i.title, _start_known)),
    (_text_key(lambda t: t.source, lambda t: t.title), _identity_key(lambda i: i.path, lambda i: i.title)),
    (_text_key(lambda t: t.source, _start_of), _identity_key(lambda i: i.path, _start_known)),
    (_text_key(lambda t: t.slug, lambda t: t.title), _identity_key(_name_of, lambda i: i.title)),
    (_text_key(lambda t: t.slug, _start_of), _identity_key(_name_of, _start_known)),
    (_text_key(lambda t: t.source), _identity_key(lambda i: "" if i.absent else i.path)),
    (_text_key(lambda t: t.source), _identity_key(lambda i: i.path)),
    (_text_key(lambda t: t.slug), _identity_key(_name_of)),
    (_text_key(lambda t: posixpath.dirname(t.source), _start_of), _identity_key(lambda i: posixpath.dirname(i.path), _start_known)),
)


# --- what people plan by -------------------------------------------------------------------------------------------


def revise(event: Event, held: Identity | None, now: datetime) -> Event:
    """The event with its SEQUENCE (RFC 5545 section 3.8.7.4): it grows with each change of start, end, place, status or rule.

    `held` is what was published last. A change that is not in the file yet counts as made at `now`.
    """
    if held is None or not held.mark:
        return event
    if held.mark == mark_of(event):
        at, before, sequence = held.changed, held.before, max(event.sequence, held.sequence)
    else:
        at, before, sequence = now, held.facts, max(event.sequence, held.sequence + 1)
    updated = max((moment for moment in (event.updated, at) if moment is not None), default=None)
    revision = Revision(at=at, before=before) if at is not None and before is not None else None
    return replace(event, sequence=sequence, updated=updated, revision=revision)


def facts_of(event: Event) -> Facts:
    """What people are told of when it changes."""
    moment, venue, status = _first_moment(event.fields), event.venue, event.fields.status
    place = ", ".join(filter(None, (venue.name, venue.city))) if venue else ""
    return Facts(start=_wall(moment) if moment else "", place=place, status="" if status == "scheduled" else status)


def mark_of(event: Event) -> str:
    """A digest of start, end, place, status and rule; titles, texts and line numbers are not in it."""
    fields = event.fields
    parts = [
        [_clock(event.start), _clock(event.end), event.zone, fields.time_tba, fields.status],
        [*_place(event.venue), fields.online],
        _rule(fields.repeat),
        sorted(_wall(moment) for moment in fields.dates),
        sorted(_change(change) for change in fields.changes),
    ]
    return blake2b(_ENCODER.encode(parts), digest_size=6).hexdigest()


def _clock(moment: datetime | Day | None) -> str:
    """What clocks show: a new zone database that moves a far summer time is no change that anybody made."""
    return f"{moment:%Y-%m-%dT%H:%M:%S} {moment.fold}" if isinstance(moment, datetime) else str(moment or "")


def _place(venue: Venue | str | None) -> tuple[str, ...]:
    return (venue.name, venue.address, venue.city, venue.country) if isinstance(venue, Venue) else (venue or "",)


def _rule(rule: Rule | None) -> list[object]:
    if rule is None:
        return []
    dates = [sorted(_wall(m) for m in moments) for moments in (rule.excluded, rule.added)]
    return [rule.rrule, str(rule.until), str(rule.until_at), rule.count, *dates, sorted(f"{p.first} {p.last}" for p in rule.pauses)]


def _change(change: Change) -> list[object]:
    moments = [_wall(m) if m else "" for m in (change.original, change.start, change.end)]
    return [*moments, change.cancelled, *_place(change.venue), change.online]


# --- what is kept --------------------------------------------------------------------------------------------------


def keep(recognised: Recognised, known: Iterable[Identity], items: Iterable[Item]) -> tuple[Identity, ...]:
    """Every identity as it is after this build, by `first`."""
    absent = {identity.first for identity in recognised.vanished}
    kept = {i.first: replace(i, absent=i.first in absent) if i.absent is not (i.first in absent) else i for i in known}
    for item in items:
        source = item.fields.source
        if not kind_of(source):
            continue  # not a file of the site's own: a partner's calendar looks after its identities itself
        held, first = recognised.get(source), recognised.first(source)
        own = Identity(
            first=first,
            source="" if first.partition("#")[0] == source else source,
            routes=(*(route for route in (held.routes if held else ()) if route != item.route), item.route),
            title=item.title if isinstance(item, Chapter) else item.fields.title,
        )
        kept[first] = _with_event(own, item) if isinstance(item, Event) else _with_date(own, item)
    return tuple(kept[first] for first in sorted(kept))


def _with_date(own: Identity, item: Item) -> Identity:
    start = _start_of(item.fields)
    return replace(own, facts=Facts(start=start)) if start else own


def _with_event(own: Identity, event: Event) -> Identity:
    revision = event.revision
    return replace(
        own,
        uid=event.uid,
        sequence=event.sequence,
        mark=mark_of(event),
        facts=facts_of(event),
        changed=revision.at if revision else None,
        before=revision.before if revision else None,
    )


def earlier_routes(identities: Iterable[Identity]) -> dict[str, tuple[str, ...]]:
    """Present address → the addresses a text had before."""
    return {identity.routes[-1]: identity.routes[:-1] for identity in identities if len(identity.routes) > 1}
