"""One function of the older interface."""

from __future__ import annotations

from typing import Any


def pil_to_tensor(picture: Any) -> Any:
    """A picture as uint8, C x H x W."""
    import numpy as np
    import torch

    pixels = np.array(picture, copy=True)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    return torch.from_numpy(pixels).permute(2, 0, 1)
