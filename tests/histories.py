"""Sites with a history: edited, renamed, damaged, stopped and upgraded at random, as a seed decides."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import iopsgen.build as builds
from iopsgen.build import Result
from iopsgen.read import contents
from iopsgen.slugs import slugify
from tests.imports import file_of
from tests.photographs import photograph
from tests.publishing import die_before, in_child, no_waiting
from tests.sites import NOW, SETTINGS, build_site, tree, write_site

WORDS = "river bridge table lamp Ünïcode «quoted» garden bread 日本 مرحبا".split()
ACTIONS = ("approve", "reject", "spam", "hold", "erase", "edit", "redact-name", "move", "close-thread")


class History:
    """A site that is changed at random. `rng` decides everything, so that a seed names a history."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.site, self.rng = folder, random.Random(seed)
        self.now, self.version = NOW, "one version"
        self.log: list[str] = []
        (folder / "content").mkdir(parents=True)
        write_site(
            folder,
            {
                "content/chapters/north.md": "---\ntitle: North\nkind: branch\ntimezone: Europe/Oslo\n---\nNorth.\n",
                "content/chapters/town.md": "---\ntitle: Town\nparent: north\nlanguage: es\n---\nTown.\n",
                "content/pages/about.md": "---\ntitle: About\n---\nUs.\n",
                "content/posts/2025-01-01-always.md": "---\ntitle: Always there\n---\nYes.\n",
                "content/posts/2025-01-01-always.es.md": "---\ntitle: Siempre\n---\nSí.\n",
                "content/people.yml": "anna:\n  name: Anna\n  bio: Likes *tea*.\n",
                "content/venues.yml": "hall:\n  name: The hall\n  city: Town\n",
                "comments/inbox.jsonl": "",
            },
            SETTINGS + "languages: [en, es]\ncalendars: [{file: calendars/partner.ics, title: Partner, chapter: town}]\n",
        )
        for _ in range(4):
            self.add_post()
            self.add_event()

    def words(self, number: int) -> str:
        return " ".join(self.rng.choices(WORDS, k=number))

    def posts(self) -> list[Path]:
        return sorted((self.site / "content" / "posts").rglob("*.md"))

    def events(self) -> list[Path]:
        return sorted((self.site / "content" / "events").rglob("*.md"))

    def add_post(self) -> None:
        number = self.rng.randrange(10**6)
        day = f"20{self.rng.randrange(10, 27)}-0{self.rng.randrange(1, 10)}-1{self.rng.randrange(10)}"
        keys = [f'title: "{self.words(3)} {number}"', f"authors: [{self.rng.choice(['anna', 'Ben', 'Carla Gómez'])}]", f"tags: [{self.rng.choice(WORDS[:5])}]"]
        if self.rng.random() < 0.3:
            keys.append("chapter: town")
        if self.rng.random() < 0.2:
            keys.append("draft: true")
        if self.rng.random() < 0.2:
            keys.append(f"publish: {(self.now + timedelta(days=self.rng.randrange(-3, 9))).date()}")
        path = f"content/posts/{self.rng.choice(['', 'town/', 'north/'])}{day}-post-{number}.md"
        write_site(self.site, {path: "---\n" + "\n".join(keys) + f"\n---\n{self.words(12)}\n\n## {self.words(2)}\n\n- {self.words(2)}\n"})

    def add_event(self) -> None:
        number = self.rng.randrange(10**6)
        start = self.now + timedelta(days=self.rng.randrange(-30, 60), hours=self.rng.randrange(24))
        keys = [f'title: "{self.words(2)} {number}"', f"start: {start:%Y-%m-%d %H}:00", "venue: hall", f"chapter: {self.rng.choice(['north', 'town'])}"]
        if self.rng.random() < 0.4:
            keys += ["end: 23:30", "repeat: weekly, 5 times"]
        write_site(self.site, {f"content/events/event-{number}.md": "---\n" + "\n".join(keys) + f"\n---\n{self.words(9)}\n"})

    def edit_text(self) -> None:
        path = self.rng.choice(self.posts() + self.events())
        path.write_text(path.read_text("utf-8") + f"\n{self.words(4)}\n", "utf-8")

    def edit_title(self) -> None:
        path = self.rng.choice(self.posts() + self.events())
        path.write_text(path.read_text("utf-8").replace('title: "', f'title: "{self.rng.choice(WORDS[:6]).strip("«»")} ', 1), "utf-8")

    def rename(self) -> None:
        path = self.rng.choice(self.posts())
        path.rename(path.with_name(path.stem + "x.md"))

    def rename_event(self) -> None:
        path = self.rng.choice(self.events())
        path.rename(path.with_name(path.stem + "y.md"))

    def shift_event(self) -> None:
        path = self.rng.choice(self.events())
        path.write_text(path.read_text("utf-8").replace(":00\n", ":15\n", 1), "utf-8")

    def move(self) -> None:
        path = self.rng.choice(self.posts())
        target = self.site / "content" / "posts" / "north" / path.name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            path.rename(target)

    def delete(self) -> None:
        found = self.posts() if self.rng.random() < 0.5 else self.events()
        if len(found) > 2:
            self.rng.choice(found).unlink()

    def edit_template(self) -> None:
        folder = self.site / "themes" / "ours"
        write_site(self.site, {"themes/ours/theme.yml": "parent: default\n", "themes/ours/templates/_footer.html": f"<footer><p>{self.rng.randrange(100)} {{{{ site.title }}}}</p></footer>\n"})
        settings = self.site / "iopsgen.yml"
        if "theme:" not in settings.read_text("utf-8"):
            settings.write_text(settings.read_text("utf-8") + "theme: ours\n", "utf-8")
        assert folder.is_dir()

    def edit_settings(self) -> None:
        """Another title, another size of lists, other addresses, other forms of redirects."""
        self.set("title", f"{slugify(self.words(1)) or 'new'} friends", "  ")
        key, values = self.rng.choice(
            [
                ("posts", ["{per_page: 3}", "{per_page: 20}", "{permalink: '/{year}/{slug}/'}", "{permalink: '/posts/{slug}/'}"]),
                ("feeds", ["{items: 2}", "{content: summary}"]),
                ("redirects", ["[html]", "[html, netlify]", "[apache]"]),
                ("events", ["{horizon: 3 months}", "{horizon: 2 years}"]),
                ("comments", ["{moderation: before}", "{moderation: after, close_after: 90 days}"]),
                ("menu", ["[content/pages/about.md]", "[{title: Posts, url: /posts/}]"]),
                ("markdown", ["{engine: commonmark}", "{html: none}", "{smart_quotes: no}"]),
            ]
        )
        self.set(key, self.rng.choice(values))

    def edit_languages(self) -> None:
        """Languages come, go and change places; the two in which there are texts stay."""
        self.set("languages", self.rng.choice(["[en, es]", "[en, es, de]", "[en, ar, es]", "{en: , es: {title: Amigos}}"]))

    def set(self, key: str, value: str, indent: str = "") -> None:
        """Gives a setting, on a line of its own, another value."""
        path = self.site / "iopsgen.yml"
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(f"{indent}{key}:")]
        place = 1 if indent else len(lines)
        path.write_text("\n".join([*lines[:place], f"{indent}{key}: {value}", *lines[place:]]) + "\n", "utf-8")

    def add_comment(self) -> None:
        """A comment, an answer to one, one that was received twice, or a line that is none."""
        path = self.rng.choice(self.posts())
        inbox = self.site / "comments" / "inbox.jsonl"
        held = inbox.read_text("utf-8").splitlines(keepends=True)
        line = {"id": f"c{self.rng.randrange(10**9)}", "page": slugify(path.stem[11:]), "received": f"2026-11-0{self.rng.randrange(1, 9)}T10:00:00Z", "name": self.rng.choice(["", "Zoe", "Yan"]), "body": f"Hello **{self.words(2)}**"}
        if held and self.rng.random() < 0.3:
            line["parent"] = self.rng.choice(self.comments() or ["none"])
        chance = self.rng.random()
        text = "half a li" if chance < 0.1 else held[-1] if held and chance < 0.2 else json.dumps(line)
        with inbox.open("a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")

    def comments(self) -> list[str]:
        """The ids of the comments in the inbox."""
        found = []
        for line in (self.site / "comments" / "inbox.jsonl").read_text("utf-8").splitlines():
            try:
                found.append(json.loads(line)["id"])
            except ValueError:
                continue
        return found

    def decide(self) -> None:
        """A moderator decides something about a comment; what is erased may also leave the inbox."""
        ids = self.comments()
        if not ids:
            return
        action, name = self.rng.choice(ACTIONS), self.rng.choice(ids)
        line = {"at": f"2026-11-1{self.rng.randrange(10)}T10:00:00Z", "action": action, "id": name}
        if action in ("edit", "move", "close-thread"):
            line["value"] = {"edit": self.words(3), "move": "always", "close-thread": "always"}[action]
        with (self.site / "comments" / "decisions.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if action == "erase" and self.rng.random() < 0.5:
            inbox = self.site / "comments" / "inbox.jsonl"
            inbox.write_text("".join(line for line in inbox.read_text("utf-8").splitlines(keepends=True) if f'"{name}"' not in line), "utf-8")

    def edit_people(self) -> None:
        path = self.site / "content" / "people.yml"
        path.write_text(f"anna:\n  name: Anna {self.rng.randrange(100)}\n", "utf-8")

    def edit_calendar(self) -> None:
        """Changes the calendar of a partner: other events, a file that is damaged, none at all."""
        path = self.site / "calendars" / "partner.ics"
        if self.rng.random() < 0.15:
            path.unlink(missing_ok=True)
            return
        events = []
        for number in range(self.rng.randrange(1, 5)):
            start = self.now + timedelta(days=self.rng.randrange(-500, 90), hours=self.rng.randrange(24))
            rule = f"|RRULE:FREQ=WEEKLY;COUNT={self.rng.randrange(2, 9)}" if self.rng.random() < 0.5 else ""
            events.append(f"UID:{self.rng.randrange(6)}{number}@partner|DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H}0000{rule}|SUMMARY:{self.words(2)}|DESCRIPTION:{self.words(5)}")
        data = file_of(*events)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[: self.rng.randrange(len(data))] if self.rng.random() < 0.2 else data)

    def add_picture(self) -> None:
        write_site(self.site, {f"content/posts/picture-{self.rng.randrange(3)}.svg": f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.rng.randrange(1, 99)}" height="5"/>'})

    def add_photograph(self) -> None:
        number, seed = self.rng.randrange(2), self.rng.randrange(3)
        data = photograph(width=520, height=390, quality=97, orientation=self.rng.choice([0, 1, 6]), seed=seed)
        text = f"---\ntitle: Photograph {number}\ndate: 2026-03-0{number + 1}\nimage: {{src: /p{seed}.jpg, alt: A}}\n---\n![{self.words(1)}](/p{seed}.jpg)\n"
        held = next((self.site / "content/posts").rglob(f"*-photograph-{number}.md"), None)  # it may have been moved
        path = held.relative_to(self.site).as_posix() if held else f"content/posts/2026-03-0{number + 1}-photograph-{number}.md"
        write_site(self.site, {f"static/p{seed}.jpg": data, path: text})

    def damage_pictures(self) -> None:
        for path in sorted((self.site / ".iopsgen" / "pictures").glob("*")):
            if self.rng.random() < 0.5:
                path.write_bytes(b"damaged" if self.rng.random() < 0.5 else path.read_bytes()[:-1])

    def pass_time(self) -> None:
        self.now += timedelta(hours=self.rng.randrange(1, 24 * 12))

    def damage_cache(self) -> None:
        for name in ("cache.sqlite", "cache.sqlite-wal"):
            path = self.site / ".iopsgen" / name
            if path.exists():
                data = bytearray(path.read_bytes())
                for _ in range(len(data) // 50):
                    data[self.rng.randrange(len(data))] = self.rng.randrange(256)
                path.write_bytes(bytes(data))

    def lose_cache(self) -> None:
        for path in (self.site / ".iopsgen").glob("cache*"):
            path.unlink()

    def spoil_output(self) -> None:
        files = sorted((self.site / "output").rglob("*.html"))
        if files:
            path = self.rng.choice(files)
            if self.rng.random() < 0.5:
                path.unlink()
            else:
                path.write_text("spoilt")

    def edit_published(self) -> None:
        """Somebody works on published.jsonl, or damages it: it is a source like any other."""
        path = self.site / "published.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        if not lines:
            return
        at = self.rng.randrange(len(lines))
        match self.rng.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(self.rng.randrange(len(lines)), lines[at])
            case 2:
                self.rng.shuffle(lines)
            case 3:
                lines[at] = lines[at][: self.rng.randrange(len(lines[at]))] + b"\n"
            case 4:
                lines[at:at] = [b"<<<<<<< ours\n", lines[at], b"=======\n", b">>>>>>> theirs\n"]
            case _:
                lines = lines[:at]
        path.write_bytes(b"".join(lines))

    def upgrade(self) -> None:
        """Another version of the program."""
        self.version = f"version {self.rng.randrange(3)}"

    def be_stopped(self) -> None:
        """A build is stopped dead before one of its changes to the disk."""
        number = self.rng.randrange(1, 150)

        def step() -> None:
            no_waiting(pytest.MonkeyPatch())
            die_before(number)
            self.build(workers=1)

        before = self.published()
        code = in_child(step)
        assert code in (0, 9)
        after = self.published()
        assert code == 0 or not before or after == before or after == self.would_be(), self.log

    def would_be(self) -> dict[str, bytes]:
        """What a build would publish that nobody stopped, worked out elsewhere."""
        elsewhere = self.copy(self.site.with_name("elsewhere"))
        try:
            self.build(site=elsewhere)
            return tree(elsewhere / "output")
        finally:
            shutil.rmtree(elsewhere)

    def look_aside(self) -> None:
        """A build that was asked for something else: with drafts, of another moment, under another title, or for nothing but to look."""
        how: dict[str, Any] = self.rng.choice([{"drafts": True}, {"overrides": {"site.title": "On trial"}}, {"dry_run": True}, {"clean": True}, {"now": self.now + timedelta(days=40)}])
        self.build(**how)

    def break_something(self) -> None:
        """A text is broken for a while: a build publishes nothing, one that keeps going does; mended, all is as if nothing had been."""
        path = self.rng.choice(self.posts() + self.events())
        held, before = path.read_bytes(), self.published()
        path.write_text("---\ntitle: [\nfoo\n---\nBroken\n" if self.rng.random() < 0.5 else "---\ntitle: X\nchapter: nowhere\ndate: 2026-10-05\nstart: 2026-10-05\n---\nBroken\n")
        assert not self.build().ok and self.published() == before, self.log
        if self.rng.random() < 0.5:
            assert not self.build(keep_going=True).ok
        path.write_bytes(held)

    def step(self) -> None:
        """One to three changes."""
        for _ in range(self.rng.randrange(1, 4)):
            actions: list[Callable[[], None]] = [
                self.add_post, self.add_event, self.edit_text, self.edit_text, self.edit_title, self.rename, self.rename_event, self.shift_event, self.move, self.delete, self.edit_template,
                self.edit_settings, self.edit_languages, self.add_comment, self.add_comment, self.decide, self.edit_people, self.edit_calendar, self.add_picture, self.add_photograph,
                self.pass_time, self.edit_published, self.upgrade,
                self.damage_pictures, self.damage_cache, self.lose_cache, self.spoil_output, self.be_stopped, self.look_aside, self.break_something,
            ]  # fmt: skip
            action = self.rng.choice(actions)
            self.log.append(action.__name__)
            action()

    # --- building it ---------------------------------------------------------------------------------------------------

    def build(self, site: Path | None = None, now: Any = None, **options: Any) -> Result:
        """A build of the site, or of a copy, as the machine of the day does it: so many processors, folders listed in some order."""
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setattr(builds, "program_digest", lambda: self.version)
            workers = self.rng.choice([1, 1, 1, 2, 4])
            if workers > 1:
                patch.setattr(builds, "WORTH_A_PROCESS", 10)
                patch.setattr(contents, "_WORTH_A_PROCESS", 3)
            if self.rng.random() < 0.5:
                stack.enter_context(listed_in_any_order(random.Random(self.rng.random())))
            return build_site(site or self.site, now or self.now, **{"workers": workers, **options})

    def published(self) -> dict[str, bytes]:
        """Every file of the output."""
        return tree(self.site / "output")

    def copy(self, folder: Path) -> Path:
        """The same sources in another folder, never built before."""
        shutil.copytree(self.site, folder, ignore=shutil.ignore_patterns("output", ".iopsgen"))
        return folder


class Shuffled:
    """What os.scandir gives, in another order."""

    def __init__(self, entries: Any, chance: random.Random) -> None:
        with entries:
            self._entries = sorted(entries, key=lambda entry: entry.name)
        chance.shuffle(self._entries)
        self._left = iter(self._entries)

    def __enter__(self) -> Shuffled:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return self._left

    def __next__(self) -> Any:
        return next(self._left)

    def close(self) -> None:
        """As the real one has it."""


@contextmanager
def listed_in_any_order(chance: random.Random) -> Iterator[None]:
    """Folders are listed in an order of their own, other each time."""
    scan, names = os.scandir, os.listdir
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", lambda path=".": Shuffled(scan(path), chance))
        patch.setattr(os, "listdir", lambda path=".": chance.sample(sorted(found := names(path)), len(found)))
        yield
