"""The generators that are measured: how each is given the same content, called, and put back to its first day."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks import generate

PEERS = Path(__file__).parent / "peers"
PELICAN = "4.12.0"
CHAPTERS = 60


class Size(NamedTuple):
    """How large a site is."""

    posts: int
    events: int
    people: int = 120
    tags: int = 300


@dataclass(frozen=True)
class Tool:
    """One generator; `made` are the folders that it makes in a site's folder, first the output, then its caches."""

    name: str
    version: str
    write: Callable[[Path, Size], None]
    command: Callable[[Path], list[str]]
    made: tuple[str, ...]


class Missing(Exception):
    """A generator that is not there; the message says how to install it."""


def iopsgen(engine: str) -> Tool:
    """iopsgen with one of its Markdown engines, with everything that a site of its kind has by default."""

    def write(folder: Path, size: Size) -> None:
        generate.write_site(folder, size.posts, size.events, chapters=CHAPTERS, people=size.people, tags=size.tags, engine=engine)

    program = str(Path(sys.executable).with_name("iopsgen"))
    version = _said([program, "version"], "python -m pip install --editable .")
    return Tool(f"iopsgen, {engine}", version, write, lambda folder: [program, "build", "--site", str(folder)], ("output", ".iopsgen", "published.jsonl"))


def hugo() -> Tool:
    """Hugo with the theme of benchmarks/peers/hugo."""
    version = _said(["hugo", "version"], "apt-get install hugo").split()[1]
    return Tool(
        "Hugo",
        f"Hugo {version}",
        lambda folder, size: _write_peer(folder, size, PEERS / "hugo", hugo_text),
        lambda folder: ["hugo", "--quiet", "--source", str(folder), "--destination", "output", "--cacheDir", f"{folder}/cache"],
        ("output", "cache", "resources"),
    )


def pelican() -> Tool:
    """Pelican with the theme of benchmarks/peers/pelican, from a virtual environment that is made at the first call."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "iopsgen-benchmarks" / f"pelican-{PELICAN}-python-{sys.version_info.major}.{sys.version_info.minor}"
    program = str(home / "bin" / "pelican")
    if not Path(program).exists():
        how = f"{home}/bin/python -m pip install 'pelican[markdown]=={PELICAN}'"
        _said([sys.executable, "-m", "venv", str(home)], how)
        _said([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", f"pelican[markdown]=={PELICAN}"], how)
    markdown = _said([str(home / "bin" / "python"), "-c", "import markdown; print(markdown.__version__)"], f"rm -r {home}")
    return Tool(
        "Pelican",
        f"Pelican {PELICAN} with Markdown {markdown}",
        lambda folder, size: _write_peer(folder, size, PEERS / "pelican", pelican_text),
        lambda folder: [program, "--quiet", "-s", f"{folder}/pelicanconf.py", "-o", f"{folder}/output", f"{folder}/content"],
        ("output", "cache"),
    )


KNOWN: dict[str, Callable[[], Tool]] = {"hugo": hugo, "pelican": pelican}


def _said(command: list[str], install: str) -> str:
    """What a command prints; `Missing` where it cannot be called or fails."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as fault:
        raise Missing(f"{Path(command[0]).name} is missing; install it with: {install}") from fault


def _write_peer(folder: Path, size: Size, theme: Path, convert: Callable[[str, str, str], str]) -> None:
    """A site for a peer: its settings and theme, and every post and event in its form of front matter."""
    shutil.copytree(theme, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "static").mkdir()
    shutil.copy(PEERS / "style.css", folder / "static")
    for section, count in (("posts", size.posts), ("events", size.events)):
        (folder / "content" / section).mkdir(parents=True)
        for number in range(count):
            if section == "posts":
                name, text = generate.post(number, size.posts, CHAPTERS, size.people, size.tags)
            else:
                name, text = generate.event(number, size.events, CHAPTERS)
            (folder / "content" / section / name).write_text(convert(text, section, f"{section[:-1]}-{number}"))


def _taken_apart(text: str) -> tuple[dict[str, str], str]:
    """The front matter, one line a key, and the body. A chapter is joined by the branch above it, to which its texts roll up."""
    _, front, body = text.split("---\n", 2)
    keys = dict(line.split(": ", 1) for line in front.splitlines())
    number = int(keys["chapter"].removeprefix("chapter-"))
    keys["chapters"] = ", ".join(f"chapter-{n}" for n in dict.fromkeys((number, number // 10 * 10)))
    return keys, body


def hugo_text(text: str, section: str, slug: str) -> str:
    """A generated post or event as Hugo reads it."""
    keys, body = _taken_apart(text)
    date = keys.get("date") or keys["start"]
    lines = [f"title: {keys['title']}", f"date: {date.replace(' ', 'T')}:00", f"slug: {slug}", f"chapters: [{keys['chapters']}]"]
    lines += [f"{key}: {keys[key]}" for key in ("authors", "categories", "tags") if key in keys]
    return "\n".join(["---", *lines, "---", body])


def pelican_text(text: str, section: str, slug: str) -> str:
    """A generated post or event as Pelican reads it: an article, with its section as a key."""
    keys, body = _taken_apart(text)
    address = f"{section}/{slug}/"
    lines = [f"title: {keys['title']}", f"date: {keys.get('date') or keys['start']}", f"slug: {slug}", f"url: {address}"]
    lines += [f"save_as: {address}index.html", f"section: {section}", f"chapters: {keys['chapters']}", f"category: {keys['categories'].strip('[]')}"]
    lines += [f"{key}: {keys[key].strip('[]')}" for key in ("authors", "tags") if key in keys]
    return "\n".join(["---", *lines, "---", body])


def source_of(folder: Path, number: int) -> Path:
    """The file of a post, in every tool's site."""
    return next((folder / "content" / "posts").glob(f"*-post-{number}.md"))


def page_of(folder: Path, number: int) -> Path:
    """The page of a post, in every tool's output."""
    return folder / "output" / "posts" / f"post-{number}" / "index.html"


def edit_text(folder: Path, number: int, words: str) -> None:
    """Adds a sentence at the end of a post."""
    path = source_of(folder, number)
    path.write_text(path.read_text() + f"\n{words}\n")


def edit_title(folder: Path, number: int, words: str) -> None:
    """Gives a post another title."""
    path = source_of(folder, number)
    path.write_text(re.sub(r"^title: .*$", f"title: {words}", path.read_text(), count=1, flags=re.MULTILINE))
