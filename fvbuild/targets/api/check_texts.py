"""Checks every text of a description that is in a language of its own: it is compiled at load.

Templates must parse, know their filters, and name only what their place knows; JMESPath and regular
expressions must parse. Nothing is run.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from jinja2 import TemplateError, meta, nodes
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel

from fvbuild.film.suggest import did_you_mean
from fvbuild.targets.api import lookup, sandbox
from fvbuild.targets.api.description_base import (
    EXPRESSION,
    JINJA,
    JMESPATH,
    REGEX,
    VALUES,
    Language,
)
from fvbuild.targets.api.scope import Scope
from fvbuild.targets.api.values import EACH, SIGNS

Path = tuple[str | int, ...]


class Written(NamedTuple):
    """A text, where it stands, and its language."""

    path: Path
    text: str
    language: Language
    in_each: bool = False


class Fault(NamedTuple):
    """What is wrong with the text at a path, and the next step."""

    path: Path
    message: str
    hint: str = ""


def written(part: BaseModel, path: Path = ()) -> Iterator[Written]:
    """Every text in a language of its own, in a model and all below it."""
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        annotation: Any = info.annotation
        for each in info.metadata:
            annotation = Annotated[annotation, each]
        if name in part.model_fields_set:
            yield from _inside(annotation, value, (*path, info.alias or name))


def _inside(annotation: Any, value: Any, path: Path) -> Iterator[Written]:
    if isinstance(value, BaseModel):
        yield from written(value, path)
        return
    arms = list(_arms(annotation, ()))
    languages = [meta for _, extra in arms for meta in extra if isinstance(meta, Language)]
    if VALUES in languages:
        yield from _tree(value, path, False)
    elif isinstance(value, str):
        if languages:
            yield Written(path, value, languages[0])
    elif isinstance(value, dict):
        inner = next((get_args(kind)[1] for kind, _ in arms if get_origin(kind) is dict), Any)
        for key, item in value.items():
            yield from _inside(inner, item, (*path, key))
    elif isinstance(value, list):
        inner = next((get_args(kind)[0] for kind, _ in arms if get_origin(kind) is list), Any)
        for at, item in enumerate(value):
            yield from _inside(inner, item, (*path, at))


def _arms(annotation: Any, extra: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The types that a field may have, each with all that Annotated says of it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from _arms(inner, (*extra, *more))
    elif origin in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from _arms(each, extra)
    else:
        yield annotation, extra


def _tree(value: Any, path: Path, in_each: bool) -> Iterator[Written]:
    """The templates of a value tree; below ``$each`` there is an ``item``."""
    if isinstance(value, str):
        yield Written(path, value, JINJA, in_each)
    elif isinstance(value, Mapping):
        below = in_each or EACH in value
        for key, inner in value.items():
            if key in SIGNS and isinstance(inner, str):
                yield Written((*path, key), inner, EXPRESSION, below if key != EACH else in_each)
            else:
                yield from _tree(inner, (*path, key), below)
            if "{{" in key:
                yield Written((*path, key), key, JINJA, below)
    elif isinstance(value, Sequence):
        for at, item in enumerate(value):
            yield from _tree(item, (*path, at), in_each)


def signs(part: Any, path: Path = ()) -> Iterator[Fault]:
    """Signs of value trees that do not exist: ``$fi``."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key.startswith("$") and key not in SIGNS:
                yield Fault((*path, key), f"unknown sign '{key}'", did_you_mean(key, SIGNS))
            yield from signs(inner, (*path, key))
    elif isinstance(part, list):
        for at, item in enumerate(part):
            yield from signs(item, (*path, at))


def faults(text: Written, scope: Scope) -> Iterator[Fault]:
    """What is wrong with one text."""
    language = text.language
    if language is JMESPATH:
        yield from _of_path(text)
    elif language is REGEX:
        try:
            lookup.pattern(text.text)
        except re.error as error:
            yield Fault(text.path, f"no regular expression: {error}")
    elif language is EXPRESSION:
        yield from _of_template(text, "{{ " + _bare(text.text) + " }}", scope)
    elif "{" in text.text:
        yield from _of_template(text, text.text, scope)


def _bare(text: str) -> str:
    stripped = text.strip()
    return stripped[2:-2] if stripped.startswith("{{") and stripped.endswith("}}") else stripped


def _of_path(text: Written) -> Iterator[Fault]:
    try:
        lookup.path(text.text)
    except JMESPathError as error:
        what = " ".join(str(error).split("\n")[0].split())
        yield Fault(
            text.path,
            f"no JMESPath: {what}",
            "such as data.items[0].url; a text in it stands in single quotes",
        )


def _of_template(text: Written, source: str, scope: Scope) -> Iterator[Fault]:
    environment = sandbox.environment()
    try:
        tree = environment.parse(source)
        environment.compile(source)
    except TemplateError as error:
        yield Fault(text.path, f"no template: {error.message}", _filter_hint(str(error.message)))
        return
    known = scope.with_names("item") if text.in_each else scope
    for name in sorted(meta.find_undeclared_variables(tree)):
        if name not in known.names:
            yield Fault(
                text.path,
                f"nothing is called '{name}' here",
                _elsewhere(name) or did_you_mean(name, sorted(known.names)),
            )
    for owner, attribute in _attributes(tree):
        parts = known.parts.get(owner)
        if parts is not None and attribute not in parts and owner.split(".")[0] in known.names:
            yield Fault(
                text.path,
                f"'{owner}' has no '{attribute}'",
                did_you_mean(attribute, sorted(parts), otherwise=_declare(owner, attribute)),
            )


def _filter_hint(message: str) -> str:
    found = re.search(r"No filter named '(\w+)'", message)
    return did_you_mean(found[1], sorted(sandbox.environment().filters)) if found else ""


def _elsewhere(name: str) -> str:
    """What to do about a name that is known at other places."""
    if name in ("job", "answer", "saved"):
        return "at this request there is none yet"
    return "keys are shown by `auth: {headers: ...}` alone" if name == "secrets" else ""


def _declare(owner: str, attribute: str) -> str:
    return {
        "settings": f"declare it: a model's `settings: {{{attribute}: {{...}}}}`",
        "job": f"say where it is: `job: {{{attribute}: <JMESPath>}}`",
        "saved": f"save it: `save: {{{attribute}: <JMESPath>}}` in an earlier request",
    }.get(owner, "")


def _attributes(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    """Name and attribute of every ``name.attribute`` and ``name['attribute']``."""
    for kind in (nodes.Getattr, nodes.Getitem):
        for node in tree.find_all(kind):
            attribute, owner = _attribute(node), _owner(getattr(node, "node", None))
            if attribute is not None and owner is not None:
                yield owner, attribute


def _attribute(node: Any) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    constant = node.arg
    return (
        constant.value
        if isinstance(constant, nodes.Const) and isinstance(constant.value, str)
        else None
    )


def _owner(node: Any) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        attribute, owner = _attribute(node), _owner(node.node)
        return f"{owner}.{attribute}" if owner is not None and attribute is not None else None
    return None


def filters_used(source: str) -> frozenset[str]:
    """The filters of a template, also those that ``map`` is told of."""
    tree = sandbox.environment().parse(source)
    names = {node.name for node in tree.find_all(nodes.Filter)}
    for node in tree.find_all(nodes.Filter):
        if node.name == "map" and node.args and isinstance(node.args[0], nodes.Const):
            names.add(str(node.args[0].value))
    return frozenset(names)
