"""YAML as text with positions: nothing is guessed, everything is bounded, every fault is told in plain words at its place."""

import unicodedata

import pytest
import yaml

from iopsgen import yamltext
from iopsgen.problems import Problem, has_errors
from iopsgen.yamltext import MAX_BYTES, MAX_DEPTH, MAX_FILE, Map, Node, Scalar, Seq, is_empty, parse, to_plain


def read(text: str) -> Node | None:
    """The root of a text without problems."""
    node, problems = parse(text, "f.yml")
    assert problems == []
    return node


def fault(text: str, **options: int) -> Problem:
    """The first problem of a text that has an error and so no root."""
    node, problems = parse(text, "f.yml", **options)
    assert problems and (node is None or not has_errors(problems) or isinstance(node, Map | Seq | Scalar))
    return problems[0]


def texts(text: str) -> dict[str, str]:
    """Keys and texts of a flat map."""
    node = read(text)
    assert isinstance(node, Map)
    return {key.text: value.text for key, value in node.pairs if isinstance(value, Scalar)}


# --- what stays as it is -------------------------------------------------------------------------------------------


def test_scalars_are_the_text_that_was_written() -> None:
    """What YAML would turn into a boolean, a number, a date or null stays a text."""
    written = {"a": "no", "b": "19:30", "c": "1.10", "d": "2026-10-28", "e": "0o14", "f": "~", "g": "Yes", "h": "1_000", "i": "12e03", "j": "null", "k": ".nan"}
    assert texts("".join(f"{key}: {value}\n" for key, value in written.items())) == written


def test_positions_are_lines_and_columns_of_the_file() -> None:
    """Lines and columns count from 1, lines from the line of the file on which the text starts."""
    node, _ = parse("a: x\nb:\n  - y\n  - {c: z}\n", "f", 10)
    assert isinstance(node, Map) and (node.line, node.column) == (10, 1)
    listed = node.pairs[1][1]
    assert isinstance(listed, Seq) and (listed.items[0].line, listed.items[0].column) == (12, 5)
    inner = listed.items[1]
    assert isinstance(inner, Map) and (inner.pairs[0][1].line, inner.pairs[0][1].column) == (13, 9)


def test_quoted_and_block_texts_are_not_plain() -> None:
    """Whether a text stood in quotes or behind `|` or `>` is kept: a comma in it then parts nothing."""
    node = read("a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: >\n  x\n")
    assert isinstance(node, Map)
    assert [value.plain for _, value in node.pairs if isinstance(value, Scalar)] == [True, False, False, False, False]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "---\n", "--- \n# x\n"])
def test_nothing_is_nothing(text: str) -> None:
    """A text without a value has no root and no problem."""
    assert read(text) is None


@pytest.mark.parametrize("loader", ["C", "Python"])
def test_both_loaders_see_the_same(loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the C library the pure one gives the same nodes and the same kinds of faults."""
    if loader == "Python":
        monkeypatch.setattr(yamltext, "_Loader", yaml.BaseLoader)
    assert texts("title: Grüße\nstart: 19:30\n") == {"title": "Grüße", "start": "19:30"}
    for text in ("a: b: c", "a: [x\nb: c\n", "a: 'x\n", "a: @b", "a: *b", "a: &b c", "a: !!python/object:os.system x", "\ta: b", "a: \x01"):
        assert fault(text).severity == "error"


# --- what nobody sees ----------------------------------------------------------------------------------------------


def test_composed_and_decomposed_letters_are_the_same() -> None:
    """Texts are in NFC, whatever the system on which they were typed: an id typed on a Mac is found on Linux."""
    decomposed = unicodedata.normalize("NFD", "café: Ünïcode 한국어\n")
    assert texts(decomposed) == {"café": "Ünïcode 한국어"}


@pytest.mark.parametrize("text", ["title:\u00a0Welcome\ndate: x\n", "\u00a0title: Welcome\n", "a: x\ntitle:\u00a0 Welcome\n"])
def test_no_break_spaces_between_key_and_value_are_spaces(text: str) -> None:
    """A no-break space, as word processors leave it behind, does not break a line; inside a text it stays."""
    assert texts(text)["title"] == "Welcome"
    assert texts("title: 10\u00a0km\n") == {"title": "10\u00a0km"}


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_line_ends_that_no_editor_knows_are_spaces(sign: str) -> None:
    """They neither end a value nor shift the lines of the problems that follow."""
    assert texts(f"a: x{sign}y\nb: z\n") == {"a": "x y", "b": "z"}
    place = fault(f"a: x{sign}y\nb: @z\n").place
    assert place is not None and (place.line, place.column) == (2, 4)


def test_escaped_control_characters_are_dropped() -> None:
    """Double quotes can write what no text needs; none of it comes in."""
    node = read('a: "x\\0\\x07\\e\\x9fy\\u2028z\\uFEFF"\n')
    assert isinstance(node, Map) and isinstance(node.pairs[0][1], Scalar) and node.pairs[0][1].text == "xy z"


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x0b", "\x0c", "\x7f", "\x9f", "\ufffe", "\ud800"])
def test_raw_control_characters_are_errors_at_their_place(sign: str) -> None:
    """A character that YAML refuses is named with line and column; it is never an exception."""
    problem = fault(f"title: x\nsummary: ab{sign}c\n")
    assert "control character" in problem.message and str(problem.place) == "f.yml:2:12"


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "words", "hint"),
    [
        ("title: Tea: a talk", "1:11", "second colon", 'title: "Welcome: a day out"'),
        ("title\ndate: x", "2:5", "line above", "colon"),
        ("title: x\n  date: y", "2:7", "further to the right", "same column"),
        ("a: @home", "1:4", "cannot start", "quotes"),
        ("a: `x`", "1:4", "cannot start", "quotes"),
        ("a: %x", "1:4", "cannot start", "quotes"),
        ("a: 'x\nb: y\n", "1:4", "never closed", "same sign"),
        ('a: "x\nb: y\n', "1:4", "never closed", "same sign"),
        ("a: 'it's late'", "1:8", "closing quote", "apostrophe twice"),
        ('a: "x" and y', "1:8", "closing quote", "whole text"),
        ('a: "C:\\path"', "1:7", "backslash", "single quotes"),
        ("tags: [a, b", "1:12", "square brackets", "[one, two]"),
        ("tags: [a\nb: c\n", "2:2", "square brackets", "[one, two]"),
        ("image: {src: x", "1:15", "braces", "{key: value"),
        ("a: - x", "1:4", "list cannot start here", "new line"),
        ("a:\n  - x\n - y\n", "3:2", "does not fit", "same column"),
        ("a: b\nfoo\n", "2:1", "`key: value`", "colon"),
        ("\ta: b", "1:1", "tab", "spaces"),
        ("a: b\n\tc: d\n", "2:1", "tab", "spaces"),
        ("a:\n\t- b\n", "2:1", "tab", "spaces"),
        ("a: |\n\tb\n", "2:1", "tab", "spaces"),
        ("a: *b", "1:4", "alias", "quotes"),
        ("a: &b c", "1:4", "anchor", "quotes"),
        ("a: !x y", "1:4", "tag", "quotes"),
        ("a: !!python/object/apply:os.system [x]", "1:4", "tag", "quotes"),
        ("<<: {a: b}", "1:1", "merge key", "_defaults.yml"),
        ("a: b\n---\nc: d\n", "2:1", "second document", "Remove"),
        ("a: x\nb: y\na: z\n", "3:1", 'stands here a second time; the first is on line 1', "Keep one"),
        ("? [a, b]\n: c\n", "1:3", "plain word", "key: value"),
        ("{", "1:2", "not closed", "[one, two]"),
        ("%YAML 9.9\n---\na: b\n", "1:1", "version", "Leave"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_plain_words(text: str, place: str, words: str, hint: str) -> None:
    """The message says what happened, where, and what to write instead, without the words of the library."""
    problem = fault(text)
    assert problem.severity == "error" and str(problem.place) == f"f.yml:{place}"
    assert words in problem.message and hint in problem.hint
    for jargon in ("mapping", "scalar", "token", "stream", "flow", "block", "node"):
        assert jargon not in problem.message


@pytest.mark.parametrize(
    ("line", "column"), [("title: Meeting #5", 16), ("title: #5", 8), ("title:   #hashtag and more", 10), ("- Meeting #5", 11), ("- #5", 3)]
)
def test_a_text_cut_off_by_a_hash_is_noticed(line: str, column: int) -> None:
    """`#` behind a space starts a remark: where no space follows it, somebody may have meant a number or a hashtag."""
    node, problems = parse(line, "f.yml")
    assert node is not None
    assert [(p.severity, str(p.place)) for p in problems] == [("warning", f"f.yml:1:{column}")] and "quotes" in problems[0].hint


@pytest.mark.parametrize("text", ["a: b # a remark", "# a remark\na: b", "a: '# x #y'", "a: b#c", "a: x  ## y", "a: |\n  b #c\n", "a: [b, c] # x\n"])
def test_remarks_are_no_problem(text: str) -> None:
    """A remark as people write it, and a `#` inside quotes, is nothing to talk about."""
    assert parse(text, "f.yml")[1] == []


# --- what is bounded -----------------------------------------------------------------------------------------------


def test_a_front_matter_is_bounded_in_bytes() -> None:
    """64 KiB are read, one byte more is not; letters of two bytes count twice. Whole files may be longer."""
    long = "a: " + "x" * (MAX_BYTES - 3)
    assert read(long) is not None
    assert "64 KiB" in fault(long + "x").message
    assert "64 KiB" in fault("a: " + "é" * (MAX_BYTES // 2)).message
    assert parse(long + "x", "f", limit=MAX_FILE)[1] == []
    assert "1024 KiB" in fault("a: " + "x" * MAX_FILE, limit=MAX_FILE).message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: "])
def test_depth_is_bounded(opening: str) -> None:
    """Twenty levels are read; deeper ones are refused at the first that is too deep, however many there are."""
    levels = opening.count("[") + opening.count("{") + opening.count("-")
    closing = opening.replace("- ", "")[::-1].replace("[", "]").replace("{", "}").replace(" :a", "")
    fits = MAX_DEPTH // levels
    assert read(opening * fits + "x" + closing * fits) is not None
    deep = fault(opening * (fits + 1) + "x" + closing * (fits + 1))
    assert "20 levels" in deep.message and deep.place is not None and deep.place.column > 1
    assert "20 levels" in fault((opening * 30_000)[:60_000]).message


def test_aliases_cannot_multiply() -> None:
    """The billion laughs end at the first anchor."""
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20))
    assert "anchor" in fault(bomb).message


def test_many_keys_and_many_remarks_take_no_time_to_speak_of() -> None:
    """A megabyte of keys, of entries and of `#` is read once through; nothing is looked at again and again."""
    for line in ("k%d: v\n", "- a #%d\n", "# %d #x\n"):
        text = "".join(line % n for n in range(MAX_FILE // 20))
        problems = parse(text, "f", limit=MAX_FILE)[1]
        assert not has_errors(problems) and len(problems) <= 50


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "''", '""', "~", "null", "NULL", "[]", "{}", "'  '", "|\n"])
def test_empty_values(value: str) -> None:
    """What browser editors write for nothing is nothing."""
    node = read(f"a: {value}\n")
    assert isinstance(node, Map) and is_empty(node.get("a")) and is_empty(node.get("b"))


@pytest.mark.parametrize("value", ["'null'", "'~'", "no", "0", "false", "none", "[a]", "{a: b}", "[[]]"])
def test_values_that_are_not_empty(value: str) -> None:
    """A word in quotes is that word, and `no`, `0` and `none` say something."""
    node = read(f"a: {value}\n")
    assert isinstance(node, Map) and not is_empty(node.get("a"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5), ("-5", -5), ("0", 0), ("1.5", 1.5), ("-0.25", -0.25), ("true", True), ("false", False),
        ("1.10", "1.10"), ("007", "007"), ("+44 20", "+44 20"), ("'5'", "5"), ("'true'", "true"), ("no", "no"), ("19:30", "19:30"),
        ("1e5", "1e5"), ("1_000", "1_000"), (".5", ".5"), ("5.", "5."), ("٥", "٥"), ("99999999999999999999", "99999999999999999999"),
        ("~", None), ("", None), ("''", ""), ("[1, x]", [1, "x"]), ("{x: {y: 1}}", {"x": {"y": 1}}), ("True", "True"), ("-", "-"),
    ],
)  # fmt: skip
def test_plain_values_lose_nothing(written: str, value: object) -> None:
    """Free data becomes numbers and booleans only where these are written just so."""
    node, _ = parse(f"a: {written}\n" if written != "-" else "a: '-'\n", "f")
    plain = to_plain(node)
    assert isinstance(plain, dict) and plain["a"] == value and type(plain["a"]) is type(value)
