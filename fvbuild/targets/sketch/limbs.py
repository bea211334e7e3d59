"""Arms and legs: how they stand, stride, carry and reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import scaled
from fvbuild.targets.sketch.sheet import Point

if TYPE_CHECKING:
    from fvbuild.targets.sketch.body import Frame


_WITH_TROUSERS = ("coat", "parka", "suit", "jacket", "top", "apron")


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
        _seat(brush, frame)
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


def _seat(brush: Brush, frame: Frame) -> None:
    """A plain stool under somebody who sits."""
    x, y = frame.body(0.0, 0.545)
    wood = (104, 78, 58)
    toward = frame.toward
    for leg in (-0.10, 0.11):
        brush.limb([(x + leg, y), (x + leg * 1.15, 0.985)], [0.013, 0.011], scaled(wood, 0.7))
    seat = [
        (x - 0.13, y),
        (x + 0.13 + toward * 0.02, y),
        (x + 0.13, y + 0.03),
        (x - 0.13, y + 0.03),
    ]
    brush.fill(seat, wood, curved=False)


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
