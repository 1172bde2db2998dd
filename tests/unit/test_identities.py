"""Identities that outlive edits: what a text keeps when it is renamed, moved, dated anew or taken away."""

import json
from datetime import timedelta
from pathlib import Path

import feedparser
import icalendar
import pytest

from iopsgen.model import Facts, Identity, Scope
from iopsgen.read.identities import FILE, read_identities, write_identities
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, messages, tree, write_site


def event_of(site: Path, path: str = "calendar.ics") -> icalendar.Event:
    """The one event of a calendar of the site."""
    (found,) = icalendar.Calendar.from_ical((site / "output" / path).read_bytes()).walk("VEVENT")
    return found


def mails(result: object) -> list[str]:
    return [m for m in messages(result) if "vanish" in m]  # type: ignore[arg-type]


CHAPTERS = {"content/chapters/north.md": "---\ntitle: North\n---\n", "content/chapters/south.md": "---\ntitle: South\n---\n"}


@pytest.mark.parametrize(
    ("edit", "grows"),
    [
        ({"content/events/picnic.md": EVENT.replace("Picnic", "Winter picnic")}, False),
        ({"content/events/picnic.md": None, "content/events/lunch.md": EVENT}, False),
        ({"content/events/picnic.md": None, "content/events/south/picnic.md": EVENT}, False),
        ({"content/events/picnic.md": None, "content/events/winter-picnic.md": EVENT.replace("Picnic", "Winter picnic")}, False),
        ({"content/events/picnic.md": None, "content/events/south/picnic.md": EVENT.replace("12-05", "12-06")}, True),
        ({"content/events/picnic.md": EVENT.replace("12-05", "12-06")}, True),
        ({"content/events/picnic.md": EVENT.replace("15:00", "16:00")}, True),
        ({"content/events/picnic.md": EVENT.replace("end:", "venue: {name: The hall}\nend:")}, True),
        ({"content/events/picnic.md": EVENT.replace("end:", "status: cancelled\nreason: rain\nend:")}, True),
        ({"content/events/picnic.md": EVENT.replace("end:", "repeat: weekly, 3 times\nend:")}, True),
        ({"content/events/picnic.md": EVENT.replace("end:", "online: https://example.org/join\nend:")}, True),
        ({"content/events/picnic.md": EVENT.replace("cake", "loaf")}, False),
        ({"content/events/picnic.md": EVENT.replace("end:", "chapter: south\nend:")}, False),
    ],
    ids=["title", "file name", "folder", "title and file name", "folder and date", "date", "end", "place", "status", "rule", "online", "text", "chapter"],
)
def test_an_event_stays_the_same_event(tmp_path: Path, edit: dict[str, str | bytes | None], grows: bool) -> None:
    """Whatever is edited, the UID stays; SEQUENCE grows where start, end, place, status or rule change, and a build more adds nothing."""
    site = write_site(tmp_path, {"content/events/picnic.md": EVENT, **CHAPTERS})
    assert build_site(site).ok
    before = event_of(site)
    write_site(site, edit)
    later = NOW + timedelta(hours=3)
    assert build_site(site, later).ok
    after = event_of(site)
    assert after["UID"] == before["UID"]
    assert (after["SEQUENCE"] > before["SEQUENCE"]) is grows
    assert (after["LAST-MODIFIED"].dt == later) is grows
    first = tree(site / "output")
    assert build_site(site, later + timedelta(minutes=1)).written == 0 and tree(site / "output") == first
    assert build_site(site, later, clean=True).ok and tree(site / "output") == first


def test_a_moved_page_is_found_at_its_old_address(tmp_path: Path) -> None:
    """A renamed text leaves a redirect, its calendar file and its comments behind; further moves lead straight to the newest address."""
    inbox = '{"id": "c1", "page": "/posts/welcome/", "received": "2026-11-01T10:00:00Z", "body": "Hello"}\n'
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "content/events/picnic.md": EVENT, "comments/inbox.jsonl": inbox})
    build_site(site)
    guid = feedparser.parse((site / "output/feed.xml").read_bytes()).entries[-1].id
    for old, new in (("welcome", "hello"), ("hello", "good-day")):
        write_site(site, {f"content/posts/{old}.md": None, f"content/posts/{new}.md": POST})
        assert build_site(site).ok
    write_site(site, {"content/events/picnic.md": None, "content/events/lunch.md": EVENT})
    built = build_site(site)
    assert built.ok and mails(built) == []
    for old in ("welcome", "hello"):
        page = (site / f"output/posts/{old}/index.html").read_text("utf-8")
        assert 'content="0; url=/river/posts/good-day/"' in page.replace("url=https://example.org", "url=") or "/river/posts/good-day/" in page
    assert (site / "output/events/picnic/event.ics").read_bytes() == (site / "output/events/lunch/event.ics").read_bytes()
    assert "Hello" in (site / "output/posts/good-day/index.html").read_text("utf-8")
    assert guid in {e.id for e in feedparser.parse((site / "output/feed.xml").read_bytes()).entries}


def test_a_moved_chapter_keeps_its_feeds_and_its_calendar(tmp_path: Path) -> None:
    """Programs that follow a chapter's feeds and calendar find them at the old address too."""
    site = write_site(tmp_path, {"content/chapters/north.md": "---\ntitle: North\n---\n", "content/events/picnic.md": EVENT})
    build_site(site)
    write_site(site, {"content/chapters/north.md": None, "content/chapters/far-north.md": "---\ntitle: North\n---\n"})
    write_site(site, {"content/events/picnic.md": EVENT.replace("end:", "chapter: far-north\nend:")})
    assert build_site(site).ok
    for name in ("calendar.ics", "feed.xml", "atom.xml", "feed.json", "events.json"):
        assert (site / "output/chapters/north" / name).read_bytes() == (site / "output/chapters/far-north" / name).read_bytes()
    assert "far-north" in (site / "output/chapters/north/index.html").read_text("utf-8")


def test_a_published_address_does_not_vanish_unnoticed(tmp_path: Path) -> None:
    """A build warns, a check refuses; an alias elsewhere, `gone`, or a draft settles it."""
    site = write_site(tmp_path, {"content/posts/welcome.md": POST, "content/events/picnic.md": EVENT})
    build_site(site)
    write_site(site, {"content/posts/welcome.md": None})
    built = build_site(site)
    assert built.ok and len(mails(built)) == 1 and mails(built)[0].startswith("warning")
    assert "/posts/welcome/" in mails(built)[0] and "gone" in built.problems[0].hint
    checked = build_site(site, dry_run=True, checking=True, keep_going=True)
    assert not checked.ok and mails(checked)[0].startswith("error")
    (site / "iopsgen.yml").write_text(SETTINGS + "gone: [/posts/welcome/]\n")
    assert build_site(site, dry_run=True, checking=True).ok
    (site / "iopsgen.yml").write_text(SETTINGS)
    write_site(site, {"content/posts/other.md": POST.replace("title: Welcome", "title: Other\naliases: [/posts/welcome/]").replace("10-05", "10-09")})
    assert build_site(site, dry_run=True, checking=True).ok
    write_site(site, {"content/posts/other.md": None, "content/posts/welcome.md": POST.replace("title:", "draft: true\ntitle:")})
    assert build_site(site, dry_run=True, checking=True).ok


def test_a_change_of_date_or_place_is_a_new_entry_of_the_feed(tmp_path: Path) -> None:
    """The entry says that it is a change, what is true now and what was before; a corrected text makes none, and it goes when the event is over."""
    site = write_site(tmp_path, {"content/events/picnic.md": EVENT.replace("end:", "publish: 2026-11-01\nvenue: {name: The hall, city: Town}\nend:")})
    build_site(site)
    text = (site / "content/events/picnic.md").read_text().replace("12-05", "12-06").replace("The hall", "The barn")
    write_site(site, {"content/events/picnic.md": text})
    later = NOW + timedelta(hours=5)
    build_site(site, later)
    entries = feedparser.parse((site / "output/feed.xml").read_bytes()).entries
    assert [e.title.partition(" · ")[0] for e in entries] == ["Changed: Picnic", "Picnic"]
    assert len({e.id for e in entries}) == 2 and entries[0].published_parsed[:5] == later.timetuple()[:5]
    assert "Before: Saturday" in entries[0].content[0].value and "The hall, Town" in entries[0].content[0].value
    write_site(site, {"content/events/picnic.md": text.replace("cake", "loaf")})
    build_site(site, later + timedelta(days=1))
    again = feedparser.parse((site / "output/feed.xml").read_bytes()).entries
    assert [e.id for e in again] == [e.id for e in entries] and again[0].published == entries[0].published
    build_site(site, later + timedelta(days=40))
    assert len(feedparser.parse((site / "output/feed.xml").read_bytes()).entries) == 1


def test_a_change_is_told_of_an_event_that_never_said_when_it_was_announced(tmp_path: Path) -> None:
    """Without `publish`, too, the entry of before keeps its date and its id, and the change is one more."""
    site = write_site(tmp_path, {"content/events/picnic.md": EVENT})
    build_site(site)
    (before,) = feedparser.parse((site / "output/feed.xml").read_bytes()).entries
    write_site(site, {"content/events/picnic.md": EVENT.replace("15:00", "16:00")})
    build_site(site, NOW + timedelta(hours=5))
    changed, same = feedparser.parse((site / "output/feed.xml").read_bytes()).entries
    assert changed.title.startswith("Changed: ") and (same.id, same.published) == (before.id, before.published) and changed.id != same.id


def test_a_post_with_another_title_and_another_file_name_is_known_by_its_date(tmp_path: Path) -> None:
    """Retitled and renamed at once, in the same folder on the same day: the old address leads on."""
    site = write_site(tmp_path, {"content/posts/2026-10-05-welcome.md": POST})
    build_site(site)
    write_site(site, {"content/posts/2026-10-05-welcome.md": None, "content/posts/2026-10-05-hi.md": POST.replace("Welcome", "Hi")})
    built = build_site(site)
    assert mails(built) == [] and "/posts/hi/" in (site / "output/posts/welcome/index.html").read_text()


def test_of_two_events_with_one_uid_the_newer_file_is_the_copy(tmp_path: Path) -> None:
    """The one that is published already is never the one to be changed."""
    event = EVENT.replace("title:", "uid: one\ntitle:")
    site = write_site(tmp_path, {"content/events/picnic.md": event})
    build_site(site)
    write_site(site, {"content/events/a-copy.md": event})
    (problem,) = [p for p in build_site(site).problems if p.severity == "error"]
    assert problem.place is not None and problem.place.file == "content/events/a-copy.md" and "picnic.md" in problem.message


def test_a_feed_stays_when_nothing_is_left_in_it(tmp_path: Path) -> None:
    """The page and the feeds of a category, a tag or a person that no text names any more are still there, empty and out of the lists."""
    post = POST.replace("title:", "categories: [News]\ntags: [tea]\ntitle:")
    site = write_site(tmp_path, {"content/posts/welcome.md": post})
    build_site(site)
    write_site(site, {"content/posts/welcome.md": post.replace("News", "Notes").replace("tea", "milk").replace("Ben", "Carla")})
    assert build_site(site).ok
    for path in ("categories/news/feed.xml", "categories/news/index.html", "people/ben/feed.xml", "people/ben/index.html"):
        assert (site / "output" / path).is_file(), path
    assert feedparser.parse((site / "output/categories/news/feed.xml").read_bytes()).entries == []
    assert 'content="noindex' in (site / "output/categories/news/index.html").read_text()
    assert "news" not in (site / "output/categories/index.html").read_text() and "/people/ben/" not in (site / "output/people/index.html").read_text()
    (site / "iopsgen.yml").write_text(SETTINGS + "gone: [/categories/news/, /people/ben/]\n")
    assert build_site(site).ok and not (site / "output/categories/news").exists() and not (site / "output/people/ben").exists()


def test_two_texts_never_share_an_identity(tmp_path: Path) -> None:
    """A new file at a path that another text once had gets a UID of its own; so does a copy."""
    site = write_site(tmp_path, {"content/events/picnic.md": EVENT})
    build_site(site)
    first = event_of(site)["UID"]
    write_site(site, {"content/events/picnic.md": None, "content/events/lunch.md": EVENT})
    build_site(site)
    write_site(site, {"content/events/picnic.md": EVENT.replace("Picnic", "Ball").replace("12-05", "12-20"), "content/events/copy.md": EVENT})
    assert build_site(site).ok
    uids = {str(e["SUMMARY"]): e["UID"] for e in icalendar.Calendar.from_ical((site / "output/calendar.ics").read_bytes()).walk("VEVENT")}
    assert event_of(site, "events/lunch/event.ics")["UID"] == first and len({*uids.values(), event_of(site, "events/copy/event.ics")["UID"]}) == 3
    assert build_site(site).written == 0


OTHER = EVENT.replace("Picnic", "Ball").replace("12-05", "12-20")


def uids(site: Path) -> dict[str, str]:
    """Title → UID of every event of the site's calendar."""
    found = icalendar.Calendar.from_ical((site / "output/calendar.ics").read_bytes()).walk("VEVENT")
    return {str(event["SUMMARY"]): str(event["UID"]) for event in found}


@pytest.mark.parametrize(
    "steps",
    [
        [{"a": OTHER, "b": EVENT}],
        [{"a": None, "b": None, "c": EVENT, "d": OTHER}],
        [{"a": None, "b": None, "c": EVENT, "a2": OTHER}, {"c": None, "a2": None, "a": OTHER, "b": EVENT}],
        [{"b": EVENT, "a": EVENT.replace("Picnic", "Tea").replace("12-05", "12-11"), "c": OTHER}],
        [{"a": None, "c": EVENT}, {"a": EVENT.replace("Picnic", "Tea").replace("12-05", "12-11")}, {"a": None}, {"c": None, "a": EVENT}],
    ],
    ids=["names exchanged", "both renamed", "renamed twice, crosswise", "moved on by one", "away and home"],
)
def test_what_a_file_says_comes_before_what_it_is_called(tmp_path: Path, steps: list[dict[str, str | None]]) -> None:
    """Files that exchange or hand on their names are the events that they say; no address is lost."""
    site = write_site(tmp_path, {"content/events/a.md": EVENT, "content/events/b.md": OTHER})
    build_site(site)
    before = uids(site)
    for step in steps:
        for name, text in step.items():
            path = site / f"content/events/{name}.md"
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        built = build_site(site)
        assert (built.ok and mails(built) == []) or step in steps[1:-1], messages(built)
    after = uids(site)
    assert {title: after[title] for title in before} == before and len(set(after.values())) == len(after)
    assert build_site(site).written == 0


def test_a_file_takes_the_place_of_one_that_was_deleted_and_stays_itself(tmp_path: Path) -> None:
    """The path of a deleted event gives its identity back only to what is like it."""
    site = write_site(tmp_path, {"content/events/a.md": EVENT, "content/events/b.md": OTHER})
    build_site(site)
    before = uids(site)
    write_site(site, {"content/events/a.md": None})
    build_site(site)
    write_site(site, {"content/events/b.md": None, "content/events/a.md": OTHER})
    build_site(site)
    assert uids(site) == {"Ball": before["Ball"]} and (site / "output/events/b/event.ics").is_file()


def test_a_renamed_translation_is_known_by_what_it_inherits(tmp_path: Path) -> None:
    """The date of a translation is that of its original; its old address leads on in its language."""
    files = {"content/events/a.md": EVENT, "content/events/a.es.md": "---\ntitle: Comida\n---\nHola.\n"}
    site = write_site(tmp_path, files, SETTINGS + "languages: [en, es]\n")
    build_site(site)
    for name in ("a.md", "a.es.md"):
        (site / "content/events" / name).rename(site / "content/events" / name.replace("a.", "lunch-at-noon."))
    built = build_site(site)
    assert mails(built) == [] and "lunch-at-noon" in (site / "output/es/events/a/index.html").read_text()


def test_what_stands_in_other_peoples_frames_stays(tmp_path: Path) -> None:
    """The frame of a renamed chapter and the flyer of a renamed event are at their old addresses too."""
    site = write_site(tmp_path, {"content/chapters/north.md": "---\ntitle: North\n---\n", "content/events/picnic.md": EVENT})
    build_site(site)
    (site / "content/chapters/north.md").rename(site / "content/chapters/far.md")
    (site / "content/events/picnic.md").rename(site / "content/events/lunch.md")
    assert build_site(site).ok
    assert (site / "output/chapters/north/embed/index.html").read_bytes() == (site / "output/chapters/far/embed/index.html").read_bytes()
    assert (site / "output/events/picnic/flyer/index.html").is_file()


def test_every_address_of_a_text_that_vanishes_is_named(tmp_path: Path) -> None:
    """The addresses from before it was renamed, too."""
    site = write_site(tmp_path, {"content/pages/a.md": "---\ntitle: A\n---\n"})
    build_site(site)
    (site / "content/pages/a.md").rename(site / "content/pages/b.md")
    build_site(site)
    write_site(site, {"content/pages/b.md": None, "content/pages/m.md": "---\ntitle: M\naliases: [/b/]\n---\n"})
    assert ["/a/" in m for m in mails(build_site(site))] == [True]


@pytest.mark.parametrize("line", ['"routes":["//x/"]', '"routes":["/../../x/"]', '"routes":["/a\\nb/"]', '"routes":["/events/"],"sequence":9223372036854775807', '"sequence":-1'])
def test_a_line_that_nothing_can_come_of_is_named_and_left_aside(tmp_path: Path, line: str) -> None:
    """Addresses that are none and numbers that no calendar holds are warnings at their line; the site is built."""
    site = write_site(tmp_path, {"content/events/a.md": EVENT})
    (site / FILE).write_text('{"kind":"text","first":"content/events/a.md",' + line + "}\n")
    built = build_site(site)
    assert built.ok and any(m.startswith(f"warning {FILE}:1:1") for m in messages(built)), messages(built)


def test_what_could_be_either_is_neither(tmp_path: Path) -> None:
    """Two lost files that are equally like a new one: nobody guesses, and both are reported."""
    other = EVENT.replace("Picnic", "Lunch")
    site = write_site(tmp_path, {"content/events/a.md": EVENT, "content/events/b.md": other})
    build_site(site)
    write_site(site, {"content/events/a.md": None, "content/events/b.md": None, "content/events/c.md": EVENT.replace("Picnic", "Tea")})
    assert len(mails(build_site(site))) == 2


def test_drafts_and_dry_runs_note_nothing(tmp_path: Path) -> None:
    """Only what is published is noted; a file that cannot be written is a warning."""
    site = write_site(tmp_path, {"content/posts/welcome.md": POST})
    build_site(site, drafts=True)
    build_site(site, dry_run=True)
    assert not (site / FILE).exists()
    (site / f"{FILE}.new").mkdir()
    built = build_site(site)
    assert built.ok and any("could not be noted" in m for m in messages(built))
    (site / f"{FILE}.new").rmdir()
    assert build_site(site).ok and (site / FILE).exists()


def test_the_file_survives_a_merge_of_two_branches(tmp_path: Path) -> None:
    """Both sides of a merge, doubled lines and git's own marks make the same identities in any order; a damaged line is kept and named."""
    mine = Identity(first="content/events/a.md", routes=("/events/a/", "/events/b/"), uid="u", sequence=2, facts=Facts(start="2026-12-05T12:00"))
    theirs = Identity(first="content/events/a.md", source="content/events/c.md", routes=("/events/a/", "/events/c/"), uid="u", sequence=1)
    scope = Scope(route="/tags/tea/", title="tea")
    one, two = write_identities([mine], [scope], []), write_identities([theirs], [scope], [])
    merged = [b"<<<<<<< HEAD\n" + one + b"=======\n" + two + b">>>>>>> theirs\n", two + one + one]
    (left, none), (right, _) = map(read_identities, merged)
    assert none == [] and left == right and left.scopes == (scope,)
    assert left.identities[0].sequence == 2 and left.identities[0].routes == ("/events/a/", "/events/c/", "/events/b/")
    torn, problems = read_identities(one + b'{"kind":"te\n\xff\xfe\n')
    assert len(problems) == 2 and torn.identities == (mine,) and read_identities(write_identities(torn.identities, torn.scopes, torn.unread))[0] == torn


def test_the_file_is_small_plain_and_in_order(tmp_path: Path) -> None:
    """One JSON object a line, sorted by the first path, the same whatever the order of files."""
    site = write_site(tmp_path, {f"content/events/e{n}.md": EVENT for n in range(3)})
    build_site(site)
    lines = [json.loads(line) for line in (site / FILE).read_text("utf-8").splitlines()]
    assert [line["first"] for line in lines] == [f"content/events/e{n}.md" for n in range(3)]
    assert lines[0]["facts"] == {"start": "2026-12-05T12:00"} and "source" not in lines[0]


def test_a_translation_is_the_same_event(tmp_path: Path) -> None:
    """All languages carry one UID and one SEQUENCE, also after the original was moved together with its translation."""
    site = write_site(tmp_path, {"content/events/picnic.md": EVENT, "content/events/picnic.es.md": "---\ntitle: Comida\n---\nHola.\n"}, SETTINGS + "languages: [en, es]\n")
    build_site(site)
    uid = event_of(site)["UID"]
    for name in ("picnic.md", "picnic.es.md"):
        (site / "content/events" / name).rename(site / "content/events" / name.replace("picnic", "lunch"))
    write_site(site, {"content/events/lunch.md": EVENT.replace("12-05", "12-06")})
    assert build_site(site).ok
    found = [event_of(site), event_of(site, "es/calendar.ics")]
    assert [e["UID"] for e in found] == [uid, uid] and [e["SEQUENCE"] for e in found] == [1, 1]
