"""Single sounds: doors, bells, horns, steps, blows. Each has a natural length of its own.

Generators take a random generator, the number of samples asked for and a
:class:`~fvbuild.targets.sketch.sound_places.Mood`, and give stereo; what rings out shorter than
asked leaves silence behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.targets.sketch.sound_places import Mood
from fvbuild.targets.sketch.sound_tones import (
    decay,
    harmonics,
    moments,
    noise,
    partials,
    place,
    swell,
)

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sound_tones import Rng, Sound

_THUD = ((30, -4), (70, 0), (180, -6), (700, -26), (3000, -46))
_CLICK = ((400, -12), (1800, 0), (6000, -6), (14000, -18))


def _bus(count: int) -> Sound:
    import numpy as np

    return np.zeros((2, count), np.float32)


def _size(seconds: float) -> int:
    return int(seconds * SAMPLE_RATE)


def _struck(rng: Rng, seconds: float, curve: tuple[tuple[float, float], ...], half: float) -> Sound:
    size = _size(seconds)
    struck: Sound = noise(rng, size, curve) * decay(size, half, 0.001)
    return struck


def steps(rng: Rng, count: int, mood: Mood) -> Sound:
    """Footsteps: heel and sole, left and right."""
    out = _bus(count)
    beat = 0.56 / mood.pace
    side, at = 0.12, _size(0.02)
    while at < count:
        gain = 0.8 + 0.3 * rng.random()
        place(out, _struck(rng, 0.2, _THUD, 0.025), at, gain, side)
        place(out, _struck(rng, 0.06, _CLICK, 0.006), at, 0.25 * gain, side)
        late = at + _size(0.07)
        place(out, _struck(rng, 0.08, _CLICK, 0.012), late, 0.12 * gain, side)
        at += _size(beat * (0.95 + 0.1 * rng.random()))
        side = -side
    return out


def slam(rng: Rng, count: int, mood: Mood) -> Sound:
    """A door that falls shut: the latch, the leaf, the room."""
    out = _bus(count)
    place(out, _struck(rng, 0.05, _CLICK, 0.008), 0, 0.3)
    at = _size(0.04)
    place(out, _struck(rng, 0.7, _THUD, 0.07), at, 1.5 * mood.force)
    place(out, _struck(rng, 0.3, ((120, -8), (400, 0), (1500, -10), (6000, -24)), 0.03), at, 0.6)
    place(out, _struck(rng, 1.2, ((80, -8), (250, 0), (1800, -18)), 0.16), at, 0.16, 0.5)
    place(out, _struck(rng, 1.2, ((80, -8), (250, 0), (1800, -18)), 0.18), at, 0.16, -0.5)
    return out


def knock(rng: Rng, count: int, mood: Mood) -> Sound:
    """Three knocks on wood."""
    out = _bus(count)
    for number in range(3):
        at = _size(0.02 + 0.22 * number / mood.pace)
        wood = partials(_size(0.25), ((185, 1.0, 0.03), (412, 0.6, 0.02), (905, 0.25, 0.01)))
        place(out, wood, at, 0.7 + 0.2 * rng.random())
        place(out, _struck(rng, 0.05, _CLICK, 0.005), at, 0.2)
    return out


def creak(rng: Rng, count: int, mood: Mood) -> Sound:
    """Old wood or a hinge that gives way slowly."""
    import numpy as np

    size = min(count, _size(1.6 / mood.pace))
    rate = 38 * swell(rng, size, 0.5, 0.4, 1.6)
    pulses = harmonics(rate, size, (1.0,) * 14)
    body = pulses * harmonics(510.0 + 120 * float(rng.random()), size, (0.7, 0.4, 0.2))
    shape = np.sin(np.pi * np.arange(size, dtype=np.float32) / np.float32(size)) ** 0.7
    out = _bus(count)
    place(out, body * shape, 0, 0.3)
    return out


def bell(rng: Rng, count: int, mood: Mood) -> Sound:
    """A church or ship's bell, struck about every two seconds."""
    base = (220 if mood.pace <= 1 else 520) * (0.9 + 0.2 * float(rng.random()))
    ratios = ((0.5, 0.5, 2.2), (1, 1, 1.4), (1.19, 0.6, 1.0), (1.5, 0.4, 0.8), (2, 0.6, 0.7))
    high = ((2.52, 0.35, 0.4), (3.01, 0.25, 0.3), (4.1, 0.2, 0.2), (5.4, 0.12, 0.12))
    tones = [(base * ratio, strength, half) for ratio, strength, half in (*ratios, *high)]
    ring = partials(min(count, _size(9)), tones)
    out = _bus(count)
    for at in range(0, count, _size(2.2 / mood.pace)):
        place(out, ring, at, 0.5)
    return out


def chime(rng: Rng, count: int, mood: Mood) -> Sound:
    """Small bells: a phone, a shop door, a clock."""
    out = _bus(count)
    notes = (1318.5, 1568.0, 1975.5, 2637.0)
    for number, at in enumerate(range(0, count, _size(0.28 / mood.pace))):
        if number % 8 > 4:
            continue
        tone = notes[int(rng.integers(len(notes)))]
        ring = partials(_size(1.2), ((tone, 1.0, 0.25), (tone * 2.76, 0.3, 0.08)))
        place(out, ring, at, 0.4, 0.4 * (number % 3 - 1))
    return out


def horn(rng: Rng, count: int, mood: Mood) -> Sound:
    """A ship's or fog horn: two deep reeds."""
    import numpy as np

    base = 82.0 * (0.95 + 0.1 * float(rng.random())) * mood.pace
    size = min(count, _size(3.2))
    reeds = harmonics(base, size, (1, 0.9, 0.7, 0.6, 0.45, 0.35, 0.3, 0.2, 0.15))
    reeds = reeds + harmonics(base * 1.498, size, (0.7, 0.6, 0.4, 0.3, 0.2))
    times = np.arange(size, dtype=np.float32) / np.float32(SAMPLE_RATE)
    left = (size - np.arange(size, dtype=np.float32)) / np.float32(SAMPLE_RATE)
    out = _bus(count)
    blow = reeds * np.clip(times / 0.35, 0, 1) ** 1.5 * np.clip(left / 0.5, 0, 1)
    place(out, blow, 0, 0.25)
    place(out, blow, _size(0.9), 0.04, 0.6)
    return out


def tick(rng: Rng, count: int, mood: Mood) -> Sound:
    """A clock: tick, and a lower tock."""
    out = _bus(count)
    for number, at in enumerate(range(_size(0.05), count, _size(0.5 / mood.pace))):
        base = 2300 if number % 2 == 0 else 1700
        place(out, partials(_size(0.08), ((base, 1.0, 0.008), (base * 1.9, 0.5, 0.005))), at, 0.5)
        place(out, _struck(rng, 0.02, _CLICK, 0.003), at, 0.15)
    return out


def beep(rng: Rng, count: int, mood: Mood) -> Sound:
    """An alarm: short tones in pairs."""
    out = _bus(count)
    tone = 880.0 * (0.9 + 0.3 * float(rng.random()))
    for number, at in enumerate(range(0, count, _size(0.22 / mood.pace))):
        if number % 4 < 2:
            size = _size(0.12 / mood.pace)
            place(out, harmonics(tone, size, (1, 0.2, 0.1)) * decay(size, 0.5, 0.005), at, 0.4)
    return out


def whoosh(rng: Rng, count: int, mood: Mood) -> Sound:
    """Something that passes quickly."""
    import numpy as np

    size = min(count, _size(0.9 / mood.pace))
    x = np.arange(size, dtype=np.float32) / np.float32(size)
    low = noise(rng, size, ((100, -6), (400, 0), (1200, -14), (6000, -34)))
    high = noise(rng, size, ((400, -18), (1800, 0), (6000, -10), (14000, -24)))
    sound = low * np.sin(np.pi * x) ** 2 + 0.7 * high * np.sin(np.pi * x**1.5) ** 4
    out = _bus(count)
    place(out, sound * (0.5 - 0.5 * np.cos(np.pi * (1 - x))), 0, 0.7, -0.5)
    place(out, sound * (0.5 - 0.5 * np.cos(np.pi * x)), 0, 0.7, 0.5)
    return out


def blow(rng: Rng, count: int, mood: Mood) -> Sound:
    """A hit, a fall, a far explosion: the deeper the stronger."""
    import numpy as np

    size = min(count, _size(1.8 * mood.force))
    drop = 30 + 70 * np.exp2(-np.arange(size, dtype=np.float32) / np.float32(_size(0.06)))
    out = _bus(count)
    place(out, harmonics(drop, size, (1.0, 0.3)) * decay(size, 0.16 * mood.force, 0.002), 0, 0.8)
    place(out, _struck(rng, 0.5, _THUD, 0.06), 0, 0.9)
    place(out, _struck(rng, 0.1, _CLICK, 0.01), 0, 0.25)
    return out


def glass(rng: Rng, count: int, mood: Mood) -> Sound:
    """Glass that breaks, and shards that come to rest."""
    out = _bus(count)
    place(out, _struck(rng, 0.4, ((900, -14), (3500, 0), (12000, -4)), 0.035), 0, 0.8)
    for _ in range(26):
        base = 2400 + 5200 * float(rng.random())
        shard = partials(_size(0.3), ((base, 1.0, 0.03), (base * 1.6, 0.5, 0.02)))
        at = _size(0.02 + 0.7 * rng.random() ** 2)
        place(out, shard, at, 0.3 * rng.random(), 1.6 * rng.random() - 0.8)
    return out


def splash(rng: Rng, count: int, mood: Mood) -> Sound:
    """Something falls into water."""
    out = _bus(count)
    place(out, _struck(rng, 0.4, _THUD, 0.05), 0, 0.7 * mood.force)
    spray = ((300, -10), (1200, 0), (5000, -3), (12000, -14))
    place(out, _struck(rng, 1.4, spray, 0.16), _size(0.03), 0.6, -0.3)
    place(out, _struck(rng, 1.4, spray, 0.2), _size(0.05), 0.6, 0.3)
    for _ in range(18):
        size, base = _size(0.09), 350 + 700 * float(rng.random())
        bubble = harmonics(base, size, (1.0,)) * decay(size, 0.016, 0.004)
        place(out, bubble, _size(0.25 + 0.9 * rng.random()), 0.2, 1.2 * rng.random() - 0.6)
    return out


def heartbeat(rng: Rng, count: int, mood: Mood) -> Sound:
    """Two soft beats, and a rest."""
    out = _bus(count)
    beat = _struck(rng, 0.3, ((20, -3), (45, 0), (110, -12), (400, -40)), 0.05)
    for at in range(0, count, _size(0.95 / mood.pace)):
        place(out, beat, at, 1.0)
        place(out, beat, at + _size(0.28 / mood.pace), 0.65)
    return out


def paper(rng: Rng, count: int, mood: Mood) -> Sound:
    """Paper or cloth that is handled."""
    out = _bus(count)
    for at in moments(rng, min(count, _size(1.4)), 0.09 / mood.pace):
        size = _size(0.05 + 0.09 * rng.random())
        rustle = noise(rng, size, ((700, -14), (3000, 0), (9000, -2), (15000, -12)))
        crease = rustle * decay(size, 0.03, 0.012)
        place(out, crease, at, 0.5 * rng.random(), 0.6 * rng.random() - 0.3)
    return out
