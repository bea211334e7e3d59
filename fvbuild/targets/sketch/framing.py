"""The grammar of framing: what a shot size, an angle and a lens mean for a picture.

Shot sizes follow the film-school table: a full shot holds a person from head to foot, a medium
cuts at the hip, a close-up holds the face.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Framing(NamedTuple):
    """What a shot size means: figure height, top of the head, softness and push of what is behind.

    Height and top are fractions of the picture's height; ``behind`` magnifies the background.
    """

    height: float
    top: float
    blur: float
    behind: float


FRAMINGS: Mapping[str, Framing] = {
    "extreme wide": Framing(0.17, 0.60, 0.0, 0.82),
    "wide": Framing(0.47, 0.42, 0.0, 0.92),
    "full": Framing(0.80, 0.12, 0.0008, 1.0),
    "medium wide": Framing(1.16, 0.12, 0.002, 1.12),
    "medium": Framing(1.62, 0.12, 0.004, 1.3),
    "medium close-up": Framing(2.3, 0.10, 0.0065, 1.5),
    "close-up": Framing(3.9, 0.035, 0.011, 1.8),
    "extreme close-up": Framing(8.4, -0.14, 0.017, 2.3),
    "insert": Framing(3.6, -0.75, 0.014, 2.0),
    "two-shot": Framing(1.5, 0.15, 0.004, 1.25),
    "over-the-shoulder": Framing(2.0, 0.13, 0.006, 1.4),
    "POV": Framing(1.35, 0.18, 0.003, 1.15),
}
HORIZON = {"eye": 0.57, "high": 0.25, "low": 0.80, "dutch": 0.58, "overhead": -0.4, "worm": 0.93}
TAPER = {"high": 0.26, "low": -0.20, "worm": -0.42}
ROLL_DEGREES = 7.0
NORMAL_LENS_MM = 35.0


def nearest_size(text: str) -> str:
    """The shot size that free words come closest to."""
    named = [size for size in FRAMINGS if size.lower() in text.lower()]
    return max(named, key=len) if named else "medium wide"


def nearest_angle(text: str) -> str:
    """The angle that free words come closest to."""
    return next((angle for angle in HORIZON if angle in text.lower()), "eye")


def lens_mm(lens: str) -> float:
    """The focal length in millimetres that a lens' words give; a normal 35 where they give none."""
    match = re.search(r"(\d+(?:\.\d+)?)\s*mm", lens.lower()) or re.fullmatch(
        r"\s*(\d+(?:\.\d+)?)\s*", lens
    )
    if match:
        return min(400.0, max(8.0, float(match[1])))
    by_word = {"fisheye": 10.0, "wide": 22.0, "tele": 120.0, "long": 120.0, "macro": 100.0}
    return next((mm for word, mm in by_word.items() if word in lens.lower()), NORMAL_LENS_MM)
