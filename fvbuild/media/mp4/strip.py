"""The picture of a film, clip after clip: every table is relative, so stretches can be copied."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from fvbuild.errors import MediaError
from fvbuild.media.mp4.chunks import cuts_of, film_shifts
from fvbuild.media.mp4.index import TrackIndex
from fvbuild.media.mp4.movie import run_lengths
from fvbuild.media.profile import JoiningProfile
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Footage:
    """Frames [start, stop) of a conformed clip (None: to its end); both at GOP starts.

    ``path`` is where its bytes are now, ``digest`` the SHA-256 they are known by.
    """

    path: Path
    digest: str
    start: int = 0
    stop: int | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What it is, wherever its bytes are: digest, start, stop (-1: to its end)."""
        return self.digest, self.start, -1 if self.stop is None else self.stop


class Piece(NamedTuple):
    """How much of a strip is one piece of footage: numbers of entries in its tables."""

    samples: int
    pairs: int
    chunks: int
    groups: int


@dataclass(slots=True)
class Strip:
    """The tables of a film's picture.

    description: how it is encoded (an ``stsd`` box). sizes: bytes of each sample.
    shifts: runs of equal ticks from decoding to showing: count, ticks, count, ticks ...
    digests: a piece each. offsets, lengths, samples: of chunks, which lie together in their clip.
    groups: samples of each group of pictures. pieces: how all these belong to the footage.
    """

    description: bytes
    sizes: array[int] = field(default_factory=lambda: array("I"))
    shifts: array[int] = field(default_factory=lambda: array("i"))
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("Q"))
    samples: array[int] = field(default_factory=lambda: array("Q"))
    groups: array[int] = field(default_factory=lambda: array("Q"))
    pieces: list[Piece] = field(default_factory=list)

    def index(self, footage: Footage, index: TrackIndex) -> None:
        """Append a piece from the index of its clip."""
        stop = len(index) if footage.stop is None else footage.stop
        cuts = cuts_of(index, footage.start, stop, footage.path)
        shifts = _runs(film_shifts(index, cuts, footage.path).tobytes())
        runs = [run for begin, end in pairwise(cuts) for run in index.runs(begin, end)]
        self.sizes += index.sizes[footage.start : stop]
        self.shifts += shifts
        for offset, length, samples in runs:
            self.offsets.append(offset)
            self.lengths.append(length)
            self.samples.append(samples)
        self.groups.extend(end - begin for begin, end in pairwise(cuts))
        self.pieces.append(Piece(stop - footage.start, len(shifts) // 2, len(runs), len(cuts) - 1))

    def copy(self, other: Strip, begin: Piece, end: Piece, pieces: Sequence[Piece]) -> None:
        """Append a stretch of another strip, given by the entries before it and up to its end."""
        self.sizes += other.sizes[begin.samples : end.samples]
        self.shifts += other.shifts[2 * begin.pairs : 2 * end.pairs]
        for own, given in (
            (self.offsets, other.offsets),
            (self.lengths, other.lengths),
            (self.samples, other.samples),
        ):
            own += given[begin.chunks : end.chunks]
        self.groups += other.groups[begin.groups : end.groups]
        self.pieces += pieces


@lru_cache(maxsize=256)
def _runs(shifts: bytes) -> array[int]:
    """Runs of equal shifts: count, ticks, count, ticks... Many clips have the same."""
    return array("i", chain.from_iterable(run_lengths(array("i", shifts))))


def check(index: TrackIndex, first: TrackIndex, profile: JoiningProfile, path: Path) -> None:
    """Raise MediaError unless a clip is of the profile, and encoded as the first one is."""
    rate = (index.timescale, index.sample_ticks)
    size = (index.width, index.height)
    if index.handler != b"vide":
        problem = "it is not a clip"
    elif rate != (profile.timescale, profile.frame_ticks):
        problem = f"its rate is not {profile.fps} frames a second"
    elif size != (profile.width, profile.height):
        problem = f"it is {size[0]}x{size[1]}, not {profile.width}x{profile.height}"
    elif index.description != first.description:
        problem = "it was encoded in another way than the clip before it"
    else:
        return
    raise MediaError(
        f"this clip cannot be joined: {problem}", place=str(path), hint="conform the clip first"
    )
