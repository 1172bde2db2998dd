"""Weekdays in titles that people write, in the languages whose names and turns of phrase are known here."""

import re
from functools import lru_cache
from unicodedata import normalize

import msgspec

from iopsgen.repeatwords import LANGUAGES


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """How a language names weekdays. All but `names` are folded: small letters without accents.

    `also` are other spellings (word → weekday, 0 is Monday), `never` phrases that hold the name of a weekday and mean none,
    `instead` words before a weekday on which it is not.
    """

    names: tuple[str, ...]
    plural: str = "s?"
    also: dict[str, int] = {}
    never: str = ""
    instead: str = ""


WORDS: dict[str, Words] = {
    "en": Words(
        names=LANGUAGES["en"].weekdays,
        plural="(?:s|'s|\N{RIGHT SINGLE QUOTATION MARK}s)?",
        never=(
            r"(?:black|good|casual) friday|fridays? for future|friday night lights|(?:thank (?:god|goodness) it'?s|his girl) friday|"
            r"(?:cyber|blue|easter|whit|plough|manic|stormy) mondays?|(?:don'?t|do not) like mondays|monday blues|"
            r"(?:giving|shrove|fat|pancake|super|ruby) tuesday|tuesdays with|ash wednesday|"
            r"(?:maundy|holy|was) thursday|thursday (?:next|murder club)|"
            r"saturday (?:night fever|night live)|(?:holy|small business) saturday|"
            r"(?:palm|easter|whit|mothering|bloody|super|advent|black) sunday|sunday (?:best|school|times|assembly)|never on sunday|any given sunday"
        ),
        instead=r"not|no longer|instead of|rather than|never|except|moved from|formerly|used to be",
    ),
    "es": Words(
        names=LANGUAGES["es"].weekdays,
        never=(
            r"(?:jueves|viernes|sabado|lunes|martes|miercoles) santo|viernes negro|miercoles de ceniza|(?:lunes|martes|domingo) de carnaval|"
            r"domingo de (?:ramos|resurreccion|pascua)|lunes de pascua|santo domingo|(?:placido|calle|plaza) domingo"
        ),
        instead=r"no|en vez de|en lugar de|salvo|excepto",
    ),
    "fr": Words(
        names=LANGUAGES["fr"].weekdays,
        never=(
            r"mardi gras|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi) saint|lundi de (?:paques|pentecote)|mercredi des cendres|"
            r"dimanche des rameaux|vendredi noir|(?:robinson|crusoe)(?: crusoe)? et vendredi|vendredi ou la vie sauvage"
        ),
        instead=r"pas|plus|au lieu de|plutot que|sauf",
    ),
    "de": Words(
        names=LANGUAGES["de"].weekdays,
        also={"sonnabend": 5},
        never=r"(?:schwarzer|stiller) freitag|blauer montag|(?:weisser|goldener|verkaufsoffener) sonntag|fridays? for future|robinson und freitag",
        instead=r"nicht|statt|anstatt|ausser|sondern nicht",
    ),
    "it": Words(
        names=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
        plural="",
        also={"sabati": 5, "domeniche": 6},
        never=(
            r"(?:lunedi|martedi|mercoledi|giovedi|venerdi|sabato) santo|(?:giovedi|martedi) grasso|mercoledi delle ceneri|"
            r"domenica delle palme|domenica di pasqua|lunedi (?:dell'angelo|di pasqua)|venerdi nero"
        ),
        instead=r"non|invece (?:di|che)|tranne|eccetto",
    ),
    "pt": Words(
        names=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
        never=(
            r"(?:segunda|terca|quarta|quinta|sexta)-feira santa|sabado (?:santo|de aleluia)|quarta-feira de cinzas|terca-feira gorda|"
            r"domingo de (?:ramos|pascoa)|(?:sao|placido) domingo"
        ),
        instead=r"nao|em vez de|ao inves de|exceto",
    ),
}
_NAMES_OF_PEOPLE = frozenset(["domingo", "domenica"])  # with a capital in the middle of a title they are no weekdays
_QUOTED = re.compile("“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"|‘[^’]{4,}’(?![a-z])")


class _Folding(dict[int, str]):
    """Letter → the same as a small one without its accent, one for one, so that places in a text stay what they are."""

    def __missing__(self, code: int) -> str:
        letter = chr(code).lower()
        base = normalize("NFD", letter)[:1] if len(letter) == 1 else chr(code)
        self[code] = base
        return base


_FOLDING = _Folding()


def folded(text: str) -> str:
    """The text in small letters without accents, each where it was."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def base_language(tag: str) -> str:
    """`pt` of `pt-BR`."""
    return tag.replace("_", "-").split("-")[0].casefold()


def weekdays_in_title(title: str, language: str) -> set[int]:
    """The weekdays on which a title says that something is, 0 for Monday; none for a language that is not known here.

    What stands in quotation marks, feasts and films (`Black Friday`, `Mardi gras`), and what is said not to be (`not on Friday`) does
    not count.
    """
    patterns = _patterns(base_language(language))
    if patterns is None:
        return set()
    pattern, ignored, days = patterns
    if not pattern.search(text := folded(title)):
        return set()
    blank = bytearray(len(text))
    for found in (*_QUOTED.finditer(title), *ignored.finditer(text)):
        blank[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    text = "".join(" " if hidden else letter for letter, hidden in zip(text, blank, strict=True))
    named: set[int] = set()
    for found in pattern.finditer(text):
        if not (found[1] in _NAMES_OF_PEOPLE and found.start() and title[found.start()].isupper()):
            named.add(days[found[1]])
    return named


@lru_cache(maxsize=16)
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, int]] | None:
    """What finds a weekday, what is no weekday, and which day each name is."""
    words = WORDS.get(language)
    if words is None:
        return None
    days = {folded(name): n for n, name in enumerate(words.names)} | words.also
    names = "|".join(sorted(map(re.escape, days), key=len, reverse=True))
    one = rf"(?<![\w-])({names}){words.plural}(?![\w-])"
    never = rf"\b(?:{words.never})\b|\b(?:{words.instead})\s+(?:\w+\s+)?(?:{names})\b"
    return re.compile(one), re.compile(never), days
