"""The pages of the demonstration in a real browser: small and large, light and dark, with and without scripts, and for everybody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import needs
from tests.browser.conftest import PATIENCE
from tests.demonstration import PATH, built_demonstration

pytestmark = pytest.mark.browser

PAGES = {
    "home": "", "posts": "posts/", "post with a discussion": "posts/welcome/", "events": "events/", "past events": "events/past/", "event": "events/welcome/",
    "series": "events/thursday-bench/", "event with a change": "events/monthly-table/", "month": "calendar/2026/11/", "online events": "events/online/", "venues": "venues/", "venue": "venues/tin-lantern/", "chapters": "chapters/", "branch": "chapters/uk/",
    "chapter": "chapters/london/", "categories": "categories/", "category": "categories/mending/", "tags": "tags/", "people": "people/", "archive": "archive/",
    "year": "archive/2026/", "subscribe": "subscribe/", "search": "search/", "search in Spanish": "es/search/", "standing page": "join/", "error page": "404.html", "home in Spanish": "es/",
    "event in Spanish": "es/events/gathering-2027/", "flyer": "events/welcome/flyer/", "flyer of a series": "events/thursday-bench/flyer/",
}  # fmt: skip
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((320, "light"), (320, "dark"), (1280, "light"), (1280, "dark"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class _Quiet(SimpleHTTPRequestHandler):
    """A static host that serves the site at its path, and nothing above it."""

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(PATH)) if path.startswith(PATH) else "/nowhere"

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The address at which the demonstration can be looked at."""
    folder, result = built_demonstration()
    assert result.ok
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder / "output"))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{PATH}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    return needs.file("tests/interop/node_modules/axe-core/axe.min.js", "npm ci --prefix tests/interop").read_text("utf-8")


def watched(page: Page, host: str) -> list[str]:
    """The list in which every message, failed request and request to another host lands."""
    found: list[str] = []
    origin = host.removesuffix(PATH)
    page.on("console", lambda said: found.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda fault: found.append(f"error: {fault}"))
    page.on("requestfailed", lambda asked: found.append(f"failed: {asked.url}"))
    page.on("request", lambda asked: found.append(f"foreign: {asked.url}") if not asked.url.startswith((origin, "data:")) else None)
    page.on("response", lambda got: found.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
    return found


def too_wide(page: Page) -> list[str]:
    """What makes a page scroll sideways: nothing, or the elements that reach beyond the window."""
    found: list[str] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth
            if (document.documentElement.scrollWidth <= width) return []
            return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 40)).concat('the page scrolls sideways')
        }"""
    )
    return found


def opened(chromium: Browser, **options: Any) -> BrowserContext:
    """A browser of its own that moves nothing by itself."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.mark.parametrize("name", PAGES)
def test_page(chromium: Browser, host: str, axe: str, name: str) -> None:
    """In each look the page is quiet, loads from its own host alone and does not scroll sideways; axe finds nothing, small and dark, large and light."""
    context = opened(chromium)
    page = context.new_page()
    found = watched(page, host)
    page.goto(host + PAGES[name])
    expect(page.locator("h1")).to_have_count(1)
    page.evaluate(axe)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert too_wide(page) == [], (width, scheme)
        if (width == 320) == (scheme == "dark"):
            told = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
            wrong = [f"{v['id']}: {v['help']}: {[n['target'] for n in v['nodes']][:3]}" for v in told["violations"]]
            assert wrong == [], (width, scheme, json.dumps(wrong, indent=1))
    assert found == []
    context.close()


def test_the_judges_find_faults(chromium: Browser, host: str, axe: str) -> None:
    """What the tests above look for is found where it is: a picture without words, weak letters, a wide box, a foreign picture."""
    context = opened(chromium)
    page = context.new_page()
    found = watched(page, host)
    page.goto(host)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=https://elsewhere.example/x.png><p id=weak>weak words</p>')"
    )
    page.evaluate(
        "const weak = document.getElementById('weak'); weak.style.color = '#eee'; weak.style.background = '#fff'; weak.style.width = '3000px'"
    )
    page.evaluate(axe)
    told = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert {"image-alt", "color-contrast"} <= {v["id"] for v in told["violations"]}
    assert too_wide(page)
    assert any(said.startswith("foreign: https://elsewhere.example/") for said in found)
    context.close()


def test_pages_without_scripts(chromium: Browser, host: str) -> None:
    """With JavaScript off each page shows all its text, its menu is there, and no control is there that does nothing."""
    contexts = {scripts: opened(chromium, java_script_enabled=scripts) for scripts in (True, False)}
    pages = {scripts: context.new_page() for scripts, context in contexts.items()}
    complaints = {scripts: watched(page, host) for scripts, page in pages.items()}
    for name, path in PAGES.items():
        told = {}
        for scripts, page in pages.items():
            page.goto(host + path)
            assert complaints[scripts] == [], name
            page.evaluate("document.querySelectorAll('.local').forEach(own => own.remove())")  # the reader's own time is what scripts may add
            told[scripts] = page.locator("main").inner_text()
        plain = pages[False]
        for button in plain.locator("button:visible").all():
            assert button.evaluate("e => e.type === 'submit' || e.hasAttribute('popovertarget')"), (name, button.inner_text())
        expect(plain.locator("nav a").first).to_be_visible()
        lines = [line for line in told[True].splitlines() if len(line) > 60]
        assert [line for line in lines if line not in told[False]] == [], name
    for context in contexts.values():
        context.close()


def test_links_lead_on(chromium: Browser, host: str) -> None:
    """From home by the menu to an event, and into the calendar file, by clicks alone."""
    context = opened(chromium, java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(host)
    page.get_by_role("link", name="Events", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("Upcoming events")
    page.get_by_role("link", name="Thursday bench").first.click()
    expect(page.locator("h1")).to_contain_text("Thursday bench")
    ics = page.locator("a[href$='event.ics']").first.get_attribute("href")
    assert ics and context.request.get(host.removesuffix(PATH) + ics).body().startswith(b"BEGIN:VCALENDAR")
    context.close()


def test_keyboard(chromium: Browser, host: str) -> None:
    """The first key press offers the way to the content, and each further one shows where it is."""
    context = opened(chromium)
    page = context.new_page()
    page.goto(host)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    expect(page.locator(":focus")).to_be_in_viewport()
    for _ in range(8):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
    context.close()


def test_the_files_are_there() -> None:
    """Every kind of page that is looked at above exists in the demonstration."""
    folder = built_demonstration()[0] / "output"
    assert [n for n, p in PAGES.items() if not (folder / Path(p) / ("index.html" if not p or p.endswith("/") else "")).exists()] == []
