"""How a line is to be spoken, from the words that a film has for its voices and deliveries.

``voice: {id: low-alto, age: 60}`` with ``delivery: dry`` becomes a register, a pitch and a pace
that both the speech engine and the hum understand. Unknown words still tell voices apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fvbuild.engine.digest import Json, quick

# Register words: sex of the timbre, and pitch from 0 (deep) to 100 (high) as espeak-ng counts.
_REGISTERS = {
    "bass": ("m", 12),
    "baritone": ("m", 28),
    "tenor": ("m", 48),
    "contralto": ("f", 24),
    "alto": ("f", 34),
    "mezzo": ("f", 46),
    "soprano": ("f", 64),
    "treble": ("c", 78),
    "man": ("m", 36),
    "male": ("m", 36),
    "father": ("m", 34),
    "he": ("m", 36),
    "woman": ("f", 46),
    "female": ("f", 46),
    "mother": ("f", 44),
    "she": ("f", 46),
    "boy": ("c", 74),
    "girl": ("c", 80),
    "child": ("c", 78),
    "kid": ("c", 78),
    "robot": ("r", 40),
}
# Words that shift: pitch, pace, liveliness of the melody, level in dB.
_SHIFTS = {
    "low": (-10, 1.0, 1.0, 0.0),
    "deep": (-14, 0.97, 0.9, 0.0),
    "high": (12, 1.0, 1.0, 0.0),
    "bright": (8, 1.03, 1.2, 0.0),
    "dark": (-8, 0.97, 0.9, 0.0),
    "old": (-6, 0.85, 0.9, 0.0),
    "elderly": (-6, 0.85, 0.9, 0.0),
    "grandmother": (-4, 0.85, 0.9, 0.0),
    "grandfather": (-6, 0.85, 0.9, 0.0),
    "young": (8, 1.08, 1.1, 0.0),
    "teenager": (10, 1.12, 1.1, 0.0),
    "slow": (0, 0.8, 1.0, 0.0),
    "slowly": (0, 0.8, 1.0, 0.0),
    "fast": (0, 1.25, 1.0, 0.0),
    "quick": (0, 1.2, 1.0, 0.0),
    "quickly": (0, 1.2, 1.0, 0.0),
    "hurried": (2, 1.25, 1.0, 0.0),
    "dry": (-2, 0.98, 0.5, 0.0),
    "flat": (-2, 1.0, 0.3, 0.0),
    "calm": (-3, 0.9, 0.7, 0.0),
    "tired": (-6, 0.82, 0.6, -1.0),
    "sad": (-6, 0.85, 0.6, -1.0),
    "gentle": (0, 0.92, 0.9, -1.0),
    "soft": (0, 0.92, 0.8, -2.0),
    "softly": (0, 0.92, 0.8, -2.0),
    "quiet": (0, 0.92, 0.8, -3.0),
    "quietly": (0, 0.92, 0.8, -3.0),
    "warm": (-2, 0.94, 1.1, 0.0),
    "happy": (6, 1.08, 1.4, 0.0),
    "laughing": (8, 1.08, 1.5, 0.0),
    "excited": (10, 1.18, 1.6, 1.0),
    "urgent": (6, 1.22, 1.2, 1.0),
    "afraid": (8, 1.15, 1.3, 0.0),
    "angry": (4, 1.12, 1.5, 2.0),
    "shout": (10, 1.05, 1.4, 3.0),
    "shouting": (10, 1.05, 1.4, 3.0),
    "shouts": (10, 1.05, 1.4, 3.0),
    "whisper": (0, 0.9, 0.5, -5.0),
    "whispering": (0, 0.9, 0.5, -5.0),
    "whispers": (0, 0.9, 0.5, -5.0),
}
_WHISPERS = frozenset(("whisper", "whispering", "whispers"))
_NOT_WORDS = frozenset(("target", "language", "lang"))
_TIMBRES = {"m": 7, "f": 5, "c": 3, "r": 1}


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak.

    language: a tag like ``en-GB``. timbre: ``m``, ``f``, ``c`` (child) or ``r`` (robot), with a
    number that tells voices of one timbre apart. pitch: 0 deep to 100 high. pace: 1 is normal.
    liveliness: of the melody, 1 is normal. level_db: against other speech.
    """

    language: str = "en"
    timbre: str = "m"
    number: int = 1
    pitch: int = 40
    pace: float = 1.0
    liveliness: float = 1.0
    level_db: float = 0.0
    whisper: bool = False


def manner_of(voice: Json, delivery: Json, language: Json) -> Manner:
    """The manner of a line. Reads any words in ``voice``; numbers under ``age`` are years."""
    settings = voice if isinstance(voice, Mapping) else {"id": voice} if voice else {}
    chosen = settings.get("language") or settings.get("lang") or language
    manner = Manner(language=str(chosen) if chosen else "en")
    traits = {name: value for name, value in settings.items() if name not in _NOT_WORDS}
    words = [*_words(traits.values()), *_age_words(traits.get("age"))]
    manner = _registered(manner, words, _drawn_from(traits) if traits else None)
    for word in [*words, *_words([delivery])]:
        if word in _SHIFTS:
            pitch, pace, liveliness, level_db = _SHIFTS[word]
            manner = replace(
                manner,
                pitch=manner.pitch + pitch,
                pace=manner.pace * pace,
                liveliness=manner.liveliness * liveliness,
                level_db=manner.level_db + level_db,
                whisper=manner.whisper or word in _WHISPERS,
            )
    return replace(
        manner,
        pitch=min(max(manner.pitch + _offset(settings.get("pitch")), 0), 99),
        pace=min(max(manner.pace * _factor(settings.get("rate")), 0.5), 2.0),
        liveliness=min(max(manner.liveliness, 0.2), 2.0),
        level_db=min(max(manner.level_db, -8.0), 4.0),
    )


def _registered(manner: Manner, words: list[str], traits: str | None) -> Manner:
    registers = [_REGISTERS[word] for word in words if word in _REGISTERS]
    if traits is None:
        return manner
    draw = int(traits[:8], 16)
    # "deep alto woman": the first word that fixes a pitch does so, a child's word outweighs sex.
    timbre, pitch = next(
        (one for one in registers if one[0] == "c"),
        registers[0] if registers else (("m", 38), ("f", 48))[draw & 1],
    )
    number = 1 + (draw >> 1) % _TIMBRES[timbre]
    nudge = (draw >> 8) % 9 - 4
    return replace(manner, timbre=timbre, number=number, pitch=pitch + nudge)


def _words(values: Iterable[Json]) -> list[str]:
    return [word for value in values for word in re.findall(r"[^\W\d_]+", str(value).lower())]


def _age_words(age: Json) -> list[str]:
    found = re.search(r"\d+", str(age)) if age is not None else None
    if found is None:
        return []
    years = int(found[0][:3])
    return ["child"] if years < 13 else ["young"] if years < 25 else ["old"] if years > 59 else []


def _drawn_from(traits: Mapping[str, Json]) -> str:
    return quick(repr(sorted(traits.items(), key=lambda trait: trait[0])).encode())


def _offset(value: Json) -> int:
    """A ``pitch`` setting: -50 to 50 around the voice's own."""
    return round(_within(value, -50.0, 50.0, 0.0))


def _factor(value: Json) -> float:
    """A ``rate`` setting: 1 is the voice's own pace."""
    return _within(value, 0.5, 2.0, 1.0)


def _within(value: Json, low: float, high: float, usual: float) -> float:
    """A number brought into its range; ``usual`` for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return usual
    return float(min(max(value, low), high))
