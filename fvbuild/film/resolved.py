"""The film with every default, inheritance, overlay and reference applied: what rules expand.

Plain frozen values, so that a film from the parse cache is expanded without importing pydantic.
Vocabulary words are canonical; ids refer to things which exist; lengths are exact. Fields that a
film left out hold their default, an empty text or None as said at each class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from fractions import Fraction

from fvbuild.film.place import NOWHERE, Place
from fvbuild.film.resolved_shot import Controls, Frame, Shot, Transition, Worn
from fvbuild.film.resolved_sound import SILENCE, Line, Moment, Sound, Soundtrack
from fvbuild.film.resolved_world import (
    Character,
    Location,
    Outfit,
    Prop,
    TargetSettings,
    Voice,
    Words,
)
from fvbuild.values import dataclass

__all__ = [
    "Act",
    "Budget",
    "Character",
    "Checks",
    "Controls",
    "Film",
    "Finish",
    "Frame",
    "Line",
    "Location",
    "Moment",
    "Outfit",
    "Output",
    "Place",
    "Prop",
    "Scene",
    "Shot",
    "Sound",
    "Soundtrack",
    "Style",
    "TargetSettings",
    "Transition",
    "Voice",
    "Words",
    "Worn",
]


_NO_HEADING = Words("")
_AS_EVER = Controls()


@dataclass(frozen=True, slots=True)
class Style:
    """The look of the whole film.

    preset: a canonical style word or the film's own. phrase: what the vocabulary says of that word,
    for prompts. look: the film's own words. avoid: what no picture should show.
    """

    preset: str = "cinematic"
    phrase: str = ""
    look: str = ""
    avoid: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most the film may spend in all."""

    max: float
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Scene:
    """One place and time. What shots inherit from it is already in its shots.

    heading: a label, the chapter's name (its id where the film gives none).
    axis: (left, right) characters of the 180-degree line.
    """

    id: str
    shots: tuple[Shot, ...]
    heading: Words = _NO_HEADING
    act: str | None = None
    location: str | None = None
    axis: tuple[str, str] | None = None
    ambience: Sound | None = None
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Act:
    """A named group of scenes."""

    id: str
    heading: Words
    scenes: tuple[str, ...]
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done to every clip after it was made.

    match: what its colours are matched to (``anchor``), None for no match.
    grade: path of a .cube table relative to the film; grade_at: where it is named.
    """

    match: str | None = None
    interpolate: bool = False
    upscale: bool = False
    grade: str | None = None
    stabilize: bool = False
    lipsync: bool = False
    loc: Place = NOWHERE
    grade_at: Place = NOWHERE

    @property
    def steps(self) -> tuple[str, ...]:
        """The kinds of finishing asked for, in the order they are carried out."""
        asked = (
            ("match", self.match is not None),
            ("stabilize", self.stabilize),
            ("lipsync", self.lipsync),
            ("upscale", self.upscale),
            ("interpolate", self.interpolate),
            ("grade", self.grade is not None),
        )
        return tuple(kind for kind, wanted in asked if wanted)


@dataclass(frozen=True, slots=True)
class Checks:
    """What is checked. motion: the least amount, 0 to 1, None for any.

    safety: ``off``, ``warn`` or ``block``. grammar: ``off``, ``warn`` or ``error``.
    """

    motion: float | None = None
    safety: str = "off"
    grammar: str = "warn"


@dataclass(frozen=True, slots=True)
class Output:
    """Something the film is delivered as.

    name: its id; ``master`` is the node ``cut``, any other ``cut/<name>``.
    size: (width, height), None: the film's. made_from: ``segment``, or ``anchor`` for an animatic.
    reframe: ``center`` or another way to crop to ``size``; None: none is needed.
    sheet: (columns, rows) of a contact sheet. formats: edit lists such as ``otio``, ``edl``.
    subtitles: languages. container: ``mp4``, ``mov``, ``mkv`` or ``webm``.
    """

    name: str
    made_from: str = "segment"
    subtitles: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    reframe: str | None = None
    slate: bool = False
    sheet: tuple[int, int] | None = None
    formats: tuple[str, ...] = ()
    container: str = "mp4"
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Film:
    """One variant of a film, ready to be expanded into a graph.

    use: every node kind -> target names for what belongs to no shot. targets: those the film
    declares, by name; a name in ``use`` that is missing here is a built-in or plug-in of that name.
    phrases: field (``size``, ``angle``, ``camera``) -> canonical word -> what prompts say of it.
    variant: ``""``, or the suffix of its node ids without the ``@``: ``fr``, ``tall-fr``.
    used_elsewhere: targets that some overlay of the manifest uses.
    lang: language of the texts that are spoken. profile: its name, or None.
    """

    title: Words
    scenes: tuple[Scene, ...]
    fps: Fraction = Fraction(24)
    size: tuple[int, int] = (1280, 720)
    style: Style = Style()
    lang: str = "en"
    budget: Budget | None = None
    approve: tuple[str, ...] = ()
    controls: Controls = _AS_EVER
    targets: Mapping[str, TargetSettings] = field(default_factory=dict)
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    characters: Mapping[str, Character] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)
    props: Mapping[str, Prop] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    sound: Soundtrack = SILENCE
    finish: Finish = Finish()
    checks: Checks = Checks()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    variant: str = ""
    profile: str | None = None
    used_elsewhere: tuple[str, ...] = ()
    loc: Place = NOWHERE

    def shots(self) -> Iterator[Shot]:
        """Every shot in the order of the film."""
        for scene in self.scenes:
            yield from scene.shots

    def phrase(self, name: str, word: str) -> str:
        """What prompts say of a vocabulary word; free text is its own phrase."""
        return self.phrases.get(name, {}).get(word, word)
