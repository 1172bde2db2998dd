"""`iopsgen comments`: the commands for comments."""

import click

from iopsgen.cli.lazy import LazyGroup


class _Comments(LazyGroup):
    table = {
        "report": ("iopsgen.cli.comments_report", "Say what became of every line of the inbox."),
        "list": ("iopsgen.cli.comments_list", "List comments, the newest first.", "list_comments"),
        "show": ("iopsgen.cli.comments_list", "Show comments in full, with what was decided."),
        "moderate": ("iopsgen.cli.comments_moderate", "Go through the comments that wait, and decide."),
        "approve": ("iopsgen.cli.comments_decide", "Show comments."),
        "reject": ("iopsgen.cli.comments_decide", "Do not show comments."),
        "spam": ("iopsgen.cli.comments_decide", "The same, for spam."),
        "hold": ("iopsgen.cli.comments_decide", "Let comments wait."),
        "erase": ("iopsgen.cli.comments_decide", "Take somebody's comments off the site for ever."),
        "edit": ("iopsgen.cli.comments_decide", "Show another text instead."),
        "redact-name": ("iopsgen.cli.comments_decide", "Show comments without name and website."),
        "move": ("iopsgen.cli.comments_decide", "Show a comment, with its answers, on another page."),
        "close-thread": ("iopsgen.cli.comments_decide", "Close the discussions of pages."),
        "trust-author": ("iopsgen.cli.comments_decide", "Show what an author writes without waiting."),
        "import": ("iopsgen.cli.comments_import", "Add the comments that another system kept to the inbox.", "import_comments"),
        "receive": ("iopsgen.cli.comments_receive", "Take in comments on this machine, to try it out."),
    }
    default = "report"


@click.group(cls=_Comments)
def comments() -> None:
    """Moderate comments, and see what became of each.

    Without a command: `report`. An id may be shortened as long as it is clear which comment is meant. Decisions are added to
    comments/decisions.jsonl; to the inbox only `import` and `receive` add. `iopsgen build` brings both to the site.
    """
