"""What all parts of the manifest's model share: strictness, texts, short forms, node kinds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Strict, Tag

from fvbuild.film.kinds import Kind


class Part(BaseModel):
    """A mapping of the manifest. Unknown fields are errors; numbers may stand where text does."""

    model_config = ConfigDict(
        extra="forbid",
        coerce_numbers_to_str=True,
        defer_build=True,
        protected_namespaces=(),
    )


def form_of(value: Any) -> str:
    """Which of its forms a value is written in: ``<text>``, ``<mapping>`` or ``<list>``."""
    if isinstance(value, dict | BaseModel):
        return "<mapping>"
    return "<list>" if isinstance(value, list) else "<text>"


AsText = Tag("<text>")
AsMap = Tag("<mapping>")
AsList = Tag("<list>")
Form = Discriminator(form_of)
"""Chooses among the forms of a field, so that a fault is told of the form that was meant."""

Text = Annotated[str, Field(json_schema_extra={"type": ["string", "number"]})]
"""Text; a plain number, such as a year, is the text it was written as."""

Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
TakeCount = Annotated[int, Strict(), Field(ge=1, le=100)]

Several = Annotated[Annotated[Text, AsText] | Annotated[list[Text], AsList], Form]
"""One text, or a list of them."""

InLanguages = Annotated[Annotated[Text, AsText] | Annotated[dict[str, Text], AsMap], Form]
"""A text, or one for every language: ``{en: You came back., fr: Te voilà.}``."""

TargetNames = Several
Use = Annotated[
    dict[Kind, TargetNames],
    Field(
        description=(
            "Which target makes which kind of node; a list is a fallback order. boundary, "
            "reference, plate and prop follow anchor unless they are set."
        ),
        examples=[{"anchor": "flux", "segment": ["veo", "wan"]}],
    ),
]
Takes = Annotated[
    Annotated[TakeCount, AsText] | Annotated[dict[Kind, TakeCount], AsMap],
    Form,
    Field(
        description="How many takes to draw: of every picture and clip of it, or of one kind.",
        examples=[3, {"anchor": 3}],
    ),
]
LookTakes = Annotated[
    TakeCount, Field(description="How many takes of its picture to draw.", examples=[3])
]
References = Annotated[
    Several,
    Field(
        description="Pictures that show it, relative to the film. They condition what is drawn.",
        examples=[["art/mara-face.png"]],
    ),
]


class PromptControls(Part):
    """How prompts are made of the texts: a shot's, else its scene's, else the film's."""

    strategy: Literal["combined", "original", "motion-only"] | None = Field(
        None,
        description=(
            "What the clip's prompt says: combined (first frame and motion), original (the action "
            "as written) or motion-only."
        ),
        examples=["combined"],
    )
    enhance: Flag | None = Field(
        None, description="Let the text target enrich the prompts.", examples=[True]
    )
    negative: Text | None = Field(
        None, description="What clips must not show.", examples=["blur, warped hands"]
    )
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] | None = Field(
        None, description="Seed of take 1; take n uses seed + n - 1.", examples=[1, 4711]
    )
    guidance: Annotated[float, Strict(), Field(ge=0, le=100)] | None = Field(
        None, description="How closely clips follow their prompt.", examples=[5.0]
    )
    motion_strength: Annotated[float, Strict(), Field(ge=0, le=10)] | None = Field(
        None, description="How much moves in a clip, for targets which know it.", examples=[0.7]
    )
