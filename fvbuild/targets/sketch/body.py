"""Figures: a person from head to foot, posed, dressed and lit.

Own coordinates: the standing figure is 1 high, its top at y = 0, feet at y = 1, x from its middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fvbuild.targets.sketch import garments, hair, head, limbs, props
from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import Palette, scaled
from fvbuild.targets.sketch.scene import Figure
from fvbuild.targets.sketch.sheet import Layer, Point, View
from fvbuild.targets.sketch.words import dice

_CHIN = 0.127
_SHOULDER = {"m": 0.113, "f": 0.096, "": 0.103}
_GROWN_YEARS = 16
_EXTENT = (-0.42, -0.16, 0.42, 1.03)


@dataclass(frozen=True, slots=True)
class Frame:
    """A figure's proportions. ``head`` enlarges the head (children), ``lean`` is in own units."""

    figure: Figure
    head: float
    shoulder: float
    lean: float
    drop: float

    def down(self, y: float) -> float:
        """An adult's height on the body as this figure's: a large head pushes the body down."""
        chin = _CHIN * self.head
        if y <= _CHIN:
            return y * self.head + self.drop
        return chin + (y - _CHIN) * (1 - chin) / (1 - _CHIN) + self.drop * max(0.0, 1 - y / 0.62)

    def body(self, x: float, y: float) -> Point:
        """A point of the body."""
        return x * self.figure.build + self.lean * (1 - y), self.down(y)

    def skull(self, x: float, y: float) -> Point:
        """A point of the head."""
        return x * self.head + self.lean, y * self.head + self.drop

    @property
    def toward(self) -> int:
        """The side the figure faces: -1 or 1."""
        return 1 if self.figure.face >= 0 else -1


def proportions(figure: Figure) -> Frame:
    """What age, gender and words make of a body."""
    years = min(figure.age, _GROWN_YEARS)
    large = 1 + 0.42 * (1 - years / _GROWN_YEARS) ** 0.85
    shoulder = _SHOULDER.get(figure.gender, _SHOULDER[""])
    if years < _GROWN_YEARS:
        shoulder = 0.094 + (shoulder - 0.094) * max(0.0, (years - 8) / 8)
    lot = dice("stance", figure.seed)
    lean = lot.uniform(-0.006, 0.006)
    lean += {"run": 0.035, "walk": 0.012, "climb": 0.025}.get(figure.pose, 0.0) * (
        1 if figure.face >= 0 else -1
    )
    return Frame(figure, large, shoulder, lean, 0.21 if figure.pose == "sit" else 0.0)


def paint(
    figure: Figure,
    view: View,
    under: Palette,
    key: int,
    *,
    taper: float = 0.0,
    depth: float = 1.0,
    detail: bool = True,
) -> Layer | None:
    """The figure as a layer; None when none of it is on the paper.

    ``taper`` widens the upper part (camera from above) or the lower (negative, from below).
    """
    middle = (figure.x - 0.5) * view.aspect

    def place(point: Point) -> Point:
        spread = figure.height * (1 + taper * (0.45 - point[1]))
        return middle + point[0] * spread, figure.feet - figure.height * (1 - point[1])

    scale = 4 if figure.height < 0.4 else 3 if figure.height < 0.8 else 2
    brush = Brush(view, place, _EXTENT, figure.height, key, scale)
    if not brush.visible:
        return None
    frame = proportions(figure)
    hair.hair_behind(brush, frame)
    limbs.legs(brush, frame)
    far, near = limbs.arms(frame)
    if figure.pose == "stand" or figure.back:
        limbs.sleeve(brush, frame, far)
        garments.torso(brush, frame)
    else:
        garments.torso(brush, frame)
        limbs.sleeve(brush, frame, far)
    brush.fall(-0.15, 0.15, 40, 200)
    _shadows(brush, frame)
    head.head(brush, frame, under.front, detail=detail and figure.height > 0.5)
    limbs.sleeve(brush, frame, near)
    if figure.holding:
        _carry(brush, frame, near)
    rim = 0.8 if figure.height < 3 else 0.62
    return brush.finish(under, depth, rim, 0.0075)


def _shadows(brush: Brush, frame: Frame) -> None:
    """What a body shades of itself: under the chin, under the arms, inside the far sleeve."""
    side = -brush.key
    body = frame.body
    brush.throw(
        [
            body(side * 0.02, 0.19),
            body(side * 0.11, 0.20),
            body(side * 0.13, 0.66),
            body(0.0, 0.66),
        ],
        34,
        0.02,
        curved=False,
    )
    if frame.figure.back:
        return
    brush.throw(
        [body(-0.04, 0.115), body(0.04, 0.115), body(0.03, 0.158), body(-0.03, 0.158)], 22, 0.006
    )


def _carry(brush: Brush, frame: Frame, arm: tuple[Point, ...]) -> None:
    """The prop in the hand, and the fingers around it."""
    figure = frame.figure
    x, y = arm[-1]
    size = props.HAND_HEIGHT.get(figure.holding, 0.09)
    hangs = figure.holding in props.HANGING
    middle = y + size * (0.52 if hangs else -0.30)
    props.paint(brush, figure.holding, figure.holding_colour, x, middle, size)
    if figure.holding in props.GLOWING:
        around = [
            (x + size * 1.3 * math.cos(a / 3), middle + size * 1.3 * math.sin(a / 3))
            for a in range(19)
        ]
        brush.throw(around, 250, size * 0.5, curved=False)
    limbs.hand(brush, frame, arm)


def held_at(figure: Figure) -> Point:
    """Where the middle of the prop in a figure's hand is, in units from the figure's middle."""
    frame = proportions(figure)
    x, y = limbs.arms(frame)[1][-1]
    size = props.HAND_HEIGHT.get(figure.holding, 0.09)
    middle = y + size * (0.52 if figure.holding in props.HANGING else -0.30)
    return x * figure.height, figure.feet - figure.height * (1 - middle)


def shadow_on_ground(figure: Figure, key: int, length: float) -> list[Point]:
    """The outline of a figure's cast shadow, in units around its feet, falling from the light."""
    far = -key * figure.height * 0.75 * length
    reach = figure.height * 0.22 * length
    half = figure.height * 0.085
    return [(-half, 0.0), (half, 0.0), (far + half * 1.3, reach), (far - half * 1.3, reach)]


def from_above(
    figure: Figure, view: View, under: Palette, key: int, x: float, y: float, size: float
) -> Layer | None:
    """The figure seen from straight above: shoulders, arms and the top of the head."""

    def place(point: Point) -> Point:
        return x + point[0] * size, y + point[1] * size

    brush = Brush(view, place, (-0.75, -0.75, 0.75, 0.75), size, key, 3)
    if not brush.visible:
        return None
    build = figure.build
    turn = math.pi / 5 * (1 if figure.face >= 0 else -1)

    def turned(px: float, py: float) -> Point:
        return (
            px * math.cos(turn) - py * math.sin(turn),
            px * math.sin(turn) + py * math.cos(turn),
        )

    cloth = figure.colour
    shoe = scaled(figure.second, 0.6)
    for side in (-1, 1):
        step = 0.26 if side > 0 else -0.02
        brush.limb([turned(side * 0.1, 0.0), turned(side * 0.11, step + 0.1)], [0.08, 0.06], shoe)
        brush.limb(
            [turned(side * 0.36 * build, 0.0), turned(side * 0.44 * build, 0.16 * side + 0.05)],
            [0.1, 0.075],
            scaled(cloth, 0.9),
        )
    around = [turned(0.46 * build * math.cos(a / 4), 0.2 * math.sin(a / 4)) for a in range(25)]
    brush.fill(around, cloth, curved=False)
    brush.stroke([turned(0, -0.18), turned(0, 0.2)], ink(cloth), 0.02)
    brush.oval(
        *turned(0.0, -0.03), 0.17, 0.2, figure.hat_colour if figure.hat else figure.hair_colour
    )
    if figure.hat in ("cap", "brim"):
        brush.oval(*turned(0.0, 0.1), 0.15, 0.12, scaled(figure.hat_colour, 0.9))
    brush.fall(-0.5, 0.5, 90, 230)
    return brush.finish(under, 1.0, 0.7, 0.03)
