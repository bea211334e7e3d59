"""A film's samples in chunks of about a second: what lies together in the file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fvbuild.errors import MediaError
from fvbuild.media.mp4.index import TrackIndex
from fvbuild.media.profile import REORDER_FRAMES


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples that lie together. ``begins`` is the time of the first, in samples of its track."""

    digest: str
    runs: tuple[tuple[int, int], ...]
    samples: int
    begins: int

    @property
    def size_bytes(self) -> int:
        """Bytes of all samples."""
        return sum(length for _, length in self.runs)


def cuts_of(index: TrackIndex, start: int, stop: int, path: Path) -> list[int]:
    """Where the groups of pictures of frames [start, stop) begin, and ``stop``.

    Raises MediaError when the range does not lie between groups.
    """
    sync = index.sync
    first, last = bisect_left(sync, start), bisect_left(sync, stop)
    cut_at_group = stop == len(index) or (last < len(sync) and sync[last] == stop)
    if not 0 <= start < stop <= len(index) or sync[first] != start or not cut_at_group:
        raise MediaError(
            f"frames {start} to {stop} do not lie between groups of pictures", place=str(path)
        )
    return [*sync[first:last], stop]


def film_shifts(index: TrackIndex, cuts: list[int], path: Path) -> array[int]:
    """Ticks from decoding to showing, as in a film whose reorder delay is the profile's.

    A clip of one frame has no delay of its own, so the profile's is given to every clip. Raises
    MediaError unless every group of pictures holds exactly its own frames.
    """
    ticks, start = index.sample_ticks, cuts[0]
    delay = REORDER_FRAMES * ticks - index.media_start
    shifts = array("i", [shift + delay for shift in index.shifts[start : cuts[-1]]])
    for first, end in pairwise(cuts):
        shown = [
            number * ticks + shift
            for number, shift in enumerate(shifts[first - start : end - start], first)
        ]
        wanted = range((first + REORDER_FRAMES) * ticks, (end + REORDER_FRAMES) * ticks, ticks)
        if min(shifts[first - start : end - start]) < 0 or sorted(shown) != list(wanted):
            raise MediaError(
                "its groups of pictures are not closed, so it cannot be joined",
                place=str(path),
                hint="conform the clip first",
            )
    return shifts


def picture_chunks(index: TrackIndex, digest: str, cuts: list[int], begins: int) -> Iterator[Chunk]:
    """One chunk a group of pictures; ``begins`` is the film's frame of the first."""
    for start, stop in pairwise(cuts):
        runs = tuple(index.runs(start, stop))
        yield Chunk(digest, runs, stop - start, begins + start - cuts[0])


def sound_chunks(index: TrackIndex, digest: str) -> Iterator[Chunk]:
    """Chunks of about a second of sound."""
    count = max(1, index.timescale // index.sample_ticks)
    for start in range(0, len(index), count):
        stop = min(start + count, len(index))
        yield Chunk(digest, tuple(index.runs(start, stop)), stop - start, start)
