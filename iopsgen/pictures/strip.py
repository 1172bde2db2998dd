"""Takes out of a picture's file what tells about its making: EXIF with the position, XMP, IPTC, comments, previews. No pixel changes.

What decides how the picture looks stays: colour profile, resolution, animation. Whatever is not known to be needed goes.
"""

import itertools
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Unreadable(Exception):
    """The file does not hold together as a picture of its kind, so nobody can say what is in it."""


class Stripped(NamedTuple):
    """A file without its metadata. `exif` is the TIFF structure that was in it, `whole` False where the end of the picture is missing.

    `size` is width and height in pixels as they lie in the file, (0, 0) where that is not told here.
    """

    data: bytes
    exif: bytes = b""
    whole: bool = True
    moving: bool = False
    size: tuple[int, int] = (0, 0)


def strip(data: bytes, kind: str, orientation: int = 1) -> Stripped:
    """The file without metadata. Other than 1, `orientation` is left behind (EXIF 0x0112) in the formats whose readers heed it.

    Raises Unreadable for a file that is not of this kind, or breaks off before the picture begins.
    """
    try:
        return _STRIPPERS[kind](data, orientation)
    except (IndexError, struct.error, ValueError) as fault:
        raise Unreadable(str(fault)) from None


# --- EXIF (CIPA DC-008) ------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What EXIF data tell: how the picture is to be turned (1 to 8), and whether they name a position."""

    orientation: int = 1
    position: bool = False


def read_exif(exif: bytes) -> Told:
    """Reads the first directory of a TIFF structure (TIFF 6.0, section 2); what cannot be read tells nothing."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return Told()
    orientation, position = 1, False
    try:
        at = struct.unpack_from(order + "I", exif, 4)[0]
        for number in range(min(struct.unpack_from(order + "H", exif, at)[0], 1_000)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, at + 2 + 12 * number)
            if tag == 0x0112 and kind == 3 and 1 <= value <= 8:
                orientation = value
            position = position or tag == 0x8825
    except struct.error:
        pass
    return Told(orientation, position)


def _only(orientation: int) -> bytes:
    """EXIF data that tell the orientation and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


# --- JPEG (ITU-T T.81, annex B) ------------------------------------------------------------------------------------------

_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _strip_jpeg(data: bytes, orientation: int) -> Stripped:
    if data[:2] != b"\xff\xd8":
        raise Unreadable("no JPEG")
    out, exif, at, scans, size = [b"\xff\xd8"], b"", 2, 0, (0, 0)
    if orientation != 1:
        payload = b"Exif\0\0" + _only(orientation)
        out.append(b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload)
    while True:
        at = data.find(b"\xff", at)
        while 0 <= at < len(data) and data[at] == 0xFF:
            at += 1
        if at < 0 or (at + 3 > len(data) and data[at : at + 1] != b"\xd9"):
            if not scans:
                raise Unreadable("it breaks off before the picture")
            return Stripped(b"".join(out), exif, whole=False, size=size)
        marker = data[at]
        if marker == 0xD9:
            if not scans:
                raise Unreadable("it holds no picture")
            return Stripped(b"".join([*out, b"\xff\xd9"]), exif, size=size)
        if marker in (0x00, 0x01, 0xD8) or 0xD0 <= marker <= 0xD7:  # these stand alone
            at += 1
            continue
        end = at + 1 + struct.unpack_from(">H", data, at + 1)[0]
        payload = data[at + 3 : end]
        if end > len(data) or end < at + 3:
            if not scans:
                raise Unreadable("it breaks off before the picture")
            return Stripped(b"".join(out), exif, whole=False, size=size)
        if marker == 0xDA:
            scans += 1
            found = _END_OF_SCAN.search(data, end)
            out.append(b"\xff" + data[at : found.start() if found else len(data)])
            if not found:
                return Stripped(b"".join(out), exif, whole=False, size=size)
            at = found.start()
            continue
        if marker == 0xE1 and payload.startswith(b"Exif\0\0") and not exif:
            exif = payload[6:]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", payload, 1)
            size = (width, height)
        out += _kept_segment(marker, payload)
        at = end


_JPEG_NEEDS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # of the application segments


def _kept_segment(marker: int, payload: bytes) -> Iterator[bytes]:
    """A segment, if the picture needs it: no comment, and of the application segments JFIF without its preview, the profile and Adobe's."""
    if marker == 0xFE or 0xE0 <= marker <= 0xEF:
        needed = _JPEG_NEEDS.get(marker)
        if needed is None or not payload.startswith(needed) or (marker == 0xE0 and len(payload) < 14):
            return
        payload = payload[:12] + b"\0\0" if marker == 0xE0 else payload
    yield b"\xff" + bytes((marker,)) + struct.pack(">H", len(payload) + 2) + payload


# --- PNG (W3C PNG, third edition, 11) ------------------------------------------------------------------------------------

_PNG_NEEDS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT".split())


def _strip_png(data: bytes, orientation: int) -> Stripped:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise Unreadable("no PNG")
    out, exif, at, whole, moving, pixels = [data[:8]], b"", 8, True, False, False
    while True:
        if at + 8 > len(data):
            whole = False
            break
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        chunk = data[at:end]
        if end > len(data):
            whole = False
            out += [chunk] if name == b"IDAT" else []
            break
        if name in _PNG_NEEDS and zlib.crc32(chunk[4:-4]) != struct.unpack_from(">I", data, end - 4)[0]:
            whole = False
        if name == b"eXIf":
            exif = chunk[8:-4]
        moving = moving or name == b"acTL"
        if name == b"IDAT" and not pixels:
            pixels = True
            out += [_png_chunk(b"eXIf", _only(orientation))] if orientation != 1 else []
        out += [chunk] if name in _PNG_NEEDS else []
        if name == b"IEND":
            break
        at = end
    if not pixels and not any(chunk[4:8] == b"IDAT" for chunk in out):
        raise Unreadable("it breaks off before the picture")
    return Stripped(b"".join(out), exif, whole, moving, struct.unpack_from(">II", data, 16))


def _png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


# --- GIF (CompuServe GIF89a) ---------------------------------------------------------------------------------------------

_GIF_NEEDS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def _strip_gif(data: bytes, _: int) -> Stripped:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise Unreadable("no GIF")
    at = 13 + _colours(data[10])
    out, pictures, whole = [data[:at]], 0, True
    while True:
        start = at
        if data[at : at + 1] == b";":
            out.append(b";")
            break
        if data[at : at + 1] == b"," and at + 11 <= len(data):
            pictures += 1
            at = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            keep = True
        elif data[at : at + 1] == b"!" and at + 2 < len(data):
            keep = data[at + 1] in (0x01, 0xF9) or (data[at + 1] == 0xFF and data[at + 3 : at + 14] in _GIF_NEEDS)
            at = _blocks_end(data, at + 2)
        else:
            whole = False
            break
        if at < 0:
            whole = False
            out += [data[start:]] if keep else []
            break
        out += [data[start:at]] if keep else []
    if not pictures:
        raise Unreadable("it breaks off before the picture")
    return Stripped(b"".join(out), b"", whole, pictures > 1, struct.unpack_from("<HH", data, 6))


def _colours(flags: int) -> int:
    """The length of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where a chain of data blocks ends; -1 where the file ends before."""
    while at < len(data):
        length = data[at]
        at += 1 + length
        if not length:
            return at
    return -1


# --- WebP (RFC 9649, 2) --------------------------------------------------------------------------------------------------

_WEBP_NEEDS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))


def _strip_webp(data: bytes, _: int) -> Stripped:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Unreadable("no WebP")
    out, exif, at, whole, moving, pixels, size = [b"WEBP"], b"", 12, True, False, False, (0, 0)
    stop = 8 + struct.unpack_from("<I", data, 4)[0]
    while at < min(stop, len(data)):
        if at + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        chunk = data[at:end]
        whole = whole and at + 8 + length <= len(data)
        if name == b"EXIF":
            exif = chunk[8 : 8 + length].removeprefix(b"Exif\0\0")
        if name == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~0x0C,)) + chunk[9:]
        size = size if any(size) else _webp_size(name, chunk)
        pixels = pixels or name in (b"VP8 ", b"VP8L", b"ANMF")
        moving = moving or name == b"ANIM"
        out += [chunk] if name in _WEBP_NEEDS else []
        at = end
    if not pixels:
        raise Unreadable("it breaks off before the picture")
    body = b"".join(out)
    return Stripped(b"RIFF" + struct.pack("<I", len(body)) + body, exif, whole and stop <= len(data), moving, size)


def _webp_size(name: bytes, chunk: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little")
    if name == b"VP8L":
        bits = struct.unpack_from("<I", chunk, 9)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", chunk, 14)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


# --- AVIF (ISO/IEC 23008-12 in boxes of ISO/IEC 14496-12) ----------------------------------------------------------------


_MOST_PARTS = 100_000


def _strip_avif(data: bytes, _: int) -> Stripped:
    """Metadata are items somewhere in the file, named by their offsets: they are emptied in their places, so that nothing moves."""
    out = bytearray(data)
    found: dict[bytes, tuple[int, int]] = {}
    whole = True
    for name, start, end in _boxes(data, 0, len(data)):
        found.setdefault(name, (start, end))
        whole = whole and end <= len(data)
        if name == b"uuid":
            out[start : min(end, len(out))] = bytes(max(0, min(end, len(out)) - start))
    if data[4:8] != b"ftyp" or b"meta" not in found:
        raise Unreadable("no AVIF")
    start, end = found[b"meta"]
    parts = {name: (begin, stop) for name, begin, stop in _boxes(data, start + 4, end)}
    wanted = dict(_metadata_items(data, *parts[b"iinf"])) if b"iinf" in parts else {}
    if wanted and b"iloc" not in parts:
        raise Unreadable("its parts cannot be found")
    held = parts.get(b"idat", (0, 0))[0]
    emptied, exif = 0, b""
    for item, at, length in _extents(data, *parts[b"iloc"], held) if wanted else ():
        if item in wanted and at + length <= len(data):
            if wanted[item] == b"Exif":
                exif = data[at + 4 : at + length].removeprefix(b"Exif\0\0")
            out[at : at + length] = _emptied(wanted[item], length)
            emptied += length
            if emptied > 2 * len(data):
                raise Unreadable("its metadata are longer than the file")
    return Stripped(bytes(out), exif, whole, data[8:12] == b"avis" or b"moov" in found)


def _emptied(kind: bytes, length: int) -> bytes:
    """An item of the same length that tells nothing: EXIF without an entry, or blanks."""
    if kind != b"Exif":
        return b" " * length
    return (bytes(4) + struct.pack(">2sHIHI", b"MM", 42, 8, 0, 0)).ljust(length, b"\0")[:length]


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box."""
    for number in itertools.count():
        if at + 8 > min(end, len(data)):
            return
        if number > _MOST_PARTS:
            raise Unreadable("it has too many parts")
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        size = size or end - at
        if size < head:
            raise Unreadable("a box is shorter than its head")
        yield name, at + head, at + size
        at += size


def _metadata_items(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Number and type of the items that hold EXIF or XMP, from the item information box (14496-12, 8.11.6)."""
    first = start + (6 if data[start] == 0 else 8)
    for name, at, _ in _boxes(data, first, end):
        if name == b"infe" and data[at] in (2, 3):
            item = int.from_bytes(data[at + 4 : at + (6 if data[at] == 2 else 8)], "big")
            kind = data[at + (8 if data[at] == 2 else 10) :][:4]
            if kind in (b"Exif", b"mime", b"uri "):
                yield item, kind


def _extents(data: bytes, start: int, end: int, held: int) -> Iterator[tuple[int, int, int]]:
    """Item, offset in the file and length of each extent, from the item location box (14496-12, 8.11.3)."""
    version, at = data[start], start + 6
    wide_offset, wide_length, wide_base, wide_index = data[start + 4] >> 4, data[start + 4] & 15, data[start + 5] >> 4, data[start + 5] & 15

    def number(size: int) -> int:
        nonlocal at
        if at + size > end:
            raise Unreadable("its table of places breaks off")
        at += size
        return int.from_bytes(data[at - size : at], "big")

    seen = 0
    for _ in range(number(2 if version < 2 else 4)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version in (1, 2) else 0
        number(2)
        base = number(wide_base)
        for _ in range(number(2)):
            seen += 1
            if seen > _MOST_PARTS:
                raise Unreadable("it has too many parts")
            if version in (1, 2):
                number(wide_index)
            offset, length = number(wide_offset), number(wide_length)
            yield item, base + offset + (held if method == 1 else 0), length


_STRIPPERS: dict[str, Callable[[bytes, int], Stripped]] = {
    "JPEG": _strip_jpeg,
    "PNG": _strip_png,
    "GIF": _strip_gif,
    "WEBP": _strip_webp,
    "AVIF": _strip_avif,
}
