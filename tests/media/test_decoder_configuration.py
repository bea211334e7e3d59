"""What decoders must know of a profile: as the encoder tells it, kept, never believed blindly."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fvbuild.media import decoder_configuration as module
from fvbuild.media.clip import encode_clip
from fvbuild.media.decoder_configuration import decoder_configuration
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile

PROFILE = JoiningProfile(128, 72, Fraction(24))
ASKED = "fvbuild.media.decoder_configuration._asked"


@pytest.fixture(autouse=True)
def _anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    decoder_configuration.cache_clear()


@pytest.fixture
def true(tmp_path: Path) -> bytes:
    frames = (np.full((108, 128), 40 * n, np.uint8) for n in range(3))
    encode_clip(tmp_path / "clip.mp4", frames, PROFILE)
    return index_track(tmp_path / "clip.mp4").description


def _later(monkeypatch: pytest.MonkeyPatch, *, asks: bool) -> bytes:
    """As another process finds it; only where it ``asks`` does it ask the encoder."""
    decoder_configuration.cache_clear()
    asked = module._asked
    calls: list[JoiningProfile] = []

    def counted(profile: JoiningProfile) -> bytes:
        calls.append(profile)
        return asked(profile)

    with monkeypatch.context() as patched:
        patched.setattr(ASKED, counted)
        found = decoder_configuration(PROFILE)
    assert len(calls) == asks
    return found


def _kept(tmp_path: Path) -> Path:
    (kept,) = (tmp_path / "user" / "fvbuild" / "profiles").iterdir()
    return kept


def test_it_is_that_of_every_clip_and_asked_for_once(
    true: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert decoder_configuration(PROFILE) == true
    assert _later(monkeypatch, asks=False) == true


def test_a_damaged_file_is_written_again(
    true: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder_configuration(PROFILE)
    whole = _kept(tmp_path).read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], bytes([whole[0] ^ 1]) + whole[1:]):
        _kept(tmp_path).write_bytes(damaged)
        assert _later(monkeypatch, asks=True) == true
        assert _later(monkeypatch, asks=False) == true


def test_profiles_are_kept_apart() -> None:
    other = JoiningProfile(128, 128, Fraction(24))
    assert decoder_configuration(PROFILE) != decoder_configuration(other)


def test_where_nothing_can_be_kept_it_is_asked_for_each_time(
    true: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "user").write_text("no folder")
    assert _later(monkeypatch, asks=True) == true
    assert _later(monkeypatch, asks=True) == true
