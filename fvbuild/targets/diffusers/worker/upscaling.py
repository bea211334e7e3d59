"""Clips at a larger size, with detail that a model adds: frame by frame, each in tiles.

A model of transformers that makes pictures larger by a whole factor (Swin2SR). Frames are read,
enlarged and encoded one after the other, so the length of a clip is no matter; tiles keep the
memory of a frame bounded. It knows no frame but its own: fine texture may shimmer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from fvbuild.errors import TargetError
from fvbuild.media.clip import encode_clip
from fvbuild.media.steps import StepProfile, pictures_of, profile_like
from fvbuild.targets.diffusers.worker.loading import Loaded
from fvbuild.targets.diffusers.worker.messages import Work
from fvbuild.targets.diffusers.worker.steps import Steps

_TILE_PX = 256
_MARGIN_PX = 16
"""What a tile shows around what is kept of it. Both are whole windows of every such model."""


def upscaled(work: Work, loaded: Loaded, steps: Steps) -> dict[str, Any]:
    """Enlarge the clip ``source`` until it covers ``canvas``, or as far as the model goes.

    Raises TargetError when what comes out is no picture, Cancelled between two frames.
    """
    source = Path(work.pictures["source"][0])
    profile, frames = profile_like(source)
    factor = int(loaded.pipeline.config.upscale)
    result = StepProfile(*result_size(profile, work.canvas, factor), profile.fps)
    steps(total=frames)
    larger = _enlarged(source, profile, result, loaded.pipeline, steps)
    count = encode_clip(Path(work.out), larger, result)
    return {
        "frames": count,
        "width": result.width,
        "height": result.height,
        "fps": str(result.fps),
        "steps_s": steps.seconds_each(),
    }


def result_size(profile: StepProfile, canvas: tuple[int, int], factor: int) -> tuple[int, int]:
    """The size of the result: in the clip's ratio, no larger than covers the canvas."""
    wanted = max(canvas[0] / profile.width, canvas[1] / profile.height)
    scale = min(float(factor), wanted)
    width, height = (round(side * scale / 2) * 2 for side in (profile.width, profile.height))
    return width, height


def _enlarged(
    source: Path, profile: StepProfile, result: StepProfile, model: Any, steps: Steps
) -> Iterator[Image.Image]:
    size = (result.width, result.height)
    for picture in pictures_of(source, profile):
        pixels = _whole(model, np.asarray(picture, np.float32) / 255)
        larger = Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
        yield larger if larger.size == size else larger.resize(size, Image.Resampling.LANCZOS)
        steps.update()


def _whole(model: Any, pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A picture (H x W x 3, 0 to 1) enlarged, tile by tile."""
    factor = int(model.config.upscale)
    height, width = pixels.shape[:2]
    whole = np.zeros((height * factor, width * factor, 3), np.float32)
    for top in range(0, height, _TILE_PX):
        for left in range(0, width, _TILE_PX):
            above, before = min(top, _MARGIN_PX), min(left, _MARGIN_PX)
            bottom, right = min(height, top + _TILE_PX), min(width, left + _TILE_PX)
            seen = pixels[top - above : bottom + _MARGIN_PX, left - before : right + _MARGIN_PX]
            larger = _tile(model, seen)
            rows = slice(above * factor, (above + bottom - top) * factor)
            columns = slice(before * factor, (before + right - left) * factor)
            there = whole[top * factor : bottom * factor, left * factor : right * factor]
            there[:] = larger[rows, columns]
    return whole


def _tile(model: Any, pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One tile enlarged; the model wants whole windows, so edges are mirrored to make them."""
    factor, window = int(model.config.upscale), int(model.config.window_size)
    height, width = pixels.shape[:2]
    room = ((0, -height % window), (0, -width % window), (0, 0))
    padded = np.pad(pixels, room, mode="symmetric")
    given = torch.from_numpy(padded).permute(2, 0, 1)[None]
    with torch.inference_mode():
        found = model(pixel_values=given.to(model.device, model.dtype)).reconstruction
    larger = found[0].float().permute(1, 2, 0).cpu().numpy()
    if not np.isfinite(larger).all():
        raise TargetError("what came out is not a number", hint="are the model's files whole?")
    return np.asarray(larger[: height * factor, : width * factor])
