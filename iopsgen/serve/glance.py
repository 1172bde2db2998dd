"""A first look at a change, before the whole site is read again: the text of a page that somebody has open, and templates.

What a glance shows is what the site will show, or nearly: reading, assembling and planning it all again follows at once and has the last
word. A glance never says what is wrong.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from iopsgen.markdown import Options, render
from iopsgen.model import Item, Text
from iopsgen.outputs.edition import minutes
from iopsgen.outputs.make import Workshop
from iopsgen.plan import Output
from iopsgen.problems import has_errors
from iopsgen.read.frontmatter import split
from iopsgen.read.sources import MAX_SOURCE, decode, find, read_bytes
from iopsgen.render import Renderer
from iopsgen.serve.showing import Showing
from iopsgen.theme import load_theme

MANY = 20  # changes that are no longer one person's save


class Known(msgspec.Struct, frozen=True):
    """How the text that a page shows is made from its file; known to be right, since it gave the text that is shown."""

    source: str
    front: str  # the front matter, as text
    options: Options
    text: Text


def learn(site_dir: Path, showing: Showing, path: str) -> Known | None:
    """What is needed to look at the file of a page again; None where the page does not simply show the text of one file."""
    item = showing.items.get(path)
    body = getattr(showing.outputs[path].view, "body", None) if item and path in showing.outputs else None
    if item is None or not body or body.digest != item.fields.text.digest:
        return None
    read = _read(site_dir, item.fields.source)
    if read is None:
        return None
    known = Known(item.fields.source, read[0], _options(showing, item), item.fields.text)
    return known if _render(known, *read)[1].digest == known.text.digest else None


def _options(showing: Showing, item: Item) -> Options:
    markdown = showing.settings.markdown
    trust: Any = markdown.trust(item.fields.source)
    return Options(engine=markdown.engine, language=item.language, html=trust, smart_quotes=markdown.smart_quotes)


def _read(site_dir: Path, source: str) -> tuple[str, str, int] | None:
    """Front matter and body of a file, and the line on which the body begins."""
    file = find(site_dir, source)
    data = read_bytes(site_dir, file, MAX_SOURCE)[0] if file and source.lower().endswith((".md", ".markdown")) else None
    text = decode(data, source)[0] if data is not None else None
    if text is None:
        return None
    parts, problems = split(text, source)
    return None if problems else (parts.yaml, parts.body, parts.body_line)


def _render(known: Known, _: str, body: str, line: int) -> tuple[str, Text, bool]:
    html, text, problems = render(body, known.options, known.source, line) if body.strip() else ("", Text(), [])
    return html, text, has_errors(problems)


def look_at_text(site_dir: Path, known: Known, item: Item, output: Output) -> tuple[Output, Known, str] | None:
    """The output with the text that its file holds now, what is known then, and the text's HTML; None where that is not all that changed."""
    view: Any = output.view
    shown = next((text for text in (known.text, item.fields.text) if text.digest == view.body.digest), None)
    read = _read(site_dir, known.source)
    if shown is None or read is None or read[0] != known.front:
        return None
    html, text, broken = _render(known, *read)
    changed = None if broken or text.digest == shown.digest else with_text(view, shown, text)
    if changed is None:
        return None
    return msgspec.structs.replace(output, view=changed), msgspec.structs.replace(known, text=text), html


def with_text(view: Any, old: Text, new: Text) -> Any:
    """A page's view with another text in the place of `old`; None where more of the page depends on it than can be told here."""
    addresses = dict(zip(((t.url, t.attribute) for t in old.targets), view.body.urls, strict=False))
    wanted = [(t.url, t.attribute) for t in new.targets]
    if new.headings != old.headings or not new.digest or not addresses.keys() >= set(wanted):
        return None
    changed: dict[str, object] = {
        "head": _with_summary(msgspec.structs.replace(view.head, code=new.code), old, new),
        "body": msgspec.structs.replace(view.body, digest=new.digest, urls=tuple(addresses[target] for target in wanted)),
    }
    if hasattr(view, "minutes"):
        changed["minutes"] = minutes(new)
    if getattr(view, "entry", None) is not None:
        changed["entry"] = _with_summary(view.entry, old, new)
    return msgspec.structs.replace(view, **changed)


def _with_summary(part: Any, old: Text, new: Text) -> Any:
    """A part of a view that is described by the beginning of the text, unless its author wrote a summary."""
    paragraphs = [new.summary if old.summary and words == old.summary else words for words in part.description.split("\n\n")]
    return msgspec.structs.replace(part, description="\n\n".join(paragraphs))


def look_at_templates(site_dir: Path, showing: Showing, changed: Collection[str], html_of: Callable[[str], str]) -> Workshop | None:
    """A workshop with the templates as they are now; None where none changed, or more than templates did."""
    if not any(_is_template(path) for path in changed):
        return None
    old = showing.workshop
    theme, _ = load_theme(site_dir, showing.settings.theme)
    if theme is None or theme == old.theme or msgspec.structs.replace(theme, templates=()) != msgspec.structs.replace(old.theme, templates=()):
        return None
    return Workshop(theme, old.frames, old.texts, html_of, old.program, Renderer(theme, html_of, old.texts, before=old.renderer))


def _is_template(path: str) -> bool:
    parts = path.split("/")
    return len(parts) > 3 and parts[0] == "themes" and parts[2] == "templates"


def glance(
    site_dir: Path, showing: Showing, known: Mapping[str, Known], changed: Collection[str], html_of: Callable[[str], str]
) -> tuple[Showing, dict[str, Known], dict[str, str]]:
    """The showing as it is with these changes, so far as one can tell at once; what is known of its pages, and new texts by digest."""
    if not changed or len(changed) > MANY:
        return showing, {}, {}
    outputs: dict[str, Output] = {}
    learnt: dict[str, Known] = {}
    texts: dict[str, str] = {}
    for path, page in known.items():
        output, item = showing.outputs.get(path), showing.items.get(path)
        found = look_at_text(site_dir, page, item, output) if page.source in changed and output is not None and item is not None else None
        if found is not None:
            outputs[path], learnt[path], html = found
            texts[learnt[path].text.digest] = html
    workshop = look_at_templates(site_dir, showing, changed, html_of)
    return (showing.again(outputs=outputs, workshop=workshop) if outputs or workshop else showing), learnt, texts
