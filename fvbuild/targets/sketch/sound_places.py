"""What places sound like: sea, weather, woods, towns, rooms. Each gives a stretch of any length.

Generators take a random generator, the number of samples and a :class:`Mood`, and give stereo at
about unit level; they neither begin nor end, so that they loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.targets.sketch.sound_tones import (
    decay,
    drawn_out,
    harmonics,
    moments,
    noise,
    partials,
    place,
    swell,
    wide_noise,
)

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sound_tones import Rng, Sound


@dataclass(frozen=True, slots=True)
class Mood:
    """How something sounds. pace: 1 is usual, more is faster. force: 1 is usual. near: 0 to 1."""

    pace: float = 1.0
    force: float = 1.0
    near: float = 1.0


def sea(rng: Rng, count: int, mood: Mood) -> Sound:
    """Surf: a deep bed, and waves that break and draw back over the stones."""
    import numpy as np

    bed = wide_noise(rng, count, ((40, -6), (120, 0), (600, -9), (4000, -26), (12000, -40)))
    wash = wide_noise(rng, count, ((200, -20), (900, -4), (2500, 0), (7000, -6), (14000, -16)))
    waves = np.stack([_breakers(rng, count, 7.5 / mood.pace) for _ in range(2)])
    waves = 0.7 * waves + 0.3 * waves[::-1]
    return bed * (0.35 + 0.4 * waves) + wash * (0.05 + 0.55 * mood.force * waves**2)


def _breakers(rng: Rng, count: int, period_s: float) -> Sound:
    """Envelopes of breaking waves: a slow rise, a crash, a long wash."""
    import numpy as np

    points = np.zeros(count // 240 + 2)
    times = np.arange(len(points)) / 200
    now = -period_s * rng.random()
    while now < times[-1]:
        x = (times - now) / period_s
        rise = np.clip(x / 0.35, 0, 1) ** 2.2
        fall = np.exp(-np.clip(x - 0.35, 0, None) * 4.5)
        points = np.maximum(points, (0.55 + 0.45 * rng.random()) * rise * fall)
        now += period_s * (0.7 + 0.6 * rng.random())
    return drawn_out(points, count)


def wind(rng: Rng, count: int, mood: Mood) -> Sound:
    """Gusts, with a whistle where it is strong."""
    body = wide_noise(rng, count, ((30, -4), (150, 0), (500, -8), (2000, -24), (9000, -40)))
    air = wide_noise(rng, count, ((300, -14), (700, 0), (1100, -10), (4000, -30)))
    gusts = swell(rng, count, 3.5 / mood.pace, 0.25)
    return body * (0.3 + 0.7 * gusts) + air * (0.35 * mood.force * gusts**2)


def rain(rng: Rng, count: int, mood: Mood) -> Sound:
    """Steady rain, and drops that fall near by."""
    hiss = wide_noise(rng, count, ((200, -22), (1000, -8), (4000, 0), (9000, -3), (16000, -12)))
    low = wide_noise(rng, count, ((60, -12), (300, 0), (900, -12), (3000, -30)))
    out: Sound = hiss * (0.5 * mood.force * swell(rng, count, 6.0, 0.75))
    out = out + low * (0.12 * mood.force)
    for at in moments(rng, count, 0.09 / (mood.force * mood.near + 0.1)):
        size = int((0.012 + 0.02 * rng.random()) * SAMPLE_RATE)
        tone = 900 + 3200 * rng.random() ** 2
        drop = harmonics(tone, size, (1.0,)) * decay(size, 0.004, 0.0005)
        place(out, drop, at, 0.6 * mood.near * rng.random(), 2 * rng.random() - 1)
    return out


def thunder(rng: Rng, count: int, mood: Mood) -> Sound:
    """A far roll now and then."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    for at in moments(rng, count, 9.0 / mood.pace):
        size = int((3.5 + 2 * rng.random()) * SAMPLE_RATE)
        roll = noise(rng, size, ((20, -6), (45, 0), (110, -6), (400, -26), (2000, -48)))
        shape = decay(size, 0.9, 0.15 + 0.3 * rng.random()) * swell(rng, size, 0.35, 0.3)
        place(out, roll * shape, at, 1.6 * mood.force, 1.2 * rng.random() - 0.6)
    return out


def gulls(rng: Rng, count: int, mood: Mood) -> Sound:
    """Calls that fall in pitch, in twos and threes, some far off."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    for start in moments(rng, count, 3.6 / mood.pace):
        far, side = 0.25 + 0.75 * rng.random(), 1.6 * rng.random() - 0.8
        top = 1150 + 500 * rng.random()
        at = start
        for number in range(int(rng.integers(1, 5))):
            size = int((0.24 + 0.16 * rng.random()) * SAMPLE_RATE)
            x = np.arange(size, dtype=np.float32) / np.float32(size)
            glide = top * (0.82 + 0.3 * np.sin(np.pi * x**0.6)) * (1 - 0.03 * number)
            call = harmonics(glide, size, (0.5, 1.0, 0.6, 0.35, 0.2))
            place(out, call * np.sin(np.pi * x) ** 1.4, at, 0.28 * far * mood.near, side)
            at += int(size * (1.25 + 0.4 * rng.random()))
    return out


def birds(rng: Rng, count: int, mood: Mood) -> Sound:
    """A few songbirds, each with a phrase of its own."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    leaves = wide_noise(rng, count, ((200, -20), (1500, -4), (5000, 0), (12000, -12)))
    out += leaves * (0.04 * swell(rng, count, 4.0, 0.3))
    for _ in range(4):
        base, side = 2200 + 2600 * rng.random(), 1.8 * rng.random() - 0.9
        tune = 1 + 0.35 * (rng.random(int(rng.integers(2, 7))) - 0.5)
        bend = 0.12 * (rng.random() - 0.5)
        for start in moments(rng, count, 3.0 / mood.pace + 2 * rng.random()):
            for number, step in enumerate(tune):
                size = int(0.085 * SAMPLE_RATE)
                x = np.arange(size, dtype=np.float32) / np.float32(size)
                chirp = harmonics(base * step * (1 + bend * x), size, (1.0, 0.15))
                at = start + int(number * 0.115 * SAMPLE_RATE)
                place(out, chirp * np.sin(np.pi * x) ** 2, at, 0.16 * mood.near, side)
    return out


def insects(rng: Rng, count: int, mood: Mood) -> Sound:
    """Crickets on a warm night."""
    import numpy as np

    times = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE)
    out = wide_noise(rng, count, ((80, -6), (300, 0), (1500, -20), (9000, -36))) * np.float32(0.06)
    for _ in range(3):
        tone = harmonics(3900.0 + 900 * float(rng.random()), count, (1.0,))
        pulse = np.clip(np.sin(2 * np.pi * (26 + 8 * rng.random()) * times), 0, 1)
        turn = np.clip(6 * np.sin(2 * np.pi * (0.9 + 0.8 * rng.random()) * mood.pace * times), 0, 1)
        side = 1.6 * rng.random() - 0.8
        place(out, (tone * pulse * turn).astype(np.float32), 0, 0.12, side)
    return out


def water(rng: Rng, count: int, mood: Mood) -> Sound:
    """A stream: a soft rush with bubbles in it."""
    out = wide_noise(rng, count, ((150, -14), (500, -2), (1500, 0), (5000, -10), (12000, -24)))
    out = out * (0.3 * mood.force * swell(rng, count, 1.7, 0.7))
    return out + _bubbles(rng, count, 0.035 / mood.pace)


def _bubbles(rng: Rng, count: int, every_s: float) -> Sound:
    import numpy as np

    out = np.zeros((2, count), np.float32)
    size = int(0.05 * SAMPLE_RATE)
    x = np.arange(size, dtype=np.float32) / np.float32(size)
    kinds = [
        harmonics(np.float32(380 + 900 * rng.random()) * (1 + 0.5 * x), size, (1.0,))
        * decay(size, 0.012, 0.004)
        for _ in range(12)
    ]
    for at in moments(rng, count, every_s):
        pick = kinds[int(rng.integers(len(kinds)))]
        place(out, pick, at, 0.35 * rng.random(), 1.6 * rng.random() - 0.8)
    return out


def drips(rng: Rng, count: int, mood: Mood) -> Sound:
    """Single drops in a hollow place."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    size = int(0.5 * SAMPLE_RATE)
    for at in moments(rng, count, 1.6 / mood.pace):
        base = 700 + 700 * rng.random()
        drop = partials(size, ((base, 1.0, 0.03), (base * 2.4, 0.3, 0.02)))
        side = 1.4 * rng.random() - 0.7
        for echo in range(3):
            place(out, drop, at + int(echo * 0.13 * SAMPLE_RATE), 0.5 * 0.35**echo, side)
            side = -side
    return out


def fire(rng: Rng, count: int, mood: Mood) -> Sound:
    """A low roar and crackling wood."""
    out = wide_noise(rng, count, ((40, -4), (150, 0), (600, -12), (3000, -30)))
    out = out * (0.28 * mood.force * swell(rng, count, 0.9, 0.6))
    size = int(0.02 * SAMPLE_RATE)
    snap = noise(rng, size * 8, ((500, -12), (2500, 0), (9000, -4))).reshape(8, size)
    for at in moments(rng, count, 0.11 / mood.pace):
        crack = snap[int(rng.integers(8))] * decay(size, 0.0012 + 0.003 * rng.random(), 0.0003)
        place(out, crack, at, 1.3 * rng.random() ** 3, 1.4 * rng.random() - 0.7)
    return out


def crowd(rng: Rng, count: int, mood: Mood) -> Sound:
    """Many voices at once, none of them understood."""
    import numpy as np

    out = np.zeros((2, count), np.float32)
    for _ in range(10):
        base = 420 + 420 * rng.random()
        curve = ((90, -30), (base, 0), (base * 1.5, -10), (base * 3.2, -4), (5000, -34))
        voice = noise(rng, count, curve)
        talk = swell(rng, count, 0.16 / mood.pace, 0.05) * swell(rng, count, 2.2, 0.1)
        place(out, voice * talk, 0, 0.3 * mood.force, 1.8 * rng.random() - 0.9)
    return out


def city(rng: Rng, count: int, mood: Mood) -> Sound:
    """A town from across the street: a rumble, cars that pass, a horn far off."""
    import numpy as np

    out = wide_noise(rng, count, ((30, -3), (70, 0), (250, -9), (900, -18), (4000, -34)))
    out = out * (0.4 * swell(rng, count, 5.0, 0.75))
    for start in moments(rng, count, 4.2 / mood.pace):
        size = int((3 + 2 * rng.random()) * SAMPLE_RATE)
        x = np.arange(size, dtype=np.float32) / np.float32(size)
        tyres = noise(rng, size, ((60, -6), (180, 0), (900, -4), (2200, -12), (8000, -34)))
        swoosh = tyres * np.sin(np.pi * x) ** 3
        turn = np.cos(np.pi * x) * (1 if rng.random() < 0.5 else -1)
        left, right = np.sqrt((1 - turn) / 2), np.sqrt((1 + turn) / 2)
        span = slice(max(0, start), min(count, start + size))
        heard = slice(0, span.stop - span.start)
        passing = np.stack([swoosh * left, swoosh * right])[:, heard]
        out[:, span] += passing.astype(np.float32) * np.float32(0.6 * mood.near)
        if rng.random() < 0.25:
            blow = harmonics(330.0 + 90 * float(rng.random()), SAMPLE_RATE // 3, (1, 0.7, 0.5, 0.3))
            place(out, blow * decay(len(blow), 0.4, 0.02), start, 0.06, 1.6 * rng.random() - 0.8)
    return out


def engine(rng: Rng, count: int, mood: Mood) -> Sound:
    """A motor that turns over steadily: ship, train, machine."""
    import numpy as np

    turns = 21.0 * mood.pace * swell(rng, count, 2.5, 0.97, 1.0)
    body = harmonics(turns * 2, count, (1.0, 0.8, 0.7, 0.45, 0.5, 0.3, 0.2, 0.2, 0.1))
    phase = np.cumsum(turns, dtype=np.float64) / SAMPLE_RATE
    beat = (0.6 + 0.4 * np.cos(2 * np.pi * phase)).astype(np.float32)
    rumble = wide_noise(rng, count, ((25, -3), (60, 0), (200, -8), (1200, -28)))
    clatter = wide_noise(rng, count, ((300, -16), (1200, 0), (4000, -12), (9000, -30)))
    out: Sound = 0.28 * body * beat + 0.4 * rumble + clatter * (0.07 * mood.force) * beat**3
    return out


def room(rng: Rng, count: int, mood: Mood) -> Sound:
    """The tone of a room in which nothing happens."""
    import numpy as np

    air = wide_noise(rng, count, ((30, -2), (90, 0), (300, -12), (1500, -28), (8000, -44)))
    mains = harmonics(100.0, count, (0.5, 0.25, 0.1)) * np.float32(0.05)
    out: Sound = air * (0.3 * swell(rng, count, 6.0, 0.9)) + mains
    return out
