"""What each block of the mix consists of, in a form that is its key and its recipe at once.

Every block is described relative to itself and without anything that cannot be heard in it: two
blocks of equal description sound alike to the last bit, wherever they lie in whichever film.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import xxhash

from fvbuild.media.aac import BLOCK_PACKETS, FRAME_SAMPLES
from fvbuild.media.loudness import HOP_SAMPLES
from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.media.sound_stem import seam_samples

BEFORE_SAMPLES = 7 * FRAME_SAMPLES
AFTER_SAMPLES = 8 * FRAME_SAMPLES
"""What is rendered around a block: pre-roll and tail of encoder, limiter and loudness filter."""

DUCK_ATTACK_SAMPLES = SAMPLE_RATE // 4
DUCK_RELEASE_SAMPLES = SAMPLE_RATE * 6 // 10
_DUCK_HOLD_SAMPLES = SAMPLE_RATE * 4 // 10

SILENCE = bytes(16)
"""The key of a block in which nothing sounds."""

_BLOCK_SAMPLES = BLOCK_PACKETS * FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class Clip:
    """A cue whose ends are known. ``start`` and ``end`` are samples of the film."""

    digest: str
    stem_samples: int
    start: int
    end: int
    offset: int
    gain_db: float
    fade_in: int
    fade_out: int
    loop: bool
    duck_db: float
    speech: bool


class Part(NamedTuple):
    """A clip as one block hears it: samples count from the first that the block renders.

    digest: content of the stem. source: its sample at ``begin``.
    begin, end: where it sounds in the block. looped: repeats for ever.
    fade_in: (first sample, length), fade_out: (last sample + 1, length); (0, 0) where there is
    none to be heard. gain_db and duck_db as given by its cue.
    """

    digest: str
    source: int
    begin: int
    end: int
    looped: bool
    fade_in: tuple[int, int]
    fade_out: tuple[int, int]
    gain_db: float
    duck_db: float


class BlockPlan(NamedTuple):
    """One block: packets [first, first + packets) of the track.

    ``hops`` loudness hops begin in it, the first at rendered sample ``hop_at``. ``ducks`` are the
    stretches of speech (from, to), in rendered samples.
    """

    key: bytes
    first: int
    packets: int
    hop_at: int
    hops: int
    parts: tuple[Part, ...]
    ducks: tuple[tuple[int, int], ...]

    @property
    def rendered_samples(self) -> int:
        """Length of what is rendered for this block."""
        return BEFORE_SAMPLES + self.packets * FRAME_SAMPLES + AFTER_SAMPLES


def plan_blocks(clips: Iterable[Clip], total_samples: int) -> list[BlockPlan]:
    """The blocks of a film of this length, in order."""
    clips = list(clips)
    packets = -(-total_samples // FRAME_SAMPLES) + 1
    count = -(-packets // BLOCK_PACKETS)
    heard: dict[int, list[Clip]] = {}
    for clip in clips:
        first = max(0, (clip.start - AFTER_SAMPLES) // _BLOCK_SAMPLES)
        last = min(count - 1, (clip.end - 1 + BEFORE_SAMPLES) // _BLOCK_SAMPLES)
        for number in range(first, last + 1) if clip.start < clip.end else ():
            heard.setdefault(number, []).append(clip)
    talk = speech_stretches(clips)
    all_hops = max(1, total_samples // HOP_SAMPLES)
    plans = []
    for number in range(count):
        first = number * BLOCK_PACKETS
        size = min(BLOCK_PACKETS, packets - first)
        first_hop = min(all_hops, -(-first * FRAME_SAMPLES // HOP_SAMPLES))
        end_hop = min(all_hops, -(-(first + size) * FRAME_SAMPLES // HOP_SAMPLES))
        hop_at = first_hop * HOP_SAMPLES - first * FRAME_SAMPLES + BEFORE_SAMPLES
        bare = BlockPlan(SILENCE, first, size, hop_at, end_hop - first_hop, (), ())
        plans.append(_filled(bare, heard[number], talk) if number in heard else bare)
    return plans


def speech_stretches(clips: Iterable[Clip]) -> list[tuple[int, int]]:
    """Where speech sounds, as (from, to) in order; pauses too short to rise in are bridged."""
    bridge = DUCK_ATTACK_SAMPLES + DUCK_RELEASE_SAMPLES + _DUCK_HOLD_SAMPLES
    found: list[tuple[int, int]] = []
    for start, end in sorted((clip.start, clip.end) for clip in clips if clip.speech):
        if found and start - found[-1][1] < bridge:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def _filled(bare: BlockPlan, clips: Sequence[Clip], talk: list[tuple[int, int]]) -> BlockPlan:
    low = bare.first * FRAME_SAMPLES - BEFORE_SAMPLES
    size = bare.rendered_samples
    parts = tuple(sorted(part for clip in clips if (part := _part(clip, low, size)) is not None))
    if not parts:
        return bare
    ducks = _ducks(talk, low, size) if any(part.duck_db for part in parts) else ()
    told = json.dumps([bare.packets, bare.hop_at, bare.hops, parts, ducks])
    return bare._replace(key=xxhash.xxh3_128_digest(told.encode()), parts=parts, ducks=ducks)


def _part(clip: Clip, low: int, size: int) -> Part | None:
    begin, end = max(clip.start - low, 0), min(clip.end - low, size)
    if begin >= end:
        return None
    source = clip.offset + begin + low - clip.start
    if clip.loop:
        # From its second turn on a loop is periodic; how often it went round cannot be heard.
        period = clip.stem_samples - seam_samples(clip.stem_samples)
        source = source if source < period else period + source % period
    fades_in = clip.fade_in > 0 and clip.start + clip.fade_in > low
    fades_out = clip.fade_out > 0 and clip.end - clip.fade_out < low + size
    return Part(
        digest=clip.digest,
        source=source,
        begin=begin,
        end=end,
        looped=clip.loop,
        fade_in=(clip.start - low, clip.fade_in) if fades_in else (0, 0),
        fade_out=(clip.end - low, clip.fade_out) if fades_out else (0, 0),
        gain_db=clip.gain_db,
        duck_db=clip.duck_db,
    )


def _ducks(talk: list[tuple[int, int]], low: int, size: int) -> tuple[tuple[int, int], ...]:
    at = bisect_left(talk, low - DUCK_RELEASE_SAMPLES, key=lambda stretch: stretch[1])
    found = []
    for start, end in talk[at:]:
        if start - DUCK_ATTACK_SAMPLES >= low + size:
            break
        # What lies wholly before or after keeps its own end: only a ramp of it reaches in.
        start, end = start - low, end - low
        found.append((min(max(start, 0), end), max(min(end, size), start)))
    return tuple(found)
