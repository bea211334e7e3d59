"""Colour tables in the .cube format, read as files of strangers are: every number is looked at.

The format is Adobe's "Cube LUT Specification 1.0" (2013): a title, a size, a domain, and red, green
and blue of every entry, red changing fastest. One-dimensional tables have a curve a channel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

MAX_FILE_BYTES = 64 * 1024 * 1024
_MOST_3D, _MOST_1D = 129, 65_536
_LARGEST = 1e6
_IGNORED = ("TITLE", "LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE")
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")
_HINT = "export it again as a .cube file, with 17, 33 or 65 points a side"


@dataclass(frozen=True, slots=True)
class Cube:
    """A colour table. ``entries`` is (n, n, n, 3), indexed blue, green, red, or (n, 3) for curves.

    low, high: what of each channel the first and the last entry stand for.
    """

    entries: Table
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @property
    def curves(self) -> bool:
        """True for a one-dimensional table."""
        return self.entries.ndim == 2


def read_cube(path: Path) -> Cube:
    """The table of a file. Raises MediaError, with the line, for one that is none."""
    import numpy as np

    lines = _lines(path)
    size, flat = 0, False
    low, high = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    rows: list[tuple[float, float, float]] = []
    for number, words in lines:
        here = f"{path.name}:{number}"
        word = words[0].upper()
        if word in ("LUT_3D_SIZE", "LUT_1D_SIZE"):
            flat = word == "LUT_1D_SIZE"
            if size or rows:
                raise _wrong(here, "it says its size twice, or too late")
            size = _size(words, here, _MOST_1D if flat else _MOST_3D)
        elif word == "DOMAIN_MIN":
            low = _three(words[1:], here)
        elif word == "DOMAIN_MAX":
            high = _three(words[1:], here)
        elif word in _RANGES:
            first, last = _numbers(words[1:], here, 2)
            low, high = (first,) * 3, (last,) * 3
        elif word not in _IGNORED:
            rows.append(_three(words, here))
            if not size or len(rows) > (size if flat else size**3):
                raise _wrong(here, "it has more entries than its size says" if size else "no size")
    wanted = size if flat else size**3
    if not size or len(rows) != wanted:
        raise _wrong(path.name, f"it has {len(rows):,} entries, and its size says {wanted:,}")
    if any(end - start < 1e-6 for start, end in zip(low, high, strict=True)):
        raise _wrong(path.name, "its domain is empty")
    shape = (size, 3) if flat else (size, size, size, 3)
    return Cube(np.asarray(rows, np.float64).reshape(shape), low, high)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The words of every line that says something, with its number."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _wrong(path.name, "it is over 64 MB")
        text = path.read_bytes().decode("utf-8-sig", errors="strict")
    except UnicodeDecodeError:
        try:
            text = path.read_bytes().decode("latin-1")
        except OSError as error:
            raise _wrong(path.name, str(error.strerror)) from error
        if "\0" in text:
            raise _wrong(path.name, "it is no text") from None
    except OSError as error:
        raise _wrong(path.name, str(error.strerror)) from error
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


def _size(words: list[str], here: str, most: int) -> int:
    if len(words) != 2 or not words[1].isascii() or not words[1].isdigit():
        raise _wrong(here, "its size is no number")
    size = int(words[1][:9])
    if not 2 <= size <= most:
        raise _wrong(here, f"a table has 2 to {most:,} points a side, not {words[1][:12]}")
    return size


def _three(words: list[str], here: str) -> tuple[float, float, float]:
    red, green, blue = _numbers(words, here, 3)
    return red, green, blue


def _numbers(words: list[str], here: str, count: int) -> list[float]:
    if len(words) != count:
        raise _wrong(here, f"'{' '.join(words)[:40]}' is not {count} numbers")
    found = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            raise _wrong(here, f"'{word[:40]}' is no number") from None
        if not math.isfinite(value) or abs(value) > _LARGEST:
            raise _wrong(here, f"{word[:40]} is no colour")
        found.append(value)
    return found


def _wrong(place: str, why: str) -> MediaError:
    return MediaError(f"this is no colour table: {why}", place=place, hint=_HINT)
