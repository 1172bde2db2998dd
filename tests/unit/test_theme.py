"""Themes: layers and parents, what wins, what is refused, and what a fingerprint covers."""

import os
from pathlib import Path

import pytest

from iopsgen.problems import Problem, has_errors
from iopsgen.theme import (
    Theme,
    catalogues_for,
    choose_options,
    find_template,
    load_theme,
    maker_digest,
    static_files,
    template_digest,
    template_names,
)


def write(root: Path, files: dict[str, str]) -> Path:
    """Writes files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def load(root: Path, name: str = "ours") -> Theme:
    """A theme that must be without problems."""
    theme, problems = load_theme(root, name)
    assert problems == []
    assert theme is not None
    return theme


def refuse(root: Path, name: str = "ours") -> list[Problem]:
    """The problems of a theme that must not load."""
    theme, problems = load_theme(root, name)
    assert theme is None
    assert has_errors(problems)
    return problems


# --- layers ---------------------------------------------------------------------------------------------------------


def test_the_default_theme_loads_alone(tmp_path: Path) -> None:
    """A site without a theme of its own has the packaged one, whose templates are known by short names."""
    theme = load(tmp_path, "default")
    assert len(theme.layers) == 1
    assert "base.html" in template_names(theme)
    found = find_template(theme, "base.html")
    assert found is not None and found.shown == "default theme: base.html"
    assert Path(theme.layers[0]).is_absolute()


def test_a_theme_lies_over_its_parents_and_the_default(tmp_path: Path) -> None:
    """The nearest layer wins file by file; the default theme comes last without being named."""
    write(
        tmp_path,
        {
            "themes/ours/theme.yml": "parent: calm\n",
            "themes/ours/templates/a.html": "ours a",
            "themes/calm/templates/a.html": "calm a",
            "themes/calm/templates/b.html": "calm b",
        },
    )
    theme = load(tmp_path)
    assert [Path(layer).name for layer in theme.layers] == ["ours", "calm", "default"]
    assert theme.names == ("themes/ours", "themes/calm", "default theme")
    texts = {name: file.text for name in ("a.html", "b.html") if (file := find_template(theme, name))}
    assert texts == {"a.html": "ours a", "b.html": "calm b"}
    assert find_template(theme, "base.html") is not None
    from_next = find_template(theme, "a.html", 1)
    assert from_next is not None and from_next.shown == "themes/calm/templates/a.html"


def test_a_site_may_change_the_default_theme_under_its_own_name(tmp_path: Path) -> None:
    """`themes/default/` of a site lies over the packaged theme of the same name."""
    write(tmp_path, {"themes/default/templates/base.html": "mine"})
    theme = load(tmp_path, "default")
    assert theme.names == ("themes/default", "default theme")
    found = find_template(theme, "base.html")
    assert found is not None and found.text == "mine"


def test_options_are_merged_nearest_first(tmp_path: Path) -> None:
    """Each option comes from the nearest theme.yml that names it, with the type that is written there."""
    write(
        tmp_path,
        {
            "themes/ours/theme.yml": 'parent: calm\noptions:\n  colour: "007"\n  wide: true\n  empty:\n',
            "themes/calm/theme.yml": "options: {colour: red, columns: 3}\n",
        },
    )
    options = load(tmp_path).options
    assert options["colour"] == "007"
    assert options["columns"] == 3
    assert options["wide"] is True
    assert options["empty"] == ""


def test_chosen_options_keep_the_kind_the_theme_gave_them(tmp_path: Path) -> None:
    """A site sets options by name; an unknown one is pointed out, a wrong kind is an error."""
    write(tmp_path, {"themes/ours/theme.yml": "options: {wide: true, colour: red, columns: 3, list: [a]}\n"})
    theme = load(tmp_path)
    chosen, problems = choose_options(theme, {"wide": "no", "colour": 12, "columns": 4})
    assert problems == []
    assert (chosen["wide"], chosen["colour"], chosen["columns"]) == (False, "12", 4)
    _, problems = choose_options(theme, {"colur": "blue"})
    assert problems[0].severity == "warning"
    assert problems[0].hint == 'Did you mean "colour"?'
    chosen, problems = choose_options(theme, {"columns": "many", "wide": "perhaps", "list": "a"})
    assert [p.severity for p in problems] == ["error"] * 3
    assert chosen["columns"] == 3


def test_hidden_files_and_backups_are_no_part_of_a_theme(tmp_path: Path) -> None:
    """What editors and systems leave behind is neither a template nor copied."""
    names = ("a.css", ".DS_Store", "a.css~", "#a.css#", ".a.css.swp", "a.css.orig", "Thumbs.db", ".git/config")
    write(tmp_path, {f"themes/ours/static/{name}": "x" for name in names})
    static = load(tmp_path).static
    assert [name for name in static if static[name].layer == 0] == ["a.css"]


def test_static_files_are_named_by_their_path(tmp_path: Path) -> None:
    """The nearest layer's file is copied under its path below static/."""
    write(
        tmp_path,
        {
            "themes/ours/theme.yml": "parent: calm",
            "themes/ours/static/fonts/a.woff2": "1",
            "themes/calm/static/fonts/a.woff2": "2",
            "themes/calm/static/z.css": "3",
        },
    )
    files = static_files(load(tmp_path))
    assert files["fonts/a.woff2"].read_text() == "1"
    assert files["z.css"].read_text() == "3"
    assert list(files) == sorted(files)


# --- refusals -------------------------------------------------------------------------------------------------------


def test_an_unknown_theme_is_told_with_a_guess(tmp_path: Path) -> None:
    """The message names the theme, and the hint a near name and all there are."""
    write(tmp_path, {"themes/ours/theme.yml": ""})
    problem = refuse(tmp_path, "ourss")[0]
    assert '"ourss"' in problem.message
    assert 'Did you mean "ours"?' in problem.hint
    assert "default" in problem.hint


@pytest.mark.parametrize("name", ["../ours", "/etc", "ours/../ours", "..", ".", "", "ours\0", "C:\\ours", ".hidden"])
def test_a_theme_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    """Only the name of a folder in themes/ names a theme."""
    write(tmp_path, {"themes/ours/theme.yml": "", "ours/theme.yml": "", "themes/.hidden/theme.yml": ""})
    refuse(tmp_path, name)


def test_themes_that_build_on_each_other_are_refused(tmp_path: Path) -> None:
    """A circle of parents is an error at the theme.yml that closes it."""
    write(tmp_path, {"themes/ours/theme.yml": "parent: calm", "themes/calm/theme.yml": "parent: ours"})
    problem = refuse(tmp_path)[0]
    assert problem.message == 'The theme "ours" builds on itself.'
    assert problem.place is not None and problem.place.file == "themes/calm/theme.yml"


def test_theme_yml_is_checked_at_its_place(tmp_path: Path) -> None:
    """An unknown key is a warning with a guess; what is no map, or no single parent, is an error with its line."""
    write(tmp_path, {"themes/ours/theme.yml": "name: ours\nparrent: default\n"})
    theme, problems = load_theme(tmp_path, "ours")
    assert theme is not None
    assert problems[0].severity == "warning"
    assert str(problems[0].place) == "themes/ours/theme.yml:2:1"
    assert problems[0].hint == 'Did you mean "parent"?'
    write(tmp_path, {"themes/ours/theme.yml": "name: ours\nparent: [a, b]\n"})
    assert str(refuse(tmp_path)[0].place) == "themes/ours/theme.yml:2:9"
    write(tmp_path, {"themes/ours/theme.yml": "- a\n"})
    refuse(tmp_path)
    write(tmp_path, {"themes/ours/theme.yml": "options: [a]\n"})
    refuse(tmp_path)


@pytest.mark.parametrize("inside", ["templates/x.html", "static/x.css", "icons/x.svg", "locale/fr/LC_MESSAGES/messages.po", "theme.yml"])
def test_links_that_lead_out_are_refused(tmp_path: Path, inside: str) -> None:
    """A symbolic link to a file outside the theme is an error that names it, in every folder of the theme."""
    site = write(tmp_path / "site", {"themes/ours/templates/a.html": ""})
    secret = tmp_path / "secret"
    secret.write_text("parent: default")
    link = site / "themes/ours" / inside
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(secret)
    problem = refuse(site)[0]
    assert problem.place is not None and problem.place.file == f"themes/ours/{inside}"


@pytest.mark.parametrize("folder", ["templates", "static/sub", "icons"])
def test_links_to_folders_outside_are_refused(tmp_path: Path, folder: str) -> None:
    """A folder of a theme may not be a link to a folder elsewhere."""
    site = write(tmp_path / "site", {"themes/ours/theme.yml": ""})
    write(tmp_path / "elsewhere", {"x.html": "", "x.css": "", "x.svg": ""})
    link = site / "themes/ours" / folder
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "elsewhere")
    refuse(site)


def test_a_theme_may_not_be_a_link_out_of_the_site(tmp_path: Path) -> None:
    """`themes/ours` as a link to a folder outside the site is refused, also as a parent."""
    site = write(tmp_path / "site", {"themes/child/theme.yml": "parent: ours"})
    write(tmp_path / "elsewhere", {"templates/a.html": ""})
    (site / "themes/ours").symlink_to(tmp_path / "elsewhere")
    assert "leads out of the site" in refuse(site)[0].message
    assert "leads out of the site" in refuse(site, "child")[0].message


def test_links_within_a_theme_are_followed(tmp_path: Path) -> None:
    """One file may stand under two names."""
    write(tmp_path, {"themes/ours/static/a.css": "x"})
    (tmp_path / "themes/ours/static/b.css").symlink_to("a.css")
    assert static_files(load(tmp_path))["b.css"].read_text() == "x"


def test_a_dangling_link_and_a_pipe_do_no_harm(tmp_path: Path) -> None:
    """A link to nothing inside the theme and a named pipe are passed over without waiting."""
    write(tmp_path, {"themes/ours/templates/a.html": "x"})
    (tmp_path / "themes/ours/templates/b.html").symlink_to("nothing.html")
    os.mkfifo(tmp_path / "themes/ours/templates/c.html")
    theme = load(tmp_path)
    assert [file.name for file in theme.templates[0].values()] == ["a.html"]


def test_files_that_are_too_long_or_not_utf8_are_told(tmp_path: Path) -> None:
    """A template over 1 MiB, or in another encoding, is an error with its file, and its line where there is one."""
    write(tmp_path, {"themes/ours/templates/a.html": "x" * (1024 * 1024 + 1)})
    assert "KiB" in refuse(tmp_path)[0].message
    (tmp_path / "themes/ours/templates/a.html").write_bytes(b"one\ntwo \xe9\n")
    assert str(refuse(tmp_path)[0].place) == "themes/ours/templates/a.html:2"


# --- fingerprints ---------------------------------------------------------------------------------------------------

CLOSURE = {
    "themes/ours/templates/page.html": '{% extends "base.html" %}{% block main %}{% include "_a.html" %}{% endblock %}',
    "themes/ours/templates/base.html": "{% block main %}{% endblock %}",
    "themes/ours/templates/_a.html": "{% import 'm.html' as m %}{{ m.x() }}",
    "themes/ours/templates/m.html": "{% macro x() %}{% endmacro %}",
    "themes/ours/templates/other.html": "other",
}


@pytest.mark.parametrize(("changed", "counts"), [("page", True), ("base", True), ("_a", True), ("m", True), ("other", False)])
def test_a_digest_covers_what_a_template_uses(tmp_path: Path, changed: str, counts: bool) -> None:
    """The digest changes with every file that the template extends, includes or imports, at any depth, and with no other."""
    write(tmp_path, CLOSURE)
    before = template_digest(load(tmp_path), "page.html")
    assert template_digest(load(tmp_path), "page.html") == before
    write(tmp_path, {f"themes/ours/templates/{changed}.html": CLOSURE[f"themes/ours/templates/{changed}.html"] + " "})
    assert (template_digest(load(tmp_path), "page.html") != before) is counts


def test_a_digest_sees_a_nearer_file_appear(tmp_path: Path) -> None:
    """A template that begins to hide one of the parent's changes the digest, and so does one that was missing before."""
    write(
        tmp_path,
        {
            "themes/ours/theme.yml": "parent: calm",
            "themes/calm/templates/page.html": '{% include "_a.html" %}{% include "_b.html" ignore missing %}',
            "themes/calm/templates/_a.html": "calm",
        },
    )
    digests = {template_digest(load(tmp_path), "page.html")}
    write(tmp_path, {"themes/ours/templates/_a.html": "ours"})
    digests.add(template_digest(load(tmp_path), "page.html"))
    write(tmp_path, {"themes/calm/templates/_b.html": "new"})
    digests.add(template_digest(load(tmp_path), "page.html"))
    assert len(digests) == 3


def test_a_digest_follows_the_parents_template(tmp_path: Path) -> None:
    """`!base.html` counts as the file of the next layer."""
    write(
        tmp_path,
        {
            "themes/ours/theme.yml": "parent: calm",
            "themes/ours/templates/a.html": '{% extends "!a.html" %}',
            "themes/calm/templates/a.html": "one",
        },
    )
    before = template_digest(load(tmp_path), "a.html")
    write(tmp_path, {"themes/calm/templates/a.html": "two"})
    assert template_digest(load(tmp_path), "a.html") != before


@pytest.mark.parametrize(
    "use", ['"_" ~ page.kind ~ ".html"', "name", '["a.html", name]', '"a.html" if x else y', '"a" "b"', '"\\x61.html"']
)
def test_a_computed_name_may_be_any_template(tmp_path: Path, use: str) -> None:
    """Where the name of an include is worked out, every template of the theme counts."""
    write(tmp_path, {"themes/ours/templates/page.html": f"{{% include {use} %}}", "themes/ours/templates/far.html": "1"})
    before = template_digest(load(tmp_path), "page.html")
    write(tmp_path, {"themes/ours/templates/far.html": "2"})
    assert template_digest(load(tmp_path), "page.html") != before


def test_a_makers_digest_covers_texts_and_icons(tmp_path: Path) -> None:
    """It changes with the catalogue of its language and with an icon, not with another language or a style sheet."""
    po = 'msgid ""\nmsgstr ""\n\nmsgid "Events"\nmsgstr "{}"\n'
    write(
        tmp_path,
        {
            "themes/ours/templates/page.html": "x",
            "themes/ours/locale/fr/LC_MESSAGES/messages.po": po.format("Rendez-vous"),
            "themes/ours/locale/de/LC_MESSAGES/messages.po": po.format("Termine"),
            "themes/ours/icons/a.svg": "<svg></svg>",
            "themes/ours/static/a.css": "",
        },
    )

    def digests() -> tuple[str, str]:
        theme = load(tmp_path)
        return maker_digest(theme, "page.html", "fr"), maker_digest(theme, "page.html", "de")

    first = digests()
    assert first == digests()
    write(tmp_path, {"themes/ours/static/a.css": "b {}"})
    assert digests() == first
    write(tmp_path, {"themes/ours/locale/fr/LC_MESSAGES/messages.po": po.format("Événements")})
    second = digests()
    assert second[0] != first[0] and second[1] == first[1]
    write(tmp_path, {"themes/ours/icons/a.svg": "<svg> </svg>"})
    assert all(new != old for new, old in zip(digests(), second, strict=True))


def test_catalogues_weigh_by_layer_then_by_region(tmp_path: Path) -> None:
    """For pt-BR: the site's pt-BR, the site's pt, then the parent's."""
    names = [f"themes/{theme}/locale/{language}/LC_MESSAGES/messages.po" for theme in ("ours", "calm") for language in ("pt", "pt_BR")]
    write(tmp_path, {"themes/ours/theme.yml": "parent: calm", **dict.fromkeys(names, 'msgid ""\nmsgstr ""\n')})
    found = [file.shown.removesuffix("/LC_MESSAGES/messages.po") for file in catalogues_for(load(tmp_path), "pt-BR")]
    assert found[:4] == ["themes/ours/locale/pt_BR", "themes/ours/locale/pt", "themes/calm/locale/pt_BR", "themes/calm/locale/pt"]
