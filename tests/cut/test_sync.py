"""Picture and sound together: a beep starts with its flash, at many points of the film."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from barcodes import HEIGHT, Pixels, barcode, digest_of, footage_of, said_by, write_film
from numpy.typing import NDArray

from fvbuild.media.clip import encode_clip
from fvbuild.media.mix import Cue, mix_film
from fvbuild.media.mp4.assembly import Sound, assemble
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.sound import write_wav
from fvbuild.timecode import samples_at

RATE = 48_000
LENGTHS = (48, 31, 1, 77, 1, 2, 24, 60)
FLASHES = (10, 50, 79, 120, 157, 158, 200, 235)
BEEP_SAMPLES = 1200


def flashing(number: int) -> Pixels:
    frame = barcode(0)
    frame[:HEIGHT] = 235 if number in FLASHES else 16
    return frame


def beeps(path: Path, fps: Fraction) -> None:
    sound = np.zeros((2, samples_at(sum(LENGTHS), fps)), np.float32)
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(BEEP_SAMPLES) / RATE)
    for frame in FLASHES:
        start = samples_at(frame, fps)
        sound[:, start : start + BEEP_SAMPLES] += tone.astype(np.float32)
    write_wav(path, sound)


def film_with_sound(folder: Path, fps: Fraction) -> Path:
    profile = JoiningProfile(320, 180, fps)
    shots, number = [], 0
    for shot, length in enumerate(LENGTHS):
        path = folder / f"shot-{shot}.mp4"
        encode_clip(path, map(flashing, range(number, number + length)), profile)
        shots.append(path)
        number += length
    beeps(folder / "beeps.wav", fps)
    mix, total = folder / "mix.m4a", samples_at(number, fps)
    cue = Cue(folder / "beeps.wav", digest_of(folder / "beeps.wav"), 0)
    mix_film([cue], total, None, mix)
    sound = Sound(mix, digest_of(mix), "en")
    document = assemble([footage_of(shot) for shot in shots], profile, sound=sound)
    write_film(document, [*shots, mix], folder / "film.mp4")
    return folder / "film.mp4"


def flash_times(film: Path) -> list[float]:
    with av.open(str(film)) as container:
        return [
            float(frame.time)
            for frame in container.decode(video=0)
            if np.asarray(frame.to_ndarray())[:HEIGHT].mean() > 150
        ]


def heard(film: Path) -> tuple[float, NDArray[np.float32]]:
    """The time of the first sample that is played, and the left channel from there on."""
    pieces, clock = [], Fraction(0)
    start: Fraction | None = None
    with av.open(str(film)) as container:
        for frame in container.decode(audio=0):
            assert frame.pts is not None and frame.time_base is not None
            time = frame.pts * frame.time_base
            start = time if start is None else start
            assert abs(time - start - clock) < Fraction(2, RATE), "a gap in the sound"
            clock += Fraction(frame.samples, RATE)
            pieces.append(np.asarray(frame.to_ndarray(), dtype=np.float32)[0])
    assert start is not None
    return float(start), np.concatenate(pieces)


@pytest.mark.parametrize("rate", ["24", "30000/1001"])
def test_every_beep_starts_with_its_flash(rate: str, tmp_path: Path) -> None:
    fps = Fraction(rate)
    film = film_with_sound(tmp_path, fps)
    flashes = flash_times(film)
    assert flashes == pytest.approx([frame / float(fps) for frame in FLASHES], abs=1e-6)
    begins, sound = heard(film)
    for flash in flashes:
        near = round((flash - begins) * RATE)
        before, after = sound[max(0, near - 400) : near], sound[near : near + 400]
        loud = np.flatnonzero(np.abs(after) > 0.1)
        # 1 kHz at half scale passes 0.1 within two samples; AAC smears it by a few more.
        assert loud.size and loud[0] / RATE < 0.0005
        assert np.abs(before[:-100]).max() < 0.1


def test_sound_and_picture_are_interleaved_and_end_together(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path, Fraction(24))
    with av.open(str(film)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert audio.language == "eng"
        packets = [(p.pos, p.stream.type) for p in container.demux(video, audio) if p.size]
        assert audio.duration is not None and video.duration is not None
        assert container.duration == pytest.approx(sum(LENGTHS) / 24 * 1e6, abs=2)
    kinds = [kind for _, kind in sorted((pos, kind) for pos, kind in packets if pos is not None)]
    turns = sum(a != b for a, b in pairwise(kinds))
    assert turns >= 2 * sum(LENGTHS) // 24 - 2


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not on this machine")
def test_ffmpeg_has_nothing_to_say_with_sound(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path, Fraction(24))
    assert said_by("ffmpeg", "-v", "warning", "-i", film, "-f", "null", "-") == ""
    assert said_by("ffprobe", "-v", "warning", "-show_streams", film) == ""
