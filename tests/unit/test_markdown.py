"""Markdown by both engines: what a page gets, and what the text says of itself."""

import re
import subprocess
import sys
from hashlib import blake2b

import pytest

from iopsgen.absolute import fill
from iopsgen.markdown import Options, plain_text, render, render_small
from iopsgen.model import Heading, Text
from tests.markup import shape, words

ENGINES = ("markdown", "commonmark")
both = pytest.mark.parametrize("engine", ENGINES)


def html(source: str, engine: str = "markdown", **options: object) -> str:
    return render(source, Options(engine=engine, **options), "x.md")[0]  # type: ignore[arg-type]


def text(source: str, engine: str = "markdown", first_line: int = 1) -> Text:
    return render(source, Options(engine=engine), "x.md", first_line)[1]  # type: ignore[arg-type]


def messages(source: str, engine: str = "markdown", first_line: int = 1, **options: object) -> list[tuple[int, str]]:
    problems = render(source, Options(engine=engine, **options), "x.md", first_line)[2]  # type: ignore[arg-type]
    assert all(p.place and p.place.file == "x.md" and p.hint for p in problems)
    return [(p.place.line if p.place else 0, p.message) for p in problems]


POST = """# Welcome, "friends"

We met in the *café* [^when] -- see [the plan](../pages/plan.md#today).

<!-- more -->

| day | time |
|:----|-----:|
| Mon | 19:30 |

- [x] book the room
- [ ] ask ~~Ann~~ Béla

![The room](room.jpg "Big")

```python
print("hello")
```

Term
: What it means

[^when]: On *Sunday*.
"""


@both
def test_post(engine: str) -> None:
    """One post shows every part: heading ids, notes, tables, tasks, pictures, code, definitions."""
    made, about, problems = render(POST, Options(engine=engine), "content/posts/x.md", 5)  # type: ignore[arg-type]
    assert problems == []
    assert '<h1 id="welcome-friends">Welcome, “friends”</h1>' in made
    assert '<sup class="footnote-ref" id="fnref:when"><a href="#fn:when" role="doc-noteref">1</a></sup> – see' in made
    assert re.search(r'<li id="fn:when"><p>On <em>Sunday</em>. <a class="footnote-backref" href="#fnref:when"', made)
    assert re.search(r'<td class="align-left">Mon</td>\s*<td class="align-right">19:30</td>', made)
    assert '<li class="task"><input type="checkbox" disabled checked aria-label="done">' in made
    assert "ask <del>Ann</del> Béla" in made
    assert '<span class="nb">print</span>' in made and '<pre class="codehilite"><code class="language-python">' in made
    assert re.search(r"<dl>\s*<dt>Term</dt>\s*<dd>What it means</dd>\s*</dl>", made)
    assert about.headings == (Heading(level=1, id="welcome-friends", title="Welcome, “friends”"),)
    assert [(t.url, t.attribute, t.line) for t in about.targets] == [("../pages/plan.md#today", "href", 7), ("room.jpg", "src", 18)]
    assert (about.more, about.code) == (True, True)
    assert about.summary == "Welcome, “friends” We met in the café – see the plan."
    assert about.digest == blake2b(made.encode(), digest_size=16).hexdigest()


def test_engines_agree() -> None:
    """Both engines give the same elements and the same Text, but for the digest."""
    (one, about_one, _), (two, about_two, _) = (render(POST, Options(engine=engine), "x.md") for engine in ENGINES)  # type: ignore[arg-type]
    assert shape(one) == shape(two)
    assert [getattr(about_one, name) for name in Text.__struct_fields__[1:]] == [getattr(about_two, name) for name in Text.__struct_fields__[1:]]


@both
def test_markers(engine: str) -> None:
    """What the site must resolve stands as a marker; addresses that are complete stay."""
    source = "[a](b.md) [c](/d/) [e](?f) [g](#h) [i](https://j.org/) [k](//l.org) [m](mailto:n@o.org) <img src=p.png alt=q srcset='r.png 2x, https://s.org/t.png 3x'>"
    made, about, _ = render(source, Options(engine=engine), "x.md")  # type: ignore[arg-type]
    assert [t.url for t in about.targets] == ["b.md", "/d/", "?f", "p.png", "r.png"]
    filled = fill(made, tuple(f"/site/{t.url}" for t in about.targets))
    assert "\x02" not in filled and 'href="/site/b.md"' in filled and 'href="#h"' in filled and 'href="//l.org"' in filled
    assert 'srcset="/site/r.png 2x, https://s.org/t.png 3x"' in filled


@both
def test_addresses_as_written(engine: str) -> None:
    """Other alphabets stand in a target as letters, spaces as %20, whichever way they were written."""
    targets = text("[a](café.md) [b](caf%C3%A9.md) [c](<a b.md>) [d](a%20b.md) [e](x&amp;y.md) [f](%FF.md)", engine).targets
    assert [t.url for t in targets] == ["café.md", "café.md", "a%20b.md", "a%20b.md", "x&y.md", "%FF.md"]


@both
def test_lines(engine: str) -> None:
    """Each target knows its line in the file, also where the same address stands twice."""
    source = "[a](x.md)\n\n[b][ref]\n\n[c](x.md)\n\n![d](<e f.png>)\n\n[ref]: y.md"
    assert {(t.url, t.line) for t in text(source, engine, 10).targets} == {("x.md", 10), ("y.md", 18), ("x.md", 14), ("e%20f.png", 16)}


@both
def test_heading_ids(engine: str) -> None:
    """Ids are made of the text in any script, each once; one that is written by hand stays."""
    source = "# Tea & coffee\n\n## Ünïcode Überschrift\n\n## 日本語 の 見出し\n\n## हिन्दी\n\n## Tea & coffee\n\n## !!!\n\n## `code` and *more*\n\nTitle {#own}\n====\n\n## tea-coffee-1"
    assert [h.id for h in text(source, engine).headings] == [
        "tea-coffee", "ünïcode-überschrift", "日本語-の-見出し", "हिन्दी", "tea-coffee-1", "section", "code-and-more", "own", "tea-coffee-1-1",
    ]  # fmt: skip
    assert [h.level for h in text(source, engine).headings][:2] == [1, 2]


@both
def test_ids_by_hand(engine: str) -> None:
    """An id stands once, whoever wrote it; the first keeps it, and an old anchor's name counts."""
    made = html('<a name="b"></a><i id="b">x</i> <u id=c>y</u>\n\n<p id=c>z</p>\n\n# b\n\n# C {#c}\n\n<p id="fn:1">n</p>\n\nx[^1]\n\n[^1]: y', engine)
    assert text("# x {#own}\n\n<i id=z>a</i> <a name=y></a>", engine).anchors == ("y", "z")
    ids = re.findall(r' id="([^"]*)"', made)
    assert sorted(ids) == ["b", "b-1", "c", "c-1", "fn:1", "fnref:1"] and made.index('<a id="b">') < made.index('id="b-1"')


@both
def test_ids_do_not_depend_on_quotes(engine: str) -> None:
    """The id of a heading is the same whether or not quotes are made typographic."""
    for title in ('"A" -- it\'s b...', "a--b", "x---y"):
        ids = {re.findall(r' id="([^"]*)"', html("# " + title, engine, smart_quotes=on, language=lang))[0] for on in (True, False) for lang in ("en", "fr", "de")}
        assert len(ids) == 1, title


@both
def test_contents(engine: str) -> None:
    """`[TOC]` alone in a paragraph becomes nested links to the headings; in a sentence it stays."""
    made = html("[TOC]\n\n## A\n\n### B\n\n### C\n\n## D <em>x</em>\n\nsee [TOC] there", engine)
    assert shape(made)[0] == (
        "div", [("ul", [("li", [("a", ["A"]), ("ul", [("li", [("a", ["B"])]), ("li", [("a", ["C"])])])]), ("li", [("a", ["D x"])])])],
    )  # fmt: skip
    assert '<a href="#b">B</a>' in made and "see [TOC] there" in made
    assert "[TOC]" not in html("[TOC]\n\ntext", engine)


@both
def test_contents_with_jumps(engine: str) -> None:
    """Headings that skip levels still give sound lists."""
    made = html("[TOC]\n\n### a\n\n# b\n\n#### c\n\n## d\n\n###### e\n\n# f", engine)
    assert shape(made)[0] == ("div", [("ul", [
        ("li", [("a", ["a"])]),
        ("li", [("a", ["b"]), ("ul", [("li", [("a", ["c"])]), ("li", [("a", ["d"]), ("ul", [("li", [("a", ["e"])])])])])]),
        ("li", [("a", ["f"])]),
    ])])  # fmt: skip


@both
def test_notes(engine: str) -> None:
    """Notes are numbered in the order of the text, link back from each reference, and may refer to one another."""
    source = "b[^b] a[^a] b[^b] none[^none]\n\n[^a]: Anna[^c]\n[^b]: Bea\n\n    more\n\n[^c]: Cleo[^d]\n[^unused]: Nobody\n\n[^d]: Dora"
    made = html(source, engine)
    assert re.findall(r'href="#fn:(\w)" role="doc-noteref">(\d)<', made) == [("b", "1"), ("a", "2"), ("b", "1"), ("c", "3"), ("d", "4")]
    assert re.findall(r'<li id="fn:(\w)">', made) == ["b", "a", "c", "d"]
    assert re.findall(r'class="footnote-backref" href="#(fnref:[\w:]+)"', made) == ["fnref:b", "fnref:b:2", "fnref:a", "fnref:c", "fnref:d"]
    assert len(set(re.findall(r' id="([^"]*)"', made))) == len(re.findall(r' id="([^"]*)"', made))
    assert "none[^none]" in made and "Nobody" not in made
    assert messages(source, engine, 3) == [(11, "Nothing refers to the footnote [^unused], so it is not shown.")]


@both
def test_summary(engine: str) -> None:
    """Without a mark the summary is the first paragraph, whole words, at most 300 characters."""
    assert text("# Title\n\n> quoted\n\n![pic](x.jpg)\n\nFirst *one* &amp; `two`.\n\nSecond.", engine).summary == "First one & two."
    long = text("word " * 200, engine).summary
    assert len(long) <= 300 and long.endswith("word…") and not text("word " * 200, engine).more
    assert len(text("x" * 1000, engine).summary) == 300
    assert text("- only\n- a list", engine).summary == "only a list"
    assert text("", engine).summary == ""


@both
@pytest.mark.parametrize("mark", ["<!-- more -->", "<!--more-->", "<!-- More… -->"])
def test_more(engine: str, mark: str) -> None:
    """`<!-- more -->` ends the summary, on its own line or inside a paragraph, however much HTML is allowed."""
    for trust in ("trusted", "restricted", "none"):
        made, about, problems = render(f"One.\n\nTwo.\n\n{mark}\n\nThree.", Options(engine=engine, html=trust), "x.md")  # type: ignore[arg-type]
        assert (about.summary, about.more, problems) == ("One. Two.", True, []) and "more" not in made.lower()
    assert text(f"One {mark} two", engine).summary == "One"
    assert text(f"{mark}\n\nOne", engine).summary == "One"
    assert not text(f"One `{mark}` two", engine).more


@both
def test_words(engine: str) -> None:
    """Words are counted in the text alone; a Chinese or Japanese character counts as one."""
    assert text("It's *one* -- two [three](four.md), `five`\n\n- six", engine).words == 6
    assert text("日本語 and 中文", engine).words == 6
    assert text("안녕하세요 여러분", engine).words == 2
    assert text("![alt](x.png)", engine).words == 0


@both
def test_bare_addresses(engine: str) -> None:
    """Bare addresses become links as on GitHub: without the sentence's punctuation, not inside code or links."""
    cases = {
        "see https://x.org/a_b_c.": "https://x.org/a_b_c",
        "(https://x.org/a)": "https://x.org/a",
        "https://x.org/a_(b)!": "https://x.org/a_(b)",
        "www.x.org, yes": "http://www.x.org",
        "https://x.org/__init__.py ok": "https://x.org/__init__.py",
        "https://x.org/*a*b": "https://x.org/*a*b",
        "https://x.org/?a=1&b=2": "https://x.org/?a=1&b=2",
        "**https://x.org/a_b**": "https://x.org/a_b",
        "write to me.too+x@x-y.org.": "mailto:me.too+x@x-y.org",
        "HTTPS is https://x.org/~ann/": "https://x.org/~ann/",
        "「https://x.org/」です": "https://x.org/",
        "<https://x.org/é>": "https://x.org/é",
    }
    for source, expected in cases.items():
        found = re.findall(r'href="([^"]*)"', html(source, engine))
        assert [f.replace("&amp;", "&").replace("%C3%A9", "é") for f in found] == [expected], source
    for source in ("`https://x.org`", "    https://x.org", "a@b", "x://y.org", "http://", "www.", "@ann@x.org", "nothttps://"):
        assert "<a" not in html(source, engine), source
    assert html("[https://x.org/a_b](https://y.org/c_d)", engine).count("<a") == 1


@both
def test_odd_characters(engine: str) -> None:
    """Byte order marks, CRLF, tabs, form feeds, control characters and lone surrogates come out as text or not at all."""
    assert shape(html("\ufeff# A\r\n\r\n- a\r\n- b\r\n", engine)) == [("h1", ["A"]), ("ul", [("li", ["a"]), ("li", ["b"])])]
    made, about, _ = render("a\x00b\x02\x030\x03 \x0c c\x1b [x](y.md)\x85 \ud800 &#2;0&#3; \ufffe", Options(engine=engine), "x.md")  # type: ignore[arg-type]
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe]", made) == ["\x02", "\x03"] and len(about.targets) == 1
    assert words(made.replace("\x02", "").replace("\x03", "")) == "ab0 c x \ufffd 0"
    assert "a\u00a0b" in words(html("a\u00a0b", engine).replace("&nbsp;", "\u00a0")) or "a b" in words(html("a\u00a0b", engine))
    assert shape(html("-\ta\n-\tb\n\n\t- c", engine)) == shape(html("-   a\n-   b\n\n    - c", engine))
    assert "\tcd" in html("```\n\tcd\n```", engine)


@both
def test_pictures_without_description(engine: str) -> None:
    """A picture without a description is a warning with its line, unless an empty alt was written by hand."""
    source = 'text\n\n![](a.jpg)\n\n![ok](b.jpg) <img src="c.jpg" alt="">\n\n<img src="d.jpg">'
    said = "A picture has no description for people who cannot see it."
    assert messages(source, engine, 4) == [(6, said), (10, said)]


@both
def test_links_without_address(engine: str) -> None:
    """A link that leads nowhere is said."""
    assert messages("a\n\n[x]()", engine) == [(3, "A link has no address.")]


@both
def test_too_long(engine: str) -> None:
    """More than a mebibyte of text is refused."""
    made, about, problems = render("a " * 600_000, Options(engine=engine), "x.md", 7)  # type: ignore[arg-type]
    assert (made, about, [p.severity for p in problems]) == ("", Text(), ["error"])
    assert "longer than" in problems[0].message and str(problems[0].place) == "x.md:7"


@both
def test_code(engine: str) -> None:
    """Code keeps every character; languages that nobody knows stay plain."""
    source = '```js\nlet a = "<b>" && \'c\' -- d...;\n```\n\n~~~ {.unknownish}\n<x> & "y"\n~~~\n\n    <i> "z"\n\n`<u> "--"`'
    made = html(source, engine)
    assert [e for e in shape(made) if e[0] == "pre"][1:] == [("pre", [("code", ['<x> & "y"'])]), ("pre", [("code", ['<i> "z"'])])]  # type: ignore[index]
    assert 'let a = "<b>" && \'c\' -- d...;' in words(made) and '<u> "--"' in words(made)
    assert text(source, engine).code and not text("```\nplain\n```", engine).code


@both
def test_small(engine: str) -> None:
    """A short text inside a page has no ids and no markers, and is as safe as any."""
    made = render_small("# Hi\n\nI am *Ann* of [Leeds](/leeds/)[^1] <script>x</script><a id=y>z</a>\n\n[^1]: n", Options(engine=engine))  # type: ignore[arg-type]
    assert " id=" not in made and "\x02" not in made and "script" not in made and '<a href="/leeds/">' in made


def test_plain_text() -> None:
    """Only words remain of HTML, blocks apart and inline elements together."""
    source = '<p>a<b>b</b>c &amp; d</p><ul><li>e</li><li>f<br>g</li></ul><script>h</script><style>i</style><!-- j --><img alt="k">'
    assert plain_text(source) == "abc & d e f g"
    assert plain_text('<a href="\x020\x03">x</a>') == "x"


@both
def test_percentages(engine: str) -> None:
    """A percent sign before a number is no encoded character, in a text or in code."""
    for trust in ("restricted", "none"):
        made = html("%10 indirim, %04 `%05` 100%07 <https://x.org/a_b%20c> [y](z%20_1.md) < b", engine, html=trust)
        assert words(made).startswith("%10 indirim, %04 %05 100%07 https://x.org/a_b%20c y < b")
        assert 'href="https://x.org/a_b%20c"' in made


@both
def test_comment_never_closed(engine: str) -> None:
    """A comment that hides the rest of a text is said."""
    assert messages("a\n\n<!-- b\n\nc", engine) == [(3, "A comment is never closed, so everything after it is hidden.")]
    assert messages("a <!-- b --> c `<!--`\n\n    <!-- d", engine) == []


@both
def test_hard_breaks_and_escapes(engine: str) -> None:
    """Two spaces or a backslash break a line; a backslash takes the meaning from any punctuation."""
    assert html("a  \nb\\\nc\nd", engine).count("<br>") == 2
    assert words(html(r"\*a\* \<b\> \~~c~~ \`d\` \[e](f) \# \| 1\. \&amp;", engine, smart_quotes=False)) == "*a* <b> ~~c~~ `d` [e](f) # | 1. &amp;"


def test_extra_family() -> None:
    """The default engine has the extra family of Python-Markdown: attributes and abbreviations."""
    made = html("The HTML way.\n{: .note }\n\n## A {#b}\n\n*[HTML]: Hypertext")
    assert '<p class="note">The <abbr title="Hypertext">HTML</abbr> way.</p>' in made and '<h2 id="b">A</h2>' in made


@both
def test_same_bytes(engine: str) -> None:
    """A text gives the same bytes whatever was rendered before it."""
    options = Options(engine=engine)  # type: ignore[arg-type]
    first = render(POST, options, "x.md")
    render("[^when]: other\n\n[the plan]: /x\n\n*[met]: y\n\n# Welcome, friends", options, "x.md")
    assert render(POST, options, "x.md") == first


def test_imports_nothing_early() -> None:
    """Importing the room imports neither Python-Markdown nor Pygments nor the CommonMark engine."""
    code = "import sys, iopsgen.markdown; print([m for m in ('markdown', 'pygments', 'pyromark') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    code = "import sys; from iopsgen.markdown import *; render('# a', Options(), 'x'); print('pygments' in sys.modules, 'pyromark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False False"
