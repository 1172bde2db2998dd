"""Events on built sites: calendars at every scope, venues, co-hosts, series, months, frames, and what happens as time goes on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest

from iopsgen.build import Options, Prepared, prepare
from iopsgen.outputs import calendars
from iopsgen.store import Store
from iopsgen.views import CalendarView, Shared
from tests.sites import EVENT, NOW, build_site, messages, tree, write_site

BASE = "https://example.org/river/"
SETTINGS = """site: {title: River, url: "https://example.org/river/", timezone: Europe/London, contact: hello@example.org}
languages: [en, es]
categories: [News, Mending]
"""


def front(text: str, body: str = "Come.") -> str:
    return f"---\n{text.strip()}\n---\n{body}\n"


FILES: dict[str, str | bytes | None] = {
    "content/venues.yml": """
firebox: {name: Firebox café, address: 106 Cromer Street, city: London, country: GB, geo: [51.5, -0.1], access: [step-free]}
library: {name: The Old Library, city: London, country: GB, access: [wheelchair]}
unused: {name: Nobody was ever here}
""",
    "content/people.yml": "ada: {name: Ada Teaspoon, chapter: madrid}\n",
    "content/chapters/uk.md": front("title: United Kingdom\nkind: branch\ncountry: GB"),
    "content/chapters/london.md": front("title: London\nparent: uk"),
    "content/chapters/spain.md": front("title: Spain\nkind: branch\ncountry: ES\ntimezone: Europe/Madrid"),
    "content/chapters/madrid.md": front("title: Madrid\nparent: spain"),
    "content/posts/2026-11-01-news.md": front("title: News\ntags: [paper]"),
    "content/events/soup.md": front(
        """title: Soup
start: 2026-12-05 12:00
end: 15:00
chapter: london
organisers: [london, madrid, ada]
venue: firebox
online: https://meet.example.org/soup
categories: [News]
tags: [food]
publish: 2026-11-01"""
    ),
    "content/events/bench.md": front(
        """title: Bench
start: 2026-10-01 18:30
duration: 2h
repeat: weekly, except 2026-12-24, 2026-12-31, pause 2027-02-01 to 2027-02-28, also 2026-12-22
chapter: london
venue: firebox
categories: [Mending]
changes:
  2026-11-26: {start: 2026-11-27 19:00, venue: library, note: The room is taken}
  2026-12-03: cancelled
  2026-12-10: {title: Winter bench, online: "https://meet.example.org/winter"}"""
    ),
    "content/events/fair.md": front("title: Fair\nstart: 2026-12-12\nend: 2026-12-13\nchapter: madrid\ntags: [Food]"),
    "content/events/garden.md": front("title: Garden\nstart: 2026-11-05 10:00\nend: 12:00\nvenue: {name: The garden, city: York}"),
    "content/events/someday.md": front("title: Some day\ntime: tba\nchapter: madrid\nvenue: library"),
}


@cache
def built() -> dict[str, bytes]:
    """Every file of the site above."""
    with TemporaryDirectory() as folder:
        result = build_site(write_site(Path(folder), FILES, SETTINGS))
        assert result.ok, messages(result)
        return tree(Path(folder) / "output")


def page(route: str) -> Any:
    """A page as a browser sees it."""
    name = f"{route.strip('/')}/index.html".lstrip("/")
    return html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False).parse(built()[name].decode()).getroot()


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def names_in(calendar: str) -> set[str]:
    """The summaries of a calendar without what stands before them."""
    return {m.split(": ")[-1] for m in re.findall(r"SUMMARY:(.*)\r", built()[calendar].decode())}


def section(route: str, name: str) -> list[str]:
    """The titles of the cards in a part of a page."""
    return [words(e) for e in page(route).xpath(f'//section[@aria-labelledby="{name}"]//article//*[contains(@class, "p-name")]')]


def build_again(folder: Path, files: dict[str, str | bytes | None], settings: str = SETTINGS, now: datetime = NOW) -> dict[str, bytes]:
    """Another site, built."""
    result = build_site(write_site(folder, files, settings), now)
    assert result.ok, messages(result)
    return tree(folder / "output")


# --- calendars ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "titles"),
    [
        ("", {"Soup", "Bench", "Winter bench", "Fair", "Garden"}),
        ("categories/news/", {"Soup"}),
        ("categories/mending/", {"Bench", "Winter bench"}),
        ("tags/food/", {"Soup", "Fair"}),
        ("venues/firebox/", {"Soup", "Bench", "Winter bench"}),
        ("venues/library/", {"Bench", "Winter bench"}),
        ("events/online/", {"Soup", "Bench", "Winter bench"}),
        ("chapters/london/", {"Soup", "Bench", "Winter bench"}),
        ("chapters/uk/", {"Soup", "Bench", "Winter bench"}),
        ("chapters/madrid/", {"Soup", "Fair"}),
        ("chapters/spain/", {"Soup", "Fair"}),
    ],
)
def test_every_scope_has_a_calendar(scope: str, titles: set[str]) -> None:
    """A scope's calendar and `events.json` hold its events; its page links the calendar for programs to find."""
    for prefix in ("",) if scope.startswith("chapters") else ("", "es/"):
        assert names_in(f"{prefix}{scope}calendar.ics") == titles
        value = json.loads(built()[f"{prefix}{scope}events.json"])
        assert {e["title"] for e in value["events"]} == titles and value["url"] == BASE + prefix + scope
        links = page(prefix + scope).xpath('//head/link[@type="text/calendar"]/@href')
        assert links[0] == f"/river/{prefix}{scope}calendar.ics"


def test_tags_without_events_have_no_calendar() -> None:
    """The page of a tag that no event has offers none; that of a venue without events is not there at all."""
    assert "tags/paper/index.html" in built() and "tags/paper/calendar.ics" not in built()
    assert not page("tags/paper").xpath('//main//a[@type="text/calendar"]')
    assert not [name for name in built() if "unused" in name]


def test_a_calendar_that_was_published_stays(tmp_path: Path) -> None:
    """A tag keeps its calendar when the last event has lost it, and so does a venue; only a line in the settings ends that."""
    build_again(tmp_path, FILES)
    gone = {"content/events/soup.md": None, "content/events/fair.md": None, "content/events/bench.md": None, "content/events/someday.md": None}
    files = build_again(tmp_path, {**gone, "content/posts/2026-11-02-more.md": front("title: More\ntags: [food]")})
    for scope in ("tags/food/", "venues/firebox/"):
        assert b"BEGIN:VCALENDAR" in files[f"{scope}calendar.ics"] and b"BEGIN:VEVENT" not in files[f"{scope}calendar.ics"]
        assert f"{scope}index.html" in files


def test_subscribe_lists_the_calendars() -> None:
    """Categories, venues and what is online stand on /subscribe/ with their calendars."""
    listed = set(page("subscribe").xpath("//main//code/text()"))
    scopes = ("", "chapters/london/", "categories/mending/", "venues/firebox/", "venues/library/", "events/online/")
    assert {f"{BASE}{scope}calendar.ics" for scope in scopes} <= listed
    assert b"calendar.ics" not in built()["feeds.opml"]


def test_an_event_is_serialised_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many calendars hold an event, it is put into iCalendar once, and encoded once to compare them."""
    made: list[str] = []
    serialise = calendars._serialise
    monkeypatch.setattr(calendars, "_serialise", lambda entry: made.append(entry.uid) or serialise(entry))  # type: ignore[func-returns-value]
    monkeypatch.setattr(calendars, "_written", {})
    files = build_again(tmp_path, FILES)
    assert len(made) == len(set(made)) == 4
    assert sum(b"SUMMARY:Soup\r\n" in data for name, data in files.items() if name.endswith(".ics")) == 15
    prepared, _ = prepare(tmp_path, Options(now=NOW), Store(tmp_path / ".iopsgen" / "cache.sqlite"), 0)
    assert isinstance(prepared, Prepared)
    views = [o.view for o in prepared.plan.outputs if isinstance(o.view, CalendarView)]
    entries = [entry for view in views for entry in view.entries if isinstance(entry, Shared) and entry.view.summary == "Soup"]
    assert len(entries) == 15 and len({id(entry) for entry in entries}) == 1


# --- venues ------------------------------------------------------------------------------------------------------------


def test_a_venue_shows_what_takes_place_there() -> None:
    """Each venue shows its events at their next date there, those without a day last, and what is over; places inline have no page."""
    assert section("venues/firebox", "events") == ["Soup", "Winter bench"]
    assert section("venues/library", "events") == ["Bench", "Some day"]
    assert "Friday 27 November 2026, 19:00–21:00 (GMT)" in words(page("venues/library"))
    assert {words(e) for e in page("venues").xpath("//main//h2")} == {"Firebox café", "The Old Library"}
    assert not [name for name in built() if "garden" in name and name.startswith("venues")]


def test_everything_leads_to_the_venue() -> None:
    """The page of an event, its card in lists and its dates elsewhere link the venue's page, in the language of the reader."""
    assert page("events/soup").xpath('//dl[@class="facts"]//a[contains(@class, "p-name")]/@href') == ["/river/venues/firebox/"]
    assert page("events/bench").xpath('//dl[@class="facts"]//a[contains(@class, "p-name")]/@href') == ["/river/venues/library/"]
    assert "/river/venues/library/" in page("events/bench").xpath('//ul[@class="dates"]//a/@href')
    assert "/river/venues/firebox/" in page("events").xpath('//p[contains(@class, "event-where")]/a/@href')
    assert "/river/es/venues/firebox/" in page("es/events").xpath('//p[contains(@class, "event-where")]/a/@href')
    place = json.loads(page("venues/firebox").xpath('//script[@type="application/ld+json"]/text()')[0])[0]
    assert (place["@type"], place["name"], place["geo"]["latitude"]) == ("Place", "Firebox café", 51.5)


def test_the_menu_leads_to_venues_in_the_language_of_the_reader(tmp_path: Path) -> None:
    """An entry of the menu for all languages leads to each edition's own list of venues, and of what is online."""
    settings = SETTINGS + "menu: [{title: Where, url: /venues/}, {title: Online, url: /events/online/}]\n"
    files = build_again(tmp_path, FILES, settings)
    for prefix in ("", "es/"):
        menu = files[f"{prefix}index.html"].decode().split('class="menu"')[1].split("</nav>")[0]
        assert re.findall(r'href="([^"]*)"', menu) == [f"/river/{prefix}venues/", f"/river/{prefix}events/online/"]


def test_any_id_of_a_venue_makes_an_address(tmp_path: Path) -> None:
    """Two ids that come to the same address get one each; letters of every script stay."""
    names = ["The Hall", "the-hall", "カフェ"]
    files: dict[str, str | bytes | None] = {"content/venues.yml": "".join(f"{json.dumps(n)}: {{name: N{i}}}\n" for i, n in enumerate(names))}
    for i, name in enumerate(names):
        files[f"content/events/e{i}.md"] = front(f"title: E{i}\nstart: 2026-12-0{i + 1} 19:00\nvenue: {json.dumps(name)}")
    made = {name for name in build_again(tmp_path, files) if name.startswith("venues/") and name.endswith("index.html")}
    assert made == {f"venues/{slug}index.html" for slug in ("", "the-hall/", "the-hall-2/", "カフェ/")}


# --- co-hosts ----------------------------------------------------------------------------------------------------------


def test_what_several_organise_is_with_all_of_them() -> None:
    """An event is on the page, in the calendar and in the feed of each chapter and person that organises it, and its page names them."""
    for chapter in ("london", "madrid", "uk", "spain"):
        assert "Soup" in section(f"chapters/{chapter}", "events")
        assert b"Soup" in built()[f"chapters/{chapter}/feed.xml"]
    assert "Soup" in section("people/ada", "events") and b"Soup" in built()["people/ada/atom.xml"]
    organised = page("events/soup").xpath('//section[@aria-labelledby="organisers"]//a[contains(@class, "p-organizer")]')
    assert [words(e) for e in organised] == ["London", "Madrid", "Ada Teaspoon"]
    ld = json.loads(page("events/soup").xpath('//script[@type="application/ld+json"]/text()')[0])[0]
    assert [(o["@type"], o["name"]) for o in ld["organizer"]] == [("Organization", "London"), ("Organization", "Madrid"), ("Person", "Ada Teaspoon")]
    card = page("events").xpath('//article[.//a[text()="Soup"]]')[0]
    assert [words(e) for e in card.xpath('.//p[@class="meta"]/a')] == ["London", "Madrid"]
    cards = page("chapters").xpath('//article[.//a[text()="Madrid"]]')
    assert "Soup" in words(cards[0])


def test_a_chapter_shows_what_has_no_day_yet() -> None:
    """An event whose day is unknown stands on its chapter's page, after those that have one."""
    assert section("chapters/madrid", "events") == ["Soup", "Fair", "Some day"]


# --- series ------------------------------------------------------------------------------------------------------------


def test_exceptions_are_said_in_words(tmp_path: Path) -> None:
    """Beside the rule stand the dates left out, pauses and added dates that are still to come, in the language of the page."""
    said = next(words(e.find("dd")) for e in page("events/bench").xpath('//dl[@class="facts"]/div') if "Repeats" in words(e.find("dt")))
    assert said == (
        "Every Thursday · except 24 December 2026 and 31 December 2026 · with a pause from 1 February 2027 to 28 February 2027 · also on 22 December 2026"
    )
    files = build_again(tmp_path, FILES, SETTINGS.replace("languages: [en, es]", "languages: [de]").replace("site: {", "site: {language: de, "))
    text = re.sub(r"<[^>]+>", "", files["events/bench/index.html"].decode())
    assert "Jeden Donnerstag · außer am 24. Dezember 2026 und 31. Dezember 2026 · mit einer Pause vom 1. Februar 2027 bis 28. Februar 2027" in text


@pytest.mark.parametrize(
    ("repeat", "now", "said"),
    [
        ("weekly, except 2026-11-23", "2026-11-22", "except 23 November 2026"),
        ("weekly, except 2026-11-16", "2026-11-22", "except 16 November 2026"),  # nothing is over since
        ("weekly, except 2026-11-16", "2026-11-24", ""),
        ("weekly, pause 2026-11-10 to 2026-12-10", "2026-11-22", "with a pause from 10 November 2026 to 10 December 2026"),
        ("weekly, except 2026-11-24", "2026-11-22", ""),  # not one of its dates
        ("weekly until 2026-11-23", "2026-12-01", ""),
        ("weekly, except " + ", ".join(f"2027-{m:02}-{d:02}" for m, d in [(1, 4), (1, 11), (1, 18), (1, 25), (2, 1), (2, 8), (2, 15), (2, 22)]), "2026-11-22",
         "except 4 January 2027, 11 January 2027, 18 January 2027, 25 January 2027, 1 February 2027, 8 February 2027 and 2 more dates"),
    ],
)  # fmt: skip
def test_only_exceptions_that_matter_are_said(tmp_path: Path, repeat: str, now: str, said: str) -> None:
    """What lies before the last date that is over, or changes nothing, is not said; a long list is cut short."""
    event = front(f"title: Table\nstart: 2026-11-02 19:00\nrepeat: {repeat}")
    files = build_again(tmp_path, {"content/events/table.md": event}, now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    found = re.search(r"<dd>Every Monday[^<·]*(.*?)</dd>", files["events/table/index.html"].decode())
    assert found and re.sub(r"<[^>]+>", "", found[1]).strip(" ·") == said


def test_structured_data_of_a_series() -> None:
    """Each date is an event with its own place, address to join, status and former start; a date elsewhere changes no other."""
    graph = json.loads(page("events/bench").xpath('//script[@type="application/ld+json"]/text()')[0])[0]["@graph"]
    moved, cancelled, renamed, plain = graph[1:5]
    assert (moved["location"]["name"], moved["startDate"], moved["previousStartDate"]) == (
        "The Old Library", "2026-11-27T19:00:00+00:00", "2026-11-26T18:30:00+00:00",
    )  # fmt: skip
    assert moved["eventStatus"] == "https://schema.org/EventRescheduled"
    assert (cancelled["eventStatus"], cancelled["location"]["name"]) == ("https://schema.org/EventCancelled", "Firebox café")
    assert renamed["name"] == "Winter bench" and renamed["location"][1]["url"] == "https://meet.example.org/winter"
    assert renamed["eventAttendanceMode"].endswith("/MixedEventAttendanceMode")
    assert (plain["location"]["name"], plain["name"]) == ("Firebox café", "Bench")


@pytest.mark.parametrize(
    ("lines", "status", "more"),
    [
        ("status: cancelled\nreason: Snow", "EventCancelled", {"previousStartDate": None}),
        ("status: postponed", "EventPostponed", {}),
        ("was: 2026-11-30 19:00", "EventRescheduled", {"previousStartDate": "2026-11-30T19:00:00+00:00"}),
        ("status: moved-online\nvenue: {name: Hall}", "EventMovedOnline", {"location": {"@type": "VirtualLocation", "url": f"{BASE}events/e/"}}),
        (
            "status: moved-online\nonline: https://meet.example.org/e",
            "EventMovedOnline",
            {"location": {"@type": "VirtualLocation", "url": "https://meet.example.org/e"}},
        ),
        ("time: tba", "EventScheduled", {"startDate": "2026-12-07"}),
    ],
)
def test_structured_data_of_an_event_that_changed(tmp_path: Path, lines: str, status: str, more: dict[str, object]) -> None:
    """What became of an event is said in schema.org's words: its status, its former start, and where it is now."""
    start = "2026-12-07" if "tba" in lines else "2026-12-07 19:00"
    html = build_again(tmp_path, {"content/events/e.md": front(f"title: E\nstart: {start}\n{lines}")})["events/e/index.html"].decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    ld = json.loads(found[1])[0]
    assert ld["eventStatus"] == f"https://schema.org/{status}" and {key: ld.get(key) for key in more} == more


def test_dates_that_somebody_listed_are_all_in_the_list(tmp_path: Path) -> None:
    """What a rule repeats stands once in a month; each date that somebody wrote stands there by itself."""
    event = front("title: Evenings\ndates: [2026-12-01 19:00, 2026-12-15 19:00]\nduration: 2h")
    files = build_again(tmp_path, {"content/events/evenings.md": event, "content/events/week.md": front("title: Week\nstart: 2026-12-03 19:00\nrepeat: weekly")})
    december = files["events/index.html"].decode().split('id="m1"')[1].split("<section")[0]
    assert december.count(">Evenings</a>") == 2 and december.count(">Week</a>") == 1


# --- months ------------------------------------------------------------------------------------------------------------


def test_a_series_that_began_centuries_ago_makes_few_pages(tmp_path: Path) -> None:
    """The dates of a rule make pages ten years back; an older month that another event makes shows them, too, and months lead on."""
    files = build_again(
        tmp_path,
        {
            "content/events/bells.md": front("title: Bells\nstart: 1583-01-02 10:00\nrepeat: weekly"),
            "content/events/fire.md": front("title: Fire\nstart: 1666-09-12 01:00"),
        },
    )
    months = sorted(name for name in files if re.fullmatch(r"calendar/\d+/\d+/index.html", name))
    years = [name for name in files if re.fullmatch(r"events/past/\d+/index.html", name)]
    assert len(months) == 1 + 11 * 12 + 17 and len(years) == 1 + 11
    assert months[:2] == ["calendar/1666/09/index.html", "calendar/2016/01/index.html"]
    fire = files["calendar/1666/09/index.html"].decode()
    of_1666 = files["events/past/1666/index.html"].decode()
    assert set(re.findall(r"/river/calendar/(\d+/\d+)/", of_1666)) == {"1666/09"} and of_1666.count(">Bells</a>") == 1
    assert fire.count(">Fire") and fire.count(" Bells") and 'href="/river/calendar/2016/01/" rel="next"' in fire
    assert 'href="/river/calendar/1666/09/" rel="prev"' in files["calendar/2016/01/index.html"].decode()


def test_months_know_their_neighbours() -> None:
    """Each month leads to the nearest ones with events, the present month marked; days with events are plain links."""
    month = page("calendar/2026/11")
    assert [e.get("href") for e in month.xpath('//main//a[@rel="prev" or @rel="next"]')] == ["/river/calendar/2026/10/", "/river/calendar/2026/12/"]
    december = page("calendar/2026/12")
    assert december.xpath('//main//a[text()="This month"]/@href') == ["/river/calendar/"] and not month.xpath('//main//a[text()="This month"]')
    moved = page("calendar/2026/11").xpath('//td[@data-day="2026-11-27"]//a')[0]
    assert "Moved" in words(moved) and "Other place" in words(moved) and moved.get("href") == "/river/events/bench/"


# --- time goes on ------------------------------------------------------------------------------------------------------


def test_cards_carry_the_moment_at_which_they_are_over(tmp_path: Path) -> None:
    """An end, else the end of the day; whole days end with the day where the event takes place; a series after its last date."""
    files: dict[str, str | bytes | None] = {
        "content/events/end.md": front("title: End\nstart: 2026-12-01 19:00\nend: 21:00"),
        "content/events/open.md": front("title: Open\nstart: 2026-12-02 19:00"),
        "content/events/day.md": front("title: Day\nstart: 2026-12-03\nend: 2026-12-04\ntimezone: Pacific/Auckland"),
        "content/events/row.md": front("title: Row\nstart: 2026-12-05 19:00\nduration: 1h\nrepeat: weekly, 3 times"),
        "content/events/some.md": front("title: Some\ntime: tba"),
    }
    home = build_again(tmp_path, files)["index.html"].decode()
    found = dict(re.findall(r'<article class="event h-event"(?: data-end="([^"]+)")?>.*?class="u-url"[^>]*>(\w+)<', home, re.DOTALL))
    assert {name: end for end, name in found.items()} == {
        "End": "2026-12-01T21:00:00+00:00",
        "Open": "2026-12-03T00:00:00+00:00",
        "Day": "2026-12-05T00:00:00+13:00",
        "Row": "2026-12-19T20:00:00+00:00",
    }


def test_the_site_changes_when_registration_closes(tmp_path: Path) -> None:
    """A last day lasts until its end where the event is; the build after that shows registration as closed, and the one before says when."""
    event = front('title: Course\nstart: 2026-12-20 10:00\ntimezone: America/Toronto\nregister: {url: "https://r.example.org/", until: 2026-12-01}')
    folder = write_site(tmp_path, {"content/events/course.md": event}, SETTINGS)
    closes = datetime(2026, 12, 2, 5, tzinfo=UTC)
    before = build_site(folder, closes - timedelta(minutes=1))
    assert before.next_change == closes
    assert 'href="https://r.example.org/"' in (folder / "output/events/course/index.html").read_text()
    assert build_site(folder, closes).ok
    shut = (folder / "output/events/course/index.html").read_text()
    assert 'href="https://r.example.org/"' not in shut and "Registration is closed." in shut
    assert '"availability":"https://schema.org/OutOfStock"' in shut and '"availabilityEnds":"2026-12-01"' in shut


# --- frames ------------------------------------------------------------------------------------------------------------


def test_pages_for_frames_are_there_and_not_found_by_search(tmp_path: Path) -> None:
    """The site and each chapter have one, small and whole; none is in the sitemap, and /subscribe/ gives the lines to copy."""
    for route, events in (("events/embed", 3), ("chapters/madrid/embed", 2), ("chapters/spain/embed", 2)):
        root = page(route)
        assert len(root.xpath("//li")) == min(6, events) and all(e.get("target") == "_top" for e in root.iter("a"))
        assert len(built()[f"{route}/index.html"]) < 6_000 and root.xpath('//meta[@name="robots"]/@content') == ["noindex"]
    assert page("chapters/madrid/embed").xpath('//link[@rel="canonical"]/@href') == [f"{BASE}chapters/madrid/"]
    assert b"embed" not in built()["sitemap.xml"]
    snippets = [e for e in page("subscribe").xpath("//code/text()") if e.startswith("<iframe")]
    frames = [html5lib.parseFragment(s, namespaceHTMLElements=False)[0] for s in snippets]
    assert {f.get("src") for f in frames} == {f"{BASE}{r}/embed/" for r in ("events", *(f"chapters/{c}" for c in ("uk", "london", "spain", "madrid")))}
    assert all(f.get("title") for f in frames)


# --- links into calendars ----------------------------------------------------------------------------------------------


def test_ways_into_a_calendar() -> None:
    """Whole days have no zone and end on the day after; a series with exceptions is added at its next date; spaces are %20."""

    def ways(route: str) -> dict[str, dict[str, str]]:
        links = page(route).xpath('//details[contains(@class, "drop")]//a/@href')
        assert links[0].endswith("/event.ics") and not any("+" in urlsplit(link).query for link in links)
        return {urlsplit(link).netloc: {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()} for link in links}

    fair, bench = ways("events/fair"), ways("events/bench")
    assert fair["calendar.google.com"]["dates"] == "20261212/20261214" and "ctz" not in fair["calendar.google.com"]
    assert (fair["outlook.live.com"]["startdt"], fair["outlook.live.com"]["enddt"], fair["outlook.live.com"]["allday"]) == ("2026-12-12", "2026-12-14", "true")
    assert bench["calendar.google.com"]["dates"] == "20261127T190000/20261127T210000" and "recur" not in bench["calendar.google.com"]
    assert bench["outlook.office.com"]["startdt"] == "2026-11-27T19:00:00Z"


def test_the_home_page_invites_to_what_takes_place(tmp_path: Path) -> None:
    """The event in front is the next one that is neither cancelled nor postponed."""
    files = {
        "content/events/off.md": EVENT.replace("title: Picnic", "title: Off\nstatus: postponed\nreason: rain").replace("12-05", "12-01"),
        "content/events/on.md": EVENT.replace("Picnic", "On"),
    }
    site = write_site(tmp_path, files)
    assert build_site(site).ok
    page = (site / "output/index.html").read_text("utf-8")
    assert 0 < page.index("Meet us next") < page.index(">On<") < page.index(">Off<")
