"""The brush that paints figures and props: flat colours first, then light over the whole form.

A painting is made of its own colours (albedo), a mask of where it is, and a mask of how much key
light falls where; the palette turns the three into pixels. So every outfit lives in every light.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw

from fvbuild.targets.sketch.light import Palette, scaled
from fvbuild.targets.sketch.sheet import Layer, Point, View, cut, smooth, soften
from fvbuild.targets.sketch.words import Rgb

_BEYOND_PX = 24
"""Pixels painted beyond the paper, so that no rim of light follows the paper's edge."""


class Brush:
    """Paints in the own coordinates of what is painted; ``place`` maps them to units.

    ``extent`` (left, top, right, bottom in own coordinates) bounds the work; ``scale`` is the
    drawing resolution over the picture's. ``key`` is the side the light comes from: -1 or 1.
    """

    def __init__(
        self,
        view: View,
        place: Callable[[Point], Point],
        extent: tuple[float, float, float, float],
        size: float,
        key: int,
        scale: int,
    ) -> None:
        self._view, self._place, self._scale = view, place, scale
        self.size_px = size * view.height * scale
        self.key = key
        self._box = self._bounds(extent)
        width = max(1, self._box[2] - self._box[0]) * scale
        height = max(1, self._box[3] - self._box[1]) * scale
        self.albedo = Image.new("RGB", (width, height))
        self.alpha = Image.new("L", (width, height))
        self.light = Image.new("L", (width, height), 110)
        self._colour_pen = ImageDraw.Draw(self.albedo)
        self._alpha_pen = ImageDraw.Draw(self.alpha)

    @property
    def visible(self) -> bool:
        """Whether any of it lies on the paper."""
        return self._box[2] > self._box[0] and self._box[3] > self._box[1]

    def _bounds(self, extent: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        left, top, right, bottom = extent
        corners = [
            self._view.pixel(*self._place((x, y))) for x in (left, right) for y in (top, bottom)
        ]
        width, height = self._view.paper
        return (
            max(-_BEYOND_PX, math.floor(min(x for x, _ in corners))),
            max(-_BEYOND_PX, math.floor(min(y for _, y in corners))),
            min(width + _BEYOND_PX, math.ceil(max(x for x, _ in corners))),
            min(height + _BEYOND_PX, math.ceil(max(y for _, y in corners))),
        )

    def at(self, point: Point) -> Point:
        """Own coordinates as pixels of this painting."""
        x, y = self._view.pixel(*self._place(point))
        return (x - self._box[0]) * self._scale, (y - self._box[1]) * self._scale

    def px(self, length: float) -> float:
        """An own length as pixels of this painting."""
        return length * self.size_px

    def fill(self, points: Sequence[Point], colour: Rgb, *, curved: bool = True) -> None:
        """A filled shape, through its points as a curve or with straight sides."""
        outline = smooth(points) if curved else list(points)
        pixels = [self.at(point) for point in outline]
        self._colour_pen.polygon(pixels, fill=colour)
        self._alpha_pen.polygon(pixels, fill=255)

    def oval(self, x: float, y: float, across: float, up: float, colour: Rgb) -> None:
        """A filled ellipse by its centre and half axes."""
        around = [
            (x + across * math.cos(a * math.pi / 18), y + up * math.sin(a * math.pi / 18))
            for a in range(36)
        ]
        self.fill(around, colour, curved=False)

    def limb(self, joints: Sequence[Point], widths: Sequence[float], colour: Rgb) -> None:
        """A tapering tube along joints, round at each; widths are half widths."""
        for (one, other), (thick, thin) in zip(
            itertools.pairwise(joints),
            itertools.pairwise(widths),
            strict=True,
        ):
            run, fall = other[0] - one[0], other[1] - one[1]
            far = math.hypot(run, fall) or 1.0
            nx, ny = -fall / far, run / far
            self.fill(
                [
                    (one[0] + nx * thick, one[1] + ny * thick),
                    (other[0] + nx * thin, other[1] + ny * thin),
                    (other[0] - nx * thin, other[1] - ny * thin),
                    (one[0] - nx * thick, one[1] - ny * thick),
                ],
                colour,
                curved=False,
            )
        for joint, width in zip(joints, widths, strict=True):
            self.oval(joint[0], joint[1], width, width, colour)

    def stroke(self, points: Sequence[Point], colour: Rgb, width: float) -> None:
        """An ink line inside what is painted; the width is an own length."""
        self._colour_pen.line(
            [self.at(point) for point in points],
            fill=colour,
            width=max(1, round(self.px(width))),
            joint="curve",
        )

    def _mask(
        self, points: Sequence[Point], room: float, *, curved: bool
    ) -> tuple[Image.Image, tuple[int, int]] | None:
        """A shape as a mask with ``room`` pixels around it, and where its corner lies."""
        outline = [self.at(point) for point in (smooth(points) if curved else points)]
        width, height = self.alpha.size
        left = max(0, math.floor(min(x for x, _ in outline) - room))
        top = max(0, math.floor(min(y for _, y in outline) - room))
        right = min(width, math.ceil(max(x for x, _ in outline) + room))
        bottom = min(height, math.ceil(max(y for _, y in outline) + room))
        if right <= left or bottom <= top:
            return None
        drawn = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(drawn).polygon([(x - left, y - top) for x, y in outline], fill=255)
        return drawn, (left, top)

    def fall(self, left: float, right: float, dark: int, bright: int) -> None:
        """Lay light over everything: ``bright`` at the key side's edge, ``dark`` at the other."""
        first, last = sorted((self.at((left, 0.3))[0], self.at((right, 0.3))[0]))
        width, height = self.light.size
        values = bytearray()
        for column in range(width):
            share = min(1.0, max(0.0, (column - first) / max(1e-6, last - first)))
            share = share if self.key > 0 else 1 - share
            values.append(round(dark + (bright - dark) * share**1.4))
        row = Image.frombytes("L", (width, 1), bytes(values))
        self.light = row.resize((width, height), Image.Resampling.NEAREST)

    def throw(
        self, points: Sequence[Point], value: int, blur: float, *, curved: bool = True
    ) -> None:
        """Throw light (high value) or shadow (low) of a shape, its edge softened by a length."""
        softness = max(0.6, self.px(blur))
        found = self._mask(points, softness * 3, curved=curved)
        if found is not None:
            mask, corner = found
            self.light.paste(value, corner, soften(mask, softness))

    def model(self, points: Sequence[Point], dark: int, bright: int, reach: float) -> None:
        """Round a form such as a head: its key side bright as far as ``reach`` (own length)."""
        shift = max(1, round(self.px(reach)))
        found = self._mask(points, shift + 4, curved=True)
        if found is None:
            return
        form, corner = found
        away = Image.new("L", form.size)
        away.paste(form, (-self.key * shift, 0))
        lit = soften(ImageChops.subtract(form, away), max(0.8, self.px(0.0035)))
        shaded = Image.new("L", form.size, dark)
        shaded.paste(bright, (0, 0), lit)
        self.light.paste(shaded, corner, form)

    def finish(self, under: Palette, depth: float, rim: float, rim_width: float) -> Layer | None:
        """The painting in a palette's light, its key side edged by a rim of strength ``rim``."""
        bands = [
            self.light.point(
                [min(255, round(low + (high - low) * value / 255)) for value in range(256)]
            )
            for low, high in zip(under.ambient, under.key, strict=True)
        ]
        image = ImageChops.multiply(self.albedo, Image.merge("RGB", bands))
        if rim > 0:
            self._edge(image, under.light, rim, rim_width)
        image.putalpha(self.alpha)
        reduced = image.convert("RGBa").reduce(self._scale).convert("RGBA")
        if not self.visible:
            return None
        paper = cut(reduced, View(*reduced.size), depth)
        if paper is None:
            return None
        paper.left += self._box[0] - self._view.left
        paper.top += self._box[1] - self._view.top
        return paper

    def _edge(self, image: Image.Image, colour: Rgb, strength: float, width: float) -> None:
        reach = max(1, min(round(self.px(width)), 9 * self._scale))
        moved = ImageChops.offset(self.alpha, -self.key * reach, round(reach * 0.55))
        edge = ImageChops.subtract(self.alpha, moved)
        edge = soften(edge, max(0.7, reach * 0.32))
        edge = ImageChops.multiply(edge, self.alpha)
        image.paste(colour, (0, 0), edge.point([round(v * strength) for v in range(256)]))


def ink(colour: Rgb) -> Rgb:
    """The colour of a line drawn on a surface."""
    return scaled(colour, 0.46)
