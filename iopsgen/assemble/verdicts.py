"""What becomes of each comment: which record stands for an id, on which page it belongs, and what moderators decided.

Nothing depends on the order of the lines: comments are told apart by id and content, ordered by (received, id), and decisions
by their own time. What becomes of a record is decided by the first of these that holds:

 1. a record of the same content stands for it: *duplicate* (the one received first stands)
 2. its id was erased: *erased*, for ever, whatever else was decided
 3. another content with the same id stands: *quarantined* (the one a moderator approved stands, else the one received first)
 4. a moderator rejected it or called it spam; the receiver called it spam and no moderator said otherwise: *rejected*, *spam*
 5. no page is known by its address; it was received in the future: *quarantined* (each with its own name)
 6. a moderator approved this very content: *published*
 7. it changed since a moderator judged it; a moderator holds it; the receiver wants it looked at; its signals are those of a
    program; its thread was closed when it came; moderation comes first: *held* (each with its own name)
 8. *published*

An import is exempt from closing, since it was published where it comes from. A trusted author is exempt from being looked at and
from moderation, not from the rest.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from iopsgen.plain import one_line
from iopsgen.problems import Place, did_you_mean, note, warning
from iopsgen.read.comments import Decision, Disposition, Findings, Inbox, Record, Sort

TOO_FAST = 2000.0  # milliseconds in which nobody reads and writes
LIKELY_SPAM = 0.5

_STATES = ("approve", "hold", "reject", "spam")  # at the same moment the more careful one counts: the later in this list
_CAUTION = {"": 0, "approved": 0, "pending": 1, "spam": 2}


class Merge(NamedTuple):
    """What every step of a merge needs."""

    inbox: Inbox
    judgements: "Judgements"
    pages: "Pages"
    now: datetime
    findings: Findings


class Verdict(NamedTuple):
    """What becomes of a record: the sum it counts in, the exact case, a sentence."""

    sort: Sort
    name: str
    reason: str = ""


def dispose(record: Record, verdict: Verdict, route: str) -> Disposition:
    """What became of a record's line; `route` is that of its page, empty if that is unknown."""
    return Disposition(
        file=record.file, line=record.line, sort=verdict.sort, name=verdict.name, id=record.id, reason=verdict.reason, page=route
    )


# --- decisions ---------------------------------------------------------------------------------------------------------


class Judgements:
    """The decisions by what they are about; of several of one kind the latest counts, whatever the order of the lines."""

    def __init__(self, decisions: Iterable[Decision], records: Iterable[Record]) -> None:
        def key(d: Decision) -> tuple[object, ...]:
            return (d.at, _STATES.index(d.action) if d.action in _STATES else -1, d.value, d.sha256, d.file, d.line)

        self.all = sorted(decisions, key=key)
        self.kinds: dict[tuple[str, str], list[Decision]] = {}
        for d in self.all:
            self.kinds.setdefault((d.id, "state" if d.action in _STATES else d.action), []).append(d)
        self.contents: dict[str, set[str]] = {d.id: {""} for d in self.all}
        for record in records:
            if record.id in self.contents:
                self.contents[record.id].add(record.sha256)

    def is_erased(self, name: str) -> bool:
        """Whether somebody's comment was erased: of whatever text, and for ever."""
        return (name, "erase") in self.kinds

    def find(self, record: Record, kind: str) -> Decision | None:
        """The latest decision of a kind (state, edit, redact-name, move) about the content that the record has now.

        One without a digest is about any content, but may only take away: it neither approves nor edits.
        """
        for d in reversed(self.kinds.get((record.id, kind), ())):
            if d.sha256 == record.sha256 or (not d.sha256 and d.action not in ("approve", "edit")):
                return d
        return None

    def find_stale(self, record: Record) -> Decision | None:
        """The latest judgement of a text that the inbox no longer holds under this id: the record has changed since."""
        known = self.contents.get(record.id)
        if known is None:
            return None
        found = (
            d for kind in ("state", "edit", "redact-name", "move") for d in self.kinds.get((record.id, kind), ()) if d.sha256 not in known
        )
        return max(found, key=lambda d: (d.at, d.line), default=None)

    def approved(self, name: str, contents: Collection[str]) -> str:
        """Of several contents with one id the one that a moderator approved last, or an empty text."""
        approvals = (d.sha256 for d in reversed(self.kinds.get((name, "state"), ())) if d.action == "approve" and d.sha256 in contents)
        return next(approvals, "")

    def trusted(self, standing: Mapping[str, Record], findings: Findings) -> "Trust":
        """Whom the moderators trust: authors of the named comments, by name and address, and names given as they are."""
        authors: set[tuple[str, str]] = set()
        names: set[str] = set()
        for d in self.all:
            if d.action != "trust-author":
                continue
            record = standing.get(d.id)
            if d.value:
                names.add(one_line(d.value).casefold())
            elif record is not None and record.name and d.sha256 in ("", record.sha256):
                authors.add((record.name.casefold(), record.url))
            elif record is not None:
                why = "has no name" if not record.name else "changed since"
                message = f'The author of comment "{d.id}" cannot be trusted: the comment {why}.'
                findings.add("authors", warning(message, Place(d.file, d.line), 'Give the name itself as `"value": "…"`.'))
        return Trust(frozenset(authors), frozenset(names))


class Trust(NamedTuple):
    """Trusted authors: pairs of name and address, and names with any address, all in small letters."""

    authors: frozenset[tuple[str, str]]
    names: frozenset[str]

    def covers(self, record: Record) -> bool:
        """Whether the author of a comment is one of them; nobody nameless is."""
        name = record.name.casefold()
        return bool(name) and (name in self.names or (name, record.url) in self.authors)


def report_decisions(run: Merge, standing: Mapping[str, Record]) -> None:
    """Decisions that have no effect, with what to write instead; erased comments whose line still stands."""
    for (name, kind), found in run.judgements.kinds.items():
        d = found[-1]
        place = Place(d.file, d.line)
        record = standing.get(name)
        if kind in ("close-thread", "trust-author"):
            continue
        if record is None:
            if kind != "erase":
                many = "decisions about unknown comments"
                hint = did_you_mean(name, standing) if len(standing) < 2000 and run.findings.count.get(many, 0) < 5 else ""  # it is slow
                run.findings.add(many, warning(f'No comment has the id "{name}".', place, hint))
        elif kind == "erase":
            message = f'Comment "{name}" is erased from the site, but its line still stands in the inbox.'
            hint = f"Delete line {record.line} of {record.file}, and if that is in git, from its history too (`git filter-repo`)."
            run.findings.add("erased comments in the inbox", note(message, place, hint))
        elif not d.sha256 and d.action in ("approve", "edit"):
            message = f'This decision about comment "{name}" does not say which text it judged, so it is not followed.'
            hint = f'Read the comment, then add `"sha256": "{record.sha256}"`.'
            run.findings.add("decisions without a digest", warning(message, place, hint))


# --- which record stands -----------------------------------------------------------------------------------------------


def find_standing(run: Merge) -> tuple[dict[str, Record], list[Disposition]]:
    """One record for each id, and the dispositions of those that do not stand."""
    groups: dict[str, list[Record]] = {}
    for record in run.inbox.records:
        groups.setdefault(record.id, []).append(record)
    standing: dict[str, Record] = {}
    dispositions: list[Disposition] = []
    for name, group in sorted(groups.items()):
        if len(group) > 1:
            group.sort(key=_precedence)
            contents: dict[str, Record] = {}
            for record in group:
                if record.sha256 in contents:
                    first = contents[record.sha256]
                    reason = f"The same comment stands in {first.file}, line {first.line}."
                    dispositions.append(dispose(record, Verdict("duplicate", "duplicate", reason), run.pages.find(record.page)))
                contents.setdefault(record.sha256, record)
            first = contents.get(run.judgements.approved(name, contents), group[0])
            group = [r for r in contents.values() if r is not first]
            erased = run.judgements.is_erased(name)
            for record in group:
                reason = f"Another comment with this id stands in {first.file}, line {first.line}."
                verdict = Verdict("erased", "erased") if erased else Verdict("quarantined", "other content", reason)
                dispositions.append(dispose(record, verdict, run.pages.find(record.page)))
                if not erased:
                    hint = "Give it another id, or approve its text to show it instead of the other one."
                    found = warning(f'Two different comments have the id "{name}".', Place(record.file, record.line), hint)
                    run.findings.add("comments with the id of another", found)
            standing[name] = first
        else:
            standing[name] = group[0]
    return dict(sorted(standing.items(), key=lambda item: order(item[1]))), dispositions


def _precedence(record: Record) -> tuple[object, ...]:
    """Of several records with one id the first in this order stands: the earliest, then the one to be most careful with."""
    signals = record.signals
    elapsed = (signals.elapsed is None, signals.elapsed or 0.0)
    source = (record.source != "", record.source)
    doubt = (not signals.honeypot, elapsed, -(signals.score or 0.0))
    return (record.received, record.sha256, -_CAUTION[record.status], record.status, doubt, source, record.file, record.line)


def order(record: Record) -> tuple[datetime, str]:
    """What comments are ordered by, whatever the order of the lines."""
    return (record.received, record.id)


# --- pages -------------------------------------------------------------------------------------------------------------


class Pages:
    """Finds the route of a page by any of its names, however a receiver wrote it."""

    def __init__(self, pages: Mapping[str, str], root: str) -> None:
        self.pages = pages
        self.root = root.rstrip("/")
        self.found: dict[str, str] = {}

    def find(self, name: str) -> str:
        """The route, or an empty text. Full addresses, missing slashes, `index.html`, queries and escapes are understood."""
        known = self.found.get(name)
        if known is None:
            known = self.found[name] = next((self.pages[c] for c in self._candidates(name) if c in self.pages), "")
        return known

    def _candidates(self, name: str) -> Iterable[str]:
        yield name
        try:
            path = urlsplit(name).path
        except ValueError:
            return
        for text in dict.fromkeys((path, unquote(path), normalize("NFC", unquote(path)))):
            short = text.removesuffix("index.html").removesuffix("/index")
            for whole in dict.fromkeys((short, short.removeprefix(self.root) if f"{short}/".startswith(f"{self.root}/") else short)):
                bare = whole.strip("/")
                yield from (f"/{bare}/" if bare else "/", f"/{bare}", f"{bare}/", bare)


def find_routes(run: Merge, standing: Mapping[str, Record], parents: Mapping[str, str]) -> dict[str, str]:
    """The route of each comment's page, empty if unknown; replies of the same page follow a comment that was moved."""
    routes = {name: run.pages.find(record.page) for name, record in standing.items()}
    moves: dict[str, str] = {}
    for name, record in standing.items():
        decision = run.judgements.find(record, "move")
        if decision is None:
            continue
        target = run.pages.find(one_line(decision.value))
        if target:
            moves[name] = target
        else:
            message = f'Comment "{name}" cannot be moved: no page is known as "{one_line(decision.value)}".'
            run.findings.add("moves to unknown pages", warning(message, Place(decision.file, decision.line), "Write the page's address."))
    if moves:
        replies: dict[str, list[str]] = {}
        for name, parent in parents.items():
            replies.setdefault(parent, []).append(name)
        moved = dict(moves)
        for first, target in moves.items():
            waiting = [first]
            while waiting:
                name = waiting.pop()
                for reply in replies.get(name, ()):
                    if reply not in moved and routes[reply] == routes[name]:
                        moved[reply] = target
                        waiting.append(reply)
        routes.update(moved)
    return routes


def find_closings(
    run: Merge, standing: Mapping[str, Record], closed: Collection[str], close_after: timedelta | None, page_dates: Mapping[str, datetime]
) -> tuple[dict[str, datetime], list[datetime]]:
    """When each thread closes or closed, and the moments of that which are still to come."""
    closings: dict[str, datetime] = {}
    if close_after is not None:
        for route, date in page_dates.items():
            try:
                closings[route] = date.astimezone(UTC) + close_after
            except OverflowError:
                continue
    for d in run.judgements.all:
        if d.action == "close-thread":
            page = one_line(d.value) or (standing[d.id].page if d.id in standing else d.id)
            route = run.pages.find(page)
            if route:
                closings[route] = min(d.at, closings.get(route, d.at))
            else:
                message = f'No thread can be closed: no page is known as "{page}".'
                run.findings.add("threads that cannot be closed", warning(message, Place(d.file, d.line), "Write the page's address."))
    return closings, [at for route, at in closings.items() if at > run.now and route not in closed]


# --- what becomes of a record ------------------------------------------------------------------------------------------


def judge(
    run: Merge, record: Record, route: str, moderation: Literal["before", "after"], closings: Mapping[str, datetime], trust: Trust
) -> Verdict:
    """What becomes of a standing record, by the list at the head of this module."""
    judgements = run.judgements
    if judgements.is_erased(record.id):
        return Verdict("erased", "erased")
    state = judgements.find(record, "state")
    action = state.action if state else ""
    reason = state.reason if state else ""
    if action == "reject":
        return Verdict("rejected", "rejected", reason)
    if action == "spam":
        return Verdict("spam", "spam", reason)
    if record.status == "spam" and not action:
        return Verdict("spam", "spam", "The receiver called it spam.")
    place = Place(record.file, record.line)
    if not route:
        hint = "Give the page an alias of this address, or add a decision with the action move."
        run.findings.add("comments on unknown pages", warning(f'A comment belongs to "{record.page}", which is no page here.', place, hint))
        return Verdict("quarantined", "unknown page", f'No page is known as "{record.page}".')
    if record.received > run.now:
        message = f"A comment was received at {record.received.isoformat()}, which is yet to come; it is not shown before."
        run.findings.add("comments from the future", warning(message, place, "Set the receiver's clock, or mend the date."))
        return Verdict("quarantined", "future date", f"Received at {record.received.isoformat()}.")
    if action == "approve":
        return Verdict("published", "approved", reason)
    stale = judgements.find_stale(record)
    if stale:
        message = f'Comment "{record.id}" is no longer the text that this decision judged; it is held.'
        found = warning(message, Place(stale.file, stale.line), f"Add a decision with sha256 {record.sha256}.")
        run.findings.add("comments that changed since they were judged", found)
    held = _reason_to_hold(record, action, stale is not None, moderation, closings.get(route), trust.covers(record))
    return Verdict("held", *held) if held else Verdict("published", "published")


def _reason_to_hold(
    record: Record, action: str, stale: bool, moderation: Literal["before", "after"], closing: datetime | None, trusted: bool
) -> tuple[str, str] | None:
    """Why a comment waits for a moderator: the case and a sentence, or None."""
    if stale:
        return "changed", "It changed since a moderator judged it."
    if action == "hold":
        return "held", "A moderator holds it."
    if record.status == "pending" and not trusted:
        return "pending", "The receiver wants it looked at."
    signals = record.signals
    if signals.honeypot:
        return "honeypot", "A field that people do not see was filled in."
    if signals.elapsed is not None and signals.elapsed < TOO_FAST:
        return "too fast", f"It was written in {signals.elapsed:g} milliseconds."
    if signals.score is not None and signals.score >= LIKELY_SPAM:
        return "likely spam", f"The receiver's score is {signals.score:g}."
    if closing is not None and record.received > closing and not record.source:
        return "closed thread", "Its thread was closed when it came."
    if moderation == "before" and record.status != "approved" and not trusted:
        return "not approved", "Comments are shown once a moderator approves them."
    return None
