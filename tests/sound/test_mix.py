"""What comes out of the mixing desk: the right length, no clicks, the right levels."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hearing import (
    BLOCK,
    click,
    heard,
    hiss,
    level_db,
    loudness_by_ffmpeg,
    murmur,
    seconds,
    stem,
    tone,
)
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import Interrupted, MediaError
from fvbuild.media.mix import Cue, mix_film
from fvbuild.media.mix_plan import DUCK_ATTACK_SAMPLES, DUCK_RELEASE_SAMPLES
from fvbuild.media.mp4.index import index_track
from fvbuild.timecode import samples_at


def test_a_tone_across_blocks_neither_clicks_nor_shifts(tmp_path: Path) -> None:
    total = 2 * BLOCK + 60_777
    sound = tone(total / 48_000) + tone(total / 48_000, 1111, 0.1)
    mix_film([Cue(**stem(tmp_path, "a", sound), at=0)], total, None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")[:, :total]
    error = np.abs(result - sound)
    for join in (BLOCK - 1024, BLOCK, 2 * BLOCK - 1024, 2 * BLOCK):
        assert click(result, join) < 1.3
        usual = error[:, join - 50_000 : join - 20_000].max()
        assert error[:, join - 2048 : join + 2048].max() < 3 * usual
    assert error[:, 2048:-2048].max() < 0.002


@pytest.mark.parametrize("frames", [1, 2, 3, 24, 117, 240])
@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(25)])
def test_the_track_is_as_long_as_the_film_to_the_sample(
    tmp_path: Path, frames: int, fps: Fraction
) -> None:
    total = samples_at(frames, fps)
    facts = mix_film([], total, -16, tmp_path / "mix.m4a")
    assert (facts.samples, facts.seconds) == (total, total / 48_000)
    with av.open(str(tmp_path / "mix.m4a")) as container:
        stream = container.streams.audio[0]
        assert stream.duration == total
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert (packets[0].pts, packets[0].duration) == (-1024, 1024)
    last = packets[-1]
    assert last.pts is not None and last.duration is not None
    assert last.pts + last.duration == total
    assert heard(tmp_path / "mix.m4a").shape[1] in range(total, total + 1024)


def test_nothing_drifts_over_a_long_film(tmp_path: Path) -> None:
    total, every = seconds(240), seconds(59.7)
    beep = stem(tmp_path, "beep", tone(0.05, 1000, 0.5))
    moments = range(seconds(0.3), total, every)
    mix_film([Cue(**beep, at=at) for at in moments], total, None, tmp_path / "mix.m4a")
    result = np.abs(heard(tmp_path / "mix.m4a")[0])
    for at in moments:
        assert result[at - 4000 : at - 100].max() < 0.02
        assert abs(int(np.argmax(result[at - 100 :] > 0.1)) - 100) < 24  # half a millisecond


def test_music_ducks_before_the_first_word_and_comes_back_after_the_last(tmp_path: Path) -> None:
    total = seconds(14)
    music = stem(tmp_path, "music", tone(14, 300, 0.4))
    silent_speech = stem(tmp_path, "speech", np.zeros(seconds(2), np.float32))
    speech = Cue(**silent_speech, at=seconds(5), speech=True)
    cues = [Cue(**music, at=0, duck_db=-9), speech]
    cues.append(replace(speech, at=seconds(8)))  # a pause of 1 s is not worth rising for
    mix_film(cues, total, None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")
    full = level_db(result[:, seconds(1) : seconds(4)])
    before, after = seconds(5) - DUCK_ATTACK_SAMPLES, seconds(10) + DUCK_RELEASE_SAMPLES
    assert level_db(result[:, seconds(5) : seconds(10)]) - full == pytest.approx(-9, abs=0.2)
    assert level_db(result[:, before - 4800 : before]) - full == pytest.approx(0, abs=0.2)
    assert level_db(result[:, after : after + 4800]) - full == pytest.approx(0, abs=0.2)
    assert click(result, seconds(5)) < 1.2


@pytest.mark.parametrize("wish", [-16.0, -23.0, -27.5])
def test_loudness_is_as_wished(tmp_path: Path, wish: float) -> None:
    voices = murmur(4, level=0.08)
    cues = [
        Cue(**stem(tmp_path, "bed", murmur(20, level=0.01)), at=0),
        Cue(**stem(tmp_path, "talk", voices), at=seconds(3), speech=True),
        Cue(**stem(tmp_path, "tone", tone(5, 220)), at=seconds(11), gain_db=-6),
    ]
    facts = mix_film(cues, seconds(20), wish, tmp_path / "mix.m4a")
    assert facts.loudness_lufs == pytest.approx(wish, abs=0.13)
    assert loudness_by_ffmpeg(heard(tmp_path / "mix.m4a")) == pytest.approx(wish, abs=0.3)


def test_peaks_are_limited_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    quiet, loud = tone(12, 330, 0.05), np.zeros(seconds(12), np.float32)
    loud[seconds(6) : seconds(6.2)] = tone(0.2, 997, 4.0 / 4)
    cues = [
        Cue(**stem(tmp_path, "quiet", quiet), at=0),
        Cue(**stem(tmp_path, "loud", loud), at=0, gain_db=12),
    ]
    mix_film(cues, seconds(12), None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")
    assert np.abs(result).max() <= 10 ** (-0.8 / 20)
    assert np.abs(result).max() >= 0.8
    assert level_db(result[:, seconds(1) : seconds(5)]) == pytest.approx(level_db(quiet), abs=0.05)


def test_what_the_limiter_takes_is_given_back(tmp_path: Path) -> None:
    """Short cries over a quiet film: their peaks stand in the way of the wished loudness."""
    cries = stem(tmp_path, "cry", murmur(0.08, level=0.5))
    bed = Cue(**stem(tmp_path, "bed", murmur(16, level=0.02)), at=0)
    cues = [bed, *(Cue(**cries, at=at) for at in range(seconds(1), seconds(15), seconds(0.9)))]
    facts = mix_film(cues, seconds(16), -16, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")
    assert facts.loudness_lufs == pytest.approx(-16, abs=0.13)
    assert loudness_by_ffmpeg(result) == pytest.approx(-16, abs=0.5)
    assert np.abs(result).max() <= 10 ** (-0.8 / 20)


def test_silence_stays_silent_and_cheap(tmp_path: Path) -> None:
    facts = mix_film([], seconds(60), -16, tmp_path / "mix.m4a")
    assert (facts.loudness_lufs, facts.gain_db, facts.encoded) == (None, 0.0, 0)
    assert not heard(tmp_path / "mix.m4a").any()
    assert (tmp_path / "mix.m4a").stat().st_size < 60 * 47 * 16


def test_a_loop_has_no_seam_and_keeps_its_level(tmp_path: Path) -> None:
    cue = Cue(**stem(tmp_path, "bed", hiss(3, seed=5)), at=0, loop=True)
    mix_film([cue], seconds(13), None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")[:, : seconds(13)]
    levels = [level_db(result[:, at : at + 9600]) for at in range(9600, seconds(12.5), 9600)]
    assert max(levels) - min(levels) < 2.0


def test_cues_are_cut_to_their_length_and_to_the_film(tmp_path: Path) -> None:
    long = stem(tmp_path, "long", tone(8, 500))
    cues = [
        Cue(**long, at=-seconds(7)),
        Cue(**long, at=seconds(3), length=seconds(1)),
        Cue(**long, at=seconds(7)),
    ]
    mix_film(cues, seconds(8), None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")
    for sounding, silent in ((0.5, 1.5), (3.5, 4.5), (7.5, 6.5)):
        assert level_db(result[:, seconds(sounding) :][:, :4800]) > -20
        assert level_db(result[:, seconds(silent) :][:, :4800]) < -70


def test_fades_are_smooth(tmp_path: Path) -> None:
    cue = Cue(**stem(tmp_path, "a", tone(6)), at=0, fade_in=seconds(2), fade_out=seconds(2))
    mix_film([cue], seconds(6), None, tmp_path / "mix.m4a")
    result = heard(tmp_path / "mix.m4a")
    levels = [level_db(result[:, at : at + 4800]) for at in range(0, seconds(6), 4800)]
    assert levels[:20] == sorted(levels[:20])
    assert levels[40:60] == sorted(levels[40:60], reverse=True)
    assert levels[10] - levels[30] == pytest.approx(-6, abs=1.0)


def test_other_sound_files_mix_like_wav(tmp_path: Path) -> None:
    sound = tone(4, 440)
    flac = tmp_path / "a.flac"
    with av.open(str(flac), "w") as container:
        stream = container.add_stream("flac", rate=44_100, layout="mono")
        samples = (tone(4, 440 * 44_100 / 48_000) * 32767).astype(np.int16)[None, : 4 * 44_100]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 44_100
        container.mux([*stream.encode(frame), *stream.encode(None)])
    mix_film([Cue(flac, "f" * 64, at=0)], seconds(4), None, tmp_path / "flac.m4a")
    result = heard(tmp_path / "flac.m4a")[:, 4800 : seconds(3)]
    assert level_db(result) == pytest.approx(level_db(sound), abs=0.1)


@pytest.mark.parametrize("content", [b"", b"not a sound", b"RIFF\0\0\0\0WAVE", bytes(4096)])
def test_what_is_no_sound_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(MediaError, match=r"bad\.wav"):
        mix_film([Cue(tmp_path / "bad.wav", "b" * 64, at=0)], 48_000, -16, tmp_path / "mix.m4a")


@pytest.mark.parametrize("total", [0, -5, 48_000 * 3600 * 49])
def test_impossible_lengths_are_refused(tmp_path: Path, total: int) -> None:
    with pytest.raises(MediaError, match="cannot be made"):
        mix_film([], total, -16, tmp_path / "mix.m4a")


def test_a_mix_can_be_stopped(tmp_path: Path) -> None:
    def stop() -> None:
        raise Interrupted("stopped")

    cue = Cue(**stem(tmp_path, "a", tone(6)), at=0)
    with pytest.raises(Interrupted):
        mix_film([cue], seconds(6), -16, tmp_path / "mix.m4a", check_cancelled=stop)


def test_the_film_can_take_its_packets(tmp_path: Path) -> None:
    total = 2 * BLOCK + 5000
    mix_film([Cue(**stem(tmp_path, "a", tone(9)), at=0)], total, -16, tmp_path / "mix.m4a")
    track = index_track(tmp_path / "mix.m4a")
    assert (track.handler, track.timescale, track.sample_ticks) == (b"soun", 48_000, 1024)
    assert (track.media_start, len(track)) == (1024, -(-total // 1024) + 1)
    assert len(track.runs(0, len(track))) == 1
    assert struct.pack(">H", 0x1190) in track.description


@given(st.integers(1, 3 * BLOCK), st.integers(-BLOCK, 3 * BLOCK), st.integers(0, BLOCK))
def test_every_sample_of_a_cue_is_heard_once(total: int, at: int, length: int) -> None:
    """Over all blocks the parts of a cue tile its sounding range, on film time."""
    from fvbuild.media.mix_cue import placed
    from fvbuild.media.mix_plan import BEFORE_SAMPLES, plan_blocks

    cue = Cue(Path("a"), "a", at=at, length=length)
    clip = placed(cue, 2 * BLOCK, total)
    assert clip.start >= 0 and clip.end <= max(total, clip.start)
    plans = plan_blocks([clip], total)
    assert sum(plan.packets for plan in plans) == -(-total // 1024) + 1
    sounding = set()
    for plan in plans:
        low = plan.first * 1024 - BEFORE_SAMPLES
        for part in plan.parts:
            assert part.source - clip.offset == part.begin + low - clip.start
            first, last = plan.first * 1024, (plan.first + plan.packets) * 1024
            sounding |= {
                (max(part.begin + low, first), min(part.end + low, last)),
            }
    covered = sum(max(0, end - begin) for begin, end in sounding)
    assert covered == max(0, clip.end - clip.start)
