"""Files made to fill the memory or to take for ever: a build ends in bounded memory and time, with a site or with a sentence."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sites import EVENT, POST, write_site

MEMORY = 1_500 * 2**20  # bytes of address space
SECONDS = 120  # of the processor, only against a hang
MIB = 2**20


def comment(number: int, body: str = "Hello", **more: object) -> str:
    """A line of the inbox."""
    return json.dumps({"id": f"c{number}", "page": "/posts/welcome/", "received": "2026-11-01T10:00:00Z", "body": body, **more}) + "\n"


CASES: dict[str, Callable[[], dict[str, str | bytes | None]]] = {
    "settings of 30 MiB": lambda: {"iopsgen.yml": "site: {title: T, url: https://example.org/}\nextra: {x: '" + "x" * (30 * MIB) + "'}\n"},
    "settings that nest": lambda: {"iopsgen.yml": "site: {title: T, url: https://example.org/}\nextra: " + "[" * 200_000 + "\n"},
    "settings with a bomb": lambda: {"iopsgen.yml": "site: {title: T, url: https://example.org/}\nextra:\n  a: &a [x, x, x, x]\n  b: &b [*a, *a, *a, *a]\n  c: &c [*b, *b, *b, *b]\n  d: [*c, *c, *c, *c]\n"},
    "theme.yml of 30 MiB": lambda: {"themes/ours/theme.yml": "options: {x: '" + "x" * (30 * MIB) + "'}\n", "iopsgen.yml": "site: {title: T, url: https://example.org/}\ntheme: ours\n"},
    "front matter without end": lambda: {"content/posts/x.md": "---\ntitle: x\n" + "a: b\n" * MIB},
    "a text of 3.9 MiB": lambda: {"content/posts/x.md": "---\ntitle: x\ndate: 2026-10-05\n---\n" + "word *word* [x](y)\n\n" * 200_000},
    "a text of 5 MiB": lambda: {"content/posts/x.md": "---\ntitle: x\n---\n" + "word " * MIB},
    "a title of 60 KiB": lambda: {"content/posts/x.md": f"---\ntitle: {'long ' * 12_000}\ndate: 2026-10-05\n---\nText.\n"},
    "ten thousand tags": lambda: {"content/posts/x.md": f"---\ntitle: x\ndate: 2026-10-05\ntags: [{', '.join(f't{n}' for n in range(9_000))}]\n---\nText.\n"},
    "ten thousand dates": lambda: {"content/events/x.md": f"---\ntitle: x\nstart: 2026-12-01 10:00\nrepeat: daily until 2099-01-01\nexcept: x\n---\n{'Text. ' * 1000}\n"},
    "ten thousand aliases": lambda: {"content/posts/x.md": f"---\ntitle: x\ndate: 2026-10-05\naliases: [{', '.join(f'/a{n}/' for n in range(7_000))}]\n---\nText.\n"},
    "what was published, 60 MiB of noise": lambda: {"published.jsonl": b"x" * 60 * MIB},
    "what was published, lines of noise": lambda: {"published.jsonl": b"{}\n" * 300_000},
    "what was published, many texts": lambda: {"published.jsonl": "".join(f'{{"kind":"text","first":"content/posts/g{n}.md","routes":["/posts/g{n}/"],"title":"G"}}\n' for n in range(60_000))},
    "what was published, one text with many addresses": lambda: {"published.jsonl": '{"kind":"text","first":"content/posts/welcome.md","routes":[' + ",".join(f'"/o{n}/"' for n in range(20_000)) + '],"title":"Welcome"}\n'},
    "an inbox of 60 MiB without a line end": lambda: {"comments/inbox.jsonl": b"{" * 60 * MIB},
    "an inbox of broken lines": lambda: {"comments/inbox.jsonl": b"{\n" * 500_000},
    "many comments on one page": lambda: {"comments/inbox.jsonl": "".join(comment(n, "x" * 300) for n in range(8_000))},
    "answers to answers": lambda: {"comments/inbox.jsonl": "".join(comment(n, parent=f"c{n - 1}") for n in range(6_000))},
    "a comment that is all brackets": lambda: {"comments/inbox.jsonl": "".join(comment(n, "[" * 30_000) for n in range(5))},
    "decisions without end": lambda: {"comments/inbox.jsonl": comment(1), "comments/decisions.jsonl": '{"at": "2026-11-02T10:00:00Z", "action": "edit", "id": "c1", "value": "x"}\n' * 200_000},
    "a calendar of 15 MiB": lambda: {"calendars/p.ics": "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * MIB, "iopsgen.yml": "site: {title: T, url: https://example.org/}\ncalendars: [{file: calendars/p.ics, title: P}]\n"},
    "people without end": lambda: {"content/people.yml": "".join(f"p{n}: {{name: P{n}}}\n" for n in range(150_000))},
    "data that nest": lambda: {"data/x.yml": "- " * 200_000},
    "a picture that is huge when unpacked": lambda: {"content/posts/x.md": "---\ntitle: x\ndate: 2026-10-05\nimage: {src: x.png, alt: A}\n---\n![x](x.png)\n", "content/posts/x.png": large_picture()},
    "links without end": lambda: {"content/posts/x.md": "---\ntitle: x\ndate: 2026-10-05\n---\n" + "[x](nowhere.md) " * 30_000},
}


def large_picture() -> bytes:
    """A PNG of 30,000 by 30,000 black pixels in a few kilobytes of head, whose rows are missing."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj()
    packed = b"".join(rows.compress(bytes(3751)) for _ in range(30_000)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def limit() -> None:
    """What a build may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_bounded(folder: Path, name: str) -> None:
    """A site with one of the cases is built, or refused in words, within the limits; a second build is, too."""
    site = write_site(folder / "site", {"content/posts/welcome.md": POST, "content/events/picnic.md": EVENT, **CASES[name]()})
    for _ in range(2):
        call = [sys.executable, "-m", "iopsgen", "build", "--site", str(site), "--now", "2026-11-22T12:00:00Z"]
        done = subprocess.run(call, capture_output=True, text=True, check=False, preexec_fn=limit)
        said = done.stdout + done.stderr
        assert done.returncode in (0, 1, 2), (name, done.returncode, said[-2000:])
        assert "Traceback" not in said and len(said) < MIB, said[:2000]
        assert done.returncode == 0 or "error" in said, said[:2000]


@pytest.mark.parametrize("name", list(CASES)[::6])
def test_what_is_too_much(tmp_path: Path, name: str) -> None:
    """Some of the cases, in an everyday run."""
    check_bounded(tmp_path, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CASES if name not in list(CASES)[::6]])
def test_what_is_far_too_much(tmp_path: Path, name: str) -> None:
    """All the others."""
    check_bounded(tmp_path, name)
