"""Text, addresses and moments made fit for the places where only machines read them: XML, JSON, header files."""

import re
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import quote, urlsplit, urlunsplit

# What XML 1.0 (section 2.2) forbids or discourages, lone surrogates included; newlines and tabs stay.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?")
# Not \s: a no-break space is part of how people write, in French before every colon.
_GAPS = re.compile("[\t\n\x0b\x0c\r\x1c-\x1f \x85\u2028\u2029]+")
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template)\b.*?(?:</\1\s*>|\Z)"
    r"|</?(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>?",
    re.DOTALL | re.IGNORECASE,
)
_BREAKS = frozenset(
    ("br", "p", "li", "ul", "ol", "blockquote", "pre", "div", "tr", "table", "section", "figure", "h1", "h2", "h3", "h4", "h5", "h6")
)
_URI_SAFE = "!#$%&'()*+,/:;=?@[]~"
_URI = re.compile(r"[A-Za-z0-9!#$%&'()*+,/:;=?@\[\]~._-]*")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def printable(text: str) -> str:
    """The text without characters that XML forbids, every kind of line end a single `\\n`."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub("", _NEWLINES.sub("\n", text) if "\r" in text else text)


def one_line(text: str) -> str:
    """The text on one line: no control characters, every run of spaces and line ends (U+2028 too) one space."""
    if text.isprintable() and "  " not in text and text == text.strip(" "):
        return text
    return _UNPRINTABLE.sub("", _GAPS.sub(" ", text)).strip(" ")


def without_markup(html: str) -> str:
    """The words of an HTML text: tags, comments, scripts and styles gone, character references read, lines kept apart."""
    words = unescape(_MARKUP.sub(lambda tag: "\n" if (tag["name"] or "").lower() in _BREAKS else "", html))
    lines = (re.sub("[ \t]+", " ", line).strip() for line in printable(words).split("\n"))
    return "\n".join(line for line in lines if line)


def uri(address: str) -> str:
    """The address as a URI (RFC 3986): no spaces, quotes or line ends, other alphabets percent-encoded, hosts in ASCII."""
    if _URI.fullmatch(address) and not ("%" in address and _STRAY_PERCENT.search(address)):
        return address
    text = _STRAY_PERCENT.sub("%25", _GAPS.sub(" ", printable(address)).strip().replace("\n", ""))
    if not text.isascii():
        text = _ascii_host(text)
    return quote(text, safe=_URI_SAFE)


def _ascii_host(address: str) -> str:
    """The address with its host in the ASCII form of IDNA; unchanged where there is no such form."""
    try:
        parts = urlsplit(address)
        if parts.netloc.isascii() or "@" in parts.netloc:
            return address
        return urlunsplit(parts._replace(netloc=parts.netloc.encode("idna").decode("ascii")))
    except (ValueError, UnicodeError):
        return address


def has_scheme(address: str) -> bool:
    """Whether the address begins with a scheme (`https:`, `tag:`, `urn:`)."""
    return _SCHEME.match(address) is not None


def whole_minutes(moment: datetime) -> datetime:
    """The same moment with an offset of whole minutes, as mail, feeds and calendars require.

    Local mean times of the 19th century have offsets with seconds; such a moment is given in UTC.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"a moment without a zone: {moment.isoformat()}")
    return moment if offset.seconds % 60 == 0 and not offset.microseconds else moment.astimezone(UTC)


def timestamp(moment: datetime) -> str:
    """The moment as RFC 3339 writes it, to the second: `2012-10-28T11:00:00+00:00`."""
    return whole_minutes(moment).isoformat(timespec="seconds")


def day_or_timestamp(value: datetime | date) -> str:
    """A moment as RFC 3339, a day as `2012-10-28`."""
    return timestamp(value) if isinstance(value, datetime) else value.isoformat()
