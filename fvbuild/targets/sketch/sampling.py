"""Moving planes by fractions of a pixel: bilinear sampling in whole numbers, fast and exact.

Pillow's resize does the same work one pixel at a time; here rows move as vectors. A pure shift
needs four products a pixel; a magnification goes over rows, turns the picture, and goes over rows
again, because gathering rows is a copy and gathering columns is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane: TypeAlias = NDArray[np.uint8]

_ROWS = 48
"""Rows worked on at once, so that what is between stays in the processor's cache."""


def sample(
    plane: Plane, x: float, y: float, steps: tuple[float, float], width: int, height: int
) -> Plane:
    """``height`` x ``width`` pixels of a plane, whose first lies at (x, y), ``steps`` (x, y) apart.

    Whole coordinates are pixels' middles. What lies outside takes the plane's edge.
    """
    rows, columns = plane.shape
    if steps == (1.0, 1.0):
        left, top = int(np.floor(x)), int(np.floor(y))
        inside = left >= 0 and top >= 0 and left + width < columns and top + height < rows
        if x == left and y == top and 0 <= left <= columns - width and 0 <= top <= rows - height:
            return plane[top : top + height, left : left + width]
        if inside:
            return _shifted(plane, left, top, x - left, y - top, width, height)
    across, share_x = _taps(x, steps[0], width, columns)
    down, share_y = _taps(y, steps[1], height, rows)
    first, last = int(across[0]), int(across[-1]) + 2
    tall = _blend_rows(plane[:, first:last], down, share_y)
    turned = _blend_rows(np.ascontiguousarray(tall.T), across - first, share_x)
    return np.ascontiguousarray(turned.T)


def _taps(
    start: float, step: float, count: int, length: int
) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """For each output the index of its first source and the share (of 256) of the second."""
    places = np.clip(start + step * np.arange(count), 0.0, max(0.0, length - 1.001))
    index = np.minimum(places.astype(np.intp), max(0, length - 2))
    share = np.clip(np.rint((places - index) * 256), 0, 256).astype(np.uint16)
    return index, share


def _blend_rows(plane: Plane, index: NDArray[np.intp], share: NDArray[np.uint16]) -> Plane:
    if plane.shape[0] < 2:
        return np.repeat(plane, len(index), axis=0)
    out = np.empty((len(index), plane.shape[1]), np.uint8)
    for start in range(0, len(index), _ROWS):
        part = index[start : start + _ROWS]
        weight = share[start : start + _ROWS, None]
        upper = plane[part].astype(np.uint16)
        lower = plane[part + 1].astype(np.uint16)
        upper *= 256 - weight
        lower *= weight
        upper += lower
        upper += 128
        upper >>= 8
        out[start : start + _ROWS] = upper
    return out


def _shifted(
    plane: Plane, left: int, top: int, part_x: float, part_y: float, width: int, height: int
) -> Plane:
    fx, fy = round(part_x * 256), round(part_y * 256)
    corner = fx * fy >> 8
    weights = tuple(
        np.uint16(value) for value in (256 - fx - fy + corner, fx - corner, fy - corner, corner)
    )
    out = np.empty((height, width), np.uint8)
    for start in range(0, height, _ROWS):
        stop = min(height, start + _ROWS)
        source = plane[top + start : top + stop + 1, left : left + width + 1].astype(np.uint16)
        total = source[:-1, :-1] * weights[0]
        total += source[:-1, 1:] * weights[1]
        total += source[1:, :-1] * weights[2]
        total += source[1:, 1:] * weights[3]
        total += 128
        total >>= 8
        out[start:stop] = total
    return out


def lay_over(base: Plane, over: Plane, alpha: Plane) -> None:
    """Lay ``over`` on ``base`` in place, by alpha (255: all of it)."""
    for start in range(0, base.shape[0], _ROWS):
        under = base[start : start + _ROWS]
        cover = alpha[start : start + _ROWS].astype(np.int16)
        cover += cover >> 7
        cover >>= 1
        change = over[start : start + _ROWS].astype(np.int16)
        change -= under
        change *= cover
        change += 64
        change >>= 7
        change += under
        under[:] = change
