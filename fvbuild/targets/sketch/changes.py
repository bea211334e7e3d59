"""A picture that is changed: the sketch is drawn where the mask is white, the rest is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from fvbuild.media.image import fit_picture, read_picture

if TYPE_CHECKING:
    from fvbuild.engine.action import Action

_HALF = 128


def changed(action: Action, drawn: Image.Image) -> Image.Image:
    """The still of an action that changes a picture, which is cropped to the canvas.

    Without a mask all of it may change, and nobody knows what does: the sketch lies over it at half
    its strength. Raises MediaError.
    """
    edit, mask = action.one("edit"), action.one("mask")
    if edit is None or edit.path is None:
        return drawn
    kept = fit_picture(read_picture(edit.path), drawn.size)
    if mask is None or mask.path is None:
        return Image.blend(kept, drawn, 0.5)
    grey = fit_picture(read_picture(mask.path), drawn.size).convert("L")
    white = grey.point(lambda level: 255 if level >= _HALF else 0)
    return Image.composite(drawn, kept, white)
