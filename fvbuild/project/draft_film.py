"""A shot list that a language model drafted, as a film's YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

_SCENE = ("heading", "time", "location", "lighting")
_SHOT = ("size", "angle", "lens", "camera")


def film_text(draft: str, by: str) -> str:
    """The film of a draft, which is JSON of the form of ``draft.schema.j2``; ``by`` drafted it."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    writer.dump(_film(json.loads(draft)), text)
    head = f"# Drafted by {by}. Read it and change it: from here on it is yours.\n\n"
    return head + text.getvalue()


def _film(data: Mapping[str, Any]) -> dict[str, Any]:
    style = _said({"preset": data["style"], "look": data["look"]})
    film: dict[str, Any] = {"film": {"title": data["title"]}}
    if style:
        film["film"]["style"] = _short(style)
    for section in ("characters", "locations", "props"):
        if data[section]:
            film[section] = {one["id"]: _short({"look": one["look"]}) for one in data[section]}
    film["scenes"] = [_scene(scene) for scene in data["scenes"]]
    return film


def _scene(scene: Mapping[str, Any]) -> dict[str, Any]:
    fields = _said({name: scene[name] for name in _SCENE})
    return {"id": scene["id"], **fields, "shots": [_shot(shot) for shot in scene["shots"]]}


def _shot(shot: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": shot["id"], **_said({name: shot[name] for name in _SHOT})}
    found["duration"] = f"{shot['seconds']:g}s"
    for name in ("characters", "props"):
        if shot[name]:
            found[name] = _short(list(shot[name]))
    found |= _said({"first_frame": shot["first_frame"], "action": shot["action"]})
    if shot["dialogue"]:
        found["dialogue"] = [_short(_said(line)) for line in shot["dialogue"]]
    return found


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something: what the story leaves open is left out."""
    return {name: value for name, value in fields.items() if value}


def _short(value: Mapping[str, Any] | Sequence[Any]) -> Any:
    """A mapping or list that is written in one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    short: Any = CommentedMap(value) if isinstance(value, Mapping) else CommentedSeq(value)
    short.fa.set_flow_style()
    return short
