"""`iopsgen import`: the commands that bring in what stands elsewhere already."""

import click

from iopsgen.cli.lazy import LazyGroup


class _Import(LazyGroup):
    table = {
        "ics": ("iopsgen.cli.import_ics", "Make event files of the events in calendar files, or bring them up to date."),
    }


@click.group("import", cls=_Import)
def bringing() -> None:
    """Bring in what stands elsewhere already, as files that volunteers go on with."""
