"""The law of the incremental build: after any history of edits the output is byte for byte what a clean build makes."""

import os
import random
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from iopsgen.slugs import slugify
from tests.imports import file_of
from tests.photographs import photograph
from tests.sites import NOW, SETTINGS, build_site, messages, tree, write_site

HISTORIES = int(os.environ.get("IOPSGEN_HISTORIES", "4"))
STEPS = int(os.environ.get("IOPSGEN_STEPS", "14"))

WORDS = "river bridge table lamp Ünïcode «quoted» garden bread 日本 مرحبا".split()


class History:
    """A site that is changed at random. `rng` decides everything, so that a seed names a history."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.site, self.rng = folder, random.Random(seed)
        self.now = NOW
        self.log: list[str] = []
        (folder / "content").mkdir(parents=True)
        write_site(
            folder,
            {
                "content/chapters/north.md": "---\ntitle: North\nkind: branch\ntimezone: Europe/Oslo\n---\nNorth.\n",
                "content/chapters/town.md": "---\ntitle: Town\nparent: north\nlanguage: es\n---\nTown.\n",
                "content/pages/about.md": "---\ntitle: About\n---\nUs.\n",
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
        settings = self.site / "iopsgen.yml"
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("title: Friends", f"title: {slugify(self.words(1)) or 'new'} Friends", 1), "utf-8")

    def add_comment(self) -> None:
        path = self.rng.choice(self.posts())
        slug = slugify(path.stem[11:])
        line = f'{{"id": "c{self.rng.randrange(10**9)}", "page": "{slug}", "received": "2026-11-01T10:00:00Z", "body": "Hello **there**"}}\n'
        with (self.site / "comments" / "inbox.jsonl").open("a") as inbox:
            inbox.write(line)

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
        text = f"---\ntitle: Photograph {number}\ndate: 2026-03-0{number + 1}\nimage: {{src: /p{seed}.jpg, alt: A}}\n---\n![{self.words(1)}](../../static/p{seed}.jpg)\n"
        write_site(self.site, {f"static/p{seed}.jpg": data, f"content/posts/2026-03-0{number + 1}-photograph-{number}.md": text})

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

    def step(self) -> None:
        """One to three changes."""
        for _ in range(self.rng.randrange(1, 4)):
            actions: list[Callable[[], None]] = [
                self.add_post, self.add_event, self.edit_text, self.edit_text, self.edit_title, self.rename, self.rename_event, self.shift_event, self.move, self.delete, self.edit_template,
                self.edit_settings, self.add_comment, self.edit_people, self.edit_calendar, self.add_picture, self.add_photograph, self.damage_pictures, self.pass_time, self.damage_cache, self.lose_cache, self.spoil_output,
            ]  # fmt: skip
            action = self.rng.choice(actions)
            self.log.append(action.__name__)
            action()


def clean_copy(history: History, folder: Path) -> Path:
    """The same sources in another folder, never built before."""
    shutil.copytree(history.site, folder, ignore=shutil.ignore_patterns("output", ".iopsgen"))
    return folder


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_incremental_equals_clean(tmp_path: Path, seed: int) -> None:
    """After every step of a random history the output equals that of a clean build elsewhere, and a second build writes nothing."""
    history = History(tmp_path / "site", seed)
    for number in range(STEPS):
        history.step()
        built = build_site(history.site, history.now)
        assert built.ok, (history.log, messages(built))
        if number % 3 == 2 or number == STEPS - 1:
            clean = clean_copy(history, tmp_path / f"clean-{number}")
            assert build_site(clean, history.now).ok
            mine, theirs = tree(history.site / "output"), tree(clean / "output")
            assert sorted(mine) == sorted(theirs), history.log
            assert [name for name in mine if mine[name] != theirs[name]] == [], history.log
            shutil.rmtree(clean)
            assert build_site(history.site, history.now).written == 0, history.log


def test_same_bytes_on_another_machine(tmp_path: Path) -> None:
    """Hash seed, locale, time zone, working folder and number of processors change no byte."""
    import subprocess

    history = History(tmp_path / "site", 99)
    history.add_comment()
    history.add_photograph()
    outputs = []
    for number, environment in enumerate(
        (
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C", "LANG": "C"},
            {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANGUAGE": "fr"},
        )
    ):
        site = clean_copy(history, tmp_path / f"machine-{number}")
        command = [sys.executable, "-m", "iopsgen", "build", "--site", str(site), "--now", history.now.isoformat()]
        done = subprocess.run(command, env={**os.environ, **environment}, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outputs.append(tree(site / "output"))
    assert outputs[0] == outputs[1]
