"""One edition of the site: everything as the readers of one language see it, each text in their language where there is one."""

from collections.abc import Callable, Container, Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Literal, TypeVar

from msgspec.structs import replace

from iopsgen.assemble.events import over_at
from iopsgen.assemble.links import Links, quoted
from iopsgen.assemble.routes import prefix_of
from iopsgen.model import Chapter, Event, Fields, Image, Moment, Occurrence, Page, Post, Site, Term, Text, Venue
from iopsgen.outputs.agenda import next_of_each
from iopsgen.outputs.calendar_entries import calendar_links
from iopsgen.outputs.pictures import Pictures
from iopsgen.problems import Place
from iopsgen.recurrence import in_words
from iopsgen.settings import LanguageSettings, Settings
from iopsgen.slugs import slugify
from iopsgen.texts import Texts, country_name
from iopsgen.views import Body, ChapterCard, EventCard, FeedLink, OriginView, Picture, PostCard, Ref, VenueView, When
from iopsgen.zones import place_moment

Item = TypeVar("Item", Post, Event, Page, Chapter)
WORDS_A_MINUTE = 220
# Name, MIME type and label of each format, in every scope.
FEEDS = (("feed.xml", "application/rss+xml", "RSS"), ("atom.xml", "application/atom+xml", "Atom"), ("feed.json", "application/feed+json", "JSON"))


class Common:
    """What all editions share: the site, its settings, its links, and its pictures."""

    def __init__(self, site: Site, settings: Settings, links: Links, pictures: Pictures) -> None:
        self.site, self.settings, self.links, self.pictures = site, settings, links, pictures
        self.root = settings.site.root
        self.base = settings.site.url[: len(settings.site.url) - len(self.root)]
        self.post_by_route = {p.route: p for p in site.posts}
        self.event_by_route = {e.route: e for e in site.events}
        self.venue_routes = _routes_of_venues(site)
        self._urls: dict[str, str] = {}

    def url(self, route: str) -> str:
        """The address of a route on this host, ready for href."""
        found = self._urls.get(route)
        if found is None:
            found = self._urls[route] = self.root + quoted(route[1:])
        return found

    def address(self, route: str) -> str:
        """The absolute address of a route."""
        return self.base + self.url(route)

    def absolute(self, url: str) -> str:
        """The absolute form of an address that may start at the root of this host."""
        return self.base + url if url.startswith("/") and not url.startswith("//") else url

    def permanent(self, item: Post | Event) -> str:
        """An id that survives a new title, a new address and a new host of the pages: a tag URI (RFC 4151) from the first source."""
        return f"tag:{self.settings.site.host},2000:{quoted(self.site.firsts.get(item.group, item.group))}"

    @staticmethod
    def moment(moment: Moment, zone: str) -> datetime:
        """What was written, as a moment in a zone."""
        return place_moment(moment, zone)

    def picture(self, fields: Fields) -> Picture | None:
        """The picture of a text."""
        image = fields.image
        if image is None:
            return None
        file, line = fields.where("image", "image_alt")
        return self.image(replace(image, line=image.line if file == fields.source else line), fields.source, file)

    def image(self, image: Image | None, source: str, file: str = "") -> Picture | None:
        """A picture of the front matter: beside the source, in static/, or on the web; `file` is where it is named, if elsewhere."""
        if image is None:
            return None
        alt = "" if image.decorative else image.alt
        if image.src.startswith(("https://", "http://")):
            return Picture(url=image.src, address=image.src, alt=alt, credit=image.credit)
        route, _ = self.links.route(image.src, source, Place(file or source, image.line), "src")
        if not route:
            return None
        found = self.pictures.at(route)
        return replace(found, alt=alt, credit=image.credit) if found else None


class Edition:
    """The cards and links of one language. Everything is made once and shared by all pages that show it."""

    def __init__(self, common: Common, language: str, texts: Texts) -> None:
        self.common, self.language, self.texts = common, language, texts
        self.site, self.settings = common.site, common.settings
        self.prefix = prefix_of(language, common.site.languages)
        self.names = _names_in(language, common.settings)
        self.categories = _categories_in(language, common)
        self._post_cards: dict[str, PostCard] = {}
        self._event_cards: dict[tuple[str, object, object], EventCard] = {}
        self._people: dict[str, Ref] = {}
        self._terms: dict[tuple[str, str], Ref] = {}
        self._chapters: dict[str, Ref | None] = {}

    # --- which texts -----------------------------------------------------------------------------------------------

    def best(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Of each text the version in this language, else its original; the order stays."""
        if len(self.site.languages) == 1:
            return tuple(items)
        items = tuple(items)
        chosen: dict[str, Item] = {}
        for item in items:
            held = chosen.get(item.group)
            if held is None or item.language == self.language or (held.language != self.language and item.fields.source == item.group):
                chosen[item.group] = item
        return tuple(i for i in items if chosen[i.group] is i)

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        """Newest first."""
        return self.best(self.site.posts)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """By first start."""
        return self.best(self.site.events)

    @cached_property
    def own_events(self) -> tuple[Event, ...]:
        """The same without those of partners' calendars: what is news here."""
        return tuple(event for event in self.events if event.fields.origin is None)

    @cached_property
    def chapters(self) -> dict[str, Chapter]:
        """By id."""
        return {c.id: c for c in self.best(self.site.chapter_texts)}

    def owns(self, item: Post | Event | Page | Chapter) -> bool:
        """Whether the page of a text belongs to this edition: by its language, or here because no edition has it."""
        return item.language == self.language or (not self.prefix and item.language not in self.site.languages)

    def former(self, kind: Literal["categories", "tags", "people", "venues"]) -> tuple[Term, ...]:
        """What had a page here with feeds or a calendar and is not in use any more: its addresses stay. People and venues are terms too."""
        base = self.route(f"/{kind}/")
        users: dict[str, Container[str]] = {
            "people": self.site.people,
            "categories": self.categories,
            "tags": self.tags,
            "venues": {route.split("/")[-2] for route in self.common.venue_routes.values()},
        }
        used = users[kind]
        found = ((scope.route[len(base) :].rstrip("/"), scope.title) for scope in self.site.scopes if scope.route.startswith(base))
        gone = self.settings.gone
        return tuple(Term(slug=slug, name=name) for slug, name in found if slug and slug not in used and f"{base}{slug}/" not in gone)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The slugs of the tags that texts of this edition have."""
        return frozenset(tag for items in ((p.tags for p in self.posts), (e.tags for e in self.events)) for tags in items for tag in tags)

    # --- links -----------------------------------------------------------------------------------------------------

    def route(self, route: str) -> str:
        """The route of a page that every edition has, in this one."""
        return self.prefix + route

    def url(self, route: str) -> str:
        """The url of a page that every edition has."""
        return self.common.url(self.prefix + route)

    def body(self, text: Text, source: str, absolute: bool = False) -> Body:
        """A text with the addresses that it has on a page of this site, or absolute ones for a feed."""
        urls = self.common.links.urls_of(text, source)
        pictures = self.common.pictures.among(text.targets, urls, absolute)
        return Body(text.digest, tuple(map(self.common.absolute, urls)) if absolute else urls, pictures)

    def person(self, name: str) -> Ref:
        """A link to a person."""
        found = self._people.get(name)
        if found is None:
            found = self._people[name] = Ref(title=self.site.people[name].name, url=self.url(f"/people/{name}/"), id=name)
        return found

    def term(self, kind: str, slug: str) -> Ref:
        """A link to a category or a tag; `kind` is categories or tags."""
        found = self._terms.get((kind, slug))
        if found is None:
            terms = self.categories if kind == "categories" else self.site.tags
            found = self._terms[kind, slug] = Ref(title=terms[slug].name, url=self.url(f"/{kind}/{slug}/"), id=slug)
        return found

    def chapter(self, name: str) -> Ref | None:
        """A link to a chapter, or None without one."""
        if name not in self._chapters:
            chapter = self.chapters.get(name)
            self._chapters[name] = (
                Ref(title=chapter.title, url=self.common.url(chapter.route), id=name, language=self.other(chapter.language)) if chapter else None
            )
        return self._chapters[name]

    def other(self, language: str) -> str:
        """The language of a text, where it is not this edition's."""
        return language if language != self.language else ""

    def feeds_at(self, route: str, title: str, calendar: bool = False, feeds: bool = True) -> tuple[FeedLink, ...]:
        """The feeds at a route, and its calendar."""
        common = self.common
        found = [
            FeedLink(title=title, url=common.url(route + name), address=common.address(route + name), type=kind, label=label)
            for name, kind, label in FEEDS
            if feeds
        ]
        if calendar:
            url, address = common.url(route + "calendar.ics"), common.address(route + "calendar.ics")
            links = calendar_links(address, title)
            ways = {"webcal": links.webcal, "google": links.google, "outlook": links.outlook}
            found.append(FeedLink(title=title, url=url, address=address, type="text/calendar", label="iCal", **ways))
        return tuple(found)

    @cached_property
    def feeds(self) -> tuple[FeedLink, ...]:
        """The feeds and the calendar of the whole site in this language."""
        return self.feeds_at(self.route("/"), self.names.title, calendar=True)

    # --- cards -----------------------------------------------------------------------------------------------------

    def summary(self, item: Post | Event | Chapter | Page) -> str:
        """The summary as written, else from the text."""
        return item.fields.summary or item.fields.text.summary

    def post_card(self, post: Post) -> PostCard:
        """A post in a list."""
        found = self._post_cards.get(post.route)
        if found is None:
            fields = post.fields
            found = self._post_cards[post.route] = PostCard(
                title=fields.title,
                url=self.common.url(post.route),
                address=self.common.address(post.route),
                date=post.date,
                language=self.other(post.language),
                summary=self.summary(post),
                authors=tuple(self.person(a) for a in post.authors),
                chapter=self.chapter(post.chapter),
                categories=tuple(self.term("categories", c) for c in post.categories),
                picture=self.common.picture(fields),
                comments=post.comments,
                featured=fields.featured,
                minutes=minutes(fields.text),
            )
        return found

    def event_card(self, event: Event, occurrence: Occurrence | None = None) -> EventCard:
        """An event in a list, at one occurrence: the next one unless another is named, the last if all are over."""
        occurrence = occurrence or self.main_occurrence(event)
        key = (event.route, occurrence.start, occurrence.original) if occurrence else (event.route, None, None)
        found = self._event_cards.get(key)
        if found is None:
            found = self._event_cards[key] = self._make_event_card(event, occurrence)
        return found

    def _make_event_card(self, event: Event, occurrence: Occurrence | None) -> EventCard:
        fields = event.fields
        venue = place_of(event, occurrence)
        when = self.when(event, occurrence)
        renamed = occurrence.title if occurrence else ""
        return EventCard(
            title=renamed or fields.title,
            url=self.common.url(event.route),
            address=self.common.address(event.route),
            when=when,
            language=self.other(event.language),
            status="cancelled" if when.cancelled else fields.status,
            summary=self.summary(event),
            venue=_in_short(venue),
            venue_url=self.venue_url(venue),
            city=venue.city if venue else "",
            online=is_online(event, occurrence),
            repeats=self.repeats(event),
            series=fields.title if renamed else "",
            chapter=self.chapter(event.chapter),
            hosts=self._hosts(event),
            picture=self.common.picture(fields),
            featured=fields.featured,
            ics=self.common.url(event.route + "event.ics") if event.dated else "",
            origin=origin_view(event),
            over_at=over_at(event.upcoming[-1], event.zone) if when.over_at else None,
        )

    def _hosts(self, event: Event) -> tuple[Ref, ...]:
        """All chapters that organise an event, its own first; empty where there is but one."""
        names = dict.fromkeys(name for name in (event.chapter, *event.organisers) if name in self.chapters)
        return tuple(ref for name in names if (ref := self.chapter(name))) if len(names) > 1 else ()

    @staticmethod
    def main_occurrence(event: Event) -> Occurrence | None:
        """The next occurrence that takes place, else the next, else the last."""
        return next((o for o in event.upcoming if not o.cancelled), None) or (event.upcoming or event.occurrences[-1:] or (None,))[0]

    def when(self, event: Event, occurrence: Occurrence | None) -> When:
        """The time of one occurrence; without one the day is not known."""
        if occurrence is None:
            return When(zone=event.zone)
        was = None if is_series(event) else self.was(event)
        original = was if was is not None else occurrence.original
        moved = original is not None and original != occurrence.start
        elsewhere = occurrence.venue if occurrence.venue != event.venue else None
        over = occurrence not in event.upcoming
        return When(
            start=occurrence.start,
            end=occurrence.end,
            all_day=event.all_day,
            tba=event.fields.time_tba,
            zone=event.zone,
            cancelled=occurrence.cancelled,
            moved=moved,
            original=original if moved else None,
            note=occurrence.note,
            title=occurrence.title,
            venue=_in_short(elsewhere),
            place=self.venue(elsewhere),
            online=occurrence.online,
            over=over,
            over_at=None if over else over_at(occurrence, event.zone),
        )

    def was(self, event: Event) -> datetime | date | None:
        """The start that a rescheduled event had before."""
        moment = event.fields.was
        if moment is None:
            return None
        return moment.wall.date() if event.all_day or not moment.has_time else self.common.moment(moment, event.zone)

    def repeats(self, event: Event) -> str:
        """The repetition in words of this language, "" for a single event."""
        rule = event.fields.repeat
        if rule is None or event.start is None:
            return ""
        return in_words(rule, event.start, self.language)

    def venue(self, venue: Venue | None) -> VenueView | None:
        """Where an event takes place."""
        if venue is None:
            return None
        geo = venue.geo
        return VenueView(
            name=venue.name,
            page=self.venue_url(venue),
            address=venue.address,
            city=venue.city,
            country=country_name(venue.country, self.language) if venue.country else "",
            country_code=venue.country,
            latitude=geo[0] if geo else None,
            longitude=geo[1] if geo else None,
            url=venue.url,
            map_url=f"https://www.openstreetmap.org/?mlat={geo[0]}&mlon={geo[1]}#map=17/{geo[0]}/{geo[1]}" if geo else "",
            access=venue.access,
        )

    def venue_url(self, venue: Venue | None) -> str:
        """The page of a venue; "" for a place that stands in one event alone."""
        return self.url(self.common.venue_routes[venue.id]) if venue and venue.id in self.common.venue_routes else ""

    def chapter_card(self, chapter: Chapter, deep: bool = True) -> ChapterCard:
        """A chapter in the tree, with those below it if `deep`."""
        fields = chapter.fields
        return ChapterCard(
            title=chapter.title,
            url=self.common.url(chapter.route),
            id=chapter.id,
            kind=chapter.kind,
            summary=self.summary(chapter),
            place=fields.place,
            country=country_name(fields.country, self.language) if fields.country else "",
            status=fields.status,
            picture=self.common.picture(fields),
            next_event=self.next_events.get(chapter.id),
            children=tuple(self.chapter_card(self.chapters[c]) for c in chapter.children if c in self.chapters) if deep else (),
        )

    @cached_property
    def tree(self) -> tuple[ChapterCard, ...]:
        """The chapters directly under the organisation, by title, each with those below it."""
        tops = [c for c in self.chapters.values() if not c.parent or c.parent not in self.chapters]
        return tuple(self.chapter_card(c) for c in sorted(tops, key=lambda c: (c.title.casefold(), c.id)))

    @cached_property
    def next_events(self) -> dict[str, EventCard]:
        """id of a chapter → its family's next event, which no partner's is."""
        found: dict[str, EventCard] = {}
        above: dict[str, list[str]] = {}
        for chapter in self.chapters.values():
            for member in chapter.family:
                above.setdefault(member, []).append(chapter.id)
        for event, occurrence in self.upcoming:
            for host in (event.chapter, *event.organisers) if not (occurrence.cancelled or event.fields.origin) else ():
                for name in above.get(host, ()):
                    if name not in found:
                        found[name] = self.event_card(event, occurrence)
        return found

    @cached_property
    def upcoming(self) -> tuple[tuple[Event, Occurrence], ...]:
        """Every event that is not over, once, at its next occurrence, by start."""
        return tuple(next_of_each(self.events))


def origin_view(event: Event) -> OriginView | None:
    """Whose calendar an event comes from."""
    origin = event.fields.origin
    return OriginView(title=origin.title, url=origin.url, original=origin.address, color=origin.color) if origin else None


def _names_in(language: str, settings: Settings) -> LanguageSettings:
    """What the organisation is called in a language."""
    own, main = settings.languages.get(language, LanguageSettings()), settings.site
    title = own.title or main.title
    return LanguageSettings(
        title=title,
        short_title=own.short_title or main.short_title,
        description=own.description or main.description,
        categories=own.categories,
    )


def _categories_in(language: str, common: Common) -> dict[str, Term]:
    """The categories in use by slug, named and described in a language."""
    own = common.settings.languages.get(language, LanguageSettings()).categories
    by_slug = {c.slug: own[name] for name, c in common.settings.categories.items() if name in own}
    return {
        slug: Term(slug=slug, name=named.title or term.name, description=named.description or term.description)
        if (named := by_slug.get(slug))
        else term
        for slug, term in common.site.categories.items()
    }


def is_of(event: Event, chapter: Chapter) -> bool:
    """Whether an event is a chapter's or its family's, as its own or as a co-organiser's."""
    return event.chapter in chapter.family or any(o in chapter.family for o in event.organisers)


def is_series(event: Event) -> bool:
    """Whether an event is meant to take place several times."""
    return event.fields.repeat is not None or len(event.occurrences) > 1


def families(edition: Edition, items: Iterable[Item], chapters_of: Callable[[Item], tuple[str, ...]]) -> dict[str, list[Item]]:
    """id of a chapter → the items of it and of those below it, in their order; `chapters_of` may give other names too."""
    above: dict[str, list[str]] = {}
    for chapter in edition.chapters.values():
        for member in chapter.family:
            above.setdefault(member, []).append(chapter.id)
    found: dict[str, list[Item]] = {}
    for item in items:
        for name in dict.fromkeys(a for c in chapters_of(item) for a in above.get(c, ())):
            found.setdefault(name, []).append(item)
    return found


def place_of(event: Event, occurrence: Occurrence | None) -> Venue | None:
    """Where an occurrence takes place: nowhere, once the event has moved online."""
    return None if event.fields.status == "moved-online" else (occurrence.venue if occurrence else None) or event.venue


def is_online(event: Event, occurrence: Occurrence | None) -> bool:
    """Whether one can take part in an occurrence from anywhere."""
    return bool(event.fields.online or (occurrence and occurrence.online)) or event.fields.status == "moved-online"


def _in_short(venue: Venue | None) -> str:
    return ", ".join(filter(None, (venue.name, venue.city))) if venue else ""


def _routes_of_venues(site: Site) -> dict[str, str]:
    """id → route of each venue of venues.yml where something takes place or did. Ids may hold anything; addresses may not."""
    used = {venue.id for event in site.events for venue in (event.venue, *(o.venue for o in event.occurrences)) if venue and venue.id}
    slugs: dict[str, str] = {}
    for name in site.venues:
        slug = found = slugify(name, site.languages[0]) or "venue"
        number = 2
        while found in slugs:
            found, number = f"{slug}-{number}", number + 1
        slugs[found] = name
    return {name: f"/venues/{slug}/" for slug, name in slugs.items() if name in used}


def minutes(text: Text) -> int:
    """How long a text takes to read."""
    return max(1, round(text.words / WORDS_A_MINUTE)) if text.words else 0
