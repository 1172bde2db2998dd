"""A first look at a change, before the whole site is read again: the words of a page that somebody has open, and templates.

What a glance shows is what the site will show, or nearly: reading, assembling and planning it all again follows at once and has the last
word. A glance never says what is wrong.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from iopsgen.fields import Report
from iopsgen.fields import Text as TextField
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
from iopsgen.yamltext import Map, parse, to_plain

MANY = 20  # changes that are no longer one person's save


class Known(msgspec.Struct, frozen=True):
    """How the text that a page shows is made from its file; known to be right, since it gave the text that is shown."""

    source: str
    front: str  # the front matter, as text
    options: Options
    digest: str  # of the text


def learn(site_dir: Path, showing: Showing, path: str, held: Known | None = None) -> Known | None:
    """What is needed to look at the file of a page again; None where the page does not simply show the text of one file.

    `held` is what was known of an earlier state: it spares the proof where the text is still the same.
    """
    item = showing.items.get(path)
    body = getattr(showing.outputs[path].view, "body", None) if item and path in showing.outputs else None
    read = _read(site_dir, item.fields.source) if item and body and body.digest == item.fields.text.digest else None
    if item is None or read is None:
        return None
    known = Known(item.fields.source, read[0], _options(showing, item), item.fields.text.digest)
    if held is not None and msgspec.structs.replace(held, front=known.front) == known:
        return known
    return known if _render(known, *read[1:])[1].digest == known.digest else None


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


def _render(known: Known, body: str, line: int) -> tuple[str, Text, bool]:
    html, text, problems = render(body, known.options, known.source, line) if body.strip() else ("", Text(), [])
    return html, text, has_errors(problems)


# --- the words of a page -------------------------------------------------------------------------------------------


def look_at_words(site_dir: Path, known: Known, item: Item, output: Output) -> tuple[Output, str, str] | None:
    """The output with the title, summary and text that its file holds now, and the text's digest and HTML; None where more changed."""
    read = _read(site_dir, known.source)
    words = _changed_words(known.front, read[0]) if read is not None else None
    if read is None or words is None:
        return None
    html, text, broken = _render(known, *read[1:])
    if broken or (text.digest == item.fields.text.digest and not words):
        return None
    view = with_words(output.view, item, words.get("title", item.fields.title), words.get("summary", item.fields.summary), text)
    return (msgspec.structs.replace(output, view=view), text.digest, html) if view is not None else None


def _changed_words(old: str, new: str) -> dict[str, str] | None:
    """Title and summary, if they changed; None where something else in the front matter did."""
    if old == new:
        return {}
    before, after = parse(old, "")[0], parse(new, "")[0]
    if not isinstance(before, Map) or not isinstance(after, Map):
        return None
    was, values = {key.text: to_plain(value) for key, value in before.pairs}, {key.text: to_plain(value) for key, value in after.pairs}
    changed = {key for key in was.keys() | values.keys() if was.get(key) != values.get(key)}
    words = {key.text: TextField().read(value, Report("")) for key, value in after.pairs if key.text in changed}
    if not changed <= {"title", "summary"} or not all(words.get(key) for key in changed):
        return None
    return {key: word for key, word in words.items() if word}


def with_words(view: Any, item: Item, title: str, summary: str, text: Text) -> Any:
    """A page's view with other words in the place of those of `item`; None where more of the page depends on them than can be told here."""
    fields, old = item.fields, item.fields.text
    meant = [(t.url, t.attribute) for t in old.targets]
    addresses, pictures = dict(zip(meant, view.body.urls, strict=False)), dict(zip(meant, view.body.pictures, strict=False))
    wanted = [(t.url, t.attribute) for t in text.targets]
    if view.body.digest != old.digest or text.headings != old.headings or not text.digest or not addresses.keys() >= set(wanted):
        return None
    told = {fields.title: title, fields.summary or old.summary: summary or text.summary}
    told.pop("", None)
    changed: dict[str, object] = {
        "head": _told(msgspec.structs.replace(view.head, code=text.code), told, "title", "description"),
        "body": msgspec.structs.replace(
            view.body,
            digest=text.digest,
            urls=tuple(addresses[target] for target in wanted),
            pictures=tuple(pictures.get(target) for target in wanted) if any(pictures.get(target) for target in wanted) else (),
        ),
    }
    if hasattr(view, "minutes"):
        changed["minutes"] = minutes(text)
    if getattr(view, "entry", None) is not None:
        changed["entry"] = _told(view.entry, told, "summary", "description")
    if getattr(view, "thread", None) is not None:
        subject, other = (f"subject={quote(words, safe='')}&" for words in (fields.title, title))
        changed["thread"] = msgspec.structs.replace(view.thread, mailto=view.thread.mailto.replace(subject, other))
    if hasattr(view, "summary"):
        changed["summary"] = summary if view.summary == fields.summary else told.get(view.summary, view.summary)
    view = msgspec.structs.replace(view, **changed)
    return _told(view, told, "title") if hasattr(view, "title") else view


def _told(part: Any, told: Mapping[str, str], *names: str) -> Any:
    """A part of a view in whose fields `names` every paragraph that is a key of `told` becomes its value."""
    return msgspec.structs.replace(part, **{name: "\n\n".join(told.get(words, words) for words in getattr(part, name).split("\n\n")) for name in names})


# --- templates -----------------------------------------------------------------------------------------------------


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


def is_worth_it(changed: Collection[str], known: Iterable[Known]) -> bool:
    """Whether a glance at these changes could tell anything: one person's save, of a page that is open or of a template."""
    sources = {page.source for page in known}
    return 0 < len(changed) <= MANY and any(path in sources or _is_template(path) for path in changed)


def glance(
    site_dir: Path, showing: Showing, known: Mapping[str, Known], changed: Collection[str], html_of: Callable[[str], str]
) -> tuple[Showing, dict[str, str]]:
    """The showing as it is with these changes, so far as one can tell at once, and the HTML of new texts by digest."""
    outputs: dict[str, Output] = {}
    texts: dict[str, str] = {}
    for path, page in known.items():
        output, item = showing.outputs.get(path), showing.items.get(path)
        if page.source in changed and output is not None and item is not None:
            found = look_at_words(site_dir, page, item, output)
            if found is not None:
                outputs[path], digest, texts[digest] = found
    workshop = look_at_templates(site_dir, showing, changed, html_of)
    return (showing.again(outputs, workshop) if outputs or workshop else showing), texts
