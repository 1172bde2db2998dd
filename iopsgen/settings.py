"""The settings of a site: `iopsgen.yml`, every key typed and checked, everything with a default but title and url."""

import re
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from iopsgen.fields import (
    Anything,
    Either,
    Email,
    Field,
    Flag,
    Language,
    ListOf,
    Name,
    OldAddress,
    OneOf,
    Record,
    Report,
    Schema,
    Table,
    Text,
    WebAddress,
    Whole,
    Zone,
    duration,
)
from iopsgen.model import Link, Value
from iopsgen.problems import Place, Problem, did_you_mean, error, has_errors, warning
from iopsgen.slugs import fault_of_route, fold, slugify
from iopsgen.yamltext import MAX_FILE, Map, Node, Scalar, Seq, is_empty, parse

FILE = "iopsgen.yml"


class SiteSettings(Value, frozen=True, kw_only=True):
    """Who the organisation is."""

    title: str = ""
    url: str = ""  # with a slash at the end
    short_title: str = ""
    description: str = ""
    language: str = "en"
    timezone: str = "UTC"
    contact: str = ""
    logo: str = ""
    social: tuple[Link, ...] = ()

    @property
    def root(self) -> str:
        """The path of `url`, with a slash at both ends: `/` or `/iops/`."""
        return urlsplit(self.url).path or "/"

    @property
    def host(self) -> str:
        """The host of `url`."""
        return urlsplit(self.url).hostname or ""


class PostSettings(Value, frozen=True, kw_only=True):
    """How posts are addressed and listed."""

    permalink: str = "/posts/{slug}/"
    per_page: int = 20


class EventSettings(Value, frozen=True, kw_only=True):
    """How events are addressed, and how many months ahead repetitions are listed."""

    permalink: str = "/events/{slug}/"
    horizon: int = 18


class FeedSettings(Value, frozen=True, kw_only=True):
    """How many entries a feed holds, and how much of each."""

    items: int = 20
    content: Literal["full", "summary"] = "full"


class FormSettings(Value, frozen=True, kw_only=True):
    """Which service takes the comment form, its address, and further hidden fields that it wants."""

    service: Literal["none", "staticman", "formspree", "netlify", "receiver"] = "none"
    action: str = ""
    fields: dict[str, str] = {}
    privacy: str = ""


class ReceiveSettings(Value, frozen=True, kw_only=True):
    """What the receiver takes in, for those who run one."""

    origins: tuple[str, ...] = ()  # further websites whose pages may send
    pages: tuple[str, ...] = ()  # patterns of routes, where the site is not built on the machine of the receiver
    limit: int = 5  # comments from one address in ten minutes
    proxies: int = 0  # servers of our own that stand before it
    keep: tuple[Literal["email", "address"], ...] = ()  # what of a person is written down beside their words


class CommentSettings(Value, frozen=True, kw_only=True):
    """Where the inbox is and how it is moderated."""

    inbox: str = "comments/inbox.jsonl"
    decisions: str = "comments/decisions.jsonl"
    moderation: Literal["before", "after"] = "after"
    close_after: timedelta | None = None
    form: FormSettings = FormSettings()
    receive: ReceiveSettings = ReceiveSettings()


class MarkdownSettings(Value, frozen=True, kw_only=True):
    """Which engine renders, and how much raw HTML each folder of content may hold ("": everywhere else)."""

    engine: Literal["markdown", "commonmark"] = "markdown"
    smart_quotes: bool = True
    html: dict[str, str] = {}

    def trust(self, source: str) -> str:
        """The level for a source file: that of the longest folder that holds it."""
        folders = [f for f in self.html if not f or source.startswith((f + "/", "content/" + f + "/")) or source in (f, "content/" + f)]
        return self.html[max(folders, key=len)] if folders else "restricted"


class PictureSettings(Value, frozen=True, kw_only=True):
    """Which versions are made of the pictures that pages show, and whether published ones lose what their files tell."""

    widths: tuple[int, ...] = (480, 960, 1600)  # pixels; none: no versions
    formats: tuple[Literal["webp", "avif"], ...] = ("webp",)  # the best first
    quality: int = 80
    strip: bool = True


class SearchSettings(Value, frozen=True, kw_only=True):
    """Whether the site can be searched, and up to how many texts a language the whole of them is."""

    enabled: bool = True
    full_text_limit: int = 2000


class CategorySettings(Value, frozen=True, kw_only=True):
    """A category that posts and events may use."""

    title: str = ""
    slug: str = ""
    description: str = ""


class LanguageSettings(Value, frozen=True, kw_only=True):
    """What the organisation is called in a further language; empty texts are taken from the main one."""

    title: str = ""
    short_title: str = ""
    description: str = ""
    categories: dict[str, CategorySettings] = {}  # by the name in the main language; no slugs


class CalendarSettings(Value, frozen=True, kw_only=True):
    """A calendar of somebody else, in a file of the site's folder, whose events are shown as theirs."""

    file: str
    title: str
    url: str = ""  # where they stand on the web
    chapter: str = ""
    color: str = ""
    categories: tuple[str, ...] = ()
    line: int = 0


class MenuEntry(Value, frozen=True, kw_only=True):
    """An entry of the menu or the footer; `url` is a web address, an address of the site, or a source path."""

    title: str
    url: str
    language: str = ""
    line: int = 0


class Settings(Value, frozen=True, kw_only=True):
    """Everything in `iopsgen.yml`."""

    site: SiteSettings = SiteSettings()
    posts: PostSettings = PostSettings()
    events: EventSettings = EventSettings()
    feeds: FeedSettings = FeedSettings()
    comments: CommentSettings = CommentSettings()
    markdown: MarkdownSettings = MarkdownSettings()
    pictures: PictureSettings = PictureSettings()
    search: SearchSettings = SearchSettings()
    theme: str = "default"
    theme_options: dict[str, object] = {}
    menu: tuple[MenuEntry, ...] = ()
    footer: tuple[MenuEntry, ...] = ()
    languages: dict[str, LanguageSettings] = {}
    categories: dict[str, CategorySettings] = {}
    calendars: tuple[CalendarSettings, ...] = ()
    redirects: tuple[str, ...] = ("html",)
    gone: tuple[str, ...] = ()  # published addresses that are given up
    edit_url: str = ""
    output: str = "output"
    extra: dict[str, object] = {}

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The languages of the site, its main language first."""
        return tuple(dict.fromkeys((self.site.language, *self.languages)))


_PATH = "/%:!$&'()*+,;=-._~"


def _host_of(address: str) -> str:
    """Host and port of an address as machines write them (RFC 3490 for other alphabets), "" where they cannot."""
    try:
        parts = urlsplit(address)
        name, port = parts.hostname or "", parts.port
        host = f"[{name}]" if ":" in name else name.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""
    return f"{host}:{port}" if port is not None else host


class _SiteUrl(WebAddress):
    example = "https://example.org/"

    def read(self, node: Node, report: Report) -> str | None:
        text = super().read(node, report)
        if text is None:
            return None
        parts = urlsplit(text)
        path = (parts.path or "/").rstrip("/") + "/"
        host, fault = _host_of(text), fault_of_route(path)
        if "?" in text or "#" in text or "@" in parts.netloc:
            fault = "it holds more than a host and a folder"
        elif not host:
            fault = "its host is not the name of one"
        if fault:
            report.say(node, f'"{text}" cannot be the address of the site: {fault}.', f"Write for example: {self.example}iops/")
            return None
        return f"{parts.scheme.lower()}://{host}{quote(path, safe=_PATH)}"


class _Permalink(Field):
    def __init__(self, *names: str) -> None:
        self.names, self.example = names, "/posts/{year}/{slug}/"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        filled = text
        for name in self.names:
            filled = filled.replace("{" + name + "}", "x")
        fault = (
            fault_of_route(filled)
            or ("it does not end in /" if not text.endswith("/") else "")
            or ("it lacks {slug}" if "{slug}" not in text else "")
        )
        if not fault and ("{" in filled or "}" in filled):
            fault = "it holds an unknown word in braces"
        if fault:
            report.say(
                node,
                f"This pattern of addresses cannot be used: {fault}.",
                f"Possible words: {', '.join('{' + n + '}' for n in self.names)}; for example: {self.example}",
            )
            return None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^/.*{slug}.*/$"}


class _Months(Field):
    example = "18 months"

    def read(self, node: Node, report: Report) -> int | None:
        text = self.scalar(node, report) or ""
        number, _, unit = text.partition(" ")
        factor = {"": 1, "month": 1, "months": 1, "year": 12, "years": 12}.get(unit.strip().lower())
        if number.isdecimal() and len(number) < 5 and factor and 1 <= int(number) * factor <= 120:
            return int(number) * factor
        report.say(node, f'"{text}" is not a number of months from 1 to 120.', f"Write for example: {self.example}")
        return None

    def schema(self) -> Schema:
        return {"type": ["string", "integer"], "examples": [self.example]}


class _Folder(Field):
    """A path inside the site's folder."""

    example = "comments/inbox.jsonl"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        path = text.removeprefix("./").rstrip("/")
        if path.startswith(("/", "~")) or "\\" in path or ":" in path or {"", ".", ".."} & set(path.split("/")) or not path.isprintable():
            hint = f"Write a path from the folder of iopsgen.yml, for example: {self.example}"
            report.say(node, f'"{text}" does not lie in the folder of the site.', hint)
            return None
        return path

    def schema(self) -> Schema:
        return {"type": "string"}


class _Private(_Folder):
    """A path inside the site's folder whose file must not be published."""

    def read(self, node: Node, report: Report) -> str | None:
        path = super().read(node, report)
        if path and path.split("/")[0] in ("content", "static", "themes"):
            report.say(node, f'Everything in {path.split("/")[0]}/ is published, and "{path}" is not meant to be.', f"Move it to {self.example}.")
            return None
        return path


class _Output(_Folder):
    """The folder for the built site, in which nothing else lies."""

    example = "output"

    def read(self, node: Node, report: Report) -> str | None:
        path = super().read(node, report)
        if path and fold(path.split("/")[0]) in _SOURCES:
            report.say(node, f'"{path}" is a place of the sources, not for the built site.', "Write for example: output: public")
            return None
        return path


_SOURCES = frozenset(("content", "static", "themes", "data", "comments", "calendars", ".iopsgen", ".git", "iopsgen.yml"))


class _CalendarFile(_Private):
    """The path of a calendar file, which is read and not published as it is."""

    example = "calendars/partner.ics"


class _Color(Field):
    """A colour: six hexadecimal digits, or a word that browsers know."""

    example = "teal"

    def read(self, node: Node, report: Report) -> str | None:
        text = (self.scalar(node, report) or "").lower()
        if re.fullmatch("#[0-9a-f]{6}|#[0-9a-f]{3}|[a-z]{3,20}", text):
            return text
        report.say(node, f'"{text}" is not a colour.', 'Write a word such as teal, or "#008080" in quotes.')
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^(#[0-9A-Fa-f]{6}|#[0-9A-Fa-f]{3}|[A-Za-z]{3,20})$"}


class _Calendars(Field):
    """Calendars of others, each with its file and the name of those it is from."""

    example = "[{file: calendars/partner.ics, title: The river society}]"
    entry = Record(
        {
            "file": _CalendarFile(),
            "title": Text(),
            "url": WebAddress(),
            "chapter": Name(),
            "color": _Color(),
            "categories": ListOf(Text(example="News"), commas=True),
        },
        ("file", "title"),
        what="in a calendar",
        example="{file: calendars/partner.ics, title: The river society}",
        foreign={"colour": "The key for this is color.", "name": "The key for this is title.", "path": "The key for this is file."},
    )

    def read(self, node: Node, report: Report) -> tuple[CalendarSettings, ...]:
        found: dict[str, CalendarSettings] = {}
        for item in node.items if isinstance(node, Seq) else (node,):
            values = None if is_empty(item) else self.entry.read(item, report)
            if values is None:
                continue
            made = CalendarSettings(line=max(0, item.line), **values)
            if made.file in found:
                report.say(item, f"{made.file} is named twice.", "Keep one of the two: a file is one calendar.")
            found.setdefault(made.file, made)
        return tuple(found.values())

    def schema(self) -> Schema:
        return {"type": "array", "items": self.entry.schema()}


class _Menu(Field):
    """A list of `{title, url}`, of `Title: url` pairs, or of source paths."""

    example = "[{title: About, url: /about/}]"
    entry = Record({"title": Text(), "url": WebAddress(local=True, mail=True), "language": Language()}, ("title", "url"), what="in a menu entry")

    def read(self, node: Node, report: Report) -> tuple[MenuEntry, ...]:
        found = []
        if isinstance(node, Map) and {"title", "url"} <= {key.text for key, _ in node.pairs}:
            nodes: tuple[Node, ...] = (node,)
        elif isinstance(node, Map):
            nodes = tuple(Map((pair,), pair[0].line, pair[0].column) for pair in node.pairs)
        else:
            nodes = (node,) if isinstance(node, Scalar) else node.items
        nodes = tuple(item for item in nodes if not is_empty(item))
        for item in nodes:
            values: Any = None
            if isinstance(item, Scalar):
                url = WebAddress(local=True, mail=True).read(item, report)
                values = {"title": "", "url": url} if url else None
            elif isinstance(item, Map) and len(item.pairs) == 1 and item.pairs[0][0].text not in self.entry.fields:
                key, value = item.pairs[0]
                url = WebAddress(local=True, mail=True).read(value, report)
                values = {"title": key.text, "url": url} if url else None
            else:
                values = self.entry.read(item, report)
            if values and values.get("url") is not None and "title" in values:
                found.append(MenuEntry(line=max(0, item.line), **values))
        return tuple(found)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "array"}, {"type": "object"}]}


class _Categories(Field):
    """A list of names, or a map from names to their details."""

    example = "[News, Events]"
    details = Record({"title": Text(), "slug": Name(), "description": Text()}, make=CategorySettings, what="in a category")

    def read(self, node: Node, report: Report) -> dict[str, CategorySettings]:
        if isinstance(node, Map):
            found = Table(Either(Text(), self.details), CategorySettings).read(node, report) or {}
            found = {name: CategorySettings(description=value) if isinstance(value, str) else value for name, value in found.items()}
        else:
            found = {name: CategorySettings() for name in ListOf(Text(), commas=True).read(node, report)}
        named: dict[str, CategorySettings] = {}
        holders: dict[str, str] = {}
        for name, c in found.items():
            slug = c.slug or slugify(name)
            if not slug:
                report.say(node, f'The category "{name}" has no letter or digit for an address.', "Give it one: {" + name + ": {slug: other}}")
            elif holder := holders.get(fold(slug)):
                hint = f"Rename one of them, or give it another address: {{{name}: {{slug: {slug}-2}}}}"
                report.say(node, f'The categories "{holder}" and "{name}" have the same address, {slug}.', hint)
            else:
                holders[fold(slug)] = name
                named[name] = CategorySettings(title=c.title or name, slug=slug, description=c.description)
        return named

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object"}]}


class _Languages(Field):
    """A list of codes, or a map from codes to what the organisation is called in that language."""

    example = "[en, es]"
    category = Either(Text(), Record({"title": Text(), "description": Text()}, make=CategorySettings, what="in a category"))
    details = Record(
        {"title": Text(), "short_title": Text(), "description": Text(), "categories": Table(category)}, make=LanguageSettings, what="in a language"
    )

    def read(self, node: Node, report: Report) -> dict[str, LanguageSettings]:
        if not isinstance(node, Map):
            return dict.fromkeys(ListOf(Language(), commas=True).read(node, report), LanguageSettings())
        found: dict[str, LanguageSettings] = {}
        for key, value in node.pairs:
            code = Language().read(key, report)
            made = LanguageSettings() if is_empty(value) else self.details.read(value, report)
            if code is not None and made is not None:
                named = {name: CategorySettings(title=c) if isinstance(c, str) else c for name, c in made.categories.items()}
                found[code] = replace(made, categories=named)
        return found

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object"}]}


class _Widths(Field):
    """A list of numbers of pixels, or `none`."""

    example = "[480, 960, 1600]"
    item = ListOf(Whole(16, 8000), commas=True)

    def read(self, node: Node, report: Report) -> tuple[int, ...] | None:
        if isinstance(node, Scalar) and node.text.strip().lower() in ("none", "no", "false", "off", "0"):
            return ()
        found = tuple(sorted(set(self.item.read(node, report))))
        if len(found) > 8:
            report.say(node, f"These are {len(found)} widths.", f"Up to 8 are enough for every screen: {self.example}")
            return None
        return found or None

    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema(), {"const": "none"}]}


class _Trust(Field):
    """One level for everything, or a level a folder."""

    example = "restricted"
    level = OneOf("restricted", "trusted", "none")

    def read(self, node: Node, report: Report) -> dict[str, str] | None:
        if isinstance(node, Map):
            found = Table(self.level).read(node, report) or {}
            folders = {"" if name in ("*", "default", "everything") else name.strip("/"): level for name, level in found.items()}
            return {"": "restricted", **folders}
        level = self.level.read(node, report)
        return {"": level} if level else None

    def schema(self) -> Schema:
        return {"anyOf": [self.level.schema(), {"type": "object", "additionalProperties": self.level.schema()}]}


_LINK = Record({"title": Text(), "url": WebAddress(mail=True)}, ("title", "url"), make=Link, what="in a link")


class LinksField(Field):
    """A list of `{title, url}`, or a map from titles to addresses."""

    example = "[{title: Mastodon, url: https://example.social/@us}]"

    def read(self, node: Node, report: Report) -> tuple[Link, ...]:
        bare = next((item for item in (node.items if isinstance(node, Seq) else (node,)) if isinstance(item, Scalar)), None)
        if bare is not None:
            address = bare.text.strip()
            name = urlsplit(address).hostname or "" if address.startswith(("http://", "https://")) else ""
            report.say(bare, "A link needs a title besides its address.", f'Write for example: {{{name or "Mastodon"}: "{address if name else "https://example.social/@us"}"}}')
            return ()
        if isinstance(node, Map) and not any(key.text in ("title", "url") for key, _ in node.pairs):
            found = Table(WebAddress(mail=True)).read(node, report) or {}
            return tuple(Link(title, url) for title, url in found.items())
        return tuple(ListOf(_LINK).read(node, report))

    def schema(self) -> Schema:
        return {"anyOf": [ListOf(_LINK).schema(), {"type": "object"}]}


SETTINGS = Record(
    {
        "site": Record(
            {
                "title": Text(),
                "url": _SiteUrl(),
                "short_title": Text(),
                "description": Text(),
                "language": Language(),
                "timezone": Zone(),
                "contact": Email(),
                "logo": _Folder(),
                "social": LinksField(),
            },
            ("title", "url"),
            what="under site",
            example="\n  title: My group\n  url: https://example.org/",
        ),
        "posts": Record(
            {"permalink": _Permalink("slug", "year", "month", "day", "chapter"), "per_page": Whole(1, 1000)}, make=PostSettings, what="under posts"
        ),
        "events": Record(
            {"permalink": _Permalink("slug", "year", "month", "day", "chapter"), "horizon": _Months()}, make=EventSettings, what="under events"
        ),
        "feeds": Record({"items": Whole(1, 1000), "content": OneOf("full", "summary")}, make=FeedSettings, what="under feeds"),
        "comments": Record(
            {
                "inbox": _Private(),
                "decisions": _Private(),
                "moderation": OneOf("after", "before"),
                "close_after": duration(),
                "form": Record(
                    {
                        "service": OneOf("none", "staticman", "formspree", "netlify", "receiver"),
                        "action": WebAddress(local=True),
                        "fields": Table(Text()),
                        "privacy": Text(),
                    },
                    make=FormSettings,
                    what="under comments.form",
                ),
                "receive": Record(
                    {
                        "origins": ListOf(WebAddress(), commas=True),
                        "pages": ListOf(Text(), commas=True),
                        "limit": Whole(1, 1000),
                        "proxies": Whole(0, 10),
                        "keep": ListOf(OneOf("email", "address"), commas=True),
                    },
                    make=ReceiveSettings,
                    what="under comments.receive",
                ),
            },
            make=CommentSettings,
            what="under comments",
        ),
        "markdown": Record(
            {"engine": OneOf("markdown", "commonmark"), "smart_quotes": Flag(), "html": _Trust()}, make=MarkdownSettings, what="under markdown"
        ),
        "pictures": Record(
            {
                "widths": _Widths(),
                "formats": ListOf(OneOf("webp", "avif"), commas=True),
                "quality": Whole(1, 100),
                "strip": Flag(),
            },
            make=PictureSettings,
            what="under pictures",
        ),
        "search": Record({"enabled": Flag(), "full_text_limit": Whole(0, 100_000)}, make=SearchSettings, what="under search"),
        "theme": Name(),
        "theme_options": Table(Anything()),
        "menu": _Menu(),
        "footer": _Menu(),
        "languages": _Languages(),
        "categories": _Categories(),
        "calendars": _Calendars(),
        "redirects": ListOf(OneOf("html", "netlify", "apache"), commas=True),
        "gone": ListOf(OldAddress()),
        "edit_url": WebAddress(),
        "output": _Output(),
        "extra": Table(Anything()),
    },
    ("site",),
    what="in the settings",
)


def read_settings(text: str, overrides: dict[str, str] | None = None) -> tuple[Settings | None, list[Problem]]:
    """Reads the text of `iopsgen.yml`. `overrides` maps dotted keys (`site.url`) to texts that replace what is written.

    Gives None when there is an error.
    """
    node, problems = parse(text.removeprefix("\ufeff"), FILE, limit=MAX_FILE)
    if has_errors(problems):
        return None, problems
    if node is not None and not isinstance(node, Map):
        example = "Start with:\nsite:\n  title: My group\n  url: https://example.org/"
        return None, [error("The settings are keys and values.", Place(FILE, node.line, node.column), example)]
    root = node or Map((), 1, 1)
    for number, (key, value) in enumerate((overrides or {}).items(), start=1):
        root = _put(root, key.split(".", 8), value, -number)
    report = Report(FILE)
    values = SETTINGS.read(root, report)
    problems += [_told(problem, tuple(overrides or {})) for problem in report.problems]
    if has_errors(problems) or values is None:
        return None, problems
    site = values["site"]
    site.setdefault("short_title", site["title"])
    values["site"] = SiteSettings(**site)
    settings = Settings(**values)
    return settings, [*problems, *_check_languages(settings, root), *_check_form(settings)]


def _put(node: Map, keys: list[str], value: str, line: int) -> Map:
    """The same map with one text replaced or added; `line`, below zero, tells it from what the file holds."""
    name, rest = keys[0], keys[1:]
    held = next(((k, v) for k, v in node.pairs if SETTINGS.name_of(k) == SETTINGS.name_of(Scalar(name, 1, 1))), None)
    old = held[1] if held else None
    new: Node = _put(old if isinstance(old, Map) else Map((), line, 1), rest, value, line) if rest else Scalar(value, line, 1)
    if held is None:
        return Map((*node.pairs, (Scalar(name, line, 1), new)), node.line, node.column)
    return Map(tuple((k, new if k is held[0] else v) for k, v in node.pairs), node.line, node.column)


def _told(problem: Problem, names: tuple[str, ...]) -> Problem:
    """A problem of a setting that stands in no file names the setting instead of a line."""
    line = problem.place.line if problem.place else 0
    if line >= 0:
        return problem
    where = f"{names[-line - 1]} (given with --set or in the environment): "
    return Problem(where + problem.message, None, problem.hint, problem.severity)


def _check_form(settings: Settings) -> list[Problem]:
    """Warns of a service for comments whose address is not given."""
    form = settings.comments.form
    if form.action or form.service in ("none", "netlify"):
        return []
    hint = f"Write where {form.service} takes comments: comments: {{form: {{action: https://…}}}}"
    return [warning("There is no comment form: comments.form.service is set, comments.form.action is not.", Place(FILE), hint)]


def _check_languages(settings: Settings, root: Map) -> list[Problem]:
    """Warns of translated names of categories that the site does not have."""
    found: list[Problem] = []
    node = root.get("languages")
    for language, own in settings.languages.items() if settings.categories else ():
        for name in own.categories:
            if name not in settings.categories:
                hint = did_you_mean(name, settings.categories) or f"There are: {', '.join(settings.categories)}."
                place = Place(FILE, max(0, node.line), max(0, node.column)) if node else Place(FILE)
                found.append(warning(f'"{name}", translated under languages.{language}, is not one of the categories.', place, hint))
    return found
