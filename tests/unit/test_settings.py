"""The settings: every key typed and checked, every form that people write, overrides told from what stands in the file."""

from datetime import timedelta
from pathlib import Path

import pytest

from iopsgen.problems import Problem, has_errors
from iopsgen.settings import CategorySettings, Settings, read_settings
from tests.sites import SETTINGS, build_site, messages, write_site

SITE = "site: {title: River, url: https://example.org/}\n"


def good(text: str, **overrides: str) -> Settings:
    """The settings, without problems."""
    settings, problems = read_settings(text if "site:" in text.lower() else SITE + text, {key.replace("__", "."): value for key, value in overrides.items()})
    assert settings is not None and problems == []
    return settings


def bad(text: str, **overrides: str) -> list[Problem]:
    """The problems of settings that cannot be used."""
    settings, problems = read_settings(text if "site:" in text.lower() else SITE + text, {key.replace("__", "."): value for key, value in overrides.items()})
    assert settings is None and has_errors(problems)
    return problems


# --- the site ------------------------------------------------------------------------------------------------------


def test_everything_but_title_and_address_has_a_default() -> None:
    """Two keys are enough."""
    settings = good(SITE)
    assert (settings.site.short_title, settings.site.language, settings.site.timezone) == ("River", "en", "UTC")
    assert (settings.posts.permalink, settings.posts.per_page, settings.events.horizon) == ("/posts/{slug}/", 20, 18)
    assert (settings.feeds.items, settings.feeds.content, settings.theme, settings.output) == (20, "full", "default", "output")
    assert settings.all_languages == ("en",) and settings.comments.inbox == "comments/inbox.jsonl" and settings.redirects == ("html",)


@pytest.mark.parametrize("text", ["", "# nothing\n", "site:\n", "site: {}\n", "theme: default\n"])
def test_what_is_needed_is_said(text: str) -> None:
    """Without title and address there is an error that shows how to write them."""
    settings, problems = read_settings(text)
    assert settings is None and '"site" is missing' in problems[0].message and "title: My group" in problems[0].hint


def test_one_of_the_two_is_missing() -> None:
    """The missing one is named, at the place where it belongs."""
    problem = bad("theme: default\nsite:\n  title: River\n")[0]
    assert problem.message == '"url" is missing under site.' and str(problem.place) == "iopsgen.yml:3:3"


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_settings_that_are_no_keys(text: str) -> None:
    """A list or a sentence is no settings file."""
    settings, problems = read_settings(text)
    assert settings is None and "keys and values" in problems[0].message and "site:" in problems[0].hint


def test_unknown_keys_are_errors() -> None:
    """On every level, each at its place with the nearest known key."""
    problems = bad("site: {title: a, url: https://b.org, langage: en}\nthem: x\nfeeds: {item: 3}\n")
    assert [(str(p.place), p.hint) for p in problems] == [
        ("iopsgen.yml:1:38", 'Did you mean "language"?'),
        ("iopsgen.yml:2:1", 'Did you mean "theme"?'),
        ("iopsgen.yml:3:9", 'Did you mean "items"?'),
    ]


def test_keys_in_capitals_and_empty_values() -> None:
    """Capitals do not matter; an empty value is the same as no key."""
    settings = good("SITE: {Title: River, URL: 'https://example.org', logo: '', social: []}\nmenu: []\ntheme: ~\nlanguages:\ncategories: {}\n")
    assert settings.site.title == "River" and settings.theme == "default" and settings.languages == {} and settings.categories == {}


@pytest.mark.parametrize(
    ("written", "address", "root"),
    [
        ("https://example.org", "https://example.org/", "/"),
        ("HTTPS://Example.ORG/", "https://example.org/", "/"),
        ("https://example.org/iops", "https://example.org/iops/", "/iops/"),
        ("https://example.org/iops//", "https://example.org/iops/", "/iops/"),
        ("http://localhost:8000/a/b/", "http://localhost:8000/a/b/", "/a/b/"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/", "/"),
        ("https://example.org/café/", "https://example.org/caf%C3%A9/", "/caf%C3%A9/"),
        ("https://[::1]:8080", "https://[::1]:8080/", "/"),
    ],
)
def test_addresses_of_a_site(written: str, address: str, root: str) -> None:
    """Host in small letters as machines write it, a slash at the end; the path is kept."""
    settings = good(f"site: {{title: River, url: '{written}'}}\n")
    assert (settings.site.url, settings.site.root) == (address, root)


@pytest.mark.parametrize(
    "written",
    ["example.org", "https://", "ftp://example.org", "https://example.org/?a=b", "https://example.org/#x", "https://me:secret@example.org/", "https://example.org/../x/", "https://example.org:port/", "https://a..b/", "https://example.org/con/", "javascript:x", "https://example.org/a b/", "https://example.org?"],
)
def test_addresses_that_no_site_can_have(written: str) -> None:
    """Halves, other schemes, questions, secrets, ways out."""
    problem = bad(f"site: {{title: River, url: '{written}'}}\n")[0]
    assert problem.hint.startswith("Write") and str(problem.place) == "iopsgen.yml:1:27"


# --- other keys ----------------------------------------------------------------------------------------------------


def test_menus_in_every_form() -> None:
    """Titles and addresses, pairs, source paths, a list or a map; a single entry; what is empty is left out."""
    wanted = [("Events", "/events/"), ("", "content/pages/about.md")]
    for text in (
        "menu: [{title: Events, url: /events/}, content/pages/about.md]",
        "menu: [Events: /events/, 'content/pages/about.md']",
        "menu:\n  - Events: /events/\n  -\n  - content/pages/about.md",
        "menu:\n  - title: Events\n    url: /events/\n  - {}\n  - content/pages/about.md",
    ):
        assert [(entry.title, entry.url) for entry in good(text).menu] == wanted
    assert [(e.title, e.url) for e in good("menu: {Events: /events/, Mail: 'mailto:a@b.org'}").menu] == [("Events", "/events/"), ("Mail", "mailto:a@b.org")]
    assert [(e.title, e.url) for e in good("footer: {title: Events, url: /events/}").footer] == [("Events", "/events/")]
    assert [(e.title, e.language, e.line) for e in good("menu: [{title: Sobre, url: /es/x/, language: ES}]").menu] == [("Sobre", "es", 2)]


@pytest.mark.parametrize("menu", ["[{title: A}]", "[{url: /a/}]", "[{title: A, url: 'javascript:x'}]", "[A: //evil.example]", "[[a]]", "[{title: A, url: /a/, children: []}]"])
def test_menus_refused(menu: str) -> None:
    """Entries without an address, with a bad one, or with keys that are not known."""
    assert bad(f"menu: {menu}\n")[0].place


def test_categories_in_every_form() -> None:
    """A list of names, or names with a sentence or details; addresses from the names."""
    plain = {"News": CategorySettings(title="News", slug="news"), "How we work": CategorySettings(title="How we work", slug="how-we-work")}
    assert good("categories: [News, How we work]").categories == plain == good("categories: News, How we work").categories
    assert good("categories:\n  News:\n  How we work: {}\n").categories == plain
    detailed = good("categories: {News: What is coming up, Stories: {title: Our stories, slug: tales, description: Told}}").categories
    assert detailed == {
        "News": CategorySettings(title="News", slug="news", description="What is coming up"),
        "Stories": CategorySettings(title="Our stories", slug="tales", description="Told"),
    }


def test_categories_that_clash() -> None:
    """Two with one address, and one without any, are errors of the settings, not of every page that uses them."""
    assert 'The categories "C" and "C++" have the same address, c.' in bad("categories: [C, C++]\n")[0].message
    assert "has no letter or digit" in bad("categories: ['!!!']\n")[0].message
    assert good("categories: {C: , C++: {slug: cpp}}").categories["C++"].slug == "cpp"


def test_languages_in_every_form() -> None:
    """Codes, or codes with what the organisation is called; the site's own is always the first."""
    assert good("languages: [en, es]").all_languages == ("en", "es") == good("languages: en, ES").all_languages == good("languages: [es, en, en]").all_languages
    settings = good("languages: {es: {title: Río, categories: {News: Noticias}}, pt_br: }\ncategories: [News]\n")
    assert settings.all_languages == ("en", "es", "pt-BR") and settings.languages["es"].categories == {"News": CategorySettings(title="Noticias")}
    assert "not a language code" in bad("languages: [english]\n")[0].message and "not a language code" in bad("languages: {english: }\n")[0].message


def test_a_translated_category_that_does_not_exist() -> None:
    """It is a warning with the nearest name."""
    settings, problems = read_settings(SITE + "categories: [News]\nlanguages: {es: {categories: {Nws: Noticias}}}\n")
    assert settings is not None and [(p.severity, p.hint) for p in problems] == [("warning", 'Did you mean "News"?')]


def test_lengths_levels_and_choices() -> None:
    """Months, lengths of time, levels of HTML for folders."""
    assert [good(f"events: {{horizon: {text}}}").events.horizon for text in ("6", "6 months", "1 year", "2 Years", "1 month")] == [6, 6, 12, 24, 1]
    assert good("comments: {close_after: 90 days}").comments.close_after == timedelta(days=90)
    settings = good("markdown: {html: {pages: trusted, posts/london: none, '*': restricted}}")
    trust = settings.markdown.trust
    assert [trust(f"content/{path}") for path in ("pages/a.md", "posts/london/a.md", "posts/london.md", "posts/a.md", "events/a.md")] == ["trusted", "none", "restricted", "restricted", "restricted"]
    assert good("markdown: {html: none}").markdown.trust("content/pages/a.md") == "none"
    for text in ("events: {horizon: soon}", "events: {horizon: 0}", "events: {horizon: 200}", "feeds: {items: 0}", "posts: {per_page: lots}", "markdown: {html: all}", "markdown: {html: {pages: some}}", "redirects: [ftp]", "theme: ../x", "comments: {moderation: maybe}"):
        assert bad(text)[0].hint


@pytest.mark.parametrize("pattern", ["/{year}/{month}/{slug}/", "/{chapter}/{slug}/", "/blog/{slug}/", "/{slug}/"])
def test_patterns_of_addresses(pattern: str) -> None:
    """Known words in braces, a slash at both ends."""
    assert good(f'posts: {{permalink: "{pattern}"}}').posts.permalink == pattern


@pytest.mark.parametrize("pattern", ["/posts/{slug}", "posts/{slug}/", "/posts/", "/{title}/{slug}/", "/../{slug}/", "/a//{slug}/", "/{slug/", "/con/{slug}/"])
def test_patterns_refused(pattern: str) -> None:
    """Each with the words that are possible."""
    assert "{slug}" in bad(f'posts: {{permalink: "{pattern}"}}')[0].hint


@pytest.mark.parametrize("path", ["/tmp/x", "../x", "a/../../x", ".", "./", "~/x", "C:x", "a\\\\b", "a//b", "a/./b"])
@pytest.mark.parametrize("key", ["output: ", "comments: {inbox: ", "comments: {decisions: ", "logo"])
def test_paths_stay_inside(path: str, key: str) -> None:
    """No setting leads out of the folder of the site."""
    text = f'site: {{title: a, url: https://b.org, logo: "{path}"}}' if key == "logo" else f'{key}"{path}"' + ("}" if "{" in key else "")
    assert "does not lie in the folder of the site" in bad(text + "\n")[0].message


@pytest.mark.parametrize("folder", ["content", "Static", "content/posts", "themes", "data", "comments", ".git", ".iopsgen", "iopsgen.yml"])
def test_the_output_is_no_source(folder: str) -> None:
    """The built site cannot be written where the sources lie."""
    assert "place of the sources" in bad(f"output: {folder}\n")[0].message


@pytest.mark.parametrize("path", ["static/inbox.jsonl", "content/posts/inbox", "themes/x"])
def test_the_inbox_is_not_published(path: str) -> None:
    """An inbox holds what was never meant to be public, so it cannot lie where everything is copied."""
    assert "is published" in bad(f"comments: {{inbox: {path}}}\n")[0].message and "is published" in bad(f"comments: {{decisions: {path}}}\n")[0].message


# --- overrides -----------------------------------------------------------------------------------------------------


def test_overrides_win() -> None:
    """A key given with --set replaces what the file says, on any level, in any spelling, and need not be there."""
    text = "Site: {title: River, url: https://example.org/}\nfeeds: {items: 5}\n"
    settings = good(text, site__url="https://test.example/x", feeds__items="7", posts__per_page="3", languages="en, es", theme="")
    assert (settings.site.title, settings.site.url, settings.feeds.items, settings.posts.per_page) == ("River", "https://test.example/x/", 7, 3)
    assert settings.all_languages == ("en", "es") and settings.theme == "default"
    assert good("", site__title="1.10").site.title == "1.10"


def test_wrong_overrides_name_themselves() -> None:
    """A problem of a key that stands in no file names the key and no line of the file."""
    problems = bad("", feeds__items="none", site__tile="x")
    assert [(p.place, p.message.partition(":")[0]) for p in problems] == [
        (None, "site.tile (given with --set or in the environment)"),
        (None, "feeds.items (given with --set or in the environment)"),
    ]
    assert bad("", site="x") and bad("", **{"": "x"}) and bad("", **{"a" + ".a" * 5000: "x"})


def test_deep_and_odd_overrides_of_free_keys() -> None:
    """Free keys can be set, too; a menu entry made so has no line."""
    settings = good("", theme_options__accent="forest", extra__a__b="c", menu="content/pages/about.md", comments__form__fields__site="iops")
    assert settings.theme_options == {"accent": "forest"} and settings.extra == {"a": {"b": "c"}} and settings.menu[0].line == 0
    assert settings.comments.form.fields == {"site": "iops"}


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["\ufeff", "---\n", "\n\n"])
def test_a_mark_and_lines_before(before: str) -> None:
    """A byte order mark, a `---` or empty lines in front do not matter."""
    assert good(before + SITE).site.title == "River"


def test_long_settings_are_read_and_endless_ones_are_not() -> None:
    """A list of a thousand categories is fine; a megabyte is not."""
    assert len(good("categories: [" + ", ".join(f"category number {n}" for n in range(5000)) + "]").categories) == 5000
    assert "1024 KiB" in bad(SITE + "extra: {a: " + "x" * 1024 * 1024 + "}\n")[0].message


def test_wrong_settings_stop_the_build(tmp_path: Path) -> None:
    """A build with them fails as wrong usage, writes nothing, and shows the line."""
    site = write_site(tmp_path, {}, SETTINGS + "them: x\n")
    result = build_site(site)
    assert not result.ok and result.usage and not (site / "output").exists()
    assert messages(result) == ['error iopsgen.yml:7:1 "them" is not a key that is known in the settings.']
