"""Feeds: what each format carries, what stays the same, and what hostile text cannot do."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from iopsgen.absolute import fill, make_absolute, resolve_srcset
from iopsgen.outputs import feeds
from iopsgen.plain import one_line, printable, timestamp, uri, whole_minutes, without_markup
from iopsgen.views import Body, FeedEntry, FeedGroup, FeedLink, FeedPerson, FeedView, Picture

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DAY = datetime(2012, 10, 5, 18, 30, tzinfo=timezone(timedelta(hours=1)))
TEXTS = {"welcome": '<p>See <a href="\x020\x03">the event</a> <img src="\x021\x03" alt=""> and <a href="#n">note</a></p>'}
NASTY = "a\r\nb\0c\u2028d]]>e</script>f<b>&amp;\x0b\ud800\uffff\"'"


def entry(**changes: object) -> FeedEntry:
    values: dict[str, object] = {
        "id": "tag:example.org,2012:posts/welcome",
        "address": "https://example.org/posts/welcome/",
        "title": "Welcome",
        "published": DAY,
        "updated": DAY + timedelta(days=1),
        "summary": "We meet.",
        "content": Body(digest="welcome", urls=("https://example.org/events/welcome/?a=1&b=2", "https://example.org/cafe.jpg")),
        "authors": (FeedPerson(name="Ann", address="https://example.org/people/ann/"), FeedPerson(name="Bob")),
        "categories": ("News", "Meetings & more"),
        "picture": Picture(url="/cafe.jpg", address="https://example.org/cafe.jpg", type="image/jpeg", size=4711),
        "language": "en",
        "comments": "https://example.org/posts/welcome/comments.xml",
    }
    return FeedEntry(**(values | changes))  # type: ignore[arg-type]


def feed(*entries: FeedEntry, **changes: object) -> FeedView:
    values: dict[str, object] = {
        "title": "International",
        "address": "https://example.org/",
        "description": "News of all chapters",
        "language": "en",
        "updated": DAY,
        "rss": "https://example.org/feed.xml",
        "atom": "https://example.org/atom.xml",
        "json": "https://example.org/feed.json",
        "author": "The organisation",
        "entries": entries,
    }
    return FeedView(**(values | changes))  # type: ignore[arg-type]


def rss(*entries: FeedEntry, **changes: object) -> etree._Element:
    return etree.fromstring(feeds.rss(feed(*entries, **changes), TEXTS.__getitem__)).find("channel")


def atom(*entries: FeedEntry, **changes: object) -> etree._Element:
    return etree.fromstring(feeds.atom(feed(*entries, **changes), TEXTS.__getitem__))


def test_rss_channel_names_its_page_and_itself() -> None:
    """The channel links to the page it mirrors, to itself, and says when its newest entry came."""
    channel = rss(entry())
    assert channel.findtext("link") == "https://example.org/"
    assert channel.find(f"{ATOM}link").attrib == {"href": "https://example.org/feed.xml", "rel": "self", "type": "application/rss+xml"}
    assert channel.findtext("lastBuildDate") == "Fri, 05 Oct 2012 18:30:00 +0100"
    assert (channel.findtext("generator"), channel.findtext("language")) == ("iopsgen", "en")


def test_rss_item_carries_everything() -> None:
    """An item has every author, its guid that is no address, its date with zone, full text and enclosure."""
    item = rss(entry()).find("item")
    assert [node.text for node in item.iter(f"{DC}creator")] == ["Ann", "Bob"]
    assert item.find("guid").text == "tag:example.org,2012:posts/welcome"
    assert item.find("guid").get("isPermaLink") == "false"
    assert item.findtext("pubDate") == "Fri, 05 Oct 2012 18:30:00 +0100"
    assert item.find("enclosure").attrib == {"url": "https://example.org/cafe.jpg", "length": "4711", "type": "image/jpeg"}
    assert [node.text for node in item.iter("category")] == ["News", "Meetings & more"]
    assert item.findtext("{http://wellformedweb.org/CommentAPI/}commentRss") == "https://example.org/posts/welcome/comments.xml"
    assert item.findtext("description") == "We meet."
    html = item.findtext(f"{CONTENT}encoded")
    assert 'href="https://example.org/events/welcome/?a=1&amp;b=2"' in html
    assert 'href="https://example.org/posts/welcome/#n"' in html


def test_entries_keep_their_order() -> None:
    """Entries stand in the order of the view, newest first, in all formats."""
    entries = [entry(id=f"tag:x:{n}", title=f"T{n}") for n in range(5)]
    titles = [f"T{n}" for n in range(5)]
    assert [node.text for node in rss(*entries).iterfind("item/title")] == titles
    assert [node.text for node in atom(*entries).iterfind(f"{ATOM}entry/{ATOM}title")] == titles
    assert [item["title"] for item in json.loads(feeds.json_feed(feed(*entries), TEXTS.__getitem__))["items"]] == titles


def test_no_enclosure_without_real_length_and_type() -> None:
    """A picture of unknown size is no enclosure in any feed."""
    unknown = entry(picture=Picture(url="/x", address="https://example.org/x", type="image/png", size=0))
    assert rss(unknown).find("item/enclosure") is None
    assert not [link for link in atom(unknown).iter(f"{ATOM}link") if link.get("rel") == "enclosure"]


def test_atom_entry_carries_everything() -> None:
    """An Atom entry has the links that RFC 4287 and 4685 know, every author, both dates and escaped HTML."""
    node = atom(entry()).find(f"{ATOM}entry")
    links = {link.get("rel"): dict(link.attrib) for link in node.iter(f"{ATOM}link")}
    assert links["alternate"] == {"rel": "alternate", "type": "text/html", "href": "https://example.org/posts/welcome/"}
    assert links["enclosure"] == {"rel": "enclosure", "type": "image/jpeg", "length": "4711", "href": "https://example.org/cafe.jpg"}
    assert links["replies"]["href"].endswith("/comments.xml")
    assert [name.text for name in node.iterfind(f"{ATOM}author/{ATOM}name")] == ["Ann", "Bob"]
    assert node.findtext(f"{ATOM}author/{ATOM}uri") == "https://example.org/people/ann/"
    assert node.findtext(f"{ATOM}published") == "2012-10-05T18:30:00+01:00"
    assert node.findtext(f"{ATOM}updated") == "2012-10-06T18:30:00+01:00"
    content = node.find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert content.text.startswith('<p>See <a href="https://example.org/events/welcome/?a=1&amp;b=2">')


def test_atom_ids_are_iris_and_permanent() -> None:
    """A name without a scheme becomes a UUID that is the same in every build; one with a scheme stays."""
    ids = [node.text for node in atom(entry(id="posts/welcome.md"), entry(id="urn:x:y")).iterfind(f"{ATOM}entry/{ATOM}id")]
    assert ids == ["urn:uuid:718c742a-c985-594c-9ee2-0397ca7d4c8e", "urn:x:y"]
    again = [node.text for node in atom(entry(id="posts/welcome.md")).iterfind(f"{ATOM}entry/{ATOM}id")]
    assert again == ids[:1]


def test_json_feed_carries_everything() -> None:
    """JSON Feed 1.1 has the same entries with all authors, tags, dates and the full text."""
    value = json.loads(feeds.json_feed(feed(entry()), TEXTS.__getitem__))
    assert value["version"] == "https://jsonfeed.org/version/1.1"
    assert (value["home_page_url"], value["feed_url"]) == ("https://example.org/", "https://example.org/feed.json")
    item = value["items"][0]
    assert item["authors"] == [{"name": "Ann", "url": "https://example.org/people/ann/"}, {"name": "Bob"}]
    assert (item["date_published"], item["date_modified"]) == ("2012-10-05T18:30:00+01:00", "2012-10-06T18:30:00+01:00")
    assert item["tags"] == ["News", "Meetings & more"]
    assert item["image"] == "https://example.org/cafe.jpg"
    assert "content_text" not in item
    assert "\x02" not in item["content_html"]


def test_summary_feeds_have_no_full_text() -> None:
    """Without content an entry has its summary: RSS no content:encoded, Atom no content, JSON Feed content_text."""
    short = entry(content=None)
    assert rss(short).find(f"item/{CONTENT}encoded") is None
    assert atom(short).find(f"{ATOM}entry/{ATOM}content") is None
    assert json.loads(feeds.json_feed(feed(short), TEXTS.__getitem__))["items"][0]["content_text"] == "We meet."


def test_html_comes_before_the_stored_text() -> None:
    """Facts of an event stand before its text."""
    html = rss(entry(html='<p>When: <a href="/x">now</a></p>')).findtext(f"item/{CONTENT}encoded")
    assert html.startswith('<p>When: <a href="https://example.org/x">now</a></p><p>See')


def test_an_entry_without_a_summary_begins_with_its_words() -> None:
    """A comment has no summary: the description of its item is its first words, as text."""
    assert rss(entry(summary="", content=None, html="<p>1 &lt; 2 <b>yes</b></p>")).findtext("item/description") == "1 &lt; 2 yes"
    long = rss(entry(summary="", content=None, html="<p>" + "word " * 100 + "</p>")).findtext("item/description")
    assert (len(long) <= 300, long[-6:]) == (True, " word…")


def test_empty_feeds_are_whole() -> None:
    """A feed without entries, description, author or language still has what its format requires."""
    bare = {"description": "", "author": "", "language": "", "title": ""}
    channel = rss(**bare)
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    root = atom(**bare)
    assert all(root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert json.loads(feeds.json_feed(feed(**bare), TEXTS.__getitem__))["items"] == []


def test_an_entry_without_words_is_whole() -> None:
    """An entry with neither title nor text has what its format requires."""
    bare = entry(title="\0", summary="", content=None, authors=(FeedPerson(name=" "),), categories=("",), picture=None)
    assert rss(bare).findtext("item/description") == bare.address
    assert atom(bare).find(f"{ATOM}entry/{ATOM}title") is not None
    assert json.loads(feeds.json_feed(feed(bare), TEXTS.__getitem__))["items"][0]["content_text"] == ""


@pytest.mark.parametrize("make", [feeds.rss, feeds.atom, feeds.json_feed])
def test_bytes_depend_on_the_view_alone(make: object) -> None:
    """The same view gives the same bytes, whatever was made before and whether the entry was kept or made again."""
    view = feed(entry(), entry(id="tag:x:2", title="Two"))
    first = make(view, TEXTS.__getitem__)  # type: ignore[operator]
    feeds._made.kept.clear()
    feeds._made.size = 0
    assert make(view, TEXTS.__getitem__) == first  # type: ignore[operator]
    assert make(view, TEXTS.__getitem__) == first  # type: ignore[operator]


def test_equal_moments_in_other_zones_are_other_entries() -> None:
    """An entry at the same moment in another zone keeps its own wall clock, although the two compare as equal."""
    there = entry(published=DAY.astimezone(UTC))
    assert there == entry()
    assert rss(entry()).findtext("item/pubDate") == "Fri, 05 Oct 2012 18:30:00 +0100"
    assert rss(there).findtext("item/pubDate") == "Fri, 05 Oct 2012 17:30:00 +0000"


def test_kept_entries_make_room() -> None:
    """What is kept never grows beyond its limit, and what was dropped is made again."""
    made = feeds._Made(3000)
    for n in range(100):
        made.get(b"x", entry(title=str(n)), TEXTS.__getitem__, lambda e, _: e.title.encode())
    assert made.size <= 3000
    assert made.size == sum(len(key) + len(value) for key, value in made.kept.items())
    assert made.get(b"x", entry(title="0"), TEXTS.__getitem__, lambda e, _: e.title.encode()) == b"0"


def test_old_offsets_are_whole_minutes() -> None:
    """A local mean time of the 19th century, with seconds in its offset, is given in UTC: feeds have no such offsets."""
    old = datetime(1850, 1, 1, tzinfo=timezone(timedelta(seconds=-75)))
    assert rss(entry(published=old)).findtext("item/pubDate") == "Tue, 01 Jan 1850 00:01:15 +0000"
    assert atom(entry(published=old)).findtext(f"{ATOM}entry/{ATOM}published") == "1850-01-01T00:01:15+00:00"
    with pytest.raises(ValueError, match="without a zone"):
        whole_minutes(datetime(2020, 1, 1))
    assert timestamp(DAY.replace(microsecond=5)) == "2012-10-05T18:30:00+01:00"


def test_every_text_field_survives_injection() -> None:
    """No text field breaks a feed or loses more than control characters; titles stay on one line."""
    plain = "a bc d]]>e</script>f<b>&amp; \"'"
    hostile = entry(
        id=NASTY,
        title=NASTY,
        summary=NASTY,
        content=None,
        html=f"<p>{NASTY}</p>",
        authors=(FeedPerson(name=NASTY, address="https://example.org/\r\n" + NASTY),),
        categories=(NASTY,),
        language="en\r\n",
        address="https://example.org/\r\nx y\0\u2028<>\"'",
        picture=Picture(url="", address="https://example.org/\n" + NASTY, type="image/png\r\n", size=1),
        comments="https://example.org/c\r\n<",
    )
    texts = {"title": NASTY, "description": NASTY, "language": "en\0", "author": NASTY}
    channel, root = rss(hostile, **texts), atom(hostile, **texts)
    data = json.loads(feeds.json_feed(feed(hostile, **texts), TEXTS.__getitem__))
    item, node, thing = channel.find("item"), root.find(f"{ATOM}entry"), data["items"][0]
    assert {channel.findtext("title"), item.findtext("title"), node.findtext(f"{ATOM}title"), thing["title"]} == {plain}
    assert {item.findtext(f"{DC}creator"), node.findtext(f"{ATOM}author/{ATOM}name"), thing["authors"][0]["name"]} == {plain}
    assert {item.findtext("category"), node.find(f"{ATOM}category").get("term"), thing["tags"][0]} == {plain}
    assert {item.findtext("guid"), thing["id"]} == {plain}
    assert node.findtext(f"{ATOM}summary") == "a\nbc\u2028d]]>e</script>f<b>&amp;\"'"
    link = "https://example.org/%20x%20y%20%3C%3E%22'"
    assert {item.findtext("link"), node.find(f"{ATOM}link").get("href"), thing["url"]} == {link}
    assert item.findtext(f"{CONTENT}encoded") == "<p>a\nbc\u2028d]]>e</script>f<b>&amp;\"'</p>"


def test_other_scripts_round_trip() -> None:
    """Right-to-left titles with marks, emojis with joiners, and `<` and `&` come back as they were written."""
    title = "\u200fשלום & <مرحبا> \U0001f469\u200d\U0001f469\u200d\U0001f467 5\u00a0€ Ünï"
    view = feed(entry(title=title), title=title)
    assert rss(entry(title=title)).findtext("item/title") == title
    assert atom(entry(title=title)).findtext(f"{ATOM}entry/{ATOM}title") == title
    assert json.loads(feeds.json_feed(view, TEXTS.__getitem__))["items"][0]["title"] == title


# --- OPML --------------------------------------------------------------------------------------------------------------


def links(name: str) -> tuple[FeedLink, ...]:
    return (
        FeedLink(title=name, url=f"/{name}/feed.xml", address=f"https://example.org/{name}/feed.xml", type="application/rss+xml"),
        FeedLink(title=name, url=f"/{name}/atom.xml", address=f"https://example.org/{name}/atom.xml", type="application/atom+xml"),
        FeedLink(title=name, url=f"/{name}/calendar.ics", address=f"https://example.org/{name}/calendar.ics", type="text/calendar"),
    )


def test_opml_follows_the_tree_and_names_each_feed_once() -> None:
    """Chapters stand inside their branches; each feed is there once, as RSS, with the address of its page."""
    groups = (
        FeedGroup(title="UK & <Ireland>", url="/chapters/uk/", feeds=links("uk"), level=0),
        FeedGroup(title="London\r\n", url="/chapters/london/", feeds=links("london"), level=1),
        FeedGroup(title="France", url="/chapters/france/", feeds=links("france"), level=0),
    )
    root = etree.fromstring(feeds.opml("All", groups, site=links("site"), address="https://example.org/", updated=DAY))
    body = root.find("body")
    assert [node.get("text") for node in body] == ["All", "UK & <Ireland>", "France"]
    assert [(node.get("text"), node.get("xmlUrl")) for node in body[1]] == [
        ("UK & <Ireland>", "https://example.org/uk/feed.xml"),
        ("London", "https://example.org/london/feed.xml"),
    ]
    assert body[2].get("htmlUrl") == "https://example.org/chapters/france/"
    assert len([node for node in root.iter("outline") if node.get("xmlUrl")]) == 4
    assert root.findtext("head/dateModified") == "Fri, 05 Oct 2012 18:30:00 +0100"


# --- addresses and texts -----------------------------------------------------------------------------------------------

BASE = "https://example.org/iops/posts/x/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/y">', '<a href="https://example.org/y">'),
        ("<a href='y?a=1&amp;b'>", '<a href="https://example.org/iops/posts/x/y?a=1&amp;b">'),
        ("<a href=../y>", '<a href="https://example.org/iops/posts/y">'),
        ("<A HREF = '#n'>", '<A HREF="https://example.org/iops/posts/x/#n">'),
        ("<img alt=a src='//cdn.example/y'/>", '<img alt=a src="https://cdn.example/y"/>'),
        ('<a href="https://other.example/">', '<a href="https://other.example/">'),
        ('<a href="mailto:a@example.org">', '<a href="mailto:a@example.org">'),
        ('<a title="see src=x" href="data:,x">', '<a title="see src=x" href="data:,x">'),
        ('<a title="a > b" href=" \n/y ">', '<a title="a > b" href="https://example.org/y">'),
        ("<a href>src=/y</a href=/z>", "<a href>src=/y</a href=/z>"),
        ('<!-- <a href="/y"> -->', '<!-- <a href="/y"> -->'),
        ('<script src="/y">"<img src=/z>"</script>', '<script src="https://example.org/y">"<img src=/z>"</script>'),
        ('<script-x src="/y">', '<script-x src="https://example.org/y">'),
        ('<video poster="p.jpg">', '<video poster="https://example.org/iops/posts/x/p.jpg">'),
        ('<a href="http://[">', '<a href="http://[">'),
        ('<a href="&#47;y">', '<a href="https://example.org/y">'),
        ('<img src=x"y>', '<img src="https://example.org/iops/posts/x/x&quot;y">'),
        ('<img srcset="a.jpg 1x, /b.jpg 2x">', '<img srcset="https://example.org/iops/posts/x/a.jpg 1x, https://example.org/b.jpg 2x">'),
    ],
)
def test_every_address_becomes_absolute(html: str, expected: str) -> None:
    """Relative addresses are resolved against the page in every way HTML allows to write them, and nothing else changes."""
    assert make_absolute(html, BASE) == expected


def test_srcset_is_read_as_browsers_do() -> None:
    """Commas inside addresses and brackets, missing descriptors and stray commas."""
    assert resolve_srcset(" ,a,b.jpg 1x,, c.jpg, data:image/png;base64,AA== 2x", "https://e.org/") == (
        "https://e.org/a,b.jpg 1x, https://e.org/c.jpg, data:image/png;base64,AA== 2x"
    )
    assert resolve_srcset("a 1x(,), b", "https://e.org/") == "https://e.org/a 1x(,), https://e.org/b"


@pytest.mark.parametrize("piece", ["<a ", "<a href='", '<a href="', "<!--", "<script ", "<a b='\"", "= ", "<a href=<a ", "<a/", "</"])
def test_hostile_markup_takes_linear_time(piece: str) -> None:
    """Markup that is never closed is gone through once: a megabyte of it comes back whole."""
    text = piece * (1_000_000 // len(piece)) + "src=x"
    assert len(make_absolute(text, BASE)) >= len(text) - 5
    without_markup(text[:100_000])


def test_markers_are_filled_and_escaped() -> None:
    """Markers become addresses fit for an attribute; one that nobody knows becomes empty."""
    assert fill('<a href="\x020\x03\x027\x03">', ('https://e.org/?a&"',)) == '<a href="https://e.org/?a&amp;&quot;">'


def test_texts_for_machines() -> None:
    """Line ends become one kind, control characters go, no-break spaces stay, addresses become ASCII."""
    assert printable("a\r\nb\rc\0\ud800\tz") == "a\nb\nc\tz"
    assert one_line(" a\u2028b\u00a0: \t c\x85d ") == "a b\u00a0: c d"
    assert (
        uri("https://münchen.example/café & 100%/%41?q=ü#ö") == "https://xn--mnchen-3ya.example/caf%C3%A9%20&%20100%25/%41?q=%C3%BC#%C3%B6"
    )
    assert uri("https://example.org/a(b)~c") == "https://example.org/a(b)~c"
    assert without_markup("<p>1 &lt; 2<br>a  b</p><script>x</script><p title='>'>c</p><!-- d -->") == "1 < 2\na b\nc"
