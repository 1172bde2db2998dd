"""Quotation marks, apostrophes, dashes and dots, as each language writes them."""

import pytest

from iopsgen.markdown import Options, render
from tests.markup import words

N = "\u202f"  # narrow no-break space
QUOTED = {
    "en": "“a ‘b’ c”",
    "en-GB": "“a ‘b’ c”",
    "cy": "“a ‘b’ c”",
    "es": "«a “b” c»",
    "es-MX": "“a ‘b’ c”",
    "fr": f"«{N}a “b” c{N}»",
    "de": "„a ‚b‘ c“",
    "de-CH": "«a ‹b› c»",
    "pt": "“a ‘b’ c”",
    "pt_BR": "“a ‘b’ c”",
    "it": "«a “b” c»",
    "el": "«a “b” c»",
    "ar": "«a “b” c»",
    "ja": "「a 『b』 c」",
    "tr": "“a ‘b’ c”",
    "pl": "„a «b» c”",
    "sv": "”a ’b’ c”",
}


def rendered(source: str, language: str = "en", engine: str = "markdown", **options: object) -> str:
    return render(source, Options(engine=engine, language=language, **options), "x.md")[0]  # type: ignore[arg-type]


def dressed(source: str, language: str = "en", engine: str = "markdown") -> str:
    made = rendered(source, language, engine)
    return words(made) if N not in made else made.removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize("language", QUOTED)
@pytest.mark.parametrize("engine", ["markdown", "commonmark"])
def test_languages(language: str, engine: str) -> None:
    """A quotation and one inside it get the marks of the language."""
    assert dressed("\"a 'b' c\"", language, engine) == QUOTED[language]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("it's Ann's", "it’s Ann’s"),
        ("the '90s, '80s", "the ’90s, ’80s"),
        ("rock 'n' roll, 'tis", "rock ’n’ roll, ’tis"),
        ("the members' room", "the members’ room"),
        ("'Hello,' she said", "‘Hello,’ she said"),
        ('("yes")', "(“yes”)"),
        ('"*Hello*" and "**you**"', "“Hello” and “you”"),
        ('*"Hello"* and **"you"**', "“Hello” and “you”"),
        ('"[a](b.md)" and [a "b"](c.md)', "“a” and a “b”"),
        ('"`code`" and `"code"`', "“code” and \"code\""),
        ('say "a"; then "b".', "say “a”; then “b”."),
        ('"one\ntwo"', "“one two”"),
        ('a 12" record, 5\'10 tall', 'a 12" record, 5\'10 tall'),
        ('in "2012"', "in “2012”"),
        ("a -- b --- c", "a – b — c"),
        ("1990--2000", "1990–2000"),
        ("use --help and --dry-run", "use --help and --dry-run"),
        ("a ---- b", "a ---- b"),
        ("wait... what....", "wait… what...."),
        ("&quot;a&quot; &#39;b&#39;", "“a” ‘b’"),
        ('a &nbsp;"b"', "a “b”"),
        ("<kbd>\"</kbd> <samp>'</samp> <span title=\"it's\">x</span>", "\" ' x"),
        ('\\"a\\"', "“a”"),
    ],
)
@pytest.mark.parametrize("engine", ["markdown", "commonmark"])
def test_signs(source: str, expected: str, engine: str) -> None:
    """Signs become typographic where they stand in a sentence, and stay in code, in measures and in options of programs."""
    assert dressed(source, engine=engine).replace("\u00a0", "").replace("  ", " ") == expected


def test_without_spaces() -> None:
    """In Japanese and Chinese, quotations stand between characters without spaces."""
    assert dressed('彼は"はい"と言った。"いいえ"。', "ja") == "彼は「はい」と言った。「いいえ」。"
    assert dressed('他说"好"。', "zh") == "他说“好”。"


def test_addresses_and_attributes_stay() -> None:
    """Addresses that become links, and values of attributes, keep their signs."""
    made = rendered("see https://x.org/it's--a...b \"now\" <a href=\"y--z'.md\" title=\"don't\">q</a> ![it's](a.png \"b--c\")")
    assert "https://x.org/it's--a...b</a> “now”" in made
    assert 'title="don\'t"' in made and 'alt="it\'s"' in made and 'title="b--c"' in made


def test_blocks_begin_anew() -> None:
    """A quotation that is never closed does not change the next paragraph, item or cell."""
    assert dressed('"a\n\n"b"\n\n- "c\n- "d"') == "“a “b” “c “d”"


def test_off() -> None:
    """Without smart quotes every sign stays."""
    assert words(rendered("\"it's\" -- ...", smart_quotes=False)) == "\"it's\" -- ..."
