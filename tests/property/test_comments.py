"""Laws of the comments: nothing is lost, the order of the lines does not matter, and no inbox brings an exception."""

import json
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iopsgen.assemble.threads import Report, merge_threads, thread_view
from iopsgen.model import Thread
from iopsgen.moderation.decide import Choice, write_decisions
from iopsgen.moderation.recount import comments_on
from iopsgen.problems import Problem
from iopsgen.read.comments import Decision, Inbox, read_decisions, read_inbox
from iopsgen.views import CommentView
from tests import xss
from tests.sites import SETTINGS, build_site, digests, write_site

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PAGES = {"/a/": "/a/", "a": "/a/", "/b/": "/b/", "/old/": "/b/"}

HOSTILE = [*[*xss.vectors()][::7], "x", "*y*", "[" * 500, "> " * 200 + "x", "a\u2028b"]

quiet = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ids = st.sampled_from(["1", "2", "3", "4", "5", "x@y.z"])
moments = st.sampled_from(
    ["2026-05-01T00:00:00Z", "2026-05-01T02:00:00+02:00", "2026-05-02T00:00:00Z", "2026-04-01T00:00:00-05:00", "2027-01-01T00:00:00Z"]
)
texts = st.one_of(st.sampled_from(["x", "y", "<b>\u2028</b>", " \0\n", "a@example.org", "\ud800z"]), st.text(max_size=20))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3),
    max_leaves=6,
)
records = st.fixed_dictionaries(
    {"id": ids, "page": st.sampled_from(["/a/", "a", "/b", "/old/?x", "/c/"]), "received": moments, "body": texts},
    optional={
        "parent": ids,
        "name": st.sampled_from([None, "Ann", "Bob", "Eve <eve@secret.example>"]),
        "status": st.sampled_from(["approved", "pending", "spam", "?"]),
        "signals": st.sampled_from([{}, {"honeypot": 1}, {"elapsed": 5}, {"score": 1}, {"ip": "203.0.113.9"}]),
        "source": st.sampled_from([{"system": "disqus"}, "x"]),
        "email": st.just("eve@secret.example"),
        "format": st.sampled_from(["text", "html", "markdown", "x"]),
        "url": st.sampled_from(["https://ann.example/", "javascript:x", "https://e.org/?eve@secret.example"]),
        "extra": values,
    },
)
odd_records = st.dictionaries(
    st.sampled_from(["id", "page", "received", "body", "parent", "name", "status", "signals", "created", "format", "source", "url"]),
    values | ids | moments,
)
decisions = st.fixed_dictionaries(
    {
        "at": st.sampled_from(["2026-05-10T00:00:00Z", "2026-05-11T00:00:00Z", "2026-05-12T00:00:00Z"]),
        "action": st.sampled_from(
            ["approve", "reject", "spam", "hold", "erase", "edit", "redact-name", "move", "close-thread", "trust-author"]
        ),
        "id": ids,
        "value": st.sampled_from(["/a/", "/b/", "Ann", "/nowhere/"]),
    },
    optional={"sha256": st.sampled_from(["0" * 64, ""])},
)
lines = st.one_of(
    records.map(lambda r: json.dumps(r).encode()),
    records.map(lambda r: json.dumps(r, ensure_ascii=False).encode("utf-8", "replace")),
    odd_records.map(lambda r: json.dumps(r).encode()),
    st.binary(max_size=30).map(lambda b: b.replace(b"\n", b" ")),
    st.sampled_from([b"", b" \t", b"\r", b"{}", b"null", b"{" * 2000, b"\0" * 9, b"\xef\xbb\xbf{}"]),
)


def judged(found: list[dict[str, Any]], inbox: Inbox) -> tuple[Decision, ...]:
    """Decisions, bound to the content of the first record with that id where they name none."""
    known = {r.id: r.sha256 for r in sorted(inbox.records, key=lambda r: r.sha256)}
    data = "\n".join(json.dumps({"sha256": known.get(d["id"], "")} | d) for d in found)
    made, problems = read_decisions("d", data.encode())
    assert problems == []
    return made


def merge(inbox: Inbox, made: tuple[Decision, ...] = (), moderation: Any = "after") -> tuple[dict[str, Thread], Report, list[Problem]]:
    return merge_threads(
        inbox,
        made,
        pages=PAGES,
        closed=("/b/",),
        moderation=moderation,
        close_after=timedelta(days=10),
        now=NOW,
        page_dates={"/a/": datetime(2026, 4, 21, 12, tzinfo=UTC)},
    )


def account(data: bytes, inbox: Inbox, threads: dict[str, Thread], report: Report) -> None:
    """What must hold for every inbox whatever."""
    assert report.adds_up()
    assert report.lines == data.removeprefix(b"\xef\xbb\xbf").count(b"\n") + (
        not data.endswith(b"\n") and data not in (b"", b"\xef\xbb\xbf")
    )
    assert [d.line for d in report.dispositions] == list(range(1, report.lines + 1))
    assert sum(f.size for f in inbox.files) == len(data)
    published = [d.id for d in report.dispositions if d.sort == "published"]
    shown = [c for t in threads.values() for c in t.comments if not c.removed]
    assert sorted(published) == sorted(c.id for c in shown)
    for route, thread in threads.items():
        keys = [(c.received, c.id) for c in thread.comments]
        assert (thread.page, keys) == (route, sorted(set(keys)))
        assert thread.count == sum(not c.removed for c in thread.comments)
        known = {c.id: c for c in thread.comments}
        assert all(c.parent in known for c in thread.comments if c.parent)
        assert all(any(o.parent == c.id for o in thread.comments) and not (c.body or c.name or c.url) for c in thread.comments if c.removed)
        for comment in thread.comments:  # every way up ends
            way = {comment.id}
            while comment.parent:
                comment = known[comment.parent]
                assert comment.id not in way
                way.add(comment.id)
        view = thread_view(thread, route)
        flat = [c for top in view.comments for c in (top, *top.replies)]
        assert sorted(c.id for c in flat) == sorted(known)
        assert all(not reply.replies and reply.reply_to for top in view.comments for reply in top.replies)
        assert len({c.anchor for c in flat}) == len(flat)
        assert all(anchor_is_safe(c) for c in flat)
    everything = f"{threads} {inbox.records}".replace("a@example.org", "")
    assert "secret.example" not in everything
    assert "203.0.113.9" not in everything


def anchor_is_safe(comment: CommentView) -> bool:
    return comment.anchor.startswith("comment-") and not set(comment.anchor) - set("comment-._:@") - {
        *map(chr, range(48, 58)),
        *map(chr, range(65, 123)),
    }


@quiet
@given(
    st.lists(lines, max_size=12),
    st.lists(decisions, max_size=5),
    st.sampled_from(["before", "after"]),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
@example(
    [json.dumps({"id": "1", "page": "/a/", "received": "2026-05-01T00:00:00Z", "body": "x", "parent": "1"}).encode()],
    [],
    "after",
    b"\n",
    True,
)
def test_any_inbox_is_accounted_for(written: list[bytes], found: list[dict[str, Any]], moderation: str, end: bytes, whole: bool) -> None:
    """Whatever stands in the inbox and whatever is decided: the sums hold, every line has one disposition, threads are sound."""
    data = end.join(written) + (end if whole else b"")
    inbox, problems = read_inbox([("inbox", data)])
    threads, report, more = merge(inbox, judged(found, inbox), moderation)
    account(data, inbox, threads, report)
    assert not [p for p in (*problems, *more) if p.severity == "error"]


@quiet
@given(st.lists(records, min_size=1, max_size=10), st.lists(decisions, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_files_does_not_matter(
    written: list[dict[str, Any]], found: list[dict[str, Any]], chance: random.Random
) -> None:
    """Shuffled lines, shuffled decisions, and lines spread over files give the same threads and the same numbers."""
    raw = [json.dumps(r).encode() + b"\n" for r in written]
    inbox, _ = read_inbox([("inbox", b"".join(raw))])
    made = judged(found, inbox)
    threads, report, _ = merge(inbox, made)
    chance.shuffle(raw)
    shuffled = list(made)
    chance.shuffle(shuffled)
    cut = chance.randrange(len(raw) + 1)
    again, _ = read_inbox([("b", b"".join(raw[cut:])), ("a", b"".join(raw[:cut]))])
    threads_again, report_again, _ = merge(again, tuple(shuffled))
    assert threads_again == threads
    numbers = [name for name in Report.__struct_fields__ if name not in ("dispositions", "inbox", "decisions")]
    assert [getattr(report_again, n) for n in numbers] == [getattr(report, n) for n in numbers]


@quiet
@given(st.lists(records, min_size=1, max_size=8))
def test_doubled_lines_change_no_thread(written: list[dict[str, Any]]) -> None:
    """Every line twice gives the same threads; each second one is a duplicate or stands with the one it doubles."""
    raw = [json.dumps(r).encode() + b"\n" for r in written]
    threads, report, _ = merge(read_inbox([("inbox", b"".join(raw))])[0])
    doubled, double_report, _ = merge(read_inbox([("inbox", b"".join(raw + raw))])[0])
    assert doubled == threads
    assert double_report.adds_up()
    assert double_report.published == report.published
    assert double_report.duplicate == report.duplicate + report.records


@quiet
@given(st.lists(records, min_size=2, max_size=6), st.data())
def test_torn_and_glued_lines_cost_only_themselves(written: list[dict[str, Any]], data: st.DataObject) -> None:
    """A writer that was interrupted loses its own line, and at most the one glued to it; all others are read as before."""
    written = [{**r, "id": str(n), "body": "words"} for n, r in enumerate(written)]
    raw = [json.dumps(r).encode() for r in written]
    torn = data.draw(st.integers(0, len(raw) - 1))
    raw[torn] = raw[torn][: data.draw(st.integers(1, len(raw[torn]) - 1))]
    glued = data.draw(st.booleans()) and torn + 1 < len(raw)
    text = b"".join(one + (b"" if glued and n == torn else b"\n") for n, one in enumerate(raw))
    inbox, _ = read_inbox([("inbox", text)])
    lost = {str(torn), str(torn + 1)} if glued else {str(torn)}
    assert {r.id for r in inbox.records} == {r["id"] for r in written} - lost
    assert inbox.malformed == 1
    assert merge(inbox)[1].adds_up()


def spoil(raw: list[bytes], chance: random.Random) -> tuple[bytes, set[int]]:
    """The lines after an accident of every kind, and the numbers of those that are still there whole at least once."""
    pieces: list[tuple[set[int], bytes]] = [({n}, line) for n, line in enumerate(raw)]
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(pieces))
        whose, piece = pieces[at]
        kind = chance.choice(("double", "tear", "glue", "noise", "move", "blank"))
        if kind == "double":
            pieces.insert(chance.randrange(len(pieces) + 1), pieces[at])
        elif kind == "tear" and len(piece) > 1:
            pieces[at] = (set(), piece[: chance.randrange(1, len(piece))])
        elif kind == "glue" and at + 1 < len(pieces):
            after, other = pieces.pop(at + 1)
            pieces[at] = (whose if not other.strip() else after if not piece.strip() else set(), piece + other)
        elif kind == "noise":
            pieces.insert(at, (set(), bytes(chance.choices(range(256), k=chance.randrange(1, 40))).replace(b"\n", b"")))
        elif kind == "blank":
            pieces.insert(at, (set(), chance.choice((b"", b" ", b"\t\r"))))
        else:
            pieces.insert(chance.randrange(len(pieces)), pieces.pop(at))
    return b"\n".join(piece for _, piece in pieces) + chance.choice((b"", b"\n")), set().union(*(whose for whose, _ in pieces))


@quiet
@given(st.lists(records, min_size=1, max_size=8), st.lists(decisions, max_size=4), st.randoms(use_true_random=False), st.sampled_from(["before", "after"]))
def test_all_accidents_at_once(written: list[dict[str, Any]], found: list[dict[str, Any]], chance: random.Random, moderation: str) -> None:
    """Shuffled, doubled, torn, glued and between noise: every line is accounted for, and what is whole somewhere is read."""
    written = [{**r, "id": f"w{n}", "body": chance.choice(HOSTILE)} for n, r in enumerate(written)]
    data, whole = spoil([json.dumps(r).encode() for r in written], chance)
    inbox, problems = read_inbox([("inbox", data)])
    threads, report, more = merge(inbox, judged(found, inbox), moderation)
    account(data, inbox, threads, report)
    assert {f"w{n}" for n in whole} <= {r.id for r in inbox.records}
    assert not [p for p in (*problems, *more) if p.severity == "error"]


@quiet
@given(
    st.lists(records, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["approve", "reject", "spam", "hold", "erase"])), max_size=8),
    st.lists(st.integers(0, 3), max_size=8),
)
def test_what_was_decided_last_holds(written: list[dict[str, Any]], chosen: list[tuple[int, str]], hours: list[int]) -> None:
    """Whatever was decided before, and by clocks that go wrong: the last decision that was written holds, and what is erased stays so."""
    raw = b"".join(json.dumps({**r, "id": f"w{n}", "page": "/a/", "received": "2026-05-01T00:00:00Z", "body": "words"}).encode() + b"\n" for n, r in enumerate(written))
    inbox, _ = read_inbox([("inbox", raw)])
    known = {r.id: r.sha256 for r in inbox.records}
    last: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (which, action) in enumerate(chosen):
            name = f"w{which % len(written)}"
            now = NOW + timedelta(hours=hours[number % len(hours)] if hours else 0)
            write_decisions(Path(folder), "d.jsonl", [Choice(action=action, id=name, sha256="" if action == "erase" else known[name])], "", now)
            last[name] = "erase" if last.get(name) == "erase" else action
        data = (Path(folder) / "d.jsonl").read_bytes() if chosen else b""
    made, problems = read_decisions("d", data)
    assert problems == [] and len(made) == len(chosen)
    _, report, _ = merge(inbox, made)
    states = {d.id: d.sort for d in report.dispositions}
    wanted = {"approve": "published", "reject": "rejected", "spam": "spam", "hold": "held", "erase": "erased"}
    assert {name: states[name] for name in last} == {name: wanted[action] for name, action in last.items()}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(records, min_size=3, max_size=10), st.randoms(use_true_random=False))
def test_pages_do_not_depend_on_the_order_of_lines(written: list[dict[str, Any]], chance: random.Random) -> None:
    """The inbox shuffled, doubled and spread over files gives the same bytes of every page and feed, and they hold what the report says."""
    lines = [json.dumps({**r, "page": chance.choice(["/posts/a/", "b"]), "body": chance.choice(HOSTILE)}) + "\n" for r in written]
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, str | bytes | None] = {f"content/posts/2026-01-0{n}-{name}.md": f"---\ntitle: {name}\n---\nText.\n" for n, name in ((1, "a"), (2, "b"))}
        site = write_site(Path(folder) / "site", {**files, "comments/in/1.jsonl": "".join(lines)}, SETTINGS + "comments: {inbox: comments/in}\n")
        assert build_site(site, NOW).ok
        before, report = digests(site / "output"), build_site(site, NOW).comments
        shuffled = [*lines, chance.choice(lines)]
        chance.shuffle(shuffled)
        write_site(site, {"comments/in/1.jsonl": "".join(shuffled[::2]), "comments/in/0.jsonl": "\n" + "".join(shuffled[1::2])})
        result = build_site(site, NOW)
        assert (result.ok, result.written, result.removed) == (True, 0, 0)
        assert digests(site / "output") == before and result.comments.published == report.published
        on_pages = [name for page in sorted((site / "output/posts").glob("*/index.html")) for name in comments_on(page)]
        assert len(on_pages) == len(set(on_pages)) >= report.published


@quiet
@given(st.binary(max_size=200), st.lists(decisions, max_size=3))
def test_decisions_are_read_or_refused(noise: bytes, found: list[dict[str, Any]]) -> None:
    """Any bytes among the decisions are read, blank, or an error with their line; the others stay."""
    noise = noise.replace(b"\n", b" ")
    data = b"\n".join([*(json.dumps(d).encode() for d in found), noise])
    made, problems = read_decisions("d", data)
    last = noise if found else noise.removeprefix(b"\xef\xbb\xbf")
    assert len(made) + len(problems) == len(found) + bool(last.strip())
    assert all(p.severity == "error" and p.place is not None and p.place.line == len(found) + 1 for p in problems)
