"""A row of the edit table, and short names for the nodes that go together."""

from __future__ import annotations

from dataclasses import dataclass

CUT = ("cut",)
TIMES = ("sound/mix", "sound/subtitles/en", "cut/titles")
"""What follows from the lengths of the shots before it."""


@dataclass(frozen=True)
class Edit:
    """One row: texts to replace in a film, and the globs of exactly what is made again."""

    name: str
    film: str
    changes: tuple[tuple[str, str], ...]
    again: tuple[str, ...] = ()


def clip(*shots: str, joins: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The clips of shots, the joins named, and the cut."""
    own = [f"{shot}/{kind}" for shot in shots for kind in ("segment", "conform")]
    return (*own, *(f"{shot}/transition" for shot in joins), *CUT)


def drawn(*shots: str) -> tuple[str, ...]:
    """The captions and anchors of shots."""
    return tuple(f"{shot}/{kind}" for shot in shots for kind in ("caption", "anchor"))


def chained(shot: str, after: str) -> tuple[str, ...]:
    """A shot's last frame, and the clip of the shot that begins on it."""
    return (f"{shot}/tail", f"{after}/segment", f"{after}/conform")
