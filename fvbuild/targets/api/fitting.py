"""Pictures made to fit what a model takes: its formats, its bytes, its sides, its ratio."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import content_of_file, of_value
from fvbuild.engine.sniff import media_type_of
from fvbuild.errors import RejectedInputError
from fvbuild.targets.api.media import Media

if TYPE_CHECKING:
    from PIL.Image import Image

    from fvbuild.engine.action import InputFile
    from fvbuild.targets.api.description_model import PictureLimit

_FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_QUALITIES = (95, 90, 82, 72, 60)
_SHRINK = 0.8
_RATIO_SPARE = 0.01


def fitted(
    given: InputFile, limits: PictureLimit, size: tuple[int, int] | None, folder: Path
) -> Media:
    """The picture as the model takes it; as it is, wherever that fits.

    ``size`` is the model's canvas, to whose ratio it is cropped at the centre; None leaves the
    ratio. A converted one is written into ``folder``. Raises MediaError, RejectedInputError.
    """
    from fvbuild.media.image import size_of

    assert given.path is not None, "a picture is a file"
    width, height = size_of(given.path)
    media_type = media_type_of(given.path)
    wanted = _wanted_size((width, height), limits, size)
    allowed = [_FORMATS[name] for name in limits.formats]
    small = limits.max_bytes is None or given.path.stat().st_size <= limits.max_bytes
    if wanted == (width, height) and media_type in allowed and small:
        return Media(given.path, media_type, given.digest, width=width, height=height)
    target = media_type if media_type in allowed else allowed[0]
    name = of_value([given.digest, wanted, target, limits.max_bytes, list(limits.formats)])
    path = folder / f"{name}{'.jpg' if target == 'image/jpeg' else '.' + target[6:]}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        target = _convert(given.path, path, wanted, target, allowed, limits.max_bytes)
    else:
        target = media_type_of(path)
    width, height = size_of(path)
    return Media(path, target, content_of_file(path), width=width, height=height)


def _wanted_size(
    has: tuple[int, int], limits: PictureLimit, canvas: tuple[int, int] | None
) -> tuple[int, int]:
    """The size it is to have: the canvas's ratio, and sides within bounds."""
    width, height = has
    if canvas is not None:
        ratio = Fraction(*canvas)
        if abs(width / height / float(ratio) - 1) > _RATIO_SPARE:
            if width / height > ratio:
                width = max(1, round(height * ratio))
            else:
                height = max(1, round(width / ratio))
    scale = 1.0
    if limits.max_side is not None and max(width, height) > limits.max_side:
        scale = limits.max_side / max(width, height)
    elif limits.min_side is not None and min(width, height) < limits.min_side:
        scale = limits.min_side / min(width, height)
    if scale == 1.0:
        return width, height
    # Rounded so that neither side crosses its bound again.
    up = scale > 1
    return (
        max(1, ceil(width * scale) if up else int(width * scale)),
        max(1, ceil(height * scale) if up else int(height * scale)),
    )


def _convert(
    source: Path,
    path: Path,
    size: tuple[int, int],
    media_type: str,
    allowed: list[str],
    max_bytes: int | None,
) -> str:
    """Write it; what is too many bytes becomes a JPEG if it may, then smaller. Gives its type."""
    from fvbuild.media.image import fit_picture, read_picture

    image = fit_picture(read_picture(source), size)
    if _saved(image, path, media_type, max_bytes):
        return media_type
    lossy = "image/jpeg" if "image/jpeg" in allowed else media_type
    for _ in range(8):
        if _saved(image, path, lossy, max_bytes):
            return lossy
        image = image.resize(
            (max(1, int(image.width * _SHRINK)), max(1, int(image.height * _SHRINK)))
        )
    raise RejectedInputError(f"'{source.name}' cannot be made smaller than {max_bytes} bytes")


def _saved(image: Image, path: Path, media_type: str, max_bytes: int | None) -> bool:
    """Write it in the best quality that fits."""
    part = path.with_name(path.name + ".part")
    qualities = (None,) if media_type == "image/png" else _QUALITIES
    for quality in qualities:
        options = {} if quality is None else {"quality": quality}
        image.save(part, format=media_type[6:].upper(), **options)
        if max_bytes is None or part.stat().st_size <= max_bytes:
            part.replace(path)
            return True
    part.unlink(missing_ok=True)
    return False
