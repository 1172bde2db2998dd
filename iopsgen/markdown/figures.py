"""Pictures that stand alone in their paragraphs: one with a title becomes a figure with a caption, several become a gallery."""

import re

from iopsgen.pictures.tags import ITEM

# In sanitised HTML every attribute stands in double quotes, and a value holds no `<` and no `>`.
_IMAGE = r"<img [^>]*+>"
_PLAIN = r"<img (?![^>]* (?:class|width|height)=)[^>]*+>"  # whoever writes these by hand has an arrangement in mind


def _item(image: str) -> str:
    return rf"(?:<a [^>]*+>\s*+{image}\s*+</a>|{image})"


_PARAGRAPH = rf"<p>\s*+(?:{_item(_PLAIN)}(?:\s|<br>)*+)++</p>"
_RUN = re.compile(rf"{_PARAGRAPH}(?:\s*+{_PARAGRAPH})*+|<p>\s*+{_item(_IMAGE)}\s*+</p>")
_PICTURE = re.compile(rf"(?:<a [^>]*+>\s*+)?+({_IMAGE})(?:\s*+</a>)?+")
_TITLE = re.compile(r' title="([^"]*)"')
_CLASS = re.compile(r' class="[^"]*"')
_CAPTION = re.compile(r"<figcaption>.*?</figcaption>", re.DOTALL)


def with_figures(html: str, credit: str) -> str:
    """The sanitised HTML with figures and galleries; `credit` is how one says whose picture it is, with `{}` for the name.

    A title is the caption; what follows its last `|` names who made the picture.
    """
    if "<img " not in html:
        return html

    def run(match: re.Match[str]) -> str:
        pictures = list(_PICTURE.finditer(match[0]))
        if len(pictures) == 1:
            return _figure(pictures[0], credit) if _TITLE.search(pictures[0][1]) else match[0]
        return f'<div class="gallery">{"".join(_figure(picture, credit, ITEM) for picture in pictures)}</div>'

    return _RUN.sub(run, html)


def without_captions(html: str) -> str:
    """The HTML without the captions of its figures: they are no part of what a text says first."""
    return _CAPTION.sub("", html) if "<figcaption>" in html else html


def _figure(picture: re.Match[str], credit: str, opening: str = "") -> str:
    """A figure of a picture, in the link that it stands in; how it is placed is said of the figure."""
    image = picture[1]
    title, placed = _TITLE.search(image), _CLASS.search(image)
    for found in (title, placed):
        image = image.replace(found[0], "", 1) if found else image
    return f"{opening or f'<figure{placed[0] if placed else str()}>'}{picture[0].replace(picture[1], image, 1)}{_caption(title[1], credit) if title else ''}</figure>"


def _caption(title: str, credit: str) -> str:
    words, bar, name = title.rpartition("|")
    words, name = (words.strip(), name.strip()) if bar else (title.strip(), "")
    said = " · ".join(filter(None, (words, name and f"<small>{credit.replace('{}', name)}</small>")))
    return f"<figcaption>{said}</figcaption>" if said else ""
