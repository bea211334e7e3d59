"""What the model expects at a place: the known fields or words, and how to write them."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_FORMS = {dict: "a mapping", list: "a list", str: "text"}


@dataclass(frozen=True, slots=True)
class Expected:
    """words: known fields of a mapping, or values. forms: what a value may be written as."""

    words: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    description: str = ""
    example: str = ""

    @property
    def hint(self) -> str:
        """An example, where there is one."""
        return f"for example: {self.example}" if self.example else ""


def expected_at(model: type[BaseModel], loc: Sequence[Any]) -> Expected:
    """What belongs at a pydantic location; empty where the model says nothing."""
    here: list[Any] = [model]
    info: FieldInfo | None = None
    words: tuple[str, ...] = ()
    for step, following in zip(loc, [*loc[1:], None], strict=True):
        if isinstance(step, str) and step.startswith("<"):
            continue
        plain = [kind for each in here for kind in _plain(each)]
        models = [kind for kind in plain if _is_model(kind)]
        words = tuple(name for kind in models for name in _names(kind))
        if following == "[key]":
            dicts = [kind for kind in plain if get_origin(kind) is dict]
            return Expected(tuple(word for kind in dicts for word in _keys(kind)))
        info = next((found for kind in models if (found := _named(kind, step))), None)
        here = [info.annotation, *info.metadata] if info else list(_inner(plain, step))
        if info is None and not here:
            return Expected(words)
    plain = [kind for each in here for kind in _plain(each)]
    literal = tuple(str(w) for kind in plain if get_origin(kind) is Literal for w in get_args(kind))
    example = _example(info)
    return Expected(
        literal or words,
        tuple(dict.fromkeys(form for kind in plain if (form := _form(kind)))),
        (info.description or "") if info else "",
        example,
    )


def _plain(annotation: Any) -> Iterator[Any]:
    """The types that a field may have, without Annotated, unions and None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _plain(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from _plain(each)
    elif annotation is not type(None):
        yield annotation


def _inner(plain: Sequence[Any], step: Any) -> Iterator[Any]:
    for kind in plain:
        if get_origin(kind) is list and isinstance(step, int):
            yield get_args(kind)[0]
        elif get_origin(kind) is dict and not isinstance(step, int):
            yield get_args(kind)[1]


def _keys(kind: Any) -> Iterator[str]:
    for key in _plain(get_args(kind)[0]):
        if get_origin(key) is Literal:
            yield from map(str, get_args(key))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _named(model: type[BaseModel], step: Any) -> FieldInfo | None:
    for name, info in model.model_fields.items():
        if step == (info.alias or name):
            return info
    return None


def _form(kind: Any) -> str:
    if _is_model(kind):
        return "a mapping"
    return _FORMS.get(get_origin(kind) or kind, "")


def _example(info: FieldInfo | None) -> str:
    if info is None or not info.examples:
        return ""
    import json

    example = info.examples[0]
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
