"""Assemblies: artifacts that are pieces of other artifacts, put together only where they are shown.

An assembly is a small JSON document: bytes of its own, and ranges of artifacts. So a film of
gigabytes costs a header to make, no byte of it is digested twice, and the store holds it once.

    {"version": 1, "media_type": "video/mp4", "size": 1234,
     "pieces": [{"data": "<base64>"}, {"artifact": "<sha256>", "offset": 48, "length": 1000}]}
"""

from __future__ import annotations

import base64
import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fvbuild.errors import ArtifactError

# linux/fs.h: _IOW(0x94, 9, int)
_FICLONE = 0x40049409


@dataclass(frozen=True, slots=True)
class Piece:
    """Own bytes, or ``length`` bytes from ``offset`` of an artifact."""

    data: bytes = b""
    artifact: str | None = None
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Assembly:
    """The pieces in order, and what they make."""

    media_type: str
    size_bytes: int
    pieces: tuple[Piece, ...]

    @property
    def artifacts(self) -> frozenset[str]:
        """Digests of all artifacts it is made of."""
        return frozenset(p.artifact for p in self.pieces if p.artifact is not None)


def parse(text: bytes) -> Assembly:
    """Read an assembly's document. Raises ArtifactError when it is none."""
    try:
        document = json.loads(text)
        pieces = tuple(_pieces(document["pieces"]))
        if document["version"] != 1:
            raise ValueError(f"version {document['version']}")
        return Assembly(str(document["media_type"]), int(document["size"]), pieces)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ArtifactError(f"not an assembly: {error}") from error


def _pieces(entries: list[dict[str, object]]) -> Iterator[Piece]:
    for entry in entries:
        if "data" in entry:
            data = base64.b64decode(str(entry["data"]), validate=True)
            yield Piece(data=data, length=len(data))
        else:
            offset, length = int(str(entry["offset"])), int(str(entry["length"]))
            if offset < 0 or length < 0:
                raise ValueError("a range lies before the start")
            digest = str(entry["artifact"])
            if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
                raise ValueError("an artifact is named by 64 hex digits")
            yield Piece(artifact=digest, offset=offset, length=length)


def write(assembly: Assembly, find: Callable[[str], Path], destination: Path) -> None:
    """Write the file that an assembly describes; ranges are copied by the kernel.

    Raises ArtifactError when a piece is missing or shorter than it should be.
    """
    sources: dict[str, int] = {}
    with destination.open("wb", buffering=0) as out:
        try:
            for piece in assembly.pieces:
                if piece.artifact is None:
                    out.write(piece.data)
                    continue
                if piece.artifact not in sources:
                    sources[piece.artifact] = _open(find(piece.artifact), piece.artifact)
                _copy_range(sources[piece.artifact], out.fileno(), piece)
                if len(sources) > _MOST_OPEN:
                    os.close(sources.pop(next(iter(sources))))
        finally:
            for descriptor in sources.values():
                os.close(descriptor)
        if out.tell() != assembly.size_bytes:
            raise ArtifactError("the pieces of an assembly do not add up to its size")


def matches(assembly: Assembly, find: Callable[[str], Path], path: Path) -> bool:
    """True when a file holds exactly what an assembly describes; reads both."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != assembly.size_bytes:
                return False
            return all(_same_bytes(file, piece, find) for piece in assembly.pieces)
    except OSError:
        return False


def _same_bytes(file: BinaryIO, piece: Piece, find: Callable[[str], Path]) -> bool:
    if piece.artifact is None:
        return file.read(piece.length) == piece.data
    with find(piece.artifact).open("rb") as source:
        source.seek(piece.offset)
        left = piece.length
        while left:
            expected = source.read(min(left, 1 << 20))
            if not expected or file.read(len(expected)) != expected:
                return False
            left -= len(expected)
    return True


# Far below the usual limit of 1,024 descriptors a process.
_MOST_OPEN = 64


def _open(path: Path, digest: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ArtifactError(
            f"artifact {digest[:12]} is missing", hint="'fvbuild build' makes it again"
        ) from error


def _copy_range(source: int, destination: int, piece: Piece) -> None:
    at, left = piece.offset, piece.length
    while left:
        try:
            count = os.copy_file_range(source, destination, left, at)
        except (OSError, AttributeError):
            # Across file systems, or where the kernel has no such call.
            count = os.write(destination, os.pread(source, min(left, 1 << 20), at))
        if not count:
            raise ArtifactError(f"artifact {piece.artifact or '':.12} is shorter than it was")
        at += count
        left -= count


def clone_or_copy(source: Path, destination: Path) -> None:
    """Copy a file: by reference where the file system can (reflink), else its bytes.

    Never a hard link: an edit of the copy would change the artifact.
    """
    with source.open("rb") as old, destination.open("wb") as new:
        if _can_clone.get(os.fstat(new.fileno()).st_dev, True):
            try:
                fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
                return
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                _can_clone[os.fstat(new.fileno()).st_dev] = False
        size_bytes = os.fstat(old.fileno()).st_size
        _copy_range(old.fileno(), new.fileno(), Piece(artifact=source.name, length=size_bytes))


_can_clone: dict[int, bool] = {}
"""File systems (by device) that refused to clone once are not asked again."""
