"""An assembly: a film as header bytes and ranges of other artifacts, which we never copy here.

Its JSON document is the artifact of a cut (media type
``application/x-fvbuild-assembly+json``); whoever owns the store writes the real file from it::

    {"version": 1, "media_type": "video/mp4", "size": N,
     "pieces": [{"data": BASE64}, {"artifact": SHA256, "offset": A, "length": L}, ...]}

The file is the pieces one after the other. The header comes first (faststart), with the text of
subtitles and chapters; pictures and sound follow, interleaved by group of pictures. Neighbouring
ranges of one artifact are one piece.
"""

from __future__ import annotations

import base64
import json
import struct
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from fvbuild.errors import MediaError
from fvbuild.media.mp4.chunks import Chunk, cuts_of, film_shifts, picture_chunks, sound_chunks
from fvbuild.media.mp4.index import TrackIndex, index_track
from fvbuild.media.mp4.movie import FILE_TYPE, Track, movie_box, run_lengths
from fvbuild.media.mp4.text import Chapter, Subtitles, chapter_track, subtitle_track
from fvbuild.media.profile import REORDER_FRAMES, JoiningProfile

__all__ = ["MEDIA_TYPE", "Chapter", "Footage", "Sound", "Subtitles", "assemble", "write_assembly"]

MEDIA_TYPE = "application/x-fvbuild-assembly+json"
VERSION = 1
"""Raised whenever the same arguments would give another file."""

_MDAT_HEADER_BYTES = 16
_CHAPTER_UNITS_A_SECOND = 10_000_000
_MAX_32_BIT_FILE = 2**32 - 1
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Footage:
    """Frames [start, stop) of a conformed clip (None: to its end); both at GOP starts.

    ``path`` is where its bytes are now, ``digest`` the SHA-256 they are known by.
    """

    path: Path
    digest: str
    start: int = 0
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """The one continuous AAC track: an .m4a with a single track. ``language`` like ``en``."""

    path: Path
    digest: str
    language: str = ""


class _Laid(NamedTuple):
    """A track, its chunks in order, and bytes that go into the head of the media data."""

    track: Track
    chunks: list[Chunk]
    text: bytes = b""


def assemble(
    footage: Sequence[Footage],
    profile: JoiningProfile,
    *,
    sound: Sound | None = None,
    subtitles: Sequence[Subtitles] = (),
    chapters: Sequence[Chapter] = (),
    title: str = "",
) -> str:
    """The assembly's JSON document; the same bytes for the same arguments.

    The first subtitle track is on by default, the others are off. Raises MediaError when a clip
    is not of the profile (naming it), or is cut elsewhere than between groups of pictures.
    """
    laid = [_picture(footage, profile)]
    total = laid[0].track.shown
    scale, size = profile.timescale, (profile.width, profile.height)
    if sound is not None:
        laid.append(_sound(sound, scale, total))
    for number, one in enumerate(subtitles):
        track, text = subtitle_track(one, scale, total, size, enabled=number == 0)
        laid.append(_Laid(track, [], text))
    marks = _marks(chapters, total // profile.frame_ticks)
    if marks:
        track, text = chapter_track(marks, profile.frame_ticks, scale, total)
        laid.append(_Laid(track, [], text))
        for one_laid in laid[:2] if sound else laid[:1]:
            one_laid.track.chapters_in = len(laid)
    times = [
        (round(mark.start_frame * _CHAPTER_UNITS_A_SECOND / profile.fps), mark.title)
        for mark in marks
    ]
    return _document(laid, scale, title, times)


def write_assembly(document: str, resolve: Callable[[str], Path], path: Path) -> None:
    """Write the real file, by plain copying; ``resolve`` gives an artifact's path by its digest."""
    with path.open("wb") as out:
        for piece in json.loads(document)["pieces"]:
            if "data" in piece:
                out.write(base64.b64decode(piece["data"]))
                continue
            with resolve(piece["artifact"]).open("rb") as source:
                source.seek(piece["offset"])
                left = piece["length"]
                while left:
                    data = source.read(min(left, _COPY_BYTES))
                    if not data:
                        raise MediaError("an artifact is shorter than the film says")
                    out.write(data)
                    left -= len(data)


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


def _picture(footage: Sequence[Footage], profile: JoiningProfile) -> _Laid:
    if not footage:
        raise MediaError("a film without pictures cannot be put together")
    known: dict[Path, TrackIndex] = {}
    first: TrackIndex | None = None
    chunks: list[Chunk] = []
    sizes, shifts = array("I"), array("i")
    for piece in footage:
        index = known.get(piece.path) or known.setdefault(piece.path, index_track(piece.path))
        first = first or index
        _check(index, first, profile, piece.path)
        stop = len(index) if piece.stop is None else piece.stop
        cuts = cuts_of(index, piece.start, stop, piece.path)
        chunks += picture_chunks(index, piece.digest, cuts, len(sizes))
        shifts += _runs(film_shifts(index, cuts, piece.path).tobytes())
        sizes += index.sizes[piece.start : stop]
    assert first is not None
    counts = [chunk.samples for chunk in chunks]
    ticks = profile.frame_ticks
    track = Track(
        handler=b"vide",
        description=first.description,
        timescale=profile.timescale,
        lengths=[(len(sizes), ticks)],
        sizes=sizes,
        chunks=counts,
        shown=len(sizes) * ticks,
        shifts=shifts,
        sync=array("I", [chunk.begins + 1 for chunk in chunks]),
        media_start=REORDER_FRAMES * ticks,
        name="Picture",
        width=profile.width,
        height=profile.height,
    )
    return _Laid(track, chunks)


@lru_cache(maxsize=256)
def _runs(shifts: bytes) -> array[int]:
    """Runs of equal shifts: count, ticks, count, ticks... Many clips have the same."""
    return array("i", chain.from_iterable(run_lengths(array("i", shifts))))


def _check(index: TrackIndex, first: TrackIndex, profile: JoiningProfile, path: Path) -> None:
    rate = (index.timescale, index.sample_ticks)
    size = (index.width, index.height)
    if index.handler != b"vide":
        problem = "it is not a clip"
    elif rate != (profile.timescale, profile.frame_ticks):
        problem = f"its rate is not {profile.fps} frames a second"
    elif size != (profile.width, profile.height):
        problem = f"it is {size[0]}x{size[1]}, not {profile.width}x{profile.height}"
    elif index.description != first.description:
        problem = "it was encoded in another way than the clip before it"
    else:
        return
    raise MediaError(
        f"this clip cannot be joined: {problem}", place=str(path), hint="conform the clip first"
    )


def _sound(sound: Sound, timescale: int, total_ticks: int) -> _Laid:
    index = index_track(sound.path)
    if index.handler != b"soun":
        raise MediaError("this is not a sound track", place=str(sound.path))
    chunks = list(sound_chunks(index, sound.digest))
    audible = len(index) * index.sample_ticks - index.media_start
    track = Track(
        handler=b"soun",
        description=index.description,
        timescale=index.timescale,
        lengths=[(len(index), index.sample_ticks)],
        sizes=index.sizes,
        chunks=[chunk.samples for chunk in chunks],
        shown=min(total_ticks, audible * timescale // index.timescale),
        media_start=index.media_start,
        language=sound.language,
        name="Sound",
    )
    return _Laid(track, chunks)


def _document(
    laid: Sequence[_Laid], timescale: int, title: str, times: Sequence[tuple[int, str]]
) -> str:
    """Lay the chunks one after the other by time, then write the header which points at them."""
    text = b"".join(one.text for one in laid)
    order = sorted(
        (chunk.begins * one.track.lengths[0][1] / one.track.timescale, number, chunk_number)
        for number, one in enumerate(laid)
        for chunk_number, chunk in enumerate(one.chunks)
    )
    body_bytes = len(text) + sum(chunk.size_bytes for one in laid for chunk in one.chunks)
    tracks = [one.track for one in laid]

    # A header is never near a tenth of its film; where it might matter, offsets are wide.
    wide = body_bytes > _MAX_32_BIT_FILE * 9 // 10

    def header() -> bytes:
        moov = movie_box(tracks, timescale, title=title, chapters=times, wide_offsets=wide)
        return FILE_TYPE + moov

    head_bytes = len(header()) + _MDAT_HEADER_BYTES
    _place(laid, order, head_bytes)
    mdat = struct.pack(">I4sQ", 1, b"mdat", body_bytes + _MDAT_HEADER_BYTES)
    head = header() + mdat + text
    pieces: list[dict[str, str | int]] = [{"data": base64.b64encode(head).decode()}]
    for _, number, chunk_number in order:
        chunk = laid[number].chunks[chunk_number]
        for offset, length in chunk.runs:
            _append(pieces, chunk.digest, offset, length)
    document = {
        "version": VERSION,
        "media_type": "video/mp4",
        "size": head_bytes + body_bytes,
        "pieces": pieces,
    }
    return json.dumps(document, separators=(",", ":"))


def _place(laid: Sequence[_Laid], order: Sequence[tuple[float, int, int]], at: int) -> None:
    """Give every track the offsets of its chunks; text lies before all else."""
    for one in laid:
        one.track.offsets = [at] if one.text else [0] * len(one.chunks)
        at += len(one.text)
    offsets = [list(one.track.offsets) for one in laid]
    for _, number, chunk_number in order:
        offsets[number][chunk_number] = at
        at += laid[number].chunks[chunk_number].size_bytes
    for one, found in zip(laid, offsets, strict=True):
        one.track.offsets = found


def _append(pieces: list[dict[str, str | int]], digest: str, offset: int, length: int) -> None:
    last = pieces[-1]
    if last.get("artifact") == digest and int(last["offset"]) + int(last["length"]) == offset:
        last["length"] = int(last["length"]) + length
    else:
        pieces.append({"artifact": digest, "offset": offset, "length": length})
