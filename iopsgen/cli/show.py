"""How problems and results are shown: on a terminal, as annotations of a CI, as JSON."""

import os
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import msgspec

from iopsgen.build import Result
from iopsgen.excerpt import Excerpts, clean
from iopsgen.problems import Problem

_COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


def use_colour(stream_is_terminal: bool) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR says no."""
    return stream_is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show_problems(problems: Iterable[Problem], site: Path, limit: int = 100) -> None:
    """Prints problems on standard error, each with its place, its line and a remedy; in CI as annotations too."""
    problems = list(problems)
    colour = use_colour(sys.stderr.isatty())
    excerpts = Excerpts(site)
    for problem in problems[:limit]:
        click.echo(_block(problem, excerpts), err=True, color=colour)
    if len(problems) > limit:
        click.echo(f"… and {len(problems) - limit} more. Mend these first.", err=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for problem in problems[:limit]:
            click.echo(_annotation(problem), err=True)
    elif os.environ.get("TF_BUILD"):
        for problem in problems[:limit]:
            click.echo(_azure_annotation(problem), err=True)


def _block(problem: Problem, excerpts: Excerpts) -> str:
    place = problem.place
    start = click.style(str(place), bold=True) + ": " if place and place.file else ""
    text = [f"{start}{click.style(problem.severity, fg=_COLOURS[problem.severity], bold=True)}: {clean(problem.message)}"]
    excerpt = excerpts.line(place)
    if place and excerpt:
        line, column = excerpt
        text.append(f"{place.line:>5} | {line}")
        if place.column:
            text.append(f"      | {' ' * column}{click.style('^', fg=_COLOURS[problem.severity], bold=True)}")
    text += [f"        {line}" for line in clean(problem.hint, keep_lines=True).split("\n") if line]
    return "\n".join(text)


def _annotation(problem: Problem) -> str:
    """A workflow command of GitHub Actions."""
    kind = {"error": "error", "warning": "warning", "hint": "notice"}[problem.severity]
    place = problem.place
    where = ",".join(
        part
        for part in (
            (f"file={_escaped(place.file, True)}", f"line={place.line}" if place.line else "", f"col={place.column}" if place.column else "")
            if place
            else ()
        )
        if part
    )
    return f"::{kind} {where}::{_escaped(problem.message + (' ' + problem.hint if problem.hint else ''), False)}"


def _azure_annotation(problem: Problem) -> str:
    kind = "error" if problem.severity == "error" else "warning"
    place = problem.place
    where = f"sourcepath={place.file};linenumber={place.line};columnnumber={place.column};" if place else ""
    return f"##vso[task.logissue type={kind};{where}]{clean(problem.message)} {clean(problem.hint)}"


def _escaped(text: str, property_: bool) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def show_result(result: Result, words: str = "Built") -> None:
    """Prints what a build did, and everything that it did not publish, on standard output."""
    errors = sum(p.severity == "error" for p in result.problems)
    warnings = sum(p.severity == "warning" for p in result.problems)
    if result.ok or result.written or result.unchanged:
        click.echo(f"{words} {count(result.outputs, 'file', 'files')} in {result.seconds:.2f} s{_done(result, words)}.")
    hidden = [
        count(number, one, many)
        for number, one, many in (
            (result.drafts, "draft", "drafts"),
            (result.scheduled, "scheduled text", "scheduled texts"),
            (result.expired, "expired text", "expired texts"),
            (result.comments.held, "held comment", "held comments"),
        )
        if number
    ]
    if hidden:
        click.echo(f"Not published now: {', '.join(hidden)}.")
    if result.ok and result.next_change:
        click.echo(f"The site changes by itself at {result.next_change.isoformat()}: build again then.")
    if warnings or errors:
        parts = [count(n, one, many) for n, one, many in ((errors, "error", "errors"), (warnings, "warning", "warnings")) if n]
        click.echo(f"{' and '.join(parts)}." + (" Nothing was written." if errors and words == "Built" and not (result.written or result.unchanged or result.removed) else ""))


def _done(result: Result, words: str) -> str:
    """What became, or would become, of the files."""
    if words == "Checked":
        return "; nothing was written"
    written, removed = ("written", "removed") if words == "Built" else ("to write", "to remove")
    return f": {result.written:,} {written}, {result.unchanged:,} unchanged" + (f", {result.removed:,} {removed}" if result.removed else "")


def problem_values(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Problems as JSON has them."""
    return [
        {
            "severity": p.severity,
            "message": p.message,
            "hint": p.hint,
            "file": p.place.file if p.place else None,
            "line": p.place.line or None if p.place else None,
            "column": p.place.column or None if p.place else None,
        }
        for p in problems
    ]


def result_json(result: Result, more: Mapping[str, object] | None = None) -> bytes:
    """The result as the one JSON object of `--json`, with `more` at its end."""
    value = {
        "ok": result.ok,
        "written": result.written,
        "unchanged": result.unchanged,
        "removed": result.removed,
        "outputs": result.outputs,
        "seconds": result.seconds,
        "now": result.now.isoformat(),
        "next_change": result.next_change.isoformat() if result.next_change else None,
        "scheduled": result.scheduled,
        "drafts": result.drafts,
        "expired": result.expired,
        "comments": msgspec.structs.asdict(result.comments),
        "calendars": [msgspec.structs.asdict(partner) for partner in result.calendars],
        "problems": problem_values(result.problems),
        **(more or {}),
    }
    return msgspec.json.encode(value)


def show_fault(fault: Exception) -> None:
    """Says that iopsgen itself failed, with what is needed to report it."""
    click.echo(f"iopsgen itself failed: {type(fault).__name__}: {fault}", err=True)
    click.echo("Your content is not to blame, and the output folder is as it was. Please report this:", err=True)
    for line in traceback.format_exception(fault)[-6:]:
        click.echo("  " + line.rstrip(), err=True)
