"""Loudness as ITU-R BS.1770-4 and EBU R 128 define it, from energies that pieces can be asked for.

The programme is cut into hops of 100 ms on one grid from its first sample. A hop's energy depends
on its own samples and a short run-up, so the energies of a part of a film can be kept and reused.
"""

from __future__ import annotations

from functools import cache
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOP_SAMPLES = 4_800
"""Samples in a hop of 100 ms at 48 kHz."""

RUN_UP_SAMPLES = 4_096
"""Samples the filter needs before a hop: its slowest pole (0.99502) has died to 1e-9 by then."""

_WINDOW_HOPS = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691

# BS.1770-4, tables 1 and 2, for 48 kHz: the head's shelf and the low cut, as (b, a).
_STAGES = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)


_FFT_SAMPLES = 16_384  # one part of the sound: a run-up, and three times as much to keep


@cache
def _response() -> NDArray[np.complex64]:
    """Frequency response of the K-weighting on the grid of the real FFT."""
    import numpy as np

    z1 = np.exp(-2j * np.pi * np.arange(_FFT_SAMPLES // 2 + 1) / _FFT_SAMPLES)
    exact = np.ones_like(z1)
    for (b0, b1, b2), (a1, a2) in _STAGES:
        exact *= (b0 + b1 * z1 + b2 * z1**2) / (1.0 + a1 * z1 + a2 * z1**2)
    response: NDArray[np.complex64] = exact.astype(np.complex64)
    return response


def hop_energies(samples: NDArray[np.float32], hops: int) -> NDArray[np.float32]:
    """K-weighted energy of ``hops`` hops: sums of squares over the channels, shape (hops,).

    ``samples`` has shape (channels, RUN_UP_SAMPLES + hops * HOP_SAMPLES): the run-up comes first.
    """
    import numpy as np

    if not hops:
        return np.zeros(0, np.float32)
    channels = samples.shape[0]
    step = _FFT_SAMPLES - RUN_UP_SAMPLES
    parts = -(-hops * HOP_SAMPLES // step)
    padding = RUN_UP_SAMPLES + parts * step - samples.shape[1]
    padded = np.pad(samples.astype(np.float32, copy=False), ((0, 0), (0, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT_SAMPLES, axis=1)[:, ::step]
    weighted = np.fft.irfft(np.fft.rfft(windows) * _response(), _FFT_SAMPLES)
    # The response wraps round within a part, but falls into its run-up only.
    body = weighted[:, :, RUN_UP_SAMPLES:].reshape(channels, -1)[:, : hops * HOP_SAMPLES]
    cut = body.reshape(channels, hops, HOP_SAMPLES)
    energies: NDArray[np.float32] = np.einsum("chs,chs->h", cut, cut).astype(np.float32)
    return energies


def integrated_lufs(energies: NDArray[np.float32]) -> float | None:
    """Gated programme loudness of all hops in order; None when nothing rises above -70 LUFS."""
    import numpy as np

    if not len(energies):
        return None
    # A film shorter than one window is one window.
    hops = min(_WINDOW_HOPS, len(energies))
    sums = np.concatenate(([0.0], np.cumsum(energies, dtype=np.float64)))
    power = np.maximum(sums[hops:] - sums[:-hops], 0.0) / (hops * HOP_SAMPLES)
    loud = power[power > _power(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return None
    gate = _power(_lufs(float(loud.mean())) + _RELATIVE_GATE_LU)
    return _lufs(float(loud[loud > gate].mean()))


def momentary_lufs(energies: NDArray[np.float32]) -> float | None:
    """Loudness of the loudest 400 ms; None when that lies below -70 LUFS."""
    import numpy as np

    hops = min(_WINDOW_HOPS, len(energies))
    if not hops:
        return None
    sums = np.concatenate(([0.0], np.cumsum(energies, dtype=np.float64)))
    loudest = float((sums[hops:] - sums[:-hops]).max()) / (hops * HOP_SAMPLES)
    return _lufs(loudest) if loudest > _power(_ABSOLUTE_GATE_LUFS) else None


def energies_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Energies of a whole sound, shape (channels, n): a tail shorter than a hop is filled up."""
    import numpy as np

    hops = max(1, -(-samples.shape[1] // HOP_SAMPLES))
    padding = (RUN_UP_SAMPLES, hops * HOP_SAMPLES - samples.shape[1])
    padded = np.pad(samples, ((0, 0), padding))
    step = 256  # 25 s a piece keeps the FFT in bounds
    pieces = []
    for first in range(0, hops, step):
        count = min(step, hops - first)
        at = first * HOP_SAMPLES
        piece = padded[:, at : at + RUN_UP_SAMPLES + count * HOP_SAMPLES]
        pieces.append(hop_energies(piece, count))
    return np.concatenate(pieces)


def _lufs(power: float) -> float:
    return _OFFSET_LU + 10.0 * log10(power)


def _power(lufs: float) -> float:
    return float(10.0 ** ((lufs - _OFFSET_LU) / 10.0))
