"""Takes the edge off a scratch voice: a small warm room, no silence at the ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.media.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAD_S, _TAIL_S = 0.03, 0.15
_HEARD = 10 ** (-45 / 20)


def silence(seconds: float) -> NDArray[np.float32]:
    """So much silence, mono at 48 kHz."""
    import numpy as np

    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def in_room(samples: NDArray[np.float32], rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Mono samples of any rate as they sound in a small room, trimmed, at 48 kHz."""
    import numpy as np

    dry = _trimmed(samples, rate)
    count = round(len(dry) * SAMPLE_RATE / rate)
    room = _room()
    size = 1 << (count + len(room) - 1).bit_length()
    # One spectrum serves resampling (more points of the same band), softening and the room.
    own = round(size * rate / SAMPLE_RATE)
    bins = min(own, size) // 2 + 1
    spectrum = np.zeros(size // 2 + 1, np.complex128)
    spectrum[:bins] = np.fft.rfft(dry, own)[:bins] * (size / own)
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum *= 1 / np.sqrt(1 + (hertz / 6500) ** 4)  # off with the hiss
    spectrum *= 1 / (1 + (70 / np.maximum(hertz, 1)) ** 4)  # and the rumble
    wet = np.fft.irfft(spectrum * np.fft.rfft(room, size), size)[: count + len(room)]
    return wet.astype(np.float32)


def _trimmed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import numpy as np

    heard = np.flatnonzero(np.abs(samples) > np.abs(samples).max(initial=0.0) * _HEARD)
    if not len(heard):
        return samples
    first = max(0, int(heard[0]) - round(_HEAD_S * rate))
    cut = samples[first : int(heard[-1]) + round(_TAIL_S * rate)].copy()
    edge = min(len(cut), round(0.005 * rate))
    cut[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    cut[len(cut) - edge :] *= np.linspace(1, 0, edge, dtype=np.float32)
    return cut


def _room() -> NDArray[np.float64]:
    """An impulse response of 0.12 s: the voice itself, a few walls, a breath of reverberation."""
    import numpy as np

    count = round(0.12 * SAMPLE_RATE)
    tail = np.random.default_rng(1).random(count) - 0.5
    tail *= 0.012 * np.exp(-np.arange(count) / (0.025 * SAMPLE_RATE))
    tail[0] = 1.0
    for delay_ms, gain in ((7.1, 0.10), (11.3, 0.08), (17.9, 0.06), (23.3, 0.04)):
        tail[round(delay_ms * SAMPLE_RATE / 1000)] += gain
    return tail
