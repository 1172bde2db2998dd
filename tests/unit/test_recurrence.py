"""Repetitions: the words that are read, the dates they give, and the sentences that say them back."""

from datetime import UTC, date, datetime

import pytest

from iopsgen.dates import Fault
from iopsgen.model import Moment, Pause, Rule
from iopsgen.recurrence import (
    Pattern,
    Series,
    describe,
    expand,
    in_words,
    read_repeat,
    read_rrule,
    skipped_months,
    starts,
    write_repeat,
    write_rrule,
)

FIRST = datetime(2026, 10, 28, 19)  # a Wednesday


def rule(text: str) -> Rule:
    """The rule of words that must be right."""
    read = read_repeat(text)
    assert isinstance(read, Rule), read
    return read


def days(found: "list[date | datetime] | Fault") -> list[str]:
    """Dates without their time, as text."""
    assert not isinstance(found, Fault), found
    return [f"{day:%Y-%m-%d}" for day in found]


def series(text: str, first: date, limit: date) -> Series:
    """The expansion of words that must be right."""
    found = expand(rule(text), first, limit)
    assert isinstance(found, Series), found
    return found


@pytest.mark.parametrize(
    ("text", "rrule"),
    [
        ("daily", "FREQ=DAILY"),
        ("every day", "FREQ=DAILY"),
        ("every 3 days", "FREQ=DAILY;INTERVAL=3"),
        ("every other day", "FREQ=DAILY;INTERVAL=2"),
        ("weekly", "FREQ=WEEKLY"),
        ("Every Week", "FREQ=WEEKLY"),
        ("weekly on Tuesday", "FREQ=WEEKLY;BYDAY=TU"),
        ("every Tuesday", "FREQ=WEEKLY;BYDAY=TU"),
        ("Tuesdays", "FREQ=WEEKLY;BYDAY=TU"),
        ("on Tuesdays and Thursdays", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("every Mon, Wed, and Fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("every 2 weeks on Tue and Thu", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        ("every two weeks on Thu & Tue", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        ("every other week on Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("every other Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("fortnightly", "FREQ=WEEKLY;INTERVAL=2"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every weekend", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("monthly", "FREQ=MONTHLY"),
        ("every 3 months", "FREQ=MONTHLY;INTERVAL=3"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
        ("monthly on the first Monday", "FREQ=MONTHLY;BYDAY=1MO"),
        ("monthly on the first and third Monday", "FREQ=MONTHLY;BYDAY=1MO,3MO"),
        ("monthly on the 1st and 3rd Monday", "FREQ=MONTHLY;BYDAY=1MO,3MO"),
        ("monthly on the first Monday and the third Tuesday", "FREQ=MONTHLY;BYDAY=1MO,3TU"),
        ("monthly on the last Friday", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("monthly on the second to last Friday", "FREQ=MONTHLY;BYDAY=-2FR"),
        ("every month on the second Tuesday of the month", "FREQ=MONTHLY;BYDAY=2TU"),
        ("every 2 months on the last Friday", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"),
        ("the last Friday of every 2 months", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"),
        ("the first Monday of each month", "FREQ=MONTHLY;BYDAY=1MO"),
        ("first Monday of the month", "FREQ=MONTHLY;BYDAY=1MO"),
        ("every first Sunday", "FREQ=MONTHLY;BYDAY=1SU"),
        ("every second Friday of the month", "FREQ=MONTHLY;BYDAY=2FR"),
        ("monthly on day 15", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("monthly on day 1 and 15", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("monthly on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("monthly on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("monthly on the first and last day", "FREQ=MONTHLY;BYMONTHDAY=1,-1"),
        ("monthly on the last weekday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("yearly", "FREQ=YEARLY"),
        ("annually", "FREQ=YEARLY"),
        ("every 2 years", "FREQ=YEARLY;INTERVAL=2"),
        ("yearly on 5 October", "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=5"),
        ("every year on October 5th", "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=5"),
        ("yearly on the last Sunday of October", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        ("the last Sunday of October", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        ("yearly in May on the first Monday", "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO"),
    ],
)
def test_plain_words_are_a_rule(text: str, rrule: str) -> None:
    """Each phrase of the grammar is one RRULE, and the words that say it back are read as the same rule."""
    read = rule(text)
    assert read == Rule(rrule=rrule)
    assert read_repeat(write_repeat(read)) == read


def test_end_and_exceptions_follow_the_pattern() -> None:
    """`until`, `except`, `also` and `pause` in one phrase, in any order after the pattern, over several lines."""
    read = rule("monthly on the first Monday until 2027-06-30,\n except 2027-01-04 and 4 Feb 2027, also 2027-01-05 20:00, pause 2027-03-01 to 2027-04-30")
    assert read == Rule(
        rrule="FREQ=MONTHLY;BYDAY=1MO",
        until=date(2027, 6, 30),
        excluded=(Moment(wall=datetime(2027, 1, 4), has_time=False), Moment(wall=datetime(2027, 2, 4), has_time=False)),
        added=(Moment(wall=datetime(2027, 1, 5, 20)),),
        pauses=(Pause(first=date(2027, 3, 1), last=date(2027, 4, 30)),),
    )
    assert read_repeat(write_repeat(read)) == read
    assert rule("weekly, pause 2027-03-01 – 2027-04-30, 10 times").count == 10
    assert rule("weekly for 10 times").count == 10


@pytest.mark.parametrize(
    ("text", "quoted", "hint"),
    [
        ("", "empty", "Write for example"),
        ("every", "too early", "Write for example"),
        ("montly on the first Monday", '"montly on the first monday"', 'Did you mean "monthly"?'),
        ("weekly on Tueday", '"tueday"', 'Did you mean "tuesday"?'),
        ("weekly on Tuesday if it rains", '"if it rains"', "Write for example"),
        ("wöchentlich", '"wöchentlich"', "Write for example"),
        ("monthly on the first", '"first" of what?', "the first Monday"),
        ("monthly on Friday", '"friday"', "Write for example"),
        ("monthly on the first Monday and Tuesday", '"tuesday"', "Write for example"),
        ("monthly on the sixth Monday", '"sixth monday"', "Write for example"),
        ("monthly on the 6th Monday", "6th Monday", "first to fifth"),
        ("monthly on day 32", '"32"', "Write for example"),
        ("monthly on the first Monday and day 15", "cannot stand together", "also"),
        ("yearly on 31 April", "no 31 April", "Write for example"),
        ("every second Friday", "two ways", "every 2 weeks on Friday"),
        ("biweekly", "two ways", "every 2 weeks"),
        ("every 0 weeks", '"0 weeks"', "Write for example"),
        ("every 5000 days", "5000", "1000"),
        ("weekly on Tuesday at 19:00", '"at 19:00"', "that of the start"),
        ("weekly from 2026-10-01", '"from 2026-10-01"', "start of the event"),
        ("weekly until", 'After "until"', "until 2027-06-30"),
        ("weekly until 03/04/2027", "two ways", "2027-04-03"),
        ("weekly until 2027-06-30 19:00", "holds a time", "2027-06-30"),
        ("weekly until 2027-01-01, 10 times", "ends twice", "Keep one"),
        ("weekly, 0 times", '"0 times"', "from 1"),
        ("weekly, 10 times a year", '"a year"', "Write for example"),
        ("weekly except", 'After "except"', "except 2027-01-04"),
        ("weekly except Christmas", '"Christmas"', "2026-10-28"),
        ("weekly except 2027-01-04 19:00Z", "offset", "Leave it out"),
        ("weekly, also 2027-02-30", "28 days", "2027-02-28"),
        ("weekly pause 2027-07-01", "two dates", "pause 2027-07-01 to 2027-08-31"),
        ("weekly pause 2027-07-01 until 2027-08-31", "two dates", "pause 2027-07-01 to 2027-08-31"),
        ("weekly pause 2027-08-31 to 2027-07-01", "ends (2027-07-01) before", "pause"),
        ("x" * 9000, "too long", "Write for example"),
    ],
)
def test_what_is_not_understood_is_quoted_with_examples(text: str, quoted: str, hint: str) -> None:
    """A fault says where the words stop making sense and what to write."""
    fault = read_repeat(text)
    assert isinstance(fault, Fault)
    assert quoted in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "not a repetition rule"),
        ("weekly", "not a part"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=HOURLY", "within a day"),
        ("FREQ=WEKLY", "not a frequency"),
        ("FREQ=WEEKLY;BYDAYS=MO", "not a part"),
        ("FREQ=WEEKLY;RSCALE=CHINESE", "not a part"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "no numbers"),
        ("FREQ=MONTHLY;BYDAY=6MO", "five"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "cannot stand"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "cannot stand"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "cannot stand"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYWEEKNO"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "together"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "twice"),
        ("FREQ=DAILY;UNTIL=20270231", "UNTIL"),
        ("FREQ=DAILY;UNTIL=2027-01-01", "UNTIL"),
        ("FREQ=DAILY;WKST=1", "weekday"),
        ("FREQ=DAILY until 2027-01-01", "cannot follow"),
    ],
)
def test_a_raw_rule_is_checked(text: str, part: str) -> None:
    """What RFC 5545 forbids, and what repeats within a day, is a fault with a hint."""
    fault = read_rrule(text)
    assert isinstance(fault, Fault)
    assert part in fault.message
    assert fault.hint


def test_a_raw_rule_is_put_in_order_and_keeps_its_end() -> None:
    """Parts come in one order, without COUNT and UNTIL; UNTIL in UTC is kept to the second; exceptions may follow in words."""
    read = read_rrule("RRULE:UNTIL=20270630T180000Z;BYDAY=we,mo;FREQ=weekly; INTERVAL=2, except 2027-01-04")
    assert read == Rule(
        rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
        until=date(2027, 6, 30),
        until_at=datetime(2027, 6, 30, 18, tzinfo=UTC),
        excluded=(Moment(wall=datetime(2027, 1, 4), has_time=False),),
        raw=True,
    )
    assert read_rrule(write_rrule(read)) == read
    counted = read_rrule("FREQ=DAILY;COUNT=3")
    assert counted == Rule(rrule="FREQ=DAILY", count=3, raw=True)
    assert write_rrule(counted) == "FREQ=DAILY;COUNT=3"


def test_a_rule_that_words_can_say_is_written_in_words() -> None:
    """An imported RRULE becomes words where there are any, else stays raw."""
    for raw, words in (
        ("FREQ=WEEKLY;BYDAY=MO;WKST=SU", "weekly on Monday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "monthly on the last Friday, 5 times"),
        ("FREQ=MONTHLY;BYDAY=TU", ""),
        ("FREQ=DAILY;BYMONTH=1", ""),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", ""),
        ("FREQ=YEARLY;BYYEARDAY=100", ""),
        ("FREQ=DAILY;UNTIL=20270630T180000Z", ""),
    ):
        read = read_rrule(raw)
        assert isinstance(read, Rule)
        assert write_repeat(read) == words


def test_dates_run_from_the_first_to_the_limit() -> None:
    """Both ends are included, times stay on the wall, days stay days."""
    assert starts(rule("weekly"), FIRST, date(2026, 11, 11)) == [datetime(2026, 10, 28, 19), datetime(2026, 11, 4, 19), datetime(2026, 11, 11, 19)]
    assert starts(rule("weekly"), date(2026, 10, 28), date(2026, 11, 10)) == [date(2026, 10, 28), date(2026, 11, 4)]
    assert days(starts(rule("weekly until 2026-11-04"), FIRST, date(2030, 1, 1))) == ["2026-10-28", "2026-11-04"]
    assert days(starts(rule("weekly, 2 times"), FIRST, date(2030, 1, 1))) == ["2026-10-28", "2026-11-04"]
    assert days(starts(rule("every 2 weeks on Wed and Fri"), FIRST, date(2026, 11, 13))) == ["2026-10-28", "2026-10-30", "2026-11-11", "2026-11-13"]
    assert days(starts(rule("monthly on the last weekday"), datetime(2026, 10, 30, 9), date(2026, 12, 31))) == ["2026-10-30", "2026-11-30", "2026-12-31"]


def test_a_series_may_end_on_its_first_day() -> None:
    """`until` is the last day on which an occurrence may start, the first day too."""
    assert starts(rule("weekly until 2026-10-28"), FIRST, date(2030, 1, 1)) == [FIRST]


def test_numbered_weeks_take_the_weekday_of_the_first_date() -> None:
    """BYWEEKNO without BYDAY means the weekday of DTSTART (RFC 5545 section 3.3.10)."""
    raw = read_rrule("FREQ=YEARLY;BYWEEKNO=44")
    assert isinstance(raw, Rule)
    assert days(starts(raw, FIRST, date(2029, 1, 1))) == ["2026-10-28", "2027-11-03", "2028-11-01"]


def test_the_first_date_is_there_beyond_the_limit() -> None:
    """A series that starts after the horizon still has its first date, and no more."""
    assert starts(rule("weekly"), FIRST, date(2026, 1, 1)) == [FIRST]


def test_a_first_date_off_the_rule_is_refused_with_the_right_one() -> None:
    """DTSTART is itself an occurrence; the fault names the first date that is."""
    fault = starts(rule("monthly on the first Monday"), FIRST, date(2027, 1, 1))
    assert isinstance(fault, Fault)
    assert fault.message == "The repetition does not give the first date, Wednesday 2026-10-28; the first it gives is Monday 2026-11-02."
    assert "start: 2026-11-02 19:00" in fault.hint


def test_a_rule_that_never_happens_is_told() -> None:
    """30 February and an end before the first date are faults, not empty series."""
    raw = read_rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert isinstance(raw, Rule)
    fault = starts(raw, FIRST, date(2030, 1, 1))
    assert isinstance(fault, Fault)
    assert "never" in fault.message
    fault = starts(rule("weekly until 2025-10-28"), FIRST, date(2030, 1, 1))
    assert isinstance(fault, Fault)
    assert "before the first date" in fault.message


def test_a_series_without_measure_is_refused() -> None:
    """A wrong century does not make hundreds of thousands of dates."""
    fault = starts(rule("daily"), datetime(1026, 10, 28), date(2028, 1, 1))
    assert isinstance(fault, Fault)
    assert "more than" in fault.message


def test_exceptions_take_away_and_add() -> None:
    """`except` by day or to the minute, `pause` by days, `also` with the usual time; each is listed for the calendar."""
    found = series("weekly, except 2026-11-04, also 2026-11-05, pause 2026-11-11 to 2026-11-20", FIRST, date(2026, 11, 30))
    assert found == Series(
        starts=(datetime(2026, 10, 28, 19), datetime(2026, 11, 5, 19), datetime(2026, 11, 25, 19)),
        left_out=(datetime(2026, 11, 4, 19), datetime(2026, 11, 11, 19), datetime(2026, 11, 18, 19)),
        added=(datetime(2026, 11, 5, 19),),
    )
    timed = series("weekly, except 2026-11-04 19:00", FIRST, date(2026, 11, 4))
    assert timed.left_out == (datetime(2026, 11, 4, 19),)


def test_what_is_left_out_beyond_the_limit_is_listed_too() -> None:
    """A rule without end needs its exceptions in full, however near the horizon is."""
    found = series("weekly, except 2027-12-29, pause 2028-01-01 to 2028-01-10, also 2028-02-01", FIRST, date(2026, 11, 4))
    assert found.starts == (datetime(2026, 10, 28, 19), datetime(2026, 11, 4, 19), datetime(2028, 2, 1, 19))
    assert found.left_out == (datetime(2027, 12, 29, 19), datetime(2028, 1, 5, 19))


def test_an_exception_that_hits_nothing_is_told_with_the_nearest_date() -> None:
    """Each of the three kinds, of days and of times."""
    found = series("weekly, except 2026-11-05, except 2026-11-04 18:00, also 2026-11-11, pause 2026-11-12 to 2026-11-13", FIRST, date(2026, 11, 30))
    assert [(m.kind, m.nearest) for m in found.missed] == [
        ("except", datetime(2026, 11, 4, 19)),
        ("except", datetime(2026, 11, 4, 19)),
        ("pause", datetime(2026, 11, 11, 19)),
        ("also", datetime(2026, 11, 11, 19)),
    ]
    assert len(found.starts) == 5
    whole = series("weekly, except 2026-11-05, except 2026-11-04 18:00", date(2026, 10, 28), date(2026, 11, 30))
    assert [(m.kind, m.nearest) for m in whole.missed] == [("except", date(2026, 11, 4))]


@pytest.mark.parametrize(
    ("text", "first", "limit", "skipped"),
    [
        ("monthly on day 31", date(2026, 10, 31), date(2027, 3, 31), ["2026-11-01", "2027-02-01"]),
        ("monthly", date(2026, 10, 31), date(2027, 3, 31), ["2026-11-01", "2027-02-01"]),
        ("monthly on day 29", date(2026, 12, 29), date(2028, 2, 29), ["2027-02-01"]),
        ("monthly on the fifth Friday", date(2026, 10, 30), date(2027, 2, 28), ["2026-11-01", "2026-12-01", "2027-02-01"]),
        ("monthly on the first and fifth Friday", date(2026, 10, 2), date(2027, 2, 28), []),
        ("every 3 months on day 31", date(2026, 10, 31), date(2027, 7, 31), ["2027-04-01"]),
        ("monthly on day 31, 2 times", date(2026, 10, 31), date(2028, 1, 1), ["2026-11-01"]),
        ("monthly on day 31 until 2027-02-10", date(2026, 10, 31), date(2028, 1, 1), ["2026-11-01"]),
        ("monthly on the last day", date(2026, 10, 31), date(2028, 1, 1), []),
        ("monthly on day 28", date(2026, 10, 28), date(2028, 1, 1), []),
        ("yearly", date(2028, 2, 29), date(2032, 12, 31), ["2029-02-01", "2030-02-01", "2031-02-01"]),
        ("yearly", date(2026, 10, 31), date(2032, 12, 31), []),
        ("weekly", date(2026, 10, 31), date(2032, 12, 31), []),
    ],
)
def test_months_without_such_a_day_are_listed(text: str, first: date, limit: date, skipped: list[str]) -> None:
    """Days 29 to 31, a fifth weekday and 29 February skip months; only whole months up to the end count."""
    assert [str(month) for month in skipped_months(rule(text), first, limit)] == skipped


@pytest.mark.parametrize(
    ("text", "en", "es", "fr", "de"),
    [
        ("daily", "Every day", "Cada día", "Tous les jours", "Jeden Tag"),
        ("weekly", "Every Wednesday", "Todos los miércoles", "Tous les mercredis", "Jeden Mittwoch"),
        (
            "every 2 weeks on Sat and Sun",
            "Every 2 weeks on Saturday and Sunday",
            "Cada 2 semanas, los sábados y domingos",
            "Toutes les 2 semaines, le samedi et le dimanche",
            "Alle 2 Wochen am Samstag und Sonntag",
        ),
        (
            "monthly on the first and third Monday, 10 times",
            "Every month on the first and third Monday, 10 times",
            "Cada mes, el primer y tercer lunes, 10 veces",
            "Tous les mois, le premier et le troisième lundi, 10 fois",
            "Jeden Monat am ersten und dritten Montag, 10-mal",
        ),
        (
            "every 2 months until 2027-03-01",
            "Every 2 months on the 28th, until 1 March 2027",
            "Cada 2 meses, el día 28, hasta el 1 de marzo de 2027",
            "Tous les 2 mois, le 28, jusqu’au 1er mars 2027",
            "Alle 2 Monate am 28., bis 1. März 2027",
        ),
        (
            "yearly on the last Sunday of October",
            "Every year on the last Sunday of October",
            "Cada año, el último domingo de octubre",
            "Tous les ans, le dernier dimanche d’octobre",
            "Jedes Jahr am letzten Sonntag im Oktober",
        ),
        (
            "monthly on the first and last weekday",
            "Every month on the first and last weekday",
            "Cada mes, el primer día laborable y el último día laborable",
            "Tous les mois, le premier jour ouvré et le dernier jour ouvré",
            "Jeden Monat am ersten und letzten Werktag (montags bis freitags)",
        ),
        (
            "monthly on the 1st and last day",
            "Every month on the 1st and last day",
            "Cada mes, el día 1 y el último día",
            "Tous les mois, le 1er et le dernier jour",
            "Jeden Monat am 1. und am letzten Tag",
        ),
        ("every weekday", "Every weekday, Monday to Friday", "De lunes a viernes", "Du lundi au vendredi", "Montags bis freitags"),
        ("yearly", "Every year on 28 October", "Cada año, el 28 de octubre", "Tous les ans, le 28 octobre", "Jedes Jahr am 28. Oktober"),
    ],
)
def test_a_repetition_is_said_in_four_languages(text: str, en: str, es: str, fr: str, de: str) -> None:
    """What the rule leaves open comes from the first date; a region of a language is that language; others get English."""
    read = rule(text)
    assert [in_words(read, FIRST, code) for code in ("en", "es", "fr", "de")] == [en, es, fr, de]
    assert in_words(read, FIRST, "de-AT") == de
    assert in_words(read, FIRST, "ja") == en


@pytest.mark.parametrize(
    ("text", "it", "pt", "ar"),
    [
        ("every 3 days", "Ogni 3 giorni", "A cada 3 dias", "كل 3 أيام"),
        ("weekly on Sunday", "Ogni domenica", "Aos domingos", "كل أحد"),
        ("every weekday", "Dal lunedì al venerdì", "De segunda a sexta-feira", "كل أسبوع، من الاثنين إلى الجمعة"),
        (
            "every 2 weeks on Tue and Thu",
            "Ogni 2 settimane, di martedì e giovedì",
            "A cada 2 semanas, às terças-feiras e às quintas-feiras",
            "كل أسبوعين، يوم الثلاثاء والخميس",
        ),
        (
            "monthly on the first Monday until 2027-06-08",
            "Ogni mese, il primo lunedì, fino all’8 giugno 2027",
            "Todo mês, na primeira segunda-feira, até 8 de junho de 2027",
            "كل شهر، في أول اثنين، حتى 8 يونيو 2027",
        ),
        ("monthly on the last Sunday", "Ogni mese, l’ultima domenica", "Todo mês, no último domingo", "كل شهر، في آخر أحد"),
        ("monthly on day 1 and 15", "Ogni mese, il giorno 1 e il giorno 15", "Todo mês, no dia 1 e no dia 15", "كل شهر، في اليوم 1 وفي اليوم 15"),
        ("monthly on the last weekday", "Ogni mese, l’ultimo giorno feriale", "Todo mês, no último dia útil", "كل شهر، في آخر يوم عمل"),
        ("every 11 months on the last day", "Ogni 11 mesi, l’ultimo giorno", "A cada 11 meses, no último dia", "كل 11 شهراً، في آخر يوم"),
    ],
)
def test_repetitions_in_the_other_languages_of_the_theme(text: str, it: str, pt: str, ar: str) -> None:
    """Italian, Portuguese and Arabic say a repetition with their own articles, genders, plurals and commas."""
    assert [in_words(rule(text), FIRST, code) for code in ("it", "pt", "ar")] == [it, pt, ar]


def test_a_theme_gets_the_pattern_as_a_value() -> None:
    """Themes put a repetition into words of their own from its parts."""
    assert describe(rule("monthly until 2027-06-30"), FIRST) == Pattern(freq="monthly", days=(28,), until=date(2027, 6, 30))
    raw = read_rrule("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO")
    assert isinstance(raw, Rule)
    assert describe(raw, FIRST) == Pattern(freq="other")
    assert in_words(raw, FIRST) == ""
