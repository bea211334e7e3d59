"""A hummed rhythm of a line: its syllables, pauses and sentence melody, without its words.

Where no speech engine can be had, an animatic still needs to show how long a line takes and where
it breathes. Syllables are counted by the script's own rules, paced by the language, and sung as
soft vowels; questions rise, statements fall.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.targets.sketch.voice_manner import Manner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Syllables a second of an actor, slower than talk (Pellegrino, Coupe and Marsico, 2011).
_PACES = {"en": 4.6, "de": 4.5, "fr": 5.4, "it": 5.3, "es": 5.8, "ja": 5.9, "zh": 4.0, "pt": 5.0}
_PACE = 4.8
_PAUSES_S = {",": 0.22, ";": 0.28, ":": 0.28, "-": 0.2, ".": 0.42, "!": 0.42, "?": 0.45, "…": 0.5}
_FULL_STOPS = {"。": ".", "！": "!", "？": "?", "、": ",", "，": ",", "؟": "?", "।": ".", "–": "-"}
_VOWELS = "aeiouyæøœ" + "αεηιουω" + "аеиоуыэюяіїє"
# First two formants of a vowel in Hz.
_FORMANTS = {
    "a": (730, 1150),
    "e": (520, 1750),
    "i": (320, 2200),
    "o": (480, 880),
    "u": (340, 800),
}
_SOUNDS_LIKE = str.maketrans("yæøœαεηιουωаеиоуыэюяіїє", "ieeeaeiiouoaeiouieuaiie")
_HARMONICS = 12


class Syllable(NamedTuple):
    """One hummed vowel: when it begins, how long it is, its formants and stress (0 to 1).

    ``place`` runs from 0 to 1 over its sentence; ``asks`` when that is a question.
    """

    start_s: float
    length_s: float
    vowel: str
    stress: float
    place: float
    asks: bool


def syllables(word: str, language: str = "en") -> list[str]:
    """The vowels that a word is sung on, one a syllable; at least one for any word."""
    plain = unicodedata.normalize("NFD", word.lower())
    found: list[str] = []
    for run in re.findall(r"\d+|[^\W\d_]+", plain):
        if run[0].isdigit():
            found += ["i", "e"] * len(run)
        elif _one_sign_a_syllable(run[0]):
            found += ["aeiou"[ord(sign) % 5] for sign in run]
        else:
            found += _alphabetic(run, language)
    return found or ["a"]


def _one_sign_a_syllable(sign: str) -> bool:
    name = unicodedata.name(sign, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL SYLLABLE"))


def _alphabetic(run: str, language: str) -> list[str]:
    groups = re.findall(f"[{_VOWELS}]+", run)
    if not groups:
        # A script that writes few vowels (Arabic, Hebrew), or marks them (Devanagari, Thai).
        return ["a"] * max(1, len(run) // 2)
    silent_e = language in ("en", "fr") and run.endswith("e") and not run.endswith(("le", "ee"))
    if silent_e and len(groups) > 1 and groups[-1] == "e":
        groups.pop()
    return [group[0].translate(_SOUNDS_LIKE) for group in groups]


def rhythm(text: str, manner: Manner) -> list[Syllable]:
    """The syllables of a text in time."""
    language = manner.language.lower()[:2]
    beat = 1.0 / (_PACES.get(language, _PACE) * manner.pace)
    plain = "".join(_FULL_STOPS.get(sign, sign) for sign in text)
    found: list[Syllable] = []
    now = 0.0
    for sentence in re.findall(r"[^.!?…]+[.!?…]*", plain):
        asks = "?" in sentence
        words = re.findall(r"[^\s,;:\-]+|[,;:\-]+", sentence)
        total = sum(len(syllables(word, language)) for word in words if _is_word(word))
        number = 0
        for word in words:
            if not _is_word(word):
                now += _PAUSES_S.get(word[0], 0.2) / manner.pace
                continue
            sung = syllables(word, language)
            for position, vowel in enumerate(sung):
                # Content words carry the stress, last syllables of a sentence are drawn out.
                stress = (1.0 if len(word) > 3 else 0.45) if position == 0 else 0.3
                last = number == total - 1
                length = beat * (0.82 + 0.3 * stress) * (1.5 if last else 1.0)
                found.append(Syllable(now, length, vowel, stress, number / max(total, 1), asks))
                now += length
                number += 1
            now += beat * 0.08
        now += _PAUSES_S.get(sentence.strip()[-1:], 0.3) / manner.pace
    return found


def _is_word(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def hum(text: str, manner: Manner, seed: int) -> NDArray[np.float32]:
    """The text hummed: mono float32 at 48 kHz, below full scale."""
    import numpy as np

    sung = rhythm(text, manner)
    if not sung:
        return np.zeros(SAMPLE_RATE // 2, np.float32)
    count = round((sung[-1].start_s + sung[-1].length_s + 0.1) * SAMPLE_RATE)
    # All that glides is worked out 500 times a second, and drawn out to samples.
    step = SAMPLE_RATE // 500
    times = np.arange(count // step + 2) / 500
    pitch, level = _melody(sung, times, manner, np.random.default_rng(seed))
    at = np.arange(count) / step
    grid = np.arange(len(times))
    phase = 2 * np.pi * np.cumsum(np.interp(at, grid, pitch)) / SAMPLE_RATE
    sound = np.zeros(count)
    for number, strength in enumerate(_harmonics(sung, times, pitch), 1):
        sound += np.interp(at, grid, strength * level) * np.sin(number * phase)
    if manner.whisper:
        sound = 0.25 * sound + np.interp(at, grid, level) * _breath(count, seed)
    return (0.25 * sound / max(1e-9, float(np.abs(sound).max()))).astype(np.float32)


def _melody(
    sung: list[Syllable], times: NDArray[np.float64], manner: Manner, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pitch in Hz and level (0 to 1) over the control times."""
    import numpy as np

    base = 75.0 * 2 ** (manner.pitch / 40 + (0.35 if manner.timbre in "fc" else 0.0))
    knots, tones = [], []
    level = np.zeros_like(times)
    for one in sung:
        bend = -3.0 * one.place + 2.2 * one.stress + 0.8 * (rng.random() - 0.5)
        if one.asks and one.place > 0.7:
            bend += 9.0 * (one.place - 0.7) / 0.3
        knots.append(one.start_s + 0.4 * one.length_s)
        tones.append(bend * manner.liveliness)
        x = np.clip((times - one.start_s) / one.length_s, 0, 1)
        swell = np.clip(x / 0.18, 0, 1) * np.clip((1 - x) / 0.4, 0, 1)
        level = np.maximum(level, (0.65 + 0.35 * one.stress) * np.sin(np.pi / 2 * swell) ** 2)
    vibrato = 0.12 * np.sin(2 * np.pi * 5.1 * times)
    semitones = np.interp(times, knots, tones) + vibrato
    return base * 2 ** (semitones / 12), level


def _harmonics(
    sung: list[Syllable], times: NDArray[np.float64], pitch: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Strength of each harmonic over time: a soft voice seen through the vowel's formants."""
    import numpy as np

    middles = [one.start_s + one.length_s / 2 for one in sung]
    formants = [_FORMANTS.get(one.vowel, _FORMANTS["a"]) for one in sung]
    first, second = (np.interp(times, middles, [pair[i] for pair in formants]) for i in (0, 1))
    found = []
    for number in range(1, _HARMONICS + 1):
        hertz = pitch * number
        peak = 1.0 / (1 + ((hertz - first) / 140) ** 2)
        peak += 0.4 / (1 + ((hertz - second) / 220) ** 2)
        found.append((0.12 + peak) / number**1.1)
    return found


def _breath(count: int, seed: int) -> NDArray[np.float64]:
    import numpy as np

    noise = np.random.default_rng(seed).random(count) - 0.5
    return np.convolve(noise, np.hanning(9) / 4, "same")
