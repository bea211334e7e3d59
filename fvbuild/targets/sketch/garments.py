"""Clothes: what a body wears.

A garment is its right outline (own coordinates, from collar to hem) and the ink on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.words import Rgb

if TYPE_CHECKING:
    from fvbuild.targets.sketch.body import Frame

_HEM = {
    "coat": 0.665,
    "parka": 0.575,
    "suit": 0.54,
    "dress": 0.70,
    "robe": 0.93,
    "jacket": 0.50,
    "apron": 0.505,
    "top": 0.505,
}


def _outline(frame: Frame) -> list[Point]:
    """The right half of the garment, from collar to hem, x relative to an average build."""
    kind, s = frame.figure.garment, frame.shoulder
    hem = _HEM.get(kind, 0.6)
    neck = [(0.026, 0.134), (0.050, 0.150), (s - 0.018, 0.165), (s, 0.186)]
    female = frame.figure.gender == "f"
    waist = s - (0.026 if female else 0.016)
    if kind == "dress":
        return [
            *neck,
            (s - 0.014, 0.25),
            (waist - 0.012, 0.375),
            (s - 0.008, 0.50),
            (s + 0.028, hem),
        ]
    if kind == "robe":
        return [*neck, (s + 0.006, 0.26), (s, 0.42), (s + 0.014, 0.66), (s + 0.026, hem)]
    if kind == "parka":
        return [*neck, (s + 0.013, 0.225), (s + 0.012, 0.34), (s + 0.015, 0.48), (s + 0.006, hem)]
    if kind == "coat":
        return [
            *neck,
            (s + 0.004, 0.235),
            (waist + 0.006, 0.37),
            (s - 0.004, 0.52),
            (s + 0.014, hem),
        ]
    if kind == "suit":
        return [*neck, (s + 0.002, 0.23), (waist, 0.37), (s - 0.014, 0.48), (s - 0.010, hem)]
    return [*neck, (s, 0.235), (waist, 0.38), (s - 0.016, 0.46), (s - 0.02, hem)]


def torso(brush: Brush, frame: Frame) -> None:
    """Neck, garment and the lines on it."""
    figure = frame.figure
    neck = scaled(figure.skin, 0.86)
    brush.fill(
        [
            # Far enough up that no head, however small or bowed, ends above its neck.
            frame.body(-0.026, 0.07),
            frame.body(0.026, 0.07),
            frame.body(0.036, 0.165),
            frame.body(-0.036, 0.165),
        ],
        neck,
        curved=False,
    )
    right = _outline(frame)
    hem = right[-1]
    points = [frame.body(x, y) for x, y in right]
    points += [frame.body(0.0, hem[1] + 0.008)]
    points += [frame.body(-x, y) for x, y in reversed(right)]
    brush.fill(points, figure.colour)
    if not figure.back:
        _FRONTS.get(figure.garment, _plain)(brush, frame)
    else:
        _back(brush, frame)
    if figure.scarf:
        _scarf(brush, frame, figure.scarf)


def _scarf(brush: Brush, frame: Frame, colour: Rgb) -> None:
    """A scarf around the neck; from the front one end hangs down."""
    side = -frame.toward
    if not frame.figure.back:
        end = ((0.006, 0.165), (0.036, 0.165), (0.046, 0.330), (0.012, 0.336))
        brush.fill([frame.body(side * x, y) for x, y in end], scaled(colour, 0.86), curved=False)
        for x in (0.018, 0.027, 0.036):
            at = [frame.body(side * x, 0.322), frame.body(side * (x + 0.001), 0.352)]
            brush.stroke(at, scaled(colour, 0.86), 0.005)
    wrap = ((-0.044, 0.122), (0.044, 0.122), (0.056, 0.150), (0.040, 0.178), (0.0, 0.188),
            (-0.040, 0.178), (-0.056, 0.150))  # fmt: skip
    brush.fill([frame.body(x, y) for x, y in wrap], colour)
    for rise in (0.0, 0.018):
        fold = [frame.body(x, y + rise) for x, y in ((-0.048, 0.142), (0.0, 0.160), (0.048, 0.142))]
        brush.stroke(fold, ink(colour), 0.0028)


def _line(brush: Brush, frame: Frame, *points: Point, width: float = 0.0036) -> None:
    brush.stroke([frame.body(x, y) for x, y in points], ink(frame.figure.colour), width)


def _plain(brush: Brush, frame: Frame) -> None:
    for height in (0.150, 0.156):
        _line(brush, frame, (-0.034, height - 0.008), (0, height + 0.010), (0.034, height - 0.008))


def _coat(brush: Brush, frame: Frame) -> None:
    _collar(brush, frame, 0.245)
    lap = 0.010 * frame.toward
    _line(brush, frame, (lap, 0.245), (lap * 1.6, 0.45), (lap * 2.2, 0.664))
    for height in (0.285, 0.36, 0.435, 0.51):
        x, y = frame.body(lap * 2.6, height)
        brush.oval(x, y, 0.0042, 0.0042, ink(frame.figure.colour))
    for side in (-1, 1):
        _line(brush, frame, (side * 0.042, 0.452), (side * 0.082, 0.440), width=0.005)


def _collar(brush: Brush, frame: Frame, depth: float) -> None:
    under = scaled(frame.figure.second, 0.9)
    brush.fill(
        [frame.body(-0.026, 0.140), frame.body(0.026, 0.140), frame.body(0.0, depth - 0.03)],
        under,
        curved=False,
    )
    lapel = scaled(frame.figure.colour, 1.14)
    for side in (-1, 1):
        brush.fill(
            [
                frame.body(side * 0.022, 0.134),
                frame.body(side * 0.050, 0.150),
                frame.body(side * 0.052, 0.196),
                frame.body(side * 0.004, depth),
            ],
            lapel,
            curved=False,
        )
        _line(brush, frame, (side * 0.050, 0.150), (side * 0.052, 0.196), (side * 0.004, depth))


def _parka(brush: Brush, frame: Frame) -> None:
    colour = frame.figure.colour
    hood = scaled(colour, 0.84)
    brush.fill(
        [
            frame.body(x, y)
            for x, y in (
                (-0.040, 0.128),
                (-0.076, 0.140),
                (-0.082, 0.168),
                (-0.04, 0.186),
                (0.0, 0.196),
                (0.04, 0.186),
                (0.082, 0.168),
                (0.076, 0.140),
                (0.040, 0.128),
                (0.0, 0.164),
            )
        ],
        hood,
    )
    _line(brush, frame, (0.0, 0.196), (0.002, 0.40), (0.0, 0.575), width=0.005)
    span = frame.shoulder
    for height in (0.275, 0.350, 0.425, 0.500):
        _line(
            brush,
            frame,
            (-span, height - 0.006),
            (0, height + 0.010),
            (span, height - 0.006),
            width=0.0028,
        )


def _suit(brush: Brush, frame: Frame) -> None:
    shirt = frame.figure.second if sum(frame.figure.second) > 360 else (226, 224, 218)
    brush.fill(
        [frame.body(-0.028, 0.138), frame.body(0.028, 0.138), frame.body(0.004, 0.315)],
        shirt,
        curved=False,
    )
    if frame.figure.gender != "f":
        brush.fill(
            [
                frame.body(x, y)
                for x, y in (
                    (-0.007, 0.150),
                    (0.007, 0.150),
                    (0.011, 0.262),
                    (0.002, 0.30),
                    (-0.008, 0.262),
                )
            ],
            scaled(frame.figure.colour, 0.62),
            curved=False,
        )
    lapel = mix(frame.figure.colour, (255, 255, 255), 0.07)
    for side in (-1, 1):
        brush.fill(
            [
                frame.body(side * 0.026, 0.134),
                frame.body(side * 0.056, 0.160),
                frame.body(side * 0.060, 0.216),
                frame.body(side * 0.004, 0.325),
            ],
            lapel,
            curved=False,
        )
        _line(brush, frame, (side * 0.056, 0.160), (side * 0.060, 0.216), (side * 0.004, 0.325))
        _line(brush, frame, (side * 0.050, 0.425), (side * 0.082, 0.420), width=0.005)
    _line(brush, frame, (0.004, 0.325), (0.006, 0.40), (0.014, 0.545))
    for height in (0.345, 0.39):
        x, y = frame.body(0.002, height)
        brush.oval(x, y, 0.0038, 0.0038, ink(frame.figure.colour))


def _dress(brush: Brush, frame: Frame) -> None:
    brush.fill(
        [
            frame.body(x, y)
            for x, y in (
                (-0.046, 0.144),
                (0.046, 0.144),
                (0.022, 0.196),
                (0.0, 0.204),
                (-0.022, 0.196),
            )
        ],
        scaled(frame.figure.skin, 0.92),
    )
    waist = frame.shoulder - 0.034
    _line(brush, frame, (-waist, 0.372), (0, 0.382), (waist, 0.372), width=0.006)
    for spread in (-0.062, -0.024, 0.018, 0.058):
        _line(brush, frame, (spread * 0.5, 0.40), (spread * 1.25, 0.69), width=0.0028)


def _robe(brush: Brush, frame: Frame) -> None:
    _line(brush, frame, (-0.038, 0.145), (0.012, 0.30), (0.022, 0.92))
    _line(brush, frame, (0.038, 0.145), (0.0, 0.27))
    span = frame.shoulder - 0.01
    _line(brush, frame, (-span, 0.40), (0, 0.412), (span, 0.40), width=0.014)


def _apron(brush: Brush, frame: Frame) -> None:
    _plain(brush, frame)
    cloth = frame.figure.second
    span = frame.shoulder - 0.022
    brush.fill(
        [
            frame.body(x, y)
            for x, y in (
                (-0.05, 0.215), (0.05, 0.215), (0.058, 0.34), (span, 0.375), (span + 0.004, 0.60),
                (-span - 0.004, 0.60), (-span, 0.375), (-0.058, 0.34),
            )
        ],
        cloth,
        curved=False,
    )  # fmt: skip
    for side in (-1, 1):
        brush.stroke(
            [frame.body(side * 0.05, 0.215), frame.body(side * 0.036, 0.150)], ink(cloth), 0.008
        )
    brush.stroke([frame.body(-span, 0.378), frame.body(span, 0.378)], ink(cloth), 0.0036)


def _jacket(brush: Brush, frame: Frame) -> None:
    _collar(brush, frame, 0.205)
    _line(brush, frame, (0.002, 0.205), (0.002, 0.50), width=0.004)
    span = frame.shoulder - 0.03
    _line(brush, frame, (-span, 0.482), (0, 0.488), (span, 0.482))
    for side in (-1, 1):
        _line(brush, frame, (side * 0.034, 0.27), (side * 0.072, 0.268), width=0.004)


def _back(brush: Brush, frame: Frame) -> None:
    _line(brush, frame, (-0.05, 0.152), (0, 0.166), (0.05, 0.152), width=0.005)
    _line(brush, frame, (0.0, 0.20), (0.002, _HEM.get(frame.figure.garment, 0.6)))


_FRONTS: dict[str, Callable[[Brush, Frame], None]] = {
    "coat": _coat,
    "parka": _parka,
    "suit": _suit,
    "dress": _dress,
    "robe": _robe,
    "jacket": _jacket,
    "apron": _apron,
}
