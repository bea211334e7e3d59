"""What the steps that finish a clip have in common: frames in, frames out, and how they are kept.

A film's clip may go through several steps before it is conformed, so each keeps more than a clip
needs that is only looked at: a rate factor of 12 where the joining profile has 20. Its groups of
pictures are longer, so that ``conform`` never takes it for a clip that is ready to be joined, and
every clip of a film is as large as its pictures need. Rate and size are the clip's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.media.clip import Check, encode_clip, probe
from fvbuild.media.codec import opened, to_rgb
from fvbuild.media.fit import FrameFitter
from fvbuild.media.profile import JoiningProfile
from fvbuild.timecode import nearest

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from PIL.Image import Image

_CRF = "12"
_FINEST_RATE = 1001


class StepProfile(JoiningProfile):
    """How a step's result is encoded: finer than a clip that is joined."""

    __slots__ = ()

    @property
    def gop(self) -> int:
        """Frames in a group of pictures: two seconds."""
        return 2 * max(1, nearest(self.fps))

    def encoder_options(self) -> dict[str, str]:
        """The joining profile's, with the quantizer of steps."""
        return {**JoiningProfile.encoder_options(self), "crf": _CRF}


def profile_like(source: Path) -> tuple[StepProfile, int]:
    """The profile of a step's result on a clip, and the frames it has. Raises MediaError."""
    found = probe(source)
    rate = found.fps.limit_denominator(_FINEST_RATE)
    width, height = upright_size(source)
    return StepProfile(width, height, rate), found.frames


def upright_size(source: Path) -> tuple[int, int]:
    """Width and height of a clip as it is shown, in square pixels, both even."""
    with opened(source) as (container, stream):
        first = next(container.decode(stream), None)
        width, height = (
            (stream.width, stream.height) if first is None else (first.width, first.height)
        )
        ratio = stream.sample_aspect_ratio or Fraction(1)
        if first is not None and first.rotation // 90 % 2:
            width, height, ratio = height, width, 1 / ratio
        return max(16, round(width * ratio) & ~1), max(16, height & ~1)


def frames_like(source: Path, profile: JoiningProfile) -> Iterator[VideoFrame]:
    """Every frame of a clip in order: yuv420p, BT.709, upright, of the profile's size."""
    fitter = FrameFitter(profile.width, profile.height)
    with opened(source) as (container, stream):
        ratio = stream.sample_aspect_ratio or Fraction(1)
        for frame in container.decode(stream):
            yield fitter(frame, ratio)


def pictures_of(source: Path, profile: JoiningProfile) -> Iterator[Image]:
    """The same as RGB pictures."""
    from PIL import Image

    for frame in frames_like(source, profile):
        yield Image.fromarray(to_rgb(frame))


def rewrite(
    source: Path, path: Path, change: Callable[[Image], Image], *, check: Check | None = None
) -> int:
    """Write a clip with every frame changed by itself; returns how many there are."""
    profile, _ = profile_like(source)
    changed = (change(picture) for picture in pictures_of(source, profile))
    return encode_clip(path, changed, profile, check=check)
