"""Text tracks: soft subtitles (3GPP timed text), and chapters as QuickTime keeps them."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from itertools import pairwise

from fvbuild.media.mp4.boxes import box, full_box
from fvbuild.media.mp4.movie import Track, run_lengths
from fvbuild.media.subtitles import Cue, timed_text
from fvbuild.values import dataclass

_SUBTITLE_GROUP = 3
_SUBTITLE_HEIGHT_PARTS = 5
_WHITE = b"\xff\xff\xff\xff"
_ENCODING_UTF8 = struct.pack(">I4sI", 12, b"encd", 0x100)


@dataclass(frozen=True, slots=True)
class Subtitles:
    """One soft subtitle track. ``language`` like ``en`` or ``pt-BR``; ``name`` is for menus."""

    language: str
    cues: tuple[Cue, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A mark at a frame of the film."""

    start_frame: int
    title: str


def subtitle_track(
    subtitles: Subtitles, timescale: int, total_ticks: int, size: tuple[int, int], *, enabled: bool
) -> tuple[Track, bytes]:
    """The track and its samples, which cover the film. ``size`` is the film's, in pixels."""
    samples = timed_text(subtitles.cues, timescale, total_ticks)
    width, height = size[0], size[1] // _SUBTITLE_HEIGHT_PARTS
    style = struct.pack(">HHHBB", 0, 0, 1, 0, max(1, height // 4) & 0xFF) + _WHITE
    entry = box(
        b"tx3g",
        struct.pack(">6xHI", 1, 0),
        struct.pack(">bB4B", 1, -1 & 0xFF, 0, 0, 0, 0),  # centred, at the bottom, no ground
        struct.pack(">4H", 0, 0, height, width),
        style,
        box(b"ftab", struct.pack(">HHB", 1, 1, 5), b"Serif"),
    )
    track = _text_track(b"sbtl", entry, samples, timescale, total_ticks)
    track.language, track.name = subtitles.language, subtitles.name or "Subtitles"
    track.enabled, track.group = enabled, _SUBTITLE_GROUP
    track.width, track.height, track.top = width, height, size[1] - height
    return track, b"".join(sample for _, sample in samples)


def chapter_track(
    chapters: Sequence[Chapter], frame_ticks: int, timescale: int, total_ticks: int
) -> tuple[Track, bytes]:
    """The track that names the chapters, off by itself; other tracks refer to it."""
    starts = [chapter.start_frame * frame_ticks for chapter in chapters]
    samples = []
    for (start, end), chapter in zip(pairwise([*starts, total_ticks]), chapters, strict=True):
        name = chapter.title.encode()[:65535]
        samples.append((end - start, struct.pack(">H", len(name)) + name + _ENCODING_UTF8))
    entry = box(
        b"text",
        struct.pack(">6xHII", 1, 1, 0),
        bytes(14),  # no ground, no box of its own
        struct.pack(">IHHI", 0, 1, 0, 0),  # one font, black
        box(b"ftab", struct.pack(">HHB", 1, 1, 0)),
    )
    track = _text_track(b"text", entry, samples, timescale, total_ticks)
    track.name, track.enabled = "Chapters", False
    return track, b"".join(sample for _, sample in samples)


def _text_track(
    handler: bytes,
    entry: bytes,
    samples: Sequence[tuple[int, bytes]],
    timescale: int,
    total_ticks: int,
) -> Track:
    return Track(
        handler=handler,
        description=full_box(b"stsd", struct.pack(">I", 1), entry),
        timescale=timescale,
        lengths=run_lengths(ticks for ticks, _ in samples),
        sizes=array("I", [len(sample) for _, sample in samples]),
        chunks=[len(samples)],
        shown=total_ticks,
    )
