"""The nouns of a site: what volunteers wrote (…Fields) and what it comes to (Post, Event, Chapter … Site), all frozen."""

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

Day = date
Kind = Literal["post", "event", "chapter", "page"]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen value: compared by content, encoded fast and always the same way."""


# --- what was written --------------------------------------------------------------------------------------------


class Moment(Value, frozen=True):
    """A date or a date and time as written: the wall clock, and the offset from UTC in minutes if one was given."""

    wall: datetime
    offset: int | None = None
    has_time: bool = True
    line: int = 0
    column: int = 0


class Link(Value, frozen=True):
    """A titled address, anywhere on the web."""

    title: str
    url: str


class Image(Value, frozen=True, kw_only=True):
    """A picture: `src` as written (a path beside the file, a path in static/, or a web address)."""

    src: str
    alt: str = ""
    credit: str = ""
    decorative: bool = False
    line: int = 0


class Heading(Value, frozen=True):
    """A heading inside a text: level 1–6, its id on the page, its plain title."""

    level: int
    id: str
    title: str


class Target(Value, frozen=True):
    """An address that a text points to and that the site must resolve: as written, from `href` or `src`, with its line."""

    url: str
    attribute: Literal["href", "src"] = "href"
    line: int = 0


class Text(Value, frozen=True, kw_only=True):
    """A Markdown text, rendered. The HTML itself lies in the store under `digest`.

    In that HTML each of `targets` stands as `\\x02N\\x03`, N being its index: the site fills in the address when a page
    is made, so that moving one file does not render another file again.
    """

    digest: str = ""
    summary: str = ""  # plain text: what stands before <!-- more -->, else the first paragraph, at most 300 characters
    headings: tuple[Heading, ...] = ()
    anchors: tuple[str, ...] = ()  # the other ids that links may lead to, written by hand
    targets: tuple[Target, ...] = ()
    words: int = 0
    code: bool = False  # holds highlighted code, so the page needs its style sheet
    more: bool = False  # the author marked the end of the summary


class Fields(Value, frozen=True, kw_only=True):
    """What every source file has: its path from the site's folder and the front matter common to all types."""

    source: str
    title: str = ""
    slug: str = ""
    summary: str = ""
    image: Image | None = None
    language: str = ""
    translation_of: str = ""
    draft: bool = False
    publish: Moment | None = None
    expires: Moment | None = None
    updated: Moment | None = None
    aliases: tuple[str, ...] = ()
    featured: bool = False
    noindex: bool = False
    canonical: str = ""
    elsewhere: tuple[Link, ...] = ()
    template: str = ""
    extra: dict[str, object] = {}
    text: Text = Text()
    lines: dict[str, int] = {}  # line of each key that was written, for messages of later floors
    inherited: dict[str, tuple[str, int]] = {}  # key → file and line that gave it: a `_defaults.yml`, or the original of a translation

    def where(self, *keys: str) -> tuple[str, int]:
        """The file and the line on which the first of these keys stands that was written or inherited; else the first line of the source."""
        for key in keys:
            if key in self.lines:
                return self.source, self.lines[key]
            if key in self.inherited:
                return self.inherited[key]
        return self.source, 1


class PostFields(Fields, frozen=True, kw_only=True, tag="post"):
    """A post as written."""

    date: Moment | None = None
    authors: tuple[str, ...] = ()
    chapter: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    series: str = ""
    event: str = ""
    comments: Literal["open", "closed", "off"] = "open"


class Venue(Value, frozen=True, kw_only=True):
    """Where something happens: a venue of `venues.yml` (then with an id) or one written inside an event."""

    id: str = ""
    name: str = ""
    address: str = ""
    city: str = ""
    country: str = ""
    geo: tuple[float, float] | None = None  # latitude, longitude in degrees (WGS 84)
    url: str = ""
    access: tuple[str, ...] = ()
    timezone: str = ""


class Registration(Value, frozen=True, kw_only=True):
    """How to register for an event."""

    url: str = ""
    until: Moment | None = None
    capacity: int | None = None
    price: str = ""
    status: Literal["open", "full", "closed"] = "open"


class Change(Value, frozen=True, kw_only=True):
    """One occurrence of a series that differs, named by its original date."""

    original: Moment
    cancelled: bool = False
    start: Moment | None = None
    end: Moment | None = None
    start_is_time: bool = False  # `start` is a time alone: on the original day
    end_is_time: bool = False  # `end` is a time alone: on the day of the new start
    title: str = ""
    note: str = ""
    venue: Venue | str | None = None
    online: str = ""
    line: int = 0


class Pause(Value, frozen=True):
    """Days between which, both included, a series does not take place."""

    first: Day
    last: Day


class Rule(Value, frozen=True, kw_only=True):
    """A repetition: an RFC 5545 RRULE value without UNTIL and COUNT, its end, and its exceptions as wall-clock days."""

    rrule: str  # e.g. FREQ=MONTHLY;BYDAY=1MO
    until: Day | None = None  # last day on which an occurrence may start, in the event's zone
    until_at: datetime | None = None  # the same as `until`, to the minute, from `rrule:`; an event in its place has `until` alone
    count: int | None = None
    excluded: tuple[Moment, ...] = ()  # `except`
    added: tuple[Moment, ...] = ()  # `also`
    pauses: tuple[Pause, ...] = ()
    raw: bool = False  # came from `rrule:`


class After(Value, frozen=True, kw_only=True):
    """What exists after an event: addresses of notes and recording, a post that reports."""

    notes: str = ""
    recording: str = ""
    report: str = ""


Status = Literal["scheduled", "tentative", "cancelled", "postponed", "moved-online"]


class Origin(Value, frozen=True, kw_only=True):
    """From whose calendar an event is that nobody here wrote: whose, where it stands on the web, and where in their file it begins."""

    title: str
    url: str = ""  # of those whose calendar it is
    address: str = ""  # of the event itself
    color: str = ""
    file: str = ""
    line: int = 0


class EventFields(Fields, frozen=True, kw_only=True, tag="event"):
    """An event as written. `end` without a date (a time alone) has `end_is_time`."""

    start: Moment | None = None
    end: Moment | None = None
    end_is_time: bool = False
    duration: timedelta | None = None
    timezone: str = ""
    venue: Venue | str | None = None
    online: str = ""
    status: Status = "scheduled"
    reason: str = ""
    was: Moment | None = None
    organisers: tuple[str, ...] = ()
    chapter: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    register: Registration | None = None
    repeat: Rule | None = None
    changes: tuple[Change, ...] = ()
    dates: tuple[Moment, ...] = ()
    time_tba: bool = False
    access: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    after: After | None = None
    uid: str = ""
    comments: Literal["open", "closed", "off"] = "open"
    origin: Origin | None = None  # of an event that came out of somebody else's calendar

    def where(self, *keys: str) -> tuple[str, int]:
        """As for all texts; what came out of a calendar file stands there."""
        return Fields.where(self, *keys) if self.origin is None else (self.origin.file, self.origin.line)


class ChapterFields(Fields, frozen=True, kw_only=True, tag="chapter"):
    """A branch or a chapter as written."""

    kind: Literal["branch", "chapter"] = "chapter"
    parent: str = ""
    country: str = ""
    place: str = ""
    geo: tuple[float, float] | None = None
    timezone: str = ""
    contact: str = ""
    links: tuple[Link, ...] = ()
    organisers: tuple[str, ...] = ()
    status: Literal["active", "forming", "resting"] = "active"
    since: Moment | None = None
    members: int | None = None


class PageFields(Fields, frozen=True, kw_only=True, tag="page"):
    """A standing page as written."""

    chapter: str = ""


class Person(Value, frozen=True, kw_only=True):
    """An author or organiser. A bare name in a post makes one too, with no more than id and name."""

    id: str
    name: str
    url: str = ""
    bio: str = ""  # Markdown as written
    image: Image | None = None
    chapter: str = ""
    links: tuple[Link, ...] = ()
    line: int = 0


# --- what it comes to ---------------------------------------------------------------------------------------------


class Post(Value, frozen=True, kw_only=True):
    """A post in its place: address, moment, chapter, people."""

    fields: PostFields
    slug: str
    group: str  # source path of the original: the same for all translations of one text
    route: str  # `/posts/welcome/`, without the path of site.url
    language: str
    zone: str
    date: datetime  # aware, in `zone`
    updated: datetime | None = None
    chapter: str = ""
    authors: tuple[str, ...] = ()  # ids of Site.people
    categories: tuple[str, ...] = ()  # slugs of Site.categories
    tags: tuple[str, ...] = ()
    event: str = ""  # route of the event it announces
    comments: int = 0  # how many are published


class Facts(Value, frozen=True, kw_only=True):
    """What people plan by: the first start as a wall clock in ISO 8601, the place in one line, the status."""

    start: str = ""
    place: str = ""
    status: str = ""


class Identity(Value, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """What of a text outlives edits: kept in `published.jsonl` once it was published, however it is called or moved later.

    `first` is the source path under which it was first published, with `#2` behind it where that was another text's before.
    """

    first: str
    source: str = ""  # where it lies now, if not there
    routes: tuple[str, ...] = ()  # its addresses, the present one last
    title: str = ""
    uid: str = ""  # of an event
    sequence: int = 0  # how often what people plan by has changed
    mark: str = ""  # digest of that
    facts: Facts | None = None
    before: Facts | None = None  # what `facts` was before the last change
    changed: datetime | None = None  # when that was published
    absent: bool = False  # at the last build there was no such source

    @property
    def path(self) -> str:
        """The source path."""
        return self.source or self.first.partition("#")[0]


class Scope(Value, frozen=True, kw_only=True, tag_field="kind", tag="scope"):
    """A category, a tag or a person that had feeds or a calendar: these addresses stay, even where nothing is left to list."""

    route: str  # /categories/news/
    title: str


class Revision(Value, frozen=True, kw_only=True):
    """The last change of what people plan by: when it was published, and what it was before."""

    at: datetime
    before: Facts


class Occurrence(Value, frozen=True, kw_only=True):
    """One time at which an event takes place. Timed: aware datetimes in the event's zone; all-day: days, end inclusive.

    `original` is the start that the rule gave (RECURRENCE-ID); it differs from `start` only for a moved occurrence.
    """

    start: datetime | Day
    end: datetime | Day | None = None
    original: datetime | Day | None = None
    title: str = ""
    note: str = ""
    venue: Venue | None = None  # only where it differs from the event's
    online: str = ""  # only where it differs from the event's
    cancelled: bool = False
    changed: bool = False  # named under `changes`: differs in some way from what the series gives


class Event(Value, frozen=True, kw_only=True):
    """An event in its place: its zone, its venue, and every occurrence up to the site's horizon, by start."""

    fields: EventFields
    slug: str
    group: str  # source path of the original: the same for all translations of one text
    route: str
    language: str
    zone: str
    uid: str
    all_day: bool = False
    dated: bool = True  # False: the day itself is not known yet
    start: datetime | Day | None = None  # of the first occurrence
    end: datetime | Day | None = None
    venue: Venue | None = None
    chapter: str = ""
    organisers: tuple[str, ...] = ()  # ids of chapters or people
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    upcoming: tuple[Occurrence, ...] = ()  # those not over at Site.now, by start
    left_out: tuple[datetime | Day, ...] = ()  # starts that the rule gives and `except` or `pause` takes away (EXDATE), beyond the horizon too
    added: tuple[datetime | Day, ...] = ()  # starts that no rule gives: `also`, or all of `dates` but the first (RDATE)
    published: datetime | None = None  # when it was announced (`publish`)
    updated: datetime | None = None
    sequence: int = 0
    revision: Revision | None = None
    listed_since: Day | None = None  # of an event out of somebody else's calendar: earlier dates stand in no list
    posts: tuple[str, ...] = ()  # routes of the posts that announce it
    comments: int = 0

    @property
    def listed(self) -> tuple[Occurrence, ...]:
        """The occurrences that lists show: all, or those from a day on."""
        since = self.listed_since
        if since is None:
            return self.occurrences
        return tuple(o for o in self.occurrences if (o.start.date() if isinstance(o.start, datetime) else o.start) >= since)


class Chapter(Value, frozen=True, kw_only=True):
    """A branch or a chapter with what it inherits, and its place in the tree."""

    fields: ChapterFields
    id: str
    group: str  # source path of the original: the same for all translations of one text
    title: str
    kind: Literal["branch", "chapter"]
    route: str
    language: str
    zone: str
    contact: str = ""
    organisers: tuple[str, ...] = ()  # ids of people
    parent: str = ""  # id; empty: directly under the organisation
    children: tuple[str, ...] = ()  # ids, by title
    family: frozenset[str] = frozenset()  # its own id and those of all below it


class Page(Value, frozen=True, kw_only=True):
    """A standing page in its place."""

    fields: PageFields
    slug: str
    group: str  # source path of the original: the same for all translations of one text
    route: str
    language: str
    chapter: str = ""


class Term(Value, frozen=True, kw_only=True):
    """A category or a tag in use: the name people see and its slug."""

    slug: str
    name: str
    description: str = ""


class Comment(Value, frozen=True, kw_only=True):
    """A comment that is published. `body` is what was written, to be sanitised. `name` is empty for a nameless commenter."""

    id: str
    name: str
    received: datetime
    body: str
    format: Literal["markdown", "text", "html"] = "markdown"
    url: str = ""
    parent: str = ""  # id of the comment it answers, if that is (or was) in the thread
    removed: bool = False  # a placeholder that keeps the replies to a removed comment
    language: str = ""  # BCP 47, where the commenter gave one
    trusted: bool = False  # a moderator trusts this author: the name is real


class Thread(Value, frozen=True, kw_only=True):
    """The discussion of one page, by (received, id)."""

    page: str  # route
    comments: tuple[Comment, ...] = ()
    count: int = 0  # published ones, placeholders not counted
    closed: bool = False


class Asset(Value, frozen=True, kw_only=True):
    """A file that is copied: where it lies, where it goes, and the digest of its bytes."""

    source: str  # path from the site's folder, or from the theme
    route: str  # `/posts/welcome/cafe.jpg`
    digest: str
    size: int
    root: str = ""  # folder that `source` starts from; empty: the site's folder


class Partner(Value, frozen=True, kw_only=True):
    """What became of the events in somebody else's calendar: shown, the site's own already, long over, or not fit to be shown."""

    file: str
    events: int = 0
    ours: int = 0
    over: int = 0
    left_out: int = 0


class Site(Value, frozen=True, kw_only=True):
    """Everything that is published at `now`, assembled. Posts newest first, events by first start, all languages together."""

    chapters: dict[str, Chapter] = {}  # by id, the original of each
    chapter_texts: tuple[Chapter, ...] = ()  # every translation too
    posts: tuple[Post, ...] = ()
    events: tuple[Event, ...] = ()
    pages: tuple[Page, ...] = ()
    people: dict[str, Person] = {}
    venues: dict[str, Venue] = {}
    categories: dict[str, Term] = {}
    tags: dict[str, Term] = {}
    threads: dict[str, Thread] = {}  # by route
    comments_off: frozenset[str] = frozenset()  # routes whose front matter says comments: off
    assets: tuple[Asset, ...] = ()
    data: dict[str, object] = {}
    partners: tuple[Partner, ...] = ()  # calendars of others, in the order of the settings
    hidden: frozenset[str] = frozenset()  # sources that are not shown: drafts, scheduled, expired, broken
    identities: tuple[Identity, ...] = ()  # of every text that was ever published, by `first`
    scopes: tuple[Scope, ...] = ()  # that were published so far, by route
    unread_identities: tuple[bytes, ...] = ()  # lines of published.jsonl that cannot be read
    firsts: dict[str, str] = {}  # source → `first` of its identity, where that differs
    moved: dict[str, tuple[str, ...]] = {}  # route of a text → the addresses it had before
    vanished: tuple[Identity, ...] = ()  # texts that were published and of which no source is left
    broken: frozenset[str] = frozenset()  # sources that have errors
    bundles: frozenset[str] = frozenset()  # folders of content/ that hold an index file, shown or not
    languages: tuple[str, ...] = ("en",)
    now: datetime
    horizon: Day
    next_change: datetime | None = None
    drafts: int = 0
    scheduled: int = 0
    expired: int = 0

    @property
    def items(self) -> "tuple[Item, ...]":
        """Every text that has a page of its own, in all languages."""
        return (*self.posts, *self.events, *self.pages, *self.chapter_texts)

    @property
    def discussed(self) -> "tuple[Post | Event, ...]":
        """Every text that can have comments."""
        return (*self.posts, *self.events)


Item = Post | Event | Page | Chapter
