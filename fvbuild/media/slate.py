"""The slate: small plates in a frame's corners that say which scene, shot and take this is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fvbuild.media.lettering import clipped, font
from fvbuild.timecode import timecode

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_GROUND, _WORDS, _LABELS, _PILL, _PILL_WORDS = "#08090c", "#f2efe9", "#8d8f96", "#eda862", "#14100a"


@dataclass(frozen=True, slots=True)
class Slate:
    """What it says. Empty fields are left out.

    Scene, shot and take stand at the top left; size, lens and move at the top right. The film's
    timecode, at the bottom left, runs from ``start_frame``; None: there is none.
    """

    scene: str = ""
    shot: str = ""
    take: str = ""
    size: str = ""
    lens: str = ""
    move: str = ""
    start_frame: int | None = None


@dataclass(frozen=True, slots=True)
class Plate:
    """An opaque picture and where its top left corner lies; all numbers are even."""

    image: Image
    left: int
    top: int


def fixed_plates(slate: Slate, size: tuple[int, int]) -> list[Plate]:
    """The plates that stay as they are through the shot, for a frame of this size."""
    width, margin, unit = size[0], _margin(size), _unit(size)
    plates = []
    names = [slate.scene, slate.shot]
    if any((*names, slate.take)):
        pill = " / ".join(name for name in names if name)
        image = _name_plate(pill, f"TAKE {slate.take}" if slate.take else "", unit, width // 2)
        plates.append(Plate(image, margin, margin))
    said = [("SIZE", slate.size), ("LENS", slate.lens), ("MOVE", slate.move)]
    said = [(label, words) for label, words in said if words]
    if said:
        image = _framing_plate(said, unit, width // 2 - 2 * margin)
        plates.append(Plate(image, (width - margin - image.width) & ~1, margin))
    return plates


def timecode_plate(frame: int, fps: Fraction, size: tuple[int, int]) -> Plate:
    """The film's timecode at ``frame``; always of the same size and place."""
    unit = _unit(size)
    face = font("mono", unit)
    words = timecode(frame, fps)
    image, draw = _blank(face.getlength(words) + unit, unit * 2)
    draw.text((unit // 2, image.height // 2), words, _WORDS, face, anchor="lm")
    # Above a strip of data that a sketch may have under its picture.
    below = max(2, min(size) // 16 & ~1)
    return Plate(image, _margin(size), (size[1] - below - image.height) & ~1)


def _unit(size: tuple[int, int]) -> int:
    """Height of the lettering in pixels."""
    return max(8, min(size) // 32)


def _margin(size: tuple[int, int]) -> int:
    return max(2, min(size) // 36 & ~1)


def _blank(width: float, height: int) -> tuple[Image, ImageDraw]:
    from PIL import Image as Pillow
    from PIL.ImageDraw import Draw

    image = Pillow.new("RGB", (int(width + 1) & ~1, (height + 1) & ~1), _GROUND)
    return image, Draw(image)


def _name_plate(name: str, take: str, unit: int, widest: int) -> Image:
    """A pill with scene and shot, and the take beside it."""
    bold, plain = font("bold", unit), font("regular", unit)
    take_width = plain.getlength(take) + unit if take else 0
    name = clipped(name, bold, widest - take_width - unit)
    pill_width = bold.getlength(name) + unit if name else 0
    image, draw = _blank(pill_width + take_width, unit * 2)
    middle = image.height // 2
    if name:
        draw.rectangle((0, 0, pill_width, image.height), _PILL)
        draw.text((unit // 2, middle), name, _PILL_WORDS, bold, anchor="lm")
    if take:
        draw.text((pill_width + unit // 2, middle), take, _WORDS, plain, anchor="lm")
    return image


def _framing_plate(said: list[tuple[str, str]], unit: int, widest: int) -> Image:
    """Each word under its label, side by side."""
    small, bold = font("regular", max(6, unit * 3 // 5)), font("bold", unit)
    room = widest // len(said) - unit
    words = [(label, clipped(text, bold, room)) for label, text in said]
    widths = [max(small.getlength(label), bold.getlength(text)) + unit for label, text in words]
    image, draw = _blank(sum(widths), unit * 5 // 2)
    left = unit / 2
    for (label, text), width in zip(words, widths, strict=True):
        draw.text((left, unit // 4), label, _LABELS, small, anchor="lt")
        draw.text((left, image.height - unit // 3), text, _WORDS, bold, anchor="ls")
        left += width
    return image
