"""Subtitles: cues as SubRip, WebVTT, and the timed-text samples of an MP4."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from fvbuild.timecode import nearest
from fvbuild.values import dataclass

_MAX_SAMPLE_TEXT_BYTES = 65535
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Cue:
    """A line on screen from ``start`` to ``end``, in seconds of the film."""

    start: Fraction
    end: Fraction
    text: str


def to_srt(cues: Sequence[Cue]) -> str:
    """SubRip text, in order of time. An empty line would end a cue, so there are none in one."""
    return "\n".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_lines(cue.text)}\n"
        for number, cue in enumerate(_ordered(cues), 1)
    )


def to_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT text, in order of time; what would be markup is escaped."""
    blocks = [
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n"
        f"{_lines(cue.text).translate(_ESCAPES)}\n"
        for cue in _ordered(cues)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def timed_text(cues: Sequence[Cue], timescale: int, total_ticks: int) -> list[tuple[int, bytes]]:
    """(length in ticks, tx3g sample) without gaps from 0 to ``total_ticks``.

    Cues which overlap in time are shown together, one above the other.
    """
    spans = [
        (start, end, _lines(cue.text))
        for cue in _ordered(cues)
        for start, end in [(_ticks(cue.start, timescale), _ticks(cue.end, timescale))]
        if max(0, start) < min(end, total_ticks)
    ]
    edges = {0, total_ticks}
    for start, end, _ in spans:
        edges |= {max(0, start), min(end, total_ticks)}
    samples, waiting, showing = [], iter([*spans, None]), list[tuple[int, int, str]]()
    coming = next(waiting)
    for start, end in pairwise(sorted(edges)):
        while coming and coming[0] <= start:
            showing.append(coming)
            coming = next(waiting)
        showing = [span for span in showing if span[1] > start]
        shown = "\n".join(text for _, _, text in showing)
        data = shown.encode()[:_MAX_SAMPLE_TEXT_BYTES].decode(errors="ignore").encode()
        samples.append((end - start, struct.pack(">H", len(data)) + data))
    return samples


def _ordered(cues: Sequence[Cue]) -> list[Cue]:
    said = (cue for cue in cues if cue.end > cue.start and cue.text.strip())
    return sorted(said, key=lambda cue: cue.start)


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _ticks(seconds: Fraction, timescale: int) -> int:
    return nearest(seconds * timescale)


def _clock(seconds: Fraction, mark: str) -> str:
    """``HH:MM:SS`` and milliseconds after ``mark``."""
    ms = max(0, nearest(seconds * 1000))
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"
