"""Sums the parts of one block: a pure function of what its key describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fvbuild.media.aac import (
    FRAME_SAMPLES,
    PRE_ROLL_FRAMES,
    TAIL_FRAMES,
    Packets,
    encode_block,
)
from fvbuild.media.loudness import HOP_SAMPLES, RUN_UP_SAMPLES, hop_energies
from fvbuild.media.mix_plan import (
    BEFORE_SAMPLES,
    DUCK_ATTACK_SAMPLES,
    DUCK_RELEASE_SAMPLES,
    BlockPlan,
    Part,
)
from fvbuild.media.sound_limit import CEILING, limit
from fvbuild.media.sound_stem import Stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def render(plan: BlockPlan, stems: Mapping[str, Stem]) -> NDArray[np.float32]:
    """The sum of a block's parts, before the film's gain: shape (2, plan.rendered_samples)."""
    import numpy as np

    bus = np.zeros((2, plan.rendered_samples), np.float32)
    talk = _talk(plan) if plan.ducks else None
    for part in plan.parts:
        count = part.end - part.begin
        stem = stems[part.digest]
        take = stem.read_looped if part.looped else stem.read
        sound = take(part.source, count) * np.float32(10 ** (part.gain_db / 20))
        _fade(sound, part)
        if talk is not None and part.duck_db:
            sound *= np.float32(10) ** (talk[part.begin : part.end] * (part.duck_db / 20))
        bus[:, part.begin : part.end] += sound
    return bus


def measure(plan: BlockPlan, stems: Mapping[str, Stem]) -> NDArray[np.float32]:
    """K-weighted energy and peak of the hops that begin in a block, before the film's gain.

    Shape (plan.hops, 2).
    """
    import numpy as np

    start = plan.hop_at - RUN_UP_SAMPLES
    sound = render(plan, stems)[:, start : plan.hop_at + plan.hops * HOP_SAMPLES]
    hops = sound[:, RUN_UP_SAMPLES:].reshape(2, plan.hops, HOP_SAMPLES)
    peaks = np.abs(hops).max(axis=(0, 2), initial=0.0)
    return np.stack([hop_energies(sound, plan.hops), peaks], axis=1)


def encode(plan: BlockPlan, stems: Mapping[str, Stem], gain_db: float) -> Packets:
    """A block's packets with the film's gain, true peaks limited."""
    import numpy as np

    sound = limit(render(plan, stems) * np.float32(10 ** (gain_db / 20)), CEILING)
    start = BEFORE_SAMPLES - PRE_ROLL_FRAMES * FRAME_SAMPLES
    frames = PRE_ROLL_FRAMES + plan.packets + TAIL_FRAMES
    return encode_block(sound[:, start : start + frames * FRAME_SAMPLES], plan.packets)


def _fade(sound: NDArray[np.float32], part: Part) -> None:
    """Raised-cosine fades, in place."""
    import numpy as np

    at, length = part.fade_in
    if length:
        x = (np.arange(part.begin, part.end) - at + 0.5) / length
        sound *= (0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0, 1))).astype(np.float32)
    at, length = part.fade_out
    if length:
        x = (at - np.arange(part.begin, part.end) - 0.5) / length
        sound *= (0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0, 1))).astype(np.float32)


def _talk(plan: BlockPlan) -> NDArray[np.float32]:
    """1 where someone speaks, 0 where nobody does, eased between: down before the first word."""
    import numpy as np

    times: list[int] = []
    levels: list[float] = []
    for start, end in plan.ducks:
        times += [start - DUCK_ATTACK_SAMPLES, start, end, end + DUCK_RELEASE_SAMPLES]
        levels += [0.0, 1.0, 1.0, 0.0]
    ramp = np.interp(np.arange(plan.rendered_samples), times, levels).astype(np.float32)
    return ramp * ramp * (3 - 2 * ramp)
