"""Pages from views: inheritance, filters, translations, and what a fault in a template tells its author."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from iopsgen.problems import Place, Problem
from iopsgen.render import Renderer, body_html, maker_digest
from iopsgen.sandbox import ThemeEnvironment
from iopsgen.texts import Texts
from iopsgen.theme import load_theme
from iopsgen.theme import maker_digest as maker_digest_of_theme
from iopsgen.views import Body, Frame, Head, Ref, StandingView, When
from tests import sample_views

STORE = {"d1": '<p>See <a href="\x020\x03">this</a> &amp; <img src="\x021\x03"></p>', "plain": "<p>Hello</p>"}


def frame(**changes: Any) -> Frame:
    """A frame in English with a style sheet."""
    values: dict[str, Any] = {
        "title": "IOPS & co",
        "short_title": "IOPS",
        "description": "",
        "url": "/",
        "address": "https://example.org/",
        "root": "/",
        "language": "en",
    }
    return Frame(**{**values, "assets": {"style.css": "/style.1a2b.css"}, **changes})


def page(**changes: Any) -> StandingView:
    """A standing page."""
    head = Head(title="About", url="/about/", address="https://example.org/about/", canonical="https://example.org/about/", language="en")
    return StandingView(**{"head": head, "title": "About <us>", "body": Body(digest="plain"), **changes})


SITE = frame()


def renderer(root: Path, files: dict[str, str], html_of: Callable[[str], str] = STORE.__getitem__) -> Renderer:
    """A renderer over `themes/ours` (and others that `files` name) in a fresh site."""
    for name, text in files.items():
        path = root / "themes" / (name if name.startswith(("ours/", "calm/")) else f"ours/templates/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    theme, problems = load_theme(root, "ours")
    assert problems == [] and theme is not None
    return Renderer(theme, html_of)


def show(root: Path, source: str, view: StandingView | None = None, site: Frame | None = None, files: dict[str, str] | None = None) -> str:
    """What a template makes of a view; it must be without problems."""
    found, problems = renderer(root, {"page.html": source, **(files or {})}).render("page.html", view or page(), site or frame())
    assert problems == []
    assert found is not None
    return found.decode()


def fail(
    root: Path, source: str, view: StandingView | None = None, place: Place | None = None, files: dict[str, str] | None = None
) -> Problem:
    """The one problem that a template makes."""
    found, problems = renderer(root, {"page.html": source, **(files or {})}).render("page.html", view or page(), frame(), place)
    assert found is None
    assert len(problems) == 1
    assert "Traceback" not in problems[0].message
    return problems[0]


# --- layers ---------------------------------------------------------------------------------------------------------


def test_a_template_extends_its_own_parent(tmp_path: Path) -> None:
    """`!base.html` is the base.html of the next theme below, so one block can be changed; it may go down several layers."""
    made = renderer(
        tmp_path,
        {
            "ours/theme.yml": "parent: calm",
            "base.html": '{% extends "!base.html" %}{% block a %}ours({{ super() }}){% endblock %}',
            "page.html": '{% extends "base.html" %}{% block b %}page{% endblock %}',
            "calm/templates/base.html": "[{% block a %}calm{% endblock %}|{% block b %}{% endblock %}]",
        },
    )
    assert made.render("page.html", page(), frame()) == (b"[ours(calm)|page]", [])


def test_one_template_of_the_default_theme_can_be_replaced(tmp_path: Path) -> None:
    """A site that overrides _footer.html keeps the rest of the default theme."""
    theme, _ = load_theme(tmp_path, "default")
    assert theme is not None
    site = sample_views.frame("en", assets={name: "/" + name for name in theme.static}, theme=dict(theme.options))
    made = renderer(tmp_path, {"_footer.html": "<footer>OURS {{ site.title }}</footer>"}, sample_views.HTML.__getitem__)
    for name, sample in sample_views.sample_pages("en").items():
        found, problems = made.render(sample.template, sample.view, site)
        assert problems == [], name
        assert found is not None
        assert found.count(b"<footer>OURS") == (0 if sample.template in ("redirect.html", "embed.html") else 1), name


def test_a_template_from_below_still_finds_the_nearest_file(tmp_path: Path) -> None:
    """A name without `!` always means the nearest layer's file, also in a template of a parent."""
    made = renderer(
        tmp_path,
        {
            "ours/theme.yml": "parent: calm",
            "_part.html": "ours",
            "calm/templates/_part.html": "calm",
            "calm/templates/page.html": '{% include "_part.html" %}{% import "_part.html" as part %}',
        },
    )
    assert made.render("page.html", page(), frame()) == (b"ours", [])


def test_includes_see_what_the_including_template_sees(tmp_path: Path) -> None:
    """Loop variables, `with` and `set` reach an include; what it sets itself does not come back."""
    source = '{% set a = 1 %}{% for x in [5, 6] %}{% with b = 2 %}{% include "_part.html" %}{% endwith %}{% endfor %}{{ c is defined }}'
    assert (
        show(tmp_path, source, files={"_part.html": "{% set c = 3 %}{{ a }}{{ b }}{{ x }}{{ page.title|length }} "}) == "12510 12610 False"
    )


def test_a_part_is_made_once_for_all_pages_that_show_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that names nothing of the page is made once for each thing that it shows; one that does is made for each page."""
    made: list[str] = []
    plain = ThemeEnvironment._include

    def counted(self: ThemeEnvironment, template: Any, *rest: Any) -> str:
        made.append(template.name)
        return plain(self, template, *rest)

    monkeypatch.setattr(ThemeEnvironment, "_include", counted)
    files = {
        "page.html": '{% for ref in page.headings %}{% include "card.html" %}{% include "own.html" %}{% endfor %}',
        "card.html": '{% set level = level|default(3) %}<h{{ level }}>{{ ref.title }} {% include "site.html" %}</h{{ level }}>',
        "site.html": "{{ site.title }}",
        "own.html": "{{ page.title }} {{ ref.title }}",
    }
    headings = tuple(Ref(title=title, url="/") for title in "ab")
    pages, texts = renderer(tmp_path, files), []
    for view in (page(headings=headings), page(headings=headings, title="Other")):
        found, problems = pages.render("page.html", view, SITE)
        assert problems == [] and found is not None
        texts.append(found.decode())
    assert texts == ["<h3>a IOPS &amp; co</h3>About &lt;us&gt; a<h3>b IOPS &amp; co</h3>About &lt;us&gt; b", "<h3>a IOPS &amp; co</h3>Other a<h3>b IOPS &amp; co</h3>Other b"]
    assert sorted(made) == ["card.html"] * 2 + ["own.html"] * 4 + ["site.html"]


@pytest.mark.parametrize(
    ("source", "card", "shown"),
    [
        ("{% for n in [1, true, '1'] %}{% include 'card.html' %}{% endfor %}", "{{ n }} ", "1 True 1 "),
        ("{% for n in [1, 2] %}{% with l = loop %}{% include 'card.html' %}{% endwith %}{% endfor %}", "{{ l.index }} ", "1 2 "),
        ("{% set ns = namespace(n=1) %}{% include 'card.html' %}{% include 'card.html' %}{{ ns.n }}", "{% set ns.n = ns.n + 1 %}", "3"),
        ("{% set ns = namespace(n=1) %}{% set t = (ns,) %}{% include 'card.html' %}{% set ns.n = 2 %}{% include 'card.html' %}", "{{ t[0].n }}", "12"),
        ("{% include 'card.html' %}{% set x = 1 %}{% include 'card.html' %}", "{{ x is defined }} ", "False True "),
        ("{% set site = 1 %}{% include 'card.html' %}", "{{ site }}", "1"),
        ("{% for n in [1, 2] %}{% include 'card.html' %}{% endfor %}", "{% include ['inner.html'] %}", "1212"),
        ("{% for n in [1, 2] %}{% include 'card.html' %}{% endfor %}", "{% for n in [n] %}{% include 'inner.html' %}{% endfor %}", "1212"),
    ],
)
def test_a_part_is_never_that_of_another(tmp_path: Path, source: str, card: str, shown: str) -> None:
    """What a part depends on, itself or through parts of it, tells it from another."""
    twice = source + source if "inner" in card else source
    assert show(tmp_path, twice, files={"card.html": card, "inner.html": "{{ n }}"}) == shown


def test_includes_without_context_and_with_computed_names(tmp_path: Path) -> None:
    """The longer forms of include work as in Jinja."""
    files = {"_a.html": "A{{ x is defined }}", "_b.html": "B"}
    assert show(tmp_path, '{% set x = 1 %}{% include "_a.html" without context %}{% include "_a.html" %}', files=files) == "AFalseATrue"
    assert (
        show(
            tmp_path,
            '{% include "_" ~ "b" ~ ".html" %}{% include ["nothing.html", "_b.html"] %}{% include "nothing.html" ignore missing %}',
            files=files,
        )
        == "BB"
    )


def test_macros_know_the_site_but_not_the_page(tmp_path: Path) -> None:
    """An imported macro can use site, translations, assets and filters in the page's language; the page is handed over."""
    macro = '{% macro m(x) %}{{ site.language }} {{ x|number }} {{ asset("style.css") }} {{ _("hi") }}{% endmacro %}'
    assert show(tmp_path, '{% from "m.html" import m %}{{ m(1234) }}', files={"m.html": macro}) == "en 1,234 /style.1a2b.css hi"
    problem = fail(tmp_path, '{% from "m.html" import m %}{{ m() }}', files={"m.html": "{% macro m() %}{{ page.title }}{% endmacro %}"})
    assert problem.message.startswith('"page" is not known here.')
    assert "with context" in problem.hint


# --- values ---------------------------------------------------------------------------------------------------------


def test_everything_is_escaped(tmp_path: Path) -> None:
    """Texts are escaped in text and attributes, in macros, blocks, joins and translations, but HTML is not escaped twice."""
    nasty = "<script>\"'&"
    safe = "&lt;script&gt;&#34;&#39;&amp;"
    view = page(title=nasty)
    for source in (
        "{{ page.title }}",
        "{% set x %}{{ page.title }}{% endset %}{{ x }}",
        "{% macro m(t) %}{{ t }}{% endmacro %}{{ m(page.title) }}",
        "{{ page.title ~ '' }}",
        "{{ ('' ~ page.title)|join('') }}",
        "{{ [page.title]|join(',') }}",
        "{{ [page.title]|joined }}",
        "{{ _('%(t)s', t=page.title) }}",
        "{{ _(page.title) }}",
        "{{ ngettext(page.title, '', 1) }}",
        "{{ pgettext('x', page.title) }}",
        "{% trans t=page.title %}{{ t }}{% endtrans %}",
        "{{ page.title|replace('x', 'y') }}",
        "{{ page.title.replace('x', 'y') }}",
        "{{ page.title|string }}",
        "{{ '%s'|format(page.title) }}",
        "{{ '%s' % page.title }}",
        "{{ page['title'] }}",
        "{% include '_t.html' %}",
        "{% for t in [page.title] %}{{ t }}{% endfor %}",
        "{{ page.title or '' }}",
        "{{ page.title if true else '' }}",
    ):
        assert show(tmp_path, source, view, files={"_t.html": "{{ page.title }}"}) == safe, source
    assert show(tmp_path, "{{ page.title|e }}{{ page.title|e|e }}", view) == safe * 2
    assert (
        show(tmp_path, "{{ '<b>'|safe }}{{ ('<b>'|safe) ~ page.title }}{{ [page.title, '<b>'|safe]|join('<') }}", view)
        == f"<b><b>{safe}{safe}&lt;<b>"
    )


def test_an_attribute_cannot_be_left(tmp_path: Path) -> None:
    """Quotes in a value do not end an attribute, whichever filter it went through."""
    view = page(title='" onmouseover="x')
    for source in ("{{ page.title }}", "{{ page.title|plain }}", "{{ page.title|tojson|forceescape }}", "{{ icon('a', page.title) }}"):
        made = renderer(tmp_path, {"page.html": f'<a title="{source}">', "ours/icons/a.svg": "<svg></svg>"}).render(
            "page.html", view, frame()
        )[0]
        assert made is not None and b'" onmouseover' not in made


def test_none_is_shown_as_nothing(tmp_path: Path) -> None:
    """A field that may be missing gives no text, and dates of it neither."""
    assert (
        show(
            tmp_path,
            "[{{ page.updated }}{{ page.updated|date }}{{ page.updated|time }}{{ page.updated|iso }}{{ page.picture }}{{ page.updated|number }}]",
        )
        == "[]"
    )


def test_the_body_is_filled_in(tmp_path: Path) -> None:
    """|html puts this page's addresses into the stored HTML, escaped for an attribute."""
    body = Body(digest="d1", urls=('/a?b="c"&d', "/x'y.jpg"))
    assert (
        show(tmp_path, "{{ page.body|html }}", page(body=body))
        == '<p>See <a href="/a?b=&quot;c&quot;&amp;d">this</a> &amp; <img src="/x&#x27;y.jpg"></p>'
    )
    assert show(tmp_path, "{{ page.body|plain }}", page(body=body)) == "See this &amp;"
    assert show(tmp_path, "[{{ page.body|html }}]{% if page.body %}x{% endif %}", page(body=Body())) == "[]"
    assert body_html(Body(digest="d1", urls=()), STORE.__getitem__) == '<p>See <a href="">this</a> &amp; <img src=""></p>'


LONDON = ZoneInfo("Europe/London")
WHEN = When(start=datetime(2012, 10, 28, 11, tzinfo=LONDON), end=datetime(2012, 10, 28, 17, tzinfo=LONDON), zone="Europe/London")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ page.updated|date }}", "28 October 2012"),
        ("{{ page.updated|date('full') }}", "Sunday 28 October 2012"),
        ("{{ page.updated|date('MMMEd') }}", "Sun 28 Oct"),
        ("{{ page.updated|time }}", "11:00"),
        ("{{ page.updated|iso }}", "2012-10-28T11:00:00+00:00"),
        ("{{ page.updated.date()|iso }}{{ page.updated.date()|time }}", "2012-10-28"),
        ("{{ page.updated.year }}-{{ page.updated.day }}", "2012-28"),
        ("{{ site.extra.when|when }}", "Sunday 28 October 2012, 11:00–17:00 (GMT)"),
        ("{{ site.extra.when|when(zone=false) }}", "Sunday 28 October 2012, 11:00–17:00"),
        ("{{ site.extra.when|iso_start }}/{{ site.extra.when|iso_end }}", "2012-10-28T11:00:00+00:00/2012-10-28T17:00:00+00:00"),
        (
            "{{ site.extra.days|when }} {{ site.extra.days|iso_start }}/{{ site.extra.days|iso_end }}",
            "12–14 May 2026 2026-05-12/2026-05-14",
        ),
        ("{{ site.extra.days|date('month') }}", "May 2026"),
        ("{{ 'GB'|country }} {{ 'es'|language }} {{ 1234567|number }}", "United Kingdom Spanish 1,234,567"),
        ("{{ page.headings|joined }}", "One, Two and &lt;Three&gt;"),
        ("{{ ['A', 'B']|joined }}{{ []|joined }}", "A and B"),
        ("{{ {'a': '</script>', 'b': [1, none, true]}|tojson }}", '{"a":"\\u003c/script\\u003e","b":[1,null,true]}'),
        ("{{ page.headings[0]|tojson }}", '{"title":"One","url":"#1","id":"","count":0,"current":false,"language":"","external":false}'),
        ("{{ page.headings|map(attribute='title')|join('+') }}", "One+Two+&lt;Three&gt;"),
        ("{{ page.headings|selectattr('url', 'equalto', '#2')|map(attribute='title')|first }}", "Two"),
        ("{% for g in page.headings|groupby('external') %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }}{% endfor %}", "False3False"),
        ("{{ site.data.items.count }}{{ site.data.people.keys()|list|join }}{{ site.data['people'].ada }}", "7adaAda"),
        ("{% for key, value in site.data.people.items() %}{{ key }}={{ value }}{% endfor %}", "ada=Ada"),
        ("{{ site.data.get('nothing', 'else') }}{{ site.data.nothing|default('x') }}{{ site.data.nothing is defined }}", "elsexFalse"),
        (
            "{{ 'a-b'.replace('-', '_') }}{{ ', '.join(['x', 'y']) }}{{ 'A'.lower() }}{{ ' a '.strip() }}{{ 'abc'.startswith('a') }}",
            "a_bx, yaaTrue",
        ),
        ("{{ 2 ** 10 }}{{ 3 * 4 }}{{ 'ab' * 2 }}{{ 7 // 2 }}{{ 7 % 4 }}{{ '%03d' % 7 }}", "102412abab33007"),
        ("{% for i in range(3) %}{{ i }}{{ loop.last }}{% endfor %}", "0False1False2True"),
        ("{% set n = namespace(x=0) %}{% for i in [1, 2] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}", "3"),
        ("{% for x in [[1, [2]]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}", "(1(2))"),
        ("{{ asset('style.css') }}", "/style.1a2b.css"),
        ("{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "[1]"),
        ("{{ 'a\nb'|indent(2) }}|{{ 3.14159|round(2) }}|{{ [3, 1]|sort|join }}|{{ 'abc'|truncate(2, true, '…', 0) }}", "a\n  b|3.14|13|a…"),
        ("{% block a %}x{% endblock %}{{ self.a() }}", "xx"),
        ("{{ 'a &amp; b'|safe|striptags }}{{ ('<b>'|safe).striptags() }}", "a &amp; b"),
        ("{% filter upper %}a{{ page.title }}{% endfilter %}", "AABOUT &LT;US&GT;"),
    ],
)
def test_filters_and_functions(tmp_path: Path, source: str, expected: str) -> None:
    """What templates can write, and what comes of it."""
    view = page(updated=WHEN.start, headings=(Ref(title="One", url="#1"), Ref(title="Two", url="#2"), Ref(title="<Three>", url="#3")))
    days = When(start=date(2026, 5, 12), end=date(2026, 5, 14), all_day=True)
    site = frame(extra={"when": WHEN, "days": days}, data={"items": {"count": 7}, "people": {"ada": "Ada"}})
    assert show(tmp_path, source, view, site) == expected


def test_icons_are_drawn_inline(tmp_path: Path) -> None:
    """The SVG stands in the page without its prologue, hidden from screen readers unless it has a label."""
    svg = '<?xml version="1.0"?>\n<!-- a comment -->\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg class="icon" aria-hidden="true"><path d=""/></svg>\n'
    made = renderer(tmp_path, {"ours/icons/mail.svg": svg, "page.html": '{{ icon("mail") }}{{ icon("mail", "Write & <ask>") }}'})
    found = made.render("page.html", page(), frame())[0]
    assert (
        found
        == b'<svg class="icon" aria-hidden="true"><path d=""/></svg><svg role="img" aria-label="Write &amp; &lt;ask&gt;" class="icon"><path d=""/></svg>'
    )


def test_translations_in_templates(tmp_path: Path) -> None:
    """`_`, ngettext and {% trans %} take the words of the frame's language, with numbers as it writes them."""
    head = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    po = head + 'msgid "Hello %(name)s"\nmsgstr "Hallo <b>%(name)s</b>"\n\n'
    po += 'msgid "%(num)s comet"\nmsgid_plural "%(num)s comets"\nmsgstr[0] "%(num)s Komet"\nmsgstr[1] "%(num)s Kometen"\n'
    source = (
        '{{ _("Hello %(name)s", name=page.title) }};'
        '{{ ngettext("%(num)s comet", "%(num)s comets", 1) }};'
        '{{ ngettext("%(num)s comet", "%(num)s comets", 1234) }};'
        "{% trans name=page.title %}Hello {{ name }}{% endtrans %};"
        "{% trans num=2 %}{{ num }} comet{% pluralize num %}{{ num }} comets{% endtrans %};"
        '{{ _("100%% sure") }}'
    )
    made = renderer(tmp_path, {"page.html": source, "ours/locale/de/LC_MESSAGES/messages.po": po})
    german = made.render("page.html", page(), frame(language="de"))[0]
    assert german is not None
    assert german.decode() == "Hallo <b>About &lt;us&gt;</b>;1 Komet;1.234 Kometen;Hallo <b>About &lt;us&gt;</b>;2 Kometen;100% sure"
    english = made.render("page.html", page(), frame())[0]
    assert english == b"Hello About &lt;us&gt;;1 comet;1,234 comets;Hello About &lt;us&gt;;2 comets;100% sure"


def test_a_template_is_not_bound_to_its_first_language(tmp_path: Path) -> None:
    """Constants in filters are worked out for each language, in any order, and frames do not mix."""
    source = "{{ 1234|number }}|{{ 'GB'|country }}|{{ ['a', 'b']|joined }}|{{ site.language }}"
    made = renderer(tmp_path, {"page.html": source})
    frames = {language: frame(language=language) for language in ("de", "en", "es")}
    expected = {
        "de": "1.234|Vereinigtes Königreich|a und b|de",
        "en": "1,234|United Kingdom|a and b|en",
        "es": "1.234|Reino Unido|a y b|es",
    }
    for language in ("de", "es", "en", "de", "en", "es"):
        found = made.render("page.html", page(), frames[language])[0]
        assert found is not None and found.decode() == expected[language]


def test_a_page_is_the_same_whatever_was_made_before(tmp_path: Path) -> None:
    """Nothing is carried from page to page, not even by a namespace in an imported file."""
    counter = "{% set n = namespace(x=0) %}{% macro next() %}{% set n.x = n.x + 1 %}{{ n.x }}{% endmacro %}"
    source = '{% import "n.html" as n %}{{ n.next() }}{{ n.next() }}{{ page.title }}'
    made = renderer(tmp_path, {"n.html": counter, "page.html": source})
    site = frame()
    first = made.render("page.html", page(title="a"), site)
    made.render("page.html", page(title="b"), site)
    assert made.render("page.html", page(title="a"), site) == first == (b"12a", [])


def test_many_frames_do_not_mix(tmp_path: Path) -> None:
    """More frames than are kept at once still give each page its own."""
    made = renderer(tmp_path, {"page.html": "{{ site.title }}"})
    for number in range(200):
        assert made.render("page.html", page(), frame(title=str(number)))[0] == str(number).encode()


def test_the_makers_digest_is_the_themes(tmp_path: Path) -> None:
    """Whoever only compares fingerprints can take the digest from iopsgen.theme and leave Jinja alone."""
    assert maker_digest is maker_digest_of_theme


# --- faults ---------------------------------------------------------------------------------------------------------


def test_an_unknown_field_is_told_with_its_line_and_the_page(tmp_path: Path) -> None:
    """The message names the view, the field, the file, the line and the page; the hint guesses and lists the fields."""
    problem = fail(tmp_path, "one\ntwo {{ page.titel }}\n", place=Place("content/pages/about.md", 3))
    assert problem.message == 'A StandingView has no field "titel". (met in content/pages/about.md)'
    assert problem.place == Place("themes/ours/templates/page.html", 2)
    assert problem.hint.startswith('Did you mean "title"? Its fields are: head, title, body')


def test_a_fault_in_an_include_names_the_include(tmp_path: Path) -> None:
    """The place is the deepest file, and the hint says who included it."""
    problem = fail(
        tmp_path, '\n{% include "_a.html" %}', files={"_a.html": '\n\n{% include "_b.html" %}', "_b.html": "\n\n\n{{ site.theme.colour }}"}
    )
    assert problem.place == Place("themes/ours/templates/_b.html", 4)
    assert problem.message == 'There is no "colour" here. (met in /about/)'
    assert "It was included by themes/ours/templates/_a.html:3." in problem.hint


def test_a_fault_in_a_macro_names_the_macro(tmp_path: Path) -> None:
    """The place is the line in the imported file."""
    problem = fail(
        tmp_path, '{% from "m.html" import m %}\n{{ m(page) }}', files={"m.html": "{% macro m(x) %}\n\n{{ x.body.urll }}{% endmacro %}"}
    )
    assert problem.place == Place("themes/ours/templates/m.html", 3)
    assert problem.message.startswith('A Body has no field "urll".')


def test_a_fault_in_the_default_theme_is_called_so(tmp_path: Path) -> None:
    """A packaged template is named without a path."""
    made = renderer(tmp_path, {"ours/theme.yml": ""})
    _, problems = made.render("page.html", page(), frame(assets={}))
    assert problems[0].place is not None and problems[0].place.file.startswith("default theme: ")


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ pge.title }}", '"pge" is not known in this template.', 'Did you mean "page"?'),
        ("{{ foo() }}", '"foo" is not known in this template.', "Templates know page and site."),
        ("{{ page.picture.url }}", '"url" was asked of something that this page does not have.', "Put {% if … %} around it."),
        ("{% if page.titel %}{% endif %}", 'A StandingView has no field "titel".', 'Did you mean "title"?'),
        ("{% for x in page.heading %}{% endfor %}", 'A StandingView has no field "heading".', 'Did you mean "headings"?'),
        ("{{ page.title|uper }}", 'There is no filter "uper".', 'Did you mean "upper"?'),
        ("{% if page.title %}{{ page.title|uper }}{% endif %}", 'There is no filter "uper".', 'Did you mean "upper"?'),
        ("{% if page.title is defind %}{% endif %}", 'There is no test "defind".', 'Did you mean "defined"?'),
        ("{{ page.body }}", "A Body cannot be shown as a text.", "Write |html behind it."),
        ("{{ page.headings }}", "A list cannot be shown as a text.", "Write |joined behind it"),
        ("{{ page.head }}", "A Head cannot be shown as a text.", "Name one of its fields: title, url"),
        ("{{ site.extra.when }}", "A When cannot be shown as a text.", "Write |when behind it."),
        ("{{ site.extra.day }}", "A date cannot be shown as a text.", 'Write |date("long")'),
        ("{{ site.extra.day|date('lnog') }}", '"lnog" is not a style of dates.', ""),
        ("{{ page.title|date }}", "A text is not a date", "Take it away"),
        ("{{ page.title|html }}", "A text is not a Body", "|safe"),
        ("{{ page.title|when }}", "A text is not a When", "|date"),
        ("{{ page.title|number }}", "A text is not a number", ""),
        ("{{ page.headings.length }}", 'A list has no "length".', "Use |length"),
        ("{{ page.title.foo }}", 'A text has no "foo".', "Use a filter"),
        ("{{ asset('stile.css') }}", 'The theme has no file "stile.css" in static/.', 'Did you mean "style.css"?'),
        ("{{ icon('calender') }}", 'The theme has no icon "calender"', 'Did you mean "calendar"?'),
        (
            "{% include 'pages.html' %}",
            'There is no template "pages.html" in themes/ours/templates or the default theme.',
            'Did you mean "page.html"?',
        ),
        ("{% extends '!page2.html' %}", 'No theme below this one has a template "page2.html".', "It was looked for in default theme."),
        ("{% if x %}", "The template cannot be read: Unexpected end of template.", "opened and never closed"),
        ("{% foo %}", "The template cannot be read: Encountered unknown tag 'foo'.", "Tags are: block"),
        ("{{ page.title", "The template cannot be read: unexpected end of template", "never closed"),
        ("{{ 1 + }}", "The template cannot be read: ", "Check the brackets"),
        ("{% include 'page.html' %}", "A template includes or calls itself without end.", "Look for an include"),
        ("{% extends 'page.html' %}", "This template extends itself.", '{% extends "!page.html" %}'),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "A template includes or calls itself without end.", "Look for an include"),
        ("{{ _('Hello %(name)s') }}", 'The text "Hello %(name)s" lacks a value for name.', "name=page.title"),
        ("{{ _('100 %') }}", 'The text "100 %" holds a lone %.', "%%"),
        ("{{ ngettext('a', 'b', 'c') }}", "A text is not a number of things.", "page.posts|length"),
        ("{{ 1 / 0 }}", "The template cannot be filled in: division by zero.", "Check the values"),
        ("{{ 'a' + 1 }}", "The template cannot be filled in: ", "Check the values"),
        ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "The template cannot be filled in: macro 'm' takes not more than 1 argument", ""),
        ("{% for x in none %}{% endfor %}", "There is nothing here to go through.", "Put {% if … %} around the loop."),
        ("{{ page.title|join(page.head) }}", "A Head cannot be shown as a text.", ""),
        ("{% macro m() %}{% endmacro %}{{ m }}", "A macro cannot be shown as a text.", "Write () behind it."),
        ("{{ page.title|map('upper') }}", "This cannot be shown as a text.", "|join"),
        (
            "{% for i in range(1) %}" * 25 + "{% endfor %}" * 25,
            "The template cannot be read: it is too deep or too long for Python",
            "macro",
        ),
        ("{% set page.title = 1 %}", "The template cannot be filled in: cannot assign attribute on non-namespace object.", ""),
    ],
)
def test_faults_say_what_to_write_instead(tmp_path: Path, source: str, message: str, hint: str) -> None:
    """Each mistake has a message in plain words, the place in the template, and a remedy."""
    made = renderer(tmp_path, {"page.html": source})
    found, problems = made.render("page.html", page(), frame(extra={"when": WHEN, "day": date(2012, 1, 1)}))
    assert found is None and len(problems) == 1
    assert problems[0].severity == "error"
    assert problems[0].message.startswith(message)
    assert hint in problems[0].hint
    assert problems[0].place is not None and problems[0].place.file == "themes/ours/templates/page.html"
    assert problems[0].place.line >= 1


def test_a_page_that_asks_for_a_template_that_is_not_there(tmp_path: Path) -> None:
    """The problem is at the page, which named it, and says where was looked."""
    made = renderer(tmp_path, {"special.html": ""})
    for name in ("specail.html", "../../secret.html", "/etc/passwd", "special.html\x001", "", "!special.html"):
        found, problems = made.render(name, page(), frame(), Place("content/pages/about.md", 4))
        assert found is None
        assert problems[0].place == Place("content/pages/about.md", 4)
        assert f'There is no template "{name}" in themes/ours/templates or the default theme.' == problems[0].message
    assert made.render("specail.html", page(), frame())[1][0].hint == 'Did you mean "special"?'


def test_one_mistake_in_a_template_is_one_problem(tmp_path: Path) -> None:
    """Ten thousand pages that fail in one place give one problem, which names the first of them."""
    made = renderer(tmp_path, {"page.html": "{{ page.titel }}", "broken.html": "{% if %}"})
    site = frame()
    for template in ("page.html", "broken.html"):
        problems = [made.render(template, page(), site, Place(f"content/pages/{n}.md"))[1][0] for n in range(5)]
        assert len(set(problems)) == 1
        assert "(met in content/pages/0.md)" in problems[0].message


def test_a_broken_template_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that cannot be compiled is not tried again for each of its pages."""
    read: list[str] = []
    parse = ThemeEnvironment._parse

    def counting(self: ThemeEnvironment, source: str, name: str | None, filename: str | None) -> Any:
        read.append(source)
        return parse(self, source, name, filename)

    monkeypatch.setattr(ThemeEnvironment, "_parse", counting)
    made = renderer(tmp_path, {"page.html": "{% if %}"})
    site = frame()
    assert [len(made.render("page.html", page(), site)[1]) for _ in range(5)] == [1] * 5
    assert read == ["{% if %}"]


def test_faults_of_catalogues_come_with_the_first_page(tmp_path: Path) -> None:
    """A translation that does not fit is a warning beside the page, once."""
    po = 'msgid ""\nmsgstr ""\n\nmsgid "By %(name)s"\nmsgstr "Von %(nom)s"\n'
    made = renderer(tmp_path, {"page.html": "x", "ours/locale/de/LC_MESSAGES/messages.po": po})
    site = frame(language="de")
    first, second = made.render("page.html", page(), site), made.render("page.html", page(), site)
    assert [p.severity for p in first[1]] == ["warning"]
    assert first[0] == second[0] == b"x"
    assert second[1] == []


def test_catalogues_that_are_read_already_are_used(tmp_path: Path) -> None:
    """Whoever holds the texts of a language hands them over, and nothing is read twice."""
    theme = renderer(tmp_path, {"page.html": '{{ _("Hello") }}'})._theme
    made = Renderer(theme, str, {"de": Texts("de", single={("", "Hello"): "Hallo"})})
    assert made.render("page.html", page(), frame(language="de")) == (b"Hallo", [])


def test_a_text_that_the_store_lost_is_a_problem(tmp_path: Path) -> None:
    """Whatever the store raises ends as a problem for that page."""
    assert "cannot be filled in" in fail(tmp_path, "{{ page.body|html }}", page(body=Body(digest="gone"))).message
