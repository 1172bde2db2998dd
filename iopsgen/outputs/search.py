"""The search of an edition: its page, what it says of each text, and the words by which texts are found, in files small enough to fetch.

Nothing is asked of a server but these files, all below `/search/`, all JSON:

- `index.json`: `version`, `buckets` (number of files of words), `chunk` (texts in a file of texts), `counts` (texts of each kind),
  `days` (of each event the last day of its next date, in days since 1970; null while it is not known); and for folding words the characters
  that are left out (`signs`), that are written otherwise (`letters`), of scripts without spaces (`unspaced`) and with vowel signs (`joined`).
- `events-0.json`, `posts-0.json` …: lists of texts, `chunk` in each file, as `[title, url, when, place, chapter, summary, language, status]`.
  Their order hardly ever changes: events by first start, posts from the oldest, so that a new text leaves the others their numbers.
- `words-0.json` …: word → where it stands. A word lies in the file `cell_of(word) % buckets`. Each number is the difference to the one
  before, and the sums are `((number of the text in its kind) * 4 + kind) * 16 + weight`, kind being 0 event, 1 post, 2 chapter, 3 page. `@` and
  the id of a chapter stands for what belongs to it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from iopsgen.model import Chapter, Event, Page, Post
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.frame import make_head
from iopsgen.outputs.vocabulary import Found, HtmlOf, Vocabulary
from iopsgen.plan import Output
from iopsgen.searchwords import CELLS, JOINED, LETTERS, SIGNS, UNSPACED
from iopsgen.views import EventCard, Ref, SearchView, Shared, View, When

KINDS = ("events", "posts", "chapters", "pages")
CHUNK = 200  # texts in a file
_EPOCH = date(1970, 1, 1).toordinal()


class Held(Shared[Any]):
    """What an output is made from, compared by a digest that is known without encoding it."""

    __slots__ = ()

    def __init__(self, view: Any, digest: str) -> None:
        self.view, self.digest = view, digest


class Texts(View, frozen=True, kw_only=True):
    """What a file of texts is made from."""

    rows: tuple[tuple[str, ...], ...]


class Words(View, frozen=True, kw_only=True):
    """What a file of words is made from: `words` holds the numbered texts, and its digest only what this bucket shows of them."""

    bucket: int
    buckets: int
    words: Shared[Any]  # a Numbered


class Index(View, frozen=True, kw_only=True):
    """What `index.json` is made from."""

    version: int = 1
    buckets: int
    chunk: int = CHUNK
    counts: tuple[int, ...]
    days: tuple[int | None, ...]


class Numbered(msgspec.Struct, frozen=True):
    """The texts of an edition with their numbers and keys, in ascending order, and the vocabulary that knows their words."""

    texts: tuple[tuple[int, str, Found], ...]
    vocabulary: Vocabulary


def search(edition: Edition, vocabulary: Vocabulary) -> Iterator[Output]:
    """`/search/` and the files of its index."""
    settings = edition.settings.search
    if not settings.enabled:
        return
    yield from _search_page(edition)
    kinds = _texts(edition)
    full = sum(map(len, kinds)) <= settings.full_text_limit
    found = [[_found(edition, item, full) for item in items] for items in kinds]
    keys = [[vocabulary.key_of(text) for text in texts] for texts in found]
    for kind, texts in zip(KINDS, found, strict=True):
        yield from _files_of_texts(edition, kind, texts)
    yield from _files_of_words(edition, found, keys, vocabulary)


def _texts(edition: Edition) -> tuple[tuple[Event, ...], tuple[Post, ...], tuple[Chapter, ...], tuple[Page, ...]]:
    """What can be found here, by kind: what the lists of the edition show, without what is not meant to be found or is somebody else's."""
    return (
        tuple(e for e in edition.own_events if not e.fields.noindex),
        tuple(p for p in reversed(edition.posts) if not p.fields.noindex),
        tuple(sorted((c for c in edition.chapters.values() if not c.fields.noindex), key=lambda c: c.id)),
        tuple(p for p in edition.best(edition.site.pages) if not p.fields.noindex),
    )


# --- what is said of a text --------------------------------------------------------------------------------------------


def _found(edition: Edition, item: Event | Post | Chapter | Page, full: bool) -> Found:
    text = item.fields.text
    if isinstance(item, Event):
        facts = _of_event(edition, item)
    elif isinstance(item, Post):
        facts = _of_post(edition, item)
    elif isinstance(item, Chapter):
        facts = {"place": item.fields.place, "within": _above(edition, (item.id,))}
    else:
        facts = {"within": _above(edition, (item.chapter,)), "chapter": edition.chapters[item.chapter].title if item.chapter in edition.chapters else ""}
    return Found(
        title=item.fields.title,
        url=edition.common.url(item.route),
        summary=edition.summary(item),
        language=edition.other(item.language),
        headings=tuple(heading.title for heading in text.headings),
        body=text.digest if full else "",
        **facts,
    )


def _of_post(edition: Edition, post: Post) -> dict[str, Any]:
    card = edition.post_card(post)
    return {
        "at": card.date.date().isoformat(),
        "chapter": card.chapter.title if card.chapter else "",
        "names": (*_titles(card.categories), *(edition.site.tags[tag].name for tag in post.tags), *_titles(card.authors)),
        "within": _above(edition, (post.chapter,)),
    }


def _of_event(edition: Edition, event: Event) -> dict[str, Any]:
    card = edition.event_card(event)
    people = (edition.site.people[name].name for name in event.organisers if name in edition.site.people)
    terms = (edition.categories[slug].name for slug in event.categories if slug in edition.categories)
    return {
        "at": _at(card.when),
        "place": card.venue,
        "chapter": card.chapter.title if card.chapter else "",
        "status": card.status if card.status != "scheduled" else "",
        "names": (*terms, *(edition.site.tags[tag].name for tag in event.tags), *people, *_titles(card.hosts)),
        "within": _above(edition, (event.chapter, *event.organisers)),
    }


def _titles(refs: Iterable[Ref]) -> Iterator[str]:
    return (ref.title for ref in refs)


def _at(when: When) -> str:
    """The day of an event, with the time on the clock of its place where there is one."""
    start = when.start
    if isinstance(start, datetime):
        return start.strftime("%Y-%m-%d") if when.all_day or when.tba else start.strftime("%Y-%m-%dT%H:%M")
    return start.isoformat() if start else ""


def _last_day(card: EventCard) -> int | None:
    """The last day of the date that an event shows, in days since 1970."""
    last = card.when.end or card.when.start
    return last.toordinal() - _EPOCH if last else None


def _above(edition: Edition, names: Iterable[str]) -> tuple[str, ...]:
    """The chapters among these names and all above them."""
    found: dict[str, None] = {}
    for name in names:
        while name in edition.chapters and name not in found:
            found[name] = None
            name = edition.chapters[name].parent
    return tuple(found)


# --- files -------------------------------------------------------------------------------------------------------------


def _files_of_texts(edition: Edition, kind: str, texts: list[Found]) -> Iterator[Output]:
    rows = tuple((t.title, t.url, t.at, t.place, t.chapter, t.summary, t.language, t.status) for t in texts)
    for number, at in enumerate(range(0, len(rows), CHUNK)):
        yield _file(edition, f"{kind}-{number}.json", "search_texts", Texts(rows=rows[at : at + CHUNK]))


def _files_of_words(edition: Edition, found: list[list[Found]], keys: list[list[str]], vocabulary: Vocabulary) -> Iterator[Output]:
    counts = tuple(map(len, found))
    buckets = _buckets(sum(counts))
    marks = [
        memoryview(b"".join(vocabulary.cells_of(key, text) for key, text in zip(names, texts, strict=True))).cast("Q")
        for names, texts in zip(keys, found, strict=True)
    ]
    numbered = Numbered(
        tuple(
            sorted(
                (number * len(KINDS) + kind, keys[kind][number], text) for kind, texts in enumerate(found) for number, text in enumerate(texts)
            )
        ),
        vocabulary,
    )
    for bucket in range(buckets):
        mark = blake2b(digest_size=16)
        for cell in range(bucket, CELLS, buckets):
            for of_kind in marks:
                seen = of_kind[cell::CELLS].tobytes().rstrip(b"\0")  # a new text without a word here, at the end, changes nothing here
                mark.update(len(seen).to_bytes(8, "big") + seen)
        view = Words(bucket=bucket, buckets=buckets, words=Held(numbered, mark.hexdigest()))
        yield _file(edition, f"words-{bucket}.json", "search_words", view)
    days = tuple(_last_day(edition.event_card(event)) for event in _texts(edition)[0])
    yield _file(edition, "index.json", "search_index", Index(buckets=buckets, counts=counts, days=days))


def _buckets(texts: int) -> int:
    """How many files of words: so many that a query fetches little, so few that a small site has few."""
    return 1 if texts <= 60 else 8 if texts <= 500 else CELLS


def _file(edition: Edition, name: str, maker: str, view: View) -> Output:
    return Output(route=edition.route(f"/search/{name}"), maker=maker, view=view, language=edition.language, title=f"search/{name}")


def search_texts(view: Texts, _: HtmlOf) -> bytes:
    """A file of texts."""
    return msgspec.json.encode(view.rows) + b"\n"


def search_words(view: Words, html_of: HtmlOf) -> bytes:
    """A file of words, each with the texts in which it stands."""
    numbered: Numbered = view.words.view
    standing: dict[str, list[int]] = {}
    before: dict[str, int] = {}
    for number, key, text in numbered.texts:
        for cell in range(view.bucket, CELLS, view.buckets):
            for word, weight in numbered.vocabulary.words_in(cell, key, text, html_of).items():
                place = number * 16 + weight
                standing.setdefault(word, []).append(place - before.get(word, 0))
                before[word] = place
    return msgspec.json.encode(dict(sorted(standing.items()))) + b"\n"


def search_index(view: Index, _: HtmlOf) -> bytes:
    """`index.json`."""
    folding = {"signs": SIGNS, "letters": LETTERS, "unspaced": UNSPACED, "joined": JOINED}
    return msgspec.json.encode({**msgspec.structs.asdict(view), **folding}) + b"\n"


# --- the page ----------------------------------------------------------------------------------------------------------


def _search_page(edition: Edition) -> Iterator[Output]:
    route = edition.route("/search/")
    if any(item.route == route for item in edition.site.items):
        return  # the site has a page of its own at this address
    title = edition.texts.gettext("Search")
    years: dict[int, int] = {}
    for post in edition.posts:
        years[post.date.year] = years.get(post.date.year, 0) + 1
    view = SearchView(
        head=make_head(edition, route, title, noindex=True),
        title=title,
        files=edition.common.url(route),
        chapters=tuple(_in_order(edition)),
        years=tuple(Ref(title=str(year), url=edition.url(f"/archive/{year}/"), id=str(year), count=years[year]) for year in sorted(years, reverse=True)),
        categories=tuple(edition.term("categories", term.slug) for term in sorted(edition.categories.values(), key=lambda t: (t.name.casefold(), t.slug))),
    )
    yield Output(route=route, maker="page", view=view, template="search.html", language=edition.language, title=title)


def _in_order(edition: Edition) -> Iterator[Ref]:
    """The chapters, each before those below it."""

    def walk(names: Iterable[str]) -> Iterator[Ref]:
        for name in sorted(names, key=lambda n: (edition.chapters[n].title.casefold(), n)):
            ref = edition.chapter(name)
            if ref is not None:
                yield ref
            yield from walk(child for child in edition.chapters[name].children if child in edition.chapters)

    yield from walk(c.id for c in edition.chapters.values() if c.parent not in edition.chapters)
