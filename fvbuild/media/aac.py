"""AAC-LC in blocks that are encoded apart and join without a click.

A packet holds 2048 samples that overlap those of its neighbours by half, and the encoder chooses
with a little memory. So a block is encoded with a few frames of the film's sound before and after
it, and only its own packets are kept: together the blocks are one continuous track.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.media.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_SAMPLES = 1_024
"""Samples in a frame, and the step from packet to packet."""

PRIMING_SAMPLES = 1_024
"""Samples a decoder gives before the first true one; the edit list hides them."""

BLOCK_PACKETS = 234
"""Packets in a block: almost 5 s, as long as a shot."""

PRE_ROLL_FRAMES = 5
"""Frames the encoder is given before a block: one overlaps its first packet, four settle it."""

TAIL_FRAMES = 2
"""Frames after a block: one that the encoder looks ahead, one for the filter bank."""

BIT_RATE = 192_000

# The quick coder is four times as fast as the default one and, at this rate, nearer to its input.
# Noise substitution would make the decoder invent noise of its own at the joins.
OPTIONS = {"aac_coder": "fast", "aac_pns": "0"}

AUDIO_SPECIFIC_CONFIG = bytes.fromhex("1190")
"""AAC-LC, 48 kHz, stereo (ISO/IEC 14496-3, 1.6.2.1)."""


class Packets(NamedTuple):
    """Encoded packets: their sizes in bytes, and all of their bytes."""

    sizes: NDArray[np.uint32]
    data: bytes


def encode_block(samples: NDArray[np.float32], packets: int) -> Packets:
    """Encode one block of ``packets`` packets; the same input gives the same bytes.

    ``samples`` is float32 of shape (2, (PRE_ROLL_FRAMES + packets + TAIL_FRAMES) * FRAME_SAMPLES).
    Packet p of the track holds frames p-1 and p, so the first packet's own frame comes after the
    pre-roll.
    """
    import numpy as np

    encoded = _encode(samples)[PRE_ROLL_FRAMES : PRE_ROLL_FRAMES + packets]
    sizes = np.array([len(packet) for packet in encoded], np.uint32)
    return Packets(sizes, b"".join(encoded))


@cache
def silent_block(packets: int) -> Packets:
    """A block of silence: encoded once, repeated wherever a film is silent."""
    import numpy as np

    frames = PRE_ROLL_FRAMES + packets + TAIL_FRAMES
    return encode_block(np.zeros((2, frames * FRAME_SAMPLES), np.float32), packets)


def _encode(samples: NDArray[np.float32]) -> list[bytes]:
    import av
    import numpy as np
    from av.codec.context import Flags

    context = av.CodecContext.create("aac", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = SAMPLE_RATE
    context.layout = "stereo"
    context.format = "fltp"
    context.bit_rate = BIT_RATE
    context.time_base = Fraction(1, SAMPLE_RATE)
    context.options = dict(OPTIONS)
    context.flags |= Flags.bitexact
    found: list[bytes] = []
    for at in range(0, samples.shape[1], FRAME_SAMPLES):
        piece = np.ascontiguousarray(samples[:, at : at + FRAME_SAMPLES])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = context.time_base
        frame.pts = at
        found.extend(bytes(packet) for packet in context.encode(frame))
    found.extend(bytes(packet) for packet in context.encode(None))
    return found
