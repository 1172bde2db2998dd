"""Footnotes: collected while a text is walked through, numbered in the order of the text, listed at its end."""

import re
from html import escape

from iopsgen.markdown.phrases import Phrases


class Note:
    """A footnote: its text, and where the text refers to it."""

    __slots__ = ("defined", "html", "references")

    def __init__(self) -> None:
        self.defined = False
        self.html: list[str] = []
        self.references: list[tuple[list[str], int]] = []  # where a reference waits for its number


class Notes:
    """The footnotes of a text by label. `main` is the text outside of them, as pieces of HTML."""

    def __init__(self, main: list[str], phrases: Phrases) -> None:
        self._main = main
        self._phrases = phrases
        self._notes: dict[str, Note] = {}

    def __bool__(self) -> bool:
        return bool(self._notes)

    def refer(self, label: str, out: list[str]) -> None:
        """The text refers to a note; its number is written when the whole text has been read."""
        self._notes.setdefault(label, Note()).references.append((out, len(out)))
        out.append("")

    def define(self, label: str) -> list[str]:
        """Where the text of a note is to be written."""
        note = self._notes.setdefault(label, Note())
        note.defined = True
        return note.html

    def texts(self) -> list[str]:
        """The text of each note that is shown."""
        return ["".join(note.html) for note in self._notes.values() if note.references]

    def unused(self) -> tuple[str, ...]:
        """The labels of notes to which nothing refers."""
        return tuple(label for label, note in self._notes.items() if note.defined and not note.references)

    def number(self) -> str:
        """Writes the numbers of the notes wherever the text refers to one; gives the list of notes."""
        order = self._order()
        names = _names(order)
        ways_back = [self._number(number, names[label], self._notes[label]) for number, label in enumerate(order, 1)]
        kept = [_item(names[label], self._notes[label], back) for label, back in zip(order, ways_back, strict=True) if back]
        if not kept:
            return ""
        label = escape(self._phrases.footnotes)
        return f'\n<section class="footnotes" role="doc-endnotes" aria-label="{label}">\n<ol>\n{"".join(kept)}</ol>\n</section>'

    def _order(self) -> list[str]:
        """The labels in the order in which the text, and then the notes, refer to them."""
        in_main: list[tuple[int, str]] = []
        inside: dict[int, list[tuple[int, str]]] = {}
        for label, note in self._notes.items():
            for place, index in note.references:
                (in_main if place is self._main else inside.setdefault(id(place), [])).append((index, label))
        order = list(dict.fromkeys(label for _, label in sorted(in_main)))
        listed = set(order)
        for label in order:  # grows while it is walked: notes may refer to notes
            for _, other in sorted(inside.get(id(self._notes[label].html), [])):
                if other not in listed:
                    listed.add(other)
                    order.append(other)
        return order

    def _number(self, number: int, name: str, note: Note) -> str:
        """Writes the number wherever the text refers to a note; gives the links back to these places."""
        back: list[str] = []
        for count, (place, index) in enumerate(note.references, 1):
            anchor = f"fnref:{name}" if count == 1 else f"fnref:{name}:{count}"
            if not note.defined:
                place[index] = f"<sup>{number}</sup>"
                continue
            place[index] = f'<sup class="footnote-ref" id="{anchor}"><a href="#fn:{name}" role="doc-noteref">{number}</a></sup>'
            label = escape(self._phrases.back) + (f" ({count})" if count > 1 else "")
            back.append(f'<a class="footnote-backref" href="#{anchor}" role="doc-backlink" aria-label="{label}">↩\ufe0e</a>')
        return " ".join(back)


def _item(name: str, note: Note, back: str) -> str:
    """A note as an item of the list of notes."""
    text = "".join(note.html).strip()
    text = f"{text[:-4]} {back}</p>" if text.endswith("</p>") else f"{text} {back}"
    return f'<li id="fn:{name}">{text}</li>\n'


def _names(labels: list[str]) -> dict[str, str]:
    """For each label the part of an id that names it: itself where an id can hold it."""
    known = set(labels)
    names: dict[str, str] = {}
    for number, label in enumerate(labels, 1):
        name = re.sub(r"[^\w-]", "", label)[:50] or str(number)
        names[label] = name if name == label or name not in known else f"{name}:{number}"
    return names
