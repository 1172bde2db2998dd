"""Sources become one site: who belongs to whom, what is shown when, what translations take over, where links lead."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from iopsgen.assemble.links import Links, quoted
from iopsgen.assemble.people import People, Terms
from iopsgen.assemble.routes import fill_permalink, prefix_of
from iopsgen.build import Options, Prepared, prepare
from iopsgen.model import Person, PostFields, Site, Target, Term
from iopsgen.problems import Place, Problem
from iopsgen.store import Store
from tests.sites import NOW, SETTINGS, build_site, messages, tree, write_site

Files = dict[str, str | bytes | None]
LANGUAGES = SETTINGS + "languages: [en, es, fr]\n"


def text(keys: str = "", title: str = "T", body: str = "Text.") -> str:
    """A source with these keys."""
    return f"---\ntitle: {title}\n{keys}\n---\n{body}\n"


def post(keys: str = "", title: str = "T", body: str = "Text.") -> str:
    """A post with a date."""
    return text(f"date: 2026-10-05\n{keys}", title, body)


def event(keys: str = "", title: str = "T") -> str:
    """An event with a start."""
    return text(f"start: 2026-12-05 12:00\n{keys}", title)


def assemble(folder: Path, files: Files, settings: str = SETTINGS, now: datetime = NOW, **options: Any) -> tuple[Site, list[str], list[Problem]]:
    """The site, its problems as `severity file:line message`, and the problems themselves."""
    site = write_site(folder, files, settings)
    prepared, problems = prepare(site, Options(now=now, workers=1, **options), Store(None))
    assert isinstance(prepared, Prepared)
    lines = [f"{p.severity} {p.place.file + ':' + str(p.place.line) if p.place else None} {p.message}" for p in dict.fromkeys(problems)]
    for problem in problems:
        place = problem.place
        assert place is None or place.line <= 1 or place.line <= (site / place.file).read_text("utf-8").count("\n") + 1
    return prepared.site, lines, problems


def good(folder: Path, files: Files, settings: str = SETTINGS, now: datetime = NOW, **options: Any) -> Site:
    """The site, which has no problems."""
    site, lines, _ = assemble(folder, files, settings, now, **options)
    assert [line for line in lines if not line.startswith("hint")] == []
    return site


# --- chapters ------------------------------------------------------------------------------------------------------

TREE: Files = {
    "content/chapters/uk/index.md": text("kind: branch\ntimezone: Europe/London\nlanguage: en\ncontact: uk@example.org", "UK"),
    "content/chapters/uk/london.md": text("", "London"),
    "content/chapters/uk/Cardiff Bay.md": text("language: cy\ncontact: cardiff@example.org", "Cardiff"),
    "content/chapters/madrid.md": text("parent: spain\nlanguage: es", "Madrid"),
    "content/chapters/spain.md": text("timezone: Europe/Madrid", "Spain"),
    "content/chapters/canarias.md": text("parent: madrid\ntimezone: Atlantic/Canary", "Canarias"),
}


def test_the_tree_of_chapters(tmp_path: Path) -> None:
    """Parents by key or by folder, children by title, families with all below, what is handed down."""
    chapters = good(tmp_path, TREE).chapters
    assert {name: c.parent for name, c in chapters.items()} == {"uk": "", "london": "uk", "cardiff-bay": "uk", "madrid": "spain", "spain": "", "canarias": "madrid"}
    assert chapters["uk"].children == ("cardiff-bay", "london") and chapters["spain"].family == {"spain", "madrid", "canarias"}
    assert {name: c.zone for name, c in chapters.items()} == {
        "uk": "Europe/London", "london": "Europe/London", "cardiff-bay": "Europe/London", "madrid": "Europe/Madrid", "spain": "Europe/Madrid", "canarias": "Atlantic/Canary"
    }  # fmt: skip
    assert [(chapters[n].language, chapters[n].contact) for n in ("london", "cardiff-bay", "canarias")] == [("en", "uk@example.org"), ("cy", "cardiff@example.org"), ("es", "hello@example.org")]
    assert {n for n, c in chapters.items() if c.kind == "branch"} == {"uk", "spain", "madrid"}
    assert chapters["cardiff-bay"].route == "/chapters/cardiff-bay/"


def test_circles_and_unknown_parents(tmp_path: Path) -> None:
    """Each circle is told once, at one of its chapters; the site stands all the same, and nobody runs in circles."""
    files: Files = {f"content/chapters/{n}.md": text(f"parent: {p}") for n, p in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "d"), ("e", "a"), ("f", "lodnon"), ("london", ""))}
    site, lines, problems = assemble(tmp_path, files)
    assert lines == [
        "error content/chapters/a.md:3 These chapters are each other's parents: a → b → c → a.",
        "error content/chapters/d.md:3 This chapter is its own parent.",
        'error content/chapters/f.md:3 The parent "lodnon" is not a chapter.',
    ]
    assert problems[2].hint == 'Did you mean "london"?' and site.chapters["e"].parent == "a" and site.chapters["a"].parent == ""
    assert build_site(tmp_path, keep_going=True).written > 0


def test_two_chapters_with_one_id(tmp_path: Path) -> None:
    """The second by path is an error that names the first; a slug of its own helps."""
    files: Files = {"content/chapters/uk/london.md": text(), "content/chapters/ca/london.md": text(), "content/chapters/ca/london.es.md": text()}
    site, lines, problems = assemble(tmp_path, files, LANGUAGES)
    assert lines == ['error content/chapters/uk/london.md:1 The chapter content/chapters/ca/london.md has the id "london" already.'] and "slug: london-2" in problems[0].hint
    assert len(site.chapters) == 1
    good(tmp_path, {"content/chapters/uk/london.md": text("slug: london-2")}, LANGUAGES)


def test_chapters_that_are_not_shown(tmp_path: Path) -> None:
    """Drafts, scheduled and expired chapters are counted and left out; what lies below hangs on the next one above; zones stay."""
    files: Files = {
        "content/chapters/top.md": text("timezone: Pacific/Auckland"),
        "content/chapters/hidden.md": text("parent: top\ndraft: yes\nlanguage: es"),
        "content/chapters/low.md": text("parent: hidden"),
        "content/chapters/later.md": text("parent: top\npublish: 2026-12-01"),
        "content/chapters/over.md": text("expires: 2026-11-01"),
        "content/posts/hidden/2026-10-05-a.md": post(),
        "content/posts/2026-10-05-b.md": post("chapter: hidden"),
        "content/posts/2026-10-05-c.md": post("chapter: later\ndraft: yes"),
        "content/events/e.md": event("chapter: over\norganisers: [over, top]"),
    }
    site, lines, _ = assemble(tmp_path, files)
    assert sorted(lines) == [
        'warning content/events/e.md:4 The chapter "over" is not published now, so this text is shown without it.',
        'warning content/posts/2026-10-05-b.md:4 The chapter "hidden" is not published now, so this text is shown without it.',
    ]
    assert set(site.chapters) == {"top", "low"} and site.chapters["low"].parent == "top" and site.chapters["top"].children == ("low",)
    assert site.chapters["low"].language == "es" and (site.drafts, site.scheduled, site.expired) == (2, 1, 1)
    assert [(p.chapter, p.zone, p.language) for p in site.posts] == [("", "Pacific/Auckland", "es")] * 2
    assert (site.events[0].chapter, site.events[0].organisers) == ("", ("top",))
    assert site.next_change == datetime(2026, 11, 30, 11, tzinfo=UTC)
    assert set(good(tmp_path, {}, drafts=True, now=NOW - timedelta(days=40)).chapters) == {"top", "hidden", "low", "later", "over"}


def test_who_belongs_to_a_chapter(tmp_path: Path) -> None:
    """By key, by the nearest folder in any spelling, else by none; an unknown chapter is an error with the nearest name."""
    files: Files = {
        **TREE,
        "content/posts/London/2026-10-05-a.md": post(),
        "content/posts/uk/cardiff bay/deep/2026-10-05-b/index.md": post(),
        "content/posts/uk/2026-10-05-c.md": post("chapter: madrid"),
        "content/posts/2026-10-05-d.md": post(),
        "content/events/london/e.yml": "title: E\nstart: 2026-12-01\n",
        "content/pages/london/f.md": text(),
        "content/posts/2026-10-05-g.md": post("chapter: Lodnon"),
    }
    site, lines, problems = assemble(tmp_path, files)
    assert {p.slug: p.chapter for p in site.posts} == {"a": "london", "b": "cardiff-bay", "c": "madrid", "d": "", "g": ""}
    assert site.events[0].chapter == "london" == site.pages[0].chapter and site.pages[0].route == "/london/f/"
    assert lines == ['error content/posts/2026-10-05-g.md:4 "Lodnon" is not a chapter of this site.'] and problems[0].hint == 'Did you mean "london"?'


def test_what_points_to_a_broken_source_is_no_error_of_its_own(tmp_path: Path) -> None:
    """One mistake is told once: posts of a broken chapter, translations of a broken text, announcements of a broken event, links."""
    files: Files = {
        "content/chapters/london.md": "---\ntitle: [x\n---\n",
        "content/chapters/soho.md": text("parent: london"),
        "content/posts/london/2026-10-05-a.md": post("chapter: london\nevent: picnic", body="[e](../../events/picnic.md)"),
        "content/events/picnic.md": "---\ntitle: [x\n---\n",
        "content/events/picnic.es.md": text("", "Comida"),
        "content/events/other.md": event("organisers: [london]"),
        "content/posts/2026-10-05-b.md": "---\ntitle: [x\n---\n",
        "content/posts/2026-10-05-b.es.md": text(),
        "content/posts/2026-10-05-c.md": text("language: fr\ntranslation_of: b"),
        "content/people.yml": "ada: {name: Ada, chapter: london}\n",
        "content/posts/2026-10-06-d.en.md": "---\ntitle: [x\n---\n",
        "content/posts/2026-10-06-d.es.md": text(),
    }
    site, lines, _ = assemble(tmp_path, files, LANGUAGES)
    assert [line for line in lines if "square brackets" not in line] == [
        'warning content/posts/london/2026-10-05-a.md:7 "../../events/picnic.md" leads to a text that is not published now.'
    ]
    assert [p.slug for p in site.posts] == ["a"] and [e.slug for e in site.events] == ["other"]


# --- people and terms ----------------------------------------------------------------------------------------------


def test_people_by_id_and_by_name() -> None:
    """An id, a name in any spelling, a name that comes to an id; a bare name makes one person, however often."""
    people = People({"ada": Person(id="ada", name="Ada Teaspoon"), "london-crew": Person(id="london-crew", name="The crew")}, "de")
    assert people.find(["ada", "ADA", "Ada  Teaspoon", "ada teaspoon"]) == ("ada",)
    assert people.find(["London Crew", "the crew"]) == ("london-crew",)
    assert people.find(["Jürgen Groß", "jürgen groß", "JÜRGEN GROSS"]) == ("juergen-gross",)
    assert people.known["juergen-gross"].name == "Jürgen Groß"
    assert people.find(["", "李小龙", "Ἀθηνᾶ", "مريم"]) == ("李小龙", "ἀθηνᾶ", "مريم")


def test_different_people_with_one_slug() -> None:
    """Each has an id of its own: the first as the name says, others with a number; names without letters, too."""
    people = People({"ana": Person(id="ana", name="Ana")}, "en")
    found = people.find(["José", "Jose", "Jo-se", "JOSÉ", "🎉", "!!", "🎉", "Jose 2", "Con"])
    assert found == ("jose", "jose-2", "jo-se", "person", "person-2", "jose-2-2", "con-1") and len(people.known) == 8


def test_six_hundred_people_keep_apart() -> None:
    """Names in every script, in every spelling: as many people as there are names."""
    people = People({}, "en")
    names = [f"{first} {last} {n}" for n in range(20) for first in ("Ana", "Ána", "Åna", "阿娜", "Анна", "🎉") for last in ("O'Brien", "OBrien", "o brien", "Öbrien", "ó-brien")]
    ids = people.find(names)
    assert len(ids) == len({name.casefold() for name in names}) == len(people.known) == 600
    assert people.find(reversed(names)) == tuple(reversed(ids))


def test_tags_in_other_spellings() -> None:
    """Capitals, hyphens, accents and spaces do not make another tag; other words with the same address are said to be one."""
    tags, found = Terms("tags", "en"), list[Problem]()
    source = PostFields(source="content/posts/a.md", tags=("x",), lines={"tags": 5})
    assert tags.find(["Open source", "open-source", "OPEN  SOURCE", "Café", "cafe", "Don't", "dont"], source, found) == ("open-source", "cafe", "dont")
    assert found == [] and tags.known["open-source"].name == "Open source"
    assert tags.find(["C", "C++", "c#"], source, found) == ("c",)
    assert [(p.severity, str(p.place)) for p in found] == [("hint", "content/posts/a.md:5:1")] * 2
    found.clear()
    assert tags.find(["🎉", "!!!"], source, found) == () and [p.severity for p in found] == ["warning"] * 2
    assert tags.find(["con", "1.10", "no"], source, []) == ("con-1", "1-10", "no")


def test_a_word_has_one_address_in_all_languages(tmp_path: Path) -> None:
    """Tags and people are addressed in the language of the site, whichever text is read first."""
    files: Files = {
        "content/posts/2026-10-05-a.md": post("language: de\ntags: [Grüße]\nauthors: [Jürgen]"),
        "content/posts/2026-10-05-b.md": post("tags: [Grüße]\nauthors: [Jürgen]"),
    }
    site = good(tmp_path, files)
    assert set(site.tags) == {"grusse"} and set(site.people) == {"jurgen"}


def test_categories_of_the_settings() -> None:
    """Found by name, title or slug in any spelling; others are errors with the nearest one."""
    allowed = {"News": Term(slug="news", name="News"), "Stories": Term(slug="tales", name="Our stories")}
    terms, problems = Terms("categories", "en", allowed), list[Problem]()
    source = PostFields(source="a.md", lines={"categories": 4})
    assert terms.find(["news", "NEWS", "stories", "Our Stories", "tales"], source, problems) == ("news", "tales") and problems == []
    assert terms.find(["Nws"], source, problems) == () and problems[0].hint.startswith('Did you mean "News"?') and str(problems[0].place) == "a.md:4:1"


def test_three_thousand_tags(tmp_path: Path) -> None:
    """A post with as many tags as its front matter holds is a post."""
    site, lines, _ = assemble(tmp_path, {"content/posts/2026-10-05-a.md": post("tags: [" + ", ".join(f"tag {n}" for n in range(3000)) + "]")})
    assert lines == [] and len(site.posts[0].tags) == 3000 == len(site.tags)


def test_the_chapter_of_a_person(tmp_path: Path) -> None:
    """An unknown one is an error in people.yml."""
    site, lines, problems = assemble(tmp_path, {**TREE, "content/people.yml": "\nada:\n  name: Ada\n  chapter: lodnon\n"})
    assert lines == ['error content/people.yml:2 "lodnon", the chapter of Ada, is not a chapter of this site.'] and "london" in problems[0].hint
    assert site.people["ada"].name == "Ada"


def test_organisers_and_chapters_beside(tmp_path: Path) -> None:
    """Chapters and people in any mixture, each once; without any, the chapter; a slip of the pen in an id is noticed."""
    files: Files = {
        **TREE,
        "content/people.yml": "ada: Ada Teaspoon\n",
        "content/events/london/a.md": event(),
        "content/events/london/b.md": event("organisers: [madrid, ada, london, Ada Teaspoon, Ben]"),
        "content/events/c.md": event(),
        "content/events/d.md": event("organisers: lodnon"),
        "content/events/e.md": event("organisers: [Londa]"),
    }
    site, lines, _ = assemble(tmp_path, files)
    assert {e.slug: e.organisers for e in site.events} == {"a": ("london",), "b": ("madrid", "ada", "london", "ben"), "c": (), "d": ("lodnon",), "e": ("londa",)}
    assert lines == ['warning content/events/d.md:4 "lodnon" is not a chapter of this site, so it counts as the name of a person.']


def test_venues(tmp_path: Path) -> None:
    """By id or name in any spelling, written inside, or a name of several words; an unknown id is an error with the nearest one."""
    files: Files = {
        "content/venues.yml": "firebox: {name: Firebox café, city: London, timezone: Europe/London}\nfar: {name: Far, timezone: Pacific/Auckland}\n",
        "content/events/a.md": event("venue: firebox"),
        "content/events/b.md": event("venue: FIREBOX CAFÉ"),
        "content/events/c.md": event("venue: Town hall"),
        "content/events/d.md": event("venue: {name: Slip, city: Auckland}"),
        "content/events/e.md": event("venue: fierbox"),
        "content/events/f.md": event("repeat: weekly, 3 times\nvenue: far\nchanges:\n  2026-12-12: {venue: firebox}\n  2026-12-19: {venue: nowhere}"),
    }
    site, lines, problems = assemble(tmp_path, files)
    venues = {e.slug: e.venue for e in site.events}
    assert [venues[n].id if venues[n] else None for n in "abcde"] == ["firebox", "firebox", "", "", None]  # type: ignore[union-attr]
    assert lines == [
        'error content/events/e.md:4 The venue "fierbox" is not in content/venues.yml.',
        'error content/events/f.md:8 The venue "nowhere" is not in content/venues.yml.',
    ] and problems[0].hint == 'Did you mean "firebox"?'
    moved = next(e for e in site.events if e.slug == "f")
    assert moved.zone == "Pacific/Auckland" and [o.venue.id if o.venue else "" for o in moved.occurrences][:2] == ["", "firebox"]


def test_the_same_uid_twice(tmp_path: Path) -> None:
    """It is an error at the second; a translation has the uid of its original, whatever it says."""
    files: Files = {"content/events/a.md": event("uid: x@y"), "content/events/a.es.md": text("uid: z@y"), "content/events/b.md": event("uid: x@y")}
    site, lines, _ = assemble(tmp_path, files, LANGUAGES)
    assert lines == ["error content/events/b.md:4 This event has the same uid as content/events/a.md."]
    assert {e.fields.source: e.uid for e in site.events}["content/events/a.es.md"] == "x@y"


# --- posts and events ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["picnic", "../events/picnic.md", "content/events/picnic.md", "events/picnic.md", "/events/picnic/", "picnic.md"])
def test_a_post_announces_an_event(tmp_path: Path, name: str) -> None:
    """By slug, by path from here or from the site's folder, by address; each knows the other."""
    site = good(tmp_path, {"content/events/picnic.md": event(), "content/posts/2026-10-05-a.md": post(f"event: {name}")})
    assert site.posts[0].event == "/events/picnic/" and site.events[0].posts == ("/posts/a/",)


def test_events_in_bundles_and_hidden_ones(tmp_path: Path) -> None:
    """A bundle by its folder or its file; an event that is not shown is no error, one that is not there is."""
    files: Files = {
        "content/events/party/index.md": event(),
        "content/events/draft.md": event("draft: yes"),
        "content/posts/2026-10-05-a.md": post("event: ../events/party/index.md"),
        "content/posts/2026-10-05-b.md": post("event: party"),
        "content/posts/2026-10-05-c.md": post("event: draft"),
        "content/posts/2026-10-05-d.md": post("event: patry"),
    }
    site, lines, problems = assemble(tmp_path, files)
    assert {p.slug: p.event for p in site.posts} == {"a": "/events/party/", "b": "/events/party/", "c": "", "d": ""}
    assert lines == ['error content/posts/2026-10-05-d.md:4 The event "patry" is not there.'] and problems[0].hint == 'Did you mean "party"?'
    assert site.events[0].posts == ("/posts/a/", "/posts/b/") and site.events[0].published == datetime(2026, 10, 5, tzinfo=site.posts[0].date.tzinfo)


# --- when ----------------------------------------------------------------------------------------------------------


def test_drafts_scheduled_expired(tmp_path: Path) -> None:
    """None is shown, all are counted, the nearest change is known; --drafts shows drafts and scheduled ones, never expired ones."""
    files: Files = {
        "content/posts/2026-10-05-draft.md": post("draft: yes"),
        "content/posts/2026-12-24-date.md": text(),
        "content/posts/2026-10-05-publish.md": post("publish: 2026-11-23 09:30"),
        "content/posts/2026-12-25-early.md": text("publish: 2026-11-01"),
        "content/posts/2026-10-05-expired.md": post("expires: 2026-11-22"),
        "content/posts/2026-10-05-expires.md": post("expires: 2026-11-22 14:00"),
        "content/events/announced.md": event("publish: 2026-11-30"),
        "content/pages/p.md": text("publish: 2027-01-01"),
    }
    site = good(tmp_path, files)
    assert {p.slug for p in site.posts} == {"early", "expires"} and site.events == () == site.pages
    assert (site.drafts, site.scheduled, site.expired) == (1, 4, 1) and site.next_change == datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert {"content/pages/p.md", "content/events/announced.md", "content/posts/2026-10-05-draft.md"} < site.hidden
    shown = good(tmp_path, {}, drafts=True)
    assert {p.slug for p in shown.posts} == {"draft", "date", "publish", "early", "expires"} and (shown.drafts, shown.scheduled, shown.expired) == (0, 0, 1)


@pytest.mark.parametrize(
    ("keys", "moment"),
    [
        ("publish: 2026-11-24", "2026-11-23T11:00:00Z"),
        ("publish: 2026-11-24 09:30", "2026-11-23T20:30:00Z"),
        ("publish: 2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z"),
        ("publish: 2026-11-24T09:30:00+01:00", "2026-11-24T08:30:00Z"),
        ("expires: 2026-11-23", "2026-11-22T11:00:00Z"),
        ("date: 2026-11-25 7pm", "2026-11-25T06:00:00Z"),
    ],
)
def test_moments_are_those_of_the_chapter(tmp_path: Path, keys: str, moment: str) -> None:
    """A day or a time without an offset is read on the chapter's clocks; the site changes at that moment and not a second before."""
    at = datetime.fromisoformat(moment)
    now = at - timedelta(hours=5)
    files: Files = {"content/chapters/auckland.md": text("timezone: Pacific/Auckland"), "content/posts/auckland/2026-10-05-a.md": text(keys), "content/posts/2026-10-06-b.md": text()}
    site = good(tmp_path, files, now=now)
    assert site.next_change == at
    before, after = good(tmp_path, {}, now=at - timedelta(seconds=1)), good(tmp_path, {}, now=at)
    assert [p.slug for p in before.posts] == [p.slug for p in site.posts] != [p.slug for p in after.posts]


def test_nothing_changes_before_the_next_change(tmp_path: Path) -> None:
    """Built again up to a second before it, the site is the same to the byte; at it, it is another; so step by step."""
    files: Files = {
        "content/chapters/auckland.md": text("timezone: Pacific/Auckland"),
        "content/posts/auckland/2026-11-24-later.md": text(),
        "content/posts/2026-10-05-over.md": post("expires: 2026-11-25 10:00"),
        "content/events/auckland/soon.md": text("start: 2026-11-26 19:00\nend: 21:00\npublish: 2026-11-23"),
        "content/events/day.md": text("start: 2026-11-28"),
        "content/events/weekly.md": text("start: 2026-11-02 19:00\nduration: 1h\nrepeat: weekly\nregister: {url: https://example.org/r, until: 2026-11-27 12:00}"),
        "content/events/far.md": text("start: 2027-01-10 19:00"),
        "content/pages/notice.md": text("publish: 2026-11-24 08:00\nexpires: 2026-11-29"),
        "comments/inbox.jsonl": '{"id": "c1", "page": "over", "received": "2026-11-24T10:00:00Z", "body": "Hello"}\n',
    }
    site = write_site(tmp_path / "site", files)
    now, seen = NOW, 0
    while now < datetime(2026, 12, 2, tzinfo=UTC):
        result = build_site(site, now)
        assert result.ok and result.next_change is not None and result.next_change > now, messages(result)
        here = tree(site / "output")
        build_site(site, result.next_change - timedelta(seconds=1), clean=True)
        assert [name for name, data in tree(site / "output").items() if here.get(name) != data] == [], (now, result.next_change)
        build_site(site, result.next_change)
        assert tree(site / "output") != here, f"nothing changed at {result.next_change}"
        now, seen = result.next_change, seen + 1
    assert seen >= 10


def test_a_text_that_expires_before_it_is_published(tmp_path: Path) -> None:
    """It would never be shown, so it is named."""
    assert assemble(tmp_path, {"content/posts/2026-10-05-a.md": post("publish: 2026-12-02\nexpires: 2026-12-01")})[1] == [
        "warning content/posts/2026-10-05-a.md:5 This text expires before it is published."
    ]


def test_dates_with_offsets(tmp_path: Path) -> None:
    """A date with an offset is the same moment on the chapter's clocks, also in an address."""
    site = good(tmp_path, {**TREE, "content/posts/madrid/a.md": text("date: 2012-12-31T23:30:00Z\nupdated: 2013-01-02")}, SETTINGS + "posts: {permalink: '/{year}/{month}/{day}/{chapter}/{slug}/'}\n")
    assert site.posts[0].date.isoformat() == "2013-01-01T00:30:00+01:00" and site.posts[0].route == "/2013/01/01/madrid/a/"
    assert site.posts[0].updated is not None and site.posts[0].updated.isoformat() == "2013-01-02T00:00:00+01:00"


def test_order(tmp_path: Path) -> None:
    """Posts newest first, at the same moment by address; events by start, days before times of that day, undated last."""
    files: Files = {f"content/posts/{n}.md": text(f"date: {d}") for n, d in (("a", "2026-01-01"), ("b", "2026-02-01"), ("c", "2026-01-01"), ("d", "2026-01-01 10:00"))}
    files |= {f"content/events/{n}.md": text(d) for n, d in (("u", "time: tba"), ("t", "start: 2026-12-01 09:00"), ("s", "start: 2026-12-01"), ("r", "start: 2026-11-30"))}
    site = good(tmp_path, files)
    assert [p.slug for p in site.posts] == ["b", "d", "a", "c"] and [e.slug for e in site.events] == ["r", "s", "t", "u"]


# --- translations --------------------------------------------------------------------------------------------------


def test_a_translation_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    """Dates, people, picture, place; title, summary and text are its own; a description of the picture may be translated alone."""
    files: Files = {
        **TREE,
        "content/posts/london/2026-10-05-a.md": post("authors: [Ann]\ntags: [x]\nimage: {src: a.svg, alt: A, credit: C}\nfeatured: yes\ncomments: off\nsummary: S\nextra: {a: 1}\nseries: R\naliases: [/old/]"),
        "content/posts/london/2026-10-05-a.es.md": text("image_alt: Una", "Hola"),
        "content/posts/fr/a.md": text("language: fr\ntranslation_of: ../london/2026-10-05-a.md\ntags: [y]\ncomments: open\nfeatured: no", "Salut"),
        "content/posts/london/a.svg": "<svg width='3' height='2'/>",
        "content/events/london/e.md": event("end: 15:00\nvenue: {name: V}\nrepeat: weekly, 3 times\nregister: https://example.org/r\nstatus: tentative"),
        "content/events/london/e.es.md": text("", "Evento"),
        "content/chapters/uk/london.es.md": text("", "Londres"),
        "content/pages/p.md": text("image: {src: /x.svg, decorative: yes}\nnoindex: yes\nchapter: london"),
        "content/pages/p.es.md": text("", "Página"),
        "static/x.svg": "<svg/>",
    }
    site = good(tmp_path, files, LANGUAGES)
    en, es, fr = (next(p for p in site.posts if p.language == language) for language in ("en", "es", "fr"))
    assert (es.date, es.authors, es.tags, es.chapter, es.zone, es.fields.featured, es.fields.extra) == (en.date, en.authors, en.tags, "london", "Europe/London", True, {"a": 1})
    assert (es.fields.title, es.fields.summary, es.fields.aliases, es.fields.comments, es.fields.series, es.route) == ("Hola", "", (), "off", "R", "/es/posts/a/")
    assert es.fields.image is not None and (es.fields.image.src, es.fields.image.alt, es.fields.image.credit) == ("a.svg", "Una", "C")
    assert (fr.tags, fr.fields.comments, fr.fields.featured, fr.chapter, fr.route) == (("y",), "open", False, "london", "/fr/posts/a/")
    assert fr.fields.image is not None and fr.fields.image.src == "content/posts/london/a.svg" and fr.group == en.fields.source == es.group
    one, two = site.events
    assert one.uid == two.uid and one.start == two.start and len(two.occurrences) == 3 and two.venue == one.venue and two.fields.status == "tentative"
    london = next(c for c in site.chapter_texts if c.language == "es" and c.id == "london")
    assert (london.title, london.zone, london.parent, london.route) == ("Londres", "Europe/London", "uk", "/es/chapters/london/")
    page = next(p for p in site.pages if p.language == "es")
    assert page.fields.image is not None and page.fields.noindex and page.chapter == "london" and page.route == "/es/p/"


def test_a_translation_of_what_is_not_shown_is_not_shown(tmp_path: Path) -> None:
    """A draft, scheduled or expired text is not given away by its translation, unless that says otherwise."""
    files: Files = {}
    for kind, keys in (("draft", "draft: yes"), ("later", "publish: 2027-01-01"), ("over", "expires: 2026-01-01")):
        files |= {f"content/posts/2025-10-05-{kind}.md": text(keys), f"content/posts/2025-10-05-{kind}.es.md": text(), f"content/pages/{kind}.md": text(keys), f"content/pages/{kind}.es.md": text()}
        files |= {f"content/events/{kind}.md": event(keys), f"content/events/{kind}.es.md": text(), f"content/chapters/{kind}.md": text(keys), f"content/chapters/{kind}.es.md": text()}
    site = good(tmp_path, files, LANGUAGES)
    assert site.posts == () == site.events == site.pages == site.chapter_texts and (site.drafts, site.scheduled, site.expired) == (7, 7, 7)
    said = good(tmp_path, {"content/posts/2025-10-05-draft.es.md": text("draft: no")}, LANGUAGES)
    assert [p.language for p in said.posts] == ["es"]


@pytest.mark.parametrize("named", ["a", "a.md", "2026-10-05-a.md", "../posts/2026-10-05-a.md", "content/posts/2026-10-05-a.md", "posts/2026-10-05-a.md", "/posts/a/"])
def test_an_original_in_every_form(tmp_path: Path, named: str) -> None:
    """By slug, by any path, by address."""
    site = good(tmp_path, {"content/posts/2026-10-05-a.md": post(), "content/posts/other.md": text(f"language: es\ntranslation_of: {named}")}, LANGUAGES)
    assert {p.group for p in site.posts} == {"content/posts/2026-10-05-a.md"}


def test_languages_in_all_names(tmp_path: Path) -> None:
    """`a.en.md` beside `a.es.md`, without an `a.md`: the one in the site's language is the original; alone, each is one."""
    files: Files = {
        "content/posts/a.en.md": post("authors: [Ann]"), "content/posts/a.es.md": text(), "content/posts/a.fr.md": text(),
        "content/pages/b/index.es.md": text(), "content/pages/b/index.fr.md": text("image: {src: x.svg, alt: X}"), "content/pages/b/x.svg": "<svg/>",
        "content/events/c.fr.md": event(),
    }  # fmt: skip
    site = good(tmp_path, files, LANGUAGES)
    assert {(p.group, p.language, p.authors) for p in site.posts} == {("content/posts/a.en.md", language, ("ann",)) for language in ("en", "es", "fr")}
    assert {(p.group, p.route) for p in site.pages} == {("content/pages/b/index.es.md", "/es/b/"), ("content/pages/b/index.es.md", "/fr/b/")}
    assert [(e.group, e.route) for e in site.events] == [("content/events/c.fr.md", "/fr/events/c/")]


def test_dates_in_the_names_of_translations(tmp_path: Path) -> None:
    """The time of the original wins over the day in the name of its translation; a key of the translation over both."""
    files: Files = {"content/posts/2026-10-05-a.md": text("date: 2026-10-05 18:30"), "content/posts/2026-10-05-a.es.md": text(), "content/posts/2026-10-05-a.fr.md": text("date: 2026-10-07")}
    assert sorted(p.date.isoformat()[:16] for p in good(tmp_path, files, LANGUAGES).posts) == ["2026-10-05T18:30", "2026-10-05T18:30", "2026-10-07T00:00"]


def test_translations_of_nothing(tmp_path: Path) -> None:
    """Unknown originals, circles, oneself; a translation of a translation is one of the original."""
    files: Files = {
        "content/pages/about.md": text(),
        "content/pages/a.md": text("language: es\ntranslation_of: abuot"),
        "content/pages/b.md": text("language: es\ntranslation_of: b.md"),
        "content/pages/c.md": text("language: es\ntranslation_of: d.md"),
        "content/pages/d.md": text("language: fr\ntranslation_of: c.md"),
        "content/pages/e.md": text("language: es\ntranslation_of: about"),
        "content/pages/f.md": text("language: fr\ntranslation_of: e.md"),
    }
    site, lines, problems = assemble(tmp_path, files, LANGUAGES)
    assert lines == [
        'error content/pages/a.md:4 The original "abuot" of this translation is not there.',
        *(f"error content/pages/{n}.md:4 This text says that it is a translation of itself." for n in ("b", "c", "d")),
    ]
    assert problems[0].hint == 'Did you mean "about"?'
    assert {p.slug: p.group for p in site.pages}["f"] == "content/pages/about.md"


def test_two_texts_in_one_language(tmp_path: Path) -> None:
    """A translation without a language, and a second one into the same language, are errors: one would hide the other."""
    files: Files = {"content/pages/a.md": text(), "content/pages/b.md": text("translation_of: a"), "content/pages/c.md": text("language: es\ntranslation_of: a"), "content/pages/d.md": text("language: es\ntranslation_of: a")}
    assert assemble(tmp_path, files, LANGUAGES)[1] == [
        "error content/pages/b.md:3 This translation is in the same language as content/pages/a.md: en.",
        "error content/pages/d.md:3 This translation is in the same language as content/pages/c.md: es.",
    ]


def test_what_only_the_original_lacks(tmp_path: Path) -> None:
    """A fault that a translation inherits is told once, where it was written."""
    files: Files = {
        "content/events/e.md": event("venue: nowhere\ncategories: [x]\nchapter: nowhere"), "content/events/e.es.md": text(),
        "content/posts/2026-10-05-p.md": post("event: nowhere"), "content/posts/2026-10-05-p.es.md": text(),
        "content/posts/nodate.es.md": text(), "content/events/nodate.es.md": text(),
        "content/events/z.md": text("start: 2026-12-01T10:00:00Z"), "content/events/z.es.md": text(),
    }  # fmt: skip
    _, lines, _ = assemble(tmp_path, files, LANGUAGES + "categories: [News]\n")
    assert sorted(line for line in lines if not line.startswith("hint")) == [
        'error content/events/e.md:4 The venue "nowhere" is not in content/venues.yml.',
        'error content/events/e.md:5 "x" is not one of the site\'s categories.',
        'error content/events/e.md:6 "nowhere" is not a chapter of this site.',
        "error content/events/nodate.es.md:1 The start is missing.",
        "error content/posts/2026-10-05-p.md:4 The event \"nowhere\" is not there.",
        "error content/posts/nodate.es.md:1 The date is missing.",
    ]
    assert all("content/events/z.md:3" in line for line in lines if "z." in line)


# --- addresses -----------------------------------------------------------------------------------------------------


def test_addresses_of_pages(tmp_path: Path) -> None:
    """Folders and names as slugs, bundles without their index, the index as home page, languages in front."""
    files: Files = {
        "content/pages/index.md": text(), "content/pages/index.es.md": text(), "content/pages/Über uns/Wie es geht.md": text(), "content/pages/help/index.md": text(),
        "content/pages/help/travel.md": text("slug: way-here"), "content/pages/日本/x.md": text(), "content/pages/🎉/y.md": text(),
    }  # fmt: skip
    assert [p.route for p in good(tmp_path, files, LANGUAGES).pages] == ["/", "/es/", "/help/", "/help/way-here/", "/uber-uns/wie-es-geht/", "/日本/x/", "/🎉/y/"]


def test_patterns() -> None:
    """Words in braces are filled in; what is empty falls away."""
    assert fill_permalink("/{year}/{month}/{slug}/", "a", datetime(2026, 1, 5).date(), "") == "/2026/01/a/"
    assert fill_permalink("/{chapter}/{year}/{slug}/", "a", None, "") == "/a/"
    assert (prefix_of("es", ("en", "es")), prefix_of("en", ("en", "es")), prefix_of("cy", ("en", "es"))) == ("/es", "", "")


@pytest.mark.parametrize(("kind", "name"), [("events", "past"), ("posts", "page")])
def test_clashes_with_pages_of_the_site(tmp_path: Path, kind: str, name: str) -> None:
    """A text cannot take the address of a list; the error names the file."""
    _, lines, _ = assemble(tmp_path, {f"content/{kind}/{name}.md": event() if kind == "events" else post()})
    assert (kind == "posts" and lines == []) or any("/events/past/" in line and line.startswith("error") for line in lines)


def test_an_old_address_that_is_still_the_address(tmp_path: Path) -> None:
    """It leads nowhere new, and is no mistake."""
    site = good(tmp_path, {"content/posts/2026-10-05-a.md": post("aliases: [/posts/a/, /posts/a, /Posts/A/index.html, /old/]")})
    assert site.posts[0].fields.aliases == ("/old/",)


# --- links ---------------------------------------------------------------------------------------------------------

SOURCES = {"content/posts/a.md": "/posts/a/", "content/events/e/index.md": "/events/e/", "content/pages/café.md": "/cafe/"}
FILES = {"content/posts/My photo #1.jpg": "/posts/My photo #1.jpg", "content/posts/100%.jpg": "/posts/100%.jpg", "static/logo.svg": "/logo.svg"}


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("a.md", "/r/posts/a/"), ("./a.md#top", "/r/posts/a/#top"), ("../events/e/index.md", "/r/events/e/"), ("../events/e/", "/r/events/e/"), ("../events/e", "/r/events/e/"),
        ("content/posts/a.md", "/r/posts/a/"), ("posts/a.md?x=y#z", "/r/posts/a/?x=y#z"), ("../pages/cafe\u0301.md", "/r/cafe/"), ("../pages/caf%C3%A9.md", "/r/cafe/"),
        ("My%20photo%20%231.jpg", "/r/posts/My%20photo%20%231.jpg"), ("My photo #1.jpg", "/r/posts/My%20photo%20%231.jpg"), ("100%.jpg", "/r/posts/100%25.jpg"),
        ("/events/", "/r/events/"), ("/logo.svg", "/r/logo.svg"), ("static/logo.svg", "/r/logo.svg"), ("#here", "#here"), ("?a=b", "?a=b"), ("", ""),
    ],
)  # fmt: skip
def test_where_links_lead(written: str, address: str) -> None:
    """By path from the file or from the site's folder, to files with odd names, to addresses of the site; questions and headings are kept."""
    links = Links(SOURCES, FILES, "/r/")
    assert links.url(Target(url=written), "content/posts/b.md") == address and links.problems == []


@pytest.mark.parametrize(
    ("written", "severity", "words", "hint"),
    [
        ("b.md", "error", "not there", "a.md"), ("../events/x.yml", "error", "not there", "path"), ("../../../../etc/passwd", "warning", "leads nowhere", "https://"),
        ("A.md", "error", "not there", 'Did you mean "a.md"?'), ("..\\events\\e.md", "error", "not there", "/ instead of"), ("//evil.example/x", "error", "not an address of this site", "https://"),
        ("hidden.md", "warning", "not published now", "Publish"), ("http://[x", "error", "not an address", "brackets"),
    ],
)  # fmt: skip
def test_links_that_lead_nowhere(written: str, severity: str, words: str, hint: str) -> None:
    """Texts that are missing are errors, others warnings, each with what may have been meant; the link stays as it was."""
    links = Links(SOURCES, FILES, "/r/", {"content/posts/hidden.md"})
    assert links.url(Target(url=written, line=7), "content/posts/b.md") == written
    (problem,) = links.problems
    assert problem.severity == severity and words in problem.message and hint in problem.hint and problem.place == Place("content/posts/b.md", 7)


def test_pictures_that_are_missing() -> None:
    """The name of the picture that may be meant is given."""
    links = Links(SOURCES, FILES, "/")
    links.url(Target(url="my photo #1.jpg", attribute="src"), "content/posts/b.md")
    assert links.problems[0].message == 'The picture "my photo #1.jpg" is not there.' and "My photo #1.jpg" in links.problems[0].hint


def test_addresses_and_headings_are_checked_with_the_plan() -> None:
    """An address that no page has, one with the site's own path, a heading that is not there."""
    links = Links(SOURCES, FILES, "/r/")
    for written in ("/posts/a/", "/posts/a", "/posts/a/index.html", "/r/posts/a/", "/posts/b/", "a.md#two", "a.md#tow"):
        links.url(Target(url=written), "content/posts/c.md")
    found = links.check({"/posts/a/": 1}, {"/posts/a/": frozenset({"two"})})
    assert [(p.message, p.hint) for p in found] == [
        ('"/r/posts/a/" is not an address of this site.', "Leave out /r: it is added by itself."),
        ('"/posts/b/" is not an address of this site.', 'Did you mean "/posts/a/"?'),
        ('"a.md#tow" leads to a heading that is not there.', 'Did you mean "two"?'),
    ]


def test_a_thousand_lost_links_among_many_pages() -> None:
    """An old site with many dead links is checked in bounded time: names are indexed once."""
    files = {f"content/posts/some-title-number-{n}.md": f"/posts/some-title-number-{n}/" for n in range(20_000)}
    links = Links(files, {}, "/")
    for n in range(1000):
        links.url(Target(url=f"some-titel-number-{n}.md"), "content/posts/a.md")
        links.url(Target(url=f"/posts/some-titel-number-{n}/"), "content/posts/a.md")
    found = [*links.problems, *links.check(dict.fromkeys(files.values()), {})]
    assert len(found) == 2000 and all("Did you mean" in p.hint for p in found)


@pytest.mark.parametrize(("route", "address"), [("/a/b/", "/a/b/"), ("/é#?/", "/%C3%A9%23?/"), ("/a#b[1].png", "/a%23b%5B1%5D.png"), ('/a "b"/', "/a%20%22b%22/"), ("/100%/", "/100%25/"), ("/a&b'c/", "/a&b'c/")])
def test_routes_as_addresses(route: str, address: str) -> None:
    """Everything that an address cannot hold is encoded; a question mark stands only in old addresses and stays one."""
    assert quoted(route) == address
