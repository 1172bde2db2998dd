"""What the inbox held at the last build, and whether it has lost anything since: it only ever grows."""

import hashlib
from collections.abc import Collection, Iterable

import msgspec

from iopsgen.problems import Place, Problem, note, warning
from iopsgen.read.comments import Inbox, InboxFile, Record

KEY = "inbox"  # its name in the store
_NAMED = 3  # comments that a message names


class Remembered(msgspec.Struct, frozen=True):
    """The files of the inbox as they were, and of each id the beginnings of the digests of its contents (as `Digests`, encoded)."""

    files: tuple[InboxFile, ...]
    digests: msgspec.Raw


Digests = dict[str, list[str]]  # id → 16 hexadecimal digits of the sha256 of each content, in order


def remember(inbox: Inbox, erased: Collection[str]) -> bytes:
    """What to keep of an inbox until the next build. Nothing is kept of comments that were erased."""
    return msgspec.msgpack.encode(Remembered(inbox.files, msgspec.Raw(msgspec.msgpack.encode(_digests(inbox.records, erased)))))


def compare_inbox(before: bytes | None, inbox: Inbox, paths: Iterable[tuple[str, bytes]], erased: Collection[str]) -> list[Problem]:
    """Where the inbox lost a comment, or a comment in it changed, since `before` (see `remember`); None or damaged: nothing is known.

    `paths` are the files of the inbox with their bytes. An inbox that is only ordered otherwise, or spread over other files, has lost
    nothing; comments that were erased may leave it.
    """
    try:
        old = msgspec.msgpack.decode(before, type=Remembered) if before else None
        if old is None or _only_grew(old.files, inbox.files, dict(paths)):
            return []
        held = msgspec.msgpack.decode(old.digests, type=Digests)
    except msgspec.MsgspecError:
        return []
    now = _digests(inbox.records, ())
    gone = sorted(name for name in held if name not in now and name not in erased)
    changed = sorted(name for name, digests in held.items() if name in now and name not in erased and not set(digests) <= set(now[name]))
    place = Place(old.files[0].file if old.files else "")
    problems: list[Problem] = []
    hint = "The inbox only grows. If nobody did this on purpose, take the file from a backup or from git."
    if gone:
        words = "1 comment that the inbox held at the last build is gone" if len(gone) == 1 else f"{len(gone)} comments that the inbox held at the last build are gone"
        problems.append(warning(f"{words}: {_named(gone)}.", place, hint))
    if changed:
        words = "1 comment in the inbox has" if len(changed) == 1 else f"{len(changed)} comments in the inbox have"
        problems.append(warning(f"{words} changed since the last build: {_named(changed)}.", place, hint))
    if not problems and sum(f.size for f in inbox.files) < sum(f.size for f in old.files):
        problems.append(note("The inbox is shorter than at the last build; what left it was erased, doubled, unreadable or empty.", place))
    return problems


def _named(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _only_grew(before: Iterable[InboxFile], now: Iterable[InboxFile], data: dict[str, bytes]) -> bool:
    """Whether each file begins with all that it held. What stood behind its last line end may have been a line half written."""
    current = {f.file: f for f in now}
    for old in before:
        new = current.get(old.file)
        if new is None or new.size < old.size:
            return False
        if new.sha256 != old.sha256 and hashlib.sha256(data[old.file][: old.size]).hexdigest() != old.sha256:
            return False
    return True


def _digests(records: Iterable[Record], erased: Collection[str]) -> Digests:
    found: Digests = {}
    for record in records:
        if record.id not in erased:
            digests = found.setdefault(record.id, [])
            if record.sha256[:16] not in digests:
                digests.append(record.sha256[:16])
    return found
