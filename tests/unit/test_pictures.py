"""What is taken out of pictures, what is made of them, and how pages show them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import struct
import zlib
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat, features

from iopsgen.markdown import Options, render
from iopsgen.pictures import darkroom
from iopsgen.pictures.darkroom import Darkroom
from iopsgen.pictures.develop import develop
from iopsgen.pictures.kinds import kind_by_content, kind_by_name
from iopsgen.pictures.look import look
from iopsgen.pictures.strip import Unreadable, read_exif, strip
from iopsgen.pictures.tags import dress
from iopsgen.pictures.versions import Version
from iopsgen.views import Picture, Source
from iopsgen.write import digest_of
from tests.photographs import SECRET, corners, opened, photograph, profile, scene
from tests.previews import preview
from tests.sites import SETTINGS, build_site, messages, tree, write_site

KINDS = ("JPEG", "PNG", "WEBP", "AVIF")


# --- what is taken out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    """EXIF with its position, XMP, comments and text chunks go; every pixel and the colour profile stay, and a second time changes nothing."""
    data = photograph(kind)
    assert SECRET in data and look(data).clean is False
    plain = strip(data, kind).data
    assert SECRET not in plain and b"GPS" not in plain
    assert opened(plain).convert("RGB").tobytes() == opened(data).convert("RGB").tobytes()
    assert opened(plain).info.get("icc_profile") == (profile() if kind != "GIF" else None)
    assert not opened(plain).getexif()
    assert strip(plain, kind).data == plain and look(plain).clean and look(plain).size == len(plain)


def test_a_photograph_keeps_its_very_bytes() -> None:
    """A JPEG loses segments and nothing else: tables and coded pixels stand there as the camera wrote them."""
    data = photograph(progressive=True)
    bare = photograph(progressive=True, told=False)
    plain = strip(data, "JPEG").data
    at = bare.index(b"\xff\xdb")
    assert plain[plain.index(b"\xff\xdb") :] == bare[at:]


def test_a_camera_s_segments_go() -> None:
    """IPTC, previews, a second picture behind the first, junk between segments and behind the end go; Adobe's mark stays with CMYK."""
    bare = photograph(told=False)
    jfif = bare.index(b"\xff\xdb")
    iptc = b"\xff\xed" + struct.pack(">H", 2 + 14 + len(SECRET)) + b"Photoshop 3.0\0" + SECRET
    preview_of = b"\xff\xe0" + struct.pack(">H", 2 + 14 + 3) + b"JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x01abc"
    index = b"\xff\xe2" + struct.pack(">H", 2 + 4 + len(SECRET)) + b"MPF\0" + SECRET
    full = bare[:2] + preview_of + b"junk" + iptc + index + bare[jfif:] + photograph() + SECRET
    plain = strip(full, "JPEG")
    assert plain.whole and SECRET not in plain.data and b"abc" not in plain.data and b"junk" not in plain.data
    assert plain.data[jfif:] == bare[jfif:] and opened(plain.data).info["dpi"] == (72, 72)
    ink = BytesIO()
    scene().convert("CMYK").save(ink, "JPEG")
    assert opened(strip(ink.getvalue(), "JPEG").data).tobytes() == opened(ink.getvalue()).tobytes()


def test_parts_that_go_from_other_formats() -> None:
    """A PNG keeps what it needs to be shown and neither words nor times; a WebP does not announce what it has no more."""
    plain, at, names = strip(photograph("PNG"), "PNG").data, 8, set()
    while at < len(plain):
        names.add(plain[at + 4 : at + 8])
        at += 12 + struct.unpack(">I", plain[at : at + 4])[0]
    assert b"tIME" in photograph("PNG") and names == {b"IHDR", b"iCCP", b"IDAT", b"IEND"}
    flags = strip(photograph("WEBP"), "WEBP").data[20]
    assert photograph("WEBP")[20] & 0x2C == 0x2C and flags & 0x2C == 0x20


def test_directories_of_both_byte_orders() -> None:
    """Orientation and position are read from big and little endian directories, and from damaged ones as far as they go."""
    for order, mark in ((">", b"MM"), ("<", b"II")):
        entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack(order + "HHII", 0x8825, 4, 1, 99)
        exif = mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", 2) + entries
        assert read_exif(exif) == (6, True)
        assert read_exif(exif[:-6]) == (6, False)
    assert read_exif(b"") == read_exif(b"II*\0\xff\xff\xff\xff") == (1, False)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving(kind: str) -> None:
    """Every picture of an animation, its timing and its repetitions stay."""
    out = BytesIO()
    frames = [scene(60, 45, seed) for seed in range(4)]
    words = {"comment": SECRET} if kind == "GIF" else {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0" + SECRET}
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300, 400], loop=3, **words)
    data = out.getvalue()
    seen, plain = look(data), strip(data, kind).data
    assert seen.moving and not seen.clean and SECRET not in plain
    before, after = Image.open(BytesIO(data)), Image.open(BytesIO(plain))
    assert after.n_frames == before.n_frames == 4 and after.info.get("loop") == before.info.get("loop") == 3  # type: ignore[attr-defined]
    for number in range(4):
        before.seek(number)
        after.seek(number)
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes() and after.info.get("duration") == before.info.get("duration")
    assert not look(photograph(kind)).moving
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = BytesIO()
    frames[0].save(turned, kind, save_all=True, append_images=frames[1:], **({} if kind == "GIF" else {"exif": exif}))
    assert (look(turned.getvalue()).width, look(turned.getvalue()).orientation) == ((45, 6) if kind == "PNG" else (60, 1))


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_files_that_break_off(kind: str) -> None:
    """Wherever a file ends too early, that is noticed: nothing can be published, or as much as there is, without what it tells."""
    data = photograph(kind)
    for length in (*range(0, 200, 7), *range(200, len(data) - 3, max(1, len(data) // 60))):
        seen = look(data[:length])
        assert seen.fault in (("none", "broken") if length < 8 else ("none", "broken", "cut", "damaged")), length
        if seen.fault == "cut" and kind != "AVIF":
            assert SECRET not in strip(data[:length], kind).data


def test_what_is_no_picture_of_its_kind() -> None:
    """A file of another kind is refused, whatever it claims."""
    for kind in (*KINDS, "GIF"):
        for data in (b"", b"x" * 100, b"\xff\xd8\xff\xd9", b"RIFF\x04\0\0\0WEBP", photograph("GIF" if kind != "GIF" else "PNG")):
            with pytest.raises(Unreadable):
                strip(data, kind)


# --- what is known of a picture ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "size"),
    [
        ('<svg width="30" height="20">', (30, 20)),
        ("<svg width='30px' height='20.4px' viewBox='0 0 3 2'>", (30, 20)),
        ('<?xml version="1.0"?>\n<!-- x -->\n<svg viewBox="0 0 64 32" xmlns="x">', (64, 32)),
        ('\ufeff<svg stroke-width="2" width="30" data-height="9" height="20">', (30, 20)),
        ('<svg width="100%" height="100%" viewBox="0,0,64,32">', (64, 32)),
        ('<svg width="1' + "0" * 400 + '" height="1">', (0, 0)),
        ('<svg width="0" height="-3" viewBox="0 0 x y">', (0, 0)),
        ('<svg viewBox="0 0 1e999 nan">', (0, 0)),
        ("<svg", (0, 0)),
    ],
)  # fmt: skip
def test_sizes_of_drawings(drawing: str, size: tuple[int, int]) -> None:
    """What an SVG file says of itself, within reason."""
    seen = look(drawing.encode())
    assert (seen.width, seen.height) == size and seen.type == "image/svg+xml" and not seen.active and not seen.fault


@pytest.mark.parametrize("drawing", ["<svg><script>x()</script></svg>", '<svg ONLOAD = "x()"/>', '<svg><a href="javascript:x()"/></svg>', '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "<svg><svg:script/></svg>"])
def test_drawings_that_do_something(drawing: str) -> None:
    """Scripts, handlers and the like in a drawing are noticed."""
    assert look(drawing.encode()).active


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_sizes_as_they_are_shown(kind: str) -> None:
    """Width and height are those of the picture the right way up."""
    seen = look(photograph(kind))
    assert (seen.kind, seen.width, seen.height, seen.orientation, seen.fault) == (kind, 400, 300, 1, "")
    assert seen.position is (kind != "GIF")
    if kind != "GIF":
        turned = look(photograph(kind, orientation=6))
        assert (turned.width, turned.height, turned.orientation) == (300, 400, 6)


def test_pictures_of_pixels_without_end() -> None:
    """A small file that claims to be enormous is known for it, without being decoded; so is a JPEG without a size."""
    data = photograph("PNG", told=False)
    head = data[12:16] + struct.pack(">II", 60_000, 60_000) + data[24:29]
    huge = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    assert look(huge).fault == "huge"
    jpeg = photograph(told=False)
    at = jpeg.index(b"\xff\xc0")
    assert look(jpeg[: at + 5] + b"\xff\xff\xff\xff" + jpeg[at + 9 :]).fault == "huge"
    assert look(jpeg[: at + 5] + b"\0\0\0\0" + jpeg[at + 9 :]).fault == "damaged"
    assert look(strip(photograph("WEBP", lossless=True), "WEBP").data).width == 400 == look(photograph("WEBP", told=False)).width


def test_kinds_by_content_and_by_name() -> None:
    """A kind is known by the first bytes; what cameras write and browsers do not show is told apart."""
    assert [kind_by_content(photograph(kind)) for kind in KINDS] == list(KINDS)
    beginnings = {
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic": "HEIC",
        b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif": "AVIF",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom": "RAW",
        b"\0\0\0\x18ftypisom\0\0\0\x01isommp42": "",
        b"II*\0": "TIFF",
        b"MM\0*": "TIFF",
        b"<!doctype html><p>Not found": "",
        b"version https://git-lfs.github.com/spec/v1\n": "",
        b"": "",
    }
    assert {start: kind_by_content(start) for start in beginnings} == beginnings
    assert [kind_by_name(name) for name in ("a.JPG", "b/c.jpeg", "d.png.txt", "e.NEF", "f", "g.svg")] == ["JPEG", "JPEG", "", "RAW", "", "SVG"]


# --- what is made of it ------------------------------------------------------------------------------------------------


def version(data: bytes, width: int = 0, name: str = "", quality: int = 80) -> Version:
    """A version of a picture as it would be planned."""
    seen = look(data)
    height = round(seen.height * width / seen.width) if width else 0
    return Version(
        source="x", digest=digest_of(data), kind=seen.kind, orientation=seen.orientation, format=name, width=width, height=height, quality=quality if name else 0
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_right_way_up(kind: str, orientation: int) -> None:
    """However a camera was held, the published picture and its versions stand upright, in size and in pixels, and nobody needs EXIF for it."""
    upright = scene()
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how the camera's pixels come from what was seen
    pixels = upright.transpose(Image.Transpose(turn[orientation])) if orientation > 1 else upright
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    pixels.save(out, kind, exif=exif, quality=90, icc_profile=profile())
    data = out.getvalue()
    made, spoilt = develop(data, [version(data), version(data, 200, "webp"), version(data, 100, "jpeg")])
    assert not spoilt and [SECRET in each for each in made] == [False] * 3
    whole = ImageOps.exif_transpose(opened(made[0]))  # an AVIF says elsewhere how it is turned
    assert kind == "AVIF" or not opened(made[0]).getexif()
    assert whole.size == (400, 300) and ImageStat.Stat(ImageChops.difference(whole.convert("RGB"), upright)).mean[0] < 6
    assert corners(made[1]) == corners(made[2]) == "rgb." and opened(made[1]).size == (200, 150) and opened(made[2]).size == (100, 75)
    assert [opened(each).info["icc_profile"] for each in made] == [profile()] * 3


def test_turning_a_photograph_loses_next_to_nothing() -> None:
    """A JPEG that is turned is encoded with its own tables: it weighs the same, and nobody sees a difference."""
    data = photograph(orientation=6, width=800, height=600, quality=85)
    (made,), _ = develop(data, [version(data)])
    wanted, got = ImageOps.exif_transpose(opened(data)).convert("RGB"), opened(made).convert("RGB")
    assert ImageStat.Stat(ImageChops.difference(wanted, got)).mean[0] < 0.6
    assert 0.9 < len(made) / len(data) < 1.1


def test_turned_but_not_to_be_decoded() -> None:
    """Where a picture that has to be turned cannot be decoded, or moves, its file keeps the orientation and nothing else."""
    data = photograph(orientation=8)
    cut = data[: len(data) * 2 // 3]
    (made,), _ = develop(cut, [version(data)])
    assert SECRET not in made and dict(Image.open(BytesIO(made)).getexif()) == {0x0112: 8}
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 8
    scene(60, 45).save(out, "PNG", save_all=True, append_images=[scene(60, 45, 2)], exif=exif, duration=100)
    (made,), _ = develop(out.getvalue(), [version(out.getvalue())])
    assert Image.open(BytesIO(made)).n_frames == 2 and dict(Image.open(BytesIO(made)).getexif()) == {0x0112: 8}  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_every_kind_of_colour(mode: str) -> None:
    """Black and white, grey, palettes, ink, transparency and sixteen bits come out looking as they did."""
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    grey = scene().convert("L")
    deep = Image.frombytes("I;16", grey.size, bytes(byte for value in grey.tobytes() for byte in (value, value)))
    picture = deep if mode == "I;16" else scene().convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    out = BytesIO()
    picture.save(out, kind)
    (made,), spoilt = develop(out.getvalue(), [version(out.getvalue(), 200, "webp", 90)])
    wanted = (scene().convert("L") if mode in ("I;16", "L", "LA") else opened(out.getvalue())).convert("RGB").resize((200, 150), Image.Resampling.LANCZOS)
    assert not spoilt and (opened(made).mode == "RGBA") is (mode in ("LA", "RGBA"))
    assert max(ImageStat.Stat(ImageChops.difference(opened(made).convert("RGB"), wanted)).mean) < (25 if mode in ("LA", "RGBA", "1") else 8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_is_the_same_whatever_is_made_with_it(kind: str) -> None:
    """The bytes of a version depend on its picture and on itself alone."""
    data = photograph(kind, 800, 600)
    wanted = [version(data, 700, "webp"), version(data, 90, "webp"), version(data, 300, "avif"), version(data, 300, "webp"), version(data), version(data, 300, "jpeg")]
    together, _ = develop(data, wanted)
    assert [develop(data, [each])[0][0] for each in wanted] == together
    assert develop(data, wanted[::-1])[0] == together[::-1]


def test_few_colours_stay_sharp() -> None:
    """A drawing in a PNG becomes a WebP without loss where that is the smaller one."""
    plain = Image.new("RGB", (600, 400), "white")
    plain.paste("navy", (100, 100, 300, 200))
    out = BytesIO()
    plain.save(out, "PNG")
    (made,), _ = develop(out.getvalue(), [version(out.getvalue(), 600, "webp")])
    assert opened(made).convert("RGB").tobytes() == plain.tobytes()


def test_pictures_that_are_spoilt_inside() -> None:
    """What looks sound and cannot be decoded is shown as far as it goes, or as a grey area; it never stops anything."""
    data = bytearray(photograph("PNG", told=False))
    at = data.index(b"IDAT") + 4
    length = struct.unpack(">I", data[at - 8 : at - 4])[0]
    data[at : at + length] = b"\xff" * length
    data[at + length : at + length + 4] = struct.pack(">I", zlib.crc32(bytes(data[at - 4 : at + length])))
    (made, own), spoilt = develop(bytes(data), [version(bytes(data), 200, "webp"), version(bytes(data))])
    assert not look(bytes(data)).fault and spoilt and opened(made).size == (200, 150) and own == bytes(data)
    jpeg = photograph(told=False)
    made_of_half, spoilt = develop(jpeg[: len(jpeg) // 2], [version(jpeg, 200, "webp")])
    assert spoilt and corners(made_of_half[0]).startswith("rg")


# --- the folder in which versions are kept -------------------------------------------------------------------------------


def test_the_darkroom_keeps_and_clears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What took time is kept and found again, damage is noticed, what nobody wants goes beyond a bound, and a link is not followed."""
    (tmp_path / "a.jpg").write_bytes(data := photograph())
    versions = [msgspec.structs.replace(each, source="a.jpg") for each in (version(data), version(data, 200, "webp"), version(data, 100, "webp"))]
    room = Darkroom(tmp_path)
    first = {each: Path(made.path).read_bytes() for each, made in room.make(versions)}
    assert sorted(p.suffix == ".once" for p in room.folder.iterdir()) == [False, False, True]
    room.sweep(versions)
    assert len(list(room.folder.iterdir())) == 2
    calls: list[int] = []
    monkeypatch.setattr(darkroom, "develop", lambda data, wanted: calls.append(len(wanted)) or develop(data, wanted))
    assert {each: Path(made.path).read_bytes() for each, made in room.make(versions)} == first and calls == [1]
    assert [room.make_one(each) for each in versions] == list(first.values()) and calls == [1, 1]
    damaged = next(p for p in room.folder.iterdir() if p.suffix != ".once")
    damaged.write_bytes(b"spoilt")
    assert {each: Path(made.path).read_bytes() for each, made in room.make(versions)} == first
    room.sweep([])
    assert len(list(room.folder.iterdir())) == 2
    monkeypatch.setattr(darkroom, "MOST_UNUSED", 0)
    room.sweep(versions[1:2])
    assert len(list(room.folder.iterdir())) == 1
    room.clear()
    assert not list(room.folder.iterdir())
    room.folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    room.folder.symlink_to(tmp_path / "elsewhere")
    assert [made.data for _, made in room.make(versions)] == list(first.values()) and not list((tmp_path / "elsewhere").iterdir())
    (tmp_path / "a.jpg").write_bytes(b"another")
    assert [made for _, made in room.make(versions[:1])] == [darkroom.Made()] and room.make_one(versions[0]) is None


def test_a_picture_that_no_decoder_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture at which a worker dies becomes a grey area and is told; the others are made."""
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(photograph(seed=number, orientation=6))
    deadly = (tmp_path / "1.jpg").read_bytes()
    versions = [msgspec.structs.replace(version((tmp_path / f"{n}.jpg").read_bytes(), *how), source=f"{n}.jpg") for n in range(3) for how in ((), (90, "webp"))]
    monkeypatch.setattr(darkroom, "develop", lambda data, wanted: os.kill(os.getpid(), signal.SIGKILL) if data == deadly else develop(data, wanted))
    made = [(made.spoilt, made.data if made.data is not None else Path(made.path).read_bytes()) for _, made in Darkroom(tmp_path).make(versions, workers=2)]
    assert [spoilt for spoilt, _ in made] == [False, False, True, True, False, False]
    assert dict(Image.open(BytesIO(made[2][1])).getexif()) == {0x0112: 6} and SECRET not in made[2][1]
    assert [opened(data).size for _, data in made[1::2]] == [(90, 120)] * 3 and corners(made[3][1]) == "...." != corners(made[5][1])


# --- how texts show pictures -------------------------------------------------------------------------------------------


def html_of(source: str, engine: str = "markdown", language: str = "en") -> tuple[str, list[str]]:
    """The HTML of a text, its addresses as written, and what is wrong with it as `line message`."""
    options = Options(engine=engine, language=language, html="restricted", smart_quotes=True)  # type: ignore[arg-type]
    html, text, problems = render(source, options, "f.md")
    for number, target in enumerate(text.targets):
        html = html.replace(f"\x02{number}\x03", target.url)
    return html, [f"{p.place.line if p.place else 0} {p.message}" for p in problems]


def shape(html: str) -> str:
    """The HTML without what every picture has."""
    return re.sub(r' (?:loading|decoding|alt|src)="[^"]*"', "", html).replace("\n", "")


ENGINES = pytest.mark.parametrize("engine", ["markdown", "commonmark"])


@ENGINES
def test_a_picture_with_a_title_is_a_figure(engine: str) -> None:
    """The title of a picture that stands alone is its caption, with whose it is behind a bar; beside words it stays a title."""
    for written, caption in {
        '"Before the start | Ada & Ben"': "Before the start · <small>Picture: Ada &amp; Ben</small>",
        '"Before -- the \'start\'"': "Before – the ‘start’",
        "'| Ada'": "<small>Picture: Ada</small>",
        '"A | B | Ada"': "A | B · <small>Picture: Ada</small>",
    }.items():
        html, _ = html_of(f"![x](a.jpg {written})", engine)
        assert shape(html) == f"<figure><img><figcaption>{caption}</figcaption></figure>", written
    assert "<small>Bild: Ada</small>" in html_of('![x](a.jpg "| Ada")', engine, "de")[0]
    assert shape(html_of("![x](a.jpg)", engine)[0]) == "<p><img></p>"
    assert shape(html_of('Look: ![x](a.jpg "Title")', engine)[0]) == '<p>Look: <img title="Title"></p>'
    linked, _ = html_of('[![x](a.jpg "Cap")](b.md)', engine)
    assert shape(linked) == '<figure><a href="b.md"><img></a><figcaption>Cap</figcaption></figure>'


@ENGINES
def test_pictures_in_a_row_are_a_gallery(engine: str) -> None:
    """Several pictures with nothing between them become a gallery, in one paragraph or in several; words part them."""
    item = '<figure class="gallery-item"><img></figure>'
    titled = '<figure class="gallery-item"><img><figcaption>Two</figcaption></figure>'
    for source in ('![a](a.jpg)\n![b](b.jpg "Two")\n![c](c.jpg)', '![a](a.jpg)\n\n![b](b.jpg "Two")\n\n![c](c.jpg)', '![a](a.jpg) ![b](b.jpg "Two")  \n![c](c.jpg)'):
        assert shape(html_of(source, engine)[0]) == f'<div class="gallery">{item}{titled}{item}</div>', source
    assert "gallery" not in html_of("![a](a.jpg)\n\nWords.\n\n![b](b.jpg)", engine)[0]
    assert "gallery" not in html_of("![a](a.jpg) and ![b](b.jpg)", engine)[0]
    by_hand = '<img src="a.jpg" alt="a" width="20"> <img src="b.jpg" alt="b" width="20">'
    assert "gallery" not in html_of(f"{by_hand}\n", engine)[0]


def test_a_placed_picture_is_a_placed_figure() -> None:
    """A class that places a picture moves to its figure, and keeps it out of galleries."""
    html, _ = html_of('![x](a.jpg "Cap"){.left}\n\n![y](b.jpg)')
    assert shape(html) == '<figure class="left"><img><figcaption>Cap</figcaption></figure><p><img></p>'


@ENGINES
def test_pictures_without_words(engine: str) -> None:
    """A picture without a description is told with its line; two quotes of any kind say that there is nothing to describe."""
    html, said = html_of('One.\n\n![](a.jpg)\n\n![""](b.jpg) and ![“”](c.jpg)\n\n<img src="d.jpg" alt="">\n\n![\'s](e.jpg)', engine)
    assert said == ["3 A picture has no description for people who cannot see it."]
    assert re.findall(r'alt="([^"]*)"', html).count("") == 4 and "&#x27;s" in html.replace("'", "&#x27;")


@ENGINES
def test_captions_are_no_part_of_the_summary(engine: str) -> None:
    """What stands below a picture is not what a text begins with."""
    source = '![x](a.jpg "A caption | Ada")\n\nThe words.\n\n<!-- more -->\n\nMore.'
    options = Options(engine=engine, language="en", html="restricted", smart_quotes=True)  # type: ignore[arg-type]
    assert render(source, options, "f.md")[1].summary == "The words."
    assert render(source.replace("<!-- more -->", ""), options, "f.md")[1].summary == "The words."


def test_dressing_a_picture() -> None:
    """A page gives a picture of a text its versions and its size; what was written by hand stays, and other addresses are left alone."""
    found = Picture(url="/a&b.jpg", address="https://e.org/a&b.jpg", width=1600, height=900, srcset="/a&b.480.webp 480w")
    tag = '<img alt="x" src="\x020\x03">'
    assert dress(tag, (found,)) == (
        '<img alt="x" src="/a&amp;b.jpg" srcset="/a&amp;b.480.webp 480w" sizes="(min-width: 44em) 42em, 100vw" width="1600" height="900">'
    )
    assert 'sizes="50vw"' in dress(tag, (found,), "50vw")
    assert dress('<img src="\x020\x03" width="300">', (found,)).endswith('sizes="min(300px, 100vw)">') and dress(tag, ()) == tag == dress(tag, (None,))
    for other in ('<img src="\x020\x03" srcset="\x021\x03 2x">', '<img src="\x025\x03">', '<a href="\x020\x03">x</a>', '<video src="\x020\x03">'):
        assert dress(other, (found, None)) == other
    item = '<figure class="gallery-item"><img alt="x" src="\x020\x03"></figure>'
    assert '<figure class="gallery-item"><a href="/a&amp;b.jpg"><img' in dress(item, (found,)) and "21em" in dress(item, (found,))
    assert "<a " not in dress(item.replace('"x"', '""'), (found,))
    several = msgspec.structs.replace(found, sources=(Source(type="image/avif", srcset="/a.avif 480w"),))
    assert dress(tag, (several,)).startswith('<picture><source type="image/avif" srcset="/a.avif 480w" sizes="') and dress(tag, (several,)).endswith("></picture>")


# --- sites -------------------------------------------------------------------------------------------------------------

POST = "---\ntitle: Walk\ndate: 2026-11-01\nimage: {src: lead.jpg, alt: A lead, credit: Ada}\n---\nWords.\n\n![A side](side.jpg)\n"


def pictured(**more: str | bytes | None) -> dict[str, str | bytes | None]:
    """The files of a site with a photograph of 2000 pixels, one of 700 that lies on its side, and whatever else."""
    folder = "content/posts/walk/"
    return {
        folder + "index.md": POST,
        folder + "lead.jpg": photograph(width=2000, height=1500),
        folder + "side.jpg": photograph(width=700, height=525, orientation=6, seed=2, quality=95),
        **{folder + name: content for name, content in more.items()},
    }


def tags(path: Path, source: str) -> list[dict[str, str]]:
    """The attributes of every picture in a page whose address begins so."""
    found = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<img\b[^>]*>", path.read_text("utf-8"))]
    return [tag for tag in found if tag["src"].startswith(source)]


def test_a_site_with_photographs(tmp_path: Path) -> None:
    """Pages, cards and feeds show versions that are there, never larger than the picture; the head's comes first, the others late."""
    result = build_site(write_site(tmp_path, pictured()))
    assert messages(result) == []
    made = {name.removeprefix("posts/walk/"): data for name, data in tree(tmp_path / "output").items() if name.startswith("posts/walk/") and name[-4:] in (".jpg", "webp")}
    assert {name: opened(data).size for name, data in made.items()} == {
        "lead.jpg": (2000, 1500),
        "lead.jpg.480.webp": (480, 360),
        "lead.jpg.960.webp": (960, 720),
        "lead.jpg.1600.webp": (1600, 1200),
        "lead.jpg.1600.jpg": (1600, 1200),
        "side.jpg": (525, 700),
        "side.jpg.525.webp": (525, 700),
    }
    assert not [name for name, data in made.items() if SECRET in data or opened(data).getexif()]
    at = "/river/posts/walk/"
    (lead,) = tags(tmp_path / "output/posts/walk/index.html", at + "lead")
    assert lead["src"] == at + "lead.jpg.1600.jpg" and (lead["width"], lead["height"]) == ("1600", "1200")
    assert lead["srcset"] == f"{at}lead.jpg.480.webp 480w, {at}lead.jpg.960.webp 960w, {at}lead.jpg.1600.webp 1600w"
    assert lead["fetchpriority"] == "high" and "loading" not in lead and "rem" in lead["sizes"]
    (side,) = tags(tmp_path / "output/posts/walk/index.html", at + "side")
    assert side["srcset"] == at + "side.jpg.525.webp 525w" and side["loading"] == "lazy" and side["decoding"] == "async"
    assert (side["width"], side["height"], side["src"]) == ("525", "700", at + "side.jpg")
    (card,) = tags(tmp_path / "output/posts/index.html", at)
    assert card["srcset"] == lead["srcset"] and card["loading"] == "lazy" and card["alt"] == ""
    feed = (tmp_path / "output/feed.json").read_text("utf-8")
    item = json.loads(feed)["items"][0]
    assert item["image"] == f"https://example.org{at}lead.jpg.1600.jpg" and f'srcset="https://example.org{at}side.jpg.525.webp 525w"' in item["content_html"]
    rss = (tmp_path / "output/feed.xml").read_text("utf-8")
    assert f'url="https://example.org{at}lead.jpg.1600.jpg" length="{len(made["lead.jpg.1600.jpg"])}" type="image/jpeg"' in rss
    page = (tmp_path / "output/posts/walk/index.html").read_text("utf-8")
    assert f'<meta property="og:image" content="https://example.org{at}lead.jpg.1600.jpg">\n<meta property="og:image:width" content="1600">' in page


def test_building_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made twice: not when nothing changed, not for another text, not when the output is lost; and the bytes are the same on one or two processors."""
    write_site(tmp_path, pictured())
    assert build_site(tmp_path, workers=2).ok
    first = tree(tmp_path / "output")
    calls: list[str] = []
    monkeypatch.setattr(darkroom, "develop", lambda data, wanted: calls.append(wanted[0].source) or develop(data, wanted))
    assert build_site(tmp_path).written == 0
    page = tmp_path / "content/posts/walk/index.md"
    page.write_text(POST.replace("Words", "Other words"), "utf-8")
    assert build_site(tmp_path).ok and calls == []
    page.write_text(POST, "utf-8")
    shutil.rmtree(tmp_path / "output")
    assert build_site(tmp_path).ok and tree(tmp_path / "output") == first
    assert calls == ["content/posts/walk/lead.jpg"]  # which only loses what it tells, and is not kept
    assert not list((tmp_path / ".iopsgen/pictures").glob("*.once"))
    shutil.rmtree(tmp_path / ".iopsgen")
    shutil.rmtree(tmp_path / "output")
    assert build_site(tmp_path).ok and tree(tmp_path / "output") == first and len(calls) == 3
    assert build_site(tmp_path, clean=True).ok and tree(tmp_path / "output") == first and len(calls) == 5


def test_a_picture_that_is_replaced(tmp_path: Path) -> None:
    """Another picture under the same name brings other versions; one that no page shows has none."""
    write_site(tmp_path, pictured())
    assert build_site(tmp_path).ok
    before = tree(tmp_path / "output")
    write_site(tmp_path, {"content/posts/walk/lead.jpg": photograph(width=1000, height=750, seed=9)})
    result = build_site(tmp_path)
    after = tree(tmp_path / "output")
    assert result.ok and "posts/walk/lead.jpg.1600.webp" not in after and "posts/walk/lead.jpg.1000.webp" in after
    assert after["posts/walk/lead.jpg.480.webp"] != before["posts/walk/lead.jpg.480.webp"]
    write_site(tmp_path, {"content/posts/walk/index.md": POST.partition("image:")[0] + "---\nWords, and [a picture](lead.jpg).\n"})
    assert build_site(tmp_path).ok
    assert [name for name in tree(tmp_path / "output") if name.startswith("posts/walk/") and "jpg" in name] == ["posts/walk/lead.jpg", "posts/walk/side.jpg"]


def test_settings_of_pictures(tmp_path: Path) -> None:
    """Widths, formats, quality and whether anything is taken out are the site's to say."""
    write_site(tmp_path, pictured(), SETTINGS + "pictures: {widths: [300], formats: [avif, webp], quality: 30, strip: false}\n")
    result = build_site(tmp_path)
    assert [m for m in messages(result) if "tells where it was taken" in m] == messages(result) and len(messages(result)) == 2
    built = tree(tmp_path / "output")
    assert built["posts/walk/lead.jpg"] == photograph(width=2000, height=1500)
    assert {name: opened(data).format for name, data in built.items() if name.startswith("posts/walk/lead.jpg.")} == {
        "posts/walk/lead.jpg.300.avif": "AVIF",
        "posts/walk/lead.jpg.300.jpg": "JPEG",
        "posts/walk/lead.jpg.300.webp": "WEBP",
    }
    assert re.search(r'<picture>\s*<source type="image/avif" srcset="/river/posts/walk/lead.jpg.300.avif 300w" sizes="[^"]+">\s*<img', built["posts/walk/index.html"].decode())
    assert b"</picture>" in built["feed.json"]
    (tmp_path / "iopsgen.yml").write_text(SETTINGS + "pictures: {widths: none}\n", "utf-8")
    assert build_site(tmp_path).ok and not [name for name in tree(tmp_path / "output") if name.endswith((".webp", ".avif"))]
    for wrong in ("widths: [5]", "widths: [9, x]", "formats: [gif]", "quality: 0", "widths: [20,30,40,50,60,70,80,90,100]"):
        (tmp_path / "iopsgen.yml").write_text(SETTINGS + f"pictures: {{{wrong}}}\n", "utf-8")
        assert not build_site(tmp_path).ok, wrong


def test_a_library_that_cannot_write_a_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pillow was built without a format, that is an error with a remedy, and nothing is published."""
    check = features.check
    monkeypatch.setattr(features, "check", lambda name: name != "webp" and check(name))
    result = build_site(write_site(tmp_path, pictured()))
    assert not result.ok and not (tmp_path / "output").exists()
    assert messages(result) == ["error  This installation of Python's library for pictures, Pillow, cannot write webp files."]
    assert "pictures.formats" in result.problems[0].hint
    with preview(tmp_path) as running:
        assert running.get("/river/posts/walk/lead.jpg.480.webp")[0] == 404 and running.get("/river/posts/walk/lead.jpg.1600.jpg")[0] == 200


def test_names_that_are_taken(tmp_path: Path) -> None:
    """A file that has the name of a version stays what it is, two pictures that differ only in their endings have versions of their own."""
    taken = photograph("WEBP", told=False, width=480, height=360, seed=5)
    more = {"lead.jpg.480.webp": taken, "lead.png": photograph("PNG", 500, 375, seed=6, told=False)}
    write_site(tmp_path, pictured(**more) | {"content/posts/walk/index.md": POST + "\n![Another](lead.png)\n"})
    assert messages(build_site(tmp_path)) == []
    built = tree(tmp_path / "output")
    assert built["posts/walk/lead.jpg.480.webp"] == taken and "posts/walk/lead.png.500.webp" in built
    assert "lead.jpg.480.webp" not in built["posts/walk/index.html"].decode()


def test_what_is_said_of_bad_pictures(tmp_path: Path) -> None:
    """Each bad picture is told by name with a remedy; what could tell anything is left out, and the site is built."""
    jpeg = photograph()
    bad = {
        "a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + SECRET,
        "b.TIFF": b"II*\0" + SECRET,
        "c.jpg": b"<!doctype html><p>Not found",
        "d.jpg": jpeg[: len(jpeg) // 2],
        "e.jpg": photograph("PNG"),
        "f.jpg": jpeg[:40],
        "g.svg": b"<svg><script>x()</script></svg>",
        "h.nef": b"MM\0*" + SECRET,
        "i.jpg": b"",
        "j.gif": photograph("GIF"),
        "k.heic": jpeg,
    }
    shown = "".join(f"![x]({name})\n\nThen\n\n" for name in bad)
    result = build_site(write_site(tmp_path, pictured(**bad) | {"content/posts/walk/index.md": POST + "\n" + shown}))
    assert result.ok and [m.replace("warning content/posts/walk/", "") for m in messages(result)] == [
        "a.heic This is a HEIC file, which browsers do not show, so it is left out.",
        "b.TIFF This is a TIFF file, which browsers do not show, so it is left out.",
        "c.jpg This is no picture, whatever its name says, so it is left out.",
        "d.jpg This picture breaks off: its end is missing.",
        "e.jpg This is a PNG picture, though its name says otherwise.",
        "f.jpg This picture is damaged, so it is left out.",
        "g.svg This drawing holds scripts, which run when somebody opens it by itself.",
        "h.nef This is a RAW file, which browsers do not show, so it is left out.",
        "i.jpg This is no picture, whatever its name says, so it is left out.",
        "k.heic This is a JPEG picture, though its name says otherwise.",
    ]
    assert all(p.hint for p in result.problems)
    built = tree(tmp_path / "output/posts/walk")
    assert sorted(name for name in bad if name in built) == ["d.jpg", "e.jpg", "g.svg", "j.gif", "k.heic"]
    assert not [name for name, data in built.items() if SECRET in data]
    assert build_site(tmp_path).problems == result.problems
    (tmp_path / "iopsgen.yml").write_text(SETTINGS + "pictures: {strip: no}\n", "utf-8")
    assert build_site(tmp_path).ok and {name: data for name, data in tree(tmp_path / "output/posts/walk").items() if name in bad} == bad


def test_scripts_in_drawings_of_the_trusted(tmp_path: Path) -> None:
    """Of drawings in static/ and in trusted folders only a check says that they hold scripts."""
    drawing = "<svg onload='x()'/>"
    settings = SETTINGS + "markdown: {html: {pages: trusted}}\n"
    write_site(tmp_path, {"static/a.svg": drawing, "content/pages/b.svg": drawing, "content/posts/c.svg": drawing}, settings)
    assert [m.split()[1] for m in messages(build_site(tmp_path))] == ["content/posts/c.svg"]
    told = [m.split()[1] for m in messages(build_site(tmp_path, checking=True, dry_run=True)) if "scripts" in m]
    assert told == ["content/pages/b.svg", "content/posts/c.svg", "static/a.svg"]


def test_a_spoilt_picture_is_told_each_time(tmp_path: Path) -> None:
    """A picture that turns out to be damaged only when it is decoded is told then, and by every later build; the pages are the same."""
    data = bytearray(photograph("PNG", 700, 525, told=False))
    at = data.index(b"IDAT", 20_000) + 4  # a later piece of the pixels
    length = struct.unpack(">I", data[at - 8 : at - 4])[0]
    data[at : at + length] = b"\xff" * length
    data[at + length : at + length + 4] = struct.pack(">I", zlib.crc32(bytes(data[at - 4 : at + length])))
    write_site(tmp_path, {"content/pages/about.md": "---\ntitle: About\n---\n![x](x.png)\n", "content/pages/x.png": bytes(data)})
    said = ["warning content/pages/x.png This picture is damaged: a part of it cannot be shown."]
    assert messages(build_site(tmp_path)) == said
    first = tree(tmp_path / "output")
    (tmp_path / "content/pages/about.md").write_text("---\ntitle: About\n---\n![x](x.png)\n\nMore.\n", "utf-8")
    assert messages(build_site(tmp_path)) == said
    assert first["pages/x.png.700.webp"] == tree(tmp_path / "output")["pages/x.png.700.webp"] and opened(first["pages/x.png.700.webp"]).size == (700, 525)


def test_front_matter_without_a_description(tmp_path: Path) -> None:
    """A picture of front matter that is not described is told with file and line, once; `decorative` says that it is meant."""
    picture = {"static/a.png": photograph("PNG", told=False)}
    files = {
        "content/posts/a.md": "---\ntitle: A\ndate: 2026-01-01\nimage: /a.png\n---\nx\n",
        "content/posts/b.md": "---\ntitle: B\ndate: 2026-01-01\nimage: {src: /a.png, decorative: true}\n---\nx\n",
        "content/posts/c.md": "---\ntitle: C\ndate: 2026-01-01\nimage: /a.png\nimage_alt: A table\n---\nx\n",
        "content/posts/d/_defaults.yml": "image: https://example.net/a.png\n",
        "content/posts/d/e.md": "---\ntitle: E\ndate: 2026-01-01\n---\nx\n",
        "content/posts/d/f.md": "---\ntitle: F\ndate: 2026-01-01\n---\nx\n",
        "content/people.yml": "ada:\n  name: Ada\n  image: /a.png\nben:\n  name: Ben\n  image: {src: /a.png, alt: Ben}\n",
    }
    said = "A picture has no description for people who cannot see it."
    assert messages(build_site(write_site(tmp_path, picture | files))) == [
        f"warning content/people.yml:1 {said}",
        f"warning content/posts/a.md:4 {said}",
        f"warning content/posts/d/_defaults.yml:1 {said}",
    ]


def test_the_preview_makes_pictures_when_they_are_asked_for(tmp_path: Path) -> None:
    """Nothing is made before somebody looks; then the versions come, kept for the next build, and a picture that changes is noticed."""
    with preview(write_site(tmp_path, pictured())) as running:
        assert "lead.jpg.480.webp 480w" in running.text("/river/posts/walk/")
        assert not (tmp_path / ".iopsgen/pictures").exists()
        status, headers, data = running.get("/river/posts/walk/lead.jpg.480.webp")
        assert (status, headers["content-type"]) == (200, "image/webp") and opened(data).size == (480, 360) and corners(data) == "rgb."
        assert len(list((tmp_path / ".iopsgen/pictures").iterdir())) == 1
        assert running.get("/river/posts/walk/lead.jpg.480.webp")[2] == data
        own = running.get("/river/posts/walk/side.jpg")[2]
        assert SECRET not in own and opened(own).size == (525, 700)
        assert running.get("/river/posts/walk/lead.jpg.481.webp")[0] == 404
        write_site(tmp_path, {"content/posts/walk/lead.jpg": photograph(width=900, height=675, seed=4)})
        running.until_text("/river/posts/walk/", "lead.jpg.900.webp")
    assert build_site(tmp_path).ok
