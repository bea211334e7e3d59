"""Sound files in and out: anything PyAV reads becomes float32 at 48 kHz; what we write is WAV.

A WAV of 48 kHz samples is read by its header alone, so that the mix can take a few milliseconds
out of a long stem; everything else goes through the decoder once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from fvbuild.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from av.audio.frame import AudioFrame
    from av.container import InputContainer
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

SAMPLE_RATE = 48_000
"""Samples a second of every sound inside fvbuild."""

MAX_SECONDS = 6 * 3600
"""The longest sound that is read; a file that claims more is damaged or hostile."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# A playlist could name other files, and a network protocol other machines; neither is a sound.
_FORMATS = (
    "wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,amr,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,"
    "mpegts"
)
_OPEN = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_BAD_PACKETS = 16
_HEADER_BYTES = 4096


class SoundFacts(NamedTuple):
    """What a sound file holds: samples a channel at 48 kHz, their seconds, 1 or 2 channels."""

    samples: int
    seconds: float
    channels: int


class WavLayout(NamedTuple):
    """Where the samples of a plain 48 kHz WAV lie; ``encoding`` is a numpy type."""

    offset: int
    samples: int
    channels: int
    encoding: Literal["<i2", "<f4"]

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample over all channels."""
        return self.channels * (2 if self.encoding == "<i2" else 4)


def wav_layout(path: Path) -> WavLayout | None:
    """The layout of a mono or stereo 48 kHz WAV of s16 or f32 samples; None for any other file.

    Raises MediaError when the file cannot be opened.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    if len(head) < 44 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, encoding, channels = 12, None, 0
    while at + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, at)
        at += 8
        if name == b"fmt " and length >= 16 and at + 16 <= len(head):
            encoding, channels = _format(head[at : at + length])
        elif name == b"data":
            if encoding is None:
                return None
            width = channels * (2 if encoding == "<i2" else 4)
            # A header may claim more than there is (cut off, or written to a pipe).
            return WavLayout(at, min(length, size - at) // width, channels, encoding)
        at += length + (length & 1)
    return None


def _format(chunk: bytes) -> tuple[Literal["<i2", "<f4"] | None, int]:
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = struct.unpack_from("<H", chunk, 24)[0]
    if rate != SAMPLE_RATE or channels not in (1, 2) or align != channels * bits // 8:
        return None, 0
    kinds: dict[tuple[int, int], Literal["<i2", "<f4"]] = {(_PCM, 16): "<i2", (_FLOAT, 32): "<f4"}
    return kinds.get((tag, bits)), channels


def probe_sound(path: Path) -> SoundFacts:
    """The exact length of a sound. A 48 kHz WAV costs its header, other files are decoded.

    Raises MediaError when there is no sound to be read.
    """
    layout = wav_layout(path)
    if layout is not None and layout.samples:
        return SoundFacts(layout.samples, layout.samples / SAMPLE_RATE, layout.channels)
    samples, channels = 0, 0
    for piece in decoded(path):
        channels = piece.shape[0]
        samples += piece.shape[1]
    return SoundFacts(samples, samples / SAMPLE_RATE, channels)


def read_sound(path: Path) -> Samples:
    """All of a sound as float32, shape (channels, samples) at 48 kHz, 1 or 2 channels.

    More than two channels are mixed down to two. Raises MediaError when it cannot be read.
    """
    import numpy as np

    return np.concatenate(list(decoded(path)), axis=1)


def decoded(path: Path) -> Iterator[Samples]:
    """The sound in pieces of shape (channels, n), each finite and within +-8.

    Raises MediaError when there is nothing to decode, or more than MAX_SECONDS of it.
    """
    import av
    import numpy as np

    count = 0
    try:
        with av.open(str(path), container_options=_OPEN) as container:
            if not container.streams.audio:
                raise _unreadable(path, "it holds no sound")
            layout = "mono" if container.streams.audio[0].channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
            for frame in _frames(container):
                for piece in resampler.resample(frame):
                    samples = np.nan_to_num(piece.to_ndarray().astype(np.float32, copy=False))
                    count += samples.shape[1]
                    if count > MAX_SECONDS * SAMPLE_RATE:
                        raise _unreadable(path, f"it is longer than {MAX_SECONDS // 3600} hours")
                    if samples.shape[1]:
                        yield np.clip(samples, -8.0, 8.0)
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from None
    if not count:
        raise _unreadable(path, "it holds no sound")


def _frames(container: InputContainer) -> Iterator[AudioFrame | None]:
    import av

    bad = 0
    for packet in container.demux(audio=0):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            # Recordings cut out of others often begin or end with half a packet.
            bad += 1
            if bad > _BAD_PACKETS:
                raise
    yield None  # flushes the resampler


def write_wav(path: Path, samples: Samples) -> int:
    """Write s16 WAV at 48 kHz; equal samples give equal bytes. Returns the samples a channel.

    ``samples`` is float32 of shape (n,), (1, n) or (2, n); what lies outside +-1 is clipped.
    """
    import numpy as np

    channels = np.atleast_2d(samples)
    ints = np.clip(np.rint(channels * 32767.0), -32768, 32767).astype("<i2")
    body = np.ascontiguousarray(ints.T).tobytes()
    path.write_bytes(_wav_header(_PCM, channels.shape[0], 16, len(body)) + body)
    return int(channels.shape[1])


def write_float_wav(path: Path, pieces: Iterator[Samples]) -> None:
    """Write decoded pieces as f32 WAV: nothing of a loud sound is lost before it is mixed."""
    import numpy as np

    size, channels = 0, 2
    with path.open("wb") as file:
        file.write(_wav_header(_FLOAT, channels, 32, 0))
        for piece in pieces:
            channels = piece.shape[0]
            size += file.write(np.ascontiguousarray(piece.T.astype("<f4")).tobytes())
        file.seek(0)
        file.write(_wav_header(_FLOAT, channels, 32, size))


def _wav_header(tag: int, channels: int, bits: int, size: int) -> bytes:
    align = channels * bits // 8
    form = (tag, channels, SAMPLE_RATE, SAMPLE_RATE * align, align, bits)
    # 6 h of stereo f32 exceed the 32-bit size field; readers, ours too, then go by the file's end.
    riff, data = min(36 + size, 0xFFFFFFFF), min(size, 0xFFFFFFFF)
    chunk = struct.pack("<HHIIHH", *form)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16)
        + chunk
        + struct.pack("<4sI", b"data", data)
    )


def _unreadable(path: Path, why: str) -> MediaError:
    return MediaError(
        f"'{path.name}' cannot be read as sound: {why}",
        place=str(path),
        hint="give a WAV, FLAC, MP3, M4A, OGG or Opus file",
    )
