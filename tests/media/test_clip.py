"""Clips: exact counts, true colours, and clear messages for files that are none."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fvbuild.errors import Interrupted, MediaError
from fvbuild.media.clip import ClipFacts, decode_frames, encode_clip, last_frame, probe
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile, libraries, library_version

PROFILE = JoiningProfile(96, 64, Fraction(24))


def solid(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.broadcast_to(np.array(colour, np.uint8), (64, 96, 3)).copy()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    encode_clip(path, [solid((n, 128, 255 - n)) for n in range(50)], PROFILE)
    return path


def test_facts(clip: Path) -> None:
    assert probe(clip) == ClipFacts(50, 96, 64, Fraction(24), "h264")


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40)])
def test_colours_come_back(colour: tuple[int, int, int], tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", [solid(colour)] * 3, PROFILE)
    assert np.abs(last_frame(tmp_path / "a.mp4").astype(int) - colour).max() <= 4


def test_last_frame_of_a_longer_clip(clip: Path) -> None:
    assert last_frame(clip)[32, 48, 0] == pytest.approx(49, abs=4)


def test_pictures_arrays_and_planes_are_the_same_frames(tmp_path: Path) -> None:
    rgb = [solid((n * 20, 90, 30)) for n in range(4)]
    encode_clip(tmp_path / "a.mp4", rgb, PROFILE)
    encode_clip(tmp_path / "b.mp4", map(Image.fromarray, rgb), PROFILE)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    planes = list(decode_frames(tmp_path / "a.mp4"))
    assert planes[0].shape == (96, 96)
    assert encode_clip(tmp_path / "c.mp4", planes, PROFILE) == 4


@pytest.mark.parametrize(("start", "stop"), [(0, 50), (0, 1), (10, 30), (24, 25), (47, 50)])
def test_decoding_a_part(clip: Path, start: int, stop: int) -> None:
    whole = list(decode_frames(clip))
    part = list(decode_frames(clip, start, stop))
    assert all(np.array_equal(*pair) for pair in zip(part, whole[start:stop], strict=True))


def test_decoding_beyond_the_end(clip: Path) -> None:
    with pytest.raises(MediaError, match="no frame 50"):
        list(decode_frames(clip, 40, 51))


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[NDArray[np.uint8]]:
        yield solid((1, 2, 3))
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        encode_clip(tmp_path / "a.mp4", broken(), PROFILE)
    with pytest.raises(MediaError, match="at least one frame"):
        encode_clip(tmp_path / "a.mp4", [], PROFILE)
    with pytest.raises(MediaError, match="96x64"):
        encode_clip(tmp_path / "a.mp4", [np.zeros((64, 64, 3), np.uint8)], PROFILE)
    assert list(tmp_path.iterdir()) == []


def test_stopping_is_asked_for_while_encoding(tmp_path: Path) -> None:
    def stop() -> None:
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        encode_clip(tmp_path / "a.mp4", [solid((1, 2, 3))] * 100, PROFILE, check=stop)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no clip",
        "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        "ffconcat version 1.0\nfile /etc/passwd\n",
        "<MPD></MPD>",
    ],
)
def test_what_is_no_clip(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text(text)
    for read in (probe, last_frame, index_track):
        with pytest.raises(MediaError) as refused:
            read(path)
        assert refused.value.place == str(path)
    with pytest.raises(MediaError):
        probe(tmp_path / "none.mp4")


@given(st.integers(0, 2**32 - 1))
def test_damaged_clips_give_a_message_or_frames(clip: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = bytearray(clip.read_bytes())
    head = whole.index(b"moov")
    for _ in range(chance.randint(1, 6)):
        # Most of the damage goes into the header, where a file tells lies about itself.
        low = head if chance.random() < 0.8 else 0
        whole[chance.randrange(low, len(whole))] = chance.choice((0, 1, 127, 255))
    if chance.random() < 0.3:
        del whole[chance.randrange(len(whole)) :]
    damaged = clip.with_name("damaged.mp4")
    damaged.write_bytes(whole)
    for read in (index_track, probe, last_frame):
        try:
            read(damaged)
        except MediaError as refused:
            assert "damaged.mp4" in str(refused)


def test_profiles_that_cannot_be() -> None:
    for width, height in ((95, 64), (8, 64), (96, 20_000)):
        with pytest.raises(MediaError, match="cannot be"):
            JoiningProfile(width, height, Fraction(24))
    with pytest.raises(MediaError, match="frames a second"):
        JoiningProfile(96, 64, Fraction("23.976023976023976023"))


def test_identity_names_all_that_bytes_depend_on() -> None:
    import av

    identity = PROFILE.identity()
    assert identity["libraries"] == dict(libraries())
    assert dict(libraries())["av"] == av.__version__
    known = {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
    for name, version in libraries():
        if f"lib{name}" in known:
            assert known[f"lib{name}"] == version
    assert identity != JoiningProfile(96, 64, Fraction(25)).identity()


@pytest.mark.parametrize(
    ("file_name", "said"),
    [
        ("libavcodec-5e6b81c2.so.62.28.102", ("avcodec", "62.28.102")),
        ("libx264-d6533a8d.so.165", ("x264", "165")),
        ("libswscale.9.5.102.dylib", ("swscale", "9.5.102")),
        ("readme.txt", ("", "")),
    ],
)
def test_versions_from_file_names(file_name: str, said: tuple[str, str]) -> None:
    assert library_version(file_name) == said


def test_the_identity_needs_no_media_library() -> None:
    code = (
        "import sys; from fractions import Fraction; import fvbuild.media.profile as p;"
        "import fvbuild.media.transition; p.JoiningProfile(96, 64, Fraction(24)).identity();"
        "assert not {'av', 'numpy', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
