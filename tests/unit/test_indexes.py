"""Files that machines look for: sitemap, robots.txt, redirects, headers, events.json, status.json."""

import json
import re
import urllib.robotparser
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from iopsgen.outputs import indexes
from iopsgen.outputs.indexes import EventJson, SitemapEntry
from iopsgen.views import Ref

NASTY = "a\r\nb\0c\u2028d]]>e</script>f<b>&amp;\x0b\ud800\uffff\"'"
PLAIN = "a bc d]]>e</script>f<b>&amp; \"'"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
DAY = datetime(2026, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))


def test_sitemap_lists_pages_with_dates_and_translations() -> None:
    """Each page stands with its address as a URI, its last change and its translations."""
    entries = (
        SitemapEntry(
            address="https://example.org/é/?a=1&b=2",
            updated=DAY,
            alternates=(Ref(title="fr", url="https://example.org/fr/", language="fr"),),
        ),
        SitemapEntry(address="https://example.org/"),
    )
    root = etree.fromstring(indexes.sitemap(entries))
    assert [node.text for node in root.iter(f"{MAP}loc")] == ["https://example.org/%C3%A9/?a=1&b=2", "https://example.org/"]
    assert [node.text for node in root.iter(f"{MAP}lastmod")] == ["2026-03-01T12:30:00+02:00"]
    (link,) = root.iter("{http://www.w3.org/1999/xhtml}link")
    assert link.attrib == {"rel": "alternate", "hreflang": "fr", "href": "https://example.org/fr/"}
    index = etree.fromstring(indexes.sitemap_index((SitemapEntry(address="https://example.org/sitemap-1.xml", updated=DAY),)))
    assert index.findtext(f"{MAP}sitemap/{MAP}loc") == "https://example.org/sitemap-1.xml"


def test_sitemap_refuses_more_than_the_protocol_allows() -> None:
    """50,000 addresses are one file; one more is a fault of the caller."""
    entry = SitemapEntry(address="https://example.org/")
    assert indexes.sitemap((entry,) * indexes.SITEMAP_LIMIT).count(b"<url>") == indexes.SITEMAP_LIMIT
    with pytest.raises(ValueError, match="50000"):
        indexes.sitemap((entry,) * (indexes.SITEMAP_LIMIT + 1))


def test_sitemap_survives_injection() -> None:
    """No address or language leaves its element."""
    bad = SitemapEntry(address="https://e.org/" + NASTY, alternates=(Ref(title="", url="https://e.org/" + NASTY, language=NASTY),))
    for data in (indexes.sitemap((bad,)), indexes.sitemap_index((bad,))):
        root = etree.fromstring(data)
        (loc,) = root.iter(f"{MAP}loc")
        assert unquote(loc.text) == "https://e.org/" + PLAIN.replace("; ", ";")
    (link,) = etree.fromstring(indexes.sitemap((bad,))).iter("{http://www.w3.org/1999/xhtml}link")
    assert link.get("hreflang") == PLAIN


def test_robots_as_a_robot_reads_it() -> None:
    """A robot may read everything but what is listed, and finds the sitemap; a path cannot add a line."""
    parser = urllib.robotparser.RobotFileParser()
    text = indexes.robots("https://example.org/sitemap.xml", ["/private/", "/x\r\nDisallow: /", ""]).decode()
    parser.parse(text.splitlines())
    assert not parser.can_fetch("x", "https://example.org/private/a")
    assert parser.can_fetch("x", "https://example.org/posts/")
    assert parser.site_maps() == ["https://example.org/sitemap.xml"]
    assert indexes.robots("", []) == b"User-agent: *\nDisallow:\n"


PAIRS = [
    ("/old/", "/new/"),
    ("/b (1)*:x", "/n"),
    ("/?p=12&x=1", "/posts/q/"),
    ("/café/", "/neu/ü/"),
    ("/a\r\n/evil /x 200", "/n\r\n/evil2 /y 200"),
]


def test_netlify_redirects_are_one_line_each() -> None:
    """Old addresses are literal, in order, with their queries; nothing in an address makes a new line or a new word."""
    assert indexes.redirects_netlify([*PAIRS, PAIRS[0]]).decode().split("\n") == [
        "/ p=12 x=1 /posts/q/ 301",
        "/a%20/evil%20/x%20200 /n%20/evil2%20/y%20200 301",
        "/b%20(1)%2A%3Ax /n 301",
        "/caf%C3%A9/ /neu/%C3%BC/ 301",
        "/old/ /new/ 301",
        "",
    ]


def apache(text: str, path: str, query: str = "") -> object:
    """Where an Apache with these rules would send the reader: a small reading of RedirectMatch and RewriteRule."""
    conditions: list[tuple[str, str]] = []
    for line in text.splitlines():
        words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
        values = [a or b for a, b in words]
        if values[0] == "RedirectMatch" and re.search(values[2], path):
            return values[3]
        if values[0] == "RewriteCond":
            conditions.append((values[1], values[2]))
        if values[0] == "RewriteRule":
            given = {"%{REQUEST_URI}": path, "%{QUERY_STRING}": query}
            if all(re.search(pattern, given[name]) for name, pattern in conditions):
                return values[2]
            conditions = []
    return ""


def test_apache_redirects_exactly() -> None:
    """Apache sends the old address, with or without its slash, and nothing below it; paths are compared decoded."""
    text = indexes.redirects_apache([*PAIRS, ("/enc%20oded/%22q/", "/e/"), ("/p$1%2/", "/t$1/")], not_found="/iops/404.html").decode()
    assert text.startswith("ErrorDocument 404 /iops/404.html\n")
    assert apache(text, "/old/") == apache(text, "/old") == "/new/"
    assert apache(text, "/old/more") == apache(text, "/xold/") == ""
    assert apache(text, "/b (1)*:x") == "/n"
    assert apache(text, "/b 1:x") == ""
    assert apache(text, "/café/") == "/neu/%C3%BC/"
    assert apache(text, '/enc oded/"q') == "/e/"
    assert apache(text, "/p$1%2") == "/t%241/"
    assert apache(text, "/", "p=12&x=1") == "/posts/q/?"
    assert apache(text, "/", "p=123") == ""
    assert not [line for line in text.splitlines() if "evil" in line and not line.startswith("RedirectMatch 301 ")]


def test_headers_hold_one_policy() -> None:
    """The content policy stands on one line under the site's own path; calendars and feeds are open to other sites."""
    text = indexes.headers_file("default-src 'self';\r\n  X-Evil: 1\0", root="/iops/").decode()
    assert "  Content-Security-Policy: default-src 'self'; X-Evil: 1\n" in text
    assert re.findall(r"^/\S+$", text, re.MULTILINE) == ["/iops/*", "/iops/*.ics", "/iops/*.xml", "/iops/*.json"]
    assert all(re.match(r"(/\S*|  [A-Za-z-]+: .+)$", line) for line in text.splitlines())
    assert "Content-Security-Policy" not in indexes.headers_file("").decode()


# --- events.json -------------------------------------------------------------------------------------------------------


def test_events_json_is_what_its_description_says() -> None:
    """Every key that has a value stands, with offsets for times, days for all-day events, absent keys for what is unknown."""
    event = EventJson(
        uid="u1@example.org",
        title="Welcome",
        address="https://example.org/events/welcome/",
        start=DAY,
        end=DAY + timedelta(hours=2),
        original=DAY,
        zone="Europe/Kyiv",
        summary="Hi",
        venue="Firebox",
        latitude=0.0,
        longitude=0.0,
        online="https://meet.example/",
        chapter=Ref(title="London", url="https://example.org/chapters/london/", id="london"),
        categories=("Social",),
        language="en",
        picture="https://example.org/a.jpg",
        ics="https://example.org/events/welcome/event.ics",
        updated=DAY,
    )
    value = json.loads(indexes.events_json("Events", "https://example.org/events/", (event,)))
    assert value == {
        "version": 1,
        "title": "Events",
        "url": "https://example.org/events/",
        "events": [
            {
                "id": "u1@example.org/20260301T123000",
                "uid": "u1@example.org",
                "title": "Welcome",
                "url": "https://example.org/events/welcome/",
                "summary": "Hi",
                "start": "2026-03-01T12:30:00+02:00",
                "end": "2026-03-01T14:30:00+02:00",
                "all_day": False,
                "zone": "Europe/Kyiv",
                "status": "scheduled",
                "place": {"name": "Firebox", "latitude": 0.0, "longitude": 0.0},
                "online": "https://meet.example/",
                "chapter": {"id": "london", "title": "London", "url": "https://example.org/chapters/london/"},
                "categories": ["Social"],
                "language": "en",
                "image": "https://example.org/a.jpg",
                "ics": "https://example.org/events/welcome/event.ics",
                "updated": "2026-03-01T12:30:00+02:00",
            }
        ],
    }


def test_events_json_is_sorted_by_time() -> None:
    """Events stand by moment, whatever their zones and the order they came in; days stand before the moments of that day."""

    def event(uid: str, start: datetime | date, **more: object) -> EventJson:
        return EventJson(uid=uid, title="", address="https://e.org/", start=start, **more)  # type: ignore[arg-type]

    entries = (
        event("later", datetime(2026, 3, 1, 13, tzinfo=UTC)),
        event("earlier", datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))),
        event("b", date(2026, 3, 1), all_day=True, end=date(2026, 3, 2), original=date(2026, 2, 28)),
        event("a", datetime(2026, 3, 1, 13, tzinfo=UTC), tba=True),
    )
    for order in (entries, entries[::-1]):
        events = json.loads(indexes.events_json("", "https://e.org/", order))["events"]
        assert [item["uid"] for item in events] == ["b", "earlier", "a", "later"]
        assert (events[0]["start"], events[0]["end"], events[0]["id"]) == ("2026-03-01", "2026-03-02", "b/20260228")
        assert (events[2]["start"], events[2]["tba"]) == ("2026-03-01", True)


def test_events_json_survives_injection() -> None:
    """Hostile text comes back from another parser as one line without control characters, and takes no other field along."""
    event = EventJson(
        uid=NASTY,
        title=NASTY,
        address="https://e.org/" + NASTY,
        start=DAY,
        zone=NASTY,
        status=NASTY,
        summary=NASTY,
        venue=NASTY,
        city=NASTY,
        country=NASTY,
        online="https://e.org/" + NASTY,
        chapter=Ref(title=NASTY, url="https://e.org/" + NASTY, id=NASTY),
        categories=(NASTY,),
        language=NASTY,
    )
    value = json.loads(indexes.events_json(NASTY, "https://e.org/" + NASTY, (event,)))
    (found,) = value["events"]
    texts = [value["title"], *(found[key] for key in ("uid", "title", "zone", "status", "language")), *found["place"].values()]
    assert {*texts, *found["categories"], found["chapter"]["id"], found["chapter"]["title"]} == {PLAIN}
    assert {unquote(found[key]) for key in ("url", "online")} == {"https://e.org/" + PLAIN.replace("; ", ";")}
    assert not re.search("[\0\x0b\r\ud800\uffff]", found["summary"])


def test_status_json_holds_no_clock() -> None:
    """The moment of the next change is in UTC or null, the numbers are what is published, and nothing else is told."""
    data = indexes.status_json(next_change=DAY, outputs=7, posts=3, events=2, chapters=1, comments=4)
    assert json.loads(data) == {
        "version": 1,
        "next_change": "2026-03-01T10:30:00+00:00",
        "updated": None,
        "outputs": 7,
        "posts": 3,
        "events": 2,
        "chapters": 1,
        "comments": 4,
    }
    assert json.loads(indexes.status_json(next_change=None, outputs=0, posts=0, events=0))["next_change"] is None
