"""Comments of Staticman: its files in every format, what names the page, what answers what, dates, names."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.foreign_comments import bring, by_body, errors, reasons, records
from tests.sites import write_site


def store(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder of comment files beside the site."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


UID = "3f1c6f30-2a8b-11e7-9c5d-%012d"


def test_formats(tmp_path: Path) -> None:
    """YAML, JSON, front matter with the text behind it, YAML behind three hyphens, and Python's own tags are read alike."""
    when = "date: '2017-05-22T12:50:32.560Z'\n"
    folder = store(tmp_path / "data", {
        "welcome/a.yml": f"_id: {UID % 1}\nname: Ada\nemail: 0bc83cb571cd1c50ba6f3e8a78ef1346\nmessage: >-\n  One line\n  and more\n{when}",
        "welcome/b.json": json.dumps({"_id": UID % 2, "name": "Ben", "message": "Two", "date": 1495457432560}),
        "welcome/c.md": f"---\n_id: {UID % 3}\nname: Cem\n{when}---\nThree\n\nparagraphs\n",
        "welcome/d.yml": f"---\nid: {UID % 4}\nname: Dee\nmessage: \"Four\"\n{when}",
        "welcome/e.yaml": f"_id: {UID % 5}\nname: !!python/unicode 'Eva'\nmessage: !!python/unicode \"F\\xFCnf\"\n{when}",
        "welcome/f.yml": f"_id: !!python/object/apply:os.system ['touch {tmp_path}/bad']\nmessage: !!binary U2l4\n{when}",
    })  # fmt: skip
    outcome = bring(tmp_path / "site", "staticman", folder)
    found = by_body(tmp_path / "site")
    assert errors(outcome) == [] and reasons(outcome) == {} and not (tmp_path / "bad").exists()
    assert {body: r.name for body, r in found.items()} == {
        "One line and more": "Ada", "Two": "Ben", "Three\n\nparagraphs": "Cem", "Four": "Dee", "Fünf": "Eva", "Six": "",
    }  # fmt: skip
    assert {r.page for r in found.values()} == {"/posts/welcome/"}
    assert {r.received for r in found.values()} == {datetime(2017, 5, 22, 12, 50, 32, 560000, UTC)}
    assert found["Two"].id == f"staticman-{UID % 2}" and found["Two"].status == "approved" and found["Two"].format == "markdown"
    assert b"0bc83cb571cd" not in (tmp_path / "site/comments/inbox.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("written", "name"),
    [("name: Ann", "Ann"), ("name: 42", "42"), ("name: null", ""), ("name: ''", ""), ("name: ~", ""), ("nick: x", ""), ("name: no", "no"),
     ("name: 0171", "0171"), ("author: {name: Zoe, url: 'https://zoe.example'}", "Zoe"), ("name: ann@example.org", ""), ("name: [a]", "")],
)  # fmt: skip
def test_names(tmp_path: Path, written: str, name: str) -> None:
    """A name is what was written, of whatever type; without one, or with an address in its place, the comment has none and is taken."""
    folder = store(tmp_path / "data", {"welcome/a.yml": f"{written}\nmessage: Words\ndate: 1714228019\n"})
    bring(tmp_path / "site", "staticman", folder)
    (record,) = records(tmp_path / "site")
    assert (record.name, record.body) == (name, "Words")


@pytest.mark.parametrize(
    ("written", "moment"),
    [("1714228019", "2024-04-27T14:26:59+00:00"), ("1471818805944", "2016-08-21T22:33:25.944000+00:00"), ("'2014-02-10 04:08:40 +0000'", "2014-02-10T04:08:40+00:00"),
     ("2016-08-22T21:42:48-04:00", "2016-08-22T21:42:48-04:00"), ("2016-07-01 10:00", "2016-07-01T10:00:00+01:00"), ("2016-01-01", "2016-01-01T00:00:00+00:00"),
     ("!!timestamp 2016-08-22 21:42:48", "2016-08-22T21:42:48+01:00"), ("Mon Aug 22 2016 21:42:48 GMT+0200 (CEST)", "2016-08-22T21:42:48+02:00")],
)  # fmt: skip
def test_dates(tmp_path: Path, written: str, moment: str) -> None:
    """Seconds, milliseconds, ISO with and without a zone and what JavaScript prints mean the moment they meant; the zone stays."""
    folder = store(tmp_path / "data", {"welcome/a.yml": f"message: Words\ndate: {written}\n"})
    bring(tmp_path / "site", "staticman", folder)
    assert [r.received.isoformat() for r in records(tmp_path / "site")] == [moment]


def test_a_date_in_the_name_of_the_file(tmp_path: Path) -> None:
    """A file that says no date is dated by the milliseconds in its name; one with neither is counted and not taken."""
    folder = store(tmp_path / "data", {"welcome/comment-1471818805944.yml": "message: A\n", "welcome/x.yml": "message: B\ndate: soon\n"})
    outcome = bring(tmp_path / "site", "staticman", folder)
    assert [(r.body, r.received.timestamp()) for r in records(tmp_path / "site")] == [("A", 1471818805.944)]
    assert reasons(outcome) == {"without a date that can be read": 1}
    assert outcome.taken.passed["without a date that can be read"][0].file.endswith("welcome/x.yml")


def test_pages(tmp_path: Path) -> None:
    """The page is what the comment says (address, path, slug), else its folder, with or without a date before the slug."""
    words = "date: 1714228019\nmessage: "
    folder = store(tmp_path / "data", {
        "welcome/1.yml": words + "folder",
        "2026-10-06-two/1.yml": words + "dated folder",
        "posts/welcome/1.yml": words + "nested folder",
        "x/1.yml": f"_parent: 'https://old.example/events/picnic/'\n{words}parent is the address",
        "x/2.yml": f"_parent: 'posts/welcome'\n{words}parent is a path",
        "x/3.yml": f"slug: two\n{words}slug",
        "x/4.yml": f"permalink: /2012/10/old-two.html\n{words}alias",
        "x/5.yml": f"post_id: /river/posts/welcome/index.html\n{words}path with the root of the site",
        "Nowhere/1.yml": words + "unknown",
    })  # fmt: skip
    outcome = bring(tmp_path / "site", "staticman", folder)
    assert {r.body: r.page for r in records(tmp_path / "site")} == {
        "folder": "/posts/welcome/", "dated folder": "/posts/two/", "nested folder": "/posts/welcome/",
        "parent is the address": "/events/picnic/", "parent is a path": "/posts/welcome/", "slug": "/posts/two/", "alias": "/posts/two/",
        "path with the root of the site": "/posts/welcome/", "unknown": "Nowhere",
    }  # fmt: skip
    assert outcome.taken.unknown_pages == {"Nowhere": 1}


def test_a_folder_of_one_page(tmp_path: Path) -> None:
    """A folder that is named itself, or one of its files, gives the page its name."""
    folder = store(tmp_path / "data/welcome", {"1.yml": "message: A\ndate: 1714228019\n", "2.yml": "message: B\ndate: 1714228019\n"})
    assert bring(tmp_path / "site", "staticman", folder / "2.yml").added == 1
    assert bring(tmp_path / "site", "staticman", folder).added == 1
    assert {r.page for r in records(tmp_path / "site")} == {"/posts/welcome/"}


@pytest.mark.parametrize("field", ["replying_to_uid", "reply_to", "replyToId", "replyID", "_parent", "in_reply_to", "parent_id", "replyThread"])
def test_answers_by_id(tmp_path: Path, field: str) -> None:
    """Whatever the theme calls it: what answers another comment by its id does so here, also if it is read first."""
    folder = store(tmp_path / "data", {
        "welcome/1.yml": f"_id: {UID % 1}\n{field}: {UID % 2}\nmessage: Answer\ndate: 1714228020\n",
        "welcome/2.yml": f"_id: {UID % 2}\n{field}: ''\nmessage: Question\ndate: 1714228019\n",
    })  # fmt: skip
    bring(tmp_path / "site", "staticman", folder)
    found = by_body(tmp_path / "site")
    assert (found["Answer"].parent, found["Question"].parent) == (found["Question"].id, "")


@pytest.mark.parametrize("field", ["replying_to", "_parent", "reply_to"])
def test_answers_by_place(tmp_path: Path, field: str) -> None:
    """A small number means the comment at that place among those of the page that answer none, in the order of the file names."""
    text = "message: {}\ndate: {}\n"
    folder = store(tmp_path / "data", {
        "welcome/comment-1.yml": text.format("First", 1714228001),
        "welcome/comment-2.yml": text.format("Answer to the second", 1714228002) + f"{field}: '2'\n",
        "welcome/comment-3.yml": text.format("Second", 1714228003),
        "welcome/comment-4.yml": text.format("Answer to none", 1714228004) + f"{field}: 7\n",
        "two/comment-0.yml": text.format("Elsewhere", 1714228000),
    })  # fmt: skip
    outcome = bring(tmp_path / "site", "staticman", *sorted(folder.rglob("*.yml"), reverse=True))
    found = by_body(tmp_path / "site")
    assert found["Answer to the second"].parent == found["Second"].id
    assert found["Answer to none"].parent not in ("", *(r.id for r in found.values()))
    assert len(outcome.taken.remarks["answers to a comment that is not there"]) == 1


def test_answers_by_the_name_of_a_file(tmp_path: Path) -> None:
    """An answer may name the file of what it answers; short ids count within their page only; a comment cannot answer itself."""
    folder = store(tmp_path / "data", {
        "welcome/entry1471818805944.yml": "message: Question\n",
        "welcome/b.yml": "replying_to_uid: entry1471818805944\nmessage: Answer\ndate: 1714228019\n",
        "two/c.yml": "_id: 1\nmessage: One here\ndate: 1714228019\n",
        "two/d.yml": "_id: 2\nreply_to: 1\nmessage: Answers one here\ndate: 1714228019\n",
        "welcome/e.yml": "_id: 1\n_parent: 1\nmessage: One there\ndate: 1714228019\n",
    })  # fmt: skip
    bring(tmp_path / "site", "staticman", folder)
    found = by_body(tmp_path / "site")
    assert found["Answer"].parent == found["Question"].id
    assert found["Answers one here"].parent == found["One here"].id
    assert found["One there"].parent == ""
    assert len({r.id for r in found.values()}) == 5


def test_our_own_form(tmp_path: Path) -> None:
    """What our form sends through Staticman is understood: page and language, `_parent` as an id of the inbox, the trap."""
    site = tmp_path / "site"
    folder = store(tmp_path / "data", {
        "welcome/a.yml": "message: Real\npage: /posts/two/\nlanguage: en\nurl: https://a.example\nwebsite: ''\n_parent: c1\ndate: 1714228019\n",
        "welcome/b.yml": "message: Robot\npage: /posts/two/\nurl: ''\nwebsite: https://spam.example\ndate: 1714228019\n",
    })  # fmt: skip
    line = {"id": "c1", "page": "/posts/two/", "received": "2024-01-01T00:00:00Z", "body": "First"}
    write_site(site, {"comments/inbox.jsonl": json.dumps(line)})
    bring(site, "staticman", folder)
    found = by_body(site)
    assert (found["Real"].page, found["Real"].parent, found["Real"].language) == ("/posts/two/", "c1", "en")
    assert (found["Real"].url, found["Real"].signals.honeypot) == ("https://a.example", False)
    assert (found["Robot"].url, found["Robot"].signals.honeypot) == ("", True)


def test_states(tmp_path: Path) -> None:
    """A file that says nothing was let in; a filled trap is a signal; hidden, spam and deleted ones keep that."""
    text = "date: 1714228019\nmessage: "
    folder = store(tmp_path / "data", {
        "welcome/a.yml": f"{text}plain\nhidden: ''\n",
        "welcome/b.yml": f"{text}trap\nhidden: 'x'\n",
        "welcome/c.yml": f"{text}waits\napproved: false\n",
        "welcome/d.yml": f"{text}spam\nspam: true\n",
        "welcome/e.yml": f"{text}gone\ndeleted: true\n",
    })  # fmt: skip
    outcome = bring(tmp_path / "site", "staticman", folder)
    found = {r.body: (r.status, r.signals.honeypot) for r in records(tmp_path / "site")}
    assert found == {"plain": ("approved", False), "trap": ("approved", True), "waits": ("pending", False), "spam": ("spam", False)}
    assert reasons(outcome) == {"deleted there": 1}


def test_several_in_one_file(tmp_path: Path) -> None:
    """A file may hold a list of comments, or a map of them; its name is then that of the page, and places count in its order."""
    folder = store(tmp_path / "data", {
        "welcome.yml": "- {message: One, date: 1714228001}\n- {message: Two, date: 1714228002, replying_to: 1}\n- just words\n",
        "two.json": json.dumps({"comments": [{"message": "Three", "date": 1714228003}]}),
    })  # fmt: skip
    outcome = bring(tmp_path / "site", "staticman", folder)
    found = by_body(tmp_path / "site")
    assert {b: r.page for b, r in found.items()} == {"One": "/posts/welcome/", "Two": "/posts/welcome/", "Three": "/posts/two/"}
    assert found["Two"].parent == found["One"].id
    assert reasons(outcome) == {"holding no comment": 1}


def test_html_and_markdown(tmp_path: Path) -> None:
    """Markdown stays Markdown; a text with paragraphs, links or line breaks of HTML is marked as HTML, and code in Markdown does not make it so."""
    text = "date: 1714228019\nmessage: "
    folder = store(tmp_path / "data", {
        "welcome/a.yml": text + "'A *word* and <b>'\n",
        "welcome/b.yml": text + "'<p>B</p>'\n",
        "welcome/c.yml": text + "'C `<p>` is a tag'\n",
        "welcome/d.yml": text + "'D <a href=\"https://x.example\">link</a>'\n",
    })  # fmt: skip
    bring(tmp_path / "site", "staticman", folder)
    assert {r.body[0] if r.body[0] != "<" else "B": r.format for r in records(tmp_path / "site")} == {"A": "markdown", "B": "html", "C": "markdown", "D": "html"}


def test_damaged_files(tmp_path: Path) -> None:
    """Files that are no YAML, bombs, deep nesting, garbage and links are told with their place; everything beside them is taken."""
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\nmessage: *b\ndate: 1714228019\n"
    folder = store(tmp_path / "data", {
        "welcome/good.yml": "message: Good\ndate: 1714228019\n",
        "welcome/bomb.yml": bomb,
        "welcome/deep.yml": "[" * 100_000,
        "welcome/deeper.json": "[" * 100_000,
        "welcome/noise.yml": bytes(range(256)) * 50,
        "welcome/open.yml": 'message: "never closed\nname: x\n',
        "welcome/half.json": '{"message": "hal',
        "welcome/empty.yml": "",
        "welcome/latin.yml": "message: caf\u00e9\ndate: 1714228019\n".encode("latin-1"),
        "welcome/photo.jpg": b"\xff\xd8",
        "welcome/.hidden.yml": "message: no\n",
    })  # fmt: skip
    (folder / "welcome/link.yml").symlink_to(folder / "welcome/good.yml")
    outcome = bring(tmp_path / "site", "staticman", folder)
    assert sorted(r.body for r in records(tmp_path / "site")) == ["Good", "café"]
    assert reasons(outcome) == {"in files that cannot be read": 5, "holding no comment": 1, "without a text": 1}
    names = {line.partition(":")[0] for line in errors(outcome)}
    assert names == {"deep.yml", "deeper.json", "noise.yml", "open.yml", "half.json"}
    assert set(outcome.taken.remarks) == {
        "files of another kind, which were not read", "hidden files and folders, which were not read", "links, which were not followed",
        "files that are not UTF-8, and were read as Windows-1252",
    }  # fmt: skip


def test_again(tmp_path: Path) -> None:
    """A second import adds nothing, byte for byte; one more file adds one line; a changed text is told and not written."""
    site, folder = tmp_path / "site", store(tmp_path / "data", {"welcome/a.yml": f"_id: {UID % 1}\nmessage: A\ndate: 1714228019\n", "welcome/b.yml": "message: B\ndate: 1714228019\n"})
    assert bring(site, "staticman", folder).added == 2
    before = (site / "comments/inbox.jsonl").read_bytes()
    outcome = bring(site, "staticman", folder)
    assert (outcome.added, reasons(outcome)) == (0, {"already in the inbox": 2})
    assert (site / "comments/inbox.jsonl").read_bytes() == before
    store(folder, {"welcome/a.yml": f"_id: {UID % 1}\nmessage: A, mended\ndate: 1714228019\n", "welcome/c.yml": "message: C\ndate: 1714228019\n"})
    outcome = bring(site, "staticman", folder)
    assert reasons(outcome) == {"already in the inbox": 1, "already in the inbox, with another text or name": 1}
    assert (site / "comments/inbox.jsonl").read_bytes().startswith(before) and [r.body for r in records(site)][2:] == ["C"]
