"""Which HTML a text may hold, by how far its author is trusted; whatever comes out of here is sound HTML."""

import re
from functools import lru_cache
from typing import NamedTuple

import nh3

from iopsgen.markdown.options import Trust

_TEXT = (
    "a abbr acronym b bdi bdo br cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strike strong sub sup time tt u"
    " var wbr"
)
_BLOCKS = (
    "address article aside blockquote caption center col colgroup dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header"
    " hgroup hr li ol p pre section summary table tbody td tfoot th thead tr ul"
)
_MEDIA = "audio iframe img picture source track video"
_RESTRICTED = frozenset(f"{_TEXT} {_BLOCKS} {_MEDIA}".split())
# Looks that style sheets replaced: they go, their text stays, and nobody needs to hear about it.
_OUTDATED = frozenset("basefont big blink font marquee nobr spacer".split())
# What has no place inside a page, or changes it as a whole; nobody is trusted with these.
_NEVER = frozenset(
    "animate animatemotion animatetransform base body discard frame frameset head html link meta noframes plaintext set title xmp".split()
)

_ALIGN = {"left", "right", "center", "justify"}
_CLASSES = {
    "left", "right", "center", "alignleft", "alignright", "aligncenter", "align-left", "align-right", "align-center",
    "wide", "small", "lead", "caption", "gallery", "note", "tip", "important", "warning", "caution", "figure", "button",
}  # fmt: skip
_OWN_CLASSES = {"div": {"footnote-definition"}, "sup": {"footnote-reference", "footnote-definition-label"}}
_ALIGNED = "caption center col div figure h1 h2 h3 h4 h5 h6 hr iframe img p table td th tr".split()
_ATTRIBUTES = {
    "*": {"id", "title", "lang", "dir", "aria-label", "aria-hidden"},
    "a": {"href", "name", "hreflang", "download"},
    "audio": {"src", "controls", "loop", "muted"},
    "bdo": {"dir"},
    "blockquote": {"cite"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "details": {"open", "name"},
    "iframe": {"src"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "srcset", "sizes", "type", "media"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "video": {"src", "poster", "controls", "loop", "muted", "width", "height", "playsinline"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "sms", "webcal", "xmpp", "matrix", "geo", "ftp", "irc", "ircs", "sip"}
_SCRIPT_SCHEMES = frozenset("javascript vbscript livescript mocha data blob filesystem view-source file about".split())

# For the trusted: the rest of HTML. What a text uses beyond that (SVG, custom elements) is added as it is met.
_FURTHER = (
    "button canvas datalist embed fieldset form input label legend main map area menu meter nav noscript object optgroup option output"
    " progress script search select slot style svg path template textarea"
)
_TRUSTED = (_RESTRICTED | set(_FURTHER.split())) - _OUTDATED
_TRUSTED_ATTRIBUTES = set().union(*_ATTRIBUTES.values()) | {"class", "style", "align", "role", "target", "rel", "type", "value", "hidden"}

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_OPENING_TAG = re.compile(r"<([a-zA-Z][^\s/<>]*+)([^<>]*+)")
_ATTRIBUTE_NAME = re.compile(r"""([a-zA-Z_:@][^\s=<>"'/]*)""")
_HANDLER = re.compile(r"""(?:\A|[\s"'/])(on[a-zA-Z]+|style)\s*=""", re.IGNORECASE)
_SCHEME = re.compile(
    r"""<[a-zA-Z][^<>]*?\b(?:href|src|action|poster|data|srcset|cite)\s*=\s*["']?\s*([a-zA-Z][a-zA-Z0-9+.-]*):""", re.IGNORECASE
)


class Removed(NamedTuple):
    """What the sanitiser took out of a text: names of tags, of attributes, of schemes of addresses."""

    tags: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.attributes or self.schemes)


def sanitise(html: str, trust: Trust, has_raw: bool) -> str:
    """The HTML with what is allowed, every element closed and nested as the HTML standard has it.

    `has_raw`: the source held tags, so that the HTML may hold more than an engine writes by itself.
    """
    return (_cleaner_for(html) if trust == "trusted" and has_raw else _trusted_cleaner() if trust == "trusted" else _restricted_cleaner()).clean(html)


def removed_from(html: str, trust: Trust) -> Removed:
    """What `sanitise` takes out of the HTML, in the order in which it stands there."""
    schemes = tuple(dict.fromkeys(map(str.lower, _SCHEME.findall(html))))
    if trust == "trusted":
        tags = dict.fromkeys(name.lower() for name, _ in _OPENING_TAG.findall(_COMMENT.sub("", html)))
        return Removed(tuple(t for t in tags if t in _NEVER), (), tuple(s for s in schemes if s in _SCRIPT_SCHEMES))
    found = _OPENING_TAG.findall(_COMMENT.sub("", html))
    handlers = (handler.lower() for _, rest in found if "=" in rest for handler in _HANDLER.findall(rest))
    return Removed(
        tuple(t for t in dict.fromkeys(name.lower() for name, _ in found) if t not in _RESTRICTED and t not in _OUTDATED),
        tuple(dict.fromkeys(handlers)),
        tuple(s for s in schemes if s not in _SCHEMES),
    )


@lru_cache(maxsize=1)
def _restricted_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_RESTRICTED),
        clean_content_tags={"script", "style", "template", "noframes", "noembed", "xmp", "select", "svg", "math", "textarea"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        tag_attribute_values={tag: {"align": set(_ALIGN)} for tag in _ALIGNED},
        set_tag_attribute_values={"audio": {"controls": ""}, "video": {"controls": ""}},
        allowed_classes={tag: _CLASSES | _OWN_CLASSES.get(tag, set()) for tag in _RESTRICTED - {"code"}},
        url_schemes=set(_SCHEMES),
        strip_comments=False,  # <!-- more --> has to arrive
        link_rel=None,
    )


def _cleaner_for(html: str) -> nh3.Cleaner:
    """A cleaner for a trusted text: it also knows the elements, attributes and schemes that occur there."""
    found = _OPENING_TAG.findall(_COMMENT.sub("", html))
    tags = {name.lower() for name, _ in found} - _TRUSTED - _NEVER - _OUTDATED
    attributes = {name.lower() for _, rest in found if rest for name in _ATTRIBUTE_NAME.findall(rest)} - _TRUSTED_ATTRIBUTES
    schemes = set(map(str.lower, _SCHEME.findall(html))) - _SCHEMES - _SCRIPT_SCHEMES
    return _trusted_cleaner(frozenset(tags), frozenset(attributes), frozenset(schemes))


@lru_cache(maxsize=64)
def _trusted_cleaner(
    tags: frozenset[str] = frozenset(), attributes: frozenset[str] = frozenset(), schemes: frozenset[str] = frozenset()
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TRUSTED | tags),
        clean_content_tags=set(),
        attributes={"*": _TRUSTED_ATTRIBUTES | attributes},
        url_schemes=_SCHEMES | schemes,
        strip_comments=False,
        link_rel=None,
    )


# --- bounds --------------------------------------------------------------------------------------------------------

MAX_DEPTH = 250
MAX_TAGS = 200_000
_MAX_COPIES = 300_000  # elements that unclosed formatting may be repeated into
_LONG_TAG = 20_000
_OVERLOADED = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG_TAG},}}")
_SEPARATOR = re.compile(r"""["']?data:[^\s"'<>]*|[\s/"']""")
_MAX_ATTRIBUTES = 4_000  # each is compared with each
# A tag begins; whether it is ever closed with `>` does not matter, and looking for that would take quadratic time.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)")
_SHAPE = re.compile(r"<(?:circle|ellipse|image|line|path|polygon|polyline|rect|stop|use)\b[^<>]*+>", re.IGNORECASE)
_UNCOUNTED = frozenset("area br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr track wbr".split())
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())


def is_boundless(html: str) -> bool:
    """Whether the HTML has so many tags, nests so deeply or leaves so much open that repairing it would take long.

    Repairing is quadratic in the depth (HTML standard, 13.2.6: the stack of open elements is searched again and again), and
    formatting that is never closed is opened again in every later paragraph.
    """
    if len(html) > _LONG_TAG and any(len(_SEPARATOR.findall(tag)) > _MAX_ATTRIBUTES for tag in _OVERLOADED.findall(html)):
        return True
    tags = html.count("<")
    if tags <= MAX_DEPTH:
        return False
    if tags > MAX_TAGS:
        return True
    if "<svg" in html:
        html = _SHAPE.sub(lambda shape: "" if shape[0].endswith("/>") else shape[0], html)
    open_tags: dict[str, int] = {}
    depth = formatting = most = count = 0
    for close, name in _TAG.findall(html):
        count += 1
        name = name.lower()
        if name in _UNCOUNTED:
            continue
        if not close:
            open_tags[name] = open_tags.get(name, 0) + 1
            depth += 1
            formatting += name in _FORMATTING
            most = max(most, formatting)
            if depth > MAX_DEPTH:
                return True
        elif open_tags.get(name, 0):
            open_tags[name] -= 1
            depth -= 1
            formatting -= name in _FORMATTING
    return most * count > _MAX_COPIES
