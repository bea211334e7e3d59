"""Values of a description made with the context of a call: trees whose texts are templates.

A text that is exactly one ``{{ expression }}`` gives the value itself (a number, a list, a medium);
any other text stays text. An entry or item that gives nothing (None) is left out, and so is a
mapping or list of which nothing is left; null as it is written in YAML stays null. In a mapping

``$if: expression``    leaves the whole mapping out when it is false
``$each: expression``  repeats the mapping for each ``item``
``$merge: expression`` takes over the entries of a mapping, at its place; nothing merges nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import TemplateError, UndefinedError
from jinja2.runtime import Undefined

from fvbuild.errors import FilmBuildError, TargetError
from fvbuild.targets.api.media import Media, Part
from fvbuild.targets.api.sandbox import as_text, expression, only_expression, template

IF: Final = "$if"
EACH: Final = "$each"
MERGE: Final = "$merge"
SIGNS: Final = (IF, EACH, MERGE)


class _Left:
    """Stands for what is left out."""


_OUT: Final = _Left()


def render(tree: Any, context: Mapping[str, Any]) -> Any:
    """A tree with every template filled in; None when all of it is left out.

    The result holds plain values, and :class:`Media` and :class:`Part` where the tree gives them.
    Raises TargetError with the template that cannot be filled.
    """
    value = _value(tree, context)
    return None if isinstance(value, _Left) else value


def render_text(source: str, context: Mapping[str, Any]) -> str | None:
    """A path, URL or header: text; None when it is left out."""
    value = render(source, context)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Media | Part | list | dict):
        raise TargetError(f"`{_shown(source)}` gives no text")
    return str(_plainly(value))


def holds(source: str, context: Mapping[str, Any]) -> bool:
    """Whether an expression (of ``if``, ``$if``) is true. Raises TargetError."""
    return bool(evaluate(source, context))


def evaluate(source: str, context: Mapping[str, Any]) -> Any:
    """What an expression gives, with or without its braces. Raises TargetError."""
    inner = only_expression(source) or source
    try:
        return _settled(expression(inner)(**context))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise _unfilled(source, error) from error


def form_fields(tree: Mapping[str, Any], context: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Parts of a form or query in order: texts and files; a list repeats its name."""
    rendered: Mapping[str, Any] = render(tree, context) or {}
    return [
        (name, each if isinstance(each, Media | Part) else _plainly(each))
        for name, value in rendered.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]


def _value(tree: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(tree, str):
        return _text(tree, context)
    if isinstance(tree, Mapping):
        return _mapping(tree, context)
    if isinstance(tree, list):
        items = [item for each in tree for item in _items(each, context)]
        return items if items or not tree else _OUT
    return tree


def _text(source: str, context: Mapping[str, Any]) -> Any:
    if "{" not in source:
        return source
    inner = only_expression(source)
    if inner is not None:
        value = evaluate(inner, context)
        return _OUT if value is None else value
    try:
        return template(source).render(context)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise _unfilled(source, error) from error
    except TargetError as error:
        raise TargetError(f"`{_shown(source)}`: {error.message}", hint=error.hint) from error


def _items(each: Any, context: Mapping[str, Any]) -> Iterator[Any]:
    """The items that one item of a list stands for."""
    if isinstance(each, Mapping) and EACH in each:
        yield from _repeated(each, context)
        return
    value = _value(each, context)
    if not isinstance(value, _Left):
        yield value


def _mapping(tree: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
    if EACH in tree:
        return list(_repeated(tree, context)) or _OUT
    if IF in tree and not holds(str(tree[IF]), context):
        return _OUT
    result: dict[str, Any] = {}
    for key, inner in tree.items():
        if key == IF:
            continue
        if key == MERGE:
            result.update(_merged(inner, context))
            continue
        value = _value(inner, context)
        if not isinstance(value, _Left):
            result[str(template(key).render(context)) if "{{" in key else key] = value
    written = any(key != IF for key in tree)
    return result if result or not written else _OUT


def _repeated(tree: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Any]:
    each = {key: value for key, value in tree.items() if key != EACH}
    items = tree[EACH]
    found = evaluate(items, context) if isinstance(items, str) else _value(items, context)
    if found is None or isinstance(found, _Left):
        return
    if not isinstance(found, list | tuple):
        raise TargetError(f"`{EACH}: {_shown(str(items))}` gives no list")
    for item in found:
        value = _mapping(each, {**context, "item": item})
        if not isinstance(value, _Left):
            yield value


def _merged(inner: Any, context: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for each in inner if isinstance(inner, list) else [inner]:
        value = evaluate(each, context) if isinstance(each, str) else _value(each, context)
        if value is None or isinstance(value, _Left):
            continue
        if not isinstance(value, Mapping):
            raise TargetError(f"`{MERGE}: {_shown(str(each))}` gives no mapping")
        found.update((name, item) for name, item in value.items() if item is not None)
    return found


def _settled(value: Any) -> Any:
    """A value with nothing lazy or undefined in it."""
    if isinstance(value, Undefined):
        str(value)  # A strict undefined raises what is wrong with it.
    if isinstance(value, dict):
        return {key: _settled(inner) for key, inner in value.items()}
    if value is None or isinstance(value, str | int | float | Media | Part):
        return value
    if isinstance(value, Iterable):
        return [_settled(inner) for inner in value]
    raise TypeError(f"it gives a {type(value).__name__}, which is no value")


def _plainly(value: Any) -> str:
    """A value in a form or header, where all is text."""
    return as_text(value) or ""


def _unfilled(source: str, error: Exception) -> FilmBuildError:
    what = error.message if isinstance(error, UndefinedError) and error.message else str(error)
    return TargetError(
        f"`{_shown(source)}` of the provider's description cannot be filled: {what}",
        hint="`fvbuild check` finds what is wrong in a description of your own",
    )


def _shown(source: str) -> str:
    return source if len(source) <= 80 else source[:77] + "..."
