"""An action as a worker is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.targets.api.text import ASKED, Prompts
from fvbuild.targets.diffusers.configuration import Configuration
from fvbuild.targets.diffusers.family import Family
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work

Fetch = Callable[[str, str | None], Path]
_FRAMES = {"start": "first frame", "end": "last frame"}


def spec_of(
    configuration: Configuration, family: Family, fetch: Fetch, trusted: frozenset[str]
) -> ModelSpec:
    """What a worker loads. ``fetch`` gives the folder of a model and revision."""
    folder = fetch(configuration.model, configuration.revision)
    dtypes = {} if configuration.dtype == "float32" else dict(family.dtypes)
    return ModelSpec(
        folder=str(folder),
        pipeline=family.pipeline,
        family=family.name,
        dtype=configuration.dtype,
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
    )


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
        pictures=_pictures(action, family, prompts),
        arguments=dict(configuration.arguments),
    )


def _pictures(action: Action, family: Family, prompts: Prompts) -> dict[str, list[str]]:
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
    references = family.role("references")
    if references is not None:
        files = [str(file.path) for file in prompts.pictures(action)][: references.most]
        if len(files) < references.least:
            raise TargetError(
                f"{family.title} draws from a picture, and {action.node} has none",
                hint="give the shot characters or a location, or use another target",
            )
        if files:
            given["references"] = files
    return given


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
