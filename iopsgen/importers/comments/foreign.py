"""What every importer of comments gives: comments as another system kept them, and what it could not take."""

from datetime import datetime
from typing import Literal

from iopsgen.model import Value
from iopsgen.problems import Place, Problem
from iopsgen.read.comments import Format, Signals

MOST = 64 * 1024 * 1024  # characters of text of one import, and bytes of one file of the inbox

State = Literal["", "approved", "pending", "spam", "deleted"]


class Foreign(Value, frozen=True, kw_only=True):
    """One comment as another system kept it; nothing is checked yet.

    `id` is its name there and `parent` the `id` of what it answers, both within `scope` (a file, a page). `key` is what the id in our
    inbox is made of, so it is the same each time and no other comment of that system has it; where it is empty, the content is.
    """

    place: Place
    file: str = ""  # as it is called in the folder that is imported
    id: str = ""
    key: str = ""
    parent: str = ""
    thread: tuple[str, ...] = ()  # without a parent: ids of which it answers the first that is known, if one is
    scope: str = ""
    pages: tuple[str, ...] = ()  # names of its page: addresses, paths, slugs; the first that is known counts
    title: str = ""  # of its page, where there is no other way to find that
    received: datetime | None = None
    created: datetime | None = None
    body: str = ""
    format: Format = "markdown"
    name: str = ""
    url: str = ""
    language: str = ""
    state: State = ""  # deleted: only its place in the discussion is left
    signals: Signals = Signals()


class Passed(Value, frozen=True):
    """Something that is counted and not taken; `reason` is a label with a number before it: `3 × without a text`."""

    reason: str
    place: Place


class Remark(Value, frozen=True):
    """Something that happened on the way and is worth a count; `what` is a label with a number before it."""

    what: str
    place: Place


Found = Foreign | Passed | Remark | Problem


class Choices(Value, frozen=True, kw_only=True):
    """What the person who imports decided."""

    site: str = ""  # address of our site
    zone: str = ""  # of dates and times that do not name theirs; empty: that of the site
    day_first: bool | None = None  # how 01/02/2026 is read; None: as the other dates of the file show
    page: str = ""  # of comments that name none
    format: Literal["", "markdown", "text", "html"] = ""  # of the texts; empty: as is usual for the system
    columns: dict[str, str] = {}  # field of ours → column of theirs; an empty column: none
    status: Literal["", "approved", "pending"] = ""  # of comments about which the system decided nothing
    keep_quotes: bool = False
    skip_spam: bool = False
