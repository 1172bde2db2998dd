"""Comments from tables and JSON of form services: which column holds what, dates of spreadsheets, dialects, damage."""

import json
from pathlib import Path

import pytest

from tests.foreign_comments import bring, by_body, errors, reasons, records
from tests.sites import write_site


def save(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def notes(outcome: object) -> list[str]:
    return [p.message for p in outcome.problems if p.severity == "hint"]  # type: ignore[attr-defined]


OWN = """page,language,body,name,url,parent,website,created_at,ip
/posts/welcome/,en,"One, *two*
three",Ada,https://ada.example,,,2026-03-01T10:00:00Z,192.0.2.7
/posts/welcome/,en,Nobody's,,,c1,,2026-03-01T11:00:00Z,192.0.2.7
/posts/welcome/,en,Robot,x,,,https://spam.example,2026-03-01T12:00:00Z,192.0.2.7
"""


def test_our_own_form(tmp_path: Path) -> None:
    """The table of a service that took our form is understood as it is: names, answers, the trap; addresses of machines stay behind."""
    site = write_site(tmp_path / "site", {"comments/inbox.jsonl": '{"id": "c1", "page": "/posts/welcome/", "received": "2026-01-01T00:00:00Z", "body": "First"}'})
    outcome = bring(site, "csv", save(tmp_path / "f.csv", OWN))
    found = by_body(site)
    one = found["One, *two*\nthree"]
    assert errors(outcome) == [] and notes(outcome) == ['These columns are not taken: "ip".']
    assert (one.page, one.name, one.url, one.language, one.format, one.status) == ("/posts/welcome/", "Ada", "https://ada.example", "en", "markdown", "")
    assert one.received.isoformat() == "2026-03-01T10:00:00+00:00" and not one.signals.honeypot
    assert (found["Nobody's"].name, found["Nobody's"].parent) == ("", "c1") and found["Robot"].signals.honeypot
    assert [o.added for o in (outcome, bring(site, "csv", tmp_path / "f.csv"))] == [3, 0]


def test_columns_by_name(tmp_path: Path) -> None:
    """Columns are found by what services and people call them, in several languages, whatever the case and signs."""
    tables = {
        "google": "Timestamp,Your name,Your comment,Page\n2/13/2026 18:30:00,Ann,google,Welcome\n",
        "german": "Zeitstempel;Ihr Name;Kommentar;Page URL\n13.02.2026 18:30:00;Ann;german;https://example.org/river/posts/welcome/\n",
        "netlify": "name,email,message,created_at,ip,user_agent,referrer\nAnn,a@example.org,netlify,2026-02-13 18:30:00 UTC,192.0.2.1,x,https://example.org/river/posts/welcome/\n",
        "formspree": "_date,name,_replyto,message,page\n2026-02-13T18:30:00,Ann,a@example.org,formspree,welcome\n",
        "tabs": "Date\tName\tComment\tPath\n2026-02-13 18:30\tAnn\ttabs\t/posts/welcome\n",
        "website": "date,name,website,comment,slug\n2026-02-13 18:30,Ann,https://ann.example,website,welcome\n",
    }
    for name, text in tables.items():
        outcome = bring(tmp_path / "site", "csv", save(tmp_path / f"{name}.csv", text))
        assert errors(outcome) == [] and outcome.added == 1, name
    found = by_body(tmp_path / "site")
    assert {(r.page, r.name, r.received.isoformat()) for r in found.values()} == {("/posts/welcome/", "Ann", "2026-02-13T18:30:00+00:00")}
    assert found["website"].url == "https://ann.example" and not found["website"].signals.honeypot


def test_columns_as_they_are_mapped(tmp_path: Path) -> None:
    """What is mapped by hand wins; an empty column means none; a column that is not there is an error with the nearest name."""
    path = save(tmp_path / "f.csv", "When,Nick,Comment,Thoughts,Where\n2026-02-13,Ann,not this,this,welcome\n")
    columns = {"received": "when", "name": "Nick", "body": "Thoughts", "page": "Where"}
    assert bring(tmp_path / "site", "csv", path, columns=columns).added == 1
    assert [(r.body, r.name, r.page) for r in records(tmp_path / "site")] == [("this", "Ann", "/posts/welcome/")]
    assert bring(tmp_path / "other", "csv", path, columns={**columns, "name": ""}).taken.nameless == 1
    outcome = bring(tmp_path / "third", "csv", path, columns={**columns, "body": "Thots"})
    assert errors(outcome) == ['f.csv:1 There is no column "Thots" for body.'] and outcome.problems[0].hint == 'Did you mean "Thoughts"?'
    outcome = bring(tmp_path / "third", "csv", save(tmp_path / "g.csv", "a,b\n1,2\n"))
    assert "Its columns: a, b." in errors(outcome)[0] and outcome.added == 0


@pytest.mark.parametrize(
    ("dates", "wishes", "days"),
    [
        (("1/2/2026 10:00:00", "1/13/2026 10:00:00"), {}, ["01-02", "01-13"]),
        (("1/2/2026 10:00:00", "13/1/2026 10:00:00"), {}, ["02-01", "01-13"]),
        (("1/2/2026", "3/4/2026"), {"day_first": True}, ["02-01", "04-03"]),
        (("1/2/2026", "3/4/2026"), {"day_first": False}, ["01-02", "03-04"]),
        (("1/2/2026", "3/4/2026"), {}, []),
        (("1.2.2026 10:00", "3.4.2026"), {}, ["02-01", "04-03"]),
        (("2026/02/01 10:00:00 AM GMT+1", "2026/04/03 12:00:00 PM GMT"), {}, ["02-01", "04-03"]),
        (("4/4/2026", ""), {}, ["04-04"]),
    ],
    ids=range(8),
)  # fmt: skip
def test_dates_of_spreadsheets(tmp_path: Path, dates: tuple[str, str], wishes: dict[str, bool], days: list[str]) -> None:
    """01/02/2026 is read as the other dates of the table show, or as was decided; without both it is counted, and no day is guessed."""
    text = "Timestamp,Comment,Page\n" + "".join(f"{d},c{n},welcome\n" for n, d in enumerate(dates))
    outcome = bring(tmp_path / "site", "csv", save(tmp_path / "f.csv", text), **wishes)
    assert sorted(r.received.isoformat()[5:10] for r in records(tmp_path / "site")) == sorted(days)
    assert reasons(outcome).get("without a date that can be read", 0) == len(dates) - len(days)


def test_zones(tmp_path: Path) -> None:
    """A time without a zone is one of the site's zone, or of the one that was named; one with a zone keeps it."""
    path = save(tmp_path / "f.csv", "date,comment,page\n2026-07-01 10:00,a,welcome\n2026-07-01T10:00:00-07:00,b,welcome\n")
    bring(tmp_path / "site", "csv", path)
    bring(tmp_path / "tokyo", "csv", path, zone="Asia/Tokyo")
    assert {r.body: r.received.isoformat() for r in records(tmp_path / "site")} == {"a": "2026-07-01T10:00:00+01:00", "b": "2026-07-01T10:00:00-07:00"}
    assert by_body(tmp_path / "tokyo")["a"].received.isoformat() == "2026-07-01T10:00:00+09:00"


def test_ids_and_answers(tmp_path: Path) -> None:
    """Long ids are kept, numbers of rows are not, since every file begins anew; answers find their row by either."""
    one = "id,parent,date,comment,page\n2,1,2026-03-02,answer {0},welcome\n1,,2026-03-01,question {0},welcome\n"
    for name in "ab":
        assert bring(tmp_path / "site", "csv", save(tmp_path / f"{name}.csv", one.format(name))).added == 2
    long = "id,parent,date,comment,page\n5f1a2b3c4d,,2026-03-01,kept,welcome\n"
    bring(tmp_path / "site", "csv", save(tmp_path / "c.csv", long))
    found = by_body(tmp_path / "site")
    assert found["answer a"].parent == found["question a"].id != found["question b"].id == found["answer b"].parent
    assert found["kept"].id == "csv-5f1a2b3c4d"


def test_status_format_and_page(tmp_path: Path) -> None:
    """What the person who imports decides holds where the table says nothing."""
    path = save(tmp_path / "f.csv", "date,comment,status,page\n2026-03-01,a,,\n2026-03-02,b,spam,two\n")
    bring(tmp_path / "site", "csv", path, status="pending", format="text", page="/posts/welcome/")
    assert {r.body: (r.status, r.format, r.page) for r in records(tmp_path / "site")} == {"a": ("pending", "text", "/posts/welcome/"), "b": ("spam", "text", "/posts/two/")}
    assert reasons(bring(tmp_path / "other", "csv", path)) == {"naming no page": 1}


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, code: str) -> None:
    """UTF-8 with a mark, UTF-16 as Excel writes it, and Windows-1252 with a word about it."""
    outcome = bring(tmp_path / "site", "csv", save(tmp_path / "f.csv", "date,comment,page\n2026-03-01,Grüße – €,welcome\n".encode(code)))
    assert [r.body for r in records(tmp_path / "site")] == ["Grüße – €"]
    assert [len(places) for places in outcome.taken.remarks.values()] == ([1] if code == "cp1252" else [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "f.csv:1 This is no table"), (b"\x00\x01\x02" * 500, "f.csv:1 This is no table"), (b"hello\nworld\n", "f.csv:1 This is no table"),
        (b"date,comment,page\n2026-03-01,\"never closed" + b",x\n" * 400_000, "f.csv:2 A quotation mark that opens here is never closed."),
        (b"date,comment,page\n" + b"x" * 3_000_000 + b"\n2026-03-01,a,welcome\n", "f.csv:2 This line is too long"),
        (b"date,,comment,page\n2026-03-01,x,a,welcome,and,more\n", ""),
    ],
    ids=range(6),
)  # fmt: skip
def test_harmful_tables(tmp_path: Path, content: bytes, said: str) -> None:
    """Garbage, an open quotation mark and endless lines give an error with the line; a row that is too long is taken with a remark."""
    outcome = bring(tmp_path / "site", "csv", save(tmp_path / "f.csv", content))
    assert "".join(errors(outcome)).startswith(said) if said else errors(outcome) == []
    assert outcome.added == (0 if said else 1) and len(errors(outcome)) <= 1


def test_rows_before_the_damage(tmp_path: Path) -> None:
    """What stands before a damaged place is taken, and a later import of the mended file adds only the rest."""
    good = b"date,comment,page\n2026-03-01,a,welcome\n"
    outcome = bring(tmp_path / "site", "csv", save(tmp_path / "f.csv", good + b'2026-03-02,"b' + b"x" * 2_000_000))
    assert (outcome.added, len(errors(outcome))) == (1, 1)
    assert bring(tmp_path / "site", "csv", save(tmp_path / "f.csv", good + b"2026-03-02,b,welcome\n")).added == 1


# --- JSON --------------------------------------------------------------------------------------------------------------

NETLIFY = {
    "number": 4, "title": None, "email": "ann@example.org", "name": "Guess", "first_name": "Ann", "summary": "Wor", "body": "Guess", "id": "5f1a2b3c4d5e6f7081929394",
    "data": {"name": "Ann", "email": "ann@example.org", "body": "Words", "page": "/posts/welcome/", "url": "", "website": "", "ip": "192.0.2.7", "user_agent": "x"},
    "created_at": "2026-03-01T10:00:00.123Z", "ordered_human_fields": [{"name": "name", "value": "Ann"}], "form_name": "comments", "site_url": "https://x.example",
}  # fmt: skip
FORMSPREE = {"_date": "2026-03-01T10:00:00.123000", "name": "Ann", "body": "Words", "page": "/posts/welcome/", "_gotcha": "", "_replyto": "ann@example.org"}


@pytest.mark.parametrize(
    "content",
    [json.dumps([NETLIFY]), json.dumps({"fields": ["name"], "submissions": [FORMSPREE]}), json.dumps([FORMSPREE, 3]), json.dumps(FORMSPREE) + "\n\n" + json.dumps(FORMSPREE) + "\n[]\n",
     json.dumps({"data": [{"id": 1, "fields": FORMSPREE}]}, indent=2)],
    ids=["netlify", "formspree", "list", "lines", "nested"],
)  # fmt: skip
def test_json(tmp_path: Path, content: str) -> None:
    """The JSON of form services is read, as a list, inside an object or line by line; what was sent wins over what the service guessed."""
    outcome = bring(tmp_path / "site", "json", save(tmp_path / "f.json", content))
    (record,) = records(tmp_path / "site")
    assert (record.name, record.body, record.page, record.received.isoformat()) == ("Ann", "Words", "/posts/welcome/", "2026-03-01T10:00:00.123000+00:00")
    assert errors(outcome) == [] and reasons(outcome).keys() <= {"damaged", "the same as one before"}
    assert "ann@" not in (tmp_path / "site/comments/inbox.jsonl").read_text("utf-8")
    if "number" in content:
        assert record.id == "json-5f1a2b3c4d5e6f7081929394"


def test_json_types(tmp_path: Path) -> None:
    """Numbers for names, milliseconds for dates and null for everything else are read as what they mean."""
    rows = [{"date": 1772359200000, "name": 7, "comment": "a", "page": "welcome"}, {"date": 1772359200, "name": None, "comment": "b", "page": "welcome", "url": True}, {"date": 1e400, "comment": "c", "page": []}]
    outcome = bring(tmp_path / "site", "json", save(tmp_path / "f.json", json.dumps(rows)))
    assert {r.body: (r.name, r.received.timestamp()) for r in records(tmp_path / "site")} == {"a": ("7", 1772359200), "b": ("", 1772359200)}
    assert reasons(outcome) == {"without a date that can be read": 1}
