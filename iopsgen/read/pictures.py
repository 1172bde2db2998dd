"""The size of a picture, from the first bytes of its file."""

import re
import warnings
from pathlib import Path

_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_LARGEST = 100_000  # pixels; what says more is a mistake


def measure_picture(path: Path) -> tuple[int, int, str]:
    """Width and height in pixels as it is shown (turned by its EXIF orientation), and its MIME type; 0 where unknown."""
    kind = _TYPES.get(path.suffix.lower(), "")
    if not kind:
        return 0, 0, ""
    if kind == "image/svg+xml":
        return (*_measure_drawing(path), kind)
    from PIL import Image  # only for sites with new pictures: 37 ms

    Image.MAX_IMAGE_PIXELS = None  # no pixel is ever decoded here, (EXIF is asked for only where it stands in front of the pixels), so a picture may be large
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=_FORMATS) as picture:
            width, height = picture.size
            turned = picture.format in ("JPEG", "MPO") and picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except Exception:  # whatever a damaged file makes of the reader of its format
        return 0, 0, kind
    return (height, width, kind) if turned else (width, height, kind)


def _measure_drawing(path: Path) -> tuple[int, int]:
    """The size that an SVG file gives itself, or that of its view box."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            start = file.read(4096)
    except OSError:
        return 0, 0
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
