"""The canvas: the size in pixels at which a target draws pictures and clips of a film."""

from __future__ import annotations

from functools import cache
from math import gcd, isqrt

_SLACK_PERCENT = 20


@cache
def canvas_of(size: tuple[int, int], area_pixels: int, multiple: int) -> tuple[int, int]:
    """Width and height of about ``area_pixels`` at the ratio of ``size``.

    Both are multiples of ``multiple``.

    Only the ratio of ``size`` counts, so that a film of another size and equal ratio keeps its
    pictures. The ratio is exact where an exact canvas lies within a fifth of the area.
    """
    divisor = gcd(*size)
    across, down = size[0] // divisor, size[1] // divisor
    step = multiple // gcd(multiple, gcd(across, down))
    times = max(1, isqrt(area_pixels // (across * down)) // step)
    exact = min(
        (times, times + 1), key=lambda n: abs(across * down * (n * step) ** 2 - area_pixels)
    )
    width, height = across * step * exact, down * step * exact
    if abs(width * height - area_pixels) * 100 <= area_pixels * _SLACK_PERCENT:
        return width, height
    return (
        _rounded(isqrt(area_pixels * across // down), multiple),
        _rounded(isqrt(area_pixels * down // across), multiple),
    )


def _rounded(side: int, multiple: int) -> int:
    return max(1, (side + multiple // 2) // multiple) * multiple
