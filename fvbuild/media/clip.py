"""Clips of the joining profile: encode frames into one, read frames back out of any clip."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.errors import MediaError
from fvbuild.media.codec import opened, to_rgb, to_yuv
from fvbuild.media.profile import JoiningProfile
from fvbuild.timecode import nearest
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

    from fvbuild.media.codec import Pixels

    Frame: TypeAlias = Pixels | Image | VideoFrame

Check: TypeAlias = Callable[[], None]
"""Called every few frames; raises to stop (``Action.check_cancelled``)."""

_CHECK_EVERY_FRAMES = 8
_MAX_COUNTED_PACKETS = 2_000_000
_BT709, _LIMITED = 1, 1


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What is known of a clip without decoding all of it. ``frames`` is exact."""

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
    import av

    part = path.with_name(path.name + ".part")
    try:
        with av.open(
            str(part),
            "w",
            format="mp4",
            container_options={
                "fflags": "+bitexact",
                "video_track_timescale": str(profile.timescale),
            },
        ) as container:
            count = _encode(container, frames, profile, check)
        if not count:
            raise MediaError("a clip needs at least one frame", place=str(path))
        part.replace(path)
    except av.FFmpegError as wrong:
        raise MediaError(f"the clip cannot be encoded: {wrong}", place=str(path)) from wrong
    finally:
        part.unlink(missing_ok=True)
    return count


def _encode(
    container: OutputContainer,
    frames: Iterable[Frame],
    profile: JoiningProfile,
    check: Check | None,
) -> int:
    stream = _stream(container, profile)
    step, count = 1 / profile.fps, 0
    last: object = None
    frame: VideoFrame | None = None
    for picture in frames:
        if picture is not last or frame is None:
            frame, last = to_yuv(picture), picture
            if (frame.width, frame.height) != (profile.width, profile.height):
                raise MediaError(
                    f"a frame is {frame.width}x{frame.height}, "
                    f"the clip {profile.width}x{profile.height}"
                )
        frame.pts, frame.time_base, frame.pict_type = count, step, 0
        container.mux(stream.encode(frame))
        count += 1
        if check and count % _CHECK_EVERY_FRAMES == 0:
            check()
    if count:
        container.mux(stream.encode())
    return count


def _stream(container: OutputContainer, profile: JoiningProfile) -> VideoStream:
    from av.codec.context import Flags

    stream = container.add_stream("libx264", rate=profile.fps, options=profile.encoder_options())
    stream.width, stream.height, stream.pix_fmt = profile.width, profile.height, "yuv420p"
    context = stream.codec_context
    context.thread_count = 1
    context.flags |= Flags.bitexact
    context.time_base = 1 / profile.fps
    context.sample_aspect_ratio = Fraction(1)
    context.color_range = _LIMITED
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    return stream


def frames_of(path: Path, start: int = 0, stop: int | None = None) -> Iterator[VideoFrame]:
    """Frames [start, stop) of a clip of constant rate as they are decoded, seeking to ``start``.

    Raises MediaError when the clip ends before ``stop``.
    """
    with opened(path) as (container, stream):
        rate = stream.average_rate or Fraction(1)
        begins = stream.start_time or 0
        if start:
            container.seek(begins + int(start / rate / _base(stream)), stream=stream)
        number = start - 1
        for decoded in container.decode(stream):
            number += 1
            if decoded.pts is not None:
                number = nearest((decoded.pts - begins) * _base(stream) * rate)
            if stop is not None and number >= stop:
                return
            if number >= start:
                yield decoded
                if number + 1 == stop:
                    return
        if stop is not None:
            raise MediaError(f"the clip has no frame {stop - 1}", place=str(path))


def decode_frames(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Pixels]:
    """Frames [start, stop) of a clip as planar yuv420p (uint8, H*3/2 x W), seeking to ``start``."""
    import numpy as np

    for frame in frames_of(path, start, stop):
        yield np.asarray(to_yuv(frame).to_ndarray(), dtype=np.uint8)


def last_frame(path: Path) -> Pixels:
    """The clip's last frame as RGB (uint8, H x W x 3). Raises MediaError."""
    with opened(path) as (container, stream):
        # Decode the last group of pictures only; where the file cannot seek, all of it.
        if stream.duration:
            container.seek((stream.start_time or 0) + stream.duration, stream=stream)
        final = _final(container, stream)
        if final is None:
            container.seek(0)
            final = _final(container, stream)
        if final is None:
            raise MediaError("this clip has no frame that can be decoded", place=str(path))
        return to_rgb(final)


def _final(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    newest = deque(container.decode(stream), maxlen=1)
    return newest[0] if newest else None


def probe(path: Path, *, place: str | None = None) -> ClipFacts:
    """Facts of a clip, in bounded time. Raises MediaError when it is none."""
    with opened(path, place=place) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise MediaError("this clip has no frame that can be decoded", place=place or str(path))
        rate = stream.average_rate or stream.guessed_rate
        if not rate or rate <= 0:
            raise MediaError("this clip does not say its frame rate", place=place or str(path))
        # A header can claim any number of frames, but no more than the file has bytes.
        count = stream.frames if 0 < stream.frames < path.stat().st_size else 0
        if not count:
            container.seek(0)
            count = _count(container, stream)
        return ClipFacts(count, first.width, first.height, Fraction(rate), stream.codec.name)


def _count(container: InputContainer, stream: VideoStream) -> int:
    count = 0
    for packet in container.demux(stream):
        count += packet.size > 0
        if count > _MAX_COUNTED_PACKETS:
            raise ValueError("it has too many frames")
    return count


def _base(stream: VideoStream) -> Fraction:
    return stream.time_base or Fraction(1)
