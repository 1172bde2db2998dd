"""What other people's programs read in our feeds, sitemaps and lists."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import feedparser  # type: ignore[import-untyped,unused-ignore]
import pytest
from lxml import etree

from iopsgen.outputs import feeds, indexes
from iopsgen.views import Body, FeedEntry, FeedGroup, FeedLink, FeedPerson, FeedView, Picture, Ref
from tests import needs
from tests.demonstration import built_demonstration
from tests.sites import NOW, build_site, messages, write_site

TITLE = "Grüße & <Küsse> שלום 🎉 ]]> café"
DAY = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HTML = '<p>Hello <a href="\x020\x03">there</a> <img src="pic.jpg" srcset="a.jpg 1x, b.jpg 2x" alt="x">\r\n]]&gt; ]]> \x0b</p>'


def view(count: int = 3) -> FeedView:
    entries = tuple(
        FeedEntry(
            id=f"tag:example.org,2026:{n}",
            address=f"https://example.org/posts/{n}/",
            title=f"{TITLE} {n}",
            published=DAY,
            updated=DAY,
            summary="1 < 2 & <b>not bold</b>",
            content=Body(digest="d", urls=("https://example.org/?a=1&b=2",)),
            authors=(FeedPerson(name="Zoë & co", address="https://example.org/people/zoe/"), FeedPerson(name="محمد")),
            categories=("R&D", "<x>"),
            picture=Picture(url="", address="https://example.org/a b.jpg", type="image/jpeg", size=77),
            language="de",
        )
        for n in range(count)
    )
    return FeedView(
        title=TITLE,
        address="https://example.org/",
        description="d",
        language="en-GB",
        updated=DAY,
        rss="https://example.org/feed.xml",
        atom="https://example.org/atom.xml",
        json="https://example.org/feed.json",
        icon="https://example.org/icon.png",
        entries=entries,
    )


def read(data: bytes) -> feedparser.FeedParserDict:
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


@pytest.mark.parametrize(("make", "version", "own"), [(feeds.rss, "rss20", "feed.xml"), (feeds.atom, "atom10", "atom.xml")])
def test_feedparser_reads_everything(make: object, version: str, own: str) -> None:
    """feedparser finds version, links, titles, authors, dates, enclosure and full text as they were given."""
    parsed = read(make(view(), lambda _: HTML))  # type: ignore[operator]
    assert parsed.version == version
    assert (parsed.feed.title, parsed.feed.link, parsed.feed.language) == (TITLE, "https://example.org/", "en-GB")
    assert [link.href for link in parsed.feed.links if link.rel == "self"] == [f"https://example.org/{own}"]
    assert [item.title for item in parsed.entries] == [f"{TITLE} {n}" for n in range(3)]
    first = parsed.entries[0]
    assert (first.id, first.link) == ("tag:example.org,2026:0", "https://example.org/posts/0/")
    assert [author.name for author in first.authors] == ["Zoë & co", "محمد"]
    assert first.published_parsed[:5] == (2026, 3, 1, 12, 0)
    assert [(e.href, e.type, e.length) for e in first.enclosures] == [("https://example.org/a%20b.jpg", "image/jpeg", "77")]
    assert [tag.term for tag in first.tags] == ["R&D", "<x>"]
    html = first.content[0].value
    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert 'src="https://example.org/posts/0/pic.jpg"' in html
    assert 'srcset="https://example.org/posts/0/a.jpg 1x, https://example.org/posts/0/b.jpg 2x"' in html
    assert "]]&gt; ]]> " in html


def test_a_summary_is_plain_text_for_readers() -> None:
    """Readers show the summary's `<` and `&` as they were written: RSS descriptions are HTML, Atom summaries text."""
    assert read(feeds.rss(view(1), lambda _: HTML)).entries[0].summary == "1 &lt; 2 &amp; &lt;b&gt;not bold&lt;/b&gt;"
    atom = read(feeds.atom(view(1), lambda _: HTML)).entries[0]
    assert (atom.summary_detail.type, atom.summary) == ("text/plain", "1 < 2 & <b>not bold</b>")


@pytest.mark.parametrize("make", [feeds.rss, feeds.atom])
def test_feedparser_takes_empty_feeds(make: object) -> None:
    """A feed without entries is a feed."""
    assert read(make(view(0), lambda _: HTML)).entries == []  # type: ignore[operator]


@cache
def schema(name: str) -> etree.RelaxNG:
    """What a standard demands, as libxml2 reads it."""
    return etree.RelaxNG(etree.parse(Path(__file__).with_name(f"{name}.rng")))


def check(data: bytes, name: str) -> None:
    """A feed is as the standard demands."""
    judge, feed = schema(name), etree.fromstring(data)
    assert judge.validate(feed), judge.error_log
    for node in (feed, *feed.iter("{*}entry")) if name == "atom" else ():
        assert [link.get("rel") for link in node.findall("{*}link")].count("alternate") == 1


@pytest.mark.parametrize("count", [0, 3])
def test_feeds_are_valid(count: int) -> None:
    """Feeds of nasty entries, and of none, are valid RSS 2.0 and Atom 1.0."""
    check(feeds.rss(view(count), lambda _: HTML), "rss")
    check(feeds.atom(view(count), lambda _: HTML), "atom")


def test_every_feed_of_the_demonstration_is_valid() -> None:
    """Each RSS and Atom file of the demonstration is valid, comments too, and libxml2 would have said otherwise."""
    output = built_demonstration()[0] / "output"
    found = [*output.rglob("feed.xml"), *output.rglob("comments.xml"), *output.rglob("atom.xml")]
    assert len(found) > 50
    for path in found:
        check(path.read_bytes(), "atom" if path.name == "atom.xml" else "rss")
    broken = (output / "feed.xml").read_bytes().replace(b"<pubDate>", b"<pubDate>on ")
    assert not schema("rss").validate(etree.fromstring(broken))


def test_plain_texts_of_rss_are_seen_as_they_are() -> None:
    """Whether a reader takes a title or a channel's description for HTML or not, it shows `&` and `<`: they are hexadecimal references."""
    data = feeds.rss(view(1), lambda _: HTML)
    plain = re.findall(rb"<(title|category|dc:creator)>(.*?)</", data) + re.findall(rb"(<channel>.*?<description>)(.*?)</", data)
    assert len(plain) == 8
    assert not [text for _, text in plain if re.search(rb"&(amp|lt|gt);", text)]
    channel = etree.fromstring(data).find("channel")
    assert [channel.findtext("title"), channel.findtext("item/category"), channel.findtext("item/title")] == [TITLE, "R&D", f"{TITLE} 0"]
    described = FeedView(title="x", address="https://example.org/", description="1 < 2 & <b>3</b>", language="en", updated=DAY, rss="https://example.org/x")
    assert b"<description>1 &#x3C; 2 &#x26; &#x3C;b&#x3E;3&#x3C;/b&#x3E;</description>" in feeds.rss(described, lambda _: "")
    assert read(feeds.rss(described, lambda _: "")).feed.subtitle == "1 < 2 & <b>3</b>"


# --- events --------------------------------------------------------------------------------------------------------

HALL = "venue: {name: 'The hall & bar', city: Town}"
EVENTS = {
    "content/chapters/town.md": "---\ntitle: Town\n---\nWe meet.\n",
    "content/events/told.md": f"---\ntitle: Told\nstart: 2026-12-05 12:00\nend: 13:00\npublish: 2026-10-01 09:00\nchapter: town\n{HALL}\n---\nCome.\n",
    "content/events/posted.md": f"---\ntitle: Posted\nstart: 2027-12-06\n{HALL}\n---\nCome.\n",
    "content/posts/2026-10-20-posted.md": "---\ntitle: A post\ndate: 2026-10-20 10:00\nevent: posted\n---\nSee you.\n",
    "content/posts/2026-11-20-posted-again.md": "---\ntitle: Again\ndate: 2026-11-20 10:00\nevent: posted\n---\nSee you.\n",
    "content/events/edited.md": "---\ntitle: Edited\nstart: 2027-12-07\nupdated: 2026-11-01 18:00\nonline: https://meet.example.org/\n---\nCome.\n",
    "content/events/silent.md": "---\ntitle: Silent\nstart: 2026-12-10 12:00\n---\nCome.\n",
    "content/events/far.md": "---\ntitle: Far\nstart: 2027-12-11 12:00\n---\nCome.\n",
    "content/events/later.md": "---\ntitle: Later\nstart: 2026-12-12 12:00\npublish: 2026-12-01\n---\nCome.\n",
    "content/events/weekly.md": f"---\ntitle: Weekly\nstart: 2026-01-06 19:00\nrepeat: weekly\npublish: 2025-12-01\n{HALL}\n---\nCome.\n",
    "content/events/off.md": f"---\ntitle: Off\nstart: 2026-12-13\nstatus: cancelled\npublish: 2026-11-02\n{HALL}\n---\nCome.\n",
    "content/events/over.md": "---\ntitle: Over\nstart: 2012-10-28 11:00\npublish: 2012-10-05\n---\nIt was good.\n",
    "content/events/someday.md": "---\ntitle: Some day\ntime: tba\npublish: 2026-11-01\n---\nWe do not know yet.\n",
}
TITLES = {  # what stands in the title, and when it was announced: by `publish`, the first post, `updated`, or four weeks ahead
    "Told · Saturday 5 December 2026, 12:00–13:00 (GMT) · The hall & bar, Town": datetime(2026, 10, 1, 8, tzinfo=UTC),
    "Posted · Monday 6 December 2027 · The hall & bar, Town": datetime(2026, 10, 20, 9, tzinfo=UTC),
    "Edited · Tuesday 7 December 2027 · online": datetime(2026, 11, 1, 18, tzinfo=UTC),
    "Silent · Thursday 10 December 2026, 12:00 (GMT)": datetime(2026, 11, 12, 12, tzinfo=UTC),
    "Weekly · Tuesday 24 November 2026, 19:00 (GMT) · The hall & bar, Town": datetime(2025, 12, 1, tzinfo=UTC),
    "Cancelled: Off · Sunday 13 December 2026 · The hall & bar, Town": datetime(2026, 11, 2, tzinfo=UTC),
    "Over · Sunday 28 October 2012, 11:00 (GMT)": datetime(2012, 10, 4, 23, tzinfo=UTC),
}


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_events_stand_in_feeds_by_their_announcement(name: str, tmp_path: Path) -> None:
    """Each announced event is one item, a series too; it is dated by its announcement, never by its day; day and place stand in the title."""
    result = build_site(write_site(tmp_path, dict(EVENTS)))
    assert result.ok, messages(result)
    for feed, but in ((name, []), (f"chapters/town/{name}", [title for title in TITLES if not title.startswith("Told")])):
        parsed = read((tmp_path / "output" / feed).read_bytes())
        seen = {entry.title: datetime(*entry.published_parsed[:6], tzinfo=UTC) for entry in parsed.entries if "/events/" in entry.link}
        assert seen == {title: when for title, when in TITLES.items() if title not in but}
        assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)
        assert all(when <= NOW for when in seen.values())
        order = [entry.published_parsed for entry in parsed.entries]
        assert order == sorted(order, reverse=True)


def test_a_moved_event_is_a_new_item(tmp_path: Path) -> None:
    """Readers do not look at old items again: an event that was moved is a second one that says so, dated by the change."""
    site = write_site(tmp_path, dict(EVENTS))
    assert build_site(site).ok
    before = {entry.id for entry in read((site / "output" / "feed.xml").read_bytes()).entries}
    moved = EVENTS["content/events/told.md"].replace("2026-12-05 12:00\nend: 13:00", "2026-12-08 20:00\nend: 21:00")
    result = build_site(write_site(site, {"content/events/told.md": moved}), NOW + timedelta(days=1))
    assert result.ok, messages(result)
    after = read((site / "output" / "feed.xml").read_bytes()).entries
    (new,) = [entry for entry in after if entry.id not in before]
    assert new.title == "Changed: Told · Tuesday 8 December 2026, 20:00–21:00 (GMT) · The hall & bar, Town"
    assert datetime(*new.published_parsed[:6], tzinfo=UTC) == NOW + timedelta(days=1)
    assert "Saturday 5 December 2026, 12:00" in new.content[0].value
    assert before <= {entry.id for entry in after}


# --- other formats -------------------------------------------------------------------------------------------------


def xmllint(data: bytes, *options: str) -> str:
    program = needs.program("xmllint", "apt-get install libxml2-utils")
    done = subprocess.run([program, *options, "-"], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode()


def test_xmllint_takes_every_file() -> None:
    """Feeds, OPML, sitemaps and their index are well-formed XML with sound namespaces."""
    link = FeedLink(title=TITLE, url="/feed.xml", address="https://example.org/feed.xml", type="application/rss+xml")
    page = indexes.SitemapEntry(
        address="https://example.org/é&", updated=DAY, alternates=(Ref(title="x", url="https://example.org/fr/", language='f"<'),)
    )
    files = (
        feeds.rss(view(), lambda _: HTML),
        feeds.atom(view(), lambda _: HTML),
        feeds.opml(TITLE, (FeedGroup(title=TITLE, url="/x/", feeds=(link,)),), site=(link,), address="https://example.org/"),
        indexes.sitemap((page,)),
        indexes.sitemap_index((page,)),
    )
    for data in files:
        xmllint(data, "--noout", "--nonet")
