"""Places among trees: forest and park."""

from __future__ import annotations

import math

from fvbuild.targets.sketch.backdrop import Backdrop
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.waterside import ridge
from fvbuild.targets.sketch.words import Rgb


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


def park(drop: Backdrop) -> None:
    """Lawns under a few old trees, and a path that bends away between them."""
    under, lot = drop.under, drop.lot
    grass = mix(mix(under.near, under.mid, 0.5), (92, 124, 66), 0.42)
    ridge(drop, 0.10, mix(under.far, (84, 112, 84), 0.35), 6)
    drop.floor(scaled(grass, 0.72), mix(grass, under.sky_low, 0.25))
    sand = mix(mix(under.mid, under.sky_low, 0.5), (188, 166, 130), 0.45)
    edges: tuple[list[Point], list[Point]] = ([], [])
    for step in range(25):
        share = 0.06 + 1.9 * (step / 24) ** 1.6
        bend = 0.34 * math.sin(1.9 * share + 0.4)
        for side, edge in zip((-1, 1), edges, strict=True):
            edge.append((bend + side * drop.person(share) * 0.34, drop.foot(share)))
    drop.ground.polygon([*edges[0], *reversed(edges[1])], sand)
    for share, count in ((0.14, 9), (0.26, 5), (0.46, 2)):
        leaf = mix(mix(under.far, (70, 112, 66), 0.45), scaled(grass, 0.7), share * 1.6)
        for index in range(count):
            x = (index + lot.uniform(0.2, 0.8)) / count * 3.4 - 1.7
            if share > 0.4:
                x = math.copysign(lot.uniform(0.62, 0.95), x)
            _crowned(drop, x, share * lot.uniform(0.9, 1.1), leaf)


def _crowned(drop: Backdrop, x: float, share: float, leaf: Rgb) -> None:
    """A tree with a round crown."""
    person, foot = drop.person(share), drop.foot(share)
    bark, tall = mix(scaled(leaf, 0.5), (72, 54, 42), 0.5), drop.lot.uniform(1.5, 2.1)
    thick, top = person * 0.08, foot - person * (tall + 0.35)
    drop.mid.polygon(
        [(x - thick, foot), (x + thick, foot), (x + thick * 0.6, foot - person * tall),
         (x - thick * 0.6, foot - person * tall)], bark,
    )  # fmt: skip
    for step in range(11):
        angle, reach = step * 2.4, person * 0.24 * math.sqrt(step)
        lit = math.cos(angle) * drop.sun > 0 and math.sin(angle) < 0.4
        drop.mid.oval(
            x + math.cos(angle) * reach, top + math.sin(angle) * reach * 0.7,
            person * 0.46, person * 0.38, mix(leaf, drop.under.light, 0.14) if lit else leaf,
        )  # fmt: skip


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
