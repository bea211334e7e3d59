"""Functions on tensors N x C x H x W that the Qwen-VL processors call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import pil_to_tensor

__all__ = ["InterpolationMode", "normalize", "pil_to_tensor", "resize", "to_dtype"]


def resize(
    image: Any,
    size: Sequence[int],
    interpolation: InterpolationMode = InterpolationMode.BILINEAR,
    antialias: bool = True,
) -> Any:
    """To height and width in ``size``; whole numbers stay whole."""
    import torch

    way = "bicubic" if interpolation in _SMOOTH else "bilinear"
    sized = torch.nn.functional.interpolate(
        image.float(), size=list(size), mode=way, antialias=antialias, align_corners=False
    )
    if image.dtype == torch.uint8:
        return sized.round().clamp(0, 255).to(torch.uint8)
    return sized.to(image.dtype)


_SMOOTH = (InterpolationMode.BICUBIC, InterpolationMode.LANCZOS)


def normalize(image: Any, mean: Any, std: Any, inplace: bool = False) -> Any:
    """(image - mean) / std, channel by channel."""
    import torch

    del inplace
    means, deviations = (
        torch.as_tensor(values, dtype=image.dtype, device=image.device).view(-1, 1, 1)
        for values in (mean, std)
    )
    return (image - means) / deviations


def to_dtype(image: Any, dtype: Any, scale: bool = False) -> Any:
    """Whole numbers from 0 to 255 become 0 to 1, where that is asked for."""
    scaled = scale and not image.dtype.is_floating_point
    return image.to(dtype) / 255 if scaled else image.to(dtype)
