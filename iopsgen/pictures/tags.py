"""The pictures of a text as a page shows them: `<img>` with the smaller versions, and in a gallery a link to the larger one."""

import re
from html import escape

from iopsgen.views import Picture

# What fits a column of text in most themes: up to 42 characters' widths, on a phone the whole screen.
SIZES = "(min-width: 44em) 42em, 100vw"
IN_GALLERY = "(min-width: 44em) 21em, 50vw"
ITEM = '<figure class="gallery-item">'

_IMAGE = re.compile(rf'({ITEM}(?:<a [^<>]*+>)?+)?+<img\b((?:(?! src=)[^<>])*+) src="\x02([0-9]{{1,9}})\x03"([^<>]*+)>')
_WIDTH = re.compile(r' width="([0-9]{1,5})"')
_ALT = re.compile(r' alt="[^"]')


def dress(html: str, pictures: tuple[Picture | None, ...], sizes: str = "") -> str:
    """The HTML of a stored text with what is known of its pictures; `pictures` are those that its markers `\\x02N\\x03` mean.

    What its author wrote by hand (`srcset`, a width) stays.
    """
    if not pictures:
        return html

    def image(match: re.Match[str]) -> str:
        opening, before, number, after = match.groups()
        picture = pictures[int(number)] if int(number) < len(pictures) else None
        if picture is None or " srcset=" in before or " srcset=" in after:
            return match[0]
        return (opening or "") + _image(picture, before + after, sizes, opening == ITEM, bool(opening))

    return _IMAGE.sub(image, html)


def _image(picture: Picture, attributes: str, sizes: str, linked: bool, in_gallery: bool) -> str:
    """An `<img>` of a text; `linked` puts it into a link to itself if it says what it shows."""
    width = _WIDTH.search(attributes)
    if width:
        wanted = f"min({width[1]}px, 100vw)"
    else:
        wanted = IN_GALLERY if in_gallery else sizes or SIZES
    size = f' width="{picture.width}" height="{picture.height}"' if picture.width and " width=" not in attributes and " height=" not in attributes else ""
    versions = f' srcset="{escape(picture.srcset)}" sizes="{escape(wanted)}"' if picture.srcset else ""
    html = f'<img{attributes} src="{escape(picture.url)}"{versions}{size}>'
    if picture.sources:
        sources = "".join(f'<source type="{s.type}" srcset="{escape(s.srcset)}" sizes="{escape(wanted)}">' for s in picture.sources)
        html = f"<picture>{sources}{html}</picture>"
    return f'<a href="{escape(picture.url)}">{html}</a>' if linked and _ALT.search(attributes) else html
