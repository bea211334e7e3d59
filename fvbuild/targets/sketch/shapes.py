"""The shapes of props, each drawn in a box one high around (0, 0), and the table of them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fvbuild.targets.sketch import small_shapes
from fvbuild.targets.sketch.box import Box
from fvbuild.targets.sketch.brush import ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb

FLAME: Rgb = (255, 226, 150)


def _cup(box: Box, colour: Rgb) -> None:
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


def _glass(box: Box, colour: Rgb) -> None:
    clear = (206, 218, 220)
    box.tube(clear, 0.02, (0.0, 0.02), (0.0, 0.44))
    box.oval(clear, 0.0, 0.46, 0.22, 0.04)
    box.round(clear, (-0.26, -0.5), (0.26, -0.5), (0.28, -0.18), (0.0, 0.06), (-0.28, -0.18))
    box.round(
        (130, 34, 48), (-0.25, -0.28), (0.25, -0.28), (0.24, -0.14), (0.0, 0.03), (-0.24, -0.14)
    )


def _candle(box: Box, colour: Rgb) -> None:
    box.flat((236, 226, 204), (-0.12, -0.16), (0.12, -0.16), (0.12, 0.5), (-0.12, 0.5))
    box.round(FLAME, (0.0, -0.5), (0.08, -0.28), (0.0, -0.17), (-0.08, -0.28))


def _lantern(box: Box, colour: Rgb) -> None:
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


def _lamp(box: Box, colour: Rgb) -> None:
    box.tube(scaled(colour, 0.8), 0.035, (0.0, -0.1), (0.0, 0.42))
    box.oval(scaled(colour, 0.8), 0.0, 0.45, 0.24, 0.05)
    box.flat((250, 214, 140), (-0.2, -0.5), (0.2, -0.5), (0.38, -0.06), (-0.38, -0.06))
    box.oval(FLAME, 0.0, -0.06, 0.38, 0.055)


def _bottle(box: Box, colour: Rgb) -> None:
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


def _bag(box: Box, colour: Rgb) -> None:
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


def _flower(box: Box, colour: Rgb) -> None:
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


def _umbrella(box: Box, colour: Rgb) -> None:
    box.tube((70, 62, 58), 0.012, (0.0, -0.4), (0.0, 0.44), (0.05, 0.48))
    dome = tuple(
        (0.5 * math.cos(math.pi * i / 12), -0.14 - 0.34 * math.sin(math.pi * i / 12))
        for i in range(13)
    )
    box.flat(colour, *dome)
    for rib in (-0.24, 0.0, 0.24):
        box.line(ink(colour), 0.012, (0.0, -0.48), (rib, -0.15))


def _box(box: Box, colour: Rgb) -> None:
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


def _bread(box: Box, colour: Rgb) -> None:
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


def _fruit(box: Box, colour: Rgb) -> None:
    box.oval(colour, 0.0, 0.06, 0.42, 0.42)
    box.tube((84, 60, 40), 0.025, (0.0, -0.3), (0.05, -0.48))
    box.round((92, 134, 70), (0.04, -0.36), (0.2, -0.5), (0.3, -0.42), (0.16, -0.34))
    box.oval(mix(colour, (255, 255, 255), 0.45), -0.16, -0.1, 0.07, 0.1)


def _guitar(box: Box, colour: Rgb) -> None:
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


def _shoe(box: Box, colour: Rgb) -> None:
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


def _rope(box: Box, colour: Rgb) -> None:
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


def thing(box: Box, colour: Rgb) -> None:
    """What no other painter paints: a plain rounded object."""
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


PAINTERS: Mapping[str, Callable[[Box, Rgb], None]] = {
    "ticket": small_shapes.ticket,
    "letter": small_shapes.letter,
    "photo": small_shapes.photo,
    "phone": small_shapes.phone,
    "telephone": small_shapes.telephone,
    "cup": _cup,
    "glass": _glass,
    "candle": _candle,
    "lantern": _lantern,
    "lamp": _lamp,
    "bottle": _bottle,
    "book": small_shapes.book,
    "map": small_shapes.map,
    "bag": _bag,
    "flower": _flower,
    "key": small_shapes.key,
    "watch": small_shapes.watch,
    "ring": small_shapes.ring,
    "umbrella": _umbrella,
    "box": _box,
    "camera": small_shapes.camera,
    "bread": _bread,
    "fruit": _fruit,
    "guitar": _guitar,
    "shoe": _shoe,
    "rope": _rope,
    "beans": small_shapes.beans,
}
"""Kind of prop -> its painter."""
