"""Layers in pieces that cost little to move: no empty columns, no alpha where all is solid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from fvbuild.targets.sketch.sheet import Layer

_GAP_PX = 24
"""Empty columns that part two pieces; narrower gaps cost less than another piece."""

_LEAST_SOLID_ROWS = 32


def joined(layers: Sequence[Layer], *, flat: bool) -> list[Layer]:
    """Neighbours that no camera moves apart as one layer; ``flat``: nothing moves apart at all.

    The first layer is opaque and covers the others.
    """
    found: list[Layer] = []
    for layer in layers:
        if found and (flat or _moves_with(found[-1], layer)):
            found[-1] = _over(found[-1], layer)
        else:
            found.append(layer)
    return found


def _moves_with(one: Layer, other: Layer) -> bool:
    same = (one.depth, one.actor, one.plane) == (other.depth, other.actor, other.plane)
    return same and one.image.mode == other.image.mode == "RGBA"


def _over(below: Layer, above: Layer) -> Layer:
    """Two layers on one sheet, as large as both need; what is opaque keeps its size."""
    if below.image.mode == "RGB":
        left, top = below.left, below.top
        image = below.image.copy()
        at = (above.left - left, above.top - top)
        image.paste(above.image, at, above.image if above.image.mode == "RGBA" else None)
        return replace(below, image=image)
    left, top = min(below.left, above.left), min(below.top, above.top)
    right = max(layer.left + layer.image.width for layer in (below, above))
    bottom = max(layer.top + layer.image.height for layer in (below, above))
    image = Image.new("RGBA", (right - left, bottom - top))
    image.paste(below.image, (below.left - left, below.top - top))
    image.alpha_composite(above.image, (above.left - left, above.top - top))
    return replace(below, image=image, left=left, top=top)


def pieces(layer: Layer) -> list[Layer]:
    """The layer as pieces that together look the same; an opaque layer is one piece."""
    if layer.image.mode == "RGB":
        return [layer]
    alpha = np.asarray(layer.image.getchannel("A"))
    rows = layer.image.height
    solid = _solid_from(alpha)
    if rows - solid < _LEAST_SOLID_ROWS:
        return _columns(layer, alpha)
    ground = layer.image.crop((0, solid, layer.image.width, rows)).convert("RGB")
    lower = replace(layer, image=ground, top=layer.top + solid)
    if solid == 0:
        return [lower]
    upper = replace(layer, image=layer.image.crop((0, 0, layer.image.width, solid)))
    return [*_columns(upper, alpha[:solid]), lower]


def _solid_from(alpha: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> int:
    """The first row from which on every pixel is opaque."""
    holes = np.flatnonzero(alpha.min(axis=1) < 255)
    return int(holes[-1]) + 1 if len(holes) else 0


def _columns(layer: Layer, alpha: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> list[Layer]:
    """One piece for each run of columns that hold anything, cut to its rows."""
    seen = np.flatnonzero(alpha.max(axis=0) > 0)
    if not len(seen):
        return []
    breaks = np.flatnonzero(np.diff(seen) > _GAP_PX)
    starts = [int(seen[0]), *(int(seen[index + 1]) for index in breaks)]
    ends = [*(int(seen[index]) + 1 for index in breaks), int(seen[-1]) + 1]
    found = []
    for start, end in zip(starts, ends, strict=True):
        rows = np.flatnonzero(alpha[:, start:end].max(axis=1) > 0)
        box = (start, int(rows[0]), end, int(rows[-1]) + 1)
        image: Image.Image = layer.image.crop(box)
        found.append(replace(layer, image=image, left=layer.left + start, top=layer.top + box[1]))
    return found
