"""Plays a score: each note sounds once and is laid wherever it comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.targets.sketch.sound_score import Score
from fvbuild.targets.sketch.sound_tones import (
    decay,
    filtered,
    harmonics,
    noise,
    partials,
    place,
    swell,
)

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sound_tones import Rng, Sound

_BOWED = (1, 0.6, 0.5, 0.32, 0.28, 0.2, 0.14, 0.11, 0.08, 0.06, 0.04)
_PLACES = {
    "cello": -0.1,
    "violin": 0.2,
    "flute": 0.25,
    "celesta": 0.35,
    "piano": -0.2,
    "guitar": 0.3,
    "strings": 0.0,
}
_RELEASE_S = {
    "cello": 0.25,
    "violin": 0.2,
    "strings": 0.6,
    "pad": 1.0,
    "organ": 0.15,
    "flute": 0.15,
}
_HALL_S = 0.9


def play(score: Score, count: int, rng: Rng) -> Sound:
    """A score as stereo, shape (2, count), at no particular level."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    made: dict[tuple[str, int, float], Sound] = {}
    for note in score.notes:
        name = (note.instrument, note.pitch, note.length)
        if name not in made:
            made[name] = _voice(*name[:2], note.length * score.beat_s, rng)
        # Nobody plays quite on time, or twice alike.
        late = 0 if note.instrument == "drums" else int(480 * rng.random())
        at = round(note.start * score.beat_s * SAMPLE_RATE) + late
        level = note.strength * (0.92 + 0.16 * float(rng.random()))
        place(out, made[name], at, level, _PLACES.get(note.instrument, 0.0))
    return out + _hall(out, rng)


def _hall(dry: Sound, rng: Rng) -> Sound:
    """What the hall gives back: each side hears the other through a dying noise."""
    import numpy as np

    size, tail = 1 << 17, int(_HALL_S * SAMPLE_RATE)
    step = size - tail
    curve = ((120, -8), (400, 0), (2000, -6), (8000, -24))
    walls = np.stack([noise(rng, tail, curve) for _ in range(2)])
    walls = walls * decay(tail, 0.16, 0.02) * np.float32(0.012)
    parts = -(-dry.shape[1] // step)
    padded = np.pad(dry[::-1], ((0, 0), (tail, parts * step - dry.shape[1])))
    wet = np.empty((2, parts * step), np.float32)
    response = np.fft.rfft(walls, size)
    for at in range(0, parts * step, step):
        back = np.fft.irfft(np.fft.rfft(padded[:, at : at + size]) * response, size)
        wet[:, at : at + step] = back[:, tail:]
    return wet[:, : dry.shape[1]]


def _voice(instrument: str, pitch: int, seconds: float, rng: Rng) -> Sound:
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    count = int((seconds + _RELEASE_S.get(instrument, 0.08)) * SAMPLE_RATE)
    if instrument == "drums":
        return _drum(pitch, rng)
    if instrument in ("cello", "violin", "strings", "pad", "flute", "organ"):
        return _held(instrument, hertz, count, rng)
    if instrument == "synth":
        tone = harmonics(hertz * 1.003, count, (1, 0, 0.34, 0, 0.2, 0, 0.14, 0, 0.1))
        plucked: Sound = 0.4 * tone * decay(count, 0.18, 0.004)
        return plucked
    ring = int((seconds + 1.2) * SAMPLE_RATE)
    return _plucked(instrument, hertz, ring)


def _held(instrument: str, hertz: float, count: int, rng: Rng) -> Sound:
    """Bows, breath and reeds: a slow beginning, vibrato that comes late, a soft end."""
    import numpy as np

    times = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE)
    attack = {"strings": 0.35, "pad": 0.9, "cello": 0.12, "organ": 0.05}.get(instrument, 0.09)
    release = _RELEASE_S[instrument]
    left = np.float32(count / SAMPLE_RATE) - times
    shape = np.clip(times / attack, 0, 1) ** 1.3 * np.clip(left / release, 0, 1)
    out: Sound
    if instrument == "organ":
        out = 0.3 * shape * harmonics(hertz, count, (1, 0.7, 0.2, 0.5, 0, 0.15, 0, 0.2))
        return out
    depth = np.float32(0.0045) * np.clip((times - 0.25) / 0.6, 0, 1)
    bend = 1 + depth * np.sin(2 * np.pi * (5.2 + 0.5 * float(rng.random())) * times)
    if instrument == "flute":
        tone = harmonics(hertz * bend, count, (1, 0.25, 0.12, 0.04))
        breath = noise(rng, count, ((hertz, -10), (hertz * 2, 0), (hertz * 6, -18)))
        out = shape * (0.45 * tone + 0.012 * breath)
        return out
    strengths = tuple(s / (1 + n * 0.35) for n, s in enumerate(_BOWED))
    if instrument == "pad":
        strengths = tuple(s / (1 + n) for n, s in enumerate(_BOWED[:6]))
    tone = harmonics(hertz * bend, count, strengths)
    if instrument != "cello" and instrument != "violin":
        # A section: two more desks that are never quite in tune with the first.
        for detune in (0.9965, 1.0038):
            tone = tone + 0.7 * harmonics(hertz * detune, count, strengths)
        tone = tone * 0.45
    out = 0.4 * shape * tone * swell(rng, count, 1.8, 0.85)
    return out


def _plucked(instrument: str, hertz: float, count: int) -> Sound:
    """Strings that are struck or plucked, and bars: each partial dies at its own speed."""
    tones: Sequence[tuple[float, float, float]]
    if instrument == "celesta":
        tones = ((1.0, 1.0, 0.5), (2.76, 0.3, 0.16), (5.4, 0.12, 0.06))
    elif instrument == "bass":
        tones = ((1.0, 1.0, 0.5), (2.0, 0.5, 0.3), (3.0, 0.2, 0.15), (4.0, 0.1, 0.1))
    else:
        base = 0.9 if instrument == "piano" else 0.45
        stiff = 0.0004 if instrument == "piano" else 0.0001
        low = min(1.6, (261.6 / hertz) ** 0.5)
        tones = [
            (n * (1 + stiff * n * n) ** 0.5, 0.9 ** (n * n / 6) / n, base * low / (0.6 + 0.4 * n))
            for n in range(1, 10)
        ]
    heard = [(hertz * ratio, level, half) for ratio, level, half in tones if hertz * ratio < 9000]
    out: Sound = 0.45 * partials(count, heard) * decay(count, 4.0, 0.002)
    return out


def _drum(number: int, rng: Rng) -> Sound:
    import numpy as np

    if number == 0:
        size = SAMPLE_RATE // 2
        fall = 48 + 90 * np.exp2(-np.arange(size, dtype=np.float32) / np.float32(1100))
        return 0.9 * harmonics(fall, size, (1.0, 0.2)) * decay(size, 0.07, 0.001)
    if number == 1:
        size = SAMPLE_RATE // 3
        wires = noise(rng, size, ((300, -10), (1800, 0), (6000, -4), (12000, -14)))
        skin = harmonics(185.0, size, (1.0, 0.4)) * decay(size, 0.035, 0.001)
        return 0.22 * wires * decay(size, 0.05, 0.001) + 0.4 * skin
    size = SAMPLE_RATE // 8
    hat = noise(rng, size, ((3000, -24), (7000, -3), (11000, 0), (16000, -8)))
    return filtered(0.25 * hat * decay(size, 0.015, 0.0005), ((200, -40), (4000, -6), (7000, 0)))
