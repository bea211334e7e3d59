"""ComfyUI: a user's own workflow, saved in API form, with the film's values put where it says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

from fvbuild.errors import RejectedInputError
from fvbuild.targets.api.media import Media

_HINT = "inputs: {prompt: 6.text, start: 10.image}: names of the film, then node id and input"


@pass_context
def comfyui_graph(context: Context, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The graph to submit: ``settings.workflow`` with ``settings.inputs`` filled in.

    ``inputs`` is name -> ``node.input`` or a list of these; names are those of a call's context
    (prompt, negative, seed, frames, width, height, seconds, start, end, edit, mask, references.0).
    Pictures are uploaded, and stand there by the name the server gives them.
    Raises RejectedInputError when the workflow has no such node or input, or none for a picture
    that is to be changed.
    """
    graph = _workflow(settings)
    inputs = settings.get("inputs") or {}
    for name in ("edit", "mask"):
        if isinstance(context.resolve(name), Media) and name not in inputs:
            raise RejectedInputError(
                f"the workflow is not told where its {name} goes",
                hint=f"inputs: {{{name}: 12.image}}: the node that loads it, and its input",
            )
    for name, places in inputs.items():
        value = _value(context, str(name))
        for place in places if isinstance(places, list | tuple) else (places,):
            node, field = _split(str(place), graph)
            if value is None:
                continue
            graph[node]["inputs"][field] = _sent(value, graph[node]["inputs"].get(field))
    return graph


def comfyui_file(answer: Mapping[str, Any], output: object = None) -> dict[str, str]:
    """Where the result lies, from the history of one prompt: ``filename, subfolder, type``.

    Nodes name their files as they like (images, gifs, audio ...), so all lists are looked through.
    What was saved counts more than previews, clips and sounds more than stills; ``output`` is the
    id of a node to look at alone. Raises RejectedInputError when nothing was saved.
    """
    entry = _entry(answer)
    files = list(_files(entry.get("outputs") or {}, output))
    if not files:
        raise RejectedInputError(
            "the workflow has saved nothing",
            hint="end it with a node that saves: SaveImage, SaveVideo, SaveAudio",
        )
    best = max(files, key=_worth)
    return {key: str(best.get(key) or "") for key in ("filename", "subfolder", "type")}


def _entry(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "outputs" in answer:
        return answer
    return next((entry for entry in answer.values() if isinstance(entry, Mapping)), {})


def _files(outputs: Mapping[str, Any], only: object) -> Iterator[Mapping[str, Any]]:
    for node, output in outputs.items():
        if only is not None and only != "" and str(only) != str(node):
            continue
        for listed in output.values() if isinstance(output, Mapping) else ():
            for file in listed if isinstance(listed, list) else ():
                if isinstance(file, Mapping) and isinstance(file.get("filename"), str):
                    yield file


def _worth(file: Mapping[str, Any]) -> tuple[bool, bool]:
    still = file["filename"].lower().endswith((".png", ".jpg", ".jpeg", ".webp"))
    return file.get("type") == "output", not still


def _workflow(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = settings.get("workflow")
    if isinstance(given, Media):
        given = given.path
    if isinstance(given, str | Path):
        try:
            # A text is the workflow itself: a template must not name files of this machine.
            given = json.loads(given if isinstance(given, str) else given.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RejectedInputError(f"the workflow cannot be read: {error}") from None
    if isinstance(given, Mapping) and isinstance(given.get("prompt"), Mapping):
        given = given["prompt"]
    if not isinstance(given, Mapping) or not all(_is_node(node) for node in given.values()):
        raise RejectedInputError(
            "the workflow is not in API form: a mapping of node ids to class_type and inputs",
            hint="in ComfyUI: Workflow > Export (API)",
        )
    return {str(node): copy.deepcopy(dict(value)) for node, value in given.items()}


def _is_node(node: object) -> bool:
    return isinstance(node, Mapping) and "class_type" in node


def _split(place: str, graph: Mapping[str, Any]) -> tuple[str, str]:
    node, dot, field = place.rpartition(".")
    if not dot:
        raise RejectedInputError(f"'{place}' is no input of the workflow", hint=_HINT)
    if node not in graph:
        known = ", ".join(f"{name} ({graph[name]['class_type']})" for name in list(graph)[:20])
        raise RejectedInputError(f"the workflow has no node '{node}'", hint=f"it has {known}")
    inputs = graph[node].setdefault("inputs", {})
    if field not in inputs:
        raise RejectedInputError(
            f"node '{node}' ({graph[node]['class_type']}) has no input '{field}'",
            hint=f"its inputs: {', '.join(inputs) or 'none'}",
        )
    return node, field


def _value(context: Context, name: str) -> Any:
    """A value of the call by its name; ``size.width`` and ``references.0`` go further in."""
    first, *rest = {"width": "size.width", "height": "size.height"}.get(name, name).split(".")
    value = context.resolve(first)
    if isinstance(value, Undefined):
        raise RejectedInputError(f"a workflow's input cannot be '{name}'", hint=_HINT)
    for step in rest:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = getattr(value, step, None) if step in ("width", "height", "ratio") else None
    return value


def _sent(value: Any, before: object) -> Any:
    """The value as the node takes it: files by name, whole numbers where it had whole numbers."""
    if isinstance(value, Media):
        return value.uploaded()
    if isinstance(before, int) and isinstance(value, float) and not isinstance(before, bool):
        return round(value)
    return value
