"""The plan of a site: for each edition every page, feed and calendar, then what the whole site has once."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from iopsgen.assemble.links import Links
from iopsgen.model import Asset, Post, Scope, Site
from iopsgen.outputs import discussions, event_lists, lists, pages, scopes
from iopsgen.outputs.edition import Common, Edition
from iopsgen.outputs.embeds import embed_pages
from iopsgen.outputs.event_entries import EventEntries
from iopsgen.outputs.flyer import flyer_page
from iopsgen.outputs.frame import make_frame, policy_for
from iopsgen.outputs.indexes import Listed, SitemapEntry
from iopsgen.outputs.moved import keep_scopes, lead_on, say_vanished
from iopsgen.outputs.neighbours import Neighbours
from iopsgen.outputs.pictures import Pictures, undescribed
from iopsgen.outputs.schedules import calendars
from iopsgen.outputs.search import search
from iopsgen.outputs.subscribe import subscribe_page
from iopsgen.outputs.venues import venue_pages
from iopsgen.outputs.vocabulary import Vocabulary
from iopsgen.pictures.look import Look
from iopsgen.plan import Output, check_routes
from iopsgen.problems import Problem
from iopsgen.settings import Settings
from iopsgen.texts import Texts
from iopsgen.views import Frame, View

SITEMAP_LIMIT = 50_000


class Status(View, frozen=True, kw_only=True):
    """What `status.json` is made from."""

    next_change: str | None
    updated: str | None
    outputs: int
    posts: int
    events: int
    chapters: int
    comments: int


class Plan:
    """Every output by path, the frame of each language, and the problems that only a whole plan shows.

    `vanished` are the published addresses at which nothing stands any more; `scopes` those with feeds, to be remembered; `asked` what only
    `iopsgen check` says.
    """

    def __init__(
        self,
        outputs: tuple[Output, ...],
        frames: dict[str, Frame],
        problems: list[Problem],
        vanished: list[Problem],
        scopes: tuple[Scope, ...],
        asked: list[Problem],
    ) -> None:
        self.outputs, self.frames, self.problems, self.vanished, self.scopes, self.asked = outputs, frames, problems, vanished, scopes, asked


def plan_site(
    site: Site,
    settings: Settings,
    texts: Mapping[str, Texts],
    theme_assets: tuple[Asset, ...],
    options: Mapping[str, object],
    looks: Mapping[str, Look],
    vocabulary: Vocabulary,
) -> Plan:
    """Plans every output of the site. Nothing is rendered here.

    `looks` is what is known of its pictures, by the digest of the file, and `vocabulary` what is known of the words of its texts.
    """
    bundles = _bundles(site)
    assets = _place_assets(site, bundles)
    links = _make_links(site, assets, settings.site.root)
    pictures = Pictures(assets, looks, settings)
    common = Common(site, settings, links, pictures)
    editions = [Edition(common, language, texts[language]) for language in site.languages]
    frames = {e.language: make_frame(e, {a.source: a.route for a in theme_assets}, options) for e in editions}
    outputs: list[Output] = [file for a in (*assets, *theme_assets) if (file := pictures.file(a)) is not None]
    entries = EventEntries(common, texts)
    for edition in editions:
        outputs += _edition_outputs(edition, entries)
        outputs += search(edition, vocabulary)
    outputs += pictures.versions()
    outputs += tuple(lead_on(common, [e.language for e in editions], outputs))
    outputs += _indexes(common, outputs)
    ordered, clashes = check_routes(outputs)
    headings = {i.route: frozenset((*(h.id for h in i.fields.text.headings), *i.fields.text.anchors)) for i in site.items}
    known = {o.route: o for o in ordered}
    missing = links.check(known, {r: h for r, h in headings.items() if r in known and h})
    vanished = say_vanished(site, settings.gone, known)
    wrong, asked = pictures.problems()
    problems = [*links.problems, *clashes, *missing, *wrong, *undescribed(site)]
    return Plan(ordered, frames, problems, vanished, keep_scopes(site, settings.gone, ordered), asked)


# --- files that are copied ---------------------------------------------------------------------------------------------


def _bundles(site: Site) -> dict[str, str]:
    """Folder of a bundle → the route its files get."""
    found: dict[str, str] = {}
    for item in site.items:
        source = item.fields.source
        folder, _, name = source.rpartition("/")
        if name.lower().partition(".")[0] == "index" and folder.count("/") >= 2 and source == item.group:
            found[folder] = item.route
    return found


def _place_assets(site: Site, bundles: Mapping[str, str]) -> tuple[Asset, ...]:
    """The files to copy with their routes: a bundle's files beside its page, and none of a bundle that is not shown."""
    placed: list[Asset] = []
    for asset in site.assets:
        route = asset.route
        folder = asset.source.rpartition("/")[0]
        while folder.count("/") >= 2:
            if folder in bundles:
                route = bundles[folder] + asset.source[len(folder) + 1 :]
                break
            if folder in site.bundles:
                route = ""
                break
            folder = folder.rpartition("/")[0]
        if route:
            placed.append(Asset(source=asset.source, route=route, digest=asset.digest, size=asset.size, root=asset.root))
    return tuple(placed)


def _make_links(site: Site, assets: tuple[Asset, ...], root: str) -> Links:
    return Links(
        {i.fields.source: i.route for i in site.items},
        {a.source: a.route for a in assets},
        root,
        site.hidden,
    )


# --- one edition -------------------------------------------------------------------------------------------------------


def _edition_outputs(edition: Edition, entries: EventEntries) -> Iterator[Output]:
    site = edition.site
    neighbours = Neighbours(edition.posts)
    groups = pages.translations(site.items)
    yield pages.home_page(edition, groups)
    for post in site.posts:
        if edition.owns(post):
            yield pages.post_page(edition, post, neighbours, groups, entries)
    for event in site.events:
        if edition.owns(event):
            shown = pages.event_page(edition, event, groups, entries)
            yield shown
            if event.fields.origin is None:
                yield flyer_page(edition, event, shown)
    for chapter in site.chapter_texts:
        if edition.owns(chapter):
            yield pages.chapter_page(edition, chapter, groups)
            yield from lists.chapter_lists(edition, chapter, pages.CHAPTER_POSTS)
    for page in site.pages:
        if edition.owns(page) and page.route != edition.route("/"):
            yield pages.standing_page(edition, page, groups)
    for make in (
        lists.post_lists,
        lists.archive,
        event_lists.event_lists,
        event_lists.month_grids,
        embed_pages,
        venue_pages,
        lists.chapter_directory,
        lists.people_pages,
        scopes.all_feeds,
        discussions.comment_feeds,
    ):
        yield from make(edition)
    yield from calendars(edition, entries)
    yield from lists.term_pages(edition, "categories")
    yield from lists.term_pages(edition, "tags")
    yield pages.not_found_page(edition)
    yield from subscribe_page(edition)


# --- the whole site ----------------------------------------------------------------------------------------------------


def _indexes(common: Common, outputs: list[Output]) -> tuple[Output, ...]:
    """Sitemap, robots, headers, and the status for schedulers, which counts them all."""
    found = (*_sitemaps(common, outputs), *_for_hosts(common, outputs))
    return (*found, _status(common, len(outputs) + len(found) + 1))


def _sitemaps(common: Common, outputs: list[Output]) -> Iterator[Output]:
    """`sitemap.xml`; where it would be too long, its parts, and it lists them."""
    entries = tuple(
        SitemapEntry(address=head.address, updated=head.updated or head.published, alternates=head.alternates)
        for o in sorted(outputs, key=lambda o: o.route)
        if (head := getattr(o.view, "head", None)) is not None and not head.noindex and head.canonical == head.address
    )
    parts = [entries[n : n + SITEMAP_LIMIT] for n in range(0, len(entries), SITEMAP_LIMIT)] or [()]
    if len(parts) == 1:
        yield Output(route="/sitemap.xml", maker="sitemap", view=Listed(entries=parts[0]), title="sitemap.xml")
    else:
        names = [f"/sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
        for name, part in zip(names, parts, strict=True):
            yield Output(route=name, maker="sitemap", view=Listed(entries=part), title=name)
        index = tuple(SitemapEntry(address=common.address(name)) for name in names)
        yield Output(route="/sitemap.xml", maker="sitemap_index", view=Listed(entries=index), title="sitemap.xml")


def _for_hosts(common: Common, outputs: list[Output]) -> Iterator[Output]:
    """`robots.txt` and `_headers`, where static/ has none."""
    taken = {o.route for o in outputs}
    if "/robots.txt" not in taken:
        yield Output(route="/robots.txt", maker="robots", view=Listed(address=common.address("/sitemap.xml")), title="robots.txt")
    if "netlify" in common.settings.redirects and "/_headers" not in taken:
        yield Output(route="/_headers", maker="headers", view=Listed(text=policy_for(common.settings.comments.form.action), address=common.root), title="_headers")


def _status(common: Common, outputs: int) -> Output:
    """`status.json`; `outputs` is how many files the site has."""
    site = common.site
    dates = [d for i in site.discussed for d in (i.updated, i.date if isinstance(i, Post) else i.published) if d]
    newest = max((d for d in dates if d <= site.now), default=None)
    return Output(
        route="/status.json",
        maker="status",
        view=Status(
            next_change=site.next_change.isoformat() if site.next_change else None,
            updated=newest.isoformat() if newest else None,
            outputs=outputs,
            posts=len(site.posts),
            events=len(site.events),
            chapters=len(site.chapters),
            comments=sum(t.count for t in site.threads.values()),
        ),
        title="status.json",
    )


def theme_assets(files: Mapping[str, Path], digests: Mapping[str, str]) -> tuple[Asset, ...]:
    """The files of a theme below `/assets/`, styles and scripts under fingerprinted names: `/assets/style.1a2b3c4d.css`.

    Pictures and fonts keep theirs, so that a style can name them. `source` is the name in the theme.
    """
    found: list[Asset] = []
    for name, path in sorted(files.items()):
        stem, ending = os.path.splitext(name)
        route = f"/assets/{stem}.{digests[name][:8]}{ending}" if ending in (".css", ".js") else f"/assets/{name}"
        found.append(Asset(source=name, route=route, digest=digests[name], size=path.stat().st_size, root=str(path)))
    return tuple(found)
