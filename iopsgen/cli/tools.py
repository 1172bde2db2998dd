"""Small commands: schema, clean, completion, version."""

import os
import shutil

import click
import msgspec

from iopsgen import __version__


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"iopsgen {__version__}")


@click.command()
@click.argument("kind", type=click.Choice(["post", "event", "chapter", "page", "person", "venue", "settings"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors and forms."""
    from iopsgen.read.frontmatter import PERSON, RECORDS, VENUE
    from iopsgen.settings import SETTINGS

    records = {"person": PERSON, "venue": VENUE, "settings": SETTINGS, **{f"{name[:-1]}": record for name, record in RECORDS.items()}}
    value = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"iopsgen: {kind}", **records[kind].schema()}
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@click.command()
@click.option("--site", metavar="DIR", help="Folder of the site; else the nearest one upwards with an iopsgen.yml.")
def clean(site: str | None) -> None:
    """Remove what was kept from earlier builds (.iopsgen/cache.sqlite and .iopsgen/pictures/); the output folder stays as it is."""
    from iopsgen.cli.site import find_site
    from iopsgen.pictures.darkroom import Darkroom

    folder = find_site(site) / ".iopsgen"
    Darkroom(folder.parent).clear()
    for name in ("cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"):
        path = folder / name
        if path.is_file():
            path.unlink()
    click.echo("The cache is empty. The next build reads everything anew.")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), required=False)
def completion(shell: str | None) -> None:
    """Print the script that completes commands and options in your shell.

    For bash: iopsgen completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from iopsgen.cli import iopsgen

    name = shell or os.path.basename(os.environ.get("SHELL", "bash"))
    kind = get_completion_class(name)
    if kind is None:
        raise click.UsageError(f'"{name}" is not known. Name bash, zsh or fish.')
    if name == "bash" and shutil.which("bash") is None:
        raise click.UsageError("bash is not installed here.")
    click.echo(kind(iopsgen, {}, "iopsgen", "_IOPSGEN_COMPLETE").source())
