"""Fields give types: each reads one YAML node into a typed value, reports what is wrong there, and describes itself as JSON Schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from iopsgen.dates import Fault, read_day, read_duration, read_moment, read_time
from iopsgen.problems import Place, Problem, Severity, did_you_mean
from iopsgen.slugs import fault_of_route, fault_of_segment
from iopsgen.yamltext import Map, Node, Scalar, Seq, is_empty, to_plain
from iopsgen.zones import check_zone

Schema = dict[str, Any]
T = TypeVar("T")


class Report:
    """Collects the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def say(self, node: Node, message: str, hint: str = "", severity: Severity = "error") -> None:
        """Adds a problem at a node."""
        self.problems.append(Problem(message, Place(self.file, node.line, node.column), hint, severity))


class Field:
    """One kind of value. `read` gives None after a problem; it is never called for an empty value."""

    example = "text"

    def is_absent(self, node: Node) -> bool:
        """Whether a value says nothing, which is the same as no key: forms of browser editors write such."""
        return is_empty(node)

    def read(self, node: Node, report: Report) -> Any:
        """The typed value of a node."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """JSON Schema (2020-12) of what may be written."""
        raise NotImplementedError

    def scalar(self, node: Node, report: Report) -> str | None:
        """The text of a node that must be one text."""
        if isinstance(node, Scalar):
            return node.text.strip()
        found = "a list" if isinstance(node, Seq) else "keys and values"
        report.say(node, f"One value is expected here, not {found}.", f"Write for example: {self.example}")
        return None


class Text(Field):
    """Any text; line breaks become spaces unless `long`."""

    def __init__(self, long: bool = False, example: str = "A few words") -> None:
        self.long, self.example = long, example

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        text = "".join(c for c in text if c >= " " or c in "\n\t")
        return text if self.long else " ".join(text.split("\n")).strip()

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


class Parsed(Field):
    """A text that a function of the time rooms reads into a value or a fault."""

    def __init__(self, parse: Callable[[str], Any], example: str, description: str) -> None:
        self.parse, self.example, self.description = parse, example, description

    def read(self, node: Node, report: Report) -> Any:
        text = self.scalar(node, report)
        if text is None:
            return None
        value = self.parse(text)
        if isinstance(value, Fault):
            bare = text.strip("“”„‟«»‘’‚ ")
            if bare != text and not isinstance(self.parse(bare), Fault):
                report.say(node, "Curly quotes are signs like any other here.", f"Write without quotes: {bare}")
            else:
                report.say(node, value.message, value.hint)
            return None
        return value

    def schema(self) -> Schema:
        return {"type": ["string", "number"], "description": self.description, "examples": [self.example]}


class MomentField(Parsed):
    """A date, or a date and time; the value keeps where it stands."""

    def __init__(self) -> None:
        super().__init__(read_moment, "2026-10-28 19:30", "A date (2026-10-28) or a date and time (2026-10-28 19:30).")

    def read(self, node: Node, report: Report) -> Any:
        value = super().read(node, report)
        if value is None:
            return None
        return type(value)(value.wall, value.offset, value.has_time, node.line, node.column)


def day() -> Field:
    """A date without a time."""
    return Parsed(read_day, "2026-10-28", "A date: year-month-day.")


def time_of_day() -> Field:
    """A time without a date."""
    return Parsed(read_time, "19:30", "A time: 19:30, 19.30 or 7:30pm.")


def duration() -> Field:
    """A length of time."""
    return Parsed(read_duration, "2h 30m", "A length of time: 2h 30m, 90 min, 2 days.")


class Flag(Field):
    """Yes or no, in the words people use."""

    example = "true"
    _words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

    def read(self, node: Node, report: Report) -> bool | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        value = self._words.get(text.lower())
        if value is None:
            report.say(node, f'"{text}" is neither yes nor no.', "Write true or false.")
        return value

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "boolean"}, {"enum": sorted(self._words)}]}


class Whole(Field):
    """A whole number within bounds."""

    def __init__(self, low: int = 0, high: int = 10**9) -> None:
        self.low, self.high, self.example = low, high, str(max(low, 20))

    def read(self, node: Node, report: Report) -> int | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        digits = text.replace(" ", "").replace("_", "")
        if re.fullmatch(r"-?[0-9]{1,12}", digits) and self.low <= int(digits) <= self.high:
            return int(digits)
        report.say(node, f'"{text}" is not a whole number from {self.low} to {self.high}.', f"Write for example: {self.example}")
        return None

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class OneOf(Field):
    """One of a few words."""

    def __init__(self, *words: str, also: Mapping[str, str] | None = None) -> None:
        self.words, self.also, self.example = words, also or {}, words[0]

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        word = text.lower().replace(" ", "-").replace("_", "-")
        word = self.also.get(word, word)
        if word in self.words:
            return word
        report.say(node, f'"{text}" is not known here.', f"{did_you_mean(word, self.words)} Possible: {', '.join(self.words)}.".strip())
        return None

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class Name(Field):
    """An id or a slug: a part of an address."""

    example = "london"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        fault = fault_of_segment(text) if "/" not in text else "it holds a /"
        if fault or text.startswith("."):
            report.say(
                node,
                f'"{text}" cannot be part of an address: {fault or "it starts with a dot"}.',
                "Use letters, digits and hyphens, for example: welcome-event",
            )
            return None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^[^/\\.][^/\\]*$"}


class WebAddress(Field):
    """An address on the web (http or https); with `local` also one of this site; with `mail` also mailto: and tel:."""

    def __init__(self, local: bool = False, mail: bool = False) -> None:
        self.local, self.mail, self.example = local, mail, "/about/ or https://example.org/page" if local else "https://example.org/page"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        if not re.search(r"[\x00-\x20\x7f\u2028\u2029\\<>\"]", text):
            scheme = _scheme(text)
            if scheme in ("http", "https") and _host(text):
                return text
            if self.mail and scheme in ("mailto", "tel", "xmpp", "matrix"):
                return text
            if self.mail and "@" in text and ":" not in text and "/" not in text:
                return "mailto:" + text
            if self.local and not scheme and not text.startswith("//"):
                return text
        guess = "https://" + text if not _scheme(text) and re.fullmatch(r"[\w-]+(\.[\w-]+)+(/[^\s\\<>\"]*)?", text) else self.example
        report.say(node, f'"{text}" is not a web address.', f"Write for example: {guess}")
        return None

    def schema(self) -> Schema:
        return {"type": "string", "format": "uri-reference" if self.local else "uri"}


def _scheme(text: str) -> str:
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    return match.group(1).lower() if match else ""


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


class Email(Field):
    """A mail address."""

    example = "london@example.org"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        if re.fullmatch(r"[^\s@<>,;:\"()\\]{1,64}@[^\s@<>,;:\"()\\/]{1,255}", text) and text.isprintable():
            return text
        report.say(node, f'"{text}" is not a mail address.', f"Write for example: {self.example}")
        return None

    def schema(self) -> Schema:
        return {"type": "string", "format": "email"}


class Zone(Field):
    """A time zone by its Area/City name."""

    example = "Europe/London"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        fault = check_zone(text)
        if fault is not None:
            report.say(node, fault.message, fault.hint)
            return None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "examples": [self.example]}


class Language(Field):
    """A language code (BCP 47), such as en, pt-BR or zh-Hant."""

    example = "en"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", text):
            first, *rest = text.replace("_", "-").split("-")
            return "-".join([first.lower(), *(p.upper() if len(p) == 2 else p.title() if len(p) == 4 else p for p in rest)])
        report.say(node, f'"{text}" is not a language code.', "Write two letters, for example: en, es, pt-BR")
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"}


_COUNTRIES = frozenset(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL
    CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA
    RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
    UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW""".split()
)
_NO_COUNTRIES = {"UK": "Write GB for the United Kingdom.", "EN": "Write GB for the United Kingdom.", "EL": "Write GR for Greece."}


class Country(Field):
    """A country by its two-letter code (ISO 3166-1)."""

    example = "GB"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        if text.upper() in _COUNTRIES:
            return text.upper()
        hint = _NO_COUNTRIES.get(text.upper(), "Write the two letters of the country, for example: GB, ES, AR")
        report.say(node, f'"{text}" is not a country code.', hint)
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Za-z]{2}$"}


class Geo(Field):
    """A position: latitude and longitude in degrees."""

    example = "[51.5072, -0.1276]"

    def read(self, node: Node, report: Report) -> tuple[float, float] | None:
        if isinstance(node, Scalar):
            parts = re.split(r"\s*[,;]\s*|\s+", node.text.strip())
        elif isinstance(node, Map):
            found = {key.text.lower()[:3]: value.text for key, value in node.pairs if isinstance(value, Scalar)}
            parts = [found.get("lat", ""), found.get("lon", found.get("lng", ""))]
        else:
            parts = [item.text if isinstance(item, Scalar) else "" for item in node.items]
        try:
            latitude, longitude = (float(p) for p in parts)
        except ValueError:
            latitude, longitude = 999.0, 999.0
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
        report.say(node, "This is not a position on the earth.", f"Write latitude and longitude in degrees, for example: {self.example}")
        return None

    def schema(self) -> Schema:
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class ListOf(Field):
    """A list; one value alone counts as a list of one, and with `commas` a text `a, b` as a list of two."""

    def __init__(self, item: Field, commas: bool = False) -> None:
        self.item, self.commas, self.example = item, commas, f"[{item.example}]"

    def read(self, node: Node, report: Report) -> tuple[Any, ...]:
        nodes: tuple[Node, ...]
        if isinstance(node, Seq):
            nodes = node.items
        elif isinstance(node, Scalar) and self.commas and node.plain and "," in node.text:
            nodes = tuple(Scalar(part.strip(), node.line, node.column) for part in node.text.split(","))
        else:
            nodes = (node,)
        values = [self.item.read(n, report) for n in nodes if not self.item.is_absent(n)]
        return tuple(v for v in values if v is not None)

    def is_absent(self, node: Node) -> bool:
        return is_empty(node) or (isinstance(node, Seq) and all(map(self.item.is_absent, node.items)))

    def schema(self) -> Schema:
        item = self.item.schema()
        return {"anyOf": [{"type": "array", "items": item}, item]}


class Either(Field):
    """A text read by one field, keys and values by another."""

    def __init__(self, text: Field, keys: Field) -> None:
        self.text, self.keys, self.example = text, keys, text.example

    def read(self, node: Node, report: Report) -> Any:
        return (self.keys if isinstance(node, Map) else self.text).read(node, report)

    def is_absent(self, node: Node) -> bool:
        return (self.keys if isinstance(node, Map) else self.text).is_absent(node)

    def schema(self) -> Schema:
        return {"anyOf": [self.text.schema(), self.keys.schema()]}


class Anything(Field):
    """Whatever is written, as plain values."""

    def read(self, node: Node, report: Report) -> object:
        return to_plain(node)

    def schema(self) -> Schema:
        return {}


class Table(Field):
    """Names that the author chooses, each with a value of one kind: a dict in the order written."""

    def __init__(self, value: Field, empty: Callable[[], Any] | None = None) -> None:
        self.value, self.empty, self.example = value, empty, f"{{name: {value.example}}}"

    def read(self, node: Node, report: Report) -> dict[str, Any] | None:
        if not isinstance(node, Map):
            report.say(node, "Keys with values are expected here.", f"Write for example: {self.example}")
            return None
        found: dict[str, Any] = {}
        for key, value in node.pairs:
            read = self.empty() if self.empty and is_empty(value) else None if is_empty(value) else self.value.read(value, report)
            if read is not None:
                found[key.text] = read
        return found

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema()}


class Record(Field):
    """Known keys, each with its own kind of value: a dict of what was written. An unknown key is a problem of `unknown` severity.

    `foreign` maps words of other programs to the word that is used here, for the hint.
    """

    def __init__(
        self,
        fields: Mapping[str, Field],
        required: tuple[str, ...] = (),
        make: Callable[..., Any] | None = None,
        unknown: Severity = "error",
        what: str = "here",
        example: str = "key: value",
        foreign: Mapping[str, str] | None = None,
    ) -> None:
        self.fields, self.required, self.make, self.unknown, self.what = dict(fields), required, make, unknown, what
        self.example, self.foreign = example, foreign or {}

    def is_absent(self, node: Node) -> bool:
        if not isinstance(node, Map):
            return is_empty(node)
        return not any(self._says(key, value) for key, value in node.pairs)

    def _says(self, key: Scalar, value: Node) -> bool:
        field = self.fields.get(self.name_of(key))
        return not (is_empty(value) if field is None else field.is_absent(value))

    def name_of(self, key: Scalar) -> str:
        """The name that a key has here, however it is spelt: capitals and hyphens do not matter."""
        return key.text if key.text in self.fields else key.text.strip().lower().replace("-", "_")

    def read(self, node: Node, report: Report) -> Any:
        """A dict of the values, or what `make` makes of them; None where a required one is missing."""
        if not isinstance(node, Map):
            report.say(node, f"Keys with values are expected {self.what}.", f"Possible keys: {', '.join(sorted(self.fields))}.")
            return None
        values = self.read_pairs(node.pairs, report)
        missing = [name for name in self.required if name not in values]
        said = {self.name_of(key) for key, value in node.pairs if self._says(key, value)}
        for name in missing:
            if name not in said:
                report.say(node, f'"{name}" is missing {self.what}.', f"Write for example: {name}: {self.fields[name].example}")
        if missing:
            return None
        return values if self.make is None else self.make(**values)

    def read_pairs(self, pairs: tuple[tuple[Scalar, Node], ...], report: Report) -> dict[str, Any]:
        """The values of the keys that are known and say something."""
        values: dict[str, Any] = {}
        seen: dict[str, Scalar] = {}
        for key, value in pairs:
            name = self.name_of(key)
            field = self.fields.get(name)
            if field is None:
                report.say(key, f'"{key.text}" is not a key that is known {self.what}.', self.advise(key.text, name), self.unknown)
            elif name in seen:
                first = seen[name]
                message = f'"{key.text}" is the same key as "{first.text}" on line {first.line}.'
                report.say(key, message, "Keep one of the two.")
            else:
                seen[name] = key
                if not field.is_absent(value):
                    read = field.read(value, report)
                    if read is not None:
                        values[name] = read
        return values

    def advise(self, text: str, name: str) -> str:
        """What to write instead of a key that is not known."""
        if name in self.foreign:
            return self.foreign[name]
        return did_you_mean(text.strip(), self.fields) or f"Possible keys: {', '.join(sorted(self.fields))}."

    def schema(self) -> Schema:
        schema: Schema = {"type": "object", "properties": {name: field.schema() for name, field in sorted(self.fields.items())}}
        if self.required:
            schema["required"] = list(self.required)
        schema["additionalProperties"] = False if self.unknown == "error" else {}
        return schema


class OldAddress(Field):
    """A path that a text had before, from the root of the site; percent-encoding is undone, a `?…` may follow."""

    example = "/old/address/"

    def read(self, node: Node, report: Report) -> str | None:
        text = self.scalar(node, report)
        if text is None:
            return None
        fault, hint = "", f"Write for example: {self.example}"
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", text):
            fault, hint = "it is more than a path", f"Write only what follows the name of the host: {_path_of(text) or self.example}"
        elif "#" in text:
            fault, hint = "what follows a # never reaches the host", f"Write {text.partition('#')[0] or self.example}"
        path, asks, query = ("" if text.startswith("/") else "/") + text.partition("?")[0], "?" in text, text.partition("?")[2]
        path = unquote(path)
        fault = fault or fault_of_route(path)
        if not fault and path == "/" and not query:
            fault = "it is the home page"
        if fault:
            report.say(node, f'"{text}" cannot be an old address: {fault}.', hint)
            return None
        return path + "?" + query if asks else path

    def schema(self) -> Schema:
        return {"type": "string", "examples": [self.example]}


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
