"""Slips of the pen in the times of an event: each has its message, its place and its remedy, and what is meant so is let pass."""

from datetime import timedelta

import pytest

from iopsgen.daywords import weekdays_in_title
from iopsgen.model import Change, EventFields, Registration
from iopsgen.problems import Problem
from tests.unit.test_events import at, clock, event, only, repeated, resolve

MONDAY = at("2026-12-07 19:00", line=3)
SEVEN, NINE = clock("19:00"), clock("21:00")


def told(fields: EventFields) -> list[Problem]:
    """What is said of an event."""
    return resolve(fields)[1]


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ({"start": at("2206-12-07 19:00")}, "2206-12-07, more than two years ahead", "Did you mean 2026-12-07?"),
        ({"start": at("2206-02-07 19:00")}, "2206-02-07, more than two years ahead", "Did you mean 2027-02-07?"),
        ({"start": at("2016-12-07 19:00"), "publish": at("2026-10-01")}, "2016-12-07, long before it is published on 2026-10-01", "Did you mean 2026-12-07?"),
        ({"start": MONDAY, "repeat": repeated("weekly until 2206-12-07")}, "until 2206-12-07, 180 years after", "Did you mean 2026-12-07?"),
        ({"start": MONDAY, "was": at("2026-12-07 19:00")}, "old start is the same", "when it would have been"),
        ({"start": at("2026-12-07"), "was": at("2026-12-07")}, "old start is the same", "when it would have been"),
        ({"start": MONDAY, "was": at("2026-12-07 18:00Z")}, "old start is the same", "when it would have been"),
        ({"start": MONDAY, "register": Registration(until=at("2026-12-08"))}, "closes on 2026-12-08, after the event starts on 2026-12-07 19:00", "register.until"),
        ({"start": MONDAY, "register": Registration(until=at("2026-12-07 19:30"))}, "closes on 2026-12-07 19:30", "register.until"),
        (
            {"start": MONDAY, "repeat": repeated("weekly until 2026-12-21"), "register": Registration(until=at("2026-12-22"))},
            "after the series ends on 2026-12-21",
            "register.until",
        ),
        (
            {"start": MONDAY, "repeat": repeated("weekly, 3 times"), "register": Registration(until=at("2026-12-22"))},
            "after its last date starts on 2026-12-21 19:00",
            "register.until",
        ),
        ({"start": MONDAY, "expires": at("2026-12-01")}, "leaves the site on 2026-12-01, before it takes place", "Leave expires out"),
        ({"start": MONDAY, "repeat": repeated("weekly, 1 times")}, "only one date, 2026-12-07 19:00, since it takes place once", "leave the repetition out"),
        ({"start": MONDAY, "repeat": repeated("weekly until 2026-12-10")}, "only one date, 2026-12-07 19:00, since it ends on 2026-12-10", "how it ends"),
        ({"dates": (MONDAY,)}, "Only one date is listed", "Write start: 2026-12-07 19:00"),
        ({"start": MONDAY, "end": at("2026-12-27 21:00")}, "lasts 20 days without a break", "start: 2026-12-07 and end: 2026-12-27"),
        ({"start": MONDAY, "duration": timedelta(days=15)}, "lasts 15 days without a break", "start: 2026-12-07 and end: 2026-12-22"),
        (
            {"start": MONDAY, "repeat": repeated("yearly, 2 times"), "changes": (Change(original=at("2027-12-07"), end=at("2027-12-31 21:00")),)},
            "lasts 24 days",
            "start: 2027-12-07 and end: 2027-12-31",
        ),
        (
            {"start": MONDAY, "repeat": repeated("weekly, 4 times"), "changes": (Change(original=at("2026-12-14"), start=at("2026-12-21 19:00")),)},
            "takes place twice at 2026-12-21 19:00",
            "Move one of the two",
        ),
        (
            {"start": MONDAY, "end": NINE, "end_is_time": True, "repeat": repeated("weekly, 4 times, also 2026-12-14 20:00")},
            "starts at 2026-12-14 20:00 begins before the one of 2026-12-14 19:00 is over",
            "cancel it",
        ),
        (
            {"dates": (MONDAY, at("2026-12-07 20:00")), "end": NINE, "end_is_time": True},
            "starts at 2026-12-07 20:00 begins before the one of 2026-12-07 19:00 is over",
            "Move one",
        ),
        ({"start": at("2028-02-29 19:00"), "repeat": repeated("yearly")}, "not take place in February 2029, February 2030, February 2031", "28 February"),
    ],
)
def test_a_slip_is_told_once(written: dict[str, object], message: str, hint: str) -> None:
    """Each slip is one warning or hint, with the dates concerned and what to write."""
    problem = only(event(**written))
    assert problem.severity in ("warning", "hint")
    assert message in problem.message and hint in problem.hint
    assert problem.place is not None and problem.place.line


@pytest.mark.parametrize(
    "written",
    [
        {"start": at("2028-10-07 19:00")},
        {"start": at("2026-09-07 19:00"), "publish": at("2026-10-01")},
        {"start": at("2012-01-02 19:00"), "repeat": repeated("monthly on the first Monday"), "publish": at("2026-10-01")},
        {"start": MONDAY, "repeat": repeated("weekly until 2030-12-07")},
        {"start": MONDAY, "was": at("2026-12-07 18:00")},
        {"start": MONDAY, "was": at("2026-12-07")},
        {"start": MONDAY, "register": Registration(until=at("2026-12-07"))},
        {"start": MONDAY, "register": Registration(until=at("2026-12-07 19:00"))},
        {"start": MONDAY, "repeat": repeated("weekly"), "register": Registration(until=at("2027-12-31"))},
        {"start": MONDAY, "repeat": repeated("weekly, 150 times"), "register": Registration(until=at("2029-10-01"))},
        {"start": MONDAY, "repeat": repeated("weekly until 2029-12-31"), "register": Registration(until=at("2028-12-31"))},
        {"start": MONDAY, "expires": at("2026-12-08")},
        {"start": MONDAY, "repeat": repeated("weekly, 2 times")},
        {"start": MONDAY, "repeat": repeated("weekly, 2 times, except 2026-12-14")},
        {"start": MONDAY, "repeat": repeated("weekly, 1 times, also 2026-12-09")},
        {"start": at("2028-07-10 19:00"), "repeat": repeated("weekly until 2028-09-01")},
        {"start": MONDAY, "end": at("2026-12-20 21:00")},
        {"start": at("2026-12-07"), "end": at("2027-02-07")},
        {"start": MONDAY, "repeat": repeated("weekly, 4 times"), "changes": (Change(original=at("2026-12-14"), cancelled=True, start=at("2026-12-21 19:00")),)},
        {"start": MONDAY, "end": NINE, "end_is_time": True, "repeat": repeated("weekly, 4 times, also 2026-12-14 21:00")},
        {"start": MONDAY, "repeat": repeated("weekly, 4 times, also 2026-12-14 20:00")},
    ],
)
def test_what_is_meant_so_is_let_pass(written: dict[str, object]) -> None:
    """What people do on purpose is not told: series of years, deadlines on the day, several dates on one day."""
    assert told(event(**written)) == []


@pytest.mark.parametrize(
    ("title", "language", "weekdays"),
    [
        ("Friday drinks", "en", {4}),
        ("Friday's table", "en", {4}),
        ("Fridays at the hub", "en-US", {4}),
        ("Saturday and Sunday market", "en", {5, 6}),
        ("FRIDAY DRINKS", "en", {4}),
        ("Drinks (Friday)", "en", {4}),
        ("Easter Monday picnic", "en", set()),
        ("Black Friday repair", "en", set()),
        ("Fridays for Future: march", "en", set()),
        ("Film: Saturday Night Fever", "en", set()),
        ("Reading “The Man Who Was Thursday”", "en", set()),
        ('Song night: "Friday on my mind"', "en", set()),
        ("Not on Friday: Thursday this week", "en", {3}),
        ("Moved from Tuesday to Wednesday", "en", {2}),
        ("Friday-group", "en", set()),
        ("Fridayish", "en", set()),
        ("Sunday School reunion", "en", set()),
        ("The sun, the moon", "en", set()),
        ("Stammtisch am Freitag", "de", {4}),
        ("Kaffee am Sonnabend", "de", {5}),
        ("Montags-Café", "de", set()),
        ("Freitagsgruppe", "de-AT", set()),
        ("Dienstags im Treff", "de", {1}),
        ("Statt Montag: Dienstag", "de", {1}),
        ("Réunion du vendredi", "fr", {4}),
        ("Mardi gras", "fr", set()),
        ("Vendredi saint : marche", "fr", set()),
        ("Les lundis de l’atelier", "fr-CA", {0}),
        ("Cena del martes", "es", {1}),
        ("Taller del sabado", "es", {5}),
        ("Los miércoles", "es", {2}),
        ("Concierto en Santo Domingo", "es", set()),
        ("Recital de Plácido Domingo", "es", set()),
        ("Música con Domingo", "es", set()),
        ("Domingo de juegos", "es", {6}),
        ("Viernes Santo", "es", set()),
        ("Lunedì in piazza", "it", {0}),
        ("Martedi in piazza", "it", {1}),
        ("Cena con Domenica", "it", set()),
        ("Giovedì grasso", "it", set()),
        ("Oficina de segunda-feira", "pt", {0}),
        ("Segunda reunião", "pt", set()),
        ("Sexta-feira Santa", "pt-BR", set()),
        ("Não na terça-feira", "pt", set()),
        ("Friday drinks", "ja", set()),
        ("İstanbul Friday", "en", {4}),
    ],
)
def test_weekdays_in_titles(title: str, language: str, weekdays: set[int]) -> None:
    """A weekday counts in any case, with and without accents; feasts, films, quotations, compounds and people do not."""
    assert weekdays_in_title(title, language) == weekdays


def test_what_to_write_for_a_wrong_weekday() -> None:
    """The right weekday is named in the language of the title, and the nearest date on the weekday that the title names."""
    _, (problem,) = resolve(event(start=MONDAY, title="Cena del martes"), language="es")
    assert problem.message == "The title says Tuesday, but 2026-12-07 is a Monday."
    assert problem.hint == 'Write "lunes" in the title, or correct the date: the nearest Tuesday is 2026-12-08.'
