"""Measures the preview: from the save of a file to the moment at which the browser is told, on a copy of a site.

    python -m benchmarks.preview [FOLDER] [--rounds 5]
"""

import argparse
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Browser:
    """One open page: loads it, and notes when it is told to load again."""

    def __init__(self, address: str, path: str) -> None:
        self.address, self.path = address, path

    def listen(self) -> socket.socket:
        """A connection that is told of changes from now on."""
        with urllib.request.urlopen(self.address + self.path) as page:
            mark = re.search(rb'data-mark="([^"]*)" defer', page.read())
        assert mark, "the page has no script of the preview"
        host, port = self.address.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), 60)
        target = f"/.iopsgen/events?page={self.path}&mark={mark[1].decode().replace(' ', '%20')}"
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        seen = b""
        while b"event: problems\ndata: " not in seen:
            seen += connection.recv(4096)
        assert b"event: reload" not in seen
        return connection

    def time(self, save: Callable[[], None]) -> float:
        """Seconds from a save until the page is told, a moment after it was opened."""
        with self.listen() as connection:
            time.sleep(1.0)
            started = time.perf_counter()
            save()
            seen = b""
            while b"event: reload" not in seen:
                data = connection.recv(4096)
                assert data, "the preview hung up"
                seen += data
            return time.perf_counter() - started


def measure(site: Path, rounds: int) -> None:
    """Prints what it took, for an edit of a text, of a title, of a template and of a style."""
    post = next(p for p in sorted((site / "content" / "posts").rglob("*.md"), reverse=True) if "draft" not in p.read_text("utf-8").split("---")[1] and p.stem.count(".") == 0)
    original = post.read_text("utf-8")
    templates = site / "themes" / "default" / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "iopsgen/themes/default/templates/post.html", templates)
    server = subprocess.Popen(
        [sys.executable, "-m", "iopsgen", "serve", "--site", str(site), "--port", "0", "--now", "2026-11-22"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    assert server.stdout
    try:
        for line in server.stdout:
            lines.append(line)
            if line.startswith("Look at it:"):
                break
        else:
            raise SystemExit("".join(lines))
        address = lines[-1].split()[-1].rstrip("/")
        threading.Thread(target=lambda: lines.extend(server.stdout or ()), daemon=True).start()
        slug = re.sub(r"^\d{4}-\d\d-\d\d-", "", post.parent.name if post.stem == "index" else post.stem)
        browser = Browser(address, f"/posts/{slug}/")
        edits: dict[str, Callable[[int], None]] = {
            "text": lambda n: _write(post, original + f"\nOne more line, number {n}.\n"),
            "title": lambda n: _write(post, re.sub(r"(?m)^title: .*$", f"title: Round {n}", original)),
            "template": lambda n: _write(templates / "post.html", (ROOT / "iopsgen/themes/default/templates/post.html").read_text("utf-8") + f"{{# {n} #}}"),
        }
        for name, edit in edits.items():
            took = []
            for n in range(rounds):
                before = len(lines)
                took.append(browser.time(lambda n=n, edit=edit: edit(n)) * 1000)  # type: ignore[misc]
                while len(lines) == before:
                    time.sleep(0.1)
                _settle(lines)
            print(f"{name:9} told after {statistics.median(took):6.0f} ms (best {min(took):.0f}, worst {max(took):.0f})")
        rebuilds = [int(m[1].replace(",", "")) for line in lines if "changed" in line and (m := re.search(r"\(([\d,]+) ms\)", line))]
        print(f"whole site again: {statistics.median(rebuilds):.0f} ms ({len(rebuilds)} times)")
    finally:
        server.terminate()
        server.wait(20)


def _settle(lines: list[str]) -> None:
    """Waits until no rebuild has been reported for a while."""
    count = -1
    while count != len(lines):
        count = len(lines)
        time.sleep(1.5)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def main() -> None:
    """Measures on a copy, so that nothing of the site is touched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=str(ROOT), type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site.mkdir()
        shutil.copy(asked.folder / "iopsgen.yml", site)
        for name in ("content", "static", "data", "comments", "themes"):
            if (asked.folder / name).is_dir():
                shutil.copytree(asked.folder / name, site / name)
        measure(site, asked.rounds)


if __name__ == "__main__":
    main()
