"""What the preview adds to a page: the script that loads it again, and what is wrong with the site, as HTML."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from iopsgen.excerpt import Excerpts, clean
from iopsgen.problems import Problem
from iopsgen.write import digest_of

PLACE = "/.iopsgen/"  # no page of a site has an address here: names with a dot in front are never published
EVENTS, FRAGMENT = PLACE + "events", PLACE + "problems.html"
LIMIT = 100  # problems that are shown

_FILES = {PLACE + "live.js": "text/javascript; charset=utf-8", PLACE + "live.css": "text/css; charset=utf-8"}
_STYLE = f'<link rel="stylesheet" href="{PLACE}live.css">'
_END = re.compile(rb"</body\s*>", re.IGNORECASE)


@cache
def own_file(path: str) -> tuple[bytes, str] | None:
    """Bytes and type of a file of the preview itself, None where there is none."""
    kind = _FILES.get(path)
    return ((Path(__file__).parent / path.removeprefix(PLACE)).read_bytes(), kind) if kind else None


class Notice:
    """What is wrong with the site, ready for a page: `html` is empty where nothing is; `mark` changes with it."""

    def __init__(self, problems: Sequence[Problem] = (), site: Path | None = None, words: str = "") -> None:
        """`words` say what the page shows meanwhile."""
        self.problems = tuple(problems)
        self.mark, self.html = "", ""
        if self.problems:
            inner = _inner(self.problems, Excerpts(site or Path()), words)
            self.mark = digest_of(inner.encode("utf-8", "replace"))[:16]
            kind = self.problems[0].severity
            self.html = (
                f'<section id="iopsgen-problems" class="{kind}" data-mark="{self.mark}" role="alert" aria-label="What is wrong with the site">'
                f"{_STYLE}{inner}</section>"
            )


def _inner(problems: tuple[Problem, ...], excerpts: Excerpts, words: str) -> str:
    counts = Counter(p.severity for p in problems)
    said = ", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in ("error", "warning", "hint") if counts[kind])
    rows = [_row(problem, excerpts) for problem in problems[:LIMIT]]
    if len(problems) > LIMIT:
        rows.append(f"<li><p>… and {len(problems) - LIMIT} more. Mend these first.</p></li>")
    opened = " open" if counts["error"] else ""
    return f"<details{opened}><summary>{said}. {escape(words)}</summary><ol>{''.join(rows)}</ol></details>"


def _row(problem: Problem, excerpts: Excerpts) -> str:
    """One problem as the terminal shows it: place, message, the line with a caret, and the remedy."""
    place = problem.place
    where = f"<b>{_text(str(place))}</b>: " if place and place.file else ""
    parts = [f"<p>{where}<strong>{problem.severity}</strong>: {_text(problem.message)}</p>"]
    excerpt = excerpts.line(place)
    if place and excerpt:
        line, column = excerpt
        caret = f"\n      | {' ' * column}^" if place.column else ""
        parts.append(f'<pre tabindex="0">{place.line:>5} | {_text(line)}{caret}</pre>')
    if problem.hint:
        parts.append(f'<p class="remedy">{_text(problem.hint, keep_lines=True)}</p>')
    return f'<li class="{problem.severity}">{"".join(parts)}</li>'


def _text(text: str, keep_lines: bool = False) -> str:
    return escape(clean(text, keep_lines))


def with_live(page: bytes, mark: str, notice: Notice) -> bytes:
    """A page of the site with what is wrong and the script, before its last `</body>`. `mark` names what the page shows."""
    added = f'{notice.html}<script src="{PLACE}live.js" data-mark="{escape(mark)}" defer></script>'.encode("utf-8", "replace")
    ends = [match.start() for match in _END.finditer(page)]
    at = ends[-1] if ends else len(page)
    return page[:at] + added + page[at:]


def empty_page(message: str) -> bytes:
    """A page for when the site has none to show."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(message)}</title>{_STYLE}</head><body class=\"iopsgen-nothing\"><main><h1>{escape(message)}</h1></main></body></html>\n"
    ).encode()
