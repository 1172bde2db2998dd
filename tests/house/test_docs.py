"""The documentation is complete and true: commands, keys, views and addresses are all there, and the examples in it work."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from jinja2.loaders import BaseLoader
from PIL import Image

from iopsgen import cli
from iopsgen.build import Failed, Options, Result, prepare
from iopsgen.cli.show import result_json
from iopsgen.dates import Fault, read_duration, read_moment
from iopsgen.fields import Either, Field, ListOf, Record, Report, Table
from iopsgen.filters import make_filters, make_functions
from iopsgen.outputs import pages
from iopsgen.outputs.indexes import EventJson, events_json, status_json
from iopsgen.problems import Place, Problem
from iopsgen.read import comments, frontmatter
from iopsgen.read.frontmatter import ChangesField
from iopsgen.recall import CommentCounts
from iopsgen.recurrence import read_repeat
from iopsgen.sandbox import Meter, ThemeEnvironment
from iopsgen.settings import SETTINGS, Settings, read_settings
from iopsgen.store import Store
from iopsgen.texts import Texts
from iopsgen.theme import load_theme, template_names
from iopsgen.views import Frame, OriginView, Ref
from iopsgen.yamltext import Map, parse
from tests.house import doctext
from tests.house.doctext import DOCUMENTS, ROOT, blocks, lines_labelled, rows
from tests.house.theme_reference import SOURCE, TARGET, make_reference
from tests.sites import build_site, write_site

NAMES = [str(p.relative_to(ROOT)) for p in DOCUMENTS]


def command_named(name: str) -> click.Command:
    """A command of iopsgen."""
    found = cli.iopsgen.get_command(click.Context(cli.iopsgen), name)
    assert found is not None, f"there is no command {name}"
    return found


def options_of(command: click.Command) -> set[str]:
    """The long options of a command but `--help`."""
    return {o for p in command.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")}


# --- commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    """Each command has a row in the README's table, and the row (or the sentence below the table) names exactly its options and choices."""
    row = next((r for r in rows("README.md", "Commands") if re.match(rf"iopsgen {name}\b", r.spans(0)[0])), None)
    assert row, f"README.md has no row for iopsgen {name}"
    command = command_named(name)
    own = options_of(command)
    assert {span.split()[0] for span in row.spans(2)} == own - {"--site", "--set"}
    below = doctext.read("README.md").partition("All commands that work on a site")[2].partition("\n\n")[0]
    assert "--site" in below and ("--set" not in own or f"`{name}`" in below.partition("`--site")[2])
    choices = [c for p in command.params if isinstance(p.type, click.Choice) and isinstance(p, click.Argument) for c in p.type.choices]
    said = set(re.findall(r"[a-z]+", " ".join(row.spans(0) + row.spans(1))))
    assert set(choices) <= said


def test_every_command_for_comments_is_documented() -> None:
    """Each command of the group has a row in docs/moderating.md, with exactly its options and nothing more."""
    group = command_named("comments")
    assert isinstance(group, click.Group)
    found = {row.spans(0)[0].split()[0]: {span.split()[0] for span in row.spans(2) if span.startswith("--")} for row in rows("docs/moderating.md", "Commands")}
    assert list(found) == group.list_commands(click.Context(group))
    for name, options in found.items():
        command = group.get_command(click.Context(group), name)
        assert command is not None and options == options_of(command) - {"--site", "--set"}, name


def called() -> Iterator[tuple[str, list[str]]]:
    """Every call of iopsgen in the documents: where it stands, its words."""
    for name in NAMES:
        pieces = [line for block in blocks(name) if block.language in ("sh", "text") for line in block.text.splitlines()]
        for piece in [*pieces, *doctext.spans(doctext.prose(name))]:
            for part in re.split(r"&&|>|;", piece):
                words = re.search(r"(?:^|\s|/)iopsgen ([a-z].*)", part.strip())
                if words:
                    yield name, shlex.split(words[1].replace("[", "").replace("]", ""))


def test_every_call_in_the_documents_is_possible() -> None:
    """Each `iopsgen …` in the documents names an existing command and options that this command has."""
    found = list(called())
    assert len(found) > 25
    for name, words in found:
        assert words[0] in cli.COMMANDS, f"{name}: iopsgen {words[0]}"
        command = command_named(words[0])
        if isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), next((w for w in words[1:] if not w.startswith("-")), command.default))  # type: ignore[attr-defined]
            assert inner is not None, f"{name}: iopsgen {' '.join(words)}"
            command = inner
        options = {word for word in words if word.startswith("--")}
        assert options <= options_of(command), f"{name}: iopsgen {' '.join(words)}"


def test_the_quick_start_uses_what_is_there() -> None:
    """Each line of the README's quick start calls make, pip or iopsgen with targets, files and commands that exist."""
    targets = set(re.findall(r"^(\w+):", doctext.read("Makefile"), re.MULTILINE))
    text = doctext.read("README.md").partition("## Quick start")[2].partition("\n## ")[0]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert len(lines) > 8
    for line in lines:
        for words in (shlex.split(part) for part in line.split("&&")):
            program = words[0].rpartition("/")[2]
            if program == "make":
                assert words[1] in targets
            elif program == "pip":
                assert words[1] == "install"
                if "--constraint" in words:
                    assert (ROOT / words[words.index("--constraint") + 1]).is_file(), line
            elif program == "iopsgen":
                assert words[1] in cli.COMMANDS
            else:
                assert program in ("python", "python3", "cd"), line


# --- keys --------------------------------------------------------------------------------------------------------------


def keys_of(record: Record, prefix: str = "") -> Iterator[str]:
    """The keys of a record and of those inside it, with dots between them; a venue's keys count once, on their own."""
    for name, field in record.fields.items():
        yield prefix + name
        inner = inside(field)
        if inner is not None and inner is not frontmatter.VENUE:
            yield from keys_of(inner, f"{prefix}{name}.")


def inside(field: Field) -> Record | None:
    """The record that a field may hold."""
    if isinstance(field, Record):
        return field
    if isinstance(field, Either):
        return inside(field.keys)
    if isinstance(field, ListOf | Table):
        return inside(field.item if isinstance(field, ListOf) else field.value)
    if isinstance(field, ChangesField):
        return field.keys
    found = getattr(field, "entry", None) or getattr(field, "details", None)  # of a menu, of categories
    return found if isinstance(found, Record) else None


RECORDS = {
    "Posts": frontmatter.POST,
    "Events": frontmatter.EVENT,
    "Keys of every text": Record(frontmatter.COMMON),
    "Chapters": frontmatter.CHAPTER,
    "Pages": frontmatter.PAGE,
    "People": frontmatter.PERSON,
    "Venues": frontmatter.VENUE,
}


def key_rows(heading: str) -> list[doctext.Row]:
    """The rows of docs/writing.md below a heading that document keys."""
    found = [row for row in rows("docs/writing.md", heading) if len(row.cells) == 3]
    return [row for row in found if "Repetitions" not in row.headings]


@pytest.mark.parametrize("heading", list(RECORDS))
def test_every_key_of_front_matter_is_documented(heading: str) -> None:
    """docs/writing.md documents exactly the keys of each kind of file, those that all texts share in a table of their own."""
    keys = set(keys_of(RECORDS[heading]))
    if heading not in ("Keys of every text", "People", "Venues"):
        keys -= set(keys_of(RECORDS["Keys of every text"]))
    if heading == "People":
        keys = {k for k in keys if not k.startswith("image.")}  # "with the same keys"
    assert {row.spans(0)[0] for row in key_rows(heading)} == keys


@pytest.mark.parametrize("heading", list(RECORDS))
def test_every_key_has_an_example_that_is_read(heading: str) -> None:
    """The example behind each key in docs/writing.md uses that key and is read without any problem."""
    for row in key_rows(heading):
        example, key = row.spans(2)[0], row.spans(0)[0]
        node, problems = parse(example + "\n", "example")
        report = Report("example")
        assert isinstance(node, Map) and not problems, example
        values = RECORDS[heading].read_pairs(node.pairs, report)
        assert not report.problems, f"{example}: {report.problems[0].message}"
        assert key.partition(".")[0] in values and key.rpartition(".")[2] in example, example


def nested(key: str, value: str) -> str:
    """Settings with one key, `a.b.c`, and the two that every site needs."""
    tree: dict[str, Any] = {"site": {"title": "T", "url": "https://example.org/"}}
    here, (*folders, last) = tree, key.split(".")
    for name in folders:
        here = here.setdefault(name, {})
    here[last] = value

    def write(node: dict[str, Any], indent: str) -> str:
        return "".join(f"{indent}{k}:\n{write(v, indent + '  ')}" if isinstance(v, dict) else f"{indent}{k}: {v}\n" for k, v in node.items())

    return write(tree, "")


def value_of(settings: Settings, key: str) -> object:
    """The value of a setting by its dotted key."""
    found: Any = settings
    for name in key.split("."):
        found = getattr(found, name)
    return settings.markdown.trust("") if key == "markdown.html" else found


def test_every_setting_is_documented() -> None:
    """docs/settings.md has a row for each key of the settings, and for no other."""
    groups = {"site", "posts", "events", "feeds", "comments", "comments.form", "comments.receive", "markdown", "pictures", "search"}
    links = {"site.social.title", "site.social.url"}
    assert {row.spans(0)[0] for row in rows("docs/settings.md")} == (set(keys_of(SETTINGS)) | links) - groups


def test_defaults_and_examples_of_settings() -> None:
    """The example of each setting is read without a problem and is not the default; the default stands as documented."""
    plain, _ = read_settings(nested("site.title", "T"))
    assert plain is not None
    for row in rows("docs/settings.md"):
        key = row.spans(0)[0]
        if example := row.spans(4):
            settings, problems = read_settings(nested(key, example[0] if example[0][0] in "[{" else json.dumps(example[0])))
            assert settings is not None and not problems, f"{key}: {problems[0].message if problems else ''}"
            if key not in ("theme", "comments.decisions", "markdown.html"):
                assert value_of(settings, key) != value_of(plain, key), key
        if default := row.spans(2):
            settings, problems = read_settings(nested(key, json.dumps(default[0])))
            assert settings is not None and not problems, key
            assert value_of(settings, key) == value_of(plain, key), f"{key}: {default[0]} is not the default"
        elif row.cells[2] == "none" and not key.startswith(("languages.", "categories.")):
            assert not value_of(plain, key), key


def test_parts_of_settings_are_read() -> None:
    """Each example of a part of the settings is read without a problem."""
    parts = [block.text for name in NAMES for block in blocks(name) if block.label == "settings"]
    assert parts
    for part in parts:
        settings, problems = read_settings(nested("site.title", "T") + part)
        assert settings is not None and not problems, part


# --- examples ----------------------------------------------------------------------------------------------------------


def picture() -> bytes:
    """A small picture."""
    data = BytesIO()
    Image.new("RGB", (4, 3)).save(data, "JPEG")
    return data.getvalue()


def sites_of(name: str) -> list[dict[str, str | bytes | None]]:
    """The examples of a document that are files, as sites: where a file comes again, the next site begins with what there was."""
    files: dict[str, str | bytes | None] = {
        "iopsgen.yml": 'site: {title: T, url: "https://example.org/x/", contact: hello@example.org}\nlanguages: [en, fr]\n',
        "content/posts/2012-10-05-welcome.md": "---\ntitle: Welcome\n---\nWelcome.\n",
        "content/pages/about.md": "---\ntitle: About us\n---\nWe mend.\n",
        "content/posts/table.jpg": picture(),
        "static/people/ada.jpg": picture(),
    }
    sites: list[dict[str, str | bytes | None]] = []
    seen: set[str] = set()
    for block in blocks(name):
        if "/" not in block.label and not block.label.endswith(".yml"):
            continue
        if block.label in seen:
            sites.append(dict(files))
        seen.add(block.label)
        files[block.label] = block.text
    return [*sites, dict(files)] if seen else []


@pytest.mark.parametrize("name", [name for name in NAMES if sites_of(name)])
def test_examples_build(name: str, tmp_path: Path) -> None:
    """The examples of a document that are whole files make sites that build without an error or a warning."""
    for number, files in enumerate(sites_of(name)):
        result = build_site(write_site(tmp_path / str(number), files))
        found = [f"{p.place}: {p.message} {p.hint}" for p in result.problems if p.severity != "hint"]
        assert result.ok and not found, "\n".join(found)


def test_the_theme_of_the_documentation_shows(tmp_path: Path) -> None:
    """The theme that docs/themes.md builds up adds its line to posts, below all that the default theme shows."""
    folder = write_site(tmp_path, sites_of("docs/themes.md")[-1])
    assert build_site(folder).ok
    page = (folder / "output/posts/welcome/index.html").read_text("utf-8")
    assert "Thank you to all who help. Pull up a chair" in " ".join(page.replace("</svg>", "").split())
    assert 'class="p-name">Welcome' in page
    german = build_site(folder, overrides={"site.language": "de"})
    assert german.ok and "Danke an alle, die helfen." in (folder / "output/posts/welcome/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("label", "read", "count"),
    [("dates", read_moment, 8), ("durations", read_duration, 5)],
)
def test_forms_are_read(label: str, read: Callable[[str], object], count: int) -> None:
    """Every form of a date and of a length of time in docs/writing.md is read."""
    lines = lines_labelled("docs/writing.md", label)
    assert len(lines) == count
    for line in lines:
        assert not isinstance(read(line), Fault), line


@pytest.mark.parametrize(("label", "read"), [("not dates", read_moment), ("not repetitions", read_repeat)])
def test_forms_are_refused(label: str, read: Callable[[str], object]) -> None:
    """Every form that docs/writing.md calls impossible is refused, with what to write instead."""
    lines = lines_labelled("docs/writing.md", label)
    assert len(lines) > 3
    for line in lines:
        fault = read(line)
        assert isinstance(fault, Fault) and fault.hint, line


def test_repetitions_are_read() -> None:
    """Every repetition in the tables of docs/writing.md is read."""
    found = [row for row in rows("docs/writing.md", "Repetitions")]
    texts = [span for row in found for span in row.spans(0 if row.spans(0) else 1)]
    assert len(texts) > 25
    for text in texts:
        assert not isinstance(read_repeat(text), Fault), text


def test_links_lead_somewhere() -> None:
    """Every link between documents leads to a file that is there, and every anchor to a heading."""
    for name in NAMES:
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", doctext.prose(name))):
            if target.startswith(("https://", "http://")):
                continue
            path, _, anchor = target.partition("#")
            file = (ROOT / name).parent / path if path else ROOT / name
            assert file.exists(), f"{name}: {target}"
            if anchor:
                assert anchor in doctext.anchors(file.read_text("utf-8")), f"{name}: {target}"


def test_the_pictures_are_small() -> None:
    """A picture of the documentation weighs less than 200 kB and is used."""
    pictures = list((ROOT / "docs/pictures").iterdir())
    assert pictures
    for path in pictures:
        assert path.stat().st_size < 200_000
        assert any(path.name in doctext.read(name) for name in NAMES)


# --- themes ------------------------------------------------------------------------------------------------------------


def test_the_list_of_views_is_fresh() -> None:
    """docs/theme-views.md is what `python -m tests.house.theme_reference` makes of iopsgen/views.py."""
    assert TARGET.read_text("utf-8") == make_reference(SOURCE.read_text("utf-8")), "run: python -m tests.house.theme_reference"


def test_all_that_templates_may_use_is_documented(tmp_path: Path) -> None:
    """docs/themes.md names exactly the filters and functions of templates, and the icons, options and templates of the default theme."""
    theme, _ = load_theme(tmp_path, "default")
    assert theme is not None
    own = set(make_filters(Texts("en"), str))
    kept = {name for name in ThemeEnvironment(BaseLoader(), Meter()).filters if name.isidentifier()}
    section = doctext.read("docs/themes.md").partition("## Filters")[2].partition("## Functions")[0]
    assert {span for row in rows("docs/themes.md", "Filters") for span in row.spans(0)} == own
    assert set(doctext.spans(section.partition("Of [Jinja's own]")[2])) == kept - own
    frame = Frame(title="", short_title="", description="", url="/", address="", root="/", language="en")
    functions = {*make_functions(theme, Texts("en"), frame, Meter()), "range", "namespace"}
    named = {
        name for row in rows("docs/themes.md", "Functions") for cell in (0, 1) for span in row.spans(cell) for name in re.findall(r"\w+", span)[:1]
    }
    assert functions <= named
    assert {row.spans(0)[0]: row.cells[1].strip("`").replace("none", "") for row in rows("docs/themes.md", "Options")} == theme.options
    icons = doctext.read("docs/themes.md").partition("The default theme has `access`")[2].partition(".\n")[0]
    assert {"access", *doctext.spans(icons)} == set(theme.icons)
    views = TARGET.read_text("utf-8")
    for template in template_names(theme):
        assert template.startswith("_") or template in views or template == "base.html", template


def test_languages_of_the_theme_are_named(tmp_path: Path) -> None:
    """docs/themes.md says how many languages the default theme speaks, and names them."""
    theme, _ = load_theme(tmp_path, "default")
    assert theme is not None
    names = {"ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese"}
    assert set(theme.catalogues) == names.keys() - {"en"}
    said = doctext.read("docs/themes.md").partition("The default theme speaks ")[2].partition(".")[0]
    assert set(re.findall(r"[A-Z]\w+", said)) == set(names.values())


# --- addresses and data ------------------------------------------------------------------------------------------------


def pattern_of(address: str) -> re.Pattern[str]:
    """What an address of docs/addresses.md stands for; lists go on at page/2/."""
    text = re.sub(r"<\w+>", "\0", re.escape(address).replace(r"\<", "<").replace(r"\>", ">"))
    return re.compile(text.replace("\0", "[^/]+") + r"(?:page/[0-9]+/)?")


def test_addresses_are_those_of_the_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address of the demonstration stands in docs/addresses.md, and the demonstration has each address that stands there."""
    assert pages.CHAPTER_POSTS == 10  # "more than ten"
    monkeypatch.setattr(pages, "CHAPTER_POSTS", 2)  # no chapter of the demonstration has so many posts
    store = Store(tmp_path / "cache.sqlite")
    options = Options(now=datetime(2026, 11, 22, 12, tzinfo=UTC), overrides={"redirects": "html, netlify, apache"}, workers=1)
    prepared, _ = prepare(ROOT, options, store)
    store.close()
    assert not isinstance(prepared, Failed)
    aliases = {alias for item in prepared.site.items for alias in item.fields.aliases}
    routes = {o.route for o in prepared.plan.outputs if (o.maker not in ("copy", "picture") or o.route.startswith("/assets/")) and o.route not in aliases}
    prefix = re.compile(rf"^/(?:{'|'.join(prepared.settings.all_languages[1:])})/")
    patterns = {address: pattern_of(address) for row in rows("docs/addresses.md") for address in row.spans(0)}
    standing = {prefix.sub("/", page.route) for page in prepared.site.pages}
    met: set[str] = set()
    for route in {prefix.sub("/", route) for route in routes}:
        fitting = {address for address, pattern in patterns.items() if pattern.fullmatch(route)}
        met |= fitting
        assert fitting - {"/<page>/"} or route in standing or route.endswith("/comments.xml"), f"docs/addresses.md lacks {route}"
    assert met == patterns.keys(), "the demonstration lacks some"


def json_of(name: str, heading: str) -> Any:
    """The JSON example below a heading."""
    text = doctext.read(name).partition(f"{heading}\n")[2]
    return json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])  # type: ignore[index]


def test_the_shape_of_events_json() -> None:
    """docs/addresses.md shows every key of events.json, in its order of always and sometimes."""
    start = datetime(2012, 10, 28, 11, tzinfo=UTC)
    full = EventJson(
        uid="u", title="t", address="https://a/", start=start, end=start, zone="Europe/London", tba=True, summary="s", venue="v", city="c", country="GB",
        latitude=1.0, longitude=1.0, online="https://o/", chapter=Ref(title="t", url="/", id="i"), categories=("n",), language="en",
        picture="https://p/", ics="https://i/", origin=OriginView(title="o"), updated=start,
    )  # fmt: skip
    real = json.loads(events_json("t", "https://a/", (full,)))
    shown = json_of("docs/addresses.md", "### events.json")
    assert shown.keys() == real.keys()
    assert {*shown["events"][0], "tba"} == real["events"][0].keys()
    assert shown["events"][0]["place"].keys() == real["events"][0]["place"].keys()
    bare = json.loads(events_json("t", "https://a/", (EventJson(uid="u", title="t", address="https://a/", start=date(2012, 10, 28)),)))
    assert list(shown["events"][0])[:7] == list(bare["events"][0])


def test_the_shape_of_status_json() -> None:
    """docs/addresses.md shows every key of status.json."""
    assert json_of("docs/addresses.md", "### status.json").keys() == json.loads(status_json(next_change=None, outputs=1, posts=1, events=1)).keys()


def test_the_shape_of_the_result() -> None:
    """docs/hosting.md shows every key of what `--json` prints."""
    problem = Problem("m", Place("f", 1, 1), "h", "error")
    real = json.loads(result_json(Result(ok=False, now=datetime(2026, 1, 1, tzinfo=UTC), problems=(problem,))))
    shown = json_of("docs/hosting.md", "## Continuous integration")
    assert list(shown) == list(real)
    assert shown["problems"][0].keys() == real["problems"][0].keys()
    assert shown["comments"].keys() == set(CommentCounts.__struct_fields__)


def first_cells(name: str, heading: str) -> set[str]:
    """What the tables below a heading explain."""
    return {row.spans(0)[0] for row in rows(name, heading)}


def fields_of(kind: type[msgspec.Struct], without: Iterable[str]) -> set[str]:
    """The fields of a value but some."""
    return set(kind.__struct_fields__) - set(without)


def test_comments_are_documented() -> None:
    """docs/comments.md names every key of a comment and of a decision, every action, every signal, and every sum of the report."""
    assert first_cells("docs/comments.md", "The inbox") == fields_of(comments.Record, ("file", "line", "sha256"))
    assert first_cells("docs/comments.md", "Decisions") == fields_of(comments.Decision, ("file", "line")) | set(comments.ACTIONS)
    text = doctext.read("docs/comments.md")
    assert all(f"`{name}`" in text for name in comments.Signals.__struct_fields__)
    limits = {row.spans(0)[0]: row.cells[2] for row in rows("docs/comments.md", "The inbox")}
    assert f"{comments.BODY_LIMIT // 1024} KiB" in limits["body"]
