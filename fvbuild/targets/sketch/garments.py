"""Clothes and limbs: what a body wears, and how its arms and legs stand.

A garment is its right outline (own coordinates, from collar to hem) and the ink on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point

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
_WITH_TROUSERS = ("coat", "parka", "suit", "jacket", "top", "apron")


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
            frame.body(-0.028, 0.10),
            frame.body(0.028, 0.10),
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

_STRIDES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    # (knee, foot) shifts of the leading and the trailing leg, along the way the figure faces.
    "walk": ((0.042, 0.075), (-0.012, -0.085)),
    "run": ((0.105, 0.075), (-0.03, -0.16)),
    "climb": ((0.085, 0.065), (-0.006, -0.05)),
}


def legs(brush: Brush, frame: Frame) -> None:
    """Both legs down to the shoes, standing, striding or seated."""
    figure = frame.figure
    if figure.garment == "robe" and figure.pose != "sit":
        return
    cloth = figure.second if figure.garment in _WITH_TROUSERS else figure.skin
    if figure.garment == "suit":
        cloth = scaled(figure.colour, 0.92)
    shoe = (40, 36, 38)
    toward = frame.toward
    if figure.pose == "sit":
        for side in (1, -1):
            hip = frame.body(side * 0.035, 0.50)
            knee = (hip[0] + toward * 0.17, hip[1] + 0.02)
            foot = (knee[0] + side * 0.012, 0.965)
            brush.limb([hip, knee, foot], [0.052, 0.042, 0.028], scaled(cloth, 0.9 + side * 0.06))
            _shoe(brush, foot, toward, shoe)
        return
    stride = _STRIDES.get(figure.pose)
    for side in (-toward, toward):
        hip_x = side * 0.045
        lead = stride[0 if side == toward else 1] if stride else None
        knee_x = toward * lead[0] if lead else side * 0.043
        foot_x = toward * lead[1] if lead else side * 0.041
        lift = 0.13 if figure.pose == "climb" and side == toward else 0.0
        lift = 0.07 if figure.pose == "run" and side != toward else lift
        foot = frame.body(foot_x, 0.955 - lift)
        knee = frame.body(knee_x, 0.735 - lift * 0.75)
        brush.limb(
            [frame.body(hip_x, 0.50), knee, foot],
            [0.052, 0.037, 0.026],
            scaled(cloth, 1.0 if side == toward else 0.86),
        )
        _shoe(brush, foot, toward if stride else side, shoe)


def _shoe(brush: Brush, ankle: Point, toward: int, colour: tuple[int, int, int]) -> None:
    x, y = ankle
    brush.fill(
        [
            (x - toward * 0.026, y + 0.006),
            (x + toward * 0.020, y - 0.006),
            (x + toward * 0.052, y + 0.026),
            (x + toward * 0.052, y + 0.040),
            (x - toward * 0.028, y + 0.040),
        ],
        colour,
        curved=False,
    )


# Elbow and hand of an arm, from the middle line outwards; y from the top of an adult of height 1.
_ARMS: dict[str, tuple[Point, Point]] = {
    "down": ((0.020, 0.345), (0.012, 0.480)),
    "swing": ((0.050, 0.335), (0.072, 0.450)),
    "behind": ((-0.014, 0.340), (-0.030, 0.465)),
    "hold": ((0.028, 0.345), (-0.052, 0.300)),
    "raise": ((0.075, 0.230), (0.072, 0.075)),
    "lift": ((0.048, 0.320), (0.110, 0.235)),
    "reach": ((0.070, 0.285), (0.175, 0.205)),
    "pocket": ((0.044, 0.330), (-0.014, 0.430)),
    "lap": ((0.030, 0.345), (-0.010, 0.450)),
}
_NEAR = {
    "raise": "raise",
    "reach": "reach",
    "pocket": "pocket",
    "sit": "lap",
    "walk": "swing",
    "run": "lift",
    "climb": "lift",
    "hold": "hold",
}
_FAR = {"walk": "behind", "run": "behind", "climb": "behind", "pocket": "pocket", "sit": "lap"}


def arms(frame: Frame) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Shoulder, elbow and hand of the arm behind and of the arm that acts."""
    figure = frame.figure
    near = _NEAR.get(figure.pose, "down")
    if figure.holding and near in ("down", "swing", "lap"):
        near = "hold"
    if figure.holding == "lantern":
        near = "lift"
    if figure.back:
        near = "down"
    far = _FAR.get(figure.pose, "down")
    return _arm(frame, -frame.toward, far), _arm(frame, frame.toward, near)


def _arm(frame: Frame, side: int, stance: str) -> tuple[Point, ...]:
    elbow, wrist = _ARMS[stance]
    root = frame.shoulder - 0.014
    return (
        frame.body(side * root, 0.196),
        frame.body(side * (root + elbow[0]), elbow[1]),
        frame.body(side * (root + wrist[0]), wrist[1]),
    )


def sleeve(brush: Brush, frame: Frame, arm: tuple[Point, ...]) -> None:
    """An arm in its sleeve, with its hand."""
    figure = frame.figure
    thick = (
        1.25 if figure.garment == "parka" else 1.08 if figure.garment in ("coat", "robe") else 1.0
    )
    bare = figure.garment == "dress"
    cloth = figure.skin if bare else scaled(figure.colour, 0.93)
    widths = [0.031 * thick, 0.026 * thick, 0.022 * thick]
    hand(brush, frame, arm)
    brush.limb(arm, widths, cloth)
    shoulder, elbow, wrist = arm
    inward = -1 if shoulder[0] > frame.lean else 1
    edge = widths[1] * 0.94
    brush.stroke(
        [
            (shoulder[0] + inward * widths[0] * 0.7, shoulder[1] + 0.035),
            (elbow[0] + inward * edge, elbow[1]),
            (wrist[0] + inward * widths[2] * 0.9, wrist[1]),
        ],
        ink(cloth),
        0.0032,
    )


def hand(brush: Brush, frame: Frame, arm: tuple[Point, ...]) -> None:
    """The hand at the end of an arm, with a thumb."""
    skin = frame.figure.skin
    _, elbow, wrist = arm
    run, fall = wrist[0] - elbow[0], wrist[1] - elbow[1]
    far = max(1e-6, (run * run + fall * fall) ** 0.5)
    x, y = wrist[0] + run / far * 0.022, wrist[1] + fall / far * 0.022
    brush.limb([wrist, (x, y)], [0.016, 0.0165], skin)
    brush.limb([(x, y), (x - frame.toward * 0.014, y - 0.012)], [0.008, 0.006], scaled(skin, 0.94))
