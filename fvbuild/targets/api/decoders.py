"""Results in no file format of their own, made into one."""

from __future__ import annotations

import re
import struct

from fvbuild.errors import TargetError

_PCM = re.compile(r"wav_from_pcm_(\d{4,6})")


def decode(how: str, data: bytes) -> bytes:
    """``wav_from_pcm_24000``: raw 16-bit little-endian mono samples at that rate become a WAV.

    Raises TargetError when there is no such decoder.
    """
    found = _PCM.fullmatch(how)
    if found is None:
        raise TargetError(
            f"there is no decoder '{how}'", hint="known: wav_from_pcm_ and the rate, as 24000"
        )
    if data[:4] == b"RIFF":
        return data
    rate = int(found[1])
    even = data[: len(data) & ~1]
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + len(even), b"WAVE", b"fmt ", 16)
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    return head + form + struct.pack("<4sI", b"data", len(even)) + even
