"""Lists, quotes and other blocks of the default engine come out as GitHub shows them; the CommonMark engine is the judge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iopsgen.markdown import Options, render
from tests.markup import Shape, shape


def shapes(source: str) -> tuple[Shape, Shape]:
    """What the default engine and the CommonMark engine make of a text."""
    one, two = (shape(render(source, Options(engine=engine), "x.md")[0]) for engine in ("markdown", "commonmark"))  # type: ignore[arg-type]
    return one, two


def ul(*items: Shape) -> tuple[str, Shape]:
    return ("ul", [("li", item) for item in items])


def ol(*items: Shape) -> tuple[str, Shape]:
    return ("ol", [("li", item) for item in items])


def p(*inside: object) -> tuple[str, Shape]:
    return ("p", list(inside))


LISTS: dict[str, Shape] = {
    # no empty line before the list
    "text\n- a\n- b": [p("text"), ul(["a"], ["b"])],
    "text\n* a\n* b\nmore": [p("text"), ul(["a"], ["b more"])],
    "text\n1. a\n2. b": [p("text"), ol(["a"], ["b"])],
    "text\n2. a": [p("text 2. a")],
    "**Bring:**\n+ a\n+ b\n\nafter": [p(("strong", ["Bring:"])), ul(["a"], ["b"]), p("after")],
    "# Title\n- a": [("h1", ["Title"]), ul(["a"])],
    "> quote\n- a": [("blockquote", [p("quote")]), ul(["a"])],
    # nested by two, three and four spaces
    "- a\n  - b\n    - c\n- d": [ul(["a", ul(["b", ul(["c"])])], ["d"])],
    "- a\n   - b\n      - c": [ul(["a", ul(["b", ul(["c"])])])],
    "- a\n    - b\n        - c": [ul(["a", ul(["b", ul(["c"])])])],
    "1. a\n   - b\n   - c\n2. d": [ol(["a", ul(["b"], ["c"])], ["d"])],
    "1. a\n  - b": [ol(["a"]), ul(["b"])],
    "* a\n  1. b\n  2. c": [ul(["a", ol(["b"], ["c"])])],
    "10. a\n    - b": [ol(["a", ul(["b"])])],
    "- a\n - b\n  - c": [ul(["a"], ["b"], ["c"])],
    # loose and tight
    "- a\n\n- b": [ul([p("a")], [p("b")])],
    "- a\n- b\n\n- c": [ul([p("a")], [p("b")], [p("c")])],
    "- a\n\n  more\n- b": [ul([p("a"), p("more")], [p("b")])],
    "- a\n  - b\n\n- c": [ul([p("a"), ul(["b"])], [p("c")])],
    "- a\n- b\n\n\ntext": [ul(["a"], ["b"]), p("text")],
    "- a\n  - b\n\n    c\n- d": [ul(["a", ul([p("b"), p("c")])], ["d"])],
    # other kinds of items begin other lists
    "- a\n* b": [ul(["a"]), ul(["b"])],
    "- a\n1. b": [ul(["a"]), ol(["b"])],
    "1. a\n1) b": [ol(["a"]), ol(["b"])],
    # what items may hold
    "- a\n\n      code": [ul([p("a"), ("pre", [("code", ["code"])])])],
    "- ```\n  x\n  ```\n- b": [ul([("pre", [("code", ["x"])])], ["b"])],
    "1. a\n\n   ```sh\n   x\n   ```\n\n2. b": [ol([p("a"), ("pre", [("code", ["x"])])], [p("b")])],
    "- a\n  > b\n- c": [ul(["a", ("blockquote", [p("b")])], ["c"])],
    "- # a\n- b": [ul([("h1", ["a"])], ["b"])],
    "-\n- b\n-": [ul([], ["b"], [])],
    "- - - a": [ul([ul([ul(["a"])])])],
    "- a\nlazy\n- b": [ul(["a lazy"], ["b"])],
    "- a\n===\nb": [ul(["a === b"])],
    "2024. a\n     - b": [ol(["a - b"])],
    "- a\n\nnot lazy": [ul(["a"]), p("not lazy")],
    "- | a | b |\n  |---|---|\n  | c | d |": [ul([("table", [("thead", [("tr", [("th", ["a"]), ("th", ["b"])])]), ("tbody", [("tr", [("td", ["c"]), ("td", ["d"])])])])])],
    # no lists
    "-a\n*b\n1.c": [p("-a *b 1.c")],
    "- - -": [("hr", [])],
    "a\n---": [("h2", ["a"])],
    "2024. That was a year": [ol(["That was a year"])],
    "1986\\. A year": [p("1986. A year")],
    # tasks
    "- [ ] a\n- [x] b\n- [y] c\n- [ ]d": [ul([("input", []), "a"], [("input", []), "b"], ["[y] c"], ["[ ]d"])],
}

BLOCKS: dict[str, Shape] = {
    "text\n# a": [p("text"), ("h1", ["a"])],
    "#hashtag": [p("#hashtag")],
    "# a #\n## b ## c": [("h1", ["a"]), ("h2", ["b ## c"])],
    "text\n```\na\n\nb\n```\nmore": [p("text"), ("pre", [("code", ["a b"])]), p("more")],
    "````\n```\n````": [("pre", [("code", ["```"])])],
    "```\nopen": [("pre", [("code", ["open"])])],
    "text\n> a\nlazy\n\n> b": [p("text"), ("blockquote", [p("a lazy")]), ("blockquote", [p("b")])],
    "> - a\n> - b\n>\n> c": [("blockquote", [ul(["a"], ["b"]), p("c")])],
    "> a\n===\n    # b": [("blockquote", [p("a === # b")])],
    "> > a\n> b": [("blockquote", [("blockquote", [p("a b")])])],
    "text\n    not code": [p("text not code")],
    "    a\n\n    b\ntext": [("pre", [("code", ["a b"])]), p("text")],
    "a\nb\n===": [("h1", ["a b"])],
    "text\n***\nmore": [p("text"), ("hr", []), p("more")],
    "text\na | b\n--|--\nc | d\n\ne": [p("text"), ("table", [("thead", [("tr", [("th", ["a"]), ("th", ["b"])])]), ("tbody", [("tr", [("td", ["c"]), ("td", ["d"])])])]), p("e")],
    "a | b\n---": [("h2", ["a | b"])],
    "[a]: /b 'c'\n[d]: <e f>\ntext [a] [d] [x]": [p("text", ("a", ["a"]), ("a", ["d"]), "[x]")],
    "text\n[a]: /b\n\n[a]": [p("text [a]: /b"), p("[a]")],
    "<div>\n*a*\n\n*b*\n</div>": [("div", ["*a*", p(("em", ["b"]))])],
    "Term\n:   a\n\n    b\n:   c\n\nText": [("dl", [("dt", ["Term"]), ("dd", [p("a"), p("b")]), ("dd", ["c"])]), p("Text")],
}


@pytest.mark.parametrize("source", LISTS)
def test_lists(source: str) -> None:
    """A list has the items, the nesting and the tightness that GitHub shows."""
    one, two = shapes(source)
    assert one == LISTS[source] and one == two


@pytest.mark.parametrize("source", BLOCKS)
def test_blocks(source: str) -> None:
    """Headings, quotes, code, tables and definitions begin and end where GitHub has it."""
    one, two = shapes(source)
    assert one == BLOCKS[source]
    # Definitions are none of GitHub's, and pulldown-cmark knows no table that follows a paragraph without an empty line.
    if not source.startswith(("Term", "text\na | b")):
        assert one == two


def test_ordered_lists_start() -> None:
    """An ordered list begins with the number that was written."""
    assert '<ol start="3">' in render("3. a\n4. b", Options(), "x.md")[0]
    assert "<ol>" in render("1. a\n1. b", Options(), "x.md")[0].replace("<ol><", "<ol>\n<")


# Lists as people write them: consistent marks, nesting by two to four spaces, text that goes on, empty lines here and there.
_LINES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["- {}", "* {}", "1. {}", "{}", "{} goes on", "> {}", "# {}", "", "", "**{}**", "- [ ] {}", "`{}`"]),
        st.sampled_from(["word", "two words", "a [link](x.md)"]),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([2, 3, 4]), _LINES)
def test_random_lists(step: int, lines: list[tuple[int, str, str]]) -> None:
    """Whatever lists, quotes and headings are mixed, with whatever indentation, both engines see the same blocks."""
    source = "\n".join((" " * (step * depth) + form.format(word)) if form else "" for depth, form, word in lines)
    one, two = shapes(source)
    assert one == two
