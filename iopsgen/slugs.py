"""Addresses that work on every host: slugs from titles, and the checks that keep a path inside the site."""

import unicodedata

_SPECIAL = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "þ": "th",
        "ð": "d",
        "ı": "i",
        "&": " and ",
        "’": "",
        "'": "",
    }
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))})
_FORBIDDEN = frozenset('<>:"|?*\\')
MAX_SEGMENT = 150  # bytes; the usual limit of file systems is 255, and encrypting ones leave about 143 characters


def slugify(text: str, language: str = "") -> str:
    """An address part from a title: lower case, words joined by `-`; letters of every script stay, accents go.

    German umlauts become ae, oe, ue where `language` is German. Gives "" where nothing is left. A name that Windows reserves gets a number.
    """
    if text.isascii():
        plain = text.lower().translate(_SPECIAL)
    else:
        text = text.translate(_GERMAN) if language[:2] == "de" else text
        plain = _without_accents(unicodedata.normalize("NFC", text).translate(_SPECIAL))
        plain = unicodedata.normalize("NFC", plain.lower()).translate(_SPECIAL)  # not casefold: a Greek word keeps the sigma of its end
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in plain).split()
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer.encode("utf-8", "replace")) > 100:
            break
        slug = longer
    slug = slug or (words[0].encode("utf-8", "ignore")[:100].decode("utf-8", "ignore") if words else "")
    return f"{slug}-1" if slug in _RESERVED else slug


def _without_accents(text: str) -> str:
    """The text without the accents of its Latin letters; those of other scripts make other letters and stay."""
    kept: list[str] = []
    latin = False
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.category(character) != "Mn":
            latin = "LATIN" in unicodedata.name(character, "")
        elif latin:
            continue
        kept.append(character)
    return "".join(kept)


def fold(path: str) -> str:
    """The form in which two addresses clash on some host: NFC and case-folded."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def fault_of_segment(segment: str) -> str:
    """Why one part of a path cannot be used on every system ("" if it can)."""
    if segment.isascii() and segment.replace("-", "").replace("_", "").isalnum() and len(segment) < 100 and segment.lower() not in _RESERVED:
        return ""
    if segment in ("", ".", ".."):
        return f'"{segment}" is not a name'
    if any(c in _FORBIDDEN or unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") for c in segment):
        return "it holds a character that some systems do not allow in names"
    if segment[-1] in ". " or segment[0] == " ":
        return "it starts or ends with a space or a dot"
    if segment.split(".")[0].lower() in _RESERVED:
        return f'"{segment}" is reserved on Windows'
    if len(segment.encode("utf-8", "replace")) > MAX_SEGMENT:
        return f"it is longer than {MAX_SEGMENT} bytes"
    return ""


def fault_of_route(route: str) -> str:
    """Why an address of the site (`/posts/welcome/`, `/old.html`) cannot be used ("" if it can)."""
    if not route.startswith("/"):
        return "it does not start with /"
    if route == "/":
        return ""
    segments = route[1:].removesuffix("/").split("/")
    if len(route.encode("utf-8", "replace")) > 900:
        return "it is longer than 900 bytes"
    return next((fault for fault in map(fault_of_segment, segments) if fault), "")


def file_of(route: str) -> str:
    """The file that answers an address: `/posts/x/` is `posts/x/index.html`."""
    return route[1:] + "index.html" if route.endswith("/") else route[1:]
