"""The search in a real browser: by keyboard, by address, with filters, in every script, without scripts, and with texts that mean harm."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_pages import LOOKS, RULES, _Quiet, axe, opened, too_wide, watched
from tests.sites import NOW, build_site, messages, write_site

pytestmark = pytest.mark.browser
__all__ = ["axe"]

HOSTILE = '<img src=x onerror="window.hurt=1"></script><script>window.hurt=1</script>'
SETTINGS = """site:
  title: Friends of the river
  url: https://example.org{path}
  language: en
  timezone: Europe/London
languages: {{en: {{}}, ar: {{title: أصدقاء النهر}}}}
"""
PATH = "/demo/"


def post(title: str, text: str, **keys: str) -> str:
    """The source of a post."""
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in {"title": json.dumps(title, ensure_ascii=False), **keys}.items()) + f"---\n{text}\n"


FILES: dict[str, str | bytes | None] = {
    "content/chapters/uk.md": "---\ntitle: United Kingdom\nkind: branch\n---\nAll of it.\n",
    "content/chapters/london.md": "---\ntitle: London\nparent: uk\n---\nWe mend lamps.\n",
    "content/chapters/oslo.md": "---\ntitle: Oslo\n---\nVi møtes.\n",
    "content/pages/join.md": "---\ntitle: Join us\n---\nBring a lamp.\n",
    "content/events/evening.md": "---\ntitle: Lamp evening\nstart: 2020-01-05 19:00\nchapter: london\n---\nOver.\n",
    "content/events/late.md": "---\ntitle: Lamp evening later\nstart: 2027-01-05 19:00\nchapter: oslo\n---\nStill far.\n",
    "content/events/next.md": "---\ntitle: Lamp evening next\nstart: 2026-12-05 19:00\nstatus: cancelled\nreason: rain\nvenue: {name: The hall, city: Town}\nchapter: london\n---\nSoon.\n",
    "content/posts/2026-01-02-cafe.md": post("Repair café", "Crème brûlée and kettles.", chapter="london"),
    "content/posts/2026-01-03-jp.md": post("日本語の会", "東京で会いましょう。"),
    "content/posts/2026-01-04-bad.md": post(HOSTILE + " nasty", "Nasty " + "`" + HOSTILE + "`", chapter="oslo"),
    "content/posts/2026-01-05-welcome.md": post("Welcome", "Hello."),
    "content/posts/2026-01-05-welcome.ar.md": post("مَرحباً بالجميع", "نلتقي في المدرسة على ضفة النهر."),
    **{f"content/posts/2026-02-{n:02}-many-{n}.md": post(f"Bicycle news {n}", "Wheels.") for n in range(1, 15)},
}  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small site in English and Arabic."""
    site = write_site(tmp_path_factory.mktemp("search"), FILES, SETTINGS.format(path=PATH))
    built = build_site(site)
    assert built.ok, messages(built)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Host, directory=str(site / "output"))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{PATH}"
        server.shutdown()
        thread.join()


class _Host(_Quiet):
    def translate_path(self, path: str) -> str:
        return super(_Quiet, self).translate_path("/" + path.removeprefix(PATH)) if path.startswith(PATH) else "/nowhere"


def looking(chromium: Browser, **options: bool) -> tuple[BrowserContext, Page]:
    """A browser of its own, in which it is as late as when the site was built."""
    context = opened(chromium, **options)
    context.clock.set_fixed_time(NOW)
    return context, context.new_page()


def titles(page: Page) -> list[str]:
    """The titles that are shown, in their order."""
    return page.locator(".found h3 a").all_inner_texts()


def test_by_keyboard(chromium: Browser, host: str) -> None:
    """From home by the link in the header, typed, sent with Enter, and to a result with Tab; the number is said, kinds have headings."""
    context, page = looking(chromium)
    said = watched(page, host)
    page.goto(host)
    page.locator("header").get_by_role("link", name="Search").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("search")).to_be_visible()
    page.get_by_label("Words to look for").focus()
    page.keyboard.type("LAMP")
    expect(page.get_by_role("status")).to_have_text("Texts found: 5")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{host}search/?q=LAMP&kind=&chapter=")
    assert page.locator(".found h2").all_inner_texts() == ["Events 3", "Chapters 1", "Pages 1"]
    expect(page.locator(".found")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".found h3 a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Lamp evening next")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("Texts found: 5")
    expect(page.get_by_label("Words to look for")).to_have_value("LAMP")
    assert [word for word in said if not word.startswith("failed")] == []  # what a page did not wait for when it was left
    context.close()


def test_order_facts_and_marks(chromium: Browser, host: str) -> None:
    """What is to come stands first, the next one before; an event says when, where and that it is off; matches are marked, accents or not."""
    context, page = looking(chromium)
    page.goto(f"{host}search/?q=evening")
    expect(page.get_by_role("status")).to_have_text("Texts found: 3")
    assert titles(page) == ["Lamp evening next", "Lamp evening later", "Lamp evening"]
    first = page.locator(".found li").first
    expect(first).to_contain_text("Cancelled")
    expect(first.locator(".meta")).to_contain_text("5 December 2026 at 19:00 · The hall, Town · London")
    page.goto(f"{host}search/?q=creme+REPAIR")
    expect(page.get_by_role("status")).to_have_text("Texts found: 1")
    assert page.locator("mark").all_inner_texts() == ["Repair", "Crème"]
    page.goto(f"{host}search/?q=lamp+kettles")
    expect(page.get_by_role("status")).to_have_text("No text has all these words. With some of them: 6")
    page.goto(f"{host}search/?q=xylophone")
    expect(page.get_by_role("status")).to_have_text("Nothing found. Try fewer or other words.")
    page.goto(f"{host}search/?q=日本語")
    expect(page.get_by_role("status")).to_have_text("Texts found: 1")
    assert "".join(page.locator("h3 mark").all_inner_texts()) == "日本語"
    page.goto(f"{host}search/?q=京")
    expect(page.get_by_role("status")).to_have_text("Texts found: 1")
    context.close()


def test_filters_and_the_back_button(chromium: Browser, host: str) -> None:
    """Kind and chapter narrow what is shown, a branch holds its chapters; each search is a step back."""
    context, page = looking(chromium)
    page.goto(f"{host}search/?q=lamp")
    page.get_by_label("Look among").select_option("Events")
    expect(page.get_by_role("status")).to_have_text("Texts found: 3")
    page.get_by_label("Which chapter").select_option("United Kingdom")
    expect(page.get_by_role("status")).to_have_text("Texts found: 2")
    assert titles(page) == ["Lamp evening next", "Lamp evening"]
    expect(page).to_have_url(f"{host}search/?q=lamp&kind=events&chapter=uk")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("Texts found: 2")
    page.get_by_label("Words to look for").fill("cafe")
    page.get_by_label("Look among").select_option("Everything")
    page.keyboard.press("Enter")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("Texts found: 1")
    page.goto(f"{host}search/?q=lamp&kind=nonsense&chapter=elsewhere")
    expect(page.get_by_role("status")).to_have_text("Texts found: 5")
    page.get_by_label("Words to look for").fill("bicycle")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("Texts found: 14")
    assert titles(page) == [f"Bicycle news {n}" for n in range(14, 4, -1)]
    page.get_by_role("button", name="Show all 14").press("Enter")
    expect(page.locator(".found li")).to_have_count(14)
    expect(page.get_by_role("link", name="Bicycle news 4")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("Texts found: 5")
    context.close()


def test_without_scripts(chromium: Browser, host: str) -> None:
    """Without scripts there is no form that does nothing, but a sentence and links to all that there is."""
    context, page = looking(chromium, java_script_enabled=False)
    page.goto(f"{host}search/?q=lamp")
    expect(page.locator("main form")).to_be_hidden()
    expect(page.locator("noscript span")).to_contain_text("Searching needs JavaScript.")
    for name in ("Upcoming events", "Past events", "2026", "London"):
        expect(page.locator("main").get_by_role("link", name=name, exact=True).first).to_be_visible()
    context.close()


def test_from_right_to_left(chromium: Browser, host: str) -> None:
    """In Arabic the words are found with and without points, in any spelling of the letters, and the page runs from the right."""
    context, page = looking(chromium)
    for asked, title in {"مرحبا": "مَرحباً بالجميع", "مدرسه": None, "المدرسه على": "مَرحباً بالجميع", "lamp": "Lamp evening next"}.items():
        page.goto(f"{host}ar/search/?q={asked}")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        if title is None:
            expect(page.get_by_role("status")).to_contain_text("لم يُعثر على شيء")
            continue
        expect(page.locator(".found h3 a").first).to_have_text(title)
    for part in (page.locator(".found h3 a").first, page.locator(".found li > p:last-child").first):
        expect(part).to_have_attribute("lang", "en")
        expect(part).to_have_attribute("dir", "auto")
    context.close()


def test_hostile_titles_and_queries(chromium: Browser, host: str) -> None:
    """What is written in titles, or typed, or stands in the address, is shown as text; nothing of it runs."""
    context, page = looking(chromium)
    said = watched(page, host)
    for asked in ("nasty", HOSTILE, "__proto__ constructor toString", "%E0%A4%A", "\u202e\u2028lamp", "@london", "(((((.*", "x" * 5000):
        page.goto(f"{host}search/")
        page.evaluate("asked => { location.search = '?q=' + encodeURIComponent(asked) }", asked)
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("status")).not_to_be_empty()
        assert page.evaluate("window.hurt === undefined && !document.querySelector('main img, main script')"), asked
    page.goto(f"{host}search/?q=nasty")
    expect(page.locator(".found h3 a").first).to_have_text(HOSTILE + " nasty")
    page.goto(f"{host}search/?q=%E0%A4%A&kind=%00&chapter=__proto__")
    page.wait_for_load_state("networkidle")
    assert [word for word in said if word.startswith(("error", "foreign"))] == []
    context.close()


def test_when_files_are_missing(chromium: Browser, host: str) -> None:
    """Where the index cannot be fetched the page says so, and finds again when it can be."""
    context, page = looking(chromium)
    page.route("**/words-*.json", lambda route: route.abort())
    page.goto(f"{host}search/?q=lamp")
    expect(page.get_by_role("status")).to_have_text("The search cannot be loaded now. Try again, or look below.")
    page.unroute("**/words-*.json")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("Texts found: 5")
    context.close()


def test_for_everybody(chromium: Browser, host: str, axe: str) -> None:
    """With results on show axe finds nothing, light and dark, and the page does not scroll sideways."""
    context, page = looking(chromium)
    for path in ("search/?q=lamp", "ar/search/?q=lamp"):
        page.goto(host + path)
        expect(page.locator(".found li").first).to_be_visible()
        page.evaluate(axe)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            assert too_wide(page) == [], (path, width, scheme)
            told = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
            assert [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in told["violations"]] == [], (path, width, scheme)
    context.close()
