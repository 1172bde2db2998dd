"""Laws of pictures: no bytes stop a look, what was stripped once stays as it is, and a version can always be shown."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from iopsgen.pictures.develop import develop
from iopsgen.pictures.look import look
from iopsgen.pictures.strip import Unreadable, strip
from iopsgen.pictures.tags import dress
from iopsgen.pictures.versions import Version
from iopsgen.views import Picture
from tests.photographs import SECRET, opened, photograph, scene

KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def moving(kind: str) -> bytes:
    """A picture that moves."""
    out = BytesIO()
    scene(40, 30).save(out, kind, save_all=True, append_images=[scene(40, 30, 2)], duration=90)
    return out.getvalue()


WHOLE = [
    *(photograph(kind, 40, 30, orientation) for kind in KINDS for orientation in (1, 6)),
    photograph("JPEG", 40, 30, progressive=True),
    photograph("WEBP", 40, 30, lossless=True),
    *(moving(kind) for kind in ("GIF", "WEBP", "PNG")),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture in which bytes were changed, taken out or put in, mostly where its structure is; or one that breaks off."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, min(len(data), draw(st.sampled_from([40, 400, 10**6])))))
        what = draw(st.sampled_from(["change", "change", "insert", "remove", "number", "end"]))
        if what == "change" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif what == "insert":
            data[at:at] = draw(st.binary(max_size=12))
        elif what == "remove":
            del data[at : at + draw(st.integers(1, 40))]
        elif what == "number":
            data[at : at + 4] = draw(st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\0\0\1\0"]))
        elif what == "end":
            del data[at:]
    return bytes(data)


@MANY
@given(damaged())
def test_no_bytes_stop_a_look(data: bytes) -> None:
    """Whatever a file holds, a look says what it is; what was stripped is clean, and stripping it again changes nothing."""
    seen = look(data)
    assert seen.width >= 0 and seen.height >= 0 and seen.orientation in range(1, 9) and 0 <= seen.size <= len(data)
    if seen.kind not in KINDS:
        return
    try:
        plain = strip(data, seen.kind)
    except Unreadable:
        assert seen.fault == "broken"
        return
    assert seen.clean is (plain.data == data)
    again = strip(plain.data, seen.kind)
    assert again.data == plain.data and again.size == plain.size and again.moving == plain.moving
    assert seen.kind == "AVIF" or not again.exif
    assert look(plain.data).clean


@MANY
@given(damaged(), st.sampled_from(["webp", "jpeg", "avif"]), st.integers(1, 60))
def test_a_version_can_always_be_shown(data: bytes, name: str, width: int) -> None:
    """Of whatever could be looked at, each version is a sound picture of the size that was planned."""
    seen = look(data)
    if seen.kind not in ("JPEG", "PNG", "WEBP", "AVIF") or seen.fault in ("broken", "damaged", "huge") or seen.width * seen.height > 1_000_000:
        return
    height = max(1, min(200, round(seen.height * width / seen.width)))
    version = Version(source="x", digest="", kind=seen.kind, orientation=seen.orientation, format=name, width=width, height=height, quality=50)
    own = Version(source="x", digest="", kind=seen.kind, orientation=seen.orientation)
    (made, kept), _ = develop(data, [version, own])
    assert opened(made).size == (width, height) and kept


@MANY
@given(st.sampled_from(KINDS), st.binary(max_size=300))
def test_bytes_behind_a_beginning(kind: str, data: bytes) -> None:
    """Any bytes behind the first ones of a kind are looked at without a fault of ours."""
    look(photograph(kind, 40, 30)[:12] + data)
    look(photograph(kind, 40, 30) + data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@given(rest=st.binary(min_size=1, max_size=400))
@settings(max_examples=40, deadline=None)
def test_nothing_behind_the_end_is_published(kind: str, rest: bytes) -> None:
    """What follows the end of a picture goes."""
    data = photograph(kind, 40, 30, told=False)
    assert strip(data + rest, kind).data == strip(data, kind).data


@MANY
@given(st.text(alphabet='<>img figure class="gallery-item" src= srcset a/\x02\x030123', max_size=200))
def test_any_html_is_dressed(html: str) -> None:
    """Dressing never raises, changes nothing where there is no marker, and leaves none of the markers of a picture."""
    picture = Picture(url="/a.jpg", address="", srcset="/b 1w", width=2, height=1)
    made = dress(html, (picture, None, picture))
    assert made == html or "\x02" in html
    assert dress(made, (picture, None, picture)).count("/a.jpg") >= made.count("/a.jpg")


def test_the_laws_have_something_to_hold_for() -> None:
    """The pictures that are damaged here are sound to begin with, and hold what must go."""
    for data in WHOLE:
        assert not look(data).fault and Image.open(BytesIO(data)).size == (40, 30)
    assert sum(SECRET in data for data in WHOLE) == 12
