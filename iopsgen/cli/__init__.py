"""The command line: words in, one call, an exit code out. Each command is imported only when it is called."""

import sys

import click

from iopsgen import __version__
from iopsgen.cli.lazy import LazyGroup

# Command → (module, one line for the list of commands). Kept here so that `--help` imports nothing else.
COMMANDS: dict[str, tuple[str, str] | tuple[str, str, str]] = {
    "init": ("iopsgen.cli.start", "Start a site in a folder."),
    "new": ("iopsgen.cli.start", "Write a new post, event, chapter or page."),
    "build": ("iopsgen.cli.make", "Build the site into its output folder."),
    "serve": ("iopsgen.cli.preview", "Preview the site in a browser, with live reload."),
    "check": ("iopsgen.cli.checking", "Find everything that is wrong, without writing the site."),
    "comments": ("iopsgen.cli.discussion", "Moderate comments, and see what became of each."),
    "import": ("iopsgen.cli.bringing", "Bring in the events of calendar files.", "bringing"),
    "schema": ("iopsgen.cli.tools", "Print the JSON Schema of a kind of file."),
    "clean": ("iopsgen.cli.tools", "Remove the cache; the next build makes everything anew."),
    "completion": ("iopsgen.cli.tools", "Print the script for completion in your shell."),
    "version": ("iopsgen.cli.tools", "Print the version."),
}


class _Iopsgen(LazyGroup):
    table = COMMANDS


@click.group(cls=_Iopsgen, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=False)
@click.version_option(__version__, message="iopsgen %(version)s")
def iopsgen() -> None:
    """Sites for organisations made of chapters: pages, feeds and calendars from Markdown files.

    Exit codes: 0 fine, 1 problems in the content, 2 wrong usage or settings, 3 a fault of iopsgen itself.
    """


def main() -> None:
    """The `iopsgen` command."""
    try:
        code = iopsgen.main(prog_name="iopsgen", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except Exception as fault:  # a fault of our own: say so, with what is needed to report it
        from iopsgen.cli.show import show_fault

        show_fault(fault)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)
