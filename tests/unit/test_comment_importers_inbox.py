"""What all comment importers share: pages, ids, privacy, the file that is added to, repetition, the account, the command."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click import Choice, Option
from click.testing import CliRunner, Result

from iopsgen.cli.comments_import import import_comments
from iopsgen.importers.comments.columns import NAMES
from iopsgen.importers.comments.foreign import Choices, Foreign, Found, Passed
from iopsgen.importers.comments.kinds import KINDS
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.pages import KnownPages, read_page_map
from iopsgen.importers.comments.taking import Known, Taken, take
from iopsgen.problems import Place
from iopsgen.read.comments import read_decisions, read_inbox
from tests.foreign_comments import bring, errors, make_site, reasons, records
from tests.house import doctext
from tests.sites import NOW, SETTINGS, build_site, messages, write_site

TABLE = "id,date,name,comment,page\nabcdefgh1,2026-03-01T10:00:00Z,Ann,First,welcome\nabcdefgh2,2026-03-02T10:00:00Z,,Second,/old/gone/\n"


def table(folder: Path, text: str = TABLE, name: str = "f.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder / name


def foreign(words: str, **fields: Any) -> Foreign:
    values: dict[str, Any] = {"body": words, "key": words, "id": words, "pages": ("/posts/a/",), "received": datetime(2026, 1, 1, tzinfo=UTC), "place": Place("f", 1), "file": "f"}
    return Foreign(**(values | fields))


def taken(*found: Found, known: Known | None = None, **choices: Any) -> Taken:
    """What becomes of foreign comments on a site with the page /posts/a/."""
    return take(found, "test", KnownPages({"/posts/a/": "/posts/a/"}, (), "/"), known or Known(), Choices(**choices), NOW)


def written(result: Taken) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.lines]


# --- what becomes of a comment -----------------------------------------------------------------------------------------


def test_everything_is_accounted_for() -> None:
    """Each thing that is read is either a line or has a reason; the numbers add up."""
    long, big = "x" * 40_000, "é" * 16_385
    result = taken(
        foreign("good"), foreign("empty", body=" \n"), foreign("long", body=long), foreign("big", body=big), foreign("undated", received=None), foreign("nowhere", pages=()),
        foreign("gone", state="deleted"), foreign("good"), foreign("other", key="good"), Passed("damaged", Place("f", 2)), foreign("spam", state="spam"),
        skip_spam=True,
    )  # fmt: skip
    assert {reason: len(places) for reason, places in result.passed.items()} == {
        "without a text": 1, "with a text of over 32 KiB": 2, "without a date that can be read": 1, "naming no page": 1, "deleted there": 1,
        "the same as one before": 1, "with the id of another": 1, "damaged": 1, "spam": 1,
    }  # fmt: skip
    assert result.read == 11 == len(result.lines) + 10


def test_the_reader_of_the_inbox_takes_every_line() -> None:
    """Whatever stands in a foreign comment, the line that is made of it is one that our reader takes in, without an address in it."""
    hard = ["\u2028\u2029\x00\x1b[31m", "\ud800 half", "x" * 1000, "a@example.org", "192.0.2.7", "2001:db8::1", "[x](javascript:y)", "\n\n", '"}{"', "é" * 300]
    for n, text in enumerate(hard):
        for field in ("name", "url", "language", "id", "key", "parent", "file"):
            result = taken(foreign("words", **{field: text}))
            assert len(result.lines) == 1, (field, text)
            inbox, problems = read_inbox([("i", result.lines[0])])
            assert problems == [] and inbox.private == 0 and len(inbox.records) == 1 and b"\n" not in result.lines[0]
        body = taken(foreign(f"{n}", body=f"words {text}"))
        assert len(body.lines) == 1 and read_inbox([("i", body.lines[0])])[1] == []


@pytest.mark.parametrize(("name", "kept"), [("Ann <ann@example.org>", "Ann"), ("ann@example.org", ""), ("Ann (192.0.2.7)", "Ann"), ("A" * 300, "A" * 200), (" \tAnn\n Lee ", "Ann Lee")])
def test_names(name: str, kept: str) -> None:
    """Of a name the address in it goes and the rest stays; a long one is cut; each of these is remarked."""
    result = taken(foreign("x", name=name))
    assert written(result)[0].get("name", "") == kept and bool(result.remarks) == (kept != "Ann Lee")


def test_an_address_in_the_words_stays() -> None:
    """What somebody wrote into the comment itself is part of what was said."""
    (line,) = written(taken(foreign("x", body="Write to me@example.org")))
    assert line["body"] == "Write to me@example.org"


def test_order() -> None:
    """Lines are written by (received, id), whatever the order of the files."""
    moments = [datetime(2026, 1, n, tzinfo=UTC) for n in (3, 1, 2, 1)]
    result = taken(*(foreign(f"c{n}", received=m) for n, m in enumerate(moments)))
    assert [line["id"] for line in written(result)] == ["test-c1", "test-c3", "test-c2", "test-c0"]


def test_parents() -> None:
    """An answer points to the id here, whether what it answers is read later, was imported before, or is not there at all."""
    before = read_inbox([("i", taken(foreign("before")).lines[0])])[0].records
    result = taken(foreign("a", parent="b"), foreign("b"), foreign("c", parent="before"), foreign("d", parent="never"), foreign("e", parent="our-own"), known=Known.of(before, ()))
    assert {line["id"]: line.get("parent") for line in written(result)} == {"test-a": "test-b", "test-b": None, "test-c": "test-before", "test-d": "test-never", "test-e": "test-our-own"}
    assert len(result.remarks["answers to a comment that is not there"]) == 2


def test_answers_to_what_was_deleted() -> None:
    """A chain below a deleted comment keeps its place by one decision, which our reader reads; what nobody answered needs none."""
    result = taken(foreign("gone", state="deleted", received=None), foreign("a", parent="gone"), foreign("alone", state="deleted"), foreign("b", parent="a"))
    (decision,), problems = read_decisions("d", b"\n".join(result.decisions))
    assert (decision.action, decision.id, problems) == ("erase", "test-gone", [])


def test_ids_without_an_id() -> None:
    """Where the system gave no id, the content makes it: the same each time, and another for another text, moment, name or page."""
    base = foreign("x", key="", id="")
    others = [base, foreign("x", key="", id=""), foreign("y", key="", id=""), foreign("x", key="", id="", name="Ann"), foreign("x", key="", id="", pages=("/b/",)),
              foreign("x", key="", id="", received=datetime(2026, 1, 2, tzinfo=UTC))]  # fmt: skip
    ids = [written(taken(one))[0]["id"] for one in others]
    assert ids[0] == ids[1] and len(set(ids)) == 5


# --- pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("/posts/welcome/", "/posts/welcome/"), ("https://old.example/posts/welcome", "/posts/welcome/"), ("http://old.example/blog/2012/welcome.html?x=1#c", "/posts/welcome/"),
        ("welcome", "/posts/welcome/"), ("2026-10-05-welcome", "/posts/welcome/"), ("/2012/10/OLD-two.html", "/posts/two/"), ("/Posts/Welcome/", "/posts/welcome/"),
        ("content/posts/2026-10-05-welcome.md", "/posts/welcome/"), ("https://example.org/river/events/picnic/index.html", "/events/picnic/"), ("//old.example/picnic", "/events/picnic/"),
        ("https://old.example/?p=12", "/?p=12"), ("https://old.example/caf%C3%A9/", "/caf%C3%A9/"), ("http://[bad", "http://[bad"), ("/posts/", "/posts/"),
    ],
)  # fmt: skip
def test_pages(tmp_path: Path, name: str, page: str) -> None:
    """A page is found by address, path, alias, slug or file, with all that hangs on an address; else its path is written."""
    path = table(tmp_path, f'date,comment,page\n2026-03-01T10:00:00Z,x,"{name}"\n')
    outcome = bring(tmp_path / "site", "csv", path)
    assert [r.page for r in records(tmp_path / "site")] == [page]
    known = page in ("/posts/welcome/", "/posts/two/", "/events/picnic/")
    assert outcome.taken.unknown_pages == ({} if known else {page: 1})


def test_a_slug_that_two_pages_have(tmp_path: Path) -> None:
    """Where two pages share a slug, the end of a foreign address does not choose between them."""
    site = write_site(make_site(tmp_path / "site"), {"content/events/welcome.md": "---\ntitle: W\nstart: 2026-12-05 12:00\n---\nx\n"})
    outcome = bring(site, "csv", table(tmp_path, "date,comment,page\n2026-03-01T10:00:00Z,x,https://old.example/blog/welcome/\n"))
    assert outcome.taken.unknown_pages == {"/blog/welcome/": 1}


def test_drafts_are_pages(tmp_path: Path) -> None:
    """The page of a draft is found, so that its comments are there when it is published."""
    site = write_site(make_site(tmp_path / "site"), {"content/posts/later.md": "---\ntitle: L\ndate: 2026-01-01\ndraft: true\n---\nx\n"})
    bring(site, "csv", table(tmp_path, "date,comment,page\n2026-03-01T10:00:00Z,x,later\n"))
    assert [r.page for r in records(site)] == ["/posts/later/"]


def test_page_map(tmp_path: Path) -> None:
    """A list of old and new addresses wins over everything; a page in it that is not there is a warning with the file."""
    pages = table(tmp_path, "# old, new\n\nhttps://old.example/?p=12, /posts/two/\n/old/gone/ => welcome\n/x/\t/nowhere/\n", "pages.txt")
    text = "date,comment,page\n2026-03-01T10:00:00Z,a,http://old.example/?p=12\n2026-03-01T10:00:00Z,b,/old/gone/\n2026-03-01T10:00:00Z,c,https://old.example/?p=12\n"
    outcome = bring(tmp_path / "site", "csv", table(tmp_path, text), page_map=str(pages))
    assert {r.body: r.page for r in records(tmp_path / "site")} == {"a": "/posts/two/", "b": "/posts/welcome/", "c": "/posts/two/"}
    assert [(p.severity, p.message) for p in outcome.problems if p.severity != "hint"] == [("warning", '"/nowhere/" is no page that can be discussed.')]


def test_a_faulty_page_map(tmp_path: Path) -> None:
    """Lines of the list that are no pair, or contradict one another, stop the import with their places."""
    assert read_page_map('"a b";"/c/"\n/d /e/\n', "m") == ({"a b": "/c/", "/d": "/e/"}, [])
    outcome = bring(tmp_path / "site", "csv", table(tmp_path), page_map=str(table(tmp_path, "one\n/a /b\n/a /c\n/d /e /f\n", "m.txt")))
    assert [line.partition(" ")[0] for line in errors(outcome)] == ["m.txt:1", "m.txt:3", "m.txt:4"] and outcome.usage
    assert errors(bring(tmp_path / "site", "csv", table(tmp_path), page_map=str(tmp_path / "none")))[0] == "none:0 There is no such file."


def test_the_build_shows_what_was_imported(tmp_path: Path) -> None:
    """An imported comment stands on its page; one of an unknown page is reported by the build."""
    site = tmp_path / "site"
    bring(site, "csv", table(tmp_path))
    result = build_site(site)
    assert result.ok and result.comments.published == 1
    assert "First" in (site / "output/posts/welcome/index.html").read_text("utf-8")
    assert 'warning comments/inbox.jsonl:2 A comment belongs to "/old/gone/", which is no page here.' in messages(result)


# --- the file that is added to -----------------------------------------------------------------------------------------


def test_again(tmp_path: Path) -> None:
    """The second import finds everything there and leaves the file as it is, byte for byte."""
    site, path = tmp_path / "site", table(tmp_path)
    assert bring(site, "csv", path).added == 2
    before = (site / "comments/inbox.jsonl").read_bytes()
    again = bring(site, "csv", path)
    assert again.added == 0 and reasons(again) == {"already in the inbox": 2} and (site / "comments/inbox.jsonl").read_bytes() == before


def test_a_half_line_at_the_end(tmp_path: Path) -> None:
    """Where a writer was stopped in the middle of a line, that line stays a bad one by itself, and nothing is glued to it."""
    site = write_site(make_site(tmp_path / "site"), {"comments/inbox.jsonl": b'{"id": "c1", "bo'})
    bring(site, "csv", table(tmp_path))
    inbox, _ = read_inbox([("i", (site / "comments/inbox.jsonl").read_bytes())])
    assert (inbox.lines, inbox.malformed, len(inbox.records)) == (3, 1, 2)


@pytest.mark.parametrize(
    ("inbox", "files", "target"),
    [
        ("comments/inbox.jsonl", (), "comments/inbox.jsonl"), ("comments/in", ("comments/in/2026.jsonl",), "comments/in/imported-csv.jsonl"),
        ("comments/in/*.jsonl", (), "comments/in/imported-csv.jsonl"), ("comments/**/*.jsonl", (), ""), ("comments/in/20*.jsonl", (), ""),
    ],
)  # fmt: skip
def test_where_to(tmp_path: Path, inbox: str, files: tuple[str, ...], target: str) -> None:
    """A single file of the inbox is added to; a folder or a pattern gets a file for the kind; where the name does not fit, it says so."""
    site = write_site(tmp_path / "site", dict.fromkeys(files, ""), SETTINGS + f'comments: {{inbox: "{inbox}"}}\n')
    make_site(site)
    outcome = bring(site, "csv", table(tmp_path))
    assert (outcome.file, outcome.added) == (target, 2 if target else 0) and bool(errors(outcome)) == (not target)
    if target:
        assert len(records(site, target)) == 2
        assert build_site(site).comments.records == 2
        assert reasons(bring(site, "csv", table(tmp_path))) == {"already in the inbox": 2}


def test_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--into names a file from the current folder; one that the inbox does not hold is a warning, one elsewhere or of another kind is refused."""
    site = make_site(tmp_path / "site")
    monkeypatch.chdir(site / "content")
    outcome = bring(site, "csv", table(tmp_path), into="../comments/other.jsonl")
    assert outcome.file == "comments/other.jsonl" and outcome.added == 2 and [p.severity for p in outcome.problems] == ["warning"]
    assert bring(site, "csv", table(tmp_path), into="../comments/other.jsonl").added == 0
    for bad in ("../../outside.jsonl", "../iopsgen.yml", "../comments/decisions.jsonl", "/etc/x.jsonl"):
        outcome = bring(site, "csv", table(tmp_path), into=bad)
        assert outcome.usage and len(errors(outcome)) == 1, bad


def test_a_link_out_of_the_site(tmp_path: Path) -> None:
    """Where the inbox is a link that leads out of the site, nothing is written there."""
    site = make_site(tmp_path / "site")
    (tmp_path / "victim").write_text("mine\n")
    (site / "comments").mkdir()
    (site / "comments/inbox.jsonl").symlink_to(tmp_path / "victim")
    outcome = bring(site, "csv", table(tmp_path))
    assert errors(outcome) and outcome.added == 0 and (tmp_path / "victim").read_text() == "mine\n"


def test_decisions_that_cannot_be_read(tmp_path: Path) -> None:
    """Where it is not known who was erased, nothing is imported."""
    site = write_site(make_site(tmp_path / "site"), {"comments/decisions.jsonl": "not json\n"})
    outcome = bring(site, "csv", table(tmp_path))
    assert errors(outcome) and outcome.added == 0 and not (site / "comments/inbox.jsonl").exists()


def test_what_was_erased_stays_away(tmp_path: Path) -> None:
    """A comment that a moderator erased, and whose line is gone from the inbox, does not come back with the next import."""
    erase = {"at": "2026-04-01T00:00:00Z", "action": "erase", "id": "csv-abcdefgh1"}
    site = write_site(make_site(tmp_path / "site"), {"comments/decisions.jsonl": json.dumps(erase) + "\n"})
    outcome = bring(site, "csv", table(tmp_path))
    assert reasons(outcome) == {"erased here by a moderator": 1} and [r.body for r in records(site)] == ["Second"]


def test_a_file_of_the_inbox_stays_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that would get longer than a build reads is not added to, and what to do is said."""
    monkeypatch.setattr("iopsgen.importers.comments.importing.MOST", 300)
    outcome = bring(tmp_path / "site", "csv", table(tmp_path))
    assert outcome.added == 0 and "which no build reads" in errors(outcome)[0] and records(tmp_path / "site") == []


def test_too_much_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import without end stops with an error, and gives what it had read."""
    monkeypatch.setattr("iopsgen.importers.comments.taking.MOST", 10_000)

    def endless() -> Iterator[Found]:
        n = 0
        while True:
            n += 1
            yield foreign("x" * 500 + str(n))

    result = take(endless(), "test", KnownPages({"/posts/a/": "/posts/a/"}, (), "/"), Known(), Choices(), NOW)
    assert len(result.lines) == 20 and [p.severity for p in result.problems] == ["error"]


# --- the command -------------------------------------------------------------------------------------------------------


def call(site: Path, *args: object) -> Result:
    return CliRunner().invoke(import_comments, [*map(str, args), "--site", str(site)])


def test_the_account(tmp_path: Path) -> None:
    """The command says how many were read, added and not taken, and why; a dry run writes nothing."""
    site = make_site(tmp_path / "site")
    path = table(tmp_path, TABLE + "abcdefgh3,,x,No date,welcome\n")
    dry = call(site, "csv", path, "--dry-run", "--status", "approved")
    assert dry.exit_code == 0 and not (site / "comments").exists()
    real = call(site, "csv", path, "--status", "approved")
    assert real.stdout == dry.stdout.replace("would be added", "added")
    assert real.stdout.splitlines() == [
        "3 comments read, 2 added to comments/inbox.jsonl.",
        "Of these: 2 approved, 1 without a name.",
        "Not taken: 1.",
        f"       1 × without a date that can be read: {path}:4",
        "On pages that this site does not have: 1. Give a page of this site such an address as an alias, or use --page-map.",
        "       1 × /old/gone/",
    ]


def test_json(tmp_path: Path) -> None:
    """`--json` prints one object with every place, and nothing else."""
    site = make_site(tmp_path / "site")
    result = call(site, "csv", table(tmp_path), "--json")
    value = json.loads(result.stdout)
    assert (value["ok"], value["read"], value["added"], value["skipped"], value["nameless"]) == (True, 2, 2, 0, 1)
    assert value["unknown_pages"] == {"/old/gone/": 1} and value["states"] == {"none": 2} and value["file"] == "comments/inbox.jsonl"
    value = json.loads(call(site, "csv", table(tmp_path), "--json").stdout)
    assert [(r["what"], r["count"], len(r["places"])) for r in value["reasons"]] == [("already in the inbox", 2, 2)]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("cvs", "x"), "'cvs' is not one of"), (("csv",), "PATH"), (("csv", "x", "--map", "nmae=y"), 'Did you mean "name"?'), (("csv", "x", "--map", "name"), "FIELD=COLUMN"),
        (("csv", "x", "--timezone", "CET"), "abbreviation"), (("csv", "x", "--dates", "us"), "day-first"), (("csv", "x", "--into", "/x.jsonl"), "does not lie in the folder of the site"),
    ],
    ids=range(7),
)  # fmt: skip
def test_wrong_usage(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    """Wrong words end with exit code 2 and the right ones."""
    result = call(make_site(tmp_path / "site"), *args)
    assert result.exit_code == 2 and said in result.stderr


def test_the_documentation() -> None:
    """docs/comments.md names exactly the kinds, the options, their choices, and the fields of `--map` that there are."""
    rows = doctext.rows("docs/comments.md", "Moving from another system")
    options = [option for option in import_comments.params if isinstance(option, Option) and option.name not in ("site", "pairs")]
    assert [span for row in rows for span in row.spans(0) if not span.startswith("-")] == list(KINDS)
    assert {row.spans(0)[0].partition(" ")[0] for row in rows if row.spans(0)[0].startswith("-")} == {o.opts[0] for o in options}
    text = doctext.read("docs/comments.md").partition("## Moving from another system")[2].partition("\n## ")[0]
    for word in (*NAMES, *(choice for o in options if isinstance(o.type, Choice) for choice in o.type.choices)):
        assert f"`{word}`" in text, word


@pytest.mark.parametrize("kind", list(KINDS))
def test_paths_that_are_not_there(tmp_path: Path, kind: str) -> None:
    """A file that is not there, an empty folder, a pipe and a device give an error each with exit code 1; nothing waits for them."""
    site = make_site(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    result = call(site, kind, tmp_path / "none", tmp_path / "empty", tmp_path / "pipe", "/dev/zero")
    assert result.exit_code == 1 and result.stderr.count("error: ") == 4
    assert "There is no such file." in result.stderr and result.stderr.count("This is no file.") == 2 and "In this folder there is nothing" in result.stderr


def test_every_kind_is_an_importer(tmp_path: Path) -> None:
    """Random bytes and every other kind's good file give an error, a reason or a comment to each importer, and never an exception."""
    site = make_site(tmp_path / "site")
    samples = {
        "noise": bytes((n * n * 31 + 7 * n) % 256 for n in range(20_000)), "xml": b"<rss><channel><item><comment/></item></channel></rss>", "mail": b"From: a@b\n\nx\n",
        "csv": TABLE.encode(), "json": b'[{"comment": "x"}]', "yml": b"message: x\n", "gz": b"\x1f\x8b\x08", "sql": b"SQLite format 3\0", "lines": b"{}\n{}\n",
    }  # fmt: skip
    for name, data in samples.items():
        (tmp_path / name).write_bytes(data)
    for kind in KINDS:
        for name in samples:
            outcome = bring(site, kind, tmp_path / name, dry_run=True)
            assert outcome.taken.read or outcome.problems, (kind, name)


# --- moments -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, True, "", "soon", "2026-02-30", "12:00", 0, -1, 1e300, float("nan"), float("inf"), 10**400, "9" * 50, "1/2/2026", "1/2/26", [], "2026-13-01T00:00:00Z", "99999999999999999"])
def test_no_moments(value: object) -> None:
    """What is no date, or could be two, is none."""
    assert read_date(value, "UTC") is None


def test_moments_are_the_same_instant() -> None:
    """Every way to write a moment gives the same instant, and keeps the offset that was written."""
    moment = datetime(2026, 7, 1, 17, 0, 5, tzinfo=UTC)
    ways = [
        moment.timestamp(), int(moment.timestamp()), str(int(moment.timestamp() * 1000)), int(moment.timestamp()) * 1_000_000, moment.isoformat(), "2026-07-01T17:00:05Z", "2026-07-01 17:00:05 UTC",
        "2026-07-01 19:00:05 +0200 CEST", "20260701T170005Z", "Wed, 01 Jul 2026 19:00:05 +0200", "Wed Jul 01 2026 10:00:05 GMT-0700 (PDT)", "2026/07/01 6:00:05 PM GMT+1", "2026-07-01T19:00:05+02", "2026-07-01T18:00:05", "7/1/2026 18:00:05",
    ]  # fmt: skip
    for way in ways:
        assert read_date(way, "Europe/London", False) == moment, way
    found = read_date("2026-07-01T10:00:05-07:00", "UTC")
    assert found is not None and found.utcoffset() == timedelta(hours=-7)
