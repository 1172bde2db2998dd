"""The line that a problem points to, fit to be shown on a terminal or in a browser."""

from pathlib import Path

from iopsgen.problems import Place

WIDTH = 120  # characters of a line that are shown
_READ = 1 << 20  # characters of a file that are looked at


class Excerpts:
    """Gives the lines that places of a site point to; reads each file once."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._lines: dict[str, list[str]] = {}

    def line(self, place: Place | None) -> tuple[str, int] | None:
        """The line of a place, cut to WIDTH around its column, and where the column is in it, from 0.

        None where the place names no line, or the line is empty or cannot be read.
        """
        if place is None or not place.line:
            return None
        lines = self._lines_of(place.file)
        source = lines[place.line - 1] if place.line <= len(lines) else ""
        return _window(source, place.column) if source.strip() else None

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._lines:
            try:
                with (self._site / file).open(encoding="utf-8-sig", errors="replace") as opened:
                    self._lines[file] = opened.read(_READ).split("\n")
            except (OSError, ValueError):
                self._lines[file] = []
        return self._lines[file]


def _window(source: str, column: int) -> tuple[str, int]:
    source = "".join(" " if c == "\t" else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in source)
    at = max(0, column - 1)
    if len(source) <= WIDTH:
        return source, min(at, len(source))
    first = max(0, at - WIDTH // 2)
    return ("…" if first else "") + source[first : first + WIDTH - 2] + "…", at - first + (1 if first else 0)


def clean(text: str, keep_lines: bool = False) -> str:
    """A message without control characters: content must not be able to steer what shows it."""
    return "".join(c if c.isprintable() or (keep_lines and c == "\n") else "\N{REPLACEMENT CHARACTER}" if c != "\n" else " " for c in text)
