"""The ways of resizing, by the names they have there."""

from __future__ import annotations

from enum import Enum


class InterpolationMode(Enum):
    """Named as in torchvision."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"
