"""An event on paper: its flyer as planned from its page, and the QR code that is drawn when that page is made."""

import re
from urllib.parse import unquote

from msgspec.structs import replace

from iopsgen.model import Event
from iopsgen.outputs.edition import Edition
from iopsgen.outputs.frame import make_head
from iopsgen.plan import Output
from iopsgen.problems import Place
from iopsgen.views import EventView, FlyerView, QrCode, Ref, VenueView

FURTHER = 5  # dates of a series that no rule can say in words
QUIET = 4  # modules without ink around a code (ISO/IEC 18004, 9.1)
# One of the eight masks of the standard. To find the one that looks best costs four times the rest of the code, and readers read all of
# them equally well.
MASK = 2


def flyer_page(edition: Edition, event: Event, page: Output) -> Output:
    """The flyer of an event from its page as planned."""
    view = page.view
    assert isinstance(view, EventView)
    route = event.route + "flyer/"
    title = edition.texts.gettext("Flyer: %(title)s") % {"title": view.title}
    flyer = FlyerView(
        head=make_head(
            edition,
            route,
            title,
            description=view.head.description,
            language=view.head.language,
            picture=view.picture,
            noindex=True,
            alternates=tuple(replace(ref, url=ref.url + "flyer/") for ref in view.head.alternates),
            crumbs=(*view.head.breadcrumbs[1:], Ref(title=view.title, url=view.head.url)),
            extra=event.fields.extra,
        ),
        title=view.title,
        url=view.head.url,
        address=view.head.address,
        short=readable(view.head.address),
        when=view.when,
        status=view.status,
        reason=view.reason,
        was=view.was,
        venue=_at_home(edition, event, view.venue),
        online=view.online,
        repeats=view.repeats,
        further=() if view.repeats else tuple(w for w in view.occurrences if w != view.when and not w.cancelled)[:FURTHER],
        organisers=view.organisers,
        chapter=view.chapter,
        contact=view.contact,
        register_url=view.register_url,
        register_until=view.register_until,
        register_status=view.register_status,
        capacity=view.capacity,
        price=view.price,
        access=view.access,
        languages=view.languages,
        summary=edition.summary(event),
        picture=view.picture,
    )
    return Output(
        route=route, maker="page", view=flyer, template="flyer.html", language=edition.language, place=Place(event.fields.source), title=title
    )


def _at_home(edition: Edition, event: Event, venue: VenueView | None) -> VenueView | None:
    """A venue without its country, where that is the country of the chapter: who reads the wall knows it."""
    chapter = edition.chapters.get(event.chapter)
    while chapter is not None and not chapter.fields.country:
        chapter = edition.chapters.get(chapter.parent)
    if venue is None or chapter is None or venue.country_code != chapter.fields.country:
        return venue
    return replace(venue, country="", country_code="")


def readable(address: str) -> str:
    """An absolute address as people read and type it: without its scheme and the slash at its end, letters as letters."""
    shown = re.sub(r"\Ahttps?://", "", address).rstrip("/")
    letters = unquote(shown)
    # What is not a letter, a mark or a sign stays as it is: a space or a broken character could not be typed back.
    return letters if letters.isprintable() and not re.search(r"[\s%?#\ufffd]", letters) else shown


def qr_code(address: str) -> QrCode | None:
    """The QR code of an address (ISO/IEC 18004, error correction M); None if it holds more than the largest code can."""
    import segno  # here, for a quick start: only the making of flyers needs it

    try:
        code = segno.make_qr(address, error="m", mask=MASK, boost_error=False)
    except segno.DataOverflowError:
        return None
    strokes: list[str] = []
    for y, row in enumerate(code.matrix, QUIET):
        x = 0
        for run in re.finditer(rb"\x01+", bytes(row)):
            strokes.append(f"m{run.start() - x} 0h{run.end() - run.start()}" if x else f"M{run.start() + QUIET} {y}.5h{run.end() - run.start()}")
            x = run.end()
    return QrCode(size=len(code.matrix) + 2 * QUIET, path="".join(strokes))
