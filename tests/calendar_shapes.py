"""Calendar files in the shapes in which well-known programs write them, each with what it should come to."""

from typing import NamedTuple


class Shape(NamedTuple):
    """A file as a program writes it, and the front matter and text of each event."""

    data: bytes
    events: tuple[str, ...]


def _file(text: str) -> bytes:
    return text.strip().replace("\n", "\r\n").encode() + b"\r\n"


GOOGLE = Shape(
    _file("""
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Leeds repair café
X-WR-TIMEZONE:Europe/London
X-WR-CALDESC:What we do
BEGIN:VTIMEZONE
TZID:Europe/London
X-LIC-LOCATION:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:GMT+1
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20260105T190000
DTEND;TZID=Europe/London:20260105T210000
RRULE:FREQ=MONTHLY;UNTIL=20261231T235959Z;BYDAY=1MO
EXDATE;TZID=Europe/London:20260504T190000
DTSTAMP:20260920T101112Z
ORGANIZER;CN=Leeds repair café:mailto:abcdef@group.calendar.google.com
UID:7kukuqrfedlm2f9t0vs2cu1ajg@google.com
CREATED:20251201T120000Z
DESCRIPTION:<p>Bring <b>one</b> thing.</p><ul><li>Tools are there</li><li>Se
 e <a href="https://example.net/rules?a=1&amp\\;b=2">our rules</a></li></ul><br>-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-\\nJoin with Google Meet: https://meet.google.com/abc-defg-hij\\nOr dial: +44 20 0000 0000 PIN: 123456789#\\n-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-
LAST-MODIFIED:20260601T080000Z
LOCATION:Town hall\\, 1 Market Street\\, Leeds LS1 1AA\\, UK
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Repair café
TRANSP:OPAQUE
X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20260407T190000
DTEND;TZID=Europe/London:20260407T210000
DTSTAMP:20260920T101112Z
UID:7kukuqrfedlm2f9t0vs2cu1ajg@google.com
RECURRENCE-ID;TZID=Europe/London:20260406T190000
CREATED:20251201T120000Z
DESCRIPTION:
LAST-MODIFIED:20260601T080000Z
LOCATION:Library
SEQUENCE:3
STATUS:CONFIRMED
SUMMARY:Repair café
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20261009T173000Z
DTEND:20261009T193000Z
DTSTAMP:20260920T101112Z
UID:single123@google.com
LAST-MODIFIED:00001231T000000Z
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Visit
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261024
DTEND;VALUE=DATE:20261026
DTSTAMP:20260920T101112Z
UID:days@google.com
STATUS:TENTATIVE
SUMMARY:Fair
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Repair café
start: 2026-01-05 19:00
end: 21:00
timezone: Europe/London
repeat: monthly on the first Monday until 2026-12-31, except 2026-05-04
changes:
  2026-04-06: {start: 2026-04-07 19:00, venue: {name: Library}}
venue: {name: Town hall, address: "1 Market Street, Leeds LS1 1AA, UK"}
online: "https://meet.google.com/abc-defg-hij"
updated: 2026-06-01 09:00
uid: "7kukuqrfedlm2f9t0vs2cu1ajg@google.com"
---
Bring one thing.

- Tools are there
- See [our rules](<https://example.net/rules?a=1&b=2>)
""",
        """---
title: Visit
start: 2026-10-09 18:30
end: 20:30
timezone: Europe/London
uid: "single123@google.com"
---
""",
        """---
title: Fair
start: 2026-10-24
end: 2026-10-25
status: tentative
uid: "days@google.com"
---
""",
    ),
)

OUTLOOK = Shape(
    _file("""
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16011104T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010311T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
CREATED:20260901T070000Z
DESCRIPTION:Agenda:\\n* one\\n* two\\n________________________________\\n
DTEND;TZID="W. Europe Standard Time":20261013T103000
DTSTAMP:20260901T070000Z
DTSTART;TZID="W. Europe Standard Time":20261013T090000
LAST-MODIFIED:20260901T070000Z
LOCATION:Microsoft Teams Meeting
PRIORITY:5
RRULE:FREQ=MONTHLY;COUNT=6;BYDAY=TU;BYSETPOS=2
SEQUENCE:0
SUMMARY;LANGUAGE=de:Planung
TRANSP:OPAQUE
UID:040000008200E00074C5B7101A82E0080000000010B5
X-ALT-DESC;FMTTYPE=text/html:<html xmlns:o="urn:schemas-microsoft-com:offic
 e:office"><head><style><!-- p.MsoNormal {margin:0cm} --></style></head><bod
 y><p class=MsoNormal>Agenda:<o:p></o:p></p><ul type=disc><li class=MsoListP
 aragraph>one</li><li>two</li></ul><hr></body></html>
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.com/l/meetup-join/19%3ax
END:VEVENT
BEGIN:VEVENT
CLASS:PRIVATE
DTSTART;TZID="W. Europe Standard Time":20261014T090000
DTEND;TZID="W. Europe Standard Time":20261014T100000
SUMMARY:Dentist
UID:private-1
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="Customized Time Zone":20261102T120000
DURATION:PT90M
SUMMARY:Canceled: Call with New York
STATUS:CANCELLED
UID:custom-1
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="W. Europe Standard Time":20261224T000000
DTEND;TZID="W. Europe Standard Time":20261227T000000
SUMMARY:Closed
UID:allday-1
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Planung
start: 2026-10-13 09:00
end: 10:30
timezone: Europe/Berlin
repeat: monthly on the second Tuesday, 6 times
online: "https://teams.microsoft.com/l/meetup-join/19%3ax"
updated: 2026-09-01 09:00
uid: "040000008200E00074C5B7101A82E0080000000010B5"
---
Agenda:

- one
- two
""",
        """---
title: Call with New York
start: 2026-11-02 12:00
end: 13:30
timezone: America/New_York
status: cancelled
uid: custom-1
---
""",
        """---
title: Closed
start: 2026-12-24
end: 2026-12-26
uid: allday-1
---
""",
    ),
)

APPLE = Shape(
    _file("""
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 14.5//EN
VERSION:2.0
X-APPLE-CALENDAR-COLOR:#0E61B9
X-WR-CALNAME:Club
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:UTC+2
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:UTC+1
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20260101T090000Z
DTEND;TZID=Europe/Paris:20260911T233000
DTSTAMP:20260101T090000Z
DTSTART;TZID=Europe/Paris:20260911T200000
LAST-MODIFIED:20260101T090500Z
LOCATION:Le Foyer\\n12 rue Haute\\n69001 Lyon\\nFrance
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=SU
SEQUENCE:1
SUMMARY:Jeux
UID:9A3C6D5E-0000-4F00-9000-1B2C3D4E5F60
URL;VALUE=URI:https://club.example.fr/jeux
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="12 rue Haute\\\\n69001 Lyon";X-APPLE-RADIUS=70;X-TITLE="Le Foyer":geo:45.767120,4.833850
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
BEGIN:VALARM
ACTION:NONE
TRIGGER;VALUE=DATE-TIME:19760401T005545Z
END:VALARM
END:VEVENT
BEGIN:VEVENT
CREATED:20260101T090000Z
DTEND;VALUE=DATE:20260715
DTSTAMP:20260101T090000Z
DTSTART;VALUE=DATE:20260714
RRULE:FREQ=YEARLY
SUMMARY:Fête
UID:B0000000-0000-4F00-9000-1B2C3D4E5F60
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Jeux
start: 2026-09-11 20:00
end: 23:30
timezone: Europe/Paris
rrule: FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=SU
venue: {name: Le Foyer, address: "12 rue Haute, 69001 Lyon, France", geo: [45.76712, 4.83385]}
elsewhere: [{title: club.example.fr, url: "https://club.example.fr/jeux"}]
updated: 2026-01-01 10:05
uid: "9A3C6D5E-0000-4F00-9000-1B2C3D4E5F60"
---
""",
        """---
title: Fête
start: 2026-07-14
repeat: yearly
uid: B0000000-0000-4F00-9000-1B2C3D4E5F60
---
""",
    ),
)

NEXTCLOUD = Shape(
    _file("""
BEGIN:VCALENDAR
VERSION:2.0
CALSCALE:GREGORIAN
PRODID:-//SabreDAV//SabreDAV//EN
X-WR-CALNAME:Garten
X-APPLE-CALENDAR-COLOR:#F4A331
REFRESH-INTERVAL;VALUE=DURATION:PT4H
X-PUBLISHED-TTL:PT4H
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20260301T080000Z
DTSTAMP:20260302T080000Z
LAST-MODIFIED:20260302T080000Z
SEQUENCE:3
UID:5a1d0c1e-garten
DTSTART;TZID=Europe/Berlin:20260404T100000
DTEND;TZID=Europe/Berlin:20260404T140000
STATUS:CONFIRMED
SUMMARY:Gartentag
RRULE:FREQ=MONTHLY;BYDAY=SA;BYSETPOS=1;UNTIL=20261003T080000Z
EXDATE;TZID=Europe/Berlin:20260801T100000
CATEGORIES:Garten,News
DESCRIPTION:Bitte mitbringen:\\n- Handschuhe\\n- Wasser\\n\\nMehr auf https://garten.example.org/tage_2026\\, danke!
ORGANIZER;CN=Ada Muster:mailto:ada@example.org
ATTENDEE;CN=Bob;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:bob@example.org
CONFERENCE;VALUE=URI;FEATURE=PHONE;LABEL=Telefon:tel:+4930123
CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Talk:https://cloud.example.org/call/abc
END:VEVENT
BEGIN:VEVENT
CREATED:20260301T080000Z
DTSTAMP:20260302T080000Z
SEQUENCE:4
UID:5a1d0c1e-garten
RECURRENCE-ID;TZID=Europe/Berlin:20260606T100000
DTSTART;TZID=Europe/Berlin:20260606T100000
DTEND;TZID=Europe/Berlin:20260606T140000
STATUS:CANCELLED
SUMMARY:Gartentag
CATEGORIES:Garten,News
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Gartentag
start: 2026-04-04 10:00
end: 14:00
timezone: Europe/Berlin
repeat: monthly on the first Saturday until 2026-10-03, except 2026-08-01
changes:
  2026-06-06: cancelled
online: "https://cloud.example.org/call/abc"
organisers: [Ada Muster]
categories: [News]
tags: [Garten]
updated: 2026-03-02 09:00
uid: "5a1d0c1e-garten"
---
Bitte mitbringen:  
\\- Handschuhe  
\\- Wasser

Mehr auf <https://garten.example.org/tage_2026>, danke!
""",
    ),
)

MOBILIZON = Shape(
    _file("""
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
VERSION:2.0
PRODID:-//Elixir ICalendar//Mobilizon 4.1.0//EN
METHOD:PUBLISH
BEGIN:VEVENT
CATEGORIES:velo,atelier
DESCRIPTION:Apprenez à réparer.\\nVenez !
DTEND:20261121T170000Z
DTSTAMP:20261001T100000Z
DTSTART:20261121T130000Z
GEO:47.218371;-1.553621
LAST-MODIFIED:20261001T100000Z
LOCATION:Maison du vélo\\, 3 quai Sud\\, Nantes\\, France
ORGANIZER:https://mobilizon.example.fr/@velo
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Atelier vélo
UID:3f8f0a4e-6f5f-4d44-8b7e-1d2e3f4a5b6c
URL:https://mobilizon.example.fr/events/3f8f0a4e-6f5f-4d44-8b7e-1d2e3f4a5b6c
ATTACH:https://mobilizon.example.fr/media/0a1b.jpg?name=affiche.jpg
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Atelier vélo
start: 2026-11-21 14:00
end: 18:00
timezone: Europe/Berlin
venue: {name: Maison du vélo, address: "3 quai Sud, Nantes, France", geo: [47.218371, -1.553621]}
tags: [velo, atelier]
image: "https://mobilizon.example.fr/media/0a1b.jpg?name=affiche.jpg"
elsewhere: [{title: mobilizon.example.fr, url: "https://mobilizon.example.fr/events/3f8f0a4e-6f5f-4d44-8b7e-1d2e3f4a5b6c"}]
updated: 2026-10-01 12:00
uid: "3f8f0a4e-6f5f-4d44-8b7e-1d2e3f4a5b6c"
---
Apprenez à réparer.  
Venez !
""",
    ),
)

THE_EVENTS_CALENDAR = Shape(
    _file("""
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Town Library - ECPv6.6.4//NONSGML v1.0//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-ORIGINAL-URL:https://library.example.com
X-WR-CALDESC:Events for Town Library
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-Robots-Tag:noindex
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:America/Chicago
BEGIN:DAYLIGHT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
TZNAME:CDT
DTSTART:20260308T080000
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
TZNAME:CST
DTSTART:20261101T070000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/Chicago:20261205T100000
DTEND;TZID=America/Chicago:20261205T113000
DTSTAMP:20261120T030405
CREATED:20261101T150000Z
LAST-MODIFIED:20261102T160000Z
UID:10000123-1796464800-1796470200@library.example.com
SUMMARY:Story time &amp\\; songs
DESCRIPTION:For children from 3 to 6.\\n\\n1. Sing\\n2. Listen\\n\\n---\\n\\n# Bring a cushion
URL:https://library.example.com/event/story-time/
LOCATION:Town Library\\, 5 Elm Street\\, Springfield\\, IL\\, 62701\\, United States
CATEGORIES:Children,Free
ATTACH;FMTTYPE=image/jpeg:https://library.example.com/wp-content/uploads/story.jpg
ORGANIZER;CN="Town Library":MAILTO:desk@library.example.com
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: "Story time & songs"
start: 2026-12-05 10:00
end: 11:30
timezone: America/Chicago
venue: {name: Town Library, address: "5 Elm Street, Springfield, IL, 62701, United States"}
organisers: [Town Library]
tags: [Children, Free]
image: "https://library.example.com/wp-content/uploads/story.jpg"
elsewhere: [{title: library.example.com, url: "https://library.example.com/event/story-time/"}]
updated: 2026-11-02 10:00
uid: "10000123-1796464800-1796470200@library.example.com"
---
For children from 3 to 6.

1\\. Sing  
2\\. Listen

\\---

\\# Bring a cushion
""",
    ),
)

MEETUP = Shape(
    _file("""
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Meetup//RemoteApi//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-ORIGINAL-URL:https://www.meetup.example/readers/events/ical/
X-WR-CALNAME:Events - Readers
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:America/New_York
TZURL:http://tzurl.org/zoneinfo-outlook/America/New_York
X-LIC-LOCATION:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:20261120T111213Z
DTSTART;TZID=America/New_York:20261210T190000
DTEND;TZID=America/New_York:20261210T210000
STATUS:CONFIRMED
SUMMARY:Silent reading
DESCRIPTION:Readers\\nThursday\\, December 10 at 7:00 PM\\n\\n**Bring a book.**  We read\\, then we talk.\\n\\nhttps://www.meetup.example/readers/events/301/
CLASS:PUBLIC
CREATED:20261001T000000Z
GEO:40.72;-73.99
LOCATION:Corner Café (22 Second Avenue\\, New York\\, NY)
URL:https://www.meetup.example/readers/events/301/
LAST-MODIFIED:20261001T000000Z
UID:event_301@meetup.example
END:VEVENT
END:VCALENDAR
"""),
    (
        """---
title: Silent reading
start: 2026-12-10 19:00
end: 21:00
timezone: America/New_York
venue: {name: Corner Café, address: "22 Second Avenue, New York, NY", geo: [40.72, -73.99]}
elsewhere: [{title: meetup.example, url: "https://www.meetup.example/readers/events/301/"}]
updated: 2026-09-30 20:00
uid: "event_301@meetup.example"
---
Readers  
Thursday, December 10 at 7:00 PM

\\*\\*Bring a book.\\*\\* We read, then we talk.

<https://www.meetup.example/readers/events/301/>
""",
    ),
)

SHAPES = {
    "Google": GOOGLE,
    "Outlook": OUTLOOK,
    "Apple": APPLE,
    "Nextcloud": NEXTCLOUD,
    "Mobilizon": MOBILIZON,
    "The Events Calendar": THE_EVENTS_CALENDAR,
    "Meetup": MEETUP,
}
