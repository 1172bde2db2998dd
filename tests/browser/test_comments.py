"""Comments in a real browser: nothing that a stranger wrote runs, the form works without scripts, and long discussions can be read."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from iopsgen.receiver.alone import open_server
from tests import needs, xss
from tests.browser.conftest import PATIENCE
from tests.sites import POST, build_site, write_site

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
INBOX = "comments/inbox.jsonl"
WELCOME = "content/posts/2026-10-05-welcome.md"
ALLOWED = "p br a em strong b i del s code pre blockquote ul ol li".split()

# What a program that got in would do is noticed: it calls __hit, opens a dialog, or asks for something elsewhere.
_WATCH = "window.__hits = []; window.__hit = () => { window.__hits.push(new Error().stack) }; window.alert = window.__hit"


class _Quiet(SimpleHTTPRequestHandler):
    """A static host, below no path."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


def settings(port: int = 0, form: str = "") -> str:
    return f'site: {{title: Friends, url: "http://127.0.0.1:{port}/", contact: hello@example.org}}\n{form}'


def line(number: int, body: str, **more: object) -> dict[str, object]:
    received = datetime(2026, 10, 5, 12, tzinfo=UTC) + timedelta(minutes=number)
    return {"id": f"c{number:05}", "page": "/posts/welcome/", "received": received.isoformat(), "body": body, **more}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder for a site, and the address at which its output is served."""
    site = tmp_path / "site"
    (site / "output").mkdir(parents=True)

    class Here(_Quiet):
        def translate_path(self, path: str) -> str:  # the folder is swapped by each build: look it up again
            self.directory = str(site / "output")
            return super().translate_path(path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Here, directory=str(site / "output"))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield site, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def opened(chromium: Browser, **options: Any) -> BrowserContext:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context


def watched(page: Page, host: str) -> list[str]:
    """The list in which dialogs, failures of the page and requests to other hosts land."""
    found: list[str] = []
    page.add_init_script(_WATCH)
    page.on("dialog", lambda dialog: (found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda asked: found.append(f"foreign: {asked.url}") if not asked.url.startswith((host, "data:")) else None)
    page.on("popup", lambda other: found.append(f"popup: {other.url}"))
    page.on("frameattached", lambda frame: found.append(f"frame: {frame.url}"))
    return found


# --- nothing runs ------------------------------------------------------------------------------------------------------


def hostile_inbox() -> str:
    """Every vector as a comment, in Markdown and as the HTML of an importer; names and addresses likewise."""
    naughty = json.loads(needs.file("tests/interop/node_modules/big-list-of-naughty-strings/blns.json", "npm ci --prefix tests/interop").read_text("utf-8"))
    every = [*xss.vectors(), *naughty]
    bodies = [(body, form) for form in ("markdown", "html") for body in (*every, "\n\n".join(every[:200]), " ".join(every[200:400]))]
    names, addresses = [*xss.names(), *naughty[:200]], [*xss.addresses()]
    lines = []
    for number, (body, form) in enumerate(bodies):
        name = names[number % len(names)][:200]
        more = {"name": name, "url": addresses[number % len(addresses)], "format": form, "language": name[:20]}
        lines.append(line(number, body, **more, **({"source": {"system": name}} if form == "html" else {})))
    return "".join(json.dumps(one) + "\n" for one in lines)


def test_nothing_that_a_stranger_wrote_runs(chromium: Browser, host: tuple[Path, str]) -> None:
    """More than two thousand comments made to run a program, on one page whose content policy is switched off: none does, whatever one does there."""
    site, address = host
    write_site(site, {WELCOME: POST, INBOX: hostile_inbox()}, settings(int(address.rstrip("/").rpartition(":")[2]), 'comments: {form: {action: "/x"}}\n'))
    result = build_site(site, NOW)
    assert result.ok and result.comments.published > 2400, result.comments
    context = opened(chromium, bypass_csp=True)
    page = context.new_page()
    found = watched(page, address)
    page.goto(address + "posts/welcome/")
    expect(page.locator("article.comment")).to_have_count(result.comments.published)
    tags, attributes, schemes = page.evaluate(
        """() => {
            const tags = new Set(), attributes = new Set(), schemes = new Set()
            for (const e of document.querySelectorAll('.comment .e-content *')) {
                tags.add(e.localName)
                for (const a of e.attributes) attributes.add(e.localName + ' ' + a.name)
            }
            for (const a of document.querySelectorAll('.comment a[href]')) schemes.add(a.protocol)
            return [[...tags], [...attributes], [...schemes]]
        }"""
    )
    assert set(tags) <= set(ALLOWED) and len(tags) > 8
    assert set(attributes) == {"a href", "a rel"}
    assert set(schemes) <= {"http:", "https:"}
    page.evaluate(
        """async () => {
            document.querySelectorAll('details').forEach(d => { d.open = true })
            document.addEventListener('click', e => e.preventDefault(), true)
            for (const e of document.querySelectorAll('.comment a, .comment-name, .comment .e-content > *'))
                for (const name of ['click', 'mouseover', 'focus']) e.dispatchEvent(new Event(name, {bubbles: name != 'focus', cancelable: true}))
            await new Promise(done => setTimeout(done, 300))
        }"""
    )
    assert page.evaluate("window.__hits") == []
    assert page.evaluate("document.querySelectorAll('#comments :is(script, img, iframe, svg:not(.icon), style, object, embed, form form, video)').length") == 0
    assert found == []
    assert page.title() == "Welcome · Friends"
    data = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)")
    assert "Comment" in json.dumps(data)
    context.close()


def test_the_watch_sees(chromium: Browser, host: tuple[Path, str]) -> None:
    """What the test above looks for is found where it is: a program in a post that may hold one."""
    site, address = host
    body = "<img src=x onerror=__hit()><script>alert(1)</script><iframe src='https://x.example/'></iframe>"
    port = int(address.rstrip("/").rpartition(":")[2])
    write_site(site, {WELCOME: POST + f"\n<div>{body}</div>\n"}, settings(port, "markdown: {html: trusted}\n"))
    assert build_site(site, NOW).ok
    context = opened(chromium, bypass_csp=True)
    page = context.new_page()
    found = watched(page, address)
    page.goto(address + "posts/welcome/")
    page.wait_for_function("window.__hits.length >= 1")
    assert any(one.startswith(("frame:", "foreign:")) for one in found)
    context.close()


def test_the_policy_of_pages_would_stop_it(chromium: Browser, host: tuple[Path, str]) -> None:
    """A second wall: with the content policy that the theme writes, even a program in a trusted post does not run inline."""
    site, address = host
    port = int(address.rstrip("/").rpartition(":")[2])
    write_site(site, {WELCOME: POST + "\n<div><img src=x onerror=__hit()><script>__hit()</script></div>\n"}, settings(port, "markdown: {html: trusted}\n"))
    assert build_site(site, NOW).ok
    context = opened(chromium)
    page = context.new_page()
    watched(page, address)
    page.goto(address + "posts/welcome/", wait_until="load")
    page.wait_for_timeout(300)
    assert page.evaluate("window.__hits") == []
    context.close()


# --- the form ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_writing_an_answer(chromium: Browser, host: tuple[Path, str], script: bool) -> None:
    """Somebody reads, answers, is thanked, and finds the answer on the page after the next build; also without JavaScript."""
    site, address = host
    port = int(address.rstrip("/").rpartition(":")[2])
    write_site(site, {WELCOME: POST, INBOX: json.dumps(line(1, "Who brings soup?", name="Ann")) + "\n"}, settings(port))
    server = open_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    (site / "iopsgen.yml").write_text(settings(port, f'comments: {{form: {{service: receiver, action: "http://127.0.0.1:{server.server_port}/"}}}}\n'))
    try:
        assert build_site(site, NOW).ok
        context = opened(chromium, java_script_enabled=script)
        page = context.new_page()
        page.goto(address + "posts/welcome/")
        page.get_by_role("link", name=re.compile("Reply ?: Ann")).click()
        choice = page.get_by_label("In reply to")
        if script:
            expect(choice).to_have_value("c00001")
            expect(page.get_by_label("Your comment")).to_be_focused()
        else:
            choice.select_option("c00001")
        page.get_by_label("Your comment").fill("I do. <b>Leek & potato</b>\n\nTwo pots.")
        page.get_by_label("Your name").fill("Bénédicte")
        page.get_by_role("button", name="Send comment").click()
        expect(page.get_by_role("heading", name="Thank you. Your comment has arrived.")).to_be_visible()
        page.get_by_role("link", name="Back to the page").click()
        expect(page).to_have_url(address + "posts/welcome/#comments")
        stored = json.loads((site / INBOX).read_text("utf-8").splitlines()[1])
        assert (stored["parent"], stored["name"], stored["body"]) == ("c00001", "Bénédicte", "I do. <b>Leek & potato</b>\n\nTwo pots.")
        assert ("elapsed" in stored.get("signals", {})) == script
        (site / INBOX).write_text((site / INBOX).read_text("utf-8").replace('"elapsed":', '"ignored":'), "utf-8")
        assert build_site(site, datetime.now(UTC) + timedelta(minutes=1)).ok
        page.reload()
        answer = page.locator("article.comment", has_text="Bénédicte")
        expect(answer).to_contain_text("I do. <b>Leek & potato</b>")
        expect(answer.locator(".in-reply")).to_have_text("In reply to Ann")
        expect(page.get_by_role("heading", name="2 comments")).to_be_visible()
        context.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_services_get(chromium: Browser, host: tuple[Path, str]) -> None:
    """A real browser sends each service the fields that it wants; where a service leads back, the page says thank you."""
    site, address = host
    port = int(address.rstrip("/").rpartition(":")[2])
    for service, wanted in {
        "staticman": {"fields[message]": "Hi", "options[slug]": "welcome", "fields[page]": "/posts/welcome/", "options[redirect]": address + "posts/welcome/#sent", "fields[website]": ""},
        "formspree": {"body": "Hi", "page": "/posts/welcome/", "_gotcha": "", "_next": address + "posts/welcome/#sent", "_subject": "Welcome"},
        "netlify": {"body": "Hi", "form-name": "comments", "page": "/posts/welcome/", "website": ""},
        "none": {"body": "Hi", "page": "/posts/welcome/", "language": "en", "website": "", "k": "v"},
    }.items():
        action = "" if service == "netlify" else 'action: "https://service.example/x", '
        form = f"comments: {{form: {{service: {service}, {action}fields: {{k: v}}}}}}\n"
        write_site(site, {WELCOME: POST, "iopsgen.yml": settings(port, form)})
        assert build_site(site, NOW).ok
        context = opened(chromium, java_script_enabled=False)
        page = context.new_page()
        sent: list[tuple[str, str]] = []

        def take(route: Any, sent: list[tuple[str, str]] = sent) -> None:
            sent.append((route.request.url, route.request.post_data or ""))
            route.fulfill(status=303, headers={"Location": address + "posts/welcome/#sent"})

        context.route(lambda url: True, lambda route: take(route) if route.request.method == "POST" else route.continue_())
        page.goto(address + "posts/welcome/")
        expect(page.locator("#sent")).to_be_hidden()
        page.get_by_label("Your comment").fill("Hi")
        page.get_by_role("button", name="Send comment").click()
        expect(page.locator("#sent")).to_be_visible()
        ((url, data),) = sent
        assert url.startswith(address if service == "netlify" else "https://service.example/x")
        fields = dict(unquote(pair.replace("+", " ")).split("=", 1) for pair in data.split("&"))
        assert wanted.items() <= fields.items(), service
        if service == "netlify":
            assert page.locator("form[data-netlify='true'][data-netlify-honeypot='website'][name='comments']").count() == 1
        context.close()


def test_without_a_form_there_is_mail(chromium: Browser, host: tuple[Path, str]) -> None:
    """A mail to the group, with the address of the page; an answer holds the address of the comment."""
    site, address = host
    write_site(site, {WELCOME: POST, INBOX: json.dumps(line(1, "Hello", name="Ann")) + "\n"}, settings(int(address.rstrip("/").rpartition(":")[2])))
    assert build_site(site, NOW).ok
    context = opened(chromium)
    page = context.new_page()
    page.goto(address + "posts/welcome/")
    mail = page.get_by_role("link", name="Send your comment by e-mail").get_attribute("href") or ""
    answer = page.get_by_role("link", name=re.compile("Reply ?: Ann")).get_attribute("href") or ""
    assert unquote(mail) == f"mailto:hello@example.org?subject=Welcome&body={address}posts/welcome/"
    assert unquote(answer) == unquote(mail) + "#comment-c00001"
    expect(page.locator("#write form")).to_have_count(0)
    context.close()


# --- long discussions --------------------------------------------------------------------------------------------------


def test_thousands_of_comments(chromium: Browser, host: tuple[Path, str]) -> None:
    """Of two thousand comments the earlier are folded; a permanent link opens them and leads there; the list of answers stays short; axe finds nothing."""
    site, address = host
    axe = needs.file("tests/interop/node_modules/axe-core/axe.min.js", "npm ci --prefix tests/interop").read_text("utf-8")
    lines = [line(n, f"Comment number {n}. " + "Words and more words. " * (n % 9), name=f"Reader {n % 50}" if n % 4 else None) for n in range(2000)]
    for n in range(5, 2000, 3):
        lines[n]["parent"] = lines[n - 5]["id"]
    form = 'comments: {form: {action: "/x"}}\n'
    write_site(site, {WELCOME: POST, INBOX: "".join(json.dumps(one) + "\n" for one in lines)}, settings(int(address.rstrip("/").rpartition(":")[2]), form))
    assert build_site(site, NOW).ok
    context = opened(chromium)
    page = context.new_page()
    page.goto(address + "posts/welcome/")
    expect(page.get_by_role("heading", name="2,000 comments")).to_be_visible()
    shown = page.evaluate("[...document.querySelectorAll('article.comment')].filter(e => e.checkVisibility()).length")
    assert 50 <= shown < 150
    assert page.get_by_label("In reply to").locator("option").count() == 201
    page.evaluate(axe)
    told = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']})")
    assert [v["id"] for v in told["violations"]] == []
    for number in (3, 1000, 1999):
        page.goto(f"{address}posts/welcome/?{number}#comment-c{number:05}")
        at = page.wait_for_function("() => { const e = document.querySelector(':target'); const top = e.getBoundingClientRect().top; return e.checkVisibility() && top >= 0 && top < innerHeight }")
        assert at
    page.goto(f"{address}posts/welcome/?again#comment-c00003")
    page.get_by_role("link", name="Reply").nth(0).click()
    chosen = page.get_by_label("In reply to")
    expect(chosen).not_to_have_value("")
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
