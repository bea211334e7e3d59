"""The film itself: its head, targets, finish, checks and outputs, and the whole manifest."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Strict

from fvbuild.film.kinds import Kind
from fvbuild.film.model_base import (
    AsList,
    AsMap,
    AsText,
    Flag,
    Form,
    InLanguages,
    Part,
    PromptControls,
    Several,
    Text,
    Use,
)
from fvbuild.film.model_shot import Act, Scene, Shots
from fvbuild.film.model_sound import Soundtrack
from fvbuild.film.model_world import CharacterItem, LocationItem, PropItem


class Style(Part):
    """The look of everything that is drawn."""

    preset: Text | None = Field(
        None, description="A style of the vocabulary.", examples=["cinematic", "watercolor"]
    )
    look: Text | None = Field(
        None, description="The look in your words.", examples=["70s 35mm, teal dusk"]
    )
    avoid: Text | None = Field(
        None, description="What no picture should show.", examples=["text, logos"]
    )


class Budget(Part):
    """What may be spent."""

    max: Text = Field(
        description="The most the film may cost in all, by every build.", examples=["12 USD"]
    )


class FilmHead(PromptControls):
    """The film as a whole. A bare string in its place is the title."""

    title: InLanguages = Field(description="Its title.", examples=["The Last Ferry"])
    lang: Text | None = Field(
        None, description="Language that is spoken (default en).", examples=["en", "fr"]
    )
    fps: Text | None = Field(
        None, description="Delivery rate (default 24).", examples=[24, "24000/1001", 23.976]
    )
    size: Text | None = Field(
        None,
        description="Delivery size (default 1280x720), or a ratio; decides every canvas.",
        examples=["1920x1080", "16:9", "9:16"],
    )
    style: Annotated[Annotated[Text, AsText] | Annotated[Style, AsMap], Form] | None = Field(
        None,
        description="The look of everything: a style word, or a mapping.",
        examples=["cinematic", {"preset": "cinematic", "look": "70s 35mm, teal dusk"}],
    )
    budget: Annotated[Annotated[Text, AsText] | Annotated[Budget, AsMap], Form] | None = Field(
        None, description="Refused before it is spent.", examples=[{"max": "12 USD"}]
    )
    approve: list[Kind] | None = Field(
        None,
        description="What needs these waits until they are approved.",
        examples=[["anchor"]],
    )


class Target(Part):
    """A model that makes things. Fields beside ``provider`` are its settings and enter keys."""

    model_config = ConfigDict(extra="allow")

    provider: Text = Field(
        description="The target's kind: a built-in, or one that a plug-in brings.",
        examples=["sketch", "diffusers", "google"],
    )
    model: Text | None = Field(
        None, description="Which model.", examples=["black-forest-labs/FLUX.1-dev"]
    )
    revision: Text | None = Field(
        None, description="Which revision of it.", examples=["3de623fc3c"]
    )


class Finish(Part):
    """What is done to every clip after it was made."""

    match: Literal["anchor"] | None = Field(
        None, description="Match the clip's colours to its first frame.", examples=["anchor"]
    )
    interpolate: Flag | None = Field(
        None, description="Reach the film's fps with new frames between.", examples=[True]
    )
    upscale: Flag | None = Field(
        None, description="Reach the film's size with a model that adds detail.", examples=[True]
    )
    grade: Text | None = Field(
        None, description="A colour table, relative to the film.", examples=["luts/dusk.cube"]
    )
    stabilize: Flag | None = Field(None, description="Take out camera shake.", examples=[False])
    lipsync: Flag | None = Field(None, description="Fit lips to the speech.", examples=[True])


class Checks(Part):
    """What is checked, and how strictly."""

    motion: Annotated[float, Strict(), Field(ge=0, le=1)] | None = Field(
        None, description="The least motion a clip must show, 0 to 1.", examples=[0.4]
    )
    safety: Literal["off", "warn", "block"] | None = Field(
        None, description="What to do about unsafe pictures.", examples=["block"]
    )
    grammar: Literal["off", "warn", "error"] | None = Field(
        None, description="What to do about breaks of film grammar.", examples=["warn"]
    )


class Output(Part):
    """Something the film is delivered as."""

    made_from: Literal["segment", "anchor"] | None = Field(
        None,
        alias="from",
        description="anchor makes an animatic of the stills; segment (default) the film.",
        examples=["anchor"],
    )
    subtitles: Several | None = Field(
        None, description="Languages of soft subtitles.", examples=[["en", "fr"]]
    )
    size: Text | None = Field(
        None, description="Another size than the film's.", examples=["1080x1920"]
    )
    reframe: Text | None = Field(
        None, description="How another ratio is cropped.", examples=["center"]
    )
    slate: Flag | None = Field(
        None, description="Burn scene, shot and take into the picture.", examples=[True]
    )
    sheet: Text | None = Field(
        None, description="A contact sheet of so many columns and rows.", examples=["3x2"]
    )
    container: Literal["mp4", "mov", "mkv", "webm"] | None = Field(
        None, description="File format (default mp4).", examples=["mp4"]
    )
    formats: Several | None = Field(
        None, description="Edit lists to write.", examples=[["otio", "edl"]]
    )


OutputItem = Annotated[
    Annotated[Output, AsMap] | Annotated[list[Text], AsList] | Annotated[Text | None, AsText], Form
]


class Word(Part):
    """A word that this film adds to the vocabulary."""

    phrase: Text = Field(
        description="What prompts say of it.", examples=["the camera falls like a leaf"]
    )
    aliases: Several | None = Field(
        None, description="Other spellings of it.", examples=[["leaf", "leaf fall"]]
    )


Words = dict[str, Annotated[Annotated[Text, AsText] | Annotated[Word, AsMap], Form]]


class Vocabulary(Part):
    """The film's own words, beside those that fvbuild knows."""

    size: Words | None = Field(
        None, description="Shot sizes.", examples=[{"cowboy": "from hat to mid-thigh"}]
    )
    angle: Words | None = Field(None, description="Camera angles.")
    camera: Words | None = Field(
        None,
        description="Camera moves.",
        examples=[{"falling leaf": "the camera sinks, swaying"}],
    )
    style: Words | None = Field(
        None, description="Styles.", examples=[{"etching": "fine copper etching, cross-hatched"}]
    )


Overlay = Annotated[
    dict[str, Any],
    Field(
        description=(
            "Laid over the film: mappings merge, lists and values replace; scenes and shots merge "
            "by id."
        ),
        examples=[{"film": {"size": "640x360"}, "use": {"anchor": "sketch"}}],
    ),
]


Axis = Annotated[
    Annotated[Text, AsText]
    | Annotated[list[Text], AsList]
    | Annotated[dict[str, Overlay | Text | None], AsMap],
    Form,
]


class Manifest(Part):
    """A film: the whole of film.yaml."""

    film: Annotated[Annotated[Text, AsText] | Annotated[FilmHead, AsMap], Form] = Field(
        description="The title, or the film as a whole.",
        examples=["The Lighthouse", {"title": "The Last Ferry", "fps": 24}],
    )
    include: Several | None = Field(
        None,
        description=(
            "Other files of this film, relative to this one. Their sections merge by id; their "
            "scenes and shots come behind those written here."
        ),
        examples=[["cast.yaml", "scenes/pier.yaml"]],
    )
    profiles: dict[str, Overlay] | None = Field(
        None,
        description="Named overlays, chosen with --profile.",
        examples=[{"draft": {"film": {"size": "640x360"}}}],
    )
    matrix: dict[str, Axis] | None = Field(
        None,
        description="Axes of variants: every combination becomes a film of its own.",
        examples=[{"lang": ["en", "fr"]}],
    )
    vocabulary: Vocabulary | None = Field(None, description="The film's own words.")
    targets: dict[str, Target] | None = Field(
        None,
        description="What makes things, by name.",
        examples=[{"flux": {"provider": "diffusers", "model": "black-forest-labs/FLUX.1-dev"}}],
    )
    use: Use | None = None
    characters: dict[str, CharacterItem] | None = Field(
        None,
        description="Who is seen or heard, by id.",
        examples=[{"teo": {"look": "boy of 9, black curls"}}],
    )
    locations: dict[str, LocationItem] | None = Field(
        None, description="Places, by id.", examples=[{"pier": "rotting pier, iron lamps"}]
    )
    props: dict[str, PropItem] | None = Field(
        None, description="Things, by id.", examples=[{"ticket": "torn pink ticket"}]
    )
    acts: list[Act] | None = Field(None, description="Acts, in order; instead of scenes.")
    scenes: list[Scene] | None = Field(None, description="Scenes, in order.")
    shots: Shots | None = None
    sound: Soundtrack | None = Field(None, description="Narration, music, effects and loudness.")
    finish: Finish | None = Field(None, description="What is done to every clip.")
    checks: Checks | None = Field(None, description="What is checked.")
    outputs: dict[str, OutputItem] | None = Field(
        None,
        description="What is delivered; master, the film itself, unless told otherwise.",
        examples=[{"master": {"subtitles": ["en"]}, "edit": ["otio", "edl"]}],
    )
