"""Boats on the water: under sail, under oars, and out fishing."""

from __future__ import annotations

from fvbuild.targets.sketch.backdrop import Backdrop
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.words import Rgb


def _place(drop: Backdrop, share: float = 0.18) -> tuple[float, float]:
    """Where a boat lies: away from the sun, a little before the horizon."""
    reach = drop.view.aspect * share / max(1.0, drop.scene.zoom)
    return (-reach if drop.sun > 0 else reach), drop.horizon + 0.015


def sailing(drop: Backdrop) -> None:
    """A small boat with a sail."""
    under, (x, foot) = drop.under, _place(drop)
    hull = mix(under.mid, under.near, 0.6)
    drop.far.polygon(
        [(x - 0.08, foot - 0.02), (x + 0.09, foot - 0.024), (x + 0.06, foot), (x - 0.06, foot)],
        hull,
    )
    drop.far.line([(x, foot - 0.02), (x, foot - 0.17)], hull, 0.004)
    drop.far.polygon(
        [(x + 0.004, foot - 0.165), (x + 0.07, foot - 0.035), (x + 0.004, foot - 0.035)],
        mix(under.light, under.far, 0.3),
    )


def rowing(drop: Backdrop) -> None:
    """An open boat near by, its oars out."""
    under, share = drop.under, 0.42
    size, foot = drop.person(share) * 1.25, drop.foot(share)
    x = _place(drop, 0.26)[0]

    def at(*points: Point) -> list[Point]:
        return [(x + a * size, foot - b * size) for a, b in points]

    hull = mix(mix(under.mid, under.near, 0.6), (136, 92, 58), 0.45)
    sheer = ((-1.0, 0.30), (-0.5, 0.22), (0.5, 0.22), (1.0, 0.32))
    inside = ((0.86, 0.26), (0.45, 0.17), (-0.45, 0.17), (-0.86, 0.25))
    drop.mid.polygon(at(*sheer, (0.66, 0.0), (-0.70, 0.0)), hull)
    drop.mid.polygon(at(*sheer, *inside), scaled(hull, 0.55))
    drop.mid.line(at(*sheer), mix(hull, under.light, 0.45), size * 0.03)
    for way in (-1, 1):
        drop.mid.line(at((way * 0.1, 0.24), (way * 0.95, -0.10)), scaled(hull, 0.7), size * 0.03)
        drop.mid.line(at((way * 0.78, -0.03), (way * 0.98, -0.11)), scaled(hull, 0.8), size * 0.07)
    for row in (0.03, 0.08):
        shine = mix(under.sky_low, under.light, 0.4)
        drop.mid.line(at((-0.8, -row), (0.85 - row * 3, -row)), shine, size * 0.012)


_FISHING_SIZE = 1.5


def fishing(drop: Backdrop) -> None:
    """A working boat: high bow, wheelhouse, mast with its boom, nets and a lamp."""
    under, (x, foot) = drop.under, _place(drop, 0.08)

    def at(*points: Point) -> list[Point]:
        return [(x + a * _FISHING_SIZE, foot - b * _FISHING_SIZE) for a, b in points]

    def box(left: float, top: float, right: float, bottom: float, tone: Rgb) -> None:
        (a, b), (c, d) = at((left, top), (right, bottom))
        drop.far.box(a, b, c, d, tone)

    red = (150, 52, 42)
    hull = mix(mix(under.mid, under.near, 0.55), (52, 84, 118), 0.35)
    sheer = ((-0.15, 0.042), (-0.04, 0.034), (0.08, 0.040), (0.18, 0.074))
    drop.far.polygon(at(*sheer, (0.135, 0.0), (-0.135, 0.0)), hull)
    rail = ((0.177, 0.064), (0.08, 0.030), (-0.04, 0.025), (-0.148, 0.033))
    drop.far.polygon(at(*sheer, *rail), mix(under.far, (232, 226, 214), 0.5))
    box(-0.137, 0.009, 0.139, 0.0, mix(hull, red, 0.6))
    box(0.012, 0.104, 0.082, 0.034, mix(under.far, (236, 232, 222), 0.55))
    box(0.004, 0.112, 0.092, 0.103, mix(hull, red, 0.5))
    lit = under.accent if under.stars else mix(under.sky_low, under.mid, 0.6)
    for left in (0.020, 0.042, 0.064):
        box(left, 0.094, left + 0.014, 0.072, lit)
    rig = scaled(mix(under.near, under.mid, 0.3), 0.7)
    mast, boom = (-0.03, 0.205), (-0.155, 0.155)
    drop.far.line(at((-0.03, 0.03), mast), rig, 0.006)
    drop.far.line(at((-0.03, 0.075), boom), rig, 0.005)
    for stay in ((mast, boom), (boom, (-0.142, 0.042)), (mast, (0.175, 0.072))):
        drop.far.line(at(*stay), rig, 0.002)
    net = ((-0.125, 0.040), (-0.10, 0.066), (-0.07, 0.058), (-0.05, 0.034))
    drop.far.polygon(at(*net), mix(rig, (112, 132, 96), 0.5))
    if under.stars:
        zoom = drop.scene.zoom
        ((lamp_x, lamp_y),) = at(mast)
        drop.lamp_glow(
            lamp_x * zoom, drop.horizon + (lamp_y - drop.horizon) * zoom, 0.03, under.accent,
            far=True,
        )  # fmt: skip
