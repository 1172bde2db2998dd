"""Every address that a site promises, on a small site in two languages under a path; and sites with next to nothing on them."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

import icalendar
import pytest
from lxml import etree, html
from PIL import Image

from iopsgen.outputs.agenda import month_weeks
from tests.sites import NOW, SETTINGS, build_site, messages, tree, write_site


def picture() -> bytes:
    """A PNG of 3 by 2 pixels."""
    found = BytesIO()
    Image.new("RGB", (3, 2)).save(found, "PNG")
    return found.getvalue()


PNG = picture()
FILES: dict[str, str | bytes | None] = {
    "content/chapters/north.md": "---\ntitle: North\nkind: branch\ntimezone: Europe/Oslo\ncontact: north@example.org\n---\nThe north.\n",
    "content/chapters/town.md": "---\ntitle: Town\nparent: north\norganisers: [anna]\n---\nThe town.\n",
    "content/chapters/town.es.md": "---\ntitle: Pueblo\n---\nEl pueblo.\n",
    "content/pages/index.md": "---\ntitle: Home\n---\nWelcome home.\n",
    "content/pages/about.md": "---\ntitle: About\naliases: [/who/, /who.html, /old about/]\n---\nUs. [The walk](../events/walk.md#bring).\n",
    "content/pages/about.es.md": "---\ntitle: Quiénes somos\n---\nNosotros.\n",
    "content/people.yml": "anna:\n  name: Anna\n  bio: Likes *tea*.\n",
    "content/venues.yml": "hall:\n  name: The hall\n  city: Town\n  geo: [60.39, 5.32]\n",
    "content/posts/2026-10-05-welcome/index.md": "---\ntitle: Welcome\nauthors: [anna, Ben]\ncategories: [News]\ntags: [river]\nchapter: town\nevent: walk\n"
    "image: {src: cat.png, alt: A cat}\nsummary: Hello all.\n---\nHello.\n\n![A cat](cat.png)\n",
    "content/posts/2026-10-05-welcome/cat.png": PNG,
    "content/posts/2026-10-05-welcome/index.es.md": "---\ntitle: Bienvenida\nslug: bienvenida\n---\nHola.\n",
    "content/posts/2024-02-29-leap.md": "---\ntitle: Leap & <day>\n---\nA day.\n",
    "content/posts/2026-12-24-later.md": "---\ntitle: Sealed words\npublish: 2026-12-24\ntags: [sealedtag]\n---\nSealed.\n",
    "content/posts/2026-10-07-secret/index.md": "---\ntitle: Sealed draft\ndraft: true\n---\nSealed.\n",
    "content/posts/2026-10-07-secret/sealed.png": PNG,
    "content/events/walk.md": "---\ntitle: Walk\nstart: 2026-12-05 12:00\nend: 15:00\nvenue: hall\nchapter: town\ncategories: [News]\npublish: 2026-10-01\n---\n## Bring\n\nBoots.\n",
    "content/events/weekly.md": "---\ntitle: Weekly table\nstart: 2026-10-01 18:00\nend: 20:00\nrepeat: weekly until 2027-02-28\nchapter: north\n"
    "organisers: [anna]\npublish: 2026-09-01\n---\nFood.\n",
    "content/events/long-ago.md": "---\ntitle: Long ago\nstart: 2012-10-28 11:00\nend: 17:00\nchapter: town\n---\nIt was good.\n",
    "content/events/someday.md": "---\ntitle: Some day\ntime: tba\nchapter: town\n---\nWe do not know yet.\n",
    "comments/inbox.jsonl": '{"id": "c1", "page": "welcome", "received": "2026-10-06T10:00:00Z", "name": "Ada", "body": "Hello **there**"}\n',
    "static/CNAME": "example.org\n",
}
TWO = SETTINGS + "languages: [en, es]\ncategories: {News: What is new}\nredirects: [html, netlify, apache]\nposts: {per_page: 2}\nfeeds: {items: 3}\n"

FEEDS = ("feed.xml", "atom.xml", "feed.json")
PAGES = (
    "", "posts/", "posts/welcome/", "posts/leap/", "events/", "events/past/", "events/past/2012/", "events/past/2026/", "events/walk/", "events/weekly/",
    "calendar/", "calendar/2012/10/", "calendar/2026/12/", "chapters/", "chapters/north/", "chapters/town/", "categories/", "categories/news/", "tags/",
    "tags/river/", "people/", "people/anna/", "people/ben/", "archive/", "archive/2024/", "archive/2026/", "subscribe/", "about/",
    "es/", "es/posts/", "es/posts/bienvenida/", "es/events/", "es/events/past/", "es/events/past/2012/", "es/calendar/", "es/calendar/2026/12/",
    "es/chapters/", "es/chapters/town/", "es/categories/", "es/categories/news/", "es/tags/", "es/people/", "es/people/anna/", "es/archive/",
    "es/archive/2024/", "es/subscribe/", "es/about/",
)  # fmt: skip


def built(folder: Path, files: dict[str, str | bytes | None], settings: str = SETTINGS, now: datetime = NOW) -> dict[str, bytes]:
    """The output of a site that has to build without an error."""
    site = write_site(folder / "site", files, settings)
    result = build_site(site, now)
    assert result.ok, messages(result)
    return tree(site / "output")


@cache
def output() -> dict[str, bytes]:
    """The site in two languages, built once: every file by its path."""
    return built(Path(mkdtemp(prefix="iopsgen-outputs-")), FILES, TWO)


def page(path: str, found: dict[str, bytes] | None = None) -> html.HtmlElement:
    """A page of the output, parsed."""
    data = (found or output())[path + ("index.html" if not path or path.endswith("/") else "")]
    return html.document_fromstring(data.decode("utf-8"))


def hrefs(tree: html.HtmlElement) -> list[str]:
    return [str(a) for a in tree.xpath("//a/@href")]


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_every_promised_page_is_there(path: str) -> None:
    """The page exists, has a heading, and says which address is its own, with the path of the site."""
    tree = page(path)
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"https://example.org/river/{path}"]
    assert tree.get("lang") == ("es" if path.startswith("es/") else "en")
    for url in hrefs(tree) + tree.xpath("//link/@href | //script/@src | //img/@src"):
        assert not url.startswith("/") or url.startswith("/river/"), url


@pytest.mark.parametrize(
    "scope",
    ["", "es/", "chapters/north/", "chapters/town/", "es/chapters/town/", "categories/news/", "es/categories/news/", "people/anna/", "people/ben/"],
)
def test_feeds_exist_in_every_scope(scope: str) -> None:
    """RSS, Atom and JSON stand at the site, each chapter, category and person, and the page of the scope names them."""
    heads = page(scope).xpath("//link[@rel='alternate']/@href")
    for name in FEEDS:
        assert scope + name in output()
        assert f"/river/{scope}{name}" in heads
    told = json.loads(output()[scope + "feed.json"])
    assert told["feed_url"] == f"https://example.org/river/{scope}feed.json"
    assert told["home_page_url"] == f"https://example.org/river/{scope}"


@pytest.mark.parametrize("scope", ["", "es/", "chapters/north/", "chapters/town/", "es/chapters/town/"])
def test_calendars_exist_for_site_branches_and_chapters(scope: str) -> None:
    """`calendar.ics` and `events.json` stand at the site and each chapter; a branch rolls up its chapters."""
    events = icalendar.Calendar.from_ical(output()[scope + "calendar.ics"]).walk("VEVENT")
    expected = {"Walk", "Long ago"} | ({"Weekly table"} if "town" not in scope else set())
    assert {str(e["SUMMARY"]) for e in events} == expected
    assert {e["title"] for e in json.loads(output()[scope + "events.json"])["events"]} == expected


def test_other_files() -> None:
    """What stands once: error page, sitemap, robots, status, lists of feeds, event and comment files, bundles, static files, redirects."""
    for name in (
        "404.html",
        "sitemap.xml",
        "robots.txt",
        "status.json",
        "feeds.opml",
        "es/feeds.opml",
        "events/walk/event.ics",
        "posts/welcome/comments.xml",
    ):
        assert name in output(), name
    for name in ("posts/welcome/cat.png", "CNAME", "_redirects", "_headers", ".htaccess"):
        assert name in output(), name
    assert "events/someday/event.ics" not in output(), "an event without a day is in no calendar"
    assert page("posts/welcome/").xpath("//main//img[@width='3' and @height='2' and @alt='A cat']")
    assert [n for n in output() if n.startswith("assets/style.")] and "assets/style.css" not in output()


def test_the_permalinks_are_settings(tmp_path: Path) -> None:
    """`posts.permalink` and `events.permalink` decide the addresses, and links follow them."""
    settings = TWO.replace("posts: {per_page: 2}", "posts: {permalink: '/{year}/{month}/{slug}/'}\nevents: {permalink: '/what/{slug}/'}")
    found = built(tmp_path, FILES, settings)
    assert "2026/10/welcome/index.html" in found and "2026/10/welcome/cat.png" in found and "what/walk/event.ics" in found
    assert "posts/welcome/index.html" not in found
    assert "/river/what/walk/#bring" in hrefs(page("about/", found))


# --- lists ---------------------------------------------------------------------------------------------------------


def posts(number: int) -> dict[str, str | bytes | None]:
    return {
        f"content/posts/2026-01-{n:02}-p{n}.md": f"---\ntitle: Post {n}\nauthors: [Anna]\ntags: [t]\ncategories: [News]\n---\nText {n}.\n"
        for n in range(1, number + 1)
    }


@pytest.mark.parametrize("base", ["posts/", "archive/2026/", "tags/t/", "categories/news/", "people/anna/"])
def test_lists_go_on_at_further_pages(tmp_path: Path, base: str) -> None:
    """Five posts at two a page are three pages, each post once, newest first, with links back and forth."""
    found = built(tmp_path, posts(5), TWO)
    titles = []
    for number, path in enumerate((base, f"{base}page/2/", f"{base}page/3/"), 1):
        tree = page(path, found)
        main = tree.xpath("//main")[0]
        titles += [t for t in (str(e.text_content()).strip() for e in main.xpath(".//article//h2 | .//article//h3")) if t.startswith("Post")]
        assert (f"/river/{base}page/{number + 1}/" in hrefs(tree)) == (number < 3)
        assert tree.xpath("//link[@rel='canonical']/@href") == [f"https://example.org/river/{path}"]
    assert titles == [f"Post {n}" for n in (5, 4, 3, 2, 1)]
    assert f"{base}page/4/index.html" not in found and f"{base}page/1/index.html" not in found


def test_a_chapter_with_many_posts_has_a_list_of_them(tmp_path: Path) -> None:
    """Of more than ten posts a chapter shows ten, and `/chapters/<id>/posts/` all of them."""
    files = {name.replace("posts/", "posts/town/"): text for name, text in posts(11).items()}
    found = built(tmp_path, {**FILES, **files}, TWO.replace("per_page: 2", "per_page: 20"))
    listed = page("chapters/town/posts/", found)
    assert {f"/river/posts/p{n}/" for n in range(1, 12)} <= set(hrefs(listed))
    assert "/river/chapters/town/posts/" in hrefs(page("chapters/town/", found))
    assert "/river/posts/p1/" not in hrefs(page("chapters/town/", found))


def test_the_archive_counts_every_post_once() -> None:
    """The years of the archive are those of the posts; the list of posts leads to each."""
    assert "/river/archive/2024/" in hrefs(page("archive/")) and "/river/archive/2026/" in hrefs(page("archive/"))
    assert "/river/archive/2024/" in hrefs(page("posts/"))
    assert "/river/posts/leap/" in hrefs(page("archive/2024/")) and "/river/posts/welcome/" not in hrefs(page("archive/2024/"))


def test_events_upcoming_and_past() -> None:
    """Upcoming lists what is not over, past what is; a series is in both; an event without a day is announced as such."""
    upcoming, past = hrefs(page("events/")), hrefs(page("events/past/2012/"))
    assert {"/river/events/walk/", "/river/events/weekly/", "/river/events/someday/"} <= set(upcoming)
    assert "/river/events/past/" in upcoming and "/river/events/past/2012/" in hrefs(page("events/past/"))
    assert "/river/events/past/" in past and "/river/events/past.ics" not in past
    assert [h for h in upcoming if h == "/river/events/past/"], "the way to past events"
    assert "/river/events/weekly/" in hrefs(page("events/past/2026/")) and "/river/events/weekly/" not in past


@pytest.mark.parametrize("prefix", ["", "es/"])
def test_month_grids(prefix: str) -> None:
    """A month holds each of its days once, whole weeks, each occurrence on its day, and ways to the months beside it."""
    tree = page(f"{prefix}calendar/2026/12/")
    cells = tree.xpath("//td")
    assert len(cells) % 7 == 0 and len(cells) == 7 * len(month_weeks(2026, 12, 0))
    days = [t for t in tree.xpath("//td//time/@datetime") if re.fullmatch(r"2026-12-\d\d", t)]
    assert sorted(set(days)) == [f"2026-12-{d:02}" for d in range(1, 32)]
    told = [c.text_content() for c in cells]
    assert sum("Weekly table" in c for c in told) == 5, "Thursdays of December 2026"
    assert sum("Walk" in c for c in told) == 1
    assert f"/river/{prefix}calendar/2026/11/" in hrefs(tree) and f"/river/{prefix}calendar/2027/01/" in hrefs(tree)


def test_the_calendar_shows_the_month_of_now(tmp_path: Path) -> None:
    """`/calendar/` is this month even when nothing happens in it, and `now` in the site's zone decides which one that is."""
    now = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)  # already September in London
    found = built(tmp_path, {"content/posts/2026-01-01-a.md": "---\ntitle: A\n---\nA.\n"}, now=now)
    assert b"September 2026" in found["calendar/index.html"] and "calendar/2026/09/index.html" in found


def test_events_of_co_organisers_and_people() -> None:
    """A chapter's feeds hold its events, a person's those that the person organises."""
    for scope in ("chapters/north/", "people/anna/"):
        assert any("Weekly table" in i["title"] for i in json.loads(output()[scope + "feed.json"])["items"]), scope
    assert not any("Weekly table" in i["title"] for i in json.loads(output()["people/ben/feed.json"])["items"])


# --- feeds ---------------------------------------------------------------------------------------------------------


def test_a_feed_holds_the_newest_only(tmp_path: Path) -> None:
    """`feeds.items` bounds a feed; the newest stand first."""
    items = json.loads(built(tmp_path, posts(9), TWO)["feed.json"])["items"]
    assert [i["title"] for i in items] == ["Post 9", "Post 8", "Post 7"]


def test_feed_content_is_a_setting(tmp_path: Path) -> None:
    """`feeds.content: summary` leaves the text out; links in full texts are absolute."""
    full = json.loads(output()["feed.json"])["items"]
    assert any('src="https://example.org/river/posts/welcome/cat.png"' in i.get("content_html", "") for i in full)
    short = built(tmp_path, FILES, TWO.replace("items: 3", "content: summary"))["feed.json"]
    assert b"<img" not in short and b"Hello all." in short


def test_comment_feed() -> None:
    """`comments.xml` holds the published comments under their permanent links."""
    tree = etree.fromstring(output()["posts/welcome/comments.xml"])
    assert [e.text for e in tree.findall(".//item/link")] == ["https://example.org/river/posts/welcome/#comment-c1"]
    assert page("posts/welcome/").xpath("//*[@id='comment-c1']")


def test_opml_names_every_feed() -> None:
    """`feeds.opml` holds the feeds of the site, of each chapter and of each category; `/subscribe/` the calendars too."""
    outlines = etree.fromstring(output()["feeds.opml"]).xpath("//outline/@xmlUrl")
    subscribe = hrefs(page("subscribe/"))
    for scope in ("", "chapters/north/", "chapters/town/", "categories/news/"):
        assert f"https://example.org/river/{scope}feed.xml" in outlines
        assert f"/river/{scope}feed.xml" in subscribe
    assert {"webcal://example.org/river/calendar.ics", "webcal://example.org/river/chapters/town/calendar.ics"} <= set(subscribe)


# --- redirects -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["who/index.html", "who.html", "old about/index.html"])
def test_old_addresses_lead_to_the_new_one_as_pages(path: str) -> None:
    """An alias is a page that sends on at once, is not to be indexed, and says where it leads."""
    tree = page(path)
    assert tree.xpath("//meta[@http-equiv='refresh']/@content") == ["0; url=/river/about/"]
    assert tree.xpath("//link[@rel='canonical']/@href") == ["https://example.org/river/about/"]
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_old_addresses_in_the_files_of_hosts() -> None:
    """`_redirects` and `.htaccess` hold each alias with the path of the site."""
    netlify, apache = output()["_redirects"].decode(), output()[".htaccess"].decode()
    assert "/river/who/ /river/about/ 301\n" in netlify and "/river/who.html /river/about/ 301\n" in netlify
    assert 'RedirectMatch 301 "^/river/who/?$" "/river/about/"' in apache and "ErrorDocument 404 /river/404.html" in apache
    assert "/river/old%20about/ /river/about/ 301\n" in netlify and 'RedirectMatch 301 "^/river/old about/?$" "/river/about/"' in apache


@pytest.mark.parametrize(("form", "there"), [("html", "who/index.html"), ("netlify", "_redirects"), ("apache", ".htaccess")])
def test_only_the_forms_that_are_set(tmp_path: Path, form: str, there: str) -> None:
    """`redirects` decides which forms exist."""
    found = built(tmp_path, FILES, TWO.replace("[html, netlify, apache]", f"[{form}]"))
    assert {"who/index.html", "_redirects", ".htaccess"} & set(found) == {there}


@pytest.mark.parametrize("alias", ["/posts/welcome/", "/posts/welcome", "/feed.xml", "/index.html"])
def test_an_old_address_that_is_taken_is_an_error(tmp_path: Path, alias: str) -> None:
    """An alias never hides a page of the site: it is refused, with its file, in whatever form redirects are written."""
    for form in ("html", "netlify"):
        site = write_site(
            tmp_path / form,
            {**FILES, "content/pages/new.md": f"---\ntitle: New\naliases: [{alias}]\n---\nNew.\n"},
            TWO.replace("[html, netlify, apache]", f"[{form}]"),
        )
        result = build_site(site)
        assert not result.ok
        assert any("content/pages/new.md" in m and "taken" in m for m in messages(result)), messages(result)
        assert not (site / "output").exists() or not tree(site / "output")


def test_two_texts_with_one_old_address(tmp_path: Path) -> None:
    """Two texts cannot have the same alias, with or without its final slash."""
    files: dict[str, str | bytes | None] = {
        "content/pages/a.md": "---\ntitle: A\naliases: [/old/]\n---\nA.\n",
        "content/pages/b.md": "---\ntitle: B\naliases: [/Old]\n---\nB.\n",
    }
    for form in ("html", "netlify"):
        result = build_site(write_site(tmp_path / form, files, SETTINGS + f"redirects: [{form}]\n"))
        assert not result.ok and any("taken" in m for m in messages(result)), messages(result)


def test_old_addresses_with_a_query(tmp_path: Path) -> None:
    """`/?p=12` is kept for the hosts that can answer it; a page for it cannot be, and that is no error."""
    files: dict[str, str | bytes | None] = {"content/pages/a.md": "---\ntitle: A\naliases: ['/?p=12', '/index.php?id=3']\n---\nA.\n"}
    found = built(tmp_path, files, SETTINGS + "redirects: [html, netlify, apache]\n")
    assert b"/river/ p=12 /river/a/ 301\n" in found["_redirects"]
    assert b'"^p=12$"' in found[".htaccess"] and b'"^id=3$"' in found[".htaccess"]


# --- for machines --------------------------------------------------------------------------------------------------


def test_the_sitemap_lists_what_is_to_be_found() -> None:
    """Every page but the error page, redirects and what search engines shall leave out is in the sitemap once, with its translations."""
    tree = etree.fromstring(output()["sitemap.xml"])
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    found = tree.xpath("//s:loc/text()", namespaces=space)
    assert len(found) == len(set(found))
    paths = {
        f"https://example.org/river/{name.removesuffix('index.html')}"
        for name, data in output().items()
        if name.endswith("index.html") and b'<meta name="robots" content="noindex">' not in data
    }
    assert set(found) == {p for p in paths if "who" not in p and "old" not in p}
    about = tree.xpath("//s:url[s:loc='https://example.org/river/about/']", namespaces=space)[0]
    assert set(about.xpath("x:link/@href", namespaces=space)) == {"https://example.org/river/about/", "https://example.org/river/es/about/"}


def test_noindex_and_canonical(tmp_path: Path) -> None:
    """A text with `noindex`, or whose home is elsewhere, says so and is not in the sitemap."""
    files: dict[str, str | bytes | None] = {
        "content/pages/hidden.md": "---\ntitle: Hidden\nnoindex: true\n---\nX.\n",
        "content/pages/index.md": "---\ntitle: Home\nnoindex: true\n---\nX.\n",
        "content/pages/copied.md": "---\ntitle: Copied\ncanonical: https://elsewhere.example.net/x\n---\nX.\n",
    }
    found = built(tmp_path, files)
    sitemap = found["sitemap.xml"].decode()
    for path in ("", "hidden/"):
        assert "noindex" in str(page(path, found).xpath("//meta[@name='robots']/@content"))
        assert f"<loc>https://example.org/river/{path}</loc>" not in sitemap
    assert page("copied/", found).xpath("//link[@rel='canonical']/@href") == ["https://elsewhere.example.net/x"]
    assert "copied" not in sitemap


def test_robots_and_own_files_win(tmp_path: Path) -> None:
    """`robots.txt` names the sitemap; one in static/ takes its place."""
    assert b"Sitemap: https://example.org/river/sitemap.xml" in output()["robots.txt"]
    found = built(tmp_path, {"static/robots.txt": "User-agent: *\nDisallow: /\n"})
    assert found["robots.txt"] == b"User-agent: *\nDisallow: /\n"


def test_status_says_when_to_build_again() -> None:
    """`status.json` counts what is there and names the next moment at which the site changes."""
    status = json.loads(output()["status.json"])
    assert (status["posts"], status["events"], status["chapters"], status["comments"]) == (3, 4, 2, 1)
    assert status["outputs"] == len(output())
    assert status["next_change"] == "2026-11-26T19:00:00+00:00", "the end of the next weekly table, 20:00 in Oslo"


def test_status_is_right_about_the_next_change(tmp_path: Path) -> None:
    """A second before `next_change` a build gives the same bytes; at it, others; again and again."""
    site = write_site(tmp_path / "site", FILES, TWO)
    now = NOW
    for _ in range(4):
        result = build_site(site, now)
        assert result.ok and result.next_change is not None
        before = tree(site / "output")
        now = result.next_change
        build_site(site, now - timedelta(seconds=1), clean=True)
        assert tree(site / "output") == before
        assert build_site(site, now).written > 0
        assert tree(site / "output") != before


def test_the_error_page() -> None:
    """`/404.html` works from any address: its links start at the root, and it is not to be indexed."""
    tree = page("404.html")
    assert tree.xpath("//meta[@name='robots']/@content")
    assert all(a.startswith(("/river/", "#", "mailto:", "https://", "webcal:")) for a in hrefs(tree))
    assert page("es/404.html").get("lang") == "es"


def test_nothing_sealed_is_anywhere() -> None:
    """Neither words nor pictures nor tags of drafts and scheduled texts are in any file."""
    for name, data in output().items():
        assert "sealed" not in name.lower() and "secret" not in name, name
        assert b"ealed" not in data, name


# --- sites with little on them -------------------------------------------------------------------------------------


def test_a_site_without_content(tmp_path: Path) -> None:
    """Settings alone make a whole site: empty lists, and feeds and calendars from the first day."""
    found = built(tmp_path, {})
    for path in ("", "posts/", "events/", "events/past/", "calendar/", "chapters/", "categories/", "tags/", "people/", "archive/", "subscribe/"):
        assert page(path, found).xpath("//h1"), path
    assert json.loads(found["feed.json"])["items"] == [] and json.loads(found["events.json"])["events"] == []
    assert icalendar.Calendar.from_ical(found["calendar.ics"]).walk("VEVENT") == []
    for name in ("feed.xml", "atom.xml", "feeds.opml", "sitemap.xml"):
        etree.fromstring(found[name])


def test_a_site_with_one_post(tmp_path: Path) -> None:
    """One post without author, chapter, tag or picture has its page, its place in the lists and in the feeds."""
    found = built(tmp_path, {"content/posts/2026-10-05-hello.md": "---\ntitle: Hello\n---\nHello.\n"})
    for path in ("", "posts/", "archive/2026/"):
        assert "/river/posts/hello/" in hrefs(page(path, found)), path
    assert [i["url"] for i in json.loads(found["feed.json"])["items"]] == ["https://example.org/river/posts/hello/"]


def test_a_text_in_a_language_that_no_edition_has(tmp_path: Path) -> None:
    """It has one page, in the main edition, that says its language."""
    found = built(tmp_path, {**FILES, "content/posts/2026-10-08-bonjour.md": "---\ntitle: Bonjour\nlanguage: fr\n---\nSalut.\n"}, TWO)
    pages = [name for name in found if name.endswith("bonjour/index.html")]
    assert len(pages) == 1
    tree = html.document_fromstring(found[pages[0]].decode())
    assert tree.get("lang") == "fr" or tree.xpath("//*[@lang='fr']")


def test_names_that_need_quoting(tmp_path: Path) -> None:
    """Markup characters in titles and letters of every script in addresses arrive as they are."""
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-05-日本.md": '---\ntitle: "<b>&amp; \\"日本\\""\ntags: ["a/b & c"]\nauthors: ["Zoë <x>"]\n---\nX.\n'
    }
    found = built(tmp_path, files)
    assert "posts/日本/index.html" in found
    assert page("posts/日本/", found).xpath("string(//h1)").strip() == '<b>&amp; "日本"'
    assert json.loads(found["feed.json"])["items"][0]["url"] == "https://example.org/river/posts/%E6%97%A5%E6%9C%AC/"
