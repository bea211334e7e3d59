"""A cut that goes on from the one before gives the same bytes, and indexes only what is new."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from barcodes import PROFILE, footage_of, write_shots
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fvbuild.engine import assembly as store_side
from fvbuild.media.clip import encode_clip
from fvbuild.media.mp4 import assembly
from fvbuild.media.mp4.assembly import Chapter, Footage, Sound, Subtitles, assemble
from fvbuild.media.mp4.document import read_document
from fvbuild.media.mp4.index import TrackIndex, index_track
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.subtitles import Cue

LENGTHS = (1, 2, 5, 24, 25, 48, 49, 50)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Footage]:
    """Whole clips, and slices of one of them as transitions leave them."""
    shots = write_shots(tmp_path_factory.mktemp("shots"), LENGTHS)
    whole = [footage_of(path) for path in shots]
    return [*whole, replace(whole[-1], stop=24), replace(whole[-1], start=24, stop=48)]


def _film(footage: Sequence[Footage], previous: bytes | None = None) -> bytes:
    cues = (Cue(Fraction(0), Fraction(1, 24), "Là."),)
    return assemble(
        footage,
        PROFILE,
        subtitles=[Subtitles("fr", cues, "Français")],
        chapters=[Chapter(0, "One")],
        title="Film",
        previous=previous,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_cut_after_any_other_is_the_same_as_without_it(
    data: st.DataObject, pieces: list[Footage]
) -> None:
    numbers = st.lists(st.integers(0, len(pieces) - 1), min_size=1, max_size=12)
    document: bytes | None = None
    for _ in range(3):
        footage = [pieces[number] for number in data.draw(numbers)]
        document, afresh = _film(footage, document), _film(footage)
        assert document == afresh


def test_only_what_is_new_is_indexed(
    pieces: list[Footage], monkeypatch: pytest.MonkeyPatch
) -> None:
    footage = [pieces[number] for number in (3, 0, 1, 5, 8, 2)]
    first = _film(footage)
    edited = [*footage[:3], pieces[6], pieces[9], *footage[3:]]
    wanted = _film(edited)
    indexed: list[Path] = []

    def heard(path: Path) -> TrackIndex:
        indexed.append(path)
        return index_track(path)

    monkeypatch.setattr(assembly, "index_track", heard)
    assert _film(edited, first) == wanted
    # The first clip says how all are encoded; of the others the two new ones are read.
    assert indexed == [edited[0].path, pieces[6].path, pieces[9].path]


def test_what_is_cut_short_is_of_no_use_and_no_harm(pieces: list[Footage]) -> None:
    footage = pieces[:5]
    document = _film(footage)
    for size in (*range(0, len(document), 97), len(document) - 1):
        assert _film(footage, document[:size]) == document


@pytest.mark.parametrize("other", ["rate", "size", "encoding"])
def test_a_cut_of_another_profile_is_of_no_use(
    other: str, pieces: list[Footage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same digests under other rules: what was known of them holds no more."""
    rate = Fraction(25) if other == "rate" else Fraction(24)
    profile = JoiningProfile(64 if other == "size" else 320, 180, rate)
    if other == "encoding":
        options = {**profile.encoder_options(), "refs": "1"}
        monkeypatch.setattr(JoiningProfile, "encoder_options", lambda _self: options)
    pixels = (np.zeros((270, profile.width), np.uint8) for _ in range(30))
    clip = tmp_path / "clip.mp4"
    encode_clip(clip, list(pixels), profile)
    monkeypatch.undo()
    impostor = replace(footage_of(clip), digest=pieces[3].digest)
    footage = [footage_of(clip), impostor]
    alike = index_track(clip).description == index_track(pieces[3].path).description
    assert not (other == "encoding" and alike)
    wanted = assemble(footage, profile)
    assert assemble(footage, profile, previous=_film(pieces)) == wanted


def test_the_notes_are_no_part_of_the_film(pieces: list[Footage], tmp_path: Path) -> None:
    document = _film(pieces)
    found = store_side.parse(document)
    known = {piece.digest: piece.path for piece in pieces}
    store_side.write(found, known.__getitem__, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").stat().st_size == read_document(document).size_bytes
    assert len(document) > len(found.head) + 24 * len(found.ranges) // 3
    assert read_document(document).notes not in (tmp_path / "film.mp4").read_bytes()


def test_sound_may_change_meanwhile(pieces: list[Footage], tmp_path: Path) -> None:
    from fvbuild.media.mix import mix_film

    mix_film([], 96_000, None, tmp_path / "mix.m4a")
    shutil.copy(tmp_path / "mix.m4a", tmp_path / "other.m4a")
    sounds = [None, *(Sound(tmp_path / name, 64 * name[0]) for name in ("mix.m4a", "other.m4a"))]
    document: bytes | None = None
    for sound in (*sounds, *reversed(sounds)):
        document = assemble(pieces, PROFILE, sound=sound, previous=document)
        assert document == assemble(pieces, PROFILE, sound=sound)
