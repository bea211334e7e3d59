"""A clip through a colour table.

Applied by Pillow in whole numbers, so that the same clip and table give the same bytes on every
processor. Between the entries of a table of three dimensions it is trilinear; curves are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.media.clip import Check
from fvbuild.media.cube import Cube, read_cube
from fvbuild.media.steps import rewrite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Colours = NDArray[np.float64]

_FINEST = 65
"""Points a side that Pillow's table can have."""


def grade(source: Path, table: Path, path: Path, *, check: Check | None = None) -> int:
    """Write ``source`` through a .cube table; the number of frames, which stays what it was.

    Colours are the clip's own, BT.709 as it is displayed, from 0 to 1. Raises MediaError.
    """
    return rewrite(source, path, through(read_cube(table)), check=check)


def through(cube: Cube) -> Callable[[Image], Image]:
    """The change of a picture that a table means."""
    if cube.curves:
        curves = _curves(cube)
        return lambda image: image.point(curves)
    return by_table(_even(cube))


def by_table(entries: Colours) -> Callable[[Image], Image]:
    """The change by a table over 0 to 1: (n, n, n, 3), indexed blue, green, red."""
    import numpy as np
    from PIL import ImageFilter

    size = entries.shape[0]
    flat = np.clip(entries, 0.0, 1.0).reshape(-1).tolist()
    table = ImageFilter.Color3DLUT(size, flat)
    return lambda image: image.filter(table)


def grid(size: int) -> Colours:
    """Every colour of a table of ``size`` points a side: (n, n, n, 3), indexed blue, green, red."""
    import numpy as np

    steps = np.linspace(0.0, 1.0, size)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([red, green, blue], axis=-1)


def _curves(cube: Cube) -> list[int]:
    """One entry for every level of red, then green, then blue."""
    import numpy as np

    levels = np.arange(256) / 255.0
    points = np.linspace(0.0, 1.0, len(cube.entries))
    found: list[int] = []
    for channel in range(3):
        low, high = cube.low[channel], cube.high[channel]
        value = np.interp((levels - low) / (high - low), points, cube.entries[:, channel])
        found += np.rint(np.clip(value, 0.0, 1.0) * 255).astype(int).tolist()
    return found


def _even(cube: Cube) -> Colours:
    """The table over 0 to 1, with no more points than Pillow takes."""
    size = cube.entries.shape[0]
    if size <= _FINEST and cube.low == (0.0, 0.0, 0.0) and cube.high == (1.0, 1.0, 1.0):
        return cube.entries
    return looked_up(cube, grid(min(size, _FINEST)))


def looked_up(cube: Cube, colours: Colours) -> Colours:
    """Colours through a table, trilinear; what is outside its domain is as at its edge."""
    import numpy as np

    size = cube.entries.shape[0]
    low, high = np.asarray(cube.low), np.asarray(cube.high)
    at = np.clip((colours - low) / (high - low), 0.0, 1.0) * (size - 1)
    below = np.minimum(at.astype(int), size - 2)
    share = at - below
    result = np.zeros_like(colours)
    for corner in range(8):
        offset = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
        weight = np.prod(np.where(offset, share, 1 - share), axis=-1)
        red, green, blue = np.moveaxis(below + offset, -1, 0)
        result += weight[..., None] * cube.entries[blue, green, red]
    return result
