"""Masks as models take them: of the very size of their picture, and in the model's own colours.

A film's mask is white where the picture may change, and black where it stays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import InputFile
from fvbuild.engine.digest import content_of_file, of_value
from fvbuild.errors import RejectedInputError

if TYPE_CHECKING:
    from fvbuild.targets.api.description_model import MaskForm
    from fvbuild.targets.api.media import Media

_RATIO_SPARE = 0.01
_HALF = 128


def of_its_shape(mask: Path, picture: Path) -> str | None:
    """None where a mask has the shape of its picture, else what is wrong. Raises MediaError."""
    from fvbuild.media.image import size_of

    wide, high = size_of(mask)
    width, height = size_of(picture)
    if abs((wide / high) / (width / height) - 1) <= _RATIO_SPARE:
        return None
    return (
        f"the mask '{mask.name}' is {wide}x{high}, which is another shape than that of "
        f"'{picture.name}', {width}x{height}"
    )


def fitted_mask(
    mask: InputFile, edit: InputFile, sent: Media, form: MaskForm, folder: Path
) -> InputFile:
    """The mask of a picture which is sent as ``sent``: cut and scaled as that was, and hard-edged.

    form: what is changed is ``white``, ``black`` or ``transparent``. Written into ``folder``.
    Raises RejectedInputError for a mask of another shape, and MediaError.
    """
    from PIL import Image

    from fvbuild.media.image import fit_picture, read_picture

    assert mask.path is not None and edit.path is not None, "pictures are files"
    assert sent.width is not None and sent.height is not None, "it was measured"
    wrong = of_its_shape(mask.path, edit.path)
    if wrong is not None:
        raise RejectedInputError(wrong, hint="draw the mask over the picture, at its size")
    name = of_value(["mask", mask.digest, sent.width, sent.height, form])
    path = folder / f"{name}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        size = (sent.width, sent.height)
        grey = fit_picture(read_picture(mask.path), size).convert("L")
        white = grey.point(lambda level: 255 if level >= _HALF else 0)
        black = white.point(lambda level: 255 - level)
        image = {"white": white, "black": black}.get(form)
        if image is None:
            image = Image.new("RGBA", white.size, (0, 0, 0, 255))
            image.putalpha(black)
        part = path.with_name(path.name + ".part")
        image.save(part, format="PNG")
        part.replace(path)
    return InputFile("mask", content_of_file(path), path, "image/png")
