"""The search: words folded the same in Python and in the browser, what can be found, and an index that changes only with its texts."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from pathlib import Path

import pytest

from iopsgen.outputs import vocabulary
from iopsgen.outputs.search import KINDS
from iopsgen.outputs.vocabulary import BODY, HEADING, NAME, SUMMARY, TITLE, Found, Vocabulary
from iopsgen.searchwords import CELLS, LONGEST, cell_of, fold, words_of
from iopsgen.store import Store
from tests import needs
from tests.sites import EVENT, POST, SETTINGS, build_site, messages, tree, write_site

SCRIPT = Path(vocabulary.__file__).parents[1] / "themes" / "default" / "static" / "search.js"

FOLDED = {
    "Café": "cafe", "CAFÉ": "cafe", "cafe\u0301": "cafe", "naïve": "naive", "Straße": "strasse", "STRASSE": "strasse", "Ærø": "aero", "Œuvre": "oeuvre",
    "Łódź": "lodz", "İstanbul": "istanbul", "ISPARTA": "isparta", "ısparta": "isparta", "Þór": "thor", "Đà Nẵng": "da nang", "ﬁlm": "film", "Ｆｕｌｌ": "full", "²": "2",
    "ΟΔΟΣ": "οδοσ", "οδός": "οδοσ", "Ёлка": "елка", "м\u02bcята": "м'ята", "שָׁלוֹם": "שלום", "أحمد": "احمد", "إسلام": "اسلام", "آمال": "امال", "ٱلكتاب": "الكتاب",
    "مُحَمَّد": "محمد", "مـحـمـد": "محمد", "مدرسة": "مدرسه", "على": "علي", "فارسی": "فارسي", "کتاب": "كتاب", "٢٠٢٦": "2026", "۲۰۲۶": "2026", "sha\u00adring": "sharing",
    "한국어": "한국어", "がく": "がく", "か\u3099く": "がく", "ｶﾞｸ": "ガク", "हिन्दी": "हिन्दी", "ไทย": "ไทย", "": "",
}  # fmt: skip

TEXTS = [
    *FOLDED, "Don't stop: it's the café's 2nd year (2026/27), e-mail a@b.example!", "l’été à Zürich — où?", "日本語のテスト、東京で会いましょう。", "中", "𠮷野家", "ภาษาไทยไม่มีช่องว่าง",
    "한국어 텍스트", "العربية: مَرْحَبًا بِكُمْ في ٢٠٢٦", "हिन्दी में लिखा है।", "mixed日本words", "snake_case under_score", "a" * 100, "🎉 party 🎉", "x\u200by", "ǅungla Ǆ", "ŉ", "½ ⅷ ①", "Ǆ", "K\u212a",
    "\u0000<script>alert(1)</script>", "ﷺ", "ᾳδης ΑΙΔΗΣ", "Σίσυφος ΣΊΣΥΦΟΣ", "ខ្មែរ", "မြန်မာ", "ລາວ", "々々", "ー", "・中・", "தமிழ்",
]  # fmt: skip


@pytest.mark.parametrize("text", FOLDED)
def test_folding(text: str) -> None:
    """Case, accents, points and spellings that people mix up make no difference; folding twice changes nothing more."""
    assert fold(text) == FOLDED[text]
    assert fold(fold(text)) == fold(text)


def test_words() -> None:
    """Words are set apart by what is no letter or digit; scripts without spaces give every two characters, and the last one."""
    assert words_of("Don't stop: 2026!") == ["don", "t", "stop", "2026"]
    assert words_of("l’été") == ["l", "ete"]
    assert words_of("日本語 mixed日本words") == ["日本", "本語", "語", "mixed", "日本", "本", "words"]
    assert words_of("हिन्दी में") == ["हिन्दी", "में"]
    assert words_of("x" * 100) == ["x" * LONGEST]
    assert words_of("— … !") == []


def test_cells_follow_beginnings() -> None:
    """All words that begin with the same two characters, of unspaced scripts with the same one, lie in one cell."""
    assert cell_of("re") == cell_of("repair") == cell_of("revolution")
    assert cell_of("日") == cell_of("日本")
    assert {cell_of(a + b) for a in "abcdefghijklmnopqrstuvwxyz" for b in "aeioulr"} == set(range(CELLS))


def asked_in_the_script(texts: list[str], folder: Path) -> dict[str, list[list[str]]]:
    """What search.js makes of texts, run by node: each folded, its words, and the files for them."""
    program = needs.program("node", "apt-get install nodejs")
    source = SCRIPT.read_text("utf-8")
    folding = source[source.index("  let index, isUnspaced") : source.index("  // Number of each text")]
    index = json.loads((build_index(folder)).read_text("utf-8"))
    told = f"const load = async () => ({json.dumps({**index, 'buckets': CELLS})});\n{folding}\nconst texts = {json.dumps(texts)};\n"
    told += "prepare().then(() => { const all = texts.map(wordsOf); process.stdout.write(JSON.stringify({folded: texts.map(t => [fold(t)]), words: all, files: all.map(w => w.map(fileOf))})); });"
    (folder / "fold.js").write_text(told, "utf-8")
    done = subprocess.run([program, str(folder / "fold.js")], capture_output=True, check=True)
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


def build_index(folder: Path) -> Path:
    """The index.json of a small site."""
    site = write_site(folder / "site", {"content/posts/2026-10-05-welcome.md": POST})
    assert build_site(site).ok
    return site / "output" / "search" / "index.json"


def test_the_script_folds_alike(tmp_path: Path) -> None:
    """What a browser looks for is what the index holds: same folding, words that are there, in the same files."""
    found = asked_in_the_script(TEXTS, tmp_path)
    for text, (folded,), words, files in zip(TEXTS, found["folded"], found["words"], found["files"], strict=True):
        assert folded == fold(text), text
        held = words_of(text)
        assert set(words) <= set(held), text
        assert all(len(word) == 1 for word in set(held) - set(words)), text  # the last character of a run without spaces
        assert files == [f"words-{cell_of(word)}" for word in words], text


def test_the_script_folds_every_character_alike(tmp_path: Path) -> None:
    """Each character that Python knows, by itself and between letters, is folded alike by node."""
    signs = [chr(n) for n in range(0x20000) if unicodedata.category(chr(n)) not in ("Cn", "Cs", "Co")]
    lines = ["".join(f"a{sign}b " for sign in signs[at : at + 64]) for at in range(0, len(signs), 64)]
    found = asked_in_the_script(lines, tmp_path)
    wrong = [(line, folded) for line, (folded,) in zip(lines, found["folded"], strict=True) if fold(line) != folded]
    assert wrong == []
    for line, words in zip(lines, found["words"], strict=True):
        assert set(words) <= set(words_of(line)), line


# --- what is found -----------------------------------------------------------------------------------------------------


def read(site: Path, prefix: str = "") -> dict[str, dict[str, int]]:
    """The index of a built site: word → url of a text → what it weighs there."""
    folder = site / "output" / prefix / "search"
    texts: dict[tuple[int, int], list[str]] = {}
    for kind, name in enumerate(KINDS):
        for number in range(100):
            path = folder / f"{name}-{number}.json"
            if path.exists():
                texts |= {(kind, number * 200 + n): row for n, row in enumerate(json.loads(path.read_bytes()))}
    found: dict[str, dict[str, int]] = {}
    for path in sorted(folder.glob("words-*.json")):
        for word, steps in json.loads(path.read_bytes()).items():
            place = 0
            for step in steps:
                place += step
                assert step > 0 or place == steps[0]
                found.setdefault(word, {})[texts[(place >> 4) & 3, place >> 6][1]] = place & 15
    return found


LONG = """---
title: Repair café
date: 2026-10-06
summary: We mend lamps.
tags: [soldering]
authors: [Anna Ünal]
chapter: north
---
## Toasters too

Bring **k**ettles, 日本 and one|two.

| a | b |
| --- | --- |
| leftcell | rightcell |
"""


def test_weights(tmp_path: Path) -> None:
    """A word weighs by where it stands: title, names and places, headings, summary, text; cells of a table are words apart."""
    site = write_site(tmp_path, {"content/posts/a.md": LONG, "content/chapters/north.md": "---\ntitle: Far North\nkind: branch\n---\nUp.\n"})
    assert build_site(site).ok
    index, url = read(site), "/river/posts/a/"
    expected = {"repair": TITLE, "cafe": TITLE, "soldering": NAME, "unal": NAME, "north": NAME, "toasters": HEADING, "lamps": SUMMARY, "kettles": BODY, "日本": BODY, "leftcell": BODY}
    assert {word: index[word][url] for word in expected} == expected
    assert index["@north"] == {url: 1, "/river/chapters/north/": 1}
    assert "leftcellrightcell" not in index


def test_what_is_not_found(tmp_path: Path) -> None:
    """Drafts, what is scheduled or expired, texts with noindex, and events of partners stand in no file of the search."""
    feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261210T100000Z\r\nSUMMARY:Secretpartner\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-05-welcome.md": POST,
        "content/posts/2026-10-01-a.md": "---\ntitle: Secretdraft\ndraft: true\n---\nx\n",
        "content/posts/2026-10-02-b.md": "---\ntitle: Secretlater\npublish: 2027-01-01\n---\nx\n",
        "content/posts/2026-10-03-c.md": "---\ntitle: Secretold\nexpires: 2026-11-01\n---\nx\n",
        "content/posts/2026-10-04-d.md": "---\ntitle: Secretlist\nnoindex: true\n---\nx\n",
        "calendars/partner.ics": feed,
    }
    site = write_site(tmp_path, files, SETTINGS + "calendars: [{file: calendars/partner.ics, title: Partner}]\n")
    built = build_site(site)
    assert built.ok and built.calendars[0].events == 1, messages(built)
    shown = b"".join(data for name, data in tree(site / "output" / "search").items()).decode().lower()
    assert "welcome" in shown and "secret" not in shown


def test_each_language_finds_what_its_lists_show(tmp_path: Path) -> None:
    """A text is found in each edition once: in its language where there is a translation, else the original, marked."""
    files: dict[str, str | bytes | None] = {
        "content/posts/2026-10-05-welcome.md": POST,
        "content/posts/2026-10-05-welcome.es.md": "---\ntitle: Bienvenida\n---\nHola.\n",
        "content/posts/2026-10-06-only.md": "---\ntitle: Only English\n---\nWords.\n",
    }
    site = write_site(tmp_path, files, SETTINGS + "languages: [en, es]\n")
    assert build_site(site).ok
    english, spanish = read(site), read(site, "es")
    assert english["welcome"] == {"/river/posts/welcome/": TITLE} and "bienvenida" not in english
    assert spanish["bienvenida"] == {"/river/es/posts/welcome/": TITLE} and "welcome" not in spanish
    assert list(spanish["only"]) == ["/river/posts/only/"]
    rows = json.loads((site / "output" / "es" / "search" / "posts-0.json").read_bytes())
    assert [row[6] for row in rows] == ["", "en"]


def test_events_say_when_and_where(tmp_path: Path) -> None:
    """An event has the wall clock of its place, its place and its status; the index its last day, so that what is to come stands first."""
    files: dict[str, str | bytes | None] = {
        "content/events/picnic.md": EVENT.replace("end:", "status: cancelled\nvenue: {name: The hall, city: Town}\nend:"),
        "content/events/week.md": "---\ntitle: Week\nstart: 2026-12-07\nend: 2026-12-11\n---\nAll week.\n",
        "content/events/some.md": "---\ntitle: Some day\nstatus: postponed\n---\nLater.\n",
    }
    site = write_site(tmp_path, files)
    assert build_site(site).ok
    rows = {row[0]: row for row in json.loads((site / "output" / "search" / "events-0.json").read_bytes())}
    assert rows["Picnic"][2:4] == ["2026-12-05T12:00", "The hall, Town"] and rows["Picnic"][7] == "cancelled"
    assert rows["Week"][2] == "2026-12-07" and rows["Some day"][2] == ""
    index = json.loads((site / "output" / "search" / "index.json").read_bytes())
    assert sorted(index["days"], key=str) == [20792, 20798, None] and index["counts"] == [3, 0, 0, 0]


def test_settings(tmp_path: Path) -> None:
    """The search can be switched off, without a trace; beyond the limit whole texts are not searched, titles and summaries are."""
    site = write_site(tmp_path, {"content/posts/a.md": LONG.replace("chapter: north\n", "")})
    assert build_site(site).ok and "kettles" in read(site)
    assert build_site(site, overrides={"search.full_text_limit": "0"}).ok
    assert "kettles" not in read(site) and {"repair", "toasters", "lamps"} <= read(site).keys()
    assert build_site(site, overrides={"search.enabled": "no"}).ok
    assert not (site / "output" / "search").exists()
    assert b"/search/" not in b"".join(data for name, data in tree(site / "output").items() if name.endswith(".html"))


def test_a_page_of_ones_own(tmp_path: Path) -> None:
    """A page of the site at /search/ takes the place of ours, and the files of the index stay."""
    site = write_site(tmp_path, {"content/pages/search.md": "---\ntitle: How to find us\n---\nOwn words.\n"})
    built = build_site(site)
    assert built.ok and not built.problems, messages(built)
    assert b"Own words." in (site / "output" / "search" / "index.html").read_bytes()
    assert (site / "output" / "search" / "index.json").exists()


# --- an index that changes only with its texts --------------------------------------------------------------------------


def many(number: int) -> dict[str, str | bytes | None]:
    """So many posts that the words lie in several files."""
    return {f"content/posts/2026-01-01-p{n}.md": f"---\ntitle: Number {n}\n---\nSome plain words about gardens and bridges, {n}.\n" for n in range(number)}


def test_an_edit_changes_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the files that hold words which came or went are made again, and only the edited text is looked through."""
    site = write_site(tmp_path, many(70))
    assert build_site(site).ok
    looked: list[str] = []
    find = vocabulary.find_words

    def watched(text: Found, html_of: vocabulary.HtmlOf) -> list[bytes]:
        looked.append(text.title)
        return find(text, html_of)

    monkeypatch.setattr(vocabulary, "find_words", watched)
    before = tree(site / "output" / "search")
    path = site / "content/posts/2026-01-01-p7.md"
    path.write_text(path.read_text("utf-8") + "\nAnd zebras.\n", "utf-8")
    built = build_site(site)
    assert built.ok and [c.path for c in built.changes if c.path.startswith("search/")] == [f"search/words-{cell_of('zebras') % 8}.json"]
    after = tree(site / "output" / "search")
    assert [name for name in after if after[name] != before[name]] == [f"words-{cell_of('zebras') % 8}.json"]
    assert looked == ["Number 7"]
    path.write_text(path.read_text("utf-8").replace("title: Number 7", "title: Kettles 7"), "utf-8")
    assert build_site(site).ok
    last = tree(site / "output" / "search")
    changed = {f"words-{cell_of(word) % 8}.json" for word in ("number", "kettles")}
    assert {name for name in last if last[name] != after[name]} == {*changed, "posts-0.json"}
    assert looked == ["Number 7", "Kettles 7"]


def test_a_new_text_leaves_the_numbers_of_the_others(tmp_path: Path) -> None:
    """A new post has the last number: files of words in which it does not stand stay as they are."""
    site = write_site(tmp_path, many(70))
    assert build_site(site).ok
    before = tree(site / "output" / "search")
    write_site(site, {"content/posts/2026-02-01-new.md": "---\ntitle: Zebra\n---\n"})
    built = build_site(site)
    assert built.ok
    after = tree(site / "output" / "search")
    assert {c.path.removeprefix("search/") for c in built.changes if c.path.startswith("search/")} == {name for name in after if after[name] != before[name]}
    assert {name for name in after if after[name] != before[name]} == {"posts-0.json", "index.json", "index.html", f"words-{cell_of('zebra') % 8}.json"}


def test_a_store_that_lost_words(tmp_path: Path) -> None:
    """Where the store knows that words were found but not which, they are found again, with the same bytes."""
    site = write_site(tmp_path, many(5))
    assert build_site(site).ok
    before = tree(site / "output" / "search")
    store = Store(site / ".iopsgen" / "cache.sqlite")
    words = store.facts("search words ")
    assert len(words) == 5 == len(store.facts("search cells "))
    names = list(words)
    store.keep_facts({f"search words {names[0]}": b"\xc1", f"search words {names[1]}": b"\x90"}, [f"search words {name}" for name in names[2:]])
    store.close()
    for path in (site / "output" / "search").glob("words-*"):
        path.unlink()
    assert build_site(site).ok
    assert tree(site / "output" / "search") == before


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    """The store keeps the words of the texts that there are, and of no others."""
    site = write_site(tmp_path, many(5))
    assert build_site(site).ok
    write_site(site, {"content/posts/2026-01-01-p1.md": None, "content/posts/2026-01-01-p2.md": "---\ntitle: Other\n---\nx\n"})
    assert build_site(site).ok
    store = Store(site / ".iopsgen" / "cache.sqlite")
    assert len(store.facts("search words ")) == len(store.facts("search cells ")) == 4
    store.close()


def test_the_words_of_a_text_without_a_store(tmp_path: Path) -> None:
    """A vocabulary whose store is closed, as in the preview, finds the words from the text itself."""
    store = Store(tmp_path / "cache.sqlite")
    known = Vocabulary(store, lambda digest: "<p>kettle</p>", "program")
    text = Found(title="Tea", url="/tea/", body="digest")
    key = known.key_of(text)
    known.cells_of(key, text)
    known.keep()
    store.close()
    again = Vocabulary(store, lambda digest: "", "program")
    assert again.words_in(cell_of("kettle"), key, text, lambda digest: "<p>kettle</p>")["kettle"] == BODY
    assert again.words_in(cell_of("tea"), key, text, lambda digest: "")["tea"] == TITLE


def test_hostile_texts_stay_data(tmp_path: Path) -> None:
    """Titles made to break out stand in JSON as they were written, and the page holds none of them."""
    title = "</script><img src=x onerror=alert(1)> \u2028 \"quoted\" \\ __proto__"
    site = write_site(tmp_path, {"content/posts/2026-10-05-a.md": f"---\ntitle: '{title}'\n---\n__proto__ constructor\n"})
    assert build_site(site).ok
    (row,) = json.loads((site / "output" / "search" / "posts-0.json").read_bytes())
    assert row[0].startswith("</script><img src=x onerror=alert(1)>")
    assert b"onerror" not in (site / "output" / "search" / "index.html").read_bytes()
    assert "constructor" in read(site) and "proto" in read(site)
