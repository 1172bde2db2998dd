"""Measures whole builds, side by side with Hugo and Pelican on the same content, and writes the figures into benchmarks/README.md.

python -m benchmarks.run [--posts 1000 --posts 10000] [--wide 3000] [--peers hugo,pelican] [--runs 3] [--write]
"""

import argparse
import os
import platform
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.measure import MEGABYTE, Cost, Failed, measure
from benchmarks.table import Row, compare, put_between, read_tables, write_tables
from benchmarks.tools import KNOWN, Missing, Size, Tool, edit_text, edit_title, iopsgen, page_of

README = Path(__file__).with_name("README.md")
FIRST, AGAIN, TEXT, TITLE = "first", "nothing changed", "a text edited", "a title edited"
CASES = (FIRST, AGAIN, TEXT, TITLE)
SETTLE = 2.5  # seconds: no generator that goes by the stamps of files can trust a younger one


def prepare(case: str, tool: Tool, site: Path, post: int, words: str) -> None:
    """Brings a site into the state that a case starts from."""
    if case == FIRST:
        for name in tool.made:
            if (site / name).exists():
                put_away(site / name)
    elif case == TEXT:
        edit_text(site, post, words)
    elif case == TITLE:
        edit_title(site, post, words)


def put_away(folder: Path) -> None:
    """Moves a folder out of the way, to be deleted with everything else. To delete it now would slow down whoever builds next:

    ext4 does not use the places of files that were deleted in the last minutes, and looks long for others.
    """
    rest = folder.parent.parent / "rest"
    rest.mkdir(exist_ok=True)
    folder.rename(rest / f"{folder.parent.name}-{folder.name}-{time.monotonic_ns()}")


def run_site(size: Size, tools: Sequence[Tool], runs: int, folder: Path) -> list[Row]:
    """Every case with every tool, in turn, `runs` times; the newest post is the one that is edited."""
    label = f"{size.posts:,} posts, {size.events:,} events, {size.people:,} authors, {size.tags:,} tags"
    sites = {tool.name: folder / str(n) for n, tool in enumerate(tools)}
    for tool in tools:
        say(f"{label}: writing the content for {tool.name}")
        tool.write(sites[tool.name], size)
    costs: dict[tuple[str, str], list[Cost]] = {}
    for run in range(runs):
        time.sleep(SETTLE)
        for case in CASES:
            turn = run % len(tools)
            for tool in (*tools[turn:], *tools[:turn]):
                site, post, words = sites[tool.name], size.posts - 1, f"Words of {case} {run}"
                prepare(case, tool, site, post, words)
                cost = measure(tool.command(site))
                costs.setdefault((case, tool.name), []).append(cost)
                say(f"{label}: {run + 1} of {runs}, {case}, {tool.name}: {cost.wall:.3f} s")
                if case in (TEXT, TITLE) and words not in page_of(site, post).read_text():
                    raise Failed(f"{tool.name} did not show the edit of this run: {words}")
    rows = []
    for (case, name), found in costs.items():
        files = [path.stat().st_size for path in (sites[name] / "output").rglob("*") if path.is_file()]
        wall, processor, memory = (median(values) for values in zip(*found, strict=True))
        rows.append(Row(label, case, name, wall, processor, memory, len(files), sum(files) / MEGABYTE))
    for site in sites.values():
        put_away(site)
    return sorted(rows, key=lambda row: (CASES.index(row.case), list(sites).index(row.tool)))


def find_tools(peers: Sequence[str]) -> tuple[list[Tool], list[str]]:
    """iopsgen with both engines and the peers that are there, and a line for each that is not."""
    tools, lines = [iopsgen("markdown"), iopsgen("commonmark")], []
    for name in peers:
        try:
            tools.append(KNOWN[name]())
        except Missing as missing:
            lines.append(f"{name.capitalize()} is left out: {missing}")
    return tools, lines


def describe(tools: Sequence[Tool], load: float, command: str, runs: int) -> str:
    """The machine, the versions, the day and the command, as a list."""
    try:
        names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        names = []
    processor = names[0] if names else platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = "; ".join(dict.fromkeys(tool.version for tool in tools))
    return "\n".join(
        (
            f"- Command: `{command}`, on {datetime.now(UTC):%d %B %Y}; medians of {runs}",
            f"- Machine: {processor}, {os.cpu_count()} cores, {memory:.1f} GB, {platform.system()} {platform.release()}; load before the run {load:.1f}",
            f"- Versions: Python {platform.python_version()}; {versions}",
        )
    )


def say(words: str) -> None:
    """A line of progress."""
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Reads the command line, measures, and prints or writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, action="append", help="a site of so many posts and a fifth of it events; can be given again")
    parser.add_argument("--wide", type=int, default=3000, help="a site with as many tags as posts, for iopsgen alone; 0: none")
    parser.add_argument("--peers", default="hugo,pelican", help="whom to measure beside iopsgen, with commas between")
    parser.add_argument("--runs", type=int, default=3, help="how often each case is measured")
    parser.add_argument("--folder", help="where the sites are written (else the folder for temporary files)")
    parser.add_argument("--write", action="store_true", help="write the tables into benchmarks/README.md")
    given = parser.parse_args()
    posts, peers = given.posts or [1000, 10000], [name for name in given.peers.split(",") if name]
    if unknown := set(peers) - set(KNOWN):
        parser.error(f"there is no peer {', '.join(sorted(unknown))}; there are {', '.join(KNOWN)}")
    sizes = " ".join(f"--posts {count}" for count in posts)
    command = f"python -m benchmarks.run {sizes} --wide {given.wide} --peers {shlex.quote(given.peers)} --runs {given.runs}"
    load = os.getloadavg()[0]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=given.folder) as folder:
        try:
            tools, missing = find_tools(peers)
            for number, tool in enumerate(tools):  # what a first call compiles is not measured
                tool.write(Path(folder, f"first-{number}"), Size(20, 4))
                measure(tool.command(Path(folder, f"first-{number}")))
            for count in posts:
                rows += run_site(Size(count, count // 5), tools, given.runs, Path(folder))
            if given.wide:
                size = Size(given.wide, given.wide // 5, given.wide // 5, given.wide)
                rows += run_site(size, tools[:2], given.runs, Path(folder))
        except (Failed, Missing) as fault:
            sys.exit(str(fault))
    figures = "\n\n".join([describe(tools, load, command, given.runs), write_tables(rows)])
    written = README.read_text()
    print("\n".join([figures, "", compare(rows, read_tables(written)), *missing]))
    if given.write:
        README.write_text(put_between(written, figures))


if __name__ == "__main__":
    main()
