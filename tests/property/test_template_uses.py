"""The quick look for what a template uses never finds less than Jinja's own parser does."""

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, TemplateSyntaxError, meta

from iopsgen.theme import _uses

_PIECES = st.sampled_from(
    [
        "{% include ", "{%- include ", "{%+ extends ", "{%\n  import ", "{% from ", "{%include", "{% raw %}", "{% endraw %}", "{# ", " #}", "{{ ", " }}",
        '"a.html"', "'b.html'", '"!c.html"', '"%}"', '"a" ~ "b"', "name", "(", ")", "[", "]", ",", " ", "\n", " if x", " else 'd.html'", " or 'e.html'",
        " ignore missing", " with context", " without context", " as m", " import n", " import n as o, p", " %}", " -%}", " +%}", "%}", "|lower", "\\", '"', "'",
        "x", '"\\x61.html"', '"f" "g"',
    ]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
def test_it_finds_all_that_jinja_finds(text: str) -> None:
    """Whatever names Jinja's parser sees are among those found, or the template counts as one that may use any other."""
    try:
        expected = set(meta.find_referenced_templates(Environment(extensions=["jinja2.ext.i18n"]).parse(text)))
    except TemplateSyntaxError:
        return
    found = _uses(text)
    assert found is None or expected <= set(found)


_STATEMENTS = st.sampled_from(
    [
        '{% include "a.html" %}', "{% include 'b.html' ignore missing %}", '{%- import "c.html" as m with context -%}', '{% from "d.html" import x as y, z %}',
        "{% include name %}", '{% include ["a.html", "e.html"] %}', '{% include ("f.html") %}', '{% include "a.html" if x else "g.html" %}', "{{ '{% include' }}",
        '{# {% include "h.html" %} #}', "text %} {%", '{% raw %}{% include "i.html" %}{% endraw %}', "{{ x }}", '{% import "c" ~ "d" as n %}', "\n",
        '{% set x = "{% include name %}" %}', '{% include "a.html" if x else y %}', '{% extends "a.html" or y %}', '{% import "a.html" if x else y as z %}',
        '{% from "a.html" or y import z %}', '{% include "a.html" if x %}',
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_STATEMENTS, max_size=8).map("".join))
def test_it_finds_all_in_templates_that_make_sense(text: str) -> None:
    """The same for texts of whole statements, most of which Jinja accepts."""
    try:
        expected = set(meta.find_referenced_templates(Environment().parse(text)))
    except TemplateSyntaxError:
        return
    found = _uses(text)
    assert found is None or expected <= set(found)


def test_plain_names_are_found_exactly() -> None:
    """A template that only names others in quotes uses those and no more."""
    assert _uses('{% extends "a.html" %}{% include \'b.html\' ignore missing %}{% from "c.html" import x as y with context %}') == (
        "a.html",
        "b.html",
        "c.html",
    )
    assert _uses("{{ page.title }}") == ()
    assert _uses("{% include name %}") is None
    assert _uses("{% include " * 50_000) == ()
