"""A calendar file as drafts of events: each event of it becomes one, or is left out for a reason that is said."""

import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from iopsgen.calendar_files.clocks import Clocks, Point, Timed
from iopsgen.calendar_files.components import Component, events_of, read_calendars
from iopsgen.calendar_files.details import Details, Surroundings, details_of, title_of
from iopsgen.calendar_files.drafts import Draft, Plain, Skip, Value, in_order, write_source
from iopsgen.calendar_files.occasions import Occasion, Variant
from iopsgen.calendar_files.prose import looks_like_html, plain_line
from iopsgen.calendar_files.repetitions import Budget
from iopsgen.calendar_files.schedules import write_schedule
from iopsgen.calendar_files.spans import Entry, exceptions_of, further_of, instant, newest_of_each, span_of, updated_of
from iopsgen.dates import Fault
from iopsgen.plain import without_markup
from iopsgen.problems import Place, Problem, has_errors, warning
from iopsgen.yamltext import MAX_BYTES

ORDER = (
    "title start dates end duration timezone repeat rrule changes status venue online organisers categories tags image elsewhere updated uid".split()
)
_FROM = {  # key → the property that it comes from
    "title": "SUMMARY", "start": "DTSTART", "end": "DTEND", "duration": "DURATION", "dates": "RDATE", "timezone": "DTSTART", "repeat": "RRULE",
    "rrule": "RRULE", "status": "STATUS", "venue": "LOCATION", "categories": "CATEGORIES", "updated": "LAST-MODIFIED", "uid": "UID",
}  # fmt: skip
_MOST_CALENDARS = 100  # VCALENDARs of a file
_MOST_POINTS = 100_000  # dates that EXDATE and RDATE name in a file
_LONGEST_UID = 255
_ROOM = 2_048  # bytes of front matter that are left for whoever edits it
_PRIVATE = frozenset(("PRIVATE", "CONFIDENTIAL"))
_IS_PRIVATE, _IS_OLDER = "it is private", "it is an older version of an event that is there too"
SILENT = frozenset((_IS_PRIVATE, _IS_OLDER))  # reasons of which nobody needs to hear


class Converted(NamedTuple):
    """What a file came to: each of its events (a series counts once) is a draft or was left out."""

    drafts: tuple[Draft, ...] = ()
    skipped: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()


def convert(data: bytes, file: str, around: Surroundings) -> Converted:
    """Reads a calendar file (RFC 5545, RFC 7986, and what other programs make of them). Never raises for what is in it.

    The problems are warnings at lines of `file`, and one error where the file is no calendar at all.
    """
    calendars, problems = read_calendars(data, file)
    if has_errors(problems):
        return Converted(problems=tuple(problems))
    if len(calendars) > _MOST_CALENDARS:
        place = Place(file, calendars[_MOST_CALENDARS].number)
        problems.append(warning(f"Only the first {_MOST_CALENDARS} calendars of this file were read.", place, "Make several files of it."))
    groups: dict[str, list[Entry]] = {}
    every: list[Clocks] = []
    for calendar in calendars[:_MOST_CALENDARS]:
        clocks = Clocks(calendar, file, around.zone)
        cancelled = calendar.value("METHOD").upper() == "CANCEL"
        for part in events_of(calendar):
            groups.setdefault(_uid_of(part), []).append(Entry(part, clocks, cancelled, part.number))
        every.append(clocks)
    run = _Run(around)
    for uid, group in groups.items():
        run.add(uid, group)
    if not groups:
        problems.append(warning("The calendar holds no event.", Place(file, calendars[0].number), "Check that it is the right one."))
    problems += [problem for clocks in every for problem in clocks.problems]
    return Converted(tuple(run.drafts), tuple(run.skipped), tuple(problems))


def _uid_of(part: Component) -> str:
    """The UID of an event as front matter can hold it; made from its start and title where it has none that can be kept."""
    text = unicodedata.normalize("NFC", part.text("UID"))
    uid = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if uid and len(uid) <= _LONGEST_UID:
        return uid
    named = uid or f"{part.value('DTSTART')} {part.value('SUMMARY')}"
    return f"imported-{blake2b(named.encode('utf-8', 'replace'), digest_size=10).hexdigest()}"


class _Run:
    """Makes drafts of the events of one file."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.budget = Budget()
        self.points = _MOST_POINTS
        self.drafts: list[Draft] = []
        self.skipped: list[Skip] = []

    def add(self, uid: str, group: list[Entry]) -> None:
        """Makes a draft of an event: of the newest version of the series, and of each of its dates that differ."""
        masters = sorted((one for one in group if one.part.first("RECURRENCE-ID") is None), key=Entry.version)
        variants = newest_of_each(one for one in group if one.part.first("RECURRENCE-ID") is not None)
        if masters:
            for older in masters[:-1]:
                self._skip(older, _IS_OLDER)
            self._add_event(uid, masters[-1], variants)
        else:
            self._add_single_dates(uid, group, [one for _, one in variants])

    def _add_event(self, uid: str, master: Entry, variants: list[tuple[Point, Entry]]) -> None:
        self.points -= sum(line.value.count(",") + 1 for line in master.part.lines if line.name in ("EXDATE", "RDATE"))
        if self.points < 0:
            self._skip(master, "the calendar names more single dates than are read")
            return
        span = span_of(master)
        rules = tuple(line.value for line in master.part.all("RRULE") if line.value.strip())
        further = tuple(further_of(master))
        if self._is_private(master):
            self._skip(master, _IS_PRIVATE)
        elif span is None:
            self._skip(master, "it has no start that can be read")
        elif master.part.all("EXRULE"):
            self._skip(master, "it has a rule of exceptions (EXRULE), which is not read here")
        elif not (rules or further) and (alone := next((one for at, one in variants if instant(at) == instant(span.start)), None)):
            self._add_event(uid, alone, [])  # the only date differs: so that is the event
        else:
            details = details_of(master.part, self.around, master.cancelled)
            occasion = Occasion(
                start=span.start,
                end=span.end,
                rules=rules,
                exceptions=tuple(exceptions_of(master)),
                further=further,
                variants=tuple(made for n, (at, one) in enumerate(variants) if (made := self._variant(at, one, details, n))),
            )
            self._finish(uid, master, details, occasion, [one for _, one in variants])

    def _add_single_dates(self, uid: str, group: list[Entry], variants: list[Entry]) -> None:
        """An event of which the file holds single dates alone, without the series to which they belong."""
        public = [(span, one) for one in variants if (span := span_of(one)) and not self._is_private(one)]
        if not public:
            self._skip(group[0], _IS_PRIVATE if any(map(self._is_private, group)) else "it has no start that can be read")
            return
        span, first = public[0]
        details = details_of(first.part, self.around, first.cancelled)
        found = [made for n, (own, one) in enumerate(public) if n and (made := self._variant(own.start, one, details, n))]
        occasion = Occasion(start=span.start, end=span.end, further=tuple((v.start, v.end) for v in found), variants=tuple(found))
        self._finish(uid, first, details, occasion, [one for _, one in public])

    def _finish(self, uid: str, master: Entry, details: Details, occasion: Occasion, variants: list[Entry]) -> None:
        """Keeps the draft, and those of the dates that nothing in it can say."""
        made = write_schedule(occasion, master.clocks.default, self.budget)
        if isinstance(made, Fault):
            self._skip(master, made.message)
            return
        self._keep(uid, master, details, made.keys)
        for variant in made.apart:
            one = variants[variant.number] if variant.number >= 0 else master
            single = write_schedule(Occasion(start=variant.start, end=variant.end), one.clocks.default, self.budget)
            if isinstance(single, Fault):
                self._skip(one, single.message)
            else:
                own = details_of(one.part, self.around, one.cancelled or master.cancelled)
                self._keep(f"{_stamp(variant.at)}-{uid}", one, own, single.keys)

    def _keep(self, uid: str, entry: Entry, details: Details, schedule: dict[str, Value]) -> None:
        keys = {**details.keys, **schedule, "uid": uid}
        if updated := updated_of(entry, str(schedule.get("timezone", entry.clocks.default))):
            keys["updated"] = Plain(updated)
        keys = in_order(keys, ORDER)
        if len(write_source(keys, "").encode("utf-8", "replace")) > MAX_BYTES - _ROOM:
            self._skip(entry, "it has more dates and changes than a file can hold")
            return
        lines = {key: line.number for key, name in _FROM.items() if key in keys and (line := entry.part.first(name))}
        self.drafts.append(Draft(uid, str(keys["title"]), keys, details.body, entry.part.number, lines, details.address))

    def _variant(self, at: Point, entry: Entry, usual: Details, number: int) -> Variant | None:
        """One date that differs from the usual; None if it does not say when it is."""
        span = span_of(entry)
        if span is None:
            return None
        own = details_of(entry.part, self.around, entry.cancelled)
        keys: dict[str, Value] = {name: own.keys[name] for name in ("title", "venue", "online") if name in own.keys and own.keys[name] != usual.keys.get(name)}
        note = entry.part.text("COMMENT") or (entry.part.text("DESCRIPTION") if own.body != usual.body else "")
        if note := plain_line(without_markup(note) if looks_like_html(note) else note):
            keys["note"] = note
        return Variant(
            at=at,
            start=span.start,
            end=span.end,
            cancelled=own.keys.get("status") == "cancelled" and usual.keys.get("status") != "cancelled",
            hidden=self._is_private(entry),
            later=entry.later,
            keys=keys,
            number=number,
        )

    def _is_private(self, entry: Entry) -> bool:
        return not self.around.private and entry.part.value("CLASS").upper() in _PRIVATE

    def _skip(self, entry: Entry, why: str) -> None:
        self.skipped.append(Skip(_uid_of(entry.part), title_of(entry.part), entry.part.number, why))


def _stamp(point: Point) -> str:
    """A date as part of a UID."""
    return f"{point.wall:%Y%m%dT%H%M%S}" if isinstance(point, Timed) else f"{point:%Y%m%d}"


def reasons_of(skipped: Iterable[Skip]) -> dict[str, int]:
    """How many events were left out for each reason, most frequent first."""
    counts: dict[str, int] = {}
    for skip in skipped:
        counts[skip.why] = counts.get(skip.why, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
