"""How a template becomes code: with a meter in its loops, and by shorter ways for what a page does hundreds of times."""

from collections.abc import Callable, MutableMapping
from typing import Any

import markupsafe
from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame as CompilerFrame
from jinja2.environment import TemplateModule
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from iopsgen.sandbox.bounds import shown
from iopsgen.views import View

_GETTEXT = {"_": (0,), "gettext": (0,), "ngettext": (0, 1), "pgettext": (0, 1), "npgettext": (0, 1, 2)}
# field -> the views that have it
HAVING: dict[str, frozenset[type]] = {
    field: frozenset(view for view in View.__subclasses__() if field in view.__struct_fields__)
    for field in sorted({field for view in View.__subclasses__() for field in view.__struct_fields__})
}
_FUNCTIONS = frozenset((*_GETTEXT, "asset", "icon"))


# The function behind markupsafe.escape, which gives a plain text and saves making a Markup of every piece.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", lambda text: str(escape(text)))


def _is_literal(node: nodes.Node) -> bool:
    if isinstance(node, nodes.CondExpr):
        return _is_literal(node.expr1) and node.expr2 is not None and _is_literal(node.expr2)
    return isinstance(node, nodes.Const | nodes.TemplateData)


def _reads(tree: nodes.Template) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Which names a template takes from whoever includes it, and which templates it includes; None where that cannot be told."""
    includes = list(tree.find_all(nodes.Include))
    if next(tree.find_all((nodes.Extends, nodes.Import, nodes.FromImport, nodes.Block, nodes.ContextReference, nodes.DerivedContextReference)), None):
        return None
    if not all(i.with_context and not i.ignore_missing and isinstance(i.template, nodes.Const) and isinstance(i.template.value, str) for i in includes):
        return None
    return tuple(sorted(find_undeclared_variables(tree))), tuple(sorted({i.template.value for i in includes}))  # type: ignore[attr-defined]


class Counted(NodeTransformer):
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


class Generator(CodeGenerator):
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
        self.writeline(f"reads = {_reads(node)!r}")

    def visit_Getattr(self, node: nodes.Getattr, frame: CompilerFrame) -> None:
        """A field of a view is read directly; everything else goes through the environment."""
        if node.attr not in HAVING:
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


def escaped(value: Any) -> str:
    """What `{{ value }}` writes: `shown`, escaped unless it is HTML."""
    kind = type(value)
    if kind is str:
        return _escape_text(value)
    return value if kind is Markup else str(escape(shown(value)))


class ThemeTemplate(Template):
    """A template that is run anew for each page that imports it: a `namespace` in it must not carry anything from page to page.

    `reads` are the names it takes from whoever includes it, and the templates that it includes itself; None where that cannot be told.
    """

    reads: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: MutableMapping[str, Any], globals: MutableMapping[str, Any]) -> Template:
        found = super()._from_namespace(environment, namespace, globals)
        assert isinstance(found, ThemeTemplate)
        found.reads = namespace.get("reads")
        return found

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return self.make_module()
