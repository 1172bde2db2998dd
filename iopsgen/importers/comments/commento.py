"""Reads what Commento, Commento++ and Comentario export: one JSON document (perhaps packed) of comments and of who wrote them."""

from collections.abc import Iterator

from iopsgen.importers.comments.bodies import from_html, from_markdown
from iopsgen.importers.comments.foreign import Choices, Foreign, Found, Passed, State
from iopsgen.importers.comments.jsontext import as_list, as_map, as_text, read_value
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable, read_whole
from iopsgen.problems import Place

_NOBODY = {"anonymous", "0" * 64, "00000000-0000-0000-0000-000000000000", ""}
_STATES: dict[str, State] = {"approved": "approved", "unapproved": "pending", "flagged": "spam"}
_NO_PARENT = {"root", "", "00000000-0000-0000-0000-000000000000"}


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of an export. Raises Unreadable."""
    data = as_map(read_value(read_whole(source)))
    if not isinstance(data.get("comments"), list) or "version" not in data:
        raise Unreadable("This is no export of Commento.", "Export it in the dashboard of Commento, or of Comentario.")
    people = {as_text(who.get("commenterHex") or who.get("id")): who for who in map(as_map, as_list(data.get("commenters")))}
    pages = {as_text(page.get("id")): as_text(page.get("path")) for page in map(as_map, as_list(data.get("pages")))}
    for one in as_list(data["comments"]):
        if not isinstance(one, dict):
            yield Passed("damaged", source.place())
            continue
        comment = _of_comentario if "pageId" in one else _of_commento
        yield comment(one, people, pages, source.place(), source.name)


def _of_commento(one: dict[str, object], people: dict[str, dict[str, object]], pages: dict[str, str], place: Place, file: str) -> Foreign:
    """A comment of version 1. Commento put the path under `url`, Comentario under `path`."""
    key, parent, who = as_text(one.get("commentHex")), as_text(one.get("parentHex")), as_text(one.get("commenterHex"))
    written, shown = as_text(one.get("markdown")), as_text(one.get("html"))
    body, form = from_markdown(written) if written.strip() else from_html(shown)
    author = _author(people, who, "link")
    state: State = "deleted" if one.get("deleted") is True or body == "[deleted]" else _STATES.get(as_text(one.get("state")), "pending")
    return Foreign(
        place=place,
        file=file,
        id=key,
        key=key,
        parent="" if parent in _NO_PARENT else parent,
        pages=tuple(filter(None, (as_text(one.get("path")) or as_text(one.get("url")),))),
        received=read_date(one.get("creationDate"), "UTC"),
        body=body,
        format=form,
        state=state,
        name=author["name"],
        url=author["url"],
    )


def _of_comentario(one: dict[str, object], people: dict[str, dict[str, object]], pages: dict[str, str], place: Place, file: str) -> Foreign:
    """A comment of version 3, which says in `authorName` who wrote without an account."""
    key, parent = as_text(one.get("id")), as_text(one.get("parentId"))
    written, shown = as_text(one.get("markdown")), as_text(one.get("html"))
    body, form = from_markdown(written) if written.strip() else from_html(shown)
    author = _author(people, as_text(one.get("userCreated")), "websiteUrl")
    state: State = "pending" if one.get("isPending") is True else "approved" if one.get("isApproved") is not False else "spam"  # rejected there
    return Foreign(
        place=place,
        file=file,
        id=key,
        key=key,
        parent="" if parent in _NO_PARENT else parent,
        pages=tuple(filter(None, (pages.get(as_text(one.get("pageId")), ""),))),
        received=read_date(one.get("createdTime"), "UTC"),
        body=body,
        format=form,
        state="deleted" if one.get("isDeleted") is True else state,
        name=author["name"] or as_text(one.get("authorName")),
        url=author["url"],
    )


def _author(people: dict[str, dict[str, object]], who: str, website: str) -> dict[str, str]:
    """Name and website of an account; of nobody's neither."""
    found = {} if who in _NOBODY else people.get(who, {})
    link = as_text(found.get(website)) or as_text(found.get("websiteUrl"))
    return {"name": as_text(found.get("name")), "url": "" if link == "undefined" else link}
