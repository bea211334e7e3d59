"""Pictures are made to fit what a model takes, and results are looked at before they count."""

from __future__ import annotations

import io
import os
import struct
import threading
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fvbuild.engine.action import InputFile
from fvbuild.engine.digest import content_of_file
from fvbuild.errors import MediaError, RejectedInputError, TargetError
from fvbuild.media.clip import encode_clip
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets.api import probing
from fvbuild.targets.api.decoders import decode
from fvbuild.targets.api.description_model import PictureLimit
from fvbuild.targets.api.fitting import fitted
from fvbuild.targets.api.media import Media
from fvbuild.targets.api.probing import probe_result


def given(folder: Path, size: tuple[int, int], form: str = "PNG", noise: bool = False) -> InputFile:
    path = folder / f"in.{form.lower()}"
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size)
    image.save(path, form)
    return InputFile("start", content_of_file(path), path, f"image/{form.lower()}")


def fit(
    tmp_path: Path, picture: InputFile, size: tuple[int, int] | None = None, **limits: Any
) -> Media:
    return fitted(picture, PictureLimit.model_validate(limits), size, tmp_path / "sent")


def shape(media: Media) -> tuple[int, int]:
    with Image.open(media.path) as image:
        return image.size


def test_what_fits_is_sent_as_it_is(tmp_path: Path) -> None:
    picture = given(tmp_path, (1280, 720))
    media = fit(tmp_path, picture, (1920, 1080), max_side=2000)
    assert media.path == picture.path
    assert media.digest == picture.digest


def test_another_ratio_is_cropped_at_the_centre(tmp_path: Path) -> None:
    media = fit(tmp_path, given(tmp_path, (1000, 1000)), (1280, 720))
    width, height = shape(media)
    assert abs(width / height - 16 / 9) < 0.01
    assert width == 1000


@pytest.mark.parametrize(
    ("size", "limits"),
    [
        ((4000, 1000), {"max_side": 999}),
        ((200, 100), {"min_side": 301}),
        ((33, 4000), {"max_side": 501}),
    ],
)
def test_sides_come_within_bounds(
    tmp_path: Path, size: tuple[int, int], limits: dict[str, Any]
) -> None:
    sides = shape(fit(tmp_path, given(tmp_path, size), **limits))
    assert max(sides) <= limits.get("max_side", 10**6)
    assert min(sides) >= limits.get("min_side", 1)


def test_a_format_that_is_not_taken_is_converted(tmp_path: Path) -> None:
    media = fit(tmp_path, given(tmp_path, (64, 64), "WEBP"), formats=["jpeg"])
    assert media.media_type == "image/jpeg"
    assert media.path.read_bytes()[:3] == b"\xff\xd8\xff"


def test_too_many_bytes_become_a_jpeg_and_then_smaller(tmp_path: Path) -> None:
    picture = given(tmp_path, (640, 480), noise=True)
    media = fit(tmp_path, picture, max_bytes=60_000)
    assert media.media_type == "image/jpeg"
    assert media.size_bytes <= 60_000
    only_png = fit(tmp_path, picture, max_bytes=60_000, formats=["png"])
    assert only_png.media_type == "image/png"
    assert only_png.size_bytes <= 60_000
    with pytest.raises(RejectedInputError):
        fit(tmp_path, picture, max_bytes=200)


def test_equal_pictures_are_fitted_to_equal_bytes(tmp_path: Path) -> None:
    picture = given(tmp_path, (640, 480), noise=True)
    first = fitted(picture, PictureLimit(max_bytes=60_000), None, tmp_path / "a")
    second = fitted(picture, PictureLimit(max_bytes=60_000), None, tmp_path / "b")
    assert first.digest == second.digest


def test_samples_become_a_wav() -> None:
    data = decode("wav_from_pcm_24000", struct.pack("<4h", 0, 1, -1, 2))
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (24000, 1, 4)
    assert decode("wav_from_pcm_24000", data) == data, "what is a WAV already stays one"
    with pytest.raises(TargetError):
        decode("wav_from_mp3", b"")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    frames = [Image.effect_noise((64, 48), 60 + n).convert("RGB") for n in range(48)]
    encode_clip(path, frames, JoiningProfile(64, 48, Fraction(24)))
    return path


def test_a_clip_is_counted(clip: Path) -> None:
    facts = probe_result("segment", clip, 2.0)
    assert facts == {"frames": 48, "width": 64, "height": 48, "fps": "24"}


def test_a_wave_of_results_leaves_the_processors_to_the_next_requests(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, now, most = threading.Lock(), [0], [0]

    def look(_kind: str, _path: Path, _seconds: float | None) -> dict[str, int]:
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with guard:
            now[0] -= 1
        return {}

    monkeypatch.setattr(probing, "_facts", look)
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(lambda _: probe_result("segment", clip), range(16)))) == 16
    assert most[0] <= max(1, (os.cpu_count() or 1) // 2)


def test_a_clip_that_is_cut_off_or_far_too_short_is_none(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="where 8 s were asked for"):
        probe_result("segment", clip, 8.0)
    short = tmp_path / "short.mp4"
    data = clip.read_bytes()
    short.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(MediaError):
        probe_result("segment", short, 2.0)


@pytest.mark.parametrize("kind", ["anchor", "segment", "speech"])
@pytest.mark.parametrize("data", [b"", b"<html>no</html>", b'{"error": 1}', b"\0" * 500])
def test_what_is_no_medium_is_none(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        probe_result(kind, path)


def test_a_picture_is_no_clip_and_a_clip_no_picture(clip: Path, tmp_path: Path) -> None:
    picture = given(tmp_path, (64, 64))
    assert picture.path is not None
    assert probe_result("anchor", picture.path) == {"width": 64, "height": 64}
    with pytest.raises(MediaError):
        probe_result("anchor", clip)
    with pytest.raises(MediaError):
        probe_result("speech", picture.path)
