"""Comments of Disqus and WordPress: what their exports hold, whatever the order; and XML that was damaged, or made to do harm."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iopsgen.markdown import comment_html
from tests.foreign_comments import bring, by_body, errors, reasons, records

DISQUS = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
    '<category dsq:id="7"><forum>f</forum><title>General</title></category>\n'
)
WXR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
    "<channel><title>Old site</title><link>{site}</link><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>{site}</wp:base_blog_url>\n"
)


def thread(ident: int, link: str = "https://old.example/posts/welcome/", name: str = "") -> str:
    return (
        f'<thread dsq:id="{ident}"><id>{name}</id><forum>f</forum><category dsq:id="7"/><link>{link}</link><title>T</title><message/>'
        "<createdAt>2012-01-01T00:00:00Z</createdAt><author><name>Editor</name><isAnonymous>false</isAnonymous></author>"
        "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )


def post(ident: int, words: str, on: int = 1, parent: int = 0, name: str = "Ada", date: str = "2012-10-06T08:12:40Z", more: str = "") -> str:
    answers = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{ident}"><id>wp_{ident}</id><message><![CDATA[{words}]]></message><createdAt>{date}</createdAt>{more}'
        f"<author><email>who@example.org</email><name>{name}</name><isAnonymous>true</isAnonymous><username>u</username></author>"
        f'<ipAddress>192.0.2.7</ipAddress><thread dsq:id="{on}"/>{answers}</post>\n'
    )


def disqus(*parts: str) -> str:
    return DISQUS + "".join(parts) + "</disqus>"


def comment(ident: int, words: str, **fields: str) -> str:
    values = {
        "comment_id": str(ident), "comment_author": "<![CDATA[Ada]]>", "comment_author_email": "ada@example.org", "comment_author_url": "",
        "comment_author_IP": "192.0.2.7", "comment_date": "2012-10-06 09:12:40", "comment_date_gmt": "2012-10-06 08:12:40",
        "comment_content": f"<![CDATA[{words}]]>", "comment_approved": "1", "comment_type": "comment", "comment_parent": "0", "comment_user_id": "0",
    }  # fmt: skip
    inner = "".join(f"<wp:{key}>{value}</wp:{key}>" for key, value in (values | fields).items())
    return f"<wp:comment>{inner}<wp:commentmeta><wp:meta_key>k</wp:meta_key><wp:meta_value>v</wp:meta_value></wp:commentmeta></wp:comment>\n"


def item(*comments: str, link: str = "https://old.example/2012/10/welcome/", slug: str = "welcome") -> str:
    return f"<item><title>Welcome</title><link>{link}</link><wp:post_id>12</wp:post_id>{''.join(comments)}<wp:post_name><![CDATA[{slug}]]></wp:post_name></item>\n"


def wxr(*items: str, site: str = "https://old.example") -> str:
    return WXR.format(site=site) + "".join(items) + "</channel></rss>"


def save(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- Disqus ------------------------------------------------------------------------------------------------------------


def test_disqus(tmp_path: Path) -> None:
    """Posts come with names, moments, parents and pages, whichever stands first; an address never does."""
    path = save(tmp_path / "d.xml", disqus(
        post(102, "<p>Answer</p>", parent=101, name=""), post(101, "<p>Question</p>", name="A &amp; B"), thread(1),
        post(103, "<p>No zone</p>", on=2, date="2012-10-06T08:12:40"), thread(2, "https://old.example/x/?p=9", "picnic"),
    ))  # fmt: skip
    outcome = bring(tmp_path / "site", "disqus", path)
    found = by_body(tmp_path / "site")
    assert errors(outcome) == [] and outcome.added == 3
    assert (found["<p>Answer</p>"].parent, found["<p>Answer</p>"].id, found["<p>Answer</p>"].name) == ("disqus-101", "disqus-102", "")
    assert found["<p>Question</p>"].name == "A & B" and found["<p>Question</p>"].format == "html"
    assert found["<p>No zone</p>"].page == "/events/picnic/"
    assert {r.received for r in found.values()} == {datetime(2012, 10, 6, 8, 12, 40, tzinfo=UTC)}
    line = (tmp_path / "site/comments/inbox.jsonl").read_text("utf-8")
    assert "192.0.2.7" not in line and "who@example.org" not in line


def test_disqus_states(tmp_path: Path) -> None:
    """Spam stays spam, what waited waits; what was deleted is not written, but where somebody answered it its place is kept."""
    path = save(tmp_path / "d.xml", disqus(
        thread(1), post(1, "fine"), post(2, "bad", more="<isSpam>true</isSpam>"), post(3, "new", more="<isApproved>false</isApproved>"),
        post(4, "gone", more="<isDeleted>true</isDeleted>"), post(5, "answer", parent=4), post(6, "gone too", more="<isDeleted>true</isDeleted>"),
    ))  # fmt: skip
    site = tmp_path / "site"
    outcome = bring(site, "disqus", path)
    assert {r.body: r.status for r in records(site)} == {"fine": "approved", "bad": "spam", "new": "pending", "answer": "approved"}
    assert reasons(outcome) == {"deleted there": 2} and outcome.taken.states == {"approved": 2, "spam": 1, "pending": 1}
    decisions = (site / "comments/decisions.jsonl").read_text("utf-8")
    assert decisions.count("\n") == 1 and '"erase"' in decisions and '"disqus-4"' in decisions and "gone" not in decisions
    again = bring(site, "disqus", path)
    assert again.taken.decisions == () and (site / "comments/decisions.jsonl").read_text("utf-8") == decisions
    assert reasons(bring(tmp_path / "other", "disqus", path, skip_spam=True)) == {"deleted there": 2, "spam": 1}


def test_a_lost_decision(tmp_path: Path) -> None:
    """Where the decision about a deleted comment is gone, or was never written, the next import writes it, although the answer is there already."""
    site, path = tmp_path / "site", save(tmp_path / "d.xml", disqus(thread(1), post(4, "gone", more="<isDeleted>true</isDeleted>"), post(5, "answer", parent=4)))
    bring(site, "disqus", path)
    (site / "comments/decisions.jsonl").unlink()
    assert len(bring(site, "disqus", path).taken.decisions) == 1 and (site / "comments/decisions.jsonl").exists()


def test_deleted_since_the_last_import(tmp_path: Path) -> None:
    """A comment that was imported and then deleted at its system is marked as erased by the next import."""
    site = tmp_path / "site"
    bring(site, "disqus", save(tmp_path / "d.xml", disqus(thread(1), post(1, "words"))))
    outcome = bring(site, "disqus", save(tmp_path / "d.xml", disqus(thread(1), post(1, "words", more="<isDeleted>true</isDeleted>"))))
    assert len(outcome.taken.decisions) == 1 and b'"disqus-1"' in outcome.taken.decisions[0]
    assert reasons(bring(site, "disqus", save(tmp_path / "d.xml", disqus(thread(1), post(1, "words"))))) == {"erased here by a moderator": 1}


def test_links_through_the_counter(tmp_path: Path) -> None:
    """Links that lead through Disqus' counter lead straight on, with nothing of the counter left."""
    words = '<a href="https://disq.us/url?url=https%3A%2F%2Fa.example%2F%3Fb%3D1%26c%3Ae%3AN5uw2pegu4eueRRx0Dgx5uXl9z0&amp;cuid=3226216" rel="nofollow">a</a> x'
    bring(tmp_path / "site", "disqus", save(tmp_path / "d.xml", disqus(thread(1), post(1, words))))
    (record,) = records(tmp_path / "site")
    assert record.body == '<a href="https://a.example/?b=1&amp;c:e" rel="nofollow">a</a> x'
    assert 'href="https://a.example/?b=1&amp;c:e"' in comment_html(record.body, record.format)


# --- WordPress ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_wordpress(tmp_path: Path, version: str) -> None:
    """Comments of every version of the format come with their page, by address or slug, and their parents."""
    text = wxr(item(comment(2, "Answer", comment_parent="1", comment_author=""), comment(1, "Question")), item(comment(3, "On a picnic"), link="https://old.example/?p=77", slug="picnic"))
    outcome = bring(tmp_path / "site", "wordpress", save(tmp_path / "w.xml", text.replace("export/1.2/", f"export/{version}/")))
    found = by_body(tmp_path / "site")
    assert errors(outcome) == []
    assert {b: (r.page, r.name, r.status) for b, r in found.items()} == {
        "Question": ("/posts/welcome/", "Ada", "approved"), "Answer": ("/posts/welcome/", "", "approved"), "On a picnic": ("/events/picnic/", "Ada", "approved"),
    }  # fmt: skip
    assert found["Answer"].parent == found["Question"].id and found["Question"].parent == ""


def test_wordpress_states(tmp_path: Path) -> None:
    """What waits, spam and the bin stay what they are; pings and the notes of plug-ins are counted and left out."""
    rows = [("1", "comment"), ("0", "comment"), ("spam", ""), ("trash", ""), ("post-trashed", ""), ("1", "pingback"), ("1", "trackback"), ("1", "order_note")]
    text = wxr(item(*(comment(n, f"{a} {k}", comment_approved=a, comment_type=k) for n, (a, k) in enumerate(rows, 1))))
    outcome = bring(tmp_path / "site", "wordpress", save(tmp_path / "w.xml", text))
    assert {r.body.strip(): r.status for r in records(tmp_path / "site")} == {"1 comment": "approved", "0 comment": "pending", "spam": "spam"}
    assert reasons(outcome) == {"deleted there": 2, "pingbacks and trackbacks, which nobody wrote": 2, "notes and ratings of plug-ins": 1}


def test_wordpress_dates(tmp_path: Path) -> None:
    """The moment in UTC counts; where that is all zeros, the local one in the zone of the site or in that which was named."""
    local = {"comment_date_gmt": "0000-00-00 00:00:00", "comment_date": "2012-07-06 09:12:40"}
    path = save(tmp_path / "w.xml", wxr(item(comment(1, "UTC"), comment(2, "local", **local), comment(3, "none", comment_date_gmt="", comment_date="x"))))
    outcome = bring(tmp_path / "site", "wordpress", path)
    assert {r.body: r.received.isoformat() for r in records(tmp_path / "site")} == {"UTC": "2012-10-06T08:12:40+00:00", "local": "2012-07-06T09:12:40+01:00"}
    assert reasons(outcome) == {"without a date that can be read": 1}
    bring(tmp_path / "berlin", "wordpress", path, zone="Europe/Berlin")
    assert by_body(tmp_path / "berlin")["local"].received.isoformat() == "2012-07-06T09:12:40+02:00"


def test_wordpress_texts(tmp_path: Path) -> None:
    """Plain words are text; what has tags or references is HTML with the paragraphs that WordPress showed; nothing is made safe here."""
    words = {
        1: "Two\nlines, 2 * 3 * 4",
        2: "<em>One</em>\n\nTwo\nthree",
        3: "<pre>a\n\nb</pre>\n\nc <b>d</b>",
        4: "<script>alert(1)</script> &lt;3",
    }  # fmt: skip
    bring(tmp_path / "site", "wordpress", save(tmp_path / "w.xml", wxr(item(*(comment(n, w) for n, w in words.items())))))
    found = {int(r.id.rpartition(".")[2]): r for r in records(tmp_path / "site")}
    assert (found[1].body, found[1].format) == (words[1], "text")
    assert comment_html(found[1].body, found[1].format) == "<p>Two<br>\nlines, 2 * 3 * 4</p>"
    assert comment_html(found[2].body, found[2].format) == "<p><em>One</em></p>\n<p>Two<br>\nthree</p>"
    assert comment_html(found[3].body, found[3].format) == "<pre>a\n\nb</pre>\n<p>c <b>d</b></p>"
    assert found[4].body == words[4] and "<script" not in comment_html(found[4].body, found[4].format)


def test_two_wordpresses(tmp_path: Path) -> None:
    """Comments of two sites have ids of their own, although both count from one; a parent stays within its site."""
    site = tmp_path / "site"
    one = wxr(item(comment(1, "One"), comment(2, "Answer one", comment_parent="1")), site="https://one.example")
    two = wxr(item(comment(1, "Two"), comment(2, "Answer two", comment_parent="1")), site="https://two.example")
    for number, text in enumerate((one, two)):
        assert bring(site, "wordpress", save(tmp_path / f"{number}.xml", text)).added == 2
    found = by_body(site)
    assert found["Answer one"].parent == found["One"].id != found["Two"].id == found["Answer two"].parent


# --- harm and damage ---------------------------------------------------------------------------------------------------

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + "".join(f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"
)


@pytest.mark.parametrize("kind", ["disqus", "wordpress"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS + "<disqus><post>&i;</post></disqus>", "document type"),
        ('<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><disqus><post>&x;</post></disqus>', "document type"),
        ('<!DOCTYPE d SYSTEM "http://192.0.2.1/x.dtd"><rss><channel/></rss>', "document type"),
        ("<html><body>Log in first</body></html>", "no export of"),
        ("<rss>" + "<a>" * 5000, ""),
        ("<disqus>" + "<a>" * 5000, ""),
        ("", "damaged XML"),
        ("hello", "damaged XML"),
        (bytes(range(256)) * 40, "damaged XML"),
        ("<disqus><thread>", ""),
        (b"PK\x03\x04 zip", "ZIP archive"),
        (gzip.compress(b"<disqus></disqus>" * 100)[:-20], ""),
        (b"\x1f\x8b\x08\x00garbage that is no gzip", "packed file is damaged"),
    ],
    ids=range(13),
)  # fmt: skip
def test_harmful_xml(tmp_path: Path, kind: str, text: str | bytes, said: str) -> None:
    """Entities, document types, deep nesting, pages of HTML and garbage give an error with the file, and take nothing in."""
    outcome = bring(tmp_path / "site", kind, save(tmp_path / "x.xml", text))
    assert outcome.added == 0 and not (tmp_path / "site/comments").exists()
    assert errors(outcome) and errors(outcome)[0].startswith("x.xml:") and said in errors(outcome)[0]


def test_the_other_one_is_named(tmp_path: Path) -> None:
    """The export of the one, given to the importer of the other, is told apart and the right command is named."""
    one, two = save(tmp_path / "d.xml", disqus(thread(1))), save(tmp_path / "w.xml", wxr())
    assert [p.hint for p in bring(tmp_path / "site", "wordpress", one).problems] == ["Import it with `iopsgen comments import disqus`."]
    assert [p.hint for p in bring(tmp_path / "site", "disqus", two).problems] == ["Import it with `iopsgen comments import wordpress`."]


def test_damaged_xml(tmp_path: Path) -> None:
    """A control character, a bare ampersand, a wrong byte and a torn end are told with their lines; the comments around them are taken whole."""
    text = disqus(thread(1), post(1, "one\x08"), post(2, "two"), "<oops>&amp;& &nbsp;</oops>\n", post(3, "three")).encode().replace(b"two", b"tw\xf6")
    outcome = bring(tmp_path / "site", "disqus", save(tmp_path / "d.xml", text[: text.index(b"</disqus>")] + b"<post><message>torn"))
    assert [r.body for r in records(tmp_path / "site")] == ["one", "tw\N{REPLACEMENT CHARACTER}", "three"]
    assert [line.partition(" ")[0] for line in errors(outcome)] == ["d.xml:6", "d.xml:7", "d.xml:7", "d.xml:9"]
    assert reasons(outcome) == {"without a date that can be read": 1}


@pytest.mark.parametrize("code", ["iso-8859-1", "utf-16", "windows-1251"])
def test_encodings(tmp_path: Path, code: str) -> None:
    """A file is read in the encoding that it declares."""
    words = "Привет" if code == "windows-1251" else "Grüße"
    text = disqus(thread(1), post(1, words)).replace('encoding="utf-8"', f'encoding="{code}"')
    assert errors(bring(tmp_path / "site", "disqus", save(tmp_path / "d.xml", text.encode(code)))) == []
    assert [r.body for r in records(tmp_path / "site")] == [words]


def test_packed(tmp_path: Path) -> None:
    """A file packed by gzip is unpacked, whatever it is called; a folder of files is read file by file."""
    folder = tmp_path / "exports"
    folder.mkdir()
    save(folder / "a.xml.gz", gzip.compress(disqus(thread(1), post(1, "one")).encode()))
    save(folder / "b.xml", disqus(thread(1), post(2, "two")))
    save(folder / "c.xml", "no xml")
    outcome = bring(tmp_path / "site", "disqus", folder)
    assert [r.body for r in records(tmp_path / "site")] == ["one", "two"]
    assert [line.partition(":")[0] for line in errors(outcome)] == ["c.xml"]


def test_lines(tmp_path: Path) -> None:
    """A record says in which file, on which line and under which id it was found."""
    bring(tmp_path / "site", "disqus", save(tmp_path / "d.xml", disqus(thread(1), post(1, "one"), post(2, "two"))))
    text = (tmp_path / "site/comments/inbox.jsonl").read_text("utf-8")
    assert '"source": {"system": "disqus", "file": "d.xml", "line": 6, "id": "2"' in text


@pytest.mark.parametrize("kind", ["disqus", "wordpress"])
def test_a_torn_download(tmp_path: Path, kind: str) -> None:
    """Of a packed file that breaks off, the comments before the break are taken, and the break is told."""
    noise = "".join(f"{n * 7919 % 100_003:x} " for n in range(40_000))
    text = disqus(thread(1), post(1, "one"), f"<x>{noise}</x>") if kind == "disqus" else wxr(item(comment(1, "one")), f"<x>{noise}</x>")
    outcome = bring(tmp_path / "site", kind, save(tmp_path / "x.xml.gz", gzip.compress(text.encode())[:-5000]))
    assert [r.body for r in records(tmp_path / "site")] == ["one"]
    assert any("This packed file breaks off." in line for line in errors(outcome))
