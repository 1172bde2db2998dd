"""What a template may touch: a Jinja environment with a list of what is allowed, for everything that is not a view."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import partial
from types import FunctionType
from typing import Any

import msgspec
from jinja2 import StrictUndefined, Template, Undefined, UndefinedError, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.loaders import BaseLoader
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, missing
from markupsafe import Markup

from iopsgen.sandbox.bounds import (
    Meter,
    UnknownName,
    bounded_join,
    bounded_range,
    bounded_replace,
    check_operation,
    each,
    format_text,
    make_filters,
    names,
    shown,
)
from iopsgen.sandbox.compiling import HAVING, Counted, Generator, ThemeTemplate, escaped

_TEXT_METHODS = names(
    "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle isupper "
    "lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split splitlines startswith strip swapcase "
    "title upper"
)
_DAY = names("year month day weekday isoweekday isoformat")
_CLOCK = names("hour minute second isoformat")
_NOTHING = names("")
# Values that never change: of these, the same object is the same value.
_FROZEN = frozenset((*(view for having in HAVING.values() for view in having), date, datetime, time, type(None), type(missing)))
_SCALARS = frozenset((str, int, bool, Markup))
_NO_KEY: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())
MOST_KEPT = 24_000_000  # characters of parts that are kept for further pages

_ALLOWED: dict[type, frozenset[str]] = {
    str: _TEXT_METHODS,
    Markup: _TEXT_METHODS | names("striptags unescape"),
    int: _NOTHING,
    float: _NOTHING,
    bool: _NOTHING,
    type(None): _NOTHING,
    list: _NOTHING,
    tuple: _NOTHING,
    dict: names("keys values items get"),
    date: _DAY,
    datetime: _DAY | _CLOCK | names("date"),
    time: _CLOCK,
    LoopContext: names("index index0 revindex revindex0 first last length depth depth0 previtem nextitem changed cycle"),
    Macro: names("name arguments catch_kwargs catch_varargs caller"),
    BlockReference: names("super"),
}


class _Missing(StrictUndefined):
    """What a template gets for an unknown name: every use but `is defined` and `|default` raises UnknownName."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: Any = UndefinedError) -> None:
        # Jinja only calls it with the message, so anything that makes an exception will do.
        super().__init__(hint, obj, name, partial(UnknownName, obj, name) if exc is UndefinedError else exc)  # type: ignore[arg-type]


class ThemeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for templates of themes: autoescape always, unknown names are errors, an allow-list for everything else."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))
    code_generator_class = Generator
    template_class = ThemeTemplate
    escaped = staticmethod(escaped)
    having = HAVING

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
        self._wants: dict[int, tuple[Template, tuple[str, ...] | None]] = {}
        self._made: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}  # text, and what its key names by identity
        self._kept = 0  # characters in it
        self.newstyle_gettext = True
        self.filters = make_filters(meter)
        self.functions: frozenset[Callable[..., Any]] = frozenset()
        self.globals = {"range": bounded_range, "namespace": Namespace}

    def install(self, filters: dict[str, Callable[..., Any]], functions: dict[str, Callable[..., Any]], values: dict[str, Any]) -> None:
        """Adds filters, functions and values that every template knows."""
        self.filters.update(filters)
        self.functions = frozenset(functions.values())
        self.globals.update(functions, **values)

    # Compiling.

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        Counted().visit(tree)
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
            return partial(bounded_replace, self.meter, obj) if attribute == "replace" else partial(bounded_join, self.meter, sep=obj)
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
            args = (each(self.meter, args[0]), *args[1:])
        else:
            self.meter.look(getattr(obj, "__self__", None))
        if not self.is_safe_callable(obj):
            raise SecurityError("this may not be called")
        return context.call(obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An arithmetic operation, refused where its result would be enormous."""
        if operator == "%" and isinstance(left, str):
            return format_text(self.meter, left, right)
        check_operation(self.meter, operator, left, right)
        return super().call_binop(context, operator, left, right)

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
        key, values = self._key(template, context, variables)
        held = self._made.get(key) if key else None
        if held is not None:
            self.meter.grow(len(held[0]))
            return held[0]
        text = self._include(template, context, variables)
        if key:
            self._keep(key, text, values)
        return text

    def _include(self, template: Template, context: Context, variables: dict[str, Any]) -> str:
        known = (
            {**context.get_all(), **{key: value for key, value in variables.items() if value is not missing}}
            if variables
            else context.get_all()
        )
        return self.concat(template.root_render_func(self.context_class(self, known, template.name, template.blocks)))

    # What is the same on many pages is made once: the card of a post, the foot of the page.

    def _keep(self, key: tuple[Any, ...], text: str, values: tuple[Any, ...]) -> None:
        self._kept += len(text)
        if self._kept > MOST_KEPT:
            self._made.clear()
            self._kept = len(text)
        self._made[key] = (text, values)

    def _key(self, template: Template, context: Context, variables: dict[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What the text of an included template depends on, and the values that it names by identity; empty where it is of this page alone."""
        names = self._names_wanted(template)
        if names is None:
            return _NO_KEY
        key: list[Any] = [id(template)]
        values: list[Any] = [template]
        for name in names:
            value = variables.get(name, missing)
            if value is missing:
                value = context.resolve_or_missing(name)
            kind = type(value)
            if kind in _SCALARS:
                key += (kind, value)
            elif kind in _FROZEN or (kind is tuple and all(type(one) in _SCALARS or type(one) in _FROZEN for one in value)):
                key.append(id(value))
                values.append(value)
            elif name not in self.globals or value is not self.globals[name]:
                return _NO_KEY
        return tuple(key), tuple(values)

    def _names_wanted(self, template: Template) -> tuple[str, ...] | None:
        """The names that a template and those it includes take from outside; None where it may depend on more, or on the page itself."""
        held = self._wants.get(id(template))
        if held is None:
            self._wants[id(template)] = template, None  # where it includes itself
            held = self._wants[id(template)] = template, self._find_names(template)
        return held[1]

    def _find_names(self, template: Template) -> tuple[str, ...] | None:
        reads = getattr(template, "reads", None)
        if reads is None:
            return None
        found = set(reads[0])
        for name in reads[1]:
            try:
                inner = self._names_wanted(self.get_template(name, template.name))
            except TemplateError:
                return None
            if inner is None:
                return None
            found.update(inner)
        return None if "page" in found else tuple(sorted(found))
