"""What a resolved film sounds like, with every time tied to the shots it refers to."""

from __future__ import annotations

from fractions import Fraction

from fvbuild.film.place import NOWHERE, Place
from fvbuild.film.resolved_world import Voice, Words
from fvbuild.timecode import Length
from fvbuild.values import dataclass

_NO_OFFSET = Length(0, None)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the film: an edge of a shot, or of the film where scene and shot are None.

    at_end: counted from the last frame's end, else from the first frame. offset: how far after
    it; before it where ``earlier``.
    """

    scene: str | None = None
    shot: str | None = None
    at_end: bool = False
    offset: Length = _NO_OFFSET
    earlier: bool = False

    def shift_s(self, fps: Fraction) -> Fraction:
        """The signed offset in seconds."""
        seconds = self.offset.in_seconds(fps)
        return -seconds if self.earlier else seconds


@dataclass(frozen=True, slots=True)
class Line:
    """Something said: by a character of that id, or a voice from nowhere (speaker None).

    at: where narration begins; None for the dialogue of a shot, which begins with its shot or
    after the line before it. voice: the speaker's, or the line's own.
    """

    words: Words
    speaker: str | None = None
    delivery: str = ""
    voice: Voice | None = None
    gain_db: float = 0.0
    at: Moment | None = None
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Sound:
    """Ambience, an effect or music: to be made from words, or a file relative to the film.

    over: (first, last) shots it lies under as (scene, shot) pairs; None: its scene, for ambience;
    the whole film, for music. at: where an effect begins. duck_db: how far it sinks under speech,
    0 for not at all. gain_db: None where the film gives none. length: of an effect, None: as the
    target makes it.
    """

    make: str = ""
    file: str = ""
    gain_db: float | None = None
    duck_db: float = 0.0
    over: tuple[tuple[str, str], tuple[str, str]] | None = None
    at: Moment | None = None
    length: Length | None = None
    takes: int = 1
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """The sound of the whole film. loudness_lufs: integrated loudness of the mix."""

    narration: tuple[Line, ...] = ()
    music: tuple[Sound, ...] = ()
    effects: tuple[Sound, ...] = ()
    loudness_lufs: float = -16.0
    loc: Place = NOWHERE


SILENCE = Soundtrack()
"""The soundtrack of a film that writes none: only what its shots say and its scenes sound like."""
