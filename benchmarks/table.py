"""The tables of figures in benchmarks/README.md: written, and read back to compare a new run with them."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

BEGIN, END = "<!-- figures: written by `make benchmark` with --write -->", "<!-- end of figures -->"
AGAINST = "Hugo"
HEAD = ("build", "with", "clock, s", f"/ {AGAINST}", "processors, s", f"/ {AGAINST}", "memory, MB", "files", "output, MB")


class Row(NamedTuple):
    """One case of one tool on one site: medians in seconds and megabytes, the files of the output and their megabytes."""

    site: str
    case: str
    tool: str
    wall: float
    processor: float
    memory: float
    files: int
    output: float


def figure(number: float) -> str:
    """A number to three digits."""
    return f"{_three(number):,.10g}"


def _three(number: float) -> float:
    return float(f"{number:.3g}")


def write_tables(rows: Sequence[Row]) -> str:
    """Markdown: a heading and a table for each site. Ratios are those of the figures that are shown."""
    parts: list[str] = []
    for site in dict.fromkeys(row.site for row in rows):
        lines = [HEAD, ("---", "---", *["---:"] * (len(HEAD) - 2))]
        here = [row for row in rows if row.site == site]
        base = {row.case: row for row in here if row.tool == AGAINST}
        for row in here:
            to = base.get(row.case)
            wall = f"{_three(row.wall) / _three(to.wall):.2f}" if to else "–"
            processor = f"{_three(row.processor) / _three(to.processor):.2f}" if to else "–"
            costs = (figure(row.wall), wall, figure(row.processor), processor, figure(row.memory))
            lines.append((row.case, row.tool, *costs, f"{row.files:,}", figure(row.output)))
        parts += [f"### {site}", "\n".join(f"| {' | '.join(line)} |" for line in lines)]
    return "\n\n".join(parts)


def read_tables(text: str) -> list[Row]:
    """The rows of what `write_tables` wrote, wherever it stands in a text."""
    rows, site = [], ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("### "):
            site = line[4:]
        elif line.startswith("|") and len(cells) == len(HEAD) and re.match(r"\d", cells[2]):
            wall, processor, memory, files, output = (float(cells[n].replace(",", "")) for n in (2, 4, 6, 7, 8))
            rows.append(Row(site, cells[0], cells[1], wall, processor, memory, int(files), output))
    return rows


def put_between(text: str, figures: str) -> str:
    """A text with everything between the two markers replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"


def compare(rows: Iterable[Row], written: Iterable[Row]) -> str:
    """The seconds of each row beside those that are written already."""
    known = {row[:3]: row.wall for row in written}
    return "\n".join(
        f"{row.site}, {row.case}, {row.tool}: {figure(row.wall)} s, written {figure(known[row[:3]])} s" for row in rows if row[:3] in known
    )
