"""Moving planes by fractions of a pixel: bilinear sampling in whole numbers, fast and exact.

Gathering rows of an array is a copy, gathering columns is not. So a magnification goes over the
columns of planes that are kept turned, turns what it found, and goes over its rows; a pure shift
needs neither. Everything between two frames' planes happens in blocks that stay in the
processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane: TypeAlias = NDArray[np.uint8]
    Wide: TypeAlias = NDArray[np.uint16]
    """Bytes times 128."""

_BLOCK_PIXELS = 96 * 1024
_WHOLE = 128
"""The whole of a share or a cover: two products of it with a byte fit into 16 bits."""


class Taps(NamedTuple):
    """One axis of a sampling: for each output the first of its two sources, and what part of the
    way to the second it lies (0 to 128). ``even`` is set where all are one step apart."""

    first: NDArray[np.intp]
    share: Wide
    even: bool

    @classmethod
    def of(cls, start: float, step: float, count: int, length: int) -> Taps:
        """Outputs at ``start``, ``start + step``, ... on ``length`` sources; whole numbers are
        their middles, and what lies outside takes the edge."""
        if step == 1.0 and start >= 0 and start + count <= length:
            first, part = divmod(start, 1.0)
            index = np.arange(int(first), int(first) + count)
            return cls(index, np.full(count, round(part * _WHOLE), np.uint16), True)
        places = start + step * np.arange(count)
        places = np.minimum(np.maximum(places, 0.0), length - 1.0)
        index = places.astype(np.intp)
        return cls(index, np.rint((places - index) * _WHOLE).astype(np.uint16), False)

    @property
    def span(self) -> slice:
        """The sources that are needed."""
        return slice(int(self.first[0]), int(self.first[-1]) + 2)


class Planes:
    """Planes of one size that move together, and how far they let through what is below them.

    Colours are kept multiplied by their cover, so that they never bleed into each other.
    """

    def __init__(self, colours: Sequence[Plane], alpha: Plane | None = None) -> None:
        planes = [np.asarray(colour) for colour in colours]
        self._clear = alpha is not None
        if alpha is not None:
            cover = (alpha.astype(np.uint16) * _WHOLE + 127) // 255
            planes = [((plane * cover + 64) >> 7).astype(np.uint8) for plane in planes]
            planes.append((_WHOLE - cover).astype(np.uint8))
        # One row and column more, so that every pixel has a second to go to.
        self._upright = np.pad(np.stack(planes), ((0, 0), (0, 1), (0, 1)), mode="edge")

    @cached_property
    def _turned(self) -> Plane:
        """Columns first: column, plane, row."""
        return np.ascontiguousarray(self._upright.transpose(2, 0, 1))

    def taps(
        self, x: float, y: float, steps: tuple[float, float], size: tuple[int, int]
    ) -> tuple[Taps, Taps]:
        """Where ``size`` (columns, rows) pixels lie, the first at (x, y), ``steps`` apart."""
        _, rows, columns = self._upright.shape
        return Taps.of(x, steps[0], size[0], columns - 1), Taps.of(y, steps[1], size[1], rows - 1)

    def lay(self, onto: Sequence[Plane], across: Taps, down: Taps) -> None:
        """Sample the planes and lay them over others, in place; each has the taps' size."""
        for rows, found in self._blocks(across, down):
            clear = _rounded(found.pop()) if self._clear else None
            for under, over in zip(onto, found, strict=True):
                if clear is not None:
                    seen = under[rows].astype(np.uint16)
                    seen *= clear
                    over += seen
                under[rows] = _rounded(over)

    def _blocks(self, across: Taps, down: Taps) -> Iterator[tuple[slice, list[Wide]]]:
        """Rows of the output with what is sampled for them, plane by plane."""
        shifted = across.even and down.even
        source = self._upright[:, :, across.span] if shifted else self._columns(across, down)
        first = 0 if shifted else int(down.first[0])
        step = max(4, _BLOCK_PIXELS // len(across.first))
        for start in range(0, len(down.first), step):
            rows = slice(start, min(start + step, len(down.first)))
            index, share = down.first[rows] - first, down.share[rows, None]
            if shifted:
                yield rows, [_shifted(plane, across, down, rows) for plane in source]
            else:
                yield (
                    rows,
                    [
                        _between(plane.take(index, 0), plane.take(index + 1, 0), share)
                        for plane in source
                    ],
                )

    def _columns(self, across: Taps, down: Taps) -> Plane:
        """The source's rows that are needed, each as wide as the output."""
        turned, rows = self._turned, down.span
        found = np.empty((turned.shape[1], rows.stop - rows.start, len(across.first)), np.uint8)
        step = max(16, _BLOCK_PIXELS // (found.shape[0] * found.shape[1]))
        for start in range(0, len(across.first), step):
            columns = slice(start, start + step)
            index, share = across.first[columns], across.share[columns, None, None]
            # Whole columns are gathered, for that is one copy each; then come the rows needed.
            one, other = (turned.take(at, 0)[:, :, rows] for at in (index, index + 1))
            block = _rounded(_between(one, other, share)).astype(np.uint8)
            found[:, :, columns] = block.transpose(1, 2, 0)
        return found


def _between(one: Plane, other: Plane, share: Wide | np.uint16) -> Wide:
    """From one to the other by a share of 128, times 128."""
    low, high = one.astype(np.uint16), other.astype(np.uint16)
    low *= _WHOLE - share
    high *= share
    high += low
    return high


def _rounded(wide: Wide) -> Wide:
    """Bytes again, in place."""
    wide += 64
    wide >>= 7
    return wide


def _shifted(source: Plane, across: Taps, down: Taps, rows: slice) -> Wide:
    """Rows of a plane whose columns are cut to those needed, moved by one fraction each way."""
    top = int(down.first[rows.start])
    part = source[top : top + rows.stop - rows.start + 1]
    aside, below = across.share[0], down.share[0]
    if below == 0:
        return _between(part[:-1, :-1], part[:-1, 1:], aside)
    if aside:
        part = _rounded(_between(part[:, :-1], part[:, 1:], aside)).astype(np.uint8)
    else:
        part = part[:, :-1]
    return _between(part[:-1], part[1:], below)


class Glaze:
    """A sheet that stays where it is, laid over frame after frame to the 256th of a cover."""

    def __init__(self, colour: Plane, alpha: Plane) -> None:
        cover = alpha.astype(np.uint16)
        cover += cover >> 7
        self._clear = 256 - cover
        self._light = colour * cover + np.uint16(128)

    def over(self, plane: Plane) -> None:
        """Lay it over a plane of its size, in place."""
        step = max(4, _BLOCK_PIXELS // plane.shape[1])
        for start in range(0, plane.shape[0], step):
            rows = slice(start, start + step)
            seen = plane[rows].astype(np.uint16)
            seen *= self._clear[rows]
            seen += self._light[rows]
            seen >>= 8
            plane[rows] = seen


def mixed(one: Plane, other: Plane, share: float) -> Plane:
    """A plane between two of one size: ``share`` (0 to 1) of the other."""
    part, found = np.uint16(round(share * _WHOLE)), np.empty_like(one)
    step = max(4, _BLOCK_PIXELS // one.shape[1])
    for start in range(0, one.shape[0], step):
        rows = slice(start, start + step)
        found[rows] = _rounded(_between(one[rows], other[rows], part))
    return found
