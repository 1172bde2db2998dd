"""Reads what WordPress exports (WXR, every version): one XML file of items, each a post with its comments."""

import hashlib
from collections.abc import Iterator

import msgspec

from iopsgen.importers.comments.bodies import from_html
from iopsgen.importers.comments.foreign import MOST, Choices, Foreign, Found, Passed, State
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable
from iopsgen.importers.comments.xmlevents import Damage, Event, read_events
from iopsgen.problems import error

_CHANNEL = ("rss", "channel")
_ITEM = (*_CHANNEL, "item")
_COMMENT = (*_ITEM, "comment")
_PINGS = ("pingback", "trackback")


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of an export, item by item. Raises Unreadable."""
    site = ""
    item: dict[str, str] = {}
    fields: dict[str, str] = {}
    comments: list[Foreign | Passed] = []
    size = 0
    for event in read_events(source):
        if isinstance(event, Damage):
            yield error(event.message, source.place(event.line), event.hint)
            continue
        _refuse_others(event)
        depth = len(event.path)
        if not event.ends:
            if event.path == _ITEM:
                item, comments, size = {}, [], 0
            elif event.path == _COMMENT:
                fields = {"line": str(event.line)}
        elif depth == 3 and event.path[:2] == _CHANNEL and event.path[2] in ("base_blog_url", "link") and event.text:
            site = event.text.strip() if event.path[2] == "base_blog_url" or not site else site
        elif depth == 5 and event.path[:4] == _COMMENT:
            fields[event.path[4]] = event.text
        elif event.path == _COMMENT:
            comments.append(_comment(fields, site, source, choices))
            size += len(fields.get("comment_content", ""))
            if size > MOST:
                yield error("There is too much text in this post; the rest was not read.", source.place(event.line), "Make several files of it.")
                break
        elif depth == 4 and event.path[:3] == _ITEM:
            item.setdefault(event.path[3], event.text.strip())
        elif event.path == _ITEM:
            yield from _placed(comments, item)
            comments = []
    yield from _placed(comments, item)


def _placed(comments: list[Foreign | Passed], item: dict[str, str]) -> Iterator[Foreign | Passed]:
    """The comments with the page of their item: its address, and its slug."""
    pages = tuple(filter(None, (item.get("link", ""), item.get("post_name", ""))))
    for one in comments:
        yield msgspec.structs.replace(one, pages=pages) if isinstance(one, Foreign) else one


def _refuse_others(event: Event) -> None:
    if len(event.path) == 1 and event.path[0] != "rss" and not event.ends:
        if event.path[0] == "disqus":
            raise Unreadable("This is an export of Disqus.", "Import it with `iopsgen comments import disqus`.", event.line)
        raise Unreadable("This is no export of WordPress.", "Export it in WordPress under Tools, Export, All content.", event.line)


def _comment(fields: dict[str, str], site: str, source: Source, choices: Choices) -> Foreign | Passed:
    """A comment. Its number counts in one WordPress only, so its name here holds a mark of that site."""
    place = source.place(int(fields["line"]))
    kind = fields.get("comment_type", "").strip()
    if kind in _PINGS:
        return Passed("pingbacks and trackbacks, which nobody wrote", place)
    if kind not in ("", "comment"):
        return Passed("notes and ratings of plug-ins", place)
    mark = hashlib.sha256(site.encode()).hexdigest()[:8] if site else "site"
    number, parent = fields.get("comment_id", "").strip(), fields.get("comment_parent", "").strip()
    body, form = from_html(fields.get("comment_content", ""))
    utc = fields.get("comment_date_gmt", "").strip()
    received = read_date(utc, "UTC") if not utc.startswith("0000") else None
    return Foreign(
        place=place,
        file=source.name,
        id=f"{mark}.{number}" if number else "",
        key=f"{mark}.{number}" if number else "",
        parent=f"{mark}.{parent}" if parent not in ("", "0") else "",
        received=received or read_date(fields.get("comment_date", ""), choices.zone),
        body=body,
        format=form,
        name=fields.get("comment_author", ""),
        url=fields.get("comment_author_url", ""),
        state=_state(fields.get("comment_approved", "").strip()),
    )


def _state(approved: str) -> State:
    if approved in ("1", "approve", "approved"):
        return "approved"
    if approved == "spam":
        return "spam"
    return "deleted" if approved in ("trash", "post-trashed") else "pending"
