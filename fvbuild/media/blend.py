"""The pictures of a transition, frame by frame.

All arithmetic is on whole numbers, so that every processor gives the same pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fvbuild.media.codec import Pixels

Touched: TypeAlias = "tuple[int, int, int]"
"""Frames of the first shot's end, of the second's start, and how many overlap."""

_ONE = 1 << 16
_LUMA = {"black": 16, "white": 235}
_NEUTRAL_CHROMA = 128
_SOFT_EDGE_PARTS = 24


def transition_frames(
    kind: str, first: Iterator[Pixels], second: Iterator[Pixels], before: int, touched: Touched
) -> Iterator[Pixels]:
    """The frames of a transition: ``before`` of the first shot untouched, then the transition.

    ``kind`` is canonical. ``touched`` are the frames it takes of the first shot's end, of the
    second's start, and how many of them overlap. What is left of ``second`` follows untouched.
    """
    if touched[2]:
        return _overlapped(first, second, before, kind, touched[2])
    return _through(first, second, before, kind, touched)


def _overlapped(
    first: Iterator[Pixels], second: Iterator[Pixels], before: int, kind: str, length: int
) -> Iterator[Pixels]:
    for _ in range(before):
        yield next(first)
    for number, (a, b) in enumerate(zip(first, second, strict=False), 1):
        if kind == "dissolve":
            yield mixed(a, b, nearest_weight(number, length + 1))
        else:
            yield mixed(a, b, wipe_weights(a.shape, kind, number, length + 1))
        if number == length:
            break
    yield from second


def _through(
    first: Iterator[Pixels], second: Iterator[Pixels], before: int, kind: str, touched: Touched
) -> Iterator[Pixels]:
    import numpy as np

    out, into = colour_weights(kind, touched[0], touched[1])
    ground: Pixels | None = None
    for number, a in enumerate(first):
        if ground is None:
            ground = np.full_like(a, _NEUTRAL_CHROMA)
            ground[: a.shape[0] * 2 // 3] = _LUMA[kind.split()[-1]]
        yield a if number < before else mixed(a, ground, out[number - before])
    for number, b in enumerate(second):
        assert ground is not None
        yield mixed(b, ground, into[number]) if number < len(into) else b


def nearest_weight(part: int, whole: int) -> int:
    """``part / whole`` in 65536ths."""
    return (part * _ONE * 2 + whole) // (whole * 2)


def colour_weights(kind: str, tail: int, head: int) -> tuple[list[int], list[int]]:
    """How much of the colour covers each frame going out, and each coming in, in 65536ths."""
    if kind.startswith("fade"):
        out = [nearest_weight(number, tail) for number in range(1, tail + 1)]
        return out, [_ONE - nearest_weight(number, head) for number in range(head)]
    # One even ramp up and down over the whole dip, highest at the join.
    whole = tail + head + 1
    ramp = [nearest_weight(2 * min(number, whole - number), whole) for number in range(1, whole)]
    return ramp[:tail], ramp[tail:]


def mixed(a: Pixels, b: Pixels, weight: int | NDArray[np.uint32]) -> Pixels:
    """``weight`` 65536ths of ``b`` over ``a``, each sample rounded to the nearest."""
    import numpy as np

    share = np.uint32(weight) if isinstance(weight, int) else weight
    total: NDArray[np.uint32] = (
        a.astype(np.uint32) * (np.uint32(_ONE) - share) + b.astype(np.uint32) * share
    )
    total += np.uint32(_ONE // 2)
    blended: Pixels = (total >> np.uint32(16)).astype(np.uint8)
    return blended


def wipe_weights(shape: tuple[int, ...], kind: str, part: int, whole: int) -> NDArray[np.uint32]:
    """Weights of the second shot for every sample of a planar yuv420p frame of this shape."""
    import numpy as np

    height, width = shape[0] * 2 // 3, shape[1]
    direction = kind.split()[-1]
    along = width if direction in ("left", "right") else height
    soft = max(2, along // _SOFT_EDGE_PARTS)
    # The soft edge starts wholly outside on one side and ends wholly outside on the other.
    behind = (along + soft) * part // whole
    weights = np.clip((np.arange(along) - (along - behind)) * _ONE // soft, 0, _ONE)
    if direction in ("right", "down"):
        weights = weights[::-1]
    luma = weights.astype(np.uint32)
    chroma = luma[::2]
    if direction in ("left", "right"):
        rows = np.broadcast_to(luma, (height, width)).reshape(-1)
        small = np.broadcast_to(chroma, (height // 2, width // 2)).reshape(-1)
    else:
        rows = np.repeat(luma, width)
        small = np.repeat(chroma, width // 2)
    return np.concatenate([rows, small, small]).reshape(shape)
