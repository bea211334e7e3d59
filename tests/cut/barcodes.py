"""Frames that say which they are: the number in twelve stripes, read back after any encoding."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from fvbuild.media.clip import decode_frames, encode_clip
from fvbuild.media.mp4.assembly import Footage, write_assembly
from fvbuild.media.profile import JoiningProfile

Pixels: TypeAlias = NDArray[np.uint8]

WIDTH, HEIGHT, BITS = 320, 180, 12
PROFILE = JoiningProfile(WIDTH, HEIGHT, Fraction(24))


def barcode(number: int) -> Pixels:
    """A planar yuv420p frame with a number in it, and a ground that changes from frame to frame."""
    frame = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    frame[:HEIGHT] = 60 + number * 7 % 100
    for bit in range(BITS):
        left = 10 + 25 * bit
        frame[20:60, left : left + 20] = 235 if number >> bit & 1 else 16
    return frame


def read_barcode(frame: Pixels) -> int:
    """The number in a planar frame."""
    return sum((frame[40, 20 + 25 * bit] > 128) << bit for bit in range(BITS))


def write_shots(
    folder: Path, lengths: Sequence[int], profile: JoiningProfile = PROFILE
) -> list[Path]:
    """One clip a shot, numbered through from 0."""
    paths, number = [], 0
    for shot, length in enumerate(lengths):
        path = folder / f"shot-{shot}.mp4"
        frames = [barcode(number + frame) for frame in range(length)]
        assert encode_clip(path, frames, profile) == length
        number += length
        paths.append(path)
    return paths


def footage_of(path: Path, start: int = 0, stop: int | None = None) -> Footage:
    """A clip as the cut takes it, under its real digest."""
    return Footage(path, digest_of(path), start, stop)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_film(document: bytes, sources: Iterable[Path], path: Path) -> None:
    """Write the real file of an assembly from these artifacts."""
    known = {digest_of(source): source for source in sources}
    write_assembly(document, known.__getitem__, path)


def frames_and_times(path: Path) -> tuple[list[Pixels], list[Fraction]]:
    """Every frame of a film as shown, and its time in seconds."""
    frames, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None and frame.time_base is not None
            frames.append(np.asarray(frame.to_ndarray(), dtype=np.uint8))
            times.append(frame.pts * frame.time_base)
    return frames, times


def decoded(paths: Iterable[Path]) -> Iterator[Pixels]:
    """The frames of several clips, one after the other."""
    for path in paths:
        yield from decode_frames(path)


def said_by(*command: str | Path) -> str:
    """What a program writes to its standard error."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stderr
