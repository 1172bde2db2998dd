"""Calendars of partners: where their events show, what they may not do, and that nothing of theirs stops a build."""

import json
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
from lxml import etree

from iopsgen import recall
from iopsgen.build import Options, Prepared, prepare
from iopsgen.read import contents
from iopsgen.serve.rebuild import Rebuilder
from iopsgen.serve.stage import Stage
from iopsgen.settings import read_settings
from iopsgen.store import Store
from tests.imports import file_of
from tests.sites import EVENT, NOW, POST, SETTINGS, build_site, messages, tree, write_site

CALENDARS = """categories: [News, Talks]
calendars:
  - {file: calendars/river.ics, title: The River Society, url: "https://river.example.net/", chapter: leeds, color: teal, categories: [News]}
"""
B = ";TZID=Europe/Berlin:"
FAIR = (
    f"UID:fair@river|DTSTART{B}20261208T190000|DTEND{B}20261208T210000|SUMMARY:Winter *fair*|LOCATION:Town hall\\, 1 Market Street"
    "|URL:https://river.example.net/fair|DESCRIPTION:Come\\n# all|CATEGORIES:Talks,Odd|ORGANIZER;CN=Zora:mailto:zora@river.example.net"
    "|ATTACH;FMTTYPE=image/png:https://river.example.net/spy.png|LAST-MODIFIED:20261001T080000Z"
)
CHOIR = f"UID:choir@river|DTSTART{B}20261201T190000|RRULE:FREQ=WEEKLY;COUNT=4|SUMMARY:Choir"


def site_with(folder: Path, *events: str, settings: str = SETTINGS + CALENDARS, **files: str | bytes) -> Path:
    """A site with one event of its own, a chapter, and the calendar of a partner."""
    return write_site(
        folder,
        {
            "content/chapters/leeds.md": "---\ntitle: Leeds\ncontact: leeds@example.org\n---\nHere.\n",
            "content/events/picnic.md": EVENT.replace("title", "uid: picnic@us\ntitle"),
            "calendars/river.ics": file_of(*events),
            **files,
        },
        settings,
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Built: the fair and the choir of the partner beside the site's own picnic."""
    folder = site_with(tmp_path / "site", FAIR, CHOIR)
    built = build_site(folder)
    assert built.ok and not messages(built)
    return folder / "output"


def page_of(output: Path, name: str) -> str:
    """The page of an event whose address begins so."""
    (path,) = [p for p in (output / "events").glob(f"{name}-*/index.html")]
    return path.read_text("utf-8")


# --- where they show -----------------------------------------------------------------------------------------------


def test_they_stand_in_every_list(site: Path) -> None:
    """The events of a partner are among what is coming, in the month grid, with the chapter, in its category, and say whose they are."""
    for page in ("index.html", "events/index.html", "calendar/2026/12/index.html", "chapters/leeds/index.html", "categories/news/index.html"):
        text = (site / page).read_text("utf-8")
        assert "Winter *fair*" in text and "Choir" in text, page
    assert (site / "events/index.html").read_text("utf-8").count("From the calendar of <bdi>The River Society</bdi>") == 2
    assert (site / "events/embed/index.html").read_text("utf-8").count("The River Society") == 2
    assert "Choir" not in (site / "chapters/index.html").read_text("utf-8")  # the next event of a chapter is its own
    assert 'fill="teal"' in (site / "events/index.html").read_text("utf-8")


def test_their_page_leads_to_the_original(site: Path) -> None:
    """The page names the partner, links to both, is hidden from search engines, and is nobody's here: no organiser, contact, comments, flyer."""
    page = page_of(site, "winter-fair")
    head = etree.HTML(page)
    assert head.xpath("//link[@rel='canonical']/@href") == ["https://river.example.net/fair"] and "noindex" in head.xpath("//meta[@name='robots']/@content")[0]
    assert 'From the calendar of <a href="https://river.example.net/" rel="noopener">The River Society</a>' in page
    assert '<a href="https://river.example.net/fair" rel="noopener">See the original</a>' in page
    for word in ("leeds@example.org", "Zora", "spy.png", "comment", "Print a flyer", "/edit/"):
        assert word not in page
    assert "# all" in page and "<h1>all" not in page and "Town hall" in page and "1 Market Street" in page
    assert not list((site / "events").glob("winter-fair-*/flyer")) and list((site / "events").glob("picnic/flyer"))
    addresses = [p.relative_to(site).as_posix() for p in (site / "events").glob("*-*/index.html")]
    assert addresses and not [a for a in addresses if a.removesuffix("index.html") in (site / "sitemap.xml").read_text()]


def test_they_keep_their_names_in_calendars(site: Path) -> None:
    """The calendars of the site and of the chapter hold them under their own UID, with whose they are, and without an organiser."""
    for name in ("calendar.ics", "chapters/leeds/calendar.ics"):
        calendar = icalendar.Calendar.from_ical((site / name).read_bytes())
        events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
        assert {"fair@river", "choir@river"} <= events.keys()
        fair = events["fair@river"]
        assert "From the calendar of The River Society" in str(fair["DESCRIPTION"]) and "ORGANIZER" not in fair and "ATTACH" not in fair
        assert fair["DTSTART"].dt.isoformat() == "2026-12-08T19:00:00+01:00" and events["choir@river"]["RRULE"]["COUNT"] == [4]
    found = json.loads((site / "events.json").read_text())["events"]
    assert {"title": "The River Society", "url": "https://river.example.net/", "original": "https://river.example.net/fair"} in [e.get("origin") for e in found]


def test_they_are_no_news(site: Path) -> None:
    """Feeds leave them out, and so does the memory of what was published: the partner looks after its events itself."""
    for name in ("feed.xml", "atom.xml", "feed.json", "chapters/leeds/feed.xml", "categories/news/atom.xml"):
        assert "Winter" not in (site / name).read_text("utf-8"), name
    assert b"river" not in (site.parent / "published.jsonl").read_bytes()
    assert not (site / "tags" / "odd").exists() and not (site / "people" / "zora").exists()


# --- ours and theirs -----------------------------------------------------------------------------------------------


def test_our_own_wins(tmp_path: Path) -> None:
    """An event that the site has itself is shown once, its own, a draft hides it, and single dates of it are known as well; it is only counted."""
    theirs = (f"UID:picnic@us|DTSTART{B}20261205T120000|SUMMARY:Theirs", f"UID:20261205T120000-picnic@us|DTSTART{B}20261205T120000|SUMMARY:Theirs")
    draft = EVENT.replace("title: Picnic", "uid: hidden@us\ntitle: Secret\ndraft: true")
    folder = site_with(tmp_path / "s", *theirs, f"UID:hidden@us|DTSTART{B}20261205T120000|SUMMARY:Theirs", **{"content/events/draft.md": draft})
    built = build_site(folder)
    assert built.ok and not messages(built)
    assert [(c.events, c.ours, c.left_out) for c in built.calendars] == [(0, 3, 0)]
    assert "Theirs" not in (folder / "output/events/index.html").read_text("utf-8")


def test_two_partners_with_the_same_event(tmp_path: Path) -> None:
    """An event that stands in two calendars is shown once, as that of the calendar that the settings name first."""
    settings = SETTINGS + "calendars:\n  - {file: calendars/river.ics, title: First}\n  - {file: calendars/other.ics, title: Second}\n"
    folder = site_with(tmp_path / "s", FAIR, settings=settings, **{"calendars/other.ics": file_of(FAIR, CHOIR)})
    built = build_site(folder)
    assert [(c.events, c.ours) for c in built.calendars] == [(1, 0), (1, 1)]
    assert "calendar of <bdi>First</bdi>" in page_of(folder / "output", "winter-fair") and len(list((folder / "output/events").glob("winter-fair-*"))) == 1


def test_what_is_long_over(tmp_path: Path) -> None:
    """What was over a year ago is left out, older dates of a series make no pages, and both change with the month, which next_change says."""
    old = f"UID:old|DTSTART{B}20251020T190000|DTEND{B}20251020T200000|SUMMARY:Old"
    recent = f"UID:recent|DTSTART{B}20251120T190000|DTEND{B}20251120T200000|SUMMARY:Recent"
    series = f"UID:series|DTSTART{B}20250303T190000|RRULE:FREQ=MONTHLY|SUMMARY:Series"
    folder = site_with(tmp_path / "s", old, recent, series)
    built = build_site(folder)
    assert [(c.events, c.over) for c in built.calendars] == [(2, 1)]
    pages = {p.parent.as_posix().removeprefix((folder / "output/calendar").as_posix()) for p in (folder / "output/calendar").rglob("index.html")}
    assert "/2025/11" in pages and "/2025/10" not in pages and "/2025/03" not in pages
    assert b"DTSTART;TZID=Europe/Berlin:20250303T190000" in (folder / "output/calendar.ics").read_bytes()
    month = NOW.replace(month=12, day=1, hour=0, minute=0)
    assert built.next_change is not None and built.next_change <= month
    later = build_site(folder, month + timedelta(minutes=1))
    assert [(c.events, c.over) for c in later.calendars] == [(1, 2)]


# --- nothing stops a build -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "calendars/river.ics is not there. The site is built without the calendar of The River Society."),
        (b"", "This file is empty. The site is built without it."),
        (b"<html>Sign in</html>", "This is a web page and not a calendar. The site is built without it."),
        (b"\x00\xff" * 5000, "This is not a calendar. The site is built without it."),
    ],
    ids=["missing", "empty", "HTML", "noise"],
)
def test_a_calendar_that_cannot_be_read(tmp_path: Path, data: bytes | None, message: str) -> None:
    """A missing or damaged file is a warning, and the site is built without it, as it would be without the setting."""
    folder = site_with(tmp_path / "s", FAIR)
    write_site(folder, {"calendars/river.ics": data})
    built = build_site(folder)
    assert built.ok and any(message in m and m.startswith("warning") for m in messages(built))
    plain = site_with(tmp_path / "plain", settings=SETTINGS + "categories: [News, Talks]\n")
    assert build_site(plain).ok and tree(folder / "output") == tree(plain / "output")


def test_a_link_out_of_the_site(tmp_path: Path) -> None:
    """A link that leads out of the site's folder is not followed; that is a warning here."""
    folder = site_with(tmp_path / "s", FAIR)
    (tmp_path / "secret.ics").write_bytes(file_of(FAIR))
    (folder / "calendars/river.ics").unlink()
    (folder / "calendars/river.ics").symlink_to(tmp_path / "secret.ics")
    built = build_site(folder)
    assert built.ok and "leads out of the site" in "".join(messages(built)) and not list((folder / "output/events").glob("winter*"))


def test_events_that_cannot_be_shown(tmp_path: Path) -> None:
    """An event that the site could not be built with is left out; the others are shown, and one line says so at the calendar's line."""
    bad = "UID:bad|DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261220|RRULE:FREQ=WEEKLY;COUNT=5|SUMMARY:Bad"
    folder = site_with(tmp_path / "s", bad, FAIR, f"UID:h|DTSTART{B}20261201T190000|RRULE:FREQ=HOURLY|SUMMARY:Hourly", "UID:p|CLASS:PRIVATE|DTSTART:20261201T190000Z|SUMMARY:Secret")
    built = build_site(folder)
    said = messages(built)
    assert built.ok and [(c.events, c.left_out) for c in built.calendars] == [(1, 3)]
    line = (folder / "calendars/river.ics").read_text("utf-8").splitlines().index("BEGIN:VEVENT") + 1
    assert any(m.startswith(f"warning calendars/river.ics:{line} This event is left out: Each date lasts") for m in said)
    assert any(m.startswith("hint calendars/river.ics") and "1 event of the calendar of The River Society was left out" in m for m in said)
    assert "Secret" not in "".join(said) and "Secret" not in "".join(str(v) for v in tree(folder / "output").values())


def test_slips_in_the_settings(tmp_path: Path) -> None:
    """A chapter or category that does not exist is an error where the settings name it; other slips are told with what to write."""
    folder = site_with(tmp_path / "s", FAIR, settings=SETTINGS + CALENDARS.replace("chapter: leeds", "chapter: leed").replace("[News]}", "[New]}"))
    said = messages(build_site(folder))
    assert any(m.startswith("error iopsgen.yml:9:1 \"leed\", the chapter of a calendar") for m in said)
    assert any(m.startswith("error iopsgen.yml:9:1 \"New\", a category of a calendar") for m in said)
    for entry, words in (
        ("{title: x}", '"file" is missing'),
        ("{file: ../x.ics, title: x}", "does not lie in the folder"),
        ("{file: static/x.ics, title: x}", "Everything in static/ is published"),
        ("{file: a.ics, title: x, color: 'red; x'}", "is not a colour"),
        ("{file: a.ics, title: x, colour: red}", "not a key"),
        ("{file: a.ics, title: x}, {file: a.ics, title: y}", "named twice"),
    ):
        _, problems = read_settings(SETTINGS + f"calendars: [{entry}]\n")
        assert any(words in p.message for p in problems), (entry, problems)


HOSTILE = [
    "</script><script>alert(1)</script>",
    "[x](javascript:alert(1)) ![y](https://evil.example/z.png)",
    "{{ site.title }}{% for x in range(99) %}",
    "---\\ntitle: taken\\ndraft: true\\n---",
    "../../../etc/passwd",
    "\\x02" + "0\\x03",
    "<img src=x onerror=alert(1)>",
    "\u2028\u2029\u0085\u202e",
    "title: x # y",
    "!!python/object:os.system",
    "&anchor *alias",
    "x" * 5000,
]


def test_text_stays_text(tmp_path: Path) -> None:
    """Whatever a partner writes into any field, it makes no element, no page elsewhere, no key, and no request to another server."""
    events = [
        f"UID:{n}{text}|DTSTART{B}202612{n + 1:02}T190000|SUMMARY:{text}|LOCATION:{text}|DESCRIPTION:{text}|X-ALT-DESC;FMTTYPE=text/html:<p>{text}</p>"
        f"|CATEGORIES:{text}|URL:{text}|CONFERENCE:{text}|ORGANIZER;CN=\"{text.replace(chr(34), '')}\":mailto:x|STATUS:{text}|COMMENT:{text}"
        for n, text in enumerate(HOSTILE)
    ]
    folder = site_with(tmp_path / "s", *events)
    built = build_site(folder)
    assert built.ok and built.calendars[0].events == len(HOSTILE)
    for page in (folder / "output").rglob("*.html"):
        root = etree.HTML(page.read_text("utf-8"))
        assert not root.xpath("//script[not(@type) and contains(., 'alert')] | //img[contains(@src, 'evil') or @onerror] | //*[@onerror]"), page
        assert not [a for a in root.xpath("//@href | //@src") if a.strip().lower().startswith(("javascript:", "data:text"))], page
    outside = {p.relative_to(folder).parts[0] for p in folder.rglob("*") if p.is_file()}
    assert outside <= {"iopsgen.yml", "content", "calendars", "output", ".iopsgen", "published.jsonl"}


def test_too_much_of_everything(tmp_path: Path) -> None:
    """Many events over many dates are shown up to a limit, and the rest is left out with a warning."""
    series = [f"UID:{n}|DTSTART{B}20261201T{n % 24:02}0000|RRULE:FREQ=DAILY|SUMMARY:Daily {n}" for n in range(140)]
    folder = site_with(tmp_path / "s", *series)
    prepared, problems = prepare(folder, Options(now=NOW, workers=1), Store(None))
    assert isinstance(prepared, Prepared)
    (partner,) = prepared.site.partners
    assert 50 < partner.events < 140 and partner.left_out == 140 - partner.events
    assert any("more than 50,000 dates" in p.message for p in problems)


# --- again ---------------------------------------------------------------------------------------------------------


def test_a_second_build_reads_nothing_anew(tmp_path: Path) -> None:
    """Nothing is parsed or written again until the file changes; then only what shows it is made. A calendar that goes takes its texts along."""
    folder = site_with(tmp_path / "s", FAIR, CHOIR, **{"content/posts/2026-10-05-welcome.md": POST})
    assert build_site(folder).ok
    again = build_site(folder)
    assert again.written == 0 and [c.events for c in again.calendars] == [2]
    (folder / "calendars/river.ics").write_bytes(file_of(FAIR.replace("Winter", "Spring"), CHOIR))
    changed = build_site(folder)
    assert changed.ok and 0 < changed.written < changed.outputs / 2
    assert list((folder / "output/events").glob("spring-fair-*")) and not list((folder / "output/events").glob("winter-fair-*"))
    (folder / "iopsgen.yml").write_text(SETTINGS + "categories: [News, Talks]\n", "utf-8")
    assert build_site(folder).ok and not list((folder / "output/events").glob("*fair-*"))
    store = Store(folder / ".iopsgen" / "cache.sqlite")
    assert not [path for path in store.readings() if not path.startswith("content/")]
    store.close()


def test_the_zone_of_the_chapter_counts(tmp_path: Path) -> None:
    """Times that name no zone are those of the calendar's chapter, and follow when that changes."""
    folder = site_with(tmp_path / "s", "UID:a|DTSTART:20261208T190000|SUMMARY:Floating", **{"content/chapters/leeds.md": "---\ntitle: L\ntimezone: Asia/Tokyo\n---\n"})
    built = build_site(folder)
    assert built.ok and any("are read in Asia/Tokyo" in m for m in messages(built))
    assert b"DTSTART;TZID=Asia/Tokyo:20261208T190000" in (folder / "output/calendar.ics").read_bytes()
    write_site(folder, {"content/chapters/leeds.md": "---\ntitle: L\ntimezone: Europe/Paris\n---\n"})
    assert build_site(folder).ok and b"DTSTART;TZID=Europe/Paris:20261208T190000" in (folder / "output/calendar.ics").read_bytes()


def test_a_build_that_rests_looks_at_calendars_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing changed a build does not even read the site; a calendar that is changed, removed or put back is noticed at once."""
    monkeypatch.setattr(recall, "_RACE", -(10**18))
    monkeypatch.setattr(contents, "_RACE", -(10**18))
    folder = site_with(tmp_path / "s", FAIR)
    path = folder / "calendars/river.ics"
    assert build_site(folder).ok
    rested = build_site(folder)
    assert rested.written == 0 and rested.changes == () and [c.events for c in rested.calendars] == [1]
    read: list[object] = []
    monkeypatch.setattr("iopsgen.build.read_contents", lambda *words: read.append(words))
    assert build_site(folder).ok and not read
    monkeypatch.undo()
    for data in (file_of(CHOIR), None, file_of(FAIR, CHOIR)):
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
        built = build_site(folder)
        assert built.ok and built.written and built.calendars[0].events == (data or b"").count(b"BEGIN:VEVENT")


def test_the_preview_follows_calendars(tmp_path: Path) -> None:
    """The preview watches the folders of calendars, and shows their events."""
    folder = site_with(tmp_path / "s", FAIR)
    rebuilder = Rebuilder(Stage(folder), Options(now=NOW), None, lambda said: None)
    rebuilder.first()
    assert "calendars" in rebuilder.names
