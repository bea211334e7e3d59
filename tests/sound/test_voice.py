"""Scratch voices: who speaks, how, and what happens without an engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.action import Action
from fvbuild.errors import TargetError
from fvbuild.media.loudness import energies_of, momentary_lufs
from fvbuild.media.sound import read_sound
from fvbuild.targets.sketch import voice
from fvbuild.targets.sketch.hum import hum, rhythm, syllables
from fvbuild.targets.sketch.sound import STEM_LUFS, make_sound
from fvbuild.targets.sketch.voice import ENGINE_VARIABLE, engine, speak, spoken, voice_identity
from fvbuild.targets.sketch.voice_manner import Manner, manner_of


@pytest.fixture(autouse=True)
def _fresh_engine() -> Iterator[None]:
    engine.cache_clear()
    yield
    engine.cache_clear()


def say(folder: Path, seed: int = 1, **params: Any) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    outcome = make_sound(Action("pier/promise/speech", "speech", params, {}, folder, seed=seed))
    made = outcome.outputs[0]
    assert made.path is not None and made.media_type == "audio/wav"
    return read_sound(made.path), dict(made.facts)


HOSTILE = {
    "markup": "<speak><break time='90s'/>hello</speak>",
    "phonemes": "[[h@l'oU]] hello",
    "controls": "hello\x00\x07\x1b[31m\u202e world",
    "surrogate-free emoji": "hello 🎬🎬 world",
    "dots": "...",
    "digits": "1234567890 " * 8,
    "one long word": "a" * 900,
    "mixed scripts": "hello Привет γειά 你好 こんにちは مرحبا",
    "option": "--version -f /etc/passwd",
}


@pytest.mark.parametrize("kind", ["library", "hum"])
@pytest.mark.parametrize("name", list(HOSTILE))
def test_any_text_becomes_a_sound_of_sensible_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    if kind == "library":
        pytest.importorskip("espeakng_loader")
    monkeypatch.setenv(ENGINE_VARIABLE, kind)
    sound, facts = say(tmp_path, text=HOSTILE[name])
    assert 0.3 < facts["seconds"] < 20 + 0.5 * len(HOSTILE[name])
    assert facts["samples"] == sound.shape[1]
    assert np.abs(sound).max() < 1.0
    assert sound.any() == (name != "dots")


def test_longer_lines_take_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("library", "hum"):
        if kind == "library":
            pytest.importorskip("espeakng_loader")
        monkeypatch.setenv(ENGINE_VARIABLE, kind)
        engine.cache_clear()
        line = "The ferry leaves at dawn."
        lengths = [say(tmp_path, text=" ".join([line] * n))[1]["seconds"] for n in (1, 2, 4)]
        assert lengths[0] < lengths[1] < lengths[2]
        assert lengths[2] / lengths[0] == pytest.approx(4, rel=0.35)


def test_the_hum_takes_about_as_long_as_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("espeakng_loader")
    lines = {
        "en": "You came back. I was nine, and the ferry had gone.",
        "fr": "Tu es revenue. J'avais neuf ans, et le bac était parti.",
        "de": "Du bist zurück. Ich war neun, und die Fähre war fort.",
        "ru": "Ты вернулась. Мне было девять, и паром ушёл.",
    }
    for language, line in lines.items():
        manner = Manner(language=language)
        talk, hummed = len(speak(line, manner, 1)), len(hum(line, manner, 1))
        assert 0.6 < hummed / talk < 1.7, language


def test_the_same_line_is_the_same_recording_in_any_process(tmp_path: Path) -> None:
    params: dict[str, Any] = {
        "text": "You came back.",
        "voice": {"id": "low-alto"},
        "delivery": "dry",
    }
    first, _ = say(tmp_path / "a", **params)
    say(tmp_path / "b", text="Something else before it.")
    second, _ = say(tmp_path / "c", **params)
    np.testing.assert_array_equal(first, second)
    program = (
        "import sys; from pathlib import Path\n"
        "from fvbuild.engine.action import Action\n"
        "from fvbuild.targets.sketch.sound import make_sound\n"
        f"make_sound(Action('n', 'speech', {params!r}, {{}}, Path(sys.argv[1]), seed=1))\n"
    )
    (tmp_path / "d").mkdir()
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "d")], check=True, timeout=60)
    assert (tmp_path / "d/sound.wav").read_bytes() == (tmp_path / "a/sound.wav").read_bytes()


def test_voices_differ_and_all_speak_at_one_level(tmp_path: Path) -> None:
    voices: list[dict[str, Any]] = [
        {},
        {"id": "low-alto"},
        {"id": "tenor"},
        {"id": "mara"},
        {"id": "teo"},
        {"age": 9},
        {"age": 70, "gender": "woman"},
    ]
    recordings = []
    for number, one in enumerate(voices):
        sound, _ = say(tmp_path / str(number), text="We sail at first light, all of us.", voice=one)
        recordings.append(sound.tobytes())
        loudest = momentary_lufs(energies_of(np.repeat(sound, 2, axis=0)))
        assert loudest == pytest.approx(STEM_LUFS + 2, abs=1.0)
    assert len(set(recordings)) == len(voices)


def test_words_make_the_manner() -> None:
    plain = manner_of({}, None, "fr")
    assert (plain.language, plain.whisper) == ("fr", False)
    assert manner_of({"id": "boy"}, None, None).timbre == "c"
    assert manner_of({"id": "low-alto"}, None, "en").timbre == "f"
    assert manner_of({"id": "bass"}, None, "en").pitch < manner_of({"id": "tenor"}, 0, "en").pitch
    assert manner_of({}, "a slow whisper", "en").whisper
    assert manner_of({}, "slow", "en").pace < 1 < manner_of({}, "hurried", "en").pace
    assert manner_of({"language": "de"}, None, "en").language == "de"
    assert manner_of({"target": "speech"}, None, "en") == manner_of(None, None, "en")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(json_values, json_values, json_values, st.sampled_from(("pitch", "rate", "age", "id")))
def test_any_voice_setting_gives_a_manner_that_can_be_sung(
    value: Any, delivery: Any, language: Any, name: str
) -> None:
    manner = manner_of({name: value}, delivery, language)
    assert 0 <= manner.pitch <= 99 and 0.5 <= manner.pace <= 2
    assert -8 <= manner.level_db <= 4
    assert np.isfinite(hum("a line", manner, 1)).all()


@given(st.text(max_size=60))
def test_spoken_text_is_one_harmless_line(text: str) -> None:
    line = spoken(text)
    assert line.isprintable() or not line
    assert not set(line) & set("[]<>{}|\\^`\n\t\0")
    assert line == spoken(line)


def test_syllables_follow_the_script() -> None:
    counts = {
        "ferry": 2,
        "came": 1,
        "idea": 2,
        "table": 2,
        "bäckerei": 3,
        "молоко": 3,
        "καλημέρα": 4,
        "你好": 2,
        "こんにちは": 5,
        "hmm": 1,
        "42": 4,
    }
    for word, count in counts.items():
        assert len(syllables(word)) == count, word


def test_questions_rise_and_statements_fall() -> None:
    def slope(text: str) -> float:
        pitches = []
        for part in np.array_split(hum(text, Manner(), 1), 6):
            sung = part[np.abs(part) > 0.001]
            turns = int(np.count_nonzero(np.diff(np.signbit(sung))))
            pitches.append(turns / max(1, len(sung)))
        return pitches[-1] - pitches[2]

    assert slope("mama nama mama nama mama?") > slope("mama nama mama nama mama.")
    assert rhythm("Is it? It is.", Manner())[0].asks


def test_identity_names_the_engine_and_loads_nothing() -> None:
    program = (
        "import sys; from fvbuild.targets.sketch.sound import sound_identity as i\n"
        "print(i('speech')['engine'], i('music'))\n"
        "sys.exit(bool({'av', 'numpy', 'espeakng_loader', 'ctypes'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] in ("espeak-ng", "hum")


def test_engines_can_be_chosen_and_asked_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "hum")
    assert voice_identity()["engine"] == "hum"
    for wish, hint in (("loud", "library, program, hum"), ("program", "pip install")):
        engine.cache_clear()
        monkeypatch.setenv(ENGINE_VARIABLE, wish)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(TargetError) as caught:
            voice_identity()
        assert hint in str(caught.value)


def test_a_program_on_path_speaks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for espeak-ng: answers with its version, and with a WAV of its own."""
    program = tmp_path / "espeak-ng"
    program.write_text(
        f"#!{sys.executable}\n"
        "import math, struct, sys\n"
        "if '--version' in sys.argv:\n"
        "    print('eSpeak NG text-to-speech: 1.53.1  Data at: here'); sys.exit()\n"
        "if any(a.startswith('xx') for a in sys.argv): sys.exit('no such voice')\n"
        "words = sys.stdin.read().split()\n"
        "s = b''.join(struct.pack('<h', int(9000 * math.sin(n / 9))) for n in"
        " range(8000 * len(words)))\n"
        "head = struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', 0, b'WAVE', b'fmt ', 16, 1, 1, 16000,"
        " 32000, 2, 16, b'data', 0)\n"
        "sys.stdout.buffer.write(head + s)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(ENGINE_VARIABLE, "program")
    assert voice_identity() == {
        "engine": "espeak-ng",
        "by": "program",
        "version": "1.53.1",
        "voice": voice.VERSION,
    }
    sound = speak("four words are here", Manner(language="xx"), 1)
    assert len(sound) / 48_000 == pytest.approx(2.0, abs=0.3)


def test_an_engine_that_fails_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo 1.50 && exit\nkill -SEGV $$\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv(ENGINE_VARIABLE, "program")
    with pytest.raises(TargetError, match="could not speak this line") as caught:
        speak("hello", Manner(), 1)
    assert "hum" in (caught.value.hint or "")


def test_a_novel_is_refused() -> None:
    with pytest.raises(TargetError, match="cannot be spoken in one go"):
        speak("word " * 5000, Manner(), 1)


def test_whispers_are_breathy() -> None:
    said = hum("a quiet word between us", Manner(), 1)
    whispered = hum("a quiet word between us", replace(Manner(), whisper=True), 1)

    def high(sound: np.ndarray[Any, Any]) -> float:
        power = np.abs(np.fft.rfft(sound)) ** 2
        return float(power[len(power) // 4 :].sum() / power.sum())

    assert high(whispered) > 10 * high(said)
