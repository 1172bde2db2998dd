"""From the target of a request to its answer: a page, a file, or a place among those who are told of changes. No sockets here."""

import os
import stat
from typing import BinaryIO
from urllib.parse import parse_qs, quote

import msgspec

from iopsgen.model import Asset
from iopsgen.plan import Output
from iopsgen.serve.live import EVENTS, FRAGMENT, PLACE, empty_page, own_file, with_live
from iopsgen.serve.showing import Showing
from iopsgen.serve.stage import NOTHING, Page, Stage

HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_KINDS = {
    "atom": "application/atom+xml", "avif": "image/avif", "css": "text/css; charset=utf-8", "csv": "text/csv; charset=utf-8", "gif": "image/gif",
    "htm": HTML, "html": HTML, "ico": "image/x-icon", "ics": "text/calendar; charset=utf-8", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8", "json": "application/json", "m4a": "audio/mp4", "md": TEXT, "mjs": "text/javascript; charset=utf-8",
    "mp3": "audio/mpeg", "mp4": "video/mp4", "oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "opml": "text/x-opml; charset=utf-8",
    "opus": "audio/ogg", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "txt": TEXT, "vcf": "text/vcard; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8", "wasm": "application/wasm", "wav": "audio/wav", "webm": "video/webm",
    "webmanifest": "application/manifest+json", "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2", "xml": "application/xml",
    "zip": "application/zip",
}  # fmt: skip
_NAMES = {"_headers": TEXT, "_redirects": TEXT, ".htaccess": TEXT, "CNAME": TEXT}
_LARGEST_PAGE = 16 * 2**20  # bytes of a copied HTML file that is shown with what the preview adds
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: `body`, or `file` with its size (to be closed by whoever sends it), or, for `listen`, what happens from now on."""

    status: int = 200
    kind: str = HTML
    body: bytes = b""
    file: BinaryIO | None = None
    size: int = 0
    location: str = ""
    listen: tuple[str, str] | None = None  # address of the open page, mark of what it shows


def answer(stage: Stage, target: str) -> Answer:
    """The answer to a GET for this target: the path of an address, as the browser encodes it, with its query."""
    address, _, query = target.partition("#")[0].partition("?")
    if address.startswith(PLACE):
        return _own(stage, address, query)
    showing = stage.showing
    if showing is not None and (location := showing.elsewhere(address)):
        return Answer(status=302, location=f"{location}?{quote(query, safe='=&%+/:;,@!$()*~.-_')}" if query else location)
    page = stage.page(address)
    if showing is None or page is None:
        return _nothing(stage, "This page cannot be shown yet." if showing is not None else "The site cannot be shown yet.")
    if page.data is not None:
        return _page(stage, page, page.data)
    return _file(stage, showing, page) if page.path else _missing(stage)


def _own(stage: Stage, address: str, query: str) -> Answer:
    """What the preview itself has to say."""
    if address == FRAGMENT:
        return Answer(body=stage.notice.html.encode("utf-8", "replace"))
    if address == EVENTS:
        asked = parse_qs(query, max_num_fields=8)
        return Answer(kind="text/event-stream; charset=utf-8", listen=(asked.get("page", [""])[0], asked.get("mark", [""])[0]))
    own = own_file(address)
    return Answer(body=own[0], kind=own[1]) if own else _missing(stage)


def _missing(stage: Stage) -> Answer:
    return Answer(status=404, body=with_live(empty_page("There is no page at this address."), "404", stage.notice))


def _nothing(stage: Stage, words: str) -> Answer:
    return Answer(status=500, body=with_live(empty_page(words), NOTHING, stage.notice))


def _page(stage: Stage, page: Page, data: bytes) -> Answer:
    kind = kind_of(page.path)
    return Answer(status=page.status, kind=kind, body=with_live(data, page.mark, stage.notice) if kind == HTML else data)


def _file(stage: Stage, showing: Showing, page: Page) -> Answer:
    """A copied file from where it lies."""
    file = open_copied(stage, showing, showing.outputs[page.path])
    if file is None:
        return _missing(stage)
    size, kind = os.fstat(file.fileno()).st_size, kind_of(page.path)
    if kind != HTML or size > _LARGEST_PAGE:
        return Answer(status=page.status, kind=kind, file=file, size=size)
    with file:
        return _page(stage, page, file.read())


def kind_of(path: str) -> str:
    """The media type of a file by its name: as static hosts have it, whatever this machine thinks."""
    name = path.rpartition("/")[2]
    return _NAMES.get(name) or _KINDS.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def open_copied(stage: Stage, showing: Showing, output: Output) -> BinaryIO | None:
    """The file that an output copies, opened; None where it is gone, is no plain file, or lies outside the site and its theme."""
    asset = output.view
    assert isinstance(asset, Asset)
    path = asset.root or str(stage.site_dir / asset.source)
    try:
        real = os.path.realpath(path, strict=True)
        if not any(real.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep) for folder in (str(stage.site_dir), *showing.workshop.theme.layers)):
            return None
        opened = os.open(real, _READ)
    except (OSError, ValueError):
        return None
    # Once more, now that it is open: no folder on the way was replaced by a link meanwhile.
    if not _is_still(opened, path, real):
        os.close(opened)
        return None
    return os.fdopen(opened, "rb")


def _is_still(opened: int, path: str, real: str) -> bool:
    """Whether an open file is a plain one, the one at this real path, to which `path` still leads."""
    try:
        found = os.fstat(opened)
        return stat.S_ISREG(found.st_mode) and os.path.realpath(path) == real and os.path.samestat(found, os.lstat(real))
    except OSError:
        return False
