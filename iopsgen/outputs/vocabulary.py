"""Which words each text is found by: found once, kept in the store by digest, and compared without being looked at."""

import re
from collections.abc import Callable
from hashlib import blake2b

import msgspec

from iopsgen.plain import without_markup
from iopsgen.searchwords import CELLS, cell_of, words_of
from iopsgen.store import Store
from iopsgen.views import View

HtmlOf = Callable[[str], str]
TITLE, NAME, HEADING, SUMMARY, BODY = 8, 4, 3, 2, 1  # what a word weighs by where it stands

_CELLS, _WORDS = "search cells ", "search words "  # beginnings of keys in the store
_MARK = 8  # bytes of the digest of a cell
_EMPTY = bytes(_MARK)
_APART = re.compile("</(?:td|th|dt|dd|figcaption|summary)>")  # words before and after these are words apart
_encode = msgspec.json.Encoder().encode
_blobs = msgspec.msgpack.Decoder(list[bytes])
_weights = msgspec.msgpack.Decoder(dict[str, int])


class Found(View, frozen=True, kw_only=True):
    """What the search says of one text, and what it looks for in it."""

    title: str
    url: str
    at: str = ""  # day, or day and time on the clock of the place
    place: str = ""
    chapter: str = ""
    summary: str = ""
    language: str = ""  # where it is not that of the edition
    status: str = ""
    names: tuple[str, ...] = ()  # categories, tags, people, further chapters
    within: tuple[str, ...] = ()  # ids of its chapters, and of those above them
    headings: tuple[str, ...] = ()
    body: str = ""  # digest of the text, where that is searched


class Vocabulary:
    """Gives for each text its key, a digest for each cell of its words, and the words themselves. What it finds, it keeps."""

    def __init__(self, store: Store, html_of: HtmlOf, program: str) -> None:
        self._store, self._html_of, self._program = store, html_of, program.encode()
        self._cells: dict[str, bytes] | None = None
        self._words: dict[str, list[bytes]] | None = None
        self._new: dict[str, list[bytes]] = {}
        self._used: set[str] = set()

    def key_of(self, text: Found) -> str:
        """The name of a text with its words: 128 bits, in hexadecimal."""
        return blake2b(_encode(text), digest_size=16, key=self._program[:64]).hexdigest()

    def cells_of(self, key: str, text: Found) -> bytes:
        """A digest of 64 bits for each cell of the words of a text."""
        if self._cells is None:
            self._cells = self._store.facts(_CELLS)
        found = self._cells.get(key)
        self._used.add(key)
        if found is None or len(found) != _MARK * CELLS:
            self._new[key] = blobs = find_words(text, self._html_of)
            found = self._cells[key] = b"".join(blake2b(blob, digest_size=_MARK).digest() if blob else _EMPTY for blob in blobs)
        return found

    def words_in(self, cell: int, key: str, text: Found, html_of: HtmlOf) -> dict[str, int]:
        """The words of a text that belong to a cell, with their weights. `html_of` is asked where the store does not know them any more."""
        if self._words is None:
            self._words = {held: blobs for held, data in self._store.facts(_WORDS).items() if (blobs := _read_blobs(data)) is not None}
            self._words |= self._new
        blobs = self._words.get(key)
        if blobs is None:
            blobs = self._words[key] = find_words(text, html_of)
        return _weights.decode(blobs[cell]) if blobs[cell] else {}

    def keep(self) -> None:
        """Writes down what was found, and forgets what no text of the site needs any more."""
        gone = [key for key in self._cells or () if key not in self._used]
        if not self._new and not gone:
            return
        assert self._cells is not None
        facts = {_WORDS + key: msgspec.msgpack.encode(blobs) for key, blobs in self._new.items()}
        facts |= {_CELLS + key: self._cells[key] for key in self._new}
        self._store.keep_facts(facts, [beginning + key for key in gone for beginning in (_CELLS, _WORDS)])


def _read_blobs(data: bytes) -> list[bytes] | None:
    try:
        blobs = _blobs.decode(data)
    except msgspec.MsgspecError:
        return None
    return blobs if len(blobs) == CELLS else None


def find_words(text: Found, html_of: HtmlOf) -> list[bytes]:
    """The words of a text with their weights, encoded for each cell; the heaviest place counts."""
    weights: dict[str, int] = {}
    if text.body:
        weights = dict.fromkeys(words_of(without_markup(_APART.sub("\n", html_of(text.body)))), BODY)
    for weight, parts in ((SUMMARY, (text.summary,)), (HEADING, text.headings), (NAME, (text.place, text.chapter, *text.names)), (TITLE, (text.title,))):
        weights.update((word, weight) for part in parts for word in words_of(part))
    weights.update(("@" + name, 1) for name in text.within)
    cells: list[dict[str, int]] = [{} for _ in range(CELLS)]
    for word in sorted(weights):
        cells[cell_of(word)][word] = weights[word]
    return [msgspec.msgpack.encode(cell) if cell else b"" for cell in cells]
