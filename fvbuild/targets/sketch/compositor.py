"""From layers and a camera to frames: planes of luma and colour, moved, laid over each other.

All work is done on the planes that the encoder takes (BT.709, limited range, colour at half
resolution), each layer cut to its own box: that is half the work of RGB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fvbuild.targets.sketch.camera import Path, Pose
from fvbuild.targets.sketch.pieces import joined, pieces
from fvbuild.targets.sketch.sampling import Planes, mixed
from fvbuild.targets.sketch.sheet import Layer, View, bled

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sampling import Plane

_TO_YUV = (
    0.18259, 0.61423, 0.06201, 16.0,
    -0.10064, -0.33857, 0.43922, 128.0,
    0.43922, -0.39894, -0.04027, 128.0,
)  # fmt: skip
"""BT.709, limited range, from full-range RGB."""

_BLOCK = 16
"""Paper grows by whole blocks, so that what is worked out in blocks stays as it is."""

_ROOM = 4
"""Transparent pixels around a layer, so that its edge may fall between pixels."""


@dataclass(slots=True)
class Frame:
    """One frame's planes; colour has half the rows and columns."""

    luma: Plane
    blue: Plane
    red: Plane

    @classmethod
    def empty(cls, width: int, height: int) -> Frame:
        """A frame whose pixels are yet to be written."""
        half = (height // 2, width // 2)
        return cls(
            np.zeros((height, width), np.uint8),
            np.full(half, 128, np.uint8),
            np.full(half, 128, np.uint8),
        )


@dataclass(slots=True)
class Sprite:
    """A layer as planes. ``left`` and ``top`` are even pixels from the picture's corner; ``solid``
    lets nothing through."""

    luma: Planes
    colour: Planes
    size: tuple[int, int]
    left: int
    top: int
    depth: float
    actor: bool
    plane: tuple[float, float] | None
    solid: bool


def sprite(layer: Layer) -> Sprite:
    """A layer, converted once for all frames."""
    image, left, top = layer.image, layer.left, layer.top
    solid = image.mode == "RGB"
    room = 0 if solid else _ROOM
    pad_left, pad_top = room + (left - room) % 2, room + (top - room) % 2
    width = image.width + pad_left + room
    height = image.height + pad_top + room
    width, height = width + width % 2, height + height % 2
    alpha, half_alpha = None, None
    if not solid:
        mask = Image.new("L", (width, height))
        mask.paste(image.getchannel("A"), (pad_left, pad_top))
        alpha, half_alpha = np.asarray(mask), np.asarray(mask.reduce(2))
        image = bled(image)
    frame = planes_of(_padded(image, (width, height), (pad_left, pad_top)))
    return Sprite(
        Planes([frame.luma], alpha),
        Planes([frame.blue, frame.red], half_alpha),
        (width, height),
        left - pad_left,
        top - pad_top,
        layer.depth,
        layer.actor,
        layer.plane,
        solid,
    )


def planes_of(image: Image.Image) -> Frame:
    """An RGB image of even sides as a frame."""
    luma, blue, red = image.convert("RGB", _TO_YUV).split()
    return Frame(np.asarray(luma), np.asarray(blue.reduce(2)), np.asarray(red.reduce(2)))


def _padded(image: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image.convert("RGB")
    tiny = image.convert("RGB").resize((1, 1), Image.Resampling.BOX)
    whole = tiny.resize(size)
    whole.paste(image.convert("RGB"), at)
    return whole


class Compositor:
    """Frames of one stack of layers for any pose of the camera; ``flat``: for any that moves the
    whole picture as one."""

    def __init__(self, layers: Sequence[Layer], view: View, *, flat: bool = False) -> None:
        together = joined(layers, flat=flat)
        self._sprites = [sprite(piece) for layer in together for piece in pieces(layer)]
        self._width, self._height = view.width, view.height

    def frame(self, pose: Pose) -> Frame:
        """The picture as the camera sees it from a pose."""
        frame = Frame.empty(self._width, self._height)
        placed = [_Placed.of(piece, pose, self._width, self._height) for piece in self._sprites]
        hidden_from = self._height
        for one in reversed(placed):
            one.bottom = min(one.bottom, hidden_from)
            if one.covers(self._width, hidden_from):
                hidden_from = one.top
        for one in placed:
            if one.right - one.left >= 2 and one.bottom - one.top >= 2:
                one.lay(frame)
        return frame


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a sprite's place: source = frame * step + start, in pixels' edges."""

    step: float
    start: float

    def frame(self, source: float) -> float:
        """Where a source edge falls in the frame."""
        return (source - self.start) / self.step


_HORIZON_DEPTH = 0.12
"""Depth of what stands on the horizon: the ground's own far edge stays with it."""

_LEAST_OPENING = 0.55
"""How far the ground closes at most, when the camera sinks."""


def _axes(piece: Sprite, pose: Pose, width: int, height: int) -> tuple[_Axis, _Axis]:
    shift_x, shift_y, scale = pose.of(piece.depth, actor=piece.actor)
    step = 1.0 / scale
    across = _Axis(step, width / 2 * (1 - step) + shift_x * height - piece.left)
    if piece.plane is None or not pose.truck_y:
        return across, _Axis(step, height / 2 * (1 - step) + shift_y * height - piece.top)
    horizon, drop = piece.plane
    opening = max(_LEAST_OPENING, 1 - pose.truck_y * (1 - _HORIZON_DEPTH) / drop)
    row = horizon * height
    start = height / 2 * (1 - step) + (pose.pan_y + pose.truck_y * _HORIZON_DEPTH) * height
    return across, _Axis(step / opening, row + (start - row) / opening - piece.top)


@dataclass(slots=True)
class _Placed:
    """A sprite where a pose puts it: even edges in the frame, and where to sample it from."""

    piece: Sprite
    left: int
    top: int
    right: int
    bottom: int
    across: _Axis
    down: _Axis

    @classmethod
    def of(cls, piece: Sprite, pose: Pose, width: int, height: int) -> _Placed:
        """The frame's rectangle that the sprite fills, and the source of its first pixel."""
        across, down = _axes(piece, pose, width, height)
        columns, rows = piece.size
        return cls(
            piece,
            min(width, max(0, _even_up(across.frame(0)))),
            min(height, max(0, _even_up(down.frame(0)))),
            max(0, min(width, _even_down(across.frame(columns)))),
            max(0, min(height, _even_down(down.frame(rows)))),
            across,
            down,
        )

    def covers(self, width: int, bottom: int) -> bool:
        """Whether nothing below this sprite's top can be seen through or beside it."""
        return (
            self.piece.solid
            and self.left <= 0
            and self.right >= width
            and self.top < self.bottom
            and self.bottom >= bottom
        )

    def lay(self, frame: Frame) -> None:
        """Sample the sprite and lay it over the frame."""
        piece, across, down = self.piece, self.across, self.down
        wide, high = self.right - self.left, self.bottom - self.top
        steps = (across.step, down.step)
        x = (self.left + 0.5) * across.step + across.start - 0.5
        y = (self.top + 0.5) * down.step + down.start - 0.5
        box = np.s_[self.top : self.bottom, self.left : self.right]
        piece.luma.lay([frame.luma[box]], *piece.luma.taps(x, y, steps, (wide, high)))
        x = ((self.left + 1) * across.step + across.start) / 2 - 0.5
        y = ((self.top + 1) * down.step + down.start) / 2 - 0.5
        box = np.s_[self.top // 2 : self.bottom // 2, self.left // 2 : self.right // 2]
        half = piece.colour.taps(x, y, steps, (wide // 2, high // 2))
        piece.colour.lay([frame.blue[box], frame.red[box]], *half)


def _even_up(value: float) -> int:
    return math.ceil(value / 2) * 2


def _even_down(value: float) -> int:
    return math.floor(value / 2) * 2


_SINKING = 0.36
"""Ground needed under the picture when the camera sinks, in units."""

_DEPTHS = (0.0, 0.3, 0.6, 1.0, 1.5)


def margins(paths: Sequence[Path], width: int, height: int, steps: int = 48) -> View:
    """The paper that a camera on these paths sees, for every depth: whole blocks on all sides."""
    reach = [0.0, 0.0, 0.0, 0.0]
    for path in paths:
        for step in range(steps + 1):
            pose = path(step / steps)
            if pose.truck_y > 0:
                reach[3] = max(reach[3], _SINKING * height)
            for depth in _DEPTHS:
                x, y, scale = pose.of(depth, actor=False)
                half_x, half_y = width / 2 / scale, height / 2 / scale
                edges = (
                    half_x - x * height - width / 2, half_y - y * height - height / 2,
                    half_x + x * height - width / 2, half_y + y * height - height / 2,
                )  # fmt: skip
                reach = [max(a, b) for a, b in zip(reach, edges, strict=True)]
    left, top, right, bottom = (
        0 if edge <= 0.01 else math.ceil((edge + 4) / _BLOCK) * _BLOCK for edge in reach
    )
    return View(width, height, left, top, right, bottom)


def blended(one: Frame, other: Frame, share: float) -> Frame:
    """A dissolve: ``share`` of the other frame."""
    return Frame(
        mixed(one.luma, other.luma, share),
        mixed(one.blue, other.blue, share),
        mixed(one.red, other.red, share),
    )
