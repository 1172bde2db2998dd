"""Structured data (schema.org as JSON-LD) for posts, events, the organisation, the site and the way to a page.

Each function returns JSON ready for `<script type="application/ld+json">`: nothing in it can end the script or a line of one.
Addresses may be paths: they are resolved against the page's absolute `address`. Unknown things are left out, never made up.
"""

import re
from datetime import date, datetime
from urllib.parse import urljoin

import msgspec

from iopsgen.plain import day_or_timestamp, one_line, uri, without_markup
from iopsgen.views import ChapterCard, CommentView, Picture, Ref, ThreadView, VenueView, When

Day = date
Thing = dict[str, object]

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\\u007f"}
_ESCAPED = re.compile("[<>&\u2028\u2029\x7f]")
_SERIES = 10  # occurrences of a series that stand as events of their own

_CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₩": "KRW", "zł": "PLN", "Kč": "CZK"}
_AMOUNT = r"(?P<amount>[0-9]{1,7}(?:[.,][0-9]{1,2})?)"
_PRICE = re.compile(
    rf"(?P<before>[A-Z]{{3}}|[€£₹₺₴₪₩])\s*{_AMOUNT}|{_AMOUNT.replace('amount', 'sum')}\s*(?P<after>[A-Z]{{3}}|[€£₹₺₴₪₩]|zł|Kč)"
)
_FREE = frozenset(("free", "free of charge", "0", "gratis", "kostenlos", "gratuit", "gratuito", "gratuita", "am ddim"))


# --- posts -------------------------------------------------------------------------------------------------------------


def post_ld(
    *,
    address: str,
    title: str,
    published: datetime,
    updated: datetime | None = None,
    summary: str = "",
    language: str = "",
    authors: tuple[Ref, ...] = (),
    picture: Picture | None = None,
    site: Ref | None = None,
    chapter: Ref | None = None,
    categories: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    words: int = 0,
    thread: ThreadView | None = None,
) -> str:
    """A post as `BlogPosting`. `site` is the home page: the blog it is part of, and its publisher.

    A chapter's post is published by the chapter. Comments are `Comment` items with the words of their bodies, replies within
    the comment they answer, of a long discussion those that are not folded; `commentCount` counts all that is published, as the
    page does.
    """
    publisher = chapter or site
    post: Thing = {
        "@type": "BlogPosting",
        "@id": uri(address),
        "url": uri(address),
        "mainEntityOfPage": uri(address),
        "headline": one_line(title),
        "description": one_line(summary),
        "datePublished": day_or_timestamp(published),
        "dateModified": day_or_timestamp(updated or published),
        "inLanguage": one_line(language),
        "author": [_party("Person", a, address) for a in authors if one_line(a.title)],
        "image": _image(picture),
        "publisher": _party("Organization", publisher, address) if publisher else None,
        "isPartOf": {"@type": "Blog", "name": one_line(site.title), "url": _resolve(site.url, address)} if site else None,
        "articleSection": _words(categories),
        "keywords": _words(tags),
        "wordCount": words,
    }
    if thread is not None:
        post["commentCount"] = thread.count
        post["comment"] = [item for c in thread.comments[thread.folded :] for item in _comment(c, address)]
    return _script(_whole(post, keep=("commentCount",)))


def _comment(comment: CommentView, address: str) -> list[Thing]:
    """A comment with its replies; for a removed one, only the replies."""
    replies = [item for reply in comment.replies[comment.folded :] for item in _comment(reply, address)]
    if comment.removed:
        return replies
    item: Thing = {
        "@type": "Comment",
        "@id": _resolve(comment.url or f"#{comment.anchor}", address),
        "url": _resolve(comment.url or f"#{comment.anchor}", address),
        "text": without_markup(comment.body),
        "dateCreated": day_or_timestamp(comment.received),
        "author": {"@type": "Person", "name": one_line(comment.name)} if one_line(comment.name) else None,
        "inLanguage": one_line(comment.language),
        "comment": replies,
    }
    return [_whole(item)]


# --- events ------------------------------------------------------------------------------------------------------------


def event_ld(
    *,
    address: str,
    title: str,
    when: When,
    occurrences: tuple[When, ...] = (),
    series: bool = False,
    status: str = "scheduled",
    was: datetime | Day | None = None,
    summary: str = "",
    language: str = "",
    venue: VenueView | None = None,
    online: str = "",
    organisers: tuple[Ref, ...] = (),
    people: tuple[Ref, ...] = (),
    picture: Picture | None = None,
    register_url: str = "",
    register_until: datetime | Day | None = None,
    register_status: str = "",
    price: str = "",
    capacity: int | None = None,
) -> str:
    """An event as `Event`; a series as one `EventSeries` and one `Event` for each of its next occurrences, at most 10.

    Search engines read the events and not the rule, hence one for each. `organisers` are chapters, `people` persons who
    organise. A start carries the offset that its zone has on that day; an all-day event, and one whose time is not known yet,
    has days. An event whose day is unknown has no structured data: the result is empty.
    """
    if when.start is None:
        return ""
    common: Thing = {
        "url": uri(address),
        "description": one_line(summary),
        "inLanguage": one_line(language),
        "image": _image(picture),
        "organizer": [_party("Organization", o, address) for o in organisers] + [_party("Person", p, address) for p in people],
        "offers": _offer(register_url or address, register_url, register_until, register_status, price),
        "isAccessibleForFree": True if price.strip().casefold() in _FREE else None,
        "maximumAttendeeCapacity": capacity,
    }
    if not series:
        facts = _facts(when, title, status, was, venue, online, address)
        return _script(_whole({"@type": "Event", "@id": uri(address), **facts, **common}))
    parent = f"{uri(address)}#series"
    whole = _whole(
        {"@type": "EventSeries", "@id": parent, "name": one_line(title), "url": uri(address), "description": common["description"]}
    )
    events = [
        _whole({"@type": "Event", **_facts(one, title, status, None, venue, online, address), **common, "superEvent": {"@id": parent}})
        for one in (occurrences or (when,))[:_SERIES]
        if one.start is not None
    ]
    return _script({"@graph": [whole, *events]})


def _facts(
    when: When, title: str, status: str, was: datetime | Day | None, venue: VenueView | None, online: str, address: str
) -> Thing:
    """Name, times, place and status of one occurrence. One that moved online without an address to join at is found on its page."""
    moved_online = status == "moved-online"
    place = when.place or (VenueView(name=when.venue) if when.venue else venue)
    online = when.online or online
    here: list[Thing] = []
    if place and not moved_online:
        here.append(_place(place))
    if online or moved_online:
        here.append({"@type": "VirtualLocation", "url": uri(online or address)})
    if online or moved_online:
        mode = "MixedEventAttendanceMode" if place and not moved_online else "OnlineEventAttendanceMode"
    else:
        mode = "OfflineEventAttendanceMode"
    previous = was if was is not None else when.original if when.moved else None
    return {
        "name": one_line(when.title or title),
        "startDate": _time(when.start, when.tba),
        "endDate": _time(when.end, when.tba),
        "location": here[0] if len(here) == 1 else here,
        "eventAttendanceMode": f"https://schema.org/{mode}",
        "eventStatus": _status("cancelled" if when.cancelled else status, previous is not None),
        "previousStartDate": _time(previous, False),
    }


def _status(status: str, rescheduled: bool) -> str | list[str]:
    """The state of an event in schema.org's words; both of them where an event was rescheduled and moved online."""
    words = {"cancelled": "EventCancelled", "postponed": "EventPostponed", "moved-online": "EventMovedOnline"}
    found = [words[status]] if status in words else []
    if rescheduled and status not in {"cancelled", "postponed"}:
        found.append("EventRescheduled")
    found = [f"https://schema.org/{word}" for word in found or ["EventScheduled"]]
    return found[0] if len(found) == 1 else found


def _time(value: datetime | Day | None, tba: bool) -> str:
    """A moment with its offset or a day; the day alone while the time is not known."""
    if value is None:
        return ""
    return day_or_timestamp(value.date() if tba and isinstance(value, datetime) else value)


def _place(venue: VenueView) -> Thing:
    """A venue as `Place` with its postal address and position."""
    postal = _whole(
        {
            "@type": "PostalAddress",
            "streetAddress": one_line(venue.address),
            "addressLocality": one_line(venue.city),
            "addressCountry": one_line(venue.country_code or venue.country),
        }
    )
    known = venue.latitude is not None and venue.longitude is not None
    return _whole(
        {
            "@type": "Place",
            "name": one_line(venue.name),
            "url": uri(venue.url),
            "address": postal if len(postal) > 1 else None,
            "geo": {"@type": "GeoCoordinates", "latitude": venue.latitude, "longitude": venue.longitude} if known else None,
        }
    )


def _offer(url: str, register_url: str, until: datetime | Day | None, status: str, price: str) -> Thing | None:
    """What a place costs and where to get one, if there is something to say: a registration or a price that can be read."""
    amount = _price(price)
    if not register_url and amount is None:
        return None
    availability = {"open": "InStock", "full": "SoldOut", "closed": "OutOfStock"}.get(status)
    offer: Thing = {
        "@type": "Offer",
        "url": uri(url),
        "price": amount[0] if amount else None,
        "priceCurrency": amount[1] if amount else None,
        "availability": f"https://schema.org/{availability}" if availability else None,
        "availabilityEnds": day_or_timestamp(until) if until else None,
    }
    return _whole(offer)


def _price(text: str) -> tuple[str, str] | None:
    """Amount and currency (ISO 4217, empty for what is free) of a price as people write it, or None if it is not plain."""
    text = one_line(text)
    if text.casefold() in _FREE:
        return "0", ""
    found = _PRICE.fullmatch(text)
    if found is None:
        return None
    sign = found["before"] or found["after"]
    return (found["amount"] or found["sum"]).replace(",", "."), _CURRENCIES.get(sign, sign)


# --- the organisation and its site -------------------------------------------------------------------------------------


def venue_ld(*, address: str, venue: VenueView) -> str:
    """A place where events are held, as `Place`."""
    return _script({**_place(venue), "@id": f"{uri(address)}#place"})


def organization_ld(
    *,
    address: str,
    title: str,
    description: str = "",
    logo: Picture | None = None,
    social: tuple[Ref, ...] = (),
    email: str = "",
    branches: tuple[ChapterCard, ...] = (),
    parent: Ref | None = None,
) -> str:
    """An organisation, or a branch with its `parent`: with `subOrganization`, the tree of branches and chapters below it."""
    organization: Thing = {
        "@type": "Organization",
        "@id": f"{uri(address)}#organization",
        "name": one_line(title),
        "url": uri(address),
        "description": one_line(description),
        "logo": uri(logo.address) if logo else "",
        "email": one_line(email) if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", email) else "",
        "sameAs": [_resolve(link.url, address) for link in social if link.url],
        "parentOrganization": _party("Organization", parent, address) if parent else None,
        "subOrganization": [_branch(card, address) for card in branches],
    }
    return _script(_whole(organization))


def _branch(card: ChapterCard, address: str) -> Thing:
    """A branch or chapter with those below it."""
    place: Thing = _whole({"@type": "Place", "name": one_line(card.place), "address": one_line(card.country)})
    return _whole(
        {
            "@type": "Organization",
            "name": one_line(card.title),
            "url": _resolve(card.url, address),
            "description": one_line(card.summary),
            "location": place if len(place) > 1 else None,
            "subOrganization": [_branch(child, address) for child in card.children],
        }
    )


def website_ld(*, address: str, title: str, short_title: str = "", description: str = "", language: str = "", search: str = "") -> str:
    """The site as `WebSite`. `search` is the address of a search with `{query}` where the words go, or empty."""
    site: Thing = {
        "@type": "WebSite",
        "@id": f"{uri(address)}#website",
        "url": uri(address),
        "name": one_line(title),
        "alternateName": one_line(short_title) if short_title != title else "",
        "description": one_line(description),
        "inLanguage": one_line(language),
        "publisher": {"@id": f"{uri(address)}#organization"},
    }
    if search:
        before, _, after = search.partition("{query}")
        target = f"{_resolve(before, address)}{{search_term_string}}{uri(after)}"
        site["potentialAction"] = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    return _script(_whole(site))


def breadcrumbs_ld(*, address: str, crumbs: tuple[Ref, ...]) -> str:
    """The way to a page as `BreadcrumbList`, from the home page down; empty without crumbs."""
    items = [
        _whole({"@type": "ListItem", "position": n, "name": one_line(c.title), "item": _resolve(c.url, address) if c.url else uri(address)})
        for n, c in enumerate(crumbs, 1)
    ]
    return _script({"@type": "BreadcrumbList", "itemListElement": items}) if items else ""


def together(*parts: str) -> str:
    """Several results of this module as one, for a page that is more than one thing; empty ones are left out."""
    parts = tuple(part for part in parts if part)
    return f"[{','.join(parts)}]" if len(parts) > 1 else "".join(parts)


# --- parts -------------------------------------------------------------------------------------------------------------


def _party(kind: str, ref: Ref, address: str) -> Thing:
    """A person or an organisation by name and address."""
    return _whole({"@type": kind, "name": one_line(ref.title), "url": _resolve(ref.url, address) if ref.url else ""})


def _image(picture: Picture | None) -> Thing | None:
    """A picture with its size where that is known."""
    if picture is None or not picture.address:
        return None
    return _whole(
        {
            "@type": "ImageObject",
            "url": uri(picture.address),
            "width": picture.width,
            "height": picture.height,
            "caption": one_line(picture.alt),
            "creditText": one_line(picture.credit),
        }
    )


def _resolve(url: str, address: str) -> str:
    """An absolute address; as written where it cannot be read."""
    try:
        return uri(urljoin(address, url))
    except ValueError:
        return uri(url)


def _words(texts: tuple[str, ...]) -> list[str]:
    return [text for text in dict.fromkeys(map(one_line, texts)) if text]


def _whole(thing: Thing, keep: tuple[str, ...] = ()) -> Thing:
    """The thing without what is not known: empty texts and lists, None, and numbers that are 0 unless named in `keep`."""
    return {
        key: value
        for key, value in thing.items()
        if key in keep or not (value is None or value == "" or value == [] or (value == 0 and key in {"width", "height", "wordCount"}))
    }


def _script(thing: Thing) -> str:
    """JSON with its context, safe inside a script element: no `<`, `>`, `&` and no line separator of JavaScript."""
    text = msgspec.json.encode({"@context": "https://schema.org", **thing}).decode()
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text)
