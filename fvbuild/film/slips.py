"""Slips of the pen in fields that take any text: ``nigth`` is told, ``under two moons`` is not."""

from __future__ import annotations

import re
from collections.abc import Iterable

TIMES = frozenset(
    (
        "dawn", "daybreak", "first light", "sunrise", "morning", "early morning", "late morning",
        "noon", "midday", "high noon", "day", "daylight", "daytime", "afternoon", "late afternoon",
        "golden hour", "magic hour", "evening", "early evening", "late evening", "sunset",
        "sundown", "dusk", "twilight", "nightfall", "blue hour", "night", "nighttime", "late night",
        "midnight", "light", "moon", "moonlight", "moonrise", "dark", "later", "same", "continuous",
    )
)  # fmt: skip
"""Times of day that films name."""

VOICES = frozenset(
    (
        "bass", "baritone", "tenor", "contralto", "alto", "mezzo", "soprano", "treble", "male",
        "woman", "female", "father", "mother", "child", "robot", "girl", "young", "elderly", "deep",
        "high", "bright", "dark", "slow", "fast", "quick", "calm", "warm", "soft", "gentle",
        "quiet", "tired", "flat", "whisper", "grandmother", "grandfather", "teenager",
    )
)  # fmt: skip
"""Words that sketch voices are told apart by."""

_SHORTEST = 4
_LONG = 9


def slip(word: str, known: Iterable[str]) -> str | None:
    """The known word of which this one is a misspelling: one letter amiss, two in long ones.

    None for a known word, its plural, a short word, and one that is like none.
    """
    folded = " ".join(re.split(r"[\s_-]+", word.casefold().strip()))
    known = frozenset(known)
    if len(folded) < _SHORTEST or folded in known or folded.removesuffix("s") in known:
        return None
    most = 2 if len(folded) >= _LONG else 1
    near = [(_distance(folded, other), other) for other in known]
    distance, found = min(near, default=(most + 1, ""))
    return found if distance <= most else None


def slip_in(text: str, known: Iterable[str]) -> str | None:
    """``low-alot`` as ``low-alto``: the same with its misspelled words put right, else None."""
    parts = re.split(r"([\s_-]+)", text)
    right = [part if at % 2 else slip(part, known) or part for at, part in enumerate(parts)]
    return "".join(right) if right != parts else None


def _distance(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        next_row = [at]
        for to, wanted in enumerate(other, 1):
            cost = min(row[to] + 1, next_row[-1] + 1, row[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, before[to - 2] + 1)
            next_row.append(cost)
        before, row = row, next_row
    return row[-1]
