"""What a model's description comes to: the calls that make a kind, its lengths and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, isqrt
from typing import TYPE_CHECKING, Any

from fvbuild.targets.api.description_call import Way
from fvbuild.targets.api.description_model import GROUPS, FreeSizes, Lengths

if TYPE_CHECKING:
    from fvbuild.targets.api.description_model import Model


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


def kinds_of(model: Model) -> frozenset[str]:
    """The kinds of node that a model makes."""
    return frozenset(kind for made in model.makes for kind in GROUPS.get(made, (made,)))


def calls_of(model: Model, kind: str) -> list[str]:
    """The calls that a kind of node may be made by."""
    return [way.call for way in ways_of(model, kind)]


def ways_of(model: Model, kind: str) -> list[Way]:
    """The ways of a kind, else of the group that it belongs to; none if it is not made."""
    makes: Mapping[Any, Any] = model.makes
    group = next((name for name, kinds in GROUPS.items() if kind in kinds), "")
    found = makes.get(kind, makes.get(group, []))
    return [Way(call=found)] if isinstance(found, str) else found


def lengths_of(model: Model) -> Sequence[float]:
    """The lengths a model can make, in order, in seconds; none where any will do."""
    lengths = model.seconds
    if lengths is None:
        return ()
    if not isinstance(lengths, Lengths):
        return sorted(lengths)
    count = int((lengths.max - lengths.min) / lengths.step + 1e-9)
    return [round(lengths.min + at * lengths.step, 6) for at in range(count + 1)]


def offered_s(model: Model, wanted_s: float) -> float:
    """The shortest length the model makes that is long enough, else its longest."""
    lengths = lengths_of(model)
    if not lengths:
        return wanted_s
    return next((length for length in lengths if length >= wanted_s - 1e-6), lengths[-1])


# --- sizes ----------------------------------------------------------------------------------------


def size_for(
    model: Model, canvas: tuple[int, int], settings: Mapping[str, Any], way: Way | None = None
) -> Size:
    """The size of a model that is nearest to a canvas: first in its ratio, then in its area."""
    sizes = way.sizes if way is not None and way.sizes is not None else model.sizes
    if isinstance(sizes, FreeSizes):
        return _free(sizes, canvas)
    known = [_read(name, pixels_of(model, settings)) for name in sizes or ()]
    if not known:
        return _sized(*canvas)
    wanted = canvas[0] / canvas[1]

    def distance(size: Size) -> tuple[float, int]:
        has = _ratio(size.ratio)
        return round(max(has / wanted, wanted / has), 4), abs(
            size.width * size.height - canvas[0] * canvas[1]
        )

    return min(known, key=distance)


def pixels_of(model: Model, settings: Mapping[str, Any]) -> int:
    """About how many pixels it draws: by its sizes, or by a resolution such as 720p that is set."""
    if isinstance(model.sizes, FreeSizes):
        return model.sizes.pixels
    chosen = settings.get("size")
    first = next((name for name in model.sizes or () if "x" in name), None)
    named = chosen if isinstance(chosen, str) and "x" in chosen else first
    if named is not None:
        width, _, height = named.partition("x")
        return int(width) * int(height)
    return _of_resolution(str(settings.get("resolution") or "")) or model.pixels


def multiple_of(model: Model) -> int:
    """What both sides of its canvas are multiples of."""
    return model.sizes.multiple if isinstance(model.sizes, FreeSizes) else 2


def _of_resolution(word: str) -> int | None:
    """Pixels of a 16:9 picture of a resolution: ``720p``, ``768P``, ``1K``, ``2k``, ``4K``."""
    number, unit = word[:-1], word[-1:].lower()
    if not number.isdigit():
        return None
    if unit == "p":
        return int(number) * (int(number) * 16 // 9)
    return (int(number) * 1024) ** 2 if unit == "k" else None


def _free(sizes: FreeSizes, canvas: tuple[int, int]) -> Size:
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
