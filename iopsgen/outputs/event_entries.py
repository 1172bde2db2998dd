"""An event as calendars and `events.json` hold it, made once and shared by every scope."""

from collections.abc import Mapping
from datetime import UTC, datetime

from iopsgen.model import Event, Occurrence, Venue
from iopsgen.outputs.calendar_entries import calendar_entry, venue_line
from iopsgen.outputs.edition import Common, Edition, origin_view
from iopsgen.outputs.indexes import EventJson
from iopsgen.texts import Texts, country_name
from iopsgen.views import CalendarEntry, Ref, Shared

_NO_STAMP = datetime(2000, 1, 1, tzinfo=UTC)  # for an event that says nothing of when it was written or changed


class EventEntries:
    """The calendar entries of all events, each in the event's own language."""

    def __init__(self, common: Common, texts: Mapping[str, Texts]) -> None:
        self.common, self.texts = common, texts
        self._entries: dict[str, Shared[CalendarEntry] | None] = {}
        self._json: dict[tuple[str, str], tuple[Shared[EventJson], ...]] = {}

    def calendar(self, event: Event) -> Shared[CalendarEntry] | None:
        """The event in a calendar; None while its day is not known."""
        if event.route not in self._entries:
            made = self._make(event)
            self._entries[event.route] = Shared(made) if made else None
        return self._entries[event.route]

    def _make(self, event: Event) -> CalendarEntry | None:
        if not event.dated:
            return None
        site, fields = self.common.site, event.fields
        texts = self.texts.get(event.language) or self.texts[site.languages[0]]
        chapter = site.chapters.get(event.chapter)
        picture = self.common.picture(fields)
        origin = fields.origin
        announced = _announced(event)
        about = fields.summary or fields.text.summary
        from_whom = texts.gettext("From the calendar of %(name)s") % {"name": origin.title} if origin else ""

        def line(venue: Venue) -> str:
            return venue_line(venue, country_name(venue.country, texts.language) if venue.country else "")

        return calendar_entry(
            event,
            page_address=self.common.address(event.route),
            stamp=max((moment for moment in (announced, event.updated) if moment), default=_NO_STAMP),
            title_prefixes=_prefixes(texts),
            texts={
                "reason": texts.gettext("Reason: {}"),
                "join": texts.gettext("Join online: {}"),
                "register": texts.gettext("Register: {}"),
            },
            description="\n\n".join(filter(None, (about, from_whom))),
            location=line,
            categories=tuple(site.categories[c].name for c in event.categories),
            organizer=chapter.title if chapter else self.common.settings.site.title,
            organizer_email="" if origin else (chapter.contact if chapter else "") or self.common.settings.site.contact,
            picture=picture.address if picture else "",
            created=None if origin else announced,
        )

    def json(self, edition: Edition, event: Event) -> tuple[Shared[EventJson], ...]:
        """What `events.json` says of an event: a single one once, a series once for each occurrence to come."""
        key = (edition.language, event.route)
        if key not in self._json:
            occurrences = event.upcoming if event.fields.repeat or event.fields.dates else event.occurrences
            self._json[key] = tuple(Shared(self._make_json(edition, event, occurrence)) for occurrence in occurrences)
        return self._json[key]

    def _make_json(self, edition: Edition, event: Event, occurrence: Occurrence) -> EventJson:
        common, fields = self.common, event.fields
        venue = occurrence.venue or event.venue
        chapter = edition.chapter(event.chapter)
        picture = common.picture(fields)
        geo = venue.geo if venue and venue.geo else (None, None)
        return EventJson(
            uid=event.uid,
            title=occurrence.title or fields.title,
            address=common.address(event.route),
            start=occurrence.start,
            end=occurrence.end,
            original=occurrence.original,
            zone=event.zone,
            all_day=event.all_day,
            tba=fields.time_tba,
            status="cancelled" if occurrence.cancelled else fields.status,
            summary=edition.summary(event),
            venue=venue.name if venue else "",
            city=venue.city if venue else "",
            country=venue.country if venue else "",
            latitude=geo[0],
            longitude=geo[1],
            online=occurrence.online or fields.online,
            chapter=Ref(title=chapter.title, url=common.absolute(chapter.url), id=chapter.id) if chapter else None,
            categories=tuple(common.site.categories[c].name for c in event.categories),
            language=event.language,
            picture=picture.address if picture else "",
            ics=common.address(event.route + "event.ics"),
            origin=origin_view(event),
            updated=event.updated,
        )


def _announced(event: Event) -> datetime | None:
    """When an event was announced, as far as it or a post says so: what feeds guess for the others may lie ahead of us."""
    return event.published if event.fields.publish is not None or event.posts else None


def _prefixes(texts: Texts) -> dict[str, str]:
    """What stands before the title of an event: by status, and for `tba`, a time that is not known."""
    words = {
        "cancelled": texts.gettext("Cancelled:"),
        "postponed": texts.gettext("Postponed:"),
        "moved-online": texts.gettext("Online:"),
        "tentative": texts.gettext("Tentative:"),
        "tba": texts.gettext("Time to be announced:"),
    }
    return {key: f"{word} " for key, word in words.items()}


def status_prefix(status: str, texts: Texts) -> str:
    """What stands before the title of an event that is not simply going to happen."""
    return _prefixes(texts).get(status, "")
