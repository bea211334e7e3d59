"""An action as a worker is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.targets.diffusers.configuration import Configuration
from fvbuild.targets.diffusers.family import Family, families
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work
from fvbuild.targets.prompts import ASKED, Prompts

Fetch = Callable[[str, str | None], Path]
_FRAMES = {"start": "first frame", "end": "last frame"}


def spec_of(
    configuration: Configuration,
    family: Family,
    fetch: Fetch,
    trusted: frozenset[str],
    spread: str = "",
) -> ModelSpec:
    """What a worker loads. ``fetch`` gives the folder of a model and revision; ``spread`` is how
    it shares several devices."""
    folder = fetch(configuration.model, configuration.revision)
    dtypes = {} if configuration.dtype == "float32" else dict(family.dtypes)
    return ModelSpec(
        folder=str(folder),
        pipeline=family.pipeline,
        family=family.name,
        dtype=family.dtype(configuration.dtype),
        dtypes=dtypes,
        variant=configuration.variant,
        quantization=configuration.quantization,
        scheduler=dict(configuration.scheduler),
        loras=[
            {
                "folder": str(fetch(lora.model, lora.revision)),
                "weight_name": lora.weight_name,
                "scale": lora.scale,
            }
            for lora in configuration.loras
        ],
        vae_tiling=configuration.vae_tiling,
        attention=configuration.attention,
        compile=configuration.compile,
        step_cache=configuration.step_cache,
        trust_remote_code=configuration.model in trusted,
        base_folder=_base(folder, family, fetch),
        placement="",
        spread=spread,
        controlnet=_net(configuration, fetch),
    )


def _net(configuration: Configuration, fetch: Fetch) -> dict[str, Any] | None:
    net = configuration.controlnet
    if net is None:
        return None
    return {"folder": str(fetch(net.model, net.revision)), "scale": net.scale}


def _base(folder: Path, family: Family, fetch: Fetch) -> str | None:
    if not family.base or (folder / "model_index.json").is_file():
        return None
    return str(fetch(family.base, None))


def work_of(
    action: Action,
    configuration: Configuration,
    family: Family,
    prompts: Prompts,
    model: ModelSpec,
    out: Path,
) -> Work:
    """The take as a worker is asked for it. Raises TargetError for what the family cannot take."""
    params: Mapping[str, Any] = action.params
    if action.kind in ASKED:
        asked = prompts.asked(action.kind, action.params)
        return Work(
            model,
            action.kind,
            str(out),
            prompt=asked.prompt,
            system=asked.system,
            seed=action.seed,
            max_tokens=min(configuration.max_tokens, asked.most_tokens),
            arguments=dict(configuration.arguments),
        )
    if family.makes == "upscale":
        return _larger(action, configuration, model, out)
    frames = family.frames
    width, height = params["canvas"]
    guidance = params.get("guidance", configuration.guidance)
    return Work(
        model,
        action.kind,
        str(out),
        prompt=prompts.prompt(action),
        negative=_text(params.get("negative")),
        canvas=(int(width), int(height)),
        frames=int(params.get("frames", 0)),
        fps=frames.fps if frames is not None else 0,
        steps=configuration.steps or family.steps,
        guidance=family.guidance if guidance is None else guidance,
        motion_strength=params.get("motion_strength"),
        seed=action.seed,
        fit=configuration.fit,
        pictures=_pictures(action, configuration, family, prompts),
        arguments=dict(configuration.arguments),
    )


def _larger(action: Action, configuration: Configuration, model: ModelSpec, out: Path) -> Work:
    params: Mapping[str, Any] = action.params
    width, height = params["size"]
    source = action.one("source")
    if source is None or source.path is None:
        raise TargetError(f"{action.node}: its clip is not there")
    return Work(
        model,
        action.kind,
        str(out),
        canvas=(int(width), int(height)),
        seed=action.seed,
        pictures={"source": [str(source.path)]},
        arguments=dict(configuration.arguments),
    )


def _pictures(
    action: Action, configuration: Configuration, family: Family, prompts: Prompts
) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for role in ("start", "end"):
        file = action.one(role)
        known = family.role(role)
        if known is None:
            continue
        if file is not None:
            given[role] = [str(file.path)]
        elif known.least:
            raise TargetError(
                f"{family.title} needs a {_FRAMES[role]}, and {action.node} has none",
                hint="give the shot `mode: keyframe`, or use another target",
            )
    given |= _controlled(action, configuration, family)
    given |= _changed(action, family)
    references = family.role("references")
    if "mask" in given and family.masked is not None and not family.masked.references:
        return given
    if references is not None:
        files = [str(file.path) for file in prompts.pictures(action)]
        whole = given.pop("edit", []) if "mask" not in given else []
        files = [*whole, *files][: references.most]
        if len(files) < references.least:
            raise TargetError(
                f"{family.title} draws from a picture, and {action.node} has none",
                hint="give the shot characters or a location, or use another target",
            )
        if files:
            given["references"] = files
    return given


def _controlled(
    action: Action, configuration: Configuration, family: Family
) -> dict[str, list[str]]:
    """A picture whose lines, depths or poses the result follows. Raises TargetError where the
    target has no net for it, and beside a picture that is changed."""
    control = action.one("control")
    if control is None:
        return {}
    if family.controlled is None or configuration.controlnet is None:
        raise TargetError(
            f"target '{configuration.name}' heeds no control picture, and {action.node} has one",
            hint="give a target of one of these families a `controlnet:`: "
            + ", ".join(with_controls()),
        )
    if action.one("edit") is not None:
        raise TargetError(
            f"{action.node} has a picture to change and a control picture; one can be heeded",
            hint="leave one of them out",
        )
    return {"control": [str(control.path)]}


def _changed(action: Action, family: Family) -> dict[str, list[str]]:
    """A picture that is to be changed, and the mask of the part of it. Raises TargetError for what
    the family cannot do."""
    edit, mask = action.one("edit"), action.one("mask")
    if edit is None:
        if mask is not None or family.only_masked:
            raise TargetError(
                f"{family.title} changes a part of a picture, and {action.node} has none",
                hint="give it a picture and a mask, or use another target",
            )
        return {}
    if mask is not None and family.masked is None:
        raise TargetError(
            f"{family.title} cannot change a part of a picture alone",
            hint=f"a target of one of these families can: {', '.join(_with_masks())}",
        )
    if mask is None and family.role("references") is None:
        raise TargetError(
            f"{family.title} changes no whole picture by words",
            hint="give a mask of what is to be changed, or use a family that edits: flux-kontext",
        )
    given = {"edit": [str(edit.path)]}
    return given if mask is None else {**given, "mask": [str(mask.path)]}


def with_controls() -> list[str]:
    """The families that heed control pictures, by a net beside them."""
    return [name for name, family in families().items() if family.controlled is not None]


def _with_masks() -> list[str]:
    return [name for name, family in families().items() if family.masked is not None]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
