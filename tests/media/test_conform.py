"""Conforming: any clip becomes one that joins, with the frames asked for and the right picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fvbuild.errors import MediaError
from fvbuild.media.clip import decode_frames, encode_clip, last_frame, probe
from fvbuild.media.conform import conform, is_joinable
from fvbuild.media.fit import Fit
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile

PROFILE = JoiningProfile(128, 72, Fraction(24))


def level(number: int) -> NDArray[np.uint8]:
    """A frame whose grey says its number."""
    frame = np.full((108, 128), 128, np.uint8)
    frame[:72] = 16 + 7 * (number % 32)
    return frame


def number_of(frame: NDArray[np.uint8], height: int = 72) -> int:
    return round((float(frame[:height].mean()) - 16) / 7)


def foreign(
    path: Path,
    count: int,
    fps: Fraction,
    codec: Literal["libx264", "mpeg4"] = "mpeg4",
    **options: str,
) -> Path:
    """A clip as some other program writes it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        stream.codec_context.bit_rate = 4_000_000
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(level(number), format="yuv420p")
            frame.pts, frame.time_base = number, 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    encode_clip(tmp_path / "source.mp4", map(level, range(50)), PROFILE)
    return tmp_path / "source.mp4"


def test_what_joins_is_copied_to_the_byte(clip: Path, tmp_path: Path) -> None:
    assert is_joinable(clip, PROFILE, 50)
    assert conform(clip, tmp_path / "out.mp4", PROFILE, 50) is False
    assert (tmp_path / "out.mp4").read_bytes() == clip.read_bytes()


def test_what_differs_is_encoded_again(clip: Path, tmp_path: Path) -> None:
    other_rate = JoiningProfile(128, 72, Fraction(25))
    other_size = JoiningProfile(128, 128, Fraction(24))
    for profile, frames in ((PROFILE, 49), (other_rate, 50), (other_size, 50)):
        assert not is_joinable(clip, profile, frames)
        assert conform(clip, tmp_path / "out.mp4", profile, frames) is True
        assert is_joinable(tmp_path / "out.mp4", profile, frames)
    assert not is_joinable(tmp_path / "none.mp4", PROFILE, 50)


@pytest.mark.parametrize("options", [{"bf": "0"}, {"x264-params": "open-gop=1:keyint=24"}, {}])
def test_other_settings_do_not_pass_for_ours(options: dict[str, str], tmp_path: Path) -> None:
    path = foreign(tmp_path / "a.mp4", 30, Fraction(24), "libx264", **options)
    assert not is_joinable(path, PROFILE, 30)


@pytest.mark.parametrize(
    ("source", "film"),
    [("24", "24"), ("16", "24"), ("30", "24"), ("24", "25"), ("24000/1001", "24"), ("8", "60")],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_rates_by_the_nearest_frame(source: str, film: str, suffix: str, tmp_path: Path) -> None:
    native, fps = Fraction(source), Fraction(film)
    path = foreign(tmp_path / f"a{suffix}", 24, native)
    frames = int(24 * fps / native)
    conform(path, tmp_path / "out.mp4", JoiningProfile(128, 72, fps), frames)
    shown = [number_of(frame) for frame in decode_frames(tmp_path / "out.mp4")]
    middles = [(number + Fraction(1, 2)) / fps for number in range(frames)]
    assert shown == [min(int(middle * native), 23) for middle in middles]


@pytest.mark.parametrize("frames", [1, 2, 23, 24, 25, 60])
def test_too_long_is_trimmed_and_too_short_holds(frames: int, tmp_path: Path) -> None:
    path = foreign(tmp_path / "a.mp4", 30, Fraction(24))
    conform(path, tmp_path / "out.mp4", PROFILE, frames)
    shown = [number_of(frame) for frame in decode_frames(tmp_path / "out.mp4")]
    assert shown == [min(number, 29) for number in range(frames)]
    assert len(index_track(tmp_path / "out.mp4")) == frames


def test_no_frames_is_an_error(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="at least one frame"):
        conform(clip, tmp_path / "out.mp4", PROFILE, 0)
    (tmp_path / "broken.mp4").write_bytes(b"broken")
    with pytest.raises(MediaError):
        conform(tmp_path / "broken.mp4", tmp_path / "out.mp4", PROFILE, 3)
    assert not (tmp_path / "out.mp4").exists()


def framed() -> NDArray[np.uint8]:
    """RGB with a red left and a blue right edge on grey."""
    frame = np.full((72, 128, 3), 120, np.uint8)
    frame[:, :20], frame[:, -20:] = (255, 0, 0), (0, 0, 255)
    return frame


@pytest.mark.parametrize(
    ("fit", "size", "corner"),
    [
        ("crop", (72, 72), (120, 120, 120)),
        ("pad", (72, 72), (0, 0, 0)),
        ("crop", (256, 144), (255, 0, 0)),
        ("pad", (256, 144), (255, 0, 0)),
        ("pad", (256, 72), (0, 0, 0)),
    ],
)
def test_sizes(fit: Fit, size: tuple[int, int], corner: tuple[int, ...], tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", [framed()] * 3, PROFILE)
    profile = JoiningProfile(*size, Fraction(24))
    conform(tmp_path / "a.mp4", tmp_path / "out.mp4", profile, 3, fit=fit)
    picture = last_frame(tmp_path / "out.mp4").astype(int)
    assert picture.shape == (size[1], size[0], 3)
    assert np.abs(picture[4, 4] - corner).max() < 12
    assert np.abs(picture[size[1] // 2, size[0] // 2] - 120).max() < 6


def test_full_range_and_other_matrices_keep_their_colours(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuvj420p"
        context = stream.codec_context
        context.colorspace, context.color_range = 5, 2
        frame = av.VideoFrame.from_ndarray(np.full((72, 128, 3), (200, 60, 30), np.uint8))
        shown = frame.reformat(
            format="yuvj420p", dst_colorspace="ITU601", dst_color_range="JPEG", threads=1
        )
        for number in range(3):
            shown.pts = number
            container.mux(stream.encode(shown))
        container.mux(stream.encode())
    conform(tmp_path / "a.mp4", tmp_path / "out.mp4", PROFILE, 3)
    assert np.abs(last_frame(tmp_path / "out.mp4")[36, 64].astype(int) - (200, 60, 30)).max() < 8


def test_tall_pixels_are_made_square(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 72, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        half = np.ascontiguousarray(framed()[:, ::2])
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(half)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    conform(tmp_path / "a.mp4", tmp_path / "out.mp4", PROFILE, 3)
    picture = last_frame(tmp_path / "out.mp4")
    assert picture[36, 8, 0] > 180 and picture[36, 120, 2] > 180


def test_clips_that_lie_on_their_side_are_turned(tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", [framed()] * 3, PROFILE)
    data = (tmp_path / "a.mp4").read_bytes()
    upright = b"\0\1\0\0" + bytes(12) + b"\0\1\0\0" + bytes(12) + b"@\0\0\0"
    # A quarter turn to the right, as telephones write it: (x, y) goes to (-y, x).
    turned = bytes(4) + b"\0\1\0\0" + bytes(4) + b"\xff\xff\0\0" + bytes(16) + b"@\0\0\0"
    at = data.index(upright, data.index(b"tkhd"))
    (tmp_path / "b.mp4").write_bytes(data[:at] + turned + data[at + len(turned) :])
    profile = JoiningProfile(72, 128, Fraction(24))
    conform(tmp_path / "b.mp4", tmp_path / "out.mp4", profile, 3)
    picture = last_frame(tmp_path / "out.mp4")
    assert picture[8, 36, 0] > 200 and picture[120, 36, 2] > 200


def test_facts_of_what_was_made(tmp_path: Path) -> None:
    foreign(tmp_path / "a.mp4", 10, Fraction(16))
    conform(tmp_path / "a.mp4", tmp_path / "out.mp4", JoiningProfile(64, 64, Fraction(30)), 18)
    facts = probe(tmp_path / "out.mp4")
    assert (facts.frames, facts.width, facts.height, facts.fps) == (18, 64, 64, Fraction(30))


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv420p10le", "gray", "bgr0", "yuv422p", "bgra"])
@pytest.mark.parametrize("size", [(128, 72), (131, 75)])
def test_any_pixel_format_and_size(pixels: str, size: tuple[int, int], tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        grey = np.full((size[1], size[0], 3), 140, np.uint8)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(grey).reformat(format=pixels, threads=1)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    conform(tmp_path / "a.mkv", tmp_path / "out.mp4", PROFILE, 3)
    assert np.abs(last_frame(tmp_path / "out.mp4").astype(int) - 140).max() <= 3
