"""Composes a small piece from words: key, tempo, chords, a tune that comes back. Notes, no sound.

``slow solo cello`` is a single line in a minor key at 56; ``hopeful piano`` is major, with chords.
The piece is one phrase of eight bars that returns, slightly changed, for as long as is asked, and
comes to rest on its home chord at the very end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

_BARS = 8
_BEATS = 4
_SCALES = {
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
}
# Degrees of the scale, a chord a bar; all end on a chord that leads home.
_PROGRESSIONS = {
    "minor": ((0, 5, 2, 6, 0, 5, 3, 4), (0, 3, 5, 4, 0, 2, 5, 4), (0, 6, 5, 6, 0, 3, 5, 4)),
    "major": ((0, 4, 5, 3, 0, 4, 3, 4), (0, 5, 3, 4, 0, 2, 3, 4), (0, 3, 0, 4, 5, 3, 1, 4)),
    "dorian": ((0, 3, 0, 6, 0, 3, 6, 4), (0, 6, 3, 0, 2, 6, 3, 4)),
}
_RHYTHMS = (
    ((0.0, 2.0), (2.0, 1.0), (3.0, 1.0)),
    ((0.0, 1.5), (1.5, 0.5), (2.0, 2.0)),
    ((0.0, 3.0), (3.0, 1.0)),
    ((0.0, 1.0), (1.0, 1.0), (2.0, 2.0)),
    ((0.0, 4.0),),
)
_BUSY_RHYTHMS = (
    ((0.0, 0.5), (0.5, 0.5), (1.0, 1.0), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
    ((0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 1.0), (3.0, 0.5), (3.5, 0.5)),
)
_INSTRUMENTS = {
    "cello": "cello",
    "violin": "violin",
    "viola": "cello",
    "fiddle": "violin",
    "strings": "strings",
    "string": "strings",
    "orchestra": "strings",
    "orchestral": "strings",
    "piano": "piano",
    "keys": "piano",
    "guitar": "guitar",
    "ukulele": "guitar",
    "harp": "guitar",
    "banjo": "guitar",
    "drum": "drums",
    "drums": "drums",
    "percussion": "drums",
    "beat": "drums",
    "beats": "drums",
    "taiko": "drums",
    "synth": "synth",
    "synths": "synth",
    "electronic": "synth",
    "ambient": "pad",
    "pad": "pad",
    "drone": "pad",
    "choir": "pad",
    "organ": "organ",
    "accordion": "organ",
    "harmonica": "organ",
    "flute": "flute",
    "whistle": "flute",
    "clarinet": "flute",
    "oboe": "flute",
    "bells": "celesta",
    "celesta": "celesta",
    "glockenspiel": "celesta",
    "bass": "bass",
    "contrabass": "bass",
}
_TEMPI = {
    "slow": 58,
    "adagio": 58,
    "largo": 48,
    "calm": 64,
    "gentle": 68,
    "sad": 60,
    "melancholy": 60,
    "mournful": 52,
    "lullaby": 60,
    "dreamy": 64,
    "waltz": 84,
    "march": 100,
    "walking": 92,
    "upbeat": 116,
    "happy": 112,
    "lively": 120,
    "fast": 138,
    "driving": 128,
    "urgent": 140,
    "chase": 150,
    "epic": 88,
    "tense": 76,
    "dance": 122,
}
_MAJOR = frozenset(
    (
        "happy",
        "hopeful",
        "bright",
        "warm",
        "upbeat",
        "cheerful",
        "joyful",
        "playful",
        "lively",
        "triumphant",
        "major",
        "sunny",
        "romantic",
        "lullaby",
        "light",
        "tender",
    )
)
_DORIAN = frozenset(
    ("folk", "jazz", "jazzy", "cool", "noir", "mysterious", "dreamy", "medieval", "blues")
)
_MELODIC = ("cello", "violin", "flute", "celesta", "synth", "guitar", "piano", "organ")
_REGISTERS = {"cello": 48, "violin": 67, "flute": 72, "celesta": 76, "bass": 36}


class Note(NamedTuple):
    """A note: start and length in beats, MIDI pitch (drums: 0 kick, 1 snare, 2 hat), 0 to 1."""

    start: float
    length: float
    pitch: int
    strength: float
    instrument: str


@dataclass(frozen=True, slots=True)
class Score:
    """A piece. ``beat_s`` is the length of a beat in seconds."""

    notes: tuple[Note, ...]
    beat_s: float


def compose(text: str, seconds: float, rng: np.random.Generator) -> Score:
    """A piece of this many seconds; its last chord rings out within them."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    mode = _mode(words)
    tempo = _tempo(words, rng)
    band = _band(words)
    # Whole bars and one for the last chord: the tempo gives way by a little.
    bars = max(1, round(seconds * tempo / 60 / _BEATS) - 1)
    beat_s = seconds / ((bars + 1.0) * _BEATS)
    home = int(rng.integers(-4, 4))
    chords = _PROGRESSIONS[mode][int(rng.integers(len(_PROGRESSIONS[mode])))]
    phrase = _Phrase(_SCALES[mode], home, chords, band, tempo > 100, rng)
    notes: list[Note] = []
    for bar in range(bars):
        notes += phrase.bar(bar % _BARS, bar // _BARS, float(bar * _BEATS))
    notes += phrase.ending(float(bars * _BEATS))
    return Score(tuple(notes), beat_s)


def _mode(words: list[str]) -> str:
    if not _MAJOR.isdisjoint(words) and "minor" not in words:
        return "major"
    return "minor" if _DORIAN.isdisjoint(words) else "dorian"


def _tempo(words: list[str], rng: np.random.Generator) -> float:
    named = [_TEMPI[word] for word in words if word in _TEMPI]
    return sum(named) / len(named) if named else 72.0 + 16 * float(rng.random())


def _band(words: list[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(_INSTRUMENTS[word] for word in words if word in _INSTRUMENTS))
    if not named:
        return ("strings", "piano")
    if "solo" in words or "drums" in named or len(named) > 1:
        return named
    return {"cello": ("cello", "strings"), "violin": ("violin", "strings")}.get(named[0], named)


class _Phrase:
    """Eight bars of chords with a tune over them, worked out once."""

    def __init__(
        self,
        scale: tuple[int, ...],
        home: int,
        chords: tuple[int, ...],
        band: tuple[str, ...],
        busy: bool,
        rng: np.random.Generator,
    ) -> None:
        self._scale = scale
        self._home = 60 + home
        self._chords = chords
        self._band = band
        self._lead = next((name for name in _MELODIC if name in band), None)
        self._tunes = [self._tune(busy, rng), self._tune(busy, rng)]

    def bar(self, bar: int, turn: int, start: float) -> list[Note]:
        """One bar of the piece: A A B A over the turns of the phrase."""
        tune = self._tunes[1 if turn % 4 == 2 else 0]
        notes = (
            [
                Note(start + at, long, pitch, level, name)
                for at, long, pitch, level, name in tune[bar]
            ]
            if self._lead
            else []
        )
        for name in self._band:
            notes += self._accompany(name, self._chords[bar], start, bar)
        return notes

    def ending(self, start: float) -> list[Note]:
        """The last bar: home."""
        notes = [
            Note(start, 3.6, self._pitch(degree) - 12 * (degree == 0), 0.55, name)
            for name in self._band
            if name != "drums"
            for degree in ((0,) if self._alone(name) else (0, 2, 4))
        ]
        drums = [Note(start, 1.0, 0, 0.7, "drums")] if "drums" in self._band else []
        return notes + drums

    def _pitch(self, degree: int, middle: int | None = None) -> int:
        octave, step = divmod(degree, len(self._scale))
        pitch = self._home + 12 * octave + self._scale[step]
        while middle is not None and pitch < middle - 7:
            pitch += 12
        while middle is not None and pitch > middle + 9:
            pitch -= 12
        return pitch

    def _alone(self, name: str) -> bool:
        return name in ("cello", "violin", "flute", "bass")

    def _tune(self, busy: bool, rng: np.random.Generator) -> list[list[Note]]:
        """A line that leans on chord tones on strong beats and steps between them."""
        lead = self._lead or "piano"
        middle = _REGISTERS.get(lead, 67)
        rhythms = (*_RHYTHMS, *_BUSY_RHYTHMS) if busy else _RHYTHMS
        motif = [int(rng.integers(len(rhythms))) for _ in range(2)]
        degree, bars = 4, []
        for number, chord in enumerate(self._chords):
            rhythm = rhythms[motif[number % 2]] if number % 4 < 3 else _RHYTHMS[2]
            bar = []
            for at, length in rhythm:
                if at in (0.0, 2.0):
                    near = [chord + tone + 7 * turn for tone in (0, 2, 4) for turn in (-1, 0, 1)]
                    leap = int(rng.integers(-1, 2))
                    degree = min(near, key=lambda one: (abs(one - degree - leap), one))
                else:
                    degree += int(rng.choice((-1, 1)))
                degree = min(max(degree, -1), 9)
                level = 0.62 + 0.12 * (at == 0.0) + 0.08 * float(rng.random())
                bar.append(Note(at, length, self._pitch(degree, middle), level, lead))
            bars.append(bar)
        return bars

    def _accompany(self, name: str, chord: int, start: float, bar: int) -> list[Note]:
        tones = [self._pitch(chord + step, 60) for step in (0, 2, 4)]
        root = self._pitch(chord, 40)
        if name == "drums":
            return _drums(start, bar)
        if name == "bass":
            return [Note(start + at, 2.0, root, 0.6, name) for at in (0.0, 2.0)]
        if name in ("strings", "pad", "organ"):
            pads = [Note(start, 4.2, tone, 0.34, name) for tone in tones]
            return [*pads, Note(start, 4.2, root, 0.4, name)]
        if name in ("piano", "guitar"):
            order = (root, tones[0], tones[1], tones[2], tones[1], tones[2], tones[0], tones[1])
            return [Note(start + n / 2, 1.6, tone, 0.3, name) for n, tone in enumerate(order)]
        if name == "synth":
            arpeggio = (root + 12, *tones)
            return [Note(start + n / 2, 0.45, arpeggio[n % 4], 0.26, name) for n in range(8)]
        return []


def _drums(start: float, bar: int) -> list[Note]:
    notes = [Note(start + at, 0.5, 0, 0.8, "drums") for at in (0.0, 2.0)]
    notes += [Note(start + at, 0.5, 1, 0.55, "drums") for at in (1.0, 3.0)]
    notes += [Note(start + n / 2, 0.25, 2, 0.22 + 0.1 * (n % 2), "drums") for n in range(8)]
    if bar == _BARS - 1:
        notes += [
            Note(start + 3.5, 0.5, 1, 0.45, "drums"),
            Note(start + 3.75, 0.5, 1, 0.5, "drums"),
        ]
    return notes
