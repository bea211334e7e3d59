"""The pictures a clip starts from or ends on, made ready for a moving camera.

A sketched picture carries its scene, and is drawn again as layers among which the camera moves;
any other picture lies flat, and the camera moves over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from fvbuild.engine.action import InputFile
from fvbuild.media.image import fit_picture, read_picture
from fvbuild.targets.sketch import overlay, picture
from fvbuild.targets.sketch.camera import STILL, Move, Path, Pose
from fvbuild.targets.sketch.compositor import Compositor, Frame, blended, margins, planes_of
from fvbuild.targets.sketch.framing import FRAMINGS
from fvbuild.targets.sketch.light import palette
from fvbuild.targets.sketch.sampling import Glaze
from fvbuild.targets.sketch.scene import CHUNK, Scene, pixels_told
from fvbuild.targets.sketch.sheet import Layer, View, bled, soften
from fvbuild.targets.sketch.stills import pixels_digest

_OVER_A_PICTURE = 0.34
"""Share of a move that a flat picture bears before its mirrored edges show."""


_SAME_MEAN_DIFFERENCE = 1.5


@dataclass(slots=True)
class Take:
    """One side of a shot: the frame at a time from 0 to 1, and whether all of them are one."""

    render: Callable[[float], Frame]
    static: bool


@dataclass(slots=True)
class Source:
    """A picture that a clip starts from or ends on: with its scene, or flat."""

    scene: Scene | None
    given: Image.Image | None
    told: Scene
    canvas: tuple[int, int]
    height: int
    untouched: bool = False
    """Whether the picture surely is what its scene draws."""

    @classmethod
    def of(cls, given: InputFile | None, told: Scene, canvas: tuple[int, int]) -> Source:
        """From the picture handed over; without one, from what the shot's fields tell."""
        rows = overlay.picture_height(told)
        if given is None or given.path is None:
            return cls(told, None, told, canvas, rows)
        image = read_picture(given.path)
        text = _scene_text(given)
        scene = _scene_of(text)
        if scene is not None:
            same = (scene.width, scene.height, scene.overlay) == (*canvas, told.overlay)
            scene = scene if same else None
        untouched = scene is not None and pixels_told(text) == pixels_digest(image)
        return cls(scene, image, told, canvas, rows, untouched)

    @property
    def share(self) -> float:
        """How much of a move it bears."""
        return 1.0 if self.scene is not None else _OVER_A_PICTURE

    def frames_like(self, other: Source) -> bool:
        """Whether both show one place in one framing, so that only people differ."""
        if self.scene is None or other.scene is None:
            return False
        fixed = ("size", "angle", "lens", "place_seed", "horizon", "zoom", "palette")
        return all(getattr(self.scene, name) == getattr(other.scene, name) for name in fixed)

    def take(self, path: Path, move: Move) -> Take:
        """The source under a moving camera, its air laid over it."""
        view = margins([path], self.canvas[0], self.height)
        layers = self.layers(path)
        if layers is not None:
            return self._among_layers(layers, path, move, view)
        assert self.given is not None
        freed = overlay.without(self.given)
        flat = fit_picture(freed, (self.canvas[0], self.height))
        marks = _Air(_marks(*flat.size)) if self.told.overlay else None
        return Take(_renderer(Compositor([_mirrored(flat, view)], view), path, marks), move.static)

    def layers(self, path: Path) -> list[Layer] | None:
        """The picture's layers on paper for a path; None when it is not what its scene draws."""
        if self.scene is None:
            return None
        view = margins([path], self.canvas[0], self.height)
        drawn = picture.draw(self.scene, view)
        if self.given is None or self.untouched:
            return drawn
        if _matches(self.given, drawn, self.scene, view):
            return drawn
        return None

    def _among_layers(self, layers: list[Layer], path: Path, move: Move, view: View) -> Take:
        scene = self.scene or self.told
        light = palette(scene.palette).light
        air = _Air(
            overlay.air(view.width, view.height, light, grainy=scene.grainy, marks=scene.overlay)
        )
        flat = not move.parts_depths
        behind = _focused_behind(scene, view, flat=flat) if move.end.focus else None
        there = Compositor(layers, view, flat=flat)
        return Take(_renderer(there, path, air, behind), move.static)


def _renderer(
    compositor: Compositor, path: Path, air: _Air | None, behind: Compositor | None = None
) -> Callable[[float], Frame]:
    seen = compositor.frame if behind is None else _racked(compositor, behind)
    rested: list[Frame] = []

    def render(time: float) -> Frame:
        pose: Pose = path(time)
        if pose == STILL and rested:
            return rested[0]
        frame = seen(pose)
        if air is not None:
            air.over(frame)
        if pose == STILL:
            rested.append(frame)
        return frame

    return render


def _racked(near: Compositor, behind: Compositor) -> Callable[[Pose], Frame]:
    """Frames between two focuses; both are kept while nothing but the focus moves."""
    last: list[tuple[Pose, Frame, Frame]] = []

    def frame(pose: Pose) -> Frame:
        place = replace(pose, focus=0.0)
        if not last or last[0][0] != place:
            last[:] = [(place, near.frame(place), behind.frame(place))]
        _, one, other = last[0]
        return blended(one, other, pose.focus)

    return frame


def _focused_behind(scene: Scene, view: View, *, flat: bool) -> Compositor:
    """The same stack with the focus on what lies behind the figures."""
    sharp = picture.draw(replace(scene, blur=0.0), view)
    radius = view.height * 0.012
    layers = [
        replace(layer, image=soften(layer.image, radius)) if layer.depth >= 1 else layer
        for layer in sharp
    ]
    return Compositor(layers, view, flat=flat)


class _Air:
    """Vignette, grain and marks as planes, laid over every frame."""

    def __init__(self, image: Image.Image) -> None:
        alpha = image.getchannel("A")
        half_alpha = np.asarray(alpha.reduce(2))
        seen = planes_of(bled(image))
        self._luma = Glaze(seen.luma, np.asarray(alpha))
        self._blue, self._red = Glaze(seen.blue, half_alpha), Glaze(seen.red, half_alpha)

    def over(self, frame: Frame) -> None:
        """Lay it over a frame in place."""
        self._luma.over(frame.luma)
        self._blue.over(frame.blue)
        self._red.over(frame.red)


def _marks(width: int, height: int) -> Image.Image:
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    image.putalpha(overlay.safe_marks(width, height))
    return image


def _scene_text(given: InputFile) -> str:
    """The text of the scene that a sketched picture carries, before its pixels; else ``""``."""
    if given.path is None or given.media_type != "image/png":
        return ""
    with Image.open(given.path) as image:
        text = image.info.get(CHUNK)
    return text if isinstance(text, str) else ""


def _scene_of(text: str) -> Scene | None:
    scene = Scene.parse(text) if text else None
    return scene if scene is not None and scene.size in FRAMINGS else None


def _matches(image: Image.Image, layers: list[Layer], scene: Scene, view: View) -> bool:
    """Whether the picture still is what its scene draws; somebody may have painted over it."""
    drawn = overlay.finished(picture.flatten(layers, view), scene)
    if drawn.size != image.size:
        return False
    one = np.asarray(drawn.reduce(4), np.int16)
    other = np.asarray(image.convert("RGB").reduce(4), np.int16)
    difference = np.abs(one - other)
    return float(difference.mean()) < _SAME_MEAN_DIFFERENCE and int(difference.max()) < 48


def _mirrored(image: Image.Image, view: View) -> Layer:
    """A flat picture on paper that its mirrored edges fill."""
    pixels = np.asarray(image.convert("RGB"))
    room = ((view.top, view.bottom), (view.left, view.right), (0, 0))
    wide = np.pad(pixels, room, mode="reflect" if min(pixels.shape[:2]) > 1 else "edge")
    return Layer(Image.fromarray(wide), -view.left, -view.top, 1.0)
