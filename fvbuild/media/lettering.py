"""Text drawn in the fonts that travel with the program."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from fvbuild.resources import template

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Weight: TypeAlias = Literal["regular", "bold", "mono"]

_FILES: dict[Weight, str] = {
    "regular": "fonts/DejaVuSans.ttf",
    "bold": "fonts/DejaVuSans-Bold.ttf",
    "mono": "fonts/DejaVuSansMono.ttf",
}


@lru_cache(maxsize=64)
def font(weight: Weight, height_px: int) -> FreeTypeFont:
    """A vendored font (Latin, Greek, Cyrillic, arrows) at a height in pixels."""
    from PIL import ImageFont

    # Basic layout: the shaping library is not in every build of Pillow, and must change nothing.
    return ImageFont.truetype(
        str(template(_FILES[weight])), height_px, layout_engine=ImageFont.Layout.BASIC
    )


def clipped(text: str, face: FreeTypeFont, width_px: float) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if face.getlength(text) <= width_px:
        return text
    while text and face.getlength(text + "…") > width_px:
        text = text[:-1]
    return text.rstrip() + "…"
