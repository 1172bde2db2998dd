"""One source file: where its front matter ends, what its keys come to, what its path says, and every fault at its place."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from iopsgen.model import ChapterFields, EventFields, Image, PageFields, PostFields
from iopsgen.read.content import (
    AnyFields,
    Context,
    Inherited,
    Reading,
    inherit,
    is_source,
    kind_of,
    language_in,
    name_of,
    original_path,
    read_defaults,
    read_source,
)
from iopsgen.read.frontmatter import split
from iopsgen.settings import MarkdownSettings

CONTEXT = Context(markdown=MarkdownSettings(), language="en", languages=("en", "es", "pt-BR"), chapter_languages={"london": "en", "koeln": "de"})
POST = "content/posts/2026-10-05-welcome.md"
EVENT = "content/events/picnic.md"


def reading(text: str | bytes, path: str = POST, **defaults: Any) -> Reading:
    """What a source comes to; `defaults` are values that a `_defaults.yml` gives on its line 7."""
    data = text if isinstance(text, bytes) else text.encode()
    inherited: dict[str, Inherited] = {key: (value, ("content/_defaults.yml", 7)) for key, value in defaults.items()}
    return read_source(path, data, inherited, CONTEXT)


def front(keys: str, path: str = POST, title: str = "title: T\n", **defaults: Any) -> Any:
    """The fields of a source with these keys, which hold no fault."""
    found = reading(f"---\n{title}{keys}\n---\nText.\n", path, **defaults)
    assert found.fields is not None and not [p for p in found.problems if p.severity != "hint"], found.problems
    return found.fields


def faults(keys: str, path: str = POST, title: str = "title: T\n", **defaults: Any) -> list[str]:
    """The problems of a source with these keys as `severity line message`."""
    found = reading(f"---\n{title}{keys}\n---\nText.\n", path, **defaults)
    assert all(p.place is not None and p.place.file in (path, "content/_defaults.yml") for p in found.problems)
    return [f"{p.severity} {p.place.line if p.place else 0} {p.message}" for p in found.problems]


# --- two parts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "yaml", "line", "body", "body_line"),
    [
        ("---\na: b\n---\nText\n", "a: b\n", 2, "Text\n", 4),
        ("\ufeff---\r\na: b\r\n---\r\nText\r\n", "a: b\n", 2, "Text\n", 4),
        ("\n\n---\na: b\n---\n\nText\n", "a: b\n", 4, "\nText\n", 6),
        ("---  \na: b\n--- \t\nText", "a: b\n", 2, "Text", 4),
        ("---\na: b\n...\nText", "a: b\n", 2, "Text", 4),
        ("---\n---\nText", "", 2, "Text", 3),
        ("---\na: b\n---", "a: b\n", 2, "", 4),
        ("---\na: b\n---\nText\n---\nMore\n", "a: b\n", 2, "Text\n---\nMore\n", 4),
        ("---\na: |\n  x\n  ---\n  y\n---\nText", "a: |\n  x\n  ---\n  y\n", 2, "Text", 7),
        ("Text\n---\n", "", 1, "Text\n---\n", 1),
        ("", "", 1, "", 1),
        ("----\nText", "", 1, "----\nText", 1),
        (" ---\na: b\n---\n", "", 1, " ---\na: b\n---\n", 1),
    ],
)
def test_front_matter_and_text(text: str, yaml: str, line: int, body: str, body_line: int) -> None:
    """The lines of `---` part them; each part knows the line of the file on which it starts."""
    parts, problems = split(text, "f.md")
    assert problems == [] and (parts.yaml, parts.body, parts.body_line) == (yaml, body, body_line)
    assert not yaml or parts.yaml_line == line


def test_front_matter_without_an_end() -> None:
    """It is an error at its beginning, not a page full of keys."""
    for text, line in (("---\ntitle: a\n\nText\n", 1), ("\n\n---\n", 3), ("---", 1), ("---\r\ntitle: a\r\n--- x\r\n", 1)):
        problem = reading(text).problems[0]
        assert "never ends" in problem.message and problem.place is not None and problem.place.line == line and "---" in problem.hint


def test_front_matter_of_hugo() -> None:
    """TOML between `+++` is recognised, and what to write instead is said."""
    problem = reading('+++\ntitle = "a"\n+++\nText\n').problems[0]
    assert "TOML" in problem.message and "---" in problem.hint


# --- what the path says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "source", "slug", "language", "original"),
    [
        ("content/posts/welcome.md", "posts", True, "welcome", "", "content/posts/welcome.md"),
        ("content/posts/2026-10-05-welcome.md", "posts", True, "welcome", "", "content/posts/2026-10-05-welcome.md"),
        ("content/posts/2026-10-05.md", "posts", True, "2026-10-05", "", "content/posts/2026-10-05.md"),
        ("content/posts/2026-10-05-.md", "posts", True, "2026-10-05", "", "content/posts/2026-10-05-.md"),
        ("content/posts/2026-10-05_A day out.MD", "posts", True, "a-day-out", "", "content/posts/2026-10-05_A day out.MD"),
        ("content/posts/london/Über Köln.markdown", "posts", True, "uber-koln", "", "content/posts/london/Über Köln.markdown"),
        ("content/posts/welcome/index.md", "posts", True, "welcome", "", "content/posts/welcome/index.md"),
        ("content/posts/2026-10-05-welcome/index.es.md", "posts", True, "welcome", "es", "content/posts/2026-10-05-welcome/index.md"),
        ("content/posts/welcome.es.md", "posts", True, "welcome", "es", "content/posts/welcome.md"),
        ("content/posts/welcome.PT-br.md", "posts", True, "welcome", "pt-BR", "content/posts/welcome.md"),
        ("content/posts/welcome.pt_BR.md", "posts", True, "welcome", "pt-BR", "content/posts/welcome.md"),
        ("content/posts/welcome.fr.md", "posts", True, "welcome-fr", "", "content/posts/welcome.md"),
        ("content/posts/a.es.b/welcome.es.md", "posts", True, "welcome", "es", "content/posts/a.es.b/welcome.md"),
        ("content/posts/version.2.md", "posts", True, "version-2", "", "content/posts/version.2.md"),
        ("content/posts/index.md", "posts", True, "index", "", "content/posts/index.md"),
        ("content/posts/🎉.md", "posts", True, "", "", "content/posts/🎉.md"),
        ("content/events/2026-12-05-picnic.yml", "events", True, "picnic", "", "content/events/2026-12-05-picnic.yml"),
        ("content/events/picnic.es.YAML", "events", True, "picnic", "es", "content/events/picnic.YAML"),
        ("content/events/_defaults.yml", "events", False, "defaults", "", "content/events/_defaults.yml"),
        ("content/pages/2026-10-05-x.md", "pages", True, "2026-10-05-x", "", "content/pages/2026-10-05-x.md"),
        ("content/chapters/uk/index.md", "chapters", True, "uk", "", "content/chapters/uk/index.md"),
        ("content/posts/x.yml", "posts", False, "x", "", "content/posts/x.yml"),
        ("content/posts/x.jpg", "posts", False, "x", "", "content/posts/x.jpg"),
        ("content/notes/x.md", "", True, "x", "", "content/notes/x.md"),
        ("content/posts.md", "", True, "posts", "", "content/posts.md"),
        ("content/Posts/x.md", "", True, "x", "", "content/Posts/x.md"),
    ],
)
def test_what_a_path_says(path: str, kind: str, source: bool, slug: str, language: str, original: str) -> None:
    """Kind, slug, language and original, in whatever spelling."""
    assert (kind_of(path), is_source(path)) == (kind, source)
    assert (name_of(path, CONTEXT.languages, "en"), language_in(path, CONTEXT.languages)) == (slug, language)
    assert original_path(path) == original


def test_the_date_in_a_name() -> None:
    """A post takes its date from its name if no key says it; an event does not, since it would lack its time."""
    assert front("").date.wall == datetime(2026, 10, 5) and not front("").date.has_time
    assert front("date: 2026-10-06 9pm").date.wall == datetime(2026, 10, 6, 21)
    assert faults("", "content/posts/2026-13-45-x.md") == ["error 1 The date in the name of this file does not exist. There is no month 13."]
    assert faults("date: 2026-01-01", "content/posts/2026-13-45-x.md") == []
    assert faults("", "content/events/2026-12-05-x.md") == ["error 1 The start is missing."]


@pytest.mark.parametrize(
    ("title", "slug"), [("Welcome", "welcome"), ('"🎉"', ""), ('"Con"', "con-1"), ("مرحبا بالعالم", "مرحبا-بالعالم"), ('"Tea: a “talk”, \'now\'"', "tea-a-talk-now")]
)
def test_a_name_without_letters(title: str, slug: str) -> None:
    """The title gives the slug where the name of the file has no letter; where it has none either, that is an error."""
    found = reading(f"---\ntitle: {title}\ndate: 2026-10-05\n---\n", "content/posts/🎉.md")
    assert (found.fields.slug if found.fields else "") == slug
    assert bool(slug) or "no name that could be an address" in found.problems[0].message


def test_umlauts_follow_the_language() -> None:
    """A German file name becomes a German slug: by the key, by the chapter, by the folder."""
    for keys, path in (("language: de", "content/posts/2026-10-05-grüße.md"), ("chapter: koeln", "content/posts/2026-10-05-grüße.md"), ("", "content/posts/Köln/2026-10-05-grüße.md")):
        assert front(keys, path).slug == "gruesse"
    assert front("", "content/posts/koeln/2026-10-05-grüße.md").slug == "gruesse" and front("", "content/posts/2026-10-05-grüße.md").slug == "grusse"


# --- keys ----------------------------------------------------------------------------------------------------------


def test_a_full_post() -> None:
    """Every key of a post comes to its value."""
    post = front(
        """date: 2026-10-05 18:30
authors: [ada, "Smith, Ann"]
chapter: london
categories: News, Stories
tags: [1.10, no, 2026]
series: How we meet
event: ../events/picnic.md
comments: CLOSED
slug: hello
summary: >
  In two
  lines.
image: {src: a b.jpg, alt: "A: b", credit: Ada}
language: EN
publish: 2026-10-05T18:30:00+01:00
expires: 7 November 2026
updated: 2026-10-06
aliases: [/old/, "old/", /OLD, /x.html]
featured: yes
noindex: on
canonical: https://example.net/x
elsewhere: {Newsletter: https://example.net/1}
template: post
extra: {colour: teal, price: 1.10, count: 3}"""
    )
    assert isinstance(post, PostFields)
    assert (post.authors, post.categories, post.tags) == (("ada", "Smith, Ann"), ("News", "Stories"), ("1.10", "no", "2026"))
    assert (post.series, post.event, post.comments, post.slug, post.summary) == ("How we meet", "../events/picnic.md", "closed", "hello", "In two lines.")
    assert post.image == Image(src="a b.jpg", alt="A: b", credit="Ada", line=15) and post.language == "en"
    assert post.publish is not None and post.publish.offset == 60 and post.expires is not None and not post.expires.has_time
    assert post.aliases == ("/old/", "/x.html") and post.featured and post.noindex and post.elsewhere[0].title == "Newsletter"
    assert post.extra == {"colour": "teal", "price": "1.10", "count": 3} and post.lines["updated"] == 19 and post.inherited == {}


def test_a_full_event_as_keys_alone() -> None:
    """A YAML file with its text under `description`, more than a front matter may hold; blank ends, any line ends."""
    text = "title: Boat\r\nstart: 2027-05-01\r\nend: 2027-05-02\r\nregister: https://example.org/r\r\nvenue: {name: Slip, geo: [1, 2]}\r\ntime: TBA\r\ndescription: |\r\n  One **two**.\r\n\r\n  " + "word " * 20000
    found = reading(text, "content/events/boat.yml")
    assert isinstance(found.fields, EventFields) and found.problems == () and "<strong>two</strong>" in found.html
    event = found.fields
    assert event.time_tba and event.register is not None and event.register.url == "https://example.org/r" and event.text.summary.startswith("One two.")


def test_two_words_for_a_key() -> None:
    """`author` beside `authors`, `category`, an event's `date` and `rrule`: the value and the line come to the same key."""
    post = front("author: Ann\nauthors: [Ben]\ncategory: News")
    assert (post.authors, post.categories, post.lines["categories"]) == (("Ben", "Ann"), ("News",), 5)
    event = front("date: 2026-10-28 19:00\nrrule: FREQ=WEEKLY\nduration: 2h", EVENT)
    assert event.start.wall == datetime(2026, 10, 28, 19) and event.repeat.rrule == "FREQ=WEEKLY" and event.duration == timedelta(hours=2)
    assert (event.lines["start"], event.lines["repeat"]) == (3, 4)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("start: 2026-01-01\ndate: 2026-01-01", '"date" and "start"'),
        ("start: 2026-01-01 10:00\nend: 11:00\nduration: 1h", '"duration" and "end"'),
        ("start: 2026-01-01\nrepeat: weekly\nrrule: FREQ=WEEKLY", '"rrule" and "repeat"'),
        ("start: 2026-01-01\ndates: [2026-01-01]", '"dates" and "start"'),
    ],
)
def test_keys_that_say_the_same(keys: str, message: str) -> None:
    """Two keys of one text that contradict each other are an error at one of them."""
    (fault,) = faults(keys, EVENT)
    assert message in fault and fault.split()[1] in "345"


@pytest.mark.parametrize("path", [POST, EVENT, "content/pages/a.md", "content/chapters/a.md"])
@pytest.mark.parametrize("title", ["", "title:\n", "title: ''\n", "title: ~\n", "Title: []\n"])
def test_a_title_is_needed(path: str, title: str) -> None:
    """Empty is missing, told once, with what to write."""
    found = faults("start: 2026-01-01" if path == EVENT else "", path, title)
    assert found == ["error 1 The title is missing."]


def test_a_wrong_value_is_not_missing_too() -> None:
    """A key with a wrong value is told once."""
    assert faults("", title="title: [a, b]\n") == ["error 2 One value is expected here, not a list."]
    assert faults("date: 03/04/2026", "content/posts/x.md")[0].startswith("error 3 ") and len(faults("date: 03/04/2026", "content/posts/x.md")) == 1
    assert len(faults("start: soon", EVENT)) == 1 and len(faults("date: soon", EVENT)) == 1


@pytest.mark.parametrize("text", ["", "\n", "Just words.\n", "---\n---\n", "---\n# remark\n---\n"])
def test_without_front_matter(text: str) -> None:
    """A file of 0 bytes, or of words alone, lacks its title and says so on its first line."""
    found = reading(text, "content/posts/x.md")
    assert found.fields is None and [str(p.place) for p in found.problems] == ["content/posts/x.md:1:1"] * 2
    assert [p.message for p in found.problems] == ["The title is missing.", "The date is missing."]


def test_front_matter_that_is_no_keys() -> None:
    """A list or a sentence between the lines."""
    for text in ("- a\n- b", "just words"):
        assert "made of keys and values" in reading(f"---\n{text}\n---\n").problems[0].message


def test_words_of_other_programs() -> None:
    """The key that is meant is named."""
    found = reading("---\ntitle: a\nlayout: post\npermalink: /x/\npublished: false\nlastmod: 2026-01-01\ndescription: x\ncover: a.jpg\n---\n").problems
    assert [p.severity for p in found] == ["warning"] * 6
    assert [word for p, word in zip(found, ("template", "slug", "draft: true", "updated", "summary", "image"), strict=True) if word not in p.hint] == []
    event = reading("---\ntitle: a\nstart: 2026-01-01\nlocation: x\norganizer: y\n---\n", EVENT).problems
    assert "venue" in event[0].hint and "organisers" in event[1].hint


def test_unknown_keys_are_warnings_on_every_level() -> None:
    """A key that is not known stops nothing, wherever it stands; the nearest one is named."""
    keys = "start: 2026-12-07\nvenue: {name: X, lat: 5}\nregister: {uri: x}\nafter: {note: x}\nimage: {src: x, zzz: y}\nrepeat: weekly\nchanges: {2026-12-14: {notes: x}}"
    found = reading(f"---\ntitle: T\n{keys}\n---\n", EVENT).problems
    assert [(p.severity, p.place.line if p.place else 0) for p in found] == [("warning", n) for n in (4, 5, 6, 7, 9)]
    assert [p.hint for p in found] == ["Write both as geo: [51.5072, -0.1276]", 'Did you mean "url"?', 'Did you mean "notes"?', "Possible keys: alt, credit, decorative, src.", 'Did you mean "note"?']


def test_every_problem_of_a_file_is_told_at_once() -> None:
    """Keys, values, and the text below: sorted out in one go, each with its line."""
    found = faults("date: nonsense\ndraft: maybe\nlanguage: english\nimage: [a]\nfoo: x")
    assert [line.split()[1] for line in found] == ["3", "4", "5", "6", "7"]


def test_pictures() -> None:
    """A path with its description, keys of its own, or nothing; keys without a path are an error."""
    assert front("image: a.jpg\nimage_alt: A").image == Image(src="a.jpg", alt="A", line=3)
    assert front("image: {src: a.jpg, alt: B}\nimage-alt: A").image.alt == "B"
    assert front("image: {src: a.jpg, decorative: yes}").image.decorative
    for nothing in ("image: ''", "image: {src: '', alt: ''}", "image: []", "image:", "image_alt: A", ""):
        assert front(nothing).image is None
    assert faults("image: {alt: A}") == ['error 3 "src" is missing under image.']


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_ends(line_end: str) -> None:
    """The same fields, HTML and lines."""
    text = "---\ntitle: T\ntags: [a]\n---\nOne\n\n```\ncode\n```\n"
    found, plain = reading(text.replace("\n", line_end)), reading(text)
    assert found == plain and found.problems == ()


def test_old_html_tabs_and_form_feeds_in_the_text() -> None:
    """What decades of web pages left in a text is rendered or named with its line; it never stops the build."""
    text = (
        "---\ntitle: T\n---\n"
        '<center><font color="red" size=+2>Welcome!!!</font></center><br>\n<P ALIGN=center>One<P>Two\n<table border=1><tr><td>a<td>b</table>\n'
        '<!-- unclosed <b> --><a name=top onclick="x()">top</a>\x0c\n\n\tcode with a tab\n\u00a0\n<script>alert(1)</script>\n&nbsp;&copy &unknown; <blink>x</blink>\n<img src=a.gif><br clear=all>\n'
    )
    found = reading(text)
    assert found.fields is not None and "<script" not in found.html and "onclick" not in found.html and "Welcome!!!" in found.html
    assert all(p.severity != "error" and p.place is not None and 4 <= p.place.line <= 13 for p in found.problems)


# --- languages -----------------------------------------------------------------------------------------------------


def test_a_translation_by_its_name() -> None:
    """The name gives language and original, with or without a key that says the same."""
    for keys in ("", "language: es", "language: ES"):
        text = front(keys, "content/posts/welcome.es.md")
        assert (text.language, text.translation_of, text.slug) == ("es", "content/posts/welcome.md", "welcome")
    assert front("", "content/posts/welcome.es.md", language="en").language == "es"
    assert front("translation_of: hello", "content/posts/welcome.es.md").translation_of == "hello"


def test_a_name_and_a_key_that_differ() -> None:
    """The key counts, and the contradiction is named."""
    found = reading("---\ntitle: T\ndate: 2026-01-01\nlanguage: en\n---\n", "content/posts/welcome.es.md")
    assert found.fields is not None and (found.fields.language, found.fields.translation_of) == ("en", "")
    assert [(p.severity, p.place.line if p.place else 0) for p in found.problems] == [("warning", 4)]


def test_a_translation_needs_only_title_and_text() -> None:
    """It takes the rest from its original; a description of a picture may be all that it adds to it."""
    assert reading("---\ntitle: T\n---\nHola.\n", "content/events/picnic.es.md").problems == ()
    assert front("image_alt: Una mesa", "content/posts/welcome.es.md").image == Image(src="", alt="Una mesa", line=3)


# --- defaults ------------------------------------------------------------------------------------------------------


def test_what_a_text_says_itself_wins() -> None:
    """Defaults fill in what is not written or empty, and nobody inherits what contradicts the own words."""
    assert front("tags: []", tags=("a",)).tags == ("a",) and front("tags: [b]", tags=("a",)).tags == ("b",)
    assert front("authors: [Ben]", author=("Ann",)).authors == ("Ben",) == front("author: Ben", authors=("Ann",)).authors
    assert front("start: 2026-01-01 10:00\nend: 11:00", EVENT, duration=timedelta(hours=2)).duration is None
    assert front("dates: [2026-01-01]", EVENT, start=front("start: 2026-01-01", EVENT).start, repeat="x").start is None
    assert front("image: b.jpg", image="a.jpg", image_alt="A").image == Image(src="b.jpg", line=3)
    assert front("image_alt: B", image={"src": "a.jpg", "alt": "A"}).image == Image(src="a.jpg", alt="B", line=3)
    assert front("", image="a.jpg", image_alt="A").image == Image(src="a.jpg", alt="A")


def test_what_is_inherited_keeps_its_place() -> None:
    """A later floor can point to the file and the line that gave a value."""
    post = front("tags: [x]", chapter="london", author=("Ann",), tags=("a",))
    assert post.inherited == {"chapter": ("content/_defaults.yml", 7), "authors": ("content/_defaults.yml", 7)}
    assert post.where("chapter") == ("content/_defaults.yml", 7) and post.where("tags") == (POST, 3) and post.where("event") == (POST, 1)


def test_defaults_of_one_kind() -> None:
    """Each key with its value and its line."""
    found, problems = read_defaults(b"# all\nchapter: london\nauthor: [Ann]\ndraft: ''\n", "content/posts/_defaults.yml", ("posts",))
    assert problems == [] and found == {"posts": {"chapter": ("london", ("content/posts/_defaults.yml", 2)), "author": (("Ann",), ("content/posts/_defaults.yml", 3))}}


def test_defaults_of_all_kinds() -> None:
    """A key is given to the kinds that know it and understand its value; nobody complains of the others."""
    found, problems = read_defaults(b"chapter: london\nstatus: cancelled\ntimezone: Europe/London\n", "content/_defaults.yml", ("posts", "events", "chapters", "pages"))
    assert problems == []
    assert {kind: sorted(values) for kind, values in found.items()} == {"posts": ["chapter"], "events": ["chapter", "status", "timezone"], "chapters": ["timezone"], "pages": ["chapter"]}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("language: english\n", 1, "not a language code"),
        ("a: b\nchapter: [x\n", 2, "square brackets"),
        ("slug: x\n", 1, "addresses of its own"),
        ("tags: [x]\naliases: [/x/]\n", 2, "addresses of its own"),
        ("translation_of: x\n", 1, "original of its own"),
        ("chpater: x\n", 1, "not a key of posts or events"),
        ("chapter: x\nChapter: y\n", 2, "second time"),
        ("chapter: x\nchapter: y\n", 2, "second time"),
        ("- a\n", 1, "keys and values"),
        ("status: nonsense\n", 1, "not known here"),
    ],
)
def test_faults_of_defaults_are_told_once(text: str, line: int, message: str) -> None:
    """At their own place, not once for each kind or each text below."""
    _, problems = read_defaults(text.encode(), "content/_defaults.yml", ("posts", "events", "chapters", "pages"))
    found = [p for p in problems if message in p.message]
    assert len(found) == 1 and found[0].place is not None and (found[0].place.file, found[0].place.line) == ("content/_defaults.yml", line)


def test_a_key_of_another_kind_in_defaults() -> None:
    """It is named, with the kind that has it."""
    _, problems = read_defaults(b"venue: hall\n", "content/posts/_defaults.yml", ("posts",))
    assert [(p.severity, p.hint) for p in problems] == [("warning", "It is one of events.")]


def test_nested_defaults() -> None:
    """The nearer folder wins, and takes with it what says the same in another way."""
    above: dict[str, Inherited] = {"duration": (1, ("a", 1)), "tags": (2, ("a", 2)), "author": (3, ("a", 3))}
    assert inherit(("end", "authors"), above) == {"tags": (2, ("a", 2))}
    assert inherit((), above) == above


# --- kinds ---------------------------------------------------------------------------------------------------------


def test_chapters_and_pages() -> None:
    """Their keys come to their values."""
    chapter = front("kind: Branch\nparent: uk\ncountry: gb\ngeo: 51.5, -0.12\ntimezone: Europe/London\ncontact: a@b.org\nlinks: {Web: 'https://a.example'}\norganisers: ada\nstatus: resting\nsince: 2012-10-05\nmembers: 1 200", "content/chapters/london.md")
    assert isinstance(chapter, ChapterFields) and (chapter.kind, chapter.parent, chapter.country, chapter.geo) == ("branch", "uk", "GB", (51.5, -0.12))
    assert (chapter.organisers, chapter.status, chapter.members, chapter.links[0].url) == (("ada",), "resting", 1200, "https://a.example")
    page = front("chapter: london", "content/pages/about.md")
    assert isinstance(page, PageFields) and page.chapter == "london"


def test_changes_of_a_series() -> None:
    """`cancelled`, or keys; what is not understood is named at its own line."""
    keys = "start: 2026-12-07 19:00\nrepeat: weekly\nchanges:\n  2026-12-14: cancelled\n  2026-12-21: {start: 20:00, note: later}\n  2026-12-28: {status: Cancelled, note: snow}\n"
    changes = front(keys, EVENT).changes
    assert [(c.cancelled, c.start_is_time, c.note, c.line) for c in changes] == [(True, False, "", 6), (False, True, "later", 7), (True, False, "snow", 8)]
    wrong = faults("start: 2026-12-07 19:00\nrepeat: weekly\nchanges:\n  soon: cancelled\n  2026-12-14: moved\n  2026-12-21:\n  2026-12-28: [a]\n  2027-01-04: {when: x}", EVENT)
    assert [line.split()[1] for line in wrong] == ["6", "7", "8", "9", "10"]


def test_fields_are_what_later_floors_expect() -> None:
    """Whatever is read has a source, a slug and a title."""
    every: tuple[AnyFields, ...] = (front(""), front("start: 2026-01-01", EVENT), front("", "content/pages/a.md"), front("", "content/chapters/a.md"))
    assert all(fields.source and fields.slug and fields.title == "T" for fields in every)


# --- first slips -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("---\ntitle:Tea\nstart: 2026-12-05 12:00\n---\nText.\n", 2, 'no space behind the colon of "title"', "Write title: Tea"),
        ("---\ntitle: Tea\nstart:2026-12-05 12:00\n---\nText.\n", 3, 'no space behind the colon of "start"', "Write start: 2026-12-05 12:00"),
        ("---\ntitle:Tea\n---\nText.\n", 2, 'no space behind the colon of "title"', "Write title: Tea"),
        ("---\ntitle: Tea\nstart: 2026-12-05 12:00\nvenue:\n  name:Hall\n  city: Leeds\n---\n", 5, 'colon of "name"', "Write name: Hall"),
        ("title: Tea\nstart: 2026-12-05 12:00\n---\nText.\n", 1, "starts with keys", "only --- above the first key"),
        ("\n\nstart: 2026-12-05 12:00\ntitle: Tea\n\nText.\n", 3, "starts with keys", "another one below the last key"),
        ("———\ntitle: Tea\n———\nText.\n", 1, '"———" does not begin the front matter', "three hyphens"),
        ("--\ntitle: Tea\n--\nText.\n", 1, '"--" does not begin the front matter', "three hyphens"),
        ("---\ntitle: “Tea: a day out”\nstart: 2026-12-05 12:00\n---\n", 2, "Curly quotes", 'title: "Tea: a day out"'),
        ("---\ntitle: „Tee: ein Tag“\nstart: 2026-12-05 12:00\n---\n", 2, "Curly quotes", 'title: "Tee: ein Tag"'),
        ("---\ntitle: Tea\nstart: “2026-12-05 12:00”\n---\n", 3, "Curly quotes", "Write without quotes: 2026-12-05 12:00"),
        ("---\ntitle: Tea\nstart: 2026-12-05 12:00\nrepeat: “weekly”\n---\n", 4, "Curly quotes", "Write without quotes: weekly"),
        ("---\ntitle: Tea\nstart: 2026-12-05\ntime: 7pm\n---\n", 4, "belongs to its start", "start: 2026-10-28 19:00"),
        ("---\ntitle: Tea\nstart: 2026-12-05\nelsewhere: https://x.org/a\n---\n", 4, "needs a title", '{x.org: "https://x.org/a"}'),
        ("---\ntitle: Tea\nstart: 2026-12-05\nelsewhere: [https://x.org/a]\n---\n", 4, "needs a title", '{x.org: "https://x.org/a"}'),
        ("---\ntitle: Tea\nstart: 206-12-05\n---\n", 3, 'year "206" does not have four digits', "2026-12-05"),
        ("---\ntitle: Tea\nstart: 20266/12/5 7pm\n---\n", 3, 'year "20266" does not have four digits', "2026-12-05"),
    ],
)
def test_the_first_slips_of_a_new_writer(text: str, line: int, message: str, hint: str) -> None:
    """What goes wrong in a first file is told once, on its own line, with the very text to write."""
    (problem,) = reading(text, EVENT).problems
    assert problem.severity == "error" and problem.place is not None and problem.place.line == line
    assert message in problem.message and hint in problem.hint


def test_a_text_that_only_looks_like_keys() -> None:
    """A file without front matter that starts with its text is told what is missing, not that it starts with keys."""
    for start in ("Note: we meet again.", "https://example.org/", "----", "Welcome"):
        assert [p.message for p in reading(f"{start}\n\nText.\n").problems] == ["The title is missing."]
