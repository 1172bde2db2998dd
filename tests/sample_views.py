"""Views of an invented organisation, one or more for each kind of page: rich ones, bare ones and awkward ones.

`sample_pages("en")` gives every sample as `name -> Sample(template, view)`; `frame("en")` gives the frame that goes with them, and
`HTML` the texts that their bodies name.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from iopsgen.views import (
    AddToCalendar,
    ArchiveView,
    Body,
    ChapterCard,
    ChaptersView,
    ChapterView,
    CommentForm,
    CommentView,
    DayCell,
    EmbedView,
    EventCard,
    EventMonth,
    EventsView,
    EventView,
    FeedGroup,
    FeedLink,
    FlyerView,
    Frame,
    Head,
    HomeView,
    Listing,
    MonthView,
    NotFoundView,
    Pagination,
    PeopleView,
    PersonCard,
    PersonView,
    Picture,
    PostCard,
    PostView,
    QrCode,
    RedirectView,
    Ref,
    SearchView,
    ShareLink,
    StandingView,
    SubscribeView,
    TermsView,
    TermView,
    ThreadView,
    VenueCard,
    VenuePageView,
    VenuesView,
    VenueView,
    View,
    When,
)

SITE = "https://example.org"
ROOT = "/iops/"
LONDON = ZoneInfo("Europe/London")
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TITLE = (
    "Minutes of the extraordinary general meeting on participatory budgeting, self-management and the question of who takes the "
    f"minutes, including the {LONG_WORD} amendment"
)


class Sample(msgspec.Struct, frozen=True):
    """One page: the template it asks for, and what that template sees."""

    template: str
    view: View


PROSE = """
<p>We met in a room with <strong>one</strong> round table and <em>too few</em> chairs. See the <a href="/iops/events/welcome/">welcome event</a>,
or read it at <a href="https://example.net/a/very/long/address/that/does/not/end/before/the/line/does">https://example.net/a/very/long/address/that/does/not/end/before/the/line/does</a>.</p>
<h2 id="why">Why we meet</h2>
<p>Some words are long:
Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.<sup class="footnote-ref" id="fnref:1"><a href="#fn:1" role="doc-noteref">1</a></sup></p>
<blockquote><p>Decision-making in proportion to the degree in which one is affected.</p><p>Nothing more.</p></blockquote>
<ul><li>Solidarity</li><li>Diversity<ul><li>of people</li><li>of views</li></ul></li><li>Equity</li></ul>
<ol><li>Come</li><li>Sit down</li><li>Speak</li></ol>
<h3 id="figures">Figures</h3>
<table><thead><tr><th>Chapter</th><th>Members</th><th>Meetings last year</th><th>Languages spoken at the table</th><th>Room</th><th>Notes</th></tr></thead>
<tbody><tr><td>London</td><td>42</td><td>12</td><td>English, Welsh</td><td>Firebox</td><td>Every first Monday</td></tr>
<tr><td>Manchester</td><td>17</td><td>9</td><td>English</td><td>Library</td><td>In the evening, step-free</td></tr></tbody></table>
<figure><img src="/iops/posts/welcome/table.jpg" alt="A round table seen from above" width="800" height="500"><figcaption>Eight chairs. Picture: Ada</figcaption></figure>
<h2 id="how">How to take part</h2>
<pre class="codehilite"><code class="language-sh"><span class="c1"># a comment</span>
<span class="nb">cd</span> iops <span class="k">if</span> <span class="s2">"text"</span> <span class="m">12</span> <span class="err">wrong</span>
git clone https://example.org/iops.git && cd iops && iopsgen serve --and-a-long-option-that-makes-this-line-scroll</code></pre>
<p>Write <code>iopsgen new post</code> and press <kbd>Enter</kbd>.</p>
<ul><li class="task"><input type="checkbox" disabled checked aria-label="done"> Book the room</li>
<li class="task"><input type="checkbox" disabled aria-label="to do"> Bring cake</li></ul>
<div class="warning"><p>The door is closed after seven.</p></div>
<p class="lead">A sentence that opens a chapter.</p>
<p><a class="embed" href="https://www.youtube.com/watch?v=x" data-embed="https://www.youtube-nocookie.com/embed/x">How we decide, a film of three minutes</a></p>
<hr>
<dl><dt>Branch</dt><dd>All chapters of a country.</dd><dt>Chapter</dt><dd>People who can meet in one room.</dd></dl>
<section class="footnotes" role="doc-endnotes" aria-label="Footnotes">
<ol>
<li id="fn:1"><p>A company, once. <a class="footnote-backref" href="#fnref:1" role="doc-backlink" aria-label="Back to the text">↩︎</a></p></li>
</ol>
</section>
"""
ARABIC = """
<p>نلتقي حول طاولة مستديرة. اقرأ عن <a href="/iops/ar/events/welcome/">لقاء الترحيب</a>.</p>
<h2 id="why">لماذا نلتقي</h2><p>القرار لمن يعنيهم القرار.</p><blockquote><p>التضامن والتنوع والعدالة.</p></blockquote><ul><li>تعال</li><li>تكلّم</li></ul>
"""
HTML = {"prose": PROSE, "arabic": ARABIC, "short": "<p>An organisation of people who want to decide together.</p>"}

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "site": "International Organisation for a Participatory Society",
        "about": "People in thirty countries who meet, talk and build a society in which those affected decide.",
        "welcome": "Welcome event",
        "summary": "Come and meet us: an afternoon of short talks, long conversations and cake.",
        "events": "Events",
        "posts": "Posts",
        "chapters": "Chapters",
        "join": "Join us",
        "about_us": "About us",
        "privacy": "Privacy",
        "language": "English",
    },
    "ar": {
        "site": "المنظمة الدولية لمجتمع تشاركي",
        "about": "أناس من ثلاثين بلداً يلتقون ويتحاورون ويبنون مجتمعاً يقرر فيه من يعنيهم القرار.",
        "welcome": "لقاء الترحيب",
        "summary": "تعالوا للتعرف علينا: أحاديث قصيرة ونقاشات طويلة وكعك.",
        "events": "فعاليات",
        "posts": "مقالات",
        "chapters": "فروع",
        "join": "انضم إلينا",
        "about_us": "من نحن",
        "privacy": "الخصوصية",
        "language": "العربية",
    },
}


def _words(language: str) -> dict[str, str]:
    return _WORDS.get(language, _WORDS["en"])


def _direction(language: str) -> Literal["ltr", "rtl"]:
    return "rtl" if language in ("ar", "fa", "he", "ur") else "ltr"


def _url(path: str) -> str:
    return ROOT + path.lstrip("/")


def _address(path: str) -> str:
    return SITE + _url(path)


# --- what all pages share -------------------------------------------------------------------------------------------


def frame(language: str = "en", **changes: Any) -> Frame:
    """The frame of a site with menus, languages and a contact; `changes` replace fields."""
    words = _words(language)
    names = {"en": "English", "fr": "Français", "es": "Español", "de": "Deutsch", "pt": "Português", "ar": "العربية"}
    values: dict[str, Any] = {
        "title": words["site"],
        "short_title": "IOPS",
        "description": words["about"],
        "url": _url("" if language == "en" else f"{language}/"),
        "address": _address("" if language == "en" else f"{language}/"),
        "root": ROOT,
        "language": language,
        "direction": _direction(language),
        "contact": "hello@example.org",
        "menu": (
            Ref(title=words["events"], url=_url("events/")),
            Ref(title=words["posts"], url=_url("posts/")),
            Ref(title=words["chapters"], url=_url("chapters/")),
            Ref(title=words["about_us"], url=_url("about/")),
            Ref(title=words["join"], url=_url("join/")),
        ),
        "footer": (Ref(title=words["privacy"], url=_url("privacy/")), Ref(title=words["about_us"], url=_url("about/"))),
        "social": (Ref(title="Mastodon", url="https://social.example/@iops", external=True),),
        "languages": tuple(
            Ref(title=name, url=_url("" if code == "en" else f"{code}/"), id=code, language=code, current=code == language) for code, name in names.items()
        ),
        "urls": {
            name: _url(path)
            for name, path in {
                "home": "",
                "posts": "posts/",
                "events": "events/",
                "past": "events/past/",
                "calendar": "calendar/",
                "chapters": "chapters/",
                "archive": "archive/",
                "subscribe": "subscribe/",
                "people": "people/",
                "categories": "categories/",
                "tags": "tags/",
                "online": "events/online/",
                "venues": "venues/",
            }.items()
        },
        "csp": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; form-action 'self' https: mailto:; frame-src https:",
    }
    return Frame(**(values | changes))


def bare_frame(language: str = "en") -> Frame:
    """The frame of a site on its first day: a title, an address, nothing else."""
    return frame(language, short_title="", description="", contact="", menu=(), footer=(), social=(), languages=())


def head(path: str, title: str, language: str = "en", **changes: Any) -> Head:
    """What stands in `<head>` of the page at `path`."""
    values: dict[str, Any] = {
        "title": title,
        "url": _url(path),
        "address": _address(path),
        "canonical": _address(path),
        "language": language,
        "direction": _direction(language),
        "description": _words(language)["summary"],
        "feeds": FEEDS,
        "json_ld": '{"@context": "https://schema.org", "@type": "WebPage"}',
    }
    return Head(**(values | changes))


def bare_head(path: str, title: str, language: str = "en") -> Head:
    """The same with nothing that can be missing."""
    return head(path, title, language, description="", feeds=(), json_ld="")


def feeds(title: str, path: str) -> tuple[FeedLink, ...]:
    """The three feeds and the calendar of a scope."""
    kinds = (("feed.xml", "application/rss+xml", "RSS"), ("atom.xml", "application/atom+xml", "Atom"), ("feed.json", "application/feed+json", "JSON"))
    texts = tuple(FeedLink(title=f"{title} ({label})", url=_url(path + name), address=_address(path + name), type=kind, label=label) for name, kind, label in kinds)
    address = _address(path + "calendar.ics")
    calendar = FeedLink(
        title=f"{title} (iCal)",
        url=_url(path + "calendar.ics"),
        address=address,
        type="text/calendar",
        label="iCal",
        webcal="webcal" + address.removeprefix("https"),
        google="https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2Fexample.org",
        outlook="https://outlook.live.com/calendar/0/addfromweb?url=https%3A%2F%2Fexample.org",
    )
    return (*texts, calendar)


FEEDS = feeds("IOPS", "")
LONDON_REF = Ref(title="London", url=_url("chapters/london/"), id="london")
UK_REF = Ref(title="United Kingdom", url=_url("chapters/uk/"), id="uk")
PICTURE = Picture(
    url=_url("posts/welcome/table.jpg"), address=_address("posts/welcome/table.jpg"), alt="A round table seen from above", credit="Ada", width=800, height=500, type="image/jpeg"
)
ADA = Ref(title="Ada Okonkwo", url=_url("people/ada/"), id="ada")
BEN = Ref(title="Ben", url=_url("people/ben/"), id="ben")
TERMS = (Ref(title="News", url=_url("categories/news/"), id="news", count=12), Ref(title="Reports", url=_url("categories/reports/"), id="reports", count=3))
TAGS = (Ref(title="participation", url=_url("tags/participation/"), id="participation", count=4), Ref(title=LONG_WORD, url=_url("tags/long/"), id="long", count=1))
SHARE = tuple(
    ShareLink(name=name, title=title, url=f"https://{name}.example/share?u=https%3A%2F%2Fexample.org%2Fiops%2F")
    for name, title in (("mail", "E-mail"), ("mastodon", "Mastodon"), ("bluesky", "Bluesky"), ("whatsapp", "WhatsApp"), ("telegram", "Telegram"))
)
ADD = AddToCalendar(
    ics=_url("events/welcome/event.ics"),
    google="https://calendar.google.com/calendar/render?action=TEMPLATE",
    outlook="https://outlook.live.com/calendar/0/deeplink/compose",
    office365="https://outlook.office.com/calendar/0/deeplink/compose",
)


# --- parts ----------------------------------------------------------------------------------------------------------


def moment(day: int = 28, month: int = 10, hour: int = 11, minute: int = 0, year: int = 2012) -> datetime:
    """A moment of the wall clock in London."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def timed(day: int = 28, month: int = 10, **changes: Any) -> When:
    """An afternoon in London."""
    values: dict[str, Any] = {"start": moment(day, month), "end": moment(day, month, 17), "zone": "Europe/London"}
    return When(**(values | changes))


WHENS = {
    "timed": timed(),
    "without end": timed(end=None),
    "over midnight": timed(end=moment(29, hour=2)),
    "several days": timed(end=moment(30, hour=17)),
    "all day": When(start=date(2012, 10, 28), all_day=True, zone="Europe/London"),
    "all days": When(start=date(2012, 10, 28), end=date(2012, 10, 30), all_day=True, zone="Europe/London"),
    "two months": When(start=date(2012, 10, 30), end=date(2012, 11, 2), all_day=True, zone="Europe/London"),
    "time to be announced": When(start=date(2012, 10, 28), all_day=True, tba=True, zone="Europe/London"),
    "undated": When(),
    "cancelled": timed(cancelled=True, note="The room is taken"),
    "moved": timed(moved=True, original=moment(27), note="The room is taken", title="A walk instead", venue="Regent's Park", place=VenueView(name="Regent's Park")),
    "over": timed(over=True),
}


def event_card(title: str = "Welcome event", slug: str = "welcome", **changes: Any) -> EventCard:
    """An event in a list."""
    values: dict[str, Any] = {
        "title": title,
        "url": _url(f"events/{slug}/"),
        "address": _address(f"events/{slug}/"),
        "when": timed(),
        "venue": "Firebox, London",
        "city": "London",
        "chapter": LONDON_REF,
        "ics": _url(f"events/{slug}/event.ics"),
    }
    return EventCard(**(values | changes))


def event_cards() -> tuple[EventCard, ...]:
    """One event of each sort."""
    return (
        event_card(),
        event_card(
            "Open evening",
            "open-evening",
            when=timed(5, 11, over_at=moment(5, 11, 17)),
            over_at=moment(7, 1, 21, year=2013),
            online=True,
            repeats="Every first Monday of the month",
            venue_url=_url("venues/firebox/"),
            hosts=(LONDON_REF, UK_REF),
        ),
        event_card("Talk: who decides?", "talk", when=timed(9, 11), status="cancelled"),
        event_card("Strategy weekend", "weekend", when=WHENS["all days"], status="tentative"),
        event_card("Reading circle", "reading", when=timed(12, 11), status="moved-online", venue="", online=True, chapter=UK_REF),
        event_card(LONG_TITLE, "long", when=WHENS["time to be announced"], status="postponed", venue=f"{LONG_WORD}, Llanfairpwllgwyngyll"),
        event_card("A walk instead", "walk", when=WHENS["moved"], series="Reading walk", over_at=moment(hour=17)),
        event_card("Rencontre à Paris", "paris", when=timed(20, 11, zone="Europe/Paris"), language="fr", venue="", chapter=None),
    )


def post_card(title: str = "Welcome event in London", slug: str = "welcome", **changes: Any) -> PostCard:
    """A post in a list."""
    values: dict[str, Any] = {
        "title": title,
        "url": _url(f"posts/{slug}/"),
        "address": _address(f"posts/{slug}/"),
        "date": moment(5, hour=18, minute=30),
        "summary": "Come and meet us: an afternoon of short talks, long conversations and cake. Bring somebody who has not been before.",
        "authors": (ADA, BEN),
        "chapter": LONDON_REF,
        "categories": TERMS[:1],
        "picture": PICTURE,
        "comments": 17,
        "minutes": 4,
    }
    return PostCard(**(values | changes))


def post_cards() -> tuple[PostCard, ...]:
    """One post of each sort."""
    return (
        post_card(),
        post_card("What we decided in October", "october", picture=None, comments=1, categories=TERMS),
        post_card(LONG_TITLE, "long", comments=0),
        post_card("Without anything", "bare", picture=None, summary="", authors=(), chapter=None, categories=(), comments=0),
        post_card("مقال بالعربية", "arabic", language="ar", summary="نلتقي حول طاولة مستديرة.", picture=None, comments=3),
    )


def chapter_cards() -> tuple[ChapterCard, ...]:
    """A tree: branches with chapters, a branch without any, a chapter of its own, a deeper level."""

    def card(title: str, kind: str = "chapter", **changes: Any) -> ChapterCard:
        name = title.lower().replace(" ", "-")
        return ChapterCard(**({"title": title, "url": _url(f"chapters/{name}/"), "id": name, "kind": kind} | changes))

    return (
        card(
            "United Kingdom",
            "branch",
            country="United Kingdom",
            summary="Five chapters and a yearly assembly.",
            children=(
                card("London", summary="We meet every first Monday.", place="Firebox, King's Cross", country="United Kingdom", next_event=event_card()),
                card("Manchester", place="Manchester", status="forming"),
                card("Wales", "branch", children=(card("Cardiff", place="Cardiff"), card("Swansea", status="resting"))),
            ),
        ),
        card("France", "branch", country="France", children=(card("Paris", place="Paris", picture=PICTURE), card("Lyon"))),
        card("Chile", "branch", country="Chile"),
        card("At large", place="Online", summary="For everybody without a chapter nearby."),
    )


def comment(number: int, body: str, **changes: Any) -> CommentView:
    """A comment; their times are an hour apart."""
    values: dict[str, Any] = {
        "id": f"c{number}",
        "anchor": f"comment-c{number}",
        "url": _url(f"posts/welcome/#comment-c{number}"),
        "received": datetime(2012, 10, 6, 9, 30, tzinfo=UTC) + timedelta(hours=number),
        "body": body,
        "name": "Ana",
    }
    return CommentView(**(values | changes))


def thread(**changes: Any) -> ThreadView:
    """A discussion with a nameless commenter, replies, an answer by the author, a removed comment and a hostile long word."""
    ana = Ref(title="Ana", url=_url("posts/welcome/#comment-c1"))
    nobody = Ref(title="", url=_url("posts/welcome/#comment-c5"))
    comments = (
        comment(
            1,
            "<p>Will there be an online link? I live far away.</p>",
            link="https://ana.example/",
            replies=(
                comment(2, "<p>Yes, it is on the page of the event.</p>", name="Ada Okonkwo", by_author=True, reply_to=ana),
                comment(3, "<p>Thank you!</p><ul><li>one</li><li>two</li></ul>", name="", reply_to=Ref(title="Ada Okonkwo", url=_url("posts/welcome/#comment-c2"))),
            ),
        ),
        comment(4, f"<p>{LONG_WORD * 3}</p><blockquote><p>quoted</p></blockquote><pre><code>a line of code</code></pre>", name=""),
        comment(5, "", name="", removed=True, replies=(comment(6, "<p>I agree with what stood here.</p>", name=LONG_WORD, reply_to=nobody, answers_removed=True),)),
        comment(7, "<p>أهلاً وسهلاً</p>", name="ليلى", language="ar"),
    )
    values: dict[str, Any] = {
        "count": 6,
        "threads": 4,
        "comments": comments,
        "feed": _url("posts/welcome/comments.xml"),
        "form": CommentForm(
            action="https://forms.example/submit",
            hidden={"page": "/posts/welcome/", "language": "en", "form-name": "comments"},
            names={"body": "body", "name": "name", "url": "url", "parent": "parent", "trap": "website"},
        ),
        "mailto": "mailto:hello@example.org?subject=Comment",
        "page": "/posts/welcome/",
    }
    return ThreadView(**(values | changes))


PEOPLE = (
    PersonCard(
        name="Ada Okonkwo",
        url=ADA.url,
        id="ada",
        bio="<p>Bakes, and takes the minutes.</p>",
        picture=msgspec.structs.replace(PICTURE, url=_url("people/ada.jpg"), alt="Ada Okonkwo", width=400, height=400),
        chapter=LONDON_REF,
        links=(Ref(title="ada.example", url="https://ada.example/", external=True),),
        count=9,
    ),
    PersonCard(name="Ben", url=BEN.url, id="ben", count=1),
    PersonCard(name=LONG_WORD, url=_url("people/long/"), id="long", bio="<p>One.</p><p>Two.</p>"),
)
ALTERNATES = (
    Ref(title="English", url=_address("posts/welcome/"), language="en"),
    Ref(title="Français", url=_address("fr/posts/welcome/"), language="fr"),
    Ref(title="العربية", url=_address("ar/posts/welcome/"), language="ar"),
)
HEADINGS = (
    Ref(title="Why we meet", url="#why", id="2"),
    Ref(title="Figures", url="#figures", id="3"),
    Ref(title="How to take part", url="#how", id="2"),
)
PAGES = Pagination(
    number=2,
    count=4,
    total=38,
    newer=_url("posts/"),
    older=_url("posts/page/3/"),
    first=_url("posts/"),
    last=_url("posts/page/4/"),
    pages=tuple(Ref(title=str(n), url=_url("posts/" if n == 1 else f"posts/page/{n}/"), current=n == 2) for n in range(1, 5)),
)
YEARS = tuple(Ref(title=str(year), url=_url(f"archive/{year}/"), count=year - 2009) for year in (2012, 2011, 2010))


VENUE = VenueView(
    name="Firebox",
    address="106 Cromer Street",
    city="London",
    country="United Kingdom",
    country_code="GB",
    latitude=51.5279,
    longitude=-0.1237,
    url="https://firebox.example/",
    map_url="https://www.openstreetmap.org/?mlat=51.5279&mlon=-0.1237",
    page=_url("venues/firebox/"),
    access=("wheelchair", "hearing-loop"),
)


# --- pages ----------------------------------------------------------------------------------------------------------


def post_view(language: str = "en", **changes: Any) -> PostView:
    """A post that has everything."""
    title = _words(language)["welcome"] if language != "en" else "Welcome event in London"
    values: dict[str, Any] = {
        "head": head(
            "posts/welcome/",
            title,
            language,
            type="article",
            picture=PICTURE,
            published=moment(5),
            updated=moment(7),
            code=True,
            alternates=ALTERNATES,
            breadcrumbs=(Ref(title="IOPS", url=_url("")), Ref(title=_words(language)["posts"], url=_url("posts/")), Ref(title=title, url=_url("posts/welcome/"), current=True)),
            edit_url="https://git.example/edit/welcome.md",
        ),
        "title": title,
        "body": Body(digest="arabic" if language == "ar" else "prose"),
        "date": moment(5, hour=18, minute=30),
        "updated": moment(7),
        "authors": (ADA, BEN),
        "people": PEOPLE[:2],
        "chapter": LONDON_REF,
        "categories": TERMS,
        "tags": TAGS,
        "series": "First steps",
        "series_posts": (Ref(title="Before we began", url=_url("posts/before/")), Ref(title=title, url=_url("posts/welcome/"), current=True)),
        "picture": PICTURE,
        "summary": _words(language)["summary"],
        "minutes": 4,
        "headings": HEADINGS,
        "event": event_card(_words(language)["welcome"]),
        "calendar": ADD,
        "elsewhere": (Ref(title="The New Significance", url="https://news.example/welcome", external=True), Ref(title="A newspaper", url="https://paper.example/")),
        "thread": thread(),
        "share": SHARE,
        "related": post_cards()[1:3],
        "newer": Ref(title="What we decided in October", url=_url("posts/october/")),
        "older": Ref(title=LONG_TITLE, url=_url("posts/long/")),
    }
    return PostView(**(values | changes))


def bare_post_view() -> PostView:
    """A post with no more than a title, a text and a date."""
    return PostView(head=bare_head("posts/bare/", "Bare"), title="Bare", body=Body(digest="short"), date=moment())


def event_view(language: str = "en", **changes: Any) -> EventView:
    """An event that has everything, in a room and online."""
    title = _words(language)["welcome"]
    values: dict[str, Any] = {
        "head": head(
            "events/welcome/",
            title,
            language,
            breadcrumbs=(Ref(title="IOPS", url=_url("")), Ref(title=_words(language)["events"], url=_url("events/")), Ref(title=title, url=_url("events/welcome/"), current=True)),
        ),
        "title": title,
        "body": Body(digest="arabic" if language == "ar" else "prose"),
        "when": timed(),
        "venue": VENUE,
        "online": "https://meet.example/iops",
        "organisers": (LONDON_REF, ADA),
        "people": (ADA,),
        "chapter": LONDON_REF,
        "contact": "london@example.org",
        "categories": TERMS[:1],
        "tags": TAGS[:1],
        "register_url": "https://register.example/welcome",
        "register_until": moment(26, hour=20),
        "register_status": "open",
        "capacity": 40,
        "price": "free, donations welcome",
        "access": ("wheelchair", "sign-language", "quiet-room", "hearing-loop", "guide-dogs"),
        "languages": ("English", "Welsh"),
        "summary": _words(language)["summary"],
        "picture": PICTURE,
        "calendar": ADD,
        "elsewhere": (Ref(title="The New Significance", url="https://news.example/welcome"),),
        "posts": post_cards()[:1],
        "nearby": event_cards()[1:4],
        "thread": thread(closed=True),
        "share": SHARE,
        "flyer": _url("events/welcome/flyer/"),
    }
    return EventView(**(values | changes))


def series_view() -> EventView:
    """A series with a cancelled, a moved and a renamed date, so many that some are folded."""
    dates = (
        timed(5, 11),
        timed(3, 12, cancelled=True, note="Too near to the holidays"),
        WHENS["moved"],
        *(timed(start=moment(7, month, 19, year=2013), end=moment(7, month, 21, year=2013)) for month in range(1, 12)),
    )
    return event_view(title="Open evening", when=timed(5, 11), repeats="Every first Monday of the month, until 30 June 2013", exceptions=("except 7 January 2013",), occurrences=dates, past=3, picture=None, online="")


def bare_event_view() -> EventView:
    """An event of which no more than the title is known."""
    return EventView(head=bare_head("events/bare/", "Some day"), title="Some day", body=Body(), when=When())


def flyer_view(language: str = "en", **changes: Any) -> FlyerView:
    """The flyer of the event that has everything; the code is not one that can be read."""
    event = event_view(language)
    title = f"Flyer: {event.title}"
    values = {field: getattr(event, field) for field in FlyerView.__struct_fields__ if field in EventView.__struct_fields__}
    values |= {
        "head": head("events/welcome/flyer/", title, language, noindex=True, alternates=ALTERNATES),
        "url": _url("events/welcome/"),
        "address": _address("events/welcome/"),
        "short": "example.org/iops/events/welcome",
        "code": QrCode(size=10, path="M4 4.5h2m-2 1h1"),
    }
    return FlyerView(**(values | changes))


def bare_flyer_view() -> FlyerView:
    """The flyer of an event of which no more than the title is known, at an address too long for a code."""
    title = "Some day"
    return FlyerView(
        head=bare_head("events/bare/flyer/", title), title=title, url=_url("events/bare/"), address=_address("events/bare/"), short="example.org/iops/events/bare", when=When()
    )


def month_view(language: str = "en", **changes: Any) -> MonthView:
    """October 2012 with events on two days, the week starting on Monday."""
    first = date(2012, 10, 1)
    cards = event_cards()
    events = {28: cards[:2], 9: (cards[2], cards[5])}
    days = [first + timedelta(days=offset) for offset in range(35)]
    weeks = tuple(
        tuple(DayCell(day=day, inside=day.month == 10, events=events.get(day.day, ()) if day.month == 10 else ()) for day in days[start : start + 7])
        for start in range(0, 35, 7)
    )
    values: dict[str, Any] = {
        "head": head("calendar/2012/10/", "October 2012", language),
        "title": "October 2012",
        "first": first,
        "weeks": weeks,
        "newer": Ref(title="November 2012", url=_url("calendar/2012/11/")),
        "older": Ref(title="September 2012", url=_url("calendar/2012/09/")),
        "events": (*cards[:3], cards[5]),
    }
    return MonthView(**(values | changes))


def chapter_view(language: str = "en", **changes: Any) -> ChapterView:
    """A chapter that has everything."""
    values: dict[str, Any] = {
        "head": head("chapters/london/", "London", language, feeds=feeds("London", "chapters/london/") + FEEDS),
        "title": "London",
        "kind": "chapter",
        "body": Body(digest="short"),
        "summary": "We meet every first Monday, and whenever there is cake.",
        "place": "Firebox, King's Cross",
        "country": "United Kingdom",
        "latitude": 51.5,
        "longitude": -0.12,
        "since": moment(3, 3),
        "members": 1042,
        "contact": "london@example.org",
        "picture": PICTURE,
        "parent": UK_REF,
        "links": (Ref(title="Mastodon", url="https://social.example/@london"), Ref(title="Newsletter", url="https://letters.example/london")),
        "organisers": (ADA, BEN),
        "events": event_cards()[:3],
        "past_events": (event_card("Picnic", "picnic", when=WHENS["over"]),),
        "posts": post_cards()[:2],
        "all_posts": _url("chapters/london/posts/"),
        "feeds": feeds("London", "chapters/london/"),
        "zone": "Europe/London",
    }
    return ChapterView(**(values | changes))


def sample_pages(language: str = "en") -> dict[str, Sample]:
    """Every kind of page, in a language: rich, bare and awkward."""
    words = _words(language)

    def top(path: str, title: str, **changes: Any) -> Head:
        return head(path, title, language, **changes)

    home = top("" if language == "en" else f"{language}/", words["site"], description=words["about"])
    return {
        "home": Sample(
            "home.html",
            HomeView(
                head=home,
                body=Body(digest="arabic" if language == "ar" else "short"),
                events=event_cards(),
                featured=(post_card(featured=True),),
                posts=post_cards()[1:],
                branches=chapter_cards(),
            ),
        ),
        "home-empty": Sample("home.html", HomeView(head=bare_head("", words["site"], language))),
        "post": Sample("post.html", post_view(language)),
        "post-bare": Sample("post.html", bare_post_view()),
        "post-long": Sample("post.html", post_view(language, title=LONG_TITLE, picture=None, event=None, calendar=None, thread=thread(closed=True), newer=None)),
        "post-mail": Sample("post.html", post_view(language, thread=thread(form=None, comments=(), count=0, privacy="We keep nothing."), picture=None)),
        "event": Sample("event.html", event_view(language)),
        "event-bare": Sample("event.html", bare_event_view()),
        "event-series": Sample("event.html", series_view()),
        "event-cancelled": Sample("event.html", event_view(language, status="cancelled", reason="The room was flooded.", thread=None)),
        "event-postponed": Sample("event.html", event_view(language, status="postponed", was=moment(21), when=WHENS["undated"], venue=None)),
        "event-moved-online": Sample("event.html", event_view(language, status="moved-online", venue=None, register_status="full", was=date(2012, 10, 21))),
        "event-tentative": Sample("event.html", event_view(language, title=LONG_TITLE, status="tentative", when=WHENS["all days"], register_status="closed", picture=None)),
        "event-over": Sample(
            "event.html",
            event_view(
                language,
                when=WHENS["over"],
                notes="https://pad.example/notes",
                recording="https://video.example/1",
                report=Ref(title="How it was", url=_url("posts/report/")),
            ),
        ),
        "flyer": Sample("flyer.html", flyer_view(language)),
        "flyer-bare": Sample("flyer.html", bare_flyer_view()),
        "flyer-series": Sample("flyer.html", flyer_view(language, repeats="Every first Monday of the month", picture=None, online="", when=timed(5, 11))),
        "flyer-cancelled": Sample("flyer.html", flyer_view(language, status="cancelled", reason="The room was flooded.", further=(timed(5, 11), timed(3, 12)))),
        "flyer-long": Sample("flyer.html", flyer_view(language, title=LONG_TITLE, status="tentative", when=WHENS["all days"], was=moment(21), further=(timed(5, 11), timed(3, 12)))),
        "listing": Sample("listing.html", Listing(head=top("posts/page/2/", words["posts"]), title=words["posts"], posts=post_cards(), pagination=PAGES)),
        "listing-year": Sample("listing.html", Listing(head=top("archive/2012/", "2012"), title="2012", posts=post_cards()[:1], years=YEARS)),
        "listing-empty": Sample("listing.html", Listing(head=bare_head("posts/", words["posts"], language), title=words["posts"])),
        "events": Sample(
            "events.html",
            EventsView(
                head=top("events/", words["events"]),
                title=words["events"],
                months=(
                    EventMonth(first=date(2012, 10, 1), url=_url("calendar/2012/10/"), events=event_cards()[:1]),
                    EventMonth(first=date(2012, 11, 1), url=_url("calendar/2012/11/"), events=event_cards()[1:]),
                ),
                undated=(event_card("Summer camp", "camp", when=WHENS["undated"]),),
                feeds=FEEDS[3:],
            ),
        ),
        "events-online": Sample(
            "events.html",
            EventsView(
                head=top("events/online/", "Online"),
                title="Online",
                online=True,
                months=(EventMonth(first=date(2012, 11, 1), url=_url("calendar/2012/11/"), events=event_cards()[1:2]),),
                feeds=feeds("Online", "events/online/")[3:],
            ),
        ),
        "events-past": Sample(
            "events.html",
            EventsView(
                head=top("events/past/2012/", "2012"),
                title="2012",
                months=(EventMonth(first=date(2012, 9, 1), url=_url("calendar/2012/09/"), events=(event_card("Picnic", "picnic", when=WHENS["over"]),)),),
                past=True,
                years=YEARS,
                year=2012,
            ),
        ),
        "events-empty": Sample("events.html", EventsView(head=bare_head("events/", words["events"], language), title=words["events"])),
        "month": Sample("month.html", month_view(language)),
        "month-empty": Sample("month.html", month_view(language, weeks=(), events=(), newer=None, older=None)),
        "chapters": Sample("chapters.html", ChaptersView(head=top("chapters/", words["chapters"]), title=words["chapters"], branches=chapter_cards(), total=6)),
        "chapters-empty": Sample("chapters.html", ChaptersView(head=bare_head("chapters/", words["chapters"], language), title=words["chapters"])),
        "chapter": Sample("chapter.html", chapter_view(language)),
        "chapter-branch": Sample(
            "chapter.html", chapter_view(language, title="United Kingdom", kind="branch", parent=None, children=chapter_cards()[0].children, picture=None, status="forming")
        ),
        "chapter-bare": Sample("chapter.html", ChapterView(head=bare_head("chapters/x/", "X", language), title="X", kind="chapter", body=Body(), status="resting")),
        "person": Sample(
            "person.html",
            PersonView(
                head=top("people/ada/", "Ada Okonkwo"), person=PEOPLE[0], posts=post_cards()[:2], events=event_cards()[:2], pagination=PAGES, feeds=feeds("Ada", "people/ada/")
            ),
        ),
        "person-bare": Sample("person.html", PersonView(head=bare_head("people/ben/", "Ben", language), person=PEOPLE[1])),
        "venue": Sample(
            "venue.html",
            VenuePageView(
                head=top("venues/firebox/", "Firebox"),
                title="Firebox",
                venue=VENUE,
                events=event_cards()[:2],
                past_events=(event_card("Picnic", "picnic", when=WHENS["over"]),),
                past=14,
                feeds=feeds("Firebox", "venues/firebox/")[3:],
            ),
        ),
        "venue-bare": Sample("venue.html", VenuePageView(head=bare_head("venues/x/", LONG_WORD, language), title=LONG_WORD, venue=VenueView(name=LONG_WORD))),
        "venues": Sample(
            "venues.html",
            VenuesView(
                head=top("venues/", "Venues"),
                title="Venues",
                venues=(
                    VenueCard(name="Firebox", url=_url("venues/firebox/"), place="London, United Kingdom", access=("wheelchair",), next_event=event_card()),
                    VenueCard(name=LONG_WORD, url=_url("venues/x/")),
                ),
            ),
        ),
        "venues-empty": Sample("venues.html", VenuesView(head=bare_head("venues/", "Venues", language), title="Venues")),
        "embed": Sample(
            "embed.html",
            EmbedView(head=top("events/embed/", words["events"], noindex=True), title="IOPS", url=_url("events/"), events=event_cards(), feeds=FEEDS[3:]),
        ),
        "embed-empty": Sample("embed.html", EmbedView(head=bare_head("events/embed/", words["events"], language), title="IOPS", url=_url("events/"))),
        "people": Sample("people.html", PeopleView(head=top("people/", "People"), title="People", people=PEOPLE)),
        "people-empty": Sample("people.html", PeopleView(head=bare_head("people/", "People", language), title="People")),
        "term": Sample(
            "term.html",
            TermView(
                head=top("categories/news/", "News"),
                title="News",
                kind="category",
                description="What happened, and what will.",
                posts=post_cards(),
                events=event_cards()[:2],
                pagination=PAGES,
                feeds=feeds("News", "categories/news/"),
            ),
        ),
        "term-tag": Sample("term.html", TermView(head=bare_head("tags/x/", "x", language), title="x", kind="tag")),
        "terms": Sample("terms.html", TermsView(head=top("tags/", "Tags"), title="Tags", kind="tag", terms=TAGS + TERMS)),
        "terms-empty": Sample("terms.html", TermsView(head=bare_head("tags/", "Tags", language), title="Tags", kind="tag")),
        "archive": Sample("archive.html", ArchiveView(head=top("archive/", "Archive"), title="Archive", years=YEARS)),
        "archive-empty": Sample("archive.html", ArchiveView(head=bare_head("archive/", "Archive", language), title="Archive")),
        "search": Sample(
            "search.html",
            SearchView(
                head=top("search/", "Search"),
                title="Search",
                files=_url("search/"),
                chapters=(UK_REF, LONDON_REF),
                years=YEARS,
                categories=(Ref(title="News", url=_url("categories/news/"), id="news"),),
            ),
        ),
        "search-empty": Sample("search.html", SearchView(head=bare_head("search/", "Search", language), title="Search", files=_url("search/"))),
        "subscribe": Sample(
            "subscribe.html",
            SubscribeView(
                head=top("subscribe/", "Subscribe"),
                title="Subscribe",
                site=FEEDS,
                online=FeedGroup(title="From afar", url=_url("events/online/"), feeds=feeds("From afar", "events/online/")[3:]),
                chapters=(
                    FeedGroup(title="United Kingdom", url=UK_REF.url, feeds=feeds("United Kingdom", "chapters/uk/")),
                    FeedGroup(title="London", url=LONDON_REF.url, feeds=feeds("London", "chapters/london/"), level=1, embed=_address("chapters/london/embed/")),
                ),
                categories=(FeedGroup(title="News", url=TERMS[0].url, feeds=feeds("News", "categories/news/")),),
                venues=(FeedGroup(title="Firebox, London", url=_url("venues/firebox/"), feeds=feeds("Firebox", "venues/firebox/")[3:]),),
                opml=_url("feeds.opml"),
                embed=_address("events/embed/"),
            ),
        ),
        "subscribe-empty": Sample("subscribe.html", SubscribeView(head=bare_head("subscribe/", "Subscribe", language), title="Subscribe")),
        "page": Sample(
            "page.html",
            StandingView(
                head=top("about/", words["about_us"], code=True),
                title=words["about_us"],
                body=Body(digest="arabic" if language == "ar" else "prose"),
                headings=HEADINGS,
                updated=moment(),
                picture=PICTURE,
                chapter=LONDON_REF,
            ),
        ),
        "page-bare": Sample("page.html", StandingView(head=bare_head("x/", "X", language), title="X", body=Body(digest="short"))),
        "404": Sample("404.html", NotFoundView(head=top("404.html", "Not found", noindex=True), title="Not found", posts=post_cards()[:2], events=event_cards()[:2])),
        "404-bare": Sample("404.html", NotFoundView(head=bare_head("404.html", "Not found", language), title="Not found")),
        "redirect": Sample("redirect.html", RedirectView(title="Welcome event", url=_url("posts/welcome/"), address=_address("posts/welcome/"), language=language)),
    }
