"""Merges the comments' inbox with the moderators' decisions into threads, and accounts for every line.

What becomes of a record is decided in `verdicts`; here the published ones become trees, and trees become views.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

import msgspec

from iopsgen.assemble.verdicts import (
    Judgements,
    Merge,
    Pages,
    Trust,
    dispose,
    find_closings,
    find_routes,
    find_standing,
    judge,
    order,
    report_decisions,
)
from iopsgen.model import Comment, Thread, Value
from iopsgen.problems import Place, Problem, warning
from iopsgen.read.comments import Decision, Disposition, Findings, Inbox, Record
from iopsgen.views import CommentForm, CommentView, Ref, ThreadView

FOLDED_FROM = 100  # comments from which on a discussion is long
UNFOLDED = 50
ANSWERABLE = 200  # the latest comments, which the form offers to answer


class Report(Value, frozen=True, kw_only=True):
    """What became of every line of the inbox, in numbers that always add up (see `adds_up`).

    Records that belong to an unknown page, come from the future or contradict another one are `quarantined`; the three numbers
    after it are parts of it. `dispositions` has one entry for each line, by file and line. `inbox` and `decisions` are what it
    accounts for, `pages` leads from every name of a page to its route.
    """

    lines: int = 0
    blank: int = 0
    malformed: int = 0
    records: int = 0
    published: int = 0
    held: int = 0
    rejected: int = 0
    spam: int = 0
    erased: int = 0
    duplicate: int = 0
    quarantined: int = 0
    unknown_page: int = 0
    future: int = 0
    conflicting: int = 0
    dispositions: tuple[Disposition, ...] = ()
    next_change: datetime | None = None  # when a thread will look different with no edit made
    inbox: Inbox = Inbox()
    decisions: tuple[Decision, ...] = ()
    pages: dict[str, str] = {}

    @property
    def erased_ids(self) -> frozenset[str]:
        """The ids of all comments that were ever erased, in the inbox or not."""
        return frozenset(d.id for d in self.decisions if d.action == "erase")

    def adds_up(self) -> bool:
        """Whether every line and every record has exactly one disposition."""
        records = self.published + self.held + self.rejected + self.spam + self.erased + self.duplicate + self.quarantined
        return (
            self.lines == self.blank + self.malformed + self.records == len(self.dispositions)
            and self.records == records
            and self.quarantined == self.unknown_page + self.future + self.conflicting
        )


# --- merging -----------------------------------------------------------------------------------------------------------


def merge_threads(
    inbox: Inbox,
    decisions: Iterable[Decision],
    *,
    pages: Mapping[str, str],
    closed: Collection[str],
    moderation: Literal["before", "after"],
    close_after: timedelta | None,
    now: datetime,
    page_dates: Mapping[str, datetime],
    root: str = "/",
) -> tuple[dict[str, Thread], Report, list[Problem]]:
    """The threads by route, for pages with comments and for closed ones; the account of every line; and what is wrong.

    `pages` leads from every name of a page (route, alias, slug, source) to its route; `root` is the path of the site's address,
    which a page's name may carry. `closed` are the routes whose front matter closes them, `page_dates` the moments from which
    `close_after` counts. Problems are warnings, never errors.
    """
    decisions = tuple(decisions)
    run = Merge(inbox, Judgements(decisions, inbox.records), Pages(pages, root), now, Findings())
    standing, dispositions = find_standing(run)
    closings, next_closing = find_closings(run, standing, closed, close_after, page_dates)
    parents = _find_parents(run, standing)
    routes = find_routes(run, standing, parents)
    shown: dict[str, Record] = {}
    trusted = run.judgements.trusted(standing, run.findings)
    for record in standing.values():
        verdict = judge(run, record, routes[record.id], moderation, closings, trusted)
        dispositions.append(dispose(record, verdict, routes[record.id]))
        if verdict.sort == "published":
            shown[record.id] = record
    report_decisions(run, standing)
    parents = _within_threads(run, standing, routes, shown, parents)
    threads = _make_threads(run, standing, routes, shown, parents, trusted)
    for route in sorted({*closed, *(route for route, at in closings.items() if at <= now)}):
        threads[route] = msgspec.structs.replace(threads.get(route, Thread(page=route)), closed=True)
    futures = (r.received for r, d in ((standing.get(d.id), d) for d in dispositions) if r is not None and d.name == "future date")
    next_change = min((*futures, *next_closing), default=None)
    report = msgspec.structs.replace(_count(inbox, dispositions), decisions=decisions, pages=dict(pages), next_change=next_change)
    return dict(sorted(threads.items())), report, run.findings.all()


def _count(inbox: Inbox, of_records: list[Disposition]) -> Report:
    """The report: every number is counted from the dispositions, none is carried along."""
    dispositions = sorted((*inbox.dispositions, *of_records), key=lambda d: (d.file, d.line))
    sums: dict[str, int] = {}
    for d in dispositions:
        sums[d.sort] = sums.get(d.sort, 0) + 1
        if d.sort == "quarantined":
            sums[d.name] = sums.get(d.name, 0) + 1
    return Report(
        lines=inbox.lines,
        blank=sums.get("blank", 0),
        malformed=sums.get("malformed", 0),
        records=len(inbox.records),
        published=sums.get("published", 0),
        held=sums.get("held", 0),
        rejected=sums.get("rejected", 0),
        spam=sums.get("spam", 0),
        erased=sums.get("erased", 0),
        duplicate=sums.get("duplicate", 0),
        quarantined=sums.get("quarantined", 0),
        unknown_page=sums.get("unknown page", 0),
        future=sums.get("future date", 0),
        conflicting=sums.get("other content", 0),
        dispositions=tuple(dispositions),
        inbox=inbox,
    )


# --- the tree ----------------------------------------------------------------------------------------------------------


def _find_parents(run: Merge, standing: Mapping[str, Record]) -> dict[str, str]:
    """The parent of each comment, empty where it answers none that is known, without cycles.

    A parent that was erased and has left the inbox is kept, so that the replies keep their place.
    """
    parents = {
        name: record.parent if record.parent in standing or run.judgements.is_erased(record.parent) else ""
        for name, record in standing.items()
    }
    for first in _cycles(standing, parents):
        parents[first] = ""
    return parents


def _within_threads(
    run: Merge, standing: Mapping[str, Record], routes: Mapping[str, str], shown: Mapping[str, Record], parents: Mapping[str, str]
) -> dict[str, str]:
    """The parents without those of other threads, and a warning for each published comment that lost its place by that."""
    within = {name: "" if parent in routes and routes[parent] != routes[name] else parent for name, parent in parents.items()}
    for name, record in shown.items():
        parent = record.parent
        if within[name] or not parent:
            continue
        place = Place(record.file, record.line)
        if parent not in standing:
            message = f'This comment answers "{parent}", which is not in the inbox; it stands at the top level.'
            run.findings.add("comments that answer an unknown one", warning(message, place))
        elif not parents[name]:
            message = f'Comment "{name}" answers itself in the end; it stands at the top level.'
            run.findings.add("comments that answer themselves", warning(message, place))
        elif run.pages.find(standing[parent].page) != run.pages.find(record.page):
            message = f'This comment answers "{parent}", which belongs to another page; it stands at the top level.'
            run.findings.add("comments that answer one of another page", warning(message, place))
    return within


def _cycles(standing: Mapping[str, Record], parents: Mapping[str, str]) -> list[str]:
    """The smallest comment, by (received, id), of every cycle of parents. Each comment is visited once."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for turn, start in enumerate(parents):
        name = start
        while name in parents and name not in seen:
            seen[name] = turn
            name = parents[name]
        if seen.get(name) == turn:
            ring, at = [name], parents[name]
            while at != name:
                ring.append(at)
                at = parents[at]
            found.append(min(ring, key=lambda n: order(standing[n])))
    return found


def _make_threads(
    run: Merge,
    standing: Mapping[str, Record],
    routes: Mapping[str, str],
    shown: Mapping[str, Record],
    parents: Mapping[str, str],
    trust: Trust,
) -> dict[str, Thread]:
    """The threads that have something to show: published comments, and placeholders for what they answer."""
    by_route: dict[str, list[Comment]] = {}
    counts: dict[str, int] = {}
    holders = {parents[name] for name in shown} - shown.keys() - {""}
    above = _nearest_shown(parents, {*shown, *holders})
    for name, record in shown.items():
        route = routes[name]
        by_route.setdefault(route, []).append(_comment(run, record, above[name], trust.covers(record)))
        counts[route] = counts.get(route, 0) + 1
    first: dict[tuple[str, str], datetime] = {}
    for name, record in shown.items():
        if parents[name] in holders:
            key = (routes[name], parents[name])
            first[key] = min(record.received, first.get(key, record.received))
    for (route, name), received in first.items():
        gone = standing.get(name)
        comment = Comment(id=name, name="", received=gone.received if gone else received, body="", parent=above.get(name, ""), removed=True)
        by_route[route].append(comment)
    return {
        route: Thread(page=route, comments=tuple(sorted(comments, key=lambda c: (c.received, c.id))), count=counts[route])
        for route, comments in by_route.items()
    }


def _nearest_shown(parents: Mapping[str, str], visible: Collection[str]) -> dict[str, str]:
    """For each comment the nearest one above it that is visible, or an empty text. Each comment is passed once."""
    above: dict[str, str] = {}
    for start in parents:
        way: list[str] = []
        name = start
        while name not in above and name in parents:
            way.append(name)
            name = parents[name]
        for step in reversed(way):
            parent = parents[step]
            above[step] = parent if parent in visible else above.get(parent, "")
    return above


def _comment(run: Merge, record: Record, parent: str, trusted: bool) -> Comment:
    """A published comment, with a moderator's new text and without a name that was taken away."""
    edit = run.judgements.find(record, "edit")
    nameless = run.judgements.find(record, "redact-name") is not None
    return Comment(
        id=record.id,
        name="" if nameless else record.name,
        received=record.received,
        body=edit.value if edit else record.body,
        format=record.format,
        url="" if nameless else record.url,
        parent=parent,
        language=record.language,
        trusted=trusted and not nameless,
    )


# --- views -------------------------------------------------------------------------------------------------------------


def anchor(name: str) -> str:
    """The permanent `id` attribute of a comment: ids of comments hold nothing that an attribute or an address could trip over."""
    return f"comment-{name}"


def thread_view(
    thread: Thread | None,
    page_url: str,
    *,
    page: str = "",
    title: str = "",
    closed: bool = False,
    form: CommentForm | None = None,
    privacy: str = "",
    contact: str = "",
    feed: str = "",
    authors: Collection[str] = (),
    address: str = "",
) -> ThreadView:
    """A thread for a template: top-level comments by time, each with everything below it as one level of replies.

    A reply names whom it answers and links there. `page_url` is the url of the page, `page` its route, `address` its absolute
    address, `title` its title; `contact` gives the prepared e-mail if it is a mailbox. A comment is marked as by one of `authors`
    (names) only where a moderator trusts its author, since anybody can write a name. A closed thread has no form.
    """
    closed = closed or (thread is not None and thread.closed)
    comments = thread.comments if thread else ()
    top = _one_level(comments, page_url, frozenset(name.casefold() for name in authors))
    top, folded = _quiet_first(top, comments)
    mailbox = contact.removeprefix("mailto:")
    mail = f"mailto:{quote(mailbox, safe='@')}?subject={quote(title, safe='')}&body={quote(address, safe='')}"
    return ThreadView(
        count=thread.count if thread else 0,
        threads=len(top),
        comments=top,
        closed=closed,
        feed=feed,
        folded=folded,
        folded_count=sum(not c.removed for t in top[:folded] for c in (t, *t.replies)),
        answerable_since=comments[-ANSWERABLE].received if len(comments) > ANSWERABLE else None,
        form=None if closed else form,
        mailto=mail if "@" in mailbox and not closed else "",
        page=page or (thread.page if thread else ""),
        privacy=privacy,
    )


def _quiet_first(top: tuple[CommentView, ...], comments: tuple[Comment, ...]) -> tuple[tuple[CommentView, ...], int]:
    """The branches of a discussion, those first that hold none of its latest comments, and how many these are; each part by time."""
    if len(comments) <= FOLDED_FROM:
        return top, 0
    latest = {c.id for c in comments[-UNFOLDED:]}
    alive = [t for t in top if t.id in latest or any(r.id in latest for r in t.replies)]
    quiet = [t for t in top if not (t.id in latest or any(r.id in latest for r in t.replies))]
    return (*quiet, *alive), len(quiet)


def _one_level(comments: tuple[Comment, ...], page_url: str, authors: frozenset[str]) -> tuple[CommentView, ...]:
    """The top-level comments, everything below each of them as its replies, by time."""
    by_id = {comment.id: comment for comment in comments}
    tops = _tops(by_id)
    replies: dict[str, list[CommentView]] = {}
    for comment in comments:
        if tops[comment.id] != comment.id:
            replies.setdefault(tops[comment.id], []).append(_view(comment, page_url, authors, by_id[comment.parent]))
    return tuple(
        _view(comment, page_url, authors, None, tuple(replies.get(comment.id, ())))
        for comment in comments
        if tops[comment.id] == comment.id
    )


def _tops(by_id: Mapping[str, Comment]) -> dict[str, str]:
    """For each comment the one at the top of its branch. Each comment is passed once, however deep the chain."""
    tops: dict[str, str] = {}
    for start in by_id:
        way: list[str] = []
        name = start
        while name not in tops:
            way.append(name)
            parent = by_id[name].parent
            if parent not in by_id:
                tops[name] = name
            else:
                name = parent
        for step in way:
            tops[step] = tops[name]
    return tops


def _view(
    comment: Comment, page_url: str, authors: frozenset[str], parent: Comment | None, replies: tuple[CommentView, ...] = ()
) -> CommentView:
    """A comment as a template sees it."""
    reply_to = Ref(title=parent.name, url=f"{page_url}#{anchor(parent.id)}", id=parent.id) if parent else None
    return CommentView(
        id=comment.id,
        anchor=anchor(comment.id),
        url=f"{page_url}#{anchor(comment.id)}",
        received=comment.received,
        source=comment.body,
        format=comment.format if comment.body else "",
        name=comment.name,
        link=comment.url,
        by_author=comment.trusted and comment.name.casefold() in authors,
        removed=comment.removed,
        reply_to=reply_to,
        answers_removed=parent is not None and parent.removed,
        replies=replies,
        folded=len(replies) - UNFOLDED if len(replies) > FOLDED_FROM else 0,
        language=comment.language,
    )
