"""Fields give types: each value is read as people write it, or refused with what to write instead."""

from typing import Any

import pytest

from iopsgen.fields import (
    Anything,
    Country,
    Either,
    Email,
    Field,
    Flag,
    Geo,
    Language,
    ListOf,
    MomentField,
    Name,
    OneOf,
    Record,
    Report,
    Table,
    Text,
    WebAddress,
    Whole,
    Zone,
    duration,
)
from iopsgen.problems import Problem
from iopsgen.read.frontmatter import PERSON, RECORDS, VENUE, OldAddress
from iopsgen.settings import SETTINGS, LinksField
from iopsgen.yamltext import Map, parse


def read(field: Field, written: str) -> tuple[Any, list[Problem]]:
    """What a field makes of a value as it is written in YAML."""
    node, problems = parse(f"key: {written}\n", "f.yml")
    assert problems == [] and isinstance(node, Map)
    report = Report("f.yml")
    value = node.pairs[0][1]
    return (None if field.is_absent(value) else field.read(value, report)), report.problems


def good(field: Field, written: str) -> Any:
    """The value, without problems."""
    value, problems = read(field, written)
    assert problems == [], (written, problems)
    return value


def bad(field: Field, written: str) -> Problem:
    """The one problem, at the value."""
    value, problems = read(field, written)
    assert value in (None, (), {}) and len(problems) == 1, (written, value, problems)
    assert problems[0].place is not None and problems[0].place.line == 1 and problems[0].place.column >= 1
    return problems[0]


def test_texts() -> None:
    """A text is what was written, on one line unless it may be long; a list is none."""
    assert good(Text(), "1.10") == "1.10" and good(Text(), "no") == "no" and good(Text(), "'Tea: a talk'") == "Tea: a talk"
    assert good(Text(), "'  two\n\n    lines '") == "two lines"
    assert good(Text(long=True), "|\n  one\n\n  two\n") == "one\n\ntwo"
    assert "not a list" in bad(Text(), "[a, b]").message and "not keys" in bad(Text(), "{a: b}").message


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), ("Yes", True), ("ON", True), ("false", False), ("No", False), ("off", False), ("'true'", True)]
)
def test_flags(written: str, value: bool) -> None:
    """Yes and no in the words people use."""
    assert good(Flag(), written) is value


def test_flags_refused() -> None:
    """Anything else is no answer."""
    assert bad(Flag(), "maybe").hint == "Write true or false."
    assert "maybe" in bad(Flag(), "maybe").message and bad(Flag(), "1").message


def test_whole_numbers() -> None:
    """Within bounds, with thousands parted by spaces or underscores; nothing with a fraction."""
    assert good(Whole(1, 5000), "1 200") == 1200 and good(Whole(0), "0") == 0 and good(Whole(1, 5000), "1_200") == 1200
    for wrong in ("1.5", "0", "6000", "-1", "five", "٥", "1e3", "0x10"):
        assert "1 to 5000" in bad(Whole(1, 5000), wrong).message


def test_words_of_a_few() -> None:
    """Capitals, spaces and other words for the same do not matter; a slip of the pen is recognised."""
    field = OneOf("scheduled", "cancelled", "moved-online", also={"canceled": "cancelled"})
    assert good(field, "Moved online") == "moved-online" and good(field, "canceled") == "cancelled" and good(field, "moved_online") == "moved-online"
    assert 'Did you mean "cancelled"?' in bad(field, "canceld").hint and "Possible: scheduled" in bad(field, "x").hint


@pytest.mark.parametrize("name", ["london", "London", "london-2", "日本", "a b", "café"])
def test_names(name: str) -> None:
    """A part of an address in any script."""
    assert good(Name(), f"'{name}'") == name


@pytest.mark.parametrize("name", ["a/b", "../x", "..", ".hidden", "con", "a:b", "a*", "x" * 200, "a\\\\b"])
def test_names_refused(name: str) -> None:
    """Nothing that leads elsewhere, and nothing that some system cannot hold."""
    assert "cannot be part of an address" in bad(Name(), f'"{name}"').message


@pytest.mark.parametrize("address", ["https://example.org", "http://example.org/a?b=c#d", "HTTPS://Example.org/", "https://münchen.example/", "https://[::1]/x", "https://a.b:8080/x"])
def test_web_addresses(address: str) -> None:
    """Addresses in full stay as they are written."""
    assert good(WebAddress(), f'"{address}"') == address


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//example.org/x", "about", "https://", "https:///x", "http://[", "ftp://example.org", "https://a b", "java\\tscript:x", "vbscript:x", "https://x\\u2028y", '\\"https://x', "file:///etc/passwd"],
)
def test_web_addresses_refused(address: str) -> None:
    """Other schemes, halves of addresses, and spaces in them."""
    assert "is not a web address" in bad(WebAddress(), f'"{address}"').message
    assert address.startswith("about") or bad(WebAddress(local=True, mail=True), f'"{address}"')


def test_web_addresses_without_a_scheme() -> None:
    """Who leaves out https:// is shown the whole address."""
    assert bad(WebAddress(), "www.example.org/tea").hint == "Write for example: https://www.example.org/tea"
    assert good(WebAddress(local=True), "../posts/a.md") == "../posts/a.md"
    assert good(WebAddress(mail=True), "tea@example.org") == "mailto:tea@example.org" == good(WebAddress(mail=True), '"mailto:tea@example.org"')


def test_mail_addresses() -> None:
    """A mailbox, and nothing that could be two, a header or a name."""
    assert good(Email(), "tea.time+x@example.org") == "tea.time+x@example.org" and good(Email(), "jürgen@köln.example") == "jürgen@köln.example"
    for wrong in ("tea", "a@b@c", "Tea <a@b.org>", "a@b.org, c@d.org", '"a@b.org\\r\\nBcc: x@y.org"', "a b@c.org", "a@"):
        assert "not a mail address" in bad(Email(), f"'{wrong}'" if '"' not in wrong else wrong).message


def test_zones_languages_countries() -> None:
    """Zones by Area/City, languages by code in the usual spelling, countries by the codes that exist."""
    assert good(Zone(), "Europe/London") == "Europe/London" and bad(Zone(), "GMT+1").hint
    assert [good(Language(), code) for code in ("EN", "pt_br", "zh-hant-tw", "es-419", "cy")] == ["en", "pt-BR", "zh-Hant-TW", "es-419", "cy"]
    for wrong in ("english", "e", "en-", "../x", "en/x"):
        assert bad(Language(), wrong)
    assert good(Country(), "gb") == "GB"
    assert bad(Country(), "UK").hint == "Write GB for the United Kingdom." and bad(Country(), "ZZ") and bad(Country(), "Spain")


@pytest.mark.parametrize(
    "written", ["[51.5, -0.12]", "['51.5', ' -0.12']", "'51.5, -0.12'", "51.5 -0.12", "51.5;-0.12", "{lat: 51.5, lon: -0.12}", "{latitude: 51.5, Longitude: -0.12}", "{lat: 51.5, lng: -0.12}"]
)
def test_positions(written: str) -> None:
    """A list, a text or keys: latitude and longitude."""
    assert good(Geo(), written) == (51.5, -0.12)


@pytest.mark.parametrize("written", ["[91, 0]", "[0, 181]", "[1]", "[1, 2, 3]", "here", "[nan, nan]", "[inf, 0]", "[a, b]", "{x: 1}", "[[1], [2]]", "'51,5; 0,1'"])
def test_positions_refused(written: str) -> None:
    """Nothing off the earth, and nothing that is no number."""
    assert "position on the earth" in bad(Geo(), written).message


def test_lists() -> None:
    """One value is a list of one; commas part plain texts, not those in quotes; what is empty in a list is not there."""
    names = ListOf(Text(), commas=True)
    assert good(names, "a, b ,c") == ("a", "b", "c") == good(names, "[a, b, c]") and good(names, "'Smith, Ann'") == ("Smith, Ann",)
    assert good(names, "a") == ("a",) and good(names, "[a, '', ~, b]") == ("a", "b") and good(names, "a,,b,") == ("a", "b")
    assert good(names, "\n  - a\n  -\n  - b") == ("a", "b")
    assert good(ListOf(Text()), "a, b") == ("a, b",)
    value, problems = read(names, "[a, [b, c], {d: e}]")
    assert value == ("a",) and len(problems) == 2


def test_tables_and_choices() -> None:
    """Names that the author chooses, in their order; a text or keys, each read in its own way."""
    assert list(good(Table(Text()), "{b: x, a: y, c: }").items()) == [("b", "x"), ("a", "y")]
    assert "Keys with values" in bad(Table(Text()), "x").message
    either = Either(Text(), Record({"src": Text()}))
    assert good(either, "a.jpg") == "a.jpg" and good(either, "{src: a.jpg}") == {"src": "a.jpg"} and good(either, "{src: ''}") is None
    assert good(Anything(), "{a: [1, x]}") == {"a": [1, "x"]}


def test_lengths_and_moments_keep_their_place() -> None:
    """A moment knows the line and column where it stands; a length of time is one."""
    moment = good(MomentField(), "2026-10-28 19:30")
    assert (moment.line, moment.column, moment.has_time) == (1, 6, True)
    assert good(duration(), "2h 30m").total_seconds() == 9000
    assert bad(MomentField(), "03/04/2012").hint and bad(duration(), "long").hint


RECORD = Record({"title": Text(), "image_alt": Text(), "draft": Flag(), "tags": ListOf(Text()), "image": Record({"src": Text(), "alt": Text()}, ("src",))}, ("title",), unknown="warning", what="in a post", foreign={"layout": "Use template."})  # fmt: skip


def test_keys_in_other_spellings() -> None:
    """Capitals and hyphens in keys do not matter."""
    assert good(RECORD, "{TITLE: x, Image-Alt: y, Draft : yes}") == {"title": "x", "image_alt": "y", "draft": True}


def test_the_same_key_in_two_spellings() -> None:
    """It is noticed, and the first counts."""
    value, problems = read(RECORD, "\n  title: a\n  Title: b")
    assert value == {"title": "a"} and problems[0].message == '"Title" is the same key as "title" on line 2.' and str(problems[0].place) == "f.yml:3:3"


def test_unknown_keys() -> None:
    """The nearest key is named, a word of another program is translated, else all keys are listed."""
    value, problems = read(RECORD, "{title: a, darft: yes, layout: x, zzz: y}")
    assert value == {"title": "a"} and [p.severity for p in problems] == ["warning"] * 3
    assert problems[0].hint == 'Did you mean "draft"?' and problems[1].hint == "Use template." and problems[2].hint.startswith("Possible keys: draft,")


def test_empty_values_are_no_keys() -> None:
    """Texts, lists and records that say nothing, however deep, are the same as no key; required ones are then missing."""
    assert good(RECORD, "{title: x, tags: [''], image: {src: '', alt: ~}, draft: }") == {"title": "x"}
    assert bad(RECORD, "{title: '', draft: no}").message == '"title" is missing in a post.'
    assert "src" in read(RECORD, "{title: x, image: {alt: y}}")[1][0].message


def test_a_wrong_required_value_is_told_once() -> None:
    """Where a key is there with a wrong value, it is not said to be missing, too."""
    value, problems = read(Record({"url": WebAddress()}, ("url",)), "{url: nonsense}")
    assert value is None and len(problems) == 1 and "not a web address" in problems[0].message


def test_links() -> None:
    """A list of titles and addresses, or a map from titles to addresses."""
    for written in ("[{title: A, url: 'https://a.example'}]", "{A: 'https://a.example'}", "{title: A, url: 'https://a.example'}"):
        assert [(link.title, link.url) for link in good(LinksField(), written)] == [("A", "https://a.example")]
    assert bad(LinksField(), "{A: 'javascript:x'}") and bad(LinksField(), "https://a.example") and bad(LinksField(), "[{title: A}]")


@pytest.mark.parametrize(
    ("written", "path"),
    [("/old/", "/old/"), ("old/x.html", "/old/x.html"), ("/caf%C3%A9/", "/café/"), ("'/a b/'", "/a b/"), ("'/?p=12'", "/?p=12"), ("/x.php?a=%20b", "/x.php?a=%20b")],
)
def test_old_addresses(written: str, path: str) -> None:
    """Paths from the root of the site, decoded; a question stays as it is."""
    assert good(OldAddress(), written) == path


@pytest.mark.parametrize("written", ["https://old.example/x/", "//x/y", "'/x#y'", "/", "'/?'", "../x", "/a/../../b", "'*'", "'a:b/c'", "'C:\\x'", "/%2e%2e/x", "/a%00b", "'http://['", "/con/"])
def test_old_addresses_refused(written: str) -> None:
    """Whole addresses, fragments, ways out, the home page, and what no file can be called."""
    assert "cannot be an old address" in bad(OldAddress(), written).message


def test_every_record_describes_itself() -> None:
    """Each record has a JSON Schema with all its keys; every key has an example or a list of words that it reads itself."""
    for record in (*RECORDS.values(), PERSON, VENUE, SETTINGS):
        schema = record.schema()
        assert schema["type"] == "object" and set(schema["properties"]) == set(record.fields)
        assert set(schema.get("required", ())) <= set(record.fields)
        for name, field in record.fields.items():
            if isinstance(field, Record) or (isinstance(field, Either) and field.example == "text"):
                continue
            _, problems = read(field, field.example)
            assert not [p for p in problems if p.severity == "error"], (name, field.example, problems)
