"""The world from straight above: ground, water, and a ship on it."""

from __future__ import annotations

import math

from fvbuild.targets.sketch.backdrop import Backdrop
from fvbuild.targets.sketch.light import mix, scaled


def seen_from_above(drop: Backdrop) -> None:
    """Only ground, from straight above: water, planks, paving or grass by the place."""
    under = drop.under
    if drop.scene.place == "sea" or (drop.scene.place == "boat" and "ferry" in drop.scene.extras):
        _water_from_above(drop)
        return
    left, top, right, bottom = drop.ground.span
    wooden = drop.scene.place in ("pier", "boat", "room", "kitchen", "bakery", "cafe")
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
