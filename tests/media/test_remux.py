"""A film in another container: the same frames, chapters, title and subtitles."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fvbuild.errors import MediaError
from fvbuild.media.clip import encode_clip
from fvbuild.media.mix import mix_film
from fvbuild.media.mp4.assembly import Chapter, Footage, Sound, Subtitles, assemble, write_assembly
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.remux import remux
from fvbuild.media.subtitles import Cue

PROFILE = JoiningProfile(64, 36, Fraction(24))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    clip, mix = tmp_path / "clip.mp4", tmp_path / "mix.m4a"
    frames = [np.full((36, 64, 3), 5 * number, np.uint8) for number in range(48)]
    encode_clip(clip, frames, PROFILE)
    mix_film([], 96_000, None, mix)
    document = assemble(
        [Footage(clip, "clip")],
        PROFILE,
        sound=Sound(mix, "mix"),
        subtitles=[Subtitles("de", (Cue(Fraction(1, 2), Fraction(3, 2), "Grüß Gott"),))],
        chapters=[Chapter(0, "Eins"), Chapter(24, "Zwei")],
        title="Die Fähre",
    )
    write_assembly(document, {"clip": clip, "mix": mix}.__getitem__, tmp_path / "film.mp4")
    return tmp_path / "film.mp4"


def pictures(path: Path) -> list[tuple[int, str]]:
    """Each frame's number by its time, and its content."""
    with av.open(str(path)) as container:
        return [
            (
                round(float(frame.time) * 24),
                hashlib.md5(frame.to_ndarray().tobytes()).hexdigest(),
            )
            for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_everything_comes_along(film: Path, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out{suffix}"
    remux(film, out)
    assert pictures(out) == pictures(film)
    with av.open(str(out)) as container:
        assert container.metadata["title"] == "Die Fähre"
        assert [mark["metadata"]["title"] for mark in container.chapters()] == ["Eins", "Zwei"]
        texts = container.streams.subtitles[0]
        assert texts.language == "ger"
        said = b"".join(bytes(packet) for packet in container.demux(texts))
        assert "Grüß Gott".encode() in said
        assert len(container.streams.audio) == 1


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_the_same_bytes_again(film: Path, suffix: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        remux(film, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_what_cannot_be_written(film: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"'\.avi'"):
        remux(film, tmp_path / "a.avi")
    (tmp_path / "broken.mp4").write_bytes(b"broken")
    with pytest.raises(MediaError):
        remux(tmp_path / "broken.mp4", tmp_path / "a.mkv")
    assert not (tmp_path / "a.mkv").exists()
