"""`python -m tests.golden` shows how the output of the small sites changed; with `--accept` the change becomes what is expected."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.golden.shelf import SITES, accept, difference, expected, made


@click.command()
@click.option("--accept", "accepted", is_flag=True, help="Make what is shown the expected output.")
def golden(accepted: bool) -> None:
    """Shows every change of the output of the small sites; exit code 1 where there is one that is not accepted."""
    changed = False
    with TemporaryDirectory() as folder:
        for name in SITES:
            text = made(name, Path(folder))
            if text == expected(name):
                continue
            changed = True
            click.echo(difference(name, text))
            if accepted:
                accept(name, text)
    click.echo("Nothing changed." if not changed else "Accepted." if accepted else "To accept: python -m tests.golden --accept")
    sys.exit(changed and not accepted)


golden()
