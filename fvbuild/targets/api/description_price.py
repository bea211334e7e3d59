"""What things cost: dated rate cards, in money or in a provider's credits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from fvbuild.targets.api.description_base import (
    AsMap,
    AsText,
    Day,
    Form,
    Number,
    Part,
    Text,
    Word,
)

Sum = Annotated[Number, Field(ge=0)]


class By(Part):
    """An amount that depends on a setting: its values, each with its amount."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Amount]

    by: Word = Field(
        description=(
            "A setting of the model; or `kind` (of node), or `size` (as `sizes` writes it)."
        ),
        examples=["resolution"],
    )

    @property
    def amounts(self) -> dict[str, Any]:
        """Value of the setting, as text -> its amount; ``else`` is for all others."""
        return self.__pydantic_extra__


Amount = Annotated[
    Annotated[Sum | Literal["unknown"], AsText] | Annotated[By, AsMap],
    Form,
]
"""A number, `unknown`, or one for every value of a setting."""


class Tokens(Part):
    """Amounts by what kind of token they are for: input, output, and others by a receipt's word."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Amount]

    input: Amount = Field(default=0.0, description="What goes in.", examples=[2.0])
    output: Amount = Field(default=0.0, description="What comes out.", examples=[10.0])

    @property
    def amounts(self) -> dict[str, Any]:
        """Kind of token -> its amount."""
        return {"input": self.input, "output": self.output, **self.__pydantic_extra__}


class PriceCard(Part):
    """What is charged from a day on. Of several amounts, all that are given add up."""

    as_of: Day = Field(description="The first day it is true.", examples=["2026-11-20"])
    currency: Text = Field(
        default="USD",
        description="An ISO code, or `credits`, whose worth is the provider's `credit`.",
        examples=["USD", "credits"],
    )
    per_take: Amount | None = Field(default=None, description="For each request.", examples=[0.04])
    per_image: Amount | None = Field(
        default=None, description="For each picture made.", examples=[0.08]
    )
    per_megapixel: Amount | None = Field(
        default=None, description="For each million pixels of a picture.", examples=[0.025]
    )
    per_second: Amount | None = Field(
        default=None,
        description="For each second of what is made.",
        examples=[0.05, {"by": "resolution", "720p": 0.1, "1080p": 0.12}],
    )
    per_1k_chars: Amount | None = Field(
        default=None, description="For each thousand characters of the text.", examples=[0.08]
    )
    per_million_tokens: Tokens | None = Field(
        default=None,
        description="For each million tokens.",
        examples=[{"input": 2.0, "output": 10.0}],
    )
    tokens: Tokens | None = Field(
        default=None,
        description=(
            "About how many tokens a take has, beside those of its text; with per_million_tokens."
        ),
        examples=[{"input": 1500, "output": 400}],
    )
    source: Text | None = Field(
        default=None,
        description="Where the amounts were read.",
        examples=["https://example.com/pricing"],
    )


By.model_rebuild()
