"""What every command that works on a site shares: where the site is, and settings given on the command line."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from iopsgen.settings import FILE


def find_site(folder: str | None) -> Path:
    """The folder of the site: as given, else the nearest one upwards with an `iopsgen.yml`. UsageError where there is none."""
    if folder is not None:
        site = Path(folder).resolve()
        if not (site / FILE).is_file():
            raise click.UsageError(f"There is no {FILE} in {folder}. `iopsgen init {folder}` starts a site there.")
        return site
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (candidate / FILE).is_file():
            return candidate
    raise click.UsageError(f"There is no {FILE} in this folder or above it. `iopsgen init` starts a site here.")


def read_overrides(pairs: tuple[str, ...]) -> dict[str, str]:
    """Settings from the environment (IOPSGEN_SITE_URL) and from `--set key=value`, which wins."""
    found = {f"site.{name.lower()}": value for name in ("URL", "TITLE") if (value := os.environ.get(f"IOPSGEN_SITE_{name}"))}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f'--set takes KEY=VALUE, for example --set site.url=https://example.org/, not "{pair}".')
        found[key.strip()] = value
    return found


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --site and --set."""
    command = click.option(
        "--set", "pairs", multiple=True, metavar="KEY=VALUE", help="Set one setting for this run, e.g. site.url=https://example.org/."
    )(command)
    return click.option("--site", metavar="DIR", help="Folder of the site; else the nearest one upwards with an iopsgen.yml.")(command)
