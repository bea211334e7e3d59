"""Transitions: what they touch, what they show, and that the rest of the film stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from barcodes import (
    HEIGHT,
    PROFILE,
    Pixels,
    decoded,
    footage_of,
    frames_and_times,
    read_barcode,
    said_by,
    write_film,
    write_shots,
)
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import MediaError
from fvbuild.media.clip import encode_clip
from fvbuild.media.mp4.assembly import assemble
from fvbuild.media.transition import (
    Copy,
    Join,
    Mix,
    canonical_kind,
    fit_transitions,
    make_transition,
    overlap_frames,
    plan_pieces,
    reach,
)

KINDS = ["dissolve", "wipe", "wipe up", "fade", "fade to white", "dip", "dip to white", "cut"]
JOINS = st.one_of(
    st.none(), st.builds(Join, st.sampled_from(KINDS), st.integers(min_value=0, max_value=90))
)


@st.composite
def films(draw: st.DrawFn) -> tuple[list[int], list[Join | None]]:
    lengths = draw(st.lists(st.integers(min_value=1, max_value=120), min_size=1, max_size=6))
    joins = draw(st.lists(JOINS, min_size=len(lengths) - 1, max_size=len(lengths)))
    return lengths, joins


def film_of(
    lengths: list[int], joins: list[Join | None], folder: Path
) -> tuple[list[Pixels], list[Copy | Mix], list[Path], Path]:
    """Make a film the way the build does: shots, transition clips, assembly."""
    shots = write_shots(folder, lengths)
    fitted = fit_transitions(lengths, joins)
    pieces = plan_pieces(lengths, fitted, PROFILE.gop)
    footage = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, Copy):
            footage.append(footage_of(shots[piece.shot], piece.start, piece.stop))
            continue
        path = folder / f"mix-{number}.mp4"
        second = shots[piece.shot + 1] if piece.shot + 1 < len(shots) else None
        made = make_transition(
            shots[piece.shot],
            second,
            path,
            PROFILE,
            a_from=piece.a_from,
            b_to=piece.b_to,
            kind=piece.kind,
            length=piece.length,
        )
        assert made == piece.frames
        footage.append(footage_of(path))
    film = folder / "film.mp4"
    write_film(assemble(footage, PROFILE), [one.path for one in footage], film)
    frames, times = frames_and_times(film)
    assert times == [number / PROFILE.fps for number in range(len(frames))]
    return frames, pieces, shots, film


@given(films(), st.sampled_from([1, 12, 24, 25]))
def test_pieces_add_up_and_touch_no_frame_twice(
    film: tuple[list[int], list[Join | None]], gop: int
) -> None:
    lengths, joins = film
    fitted = fit_transitions(lengths, joins)
    pieces = plan_pieces(lengths, fitted, gop)
    overlap = sum(overlap_frames(*join) for join in fitted[: len(lengths) - 1] if join)
    assert sum(piece.frames for piece in pieces) == sum(lengths) - overlap
    seen = [[0] * length for length in lengths]
    for piece in pieces:
        assert piece.frames > 0
        if isinstance(piece, Copy):
            assert piece.start % gop == 0
            assert piece.stop % gop == 0 or piece.stop == lengths[piece.shot]
            used = [(piece.shot, piece.start, piece.stop)]
        else:
            used = [(piece.shot, piece.a_from, lengths[piece.shot])]
            if piece.shot + 1 < len(lengths):
                used.append((piece.shot + 1, 0, piece.b_to))
        for shot, start, stop in used:
            for frame in range(start, stop):
                seen[shot][frame] += 1
    assert all(count == 1 for shot in seen for count in shot)


@given(films())
def test_every_shot_keeps_a_frame_of_its_own(film: tuple[list[int], list[Join | None]]) -> None:
    lengths, joins = film
    fitted = [*fit_transitions(lengths, joins), None][: len(lengths)]
    for shot, length in enumerate(lengths):
        before, after = fitted[shot - 1] if shot else None, fitted[shot]
        head = reach(*before).head if before else 0
        tail = reach(*after).tail if after else 0
        assert head + tail <= length - 1 or head + tail == 0


@given(films())
def test_where_there_is_room_a_join_stays_as_it_is_written(
    film: tuple[list[int], list[Join | None]],
) -> None:
    lengths, joins = film
    roomy = [length + 200 for length in lengths]
    for join, fitted in zip(joins[: len(lengths) - 1], fit_transitions(roomy, joins), strict=False):
        plain = join is None or join.frames == 0 or join.kind == "cut"
        assert fitted == (None if plain else join)


def test_an_edit_moves_no_join_but_its_neighbours() -> None:
    lengths, joins = [30] * 8, [Join("dissolve", 20)] * 7
    before = fit_transitions(lengths, joins)
    shorter = fit_transitions([*lengths[:3], 10, *lengths[4:]], joins)
    changed = [number for number in range(7) if before[number] != shorter[number]]
    assert changed == [2, 3]


def test_dissolves_of_one_film(tmp_path: Path) -> None:
    lengths, joins = [60, 49, 72, 30], [Join("dissolve", 12), Join("dissolve", 6), None]
    frames, pieces, shots, _ = film_of(lengths, joins, tmp_path)
    sources = [list(decoded([shot])) for shot in shots]
    position = copied = 0
    for piece in pieces:
        shown = frames[position : position + piece.frames]
        if isinstance(piece, Copy):
            wanted = sources[piece.shot][piece.start : piece.stop]
            assert all(np.array_equal(*pair) for pair in zip(shown, wanted, strict=True))
            copied += piece.frames
        position += piece.frames
    assert copied == 48 + 0 + 48 + 30
    # Each mixed frame is the weighted sum of the two it is made of, but for the encoder's loss.
    for number in range(12):
        weight = (number + 1) / 13
        ideal = sources[0][48 + number] * (1 - weight) + sources[1][number] * weight
        assert np.abs(frames[48 + number][:HEIGHT] - ideal[:HEIGHT]).mean() < 3


def test_frames_outside_the_overlap_are_those_of_the_shots(tmp_path: Path) -> None:
    lengths = [31, 5, 40]
    frames, _, _, _ = film_of(lengths, [Join("dissolve", 3), Join("wipe left", 8)], tmp_path)
    # Shot 0 is frames 0-30, shot 1 31-35, shot 2 36-75; fitted overlaps are 1 and 3.
    fitted = fit_transitions(lengths, [Join("dissolve", 3), Join("wipe left", 8)])
    assert fitted == [Join("dissolve", 1), Join("wipe left", 3)]
    numbers = [read_barcode(frame) for frame in frames]
    assert numbers[:30] == list(range(30))
    assert numbers[31] == 32
    assert numbers[35:] == list(range(39, 76))


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("kind", ["dissolve", "wipe right", "fade", "dip to white"])
def test_shots_too_short_for_their_transitions(length: int, kind: str, tmp_path: Path) -> None:
    lengths, joins = [25, length, length, 25], [Join(kind, 12)] * 3
    frames, pieces, _, _ = film_of(lengths, [*joins], tmp_path)
    assert len(frames) == sum(piece.frames for piece in pieces)
    assert read_barcode(frames[0]) == 0
    assert read_barcode(frames[-1]) == sum(lengths) - 1


def luma(frame: Pixels) -> float:
    return float(frame[:HEIGHT].mean())


def test_fades_and_dips_reach_their_colour(tmp_path: Path) -> None:
    frames, _, _, film = film_of(
        [48, 48, 48], [Join("fade", 8), Join("dip to white", 8), Join("fade", 6)], tmp_path
    )
    assert len(frames) == 144
    assert luma(frames[47]) < 18 and luma(frames[48]) < 18
    assert luma(frames[95]) > 200 and luma(frames[96]) > 200
    assert luma(frames[143]) < 18
    falling = [luma(frame) for frame in frames[40:48]]
    assert falling == sorted(falling, reverse=True)
    assert [read_barcode(frame) for frame in frames[60:90]] == list(range(60, 90))
    if shutil.which("ffmpeg"):
        assert said_by("ffmpeg", "-v", "warning", "-i", film, "-f", "null", "-") == ""


@pytest.mark.parametrize("kind", ["left", "right", "up", "down"])
def test_wipes_move_the_way_they_say(kind: str, tmp_path: Path) -> None:
    dark, light = np.full((270, 320), 128, np.uint8), np.full((270, 320), 128, np.uint8)
    dark[:180], light[:180] = 30, 220
    for name, frame in (("a", dark), ("b", light)):
        encode_clip(tmp_path / f"{name}.mp4", [frame] * 24, PROFILE)
    make_transition(
        tmp_path / "a.mp4",
        tmp_path / "b.mp4",
        tmp_path / "x.mp4",
        PROFILE,
        a_from=0,
        b_to=24,
        kind=f"wipe {kind}",
        length=9,
    )
    middle = list(decoded([tmp_path / "x.mp4"]))[19][:180]
    corners = {"left": (90, 300), "right": (90, 20), "up": (170, 160), "down": (10, 160)}
    opposite = {"left": (90, 20), "right": (90, 300), "up": (10, 160), "down": (170, 160)}
    assert middle[corners[kind]] > 200 and middle[opposite[kind]] < 50


def test_words_for_kinds() -> None:
    assert canonical_kind("Dip_to-White") == "dip to white"
    assert canonical_kind("wipe") == "wipe left"
    assert canonical_kind("fade black") == "fade to black"
    with pytest.raises(MediaError, match="'swirl' is not a transition"):
        reach("swirl", 3)
