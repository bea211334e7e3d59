"""What came out: looked at before it counts, and written as fvbuild keeps it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fvbuild.media.clip import encode_clip
from fvbuild.media.image import write_png
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets.diffusers.worker.messages import Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_SPREAD = 1 / 255
"""A picture whose values all lie closer together is one colour: a broken decode, not a night."""


def check(frames: NDArray[np.float32]) -> str | None:
    """Why frames (N x H x W x 3, 0 to 1) are no pictures, or None."""
    if frames.ndim != 4 or frames.shape[-1] != 3 or not frames.size:
        return f"what came out has the shape {frames.shape}"
    if not np.isfinite(frames).all():
        return "what came out is not a number"
    if float(frames.max() - frames.min()) < _LEAST_SPREAD:
        return "what came out is one colour throughout"
    return None


def kept(work: Work, frames: NDArray[np.float32]) -> dict[str, Any]:
    """Write a picture or a clip to ``work.out``; what is measured of it."""
    pixels = np.rint(np.clip(frames, 0.0, 1.0) * 255.0).astype(np.uint8)
    if work.kind != "segment":
        from PIL import Image

        write_png(Path(work.out), Image.fromarray(pixels[0]))
        return {"width": pixels.shape[2], "height": pixels.shape[1]}
    height, width = pixels.shape[1:3]
    profile = JoiningProfile(width & ~1, height & ~1, Fraction(work.fps))
    count = encode_clip(
        Path(work.out),
        (np.ascontiguousarray(f[: height & ~1, : width & ~1]) for f in pixels),
        profile,
    )
    return {"frames": count, "width": width & ~1, "height": height & ~1, "fps": str(work.fps)}
