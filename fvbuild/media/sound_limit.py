"""A look-ahead limiter for true peaks that knows only its neighbourhood.

The gain at a sample depends on REACH_SAMPLES either side of it and on nothing earlier, so any part
of a film can be limited alone and comes out as it would within the whole.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CEILING = 10 ** (-1.5 / 20)
"""-1.5 dBTP before the encoder, which adds a little of its own: about -1 dBTP after it."""

CELL_SAMPLES = 32
"""The gain is worked out once for so many samples; parts must begin on this grid."""

_HOLD_CELLS = 24  # 16 ms: peaks closer than this share one dip
_PHASES = 4
_TAPS = 12
REACH_SAMPLES = (2 * _HOLD_CELLS + 3) * CELL_SAMPLES
"""How far a peak is felt, and so how much sound a part must bring at each end."""

# Between samples a peak can rise above them; 3 dB covers all but signals made for the purpose.
_SURELY_BELOW = 0.7


@cache
def _interpolators() -> NDArray[np.float32]:
    """Windowed-sinc filters for the points at 1/4, 2/4 and 3/4 between samples: shape (3, taps)."""
    import numpy as np

    taps = np.arange(_TAPS) - (_TAPS // 2 - 1)
    rows = []
    for phase in range(1, _PHASES):
        x = taps - phase / _PHASES
        row = np.sinc(x) * np.cos(np.pi * x / (_TAPS + 1)) ** 2
        rows.append(row / row.sum())
    return np.array(rows, np.float32)


def true_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Peak at and just after each sample at 4x the rate, over all channels: shape (n,)."""
    import numpy as np

    peaks: NDArray[np.float32] = np.abs(samples).max(axis=0)
    for channel in samples:
        padded = np.pad(channel, (_TAPS // 2 - 1, _TAPS // 2))
        for row in _interpolators():
            between = np.convolve(padded, row[::-1], "valid")
            np.maximum(peaks, np.abs(between), out=peaks)
    return peaks


def limit(samples: NDArray[np.float32], ceiling: float) -> NDArray[np.float32]:
    """Bring true peaks down to ``ceiling`` (1.0 is full scale).

    ``samples`` has shape (channels, n), n a multiple of CELL_SAMPLES; the outermost REACH_SAMPLES
    at each end serve as neighbourhood and are themselves not safe.
    """
    import numpy as np

    if not samples.size or float(np.abs(samples).max()) <= ceiling * _SURELY_BELOW:
        return samples
    peaks = true_peaks(samples).reshape(-1, CELL_SAMPLES).max(axis=1)
    if float(peaks.max()) <= ceiling:
        return samples
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    held = _lowest_around(wanted, _HOLD_CELLS + 1)
    hann = np.hanning(2 * _HOLD_CELLS + 1)
    padded = np.pad(held, _HOLD_CELLS, mode="edge")
    smooth = np.convolve(padded, hann / hann.sum(), "valid")
    centres = (np.arange(len(smooth)) + 0.5) * CELL_SAMPLES
    gain = np.interp(np.arange(samples.shape[1]) + 0.5, centres, smooth)
    limited: NDArray[np.float32] = samples * gain.astype(np.float32)
    return limited


def _lowest_around(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    import numpy as np

    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    lowest: NDArray[np.float32] = windows.min(axis=1)
    return lowest
