"""The preview as a browser sees it: pages that load again by themselves, and an overlay that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.previews import Running, preview
from tests.sites import POST, write_site

pytestmark = pytest.mark.browser

ABOUT = "---\ntitle: About us\n---\n![Our boat](boat.svg)\n\nWe like the river.\n"
BOAT = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="10"><rect width="{0}" height="10"/></svg>'
LONG = POST.replace("Welcome", "Verses") + "".join(f"\n\nLine {n} of many." for n in range(200))

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site below a path."""
    return write_site(
        tmp_path / "site",
        {"content/posts/welcome.md": POST, "content/posts/long.md": LONG, "content/pages/about/index.md": ABOUT, "content/pages/about/boat.svg": BOAT.format(10)},
    )


@pytest.fixture
def running(site: Path) -> Iterator[Running]:
    """A preview of it."""
    with preview(site) as started:
        yield started


def show(page: Page, running: Running, path: str) -> list[str]:
    """Opens an address of the preview and gives the list in which everything lands that the browser complains about."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.goto(f"http://localhost:{running.port}{path}")
    return complaints


def test_a_saved_text_appears(page: Page, running: Running, site: Path) -> None:
    """A save shows in the browser without a key pressed, and again, and the browser has nothing to complain about."""
    complaints = show(page, running, "/river/posts/welcome/")
    for words in ("Good evening", "Good night"):
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", words)})
        expect(page.get_by_text(words)).to_be_visible()
    write_site(site, {"content/posts/welcome.md": POST.replace("title: Welcome", "title: Goodbye")})
    expect(page.get_by_role("heading", name="Goodbye")).to_be_visible()
    assert complaints == []


def test_the_place_on_the_page_stays(page: Page, running: Running, site: Path) -> None:
    """A page that loads again stays where its reader was."""
    show(page, running, "/river/posts/long/")
    page.get_by_text("Line 150 of many.").scroll_into_view_if_needed()
    where = page.evaluate("window.scrollY")
    assert where > 1000
    write_site(site, {"content/posts/long.md": LONG.replace("Line 150 of", "Verse 150 of")})
    expect(page.get_by_text("Verse 150 of many.")).to_be_in_viewport()


def test_an_error_is_shown_over_the_page_until_it_is_mended(page: Page, running: Running, site: Path) -> None:
    """The overlay has file, line, caret and remedy; below it stands the last good page; mended, it goes by itself."""
    complaints = show(page, running, "/river/posts/welcome/")
    write_site(site, {"content/posts/welcome.md": POST.replace("date: 2026-10-05", "date: 2026-13-05")})
    overlay = page.get_by_role("alert", name="What is wrong with the site")
    expect(overlay).to_contain_text("content/posts/welcome.md:3:7")
    expect(overlay).to_contain_text("Did you mean 2026-05-13?")
    expect(overlay.locator("pre").first).to_have_text("    3 | date: 2026-13-05\n      |       ^")
    expect(page.get_by_text("Hello, and")).to_be_visible()
    box, height = overlay.bounding_box(), page.viewport_size
    assert box and height and box["y"] + box["height"] == pytest.approx(height["height"], abs=1)
    overlay.locator("summary").click()
    expect(overlay.locator("pre").first).to_be_hidden()
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
    expect(page.get_by_text("Good evening")).to_be_visible()
    expect(overlay).to_have_count(0)
    assert complaints == []


def test_an_error_meets_who_opens_a_page_and_who_has_no_scripts(chromium: Browser, running: Running, site: Path) -> None:
    """Without JavaScript pages are shown with the overlay in them, its style too."""
    write_site(site, {"content/posts/bad.md": "---\ntitle: Bad\ndate: never\n---\n"})
    running.until(lambda: "bad.md" in running.problems())
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    show(page, running, "/river/")
    overlay = page.locator("#iopsgen-problems")
    expect(overlay).to_contain_text("content/posts/bad.md:3:7")
    expect(overlay).to_have_css("position", "fixed")
    expect(page.get_by_role("link", name="Welcome").first).to_be_visible()
    context.close()


def test_a_broken_template_is_shown_and_mended(page: Page, running: Running, site: Path) -> None:
    """A slip in a template is shown with its place on the page that needs it, and on the others."""
    show(page, running, "/river/about/")
    template = site / "themes/default/templates/page.html"
    write_site(site, {"themes/default/templates/page.html": "<body>{{ page.titel }}</body>"})
    overlay = page.get_by_role("alert", name="What is wrong with the site")
    expect(overlay).to_contain_text("themes/default/templates/page.html:1")
    expect(overlay).to_contain_text('Did you mean "title"?')
    expect(page.get_by_text("We like the river.")).to_be_visible()
    template.write_text("<body>New look: {{ page.title }}</body>")
    expect(page.get_by_text("New look: About us")).to_be_visible()
    expect(overlay).to_have_count(0)


def test_a_picture_and_a_style_are_loaded_again(page: Page, running: Running, site: Path) -> None:
    """A picture that is saved under its old name, and a style, are seen at once."""
    show(page, running, "/river/about/")
    boat = page.get_by_role("img", name="Our boat")
    expect(boat).to_have_js_property("naturalWidth", 10)
    write_site(site, {"content/pages/about/boat.svg": BOAT.format(20)})
    expect(boat).to_have_js_property("naturalWidth", 20)
    write_site(site, {"themes/default/static/style.css": "main { color: rgb(1, 2, 3) }"})
    expect(page.locator("main")).to_have_css("color", "rgb(1, 2, 3)")


def test_the_site_stands_at_its_path(page: Page, running: Running) -> None:
    """From `/` one comes to the site's path, and its links lead on below it."""
    show(page, running, "/")
    expect(page).to_have_url(f"http://localhost:{running.port}/river/")
    page.locator("main").get_by_role("link", name="Welcome").first.click()
    expect(page).to_have_url(f"http://localhost:{running.port}/river/posts/welcome/")


def test_a_name_from_elsewhere_is_refused(page: Page, running: Running) -> None:
    """A page of the web that leads a name of its own to this machine sees nothing of the site."""
    answer = page.goto(f"http://evil.example:{running.port}/river/")
    assert answer and answer.status == 421
    assert "evil.example" in page.content() and "Friends of the river" not in page.content()


def test_more_pages_than_a_browser_has_connections(chromium: Browser, running: Running, site: Path) -> None:
    """Ten pages open in one browser all follow: those in the background when they are looked at."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    pages = [context.new_page() for _ in range(10)]
    for each in pages:
        each.add_init_script("Object.defineProperty(document, 'hidden', {get: () => !window.name, configurable: true})")
        show(each, running, "/river/posts/welcome/")
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
    for each in pages:
        each.evaluate("() => { window.name = 'seen'; document.dispatchEvent(new Event('visibilitychange')) }")
        expect(each.get_by_text("Good evening")).to_be_visible()
        each.evaluate("() => { window.name = ''; document.dispatchEvent(new Event('visibilitychange')) }")
    context.close()


def test_a_preview_that_ends_and_begins_again(page: Page, site: Path) -> None:
    """A page that stayed open while the preview was away catches up when it is back at its port."""
    with preview(site) as first:
        complaints = show(page, first, "/river/posts/welcome/")
        expect(page.get_by_text("Hello, and")).to_be_visible()
        port = first.port
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
    with preview(site, port=port) as second:
        assert second.port == port
        expect(page.get_by_text("Good evening")).to_be_visible()
    assert all("ERR_" in said for said in complaints)
