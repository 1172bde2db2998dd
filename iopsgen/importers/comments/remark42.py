"""Reads the backups of Remark42: lines of JSON (perhaps packed), the first about the site, each of the others a comment."""

from collections.abc import Iterator

from iopsgen.importers.comments.bodies import from_html, from_markdown
from iopsgen.importers.comments.foreign import Choices, Foreign, Found, Passed
from iopsgen.importers.comments.jsontext import as_map, as_text, read_object
from iopsgen.importers.comments.moments import read_date
from iopsgen.importers.comments.opening import Source, Unreadable, lines_of, open_stream
from iopsgen.problems import Place

_LINE = 16 * 1024 * 1024  # bytes: the first line names every user


def read(source: Source, choices: Choices) -> Iterator[Found]:
    """The comments of a backup, line by line. Raises Unreadable."""
    with open_stream(source) as stream:
        for number, line in lines_of(stream, _LINE):
            if line is not None and not line.strip():
                continue
            data = read_object(line) if line is not None else None
            if number == 1:
                if data is None or not ("version" in data or "locator" in data):
                    raise Unreadable("This is no backup of Remark42.", "Make one with `remark42 backup`, or export it in the administration.", 1)
                if "locator" not in data:
                    continue
            if data is None:
                yield Passed("damaged", source.place(number))
                continue
            yield _comment(data, source.place(number), source.name)


def _comment(data: dict[str, object], place: Place, file: str) -> Foreign:
    """A comment: its Markdown if that is there, else the HTML made from it. Comments brought in from elsewhere have numbers for ids."""
    user, locator = as_map(data.get("user")), as_map(data.get("locator"))
    site = as_text(locator.get("site"))
    written, shown = as_text(data.get("orig")), as_text(data.get("text"))
    body, form = from_markdown(written) if written.strip() else from_html(shown)
    ident, parent = as_text(data.get("id")), as_text(data.get("pid"))
    return Foreign(
        place=place,
        file=file,
        id=f"{site}.{ident}" if ident else "",
        key=f"{site}.{ident}" if ident else "",
        parent=f"{site}.{parent}" if parent else "",
        pages=(as_text(locator.get("url")),),
        received=read_date(data.get("time"), "UTC"),
        body=body,
        format=form,
        name=as_text(user.get("name")),
        state="deleted" if data.get("delete") is True else "approved",
    )
