"""The sample table of a file with one track: where its frames lie, and when each is shown."""

from __future__ import annotations

import os
import struct
from array import array
from itertools import accumulate, chain, pairwise, repeat
from pathlib import Path

from fvbuild.errors import MediaError
from fvbuild.media.mp4.boxes import (
    Box,
    Malformed,
    box,
    by_kind,
    children,
    find,
    full_box,
    read,
    require,
)
from fvbuild.values import dataclass

_MAX_MOOV_BYTES = 256 * 1024 * 1024
_ENTRY_HEADER_BYTES = {b"vide": 78, b"soun": 28}


@dataclass(frozen=True, slots=True)
class TrackIndex:
    """One track. Sample tables are in decoding order.

    description: the ``stsd`` box without what differs from file to file (bit rates).
    sample_ticks: length of every sample, in 1/timescale s.
    sizes, positions: bytes of each sample, and where in the file they begin.
    shifts: ticks from a sample's decoding to its showing; first decoding is at 0.
    media_start: the tick at which the edit list begins to show the track.
    sync: 0-based numbers of the samples decoding can start at.
    """

    handler: bytes
    description: bytes
    timescale: int
    sample_ticks: int
    sizes: array[int]
    positions: array[int]
    shifts: array[int]
    media_start: int
    sync: array[int]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.sizes)

    def runs(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """(offset, length, samples) of the byte ranges which hold samples [start, stop)."""
        first, length = self.positions[start], sum(self.sizes[start:stop])
        last = self.positions[stop - 1] + self.sizes[stop - 1]
        if last - first == length:
            return [(first, length, stop - start)]
        found: list[tuple[int, int, int]] = []
        for number in range(start, stop):
            at, size = self.positions[number], self.sizes[number]
            if found and found[-1][0] + found[-1][1] == at:
                found[-1] = (found[-1][0], found[-1][1] + size, found[-1][2] + 1)
            else:
                found.append((at, size, 1))
        return found


def index_track(path: Path) -> TrackIndex:
    """Read the index of an MP4 with one track. Raises MediaError, whatever the bytes are."""
    try:
        with path.open("rb") as file:
            file_bytes = os.fstat(file.fileno()).st_size
            moov = _movie_bytes(file.fileno(), file_bytes)
        return _parse(moov, file_bytes)
    except Malformed as wrong:
        raise MediaError(f"not an MP4 that can be joined: {wrong}", place=str(path)) from None
    except OSError as wrong:
        raise MediaError(f"cannot be read: {wrong.strerror}", place=str(path)) from None


def _movie_bytes(descriptor: int, file_bytes: int) -> bytes:
    at = 0
    while at + 8 <= file_bytes:
        head = os.pread(descriptor, 16, at)
        size, kind = struct.unpack_from(">I4s", head)
        if size == 1:
            size = read(">Q", head, 8, len(head))[0]
        elif size == 0:
            size = file_bytes - at
        if size < 8 or at + size > file_bytes:
            raise Malformed("it is cut short")
        if kind == b"moov":
            if size > _MAX_MOOV_BYTES:
                raise Malformed("its header is too large")
            return os.pread(descriptor, size, at)[8:]
        at += size
    raise Malformed("it has no header")


def _parse(moov: bytes, file_bytes: int) -> TrackIndex:
    tracks = [one for one in children(moov) if one.kind == b"trak"]
    if len(tracks) != 1:
        raise Malformed(f"it has {len(tracks)} tracks, not one")
    in_track = by_kind(moov, tracks[0])
    in_media = by_kind(moov, _wanted(in_track, b"mdia"))
    table = by_kind(moov, require(moov, "stbl", _wanted(in_media, b"minf")))
    handler = moov[_wanted(in_media, b"hdlr").start + 8 :][:4]
    if handler not in _ENTRY_HEADER_BYTES:
        raise Malformed("its track is neither picture nor sound")
    sizes = _sizes(moov, _wanted(table, b"stsz"), file_bytes)
    header = _wanted(in_track, b"tkhd")
    width, height = read(">II", moov, header.end - 8, header.end)
    edits = in_track.get(b"edts")
    return TrackIndex(
        handler=handler,
        description=_description(moov, _wanted(table, b"stsd"), handler),
        timescale=_timescale(moov, _wanted(in_media, b"mdhd")),
        sample_ticks=_sample_ticks(moov, _wanted(table, b"stts"), len(sizes)),
        sizes=sizes,
        positions=_positions(moov, table, sizes, file_bytes),
        shifts=_shifts(moov, table.get(b"ctts"), len(sizes)),
        media_start=_media_start(moov, find(moov, "elst", edits) if edits else None),
        sync=_sync(moov, table.get(b"stss"), len(sizes)),
        width=width >> 16,
        height=height >> 16,
    )


def _wanted(boxes: dict[bytes, Box], kind: bytes) -> Box:
    if kind not in boxes:
        raise Malformed(f"box '{kind.decode()}' is missing")
    return boxes[kind]


def _words(data: bytes, at: int, count: int, end: int, typecode: str = "I") -> array[int]:
    """``count`` big-endian numbers of 32 bits (``Q``: 64)."""
    width = 8 if typecode == "Q" else 4
    if count * width > end - at:
        raise Malformed("a table is cut short")
    words = array(typecode, data[at : at + count * width])
    words.byteswap()
    return words


def _sizes(moov: bytes, at: Box, file_bytes: int) -> array[int]:
    uniform, count = read(">II", moov, at.start + 4, at.end)
    if not 0 < count <= file_bytes:
        raise Malformed("it has no samples")
    # A file whose samples are all of one size has no table of them.
    sizes = array("I", [uniform]) * count if uniform else _words(moov, at.start + 12, count, at.end)
    if sum(sizes) > file_bytes:
        raise Malformed("its samples are larger than the file")
    return sizes


def _sample_ticks(moov: bytes, at: Box, count: int) -> int:
    (runs,) = read(">I", moov, at.start + 4, at.end)
    pairs = _words(moov, at.start + 8, runs * 2, at.end)
    numbers, ticks = pairs[::2], pairs[1::2]
    # Writers give the last sample what is left of the sound, or nothing.
    uneven = [number for number, length in zip(numbers, ticks, strict=True) if length != ticks[0]]
    if not pairs or ticks[0] == 0 or uneven not in ([], [1]) or sum(numbers) != count:
        raise Malformed("its samples are not of one length")
    return ticks[0]


def _shifts(moov: bytes, at: Box | None, count: int) -> array[int]:
    if at is None:
        return array("i", [0]) * count
    (runs,) = read(">I", moov, at.start + 4, at.end)
    pairs = array("i", _words(moov, at.start + 8, runs * 2, at.end).tobytes())
    if min(pairs[::2], default=0) < 0 or sum(pairs[::2]) != count:
        raise Malformed("its showing times do not match its samples")
    return array("i", chain.from_iterable(map(repeat, pairs[1::2], pairs[::2])))


def _sync(moov: bytes, at: Box | None, count: int) -> array[int]:
    if at is None:
        return array("I", range(count))
    (entries,) = read(">I", moov, at.start + 4, at.end)
    numbers = _words(moov, at.start + 8, entries, at.end)
    rising = all(a < b for a, b in pairwise(numbers))
    if not numbers or numbers[0] != 1 or numbers[-1] > count or not rising:
        raise Malformed("it cannot be decoded from its first frame")
    return array("I", [number - 1 for number in numbers])


def _positions(
    moov: bytes, table: dict[bytes, Box], sizes: array[int], file_bytes: int
) -> array[int]:
    """Where each sample begins, from the chunks they are kept in."""
    wide = b"stco" not in table
    at = _wanted(table, b"co64" if wide else b"stco")
    (count,) = read(">I", moov, at.start + 4, at.end)
    chunks = _words(moov, at.start + 8, count, at.end, "Q" if wide else "I")
    at = _wanted(table, b"stsc")
    (entries,) = read(">I", moov, at.start + 4, at.end)
    runs = _words(moov, at.start + 8, entries * 3, at.end)
    positions, number = array("Q"), 0
    for entry, first in enumerate(runs[::3]):
        following = runs[3 * entry + 3] if entry + 1 < entries else count + 1
        if first < 1 or following > count + 1:
            raise Malformed("its chunks do not match")
        for chunk in chunks[first - 1 : following - 1]:
            held = sizes[number : number + runs[3 * entry + 1]]
            if chunk + sum(held) > file_bytes:
                raise Malformed("its samples lie outside the file")
            positions.extend(accumulate(held[:-1], initial=chunk) if held else ())
            number += len(held)
    if len(positions) != len(sizes):
        raise Malformed("its chunks do not hold its samples")
    return positions


def _timescale(moov: bytes, at: Box) -> int:
    wide = read(">B", moov, at.start, at.end)[0] == 1
    (timescale,) = read(">I", moov, at.start + (20 if wide else 12), at.end)
    if timescale == 0:
        raise Malformed("its time scale is zero")
    return timescale


def _media_start(moov: bytes, at: Box | None) -> int:
    if at is None:
        return 0
    version, entries = read(">B3xI", moov, at.start, at.end)
    if entries != 1:
        raise Malformed("its edit list has more than one entry")
    start = read(">Qq" if version == 1 else ">Ii", moov, at.start + 8, at.end)[1]
    if not 0 <= start < 2**31:
        raise Malformed("its edit list begins outside the track")
    return start


def _description(moov: bytes, at: Box, handler: bytes) -> bytes:
    """The ``stsd`` box without the bit rates, which differ between clips that join."""
    if read(">I", moov, at.start + 4, at.end)[0] != 1:
        raise Malformed("it has more than one description of its samples")
    entry = next(children(moov, at.start + 8, at.end), None)
    header = entry.start + _ENTRY_HEADER_BYTES[handler] if entry else 0
    if entry is None or header > entry.end:
        raise Malformed("its samples are not described")
    kept = [
        box(part.kind, moov[part.start : part.end])
        for part in children(moov, header, entry.end)
        if part.kind != b"btrt"
    ]
    body = box(entry.kind, moov[entry.start : header], *kept)
    return full_box(b"stsd", struct.pack(">I", 1), body)
