"""The receiver: what it takes in, what it refuses, what it writes and what it says."""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import html5lib
import pytest

from iopsgen.read.comments import read_inbox
from iopsgen.receiver import Receiver, make_application
from iopsgen.receiver.alone import open_server
from iopsgen.receiver.limits import EVERYBODY, WINDOW, Limits
from iopsgen.receiver.receiving import inbox_file
from tests.needs import ROOT
from tests.sites import POST, SETTINGS, build_site, write_site

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
INBOX = "comments/inbox.jsonl"
PAGE = "/posts/welcome/"
FORM = "comments:\n  form: {service: receiver, action: https://comments.example.org/}\n"


class Clock:
    """Time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.code, self.headers, self.body = int(status.split()[0]), {name.lower(): value for name, value in headers}, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def words(self) -> str:
        """The words of the page, which must be sound HTML."""
        tree = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False).parse(self.body, transport_encoding="utf-8")
        return " ".join(" ".join(tree.itertext()).split())


def ask(receiver: Receiver, data: bytes = b"", *, sound: bool = True, method: str = "POST", kind: str = "application/x-www-form-urlencoded", **more: str) -> Answer:
    """One request, as a server passes it on; if it is `sound`, through the validator of wsgiref."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(data)), "REMOTE_ADDR": "203.0.113.9", **more}
    environ.setdefault("QUERY_STRING", "")
    setup_testing_defaults(environ)
    environ["wsgi.input"] = io.BytesIO(data)
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        told[:] = [status, headers]
        return lambda data: None

    result: Any = (validator(receiver) if sound else receiver)(environ, start)  # type: ignore[arg-type]
    body = b"".join(result)
    if sound:
        result.close()
    assert int(dict(told[1])["Content-Length"]) == len(body) or method == "HEAD"
    return Answer(*told, body)


def send(receiver: Receiver, *, origin: str = "https://example.org", headers: dict[str, str] | None = None, **fields: str) -> Answer:
    """A form as a browser sends it."""
    values = {"page": PAGE, "language": "en", "body": "Hello there", "name": "", "url": "", "parent": "", "website": "", **fields}
    return ask(receiver, urlencode(values).encode(), **{**({"HTTP_ORIGIN": origin} if origin else {}), "HTTP_ACCEPT": "text/html", **(headers or {})})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site whose form sends to a receiver: an open post, a closed one, one without comments, one in Spanish."""
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-05-welcome.md": POST,
        "content/posts/2026-10-06-closed.md": POST.replace("title: Welcome", "title: Closed\ncomments: closed"),
        "content/posts/2026-10-07-off.md": POST.replace("title: Welcome", "title: Off\ncomments: off"),
        "content/posts/2026-10-08-café.md": POST.replace("title: Welcome", "title: Café\nslug: café"),
        "content/posts/2026-10-05-welcome.es.md": "---\ntitle: Hola\n---\nHola.\n",
        "content/pages/about.md": "---\ntitle: About\n---\nUs.\n",
    }
    folder = write_site(tmp_path_factory.mktemp("built") / "site", files, SETTINGS + "languages: {en: , es: {title: Amigos del río}}\n" + FORM)
    assert build_site(folder, NOW).ok
    return folder


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(built, tmp_path / "site")


@pytest.fixture
def receiver(site: Path) -> Receiver:
    return Receiver(site, now=lambda: NOW, clock=Clock())


def taken(site: Path) -> list[dict[str, Any]]:
    """The lines of the inbox, which the build must be able to read without a problem."""
    path = site / INBOX
    data = path.read_bytes() if path.exists() else b""
    found, problems = read_inbox([(INBOX, data)])
    assert problems == [] and found.malformed == found.blank == 0
    return [json.loads(line) for line in data.splitlines()]


# --- what is taken in --------------------------------------------------------------------------------------------------


def test_a_comment_is_taken_in(site: Path, receiver: Receiver) -> None:
    """What a form sends becomes one line of the inbox; the answer thanks, leads back and cannot be stored."""
    answer = send(receiver, body="Hé *you*\r\nand you\u2028!", name=" Zoë\n", url="https://zoe.example/ü", parent="c-1", elapsed="9000", nonsense="x")
    (line,) = taken(site)
    assert re.fullmatch(r"20261122T120000-[0-9a-f]{12}", line.pop("id"))
    assert line == {
        "page": PAGE, "received": "2026-11-22T12:00:00.123+00:00", "body": "Hé *you*\nand you\u2028!", "parent": "c-1", "name": "Zoë",
        "url": "https://zoe.example/%C3%BC", "language": "en", "signals": {"elapsed": 9000},
    }  # fmt: skip
    assert (answer.code, answer.headers["content-type"], answer.headers["cache-control"]) == (201, "text/html; charset=utf-8", "no-store")
    assert "Thank you. Your comment has arrived. It will appear on the page soon. Back to the page" in answer.words
    assert f'href="https://example.org/river{PAGE}#comments"'.encode() in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_it_reaches_the_page(site: Path, receiver: Receiver) -> None:
    """A comment that was taken in stands on its page after the next build."""
    assert send(receiver, page="/posts/café/", body="From afar").code == 201
    assert build_site(site, NOW.replace(hour=13)).ok
    assert "From afar" in (site / "output/posts/café/index.html").read_text("utf-8")


def test_nothing_is_needed_but_words(site: Path, receiver: Receiver) -> None:
    """A nameless comment without anything else is one; what does not fit costs the field, not the comment."""
    assert send(receiver).code == 201
    assert set(taken(site)[0]) == {"id", "page", "received", "body", "language"}
    assert send(receiver, body="two", url="javascript:alert(1)", parent="<b>", language="x y", elapsed="soon").code == 201
    assert set(taken(site)[1]) == {"id", "page", "received", "body"}


def test_programs_may_send_json(site: Path, receiver: Receiver) -> None:
    """JSON in, JSON out; a form gets JSON too where it asks for it; a program need not say where it comes from."""
    data = json.dumps({"page": PAGE, "body": "From a program \ud800", "name": None, "elapsed": 5000}).encode()
    answer = ask(receiver, data, kind="application/json; charset=utf-8")
    assert (answer.code, answer.json["ok"], answer.headers["content-type"]) == (201, True, "application/json")
    assert taken(site)[0]["id"] == answer.json["id"] and taken(site)[0]["signals"] == {"elapsed": 5000}
    answer = send(receiver, body="two", headers={"HTTP_ACCEPT": "application/json"})
    assert answer.json["id"] == taken(site)[1]["id"]
    answer = ask(receiver, b'{"page": "/nowhere/", "body": "x", "language": "es"}', kind="application/json")
    assert (answer.code, answer.json) == (404, {"ok": False, "code": "page", "message": "Ninguna página de este sitio recoge comentarios en esta dirección."})


def test_the_answer_speaks_the_language_of_the_page(receiver: Receiver) -> None:
    """Spanish for a page in Spanish, the main language where the site has none like it."""
    answer = send(receiver, page="/es/posts/welcome/", language="es", body="Hola")
    assert answer.code == 201 and b'<html lang="es" dir="ltr">' in answer.body and "Amigos del río" in answer.words and "Gracias." in answer.words
    assert b'href="https://example.org/river/es/posts/welcome/#comments"' in answer.body
    assert b'<html lang="en"' in send(receiver, language="xx", body="y").body


def test_the_same_comment_twice_is_taken_in_once(site: Path, receiver: Receiver) -> None:
    """A form that is sent again thanks again and adds nothing."""
    assert [send(receiver, name="Ann").code for _ in range(3)] == [201, 200, 200]
    assert send(receiver, name="Ben").code == 201
    assert [line["name"] for line in taken(site)] == ["Ann", "Ben"]


def test_what_looks_like_a_program_is_marked(site: Path, receiver: Receiver) -> None:
    """A filled trap is told to the moderators, who see the comment as held; the sender sees no difference."""
    assert send(receiver, website="http://spam.example/").code == 201
    assert taken(site)[0]["signals"] == {"honeypot": True}
    assert build_site(site, NOW.replace(hour=13)).comments.held == 1


# --- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    ["", "/", "/posts/", "/posts/closed/", "/posts/off/", "/about/", "/posts/nowhere/", "posts/welcome/", "/posts/../posts/welcome/", "/posts/welcome",
     "/../../etc/passwd", "//evil.example/", "/posts/welcome/\0", "\\posts\\welcome\\", "/" + "x" * 5000 + "/", "/posts/welcome/index.html", "/sitemap.xml"],
)  # fmt: skip
def test_only_pages_that_take_comments(site: Path, receiver: Receiver, page: str) -> None:
    """A page that is not there, has no form, or lies elsewhere takes none; the way back leads home."""
    answer = send(receiver, page=page, body="My long words & <more>")
    assert (answer.code, taken(site)) == (404, [])
    assert b'href="https://example.org/river/"' in answer.body
    assert "These are your words, so that they are not lost: My long words & <more>" in answer.words


def test_no_page_behind_a_link(site: Path, receiver: Receiver, tmp_path: Path) -> None:
    """A link in the output folder that leads out of it is no page of the site, whatever stands behind it."""
    (tmp_path / "away").mkdir()
    (tmp_path / "away/index.html").write_text('<form><input name="page" value="/posts/away/"></form>')
    (site / "output/posts/away").symlink_to(tmp_path / "away")
    assert send(receiver, page="/posts/away/").code == 404


def test_pages_elsewhere(tmp_path: Path) -> None:
    """Where the site is not built, the settings say which routes are pages."""
    site = write_site(tmp_path, {}, SETTINGS + 'comments: {receive: {pages: ["/posts/*/", "/*/posts/*/"]}}\n')
    receiver = Receiver(site, now=lambda: NOW, clock=Clock())
    assert [send(receiver, page=page, body=page).code for page in ("/posts/a/", "/es/posts/a/", "/events/a/", "/posts/../x/")] == [201, 201, 404, 404]


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"body": " \r\n\0"}, 422, "There were no words in it."),
        ({"body": "ü" * 16_385}, 413, "It is too long."),
        ({"name": "x" * 201}, 413, "It is too long."),
        ({"body": "x" * 170_000}, 413, "It is too long."),
    ],
)  # fmt: skip
def test_too_little_and_too_much(site: Path, receiver: Receiver, fields: dict[str, str], code: int, words: str) -> None:
    """No words, more than 32 KiB of them, a name without end: refused with the reason, nothing is written."""
    answer = send(receiver, **fields)
    assert (answer.code, taken(site)) == (code, [])
    assert words in answer.words
    assert send(receiver, body="ü" * 16_384).code == 201


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"body=%FF&page=/posts/welcome/", "application/x-www-form-urlencoded", 400),
        (b"body=\xff", "application/x-www-form-urlencoded", 400),
        (b"nonsense", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=%d" % n for n in range(60)), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 404),
        (b'{"body": ', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"body": {"x": 1}}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"1" * 5000, "application/json", 400),
        (b'{"body": "\xff"}', "application/json", 400),
        (b"--x", "multipart/form-data; boundary=x", 415),
        (b"x", "text/plain", 415),
        (b"x", "", 415),
    ],
)  # fmt: skip
def test_what_cannot_be_read(site: Path, receiver: Receiver, data: bytes, kind: str, code: int) -> None:
    """Other kinds, broken encodings, broken JSON: refused, and never a fault."""
    assert (ask(receiver, data, kind=kind).code, taken(site)) == (code, [])


def test_lengths_that_lie(site: Path, receiver: Receiver) -> None:
    """Without a length, with a wrong or a monstrous one, nothing more is read than is allowed; chunks are, up to the bound."""
    data = urlencode({"page": PAGE, "body": "x"}).encode()
    assert [ask(receiver, data, sound=False, CONTENT_LENGTH=n).code for n in ("", "-1", "9" * 30, "abc", str(len(data) + 5))] == [411, 400, 413, 400, 400]
    assert taken(site) == []
    chunked = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    assert ask(receiver, data, **chunked).code == 201  # type: ignore[arg-type]
    assert ask(receiver, b"x" * 200_000, **chunked).code == 413  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post(receiver: Receiver, method: str) -> None:
    """Other methods are refused and told what is allowed."""
    answer = ask(receiver, method=method)
    assert (answer.code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert answer.body == b"" if method == "HEAD" else b"This address takes comments" in answer.body


def test_only_pages_of_the_site_may_send(site: Path) -> None:
    """Forms of other websites are refused, by Origin or else by Referer; those that the settings name are not; scripts are told so."""
    write_site(site, {"iopsgen.yml": (site / "iopsgen.yml").read_text().replace("comments:\n", 'comments:\n  receive: {origins: ["https://www.example.org/x", "http://127.0.0.1:8000"]}\n')})
    receiver = Receiver(site, now=lambda: NOW, clock=Clock())
    codes = {
        "https://example.org": 201, "HTTPS://EXAMPLE.ORG": 201, "https://www.example.org": 201, "http://127.0.0.1:8000": 201, "": 201,
        "https://evil.example": 403, "http://example.org": 403, "https://example.org.evil.example": 403, "https://example.org:444": 403, "null": 403,
        "https://[": 403,
    }  # fmt: skip
    receiver._limits.each = 100
    assert {origin: send(receiver, origin=origin, body=f"from {origin}").code for origin in codes} == codes
    assert send(receiver, origin="", headers={"HTTP_REFERER": "https://evil.example/x"}).code == 403
    assert send(receiver, origin="", headers={"HTTP_REFERER": "https://example.org/river/posts/welcome/"}).code == 201
    preflight = ask(receiver, method="OPTIONS", HTTP_ORIGIN="https://www.example.org")
    assert (preflight.code, preflight.headers["access-control-allow-origin"]) == (204, "https://www.example.org")
    assert "access-control-allow-origin" not in ask(receiver, method="OPTIONS", HTTP_ORIGIN="https://evil.example").headers


# --- limits ------------------------------------------------------------------------------------------------------------


def test_so_much_from_one_address(site: Path) -> None:
    """Five in ten minutes; others are not held up; the answer says when to try again; time heals."""
    clock = Clock()
    receiver = Receiver(site, now=lambda: NOW, clock=clock)
    assert [send(receiver, body=f"{n}").code for n in range(6)] == [201] * 5 + [429]
    answer = send(receiver, body="again")
    assert (answer.headers["retry-after"], len(taken(site))) == ("601", 5)
    assert "again in some minutes" in answer.words and "again" in answer.words
    assert send(receiver, body="other", headers={"REMOTE_ADDR": "203.0.113.10"}).code == 201
    assert send(receiver, body="0").code == 200  # was taken in before
    clock.seconds = WINDOW + 1
    assert send(receiver, body="later").code == 201


@pytest.mark.parametrize(
    ("address", "same"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:203.0.113.9", "203.0.113.9"), ("[2001:db8::1%eth0]", "2001:db8::2"), ("nonsense", "nonsense")],
)
def test_a_network_is_one_address(site: Path, address: str, same: str) -> None:
    """A household's IPv6 network counts as one, and IPv4 written as IPv6 is IPv4."""
    receiver = Receiver(site, now=lambda: NOW, clock=Clock())
    receiver._limits.each = 1
    assert send(receiver, body="1", headers={"REMOTE_ADDR": address}).code == 201
    assert send(receiver, body="2", headers={"REMOTE_ADDR": same}).code == 429
    assert send(receiver, body="3", headers={"REMOTE_ADDR": "2001:db8:1:3::1"}).code == 201


def test_behind_servers_of_our_own(site: Path) -> None:
    """X-Forwarded-For counts only where the settings say so, and only as far as our own servers wrote it."""
    forged = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 198.51.100.7"}
    for proxies, codes in ((0, [201, 429, 429]), (1, [201, 429, 201]), (2, [201, 201, 201])):
        write_site(site, {"iopsgen.yml": SETTINGS + f"comments: {{receive: {{limit: 1, proxies: {proxies}, pages: '/posts/*'}}}}\n", INBOX: ""})
        receiver = Receiver(site, now=lambda: NOW, clock=Clock())
        found = [
            send(receiver, body=f"{proxies} {n}", headers={**forged, "HTTP_X_FORWARDED_FOR": seen}).code
            for n, seen in enumerate(("1.2.3.4, 198.51.100.7", "1.2.3.5, 198.51.100.7", "1.2.3.6, 198.51.100.8"))
        ]
        assert found == codes, proxies


def test_so_much_from_all() -> None:
    """Many addresses together are bounded too, and so is what is remembered of them."""
    clock = Clock()
    limits = Limits(5, clock)
    assert [bool(limits.wait(f"10.0.{n // 256}.{n % 256}")) for n in range(EVERYBODY + 2)] == [False] * EVERYBODY + [True, True]
    clock.seconds = WINDOW
    for n in range(20_000):
        clock.seconds += WINDOW
        limits.wait(str(n))
    assert len(limits._seen) <= 10_000 and len(limits._all) <= EVERYBODY


def test_no_address_is_kept(site: Path, receiver: Receiver) -> None:
    """Neither mail nor IP addresses reach the disk, and in memory stands no address either; the settings may ask for them."""
    send(receiver, email="ann@secret.example", name="Ann <ann@secret.example>")
    assert taken(site)[0]["name"] == "Ann"
    written = b"".join(p.read_bytes() for p in (site / "comments").rglob("*"))
    assert b"secret.example" not in written and b"203.0.113" not in written
    assert "203.0.113" not in repr((receiver._limits.__dict__, receiver._recent.__dict__))
    write_site(site, {"iopsgen.yml": (site / "iopsgen.yml").read_text().replace("comments:\n", "comments:\n  receive: {keep: [email, address]}\n"), INBOX: ""})
    receiver = Receiver(site, now=lambda: NOW, clock=Clock())
    send(receiver, email="ann@secret.example")
    line = json.loads((site / INBOX).read_bytes())
    assert (line["email"], line["address"]) == ("ann@secret.example", "203.0.113.9")


# --- where it is written -----------------------------------------------------------------------------------------------


def test_the_file_of_the_inbox(tmp_path: Path) -> None:
    """One file, or in a folder and for a pattern a file for each month."""
    (tmp_path / "comments" / "odd.jsonl").mkdir(parents=True)
    found = [inbox_file(tmp_path, inbox, NOW) for inbox in (INBOX, "comments/inbox", "comments/in/*.jsonl", "comments/odd.jsonl")]
    assert found == [INBOX, "comments/inbox/2026-11.jsonl", "comments/in/2026-11.jsonl", "comments/odd.jsonl/2026-11.jsonl"]


def test_a_disk_that_refuses(site: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender gets the words back and an apology; the reason goes to the server's log, without anything about the sender."""
    (site / "comments").mkdir()
    (site / INBOX).symlink_to(site / "elsewhere")
    log = io.StringIO()
    answer = send(receiver, body="My words", headers={"wsgi.errors": log})  # type: ignore[dict-item]
    assert answer.code == 503 and "it is not your fault" in answer.words and "My words" in answer.words
    assert log.getvalue().startswith(f"Nothing was added to {INBOX}:") and "203.0" not in log.getvalue()
    (site / INBOX).unlink()
    monkeypatch.setattr("iopsgen.receiver.receiving.MAX_INBOX", 10)
    assert send(receiver, body="My words").code == 503
    monkeypatch.undo()
    assert send(receiver, body="My words").code == 201


def test_settings_are_read_again(site: Path, receiver: Receiver) -> None:
    """A change of iopsgen.yml counts from the next request on; a broken one changes nothing; without sound settings there is no receiver."""
    assert "appear on the page soon" in send(receiver, body="1").words
    path, text = site / "iopsgen.yml", (site / "iopsgen.yml").read_text()
    path.write_text(text.replace("comments:\n", "comments:\n  moderation: before\n"))
    assert "once a moderator has read it" in send(receiver, body="2").words
    path.write_text("site: [")
    assert "once a moderator has read it" in send(receiver, body="3").words
    with pytest.raises(ValueError, match="is not sound"):
        make_application(site)
    path.unlink()
    assert send(receiver, body="4").code == 201
    with pytest.raises(ValueError, match="cannot be read"):
        make_application(site)


def test_words_are_escaped_wherever_they_stand(receiver: Receiver) -> None:
    """What somebody sends is text on the page that answers, whatever it holds."""
    answer = send(receiver, page='/"><script>alert(1)</script>', body='</textarea><script>alert(1)</script>\n\n&lt;"\'', language='"><script>')
    assert answer.code == 404 and b"<script" not in answer.body
    assert "</textarea><script>alert(1)</script> &lt;\"'" in answer.words


# --- servers -----------------------------------------------------------------------------------------------------------


def post(address: str, body: str, **headers: str) -> tuple[int, Any]:
    """A real request."""
    data = urlencode({"page": PAGE, "body": body}).encode()
    request = urllib.request.Request(address, data, {"Accept": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def alone(site: Path) -> Iterator[str]:
    """The receiver alone on a free port."""
    server = open_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_alone_on_this_machine(site: Path, alone: str) -> None:
    """It listens on the loopback address, takes what pages of this machine send, and answers to no foreign name."""
    assert post(alone, "one", Origin="http://localhost:8000")[0] == 201
    assert post(alone, "two", Origin="http://127.0.0.1:1234")[0] == 201
    assert post(alone, "three", Origin="https://evil.example")[0] == 403
    assert post(alone, "four", Host="evil.example")[0] == 403
    assert [line["body"] for line in taken(site)] == ["one", "two"]


def wait_for(address: str) -> None:
    """Until a server answers."""
    for _ in range(600):
        try:
            post(address, "")
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=4", "iopsgen.receiver:application"],
        ["-m", "gunicorn", "--bind=127.0.0.1:{port}", "--workers=2", "--threads=2", "--log-level=error", "iopsgen.receiver:application"],
        ["-m", "iopsgen", "comments", "receive", "--port={port}", "--site={site}"],
    ],
    ids=["waitress", "gunicorn", "iopsgen"],
)  # fmt: skip
def test_under_real_servers(site: Path, command: list[str]) -> None:
    """Any server for WSGI runs it, with several threads and processes: many at once are all taken in, each line whole."""
    write_site(site, {"iopsgen.yml": (site / "iopsgen.yml").read_text().replace("comments:\n", "comments:\n  receive: {limit: 100}\n")})
    port = free_port()
    words = [sys.executable, *(word.format(port=port, site=site) for word in command)]
    environment = {**os.environ, "IOPSGEN_SITE": str(site), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=environment, cwd=site, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}/"
            wait_for(address)
            codes: list[int] = []
            senders = [threading.Thread(target=lambda n=n: codes.append(post(address, f"{n} " + "x" * 9000)[0])) for n in range(24)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            assert codes == [201] * 24
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    assert sorted(int(line["body"].split()[0]) for line in taken(site)) == list(range(24))


def test_a_port_that_is_taken(site: Path) -> None:
    """It says which port cannot be used and how to name another; a broken site is said, too."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        words = [sys.executable, "-m", "iopsgen", "comments", "receive", "--site", str(site), "--port"]
        done = subprocess.run([*words, str(holder.getsockname()[1])], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 2 and "cannot be used" in done.stderr and "--port" in done.stderr
    (site / "iopsgen.yml").write_text("site: [")
    done = subprocess.run([*words, "0"], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 2 and "is not sound" in done.stderr
