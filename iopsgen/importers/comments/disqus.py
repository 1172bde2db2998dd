"""Reads what Disqus exports: one XML file (perhaps packed) of threads, each a page, and posts, each a comment."""

from collections.abc import Iterator

import msgspec

from iopsgen.importers.comments.bodies import from_html, without_detours
from iopsgen.importers.comments.foreign import MOST, Choices, Foreign, Found, State
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable
from iopsgen.importers.comments.xmlevents import Damage, Event, read_events
from iopsgen.problems import Problem, error

_THREAD, _POST = ("disqus", "thread"), ("disqus", "post")


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of an export. Raises Unreadable.

    They are given when the whole file was read, since a thread may stand behind its posts.
    """
    pages: dict[str, tuple[str, ...]] = {}
    posts: list[tuple[str, Foreign]] = []
    problems: list[Problem] = []
    size = 0
    fields: dict[str, str] = {}
    for event in read_events(source):
        if isinstance(event, Damage):
            problems.append(error(event.message, source.place(event.line), event.hint))
            continue
        _refuse_others(event)
        if event.path[:2] not in (_THREAD, _POST):
            continue
        if not event.ends:
            if len(event.path) == 2:
                fields = {"line": str(event.line)}
            fields |= {"/".join((*event.path[2:], f"@{name}")): value for name, value in event.attributes.items()}
        elif len(event.path) > 2:
            fields["/".join(event.path[2:])] = event.text
        elif event.path == _THREAD:
            # The identifier is whatever the site chose, and many chose the path or the slug.
            pages[fields.get("@id", "")] = tuple(filter(None, (fields.get("link", "").strip(), fields.get("id", "").strip())))
        else:
            posts.append((fields.get("thread/@id", ""), _post(fields, source)))
            size += len(posts[-1][1].body)
            if size > MOST:
                problems.append(error("There is too much text in this file; the rest was not read.", source.place(event.line), "Make several of it."))
                break
    for thread, post in posts:
        yield msgspec.structs.replace(post, pages=pages.get(thread, ()))
    yield from problems


def _refuse_others(event: Event) -> None:
    if len(event.path) == 1 and event.path[0] != "disqus" and not event.ends:
        if event.path[0] == "rss":
            raise Unreadable("This is an export of WordPress.", "Import it with `iopsgen comments import wordpress`.", event.line)
        raise Unreadable("This is no export of Disqus.", "Export the comments in the administration of Disqus.", event.line)


def _post(fields: dict[str, str], source: Source) -> Foreign:
    """A comment. Its times are UTC, whether they say so or not."""
    key = fields.get("@id", "").strip() or fields.get("id", "").strip()
    body, form = from_html(without_detours(fields.get("message", "")))
    return Foreign(
        place=source.place(int(fields["line"])),
        file=source.name,
        id=key,
        key=key,
        parent=fields.get("parent/@id", "").strip(),
        received=read_date(fields.get("createdAt", ""), "UTC"),
        body=body,
        format=form,
        name=fields.get("author/name", ""),
        url=fields.get("author/link", ""),
        state=_state(fields),
    )


def _state(fields: dict[str, str]) -> State:
    def says(name: str) -> str:
        return fields.get(name, "").strip().lower()

    if says("isDeleted") == "true":
        return "deleted"
    if says("isSpam") == "true":
        return "spam"
    return "pending" if says("isApproved") == "false" else "approved"
