"""Backdrops: what stands behind and under the figures, as layers from far to near.

A :class:`Backdrop` knows the ground plane: something at *distance share* s (1 where the figures
stand, towards 0 at the horizon, above 1 before them) has its foot at ``foot(s)`` and a person
there is ``person(s)`` high. Places draw on its sheets through these, so that lamps, posts and
people shrink by one law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from PIL import Image

from fvbuild.targets.sketch import sky
from fvbuild.targets.sketch.framing import FRAMINGS
from fvbuild.targets.sketch.light import Palette, mix, palette
from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.sheet import Layer, Sheet, View, cut, glow
from fvbuild.targets.sketch.words import Rgb, dice, phrases

FAR, GROUND, MID = 0.12, 0.92, 0.5

_LARGEST_INDOORS = 1.5
"""Largest person, in units, that a room is drawn for: a close-up shows a room, not a patch."""


class Backdrop:
    """The sheets of one place while it is drawn, its perspective and its colours."""

    def __init__(self, scene: Scene, view: View) -> None:
        self.scene, self.view = scene, view
        self.under: Palette = palette(scene.palette)
        self.lot: Random = dice("backdrop", scene.place_seed)
        self.horizon = scene.horizon
        framing = FRAMINGS[scene.size]
        aspect = view.aspect
        height = min(framing.height, aspect * 1.1 / 0.27) if framing.height < 3 else 3.2
        self._person = max(0.12, height)
        self._drop = max(0.09, framing.top + height - scene.horizon)
        if scene.size in ("close-up", "extreme close-up", "insert"):
            self._drop = max(0.09, (3.2 + 0.03) - scene.horizon)
        if scene.place in phrases("indoors"):
            self._drop *= min(1.0, _LARGEST_INDOORS / self._person)
            self._person = min(_LARGEST_INDOORS, self._person)
        around = max(0.05, scene.horizon)
        zoom = 1.0 if scene.place in phrases("indoors") else scene.zoom
        self.far = Sheet(view, self.under.far, zoom=zoom, around=around)
        self.ground = Sheet(view, self.under.near)
        self.mid = Sheet(view, self.under.near)
        self.below: Rgb = mix(self.under.mid, self.under.near, 0.4)
        self.lights: list[tuple[float, float, float, Rgb]] = []
        self.far_lights: list[tuple[float, float, float, Rgb]] = []
        self.indoors = False

    @property
    def sun(self) -> float:
        """Where the light stands, in units from the middle."""
        return (self.scene.light_x - 0.5) * self.view.aspect

    def foot(self, share: float) -> float:
        """The row in units on which something at a distance share stands."""
        return self.horizon + self._drop * share

    def person(self, share: float) -> float:
        """How high a grown person at a distance share is, in units."""
        return self._person * share

    def floor(self, nearest: Rgb, farthest: Rgb) -> None:
        """The ground from the horizon to the lower edge."""
        left, _, right, bottom = self.ground.span
        top = max(self.horizon, self.ground.span[1])
        self.ground.box(left, top, right, bottom + 0.02, farthest)
        self.ground.shade(top, min(bottom, top + 0.5), nearest, 1.0)
        self.below = farthest

    def rays(self, colour: Rgb, spacing: float, width: float, reach: int = 40) -> None:
        """Lines on the ground that run to the vanishing point; spacing in persons."""
        step = self.person(1.0) * spacing
        bottom = self.ground.span[3]
        far = self.foot(0.02)
        share = (bottom - self.horizon) / self._drop
        for index in range(-reach, reach + 1):
            near_x = index * step * share
            self.ground.line(
                [(index * step * 0.02, far), (near_x, bottom)], colour, width, alpha=150
            )

    def rungs(self, colour: Rgb, spacing: float, width: float, count: int = 60) -> None:
        """Lines on the ground across the view, at equal distances of ``spacing`` persons."""
        left, _, right, bottom = self.ground.span
        nearest = max(1.0, (bottom - self.horizon) / self._drop)
        for index in range(count):
            share = nearest / (1 + index * spacing * nearest)
            row = self.foot(share)
            if share < 0.03:
                break
            self.ground.line(
                [(left, row), (right, row)], colour, width * min(1.0, share), alpha=150
            )

    def lamp_glow(
        self, x: float, y: float, radius: float, colour: Rgb | None = None, *, far: bool = False
    ) -> None:
        """Remember a light, laid over the finished layers as a halo; ``far``: on what is far."""
        lights = self.far_lights if far else self.lights
        lights.append((x, y, radius, colour or self.under.accent))


Place = Callable[[Backdrop], None]

BACK = 0.58
"""Distance share of a room's back wall."""


def plaster(drop: Backdrop) -> Rgb:
    """The colour of a room's walls in this light."""
    under, scene = drop.under, drop.scene
    if scene.palette == "studio":
        return mix(under.far, under.sky_low, 0.55)
    drawn = ((112, 116, 110), (128, 104, 84), (92, 108, 116))[scene.place_seed % 3]
    return mix(under.far, scene.tint or drawn, 0.30)


def layers(scene: Scene, view: View) -> list[Layer]:
    """Everything behind the figures, farthest first; the first layer covers the whole paper."""
    drop = Backdrop(scene, view)
    place = _places().get(scene.place)
    if scene.angle == "overhead":
        from fvbuild.targets.sketch.above import seen_from_above

        seen_from_above(drop)
    elif place is not None:
        place(drop)
    else:
        _places()["field"](drop)
    if not drop.indoors and scene.angle != "overhead":
        from fvbuild.targets.sketch.landmarks import add

        add(drop)
    return _stack(drop)


def _places() -> Mapping[str, Place]:
    from fvbuild.targets.sketch import indoors, outdoors, passages

    own: Mapping[str, Place] = {
        "stairs": passages.stairs,
        "lantern_room": passages.lantern_room,
        "corridor": passages.corridor,
    }
    return {**outdoors.PLACES, **indoors.PLACES, **own}


def _stack(drop: Backdrop) -> list[Layer]:
    scene, view, under = drop.scene, drop.view, drop.under
    blur = scene.blur
    if drop.indoors:
        from fvbuild.targets.sketch.indoors import wall

        first = wall(drop)
    else:
        first = sky.paint(scene, view, under, drop.below)
        if scene.angle != "overhead":
            drop.far.shade(
                drop.horizon - 0.16,
                drop.horizon + 0.02,
                mix(under.sky_low, under.far, 0.35),
                0.75 if "fog" in scene.weather else 0.5,
            )
    far = drop.far.layer(FAR, blur)
    if far is not None:
        # So far away, what stands on the horizon and the sky behind it move as one.
        first.image.paste(far.image, (far.left + view.left, far.top + view.top), far.image)
        first.depth = max(first.depth, FAR)
    for x, y, size, colour in drop.far_lights:
        px, py = (round(value) for value in view.pixel(x, y))
        reach = round(size * view.height * 1.4)
        first.image = sky.shine(first.image, px, py, reach, colour, 0.75, 1.8)
    ground = drop.ground.layer(GROUND, blur * 0.55)
    if ground is not None and not drop.indoors:
        ground.plane = (drop.horizon, drop.foot(1.0) - drop.horizon)
    found = [
        ground,
        _with_lights(drop, drop.mid.layer(MID, blur * 0.8)),
    ]
    return [first, *(layer for layer in found if layer is not None)]


def _with_lights(drop: Backdrop, mid: Layer | None) -> Layer | None:
    """The middle distance with a halo around each of its lamps."""
    if not drop.lights:
        return mid
    view = drop.view
    ground = mix(drop.under.accent, drop.under.near, 0.3)
    paper = Image.new("RGBA", view.paper, (*ground, 0))
    if mid is not None:
        paper.paste(mid.image, (mid.left + view.left, mid.top + view.top))
    for x, y, size, colour in drop.lights:
        px, py = (round(value) for value in view.pixel(x, y))
        radius = max(3, round(size * view.height * 1.25))
        for reach, strength, falloff in ((1.0, 0.5, 2.2), (0.34, 0.9, 1.6)):
            mask = glow(max(2, round(radius * reach)), strength, falloff)
            halo = Image.new("RGBA", mask.size, (*mix(colour, (255, 255, 255), 0.3), 0))
            halo.putalpha(mask)
            paper.alpha_composite(*_inside(halo, px, py, view))
    return cut(paper, view, MID)


def _inside(halo: Image.Image, px: int, py: int, view: View) -> tuple[Image.Image, tuple[int, int]]:
    """The part of a halo around a pixel that lies on the paper, and where it goes."""
    width, height = view.paper
    left, top = px - halo.width // 2, py - halo.height // 2
    box = (
        min(halo.width, max(0, -left)),
        min(halo.height, max(0, -top)),
        max(0, min(halo.width, width - left)),
        max(0, min(halo.height, height - top)),
    )
    if box[2] <= box[0] or box[3] <= box[1]:
        return Image.new("RGBA", (1, 1)), (0, 0)
    return halo.crop(box), (left + box[0], top + box[1])
