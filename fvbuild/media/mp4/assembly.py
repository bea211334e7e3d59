"""An assembly: a film as header bytes and ranges of other artifacts, which we never copy here.

Its document (:mod:`fvbuild.media.mp4.document`) is the artifact of a cut; whoever owns the store
writes the real file from it. The header comes first (faststart), with the text of subtitles and
chapters; pictures and sound follow, interleaved by group of pictures.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from fvbuild.errors import MediaError
from fvbuild.media.mp4.chunks import Chunks, no_chunks, sound_chunks
from fvbuild.media.mp4.document import MEDIA_TYPE, Document, document_bytes, write_assembly
from fvbuild.media.mp4.earlier import EarlierCut, notes_of
from fvbuild.media.mp4.index import index_track
from fvbuild.media.mp4.movie import FILE_TYPE, Track, movie_box
from fvbuild.media.mp4.strip import Footage, Strip, check
from fvbuild.media.mp4.text import Chapter, Subtitles, chapter_track, subtitle_track
from fvbuild.media.profile import REORDER_FRAMES, JoiningProfile
from fvbuild.values import dataclass

__all__ = ["MEDIA_TYPE", "Chapter", "Footage", "Sound", "Subtitles", "assemble", "write_assembly"]

_MDAT_HEADER_BYTES = 16
_CHAPTER_UNITS_A_SECOND = 10_000_000
_MAX_32_BIT_FILE = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Sound:
    """The one continuous AAC track: an .m4a with a single track. ``language`` like ``en``."""

    path: Path
    digest: str
    language: str = ""


class _Laid(NamedTuple):
    """A track, its chunks in order, and bytes that go into the head of the media data."""

    track: Track
    chunks: Chunks
    text: bytes = b""


def assemble(
    footage: Sequence[Footage],
    profile: JoiningProfile,
    *,
    sound: Sound | None = None,
    subtitles: Sequence[Subtitles] = (),
    chapters: Sequence[Chapter] = (),
    title: str = "",
    previous: bytes | None = None,
) -> bytes:
    """The assembly's document; the same bytes for the same arguments.

    The first subtitle track is on by default, the others are off. ``previous`` is the document of
    the last cut: what it tells of equal pieces is copied, and the outcome is the same without it.
    Raises MediaError when a clip is not of the profile (naming it), or is cut elsewhere than
    between groups of pictures.
    """
    strip = strip_of(footage, profile, previous)
    places: dict[str, int] = {}
    for digest in (*(piece.digest for piece in footage), *([sound.digest] if sound else ())):
        places.setdefault(digest, len(places))
    laid = [_picture(strip, [places[piece.digest] for piece in footage], profile)]
    total = laid[0].track.shown
    scale, size = profile.timescale, (profile.width, profile.height)
    if sound is not None:
        laid.append(_sound(sound, places[sound.digest], scale, total))
    for number, one in enumerate(subtitles):
        track, text = subtitle_track(one, scale, total, size, enabled=number == 0)
        laid.append(_Laid(track, no_chunks(), text))
    marks = _marks(chapters, total // profile.frame_ticks)
    if marks:
        track, text = chapter_track(marks, profile.frame_ticks, scale, total)
        laid.append(_Laid(track, no_chunks(), text))
        for one_laid in laid[:2] if sound else laid[:1]:
            one_laid.track.chapters_in = len(laid)
    times = [
        (round(mark.start_frame * _CHAPTER_UNITS_A_SECOND / profile.fps), mark.title)
        for mark in marks
    ]
    head, ranges, size_bytes = _laid_out(laid, scale, title, times)
    notes = notes_of(strip, footage, places, profile)
    return document_bytes(Document(list(places), head, ranges, notes, size_bytes))


def _marks(chapters: Sequence[Chapter], frames: int) -> list[Chapter]:
    """The chapters as they can be written: in order, the first at the film's start."""
    inside = sorted(
        (one for one in chapters if 0 <= one.start_frame < frames), key=lambda one: one.start_frame
    )
    single = {one.start_frame: one for one in reversed(inside)}
    marks = [single[frame] for frame in sorted(single)]
    if marks and marks[0].start_frame:
        marks.insert(0, Chapter(0, ""))
    return marks


def strip_of(
    footage: Sequence[Footage], profile: JoiningProfile, previous: bytes | None = None
) -> Strip:
    """The picture of a film. ``previous`` is the document of a cut to copy from.

    Raises MediaError when a clip is not of the profile, or cut elsewhere than between groups.
    """
    if not footage:
        raise MediaError("a film without pictures cannot be put together")
    first = index_track(footage[0].path)
    check(first, first, profile, footage[0].path)
    strip = Strip(first.description)
    known = EarlierCut.read(previous, profile, first.description) if previous is not None else None
    places = [known.places.get(piece.key) if known else None for piece in footage]
    indexed = {footage[0].path: first}
    for piece, stretch in _stretches(places):
        if stretch is not None and known is not None:
            known.copy_to(strip, stretch)
            continue
        one = footage[piece]
        index = indexed.get(one.path) or indexed.setdefault(one.path, index_track(one.path))
        check(index, first, profile, one.path)
        strip.index(one, index)
    return strip


def _key(piece: Footage) -> tuple[str, int, int]:
    return piece.digest, piece.start, -1 if piece.stop is None else piece.stop


def _stretches(places: Sequence[int | None]) -> Iterator[tuple[int, slice | None]]:
    """The pieces one by one, but those that follow each other in the cut before together."""
    at = 0
    while at < len(places):
        begin, place = at, places[at]
        at += 1
        if place is None:
            yield begin, None
            continue
        while at < len(places) and places[at] == place + at - begin:
            at += 1
        yield begin, slice(place, place + at - begin)


def _picture(strip: Strip, sources: Sequence[int], profile: JoiningProfile) -> _Laid:
    ticks, frames = profile.frame_ticks, len(strip.sizes)
    begins = accumulate(strip.groups, initial=1)
    track = Track(
        handler=b"vide",
        description=strip.description,
        timescale=profile.timescale,
        lengths=[(frames, ticks)],
        sizes=strip.sizes,
        chunks=strip.samples,
        shown=frames * ticks,
        shifts=strip.shifts,
        sync=array("I", [begin for begin, _ in zip(begins, strip.groups, strict=False)]),
        media_start=REORDER_FRAMES * ticks,
        name="Picture",
        width=profile.width,
        height=profile.height,
    )
    of_chunks = array("Q")
    for source, piece in zip(sources, strip.pieces, strict=True):
        of_chunks.extend([source] * piece.chunks)
    return _Laid(track, Chunks(of_chunks, strip.offsets, strip.lengths, strip.samples))


def _sound(sound: Sound, source: int, timescale: int, total_ticks: int) -> _Laid:
    index = index_track(sound.path)
    if index.handler != b"soun":
        raise MediaError("this is not a sound track", place=str(sound.path))
    chunks = sound_chunks(index, source)
    audible = len(index) * index.sample_ticks - index.media_start
    track = Track(
        handler=b"soun",
        description=index.description,
        timescale=index.timescale,
        lengths=[(len(index), index.sample_ticks)],
        sizes=index.sizes,
        chunks=chunks.samples,
        shown=min(total_ticks, audible * timescale // index.timescale),
        media_start=index.media_start,
        language=sound.language,
        name="Sound",
    )
    return _Laid(track, chunks)


def _laid_out(
    laid: Sequence[_Laid], timescale: int, title: str, times: Sequence[tuple[int, str]]
) -> tuple[bytes, array[int], int]:
    """Lay the chunks one after the other by time, then write the header which points at them.

    The film's first bytes, the ranges that follow, and its size in bytes.
    """
    text = b"".join(one.text for one in laid)
    body_bytes = len(text) + sum(sum(one.chunks.lengths) for one in laid)
    tracks = [one.track for one in laid]

    # A header is never near a tenth of its film; where it might matter, offsets are wide.
    wide = body_bytes > _MAX_32_BIT_FILE * 9 // 10

    def header() -> bytes:
        moov = movie_box(tracks, timescale, title=title, chapters=times, wide_offsets=wide)
        return FILE_TYPE + moov

    head_bytes = len(header()) + _MDAT_HEADER_BYTES
    ranges = _place(laid, head_bytes)
    mdat = struct.pack(">I4sQ", 1, b"mdat", body_bytes + _MDAT_HEADER_BYTES)
    return header() + mdat + text, ranges, head_bytes + body_bytes


def _place(laid: Sequence[_Laid], at: int) -> array[int]:
    """Give every track the offsets of its chunks; text lies before all else. The ranges in order.

    Chunks of the same time lie in the order of their tracks.
    """
    for one in laid:
        one.track.offsets = [at] if one.text else [0] * len(one.chunks.lengths)
        at += len(one.text)
    times, sources, offsets, lengths = list[float](), array("Q"), array("Q"), array("Q")
    for one in laid:
        times += one.chunks.times(one.track.lengths[0][1], one.track.timescale)
        sources += one.chunks.sources
        offsets += one.chunks.offsets
        lengths += one.chunks.lengths
    ranges, begins = array("Q"), array("Q", bytes(8 * len(times)))
    for chunk in sorted(range(len(times)), key=times.__getitem__):
        begins[chunk] = at
        at += lengths[chunk]
        ranges.extend((sources[chunk], offsets[chunk], lengths[chunk]))
    first = 0
    for one in laid:
        count = len(one.chunks.lengths)
        if count:
            one.track.offsets = begins[first : first + count]
        first += count
    return ranges
