"""The whole demonstration site as browsers, feed readers, calendars, and other people's file systems see it."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import html5lib
import icalendar
import pytest
from lxml import etree, html

from iopsgen.problems import has_errors
from tests.demonstration import BASE, PATH, URL, built_demonstration

RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}


@cache
def output() -> Path:
    """The folder of the built site."""
    folder, result = built_demonstration()
    assert result.ok and not has_errors(result.problems), result.problems
    return folder / "output"


@cache
def files() -> tuple[str, ...]:
    """Every file of the built site, relative to its root."""
    return tuple(sorted(p.relative_to(output()).as_posix() for p in output().rglob("*") if p.is_file()))


def ending(*suffixes: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file with one of these endings."""
    found = [name for name in files() if name.endswith(suffixes)]
    assert found, suffixes
    for name in found:
        yield name, (output() / name).read_bytes()


@cache
def pages() -> dict[str, html.HtmlElement]:
    """Every page, parsed."""
    return {name: html.document_fromstring(data.decode("utf-8")) for name, data in ending(".html")}


def address_of(name: str) -> str:
    """The address at which a host serves a file."""
    return URL + re.sub(r"(^|/)index\.html$", r"\1", name)


def file_at(address: str) -> str:
    """The file that a host serves at an address below the site."""
    path = unquote(urlsplit(address).path).removeprefix(PATH)
    return f"{path}index.html" if path == "" or path.endswith("/") else path


def links_of(tree: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Every address that a page names, with the attribute that names it."""
    for element in tree.iter(etree.Element):
        for name in ("href", "src", "poster", "action", "data", "formaction", "cite"):
            if (value := element.get(name)) is not None:
                yield name, value.strip()
        for part in (element.get("srcset") or "").split(","):
            if part.strip():
                yield "srcset", part.split()[0]
        if element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield "refresh", (element.get("content") or "").partition("=")[2].strip("'\" ")
        if element.tag == "meta" and element.get("property") in ("og:image", "og:url"):
            yield "og", element.get("content") or ""


def test_every_page_is_html_without_a_parse_error() -> None:
    """html5lib finds no parse error in any page."""
    wrong = []
    for name, data in ending(".html"):
        parser = html5lib.HTMLParser()
        parser.parse(data, transport_encoding="utf-8")
        wrong += [f"{name}: {code} at {position}" for position, code, _ in parser.errors]
    assert wrong == []


def test_ids_are_unique() -> None:
    """No page has the same id twice, and whatever names an id names one of its page."""
    for name, tree in pages().items():
        ids = [e.get("id") for e in tree.iter(etree.Element) if e.get("id") is not None]
        assert len(ids) == len(set(ids)), (name, sorted(i for i in ids if ids.count(i) > 1))
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for element in tree.iter(etree.Element):
                for word in (element.get(attribute) or "").split():
                    assert word in ids, (name, attribute, word)


def test_every_internal_address_leads_somewhere() -> None:
    """Each href, src and srcset of this site leads to a file that exists, and each fragment to an element."""
    known = set(files())
    ids: dict[str, set[str]] = {}
    wrong = []
    for name, tree in pages().items():
        for attribute, written in links_of(tree):
            address = urljoin(address_of(name), written)
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != BASE:
                continue
            if not parts.path.startswith(PATH):
                wrong.append(f"{name}: {attribute} {written} leaves the path of the site")
                continue
            target = file_at(address)
            if target not in known:
                wrong.append(f"{name}: {attribute} {written} leads nowhere")
            elif parts.fragment and target.endswith(".html"):
                if target not in ids:
                    ids[target] = {e.get("id") or "" for e in pages()[target].iter(etree.Element)}
                if unquote(parts.fragment) not in ids[target]:
                    wrong.append(f"{name}: {attribute} {written} names an element that is not there")
    assert wrong == []


def test_every_page_can_be_reached() -> None:
    """From the home pages, following links alone, a reader gets to every page but the one for wrong addresses and the old addresses."""
    reached: set[str] = set()
    waiting = ["index.html"]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in pages():
            continue
        reached.add(name)
        for attribute, written in links_of(pages()[name]):
            address = urljoin(address_of(name), written)
            if attribute == "href" and address.startswith(URL):
                waiting.append(file_at(address))
    redirects = {name for name, tree in pages().items() if tree.xpath("//meta[@http-equiv='refresh']")}
    assert redirects
    missed = {name for name in pages() if name not in reached and name not in redirects and not name.endswith("404.html")}
    assert sorted(missed) == []


def test_nothing_is_loaded_from_another_host() -> None:
    """No script, style, picture, font or frame comes from elsewhere, and none stands in a page itself."""
    for name, tree in pages().items():
        for element in tree.iter(etree.Element):
            if element.tag == "script":
                inside = (element.text or "").strip()
                assert not inside or element.get("type") == "application/ld+json", (name, inside[:80])
            assert element.tag != "style", name
            assert element.get("style") is None, (name, element.tag, element.get("style"))
            assert not [a for a in element.attrib if a.lower().startswith("on")], (name, dict(element.attrib))
            loads = [element.get("src"), element.get("poster"), *(p.split()[0] for p in (element.get("srcset") or "").split(",") if p.strip())]
            if element.tag == "link":
                loads.append(element.get("href"))
            for address in filter(None, loads):
                whole = urljoin(address_of(name), address)
                assert whole.startswith((URL, "data:image/")), (name, element.tag, address)


def test_every_style_sheet_keeps_to_this_host() -> None:
    """No style sheet imports or names anything of another host."""
    for name, data in ending(".css"):
        text = data.decode("utf-8")
        assert "@import" not in text, name
        for address in re.findall(r"url\(\s*['\"]?([^)'\"]+)", text):
            assert address.startswith("data:") or "//" not in address, (name, address)


def test_every_xml_file_is_well_formed() -> None:
    """lxml reads every XML and OPML file without recovery."""
    for name, data in ending(".xml", ".opml", ".svg"):
        assert etree.fromstring(data, etree.XMLParser(recover=False, resolve_entities=False)) is not None, name


def test_every_json_file_is_json() -> None:
    """Each JSON file, and the structured data of each page, parses."""
    for name, data in ending(".json"):
        assert isinstance(json.loads(data.decode("utf-8")), list | dict if "/search/" in f"/{name}" else dict), name
    for name, tree in pages().items():
        for text in tree.xpath("//script[@type='application/ld+json']/text()"):
            told = json.loads(text)
            for one in told if isinstance(told, list) else [told]:
                assert one["@context"] == "https://schema.org" and (one.get("@type") or one.get("@graph")), name


def test_feed_readers_take_every_feed() -> None:
    """feedparser has nothing to complain about, and every entry has an id, a link, a title and a date."""
    for name, data in ending("feed.xml", "atom.xml", "comments.xml"):
        feed = feedparser.parse(data)
        assert not feed.bozo, (name, feed.get("bozo_exception"))
        assert feed.version == ("atom10" if name.endswith("atom.xml") else "rss20"), name
        assert feed.feed.title and feed.feed.link.startswith(URL), name
        ids = [entry.id for entry in feed.entries]
        assert len(ids) == len(set(ids)), name
        for entry in feed.entries:
            assert entry.link.startswith(URL) and entry.title and entry.published_parsed, (name, entry.get("id"))


def test_feeds_of_one_scope_tell_the_same() -> None:
    """RSS, Atom and JSON Feed at one address hold the same entries in the same order."""
    for name, data in ending("feed.json"):
        told = json.loads(data)
        folder = name.removesuffix("feed.json")
        assert told["version"] == "https://jsonfeed.org/version/1.1"
        for other in ("feed.xml", "atom.xml"):
            feed = feedparser.parse((output() / folder / other).read_bytes())
            assert [e.id for e in feed.entries] == [i["id"] for i in told["items"]], folder + other


def test_icalendar_takes_every_calendar() -> None:
    """icalendar reads each calendar without an error; each event has what RFC 5545 requires, and a UID once but for its changes."""
    for name, data in ending(".ics"):
        calendar = icalendar.Calendar.from_ical(data)
        assert calendar.errors == [], name
        named = []
        for event in calendar.walk("VEVENT"):
            assert event.errors == [] and {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event), name
            named.append((str(event["UID"]), event["RECURRENCE-ID"].to_ical() if "RECURRENCE-ID" in event else b""))
        assert len(named) == len(set(named)), name
        assert named or name.endswith("calendar.ics"), name


def test_every_address_in_feeds_calendars_and_sitemap_exists() -> None:
    """What sitemap, feeds and lists of feeds name on this site is there."""
    known = set(files())
    for name, data in ending(".xml", ".opml", "feed.json", "events.json", "_redirects", "robots.txt"):
        for address in re.findall(re.escape(URL) + r"[^\s\"'<>\\)&#?]*", data.decode("utf-8")):
            assert file_at(address) in known, (name, address)


def test_nothing_hidden_is_published() -> None:
    """Neither the words nor the addresses of drafts, scheduled texts and comments not shown are in any file."""
    folder, result = built_demonstration()
    assert result.drafts and result.scheduled and result.comments.held + result.comments.rejected
    hidden = {p: p.read_text("utf-8") for p in (folder / "content").rglob("*.md")}
    hidden = {p: t for p, t in hidden.items() if re.search(r"^draft: *true|^date: *2026-12|^publish: *202[7-9]", t, re.MULTILINE)}
    assert len(hidden) >= result.drafts + result.scheduled
    needles = set()
    for path, text in hidden.items():
        title = re.search(r"^title: *(.+)$", text, re.MULTILINE)
        assert title
        sentences = [line for line in text.partition("\n---")[2].splitlines() if len(line) > 40]
        needles |= {title[1].strip("\"' "), *(s[:40] for s in sentences[:3])}
        assert not any(re.sub(r"^\d{4}-\d\d-\d\d-", "", path.stem) + "/" in name for name in files()), path
    shown = "\n".join(
        (output() / name).read_text("utf-8") for name in files() if name.endswith((".html", ".xml", ".json", ".ics", ".opml", "_redirects"))
    )
    for needle in needles:
        assert needle not in shown, needle


def test_names_are_safe_on_every_system() -> None:
    """No two files differ by case alone, and none has a name that Windows or macOS refuses."""
    folded: dict[str, str] = {}
    for name in files():
        assert folded.setdefault(name.casefold(), name) == name
        assert len(name) < 200, name
        for part in name.split("/"):
            assert part.split(".")[0].casefold() not in RESERVED, name
            assert not set(part) & set('<>:"|?*\\') and part == part.rstrip(". ") and part.isprintable(), name
            assert len(part.encode()) < 200, name


@pytest.mark.parametrize("name", ["posts", "events", "calendar", "chapters", "categories", "tags", "people", "archive", "subscribe", "about"])
def test_both_languages_have_the_page(name: str) -> None:
    """Every standing address exists in both languages of the demonstration, and each page says its language."""
    for prefix, language in (("", "en"), ("es/", "es")):
        page = f"{prefix}{name}/index.html"
        assert page in pages()
        assert pages()[page].get("lang") == language


def test_headings_and_titles() -> None:
    """Each page has one first-level heading, a title, a language and a canonical address."""
    for name, tree in pages().items():
        if tree.xpath("//meta[@http-equiv='refresh']"):
            continue
        assert len(tree.xpath("//h1")) == 1, name
        assert tree.get("lang") and (tree.findtext(".//title") or "").strip(), name
        assert len(tree.xpath("//link[@rel='canonical']")) == 1, name
