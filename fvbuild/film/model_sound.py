"""What a film sounds like: what is said, ambience, effects, music and the mix."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fvbuild.film.model_base import AsList, AsMap, AsText, Form, InLanguages, LookTakes, Part, Text
from fvbuild.film.model_world import Voice

Gain = Annotated[Text, Field(description="Louder or softer by decibels.", examples=["-22dB", -6])]


class Line(Part):
    """A line of dialogue."""

    speaker: Text | None = Field(
        None, description="Id of the character who speaks.", examples=["mara"]
    )
    line: InLanguages = Field(
        description="What is said; in several languages as a mapping.",
        examples=["You came back.", {"en": "You came back.", "fr": "Te voilà."}],
    )
    delivery: Text | None = Field(
        None, description="How it is said.", examples=["dry", "whispered, close to tears"]
    )
    voice: Annotated[Annotated[Text, AsText] | Annotated[Voice, AsMap], Form] | None = Field(
        None, description="Another voice than the speaker's.", examples=["low-alto"]
    )
    gain: Gain | None = None


class Narration(Line):
    """A line over the picture, at a time of its own."""

    at: Text | None = Field(
        None,
        description="When it begins: a shot's id, with an offset; or a time of the film.",
        examples=["arrival+1s", "pier/arrival.end-2s", "12s"],
    )


class Sound(Part):
    """A sound: made from words by a target, or a file."""

    make: Text | None = Field(
        None, description="What to make, in words.", examples=["gulls and slow waves"]
    )
    file: Text | None = Field(
        None, description="A sound file, relative to the film.", examples=["sound/gulls.wav"]
    )
    gain: Gain | None = None
    takes: LookTakes | None = None


class Music(Sound):
    """Music under a run of shots, or under the whole film."""

    over: Text | None = Field(
        None,
        description="The first and last shot it lies under; the whole film if left out.",
        examples=["arrival..turn", "pier/arrival..harbour/end"],
    )
    duck: Text | None = Field(
        None, description="How far it sinks while someone speaks.", examples=["-9dB"]
    )


class Effect(Sound):
    """A sound at one moment."""

    at: Text = Field(description="When it sounds.", examples=["arrival+1s", "ticket.end"])
    length: Text | None = Field(None, description="How long it is.", examples=["2s", "12f"])


SoundItem = Annotated[Annotated[Text, AsText] | Annotated[Sound, AsMap], Form]
MusicItem = Annotated[Annotated[Text, AsText] | Annotated[Music, AsMap], Form]
LineItem = Annotated[Annotated[Text, AsText] | Annotated[Line, AsMap], Form]


class Soundtrack(Part):
    """The film's sound, beside dialogue and ambience."""

    narration: list[Narration] | None = Field(
        None,
        description="Lines over the picture.",
        examples=[[{"at": "arrival+1s", "speaker": "teo", "line": "I was nine."}]],
    )
    music: (
        Annotated[
            Annotated[Text, AsText] | Annotated[Music, AsMap] | Annotated[list[MusicItem], AsList],
            Form,
        ]
        | None
    ) = Field(
        None,
        description="Music: one piece, or a list of them.",
        examples=[{"make": "slow solo cello", "over": "arrival..turn", "duck": "-9dB"}],
    )
    effects: list[Effect] | None = Field(
        None,
        description="Sounds at moments.",
        examples=[[{"at": "ticket+1s", "make": "a foghorn, far off", "gain": "-6dB"}]],
    )
    loudness: Text | None = Field(
        None, description="Loudness of the finished mix.", examples=["-16 LUFS", "-23 LUFS"]
    )
