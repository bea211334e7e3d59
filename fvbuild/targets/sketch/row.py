"""The row that people stand in: from left to right as they are listed, and none hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from fvbuild.targets.sketch.casting import Person


def widest(height: float, aspect: float, people: Sequence[Person]) -> float:
    """The largest standing height whose shoulders (or, close, heads) fit the picture's width."""
    count = len(people)
    if count == 2 and height < 3:
        return aspect * 1.02 / (_PERSON_WIDTH * _broad(people))
    one = 0.27 if height < 3 else 0.125
    return aspect * (1.16 if count == 1 else 1.02) / (one * min(count, 3))


_PERSON_WIDTH = 0.30
"""How wide an average person with hanging arms is, against their height."""


def _broad(people: Sequence[Person]) -> float:
    """How broad the first two are together, in average persons."""
    return sum(one.tall * one.build for one in people[:2])


def gap(people: Sequence[Person], height: float, aspect: float) -> float:
    """How far apart two stand, as a share of the picture's width: so that neither hides the
    other, however tall or broad they are."""
    return min(0.52, max(0.35, height * _broad(people) * _PERSON_WIDTH / 2 / aspect))


_LOOKS = re.compile(
    r"\b(?:looks?|looking|gaz(?:es?|ing)|star(?:es?|ing)|fac(?:es|ing)|glanc(?:es?|ing))\b"
    r"[^.;,]{0,16}?\b(left|right)\b"
)


def stands_left(people: Sequence[Person], caption: str, lot: Random) -> bool:
    """Whether the first, as the only one who faces us, stands left: who looks right does.

    Where the caption does not say, the first of several does, and one alone by chance.
    """
    by_chance = lot.random() >= 0.5
    looks = _LOOKS.search(caption.lower())
    if looks is not None:
        return looks[1] == "right"
    return len(people) > 1 or by_chance


def places(count: int, alone: float, apart: float) -> list[float]:
    """Where people stand, from left to right, as shares of the picture's width."""
    if count == 1:
        return [alone]
    if count == 2:
        return [0.505 - apart / 2, 0.505 + apart / 2]
    first, last = (0.28, 0.70) if count == 3 else (0.14, 0.86)
    return [first + (last - first) * number / (count - 1) for number in range(count)]
