"""Digests and the one canonical form of a value: what is equal hashes equal, and nothing else does.

The canonical form is standard JSON with sorted keys, no spaces and no NaN. Faster encoders print
floats in other ways, or turn NaN into null so that unequal values share a digest; so only the
standard library's is used.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TypeAlias

import xxhash

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_CHUNK_BYTES = 256 * 1024
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(value: object) -> str:
    """The one text of a JSON value. Raises ValueError on NaN, infinity and non-JSON values."""
    return _encode(value)


def quick(data: bytes) -> str:
    """xxh3-128 as 32 hex digits: for keys and change detection, not across a trust boundary."""
    return xxhash.xxh3_128_hexdigest(data)


def of_value(value: object) -> str:
    """xxh3-128 of a value's canonical form."""
    return quick(canonical(value).encode())


def content(data: bytes) -> str:
    """SHA-256 as 64 hex digits: the name of an artifact with these bytes."""
    return hashlib.sha256(data).hexdigest()


def content_of_file(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's bytes, read in pieces (never mapped: a truncation would kill us)."""
    sha = hashlib.sha256()
    buffer = bytearray(_CHUNK_BYTES)
    view = memoryview(buffer)
    with Path(path).open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            sha.update(view[:count])
    return sha.hexdigest()
