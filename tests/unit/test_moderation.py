"""Moderation: finding comments, deciding about them, erasing them, and the proof that none is lost."""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from iopsgen.cli import iopsgen
from iopsgen.model import Comment, Thread
from iopsgen.moderation.decide import Choice, write_decisions
from iopsgen.moderation.desk import Desk, Unclear, by_author, find_comment, find_content, open_desk
from iopsgen.moderation.recount import comments_on, recount
from iopsgen.read.comments import read_decisions
from iopsgen.store import Store
from tests.needs import ROOT
from tests.sites import EVENT, POST, build_site, write_site
from tests.terminal import Terminal

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DECISIONS = "comments/decisions.jsonl"
INBOX = "comments/inbox.jsonl"


def line(ident: str, **more: object) -> dict[str, object]:
    """A record of the inbox."""
    return {"id": ident, "page": "/posts/welcome/", "received": "2026-10-06T10:00:00Z", "body": f"Words of {ident}.", "name": "Ann", **more}


def inbox(*records: dict[str, object]) -> str:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


LINES = (
    line("a-1"),
    line("a-2", parent="a-1", name="Ben", received="2026-10-06T11:00:00Z", status="pending"),
    line("b-1", name=None, received="2026-10-07T10:00:00Z", status="pending", body="Nobody's *secret* words"),
    line("b-2", page="/events/picnic/", name="Ben", received="2026-10-08T10:00:00Z"),
    line("b-3", page="/nowhere/", received="2026-10-09T10:00:00Z"),
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a post, an event and five comments: two shown, two held, one on no page."""
    files: dict[str, str | bytes | None] = {"content/posts/2026-10-05-welcome.md": POST, "content/events/picnic.md": EVENT, INBOX: inbox(*LINES)}
    return write_site(tmp_path / "site", files)


def desk_of(site: Path) -> Desk:
    store = Store(None)
    desk, _ = open_desk(site, NOW, {}, store)
    store.close()
    assert desk is not None
    return desk


def call(site: Path, *words: str, code: int = 0, keys: str | None = None) -> Result:
    """A call of `iopsgen comments` within this process, as at NOW, with what was decided by Zoë."""
    environment = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_COUNT": "1", "NO_COLOR": "1"}
    environment |= {"GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Zoë"}
    result = CliRunner().invoke(iopsgen, ["comments", *words, "--site", str(site)], prog_name="iopsgen", env=environment, input=keys)
    assert result.exit_code == code, f"{result.exit_code}: {result.output}"
    return result


def decisions(site: Path) -> list[dict[str, Any]]:
    path = site / DECISIONS
    return [json.loads(one) for one in path.read_text("utf-8").splitlines()] if path.exists() else []


def states(site: Path) -> dict[str, str]:
    return {m.record.id: m.case for m in desk_of(site).matters}


# --- the desk ----------------------------------------------------------------------------------------------------------


def test_the_desk_has_every_comment(site: Path) -> None:
    """Each record stands there once, the newest first, with what became of it and the page it belongs to."""
    found = [(m.record.id, m.state, m.case, m.page) for m in desk_of(site).matters]
    assert found == [
        ("b-3", "quarantined", "unknown page", ""),
        ("b-2", "published", "published", "/events/picnic/"),
        ("b-1", "held", "pending", "/posts/welcome/"),
        ("a-2", "held", "pending", "/posts/welcome/"),
        ("a-1", "published", "published", "/posts/welcome/"),
    ]


def test_ids_may_be_shortened(site: Path) -> None:
    """A whole id, or a beginning that only one has, finds a comment; others are refused with what was perhaps meant."""
    write_site(site, {INBOX: inbox(*LINES, line("a"))})
    desk = desk_of(site)
    assert find_comment(desk, "a")[0].record.id == "a"
    assert find_comment(desk, "a-1")[0].record.id == "a-1"
    for given, words in {
        "b": '3 comments have an id that begins with "b": b-1, b-2, b-3. Write more of it.',
        "a-3": 'No comment has the id "a-3". Did you mean',
        "": 'No comment has the id "".',
        "zzzz": "`iopsgen comments list` shows the ids.",
    }.items():
        with pytest.raises(Unclear) as unclear:
            find_comment(desk, given)
        assert words in str(unclear.value)


def test_of_several_texts_one_must_be_named(site: Path) -> None:
    """Where two texts have one id, the digest says which is meant; a digest that no text has is refused."""
    write_site(site, {INBOX: inbox(line("x"), line("x", body="Another", received="2026-10-07T10:00:00Z"), line("x"))})
    desk = desk_of(site)
    first, other = sorted((m for m in find_comment(desk, "x") if m.case != "duplicate"), key=lambda m: m.record.received)
    assert (first.case, other.case) == ("published", "other content")
    with pytest.raises(Unclear, match="2 different comments"):
        find_content(desk, "x", "")
    assert find_content(desk, "x", other.record.sha256[:8]) == other
    with pytest.raises(Unclear, match="no longer"):
        find_content(desk, "x", "0" * 64)


def test_authors_are_found_by_name(site: Path) -> None:
    """In any case of letters, and nobody by an empty name."""
    desk = desk_of(site)
    assert sorted(m.record.id for m in by_author(desk, " BEN")) == ["a-2", "b-2"]
    assert by_author(desk, "") == by_author(desk, "Be") == []


# --- decisions ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_bound_to_the_text(site: Path) -> None:
    """approve, reject, hold, spam write a whole line each: when, who, what, about which text, and why; the build follows."""
    result = call(site, "approve", "b-1", "a-2", "--reason", "good\nones")
    assert "approved: b-1, (no name), 2026-10-07 10:00+00:00, /posts/welcome/" in result.stdout and "Nobody's *secret* words" in result.stdout
    digests = {m.record.id: m.record.sha256 for m in desk_of(site).matters}
    assert decisions(site) == [
        {"at": "2026-11-22T12:00:00+00:00", "by": "Zoë", "action": "approve", "id": name, "sha256": digests[name], "reason": "good ones"}
        for name in ("b-1", "a-2")
    ]
    assert states(site)["b-1"] == states(site)["a-2"] == "approved"
    for action, case in (("reject", "rejected"), ("hold", "held"), ("spam", "spam"), ("approve", "approved")):
        call(site, action, "a-1", "--by", "post-room")
        assert states(site)["a-1"] == case
        assert decisions(site)[-1] | {"at": ""} == {"at": "", "by": "post-room", "action": action, "id": "a-1", "sha256": digests["a-1"]}
    write_site(site, {INBOX: inbox(line("a-1", body="Changed"), *LINES[1:])})
    assert states(site)["a-1"] == "changed"


def test_the_inbox_is_never_touched(site: Path) -> None:
    """No command changes a byte of it, nor its time stamp."""
    before = (site / INBOX).read_bytes(), (site / INBOX).stat().st_mtime_ns
    for words in (
        ["list"], ["show", "a-1"], ["report"], ["approve", "b-1"], ["reject", "b-1"], ["redact-name", "a-1"], ["trust-author", "a-1"], ["move", "a-1", "picnic"],
        ["edit", "a-1", "--text", "New"], ["close-thread", "welcome"], ["erase", "a-1", "--yes"],
    ):  # fmt: skip
        call(site, *words)
    assert ((site / INBOX).read_bytes(), (site / INBOX).stat().st_mtime_ns) == before
    assert [d["action"] for d in decisions(site)] == [
        "approve", "reject", "redact-name", "trust-author", "move", "edit", "close-thread", "erase",
    ]  # fmt: skip


def test_nothing_is_decided_where_one_is_unclear(site: Path) -> None:
    """Of several ids all must be clear; all that are not are named at once."""
    result = call(site, "approve", "a-1", "b", "nosuch", code=2)
    assert '3 comments have an id that begins with "b"' in result.output and '"nosuch"' in result.output
    assert "--sha256 is about one comment" in call(site, "reject", "a-1", "a-2", "--sha256", "00", code=2).output
    assert "no longer, the text" in call(site, "reject", "a-1", "--sha256", "00", code=2).output
    assert "cannot be known again: b-1" in call(site, "trust-author", "b-1", code=2).output
    assert 'No page is known as "nowhere"' in call(site, "move", "a-1", "nowhere", code=2).output
    assert "There is no other text" in call(site, "edit", "a-1", "--text", " Words of a-1. ", code=2).output
    assert decisions(site) == []


def test_later_decisions_count_even_against_a_fast_clock(site: Path) -> None:
    """Each decision about a comment is later than those before it, also within one second and after one from the future."""
    ahead = json.dumps({"at": "2027-01-01T00:00:00+02:00", "action": "reject", "id": "a-1"}) + "\n"
    write_site(site, {DECISIONS: ahead})
    assert states(site)["a-1"] == "rejected"
    result = call(site, "approve", "a-1", "a-2")
    assert "yet to come (2027-01-01T00:00:00+02:00)" in result.stderr
    assert [d["at"] for d in decisions(site)[1:]] == ["2026-12-31T22:00:01+00:00", "2026-11-22T12:00:00+00:00"]
    assert "yet to come" not in call(site, "spam", "a-2").stderr
    assert decisions(site)[-1]["at"] == "2026-11-22T12:00:01+00:00"
    assert (states(site)["a-1"], states(site)["a-2"]) == ("approved", "spam")


def test_a_half_line_is_taken_out_and_told(site: Path) -> None:
    """What a program that was stopped left at the end goes; a line by hand that only lacks its end stays."""
    whole = json.dumps({"at": "2026-11-01T00:00:00Z", "action": "hold", "id": "a-1"})
    write_site(site, {DECISIONS: whole + '\n{"at": "2026-11-01T00:00:00Z", "acti'})
    result = call(site, "approve", "b-1")
    assert 'was only half there, so it was taken out: {"at": "2026-11-01T00:00:00Z", "acti' in result.stderr
    assert [d["action"] for d in decisions(site)] == ["hold", "approve"]
    write_site(site, {DECISIONS: whole})
    assert call(site, "approve", "b-1").stderr == ""
    assert [d["action"] for d in decisions(site)] == ["hold", "approve"]
    write_site(site, {DECISIONS: "nonsense\n" + whole + "\n"})
    assert f"{DECISIONS}:1" in call(site, "approve", "b-1").stderr
    assert (site / DECISIONS).read_text("utf-8").startswith("nonsense\n" + whole + "\n")


def test_what_could_not_be_read_again_is_not_written(site: Path) -> None:
    """A choice that is no decision is a fault of the program: it raises, and the file stays as it is."""
    write_site(site, {DECISIONS: ""})
    for choice in (Choice(action="aprove", id="a"), Choice(action="edit", id="a"), Choice(action="hold", id="a b"), Choice(action="hold", id="a", sha256="x")):
        with pytest.raises(ValueError, match="not a decision"):
            write_decisions(site, DECISIONS, [choice], "", NOW)
    made = write_decisions(site, DECISIONS, [Choice(action="edit", id="a", value="\u2028<b>\r\n\0\ud800é", reason="x\u2028y")], "A\tB", NOW)
    found, problems = read_decisions(DECISIONS, (site / DECISIONS).read_bytes())
    assert problems == [] and [(d.value, d.reason, d.by) for d in found] == [("\u2028<b>\né", "x y", "A B")]
    assert [(d.value, d.by) for d in made.decisions] == [(d.value, d.by) for d in found]


def test_decisions_where_the_disk_refuses(site: Path) -> None:
    """A file of decisions that is a link is not followed; the message says that nothing was added."""
    (site / "elsewhere").write_text("")
    (site / DECISIONS).symlink_to(site / "elsewhere")
    store = Store(None)
    desk, _ = open_desk(site, NOW, {}, store)
    assert desk is not None
    with pytest.raises(Exception, match=r"Nothing was added to comments/decisions\.jsonl"):
        write_decisions(site, DECISIONS, [Choice(action="hold", id="a-1")], "", NOW)
    assert (site / "elsewhere").read_text() == ""


def test_other_decisions(site: Path) -> None:
    """A name, a text, a page, a discussion, an author: each has its command, and the build shows what it says."""
    call(site, "redact-name", "a-1")
    call(site, "edit", "a-1", "--text", "-", keys="Other *words*\n")
    call(site, "move", "b-3", "content/events/picnic.md")
    call(site, "trust-author", "b-2")
    call(site, "close-thread", "/posts/welcome/", "--reason", "enough")
    assert decisions(site)[-1] == {
        "at": "2026-11-22T12:00:00+00:00", "by": "Zoë", "action": "close-thread", "reason": "enough", "value": "/posts/welcome/",
    }  # fmt: skip
    assert states(site) == {"b-3": "published", "b-2": "published", "b-1": "pending", "a-2": "published", "a-1": "published"}
    assert build_site(site, NOW).ok
    page = (site / "output/posts/welcome/index.html").read_text("utf-8")
    assert "Other <em>words</em>" in page and "Words of a-1" not in page and ">Ann<" not in page and "This discussion is closed" in page


def test_lists(site: Path) -> None:
    """Newest first; by state and by page; short for people, whole for programs; never a control character."""
    write_site(site, {INBOX: inbox(*LINES, line("c-1", body="\x1b[2J\u202eevil\n" + "x" * 200, received="2026-10-10T10:00:00Z"))})
    listed = call(site, "list").stdout
    assert "\x1b" not in listed and "\u202e" not in listed and "evil" in listed
    assert [one.split()[1] for one in listed.splitlines()[2::2] if "held" not in one] == ["unknown", "b-2", "a-1"]
    assert [c["id"] for c in json.loads(call(site, "list", "--json", "--held").stdout)["comments"]] == ["b-1", "a-2"]
    assert json.loads(call(site, "list", "--json", "--state", "published", "--state", "quarantined", "--limit", "2").stdout)["total"] == 4
    assert [c["id"] for c in json.loads(call(site, "list", "--json", "--page", "picnic").stdout)["comments"]] == ["b-2"]
    assert [c["id"] for c in json.loads(call(site, "list", "--json", "--page", "/nowhere/").stdout)["comments"]] == ["b-3"]
    assert "and 4 older ones" in call(site, "list", "--limit", "2").stderr
    assert "There is no such comment." in call(site, "list", "--state", "spam").stdout
    assert 'No page is known as "zzz"' in call(site, "list", "--page", "zzz", code=2).output
    value = json.loads(call(site, "list", "--json", "--limit", "1").stdout)["comments"][0]
    assert (value["id"], value["page"], value["body"][-3:], value["file"], value["line"]) == ("c-1", "/posts/welcome/", "xxx", INBOX, 6)


def test_show(site: Path) -> None:
    """Everything about a comment: its text, what it answers, its digest and place, and who decided what."""
    call(site, "reject", "a-2", "--reason", "not now")
    shown = call(site, "show", "a-2", "b-1").stdout
    digest = desk_of(site).by_id["a-2"][0].record.sha256
    for words in ("a-2  rejected (not now)", "Ben, 2026-10-06 11:00+00:00, on /posts/welcome/", "answers a-1: Ann: Words of a-1.", "    Words of a-2.",
                  f"{INBOX}, line 2; sha256 {digest}", "2026-11-22T12:00:00+00:00 Zoë: reject: not now", "(no name)", "Nobody's *secret* words"):  # fmt: skip
        assert words in shown, words
    (value,) = json.loads(call(site, "show", "a-2", "--json").stdout)["comments"]
    assert (value["state"], value["sha256"], value["decisions"][0]["action"], value["decisions"][0]["by"]) == ("rejected", digest, "reject", "Zoë")
    assert "Did you mean" in call(site, "show", "a-9", code=2).output


def test_a_default_and_near_commands(site: Path) -> None:
    """Without a command it reports; options may stand before a command's name; unknown ones are refused with the nearest."""
    assert "5 records = 2 published + 2 held" in call(site).stdout
    assert json.loads(call(site, "--json").stdout)["records"] == 5
    assert '"total": 2' in CliRunner().invoke(iopsgen, ["comments", "--site", str(site), "list", "--held", "--json"]).output
    assert 'Did you mean "approve"?' in call(site, "aprove", "x", code=2).output


# --- erasing -----------------------------------------------------------------------------------------------------------


def holding(folder: Path, words: bytes) -> set[str]:
    """The files below a folder that hold some words."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and words in p.read_bytes()}


def test_nothing_is_left_of_an_erased_comment(site: Path) -> None:
    """After the next build no file of the site, its twin or the cache holds a byte of it; only the inbox does, and that is said."""
    secret = line("s-1", name="Xanthippe", url="https://xanthippe.example/", body="Quetzalcoatl was here", parent="a-1", received="2026-10-06T12:00:00Z")
    answer = line("s-2", parent="s-1", body="Really?", received="2026-10-06T13:00:00Z")
    write_site(site, {INBOX: inbox(*LINES, secret, answer)})
    assert build_site(site, NOW).ok
    call(site, "edit", "s-1", "--text", "Quetzalcoatl edited")
    assert build_site(site, NOW).ok
    for words in (b"Quetzalcoatl", b"Xanthippe"):
        assert {"output/posts/welcome/index.html", "output/posts/welcome/comments.xml", "output/comments.xml"} <= holding(site, words)
    result = call(site, "erase", "s-1", "--yes")
    assert f"{INBOX}: line 6" in result.stdout and f"{DECISIONS}: line 1" in result.stdout
    assert decisions(site)[-1] == {"at": "2026-11-22T12:00:01+00:00", "by": "Zoë", "action": "erase", "id": "s-1"}
    write_site(site, {DECISIONS: json.dumps(decisions(site)[-1]) + "\n"})  # what it told us to do
    assert build_site(site, NOW).ok
    for words in (b"Quetzalcoatl", b"Xanthippe", b"xanthippe"):
        assert holding(site, words) == {INBOX}
    page = (site / "output/posts/welcome/index.html").read_text("utf-8")
    assert "This comment was removed." in page and "Really?" in page
    write_site(site, {INBOX: inbox(*LINES, answer)})
    result_of_build = build_site(site, NOW)
    assert [p.message for p in result_of_build.problems if "inbox" in p.message and p.severity != "hint"] == []
    assert "Really?" in (site / "output/posts/welcome/index.html").read_text("utf-8")
    assert holding(site, b"Quetzalcoatl") == set()
    for words in (["approve", "s-1"], ["erase", "s-1", "--yes"]):
        call(site, *words, code=2)


def test_the_cache_can_be_scrubbed(tmp_path: Path) -> None:
    """What was deleted from the cache stays in free pages of its file, and is gone once it is scrubbed; what is kept stays."""
    path = tmp_path / "cache.sqlite"
    store = Store(path)
    for number in range(200):
        store.keep_fact(f"secret {number}", b"Quetzalcoatl" * 50)
    store.keep_fact("kept", b"this")
    for number in range(200):
        store.keep_fact(f"secret {number}", b"")
    assert holding(tmp_path, b"Quetzalcoatl")
    store.scrub()
    assert holding(tmp_path, b"Quetzalcoatl") == set() and store.fact("kept") == b"this"
    store.close()


def test_a_build_that_keeps_going_erases_later_what_it_could_not_make(site: Path) -> None:
    """A page that cannot be made keeps its last good version; once it can be, nothing of an erased comment is left in it or beside it."""
    theme = {"themes/own/theme.yml": "name: own\nextends: default\n"}
    write_site(site, theme)
    (site / "iopsgen.yml").write_text((site / "iopsgen.yml").read_text() + "theme: own\n")
    assert build_site(site, NOW).ok
    write_site(site, {"themes/own/templates/post.html": "{{ page.nosuch }}"})
    call(site, "erase", "a-1", "--yes")
    build_site(site, NOW, keep_going=True)
    (site / "themes/own/templates/post.html").unlink()
    assert build_site(site, NOW).ok
    assert holding(site, b"Words of a-1.") == {INBOX}


def test_erasing_asks_first(site: Path) -> None:
    """Without a terminal it needs --yes; everything of an author is meant by the name; nobody is erased twice or by mistake."""
    assert "Say --yes" in call(site, "erase", "a-1", code=2).output
    assert "Name comments" in call(site, "erase", code=2).output
    assert 'Nobody wrote a comment as "Zed"' in call(site, "erase", "--author", "Zed", "--yes", code=2).output
    assert 'begins with "b"' in call(site, "erase", "b", "--yes", code=2).output
    assert decisions(site) == []
    assert "2 comments erased" in call(site, "erase", "--author", "ben", "--yes").stdout
    assert {name for name, case in states(site).items() if case == "erased"} == {"a-2", "b-2"}
    listed = call(site, "list", "--state", "erased").stdout + call(site, "show", "a-2").stdout + call(site, "list", "--json").stdout
    assert "Words of a-2" not in listed and "(erased)" in listed


# --- the proof ---------------------------------------------------------------------------------------------------------


def test_the_report_is_recounted_from_the_pages(site: Path) -> None:
    """Before a build nothing is counted; after it the pages agree; what changed since waits."""
    value = json.loads(call(site, "report", "--json").stdout)
    assert (value["adds_up"], value["recounted"], value["agrees"]) == (True, None, True)
    assert "Nothing is built yet" in call(site, "report").stdout
    assert build_site(site, NOW).ok
    value = json.loads(call(site, "report", "--json").stdout)
    assert value["recounted"] == {"comments": 2, "pages": 2, "waiting": [], "agrees": True}
    assert value["threads"] == {"/events/picnic/": 1, "/posts/welcome/": 1}
    assert "Recounted from output/: 2 comments on 2 pages; as published." in call(site, "report").stdout
    call(site, "approve", "b-1")
    assert "1 comment on 1 page; 1 page waits for the next build." in call(site, "report").stdout
    assert len(call(site, "report", "--lines").stdout.splitlines()) == 5 + 6
    lines = json.loads(call(site, "report", "--json", "--lines").stdout)["dispositions"]
    assert [(d["line"], d["name"], d.get("page")) for d in lines[-2:]] == [(4, "published", "/events/picnic/"), (5, "unknown page", None)]


def test_a_page_that_loses_a_comment_is_a_fault(site: Path) -> None:
    """A theme that leaves a comment out, shows one twice, or one that is not published, is found out: exit code 3."""
    (site / "iopsgen.yml").write_text((site / "iopsgen.yml").read_text() + "theme: own\n")
    for body, words in {
        "none": "posts/welcome/index.html: comment a-1 is missing",
        '<p id="comment-a-1"></p><p id="comment-a-1"></p>': "posts/welcome/index.html: comment a-1 is where it should not be",
        '<p id="comment-a-1"></p><p id="comment-b-1"></p>': "posts/welcome/index.html: comment b-1 is where it should not be",
    }.items():
        write_site(site, {"themes/own/theme.yml": "name: own\nextends: default\n", "themes/own/templates/_thread.html": body})
        assert build_site(site, NOW).ok
        result = call(site, "report", code=3)
        assert words in result.stderr and "fault of iopsgen" in result.stderr
        assert json.loads(call(site, "report", "--json", code=3).stdout)["agrees"] is False


def test_headings_are_no_comments(tmp_path: Path) -> None:
    """Of a page whatever has the id of a permanent link counts, but headings do not; broken and empty pages have none."""
    page = tmp_path / "index.html"
    page.write_text('<h2 id="comment-a">Comment a</h2><div id="comment-b"><p id="comment-c">é<!-- id="comment-x" --></div><i id="other">')
    assert comments_on(page) == ["b", "c"]
    for text in ("", "comment-", "<!-- comment-a -->"):
        page.write_text(text)
        assert comments_on(page) == []
    assert comments_on(tmp_path / "nowhere") == []
    page.write_text('<p id="comment-a"></p><p id="comment-old"></p><p id="comment-gone"></p>')
    thread = Thread(page="/", comments=(Comment(id="a", name="", received=NOW, body="x"), Comment(id="gone", name="", received=NOW, body="", removed=True)), count=1)
    found = recount(tmp_path, [("index.html", thread)], {"a", "gone"}, {"index.html": True})
    assert (found.counted, found.agrees(), found.waiting) == (1, True, ())


def about_inbox(result: Any) -> list[str]:
    return [p.message for p in result.problems if "inbox" in p.message and p.severity == "warning"]


def test_a_shrunken_inbox_is_told_by_build_and_check(site: Path) -> None:
    """A comment that left the inbox, or changed in it, since the last build is a warning of check and of the next build; nothing else is lost by it."""
    assert build_site(site, NOW).ok
    write_site(site, {INBOX: inbox(line("a-1", body="Changed"), *LINES[2:])})
    wanted = ["1 comment in the inbox has changed since the last build: a-1.", "1 comment that the inbox held at the last build is gone: a-2."]
    for _ in range(2):
        checked = build_site(site, NOW, dry_run=True, clean=True, keep_going=True)
        assert checked.ok and about_inbox(checked) == wanted
    built = build_site(site, NOW)
    assert built.ok and about_inbox(built) == wanted
    write_site(site, {INBOX: inbox(line("a-1", body="Changed"), *LINES[2:], line("new"))})
    assert about_inbox(build_site(site, NOW)) == []
    shutil.rmtree(site / ".iopsgen")
    write_site(site, {INBOX: ""})
    assert about_inbox(build_site(site, NOW)) == []


# --- the walk ----------------------------------------------------------------------------------------------------------


def walk(site: Path, *words: str) -> Terminal:
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_ACTIONS")}
    environment |= {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "TERM": "xterm", "PYTHONWARNINGS": "error"}
    return Terminal([sys.executable, "-m", "iopsgen", "comments", "moderate", "--by", "Zoë", "--site", str(site), *words], site, environment)


def test_a_walk_through_what_waits(site: Path) -> None:
    """Each comment in its context; no key but a decision decides; what is decided is written at once, and taken back by u."""
    with walk(site) as terminal:
        shown = terminal.wait_for("q quit\n")
        assert "Welcome" in shown and "/posts/welcome/: 2 comments to look at" in shown and "| Words of a-1." in shown and "1 of 2   Ben" in shown
        for key in ("\r", " ", "x", "y", "\x1b[A"):
            terminal.press(key)
            terminal.wait_for("q quit\n")
        assert decisions(site) == []
        terminal.press("u")
        terminal.wait_for("Nothing was decided yet.\n")
        terminal.press("R")
        terminal.wait_for("(nothing: do not): ")
        terminal.answer("")
        terminal.wait_for("Nothing was decided.\n")
        assert decisions(site) == []
        terminal.press("a")
        terminal.wait_for("approved.\n")
        assert "Nobody's *secret* words" in terminal.wait_for("q quit\n")
        assert [(d["action"], d["by"]) for d in decisions(site)] == [("approve", "Zoë")]
        terminal.press("u")
        terminal.wait_for("Taken back.\n")
        assert "1 of 2   Ben" in terminal.wait_for("q quit\n")
        assert [d["action"] for d in decisions(site)] == ["approve", "hold"] and states(site)["a-2"] == "held"
        terminal.press("n")
        terminal.wait_for("q quit\n")
        terminal.press("S")
        terminal.wait_for("(nothing: do not): ")
        terminal.answer("buy this")
        assert "1 comment decided." in terminal.wait_for("for another time.\n")
        assert terminal.end() == 0
        assert [(d["action"], d.get("reason", "")) for d in decisions(site)][2:] == [("spam", "buy this")]
        assert states(site)["b-1"] == "spam"


def test_erasing_on_the_walk_needs_the_word(site: Path) -> None:
    """e asks for the word; anything else erases nothing; u cannot take it back; Ctrl-C ends."""
    with walk(site, "--page", "welcome") as terminal:
        terminal.wait_for("q quit\n")
        for answer in ("", "y", "yes", "Erase"):
            terminal.press("e")
            terminal.wait_for("(nothing: do not): ")
            terminal.answer(answer)
            terminal.wait_for("Nothing was decided.\n")
        assert decisions(site) == []
        terminal.press("e")
        terminal.wait_for("(nothing: do not): ")
        terminal.answer("erase")
        terminal.wait_for("erased.\n")
        terminal.wait_for("q quit\n")
        terminal.press("u")
        terminal.wait_for("stays erased")
        terminal.press("\x03")
        assert "still stands in the inbox" in terminal.wait_for("history of git.\n")
        assert terminal.end() == 0
        assert [(d["action"], d["id"], "sha256" in d) for d in decisions(site)] == [("erase", "a-2", False)]


def test_the_walk_wants_a_terminal(site: Path) -> None:
    """Without one it says which commands scripts use; with nothing to do it says so."""
    assert "For scripts there are" in call(site, "moderate", code=2).output
    write_site(site, {INBOX: inbox(LINES[0])})
    with walk(site) as terminal:
        terminal.wait_for("No comment waits.\n")
        assert terminal.end() == 0
