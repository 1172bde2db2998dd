"""Says in words what a series does differently from its rule: dates left out, pauses, and dates that come on top."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from iopsgen.model import Day, Event
from iopsgen.texts import Texts, format_date, join_list

NAMED = 6  # dates named in one phrase; of more than these the number alone is said


def exceptions_in_words(event: Event, texts: Texts, language: str) -> tuple[str, ...]:
    """Phrases such as `except 4 January 2027` in the language of the page, to follow the rule; none for an event without a rule.

    Said is what comes after the last date that is over. What is asked for and changes nothing (a date that the rule does not
    give) is not said.
    """
    rule = event.fields.repeat
    if rule is None or not event.upcoming:
        return ()
    since = _last_over(event)
    days = {day for day in map(_day, event.left_out) if day > since}
    pauses = sorted({(p.first, p.last) for p in rule.pauses if any(p.first <= day <= p.last for day in days)})
    single = sorted(day for day in days if not any(first <= day <= last for first, last in pauses))
    added = sorted({day for day in map(_day, event.added) if day > since})
    return tuple(_phrases(single, pauses, added, texts, language))


def _last_over(event: Event) -> date:
    """The day of the last date that is over."""
    first = _day(event.upcoming[0].start)
    return next((day for one in reversed(event.occurrences) if (day := _day(one.start)) < first), date.min)


def _phrases(left_out: list[date], pauses: Iterable[tuple[Day, Day]], added: list[date], texts: Texts, language: str) -> Iterator[str]:
    if left_out:
        yield texts.gettext("except %(dates)s") % {"dates": _dates(left_out, texts, language)}
    for first, last in pauses:
        if first == last:
            yield texts.gettext("except %(dates)s") % {"dates": format_date(first, "long", language)}
        else:
            ends = {"first": format_date(first, "long", language), "last": format_date(last, "long", language)}
            yield texts.gettext("with a pause from %(first)s to %(last)s") % ends
    if added:
        yield texts.gettext("also on %(dates)s") % {"dates": _dates(added, texts, language)}


def _dates(days: list[date], texts: Texts, language: str) -> str:
    """The first few days, and how many more there are."""
    named = [format_date(day, "long", language) for day in days[:NAMED]]
    more = len(days) - NAMED
    if more > 0:
        named.append(texts.ngettext("%(num)s more date", "%(num)s more dates", more) % {"num": more})
    return join_list(named, language)


def _day(moment: datetime | Day) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
