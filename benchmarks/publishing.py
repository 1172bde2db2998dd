"""How long publishing takes: a first build, builds with nothing and with one file changed, and what looking and flushing cost.

    python benchmarks/publishing.py [posts] [folder]

Two files a post (9 kB and 1 kB), as a page and its calendar file. Prints milliseconds; the best of three for what can be repeated.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from iopsgen.write import lock, open_output, system
from iopsgen.write.look import Care


def main() -> None:
    """Measure with the given number of posts (12,500 unless told) in a new folder below the given one."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 12_500
    site = Path(tempfile.mkdtemp(prefix="publishing-", dir=sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        measure(site, posts)
    finally:
        shutil.rmtree(site)


def measure(site: Path, posts: int) -> None:
    """Build a site of `posts` posts and print what each step takes."""
    files = {f"posts/2026-{n:05d}-a-middling-slug/{name}": size for n in range(posts) for name, size in (("index.html", 9000), ("index.ics", 1000))}

    def publish(edited: dict[str, int], care: Care) -> float:
        start = time.perf_counter()
        with lock(site) as held:
            output = open_output(held, site / "output", care=care)
            planned = {path: str(edited.get(path, 0)).zfill(40) for path in files}
            output.publish(planned, ((path, content(path, edited.get(path, 0))) for path in output.outdated(planned)))
        return time.perf_counter() - start

    def content(path: str, edition: int) -> bytes:
        return f"{path} {edition} ".encode() * (files[path] // 48)

    def prepare() -> None:
        with lock(site) as held:
            open_output(held, site / "output", care="top").prepare()

    def look(care: Care) -> None:
        with lock(site) as held:
            open_output(held, site / "output", care=care)

    tell(f"first build of {len(files)} files", publish({}, "files"))
    tell("  of which, flushing nothing", best(lambda: flush(site)))
    tell("making the twin", timed(prepare))
    for care in ("top", "folders", "files"):
        tell(f"opening, care={care}", best(lambda care=care: look(care)))
    for care in ("top", "folders", "files"):
        tell(f"nothing changed, care={care}", min(publish({}, care) for _ in range(3)))
    edition = 0
    for count in (1, 20, 1000):
        for care in ("folders", "files"):
            times = []
            for _ in range(3):
                edition += 1
                times.append(publish(dict.fromkeys(list(files)[:: len(files) // count][:count], edition), care))
            tell(f"{count} changed, care={care}", min(times))
    shutil.rmtree(site / ".iopsgen")
    tell("nothing changed, all records lost", publish(dict.fromkeys(list(files)[:: len(files) // 1000][:1000], edition), "files"))


def flush(site: Path) -> None:
    """One flush of the file system when there is little to do."""
    import os

    descriptor = os.open(site, os.O_RDONLY)
    system.flush(descriptor)
    os.close(descriptor)


def timed(step: Callable[[], object]) -> float:
    """Seconds that a step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def best(step: Callable[[], object]) -> float:
    """The best of three."""
    return min(timed(step) for _ in range(3))


def tell(what: str, seconds: float) -> None:
    """One line."""
    print(f"{seconds * 1000:9.1f} ms  {what}")


if __name__ == "__main__":
    main()
