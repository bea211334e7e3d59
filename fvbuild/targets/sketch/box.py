"""A box of its own for each prop: a brush whose coordinates are the prop's."""

from __future__ import annotations

from fvbuild.targets.sketch.brush import Brush
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.words import Rgb


class Box:
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
