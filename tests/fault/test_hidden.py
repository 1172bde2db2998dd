"""What is not to be shown is in no output: every file that a build makes is searched for words that stand in hidden texts alone."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image, PngImagePlugin

from tests.previews import preview
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, messages, tree, write_site

MARK = "zqxw"  # begins each word that may be in no output
KINDS = ("posts", "events", "chapters", "pages")
WAYS = {"draft": "draft: true", "later": "publish: 2027-03-01", "over": "expires: 2026-06-01"}

OWN = {
    "posts": "date: 2026-10-05\nauthors: [{word} Author, {word}-id]\nseries: {word} Series\ncategories: [{word} Category]\ntags: [{word} Tag]\n",
    "events": "start: 2026-12-05 12:00\nend: 15:00\nrepeat: weekly, 5 times\nvenue: {{name: {word} Hall, address: {word} Street, city: {word} City}}\nonline: https://example.org/{word}\n"
    "organisers: [{word} Organiser]\ntags: [{word} Event Tag]\nregister: {{url: 'https://example.org/{word}', price: {word} pounds}}\nuid: {word}@example.org\nstatus: cancelled\nreason: {word} reason\n",
    "chapters": "kind: chapter\ncountry: GB\nplace: {word} Place\ncontact: {word}@example.org\nlinks: [{{title: {word} Link, url: 'https://example.org/{word}'}}]\n",
    "pages": "",
}
COMMON = (
    "title: {word} Title\nslug: {slug}\nsummary: {word} Summary\nimage: {{src: {name}.png, alt: {word} Picture}}\naliases: [/{word}-old/]\nelsewhere: [{{title: {word} Elsewhere, url: 'https://example.org/{word}'}}]\n"
    "extra: {{note: {word} Extra}}\nfeatured: true\n"
)
BODY = "{word} Text with [a link](https://example.org/{word}), a picture ![{word} alt]({name}.png) and a file [{word}]({name}.txt).\n\n## {word} Heading\n\n- {word} entry\n"


def word_of(kind: str, way: str) -> str:
    """The word of one hidden text."""
    return f"{MARK}{kind}{way}"


def picture(word: str) -> bytes:
    """A picture with a word in it."""
    data, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", word)
    Image.new("RGB", (40, 30), "red").save(data, "PNG", pnginfo=info)
    return data.getvalue()


def hidden_text(kind: str, way: str, name: str, word: str, slug: str = "") -> dict[str, bytes | str]:
    """A text that is hidden, with a picture and a file beside it in a folder of its own, and what it says in another language."""
    keys = (COMMON + OWN[kind]).format(word=word, slug=slug or word, name=name)
    folder = f"content/{kind}/{name}"
    text = f"---\n{keys}{WAYS[way]}\n---\n{BODY.format(word=word, name=name)}"
    when = {"posts": "date: 2026-10-05\n", "events": "start: 2026-12-05 12:00\n"}.get(kind, "")
    spanish = f"---\ntitle: {word} Título\nslug: {slug or word}-es\n{when}{WAYS[way]}\n---\n{word} texto\n"
    return {f"{folder}/index.md": text, f"{folder}/index.es.md": spanish, f"{folder}/{name}.png": picture(word), f"{folder}/{name}.txt": f"{word} file\n"}


def comments() -> str:
    """An inbox with what is never shown: addresses, held, rejected and spam comments, and comments of hidden texts."""
    lines = [
        '{"id": "c1", "page": "/posts/welcome/", "received": "2026-11-01T10:00:00Z", "name": "Zoe", "email": "zqxwmail@example.org", "ip": "192.0.2.77", "user_agent": "zqxwagent", "body": "Hello there"}',
        '{"id": "c2", "page": "/posts/welcome/", "received": "2026-11-01T11:00:00Z", "name": "zqxwrejected", "body": "zqxwrejected words"}',
        '{"id": "c3", "page": "/posts/welcome/", "received": "2026-11-01T12:00:00Z", "name": "zqxwspam", "status": "spam", "body": "zqxwspam words"}',
        '{"id": "c4", "page": "/posts/welcome/", "received": "2026-11-01T12:00:00Z", "name": "zqxwpending", "status": "pending", "body": "zqxwpending words"}',
        '{"id": "c5", "page": "/posts/welcome/", "received": "2026-11-01T12:00:00Z", "name": "zqxwerased", "body": "zqxwerased words"}',
        '{"id": "c6", "page": "/posts/welcome/", "parent": "c5", "received": "2026-11-01T12:30:00Z", "name": "zqxwheld", "body": "zqxwheld words"}',
    ]
    lines += [
        f'{{"id": "h{number}", "page": "/{kind}/{word_of(kind, way)}/", "received": "2026-11-01T13:00:00Z", "name": "{MARK}reader", "body": "{MARK}reader words"}}'
        for number, (kind, way) in enumerate((kind, way) for kind in KINDS for way in WAYS)
    ]
    return "\n".join(lines) + "\n"


DECISIONS = """{"at": "2026-11-02T10:00:00Z", "action": "reject", "id": "c2", "reason": "zqxwwhy", "by": "zqxwmoderator"}
{"at": "2026-11-02T10:00:00Z", "action": "erase", "id": "c5", "reason": "zqxwwhy"}
{"at": "2026-11-02T10:00:00Z", "action": "hold", "id": "c6", "reason": "zqxwwhy"}
"""


def site_with_everything_hidden(folder: Path) -> Path:
    """A site in which each kind of text is hidden in each way, beside ordinary ones, with other files that nobody meant to publish."""
    files: dict[str, str | bytes | None] = {
        "content/posts/welcome.md": POST.replace("Hello,", "Hello, <!-- zqxwremark -->"),
        "content/events/picnic.md": EVENT.replace("start:", "# zqxwremark\nstart:"),
        "content/chapters/north.md": "---\ntitle: North\nkind: branch\n---\nUp there.\n",
        "content/pages/about.md": "---\ntitle: About\n---\nUs.\n",
        "comments/inbox.jsonl": comments(),
        "comments/decisions.jsonl": DECISIONS,
        # Neither texts nor files to be copied.
        "content/posts/.zqxwhidden.md": POST,
        "content/posts/welcome.md~": "zqxwbackup",
        "content/posts/.git/zqxwconfig": "zqxwgit",
        "content/posts/#welcome.md#": "zqxwemacs",
        "content/.zqxwfolder/x.txt": "zqxwfolder",
        "static/.zqxwenv": "zqxwpassword",
        "static/.git/HEAD": "zqxwhead",
        "static/photo.png.bak": "zqxwbak",
        "static/.DS_Store": "zqxwstore",
        "data/secret.yml": "word: zqxwdata\n",
        "themes/ours/theme.yml": "parent: default\n",
        "themes/ours/README.md": "zqxwtheme",
        "README.md": "zqxwreadme",
        "secret.txt": "zqxwsecret",
    }
    for kind in KINDS:
        for way in WAYS:
            word = word_of(kind, way)
            files |= hidden_text(kind, way, word, word)
    settings = SETTINGS + "languages: [en, es]\nposts: {permalink: '/posts/{slug}/'}\nredirects: [html, netlify, apache]\nextra: {note: zqxwsettings}\ntheme: ours\ncomments: {moderation: after}\n"
    return write_site(folder, files, settings)


def leaks(output: dict[str, bytes]) -> list[str]:
    """The outputs that hold a marked word: in their name, their bytes, what is packed in them, or encoded."""
    found = []
    for name, data in output.items():
        views = [name.encode(), data, data.decode("utf-16-le", "replace").encode(), unquote(data.decode("latin-1")).encode("utf-8", "replace"), re.sub(rb"\r?\n[ \t]", b"", data)]
        if name.endswith(".gz"):
            views.append(gzip.decompress(data))
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                views += [packed.read(part) for part in packed.namelist()]
        found += [f"{name}: {match[0].decode()}" for view in views for match in re.finditer(rb"zqxw[a-z0-9-]*", view.lower())][:1]
    return found


def test_nothing_hidden_is_in_any_output(tmp_path: Path) -> None:
    """Drafts, scheduled and expired texts of every kind, their pictures, files, translations, people, tags, venues, addresses and comments; backups, dot files, remarks."""
    site = site_with_everything_hidden(tmp_path)
    built = build_site(site)
    assert built.ok, messages(built)
    assert built.drafts >= len(KINDS) and built.scheduled >= len(KINDS) and built.expired >= len(KINDS)
    output = tree(site / "output")
    assert leaks(output) == []
    assert b"Hello there" in output["posts/welcome/index.html"] and b"192.0.2.77" not in b"".join(output.values())
    assert MARK not in (site / "published.jsonl").read_text()


def test_the_search_for_leaks_finds_them(tmp_path: Path) -> None:
    """With drafts asked for, each kind of draft and scheduled text is found in many outputs; with time, so is what was scheduled, alone."""
    site = site_with_everything_hidden(tmp_path)
    assert build_site(site, drafts=True).ok
    found = leaks(tree(site / "output"))
    for kind in KINDS:
        assert sum(word_of(kind, "draft") in line for line in found) > 3 and sum(word_of(kind, "later") in line for line in found) > 3, kind
        assert not any(word_of(kind, "over") in line for line in found), found
    assert MARK not in (site / "published.jsonl").read_text() if (site / "published.jsonl").exists() else True
    assert build_site(site).ok and leaks(tree(site / "output")) == []  # after a look at the drafts they are gone again
    assert MARK not in (site / "published.jsonl").read_text()
    later = build_site(site, now=datetime(2027, 3, 2, tzinfo=NOW.tzinfo))
    assert later.ok, messages(later)
    found = leaks(tree(site / "output"))
    for kind in KINDS:
        assert sum(word_of(kind, "later") in line for line in found) > 3, kind
        assert not any(word_of(kind, "draft") in line or word_of(kind, "over") in line for line in found), found


@pytest.mark.parametrize("way", list(WAYS))
def test_what_becomes_hidden_goes(tmp_path: Path, way: str) -> None:
    """A text that was published and becomes a draft, is put off or expires leaves nothing behind, nor does its address lead on.

    The names of its categories, tags and people stay where they were published, on pages and in feeds that are empty now.
    """
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "content/events/picnic.md": EVENT}, SETTINGS + "languages: [en, es]\nredirects: [html, netlify, apache]\n")
    shown = {kind: hidden_text(kind, way, f"{MARK}{kind}", f"{MARK}{kind}") for kind in KINDS}
    for files in shown.values():
        write_site(site, {name: data.replace(WAYS[way], "noindex: no") if isinstance(data, str) else data for name, data in files.items()})
    assert build_site(site).ok and len(leaks(tree(site / "output"))) > 20
    for files in shown.values():
        write_site(site, dict(files))
    built = build_site(site)
    assert built.ok, messages(built)
    for options in ({}, {"clean": True}):
        assert build_site(site, **options).ok
        left = [line for line in leaks(tree(site / "output")) if not re.match(r"(?:es/)?(?:categories|tags|people)/zqxw|sitemap", line)]
        assert left == []
        assert not re.search(rb"zqxw\w+ (?:title|summary|text|extra|t\xc3\xadtulo)|zqxw(?:pages|chapters)|/(?:posts|events)/zqxw", b"".join(tree(site / "output").values()).lower())


def test_a_comment_that_is_erased_is_nowhere(tmp_path: Path) -> None:
    """After a comment was erased no file of the output, of the cache, or of what is kept to publish with holds a word of it."""
    inbox = '{"id": "c1", "page": "/posts/welcome/", "received": "2026-11-01T10:00:00Z", "name": "Zqxwname", "body": "Hello zqxwbody"}\n'
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "comments/inbox.jsonl": inbox})
    assert build_site(site).ok and leaks(tree(site / "output"))
    write_site(site, {"comments/decisions.jsonl": '{"at": "2026-11-02T10:00:00Z", "action": "erase", "id": "c1"}\n'})
    assert build_site(site).ok
    assert leaks(tree(site / "output")) == [] and leaks(tree(site / ".iopsgen")) == [] and leaks({"x": (site / "published.jsonl").read_bytes()}) == []


def test_the_preview_hides_as_well(tmp_path: Path) -> None:
    """Without being asked for drafts, the preview answers no address with a hidden word, not even those that it would have."""
    site = site_with_everything_hidden(tmp_path)
    write_site(site, {"comments/inbox.jsonl": None, "comments/decisions.jsonl": None, "content/posts/welcome.md": POST})  # else the overlay has something to say
    with preview(site) as running:
        for path in ("/river/", "/river/posts/", "/river/events/", "/river/feed.xml", "/river/calendar.ics", "/river/sitemap.xml", "/river/status.json", "/.iopsgen/problems.html"):
            assert MARK not in running.text(path), path
        for kind in KINDS:
            for way in WAYS:
                word = word_of(kind, way)
                for address in (f"/river/{kind}/{word}/", f"/river/{word}/", f"/river/{kind}/{word}/{word}.png", f"/river/{word}-old/", f"/river/es/{kind}/{word}-es/"):
                    assert running.get(address)[0] == 404, address
        for address in ("/river/.zqxwenv", "/river/.git/HEAD", "/river/posts/.git/zqxwconfig", "/river/photo.png.bak", "/river/%2e%2e/secret.txt", "/secret.txt", "/river/..%2fsecret.txt", "/comments/inbox.jsonl", "/iopsgen.yml"):
            status, _, body = running.get(address)
            assert status in (400, 404) and MARK.encode() not in body.replace(address.encode(), b""), address


def test_errors_do_not_publish_what_is_hidden(tmp_path: Path) -> None:
    """A build that keeps going past broken texts shows none of the hidden ones either."""
    site = site_with_everything_hidden(tmp_path)
    write_site(site, {"content/posts/broken.md": f"---\ntitle: {MARK}broken\nchapter: nowhere\nevent: {word_of('events', 'draft')}\n---\n{MARK}broken\n", "content/posts/worse.md": f"---\ntitle: [{MARK}\n---\n"})
    built = build_site(site, keep_going=True)
    assert not built.ok and built.written > 0
    assert leaks(tree(site / "output")) == []
