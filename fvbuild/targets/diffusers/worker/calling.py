"""A take as a pipeline is asked for it: fvbuild's roles become the call's arguments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from fvbuild.media.image import fit_picture, read_picture
from fvbuild.targets.diffusers.worker.loading import Loaded
from fvbuild.targets.diffusers.worker.messages import Work
from fvbuild.targets.diffusers.worker.steps import Steps
from fvbuild.targets.diffusers.worker.writers import WRITERS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image


def pictures_of(
    work: Work, loaded: Loaded, steps: Steps, ahead: Sequence[Work] = ()
) -> NDArray[np.float32]:
    """The frames a pipeline makes: float32, N x H x W x 3, sRGB from 0 to 1.

    ``ahead`` is what will be asked next; its prompts are encoded together with this one's.
    """
    pipe = loaded.pipeline
    if loaded.encodings is not None and not loaded.encodings.knows(encoded_as(work)):
        loaded.encodings.rehearse(
            [(encoded_as(each), partial(arguments_of, each, loaded)) for each in (work, *ahead)]
        )
    arguments = arguments_of(work, loaded)
    pipe.progress_bar = steps
    if loaded.family.sized_by_picture:
        width, height = work.canvas
        # It would choose one of its own sizes, close to the picture's.
        pipe.video_processor.calculate_default_height_width = lambda **_named: (height, width)
    # Some pipelines draw a part of their noise without the generator they are given.
    torch.manual_seed(work.seed)
    with torch.inference_mode():
        output = pipe(**arguments)
    frames = getattr(output, "frames", None)
    if frames is not None:
        return np.asarray(frames[0], dtype=np.float32)
    pictures = np.asarray(output.images, dtype=np.float32)[:1]
    return _kept_outside(pictures, work) if "mask" in work.pictures else pictures


def encoded_as(work: Work) -> str:
    """Equal for takes whose prompts are encoded to the same."""
    given = (work.prompt, work.negative, work.guidance, work.canvas, work.fit, work.frames)
    return json.dumps([given, work.pictures, work.arguments], sort_keys=True, default=str)


def arguments_of(work: Work, loaded: Loaded) -> dict[str, Any]:
    """The arguments of the call, those of the family first, the film's own last."""
    family = loaded.family
    arguments: dict[str, Any] = {
        **family.call,
        # On the CPU, so that a seed gives the same noise on every device.
        "generator": torch.Generator("cpu").manual_seed(work.seed),
        "num_inference_steps": work.steps,
        "output_type": "np",
    }
    if not family.sized_by_picture:
        arguments |= {"width": work.canvas[0], "height": work.canvas[1]}
    if family.frames is not None:
        arguments["num_frames"] = work.frames
    words = {"prompt": work.prompt, "guidance": work.guidance, "negative": work.negative}
    for name, value in words.items():
        role = family.role(name)
        if role is None:
            continue
        value = role.blank if value is None else value
        if value is not None:
            arguments |= {role.argument: value, **role.also}
    if "mask" in work.pictures:
        arguments |= _masked(work, loaded)
    elif "control" in work.pictures:
        arguments |= _controlled(work, loaded)
    else:
        arguments |= _pictures(work, loaded)
    if family.writer:
        arguments = WRITERS[family.writer](work, arguments, lambda role: _fitted(work, role))
    return {**arguments, **work.arguments}


def _pictures(work: Work, loaded: Loaded) -> dict[str, Any]:
    """The pictures of the roles that the family takes as they are."""
    given: dict[str, Any] = {}
    for name in ("start", "end", "references"):
        role = loaded.family.role(name)
        pictures = _fitted(work, name) if role is not None else []
        if role is not None and pictures:
            given[role.argument] = pictures[0] if role.single else pictures[: role.most]
    return given


def _masked(work: Work, loaded: Loaded) -> dict[str, Any]:
    """The picture of which a part is changed, the part, and others to look at."""
    masked = loaded.family.masked
    assert masked is not None, "asked for only where the table has it"
    given: dict[str, Any] = {
        **masked.call,
        masked.edit: _fitted(work, "edit")[0],
        masked.mask: _fitted(work, "mask")[0].convert("L"),
    }
    others = _fitted(work, "references")
    if masked.references and others:
        role = loaded.family.role("references")
        given[masked.references] = others[0] if role is not None and role.single else others
    return given


def _controlled(work: Work, loaded: Loaded) -> dict[str, Any]:
    """The picture that is followed, and how strongly."""
    controlled = loaded.family.controlled
    assert controlled is not None and work.model.controlnet is not None, "asked for only with a net"
    return {
        controlled.control: _fitted(work, "control")[0],
        controlled.scale: work.model.controlnet["scale"],
    }


def _kept_outside(pictures: NDArray[np.float32], work: Work) -> NDArray[np.float32]:
    """What is made where the mask is white, the given picture where it is black, and between them
    as much of each as it is grey: models change a little everywhere."""
    share = np.asarray(_fitted(work, "mask")[0].convert("L"), dtype=np.float32)[..., None] / 255.0
    given = np.asarray(_fitted(work, "edit")[0], dtype=np.float32) / 255.0
    return pictures * share + given * (1.0 - share)


def _fitted(work: Work, role: str) -> list[Image]:
    """Pictures of a role; first and last frames at exactly the canvas, references as they are."""
    pictures = [read_picture(Path(path)) for path in work.pictures.get(role, ())]
    if role == "references":
        return pictures
    return [fit_picture(picture, work.canvas, _fit(work.fit)) for picture in pictures]


def _fit(word: str) -> Any:
    return "pad" if word == "pad" else "crop"
