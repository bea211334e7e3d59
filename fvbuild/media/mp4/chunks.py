"""A film's samples in chunks of about a second: what lies together in the file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import accumulate, pairwise
from pathlib import Path

from fvbuild.errors import MediaError
from fvbuild.media.mp4.index import TrackIndex
from fvbuild.media.profile import REORDER_FRAMES
from fvbuild.values import dataclass


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


@dataclass(slots=True)
class Chunks:
    """Samples that lie together, in the order of their track; one entry a chunk in every table.

    sources: place of the artifact they are in, ``offsets`` and ``lengths`` the bytes there.
    samples: how many they are.
    """

    sources: array[int]
    offsets: array[int]
    lengths: array[int]
    samples: array[int]

    def times(self, ticks: int, timescale: int) -> list[float]:
        """When the first sample of each is decoded, in seconds."""
        begins = accumulate(self.samples, initial=0)
        return [begin * ticks / timescale for begin, _ in zip(begins, self.samples, strict=False)]


def no_chunks() -> Chunks:
    """For tracks whose samples lie in the film's own head."""
    return Chunks(array("Q"), array("Q"), array("Q"), array("Q"))


def sound_chunks(index: TrackIndex, source: int) -> Chunks:
    """Chunks of about a second of sound."""
    count = max(1, index.timescale // index.sample_ticks)
    found = no_chunks()
    for start in range(0, len(index), count):
        for offset, length, samples in index.runs(start, min(start + count, len(index))):
            found.offsets.append(offset)
            found.lengths.append(length)
            found.samples.append(samples)
    found.sources = array("Q", [source]) * len(found.offsets)
    return found
