"""Addresses in rendered text: bare ones become links as on GitHub, and those of the site are told from absolute ones."""

import re
from collections.abc import Callable

# Text is HTML text here: `<`, `>` and no-break spaces stand as references, and end an address. So does CJK punctuation.
_STOP = r"(?!&(?:lt|gt|nbsp);)[^\s<\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
_BARE = re.compile(
    rf"(?<![A-Za-z0-9])(?P<web>(?:https?://|www\.)(?=[^\W_]|\[)(?:{_STOP})+)"
    r"|(?<![\w@/.+:-])(?P<mail>[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?![\w@/-])"
)
_TAIL = frozenset("?!.,:*_~'\"")
_ENTITY_END = re.compile(r"&[A-Za-z0-9]{1,31};\Z")

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_ENCODED = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")


def may_hold_address(text: str) -> bool:
    """Whether it is worth looking for bare addresses in a text."""
    return "://" in text or "www." in text or "@" in text


def link_bare(text: str, rel: str, dress: Callable[[str], str], mail: bool = True) -> str:
    """The HTML text with bare web and mail addresses as links (GFM, "autolinks"); `dress` gets every other piece.

    `rel` is written into the links as it stands (` rel="nofollow"`); without `mail`, mail addresses stay text.
    """
    out: list[str] = []
    end = 0
    for match in _BARE.finditer(text):
        start = match.start()
        if start < end or (match["mail"] and not mail):
            continue
        address = match["mail"] or _trimmed(match["web"])
        if len(address) < 6 or address.endswith(("//", "www.")):
            continue
        href = "mailto:" + address if match["mail"] else address if address[0] == "h" else "http://" + address
        out.append(dress(text[end:start]))
        out.append(f'<a href="{href.replace(chr(34), "&quot;")}"{rel}>{address}</a>')
        end = start + len(address)
    if not end:
        return dress(text)
    out.append(dress(text[end:]))
    return "".join(out)


def _trimmed(address: str) -> str:
    """An address without the punctuation that belongs to the sentence around it."""
    spare = address.count(")") - address.count("(")
    end = len(address)
    while end:
        last = address[end - 1]
        if last in _TAIL:
            end -= 1
        elif last == ")" and spare > 0:
            end -= 1
            spare -= 1
        elif last == ";" and (entity := _ENTITY_END.search(address, max(0, end - 33), end)):
            end = entity.start()
        else:
            break
    return address[:end]


def is_absolute(url: str) -> bool:
    """Whether an address needs no page to start from: it has a scheme, or starts with `//`."""
    return _ABSOLUTE.match(url) is not None


def as_written(url: str) -> str:
    """The address with other alphabets as letters and spaces as `%20`, whichever way an engine encoded it."""
    if "%" in url:
        url = _ENCODED.sub(_decoded, url)
    return url.replace(" ", "%20") if " " in url else url


def _decoded(match: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
    return text if text.isprintable() else match[0]
