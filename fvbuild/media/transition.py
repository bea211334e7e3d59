"""Joins that are more than a cut: only the groups of pictures they touch are encoded again.

Kinds and their length of n frames:

- ``dissolve``: the last n frames of one shot under the first n of the next, so the film gets n
  frames shorter. Frame i of n is mixed with weight (i + 1) / (n + 1) of the second shot.
- ``wipe left | right | up | down`` (``wipe`` is left): overlaps like a dissolve; the edge moves
  towards that side and uncovers the second shot.
- ``fade`` (also ``fade to black``, ``fade to white``): the first shot fades out over its last n
  frames, then the second fades in over its first n. Nothing overlaps.
- ``dip`` (also ``dip to black``, ``dip to white``): n frames in all, half on each side of the
  join, through the colour. Nothing overlaps.
- ``cut``: nothing.

A shot keeps at least one frame of its own: transitions which would use up a shot are shortened
(:func:`fit_transitions`), to a plain cut where there is no room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from fvbuild.media.clip import Check
from fvbuild.media.profile import JoiningProfile


class Reach(NamedTuple):
    """Frames a transition touches: at the first shot's end, at the second's start; and overlap."""

    tail: int
    head: int
    overlap: int


class Join(NamedTuple):
    """A transition between two shots: its kind in any accepted spelling, and its frames."""

    kind: str
    frames: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Frames [start, stop) of a shot's conformed clip, used as they are; both at GOP starts."""

    shot: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Mix:
    """The clip of a transition: frames [a_from, end) of ``shot``, joined to [0, b_to) of the next.

    ``frames`` is the length of the resulting clip. The last shot's transition (a fade out at the
    end of the film) has ``b_to`` 0.
    """

    shot: int
    a_from: int
    b_to: int
    kind: str
    length: int
    frames: int


Piece: TypeAlias = Copy | Mix


def reach(kind: str, frames: int) -> Reach:
    """What a transition of this kind and length touches. Raises MediaError for unknown kinds."""
    raise NotImplementedError


def overlap_frames(kind: str, frames: int) -> int:
    """By how many frames the film gets shorter."""
    return reach(kind, frames).overlap


def fit_transitions(lengths: Sequence[int], joins: Sequence[Join | None]) -> list[Join | None]:
    """The joins as they can be made: one for every shot but the last (or every shot).

    ``lengths`` are the shots' frames. Each result depends on its two shots and the joins of those
    shots alone, so that an edit elsewhere moves nothing.
    """
    raise NotImplementedError


def plan_pieces(lengths: Sequence[int], joins: Sequence[Join | None], gop: int) -> list[Piece]:
    """The film as pieces in order: copies of whole GOPs, and a mix at every transition.

    Give it fitted joins. The pieces' frames add up to the film's.
    """
    raise NotImplementedError


def make_transition(
    a_path: Path,
    b_path: Path | None,
    out_path: Path,
    profile: JoiningProfile,
    *,
    a_from: int,
    b_to: int,
    kind: str,
    length: int,
    check: Check | None = None,
) -> int:
    """Encode the clip of a :class:`Mix` from two conformed clips; returns its number of frames."""
    raise NotImplementedError
