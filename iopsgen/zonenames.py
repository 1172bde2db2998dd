"""Which Area/City zone people mean when they write CET, UTC+2, Munich, Germany or a zone name of Windows."""

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import tzdata  # type: ignore[import-untyped]

DATABASE = Path(tzdata.__file__).parent / "zoneinfo"  # always the package's, never the machine's: the same bytes everywhere

AREAS = frozenset(["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"])

# An abbreviation names a distance from UTC, often several of them, and never says when the clocks change.
ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "ACDT": ("Australia/Adelaide",),
    "ACST": ("Australia/Adelaide", "Australia/Darwin"),
    "ADT": ("America/Halifax",),
    "AEDT": ("Australia/Sydney",),
    "AEST": ("Australia/Sydney", "Australia/Brisbane"),
    "AET": ("Australia/Sydney",),
    "AKDT": ("America/Anchorage",),
    "AKST": ("America/Anchorage",),
    "ART": ("America/Argentina/Buenos_Aires",),
    "AST": ("America/Halifax", "America/Puerto_Rico"),
    "AWST": ("Australia/Perth",),
    "BRT": ("America/Sao_Paulo",),
    "BST": ("Europe/London",),
    "CAT": ("Africa/Maputo",),
    "CDT": ("America/Chicago",),
    "CEST": ("Europe/Berlin", "Europe/Paris"),
    "CET": ("Europe/Berlin", "Europe/Paris"),
    "CLST": ("America/Santiago",),
    "CLT": ("America/Santiago",),
    "COT": ("America/Bogota",),
    "CST": ("America/Chicago", "Asia/Shanghai"),
    "CT": ("America/Chicago",),
    "EAT": ("Africa/Nairobi",),
    "EDT": ("America/New_York",),
    "EEST": ("Europe/Athens", "Europe/Helsinki"),
    "EET": ("Europe/Athens", "Europe/Helsinki"),
    "EST": ("America/New_York",),
    "ET": ("America/New_York",),
    "GMT": ("Europe/London", "Africa/Accra"),
    "GST": ("Asia/Dubai",),
    "HKT": ("Asia/Hong_Kong",),
    "HST": ("Pacific/Honolulu",),
    "ICT": ("Asia/Bangkok",),
    "IRST": ("Asia/Tehran",),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "JST": ("Asia/Tokyo",),
    "KST": ("Asia/Seoul",),
    "MDT": ("America/Denver",),
    "MESZ": ("Europe/Berlin",),
    "MET": ("Europe/Berlin",),
    "MEZ": ("Europe/Berlin",),
    "MSK": ("Europe/Moscow",),
    "MST": ("America/Denver", "America/Phoenix"),
    "MT": ("America/Denver",),
    "NDT": ("America/St_Johns",),
    "NPT": ("Asia/Kathmandu",),
    "NST": ("America/St_Johns",),
    "NZDT": ("Pacific/Auckland",),
    "NZST": ("Pacific/Auckland",),
    "NZT": ("Pacific/Auckland",),
    "PDT": ("America/Los_Angeles",),
    "PET": ("America/Lima",),
    "PHT": ("Asia/Manila",),
    "PKT": ("Asia/Karachi",),
    "PST": ("America/Los_Angeles",),
    "PT": ("America/Los_Angeles",),
    "SAST": ("Africa/Johannesburg",),
    "SGT": ("Asia/Singapore",),
    "TRT": ("Europe/Istanbul",),
    "WAT": ("Africa/Lagos",),
    "WEST": ("Europe/Lisbon",),
    "WET": ("Europe/Lisbon",),
    "WIB": ("Asia/Jakarta",),
    "CST6CDT": ("America/Chicago",),
    "EST5EDT": ("America/New_York",),
    "MST7MDT": ("America/Denver",),
    "PST8PDT": ("America/Los_Angeles",),
}

# Well-known places for which no zone is named. Several words are joined by an underscore.
_PLACES = {
    "Africa/Cairo": "alexandria giza",
    "Africa/Johannesburg": "cape_town durban pretoria",
    "Africa/Lagos": "abuja ibadan kano",
    "Africa/Casablanca": "rabat marrakesh marrakech",
    "America/Argentina/Buenos_Aires": "rosario la_plata",
    "America/Bogota": "medellin cali",
    "America/Chicago": "austin dallas houston san_antonio minneapolis new_orleans nashville st_louis kansas_city milwaukee memphis",
    "America/Denver": "salt_lake_city albuquerque boulder",
    "America/Edmonton": "calgary",
    "America/Los_Angeles": "san_francisco seattle portland san_diego oakland las_vegas berkeley sacramento san_jose palo_alto",
    "America/Mexico_City": "guadalajara puebla",
    "America/New_York": "boston philadelphia washington miami atlanta pittsburgh baltimore cleveland new_york_city nyc brooklyn",
    "America/Sao_Paulo": "rio_de_janeiro rio brasilia belo_horizonte porto_alegre curitiba florianopolis",
    "America/Toronto": "montreal ottawa quebec",
    "America/Vancouver": "victoria",
    "America/Guayaquil": "quito",
    "Asia/Dubai": "abu_dhabi",
    "Asia/Ho_Chi_Minh": "hanoi saigon",
    "Asia/Jerusalem": "tel_aviv haifa",
    "Asia/Karachi": "lahore islamabad",
    "Asia/Kolkata": "delhi new_delhi mumbai bombay bangalore bengaluru chennai hyderabad pune goa",
    "Asia/Riyadh": "jeddah mecca",
    "Asia/Seoul": "busan",
    "Asia/Shanghai": "beijing peking shenzhen guangzhou hangzhou",
    "Asia/Tokyo": "osaka kyoto yokohama nagoya sapporo fukuoka",
    "Australia/Brisbane": "gold_coast",
    "Australia/Sydney": "canberra newcastle",
    "Europe/Amsterdam": "rotterdam utrecht the_hague den_haag eindhoven",
    "Europe/Athens": "thessaloniki",
    "Europe/Berlin": "munich muenchen münchen hamburg cologne koeln köln frankfurt stuttgart leipzig dresden bremen karlsruhe hannover hanover bonn",
    "Europe/Brussels": "antwerp ghent bruges leuven",
    "Europe/Dublin": "cork galway",
    "Europe/Istanbul": "ankara izmir",
    "Europe/Kyiv": "lviv odesa odessa kharkiv",
    "Europe/Lisbon": "porto coimbra braga",
    "Europe/London": "manchester birmingham edinburgh glasgow cardiff bristol leeds liverpool oxford cambridge sheffield brighton york",
    "Europe/Madrid": "barcelona valencia seville sevilla bilbao malaga málaga zaragoza granada",
    "Europe/Moscow": "st_petersburg saint_petersburg",
    "Europe/Paris": "lyon marseille toulouse lille nantes bordeaux strasbourg nice grenoble rennes montpellier",
    "Europe/Rome": "milan milano turin torino naples napoli florence firenze bologna venice venezia",
    "Europe/Stockholm": "gothenburg göteborg malmo malmö uppsala",
    "Europe/Vienna": "wien graz linz salzburg innsbruck",
    "Europe/Warsaw": "krakow kraków cracow gdansk gdańsk wroclaw wrocław poznan poznań",
    "Europe/Zurich": "geneva genf genève basel bern lausanne zürich",
    "Pacific/Auckland": "wellington christchurch",
}

_COUNTRIES = {
    "bolivia": "BO",
    "burma": "MM",
    "czech republic": "CZ",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "ivory coast": "CI",
    "korea": "KR",
    "northern ireland": "GB",
    "scotland": "GB",
    "south korea": "KR",
    "türkiye": "TR",
    "uk": "GB",
    "united kingdom": "GB",
    "united states of america": "US",
    "usa": "US",
    "wales": "GB",
}

_IN_AREA: dict[str, tuple[str, ...]] = {  # an area alone → its best known zones
    "africa": ("Africa/Lagos", "Africa/Cairo", "Africa/Nairobi"),
    "america": ("America/New_York", "America/Chicago", "America/Los_Angeles"),
    "asia": ("Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo"),
    "atlantic": ("Atlantic/Reykjavik", "Atlantic/Azores"),
    "australia": ("Australia/Sydney", "Australia/Perth"),
    "europe": ("Europe/London", "Europe/Berlin", "Europe/Athens"),
    "pacific": ("Pacific/Auckland", "Pacific/Honolulu"),
}

_BY_OFFSET: dict[int, tuple[str, ...]] = {  # minutes from UTC in winter, then the best known zones
    -600: ("Pacific/Honolulu",),
    -540: ("America/Anchorage",),
    -480: ("America/Los_Angeles",),
    -420: ("America/Denver", "America/Los_Angeles"),
    -360: ("America/Chicago", "America/Mexico_City"),
    -300: ("America/New_York", "America/Bogota"),
    -240: ("America/Halifax", "America/New_York"),
    -210: ("America/St_Johns",),
    -180: ("America/Sao_Paulo", "America/Argentina/Buenos_Aires"),
    -120: ("America/Nuuk",),
    -60: ("Atlantic/Azores",),
    0: ("Europe/London", "Europe/Lisbon"),
    60: ("Europe/Berlin", "Europe/London"),
    120: ("Europe/Athens", "Europe/Berlin"),
    180: ("Europe/Istanbul", "Africa/Nairobi"),
    210: ("Asia/Tehran",),
    240: ("Asia/Dubai",),
    300: ("Asia/Karachi",),
    330: ("Asia/Kolkata",),
    345: ("Asia/Kathmandu",),
    360: ("Asia/Dhaka",),
    390: ("Asia/Yangon",),
    420: ("Asia/Bangkok",),
    480: ("Asia/Shanghai", "Australia/Perth"),
    540: ("Asia/Tokyo",),
    570: ("Australia/Darwin",),
    600: ("Australia/Sydney",),
    660: ("Australia/Sydney",),
    720: ("Pacific/Auckland",),
    780: ("Pacific/Auckland",),
}

_OFFSET = re.compile(r"(?:etc/)?(?:utc|gmt|z)? ?([+\-−])? ?([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)


@cache
def known_zones() -> frozenset[str]:
    """Every name in the zone database that the `tzdata` package carries."""
    return frozenset(DATABASE.with_name("zones").read_text("utf-8").split())


def read_offset(text: str) -> int | None:
    """The minutes from UTC in `UTC+2`, `GMT-03:30`, `+0200` or `Etc/GMT+2` (which lies *west*), else None."""
    found = _OFFSET.fullmatch(text.strip())
    if not found or not (found[1] or text.casefold().startswith("etc/")):
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    west = (found[1] in ("-", "−")) != text.casefold().startswith("etc/")
    return -minutes if west else minutes


def suggest_zones(text: str) -> tuple[str, ...]:
    """The Area/City zones most likely meant by `text`, the likeliest first, at most three; empty if nothing fits.

    Looks at areas, abbreviations, old names, offsets, Windows names (CLDR's mapping), cities and countries, then at near misses.
    """
    text = text.strip()
    if not text or len(text) > 80:
        return ()
    word = " ".join(text.casefold().replace("_", " ").split())
    offset = read_offset(text)
    found = (
        _IN_AREA.get(word.strip("/"), ())
        or ABBREVIATIONS.get(text.upper(), ())
        or _by_folded_name().get(text.casefold(), ())
        or (() if offset is None else _BY_OFFSET.get(offset, ()))
        or _windows_zone(word)
        or _cities().get(word, ())
        or _countries().get(word, ())
        or _cities_within(word)
        or _near(text)
    )
    return found[:3]


def today_name(name: str) -> str:
    """The Area/City (or UTC) that a name of the zone database stands for, an old one (`US/Pacific`) too; empty for any other text."""
    if name in ("UTC", "Etc/UTC") or (name.split("/")[0] in AREAS and name in known_zones()):
        return name
    found = _links().get(name, "")
    return found if found.split("/")[0] in AREAS else "UTC" if found in ("Etc/UTC", "UTC") else ""


def _near(text: str) -> tuple[str, ...]:
    """A zone or a city that is spelt almost like this."""
    names = {n.casefold(): n for n in known_zones() if n.split("/")[0] in AREAS}
    close = get_close_matches(text.casefold().replace(" ", "_"), sorted(names), n=1, cutoff=0.75)
    if close:
        return (names[close[0]],)
    close = get_close_matches(text.casefold().split("/")[-1].replace("_", " "), sorted(_cities()), n=1, cutoff=0.8)
    return _cities()[close[0]] if close else ()


def _cities_within(words: str) -> tuple[str, ...]:
    """The first city named in a longer text, such as `(UTC+01:00) Amsterdam, Berlin, Bern` or `Europe/Munich`."""
    for part in re.split(r"[,;/()]+|\s-\s", words):
        if found := _cities().get(part.strip()):
            return found
    return ()


@cache
def _links() -> dict[str, str]:
    """Old name → today's name, from the database itself."""
    lines = DATABASE.joinpath("tzdata.zi").read_text("utf-8").splitlines()
    return {old: new for kind, new, old in (line.split() for line in lines if line.startswith("L "))}


@cache
def _by_folded_name() -> dict[str, tuple[str, ...]]:
    """Zone names in any case, and old names outside the areas (`GB`, `US/Pacific`), each with the name to write."""
    found: dict[str, tuple[str, ...]] = {name.casefold(): (name,) for name in known_zones() if name.split("/")[0] in AREAS}
    for old, new in _links().items():
        if new.split("/")[0] in AREAS:
            found.setdefault(old.casefold(), (new,))
    found.update({name: ("UTC",) for name in ("utc", "etc/utc", "zulu", "z", "universal", "uct", "etc/uct", "etc/zulu", "etc/universal")})
    return found


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    """City in small letters → its zone: the last part of every zone's name, and the places listed above."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(known_zones() - _links().keys()) + sorted(known_zones() & _links().keys()):
        if name.split("/")[0] in AREAS:
            found.setdefault(name.rsplit("/", 1)[-1].replace("_", " ").casefold(), (name,))
    for name, places in _PLACES.items():
        for place in places.split():
            found[place.replace("_", " ")] = (name,)
    return found


@cache
def _countries() -> dict[str, tuple[str, ...]]:
    """Country, by name or two-letter code, in small letters → its zones, the most populous first."""
    zones: dict[str, tuple[str, ...]] = {}
    for code, _, name in _rows("zone.tab", 3):
        zones[code] = (*zones.get(code, ()), name)
    found = {code.casefold(): names for code, names in zones.items()}
    for code, country in _rows("iso3166.tab", 2):
        if code in zones:
            found[country.casefold()] = zones[code]
            found[country.split(" (")[0].casefold()] = zones[code]
    return found | {name: zones[code] for name, code in _COUNTRIES.items()}


def _rows(table: str, columns: int) -> list[list[str]]:
    """The first columns of one of the database's tables."""
    lines = DATABASE.joinpath(table).read_text("utf-8").splitlines()
    return [line.split("\t")[:columns] for line in lines if line and not line.startswith("#")]


def _windows_zone(word: str) -> tuple[str, ...]:
    """The zone behind `W. Europe Standard Time`, by CLDR's mapping."""
    if not word.endswith(" time"):
        return ()
    from babel.core import get_global  # late: only a refusal needs it, and it loads a large table

    for name, target in get_global("windows_zone_mapping").items():
        if name.casefold() in (word, word.replace("daylight time", "standard time").replace("summer time", "standard time")):
            return (_links().get(target, target),)
    return ()
