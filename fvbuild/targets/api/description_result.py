"""Where an answer holds what was asked for, and what it cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fvbuild.targets.api.description_base import Flag, Number, Part, Path, Text, Word, wrong


class Result(Part):
    """Where the result is in the last answer. Of several places, the first that holds it counts."""

    url: Path | None = Field(
        default=None,
        description="JMESPath of a URL (or data URI) to fetch at once.",
        examples=["output[0]"],
    )
    auth: Flag = Field(
        default=False,
        description="Send the key with it, if the URL is of the provider's own hosts.",
        examples=[True],
    )
    base64: Path | None = Field(
        default=None, description="JMESPath of base64.", examples=["data[0].b64_json"]
    )
    text: Path | None = Field(
        default=None,
        description="JMESPath of text.",
        examples=["content[?type=='text'].text | [0]"],
    )
    json_value: Path | None = Field(
        default=None,
        alias="json",
        description="JMESPath of a JSON value, for text that is asked for by a schema.",
        examples=["content[?type=='tool_use'].input | [0]"],
    )
    body: Flag = Field(
        default=False, description="The answer's body is the result.", examples=[True]
    )
    decode: Word | None = Field(
        default=None,
        description="How bytes become a file that is a standard, where they are none.",
        examples=["wav_from_pcm_24000"],
    )
    media_type: Text | None = Field(
        default=None,
        description="What it is, where the provider does not say.",
        examples=["audio/mpeg"],
    )

    @property
    def in_answer(self) -> bool:
        """True when the answer itself may hold a medium, and so be long."""
        return self.base64 is not None or self.body

    @model_validator(mode="after")
    def _somewhere(self) -> Result:
        found = [self.url, self.base64, self.text, self.json_value]
        if all(source is None for source in found) != self.body:
            raise wrong("a result is in the body itself, or at url, base64, text or json")
        if self.auth and self.url is None:
            raise wrong("`auth` belongs to a `url`")
        return self


class TokensUsed(Part):
    """Where an answer says how many tokens were used."""

    input: Path = Field(description="JMESPath.", examples=["usage.input_tokens"])
    output: Path = Field(description="JMESPath.", examples=["usage.output_tokens"])
    other: dict[Word, Path] = Field(
        default={},
        description="Tokens with a price of their own.",
        examples=[{"cached": "usage.cached"}],
    )


class Receipt(Part):
    """Where an answer says what it cost. Of several, the first that is found counts."""

    credits: Path | None = Field(
        default=None, description="JMESPath of the credits.", examples=["cost.credits"]
    )
    usd: Path | None = Field(
        default=None, description="JMESPath of dollars.", examples=["outputs.cost"]
    )
    tokens: TokensUsed | None = Field(
        default=None, description="Tokens; the rate card makes money of them."
    )
    header: Text | None = Field(
        default=None, description="A header that holds the amount.", examples=["character-cost"]
    )
    header_unit: Literal["credits", "usd", "characters"] = Field(
        default="credits", description="What the header counts.", examples=["characters"]
    )
    unit: Annotated[Number, Field(gt=0)] = Field(
        default=1.0, description="How much one of what is counted is.", examples=[1e-10]
    )
