"""Finish, checks and outputs: what happens to a film after its shots are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fvbuild.film import measures
from fvbuild.film.ids import RESERVED_OUTPUTS, fault_of_id
from fvbuild.film.known import Known
from fvbuild.film.model_film import Checks as ChecksModel
from fvbuild.film.model_film import Finish as FinishModel
from fvbuild.film.model_film import Output as OutputModel
from fvbuild.film.place import NOWHERE
from fvbuild.film.resolve_sound import Part
from fvbuild.film.resolved import Checks, Finish, Output
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map

EDIT_LISTS = ("otio", "edl", "fcpxml")
REFRAMES = ("center", "left", "right", "top", "bottom", "letterbox")


def resolve_finish(known: Known, model: FinishModel | None, root: Map) -> Finish:
    """How clips are finished."""
    if model is None:
        return Finish()
    part = Part(known, root["finish"], root.marks["finish"][1])
    grade = _table(known, model.grade, part.at("grade")) if model.grade else None
    return Finish(
        model.match,
        bool(model.interpolate),
        bool(model.upscale),
        grade,
        bool(model.stabilize),
        bool(model.lipsync),
        known.sources.place(root.marks["finish"][0]),
        known.sources.place(part.at("grade")) if grade else NOWHERE,
    )


def _table(known: Known, path: str, at: int) -> str | None:
    """The file of a colour table. What is none by its name is not looked for as well."""
    if not path.lower().endswith(".cube"):
        known.sources.error(at, f"'{path}' is no .cube table", "give a .cube file")
        return None
    return known.file(path, at, "colour table")


def resolve_checks(model: ChecksModel | None) -> Checks:
    """What is checked."""
    if model is None:
        return Checks()
    return Checks(model.motion, model.safety or "off", model.grammar or "warn")


def resolve_outputs(known: Known, models: Mapping[str, Any] | None, root: Map) -> dict[str, Output]:
    """The outputs as written, or the master alone where nothing is."""
    tree = root.get("outputs")
    if not models or not isinstance(tree, Map):
        return {"master": Output("master")}
    found = {}
    for name, model in models.items():
        key_at, value_at = tree.marks[name]
        fault = fault_of_id(name)
        if fault is None and name in RESERVED_OUTPUTS:
            fault = (f"an output cannot be called '{name}'", "the film has a node of that name")
        if fault is not None:
            known.sources.error(key_at, *fault)
        found[name] = _output(name, model, Part(known, tree[name], value_at), key_at)
    return found


def _output(name: str, written: Any, part: Part, at: int) -> Output:
    known = part.known
    model = _written_out(written)
    size = part.read(measures.frame_size, model.size, "size", None)
    if model.reframe is not None and model.reframe not in REFRAMES:
        known.sources.error(
            part.at("reframe"),
            f"'{model.reframe}' is no way to reframe",
            did_you_mean(model.reframe, REFRAMES),
        )
    if model.reframe is not None and model.size is None:
        known.sources.error(
            part.at("reframe"), "reframed to what?", "give the output a `size`, such as 1080x1920"
        )
    return Output(
        name=name,
        made_from=model.made_from or "segment",
        subtitles=_names(model.subtitles),
        size=size,
        reframe=model.reframe,
        slate=bool(model.slate),
        sheet=part.read(measures.grid, model.sheet, "sheet", None),
        formats=_formats(part, _names(model.formats)),
        container=model.container or "mp4",
        loc=known.sources.place(at),
    )


def _written_out(written: Any) -> OutputModel:
    """The mapping that a short form stands for."""
    if isinstance(written, OutputModel):
        return written
    if written is None:
        return OutputModel.model_construct()
    return OutputModel.model_construct(formats=written)


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))


def _formats(part: Part, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in EDIT_LISTS:
            part.known.sources.error(
                part.at("formats"),
                f"'{name}' is no edit list",
                did_you_mean(name, EDIT_LISTS),
            )
    return names
