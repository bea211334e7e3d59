"""The file of a mix: a plain M4A that also remembers which block of it was made from what.

``ftyp mdat moov uuid``: any player shows the first three; the private ``uuid`` box at the end lists
for every block its key, its loudness by hops and a checksum of its packets, so that the next mix
can copy what is unchanged. A file that is cut off or altered is read as if there were none.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import xxhash

from fvbuild.media.aac import Packets
from fvbuild.media.aac_header import movie_header
from fvbuild.media.mp4.boxes import box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.float32]

_OURS = bytes.fromhex("7c1f5a0e64b14f0d9a3e66766d697831")
_FORMAT = 1
_HEADER = struct.Struct(">16sIIiIQQ")  # rules, format, blocks, gain in 1/100 dB, hops, tables
_MAX_PRIVATE_BYTES = 1 << 30
_ENTRY: list[Any] = [("key", "V16"), ("packets", "<u4"), ("hops", "<u4"), ("check", "<u8")]
_FTYP = box(b"ftyp", b"M4A ", bytes(4), b"M4A mp42isom")


@dataclass(frozen=True, slots=True)
class Block:
    """One block ready to be written. ``levels``: energy and peak of its hops, shape (hops, 2)."""

    key: bytes
    levels: Levels
    packets: Packets


class PreviousMix:
    """What can be taken over from an earlier file: levels and packets by block key."""

    def __init__(self, path: Path, gain_db: float = 0.0) -> None:
        self._path = path
        self._blocks: dict[bytes, _Kept] = {}
        self.gain_db = gain_db
        self.lengths: Mapping[str, int] = {}

    @classmethod
    def read(cls, path: Path | None, rules: bytes) -> PreviousMix:
        """The private box of a file made under the same rules; empty for anything else."""
        try:
            found = _private(path) if path is not None else None
            if path is not None and found is not None:
                return _parse(path, found, rules) or cls(path)
        except (OSError, struct.error, ValueError, OverflowError, MemoryError):
            pass  # a cache that cannot be read is an empty one
        return cls(path or Path())

    def levels(self, key: bytes, hops: int) -> Levels | None:
        """Energy and peak of the block's hops, if it was there."""
        kept = self._blocks.get(key)
        return kept.levels if kept is not None and len(kept.levels) == hops else None

    def packets(self, key: bytes) -> Packets | None:
        """The block's packets as they were written, if they still are what they were."""
        kept = self._blocks.get(key)
        if kept is None:
            return None
        try:
            with self._path.open("rb") as file:
                file.seek(kept.at)
                data = file.read(int(kept.sizes.sum()))
        except OSError:
            return None
        packets = Packets(kept.sizes, data)
        return packets if _check(packets) == kept.check else None


@dataclass(frozen=True, slots=True)
class _Kept:
    levels: Levels
    sizes: NDArray[np.uint32]
    at: int
    check: int


def write_mix(
    path: Path,
    blocks: Iterable[Block],
    *,
    total_samples: int,
    gain_db: float,
    rules: bytes,
    lengths: Mapping[str, int],
) -> None:
    """Write the file; ``blocks`` come in order, all but the last of BLOCK_PACKETS packets.

    ``rules`` (16 bytes) stand for everything that shapes a block beside its key and the gain;
    ``lengths`` are samples of stems by digest, to be remembered.
    """
    import numpy as np

    sizes: list[NDArray[np.uint32]] = []
    entries: list[tuple[bytes, int, int, int]] = []
    levels: list[Levels] = []
    checked: Packets | None = None  # neighbours in silence are one object
    check = 0
    with path.open("wb") as file:
        file.write(_FTYP + struct.pack(">I4sQ", 1, b"mdat", 0))
        data_at = file.tell()
        for block in blocks:
            packets = block.packets
            if packets is not checked:
                checked, check = packets, _check(packets)
            entries.append((block.key, len(packets.sizes), len(block.levels), check))
            sizes.append(packets.sizes)
            levels.append(block.levels)
            file.write(packets.data)
        end = file.tell()
        file.seek(data_at - 8)
        file.write(struct.pack(">Q", end - data_at + 16))
        file.seek(end)
        all_sizes = np.concatenate(sizes)
        moov, table_at = movie_header(all_sizes, data_at, total_samples)
        file.write(moov)
        hops = np.concatenate(levels)
        tables = np.array(entries, _ENTRY).tobytes() + hops.astype("<f4").tobytes()
        tables += json.dumps(dict(lengths), sort_keys=True).encode()
        numbers = (len(entries), round(gain_db * 100), len(hops), end + table_at, data_at)
        _write_private(file, _HEADER.pack(rules, _FORMAT, *numbers) + tables)


def _write_private(file: IO[bytes], body: bytes) -> None:
    check = struct.pack(">Q", xxhash.xxh3_64_intdigest(body))
    file.write(box(b"uuid", _OURS, body, check))


def _private(path: Path) -> bytes | None:
    """The body of our box, its checksum proven; None where there is none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size:
            file.seek(at)
            head = file.read(32)
            length, kind = struct.unpack_from(">I4s", head)
            if length == 1:
                (length,) = struct.unpack_from(">Q", head, 8)
            if length < 8 or at + length > size:
                return None
            if kind == b"uuid" and head[8:24] == _OURS:
                if not 32 <= length <= _MAX_PRIVATE_BYTES:
                    return None
                file.seek(at + 24)
                body = file.read(length - 24)
                (check,) = struct.unpack(">Q", body[-8:])
                return body[:-8] if xxhash.xxh3_64_intdigest(body[:-8]) == check else None
            at += length
    return None


def _parse(path: Path, body: bytes, rules: bytes) -> PreviousMix | None:
    import numpy as np

    made_by, version, count, gain, hops, sizes_at, data_at = _HEADER.unpack_from(body)
    if made_by != rules or version != _FORMAT:
        return None
    entries = np.frombuffer(body, _ENTRY, count, _HEADER.size)
    levels = np.frombuffer(body, "<f4", 2 * hops, _HEADER.size + entries.nbytes).reshape(-1, 2)
    with path.open("rb") as file:
        file.seek(sizes_at)
        table = file.read(4 * int(entries["packets"].sum(dtype=np.int64)))
    sizes = np.frombuffer(table, ">u4").astype(np.uint32)
    ends = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    found = PreviousMix(path, gain / 100)
    found.lengths = json.loads(body[_HEADER.size + entries.nbytes + levels.nbytes :])
    packet = hop = 0
    for key, packets, hop_count, check in entries.tolist():
        mine = slice(packet, packet + packets)
        if mine.stop > len(sizes):
            return None
        start = data_at + int(ends[packet])
        found._blocks[key] = _Kept(levels[hop : hop + hop_count], sizes[mine], start, check)
        packet, hop = mine.stop, hop + hop_count
    return found


def _check(packets: Packets) -> int:
    digest = xxhash.xxh3_64(packets.sizes.astype("<u4").tobytes())
    digest.update(packets.data)
    return int(digest.intdigest())
