"""Feeds: RSS 2.0, Atom 1.0 and JSON Feed 1.1 from the same entries, and the OPML list of all of them.

RSS is made by feedgen. Atom is written with lxml: feedgen 1.0 loses `rel` and `type` of an entry's links and knows no language
of an entry. An entry is serialised once for each format and set into every feed that carries it, since a post stands in the
feeds of the site, its chapter, its branch, its categories and its authors. Bytes are a function of the views alone.
"""

import re
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urljoin

import msgspec

from iopsgen.absolute import fill, make_absolute
from iopsgen.markdown import comment_html
from iopsgen.pictures.tags import dress
from iopsgen.plain import has_scheme, one_line, printable, timestamp, uri, whole_minutes, without_markup
from iopsgen.views import FeedEntry, FeedGroup, FeedLink, FeedView

HtmlOf = Callable[[str], str]
PROGRAM = "iopsgen"

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_DC = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_WFW = "http://wellformedweb.org/CommentAPI/"
_PLAIN_IN_CHANNEL = re.compile(rb"<(?:title|description)>[^<]*")
_PLAIN_IN_ITEM = re.compile(rb"<(?:title|category|dc:creator)>[^<]*")
_RSS_PICTURES = (".png", ".jpg", ".jpeg", ".gif")


# --- entries, made once ------------------------------------------------------------------------------------------------


class _Made:
    """Entries already serialised, up to a number of bytes; the ones used longest ago make room.

    The key is the entry's own encoding (two equal moments in different zones are different bytes), and a text is named by
    the digest of its content, so a kept entry can never be an old one.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.kept: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, form: bytes, entry: FeedEntry, html_of: HtmlOf, make: Callable[[FeedEntry, HtmlOf], bytes]) -> bytes:
        """The entry in one format, made now or before."""
        try:
            key = form + msgspec.json.encode(entry)
        except UnicodeEncodeError:  # half a character, which the formats drop
            return make(entry, html_of)
        made = self.kept.get(key)
        if made is not None:
            self.kept.move_to_end(key)
            return made
        made = make(entry, html_of)
        self.kept[key] = made
        self.size += len(key) + len(made)
        while self.size > self.limit:
            old, value = self.kept.popitem(last=False)
            self.size -= len(old) + len(value)
        return made


_made = _Made(48 * 1024 * 1024)


def _html(entry: FeedEntry, html_of: HtmlOf) -> str:
    """The full text of an entry as HTML that stands on its own: addresses absolute, no character that XML forbids."""
    text = entry.html or (comment_html(entry.source, entry.format) if entry.source else "")  # type: ignore[arg-type]
    if entry.content:
        text += fill(dress(html_of(entry.content.digest), entry.content.pictures), entry.content.urls)
    return printable(make_absolute(text, entry.address)) if text else ""


def _beginning(html: str) -> str:
    """The first words of a text, at most 300 characters, for an entry without a summary (a comment)."""
    words = one_line(without_markup(html)) if html else ""
    return words if len(words) <= 300 else f"{words[:300].rpartition(' ')[0] or words[:299]}…"


def _authors(entry: FeedEntry) -> list[tuple[str, str]]:
    """Names and addresses of the authors, without those that have no name."""
    return [(one_line(a.name), uri(a.address)) for a in entry.authors if one_line(a.name)]


def _changed(entry: FeedEntry) -> datetime:
    """When an entry was last changed: not before it was published, as an event may be that was edited before it was announced."""
    return max(entry.updated, entry.published)


def _newest(view: FeedView) -> datetime:
    """When a feed was last changed: not before its newest entry was published."""
    return max((view.updated, *(entry.published for entry in view.entries)))


def _words(texts: tuple[str, ...]) -> list[str]:
    """Plain texts on one line each, without empty and repeated ones."""
    return [text for text in dict.fromkeys(map(one_line, texts)) if text]


# --- RSS ---------------------------------------------------------------------------------------------------------------


def rss(view: FeedView, html_of: HtmlOf) -> bytes:
    """RSS 2.0 with `content:encoded`, one `dc:creator` for each author, and `wfw:commentRss` where an entry has comments.

    Titles are plain text; `description` is HTML, as readers take it, so the plain summary is escaped inside it. The `guid` is
    no address and outlives a new title. An enclosure stands only where type and length of the picture are known.
    """
    title = one_line(view.title) or view.address
    generator, _, _, comments = _feedgen()
    feed = generator()
    feed.register_extension("discussion", comments, comments, atom=False)
    feed.title(title)
    feed.link(href=uri(view.rss), rel="self", type="application/rss+xml")
    feed.link(href=uri(view.address), rel="alternate")  # feedgen takes the last one for the channel
    feed.description(one_line(view.description) or title)
    feed.language(one_line(view.language) or None)
    feed.generator(PROGRAM)
    feed.lastBuildDate(whole_minutes(_newest(view)))
    if view.icon.lower().endswith(_RSS_PICTURES):
        feed.image(url=uri(view.icon), title=title, link=uri(view.address))
    items = [_made.get(b"rss", entry, html_of, _rss_item) for entry in view.entries]
    channel = _as_text(feed.rss_str(), _PLAIN_IN_CHANNEL)
    end = channel.rindex(b"</channel>")
    return b"".join((channel[:end], *items, channel[end:], b"\n"))


@cache
def _feedgen() -> tuple[Any, Any, Any, Any]:
    """What is used of feedgen (which has no types): feed, entry, Dublin Core, and an extension for the feed of comments.

    Imported late, for the time the program takes to start.
    """
    from feedgen.feed import FeedGenerator  # type: ignore[import-untyped,unused-ignore]

    first = FeedGenerator  # its module comes first: the others use lxml.etree without importing it
    from feedgen.entry import FeedEntry as Entry  # type: ignore[import-untyped,unused-ignore]
    from feedgen.ext.base import BaseExtension  # type: ignore[import-untyped,unused-ignore]
    from feedgen.ext.dc import DcEntryExtension  # type: ignore[import-untyped,unused-ignore]
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    class Comments(BaseExtension):  # type: ignore[misc,unused-ignore]
        """`wfw:commentRss` in an entry, and the namespaces of all entries on the feed."""

        address = ""

        def extend_ns(self) -> dict[str, str]:
            return {"dc": _DC, "wfw": _WFW}

        def extend_rss(self, feed: Any) -> Any:
            if self.address:
                etree.SubElement(feed, f"{{{_WFW}}}commentRss").text = self.address
            return feed

    return first, Entry, DcEntryExtension, Comments


def _rss_item(entry: FeedEntry, html_of: HtmlOf) -> bytes:
    """One `<item>`, without the declarations of namespaces that the feed around it makes."""
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    _, entry_class, dublin_core, comments = _feedgen()
    item = entry_class()
    item.register_extension("dc", dublin_core)
    item.register_extension("discussion", comments)
    item.title(one_line(entry.title) or None)
    item.link(href=uri(entry.address), rel="alternate")
    item.guid(one_line(entry.id), permalink=False)
    item.published(whole_minutes(entry.published))
    summary, html = printable(entry.summary).strip(), _html(entry, html_of)
    item.description(escape(summary or _beginning(html) or one_line(entry.title) or entry.address, quote=False))
    if html:
        item.content(html)
    item.dc.dc_creator([name for name, _ in _authors(entry)])
    if entry.language:
        item.dc.dc_language([one_line(entry.language)])
    for word in _words(entry.categories):
        item.category(term=word)
    if entry.picture and entry.picture.type and entry.picture.size:
        item.enclosure(uri(entry.picture.address), str(entry.picture.size), one_line(entry.picture.type))
    item.discussion.address = uri(entry.comments)
    root = etree.Element("rss", nsmap={"dc": _DC, "wfw": _WFW, "content": _CONTENT, "atom": _ATOM})
    root.append(item.rss_entry())
    text: bytes = etree.tostring(root, encoding="UTF-8")
    return _as_text(text[text.index(b"<item>") : text.rindex(b"</rss>")], _PLAIN_IN_ITEM)


def _as_text(xml: bytes, plain: re.Pattern[bytes]) -> bytes:
    """RSS in which `&`, `<` and `>` of plain texts are hexadecimal references, which for XML is the same.

    Readers do not agree whether titles, names and the description of a channel are HTML. In this form most of them show the
    text as it is (RSS Advisory Board, Best Practices Profile: Character Data). The description of an item is HTML for all.
    """

    def refer(found: re.Match[bytes]) -> bytes:
        return found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;").replace(b"&gt;", b"&#x3E;")

    return plain.sub(refer, xml)


# --- Atom --------------------------------------------------------------------------------------------------------------


def atom(view: FeedView, html_of: HtmlOf) -> bytes:
    """Atom 1.0 (RFC 4287), with `rel="replies"` (RFC 4685) where an entry has comments.

    A feed whose entries name no author is given the organisation's name as its author, since one of them is required.
    """
    # Late, for the time the program takes to start.
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    if view.language:
        feed.set(f"{{{_XML}}}lang", one_line(view.language))

    def add(name: str, text: str = "", **attributes: str) -> None:
        etree.SubElement(feed, f"{{{_ATOM}}}{name}", attributes).text = text or None

    title = one_line(view.title) or view.address
    add("id", _atom_id(view.atom or view.address))
    add("title", title)
    if view.description:
        add("subtitle", one_line(view.description))
    add("updated", timestamp(_newest(view)))
    author = etree.SubElement(feed, f"{{{_ATOM}}}author")
    etree.SubElement(author, f"{{{_ATOM}}}name").text = one_line(view.author) or title
    if view.atom:
        add("link", rel="self", type="application/atom+xml", href=uri(view.atom))
    add("link", rel="alternate", type="text/html", href=uri(view.address))
    add("generator", PROGRAM)
    if view.icon:
        add("icon", uri(view.icon))
    entries = [_made.get(b"atom", entry, html_of, _atom_entry) for entry in view.entries]
    text: bytes = etree.tostring(feed, encoding="UTF-8", xml_declaration=True)
    end = text.rindex(b"</feed>")
    return b"".join((text[:end], *entries, text[end:], b"\n"))


def _atom_entry(entry: FeedEntry, html_of: HtmlOf) -> bytes:
    """One `<entry>`, without the declaration of the namespace that the feed around it makes."""
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    node = etree.SubElement(feed, f"{{{_ATOM}}}entry")
    if entry.language:
        node.set(f"{{{_XML}}}lang", one_line(entry.language))

    def add(name: str, text: str = "", **attributes: str) -> None:
        etree.SubElement(node, f"{{{_ATOM}}}{name}", attributes).text = text or None

    add("id", _atom_id(entry.id))
    add("title", one_line(entry.title))
    add("link", rel="alternate", type="text/html", href=uri(entry.address))
    add("published", timestamp(entry.published))
    add("updated", timestamp(_changed(entry)))
    for name, address in _authors(entry):
        author = etree.SubElement(node, f"{{{_ATOM}}}author")
        etree.SubElement(author, f"{{{_ATOM}}}name").text = name
        if address:
            etree.SubElement(author, f"{{{_ATOM}}}uri").text = address
    for word in _words(entry.categories):
        add("category", term=word)
    if entry.picture and entry.picture.type and entry.picture.size:
        picture = entry.picture
        add("link", rel="enclosure", type=one_line(picture.type), length=str(picture.size), href=uri(picture.address))
    if entry.comments:
        add("link", rel="replies", type="application/rss+xml", href=uri(entry.comments))
    if entry.summary:
        add("summary", printable(entry.summary).strip())
    html = _html(entry, html_of)
    if html:
        add("content", html, type="html")
    text: bytes = etree.tostring(feed, encoding="UTF-8")
    return text[text.index(b"<entry") : text.rindex(b"</feed>")]


def _atom_id(name: str) -> str:
    """A permanent name as Atom wants it: an IRI. A name without a scheme becomes a UUID made from it."""
    name = one_line(name)
    return uri(name) if has_scheme(name) else uuid.uuid5(uuid.NAMESPACE_URL, name).urn


# --- JSON Feed ---------------------------------------------------------------------------------------------------------


def json_feed(view: FeedView, html_of: HtmlOf) -> bytes:
    """JSON Feed 1.1. An entry without a full text has its summary, or else its title, as `content_text`."""
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": one_line(view.title) or view.address,
        "home_page_url": uri(view.address),
        "feed_url": uri(view.json),
        "description": one_line(view.description),
        "icon": uri(view.icon),
        "language": one_line(view.language),
        "authors": [{"name": one_line(view.author)}] if one_line(view.author) else [],
    }
    feed = {key: value for key, value in feed.items() if value}
    items = [_made.get(b"json", entry, html_of, _json_item) for entry in view.entries]
    feed["items"] = [msgspec.Raw(item) for item in items]
    return msgspec.json.encode(feed) + b"\n"


def _json_item(entry: FeedEntry, html_of: HtmlOf) -> bytes:
    """One item of a JSON Feed."""
    html, summary, title = _html(entry, html_of), printable(entry.summary).strip(), one_line(entry.title)
    item: dict[str, object] = {
        "id": one_line(entry.id),
        "url": uri(entry.address),
        "title": title,
        "content_html": html,
        "summary": summary,
        "image": uri(entry.picture.address) if entry.picture else "",
        "date_published": timestamp(entry.published),
        "date_modified": timestamp(_changed(entry)),
        "authors": [{"name": name, "url": address} if address else {"name": name} for name, address in _authors(entry)],
        "tags": _words(entry.categories),
        "language": one_line(entry.language),
    }
    item = {key: value for key, value in item.items() if value}
    if not html:
        item["content_text"] = summary or title
    return msgspec.json.encode(item)


# --- OPML --------------------------------------------------------------------------------------------------------------


def opml(
    title: str, groups: tuple[FeedGroup, ...], *, site: tuple[FeedLink, ...] = (), address: str, updated: datetime | None = None
) -> bytes:
    """OPML 2.0 with the RSS feed of the site and of each group, nested by the groups' levels.

    `address` is the absolute address of the home page. A group is itself the subscription where nothing stands below it;
    otherwise it is a folder whose first line is its own feed. Calendars and the other formats of the same feed are left out, so
    that a reader who takes the whole list does not get everything three times.
    """
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = one_line(title)
    if updated:
        etree.SubElement(head, "dateModified").text = format_datetime(whole_minutes(updated))
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")

    def subscription(parent: Any, text: str, links: tuple[FeedLink, ...], page: str) -> None:
        text = one_line(text) or page
        for link in [link for link in links if link.type == "application/rss+xml"][:1]:
            etree.SubElement(parent, "outline", text=text, title=text, type="rss", xmlUrl=uri(link.address), htmlUrl=uri(page))

    subscription(body, title, site, address)
    parents = [body]
    for index, group in enumerate(groups):
        level = min(max(group.level, 0), len(parents) - 1)
        del parents[level + 1 :]
        below = index + 1 < len(groups) and groups[index + 1].level > group.level
        page = urljoin(address, group.url)
        parent = parents[-1]
        if below:
            name = one_line(group.title) or page
            parent = etree.SubElement(parent, "outline", text=name, title=name)
            parents.append(parent)
        subscription(parent, group.title, group.feeds, page)
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return text
