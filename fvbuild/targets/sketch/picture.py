"""A scene drawn: its layers from far to near, and the still that they make together."""

from __future__ import annotations

import math
from dataclasses import replace

from PIL import Image

from fvbuild.targets.sketch import backdrop, body, props, surface, weather
from fvbuild.targets.sketch.grade import grade
from fvbuild.targets.sketch.light import Palette, mix, palette, scaled
from fvbuild.targets.sketch.scene import Figure, Scene, Thing
from fvbuild.targets.sketch.sheet import Layer, Sheet, View, glow, soften

_MERGED_BLUR = 0.0035
"""From this blur on, what is behind the figures is one soft layer: nobody sees it move apart."""


def draw(scene: Scene, view: View) -> list[Layer]:
    """The layers of a scene on a paper of this view, farthest first; the first covers all of it."""
    if scene.roll:
        return _rolled(scene, view)
    under = palette(scene.palette)
    key = 1 if scene.light_x > 0.5 else -1
    view = view.wider(_room(scene, view))
    stack = [weather.veil(layer, scene, under) for layer in backdrop.layers(scene, view)]
    if scene.blur >= _MERGED_BLUR:
        stack = _merge(stack)
    for layer in _people(scene, view, under, key):
        layer.actor = True
        stack.append(layer)
    stack += weather.before_figures(scene, view, under)
    if scene.shoulder:
        stack += _shoulder(scene.shoulder, view, under, key)
    return [grade(layer, scene) for layer in stack]


def _room(scene: Scene, view: View) -> int:
    """Pixels around the paper in which blurs may end, so that none ends inside; whole blocks."""
    return math.ceil((scene.blur * view.height * 2.5 + 8) / 16) * 16


def _merge(stack: list[Layer]) -> list[Layer]:
    """All but the ground in one layer."""
    first, *rest = stack
    for layer in rest:
        at = (layer.left - first.left, layer.top - first.top)
        first.image.paste(layer.image, at, layer.image)
    first.depth = 0.30
    return [first]


def _people(scene: Scene, view: View, under: Palette, key: int) -> list[Layer]:
    found: list[Layer] = []
    if scene.angle == "overhead":
        return _seen_from_above(scene, view, under, key)
    if scene.size == "insert":
        return _insert(scene, view, under, key)
    if scene.figures and scene.figures[0].height < 1.3 and scene.place not in ("stairs",):
        found += _cast_shadows(scene, view, under, key)
    for figure in sorted(scene.figures, key=lambda one: one.feet - one.height * 0.001):
        layer = body.paint(figure, view, under, key, taper=scene.taper)
        if layer is not None:
            found.append(layer)
            found += _carried_glow(figure, view, under)
    for thing in scene.things:
        layer = props.layer(thing, view, under, key)
        if layer is not None:
            found += _table_top(scene, thing, view, under)
            found += [*contact(thing.x, thing.y + thing.height / 2, thing.height, view), layer]
    return found


def _table_top(scene: Scene, thing: Thing, view: View, under: Palette) -> list[Layer]:
    """What a thing stands on, seen close, where there is no ground under it in sight."""
    if scene.blur < _MERGED_BLUR:
        return []
    wood = mix(mix(under.near, under.mid, 0.5), (134, 96, 66), 0.45)
    sheet = Sheet(view, wood)
    left, _, right, bottom = sheet.span
    top = thing.y + thing.height * 0.22
    sheet.box(left, top, right, bottom + 0.05, wood)
    sheet.shade(top, 1.0, scaled(wood, 0.55), 0.8)
    for row in range(5):
        level = top + 0.03 * (row + 1) ** 1.5
        sheet.line([(left, level), (right, level)], scaled(wood, 0.8), 0.002, alpha=120)
    sheet.line([(left, top), (right, top)], mix(wood, under.key, 0.5), 0.004)
    layer = sheet.layer(0.96, 0.002)
    return [layer] if layer else []


def _carried_glow(figure: Figure, view: View, under: Palette) -> list[Layer]:
    """The light of a lantern in a hand."""
    if figure.holding not in ("lantern", "lamp", "candle"):
        return []
    x, y = body.held_at(figure)
    px, py = (round(value) for value in view.pixel((figure.x - 0.5) * view.aspect + x, y))
    radius = round(min(0.55, figure.height * 0.30) * view.height)
    return _halo(px, py, radius, under.accent, view, 0.62)


def _halo(
    px: int, py: int, radius: int, colour: tuple[int, int, int], view: View, strength: float
) -> list[Layer]:
    width, height = view.paper
    mask = glow(max(2, radius), strength, 2.4)
    box = (
        max(0, radius - px),
        max(0, radius - py),
        min(mask.width, width - px + radius),
        min(mask.height, height - py + radius),
    )
    if box[2] <= box[0] or box[3] <= box[1]:
        return []
    image = Image.new("RGBA", mask.size, (*colour, 0))
    image.putalpha(mask)
    left, top = px - radius + box[0] - view.left, py - radius + box[1] - view.top
    return [Layer(image.crop(box), left, top, 1.0)]


def _cast_shadows(scene: Scene, view: View, under: Palette, key: int) -> list[Layer]:
    from PIL import ImageDraw

    long = 0.5 if under.sun < 0 else 0.35 + under.sun
    mask = Image.new("L", view.paper)
    pen = ImageDraw.Draw(mask)
    for figure in scene.figures:
        middle = (figure.x - 0.5) * view.aspect
        outline = body.shadow_on_ground(figure, key, long)
        pen.polygon([view.pixel(middle + x, figure.feet + y) for x, y in outline], fill=120)
        cx, cy = view.pixel(middle, figure.feet - 0.004)
        wide, high = figure.height * view.height * 0.13, figure.height * view.height * 0.02
        pen.ellipse((cx - wide, cy - high, cx + wide, cy + high), fill=165)
    mask = soften(mask, max(1.0, view.height * 0.006 * scene.figures[0].height))
    return _dark(mask, view)


def contact(x: float, foot: float, size: float, view: View) -> list[Layer]:
    """The dark under a thing that stands."""
    from PIL import ImageDraw

    mask = Image.new("L", view.paper)
    cx, cy = view.pixel((x - 0.5) * view.aspect, foot - size * 0.02)
    wide, high = size * view.height * 0.5, size * view.height * 0.06
    ImageDraw.Draw(mask).ellipse((cx - wide, cy - high, cx + wide, cy + high), fill=150)
    return _dark(soften(mask, view.height * 0.012), view)


def _foot(layer: Layer, view: View) -> float:
    """The lowest row, in units, of what is solid in a layer."""
    box = layer.image.getchannel("A").point([0] * 128 + [255] * 128).getbbox()
    return (layer.top + (box[3] if box else layer.image.height)) / view.height


def _lying(layer: Layer | None, size: float, view: View) -> list[Layer]:
    """The soft dark around a thing that lies flat."""
    if layer is None:
        return []
    mask = Image.new("L", view.paper)
    step = round(size * view.height * 0.03)
    at = (layer.left + view.left + step, layer.top + view.top + step)
    mask.paste(150, at, layer.image.getchannel("A"))
    return _dark(soften(mask, view.height * 0.010), view)


def _dark(mask: Image.Image, view: View) -> list[Layer]:
    box = mask.getbbox()
    if box is None:
        return []
    image = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (8, 8, 16, 0))
    image.putalpha(mask.crop(box))
    return [Layer(image, box[0] - view.left, box[1] - view.top, 1.0)]


def _seen_from_above(scene: Scene, view: View, under: Palette, key: int) -> list[Layer]:
    found: list[Layer] = []
    for figure in scene.figures:
        size = max(0.07, min(0.5, figure.height * 0.34))
        x = (figure.x - 0.5) * view.aspect * 0.9
        y = 0.52 + 0.12 * math.sin(figure.seed % 7)
        found += contact(figure.x, y + size * 0.3, size * 1.4, view)
        layer = body.from_above(figure, view, under, key, x, y, size)
        if layer is not None:
            found.append(layer)
    return found


def _insert(scene: Scene, view: View, under: Palette, key: int) -> list[Layer]:
    """A prop large: lying on something, or held by two hands, or by itself."""
    thing = scene.things[0]
    sleeve = scene.figures[0] if scene.figures else None
    layer = props.layer(thing, view, under, key)
    found: list[Layer] = []
    if scene.laid and thing.kind in surface.FLAT:
        under_it = surface.below(thing, scene.laid, view, under)
        found = [] if under_it is None else [under_it]
        found += _lying(layer, thing.height, view)
    elif not thing.in_hand:
        foot = _foot(layer, view) if layer else thing.y + thing.height / 2
        if scene.laid:
            found = _table_top(scene, replace(thing, y=foot - thing.height * 0.34), view, under)
        found += contact(thing.x, foot, thing.height, view)
    hands = props.hands(thing, sleeve, view, under, key) if thing.in_hand else (None, None)
    return found + [part for part in (hands[0], layer, hands[1]) if part is not None]


def _shoulder(figure: Figure, view: View, under: Palette, key: int) -> list[Layer]:
    """Somebody's shoulder and head before us, dark and out of focus."""
    layer = body.paint(figure, view, under, key, depth=1.5, detail=False)
    if layer is None:
        return []
    alpha = layer.image.getchannel("A")
    dark = layer.image.convert("RGB").point([round(value * 0.42) for value in range(256)] * 3)
    dark.putalpha(alpha)
    return [Layer(soften(dark, view.height * 0.006), layer.left, layer.top, 1.5)]


def _rolled(scene: Scene, view: View) -> list[Layer]:
    """The scene through a camera turned on its axis: drawn upright on larger paper, then turned."""
    angle = math.radians(abs(scene.roll))
    width, height = view.paper
    room_x = (height * math.sin(angle) + width * (math.cos(angle) - 1)) / 2 + 4
    room_y = (width * math.sin(angle) + height * (math.cos(angle) - 1)) / 2 + 4
    room = math.ceil(max(room_x, room_y) / 16) * 16
    wider = view.wider(room)
    turned = []
    centre = (view.width / 2, view.height / 2)
    for layer in draw(replace(scene, roll=0.0), wider):
        full = Image.new(layer.image.mode, wider.paper)
        if layer.image.mode == "RGBA":
            full = Image.new("RGBA", wider.paper, (*_mean(layer.image), 0))
        full.paste(layer.image, (layer.left + wider.left, layer.top + wider.top))
        around = (centre[0] + wider.left, centre[1] + wider.top)
        full = full.rotate(scene.roll, Image.Resampling.BICUBIC, center=around)
        full = full.crop((room, room, room + width, room + height))
        box = (0, 0, width, height) if full.mode == "RGB" else full.getchannel("A").getbbox()
        if box is not None:
            left, top = box[0] - view.left, box[1] - view.top
            turned.append(Layer(full.crop(box), left, top, layer.depth, layer.actor))
    return turned


def _mean(image: Image.Image) -> tuple[int, int, int]:
    tiny = image.convert("RGBa").resize((1, 1), Image.Resampling.BOX).convert("RGBA")
    red, green, blue, _ = tiny.getpixel((0, 0))  # type: ignore[misc]
    return int(red), int(green), int(blue)


def flatten(layers: list[Layer], view: View) -> Image.Image:
    """The picture itself: the layers over each other, cut to the frame."""
    image = Image.new("RGB", (view.width, view.height))
    for layer in layers:
        mask = layer.image if layer.image.mode == "RGBA" else None
        image.paste(layer.image, (layer.left, layer.top), mask)
    return image
