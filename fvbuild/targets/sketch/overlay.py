"""What lies over the picture: vignette, grain, safe marks, and the data strip under it.

The strip is a narrow bar below the picture, as in a viewfinder: shot size, lens, move and the
shot's own timecode. It never covers the picture, and a picture that is used again as the start of
another clip can be freed of it (:func:`without`). No scene, shot, take or name is ever in it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw

from fvbuild.media.lettering import clipped, font
from fvbuild.targets.sketch.camera import arrow
from fvbuild.targets.sketch.light import palette
from fvbuild.targets.sketch.scene import Scene
from fvbuild.timecode import timecode

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

    from fvbuild.targets.sketch.words import Rgb

RATE_FPS = Fraction(24)
_BAR: Rgb = (10, 11, 14)
_INK: Rgb = (232, 235, 240)
_DIM: Rgb = (138, 145, 158)
_MARK_ALPHA = 64
_SAFE = 0.05


def bar_height(width: int, height: int) -> int:
    """Rows of the data strip, an even number: a twentieth of the shorter side."""
    return max(12, round(min(width, height) * 0.05 / 2) * 2)


def picture_height(scene: Scene) -> int:
    """Rows of the picture itself, without the data strip."""
    return scene.height - (bar_height(scene.width, scene.height) if scene.overlay else 0)


@lru_cache(maxsize=4)
def air(width: int, height: int, light: Rgb, *, grainy: bool, marks: bool) -> Image.Image:
    """Vignette, grain and safe marks flattened into one RGBA image of the picture's size.

    ``light`` is the palette's. Every shot of a film shares it: lay it over, never draw on it.
    """
    dark = _vignette(width, height)
    grain = _grain(width, height)
    strength = 0.085 if grainy else 0.04
    darker = grain.point([round(max(0, 128 - value) * strength) for value in range(256)])
    lighter = grain.point([round(max(0, value - 128) * strength) for value in range(256)])
    base = Image.new("RGBA", (width, height), (4, 5, 10, 0))
    base.putalpha(ImageChops.add(dark, darker))
    bright = Image.new("RGBA", (width, height), (*light, 0))
    bright.putalpha(lighter)
    base.alpha_composite(bright)
    if marks:
        white = Image.new("RGBA", (width, height), (255, 255, 255, 0))
        white.putalpha(safe_marks(width, height))
        base.alpha_composite(white)
    return base


def _vignette(width: int, height: int) -> Image.Image:
    wide = Image.radial_gradient("L").resize(
        (round(width * 1.42), round(height * 1.5)), Image.Resampling.BICUBIC
    )
    left, top = (wide.width - width) // 2, (wide.height - height) // 2
    table = [round(max(0.0, (value - 92) / 163) ** 1.7 * 128) for value in range(256)]
    return wide.crop((left, top, left + width, top + height)).point(table)


def _grain(width: int, height: int) -> Image.Image:
    # Pillow's own noise is not seeded.
    small = (width // 2 + 1, height // 2 + 1)
    noise = random.Random(2403).randbytes(small[0] * small[1])
    return Image.frombytes("L", small, noise).resize((width, height), Image.Resampling.BILINEAR)


def safe_marks(width: int, height: int) -> Image.Image:
    """Corner marks of the action-safe area, as a mask."""
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    arm, thick = round(min(width, height) * 0.026), max(1, round(min(width, height) / 520))
    inset = round(min(width, height) * _SAFE)
    for x, run in ((inset, 1), (width - inset, -1)):
        for y, fall in ((inset, 1), (height - inset, -1)):
            for dx, dy in ((arm, thick), (thick, arm)):
                ends = sorted((x, x + run * dx)), sorted((y, y + fall * dy))
                pen.rectangle((ends[0][0], ends[1][0], ends[0][1], ends[1][1]), fill=_MARK_ALPHA)
    return mask


@dataclass(slots=True)
class Strip:
    """The data strip of a shot; only its timecode and the line of progress change."""

    width: int
    height: int
    accent: Rgb
    still: Image.Image
    clock_left: int

    @classmethod
    def of(
        cls, size: str, lens: str, move: str, palette_name: str, canvas: tuple[int, int]
    ) -> Strip:
        """The strip for what is known of a shot; empty texts are left out."""
        width = canvas[0]
        height = bar_height(*canvas)
        image = Image.new("RGB", (width, height), _BAR)
        pen = ImageDraw.Draw(image)
        accent = palette(palette_name).accent
        margin = round(height * 0.55)
        big = font("bold", max(7, round(height * 0.40)))
        small = font("regular", max(6, round(height * 0.34)))
        clock = font("mono", max(7, round(height * 0.44)))
        clock_left = round(width - margin - clock.getlength("00:00:00:00"))
        fields = [("SIZE", size.upper()), ("LENS", lens), ("MOVE", _moving(move))]
        _set(pen, [field for field in fields if field[1]], margin, clock_left - margin, height,
             (small, big))  # fmt: skip
        return cls(width, height, accent, image, clock_left)

    def at(self, frame: int, frames: int) -> Image.Image:
        """The strip at a frame of a shot."""
        image = self.still.copy()
        pen = ImageDraw.Draw(image)
        face = font("mono", max(7, round(self.height * 0.44)))
        pen.text(
            (self.clock_left, self.height * 0.54), timecode(frame, RATE_FPS), font=face, fill=_INK,
            anchor="lm",
        )  # fmt: skip
        done = round(self.width * (frame + 1) / max(1, frames)) if frames > 1 else 0
        if done:
            pen.rectangle((0, 0, done, 1), fill=self.accent)
        return image


def _moving(move: str) -> str:
    sign = arrow(move)
    return f"{move.upper()} {sign}" if sign else move.upper()


def _set(
    pen: ImageDraw.ImageDraw,
    fields: list[tuple[str, str]],
    left: float,
    right: float,
    height: int,
    faces: tuple[FreeTypeFont, FreeTypeFont],
) -> None:
    """Labels and values side by side; labels go first where the strip is short of room."""
    small, big = faces
    gap, middle = height * 0.75, height * 0.54
    needed = sum(small.getlength(f"{name} ") + big.getlength(value) + gap for name, value in fields)
    named = needed <= right - left
    for name, value in fields:
        if named:
            pen.text((left, middle), name, font=small, fill=_DIM, anchor="lm")
            left += small.getlength(name) + height * 0.22
        text = clipped(value, big, max(0.0, right - left))
        pen.text((left, middle), text, font=big, fill=_INK, anchor="lm")
        left += big.getlength(text) + gap
        if left >= right:
            return


def finished(picture: Image.Image, scene: Scene, frames: int = 1) -> Image.Image:
    """The still as it is kept: the picture under its air, over its strip."""
    lit = palette(scene.palette).light
    over = air(picture.width, picture.height, lit, grainy=scene.grainy, marks=scene.overlay)
    picture.paste(over, (0, 0), over)
    if not scene.overlay:
        return picture
    strip = Strip.of(scene.size, scene.lens, "", scene.palette, (scene.width, scene.height))
    whole = Image.new("RGB", (scene.width, scene.height), _BAR)
    whole.paste(picture, (0, 0))
    whole.paste(strip.at(0, frames), (0, picture.height))
    return whole


def without(image: Image.Image) -> Image.Image:
    """A picture freed of the strip and the marks, if it carries them; else itself."""
    rows = bar_height(image.width, image.height)
    bar = image.crop((0, image.height - rows + 3, image.width, image.height))
    flat = bar.reduce(2) if min(bar.size) > 2 else bar
    dark = sum(
        count
        for count, colour in flat.getcolors(flat.width * flat.height) or ()
        if isinstance(colour, tuple)
        and all(abs(a - b) <= 9 for a, b in zip(colour, _BAR, strict=True))
    )
    if dark < 0.62 * flat.width * flat.height:
        return image
    picture = image.crop((0, 0, image.width, image.height - rows))
    mask = safe_marks(*picture.size)
    share = _MARK_ALPHA / 255
    freed = picture.point(
        [max(0, min(255, round((value - 255 * share) / (1 - share)))) for value in range(256)] * 3
    )
    return Image.composite(freed, picture, mask.point([0] + [255] * 255))
