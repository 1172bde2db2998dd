"""A template from a stranger: no way out of the sandbox, no clock, no chance, and no end of work."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2.compiler import CodeGenerator

from iopsgen.problems import Problem
from iopsgen.render import Renderer
from iopsgen.sandbox import ThemeEnvironment, bounds
from iopsgen.theme import load_theme
from iopsgen.views import Body, Frame, Head, Ref, StandingView

HEAD = Head(title="About", url="/about/", address="https://example.org/about/", canonical="", language="en")
PAGE = StandingView(
    head=HEAD,
    title="About",
    body=Body(digest="d"),
    headings=(Ref(title="One", url="#1"),),
    updated=datetime(2012, 10, 28, 11, tzinfo=ZoneInfo("Europe/London")),
)
SITE = Frame(
    title="IOPS",
    short_title="IOPS",
    description="",
    url="/",
    address="",
    root="/",
    language="en",
    assets={"a.css": "/a.css"},
    data={"list": [1, 2], "table": {"a": 1}},
)


def run(root: Path, source: str, files: dict[str, str] | None = None) -> tuple[str, list[Problem]]:
    """What a template of the theme `ours` writes, and its problems."""
    templates = root / "themes/ours/templates"
    for name, text in {"page.html": source, **(files or {})}.items():
        (templates / name).parent.mkdir(parents=True, exist_ok=True)
        (templates / name).write_text(text, encoding="utf-8")
    theme, problems = load_theme(root, "ours")
    assert theme is not None, problems
    found, problems = Renderer(theme, lambda digest: "<p></p>").render("page.html", PAGE, SITE)
    return (found or b"").decode(), problems


def stop(root: Path, source: str, files: dict[str, str] | None = None) -> Problem:
    """The problem of a template that must not make a page."""
    text, problems = run(root, source, files)
    assert text == "", text[:300]
    assert len(problems) == 1
    assert problems[0].place is not None and problems[0].place.line > 0
    return problems[0]


# --- ways out -------------------------------------------------------------------------------------------------------

# The well-known ways from a template to Python, and some made for what this sandbox offers.
OBJECTS = (
    "''", "()", "[]", "{}", "1", "1.5", "true", "none", "page", "site", "page.head", "page.body", "page.updated", "page.headings", "site.data", "site.data.list", "self",
    "loop", "range", "namespace", "namespace()", "_", "gettext", "ngettext", "asset", "icon", "icon", "m", "''.upper", "site.data.items", "page.updated.isoformat",
    "(page.headings|map('upper'))", "('x'|safe)", "caller", "varargs", "kwargs", "imported", "imported.n", "super", "undefined_name", "range(3)", "{}.keys()",
)  # fmt: skip
WAYS = (
    ".__class__", ".__init__", ".__globals__", "['__class__']", "['__init__']", ".__dict__", ".__module__", ".__self__", ".__func__", ".__code__", ".__closure__",
    ".__reduce__()", ".__reduce_ex__(2)", ".__getattribute__('x')", ".__subclasses__()", ".__mro__", ".mro()", ".gi_frame", ".gi_code", ".func_globals", "._environment",
    "._func", ".environment", ".format", ".format_map", "['format']", ".__format__('')", ".__struct_fields__", "._TemplateReference__context", "._Namespace__attrs",
    "|attr('__class__')", "|map(attribute='__class__')|list", "|selectattr('__class__')|list", "|groupby('__class__')|list", "|sort(attribute='__class__')", "|sum(attribute='__class__')",
    "|map('attr', '__class__')|list", "|join(attribute='__class__')", "|unique(attribute='__class__')|list",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_nothing_leads_from_a_value_to_python(tmp_path: Path, way: str) -> None:
    """From no object that a template can name does any of the known ways give anything."""
    files = {"imported.html": "{% macro n() %}{% endmacro %}"}
    setting = '{% import "imported.html" as imported %}{% macro m() %}{% endmacro %}'
    theme_files = {"page.html": "", **files}
    templates = tmp_path / "themes/ours/templates"
    templates.mkdir(parents=True)
    for number, obj in enumerate(OBJECTS):
        theme_files[f"{number}.html"] = (
            setting
            + "{% for x in [1] %}{{ loop.index }}{% set got = "
            + obj
            + way
            + " %}{% if got %}ESCAPED{% endif %}{{ got }}{% endfor %}"
        )
    for name, text in theme_files.items():
        (templates / name).write_text(text)
    theme, _ = load_theme(tmp_path, "ours")
    assert theme is not None
    made = Renderer(theme, str)
    for number, obj in enumerate(OBJECTS):
        found, problems = made.render(f"{number}.html", PAGE, SITE)
        text = (found or b"").decode()
        assert "ESCAPED" not in text, (obj + way, text)
        assert found is not None or problems, obj + way
        assert "<class" not in text and "0x" not in text, (obj + way, text)


@pytest.mark.parametrize(
    "payload",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__']['__mro__'][1]['__subclasses__']() }}",
        "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
        "{{ ()|attr('__class__')|attr('__base__')|attr('__subclasses__')() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ joiner.__init__.__globals__.os.popen('id').read() }}",
        "{{ namespace.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ lipsum() }}",
        "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
        "{{ self._TemplateReference__context.cycler.__init__.__globals__.os }}",
        "{{ self._TemplateReference__context.environment }}",
        "{{ config.items() }}",
        "{{ request.application.__globals__ }}",
        "{{ get_flashed_messages.__globals__ }}",
        "{{ url_for.__globals__ }}",
        "{{ ''.format.__func__ }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(page) }}",
        "{{ '{x.__class__}'.format_map({'x': page}) }}",
        "{{ ('{0.__class__}'|safe).format(page) }}",
        "{% set f = '{0.__class__}'.format %}{{ f(page) }}",
        "{{ ['{0.__class__}']|map('format', page)|list|join }}{{ page.__class__ }}",
        "{{ page.updated.__class__ }}",
        "{{ page.updated.now() }}",
        "{{ page.updated.today() }}",
        "{{ page.updated.utcnow() }}",
        "{{ page.updated.astimezone() }}",
        "{{ page.updated.timestamp() }}",
        "{{ page.updated.strftime('%A') }}",
        "{{ page.updated.fromtimestamp(0) }}",
        "{{ page.updated.tzinfo.key }}",
        "{{ [1, 2, 3]|random }}",
        "{{ page|pprint }}",
        "{{ site.data.list.append(3) }}",
        "{{ site.data.table.update({'a': 2}) }}",
        "{{ site.data.table.pop('a') }}",
        "{{ site.data.table.clear() }}",
        "{{ site.data.table.setdefault('b', 2) }}",
        "{{ site.data.table.__setitem__('a', 2) }}",
        "{% set site.data.table.a = 2 %}",
        "{% set page.title = 'x' %}",
        "{{ dict.fromkeys([1]) }}",
        "{{ dict(a=1) }}",
        "{{ open('/etc/passwd').read() }}",
        "{{ __import__('os') }}",
        "{{ environment }}",
        "{{ context }}",
        "{{ missing }}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{% include '../../../../etc/passwd' %}",
        "{% include '..\\\\..\\\\secret.html' %}",
        "{% include 'file:///etc/passwd' %}",
        "{% include 'a/../../theme.yml' %}",
        "{% include './page2.html' %}",
        "{% include '~/x' %}",
        "{% include 'page.html\\x000' %}",
        "{% include '!../theme.yml' %}",
        "{% include '!!base.html' %}",
        "{% include '' %}",
        "{% include none %}",
        "{% include page %}",
        "{% extends site.data %}",
        "{% debug %}",
        "{% do site.data.list.append(1) %}",
        "{{ range(3).__class__ }}",
        "{{ page.updated|attr('now')() }}",
        "{{ ''|map('attr')|list }}",
        "{{ 'x'.encode() }}",
        "{{ 'x'.translate({}) }}",
        "{{ 'x'.maketrans('a', 'b') }}",
        "{{ (1).bit_length() }}",
        "{{ (1).real }}",
        "{{ namespace.__class__ }}",
        "{% set n = namespace(x=1) %}{{ n.__class__ }}",
        "{% set n = namespace(x=1) %}{{ n._Namespace__attrs }}",
        "{% set n = namespace(__class__=1) %}{{ n.__class__ }}",
        "{{ _.__globals__ }}",
        "{{ asset.__closure__ }}",
        "{{ range.__call__ }}",
        "{% macro m() %}{% endmacro %}{{ m._environment }}",
        "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
        "{{ (x for x in [1]) }}",
        "{{ lambda: 1 }}",
        "{{ [].sort() }}",
        "{{ page.headings|map('upper') }}",
        "{{ page.title.upper }}",
        "{{ range }}",
        "{{ _ }}",
        "{{ loop }}",
        "{% for x in [1] %}{{ loop }}{% endfor %}",
        "{{ self }}",
        "{{ {}.items() }}",
        "{{ page.title.upper|string }}",
        "{{ '' ~ page.title.upper }}",
        "{{ [page.title.upper]|join }}",
        "{{ '%s'|format(page.title.upper) if false else page.title.upper }}",
    ],
)
def test_known_payloads_stop_with_a_problem(tmp_path: Path, payload: str) -> None:
    """Published attacks on templates, and what would read the clock, chance or memory, end as a problem at their line."""
    problem = stop(tmp_path, "\n" + payload, {"a/x.html": ""})
    assert "Traceback" not in problem.message
    assert SITE.data == {"list": [1, 2], "table": {"a": 1}}


def test_a_percent_sign_shows_no_reprs(tmp_path: Path) -> None:
    """Formatting cannot be used to write out what may not be shown."""
    for source in (
        "{{ '%s' % page }}",
        "{{ '%r' % [page.title.upper] }}",
        "{{ '%s'|format(page.body) }}",
        "{{ '%(a)s' % {'a': range} }}",
        "{{ '%s' % (page,) }}",
    ):
        stop(tmp_path, source)


def test_links_out_of_the_theme_are_not_followed(tmp_path: Path) -> None:
    """A template that is a symbolic link to a file elsewhere stops the theme from loading."""
    (tmp_path / "secret").write_text("secret")
    site = tmp_path / "site"
    (site / "themes/ours/templates").mkdir(parents=True)
    (site / "themes/ours/templates/x.html").symlink_to(tmp_path / "secret")
    theme, problems = load_theme(site, "ours")
    assert theme is None and "leads out" in problems[0].message


def test_content_cannot_become_a_template(tmp_path: Path) -> None:
    """Braces in values are text."""
    page = StandingView(head=HEAD, body=Body(), title="{{ 7 * 7 }}{% include 'x' %}")
    templates = tmp_path / "themes/ours/templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text("{{ page.title }}{{ _(page.title) }}{{ [page.title]|joined }}")
    theme, _ = load_theme(tmp_path, "ours")
    assert theme is not None
    assert Renderer(theme, str).render("page.html", page, SITE)[0] == b"{{ 7 * 7 }}{% include &#39;x&#39; %}" * 3


# --- bombs ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller limits, so that reaching them takes no time."""
    monkeypatch.setattr(bounds, "STEPS", 50_000)
    monkeypatch.setattr(bounds, "TEXT", 1_000_000)


NESTED = "{% for a in range(10000) %}" * 3 + "x" + "{% endfor %}" * 3
DOUBLING = "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(64) %}{% set ns.x = @ %}{% endfor %}{{ ns.x }}"
BOMBS = [
    "{{ range(10**9) }}",
    "{% for x in range(10**9) %}{% endfor %}",
    "{% for x in range(0, 10**30) %}{% endfor %}",
    "{{ 10**(10**10) }}",
    "{{ 2**100000 }}",
    "{{ (10**1000)**1000 }}",
    "{{ 2.0**100000 }}",
    "{{ 'a' * 10**10 }}",
    "{{ 10**10 * 'a' }}",
    "{{ [1] * 10**10 }}",
    "{{ ('a' * 1000000) * 1000000 }}",
    "{{ ([1] * 10000)|join('x' * 900000) }}",
    "{{ ('x' * 900000).join(range(10000)) }}",
    "{{ ('a' * 10000)|replace('a', 'b' * 10000) }}",
    "{{ ('a' * 10000).replace('', 'b' * 10000) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%*d'|format(1000000000, 1) }}",
    "{{ '%.1000000000f' % 1.5 }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 'a'.center(10**10) }}",
    "{{ 'a'.ljust(10**10) }}",
    "{{ 'a'.zfill(10**10) }}",
    "{{ 'a\t'.expandtabs(10**10) }}",
    "{{ 'a'|center(10**10) }}",
    "{{ 'a\nb'|indent(10**10) }}",
    "{{ ('a\n' * 100000)|indent('x' * 100000) }}",
    "{{ [1]|batch(10**10, 'x')|list|length }}",
    "{{ [1]|slice(10**10)|list|length }}",
    "{{ 1.5|round(10**10, 'ceil') }}",
    "{{ _('%(x)1000000000s', x='') }}",
    "{% trans x='' %}{{ x }}{% endtrans %}{{ _('%(x)0100000000d', x=1) }}",
    NESTED,
    DOUBLING.replace("@", "ns.x ~ ns.x"),
    DOUBLING.replace("@", "ns.x + ns.x"),
    DOUBLING.replace("@", "[ns.x, ns.x]|join"),
    DOUBLING.replace("@", "ns.x.replace('a', 'aa')"),
    DOUBLING.replace("@", "'%s%s' % (ns.x, ns.x)"),
    DOUBLING.replace("@", "'%s%s'|format(ns.x, ns.x)"),
    DOUBLING.replace("@", "_('%(a)s%(a)s', a=ns.x)"),
    DOUBLING.replace("'aaaaaaaa'", "[1]").replace("@", "ns.x + ns.x"),
    DOUBLING.replace("'aaaaaaaa'", "7").replace("@", "ns.x * ns.x"),
    "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "".join(f"{{% macro m{n}() %}}" + (f"{{{{ m{n - 1}() }}}}" * 2 if n else "aaaaaaaa") + "{% endmacro %}" for n in range(64))
    + "{{ m63() }}",
    "".join(f"{{% set x{n} %}}" + (f"{{{{ x{n - 1} }}}}" * 2 if n else "aaaaaaaa") + "{% endset %}" for n in range(64)) + "{{ x63 }}",
    "{% for x in [[]] recursive %}{{ loop([x, x]) }}{% endfor %}",
    "{% for x in [range(10000)] recursive %}{% if x is iterable %}{{ loop([range(10000)] * 10000) }}{% endif %}{% endfor %}",
    "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
    "{{ 9" + "9" * 5000 + " }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "[" * 100_000 + " }}",
    "{{ " + "-" * 20_000 + "1 }}",
    "{{ 1" + " + 1" * 20_000 + " + '' }}",
    "{% if x %}" * 3000,
    "{{ x" + ".a" * 20_000 + " }}",
]


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.usefixtures("small")
def test_bombs_are_refused(tmp_path: Path, bomb: str) -> None:
    """What would fill the memory or never end gives a problem instead."""
    stop(tmp_path, "\n" + bomb)


@pytest.mark.usefixtures("small")
def test_templates_that_include_each_other_twice_are_refused(tmp_path: Path) -> None:
    """Thirty files, each of which includes the next one twice, are a thousand million includes."""
    one = '{%% with n = n * 2 + %d %%}{%% include "%d.html" %%}{%% endwith %%}'
    files = {f"{n}.html": "".join(one % (side, n + 1) for side in (0, 1)) for n in range(30)}
    stop(tmp_path, '{% with n = 1 %}{% include "0.html" %}{% endwith %}', {**files, "30.html": "{{ n }}"})


def test_the_real_limits_end_within_seconds(tmp_path: Path) -> None:
    """With the limits as they are, endless loops and doubling texts still stop."""
    assert "steps" in stop(tmp_path, NESTED).message
    assert "characters" in stop(tmp_path, DOUBLING.replace("@", "ns.x ~ ns.x")).message


def test_large_pages_are_far_from_the_limits(tmp_path: Path) -> None:
    """A list of twenty thousand entries of 500 characters within includes and macros is an ordinary page."""
    page = StandingView(head=HEAD, body=Body(), title="x" * 500, headings=tuple(Ref(title="t", url="#") for _ in range(20_000)))
    templates = tmp_path / "themes/ours/templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(
        "{% macro m(h) %}{% include '_c.html' %}{% endmacro %}{% for h in page.headings %}{{ m(h) }}{% endfor %}"
    )
    (templates / "_c.html").write_text("<li>{{ h.title }}{{ page.title }}</li>")
    theme, _ = load_theme(tmp_path, "ours")
    assert theme is not None
    found, problems = Renderer(theme, str).render("page.html", page, SITE)
    assert problems == [] and found is not None and len(found) > 10_000_000


def test_pages_begin_with_a_full_meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is counted for each page alone, also after one that failed."""
    monkeypatch.setattr(bounds, "STEPS", 3_000)
    templates = tmp_path / "themes/ours/templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text("{% for x in range(2000) %}{% endfor %}x")
    (templates / "bomb.html").write_text("{% for x in range(9000) %}{% endfor %}x")
    theme, _ = load_theme(tmp_path, "ours")
    assert theme is not None
    made = Renderer(theme, str)
    assert [made.render(name, PAGE, SITE)[0] for name in ("page.html", "bomb.html", "page.html", "page.html")] == [b"x", None, b"x", b"x"]


def test_the_shorter_ways_are_taken_and_agree_with_the_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the code generator shortens gives what Jinja's own code gives, and still is what is generated."""
    source = (
        "{{ page.title }}{{ page.nothing is defined }}{{ site.data.title is defined }}{% for h in page.headings %}{{ h.title }}{{ h.count }}{{ h.current }}{% endfor %}"
        "{% include '_a.html' %}{{ _('x') }}{{ asset('a.css') }}{{ none }}{{ 1.5 }}{{ '<'|safe }}{{ '<' }}{{ page.updated.year }}{{ page.head.title.upper() }}"
        "{% macro m() %}{{ page.title }}{% include '_a.html' %}{% endmacro %}{{ m() }}{% set b %}{{ page.title }}&{% endset %}{{ b }}"
        "{% autoescape false %}{{ '<' }}{% endautoescape %}"
    )
    files = {"_a.html": "[{{ page.head.title }}{{ h is defined }}]"}
    short, problems = run(tmp_path, source, files)
    assert problems == []
    monkeypatch.setattr(ThemeEnvironment, "code_generator_class", CodeGenerator)
    assert run(tmp_path, source, files) == (short, [])
    monkeypatch.undo()
    made = Renderer(load_theme(tmp_path, "ours")[0], str)  # type: ignore[arg-type]
    environment = made._environment(SITE, [])
    code: Any = environment.compile(source, "page.html", "page.html", raw=True)
    assert not re.search(r"\bescape\(|finalize\(|root_render_func\(template", code)
    assert "environment.escaped(" in code and "environment.include(" in code and " in having_title else " in code


def test_nothing_is_written_while_pages_are_made(tmp_path: Path) -> None:
    """Compiled templates are kept in memory only: no cache that someone else could fill is ever run."""
    run(tmp_path, "{{ page.title }}{% include '_a.html' %}", {"_a.html": "x"})
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    run(tmp_path, "{{ page.title }}{% include '_a.html' %}", {"_a.html": "x"})
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert not any(os.path.splitext(path)[1] in (".pyc", ".cache") for path in before)
