"""A model as data: what it makes and how, what it can do, its limits, settings and prices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fvbuild.film.kinds import Kind
from fvbuild.targets.api.description_base import (
    AsList,
    AsMap,
    AsText,
    Count,
    Day,
    Flag,
    Form,
    Names,
    Number,
    Part,
    Text,
    Whole,
    Word,
    wrong,
)
from fvbuild.targets.api.description_call import Way
from fvbuild.targets.api.description_price import PriceCard

MaskForm = Literal["white", "black", "transparent"]
Made = Kind | Literal["text", "still", "sound"]
Ways = Annotated[
    Annotated[Word, AsText] | Annotated[list[Way], AsList, Field(min_length=1)],
    Form,
]
SizeText = Annotated[
    Text,
    Field(pattern=r"^\d+(x\d+|(\.\d+)?:\d+(\.\d+)?)$", examples=["1280x720", "16:9"]),
]


class Capabilities(Part):
    """What the model can take and do. All false: text in, something out."""

    first_frame: Literal["required"] | Flag = Field(
        default=False,
        description="Clips start from a picture; `required`: they cannot start without.",
        examples=[True, "required"],
    )
    last_frame: Flag = Field(default=False, description="Clips end on a picture.", examples=[True])
    text_to_video: Flag = Field(
        default=False, description="Clips from text alone.", examples=[True]
    )
    references: Annotated[Whole, Field(ge=0)] = Field(
        default=0,
        description="How many pictures of who and what is visible it takes.",
        examples=[3],
    )
    references_required: Flag = Field(
        default=False, description="It makes nothing without at least one.", examples=[True]
    )
    edits: Literal["required", "reference"] | Flag = Field(
        default=False,
        description=(
            "Stills are made by changing a picture, `edit`; `reference`: it is the first of "
            "`references`; `required`: it makes none without."
        ),
        examples=[True, "reference"],
    )
    masks: Literal["required"] | Flag = Field(
        default=False,
        description="It changes only where a `mask` says; `required`: it changes none without.",
        examples=[True, "required"],
    )
    frames_or_references: Flag = Field(
        default=False,
        description="A first or last frame leaves no room for reference pictures.",
        examples=[True],
    )
    negative: Flag = Field(default=False, description="A negative prompt.", examples=[True])
    guidance: Flag = Field(
        default=False, description="How closely to follow the prompt.", examples=[True]
    )
    seed: Flag = Field(default=False, description="A seed.", examples=[True])
    audio: Flag = Field(
        default=False,
        description="Its clips have sound of their own (which is not used).",
        examples=[True],
    )
    hears_dialogue: Flag = Field(
        default=False,
        description="Lines that are spoken enter the prompt of clips.",
        examples=[True],
    )


class Lengths(Part):
    """Lengths from ``min`` to ``max`` in steps, in seconds."""

    min: Annotated[Number, Field(gt=0)] = Field(description="The shortest.", examples=[2])
    max: Annotated[Number, Field(gt=0)] = Field(description="The longest.", examples=[10])
    step: Annotated[Number, Field(gt=0)] = Field(
        default=1.0, description="The step between two lengths.", examples=[1, 0.5]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Lengths:
        if self.max < self.min:
            raise wrong("`max` is smaller than `min`")
        return self


LengthList = Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=1)]


class FreeSizes(Part):
    """Any size within limits, in pixels."""

    multiple: Count = Field(default=1, description="Both sides are multiples of it.", examples=[16])
    pixels: Count = Field(
        default=1280 * 720, description="About how many in all.", examples=[1048576]
    )
    max_side: Count | None = Field(
        default=None, description="The longest side at most.", examples=[3840]
    )
    max_ratio: Annotated[Number, Field(ge=1)] | None = Field(
        default=None,
        description="How often the short side fits into the long one at most.",
        examples=[3],
    )


Sizes = Annotated[
    Annotated[list[SizeText], AsList, Field(min_length=1)] | Annotated[FreeSizes, AsMap], Form
]


class PromptLimit(Part):
    """How long a prompt may be. Nothing is cut in silence: the plan warns."""

    max_chars: Count | None = Field(default=None, description="In characters.", examples=[1000])
    max_tokens: Count | None = Field(default=None, description="In tokens.", examples=[1024])


class PictureLimit(Part):
    """What pictures must be that are sent. Others are converted, and shrunk."""

    source: Literal["file", "url"] = Field(
        default="file",
        alias="from",
        description="url: it takes public URLs alone, so that no file can be given to it.",
        examples=["url"],
    )
    max_bytes: Count | None = Field(default=None, description="Of one file.", examples=[5_000_000])
    formats: Annotated[list[Literal["png", "jpeg", "webp"]], Field(min_length=1)] = Field(
        default=["png", "jpeg"],
        description="The first one is used where none fits.",
        examples=[["png"]],
    )
    max_side: Count | None = Field(
        default=None, description="Pixels of the longest side.", examples=[8000]
    )
    min_side: Count | None = Field(
        default=None, description="Pixels of the shortest side.", examples=[300]
    )
    mask: MaskForm = Field(
        default="white",
        description="How a mask shows what may change; it is sent so, as large as its picture.",
        examples=["transparent"],
    )


class Setting(Part):
    """What a film's target may set for the model."""

    values: Annotated[list[Text | Flag | Whole | Number], Field(min_length=1)] | None = Field(
        default=None, description="All that it may be.", examples=[["720p", "1080p"]]
    )
    type: Literal["text", "whole", "number", "flag", "json", "file"] | None = Field(
        default=None,
        description=(
            "What it is, where `values` does not say: `json` is any value, `file` a path relative "
            "to the film, whose bytes enter keys."
        ),
        examples=["number"],
    )
    min: Number | None = Field(default=None, description="The smallest number.", examples=[0])
    max: Number | None = Field(default=None, description="The largest number.", examples=[10])
    default: Any = Field(
        default=None, description="What it is if the film says nothing.", examples=["720p"]
    )
    required: Flag = Field(default=False, description="A film must set it.", examples=[True])
    key: Flag = Field(
        default=True,
        description="False where it changes nothing of what is made: then it is in no key.",
        examples=[False],
    )
    about: Text | None = Field(
        default=None, description="What it is for.", examples=["How sharp it is."]
    )

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Setting:
        if self.values is not None and self.default is not None:
            same = [
                each
                for each in self.values
                if (each == self.default and type(each) is type(self.default))
            ]
            if not same:
                raise wrong(f"the default {self.default!r} is none of its values")
        return self


class Retired(Part):
    """A model that its provider has switched off, or will."""

    on: Day | None = Field(
        default=None, description="Its last day; unknown without.", examples=["2026-10-23"]
    )
    successor: Text | None = Field(
        default=None, description="The model to use instead.", examples=["gpt-image-2"]
    )
    note: Text | None = Field(
        default=None,
        description="What to use instead, where it is no model of this provider.",
        examples=["use a video model of another provider"],
    )


class Model(Part):
    """One model."""

    defaults: Names | None = Field(
        default=None,
        description="Of `defaults`, whose fields it takes over where it has none of its own.",
        examples=["clip", ["clip", "veo"]],
    )
    title: Text | None = Field(
        default=None, description="Its name for people.", examples=["Gen-4 Turbo"]
    )
    wire: Text | None = Field(
        default=None, description="What requests call it, if not its id.", examples=["gen4_turbo"]
    )
    makes: Annotated[dict[Made, Ways], Field(min_length=1)] = Field(
        description=(
            "Kind of node -> the call that makes it, or ways by condition, of which the first open "
            "one is taken. text, still and sound stand for several kinds."
        ),
        examples=[{"still": "text_to_image"}, {"segment": [{"if": "start", "call": "animate"}]}],
    )
    capabilities: Capabilities = Field(
        default=Capabilities(),
        description="What it can take and do.",
        examples=[{"seed": True}],
    )
    seconds: Annotated[Annotated[Lengths, AsMap] | Annotated[LengthList, AsList], Form] | None = (
        Field(
            None,
            description="How long clips and sounds can be: from, to and step, or a list.",
            examples=[{"min": 2, "max": 10}, [5, 10]],
        )
    )
    fps: Annotated[Number, Field(gt=0, le=240)] = Field(
        default=24.0, description="The rate of its clips.", examples=[24, 30]
    )
    sizes: Sizes | None = Field(
        default=None,
        description=(
            "Sizes in pixels or ratios; the nearest to the film's ratio is `size`. A mapping: any "
            "size within limits."
        ),
        examples=[["1280x720", "720x1280"], ["16:9", "9:16"], {"multiple": 16}],
    )
    pixels: Count = Field(
        default=1280 * 720,
        description="About how many pixels its pictures have, where `sizes` are ratios.",
        examples=[1048576],
    )
    prompt: PromptLimit = Field(default=PromptLimit(), description="How long a prompt may be.")
    pictures: PictureLimit = Field(default=PictureLimit(), description="What pictures it takes.")
    settings: dict[Word, Setting] = Field(
        default={},
        description="What a film's target may set.",
        examples=[{"resolution": {"values": ["720p", "1080p"], "default": "720p"}}],
    )
    dialect: Word | None = Field(
        default=None, description="Motions are written by motion.<dialect>.j2.", examples=["runway"]
    )
    prices: list[PriceCard] = Field(
        default=[],
        description="Dated rate cards; the newest that is not of the future counts. None: unknown.",
        examples=[[{"as_of": "2026-11-20", "per_second": 0.05}]],
    )
    retired: Retired | None = Field(default=None, description="Switched off, or to be.")
    extra: dict[str, Any] = Field(
        default={},
        description="Anything for the templates, as `model.extra`.",
        examples=[{"api": "v2"}],
    )
