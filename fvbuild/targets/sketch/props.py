"""Props: things one can hold or stand on a table, each drawn in a box one high around (0, 0)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import Palette, mix, scaled
from fvbuild.targets.sketch.scene import Figure, Thing
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

FLAME: Rgb = (255, 226, 150)


class _Box:
    """A brush whose coordinates are the prop's own box."""

    def __init__(self, brush: Brush, x: float, y: float, size: float) -> None:
        self._brush, self._x, self._y, self._size = brush, x, y, size

    def _to(self, points: tuple[Point, ...]) -> list[Point]:
        return [(self._x + x * self._size, self._y + y * self._size) for x, y in points]

    def flat(self, colour: Rgb, *points: Point) -> None:
        """A shape with straight sides."""
        self._brush.fill(self._to(points), colour, curved=False)

    def round(self, colour: Rgb, *points: Point) -> None:
        """A shape through points as a curve."""
        self._brush.fill(self._to(points), colour)

    def oval(self, colour: Rgb, x: float, y: float, across: float, up: float) -> None:
        """An ellipse."""
        size = self._size
        self._brush.oval(self._x + x * size, self._y + y * size, across * size, up * size, colour)

    def line(self, colour: Rgb, width: float, *points: Point) -> None:
        """An ink line on what is painted."""
        self._brush.stroke(self._to(points), colour, width * self._size)

    def tube(self, colour: Rgb, width: float, *points: Point) -> None:
        """A solid rod or wire along points."""
        self._brush.limb(self._to(points), [width * self._size] * len(points), colour)


def paint(brush: Brush, kind: str, colour: Rgb, x: float, y: float, size: float) -> None:
    """Paint a prop with its middle at (x, y), ``size`` high, both in the brush's coordinates."""
    _PAINTERS.get(kind, _object)(_Box(brush, x, y, size), colour)


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
            [(edge + side * 0.24, top + 0.20), (edge + side * 0.12, top), (edge - side * 0.05, top)],
            [0.10, 0.072, 0.060], scaled(skin, 0.95 - 0.03 * finger),
        )  # fmt: skip


_WIDTH: Mapping[str, float] = {
    "ticket": 0.78, "letter": 0.68, "photo": 0.40, "phone": 0.26, "book": 0.38, "map": 0.58,
    "key": 0.44, "box": 0.52, "cup": 0.42, "bottle": 0.24, "camera": 0.60, "bread": 0.66,
    "lantern": 0.30, "watch": 0.40, "bag": 0.54, "shoe": 0.62,
}  # fmt: skip


def _ticket(box: _Box, colour: Rgb) -> None:
    torn = tuple((0.80 + 0.05 * math.sin(i * 2.4), -0.36 + i * 0.09) for i in range(9))
    box.flat(colour, (-0.82, -0.40), *torn, (-0.82, 0.40))
    line = ink(colour)
    box.line(line, 0.025, (-0.74, -0.31), (0.70, -0.31))
    box.line(line, 0.025, (-0.74, 0.31), (0.70, 0.31))
    box.line(line, 0.02, (0.34, -0.30), (0.34, 0.30))
    box.line(line, 0.06, (-0.62, -0.12), (0.16, -0.12))
    for row in (0.04, 0.16):
        box.line(mix(colour, line, 0.6), 0.03, (-0.62, row), (-0.02 - row, row))
    box.oval(mix(colour, line, 0.55), 0.54, 0.0, 0.10, 0.10)
    box.oval(colour, 0.54, 0.0, 0.065, 0.065)


def _letter(box: _Box, colour: Rgb) -> None:
    box.flat(colour, (-0.72, -0.46), (0.72, -0.46), (0.72, 0.46), (-0.72, 0.46))
    line = ink(colour)
    box.line(line, 0.022, (-0.72, -0.46), (0.0, 0.08), (0.72, -0.46))
    box.line(mix(colour, line, 0.5), 0.016, (-0.72, 0.46), (-0.12, 0.0))
    box.line(mix(colour, line, 0.5), 0.016, (0.72, 0.46), (0.12, 0.0))
    box.oval((156, 44, 40), 0.0, 0.08, 0.10, 0.10)


def _photo(box: _Box, colour: Rgb) -> None:
    box.flat((238, 234, 224), (-0.42, -0.5), (0.42, -0.5), (0.42, 0.5), (-0.42, 0.5))
    box.flat(scaled(colour, 0.75), (-0.35, -0.43), (0.35, -0.43), (0.35, 0.27), (-0.35, 0.27))
    box.oval(scaled(colour, 1.3), 0.0, -0.14, 0.11, 0.14)
    box.round(scaled(colour, 0.45), (-0.24, 0.27), (-0.16, 0.06), (0.16, 0.06), (0.24, 0.27))


def _phone(box: _Box, colour: Rgb) -> None:
    box.flat(colour, (-0.25, -0.5), (0.25, -0.5), (0.25, 0.5), (-0.25, 0.5))
    box.flat((176, 214, 236), (-0.21, -0.44), (0.21, -0.44), (0.21, 0.42), (-0.21, 0.42))
    for row, wide in ((-0.3, 0.3), (-0.2, 0.22), (-0.1, 0.28)):
        box.line((108, 150, 178), 0.035, (-0.16, row), (-0.16 + wide, row))


def _telephone(box: _Box, colour: Rgb) -> None:
    box.tube(colour, 0.09, (-0.16, -0.42), (-0.10, 0.0), (-0.16, 0.42))
    box.oval(scaled(colour, 0.85), -0.10, -0.42, 0.15, 0.09)
    box.oval(scaled(colour, 0.85), -0.10, 0.42, 0.15, 0.09)


def _cup(box: _Box, colour: Rgb) -> None:
    box.tube(colour, 0.05, (0.36, -0.18), (0.58, -0.12), (0.56, 0.12), (0.34, 0.2))
    box.round(
        colour,
        (-0.42, -0.36),
        (0.42, -0.36),
        (0.38, 0.12),
        (0.24, 0.40),
        (-0.24, 0.40),
        (-0.38, 0.12),
    )
    box.oval(scaled(colour, 0.9), 0.0, -0.36, 0.42, 0.09)
    box.oval((74, 46, 30), 0.0, -0.355, 0.36, 0.065)


def _glass(box: _Box, colour: Rgb) -> None:
    clear = (206, 218, 220)
    box.tube(clear, 0.02, (0.0, 0.02), (0.0, 0.44))
    box.oval(clear, 0.0, 0.46, 0.22, 0.04)
    box.round(clear, (-0.26, -0.5), (0.26, -0.5), (0.28, -0.18), (0.0, 0.06), (-0.28, -0.18))
    box.round(
        (130, 34, 48), (-0.25, -0.28), (0.25, -0.28), (0.24, -0.14), (0.0, 0.03), (-0.24, -0.14)
    )


def _candle(box: _Box, colour: Rgb) -> None:
    box.flat((236, 226, 204), (-0.12, -0.16), (0.12, -0.16), (0.12, 0.5), (-0.12, 0.5))
    box.round(FLAME, (0.0, -0.5), (0.08, -0.28), (0.0, -0.17), (-0.08, -0.28))


def _lantern(box: _Box, colour: Rgb) -> None:
    box.tube(
        scaled(colour, 0.8),
        0.018,
        (-0.2, -0.2),
        (-0.18, -0.42),
        (0.0, -0.5),
        (0.18, -0.42),
        (0.2, -0.2),
    )
    box.flat(FLAME, (-0.21, -0.16), (0.21, -0.16), (0.21, 0.30), (-0.21, 0.30))
    box.round((255, 250, 226), (0.0, -0.12), (0.09, 0.10), (0.0, 0.24), (-0.09, 0.10))
    box.flat(colour, (-0.15, -0.32), (0.15, -0.32), (0.27, -0.15), (-0.27, -0.15))
    box.flat(colour, (-0.28, 0.28), (0.28, 0.28), (0.32, 0.46), (-0.32, 0.46))
    for bar in (-0.215, 0.0, 0.215):
        box.line(scaled(colour, 0.7), 0.032, (bar, -0.16), (bar, 0.30))


def _lamp(box: _Box, colour: Rgb) -> None:
    box.tube(scaled(colour, 0.8), 0.035, (0.0, -0.1), (0.0, 0.42))
    box.oval(scaled(colour, 0.8), 0.0, 0.45, 0.24, 0.05)
    box.flat((250, 214, 140), (-0.2, -0.5), (0.2, -0.5), (0.38, -0.06), (-0.38, -0.06))
    box.oval(FLAME, 0.0, -0.06, 0.38, 0.055)


def _bottle(box: _Box, colour: Rgb) -> None:
    glass = mix(colour, (255, 255, 255), 0.06)
    box.round(
        glass,
        (-0.08, -0.36),
        (0.08, -0.36),
        (0.09, -0.2),
        (0.22, -0.08),
        (0.23, 0.2),
        (0.21, 0.48),
        (-0.21, 0.48),
        (-0.23, 0.2),
        (-0.22, -0.08),
        (-0.09, -0.2),
    )
    box.flat(scaled(colour, 0.55), (-0.085, -0.5), (0.085, -0.5), (0.085, -0.34), (-0.085, -0.34))
    box.flat((236, 230, 216), (-0.19, 0.06), (0.19, 0.06), (0.19, 0.32), (-0.19, 0.32))
    box.line(ink(colour), 0.03, (-0.12, 0.15), (0.12, 0.15))
    box.line(ink(colour), 0.018, (-0.12, 0.23), (0.06, 0.23))
    box.line(mix(colour, (255, 255, 255), 0.6), 0.03, (-0.155, -0.03), (-0.165, 0.42))


def _book(box: _Box, colour: Rgb) -> None:
    box.flat((232, 224, 204), (-0.36, -0.46), (0.40, -0.46), (0.40, 0.48), (-0.36, 0.48))
    box.flat(colour, (-0.40, -0.5), (0.34, -0.5), (0.34, 0.46), (-0.40, 0.46))
    box.line(ink(colour), 0.03, (-0.31, -0.5), (-0.31, 0.46))
    gold = mix(colour, (236, 200, 120), 0.6)
    box.line(gold, 0.03, (-0.16, -0.24), (0.22, -0.24))
    box.line(gold, 0.022, (-0.10, -0.14), (0.16, -0.14))


def _map(box: _Box, colour: Rgb) -> None:
    paper = (226, 212, 180)
    for fold in range(4):
        left, tone = -0.6 + fold * 0.3, 1.0 if fold % 2 else 0.9
        rise = 0.04 if fold % 2 else -0.04
        box.flat(
            scaled(paper, tone),
            (left, -0.4 + rise),
            (left + 0.3, -0.4 - rise),
            (left + 0.3, 0.4 - rise),
            (left, 0.4 + rise),
        )
    box.line((150, 60, 50), 0.02, (-0.45, 0.2), (-0.2, -0.05), (0.1, 0.1), (0.38, -0.2))
    box.line((96, 120, 130), 0.03, (-0.55, -0.2), (-0.1, -0.26), (0.5, 0.2))


def _bag(box: _Box, colour: Rgb) -> None:
    box.tube(
        scaled(colour, 0.7), 0.03, (-0.16, -0.26), (-0.14, -0.46), (0.14, -0.46), (0.16, -0.26)
    )
    box.round(
        colour,
        (-0.55, -0.26),
        (0.0, -0.29),
        (0.55, -0.26),
        (0.57, 0.42),
        (0.0, 0.46),
        (-0.57, 0.42),
    )
    for side in (-0.3, 0.3):
        box.line(ink(colour), 0.05, (side, -0.27), (side, 0.44))
    box.oval((206, 176, 96), 0.0, -0.08, 0.05, 0.04)


def _flower(box: _Box, colour: Rgb) -> None:
    box.tube((74, 112, 66), 0.018, (0.0, -0.18), (0.03, 0.15), (0.0, 0.5))
    box.round((84, 126, 74), (0.02, 0.22), (0.16, 0.06), (0.22, 0.08), (0.10, 0.22))
    for petal in range(7):
        angle = petal * math.tau / 7
        box.oval(
            scaled(colour, 0.86 + 0.04 * petal),
            0.12 * math.cos(angle),
            -0.28 + 0.12 * math.sin(angle),
            0.105,
            0.105,
        )
    box.oval(mix(colour, (250, 214, 110), 0.7), 0.0, -0.28, 0.07, 0.07)


def _key(box: _Box, colour: Rgb) -> None:
    box.oval(colour, -0.42, 0.0, 0.26, 0.26)
    box.oval(scaled(colour, 0.4), -0.42, 0.0, 0.14, 0.14)
    box.tube(colour, 0.05, (-0.18, 0.0), (0.66, 0.0))
    for tooth in (0.46, 0.62):
        box.flat(
            colour,
            (tooth - 0.05, 0.0),
            (tooth + 0.05, 0.0),
            (tooth + 0.05, 0.24),
            (tooth - 0.05, 0.24),
        )


def _watch(box: _Box, colour: Rgb) -> None:
    box.oval(colour, 0.0, 0.04, 0.42, 0.42)
    box.oval((240, 234, 220), 0.0, 0.04, 0.34, 0.34)
    box.tube(colour, 0.05, (0.0, -0.40), (0.0, -0.46))
    for hour in range(12):
        angle = hour * math.tau / 12
        box.oval((60, 54, 50), 0.28 * math.cos(angle), 0.04 + 0.28 * math.sin(angle), 0.018, 0.018)
    box.line((40, 36, 36), 0.035, (0.0, 0.04), (0.13, -0.08))
    box.line((40, 36, 36), 0.025, (0.0, 0.04), (-0.06, -0.20))


def _ring(box: _Box, colour: Rgb) -> None:
    gold = mix(colour, (230, 186, 92), 0.6)
    box.oval(gold, 0.0, 0.1, 0.36, 0.36)
    box.oval(scaled(gold, 0.35), 0.0, 0.1, 0.27, 0.27)
    box.flat(
        (214, 236, 244), (-0.12, -0.34), (0.12, -0.34), (0.18, -0.24), (0.0, -0.1), (-0.18, -0.24)
    )


def _umbrella(box: _Box, colour: Rgb) -> None:
    box.tube((70, 62, 58), 0.012, (0.0, -0.4), (0.0, 0.44), (0.05, 0.48))
    dome = tuple(
        (0.5 * math.cos(math.pi * i / 12), -0.14 - 0.34 * math.sin(math.pi * i / 12))
        for i in range(13)
    )
    box.flat(colour, *dome)
    for rib in (-0.24, 0.0, 0.24):
        box.line(ink(colour), 0.012, (0.0, -0.48), (rib, -0.15))


def _box(box: _Box, colour: Rgb) -> None:
    box.flat(colour, (-0.52, -0.24), (0.52, -0.24), (0.52, 0.46), (-0.52, 0.46))
    box.flat(
        mix(colour, (255, 255, 255), 0.16),
        (-0.52, -0.24),
        (-0.36, -0.44),
        (0.68, -0.44),
        (0.52, -0.24),
    )
    box.flat(scaled(colour, 0.7), (0.52, -0.24), (0.68, -0.44), (0.68, 0.26), (0.52, 0.46))
    ribbon = mix(colour, (250, 240, 220), 0.65)
    box.line(ribbon, 0.07, (0.0, -0.24), (0.0, 0.46))
    box.line(ribbon, 0.06, (0.0, -0.24), (0.16, -0.44))


def _camera(box: _Box, colour: Rgb) -> None:
    body = scaled(colour, 0.45)
    box.flat(body, (-0.62, -0.30), (0.62, -0.30), (0.62, 0.42), (-0.62, 0.42))
    box.flat(scaled(colour, 0.8), (-0.2, -0.46), (0.2, -0.46), (0.26, -0.28), (-0.26, -0.28))
    box.oval(scaled(colour, 0.3), 0.0, 0.07, 0.31, 0.31)
    box.oval((70, 92, 118), 0.0, 0.07, 0.2, 0.2)
    box.oval((190, 214, 232), -0.06, 0.0, 0.05, 0.05)


def _bread(box: _Box, colour: Rgb) -> None:
    box.round(
        colour,
        (-0.72, 0.1),
        (-0.5, -0.26),
        (0.0, -0.36),
        (0.5, -0.26),
        (0.72, 0.1),
        (0.5, 0.34),
        (-0.5, 0.34),
    )
    for cut in (-0.3, 0.0, 0.3):
        box.line(scaled(colour, 1.3), 0.05, (cut - 0.08, 0.06), (cut + 0.06, -0.24))


def _fruit(box: _Box, colour: Rgb) -> None:
    box.oval(colour, 0.0, 0.06, 0.42, 0.42)
    box.tube((84, 60, 40), 0.025, (0.0, -0.3), (0.05, -0.48))
    box.round((92, 134, 70), (0.04, -0.36), (0.2, -0.5), (0.3, -0.42), (0.16, -0.34))
    box.oval(mix(colour, (255, 255, 255), 0.45), -0.16, -0.1, 0.07, 0.1)


def _guitar(box: _Box, colour: Rgb) -> None:
    box.tube(scaled(colour, 0.5), 0.03, (0.0, -0.5), (0.0, 0.1))
    box.round(
        colour,
        (0.0, -0.04),
        (0.15, 0.02),
        (0.12, 0.16),
        (0.21, 0.34),
        (0.0, 0.5),
        (-0.21, 0.34),
        (-0.12, 0.16),
        (-0.15, 0.02),
    )
    box.oval(scaled(colour, 0.3), 0.0, 0.22, 0.06, 0.06)


def _shoe(box: _Box, colour: Rgb) -> None:
    box.round(
        colour,
        (-0.62, -0.34),
        (-0.26, -0.3),
        (0.06, -0.02),
        (0.62, 0.10),
        (0.68, 0.30),
        (0.0, 0.32),
        (-0.62, 0.30),
    )
    box.flat((236, 232, 224), (-0.66, 0.27), (0.70, 0.27), (0.70, 0.40), (-0.66, 0.40))
    for lace in range(3):
        x = -0.12 + lace * 0.13
        box.line(
            (240, 238, 232), 0.035, (x - 0.06, -0.16 + lace * 0.08), (x + 0.1, -0.2 + lace * 0.1)
        )
    box.line(scaled(colour, 1.5), 0.06, (-0.4, 0.18), (0.0, 0.04), (0.26, 0.12))


def _rope(box: _Box, colour: Rgb) -> None:
    tone = (170, 140, 98)
    for coil in range(4):
        box.oval(
            scaled(tone, 0.8 + coil * 0.08),
            0.0,
            0.1 + coil * 0.02,
            0.46 - coil * 0.1,
            0.34 - coil * 0.08,
        )
    box.tube(tone, 0.04, (0.3, -0.1), (0.1, -0.5))


def _beans(box: _Box, colour: Rgb) -> None:
    for bean in range(14):
        x, y = 0.5 * math.cos(bean * 2.4) * (bean / 14) ** 0.5, 0.3 * math.sin(bean * 2.4)
        box.oval((92, 58, 36), x, y, 0.12, 0.09)
        box.line((54, 32, 22), 0.02, (x - 0.08, y), (x + 0.08, y + 0.01))


def _object(box: _Box, colour: Rgb) -> None:
    box.round(
        colour,
        (-0.34, -0.30),
        (0.0, -0.40),
        (0.34, -0.30),
        (0.40, 0.10),
        (0.30, 0.42),
        (-0.30, 0.42),
        (-0.40, 0.10),
    )
    box.line(ink(colour), 0.02, (-0.36, -0.06), (0.0, 0.0), (0.36, -0.06))
    box.line(mix(colour, (255, 255, 255), 0.5), 0.03, (-0.22, -0.24), (-0.26, 0.06))


_PAINTERS: Mapping[str, Callable[[_Box, Rgb], None]] = {
    "ticket": _ticket, "letter": _letter, "photo": _photo, "phone": _phone,
    "telephone": _telephone, "cup": _cup, "glass": _glass, "candle": _candle,
    "lantern": _lantern, "lamp": _lamp, "bottle": _bottle, "book": _book, "map": _map, "bag": _bag,
    "flower": _flower, "key": _key, "watch": _watch, "ring": _ring, "umbrella": _umbrella,
    "box": _box, "camera": _camera, "bread": _bread, "fruit": _fruit, "guitar": _guitar,
    "shoe": _shoe, "rope": _rope, "beans": _beans,
}  # fmt: skip
