"""The manifest's JSON Schema, for editors: completion, descriptions and examples of every field.

yaml-language-server reads it through a modeline at the top of a film:
``# yaml-language-server: $schema=../../schemas/film.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fvbuild.film.model import Manifest
from fvbuild.film.vocabulary import built_in

SCHEMA_ID = "urn:fvbuild:schema:film"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WORD_FIELDS = {
    "Shot": {"size": "size", "angle": "angle", "camera": "camera", "transition": "transition"},
    "Style": {"preset": "style"},
    "FilmHead": {"style": "style"},
}
_PATTERNS = {
    ("FilmHead", "size"): r"^\s*(\d+\s*[xX×]\s*\d+|\d+(\.\d+)?\s*:\s*\d+(\.\d+)?)\s*$",
    ("Output", "size"): r"^\s*(\d+\s*[xX×]\s*\d+|\d+(\.\d+)?\s*:\s*\d+(\.\d+)?)\s*$",
    ("Output", "sheet"): r"^\s*\d+\s*[xX×]\s*\d+\s*$",
    ("Shot", "start"): r"^([^/]+/)?[^/]+\.last_frame$",
}
_OVERLAY = "Overlay"


def film_schema() -> dict[str, Any]:
    """The schema of a film's files, JSON Schema 2020-12."""
    schema = Manifest.model_json_schema(by_alias=True, mode="validation")
    definitions = schema.pop("$defs")
    without_noise(schema)
    for definition in definitions.values():
        without_noise(definition)
    _offer_words(definitions)
    _constrain(definitions)
    definitions[_OVERLAY] = _overlay(schema)
    _use_overlay(schema)
    schema["anyOf"] = [{"required": [name]} for name in ("shots", "scenes", "acts", "include")]
    # An included file has every section but the film itself.
    schema["required"] = []
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        "title": "A film for fvbuild",
        **{
            key: value for key, value in schema.items() if key not in ("title", "required", "anyOf")
        },
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(film_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema(path: Path) -> None:
    """Write the schema to a file."""
    path.write_text(schema_text(), "utf-8")


def without_noise(part: Any) -> None:
    """Take out of a schema what editors only show as noise: titles, nulls, null defaults."""
    for each in _walk(part):
        if isinstance(each.get("title"), str):
            del each["title"]
        each.pop("discriminator", None)
        if "default" in each and each["default"] is None:
            del each["default"]
        for union in ("anyOf", "oneOf"):
            if union in each:
                _without_null(each, union)


def _without_null(part: dict[str, Any], union: str) -> None:
    options = [each for each in part.pop(union) if each != {"type": "null"}]
    if len(options) == 1:
        for key, value in options[0].items():
            part.setdefault(key, value)
    else:
        part["anyOf"] = options


def _walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema below one, itself included; names of properties are no schemas."""
    if isinstance(part, list):
        for each in part:
            yield from _walk(each)
    elif isinstance(part, dict):
        yield part
        for key, value in part.items():
            if key in ("properties", "$defs"):
                for each in value.values():
                    yield from _walk(each)
            elif key not in ("examples", "default", "enum", "const", "required"):
                yield from _walk(value)


def _offer_words(definitions: dict[str, Any]) -> None:
    """Offer the vocabulary for completion, and still take any other text."""
    for model, fields in _WORD_FIELDS.items():
        for field, name in fields.items():
            prop = definitions[model]["properties"][field]
            words = built_in(name)
            offered = {"enum": list(words.words)}
            others = {key: prop.pop(key) for key in ("type", "anyOf") if key in prop}
            prop["anyOf"] = [offered, *others.get("anyOf", [{"type": others.get("type")}])]


def _constrain(definitions: dict[str, Any]) -> None:
    for (model, field), pattern in _PATTERNS.items():
        definitions[model]["properties"][field]["pattern"] = pattern


def _overlay(schema: dict[str, Any]) -> dict[str, Any]:
    """What a profile may hold: any section, in parts."""
    sections = {
        name: {"description": prop.get("description", "")}
        for name, prop in schema["properties"].items()
        if name not in ("include", "profiles")
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "description": "Laid over the film. Mappings merge; scenes and shots merge by id.",
        "properties": sections,
    }


def _use_overlay(schema: dict[str, Any]) -> None:
    reference = {"$ref": f"#/$defs/{_OVERLAY}"}
    schema["properties"]["profiles"]["additionalProperties"] = reference
    for option in schema["properties"]["matrix"]["additionalProperties"]["anyOf"]:
        if option.get("type") == "object":
            option["additionalProperties"] = {
                "anyOf": [reference, {"type": ["string", "number", "null"]}]
            }
