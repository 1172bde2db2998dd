"""The default theme: whole over every kind of page and in every language, light, readable, and true to its own rules."""

import ast
import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import html5lib
import msgspec
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from lxml import etree

from iopsgen.model import Status
from iopsgen.outputs.frame import POLICY
from iopsgen.render import Renderer
from iopsgen.texts import load_texts
from iopsgen.theme import PACKAGED, Theme, choose_options, load_theme, static_files, template_names
from iopsgen.views import Frame, View
from tests import sample_views as samples

FOLDER = PACKAGED / "default"
LANGUAGES = ("en", *sorted(path.parent.parent.name for path in FOLDER.glob("locale/*/LC_MESSAGES/messages.po")))
NAMES = sorted(samples.sample_pages())
PALETTES = ("ink", "teal", "forest", "rust", "berry", "plum", "slate")
Key = tuple[str, ...]  # a text, or its singular and plural


# --- what the tests look at -----------------------------------------------------------------------------------------


@cache
def the_theme() -> Theme:
    theme, problems = load_theme(Path("/nowhere"), "default")
    assert theme is not None and not problems
    return theme


@cache
def the_renderer() -> Renderer:
    return Renderer(the_theme(), lambda digest: samples.HTML[digest])


@cache
def the_frame(language: str, bare: bool = False) -> Frame:
    options, problems = choose_options(the_theme(), {})
    assert not problems
    frame = samples.bare_frame(language) if bare else samples.frame(language)
    assets = {name: f"{samples.ROOT}assets/{name}" for name in static_files(the_theme())}
    return msgspec.structs.replace(frame, theme=options, assets=assets, csp=POLICY)


def render(template: str, view: View, language: str = "en", bare: bool = False) -> str:
    data, problems = the_renderer().render(template, view, the_frame(language, bare))
    assert not problems, problems[0]
    assert data is not None
    return data.decode()


@cache
def page(name: str, language: str = "en") -> str:
    """The page of a sample; bare ones stand in the frame of a site's first day."""
    sample = samples.sample_pages(language)[name]
    return render(sample.template, sample.view, language, bare=name.endswith(("bare", "empty")))


def parse(html: str) -> Any:
    """The document as a browser sees it; anything but sound HTML raises."""
    return html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), strict=True, namespaceHTMLElements=False).parse(html).getroot()


@cache
def document(name: str, language: str = "en") -> Any:
    return parse(page(name, language))


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def texts_of_templates() -> dict[Key, str]:
    """Every text that templates and the program translate, with a file that has it."""
    options = {"**.html": {"trim_blocks": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"}}
    found: dict[Key, str] = {}
    for file, _, message, _, _ in extract_from_dir(FOLDER / "templates", [("**.html", "jinja2")], options_map=options):
        found[(message,) if isinstance(message, str) else tuple(map(str, message))] = file
    program = PACKAGED.parent
    for path in (program / "texts.py", *sorted((program / "outputs").glob("*.py")), *sorted((program / "receiver").glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                count = {"gettext": 1, "say": 1, "ngettext": 2}.get(name, 0)
                texts = tuple(arg.value for arg in node.args[:count] if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
                if count and len(texts) == count:
                    found.setdefault(texts, path.name)
    return found


def catalogue(path: Path) -> dict[Key, tuple[str, ...]]:
    """The texts of a catalogue with their translations."""
    with path.open(encoding="utf-8") as file:
        messages = [message for message in read_po(file) if message.id]
    assert not [message.id for message in messages if message.fuzzy]
    return {
        (message.id,) if isinstance(message.id, str) else tuple(message.id): (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        for message in messages
    }


# --- every page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_sound_in_every_language(language: str) -> None:
    """Each sample renders without a problem, as HTML without a fault, in its language and direction, under a title of its own."""
    for name in NAMES:
        root = document(name, language)
        view: Any = samples.sample_pages(language)[name].view
        expected = view.language if name == "redirect" else view.head.language
        assert root.get("lang") == expected, name
        assert name == "redirect" or root.get("dir") == ("rtl" if expected == "ar" else "ltr"), name
        assert len(root.findall(".//title")) == 1 and text_of(root.find(".//title")), name
        assert "\x02" not in page(name, language) and "None" not in "".join(root.itertext()), name


def test_samples_cover_every_template() -> None:
    """Every template of a page has a sample, and every part is included somewhere."""
    sources = {name: FOLDER.joinpath("templates", name).read_text("utf-8") for name in template_names(the_theme())}
    rendered = {sample.template for sample in samples.sample_pages().values()}
    assert {name for name in sources if not name.startswith("_")} == rendered | {"base.html"}
    for part in (name for name in sources if name.startswith("_")):
        assert any(f'"{part}"' in source for source in sources.values()), part


@pytest.mark.parametrize("name", NAMES)
def test_headings_are_in_order(name: str) -> None:
    """A page has one h1, and no heading skips a level."""
    levels = [int(e.tag[1]) for e in document(name).find("body").iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("name", [n for n in NAMES if n != "redirect" and not n.startswith("embed")])
def test_landmarks_and_links_lead_somewhere(name: str) -> None:
    """There is a skip link, one main, a header and a footer; ids are unique, and whatever refers to one finds it."""
    root = document(name)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    first = root.find("body").find("a")
    assert first.get("class") == "skip" and first.get("href") == "#main"
    assert [len(root.findall(f".//{tag}")) for tag in ("main",)] == [1]
    assert root.find("body/header") is not None and root.find("body/footer") is not None
    own = {"#" + i for i in ids}
    assert {e.get("href") for e in root.iter("a") if (e.get("href") or "").startswith("#")} <= own
    for attribute in ("for", "aria-labelledby"):
        assert {"#" + e.get(attribute) for e in root.iter() if e.get(attribute)} <= own
    for control in root.iter("input", "textarea", "select"):
        if control.get("type") not in ("hidden", "checkbox"):
            assert root.xpath(f'//label[@for="{control.get("id")}"]'), control.get("name")
    assert all(e.get("alt") is not None for e in root.iter("img"))
    assert all(e.get("datetime") for e in root.iter("time"))


@pytest.mark.parametrize("name", NAMES)
def test_pages_obey_their_policy(name: str) -> None:
    """Nothing is inline, nothing is fetched from elsewhere, and scripts are the theme's own; a click may lead anywhere."""
    root = document(name)
    for element in root.iter():
        assert not [key for key in element.attrib if key.startswith("on") or key == "style"], element.tag
        assert not str(element.get("href") or "").startswith("javascript:")
    assert not list(root.iter("style")) and not list(root.iter("iframe")) and not list(root.iter("base"))
    for script in root.iter("script"):
        if script.get("type") == "application/ld+json":
            json.loads(script.text)
        else:
            assert script.get("src", "").startswith(samples.ROOT + "assets/") and not script.text
    loaded = [e.get("src") for e in root.iter("img", "script", "source", "video", "audio")]
    loaded += [e.get("href") for e in root.iter("link") if e.get("rel") in ("stylesheet", "icon", "preload")]
    assert all(not urlsplit(url).netloc for url in loaded)


def test_texts_are_escaped_wherever_they_stand() -> None:
    """A title, a name or an address that holds markup stays text."""
    evil = '"><script>alert(1)</script>&<b>'

    kept = ("json_ld", "digest", "body", "bio", "status", "kind", "direction", "register_status")

    def poisoned(value: Any) -> Any:
        if isinstance(value, View):
            fields = {key: getattr(value, key) for key in value.__struct_fields__}
            return type(value)(**{key: old if key in kept and isinstance(old, str) else poisoned(old) for key, old in fields.items()})
        if isinstance(value, tuple):
            return tuple(poisoned(item) for item in value)
        return value + evil if isinstance(value, str) and value else value

    for name, sample in samples.sample_pages().items():
        html = render(sample.template, poisoned(sample.view))
        assert "<script>alert" not in html and "&<b>" not in html, name
        assert "alert(1)" in html


# --- what readers find ----------------------------------------------------------------------------------------------


def test_an_event_page_answers_in_the_order_of_the_questions() -> None:
    """When, what, where, registration, calendar, description, access, organiser, share: in this order."""
    html = page("event")
    marks = ["poster-when", "<h1", "street-address", "Take part online", "40 places", "register.example", "Add to calendar", "e-content"]
    marks += ['id="access"', 'id="organisers"', 'id="share"', 'id="comments"']
    places = [html.index(mark) for mark in marks]
    assert places == sorted(places)
    when = document("event").xpath('//*[@class="poster-when"]/time[@class="dt-start"]')[0]
    assert when.get("datetime") == "2012-10-28T11:00:00+00:00"
    assert "Sunday" in text_of(when) and "GMT" in text_of(when)


@pytest.mark.parametrize("status", get_args(Status))
def test_the_status_of_an_event_is_said_before_its_title(status: str) -> None:
    """A reader learns that an event is cancelled, postponed, uncertain or online before anything else, and why."""
    view = samples.event_view(status=status, reason="The room was flooded." if status != "scheduled" else "")
    root = parse(render("event.html", view))
    said = {"scheduled": "", "cancelled": "Cancelled", "postponed": "Postponed", "tentative": "Not yet certain", "moved-online": "Moved online"}
    notices = root.xpath('//header//*[starts-with(@class, "notice")]')
    assert [text_of(notice) for notice in notices] == ([f"{said[status]} The room was flooded."] if said[status] else [])
    assert bool(root.xpath('//a[@href="https://register.example/welcome"]')) == (status not in ("cancelled", "postponed"))
    assert {"Cancelled", "Postponed", "Not yet certain", "Moved online"} <= {text_of(e) for e in document("events").xpath("//article//strong")}


def test_a_series_lists_its_dates() -> None:
    """Dates to come are listed with what became of them; those far away are folded, none is left out."""
    root = document("event-series")
    items = root.xpath('//ul[@class="dates"]/li')
    assert len(items) == 14 and len(root.xpath('//details/ul[@class="dates"]/li')) == 2
    assert text_of(items[1]).startswith("Cancelled") and "Too near to the holidays" in text_of(items[1])
    assert "Moved" in text_of(items[2]) and "Regent's Park" in text_of(items[2])
    assert "3 dates are over." in text_of(root)


def test_a_series_says_what_is_different() -> None:
    """Beside the rule stand its exceptions, and a date elsewhere leads to that place; how many dates are over comes last."""
    root = document("event-series")
    repeats = next(e for e in root.xpath('//dl[@class="facts"]/div') if "Repeats" in text_of(e.find("dt")))
    assert text_of(repeats.find("dd")) == "Every first Monday of the month, until 30 June 2013 · except 7 January 2013"
    moved = root.xpath('//ul[@class="dates"]/li')[2]
    assert [text_of(e) for e in moved.xpath('.//*[@class="tag"]')] == ["Moved", "Other place"]
    assert "instead of Saturday 27 October 2012, 11:00" in text_of(moved)
    html = page("event-series")
    assert html.index('class="dates"') < html.index("3 dates are over.")


def test_lists_mark_what_is_different() -> None:
    """A date that was moved, renamed or takes place elsewhere says so in lists, in the month and in frames of other sites."""
    card = next(e for e in document("home").iter("article") if "A walk instead" in text_of(e))
    assert "Moved instead of Saturday 27 October 2012, 11:00 · Other place The room is taken" in text_of(card)
    assert "Reading walk" in text_of(card)
    month = parse(render("month.html", samples.month_view(weeks=((samples.DayCell(day=samples.date(2012, 10, 28), events=samples.event_cards()[6:7]),),))))
    assert [text_of(e) for e in month.xpath('//td//*[@class="grid-mark"]/*')] == ["Moved", "Other place"]
    assert "Moved" in text_of(document("embed"))


def test_co_hosts_are_all_named() -> None:
    """A card names every chapter that organises an event, and the event's page every chapter and person."""
    card = next(e for e in document("events").iter("article") if "Open evening" in text_of(e))
    assert [text_of(e) for e in card.xpath('.//p[@class="meta"]/a')] == ["London", "United Kingdom"]
    root = parse(render("event.html", samples.event_view(organisers=(samples.LONDON_REF, samples.UK_REF, samples.ADA))))
    assert [text_of(e) for e in root.xpath('//section[@aria-labelledby="organisers"]//a[contains(@class, "p-organizer")]')] == ["London", "United Kingdom", "Ada Okonkwo"]
    assert [text_of(e) for e in root.xpath('//header//p[@class="kicker"]/a')] == ["London", "United Kingdom"]


def test_nothing_invites_to_what_is_over() -> None:
    """After an event its report, recording and notes come first; there is no registration, no way into a calendar and no link to join."""
    root = document("event-over")
    links = [text_of(e) for e in root.xpath("//main//a | //main//summary")]
    assert links[links.index("Show on a map") + 1 :][:3] == ["How it was", "Recording", "Notes"]
    assert not {"Register", "Add to calendar", "Take part online"} & set(links) and "40 places" not in text_of(root)


def test_registration_says_until_when_and_when_it_is_closed() -> None:
    """A last day has no time of day; once it is past or all places are taken nothing invites to register."""
    open_until = parse(render("event.html", samples.event_view(register_until=samples.date(2012, 10, 26), register_closes=samples.moment(27, hour=0))))
    fact = next(text_of(e) for e in open_until.xpath('//dl[@class="facts"]/div') if "Registration" in text_of(e))
    assert fact.endswith("free, donations welcome · 40 places · until 26 October 2012")
    button = open_until.xpath('//a[@href="https://register.example/welcome"]')[0]
    assert button.get("data-end") == "2012-10-27T00:00:00+01:00"
    assert open_until.xpath("//*[@data-from]")[0].get("hidden") is not None
    for status, words in (("full", "All places are taken."), ("closed", "Registration is closed.")):
        shut = parse(render("event.html", samples.event_view(register_status=status)))
        assert words in text_of(shut) and not shut.xpath('//a[@href="https://register.example/welcome"]')


def test_a_venue_has_a_card_and_its_events() -> None:
    """A venue's page has name, address, position, map, access, calendar, and what is to come before what was."""
    root = document("venue")
    card = root.xpath('//*[contains(@class, "h-card")]')[0]
    for name in ("p-name", "p-street-address", "p-locality", "p-country-name", "p-latitude", "p-longitude", "u-url"):
        assert card.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]'), name
    assert "Wheelchair accessible · Hearing loop" in text_of(card) and card.xpath('.//a[starts-with(@href, "https://www.openstreetmap.org/")]')
    assert [text_of(e) for e in root.xpath("//main//h2")] == ["Coming up", "Past events"]
    assert root.xpath('//main//a[text()="All past events "]/@href') == ["/iops/events/past/"]
    assert document("event").xpath('//dl[@class="facts"]//a[contains(@class, "p-name")]/@href') == ["/iops/venues/firebox/"]


def test_a_page_for_frames_stands_alone() -> None:
    """It has a style of its own, no menu and no footer; search engines pass it by; every link leads out of the frame."""
    root = document("embed")
    assert root.xpath('//link[@rel="stylesheet"]/@href') == ["/iops/assets/embed.css"]
    assert not root.xpath("//nav | //footer | //header") and root.xpath('//meta[@name="robots"]/@content') == ["noindex"]
    assert root.xpath("//a") and all(e.get("target") == "_top" for e in root.iter("a"))
    assert len(root.xpath('//li[contains(@class, "h-event")]')) == len(samples.event_cards())
    assert "No events are planned" in text_of(document("embed-empty").xpath("//p[@data-empty and not(@hidden)]")[0])


def test_lists_know_when_they_are_out_of_date() -> None:
    """Cards carry the moment at which they are over, those of a series also that of the date shown; the note that nothing is planned waits."""
    card = next(e for e in document("events").iter("article") if "Open evening" in text_of(e))
    assert card.get("data-end") == "2013-01-07T21:00:00+00:00"
    assert card.xpath('.//p[@class="event-when"]/@data-end') == ["2012-11-05T17:00:00+00:00"] == card.xpath('.//div[starts-with(@class, "leaf")]/@data-end')
    for name in ("home", "events", "chapter", "venue", "term", "person", "embed"):
        notes = document(name).xpath("//*[@data-empty]")
        assert len(notes) == 1 and notes[0].get("hidden") is not None, name
    assert not document("month").xpath("//*[@data-end]") and not document("events-past").xpath("//*[@data-end]")


def test_a_discussion_reads_as_one() -> None:
    """The count stands in the heading; everybody is named or said to be nameless; replies name whom they answer, one level deep."""
    root = document("post")
    thread = root.xpath('//*[@id="comments"]')[0]
    assert text_of(thread.find("h2")) == "6 comments"
    names = [text_of(e) for e in thread.xpath('.//*[contains(@class, "comment-name")]')]
    assert names == ["Ana", "Ada Okonkwo", "No name", "No name", samples.LONG_WORD, "ليلى"]
    answers = [text_of(e) for e in thread.xpath('.//p[contains(@class, "in-reply")]')]
    assert answers == ["In reply to Ana", "In reply to Ada Okonkwo", "In reply to a removed comment"]
    assert not thread.xpath("./ol/li/ol/li/ol")
    dates = thread.xpath('.//a[contains(@class, "comment-date")]')
    assert [e.get("href") for e in dates][:2] == ["/iops/posts/welcome/#comment-c1", "/iops/posts/welcome/#comment-c2"]
    assert "This comment was removed." in text_of(thread)
    assert thread.xpath('.//article[@lang="ar"]/@dir') == ["auto"]
    assert all(e.get("rel") == "nofollow ugc noopener" for e in thread.xpath('.//a[@href="https://ana.example/"]'))


def test_the_comment_form_needs_no_script_and_asks_for_no_address() -> None:
    """The form posts to the form service with the page, the service's own fields and a trap for robots, beside a prepared e-mail."""
    form = document("post").xpath("//form")[0]
    assert (form.get("action"), form.get("method")) == ("https://forms.example/submit", "post")
    fields = {e.get("name"): e for e in form.iter("input", "textarea", "select")}
    assert set(fields) == {"page", "language", "form-name", "body", "name", "url", "parent", "website"}
    assert fields["page"].get("value") == "/posts/welcome/" and fields["body"].get("required") is not None
    assert fields["website"].get("tabindex") == "-1" and fields["website"].getparent().get("aria-hidden") == "true"
    assert [e.get("value") for e in fields["parent"]] == ["", "c1", "c2", "c3", "c4", "c6", "c7"]
    assert document("post").xpath('//a[starts-with(@href, "mailto:hello@example.org?subject")]')
    mail = document("post-mail")
    assert not mail.xpath("//form") and mail.xpath('//*[@id="write"]//a[starts-with(@href, "mailto:")]') and "We keep nothing." in text_of(mail)


def test_a_closed_discussion_stays_readable() -> None:
    """Where comments are closed they are still shown, without a form and without links to reply."""
    root = document("post-long")
    assert len(root.xpath('//article[contains(@class, "u-comment")]')) == 6
    assert not root.xpath('//form | //*[@id="write"] | //a[@href="#write"]')
    assert "This discussion is closed." in text_of(root)


def test_pages_say_what_they_are_to_other_programs() -> None:
    """Canonical address, cards, feeds, translations and microformats stand where programs look for them."""
    root = document("post")
    meta = {e.get("property") or e.get("name"): e.get("content") for e in root.iter("meta")}
    assert meta["og:type"] == "article" and meta["og:image"] == "https://example.org/iops/posts/welcome/table.jpg"
    assert meta["twitter:card"] == "summary_large_image" and meta["description"] == meta["og:description"]
    assert meta["article:published_time"].startswith("2012-10-05T") and not any((value or "").startswith("/") for value in meta.values())
    links = [(e.get("rel"), e.get("type") or e.get("hreflang") or "", e.get("href")) for e in root.iter("link")]
    assert ("canonical", "", "https://example.org/iops/posts/welcome/") in links
    assert ("alternate", "text/calendar", "/iops/calendar.ics") in links and ("alternate", "ar", "https://example.org/iops/ar/posts/welcome/") in links
    entry = root.xpath('//article[contains(@class, "h-entry")]')[0]
    for name in ("p-name", "e-content", "dt-published", "p-author", "p-category", "u-url", "u-syndication", "u-comment"):
        assert entry.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]'), name
    event = document("event").xpath('//article[contains(@class, "h-event")]')[0]
    for name in ("p-name", "dt-start", "dt-end", "p-location", "e-content", "p-category", "p-organizer"):
        assert event.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]'), name
    assert text_of(root.find(".//title")) == "Welcome event in London · IOPS"
    assert text_of(document("home").find(".//title")) == the_frame("en").title


def test_the_menu_shows_where_one_is() -> None:
    """The menu marks the page itself as `page` and the section it lies in as `true`, and nothing on other pages."""
    marks = {
        name: [(text_of(a), a.get("aria-current")) for a in document(name).xpath('//nav[@class="menu"]//a[@aria-current]')]
        for name in ("events", "event", "home", "404")
    }
    assert marks["events"] == [("Events", "page")]
    assert marks["event"] == [("Events", "true")]
    assert marks["home"] == marks["404"] == []


def test_the_home_page_leads_on() -> None:
    """Who we are, what is next, what is new, the chapters and the way in; on the first day a site says that nothing is announced."""
    root = document("home")
    text = text_of(root.find(".//main"))
    marks = [the_frame("en").title, "Join us", "Meet us next", "Coming up", "What is new", "Manchester"]
    assert [text.index(mark) for mark in marks] == sorted(text.index(mark) for mark in marks)
    assert root.xpath('//main//a[contains(@class, "button")]/@href')[:2] == ["/iops/join/", "/iops/chapters/"]
    assert "Nothing has been announced yet." in text_of(document("home-empty"))


def test_a_month_is_a_table_and_a_list() -> None:
    """The grid has weekdays as headings and every event; the list beside it holds the same events for small screens."""
    root = document("month")
    assert [e.get("title") for e in root.xpath('//th[@scope="col"]/abbr')] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert {len(row.findall("td")) for row in root.xpath("//tbody/tr")} == {7}
    in_grid = set(root.xpath("//td//a/@href"))
    assert in_grid == set(root.xpath('//*[contains(@class, "grid-list")]//a[@class="u-url"]/@href')) and len(in_grid) == 4
    assert [text_of(e).split()[0] for e in root.xpath('//td//li[@class="off"]')] == ["Cancelled", "Postponed"]


def test_what_needs_a_script_is_hidden_without_one() -> None:
    """The switch of colours and the copy buttons wait for the script; the addresses stand there as text."""
    root = document("subscribe")
    waiting = root.xpath("//*[@data-copy or @data-switch]")
    assert len(waiting) == 21 and all(e.get("hidden") is not None for e in waiting)
    assert {e.get("data-copy") for e in root.xpath("//*[@data-copy]")} == {text_of(e) for e in root.iter("code")}


def test_cards_in_another_language_say_so() -> None:
    """A French event and an Arabic post among English ones carry their language, and find their own direction."""
    assert {(e.get("lang"), e.get("dir")) for e in document("home").xpath("//article[@lang]")} == {("fr", "auto"), ("ar", "auto")}


# --- texts ----------------------------------------------------------------------------------------------------------


def test_the_languages_that_were_promised_are_there() -> None:
    """English, Spanish, French, German and Portuguese, and one that is written from right to left."""
    assert {"en", "es", "fr", "de", "pt", "ar"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_catalogues_are_complete(language: str) -> None:
    """Every text of the templates and of the program is translated, in all plural forms, and nothing else is."""
    path = FOLDER / "locale" / language / "LC_MESSAGES" / "messages.po"
    wanted, found = texts_of_templates(), catalogue(path)
    assert sorted(set(wanted) - set(found)) == [], f"add these to {path}"
    assert sorted(set(found) - set(wanted)) == [], f"take these out of {path}"
    with path.open(encoding="utf-8") as file:
        forms = read_po(file).num_plurals
    assert forms == {"ar": 6}.get(language, 2)
    for ids, said in found.items():
        assert all(said) and len(said) == (forms if len(ids) > 1 else 1), ids
    texts = load_texts(the_theme(), language)
    assert not texts.problems
    comments = found["%(num)s comment", "%(num)s comments"]
    one, five = (comments[1], comments[3]) if language == "ar" else comments
    assert [texts.ngettext("%(num)s comment", "%(num)s comments", number) for number in (1, 5)] == [one, five]


def test_the_list_for_translators_is_up_to_date() -> None:
    """`locale/messages.pot` holds exactly the texts that there are to translate."""
    assert set(catalogue(FOLDER / "locale" / "messages.pot")) == set(texts_of_templates())


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_no_english_is_left_on_translated_pages(language: str) -> None:
    """What the interface says on a translated page is not the English text, unless the words are the same in both languages."""
    found = catalogue(FOLDER / "locale" / language / "LC_MESSAGES" / "messages.po")
    for name in ("post", "event", "subscribe", "chapters"):
        labels = {e.get("aria-label") for e in document(name, language).iter() if e.get("aria-label")}
        labels |= {text_of(e) for e in document(name, language).iter("h2", "dt", "summary", "label", "button")}
        for ids, texts in found.items():
            assert ids[0] not in labels or ids[0] in texts, (name, ids[0])


# --- style and script -----------------------------------------------------------------------------------------------


def minified(script: str) -> str:
    """A script without the comments and spaces that machines do not need; names stay as they are."""
    lines = (line.strip() for line in script.splitlines())
    return re.sub(r" *([=(){}?:;,<>&|*]+) *", r"\1", "".join(line for line in lines if not line.startswith("//")))


def test_budgets_hold() -> None:
    """Style up to 12 kB, script up to 3 kB, that of the search page as much again, an event page up to 20 kB, compressed."""

    def packed(data: bytes) -> int:
        return len(gzip.compress(data, 9, mtime=0))

    static = FOLDER / "static"
    assert packed(static.joinpath("style.css").read_bytes()) + packed(static.joinpath("code.css").read_bytes()) <= 12_000
    assert sum(packed(path.read_bytes()) for path in static.glob("*.js") if path.name != "search.js") <= 3_000
    assert packed(static.joinpath("search.js").read_bytes()) <= 3_000
    assert packed(page("event").encode()) <= 20_000
    assert packed(static.joinpath("embed.css").read_bytes()) <= 1_000  # a frame loads this alone
    passing, marker, _ = static.joinpath("time.js").read_text("utf-8").partition("  // The reader's own time")
    assert marker and len(minified(passing).encode()) < 1_000  # what is over leaves what is to come


def css() -> str:
    return re.sub(r"/\*.*?\*/", "", "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("static/*.css"))), flags=re.DOTALL)


def test_the_style_needs_nothing_from_elsewhere_and_no_direction() -> None:
    """No fonts, pictures or imports; no left and right, so that a page written from right to left is its mirror image."""
    assert not re.search(r"@import|url\(|@font-face|!important(?! )", css().replace("display: none !important", ""))
    physical = re.findall(r"(?<![\w-])((?:margin|padding|border)-(?:left|right|top|bottom)[\w-]*|left|right|top|bottom|width|height|float: *(?:left|right))\s*:", css())
    assert physical == []
    assert re.findall(r"text-align: (?:left|right)", css()) == ["text-align: left"]  # of code, which always runs that way
    assert "prefers-reduced-motion" in css() and "@media print" in css() and ":focus-visible" in css()


def tokens(palette: str, dark: bool) -> dict[str, str]:
    """The colours of a palette in a mode, as the style sheet gives them."""
    found: dict[str, str] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", FOLDER.joinpath("static", "style.css").read_text("utf-8")):
        selector = re.sub(r"/\*.*?\*/", "", selectors, flags=re.DOTALL).strip()
        if selector in (":root", f'[data-accent="{palette}"]') or (dark and selector == ':root[data-colours="dark"]'):
            found |= dict(re.findall(r"--([\w-]+): ([^;]+);", body))
    return {key: found[match[1]] if (match := re.fullmatch(r"var\(--([\w-]+)\)", value)) else value for key, value in found.items()}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("dark", [False, True])
def test_palettes_have_contrast(palette: str, dark: bool) -> None:
    """Text stands out by 4.5 to 1 from whatever it lies on, edges of fields and the focus by 3 to 1 (WCAG 1.4.3, 1.4.11)."""
    colour = tokens(palette, dark)
    for text, ground in (
        *((text, ground) for text in ("ink", "soft", "link") for ground in ("ground", "tint", "code")),
        ("on-band", "band"), ("on-band-soft", "band"), ("spark", "band"), ("on-spark", "spark"), ("alarm", "ground"), ("alarm", "alarm-tint"), ("ink", "alarm-tint"),
    ):  # fmt: skip
        assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert contrast(colour["edge"], colour["ground"]) >= 3 and contrast(colour["edge"], colour["tint"]) >= 3


def test_both_ways_into_the_dark_are_the_same() -> None:
    """What the reader's system asks for and what the switch chooses have the same colours, in both style sheets."""
    for name in ("style.css", "code.css"):
        blocks = re.findall(r':root(?::not\(\[data-colours="light"\]\)|\[data-colours="dark"\]) \{([^{}]*)\}', FOLDER.joinpath("static", name).read_text("utf-8"))
        assert len(blocks) == 2 and blocks[0].split() == blocks[1].split()


def test_palettes_are_those_that_are_documented() -> None:
    """theme.yml names the palettes that the style sheet has."""
    style = FOLDER.joinpath("static", "style.css").read_text("utf-8")
    line = next(line for line in FOLDER.joinpath("theme.yml").read_text("utf-8").splitlines() if line.strip().startswith("accent:"))
    assert {"ink", *re.findall(r'^\[data-accent="(\w+)"\]', style, re.MULTILINE)} == set(PALETTES)
    assert all(name in line for name in PALETTES)


def used_icons() -> Iterator[str]:
    for path in FOLDER.glob("templates/*.html"):
        for call in re.findall(r"icon\(([^)]*)\)", path.read_text("utf-8")):
            yield from re.findall(r'"([a-z-]+)"(?! *==)', re.sub(r'== *"[^"]*"', "", call))


def test_icons_are_sound_and_none_is_idle() -> None:
    """Every icon is well-formed, hidden from readers aloud, drawn in the colour of the text, and used."""
    assert set(used_icons()) == set(the_theme().icons)
    for name, file in the_theme().icons.items():
        root = etree.fromstring(file.text)
        assert root.get("aria-hidden") == "true" and root.get("viewBox") == "0 0 24 24" and f"icon-{name}" in root.get("class"), name
        assert "currentColor" in file.text and "<script" not in file.text


def test_options_reach_the_page() -> None:
    """Each option of the theme changes what a page says about itself; none becomes a style."""
    options, problems = choose_options(the_theme(), {"accent": "berry", "text": "sans", "corners": "straight", "colours": "dark", "join": "", "icon": "icon.png"})
    assert not problems and set(options) == {"accent", "text", "corners", "colours", "join", "icon"}
    data, problems = the_renderer().render("home.html", samples.sample_pages()["home"].view, msgspec.structs.replace(the_frame("en"), theme=options))
    assert data is not None and not problems
    root = parse(data.decode())
    assert [root.get(f"data-{name}") for name in ("accent", "text", "corners", "colours")] == ["berry", "sans", "straight", "dark"]
    assert root.xpath('//link[@rel="icon"]/@href') == ["/iops/icon.png"]
    assert not root.xpath('//*[@data-switch] | //main//a[contains(@class, "button") and contains(@href, "join")]')
