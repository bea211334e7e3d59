"""Passages: a corridor, the winding stair of a tower, and the lamp room at its top."""

from __future__ import annotations

import math

from fvbuild.targets.sketch.backdrop import BACK, Backdrop, plaster
from fvbuild.targets.sketch.indoors import boards
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb


def stairs(drop: Backdrop) -> None:
    """Inside a tower: a curved brick wall, a stair winding up around its pillar, slit windows."""
    drop.indoors = True
    stone = mix(plaster(drop), (118, 108, 100), 0.25)
    _, top, _, bottom = drop.far.span
    row, index = top, 0
    while row < bottom:
        high = 0.062
        bend = 0.05
        for column in range(-26, 27):
            start = column * 0.13 + (0.065 if index % 2 else 0.0)
            shade = drop.lot.uniform(0.90, 1.06) * (1.0 - 0.5 * min(1.0, abs(start)) ** 2)
            points = [
                (x, y + bend * x * x * (y - drop.horizon))
                for x, y in (
                    (start, row),
                    (start + 0.123, row),
                    (start + 0.123, row + high - 0.007),
                    (start, row + high - 0.007),
                )
            ]
            drop.far.polygon(points, mix(stone, scaled(stone, 0.5), 1.0 - shade + 0.12))
        row, index = row + high, index + 1
    _slit(drop, -drop.sun * 0.75, 0.16)
    _spiral(drop, stone)


def _slit(drop: Backdrop, x: float, y: float) -> None:
    under = drop.under
    outside = mix(under.sky_low, under.light, 0.3)
    drop.far.box(x - 0.042, y - 0.012, x + 0.042, y + 0.252, scaled(under.near, 0.8))
    drop.far.box(x - 0.030, y, x + 0.030, y + 0.24, outside)
    drop.lamp_glow(x, y + 0.1, 0.10, outside, far=True)


def _spiral(drop: Backdrop, stone: Rgb) -> None:
    """Steps that wind up around a pillar: those behind it darker, those before it lit."""
    under = drop.under
    axis = 0.20 if drop.sun < 0 else -0.20
    pillar, reach, flat = 0.06, 0.74, 0.24
    rise, turn = 0.078, math.pi / 8
    first = min(1.02, drop.foot(1.0)) + rise * 2
    steps = []
    for index in range(-4, 26):
        angle = math.pi * 0.62 - index * turn
        steps.append((math.sin(angle + turn / 2), angle, first - index * rise))
    for front, angle, row in sorted(steps):
        if front > 0.1 and row < drop.horizon:
            continue
        edge = [
            (axis + math.cos(t) * reach, row + math.sin(t) * reach * flat)
            for t in (angle, angle + turn)
        ]
        core = [
            (axis + math.cos(t) * pillar, row + math.sin(t) * pillar * flat)
            for t in (angle + turn, angle)
        ]
        tone = scaled(mix(stone, under.key, 0.20 + 0.16 * front), 0.66 + 0.12 * (front + 1))
        drop.mid.polygon([*edge, *core], tone)
        face = [*edge, *((x, y + rise * 1.25) for x, y in reversed(edge))]
        drop.mid.polygon(face, scaled(tone, 0.55 if front > 0 else 0.7))
        drop.mid.line(edge, mix(tone, under.key, 0.45), 0.003)
    drop.mid.box(axis - pillar, -1.0, axis + pillar, 2.0, scaled(stone, 0.62))
    lit = (0.3, 1.0) if drop.sun > 0 else (-1.0, -0.3)
    drop.mid.box(
        axis + lit[0] * pillar, -1.0, axis + lit[1] * pillar, 2.0, mix(stone, under.key, 0.22)
    )


def lantern_room(drop: Backdrop) -> None:
    """The glass room at the top of a lighthouse: panes all around, the lens aglow, fog outside."""
    under = drop.under
    drop.indoors = True
    left, top, right, bottom = drop.far.span
    sill = min(0.74, drop.foot(BACK) - drop.person(BACK) * 0.42)
    glow_fog = "glow" in drop.scene.weather or "fog" in drop.scene.weather
    outside = mix(under.sky_low, (168, 182, 188), 0.45 if glow_fog else 0.0)
    steps = 26
    for index in range(steps):
        row = top + (sill - top) * index / steps
        share = index / steps
        tone = mix(
            mix(under.sky_top, outside, 0.35),
            mix(outside, under.light, 0.35 if glow_fog else 0),
            share,
        )
        drop.far.box(left, row, right, row + (sill - top) / steps + 0.002, tone)
    lens = math.copysign(min(0.42, drop.view.aspect * 0.27), -drop.sun)
    if glow_fog:
        for beam in (-1, 1):
            drop.far.polygon(
                [(lens, sill - 0.34), (lens + beam * 2.4, sill - 0.78),
                 (lens + beam * 2.4, sill - 0.12)],
                mix(outside, under.light, 0.7), 86,
            )  # fmt: skip
    iron = mix(under.near, (38, 36, 38), 0.5)
    for index in range(-7, 8):
        x = index * 0.25 + 0.04 * math.copysign(index * index / 12, index)
        drop.far.box(x - 0.007, top, x + 0.007, sill, iron)
    for row in (sill - 0.66, sill - 0.30):
        drop.far.box(left, row - 0.006, right, row + 0.006, iron)
    drop.far.box(left, sill, right, bottom, mix(plaster(drop), under.near, 0.5))
    drop.far.box(left, sill - 0.02, right, sill + 0.015, mix(iron, under.key, 0.35))
    _fresnel(drop, lens, sill)
    boards(drop, mix(scaled(plaster(drop), 0.5), (84, 66, 54), 0.4))


def _fresnel(drop: Backdrop, x: float, sill: float) -> None:
    """The great lens on its pedestal."""
    under = drop.under
    brass = mix(under.near, (182, 140, 70), 0.6)
    glass = mix(under.light, (255, 255, 255), 0.35)
    middle = sill - 0.33
    drop.mid.box(x - 0.05, sill - 0.12, x + 0.05, drop.foot(0.75), scaled(brass, 0.6))
    drop.mid.oval(x, middle, 0.145, 0.225, mix(under.accent, glass, 0.55))
    for ring in range(8):
        share = 1 - ring / 8
        drop.mid.oval(
            x, middle, 0.135 * share, 0.21 * share, mix(under.accent, glass, 1 - share * 0.7)
        )
    for row in range(-4, 5):
        y = middle + row * 0.045
        half = 0.145 * math.sqrt(max(0.0, 1 - (row * 0.045 / 0.225) ** 2))
        drop.mid.line([(x - half, y), (x + half, y)], brass, 0.003)
    for side in (-1, 0, 1):
        drop.mid.line(
            [(x + side * 0.09, middle - 0.2), (x + side * 0.09, middle + 0.2)], brass, 0.004
        )
    drop.mid.box(x - 0.12, middle - 0.25, x + 0.12, middle - 0.215, brass)
    drop.mid.box(x - 0.12, middle + 0.215, x + 0.12, middle + 0.25, brass)
    drop.lamp_glow(x, middle, 0.24, under.light)


def corridor(drop: Backdrop) -> None:
    """A corridor to the vanishing point: doors on both sides, lights above."""
    under = drop.under
    tone = plaster(drop)
    drop.indoors = True
    half, end = drop.person(1) * 0.75, 0.10
    bottom = drop.ground.span[3]
    last = max(2.2, (bottom - drop.horizon) / max(1e-6, drop.foot(1) - drop.horizon))
    floor = mix(scaled(tone, 0.45), (80, 74, 70), 0.3)
    drop.ground.polygon(
        [(-half * end, drop.foot(end)), (half * end, drop.foot(end)),
         (half * last, drop.foot(last)), (-half * last, drop.foot(last))], floor,
    )  # fmt: skip
    drop.ground.shade(drop.foot(end), bottom, scaled(floor, 0.6), 0.7)
    high = 1.7
    for side in (-1, 1):
        side_tone = scaled(tone, 0.9 if side * drop.sun < 0 else 0.66)
        drop.far.polygon(
            [(side * half * end, drop.foot(end)), (side * half * last, drop.foot(last)),
             (side * half * last, drop.foot(last) - drop.person(last) * high),
             (side * half * end, drop.foot(end) - drop.person(end) * high)], side_tone,
        )  # fmt: skip
        for index in range(5):
            near = 1.6 / (1 + 0.9 * index)
            _door(drop, side, half, near, near / 1.3, scaled(side_tone, 0.62))
    ceiling = scaled(tone, 0.5)
    drop.far.polygon(
        [(-half * end, drop.foot(end) - drop.person(end) * high),
         (half * end, drop.foot(end) - drop.person(end) * high),
         (half * last, drop.foot(last) - drop.person(last) * high),
         (-half * last, drop.foot(last) - drop.person(last) * high)], ceiling,
    )  # fmt: skip
    foot, person = drop.foot(end), drop.person(end)
    drop.far.box(-half * end, foot - person * high, half * end, foot, mix(under.light, tone, 0.35))
    drop.lamp_glow(0.0, foot - person * 0.9, person * 1.4, under.light, far=True)
    for index in range(5):
        share = 0.9 / (1 + 0.8 * index)
        row = drop.foot(share) - drop.person(share) * (high - 0.03)
        drop.far.box(
            -half * share * 0.22, row, half * share * 0.22, row + 0.012 * share, under.light
        )
        drop.lamp_glow(0.0, row, 0.07 * share, under.light, far=True)


def _door(drop: Backdrop, side: int, half: float, near: float, far: float, tone: Rgb) -> None:
    drop.far.polygon(
        [(side * half * far, drop.foot(far)), (side * half * near, drop.foot(near)),
         (side * half * near, drop.foot(near) - drop.person(near) * 1.22),
         (side * half * far, drop.foot(far) - drop.person(far) * 1.22)], tone,
    )  # fmt: skip
