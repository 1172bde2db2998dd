"""Calendars of others: their events become events of the site, by the way of every text, and carry the name of those they are from."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from iopsgen.model import EventFields, Origin, Value, Venue
from iopsgen.problems import Place, Problem, note, warning
from iopsgen.read.content import Context, read_source
from iopsgen.settings import FILE, CalendarSettings, Settings
from iopsgen.slugs import slugify

if TYPE_CHECKING:
    from iopsgen.calendar_files.drafts import Draft

MOST_EVENTS = 5_000  # of one calendar
_NOT_OURS = ("organisers", "tags", "image", "elsewhere")  # what would make pages here, or ask another server
_SHOWN = 4  # reasons for leaving out events that are named


class PartnerReading(Value, frozen=True, kw_only=True):
    """What one calendar came to: its events, how many were left out, and what is wrong with it."""

    file: str
    events: tuple[EventFields, ...] = ()
    left_out: int = 0
    problems: tuple[Problem, ...] = ()


class Around(Value, frozen=True, kw_only=True):
    """What of the site decides how a calendar is read: the zone of times that name none, venues, categories, the site's address."""

    zone: str
    venues: dict[str, Venue]
    categories: tuple[str, ...]
    site: str


def around(calendar: CalendarSettings, settings: Settings, venues: dict[str, Venue], zones: Mapping[str, str]) -> Around:
    """What surrounds a calendar; `zones` are those of the chapters."""
    zone = zones.get(calendar.chapter, settings.site.timezone)
    return Around(zone=zone, venues=venues, categories=tuple(settings.categories), site=settings.site.url)


def read_partner(calendar: CalendarSettings, data: bytes, place: Around, context: Context) -> tuple[PartnerReading, list[tuple[str, str]]]:
    """The events of a calendar file as fields, and their texts (digest, HTML). Whatever is wrong with the file is a warning at most."""
    from iopsgen.calendar_files.convert import SILENT, convert, reasons_of  # late: most sites have no such calendar, or have read it before
    from iopsgen.calendar_files.details import Surroundings

    surroundings = Surroundings(zone=place.zone, venues=place.venues, categories=place.categories, site=place.site)
    converted = convert(data, calendar.file, surroundings)
    problems = [_as_warning(problem) for problem in converted.problems]
    events: dict[str, EventFields] = {}
    texts: list[tuple[str, str]] = []
    reasons = reasons_of(skip for skip in converted.skipped if skip.why not in SILENT)
    for draft in converted.drafts[:MOST_EVENTS]:
        reading = read_source(*_source_of(draft, calendar), {}, context)
        if isinstance(reading.fields, EventFields) and reading.fields.slug not in events:
            events[reading.fields.slug] = _placed(reading.fields, draft, calendar)
            if reading.fields.text.digest:
                texts.append((reading.fields.text.digest, reading.html))
        else:
            why = next((f"of this: {problem.message}" for problem in reading.problems if problem.severity == "error"), "it is there twice")
            reasons[why] = reasons.get(why, 0) + 1
    if len(converted.drafts) > MOST_EVENTS:
        reasons[f"no more than {MOST_EVENTS:,} are shown"] = len(converted.drafts) - MOST_EVENTS
    if reasons:
        problems.append(_say_left_out(calendar, reasons))
    left_out = len(converted.skipped) + len(converted.drafts) - len(events)
    return PartnerReading(file=calendar.file, events=tuple(events.values()), left_out=left_out, problems=tuple(problems)), texts


def without(calendar: CalendarSettings, why: str, hint: str) -> PartnerReading:
    """What a calendar comes to that cannot be read: nothing, and a warning where the settings name it."""
    message = f"{why} The site is built without the calendar of {calendar.title}."
    return PartnerReading(file=calendar.file, problems=(warning(message, Place(FILE, calendar.line, 1), hint),))


def _as_warning(problem: Problem) -> Problem:
    """Somebody else's file never stops a build."""
    if problem.severity != "error":
        return problem
    return msgspec.structs.replace(problem, message=f"{problem.message} The site is built without it.", severity="warning")


def _say_left_out(calendar: CalendarSettings, reasons: dict[str, int]) -> Problem:
    number = sum(reasons.values())
    events = "1 event" if number == 1 else f"{number:,} events"
    was = "was" if number == 1 else "were"
    named = [f"{count:,} × {why.rstrip('.')}" for why, count in list(reasons.items())[:_SHOWN]]
    more = "; and other reasons" if len(reasons) > _SHOWN else ""
    return note(f"{events} of the calendar of {calendar.title} {was} left out.", Place(calendar.file), f"Since {'; '.join(named)}{more}.")


def _source_of(draft: "Draft", calendar: CalendarSettings) -> tuple[str, bytes]:
    """The event as if somebody had written it here: the path it would have, and its text."""
    from iopsgen.calendar_files.drafts import Plain, write_source  # late, as above

    mark = blake2b(f"{calendar.file}\n{draft.uid}".encode(), digest_size=5).hexdigest()
    slug = "-".join(filter(None, (slugify(draft.title)[:60].rstrip("-"), mark)))
    keys = {key: value for key, value in draft.keys.items() if key not in _NOT_OURS}
    categories = dict.fromkeys((*calendar.categories, *(name for name in keys.pop("categories", ()) if isinstance(name, str))))
    keys |= {"slug": slug, "noindex": Plain("true"), "comments": Plain("off")}
    if categories:
        keys["categories"] = tuple(categories)
    if calendar.chapter:
        keys["chapter"] = calendar.chapter
    if draft.address:
        keys["canonical"] = draft.address
    return f"content/events/{slug}.md", write_source(keys, draft.body).encode("utf-8", "replace")


def _placed(fields: EventFields, draft: "Draft", calendar: CalendarSettings) -> EventFields:
    """The fields with the file they really came out of."""
    origin = Origin(
        title=calendar.title,
        url=calendar.url,
        address=draft.address,
        color=calendar.color,
        file=calendar.file,
        line=draft.number,
    )
    return msgspec.structs.replace(fields, source=f"{calendar.file}/{fields.slug}.md", lines={}, inherited={}, origin=origin)
