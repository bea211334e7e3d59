"""The smallest clip that a film can be joined from: a grey still, coded once and repeated.

It is a clip of the joining profile, so that conforming it to a film of its size is a copy. A group
of pictures is one intra frame and predicted frames which change nothing; as no frame looks ahead,
any number of its first frames is a whole group too.
"""

from __future__ import annotations

from array import array
from fractions import Fraction
from functools import cache
from struct import pack

from fvbuild.media.mp4.boxes import box, full_box
from fvbuild.media.mp4.movie import FILE_TYPE, Track, movie_box
from fvbuild.media.profile import REORDER_FRAMES, JoiningProfile
from fvbuild.values import dataclass

FPS = Fraction(24)
READY_SIZE = (64, 36)
"""Width and height of the group kept below: a widescreen film is made without any encoder."""

_PARAMETER_SETS = "6764000aacd9447f9f016a020202800000030080000018478912cb 68ebef2c"
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
    from av.video.reformatter import ColorRange, Colorspace

    profile = JoiningProfile(width, height, FPS)
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.time_base, coder.framerate = 1 / FPS, FPS
    coder.options = profile.encoder_options()
    coder.sample_aspect_ratio = Fraction(1)
    coder.color_range = ColorRange.MPEG
    coder.color_primaries = coder.color_trc = coder.colorspace = Colorspace.ITU709
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
    return brand + box(b"free", mark) + rest


@cache
def _around_mark(width: int, height: int, frames: int, mark_bytes: int) -> tuple[bytes, bytes]:
    """The file before and after the mark's box, which the shots of one length have in common."""
    profile = JoiningProfile(width, height, FPS)
    coded = group(width, height)
    samples = [pack(">I", len(unit)) + unit for unit in coded.frames]
    whole, rest = divmod(frames, len(samples))
    shown = samples * whole + samples[:rest]
    # Decoding runs ahead of showing in every clip of the profile, also where nothing is reordered.
    ahead = REORDER_FRAMES * profile.frame_ticks
    track = Track(
        handler=b"vide",
        description=full_box(b"stsd", pack(">I", 1), _avc1(coded, width, height)),
        timescale=profile.timescale,
        lengths=[(frames, profile.frame_ticks)],
        sizes=array("I", map(len, shown)),
        chunks=[frames],
        shown=frames * profile.frame_ticks,
        shifts=array("i", [frames, ahead]),
        sync=array("I", range(1, frames + 1, len(samples))),
        media_start=ahead,
        width=width,
        height=height,
    )
    header_bytes = len(movie_box([track], profile.timescale))
    track.offsets = [len(FILE_TYPE) + 8 + mark_bytes + header_bytes + 8]
    return FILE_TYPE, movie_box([track], profile.timescale) + box(b"mdat", *shown)


def _avc1(coded: Group, width: int, height: int) -> bytes:
    """The sample entry (ISO/IEC 14496-15): H.264 with lengths of four bytes, colours of BT.709."""
    sps, pps = (pack(">H", len(unit)) + unit for unit in (coded.sps, coded.pps))
    # Of the High profiles, avcC ends with chroma format 4:2:0 and 8 bits of luma and chroma.
    avcc = b"\1" + coded.sps[1:4] + b"\xff\xe1" + sps + b"\1" + pps + b"\xfd\xf8\xf8\0"
    picture = pack(">HHIII", width, height, 72 << 16, 72 << 16, 0) + pack(">H32xHh", 1, 24, -1)
    return box(
        b"avc1",
        bytes(6) + pack(">H", 1) + bytes(16) + picture,
        box(b"avcC", avcc),
        box(b"colr", b"nclx", pack(">HHHB", 1, 1, 1, 0)),
        box(b"pasp", pack(">II", 1, 1)),
    )
