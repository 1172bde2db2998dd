"""Makes lines of the inbox from foreign comments, and accounts for every comment that was read: taken, or passed over and why."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from iopsgen.importers.comments.foreign import MOST, Choices, Foreign, Found, Passed, Remark
from iopsgen.importers.comments.pages import KnownPages, as_key
from iopsgen.model import Value
from iopsgen.plain import one_line, printable, whole_minutes
from iopsgen.problems import Place, Problem, error
from iopsgen.read.comments import BODY_LIMIT, NAME_LIMIT, Decision, Record, read_inbox, without_private

ALREADY = "already in the inbox"
CHANGED = "already in the inbox, with another text or name"
TWICE = "the same as one before"
CLASH = "with the id of another"
DELETED = "deleted there"
ERASED = "erased here by a moderator"
SPAM = "spam"
EMPTY = "without a text"
UNDATED = "without a date that can be read"
LONG = f"with a text of over {BODY_LIMIT // 1024} KiB"
NO_PAGE = "naming no page"
UNFIT = "not fit for the inbox"

_LOOKED_AT = 1000  # characters of a name
_FIT = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


class Taken(Value, frozen=True, kw_only=True):
    """What an import comes to: the lines for the inbox and for the decisions, and the account of everything that was read.

    `read` is the number of `lines` plus all places of `passed`. The keys of `passed` and `remarks` are labels.
    """

    lines: tuple[bytes, ...] = ()
    ids: tuple[str, ...] = ()
    decisions: tuple[bytes, ...] = ()
    read: int = 0
    passed: dict[str, tuple[Place, ...]] = {}
    remarks: dict[str, tuple[Place, ...]] = {}
    states: dict[str, int] = {}  # status → how many were taken with it; an empty one for none
    nameless: int = 0
    unknown_pages: dict[str, int] = {}  # what was written for a page that the site does not have → how many comments
    problems: tuple[Problem, ...] = ()


class Known(Value, frozen=True, kw_only=True):
    """What the site has already: its records by id, and the ids that a moderator erased."""

    records: dict[str, Record] = {}
    erased: frozenset[str] = frozenset()

    @classmethod
    def of(cls, records: Iterable[Record], decisions: Iterable[Decision]) -> "Known":
        """From what was read of the inbox and of the decisions."""
        return cls(records={r.id: r for r in records}, erased=frozenset(d.id for d in decisions if d.action == "erase"))


def take(found: Iterable[Found], system: str, pages: KnownPages, known: Known, choices: Choices, now: datetime) -> Taken:
    """What becomes of everything that an importer found. The same again, with the new lines in `known`, takes nothing."""
    run = _Import(system, pages, known, choices)
    for one in found:
        if isinstance(one, Problem):
            run.problems.append(one)
        elif isinstance(one, Remark):
            run.remark(one.what, one.place)
        else:
            run.read += 1
            if isinstance(one, Passed):
                run.pass_over(one.reason, one.place)
            elif not run.consider(one):
                hint = "Import the files one by one, each into a file of its own (--into)."
                run.problems.append(error(f"There is more than {MOST >> 20} MiB of text; the rest was not read.", one.place, hint))
                break
    return run.finish(now)


class _Import:
    """The state of one import: what was read so far, by the ids of our inbox."""

    def __init__(self, system: str, pages: KnownPages, known: Known, choices: Choices) -> None:
        self.system, self.pages, self.known, self.choices = system, pages, known, choices
        self.read = 0
        self.size = 0
        self.problems: list[Problem] = []
        self.passed: dict[str, list[Place]] = {}
        self.remarks: dict[str, list[Place]] = {}
        self.names: dict[tuple[str, str], str] = {}  # scope and id there → id here
        self.kept: dict[str, Foreign] = {}
        self.gone: dict[str, Foreign] = {}
        self.present: list[Foreign] = []  # that an earlier import took

    def pass_over(self, reason: str, place: Place) -> None:
        """Counts something that is not taken."""
        self.passed.setdefault(reason, []).append(place)

    def remark(self, what: str, place: Place) -> None:
        """Counts something worth knowing."""
        self.remarks.setdefault(what, []).append(place)

    def consider(self, one: Foreign) -> bool:
        """Keeps a comment that can be taken; False if there is no room for more."""
        one = self._tidy(one)
        ident = make_id(self.system, one)
        if one.id:
            self.names.setdefault((one.scope, one.id), ident)
        reason = self._objection(one, ident)
        if reason == DELETED:
            self.gone[ident] = one
        elif reason in (ALREADY, CHANGED):
            self.present.append(msgspec.structs.replace(one, body=""))
        if reason:
            self.pass_over(reason, one.place)
            return True
        self.size += len(one.body)
        self.kept[ident] = one
        return self.size <= MOST

    def _tidy(self, one: Foreign) -> Foreign:
        name = one_line(one.name[:_LOOKED_AT])
        clean = without_private(name)
        if clean != name:
            self.remark("names with an e-mail or IP address, which was left out", one.place)
        if len(clean) > NAME_LIMIT or len(one.name) > _LOOKED_AT:
            self.remark(f"names cut to {NAME_LIMIT} characters", one.place)
            clean = clean[:NAME_LIMIT].rstrip()
        url = one_line(one.url[: 2 * _LOOKED_AT])
        if url and without_private(url) != url:
            self.remark("websites with an e-mail or IP address, which were left out", one.place)
            url = ""
        return msgspec.structs.replace(one, name=clean, url=url, body=printable(one.body).strip("\n"))

    def _objection(self, one: Foreign, ident: str) -> str:
        """Why a comment is not taken, or an empty text."""
        if one.state == "deleted":
            return DELETED
        if ident in self.known.erased:
            return ERASED
        if one.state == "spam" and self.choices.skip_spam:
            return SPAM
        if not one_line(one.body):
            return EMPTY
        if len(one.body.encode()) > BODY_LIMIT:
            return LONG
        if one.received is None:
            return UNDATED
        if ident in self.kept:
            return TWICE if _content(self.kept[ident]) == _content(one) else CLASH
        if ident in self.known.records:
            there = self.known.records[ident]
            same = (there.name, there.body, there.format) == (one.name, one.body, one.format)
            return ALREADY if same else CHANGED
        return ""

    # --- the second pass, when all are known -----------------------------------------------------------------------

    def finish(self, now: datetime) -> Taken:
        """The lines, by (received, id), and the account."""
        lines: list[tuple[datetime, str, bytes]] = []
        states: dict[str, int] = {}
        unknown: dict[str, int] = {}
        nameless = 0
        answered = {ident for ident in self.gone if ident in self.known.records} | (self.gone.keys() & {self._parent(p) for p in self.present})
        for ident, one in self.kept.items():
            parent = self._parent(one)
            route, page = self._page(one)
            line = self._line(ident, one, page, parent) if page else None
            if line is None:
                self.pass_over(UNFIT if page else NO_PAGE, one.place)
                continue
            lines.append((one.received or now, ident, line))
            status = self._status(one)
            states[status] = states.get(status, 0) + 1
            nameless += not one.name
            if not route:
                unknown[page] = unknown.get(page, 0) + 1
            if parent in self.gone:
                answered.add(parent)
            elif parent and parent not in self.kept and parent not in self.known.records and parent not in self.known.erased:
                self.remark("answers to a comment that is not there", one.place)
        lines.sort(key=lambda line: line[:2])
        return Taken(
            lines=tuple(line for _, _, line in lines),
            ids=tuple(ident for _, ident, _ in lines),
            decisions=tuple(self._erasure(ident, now) for ident in sorted(answered - self.known.erased)),
            read=self.read,
            passed={reason: tuple(places) for reason, places in self.passed.items()},
            remarks={what: tuple(places) for what, places in self.remarks.items()},
            states=states,
            nameless=nameless,
            unknown_pages=dict(sorted(unknown.items())),
            problems=tuple(self.problems),
        )

    def _parent(self, one: Foreign) -> str:
        """The id here of what a comment answers; also where that has not come yet."""
        if not one.parent:
            likely = (self.names.get((one.scope, name)) or ident_of(self.system, name) for name in one.thread)
            return next((ident for ident in likely if ident in self.kept or ident in self.known.records), "")
        known = self.names.get((one.scope, one.parent))
        if known:
            return known
        return one.parent if one.parent in self.known.records else ident_of(self.system, one.parent)

    def _page(self, one: Foreign) -> tuple[str, str]:
        """The route of the page (empty if it is not known) and what is written for it (empty if nothing names it)."""
        for _ in range(50):  # an answer that names no page belongs to that of what it answers
            names = tuple(filter(None, map(one_line, one.pages)))
            route = self.pages.find(names, one.title)
            if route:
                return route, route
            if names:
                return "", as_key(names[0])
            parent = self._parent(one)
            if parent in self.known.records:
                page = self.known.records[parent].page
                return self.pages.find((page,)), page
            if parent not in self.kept:
                break
            one = self.kept[parent]
        page = one_line(self.choices.page)
        return self.pages.find((page,)), as_key(page)

    def _status(self, one: Foreign) -> str:
        return one.state or self.choices.status

    def _line(self, ident: str, one: Foreign, page: str, parent: str) -> bytes | None:
        """The record as a line of the inbox that our own reader takes in; None if there is no way."""
        assert one.received is not None
        language = one.language.replace("_", "-") if _LANGUAGE.fullmatch(one.language) else ""
        source = {"system": self.system, "file": one.file, "line": one.place.line, "id": one.id}
        if one.pages and as_key(one.pages[0]) != page:
            source["page"] = one_line(one.pages[0])
        record: dict[str, object] = {
            "id": ident,
            "page": page,
            "received": _written(one.received),
            "created": _written(one.created) if one.created else "",
            "parent": parent,
            "name": one.name,
            "url": one.url,
            "language": language,
            "status": self._status(one),
            "format": "" if one.format == "markdown" else one.format,
            "body": one.body,
            "signals": {key: value for key, value in msgspec.structs.asdict(one.signals).items() if value not in (None, False)},
            "source": {key: value for key, value in source.items() if value},
        }
        for without in ("", "source", "url", "name"):
            if without:
                record[without] = {"system": self.system} if without == "source" else ""
            line = json.dumps({key: value for key, value in record.items() if value}, ensure_ascii=False).encode("utf-8", "replace")
            inbox, _ = read_inbox([("", line)])
            if len(inbox.records) == 1 and not inbox.private and inbox.records[0].id == ident:
                return line
        return None

    def _erasure(self, ident: str, now: datetime) -> bytes:
        """The decision that keeps the place of a deleted comment for its answers."""
        decision = {"at": _written(now), "by": f"import of {self.system}", "action": "erase", "id": ident, "reason": "Deleted there."}
        return json.dumps(decision).encode()


def _written(moment: datetime) -> str:
    return whole_minutes(moment).isoformat(timespec="auto" if moment.microsecond % 1000 else "milliseconds" if moment.microsecond else "seconds")


def _content(one: Foreign) -> tuple[str, ...]:
    return (one.body, one.name, one.parent, *one.pages)


def make_id(system: str, one: Foreign) -> str:
    """The id of a foreign comment in our inbox: the same each time it is read."""
    if one.key:
        return ident_of(system, one.key)
    content = [*one.pages[:1], one.title, _written(one.received) if one.received else "", one.name, one.body]
    return f"{system}-{_digest(json.dumps(content))}"


def ident_of(system: str, key: str) -> str:
    """The id of the comment whose name at that system is `key`."""
    return f"{system}-{key}" if _FIT.fullmatch(key) else f"{system}-{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def total(passed: Mapping[str, tuple[Place, ...]]) -> int:
    """How many were passed over."""
    return sum(map(len, passed.values()))
