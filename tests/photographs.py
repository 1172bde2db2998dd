"""Pictures for tests: drawn from a number, with whatever a camera writes into its files."""

from __future__ import annotations

import random
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

SECRET = b"taken by Ada at 51.5 north"


@cache
def scene(width: int = 400, height: int = 300, seed: int = 1) -> Image.Image:
    """Soft colours with some grain, and a mark of its own in each corner: red, green and blue clockwise from the upper left."""
    rng = random.Random(seed)
    picture = Image.frombytes("RGB", (8, 6), rng.randbytes(8 * 6 * 3)).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (100, 75), rng.randbytes(7500)).resize((width, height))
    picture = Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.2)
    draw, w, h = ImageDraw.Draw(picture), width // 8, height // 8
    for colour, (x, y) in {"red": (0, 0), "lime": (width - w, 0), "blue": (width - w, height - h)}.items():
        draw.rectangle((x, y, x + w, y + h), fill=colour)
    return picture


@cache
def profile() -> bytes:
    """A colour profile, the same at every call: the moment at which it was made stands in it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@cache
def photograph(kind: str = "JPEG", width: int = 400, height: int = 300, orientation: int = 0, told: bool = True, seed: int = 1, **options: object) -> bytes:
    """The bytes of a picture. `orientation` is what the camera noted; `told` adds a position, words in every form that the format has, and a profile."""
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    if told:
        exif[0x010E] = SECRET.decode()
        exif.get_ifd(0x8825)[1] = "N"
        if kind != "GIF":
            options |= {"icc_profile": profile(), "xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"} if kind != "PNG" else {"icc_profile": profile()}
        if kind in ("JPEG", "GIF"):
            options["comment"] = SECRET
        if kind == "PNG":
            words = PngImagePlugin.PngInfo()
            words.add_text("Author", SECRET.decode())
            words.add_itxt("Comment", SECRET.decode(), zip=True)
            words.add(b"tIME", b"\x07\xe8\x01\x01\x00\x00\x00")
            options["pnginfo"] = words
    if len(exif) and kind != "GIF":
        options["exif"] = exif
    out = BytesIO()
    scene(width, height, seed).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """A picture from its bytes, decoded."""
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def corners(data: bytes) -> str:
    """The colours of the corners, clockwise from the upper left: `rgb.` for a scene the right way up, whatever its size."""
    picture = opened(data).convert("RGB")
    w, h = picture.size
    found = ""
    for x, y in ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)):
        red, green, blue = picture.getpixel((int(w * x), int(h * y)))  # type: ignore[misc]
        found += "r" if red > 200 > max(green, blue) + 60 else "g" if green > 200 > max(red, blue) + 60 else "b" if blue > 200 > max(red, green) + 60 else "."
    return found
