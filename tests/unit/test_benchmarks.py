"""The benchmarks: their sites are sound and repeatable, their tables can be read back, and all of a process is counted."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import measure, table, tools
from benchmarks.generate import event, post, write_inbox, write_site
from iopsgen.build import Options, build
from tests import needs

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NUMBERS = st.floats(0.001, 99_999)
ROWS = st.lists(
    st.builds(
        table.Row,
        st.sampled_from(["20 posts, 10 events", "1,000 posts, 200 events"]),
        st.sampled_from(["first", "a text edited"]),
        st.sampled_from(["iopsgen, markdown", "Hugo", "Pelican"]),
        *[NUMBERS] * 3,
        st.integers(0, 10**6),
        NUMBERS,
    ),
    unique_by=lambda row: row[:3],
).map(lambda rows: sorted(rows, key=lambda row: row.site))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    """A generated site is the same each time, comments included."""
    for name in ("one", "two"):
        write_site(tmp_path / name, 20, 10, comments=30)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


@pytest.mark.parametrize("engine", ["markdown", "commonmark"])
def test_a_generated_site_has_no_problem(tmp_path: Path, engine: str) -> None:
    """A generated site builds with nothing to say against it, and every post, event and comment is in it."""
    write_site(tmp_path, 20, 10, comments=30, engine=engine)
    result = build(tmp_path, Options(now=NOW, workers=1))
    assert (result.ok, result.problems) == (True, ())
    assert (result.comments.published, result.scheduled, result.drafts, result.expired) == (30, 0, 0, 0)
    assert all((tmp_path / "output" / "posts" / f"post-{n}" / "index.html").is_file() for n in range(20))
    assert all((tmp_path / "output" / "events" / f"event-{n}" / "index.html").is_file() for n in range(10))


def test_the_inbox_keeps_to_the_posts_there_are(tmp_path: Path) -> None:
    """More comments than fit on the posts of a small site still name posts that exist."""
    write_inbox(tmp_path, 100, 2)
    records = map(json.loads, (tmp_path / "comments" / "inbox.jsonl").read_text().splitlines())
    assert {record["page"] for record in records} == {"post-0", "post-1"}


def test_a_peer_gets_the_same_content() -> None:
    """The texts for Hugo and Pelican hold the body, title, time, names and chapters of the generated one."""
    _, text = post(7, 20, 60, 120, 300)
    front, body = text.split("---\n", 2)[1:]
    keys = dict(line.split(": ", 1) for line in front.splitlines())
    for convert, names in ((tools.hugo_text, keys["tags"]), (tools.pelican_text, keys["tags"].strip("[]"))):
        made = convert(text, "posts", "post-7").split("---\n", 2)
        assert made[2] == body
        assert {f"title: {keys['title']}", "slug: post-7", f"tags: {names}"} <= set(made[1].splitlines())
        assert keys["chapter"] in made[1] and keys["date"][:10] in made[1]


def test_an_event_of_a_peer_stands_at_its_start() -> None:
    """To a peer the date of an event is its start, and its chapter comes with the branch above it."""
    _, text = event(3, 10, 60)
    start = text.split("start: ")[1].splitlines()[0]
    chapter = int(text.split("chapter: chapter-")[1].splitlines()[0])
    assert f"date: {start}\n" in tools.pelican_text(text, "events", "event-3")
    assert f"date: {start.replace(' ', 'T')}:00\n" in tools.hugo_text(text, "events", "event-3")
    assert f"chapters: chapter-{chapter}, chapter-{chapter // 10 * 10}\n" in tools.pelican_text(text, "events", "event-3")


@given(ROWS)
def test_what_is_written_can_be_read(rows: list[table.Row]) -> None:
    """The rows read from a text with tables make the same tables, and are those that were written, to three digits."""
    figures = table.write_tables(rows)
    read = table.read_tables(f"# Title\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n{figures}\n")
    assert table.write_tables(read) == figures
    for was, now in zip(rows, read, strict=True):
        assert (now[:3], now.files) == (was[:3], was.files)
        assert [now.wall, now.processor, now.memory, now.output] == pytest.approx([was.wall, was.processor, was.memory, was.output], rel=0.006)


def test_ratios_are_against_hugo_of_the_same_case() -> None:
    """A ratio divides by Hugo's figure of that case and site, and is left out where Hugo did not run."""
    rows = [
        table.Row("small", "first", "iopsgen", 1.0, 4.0, 9, 9, 9),
        table.Row("small", "first", "Hugo", 2.0, 1.0, 9, 9, 9),
        table.Row("small", "again", "iopsgen", 0.1, 0.1, 9, 9, 9),
    ]
    lines = table.write_tables(rows).splitlines()
    assert "| first | iopsgen | 1 | 0.50 | 4 | 4.00 |" in lines[4]
    assert "| again | iopsgen | 0.1 | – | 0.1 | – |" in lines[6]


def test_figures_replace_only_figures() -> None:
    """Writing twice leaves the text around the figures as it was, and only the last figures."""
    text = f"before\n\n{table.BEGIN}\n\nold\n\n{table.END}\n\nafter\n"
    assert table.put_between(table.put_between(text, "new"), "newer") == text.replace("old", "newer")


def test_the_readme_has_a_place_for_figures() -> None:
    """The README of the benchmarks holds both markers once, in order."""
    text = (Path(tools.__file__).parent / "README.md").read_text()
    assert (text.count(table.BEGIN), text.count(table.END)) == (1, 1)
    assert text.index(table.BEGIN) < text.index(table.END)


def test_what_a_process_starts_is_counted() -> None:
    """The time of a child counts as that of the process that started it."""
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    cost = measure.measure([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"])
    assert cost.processor >= 0.3


def test_the_peak_of_memory_is_counted() -> None:
    """Memory that a process gave back before its end is in its peak."""
    assert measure.measure([sys.executable, "-c", "held = bytearray(80_000_000); del held"]).memory > 80


def test_several_processes_are_added_up() -> None:
    """While a process and one that it started both hold memory, the peak is their sum."""
    needs.file("/proc/self/smaps_rollup", "nothing, only Linux has it")
    child = "held = b'x' * 50_000_000; print(flush=True); input()"
    parent = f"import subprocess, sys; held = b'x' * 50_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()  # both hold it now
        with measure.Watch(process.pid) as watch:
            looks = 0
            while watch.peak < 100_000_000 and looks < 200:
                time.sleep(0.05)
                looks += 1
        process.stdin.write(b"\n")
    assert watch.peak > 100_000_000


def test_a_failure_is_told() -> None:
    """A process that fails is no figure; what it said is in the message."""
    with pytest.raises(measure.Failed, match="no room"):
        measure.measure([sys.executable, "-c", "import sys; sys.exit('no room')"])


def test_calendars_are_measured_beside_a_peer() -> None:
    """The measurement of calendars runs on a small site, and says what one is of the other."""
    command = [sys.executable, "-m", "benchmarks.calendars", "--events", "20", "--chapters", "3", "--runs", "1"]
    said = subprocess.run(command, cwd=needs.ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said[0].startswith("20 events, ")
    assert [line.rpartition(")  ")[2].partition("   ")[0] for line in said[1:]] == [
        "events to entries, iopsgen",
        "the site's calendar, iopsgen",
        "the site's calendar, icalendar",
        "all calendars, iopsgen",
        "all calendars, icalendar",
    ]
    assert sum("of icalendar" in line for line in said) == 2
