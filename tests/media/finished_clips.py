"""Clips for the tests of finishing: a dot that moves, a view that shakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fvbuild.media.clip import encode_clip, frames_of
from fvbuild.media.codec import to_rgb
from fvbuild.media.profile import JoiningProfile

SIZE = (320, 180)

Pixels = NDArray[np.float64]


def scene(dot: float | None = None, shift: tuple[float, float] = (0, 0)) -> Image.Image:
    """Boxes of many colours, moved by ``shift``; a yellow dot whose centre is at x = ``dot``."""
    image = Image.new("RGB", SIZE, (40, 60, 90))
    pen = ImageDraw.Draw(image)
    dice = np.random.RandomState(1)
    for _ in range(90):
        x, y = dice.rand() * 420 - 50 + shift[0], dice.rand() * 280 - 50 + shift[1]
        side, colour = 4 + dice.rand() * 14, tuple(int(c) for c in dice.randint(30, 220, 3))
        pen.rectangle((x, y, x + side, y + side), fill=colour)
    if dot is not None:
        pen.ellipse((dot - 16, 74, dot + 16, 106), fill=(240, 220, 60))
    return image


def write(path: Path, pictures: Sequence[Image.Image], fps: int | Fraction = 24) -> Path:
    """A clip of pictures."""
    width, height = pictures[0].size
    encode_clip(path, pictures, JoiningProfile(width, height, Fraction(fps)))
    return path


def moving(path: Path, frames: int, fps: int | Fraction = 24) -> Path:
    """A dot that moves 8 pixels a frame."""
    return write(path, [scene(dot_at(n)) for n in range(frames)], fps)


def dot_at(frame: float) -> float:
    """Where the dot is at a frame of the source."""
    return 40 + 8 * frame


def seen(path: Path) -> list[Pixels]:
    """Every frame as RGB."""
    return [to_rgb(frame).astype(np.float64) for frame in frames_of(path)]


def dot_in(frame: Pixels) -> float:
    """Where the dot is seen."""
    yellow = (frame[..., 0] > 190) & (frame[..., 1] > 170) & (frame[..., 2] < 130)
    columns = np.where(yellow[74:107].sum(axis=0) > 12)[0]
    return float(columns.mean()) if len(columns) else -1.0


def twice(make: Callable[[Path], object], folder: Path) -> tuple[bytes, bytes]:
    """The bytes of two runs."""
    made = []
    for name in ("once.mp4", "twice.mp4"):
        make(folder / name)
        made.append((folder / name).read_bytes())
    return made[0], made[1]
