"""What scratch sounds are built of: coloured noise, slow swells, struck and blown tones.

All is seeded, float32, and 48 kHz. Noise is shaped in its spectrum, so that a minute of surf takes
one Fourier transform a channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from fvbuild.media.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sound: TypeAlias = NDArray[np.float32]
    Rng: TypeAlias = np.random.Generator

Curve: TypeAlias = Sequence[tuple[float, float]]
"""A spectrum as (hertz, decibels), straight between its points on a logarithmic scale."""

_LONGEST_NOISE = 1 << 19
_STEP = 240  # samples between the points of a slow curve: 5 ms


def noise(rng: Rng, count: int, curve: Curve) -> Sound:
    """Noise with the given spectrum, shape (count,), of about unit RMS."""
    import numpy as np

    return np.resize(_endless_noise(rng, count, curve), count)


def wide_noise(rng: Rng, count: int, curve: Curve) -> Sound:
    """Two unlike channels of noise that share a centre: shape (2, count)."""
    import numpy as np

    middle = _endless_noise(rng, count, curve)
    # Noise knows nothing of itself a third of its length later.
    side = np.roll(middle, len(middle) // 3)
    pair = np.stack([0.8 * middle + 0.6 * side, 0.8 * middle - 0.6 * side])
    turns = -(-count // len(middle))
    return np.tile(pair, turns)[:, :count]


def _endless_noise(rng: Rng, count: int, curve: Curve) -> Sound:
    """Noise that goes on at its beginning: at most 11 s, then it comes again unnoticed."""
    import numpy as np

    size = min(_fft_size(count), _LONGEST_NOISE)
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    shape = _response(hertz, curve)
    # Random phases on a flat spectrum are noise already: no transform on the way in.
    angles = np.exp((2j * np.pi) * rng.random(len(hertz), dtype=np.float32)).astype(np.complex64)
    sound = np.fft.irfft(angles * shape, size)
    return (sound / max(1e-12, float(np.sqrt(np.mean(sound * sound))))).astype(np.float32)


def filtered(sound: Sound, curve: Curve) -> Sound:
    """A sound (channels, n) through a filter of the given response."""
    import numpy as np

    size = _fft_size(sound.shape[-1])
    shape = _response(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), curve)
    spectrum = np.fft.rfft(sound, size, axis=-1) * shape
    out: Sound = np.fft.irfft(spectrum, size, axis=-1)[..., : sound.shape[-1]].astype(np.float32)
    return out


def _response(hertz: NDArray[Any], curve: Curve) -> Sound:
    import numpy as np

    points = np.log2([max(at, 1.0) for at, _ in curve])
    decibels = np.interp(np.log2(np.maximum(hertz, 1.0)), points, [level for _, level in curve])
    shape: Sound = (10 ** (decibels / 20)).astype(np.float32)
    shape[hertz < 15] = 0.0
    return shape


def _fft_size(count: int) -> int:
    """The next size that a Fourier transform is quick at: 2, 3, 5, 9 or 15 times a power of two."""
    sizes = []
    for base in (1, 3, 5, 9, 15):
        power = 1
        while base * power < max(count, 2048):
            power *= 2
        sizes.append(base * power)
    return min(sizes)


def swell(rng: Rng, count: int, period_s: float, low: float, high: float = 1.0) -> Sound:
    """A slow curve that wanders between ``low`` and ``high``, a turn about every period."""
    import numpy as np

    knots = max(4, int(count / SAMPLE_RATE / period_s) + 4)
    spread = 1 + 0.3 * (rng.random(knots) - 0.5)
    times = (np.cumsum(spread) - spread[0] - spread[1]) * period_s * SAMPLE_RATE / _STEP
    levels = np.where(np.arange(knots) % 2, 1.0, 0.0) * (0.6 + 0.4 * rng.random(knots))
    return drawn_out(low + (high - low) * _eased(count, times, levels), count)


def _eased(
    count: int, times: NDArray[np.float64], levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    import numpy as np

    at = np.arange(count // _STEP + 2)
    left = np.clip(np.searchsorted(times, at, "right") - 1, 0, len(times) - 2)
    x = np.clip((at - times[left]) / np.maximum(times[left + 1] - times[left], 1e-9), 0, 1)
    eased: NDArray[np.float64] = levels[left] + (levels[left + 1] - levels[left]) * x * x * (
        3 - 2 * x
    )
    return eased


def drawn_out(points: NDArray[np.float64], count: int) -> Sound:
    """A curve given every 5 ms, as ``count`` samples."""
    import numpy as np

    whole = -(-count // _STEP)
    left = points[:whole].astype(np.float32)
    step = (points[1 : whole + 1] - points[:whole]).astype(np.float32)
    ramp = np.arange(_STEP, dtype=np.float32) / np.float32(_STEP)
    return (left[:, None] + step[:, None] * ramp).reshape(-1)[:count]


def decay(count: int, half_s: float, attack_s: float = 0.003) -> Sound:
    """An envelope that rises quickly and halves every ``half_s`` seconds."""
    import numpy as np

    times = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE)
    rise = np.clip(times / np.float32(attack_s), 0, 1)
    fall: Sound = np.exp2(-times / np.float32(half_s))
    # The last hundredth of a second closes it, however slow the decay.
    closing = np.clip(np.arange(count, 0, -1, dtype=np.float32) / np.float32(480), 0, 1)
    shape: Sound = rise * fall * closing
    return shape


def harmonics(hertz: Sound | float, count: int, strengths: Sequence[float]) -> Sound:
    """A tone of the given harmonics; ``hertz`` may glide (a curve of ``count`` samples)."""
    import numpy as np

    if isinstance(hertz, float | int):
        turns = np.arange(count) * (hertz / SAMPLE_RATE)
    else:
        turns = np.cumsum(hertz, dtype=np.float64) / SAMPLE_RATE
    # Counted exactly, but only within the turn: single precision is then enough, and quick.
    phase = (turns - np.floor(turns)).astype(np.float32) * np.float32(2 * np.pi)
    first = np.sin(phase)
    total: Sound = np.float32(strengths[0]) * first
    if len(strengths) == 1:
        return total
    # sin(k x) = 2 cos(x) sin((k-1) x) - sin((k-2) x): one multiplication a harmonic.
    twice = 2 * np.cos(phase)
    before, now = first, twice * first
    for strength in strengths[1:]:
        if strength:
            total += np.float32(strength) * now
        before, now = now, twice * now - before
    return total


def partials(count: int, tones: Sequence[tuple[float, float, float]]) -> Sound:
    """Struck metal, wood or glass: partials of (hertz, strength, half-life in seconds)."""
    import numpy as np

    total = np.zeros(count, np.float32)
    for hertz, strength, half_s in tones:
        heard = min(count, int(half_s * 8 * SAMPLE_RATE) + 480)
        tone = harmonics(hertz, heard, (strength,))
        total[:heard] += tone * decay(heard, half_s, 0.001)
    return total


def place(bus: Sound, sound: Sound, at: int, gain: float = 1.0, pan: float = 0.0) -> None:
    """Add a mono sound to a stereo bus at a sample, in place. ``pan`` is -1 left to 1 right."""
    import numpy as np

    first, last = max(at, 0), min(at + len(sound), bus.shape[1])
    if first >= last:
        return
    piece = sound[first - at : last - at]
    angle = (pan + 1) * np.pi / 4
    bus[0, first:last] += piece * np.float32(gain * np.cos(angle) * np.sqrt(2))
    bus[1, first:last] += piece * np.float32(gain * np.sin(angle) * np.sqrt(2))


def moments(rng: Rng, count: int, every_s: float) -> list[int]:
    """Samples at which something irregular happens, about every so many seconds."""
    found, now = [], every_s * (0.2 + 0.6 * rng.random())
    while now * SAMPLE_RATE < count:
        found.append(int(now * SAMPLE_RATE))
        now += every_s * (0.35 + 1.3 * rng.random())
    return found


def levelled(sound: Sound, lufs: float, *, momentary: bool = False) -> Sound:
    """A sound (channels, n) at a loudness (of its loudest 400 ms if ``momentary``), peaks -1 dB."""
    import numpy as np

    from fvbuild.media.loudness import energies_of, integrated_lufs, momentary_lufs

    pair = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound
    peak = float(np.abs(sound).max(initial=0.0))
    if peak == 0.0:
        return sound
    energies = energies_of(pair / np.float32(peak))
    own = momentary_lufs(energies) if momentary else integrated_lufs(energies)
    gain = 10 ** ((lufs - own) / 20) if own is not None else 1.0
    return sound * np.float32(min(gain, 0.89) / peak)
