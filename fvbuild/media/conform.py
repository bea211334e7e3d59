"""Any clip -> a clip of the joining profile with an exact number of frames, and no sound."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from fvbuild.media.clip import Check
from fvbuild.media.profile import JoiningProfile

Fit: TypeAlias = Literal["crop", "pad"]


def conform(
    source: Path,
    path: Path,
    profile: JoiningProfile,
    frames: int,
    *,
    fit: Fit = "crop",
    check: Check | None = None,
) -> bool:
    """Write ``source`` as a clip of the profile with exactly ``frames`` frames.

    Another rate is met by repeating or leaving out the nearest frames (never blending), another
    size by lanczos scaling and then cropping to the profile's ratio (``crop``) or black borders
    (``pad``). A source that ends early holds its last frame; one that is longer is trimmed.
    Returns False when the source was joinable as it is and was copied, True when re-encoded.
    Raises MediaError when the source cannot be decoded or ``frames`` is less than one.
    """
    raise NotImplementedError


def is_joinable(source: Path, profile: JoiningProfile, frames: int) -> bool:
    """True when ``source`` is already a clip of the profile with ``frames`` frames."""
    raise NotImplementedError
