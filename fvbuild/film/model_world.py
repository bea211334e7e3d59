"""Characters, locations and props: who and what a film shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from fvbuild.film.model_base import (
    AsMap,
    AsText,
    Form,
    LookTakes,
    Part,
    References,
    Text,
    Use,
)


class Outfit(Part):
    """What a character wears, with pictures of it."""

    look: Text = Field(description="The clothes in words.", examples=["yellow oilskin, navy cap"])
    references: References | None = None
    takes: LookTakes | None = None


class Voice(Part):
    """How a character sounds. Fields beside ``target`` are the target's own settings."""

    model_config = ConfigDict(extra="allow")

    target: Text | None = Field(
        None,
        description="The target that speaks, or the word speech for the one that `use` names.",
        examples=["speech"],
    )
    id: Text | None = Field(
        None, description="A voice by the target's name for it.", examples=["low-alto"]
    )


class Character(Part):
    """Someone who may be seen or heard."""

    look: Text = Field(
        description="Face, body and hair in words; clothes belong in the wardrobe.",
        examples=["woman of 60, cropped grey hair, scar over the left brow"],
    )
    name: Text | None = Field(
        None, description="What people call them; a label.", examples=["Mara Lindqvist"]
    )
    references: References | None = None
    wardrobe: (
        dict[str, Annotated[Annotated[Text, AsText] | Annotated[Outfit, AsMap], Form]] | None
    ) = Field(
        None,
        description="Outfits by id. A scene says who wears which.",
        examples=[{"oilskin": "yellow oilskin and navy cap"}],
    )
    voice: Annotated[Annotated[Text, AsText] | Annotated[Voice, AsMap], Form] | None = Field(
        None,
        description="How they sound: a voice's id, or a mapping with target and settings.",
        examples=["low-alto", {"target": "speech", "id": "low-alto"}],
    )
    takes: LookTakes | None = None
    use: Use | None = None


class Location(Part):
    """A place, drawn once as a plate that all its shots share."""

    look: Text = Field(
        description="The place in words, empty of people.", examples=["rotting pier, iron lamps"]
    )
    references: References | None = None
    time: Text | None = Field(
        None, description="Time of day of its plate.", examples=["dusk", "night"]
    )
    lighting: Text | None = Field(
        None, description="Light of its plate.", examples=["low sun behind the sea"]
    )
    takes: LookTakes | None = None
    use: Use | None = None


class Prop(Part):
    """A thing that must look the same wherever it is seen."""

    look: Text = Field(description="The thing in words.", examples=["torn pink ticket"])
    references: References | None = None
    takes: LookTakes | None = None
    use: Use | None = None


CharacterItem = Annotated[Annotated[Text, AsText] | Annotated[Character, AsMap], Form]
LocationItem = Annotated[Annotated[Text, AsText] | Annotated[Location, AsMap], Form]
PropItem = Annotated[Annotated[Text, AsText] | Annotated[Prop, AsMap], Form]
