"""Old addresses: what leads on from them, which feeds and calendars stay there, and which of them lead nowhere any more."""

import os
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import quote

import msgspec

from iopsgen.model import Item, Scope, Site
from iopsgen.outputs.edition import Common
from iopsgen.outputs.indexes import Listed
from iopsgen.plan import Output
from iopsgen.problems import Place, Problem, error, warning
from iopsgen.slugs import file_of, fold
from iopsgen.views import RedirectView

# Programs and frames fetch these again and again, and few of them follow a redirect that is a page: they stay at the old address too.
_SUBSCRIBED = frozenset(("feed.xml", "atom.xml", "feed.json", "calendar.ics", "events.json", "event.ics", "comments.xml", "embed/", "flyer/"))
_SCOPES = frozenset(("categories", "tags", "people", "venues"))


def lead_on(common: Common, languages: list[str], outputs: list[Output]) -> Iterator[Output]:
    """A page at each old address that leads to the new one, the feeds and calendars that were there, and the lists that hosts read.

    Old addresses are those under `aliases`, and those at which a text was published before it moved.
    """
    forms = common.settings.redirects
    taken = {fold(output.path) for output in outputs}
    pairs: list[tuple[str, str]] = []
    for item, old, written in _old_addresses(common.site):
        asks = "?" in old  # no file has such a name: only the lists can hold it
        route = old if asks or old.endswith("/") or os.path.splitext(old)[1] else old + "/"
        key = old if asks else fold(file_of(route))
        if problem := _fault(item, old, key in taken, asks and set(forms) <= {"html"}):
            common.links.problems += [problem] if written else []
            continue
        taken.add(key)
        pairs.append((common.url(old), common.url(item.route)))
        if "html" in forms and not asks:
            yield _redirect_page(common, languages, item, old, route)
    yield from _stay(common.site, outputs, taken)
    listed = tuple(sorted(pairs))
    if "netlify" in forms:
        yield Output(route="/_redirects", maker="redirects_netlify", view=Listed(pairs=listed), title="_redirects")
    if "apache" in forms:
        yield Output(route="/.htaccess", maker="redirects_apache", view=Listed(pairs=listed, text=common.url("/404.html")), title=".htaccess")


def _old_addresses(site: Site) -> Iterator[tuple[Item, str, bool]]:
    """Each text with each of its old addresses, and whether its author wrote that down; those first, since they go first."""
    for item in site.items:
        for alias in item.fields.aliases:
            yield item, alias, True
    for item in site.items:
        for old in site.moved.get(item.route, ()):
            yield item, old, False


def _fault(item: Item, old: str, taken: bool, homeless: bool) -> Problem | None:
    """What is wrong with an old address; `homeless` where no form of redirect that is set can hold it."""
    place = Place(item.fields.source, item.fields.lines.get("aliases", 1), 1)
    if taken:
        return error(f'The old address "{old}" is taken by another page.', place, "Remove it from aliases.")
    if homeless:
        hint = "Add netlify or apache to redirects in iopsgen.yml if your host reads one of these lists, or leave the alias out."
        return warning(f'No page can stand at the old address "{old}": a file has no question mark.', place, hint)
    return None


def _redirect_page(common: Common, languages: list[str], item: Item, old: str, route: str) -> Output:
    return Output(
        route=route,
        maker="page",
        view=RedirectView(title=item.fields.title, url=common.url(item.route), address=common.address(item.route), language=item.language),
        template="redirect.html",
        language=item.language if item.language in languages else languages[0],
        place=Place(item.fields.source),
        title=f"{item.fields.title} (alias {old})",
    )


def _stay(site: Site, outputs: Iterable[Output], taken: set[str]) -> Iterator[Output]:
    """The feeds and calendars of moved texts, at their old addresses too."""
    if not site.moved:
        return
    for output in tuple(outputs):
        folder, _, name = output.route.rpartition("/")
        if not name:  # a page below that of a text
            folder, _, name = folder.rpartition("/")
            name += "/"
        for old in site.moved.get(folder + "/", ()) if name in _SUBSCRIBED else ():
            route = old + name
            if fold(file_of(route)) not in taken:
                taken.add(fold(file_of(route)))
                yield msgspec.structs.replace(output, route=route)


# --- what must not be lost -----------------------------------------------------------------------------------------


def say_vanished(site: Site, gone: Collection[str], routes: Collection[str]) -> list[Problem]:
    """An error for each text that was published and whose file is no longer there, unless its address is gone on purpose or taken over."""
    found: list[Problem] = []
    for identity in site.vanished:
        for route in reversed(identity.routes):
            if route not in routes and route not in gone:
                hint = (
                    f"Bring the file back; or write {quote(route)} under aliases of the text that takes its place, "
                    "or under gone in iopsgen.yml if it is gone for good."
                )
                found.append(error(f'The published page {route} ("{identity.title}") would vanish: {identity.path} is not there.', None, hint))
    return found


def keep_scopes(site: Site, gone: Collection[str], outputs: Iterable[Output]) -> tuple[Scope, ...]:
    """The categories, tags and people whose feeds or calendars are published, with those of before, by route."""
    found = {scope.route: scope for scope in site.scopes if scope.route not in gone}
    titles = {output.route: output.title for output in outputs if output.maker == "page"}
    for output in outputs:
        folder, _, name = output.route.rpartition("/")
        route = folder + "/"
        if name in ("feed.xml", "calendar.ics") and folder.split("/")[-2:-1] and folder.split("/")[-2] in _SCOPES and route in titles:
            found[route] = Scope(route=route, title=titles[route])
    return tuple(found[route] for route in sorted(found))
