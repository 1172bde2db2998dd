"""`iopsgen serve`."""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from iopsgen.build import Options, now_from
from iopsgen.cli.show import count, show_problems
from iopsgen.cli.site import find_site, read_overrides, site_options
from iopsgen.problems import Problem
from iopsgen.serve import Found, NoPort, Preview, Rebuilt


class _Teller:
    """Says on the terminal what the preview does: a line for each rebuild, and what is wrong when that is news."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._said: tuple[Problem, ...] = ()
        self._lock = threading.Lock()

    def say(self, news: Rebuilt | Found) -> None:
        """Prints one piece of news; for any thread."""
        with self._lock:
            if isinstance(news, Found):
                fresh = tuple(p for p in news.problems if p not in self._said)
                self._said += fresh
                show_problems(fresh, self._site)
                return
            click.echo("\r\x1b[K" if news.first and sys.stderr.isatty() else "", nl=False, err=True)
            click.echo(f"{time.strftime('%H:%M:%S')}  {_what(news)}: {_outcome(news)} ({news.seconds * 1000:,.0f} ms)")
            if news.problems != self._said:
                self._said = news.problems
                show_problems(news.problems, self._site)


def _what(news: Rebuilt) -> str:
    if news.first:
        return "Read the site"
    if not news.changed:
        return "The time has come for a change"
    names = ", ".join(news.changed[:3]) + (f" and {len(news.changed) - 3:,} more" if len(news.changed) > 3 else "")
    return f"{names} changed"


def _outcome(news: Rebuilt) -> str:
    errors = sum(p.severity == "error" for p in news.problems)
    warnings = sum(p.severity == "warning" for p in news.problems)
    found = [count(n, one, many) for n, one, many in ((errors, "error", "errors"), (warnings, "warning", "warnings")) if n]
    return " and ".join(found) if found else f"{count(news.outputs, 'file', 'files')}, all is well"


@click.command()
@site_options
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to answer at; the next free one where it is taken.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address or name to answer at. 0.0.0.0 lets other machines look, too.")
@click.option("--drafts", is_flag=True, help="Show drafts and scheduled texts too.")
@click.option("--now", metavar="ISO", help="Show the site as at this moment (else SOURCE_DATE_EPOCH, else the clock).")
def serve(site: str | None, pairs: tuple[str, ...], port: int, host: str, drafts: bool, now: str | None) -> None:
    """Preview the site in a browser, with live reload.

    The pages are made in memory; the output folder is not touched. Open pages load again when what they show changes, and what is wrong
    stands over the last good page until it is mended. Ctrl-C ends it.
    """
    folder = find_site(site)
    moment = now_from(now, os.environ)
    if moment is None:
        raise click.UsageError("--now (or SOURCE_DATE_EPOCH) is not a moment. Write for example --now 2026-11-22T18:00:00+00:00.")
    fixed = now is not None or bool(os.environ.get("SOURCE_DATE_EPOCH"))
    options = Options(now=moment, drafts=drafts, overrides=read_overrides(pairs))
    try:
        preview = Preview(folder, options, None if fixed else lambda: datetime.now(UTC).replace(microsecond=0), _Teller(folder).say, host, port)
    except NoPort as fault:
        raise click.UsageError(f"{fault} Name another with --host or --port.") from None
    _run(preview)


def _run(preview: Preview) -> None:
    """Shows the site until Ctrl-C, or until the system asks for an end."""
    end = threading.Event()
    try:
        click.echo("Reading the site …" if sys.stderr.isatty() else "", nl=False, err=True)
        preview.start()
        signal.signal(signal.SIGTERM, lambda number, frame: end.set())  # not before: the processes of the first reading would inherit it
        signal.signal(signal.SIGINT, lambda number, frame: end.set())  # a shell's background job starts with it ignored
        if preview.asked and preview.port != preview.asked:
            click.echo(f"Port {preview.asked} is taken by another program (`{_who(preview.asked)}` says which); this preview answers at {preview.port}.")
        click.echo(f"Look at it:  {preview.address}\nCtrl-C ends it.")
        while not end.wait(1.0):
            pass
    except KeyboardInterrupt:
        pass
    finally:
        preview.close()
    click.echo("The preview has ended.")


def _who(port: int) -> str:
    """The command that says which program holds a port of this machine."""
    return f"netstat -ano | findstr :{port}" if sys.platform == "win32" else f"lsof -i :{port}"
