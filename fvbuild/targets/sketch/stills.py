"""Anchors and boundaries, and the sheets they refer to: reference, plate and prop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.targets.sketch import blocking, body, light, overlay, picture, props
from fvbuild.targets.sketch.casting import Person, cast
from fvbuild.targets.sketch.changes import changed
from fvbuild.targets.sketch.scene import CHUNK, Figure, Scene, Thing
from fvbuild.targets.sketch.sheet import Layer, View, ramp
from fvbuild.targets.sketch.staging import stage

if TYPE_CHECKING:
    from fvbuild.targets.sketch.words import Rgb

_COMPRESSION = 4
_SMALLEST_PX, _LARGEST_PX = 16, 8192


def make_still(action: Action) -> Outcome:
    """An anchor or boundary: the scene that fields and caption describe."""
    scene = scene_of(action)
    if "edit" in action.inputs:
        # What was changed is no scene of ours any more: its clip moves over it as over a photo.
        return _kept(action, changed(action, draw_still(scene)), None)
    return _kept(action, draw_still(scene), scene)


def scene_of(action: Action) -> Scene:
    """The scene which an action's composition and caption describe."""
    composition = action.params.get("composition")
    caption = action.one("caption")
    text = (caption.text or "") if caption else ""
    if not isinstance(composition, dict):
        composition = {"overlay": action.settings.get("overlay", True)}
    scene = stage(composition, text, canvas_of(action), action.seed, empty=False)
    return with_overlay(scene, action)


def with_overlay(scene: Scene, action: Action) -> Scene:
    """The scene with or without burn-in, as the target is set."""
    return scene if action.settings.get("overlay", True) else replace(scene, overlay=False)


def canvas_of(action: Action) -> tuple[int, int]:
    """Width and height in pixels, both even. Raises TargetError when there are none."""
    match action.params.get("canvas"):
        case [int(width), int(height)]:
            if all(_SMALLEST_PX <= side <= _LARGEST_PX for side in (width, height)):
                return width - width % 2, height - height % 2
    raise TargetError(
        f"{action.node}: the sketch target cannot draw on this canvas",
        hint=f"both sides lie between {_SMALLEST_PX} and {_LARGEST_PX} pixels",
    )


def draw_still(scene: Scene) -> Image.Image:
    """The whole still of a scene, with its strip."""
    view = View(scene.width, overlay.picture_height(scene))
    return overlay.finished(picture.flatten(picture.draw(scene, view), view), scene)


def _kept(action: Action, image: Image.Image, scene: Scene | None) -> Outcome:
    path = action.folder / "picture.png"
    _write(path, image, scene)
    facts: Mapping[str, Json] = {"width": image.width, "height": image.height}
    return Outcome((Made("image/png", path=path, facts=facts),))


def pixels_digest(image: Image.Image) -> str:
    """What tells whether an RGB picture still has the pixels that were drawn."""
    from xxhash import xxh3_128_hexdigest

    return xxh3_128_hexdigest(image.tobytes())


def _write(path: Path, image: Image.Image, scene: Scene | None) -> None:
    extra = PngInfo()
    if scene is not None:
        extra.add_text(CHUNK, scene.text(pixels_digest(image)))
    image.save(path, format="PNG", compress_level=_COMPRESSION, pnginfo=extra)


def _words(action: Action, name: str) -> str:
    value = action.params.get(name)
    return value if isinstance(value, str) else ""


def _neutral(action: Action) -> Scene:
    """The plain studio of a sheet, in the film's style."""
    composition: dict[str, Json] = {
        "size": "full",
        "angle": "eye",
        "style": _words(action, "style"),
        "look": _words(action, "style_look"),
    }
    scene = stage(composition, "", canvas_of(action), action.seed, empty=True)
    noir = scene.palette == "noir"
    return replace(
        scene, palette="noir" if noir else "studio", place="studio", overlay=False, light_x=0.72
    )


def make_reference(action: Action) -> Outcome:
    """A character sheet: head and full figure on neutral ground, the outfit's colours beside."""
    scene = _neutral(action)
    person = cast(_words(action, "look"), _words(action, "outfit"))
    return _kept(action, _character_sheet(scene, person), None)


def _ground(scene: Scene) -> tuple[Image.Image, light.Palette]:
    under = light.palette(scene.palette)
    top, low = light.mix(under.far, under.sky_low, 0.35), light.mix(under.mid, under.far, 0.6)
    image = ramp((scene.width, scene.height), ((0, top), (scene.height * 0.82, under.far),
                                               (scene.height, low)))  # fmt: skip
    return image, under


def _character_sheet(scene: Scene, person: Person) -> Image.Image:
    image, under = _ground(scene)
    view = View(scene.width, scene.height)
    aspect = view.aspect
    tall = min(0.84, aspect * 1.0)
    front = _posed(person, 0.5 + 0.18 / max(1, aspect), 0.94, tall * person.tall, 0.25)
    turned = replace(front, x=front.x + 0.32 * tall / aspect, back=True, face=0.0)
    close = min(2.4, aspect * 1.6)
    bust = _posed(person, 0.23, 0.16 + close, close, 0.55)
    layers: list[Layer | None] = []
    if aspect > 1.2:
        layers.append(body.paint(turned, view, under, 1))
    else:
        bust = replace(bust, x=0.27, height=bust.height * 0.62, feet=0.1 + bust.height * 0.62)
        front = replace(front, x=0.70)
    layers += [body.paint(front, view, under, 1)]
    _clip_left(image, body.paint(bust, view, under, 1), under, view, aspect)
    for layer in layers:
        if layer is not None:
            image.paste(layer.image, (layer.left, layer.top), layer.image)
    swatches: list[Rgb] = [person.colour, person.second, person.skin, person.hair_colour]
    if person.hat:
        swatches.insert(1, person.hat_colour)
    _swatches(image, swatches)
    return image


def _clip_left(
    image: Image.Image, bust: Layer | None, under: light.Palette, view: View, aspect: float
) -> None:
    """The head in a frame of its own, on a tone that lifts it from the ground."""
    wide = 0.36 if aspect > 1.2 else 0.46
    margin = round(min(view.width, view.height) * 0.06)
    high = round(view.height * (0.66 if aspect > 1.2 else 0.5))
    box = (margin, margin, margin + round(view.width * wide), margin + high)
    panel = Image.new("RGB", view.paper, light.mix(under.mid, under.far, 0.45))
    if bust is not None:
        panel.paste(bust.image, (bust.left, bust.top), bust.image)
    image.paste(panel.crop(box), box[:2])


def _posed(person: Person, x: float, feet: float, height: float, face: float) -> Figure:
    return replace(blocking.figure_of(person, x, feet, height), face=face)


def _swatches(image: Image.Image, colours: list[Rgb]) -> None:
    pen = ImageDraw.Draw(image)
    unit = min(image.width, image.height)
    size, gap = unit * 0.075, unit * 0.018
    left, top = unit * 0.06, image.height - unit * 0.06 - size
    for colour in colours:
        pen.rounded_rectangle((left, top, left + size, top + size), radius=size * 0.16, fill=colour)
        left += size + gap


def make_plate(action: Action) -> Outcome:
    """A location without anybody."""
    composition: dict[str, Json] = {
        "size": "wide",
        "angle": "eye",
        "time": _words(action, "time"),
        "lighting": _words(action, "lighting"),
        "style": _words(action, "style"),
        "look": _words(action, "style_look"),
        "location": {"look": _words(action, "look")},
    }
    scene = stage(composition, "", canvas_of(action), action.seed, empty=True)
    scene = replace(scene, overlay=False)
    return _kept(action, draw_still(scene), scene)


def make_prop(action: Action) -> Outcome:
    """A study of one object, large and small, on neutral ground."""
    scene = _neutral(action)
    image, under = _ground(scene)
    view = View(scene.width, scene.height)
    thing = blocking.thing_of(_words(action, "look"))
    high = min(0.52, 0.46 * view.aspect)
    studies: list[Thing] = [replace(thing, x=0.44, y=0.50, height=high)]
    if view.aspect > 1.2:
        studies.append(replace(thing, x=0.83, y=0.50 + high * 0.36, height=high * 0.28))
    for study in studies:
        pieces = [
            *picture.contact(study.x, study.y + study.height / 2, study.height, view),
            props.layer(study, view, under, 1),
        ]
        for piece in pieces:
            if piece is not None:
                image.paste(piece.image, (piece.left, piece.top), piece.image)
    _swatches(image, [thing.colour])
    return _kept(action, image, None)
