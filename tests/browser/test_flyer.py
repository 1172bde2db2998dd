"""Flyers as Chromium prints them: one page of the right size on each paper, whole, with codes that another program reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

import pypdfium2  # type: ignore[import-untyped,unused-ignore]
import pytest
import zxingcpp  # type: ignore[import-untyped,unused-ignore]
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.sites import SETTINGS, build_site, messages, write_site

pytestmark = pytest.mark.browser

PAPERS = {"a4": (210, 297, 1), "a5": (148, 210, 1), "a6": (210, 297, 4)}  # millimetres, and flyers on a page
MEDIA: tuple[Literal["screen", "print"], ...] = ("screen", "print")
DPI = 200
LONG = "Minutes of the extraordinary general meeting on who takes the minutes, with the Donaudampfschifffahrtselektrizitätenhauptbetriebswerk amendment"
WORDS = "a long evening with a long agenda for which we need soup and stamina and somebody who can write fast " * 4
PLACE = "chapter: town\nvenue: {name: The hall, address: 3 River Lane, city: Town, country: GB}\n"
EVENTS = {
    "picture": f"title: Midwinter lunch\nstart: 2026-12-19 12:00\nend: 16:00\nimage: {{src: /wide.jpg, alt: A table}}\nsummary: One soup.\n{PLACE}",
    "tall": f"title: Gathering\nstart: 2027-05-28\nend: 2027-05-31\nimage: {{src: /tall.jpg, alt: A tree}}\n{PLACE}",
    "plain": f"title: Repair café\nstart: 2026-12-05 10:30\nend: 13:00\nregister: {{price: by donation}}\n{PLACE}",
    "cancelled": f"title: Open-air cinema\nstart: 2026-12-06 20:00\nstatus: cancelled\nreason: High water.\nimage: {{src: /wide.jpg, alt: A table}}\n{PLACE}",
    "series": f"title: Thursday bench\nstart: 2026-10-01 18:00\nend: 20:00\nrepeat: weekly until 2027-06-24\n{PLACE}",
    "someday": "title: Some day\ntime: tba\nonline: https://meet.example.org/x\n",
    "everything": f"title: {LONG}\nstart: 2026-12-19 19:00\nend: 22:00\nwas: 2026-12-12 19:00\nstatus: postponed\nreason: {WORDS}\nsummary: {WORDS}\n"
    f"image: {{src: /wide.jpg, alt: A table}}\nchapter: town\nvenue: {{name: {WORDS[:200]}, address: {WORDS[:200]}, city: Town, country: ES}}\n"
    f"online: https://meet.example.org/x\naccess: [{', '.join(f'some-word-{n}' for n in range(20))}]\nlanguages: [en, ar, es, fr]\n"
    f"register: {{url: 'https://example.org/r', capacity: 40, price: {WORDS[:100]}}}\norganisers: [{', '.join(f'Somebody Withaname {n}' for n in range(9))}]\n",
}
ARABIC = {"picture": "title: غداء منتصف الشتاء\nslug: غداء-منتصف-الشتاء\n", "cancelled": "title: سينما في الهواء الطلق\n"}
FLYERS = {
    **{name: f"events/{name}/" for name in EVENTS},
    "arabic": "ar/events/%D8%BA%D8%AF%D8%A7%D8%A1-%D9%85%D9%86%D8%AA%D8%B5%D9%81-%D8%A7%D9%84%D8%B4%D8%AA%D8%A7%D8%A1/",
    "arabic cancelled": "ar/events/cancelled/",
}
SAID = {"picture": "Midwinter", "cancelled": "Cancelled", "everything": "Postponed", "series": "Every Thursday", "someday": "Date to be announced"}


def photograph(width: int, height: int) -> bytes:
    """A dark picture with a light ring."""
    picture = Image.new("RGB", (width, height), "#1d4a2c")
    ImageDraw.Draw(picture).ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), outline="#ffd84f", width=12)
    found = BytesIO()
    picture.save(found, "JPEG")
    return found.getvalue()


@cache
def output() -> Path:
    """The site with awkward events, built once."""
    files: dict[str, str | bytes | None] = {f"content/events/{name}.md": f"---\n{front}---\nText.\n" for name, front in EVENTS.items()}
    files |= {f"content/events/{name}.ar.md": f"---\n{front}---\nنص.\n" for name, front in ARABIC.items()}
    files |= {"content/chapters/town.md": "---\ntitle: Town\ncountry: GB\ncontact: town@example.org\n---\nThe town.\n"}
    files |= {"static/wide.jpg": photograph(900, 600), "static/tall.jpg": photograph(500, 800)}
    site = write_site(Path(mkdtemp(prefix="iopsgen-printed-")) / "site", files, SETTINGS + "languages: [en, ar]\n")
    result = build_site(site)
    assert result.ok, messages(result)
    return site / "output"


class _Quiet(SimpleHTTPRequestHandler):
    """A static host that serves the site at its path."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/river"))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The address at which the site can be looked at."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(output()))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/river/"
        server.shutdown()
        thread.join()


def printed(page: Page, paper: str) -> pypdfium2.PdfDocument:
    """What comes out for a paper, as a person prints: without the backgrounds that browsers leave out."""
    page.locator(f"#paper-{paper}").check()
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=False))


def grey(document: pypdfium2.PdfDocument) -> Image.Image:
    """The first page as a black and white printer shows it."""
    picture: Image.Image = document[0].render(scale=DPI / 72, grayscale=True).to_pil()
    return picture


@pytest.mark.parametrize("name", FLYERS)
def test_each_paper_has_one_whole_page(page: Page, host: str, name: str) -> None:
    """On A4, A5 and four times on A4: one page of that size, in black and white, whose every code leads to the page of the event."""
    page.goto(f"{host}{FLYERS[name]}flyer/")
    for paper, (width, height, copies) in PAPERS.items():
        document = printed(page, paper)
        assert len(document) == 1, paper
        size = [side / 72 * 25.4 for side in document[0].get_size()]
        assert abs(size[0] - width) < 0.5 and abs(size[1] - height) < 0.5, (paper, size)
        picture = grey(document)
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [f"https://example.org/river/{FLYERS[name]}"] * copies, paper
        words = document[0].get_textpage().get_text_range()
        assert SAID.get(name, "") in words and "Skip to" not in words and "Print" not in words, paper
        if paper != "a6":  # the lines to cut along run to the edge
            edge = round(4 / 25.4 * DPI)  # no printer reaches the last millimetres
            inner = (edge, edge, picture.width - edge, picture.height - edge)
            picture.paste(255, inner)
            assert min(picture.tobytes()) > 250, f"{paper}: something stands at the edge"


@pytest.mark.parametrize("name", FLYERS)
def test_nothing_sticks_out_of_a_flyer(page: Page, host: str, name: str) -> None:
    """On screen and on paper no text reaches beyond its flyer or into another part of it, and the foot is always whole."""
    page.goto(f"{host}{FLYERS[name]}flyer/")
    for media in MEDIA:
        page.emulate_media(media=media)
        for paper in PAPERS:
            page.evaluate(f"document.getElementById('paper-{paper}').checked = true")
            wrong = page.evaluate(
                """() => [...document.querySelectorAll('.flyer')].filter(flyer => flyer.offsetParent).flatMap(flyer => {
                    const box = flyer.getBoundingClientRect()
                    const parts = [...flyer.children].map(part => part.getBoundingClientRect())
                    const foot = flyer.querySelector('.flyer-ways').getBoundingClientRect()
                    return [
                        [flyer.scrollHeight > flyer.clientHeight + 1, 'too high'], [flyer.scrollWidth > flyer.clientWidth + 1, 'too wide'],
                        [parts.some((part, n) => n && part.top < parts[n - 1].bottom - 1), 'parts lie upon each other'],
                        [foot.bottom > box.bottom, 'the foot is cut off'],
                        [[...flyer.querySelectorAll('.flyer-title, .flyer-when, .flyer-address')].some(e => e.scrollWidth > e.clientWidth + 1), 'words are cut'],
                    ].filter(([found]) => found).map(([, what]) => what)
                })"""
            )
            assert wrong == [], (media, paper)


def test_the_paper_is_chosen_without_scripts(chromium: Browser, host: str) -> None:
    """With JavaScript off the papers can be chosen and printed; a button that could do nothing is not there."""
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(host + "events/picture/flyer/")
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    expect(page.locator(".flyer:visible")).to_have_count(1)
    page.get_by_text("Four A6 on A4").click()
    expect(page.locator(".flyer:visible")).to_have_count(4)
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert len(document) == 1 and len(zxingcpp.read_barcodes(grey(document))) == 4
    context.close()


def test_the_button_prints(page: Page, host: str) -> None:
    """The button opens the print dialogue of the browser."""
    page.goto(host + "events/picture/flyer/")
    page.evaluate("window.print = () => { window.asked = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.asked") is True


def test_paper_is_white_in_the_dark(page: Page, host: str) -> None:
    """In dark mode the flyer on the screen is dark on white, and another program reads the code from it."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(host + "events/picture/flyer/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    picture = Image.open(BytesIO(page.locator(".flyers").screenshot())).convert("L")
    assert picture.getpixel((8, 8)) == 255
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["https://example.org/river/events/picture/"]


def test_a_theme_of_ones_own_prints_only_the_flyer(page: Page, host: str) -> None:
    """Whatever a theme puts around its pages, on paper the flyer stands alone."""
    page.goto(host + "events/picture/flyer/")
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<div>A banner <div>of ours</div></div>')")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p>Our sponsors</p>')")
    for rule in ("main { padding: 5rem; max-width: 20rem }", "body { border: 1cm solid }", "body > div { display: flex }", "@page { margin: 3cm }"):
        page.evaluate("rule => document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length)", rule)
    document = printed(page, "a4")
    words = document[0].get_textpage().get_text_range()
    assert len(document) == 1 and "banner" not in words and "sponsors" not in words and "Midwinter" in words
