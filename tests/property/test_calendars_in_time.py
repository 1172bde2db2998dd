"""Calendars of the same content at two moments: what is over stays as it was, and nothing is stamped with a moment that lies ahead."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.calendar_site import calendar_site
from tests.interop.agreement import calendars_of, prepared
from tests.sites import SETTINGS, write_site

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
POST = "---\ntitle: {title}\ndate: {date}\nevent: {event}\n---\nCome.\n"
FILES = {
    "content/events/over.md": "---\ntitle: Over\nuid: Over\nstart: 2012-10-28 11:00\nend: 17:00\n---\n",
    "content/events/near.md": "---\ntitle: Near\nuid: Near\nstart: 2026-12-05 12:00\nend: 13:00\npublish: 2026-10-01\n---\n",
    "content/events/far.md": "---\ntitle: Far\nuid: Far\nstart: 2030-05-05\n---\n",
    "content/events/changed.md": "---\ntitle: Changed\nuid: Changed\nstart: 2026-12-06 12:00\nupdated: 2026-11-01 18:00\npublish: 2026-10-01\n---\n",
    "content/events/weekly.md": "---\ntitle: Weekly\nuid: Weekly\nstart: 2026-01-05 19:00\nend: 21:00\nrepeat: weekly, except 2026-02-02\n---\n",
    "content/events/night.md": "---\ntitle: Night\nuid: Night\nstart: 2026-01-03 22:00\nend: 04:00\nrepeat: every Saturday\n---\n",
    "content/events/skipped.md": "---\ntitle: Skipped\nuid: Skipped\nstart: 2026-01-04 01:30\nend: 01:45\nrepeat: every Sunday\n---\n",
    "content/events/later.md": "---\ntitle: Later\nuid: Later\nstart: 2028-01-05 19:00\npublish: 2027-05-01\n---\n",
    "content/events/expires.md": "---\ntitle: Expires\nuid: Expires\nstart: 2026-12-24\nexpires: 2027-01-01\n---\n",
    "content/events/told.md": "---\ntitle: Told\nuid: Told\nstart: 2027-06-01 19:00\n---\n",
    "content/events/retold.md": "---\ntitle: Retold\nuid: Retold\nstart: 2027-06-02 19:00\n---\n",
    "content/posts/2026-11-01-retold.md": POST.format(title="A post", date="2026-11-01 09:00", event="retold"),
    "content/posts/2027-05-01-retold-again.md": POST.format(title="Another post", date="2027-05-01 09:00", event="retold"),
    "content/posts/2027-05-01-told.md": POST.format(title="A later post", date="2027-05-01 09:00", event="told"),
}


def components(data: bytes) -> dict[str, list[str]]:
    """The lines of each VEVENT, by UID and original date where it is one of several; and all that stands before under no name."""
    found = {"": data.partition(b"BEGIN:VEVENT")[0].decode().splitlines()}
    for block in re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", data, re.DOTALL):
        lines = block.replace(b"\r\n ", b"").decode().splitlines()
        value = {line.partition(":")[0].partition(";")[0]: line.partition(":")[2] for line in lines}
        apart, _, uid = re.fullmatch(r"([0-9]{8}(T[0-9]{6})?-)?(.*)", value["UID"]).groups()  # type: ignore[union-attr]
        found[" ".join(filter(None, (uid, (apart or "").strip("-"), value.get("RECURRENCE-ID", ""))))] = lines
    return found


def test_a_year_changes_what_it_must(tmp_path: Path) -> None:
    """Of a small site: what appears, expires or is announced meanwhile, and nights of clock changes that come into sight; nothing else."""
    write_site(tmp_path, dict(FILES), SETTINGS)
    one, other = (components(calendars_of(prepared(tmp_path, now, horizon="18 months"))["/calendar.ics"]) for now in (NOW, LATER))
    assert one.keys() - other.keys() == {"Expires"}
    assert other.keys() - one.keys() == {
        "Later",
        "Night 20281028T220000",  # the night in which the clocks go back is an hour longer
        "Night 20290324T220000",
        "Skipped 20281029T013000",  # half past one comes twice
        "Skipped 20290325T023000",
    }
    changed = {name: (sorted(set(one[name]) - set(other[name])), sorted(set(other[name]) - set(one[name]))) for name in one.keys() & other.keys()}
    assert {name: both for name, both in changed.items() if both != ([], [])} == {
        "Skipped": ([], [f"EXDATE;TZID=Europe/London:{day}T013000" for day in ("20281029", "20290325")]),
        "Told": (
            ["DTSTAMP:20000101T000000Z", "LAST-MODIFIED:20000101T000000Z"],
            ["CREATED:20270501T080000Z", "DTSTAMP:20270501T080000Z", "LAST-MODIFIED:20270501T080000Z"],
        ),
    }


def test_a_year_changes_no_event_that_is_over(tmp_path: Path) -> None:
    """Of a large site: of what is over not a byte; of a series that goes on, dates are left out and stand apart, and that is all."""
    write_site(tmp_path, dict(calendar_site(200, first_year=2025)), SETTINGS)
    sites = [prepared(tmp_path, now, horizon="18 months") for now in (NOW, LATER)]
    over = {event.uid for event in sites[0].site.events if event.dated and not event.upcoming}
    assert len(over) > 20
    for route in ("/calendar.ics", *(f"/chapters/chapter-{n}/calendar.ics" for n in range(0, 40, 7))):
        one, other = (components(calendars_of(site)[route]) for site in sites)
        assert one.keys() <= other.keys() and one[""] == other[""]
        for name in other:
            if other[name] != one.get(name):
                assert name.partition(" ")[0] not in over
                gone, new = (set(lines) for lines in (one.get(name, other[name]), other[name]))
                assert gone <= new and all(line.startswith("EXDATE") for line in new - gone)


def test_no_stamp_lies_ahead(tmp_path: Path) -> None:
    """DTSTAMP, LAST-MODIFIED and CREATED are not after the moment of the build, also of events years ahead, and in this order."""
    write_site(tmp_path, {**calendar_site(200, first_year=2025), **FILES}, SETTINGS)
    for now in (NOW, LATER):
        for name, lines in components(calendars_of(prepared(tmp_path, now))["/calendar.ics"]).items():
            stamps = {line.partition(":")[0]: line.partition(":")[2] for line in lines if re.match("DTSTAMP|LAST-MODIFIED|CREATED", line)}
            if name:
                assert stamps.get("CREATED", "") <= stamps["LAST-MODIFIED"] == stamps["DTSTAMP"] <= f"{now:%Y%m%dT%H%M%SZ}", name
