"""`iopsgen init` and `iopsgen new`."""

import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import click

from iopsgen import __version__
from iopsgen.cli.site import find_site
from iopsgen.fields import Language, Report, WebAddress, Zone
from iopsgen.problems import did_you_mean
from iopsgen.scaffold import Kind, NewFile, new_file, starter_site
from iopsgen.workflows import publishing_files
from iopsgen.yamltext import Scalar


def _check(field: Language | WebAddress | Zone, value: str, option: str) -> str:
    """The value as the settings would read it; UsageError with the same remedy where they would not."""
    report = Report("")
    read: str | None = field.read(Scalar(value, 1, 1), report)
    if read is None:
        problem = report.problems[0]
        raise click.UsageError(f"{option}: {problem.message} {problem.hint}")
    return read


def _write(folder: Path, file: NewFile) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(file.text)


def _local_zone() -> str:
    """The zone of this machine as a first guess, UTC where it cannot be told."""
    name = os.environ.get("TZ", "")
    if not name:
        target = os.path.realpath("/etc/localtime")
        name = target.partition("zoneinfo/")[2]
    return name if "/" in name and Zone().read(Scalar(name, 1, 1), Report("")) else "UTC"


def _today() -> date:
    """The day on the clock of whoever asks."""
    return datetime.now().astimezone().date()


@click.command()
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--title", help="Name of the group.")
@click.option("--url", help="Address that the site will have.")
@click.option("--language", help="Main language, e.g. en.")
@click.option("--timezone", help="Main time zone, e.g. Europe/London.")
def init(folder: str, title: str | None, url: str | None, language: str | None, timezone: str | None) -> None:
    """Start a site in a folder: settings, a welcome post, an event, a chapter, two pages, and a workflow that publishes it.

    What is not given by options is asked, or, where nobody can answer, filled in with plain defaults.
    """
    target = Path(folder)
    if (target / "iopsgen.yml").exists():
        raise click.UsageError(f"There is a site in {folder} already. `iopsgen new` adds to it.")
    asks = sys.stdin.isatty()

    def answer(given: str | None, question: str, default: str, option: str = "", field: Language | WebAddress | Zone | None = None) -> str:
        """What was given, else what is answered: a wrong answer is explained and asked again, a wrong option is refused."""
        check = (lambda value: _check(field, value, option)) if field else str
        return check(given) if given is not None else str(click.prompt(question, default=default, value_proc=check)) if asks else default

    name = target.resolve().name
    title = answer(title, "Name of the group", name.replace("-", " ").replace("_", " ").title() or "My group")
    url = answer(url, "Address of the site", "https://example.org/", "--url", WebAddress())
    language = answer(language, "Language", "en", "--language", Language())
    zone = answer(timezone, "Time zone", _local_zone(), "--timezone", Zone())
    written: list[str] = []
    for file in (*starter_site(title, url, language, zone, _today()), *publishing_files(url, __version__)):
        try:
            _write(target, file)
            written.append(file.path)
        except FileExistsError:
            continue
        except OSError as fault:
            raise click.UsageError(f"{file.path} cannot be written: {fault.strerror}.") from None
    click.echo(f"A new site stands in {target.resolve()}:")
    for path in written:
        click.echo(f"  {path}")
    here = "" if target.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"\nLook at it:  {here}iopsgen serve\nBuild it:    {here}iopsgen build")


@click.command()
@click.argument("kind", metavar="post|event|chapter|page")
@click.argument("title", nargs=-1, required=True)
@click.option("--site", metavar="DIR", help="Folder of the site; else the nearest one upwards with an iopsgen.yml.")
@click.option("--chapter", default="", help="Chapter it belongs to; for a chapter, its branch.")
@click.option("--author", default="", help="Author of a post.")
def new(kind: str, title: tuple[str, ...], site: str | None, chapter: str, author: str) -> None:
    """Write a new post, event, chapter or page, ready to be filled in."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    if kind not in kinds:
        raise click.UsageError(f'"{kind}" cannot be made. {did_you_mean(kind, kinds)} Possible: {", ".join(kinds)}.')
    folder = find_site(site)
    if chapter:
        known = {p.parent.name if p.stem == "index" else p.name.partition(".")[0] for p in (folder / "content" / "chapters").rglob("*.md")}
        if chapter not in known:
            raise click.UsageError(f'There is no chapter "{chapter}". {did_you_mean(chapter, known)} `iopsgen new chapter` makes one.')
    file = new_file(kind, " ".join(title), today=_today(), chapter=chapter, author=author)
    try:
        _write(folder, file)
    except FileExistsError:
        raise click.UsageError(f"{file.path} exists already. Choose another title, or edit that file.") from None
    except OSError as fault:
        raise click.UsageError(f"{file.path} cannot be written: {fault.strerror}.") from None
    click.echo(os.path.relpath(folder / file.path))
