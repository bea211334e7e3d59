"""One shot of a resolved film, complete in itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction

from fvbuild.film.place import NOWHERE, Place
from fvbuild.film.resolved_sound import Line
from fvbuild.timecode import Length
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Controls:
    """Prompt controls of one shot, inherited shot over scene over film.

    strategy: ``combined``, ``original`` or ``motion-only``. negative: empty for none.
    guidance, motion_strength: None leaves it to the target. seed: of take 1.
    """

    strategy: str = "combined"
    enhance: bool = False
    negative: str = ""
    seed: int = 1
    guidance: float | None = None
    motion_strength: float | None = None


@dataclass(frozen=True, slots=True)
class Worn:
    """A visible character and the outfit it wears; outfit None: it has no wardrobe."""

    character: str
    outfit: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A first or last frame: in words, or a picture's path relative to the film; never both.

    edit: the path of a picture that is changed into the frame, which the words then describe.
    mask: the path of a picture of its size: white is changed, black is kept; empty: all may change.
    control: the path of a picture whose lines, depths or pose the frame follows.
    """

    text: str = ""
    picture: str = ""
    edit: str = ""
    mask: str = ""
    control: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """The way into the next shot.

    kind: ``dissolve``, ``fade``, ``dip`` or ``wipe``; a plain cut is None in its shot.
    option: ``black``/``white`` of dip and fade, ``left``/``right``/``up``/``down`` of a wipe.
    frames: its length at the film's fps, as far as the shots overlap; at least 1.
    """

    kind: str
    frames: int
    option: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One continuous view, complete in itself.

    mode: ``anchor``, ``keyframe``, ``chain`` or ``direct``.
    duration: as written; None: as long as its dialogue.
    start: (scene, shot) whose ``last_frame`` boundary this shot begins on.
    caption, motion: given by hand in place of the text node; empty: not given.
    action: empty only where caption, motion or frames given by hand say it all.
    use: every node kind -> target names, the first one preferred, the others fallbacks.
    takes: node kind -> number of takes, kinds with one take left out.
    places: (field, lines below ``line``, column) of the fields the film wrote.
    """

    id: str
    scene: str
    mode: str = "anchor"
    action: str = ""
    size: str = ""
    angle: str = ""
    lens: str = ""
    camera: str = "static"
    duration: Length | None = None
    time: str = ""
    lighting: str = ""
    location: str | None = None
    characters: tuple[Worn, ...] = ()
    props: tuple[str, ...] = ()
    first_frame: Frame | None = None
    last_frame: Frame | None = None
    start: tuple[str, str] | None = None
    caption: str = ""
    motion: str = ""
    dialogue: tuple[Line, ...] = ()
    transition: Transition | None = None
    takes: Mapping[str, int] = field(default_factory=dict)
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    controls: Controls = Controls()
    file: str = NOWHERE.file
    line: int = 1
    column: int = 1
    places: tuple[tuple[str, int, int], ...] = ()

    @property
    def path(self) -> str:
        """``scene/shot``, its name across scenes."""
        return f"{self.scene}/{self.id}"

    @property
    def loc(self) -> Place:
        """Where it is written."""
        return Place(self.file, self.line, self.column)

    def at(self, name: str) -> Place:
        """Where a field of it is written; the shot's own place where it was left out."""
        for found, below, column in self.places:
            if found == name:
                return Place(self.file, self.line + below, column)
        return self.loc

    def frames(self, fps: Fraction) -> int | None:
        """Its length in frames, at least 1; None while it waits for its dialogue."""
        return None if self.duration is None else max(1, self.duration.in_frames(fps))
