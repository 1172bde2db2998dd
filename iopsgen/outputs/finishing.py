"""What follows from the rest of a view and is added when its page is made: structured data, share links, ways into a calendar, QR codes."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from iopsgen.model import Occurrence
from iopsgen.outputs.calendar_entries import add_to_calendar
from iopsgen.outputs.discussions import with_bodies
from iopsgen.outputs.flyer import qr_code
from iopsgen.outputs.jsonld import breadcrumbs_ld, event_ld, organization_ld, post_ld, together, venue_ld, website_ld
from iopsgen.texts import Texts
from iopsgen.views import (
    AddToCalendar,
    CalendarEntry,
    ChapterView,
    EventView,
    FeedView,
    FlyerView,
    Frame,
    HomeView,
    PostView,
    Ref,
    ShareLink,
    VenuePageView,
    View,
    When,
)

V = TypeVar("V", bound=View)


def complete(view: V, site: Frame, texts: Texts) -> V:
    """The view with its JSON-LD, its share links, its ways into a calendar and its QR code. They cost more than a comparison of pages may."""
    if isinstance(view, (PostView, EventView)) and view.thread is not None:
        view = msgspec.structs.replace(view, thread=with_bodies(view.thread))
    changes: dict[str, object] = {}
    ld = structured_data(view, site)
    if ld:
        changes["head"] = msgspec.structs.replace(view.head, json_ld=ld)  # type: ignore[attr-defined]
    if isinstance(view, PostView):
        changes["share"] = share_links(view.title, view.head.address, texts)
        if view.entry is not None and view.event is not None:
            changes["calendar"] = _ways(view.entry, view.event.ics, view.event.when, bool(view.event.repeats))
    elif isinstance(view, EventView):
        changes["share"] = share_links(view.title, view.head.address, texts)
        if view.entry is not None:
            changes["calendar"] = _ways(view.entry, view.head.url + "event.ics", view.when, bool(view.occurrences or view.past))
    elif isinstance(view, FlyerView):
        changes["code"] = qr_code(view.address)
    return msgspec.structs.replace(view, **changes) if changes else view


def with_sizes(view: FeedView, sizes: Mapping[str, int]) -> FeedView:
    """The feed with the sizes of pictures that nobody knew before they were made; `sizes` maps their urls to bytes."""
    if not any(e.picture and not e.picture.size for e in view.entries):
        return view
    entries = (
        replace(e, picture=replace(e.picture, size=sizes.get(e.picture.url, 0))) if e.picture and not e.picture.size else e for e in view.entries
    )
    return replace(view, entries=tuple(entries))


def _ways(entry: CalendarEntry, ics: str, when: When, series: bool) -> AddToCalendar:
    """The ways of an event into a calendar; of a series its next occurrence, where a way takes only one."""
    upcoming = Occurrence(start=when.start, end=when.end) if series and when.start is not None else None
    return add_to_calendar(entry, ics_url=ics, upcoming=upcoming)


def share_links(title: str, address: str, texts: Texts) -> tuple[ShareLink, ...]:
    """Plain links that share a page by mail and on other services: nothing is asked of them before a click."""
    words, page = quote(title, safe=""), quote(address, safe="")
    return (
        ShareLink(name="mail", title=texts.gettext("Mail"), url=f"mailto:?subject={words}&body={page}"),
        ShareLink(name="mastodon", title="Mastodon", url=f"https://mastodonshare.com/?text={words}&url={page}"),
        ShareLink(name="bluesky", title="Bluesky", url=f"https://bsky.app/intent/compose?text={words}%20{page}"),
        ShareLink(name="whatsapp", title="WhatsApp", url=f"https://wa.me/?text={words}%20{page}"),
        ShareLink(name="telegram", title="Telegram", url=f"https://t.me/share/url?url={page}&text={words}"),
    )


def structured_data(view: View, site: Frame) -> str:
    """Escaped JSON for `<script type="application/ld+json">`; "" for pages that need none."""
    home = Ref(title=site.title, url=site.address)
    if isinstance(view, PostView):
        return together(_post(view, home), _crumbs(view))
    if isinstance(view, EventView):
        return together(_event(view), _crumbs(view))
    if isinstance(view, ChapterView):
        branch = organization_ld(
            address=view.head.address, title=view.title, description=view.head.description, email=view.contact, branches=view.children, parent=home
        )
        return together(branch, _crumbs(view))
    if isinstance(view, VenuePageView):
        return together(venue_ld(address=view.head.address, venue=view.venue), _crumbs(view))
    if isinstance(view, HomeView):
        organization = organization_ld(
            address=site.address,
            title=site.title,
            description=site.description,
            logo=site.logo,
            social=site.social,
            email=site.contact,
            branches=view.branches,
        )
        words = website_ld(address=site.address, title=site.title, short_title=site.short_title, description=site.description, language=site.language)
        return together(organization, words)
    return ""


def _crumbs(view: PostView | EventView | ChapterView | VenuePageView) -> str:
    crumbs = view.head.breadcrumbs
    return breadcrumbs_ld(address=view.head.address, crumbs=(*crumbs, Ref(title=view.title, url=view.head.address))) if crumbs else ""


def _post(view: PostView, home: Ref) -> str:
    return post_ld(
        address=view.head.address,
        title=view.title,
        published=view.date,
        updated=view.updated,
        summary=view.head.description,
        language=view.head.language,
        authors=view.authors,
        picture=view.picture,
        site=home,
        chapter=view.chapter,
        categories=tuple(c.title for c in view.categories),
        tags=tuple(t.title for t in view.tags),
        thread=view.thread,
    )


def _event(view: EventView) -> str:
    return event_ld(
        address=view.head.address,
        title=view.title,
        when=view.when,
        occurrences=view.occurrences,
        series=bool(view.occurrences or view.past),
        status=view.status,
        was=view.was,
        summary=view.head.description,
        language=view.head.language,
        venue=view.venue,
        online=view.online,
        organisers=tuple(o for o in view.organisers if o not in view.people),
        people=view.people,
        picture=view.picture,
        register_url=view.register_url,
        register_until=view.register_until,
        register_status=view.register_status,
        price=view.price,
        capacity=view.capacity,
    )
