"""The few calls that a table cannot write: one small function a family."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from fvbuild.targets.diffusers.worker.messages import Work

if TYPE_CHECKING:
    from PIL.Image import Image

Pictures: TypeAlias = "Callable[[str], list[Image]]"
Writer: TypeAlias = Callable[[Work, dict[str, Any], Pictures], dict[str, Any]]


def kontext(work: Work, arguments: dict[str, Any], _pictures: Pictures) -> dict[str, Any]:
    """Kontext chooses a size of its own unless it is told the area, and not to."""
    width, height = work.canvas
    return {**arguments, "max_area": width * height, "_auto_resize": False}


def ltx_conditions(work: Work, arguments: dict[str, Any], pictures: Pictures) -> dict[str, Any]:
    """First and last frame are conditions at their place, counted in frames."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    arguments.pop("conditions", None)
    places = {"start": 0, "end": work.frames - 1}
    conditions = [
        LTXVideoCondition(image=picture, frame_index=at)
        for role, at in places.items()
        for picture in pictures(role)
    ]
    return {**arguments, "conditions": conditions} if conditions else arguments


def ltx2_conditions(work: Work, arguments: dict[str, Any], pictures: Pictures) -> dict[str, Any]:
    """The same; places are counted in latent frames, of which -1 is the last."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    arguments.pop("conditions", None)
    places = {"start": 0, "end": -1}
    conditions = [
        LTX2VideoCondition(frames=picture, index=at)
        for role, at in places.items()
        for picture in pictures(role)
    ]
    return {**arguments, "conditions": conditions} if conditions else arguments


def vace_frames(work: Work, arguments: dict[str, Any], pictures: Pictures) -> dict[str, Any]:
    """First and last frame are part of a clip, whose grey rest is masked to be made."""
    from PIL import Image

    arguments.pop("video", None)
    start, end = pictures("start"), pictures("end")
    if not start and not end:
        return arguments
    grey = Image.new("RGB", work.canvas, (128, 128, 128))
    white, black = Image.new("L", work.canvas, 255), Image.new("L", work.canvas, 0)
    video, mask = [grey] * work.frames, [white] * work.frames
    if start:
        video[0], mask[0] = start[0], black
    if end:
        video[-1], mask[-1] = end[0], black
    return {**arguments, "video": video, "mask": mask}


_WINDOW = 9


def framepack_windows(work: Work, arguments: dict[str, Any], _pictures: Pictures) -> dict[str, Any]:
    """It makes whole windows: ask for what gives the count, not for the count."""
    windows = max(1, math.ceil((work.frames - 1) / (4 * _WINDOW)))
    asked = windows * (4 * (_WINDOW - 1) + 1)
    return {**arguments, "num_frames": asked, "latent_window_size": _WINDOW}


_STILL, _LIVELY = 1, 255


def svd_motion(work: Work, arguments: dict[str, Any], _pictures: Pictures) -> dict[str, Any]:
    """Motion strength from 0 to 1 is a bucket; it counts frames a second less one, as trained."""
    if work.motion_strength is not None:
        bucket = round(_STILL + work.motion_strength * (_LIVELY - _STILL))
        arguments = {**arguments, "motion_bucket_id": bucket}
    return {**arguments, "fps": max(1, work.fps - 1)}


WRITERS: Mapping[str, Writer] = {
    "kontext": kontext,
    "ltx_conditions": ltx_conditions,
    "ltx2_conditions": ltx2_conditions,
    "vace_frames": vace_frames,
    "framepack_windows": framepack_windows,
    "svd_motion": svd_motion,
}
"""By the name that ``families.yaml`` calls them."""
