"""What pages share: the frame of each language, and the head of each page."""

import re
from collections.abc import Mapping
from datetime import datetime

from iopsgen.assemble.links import quoted
from iopsgen.model import Image
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.schedules import ONLINE, online_events
from iopsgen.problems import Place
from iopsgen.settings import MenuEntry
from iopsgen.texts import direction_of, language_name
from iopsgen.views import FeedLink, Frame, Head, Picture, Ref

# The default theme needs nothing from elsewhere: no inline script or style, no third party.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; media-src 'self' https:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self' https: mailto:; frame-src https:"
)

_PLAIN = re.compile(r"(http://[A-Za-z0-9.\[\]-]+(?::[0-9]+)?)/")
_PAGES = ("posts", "events", "calendar", "chapters", "archive", "subscribe", "people", "categories", "tags")


def policy_for(form_action: str) -> str:
    """The content policy of all pages; where comments are sent to an address without TLS, as to a receiver that is tried out, it allows that."""
    plain = _PLAIN.match(form_action)
    return POLICY.replace("form-action 'self' https:", f"form-action 'self' https: {plain[1]}") if plain else POLICY


def make_frame(edition: Edition, assets: Mapping[str, str], options: Mapping[str, object]) -> Frame:
    """The frame of one language. `assets` maps names of the theme's files to routes."""
    settings, common, site = edition.settings, edition.common, edition.site
    urls = {"home": edition.url("/"), "past": edition.url("/events/past/"), **{name: edition.url(f"/{name}/") for name in _PAGES}}
    if online_events(edition):
        urls["online"] = edition.url(ONLINE)
    if settings.search.enabled:
        urls["search"] = edition.url("/search/")
    if common.venue_routes:
        urls["venues"] = edition.url("/venues/")
    languages = tuple(
        Ref(
            title=language_name(code, code),
            url=common.url(f"/{code}/" if code != site.languages[0] else "/"),
            language=code,
            current=code == edition.language,
        )
        for code in site.languages
    )
    return Frame(
        title=edition.names.title,
        short_title=edition.names.short_title,
        description=edition.names.description,
        url=edition.url("/"),
        address=common.address(edition.route("/")),
        root=common.root,
        language=edition.language,
        direction=direction_of(edition.language),
        contact=settings.site.contact,
        logo=_logo(edition),
        menu=_menu(edition, settings.menu),
        footer=_menu(edition, settings.footer),
        social=tuple(Ref(title=link.title, url=link.url, external=True) for link in settings.site.social),
        languages=languages if len(languages) > 1 else (),
        assets={name: common.url(route) for name, route in assets.items()},
        urls=urls,
        theme=dict(options),
        data=site.data,
        extra=settings.extra,
        csp=policy_for(settings.comments.form.action),
    )


def _logo(edition: Edition) -> Picture | None:
    logo = edition.settings.site.logo
    if not logo:
        return None
    return edition.common.image(Image(src=f"/{logo.removeprefix('static/')}", alt=edition.names.title), "iopsgen.yml")


def _menu(edition: Edition, entries: tuple[MenuEntry, ...]) -> tuple[Ref, ...]:
    """The entries for this language: a source path becomes the address of that text's best version."""
    found: list[Ref] = []
    for entry in entries:
        if entry.language and entry.language != edition.language:
            continue
        if ":" in entry.url.split("/")[0]:
            found.append(Ref(title=entry.title or entry.url, url=entry.url, external=not entry.url.startswith("mailto:")))
            continue
        route, rest = edition.common.links.route(entry.url, "iopsgen.yml", Place("iopsgen.yml", entry.line))
        if not route:
            continue
        group = next((p.group for p in edition.site.pages if p.route == route), None)
        page = next((p for p in edition.best(edition.site.pages) if p.group == group), None)
        if page is not None:
            found.append(
                Ref(title=_title(edition, entry, page.fields.title), url=edition.common.url(page.route) + rest, language=edition.other(page.language))
            )
        else:
            in_edition = edition.prefix + route if route.strip("/").split("/")[0] in ("", "venues", "search", *_PAGES) else route
            found.append(Ref(title=edition.texts.gettext(entry.title) if entry.title else route, url=edition.common.url(in_edition) + rest))
    return tuple(found)


def _title(edition: Edition, entry: MenuEntry, title: str) -> str:
    """The entry's own title in the site's main language, else that of the page it leads to."""
    return entry.title if entry.title and (not edition.prefix or entry.language) else title


def make_head(
    edition: Edition,
    route: str,
    title: str,
    *,
    description: str = "",
    language: str = "",
    picture: Picture | None = None,
    article: bool = False,
    published: datetime | None = None,
    updated: datetime | None = None,
    noindex: bool = False,
    canonical: str = "",
    feeds: tuple[FeedLink, ...] = (),
    alternates: tuple[Ref, ...] = (),
    crumbs: tuple[Ref, ...] = (),
    code: bool = False,
    source: str = "",
    extra: dict[str, object] | None = None,
) -> Head:
    """The head of one page; the site's feeds follow those of the page's own scope."""
    common = edition.common
    language = language or edition.language
    address = common.address(route)
    edit = edition.settings.edit_url
    return Head(
        title=title,
        url=common.url(route),
        address=address,
        canonical=canonical or address,
        language=language,
        direction=direction_of(language),
        description=description or (edition.names.description if route == edition.route("/") else ""),
        picture=picture,
        type="article" if article else "website",
        published=published,
        updated=updated,
        noindex=noindex,
        feeds=(*feeds, *(f for f in edition.feeds if f not in feeds)) if feeds else edition.feeds,
        alternates=alternates,
        breadcrumbs=(Ref(title=edition.texts.gettext("Home"), url=edition.url("/")), *crumbs) if crumbs else (),
        code=code,
        edit_url=edit.replace("{path}", quoted(source)) if edit and source else "",
        extra=extra or {},
    )


def alternates_of(edition: Edition, items: Mapping[str, str]) -> tuple[Ref, ...]:
    """Links to the translations of one text: language → route, the main language first."""
    if len(items) < 2:
        return ()
    order = [*edition.site.languages, *sorted(items)]
    return tuple(
        Ref(title=language_name(code, code), url=edition.common.address(items[code]), language=code, current=code == edition.language)
        for code in dict.fromkeys(order)
        if code in items
    )
