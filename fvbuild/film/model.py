"""The manifest as pydantic models: its structure, and what editors show of every field.

The models hold what was written. What it means (lengths, references, defaults) is worked out by
:mod:`fvbuild.film.resolve`, so that every fault of a film is found in one go.
"""

from fvbuild.film.kinds import KINDS
from fvbuild.film.model_base import Part, PromptControls
from fvbuild.film.model_film import (
    Budget,
    Checks,
    FilmHead,
    Finish,
    Manifest,
    Output,
    Style,
    Target,
    Vocabulary,
    Word,
)
from fvbuild.film.model_shot import Act, Axis, Scene, Shot
from fvbuild.film.model_sound import Effect, Line, Music, Narration, Sound, Soundtrack
from fvbuild.film.model_world import Character, Location, Outfit, Prop, Voice

__all__ = [
    "KINDS",
    "Act",
    "Axis",
    "Budget",
    "Character",
    "Checks",
    "Effect",
    "FilmHead",
    "Finish",
    "Line",
    "Location",
    "Manifest",
    "Music",
    "Narration",
    "Outfit",
    "Output",
    "Part",
    "PromptControls",
    "Prop",
    "Scene",
    "Shot",
    "Sound",
    "Soundtrack",
    "Style",
    "Target",
    "Vocabulary",
    "Voice",
    "Word",
]
