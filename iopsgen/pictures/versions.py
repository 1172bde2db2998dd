"""What is to be made of a picture, as a value: the picture by its digest, and the format and size wanted."""

from iopsgen.views import View

ENDINGS = {"webp": ".webp", "avif": ".avif", "jpeg": ".jpg"}
TYPES = {"webp": "image/webp", "avif": "image/avif", "jpeg": "image/jpeg"}
# The largest side that a format can have (RFC 9649, 1; ISO/IEC 10918-1, B.2.2).
LARGEST = {"webp": 16_383, "avif": 65_535, "jpeg": 65_535}


class Version(View, frozen=True, kw_only=True):
    """One version of a picture: in another format and size, or in its own without what its file tells (`format` is "" then).

    `kind`, `orientation` and `digest` are those of the file at `source`, a path from the site's folder. Width and height are those wanted, in
    pixels; `quality` goes from 1 to 100.
    """

    source: str
    digest: str
    kind: str
    orientation: int = 1
    format: str = ""
    width: int = 0
    height: int = 0
    quality: int = 0

    @property
    def is_costly(self) -> bool:
        """Whether it has to be encoded, rather than copied without some of its bytes."""
        return bool(self.format) or (self.orientation != 1 and self.kind != "AVIF")
