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
(:func:`fit_transitions`), to a plain cut where there is no room. After the film's last shot a fade
or dip goes out to its colour; what overlaps has nothing to overlap there and is a cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from fvbuild.errors import MediaError
from fvbuild.media.profile import JoiningProfile
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.media.clip import Check

_OVERLAPPING = ("dissolve", "wipe left", "wipe right", "wipe up", "wipe down")
_THROUGH = ("fade to black", "fade to white", "dip to black", "dip to white")
_SHORT = {"wipe": "wipe left", "fade": "fade to black", "dip": "dip to black"}


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

    @property
    def frames(self) -> int:
        """Its length in the film."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Mix:
    """The clip of a transition: frames [a_from, end) of ``shot``, joined to [0, b_to) of the next.

    ``length`` is the transition's own, ``frames`` that of the whole clip. A fade out at the end of
    the film has ``b_to`` 0.
    """

    shot: int
    a_from: int
    b_to: int
    kind: str
    length: int
    frames: int


Piece: TypeAlias = Copy | Mix


def canonical_kind(kind: str) -> str:
    """The one name of a kind: ``dip`` is ``dip to black``. Raises MediaError for unknown kinds."""
    words = re.sub(r"[\s_-]+", " ", kind.strip().lower())
    words = re.sub(r"^(fade|dip) (black|white)$", r"\1 to \2", words)
    words = _SHORT.get(words, words)
    if words not in ("cut", *_OVERLAPPING, *_THROUGH):
        raise MediaError(
            f"'{kind}' is not a transition", hint="cut, dissolve, fade, dip or wipe are"
        )
    return words


def reach(kind: str, frames: int) -> Reach:
    """What a transition of this kind and length touches. Raises MediaError for unknown kinds."""
    name = canonical_kind(kind)
    if name == "cut":
        return Reach(0, 0, 0)
    if name in _OVERLAPPING:
        return Reach(frames, frames, frames)
    if name.startswith("fade"):
        return Reach(frames, frames, 0)
    return Reach(frames - frames // 2, frames // 2, 0)


def overlap_frames(kind: str, frames: int) -> int:
    """By how many frames the film gets shorter."""
    return reach(kind, frames).overlap


def fit_transitions(lengths: Sequence[int], joins: Sequence[Join | None]) -> list[Join | None]:
    """The joins as they can be made; ``joins[i]`` follows shot i, the last may be left out.

    ``lengths`` are the shots' frames. Where two transitions want more of a shot than it can give,
    they share it in proportion. Each result depends on its two shots and the joins of those shots
    alone, so that an edit elsewhere moves nothing.
    """
    wanted: list[Join | None] = [
        join if join and join.frames > 0 and canonical_kind(join.kind) != "cut" else None
        for join in joins
    ]
    if len(wanted) == len(lengths) and wanted and wanted[-1]:
        wanted[-1] = None if overlap_frames(*wanted[-1]) else wanted[-1]
    none = Reach(0, 0, 0)
    reaches = [reach(*join) if join else none for join in wanted]
    fitted: list[Join | None] = []
    for shot, join in enumerate(wanted):
        if join is None:
            fitted.append(None)
            continue
        before = reaches[shot - 1].head if shot else 0
        tail = _shares(lengths[shot], before, reaches[shot].tail)[1]
        head = reaches[shot].head
        if shot + 1 < len(lengths):
            after = reaches[shot + 1].tail if shot + 1 < len(reaches) else 0
            head = _shares(lengths[shot + 1], head, after)[0]
        frames = join.frames
        while frames and (reach(join.kind, frames)[0] > tail or reach(join.kind, frames)[1] > head):
            frames -= 1
        fitted.append(Join(join.kind, frames) if frames else None)
    return fitted


def _shares(length: int, head: int, tail: int) -> tuple[int, int]:
    """How many frames a shot gives to the transition before it and to the one after."""
    room = max(0, length - 1)
    if head + tail <= room:
        return head, tail
    given = room * head // (head + tail)
    return given, room - given


def plan_pieces(lengths: Sequence[int], joins: Sequence[Join | None], gop: int) -> list[Piece]:
    """The film as pieces in order: copies of whole GOPs, and a mix at every transition.

    Give it fitted joins. The pieces' frames add up to the film's.
    """
    pieces: list[Piece] = []
    start = 0
    for shot, length in enumerate(lengths):
        join = joins[shot] if shot < len(joins) else None
        if join is None:
            if start < length:
                pieces.append(Copy(shot, start, length))
            start = 0
            continue
        tail, head, overlap = reach(*join)
        cut = max(start, (length - tail) // gop * gop)
        if start < cut:
            pieces.append(Copy(shot, start, cut))
        b_to = 0
        if shot + 1 < len(lengths):
            after = joins[shot + 1] if shot + 1 < len(joins) else None
            free = lengths[shot + 1] - (reach(*after).tail if after else 0)
            b_to = min(-(-head // gop) * gop, free)
        frames = length - cut + b_to - overlap
        pieces.append(Mix(shot, cut, b_to, canonical_kind(join.kind), join.frames, frames))
        start = b_to
    return pieces


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
    """Encode the clip of a :class:`Mix` from two conformed clips; returns its number of frames.

    ``b_path`` is None for a fade out at the film's end. Raises MediaError when the clips are too
    short for it.
    """
    # Every plan imports the arithmetic above; only making a clip needs what decodes and encodes.
    from fvbuild.media.blend import transition_frames
    from fvbuild.media.clip import decode_frames, encode_clip
    from fvbuild.media.mp4.index import index_track

    ends = len(index_track(a_path))
    touched = reach(kind, length)
    before = ends - a_from - touched.tail
    if before < 0 or (b_path is not None and b_to < touched.head):
        raise MediaError(f"the shots are too short for a {kind} of {length} frames")
    first = decode_frames(a_path, a_from, ends)
    second = decode_frames(b_path, 0, b_to) if b_path is not None and b_to else iter(())
    frames = transition_frames(canonical_kind(kind), first, second, before, touched)
    return encode_clip(out_path, frames, profile, check=check)
