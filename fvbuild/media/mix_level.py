"""The one gain of a film: as loud as wished, with what the limiter will take away allowed for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.media.loudness import integrated_lufs
from fvbuild.media.sound_limit import CEILING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP_DB = 0.25  # so that a small change of one line seldom moves the gain of every block
_RANGE_DB = (-40.0, 24.0)  # beyond it a film is as good as silent: noise stays noise
_STEPS_AGAINST_LIMITER = 16
_NEAR_ENOUGH_LU = _STEP_DB / 2


def film_gain(levels: NDArray[np.float32], wish_lufs: float | None) -> tuple[float | None, float]:
    """The film's loudness with its gain (None: silence), and that gain in decibels.

    ``levels`` are K-weighted energy and peak of every hop before gain, shape (hops, 2). Without a
    wish the gain is 0. Where peaks are limited the gain goes up to 4 dB further, as long as that
    makes the film louder; the loudness given is then an estimate, to a few tenths.
    """
    plain = integrated_lufs(levels[:, 0])
    if plain is None or wish_lufs is None:
        return plain, 0.0
    low, high = _RANGE_DB
    steps = round((wish_lufs - plain) / _STEP_DB)
    gain_db = min(max(steps * _STEP_DB, low), high)
    loudness = _limited_lufs(levels, gain_db)
    for _ in range(_STEPS_AGAINST_LIMITER):
        further = min(gain_db + _STEP_DB, high)
        louder = _limited_lufs(levels, further)
        if loudness is None or louder is None or loudness >= wish_lufs - _NEAR_ENOUGH_LU:
            break
        if louder - loudness < _STEP_DB / 5:
            break  # all of it is pressed against the ceiling
        gain_db, loudness = further, louder
    return loudness, gain_db


def _limited_lufs(levels: NDArray[np.float32], gain_db: float) -> float | None:
    """Programme loudness at a gain, each hop as far down as its highest peak needs."""
    import numpy as np

    gain = 10 ** (gain_db / 20)
    dip = np.minimum(1.0, CEILING / np.maximum(levels[:, 1] * gain, 1e-9))
    return integrated_lufs(levels[:, 0] * (gain * dip) ** 2)
