"""Places under the sky: pier, sea, street, city, forest, mountains and their like."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fvbuild.targets.sketch.backdrop import Backdrop, Place
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb


def water(drop: Backdrop, *, near: bool) -> None:
    """Sea from the horizon on, with the light's path on it; ``near``: all the way to us."""
    under, sheet = drop.under, drop.ground if near else drop.far
    left, _, right, bottom = sheet.span
    deep = mix(under.sky_top, under.near, 0.45)
    pale = mix(under.sky_low, under.mid, 0.42)
    top = drop.horizon
    sheet.box(left, top, right, bottom + 0.05, pale)
    sheet.shade(top, min(bottom, top + 0.42), deep, 1.0)
    drop.below = deep
    for _ in range(340):
        share = drop.lot.random() ** 1.7
        row = top + 0.004 + share * max(0.5, 1.05 - top)
        wide = drop.lot.uniform(0.006, 0.05) * (0.25 + share * 2.4)
        across = drop.lot.uniform(-1.5, 1.5)
        on_path = abs(across - drop.sun) < 0.05 + share * 0.25
        tone = under.light if on_path else mix(pale, under.sky_low, 0.5)
        across = across if not on_path else drop.sun + (across - drop.sun) * 0.8
        thick = 0.0012 + 0.004 * share
        sheet.box(across - wide, row, across + wide, row + thick, tone, 190 if on_path else 70)
    for index in range(60):
        share = (index / 60) ** 1.5
        row = top + 0.003 + share * 0.36
        wide = (0.015 + 0.13 * share) * drop.lot.uniform(0.4, 1.0)
        centre = drop.sun + drop.lot.uniform(-0.02, 0.02) * (1 + 4 * share)
        sheet.box(centre - wide, row, centre + wide, row + 0.001 + 0.003 * share, under.light, 200)


def lamp_post(drop: Backdrop, x: float, share: float, height: float = 2.1) -> None:
    """An iron lamp at a distance; ``height`` in persons."""
    person, foot = drop.person(share), drop.foot(share)
    tone = mix(drop.under.near, (0, 0, 0), 0.25)
    top = foot - person * height
    thick = person * 0.028
    drop.mid.box(x - thick, top, x + thick, foot, tone)
    drop.mid.box(x - thick * 2.2, foot - person * 0.16, x + thick * 2.2, foot, tone)
    drop.mid.box(x - thick * 1.7, top + person * 0.34, x + thick * 1.7, top + person * 0.38, tone)
    glass = mix(drop.under.accent, (255, 255, 255), 0.45)
    drop.mid.polygon(
        [(x - person * 0.055, top - person * 0.13), (x + person * 0.055, top - person * 0.13),
         (x + person * 0.035, top), (x - person * 0.035, top)], glass,
    )  # fmt: skip
    drop.mid.polygon(
        [(x - person * 0.075, top - person * 0.13), (x, top - person * 0.22),
         (x + person * 0.075, top - person * 0.13)], tone,
    )  # fmt: skip
    drop.lamp_glow(x, top - person * 0.06, max(0.015, person * 0.16))


def pier(drop: Backdrop) -> None:
    """A plank pier that runs out to sea, with posts and iron lamps along it."""
    water(drop, near=False)
    under = drop.under
    wood = mix(mix(under.near, under.mid, 0.5), (108, 80, 62), 0.28)
    bottom = drop.ground.span[3]
    last = (bottom - drop.horizon) / max(1e-6, drop.foot(1) - drop.horizon)
    half, end = drop.person(1.0) * 0.95, 0.10
    shape = [(-half * end, drop.foot(end)), (half * end, drop.foot(end)),
             (half * last, drop.foot(last)), (-half * last, drop.foot(last))]  # fmt: skip
    drop.ground.polygon(shape, wood)
    dark = scaled(wood, 0.6)
    share = last
    while share > end:
        row = drop.foot(share)
        drop.ground.line([(-half * share, row), (half * share, row)], dark, 0.005 * min(1, share))
        gap = drop.lot.uniform(-0.7, 0.7)
        if drop.lot.random() < 0.35:
            next_row = drop.foot(share / (1 + 0.16 * share))
            drop.ground.polygon(
                [(half * share * gap, row), (half * share * (gap + 0.25), row),
                 (half * share * (gap + 0.25), next_row), (half * share * gap, next_row)],
                scaled(wood, drop.lot.uniform(0.82, 1.12)), 150,
            )  # fmt: skip
        share /= 1 + 0.16 * share
    drop.ground.shade(drop.foot(end), drop.foot(end) + 0.3, scaled(wood, 0.72), 0.55)
    for side in (-1, 1):
        edge = mix(wood, under.light, 0.35)
        drop.ground.line(
            [(side * half * end, drop.foot(end)), (side * half * last, drop.foot(last))],
            edge,
            0.004,
        )
        for index in range(9):
            at = 1.15 / (1 + 0.62 * index)
            _post(drop, side * half * at * 0.98, at, scaled(wood, 0.62))
    for index, at in enumerate((0.62, 0.36, 0.22, 0.15)):
        side = -1 if (index + drop.scene.place_seed) % 2 else 1
        lamp_post(drop, side * half * at * 0.86, at)


def _post(drop: Backdrop, x: float, share: float, tone: Rgb) -> None:
    person, foot = drop.person(share), drop.foot(share)
    drop.mid.box(
        x - person * 0.05, foot - person * 0.34, x + person * 0.05, foot + person * 0.3, tone
    )
    lit = mix(tone, drop.under.light, 0.4)
    drop.mid.box(
        x - person * 0.05, foot - person * 0.34, x + person * 0.05, foot - person * 0.325, lit
    )


def sea(drop: Backdrop) -> None:
    """Open water, a low headland on one side."""
    water(drop, near=True)
    ridge(drop, 0.05, mix(drop.under.far, drop.under.mid, 0.3), 7, side=-1 if drop.sun > 0 else 1)


def beach(drop: Backdrop) -> None:
    """Sand, the line of foam, then the sea."""
    water(drop, near=False)
    under = drop.under
    sand = mix(mix(under.mid, under.sky_low, 0.4), (206, 178, 134), 0.35)
    shore = drop.foot(0.35)
    left, _, right, bottom = drop.ground.span
    line = [(left + (right - left) * i / 40, shore + 0.012 * math.sin(i * 0.9)) for i in range(41)]
    drop.ground.polygon([*line, (right, bottom + 0.02), (left, bottom + 0.02)], sand)
    drop.ground.line(line, mix(under.light, (255, 255, 255), 0.4), 0.008)
    drop.ground.shade(shore, bottom, scaled(sand, 0.7), 0.8)
    ridge(drop, 0.07, mix(under.far, under.mid, 0.3), 7, side=1)


def boat(drop: Backdrop) -> None:
    """On deck: planks to the rail, the sea beyond."""
    water(drop, near=False)
    under = drop.under
    rail_foot = drop.foot(0.55)
    wood = mix(mix(under.near, under.mid, 0.45), (122, 92, 66), 0.3)
    left, _, right, bottom = drop.ground.span
    drop.ground.box(left, rail_foot, right, bottom + 0.02, wood)
    drop.ground.shade(rail_foot, bottom, scaled(wood, 0.62), 0.8)
    drop.rays(scaled(wood, 0.6), 0.16, 0.003)
    high = drop.person(0.55) * 0.62
    white = mix(under.light, under.mid, 0.4)
    for rise in (1.0, 0.62, 0.24):
        drop.mid.line(
            [(left, rail_foot - high * rise), (right, rail_foot - high * rise)], white,
            0.012 if rise == 1.0 else 0.006,
        )  # fmt: skip
    for index in range(-7, 8):
        x = index * 0.34
        drop.mid.box(x - 0.006, rail_foot - high, x + 0.006, rail_foot, white)


def ridge(
    drop: Backdrop, height: float, tone: Rgb, rough: int, *, side: int = 0, peaks: bool = False
) -> None:
    """A line of hills (or sharp peaks) on the horizon; ``side`` lets it fall to nothing."""
    left, _, right, bottom = drop.far.span
    lot = drop.lot
    waves = [
        (lot.uniform(1.2, 7.0), lot.uniform(0, 6.3), lot.uniform(0.3, 1)) for _ in range(rough)
    ]
    points = []
    for index in range(121):
        x = -2.2 + 4.4 * index / 120
        rise = sum(
            (abs(math.sin(x * f + p)) if peaks else 0.5 + 0.5 * math.sin(x * f + p)) * a / f
            for f, p, a in waves
        ) / sum(a / f for f, _, a in waves)
        rise = (1 - rise) if peaks else rise
        slope = 1.0 if not side else max(0.0, min(1.0, 0.25 + side * x * 0.9))
        points.append((x, drop.horizon + 0.004 - height * rise * slope))
    drop.far.polygon([*points, (2.2, drop.horizon + 0.03), (-2.2, drop.horizon + 0.03)], tone)
    if peaks:
        _snow_caps(drop, points, tone)


def _snow_caps(drop: Backdrop, points: list[tuple[float, float]], tone: Rgb) -> None:
    cap = mix(tone, drop.under.light, 0.55)
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        if here[1] < before[1] and here[1] <= after[1] and drop.horizon - here[1] > 0.12:
            x, y = here
            drop.far.polygon(
                [(x, y), (x + 0.035, y + 0.035), (x + 0.012, y + 0.028), (x - 0.004, y + 0.046),
                 (x - 0.016, y + 0.026), (x - 0.035, y + 0.036)], cap,
            )  # fmt: skip


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
            [(0, drop.foot(0)), (edge * rail * last, drop.foot(last))], mix(under.light, stone, 0.5),
            0.005,
        )  # fmt: skip
    iron = scaled(under.near, 0.8)
    for index in range(6):
        share = 1.25 / (1 + 0.75 * index)
        x, person, foot = -edge * 1.15 * share, drop.person(share), drop.foot(share)
        drop.mid.box(x - person * 0.04, foot - person * 2.2, x + person * 0.04, foot, iron)
        drop.mid.polygon(
            [(x - person * 1.5, foot - person * 2.45), (x + person * 1.5, foot - person * 2.25),
             (x + person * 1.5, foot - person * 2.12), (x - person * 1.5, foot - person * 2.18)], iron,
        )  # fmt: skip
        drop.lamp_glow(x + person * 0.6, foot - person * 2.0, person * 0.10)


def forest(drop: Backdrop) -> None:
    """Trunks in three depths, light between them."""
    under, lot = drop.under, drop.lot
    moss = mix(mix(under.near, under.mid, 0.4), (62, 84, 52), 0.4)
    drop.floor(scaled(moss, 0.7), mix(moss, under.sky_low, 0.25))
    leaf = mix(under.far, (70, 104, 74), 0.35)
    for depth in range(3):
        tone = mix(mix(leaf, under.sky_low, 0.45), scaled(moss, 0.75), depth / 2)
        for _ in range(26 - depth * 7):
            share = (0.16, 0.30, 0.55)[depth] * lot.uniform(0.8, 1.2)
            x = lot.uniform(-1.7, 1.7)
            if depth == 2 and abs(x) < 0.30:
                continue
            _tree(drop, x, share, tone, tall=lot.uniform(2.6, 5.0))


def _tree(drop: Backdrop, x: float, share: float, tone: Rgb, tall: float) -> None:
    person, foot = drop.person(share), drop.foot(share)
    thick = person * 0.09
    sheet = drop.mid
    sheet.polygon(
        [(x - thick, foot), (x + thick, foot), (x + thick * 0.5, foot - person * tall),
         (x - thick * 0.5, foot - person * tall)], tone,
    )  # fmt: skip
    for _ in range(5):
        dx, up = drop.lot.uniform(-0.6, 0.6) * person, person * tall * drop.lot.uniform(0.7, 1.05)
        size = person * drop.lot.uniform(0.35, 0.7)
        sheet.oval(x + dx, foot - up, size, size * 0.6, tone)


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


def snow_field(drop: Backdrop) -> None:
    """Snow, a dark line of woods."""
    under = drop.under
    snow = mix(mix(under.sky_low, (236, 240, 246), 0.55), under.ambient, 0.16)
    ridge(drop, 0.20, mix(under.far, snow, 0.35), 5, peaks=True)
    ridge(drop, 0.05, mix(under.mid, under.near, 0.4), 24)
    drop.floor(mix(snow, under.ambient, 0.35), snow)
    for _ in range(40):
        share = 0.15 + 1.2 * drop.lot.random()
        x, row = drop.lot.uniform(-1.6, 1.6), drop.foot(share)
        drop.ground.oval(
            x, row, drop.person(share) * 0.3, drop.person(share) * 0.02, mix(snow, under.far, 0.25)
        )


def space(drop: Backdrop) -> None:
    """A planet's limb over a dark plain."""
    under = drop.under
    drop.floor(scaled(under.near, 0.7), mix(under.near, under.mid, 0.4))
    drop.far.oval(-drop.sun, drop.horizon - 0.30, 0.17, 0.17, mix(under.far, under.accent, 0.35))
    drop.far.oval(
        -drop.sun - 0.05, drop.horizon - 0.32, 0.16, 0.16, mix(under.sky_top, under.far, 0.3)
    )
    ridge(drop, 0.07, under.mid, 7, peaks=True)


def seen_from_above(drop: Backdrop) -> None:
    """Only ground, from straight above: water, planks, paving or grass by the place."""
    under = drop.under
    if drop.scene.place == "sea" or (drop.scene.place == "boat" and "ferry" in drop.scene.extras):
        _water_from_above(drop)
        return
    left, top, right, bottom = drop.ground.span
    wooden = drop.scene.place in ("pier", "boat", "room", "kitchen", "cafe")
    own = {"pier": (118, 88, 68), "sea": (44, 84, 104), "beach": (206, 178, 134),
           "snow_field": (226, 232, 238), "desert": (212, 164, 108), "forest": (66, 88, 56),
           "field": (104, 118, 66)}.get(drop.scene.place, (112, 108, 106))  # fmt: skip
    tone = mix(mix(under.mid, under.sky_low, 0.25), own, 0.45)
    drop.ground.box(left, top, right, bottom, tone)
    line = scaled(tone, 0.66)
    wide = 0.11 if wooden else 0.24
    for index in range(-24, 25):
        x = index * wide
        drop.ground.line([(x, top), (x, bottom)], line, 0.004)
        for step in range(-3, 14):
            y = step * wide * (1.9 if wooden else 1.0) + (0.1 if index % 2 else 0.0)
            drop.ground.line([(x, y), (x + wide, y)], line, 0.003)
    if drop.scene.place == "pier":
        sea_tone = mix(under.sky_top, under.mid, 0.5)
        for side in (-1, 1):
            drop.ground.box(
                min(side * 0.62, side * 3), top, max(side * 0.62, side * 3), bottom, sea_tone
            )


def _water_from_above(drop: Backdrop) -> None:
    """Water with its ripples and, where one is named, a ship drawing its wake."""
    under, lot = drop.under, drop.lot
    left, top, right, bottom = drop.ground.span
    deep = mix(under.sky_top, under.near, 0.35)
    drop.ground.box(left, top, right, bottom, deep)
    ripple = mix(deep, under.sky_low, 0.45)
    for _ in range(420):
        x, y, wide = lot.uniform(left, right), lot.uniform(top, bottom), lot.uniform(0.01, 0.05)
        bend = lot.uniform(0.002, 0.007)
        drop.ground.line([(x - wide, y), (x, y - bend), (x + wide, y)], ripple, 0.002, alpha=110)
    if not {"ferry", "boat"} & set(drop.scene.extras):
        return
    foam, size = (
        mix(under.light, (255, 255, 255), 0.5),
        0.20 if "ferry" in drop.scene.extras else 0.09,
    )
    x, y = drop.view.aspect * 0.10, 0.40
    for side in (-1, 1):
        drop.ground.polygon(
            [(x, y), (x - 1.9, y + 0.62 + side * 0.30), (x - 1.9, y + 0.62 + side * 0.24)], foam, 70
        )
    for step in range(90):
        share = step / 90
        cx, cy = x - size * 0.8 - share * 1.7, y + size * 0.26 + share * 0.55
        spread = 0.010 + share * 0.055
        tone = mix(foam, deep, share * 0.75)
        drop.ground.oval(
            cx, cy + lot.uniform(-0.3, 0.3) * spread, 0.03, spread, tone, round(220 - share * 170)
        )
    _ship_from_above(drop, x, y, size)


def _ship_from_above(drop: Backdrop, x: float, y: float, size: float) -> None:
    under = drop.under
    turn = -0.315
    run, fall = math.cos(turn), -math.sin(turn)

    def hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [
            (x + size * (a * run + b * fall), y + size * (-a * fall + b * run)) for a, b in points
        ]

    dark, pale = mix(under.near, under.mid, 0.4), mix(under.far, under.light, 0.55)
    outline = [
        (-0.9, -0.2),
        (0.45, -0.22),
        (0.8, -0.12),
        (1.0, 0.0),
        (0.8, 0.12),
        (0.45, 0.22),
        (-0.9, 0.2),
    ]
    drop.mid.polygon(hull(outline), dark)
    drop.mid.polygon(hull([(a * 0.9, b * 0.74) for a, b in outline]), pale)
    house = [(-0.55, -0.11), (0.35, -0.11), (0.35, 0.11), (-0.55, 0.11)]
    drop.mid.polygon(hull(house), scaled(pale, 0.82))
    drop.mid.polygon(hull([(a * 0.3 - 0.1, b * 0.6) for a, b in house]), (150, 58, 48))
    for a, b in ((0.7, 0.0), (-0.75, 0.1), (-0.75, -0.1), (0.3, 0.14), (0.3, -0.14)):
        ((px, py),) = hull([(a, b)])
        drop.lamp_glow(px, py, size * 0.08)


PLACES: Mapping[str, Place] = {
    "pier": pier, "sea": sea, "beach": beach, "boat": boat, "city": city, "rooftop": rooftop,
    "street": street, "station": station, "forest": forest, "mountains": mountains,
    "field": field, "desert": desert, "snow_field": snow_field, "space": space,
}  # fmt: skip
