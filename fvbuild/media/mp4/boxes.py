"""The boxes an MP4 is made of (ISO/IEC 14496-12): four letters, a size, and a body."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple


class Malformed(ValueError):
    """The bytes are not what the format says; the message names the box."""


class Box(NamedTuple):
    """A box found in a buffer: its letters, and where its body begins and ends."""

    kind: bytes
    start: int
    end: int


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of the given parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box whose body opens with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def children(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes in ``data[start:end]``, in order. Raises Malformed."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            size, body = read(">Q", data, body, end)[0], body + 8
        elif size == 0:
            size = end - start
        if start + size > end or start + size < body:
            raise Malformed(f"box '{_name(kind)}' does not fit in its parent")
        yield Box(kind, body, start + size)
        start += size


def find(data: bytes, path: str, within: Box | None = None) -> Box | None:
    """The first box at a path like ``mdia/minf/stbl``, or None."""
    start, end = (within.start, within.end) if within else (0, len(data))
    found = None
    for name in path.split("/"):
        kind = name.encode("latin-1")
        found = next((one for one in children(data, start, end) if one.kind == kind), None)
        if found is None:
            return None
        start, end = found.start, found.end
    return found


def require(data: bytes, path: str, within: Box | None = None) -> Box:
    """As :func:`find`; raises Malformed where there is none."""
    found = find(data, path, within)
    if found is None:
        raise Malformed(f"box '{path}' is missing")
    return found


def by_kind(data: bytes, within: Box) -> dict[bytes, Box]:
    """The first box of every kind in a box: for those of which several are wanted."""
    found: dict[bytes, Box] = {}
    for one in children(data, within.start, within.end):
        found.setdefault(one.kind, one)
    return found


def read(layout: str, data: bytes, at: int, end: int) -> tuple[int, ...]:
    """Numbers at a place, never beyond ``end``. Raises Malformed."""
    if at < 0 or at + struct.calcsize(layout) > end:
        raise Malformed("a table is cut short")
    return struct.unpack_from(layout, data, at)


def _name(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")
