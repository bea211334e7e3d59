"""A cue: one sound as the film places it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fvbuild.media.mix_plan import Clip

_CUT_IN_SAMPLES, _CUT_OUT_SAMPLES = 96, 480


@dataclass(frozen=True, slots=True)
class Cue:
    """One sound on the film's time line. Positions are samples at 48 kHz, gains decibels.

    path: any sound file; a 48 kHz WAV (s16, f32) is read in place, others are decoded once.
    digest: the content digest of that file, by which block keys know it.
    at: film sample where it begins; if negative, its head is cut.
    length: at most so many samples sound; None: to the stem's end (looped: to the film's end).
    fade_in, fade_out: samples of a raised cosine. Where a stem is cut into, a few milliseconds of
    fade are always made, so that nothing clicks.
    loop: repeat until ``length``, each seam a cross-fade of the stem with itself.
    offset: sample of the stem where it starts.
    duck_db: it goes to this level (-9.0) while a cue with ``speech`` sounds, eased, and down
    before the first word.
    """

    path: Path
    digest: str
    at: int
    length: int | None = None
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    loop: bool = False
    offset: int = 0
    duck_db: float = 0.0
    speech: bool = False


def placed(cue: Cue, stem_samples: int, total: int) -> Clip:
    """The cue with its ends known and its cuts softened, in a film of ``total`` samples."""
    start, offset = cue.at, max(0, cue.offset)
    if start < 0:
        start, offset = 0, offset - start
    left = total - start if cue.loop else stem_samples - offset
    wished = left if cue.length is None else cue.length + min(cue.at, 0)
    length = max(0, min(left, wished, total - start))
    cut_in = offset > 0
    cut_out = length < left and start + length < total
    fade_in = max(cue.fade_in, _CUT_IN_SAMPLES if cut_in else 0)
    fade_out = max(cue.fade_out, _CUT_OUT_SAMPLES if cut_out else 0)
    return Clip(
        digest=cue.digest,
        stem_samples=stem_samples,
        start=start,
        end=start + length,
        offset=offset,
        gain_db=float(cue.gain_db),
        fade_in=min(fade_in, length),
        fade_out=min(fade_out, length),
        loop=cue.loop,
        duck_db=0.0 if cue.speech else float(cue.duck_db),
        speech=cue.speech,
    )
