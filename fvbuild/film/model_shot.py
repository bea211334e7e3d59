"""Shots, and the scenes and acts that group them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fvbuild.film.model_base import (
    AsList,
    AsMap,
    AsText,
    Form,
    InLanguages,
    Part,
    PromptControls,
    Several,
    Takes,
    Text,
    Use,
)
from fvbuild.film.model_sound import Line, LineItem, SoundItem

Id = Annotated[
    Text,
    Field(
        description=(
            "Its name: small letters, digits, - and _. The files under out/ and all references "
            "are called so; never the place in the film."
        ),
        examples=["arrival"],
    ),
]
Wardrobe = Annotated[
    dict[str, Text],
    Field(description="Who wears which outfit.", examples=[{"mara": "oilskin", "teo": "red"}]),
]
Time = Annotated[Text, Field(description="Time of day.", examples=["dusk", "night", "noon"])]
Lighting = Annotated[
    Text, Field(description="Where light comes from.", examples=["low sun behind the sea"])
]
LocationId = Annotated[Text, Field(description="Id of a location.", examples=["pier"])]


class EditedFrame(Part):
    """A frame that is made by changing a picture, the whole of it or where a mask is white, or by
    following one."""

    edit: Text | None = Field(
        None,
        description="The picture to change (.png, .jpg, .jpeg, .webp).",
        examples=["art/plate.png"],
    )
    control: Text | None = Field(
        None,
        description=(
            "A picture of lines, depths or a pose that the frame follows, as the target's net "
            "wants it; instead of `edit`."
        ),
        examples=["art/pose.png"],
    )
    mask: Text | None = Field(
        None,
        description=(
            "A picture of the same shape, white where it may change and black where it stays. "
            "Without one all of it may change."
        ),
        examples=["art/plate-mask.png"],
    )
    text: Text | None = Field(
        None,
        description="What the frame then shows, in words; of a first frame else the action.",
        examples=["empty pier, the lamps are lit"],
    )


FrameItem = Annotated[
    Annotated[Text, AsText] | Annotated[EditedFrame, AsMap],
    Form,
]


class Shot(PromptControls):
    """One continuous view. A bare string in its place is a shot whose action it is."""

    id: Id | None = None
    mode: Literal["anchor", "keyframe", "chain", "direct"] | None = Field(
        None,
        description=(
            "anchor: a still, then moved. keyframe: between a first and a last frame. chain: from "
            "the last frame of the shot before. direct: the clip from its words alone."
        ),
        examples=["anchor", "keyframe"],
    )
    size: Text | None = Field(
        None, description="Shot size, a word of the vocabulary.", examples=["wide", "close-up"]
    )
    angle: Text | None = Field(None, description="Camera angle.", examples=["eye", "high", "low"])
    lens: Text | None = Field(None, description="Lens.", examples=["24mm", "85mm, shallow"])
    camera: Text | None = Field(
        None,
        description="Camera move, a word of the vocabulary or your own.",
        examples=["static", "dolly in", "pan left"],
    )
    duration: Text | None = Field(
        None,
        description="5s, 120f (frames at the film's fps), or dialogue: as long as its speech.",
        examples=["5s", "120f", "dialogue"],
    )
    time: Time | None = None
    lighting: Lighting | None = None
    location: LocationId | None = None
    wardrobe: Wardrobe | None = None
    characters: Several | None = Field(
        None, description="Ids of the characters who are visible.", examples=[["teo", "mara"]]
    )
    props: Several | None = Field(
        None, description="Ids of the props which are visible.", examples=[["ticket"]]
    )
    first_frame: FrameItem | None = Field(
        None,
        description=(
            "The first frame: in words, a picture (.png, .jpg, .jpeg, .webp), or a picture that is "
            "changed first."
        ),
        examples=[
            "empty pier, a tiny red figure far off",
            "art/first.png",
            {"edit": "art/plate.png", "mask": "art/mask.png", "text": "the lamps are lit"},
        ],
    )
    action: Text | None = Field(
        None, description="What happens.", examples=["the figure walks to the end of the pier"]
    )
    last_frame: FrameItem | None = Field(
        None,
        description="The last frame, in words, a picture or a changed one; for keyframe shots.",
        examples=["Teo holds the ticket up, smiling"],
    )
    start: Text | None = Field(
        None,
        description="Begin on the last frame of another shot, which both then share.",
        examples=["ticket.last_frame"],
    )
    caption: Text | None = Field(
        None, description="The still's prompt, given by hand.", examples=["a pier at dusk, wide"]
    )
    motion: Text | None = Field(
        None, description="The clip's prompt, given by hand.", examples=["slow dolly in, she turns"]
    )
    dialogue: (
        Annotated[
            Annotated[Text, AsText] | Annotated[Line, AsMap] | Annotated[list[LineItem], AsList],
            Form,
        ]
        | None
    ) = Field(
        None,
        description="What is said in the shot, line by line.",
        examples=[[{"speaker": "mara", "line": "You came back.", "delivery": "dry"}]],
    )
    transition: Text | None = Field(
        None,
        description="The way into the next shot: cut, dissolve, fade, dip or wipe, and a length.",
        examples=["cut", "dissolve 12f", "dip to white 1s", "wipe left 12f"],
    )
    takes: Takes | None = None
    use: Use | None = None


class Axis(Part):
    """The 180-degree line: who stands on which side of the picture."""

    left: Text = Field(description="Character on the left.", examples=["teo"])
    right: Text = Field(description="Character on the right.", examples=["mara"])


ShotItem = Annotated[Annotated[Text, AsText] | Annotated[Shot, AsMap], Form]
Shots = Annotated[
    list[ShotItem],
    Field(
        description="The shots, in order. A bare string is a shot's action.",
        examples=[["a keeper climbs a spiral stair with a lantern"]],
    ),
]


class Scene(PromptControls):
    """One place and time. What it says holds for each of its shots that does not say otherwise."""

    id: Id
    heading: InLanguages | None = Field(
        None, description="A label: the chapter's name.", examples=["EXT. PIER - DUSK"]
    )
    time: Time | None = None
    location: LocationId | None = None
    wardrobe: Wardrobe | None = None
    lighting: Lighting | None = None
    axis: Axis | None = None
    ambience: SoundItem | None = Field(
        None,
        description="What the place sounds like, under all its shots.",
        examples=[{"make": "gulls and slow waves", "gain": "-22dB"}],
    )
    takes: Takes | None = None
    use: Use | None = None
    shots: Shots


SceneItem = Annotated[Annotated[Text, AsText] | Annotated[Scene, AsMap], Form]


class Act(Part):
    """A group of scenes."""

    id: Id
    heading: InLanguages | None = Field(None, description="Its title.", examples=["The crossing"])
    scenes: list[SceneItem] = Field(
        description="Its scenes, in order: written here, or ids of scenes under `scenes`.",
        examples=[["pier", "harbour"]],
    )
