"""One text from Markdown to HTML: prepared, read by an engine, sanitised, finished, and what is wrong with it said."""

import re
from hashlib import blake2b
from urllib.parse import quote

from iopsgen.markdown import commonmark
from iopsgen.markdown.finish import Finished, Finisher
from iopsgen.markdown.options import Options
from iopsgen.markdown.sanitiser import MAX_DEPTH, MAX_TAGS, Removed, is_boundless, removed_from, sanitise
from iopsgen.markdown.source import MAX_SIZE, Lines, prepare, tidy, without_controls
from iopsgen.model import Target, Text
from iopsgen.problems import Place, Problem, error, warning

# A picture whose author wrote an empty `alt` by hand, which says that it only decorates.
_DECORATIVE = re.compile(r"""<img\b(?=[^<>]*\balt\s*=\s*(?:""|''))[^<>]*?\bsrc\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE)
_TAG = re.compile(r"<(?:[A-Za-z/?]|!(?!--))")


def render(source: str, options: Options, file: str, first_line: int = 1) -> tuple[str, Text, list[Problem]]:
    """The HTML of a text, its Text and its problems, as `iopsgen.markdown.render` says."""
    source = tidy(source)
    if len(source) > MAX_SIZE:
        message = f"The text is longer than {MAX_SIZE:,} characters."
        return "", Text(), [error(message, Place(file, first_line), "Split it into several pages, or link to a document.")]
    html, problems = _to_html(source, options, file, first_line)
    if is_boundless(html):
        message = f"The text makes more than {MAX_TAGS:,} HTML tags, nests them more than {MAX_DEPTH} levels deep, or leaves that many open."
        return "", Text(), [*problems, error(message, Place(file, first_line), "Split the text, close its tags, and take out quotes within quotes.")]
    has_raw = _TAG.search(source) is not None
    clean = sanitise(html, options.html, has_raw)
    if "&#" in source:
        clean = without_controls(clean)
    finished = Finisher(options.language, options.smart_quotes, trusted=options.html == "trusted").finish(clean)
    lines = Lines(source, first_line)
    text = Text(
        digest=blake2b(finished.html.encode(), digest_size=16).hexdigest(),
        summary=finished.summary,
        headings=finished.headings,
        anchors=finished.anchors,
        targets=tuple(Target(url=url, attribute=attribute, line=_line_of(url, lines)) for url, attribute in finished.targets),
        words=finished.words,
        code=finished.code,
        more=finished.more,
    )
    if has_raw and options.html == "none":
        problems += _problems_of_shown(source, file, first_line)
    elif has_raw or finished.dead_links:
        problems += _problems_of_removed(source, removed_from(html, options.html), options, file, first_line)
    problems += _problems_of_text(source, finished, file, first_line)
    if "<!--" in html and html.rfind("<!--") > html.rfind("-->"):
        place = Place(file, first_line + source.count("\n", 0, max(0, source.rfind("<!--"))))
        problems.append(warning("A comment is never closed, so everything after it is hidden.", place, "Write --> where it ends."))
    return finished.html, text, problems


def render_small(source: str, options: Options) -> str:
    """The HTML of a short text, as `iopsgen.markdown.render_small` says."""
    source = tidy(source)[:MAX_SIZE]
    html, _ = _to_html(source, options, "", 1)
    if is_boundless(html):
        return ""
    clean = without_controls(sanitise(html, options.html, _TAG.search(source) is not None))
    return Finisher(options.language, options.smart_quotes, small=True, trusted=options.html == "trusted").finish(clean).html


def _to_html(source: str, options: Options, file: str, first_line: int) -> tuple[str, list[Problem]]:
    """The HTML that an engine makes. What the default engine cannot read in bounded time goes to the other one."""
    prepared = prepare(source, raw_html=options.html != "none")
    if options.engine == "commonmark":
        return commonmark.to_html(prepared), []
    from iopsgen.markdown import classic  # imported late: Python-Markdown takes 50 ms, and a cached site renders nothing

    try:
        return classic.to_html(prepared), []
    except (classic.TooIntricate, RecursionError):
        message = "The text is too intricate for the default Markdown engine, so the CommonMark engine has rendered it."
        hint = "Look for long runs of brackets, stars or backquotes, or for lists and quotes nested dozens of levels deep."
        return commonmark.to_html(prepared), [warning(message, Place(file, first_line), hint)]


def _problems_of_shown(source: str, file: str, first_line: int) -> list[Problem]:
    """One warning for all raw HTML that is shown as text."""
    pieces = [piece for piece in commonmark.raw_html(source) if not piece[1].startswith("<!--")]
    if not pieces:
        return []
    names = dict.fromkeys(f"<{name}>" for _, piece in pieces for name in re.findall(r"</?([A-Za-z][\w-]*)", piece)[:1])
    message = f"HTML is shown as text here: {', '.join(names)}." if names else "HTML is shown as text here."
    place = Place(file, _line_of_byte(source, pieces[0][0], first_line))
    return [warning(message, place, "Write it in Markdown, or put it between backquotes if it is meant to be read.")]


def _problems_of_removed(source: str, removed: Removed, options: Options, file: str, first_line: int) -> list[Problem]:
    """One warning for all raw HTML that was taken out."""
    if not removed:
        return []
    names = [f"<{tag}>" for tag in removed.tags]
    names += [f"{name}=…" for name in removed.attributes]
    names += [f"{scheme}: addresses" for scheme in removed.schemes]
    line = _line_of_removed(source, removed, first_line)
    hint = "Write it in Markdown, put text like <this> between backquotes, or ask the core team to trust this folder with HTML."
    if options.html == "trusted":
        hint = "Link to a web address instead."
    return [warning(f"HTML that is not allowed here was taken out: {', '.join(names)}.", Place(file, line), hint)]


def _line_of_removed(source: str, removed: Removed, first_line: int) -> int:
    """The line of the first piece of raw HTML that was taken out, else of what names it."""
    named = [rf"</?{re.escape(tag)}\b" for tag in removed.tags] + [rf"\b{re.escape(name)}\s*=" for name in removed.attributes]
    named += [rf"\b{re.escape(scheme)}:" for scheme in removed.schemes]
    wanted = re.compile("|".join(named), re.IGNORECASE)
    for position, piece in commonmark.raw_html(source):
        if match := wanted.search(piece):
            return _line_of_byte(source, position, first_line) + piece.count("\n", 0, match.start())
    found = wanted.search(source)
    return first_line + source.count("\n", 0, found.start()) if found else first_line


def _line_of_byte(source: str, position: int, first_line: int) -> int:
    return first_line + source.encode()[:position].count(b"\n")


def _problems_of_text(source: str, finished: Finished, file: str, first_line: int) -> list[Problem]:
    """Pictures without a description, links without an address, notes without a reference."""
    problems: list[Problem] = []
    lines = Lines(source, first_line)
    decorative = set(_DECORATIVE.findall(source)) if finished.pictures and "<" in source else set()
    for picture in finished.pictures:
        if picture.empty and picture.src in decorative:
            continue
        hint = "Say between the brackets what it shows: ![The room before the start](room.jpg)."
        place = Place(file, _line_of(picture.src, lines) or first_line)
        problems.append(warning("A picture has no description for people who cannot see it.", place, hint))
    if finished.empty_links:
        place = Place(file, lines.of("]()") or lines.of("](<>)") or first_line)
        problems.append(warning("A link has no address.", place, "Write it between the round brackets: [text](https://example.org/)."))
    for label in finished.unused_notes:
        place = Place(file, lines.of(f"[^{label}]:") or first_line)
        problems.append(warning(f"Nothing refers to the footnote [^{label}], so it is not shown.", place, f"Write [^{label}] where it belongs."))
    return problems


def _line_of(url: str, lines: Lines) -> int:
    """The line on which an address stands in a source, in one of the forms in which it may stand there."""
    found = lines.of(url)
    if found:
        return found
    forms = dict.fromkeys((url.replace("%20", " "), quote(url, safe="/:?#[]@!$&'()*+,;=%~"), url.replace("&", "&amp;")))
    return next(filter(None, map(lines.of, (form for form in forms if form != url))), 0)
