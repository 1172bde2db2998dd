"""What a template may touch and how much it may do: a Jinja environment that shows frozen views and nothing else.

A theme may come from a stranger. Jinja's sandbox forbids what is known to be dangerous; here, on top of it, everything is
forbidden but a list: fields of views, keys of dicts, a few methods of texts and dates, what loops and macros tell of themselves.
No clock, no chance, no addresses of memory: the same view gives the same page. Work is counted, so that a template made to run
for ever or to fill the memory ends with a message (a page may take STEPS steps and put together TEXT characters).
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import partial, wraps
from types import FunctionType
from typing import Any

import markupsafe
import msgspec
from jinja2 import StrictUndefined, Template, Undefined, UndefinedError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame as CompilerFrame
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.loaders import BaseLoader
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from iopsgen.views import View

STEPS = 5_000_000
TEXT = 128_000_000
MAX_RANGE = 10_000
MAX_POWER_BITS = 4096


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TEXT_METHODS = _names(
    "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle isupper "
    "lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split splitlines startswith strip swapcase "
    "title upper"
)
_DAY = _names("year month day weekday isoweekday isoformat")
_CLOCK = _names("hour minute second isoformat")
_NOTHING = _names("")

_ALLOWED: dict[type, frozenset[str]] = {
    str: _TEXT_METHODS,
    Markup: _TEXT_METHODS | _names("striptags unescape"),
    int: _NOTHING,
    float: _NOTHING,
    bool: _NOTHING,
    type(None): _NOTHING,
    list: _NOTHING,
    tuple: _NOTHING,
    dict: _names("keys values items get"),
    date: _DAY,
    datetime: _DAY | _CLOCK | _names("date"),
    time: _CLOCK,
    LoopContext: _names("index index0 revindex revindex0 first last length depth depth0 previtem nextitem changed cycle"),
    Macro: _names("name arguments catch_kwargs catch_varargs caller"),
    BlockReference: _names("super"),
}

_KEPT_FILTERS = _names(
    "abs batch capitalize count d default dictsort e escape filesizeformat first float forceescape groupby int items last length list "
    "lower map max min reject rejectattr reverse safe select selectattr slice sort striptags sum title trim truncate unique upper "
    "urlencode wordcount xmlattr"
)

# Those that would turn whatever they get into a text, its inner workings and all.
_TEXT_FILTERS = _names("capitalize e escape forceescape lower safe striptags title trim truncate upper urlencode wordcount xmlattr")

_GETTEXT = {"_": (0,), "gettext": (0,), "ngettext": (0, 1), "pgettext": (0, 1), "npgettext": (0, 1, 2)}
# The function behind markupsafe.escape, which gives a plain text and saves making a Markup of every piece.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", lambda text: str(escape(text)))

# field -> the views that have it
_HAVING: dict[str, frozenset[type]] = {
    field: frozenset(view for view in View.__subclasses__() if field in view.__struct_fields__)
    for field in sorted({field for view in View.__subclasses__() for field in view.__struct_fields__})
}
_FUNCTIONS = frozenset((*_GETTEXT, "asset", "icon"))

_WIDE = re.compile(r"%(?:\([^)]*\))?[-+ #0-9.]*(?:\d{4}|\*)|%(?:\([^)]*\))?[-+ #]*\*")


class Refused(Exception):
    """A template asked for something that there is not, or may not be: `message` and `hint` are words for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class UnknownName(UndefinedError):
    """A template used a name, a field or a key that does not exist: `obj` (jinja2.utils.missing for a bare name) has no `name`."""

    def __init__(self, obj: object, name: object, message: str) -> None:
        super().__init__(message)
        self.obj, self.name = obj, name


class _Missing(StrictUndefined):
    """What a template gets for an unknown name: every use but `is defined` and `|default` raises UnknownName."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError) -> None:
        # Jinja only calls it with the message, so anything that makes an exception will do.
        super().__init__(hint, obj, name, partial(UnknownName, obj, name) if exc is UndefinedError else exc)  # type: ignore[arg-type]


class Meter:
    """Counts the work of one page."""

    __slots__ = ("steps", "text")

    def __init__(self) -> None:
        self.steps = self.text = 0

    def reset(self) -> None:
        """Starts a new page."""
        self.steps = self.text = 0

    def work(self, steps: int) -> None:
        """Counts passes through loops and calls."""
        self.steps += steps
        if self.steps > STEPS:
            raise Refused(f"The template does more than {STEPS:,} steps for one page.", "Look for a loop within a loop over many things.")

    def grow(self, characters: int) -> None:
        """Counts text before it is put together."""
        self.text += characters
        if self.text > TEXT:
            raise Refused(
                f"The template puts together more than {TEXT // 1_000_000} million characters for one page.",
                "Look for a text that is repeated.",
            )

    def look(self, value: object) -> None:
        """Counts what a filter will have to go through."""
        if isinstance(value, list | tuple | dict):
            self.work(len(value))
        elif isinstance(value, str):
            self.work(len(value) >> 6)


# --- texts ----------------------------------------------------------------------------------------------------------


def shown(value: Any) -> Any:
    """A value fit for the page: nothing for None; anything but texts and numbers is refused, with a hint how to show it."""
    kind = type(value)
    if kind is str or kind is Markup or kind is int or kind is float or kind is bool:
        return value
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return str(value)  # raises
    raise Refused(f"{describe(value)} cannot be shown as a text.", _how_to_show(value))


def describe(value: object) -> str:
    """What a value is called in a message: a text, a list, a PostView."""
    if value is None:
        return "Nothing"
    for kinds, name in (
        ((str,), "A text"),
        ((bool, int, float), "A number"),
        ((list, tuple), "A list"),
        ((dict,), "A table"),
        ((date, time), "A date"),
    ):
        if isinstance(value, kinds):
            return name
    if isinstance(value, msgspec.Struct):
        name = type(value).__name__
        return f"{'An' if name[0] in 'AEIOU' else 'A'} {name}"
    return "A macro" if isinstance(value, Macro) else "This"


def _how_to_show(value: object) -> str:
    if isinstance(value, date | time):
        return 'Write |date("long"), |time or |iso behind it.'
    if isinstance(value, list | tuple):
        return "Write |joined behind it, or go through it with {% for … in … %}."
    if isinstance(value, msgspec.Struct):
        fields = type(value).__struct_fields__
        if {"digest", "urls"} <= set(fields):
            return "Write |html behind it."
        return "Write |when behind it." if "all_day" in fields else f"Name one of its fields: {', '.join(fields)}."
    return "Write () behind it." if isinstance(value, Macro) else "Show a field or an entry of it, or write |join or |list behind a filter."


def _is_literal(node: nodes.Node) -> bool:
    if isinstance(node, nodes.CondExpr):
        return _is_literal(node.expr1) and node.expr2 is not None and _is_literal(node.expr2)
    return isinstance(node, nodes.Const | nodes.TemplateData)


class _Counted(NodeTransformer):
    """Puts the meter into loops and joined texts, and escapes what is translated but does not stand in the template itself."""

    def visit_For(self, node: nodes.For, *args: Any, **kwargs: Any) -> nodes.Node:
        self.generic_visit(node, *args, **kwargs)
        node.iter = nodes.Filter(node.iter, "(each)", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat, *args: Any, **kwargs: Any) -> nodes.Node:
        self.generic_visit(node, *args, **kwargs)
        parts = nodes.List(list(node.nodes), lineno=node.lineno)
        return nodes.Filter(parts, "(concat)", [], [], None, None, lineno=node.lineno)

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:
        self.generic_visit(node, *args, **kwargs)
        if isinstance(node.node, nodes.Name) and node.node.name in _GETTEXT:
            for index in _GETTEXT[node.node.name]:
                if index < len(node.args) and not _is_literal(node.args[index]):
                    node.args[index] = nodes.Filter(node.args[index], "(words)", [], [], None, None, lineno=node.lineno)
        return node


class _Generator(CodeGenerator):
    """Jinja's code generator, with shorter ways for what a page does hundreds of times.

    Each gives what the longer way gives; where Jinja changes its inner names, the longer way is taken again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fields: set[str] = set()

    def visit_Template(self, node: nodes.Template, frame: CompilerFrame | None = None) -> None:
        super().visit_Template(node, frame)
        for field in sorted(self._fields):
            self.writeline(f"having_{field} = environment.having[{field!r}]")

    def visit_Getattr(self, node: nodes.Getattr, frame: CompilerFrame) -> None:
        """A field of a view is read directly; everything else goes through the environment."""
        if node.attr not in _HAVING:
            super().visit_Getattr(node, frame)
            return
        self._fields.add(node.attr)
        self.write(f"(_o.{node.attr} if type(_o := ")
        self.visit(node.node, frame)
        self.write(f") in having_{node.attr} else environment.getattr(_o, {node.attr!r}))")

    def visit_Call(self, node: nodes.Call, frame: CompilerFrame, forward_caller: bool = False) -> None:
        if forward_caller or not isinstance(node.node, nodes.Name) or node.node.name not in _FUNCTIONS:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.call(context, ")  # without the variables of loops, which these functions do not want
        self.visit(node.node, frame)
        self.signature(node, frame)
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: CompilerFrame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("(environment.escaped(")  # instead of escape(environment.finalize(

    def visit_Include(self, node: nodes.Include, frame: CompilerFrame) -> None:
        """An include becomes one text at once, instead of handing on each of its pieces through every file above it."""
        if (
            node.ignore_missing
            or not node.with_context
            or not isinstance(node.template, nodes.Const)
            or not isinstance(node.template.value, str)
        ):
            super().visit_Include(node, frame)
            return
        self.start_write(frame, node)
        self.write(f"environment.include(context, {node.template.value!r}, {self.name!r}, {self.dump_local_context(frame)})")
        self.end_write(frame)


def _escaped(value: Any) -> str:
    """What `{{ value }}` writes: `shown`, escaped unless it is HTML."""
    kind = type(value)
    if kind is str:
        return _escape_text(value)
    return value if kind is Markup else str(escape(shown(value)))


class _ThemeTemplate(Template):
    """A template that is run anew for each page that imports it: a `namespace` in it must not carry anything from page to page."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return self.make_module()


# --- the environment ------------------------------------------------------------------------------------------------


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for templates of themes: autoescape always, unknown names are errors, an allow-list for everything else."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))
    code_generator_class = _Generator
    template_class = _ThemeTemplate
    escaped = staticmethod(_escaped)
    having = _HAVING

    def __init__(self, loader: BaseLoader, meter: Meter, name_from: Callable[[str, str], str] | None = None) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=_Missing,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            extensions=["jinja2.ext.i18n"],
        )
        self.meter = meter
        self._name_from = name_from
        self._found: dict[tuple[str, str | None], Template] = {}
        self.newstyle_gettext = True
        self.filters = _make_filters(meter)
        self.functions: frozenset[Callable[..., Any]] = frozenset()
        self.globals = {"range": _range, "namespace": Namespace}

    def install(self, filters: dict[str, Callable[..., Any]], functions: dict[str, Callable[..., Any]], values: dict[str, Any]) -> None:
        """Adds filters, functions and values that every template knows."""
        self.filters.update(filters)
        self.functions = frozenset(functions.values())
        self.globals.update(functions, **values)

    # Compiling.

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _Counted().visit(tree)
        return tree

    def join_path(self, template: str, parent: str) -> str:
        """What the template `parent` means by the name of another one."""
        return self._name_from(template, parent) if self._name_from else template

    # What a name leads to.

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The field, key or method `obj.attribute`; an undefined value for everything that is not on the list."""
        kind = type(obj)
        if kind is dict and attribute in obj:  # the key before the method: a data file may have an entry called `items`
            return obj[attribute]
        allowed = _ALLOWED.get(kind)
        if allowed is None:
            return self._getattr_of_others(obj, kind, attribute)
        if attribute in allowed:
            return getattr(obj, attribute)
        if attribute in ("replace", "join") and isinstance(obj, str):
            return partial(_replace, self.meter, obj) if attribute == "replace" else partial(_join, self.meter, sep=obj)
        return self.undefined(obj=obj, name=attribute)

    def _getattr_of_others(self, obj: Any, kind: type, attribute: str) -> Any:
        if issubclass(kind, msgspec.Struct):
            _ALLOWED[kind] = frozenset(kind.__struct_fields__)
            return self.getattr(obj, attribute)
        if isinstance(obj, Undefined):
            return str(obj)  # raises
        if kind is TemplateReference:  # self.block()
            try:
                return obj[attribute]
            except LookupError:
                return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, tuple) and attribute in getattr(kind, "_fields", ()):  # what |groupby gives
            return getattr(obj, attribute)
        if kind in (Namespace, TemplateModule) and not attribute.startswith("_"):
            return getattr(obj, attribute, None) if hasattr(obj, attribute) else self.undefined(obj=obj, name=attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The entry `obj[argument]`; of a view the field of that name."""
        kind = type(obj)
        if kind in (dict, list, tuple, str, Markup, range) or isinstance(obj, tuple):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                return self.undefined(obj=obj, name=argument)
        if isinstance(argument, str):
            return self.getattr(obj, str(argument))
        return self.undefined(obj=obj, name=argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether parts of Jinja that ask may use an attribute."""
        return attr in _ALLOWED.get(type(obj), _NOTHING)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether something may be called: no class is, but `namespace`."""
        return obj is Namespace or (not isinstance(obj, type) and super().is_safe_callable(obj))

    # How much may be done.

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call from a template."""
        self.meter.work(1)
        if type(obj) is FunctionType and obj in self.functions:
            if kwargs:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
            return obj(*args, **kwargs)
        if type(obj) is LoopContext and args:  # the next level of a recursive loop
            args = (_each(self.meter, args[0]), *args[1:])
        else:
            self.meter.look(getattr(obj, "__self__", None))
        if not self.is_safe_callable(obj):
            raise SecurityError("this may not be called")
        return context.call(obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An arithmetic operation, refused where its result would be enormous."""
        if operator == "**":
            if not (isinstance(left, int | float) and isinstance(right, int | float)):
                raise Refused(f"{describe(left)} cannot be raised to a power.")
            if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 0) > MAX_POWER_BITS:
                raise Refused("The result of ** is too large.", "Use smaller numbers.")
        elif operator == "*":
            self._check_product(left, right)
        elif isinstance(left, str) and operator == "%":
            return format_text(self.meter, left, right)
        elif isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
            self.meter.grow(len(left) + len(right))
        return super().call_binop(context, operator, left, right)

    def _check_product(self, left: Any, right: Any) -> None:
        if isinstance(left, int) and isinstance(right, int):
            if left.bit_length() + right.bit_length() > MAX_POWER_BITS:
                raise Refused("The result of * is too large.", "Use smaller numbers.")
            return
        for times, value in ((left, right), (right, left)):
            if isinstance(value, str | list | tuple) and isinstance(times, int):
                self.meter.grow(len(value) * max(times, 0))

    def concat(self, pieces: Iterable[str]) -> str:
        """The text of a page, a macro or a block from its pieces."""
        found = pieces if type(pieces) is list else list(pieces)
        self.meter.grow(sum(map(len, found)))
        return "".join(found)

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:
        """A template for a page, or for include, extends and import."""
        self.meter.work(20)
        if isinstance(name, Template):
            return name
        found = self._found.get((name, parent))
        if found is None:
            found = self._found[name, parent] = super().get_template(name, parent)
        return found

    def include(self, context: Context, name: str, parent: str, variables: dict[str, Any]) -> str:
        """The text of an included template, which sees what the including one sees."""
        template = self.get_template(name, parent)
        known = (
            {**context.get_all(), **{key: value for key, value in variables.items() if value is not missing}}
            if variables
            else context.get_all()
        )
        return self.concat(template.root_render_func(self.context_class(self, known, template.name, template.blocks)))


# --- filters and functions that are bounded -------------------------------------------------------------------------


def _make_filters(meter: Meter) -> dict[str, Callable[..., Any]]:
    """Jinja's filters without chance (`random`), reprs (`pprint`) and ways around the list (`attr`), each counted."""
    filters = {name: _counted(FILTERS[name], meter, name in _TEXT_FILTERS) for name in sorted(_KEPT_FILTERS)}
    filters |= {
        "(each)": partial(_each, meter),
        "(concat)": partial(_concat, meter),
        "(words)": _words,
        "batch": _with_count(filters["batch"]),
        "slice": _with_count(filters["slice"]),
        "join": partial(_join, meter),
        "replace": partial(_replace, meter),
        "indent": partial(_indent, meter),
        "format": partial(_format, meter),
        "round": _round,
        "string": shown,
    }
    return filters


def _counted(function: Callable[..., Any], meter: Meter, text: bool = False) -> Callable[..., Any]:
    first = 1 if hasattr(function, "jinja_pass_arg") else 0  # what stands before the value: the context, or a part of it

    @wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        meter.look(args[first])
        return function(*args, **kwargs)

    @wraps(function)
    def counted_text(*args: Any, **kwargs: Any) -> Any:
        meter.look(args[first])
        return function(*args[:first], _printable(args[first]), *args[first + 1 :], **kwargs)

    return counted_text if text else counted


def _printable(value: Any) -> Any:
    """The value, or its parts, after a look whether it may be written out."""
    if isinstance(value, dict):
        return {key: part if part is None else shown(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_printable(part) for part in value) if type(value) in (list, tuple) else shown(value)
    return shown(value)


def _with_count(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            if isinstance(value, int):
                _at_most(value, MAX_RANGE)
        return function(*args, **kwargs)

    return bounded


def _at_most(number: Any, most: int) -> int:
    if not isinstance(number, int) or number > most:
        raise Refused(f"A whole number of at most {most:,} is expected here.", "Use a smaller number.")
    return number


def _range(*args: Any) -> range:
    if not all(isinstance(arg, int) for arg in args):
        raise Refused("range() takes whole numbers.", "Write for example: range(3) or range(1, 4)")
    numbers = range(*args)
    try:
        _at_most(len(numbers), MAX_RANGE)
    except OverflowError:
        _at_most(MAX_RANGE + 1, MAX_RANGE)
    return numbers


def _each(meter: Meter, items: Any) -> Any:
    """What a loop goes through, counted beforehand."""
    try:
        count = len(items)
    except TypeError:
        if items is None:
            raise Refused("There is nothing here to go through.", "Put {% if … %} around the loop.") from None
        items = list(items)
        count = len(items)
    meter.work(count)
    return items


def _concat(meter: Meter, values: list[Any]) -> str:
    """`a ~ b`: the texts side by side, escaped where one of them is HTML already."""
    return _join(meter, values)


def _join(meter: Meter, value: Any, sep: Any = "", attribute: Any = None, *, d: Any = None) -> str:
    """The texts of a list with `sep` between them; the others are escaped where one is HTML."""
    separator = shown(sep if d is None else d)
    items = list(_each(meter, value))
    if attribute is not None:
        items = [getattr(item, attribute) if attribute in _ALLOWED.get(type(item), _NOTHING) else _entry(item, attribute) for item in items]
    texts = [item if isinstance(item, str) else str(shown(item)) for item in items]
    separator = separator if isinstance(separator, str) else str(separator)
    meter.grow(sum(map(len, texts)) + len(separator) * len(texts))
    if isinstance(separator, Markup) or any(isinstance(text, Markup) for text in texts):
        return Markup(escape(separator)).join(texts)
    return separator.join(texts)


def _entry(item: Any, attribute: Any) -> Any:
    if isinstance(item, msgspec.Struct) and attribute in type(item).__struct_fields__:
        return getattr(item, attribute)
    if isinstance(item, dict) and attribute in item:
        return item[attribute]
    raise UnknownName(item, attribute, f"no {attribute}")


def _replace(meter: Meter, value: Any, old: Any, new: Any, count: int = -1) -> str:
    """The text with one part replaced by another, which is escaped where the text is HTML."""
    text, old, new = (part if isinstance(part, str) else str(shown(part)) for part in (value, old, new))
    if isinstance(new, Markup) and not isinstance(text, Markup):
        text = escape(text)
    elif isinstance(text, Markup):
        new = escape(new)
    found = text.count(old)
    meter.grow(len(text) + found * len(new))
    meter.work(len(text) >> 6)
    return text.replace(old, new, -1 if count is None else count)


def _indent(meter: Meter, value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """The text with every line but the first moved to the right."""
    space = width if isinstance(width, str) else " " * _at_most(width, 100)
    text = value if isinstance(value, str) else str(shown(value))
    meter.grow(len(text) + len(space) * (text.count("\n") + 1))
    lines = text.splitlines() or [""]
    moved = [space + line if (line or blank) and (number or first) else line for number, line in enumerate(lines)]
    return (Markup("\n") if isinstance(text, Markup) else "\n").join(moved)


def check_format(text: str) -> None:
    """Refuses a text with %-places whose width would make it enormous."""
    if _WIDE.search(text):
        raise Refused("A place in % asks for a very wide text.", "Leave the width out.")


def _format(meter: Meter, value: Any, *args: Any, **kwargs: Any) -> str:
    """`"%s and %s"|format(a, b)`."""
    return format_text(meter, value if isinstance(value, str) else str(shown(value)), kwargs or args)


def format_text(meter: Meter, text: str, values: Any) -> str:
    """`text % values`, with nothing written out that may not be shown, and no place wider than three digits."""
    check_format(text)
    parts = _printable(values)
    sizes = parts.values() if isinstance(parts, dict) else parts if isinstance(parts, tuple) else (parts,)
    meter.grow(len(text) + text.count("%") * max((len(part) for part in sizes if isinstance(part, str)), default=0))
    filled: str = text % parts
    return filled


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    result: float = FILTERS["round"](value, _at_most(abs(precision), 20) and precision, method)
    return result


def _words(value: Any) -> str:
    """A text that is translated but is not part of the template: escaped, since translations count as HTML."""
    return str(escape(value if isinstance(value, str) else str(shown(value)))).replace("%", "%%")
