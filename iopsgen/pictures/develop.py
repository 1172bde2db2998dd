"""Makes the versions of one picture from its bytes: decoded once, turned the right way up, each in its size and format.

The same bytes come out for the same bytes with the same release of Pillow, whatever the machine.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from iopsgen.pictures.strip import Unreadable, strip
from iopsgen.pictures.versions import Version

if TYPE_CHECKING:
    from PIL import Image

RECIPE = "1"  # to be raised whenever the same version would come out as other bytes
MOST_TURNED = 50_000_000  # pixels of a photograph that is decoded whole, to be turned
_SPEED = 2  # of WebP (0 to 6): 4 takes three times as long for 4 % fewer bytes
_AVIF_SPEED = 8
_GREY = (221, 221, 221)


def develop(data: bytes, versions: Sequence[Version]) -> tuple[list[bytes], bool]:
    """The bytes of each version of the picture whose file is `data`, and whether it could not be decoded.

    The bytes of a version do not depend on which others are made with it. What is damaged is shown as far as it goes, as browsers do, else
    as a grey area; in its own format it only loses its metadata.
    """
    made: dict[int, bytes] = {}
    spoilt = False
    for number, version in enumerate(versions):
        if not version.format:
            made[number], failed = _own_format(data, version)
            spoilt = spoilt or failed
    decoder = _Decoder(data)
    for number, version in sorted(enumerate(versions), key=lambda entry: (entry[1].width, entry[1].format)):
        if version.format:
            picture, profile = decoder.scaled(version)
            made[number] = _encode(picture, version, profile)
    return [made[number] for number in range(len(versions))], spoilt or decoder.spoilt


# --- in its own format -------------------------------------------------------------------------------------------------


def _own_format(data: bytes, version: Version) -> tuple[bytes, bool]:
    """The file without metadata: pixel for pixel as it was, unless they have to be turned."""
    try:
        plain = strip(data, version.kind)
    except Unreadable:  # cannot be: it was looked at
        return b"", True
    if version.orientation == 1 or version.kind == "AVIF":  # which tells its orientation elsewhere
        return plain.data, False
    width, height = plain.size
    if plain.moving or not plain.whole or width * height > MOST_TURNED:
        return without_decoding(data, version), False
    try:
        return _turned(plain.data, version), False
    except Exception:  # whatever a damaged file makes of the decoder of its format
        return without_decoding(data, version), True


def without_decoding(data: bytes, version: Version) -> bytes:
    """What can be made of a picture without looking at its pixels: its file with nothing but the orientation left, or a grey area."""
    if version.format:
        from PIL import Image

        return _encode(Image.new("RGB", (version.width, version.height), _GREY), version, b"")
    try:
        return strip(data, version.kind, version.orientation).data
    except Unreadable:  # cannot be: it was looked at
        return b""


def _turned(data: bytes, version: Version) -> bytes:
    """A picture encoded again the right way up: what is lossless stays so, a JPEG keeps its own tables, so that it loses next to nothing."""
    from PIL import JpegImagePlugin

    with _opened(data, version.kind) as picture:
        options: dict[str, Any] = {"icc_profile": picture.info.get("icc_profile")}
        if version.kind == "JPEG":
            sampling = JpegImagePlugin.get_sampling(picture)
            options["subsampling"] = 0 if sampling < 0 or (sampling == 1 and version.orientation > 4) else sampling
            swap = version.orientation > 4
            tables = picture.quantization  # type: ignore[attr-defined] # a JPEG has them
            options["qtables"] = {n: [table[i % 8 * 8 + i // 8] for i in range(64)] if swap else list(table) for n, table in tables.items()}
            options["progressive"] = bool(picture.info.get("progressive"))
        elif version.kind == "WEBP":
            options |= {"lossless": b"VP8L" in data[:64], "quality": 90, "method": _SPEED}
        elif "transparency" in picture.info:
            options["transparency"] = picture.info["transparency"]
        dpi = picture.info.get("dpi")
        picture.load()
        turned = _turn(picture, version.orientation)
        out = BytesIO()
        turned.save(out, version.kind, **options, **({"dpi": dpi} if dpi else {}))
    return out.getvalue()


# --- in other formats and sizes ------------------------------------------------------------------------------------------


class _Decoder:
    """Decodes one picture as seldom as it can: a JPEG for each size, at a half, a quarter or an eighth, others once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._decoded: tuple[tuple[int, int], Image.Image, bytes] | None = None  # for which size, the picture and its profile
        self._scaled: tuple[tuple[int, int], Image.Image] | None = None
        self.spoilt = False  # it could not be decoded as it should

    def scaled(self, version: Version) -> tuple["Image.Image", bytes]:
        """The picture in the size of a version, the right way up, and its colour profile."""
        from PIL import Image

        size = (version.height, version.width) if version.orientation > 4 else (version.width, version.height)
        if self._decoded is None or (version.kind == "JPEG" and self._decoded[0] != size):
            self._decoded, self._scaled = None, None  # so that there is never more than one in memory
            self._decoded = (size, *self._decode(version.kind, size))
        _, whole, profile = self._decoded
        if self._scaled is None or self._scaled[0] != size:
            picture = whole.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0) if whole.size != size else whole
            self._scaled = (size, _turn(picture, version.orientation))
        return self._scaled[1], profile

    def _decode(self, kind: str, size: tuple[int, int]) -> tuple["Image.Image", bytes]:
        """The picture, a JPEG at least as large as wanted, and its profile."""
        from PIL import Image, ImageFile

        for partly in (False, True):
            ImageFile.LOAD_TRUNCATED_IMAGES = partly
            try:
                with _opened(strip(self._data, kind).data, kind) as picture:
                    picture.draft(picture.mode, size)
                    picture.load()
                    return _in_plain_colours(picture)
            except Exception:  # whatever a damaged file makes of the decoder of its format
                self.spoilt = True
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
        return Image.new("RGB", size, _GREY), b""


@contextmanager
def _opened(data: bytes, kind: str) -> Iterator["Image.Image"]:
    """The picture, nothing of it decoded yet. How many pixels it has was looked at before."""
    from PIL import Image  # imported late: 37 ms, for sites with new pictures

    Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data), formats=(kind,)) as picture:
        yield picture


def _in_plain_colours(picture: "Image.Image") -> tuple["Image.Image", bytes]:
    """The picture in grey, RGB or RGBA, and the profile that goes with it. What needs ink or sixteen bits becomes sRGB."""
    profile = picture.info.get("icc_profile") or b""
    see_through = "transparency" in picture.info
    if picture.mode in ("P", "PA", "RGBA", "RGBX", "LA", "La", "RGBa") or see_through:
        picture = picture.convert("RGBA" if see_through or picture.mode != "RGBX" else "RGB")
        if picture.getextrema()[-1] == (255, 255):
            picture = picture.convert("RGB")
        return picture, profile
    if picture.mode in ("CMYK", "YCbCr", "LAB"):
        return _to_srgb(picture, profile), b""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L"), b""
    if picture.mode in ("L", "RGB"):
        return picture, profile if picture.mode == "RGB" else b""
    return picture.convert("L" if picture.mode == "1" else "RGB"), b""


def _to_srgb(picture: "Image.Image", profile: bytes) -> "Image.Image":
    """Colours for print as colours for screens, by the picture's own profile if that can be used."""
    from PIL import ImageCms

    try:
        if profile:
            made = ImageCms.profileToProfile(picture, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB")
            if made is not None:
                return made
    except Exception:  # a profile that the library refuses
        pass
    return picture.convert("RGB")


def _turn(picture: "Image.Image", orientation: int) -> "Image.Image":
    """The picture the right way up (EXIF 0x0112)."""
    from PIL.Image import Transpose

    how = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(how[orientation]) if orientation in how else picture


def _encode(picture: "Image.Image", version: Version, profile: bytes) -> bytes:
    options: dict[str, Any] = {"quality": version.quality, "icc_profile": profile or None}
    if version.format == "jpeg":
        return _saved(picture.convert("RGB") if picture.mode == "RGBA" else picture, "JPEG", progressive=True, optimize=True, **options)
    if version.format == "avif":
        return _saved(picture, "AVIF", speed=_AVIF_SPEED, max_threads=1, **options)
    made = _saved(picture, "WEBP", method=_SPEED, **options)
    if version.kind == "PNG":  # few colours and sharp edges are often smaller without loss
        exact = _saved(picture, "WEBP", method=_SPEED, lossless=True, **{**options, "quality": 60})
        made = min(made, exact, key=len)
    return made


def _saved(picture: "Image.Image", kind: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **{name: value for name, value in options.items() if value is not None})
    return out.getvalue()
