"""A view and a frame become a page: the templates of a theme, compiled once, and every fault in them a problem with file and line.

A template gets two names: `page` and `site`. It may call `_`, `ngettext` and their kin, `asset`, `icon`, `range` and `namespace`, and
use the filters of iopsgen.filters and iopsgen.sandbox. Templates are compiled in every run: Jinja's cache on disk would hold
code, and nothing that lies in a cache is ever executed.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import CodeType, TracebackType
from typing import Any

import msgspec
from jinja2 import Environment, Template, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.utils import missing

from iopsgen.filters import body_html, make_filters, make_functions
from iopsgen.problems import Place, Problem, did_you_mean, error
from iopsgen.sandbox import Meter, Refused, ThemeEnvironment, UnknownName, describe
from iopsgen.store import Missing
from iopsgen.texts import Texts, load_texts
from iopsgen.theme import Theme, ThemeFile, find_template, maker_digest, resolve, template_names
from iopsgen.views import Frame, View

__all__ = ("Renderer", "body_html", "maker_digest")

MAX_FRAMES = 24  # environments kept; a site has as many frames as languages, and the preview makes new ones for each build


class Renderer:
    """Renders the pages of one site. Not to be shared between threads.

    `html_of` gives the HTML of a stored text by its digest, `texts` the catalogues that are read already, by language. Frames are
    told apart by identity: make one for each language, not one for each page. `before` rendered an earlier state of the theme: what
    it compiled and is still the same is not compiled again.
    """

    def __init__(
        self, theme: Theme, html_of: Callable[[str], str], texts: Mapping[str, Texts] | None = None, before: "Renderer | None" = None
    ) -> None:
        self._theme, self._html_of = theme, html_of
        self._loader: _Loader = _Loader(theme, before._loader if before is not None else None)
        self._meter = Meter()
        self._prepared: dict[int, tuple[Frame, ThemeEnvironment]] = {}
        self._texts: dict[str, Texts] = {}
        self._read = dict(texts or {})
        self._filters: dict[str, dict[str, Callable[..., Any]]] = {}
        self._said: dict[tuple[Place | None, str], Problem] = {}

    def render(self, template: str, page: View, site: Frame, place: Place | None = None) -> tuple[bytes | None, list[Problem]]:
        """The page as UTF-8, or None with problems. `place` is where the page was written.

        A fault of a template that stops many pages is one problem: it names the first of them.
        """
        problems: list[Problem] = []
        environment = self._environment(site, problems)
        if find_template(self._theme, template) is None:
            return None, [*problems, _no_template(self._theme, template, place)]
        self._meter.reset()
        try:
            found = environment.get_template(template)
            context = found.new_context({**environment.globals, "page": page}, shared=True)
            return environment.concat(found.root_render_func(context)).encode("utf-8", "replace"), problems
        except Missing:
            raise  # no fault of the template: the store lost a text, and the build reads the sources again
        except Exception as fault:  # whatever a template does, the user gets a place in it and not a traceback
            return None, [*problems, self._once(_explain(fault, self._theme, template, page, place))]

    def _once(self, problem: Problem) -> Problem:
        plain = problem.message.rpartition(" (met in ")[0]
        return self._said.setdefault((problem.place, plain), problem)

    def _environment(self, site: Frame, problems: list[Problem]) -> ThemeEnvironment:
        found = self._prepared.get(id(site))
        if found is not None and found[0] is site:
            return found[1]
        if len(self._prepared) >= MAX_FRAMES:
            del self._prepared[next(iter(self._prepared))]
        language = site.language
        if language not in self._texts:
            self._texts[language] = self._read.get(language) or load_texts(self._theme, language)
            self._filters[language] = make_filters(self._texts[language], self._html_of)
            problems.extend(self._texts[language].problems)
        self._said.clear()  # a frame that is new may belong to another build
        environment = ThemeEnvironment(self._loader, self._meter, self._loader.name_from)
        environment.install(self._filters[language], make_functions(self._theme, self._texts[language], site, self._meter), {"site": site})
        self._prepared[id(site)] = (site, environment)
        return environment


# --- templates ------------------------------------------------------------------------------------------------------


class _Loader(BaseLoader):
    """Finds templates in the layers of a theme and compiles each once for all languages.

    Within Jinja a template that is looked for from a further layer on is called by its name, a NUL and the number of the layer.
    """

    def __init__(self, theme: Theme, before: "_Loader | None" = None) -> None:
        self._theme = theme
        held: dict[str, CodeType] = before._compiled if before is not None else {}
        self._compiled: dict[str, CodeType] = {name: code for name, code in held.items() if before is not None and self._means_the_same(before, name)}
        self._faults: dict[str, Exception] = {}

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:
        """The template for one environment."""
        code = self._compiled.get(name)
        if code is None:
            file = self._find(name)
            if file is None:
                raise TemplateNotFound(name)
            code = self._compile(environment, name, file)
        # The environment's own dict: Jinja would wrap it for each template, which costs time at every include.
        return environment.template_class.from_code(environment, code, environment.globals)

    def _compile(self, environment: Environment, name: str, file: ThemeFile) -> CodeType:
        """The code of a template; what cannot be compiled is not tried again for every page."""
        if name in self._faults:
            raise self._faults[name].with_traceback(None)
        try:
            code = self._compiled[name] = environment.compile(file.text, name, file.shown)
        except TemplateSyntaxError as fault:
            self._faults[name] = fault
            raise
        except Exception as fault:  # Python's own limits: too many blocks or brackets within each other, a number that is too long
            self._faults[name] = TemplateSyntaxError(f"it is too deep or too long for Python ({_words(fault)})", 1, name, file.shown)
            raise self._faults[name] from None
        return code

    def _find(self, name: str) -> ThemeFile | None:
        """The file of a template by its name within Jinja."""
        wanted, _, layer = name.partition("\0")
        return find_template(self._theme, wanted, int(layer or 0))

    def _means_the_same(self, other: "_Loader", name: str) -> bool:
        """Whether a name means the same template here as there."""
        file, held = self._find(name), other._find(name)
        return file is not None and held is not None and (file.text, file.shown) == (held.text, held.shown)

    def name_from(self, template: str, user: str) -> str:
        """What the template called `user` means by a name."""
        file = self._find(user)
        if file is None or "\0" in template:
            raise TemplateNotFound(template.partition("\0")[0])
        name, first = resolve(template, file)
        return f"{name}\0{first}" if first else name


# --- faults ---------------------------------------------------------------------------------------------------------


def _no_template(theme: Theme, name: str, place: Place | None) -> Problem:
    near = did_you_mean(name.removesuffix(".html"), (n.removesuffix(".html") for n in template_names(theme) if not n.startswith("_")))
    return error(
        f'There is no template "{name}" in {_looked_in(theme)}.', place, near or "Remove `template:`, or add that file to your theme."
    )


def _looked_in(theme: Theme, first: int = 0) -> str:
    places = [name if name.endswith(" theme") else f"{name}/templates" for name in theme.names[first:]]
    return " or the ".join([", ".join(places[:-1]), places[-1]] if len(places) > 1 else places) or "any theme below"


def _explain(fault: Exception, theme: Theme, template: str, page: View, place: Place | None) -> Problem:
    """What went wrong in a template, where, and what to write instead."""
    met = f" (met in {_name_of(page, place)})"
    frames = list(_frames(fault.__traceback__))
    if isinstance(fault, TemplateSyntaxError):
        message, hint = _explain_syntax(fault, theme)
        return error(message + met, Place(fault.filename or template, fault.lineno), hint)
    if isinstance(fault, RecursionError) and (own := _extends_itself(theme, {frame.file for frame in frames})):
        return error("This template extends itself." + met, *own)
    message, hint = _explain_fault(fault, theme)
    inner = frames[-1] if frames else Place(template)
    if isinstance(fault, RecursionError):
        inner = Counter(frames).most_common(1)[0][0] if frames else inner
    elif frames and frames[0].file != inner.file:
        hint = f"{hint} It was included by {next(f for f in reversed(frames) if f.file != inner.file)}.".strip()
    return error(message + met, inner, hint)


def _extends_itself(theme: Theme, files: Collection[str]) -> tuple[Place, str] | None:
    """Where one of these templates extends the one of its own name, and what to write; None if none does."""
    for file in (file for layer in theme.templates for file in layer.values() if file.shown in files):
        if found := re.search(rf"{{%-?\s*extends\s+[\"']{re.escape(file.name)}[\"']", file.text):
            line = file.text.count("\n", 0, found.start()) + 1
            return Place(file.shown, line), f'To build on the one in the theme below, write an exclamation mark: {{% extends "!{file.name}" %}}'
    return None


def _name_of(page: View, place: Place | None) -> str:
    if place is not None:
        return place.file
    head = getattr(page, "head", None)
    return str(getattr(head if head is not None else page, "url", "") or type(page).__name__)


def _frames(traceback: TracebackType | None) -> Iterator[Place]:
    """Where in templates the fault happened, outermost first."""
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            yield Place(str(template.filename), template.get_corresponding_lineno(traceback.tb_lineno))
        traceback = traceback.tb_next


def _explain_fault(fault: Exception, theme: Theme) -> tuple[str, str]:
    if isinstance(fault, Refused):
        return fault.message, fault.hint
    if isinstance(fault, UnknownName):
        return _explain_name(fault)
    if isinstance(fault, TemplateNotFound):
        return _explain_missing(str(fault.name), theme)
    if isinstance(fault, SecurityError):
        return f"The template tries what no template may do: {_words(fault)}.", "Templates only show what page and site hold."
    if isinstance(fault, RecursionError):
        return "A template includes or calls itself without end.", "Look for an include, extends or macro that leads back to itself."
    if isinstance(fault, MemoryError | OverflowError):
        return "The template asks for something too large.", "Use smaller numbers."
    if unknown := re.match(r"No (filter|test) named '([^']*)'", str(fault)):
        return _explain_unknown(unknown[1], unknown[2])
    if isinstance(fault, KeyError | UnicodeError):
        return f"The template cannot be filled in: {type(fault).__name__} {_words(fault)}.", "Check the values on this line."
    return f"The template cannot be filled in: {_words(fault)}.", "Check the values on this line."


def _words(fault: Exception) -> str:
    return str(fault).partition("\n")[0].rstrip(".")[:300] or type(fault).__name__


def _explain_syntax(fault: TemplateSyntaxError, theme: Theme) -> tuple[str, str]:
    said = _words(fault)
    if unknown := re.match(r"No (filter|test) named '([^']*)'", said):
        return _explain_unknown(unknown[1], unknown[2])
    hint = "Check the brackets, quotes and end tags around this line."
    if "end of template" in said or "Unexpected end" in said:
        hint = "A {% if %}, {% for %}, {% block %} or a bracket is opened and never closed."
    elif "too deep" in said:
        hint = "Move the inner loops and brackets into a macro or a file of its own."
    elif "unknown tag" in said:
        hint = "Tags are: block, call, extends, filter, for, from, if, import, include, macro, set, trans, with, and their end tags."
    return f"The template cannot be read: {said}.", hint


def _explain_unknown(kind: str, name: str) -> tuple[str, str]:
    known: Iterable[str] = (n for n in _known_filters() if n.isidentifier()) if kind == "filter" else ("defined", "none", "in")
    names = sorted(known)
    hint = did_you_mean(name, names) or (f"Filters are: {', '.join(names)}." if kind == "filter" else "See Jinja's list of tests.")
    return f'There is no {kind} "{name}".', hint


def _known_filters() -> list[str]:
    environment = ThemeEnvironment(BaseLoader(), Meter())
    return [*environment.filters, *make_filters(Texts("en"), str)]


def _explain_missing(name: str, theme: Theme) -> tuple[str, str]:
    wanted, _, layer = name.partition("\0")
    if wanted.startswith("!") or layer:
        return (
            f'No theme below this one has a template "{wanted.lstrip("!")}".',
            f"It was looked for in {_looked_in(theme, int(layer or 0))}.",
        )
    near = did_you_mean(wanted, template_names(theme))
    if ".." in wanted.split("/") or wanted.startswith("/"):
        near = "Name a file in templates/ by its path from there, without .. and without / at the start."
    return f'There is no template "{wanted}" in {_looked_in(theme)}.', near or "Add that file, or `ignore missing` behind its name."


def _explain_name(fault: UnknownName) -> tuple[str, str]:
    name, obj = str(fault.name), fault.obj
    if obj is missing:
        if name == "page":
            return (
                '"page" is not known here.',
                "A file that is imported sees no page: write `import … with context`, or hand the page to the macro.",
            )
        return f'"{name}" is not known in this template.', did_you_mean(
            name, ("page", "site", "asset", "icon", "loop", "range")
        ) or "Templates know page and site."
    if obj is None:
        return f'"{name}" was asked of something that this page does not have.', "Put {% if … %} around it."
    if isinstance(obj, msgspec.Struct):
        fields = type(obj).__struct_fields__
        near = did_you_mean(name, fields)
        return f'{describe(obj)} has no field "{name}".', f"{near + ' ' if near else ''}Its fields are: {', '.join(fields)}."
    if isinstance(obj, dict):
        keys = [str(key) for key in obj]
        near = did_you_mean(name, keys)
        return f'There is no "{name}" here.', near or (
            f"There are: {', '.join(sorted(keys)[:30])}." if keys else "It is empty. Ask for it with .get()."
        )
    return f'{describe(obj)} has no "{name}".', _instead(obj)


def _instead(obj: object) -> str:
    if isinstance(obj, list | tuple):
        return "Use |length, |first or |last, or go through it with {% for … in … %}."
    if isinstance(obj, str):
        return "Use a filter such as |upper or |replace, or ~ to put texts together."
    return (
        'Use a filter such as |date("long"), |time or |number.'
        if describe(obj) in ("A date", "A number")
        else "Templates only show what page and site hold."
    )
