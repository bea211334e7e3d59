"""What a cut leaves to the next one: which entries of its tables belong to which piece of footage.

To index a clip means to read its header, which takes seconds for a film of 10,000 clips. The next
cut copies the entries of all pieces that are the same, and comes out the same to the byte.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from fvbuild.media.mp4.boxes import Box, Malformed, children, require
from fvbuild.media.mp4.document import (
    FORMAT,
    Document,
    from_little_endian,
    little_endian,
    read_document,
)
from fvbuild.media.mp4.strip import Footage, Piece, Strip
from fvbuild.media.profile import REORDER_FRAMES, JoiningProfile

_NUMBER_BYTES = 8
_ROW = 7


def _rules(profile: JoiningProfile, description: bytes) -> dict[str, object]:
    """What must be the same for two films to share entries."""
    rate = [profile.timescale, profile.frame_ticks, REORDER_FRAMES]
    return {
        "format": FORMAT,
        "rate": rate,
        "size": [profile.width, profile.height],
        "description": description.hex(),
    }


def notes_of(
    strip: Strip, footage: Sequence[Footage], places: Mapping[str, int], profile: JoiningProfile
) -> bytes:
    """What the next cut goes on from; ``places`` are the artifacts' in the document."""
    rows = array("q")
    for piece, counts in zip(footage, strip.pieces, strict=True):
        digest, start, stop = piece.key
        rows.extend((places[digest], start, stop, *counts))
    line = {
        **_rules(profile, strip.description),
        "pieces": len(strip.pieces),
        "chunks": len(strip.offsets),
        "groups": len(strip.groups),
    }
    tables = (rows, strip.offsets, strip.lengths, strip.samples, strip.groups)
    first = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    return b"".join((first, *map(little_endian, tables)))


class EarlierCut:
    """The strip of an earlier cut, and where its pieces are in it."""

    def __init__(self, strip: Strip, places: dict[tuple[str, int, int], int]) -> None:
        self._strip = strip
        self.places = places
        columns = zip(*strip.pieces, strict=True)
        sums = (accumulate(column, initial=0) for column in columns)
        self._before = [Piece(*counts) for counts in zip(*sums, strict=True)]

    def copy_to(self, strip: Strip, stretch: slice) -> None:
        """Append a stretch of pieces to a strip."""
        begin, end = self._before[stretch.start], self._before[stretch.stop]
        strip.copy(self._strip, begin, end, self._strip.pieces[stretch])

    @classmethod
    def read(cls, data: bytes, profile: JoiningProfile, description: bytes) -> EarlierCut | None:
        """What a document's notes say; None when they are of no use for such a film."""
        try:
            document = read_document(data)
            line, _, body = document.notes.partition(b"\n")
            counts = json.loads(line)
            rules = _rules(profile, description)
            if {name: counts[name] for name in rules} != rules:
                return None
            return cls._taken_apart(document, counts, body, description)
        except (ValueError, KeyError, TypeError, IndexError, Malformed):
            return None

    @classmethod
    def _taken_apart(
        cls, document: Document, counts: dict[str, int], body: bytes, description: bytes
    ) -> EarlierCut | None:
        number, chunks, groups = counts["pieces"], counts["chunks"], counts["groups"]
        numbers = from_little_endian("Q", body)
        rows = from_little_endian("q", body[: number * _ROW * _NUMBER_BYTES])
        ends = list(accumulate((number * _ROW, chunks, chunks, chunks, groups)))
        if len(numbers) != ends[-1]:
            return None
        offsets, lengths, samples, sync = (numbers[a:b] for a, b in pairwise(ends))
        sizes, shifts = _tables(document.head)
        pieces = [Piece(*rows[at + 3 : at + _ROW]) for at in range(0, len(rows), _ROW)]
        strip = Strip(description, sizes, shifts, offsets, lengths, samples, sync, pieces)
        if not _adds_up(strip):
            return None
        keys = zip(rows[::_ROW], rows[1::_ROW], rows[2::_ROW], strict=True)
        places = {
            (document.artifacts[place], start, stop): at
            for at, (place, start, stop) in enumerate(keys)
        }
        return cls(strip, places)


def _adds_up(strip: Strip) -> bool:
    samples, pairs, chunks, groups = (sum(column) for column in zip(*strip.pieces, strict=True))
    return (samples, 2 * pairs, chunks, groups) == (
        len(strip.sizes),
        len(strip.shifts),
        len(strip.offsets),
        len(strip.groups),
    )


def _tables(head: bytes) -> tuple[array[int], array[int]]:
    """The sample sizes and shifts that a film's header holds. Raises Malformed."""
    moov = require(head, "moov")
    table = require(head, "trak/mdia/minf/stbl", moov)
    found = {one.kind: one for one in children(head, table.start, table.end)}
    return _numbers(head, found[b"stsz"], "I", 12), _numbers(head, found[b"ctts"], "i", 8)


def _numbers(data: bytes, at: Box, typecode: str, skipped: int) -> array[int]:
    numbers = array(typecode, data[at.start + skipped : at.end])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
