"""Props: things one can hold, or stand on a table."""

from __future__ import annotations

from collections.abc import Mapping

from fvbuild.targets.sketch.box import Box
from fvbuild.targets.sketch.brush import Brush
from fvbuild.targets.sketch.light import Palette, mix, scaled
from fvbuild.targets.sketch.scene import Figure, Thing
from fvbuild.targets.sketch.shapes import PAINTERS, thing
from fvbuild.targets.sketch.sheet import Layer, Point, View
from fvbuild.targets.sketch.words import Rgb

HAND_HEIGHT: Mapping[str, float] = {
    "ticket": 0.052, "letter": 0.062, "photo": 0.066, "key": 0.045, "ring": 0.03, "watch": 0.05,
    "phone": 0.072, "telephone": 0.09, "cup": 0.062, "glass": 0.085, "candle": 0.105,
    "lantern": 0.155, "lamp": 0.15, "bottle": 0.115, "book": 0.095, "map": 0.12, "bag": 0.17,
    "flower": 0.15, "umbrella": 0.34, "box": 0.12, "camera": 0.075, "bread": 0.06, "fruit": 0.048,
    "guitar": 0.36, "shoe": 0.075, "rope": 0.1, "beans": 0.05,
}  # fmt: skip
"""Height of a prop in a hand, as a fraction of the person's."""

HANGING = frozenset({"lantern", "bag", "rope"})
"""Props that hang from the hand; the others stand up out of it."""

GLOWING = frozenset({"lantern", "lamp", "candle", "phone"})
"""Props that shine by themselves."""


def paint(brush: Brush, kind: str, colour: Rgb, x: float, y: float, size: float) -> None:
    """Paint a prop with its middle at (x, y), ``size`` high, both in the brush's coordinates."""
    PAINTERS.get(kind, thing)(Box(brush, x, y, size), colour)


def layer(thing: Thing, view: View, under: Palette, key: int, depth: float = 1.0) -> Layer | None:
    """A prop by itself as a layer."""
    middle = (thing.x - 0.5) * view.aspect

    def place(point: Point) -> Point:
        return middle + point[0] * thing.height, thing.y + point[1] * thing.height

    brush = Brush(view, place, (-1.1, -0.7, 1.1, 0.7), thing.height, key, 2)
    if not brush.visible:
        return None
    brush.fall(-0.45, 0.45, 110, 245)
    paint(brush, thing.kind, thing.colour, 0.0, 0.0, 1.0)
    return brush.finish(under, depth, 0.65, 0.012)


def hands(
    thing: Thing, sleeve: Figure | None, view: View, under: Palette, key: int
) -> tuple[Layer | None, Layer | None]:
    """Two hands around a prop, seen large: what lies behind it, and the thumbs before it."""
    skin = sleeve.skin if sleeve else (206, 160, 130)
    cloth = sleeve.colour if sleeve else (70, 74, 84)
    middle = (thing.x - 0.5) * view.aspect
    wide = _WIDTH.get(thing.kind, 0.42)

    def place(point: Point) -> Point:
        return middle + point[0] * thing.height, thing.y + point[1] * thing.height

    layers = []
    for front in (False, True):
        brush = Brush(view, place, (-2.2, -0.9, 2.2, 1.6), thing.height, key, 2)
        if not brush.visible:
            return None, None
        for side in (-1, 1):
            _hand(brush, side, wide, skin, cloth, front=front)
        brush.fall(-wide * 1.6, wide * 1.6, 70, 240)
        layers.append(brush.finish(under, 1.0, 0.55, 0.012))
    return layers[0], layers[1]


def _hand(brush: Brush, side: int, wide: float, skin: Rgb, cloth: Rgb, *, front: bool) -> None:
    """One hand from below: sleeve, wrist and fingers behind the prop, or its thumb before it."""
    edge = side * wide
    if front:
        brush.limb(
            [(edge + side * 0.20, 0.46), (edge + side * 0.06, 0.26), (edge - side * 0.10, 0.12)],
            [0.115, 0.082, 0.062], skin,
        )  # fmt: skip
        brush.oval(edge - side * 0.105, 0.105, 0.040, 0.034, mix(skin, (255, 232, 222), 0.45))
        return
    brush.limb([(edge + side * 0.75, 1.45), (edge + side * 0.40, 0.86)], [0.34, 0.27], cloth)
    brush.limb([(edge + side * 0.42, 0.90), (edge + side * 0.22, 0.52)], [0.19, 0.20], skin)
    for finger in range(4):
        top = 0.02 + finger * 0.125
        brush.limb(
            [
                (edge + side * 0.24, top + 0.20),
                (edge + side * 0.12, top),
                (edge - side * 0.05, top),
            ],
            [0.10, 0.072, 0.060],
            scaled(skin, 0.95 - 0.03 * finger),
        )


_WIDTH: Mapping[str, float] = {
    "ticket": 0.78, "letter": 0.68, "photo": 0.40, "phone": 0.26, "book": 0.38, "map": 0.58,
    "key": 0.44, "box": 0.52, "cup": 0.42, "bottle": 0.24, "camera": 0.60, "bread": 0.66,
    "lantern": 0.30, "watch": 0.40, "bag": 0.54, "shoe": 0.62,
}  # fmt: skip
