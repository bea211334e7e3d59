"""Real pictures, clips and sounds, small and quick to make, that differ wherever the request does.

A clip is a still: its first frame is encoded for each request, all others say "as before", are the
same for every clip of one size and length, and are encoded once.
"""

from __future__ import annotations

import functools
import io
import math
import re
import struct
import threading
import zlib
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

_ENCODER_LOCK = threading.Lock()
_X264 = {"preset": "ultrafast", "qp": "18", "bf": "0", "g": "100000"}
_X264["x264-params"] = "scenecut=0:threads=1"

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "pcm": "audio/pcm",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
}


@dataclass(frozen=True)
class Wanted:
    """What a request asked for. `digest` decides what it looks or sounds like."""

    kind: Literal["picture", "clip", "sound"]
    format: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    fps: int = 24
    sample_rate: int = 48000
    with_sound: bool = False
    digest: str = "00" * 32

    @property
    def media_type(self) -> str:
        """Such as `video/mp4`."""
        return MEDIA_TYPES[self.format]

    def looking_like(self, digest: str) -> Wanted:
        """The same, for the request that has this digest (hexadecimal)."""
        return replace(self, digest=digest)


def picture(size: tuple[int, int], format_name: str = "png") -> Wanted:
    """A picture of `size` (width, height in pixels)."""
    format_name = {"jpg": "jpeg"}.get(format_name, format_name)
    return Wanted("picture", format_name, *size)


def clip(size: tuple[int, int], seconds: float, fps: int = 24, *, sound: bool = False) -> Wanted:
    """An MP4 of `size`, with a track of sound if so asked."""
    return Wanted("clip", "mp4", *size, seconds=seconds, fps=fps, with_sound=sound)


def sound(seconds: float, format_name: str = "mp3", sample_rate: int = 44100) -> Wanted:
    """A tone. `pcm` is signed 16 bit little endian, mono, without a header."""
    return Wanted("sound", format_name, seconds=seconds, sample_rate=sample_rate)


def spoken(text: str, format_name: str = "mp3", sample_rate: int = 44100) -> Wanted:
    """A tone about as long as it would take to say `text`: 15 letters a second."""
    return sound(max(0.4, len(text) / 15), format_name, sample_rate)


def size_of(name: str, *, short_side: int = 720) -> tuple[int, int]:
    """Pixels of a size in any spelling: `1280:720`, `1280x720`, `16:9`, `3/4`.

    A ratio is given a short side of `short_side`. Sides are even.
    """
    found = re.fullmatch(r"(\d+)\s*[:x*/]\s*(\d+)", name)
    if found is None:
        return short_side * 16 // 9 // 2 * 2, short_side
    width, height = int(found[1]), int(found[2])
    if min(width, height) < 64:
        scale = short_side / min(width, height)
        width, height = round(width * scale), round(height * scale)
    return width // 2 * 2, height // 2 * 2


def short_side_of(resolution: str) -> int:
    """Pixels of the short side that a name such as `720p`, `768P`, `2K`, `4k` stands for."""
    named = {"512": 512, "1k": 1024, "2k": 1440, "3k": 2160, "4k": 2160}
    low = resolution.lower()
    return named.get(low) or int(low.removesuffix("p"))


@functools.lru_cache(maxsize=128)
def made(wanted: Wanted) -> bytes:
    """The bytes of what is wanted; the same for the same `Wanted`."""
    if wanted.kind == "picture":
        return _encode_picture(wanted)
    with _ENCODER_LOCK:
        return _encode_clip(wanted) if wanted.kind == "clip" else _encode_sound(wanted)


def colour_of(digest: str) -> tuple[int, int, int]:
    """The colour (red, green, blue) that most of a picture with this digest has."""
    red, green, blue = bytes.fromhex(digest)[:3]
    return 32 + red % 192, 32 + green % 192, 32 + blue % 192


def _pixels(wanted: Wanted) -> Pixels:
    """One colour, and in the lower quarter sixteen fields that tell close digests apart."""
    import numpy as np

    rows = np.full((wanted.height, wanted.width, 3), colour_of(wanted.digest), dtype=np.uint8)
    shades = np.frombuffer(bytes.fromhex(wanted.digest)[3:19].ljust(16, b"\0"), dtype=np.uint8)
    band = np.resize(np.repeat(shades, -(-wanted.width // 16)), wanted.width)
    rows[wanted.height * 3 // 4 :] = band[None, :, None]
    return rows


def _encode_picture(wanted: Wanted) -> bytes:
    from PIL import Image

    if wanted.format == "png":
        return _encode_png(_pixels(wanted))
    buffer = io.BytesIO()
    Image.fromarray(_pixels(wanted)).save(buffer, wanted.format.upper(), quality=80)
    return buffer.getvalue()


def _encode_png(pixels: Pixels) -> bytes:
    """A PNG whose rows are given as differences from the row above: ten times as fast as Pillow."""
    height, width, _ = pixels.shape
    rows = bytearray((1 + 3 * width) * height)
    rows[:: 1 + 3 * width] = b"\2" * height
    for top in (0, height * 3 // 4):
        above = pixels[top - 1] if top else pixels[0] * 0
        start = top * (1 + 3 * width) + 1
        rows[start : start + 3 * width] = (pixels[top] - above).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def _h264(container: av.container.OutputContainer, wanted: Wanted) -> av.VideoStream:
    stream = container.add_stream("libx264", rate=wanted.fps, options=_X264)
    stream.width, stream.height = wanted.width, wanted.height
    stream.pix_fmt = "yuv420p"
    return stream


@functools.lru_cache(maxsize=64)
def _repeats(wanted: Wanted) -> tuple[bytes, ...]:
    """The encoded frames after the first one: each says "as before"."""
    import av
    import numpy as np

    packets: list[bytes] = []
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = _h264(container, wanted)
        grey = np.full((wanted.height * 3 // 2, wanted.width), 128, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
        for number in range(max(1, round(wanted.seconds * wanted.fps))):
            frame.pts = number
            packets += [bytes(packet) for packet in stream.encode(frame)]
        packets += [bytes(packet) for packet in stream.encode(None)]
    return tuple(packets[1:])


def _encode_clip(wanted: Wanted) -> bytes:
    import av

    repeats = _repeats(replace(wanted, digest=Wanted.digest, with_sound=False))
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = _h264(container, wanted)
        tone = container.add_stream("aac", rate=24000, layout="mono") if wanted.with_sound else None
        frame = av.VideoFrame.from_ndarray(_pixels(wanted), format="rgb24")
        frame.pts = 0
        first = [*stream.encode(frame), *stream.encode(None)]
        container.start_encoding()
        for number, content in enumerate([bytes(first[0]), *repeats]):
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, wanted.fps)
            packet.pts = packet.dts = number
            packet.duration, packet.is_keyframe = 1, number == 0
            container.mux(packet)
        if tone is not None:
            _encode_tone(container, tone, wanted, 24000)
    return buffer.getvalue()


_CODECS = {
    "mp3": ("mp3", "libmp3lame"),
    "wav": ("wav", "pcm_s16le"),
    "opus": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
    "flac": ("flac", "flac"),
}


def _encode_sound(wanted: Wanted) -> bytes:
    import av

    if wanted.format == "pcm":
        return _samples(wanted, wanted.sample_rate).tobytes()
    container_name, codec = _CODECS[wanted.format]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_name) as container:
        stream = container.add_stream(codec, rate=wanted.sample_rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        _encode_tone(container, stream, wanted, wanted.sample_rate)
    return buffer.getvalue()


def _encode_tone(
    container: av.container.OutputContainer, stream: av.AudioStream, wanted: Wanted, rate: int
) -> None:
    import av

    frame = av.AudioFrame.from_ndarray(_samples(wanted, rate)[None, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(stream.format, "mono", rate, stream.codec_context.frame_size)
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


def _samples(wanted: Wanted, rate: int) -> npt.NDArray[np.int16]:
    import numpy as np

    pitch_hz = 200 + int(wanted.digest[:4], 16) % 800
    time_s = np.arange(math.ceil(wanted.seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * pitch_hz * time_s)).astype(np.int16)
