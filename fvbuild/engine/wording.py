"""A reworded action as the ledger keeps it, so that a restart asks in the same words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.digest import Json, content


def text_of(action: Action, provenance: Mapping[str, Json]) -> str:
    """The words of an action, as one line of JSON: its params and the texts among its inputs."""
    texts = {role: [file.text for file in files] for role, files in action.inputs.items()}
    return json.dumps(
        {"params": dict(action.params), "texts": texts, "provenance": dict(provenance)},
        separators=(",", ":"),
        ensure_ascii=False,
    )


def action_from(text: str, original: Action) -> tuple[Action, Mapping[str, Json]]:
    """The original action in those words, and how they were found."""
    kept = json.loads(text)
    inputs = {
        role: tuple(
            _worded(file, words)
            for file, words in zip(files, kept["texts"].get(role, []), strict=True)
        )
        for role, files in original.inputs.items()
    }
    return replace(original, params=kept["params"], inputs=inputs), kept["provenance"]


def _worded(file: InputFile, words: str | None) -> InputFile:
    if words is None or words == file.text:
        return file
    return replace(file, text=words, path=None, digest=content(words.encode()))
