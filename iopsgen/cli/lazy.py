"""A group that knows the names of its commands, and imports one only when it is called: `--help` stays quick."""

from collections.abc import Mapping
from importlib import import_module

import click

# Name of a command → its module, one line for the list of commands, and its name there if that is another one.
Commands = Mapping[str, tuple[str, str] | tuple[str, str, str]]


class LazyGroup(click.Group):
    """A group of commands. `default` is the one that is meant where none is named."""

    table: Commands = {}
    default = ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in self.table:
            return None
        module, _, *own = self.table[cmd_name]
        command: click.Command = getattr(import_module(module), own[0] if own else cmd_name.replace("-", "_"))
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The name of the command comes first, wherever it stands: options of a command may stand before its name, too."""
        if self.default and not (args and args[0] in ("--help", "-h")):
            at = self._find_name(args)
            args = [self.default, *args] if at is None else [args[at], *args[:at], *args[at + 1 :]]
        return super().parse_args(ctx, args)

    def _find_name(self, args: list[str]) -> int | None:
        skip = False
        for at, arg in enumerate(args):
            if skip or arg.startswith("-"):
                skip = not skip and arg in ("--site", "--set")
            else:
                return at
        return None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called, or a refusal that names the nearest one."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            from iopsgen.problems import did_you_mean  # late, like all that a call of --help does not need

            path = ctx.command_path
            hint = did_you_mean(args[0], self.table) or f"`{path} --help` lists the commands."
            raise click.UsageError(f'There is no command "{args[0]}". {hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[1]) for name, entry in self.table.items()])
