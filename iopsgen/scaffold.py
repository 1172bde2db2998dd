"""What `iopsgen init` and `iopsgen new` write: a small working site, and new files with the keys that matter."""

import hashlib
import unicodedata
from datetime import date, timedelta
from typing import Literal

import msgspec

from iopsgen.slugs import slugify

Kind = Literal["post", "event", "chapter", "page"]


class NewFile(msgspec.Struct, frozen=True):
    """A file to be written: its path from the site's folder and its text."""

    path: str
    text: str


def quoted(text: str) -> str:
    """A text as a YAML value that is read back as it is."""
    text = on_one_line(text)
    safe = text and text[0].isalnum() and not text[-1].isspace() and not any(c in text for c in ":#{}[],&*!|>'\"%@`\\\n\t")
    if safe and text.lower() not in ("true", "false", "yes", "no", "on", "off", "null", "~") and not text[0].isdigit():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def on_one_line(text: str) -> str:
    """The text on one line, without control characters and halves of characters."""
    return " ".join("".join(c if c.isprintable() or unicodedata.category(c) == "Cf" else " " for c in text).split())


def new_file(kind: Kind, title: str, *, today: date, chapter: str = "", language: str = "", author: str = "") -> NewFile:
    """A new source for `title`: with its date, its chapter, and comments that say what else may be written."""
    title = on_one_line(title)
    slug = slugify(title, language) or kind
    folder = f"content/{kind}s/{chapter}/" if chapter and kind in ("post", "event") else f"content/{kind}s/"
    if kind == "post":
        return NewFile(f"{folder}{today.isoformat()}-{slug}.md", _post(title, today, author))
    if kind == "event":
        return NewFile(f"{folder}{slug}.md", _event(title, slug, today, folder))
    if kind == "chapter":
        return NewFile(f"content/chapters/{slug}.md", _chapter(title, chapter))
    return NewFile(f"content/pages/{slug}.md", f"---\ntitle: {quoted(title)}\n---\nWrite the page here.\n")


def _post(title: str, today: date, author: str) -> str:
    authors = f"authors: [{quoted(author)}]" if author else "# authors: [your name]"
    return f"""---
title: {quoted(title)}
date: {today.isoformat()}
{authors}
# categories: [News]
# tags: [welcome]
# image: {{src: picture.jpg, alt: What the picture shows}}
# event: the-name-of-an-event-file
---
The first paragraph is the summary that lists and feeds show.

<!-- more -->

Write the rest here.
"""


def _event(title: str, slug: str, today: date, folder: str) -> str:
    start = today + timedelta(days=28)
    name = hashlib.blake2b(f"{folder}{slug} {today.isoformat()}".encode(), digest_size=8).hexdigest()
    return f"""---
title: {quoted(title)}
start: {start.isoformat()} 19:00      # the wall clock where it happens
end: 21:00
# venue: a-place-from-venues.yml
# venue: {{name: Town hall, address: 1 Market Street, city: London}}
# online: https://example.org/join
# repeat: monthly on the first Monday
# register: {{url: https://example.org/register, price: free}}
publish: {today.isoformat()}           # when it is announced
uid: {slug}-{name}        # never change this: calendars know the event by it
---
Say what happens, who is invited and what to bring.
"""


def _chapter(title: str, parent: str) -> str:
    return f"""---
title: {quoted(title)}
kind: chapter                # or branch, for a national branch
{f"parent: {quoted(parent)}" if parent else "# parent: the-name-of-a-branch"}
# country: GB
# place: {title}
# timezone: Europe/London
# language: en
# contact: hello@example.org
---
Who we are, and when we meet.
"""


def starter_site(title: str, url: str, language: str, zone: str, today: date) -> tuple[NewFile, ...]:
    """The files of a new site that builds as it stands."""
    welcome = today + timedelta(days=28)
    return (
        NewFile("iopsgen.yml", _settings(title, url, language, zone)),
        NewFile("content/pages/index.md", f"---\ntitle: {quoted(title)}\n---\nWe are a group of people who meet. Come along: you are welcome.\n"),
        NewFile("content/pages/about.md", "---\ntitle: About us\n---\nWho we are, what we do, and how to join.\n"),
        NewFile("content/chapters/our-town.md", _chapter("Our town", "")),
        NewFile(
            f"content/posts/{today.isoformat()}-welcome.md",
            f"""---
title: Welcome
date: {today.isoformat()}
chapter: our-town
event: welcome-event
---
This site is new. Its posts are text files in `content/posts`, its events in `content/events`.

<!-- more -->

Change this text, add a picture beside it, and build again.
""",
        ),
        NewFile(
            "content/events/welcome-event.md",
            f"""---
title: Welcome event
start: {welcome.isoformat()} 19:00
end: 21:00
chapter: our-town
venue: {{name: The café on the corner, address: 1 Market Street}}
publish: {today.isoformat()}
---
Meet us over a cup of tea. Everybody is welcome.
""",
        ),
        NewFile(".gitignore", "/output/\n/.iopsgen/\n"),
    )


def _settings(title: str, url: str, language: str, zone: str) -> str:
    return f"""# The settings of this site. Every key is described in the documentation of iopsgen.
site:
  title: {quoted(title)}
  url: {quoted(url)}
  language: {language}
  timezone: {zone}
  # contact: hello@example.org

menu:
  - {{title: Posts, url: /posts/}}
  - {{title: Events, url: /events/}}
  - {{title: Chapters, url: /chapters/}}
  - {{title: About, url: content/pages/about.md}}
"""
