"""Scratch sound: what the sketch target makes of speech, ambience, effects and music.

Everything is made to sit in a mix as it comes: programme loudness about -20 LUFS, effects by their
loudest moment; so the gains that a film gives are against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json, of_value
from fvbuild.errors import TargetError
from fvbuild.media.sound import SAMPLE_RATE, write_wav
from fvbuild.targets.sketch.voice import voice_identity

if TYPE_CHECKING:
    from fvbuild.targets.sketch.sound_tones import Rng, Sound

VERSION = 1
"""Raised whenever the same words and seed would give another ambience, effect or music."""

KINDS = ("speech", "ambience", "effect", "music")

STEM_LUFS = -20.0
"""Loudness of every scratch sound."""

_LONGEST_S = 3600.0
_AMBIENCE_S, _MUSIC_S = 24.0, 60.0


def sound_identity(kind: str) -> dict[str, Json]:
    """Model identity of a kind of scratch sound; cheap, loads neither engine nor library."""
    return voice_identity() if kind == "speech" else {"synth": VERSION}


def make_sound(action: Action) -> Outcome:
    """Make one take of ``speech``, ``ambience``, ``effect`` or ``music`` as 48 kHz s16 WAV.

    Speech is mono, the rest stereo; where ``seconds`` is given, that long to the sample. Raises
    TargetError for what cannot be made.
    """
    text = action.params.get("text")
    if not isinstance(text, str) or not text.strip():
        raise TargetError(f"{action.node}: there are no words to make a sound from")
    action.check_cancelled()
    make = {"speech": _speech, "ambience": _ambience, "effect": _effect, "music": _music}
    sound = make[action.kind](action, text)
    action.check_cancelled()
    path = action.folder / "sound.wav"
    samples = write_wav(path, sound)
    facts: dict[str, Json] = {"seconds": samples / SAMPLE_RATE, "samples": samples}
    made = Made(media_type="audio/wav", path=path, facts=facts)
    return Outcome(outputs=(made,), provenance=sound_identity(action.kind))


def _speech(action: Action, text: str) -> Sound:
    from fvbuild.targets.sketch.sound_tones import levelled
    from fvbuild.targets.sketch.voice import speak
    from fvbuild.targets.sketch.voice_manner import manner_of

    params = action.params
    manner = manner_of(params.get("voice"), params.get("delivery"), params.get("language"))
    said = speak(text, manner, action.seed)[None]
    # Speech is judged by its loud moments: a line of one word has no programme.
    return levelled(said, STEM_LUFS + 2 + manner.level_db, momentary=True)


def _ambience(action: Action, text: str) -> Sound:
    from fvbuild.targets.sketch.sound_tones import levelled

    count = _samples(action, _AMBIENCE_S)
    return levelled(_layers(text, count, _rng(action, text), steady=True), STEM_LUFS)


def _effect(action: Action, text: str) -> Sound:
    from fvbuild.targets.sketch.sound_tones import levelled
    from fvbuild.targets.sketch.sound_words import meaning

    natural = max(source.seconds for source, _ in meaning(text, steady=False).layers)
    count = _samples(action, natural)
    sound = _layers(text, count, _rng(action, text), steady=False)
    return levelled(_closed(sound, 0.002, 0.25), STEM_LUFS, momentary=True)


def _layers(text: str, count: int, rng: Rng, *, steady: bool) -> Sound:
    import numpy as np

    from fvbuild.targets.sketch.sound_tones import filtered
    from fvbuild.targets.sketch.sound_words import meaning

    meant = meaning(text, steady=steady)
    out = np.zeros((2, count), np.float32)
    for source, mood in meant.layers:
        layer = source.make(rng, count, mood)
        rms = float(np.sqrt(np.mean(layer * layer)))
        # Steady layers are balanced by their power, single sounds by their peaks.
        measure = rms * 4 if source.steady else float(np.abs(layer).max(initial=0.0))
        out += layer * np.float32(source.level / max(measure, 1e-6))
    return filtered(out, ((60, -3), (300, 0), (1500, -8), (6000, -26))) if meant.far else out


def _music(action: Action, text: str) -> Sound:
    from fvbuild.targets.sketch.sound_band import play
    from fvbuild.targets.sketch.sound_score import compose
    from fvbuild.targets.sketch.sound_tones import levelled

    count = _samples(action, _MUSIC_S)
    rng = _rng(action, text)
    piece = play(compose(text, count / SAMPLE_RATE, rng), count, rng)
    return levelled(_closed(piece, 0.01, min(1.5, 0.2 * count / SAMPLE_RATE)), STEM_LUFS)


def _closed(sound: Sound, rise_s: float, fall_s: float) -> Sound:
    """The sound brought in and out, so that its ends are silent."""
    import numpy as np

    count = sound.shape[1]
    rise = max(1, min(count, int(rise_s * SAMPLE_RATE)))
    fall = max(1, min(count, int(fall_s * SAMPLE_RATE)))
    sound[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    sound[:, count - fall :] *= np.linspace(1, 0, fall, dtype=np.float32) ** 2
    return sound


def _samples(action: Action, natural_s: float) -> int:
    wished = action.params.get("seconds")
    if wished is None:
        wished = natural_s
    # bool is an int to Python, NaN compares false with everything: both are refused.
    seconds = 0.0 if isinstance(wished, bool | str | list | dict) else float(wished)
    if not 0 < seconds <= _LONGEST_S:
        raise TargetError(
            f"{action.node}: a sound of {wished} seconds cannot be made",
            hint="ask for more than none and at most an hour",
        )
    return max(1, round(seconds * SAMPLE_RATE))


def _rng(action: Action, text: str) -> Rng:
    import numpy as np

    return np.random.default_rng([int(of_value([action.kind, text])[:15], 16), abs(action.seed)])
