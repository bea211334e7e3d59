"""Places by the water: pier, open sea, beach and deck; and the ridges and lamps of any place."""

from __future__ import annotations

import math

from fvbuild.targets.sketch.backdrop import Backdrop
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
    drop.ground.box(
        x - person * 0.05, foot - person * 0.34, x + person * 0.05, foot + person * 0.3, tone
    )
    lit = mix(tone, drop.under.light, 0.4)
    drop.ground.box(
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
