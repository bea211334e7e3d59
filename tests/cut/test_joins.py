"""Films joined by copying: every frame of every shot, at its time, as it was in its clip."""

from __future__ import annotations

import shutil
from array import array
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from barcodes import (
    PROFILE,
    decoded,
    footage_of,
    frames_and_times,
    read_barcode,
    said_by,
    write_film,
    write_shots,
)

from fvbuild.engine import assembly
from fvbuild.errors import MediaError
from fvbuild.media.mp4.assembly import Chapter, Sound, Subtitles, assemble
from fvbuild.media.mp4.document import read_document
from fvbuild.media.mp4.index import index_track
from fvbuild.media.mp4.movie import FILE_TYPE, Track, movie_box
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.subtitles import Cue

LENGTHS = (1, 2, 3, 4, 5, 7, 24, 25, 48, 49, 1, 1, 50)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_shots(tmp_path_factory.mktemp("shots"), LENGTHS)


@pytest.fixture(scope="module")
def film(shots: list[Path]) -> Path:
    cues = (Cue(Fraction(1, 2), Fraction(3, 2), "Où?"), Cue(Fraction(1), Fraction(2), "Là."))
    document = assemble(
        [footage_of(path) for path in shots],
        PROFILE,
        subtitles=[Subtitles("fr", cues, "Français"), Subtitles("pt-BR", cues[:1])],
        chapters=[Chapter(0, "Pier, été"), Chapter(46, "Ferry")],
        title="Le film — 2",
    )
    path = shots[0].with_name("film.mp4")
    write_film(document, shots, path)
    assert path.stat().st_size == read_document(document).size_bytes
    return path


def test_every_frame_is_read_back_across_every_join(film: Path) -> None:
    frames, times = frames_and_times(film)
    assert [read_barcode(frame) for frame in frames] == list(range(sum(LENGTHS)))
    assert times == [Fraction(number, 24) for number in range(sum(LENGTHS))]


def test_decoded_frames_are_those_of_the_clips(film: Path, shots: list[Path]) -> None:
    frames, _ = frames_and_times(film)
    assert all(
        np.array_equal(mine, theirs) for mine, theirs in zip(frames, decoded(shots), strict=True)
    )


def test_seeking_shows_the_frame_asked_for(film: Path) -> None:
    joins = [0]
    for length in LENGTHS[:-1]:
        joins.append(joins[-1] + length)
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for number in sorted({n for join in joins for n in (join - 1, join, join + 1) if n >= 0}):
            wanted = Fraction(number, 24)
            container.seek(int(wanted / stream.time_base), stream=stream)
            shown = next(f for f in container.decode(stream) if (f.pts or 0) >= wanted * 24000)
            assert read_barcode(np.asarray(shown.to_ndarray(), dtype=np.uint8)) == number


def test_header_says_title_chapters_and_languages(film: Path) -> None:
    with av.open(str(film)) as container:
        assert container.metadata["title"] == "Le film — 2"
        marks = [(mark["metadata"]["title"], mark["start"]) for mark in container.chapters()]
        assert marks == [("Pier, été", 0), ("Ferry", 46 * 1000)]
        texts = container.streams.subtitles
        assert [one.language for one in texts] == ["fra", "por"]
        assert [bool(one.disposition.value & 1) for one in texts] == [True, False]
        samples = [bytes(packet)[2:].decode() for packet in container.demux(texts[0])]
    assert [text for text in samples if text] == ["Où?", "Où?\nLà.", "Là."]


def test_film_begins_with_its_header(film: Path) -> None:
    data = film.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not on this machine")
def test_ffmpeg_has_nothing_to_say(film: Path) -> None:
    assert said_by("ffmpeg", "-v", "warning", "-i", film, "-f", "null", "-") == ""
    # ffprobe cannot decode the chapters' own track, in films of any writer; it reads the chapters.
    probed = said_by("ffprobe", "-v", "warning", "-show_chapters", "-show_streams", film)
    assert probed.replace("Unsupported codec with id 98314 for input stream 3\n", "") == ""


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "12.5", "60", "0.5"])
def test_any_rate_is_exact(rate: str, tmp_path: Path) -> None:
    profile = JoiningProfile(320, 180, Fraction(rate))
    shots = write_shots(tmp_path, (3, 1, 31), profile)
    write_film(assemble([footage_of(s) for s in shots], profile), shots, tmp_path / "film.mp4")
    frames, times = frames_and_times(tmp_path / "film.mp4")
    assert [read_barcode(frame) for frame in frames] == list(range(35))
    assert times == [number / profile.fps for number in range(35)]


def test_slices_lie_between_groups_of_pictures(shots: list[Path], tmp_path: Path) -> None:
    long = shots[LENGTHS.index(49)]
    first = sum(LENGTHS[: LENGTHS.index(49)])
    pieces = [footage_of(long, 24, 48), footage_of(long, 0, 24), footage_of(long, 48, None)]
    write_film(assemble(pieces, PROFILE), shots, tmp_path / "film.mp4")
    frames, _ = frames_and_times(tmp_path / "film.mp4")
    wanted = [*range(24, 48), *range(24), 48]
    assert [read_barcode(frame) - first for frame in frames] == wanted
    with pytest.raises(MediaError, match="groups of pictures"):
        assemble([footage_of(long, 0, 23)], PROFILE)


def test_clips_of_another_kind_are_refused_by_name(shots: list[Path], tmp_path: Path) -> None:
    other = write_shots(tmp_path, (2,), JoiningProfile(320, 180, Fraction(25)))[0]
    with pytest.raises(MediaError, match="24 frames a second") as refused:
        assemble([footage_of(shots[0]), footage_of(other)], PROFILE)
    assert refused.value.place == str(other)


def test_the_same_film_is_the_same_bytes(shots: list[Path]) -> None:
    pieces = [footage_of(path) for path in shots]
    chapters = [Chapter(0, "One"), Chapter(9, "Two")]
    first = assemble(pieces, PROFILE, chapters=chapters, title="A")
    assert first == assemble(list(pieces), PROFILE, chapters=list(chapters), title="A")
    assert first != assemble(pieces, PROFILE, chapters=chapters, title="B")


def test_neighbouring_ranges_of_a_clip_are_one_piece(shots: list[Path]) -> None:
    whole = footage_of(shots[-1])
    document = assembly.parse(assemble([whole], PROFILE))
    assert [digest for digest, _, _ in document.pieces()] == [whole.digest]


def test_offsets_beyond_four_gigabytes_fit() -> None:
    track = Track(b"vide", b"", 24, [(1, 1)], array("I", [1]), [1], 1, offsets=[2**33])
    header = FILE_TYPE + movie_box([track], 24, wide_offsets=True)
    assert b"co64" in header and (2**33).to_bytes(8, "big") in header


def test_a_clip_of_one_frame_has_an_index(shots: list[Path]) -> None:
    index = index_track(shots[0])
    assert (len(index), list(index.sync), index.sample_ticks) == (1, [0], 1000)


def test_the_store_writes_the_same_file(shots: list[Path], tmp_path: Path) -> None:
    pieces = [footage_of(path) for path in shots]
    document = assemble(pieces, PROFILE, title="Film")
    write_film(document, shots, tmp_path / "ours.mp4")
    known = {piece.digest: piece.path for piece in pieces}
    assembly.write(assembly.parse(document), known.__getitem__, tmp_path / "store.mp4")
    assert (tmp_path / "store.mp4").read_bytes() == (tmp_path / "ours.mp4").read_bytes()


def test_samples_may_lie_anywhere_in_a_clip(shots: list[Path], tmp_path: Path) -> None:
    """Other writers leave holes between chunks, or put the last one first."""
    index, source = index_track(shots[-1]), shots[-1].read_bytes()
    counts = [10, 20, 20]
    chunks, number = [], 0
    for count in counts:
        (offset, length, _), *others = index.runs(number, number + count)
        assert not others
        chunks.append(source[offset : offset + length])
        number += count
    track = Track(
        handler=b"vide",
        description=index.description,
        timescale=index.timescale,
        lengths=[(len(index), index.sample_ticks)],
        sizes=index.sizes,
        chunks=counts,
        shown=len(index) * index.sample_ticks,
        shifts=array("i", [part for shift in index.shifts for part in (1, shift)]),
        sync=array("I", [one + 1 for one in index.sync]),
        media_start=index.media_start,
        width=index.width,
        height=index.height,
    )
    start = len(FILE_TYPE) + len(movie_box([track], index.timescale)) + 8
    last, first, middle = start, start + len(chunks[2]), start + len(b"".join(chunks)) + 5
    track.offsets = [first, middle - len(chunks[1]), last]
    body = chunks[2] + chunks[0] + bytes(5) + chunks[1]
    moved = tmp_path / "moved.mp4"
    mdat = (len(body) + 8).to_bytes(4, "big") + b"mdat"
    moved.write_bytes(FILE_TYPE + movie_box([track], index.timescale) + mdat + body)
    document = assemble([footage_of(moved)], PROFILE)
    write_film(document, [moved], tmp_path / "film.mp4")
    frames, _ = frames_and_times(tmp_path / "film.mp4")
    wanted = list(decoded([shots[-1]]))
    assert all(np.array_equal(*pair) for pair in zip(frames, wanted, strict=True))


def test_chapters_outside_the_film_are_left_out(shots: list[Path], tmp_path: Path) -> None:
    marks = [Chapter(5, "Late"), Chapter(2, "Twice"), Chapter(2, "Again"), Chapter(999, "Never")]
    document = assemble([footage_of(shots[5])], PROFILE, chapters=marks)
    write_film(document, shots, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        found = [
            (mark["metadata"].get("title", ""), mark["start"]) for mark in container.chapters()
        ]
    assert found == [("", 0), ("Twice", 2000), ("Late", 5000)]


def test_what_is_no_sound_is_refused(shots: list[Path], tmp_path: Path) -> None:
    for wrong in (shots[0], tmp_path / "none.m4a"):
        with pytest.raises(MediaError) as refused:
            assemble([footage_of(shots[0])], PROFILE, sound=Sound(wrong, "0" * 64))
        assert refused.value.place == str(wrong)
    with pytest.raises(MediaError, match="without pictures"):
        assemble([], PROFILE)
