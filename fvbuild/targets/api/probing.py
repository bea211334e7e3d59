"""Looking at a result before it counts: it decodes, is what was asked for, and is all there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.errors import MediaError
from fvbuild.targets.processors import processors

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

PICTURES = frozenset({"reference", "plate", "prop", "anchor", "boundary"})
CLIPS = frozenset({"segment"})
SOUNDS = frozenset({"speech", "ambience", "effect", "music"})

_SMALLEST_SIDE = 16
_SHORTEST_SHARE = 0.5
_SHORTEST_SOUND_S = 0.05
# A header may count a frame or two that an encoder never wrote.
_FRAMES_SPARE = 2
# Where a wave of results comes at once, looking at all of them keeps the next requests waiting.
_LOOKED_AT_ONCE = threading.BoundedSemaphore(max(1, processors() // 2))


def probe_result(kind: str, path: Path, seconds: float | None = None) -> Mapping[str, Json]:
    """The facts of a result of this kind of node; ``seconds`` is how long it was asked to be.

    Waits while others are looked at. Raises MediaError when it cannot be decoded, is cut off, or is
    far too small or short.
    """
    with _LOOKED_AT_ONCE:
        return _facts(kind, path, seconds)


def _facts(kind: str, path: Path, seconds: float | None) -> Mapping[str, Json]:
    if kind in PICTURES:
        return _picture(path)
    if kind in CLIPS:
        return _clip(path, seconds)
    if kind in SOUNDS:
        return _sound(path, seconds)
    if not path.read_text(encoding="utf-8", errors="replace").strip():
        raise MediaError("the text is empty")
    return {}


def make_ready(kind: str) -> None:
    """Import what looks at a result of this kind, while there is nothing else to do."""
    if kind in PICTURES:
        import fvbuild.media.image  # noqa: F401 - to have it
    elif kind in CLIPS | SOUNDS:
        import av  # noqa: F401 - what looks at clips and sounds imports it late


def _picture(path: Path) -> Mapping[str, Json]:
    from fvbuild.media.image import read_picture, size_of

    read_picture(path)
    width, height = size_of(path)
    if min(width, height) < _SMALLEST_SIDE:
        raise MediaError(f"the picture is only {width}x{height}")
    return {"width": width, "height": height}


def _clip(path: Path, seconds: float | None) -> Mapping[str, Json]:
    from fvbuild.media.codec import opened

    with opened(path) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise MediaError("the clip has no frame that can be decoded")
        rate = stream.average_rate or stream.guessed_rate
        if not rate or rate <= 0:
            raise MediaError("the clip does not say its frame rate")
        container.seek(0)
        there = sum(packet.size > 0 for packet in container.demux(stream))
        if there + _FRAMES_SPARE < stream.frames:
            raise MediaError(f"the clip is cut off after {there} of {stream.frames} frames")
        _decode_end(container, stream)
    if min(first.width, first.height) < _SMALLEST_SIDE:
        raise MediaError(f"the clip is only {first.width}x{first.height}")
    _check_length(float(there / rate), seconds)
    return {"frames": there, "width": first.width, "height": first.height, "fps": str(rate)}


def _decode_end(container: InputContainer, stream: VideoStream) -> None:
    """Decode the last group of pictures. Raises MediaError where nothing comes of it."""
    if stream.duration:
        container.seek((stream.start_time or 0) + stream.duration, stream=stream)
    else:
        container.seek(0)
    if not sum(1 for _ in container.decode(stream)):
        raise MediaError("the end of the clip cannot be decoded")


def _sound(path: Path, seconds: float | None) -> Mapping[str, Json]:
    from fvbuild.media.sound import probe_sound

    facts = probe_sound(path)
    if facts.seconds < _SHORTEST_SOUND_S:
        raise MediaError(f"the sound lasts only {facts.seconds:.3f} s")
    _check_length(facts.seconds, seconds)
    return {"seconds": facts.seconds, "samples": facts.samples}


def _check_length(is_s: float, asked_s: float | None) -> None:
    if asked_s is not None and is_s < asked_s * _SHORTEST_SHARE:
        raise MediaError(f"it lasts {is_s:.2f} s where {asked_s:g} s were asked for")
