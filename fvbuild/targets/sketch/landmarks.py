"""Landmarks: single things that words put into an open place, such as a lighthouse or a car."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fvbuild.targets.sketch import boats
from fvbuild.targets.sketch.backdrop import Backdrop
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.waterside import lamp_post


def add(drop: Backdrop) -> None:
    """Put every landmark that the scene names into its place."""
    for name in drop.scene.extras:
        paint = _PAINTERS.get(name)
        if paint is not None:
            paint(drop)


def _far_side(drop: Backdrop) -> float:
    """Away from the sun, inside the picture."""
    reach = drop.view.aspect * 0.30 / max(1.0, drop.scene.zoom)
    return -reach if drop.sun > 0 else reach


def lighthouse(drop: Backdrop) -> None:
    """A tower on a rock, its beam sweeping out."""
    under, x = drop.under, _far_side(drop)
    foot, high = drop.horizon + 0.01, 0.34
    rock = mix(under.near, under.mid, 0.4)
    lamp = foot - high - 0.024
    for side in (-1, 1):
        drop.far.veil(
            [(x, lamp), (x + side * 3.2, lamp - 0.22), (x + side * 3.2, lamp + 0.14)],
            mix(under.light, under.sky_low, 0.3), 62,
        )  # fmt: skip
    drop.far.polygon(
        [(x - 0.22, foot + 0.02), (x - 0.10, foot - 0.035), (x + 0.08, foot - 0.045),
         (x + 0.24, foot + 0.02)], rock,
    )  # fmt: skip
    white = mix(under.mid, (232, 226, 216), 0.45)
    top = foot - high
    drop.far.polygon(
        [(x - 0.034, foot - 0.03), (x + 0.034, foot - 0.03), (x + 0.021, top), (x - 0.021, top)],
        white,
    )
    for band in (0.25, 0.60):
        upper, lower = top + high * band, top + high * (band + 0.16)
        drop.far.polygon(
            [(x - 0.026, upper), (x + 0.026, upper), (x + 0.029, lower), (x - 0.029, lower)],
            mix(under.mid, (168, 54, 44), 0.5),
        )  # fmt: skip
    drop.far.box(x - 0.029, top - 0.006, x + 0.029, top, rock)
    drop.far.box(
        x - 0.017, top - 0.042, x + 0.017, top - 0.006, mix(under.light, (255, 255, 255), 0.4)
    )
    drop.far.polygon([(x - 0.023, top - 0.042), (x, top - 0.066), (x + 0.023, top - 0.042)], rock)
    zoom = drop.scene.zoom
    drop.lamp_glow(
        x * zoom, drop.horizon + (lamp - drop.horizon) * zoom, 0.055, under.light, far=True
    )


def ferry(drop: Backdrop) -> None:
    """A steamer on the horizon, lights along its decks."""
    under, x = drop.under, -drop.sun * 0.35
    foot = drop.horizon + 0.012
    foam = mix(under.light, under.mid, 0.25)
    drop.far.polygon(
        [
            (x - 0.17, foot - 0.006),
            (x - 2.2, foot + 0.004),
            (x - 2.2, foot + 0.010),
            (x + 0.16, foot),
        ],
        foam,
    )
    hull, white = mix(under.mid, under.near, 0.5), mix(under.far, under.light, 0.3)
    drop.far.polygon(
        [(x - 0.20, foot - 0.045), (x + 0.22, foot - 0.05), (x + 0.17, foot), (x - 0.17, foot)],
        hull,
    )
    drop.far.box(x - 0.13, foot - 0.082, x + 0.13, foot - 0.046, white)
    drop.far.box(x - 0.08, foot - 0.112, x + 0.07, foot - 0.082, scaled(white, 0.92))
    drop.far.polygon(
        [(x - 0.02, foot - 0.112), (x + 0.03, foot - 0.112), (x + 0.034, foot - 0.168),
         (x - 0.012, foot - 0.168)], mix(hull, (150, 50, 40), 0.4),
    )  # fmt: skip
    for puff in range(7):
        drop.far.oval(
            x + 0.02 + puff * 0.028, foot - 0.18 - puff * 0.016, 0.014 + puff * 0.007,
            0.008 + puff * 0.004, mix(mix(under.mid, under.sky_low, 0.35), under.sky_low, puff / 8),
        )  # fmt: skip
    for index in range(11):
        drop.far.box(
            x - 0.118 + index * 0.022,
            foot - 0.07,
            x - 0.110 + index * 0.022,
            foot - 0.058,
            under.accent,
        )


def car(drop: Backdrop) -> None:
    """A car at the kerb, its lamps lit."""
    under, share = drop.under, 0.5
    person, foot = drop.person(share), drop.foot(share)
    x = _far_side(drop) * 1.1
    body = mix(under.mid, drop.scene.tint or (150, 60, 52), 0.5)
    half, high = person * 1.2, person * 0.42
    drop.mid.polygon(
        [
            (x - half, foot - high * 0.2),
            (x - half, foot - high),
            (x - half * 0.55, foot - high * 1.1),
            (x - half * 0.32, foot - high * 1.9),
            (x + half * 0.42, foot - high * 1.9),
            (x + half * 0.66, foot - high * 1.1),
            (x + half, foot - high * 0.95),
            (x + half, foot - high * 0.2),
        ],
        body,
    )
    drop.mid.polygon(
        [(x - half * 0.46, foot - high * 1.12), (x - half * 0.27, foot - high * 1.78),
         (x + half * 0.37, foot - high * 1.78), (x + half * 0.56, foot - high * 1.12)],
        mix(under.sky_low, under.mid, 0.4),
    )  # fmt: skip
    for side in (-0.58, 0.6):
        drop.mid.oval(
            x + half * side, foot - high * 0.2, high * 0.42, high * 0.42, scaled(under.near, 0.5)
        )
        drop.mid.oval(
            x + half * side,
            foot - high * 0.2,
            high * 0.2,
            high * 0.2,
            mix(under.far, under.light, 0.3),
        )
    drop.lamp_glow(x + half * 0.96, foot - high * 0.75, person * 0.1, under.light)


def tree(drop: Backdrop) -> None:
    """One large tree to the side."""
    under = drop.under
    share = 0.55
    person, foot, x = drop.person(share), drop.foot(share), _far_side(drop) * 1.2
    bark, leaf = scaled(under.near, 0.8), mix(mix(under.mid, under.near, 0.5), (70, 100, 60), 0.35)
    drop.mid.polygon(
        [
            (x - person * 0.1, foot),
            (x + person * 0.1, foot),
            (x + person * 0.05, foot - person * 1.4),
            (x - person * 0.05, foot - person * 1.4),
        ],
        bark,
    )
    for index in range(14):
        angle = index * 2.4
        reach = person * 0.16 * math.sqrt(index)
        tone = mix(leaf, under.light, 0.16) if math.cos(angle) * drop.sun > 0 else leaf
        drop.mid.oval(
            x + math.cos(angle) * reach, foot - person * 1.75 + math.sin(angle) * reach * 0.7,
            person * 0.36, person * 0.28, tone,
        )  # fmt: skip


def house(drop: Backdrop) -> None:
    """A small house, one window lit."""
    under, x = drop.under, _far_side(drop)
    foot, wide = drop.horizon + 0.02, 0.10
    wall = mix(under.mid, under.far, 0.4)
    drop.far.box(x - wide, foot - 0.10, x + wide, foot, wall)
    drop.far.polygon(
        [(x - wide * 1.2, foot - 0.10), (x, foot - 0.19), (x + wide * 1.2, foot - 0.10)],
        mix(under.near, (110, 60, 50), 0.3),
    )
    drop.far.box(x + wide * 0.3, foot - 0.07, x + wide * 0.62, foot - 0.035, under.accent)
    drop.far.box(x - wide * 0.4, foot - 0.065, x - wide * 0.1, foot, scaled(wall, 0.6))


def birds(drop: Backdrop) -> None:
    """A few gulls."""
    tone = mix(drop.under.mid, drop.under.near, 0.4)
    for _ in range(7):
        x, y = drop.lot.uniform(-0.9, 0.9), drop.horizon * drop.lot.uniform(0.2, 0.75)
        size = drop.lot.uniform(0.008, 0.019)
        drop.far.line(
            [(x - size, y - size * 0.3), (x - size * 0.4, y - size * 0.5), (x, y),
             (x + size * 0.4, y - size * 0.5), (x + size, y - size * 0.2)], tone, 0.0028,
        )  # fmt: skip


def street_lamp(drop: Backdrop) -> None:
    """Iron lamps, where the place has none of its own."""
    if drop.scene.place in ("pier", "street"):
        return
    for index, share in enumerate((0.6, 0.34, 0.2)):
        lamp_post(drop, (1 if index % 2 else -1) * drop.person(1) * 0.9 * share, share)


def fire(drop: Backdrop) -> None:
    """A fire on the ground."""
    share = 0.75
    person, foot, x = drop.person(share), drop.foot(share), _far_side(drop) * 0.7
    for size, tone in ((0.16, (214, 84, 32)), (0.11, (244, 152, 52)), (0.06, (255, 226, 150))):
        drop.mid.polygon([(x - person * size, foot), (x, foot - person * size * 3.2),
                          (x + person * size, foot)], tone)  # fmt: skip
    drop.lamp_glow(x, foot - person * 0.15, person * 0.3, (255, 176, 84))


_SEATED_BEHIND = 0.96
"""A bench somebody sits on stands this far off, a hand's breadth behind the figure."""


def bench(drop: Backdrop) -> None:
    """A park bench: under whoever sits, else beside whoever stands."""
    scene, aspect = drop.scene, drop.view.aspect
    lead = scene.figures[0] if scene.figures else None
    seated = lead is not None and lead.pose == "sit"
    share = _SEATED_BEHIND if seated else 0.72
    person, foot = drop.person(share), drop.foot(share)
    x = 0.22 if drop.sun < 0 else -0.22
    if lead is not None:
        x = (lead.x - 0.5) * aspect
        person, foot = max(person, lead.height * share * 0.9), max(foot, lead.feet - 0.02)
        if not seated:
            way = 1 if x < 0 else -1
            x += way * person * 0.62
    _draw_bench(drop, x, foot, person)


def _draw_bench(drop: Backdrop, x: float, foot: float, person: float) -> None:
    wood = mix(mix(drop.under.mid, drop.under.near, 0.3), (134, 92, 56), 0.6)
    iron = scaled(mix(drop.under.near, (36, 38, 42), 0.4), 0.8)
    half, seat = person * 0.52, foot - person * 0.27
    for side in (-1, 1):
        at = x + side * half * 0.82
        for leg in (-0.035, 0.055):
            wide = person * 0.014
            drop.mid.box(at + person * leg - wide, seat, at + person * leg + wide, foot, iron)
        arm = seat - person * 0.13
        drop.mid.line([(at, seat), (at, seat - person * 0.30)], iron, person * 0.022)
        drop.mid.line([(at, arm), (at + person * 0.07, arm)], iron, person * 0.02)
    for rise in (0.10, 0.175, 0.25):
        level = seat - person * rise
        drop.mid.box(x - half, level - person * 0.052, x + half, level, wood)
        drop.mid.line(
            [(x - half, level - person * 0.052), (x + half, level - person * 0.052)],
            mix(wood, drop.under.key, 0.4), person * 0.006,
        )  # fmt: skip
    drop.mid.box(x - half * 1.03, seat - person * 0.02, x + half * 1.03, seat + person * 0.03, wood)
    drop.mid.box(
        x - half * 1.03, seat + person * 0.012, x + half * 1.03, seat + person * 0.03,
        scaled(wood, 0.66),
    )  # fmt: skip


_PAINTERS: Mapping[str, Callable[[Backdrop], None]] = {
    "lighthouse": lighthouse, "ferry": ferry, "boat": boats.sailing,
    "rowing_boat": boats.rowing, "fishing_boat": boats.fishing, "bench": bench, "car": car,
    "tree": tree,    "house": house, "birds": birds, "street_lamp": street_lamp, "fire": fire,
}  # fmt: skip
