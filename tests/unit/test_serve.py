"""The preview: what it answers, what it refuses, and how it keeps up with changes."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Never

import pytest
from watchdog.observers.polling import PollingObserver

from iopsgen.build import Options, Prepared, prepare
from iopsgen.outputs.make import Workshop
from iopsgen.plan import Output
from iopsgen.problems import Place, error, warning
from iopsgen.sandbox import ThemeEnvironment
from iopsgen.serve import Found, NoPort, Preview, Rebuilt
from iopsgen.serve.answers import answer, kind_of
from iopsgen.serve.changes import Changes, Watch, changed_since
from iopsgen.serve.hosts import is_allowed
from iopsgen.serve.live import Notice, with_live
from iopsgen.serve.press import Press
from iopsgen.serve.stage import Stage
from iopsgen.store import Store
from tests.previews import PATIENCE, preview
from tests.sites import EVENT, NOW, POST, build_site, write_site

PAGE = "---\ntitle: About us\n---\nWe like the river. See [the welcome](../posts/welcome.md).\n"
FILES: dict[str, str | bytes | None] = {
    "content/posts/welcome.md": POST,
    "content/events/picnic.md": EVENT,
    "content/pages/about.md": PAGE,
    "static/film.mp4": bytes(range(256)) * 40,
    "static/old.html": "<!doctype html><title>Old</title><body><p>Kept</p></body>",
}
HOME, WELCOME, ABOUT = "/river/", "/river/posts/welcome/", "/river/about/"
BROKEN = POST.replace("date: 2026-10-05", "date: 2026-13-05")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site below a path."""
    return write_site(tmp_path / "site", FILES)


def save(path: Path, text: str) -> None:
    """Saves as careful editors do: a new file, moved over the old one."""
    fresh = path.with_name(path.name + "~")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def template(name: str, change: tuple[str, str]) -> str:
    """A template of the default theme with one change."""
    import iopsgen.theme

    text = (iopsgen.theme.PACKAGED / "default/templates" / name).read_text("utf-8")
    assert change[0] in text
    return text.replace(*change)


# --- who may ask ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "asked", "reached", "allowed"),
    [
        ("localhost", "127.0.0.1", "127.0.0.1", True),
        ("LocalHost:1234", "127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1:8000", "127.0.0.1", "127.0.0.1", True),
        ("[::1]:8000", "127.0.0.1", "127.0.0.1", True),
        ("river.local:8000", "river.local", "192.168.1.5", True),
        ("192.168.1.5:8000", "0.0.0.0", "192.168.1.5", True),
        ("192.168.1.5", "::", "::ffff:192.168.1.5", True),
        ("[fe80::1]", "::", "fe80::1%eth0", True),
        ("evil.example", "127.0.0.1", "127.0.0.1", False),
        ("evil.example", "0.0.0.0", "192.168.1.5", False),
        ("192.168.1.6", "0.0.0.0", "192.168.1.5", False),
        ("0.0.0.0", "0.0.0.0", "192.168.1.5", True),
        ("localhost.evil.example", "127.0.0.1", "127.0.0.1", False),
        ("evil.example@localhost", "127.0.0.1", "127.0.0.1", False),
        ("localhost:80:80", "127.0.0.1", "127.0.0.1", False),
        ("", "127.0.0.1", "127.0.0.1", False),
        (None, "127.0.0.1", "127.0.0.1", False),
    ],
)
def test_a_foreign_host_is_refused(header: str | None, asked: str, reached: str, allowed: bool) -> None:
    """Only names and addresses of this machine are answered to, whatever the port."""
    assert is_allowed(header, asked, reached) is allowed


def test_a_foreign_host_gets_nothing_of_the_site(site: Path) -> None:
    """A page of the web that gave this machine a name of its own learns nothing, and its visitor learns what to do."""
    with preview(site) as running:
        status, _, body = running.get(HOME, Host="evil.example")
        assert status == 421
        assert b"evil.example" in body and b"--host" in body and b"river" not in body
        assert running.get("/.iopsgen/problems.html", Host="evil.example")[0] == 421
        assert running.get("/.iopsgen/events?page=/", Host="evil.example")[0] == 421
        assert b" 421 " in running.raw(b"GET /river/ HTTP/1.1\r\n\r\n")
        assert b" 421 " in running.raw(b"GET /river/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert b" 400 " in running.raw(b"GET http://localhost/river/ HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_only_reading_is_answered(site: Path) -> None:
    """Other methods than GET and HEAD are refused; HEAD says what GET would say, without the body."""
    with preview(site) as running:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            status, headers, _ = running.get(HOME, method)
            assert (status, headers["allow"]) == (405, "GET, HEAD")
        status, headers, body = running.get(HOME, "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["content-length"]) == len(running.get(HOME)[2])


def test_nothing_is_kept_or_shared(site: Path) -> None:
    """No answer may be cached, and none may be used by pages from elsewhere."""
    with preview(site) as running:
        for target in (HOME, "/river/feed.xml", "/river/film.mp4", "/nowhere", "/.iopsgen/live.js"):
            _, headers, _ = running.get(target, Origin="https://evil.example")
            assert headers["cache-control"] == "no-store"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "target",
    [
        "/river/../iopsgen.yml", "/river/..%2f..%2fiopsgen.yml", "/river/%2e%2e/iopsgen.yml", "/iopsgen.yml", "/river/iopsgen.yml", "/river/content/posts/welcome.md",
        "//etc/passwd", "/river//etc/passwd", "/river/.iopsgen/cache.sqlite", "/.iopsgen/cache.sqlite", "/.iopsgen/../iopsgen.yml", "/.iopsgen/live.py", "/river/%00", "/river/%ff",
        "/river/assets/", "/river/static/", "/river/posts/welcome/index.html/", "/river/C:%5cwindows", "/rive", "/riverside/",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_site(site: Path, target: str) -> None:
    """Only outputs of the site have an address: no file beside them, no list of a folder."""
    with preview(site) as running:
        status, _, body = running.get(target)
        assert status == 404
        assert b"timezone: Europe/London" not in body and b"root:" not in body


def test_links_out_of_the_site_are_not_followed(site: Path, tmp_path: Path) -> None:
    """A file that becomes a link to somewhere else after it was planned is not sent, nor one in a folder that became one."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/plan.txt").write_text("nobody may know")
    write_site(site, {"static/docs/plan.txt": "everybody may know", "static/notes.txt": "these too"})
    with preview(site) as running:
        assert running.text("/river/docs/plan.txt") == "everybody may know"
        (site / "static/notes.txt").unlink()
        (site / "static/notes.txt").symlink_to(tmp_path / "secret/plan.txt")
        shutil.rmtree(site / "static/docs")
        (site / "static/docs").symlink_to(tmp_path / "secret")
        for _ in range(3):
            for target in ("/river/docs/plan.txt", "/river/notes.txt"):
                status, _, body = running.get(target)
                assert status == 404 and b"nobody may know" not in body


@pytest.mark.parametrize("back", [False, True])
def test_a_link_made_at_the_last_moment_is_not_followed(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: bool) -> None:
    """A folder that becomes a link just before a file in it is opened, and perhaps is one no more just after, gives nothing away."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/plan.txt").write_text("nobody may know")
    write_site(site, {"static/docs/plan.txt": "everybody may know"})
    stage = staged(site)
    open_it, folder, away = os.open, site / "static/docs", site / "static/away"
    opened = []

    def swapping(path: str, flags: int) -> int:
        folder.rename(away)
        folder.symlink_to(tmp_path / "secret")
        opened.append(open_it(path, flags))
        if back:
            folder.unlink()
            away.rename(folder)
        return opened[-1]

    monkeypatch.setattr("iopsgen.serve.answers.os.open", swapping)
    found = answer(stage, "/river/docs/plan.txt")
    assert opened and found.status == 404 and found.file is None


# --- what is answered ----------------------------------------------------------------------------------------------


def test_pages_are_those_of_a_build(site: Path) -> None:
    """Every output has the bytes that `build` writes; pages have the preview's script besides. The output folder stays away."""
    copy = site.with_name("copy")
    shutil.copytree(site, copy)
    assert build_site(copy).ok
    seen = 0
    with preview(site) as running:
        for path in sorted((copy / "output").rglob("*")):
            if not path.is_file() or path.name.startswith("."):
                continue
            name = path.relative_to(copy / "output").as_posix()
            status, headers, body = running.get(HOME + name)
            if headers["content-type"].startswith("text/html"):
                body, scripts = re.subn(rb'<script src="/\.iopsgen/live\.js" data-mark="[^"]*" defer></script>', b"", body)
                assert scripts == 1
            assert status == 200
            assert body == path.read_bytes(), name
            seen += 1
    assert seen > 40
    assert not (site / "output").exists()


def test_the_path_of_the_site_is_used(site: Path) -> None:
    """The site stands at the path of site.url: `/` leads there, and a folder without its slash to the one with it."""
    with preview(site) as running:
        assert running.preview.address == f"http://127.0.0.1:{running.port}/river/"
        for target, location in (("/", HOME), ("/river", HOME), ("/river/posts/welcome?a=b%20c", WELCOME + "?a=b%20c")):
            status, headers, _ = running.get(target)
            assert (status, headers["location"]) == (302, location)
        assert 'href="/river/posts/welcome/"' in running.text(HOME)
        assert "https://example.org/river/posts/welcome/" in running.text("/river/feed.xml")


def test_a_missing_page_is_the_sites_own(site: Path) -> None:
    """An address without a page shows the site's 404.html, that of its language where there is one."""
    settings = (site / "iopsgen.yml").read_text("utf-8") + "languages: [en, es]\n"
    write_site(site, {"iopsgen.yml": settings})
    with preview(site) as running:
        for target, language in (("/river/nowhere/", "en"), ("/river/es/nowhere/", "es"), ("/elsewhere", "en")):
            status, _, body = running.get(target)
            assert status == 404
            assert f'<html lang="{language}"'.encode() in body and b"live.js" in body


def test_parts_of_a_file_can_be_asked_for(site: Path) -> None:
    """A player of films may ask for a part of a file; what is no sensible part gets the whole."""
    film = bytes(range(256)) * 40
    with preview(site) as running:
        for wanted, first, last in (("bytes=0-9", 0, 9), ("bytes=300-", 300, 10239), ("bytes=-5", 10235, 10239), ("bytes=10000-99999", 10000, 10239)):
            status, headers, body = running.get("/river/film.mp4", Range=wanted)
            assert (status, headers["content-range"], body) == (206, f"bytes {first}-{last}/10240", film[first : last + 1])
        for wanted in ("bytes=9-1", "bytes=99999-", "bytes=0-1,5-6", "lines=1-2", ""):
            status, headers, body = running.get("/river/film.mp4", Range=wanted)
            assert (status, body, headers["content-type"]) == (200, film, "video/mp4")


def test_types_do_not_depend_on_the_machine() -> None:
    """The type of a file is that by which static hosts send it."""
    for name, kind in (("a.html", "text/html"), ("feed.xml", "application/xml"), ("event.ics", "text/calendar"), ("_headers", "text/plain"), ("A.JPG", "image/jpeg"), ("x", "application/octet-stream")):
        assert kind_of(name).partition(";")[0] == kind


def test_a_connection_that_says_nothing_holds_nobody_up(site: Path) -> None:
    """Browsers open connections before they need them: a hundred silent ones leave room for pages."""
    with preview(site) as running, ExitStack() as open_ones:
        for _ in range(100):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", running.port), PATIENCE))
        assert running.get(HOME)[0] == 200


def test_a_hundred_open_pages(site: Path) -> None:
    """A hundred pages that listen leave room for more, are all told of a change, and are forgotten when they are closed."""
    with preview(site) as running:
        listeners = running.preview.stage.listeners
        with ExitStack() as pages:
            ears = [pages.enter_context(running.listening(WELCOME)) for _ in range(100)]
            assert running.get(HOME)[0] == 200
            write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
            for ear in ears:
                ear.until("event: reload")
            assert "Good evening" in running.text(WELCOME)
            assert len(listeners) == 100
        running.until(lambda: len(listeners) == 0)


# --- what is added to a page ---------------------------------------------------------------------------------------


def test_what_is_added_stands_at_the_end_of_the_body() -> None:
    """The script comes before the last end of the body, in any case, or at the end where there is none."""
    assert with_live(b"<body><pre>&lt;/body></pre></BODY ></html>", "m", Notice()).startswith(b'<body><pre>&lt;/body></pre><script src="')
    assert with_live(b"<p>Hello", "m", Notice()).startswith(b"<p>Hello<script")
    assert b'data-mark="&quot;&gt;"' in with_live(b"", '">', Notice())


def test_problems_are_shown_as_text(tmp_path: Path) -> None:
    """Whatever a file holds, it is text in the overlay: nothing in it runs, nothing steers."""
    write_site(tmp_path, {"content/posts/a.md": "first\n\t<script>alert(1)</script>\x1b[2J\n"})
    said = error("<img src=x onerror=alert(1)> \x1b[31m", Place("content/posts/a.md", 2, 3), 'Write "<b>"\nor nothing.')
    notice = Notice([said, warning("mild")], tmp_path, "words")
    assert "<script" not in notice.html and "<img" not in notice.html and "\x1b" not in notice.html
    assert "content/posts/a.md:2:3" in notice.html and "&lt;script&gt;alert(1)" in notice.html
    assert "\n      |   ^</pre>" in notice.html
    assert "1 error, 1 warning. words" in notice.html and "<details open>" in notice.html
    assert "style=" not in notice.html


def test_warnings_do_not_cover_the_page(tmp_path: Path) -> None:
    """With warnings alone the overlay is closed, and with nothing there is none."""
    assert "<details>" in Notice([warning("mild")], tmp_path).html
    assert Notice().html == "" and Notice().mark == ""


def test_a_thousand_problems_are_not_all_shown(tmp_path: Path) -> None:
    """The first hundred are shown, and how many more there are."""
    notice = Notice([error(f"number {n}") for n in range(1000)], tmp_path)
    assert notice.html.count("<li>") + notice.html.count("<li ") == 101 and "900 more" in notice.html


# --- changes -------------------------------------------------------------------------------------------------------


def test_an_edit_is_shown_and_told(site: Path) -> None:
    """A saved text is shown, and the pages that show it are told, others are not."""
    with preview(site) as running, running.listening(WELCOME) as ear, running.listening(ABOUT) as other:
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
        ear.until("event: reload")
        assert "Good evening" in running.text(WELCOME)
        running.until(lambda: len(running.news) > 1)
        write_site(site, {"content/pages/about.md": PAGE.replace("river", "sea")})
        other.until("event: reload")
        assert "Good evening" in running.text(WELCOME) and "the sea" in running.text(ABOUT)
        assert other.heard.split() == ["data:"] and "reload" not in ear.heard


def test_a_title_is_shown_wherever_it_stands(site: Path) -> None:
    """What a change means for other pages is worked out: lists and feeds follow."""
    with preview(site) as running, running.listening(HOME) as ear:
        write_site(site, {"content/posts/welcome.md": POST.replace("title: Welcome", "title: Hail")})
        ear.until("event: reload")
        assert "Hail" in running.text(HOME) and "Hail" in running.text("/river/feed.xml") and "Hail" in running.text(WELCOME)


def test_a_new_address_reaches_who_waits_for_it(site: Path) -> None:
    """Whoever looks at an address without a page is told when there is one, and again when it goes."""
    with preview(site) as running:
        with running.listening("/river/posts/later/") as ear:
            write_site(site, {"content/posts/later.md": POST})
            ear.until("event: reload")
        assert running.get("/river/posts/later/")[0] == 200
        with running.listening("/river/posts/later/") as ear:
            write_site(site, {"content/posts/later.md": None})
            ear.until("event: reload")
        assert running.get("/river/posts/later/")[0] == 404


def test_a_picture_that_changes_is_loaded_again(site: Path) -> None:
    """A copied file that changed under its old name makes open pages load again: any of them may show it."""
    with preview(site) as running, running.listening(ABOUT) as ear:
        write_site(site, {"static/film.mp4": b"shorter"})
        ear.until("event: reload")
        assert running.get("/river/film.mp4")[2] == b"shorter"


def test_a_page_out_of_date_is_told_at_once(site: Path) -> None:
    """A page that was loaded before a change, or before the preview began, is told as soon as it listens."""
    with preview(site) as running:
        request = f"GET /.iopsgen/events?page={WELCOME}&mark=earlier HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as connection:
            connection.sendall(request.encode())
            heard = b""
            while b"event: reload" not in heard:
                data = connection.recv(4096)
                assert data
                heard += data


def test_many_changes_are_one(site: Path) -> None:
    """Whatever changes without a pause is taken together, and nothing is left over."""
    changes = Changes()
    for n in range(1000):
        changes.add((f"content/posts/{n}.md",))
    assert len(changes.take(PATIENCE, 0.01, 1.0)) == 1000
    assert changes.take(0.01, 0.01, 1.0) == frozenset()
    with preview(site) as running:
        write_site(site, {f"content/posts/post-{n}.md": POST.replace("Welcome", f"Post {n}") for n in range(300)})
        running.until(lambda: all(running.get(f"/river/posts/post-{n}/", "HEAD")[0] == 200 for n in range(0, 300, 13)))
        rebuilds = [n for n in running.news if isinstance(n, Rebuilt) and not n.first]
        assert len(rebuilds) < 30 and max(len(n.changed) for n in rebuilds) > 10


def test_changes_that_never_stop_are_taken_all_the_same() -> None:
    """A program that writes without end does not keep the site from being shown."""
    changes = Changes()
    changes.add(("a",))
    assert changes.take(PATIENCE, float("inf"), 0.01) == {"a"}


def test_only_inputs_are_watched(tmp_path: Path) -> None:
    """Hidden files, what editors leave behind and other folders are no change; files in new folders are."""
    changes = Changes()
    watch = Watch(tmp_path, changes)
    try:
        watch.follow(["content", "iopsgen.yml"])
        for name in ("output/a.html", "iopsgen.yml~", ".iopsgen/cache", "content/.swap", "content/posts/#a#"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("x")
        watch.follow(["content", "iopsgen.yml"])
        (tmp_path / "content/posts/new").mkdir(parents=True)
        (tmp_path / "content/posts/new/a.md").write_text("x")
        (tmp_path / "iopsgen.yml").write_text("x")
        found: set[str] = set()
        while not {"content/posts/new/a.md", "iopsgen.yml"} <= found:
            taken = changes.take(PATIENCE, 0.05, 5.0)
            assert taken, found
            found |= taken
        assert found <= {"content", "content/posts", "content/posts/new", "content/posts/new/a.md", "iopsgen.yml"}
    finally:
        watch.stop()


def test_a_watch_that_ended_is_taken_up_again(tmp_path: Path) -> None:
    """Where the system stopped to report on a folder, which happens when it is taken away and made again, it is watched anew."""
    (tmp_path / "content").mkdir()
    changes = Changes()
    watch = Watch(tmp_path, changes)
    try:
        assert watch.follow(["content"]) == {".", "content"}
        assert watch.follow(["content"]) == frozenset()
        for emitter in list(watch._observer.emitters):
            if emitter.watch.path.endswith("content"):
                emitter.stop()
                emitter.join(PATIENCE)
        assert watch.follow(["content"]) == {"content"}
        (tmp_path / "content/a.md").write_text("x")
        assert "content/a.md" in changes.take(PATIENCE, 0.05, 5.0)
    finally:
        watch.stop()


def test_where_the_system_does_not_report_one_looks_oneself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no more folders can be watched, they are looked at again and again."""

    class Full(PollingObserver):
        def schedule(self, *_: object, **__: object) -> Never:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr("iopsgen.serve.changes.Observer", Full)
    write_site(tmp_path, {"content/a.md": "x", "data/b.yml": "x"})
    changes = Changes()
    watch = Watch(tmp_path, changes)
    try:
        assert watch.follow(["content", "data"])
        assert watch.follow(["content", "data"]) == frozenset()
        for name in ("content/a.md", "data/b.yml"):
            (tmp_path / name).write_text("longer")
            assert name in changes.take(PATIENCE, 0.05, 5.0)
    finally:
        watch.stop()


def test_what_changed_before_the_watch_began_is_noticed(tmp_path: Path) -> None:
    """A file that was changed, added or taken away between the first reading and the watching is read again; hidden ones are not."""
    write_site(tmp_path, {"content/posts/a.md": "x", "content/posts/b.md": "x"})
    names = ["content", "iopsgen.yml", "missing"]

    def later() -> int:
        """A moment after all that happened; by now the file system gives later ones."""
        moment = max(os.stat(path).st_ctime_ns for path in tmp_path.rglob("*")) + 1
        while (tmp_path / "clock").write_text("x") and os.stat(tmp_path / "clock").st_ctime_ns < moment:
            pass
        return moment

    moment = later()
    assert not changed_since(tmp_path, names, moment)
    (tmp_path / "content/posts/a.md").write_text("y")
    assert changed_since(tmp_path, names, moment)
    moment = later()
    (tmp_path / "content/posts/b.md").unlink()
    assert changed_since(tmp_path, names, moment)
    moment = later()
    (tmp_path / "iopsgen.yml").write_text("y")
    assert changed_since(tmp_path, names, moment)


def test_folders_come_and_go(site: Path) -> None:
    """Folders that are renamed, removed and made again are followed, the whole of content/ too."""
    with preview(site) as running:
        (site / "content").rename(site / "elsewhere")
        running.until(lambda: running.get(WELCOME)[0] == 404)
        (site / "elsewhere").rename(site / "content")
        running.until(lambda: running.get(WELCOME)[0] == 200)
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good evening")})
        running.until_text(WELCOME, "Good evening")
        shutil.rmtree(site / "content")
        running.until(lambda: running.get(WELCOME)[0] == 404)
        write_site(site, {"content/posts/welcome.md": POST})
        running.until_text(WELCOME, "Hello")
        (site / "content").rename(site / "another")
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Hullo")})
        running.until_text(WELCOME, "Hullo")
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Good night")})
        running.until_text(WELCOME, "Good night")
        write_site(site, {"content/posts/2026/autumn/leaves.md": POST.replace("Hello", "Leaves")})
        running.until_text("/river/posts/leaves/", "Leaves")
        (site / "content/posts/2026").rename(site / "content/posts/2027")
        write_site(site, {"content/posts/2027/autumn/leaves.md": POST.replace("Hello", "Branches")})
        running.until_text("/river/posts/leaves/", "Branches")


def test_a_theme_comes_while_one_looks(site: Path) -> None:
    """A folder themes/ that was not there before is noticed, and so is its end."""
    with preview(site) as running:
        write_site(site, {"themes/default/templates/404.html": "Lost by the river"})
        running.until_text("/river/nowhere/", "Lost by the river")
        shutil.rmtree(site / "themes")
        running.until(lambda: "Lost by the river" not in running.text("/river/nowhere/"))


def test_the_path_of_the_site_moves(site: Path) -> None:
    """New settings count at once, and whoever looks at an address of before is told."""
    with preview(site) as running, running.listening(HOME) as ear:
        save(site / "iopsgen.yml", (site / "iopsgen.yml").read_text("utf-8").replace("/river/", "/sea/"))
        ear.until("event: reload")
        assert running.get("/")[1]["location"] == "/sea/"
        assert running.get("/sea/posts/welcome/")[0] == 200 and running.get(WELCOME)[0] == 404


def test_the_time_comes(site: Path) -> None:
    """A text that is scheduled appears when its moment comes, with no edit made."""
    clock = [NOW]
    later = NOW + timedelta(hours=1)
    write_site(site, {"content/posts/later.md": POST.replace("date: 2026-10-05", f"date: 2026-10-05\npublish: {later.isoformat()}")})
    with preview(site, clock=lambda: clock[0]) as running:
        assert running.get("/river/posts/later/")[0] == 404
        clock[0] = later + timedelta(seconds=1)
        running.until(lambda: running.get("/river/posts/later/")[0] == 200)
        assert [n for n in running.news if isinstance(n, Rebuilt)][-1].changed == ()


def test_the_time_stands_still_when_told_to(site: Path) -> None:
    """With a moment given, every rebuild is as at that moment."""
    moment = datetime.fromisoformat("2026-10-04T12:00:00+00:00")
    with preview(site, now=moment) as running:
        assert running.get(WELCOME)[0] == 404
        write_site(site, {"content/pages/about.md": PAGE.replace("river", "sea")})
        running.until_text(ABOUT, "the sea")
        assert running.get(WELCOME)[0] == 404
    with preview(site, now=moment, drafts=True) as running:
        assert running.get(WELCOME)[0] == 200


def test_the_cache_may_be_lost(site: Path) -> None:
    """The store of earlier readings is taken away, spoilt or made unwritable while one looks: nobody notices."""
    with preview(site) as running:
        for n in range(2):
            if n:
                (site / ".iopsgen/cache.sqlite").write_bytes(b"no database" * 500)
            else:
                shutil.rmtree(site / ".iopsgen")
            write_site(site, {"content/pages/about.md": PAGE.replace("river", f"sea {n}")})
            running.until_text(ABOUT, f"the sea {n}")
            running.until(lambda n=n: len([x for x in running.news if isinstance(x, Rebuilt)]) > n + 1)  # type: ignore[misc]
            assert "Hello" in running.text(WELCOME)


def test_files_may_vanish_while_they_are_read(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes between being found and being read is no error: the site is read again."""
    faults: list[Exception] = []

    def failing(*args: Any, **options: Any) -> Any:
        if faults:
            raise faults.pop()
        return prepare(*args, **options)

    monkeypatch.setattr("iopsgen.serve.rebuild.prepare", failing)
    with preview(site) as running:
        faults[:] = [FileNotFoundError(2, "No such file or directory", "style.css")] * 2
        write_site(site, {"content/posts/welcome.md": POST.replace("2026-10-05", "2026-10-06")})
        running.until(lambda: len(running.news) == 2)
        assert running.news[-1].problems == () and not faults


def test_a_fault_of_our_own_ends_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading the site, or making a page, fails by our own mistake, that is said and the preview lives on."""
    broken = True

    def failing(*args: Any, **options: Any) -> Any:
        if broken:
            raise ZeroDivisionError("by zero")
        return prepare(*args, **options)

    make = Workshop.make

    def failing_page(self: Workshop, output: Output) -> Any:
        if broken and output.path == "about/index.html":
            raise ZeroDivisionError("by zero")
        return make(self, output)

    with preview(site) as running, monkeypatch.context() as patch:
        patch.setattr("iopsgen.serve.rebuild.prepare", failing)
        patch.setattr(Workshop, "make", failing_page)
        write_site(site, {"content/pages/about.md": PAGE.replace("river", "sea")})
        running.until(lambda: "iopsgen itself failed" in running.problems())
        assert "Hello" in running.text(WELCOME)
        broken = False
        write_site(site, {"content/pages/about.md": PAGE.replace("river", "lake")})
        running.until_text(ABOUT, "the lake")
        running.until(lambda: running.problems() == "")


def test_a_text_may_be_lost(site: Path) -> None:
    """A store that remembers a reading but not its text is not believed: the source is read again."""
    with preview(site):
        pass
    with sqlite3.connect(site / ".iopsgen/cache.sqlite") as database:
        assert database.execute("delete from texts").rowcount > 0
    database.close()
    with preview(site) as running:
        assert "Hello" in running.text(WELCOME) and running.problems() == ""


# --- what is wrong -------------------------------------------------------------------------------------------------


def test_an_error_stands_over_the_last_good_page(site: Path) -> None:
    """A broken file is said with its place, its line and a remedy; the pages of before stay, until it is mended."""
    with preview(site) as running, running.listening(WELCOME) as ear:
        write_site(site, {"content/posts/welcome.md": BROKEN})
        assert ear.until("event: problems\ndata: ")
        problems = running.problems()
        assert "content/posts/welcome.md:3:7" in problems and "3 | date: 2026-13-05" in problems and "The last good pages are shown." in problems
        page = running.text(WELCOME)
        assert "Hello" in page and problems in page
        write_site(site, {"content/posts/welcome.md": POST})
        assert ear.until("event: problems\ndata: ") == ""
        assert running.problems() == "" and "iopsgen-problems" not in running.text(WELCOME)


def test_every_problem_is_said_at_once(site: Path) -> None:
    """The overlay and the terminal hold all that a build would find in reading, assembling and planning."""
    write_site(site, {"content/posts/bad.md": BROKEN, "content/posts/link.md": POST + "[gone](gone.md)\n", "content/posts/who.md": POST.replace("title: Welcome", "title: Welcome\nchapter: nowhere")})
    found = build_site(site).problems
    with preview(site) as running:
        said = running.news[0].problems
        assert set(said) == set(found) and len(found) >= 3
        page = running.problems()
        assert all(problem.place and str(problem.place) in page for problem in found)
        assert "What is sound is shown." in page and "Hello" in running.text(WELCOME)


def test_warnings_are_shown_beside_the_new_page(site: Path) -> None:
    """A warning does not keep the new state from being shown."""
    with preview(site) as running, running.listening(WELCOME) as ear:
        write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Hullo ![](gone.jpg)")})
        assert ear.until("event: problems\ndata: ")
        assert "Hullo" in running.text(WELCOME) and "gone.jpg" in running.problems()


def test_settings_may_break(site: Path) -> None:
    """Broken settings leave the site as it is, from the start they leave nothing but the message; mended they count."""
    good = (site / "iopsgen.yml").read_text("utf-8")
    with preview(site) as running:
        save(site / "iopsgen.yml", good.replace("site:", "sight:"))
        running.until(lambda: "iopsgen.yml" in running.problems())
        assert "Hello" in running.text(WELCOME)
        (site / "iopsgen.yml").unlink()
        running.until(lambda: "There is no iopsgen.yml" in running.problems())
    with preview(site) as running:
        status, _, body = running.get("/")
        assert status == 500 and b"There is no iopsgen.yml" in body and b"live.js" in body
        with running.listening("/") as ear:
            save(site / "iopsgen.yml", good)
            ear.until("event: reload")
        assert running.get("/")[1]["location"] == HOME
        running.until(lambda: running.problems() == "")


def test_a_template_may_break(site: Path) -> None:
    """A fault in a template is said with its place; pages are shown as before, also those that nobody had asked for. Mended, all is well."""
    with preview(site) as running:
        running.until(lambda: running.preview.stage.press._good)
        with running.listening(WELCOME) as ear:
            write_site(site, {"themes/default/templates/post.html": template("post.html", ("{% endblock %}", "{{ page.tittle }}{% endblock %}"))})
            assert ear.until("event: problems\ndata: ")
            problems = running.problems()
            assert "themes/default/templates/post.html:" in problems and "tittle" in problems and "title" in problems
            assert "Hello" in running.text(WELCOME)
            write_site(site, {"content/posts/second.md": POST.replace("Hello", "Second")})
            running.until_text("/river/posts/second/", "Second")
            assert "tittle" in running.problems()
            write_site(site, {"themes/default/templates/post.html": template("post.html", ("<h1", "<h1 data-mended"))})
            running.until_text(WELCOME, "data-mended")
            running.until(lambda: running.problems() == "")


def test_a_template_that_nobody_looks_at_is_checked(site: Path) -> None:
    """A fault is found although no page with it is open, and told once."""
    with preview(site) as running:
        write_site(site, {"themes/default/templates/event.html": "{% if %}"})
        running.until(lambda: "event.html" in running.problems())
        running.until(lambda: any("event.html" in str(p.place) for n in running.news for p in n.problems))
        assert sum(isinstance(n, Found) for n in running.news) <= 1
        shutil.rmtree(site / "themes")
        running.until(lambda: running.problems() == "")


def test_a_template_broken_from_the_start(site: Path) -> None:
    """A page that never could be made says so, and is told when it can; the others are shown."""
    write_site(site, {"themes/default/templates/post.html": "{% if %}"})
    with preview(site) as running:
        status, _, body = running.get(WELCOME)
        assert status == 500 and b"post.html:1" in body
        assert running.get(ABOUT)[0] == 200
        with running.listening(WELCOME) as ear:
            (site / "themes/default/templates/post.html").unlink()
            ear.until("event: reload")
        assert running.get(WELCOME)[0] == 200


# --- making pages only when they are needed ------------------------------------------------------------------------


def staged(site: Path) -> Stage:
    """A stage without threads, with the site on it."""
    stage = Stage(site)
    put(stage)
    return stage


def put(stage: Stage) -> None:
    store = Store(None)
    prepared, problems = prepare(stage.site_dir, Options(now=NOW, workers=1), store)
    assert isinstance(prepared, Prepared)
    texts = {item.fields.text.digest: store.html(item.fields.text.digest) for item in prepared.site.items if item.fields.text.digest}
    stage.put(prepared, problems, texts)
    store.close()


def test_pages_keep_their_bytes(site: Path) -> None:
    """A page is made once while nothing it shows changes, however often the site is read."""
    stage = staged(site)
    first = stage.page(WELCOME)
    put(stage)
    again = stage.page(WELCOME)
    assert first and again and first.data is again.data
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Hullo")})
    put(stage)
    changed = stage.page(WELCOME)
    assert changed and changed.data != first.data


def test_kept_pages_have_a_bound(site: Path) -> None:
    """Only so many bytes of pages are kept; what was let go is made again, the same."""
    stage = staged(site)
    stage.press = Press(room=1000)
    pages = [stage.page(address) for address in (HOME, WELCOME, ABOUT, "/river/events/", "/river/subscribe/")]
    assert list(stage.press._kept) == ["subscribe/index.html"]
    again = stage.page(HOME)
    assert again and pages[0] and again.data == pages[0].data


@pytest.mark.parametrize(
    ("file", "address", "old", "new"),
    [
        ("content/posts/welcome.md", WELCOME, "Hello", "Good evening, *everybody*"),
        ("content/posts/welcome.md", WELCOME, "title: Welcome", 'title: "Hail & well: met"'),
        ("content/posts/welcome.md", WELCOME, "title: Welcome\n", "title: Hail\nsummary: In short\n"),
        ("content/events/picnic.md", "/river/events/picnic/", "title: Picnic\n", "summary: Cakes\ntitle: Picnic by the sea\n"),
        ("content/pages/about.md", ABOUT, "title: About us\n---\nWe", "title: About all of us\n---\nAll of us"),
        ("content/events/picnic.md", "/river/events/picnic/", "Bring a cake.", "Bring two cakes.\n\nAnd `code`."),
        ("content/pages/about.md", ABOUT, "river.", "river very much, and the [welcome](../posts/welcome.md)."),
        ("content/pages/index.md", HOME, "Come in.", "Come in, come in."),
        ("content/chapters/north.md", "/river/chapters/north/", "We are the north.", "We are the far north."),
    ],
)
def test_a_glance_shows_what_the_site_will_show(site: Path, file: str, address: str, old: str, new: str) -> None:
    """The page that a glance at a changed text makes is, to the byte, the one that reading everything again makes."""
    write_site(
        site,
        {
            "content/pages/index.md": "---\ntitle: Home\n---\nCome in.\n",
            "content/chapters/north.md": "---\ntitle: North\n---\nWe are the north.\n",
        },
    )
    stage = staged(site)
    before = stage.page(address)
    stage.learn((address,))
    text = (site / file).read_text("utf-8")
    assert old in text
    write_site(site, {file: text.replace(old, new)})
    stage.look({file})
    glanced = stage.page(address)
    put(stage)
    final = stage.page(address)
    assert before and glanced and final
    assert before.data != glanced.data
    assert glanced == final


@pytest.mark.parametrize(
    "change",
    [
        ("title: Welcome", "title: "),
        ("title: Welcome", "title: [Welcome]"),
        ("title: Welcome", "title: Welcome\nslug: hail"),
        ("authors: [Anna, Ben]\n---\nHello", "authors: [Anna]\n---\nHullo"),
        ("Hello", "Hello [new](../pages/about.md)"),
        ("Hello", "## A heading\n\nHello"),
        ("date: 2026-10-05", "date: 2026-13-05"),
        ("---\ntitle", "--\ntitle"),
    ],
)
def test_a_glance_does_not_guess(site: Path, change: tuple[str, str]) -> None:
    """Where more than words changed, a glance leaves the page as it is."""
    stage = staged(site)
    before = stage.page(WELCOME)
    stage.learn((WELCOME,))
    assert change[0] in POST
    write_site(site, {"content/posts/welcome.md": POST.replace(*change)})
    stage.look({"content/posts/welcome.md"})
    assert stage.page(WELCOME) == before


def test_glances_last_while_something_else_is_wrong(site: Path) -> None:
    """While an error elsewhere keeps the site from being read anew, what was glanced at stays, and more of it is seen."""
    stage = staged(site)
    stage.learn((WELCOME,))
    write_site(site, {"content/posts/bad.md": BROKEN})
    for words in ("Hail", "Hullo"):
        write_site(site, {"content/posts/welcome.md": POST.replace("title: Welcome", f"title: {words}")})
        stage.look({"content/posts/welcome.md"})
        put(stage)
        stage.look({"content/posts/welcome.md"})
        page = stage.page(WELCOME)
        assert page and page.data and f"<title>{words}".encode() in page.data
        assert "bad.md" in stage.notice.html


def test_a_page_may_be_made_while_the_site_is_swapped(site: Path) -> None:
    """Whoever began to make a page before a swap still finds the texts of that time."""
    stage = staged(site)
    before = stage.showing
    assert before
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Hullo")})
    put(stage)
    made = stage.press.make(before, "posts/welcome/index.html")
    assert made and b"Hello" in made.data and stage.press.faults == {}


def test_a_glance_at_a_template(site: Path) -> None:
    """A changed template shows at once what it will show, and what is wrong with it."""
    write_site(site, {"themes/default/templates/post.html": template("post.html", ("<h1", "<h1 data-one"))})
    stage = staged(site)
    write_site(site, {"themes/default/templates/post.html": template("post.html", ("<h1", "<h1 data-two"))})
    stage.look({"themes/default/templates/post.html"})
    glanced = stage.page(WELCOME)
    put(stage)
    assert glanced and glanced.data and b"data-two" in glanced.data
    assert glanced == stage.page(WELCOME)
    write_site(site, {"themes/default/templates/post.html": "{% if %}"})
    stage.look({"themes/default/templates/post.html"})
    assert stage.page(WELCOME) == glanced
    assert "post.html:1" in stage.notice.html


def test_only_what_changed_in_a_theme_is_compiled(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit of one template the others are taken over as they are, whether the edit is glanced at or read with the site."""
    compiled: list[str] = []
    compile_it = ThemeEnvironment.compile

    def noting(self: ThemeEnvironment, source: str, name: str, *rest: object) -> object:
        compiled.append(name)
        return compile_it(self, source, name, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(ThemeEnvironment, "compile", noting)
    write_site(site, {"themes/default/templates/post.html": template("post.html", ("<h1", "<h1 data-one"))})
    stage = staged(site)
    stage.page(WELCOME)
    assert len(compiled) > 5
    for n in range(2):
        compiled.clear()
        write_site(site, {"themes/default/templates/post.html": template("post.html", ("<h1", f"<h1 data-again-{n}"))})
        if n:
            put(stage)
        else:
            stage.look({"themes/default/templates/post.html"})
        page = stage.page(WELCOME)
        assert page and page.data and f"data-again-{n}".encode() in page.data
        assert compiled == ["post.html"]


def test_a_change_during_a_rebuild_is_not_taken_back(site: Path) -> None:
    """What was saved after a rebuild began to read is still shown when that rebuild is done."""
    stage = staged(site)
    stage.learn((WELCOME,))
    store = Store(None)
    prepared, problems = prepare(site, Options(now=NOW, workers=1), store)
    assert isinstance(prepared, Prepared)
    texts = {item.fields.text.digest: store.html(item.fields.text.digest) for item in prepared.site.items if item.fields.text.digest}
    write_site(site, {"content/posts/welcome.md": POST.replace("Hello", "Hullo")})
    stage.look({"content/posts/welcome.md"})
    stage.put(prepared, problems, texts, pending={"content/posts/welcome.md"})
    page = stage.page(WELCOME)
    assert page and page.data and b"Hullo" in page.data


# --- beginning and ending ------------------------------------------------------------------------------------------


def test_a_taken_port_is_passed_over(site: Path) -> None:
    """Where the port is taken the next free one is used; a host that is not this machine's is refused in words."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        made = Preview(site, Options(now=NOW), None, lambda news: None, port=port)
        try:
            assert made.asked == port and made.port != port
        finally:
            made.close()
    with pytest.raises(NoPort, match=r"not a host of this machine|can be used"):
        Preview(site, Options(now=NOW), None, lambda news: None, host="192.0.2.1", port=0)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly(site: Path, ending: signal.Signals) -> None:
    """`iopsgen serve` says where to look, a line for each rebuild with what is wrong, and ends without a trace of trouble."""
    command = [sys.executable, "-m", "iopsgen", "serve", "--site", str(site), "--port", "0", "--now", NOW.isoformat()]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    environment.pop("GITHUB_ACTIONS", None)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Look at it:"):
                assert re.search(r"http://127\.0\.0\.1:\d+/river/", line)
            if line.startswith("Ctrl-C"):
                write_site(site, {"content/posts/welcome.md": BROKEN})
            if "^" in line:
                process.send_signal(ending)
        assert process.wait(PATIENCE) == 0
    assert "Read the site" in said and re.search(r"content/posts/welcome\.md changed: \d errors?", said)
    assert "content/posts/welcome.md:3:7: error:" in said and "3 | date: 2026-13-05" in said
    assert said.endswith("The preview has ended.\n") and "Traceback" not in said
