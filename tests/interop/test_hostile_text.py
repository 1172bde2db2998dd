"""Hostile words in every text field of a site: other people's parsers read them back as words, in every output, and nothing of them acts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qsl, unquote, urlsplit

import feedparser
import html5lib
import icalendar
import pytest
from lxml import etree, html

from tests.sites import build_site, messages, tree, write_site

PAYLOADS = {
    "cdata": "x]]>y <!--z--> w",
    "script": "x</script><script>alert(1)</script></style></title></textarea>y",
    "tag": "x\"'><img src=x onerror=alert(1)><svg/onload=alert(1)>y",
    "lines": "x\r\nBEGIN:VEVENT\r\nX-EVIL:1\nbcc: evil@example.org\u2028alert(1)\u2029\u0085y",
    "control": "x\0\x08\x1b[31m\x7f\ufffe\uffffy",
    "calendar": "x;,:\\n\\;\\,^n^'\"=y",
    "template": "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "mail": "x?bcc=evil@example.org&body=%0D%0Abcc:evil@example.org y",
    "entities": "x &amp; &lt;b&gt; &#0; &#x202e; &quot; y",
    "direction": "x\u202e\u2066y",
    "percent": "x%00%0a%2f..%2f y",
    "long": "x" + "ÿ🎉" * 60 + "y",
}
FIELDS = (
    "site.title site.short site.description es.title menu footer social privacy category.description person.name person.bio venue.name venue.address venue.city chapter.title chapter.summary chapter.place link "
    "page.title page.summary post.title post.summary post.alt post.author post.series post.category post.tag elsewhere post.body event.title event.summary event.body price reason event.organiser remark "
    "comment.name comment.body reply.body"
).split()


def shown(text: str) -> str:
    """What is left of a text where it is shown: control characters and what is no character go, line ends are spaces."""
    return " ".join(re.sub("[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]", "", text).split())


class Hostile:
    """A site with a payload in every field, built; each field's text begins with its own number."""

    def __init__(self, payload: str) -> None:
        self.text = {name: f"q{number:02d} {payload}" for number, name in enumerate(FIELDS)}
        q = {name.replace(".", "_"): json.dumps(text).replace("\\ud83c\\udf89", "🎉") for name, text in self.text.items()}  # JSON's escapes are those of YAML
        body = {name: text.replace("\0", "").replace("\x1b", "").replace("\r", "") for name, text in self.text.items()}
        inbox = [
            {"id": "c1", "page": "/posts/p/", "received": "2026-11-01T10:00:00Z", "name": self.text["comment.name"], "url": f"https://example.org/{payload}", "body": self.text["comment.body"]},
            {"id": "c2", "page": "/posts/p/", "parent": "c1", "received": "2026-11-01T11:00:00Z", "format": "text", "body": self.text["reply.body"], "language": payload},
        ]
        files: dict[str, str | bytes | None] = {
            "content/people.yml": f"zoe:\n  name: {q['person_name']}\n  bio: {q['person_bio']}\n",
            "content/venues.yml": f"hall:\n  name: {q['venue_name']}\n  address: {q['venue_address']}\n  city: {q['venue_city']}\n",
            "content/chapters/north.md": f"---\ntitle: {q['chapter_title']}\nsummary: {q['chapter_summary']}\nplace: {q['chapter_place']}\nslug: north\ncontact: north@example.org\nlinks: [{{title: {q['link']}, url: 'https://example.org/'}}]\n---\nX\n",
            "content/pages/about.md": f"---\ntitle: {q['page_title']}\nsummary: {q['page_summary']}\nslug: about\naliases: [/old/]\n---\nX\n",
            "content/posts/p.md": f"---\ntitle: {q['post_title']}\nsummary: {q['post_summary']}\nslug: p\ndate: 2026-10-05\nimage: {{src: p.png, alt: {q['post_alt']}}}\nchapter: north\nauthors: [zoe, {q['post_author']}]\nseries: {q['post_series']}\n"
            f"categories: [{q['post_category']}]\ntags: [{q['post_tag']}]\nelsewhere: [{{title: {q['elsewhere']}, url: 'https://example.org/'}}]\n---\n{body['post.body']}\n",
            "content/posts/p.png": b"\x89PNG\r\n\x1a\n" + bytes(30),
            "content/events/e.md": f"---\ntitle: {q['event_title']}\nsummary: {q['event_summary']}\nslug: e\nstart: 2026-12-05 12:00\nend: 15:00\nrepeat: weekly, 3 times\nvenue: hall\nchapter: north\nstatus: cancelled\nreason: {q['reason']}\n"
            f"organisers: [zoe, {q['event_organiser']}]\nregister: {{url: 'https://example.org/r', price: {q['price']}}}\nchanges: {{2026-12-12: {{start: '13:00'}}}}\n---\n{body['event.body']}\n",
            "comments/inbox.jsonl": "".join(json.dumps(line) + "\n" for line in inbox),
        }
        settings = (
            f"site: {{title: {q['site_title']}, short_title: {q['site_short']}, description: {q['site_description']}, url: 'https://example.org/river/', contact: hello@example.org, social: [{{title: {q['social']}, url: 'https://example.org/'}}]}}\n"
            f"languages: {{en: , es: {{title: {q['es_title']}}}}}\nmenu: [{{title: {q['menu']}, url: /events/}}]\nfooter: [{{title: {q['footer']}, url: /posts/}}]\nredirects: [html, netlify, apache]\n"
            f"comments: {{form: {{action: 'https://example.org/c', privacy: {q['privacy']}}}}}\n"
        )
        folder = Path(mkdtemp(prefix="iopsgen-hostile-"))
        self.built = build_site(write_site(folder, files, settings))
        self.output = tree(folder / "output") if self.built.ok else {}

    def ending(self, *ends: str) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of the outputs with one of these endings."""
        yield from ((name, data) for name, data in self.output.items() if name.endswith(ends))

    def __getitem__(self, field: str) -> str:
        """What a field's text should be read back as."""
        return shown(self.text[field])


@cache
def hostile(name: str) -> Hostile:
    """The site with one of the payloads."""
    made = Hostile(PAYLOADS[name])
    assert made.built.ok, messages(made.built)
    assert len(made.output) > 60
    return made


everywhere = pytest.mark.parametrize("name", PAYLOADS)


def words(element: html.HtmlElement) -> str:
    """The text of an element, with single spaces."""
    return " ".join(element.text_content().split())


@everywhere
def test_pages(name: str) -> None:
    """Every page is HTML without a parse error, no element or attribute comes from a text, and headings read back as they were written."""
    site = hostile(name)
    for path, data in site.ending(".html"):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        document = parser.parse(data, transport_encoding="utf-8")
        assert parser.errors == [], (path, parser.errors[:3])
        for element in document.iter():
            if not isinstance(element.tag, str):
                continue
            assert not [key for key in element.attrib if str(key).lower().startswith(("on", "srcdoc"))], (path, element.tag, element.attrib)
            assert element.tag not in ("base", "iframe", "object", "embed"), (path, element.attrib)
            assert element.get("src") != "x" or path.startswith(("posts/p/", "events/e/")), path  # in their texts a picture may stand
            if element.tag == "script":
                assert element.get("type") == "application/ld+json" or (not (element.text or "").strip() and str(element.get("src")).startswith("/river/")), (path, element.text)
            for key in ("href", "src", "action", "poster"):
                address = str(element.get(key) or "")
                assert not re.match(r"(?i)[\s\x00-\x20]*(javascript|vbscript|data:text)", address) and not set(address) & set(map(chr, range(33))), (path, address)
    for path, field in (("posts/p/index.html", "post.title"), ("events/e/index.html", "event.title"), ("about/index.html", "page.title"), ("chapters/north/index.html", "chapter.title"), ("people/zoe/index.html", "person.name")):
        page = html.document_fromstring(site.output[path].decode())
        assert words(page.xpath("//h1")[0]) == site[field], path
        assert " ".join((page.findtext(".//title") or "").split()).startswith(site[field]), path
        assert shown(page.xpath("//meta[@property='og:site_name']/@content")[0]) == site["site.title"]


@everywhere
def test_comments(name: str) -> None:
    """Names and texts of comments read back as words, and the addresses of commenters lead to where they say."""
    site = hostile(name)
    page = html.document_fromstring(site.output["posts/p/index.html"].decode())
    one = page.xpath("//*[@id='c1' or @id='comment-c1']")
    assert one, [i for i in page.xpath("//@id") if "c1" in i]
    said = site["comment.name"].replace("evil@example.org", "")  # an address that stands there by mistake is not shown
    assert " ".join(said.split()) in words(one[0]) and site["comment.body"].split()[0] in words(one[0])
    for link in one[0].xpath(".//a[contains(@rel, 'nofollow')]/@href"):
        assert urlsplit(link).scheme in ("http", "https") and urlsplit(link).netloc in ("example.org", "")


@everywhere
def test_feeds(name: str) -> None:
    """RSS and Atom are XML that needs no mending, with the titles, summaries and authors as written; JSON Feed says the same."""
    site = hostile(name)
    for path, data in site.ending(".xml", ".opml"):
        root = etree.fromstring(data, etree.XMLParser(recover=False, resolve_entities=False, no_network=True))
        assert not [e for e in root.iter(etree.Element) if etree.QName(e).localname in ("script", "img", "svg")], path
    for path, title, found in (("feed.xml", "item/title", "channel/title"), ("atom.xml", "{*}entry/{*}title", "{*}title")):
        root = etree.fromstring(site.output[path])
        titles = sorted(shown(e.text or "") for e in root.iterfind(f".//{title}"))
        assert len(titles) == 2 and titles[1] == site["post.title"] and site["event.title"] in titles[0]
        top = root.find(found)
        assert top is not None and shown(top.text or "").startswith((site["site.title"], site["site.short"])), path
        feed = feedparser.parse(site.output[path])
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert {urlsplit(e.link).path for e in feed.entries} == {"/river/posts/p/", "/river/events/e/"}
    entry = next(item for item in json.loads(site.output["feed.json"])["items"] if item["url"].endswith("/posts/p/"))
    assert shown(entry["title"]) == site["post.title"]
    assert {shown(author["name"]) for author in entry["authors"]} == {site["person.name"], site["post.author"]}
    outlines = etree.fromstring(site.output["feeds.opml"]).xpath("//outline/@text")
    assert any(site["post.category"] in shown(text) for text in outlines) and any(site["chapter.title"] in shown(text) for text in outlines)


@everywhere
def test_calendars(name: str) -> None:
    """Every calendar holds its events and no other, with words where words were written; lines are of the length and letters of RFC 5545."""
    site = hostile(name)
    known = set("PRODID VERSION CALSCALE METHOD NAME X-WR-CALNAME X-WR-CALDESC X-WR-TIMEZONE DESCRIPTION REFRESH-INTERVAL X-PUBLISHED-TTL URL COLOR X-APPLE-CALENDAR-COLOR LAST-MODIFIED SOURCE UID".split())
    for path, data in site.ending(".ics"):
        assert b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"") and not set(data) & {*range(9), *range(11, 13), *range(14, 32), 127}, path
        assert all(len(line) <= 75 for line in data.split(b"\r\n")), path
        calendar = icalendar.Calendar.from_ical(data)
        assert {key.upper() for key in calendar} <= known, (path, set(calendar) - known)
        events = calendar.walk("VEVENT")
        assert len(events) <= 2 and not calendar.errors, path
        for event in events:
            assert not event.errors and "X-EVIL" not in event and "ATTACH" not in event, path
            assert site["event.title"] in shown(str(event["SUMMARY"])), (path, event["SUMMARY"])
            where = shown(str(event["LOCATION"]))
            assert all(site[field] in where for field in ("venue.name", "venue.city")), where
            assert [shown(str(c)) for cs in ([event["CATEGORIES"]] if "CATEGORIES" in event else []) for c in cs.cats] == []
    assert len(icalendar.Calendar.from_ical(site.output["events/e/event.ics"]).walk("VEVENT")) == 2


@everywhere
def test_json(name: str) -> None:
    """Every JSON file and all structured data parse, and hold the titles as they were written."""
    site = hostile(name)
    for path, data in site.ending(".json"):
        assert isinstance(json.loads(data), dict | list), path
    names = set()
    for path, data in site.ending(".html"):
        for text in html.document_fromstring(data.decode()).xpath("//script[@type='application/ld+json']/text()"):
            assert "</" not in text and "<!--" not in text and "\u2028" not in text, path
            told = json.loads(text)
            names |= {shown(str(value)) for value in strings_of(told)}
    assert {site[field] for field in ("post.title", "event.title", "venue.name", "person.name", "site.title")} <= names
    found = {shown(text) for path, data in site.ending(".json") if "search/" in path for text in strings_of(json.loads(data))}
    assert not found or any(site["post.title"] in text for text in found)
    assert {shown(str(e["title"])) for e in json.loads(site.output["events.json"])["events"]} == {site["event.title"]}


def strings_of(value: object) -> Iterator[str]:
    """Every string in a value from JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings_of(part)


@everywhere
def test_mail(name: str) -> None:
    """Links that begin a mail go to the site's or a chapter's mailbox, with a subject and a text of one header each and no other field."""
    site, seen = hostile(name), 0
    for path, data in site.ending(".html"):
        for address in html.document_fromstring(data.decode()).xpath("//@href[starts-with(., 'mailto:')]"):
            parts = urlsplit(address)
            if address == "mailto:evil@example.org":
                continue  # a text names this address, and naming is all that it does
            assert unquote(parts.path) in ("hello@example.org", "north@example.org", ""), (path, address)
            fields = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
            assert {key.lower() for key, _ in fields} <= {"subject", "body"} and len({key for key, _ in fields}) == len(fields), (path, address)
            for key, value in fields:
                assert key == "body" or not set(value) & set("\r\n\0\u2028"), (path, address)
            seen += 1
    assert seen


@everywhere
def test_files_for_hosts(name: str) -> None:
    """The lists of redirects and headers hold the lines that they should, whatever is written anywhere."""
    site = hostile(name)
    plain = Hostile("plain")
    for path in ("_redirects", "_headers", ".htaccess", "robots.txt", "sitemap.xml"):
        assert site.output[path].count(b"\n") == plain.output[path].count(b"\n"), path
        assert b"evil@" not in unquote(site.output[path].decode()).encode(), path
    for line in site.output["_redirects"].decode().splitlines():
        assert re.fullmatch(r"/\S* /\S* 30[18]!?|#.*|", line), line


@everywhere
def test_names_of_outputs(name: str) -> None:
    """No name of an output holds what a file system, a shell or an address would take for something else."""
    for path in hostile(name).output:
        assert not set(path) & set("\0\r\n\u2028\"'<>|?*\\:;&$`%{}#") and ".." not in path and all((part and len(part.encode()) < 200 and part == part.strip(" .")) or part.startswith(".") for part in path.split("/")), path
