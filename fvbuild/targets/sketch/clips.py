"""Segments: the camera moving among a picture's layers, or over a picture of another maker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.errors import TargetError
from fvbuild.media.clip import encode_clip
from fvbuild.media.image import fit_picture, read_picture
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets.sketch import camera, overlay, picture, stills
from fvbuild.targets.sketch.camera import Move, Path, Pose
from fvbuild.targets.sketch.compositor import Compositor, Frame, blended, margins, sprite
from fvbuild.targets.sketch.framing import FRAMINGS
from fvbuild.targets.sketch.light import palette
from fvbuild.targets.sketch.sampling import lay_over
from fvbuild.targets.sketch.scene import CHUNK, Scene
from fvbuild.targets.sketch.sheet import Layer, View

if TYPE_CHECKING:
    from av import VideoFrame

_OVER_A_PICTURE = 0.34
"""Share of a move that a flat picture bears before its mirrored edges show."""

_BETWEEN_TWO = 0.42
"""Share of a move on each side of the dissolve between a first and a last picture."""

_REPORT_EVERY_FRAMES = 12
_MAX_FRAMES = 24 * 60 * 30
_SAME_MEAN_DIFFERENCE = 1.5


def make_segment(action: Action) -> Outcome:
    """A clip of ``frames`` frames at 24 a second, in the joining profile of the canvas."""
    frames = action.params.get("frames")
    if not isinstance(frames, int) or not 1 <= frames <= _MAX_FRAMES:
        raise TargetError(
            f"{action.node}: {frames} is no number of frames for a sketched clip",
            hint=f"a clip has 1 to {_MAX_FRAMES} frames (half an hour)",
        )
    width, height = stills.canvas_of(action)
    path = action.folder / "segment.mp4"
    shot = _Shot.of(action, frames)
    encode_clip(
        path,
        _reported(shot.frames(), action, frames),
        JoiningProfile(width, height, overlay.RATE_FPS),
        check=action.check_cancelled,
    )
    facts = {"frames": frames, "width": width, "height": height, "fps": "24"}
    return Outcome((Made("video/mp4", path=path, facts=facts),))


def _reported(found: Iterator[VideoFrame], action: Action, total: int) -> Iterator[VideoFrame]:
    for number, frame in enumerate(found):
        if number % _REPORT_EVERY_FRAMES == 0:
            action.progress(number / total, f"frame {number} of {total}")
        yield frame


@dataclass(slots=True)
class _Take:
    """One side of a shot: what is seen and how the camera goes. ``air`` lies over all of it."""

    render: Callable[[float], Frame]
    static: bool


@dataclass(slots=True)
class _Shot:
    """A clip about to be rendered: one take, or two with a dissolve between them."""

    count: int
    canvas: tuple[int, int]
    first: _Take
    second: _Take | None
    strip: overlay.Strip | None
    stop: Callable[[], None]

    @classmethod
    def of(cls, action: Action, count: int) -> _Shot:
        """What an action's inputs make possible: layers, a picture, or both ends."""
        canvas = stills.canvas_of(action)
        told = stills.scene_of(action)
        move = _move(action, count)
        start, end = action.one("start"), action.one("end")
        seconds = count / float(overlay.RATE_FPS)
        first = _Source.of(start, told, canvas)
        strip = None
        if told.overlay:
            lens = told.lens
            strip = overlay.Strip.of(told.size, lens, move.name, told.palette, canvas)
        if end is None:
            takes = (first.take(move.path(seconds, share=first.share), move), None)
        else:
            last = _Source.of(end, told, canvas)
            lead = move.path(seconds, share=first.share * _BETWEEN_TWO)
            come = move.path(seconds, share=last.share * _BETWEEN_TWO, start=-1.0)
            takes = (first.take(lead, move), last.take(come, move))
        return cls(count, canvas, *takes, strip, action.check_cancelled)

    def frames(self) -> Iterator[VideoFrame]:
        """Every frame, in order."""
        width, height = self.canvas
        held: Frame | None = None
        for number in range(self.count):
            time = number / max(1, self.count - 1)
            self.stop()
            share = self._share(time)
            if held is None or not self._rests(share):
                held = self._picture(time, share)
            yield self._finished(held, number, width, height)

    def _rests(self, share: float) -> bool:
        return self.second is None and self.first.static and share == 0

    def _share(self, time: float) -> float:
        """How much of the last picture is seen: the dissolve lies in the middle of the shot."""
        if self.second is None:
            return 0.0
        if self.count < 3:
            return time
        return camera.eased((time - 0.34) / 0.32)

    def _picture(self, time: float, share: float) -> Frame:
        if self.second is None or share <= 0:
            return self.first.render(time)
        if share >= 1:
            return self.second.render(time)
        return blended(self.first.render(time), self.second.render(time), share)

    def _finished(self, seen: Frame, number: int, width: int, height: int) -> VideoFrame:
        if self.strip is None:
            return _video(seen, None, width, height)
        strip = sprite(Layer(self.strip.at(number, self.count), 0, 0, 0.0))
        return _video(seen, Frame(strip.luma, strip.blue, strip.red), width, height)


def _video(top: Frame, below: Frame | None, width: int, height: int) -> VideoFrame:
    import av

    frame = av.VideoFrame(width, height, "yuv420p")
    pairs = ((top.luma, below and below.luma), (top.blue, below and below.blue),
             (top.red, below and below.red))  # fmt: skip
    for plane, (upper, lower) in zip(frame.planes, pairs, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        rows[: upper.shape[0], : plane.width] = upper
        if lower is not None:
            rows[upper.shape[0] :, : plane.width] = lower
    return frame


def _move(action: Action, count: int) -> Move:
    wanted = action.params.get("move")
    name = wanted.get("camera") if isinstance(wanted, dict) else None
    return camera.read(name if isinstance(name, str) else "", count / float(overlay.RATE_FPS))


@dataclass(slots=True)
class _Source:
    """A picture that a clip starts from or ends on: with its scene, or flat."""

    scene: Scene | None
    given: Image.Image | None
    told: Scene
    canvas: tuple[int, int]
    height: int

    @classmethod
    def of(cls, given: InputFile | None, told: Scene, canvas: tuple[int, int]) -> _Source:
        """From the picture handed over; without one, from what the shot's fields tell."""
        rows = overlay.picture_height(told)
        if given is None or given.path is None:
            return cls(told, None, told, canvas, rows)
        image = read_picture(given.path)
        scene = _scene_in(given)
        if scene is not None:
            same = (scene.width, scene.height, scene.overlay) == (*canvas, told.overlay)
            scene = scene if same else None
        return cls(scene, image, told, canvas, rows)

    @property
    def share(self) -> float:
        """How much of a move it bears."""
        return 1.0 if self.scene is not None else _OVER_A_PICTURE

    def take(self, path: Path, move: Move) -> _Take:
        """The source under a moving camera, its air laid over it."""
        view = margins([path], self.canvas[0], self.height)
        if self.scene is not None:
            layers = picture.draw(self.scene, view)
            if self.given is None or _matches(self.given, layers, self.scene, view):
                return self._among_layers(layers, path, move, view)
        assert self.given is not None
        freed = overlay.without(self.given)
        flat = fit_picture(freed, (self.canvas[0], self.height))
        marks = _Air(_marks(*flat.size)) if self.told.overlay else None
        return _Take(_renderer(Compositor([_mirrored(flat, view)], view), path, marks), move.static)

    def _among_layers(self, layers: list[Layer], path: Path, move: Move, view: View) -> _Take:
        scene = self.scene or self.told
        under = palette(scene.palette)
        air = _Air(
            overlay.air(view.width, view.height, under, grainy=scene.grainy, marks=scene.overlay)
        )
        behind = _focused_behind(scene, view) if move.end.focus else None
        return _Take(_renderer(Compositor(layers, view), path, air, behind), move.static)


def _renderer(
    compositor: Compositor, path: Path, air: _Air | None, behind: Compositor | None = None
) -> Callable[[float], Frame]:
    def render(time: float) -> Frame:
        pose: Pose = path(time)
        frame = compositor.frame(pose)
        if behind is not None and pose.focus > 0:
            frame = blended(frame, behind.frame(pose), pose.focus)
        if air is not None:
            air.over(frame)
        return frame

    return render


def _focused_behind(scene: Scene, view: View) -> Compositor:
    """The same stack with the focus on what lies behind the figures."""
    from fvbuild.targets.sketch.sheet import soften

    sharp = picture.draw(replace(scene, blur=0.0), view)
    radius = view.height * 0.012
    layers = [
        replace(layer, image=soften(layer.image, radius)) if layer.depth >= 1 else layer
        for layer in sharp
    ]
    return Compositor(layers, view)


class _Air:
    """Vignette, grain and marks as planes, laid over every frame."""

    def __init__(self, image: Image.Image) -> None:
        self._planes = sprite(Layer(image, 0, 0, 0.0))

    def over(self, frame: Frame) -> None:
        """Lay it over a frame in place."""
        planes = self._planes
        assert planes.alpha is not None and planes.half_alpha is not None
        rows, columns = frame.luma.shape
        top, left = -planes.top, -planes.left
        full = np.s_[top : top + rows, left : left + columns]
        half = np.s_[top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2]
        lay_over(frame.luma, planes.luma[full], planes.alpha[full])
        lay_over(frame.blue, planes.blue[half], planes.half_alpha[half])
        lay_over(frame.red, planes.red[half], planes.half_alpha[half])


def _marks(width: int, height: int) -> Image.Image:
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    image.putalpha(overlay.safe_marks(width, height))
    return image


def _scene_in(given: InputFile) -> Scene | None:
    """The scene that a sketched picture carries."""
    if given.path is None or given.media_type != "image/png":
        return None
    with Image.open(given.path) as image:
        image.load()
        text = image.info.get(CHUNK)
    scene = Scene.parse(text) if isinstance(text, str) else None
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
