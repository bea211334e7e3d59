"""Weather and air before the figures: fog, rain, snow; and the haze that softens what is far."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw

from fvbuild.targets.sketch.light import Palette, mix
from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.sheet import Layer, View, cut, soften, vertical
from fvbuild.targets.sketch.words import dice

_DEPTH = 1.25


def before_figures(scene: Scene, view: View, under: Palette) -> list[Layer]:
    """What hangs in the air between the figures and the camera, as at most one layer."""
    width, height = view.paper
    mask = Image.new("L", (max(1, width // 2), max(1, height // 2)))
    tone = mix(under.sky_low, under.light, 0.3)
    if "rain" in scene.weather:
        _streaks(mask, scene, view)
        tone = mix(under.light, under.sky_low, 0.4)
    elif "snow" in scene.weather:
        _flakes(mask, scene, view)
        tone = (244, 246, 250)
    elif "fog" in scene.weather:
        mask = _banks(mask, scene, view)
    else:
        return []
    image = Image.new("RGBA", (width, height), (*tone, 0))
    image.putalpha(mask.resize((width, height), Image.Resampling.BICUBIC))
    layer = cut(image, view, _DEPTH)
    return [layer] if layer else []


def _spot(view: View, x: float, y: float) -> tuple[float, float]:
    """A place in units on the mask, which has half the paper's resolution."""
    px, py = view.pixel(x, y)
    return px / 2, py / 2


def _streaks(mask: Image.Image, scene: Scene, view: View) -> None:
    lot, pen = dice("rain", scene.seed), ImageDraw.Draw(mask)
    unit, half = view.height / 2, view.aspect / 2 + 1
    for _ in range(round(420 * half)):
        x, y = _spot(view, lot.uniform(-half, half), lot.uniform(-0.6, 1.4))
        length = lot.uniform(0.03, 0.10) * unit
        pen.line((x, y, x - length * 0.22, y + length), fill=lot.randint(30, 105), width=1)


def _flakes(mask: Image.Image, scene: Scene, view: View) -> None:
    lot, pen = dice("snow", scene.seed), ImageDraw.Draw(mask)
    unit, half = view.height / 2, view.aspect / 2 + 1
    for _ in range(round(400 * half)):
        x, y = _spot(view, lot.uniform(-half, half), lot.uniform(-0.6, 1.4))
        size = unit * lot.uniform(0.001, 0.006)
        pen.ellipse((x - size, y - size, x + size, y + size), fill=lot.randint(110, 235))


def _banks(mask: Image.Image, scene: Scene, view: View) -> Image.Image:
    """Fog that lies low, in drifts."""
    lot, pen = dice("fog", scene.place_seed, scene.seed), ImageDraw.Draw(mask)
    unit, half = view.height / 2, view.aspect / 2 + 0.6
    for _ in range(22):
        x, y = _spot(view, lot.uniform(-half, half), lot.uniform(0.45, 1.2))
        wide, high = unit * lot.uniform(0.3, 0.9), unit * lot.uniform(0.03, 0.10)
        pen.ellipse((x - wide, y - high, x + wide, y + high), fill=lot.randint(40, 96))
    mask = soften(mask, unit * 0.09)
    low = vertical(mask.size, _spot(view, 0, 0.55)[1], _spot(view, 0, 1.05)[1], 0, 96)
    return ImageChops.lighter(mask, low)


def veil(layer: Layer, scene: Scene, under: Palette) -> Layer:
    """A layer as it looks through the air: fog takes what is far, and little of what is near."""
    if "fog" not in scene.weather or layer.depth >= 1.0:
        return layer
    share = 0.40 * (1 - layer.depth) ** 1.2
    fog = mix(under.sky_low, (206, 212, 212), 0.35)
    image = layer.image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    solid = Image.blend(image.convert("RGB"), Image.new("RGB", image.size, fog), share)
    if alpha is not None:
        solid.putalpha(alpha)
    return Layer(solid, layer.left, layer.top, layer.depth, layer.actor, layer.plane)
