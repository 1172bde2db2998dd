"""The whole site from what was read: chapters, people, posts, events, comments, and what of it is shown at `now`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from iopsgen.assemble.chapters import assemble_chapters
from iopsgen.assemble.events import derive_uid, next_change, resolve_event
from iopsgen.assemble.identities import Recognised, earlier_routes, keep, revise
from iopsgen.assemble.partners import Merged, merge_partners, since_when
from iopsgen.assemble.people import People, Terms, allowed_categories
from iopsgen.assemble.routes import fill_permalink, prefix_of
from iopsgen.assemble.threads import Report as CommentReport
from iopsgen.assemble.threads import merge_threads
from iopsgen.assemble.translations import Broken, Settled, check_languages, last_name, paths_meant, settle_translations
from iopsgen.model import Chapter, Event, EventFields, Fields, Moment, Page, PageFields, Partner, Post, PostFields, Site, Thread, Venue
from iopsgen.problems import Names, Place, Problem, did_you_mean, error, warning
from iopsgen.read.comments import read_decisions, read_inbox
from iopsgen.read.contents import Contents
from iopsgen.read.identities import read_identities
from iopsgen.read.remembered import compare_inbox
from iopsgen.read.tree import chapter_folder
from iopsgen.settings import FILE, Settings
from iopsgen.slugs import fold, slugify
from iopsgen.zones import place_moment, zone

AnyItem = TypeVar("AnyItem", Post, Event, Page, Chapter)


class _Assembly:
    """What the rooms of one run share while they fill the site; nothing of it leaves but the frozen site."""

    def __init__(self, contents: Contents, settings: Settings, now: datetime, drafts: bool) -> None:
        self.contents, self.settings, self.now, self.with_drafts = contents, settings, now, drafts
        self.problems: list[Problem] = []
        self.changes: list[datetime] = []
        self.count = {"drafts": 0, "scheduled": 0, "expired": 0}
        main = settings.site.language
        self.known, problems = read_identities(contents.published)
        self.problems += problems
        self.broken = Broken(contents.broken, settings.all_languages, main)
        self.people = People(contents.people, main)
        self.categories = Terms("categories", main, allowed_categories(settings))
        self.tags = Terms("tags", main)
        self.venues = Names(contents.venues)
        self.posts = self._settle(contents.posts, "posts")
        self.events = self._settle(contents.events, "events")
        self.pages = self._settle(contents.pages, "pages")
        settled = self._settle(contents.chapters, "chapters")
        texts = {text.source: text for kind in (self.posts, self.events, self.pages, settled) for text in kind.texts}
        others = {*contents.broken, *(text.source for text in contents.texts)} - texts.keys()
        self.recognised = Recognised(self.known.identities, texts.values(), others, now)
        self.every_chapter, chapter_texts, problems = assemble_chapters(settled, settings, self.is_shown, self.broken)
        self.problems += problems
        self.chapter_names = Names(self.every_chapter)
        self.chapter_texts = tuple(replace(c, organisers=self.people.find(c.fields.organisers)) for c in chapter_texts)
        self.chapters = {c.id: c for c in self.chapter_texts if c.group == c.fields.source}

    def _settle(self, texts: Any, kind: str) -> Settled[Any]:
        settled, problems = settle_translations(texts, kind, self.settings.site.language, self.settings.all_languages, self.broken)
        self.problems += problems
        return settled

    def moment(self, moment: Moment | None, zone: str) -> datetime | None:
        return None if moment is None else place_moment(moment, zone)

    def is_shown(self, fields: Fields, zone: str) -> bool:
        """Whether a text is published now; counts it where it is not, and notes when that changes."""
        why = self._hidden_as(fields, zone)
        if why:
            self.count[why] += 1
        return not why

    def _hidden_as(self, fields: Fields, zone: str) -> str:
        if fields.draft and not self.with_drafts:
            return "drafts"
        publish, expires = self.moment(fields.publish, zone), self.moment(fields.expires, zone)
        if publish is not None and expires is not None and expires <= publish:
            self.problems.append(warning("This text expires before it is published.", self.place(fields, "expires"), "Correct publish or expires."))
        if expires is not None and expires <= self.now:
            return "expired"
        if expires is not None:
            self.changes.append(expires)
        if publish is not None and publish > self.now and not self.with_drafts:
            self.changes.append(publish)
            return "scheduled"
        return ""

    def home(self, fields: Any, original: str) -> tuple[Chapter | None, str]:
        """The chapter whose zone and language a text has, hidden or not, and the id of the one it is shown with ("" for none).

        That is the one that the text names, else the nearest folder that is one, its own or that of its `original`.
        """
        if fields.chapter:
            found = self.every_chapter.get(fields.chapter)
            if found is None and not self.broken.has("chapters", fields.chapter):
                hint = self.chapter_names.near(fields.chapter) or "Give the name of a file in content/chapters, without its ending."
                self.fault(fields, "chapter", f'"{fields.chapter}" is not a chapter of this site.', hint)
            return found, found.id if found is not None and found.id in self.chapters else ""
        near = chapter_folder(fields.source, self.every_chapter) or chapter_folder(original, self.every_chapter)
        shown = chapter_folder(fields.source, self.chapters) or chapter_folder(original, self.chapters)
        return self.every_chapter.get(near), shown

    def say_homeless(self, fields: Any, chapter: Chapter | None) -> None:
        """Warns of a text that is shown while the chapter it names is not."""
        if fields.chapter and chapter is not None and chapter.id not in self.chapters:
            message = f'The chapter "{chapter.id}" is not published now, so this text is shown without it.'
            self.problems.append(warning(message, self.place(fields, "chapter"), "Publish the chapter, or make this text a draft too."))

    def place(self, fields: Fields, *keys: str) -> Place:
        """Where a key of a text stands: in its file, or where it inherits the key from."""
        return Place(*fields.where(*keys), 1)

    def fault(self, fields: Fields, key: str, message: str, hint: str) -> None:
        self.problems.append(error(message, self.place(fields, key), hint))

    def language(self, fields: Fields, chapter: Chapter | None) -> str:
        return fields.language or (chapter.language if chapter else self.settings.site.language)


def assemble_site(
    contents: Contents, settings: Settings, now: datetime, drafts: bool = False
) -> tuple[Site, CommentReport, list[Problem]]:
    """The frozen site at `now` (aware), the report on its comments, and every problem found."""
    now = now.astimezone(zone(settings.site.timezone))
    run = _Assembly(contents, settings, now, drafts)
    horizon = _first_of_month(now, settings.events.horizon + 1)
    run.changes.append(place_moment(Moment(datetime.combine(_first_of_month(now, 1), time())), settings.site.timezone))
    _check_people(run)
    pages = _assemble_pages(run)
    events, partners = _assemble_events(run, horizon)
    posts = _assemble_posts(run, events)
    events = _link_posts(run, events, posts)
    for items in (pages, posts, events, run.chapter_texts):
        run.problems += check_languages(items)
    identities = keep(run.recognised, run.known.identities, (*posts, *events, *pages, *run.chapter_texts))
    moved = earlier_routes(identities)
    threads, report, problems = _merge_comments(run, posts, events, moved)
    run.problems += problems
    if report.next_change is not None:
        run.changes.append(report.next_change)
    posts = tuple(replace(p, comments=t.count) if (t := threads.get(p.route)) else p for p in posts)
    events = tuple(replace(e, comments=t.count) if (t := threads.get(e.route)) else e for e in events)
    every: tuple[Fields, ...] = (*contents.posts, *contents.events, *contents.chapters, *contents.pages)
    sources = (*(fields.source for fields in every), *contents.broken)
    site = Site(
        chapters=run.chapters,
        chapter_texts=tuple(map(_without_own_address, run.chapter_texts)),
        posts=tuple(map(_without_own_address, posts)),
        events=tuple(map(_without_own_address, events)),
        pages=tuple(map(_without_own_address, pages)),
        people=run.people.known,
        venues=contents.venues,
        categories=run.categories.known,
        tags=run.tags.known,
        threads=threads,
        comments_off=frozenset(route for items in (posts, events) for route in _without_comments(items)),
        assets=contents.assets,
        data=contents.data,
        partners=partners,
        hidden=frozenset(sources) - {item.fields.source for items in (run.chapter_texts, posts, events, pages) for item in items},
        broken=frozenset(contents.broken),
        identities=identities,
        scopes=run.known.scopes,
        unread_identities=run.known.unread,
        firsts={i.path: i.first for i in identities if i.path != i.first},
        moved=moved,
        vanished=run.recognised.vanished,
        bundles=frozenset(source.rpartition("/")[0] for source in sources if source.rpartition("/")[2].lower().startswith("index.")),
        languages=settings.all_languages,
        now=now,
        horizon=horizon,
        next_change=min((c.astimezone(UTC) for c in run.changes if c > now), default=None),
        drafts=run.count["drafts"],
        scheduled=run.count["scheduled"],
        expired=run.count["expired"],
    )
    return site, report, run.problems


def _without_own_address(item: AnyItem) -> AnyItem:
    """The same without old addresses that are its address still: nothing has to lead from there."""
    aliases = item.fields.aliases
    if not aliases:
        return item
    own = fold(item.route.rstrip("/"))
    kept = tuple(alias for alias in aliases if fold(alias.rstrip("/").removesuffix("/index.html")) != own)
    return item if len(kept) == len(aliases) else replace(item, fields=replace(item.fields, aliases=kept))


def _check_people(run: _Assembly) -> None:
    """Unknown chapters in people.yml."""
    for person in run.contents.people.values():
        if person.chapter and person.chapter not in run.every_chapter and not run.broken.has("chapters", person.chapter):
            hint = run.chapter_names.near(person.chapter) or "Give the name of a file in content/chapters, without its ending."
            message = f'"{person.chapter}", the chapter of {person.name}, is not a chapter of this site.'
            run.problems.append(error(message, Place("content/people.yml", person.line, 1), hint))


def _without_comments(items: Iterable[Post | Event]) -> Iterator[str]:
    return (item.route for item in items if item.fields.comments == "off")


def _first_of_month(now: datetime, ahead: int) -> date:
    """The first day of the month that lies `ahead` months ahead: it moves once a month, not with every build."""
    index = now.year * 12 + now.month - 1 + ahead
    return date(index // 12, index % 12 + 1, 1)


def _assemble_pages(run: _Assembly) -> tuple[Page, ...]:
    pages: list[Page] = []
    for fields in run.pages.texts:
        group = run.pages.groups[fields.source]
        chapter, shown = run.home(fields, group)
        language = run.language(fields, chapter)
        if not run.is_shown(fields, chapter.zone if chapter else run.settings.site.timezone):
            continue
        run.say_homeless(fields, chapter)
        route = prefix_of(language, run.settings.all_languages) + _route_of_page(fields)
        pages.append(Page(fields=fields, group=group, slug=fields.slug, route=route, language=language, chapter=shown))
    return tuple(sorted(pages, key=lambda p: p.route))


def _route_of_page(fields: PageFields) -> str:
    """The address of a page: its folders, as slugs, and its own slug; that of the index in pages/ itself is the home page."""
    _, _, *folders, name = fields.source.split("/")
    if name.partition(".")[0] == "index":
        if not folders:
            return "/"
        folders.pop()
    return "".join(f"/{part}" for part in (*(slugify(folder) or folder for folder in folders), fields.slug)) + "/"


def _assemble_events(run: _Assembly, horizon: date) -> tuple[tuple[Event, ...], tuple[Partner, ...]]:
    events: list[Event] = []
    holders: dict[str, str] = {}  # uid → source
    originals: dict[str, Event] = {}  # by source
    for fields in sorted(run.events.texts, key=lambda f: (not run.events.original(f), run.recognised.get(f.source) is None, f.source)):
        event = _assemble_event(run, fields, run.events.groups[fields.source], horizon)
        if event is None:
            continue
        if not run.events.original(fields):
            event = _as_original(event, originals.get(event.group))
        elif event.uid in holders:
            run.fault(fields, "uid", f"This event has the same uid as {holders[event.uid]}.", "Remove the uid line of the copy: it gets one of its own.")
        holders.setdefault(event.uid, fields.source)
        originals.setdefault(fields.source, event)
        events.append(event)
    merged = _merge_partners(run, horizon)
    events += merged.events
    run.changes += (change for event in events if (change := next_change(event, run.now)) is not None)
    return tuple(sorted(events, key=lambda e: (_day_of(e.start) or date.max, str(e.start), e.route))), merged.partners


def _merge_partners(run: _Assembly, horizon: date) -> Merged:
    """The events of other people's calendars, without those that the site has itself, shown or not."""

    def place(fields: EventFields) -> tuple[Event | None, list[Problem]]:
        before = len(run.problems)
        event = _assemble_event(run, fields, fields.source, horizon)
        found = run.problems[before:]
        del run.problems[before:]
        return event, found

    _check_calendars(run)
    own = {_uid_of(run, fields) for fields in run.contents.events}
    merged = merge_partners(run.contents.partners, own, place, since_when(run.now))
    run.problems += merged.problems
    return merged


def _check_calendars(run: _Assembly) -> None:
    """Chapters and categories of calendars that the site does not have."""
    known = {fold(word) for name, category in run.settings.categories.items() for word in (name, category.title, category.slug)}
    for calendar in run.settings.calendars:
        place = Place(FILE, calendar.line, 1)
        if calendar.chapter and calendar.chapter not in run.every_chapter and not run.broken.has("chapters", calendar.chapter):
            hint = run.chapter_names.near(calendar.chapter) or "Give the name of a file in content/chapters, without its ending."
            run.problems.append(error(f'"{calendar.chapter}", the chapter of a calendar, is not a chapter of this site.', place, hint))
        for name in calendar.categories if known else ():
            if fold(name) not in known:
                hint = did_you_mean(name, run.settings.categories) or f"There are: {', '.join(run.settings.categories)}."
                run.problems.append(error(f'"{name}", a category of a calendar, is not one of the site\'s categories.', place, hint))


def _uid_of(run: _Assembly, fields: EventFields) -> str:
    """The uid that an event of the site has: its own, the one it was published with, or one made from its first path."""
    held = run.recognised.get(fields.source)
    return fields.uid or (held.uid if held else "") or derive_uid(run.settings.site.host, run.recognised.first(fields.source))


def _assemble_event(run: _Assembly, fields: EventFields, group: str, horizon: date) -> Event | None:
    chapter, shown = run.home(fields, group)
    language = run.language(fields, chapter)
    venue = _venue(run, fields, fields.venue, run.place(fields, "venue"))
    zone = fields.timezone or (venue.timezone if venue else "") or (chapter.zone if chapter else "") or run.settings.site.timezone
    if not run.is_shown(fields, zone):
        return None
    run.say_homeless(fields, chapter)
    first = fields.start or (min(fields.dates, key=lambda m: m.wall) if fields.dates else None)
    if first is None and not fields.time_tba and fields.status not in ("postponed", "cancelled"):
        run.fault(fields, "start", "The start is missing.", "Write between the --- lines at the top: start: 2026-10-28 19:30")
        return None
    route = prefix_of(language, run.settings.all_languages) + fill_permalink(
        run.settings.events.permalink, fields.slug, first.wall.date() if first else None, shown
    )
    if fields.changes:
        file = fields.where("changes")[0]
        fields = replace(fields, changes=tuple(replace(c, venue=_venue(run, fields, c.venue, Place(file, c.line, 1))) for c in fields.changes))
    event, problems = resolve_event(
        fields,
        slug=fields.slug,
        route=route,
        language=language,
        zone=zone,
        chapter=shown,
        venue=venue,
        organisers=_organisers(run, fields, shown),
        site_host=run.settings.site.host,
        horizon_end=horizon,
        now=run.now,
        categories=run.categories.find(fields.categories, fields, run.problems),
        tags=run.tags.find(fields.tags, fields, run.problems),
        published=run.moment(fields.publish, zone),
        updated=run.moment(fields.updated, zone),
    )
    run.problems += problems
    return revise(replace(event, group=group, uid=_uid_of(run, fields)), run.recognised.get(fields.source), run.now)


def _as_original(event: Event, original: Event | None) -> Event:
    """A translation is the same event as its original, at the same revision."""
    if original is None:
        return event
    return replace(event, uid=original.uid, sequence=original.sequence, revision=original.revision)


def _organisers(run: _Assembly, fields: EventFields, chapter: str) -> tuple[str, ...]:
    """Ids of chapters and people; the event's chapter where nobody is named. A chapter that is not shown organises nothing."""
    if not fields.organisers:
        return (chapter,) if chapter else ()
    found: list[str] = []
    for name in fields.organisers:
        if name in run.every_chapter or run.broken.has("chapters", name):
            found += (name,) if name in run.chapters else ()
            continue
        near = run.chapter_names.near(name) if name == slugify(name) and run.people.is_new(name) else ""
        if near:
            message = f'"{name}" is not a chapter of this site, so it counts as the name of a person.'
            run.problems.append(warning(message, run.place(fields, "organisers"), near))
        found += run.people.find((name,))
    return tuple(dict.fromkeys(found))


def _venue(run: _Assembly, fields: EventFields, venue: Venue | str | None, place: Place) -> Venue | None:
    """The place of an event: written there, an id or a name of venues.yml, or a name of several words that is known nowhere."""
    if not isinstance(venue, str):
        return venue
    known = run.contents.venues
    wanted = venue.casefold()
    found = known.get(venue) or next((v for v in known.values() if wanted in (v.id.casefold(), v.name.casefold())), None)
    if found is None and " " in venue:
        return Venue(name=venue)
    if found is None:
        hint = run.venues.near(venue) or "Add it to content/venues.yml, or write it here: {name: …, address: …, city: …}."
        run.problems.append(error(f'The venue "{venue}" is not in content/venues.yml.', place, hint))
    return found


def _assemble_posts(run: _Assembly, events: tuple[Event, ...]) -> tuple[Post, ...]:
    finder = _EventFinder(run, events)
    posts: list[Post] = []
    for fields in run.posts.texts:
        group = run.posts.groups[fields.source]
        chapter, shown = run.home(fields, group)
        language = run.language(fields, chapter)
        zone = chapter.zone if chapter else run.settings.site.timezone
        when = run.moment(fields.date, zone)
        if when is None:
            run.fault(fields, "date", "The date is missing.", "Write between the --- lines at the top: date: 2026-10-28")
            continue
        if not run.is_shown(fields, zone):
            continue
        if fields.publish is None and when > run.now and not run.with_drafts:
            run.count["scheduled"] += 1
            run.changes.append(when)
            continue
        run.say_homeless(fields, chapter)
        posts.append(
            Post(
                fields=fields,
                slug=fields.slug,
                group=group,
                route=prefix_of(language, run.settings.all_languages)
                + fill_permalink(run.settings.posts.permalink, fields.slug, when.date(), shown),
                language=language,
                zone=zone,
                date=when,
                updated=run.moment(fields.updated, zone),
                chapter=shown,
                authors=run.people.find(fields.authors),
                categories=run.categories.find(fields.categories, fields, run.problems),
                tags=run.tags.find(fields.tags, fields, run.problems),
                event=finder.route(fields),
            )
        )
    posts.sort(key=lambda p: p.route)
    posts.sort(key=lambda p: p.date, reverse=True)
    return tuple(posts)


class _EventFinder:
    """Finds the event that a post announces, by slug, by path or by address."""

    def __init__(self, run: _Assembly, events: tuple[Event, ...]) -> None:
        self._run = run
        self._by_name: dict[str, Event] = {}
        for event in events:
            for key in (event.fields.source, event.slug, event.route):
                self._by_name.setdefault(key, event)
        self._hidden = {key for f in run.contents.events for key in (f.slug, f.source)}
        self._names = Names(key for key in self._by_name if "/" not in key)

    def route(self, fields: PostFields) -> str:
        """The route of the event that a post announces ("" if none, or if the event is not shown now)."""
        name = fields.event.strip()
        if not name:
            return ""
        keys = (name, *paths_meant(fields.source, name), last_name(name))
        event = next((self._by_name[key] for key in keys if key in self._by_name), None)
        if event is not None:
            return event.route
        if not any(key in self._hidden or self._run.broken.has("events", key) for key in keys):
            hint = self._names.near(last_name(name)) or "Give the name of a file in content/events, without its ending."
            self._run.fault(fields, "event", f'The event "{fields.event}" is not there.', hint)
        return ""


def _link_posts(run: _Assembly, events: tuple[Event, ...], posts: tuple[Post, ...]) -> tuple[Event, ...]:
    """The events with the posts that announce them and the moment of their announcement, which may be yet to come."""
    announcing: dict[str, list[Post]] = {}
    groups = {e.route: e.group for e in events}
    for post in posts:
        if post.event:
            announcing.setdefault(groups[post.event], []).append(post)
    linked: list[Event] = []
    for event in events:
        found = announcing.get(event.group, ())
        announced = event.published or min((p.date for p in found), default=None) or run.moment(event.fields.updated, event.zone) or _four_weeks_before(event)
        if announced is not None and announced > run.now:
            run.changes.append(announced)
        linked.append(replace(event, posts=tuple(p.route for p in found), published=announced))
    return tuple(linked)


def _four_weeks_before(event: Event) -> datetime | None:
    """When an event counts as announced that does not say so, and that no post announces."""
    if event.start is None:
        return None
    start = event.start if isinstance(event.start, datetime) else place_moment(Moment(datetime.combine(event.start, time())), event.zone)
    return start - timedelta(days=28)


def _merge_comments(
    run: _Assembly,
    posts: tuple[Post, ...],
    events: tuple[Event, ...],
    moved: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, Thread], CommentReport, list[Problem]]:
    """The threads by route; a page is found by its address, by an alias, by its slug or by its source."""
    inbox, problems = read_inbox(list(run.contents.inbox))
    decisions, more = read_decisions(*run.contents.decisions)
    names: dict[str, str] = {}
    discussed: tuple[Post | Event, ...] = (*posts, *events)  # where both have a slug, it means the post
    for item in sorted(discussed, key=lambda i: i.group != i.fields.source):  # a slug means the original
        for key in (item.slug, item.fields.source, *item.fields.aliases):
            names.setdefault(key, item.route)
    for item in discussed:  # what an address or a path meant before it meant nothing
        for key in (*moved.get(item.route, ()), run.recognised.first(item.fields.source)):
            names.setdefault(key, item.route)
    for item in discussed:
        names[item.route] = item.route
    threads, report, found = merge_threads(
        inbox,
        decisions,
        pages=names,
        closed=frozenset(i.route for i in discussed if i.fields.comments != "open"),
        moderation=run.settings.comments.moderation,
        close_after=run.settings.comments.close_after,
        now=run.now,
        page_dates={p.route: p.date for p in posts},
        root=run.settings.site.root,
    )
    lost = compare_inbox(run.contents.remembered, inbox, run.contents.inbox, report.erased_ids)
    return threads, report, [*problems, *more, *found, *lost]


def _day_of(start: datetime | date | None) -> date | None:
    return start.date() if isinstance(start, datetime) else start
