"""Assemblies: artifacts that are pieces of other artifacts, put together only where they are shown.

An assembly is bytes of its own, then ranges of artifacts. So a film of gigabytes costs a header to
make, no byte of it is digested twice, and the store holds it once. Its document is a line of JSON,
and behind it what needs no parsing:

    {"version": 2, "media_type": "video/mp4", "size": 1234, "artifacts": ["<sha256>", ...],
     "head": 400, "ranges": 2, "notes": 0}
    the first 400 bytes of the file
    2 ranges of three 64-bit numbers each, little-endian: place in artifacts, offset, length
    0 bytes that its maker left for whoever goes on from it; no part of the file
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from fvbuild.errors import ArtifactError
from fvbuild.values import dataclass

VERSION = 2
# linux/fs.h: _IOW(0x94, 9, int)
_FICLONE = 0x40049409
# To copy so little, the kernel's own copying takes longer than reading and writing.
_SMALL_BYTES = 64 * 1024
_GATHERED_BYTES = 1 << 20
# Far below the usual limit of 1,024 descriptors a process.
_MOST_OPEN = 64
_NUMBER_BYTES = 8
_MOST_BYTES = 1 << 62


@dataclass(frozen=True, slots=True)
class Assembly:
    """The file's own first bytes, and what follows them.

    ranges: place in ``artifacts``, offset, length, place, offset, length ...
    """

    media_type: str
    size_bytes: int
    head: bytes
    artifacts: tuple[str, ...] = ()
    ranges: array[int] = field(default_factory=lambda: array("Q"))

    def pieces(self) -> Iterator[tuple[str, int, int]]:
        """(artifact, offset, length) in order; neighbours in one artifact are one piece."""
        numbers = self.ranges
        last, begin, end = -1, 0, 0
        for number, offset, length in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
            if number == last and offset == end:
                end += length
                continue
            if last >= 0:
                yield self.artifacts[last], begin, end - begin
            last, begin, end = number, offset, offset + length
        if last >= 0:
            yield self.artifacts[last], begin, end - begin


def parse(text: bytes) -> Assembly:
    """Read an assembly's document. Raises ArtifactError when it is none."""
    line, _, body = text.partition(b"\n")
    try:
        document = json.loads(line)
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']}")
        head_bytes, count, notes = (int(document[name]) for name in ("head", "ranges", "notes"))
        behind = head_bytes + count * 3 * _NUMBER_BYTES
        if min(head_bytes, count, notes) < 0 or behind + notes != len(body):
            raise ValueError("it is cut short")
        artifacts = tuple(document["artifacts"])
        return Assembly(
            str(document["media_type"]),
            int(document["size"]),
            body[:head_bytes],
            artifacts,
            _checked(body[head_bytes:behind], artifacts),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ArtifactError(f"not an assembly: {error}") from error


def _checked(data: bytes, artifacts: tuple[object, ...]) -> array[int]:
    for digest in artifacts:
        if not isinstance(digest, str) or len(digest) != 64 or not _HEX.issuperset(digest):
            raise ValueError("an artifact is named by 64 hex digits")
    ranges = array("Q", data)
    if sys.byteorder == "big":
        ranges.byteswap()
    if max(ranges[::3], default=-1) >= len(artifacts):
        raise ValueError("a range is of no artifact")
    if max(ranges[1::3], default=0) > _MOST_BYTES or max(ranges[2::3], default=0) > _MOST_BYTES:
        raise ValueError("a range lies behind every end")
    return ranges


_HEX = frozenset("0123456789abcdef")


def write(assembly: Assembly, find: Callable[[str], Path], destination: Path) -> None:
    """Write the file that an assembly describes; long ranges are copied by the kernel.

    Raises ArtifactError when a piece is missing or shorter than it should be.
    """
    sources: dict[str, int] = {}
    with destination.open("wb", buffering=_GATHERED_BYTES) as out:
        out.write(assembly.head)
        try:
            for digest, offset, length in assembly.pieces():
                if digest not in sources:
                    sources[digest] = _open(find(digest), digest)
                    if len(sources) > _MOST_OPEN:
                        os.close(sources.pop(next(iter(sources))))
                if length <= _SMALL_BYTES:
                    out.write(_read(sources[digest], offset, length, digest))
                else:
                    out.flush()
                    _copy_range(sources[digest], out.fileno(), offset, length, digest)
        finally:
            for descriptor in sources.values():
                os.close(descriptor)
        out.flush()
        if os.lseek(out.fileno(), 0, os.SEEK_CUR) != assembly.size_bytes:
            raise ArtifactError("the pieces of an assembly do not add up to its size")


def _read(source: int, offset: int, length: int, digest: str) -> bytes:
    data = os.pread(source, length, offset)
    if len(data) != length:
        raise ArtifactError(f"artifact {digest:.12} is shorter than it was")
    return data


def matches(assembly: Assembly, find: Callable[[str], Path], path: Path) -> bool:
    """True when a file holds exactly what an assembly describes; reads both."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != assembly.size_bytes:
                return False
            if file.read(len(assembly.head)) != assembly.head:
                return False
            return all(_same_bytes(file, piece, find) for piece in assembly.pieces())
    except OSError:
        return False


def _same_bytes(file: BinaryIO, piece: tuple[str, int, int], find: Callable[[str], Path]) -> bool:
    digest, offset, left = piece
    with find(digest).open("rb") as source:
        source.seek(offset)
        while left:
            expected = source.read(min(left, 1 << 20))
            if not expected or file.read(len(expected)) != expected:
                return False
            left -= len(expected)
    return True


def _open(path: Path, digest: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ArtifactError(
            f"artifact {digest[:12]} is missing", hint="'fvbuild build' makes it again"
        ) from error


def _copy_range(source: int, destination: int, at: int, left: int, digest: str) -> None:
    """Copy bytes to where ``destination`` is, and go on behind them."""
    # A call that was refused may have copied something: what is copied next has its own place.
    to = os.lseek(destination, 0, os.SEEK_CUR)
    while left:
        try:
            count = os.copy_file_range(source, destination, left, at, to)
        except (OSError, AttributeError):
            # Across file systems, or where the kernel has no such call.
            count = os.pwrite(destination, os.pread(source, min(left, 1 << 20), at), to)
        if not count:
            raise ArtifactError(f"artifact {digest:.12} is shorter than it was")
        at += count
        to += count
        left -= count
    os.lseek(destination, to, os.SEEK_SET)


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
        _copy_range(old.fileno(), new.fileno(), 0, size_bytes, source.name)


_can_clone: dict[int, bool] = {}
"""File systems (by device) that refused to clone once are not asked again."""
