"""Any clip -> a clip of the joining profile with an exact number of frames, and no sound."""

from __future__ import annotations

import os
import shutil
from array import array
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.clip import Check, encode_clip
from fvbuild.media.codec import opened
from fvbuild.media.decoder_configuration import decoder_configuration
from fvbuild.media.fit import Fit, FrameFitter
from fvbuild.media.mp4.chunks import cuts_of, film_shifts
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_TIME_ERROR_S = Fraction(1, 1000)
"""How far off a frame's time may be: some containers count whole milliseconds."""


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
    size by cropping to the profile's ratio (``crop``) or black borders (``pad``), scaled by
    lanczos. A source that ends early holds its last frame; one that is longer is trimmed.
    Returns False when the source was joinable as it is and was copied, True when re-encoded.
    Raises MediaError when the source cannot be decoded or ``frames`` is less than one.
    """
    if is_joinable(source, profile, frames):
        _copy(source, path)
        return False
    fitter = FrameFitter(profile.width, profile.height, fit)
    encode_clip(path, _retimed(source, profile.fps, frames, fitter), profile, check=check)
    return True


def is_joinable(source: Path, profile: JoiningProfile, frames: int) -> bool:
    """True when ``source`` is already a clip of the profile with ``frames`` frames.

    It must have the profile's decoder configuration, rate and size, and its groups of pictures
    must be closed and of the profile's length; which encoder wrote it does not matter.
    """
    try:
        index = index_track(source)
        if index.handler != b"vide" or len(index) != frames:
            return False
        film_shifts(index, cuts_of(index, 0, len(index), source), source)
    except MediaError:
        return False
    rate = (index.timescale, index.sample_ticks)
    return (
        rate == (profile.timescale, profile.frame_ticks)
        and (index.width, index.height) == (profile.width, profile.height)
        and index.sync == array("I", range(0, frames, profile.gop))
        and index.description == decoder_configuration(profile)
    )


def _copy(source: Path, path: Path) -> None:
    """Copy within the kernel, sharing blocks where the file system can; else by plain copying."""
    part = path.with_name(path.name + ".part")
    try:
        with source.open("rb") as reader, part.open("wb") as writer:
            left = os.fstat(reader.fileno()).st_size
            try:
                while left > 0:
                    copied = os.copy_file_range(reader.fileno(), writer.fileno(), left)
                    left = left - copied if copied else 0
            except (OSError, AttributeError):
                reader.seek(0)
                writer.seek(0)
                writer.truncate()
                shutil.copyfileobj(reader, writer)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _retimed(source: Path, fps: Fraction, frames: int, fitter: FrameFitter) -> Iterator[VideoFrame]:
    """``frames`` fitted frames at ``fps``, each the one that shows at the middle of its time."""
    shown: VideoFrame | None = None
    fitted: VideoFrame | None = None
    count, pixel_ratio = 0, Fraction(1)
    for time, frame, pixel_ratio in _timed(source):
        while (
            shown is not None
            and count < frames
            and (count + Fraction(1, 2)) / fps + _TIME_ERROR_S < time
        ):
            fitted = fitted or fitter(shown, pixel_ratio)
            yield fitted
            count += 1
        if count >= frames:
            return
        shown, fitted = frame, None
    if shown is None:
        raise MediaError("this clip has no frame that can be decoded", place=str(source))
    fitted = fitted or fitter(shown, pixel_ratio)
    for _ in range(count, frames):
        yield fitted


def _timed(source: Path) -> Iterator[tuple[Fraction, VideoFrame, Fraction]]:
    """Every frame: its time in seconds, the first at 0; itself; a pixel's width over its height.

    Where the clip does not say a frame's time, its rate does.
    """
    with opened(source) as (container, stream):
        pixel_ratio = stream.sample_aspect_ratio or Fraction(1)
        rate = stream.average_rate or stream.guessed_rate or Fraction(24)
        base = stream.time_base or Fraction(1)
        first: int | None = None
        for number, frame in enumerate(container.decode(stream)):
            if frame.pts is None:
                yield Fraction(number) / rate, frame, pixel_ratio
                continue
            first = frame.pts if first is None else first
            yield (frame.pts - first) * base, frame, pixel_ratio
