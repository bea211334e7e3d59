"""Every scratch sound can be heard, clips nowhere, and is as long as it was asked to be."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hearing import level_db
from hypothesis import given, settings
from hypothesis import strategies as st

from fvbuild.engine.action import Action
from fvbuild.errors import Interrupted, TargetError
from fvbuild.media.loudness import energies_of, integrated_lufs, momentary_lufs
from fvbuild.media.sound import read_sound
from fvbuild.targets.sketch import sound_effects, sound_places
from fvbuild.targets.sketch.sound import STEM_LUFS, make_sound, sound_identity
from fvbuild.targets.sketch.sound_score import _INSTRUMENTS, compose
from fvbuild.targets.sketch.sound_words import _SOURCES, meaning

EVERY_SOURCE = [(source, words.split()[0]) for source, words in _SOURCES]
EVERY_INSTRUMENT = sorted(set(_INSTRUMENTS.values()))


def made(folder: Path, kind: str, text: str, seed: int = 1, **params: Any) -> Any:
    folder.mkdir(exist_ok=True)
    action = Action("main/sound", kind, {"text": text, **params}, {}, folder, seed=seed)
    outcome = make_sound(action)
    (output,) = outcome.outputs
    assert output.path is not None
    sound = read_sound(output.path)
    assert output.facts == {"seconds": sound.shape[1] / 48_000, "samples": sound.shape[1]}
    return sound


def assert_fit_to_mix(sound: Any, loudness: float | None) -> None:
    assert sound.shape[0] == 2
    assert np.abs(sound).max() < 0.95
    assert np.abs(sound.mean(axis=1)).max() < 0.02
    assert level_db(sound) > -45
    assert loudness is not None and loudness == pytest.approx(STEM_LUFS, abs=5.5)
    assert loudness <= STEM_LUFS + 0.1


@pytest.mark.parametrize(("source", "word"), EVERY_SOURCE, ids=[w for _, w in EVERY_SOURCE])
def test_every_word_sounds(tmp_path: Path, source: Any, word: str) -> None:
    sound = made(tmp_path, "effect", word)
    assert sound.shape[1] == pytest.approx(source.seconds * 48_000, rel=1.0)
    assert_fit_to_mix(sound, momentary_lufs(energies_of(sound)))
    assert np.abs(sound[:, -1]).max() < 0.01
    if source.steady:
        bed = made(tmp_path, "ambience", word, seconds=6)
        assert bed.shape[1] == 6 * 48_000
        assert_fit_to_mix(bed, integrated_lufs(energies_of(bed)))


def test_every_generator_has_its_words() -> None:
    used = {source.make for source, _ in _SOURCES}
    for module in (sound_places, sound_effects):
        public = [
            value
            for name, value in vars(module).items()
            if not name.startswith("_")
            and callable(value)
            and getattr(value, "__module__", "") == module.__name__
            and not isinstance(value, type)
        ]
        assert set(public) <= used


@pytest.mark.parametrize("instrument", EVERY_INSTRUMENT)
def test_every_instrument_plays(tmp_path: Path, instrument: str) -> None:
    word = next(word for word, name in _INSTRUMENTS.items() if name == instrument)
    sound = made(tmp_path, "music", f"solo {word}", seconds=12)
    assert sound.shape[1] == 12 * 48_000
    assert_fit_to_mix(sound, integrated_lufs(energies_of(sound)))
    assert np.abs(sound[:, :48]).max() < 0.05 and np.abs(sound[:, -48:]).max() < 0.01
    eighths = [level_db(part) for part in np.array_split(sound, 8, axis=1)]
    assert min(eighths[:6]) > -60  # it plays all through


@pytest.mark.parametrize("kind", ["ambience", "effect", "music"])
@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.3, 1, 7.77])
def test_any_length_is_kept_to_the_sample(tmp_path: Path, kind: str, seconds: float) -> None:
    sound = made(tmp_path, kind, "slow waves and a bell", seconds=seconds)
    assert sound.shape == (2, round(seconds * 48_000))
    assert np.abs(sound).max() < 0.95


@pytest.mark.parametrize("kind", ["ambience", "effect", "music"])
def test_equal_recipes_sound_equal_and_seeds_do_not(tmp_path: Path, kind: str) -> None:
    first = made(tmp_path, kind, "rain on a slow piano", seconds=3)
    np.testing.assert_array_equal(first, made(tmp_path, kind, "rain on a slow piano", seconds=3))
    other = made(tmp_path, kind, "rain on a slow piano", seed=2, seconds=3)
    assert not np.array_equal(first, other)


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from fvbuild.engine.action import Action\n"
        "from fvbuild.targets.sketch.sound import make_sound\n"
        "for kind in ('ambience', 'music'):\n"
        "    folder = Path(sys.argv[1]) / kind; folder.mkdir()\n"
        "    params = {'text': 'gulls over a slow cello', 'seconds': 4}\n"
        "    make_sound(Action('n', kind, params, {}, folder, seed=3))\n"
    )
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True)
        found.append(
            [(tmp_path / name / k / "sound.wav").read_bytes() for k in ("ambience", "music")]
        )
    assert found[0] == found[1]


@settings(max_examples=25)
@given(text=st.text(min_size=1, max_size=40), steady=st.booleans())
def test_any_words_mean_something(text: str, steady: bool) -> None:
    layers, _ = meaning(text, steady=steady)
    assert layers
    assert all(0.3 <= mood.force <= 2.5 and 0.4 <= mood.pace <= 2.5 for _, mood in layers)


def test_words_are_understood_in_their_places() -> None:
    (gulls, _), (sea, mood) = meaning("gulls and slow waves", steady=True).layers
    assert (gulls.make, sea.make) == (sound_places.gulls, sound_places.sea)
    assert mood.pace < 1
    assert meaning("distant traffic", steady=True).far
    slam, *_ = meaning("the door slams", steady=False).layers
    assert slam[0].make is sound_effects.slam
    heavy = meaning("heavy rain", steady=True).layers[0][1]
    light = meaning("light rain", steady=True).layers[0][1]
    assert heavy.force > 1 > light.force


def test_far_sounds_are_duller(tmp_path: Path) -> None:
    def brightness(text: str) -> float:
        sound = made(tmp_path, "ambience", text, seconds=4)
        power = np.abs(np.fft.rfft(sound[0])) ** 2
        hertz = np.fft.rfftfreq(sound.shape[1], 1 / 48_000)
        return float(power[hertz > 3000].sum() / power.sum())

    assert brightness("distant rain") < 0.2 * brightness("rain")


def test_a_slow_solo_cello_is_one_line_in_a_minor_key() -> None:
    score = compose("slow solo cello", 60, np.random.default_rng(1))
    assert {note.instrument for note in score.notes} == {"cello"}
    assert 0.8 < score.beat_s < 1.3
    lines = sorted(score.notes)
    assert all(a.start + a.length <= b.start + 1e-9 for a, b in pairwise(lines))
    end = max(note.start + note.length for note in score.notes) * score.beat_s
    assert 56 < end <= 60


def test_tempo_and_band_follow_the_words() -> None:
    def beat(text: str) -> float:
        return compose(text, 60, np.random.default_rng(1)).beat_s

    assert beat("slow piano") > beat("fast piano")
    band = {n.instrument for n in compose("drums and bass", 30, np.random.default_rng(1)).notes}
    assert band == {"drums", "bass"}


@pytest.mark.parametrize("kind", ["ambience", "effect", "music"])
def test_scratch_sounds_are_made_quicker_than_they_play(tmp_path: Path, kind: str) -> None:
    made(tmp_path, kind, "waves", seconds=1)
    start = time.process_time()
    made(tmp_path, kind, "slow waves and a cello", seconds=30)
    assert time.process_time() - start < 30 / 15


@pytest.mark.parametrize(
    "params",
    [
        {"text": ""},
        {"text": " "},
        {"text": 3},
        {},
        {"text": "wind", "seconds": 0},
        {"text": "wind", "seconds": -1},
        {"text": "wind", "seconds": float("nan")},
        {"text": "wind", "seconds": float("inf")},
        {"text": "wind", "seconds": 1e9},
        {"text": "wind", "seconds": "long"},
        {"text": "wind", "seconds": True},
    ],
)
@pytest.mark.parametrize("kind", ["ambience", "music"])
def test_what_cannot_be_made_is_refused(tmp_path: Path, kind: str, params: Any) -> None:
    with pytest.raises(TargetError, match="main/wind"):
        make_sound(Action("main/wind", kind, params, {}, tmp_path))


def test_a_stopped_build_makes_no_sound(tmp_path: Path) -> None:
    action = Action("n", "ambience", {"text": "wind"}, {}, tmp_path, cancelled=lambda: True)
    with pytest.raises(Interrupted):
        make_sound(action)


def test_only_speech_depends_on_the_voice_engine() -> None:
    assert "engine" in sound_identity("speech")
    assert all("engine" not in sound_identity(kind) for kind in ("ambience", "effect", "music"))
