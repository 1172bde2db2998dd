"""What templates see: frozen views, complete, with every address ready for use. They are the contract with theme authors.

A template gets two names: `page`, one of the page views below (its class name is the page's kind: `PostView` renders
`post.html`), and `site`, the frame that all pages of one language share. Every `url` is ready for `href` (it carries the
path of `site.url`); a field named `address` is absolute. Texts are plain unless their type is `Body` (use `|html`) or the
field says HTML. Tuples are already in the order in which they should be shown.
"""

from datetime import date, datetime
from hashlib import blake2b
from typing import Generic, Literal, TypeVar

import msgspec

Day = date


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen value made for a template. Its encoding is its fingerprint."""


V = TypeVar("V", bound=View)
_encode = msgspec.json.Encoder().encode


class Shared(Generic[V]):
    """A view that many outputs hold. It is compared and encoded by its digest, made once, and not by all that it holds."""

    __slots__ = ("digest", "view")

    def __init__(self, view: V) -> None:
        self.view = view
        self.digest = blake2b(_encode(view), digest_size=16).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shared) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


# --- parts ---------------------------------------------------------------------------------------------------------


class Ref(View, frozen=True, kw_only=True):
    """A link to something of this site: a chapter, a person, a category, a page, a menu entry."""

    title: str
    url: str
    id: str = ""
    count: int = 0  # of posts and events, where that makes sense
    current: bool = False  # for menus and switchers: this is the page, or the language, being looked at
    language: str = ""  # where it differs from the page's, or for language switchers
    external: bool = False


class Source(View, frozen=True, kw_only=True):
    """The versions of a picture in a format that not every browser knows, for `<source>` in front of its `<img>`."""

    type: str  # MIME type
    srcset: str


class Picture(View, frozen=True, kw_only=True):
    """A picture ready for `<img>`; width and height in pixels, 0 where unknown."""

    url: str
    address: str  # absolute, for social cards and feeds
    alt: str = ""
    credit: str = ""
    width: int = 0
    height: int = 0
    type: str = ""  # MIME type
    size: int = 0  # bytes, 0 where unknown
    srcset: str = ""  # its smaller versions, if it has any: they need `sizes` beside them
    sources: tuple[Source, ...] = ()  # the same in further formats, the best first; seldom any


class Body(View, frozen=True):
    """A rendered text: `{{ body|html }}`. `digest` names the HTML in the store, `urls` are its addresses on this page."""

    digest: str = ""
    urls: tuple[str, ...] = ()
    pictures: tuple[Picture | None, ...] = ()  # for each address the picture it leads to, if any; without pictures nothing

    def __bool__(self) -> bool:
        return bool(self.digest)


class FeedLink(View, frozen=True, kw_only=True):
    """A feed or a calendar of the page's scope or of the site, for autodiscovery and for /subscribe/."""

    title: str
    url: str
    address: str
    type: str  # application/rss+xml | application/atom+xml | application/feed+json | text/calendar
    label: str = ""  # RSS | Atom | JSON | iCal
    webcal: str = ""  # for calendars: webcal://…
    google: str = ""  # for calendars: Google Calendar's "add by address" link
    outlook: str = ""


class VenueView(View, frozen=True, kw_only=True):
    """Where an event takes place."""

    name: str = ""
    page: str = ""  # url of its own page; empty for a place that stands in one event alone
    address: str = ""
    city: str = ""
    country: str = ""  # name of the country in the page's language
    country_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    url: str = ""
    map_url: str = ""  # an OpenStreetMap address, opened only on a click
    access: tuple[str, ...] = ()


class When(View, frozen=True, kw_only=True):
    """The time of an event or of one occurrence. Timed: aware datetimes in `zone`; all-day: days, the end inclusive.

    Use the filters: `when|when` for a sentence, `when.start|date`, `when.start|time`, `when|iso_start`, `when|iso_end`.
    """

    start: datetime | Day | None = None
    end: datetime | Day | None = None
    all_day: bool = False
    tba: bool = False  # the day is known, the time is not
    zone: str = ""  # Area/City
    cancelled: bool = False
    moved: bool = False  # moved from its usual or first planned time
    original: datetime | Day | None = None  # that time, where it was moved
    note: str = ""
    title: str = ""  # of a renamed occurrence
    venue: str = ""  # of a relocated occurrence
    place: VenueView | None = None  # the same in full
    online: str = ""  # of an occurrence with an address of its own to join at
    over: bool = False
    over_at: datetime | None = None  # the moment from which it is over, while that lies ahead


class PostCard(View, frozen=True, kw_only=True):
    """A post in a list."""

    title: str
    url: str
    address: str
    date: datetime
    language: str = ""
    summary: str = ""
    authors: tuple[Ref, ...] = ()
    chapter: Ref | None = None
    categories: tuple[Ref, ...] = ()
    picture: Picture | None = None
    comments: int = 0
    featured: bool = False
    minutes: int = 0


class OriginView(View, frozen=True, kw_only=True):
    """Whose calendar an event comes from, where nobody of this site wrote it."""

    title: str  # the name of those whose calendar it is
    url: str = ""  # of them
    original: str = ""  # of the event there
    color: str = ""  # a CSS colour for a mark beside the name


class EventCard(View, frozen=True, kw_only=True):
    """An event in a list. `when` is its next occurrence, or its last if it is over."""

    title: str
    url: str
    address: str
    when: When
    language: str = ""
    status: str = "scheduled"  # scheduled | tentative | cancelled | postponed | moved-online
    summary: str = ""
    venue: str = ""  # name, city
    venue_url: str = ""  # of the venue's page
    city: str = ""
    online: bool = False
    repeats: str = ""  # the repetition in words, empty for a single event
    series: str = ""  # what the series is called, where this occurrence has another title
    chapter: Ref | None = None
    hosts: tuple[Ref, ...] = ()  # all chapters that organise it, where they are several
    picture: Picture | None = None
    featured: bool = False
    ics: str = ""
    origin: OriginView | None = None  # of an event from somebody else's calendar
    over_at: datetime | None = None  # the moment from which it no longer belongs among what is to come; of a series after its last date


class ChapterCard(View, frozen=True, kw_only=True):
    """A chapter in a list or in the tree of chapters."""

    title: str
    url: str
    id: str
    kind: str  # branch | chapter
    summary: str = ""
    place: str = ""
    country: str = ""  # name in the page's language
    status: str = "active"
    picture: Picture | None = None
    next_event: EventCard | None = None
    children: tuple["ChapterCard", ...] = ()


class CommentView(View, frozen=True, kw_only=True):
    """A published comment. `body` is sanitised HTML. Replies are one level deep; `reply_to` names whom it answers."""

    id: str
    anchor: str  # id attribute, permanent: `comment-…`
    url: str  # the page's url with the anchor
    received: datetime
    body: str = ""  # made with the page from the next two, which are empty then
    source: str = ""
    format: str = ""
    name: str = ""  # empty: nameless
    link: str = ""  # the commenter's own address, already checked to be http(s)
    by_author: bool = False
    removed: bool = False
    reply_to: Ref | None = None
    answers_removed: bool = False  # what it answers was removed: `reply_to` leads to the placeholder, and has no title
    replies: tuple["CommentView", ...] = ()
    folded: int = 0  # where there are very many replies, how many of them, from the first, are better folded away
    language: str = ""


class CommentForm(View, frozen=True, kw_only=True):
    """The form for a comment, as the service that takes it wants it."""

    action: str
    service: str = "none"  # staticman | formspree | netlify | receiver | none
    hidden: dict[str, str] = {}  # name → value of fields that are sent along unseen
    names: dict[str, str] = {}  # how the service calls the fields: body, name, url, parent, trap; of some also elapsed


class ThreadView(View, frozen=True, kw_only=True):
    """The discussion below a post or an event."""

    count: int = 0
    threads: int = 0  # how many comments stand at the top level
    comments: tuple[CommentView, ...] = ()  # top level, by time; of a long discussion those first that are better folded away
    closed: bool = False
    feed: str = ""  # url of comments.xml
    folded: int = 0  # how many of `comments`, from the first, these are: branches in which nothing was said lately
    folded_count: int = 0  # how many comments these are, replies and all
    answerable_since: datetime | None = None  # of a long discussion, from when on the form offers comments to answer
    form: CommentForm | None = None  # None: no form service is set, or the discussion is closed
    mailto: str = ""  # a prepared e-mail, always offered if the site has a contact address
    page: str = ""  # the page's route, for the form
    privacy: str = ""


class ShareLink(View, frozen=True, kw_only=True):
    """A plain link that shares the page: no script, no third party until it is clicked."""

    name: str  # mail | mastodon | bluesky | whatsapp | telegram
    title: str
    url: str


class AddToCalendar(View, frozen=True, kw_only=True):
    """Ways into a calendar: the file, and the web calendars' prepared links."""

    ics: str
    google: str = ""
    outlook: str = ""
    office365: str = ""


class QrCode(View, frozen=True, kw_only=True):
    """A QR code to draw as SVG: stroke `path` one unit wide in a square of `size` units, its white edge included."""

    size: int
    path: str


class Pagination(View, frozen=True, kw_only=True):
    """Position in a listing; `newer`, `older`, `first`, `last` are urls, empty where there is none."""

    number: int = 1
    count: int = 1
    total: int = 0  # entries over all pages
    newer: str = ""
    older: str = ""
    first: str = ""
    last: str = ""
    pages: tuple[Ref, ...] = ()


class Head(View, frozen=True, kw_only=True):
    """What stands in `<head>`: the same for every kind of page."""

    title: str  # of the page alone; the frame holds the site's
    url: str  # of the page, with the path of site.url
    address: str  # absolute
    canonical: str  # absolute; another site's if `canonical:` says so
    language: str
    direction: Literal["ltr", "rtl"] = "ltr"
    description: str = ""
    picture: Picture | None = None
    type: Literal["website", "article"] = "website"
    published: datetime | None = None
    updated: datetime | None = None
    noindex: bool = False
    feeds: tuple[FeedLink, ...] = ()  # the page's own scope first, then the site's
    alternates: tuple[Ref, ...] = ()  # real translations: language and absolute url
    breadcrumbs: tuple[Ref, ...] = ()
    json_ld: str = ""  # ready for <script type="application/ld+json">: escaped JSON, insert with |safe
    code: bool = False  # needs the style of highlighted code
    edit_url: str = ""
    extra: dict[str, object] = {}


class Frame(View, frozen=True, kw_only=True):
    """What all pages of one language share: the organisation, its menus, its files."""

    title: str
    short_title: str
    description: str
    url: str  # of the home page in this language
    address: str  # absolute
    root: str  # the path of site.url, always with a slash at the end: `/` or `/iops/`
    language: str
    direction: Literal["ltr", "rtl"] = "ltr"
    contact: str = ""
    logo: Picture | None = None
    menu: tuple[Ref, ...] = ()
    footer: tuple[Ref, ...] = ()
    social: tuple[Ref, ...] = ()
    languages: tuple[Ref, ...] = ()  # home pages of the site's languages, named in themselves
    assets: dict[str, str] = {}  # `style.css` → its fingerprinted url
    urls: dict[str, str] = {}  # home, posts, events, past, calendar, chapters, archive, subscribe, people, categories, tags; online, venues and search where there is something
    theme: dict[str, object] = {}  # theme.yml's options, overridden by `theme_options` of the settings
    data: dict[str, object] = {}  # data/*.yml
    extra: dict[str, object] = {}
    csp: str = ""  # Content-Security-Policy for the meta tag


# --- pages ---------------------------------------------------------------------------------------------------------


class HomeView(View, frozen=True, kw_only=True):
    """`/` (home.html)."""

    head: Head
    body: Body = Body()  # content/pages/index.md
    events: tuple[EventCard, ...] = ()  # the next ones
    featured: tuple[PostCard, ...] = ()
    posts: tuple[PostCard, ...] = ()
    branches: tuple[ChapterCard, ...] = ()  # the tree


class PostView(View, frozen=True, kw_only=True):
    """A post (post.html)."""

    head: Head
    title: str
    body: Body
    date: datetime
    updated: datetime | None = None
    authors: tuple[Ref, ...] = ()
    people: tuple["PersonCard", ...] = ()  # the same, with bio and picture
    chapter: Ref | None = None
    categories: tuple[Ref, ...] = ()
    tags: tuple[Ref, ...] = ()
    series: str = ""
    series_posts: tuple[Ref, ...] = ()
    picture: Picture | None = None
    summary: str = ""
    minutes: int = 0
    headings: tuple[Ref, ...] = ()  # levels 2 and 3: `id` is the level, url the anchor
    event: EventCard | None = None
    entry: "CalendarEntry | None" = None  # what calendars hold of that event
    calendar: AddToCalendar | None = None  # of that event; like `share` and `head.json_ld` made from the rest with the page
    elsewhere: tuple[Ref, ...] = ()
    thread: ThreadView | None = None
    share: tuple[ShareLink, ...] = ()
    related: tuple[PostCard, ...] = ()
    newer: Ref | None = None
    older: Ref | None = None


class EventView(View, frozen=True, kw_only=True):
    """An event (event.html)."""

    head: Head
    title: str
    body: Body
    when: When  # of the next occurrence, or the last if it is over
    status: str = "scheduled"
    reason: str = ""
    was: datetime | Day | None = None
    venue: VenueView | None = None  # the usual one: that of an occurrence elsewhere is `when.place`
    online: str = ""  # the usual address to join at
    repeats: str = ""  # the repetition in words
    exceptions: tuple[str, ...] = ()  # what is different from it, in words: dates left out or added, pauses
    occurrences: tuple[When, ...] = ()  # of a series: those to come
    past: int = 0  # how many of them are over
    organisers: tuple[Ref, ...] = ()  # chapters and people
    people: tuple[Ref, ...] = ()  # the people among them
    chapter: Ref | None = None
    contact: str = ""
    categories: tuple[Ref, ...] = ()
    tags: tuple[Ref, ...] = ()
    register_url: str = ""
    register_until: datetime | Day | None = None  # the last moment, or the last day
    register_closes: datetime | None = None  # the moment from which it is closed, while that lies ahead
    register_status: str = ""  # open | full | closed; closed also from that moment on
    capacity: int | None = None
    price: str = ""
    access: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # names in the page's language
    notes: str = ""
    recording: str = ""
    report: Ref | None = None
    summary: str = ""
    picture: Picture | None = None
    entry: "CalendarEntry | None" = None  # what calendars hold of it
    calendar: AddToCalendar | None = None  # like `share` and `head.json_ld` made from the rest with the page
    elsewhere: tuple[Ref, ...] = ()
    posts: tuple[PostCard, ...] = ()  # that announce it
    nearby: tuple[EventCard, ...] = ()  # further events of the chapter and its branch
    thread: ThreadView | None = None
    share: tuple[ShareLink, ...] = ()
    flyer: str = ""  # url of the event on paper
    origin: OriginView | None = None  # of an event from somebody else's calendar


class FlyerView(View, frozen=True, kw_only=True):
    """An event on paper (flyer.html): what a wall should say about it, and the way to its page. `head` is the flyer's own."""

    head: Head
    title: str
    url: str  # of the event's page
    address: str  # absolute
    short: str  # the same as people read and type it: example.org/events/welcome
    code: QrCode | None = None  # of `address`; made with the page, and nothing if the address is too long for one
    when: When  # of the next occurrence, or the last if it is over
    status: str = "scheduled"
    reason: str = ""
    was: datetime | Day | None = None
    venue: VenueView | None = None  # without the country if that is the chapter's own
    online: str = ""
    repeats: str = ""  # the repetition in words
    further: tuple[When, ...] = ()  # of a series without such words: the next dates after `when`
    organisers: tuple[Ref, ...] = ()
    chapter: Ref | None = None
    contact: str = ""
    register_url: str = ""
    register_until: datetime | Day | None = None  # the last moment, or the last day
    register_status: str = ""  # open | full | closed
    capacity: int | None = None
    price: str = ""
    access: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # names in the page's language
    summary: str = ""
    picture: Picture | None = None


class Listing(View, frozen=True, kw_only=True):
    """A list of posts, paginated (listing.html): all posts, a year of the archive."""

    head: Head
    title: str
    posts: tuple[PostCard, ...] = ()
    pagination: Pagination = Pagination()
    years: tuple[Ref, ...] = ()  # for the archive


class EventsView(View, frozen=True, kw_only=True):
    """Events to come, all or those online, grouped by month, or past ones by month of one year (events.html)."""

    head: Head
    title: str
    months: tuple["EventMonth", ...] = ()
    undated: tuple[EventCard, ...] = ()  # the day is not known yet
    past: bool = False
    online: bool = False  # only what one can take part in from anywhere
    years: tuple[Ref, ...] = ()  # years with past events
    year: int = 0
    feeds: tuple[FeedLink, ...] = ()  # the calendar of the same events


class EventMonth(View, frozen=True, kw_only=True):
    """The events of one month."""

    first: Day  # the first day of the month
    url: str  # of its grid
    events: tuple[EventCard, ...] = ()


class MonthView(View, frozen=True, kw_only=True):
    """A month as a grid with the same events as a list (month.html). `newer` and `older` are the nearest months that have a page."""

    head: Head
    title: str
    first: Day
    present: bool = False  # it is the month in which we are
    weeks: tuple[tuple["DayCell", ...], ...] = ()  # seven cells each, the week starting as in the locale
    newer: Ref | None = None
    older: Ref | None = None
    events: tuple[EventCard, ...] = ()


class DayCell(View, frozen=True, kw_only=True):
    """One day of the grid; `inside` says whether it belongs to the month."""

    day: Day
    inside: bool = True
    events: tuple[EventCard, ...] = ()


class ChaptersView(View, frozen=True, kw_only=True):
    """The directory of branches and chapters (chapters.html)."""

    head: Head
    title: str
    branches: tuple[ChapterCard, ...] = ()
    total: int = 0


class ChapterView(View, frozen=True, kw_only=True):
    """A branch or a chapter (chapter.html)."""

    head: Head
    title: str
    kind: str
    body: Body
    summary: str = ""
    place: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    status: str = "active"
    since: datetime | None = None
    members: int | None = None
    contact: str = ""
    picture: Picture | None = None
    parent: Ref | None = None
    links: tuple[Ref, ...] = ()
    organisers: tuple[Ref, ...] = ()
    children: tuple[ChapterCard, ...] = ()
    events: tuple[EventCard, ...] = ()  # to come, of the whole family
    past_events: tuple[EventCard, ...] = ()  # the latest few
    posts: tuple[PostCard, ...] = ()
    all_posts: str = ""  # url of /chapters/<id>/posts/ if there are more
    feeds: tuple[FeedLink, ...] = ()
    embed: str = ""  # address of its next events as a page for the frames of other sites
    zone: str = ""


class VenueCard(View, frozen=True, kw_only=True):
    """A venue in a list."""

    name: str
    url: str
    id: str = ""
    place: str = ""  # city, country
    access: tuple[str, ...] = ()
    next_event: EventCard | None = None


class VenuePageView(View, frozen=True, kw_only=True):
    """A venue of venues.yml where something takes place or did (venue.html)."""

    head: Head
    title: str
    venue: VenueView
    events: tuple[EventCard, ...] = ()  # to come, each at its next date there
    past_events: tuple[EventCard, ...] = ()  # the latest ones
    past: int = 0  # how many events are over, those that are not listed too
    feeds: tuple[FeedLink, ...] = ()  # the calendar of what takes place there


class VenuesView(View, frozen=True, kw_only=True):
    """All venues that have a page (venues.html)."""

    head: Head
    title: str
    venues: tuple[VenueCard, ...] = ()


class EmbedView(View, frozen=True, kw_only=True):
    """The next events of the site or of a chapter as a page for the frames of other sites (embed.html): whole in itself, without menu."""

    head: Head
    title: str
    url: str  # of the page that it stands for
    events: tuple[EventCard, ...] = ()
    feeds: tuple[FeedLink, ...] = ()  # the calendar


class PersonCard(View, frozen=True, kw_only=True):
    """A person in a list."""

    name: str
    url: str
    id: str = ""
    bio: str = ""  # HTML, sanitised
    picture: Picture | None = None
    chapter: Ref | None = None
    links: tuple[Ref, ...] = ()
    count: int = 0


class PersonView(View, frozen=True, kw_only=True):
    """A person (person.html)."""

    head: Head
    person: PersonCard
    posts: tuple[PostCard, ...] = ()
    events: tuple[EventCard, ...] = ()
    pagination: Pagination = Pagination()
    feeds: tuple[FeedLink, ...] = ()


class PeopleView(View, frozen=True, kw_only=True):
    """Everybody who writes or organises (people.html)."""

    head: Head
    title: str
    people: tuple[PersonCard, ...] = ()


class TermView(View, frozen=True, kw_only=True):
    """A category or a tag (term.html)."""

    head: Head
    title: str
    kind: Literal["category", "tag"]
    description: str = ""
    posts: tuple[PostCard, ...] = ()
    events: tuple[EventCard, ...] = ()
    pagination: Pagination = Pagination()
    feeds: tuple[FeedLink, ...] = ()


class TermsView(View, frozen=True, kw_only=True):
    """All categories, or all tags (terms.html)."""

    head: Head
    title: str
    kind: Literal["category", "tag"]
    terms: tuple[Ref, ...] = ()


class ArchiveView(View, frozen=True, kw_only=True):
    """All years with their posts counted (archive.html)."""

    head: Head
    title: str
    years: tuple[Ref, ...] = ()


class SearchView(View, frozen=True, kw_only=True):
    """The search (search.html). A script finds the texts in the files below `files`; without one the page says how else to find them."""

    head: Head
    title: str
    files: str  # url of the folder of the index
    chapters: tuple[Ref, ...] = ()  # to search in, each before those below it
    years: tuple[Ref, ...] = ()  # of the archive
    categories: tuple[Ref, ...] = ()


class SubscribeView(View, frozen=True, kw_only=True):
    """Every feed and calendar, with instructions (subscribe.html)."""

    head: Head
    title: str
    site: tuple[FeedLink, ...] = ()
    online: "FeedGroup | None" = None  # the calendar of what one can take part in from anywhere
    chapters: tuple["FeedGroup", ...] = ()
    categories: tuple["FeedGroup", ...] = ()
    venues: tuple["FeedGroup", ...] = ()
    comments: FeedLink | None = None  # the feed of all comments
    opml: str = ""
    embed: str = ""  # address of the next events as a page for the frames of other sites


class FeedGroup(View, frozen=True, kw_only=True):
    """The feeds and the calendar of one chapter, branch, category or venue."""

    title: str
    url: str
    feeds: tuple[FeedLink, ...] = ()
    level: int = 0  # depth in the tree
    embed: str = ""  # address of its next events as a page for the frames of other sites


class StandingView(View, frozen=True, kw_only=True):
    """A standing page (page.html)."""

    head: Head
    title: str
    body: Body
    headings: tuple[Ref, ...] = ()
    updated: datetime | None = None
    picture: Picture | None = None
    chapter: Ref | None = None


class NotFoundView(View, frozen=True, kw_only=True):
    """`/404.html` (404.html)."""

    head: Head
    title: str
    posts: tuple[PostCard, ...] = ()
    events: tuple[EventCard, ...] = ()


class RedirectView(View, frozen=True, kw_only=True):
    """An old address that leads to a new one (redirect.html)."""

    title: str
    url: str
    address: str
    language: str


# --- feeds and calendars -------------------------------------------------------------------------------------------


class FeedPerson(View, frozen=True, kw_only=True):
    """An author in a feed."""

    name: str
    address: str = ""


class FeedEntry(View, frozen=True, kw_only=True):
    """One entry. `id` is permanent; `content` becomes HTML with absolute addresses (its urls are absolute already)."""

    id: str
    address: str
    title: str
    published: datetime
    updated: datetime
    summary: str = ""
    content: Body | None = None
    html: str = ""  # instead of `content`, where the text is not a stored one (event facts); comes before it
    source: str = ""  # of a comment: what was written, to be sanitised
    format: str = ""  # of `source`: markdown | text | html
    authors: tuple[FeedPerson, ...] = ()
    categories: tuple[str, ...] = ()
    picture: Picture | None = None
    language: str = ""
    comments: str = ""  # address of comments.xml


class FeedView(View, frozen=True, kw_only=True):
    """A feed of any format. `entries` are newest first; `address` is the page it mirrors, `self_address` maker-specific."""

    title: str
    address: str
    description: str
    language: str
    updated: datetime  # of the newest entry, or the site's founding moment for an empty feed
    rss: str  # absolute addresses of the three formats
    atom: str = ""
    json: str = ""
    icon: str = ""
    author: str = ""
    entries: tuple[FeedEntry, ...] = ()


class CalendarOverride(View, frozen=True, kw_only=True):
    """One occurrence that differs from its series."""

    original: datetime | Day
    start: datetime | Day
    end: datetime | Day | None = None
    summary: str = ""
    location: str = ""
    note: str = ""
    url: str = ""
    cancelled: bool = False
    geo: tuple[float, float] | None = None
    conference: str = ""  # join link, where it differs
    description: str = ""  # instead of the entry's; empty: the note before that of the entry


class CalendarEntry(View, frozen=True, kw_only=True):
    """An event for calendars, once for every calendar that holds it. Days are inclusive ends; times carry their zone.

    `rrule` is an RFC 5545 value without UNTIL; `until` is the last possible start. `start` is itself an occurrence.
    """

    uid: str
    summary: str
    start: datetime | Day
    end: datetime | Day | None = None
    zone: str = ""
    all_day: bool = False
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"
    sequence: int = 0
    stamp: datetime  # DTSTAMP and LAST-MODIFIED: from the content, never the clock
    created: datetime | None = None
    description: str = ""
    location: str = ""
    geo: tuple[float, float] | None = None
    url: str = ""
    categories: tuple[str, ...] = ()
    conference: str = ""
    organizer: str = ""  # name
    organizer_email: str = ""
    picture: str = ""
    rrule: str = ""
    until: datetime | Day | None = None
    count: int | None = None
    rdates: tuple[datetime | Day, ...] = ()
    exdates: tuple[datetime | Day, ...] = ()
    overrides: tuple[CalendarOverride, ...] = ()


class CalendarView(View, frozen=True, kw_only=True):
    """A calendar file. `name` is empty for the download of a single event."""

    name: str = ""
    description: str = ""
    address: str = ""
    zone: str = ""
    color: str = ""
    entries: tuple[Shared[CalendarEntry] | CalendarEntry, ...] = ()
