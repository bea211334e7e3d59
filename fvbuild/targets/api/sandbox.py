"""The one Jinja environment of descriptions: what a template may see, call and import is little.

A description may come from anywhere, so its templates run in a sandbox: expressions without
statements, no attribute of any object of ours but those named here, no globals, no writing,
undefined names are errors; and nothing by which a short text grows without bound. What users and
models write reaches a template as a value and is never compiled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fvbuild.errors import TargetError
from fvbuild.targets.api.media import FILTERS, Media

if TYPE_CHECKING:
    from jinja2.environment import TemplateExpression

OF_MEDIA = frozenset({"media_type", "name", "filename", "digest", "size_bytes", "width", "height"})
_PLAIN = (str, int, float, bool, list, tuple, dict, type(None), Undefined)
_METHODS = frozenset(
    {"endswith", "get", "items", "keys", "lower", "split", "startswith", "strip", "upper", "values"}
)
_USUAL_FILTERS = (
    "abs capitalize count d default dictsort first float int items last length list lower map max "
    "min reject rejectattr round select selectattr sort string sum title tojson trim truncate "
    "unique upper"
)
"""Of Jinja's own; ``join`` and ``replace`` are below, where they know bounds."""

_MOST_CHARS = 1_000_000
"""The longest text that a template makes of shorter ones; media are not made by templates."""

_DEEPEST = 40
"""Levels of an expression: it is read, compiled and run level by level, on a stack with an end."""

_WHOLE = re.compile(r"(\d+)\s*[xX:]\s*(\d+)")


class Environment(ImmutableSandboxedEnvironment):
    """Jinja over plain values and media."""

    def __init__(self, filters: Mapping[str, Callable[..., object]]) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, finalize=_written)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _USUAL_FILTERS.split()}
        self.filters.update(filters)

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers are multiplied; texts and lists are not, for they would grow."""
        if operator == "**" or not all(isinstance(each, int | float) for each in (left, right)):
            raise TargetError(f"'{operator}' is not for {type(left).__name__}")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except RecursionError:
            raise _too_deep() from None
        if _depth(tree) > _DEEPEST:
            raise _too_deep()
        for node in tree.find_all(nodes.Stmt):
            if not isinstance(node, nodes.Output):
                raise TemplateSyntaxError(
                    "only {{ expressions }} are written here, and no {% statements %}", node.lineno
                )
        return tree

    def wrap_str_format(self, value: Any) -> None:
        """``format`` is a method like others here, and none of those that may be called."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Media show some of their facts; plain values what changes and enlarges nothing."""
        if isinstance(obj, Media):
            return attr in OF_MEDIA
        safe = isinstance(obj, _PLAIN) and (not callable(value) or attr in _METHODS)
        return safe and super().is_safe_attribute(obj, attr, value)


def _depth(tree: nodes.Node) -> int:
    """How many levels a template's tree has, counted without recursion."""
    deepest, left = 0, [(tree, 1)]
    while left:
        node, level = left.pop()
        deepest = max(deepest, level)
        left.extend((child, level + 1) for child in node.iter_child_nodes())
    return deepest


def _too_deep() -> TemplateSyntaxError:
    return TemplateSyntaxError("it is nested too deeply", 1)


@cache
def environment() -> Environment:
    """The environment, with the filters on media and the hooks that are filters."""
    from fvbuild.targets.api.hooks import FILTERS as HOOKS

    filters: dict[str, Callable[..., object]] = {**FILTERS, **HOOKS}
    filters.update(text=as_text, ratio=ratio, join=_joined, replace=_replaced)
    return Environment(filters)


@lru_cache(maxsize=4096)
def template(source: str) -> Template:
    """A text with templates in it, compiled. Raises TemplateError."""
    return environment().from_string(source)


@lru_cache(maxsize=4096)
def expression(source: str) -> TemplateExpression:
    """What may stand between braces, compiled. Raises TemplateError."""
    environment().parse(f"{{{{ {source} }}}}")
    return environment().compile_expression(source, undefined_to_none=False)


@lru_cache(maxsize=8192)
def only_expression(source: str) -> str | None:
    """The expression of a text that is exactly one ``{{ expression }}``, else None."""
    stripped = source.strip()
    if not (stripped.startswith("{{") and stripped.endswith("}}")):
        return None
    try:
        kinds = [kind for _line, kind, _text in environment().lex(stripped)]
    except TemplateError:
        return None
    single = kinds.count("variable_begin") == 1 and "block_begin" not in kinds
    if not (single and kinds[0] == "variable_begin" and kinds[-1] == "variable_end"):
        return None
    # Signs that touch the braces are about blanks outside of them, and no part of the expression.
    inner = stripped[2:-2].removeprefix("-").removeprefix("+")
    return inner.removesuffix("-").removesuffix("+").strip()


def ratio(size: Any) -> str:
    """A size in lowest terms: ``1280x720``, ``1280:720`` or ``[1280, 720]`` gives ``16:9``."""
    from math import gcd

    if isinstance(size, list | tuple):
        width, height = (int(side) for side in size)
    else:
        found = _WHOLE.fullmatch(str(size).strip())
        if found is None:
            raise TargetError(f"'{size}' is no size")
        width, height = int(found[1]), int(found[2])
    divisor = gcd(width, height) or 1
    return f"{width // divisor}:{height // divisor}"


def _joined(values: Any, between: str = "") -> str:
    """Texts after each other. Raises TargetError where that is too long."""
    texts = [as_text(value) or "" for value in values]
    _bounded(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _replaced(text: Any, old: str, new: str) -> str:
    """A text with each ``old`` in it written ``new``. Raises TargetError where that is too long."""
    before = str(text)
    _bounded(len(before) + (before.count(old) + 1) * len(new))
    return before.replace(old, new)


def _bounded(chars: int) -> None:
    if chars > _MOST_CHARS:
        raise TargetError(f"the text is longer than {_MOST_CHARS} characters")


def as_text(value: Any) -> str | None:
    """A value as text, as JSON writes it; nothing stays nothing."""
    if isinstance(value, Undefined):
        str(value)
    return None if value is None else str(_written(value))


def _written(value: Any) -> Any:
    """How a value stands inside of a longer text: ``true``, ``5``, JSON for what has parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if value is None:
        raise TargetError("a part of the text is nothing")
    return value
