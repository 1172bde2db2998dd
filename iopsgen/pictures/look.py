"""What one has to know of a picture before it is shown, without decoding it: its size, what its file tells, what is wrong with it."""

import re
import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from iopsgen.model import Asset, Value
from iopsgen.pictures.kinds import SHOWN, kind_by_content, kind_by_name
from iopsgen.pictures.strip import Told, Unreadable, read_exif, strip
from iopsgen.store import Store
from iopsgen.write import digest_of

MAX_BYTES = 256 * 2**20  # of a file
MAX_PIXELS = {"JPEG": 120_000_000}  # a JPEG is decoded at a fraction of its size
MOST_PIXELS = 50_000_000  # of the others
_LARGEST = 100_000  # pixels; a drawing that says more is mistaken
_FACT = "look 1 "  # then the digest of the file

# broken: nobody can say what is in it. damaged: it begins well, and cannot be decoded. cut: its end is missing. huge: too many pixels.
Fault = Literal["", "none", "long", "broken", "damaged", "cut", "huge"]


class Look(Value, frozen=True, kw_only=True):
    """What is known of a picture: its kind by its content ("" for none), width and height as it is shown (0 where unknown).

    `orientation` is how its pixels are to be turned (EXIF 0x0112), `size` what it weighs without what its file tells beyond the picture,
    `clean` whether that is nothing, `position` whether a place on earth is among it. `active`: a drawing that holds scripts. `spoilt`: it
    looked sound, but could not be decoded; that changes nothing but what is said about it, since nothing that is planned may depend on it.
    """

    kind: str = ""
    width: int = 0
    height: int = 0
    orientation: int = 1
    moving: bool = False
    clean: bool = True
    size: int = 0
    position: bool = False
    active: bool = False
    spoilt: bool = False
    fault: Fault = ""

    @property
    def type(self) -> str:
        """The media type, "" for what browsers do not show."""
        return SHOWN.get(self.kind, "")


def look(data: bytes) -> Look:
    """Looks at the bytes of a file."""
    kind = kind_by_content(data[:4096])
    if kind == "SVG":
        width, height = _measure_drawing(data[:4096].decode("utf-8", "replace"))
        return Look(kind=kind, width=width, height=height, size=len(data), active=_is_active(data))
    if kind not in SHOWN:
        return Look(kind=kind, size=len(data), fault="" if kind else "none")
    try:
        stripped = strip(data, kind)
    except Unreadable:
        return Look(kind=kind, size=len(data), fault="broken")
    told = read_exif(stripped.exif)
    size, fault = stripped.size, "" if stripped.whole else "cut"
    if kind == "AVIF":
        told, size = _ask_decoder(stripped.data, told)
    if not all(size):
        size, fault = (0, 0), "damaged"
    elif size[0] * size[1] > MAX_PIXELS.get(kind, MOST_PIXELS) and not stripped.moving and kind != "GIF":
        fault = "huge"
    if kind == "WEBP" and (stripped.moving or fault):  # browsers heed no orientation of a WebP, so it has to be turned, and cannot be
        told = told._replace(orientation=1)
    return Look(
        kind=kind,
        width=size[1] if told.orientation > 4 else size[0],
        height=size[0] if told.orientation > 4 else size[1],
        orientation=told.orientation,
        moving=stripped.moving,
        clean=stripped.data == data,
        size=len(stripped.data),
        position=told.position or b"GPSLatitude" in data,
        fault=fault,  # type: ignore[arg-type] # one of them
    )


def _ask_decoder(data: bytes, told: Told) -> tuple[Told, tuple[int, int]]:
    """Orientation and size of an AVIF, which lie deep in its boxes."""
    from PIL import Image  # imported late: 37 ms, for sites with new pictures of this kind

    Image.MAX_IMAGE_PIXELS = None  # nothing is decoded here
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(data), formats=("AVIF",)) as picture:
            return told._replace(orientation=picture.getexif().get(0x0112, 1)), picture.size
    except Exception:  # whatever a damaged file makes of its reader
        return Told(), (0, 0)


# --- drawings ----------------------------------------------------------------------------------------------------------

_ACTIVE = re.compile(rb"<\s*(?:[\w-]+:)?(?:script|iframe)\b|\son[a-z]+\s*=|javascript:|<!ENTITY", re.IGNORECASE)


def _is_active(data: bytes) -> bool:
    """Whether a drawing could do something when it is opened by itself, rather than be looked at."""
    return _ACTIVE.search(data) is not None


def _measure_drawing(start: str) -> tuple[int, int]:
    """The size that an SVG file gives itself, or that of its view box."""
    tag = re.search(r"<svg\b[^>]*>", start)
    if not tag:
        return 0, 0
    size = [re.search(rf'(?<![-\w:]){name}\s*=\s*["\']\s*([0-9.]+)(?:px)?\s*["\']', tag[0]) for name in ("width", "height")]
    try:
        if size[0] and size[1]:
            return _sane(float(size[0][1]), float(size[1][1]))
        box = re.search(r'(?<![-\w:])viewBox\s*=\s*["\']([-0-9.eE, ]+)["\']', tag[0])
        numbers = [float(n) for n in re.split(r"[ ,]+", box[1].strip())] if box else []
        return _sane(numbers[2], numbers[3]) if len(numbers) == 4 else (0, 0)
    except ValueError:
        return 0, 0


def _sane(width: float, height: float) -> tuple[int, int]:
    return (round(width), round(height)) if 0 < width <= _LARGEST and 0 < height <= _LARGEST else (0, 0)


# --- all pictures of a site ----------------------------------------------------------------------------------------------


def look_at_all(site_dir: Path, assets: Iterable[Asset], store: Store) -> dict[str, Look]:
    """Every file of the site that is named like a picture, by the digest of its bytes; looked at once, and then kept in the store."""
    wanted = {asset.digest: asset for asset in assets if kind_by_name(asset.source)}
    known = store.facts(_FACT) if wanted else {}
    found: dict[str, Look] = {}
    fresh: dict[str, bytes] = {}
    for digest, asset in wanted.items():
        held = _decode(known.get(digest))
        if held is None:
            held = _look_at(site_dir, asset)
            if held is None:
                continue
            fresh[_FACT + digest] = msgspec.msgpack.encode(held)
        found[digest] = held
    gone = [_FACT + digest for digest in known if digest not in wanted]
    if fresh or gone:
        store.keep_facts(fresh, gone)
    return found


def keep_spoilt(store: Store, digests: Iterable[str]) -> None:
    """Notes of pictures that they could not be decoded, so that later builds say so too."""
    for digest in digests:
        held = _decode(store.fact(_FACT + digest))
        if held is not None and not held.spoilt:
            store.keep_fact(_FACT + digest, msgspec.msgpack.encode(replace(held, spoilt=True)))


def _decode(data: bytes | None) -> Look | None:
    try:
        return msgspec.msgpack.decode(data, type=Look) if data is not None else None
    except msgspec.MsgspecError:
        return None


def _look_at(site_dir: Path, asset: Asset) -> Look | None:
    """A look at a file; None where it is not any more what was read a moment ago."""
    if asset.size > MAX_BYTES:
        return Look(kind=kind_by_name(asset.source), size=asset.size, fault="long")
    try:
        data = (site_dir / asset.source).read_bytes()
    except OSError:
        return None
    return look(data) if digest_of(data) == asset.digest else None
