"""Addresses that work on every host: slugs from titles in any script, and the checks that keep a path inside the site."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopsgen.slugs import MAX_SEGMENT, fault_of_route, fault_of_segment, file_of, fold, slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Welcome: a day out", "welcome-a-day-out"),
        ("It's “here” — at last!", "its-here-at-last"),
        ("Bread & cheese", "bread-and-cheese"),
        ("Ünïcode, Łódź, Ærø, Søren, Đà Nẵng", "unicode-lodz-aero-soren-da-nang"),
        ("L’été à Besançon", "lete-a-besancon"),
        ("¿Qué haremos?", "que-haremos"),
        ("İstanbul ve ılık", "istanbul-ve-ilik"),
        ("Straße", "strasse"),
        ("ΞΕΝΟΣ Ξένος", "ξενος-ξένος"),
        ("Ёлка и чай", "ёлка-и-чай"),
        ("日本語の会", "日本語の会"),
        ("مرحبا بالعالم", "مرحبا-بالعالم"),
        ("हिन्दी में", "हिन्दी-में"),
        ("한국어 모임", "한국어-모임"),
        ("a_b/c.d", "a-b-c-d"),
        ("  --- x ---  ", "x"),
        ("2026-10-05", "2026-10-05"),
        ("con", "con-1"), ("COM1", "com1-1"), ("Con mucho", "con-mucho"),
        ("🎉", ""), ("...", ""), ("", ""), ("?!", ""),
    ],
)  # fmt: skip
def test_slugs(title: str, slug: str) -> None:
    """Lower case, words joined by hyphens; accents of Latin letters go, letters of every script stay."""
    assert slugify(title) == slug
    assert slugify(unicodedata.normalize("NFD", title)) == slug


def test_german_umlauts() -> None:
    """In German ü is ue, elsewhere u."""
    assert (slugify("Grüße aus Köln", "de"), slugify("Grüße aus Köln", "de-AT"), slugify("Grüße aus Köln", "en")) == (
        "gruesse-aus-koeln",
        "gruesse-aus-koeln",
        "grusse-aus-koln",
    )


def test_long_titles_end_at_a_word() -> None:
    """At most a hundred bytes, cut between words; a single longer word is cut between letters."""
    assert slugify("seven words " * 20) == "-".join(["seven-words"] * 8)
    assert len(slugify("日" * 200).encode()) <= 100 and slugify("日" * 200) == "日" * 33


@given(st.text(max_size=80))
def test_a_slug_is_a_name_everywhere(title: str) -> None:
    """Whatever the title: the slug is empty or can be part of an address, is bounded, and is its own slug."""
    slug = slugify(title)
    assert slug == "" or fault_of_segment(slug) == ""
    assert len(slug.encode()) <= 102 and slugify(slug) == slug and unicodedata.is_normalized("NFC", slug)


@pytest.mark.parametrize(
    "segment",
    ["", ".", "..", "con", "CON", "aux.txt", "nul", "LPT9.md", "a:b", "a*b", "a?b", "a|b", "a<b", 'a"b', "a\\b", "a\0b", "a\nb", "a\x7fb", "a\u202eb", "a.", "a ", " a", "x" * (MAX_SEGMENT + 1), "é" * MAX_SEGMENT],
)
def test_names_that_some_system_refuses(segment: str) -> None:
    """Reserved, too long, with forbidden or invisible characters: each fault is told."""
    assert fault_of_segment(segment)
    assert fault_of_route(f"/x/{segment}/")


@pytest.mark.parametrize("segment", ["a", "index.html", ".htaccess", "a b", "Ünï", "日本", "a'b", "a&b", "100%", "a#b", "contents", "console", "x" * MAX_SEGMENT])
def test_names_that_work(segment: str) -> None:
    """Everything that all systems can hold is fine."""
    assert fault_of_segment(segment) == "" and fault_of_route(f"/{segment}/") == ""


@pytest.mark.parametrize("route", ["x/", "", "//", "/a//b/", "/../x/", "/a/./b", "/" + "x/" * 500])
def test_routes_that_cannot_be(route: str) -> None:
    """A route starts at the root, has no empty part, climbs nowhere and is bounded."""
    assert fault_of_route(route)


def test_files_and_clashes() -> None:
    """A route that ends in a slash is an index file; addresses clash after NFC and case folding."""
    assert (file_of("/"), file_of("/posts/x/"), file_of("/feed.xml")) == ("index.html", "posts/x/index.html", "feed.xml")
    assert fold("/É/") == fold("/e\u0301/") and fold("/STRASSE/") == fold("/straße/") and fold("/A/") == "/a/"
