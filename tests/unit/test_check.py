"""`iopsgen check` for events and calendars: clashes, weekdays beside dates, series said back, calendars as published, files from anywhere."""

import json
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iopsgen.build import Prepared
from iopsgen.calendar_lint import events as lint_events
from iopsgen.calendar_lint import linter
from iopsgen.checks.clashes import find_clashes
from iopsgen.checks.series import as_lines, find_ended, say_back
from iopsgen.checks.weekdays import check_weekdays, find_written, names_in
from iopsgen.cli import iopsgen
from iopsgen.model import Site
from iopsgen.outputs import calendars
from iopsgen.problems import Problem
from tests.demonstration import copy_demonstration
from tests.sites import EVENT, SETTINGS, build_site, tree, write_site

NOW = "2026-11-22T12:00:00+00:00"
CHAPTERS: dict[str, str | bytes | None] = {
    "content/chapters/uk.md": "---\ntitle: United Kingdom\nkind: branch\n---\n",
    "content/chapters/leeds.md": "---\ntitle: Leeds\nparent: uk\nplace: Leeds\n---\n",
    "content/chapters/york.md": "---\ntitle: York\nparent: uk\nplace: York\n---\n",
    "content/chapters/spain.md": "---\ntitle: Spain\nkind: branch\ntimezone: Europe/Madrid\n---\n",
    "content/chapters/madrid.md": "---\ntitle: Madrid\nparent: spain\n---\n",
    "content/venues.yml": "hall: {name: Big hall, city: Leeds}\nroom: {name: Small room, city: York}\n",
}


def site_of(folder: Path, events: dict[str, str], settings: str = SETTINGS, more: Mapping[str, str | bytes | None] | None = None) -> Site:
    """A site with chapters and events (name → front matter), assembled; a title is added where there is none."""
    files = {f"content/events/{name}.md": f"---\n{'' if front.startswith('title:') else f'title: {name.title()}'}\n{front}\n---\nText.\n" for name, front in events.items()}
    seen: list[Site] = []

    def keep(prepared: Prepared, made: object, problems: object) -> Iterator[Problem]:
        seen.append(prepared.site)
        return iter(())

    result = build_site(write_site(folder, {**CHAPTERS, **files, **(more or {})}, settings), dry_run=True, keep_going=True, inspect=keep)
    assert seen, result.problems
    return seen[0]


def invoke(*words: str | Path, **more: object) -> Result:
    """A call of the command line within this process."""
    return CliRunner().invoke(iopsgen, [str(w) for w in words], prog_name="iopsgen", **more)  # type: ignore[arg-type]


# --- clashes -------------------------------------------------------------------------------------------------------


def clash(folder: Path, one: str, other: str) -> list[Problem]:
    """What is told of two events, a and b."""
    return find_clashes(site_of(folder, {"a": one, "b": other}))


MONDAY = "start: 2026-12-07 19:00\nend: 21:00\n"


@pytest.mark.parametrize(
    ("one", "other", "severity", "words"),
    [
        ("venue: hall\nchapter: leeds", "venue: hall\nchapter: york", "warning", 'Big hall is taken: "A" (content/events/a.md) is there at the same time, 2026-12-07 19:00.'),
        ("venue: {name: Barn, city: Hull}", "venue: {name: barn, city: hull}\nchapter: madrid", "warning", "barn is taken"),
        ("online: https://meet.example.org/a", "online: https://meet.example.org/a\nchapter: leeds", "warning", "The address to join is taken"),
        ("chapter: leeds", "chapter: leeds", "hint", 'Leeds has another event at the same time, 2026-12-07 19:00: "A" (content/events/a.md).'),
        ("chapter: leeds", "organisers: [leeds]\nchapter: madrid", "hint", "Leeds has another event"),
        ("chapter: leeds", "chapter: york", "hint", 'Another event of the same branch is on the same day, 2026-12-07 19:00: "A"'),
        ("chapter: uk", "chapter: york\nrepeat: weekly, 3 times", "hint", "Another event of the same branch"),
    ],
)
def test_two_events_get_in_each_others_way(tmp_path: Path, one: str, other: str, severity: str, words: str) -> None:
    """One place or one address to join at one time is a warning; one chapter, or one branch on one evening, a note; each pair is told once."""
    (problem,) = clash(tmp_path, MONDAY + one, MONDAY + other)
    assert (problem.severity, problem.place and problem.place.file) == (severity, "content/events/b.md")
    assert words in problem.message and problem.hint.endswith(".")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MONDAY + "venue: hall\nchapter: leeds", "start: 2026-12-07 21:00\nend: 22:00\nvenue: hall\nchapter: leeds"),
        (MONDAY + "venue: hall", MONDAY + "venue: room"),
        (MONDAY + "chapter: leeds", MONDAY + "chapter: madrid"),
        (MONDAY, MONDAY),
        (MONDAY + "venue: hall\nstatus: cancelled", MONDAY + "venue: hall"),
        (MONDAY + "venue: hall\nstatus: postponed", MONDAY + "venue: hall"),
        ("start: 2026-12-07\nend: 2026-12-09\nvenue: hall\nchapter: leeds", MONDAY + "venue: hall\nchapter: leeds"),
        ("start: 2026-12-06 18:00\nend: 2026-12-08 12:00\nvenue: hall\nchapter: leeds", MONDAY + "venue: hall\nchapter: leeds"),
        ("start: 2026-11-02 19:00\nend: 21:00\nvenue: hall", "start: 2026-11-02 19:00\nend: 21:00\nvenue: hall"),
        (MONDAY + "chapter: leeds\nrepeat: weekly, 9 times", MONDAY + "chapter: york\nrepeat: weekly, 9 times"),
        ("start: 2026-12-07 10:00\nend: 11:00\nchapter: leeds", "start: 2026-12-07 15:00\nend: 16:00\nchapter: york"),
        ("start: 2026-12-07 18:00\nend: 19:00\nchapter: leeds", "start: 2026-12-07 20:00\nend: 21:00\nchapter: leeds"),
        (
            MONDAY + "venue: hall\nrepeat: weekly, 3 times\nchanges: {2026-12-14: cancelled}",
            "start: 2026-12-14 19:00\nend: 21:00\nvenue: hall",
        ),
        (MONDAY + "venue: hall\nrepeat: weekly, 3 times, except 2026-12-14", "start: 2026-12-14 19:00\nend: 21:00\nvenue: hall"),
    ],
)
def test_what_gets_in_nobodys_way(tmp_path: Path, one: str, other: str) -> None:
    """One after the other, other places, other branches, regular evenings in other towns, what is off, over, or lasts for days: not told."""
    assert clash(tmp_path, one, other) == []


def test_series_that_meet_are_told_once(tmp_path: Path) -> None:
    """Two series in one place are one warning with the first dates and how many more there are; a moved date counts where it went."""
    (problem,) = clash(tmp_path, MONDAY + "venue: hall\nrepeat: weekly, 20 times", "start: 2026-12-14 20:00\nend: 22:00\nvenue: hall\nrepeat: every 2 weeks, 8 times")
    assert "2026-12-14 20:00, 2026-12-28 20:00, 2027-01-11 20:00 and 5 more dates." in problem.message
    moved = MONDAY + "venue: hall\nrepeat: weekly, 3 times\nchanges: {2026-12-14: {start: 2026-12-15 19:00}}"
    (problem,) = clash(tmp_path / "moved", moved, "start: 2026-12-15 20:00\nvenue: hall")
    assert "2026-12-15 20:00" in problem.message
    translated = {"content/events/a.es.md": "---\ntitle: A en español\n---\n"}
    site = site_of(tmp_path / "two", {"a": MONDAY + "venue: hall"}, SETTINGS + "languages: [en, es]\n", translated)
    assert len(site.events) == 2 and find_clashes(site) == []


def test_many_events_at_one_time_are_told_shortly(tmp_path: Path) -> None:
    """However many events are in one place at one time, the work and the list stay short."""
    site = site_of(tmp_path, {f"e{n:03}": MONDAY + "venue: hall\nchapter: leeds" for n in range(150)})
    problems = find_clashes(site)
    assert len(problems) == 51 and "more pairs of events" in problems[-1].message


# --- weekdays ------------------------------------------------------------------------------------------------------

FOUND = [
    ("en", "Monday, 5 October", "Monday, 5 October"),
    ("en", "on Monday the 5th of October 2026.", "Monday the 5th of October 2026"),
    ("en", "Mon 5 Oct", "Mon 5 Oct"),
    ("en", "Monday, October 5th, 2026", "Monday, October 5th, 2026"),
    ("en", "on October 5 (Monday) we", "October 5 (Monday)"),
    ("en", "5 October 2026, a Monday", "5 October 2026, a Monday"),
    ("en", "Monday 2026-10-05", "Monday 2026-10-05"),
    ("en", "Monday 5/10", "Monday 5/10"),
    ("en", "Monday 10/5/2026", "Monday 10/5/2026"),
    ("en", "on **Monday**, _5 October_, and", "Monday**, _5 October"),
    ("en", "[Monday 5 October](x.md)", "Monday 5 October"),
    ("en", "<b>Monday</b>, 5&nbsp;October", "Monday</b>, 5&nbsp;October"),
    ("en", "Monday\n5 October", "Monday\n5 October"),
    ("en", "MONDAY 5 OCTOBER 7pm", "MONDAY 5 OCTOBER"),
    ("de", "Montag, 5. Oktober", "Montag, 5. Oktober"),
    ("de", "am Montag, den 5. Oktober 2026", "Montag, den 5. Oktober 2026"),
    ("de", "Mo, 5.10. um 19 Uhr", "Mo, 5.10."),
    ("de", "Mo. 05.10.2026", "Mo. 05.10.2026"),
    ("de", "5. Oktober (Montag)", "5. Oktober (Montag)"),
    ("es", "el lunes, 5 de octubre de 2026", "lunes, 5 de octubre de 2026"),
    ("es", "Lunes 5 de octubre", "Lunes 5 de octubre"),
    ("es", "lunes 5/10", "lunes 5/10"),
    ("fr", "lundi 5 octobre 2026", "lundi 5 octobre 2026"),
    ("fr", "le lun. 5 oct. à 19 h", "lun. 5 oct."),
    ("it", "lunedì 5 ottobre", "lunedì 5 ottobre"),
    ("it", "lunedi 5 ottobre", "lunedi 5 ottobre"),
    ("pt", "segunda-feira, 5 de outubro", "segunda-feira, 5 de outubro"),
    ("pt", "segunda, 5 de outubro", "segunda, 5 de outubro"),
    ("nl", "maandag 5 oktober", "maandag 5 oktober"),
    ("pl", "poniedziałek, 5 października", "poniedziałek, 5 października"),
    ("ru", "понедельник, 5 октября", "понедельник, 5 октября"),
    ("ar", "الاثنين، 5 أكتوبر", "الاثنين، 5 أكتوبر"),
]


@pytest.mark.parametrize(("language", "text", "found"), FOUND)
def test_a_weekday_beside_a_date(language: str, text: str, found: str) -> None:
    """Weekday and date are found in the forms that people write, in the language of the text, with marks of Markdown and HTML between."""
    (written,) = find_written(text, names_in(language))
    assert text[written.start : written.end] == found
    assert written.weekday == 0 and (10, 5) in [(month, day) for _, month, day in written.dates]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "See you on Friday. 5 October is the last day."),
        ("en", "Monday\n\n5 October"),
        ("en", "Monday 5 pm, Monday 5-7, Monday 5:30, Monday 10.30"),
        ("en", "every Monday until 5 October, and the Monday after 5 October"),
        ("en", "Monday and 5 October"),
        ("en", "Mondays-only: 5 October"),
        ("en", "We sat in the sun. 5 October"),
        ("en", "We sat 5 October out"),
        ("de", "und so 5. Oktober"),
        ("en", "may 5 people come on Monday"),
        ("de", "Mo 5.10 Uhr"),
        ("de", "Do 5 Leute, So 5 Leute"),
        ("pt", "segunda 5 pessoas"),
        ("es", "mar 5, sol 5"),
        ("fr", "mar 5, lundi"),
    ],
)
def test_no_weekday_beside_a_date(language: str, text: str) -> None:
    """What only looks like it is let pass: ends of sentences, times, numbers of people, words between."""
    assert find_written(text, names_in(language)) == []


def test_a_list_of_days_is_taken_apart() -> None:
    """A weekday belongs to the date behind it if there is one."""
    text = "5 October, Monday 12 October, and Saturday 17 or Sunday 18 October"
    assert [text[w.start : w.end] for w in find_written(text, names_in("en"))] == ["Monday 12 October", "Sunday 18 October"]


def weekdays(folder: Path, text: str, front: str = "start: 2026-10-06 19:00", **more: str) -> list[tuple[str, int, int, str]]:
    """What is told of the weekdays of an event (on Tuesday, 6 October 2026) with this text: message, line, column, hint."""
    files: dict[str, str | bytes | None] = {"content/events/tea.md": f"---\ntitle: Tea\n{front}\n---\n{text}\n", **more}
    site = site_of(folder, {}, SETTINGS + "languages: [en, es, de]\n", files)
    problems = check_weekdays(site, lambda source: (folder / source).read_text("utf-8"))
    assert all(p.severity == "warning" and p.place for p in problems)
    return [(p.message, p.place.line, p.place.column, p.hint) for p in problems if p.place]


def test_a_wrong_weekday_is_told_with_the_right_one(tmp_path: Path) -> None:
    """Message, line, column, and the very words to write, spelt like the wrong ones and in the language of the text."""
    assert weekdays(tmp_path / "a", "Come!\n\nWe meet on **Monday**, 6 October.") == [
        ('"Monday, 6 October" does not fit: 2026-10-06 is a Tuesday.', 7, 14, 'Write "Tuesday, 6 October" if the date is right; else correct it here and in the event.')
    ]
    assert weekdays(tmp_path / "b", "El LUNES 6 de octubre", "start: 2026-10-06 19:00\nlanguage: es")[0][3].startswith('Write "MARTES 6 de octubre"')
    assert weekdays(tmp_path / "c", "Mo, 6.10.", "start: 2026-10-06 19:00\nlanguage: de")[0][3].startswith('Write "Di, 6.10."')
    assert weekdays(tmp_path / "d", "Text", "start: 2026-10-06 19:00\nsummary: Tea on Mon 6 Oct")[0][1] == 4


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("Tuesday, 6 October, and Tuesday 6/10", "start: 2026-10-06 19:00"),
        ("Monday 7 October: the week after", "start: 2026-10-06 19:00"),
        ("Monday, 6 October 2025 was lovely", "start: 2026-10-06 19:00"),
        ("Tuesday 6 October and Wednesday 7 October", "start: 2026-10-06 19:00\nend: 2026-10-07 12:00"),
        ("Monday 10/6 is read as 10 June", "start: 2026-10-07 19:00"),
        ("First on Monday, 5 October", "start: 2026-10-05 19:00\nrepeat: yearly"),
        ("`Monday 5 October` of the year after next is a Thursday", "start: 2026-10-05 19:00\nrepeat: weekly"),
        ("moved from Monday 5 October", "start: 2026-10-06 19:00\nwas: 2026-10-05 19:00"),
        ("Text", "start: Tuesday 6 October 2026, 7pm"),
    ],
)
def test_weekdays_that_fit_or_mean_another_day(tmp_path: Path, text: str, front: str) -> None:
    """A right weekday, a date that is not the event's, one of several years: nothing is told."""
    assert weekdays(tmp_path, text, front) == []


def test_weekdays_in_posts_and_in_titles(tmp_path: Path) -> None:
    """A post that announces an event is compared with it; a title with a weekday is told once, by the build."""
    post = "---\ntitle: Soon\ndate: 2026-09-01\nevent: tea\n---\nJoin us on Monday 6 October.\n"
    other = "---\ntitle: Other\ndate: 2026-09-01\n---\nMonday 6 October.\n"
    told = weekdays(tmp_path / "a", "Text", **{"content/posts/2026-09-01-soon.md": post, "content/posts/2026-09-01-other.md": other})
    assert [(message, line) for message, line, *_ in told] == [('"Monday 6 October" does not fit: 2026-10-06 is a Tuesday.', 6)]
    folder = write_site(tmp_path / "b", {"content/events/tea.md": "---\ntitle: Tea on Monday, 6 October\nstart: 2026-10-06 19:00\n---\nText.\n"})
    done = json.loads(invoke("check", "--json", "--site", folder, "--now", NOW).stdout)
    assert [p["message"] for p in done["problems"]] == ["The title says Monday, but 2026-10-06 is a Tuesday."]


# --- saying it back ------------------------------------------------------------------------------------------------

TABLE = (
    "start: 2026-10-05 19:00\nend: 21:00\nchapter: leeds\n"
    "repeat: monthly on the first Monday until 2027-06-30, except 2027-01-04, also 2027-01-11, pause 2027-05-01 to 2027-05-31\n"
    "changes:\n  2026-12-07: {start: 2026-12-08 19:30, note: The room is taken}\n  2027-02-01: cancelled\n  2027-03-01: {title: With cake}\n"
)


def test_a_series_is_said_back(tmp_path: Path) -> None:
    """The rule in words with its exceptions, then five dates with what is moved, cancelled or changed, and that there are more."""
    (said,) = say_back(site_of(tmp_path, {"table": TABLE}).events)
    assert as_lines(said) == [
        "content/events/table.md: Every month on the first Monday, until 30 June 2027; not on 2027-01-04; not from 2027-05-01 to 2027-05-31; also on 2027-01-11.",
        "    Tue 2026-12-08 19:30–21:30 (moved from Mon 2026-12-07 19:00: The room is taken) · Mon 2027-01-11 19:00–21:00 · Mon 2027-02-01 19:00–21:00 (cancelled)"
        " · Mon 2027-03-01 19:00–21:00 (changed) · Mon 2027-04-05 19:00–21:00 … (Europe/London)",
    ]
    assert (said.line, said.coming, said.dates) == (6, 6, 8)


@pytest.mark.parametrize(
    ("front", "lines"),
    [
        ("start: 2026-12-05\nrepeat: yearly", ["Every year on 5 December.", "    Sat 2026-12-05 · Sun 2027-12-05 … (whole days)"]),
        ("start: 2026-12-05\nend: 2026-12-06\nrepeat: yearly, 2 times", ["Every year on 5 December, 2 times.", "    Sat 2026-12-05 to Sun 2026-12-06 · Sun 2027-12-05 to Mon 2027-12-06 (whole days)"]),
        ("dates: [2026-12-05 19:00, 2027-01-09 20:00]", ["On 2 listed dates.", "    Sat 2026-12-05 19:00 · Sat 2027-01-09 20:00 (Europe/London)"]),
        ("start: 2026-01-05 19:00\nrepeat: weekly, 3 times", ["Every Monday, 3 times.", "    Over: the last date was Mon 2026-01-19 19:00."]),
        ("start: 2026-12-31 22:00\nend: 02:00\nrepeat: yearly, 2 times", ["Every year on 31 December, 2 times.", "    Thu 2026-12-31 22:00 to Fri 2027-01-01 02:00 · Fri 2027-12-31 22:00 to Sat 2028-01-01 02:00 (Europe/London)"]),
        ("start: 2026-12-01 19:00\nrrule: FREQ=DAILY;BYMONTHDAY=1,11,21;UNTIL=20270101T235959Z", ["By the rule FREQ=DAILY;BYMONTHDAY=1,11,21;UNTIL=20270101.", "    Tue 2026-12-01 19:00 · Fri 2026-12-11 19:00 · Mon 2026-12-21 19:00 · Fri 2027-01-01 19:00 (Europe/London)"]),
    ],
)
def test_every_kind_of_series_is_said_back(tmp_path: Path, front: str, lines: list[str]) -> None:
    """Whole days, nights, listed dates, rules without plain words, and what is over."""
    (said,) = say_back(site_of(tmp_path, {"table": front}).events)
    assert as_lines(said) == [f"content/events/table.md: {lines[0]}", lines[1]]


def test_check_events(tmp_path: Path) -> None:
    """`check --events` lists what repeats; with a path, a folder or a name also what does not, with the problems of these files alone."""
    site_of(tmp_path, {"table": TABLE, "sub/once": "start: 2026-12-05 12:00\nend: 13:00", "sub/slip": "start: 2026-12-05 12:00\nend: 11:00"})
    base = ("check", "--site", tmp_path, "--now", NOW, "--events")
    done = invoke(*base)
    assert done.exit_code == 0 and done.stdout.startswith("content/events/table.md: Every month") and done.stdout.count("\n") == 2
    for path in (tmp_path / "content/events/sub/once.md", "content/events/sub/once.md", "once"):
        done = invoke(*base, path)
        assert done.stdout == "content/events/sub/once.md: Once.\n    Sat 2026-12-05 12:00–13:00 (Europe/London)\n" and done.stderr == ""
    done = invoke(*base, "content/events/sub")
    assert "once.md" in done.stdout and "slip.md:4:6: warning: The end, 11:00, is before the start" in done.stderr
    value = json.loads(invoke(*base, "--json", "content/events/table.md").stdout)
    assert value["ok"] and [one["state"] for one in value["events"][0]["next"] if "state" in one] == ["moved", "cancelled", "changed"]
    assert value["events"][0]["next"][0]["original"] == "2026-12-07T19:00:00Z"
    assert json.loads(invoke("check", "--json", "--site", tmp_path, "--now", NOW).stdout)["events"] == value["events"]


def test_check_events_of_what_is_not_shown(tmp_path: Path) -> None:
    """A draft is told to be one, an event with an error shows it with exit code 1, and a path that is none is wrong usage."""
    site_of(tmp_path, {"hidden": "start: 2026-12-05 12:00\ndraft: true", "bad": "start: 2026-13-05 12:00"})
    base = ("check", "--site", tmp_path, "--now", NOW, "--events")
    assert "None of these events is shown now" in invoke(*base, "content/events/hidden.md").stdout
    assert invoke(*base, "--drafts", "content/events/hidden.md").stdout.startswith("content/events/hidden.md: Once.")
    done = invoke(*base, "content/events/bad.md")
    assert done.exit_code == 1 and "There is no month 13" in done.stderr
    assert invoke(*base, "content/events/none.md").exit_code == 2
    assert invoke("check", "--site", tmp_path, "content/events/bad.md").exit_code == 2
    assert "--calendar" in invoke("check", "x.ics").stderr
    assert invoke("check", "--events", "--calendar").exit_code == 2


def test_a_series_that_has_ended(tmp_path: Path) -> None:
    """It is a note for a year, unless it was cancelled or an event to come has its name and its chapter."""
    site = site_of(
        tmp_path,
        {
            "autumn": "start: 2026-09-07 19:00\nrepeat: weekly until 2026-10-26",
            "dates": "dates: [2026-03-01 19:00, 2026-10-01 19:00]",
            "long-ago": "start: 2024-09-07 19:00\nrepeat: weekly until 2024-10-26",
            "off": "start: 2026-09-07 19:00\nrepeat: weekly until 2026-10-26\nstatus: cancelled",
            "single": "start: 2026-10-26 19:00",
            "first": "title: Table\nstart: 2026-01-05 19:00\nrepeat: weekly until 2026-10-26\nchapter: leeds",
            "second": "title: TABLE\nstart: 2026-12-07 19:00\nrepeat: weekly\nchapter: leeds",
            "other": "title: Table\nstart: 2026-01-05 19:00\nrepeat: weekly until 2026-10-26\nchapter: york",
        },
    )
    told = {(p.place.file, p.place.line): p.message for p in find_ended(site) if p.place and p.severity == "hint"}
    assert told == {
        ("content/events/autumn.md", 4): "The series is over: its last date was 2026-10-26.",
        ("content/events/dates.md", 3): "The series is over: its last date was 2026-10-01.",
        ("content/events/other.md", 5): "The series is over: its last date was 2026-10-26.",
    }


# --- calendars as published ----------------------------------------------------------------------------------------


def test_a_fault_in_our_own_calendars_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks the standard in a calendar that would be published is an error at the event concerned, told once."""
    folder = write_site(tmp_path, {"content/events/picnic.md": EVENT, "content/events/other.md": EVENT.replace("Picnic", "Other, tea")})
    assert invoke("check", "--site", folder, "--now", NOW).exit_code == 0
    monkeypatch.setattr(calendars, "text", lambda value: value)
    calendars._written.clear()
    done = json.loads(invoke("check", "--json", "--site", folder, "--now", NOW).stdout)
    calendars._written.clear()
    (problem,) = [p for p in done["problems"] if "escaped" in p["message"]]
    assert not done["ok"] and problem["severity"] == "error" and problem["file"] == "content/events/other.md"
    assert "calendar.ics, line " in problem["message"] and "fault of iopsgen" in problem["hint"] and "SUMMARY:Other, tea" in problem["hint"]


def test_each_event_is_linted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that stands in the calendars of its chapter, its branch, the site and in one of its own is looked at once."""
    seen: list[str] = []

    def count(part: object) -> lint_events.Body:
        body = lint_events.check_event(part)  # type: ignore[arg-type]
        seen.append(body.value("SUMMARY"))
        return body

    monkeypatch.setattr(linter, "check_event", count)
    site_of(tmp_path, {"a": MONDAY + "chapter: leeds", "b": MONDAY + "chapter: madrid"})
    assert invoke("check", "--site", tmp_path, "--now", NOW).exit_code == 0
    assert sorted(seen) == ["A", "B"]


def test_calendars_in_static_are_linted(tmp_path: Path) -> None:
    """A calendar file that is copied is published, too: what is wrong with it stands at its own line."""
    folder = write_site(tmp_path, {"content/events/picnic.md": EVENT, "static/more.ics": "BEGIN:VCALENDAR\nEND:VCALENDAR\n"})
    done = invoke("check", "--site", folder, "--now", NOW)
    assert done.exit_code == 1 and "static/more.ics:1: error: The calendar has no PRODID." in done.stderr


def test_the_demonstration_is_without_faults(tmp_path: Path) -> None:
    """Nothing in its events clashes or contradicts itself, and none of its calendars has a fault."""
    folder = copy_demonstration(tmp_path)
    done = json.loads(invoke("check", "--json", "--site", folder, "--now", NOW).stdout)
    assert done["ok"] and [p for p in done["problems"] if not str(p["file"]).startswith("comments/")] == []
    assert len(done["events"]) >= 8


def test_check_says_that_nothing_is_written(tmp_path: Path) -> None:
    """`check` and `--dry-run` speak of what would be, and the output folder is not touched."""
    folder = write_site(tmp_path, {"content/events/picnic.md": EVENT})
    assert "; nothing was written.\n" in invoke("check", "--site", folder, "--now", NOW).stdout
    assert " to write, 0 unchanged" in invoke("build", "--dry-run", "--site", folder, "--now", NOW).stdout
    assert not (folder / "output").exists() or not tree(folder / "output")


# --- calendar files from anywhere ----------------------------------------------------------------------------------

SOUND = "\r\n".join(
    [*"BEGIN:VCALENDAR VERSION:2.0 PRODID:x BEGIN:VEVENT UID:1 DTSTAMP:20261001T100000Z DTSTART;VALUE=DATE:20261102 SUMMARY:Day END:VEVENT END:VCALENDAR".split(), ""]
)


def test_check_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several files, far from any site: each finding with its file, line and remedy; exit code 1 for errors, 0 for warnings and hints."""
    monkeypatch.chdir(tmp_path)
    Path("good.ics").write_text(SOUND, newline="")
    Path("alarm.ics").write_text(SOUND.replace("END:VEVENT", "BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT"), newline="")
    Path("bad.ics").write_text(SOUND.replace("UID:1\r\n", ""), newline="")
    done = invoke("check", "--calendar", "good.ics")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Checked 1 calendar: nothing is wrong.\n", "")
    done = invoke("check", "--calendar", "good.ics", "alarm.ics")
    assert done.exit_code == 0 and done.stdout == "Checked 2 calendars: 1 warning.\n" and "alarm.ics:9: warning: An alarm" in done.stderr
    done = invoke("check", "bad.ics", "--calendar")
    assert done.exit_code == 1 and done.stdout == "Checked 1 calendar: 1 error.\n"
    assert done.stderr.startswith("bad.ics:4: error: The event has no UID.\n    4 | BEGIN:VEVENT\n        Give it a UID of its own")
    value = json.loads(invoke("check", "--json", "--calendar", "good.ics", "bad.ics").stdout)
    assert value["ok"] is False and value["calendars"] == ["good.ics", "bad.ics"]
    assert [(p["file"], p["line"], p["severity"]) for p in value["problems"]] == [("bad.ics", 4, "error")]


def test_check_calendar_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen stands for what is piped in, bytes as they are."""
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(SOUND.encode())))
    assert invoke("check", "--calendar", "-", input=SOUND.encode()).exit_code == 0
    done = invoke("check", "--calendar", "-", input=b"\xff\x00" * 1000)
    assert done.exit_code == 1 and "standard input:1: error: This is no calendar" in done.stderr


def test_check_calendar_used_wrongly(tmp_path: Path) -> None:
    """No file, a file that is not there, and a folder are wrong usage."""
    for words in ([], [tmp_path / "none.ics"], [tmp_path]):
        done = invoke("check", "--calendar", *words)
        assert done.exit_code == 2 and "Error: " in done.stderr and "Traceback" not in done.stderr
