"""Whatever bytes stand in a site: no exception, no hang, nothing without bounds, and every problem points to a place that exists."""

import os
import string
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iopsgen.build import Options, Prepared, prepare
from iopsgen.problems import Place, Problem, has_errors
from iopsgen.read.content import Context, read_defaults, read_source
from iopsgen.read.directory import read_data, read_people, read_venues
from iopsgen.read.frontmatter import RECORDS, split
from iopsgen.settings import SETTINGS, MarkdownSettings, read_settings
from iopsgen.store import Store
from iopsgen.yamltext import MAX_FILE, Map, Node, Scalar, Seq, parse, to_plain
from tests.sites import NOW, build_site, write_site

EXAMPLES = int(os.environ.get("IOPSGEN_EXAMPLES", "60"))
CONTEXT = Context(markdown=MarkdownSettings(), language="en", languages=("en", "es"), chapter_languages={"london": "en"})
KINDS = tuple(RECORDS)
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def check_places(problems: Any, files: dict[str, bytes]) -> None:
    """Each problem says something, and points to a line and a column of a file that is there."""
    texts = {name: data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n") for name, data in files.items()}
    for problem in problems:
        assert isinstance(problem, Problem) and problem.message.encode() and isinstance(problem.hint.encode(), bytes)
        place = problem.place
        assert isinstance(place, Place) and place.file in files, problem
        lines = texts[place.file]
        assert 0 <= place.line <= len(lines), (problem, len(lines))
        if place.line:
            assert 0 <= place.column <= len(lines[place.line - 1]) + 2, (problem, lines[place.line - 1])


# --- what is thrown at it ------------------------------------------------------------------------------------------

KEYS = sorted({key for record in RECORDS.values() for key in record.fields} | {"foo", "Title", "image-alt", "<<", "", "1"})
VALUES = [
    "", "~", "[]", "{}", '""', "no", "yes", "19:30", "1.10", "2026-10-28", "2026-10-28 19:30", "2026-10-28T19:30:00Z", "03/04/2026", "9999-99-99", "london", "[a, b]", "a, b", "[[a]]", "{a: b}", "*x", "&x y",
    "!x y", "@x", "'it''s'", '"\\x00\\ud800"', "|\n  text\n  more", ">\n  text", "[", "{", "'", '"', "- x", "a: b", "https://example.org/", "javascript:x", "../x.md", "/x/", "/x/?y", "//x", "\t", "x #y", "# x",
    "weekly", "weekly until 2027-01-01", "every day, 99999 times", "FREQ=SECONDLY", "FREQ=DAILY;COUNT=1000000", "99999999999999999999", "-1", "1e999", "nan", "Europe/London", "UTC+25", "🎉", "مرحبا",
    "{src: x, alt: y}", "{src: {}}", "{alt: y}", "{lat: 1, lon: 2}", "[91, 181]", "{2026-12-07: cancelled}", "{2026-12-07: {start: x}}", "{title: a, url: https://b.example}", "\u2028", "\u00a0x", "\x0c", "x" * 3000, "tba", "cancelled",
]  # fmt: skip
INDENTS = ["", "", "", "  ", "\t", "- ", "\u00a0"]
junk_line = st.one_of(
    st.builds(lambda indent, key, gap, value: f"{indent}{key}:{gap}{value}", st.sampled_from(INDENTS), st.sampled_from(KEYS), st.sampled_from([" ", "", "\t", "\u00a0"]), st.sampled_from(VALUES)),
    st.text(max_size=30),
    st.sampled_from(["---", "...", "+++", "# remark", "%YAML 1.1", "", "? x", ": y", "- a"]),
)
yaml_text = st.builds(lambda lines, end: end.join(lines), st.lists(junk_line, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
body = st.one_of(st.text(max_size=200), st.text(alphabet="<>&/!-[]()*_`#|~:\"'= \n\tabc", max_size=200))
source_bytes = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda mark, head, text: (mark + "---\n" + head + "\n---\n" + text).encode("utf-8", "surrogatepass"), st.sampled_from(["", "\ufeff", "\n\n"]), yaml_text, body),
    st.builds(lambda head: head.encode("utf-8", "surrogatepass"), yaml_text),
)
good_keys = st.lists(st.tuples(st.sampled_from(sorted({key for record in RECORDS.values() for key in record.fields})), st.sampled_from(VALUES)), max_size=8, unique_by=lambda pair: pair[0])


# --- one file ------------------------------------------------------------------------------------------------------


@fuzz
@given(source_bytes, st.sampled_from(KINDS), st.sampled_from(["x.md", "2026-10-05-x.md", "x/index.es.md", "🎉.md", "2026-99-99.md", "x.yml"]))
@example(b"\xef\xbb\xbf---\r\ntitle: x\r\n", "posts", "x.md")
@example(b"---\ntitle: 'x\n---\n", "pages", "x.md")
@example(b"---\ntitle: x\nimage: {alt: y}\n---\n", "events", "x.md")
def test_any_source(data: bytes, kind: str, name: str) -> None:
    """Any bytes as a source of any kind are read or refused."""
    path = f"content/{kind}/{name}"
    reading = read_source(path, data, {}, CONTEXT)
    check_places(reading.problems, {path: data})
    assert (reading.fields is None) == has_errors(reading.problems)
    if reading.fields is not None:
        assert reading.fields.source == path and reading.fields.slug and all(line >= 1 for line in reading.fields.lines.values())


@fuzz
@given(st.sampled_from(KINDS), good_keys, good_keys)
def test_any_values(kind: str, own: list[tuple[str, str]], above: list[tuple[str, str]]) -> None:
    """Any value at any key, of a text and of what it inherits, is read or named at its own line."""
    path, defaults = f"content/{kind}/2026-10-05-x.md", f"content/{kind}/_defaults.yml"
    shared = "".join(f"{key}: {value}\n" for key, value in above).encode("utf-8", "surrogatepass")
    found, problems = read_defaults(shared, defaults, (kind,))
    check_places(problems, {defaults: shared})
    data = ("---\ntitle: T\n" + "".join(f"{key}: {value}\n" for key, value in own if key != "title") + "---\nText.\n").encode("utf-8", "surrogatepass")
    reading = read_source(path, data, found[kind], CONTEXT)
    check_places(reading.problems, {path: data})
    if reading.fields is not None:
        assert all(file == defaults and line <= shared.count(b"\n") + 40 for file, line in reading.fields.inherited.values())


@fuzz
@given(st.one_of(st.binary(max_size=300), yaml_text.map(lambda text: text.encode("utf-8", "surrogatepass"))))
@example(b"a: b\n" * 3)
@example(b"ada: {name: A, image: {alt: x}}")
def test_any_file_of_yaml(data: bytes) -> None:
    """People, venues, data and defaults: whatever stands there is read or refused."""
    for read, path in ((read_people, "content/people.yml"), (read_venues, "content/venues.yml"), (read_data, "data/x.yml")):
        check_places(read(data, path)[1], {path: data})
    check_places(read_defaults(data, "content/_defaults.yml", KINDS)[1], {"content/_defaults.yml": data})


SETTING_KEYS = [*SETTINGS.fields, *(f"site.{key}" for key in ("title", "url", "language")), "a.b.c.d.e.f.g.h.i.j.k", "", "."]


@fuzz
@given(st.text(max_size=100) | yaml_text, st.dictionaries(st.sampled_from(SETTING_KEYS), st.sampled_from(VALUES) | st.text(max_size=20), max_size=4))
def test_any_settings(text: str, overrides: dict[str, str]) -> None:
    """Any text with any overrides is settings or problems; never both an error and settings."""
    for written in (text, "site: {title: T, url: https://example.org/}\n" + text):
        found, problems = read_settings(written, overrides)
        assert (found is None) == has_errors(problems)
        check_places([p for p in problems if p.place is not None], {"iopsgen.yml": written.encode("utf-8", "surrogatepass")})


@fuzz
@given(st.text(max_size=200) | st.text(alphabet=string.printable + "éß\u2028\u00a0\ufeff", max_size=200))
def test_any_yaml_is_bounded(text: str) -> None:
    """What comes out is no deeper than allowed and holds no more letters than went in; the lines are those of the text."""
    node, problems = parse(text, "f", limit=MAX_FILE)
    check_places(problems, {"f": text.encode("utf-8", "surrogatepass")})

    def measure(node: Node | None, depth: int) -> int:
        assert depth <= 21
        if isinstance(node, Scalar):
            assert not set(node.text) & set(map(chr, (*range(9), *range(11, 32), 127))) and 1 <= node.line <= text.count("\n") + text.count("\r") + 1
            return len(node.text)
        if isinstance(node, Seq):
            return sum(measure(item, depth + 1) for item in node.items)
        return sum(measure(key, depth) + measure(value, depth + 1) for key, value in node.pairs) if isinstance(node, Map) else 0

    assert measure(node, 1) <= 4 * len(text) + 4
    to_plain(node)


@fuzz
@given(st.text(alphabet="-.+ \n\r\tab:", max_size=80))
def test_the_two_parts_are_the_whole(text: str) -> None:
    """Nothing of a file is lost between front matter and text, and both know their lines."""
    parts, problems = split(text, "f")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not problems:
        assert parts.body == "\n".join(lines[parts.body_line - 1 :]) or parts.body == "\n".join(lines)[-len(parts.body) :] or not parts.body
        assert not parts.yaml or lines[parts.yaml_line - 1 : parts.yaml_line - 1 + parts.yaml.count("\n")] == parts.yaml.split("\n")[:-1]


@pytest.mark.parametrize(
    "text",
    ["[" * 60_000, "{a: " * 15_000, "- " * 30_000, "? " * 30_000, "a: &a [" * 5000, "'" * 60_000, '"' * 60_001, "a:\n " * 15_000, "#" * 60_000, "a: |\n" + "\n" * 60_000, "!<x> " * 10_000, "%x\n" * 20_000, "k: v\n" * 12_000, "\u00a0" * 20_000, "a: x #y\n" * 8000, ": " * 30_000, "-\n" * 30_000, "---\n" * 15_000, "\x85" * 20_000, "<<: *a\n" * 9000],
    ids=lambda text: repr(text[:6]),
)
def test_endless_front_matter(text: str) -> None:
    """Whatever is repeated until the front matter is full is read or refused at once."""
    for data in (f"---\ntitle: x\n{text}\n---\nText\n", f"---\n{text}"):
        reading = read_source("content/posts/2026-10-05-x.md", data.encode(), {}, CONTEXT)
        check_places(reading.problems, {"content/posts/2026-10-05-x.md": data.encode()})


# --- whole sites ---------------------------------------------------------------------------------------------------

NAMES = ["a", "b", "london", "uk", "Über uns", "2026-10-05-x", "x/index", "london/y", "a.es", "b.es", "x/index.es", "🎉"]
references = st.sampled_from(["", "a", "b", "london", "uk", "nowhere", "a.md", "../posts/a.md", "content/events/b.md", "/posts/a/", "x", "🎉"])
moments = st.sampled_from(["", "2026-10-05", "2026-11-22 12:00", "2026-11-23 09:30", "2027-01-01", "2026-11-22T13:00:00+01:00"])
small_source = st.builds(
    lambda pairs, text: "---\ntitle: T\n" + "".join(f"{key}: {value}\n" for key, value in pairs.items() if value) + f"---\n{text}\n",
    st.fixed_dictionaries(
        {},
        optional={
            "date": moments, "start": moments, "publish": moments, "expires": moments, "chapter": references, "parent": references, "event": references, "translation_of": references, "venue": references,
            "language": st.sampled_from(["en", "es", "fr"]), "draft": st.sampled_from(["yes", "no"]), "authors": references, "organisers": references, "tags": references, "slug": st.sampled_from(["a", "b", "x"]),
            "timezone": st.sampled_from(["Pacific/Auckland", "America/St_Johns"]), "aliases": st.sampled_from(["/a/", "[/a/, /b]", "/posts/a/", "/?p=1"]), "uid": st.sampled_from(["u1", "u2"]), "image": references,
        },
    ),
    st.sampled_from(["Text.", "[x](a.md) ![y](z.jpg)", "[x](../events/b.md#c)"]),
)  # fmt: skip
small_site = st.dictionaries(st.builds(lambda kind, name: f"content/{kind}/{name}.md", st.sampled_from(KINDS), st.sampled_from(NAMES)), small_source, max_size=10)
extras = st.fixed_dictionaries(
    {},
    optional={
        "content/people.yml": yaml_text, "content/venues.yml": yaml_text, "data/x.yml": yaml_text, "content/posts/_defaults.yml": yaml_text, "content/_defaults.yml": yaml_text, "comments/inbox.jsonl": st.text(max_size=80),
        "comments/decisions.jsonl": st.text(max_size=80), "content/posts/a.jpg": st.just("x"), "static/x.svg": st.just("<svg/>"),
    },
)  # fmt: skip


def plan(files: dict[str, str], now: datetime = NOW, drafts: bool = False) -> tuple[Prepared, list[Problem]]:
    """A site of these files, planned, with every place checked."""
    with tempfile.TemporaryDirectory() as folder:
        data = {name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}
        site = write_site(Path(folder) / "site", {**data}, "site: {title: T, url: https://example.org/r/}\nlanguages: [en, es]\n")
        prepared, problems = prepare(site, Options(now=now, drafts=drafts, workers=1), Store(None))
        assert isinstance(prepared, Prepared)
        data["iopsgen.yml"] = (site / "iopsgen.yml").read_bytes()
        check_places([p for p in problems if p.place is not None], data)
        return prepared, problems


@fuzz
@given(small_site, extras, st.booleans())
def test_any_small_site(files: dict[str, str], more: dict[str, str], drafts: bool) -> None:
    """Texts that point to each other in any way, beside any other files, are planned; what is shown and what is hidden are all there is."""
    prepared, problems = plan({**files, **more}, drafts=drafts)
    site = prepared.site
    shown = {item.fields.source for item in site.items}
    assert not shown & site.hidden and shown | site.hidden >= set(files)
    for chapter in site.chapters.values():
        assert chapter.parent == "" or chapter.id in site.chapters[chapter.parent].children
        assert chapter.family <= set(site.chapters) and chapter.id in chapter.family
    for post in site.posts:
        assert (not post.chapter or post.chapter in site.chapters) and set(post.authors) <= set(site.people) and set(post.tags) <= set(site.tags)
    for event in site.events:
        assert set(event.organisers) <= set(site.chapters) | set(site.people) and len({o.start for o in event.occurrences}) == len(event.occurrences)
    assert site.next_change is not None and site.next_change > NOW
    if not has_errors(problems):
        assert len({output.path for output in prepared.plan.outputs}) == len(prepared.plan.outputs)
        assert len({(item.group, item.language) for item in site.items}) == len(site.items)


@fuzz
@given(small_site, st.sampled_from(["Pacific/Auckland", "America/St_Johns", "UTC"]))
def test_nothing_hidden_is_planned(files: dict[str, str], zone: str) -> None:
    """No output is made from a text that is a draft, scheduled, expired or broken, not even by a link, a picture or a list."""
    prepared, _ = plan({name: text.replace("Text.", "Text of " + name) for name, text in files.items()})
    for output in prepared.plan.outputs:
        assert output.place is None or output.place.file not in prepared.site.hidden, output
    assert all(a.source not in prepared.site.hidden for a in prepared.site.assets)


@settings(max_examples=max(4, EXAMPLES // 10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(small_site)
def test_small_sites_keep_going(files: dict[str, str]) -> None:
    """Any of them can be built with what is sound in it, and the second build has nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        site = write_site(Path(folder) / "site", {name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}, "site: {title: T, url: https://example.org/r/}\nlanguages: [en, es]\n")
        first = build_site(site, keep_going=True)
        second = build_site(site, keep_going=True)
        assert first.written > 0 and second.written == 0 and first.problems == second.problems


def test_the_order_of_files_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are listed in any order by the system: the site is the same."""
    files: dict[str, str | bytes | None] = {f"content/{kind}/{name}.md": f"---\ntitle: T\ndate: 2026-10-05\nauthors: [Ána, Ana]\ntags: [C++, C]\n---\n{kind}\n" for kind in ("posts",) for name in ("a", "b", "c", "d")}
    site = write_site(tmp_path, files)
    one, _ = prepare(site, Options(now=datetime(2026, 11, 22, tzinfo=UTC), workers=1), Store(None))
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: nullcontext(reversed(list(scan(path)))) if "themes" in str(path) else reversed(list(scan(path))))
    two, _ = prepare(site, Options(now=datetime(2026, 11, 22, tzinfo=UTC), workers=1), Store(None))
    assert isinstance(one, Prepared) and isinstance(two, Prepared) and one.site == two.site
