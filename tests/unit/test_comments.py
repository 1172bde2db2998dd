"""Comments: what is read from the inbox, what moderators decide, and what becomes of every line."""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import html5lib
import pytest

from iopsgen.assemble.threads import Report, merge_threads, thread_view
from iopsgen.markdown import comment_html
from iopsgen.model import Thread
from iopsgen.outputs.forms import comment_form
from iopsgen.problems import Problem
from iopsgen.read.comments import Decision, Inbox, read_decisions, read_inbox, without_private
from iopsgen.read.remembered import compare_inbox, remember
from iopsgen.settings import FormSettings
from iopsgen.views import CommentForm
from tests import xss

FILE = "comments/inbox.jsonl"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PAGES = {"/posts/welcome/": "/posts/welcome/", "/old/": "/posts/welcome/", "welcome": "/posts/welcome/", "/posts/two/": "/posts/two/"}


def record(ident: str = "c1", /, **changes: object) -> dict[str, object]:
    """A line of the inbox; a value of `...` leaves the field out."""
    values: dict[str, object] = {
        "id": ident,
        "page": "/posts/welcome/",
        "received": "2026-03-01T12:00:00+01:00",
        "body": f"Words of {ident}",
        "name": "Ann",
    }
    return {key: value for key, value in (values | changes).items() if value is not ...}


def read(*lines: object) -> tuple[Inbox, list[Problem]]:
    """The inbox made of lines: bytes as they are, anything else as JSON."""
    return read_inbox([(FILE, b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines))])


def decide(*decisions: dict[str, object]) -> tuple[Decision, ...]:
    """Decisions, a day apart in their order unless they say otherwise; none of them may be unreadable."""
    lines = [json.dumps({"at": f"2026-04-{n:02}T00:00:00Z", "by": "mod"} | d) for n, d in enumerate(decisions, 1)]
    found, problems = read_decisions("comments/decisions.jsonl", "\n".join(lines).encode())
    assert problems == []
    return found


def merge(inbox: Inbox, decisions: tuple[Decision, ...] = (), **changes: Any) -> tuple[dict[str, Thread], Report, list[Problem]]:
    values: dict[str, Any] = {
        "pages": PAGES,
        "closed": (),
        "moderation": "after",
        "close_after": None,
        "now": NOW,
        "page_dates": {},
    }
    threads, report, problems = merge_threads(inbox, decisions, **(values | changes))
    assert report.adds_up()
    assert sum(t.count for t in threads.values()) == report.published == sum(not c.removed for t in threads.values() for c in t.comments)
    return threads, report, problems


def names(report: Report) -> list[str]:
    """The exact case of each line, by line."""
    return [d.name for d in report.dispositions]


def sha(*lines: object) -> str:
    return read(*lines)[0].records[0].sha256


def shown(threads: dict[str, Thread], page: str = "/posts/welcome/") -> list[str]:
    return [c.id for c in threads[page].comments if not c.removed] if page in threads else []


# --- lines -------------------------------------------------------------------------------------------------------------


def test_a_whole_record() -> None:
    """Every field comes back; what the receiver noticed is kept, everything else is not."""
    line = record(
        parent="c0", url="https://Ann.example/ü", language="de-AT", created="2012-01-01T00:00:00Z", status="pending", extra=1,
        signals={"honeypot": "", "elapsed": "9000", "score": 0.25, "agent": "x"},
    )  # fmt: skip
    (inbox, problems) = read(line)
    (found,) = inbox.records
    assert problems == []
    assert (found.id, found.page, found.parent, found.name, found.body) == ("c1", "/posts/welcome/", "c0", "Ann", "Words of c1")
    assert (found.url, found.language, found.status, found.format) == ("https://Ann.example/%C3%BC", "de-AT", "pending", "markdown")
    assert (found.signals.honeypot, found.signals.elapsed, found.signals.score) == (False, 9000.0, 0.25)
    assert found.received.isoformat() == "2026-03-01T12:00:00+01:00"
    assert found.created == datetime(2012, 1, 1, tzinfo=UTC)
    assert (found.file, found.line, len(found.sha256)) == (FILE, 1, 64)


def test_line_ends() -> None:
    """Only a newline ends a line, with or without a carriage return; U+2028 and U+2029 are part of a text; a BOM is nothing."""
    raw = json.dumps(record("c2", body="a\u2028b\u2029c"), ensure_ascii=False).encode()
    inbox, problems = read(b"\xef\xbb\xbf", json.dumps(record()).encode() + b"\r\n", b"\r\n", b"  \t\n", raw)
    assert problems == []
    assert (inbox.lines, inbox.blank, [r.line for r in inbox.records]) == (4, 2, [1, 4])
    assert inbox.records[1].body == "a\u2028b\u2029c"
    assert read_inbox([("a", b""), ("b", b"\n")])[0].lines == 1


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b'{"id": "x", "bo', "half line"),
        (b'{"id": "x", "body": "a\\', "half line"),
        (b'{"id": "x", "body": "\xc3', "half line"),
        (b'{"id": "x", "body": "\xff"}', "bad UTF-8"),
        (b'{"id": "x"}{"id": "y"}', "malformed"),
        (b"hello", "malformed"),
        (b"[1]", "malformed"),
        (b"\0\0\0\0", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"1" * 5000, "malformed"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "malformed"),
        (b" " * 300_000 + b"1", "too long"),
        (record(id="a b"), "malformed"),
        (record(id=""), "malformed"),
        (record(id=...), "malformed"),
        (record(id="x" * 129), "malformed"),
        (record(id=True), "malformed"),
        (record(page=None), "malformed"),
        (record(page="\u2028"), "malformed"),
        (record(page="/" * 3000), "too long"),
        (record(received="2026-03-01T12:00:00"), "malformed"),
        (record(received="2026-03-01"), "malformed"),
        (record(received=1772366400), "malformed"),
        (record(received="0001-01-01T00:00:00+10:00"), "malformed"),
        (record(body=...), "malformed"),
        (record(body=" \n\0\t"), "malformed"),
        (record(body=["x"]), "malformed"),
        (record(body="ü" * 16_385), "too long"),
        (record(name="x" * 201), "too long"),
    ],
)  # fmt: skip
def test_lines_that_are_no_record(line: object, name: str) -> None:
    """Each way to be no record has its name, a warning with file and line, and leaves the lines around it alone."""
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    inbox, problems = read(record("before"), raw + b"\n", record("after"))
    assert [r.id for r in inbox.records] == ["before", "after"]
    (found,) = inbox.dispositions
    assert (found.line, found.sort, found.name) == (2, "malformed", name)
    (problem,) = problems
    assert (problem.severity, problem.message, str(problem.place)) == ("warning", found.reason, f"{FILE}:2")
    assert merge(inbox)[1].malformed == 1


@pytest.mark.parametrize(
    "line",
    [
        record(id=17),
        record(name=None),
        record(name=...),
        record(name=42),
        record(name=["x"]),
        record(parent=0),
        record(parent={"x": 1}),
        record(format="nonsense"),
        record(format=None),
        record(language="<b>"),
        record(url="javascript:alert(1)"),
        record(url=5),
        record(status=True),
        record(signals=[1]),
        record(signals={"elapsed": float("nan"), "score": "x", "honeypot": {}}),
        record(signals={"elapsed": 10**400}),
        record(created="yesterday"),
        record(body="half an emoji: \ud83d"),
        record(body="ü" * 16_384),
        record(received="2016-12-31T23:59:60z"),
        record(received="2026-03-01 12:00:00.1234567+14:00"),
        record(received="9999-12-31T23:59:59+00:00"),
        record(id="a.b_c:d@e-f" + "x" * 100),
        record(body="x", source={"system": "disqus"}, format="html"),
        record(source=["x"]),
    ],
)  # fmt: skip
def test_careless_fields_keep_the_comment(line: dict[str, object]) -> None:
    """A field of the wrong kind that is not needed costs the field, never the comment."""
    inbox, problems = read(line)
    assert (len(inbox.records), problems) == (1, [])
    merge(inbox)


def test_fields_are_made_safe() -> None:
    """Names stay on one line, only http(s) addresses stay, unknown words become the careful ones, HTML is for importers."""
    line = record(name="A\r\nnn\u2028\0", url="javascript:x", status="yes", format="html", body="a\r\nb\0\ud800c", language="x y")
    (found,) = read(line)[0].records
    assert (found.name, found.url, found.status, found.format, found.body, found.language) == ("A nn", "", "pending", "text", "a\nbc", "")
    (found,) = read(record(source={"system": "disqus", "id": 3}, format="html"))[0].records
    assert (found.format, found.source) == ("html", "disqus")


@pytest.mark.parametrize(
    "url", ["http://user:pw@host/", "https://192.168.0.1/", "//host/", "https://", "https://e.org/?m=ann@example.org", "x" * 3000,
     "https:///x", "https://a\\@b/"],
)  # fmt: skip
def test_addresses_that_are_not_shown(url: str) -> None:
    """An address that is none of the web, or holds somebody's name, password, e-mail or IP address, is dropped."""
    assert read(record(url=url))[0].records[0].url == ""


def test_many_problems_are_summed_up() -> None:
    """Of a thousand bad lines twenty are listed and the rest counted; the account still has every line."""
    inbox, problems = read(*[b"nonsense\n"] * 1000)
    assert len(problems) == 21
    assert problems[-1].message == "There are 980 more lines of the inbox that are no comment (malformed)."
    assert len(inbox.dispositions) == inbox.malformed == 1000


# --- privacy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "private",
    [
        {"email": "ann@example.org"},
        {"author_email": "x"},
        {"emailHash": "d41d8cd9"},
        {"gravatar": "abc"},
        {"ip": "10.1.2.3"},
        {"clientIp": "x"},
        {"signals": {"remote_addr": "x"}},
        {"source": {"from": "Ann <ann@example.org>"}},
        {"tags": ["2001:db8::8a2e:370:7334"]},
        {"name": "Ann <ann@example.org>"},
        {"name": "Ann 203.0.113.77"},
        {"url": "mailto:ann@example.org"},
    ],
)  # fmt: skip
def test_private_things_are_left_behind(private: dict[str, object]) -> None:
    """An e-mail or IP address, or a hash of one, brings one warning for the whole inbox and reaches neither record nor thread."""
    inbox, problems = read(record("a"), record("b", **private), record("c", **private))
    assert [p.message for p in problems] == ["2 comments carry an e-mail or IP address in the inbox; none of them is published."]
    assert str(problems[0].place) == f"{FILE}:2"
    everything = f"{inbox.records} {merge(inbox)[0]}"
    for word in ("ann@", "example.org", "10.1.2.3", "203.0.113.77", "2001:db8", "d41d8cd9", "abc"):
        assert word not in everything
    assert inbox.records[1].name == "Ann"


@pytest.mark.parametrize(
    "text", ["Ann @ home", "@ann@social.example", "v1.2.3.4-beta", "12:30:45", "a::b", "C:::", "1.2.3", "ann@home", "Zoë 3.14"]
)
def test_names_that_only_look_private(text: str) -> None:
    """Handles, versions, times and numbers are no addresses."""
    assert without_private(text) == text


def test_private_things_are_not_in_the_digest() -> None:
    """The digest of a comment is the same with and without the address, since a hash of an address is an address."""
    assert sha(record(name="Ann <ann@example.org>", email="ann@example.org")) == sha(record(name="Ann"))


# --- safety ------------------------------------------------------------------------------------------------------------

TAGS = set("p br a em strong b i del s code pre blockquote ul ol li".split())


@pytest.mark.parametrize("form", ["markdown", "text", "html"])
def test_no_vector_gets_through(form: Any) -> None:
    """Of every known way to smuggle a program into a comment nothing is left but the elements that comments may have, and links to the web."""
    many = list(xss.vectors())
    for body in (*many, *xss.names(), *xss.addresses(), "\n".join(many), " ".join(reversed(many))):
        made = comment_html(body, form)
        for element in html5lib.parseFragment(made, treebuilder="etree", namespaceHTMLElements=False).iter():
            if element.tag == "DOCUMENT_FRAGMENT":
                continue
            assert element.tag in TAGS, (body, made)
            if element.tag == "a":
                assert set(element.attrib) == {"href", "rel"} and re.match("https?://", element.attrib["href"]), (body, made)
                assert element.attrib["rel"] == "nofollow ugc noopener noreferrer"
            else:
                assert not element.attrib, (body, made)


def test_no_name_or_address_gets_through() -> None:
    """Names are one line without private things; addresses are of the web, or none."""
    for name in xss.names():
        (found,) = read(record(name=name))[0].records
        assert not {unicodedata.category(c) for c in found.name} & {"Cc", "Cs", "Zl", "Zp"}
    for address in xss.addresses():
        (found,) = read(record(url=address))[0].records
        assert found.url == "" or re.fullmatch("https?://[A-Za-z0-9!#$%&'()*+,/:;=?@\\[\\]~._-]*", found.url)
        assert "javascript" not in found.url.lower().split(":")[0] and '"' not in found.url and "<" not in found.url


# --- the account -------------------------------------------------------------------------------------------------------


def test_every_line_has_one_disposition() -> None:
    """One line of every kind, each with its own name and in its own sum."""
    lines = [
        record("a"),
        b"\n",
        b'{"half\n',
        record("a"),
        record("a", body="Other", received="2026-03-02T00:00:00Z"),
        record("b", page="/nowhere/"),
        record("c", received="2027-01-01T00:00:00Z"),
        record("d", status="pending"),
        record("e", status="spam"),
        record("f"),
        record("g"),
        record("h"),
        record("i", signals={"honeypot": "x"}),
    ]
    inbox, _ = read(*lines)
    decisions = decide({"action": "reject", "id": "f"}, {"action": "erase", "id": "g"}, {"action": "hold", "id": "h"})
    _, report, _ = merge(inbox, decisions)
    assert names(report) == [
        "published", "blank", "half line", "duplicate", "other content", "unknown page", "future date", "pending", "spam",
        "rejected", "erased", "held", "honeypot",
    ]  # fmt: skip
    numbers = (report.lines, report.blank, report.malformed, report.records)
    assert numbers == (13, 1, 1, 11)
    sums = (report.published, report.held, report.rejected, report.spam, report.erased, report.duplicate, report.quarantined)
    assert sums == (1, 3, 1, 1, 1, 1, 3)
    assert (report.unknown_page, report.future, report.conflicting) == (1, 1, 1)
    assert report.next_change == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_report_that_does_not_add_up_says_so() -> None:
    """A lost record or line is noticed."""
    report = merge(read(record("a"), record("b"))[0])[1]
    assert report.adds_up()
    for broken in ({"published": 1}, {"lines": 3}, {"held": 1}, {"future": 1}, {"dispositions": ()}):
        values = {name: getattr(report, name) for name in report.__struct_fields__}
        assert not Report(**(values | broken)).adds_up()


def compare(old: bytes, *files: tuple[str, bytes], erased: frozenset[str] = frozenset()) -> list[str]:
    """What is said of an inbox that held `old` at the last build."""
    before = remember(read_inbox([(FILE, old)])[0], ())
    found = compare_inbox(before, read_inbox(files)[0], files, erased)
    assert all(p.hint or p.severity == "hint" for p in found)
    return [f"{p.severity}: {p.message}" for p in found]


def test_an_inbox_that_lost_something_is_noticed() -> None:
    """Comments that are gone or changed since the last build are named; one that only grew, was sorted or was split is not reported."""
    lines = [json.dumps(record(f"c{n}")).encode() + b"\n" for n in range(5)]
    old = b"".join(lines)
    assert compare(old, (FILE, old)) == compare(old, (FILE, old + b"more\n")) == compare(old[:-1], (FILE, old + lines[0])) == []
    assert compare(old, (FILE, b"".join(reversed(lines)))) == compare(old, ("a", lines[0]), ("b", b"".join(lines[1:]))) == []
    assert compare(old) == ["warning: 5 comments that the inbox held at the last build are gone: c0, c1, c2 …."]
    assert compare(old, (FILE, old[: len(old) - len(lines[4])])) == ["warning: 1 comment that the inbox held at the last build is gone: c4."]
    assert compare(old, (FILE, old.replace(b"Words of c1", b"Wordz of c1") + lines[0])) == [
        "warning: 1 comment in the inbox has changed since the last build: c1."
    ]
    assert compare(old + lines[2], (FILE, old)) == [
        "hint: The inbox is shorter than at the last build; what left it was erased, doubled, unreadable or empty."
    ]


def test_erased_comments_may_leave_the_inbox_unnoticed() -> None:
    """Once somebody's comment is erased, its line may go; nothing of it is remembered, and damaged memories are none."""
    lines = [json.dumps(record(f"no-{n}")).encode() + b"\n" for n in range(3)]
    erased = frozenset(("no-1",))
    assert [one.partition(":")[0] for one in compare(b"".join(lines), (FILE, lines[0] + lines[2]), erased=erased)] == ["hint"]
    inbox = read_inbox([(FILE, b"".join(lines))])[0]
    assert b"no-1" not in remember(inbox, erased) and b"no-1" in remember(inbox, ())
    for damaged in (b"", b"\xc1", remember(inbox, ())[:-3]):
        assert compare_inbox(damaged, read_inbox([])[0], [], ()) == []


# --- duplicates and pages ----------------------------------------------------------------------------------------------


def test_the_same_comment_twice_counts_once() -> None:
    """A receiver's second try, with another time or status, is a duplicate; the first one stands wherever its line is."""
    late, early = record("a", received="2026-03-02T00:00:00Z", status="pending"), record("a")
    for lines in ((late, early), (early, late)):
        threads, report, problems = merge(read(*lines)[0])
        assert shown(threads) == ["a"]
        assert sorted(names(report)) == ["duplicate", "published"]
        assert problems == []


def test_of_equal_doubles_the_careful_one_stands() -> None:
    """Where only the status differs, the comment waits, whichever line comes first."""
    lines = [record("a"), record("a", status="pending")]
    for order in (lines, lines[::-1]):
        assert merge(read(*order)[0])[1].held == 1


def test_another_comment_with_the_same_id_is_quarantined() -> None:
    """The later content is quarantined with a warning, until a moderator approves it: then the other one is."""
    first, other = record("a"), record("a", body="Other", received="2026-03-02T00:00:00Z")
    for lines in ((first, other), (other, first)):
        threads, report, problems = merge(read(*lines)[0])
        assert threads["/posts/welcome/"].comments[0].body == "Words of a"
        assert (report.published, report.quarantined) == (1, 1)
        assert problems[0].message == 'Two different comments have the id "a".'
        threads, report, _ = merge(read(*lines)[0], decide({"action": "approve", "id": "a", "sha256": sha(other)}))
        assert threads["/posts/welcome/"].comments[0].body == "Other"
        assert (report.published, report.quarantined) == (1, 1)
        threads, report, _ = merge(read(*lines)[0], decide({"action": "reject", "id": "a", "sha256": sha(other)}))
        assert shown(threads) == ["a"]


@pytest.mark.parametrize(
    "page",
    [
        "/posts/welcome/", "/posts/welcome", "posts/welcome", "welcome", "/old/", "/posts/welcome/index.html", "/posts/welcome/?utm=1#c",
        "https://example.org/posts/welcome/", "https://example.org/iops/posts/welcome/", "/iops/posts/welcome", "/posts/w%65lcome/",
        " /posts/welcome/\r\n",
    ],
)  # fmt: skip
def test_a_page_is_found_however_it_is_written(page: str) -> None:
    """Routes, aliases, slugs, full addresses, with and without slashes, queries, escapes and the path of the site."""
    assert shown(merge(read(record("a", page=page))[0], root="/iops/")[0]) == ["a"]


@pytest.mark.parametrize("page", ["/", "/posts/", "http://[", "/iopsposts/welcome/", "elcome", "?", "#", "/posts/welcome/x/"])
def test_an_unknown_page_is_quarantined(page: str) -> None:
    """What is no page of the site keeps the comment out, with a warning that names it."""
    threads, report, problems = merge(read(record("a", page=page))[0], root="/iops/")
    assert (threads, names(report)) == ({}, ["unknown page"])
    assert page in problems[0].message


def test_translated_addresses_compare_composed() -> None:
    """An address in another Unicode form is the same page."""
    assert shown(merge(read(record("a", page="/cafe\u0301/"))[0], pages={"/caf\u00e9/": "/x/"})[0], "/x/") == ["a"]


# --- moderation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moderation", "line", "case"),
    [
        ("after", {}, "published"),
        ("after", {"status": "approved"}, "published"),
        ("after", {"status": "pending"}, "pending"),
        ("after", {"status": "spam"}, "spam"),
        ("after", {"status": "who knows"}, "pending"),
        ("after", {"signals": {"honeypot": True}}, "honeypot"),
        ("after", {"signals": {"elapsed": 300}}, "too fast"),
        ("after", {"signals": {"elapsed": 3000}}, "published"),
        ("after", {"signals": {"score": 0.9}}, "likely spam"),
        ("after", {"signals": {"score": 0.1}}, "published"),
        ("before", {}, "not approved"),
        ("before", {"status": "approved"}, "published"),
        ("before", {"status": "approved", "signals": {"elapsed": 1}}, "too fast"),
        ("before", {"status": "pending"}, "pending"),
    ],
)  # fmt: skip
def test_what_is_held(moderation: str, line: dict[str, object], case: str) -> None:
    """Each reason to hold has its name; a moderator's approval overrides all of them."""
    inbox, _ = read(record("a", **line))
    assert names(merge(inbox, moderation=moderation)[1]) == [case]
    approval = decide({"action": "approve", "id": "a", "sha256": inbox.records[0].sha256})
    assert names(merge(inbox, approval, moderation=moderation)[1]) == ["approved"]


def test_the_latest_decision_counts_whatever_the_order_of_lines() -> None:
    """Decisions count by their time; at the same moment the more careful one does."""
    inbox, _ = read(record("a"))
    digest = inbox.records[0].sha256
    approval = {"action": "approve", "id": "a", "sha256": digest}
    made = decide({"action": "reject", "id": "a"}, approval, {"action": "spam", "id": "a"}, {"action": "hold", "id": "a"})
    for cut, case in ((1, "rejected"), (2, "approved"), (3, "spam"), (4, "held")):
        assert names(merge(inbox, made[:cut])[1]) == names(merge(inbox, made[:cut][::-1])[1]) == [case]
    together = decide(
        {"at": "2026-01-01T00:00:00Z", "action": "spam", "id": "a"},
        {"at": "2026-01-01T00:00:00Z", "action": "approve", "id": "a", "sha256": digest},
    )
    assert names(merge(inbox, together)[1]) == names(merge(inbox, together[::-1])[1]) == ["spam"]


def test_decisions_are_bound_to_the_content() -> None:
    """A comment that changed since it was judged is held again, with a warning, until it is judged again."""
    old, new = sha(record("a")), sha(record("a", body="Changed"))
    inbox, _ = read(record("a", body="Changed"))
    for action in ("approve", "reject", "spam", "hold", "redact-name"):
        _, report, problems = merge(inbox, decide({"action": action, "id": "a", "sha256": old}))
        assert names(report) == ["changed"]
        assert "no longer the text" in problems[0].message
        _, report, problems = merge(
            inbox, decide({"action": action, "id": "a", "sha256": old}, {"action": "approve", "id": "a", "sha256": new})
        )
        assert names(report) == ["approved"]
    assert names(merge(inbox, decide({"action": "edit", "id": "a", "sha256": old, "value": "Nice"}))[1]) == ["changed"]
    assert names(merge(inbox, decide({"action": "erase", "id": "a", "sha256": old}))[1]) == ["erased"]


def test_a_decision_without_a_digest_may_only_take_away() -> None:
    """Rejecting needs no digest; approving and editing do, and the warning says which."""
    inbox, _ = read(record("a", status="pending"))
    assert names(merge(inbox, decide({"action": "reject", "id": "a"}))[1]) == ["rejected"]
    for decision in ({"action": "approve", "id": "a"}, {"action": "edit", "id": "a", "value": "x"}):
        _, report, problems = merge(inbox, decide(decision))
        assert names(report) == ["pending"]
        assert inbox.records[0].sha256 in problems[0].hint


def test_erased_stays_erased() -> None:
    """An erased comment is in no output, whatever is decided later; its replies keep a placeholder, and the line is named."""
    inbox, _ = read(record("a", name="Zoë", url="https://zoe.example/"), record("b", parent="a", received="2026-03-02T00:00:00Z"))
    decisions = decide({"action": "erase", "id": "a"}, {"action": "approve", "id": "a", "sha256": inbox.records[0].sha256})
    threads, report, problems = merge(inbox, decisions)
    holder, reply = threads["/posts/welcome/"].comments
    assert (holder.id, holder.removed, holder.name, holder.body, holder.url) == ("a", True, "", "", "")
    assert (reply.parent, threads["/posts/welcome/"].count, report.erased) == ("a", 1, 1)
    assert "Zo" not in str(threads)
    assert (problems[0].severity, f"line 1 of {FILE}" in problems[0].hint) == ("hint", True)


def test_an_erased_comment_may_leave_the_inbox() -> None:
    """Once its line is gone, the replies keep their placeholder and nobody is warned."""
    inbox, _ = read(record("b", parent="a"), record("c", parent="b"))
    threads, _, problems = merge(inbox, decide({"action": "erase", "id": "a"}))
    assert [(c.id, c.parent, c.removed) for c in threads["/posts/welcome/"].comments] == [
        ("a", "", True),
        ("b", "a", False),
        ("c", "b", False),
    ]
    assert problems == []


def test_edit_and_redact() -> None:
    """A moderator's text replaces the body, in the comment's format; a name taken away takes its address along."""
    inbox, _ = read(record("a", url="https://ann.example/", format="text"))
    digest = inbox.records[0].sha256
    decisions = decide(
        {"action": "edit", "id": "a", "sha256": digest, "value": "First"},
        {"action": "edit", "id": "a", "sha256": digest, "value": "Second"},
        {"action": "redact-name", "id": "a"},
    )
    (comment,) = merge(inbox, decisions)[0]["/posts/welcome/"].comments
    assert (comment.body, comment.name, comment.url) == ("Second", "", "")


def test_moved_comments_take_their_replies_along() -> None:
    """A comment moves to the thread of another page with everything below it, but what was moved elsewhere itself."""
    inbox, _ = read(
        record("a"), record("b", parent="a"), record("c", parent="b"), record("d", parent="c"), record("e"), record("f", page="/none/")
    )
    decisions = decide(
        {"action": "move", "id": "b", "value": "https://example.org/posts/two/"},
        {"action": "move", "id": "d", "value": "welcome"},
        {"action": "move", "id": "f", "value": "welcome"},
        {"action": "move", "id": "e", "value": "/nowhere/"},
    )
    threads, _, problems = merge(inbox, decisions)
    assert shown(threads) == ["a", "d", "e", "f"]
    assert shown(threads, "/posts/two/") == ["b", "c"]
    assert any('"/nowhere/"' in p.message for p in problems)


def test_trusted_authors_need_no_look() -> None:
    """Who wrote a trusted comment, by name and address, is published at once; signals of a program still hold."""
    lines = [
        record("a", url="https://ann.example/"),
        record("b", url="https://ann.example/", status="pending"),
        record("c", name="Ann"),
        record("d", url="https://ann.example/", signals={"honeypot": 1}),
        record("e", name=None),
        record("f", name="BOB"),
    ]
    inbox, _ = read(*lines)
    decisions = decide(
        {"action": "trust-author", "id": "a"}, {"action": "trust-author", "value": "Bob"}, {"action": "trust-author", "id": "e"}
    )
    threads, report, problems = merge(inbox, decisions, moderation="before")
    assert names(report) == ["published", "published", "not approved", "honeypot", "not approved", "published"]
    assert all(c.trusted for c in threads["/posts/welcome/"].comments)
    assert "has no name" in problems[0].message


def test_unknown_comments_in_decisions() -> None:
    """A decision about a comment nobody knows is a warning with the nearest id."""
    problems = merge(read(record("welcome-17"))[0], decide({"action": "hold", "id": "welcome-18"}))[2]
    assert (problems[0].message, problems[0].hint) == ('No comment has the id "welcome-18".', 'Did you mean "welcome-17"?')


@pytest.mark.parametrize(
    "line",
    [
        b"<<<<<<< HEAD",
        b"{",
        b"[]",
        b'{"at": "2026-01-01T00:00:00Z", "action": "aprove", "id": "a"}',
        b'{"at": "2026-01-01T00:00:00Z", "id": "a"}',
        b'{"at": "today", "action": "hold", "id": "a"}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "hold"}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "hold", "id": "a b"}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "hold", "id": "a", "sha256": "xyz"}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "edit", "id": "a"}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "move", "id": "a", "value": " "}',
        b'{"at": "2026-01-01T00:00:00Z", "action": "close-thread"}',
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_read_stops_the_build(line: bytes) -> None:
    """It may be the one that erases somebody's comment: an error with its line, and the others are still read."""
    good = b'{"at": "2026-01-01T00:00:00Z", "action": "hold", "id": "a"}'
    found, problems = read_decisions("d.jsonl", good + b"\r\n\n" + line + b"\n" + good)
    assert len(found) == 2
    ((severity, place, hint),) = [(p.severity, str(p.place), p.hint) for p in problems]
    assert (severity, place, bool(hint)) == ("error", "d.jsonl:3", True)
    if b"aprove" in line:
        assert hint == 'Did you mean "approve"?'


# --- closing -----------------------------------------------------------------------------------------------------------


def test_old_threads_close_and_stay_readable() -> None:
    """After `close_after` a thread is closed; what came before stays, what came later waits, imports are exempt."""
    inbox, _ = read(
        record("a", received="2026-01-10T00:00:00Z"), record("b"), record("c", source={"system": "disqus"}), record("d", page="/posts/two/")
    )
    dates = {
        "/posts/welcome/": datetime(2026, 1, 1, tzinfo=UTC),
        "/posts/two/": datetime(2026, 11, 1, tzinfo=UTC),
        "/far/": datetime.max.replace(tzinfo=UTC),
    }
    threads, report, _ = merge(inbox, close_after=timedelta(days=30), page_dates=dates)
    assert (shown(threads), shown(threads, "/posts/two/")) == (["a", "c"], ["d"])
    assert names(report) == ["published", "closed thread", "published", "published"]
    assert (threads["/posts/welcome/"].closed, threads["/posts/two/"].closed) == (True, False)
    assert report.next_change == datetime(2026, 12, 1, tzinfo=UTC)


def test_front_matter_and_moderators_close_threads() -> None:
    """Front matter closes a thread without a moment, so all its comments stay; a moderator's closing holds what came later."""
    inbox, _ = read(record("a"), record("b", received="2026-05-01T00:00:00Z"))
    threads, report, _ = merge(inbox, closed=("/posts/welcome/", "/posts/two/"))
    assert (report.published, threads["/posts/welcome/"].closed, threads["/posts/two/"]) == (
        2,
        True,
        Thread(page="/posts/two/", closed=True),
    )
    for decision in ({"action": "close-thread", "value": "/old/"}, {"action": "close-thread", "id": "a"}):
        threads, report, _ = merge(inbox, decide(decision))
        assert (names(report), threads["/posts/welcome/"].closed) == (["published", "closed thread"], True)
    assert "No thread can be closed" in merge(inbox, decide({"action": "close-thread", "value": "/x/"}))[2][0].message


# --- trees -------------------------------------------------------------------------------------------------------------


def tree(*lines: object, decisions: tuple[Decision, ...] = ()) -> tuple[list[tuple[str, str, bool]], list[Problem]]:
    threads, _, problems = merge(read(*lines)[0], decisions)
    return [(c.id, c.parent, c.removed) for c in threads["/posts/welcome/"].comments], problems


def test_order_is_by_time_then_id() -> None:
    """Comments stand by the moment they came, across offsets, then by id."""
    lines = [record("b"), record("a"), record("c", received="2026-03-01T11:30:00+01:00"), record("d", received="2026-03-01T10:45:00+00:00")]
    assert [name for name, _, _ in tree(*lines)[0]] == ["c", "d", "a", "b"]


def test_a_missing_parent_gives_a_top_level_comment() -> None:
    """An answer to a comment that nobody knows, or of another page, stands at the top level with a warning."""
    found, problems = tree(record("a", parent="zzz"), record("b", parent="x"), record("x", page="/posts/two/"))
    assert found == [("a", "", False), ("b", "", False)]
    assert ['"zzz", which is not in the inbox' in problems[0].message, "another page" in problems[1].message] == [True, True]


def test_a_removed_parent_leaves_a_placeholder() -> None:
    """Whatever kept the parent away, its replies keep their place; a chain of removed ones leaves only the last."""
    lines = [
        record("a"),
        record("b", parent="a", status="spam"),
        record("c", parent="b", status="pending"),
        record("d", parent="c"),
        record("e", parent="d"),
    ]
    found, problems = tree(*lines)
    assert found == [("a", "", False), ("c", "a", True), ("d", "c", False), ("e", "d", False)]
    assert problems == []


def test_cycles_are_broken_at_the_earliest() -> None:
    """Of comments that answer each other in a ring the earliest stands at the top; one that answers itself too."""
    lines = [
        record("b", parent="c"),
        record("c", parent="a", received="2026-02-01T00:00:00Z"),
        record("a", parent="b"),
        record("s", parent="s"),
        record("t", parent="b"),
    ]
    found, problems = tree(*lines)
    assert found == [("c", "", False), ("a", "b", False), ("b", "c", False), ("s", "", False), ("t", "b", False)]
    assert sorted(p.message for p in problems) == [f'Comment "{n}" answers itself in the end; it stands at the top level.' for n in "cs"]


def test_deep_chains_do_not_recurse() -> None:
    """Ten thousand comments, each answering the one before, some of them removed, in a ring, become one thread."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [
        record(
            f"c{n}",
            parent=f"c{(n or 10_000) - 1}",
            received=(start + timedelta(seconds=n)).isoformat(),
            status="spam" if n % 100 == 50 else "approved",
        )
        for n in range(10_000)
    ]
    decisions = decide({"action": "move", "id": "c5000", "value": "/posts/two/"})
    threads, report, _ = merge(read(*lines)[0], decisions)
    assert (report.published, threads["/posts/welcome/"].count, threads["/posts/two/"].count) == (9900, 4950, 4950)
    view = thread_view(threads["/posts/welcome/"], "/posts/welcome/")
    assert (view.threads, len(view.comments[0].replies)) == (1, 4999)


# --- views -------------------------------------------------------------------------------------------------------------


def view_of(*lines: object, decisions: tuple[Decision, ...] = (), **changes: Any) -> Any:
    threads, _, _ = merge(read(*lines)[0], decisions)
    return thread_view(threads.get("/posts/welcome/"), "/iops/posts/welcome/", **changes)


def test_replies_are_one_level_deep_and_say_whom_they_answer() -> None:
    """Everything below a top-level comment is its reply, by time, with the name and the link of what it answers."""
    view = view_of(
        record("a"), record("b", parent="a", name="Bob"), record("c", parent="b", name=None), record("d", parent="c"), record("e")
    )
    assert [(c.id, [r.id for r in c.replies]) for c in view.comments] == [("a", ["b", "c", "d"]), ("e", [])]
    assert [(r.reply_to.title, r.reply_to.url) for r in view.comments[0].replies] == [
        ("Ann", "/iops/posts/welcome/#comment-a"),
        ("Bob", "/iops/posts/welcome/#comment-b"),
        ("", "/iops/posts/welcome/#comment-c"),
    ]
    assert (view.count, view.threads, view.page, view.comments[1].anchor) == (5, 2, "/posts/welcome/", "comment-e")


def test_a_placeholder_is_shown_with_its_replies() -> None:
    """A removed comment stands without words or name above its replies, and is not counted."""
    view = view_of(record("a", name="Zoë", status="spam"), record("b", parent="a"))
    (top,) = view.comments
    assert (top.removed, top.name, top.body, [r.id for r in top.replies], view.count) == (True, "", "", ["b"], 1)
    assert top.replies[0].answers_removed and not top.answers_removed


def test_the_authors_mark_needs_trust() -> None:
    """Anybody can write the author's name; only where a moderator trusts that commenter is the comment marked as the author's."""
    lines = (record("a", url="https://ann.example/"), record("b"))
    trust = decide({"action": "trust-author", "id": "a"})
    assert [c.by_author for c in view_of(*lines, authors=("ANN",)).comments] == [False, False]
    assert [c.by_author for c in view_of(*lines, decisions=trust, authors=("ANN",)).comments] == [True, False]
    assert [c.by_author for c in view_of(*lines, decisions=trust, authors=("Bob",)).comments] == [False, False]


def test_ways_to_write() -> None:
    """The form and a prepared e-mail stand while the thread is open, and go when it is closed."""
    form = CommentForm(action="https://forms.example/x")
    view = thread_view(
        None, "/p/", page="/p/", title="Tea & <cake>", form=form, contact="hi@example.org", address="https://example.org/p/?a=1"
    )
    assert (view.count, view.form, view.page) == (0, form, "/p/")
    assert view.mailto == "mailto:hi@example.org?subject=Tea%20%26%20%3Ccake%3E&body=https%3A%2F%2Fexample.org%2Fp%2F%3Fa%3D1"
    closed = thread_view(Thread(page="/p/", closed=True), "/p/", form=form, contact="hi@example.org")
    assert (closed.form, closed.mailto, closed.closed) == (None, "", True)
    assert thread_view(None, "/p/", contact="").mailto == ""


def test_long_discussions_are_folded() -> None:
    """From 101 comments on, branches without one of the latest 50 come first and are counted as folded; of very many answers the earlier are."""
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def lines(number: int, parent: Any) -> list[dict[str, object]]:
        return [record(f"c{n:03}", received=(start + timedelta(minutes=n)).isoformat(), parent=parent(n)) for n in range(number)]

    assert view_of(*lines(100, lambda n: ...)).folded == 0
    view = view_of(*lines(120, lambda n: ...))
    assert (view.folded, view.folded_count, [c.id for c in view.comments] == sorted(c.id for c in view.comments)) == (70, 70, True)
    assert view.answerable_since is None
    view = view_of(*lines(120, lambda n: "c003" if n == 119 else ...))
    assert (view.folded, view.comments[68].id, view.comments[69].id, view.comments[70].id) == (69, "c069", "c003", "c070")
    view = view_of(*lines(300, lambda n: "c000" if n else ...))
    assert (view.folded, view.comments[0].folded, len(view.comments[0].replies)) == (0, 249, 299)
    assert view.answerable_since == start + timedelta(minutes=100)


def form_of(**settings: Any) -> CommentForm | None:
    names = {"page": "/posts/tea/", "slug": "tea", "title": "Tea", "language": "en", "url": "/iops/posts/tea/", "address": "https://example.org/iops/posts/tea/"}
    return comment_form(FormSettings(**settings), **names)  # type: ignore[arg-type]


def test_forms_of_services() -> None:
    """Each service gets the fields that it knows, under its names; what the settings add wins; without an address there is no form."""
    assert form_of() is form_of(service="staticman") is form_of(service="formspree") is form_of(service="receiver") is None
    plain = form_of(action="https://x.example/", fields={"k": "v", "language": "xx"})
    assert plain is not None and plain.hidden == {"page": "/posts/tea/", "language": "xx", "k": "v"}
    assert plain.names == {"body": "body", "name": "name", "url": "url", "parent": "parent", "trap": "website"}
    staticman = form_of(service="staticman", action="https://x.example/v3/entry/github/a/b/main/comments")
    assert staticman is not None and staticman.names["body"] == "fields[message]" and staticman.names["parent"] == "options[parent]"
    assert all(re.fullmatch(r"(fields|options)\[[a-z]+\]", name) for name in (*staticman.names.values(), *staticman.hidden))
    assert (staticman.hidden["options[slug]"], staticman.hidden["options[redirect]"]) == ("tea", "https://example.org/iops/posts/tea/#sent")
    netlify = form_of(service="netlify")
    assert netlify is not None and (netlify.action, netlify.hidden["form-name"]) == ("/iops/posts/tea/#sent", "comments")
    formspree = form_of(service="formspree", action="https://formspree.io/f/x")
    assert formspree is not None and (formspree.names["trap"], formspree.hidden["_subject"]) == ("_gotcha", "Tea")
    receiver = form_of(service="receiver", action="https://c.example.org/")
    assert receiver is not None and receiver.names["elapsed"] == "elapsed"
