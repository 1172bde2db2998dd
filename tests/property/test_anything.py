"""Whatever stands in published.jsonl, in a theme, in a repetition, in links, names and caches: no exception, no hang, nothing outside the output."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from iopsgen.dates import Fault, read_day, read_duration, read_moment, read_time
from iopsgen.model import Facts, Identity, Rule, Scope
from iopsgen.problems import Problem
from iopsgen.read.content import Reading
from iopsgen.read.identities import read_identities, write_identities
from iopsgen.recall import recall
from iopsgen.recurrence import Series, expand, read_repeat, read_rrule, write_rrule
from iopsgen.slugs import fault_of_route, fault_of_segment, file_of, fold, slugify
from iopsgen.texts import load_texts
from iopsgen.theme import choose_options, load_theme
from iopsgen.write import WriteFailed, digest_of
from iopsgen.write.record import Entry, Record, Stamp, Tree, packed, save_record
from tests.publishing import opened, publish
from tests.sites import NOW, build_site, messages, tree, write_site

EXAMPLES = int(os.environ.get("IOPSGEN_EXAMPLES", "60"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
fuzz_sites = settings(max_examples=max(8, EXAMPLES // 3), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

SETTINGS = "site: {title: T, url: https://example.org/r/}\nlanguages: [en, es]\nredirects: [html, netlify, apache]\n"
SOURCES = {
    "content/posts/2026-10-05-a.md": "---\ntitle: A\nauthors: [ann]\ntags: [t]\ncategories: [c]\n---\nText.\n",
    "content/posts/2026-10-06-b.md": "---\ntitle: B\n---\nText.\n",
    "content/events/e.md": "---\ntitle: E\nstart: 2026-12-05 12:00\nrepeat: weekly, 3 times\n---\nText.\n",
    "content/pages/about.md": "---\ntitle: About\n---\nText.\n",
    "content/chapters/north.md": "---\ntitle: North\n---\nText.\n",
}


def check_said(problems: Any) -> None:
    """Each problem is one, in words that can be printed."""
    for problem in problems:
        assert isinstance(problem, Problem) and problem.message.encode() and isinstance(problem.hint.encode(), bytes)


def check_outside(folder: Path) -> None:
    """Nothing was written beside the site."""
    assert sorted(path.name for path in folder.iterdir()) == ["site"], sorted(folder.iterdir())


# --- published.jsonl ------------------------------------------------------------------------------------------------

ODD = ["", "/", "//", "/a", "a/", "/../", "/../../x/", "/./", "/a//b/", "/a/../b/", "\\x\\", "/a\r\nb/", "/\u2028/", "/\ud800/", "/ä/", "/a b/", "/con/", "/a:b/", "/index.html", "/posts/", "/posts/a/", "/posts/b/", "/events/e/", "/es/", "/?p=1", "/x?y", "/#", "/%2e%2e/", "/404.html", "/feed.xml", "/A/", "/" + "x" * 2000 + "/", "/" + "x/" * 500, "/.htaccess", "/_redirects", "/status.json", "/x.html", "/\0/", "/categories/c/", "/tags/t/", "/people/ann/", "/categories/zzz/", "/categories/../../z/"]  # fmt: skip
paths = st.sampled_from([*SOURCES, "content/posts/gone.md", "content/posts/2026-10-05-a.md#2", "../x.md", "", "content/events/e.md#9", "/etc/passwd", "content/posts/\ud800.md"]) | st.text(max_size=12)
routes = st.sampled_from(ODD) | st.text(max_size=12)
words = st.text(max_size=20) | st.sampled_from(["x\r\nSEQUENCE:9", "</script>", "]]>", "\ud800", "a" * 500])
facts = st.none() | st.builds(Facts, start=st.sampled_from(["", "2026-12-05T12:00", "2026-12-05", "9999-99-99", "x\r\ny"]), place=words, status=st.sampled_from(["", "cancelled", "x"]))
identities = st.builds(
    Identity, first=paths, source=paths | st.just(""), routes=st.lists(routes, max_size=4).map(tuple), title=words, uid=words, sequence=st.sampled_from([0, 1, 7, -1, 2**31, 2**63 - 1]), mark=st.sampled_from(["", "x", "ee4eb63c6a41"]),
    facts=facts, before=facts, changed=st.sampled_from([None, NOW, NOW + timedelta(days=900), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]),
)  # fmt: skip
scopes = st.builds(Scope, route=routes, title=words)
known = st.lists(identities | scopes, max_size=5)
json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "first", "routes", "title", "sequence", "facts", "changed", "route"]), inner, max_size=5), max_leaves=8)
noise = st.sampled_from([b"", b"{}", b"null", b"[]", b"{", b'{"kind":"text"}', b'{"kind":"other","first":"x"}', b"\xff\xfe", b"\0", b"<<<<<<< HEAD", b"=======", b"{" * 3000, b'{"kind":"text","first":"a","sequence":1e400}', b'{"kind":"text","first":"a","changed":"2026-01-01"}']) | st.binary(max_size=30)


def as_lines(values: list[Any], more: list[bytes]) -> bytes:
    """Lines of a file, as far as JSON can say them."""
    lines = []
    for value in values:
        try:
            lines.append(msgspec.json.encode(value) if isinstance(value, msgspec.Struct) else json.dumps(value).encode())
        except (UnicodeEncodeError, ValueError):  # half a character
            lines.append(json.dumps(msgspec.to_builtins(value), default=str).encode())
    return b"\n".join([*lines, *more])


@fuzz
@given(st.lists(identities | scopes | json_values, max_size=6), st.lists(noise, max_size=4))
def test_any_published(values: list[Any], more: list[bytes]) -> None:
    """Any lines of published.jsonl are read or named, none is lost, and what is written is read back as the same, in whatever order."""
    data = as_lines(values, more)
    found, problems = read_identities(data)
    check_said(problems)
    assert len(problems) == len(found.unread)
    assert all(1 <= p.place.line <= data.count(b"\n") + 1 for p in problems if p.place)
    written = write_identities(found.identities, found.scopes, found.unread)
    assert read_identities(written)[0] == found
    turned = read_identities(b"\n".join(reversed(data.split(b"\n"))))[0]
    assert turned.identities == found.identities and sorted(turned.unread) == sorted(found.unread)


@fuzz_sites
@given(known, st.lists(noise, max_size=2))
@example([Identity(first="content/posts/2026-10-05-a.md", routes=("/../../x/", "/posts/a/"))], [])
@example([Identity(first="content/posts/2026-10-05-a.md", routes=("", "a", "/a\r\nb/"))], [])
@example([Scope(route="/categories/../../../x/", title="x"), Scope(route="", title=""), Scope(route="/x\r\n/x: 1/", title="x")], [])
@example([Identity(first="content/events/e.md", uid="x\r\nX-EVIL:1", sequence=2**63 - 1, mark="x", facts=Facts(start="x"), changed=datetime(9999, 12, 31, tzinfo=UTC))], [])
def test_a_site_with_any_published(values: list[Any], more: list[bytes]) -> None:
    """With any published.jsonl a site is built or refused in words; what is built is sound, lies in the output, and is the same again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = write_site(folder / "site", {**SOURCES, "published.jsonl": as_lines(values, more)}, SETTINGS)
        built = build_site(site)
        check_said(built.problems)
        check_outside(folder)
        if not built.ok:
            assert any(p.place and p.place.file == "published.jsonl" for p in built.problems) or built.problems, messages(built)
            return
        output = tree(site / "output")
        for path, data in output.items():
            assert not set(path) & set("\r\n\0\\") and ".." not in path.split("/")
            if path.endswith(".ics"):
                assert b"X-EVIL" not in data.replace(b"\\nX-EVIL", b"").replace(b"x X-EVIL", b"").replace(b"xX-EVIL", b"")
        assert all(line.count(" ") == 2 or not line for line in output["_redirects"].decode().splitlines())
        assert "posts/a/index.html" in output and "events/e/event.ics" in output
        assert build_site(site).written == 0


# --- themes ---------------------------------------------------------------------------------------------------------

yaml_lines = st.lists(
    st.sampled_from(["parent: default", "parent: ours", "parent: ../../x", "parent: [default]", "parent:", "options:", "  accent: forest", "  a: {b: c}", "  x: 99999999999999999999", "  y: [1, 2]", "options: x", "options: {a: {b: {c: d}}}", "foo: bar", "- x", "\t", "a: &x b", "c: *x", "!!python/object:os.system x", "<<: {a: b}", "---", "...", "{", "'", "parent: default\nparent: default", "\ufeff", "é: ü"])
    | st.text(max_size=20),
    max_size=6,
)


@fuzz
@given(yaml_lines.map("\n".join), st.dictionaries(st.sampled_from(["accent", "text", "foo", "a", "x"]), st.sampled_from(["forest", "", None, 5, [1], {"a": 1}, True]), max_size=3))
def test_any_theme_file(text: str, chosen: dict[str, object]) -> None:
    """Any theme.yml is a theme or problems that name it, whatever options a site asks for."""
    with tempfile.TemporaryDirectory() as folder:
        site = write_site(Path(folder) / "site", {"themes/ours/theme.yml": text.encode("utf-8", "surrogatepass")}, SETTINGS)
        theme, problems = load_theme(site, "ours")
        check_said(problems)
        assert theme is not None or problems
        if theme is not None:
            check_said(choose_options(theme, chosen)[1])


@fuzz
@given(st.binary(max_size=200) | st.lists(st.sampled_from(['msgid ""', 'msgstr ""', 'msgid "Posts"', 'msgstr "Beiträge"', 'msgid_plural "x"', 'msgstr[0] "x"', 'msgstr[9] "%(x)s"', '"Plural-Forms: nplurals=9**9**9; plural=n;\\n"', '"Content-Type: text/plain; charset=nothing\\n"', '"x', "#, python-format", 'msgctxt "a"', "\x00"]), max_size=8).map(lambda lines: "\n".join(lines).encode()))
def test_any_catalogue(data: bytes) -> None:
    """Any catalogue of a theme's words is read or named."""
    with tempfile.TemporaryDirectory() as folder:
        site = write_site(Path(folder) / "site", {"themes/ours/theme.yml": "parent: default\n", "themes/ours/locale/es/LC_MESSAGES/theme.po": data}, SETTINGS)
        theme, problems = load_theme(site, "ours")
        check_said(problems)
        if theme is not None:
            texts = load_texts(theme, "es")
            check_said(texts.problems)
            assert isinstance(texts.gettext("Posts"), str) and isinstance(texts.ngettext("%(count)s post", "%(count)s posts", 3), str)


template_parts = st.lists(
    st.sampled_from(["{{ site.title }}", "{{ page }}", "{{ page.body }}", "{% for x in range(99999) %}", "{% endfor %}", "{% if page %}", "{% endif %}", "{% include '_footer.html' %}", "{% include page.title %}", "{% extends 'base.html' %}", "{% extends 'nothing.html' %}", "{% import '!base.html' as b %}", "{{ ''.__class__ }}", "{{ site|attr('__init__') }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% block x %}", "{% endblock %}", "{{ 9**9**9 }}", "{{ 'x' * 10**10 }}", "{{ _('Posts') }}", "{% set x = x ~ x %}", "{{", "%}", "{#", "{% raw %}", "<b>", "text"]),
    max_size=6,
)


@settings(fuzz_sites, max_examples=max(6, EXAMPLES // 10))
@given(template_parts.map(" ".join))
def test_any_template(text: str) -> None:
    """Any text as a template makes pages or problems at a place in it; a build without errors published, one with errors did not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = write_site(folder / "site", {**SOURCES, "themes/ours/theme.yml": "parent: default\n", "themes/ours/templates/_footer.html": text}, SETTINGS + "theme: ours\n")
        built = build_site(site)
        check_said(built.problems)
        check_outside(folder)
        assert built.ok == (site / "output").exists()
        assert built.ok or all(p.place and p.place.line for p in built.problems if p.severity == "error"), messages(built)


# --- repetitions, moments -------------------------------------------------------------------------------------------

REPEAT_WORDS = "every each weekly monthly daily yearly day days week weeks month year on the first second third fourth fifth last Monday mon tuesday weekday weekend until 2027-01-01 9999-12-31 0001-01-01 2027-02-30 , ; 0 1 2 3 99999 999999999999 times time except also pause to at 19:30 25:00 31 -1 and other FREQ= =".split()
RULE_PARTS = ["FREQ=DAILY", "FREQ=SECONDLY", "FREQ=YEARLY", "FREQ=MONTHLY", "FREQ=WEEKLY", "FREQ=", "INTERVAL=1", "INTERVAL=0", "INTERVAL=999999999", "COUNT=1", "COUNT=999999", "COUNT=-1", "UNTIL=20270101", "UNTIL=99991231T235959Z", "UNTIL=x", "BYDAY=MO", "BYDAY=5FR", "BYDAY=-53SU", "BYDAY=", "BYMONTH=2", "BYMONTHDAY=30", "BYMONTHDAY=-31", "BYYEARDAY=366", "BYWEEKNO=53", "BYSETPOS=-1", "BYSETPOS=366", "BYHOUR=0,1,2,3", "BYMINUTE=59", "BYSECOND=60", "WKST=SU", "X=Y", "RRULE:FREQ=DAILY"]  # fmt: skip
repeats = st.lists(st.sampled_from(REPEAT_WORDS), max_size=14).map(" ".join) | st.text(max_size=40)
rules = st.lists(st.sampled_from(RULE_PARTS), max_size=7).map(";".join) | st.text(max_size=40)


@fuzz
@given(repeats, st.sampled_from([date(2026, 12, 7), datetime(2026, 12, 7, 19, 30), date(1900, 1, 1), date(2400, 2, 29)]), st.sampled_from([date(2028, 1, 1), date(2600, 1, 1)]))
@example("every 2 days, 99999 times", date(2026, 12, 7), date(2600, 1, 1))
@example("monthly on the fifth Monday until 9999-12-31", date(2026, 12, 7), date(2600, 1, 1))
def test_any_repetition(text: str, first: date, limit: date) -> None:
    """Any words, and any parts of a raw rule, are a rule or a fault; what they give is bounded, in order, and says so otherwise."""
    check_rule(read_repeat(text), first, limit)


@fuzz
@given(rules, st.sampled_from([date(2026, 12, 7), datetime(2026, 12, 7, 19, 30), date(1900, 1, 1)]), st.sampled_from([date(2028, 1, 1), date(2600, 1, 1)]))
@example("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", datetime(2026, 12, 7, 19, 30), date(2600, 1, 1))
@example("FREQ=YEARLY;BYDAY=-53SU;BYSETPOS=366", date(2026, 12, 7), date(2600, 1, 1))
@example("FREQ=DAILY;INTERVAL=999999999", date(2026, 12, 7), date(2600, 1, 1))
def test_any_raw_rule(text: str, first: date, limit: date) -> None:
    """The same for a raw RRULE."""
    check_rule(read_rrule(text), first, limit)


def check_rule(rule: Rule | Fault, first: Any, limit: date) -> None:
    """A rule that was read can be written, read again, and unfolded within bounds."""
    if isinstance(rule, Fault):
        assert rule.message and rule.message.encode("utf-8", "replace")
        return
    again = read_rrule(write_rrule(rule))
    assert not isinstance(again, Fault) and msgspec.structs.replace(again, raw=rule.raw) == rule
    series = expand(rule, first, limit)
    if isinstance(series, Series):
        assert list(series.starts) == sorted(set(series.starts)) and len(series.starts) < 30_000
    else:
        assert series.message and series.hint


@fuzz
@given(st.text(max_size=40) | st.lists(st.sampled_from(" |2026|-|/|.|:|10|99|T|Z|+|0|am|pm|h|m|min|days|hours|monday|october|okt|1st|٢|２|\u2009|\ud800".split("|")), max_size=9).map("".join))
def test_any_moment(text: str) -> None:
    """Any text is a day, a time, a moment, a length, or a fault that can be printed."""
    for read in (read_day, read_time, read_moment, read_duration):
        found = read(text)
        if isinstance(found, Fault):
            assert found.message.encode("utf-8", "replace") and len(found.message) < 500


# --- names and links ------------------------------------------------------------------------------------------------

letters = st.text(max_size=60) | st.text(alphabet="abcÄß.ıİﬁ👩‍👩‍👧\u0301\u200d\u202e /\\:-_ 日本مر\ud800\0", max_size=30) | st.sampled_from(["con", "CON.txt", "a" * 300, "ﷺ" * 100, "nul", "...", "\ud800"])


@fuzz
@given(letters, st.sampled_from(["", "en", "de", "tr", "ar"]))
@example("ﷺ" * 100, "")
def test_any_name(text: str, language: str) -> None:
    """Any title makes a slug that is none or can be used on every system; a slug of a slug is itself; an address that is not refused stays inside."""
    slug = slugify(text, language)
    assert slug == "" or fault_of_segment(slug) == "", slug
    assert slugify(slug, language) == slug
    assert fold(fold(text)) == fold(text)
    if not fault_of_route(text):
        path = os.path.normpath("/output/" + file_of(text))
        assert path.startswith("/output/") and "\0" not in path and "\\" not in path


targets = st.sampled_from(["a", "2026-10-05-a.md", "../posts/2026-10-05-a.md", "../../iopsgen.yml", "../../../etc/passwd", "/posts/a/", "/nothing/", "//evil.example/x", "https://example.org/\r\nx", "javascript:alert(1)", "JaVaScRiPt&#58;alert(1)", "data:text/html,x", "mailto:a@example.org?bcc=x", "mailto:%0d%0a", "tel:+44", "#x", "?y", "", ".", "..", "content/posts/2026-10-05-a.md", "/content/posts/2026-10-05-a.md", "file:///etc/passwd", "http://[::1", "http://a b/", "\\\\host\\share", "%2e%2e/%2e%2e/x", "a%00b", "\ud800", "x" * 3000, "<x>", "a.md#\u2028", "//", "///", "http:", "http:///x", "//\\x"])  # fmt: skip
forms = st.sampled_from(["[x]({})", "![x]({})", "<{}>", "[x]: {}\n\n[x]", '<a href="{}">x</a>', '<img src="{}" srcset="{} 2x">', '<video poster="{}"></video>', "[x](<{}> 'y')"])
texts = st.lists(st.builds(lambda form, target: form.replace("{}", target), forms, targets | st.text(max_size=20)), min_size=1, max_size=5).map("\n\n".join)


@fuzz_sites
@given(texts, st.sampled_from(["markdown", "commonmark"]), st.sampled_from(["restricted", "trusted", "none"]))
def test_any_link(text: str, engine: str, trust: str) -> None:
    """Any links in a text lead somewhere, or are named; no published page holds one that runs a program or names a file of this machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = write_site(folder / "site", {**SOURCES, "content/pages/x.md": f"---\ntitle: X\n---\n{text}\n".encode("utf-8", "replace")}, SETTINGS + f"markdown: {{engine: {engine}, html: {trust}}}\n")
        built = build_site(site, keep_going=True)
        check_said(built.problems)
        check_outside(folder)
        page = tree(site / "output").get("x/index.html", b"").lower()
        assert b'="javascript:' not in page and b'="file:' not in page and b'="data:text' not in page and b"root:x:" not in page


# --- caches that somebody prepared ----------------------------------------------------------------------------------

stamps = st.builds(Stamp, ino=st.integers(-1, 2**64 - 1), mtime=st.integers(-(2**63), 2**63 - 1))
odd_paths = st.sampled_from(["index.html", "posts/a/index.html", "", ".", "..", "../x", "/etc/passwd", "a/../../x", "a//b", "\0", "x\ny", "secret/../..", "same.css", "a\\b", "a" * 300]) | st.text(max_size=10)
entries = st.builds(Entry, fingerprint=st.text(max_size=5), digest=st.sampled_from(["", "x", digest_of(b"one"), digest_of(b"two")]), size=st.integers(-1, 2**63), ino=st.integers(-1, 2**64 - 1), mtime=st.integers(-(2**63), 2**63 - 1))
trees = st.builds(Tree, ino=st.integers(-1, 2**64 - 1) | st.just(0), latest=st.integers(-(2**63), 2**63 - 1), folders=st.dictionaries(odd_paths | st.just(""), stamps, max_size=4), foreign=st.lists(st.binary(max_size=8), max_size=3).map(tuple))
records = st.builds(Record, new=trees, entries=st.dictionaries(odd_paths, entries, max_size=4), differs=st.dictionaries(odd_paths, st.none() | entries, max_size=3), old=(st.none() | trees).map(packed), cannot_swap=st.booleans())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records, st.booleans())
def test_any_record_of_the_output(record: Record, knows: bool) -> None:
    """Whatever a record says that somebody planted, with the inodes of this very folder at that: files outside stay, and what is planned is published or refused in words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = folder / "site"
        site.mkdir()
        (site / "x").write_text("mine")
        publish(site, {"index.html": b"one", "posts/a/index.html": b"two"})
        ledger = next(site.glob(".iopsgen/published/*/ledger"))
        if knows:
            record = msgspec.structs.replace(record, new=msgspec.structs.replace(record.new, ino=(site / "output").stat().st_ino, folders={"": Stamp(0, 0), **record.new.folders}))
        save_record(str(ledger), record)
        for files in ({"index.html": b"three", "b/index.html": b"four"}, {"index.html": b"one"}):
            try:
                publish(site, files)
            except WriteFailed as refused:
                assert refused.message and refused.hint
                return
            assert {path: (site / "output" / path).read_bytes() for path in files} == files
        assert not opened(site).damaged
        assert (site / "x").read_text() == "mine"
        check_outside(folder)


@fuzz
@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5), lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=8), v, max_size=3), max_leaves=8).map(msgspec.msgpack.encode))
def test_any_memory(data: bytes) -> None:
    """Any bytes as the memory of the last build are one, or none."""
    found = recall(data)
    assert found is None or found.roots is not None


PLANTED = {"slug": "../../../x", "title": "x\r\ny</script>", "aliases": ("/../../x/",), "source": "../../x.md"}


@pytest.mark.parametrize("key", PLANTED)
def test_a_planted_reading(tmp_path: Path, key: str) -> None:
    """A reading that somebody put into the cache, under the right key and with the right checksum, brings nothing outside the output and runs nothing."""
    site = write_site(tmp_path / "site", SOURCES, SETTINGS)
    assert build_site(site).ok
    database = sqlite3.connect(site / ".iopsgen/cache.sqlite")
    path = "content/posts/2026-10-05-a.md"
    name, value = database.execute("select key, value from readings where path = ?", (path,)).fetchone()
    reading = msgspec.msgpack.decode(value[4:], type=Reading)
    assert reading.fields is not None
    data = msgspec.msgpack.encode(msgspec.structs.replace(reading, fields=msgspec.structs.replace(reading.fields, **{key: PLANTED[key]})))
    database.execute("update readings set value = ? where path = ?", (crc32(data, crc32(name.encode())).to_bytes(4, "big") + data, path))
    database.execute("delete from facts")
    database.commit()
    database.close()
    built = build_site(site)
    check_said(built.problems)
    check_outside(tmp_path)
    assert b"</script>\ny" not in b"".join(tree(site / "output").values())
    assert build_site(site, clean=True).ok
