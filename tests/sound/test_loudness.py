"""Our loudness against FFmpeg's, and true peaks against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from hearing import hiss, loudness_by_ffmpeg, seconds, tone

from fvbuild.media.loudness import (
    HOP_SAMPLES,
    RUN_UP_SAMPLES,
    energies_of,
    hop_energies,
    integrated_lufs,
    momentary_lufs,
)
from fvbuild.media.sound_limit import CELL_SAMPLES, REACH_SAMPLES, limit, true_peaks


def _programmes() -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    both = {
        "hiss": hiss(8),
        "low": np.stack([tone(8, 60)] * 2),
        "high": np.stack([tone(8, 9000)] * 2),
    }
    speech_like = hiss(8, level=0.1) * (np.sin(np.arange(seconds(8)) / 9000) > 0.3)
    quiet_parts = np.concatenate([hiss(4, level=0.1), hiss(6, level=0.0005), hiss(3)], axis=1)
    left = np.stack([tone(8, 997), np.zeros(seconds(8), np.float32)])
    return {**both, "gated": quiet_parts, "bursts": speech_like.astype(np.float32), "left": left}


@pytest.mark.parametrize("name", list(_programmes()))
def test_integrated_loudness_is_ffmpegs(name: str) -> None:
    sound = _programmes()[name]
    assert integrated_lufs(energies_of(sound)) == pytest.approx(loudness_by_ffmpeg(sound), abs=0.1)


def test_a_full_scale_sine_in_one_channel_reads_as_the_standard_says() -> None:
    left = np.stack([tone(5, 997, 1.0), np.zeros(seconds(5), np.float32)])
    assert integrated_lufs(energies_of(left)) == pytest.approx(-3.01, abs=0.05)


def test_energies_of_parts_are_those_of_the_whole() -> None:
    sound = hiss(6)
    whole = energies_of(sound)
    start = 20 * HOP_SAMPLES
    part = hop_energies(sound[:, start - RUN_UP_SAMPLES : start + 10 * HOP_SAMPLES], 10)
    np.testing.assert_allclose(part, whole[20:30], rtol=1e-4)


def test_silence_has_no_loudness() -> None:
    assert integrated_lufs(energies_of(np.zeros((2, 48_000), np.float32))) is None
    assert integrated_lufs(np.zeros(0, np.float32)) is None
    assert momentary_lufs(np.zeros(0, np.float32)) is None


def test_true_peaks_see_between_samples() -> None:
    # A quarter of the rate, 45 degrees off: every sample is at 0.707 of the wave's height.
    times = np.arange(4800)
    wave = np.sin(np.pi / 2 * times + np.pi / 4).astype(np.float32)[None]
    assert np.abs(wave).max() == pytest.approx(0.7071, abs=1e-3)
    assert true_peaks(wave)[100:-100].max() == pytest.approx(1.0, abs=0.02)


def test_a_part_is_limited_as_it_is_in_the_whole() -> None:
    sound = hiss(2, level=0.3)
    sound[:, 40_000:40_400] *= 6
    size = len(sound[0]) // CELL_SAMPLES * CELL_SAMPLES
    whole = limit(sound[:, :size], 0.8)
    start = 1000 * CELL_SAMPLES
    part = limit(sound[:, start : start + 16_000], 0.8)
    inner = slice(REACH_SAMPLES, 16_000 - REACH_SAMPLES)
    np.testing.assert_allclose(
        part[:, inner], whole[:, start : start + 16_000][:, inner], atol=1e-6
    )
    assert true_peaks(whole)[REACH_SAMPLES:-REACH_SAMPLES].max() <= 0.8 * 1.01
    untouched = sound[:, :20_000] * np.float32(0.5)
    np.testing.assert_array_equal(limit(untouched, 2.0), untouched)
