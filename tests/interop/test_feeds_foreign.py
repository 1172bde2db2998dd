"""What other people's programs read in our feeds, sitemaps and lists."""

import subprocess
from datetime import UTC, datetime

import feedparser  # type: ignore[import-untyped,unused-ignore]
import pytest

from iopsgen.outputs import feeds, indexes
from iopsgen.views import Body, FeedEntry, FeedGroup, FeedLink, FeedPerson, FeedView, Picture, Ref
from tests import needs

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
