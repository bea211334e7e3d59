"""The document of an assembly: what a film is made of, as bytes and back.

A line of JSON, and behind it the film's own first bytes, ranges of artifacts, and notes::

    {"version": 2, "media_type": "video/mp4", "size": N, "artifacts": [SHA256, ...],
     "head": H, "ranges": R, "notes": M}

R ranges of three numbers: place in ``artifacts``, offset, length. The notes are what the next cut
goes on from (:mod:`fvbuild.media.mp4.strip`) and no part of the film. Numbers are of 64 bits,
little-endian.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from fvbuild.errors import MediaError
from fvbuild.values import dataclass

MEDIA_TYPE = "application/x-fvbuild-assembly"
FORMAT = 2

_NUMBER_BYTES = 8
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """An assembly taken apart. ``ranges`` are flat: place, offset, length, place ..."""

    artifacts: Sequence[str]
    head: bytes
    ranges: array[int]
    notes: bytes
    size_bytes: int


def document_bytes(document: Document) -> bytes:
    """A document as it is kept: the same bytes on every machine."""
    line = {
        "version": FORMAT,
        "media_type": "video/mp4",
        "size": document.size_bytes,
        "artifacts": list(document.artifacts),
        "head": len(document.head),
        "ranges": len(document.ranges) // 3,
        "notes": len(document.notes),
    }
    first = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    return b"".join((first, document.head, little_endian(document.ranges), document.notes))


def read_document(data: bytes) -> Document:
    """The reverse. Raises ValueError, KeyError or TypeError for bytes that are none."""
    line, _, body = data.partition(b"\n")
    known = json.loads(line)
    if known["version"] != FORMAT:
        raise ValueError(f"version {known['version']}")
    behind = known["head"] + known["ranges"] * 3 * _NUMBER_BYTES
    if behind + known["notes"] != len(body):
        raise ValueError("it is cut short")
    return Document(
        known["artifacts"],
        body[: known["head"]],
        from_little_endian("Q", body[known["head"] : behind]),
        body[behind:],
        known["size"],
    )


def little_endian(numbers: array[int]) -> bytes:
    """Numbers as bytes."""
    if sys.byteorder == "little":
        return numbers.tobytes()
    swapped = array(numbers.typecode, numbers)
    swapped.byteswap()
    return swapped.tobytes()


def from_little_endian(typecode: str, data: bytes) -> array[int]:
    """The reverse. Raises ValueError for a length that fits no number."""
    numbers = array(typecode, data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def write_assembly(data: bytes, resolve: Callable[[str], Path], path: Path) -> None:
    """Write the real file, by plain copying; ``resolve`` gives an artifact's path by its digest."""
    document = read_document(data)
    numbers = document.ranges
    with path.open("wb") as out:
        out.write(document.head)
        for number, offset, length in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
            with resolve(document.artifacts[number]).open("rb") as source:
                source.seek(offset)
                left = length
                while left:
                    piece = source.read(min(left, _COPY_BYTES))
                    if not piece:
                        raise MediaError("an artifact is shorter than the film says")
                    out.write(piece)
                    left -= len(piece)
