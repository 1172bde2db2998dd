"""`iopsgen build`, and what `iopsgen check` shares with it: reading options, running a build, showing what it came to."""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from iopsgen.build import Options, Progress, Result, now_from
from iopsgen.build import build as build_site
from iopsgen.cli.show import result_json, show_problems, show_result
from iopsgen.cli.site import find_site, read_overrides, site_options


def read_options(now: str | None, **values: Any) -> Options:
    """The options of a build; a --now that is no moment is a UsageError."""
    moment = now_from(now, os.environ)
    if moment is None:
        raise click.UsageError("--now (or SOURCE_DATE_EPOCH) is not a moment. Write for example --now 2026-11-22T18:00:00+00:00.")
    return Options(now=moment, **values)


def _progress(quiet: bool) -> Progress | None:
    """A line on the terminal that counts; nothing where standard error is not a terminal."""
    if quiet or not sys.stderr.isatty():
        return None

    def say(words: str, done: int, total: int) -> None:
        filled = 24 * done // total if total else 0
        bar = f" [{'#' * filled}{'.' * (24 - filled)}] {done:,} of {total:,}" if total > 200 else ""
        click.echo(f"\r\x1b[K{words} …{bar}", nl=False, err=True)

    return say


def run(site: Path, options: Options, quiet: bool) -> Result:
    """One build in a process that ends with it: looking for circles of garbage would take a third of its time and find none."""
    gc.disable()
    return build_site(site, options, _progress(quiet))


def finish(result: Result, site: Path, as_json: bool, words: str, more: Mapping[str, object] | None = None) -> None:
    """Shows what a build came to and ends with its exit code; `more` stands in the JSON object, too."""
    if sys.stderr.isatty() and not as_json:
        click.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        click.echo(result_json(result, more))
    else:
        show_problems(result.problems, site)
        show_result(result, words)
    if not result.ok:
        sys.exit(2 if result.usage else 1)


@click.command()
@site_options
@click.option("--drafts", is_flag=True, help="Publish drafts and scheduled texts too.")
@click.option("--now", metavar="ISO", help="Build as at this moment (else SOURCE_DATE_EPOCH, else the clock).")
@click.option("--keep-going", is_flag=True, help="Publish what is sound and leave out what is broken.")
@click.option("--clean", is_flag=True, help="Make everything anew, without the cache.")
@click.option(
    "--explain", is_flag=False, flag_value="", default=None, metavar="[PATH]", help="Say why each output is made; with a path, of that one."
)
@click.option("--dry-run", is_flag=True, help="Say what would be written and removed, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def build(
    site: str | None,
    pairs: tuple[str, ...],
    drafts: bool,
    now: str | None,
    keep_going: bool,
    clean: bool,
    explain: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Build the site into its output folder.

    Only what changed is made. An error stops the build before anything is written: the last good site stays whole.
    """
    folder = find_site(site)
    options = read_options(now, drafts=drafts, keep_going=keep_going, clean=clean, dry_run=dry_run, overrides=read_overrides(pairs))
    result = run(folder, options, as_json)
    if not as_json and (explain is not None or dry_run):
        wanted = (explain or "").strip("/").removesuffix("index.html").strip("/")
        for change in result.changes:
            if not wanted or change.path.removesuffix("index.html").strip("/") == wanted:
                click.echo(f"{change.action:6} {change.path}: {change.why}")
        if wanted and not any(c.path.removesuffix("index.html").strip("/") == wanted for c in result.changes):
            click.echo(f"keep   {explain}: nothing that it shows changed, or the site has no such output.")
    finish(result, folder, as_json, "Would build" if dry_run else "Built")
