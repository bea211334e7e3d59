"""Pictures: read safely, fitted to a canvas, written the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image

Fit: TypeAlias = Literal["crop", "pad"]

MAX_PIXELS = 120_000_000


def size_of(path: Path, *, place: str | None = None) -> tuple[int, int]:
    """Width and height in pixels as shown (EXIF orientation applied), without decoding.

    Raises MediaError when it is not a PNG, JPEG or WebP picture, or has over 120 megapixels.
    """
    raise NotImplementedError


def read_picture(path: Path, *, place: str | None = None) -> Image:
    """The picture as a Pillow RGB image: upright, sRGB, transparency laid over black.

    ``place`` is where the user named it (``film.yaml:52:9``), for the message.
    Raises MediaError when it cannot be read.
    """
    raise NotImplementedError


def fit_picture(image: Image, size: tuple[int, int], fit: Fit = "crop") -> Image:
    """The picture at exactly ``size``: scaled, then cropped at the centre or padded with black."""
    raise NotImplementedError


def write_png(path: Path, image: Image) -> None:
    """Write an RGB picture as PNG, without any metadata; it appears only when it is whole."""
    raise NotImplementedError
