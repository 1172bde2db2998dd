"""Flyers: what stands on them, where they are, and codes that a foreign reader reads."""

import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import zxingcpp  # type: ignore[import-untyped,unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from PIL import Image, ImageDraw

from iopsgen.outputs import finishing
from iopsgen.outputs.flyer import qr_code, readable
from iopsgen.views import QrCode
from tests.sites import SETTINGS, build_site, messages, tree, write_site

TWO = SETTINGS + "languages: [en, ar]\n"
FILES: dict[str, str | bytes | None] = {
    "content/chapters/uk.md": "---\ntitle: United Kingdom\nkind: branch\ncountry: GB\n---\nAll of it.\n",
    "content/chapters/town.md": "---\ntitle: Town\nparent: uk\ncontact: town@example.org\n---\nThe town.\n",
    "content/events/picnic.md": "---\ntitle: Picnic & <more>\nstart: 2026-12-05 12:00\nend: 15:00\nchapter: town\nsummary: Bring a cake.\n"
    "venue: {name: The meadow, address: 3 River Lane, city: Town, country: GB}\nregister: {url: 'https://example.org/r', price: free}\n---\nText.\n",
    "content/events/picnic.ar.md": "---\ntitle: نزهة\nslug: نزهة\n---\nنص.\n",
    "content/events/abroad.md": "---\ntitle: Abroad\nstart: 2026-12-06\nend: 2026-12-08\nchapter: town\nvenue: {name: Casa, city: Córdoba, country: ES}\n---\nText.\n",
    "content/events/weekly.md": "---\ntitle: Weekly table\nstart: 2026-10-01 18:00\nend: 20:00\nrepeat: weekly until 2027-02-25\nchapter: town\n---\nFood.\n",
    "content/events/evenings.md": "---\ntitle: Evenings\ndates: [2026-11-10 19:00, 2026-12-01 19:00, 2026-12-15 19:00, 2027-01-12 19:00]\n---\nText.\n",
    "content/events/off.md": "---\ntitle: Cinema\nstart: 2026-12-06 20:00\nstatus: cancelled\nreason: High water.\nregister: {price: 3 £}\n---\nText.\n",
    "content/events/someday.md": "---\ntitle: Some day\ntime: tba\nonline: https://meet.example.org/x\n---\nWe do not know yet.\n",
    "content/events/long-ago.md": "---\ntitle: Long ago\nstart: 2012-10-28 11:00\n---\nIt was good.\n",
    "content/events/draft.md": "---\ntitle: Draft\nstart: 2026-12-06 20:00\ndraft: true\n---\nText.\n",
}
FLYERS = {f"events/{name}/flyer/index.html" for name in ("picnic", "abroad", "weekly", "evenings", "off", "someday", "long-ago")} | {
    "ar/events/نزهة/flyer/index.html"
}


@cache
def output() -> dict[str, bytes]:
    """The site with one event of each sort, built once."""
    site = write_site(Path(mkdtemp(prefix="iopsgen-flyers-")) / "site", FILES, TWO)
    result = build_site(site)
    assert result.ok, messages(result)
    return tree(site / "output")


def flyer(name: str) -> Any:
    """A flyer, parsed."""
    return html.document_fromstring(output()[f"{name}/flyer/index.html"].decode())


def said(name: str) -> str:
    """The words on the first copy of a flyer."""
    return " ".join("".join(flyer(name).xpath("(//article)[1]")[0].itertext()).split())


# --- pages -------------------------------------------------------------------------------------------------------------


def test_every_event_has_a_flyer_in_each_language_in_which_it_is_written() -> None:
    """Published events have one, dated or not, over or not; drafts have none."""
    assert {name for name in output() if "/flyer/" in name} == FLYERS


def test_the_page_of_an_event_leads_to_its_flyer_and_back() -> None:
    """Both pages link each other, and the flyers of translations each other."""
    for path, url in (("events/picnic/", "/river/events/picnic/"), ("ar/events/نزهة/", "/river/ar/events/%D9%86%D8%B2%D9%87%D8%A9/")):
        page = html.document_fromstring(output()[path + "index.html"].decode())
        assert f"{url}flyer/" in page.xpath("//main//a/@href")
        assert url in flyer(path.rstrip("/")).xpath("//main//a/@href")
        assert set(flyer(path.rstrip("/")).xpath("//link[@hreflang]/@href")) == {
            "https://example.org/river/events/picnic/flyer/",
            "https://example.org/river/ar/events/%D9%86%D8%B2%D9%87%D8%A9/flyer/",
        }


def test_flyers_are_not_for_search_engines() -> None:
    """They ask not to be indexed, and are not in the site map."""
    for name in FLYERS:
        page = html.document_fromstring(output()[name].decode())
        assert page.xpath("//meta[@name='robots']/@content") == ["noindex"], name
    assert b"/events/picnic/" in output()["sitemap.xml"] and b"flyer" not in output()["sitemap.xml"]


def test_only_flyers_carry_their_style() -> None:
    """No other page loads the style of flyers."""
    loaders = {name for name, data in output().items() if name.endswith(".html") and b"/assets/flyer." in data}
    assert loaders == FLYERS


def test_four_copies_for_the_sheet_of_small_ones() -> None:
    """All say the same; those after the first are hidden from readers aloud, and use its code."""
    copies = flyer("events/picnic").xpath("//article")
    assert [copy.get("aria-hidden") for copy in copies] == [None, "true", "true", "true"]
    assert len({" ".join("".join(copy.itertext()).split()) for copy in copies}) == 1
    assert [len(copy.xpath(".//use")) for copy in copies] == [0, 1, 1, 1]
    assert flyer("events/picnic").xpath("//use/@href") == ["#" + flyer("events/picnic").xpath("//path/@id")[0]] * 3


# --- what stands on them -----------------------------------------------------------------------------------------------


def test_a_flyer_says_what_a_wall_should() -> None:
    """Organisation, chapter, title, weekday, date and time, place, price, organiser, contact and address; nothing is a link."""
    words = said("events/picnic")
    for part in (
        "Friends of the river", "Town", "Picnic & <more>", "Bring a cake.", "Saturday 5 December 2026", "12:00–15:00", "The meadow, 3 River Lane, Town",
        "Please register", "free", "Organised by Town", "town@example.org", "example.org/river/events/picnic",
    ):  # fmt: skip
        assert part in words, part
    assert not flyer("events/picnic").xpath("//article//a")


def test_the_country_stands_where_it_says_something() -> None:
    """A chapter's own country is left out, that of a journey is not."""
    assert "United Kingdom" not in said("events/picnic")
    assert "Casa, Córdoba, Spain" in said("events/abroad") and "6–8 December 2026" in said("events/abroad")


def test_a_series_says_its_rule_and_its_next_date() -> None:
    """The rule comes in words before the next date; a series without a rule names its further dates."""
    words = said("events/weekly")
    assert words.index("Every Thursday") < words.index("Next date: Thursday 26 November 2026, 18:00–20:00")
    words = said("events/evenings")
    assert "Tuesday 1 December 2026, 19:00" in words and "Further dates: Tue 15 Dec · Tue 12 Jan" in words


def test_a_cancelled_event_says_so() -> None:
    """The word and the reason stand on it, the time is struck out, and nobody is asked for money."""
    assert "Cancelled" in said("events/off") and "High water." in said("events/off") and "3 £" not in said("events/off")
    assert [" ".join(e.text_content().split()) for e in flyer("events/off").xpath("(//article)[1]//s")] == ["Sunday 6 December 2026, 20:00"]


def test_what_is_not_known_is_said_or_left_out() -> None:
    """Without a day the flyer says that it will be announced; online there is no place but the page; what is over says so."""
    assert "Date to be announced" in said("events/someday") and "Online: the link is on the page named below" in said("events/someday")
    assert "This event is over." in said("events/long-ago")


# --- codes -------------------------------------------------------------------------------------------------------------


def drawn(code: QrCode, scale: int = 4) -> Image.Image:
    """A code as its strokes say, in grey."""
    picture = Image.new("L", (code.size * scale, code.size * scale), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for command, first, second, run in re.findall(r"([Mm])(\S+) (\S+?)h(\d+)", code.path):
        x, y = (float(first), float(second)) if command == "M" else (x + float(first), y + float(second))
        pen.rectangle((x * scale, (y - 0.5) * scale, (x + int(run)) * scale - 1, (y + 0.5) * scale - 1), fill=40)
        x += int(run)
    return picture


def read(code: QrCode) -> Any:
    """The one code that the foreign reader finds."""
    (found,) = zxingcpp.read_barcodes(drawn(code))
    return found


def test_the_code_leads_to_the_page_of_the_event() -> None:
    """The code on the page, read by another program, is the absolute address of the event's page."""
    for name, path in (("events/picnic", "events/picnic/"), ("ar/events/نزهة", "ar/events/%D9%86%D8%B2%D9%87%D8%A9/")):
        page = flyer(name)
        size = int(page.xpath("(//svg[@class='flyer-code'])[1]/@viewbox")[0].split()[2])
        assert read(QrCode(size=size, path=page.xpath("//path[@id='qr-code']/@d")[0])).text == f"https://example.org/river/{path}"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300))
def test_codes_are_read_by_another_program(rest: str) -> None:
    """Whatever the address, the code says it, with error correction M and a white edge of four modules."""
    code = qr_code(f"https://example.org/{rest}")
    assert code is not None
    found = read(code)
    assert (found.text, found.ec_level) == (f"https://example.org/{rest}", "M")
    picture = drawn(code, 1)
    assert picture.point(lambda v: 255 - v).getbbox() == (4, 4, code.size - 4, code.size - 4)


def test_an_address_that_is_too_long_has_no_code() -> None:
    """The largest code holds some 2,300 letters; a flyer with a longer address shows the address alone."""
    assert qr_code("https://example.org/" + "a" * 2300) is not None
    assert qr_code("https://example.org/" + "a" * 2400) is None


def test_codes_are_drawn_only_for_pages_that_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that compares all pages and makes one event draws one code; one that makes another text draws none."""
    drawn_for: list[str] = []

    def counted(address: str) -> QrCode | None:
        drawn_for.append(address)
        return qr_code(address)

    monkeypatch.setattr(finishing, "qr_code", counted)
    site = write_site(tmp_path / "site", {**FILES, "content/pages/about.md": "---\ntitle: About\n---\nUs.\n"}, TWO)
    assert build_site(site).ok and len(drawn_for) == len(FLYERS)
    drawn_for.clear()
    write_site(site, {"content/pages/about.md": "---\ntitle: About\n---\nAll of us.\n"})
    assert build_site(site).written and drawn_for == []
    write_site(site, {"content/events/off.md": str(FILES["content/events/off.md"]).replace("High", "Higher")})
    assert build_site(site).written and drawn_for == ["https://example.org/river/events/off/"]


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("https://example.org/river/events/picnic/", "example.org/river/events/picnic"),
        ("http://example.org/", "example.org"),
        ("https://example.org/ar/events/%D9%86%D8%B2%D9%87%D8%A9/", "example.org/ar/events/نزهة"),
        ("https://example.org/a%20b/", "example.org/a%20b"),
        ("https://example.org/100%25/", "example.org/100%25"),
        ("https://example.org/a%3Fb/", "example.org/a%3Fb"),
        ("https://example.org/%FF/", "example.org/%FF"),
        ("https://example.org/a%E2%80%AEb/", "example.org/a%E2%80%AEb"),
    ],
)
def test_addresses_are_short_and_can_be_typed(address: str, short: str) -> None:
    """No scheme, no slash at the end, letters as letters; what could not be typed back stays as it is."""
    assert readable(address) == short


def test_a_theme_can_draw_its_own(tmp_path: Path) -> None:
    """A theme replaces the template of flyers and their style."""
    own = {
        "themes/ours/theme.yml": "parent: default\n",
        "themes/ours/templates/_flyer.html": "<h2>{{ page.title }}</h2>\n",
        "themes/ours/static/flyer.css": ".ours { color: red }\n",
    }
    site = write_site(tmp_path / "site", {**FILES, **own}, TWO + "theme: ours\n")
    result = build_site(site)
    assert result.ok, messages(result)
    found = tree(site / "output")
    assert b"<h2>Picnic &amp; &lt;more&gt;</h2>" in found["events/picnic/flyer/index.html"]
    assert [data for name, data in found.items() if name.startswith("assets/flyer.")] == [b".ours { color: red }\n"]
