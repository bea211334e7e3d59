"""Tones to mix, and ears to hear the mix with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from fvbuild.media.sound import SAMPLE_RATE, write_wav

BLOCK = 234 * 1024


def seconds(count: float) -> int:
    return round(count * SAMPLE_RATE)


def tone(length_s: float, hertz: float = 440.0, level: float = 0.3) -> NDArray[np.float32]:
    times = np.arange(seconds(length_s)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def hiss(length_s: float, seed: int = 0, level: float = 0.05) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, seconds(length_s)))).astype(np.float32)


def murmur(length_s: float, level: float) -> NDArray[np.float32]:
    """Noise with the spectrum of talk; white noise is more than AAC can carry at this rate."""
    soft = np.hanning(48) / np.sqrt(np.sum(np.hanning(48) ** 2))
    return np.stack([np.convolve(one, soft, "same") for one in hiss(length_s, 3, level)])


def stem(folder: Path, name: str, sound: NDArray[np.float32]) -> dict[str, Any]:
    """A WAV of the sound, as the keywords of a cue."""
    path = folder / f"{name}.wav"
    write_wav(path, sound)
    return {"path": path, "digest": hashlib.sha256(path.read_bytes()).hexdigest()}


def heard(path: Path) -> NDArray[np.float32]:
    """What a player makes of a file: (channels, samples), edit list applied."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert frames[0].pts == 0
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float32)


def loudness_by_ffmpeg(sound: NDArray[np.float32]) -> float:
    """Integrated loudness as FFmpeg's ebur128 filter measures it."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="fltp", layout="stereo")
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found = float("nan")
    for at in range(0, sound.shape[1], SAMPLE_RATE):
        piece = np.ascontiguousarray(sound[:, at : at + SAMPLE_RATE])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, at
        graph.push(frame)
        while True:
            try:
                out = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            found = float(out.metadata.get("lavfi.r128.I", found))
    return found


def click(sound: NDArray[np.float32], at: int, reach: int = 1200) -> float:
    """How much rougher the sound is around a sample than before it; about 1 when nothing clicks."""
    rough = np.abs(np.diff(sound[0], 2))
    usual = np.median(rough[at - 9000 : at - 3000].reshape(-1, 50).max(axis=1))
    return float(rough[at - reach : at + reach].max() / usual)


def level_db(sound: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-20))
