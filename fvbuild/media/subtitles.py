"""Subtitles: cues as SubRip, WebVTT, and the timed-text samples of an MP4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Cue:
    """A line on screen from ``start`` to ``end``, in seconds of the film."""

    start: Fraction
    end: Fraction
    text: str


def to_srt(cues: Sequence[Cue]) -> str:
    """SubRip text."""
    raise NotImplementedError


def to_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT text."""
    raise NotImplementedError


def timed_text(cues: Sequence[Cue], timescale: int, total_ticks: int) -> list[tuple[int, bytes]]:
    """(length in ticks, tx3g sample) without gaps from 0 to ``total_ticks``.

    Cues which overlap in time are shown together, one above the other.
    """
    raise NotImplementedError
