"""A repetition as a sentence for readers, in several languages, and as a small value that a theme can put into words itself."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal

import msgspec

from iopsgen.model import Rule
from iopsgen.rrule import Parts, Wall, read_parts

_WORKDAYS = (0, 1, 2, 3, 4)


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """What a repetition says, every open detail filled in from the first date. `freq` is `other` for rules beyond this form.

    `weekdays` (0 is Monday) for weekly ones. For monthly and yearly ones either `places` (ordinal, weekday), `days` of the month
    or `workdays` (ordinals among Monday to Friday); ordinals and days count from the end if negative. `months` for yearly ones.
    """

    freq: Literal["daily", "weekly", "monthly", "yearly", "other"]
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    days: tuple[int, ...] = ()
    workdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    until: date | None = None
    count: int | None = None


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """How one language speaks of repetitions."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    conjunction: str
    sentence: Callable[[Pattern, "Language"], str]
    until: Callable[[date, "Language"], str]
    times: str
    comma: str = ", "

    def join(self, words: Sequence[str]) -> str:
        """`a, b and c`."""
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {self.conjunction} {words[-1]}"


def describe(rule: Rule, first: Wall) -> Pattern:
    """What the rule says, of a series whose first date is `first` (a day or a wall-clock time)."""
    return _describe(rule.rrule, first.weekday(), first.day, first.month, rule.until, rule.count)


@lru_cache(maxsize=4096)
def _describe(rrule: str, weekday: int, day: int, month: int, until: date | None, count: int | None) -> Pattern:
    read = read_parts(rrule)
    parts = read[0] if isinstance(read, tuple) else None
    if parts is None or _is_beyond(parts):
        return Pattern(freq="other", until=until, count=count)
    weekdays = tuple(n for _, n in parts.days)
    open_day = not (parts.days or parts.month_days or parts.positions)
    if parts.freq == "DAILY":
        return Pattern(freq="daily", interval=parts.interval, until=until, count=count)
    if parts.freq == "WEEKLY":
        return Pattern(freq="weekly", interval=parts.interval, weekdays=weekdays or (weekday,), until=until, count=count)
    return Pattern(
        freq="monthly" if parts.freq == "MONTHLY" else "yearly",
        interval=parts.interval,
        places=() if parts.positions else parts.days,
        days=(day,) if open_day else parts.month_days,
        workdays=parts.positions,
        months=parts.months or ((month,) if parts.freq == "YEARLY" else ()),
        until=until,
        count=count,
    )


def _is_beyond(parts: Parts) -> bool:
    """Whether the rule says more than a Pattern can hold, or something that has no plain words."""
    if parts.weeks or parts.year_days or parts.hours or parts.minutes or parts.seconds or (parts.days and parts.month_days):
        return True
    if parts.freq in ("DAILY", "WEEKLY"):
        return bool(parts.months or parts.positions or (parts.freq == "DAILY" and (parts.days or parts.month_days)))
    if parts.positions:
        return parts.days != tuple((0, n) for n in _WORKDAYS) or any(n not in range(-2, 6) for n in parts.positions) or not parts.days
    if parts.freq == "YEARLY" and (len(parts.months) > 1 or (not parts.months and (parts.days or parts.month_days))):
        return True
    return any(n not in (-2, -1, 1, 2, 3, 4, 5) for n, _ in parts.days) or any(n < -2 for n in parts.month_days)


def in_words(rule: Rule, first: Wall, language: str = "en") -> str:
    """The repetition as a phrase with a capital and without a full stop, such as `Every month on the first Monday, until 30 June 2027`.

    Written in Arabic, English, French, German, Italian, Portuguese and Spanish; other languages get the English phrase. `first` is the first date, a
    day or a datetime (naive or aware). Exceptions are not in it. Empty for a rule that has no plain words.
    """
    return _phrase(describe(rule, first), language.replace("_", "-").split("-")[0].casefold())


@lru_cache(maxsize=4096)
def _phrase(pattern: Pattern, code: str) -> str:
    language = LANGUAGES.get(code) or LANGUAGES["en"]
    if pattern.freq == "other":
        return ""
    words = language.sentence(pattern, language)
    if pattern.until:
        words += language.comma + language.until(pattern.until, language)
    elif pattern.count:
        words += language.comma + language.times.format(pattern.count)
    return words[0].upper() + words[1:]


# --- English -------------------------------------------------------------------------------------------------------

_EN_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}


def _english(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "every day" if n == 1 else f"every {n} days"
    if pattern.freq == "weekly":
        if pattern.weekdays == _WORKDAYS:
            return "every weekday, Monday to Friday" if n == 1 else f"every {n} weeks from Monday to Friday"
        names = language.join([language.weekdays[d] for d in pattern.weekdays])
        return f"every {names}" if n == 1 else f"every {n} weeks on {names}"
    if pattern.freq == "monthly":
        return f"{'every month' if n == 1 else f'every {n} months'} on {_english_place(pattern, language)}"
    years, month = "every year" if n == 1 else f"every {n} years", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years} on {pattern.days[0]} {month}"
    return f"{years} on {_english_place(pattern, language)} of {month}"


def _english_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return f"the {language.join([_EN_ORDINALS[n] for n in pattern.workdays])} weekday"
    if pattern.days:
        days = language.join([_english_day(n) if n > 0 else _EN_ORDINALS[n] for n in pattern.days])
        return f"the {days} day" if pattern.days[-1] < 0 else f"the {days}"
    return language.join([f"the {language.join([_EN_ORDINALS[n] for n in ns])} {language.weekdays[w]}" for w, ns in _grouped(pattern)])


def _english_day(n: int) -> str:
    return f"{n}{'th' if 11 <= n <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


# --- Spanish -------------------------------------------------------------------------------------------------------

_ES_ORDINALS = {1: "primer", 2: "segundo", 3: "tercer", 4: "cuarto", 5: "quinto", -1: "último", -2: "penúltimo"}


def _spanish(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "cada día" if n == 1 else f"cada {n} días"
    if pattern.freq == "weekly":
        if pattern.weekdays == _WORKDAYS:
            return "de lunes a viernes" if n == 1 else f"cada {n} semanas, de lunes a viernes"
        plural = [w if w.endswith("s") else f"{w}s" for w in (language.weekdays[d] for d in pattern.weekdays)]
        names = f"los {language.join(plural)}"
        return f"todos {names}" if n == 1 else f"cada {n} semanas, {names}"
    if pattern.freq == "monthly":
        return f"{'cada mes' if n == 1 else f'cada {n} meses'}, {_spanish_place(pattern, language)}"
    years, month = "cada año" if n == 1 else f"cada {n} años", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years}, el {pattern.days[0]} de {month}"
    return f"{years}, {_spanish_place(pattern, language)} de {month}"


def _spanish_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return language.join([f"el {_ES_ORDINALS[n]} día laborable" for n in pattern.workdays])
    if pattern.days:
        return language.join([f"el día {n}" if n > 0 else f"el {_ES_ORDINALS[n]} día" for n in pattern.days])
    return language.join([f"el {language.join([_ES_ORDINALS[n] for n in ns])} {language.weekdays[w]}" for w, ns in _grouped(pattern)])


# --- French --------------------------------------------------------------------------------------------------------

_FR_ORDINALS = {1: "premier", 2: "deuxième", 3: "troisième", 4: "quatrième", 5: "cinquième", -1: "dernier", -2: "avant-dernier"}


def _french(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "tous les jours" if n == 1 else f"tous les {n} jours"
    if pattern.freq == "weekly":
        if pattern.weekdays == _WORKDAYS:
            return "du lundi au vendredi" if n == 1 else f"toutes les {n} semaines, du lundi au vendredi"
        if n == 1:
            return f"tous les {language.join([f'{language.weekdays[d]}s' for d in pattern.weekdays])}"
        return f"toutes les {n} semaines, {language.join([f'le {language.weekdays[d]}' for d in pattern.weekdays])}"
    if pattern.freq == "monthly":
        return f"{'tous les mois' if n == 1 else f'tous les {n} mois'}, {_french_place(pattern, language)}"
    years, month = "tous les ans" if n == 1 else f"tous les {n} ans", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years}, le {_french_day(pattern.days[0])} {month}"
    return f"{years}, {_french_place(pattern, language)} {'d’' if month[0] in 'ao' else 'de '}{month}"


def _french_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return language.join([f"{_french_ordinal(n)} jour ouvré" for n in pattern.workdays])
    if pattern.days:
        return language.join([f"le {_french_day(n)}" if n > 0 else f"{_french_ordinal(n)} jour" for n in pattern.days])
    return language.join([f"{language.join([_french_ordinal(n) for n in ns])} {language.weekdays[w]}" for w, ns in _grouped(pattern)])


def _french_ordinal(n: int) -> str:
    return f"l’{_FR_ORDINALS[n]}" if n == -2 else f"le {_FR_ORDINALS[n]}"


def _french_day(n: int) -> str:
    return "1er" if n == 1 else str(n)


# --- German --------------------------------------------------------------------------------------------------------

_DE_ORDINALS = {1: "ersten", 2: "zweiten", 3: "dritten", 4: "vierten", 5: "fünften", -1: "letzten", -2: "vorletzten"}


def _german(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "jeden Tag" if n == 1 else f"alle {n} Tage"
    if pattern.freq == "weekly":
        if pattern.weekdays == _WORKDAYS:
            return "montags bis freitags" if n == 1 else f"alle {n} Wochen, montags bis freitags"
        names = language.join([language.weekdays[d] for d in pattern.weekdays])
        return f"jeden {names}" if n == 1 else f"alle {n} Wochen am {names}"
    if pattern.freq == "monthly":
        return f"{'jeden Monat' if n == 1 else f'alle {n} Monate'} {_german_place(pattern, language)}"
    years, month = "jedes Jahr" if n == 1 else f"alle {n} Jahre", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years} am {pattern.days[0]}. {month}"
    return f"{years} {_german_place(pattern, language)} im {month}"


def _german_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return f"am {language.join([_DE_ORDINALS[n] for n in pattern.workdays])} Werktag (montags bis freitags)"
    if pattern.days:
        return language.join([f"am {n}." if n > 0 else f"am {_DE_ORDINALS[n]} Tag" for n in pattern.days])
    return language.join([f"am {language.join([_DE_ORDINALS[n] for n in ns])} {language.weekdays[w]}" for w, ns in _grouped(pattern)])


# --- Italian -------------------------------------------------------------------------------------------------------

_IT_ORDINALS = {1: "primo", 2: "secondo", 3: "terzo", 4: "quarto", 5: "quinto", -1: "ultimo", -2: "penultimo"}


def _italian(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "ogni giorno" if n == 1 else f"ogni {n} giorni"
    if pattern.freq == "weekly":
        if pattern.weekdays == _WORKDAYS:
            return "dal lunedì al venerdì" if n == 1 else f"ogni {n} settimane, dal lunedì al venerdì"
        names = language.join([language.weekdays[d] for d in pattern.weekdays])
        return f"ogni {names}" if n == 1 else f"ogni {n} settimane, di {names}"
    if pattern.freq == "monthly":
        return f"{'ogni mese' if n == 1 else f'ogni {n} mesi'}, {_italian_place(pattern, language)}"
    years, month = "ogni anno" if n == 1 else f"ogni {n} anni", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years}, {_italian_day(pattern.days[0], 'il ', 'l’')} {month}"
    return f"{years}, {_italian_place(pattern, language)} di {month}"


def _italian_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return f"{language.join([_italian_ordinal(n) for n in pattern.workdays])} giorno feriale"
    if pattern.days:
        return language.join([f"il giorno {n}" if n > 0 else f"{_italian_ordinal(n)} giorno" for n in pattern.days])
    return language.join(
        [f"{language.join([_italian_ordinal(n, feminine=w == 6) for n in ns])} {language.weekdays[w]}" for w, ns in _grouped(pattern)]
    )


def _italian_ordinal(n: int, feminine: bool = False) -> str:
    """With its article; Sunday alone is feminine."""
    word = f"{_IT_ORDINALS[n][:-1]}a" if feminine else _IT_ORDINALS[n]
    return f"l’{word}" if n == -1 else f"la {word}" if feminine else f"il {word}"


def _italian_day(n: int, article: str, elided: str) -> str:
    return f"{elided}{n}" if n in (8, 11) else f"{article}{'1º' if n == 1 else n}"


# --- Portuguese ----------------------------------------------------------------------------------------------------

_PT_ORDINALS = {1: "primeiro", 2: "segundo", 3: "terceiro", 4: "quarto", 5: "quinto", -1: "último", -2: "penúltimo"}
_WEEKEND = (5, 6)


def _portuguese(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return "todos os dias" if n == 1 else f"a cada {n} dias"
    if pattern.freq == "weekly":
        weeks = "" if n == 1 else f"a cada {n} semanas, "
        if pattern.weekdays == _WORKDAYS:
            return f"{weeks}de segunda a sexta-feira"
        plural = [f"aos {name}s" if d in _WEEKEND else f"às {name.replace('-', 's-')}s" for d in pattern.weekdays for name in [language.weekdays[d]]]
        return weeks + language.join(plural)
    if pattern.freq == "monthly":
        return f"{'todo mês' if n == 1 else f'a cada {n} meses'}, {_portuguese_place(pattern, language)}"
    years, month = "todo ano" if n == 1 else f"a cada {n} anos", language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years}, em {pattern.days[0]} de {month}"
    return f"{years}, {_portuguese_place(pattern, language)} de {month}"


def _portuguese_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return f"{language.join([f'no {_PT_ORDINALS[n]}' for n in pattern.workdays])} dia útil"
    if pattern.days:
        return language.join([f"no dia {n}" if n > 0 else f"no {_PT_ORDINALS[n]} dia" for n in pattern.days])
    return language.join(
        [
            f"{language.join([f'no {_PT_ORDINALS[n]}' if w in _WEEKEND else f'na {_PT_ORDINALS[n][:-1]}a' for n in ns])} {language.weekdays[w]}"
            for w, ns in _grouped(pattern)
        ]
    )


# --- Arabic --------------------------------------------------------------------------------------------------------

_AR_ORDINALS = {1: "أول", 2: "ثاني", 3: "ثالث", 4: "رابع", 5: "خامس", -1: "آخر"}


def _arabic(pattern: Pattern, language: Language) -> str:
    n = pattern.interval
    if pattern.freq == "daily":
        return _arabic_every(n, "يوم", "يومين", "أيام", "يوماً")
    if pattern.freq == "weekly":
        weeks = _arabic_every(n, "أسبوع", "أسبوعين", "أسابيع", "أسبوعاً")
        if pattern.weekdays == _WORKDAYS:
            return f"{weeks}، من الاثنين إلى الجمعة"
        if n == 1:
            return f"كل {_arabic_join([_arabic_bare(language.weekdays[d]) for d in pattern.weekdays])}"
        return f"{weeks}، يوم {_arabic_join([language.weekdays[d] for d in pattern.weekdays])}"
    if pattern.freq == "monthly":
        return f"{_arabic_every(n, 'شهر', 'شهرين', 'أشهر', 'شهراً')}، {_arabic_place(pattern, language)}"
    years, month = _arabic_every(n, "سنة", "سنتين", "سنوات", "سنة"), language.months[pattern.months[0] - 1]
    if len(pattern.days) == 1 and pattern.days[0] > 0:
        return f"{years}، في {pattern.days[0]} {month}"
    return f"{years}، {_arabic_place(pattern, language)} من {month}"


def _arabic_place(pattern: Pattern, language: Language) -> str:
    if pattern.workdays:
        return _arabic_join([f"في {_AR_ORDINALS[n]} يوم عمل" if n in _AR_ORDINALS else "في يوم العمل قبل الأخير" for n in pattern.workdays])
    if pattern.days:
        return _arabic_join([f"في اليوم {n}" if n > 0 else "في آخر يوم" if n == -1 else "في اليوم قبل الأخير" for n in pattern.days])
    return _arabic_join([_arabic_weekday(n, language.weekdays[w]) for w, ns in _grouped(pattern) for n in ns])


def _arabic_weekday(n: int, weekday: str) -> str:
    return f"في {_AR_ORDINALS[n]} {_arabic_bare(weekday)}" if n in _AR_ORDINALS else f"في {weekday} قبل الأخير"


def _arabic_bare(weekday: str) -> str:
    """A weekday without its article."""
    return weekday.removeprefix("ال")


def _arabic_every(n: int, one: str, two: str, few: str, many: str) -> str:
    """Arabic counts one, two, three to ten, and more, each with a form of its own."""
    return f"كل {one}" if n == 1 else f"كل {two}" if n == 2 else f"كل {n} {few if n % 100 in range(3, 11) else many}"


def _arabic_join(words: Sequence[str]) -> str:
    """`a، b وc`: the conjunction is part of the word behind it."""
    return words[0] if len(words) == 1 else f"{'، '.join(words[:-1])} و{words[-1]}"


def _grouped(pattern: Pattern) -> list[tuple[int, list[int]]]:
    """The places by weekday, each with its ordinals."""
    groups: dict[int, list[int]] = {}
    for n, weekday in pattern.places:
        groups.setdefault(weekday, []).append(n)
    return list(groups.items())


LANGUAGES: dict[str, Language] = {
    "en": Language(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
        conjunction="and",
        sentence=_english,
        until=lambda day, language: f"until {day.day} {language.months[day.month - 1]} {day.year}",
        times="{} times",
    ),
    "es": Language(
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        months=(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ),
        conjunction="y",
        sentence=_spanish,
        until=lambda day, language: f"hasta el {day.day} de {language.months[day.month - 1]} de {day.year}",
        times="{} veces",
    ),
    "fr": Language(
        weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        conjunction="et",
        sentence=_french,
        until=lambda day, language: f"jusqu’au {_french_day(day.day)} {language.months[day.month - 1]} {day.year}",
        times="{} fois",
    ),
    "de": Language(
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"),
        conjunction="und",
        sentence=_german,
        until=lambda day, language: f"bis {day.day}. {language.months[day.month - 1]} {day.year}",
        times="{}-mal",
    ),
    "it": Language(
        weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
        months=(
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ),
        conjunction="e",
        sentence=_italian,
        until=lambda day, language: f"fino {_italian_day(day.day, 'al ', 'all’')} {language.months[day.month - 1]} {day.year}",
        times="{} volte",
    ),
    "pt": Language(
        weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
        months=("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
        conjunction="e",
        sentence=_portuguese,
        until=lambda day, language: f"até {day.day} de {language.months[day.month - 1]} de {day.year}",
        times="{} vezes",
    ),
    "ar": Language(
        weekdays=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
        months=("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
        conjunction="و",
        sentence=_arabic,
        until=lambda day, language: f"حتى {day.day} {language.months[day.month - 1]} {day.year}",
        times="عدد المرات: {}",
        comma="، ",
    ),
}
