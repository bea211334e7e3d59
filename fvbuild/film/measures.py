"""Values with units, as a film writes them: lengths, sizes, levels, money."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache

from fvbuild.timecode import Length, quoted

MAX_LENGTH_S = 6 * 3600
_RATIO_AREA = 1280 * 720
_MIN_SIDE, _MAX_SIDE = 16, 16384

_SIZE = re.compile(r"(\d{1,6})\s*[xX×]\s*(\d{1,6})", re.ASCII)
_RATIO = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*:\s*(\d{1,5}(?:\.\d{1,4})?)", re.ASCII)
_LEVEL = re.compile(r"([-+]?\d{1,3}(?:\.\d{1,3})?)\s*(dB|db|DB)?", re.ASCII)
_LOUDNESS = re.compile(r"([-+]?\d{1,3}(?:\.\d{1,3})?)\s*(LUFS|lufs|LKFS)?", re.ASCII)
_MONEY = re.compile(
    r"(?P<sign>[$€£])?\s*(?P<n>\d{1,9}(?:\.\d{1,6})?)\s*(?P<code>[A-Za-z]{3})?", re.ASCII
)
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}


@lru_cache(maxsize=4096)
def length(text: str) -> Length:
    """A length of film. Raises ValueError where it is none, is 0 or lasts for hours."""
    found = Length.parse(text)
    if found.frames == 0 or found.seconds == 0:
        raise ValueError(f"{quoted(text)} is no time at all (5s, 120f)")
    seconds = float(found.seconds or 0)
    if seconds > MAX_LENGTH_S or (found.frames or 0) > MAX_LENGTH_S * 240:
        raise ValueError(f"{quoted(text)} is longer than {MAX_LENGTH_S // 3600} hours")
    return found


def frame_size(text: str) -> tuple[int, int]:
    """``1920x1080``, or a ratio such as ``16:9`` at the area of 1280x720; sides are even.

    Raises ValueError.
    """
    ratio = _RATIO.fullmatch(text.strip())
    if ratio is not None:
        w, h = Fraction(ratio[1]), Fraction(ratio[2])
        if not w or not h or not Fraction(1, 8) <= w / h <= 8:
            raise ValueError(f"{quoted(text)} is no ratio of a picture (16:9, 9:16, 1:1, 2.39:1)")
        height = math.sqrt(_RATIO_AREA * h / w)
        return 2 * round(height * float(w / h) / 2), 2 * round(height / 2)
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{quoted(text)} is no size (1920x1080) or ratio (16:9)")
    size = int(found[1]), int(found[2])
    if any(side % 2 for side in size):
        raise ValueError(f"'{text}': both sides of a video are even (1280x720)")
    if not all(_MIN_SIDE <= side <= _MAX_SIDE for side in size):
        raise ValueError(f"'{text}': sides lie between {_MIN_SIDE} and {_MAX_SIDE}")
    return size


def grid(text: str) -> tuple[int, int]:
    """``3x2``: columns and rows of a contact sheet. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or not (0 < int(found[1]) <= 50 and 0 < int(found[2]) <= 50):
        raise ValueError(f"{quoted(text)} is no sheet of columns x rows (3x2)")
    return int(found[1]), int(found[2])


def level_db(text: str) -> float:
    """``-22dB`` in decibels. Raises ValueError."""
    found = _LEVEL.fullmatch(text.strip())
    if found is None or not -100 <= float(found[1]) <= 24:
        raise ValueError(f"{quoted(text)} is no level (-22dB) between -100 and 24")
    return float(found[1])


def loudness_lufs(text: str) -> float:
    """``-16 LUFS``. Raises ValueError."""
    found = _LOUDNESS.fullmatch(text.strip())
    if found is None or not -70 <= float(found[1]) <= 0:
        raise ValueError(f"{quoted(text)} is no loudness (-16 LUFS) between -70 and 0")
    return float(found[1])


def money(text: str) -> tuple[float, str]:
    """``12 USD`` as amount and currency; dollars where no currency is named. Raises ValueError."""
    found = _MONEY.fullmatch(text.strip())
    if found is None or (found["sign"] and found["code"]):
        raise ValueError(f"{quoted(text)} is no amount of money (12 USD)")
    currency = (found["code"] or _SIGNS.get(found["sign"] or "", "USD")).upper()
    return float(found["n"]), currency
