"""Bare places: snow, and the plains of another world."""

from __future__ import annotations

from fvbuild.targets.sketch.backdrop import Backdrop
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.waterside import ridge


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
