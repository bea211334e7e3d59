"""The length and size that a model makes, of those it can, for what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, isqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fvbuild.targets.api.facts import FreeSize, ModelFacts


@dataclass(frozen=True, slots=True)
class Size:
    """A size a model makes. ``name`` is as its description writes it, ``ratio`` in lowest terms."""

    width: int
    height: int
    ratio: str
    name: str

    def as_context(self) -> dict[str, Any]:
        """What templates see."""
        return {
            "width": self.width,
            "height": self.height,
            "ratio": self.ratio,
            "name": self.name,
        }


def offered_s(model: ModelFacts, wanted_s: float) -> float:
    """The shortest length the model makes that is long enough, else its longest."""
    lengths = model.lengths
    if not lengths:
        return wanted_s
    return next((length for length in lengths if length >= wanted_s - 1e-6), lengths[-1])


# --- sizes ----------------------------------------------------------------------------------------


def size_for(
    model: ModelFacts,
    canvas: tuple[int, int],
    settings: Mapping[str, Any],
    sizes: Sequence[str] | None = None,
) -> Size:
    """The size that is nearest to a canvas: first in its ratio, then in its area.

    ``sizes`` are those to choose from, where they are not the model's.
    """
    if sizes is None and model.free_size is not None:
        return _free(model.free_size, canvas)
    known = [
        _read(name, pixels_of(model, settings))
        for name in (sizes if sizes is not None else model.sizes)
    ]
    if not known:
        return _sized(*canvas)
    wanted = canvas[0] / canvas[1]

    def distance(size: Size) -> tuple[float, int]:
        has = _ratio(size.ratio)
        return round(max(has / wanted, wanted / has), 4), abs(
            size.width * size.height - canvas[0] * canvas[1]
        )

    return min(known, key=distance)


def pixels_of(model: ModelFacts, settings: Mapping[str, Any]) -> int:
    """About how many pixels it draws: by its sizes, or by a resolution such as 720p that is set."""
    if model.free_size is not None:
        return model.free_size.pixels
    chosen = settings.get("size")
    first = next((name for name in model.sizes if "x" in name), None)
    named = chosen if isinstance(chosen, str) and "x" in chosen else first
    if named is not None:
        width, _, height = named.partition("x")
        return int(width) * int(height)
    return _of_resolution(str(settings.get("resolution") or "")) or model.pixels


def multiple_of(model: ModelFacts) -> int:
    """What both sides of its canvas are multiples of."""
    return model.free_size.multiple if model.free_size is not None else 2


def _of_resolution(word: str) -> int | None:
    """Pixels of a 16:9 picture of a resolution: ``720p``, ``768P``, ``1K``, ``2k``, ``4K``."""
    number, unit = word[:-1], word[-1:].lower()
    if not number.isdigit():
        return None
    if unit == "p":
        return int(number) * (int(number) * 16 // 9)
    return (int(number) * 1024) ** 2 if unit == "k" else None


def _free(sizes: FreeSize, canvas: tuple[int, int]) -> Size:
    width, height = canvas
    if sizes.max_ratio is not None:
        width = min(width, int(height * sizes.max_ratio))
        height = min(height, int(width * sizes.max_ratio))
    longest = max(width, height)
    if sizes.max_side is not None and longest > sizes.max_side:
        width, height = (side * sizes.max_side // longest for side in (width, height))
    step = sizes.multiple
    return _sized(max(step, width // step * step), max(step, height // step * step))


def _read(name: str, pixels: int) -> Size:
    if "x" in name:
        width, _, height = name.partition("x")
        return _sized(int(width), int(height), name)
    ratio = _ratio(name)
    height_px = isqrt(round(pixels / ratio))
    return Size(round(height_px * ratio / 2) * 2, height_px // 2 * 2, name, name)


def _sized(width: int, height: int, name: str = "") -> Size:
    divisor = gcd(width, height)
    ratio = f"{width // divisor}:{height // divisor}"
    return Size(width, height, ratio, name or f"{width}x{height}")


def _ratio(text: str) -> float:
    across, _, down = text.partition(":")
    return float(across) / float(down)
