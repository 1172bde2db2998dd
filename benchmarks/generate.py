"""Writes a site of any size: posts, events, chapters, people, pictures and comments, the same bytes for the same numbers.

python -m benchmarks.generate FOLDER --posts 10000 --events 2000
"""

import argparse
import json
import random
from datetime import date, timedelta
from pathlib import Path

WORDS = (
    "table chair lamp garden street bridge river kettle bicycle thread needle bread soup apple market library window door "
    "morning evening winter summer spring autumn people neighbour friend child group circle meeting plan list letter story "
    "repair borrow lend share cook plant paint carry build open close start finish bring find keep give take learn show"
).split()
ZONES = ["Europe/London", "Europe/Madrid", "America/Toronto", "Pacific/Auckland", "America/Argentina/Buenos_Aires", "Asia/Tokyo"]
RULES = ["weekly", "monthly on the first Monday", "every 2 weeks on Tue and Thu", "monthly on the last Friday"]


def _sentence(rng: random.Random, words: int) -> str:
    text = " ".join(rng.choices(WORDS, k=words))
    return text[0].upper() + text[1:] + "."


def _paragraph(rng: random.Random, sentences: int = 4) -> str:
    return " ".join(_sentence(rng, rng.randint(8, 18)) for _ in range(sentences))


def body(rng: random.Random, number: int, posts: int) -> str:
    """About 450 words of Markdown: headings, lists, links, emphasis, now and then code or a table."""
    parts = [_paragraph(rng), f"See [an earlier post](https://example.org/posts/{rng.randrange(max(1, number))}) and **{_sentence(rng, 3)}**"]
    for _ in range(3):
        parts += [f"## {_sentence(rng, 4)[:-1]}", _paragraph(rng), "\n".join(f"- {_sentence(rng, 6)}" for _ in range(4)), _paragraph(rng, 2)]
    if number % 5 == 0:
        parts.append("| What | Where |\n| --- | --- |\n" + "\n".join(f"| {_sentence(rng, 2)} | {_sentence(rng, 2)} |" for _ in range(4)))
    if number % 10 == 0:
        parts.append("```python\ndef share(table, chairs):\n    return [table] * len(chairs)\n```")
    return "\n\n".join(parts)


def post(number: int, posts: int, chapters: int, people: int, tags: int) -> tuple[str, str]:
    """Name and text of one post."""
    rng = random.Random(number)
    day = date(2008, 1, 1) + timedelta(days=number * 6800 // max(1, posts))
    title = f"{_sentence(rng, 5)[:-1]} {number}"
    names = ", ".join(f"person-{p}" for p in sorted({rng.randrange(people) for _ in range(rng.randint(1, 3))}))
    words = ", ".join(f"tag-{t}" for t in sorted({rng.randrange(tags) for _ in range(3)}))
    front = f"---\ntitle: {title}\ndate: {day.isoformat()} 09:30\nauthors: [{names}]\ncategories: [{rng.choice(['News', 'Stories', 'How-to'])}]\ntags: [{words}]\nchapter: chapter-{rng.randrange(chapters)}\n---\n"
    return f"{day.isoformat()}-post-{number}.md", front + body(rng, number, posts) + "\n"


def event(number: int, events: int, chapters: int) -> tuple[str, str]:
    """Name and text of one event; one in ten repeats."""
    rng = random.Random(10_000_000 + number)
    day = date(2016, 1, 1) + timedelta(days=number * 4200 // max(1, events))
    repeat = f"repeat: {RULES[number // 10 % 4]}, 12 times\n" if number % 10 == 0 else ""
    if "every 2 weeks" in repeat:
        day += timedelta(days=(1 - day.weekday()) % 7)
    elif "first Monday" in repeat:
        day = next(d for d in (day.replace(day=1) + timedelta(days=n) for n in range(7)) if d.weekday() == 0)
    elif "last Friday" in repeat:
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - 4) % 7)
    front = (
        f"---\ntitle: {_sentence(rng, 4)[:-1]} {number}\nstart: {day.isoformat()} {rng.choice(['10:00', '19:00', '18:30'])}\nduration: 2h\n{repeat}"
        f"timezone: {rng.choice(ZONES)}\nvenue: venue-{rng.randrange(40)}\nchapter: chapter-{rng.randrange(chapters)}\ncategories: [News]\n---\n"
    )
    return f"event-{number}.md", front + _paragraph(rng) + "\n"


def write_site(
    folder: Path, posts: int, events: int, *, chapters: int = 60, people: int = 120, tags: int = 300, comments: int = 0, engine: str = "markdown"
) -> None:
    """Writes a whole site for iopsgen."""
    content = folder / "content"
    for name in ("posts", "events", "chapters", "pages"):
        (content / name).mkdir(parents=True, exist_ok=True)
    (folder / "iopsgen.yml").write_text(
        "site:\n  title: Benchmark organisation\n  url: https://example.org/\n  timezone: Europe/London\n  contact: hello@example.org\n"
        f"markdown:\n  engine: {engine}\n"
        "menu:\n  - {title: Posts, url: /posts/}\n  - {title: Events, url: /events/}\n  - {title: Chapters, url: /chapters/}\n"
    )
    (content / "pages" / "about.md").write_text("---\ntitle: About\n---\nWho we are.\n")
    for number in range(chapters):
        branch = number // 10 * 10
        parent = "" if number == branch else f"parent: chapter-{branch}\n"
        kind = "branch" if number == branch else "chapter"
        (content / "chapters" / f"chapter-{number}.md").write_text(
            f"---\ntitle: Chapter {number}\nkind: {kind}\n{parent}timezone: {ZONES[number % len(ZONES)]}\ncountry: GB\n---\nWe meet.\n"
        )
    (content / "people.yml").write_text("".join(f"person-{n}:\n  name: Person {n}\n" for n in range(people)))
    (content / "venues.yml").write_text("".join(f"venue-{n}:\n  name: Hall {n}\n  city: Town\n  country: GB\n" for n in range(40)))
    for number in range(posts):
        name, text = post(number, posts, chapters, people, tags)
        (content / "posts" / name).write_text(text)
    for number in range(events):
        name, text = event(number, events, chapters)
        (content / "events" / name).write_text(text)
    if comments:
        write_inbox(folder, comments, posts)


def write_inbox(folder: Path, comments: int, posts: int) -> None:
    """An inbox of comments on the newest posts, a third of them replies, some nameless."""
    rng = random.Random(7)
    (folder / "comments").mkdir(exist_ok=True)
    threads = max(1, min(posts, comments // 15))
    last: dict[int, str] = {}
    with (folder / "comments" / "inbox.jsonl").open("w") as inbox:
        for number in range(comments):
            page = posts - 1 - rng.randrange(threads)
            record = {
                "id": f"c{number}",
                "page": f"post-{page}",
                "received": f"2026-{number % 10 + 1:02}-{number % 28 + 1:02}T12:00:00+00:00",
                "body": _paragraph(rng, 2),
            }
            if number % 4:
                record["name"] = f"Reader {number % 500}"
            if number % 3 == 0 and page in last:
                record["parent"] = last[page]
            last[page] = f"c{number}"
            inbox.write(json.dumps(record) + "\n")


def main() -> None:
    """Reads the numbers from the command line and writes the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--tags", type=int, default=300)
    parser.add_argument("--comments", type=int, default=0)
    parser.add_argument("--engine", choices=["markdown", "commonmark"], default="markdown")
    given = parser.parse_args()
    write_site(given.folder, given.posts, given.events, people=given.people, tags=given.tags, comments=given.comments, engine=given.engine)


if __name__ == "__main__":
    main()
