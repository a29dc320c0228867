"""Page templates: the office's own (``templates/html`` in its folder) before the shipped ones, in a sandbox.

An own template of the same name takes the place of a shipped one, and may build on it: ``{% extends
"shipped/base.html.j2" %}``. What others need of it (blocks, macros) is checked when the office is opened, and whatever goes
wrong in it is said with its line.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from batch.core.finding import Place, UserError
from batch.files import resource
from batch.i18n import Speaker

N = TypeVar("N", bound=nodes.Node)
_PARTS = 1_000  # pieces of a page that are joined at a time
_OF_MANY = [f"{name}.html.j2" for name in ("base", "parts", "drill", "slip", "group", "statistics", "result")]
_LENDING = {"parts.html.j2", "guide.html.j2"}  # whose macros other templates call
_LOOKS = {"look", "style", "office"}  # blocks that an own template may do without


@lru_cache
def environment(own: Path | None = None, lang: str = "en") -> Environment:
    """Escaping is always on, and a name that doesn't exist is an error. ``own``: the office's folder of page templates.

    ``lang``: the language of the pages. Only an office with templates of its own pays for the sandbox: it takes half as
    long again.
    """
    shipped = FileSystemLoader(str(resource("html")))
    loaders: list[BaseLoader] = [FileSystemLoader(str(own))] if own else []
    kind = _SpokenSandbox if own else _Spoken
    made = kind(
        auto_reload=own is not None,  # an office may change its own while a worker lives
        cache_size=-1,  # all are kept: they are few, and looked up thousands of times
        loader=ChoiceLoader([*loaders, shipped, PrefixLoader({"shipped": shipped})]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.words = _Words(lang)
    return made


@lru_cache(1 << 13)
def _escaped_text(text: str) -> str:
    return str(escape(text))


_ESCAPED: Mapping[type, Callable[[Any], str]] = {
    **{str: _escaped_text, Markup: lambda safe: safe, Undefined: str},
    **{int: str, Decimal: str},  # neither has a sign that is escaped
}


def _escaped(value: Any) -> str:
    """What :func:`markupsafe.escape` makes of a value, as plain text: it is only put between other text of the page."""
    return _ESCAPED.get(type(value), escape)(value)


class _Code(CodeGenerator):
    """Code with less between one piece of text and the next: a page has thousands, and most of them are alike.

    Nothing that the shipped templates call asks for Jinja's context, so that they call it themselves; an office's own
    templates go through the sandbox.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _plainly_escaped(frame, finalize):
            self.write("(escaped_text(shown) if type(shown := ")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _plainly_escaped(frame, finalize):
            self.write(") is str else escaped(shown))")
        else:
            super()._output_child_post(node, frame, finalize)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """An attribute and nothing else, where Jinja would look for a key too; the blocks of a template are none."""
        if self.environment.sandboxed or node.node == nodes.Name("self", "load"):
            super().visit_Getattr(node, frame)
        else:
            self.write("(")
            self.visit(node.node, frame)
            self.write(f").{node.attr}")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.buffer is not None or frame.require_output_check or len(node.nodes) == 1:
            super().visit_Output(node, frame)
        else:
            self._as_one(frame, lambda: super(_Code, self).visit_Output(node, frame))

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        if not frame.loop_frame or frame.buffer is not None:
            super().blockvisit(nodes, frame)
        else:  # a turn of a loop
            self._as_one(frame, lambda: super(_Code, self).blockvisit(nodes, frame))

    def _as_one(self, frame: Frame, visit: Callable[[], None]) -> None:
        """Have several pieces handed on as one: from block to block up to the page, each takes its time."""
        self.buffer(frame)
        visit()
        self.writeline(f"yield concat({frame.buffer})")
        frame.buffer = None

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if self.environment.sandboxed or forward_caller or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for one in (*node.args, *node.kwargs):
            self.visit(one, frame)
            self.write(", ")
        self.write(")")


def _plainly_escaped(frame: Frame, finalize: Any) -> bool:
    return bool(frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None)


class _Macro(Macro):
    """A macro that is called the short way, where it is given nothing by name."""

    def __init__(self, *names: Any) -> None:
        super().__init__(*names)
        self._rest = [(missing,) * (self._argument_count - given) for given in range(self._argument_count + 1)]
        self._plain = not (self.catch_kwargs or self.catch_varargs or self.caller)

    def __call__(self, *args: Any, **more: Any) -> str:
        if more or not self._plain or len(args) > self._argument_count:
            return super().__call__(*args, **more)
        return str.__new__(Markup, self._func(*args, *self._rest[len(args)]))


class _Template(Template):
    """All have the same globals, so that a module of macros is the same for whoever imports it."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class _Spoken(Environment):
    """Says ``_("fixed words")`` when a template is compiled: they are the same on thousands of pages, and in every row."""

    words: NodeTransformer
    code_generator_class = _Code
    template_class = _Template
    escaped = staticmethod(_escaped)
    escaped_text = staticmethod(_escaped_text)
    macro = _Macro

    def _generate(self, source: nodes.Template, *names: Any, **more: Any) -> str:
        head, _, code = super()._generate(self.words.visit(source), *names, **more).partition("\n")
        ours = "escaped, escaped_text, Macro = environment.escaped, environment.escaped_text, environment.macro"
        return f"{head}; {ours}\n{code}"  # lines keep their numbers


class _SpokenSandbox(_Spoken, SandboxedEnvironment):
    """The same for an office's own templates."""


class _Words(NodeTransformer):
    """Puts words in the place of what says them: where they are shown, and where a macro or a function is given them.

    Elsewhere, as in ``a ~ _("b")``, Jinja would join constants at once and forget which of them need no escaping.
    """

    def __init__(self, lang: str) -> None:
        self._say = Speaker(lang)

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        node.nodes = [self._said(one) for one in node.nodes]
        return self._within(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Call:
        node.args = [self._said(one) for one in node.args]
        return self._within(node)

    def _within(self, node: N) -> N:
        self.generic_visit(node)
        return node

    def _said(self, node: nodes.Expr) -> nodes.Expr:
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], kwargs=[]):
                return nodes.Const(self._say(text), lineno=node.lineno, environment=node.environment)
        return node


_KEPT = 8000  # parts of pages, of a kilobyte or less: those of an office of 1,500 people, or else of the last pages made


class Once:
    """``once(key, macro, ...)`` in a template: what the macro makes of the first with this key stands for all of them.

    On one page; or on all the pages that are given, as ``once``, one that keeps in the same ``made``. Much of it is let go
    of, and made again where it is asked for after that.
    """

    def __init__(self, made: dict[Any, str] | None = None) -> None:
        self._made = {} if made is None else made

    def __call__(self, key: Any, macro: Callable[..., str], *names: Any) -> str:  # noqa: D102 (said above)
        made = self._made.get((macro.name, key))  # type: ignore[attr-defined]
        if made is None:
            if len(self._made) >= _KEPT:
                self._made.clear()
            made = self._made[macro.name, key] = macro(*names)  # type: ignore[attr-defined]
        return made


class Kept(dict[Any, str]):
    """A function whose texts are kept, as of :func:`functools.cache`; but it can be handed over to another machine."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        made = self[value] = self._make(value)
        return made

    __call__ = dict.__getitem__


def compile_shared(own: Path | None, lang: str, *more: str) -> None:
    """Compile the templates of people's pages, and ``more`` of them, now, so that processes forked after this have them.

    Those of pages about everybody are else compiled by the process that makes the page.
    """
    found = environment(own if own and own.is_dir() else None, lang)
    for name in (*_OF_MANY, *more):
        with suppress(TemplateError):  # what is wrong in an own template is said with its line by whoever renders it
            found.get_template(name)


def render(own: Path | None, template: str, /, *names: Any, **more: Any) -> str:
    """A page as text; ``_`` among its names says its words.

    Raises :class:`UserError` (``config.page-wrong``) if an office's own template fails.
    """
    return "".join(render_parts(own, template, *names, **more))


def render_parts(own: Path | None, template: str, /, *names: Any, **more: Any) -> Iterator[str]:
    """The same in parts, as they are made: a page about everybody is too large to lie in memory as a whole."""
    own = own if own and own.is_dir() else None
    known = {"once": Once(), **dict(*names, **more)}
    try:
        parts = environment(own, known["_"].lang).get_template(template).generate(known)
        while some := [*islice(parts, _PARTS)]:
            yield "".join(some)
    except UserError:
        raise
    except Exception as err:
        if own is None:
            raise  # a shipped template failed: that is a fault of this program
        raise _wrong(own, template, err) from err


def check_pages(own: Path) -> None:
    """Refuse own templates that can't be read, or lack a block or macro of the shipped one they take the place of.

    Raises :class:`UserError` (``config.page-wrong``, ``config.page-lacks``).
    """
    for path in sorted(own.glob("*.j2")) if own.is_dir() else ():
        try:
            tree = environment(own).parse(path.read_text(encoding="utf-8-sig"))
        except (TemplateSyntaxError, UnicodeDecodeError) as err:
            raise _wrong(own, path.name, err) from err
        shipped = resource("html", path.name)
        bases = {node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)}
        if shipped.is_file() and f"shipped/{path.name}" not in bases:
            offered = _offers(environment().parse(shipped.read_text(encoding="utf-8")), path.name)
            lacking = offered - _offers(tree, path.name)
            if lacking:
                raise UserError("config.page-lacks", Place(str(path)), names=", ".join(sorted(lacking)), page=path.name)


def _offers(tree: nodes.Template, name: str) -> set[str]:
    blocks = {f"block {node.name}" for node in tree.find_all(nodes.Block) if node.name not in _LOOKS}
    return blocks | {f"macro {node.name}" for node in tree.find_all(nodes.Macro) if name in _LENDING}


def _wrong(own: Path, template: str, err: Exception) -> UserError:
    """The own template's file and line: of a syntax error its own, else the last line of any template that was reached."""
    if isinstance(err, TemplateSyntaxError):
        file, line = err.filename or str(own / template), err.lineno
    else:
        frames = traceback.extract_tb(err.__traceback__)
        reached = [f for f in frames if f.filename.endswith(".j2")]
        mine = [f for f in reached if Path(f.filename).parent == own] or reached
        file, line = (mine[-1].filename, mine[-1].lineno or 0) if mine else (str(own / template), 0)
    return UserError("config.page-wrong", Place(file), line=str(line), problem=str(err))
