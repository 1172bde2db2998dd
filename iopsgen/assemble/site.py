"""The whole site from what was read: chapters, people, posts, events, comments, and what of it is shown at `now`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import msgspec

from iopsgen.assemble.chapters import assemble_chapters
from iopsgen.assemble.events import next_change, resolve_event
from iopsgen.assemble.people import People, Terms, allowed_categories
from iopsgen.assemble.routes import fill_permalink, group_translations, prefix_of
from iopsgen.assemble.threads import Report as CommentReport
from iopsgen.assemble.threads import merge_threads
from iopsgen.model import Chapter, Event, EventFields, Fields, Moment, Page, Post, PostFields, Site, Thread, Venue
from iopsgen.problems import Place, Problem, did_you_mean, error
from iopsgen.read.comments import read_decisions, read_inbox
from iopsgen.read.contents import Contents
from iopsgen.settings import Settings
from iopsgen.zones import place_moment, zone

F = TypeVar("F", bound=Fields)


class _Assembly:
    """What the rooms of one run share while they fill the site; nothing of it leaves but the frozen site."""

    def __init__(self, contents: Contents, settings: Settings, now: datetime, drafts: bool) -> None:
        self.contents, self.settings, self.now, self.with_drafts = contents, settings, now, drafts
        self.problems: list[Problem] = []
        self.changes: list[datetime] = []
        self.hidden: set[str] = set()
        self.count = {"drafts": 0, "scheduled": 0, "expired": 0}
        self.people = People(contents.people)
        self.categories = Terms("category", allowed_categories(settings))
        self.tags = Terms("tag")
        self.chapters, self.chapter_texts, problems = assemble_chapters(tuple(f for f in contents.chapters if drafts or not f.draft), settings)
        self.problems += problems
        self.chapter_texts = tuple(
            msgspec.structs.replace(c, organisers=self.people.find(c.fields.organisers, c.language)) for c in self.chapter_texts
        )
        self.chapters = {c.id: c for c in self.chapter_texts if c.group == c.fields.source}

    def moment(self, moment: Moment | None, zone: str) -> datetime | None:
        return None if moment is None else place_moment(moment, zone)

    def is_shown(self, fields: Fields, zone: str) -> bool:
        """Whether a text is published now; counts it where it is not, and notes when that changes."""
        why = self._hidden_as(fields, zone)
        if why:
            self.hide(fields, why)
        return not why

    def hide(self, fields: Fields, why: str) -> None:
        """Counts a text that is not shown; `why` is drafts, scheduled or expired."""
        self.count[why] += 1
        self.hidden.add(fields.source)

    def _hidden_as(self, fields: Fields, zone: str) -> str:
        if fields.draft and not self.with_drafts:
            return "drafts"
        publish, expires = self.moment(fields.publish, zone), self.moment(fields.expires, zone)
        for change in (publish, expires):
            if change is not None and change > self.now:
                self.changes.append(change)
        if publish is not None and publish > self.now and not self.with_drafts:
            return "scheduled"
        if expires is not None and expires <= self.now:
            return "expired"
        return ""

    def chapter_of(self, fields: Any, kind: str) -> Chapter | None:
        """The chapter that a text names, or the nearest folder that is one."""
        if fields.chapter:
            found = self.chapters.get(fields.chapter)
            if found is None:
                hint = did_you_mean(fields.chapter, self.chapters) or "Give the name of a file in content/chapters, without its ending."
                self.fault(fields, "chapter", f'"{fields.chapter}" is not a chapter of this site.', hint)
            return found
        folders = fields.source.split("/")[2:-1]
        return next((self.chapters[f] for f in reversed(folders) if f in self.chapters), None)

    def fault(self, fields: Fields, key: str, message: str, hint: str) -> None:
        self.problems.append(error(message, Place(fields.source, fields.lines.get(key, 1), 1), hint))

    def language(self, fields: Fields, chapter: Chapter | None) -> str:
        return fields.language or (chapter.language if chapter else self.settings.site.language)


def assemble_site(
    contents: Contents, settings: Settings, now: datetime, comment_html: Callable[[str, Any], str], drafts: bool = False
) -> tuple[Site, CommentReport, list[Problem]]:
    """The frozen site at `now` (aware), the report on its comments, and every problem found.

    `comment_html` renders and sanitises the body of a comment.
    """
    now = now.astimezone(zone(settings.site.timezone))
    run = _Assembly(contents, settings, now, drafts)
    horizon = _first_of_month(now, settings.events.horizon + 1)
    run.changes.append(place_moment(Moment(datetime.combine(_first_of_month(now, 1), time())), settings.site.timezone))
    pages = _assemble_pages(run)
    events = _assemble_events(run, horizon)
    posts = _assemble_posts(run, events)
    events = _link_posts(run, events, posts)
    threads, report, problems = _merge_comments(run, posts, events, comment_html)
    run.problems += problems
    if report.next_change is not None:
        run.changes.append(report.next_change)
    posts = tuple(msgspec.structs.replace(p, comments=t.count) if (t := threads.get(p.route)) else p for p in posts)
    events = tuple(msgspec.structs.replace(e, comments=t.count) if (t := threads.get(e.route)) else e for e in events)
    every: tuple[Fields, ...] = (*contents.posts, *contents.events, *contents.chapters, *contents.pages)
    site = Site(
        chapters=run.chapters,
        chapter_texts=run.chapter_texts,
        posts=posts,
        events=events,
        pages=pages,
        people=run.people.known,
        venues=contents.venues,
        categories=run.categories.known,
        tags=run.tags.known,
        threads=threads,
        comments_off=frozenset(route for items in (posts, events) for route in _without_comments(items)),
        assets=contents.assets,
        data=contents.data,
        hidden=frozenset(run.hidden),
        bundles=frozenset(f.source.rpartition("/")[0] for f in every if f.source.rpartition("/")[2].startswith("index.")),
        languages=settings.all_languages,
        now=now,
        horizon=horizon,
        next_change=min((c.astimezone(UTC) for c in run.changes if c > now), default=None),
        drafts=run.count["drafts"],
        scheduled=run.count["scheduled"],
        expired=run.count["expired"],
    )
    return site, report, run.problems


def _without_comments(items: Iterable[Post | Event]) -> Iterator[str]:
    return (item.route for item in items if item.fields.comments == "off")


def _first_of_month(now: datetime, ahead: int) -> date:
    """The first day of the month that lies `ahead` months ahead: it moves once a month, not with every build."""
    index = now.year * 12 + now.month - 1 + ahead
    return date(index // 12, index % 12 + 1, 1)


def _known(fields: tuple[F, ...]) -> dict[str, F]:
    return {key: f for f in fields if not f.translation_of for key in (f.source, f.slug)}


def _assemble_pages(run: _Assembly) -> tuple[Page, ...]:
    groups, problems = group_translations(run.contents.pages, _known(run.contents.pages))
    run.problems += problems
    pages: list[Page] = []
    for fields in run.contents.pages:
        chapter = run.chapter_of(fields, "pages")
        language = run.language(fields, chapter)
        if not run.is_shown(fields, chapter.zone if chapter else run.settings.site.timezone):
            continue
        prefix = prefix_of(language, run.settings.all_languages)
        folders = fields.source.split("/")[2:-1]
        name = fields.source.rpartition("/")[2].partition(".")[0]
        if name == "index" and folders:
            folders.pop()
        if name == "index" and len(fields.source.split("/")) == 3:
            route = f"{prefix}/"
        else:
            route = f"{prefix}/{'/'.join([*folders, fields.slug])}/"
        pages.append(
            Page(fields=fields, group=groups[fields.source], slug=fields.slug, route=route, language=language, chapter=chapter.id if chapter else "")
        )
    return tuple(sorted(pages, key=lambda p: p.route))


_OWN = frozenset(
    {
        "source",
        "title",
        "slug",
        "summary",
        "language",
        "translation_of",
        "aliases",
        "text",
        "lines",
        "draft",
        "publish",
        "expires",
        "updated",
        "canonical",
        "uid",
    }
)


def _complete(fields: F, original: F) -> F:
    """A translation with what it does not say itself taken from its original: dates, venue, people, picture."""
    if fields is original:
        return fields
    taken = {
        name: getattr(original, name)
        for name, default in zip(fields.__struct_fields__, _defaults_of(type(fields)), strict=True)
        if name not in _OWN and getattr(fields, name) == default
    }
    return msgspec.structs.replace(fields, **taken)


def _defaults_of(kind: type[Fields]) -> tuple[Any, ...]:
    return tuple(getattr(kind(source=""), name) for name in kind.__struct_fields__)


def _assemble_events(run: _Assembly, horizon: date) -> tuple[Event, ...]:
    known = _known(run.contents.events)
    groups, problems = group_translations(run.contents.events, known)
    run.problems += problems
    events: list[Event] = []
    uids: dict[str, str] = {}
    for written in sorted(run.contents.events, key=lambda f: (groups[f.source] != f.source, f.source)):
        original = known.get(groups[written.source], written)
        fields = _complete(written, original)
        event = _assemble_event(run, fields, groups[fields.source], horizon)
        if event is None:
            continue
        if fields.source != event.group:
            event = msgspec.structs.replace(event, uid=next((uid for uid, source in uids.items() if source == event.group), event.uid))
        elif event.uid in uids:
            run.fault(fields, "uid", f"This event has the same uid as {uids[event.uid]}.", "Remove the uid line of the copy: it gets one of its own.")
        uids.setdefault(event.uid, fields.source)
        change = next_change(event, run.now)
        if change is not None:
            run.changes.append(change)
        events.append(event)
    return tuple(sorted(events, key=lambda e: (_day_of(e.start) or date.max, str(e.start), e.route)))


def _assemble_event(run: _Assembly, fields: EventFields, group: str, horizon: date) -> Event | None:
    chapter = run.chapter_of(fields, "events")
    language = run.language(fields, chapter)
    venue = _venue_of(run, fields)
    zone = fields.timezone or (venue.timezone if venue else "") or (chapter.zone if chapter else "") or run.settings.site.timezone
    if not run.is_shown(fields, zone):
        return None
    first = fields.start or (min(fields.dates, key=lambda m: m.wall) if fields.dates else None)
    route = prefix_of(language, run.settings.all_languages) + fill_permalink(
        run.settings.events.permalink, fields.slug, first.wall.date() if first else None, chapter.id if chapter else ""
    )
    changes = tuple(msgspec.structs.replace(c, venue=_named_venue(run, fields, c.venue)) for c in fields.changes)
    fields = msgspec.structs.replace(fields, changes=changes) if changes else fields
    event, problems = resolve_event(
        fields,
        slug=fields.slug,
        route=route,
        language=language,
        zone=zone,
        chapter=chapter.id if chapter else "",
        venue=venue,
        organisers=_organisers(run, fields, chapter, language),
        site_host=run.settings.site.host,
        horizon_end=horizon,
        now=run.now,
        categories=run.categories.find(fields.categories, fields, run.problems),
        tags=run.tags.find(fields.tags, fields, run.problems),
        published=run.moment(fields.publish, zone),
        updated=run.moment(fields.updated, zone),
    )
    run.problems += problems
    return msgspec.structs.replace(event, group=group)


def _organisers(run: _Assembly, fields: EventFields, chapter: Chapter | None, language: str) -> tuple[str, ...]:
    if not fields.organisers:
        return (chapter.id,) if chapter else ()
    found: list[str] = []
    for name in fields.organisers:
        found += (name,) if name in run.chapters else run.people.find((name,), language)
    return tuple(dict.fromkeys(found))


def _venue_of(run: _Assembly, fields: EventFields) -> Venue | None:
    return _named_venue(run, fields, fields.venue)


def _named_venue(run: _Assembly, fields: EventFields, venue: Venue | str | None) -> Venue | None:
    if not isinstance(venue, str):
        return venue
    found = run.contents.venues.get(venue)
    if found is None and " " in venue:
        return Venue(name=venue)
    if found is None:
        hint = did_you_mean(venue, run.contents.venues) or "Add it to content/venues.yml, or write it here: {name: …, address: …, city: …}."
        run.fault(fields, "venue", f'The venue "{venue}" is not in content/venues.yml.', hint)
    return found


def _assemble_posts(run: _Assembly, events: tuple[Event, ...]) -> tuple[Post, ...]:
    known = _known(run.contents.posts)
    groups, problems = group_translations(run.contents.posts, known)
    run.problems += problems
    by_name: dict[str, Event] = {}
    for event in events:
        for key in (event.fields.source, event.slug, event.route):
            by_name.setdefault(key, event)
    hidden = {key for f in run.contents.events for key in (f.slug, f.source)}
    posts: list[Post] = []
    for written in run.contents.posts:
        fields = _complete(written, known.get(groups[written.source], written))
        chapter = run.chapter_of(fields, "posts")
        language = run.language(fields, chapter)
        zone = chapter.zone if chapter else run.settings.site.timezone
        when = run.moment(fields.date, zone)
        if when is None:
            run.fault(fields, "date", "The date is missing.", "Write between the --- lines at the top: date: 2026-10-28")
            continue
        if not run.is_shown(fields, zone):
            continue
        if fields.publish is None and when > run.now and not run.with_drafts:
            run.hide(fields, "scheduled")
            run.changes.append(when)
            continue
        posts.append(
            Post(
                fields=fields,
                slug=fields.slug,
                group=groups[fields.source],
                route=prefix_of(language, run.settings.all_languages)
                + fill_permalink(run.settings.posts.permalink, fields.slug, when.date(), chapter.id if chapter else ""),
                language=language,
                zone=zone,
                date=when,
                updated=run.moment(fields.updated, zone),
                chapter=chapter.id if chapter else "",
                authors=run.people.find(fields.authors, language),
                categories=run.categories.find(fields.categories, fields, run.problems),
                tags=run.tags.find(fields.tags, fields, run.problems),
                event=_event_of(run, fields, by_name, hidden),
            )
        )
    posts.sort(key=lambda p: p.route)
    posts.sort(key=lambda p: p.date, reverse=True)
    return tuple(posts)


def _event_of(run: _Assembly, fields: PostFields, by_name: Mapping[str, Event], hidden: set[str]) -> str:
    """The route of the event that a post announces ("" if none, or if the event is not shown now)."""
    if not fields.event:
        return ""
    name = fields.event.strip()
    last = name.rstrip("/").rpartition("/")[2].removesuffix(".md").removesuffix(".yml")
    event = by_name.get(name) or by_name.get(last)
    if event is None and last not in hidden:
        hint = did_you_mean(last, (k for k in by_name if "/" not in k)) or "Give the name of a file in content/events, without its ending."
        run.fault(fields, "event", f'The event "{fields.event}" is not there.', hint)
    return event.route if event else ""


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
        announced = event.published or min((p.date for p in found), default=None) or event.updated or _four_weeks_before(event)
        if announced is not None and announced > run.now:
            run.changes.append(announced)
        linked.append(msgspec.structs.replace(event, posts=tuple(p.route for p in found), published=announced))
    return tuple(linked)


def _four_weeks_before(event: Event) -> datetime | None:
    """When an event counts as announced that does not say so, and that no post announces."""
    if event.start is None:
        return None
    start = event.start if isinstance(event.start, datetime) else place_moment(Moment(datetime.combine(event.start, time())), event.zone)
    return start - timedelta(days=28)


def _merge_comments(
    run: _Assembly, posts: tuple[Post, ...], events: tuple[Event, ...], comment_html: Callable[[str, Any], str]
) -> tuple[dict[str, Thread], CommentReport, list[Problem]]:
    """The threads by route; a page is found by its address, by an alias, by its slug or by its source."""
    inbox, problems = read_inbox(list(run.contents.inbox))
    decisions, more = read_decisions(*run.contents.decisions)
    names: dict[str, str] = {}
    discussed: tuple[Post | Event, ...] = (*events, *posts)
    for item in discussed:
        for key in (item.slug, item.fields.source, *item.fields.aliases):
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
        to_html=comment_html,
        root=run.settings.site.root,
    )
    return threads, report, [*problems, *more, *found]


def _day_of(start: datetime | date | None) -> date | None:
    return start.date() if isinstance(start, datetime) else start
