"""The header of an M4A with one AAC track in blocks (ISO/IEC 14496-12 and 14496-1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fvbuild.media.aac import (
    AUDIO_SPECIFIC_CONFIG,
    BIT_RATE,
    BLOCK_PACKETS,
    FRAME_SAMPLES,
    PRIMING_SAMPLES,
)
from fvbuild.media.mp4.boxes import box, full_box
from fvbuild.media.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 21 << 10 | 14 << 5 | 4  # the language "und", five bits a letter


def movie_header(sizes: NDArray[np.uint32], data_at: int, total: int) -> tuple[bytes, int]:
    """The ``moov`` box, and where in it the table of packet sizes begins.

    ``sizes`` are the packets' bytes, the first packet lies at ``data_at``; ``total`` samples sound.
    """
    track = _track_header(total) + _edits(total)
    stsz = full_box(b"stsz", struct.pack(">II", 0, len(sizes)), sizes.astype(">u4").tobytes())
    tables = [_description(), *_times(len(sizes), total), *_chunks(sizes, data_at), stsz]
    media = box(b"mdia", _media_header(total), _handler(), _media_info(tables))
    header = full_box(
        b"mvhd",
        struct.pack(">QQIQ", 0, 0, SAMPLE_RATE, total),
        struct.pack(">iH10x", 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">I", 2),
        version=1,
    )
    moov = box(b"moov", header, box(b"trak", track, media))
    # The sizes are the last box of all, so their table ends where the header ends.
    return moov, len(moov) - 4 * len(sizes)


def _track_header(total: int) -> bytes:
    times = struct.pack(">QQI4xQ8x", 0, 0, 1, total)
    placing = struct.pack(">hhHH", 0, 0, 0x100, 0) + _MATRIX + struct.pack(">II", 0, 0)
    return full_box(b"tkhd", times, placing, version=1, flags=3)


def _edits(total: int) -> bytes:
    edit = struct.pack(">IQqhh", 1, total, PRIMING_SAMPLES, 1, 0)
    return box(b"edts", full_box(b"elst", edit, version=1))


def _media_header(total: int) -> bytes:
    times = struct.pack(">QQIQ", 0, 0, SAMPLE_RATE, total + PRIMING_SAMPLES)
    return full_box(b"mdhd", times, struct.pack(">HH", _UNDETERMINED, 0), version=1)


def _handler() -> bytes:
    return full_box(b"hdlr", bytes(4), b"soun", bytes(12), b"Sound\0")


def _media_info(tables: Iterable[bytes]) -> bytes:
    here = full_box(b"url ", flags=1)
    data = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), here))
    return box(b"minf", full_box(b"smhd", bytes(4)), data, box(b"stbl", *tables))


def _description() -> bytes:
    """``stsd`` with an ``esds`` (ISO/IEC 14496-1, 7.2.6)."""
    config = _descriptor(5, AUDIO_SPECIFIC_CONFIG)
    decoder = _descriptor(
        4, struct.pack(">BB3sII", 0x40, 0x15, bytes(3), BIT_RATE, BIT_RATE), config
    )
    stream = _descriptor(3, struct.pack(">HB", 1, 0), decoder, _descriptor(6, b"\x02"))
    entry = struct.pack(">6xH8xHHHHI", 1, 2, 16, 0, 0, SAMPLE_RATE << 16)
    return full_box(b"stsd", struct.pack(">I", 1), box(b"mp4a", entry, full_box(b"esds", stream)))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">BB", tag, len(body)) + body


def _times(packets: int, total: int) -> Iterator[bytes]:
    """Every packet lasts a frame, the last what is left: the track is as long as the film."""
    last = total + PRIMING_SAMPLES - (packets - 1) * FRAME_SAMPLES
    runs = [(packets - 1, FRAME_SAMPLES), (1, last)] if last != FRAME_SAMPLES else []
    runs = [run for run in runs or [(packets, FRAME_SAMPLES)] if run[0]]
    yield full_box(b"stts", struct.pack(">I", len(runs)), *(struct.pack(">II", *r) for r in runs))


def _chunks(sizes: NDArray[np.uint32], data_at: int) -> Iterator[bytes]:
    """One chunk a block."""
    import numpy as np

    full, rest = divmod(len(sizes), BLOCK_PACKETS)
    runs = [(1, BLOCK_PACKETS, 1)] if full else []
    runs += [(full + 1, rest, 1)] if rest else []
    yield full_box(b"stsc", struct.pack(">I", len(runs)), *(struct.pack(">III", *r) for r in runs))
    starts = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))[:-1:BLOCK_PACKETS] + data_at
    wide = bool(starts[-1] >= 1 << 32)
    table = starts.astype(">u8" if wide else ">u4").tobytes()
    yield full_box(b"co64" if wide else b"stco", struct.pack(">I", len(starts)), table)
