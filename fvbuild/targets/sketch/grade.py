"""Grading: how a style is painted and a look bends colour, the same on every layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.sheet import Layer, bled
from fvbuild.targets.sketch.words import Rgb

Change = Callable[[Image.Image], Image.Image]


def grade(layer: Layer, scene: Scene) -> Layer:
    """A layer in the scene's style and look; its outline stays."""
    changes = [_STYLES[scene.style]] if scene.style in _STYLES else []
    changes += [_LOOKS[look] for look in scene.looks if look in _LOOKS]
    if not changes:
        return layer
    image = layer.image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is None else bled(image)
    for change in changes:
        colours = change(colours)
    if alpha is not None:
        colours.putalpha(alpha)
    return Layer(colours, layer.left, layer.top, layer.depth, layer.actor, layer.plane)


def _toned(shadows: Rgb, lights: Rgb, share: float) -> Change:
    """Pull shadows and lights towards two colours, leaving brightness about as it was."""
    tables: list[int] = []
    for low, high in zip(shadows, lights, strict=True):
        for value in range(256):
            bright = value / 255
            toward = low * (1 - bright) + high * bright
            tables.append(round(value + (toward - value) * share))
    return lambda image: image.point(tables)


def _contrast(amount: float) -> Change:
    middle = [max(0, min(255, round(118 + (value - 118) * amount))) for value in range(256)]
    return lambda image: image.point(middle * 3)


def _colour(amount: float) -> Change:
    return lambda image: ImageEnhance.Color(image).enhance(amount)


def _chain(*changes: Change) -> Change:
    def all_of(image: Image.Image) -> Image.Image:
        for change in changes:
            image = change(image)
        return image

    return all_of


def _steps(levels: int) -> Change:
    """Flat tones, as a cel painter lays them."""
    width = 256 / levels
    table = [min(255, round((int(value / width) + 0.5) * width)) for value in range(256)]
    return lambda image: Image.blend(image, image.point(table * 3), 0.6)


def _brushed(image: Image.Image) -> Image.Image:
    """Dabs of a broad brush: modes of a neighbourhood, with the edges of the dabs raised."""
    half = image.reduce(2) if min(image.size) > 8 else image
    dabs = half.filter(ImageFilter.ModeFilter(5)).resize(image.size, Image.Resampling.BICUBIC)
    dabs = Image.blend(image, dabs, 0.72)
    raised = dabs.convert("L").filter(ImageFilter.EMBOSS)
    light = Image.merge("RGB", [raised] * 3)
    return Image.blend(dabs, ImageChops.overlay(dabs, light), 0.35)


def _washed(image: Image.Image) -> Image.Image:
    """Pale washes that pool at their edges."""
    soft = image.filter(ImageFilter.MedianFilter(5))
    pale = soft.point([round(255 - (255 - value) * 0.70) for value in range(256)] * 3)
    edges = soft.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(1.2))
    pooled = edges.point([max(0, 255 - value * 2) for value in range(256)])
    return Image.blend(pale, ImageChops.multiply(pale, Image.merge("RGB", [pooled] * 3)), 0.55)


def _inked(image: Image.Image) -> Image.Image:
    """Dark outlines around flat shapes."""
    edges = image.convert("L").filter(ImageFilter.FIND_EDGES)
    lines = edges.point([255 if value < 26 else max(30, 255 - value * 4) for value in range(256)])
    lines = lines.filter(ImageFilter.GaussianBlur(0.6))
    return ImageChops.multiply(image, Image.merge("RGB", [lines] * 3))


def _smooth_shaded(image: Image.Image) -> Image.Image:
    """The soft gloss of a rendered model."""
    bloom = image.filter(ImageFilter.GaussianBlur(6))
    return Image.blend(
        image, ImageChops.screen(image, bloom.point([v // 3 for v in range(256)] * 3)), 0.8
    )


def _grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


_STYLES: Mapping[str, Change] = {
    "noir": _chain(_grey, _contrast(1.28)),
    "anime": _chain(_colour(1.35), _steps(9), _inked),
    "illustration": _chain(_colour(1.15), _steps(7), _inked),
    "oil-painting": _chain(_colour(1.18), _brushed),
    "watercolor": _chain(_colour(1.1), _washed),
    "3d-render": _chain(_colour(1.12), _smooth_shaded),
    "documentary": _chain(_colour(0.72), _contrast(1.05)),
    "commercial": _chain(_colour(1.12), _contrast(1.06)),
    "artistic": _chain(_colour(1.5), _steps(6), _toned((30, 10, 70), (255, 236, 190), 0.28)),
    "photorealistic": _contrast(1.05),
}
_LOOKS: Mapping[str, Change] = {
    "teal": _toned((0, 58, 66), (255, 226, 190), 0.20),
    "warm": _toned((34, 12, 0), (255, 232, 186), 0.16),
    "cold": _toned((0, 18, 46), (214, 234, 255), 0.18),
    "faded": _chain(_toned((46, 38, 44), (244, 232, 208), 0.26), _colour(0.92)),
    "muted": _colour(0.62),
    "vivid": _chain(_colour(1.4), _contrast(1.06)),
    "mono": _grey,
    "sepia": _chain(_grey, _toned((46, 26, 10), (255, 236, 200), 0.6)),
    "green": _toned((0, 40, 16), (220, 255, 214), 0.22),
    "dark": lambda image: image.point([round(v * 0.84) for v in range(256)] * 3),
    "bright": lambda image: image.point([round(255 - (255 - v) * 0.86) for v in range(256)] * 3),
}
