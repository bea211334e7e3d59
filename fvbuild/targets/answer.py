"""Reads what a language model answered: JSON, held against the schema that it was asked by.

The schemas are those of ``templates/prompts/llm``: objects, lists, texts, numbers, flags and null,
``enum``, ``required`` and ``additionalProperties``. Providers promise the form; servers that only
call themselves compatible do not always keep it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.errors import JobFailedError

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_MOST_SHOWN = 3
_MOST_CHARS_SHOWN = 120


def read_answer(schema: Mapping[str, Any], answer: str) -> Json:
    """The JSON of an answer. Raises JobFailedError when it is none, or not of the schema."""
    text = _unfenced(answer.strip())
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise JobFailedError(
            f"the model's answer is no JSON: {_shown(answer)}",
            hint="use a model that keeps to a JSON schema, or build again",
        ) from error
    wrong = list(faults(schema, value))[:_MOST_SHOWN]
    if wrong:
        raise JobFailedError(
            f"the model's answer is not of the form it was asked for: {'; '.join(wrong)}",
            hint="use a model that keeps to a JSON schema, or build again",
        )
    return value


def faults(schema: Mapping[str, Any], value: Json, place: str = "answer") -> Iterator[str]:
    """What of a value is not as the schema says, each with its place."""
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{place} is {_shown(value)}, not {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        allowed = [one if isinstance(one, str) else json.dumps(one) for one in schema["enum"]]
        yield f"{place} is {_shown(value)}, none of {', '.join(allowed)}"
    if isinstance(value, dict):
        yield from _object_faults(schema, value, place)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from faults(schema.get("items", {}), item, f"{place}[{at}]")


def _object_faults(
    schema: Mapping[str, Any], value: Mapping[str, Json], place: str
) -> Iterator[str]:
    fields: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place} has no {name}"
    for name, item in value.items():
        if name in fields:
            yield from faults(fields[name], item, f"{place}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{place} has an unknown {name}"


def _is(value: Json, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))


def _unfenced(text: str) -> str:
    """JSON without the marks of a code block around it, which chat models like to add."""
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3]
    return text


def _shown(value: Json | Sequence[Json]) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return repr(text if len(text) <= _MOST_CHARS_SHOWN else text[: _MOST_CHARS_SHOWN - 1] + "…")
