"""A clip at another rate, with frames between its own: what moves is moved, not blended.

Motion is found and compensated by FFmpeg's ``minterpolate`` (overlapped blocks, both directions),
on one thread, in whole numbers. What it draws between frames that have little in common is its
guess; a model may do better.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.clip import Check, encode_clip
from fvbuild.media.steps import StepProfile, frames_like, profile_like
from fvbuild.timecode import nearest

if TYPE_CHECKING:
    import av
    from av.video.frame import VideoFrame

# A shot is one continuous view, so nothing in it is a cut.
_HOW = "mi_mode=mci:scd=none"
_RUN_OUT = 4
"""How often the last frame is given again: the filter keeps the frames it could not look beyond."""
_LEAST_SIDE_PX = 64
_LEAST_FRAMES = 3


def interpolate(
    source: Path, fps: Fraction, path: Path, *, check: Check | None = None
) -> int | None:
    """Write ``source`` at ``fps``; the number of frames: the time it takes stays, to half a frame.

    None, and nothing is written, when leaving frames out gives that rate, or there are too few
    frames to find motion between. Raises MediaError.
    """
    profile, frames = profile_like(source)
    if (profile.fps / fps).denominator == 1 or frames < _LEAST_FRAMES:
        return None
    if min(profile.width, profile.height) < _LEAST_SIDE_PX:
        return None
    wanted = max(1, nearest(frames * fps / profile.fps))
    result = StepProfile(profile.width, profile.height, fps)
    between = _between(frames_like(source, profile), profile, fps)
    written = encode_clip(path, islice(between, wanted), result, check=check)
    if written != wanted:
        raise MediaError(f"{written} of {wanted} frames could be made", place=str(source))
    return written


def _between(
    frames: Iterator[VideoFrame], profile: StepProfile, fps: Fraction
) -> Iterator[VideoFrame]:
    """Frames at ``fps``, the first one at the time of the first; the last one is held."""
    held: list[VideoFrame] = []
    graph = _graph(profile, fps)
    made = _made(graph, _run_out(frames, held), profile)
    for number, frame in enumerate(made):
        # From the time of the last frame on there is nothing to move to.
        if held and number * profile.fps / fps >= (held[-1].pts or 0):
            break
        yield frame
    if held:
        yield from repeat(held[-1])


def _graph(profile: StepProfile, fps: Fraction) -> av.filter.Graph:
    import av

    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=profile.width,
        height=profile.height,
        format=av.VideoFormat("yuv420p"),
        time_base=1 / profile.fps,
    )
    motion = graph.add("minterpolate", f"fps={fps}:{_HOW}")
    sink = graph.add("buffersink")
    source.link_to(motion)
    motion.link_to(sink)
    graph.configure()
    return graph


def _made(
    graph: av.filter.Graph, frames: Iterator[VideoFrame], profile: StepProfile
) -> Iterator[VideoFrame]:
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, 1 / profile.fps
        graph.vpush(frame)
        yield from _ready(graph)
    graph.vpush(None)
    yield from _ready(graph)


def _run_out(frames: Iterator[VideoFrame], held: list[VideoFrame]) -> Iterator[VideoFrame]:
    """The frames, and the last one some times more; a copy of the last one, once it is known, with
    its number, is put into ``held``."""
    import av
    import numpy as np

    last, count = None, 0
    for last in frames:
        yield last
        count += 1
    if last is None:
        return
    pixels = np.asarray(last.to_ndarray(), np.uint8)
    for _ in range(_RUN_OUT + 1):
        copy = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        if not held:
            copy.pts = count - 1
            held.append(copy)
            continue
        yield copy


def _ready(graph: av.filter.Graph) -> Iterator[VideoFrame]:
    """What the graph has done so far."""
    import av

    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
