"""Paper and pen: sheets larger than the picture, drawn at twice its resolution, cut into layers.

Places are given in *units*: one unit is the picture's height, x counts from the picture's centre,
y from its top. So a drawing looks the same in every ratio, and a wider frame shows more of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from fvbuild.targets.sketch.words import Rgb

Point = tuple[float, float]

_EDGE = 180
"""Pillow's radial gradient at the middle of its sides; 255 is its corners."""

_WORLD = (1.0, -0.6, 1.4)
"""How far the world is drawn: beside the picture, and its top and bottom, in units."""

SUPER = 2
"""Drawing resolution over picture resolution."""


@dataclass(frozen=True, slots=True)
class View:
    """The picture's size in pixels and how far the paper reaches beyond each of its sides."""

    width: int
    height: int
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def paper(self) -> tuple[int, int]:
        """Size of the whole paper in pixels."""
        return self.left + self.width + self.right, self.top + self.height + self.bottom

    def wider(self, room: int) -> View:
        """The same picture on paper that reaches ``room`` pixels further on every side."""
        return View(
            self.width,
            self.height,
            self.left + room,
            self.top + room,
            self.right + room,
            self.bottom + room,
        )

    def pixel(self, x: float, y: float) -> Point:
        """A place given in units as pixels of the paper."""
        unit = self.height
        return self.left + self.width / 2 + x * unit, self.top + y * unit


@dataclass(slots=True)
class Layer:
    """A piece of the picture: RGBA (or RGB, where it covers all), its place and its depth.

    ``left`` and ``top`` are pixels from the picture's corner, negative outside. ``depth`` says how
    much of the camera's travel it follows: 0 infinitely far, 1 where the figures stand, more before
    them. ``actor`` marks people and what belongs to them: a tracking camera stays with these.
    ``plane`` marks the ground: its horizon, and how far under it the figures stand, in units. When
    the camera rises the ground opens around its horizon.
    """

    image: Image.Image
    left: int
    top: int
    depth: float
    actor: bool = False
    plane: tuple[float, float] | None = None


class Sheet:
    """One layer while it is drawn: flat shapes over nothing, magnified around the horizon."""

    def __init__(
        self, view: View, ground: Rgb, *, zoom: float = 1.0, around: float = 0.5, scale: int = SUPER
    ) -> None:
        self.view = view
        self._zoom, self._around, self._scale = zoom, around, scale
        width, height = view.paper
        self._colours = Image.new("RGB", (width * scale, height * scale), ground)
        self._mask = Image.new("L", self._colours.size)
        self._solid, self._glaze = (
            ImageDraw.Draw(self._colours),
            ImageDraw.Draw(self._colours, "RGBA"),
        )
        self._cover = ImageDraw.Draw(self._mask)

    def at(self, point: Point) -> Point:
        """A place in units as pixels of this sheet."""
        x, y = self.view.pixel(
            point[0] * self._zoom, self._around + (point[1] - self._around) * self._zoom
        )
        return x * self._scale, y * self._scale

    @property
    def span(self) -> tuple[float, float, float, float]:
        """How far the drawn world reaches, in units before magnification.

        It is the same on every paper, so that a picture does not depend on the room around it.
        """
        zoom, around = self._zoom, self._around
        half = self.view.aspect / 2 + _WORLD[0]
        return (
            -half / zoom,
            around + (_WORLD[1] - around) / zoom,
            half / zoom,
            around + (_WORLD[2] - around) / zoom,
        )

    def length(self, units: float) -> float:
        """A length in units as pixels of this sheet."""
        return units * self._zoom * self.view.height * self._scale

    def polygon(self, points: Sequence[Point], colour: Rgb, alpha: int = 255) -> None:
        """A filled shape; below 255, alpha glazes what is there and covers nothing new."""
        pixels = [self.at(point) for point in points]
        if alpha < 255:
            self._glaze.polygon(pixels, fill=(*colour, alpha))
            return
        self._solid.polygon(pixels, fill=colour)
        self._cover.polygon(pixels, fill=255)

    def veil(self, points: Sequence[Point], colour: Rgb, alpha: int) -> None:
        """A shape of light or mist in the empty air; draw it before what is solid."""
        pixels = [self.at(point) for point in points]
        self._solid.polygon(pixels, fill=colour)
        self._cover.polygon(pixels, fill=alpha)

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Rgb, alpha: int = 255
    ) -> None:
        """A filled upright rectangle."""
        corners = (*self.at((left, top)), *self.at((right, bottom)))
        if corners[2] <= corners[0] or corners[3] <= corners[1]:
            return
        if alpha < 255:
            self._glaze.rectangle(corners, fill=(*colour, alpha))
            return
        self._solid.rectangle(corners, fill=colour)
        self._cover.rectangle(corners, fill=255)

    def oval(
        self, x: float, y: float, across: float, up: float, colour: Rgb, alpha: int = 255
    ) -> None:
        """A filled ellipse around a centre, by its half axes."""
        corners = (*self.at((x - across, y - up)), *self.at((x + across, y + up)))
        if alpha < 255:
            self._glaze.ellipse(corners, fill=(*colour, alpha))
            return
        self._solid.ellipse(corners, fill=colour)
        self._cover.ellipse(corners, fill=255)

    def line(self, points: Sequence[Point], colour: Rgb, width: float, alpha: int = 255) -> None:
        """A stroke whose width is in units, at least one pixel of the paper."""
        wide = max(1, self._scale // 2, round(self.length(width)))
        pixels = [self.at(point) for point in points]
        if alpha < 255:
            self._glaze.line(pixels, fill=(*colour, alpha), width=wide, joint="curve")
            return
        self._solid.line(pixels, fill=colour, width=wide, joint="curve")
        self._cover.line(pixels, fill=255, width=wide, joint="curve")

    def shade(self, top: float, bottom: float, colour: Rgb, share: float) -> None:
        """Blend what is drawn towards a colour, from nothing at ``top`` to ``share`` below."""
        width, height = self._mask.size
        start = min(height, max(0, math.floor(self.at((0, top))[1])))
        if start >= height:
            return
        mask = vertical(
            (width, height - start),
            self.at((0, top))[1] - start,
            self.at((0, bottom))[1] - start,
            0,
            round(share * 255),
        )
        self._colours.paste(colour, (0, start), mask)

    def layer(self, depth: float, blur: float = 0.0) -> Layer | None:
        """The finished layer, cut to what is drawn; None when nothing is."""
        if self._mask.getbbox() is None:
            return None
        image = self._colours.reduce(self._scale)
        mask = self._mask.reduce(self._scale)
        if blur > 0:
            image, mask = (soften(part, blur * self.view.height) for part in (image, mask))
        image.putalpha(mask)
        return cut(image, self.view, depth)


def cut(image: Image.Image, view: View, depth: float) -> Layer | None:
    """An image of the paper's size as a layer, cropped to what is not transparent."""
    if image.mode == "RGB":
        return Layer(image, -view.left, -view.top, depth)
    box = image.getchannel("A").getbbox()
    if box is None:
        return None
    return Layer(image.crop(box), box[0] - view.left, box[1] - view.top, depth)


def soften(image: Image.Image, radius: float) -> Image.Image:
    """Blur by a radius in pixels; wide blurs are made small, where nobody sees the difference."""
    if radius < 0.3:
        return image
    factor = 8 if radius > 14 else 4 if radius > 4.5 else 2 if radius > 1.6 else 1
    if min(image.size) < 4 * factor:
        factor = 1
    if factor == 1:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(factor).filter(ImageFilter.GaussianBlur(radius / factor))
    return small.resize(image.size, Image.Resampling.BILINEAR)


def bled(image: Image.Image) -> Image.Image:
    """Colours run on into what is transparent, so that no dark rim appears between pixels."""
    small = image.convert("RGBa").reduce(4)
    wide = small.resize(image.size, Image.Resampling.BILINEAR).convert("RGBA").convert("RGB")
    solid = image.getchannel("A").point([0] * 8 + [255] * 248)
    return Image.composite(image.convert("RGB"), wide, solid)


def vertical(
    size: tuple[int, int], start: float, end: float, before: int, after: int
) -> Image.Image:
    """A mask that runs smoothly from one value above ``start`` to another below ``end`` (rows)."""
    width, height = size
    values = bytearray()
    for row in range(height):
        share = min(1.0, max(0.0, (row - start) / max(1e-6, end - start)))
        values.append(round(before + (after - before) * share * share * (3 - 2 * share)))
    column = Image.frombytes("L", (1, height), bytes(values))
    return column.resize((width, height), Image.Resampling.NEAREST)


def ramp(size: tuple[int, int], stops: Sequence[tuple[float, Rgb]]) -> Image.Image:
    """Colours from top to bottom through stops, each at a row."""
    width, height = size
    pixels = bytearray()
    for row in range(height):
        pixels += bytes(_between(stops, row))
    column = Image.frombytes("RGB", (1, height), bytes(pixels))
    return column.resize((width, height), Image.Resampling.NEAREST)


def _between(stops: Sequence[tuple[float, Rgb]], at: float) -> Rgb:
    if at <= stops[0][0]:
        return stops[0][1]
    for (start, one), (end, other) in itertools.pairwise(stops):
        if at <= end:
            share = (at - start) / max(1e-6, end - start)
            share = share * share * (3 - 2 * share)
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
            return red, green, blue
    return stops[-1][1]


def glow(radius: int, strength: float, falloff: float = 1.6) -> Image.Image:
    """A round mask, brightest in the middle, fading to nothing at ``radius`` pixels."""
    size = 256
    table = [round(255 * strength * max(0.0, 1 - value / _EDGE) ** falloff) for value in range(256)]
    small = Image.radial_gradient("L").resize((size, size)).point(table)
    return small.resize((2 * radius, 2 * radius), Image.Resampling.BICUBIC)


def smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed curve through points (uniform Catmull-Rom)."""
    count = len(points)
    curve = []
    for index in range(count):
        p0, p1, p2, p3 = (points[(index + shift - 1) % count] for shift in range(4))
        for step in range(steps):
            t = step / steps
            curve.append(
                (_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t))
            )
    return curve


def _catmull(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    return 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t
        + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t
    )
