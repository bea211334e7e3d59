"""A value that fits a JSON schema and depends on the prompt: what a language model would answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

_WORDS = (
    "amber", "ferry", "harbour", "lantern", "mist", "pier", "rope", "silver", "slate", "storm",
    "tide", "window", "wet stones", "low sun", "long shadow", "quiet water",
)  # fmt: skip


def sample(schema: Mapping[str, Any], prompt: str, path: str = "", root: Any = None) -> Any:
    """A value for `schema` (a JSON schema with local references); the same for the same prompt."""
    root = schema if root is None else root
    if "$ref" in schema:
        place = root
        for name in str(schema["$ref"]).removeprefix("#/").split("/"):
            place = place[name]
        return sample(place, prompt, path, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][_number(prompt, path) % len(schema["enum"])]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return sample(schema[choice][0], prompt, path, root)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    return _of_type(str(kind).lower(), schema, prompt, path, root)


def _of_type(kind: str, schema: Mapping[str, Any], prompt: str, path: str, root: Any) -> Any:
    number = _number(prompt, path)
    if kind == "object":
        members = schema.get("properties", {}).items()
        return {name: sample(entry, prompt, f"{path}/{name}", root) for name, entry in members}
    if kind == "array":
        count = max(1, int(schema.get("minItems", 1)))
        return [sample(schema.get("items", {}), prompt, f"{path}/{n}", root) for n in range(count)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 0) + number % max(1, int(schema.get("maximum", 10)))
    if kind == "boolean":
        return number % 2 == 0
    if kind == "null":
        return None
    text = ", ".join(_WORDS[number >> shift & 15] for shift in (0, 4, 8, 12))
    return text[: schema.get("maxLength")]


def _number(prompt: str, path: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{prompt}\0{path}".encode()).digest()[:8], "big")
