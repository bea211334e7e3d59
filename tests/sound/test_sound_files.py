"""Sound files in and out, good and hostile."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hearing import hiss, seconds, tone
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import MediaError
from fvbuild.media.sound import (
    decoded,
    probe_sound,
    read_sound,
    wav_layout,
    write_float_wav,
    write_wav,
)
from fvbuild.media.sound_stem import Stem


def encoded(path: Path, codec: str, rate: int, layout: str, length_s: float = 1.0) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream) and stream.format is not None
        channels = len(stream.layout.channels)
        resampler = av.AudioResampler(
            format=stream.format.name,
            layout=layout,
            rate=rate,
            frame_size=stream.frame_size or 1024,
        )
        times = np.arange(round(rate * length_s)) / rate
        wave = np.tile(0.3 * np.sin(2 * np.pi * 440 * times), (channels, 1)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout=layout)
        frame.sample_rate = rate
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def test_a_wav_comes_back_as_it_was_written(tmp_path: Path) -> None:
    sound = hiss(0.5)
    assert write_wav(tmp_path / "a.wav", sound) == seconds(0.5)
    np.testing.assert_allclose(read_sound(tmp_path / "a.wav"), sound, atol=1 / 32767)
    assert probe_sound(tmp_path / "a.wav") == (seconds(0.5), 0.5, 2)
    again = tmp_path / "b.wav"
    write_wav(again, sound)
    assert again.read_bytes() == (tmp_path / "a.wav").read_bytes()


def test_what_is_too_loud_is_clipped_and_mono_stays_mono(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.1, level=3.0))
    sound = read_sound(tmp_path / "a.wav")
    assert sound.shape == (1, seconds(0.1))
    assert 0.999 < np.abs(sound).max() <= 1.0


def test_decoded_pieces_keep_what_is_above_full_scale(tmp_path: Path) -> None:
    loud = np.tile(tone(0.2, level=2.0), (2, 1))
    write_float_wav(tmp_path / "a.wav", iter([loud[:, :100], loud[:, 100:]]))
    np.testing.assert_allclose(read_sound(tmp_path / "a.wav"), loud, atol=1e-6)
    stem = Stem(tmp_path / "a.wav", "a", lambda: tmp_path)
    np.testing.assert_allclose(stem.read(50, 200), loud[:, 50:250], atol=1e-6)
    assert stem.plain


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout", "channels"),
    [
        ("a.flac", "flac", 44_100, "stereo", 2),
        ("a.mp3", "libmp3lame", 44_100, "mono", 1),
        ("a.ogg", "libopus", 48_000, "stereo", 2),
        ("a.m4a", "aac", 22_050, "mono", 1),
        ("a.wav", "pcm_s24le", 96_000, "stereo", 2),
        ("b.wav", "pcm_s16le", 48_000, "5.1", 2),
    ],
)
def test_common_formats_are_read_at_48_khz(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str, channels: int
) -> None:
    path = encoded(tmp_path / name, codec, rate, layout)
    sound = read_sound(path)
    assert sound.shape[0] == channels
    assert sound.shape[1] / 48_000 == pytest.approx(1.0, abs=0.08)
    assert probe_sound(path).samples == sound.shape[1]
    spectrum = np.abs(np.fft.rfft(sound[0, 4800:43_200]))
    assert np.argmax(spectrum) * 48_000 / 38_400 == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"just words",
        b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff",
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0"
        b"data\0\0\0\0",
        b"ID3\x04\0\0\0\0\0\0" + b"\xff" * 500,
        b"fLaC" + b"\0" * 60,
        b"OggS" + b"\xff" * 200,
    ],
)
def test_hostile_files_are_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    for read in (read_sound, probe_sound):
        with pytest.raises(MediaError, match=r"bad\.wav.*cannot be read as sound") as caught:
            read(path)
        assert caught.value.hint and caught.value.place == str(path)


def test_a_picture_and_a_missing_file_are_no_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "still.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="holds no sound"):
        read_sound(tmp_path / "still.mp4")
    with pytest.raises(MediaError, match="cannot be read"):
        probe_sound(tmp_path / "none.wav")
    with pytest.raises(MediaError, match="cannot be read"):
        read_sound(tmp_path)


def test_a_cut_off_wav_is_as_long_as_what_is_left(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", hiss(1))
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[: 44 + 4 * 1000 + 3])
    layout = wav_layout(tmp_path / "a.wav")
    assert layout is not None and layout.samples == 1000


def test_not_a_number_in_a_float_wav_becomes_silence(tmp_path: Path) -> None:
    sound = np.tile(tone(0.1), (2, 1))
    write_float_wav(tmp_path / "a.wav", iter([sound]))
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[44:52] = struct.pack("<ff", float("nan"), float("inf"))
    (tmp_path / "a.wav").write_bytes(bytes(data))
    for sound in (
        np.concatenate(list(decoded(tmp_path / "a.wav")), axis=1),
        Stem(tmp_path / "a.wav", "a", lambda: tmp_path).read(0, 100),
    ):
        assert np.isfinite(sound).all() and np.abs(sound).max() <= 8.0


@given(size=st.integers(1, 60_000), start=st.integers(-5000, 200_000), count=st.integers(0, 30_000))
def test_a_loop_is_the_same_wherever_reading_begins(
    tmp_path_factory: pytest.TempPathFactory, size: int, start: int, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / f"loop{size}.wav"
    if not path.exists():
        rng = np.random.default_rng(size)
        write_wav(path, rng.uniform(-0.5, 0.5, (1, size)).astype(np.float32))
    stem = Stem(path, "a", lambda: path.parent)
    begin = max(0, start)
    whole = stem.read_looped(0, begin + count + 10)
    np.testing.assert_array_equal(stem.read_looped(begin, count), whole[:, begin:][:, :count])
    assert np.abs(whole).max() <= 0.71 + 1e-6


@given(st.integers(-3000, 3000), st.integers(0, 3000))
def test_beyond_its_ends_a_stem_is_silent(
    tmp_path_factory: pytest.TempPathFactory, start: int, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "thousand.wav"
    if not path.exists():
        write_wav(path, np.full((2, 1000), 0.5, np.float32))
    sound = Stem(path, "a", lambda: path.parent).read(start, count)
    inside = max(0, min(start + count, 1000) - max(start, 0))
    assert sound.shape == (2, count)
    assert np.count_nonzero(sound[0]) == inside
