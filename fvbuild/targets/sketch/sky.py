"""The sky: its colours, sun or moon, stars and clouds; and the light it throws on haze."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw

from fvbuild.targets.sketch.light import Palette, mix, scaled
from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.sheet import Layer, View, glow, ramp, soften
from fvbuild.targets.sketch.words import Rgb, dice

DEPTH = 0.04
"""A sky is so far away that it hardly moves."""


def paint(scene: Scene, view: View, under: Palette, below: Rgb) -> Layer:
    """The sky as the layer that covers all; ``below`` is the ground's colour at the horizon."""
    width, height = view.paper
    horizon = view.pixel(0, scene.horizon)[1]
    reach = max(1.0, view.height * 0.62)
    image = ramp(
        (width, height),
        (
            (horizon - reach, under.sky_top),
            (horizon - reach * 0.5, mix(under.sky_top, under.sky_low, 0.42)),
            (horizon, under.sky_low),
            (horizon + 2, mix(under.sky_low, below, 0.6)),
            (horizon + view.height * 0.3, below),
        ),
    )
    if scene.horizon < -0.05:
        return Layer(image, -view.left, -view.top, DEPTH)
    if under.stars:
        _stars(image, scene, view, under)
    image = _clouds(image, scene, view, under)
    image = _sun(image, scene, view, under)
    return Layer(image, -view.left, -view.top, DEPTH)


def sun_at(scene: Scene, view: View, under: Palette) -> tuple[float, float]:
    """Where the sun or moon stands (or would), in units."""
    high = under.sun if under.sun >= 0 else 0.7
    x = (scene.light_x - 0.5) * view.aspect
    return x * min(1.25, scene.zoom), scene.horizon * high


def _sun(image: Image.Image, scene: Scene, view: View, under: Palette) -> Image.Image:
    x, y = (round(value) for value in view.pixel(*sun_at(scene, view, under)))
    unit = view.height
    image = shine(image, x, y, round(unit * 0.58), under.sky_low, 0.55, 1.4)
    strength = 0.85 if under.sun >= 0 else 0.28
    image = shine(image, x, y, round(unit * 0.26), under.light, strength, 2.0)
    if under.sun >= 0 and "fog" not in scene.weather:
        radius = unit * 0.042 * min(2.2, scene.zoom)
        softness = max(1.0, scene.blur * unit * 0.6)
        room = 4 + softness * 3
        side = round((radius + room) * 2)
        disc = Image.new("L", (side, side))
        ImageDraw.Draw(disc).ellipse((room, room, room + radius * 2, room + radius * 2), fill=255)
        disc = soften(disc, softness)
        corner = (round(x - radius - room), round(y - radius - room))
        image.paste(mix(under.light, (255, 255, 255), 0.5), corner, disc)
    return image


def shine(
    image: Image.Image, x: int, y: int, radius: int, colour: Rgb, strength: float, falloff: float
) -> Image.Image:
    """Add a round glow of light to an opaque image (screen blend)."""
    mask = glow(max(2, radius), strength, falloff)
    light = Image.new("RGB", mask.size)
    light.paste(colour, (0, 0), mask)
    left, top = x - radius, y - radius
    box = (
        max(0, left), max(0, top),
        min(image.width, left + mask.width), min(image.height, top + mask.height),
    )  # fmt: skip
    if box[2] <= box[0] or box[3] <= box[1]:
        return image
    piece = light.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    image.paste(ImageChops.screen(image.crop(box), piece), box[:2])
    return image


def _stars(image: Image.Image, scene: Scene, view: View, under: Palette) -> None:
    lot = dice("stars", scene.place_seed)
    pen = ImageDraw.Draw(image)
    for _ in range(170):
        x, y = view.pixel(lot.uniform(-1.6, 1.6), lot.uniform(-0.3, scene.horizon * 0.9))
        share = lot.uniform(0.15, 0.8)
        here = (min(max(0, int(x)), image.width - 1), min(max(0, int(y)), image.height - 1))
        base = image.getpixel(here)
        assert isinstance(base, tuple)
        tone = mix((base[0], base[1], base[2]), under.light, share)
        size = lot.choice((0, 0, 1))
        pen.rectangle((x, y, x + size, y + size), fill=tone)


def _clouds(image: Image.Image, scene: Scene, view: View, under: Palette) -> Image.Image:
    """Long banks of cloud, lit from below where the sun is low; heavier in bad weather."""
    lot = dice("clouds", scene.place_seed, scene.seed)
    heavy = scene.palette in ("storm", "overcast") or "rain" in scene.weather
    half = (max(1, view.paper[0] // 2), max(1, view.paper[1] // 2))
    mask = Image.new("L", half)
    pen = ImageDraw.Draw(mask)
    unit = view.height / 2
    sky = max(0.1, scene.horizon)
    for _ in range(46 if heavy else 26):
        y = lot.triangular(-0.12, sky * 0.92, sky * 0.5)
        x, length = lot.uniform(-1.6, 1.4), lot.uniform(0.12, 0.8)
        thick = lot.uniform(0.004, 0.030 if heavy else 0.016) * (0.5 + 1.2 * (1 - y / sky))
        cx, cy = (value / 2 for value in view.pixel(x, y))
        value = lot.randint(46, 150) if heavy else lot.randint(30, 100)
        for puff in range(3):
            px = cx + (puff - 1) * length * unit * 0.26
            wide = length * unit * (0.5 - 0.13 * abs(puff - 1))
            high = thick * unit * (1.0 - 0.3 * abs(puff - 1))
            pen.ellipse((px - wide, cy - high, px + wide, cy + high), fill=value)
    mask = soften(mask, unit * (0.010 + scene.blur)).resize(image.size, Image.Resampling.BICUBIC)
    tone = (
        scaled(mix(under.sky_top, under.far, 0.5), 0.8)
        if heavy
        else mix(under.light, under.sky_low, 0.4)
    )
    if under.stars and not heavy:
        tone = mix(under.sky_low, under.light, 0.22)
    image.paste(tone, (0, 0), mask)
    return image
