"""Structured data: what search engines are told about posts, events and the organisation."""

import json
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from iopsgen.outputs import jsonld
from iopsgen.views import ChapterCard, CommentView, Picture, Ref, ThreadView, VenueView, When

LONDON = ZoneInfo("Europe/London")
ADDRESS = "https://example.org/iops/events/welcome/"
NASTY = "a\r\nb\0c\u2028d]]>e</script><!--f<b>&amp;\x0b\ud800\uffff\"'"
PLAIN = "a bc d]]>e</script><!--f<b>&amp; \"'"


def at(month: int, hour: int = 19) -> When:
    return When(
        start=datetime(2026, month, 2, hour, tzinfo=LONDON), end=datetime(2026, month, 2, hour + 2, tzinfo=LONDON), zone="Europe/London"
    )


def event(**changes: object) -> Any:
    values: dict[str, object] = {"address": ADDRESS, "title": "Welcome", "when": at(3)}
    value = json.loads(jsonld.event_ld(**(values | changes)))  # type: ignore[arg-type]
    assert value["@context"] == "https://schema.org"
    return value


def inside_script(text: str) -> str:
    """What a browser takes for the text of the script element."""

    class Reader(HTMLParser):
        found = ""
        tags = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.tags += 1

        def handle_data(self, data: str) -> None:
            self.found += data

    reader = Reader()
    reader.feed(f'<script type="application/ld+json">{text}</script>')
    reader.close()
    assert reader.tags == 1
    return reader.found


# --- events ------------------------------------------------------------------------------------------------------------


def test_times_carry_the_offset_of_the_day() -> None:
    """A start in winter has +00:00, one in summer +01:00, in the same zone."""
    assert event(when=at(2))["startDate"] == "2026-02-02T19:00:00+00:00"
    summer = event(when=at(7))
    assert (summer["startDate"], summer["endDate"]) == ("2026-07-02T19:00:00+01:00", "2026-07-02T21:00:00+01:00")


def test_days_stay_days() -> None:
    """All-day events have days, the last one included; so does an event whose time is not known yet."""
    camp = event(when=When(start=date(2026, 5, 1), end=date(2026, 5, 3), all_day=True))
    assert (camp["startDate"], camp["endDate"]) == ("2026-05-01", "2026-05-03")
    tba = event(when=When(start=datetime(2026, 5, 1, tzinfo=LONDON), tba=True, zone="Europe/London"))
    assert tba["startDate"] == "2026-05-01"


def test_an_event_without_a_day_says_nothing() -> None:
    """Without a start there is no structured data at all."""
    assert jsonld.event_ld(address=ADDRESS, title="Some day", when=When()) == ""


@pytest.mark.parametrize(
    ("online", "venue", "status", "mode", "kinds"),
    [
        ("", True, "scheduled", "Offline", ["Place"]),
        ("https://meet.example/x", False, "scheduled", "Online", ["VirtualLocation"]),
        ("https://meet.example/x", True, "scheduled", "Mixed", ["Place", "VirtualLocation"]),
        ("https://meet.example/x", True, "moved-online", "Online", ["VirtualLocation"]),
        ("", False, "scheduled", "Offline", []),
    ],
)
def test_where_it_happens(online: str, venue: bool, status: str, mode: str, kinds: list[str]) -> None:
    """A place, an online address or both, with the mode that follows; an event that moved online has left its place."""
    place = VenueView(
        name="Firebox", address="106 Cromer St", city="London", country="United Kingdom", country_code="GB", latitude=51.5, longitude=0.0
    )
    found = event(online=online, venue=place if venue else None, status=status)
    where = found.get("location", [])
    assert [item["@type"] for item in (where if isinstance(where, list) else [where])] == kinds
    assert found["eventAttendanceMode"] == f"https://schema.org/{mode}EventAttendanceMode"
    if kinds == ["Place"]:
        assert where["address"] == {
            "@type": "PostalAddress",
            "streetAddress": "106 Cromer St",
            "addressLocality": "London",
            "addressCountry": "GB",
        }
        assert where["geo"] == {"@type": "GeoCoordinates", "latitude": 51.5, "longitude": 0.0}


@pytest.mark.parametrize(
    ("status", "was", "expected"),
    [
        ("scheduled", None, "EventScheduled"),
        ("tentative", None, "EventScheduled"),
        ("cancelled", date(2026, 1, 1), "EventCancelled"),
        ("postponed", None, "EventPostponed"),
        ("scheduled", datetime(2026, 1, 1, 19, tzinfo=LONDON), "EventRescheduled"),
        ("moved-online", date(2026, 1, 1), ["EventMovedOnline", "EventRescheduled"]),
    ],
)
def test_status(status: str, was: object, expected: object) -> None:
    """The state in schema.org's words, with the previous start of an event that was moved."""
    found = event(status=status, was=was)
    words = expected if isinstance(expected, list) else [expected]
    states = found["eventStatus"] if isinstance(found["eventStatus"], list) else [found["eventStatus"]]
    assert states == [f"https://schema.org/{word}" for word in words]
    assert ("previousStartDate" in found) == (was is not None)


def test_a_series_is_its_next_ten_occurrences() -> None:
    """A series names itself once and at most ten occurrences, each with its own time, state and place."""
    whens = (
        When(start=datetime(2026, 3, 3, 19, tzinfo=LONDON), original=datetime(2026, 3, 2, 19, tzinfo=LONDON), moved=True, venue="Library"),
        When(start=datetime(2026, 4, 6, 19, tzinfo=LONDON), cancelled=True),
        When(start=datetime(2026, 5, 4, 19, tzinfo=LONDON), title="Birthday"),
        *(at(month) for month in range(1, 13)),
    )
    graph = event(series=True, occurrences=whens, venue=VenueView(name="Firebox"))["@graph"]
    assert [item["@type"] for item in graph] == ["EventSeries", *["Event"] * 10]
    series, moved, cancelled, renamed = graph[:4]
    assert moved["superEvent"] == {"@id": series["@id"]}
    assert (moved["eventStatus"], moved["previousStartDate"]) == ("https://schema.org/EventRescheduled", "2026-03-02T19:00:00+00:00")
    assert moved["location"]["name"] == "Library"
    assert cancelled["eventStatus"] == "https://schema.org/EventCancelled"
    assert (renamed["name"], renamed["location"]["name"]) == ("Birthday", "Firebox")


@pytest.mark.parametrize(
    ("price", "offer"),
    [
        ("£5", ("5", "GBP")),
        ("EUR 12,50", ("12.50", "EUR")),
        ("10 CHF", ("10", "CHF")),
        ("free", ("0", None)),
        ("a few coins", None),
        ("5–10 €", None),
        ("$5", None),
        ("", None),
    ],
)
def test_offers_only_where_the_price_is_plain(price: str, offer: tuple[str, str | None] | None) -> None:
    """A price that can be read is an offer; one that cannot is left out rather than guessed."""
    found = event(price=price).get("offers")
    assert (found and (found["price"], found.get("priceCurrency"))) == offer


def test_registration_is_an_offer() -> None:
    """A registration gives an offer with its address, its end and whether there are places."""
    until = datetime(2026, 3, 1, 12, tzinfo=LONDON)
    found = event(register_url="https://tickets.example/1", register_until=until, register_status="full", capacity=0)
    assert found["offers"] == {
        "@type": "Offer",
        "url": "https://tickets.example/1",
        "availability": "https://schema.org/SoldOut",
        "availabilityEnds": "2026-03-01T12:00:00+00:00",
    }
    assert found["maximumAttendeeCapacity"] == 0


# --- posts -------------------------------------------------------------------------------------------------------------


def comment(number: int, **changes: object) -> CommentView:
    values: dict[str, object] = {
        "id": str(number),
        "anchor": f"comment-{number}",
        "url": f"/iops/posts/x/#comment-{number}",
        "received": datetime(2026, 3, number, 12, tzinfo=LONDON),
        "body": "<p>So <em>true</em> &amp; fine &lt;3</p>",
    }
    return CommentView(**(values | changes))  # type: ignore[arg-type]


def post(**changes: object) -> Any:
    values: dict[str, object] = {
        "address": "https://example.org/iops/posts/x/",
        "title": "Hello",
        "published": datetime(2026, 3, 1, 12, tzinfo=LONDON),
        "authors": (Ref(title="Ann", url="/iops/people/ann/"), Ref(title="Bob", url="")),
    }
    return json.loads(jsonld.post_ld(**(values | changes)))  # type: ignore[arg-type]


def test_a_post_names_every_author_and_its_place() -> None:
    """A post has all its authors, the blog it is part of, its section, keywords, picture and dates."""
    picture = Picture(url="/iops/a.jpg", address="https://example.org/iops/a.jpg", alt="A café", width=800)
    found = post(
        site=Ref(title="IOPS", url="/iops/"),
        chapter=Ref(title="London", url="/iops/chapters/london/"),
        picture=picture,
        categories=("News",),
        tags=("a", "a", "b"),
        language="en",
        words=300,
    )
    assert found["author"] == [
        {"@type": "Person", "name": "Ann", "url": "https://example.org/iops/people/ann/"},
        {"@type": "Person", "name": "Bob"},
    ]
    assert found["isPartOf"] == {"@type": "Blog", "name": "IOPS", "url": "https://example.org/iops/"}
    assert found["publisher"]["name"] == "London"
    assert found["image"] == {"@type": "ImageObject", "url": "https://example.org/iops/a.jpg", "width": 800, "caption": "A café"}
    assert (found["articleSection"], found["keywords"], found["wordCount"]) == (["News"], ["a", "b"], 300)
    assert found["datePublished"] == found["dateModified"] == "2026-03-01T12:00:00+00:00"
    assert "commentCount" not in found


def test_comments_are_words_within_what_they_answer() -> None:
    """Comments are plain words, nameless ones without an author, replies inside; a removed one leaves only its replies."""
    thread = ThreadView(
        count=3,
        comments=(
            comment(1, name="Zoë", replies=(comment(2),)),
            comment(3, removed=True, body="", replies=(comment(4, name="Max"),)),
        ),
    )
    found = post(thread=thread)
    assert found["commentCount"] == 3
    first, last = found["comment"]
    assert (first["text"], first["author"]["name"], first["url"]) == (
        "So true & fine <3",
        "Zoë",
        "https://example.org/iops/posts/x/#comment-1",
    )
    assert "author" not in first["comment"][0]
    assert last["author"]["name"] == "Max"
    assert post(thread=ThreadView())["commentCount"] == 0


# --- organisation, site, crumbs ----------------------------------------------------------------------------------------


def test_the_organisation_holds_its_tree() -> None:
    """Branches and their chapters stand as sub-organisations; only a real mailbox is an e-mail address."""
    card = ChapterCard(
        title="UK",
        url="/iops/uk/",
        id="uk",
        kind="branch",
        children=(ChapterCard(title="London", url="/iops/l/", id="l", kind="chapter", place="London"),),
    )
    text = jsonld.organization_ld(
        address="https://example.org/iops/",
        title="IOPS",
        email="https://example.org/contact",
        social=(Ref(title="M", url="https://m.example/@x"),),
        branches=(card,),
    )
    found = json.loads(text)
    assert found["subOrganization"][0]["subOrganization"][0] == {
        "@type": "Organization",
        "name": "London",
        "url": "https://example.org/iops/l/",
        "location": {"@type": "Place", "name": "London"},
    }
    assert found["sameAs"] == ["https://m.example/@x"]
    assert "email" not in found
    assert json.loads(jsonld.organization_ld(address="https://e.org/", title="x", email="hi@e.org"))["email"] == "hi@e.org"


def test_site_and_breadcrumbs() -> None:
    """The site names its publisher and its search; crumbs are numbered from the top, the last one being the page."""
    site = json.loads(jsonld.website_ld(address="https://example.org/iops/", title="IOPS", search="/iops/search/?q={query}"))
    assert site["potentialAction"]["target"] == "https://example.org/iops/search/?q={search_term_string}"
    crumbs = (Ref(title="Home", url="/iops/"), Ref(title="Posts", url="/iops/posts/"), Ref(title="This", url=""))
    found = json.loads(jsonld.breadcrumbs_ld(address=ADDRESS, crumbs=crumbs))["itemListElement"]
    assert [(item["position"], item["item"]) for item in found] == [
        (1, "https://example.org/iops/"),
        (2, "https://example.org/iops/posts/"),
        (3, ADDRESS),
    ]
    assert jsonld.breadcrumbs_ld(address=ADDRESS, crumbs=()) == ""


def test_several_stand_together() -> None:
    """Parts become one JSON text; a single one stays itself and none gives nothing."""
    assert json.loads(jsonld.together('{"a":1}', "", '{"b":2}')) == [{"a": 1}, {"b": 2}]
    assert jsonld.together("", '{"a":1}') == '{"a":1}'
    assert jsonld.together("", "") == ""


def test_no_text_field_leaves_the_script() -> None:
    """Whatever stands in a text field, a browser finds one script whose text is the same JSON, on one line."""
    ref = Ref(title=NASTY, url="/" + NASTY)
    venue = VenueView(name=NASTY, address=NASTY, city=NASTY, country=NASTY, url="https://e.org/" + NASTY)
    picture = Picture(url="", address="https://e.org/" + NASTY, alt=NASTY, credit=NASTY)
    thread = ThreadView(count=1, comments=(comment(1, name=NASTY, body=f"<p>{NASTY}</p>", anchor=NASTY, url="", language=NASTY),))
    texts = (
        jsonld.event_ld(
            address="https://e.org/" + NASTY,
            title=NASTY,
            when=at(3),
            summary=NASTY,
            language=NASTY,
            venue=venue,
            online="https://e.org/" + NASTY,
            organisers=(ref,),
            people=(ref,),
            picture=picture,
            register_url="https://e.org/" + NASTY,
            price=NASTY,
            status=NASTY,
        ),
        jsonld.post_ld(
            address="https://e.org/" + NASTY,
            title=NASTY,
            published=datetime(2026, 3, 1, tzinfo=LONDON),
            summary=NASTY,
            authors=(ref,),
            picture=picture,
            site=ref,
            chapter=ref,
            categories=(NASTY,),
            tags=(NASTY,),
            thread=thread,
        ),
        jsonld.organization_ld(
            address="https://e.org/",
            title=NASTY,
            description=NASTY,
            social=(ref,),
            email=NASTY,
            parent=ref,
            branches=(ChapterCard(title=NASTY, url="/" + NASTY, id="x", kind="branch", summary=NASTY, place=NASTY, country=NASTY),),
        ),
        jsonld.website_ld(
            address="https://e.org/", title=NASTY, short_title=NASTY + "x", description=NASTY, language=NASTY, search="/s?" + NASTY
        ),
        jsonld.breadcrumbs_ld(address="https://e.org/", crumbs=(ref,)),
    )
    for text in texts:
        assert inside_script(text) == text
        assert not set("<>&\u2028\u2029\n\r\0") & set(text)
        assert PLAIN in json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    whole = inside_script(jsonld.together(*texts))
    assert len(json.loads(whole)) == len(texts)
