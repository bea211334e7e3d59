"""The smallest clip that a film can be joined from: a grey still, coded once and repeated.

It is a clip of the joining profile, so that conforming it to a film of its size is a copy. A group
of pictures is one intra frame and predicted frames which change nothing; as no frame looks ahead,
any number of its first frames is a whole group too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from struct import pack

from fvbuild.media.profile import REORDER_FRAMES, JoiningProfile

FPS = Fraction(24)
READY_SIZE = (64, 36)
"""Width and height of the group kept below: a widescreen film is made without any encoder."""

_PARAMETER_SETS = "6764000aacd9447f9e6a020202800000030080000018478912cb 68ebef2c"
_FRAMES = """
6588840012ffdcfe0bb9fca314c647ffbee73f316e4875cfb92359f77cb7329fe1 419a216c412ffea9d3a0
419a42530412fffea9d3a1 419a63180825fffea9d3a0 419a84180825fffea9d3a1 419aa5180825fffea9d3a1
419ac6180825fffea9d3a1 419ae7180825fffea9d3a1 419b08180825fffea9d3a0 419b29180825fffea9d3a0
419b4a180825fffea9d3a1 419b6b180825fffea9d3a0 419b8c180825fffea9d3a0 419bad180825fffea9d3a1
419bce180825fffea9d3a1 419bef180825fffea9d3a1 419a10180825fffea9d3a0 419a31180825fffea9d3a0
419a52180825fffea9d3a1 419a73180825fffea9d3a0 419a94180825fffea9d3a0 419ab5180825fffea9d3a1
419ad6180823fffea9d3a0 419af7180821fffea7ee41
"""
_LUMA = 90
"""Dark grey; chroma is 128, no colour."""


@dataclass(frozen=True, slots=True)
class Group:
    """A coded group of pictures: parameter sets and one NAL unit a frame, in order."""

    sps: bytes
    pps: bytes
    frames: tuple[bytes, ...]


@cache
def group(width: int, height: int) -> Group:
    """The group of a size in pixels. Raises MediaError for one that no clip can have."""
    if (width, height) == READY_SIZE:
        sps, pps = map(bytes.fromhex, _PARAMETER_SETS.split())
        return Group(sps, pps, tuple(map(bytes.fromhex, _FRAMES.split())))
    return encode_group(width, height)


def encode_group(width: int, height: int) -> Group:
    """Encode the group of a size with the joining profile's encoder."""
    import av
    import numpy as np
    from av.video.frame import PictureType

    profile = JoiningProfile(width, height, FPS)
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.time_base, coder.framerate = 1 / FPS, FPS
    coder.options = profile.encoder_options()
    still = np.full((height * 3 // 2, width), 128, np.uint8)
    still[:height] = _LUMA
    stream = b""
    for number in range(profile.gop):
        frame = av.VideoFrame.from_ndarray(still, format="yuv420p")
        frame.pts, frame.time_base = number, coder.time_base
        frame.pict_type = PictureType.P if number else PictureType.I
        stream += b"".join(bytes(packet) for packet in coder.encode(frame))
    stream += b"".join(bytes(packet) for packet in coder.encode(None))
    units = _nal_units(stream)
    return Group(
        sps=next(unit for unit in units if unit[0] & 31 == _SPS),
        pps=next(unit for unit in units if unit[0] & 31 == _PPS),
        frames=tuple(unit for unit in units if unit[0] & 31 in (_SLICE, _IDR)),
    )


# Types of NAL units, ITU-T H.264 table 7-1.
_SLICE, _IDR, _SPS, _PPS = 1, 5, 7, 8


def _nal_units(stream: bytes) -> list[bytes]:
    """Split an Annex B stream at its start codes (three bytes, or four with a zero before)."""
    return [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1") if unit.rstrip(b"\0")]


def clip(width: int, height: int, frames: int, mark: bytes) -> bytes:
    """An MP4 of ``frames`` frames at 24 fps which carries ``mark`` unseen, so that marks differ."""
    brand, rest = _around_mark(width, height, frames, len(mark))
    return brand + _box(b"free", mark) + rest


@cache
def _around_mark(width: int, height: int, frames: int, mark_bytes: int) -> tuple[bytes, bytes]:
    """The file before and after the mark's box, which the shots of one length have in common."""
    coded = group(width, height)
    samples = [pack(">I", len(unit)) + unit for unit in coded.frames]
    whole, rest = divmod(frames, len(samples))
    shown = samples * whole + samples[:rest]
    brand = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    tables = _Tables((width, height), frames, len(samples), tuple(map(len, shown)))
    # The header's length does not depend on the offset it states.
    before = len(brand) + 8 + mark_bytes + len(_moov(coded, tables, 0)) + 8
    return brand, _moov(coded, tables, before) + _box(b"mdat", *shown)


@dataclass(frozen=True, slots=True)
class _Tables:
    size: tuple[int, int]
    frames: int
    group: int
    sizes: tuple[int, ...]


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, pack(">I", flags), *parts)


def _integers(*values: int) -> bytes:
    return pack(f">{len(values)}I", *values)


_MATRIX = _integers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_LANGUAGE_UNDEFINED = 0x55C4


def _moov(coded: Group, tables: _Tables, offset: int) -> bytes:
    """The film's header (ISO/IEC 14496-12); one time unit is 1/24000 s throughout."""
    profile = JoiningProfile(*tables.size, FPS)
    scale, step = profile.timescale, profile.frame_ticks
    length = tables.frames * step
    mvhd = _full(
        b"mvhd",
        _integers(0, 0, scale, length, 0x10000),
        pack(">H10x", 0x100),
        _MATRIX,
        bytes(24),
        _integers(2),
    )
    tkhd = _full(
        b"tkhd",
        _integers(0, 0, 1, 0, length),
        bytes(16),
        _MATRIX,
        _integers(*(side << 16 for side in tables.size)),
        flags=3,
    )
    # Decoding runs ahead of showing in every clip of the profile, also where nothing is reordered.
    edit = _box(b"edts", _full(b"elst", _integers(1, length, REORDER_FRAMES * step, 0x10000)))
    mdhd = _full(b"mdhd", _integers(0, 0, scale, length), pack(">HH", _LANGUAGE_UNDEFINED, 0))
    hdlr = _full(b"hdlr", bytes(4), b"vide", bytes(12), b"video\0")
    dinf = _box(b"dinf", _full(b"dref", _integers(1), _full(b"url ", flags=1)))
    minf = _box(
        b"minf", _full(b"vmhd", bytes(8), flags=1), dinf, _stbl(coded, tables, step, offset)
    )
    return _box(b"moov", mvhd, _box(b"trak", tkhd, edit, _box(b"mdia", mdhd, hdlr, minf)))


def _stbl(coded: Group, tables: _Tables, step: int, offset: int) -> bytes:
    keys = range(1, tables.frames + 1, tables.group)
    return _box(
        b"stbl",
        _full(b"stsd", _integers(1), _avc1(coded, tables.size)),
        _full(b"stts", _integers(1, tables.frames, step)),
        _full(b"stss", _integers(len(keys), *keys)),
        _full(b"ctts", _integers(1, tables.frames, REORDER_FRAMES * step)),
        _full(b"stsc", _integers(1, 1, tables.frames, 1)),
        _full(b"stsz", _integers(0, tables.frames, *tables.sizes)),
        _full(b"stco", _integers(1, offset)),
    )


def _avc1(coded: Group, size: tuple[int, int]) -> bytes:
    """The sample entry (ISO/IEC 14496-15): H.264 with lengths of four bytes, colours of BT.709."""
    # Of the High profiles, avcC ends with chroma format 4:2:0 and 8 bits of luma and chroma.
    avcc = _box(
        b"avcC",
        b"\1",
        coded.sps[1:4],
        b"\xff\xe1",
        pack(">H", len(coded.sps)),
        coded.sps,
        b"\1",
        pack(">H", len(coded.pps)),
        coded.pps,
        b"\xfd\xf8\xf8\0",
    )
    colr = _box(b"colr", b"nclx", pack(">HHHB", 1, 1, 1, 0))
    pasp = _box(b"pasp", _integers(1, 1))
    return _box(
        b"avc1",
        bytes(6),
        pack(">H", 1),
        bytes(16),
        pack(">HH", *size),
        _integers(0x480000, 0x480000, 0),
        pack(">H32xHh", 1, 24, -1),
        avcc,
        colr,
        pasp,
    )
