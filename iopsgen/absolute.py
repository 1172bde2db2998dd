"""HTML that stands on its own, away from its page: every address in it absolute."""

import re
from html import escape, unescape
from urllib.parse import urljoin

_MARKER = re.compile("\x02([0-9]{1,9})\x03")

# An attribute as the HTML standard cuts a tag (13.2.5.32 and after): a name, perhaps a value in either quotes or in none.
_ATTRIBUTE = re.compile(
    r"""(?P<key>[^\s/>=][^\s/>=]*+)(?:(?P<equals>\s*+=\s*+)(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s"'>][^\s>]*+)))?+"""
)
_ATTRIBUTES = r"(?:[\s/]++|ATTRIBUTE|=)*+".replace("ATTRIBUTE", re.sub(r"\?P<\w+>", "?:", _ATTRIBUTE.pattern))
# A comment, an element whose text is not markup, or another tag. What is never closed runs to the end, so that no
# character is looked at again and again whatever the text.
_PIECE = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|(?P<head><(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])"
    + _ATTRIBUTES
    + r">?)(?P<inside>.*?(?:</(?P=raw)\b|\Z))"
    r"|<(?P<name>[a-zA-Z][^\s/>]*+)(?P<rest>[\s/]" + _ATTRIBUTES + ")",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESSES = frozenset(
    ("src", "href", "srcset", "imagesrcset", "poster", "cite", "action", "formaction", "data", "background", "longdesc", "xlink:href")
)
# Something that may be an address that is not complete: where there is none, nothing is left to do.
_OPEN = re.compile(
    r"""=(?<=src=|set=|ref=|ter=|ite=|ion=|ata=|und=|esc=|..\s=)\s*+["']?+(?!https?://|mailto:|tel:)""",
    re.IGNORECASE | re.DOTALL,
)
_COMPLETE = re.compile(r"\s*(?:https?://|mailto:|data:|tel:|urn:)", re.IGNORECASE)
_EDGES = "".join(map(chr, range(33)))


def fill(html: str, urls: tuple[str, ...]) -> str:
    """The HTML with each marker `\\x02N\\x03` replaced by the N-th address, escaped for an attribute."""

    def address(match: re.Match[str]) -> str:
        index = int(match[1])
        return escape(urls[index], quote=True) if index < len(urls) else ""

    return _MARKER.sub(address, html) if "\x02" in html else html


def make_absolute(html: str, base: str) -> str:
    """The HTML with every address in `src`, `href`, `srcset` and their like resolved against `base`, which is absolute.

    Fragments alone (`#note`) become addresses of the page. Comments, scripts and styles are left as they are, and so is an
    address that nobody can read (`http://[`).
    """

    def attribute(match: re.Match[str]) -> str:
        key = match["key"].lower()
        if key not in _ADDRESSES or match["equals"] is None:
            return match[0]
        written = next(value for value in match.group("double", "single", "bare") if value is not None)
        if key.endswith("srcset"):
            changed: str | None = resolve_srcset(unescape(written), base)
        elif _COMPLETE.match(written):
            return match[0]
        else:
            changed = resolve_address(unescape(written), base)
        return match[0] if changed is None else f'{match["key"]}="{escape(changed, quote=True)}"'

    def piece(match: re.Match[str]) -> str:
        if match["name"]:
            return f"<{match['name']}{_ATTRIBUTE.sub(attribute, match['rest'])}"
        if match["raw"]:
            start = len(match["raw"]) + 1
            return f"<{match['raw']}{_ATTRIBUTE.sub(attribute, match['head'][start:])}{match['inside']}"
        return match[0]

    return _PIECE.sub(piece, html) if _OPEN.search(html) else html


def resolve_address(address: str, base: str) -> str | None:
    """The address made absolute, or None where it cannot be read."""
    try:
        return urljoin(base, address.strip(_EDGES).translate({9: None, 10: None, 13: None}))
    except ValueError:
        return None


def resolve_srcset(text: str, base: str) -> str:
    """A `srcset` with every candidate made absolute (HTML standard, 4.8.4.2.1: parsing a srcset attribute)."""
    candidates: list[str] = []
    at, end = 0, len(text)
    while at < end:
        while at < end and (text[at].isspace() or text[at] == ","):
            at += 1
        start = at
        while at < end and not text[at].isspace():
            at += 1
        word = text[start:at]
        address = word.rstrip(",")
        if not address:
            continue
        size = ""
        if address == word:  # no comma yet: what follows up to one outside brackets describes this candidate
            start, depth = at, 0
            while at < end and (text[at] != "," or depth):
                depth += (text[at] == "(") - (text[at] == ")" and depth > 0)
                at += 1
            size = " ".join(text[start:at].split())
        candidates.append(" ".join(filter(None, (resolve_address(address, base) or address, size))))
    return ", ".join(candidates)
