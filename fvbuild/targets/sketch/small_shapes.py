"""The shapes of small props: what one reads, winds, opens doors or takes pictures with."""

from __future__ import annotations

import math

from fvbuild.targets.sketch.box import Box
from fvbuild.targets.sketch.brush import ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb


def ticket(box: Box, colour: Rgb) -> None:
    """A ticket."""
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


def letter(box: Box, colour: Rgb) -> None:
    """A letter."""
    box.flat(colour, (-0.72, -0.46), (0.72, -0.46), (0.72, 0.46), (-0.72, 0.46))
    line = ink(colour)
    box.line(line, 0.022, (-0.72, -0.46), (0.0, 0.08), (0.72, -0.46))
    box.line(mix(colour, line, 0.5), 0.016, (-0.72, 0.46), (-0.12, 0.0))
    box.line(mix(colour, line, 0.5), 0.016, (0.72, 0.46), (0.12, 0.0))
    box.oval((156, 44, 40), 0.0, 0.08, 0.10, 0.10)


def photo(box: Box, colour: Rgb) -> None:
    """A photo."""
    box.flat((238, 234, 224), (-0.42, -0.5), (0.42, -0.5), (0.42, 0.5), (-0.42, 0.5))
    box.flat(scaled(colour, 0.75), (-0.35, -0.43), (0.35, -0.43), (0.35, 0.27), (-0.35, 0.27))
    box.oval(scaled(colour, 1.3), 0.0, -0.14, 0.11, 0.14)
    box.round(scaled(colour, 0.45), (-0.24, 0.27), (-0.16, 0.06), (0.16, 0.06), (0.24, 0.27))


def phone(box: Box, colour: Rgb) -> None:
    """A phone."""
    box.flat(colour, (-0.25, -0.5), (0.25, -0.5), (0.25, 0.5), (-0.25, 0.5))
    box.flat((176, 214, 236), (-0.21, -0.44), (0.21, -0.44), (0.21, 0.42), (-0.21, 0.42))
    for row, wide in ((-0.3, 0.3), (-0.2, 0.22), (-0.1, 0.28)):
        box.line((108, 150, 178), 0.035, (-0.16, row), (-0.16 + wide, row))


def telephone(box: Box, colour: Rgb) -> None:
    """A telephone."""
    box.tube(colour, 0.09, (-0.16, -0.42), (-0.10, 0.0), (-0.16, 0.42))
    box.oval(scaled(colour, 0.85), -0.10, -0.42, 0.15, 0.09)
    box.oval(scaled(colour, 0.85), -0.10, 0.42, 0.15, 0.09)


def book(box: Box, colour: Rgb) -> None:
    """A book."""
    box.flat((232, 224, 204), (-0.36, -0.46), (0.40, -0.46), (0.40, 0.48), (-0.36, 0.48))
    box.flat(colour, (-0.40, -0.5), (0.34, -0.5), (0.34, 0.46), (-0.40, 0.46))
    box.line(ink(colour), 0.03, (-0.31, -0.5), (-0.31, 0.46))
    gold = mix(colour, (236, 200, 120), 0.6)
    box.line(gold, 0.03, (-0.16, -0.24), (0.22, -0.24))
    box.line(gold, 0.022, (-0.10, -0.14), (0.16, -0.14))


def map(box: Box, colour: Rgb) -> None:
    """A map."""
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


def key(box: Box, colour: Rgb) -> None:
    """A key."""
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


def watch(box: Box, colour: Rgb) -> None:
    """A watch."""
    box.oval(colour, 0.0, 0.04, 0.42, 0.42)
    box.oval((240, 234, 220), 0.0, 0.04, 0.34, 0.34)
    box.tube(colour, 0.05, (0.0, -0.40), (0.0, -0.46))
    for hour in range(12):
        angle = hour * math.tau / 12
        box.oval((60, 54, 50), 0.28 * math.cos(angle), 0.04 + 0.28 * math.sin(angle), 0.018, 0.018)
    box.line((40, 36, 36), 0.035, (0.0, 0.04), (0.13, -0.08))
    box.line((40, 36, 36), 0.025, (0.0, 0.04), (-0.06, -0.20))


def ring(box: Box, colour: Rgb) -> None:
    """A ring."""
    gold = mix(colour, (230, 186, 92), 0.6)
    box.oval(gold, 0.0, 0.1, 0.36, 0.36)
    box.oval(scaled(gold, 0.35), 0.0, 0.1, 0.27, 0.27)
    box.flat(
        (214, 236, 244), (-0.12, -0.34), (0.12, -0.34), (0.18, -0.24), (0.0, -0.1), (-0.18, -0.24)
    )


def camera(box: Box, colour: Rgb) -> None:
    """A camera."""
    body = scaled(colour, 0.45)
    box.flat(body, (-0.62, -0.30), (0.62, -0.30), (0.62, 0.42), (-0.62, 0.42))
    box.flat(scaled(colour, 0.8), (-0.2, -0.46), (0.2, -0.46), (0.26, -0.28), (-0.26, -0.28))
    box.oval(scaled(colour, 0.3), 0.0, 0.07, 0.31, 0.31)
    box.oval((70, 92, 118), 0.0, 0.07, 0.2, 0.2)
    box.oval((190, 214, 232), -0.06, 0.0, 0.05, 0.05)


def beans(box: Box, colour: Rgb) -> None:
    """A beans."""
    for bean in range(14):
        x, y = 0.5 * math.cos(bean * 2.4) * (bean / 14) ** 0.5, 0.3 * math.sin(bean * 2.4)
        box.oval((92, 58, 36), x, y, 0.12, 0.09)
        box.line((54, 32, 22), 0.02, (x - 0.08, y), (x + 0.08, y + 0.01))
