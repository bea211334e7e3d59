"""The JSON Schema of a provider's description, for editors.

yaml-language-server reads it through a modeline at the top of a description:
``# yaml-language-server: $schema=provider.schema.json``.
"""

from __future__ import annotations

import json
from typing import Any

from fvbuild.film.schema import DIALECT, without_noise
from fvbuild.targets.api.description import Description

SCHEMA_ID = "urn:fvbuild:schema:provider"
FILE = "provider.schema.json"

_SHARED = {"Call": ("submit", "result"), "Model": ("makes",)}
"""Parts that take fields over from `defaults`, and what they need to have in the end."""


def provider_schema() -> dict[str, Any]:
    """The schema of a description, JSON Schema 2020-12."""
    schema = Description.model_json_schema(by_alias=True, mode="validation")
    definitions = schema.pop("$defs")
    without_noise(schema)
    for definition in definitions.values():
        without_noise(definition)
    for name, needed in _SHARED.items():
        part = definitions[name]
        definitions[f"{name}Fields"] = {**part, "required": []}
        part["required"] = []
        part["anyOf"] = [{"required": ["defaults"]}, {"required": list(needed)}]
    shared = [{"$ref": f"#/$defs/{name}Fields"} for name in _SHARED]
    schema["properties"]["defaults"]["additionalProperties"] = {"anyOf": shared}
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        "title": "A provider for fvbuild",
        **{key: value for key, value in schema.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(provider_schema(), indent=2, ensure_ascii=False) + "\n"
