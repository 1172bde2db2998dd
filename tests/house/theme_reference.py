"""Writes docs/theme-views.md, the list of all views and fields for theme authors, from iopsgen/views.py: `python -m tests.house.theme_reference`."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "iopsgen" / "views.py"
TARGET = ROOT / "docs" / "theme-views.md"

HEAD = """# Views: everything a template can show

This page is made from `iopsgen/views.py` by `python -m tests.house.theme_reference`; change it there. How templates are written
stands in [themes.md](themes.md).

A template gets `page`, one of the [pages](#pages) below, and `site`, a [Frame](#frame). Every `url` is ready for `href`; a field
named `address` is a full address. A field that may be nothing is marked so: put `{% if … %}` around it.
"""
SECTIONS = {"parts": "Parts", "pages": "Pages", "feeds and calendars": "Calendars"}  # of the last only what pages hold
WORDS = {
    "str": "text", "int": "number", "float": "number", "bool": "yes or no", "datetime": "moment", "Day": "day",
    "dict[str, object]": "keys and values", "dict[str, str]": "keys and texts",
}  # fmt: skip


def make_reference(source: str) -> str:
    """The page, from the text of views.py: a heading and a table for each view."""
    lines = source.split("\n")
    views = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    known = {view.name for view in views}
    sections = {view.name: _section(view, lines) for view in views}
    shown = {name for name, here in sections.items() if here in ("parts", "pages")}
    for view in [*views, *views]:  # twice: what is named may itself name more
        if view.name in shown:
            shown |= {
                word for field in view.body if isinstance(field, ast.AnnAssign) for word in re.findall(r"\w+", ast.unparse(field.annotation))
            } & known
    text, section = [HEAD], ""
    for view in views:
        here = sections[view.name]
        if view.name not in shown:
            continue
        if here != section:
            text.append(f"## {SECTIONS[here]}\n")
            section = here
        text.append(_table(view, lines, known))
    return "\n".join(text)


def _section(view: ast.ClassDef, lines: list[str]) -> str:
    """The heading that stands above a view, in lower case."""
    return next((w[1] for n in range(view.lineno - 1, -1, -1) if (w := re.match(r"# --- ([\w ]+?) -+$", lines[n]))), "")


def _table(view: ast.ClassDef, lines: list[str], known: set[str]) -> str:
    words = " ".join((ast.get_docstring(view) or "").split())
    rows = ["| field | holds | |", "|---|---|---|"]
    for field in view.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            comment = lines[field.lineno - 1].partition("  # ")[2]
            rows.append(f"| `{field.target.id}` | {_words(field.annotation, known)} | {comment.replace('|', chr(92) + '|')} |")
    return "\n".join([f"### {view.name}\n", words, "", *rows, ""])


def _words(kind: ast.expr, known: set[str]) -> str:
    """A type in words; views are links."""
    if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
        return _words(ast.parse(kind.value, mode="eval").body, known)
    text = ast.unparse(kind)
    if text in WORDS:
        return WORDS[text]
    if text in known:
        return f"[{text}](#{text.lower()})"
    if isinstance(kind, ast.BinOp):  # A | B | None
        parts = [part for part in _alternatives(kind) if ast.unparse(part) != "None"]
        said = " or ".join(_words(part, known) for part in parts)
        return f"{said}, or nothing" if "None" in text else said
    if isinstance(kind, ast.Subscript) and isinstance(kind.slice, ast.Tuple):
        if ast.unparse(kind.value) == "Literal":
            return " or ".join(f"`{ast.literal_eval(word)}`" for word in kind.slice.elts)
        if ast.unparse(kind.value) == "tuple":
            return f"list of {_words(kind.slice.elts[0], known)}"
    raise ValueError(f"no words for the type {text}: add some to WORDS")


def _alternatives(kind: ast.expr) -> list[ast.expr]:
    return [*_alternatives(kind.left), kind.right] if isinstance(kind, ast.BinOp) else [kind]


if __name__ == "__main__":
    TARGET.write_text(make_reference(SOURCE.read_text("utf-8")), "utf-8")
