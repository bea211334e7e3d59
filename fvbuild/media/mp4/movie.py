"""The header of a film: one ``moov`` box from its tracks, without clocks, versions or chance."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import chain, groupby

from fvbuild.media.mp4.boxes import box, full_box
from fvbuild.media.mp4.language import packed
from fvbuild.values import dataclass

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_ENABLED, _IN_MOVIE = 1, 2
_MAX_32 = 2**32 - 1
_MAX_CHAPTERS = 255

FILE_TYPE = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")


@dataclass(slots=True)
class Track:
    """One track as it will be written. Times are in its own ticks unless said otherwise.

    lengths: (number of samples, ticks of each) in order.
    shifts: number of samples, ticks from decoding to showing, number, ticks, ...; or empty.
    sync: 1-based numbers of the samples decoding can start at; None: all of them.
    chunks: number of samples of each chunk; ``offsets``: where each begins in the file.
    shown: length in ticks of the movie. group: tracks of one group are alternatives.
    """

    handler: bytes
    description: bytes
    timescale: int
    lengths: Sequence[tuple[int, int]]
    sizes: array[int]
    chunks: Sequence[int]
    shown: int
    shifts: array[int] = field(default_factory=lambda: array("i"))
    sync: array[int] | None = None
    offsets: Sequence[int] = field(default_factory=list)
    media_start: int = 0
    language: str = ""
    name: str = ""
    enabled: bool = True
    group: int = 0
    width: int = 0
    height: int = 0
    top: int = 0
    chapters_in: int | None = None
    """1-based number of the track that names this one's chapters."""


def run_lengths(values: Iterable[int]) -> list[tuple[int, int]]:
    """(count, value) of equal neighbours."""
    return [(len(list(same)), value) for value, same in groupby(values)]


def movie_box(
    tracks: Sequence[Track],
    timescale: int,
    *,
    title: str = "",
    chapters: Sequence[tuple[int, str]] = (),
    wide_offsets: bool = False,
) -> bytes:
    """The ``moov`` box. ``chapters`` are (start in 100 ns, title).

    Its size depends on everything but the values of the tracks' ``offsets``.
    """
    duration = max(track.shown for track in tracks)
    header = full_box(
        b"mvhd",
        _times(duration, timescale),
        struct.pack(">IHH", 0x10000, 0x100, 0),
        bytes(8),
        _MATRIX,
        bytes(24),
        struct.pack(">I", len(tracks) + 1),
        version=_version(duration),
    )
    boxes = [_track(number, track, wide_offsets) for number, track in enumerate(tracks, 1)]
    return box(b"moov", header, *boxes, _user_data(title, chapters))


def _version(duration: int) -> int:
    return int(duration > _MAX_32)


def _times(duration: int, timescale: int) -> bytes:
    """Creation and modification times (none), time scale and duration."""
    return struct.pack(">QQIQ" if _version(duration) else ">IIII", 0, 0, timescale, duration)


def _track(number: int, track: Track, wide_offsets: bool) -> bytes:
    shown = track.shown
    matrix = bytearray(_MATRIX)
    struct.pack_into(">I", matrix, 28, track.top << 16)
    header = full_box(
        b"tkhd",
        struct.pack(">QQIIQ" if _version(shown) else ">IIIII", 0, 0, number, 0, shown),
        bytes(8),
        struct.pack(">hHHH", 0, track.group, 0x100 if track.handler == b"soun" else 0, 0),
        bytes(matrix),
        struct.pack(">II", track.width << 16, track.height << 16),
        version=_version(shown),
        flags=_IN_MOVIE | (_ENABLED if track.enabled else 0),
    )
    edit = struct.pack(">QqHH" if _version(shown) else ">IiHH", shown, track.media_start, 1, 0)
    edits = full_box(b"elst", struct.pack(">I", 1), edit, version=_version(shown))
    reference = b""
    if track.chapters_in is not None:
        reference = box(b"tref", box(b"chap", struct.pack(">I", track.chapters_in)))
    return box(b"trak", header, box(b"edts", edits), reference, _media(track, wide_offsets))


def _media(track: Track, wide_offsets: bool) -> bytes:
    duration = sum(count * ticks for count, ticks in track.lengths)
    header = full_box(
        b"mdhd",
        _times(duration, track.timescale),
        struct.pack(">HH", packed(track.language), 0),
        version=_version(duration),
    )
    language = b""
    if "-" in track.language:
        language = full_box(b"elng", track.language.encode() + b"\0")
    handler = full_box(b"hdlr", bytes(4), track.handler, bytes(12), track.name.encode() + b"\0")
    data = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), full_box(b"url ", flags=1)))
    table = _sample_table(track, wide_offsets)
    return box(b"mdia", header, language, handler, box(b"minf", _media_header(track), data, table))


def _media_header(track: Track) -> bytes:
    if track.handler == b"vide":
        return full_box(b"vmhd", bytes(8), flags=1)
    if track.handler == b"soun":
        return full_box(b"smhd", bytes(4))
    if track.handler == b"text":
        # QuickTime's base media: dithered copy, mid-grey operation colour, an upright text.
        general = full_box(b"gmin", struct.pack(">4H4x", 0x40, 0x8000, 0x8000, 0x8000))
        return box(b"gmhd", general, box(b"text", _MATRIX))
    return full_box(b"nmhd")


def _sample_table(track: Track, wide_offsets: bool) -> bytes:
    lengths = array("I", chain.from_iterable(track.lengths))
    parts = [track.description, _pairs(b"stts", lengths)]
    if track.shifts:
        parts.append(_pairs(b"ctts", track.shifts))
    if track.sync is not None:
        parts.append(full_box(b"stss", struct.pack(">I", len(track.sync)), _big_endian(track.sync)))
    held: list[tuple[int, int, int]] = []
    for number, count in enumerate(track.chunks, 1):
        if not held or held[-1][1] != count:
            held.append((number, count, 1))
    entries = b"".join(struct.pack(">III", *entry) for entry in held)
    parts.append(full_box(b"stsc", struct.pack(">I", len(held)), entries))
    sizes = struct.pack(">II", 0, len(track.sizes)) + _big_endian(track.sizes)
    parts.append(full_box(b"stsz", sizes))
    offsets = array("Q" if wide_offsets else "I", track.offsets or [0] * len(track.chunks))
    count_bytes = struct.pack(">I", len(offsets))
    parts.append(full_box(b"co64" if wide_offsets else b"stco", count_bytes, _big_endian(offsets)))
    return box(b"stbl", *parts)


def _pairs(kind: bytes, flat: array[int]) -> bytes:
    return full_box(kind, struct.pack(">I", len(flat) // 2), _big_endian(flat))


def _big_endian(numbers: array[int]) -> bytes:
    swapped = array(numbers.typecode, numbers)
    swapped.byteswap()
    return swapped.tobytes()


def _user_data(title: str, chapters: Sequence[tuple[int, str]]) -> bytes:
    """The title as iTunes keeps it, and chapters as Nero does: players read one or the other."""
    parts = []
    if title:
        text = box(b"data", struct.pack(">II", 1, 0), title.encode())
        handler = full_box(b"hdlr", bytes(4), b"mdir", b"appl", bytes(9))
        parts.append(full_box(b"meta", handler, box(b"ilst", box(b"\xa9nam", text))))
    if chapters:
        marks = [
            struct.pack(">QB", start, len(name)) + name
            for start, name in ((at, _clipped(text)) for at, text in chapters[:_MAX_CHAPTERS])
        ]
        count = struct.pack(">IB", 0, len(marks))
        parts.append(full_box(b"chpl", count, *marks, version=1))
    return box(b"udta", *parts) if parts else b""


def _clipped(text: str) -> bytes:
    """UTF-8 of at most 255 bytes, never ending within a character."""
    return text.encode()[:255].decode(errors="ignore").encode()
