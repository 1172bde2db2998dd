"""Pictures in a real browser: each screen gets the version that fits it, late where nobody looks yet, upright, and large behind a gallery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE
from tests.photographs import photograph
from tests.previews import preview
from tests.sites import SETTINGS, write_site

pytestmark = pytest.mark.browser

TEXT = "---\ntitle: Walk\ndate: 2026-11-01\nimage: {src: 0.jpg, alt: A lead}\n---\nWords.\n\n![A side](1.jpg \"Before the start | Ada\")\n\n"
TEXT += "\n\n".join(f"A paragraph of words, {'and more of them, ' * 40}to the end." for _ in range(30))
TEXT += "\n\n![One](2.jpg)\n![Two](3.jpg)\n![Three](4.png)\n"
# What of each picture is on the screen: its file, its pixels as the layout has them, whether it is upright.
SEEN = """() => [...document.querySelectorAll('.lead-picture img, .prose img')].map(image => [
    image.complete && image.naturalWidth ? image.currentSrc.split('/').pop() : '', Math.round(image.getBoundingClientRect().width),
    image.getBoundingClientRect().width > image.getBoundingClientRect().height])"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a page with pictures can be looked at, as the preview shows it."""
    folder = "content/posts/walk/"
    files: dict[str, str | bytes | None] = {f"{folder}{n}.jpg": photograph(width=2000, height=1500, seed=n, orientation=6 if n == 1 else 1) for n in range(4)}
    files |= {folder + "index.md": TEXT, folder + "4.png": photograph("PNG", 700, 525, told=False)}
    with preview(write_site(tmp_path_factory.mktemp("pictures"), files, SETTINGS)) as running:
        yield f"http://127.0.0.1:{running.port}/river/posts/walk/"


def opened(context: BrowserContext, address: str) -> Page:
    """The page, when its first pictures are there."""
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("() => [...document.querySelectorAll('.lead-picture img')].every(i => i.complete && i.naturalWidth)")
    return page


@pytest.mark.parametrize(
    ("width", "density", "lead", "side", "gallery"),
    [(390, 1, "0.jpg.480.webp", "1.jpg.480.webp", "2.jpg.480.webp"), (390, 2, "0.jpg.960.webp", "1.jpg.960.webp", "2.jpg.480.webp"), (1280, 1, "0.jpg.960.webp", "1.jpg.960.webp", "2.jpg.480.webp"), (1280, 2, "0.jpg.1600.webp", "1.jpg.1500.webp", "2.jpg.960.webp")],
)  # fmt: skip
def test_each_screen_gets_what_fits(chromium: Browser, address: str, width: int, density: int, lead: str, side: str, gallery: str) -> None:
    """By width and density of the screen the right version is fetched, those further down not before somebody comes near; nothing overflows."""
    context = chromium.new_context(viewport={"width": width, "height": 700}, device_scale_factor=density)
    page = opened(context, address)
    first = page.evaluate(SEEN)
    assert first[0][0] == lead and [name for name, *_ in first[2:]] == ["", "", ""]
    page.locator(".prose > figure img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.prose > figure img').naturalWidth")
    page.locator(".gallery").scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('.gallery img')].every(i => i.complete && i.naturalWidth)")
    seen = page.evaluate(SEEN)
    assert [name for name, *_ in seen[:3]] == [lead, side, gallery]
    assert seen[1][2] is False and all(landscape for _, _, landscape in seen[2:])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len({round(width) for _, width, _ in seen[2:]}) == 1
    assert page.locator("figcaption").inner_text() == "Before the start · Picture: Ada"
    context.close()


def test_a_gallery_leads_to_larger_pictures(page: Page, address: str) -> None:
    """A picture of a gallery is a link, named by what the picture shows, to a version that every program can show."""
    page.goto(address)
    link = page.get_by_role("link", name="Two", exact=True)
    expect(link).to_have_attribute("href", "/river/posts/walk/3.jpg.1600.jpg")
    link.click()
    page.wait_for_url("**/3.jpg.1600.jpg")
    assert page.evaluate("document.images[0].naturalWidth") == 1600


def test_nothing_jumps_when_pictures_come(chromium: Browser, address: str) -> None:
    """The place of every picture is kept free before it is there."""
    context = chromium.new_context(viewport={"width": 800, "height": 700})
    page = opened(context, address)
    before = page.evaluate("document.documentElement.scrollHeight")
    page.locator(".gallery").scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.images].every(i => i.complete)")
    assert page.evaluate("document.documentElement.scrollHeight") == before
    context.close()
