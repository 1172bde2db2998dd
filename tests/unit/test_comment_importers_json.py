"""Comments of Remark42, Commento and Comentario: their exports in JSON, packed or not, whole or damaged."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.foreign_comments import bring, by_body, errors, reasons, records

META = {"version": 1, "users": [], "posts": [{"url": "https://old.example/posts/welcome/", "read_only": True}]}


def remark(ident: str, orig: str, **changes: Any) -> dict[str, Any]:
    """A comment as Remark42 backs it up."""
    return {
        "id": ident, "pid": "", "text": f"<p>{orig}</p>\n", "orig": orig, "score": 0, "votes": {}, "time": "2020-05-10T12:00:00.123456789-05:00",
        "user": {"name": "Ada", "id": "github_ef0f706a7", "picture": "https://old.example/a.image", "ip": "a1b2c3d4e5f6", "admin": False, "site_id": "old"},
        "locator": {"site": "old", "url": "https://old.example/posts/welcome/"},
    } | changes  # fmt: skip


def lines(path: Path, *values: object) -> Path:
    """A file of lines of JSON; bytes stand as they are."""
    path.write_bytes(b"".join((v if isinstance(v, bytes) else json.dumps(v).encode()) + b"\n" for v in values))
    return path


# --- Remark42 ----------------------------------------------------------------------------------------------------------


def test_remark42(tmp_path: Path) -> None:
    """The Markdown that was written counts, else the HTML; parents, names, moments with their offset and pages come along."""
    path = lines(
        tmp_path / "backup.json", META, remark("b", "*Answer*", pid="a", user={"name": "", "id": "anonymous_1", "ip": "1"}), remark("a", "Question"),
        remark("c", "", text="<p>HTML only</p>"), remark("d", "Elsewhere", locator={"site": "old", "url": "https://old.example/nowhere"}),
    )  # fmt: skip
    outcome = bring(tmp_path / "site", "remark42", path)
    found = by_body(tmp_path / "site")
    assert errors(outcome) == [] and outcome.added == 4
    assert (found["*Answer*"].parent, found["*Answer*"].id, found["*Answer*"].name) == ("remark42-old.a", "remark42-old.b", "")
    assert found["Question"].received.isoformat() == "2020-05-10T12:00:00.123456-05:00"
    assert (found["<p>HTML only</p>"].format, found["Question"].format) == ("html", "markdown")
    assert outcome.taken.unknown_pages == {"/nowhere": 1}
    assert "github" not in (tmp_path / "site/comments/inbox.jsonl").read_text("utf-8")


def test_remark42_packed_damaged_deleted(tmp_path: Path) -> None:
    """A packed backup is read; a damaged line is counted with its number, a deleted comment keeps its place where it was answered."""
    path = lines(
        tmp_path / "b", META, remark("a", "", text="", delete=True, user={"name": "deleted", "id": "deleted"}), remark("b", "Answer", pid="a"), b'{"id": "torn", "te', b"[1]", b"\xff",
        remark("", "No id"), {"id": "x"},
    )  # fmt: skip
    (tmp_path / "b.gz").write_bytes(gzip.compress(path.read_bytes()))
    outcome = bring(tmp_path / "site", "remark42", tmp_path / "b.gz")
    assert {r.body: r.parent for r in records(tmp_path / "site")} == {"No id": "", "Answer": "remark42-old.a"}
    assert reasons(outcome) == {"damaged": 3, "deleted there": 1, "without a text": 1}
    assert [p.line for p in outcome.taken.passed["damaged"]] == [4, 5, 6]
    assert len(outcome.taken.decisions) == 1
    assert bring(tmp_path / "site", "remark42", path).added == 0


def test_no_backup_of_remark42(tmp_path: Path) -> None:
    """A file that does not start like a backup is refused."""
    for content in (b"", b"hello", b"{}", b"[]", b"\x00" * 1000, b"{" * 5000):
        (tmp_path / "x.json").write_bytes(content)
        outcome = bring(tmp_path / "site", "remark42", tmp_path / "x.json")
        assert outcome.added == 0 and (errors(outcome) == ["x.json:1 This is no backup of Remark42."] or not content)


# --- Commento and Comentario -------------------------------------------------------------------------------------------

HEX = {name: (name * 64)[:64] for name in "abcdef"}


def commento(ident: str, words: str, **changes: Any) -> dict[str, Any]:
    """A comment as Commento exports it."""
    return {
        "commentHex": HEX[ident], "domain": "old.example", "url": "/posts/welcome/", "commenterHex": HEX["f"], "markdown": words, "html": "", "parentHex": "root",
        "score": 0, "state": "approved", "creationDate": "2019-02-03T04:05:06.789Z", "direction": 0,
    } | changes  # fmt: skip


PEOPLE = [{"commenterHex": HEX["f"], "email": "who@example.org", "name": "Ada", "link": "https://ada.example", "photo": "undefined", "provider": "commento"}]


def test_commento(tmp_path: Path) -> None:
    """Names are looked up, `anonymous` has none; states, parents and pages come along; what is deleted is not written."""
    comments = [
        commento("b", "Answer", parentHex=HEX["a"], commenterHex="anonymous"), commento("a", "Question"), commento("c", "Waits", state="unapproved"),
        commento("d", "Bad", state="flagged", url="", path="/events/picnic"), commento("e", "[deleted]", deleted=True), "noise",
    ]  # fmt: skip
    path = tmp_path / "export.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"version": 1, "comments": comments, "commenters": [*PEOPLE, 3]}).encode()))
    outcome = bring(tmp_path / "site", "commento", path)
    found = by_body(tmp_path / "site")
    assert errors(outcome) == [] and reasons(outcome) == {"deleted there": 1, "damaged": 1}
    assert (found["Answer"].parent, found["Answer"].name) == (f"commento-{HEX['a']}", "")
    assert (found["Question"].name, found["Question"].url, found["Question"].page) == ("Ada", "https://ada.example", "/posts/welcome/")
    assert {b: r.status for b, r in found.items()} == {"Answer": "approved", "Question": "approved", "Waits": "pending", "Bad": "spam"}
    assert found["Bad"].page == "/events/picnic/" and found["Question"].received.isoformat() == "2019-02-03T04:05:06.789000+00:00"
    assert bring(tmp_path / "site", "commento", path).added == 0


def test_comentario(tmp_path: Path) -> None:
    """The later format, with pages and accounts of their own, is read as well; so are names without an account."""
    nobody, ada = "00000000-0000-0000-0000-000000000000", "7f0c2a34-2b0c-4b55-9a53-0d0e8d3e1a01"

    def one(number: int, words: str, **changes: Any) -> dict[str, Any]:
        return {
            "id": f"b7e2f0aa-5c5e-4d2a-8a55-00000000000{number}", "parentId": nobody, "pageId": "p1", "markdown": words, "html": f"<p>{words}</p>", "isApproved": True,
            "isPending": False, "isDeleted": False, "createdTime": "2024-02-03T04:05:06.000Z", "userCreated": ada, "authorName": "",
        } | changes  # fmt: skip
    data = {
        "version": 3, "pages": [{"id": "p1", "path": "/posts/welcome/"}], "commenters": [{"id": ada, "email": "who@example.org", "name": "Ada", "websiteUrl": "https://ada.example"}],
        "comments": [one(1, "A"), one(2, "B", userCreated=nobody, authorName="Passer-by", parentId=one(1, "")["id"]), one(3, "C", isPending=True, isApproved=False),
                     one(4, "D", isApproved=False), one(5, "E", isDeleted=True), one(6, "F", userCreated=nobody, pageId="p9")],
    }  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(data), "utf-8")
    outcome = bring(tmp_path / "site", "commento", tmp_path / "export.json")
    found = by_body(tmp_path / "site")
    assert {b: (r.name, r.status) for b, r in found.items()} == {"A": ("Ada", "approved"), "B": ("Passer-by", "approved"), "C": ("Ada", "pending"), "D": ("Ada", "spam")}
    assert found["B"].parent == found["A"].id
    assert reasons(outcome) == {"deleted there": 1, "naming no page": 1}


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"[]", b'{"comments": 1, "version": 1}', b'{"version": 1, "comments": [', b"[" * 200_000, b"1" * 5000, b"\x00" * 100, b'{"a": "\xff"}', b'\xff\xfe{\x00}\x00'],
    ids=range(10),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["commento", "json"])
def test_harmful_json(tmp_path: Path, kind: str, content: bytes) -> None:
    """What is no JSON, or none of this kind, cut off or nested without end, gives one error with the file."""
    (tmp_path / "x.json").write_bytes(content)
    outcome = bring(tmp_path / "site", kind, tmp_path / "x.json")
    assert outcome.added == 0 and len(errors(outcome)) == 1 and errors(outcome)[0].startswith("x.json:")
