"""`iopsgen import ics`: new files, files brought up to date around what people wrote, and an account in which every event is found once."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from iopsgen.cli import iopsgen
from iopsgen.importers.calendars.frontmatter import read_document, write_document
from iopsgen.importers.calendars.noted import FILE, Note, read_notes, write_notes
from tests.calendar_shapes import SHAPES
from tests.imports import file_of
from tests.sites import EVENT, SETTINGS, build_site, messages, tree, write_site

B = ";TZID=Europe/Berlin:"
FAIR = f"UID:fair@x|DTSTART{B}20271208T190000|DTEND{B}20271208T210000|SUMMARY:Fair|LOCATION:Town hall|DESCRIPTION:Come|CATEGORIES:Talks,Odd"
CHOIR = f"UID:choir@x|DTSTART{B}20271201T190000|RRULE:FREQ=WEEKLY|SUMMARY:Choir|DESCRIPTION:Sing"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a chapter, a venue and an event of its own."""
    files: dict[str, str | bytes | None] = {
        "content/chapters/leeds.md": "---\ntitle: Leeds\ntimezone: Europe/Berlin\n---\nHere.\n",
        "content/venues.yml": "hall:\n  name: Town hall\n",
        "content/events/picnic.md": EVENT.replace("title", "uid: picnic@us\ntitle"),
    }
    return write_site(tmp_path / "site", files, SETTINGS + "categories: [News, Talks]\n")


def run(site: Path, *words: str | Path) -> Result:
    """A call in this process, at a moment before all events."""
    line = ["import", "ics", *map(str, words), "--site", str(site)]
    return CliRunner().invoke(iopsgen, line, prog_name="iopsgen", env={"SOURCE_DATE_EPOCH": "1795000000", "GITHUB_ACTIONS": ""})


def take(site: Path, *events: str, words: tuple[str, ...] = ("--chapter", "leeds"), name: str = "club.ics") -> dict[str, object]:
    """Imports events as one file; the account of it, whose numbers add up."""
    path = site.parent / name
    path.write_bytes(file_of(*events))
    done = run(site, path, "--json", *words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    found = json.loads(done.output)
    (account,) = found["calendars"]
    assert account["read"] == account["new"] + account["updated"] + account["unchanged"] + account["skipped"]
    assert len(account["events"]) + len(account["left_out"]) == account["read"] == sum(account["reasons"].values()) + len(account["events"])
    return {**account, "problems": found["problems"], "ok": found["ok"]}


def counts(account: dict[str, object]) -> tuple[object, ...]:
    """new, updated, unchanged, skipped."""
    return tuple(account[name] for name in ("new", "updated", "unchanged", "skipped"))


# --- new files -----------------------------------------------------------------------------------------------------


def test_new_files(site: Path) -> None:
    """Each event becomes a file in the folder of its chapter, with its venue by id; the site builds with them without a word."""
    assert counts(take(site, FAIR, CHOIR, f"CLASS:PRIVATE|DTSTART{B}20271201T190000")) == (2, 0, 0, 1)
    assert (site / "content/events/leeds/fair.md").read_text("utf-8") == (
        "---\ntitle: Fair\nstart: 2027-12-08 19:00\nend: 21:00\ntimezone: Europe/Berlin\nvenue: hall\ncategories: [Talks]\ntags: [Odd]\n"
        'uid: "fair@x"\n---\nCome\n'
    )
    built = build_site(site)
    assert built.ok and not messages(built)
    assert "Fair" in (site / "output/chapters/leeds/index.html").read_text("utf-8") and b"UID:choir@x" in (site / "output/calendar.ics").read_bytes()


def test_names_of_files(site: Path) -> None:
    """Files of one title get their day, then a number; a name that means something else is not taken; nothing is overwritten."""
    write_site(site, {"content/events/leeds/tea.md": "---\nbroken: [\n---\n"})
    day = [f"UID:{n}|DTSTART{B}2027120{1 + n // 2}T{10 + n}0000|SUMMARY:Tea" for n in range(3)]
    odd = [f"UID:o{n}|DTSTART{B}20271201T{10 + n}0000|SUMMARY:{title}" for n, title in enumerate(("Index", "Past", "CON", "!!!", "2027-12-01 Picnic", "Ü" * 200))]
    assert counts(take(site, *day, *odd)) == (9, 0, 0, 0)
    names = {p.stem for p in (site / "content/events/leeds").iterdir()}
    assert {"tea", "tea-2027-12-01", "tea-2027-12-01-2", "tea-2027-12-02", "event", "con-1"} <= names and not {"index", "past"} & names
    assert (site / "content/events/leeds/tea.md").read_text() == "---\nbroken: [\n---\n"
    write_site(site, {"content/events/leeds/tea.md": None})
    built = build_site(site)
    assert built.ok, messages(built)


def test_where_they_go(site: Path) -> None:
    """`--into` names another folder below content/events, and the chapter is then written; other folders and unknown chapters are refused."""
    take(site, FAIR, words=("--into", "partners", "--chapter", "leeds"))
    assert "chapter: leeds\n" in (site / "content/events/partners/fair.md").read_text("utf-8")
    path = site.parent / "club.ics"
    for folder in ("../x", "/tmp/x", "content/posts", "content/eventsx", "a/../../../b"):
        refused = run(site, path, "--into", folder)
        assert refused.exit_code == 2 and "does not lie in content/events" in refused.output, folder
    wrong = run(site, path, "--chapter", "leed")
    assert wrong.exit_code == 2 and '"leed" is not a chapter of this site' in wrong.output
    assert run(site, site.parent / "none.ics").exit_code == 2 and "does not exist" in run(site, site.parent / "none.ics").output


@pytest.mark.parametrize("name", SHAPES)
def test_well_known_programs(site: Path, name: str) -> None:
    """What each program writes can be imported, and the site builds with it without an error; a second import changes nothing."""
    path = site.parent / "shape.ics"
    path.write_bytes(SHAPES[name].data)
    assert run(site, path).exit_code == 0
    built = build_site(site)
    assert built.ok, messages(built)
    before = tree(site / "content") | tree(site / "calendars")
    assert ", 0 updated" in run(site, path).output and tree(site / "content") | tree(site / "calendars") == before


def test_a_dry_run_writes_nothing(site: Path) -> None:
    """It gives the same account, and leaves every file as it is."""
    before = tree(site)
    account = take(site, FAIR, CHOIR, words=("--chapter", "leeds", "--dry-run"))
    assert counts(account) == (2, 0, 0, 0) and {k: v for k, v in tree(site).items() if ".iopsgen" not in k} == before
    assert "Nothing was written." in run(site, site.parent / "club.ics", "--dry-run").output


def test_a_damaged_file(site: Path) -> None:
    """What is no calendar is an error and exit code 1; the other files are taken all the same."""
    (site.parent / "bad.ics").write_bytes(b"<html>")
    (site.parent / "good.ics").write_bytes(file_of(FAIR))
    done = run(site, site.parent / "bad.ics", site.parent / "good.ics")
    assert done.exit_code == 1 and "This is a web page" in done.output and "1 new" in done.output
    (site.parent / "huge.ics").write_bytes(b"x" * (100 * 2**20))
    assert "This calendar is 16 MiB long" in run(site, site.parent / "huge.ics").output


def test_an_event_that_the_site_cannot_be_built_with(site: Path) -> None:
    """It is taken back and counted with the reason; the site stays as it was, and an older file of it too."""
    bad = "UID:bad|DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261220|RRULE:FREQ=WEEKLY;COUNT=5|SUMMARY:Bad"
    account = take(site, bad, FAIR)
    assert counts(account) == (1, 0, 0, 1) and account["reasons"] == {"the site could not be built with it": 1}
    assert not (site / "content/events/leeds/bad.md").exists() and "bad" not in (site / FILE).read_text()
    take(site, "UID:bad|DTSTART;VALUE=DATE:20261201|SUMMARY:Bad", FAIR)
    good = (site / "content/events/leeds/bad.md").read_text("utf-8")
    assert counts(take(site, bad, FAIR)) == (0, 0, 1, 1) and (site / "content/events/leeds/bad.md").read_text("utf-8") == good


# --- again ---------------------------------------------------------------------------------------------------------


def test_the_same_again(site: Path) -> None:
    """Importing the same again changes no file, also if only the stamps in the calendar did."""
    take(site, FAIR, CHOIR)
    before = tree(site / "content")
    stamps = {p: p.stat().st_mtime_ns for p in (site / "content").rglob("*.md")}
    assert counts(take(site, FAIR + "|DTSTAMP:20270101T000000Z|LAST-MODIFIED:20270101T000000Z|SEQUENCE:9", CHOIR)) == (0, 0, 2, 0)
    assert tree(site / "content") == before and {p: p.stat().st_mtime_ns for p in stamps} == stamps


def test_what_people_wrote_stays(site: Path) -> None:
    """Only what changed in the calendar is written, and where nobody changed it here: own keys, remarks, texts and line ends stay."""
    take(site, FAIR, CHOIR)
    path = site / "content/events/leeds/fair.md"
    ours = (
        "\ufeff---\r\n# Ask Ada first\r\ntitle: Our fair  # better\r\nregister: https://tickets.example.org/\r\nstart: 2027-12-08 19:00   # doors at six\r\n"
        'end: "21:00"\r\ntimezone: Europe/Berlin\r\nvenue: hall # mind the step\r\naccess: [wheelchair]\r\ncategories: [ Talks ]\r\ntags: [Odd]\r\n'
        'uid: "fair@x"\r\n# the end\r\n---\r\nCome\r\n'
    )
    path.write_bytes(ours.encode())
    moved = path.with_name("renamed.md")
    path.rename(moved)
    newer = FAIR.replace("T190000", "T200000").replace("Town hall", "Barn\\, Hill Road").replace("Fair", "Fair 2").replace("Come", "Come all")
    account = take(site, newer.replace(",Odd", ""), CHOIR)
    assert counts(account) == (0, 1, 1, 0)
    (event,) = [e for e in account["events"] if e["action"] == "updated"]  # type: ignore[attr-defined]
    assert event["parts"] == ["times", "venue", "tags", "text"] and event["kept"] == ["title"] and event["file"] == "content/events/leeds/renamed.md"
    expected = ours.replace("2027-12-08 19:00   # doors", "2027-12-08 20:00  # doors").replace('end: "21:00"', "end: 21:00")
    expected = expected.replace("hall # mind", "{name: Barn, address: Hill Road}  # mind").replace("tags: [Odd]\r\n", "").replace("\r\nCome\r\n", "\r\nCome all\r\n")
    assert moved.read_bytes().decode() == expected
    (problem,) = account["problems"]  # type: ignore[misc]
    assert problem["severity"] == "warning" and "changed this: title" in problem["message"] and "title: Fair 2" in problem["hint"]


def test_times_are_one_thing(site: Path) -> None:
    """Who changed one of start, end, repetition and changed dates keeps them all, so that no mixture comes about."""
    take(site, CHOIR)
    path = site / "content/events/leeds/choir.md"
    path.write_text(path.read_text("utf-8").replace("repeat: weekly", "repeat: weekly, except 2027-12-08"), "utf-8")
    account = take(site, CHOIR.replace("T190000", "T200000").replace("Sing", "Sing more"))
    assert account["events"][0]["parts"] == ["text"] and account["events"][0]["kept"] == ["times"]  # type: ignore[index]
    text = path.read_text("utf-8")
    assert "start: 2027-12-01 19:00" in text and "except 2027-12-08" in text and "Sing more" in text


def test_keys_that_come_and_go(site: Path) -> None:
    """A series may become a list of dates and back: keys are added where they belong, and taken away, with changed dates over several lines."""
    one = f"UID:a|DTSTART{B}20271201T190000|DTEND{B}20271201T200000|SUMMARY:A|CATEGORIES:Talks"
    series = one + "|RRULE:FREQ=WEEKLY;COUNT=4"
    changed = f"UID:a|RECURRENCE-ID{B}20271208T190000|DTSTART{B}20271209T190000|DTEND{B}20271209T200000|SUMMARY:A|CATEGORIES:Talks"
    path = site / "content/events/leeds/a.md"
    for events in ((one,), (series, changed), (one + f"|RDATE{B}20271202T190000",), (series,), (series, changed), (one + "|STATUS:CANCELLED",), (one,)):
        fresh = site.parent / "fresh"
        assert take(site, *events)["ok"]
        take(write_site(fresh, {"content/chapters/leeds.md": "---\ntitle: L\ntimezone: Europe/Berlin\n---\n"}, SETTINGS + "categories: [Talks]\n"), *events)
        assert path.read_text("utf-8") == (fresh / "content/events/leeds/a.md").read_text("utf-8")
        for old in (fresh / "content/events/leeds/a.md", fresh / FILE):
            old.unlink()


def test_remarks_among_changes_are_not_lost(site: Path) -> None:
    """A remark inside a block that is written anew stands above it afterwards."""
    series = f"UID:a|DTSTART{B}20271201T190000|RRULE:FREQ=WEEKLY;COUNT=4|SUMMARY:A"
    change = f"UID:a|RECURRENCE-ID{B}20271208T190000|DTSTART{B}20271209T190000|SUMMARY:A"
    take(site, series, change)
    path = site / "content/events/leeds/a.md"
    path.write_text(path.read_text("utf-8").replace("changes:\n", "changes:  # agreed with Ada\n  # and Ben\n"), "utf-8")
    take(site, series, change.replace("20271209", "20271210"))
    assert "# and Ben\nchanges:  # agreed with Ada\n  2027-12-08: {start: 2027-12-10 19:00}\n" in path.read_text("utf-8")


def test_a_file_of_keys_alone(site: Path) -> None:
    """An event in a YAML file is brought up to date as well, its text under `description`."""
    take(site, FAIR)
    text = (site / "content/events/leeds/fair.md").read_text("utf-8")
    keys = text.split("---\n")[1] + "description: |\n  Come\n"
    write_site(site, {"content/events/leeds/fair.md": None, "content/events/fair.yml": keys})
    assert counts(take(site, FAIR)) == (0, 0, 1, 0)
    assert counts(take(site, FAIR.replace("Come", "Come all").replace("T190000", "T183000"))) == (0, 1, 0, 0)
    after = (site / "content/events/fair.yml").read_text("utf-8")
    assert "start: 2027-12-08 18:30\n" in after and "description: Come all\n" in after
    assert build_site(site).ok


def test_files_that_cannot_be_changed(site: Path) -> None:
    """A file that is broken, or whose keys are no lines of their own, stays as it is, and that is said."""
    take(site, FAIR)
    path = site / "content/events/leeds/fair.md"
    for text in ('---\ntitle: [\nuid: "fair@x"\n---\n', '---\n{title: Fair, start: 2027-12-08 19:00, uid: "fair@x"}\n---\n'):
        path.write_text(text, "utf-8")
        account = take(site, FAIR.replace("T190000", "T200000"))
        assert counts(account) == (0, 0, 1, 0) and path.read_text("utf-8") == text
        assert any("was not brought up to date" in p["message"] for p in account["problems"])  # type: ignore[attr-defined]


def test_deleted_and_gone(site: Path) -> None:
    """An event whose file somebody deleted does not come back; one that has gone from the calendar stays, and is named while it is to come."""
    take(site, FAIR, CHOIR)
    (site / "content/events/leeds/choir.md").unlink()
    account = take(site, FAIR, CHOIR)
    assert counts(account) == (0, 0, 1, 1) and account["reasons"] == {"its file was deleted here": 1}
    account = take(site, f"UID:new|DTSTART{B}20271201T190000|SUMMARY:New")
    assert account["gone"] == ["content/events/leeds/fair.md"] and "no longer in club.ics" in account["problems"][0]["message"]  # type: ignore[index]
    assert take(site, f"UID:n2|DTSTART{B}20271201T190000|SUMMARY:N", name="other.ics")["gone"] == []


def test_a_lost_record(site: Path) -> None:
    """Without the record nothing is overwritten: what differs is named, and what is equal is known again."""
    take(site, FAIR)
    path = site / "content/events/leeds/fair.md"
    (site / FILE).unlink()
    before = path.read_bytes()
    account = take(site, FAIR.replace("T190000", "T200000"))
    assert counts(account) == (0, 0, 1, 0) and path.read_bytes() == before
    assert account["problems"][0]["severity"] == "hint" and "times" in account["problems"][0]["message"]  # type: ignore[index]
    (site / FILE).unlink()
    take(site, FAIR)
    assert counts(take(site, FAIR.replace("T190000", "T200000"))) == (0, 1, 0, 0)


def test_the_sites_own_calendar(site: Path) -> None:
    """A site's own calendar, imported into it, makes no second file of anything."""
    take(site, FAIR, CHOIR)
    assert build_site(site).ok
    done = run(site, site / "output/calendar.ics", "--chapter", "leeds")
    assert done.exit_code == 0 and "3 events read: 0 new" in done.output
    assert len(list((site / "content/events").rglob("*.md"))) == 3


def test_an_event_in_two_files(site: Path) -> None:
    """It is taken from the first; the second is counted with the reason."""
    for name in ("one.ics", "two.ics"):
        (site.parent / name).write_bytes(file_of(FAIR))
    done = run(site, site.parent / "one.ics", site.parent / "two.ics")
    assert "one.ics: 1 event read: 1 new" in done.output and "1 × it stands in another of these files, too" in done.output


# --- the record, and front matter ------------------------------------------------------------------------------------


def test_the_record() -> None:
    """Notes come back as they were, by uid; a line that cannot be read is kept and told."""
    notes = [Note(uid=u, calendar="c.ics", file=f"{u}.md", parts={"title": "x"}) for u in ("b\u2028", "a")]
    data = write_notes(notes, [b"<<<<<<< HEAD"])
    found, unread, problems = read_notes(data)
    assert found == {n.uid: n for n in notes} and unread == (b"<<<<<<< HEAD",) and len(problems) == 1 and problems[0].place and problems[0].place.line == 3
    assert write_notes(found.values(), unread) == data and data.startswith(b'{"uid":"a"')


LINES = st.lists(
    st.sampled_from(
        ["title: T", "start: 2027-01-01 10:00  # soon", "end: 11:00", "venue:\n  name: Hall # here\n  # there\n  city: Leeds", "# alone", "", "  ", "tags: [a,\n  b]", "own: |\n  x\n  # no remark\n",
         "changes:\n  2027-01-08: cancelled", "summary: >-\n  a\n  b", "image: 'x # y'", "extra: {a: 1}", "register:\n- x"]
    ),
    unique=True,
    max_size=9,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(LINES, st.lists(st.sampled_from(["title", "start", "end", "venue", "tags", "changes", "image"]), unique=True), st.booleans())
def test_other_keys_and_remarks_stay(lines: list[str], names: list[str], remove: bool) -> None:
    """Whatever keys are changed, added or taken away, all others come back as they were, and every remark is still there."""
    text = "---\n" + "\n".join(["uid: u", *lines]) + "\n---\nBody\n"
    document, problems = read_document(text, "x.md")
    assert document is not None and not problems
    assert write_document(document, {}, None, ()) == text
    changed = write_document(document, {name: None if remove else "changed" for name in names}, None, ("title", "start", "venue"))
    after, problems = read_document(changed, "x.md")
    assert after is not None and not problems, changed
    before, keys = document.keys(), after.keys()
    assert {n for n in keys if n not in names} == {n for n in before if n not in names}
    assert [_words(before[n]) for n in before if n not in names] == [_words(keys[n]) for n in before if n not in names]
    for remark in ("# soon", "# here", "# there", "# alone"):
        if any(remark in line for line in lines) and not (remark == "# here" and "venue" in names):
            assert remark in changed
    assert changed.endswith("---\nBody\n")


def _words(node: object) -> object:
    """A value without its place."""
    from iopsgen.importers.calendars.frontmatter import canonical

    return canonical(node)  # type: ignore[arg-type]
