"""Catalogues, dates, ranges, zones and names in the reader's language."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from babel import localedata

from iopsgen import texts as room
from iopsgen.texts import (
    STYLES,
    Texts,
    country_name,
    direction_of,
    first_weekday,
    format_date,
    format_days,
    format_number,
    format_time,
    format_when,
    join_list,
    language_name,
    load_texts,
    zone_label,
)
from iopsgen.theme import Theme, load_theme
from iopsgen.views import When

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {}\\n"\n\n'
TWO = HEAD.format("nplurals=2; plural=(n != 1);")
POLISH = HEAD.format("nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);")
DAY = date(2012, 10, 28)


def read(root: Path, catalogues: dict[str, str], language: str, parent: dict[str, str] | None = None) -> Texts:
    """The texts of a theme `ours` with these catalogues, over a theme `calm` with others."""
    for theme, files in (("ours", catalogues), ("calm", parent or {})):
        for name, text in files.items():
            path = root / "themes" / theme / "locale" / name / "LC_MESSAGES" / "messages.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if parent is not None:
        (root / "themes/ours/theme.yml").write_text("parent: calm")
    theme_value, problems = load_theme(root, "ours")
    assert problems == [] and theme_value is not None
    return load_texts(own_words(theme_value), language)


def own_words(theme: Theme) -> Theme:
    """The theme without the catalogues of the packaged one."""
    own = {language: tuple(file for file in files if file.shown.startswith("themes/")) for language, files in theme.catalogues.items()}
    return msgspec.structs.replace(theme, catalogues=own)


def moment(*numbers: int, zone: str = "Europe/London") -> datetime:
    """A moment of a zone's wall clock."""
    return datetime(*numbers, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]


def spaces(text: str) -> str:
    """The text with every kind of space as a plain one, for comparing."""
    return " ".join(text.replace("\u2009", " ").replace("\u202f", " ").split(" "))


# --- catalogues -----------------------------------------------------------------------------------------------------


def test_what_is_not_translated_stays_english(tmp_path: Path) -> None:
    """A missing text, an empty one, a fuzzy one and a missing language all give the English text."""
    po = TWO + 'msgid "Events"\nmsgstr "Termine"\n\nmsgid "Posts"\nmsgstr ""\n\n#, fuzzy\nmsgid "Pages"\nmsgstr "Seitten"\n'
    texts = read(tmp_path, {"de": po}, "de")
    assert [texts.gettext(text) for text in ("Events", "Posts", "Pages", "Nothing of the kind")] == [
        "Termine",
        "Posts",
        "Pages",
        "Nothing of the kind",
    ]
    assert read(tmp_path, {"de": po}, "tlh").gettext("Events") == "Events"
    assert texts.problems == ()


def test_plural_forms_are_the_languages_own(tmp_path: Path) -> None:
    """Polish has three forms, English two; the number itself is left to whoever fills it in."""
    po = (
        POLISH
        + 'msgid "%(num)s comet"\nmsgid_plural "%(num)s comets"\nmsgstr[0] "%(num)s kometa"\nmsgstr[1] "%(num)s komety"\nmsgstr[2] "%(num)s komet"\n'
    )
    texts = read(tmp_path, {"pl": po}, "pl")
    forms = [texts.ngettext("%(num)s comet", "%(num)s comets", n).split()[1] for n in (0, 1, 2, 4, 5, 12, 22, 101)]
    assert forms == ["komet", "kometa", "komety", "komety", "komet", "komet", "komety", "komet"]
    assert [Texts("en").ngettext("one", "many", n) for n in (0, 1, 2)] == ["many", "one", "many"]


def test_contexts_tell_equal_texts_apart(tmp_path: Path) -> None:
    """The same English word has one translation a context."""
    texts = read(tmp_path, {"fr": TWO + 'msgctxt "month"\nmsgid "May"\nmsgstr "mai"\n\nmsgid "May"\nmsgstr "peut"\n'}, "fr")
    assert (texts.pgettext("month", "May"), texts.gettext("May"), texts.pgettext("verb", "May")) == ("mai", "peut", "May")


def test_the_nearest_catalogue_wins_text_by_text(tmp_path: Path) -> None:
    """A site's catalogue changes single texts of its parent's and keeps the rest; a region's lies over its language's."""
    texts = read(
        tmp_path,
        {"pt_BR": TWO + 'msgid "A"\nmsgstr "a ours br"\n', "pt": TWO + 'msgid "A"\nmsgstr "a ours"\n\nmsgid "B"\nmsgstr "b ours"\n'},
        "pt-BR",
        parent={"pt-BR": TWO + 'msgid "B"\nmsgstr "b calm"\n\nmsgid "C"\nmsgstr "c calm"\n'},
    )
    assert [texts.gettext(text) for text in "ABC"] == ["a ours br", "b ours", "c calm"]


def test_english_can_be_reworded(tmp_path: Path) -> None:
    """A catalogue for English replaces the theme's words."""
    assert read(tmp_path, {"en": TWO + 'msgid "Chapters"\nmsgstr "Groups"\n'}, "en").gettext("Chapters") == "Groups"


@pytest.mark.parametrize(
    ("english", "wrong"),
    [
        ("%(num)s comet", "%(nom)s Komet"),
        ("By %(name)s", "Von %(name) s%"),
        ("Comet", "100 % Komet"),
        ("By %(name)s", "Von %(name)99999999s"),
        ("By %(name)s", "Von %(name)s und %(other)s"),
    ],
)
def test_a_translation_that_does_not_fit_is_left_out_and_told(tmp_path: Path, english: str, wrong: str) -> None:
    """Placeholders that the English text does not have would stop pages: the English text is used, with a warning at its line."""
    texts = read(tmp_path, {"de": TWO + f'msgid "{english}"\nmsgstr "{wrong}"\n'}, "de")
    assert texts.gettext(english) == english
    assert [p.severity for p in texts.problems] == ["warning"]
    assert texts.problems[0].place is not None
    assert (texts.problems[0].place.file, texts.problems[0].place.line) == ("themes/ours/locale/de/LC_MESSAGES/messages.po", 6)


@pytest.mark.parametrize(
    "po",
    [
        'msgid "A\nmsgstr',
        "not a catalogue at all",
        HEAD.format("nplurals=2; plural=__import__('os')") + 'msgid "A"\nmsgstr "B"\n',
        TWO + 'msgid "A"\nmsgstr "B" C\n',
    ],
)
def test_a_broken_catalogue_is_told_and_passed_over(tmp_path: Path, po: str) -> None:
    """What cannot be read gives a warning with the file, and English texts; nothing in it is run."""
    texts = read(tmp_path, {"de": po}, "de")
    assert texts.gettext("A") == "A"
    assert texts.problems and texts.problems[0].place is not None
    assert texts.problems[0].place.file == "themes/ours/locale/de/LC_MESSAGES/messages.po"


def test_the_digest_follows_the_bytes(tmp_path: Path) -> None:
    """The digest changes with the catalogue's bytes and the language, and is otherwise the same."""
    one = read(tmp_path, {"de": TWO}, "de").digest
    assert read(tmp_path, {"de": TWO}, "de").digest == one
    assert read(tmp_path, {"de": TWO + "\n"}, "de").digest != one
    assert read(tmp_path, {"de": TWO}, "de-AT").digest != one


def test_an_old_style_header_needs_no_plural_forms(tmp_path: Path) -> None:
    """Without a Plural-Forms line the language's usual forms count."""
    po = 'msgid ""\nmsgstr ""\n\nmsgid "one"\nmsgid_plural "many"\nmsgstr[0] "un"\nmsgstr[1] "plusieurs"\n'
    texts = read(tmp_path, {"fr": po}, "fr")
    assert [texts.ngettext("one", "many", n) for n in (0, 1, 2)] == ["un", "un", "plusieurs"]


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_the_styles_in_english(style: str) -> None:
    """Plain `en` is written as the documentation shows it."""
    assert format_date(DAY, style, "en") == STYLES[style]


@pytest.mark.parametrize(
    ("language", "full", "month", "short_month"),
    [
        ("en-US", "Sunday, October 28, 2012", "October 2012", "Oct"),
        ("es", "domingo, 28 de octubre de 2012", "octubre de 2012", "oct"),
        ("fr", "dimanche 28 octobre 2012", "octobre 2012", "oct."),
        ("de", "Sonntag, 28. Oktober 2012", "Oktober 2012", "Okt"),
        ("ja", "2012年10月28日日曜日", "2012年10月", "10月"),
        ("ar", "الأحد، 28 أكتوبر 2012", "أكتوبر 2012", "أكتوبر"),
        ("ru", "воскресенье, 28 октября 2012 г.", "октябрь 2012 г.", "окт."),
        ("ca", "diumenge, 28 d’octubre del 2012", "octubre del 2012", "oct."),
    ],
)
def test_dates_in_other_languages(language: str, full: str, month: str, short_month: str) -> None:
    """Full dates, months with their years (in the nominative), and short months."""
    assert spaces(format_date(DAY, "full", language)) == full
    assert spaces(format_date(DAY, "month", language)) == month
    assert format_date(DAY, "month-short", language) == short_month


def test_skeletons_are_widened_but_numbers_stay_numbers() -> None:
    """A skeleton gives the locale's own order; long names are given where long names are asked for."""
    assert format_date(DAY, "MMMEd", "de") == "So., 28. Okt."
    assert format_date(DAY, "MMMMEEEEd", "de") == "Sonntag, 28. Oktober"
    assert format_date(DAY, "MMMMd", "ja") == "10月28日"
    assert format_date(DAY, "yMd", "fr") == "28/10/2012"


@pytest.mark.parametrize("style", ["lnog", "", "Hm", "yMMMMdHm", "../x", "M" * 21, "{0}", "%Y", "zzzz"])
def test_an_unknown_style_is_refused_in_words(style: str) -> None:
    """The message shows what was written and all styles there are."""
    with pytest.raises(ValueError, match="is not a style of dates") as caught:
        format_date(DAY, style, "en")
    assert "month-short" in str(caught.value)
    if style == "lnog":
        assert 'Did you mean "long"?' in str(caught.value)


def test_a_date_is_that_of_its_own_wall_clock() -> None:
    """A moment late at night in Tokyo is that day there, whatever the zone of the machine."""
    late = moment(2012, 10, 28, 23, 30, zone="Asia/Tokyo")
    assert format_date(late, "long", "en") == "28 October 2012"
    assert format_time(late, "en") == "23:30"
    assert spaces(format_time(late, "en-US")) == "11:30 PM"


# --- ranges ---------------------------------------------------------------------------------------------------------

RANGES = {
    "en": ("12–14 May 2026", "30 April – 2 May 2026", "30 December 2026 – 2 January 2027"),
    "en-US": ("May 12 – 14, 2026", "April 30 – May 2, 2026", "December 30, 2026 – January 2, 2027"),
    "es": ("12–14 de mayo de 2026", "30 de abril – 2 de mayo de 2026", "30 de diciembre de 2026 – 2 de enero de 2027"),
    "fr": ("12–14 mai 2026", "30 avril – 2 mai 2026", "30 décembre 2026 – 2 janvier 2027"),
    "de": ("12.–14. Mai 2026", "30. April – 2. Mai 2026", "30. Dezember 2026 – 2. Januar 2027"),
    "ja": ("2026年5月12日～14日", "2026年4月30日～5月2日", "2026年12月30日～2027年1月2日"),
    "ar": ("12–14 مايو 2026", "30 أبريل – 2 مايو 2026", "30 ديسمبر 2026 – 2 يناير 2027"),
    "it": ("12–14 maggio 2026", "30 aprile – 2 maggio 2026", "30 dicembre 2026 – 2 gennaio 2027"),
    "cs": ("12.–14. května 2026", "30. dubna – 2. května 2026", "30. prosince 2026 – 2. ledna 2027"),
    "cy": ("12–14 Mai 2026", "30 Ebrill – 2 Mai 2026", "30 Rhagfyr 2026 – 2 Ionawr 2027"),
    "hu": ("2026. május 12–14.", "2026. április 30. – május 2.", "2026. december 30. – 2027. január 2."),
    "he": ("12–14 במאי 2026", "30 באפריל – 2 במאי 2026", "30 בדצמבר 2026 – 2 בינואר 2027"),
}


@pytest.mark.parametrize("language", RANGES)
def test_ranges_of_days(language: str) -> None:
    """Days in one month, over two months, over two years: what is the same is said once."""
    days = [(date(2026, 5, 12), date(2026, 5, 14)), (date(2026, 4, 30), date(2026, 5, 2)), (date(2026, 12, 30), date(2027, 1, 2))]
    assert tuple(spaces(format_days(first, last, language)) for first, last in days) == RANGES[language]


def test_every_locale_has_ranges_that_name_both_days() -> None:
    """In every language that Babel knows, a range says both days, and a year once or twice."""
    for name in localedata.locale_identifiers():
        if len(name) > 3:
            continue
        text = format_days(date(2026, 5, 13), date(2026, 5, 17), name)
        assert "13" in text and "17" in text, (name, text)
        assert text.count("2026") + text.count("26") in (2, 4), (name, text)


# --- the time of an event -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (
            When(start=moment(2012, 10, 28, 11), end=moment(2012, 10, 28, 17), zone="Europe/London"),
            "Sunday 28 October 2012, 11:00–17:00 (GMT)",
            "domingo, 28 de octubre de 2012, 11:00–17:00 (GMT)",
        ),
        (
            When(start=moment(2026, 5, 12, 18, 30, zone="Europe/Berlin")),
            "Tuesday 12 May 2026, 18:30 (CEST)",
            "martes, 12 de mayo de 2026, 18:30 (CEST)",
        ),
        (
            When(start=moment(2026, 5, 12, 22), end=moment(2026, 5, 13, 2)),
            "Tuesday 12 May 2026, 22:00–02:00 (BST)",
            "martes, 12 de mayo de 2026, 22:00–2:00 (GMT+1)",
        ),
        (
            When(start=moment(2026, 5, 12, 18), end=moment(2026, 5, 14, 12)),
            "Tuesday 12 May 2026, 18:00 – Thursday 14 May 2026, 12:00 (BST)",
            "martes, 12 de mayo de 2026, 18:00 – jueves, 14 de mayo de 2026, 12:00 (GMT+1)",
        ),
        (
            When(start=moment(2012, 10, 27, 22), end=moment(2012, 10, 28, 4)),
            "Saturday 27 October 2012, 22:00 (BST) – Sunday 28 October 2012, 04:00 (GMT)",
            "sábado, 27 de octubre de 2012, 22:00 (GMT+1) – domingo, 28 de octubre de 2012, 4:00 (GMT)",
        ),
        (When(start=DAY, all_day=True), "Sunday 28 October 2012", "domingo, 28 de octubre de 2012"),
        (When(start=DAY, end=DAY, all_day=True), "Sunday 28 October 2012", "domingo, 28 de octubre de 2012"),
        (When(start=date(2026, 5, 12), end=date(2026, 5, 14), all_day=True), "12–14 May 2026", "12–14 de mayo de 2026"),
        (When(start=DAY, tba=True), "Sunday 28 October 2012, time to be announced", "domingo, 28 de octubre de 2012, hora por anunciar"),
        (
            When(start=moment(2012, 10, 28, 0), tba=True),
            "Sunday 28 October 2012, time to be announced",
            "domingo, 28 de octubre de 2012, hora por anunciar",
        ),
        (When(), "Date to be announced", "Fecha por anunciar"),
    ],
)
def test_when_as_a_sentence(when: When, english: str, spanish: str) -> None:
    """One sentence for every shape an event's time can have."""
    words = Texts("es", single={("", "time to be announced"): "hora por anunciar", ("", "Date to be announced"): "Fecha por anunciar"})
    assert spaces(format_when(when, Texts("en"), "en")) == english
    assert spaces(format_when(when, words, "es")) == spanish


def test_when_in_japanese_and_arabic() -> None:
    """The order and the marks are the language's own."""
    when = When(start=moment(2012, 10, 28, 11), end=moment(2012, 10, 28, 17))
    assert format_when(when, Texts("ja"), "ja") == "2012年10月28日日曜日 11時00分～17時00分 (GMT)"
    assert spaces(format_when(when, Texts("ar"), "ar")) == "الأحد، 28 أكتوبر 2012، 11:00 ص – 5:00 م (غرينتش)"


def test_when_without_its_zone() -> None:
    """The zone can be left out."""
    assert format_when(When(start=moment(2012, 10, 28, 11)), Texts("en"), "en", zone=False) == "Sunday 28 October 2012, 11:00"


def test_an_end_before_the_start_is_left_out() -> None:
    """An end that makes no sense does not make a sentence that makes none."""
    assert (
        format_when(When(start=moment(2012, 10, 28, 11), end=moment(2012, 10, 28, 9)), Texts("en"), "en")
        == "Sunday 28 October 2012, 11:00 (GMT)"
    )


@pytest.mark.parametrize(
    ("zone", "month", "english", "german", "french"),
    [
        ("Europe/London", 1, "GMT", "GMT", "GMT"),
        ("Europe/London", 7, "BST", "GMT+1", "UTC+1"),
        ("Europe/Dublin", 7, "IST", "GMT+1", "UTC+1"),
        ("Europe/Dublin", 1, "GMT", "GMT", "UTC"),
        ("Europe/Berlin", 7, "CEST", "MESZ", "UTC+2"),
        ("Asia/Kolkata", 1, "IST", "GMT+5:30", "UTC+5:30"),
        ("America/Sao_Paulo", 1, "GMT−3", "GMT−3", "UTC−3"),
        ("Africa/Casablanca", 7, "GMT+1", "GMT+1", "UTC+1"),
        ("Australia/Lord_Howe", 1, "GMT+11", "GMT+11", "UTC+11"),
    ],
)
def test_zone_labels(zone: str, month: int, english: str, german: str, french: str) -> None:
    """A short name where readers of the language use one, else the distance from Greenwich, right for that day."""
    when = moment(2026, month, 5, 12, zone=zone)
    assert (zone_label(when, "en"), zone_label(when, "de"), zone_label(when, "fr")) == (english, german, french)


def test_two_moments_at_once_in_two_zones_keep_their_own_words() -> None:
    """Equal moments with different wall clocks are not confused by any cache."""
    there = moment(2026, 7, 5, 12, zone="Asia/Tokyo")
    here = there.astimezone(ZoneInfo("Europe/London"))
    assert here == there
    sentences = [format_when(When(start=start), Texts("en"), "en") for start in (there, here, there)]
    assert sentences == ["Sunday 5 July 2026, 12:00 (JST)", "Sunday 5 July 2026, 04:00 (BST)", "Sunday 5 July 2026, 12:00 (JST)"]
    assert zone_label(datetime(2026, 7, 5, tzinfo=timezone(timedelta(hours=2))), "en") == "GMT+2"
    assert zone_label(datetime(2026, 7, 5), "en") == ""


# --- names ----------------------------------------------------------------------------------------------------------


def test_names_of_countries_and_languages() -> None:
    """In the reader's language; what nobody knows stays as it is."""
    assert [country_name("GB", language) for language in ("en", "es", "cy")] == ["United Kingdom", "Reino Unido", "Y Deyrnas Unedig"]
    assert (country_name("gb", "de"), country_name("ZQ", "en"), country_name("GB", "tlh")) == (
        "Vereinigtes Königreich",
        "ZQ",
        "United Kingdom",
    )
    assert [language_name(code, code) for code in ("en", "es", "fr", "de", "ja", "ar", "pt-BR")] == [
        "English", "español", "français", "Deutsch", "日本語", "العربية", "português (Brasil)",
    ]  # fmt: skip
    assert (language_name("cy", "en"), language_name("xx-zz", "en"), language_name("en-ZW", "en")) == (
        "Welsh",
        "xx-zz",
        "English (Zimbabwe)",
    )


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", 0), ("en-US", 6), ("de", 0), ("ar", 5), ("ja", 6), ("pt-BR", 6), ("he", 6), ("fr", 0), ("zh-Hant", 6), ("tlh", 0), ("", 0)],
)
def test_the_first_day_of_the_week(language: str, day: int) -> None:
    """Monday, Sunday or Saturday, as where the language is spoken most."""
    assert first_weekday(language) == day


def test_lists_and_numbers() -> None:
    """Items are joined, and digits grouped, as the language does."""
    assert [join_list(["A", "B", "C"], language) for language in ("en", "en-US", "es", "de", "ja")] == [
        "A, B and C",
        "A, B, and C",
        "A, B y C",
        "A, B und C",
        "A、B、C",
    ]
    assert [join_list(items, "en") for items in ([], ["A"], ["A", "B"], ["{0}", "{1}", "%"])] == ["", "A", "A and B", "{0}, {1} and %"]
    assert [spaces(format_number(1234567.5, language)) for language in ("en", "de", "fr")] == ["1,234,567.5", "1.234.567,5", "1 234 567,5"]


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("ar-EG", "rtl"),
        ("he", "rtl"),
        ("fa", "rtl"),
        ("ur", "rtl"),
        ("ku-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("ja", "ltr"),
    ],
)
def test_the_direction_of_a_language(language: str, direction: str) -> None:
    """Right to left for Arabic, Hebrew, Persian, Urdu and whatever is written in such a script."""
    assert direction_of(language) == direction


# --- sameness -------------------------------------------------------------------------------------------------------

_WORDS = """
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo
from iopsgen.texts import STYLES, Texts, format_date, format_when, format_days, first_weekday, language_name
from iopsgen.views import When
found = {}
for language in sys.argv[1].split():
    zone = ZoneInfo("Europe/London")
    when = When(start=datetime(2012, 10, 28, 11, tzinfo=zone), end=datetime(2012, 10, 28, 17, tzinfo=zone))
    words = [format_date(date(2012, 10, 28), style, language) for style in STYLES]
    words += [format_when(when, Texts(language), language), format_days(date(2012, 5, 3), date(2012, 6, 4), language), language_name("fr", language)]
    found[language] = words
for language in sorted(found):
    print(language, ascii(found[language]))
"""


def test_the_order_of_languages_and_the_machine_change_nothing() -> None:
    """Whatever language is written first, and under whatever locale, time zone and hash seed, the words are the same.

    Babel's own locales fail this: after a Japanese date, Czech and Italian months are Japanese.
    """
    orders = ("ja cs it he en ar es de fr pt en-US", "en-US pt fr de es ar en he it cs ja", "en es cs ja en-US it pt fr de ar he")
    environments = (
        {"LANG": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"LANG": "ja_JP.UTF-8", "LC_ALL": "ja_JP.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2"},
        {"LANG": "xx_YY", "LC_TIME": "de_DE", "TZ": "Nowhere/Bogus", "PYTHONHASHSEED": "3", "LANGUAGE": "fr"},
    )
    inherited = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_TIME", "TZ", "LANGUAGE")}
    said = {
        subprocess.run(
            [sys.executable, "-c", _WORDS, order], env={**inherited, **environment}, capture_output=True, text=True, check=True
        ).stdout
        for order, environment in zip(orders, environments, strict=True)
    }
    assert len(said) == 1
    assert "\\u010dervna" in said.pop()  # Czech June, in Czech


def test_asking_for_a_name_does_not_load_babel() -> None:
    """The room itself is light: Babel comes with the first text."""
    command = "import sys, iopsgen.texts; print('babel' in sys.modules, 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]


def test_the_room_names_what_it_offers() -> None:
    """Everything in `__all__` exists."""
    assert all(hasattr(room, name) for name in room.__all__)
