"""Events in a real browser: the month by keyboard, time that goes on after a build, the reader's own clock, and frames on other sites."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests import needs
from tests.browser.conftest import PATIENCE
from tests.sites import build_site, messages, write_site

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTINGS = """site: {title: River, url: "https://example.org/river/", timezone: Europe/London, contact: hello@example.org}
categories: [News]
"""
FILES: dict[str, str | bytes | None] = {
    "content/venues.yml": "firebox: {name: Firebox café, address: 106 Cromer Street, city: London, geo: [51.5, -0.1], access: [step-free]}\n",
    "content/chapters/london.md": "---\ntitle: London\n---\nWe meet.\n",
    "content/events/soup.md": "---\ntitle: Soup\nstart: 2026-12-05 12:00\nend: 15:00\nchapter: london\nvenue: firebox\ncategories: [News]\n"
    "online: https://meet.example.org/soup\nregister: {url: 'https://r.example.org/', until: 2026-12-01}\n---\nCome.\n",
    "content/events/fair.md": "---\ntitle: Fair\nstart: 2026-12-12\nend: 2026-12-13\ntimezone: Pacific/Auckland\nchapter: london\nvenue: firebox\n"
    "categories: [News]\n---\nCome.\n",
    "content/events/bench.md": "---\ntitle: Bench\nstart: 2026-12-03 18:30\nduration: 2h\nrepeat: weekly, 2 times\nchapter: london\nvenue: firebox\n"
    "categories: [News]\n---\nCome.\n",
}
# Moments after the first date of the series, after the second event, and after all of them, each a minute.
BENCH, SOUP, FAIR = "2026-12-03T20:31:00Z", "2026-12-05T15:01:00Z", "2026-12-13T11:01:00Z"


class _Quiet(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix("/river/"))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site, built on 22 November 2026, before any of its events."""
    folder = write_site(tmp_path_factory.mktemp("events"), FILES, SETTINGS)
    result = build_site(folder)
    assert result.ok, messages(result)
    return folder / "output"


@pytest.fixture(scope="module")
def host(output: Path) -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(output))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/river/"
        server.shutdown()
        thread.join()


def opened(chromium: Browser, now: str = "2026-11-22T12:00:00Z", **options: Any) -> Page:
    """A page whose clock shows a moment of our choice; the reader is in London."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **({"timezone_id": "Europe/London"} | options))
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.clock.install(time=datetime.fromisoformat(now))
    return page


def shown(page: Page, selector: str = "main .event:visible :is(h2, h3)") -> list[str]:
    """The titles of the events that one sees."""
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_the_month_by_keyboard(chromium: Browser, host: str) -> None:
    """Arrow keys go from day to day, Home and End to the ends of a week, Page Up and Down to other months; links stay links."""
    page = opened(chromium, "2026-12-05T08:00:00Z")
    page.goto(host + "calendar/2026/12/")
    grid = page.get_by_role("grid")
    expect(grid).to_have_count(1)
    today = page.locator('[data-day="2026-12-05"]')
    expect(today).to_have_attribute("tabindex", "0")
    today.focus()
    for key, day in (("ArrowRight", 6), ("ArrowDown", 13), ("ArrowLeft", 12), ("ArrowUp", 5), ("Home", 1), ("ArrowLeft", 1), ("End", 6)):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.day") == f"2026-12-{day:02}", key
    assert page.locator('.grid [tabindex="0"]').count() == 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/river/events/soup/"
    page.keyboard.press("PageUp")
    page.wait_for_url("**/calendar/2026/11/")
    expect(page.locator("main .grid").locator("a")).to_have_count(0)
    page.context.close()


def test_the_month_turns_with_the_direction_of_the_language(chromium: Browser, host: str, output: Path) -> None:
    """Where lines run from right to left, the arrow to the left goes to the next day."""
    page = opened(chromium, "2026-12-05T08:00:00Z")
    arabic = (output / "calendar/2026/12/index.html").read_text("utf-8").replace('dir="ltr"', 'dir="rtl"')
    page.route("**/calendar/2026/12/", lambda route: route.fulfill(body=arabic, content_type="text/html"))
    page.goto(host + "calendar/2026/12/")
    page.locator('[data-day="2026-12-05"]').focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.day") == "2026-12-06"
    page.context.close()


def test_a_small_screen_has_the_month_as_a_list(chromium: Browser, host: str) -> None:
    """On a phone the grid gives way to the same events as a list."""
    page = opened(chromium)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(host + "calendar/2026/12/")
    expect(page.locator(".grid")).to_be_hidden()
    assert shown(page) == ["Bench", "Soup", "Bench", "Fair"]
    page.context.close()


@pytest.mark.parametrize("route", ["", "events/", "chapters/london/", "venues/firebox/", "categories/news/", "events/embed/", "chapters/london/embed/"])
def test_what_is_over_leaves_what_is_to_come(chromium: Browser, host: str, route: str) -> None:
    """On every list events go one after the other as they end, whole days with the day where they are; at last the page says that nothing is planned."""
    nothing = "No events are planned at the moment"
    coming = ".events:not([data-past] .events) .event:visible :is(h2, h3), .ticket .event:visible h3, ul.h-feed .event:visible h2"
    for now, titles in ((BENCH, {"Bench", "Soup", "Fair"}), (SOUP, {"Bench", "Fair"}), (FAIR, set())):
        page = opened(chromium, now)
        page.goto(host + route)
        assert set(shown(page, coming)) == titles, now
        assert page.locator("body").get_by_text(nothing).is_visible() == (not titles), now
        if route in ("chapters/london/", "venues/firebox/") and not titles:
            assert set(shown(page, "[data-past] .event:visible h3")) == {"Fair", "Bench", "Soup"}
        page.context.close()


def test_the_date_of_a_series_passes_before_the_series(chromium: Browser, host: str) -> None:
    """A card of a series stays without its date when that is over and others follow."""
    page = opened(chromium, BENCH)
    page.goto(host + "chapters/london/")
    card = page.locator(".event", has_text="Bench")
    expect(card.locator(".event-when")).to_be_hidden()
    expect(card).to_contain_text("Every Thursday")
    page.context.close()


def test_lists_are_whole_without_scripts(chromium: Browser, host: str) -> None:
    """Without JavaScript, and before anything is over, every event is there and no note says otherwise."""
    for scripts in (True, False):
        page = opened(chromium, java_script_enabled=scripts)
        page.goto(host + "events/")
        assert shown(page) == ["Bench", "Soup", "Fair"]
        expect(page.get_by_text("No events are planned")).to_be_hidden()
        page.context.close()


def test_an_event_page_as_time_goes_on(chromium: Browser, host: str) -> None:
    """The button to register goes when registration closes, and all invitations when the event is over; a page left open notices."""
    page = opened(chromium, "2026-12-01T23:59:30Z")
    page.goto(host + "events/soup/")
    register = page.get_by_role("link", name="Register")
    expect(register).to_be_visible()
    expect(page.get_by_text("Registration is closed.")).to_be_hidden()
    page.clock.run_for(90_000)
    expect(register).to_be_hidden()
    expect(page.get_by_text("Registration is closed.")).to_be_visible()
    expect(page.get_by_text("Add to calendar")).to_be_visible()
    page.context.close()
    page = opened(chromium, SOUP)
    page.goto(host + "events/soup/")
    expect(page.get_by_text("This event is over.")).to_be_visible()
    expect(page.get_by_text("Add to calendar")).to_be_hidden()
    page.context.close()


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Europe/London", None), ("Europe/Lisbon", None), ("Europe/Berlin", "13:00 your time"), ("Pacific/Auckland", "Sunday 01:00 your time"), ("Asia/Kolkata", "17:30 your time")],
)
def test_the_readers_own_time(chromium: Browser, host: str, zone: str, said: str | None) -> None:
    """The reader's time stands beside that of the event, with the weekday if that is another, and only where clocks differ."""
    page = opened(chromium, timezone_id=zone)
    page.goto(host + "events/soup/")
    when = page.locator(".poster-when")
    expect(when).to_contain_text("Saturday 5 December 2026, 12:00–15:00 (GMT)")
    own = when.locator(".local")
    assert own.count() == (said is not None)
    if said is not None:
        assert own.inner_text().replace(",", "").strip(" ·") == said
    page.goto(host + "events/fair/")
    assert page.locator(".poster .local").count() == 0
    page.context.close()


def test_a_frame_on_another_site(chromium: Browser, host: str, output: Path) -> None:
    """The lines of /subscribe/ show the events on another page, without scripts; a click leaves the frame."""
    page = opened(chromium, java_script_enabled=False)
    page.goto(host + "subscribe/")
    snippet = page.locator("code", has_text="chapters/london/embed").text_content()
    page.route("http://other.example/**", lambda route: route.fulfill(body=f"<h1>Our own site</h1>{snippet}", content_type="text/html"))

    def answer(route: Route) -> None:
        file = output / route.request.url.removeprefix("https://example.org/river/")
        route.fulfill(path=file / "index.html" if file.is_dir() else file)

    page.route("https://example.org/**", answer)
    page.goto("http://other.example/")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h2")).to_have_text(["Bench", "Soup", "Fair"])
    frame.get_by_role("link", name="Soup").click()
    page.wait_for_url("https://example.org/river/events/soup/")
    page.context.close()


@pytest.mark.parametrize("route", ["venues/", "venues/firebox/", "events/online/", "events/embed/", "events/bench/", "calendar/2026/12/"])
def test_pages_are_for_everybody(chromium: Browser, host: str, route: str) -> None:
    """Nothing scrolls sideways at 320 pixels, and axe finds nothing, small and dark, large and light."""
    axe = needs.file("tests/interop/node_modules/axe-core/axe.min.js", "npm ci --prefix tests/interop").read_text("utf-8")
    page = opened(chromium)
    page.goto(host + route)
    page.evaluate(axe)
    for width, scheme in ((320, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        told = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        assert [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in told["violations"]] == [], (width, scheme)
    page.context.close()
