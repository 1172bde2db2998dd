"""Measures builds of a site with many photographs: the first one, one with nothing changed, and one after a text was edited.

    python -m benchmarks.pictures FOLDER [--pictures 200] [--megapixels 12]
"""

import argparse
import multiprocessing
import random
import sys
from pathlib import Path

from PIL import Image

from benchmarks.measure import Cost, measure

A_POST = 10  # photographs in a post


def photograph(seed: int, width: int, height: int) -> Image.Image:
    """Soft colours with some grain, about as hard to encode as what a telephone takes."""
    rng = random.Random(seed)
    soft = Image.frombytes("RGB", (100, 75), rng.randbytes(100 * 75 * 3)).resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (1000, 750), rng.randbytes(750_000)).resize((width, height))
    return Image.blend(soft, Image.merge("RGB", (grain, grain, grain)), 0.08)


def generate(site: Path, pictures: int, megapixels: float) -> None:
    """Writes a site whose posts show ten photographs each; every fourth was taken with the camera on its side, and all know where."""
    width, height = round((megapixels * 4e6 / 3) ** 0.5), round((megapixels * 3e6 / 4) ** 0.5)
    for number in range(pictures):
        folder = site / "content" / "posts" / f"walk-{number // A_POST}"
        folder.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[0x0112] = 6 if number % 4 == 3 else 1
        exif.get_ifd(0x8825)[1] = "N"
        photograph(number, width, height).save(folder / f"{number}.jpg", quality=93, exif=exif)
    for folder in sorted((site / "content" / "posts").iterdir()):
        shown = "\n".join(f"![A walk]({path.name})" for path in sorted(folder.glob("*.jpg")))
        (folder / "index.md").write_text(f"---\ntitle: {folder.name}\ndate: 2026-01-01\n---\nWe walked.\n\n{shown}\n", "utf-8")
    (site / "iopsgen.yml").write_text("site: {title: Walks, url: https://example.org/}\n", "utf-8")


def build(site: Path) -> Cost:
    """What one build costs."""
    return measure([sys.executable, "-m", "iopsgen", "build", "--site", str(site), "--now", "2026-11-22"])


def main() -> None:
    """Writes the site into a new folder, builds it three times, and prints what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder that is not there yet")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--megapixels", type=float, default=12)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True)
    writer = multiprocessing.Process(target=generate, args=(asked.folder, asked.pictures, asked.megapixels))  # its memory is not to be counted
    writer.start()
    writer.join()
    for name in ("first", "unchanged", "a text edited"):
        if name == "a text edited":
            page = next(iter(sorted(asked.folder.glob("content/posts/*/index.md"))))
            page.write_text(page.read_text("utf-8").replace("We walked", "We walked on"), "utf-8")
        cost = build(asked.folder)
        print(f"{name:14} {cost.wall:7.2f} s, {cost.processor:7.2f} s of processors, {cost.memory:5.0f} MB")


if __name__ == "__main__":
    main()
