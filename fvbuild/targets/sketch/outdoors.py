"""Places under the sky: street, city, forest, mountains and their like."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fvbuild.targets.sketch.backdrop import Backdrop, Place
from fvbuild.targets.sketch.barrens import snow_field, space
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.waterside import beach, boat, lamp_post, pier, ridge, sea, water
from fvbuild.targets.sketch.woods import forest, park
from fvbuild.targets.sketch.words import Rgb


def skyline(drop: Backdrop, tone: Rgb, height: float, wide: float, *, windows: bool) -> None:
    """A row of buildings along the horizon."""
    lot, under = drop.lot, drop.under
    x = -2.3
    edge = mix(tone, under.light, 0.28)
    while x < 2.3:
        across = wide * lot.uniform(0.6, 1.5)
        high = lot.triangular(height * 0.25, height, height * 0.42)
        top = drop.horizon - high
        drop.far.box(x, top, x + across, drop.horizon + 0.06, tone)
        roof = lot.random()
        if roof < 0.22:
            drop.far.box(x + across * 0.3, top - across * 0.22, x + across * 0.7, top, tone)
        elif roof < 0.36:
            drop.far.line(
                [(x + across / 2, top), (x + across / 2, top - across * 0.7)], tone, 0.004
            )
        elif roof < 0.48:
            drop.far.polygon(
                [(x, top), (x + across / 2, top - across * 0.35), (x + across, top)], tone
            )
        lit_edge = x + across if drop.sun > x + across / 2 else x
        drop.far.line([(lit_edge, top), (lit_edge, drop.horizon)], edge, 0.002)
        if windows:
            _windows(drop, x, top, across, tone)
        x += across * lot.uniform(0.92, 1.12)


def _windows(drop: Backdrop, x: float, top: float, across: float, tone: Rgb) -> None:
    lot = drop.lot
    step = 0.019
    bright = 0.40 if drop.under.stars or drop.scene.palette in ("neon", "dusk", "noir") else 0.16
    for row in range(int((drop.horizon - top) / step)):
        for column in range(max(1, int(across / step) - 1)):
            if lot.random() < bright * 0.55:
                left, up = x + step * (0.7 + column), top + step * (0.6 + row)
                lit = mix(tone, drop.under.accent, lot.uniform(0.35, 0.95))
                drop.far.box(left, up, left + step * 0.42, up + step * 0.55, lit)


def city(drop: Backdrop) -> None:
    """A skyline behind a paved terrace, or over the water where there is some."""
    under = drop.under
    wet = "water" in drop.scene.extras
    if wet:
        water(drop, near=True)
    else:
        drop.floor(scaled(under.near, 0.8), mix(under.near, under.sky_low, 0.14))
    skyline(drop, mix(under.far, under.sky_low, 0.35), 0.24, 0.075, windows=False)
    skyline(drop, mix(under.far, under.mid, 0.7), 0.36, 0.12, windows=True)
    if wet:
        _reflections(drop)
        return
    line = mix(under.near, under.sky_low, 0.20)
    drop.rays(line, 0.42, 0.002)
    drop.rungs(line, 0.42, 0.003)


def _reflections(drop: Backdrop) -> None:
    """The city's lights, broken on the water."""
    for _ in range(46):
        x = drop.lot.uniform(-1.3, 1.3)
        tone = mix(drop.under.accent, drop.under.light, drop.lot.random() * 0.5)
        reach = drop.lot.uniform(0.05, 0.24)
        for step in range(9):
            row = drop.horizon + 0.008 + reach * step / 9
            wide = drop.lot.uniform(0.002, 0.006) * (1 + step * 0.5)
            shift = drop.lot.uniform(-0.004, 0.004) * step
            drop.ground.box(
                x + shift - wide, row, x + shift + wide, row + 0.003, tone, 200 - step * 18
            )


def rooftop(drop: Backdrop) -> None:
    """The city, seen over the parapet of a roof."""
    city(drop)
    under = drop.under
    left, _, right, _ = drop.mid.span
    foot, high = drop.foot(0.5), drop.person(0.5) * 0.5
    wall = mix(under.near, under.mid, 0.3)
    drop.mid.box(left, foot - high, right, foot, wall)
    drop.mid.box(left, foot - high * 1.16, right, foot - high, mix(wall, under.sky_low, 0.18))
    drop.mid.line(
        [(left, foot - high * 1.16), (right, foot - high * 1.16)],
        mix(wall, under.light, 0.6),
        0.004,
    )


def street(drop: Backdrop) -> None:
    """Two rows of houses running to the vanishing point, lamps along the kerb."""
    under, lot = drop.under, drop.lot
    road = mix(under.near, (60, 60, 66), 0.3)
    drop.floor(scaled(road, 0.85), mix(road, under.sky_low, 0.25))
    skyline(drop, mix(under.far, under.sky_low, 0.4), 0.10, 0.06, windows=False)
    half = drop.person(1.0) * 1.25
    for side in (-1, 1):
        share, index = 0.05, 0
        while share < 2.6:
            after = share * lot.uniform(1.45, 1.75)
            high = lot.uniform(2.6, 4.4)
            tone = mix(under.mid, under.near, min(1.0, 0.15 + share * 0.7))
            tone = mix(tone, (120, 84, 70), 0.18 if index % 2 else 0.04)
            _house_side(drop, side, share, after, half, high, tone)
            share, index = after, index + 1
    pale = mix(road, under.light, 0.4)
    for index in range(10):
        near_s, far_s = 2.2 / (1 + 0.9 * index), 2.2 / (1.42 + 0.9 * index)
        wide = drop.person(1) * 0.035
        drop.ground.polygon(
            [(-wide * near_s, drop.foot(near_s)), (wide * near_s, drop.foot(near_s)),
             (wide * far_s, drop.foot(far_s)), (-wide * far_s, drop.foot(far_s))], pale, 150,
        )  # fmt: skip
    for index, share in enumerate((0.6, 0.34, 0.2)):
        lamp_post(drop, (1 if index % 2 else -1) * half * 0.84 * share, share, 2.3)


def _house_side(
    drop: Backdrop, side: int, far: float, near: float, half: float, high: float, tone: Rgb
) -> None:
    """One facade in perspective, with rows of windows."""
    drop.mid.polygon(
        [(side * half * far, drop.foot(far)), (side * half * near, drop.foot(near)),
         (side * half * near, drop.foot(near) - drop.person(near) * high),
         (side * half * far, drop.foot(far) - drop.person(far) * high)], tone,
    )  # fmt: skip
    glowing = drop.under.stars or drop.scene.palette in ("dusk", "neon", "noir", "lamp")
    for row in range(3):
        for column in range(3):
            s0 = far + (near - far) * (0.12 + 0.30 * column)
            s1 = s0 + (near - far) * 0.15
            lift0, lift1 = 0.35 + row * 0.8, 0.85 + row * 0.8
            if lift1 > high - 0.15:
                continue
            warm = glowing and drop.lot.random() < 0.4
            pane = mix(tone, drop.under.accent, 0.8) if warm else scaled(tone, 0.7)
            drop.mid.polygon(
                [(side * half * s0, drop.foot(s0) - drop.person(s0) * lift0),
                 (side * half * s1, drop.foot(s1) - drop.person(s1) * lift0),
                 (side * half * s1, drop.foot(s1) - drop.person(s1) * lift1),
                 (side * half * s0, drop.foot(s0) - drop.person(s0) * lift1)], pane,
            )  # fmt: skip


def station(drop: Backdrop) -> None:
    """A platform: roof on columns to one side, rails to the other."""
    under = drop.under
    stone = mix(under.near, under.mid, 0.5)
    drop.floor(scaled(stone, 0.8), mix(stone, under.sky_low, 0.3))
    skyline(drop, mix(under.far, under.sky_low, 0.3), 0.10, 0.1, windows=False)
    edge = drop.person(1) * 0.7
    bottom = drop.ground.span[3]
    last = (bottom - drop.horizon) / max(1e-6, drop.foot(1) - drop.horizon)
    track = scaled(under.near, 0.7)
    drop.ground.polygon(
        [(0.0, drop.foot(0.0)), (edge * last, drop.foot(last)), (edge * last * 9, drop.foot(last)),
         (2.5, drop.foot(0.0))], track,
    )  # fmt: skip
    yellow = mix(under.accent, stone, 0.3)
    drop.ground.line([(0, drop.foot(0)), (edge * last, drop.foot(last))], yellow, 0.012)
    for rail in (1.5, 2.1):
        drop.ground.line(
            [(0, drop.foot(0)), (edge * rail * last, drop.foot(last))],
            mix(under.light, stone, 0.5),
            0.005,
        )
    iron = scaled(under.near, 0.8)
    for index in range(6):
        share = 1.25 / (1 + 0.75 * index)
        x, person, foot = -edge * 1.15 * share, drop.person(share), drop.foot(share)
        drop.mid.box(x - person * 0.04, foot - person * 2.2, x + person * 0.04, foot, iron)
        drop.mid.polygon(
            [
                (x - person * 1.5, foot - person * 2.45),
                (x + person * 1.5, foot - person * 2.25),
                (x + person * 1.5, foot - person * 2.12),
                (x - person * 1.5, foot - person * 2.18),
            ],
            iron,
        )
        drop.lamp_glow(x + person * 0.6, foot - person * 2.0, person * 0.10)


def mountains(drop: Backdrop) -> None:
    """Ranges of peaks behind a meadow."""
    under = drop.under
    ridge(drop, 0.40, mix(under.far, under.sky_low, 0.25), 6, peaks=True)
    ridge(drop, 0.24, mix(under.far, under.mid, 0.5), 7, peaks=True)
    ridge(drop, 0.08, under.mid, 6)
    rock = mix(under.near, (96, 98, 88), 0.22)
    drop.floor(scaled(rock, 0.75), mix(rock, under.mid, 0.6))
    _tufts(drop, scaled(rock, 0.7))


def field(drop: Backdrop) -> None:
    """Rolling ground under a wide sky; also the place of a shot that names none."""
    under = drop.under
    ridge(drop, 0.12, mix(under.far, under.sky_low, 0.3), 5)
    ridge(drop, 0.06, mix(under.far, under.mid, 0.6), 6)
    named = drop.scene.place == "field"
    grass = mix(mix(under.near, under.mid, 0.5), (104, 118, 62), 0.34 if named else 0.08)
    drop.floor(scaled(grass, 0.66), mix(grass, under.sky_low, 0.28))
    if named:
        _tufts(drop, scaled(grass, 0.72))


def _tufts(drop: Backdrop, tone: Rgb) -> None:
    for _ in range(240):
        share = 0.12 + 1.6 * drop.lot.random() ** 2
        x, row = drop.lot.uniform(-1.6, 1.6), drop.foot(share)
        high = drop.person(share) * drop.lot.uniform(0.03, 0.09)
        drop.ground.line([(x, row), (x + high * 0.3, row - high)], tone, 0.002 * min(2, 1 + share))


def desert(drop: Backdrop) -> None:
    """Dunes."""
    under = drop.under
    sand = mix(mix(under.mid, under.sky_low, 0.5), (216, 164, 104), 0.45)
    ridge(drop, 0.13, mix(sand, under.sky_low, 0.35), 4)
    ridge(drop, 0.07, scaled(sand, 0.86), 4)
    drop.floor(scaled(sand, 0.72), sand)
    for index in range(16):
        row = drop.foot(0.10 + 0.07 * index)
        points = [
            (-1.8 + 0.12 * i, row + 0.006 * math.sin(i * 0.55 + index * 1.7)) for i in range(31)
        ]
        drop.ground.line(points, scaled(sand, 0.84), 0.0025)


PLACES: Mapping[str, Place] = {
    "pier": pier, "sea": sea, "beach": beach, "boat": boat, "city": city, "rooftop": rooftop,
    "street": street, "station": station, "forest": forest, "park": park, "mountains": mountains,
    "field": field, "desert": desert, "snow_field": snow_field, "space": space,
}  # fmt: skip
