"""Laws of the Markdown room that hold for every text."""

import re
from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

from iopsgen.absolute import fill
from iopsgen.markdown import Options, comment_html, plain_text, render, render_small
from tests.markup import dangers, parse
from tests.unit.test_markdown_safety import check_comment

_SCRAPS = [
    "# ", "- ", "1. ", "> ", "```\n", "~~~py\n", "    ", "\t", "\n", "\n\n", "  \n", "---\n", "===\n", "***", "**", "*", "_", "__", "~~", "`", "``",
    "[", "](", ")", "](x.md)", "![", "[^1]", "[^1]: ", "[a]: b 'c'\n", "[a]", "[TOC]", "|", "\n|-|-|\n", "a | b", ": ", "*[a]: b\n", "{#", "{: .", "}",
    "<", ">", "<b>", "</b>", "<div>", "</div>", "<p", "<a href=", "<img src=x ", "<!--", "-->", "<!-- more -->", "<script>", "</script>", "<iframe src=//a>",
    "<table><td>", "<svg>", "<pre>", "</pre>", "<code>", "<center>", "<ul><li>", "<sup class=\"footnote-reference\"><a href=\"#1\">", "</a></sup>",
    "<div class=\"footnote-definition\" id=\"1\">", "javascript:", "https://", "https://a.b/c_d", "www.", "a@b.cd", "\"", "'", "--", "...", "\\", "&", "&amp;",
    "&#2;", "&#3;", "&#5;", "&#14;", "\x020\x03", "\x02klzzwxh:0000\x03", "\x04", "\x05", "\x08", "\x0e", "\x00", "\r\n", "\ufeff", "\u00a0", "\u2028",
    "\ud800", "é", "日本", "😀", "\u0301", "\u202e", "a", "word", " ", "0", "%05", "- [ ] ", "- [x] ", "style=", "onclick=", "align=right",
]  # fmt: skip
_TEXTS = st.one_of(st.lists(st.sampled_from(_SCRAPS), max_size=25).map("".join), st.text(max_size=80))
_OPTIONS = st.builds(
    Options,
    engine=st.sampled_from(["markdown", "commonmark"]),
    language=st.sampled_from(["en", "fr", "de", "ja", "xx", ""]),
    html=st.sampled_from(["trusted", "restricted", "none"]),
    smart_quotes=st.booleans(),
)


@settings(max_examples=700, deadline=None)
@given(_TEXTS, _OPTIONS)
def test_every_text_renders(source: str, options: Options) -> None:
    """No text raises; each marker stands once, for a target that there is; the digest is that of the HTML."""
    html, text, problems = render(source, options, "a.md", 3)
    markers = list(map(int, re.findall("\x02([0-9]+)\x03", html)))
    assert len(markers) == len(set(markers)) == html.count("\x02") == html.count("\x03")
    assert set(markers) <= set(range(len(text.targets)))  # a note to which nothing refers takes its targets along
    assert not re.search("[\x00-\x01\x04-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", html)
    assert text.digest == blake2b(html.encode(), digest_size=16).hexdigest()
    assert render(source, options, "a.md", 3) == (html, text, problems)
    lines = re.sub("\r\n?", "\n", source).count("\n") + 3
    assert all(t.line == 0 or 3 <= t.line <= lines for t in text.targets)
    assert all(p.place and p.place.file == "a.md" and 3 <= p.place.line <= lines and p.message and p.hint for p in problems)
    assert "\n" not in text.summary and (text.more or len(text.summary) <= 300)
    assert re.search("[\x00-\x08\x0b-\x1f]", text.summary) is None


@settings(max_examples=500, deadline=None)
@given(_TEXTS, _OPTIONS)
def test_every_text_is_safe(source: str, options: Options) -> None:
    """Nothing that runs comes out of any text of somebody who is not trusted, and ids stand once."""
    html, text, _ = render(source, options, "a.md")
    filled = fill(html, tuple(t.url for t in text.targets))
    if options.html != "trusted":
        assert dangers(filled) == []
        assert dangers(render_small(source, options)) == []
    ids = [element.attrib["id"] for element in parse(filled).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    for heading in text.headings:
        assert heading.id in ids and 1 <= heading.level <= 6 and "\x02" not in heading.title


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.sampled_from(["markdown", "text", "html"]))
def test_every_comment_is_safe(source: str, format: str) -> None:
    """No comment raises, or holds more than comments may."""
    check_comment(comment_html(source, format))  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_text_comments_lose_nothing(source: str) -> None:
    """Of a comment in plain text every character that can be seen is on the page."""
    seen = "".join("".join(parse(comment_html(source, "text")).itertext()).split())
    kept = re.sub("[\x00-\x1f\x7f-\x9f\ufffe\uffff]", "", re.sub("[\ud800-\udfff]", "\ufffd", source.removeprefix("\ufeff").replace("\x85", " ")))
    assert seen == "".join(kept.split())


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_plain_text_is_plain(source: str) -> None:
    """The words of a rendered text are one line without markup."""
    html, _, _ = render(source, Options(html="none"), "a.md")
    said = plain_text(html)
    assert "\n" not in said and "\x02" not in said
