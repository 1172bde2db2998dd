"""Files that machines look for by name: sitemap, robots.txt, redirects, headers, events.json and status.json."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from html import escape
from urllib.parse import unquote

import msgspec

from iopsgen.plain import day_or_timestamp, one_line, printable, timestamp, uri
from iopsgen.views import OriginView, Ref, Shared, View

Day = date

SITEMAP_LIMIT = 50_000  # addresses in one file, as the protocol of sitemaps.org has it
_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


# --- sitemap and robots ------------------------------------------------------------------------------------------------


class SitemapEntry(View, frozen=True, kw_only=True):
    """A page for search engines: absolute `address`, last change, and its translations (language and absolute url)."""

    address: str
    updated: datetime | None = None
    alternates: tuple[Ref, ...] = ()


class Listed(View, frozen=True, kw_only=True):
    """Anything that an index is made from, as pairs or entries."""

    entries: tuple[SitemapEntry, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    address: str = ""
    text: str = ""


def sitemap(entries: tuple[SitemapEntry, ...]) -> bytes:
    """A sitemap (sitemaps.org 0.9) with `xhtml:link` for translations; at most 50,000 entries, else ValueError.

    A page with translations names all of them and itself, as search engines require of each page in such a group.
    """
    if len(entries) > SITEMAP_LIMIT:
        raise ValueError(f"a sitemap holds at most {SITEMAP_LIMIT} addresses, not {len(entries)}: make several and a sitemap index")
    lines = [_HEADER, f'<urlset {_SITEMAPS} xmlns:xhtml="http://www.w3.org/1999/xhtml">\n']
    for entry in entries:
        updated = f"<lastmod>{timestamp(entry.updated)}</lastmod>" if entry.updated else ""
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{_xml(ref.language)}" href="{_xml(uri(ref.url))}"/>' for ref in entry.alternates
        )
        lines.append(f"<url><loc>{_xml(uri(entry.address))}</loc>{updated}{links}</url>\n")
    lines.append("</urlset>\n")
    return "".join(lines).encode()


def sitemap_index(sitemaps: tuple[SitemapEntry, ...]) -> bytes:
    """The list of several sitemaps, each with its absolute address and the last change of its pages."""
    lines = [_HEADER, f"<sitemapindex {_SITEMAPS}>\n"]
    for entry in sitemaps:
        updated = f"<lastmod>{timestamp(entry.updated)}</lastmod>" if entry.updated else ""
        lines.append(f"<sitemap><loc>{_xml(uri(entry.address))}</loc>{updated}</sitemap>\n")
    lines.append("</sitemapindex>\n")
    return "".join(lines).encode()


def robots(sitemap_address: str, disallow: Iterable[str] = ()) -> bytes:
    """`robots.txt` (RFC 9309): everything may be read but the paths of `disallow`, which begin at the host's root."""
    paths = [uri(path) for path in disallow]
    rules = [f"Disallow: {path}" for path in paths if path] or ["Disallow:"]
    lines = ["User-agent: *", *rules]
    if sitemap_address:
        lines += ["", f"Sitemap: {uri(sitemap_address)}"]
    return _lines(lines)


# --- redirects and headers ---------------------------------------------------------------------------------------------


def redirects_netlify(pairs: Iterable[tuple[str, str]]) -> bytes:
    """`_redirects` (Netlify, Cloudflare Pages, GitLab Pages): one `old new 301` on each line, by old address.

    Pairs are (old, new) as paths from the host's root; an old address may have a query (`/?p=12`), which Netlify alone reads. In
    old addresses `*` and `:` are literal, hence encoded. There is no `!`: other hosts take such a line for a mistake.
    """
    lines = []
    for old, new in sorted(set(pairs)):
        path, query = _path_and_query(old)
        literal = uri(path).replace("*", "%2A").replace(":", "%3A")
        words = [literal or "/", *(uri(part) for part in query.split("&") if part), uri(new), "301"]
        lines.append(" ".join(words))
    return _lines(lines)


def redirects_apache(pairs: Iterable[tuple[str, str]], not_found: str = "") -> bytes:
    """`.htaccess`: a permanent redirect for each (old, new), exactly and never for what lies below the old address.

    Paths begin at the host's root; the final slash of an old address may be missing. `not_found` is the path of the page for
    addresses that do not exist.
    """
    lines = [f"ErrorDocument 404 {uri(not_found)}"] if not_found else []
    rules = []
    for old, new in sorted(set(pairs)):
        path, query = _path_and_query(old)
        pattern = _pattern(path)
        target = uri(new).replace("$", "%24")
        if query:
            asked = re.escape(uri(query)).replace('"', "%22")
            condition = f'RewriteCond "%{{REQUEST_URI}}" "{pattern}"\nRewriteCond "%{{QUERY_STRING}}" "^{asked}$"'
            target = target.replace("%", "\\%")
            rules.append(f'{condition}\nRewriteRule "^" "{target if "?" in target else target + "?"}" [R=301,L,NE]')
        else:
            lines.append(f'RedirectMatch 301 "{pattern}" "{target}"')
    if rules:
        lines += ["<IfModule mod_rewrite.c>", "RewriteEngine On", *rules, "</IfModule>"]
    return _lines(lines)


def _path_and_query(address: str) -> tuple[str, str]:
    """The path of an old address, with a slash at its start, and its query."""
    path, _, query = one_line(address).partition("#")[0].partition("?")
    return "/" + path.lstrip("/"), query


def _pattern(path: str) -> str:
    """A regular expression for one path as Apache compares it: decoded, with or without its final slash."""
    plain = one_line(unquote(path)).rstrip("/")
    return f"^{re.sub(r'([^a-zA-Z0-9_/~ -])', _escaped, plain)}/?$"


def _escaped(match: re.Match[str]) -> str:
    """A character that stands for itself in a pattern between double quotes; a quote, which cannot, is any character."""
    return "." if match[0] in '"\\' else match[0] if not match[0].isascii() else f"\\{match[0]}"


def headers_file(csp: str, root: str = "/") -> bytes:
    """`_headers` (Netlify, Cloudflare Pages): the content policy for all pages; calendars and feeds may be read from anywhere.

    `root` is the path of the site, with a slash at its end.
    """
    root = uri(root)
    lines = [f"{root}*", "  X-Content-Type-Options: nosniff", "  Referrer-Policy: strict-origin-when-cross-origin"]
    if one_line(csp):
        lines.append(f"  Content-Security-Policy: {one_line(csp)}")
    lines += [f"{root}*.ics", "  Content-Type: text/calendar; charset=utf-8", "  Access-Control-Allow-Origin: *"]
    for ending in ("xml", "json"):
        lines += [f"{root}*.{ending}", "  Access-Control-Allow-Origin: *"]
    return _lines(lines)


# --- events.json -------------------------------------------------------------------------------------------------------


class EventJson(View, frozen=True, kw_only=True):
    """One event, or one occurrence of a series, for `events.json`. Days are inclusive ends; times carry their zone."""

    uid: str
    title: str
    address: str
    start: datetime | Day
    end: datetime | Day | None = None
    original: datetime | Day | None = None  # an occurrence: the start its rule gave it
    zone: str = ""
    all_day: bool = False
    tba: bool = False  # the day is known, the time is not
    status: str = "scheduled"  # scheduled | tentative | cancelled | postponed | moved-online
    summary: str = ""
    venue: str = ""
    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    online: str = ""
    chapter: Ref | None = None  # url absolute
    categories: tuple[str, ...] = ()
    language: str = ""
    picture: str = ""  # absolute
    ics: str = ""  # absolute
    origin: OriginView | None = None  # of an event from somebody else's calendar
    updated: datetime | None = None


_KEPT = 100_000  # entries in JSON kept for the next file that holds them
_written: dict[str, tuple[tuple[str, str], bytes]] = {}


def events_json(title: str, address: str, entries: tuple[Shared[EventJson] | EventJson, ...]) -> bytes:
    """`events.json`: what another site needs to list the events of this one, by start, then uid.

    ```
    {"version": 1,              grows only if a key changes its meaning; new keys may come at any time
     "title": "London events",  "url": the page that shows the same events
     "events": [{
       "id":       permanent name of this entry: the uid, with /YYYYMMDD or /YYYYMMDDTHHMMSS of the original start for an occurrence
       "uid":      permanent name of the event, the same as in the calendars
       "title", "url", "summary",
       "start":    "2012-10-28T11:00:00+00:00" with the offset of the zone on that day, or "2012-10-28" for all-day and "tba" events
       "end":      likewise, absent if unknown; for all-day events the last day, itself included
       "all_day":  true | false,   "tba": true while the time is not known
       "zone":     "Europe/London", the zone in which the start is wall-clock time
       "status":   "scheduled" | "tentative" | "cancelled" | "postponed" | "moved-online"
       "place":    {"name", "city", "country", "latitude", "longitude"}
       "online":   address to join at
       "chapter":  {"id", "title", "url"},   "categories": ["…"],   "language",   "image",
       "ics":      address of the calendar file of this event
       "origin":   {"title", "url", "original"} of an event from a partner's calendar: whose it is, and where it stands there
       "updated":  when the event was last changed
     }]}
    ```
    Keys without a value are absent, but for `id`, `uid`, `title`, `url`, `start`, `all_day` and `status`, which always stand.
    Every address is absolute, every text plain (escape it where you set it into HTML).
    """
    events = sorted(map(_written_event, entries), key=lambda event: event[0])
    value = {"version": 1, "title": one_line(title), "url": uri(address), "events": [msgspec.Raw(text) for _, text in events]}
    return msgspec.json.encode(value) + b"\n"


def _written_event(entry: Shared[EventJson] | EventJson) -> tuple[tuple[str, str], bytes]:
    """What one event is sorted by, and its JSON: made once and kept for all files that share it."""
    found = _written.get(entry.digest) if isinstance(entry, Shared) else None
    if found is None:
        key, value = _event(entry.view if isinstance(entry, Shared) else entry)
        found = (key, str(value["id"])), msgspec.json.encode(value)
        if isinstance(entry, Shared):
            if len(_written) >= _KEPT:
                _written.clear()
            _written[entry.digest] = found
    return found


def _event(entry: EventJson) -> tuple[str, dict[str, object]]:
    """What one event is sorted by, and its object."""
    start, end = _when(entry.start, entry), _when(entry.end, entry) if entry.end is not None else ""
    place = {
        "name": one_line(entry.venue),
        "city": one_line(entry.city),
        "country": one_line(entry.country),
        "latitude": entry.latitude,
        "longitude": entry.longitude,
    }
    chapter = entry.chapter
    event: dict[str, object] = {
        "id": _occurrence(one_line(entry.uid), entry.original),
        "uid": one_line(entry.uid),
        "title": one_line(entry.title),
        "url": uri(entry.address),
        "summary": printable(entry.summary),
        "start": start,
        "end": end,
        "all_day": entry.all_day,
        "tba": entry.tba or None,
        "zone": one_line(entry.zone),
        "status": one_line(entry.status),
        "place": {key: value for key, value in place.items() if value not in {"", None}},
        "online": uri(entry.online),
        "chapter": {"id": one_line(chapter.id), "title": one_line(chapter.title), "url": uri(chapter.url)} if chapter else None,
        "categories": [one_line(name) for name in entry.categories],
        "language": one_line(entry.language),
        "image": uri(entry.picture),
        "ics": uri(entry.ics),
        "origin": _origin(entry.origin) if entry.origin else None,
        "updated": timestamp(entry.updated) if entry.updated else "",
    }
    always = {"id", "uid", "title", "url", "start", "all_day", "status"}
    return _sort_key(entry.start), {key: value for key, value in event.items() if key in always or value not in ("", None, [], {})}


def _origin(origin: OriginView) -> dict[str, str]:
    found = {"title": one_line(origin.title), "url": uri(origin.url), "original": uri(origin.original)}
    return {key: value for key, value in found.items() if value}


def _when(value: datetime | Day, entry: EventJson) -> str:
    """A start or an end: a day where the time does not matter or is not known."""
    return day_or_timestamp(value.date() if isinstance(value, datetime) and (entry.all_day or entry.tba) else value)


def _sort_key(value: datetime | Day) -> str:
    """A text that sorts as time does: days before the moments of the same day."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


def _occurrence(uid: str, original: datetime | Day | None) -> str:
    """The permanent name of an occurrence, as RECURRENCE-ID names it."""
    if original is None:
        return uid
    return f"{uid}/{original:%Y%m%dT%H%M%S}" if isinstance(original, datetime) else f"{uid}/{original:%Y%m%d}"


# --- status.json -------------------------------------------------------------------------------------------------------


def status_json(
    *,
    next_change: datetime | None,
    outputs: int,
    posts: int,
    events: int,
    chapters: int = 0,
    comments: int = 0,
    updated: datetime | None = None,
) -> bytes:
    """`status.json` for schedulers and monitors: when to build again, and how much is published.

    `next_change` is the next moment at which the output would differ with no edit made, or null; `updated` the newest change of
    the content. The moment of the build is not in it: the file changes only when the site does. Numbers count what is
    published; what is draft, scheduled or held never shows.
    """
    value = {
        "version": 1,
        "next_change": timestamp(next_change.astimezone(UTC)) if next_change else None,
        "updated": timestamp(updated.astimezone(UTC)) if updated else None,
        "outputs": outputs,
        "posts": posts,
        "events": events,
        "chapters": chapters,
        "comments": comments,
    }
    return msgspec.json.encode(value) + b"\n"


# --- parts -------------------------------------------------------------------------------------------------------------


def _xml(text: str) -> str:
    """Text for XML, in an element or between double quotes."""
    return escape(one_line(text), quote=True)


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
