"""Clips of the joining profile: encode frames into one, read frames back out of any clip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.media.profile import JoiningProfile

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels: TypeAlias = NDArray[np.uint8]
    Frame: TypeAlias = Pixels | Image | VideoFrame

Check: TypeAlias = Callable[[], None]
"""Called every few frames; raises to stop (``Action.check_cancelled``)."""


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What is known of a clip without decoding it. ``frames`` is exact."""

    frames: int
    width: int
    height: int
    fps: Fraction
    codec: str


def encode_clip(
    path: Path, frames: Iterable[Frame], profile: JoiningProfile, *, check: Check | None = None
) -> int:
    """Encode frames as a clip of the profile and return how many there were (at least one).

    A frame is RGB (uint8, H x W x 3, sRGB), a Pillow image, planar yuv420p (uint8, H*3/2 x W,
    BT.709 limited range) or a PyAV frame, of exactly the profile's size. An object that comes
    again at once (``is``) is not converted again: hold a still by yielding it n times.
    The file appears under ``path`` only when it is whole. Raises MediaError.
    """
    raise NotImplementedError


def decode_frames(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Pixels]:
    """Frames [start, stop) of a clip as planar yuv420p (uint8, H*3/2 x W), seeking to ``start``."""
    raise NotImplementedError


def last_frame(path: Path) -> Pixels:
    """The clip's last frame as RGB (uint8, H x W x 3)."""
    raise NotImplementedError


def probe(path: Path, *, place: str | None = None) -> ClipFacts:
    """Facts of a clip, in bounded time. Raises MediaError when it is none."""
    raise NotImplementedError
