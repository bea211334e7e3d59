"""A clip's colours brought back to those of the picture that it began on.

Models that animate a picture shift its exposure and tint. The first frame shows what the picture
shows, so what the two differ by is the model's doing: the map that carries the mean and covariance
of the frame's colours, in Oklab, over to the picture's is the linear Monge-Kantorovich map of
F. Pitie and A. Kokaram ("The linear Monge-Kantorovitch linear colour mapping for example-based
colour transfer", CVMP 2007). Of all linear maps that do so it moves colours least. One map serves
the whole clip, so nothing can flicker.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.clip import Check
from fvbuild.media.grade import by_table, grid
from fvbuild.media.image import fit_picture, read_picture
from fvbuild.media.steps import pictures_of, profile_like, rewrite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Colours = NDArray[np.float64]

_POINTS = 33
_WIDTH_PX = 192
"""Colours are measured in pictures of so many columns: finer detail does not move them."""
_FLAT = 4e-5
"""Added to variances, so that a picture of one colour is shifted, not stretched."""
_LEAST, _MOST = 0.6, 1.6
"""How far contrast may be changed in any direction: beyond, the pictures show different things."""
_UNSEEN = 1.0 / 255
"""A map that moves no colour of the frame further than a level is left out."""


def match(source: Path, like: Path, path: Path, *, check: Check | None = None) -> int | None:
    """Write ``source`` in the colours of the picture ``like``; the number of its frames.

    None, and nothing is written, when they are its colours already. Raises MediaError.
    """
    import numpy as np

    profile, _ = profile_like(source)
    first = next(pictures_of(source, profile), None)
    if first is None:
        raise MediaError("this clip has no frame that can be decoded", place=str(source))
    given = fit_picture(read_picture(like), first.size)
    table = transfer(_colours(first), _colours(given))
    moved = by_table(table)(_small(first))
    if np.abs(np.asarray(moved, float) - np.asarray(_small(first), float)).max() <= 255 * _UNSEEN:
        return None
    return rewrite(source, path, by_table(table), check=check)


def transfer(colours: Colours, wanted: Colours) -> Colours:
    """The map as a colour table; both are sRGB from 0 to 1, of shape (n, 3)."""
    from fvbuild.media.oklab import from_oklab, to_oklab

    mean, spread = _measured(to_oklab(colours))
    wanted_mean, wanted_spread = _measured(to_oklab(wanted))
    stretch = _limited(_map(spread, wanted_spread))
    lab = (to_oklab(grid(_POINTS)) - mean) @ stretch.T + wanted_mean
    return from_oklab(lab)


def _small(picture: Image) -> Image:
    """A picture for measuring: averaged by whole numbers, the same on every processor."""
    return picture.reduce(max(1, picture.width // _WIDTH_PX))


def _colours(picture: Image) -> Colours:
    import numpy as np

    return np.asarray(_small(picture), np.float64).reshape(-1, 3) / 255


def _measured(lab: Colours) -> tuple[Colours, Colours]:
    import numpy as np

    centred = lab - lab.mean(axis=0)
    return lab.mean(axis=0), centred.T @ centred / len(lab) + _FLAT * np.eye(3)


def _map(spread: Colours, wanted: Colours) -> Colours:
    """The symmetric T with T spread T = wanted."""
    root = _power(spread, 0.5)
    back = _power(spread, -0.5)
    return back @ _power(root @ wanted @ root, 0.5) @ back


def _power(matrix: Colours, power: float) -> Colours:
    import numpy as np

    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-12) ** power) @ vectors.T)


def _limited(stretch: Colours) -> Colours:
    import numpy as np

    values, vectors = np.linalg.eigh((stretch + stretch.T) / 2)
    return np.asarray((vectors * np.clip(values, _LEAST, _MOST)) @ vectors.T)
