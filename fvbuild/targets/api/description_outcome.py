"""What an answer means: ordered rules over status, headers and body, alike for every request."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fvbuild.targets.api.description_base import (
    AsList,
    AsMap,
    AsText,
    Flag,
    Form,
    Part,
    Path,
    Pattern,
    Seconds,
    Text,
)

MOST_RULES = 100
"""Of a provider, and of a call: each is held against every answer."""

Stage = Literal["submit", "poll", "fetch", "download", "upload", "cancel", "probe"]
Word = Literal[
    "done",
    "pending",
    "refused",
    "rejected",
    "quota",
    "rate_limited",
    "transient",
    "failed",
    "unauthorised",
]

StatusText = Annotated[
    Text, Field(pattern=r"^([1-5]\d\d|[1-5]xx|[1-5]\d\d-[1-5]\d\d)$", examples=["422", "4xx"])
]
Statuses = Annotated[
    Annotated[StatusText, AsText] | Annotated[list[StatusText], AsList],
    Form,
]


class When(Part):
    """What an answer must be for a rule to hold; all that is given must be so."""

    status: Statuses | None = Field(
        default=None,
        description="The HTTP status: a number, a class (4xx), a range (500-599), or a list.",
        examples=[422, "4xx", [429, 503]],
    )
    header: dict[str, Pattern] | None = Field(
        default=None,
        description="Headers of the answer that are there and match a regular expression.",
        examples=[{"finish-reason": "CONTENT_FILTERED"}],
    )
    match: Path | None = Field(
        default=None,
        description="JMESPath over the body that gives something true: not null, false or empty.",
        examples=["status == 'FAILED' && starts_with(failureCode || '', 'SAFETY')"],
    )
    missing: Path | None = Field(
        default=None,
        description="JMESPath over the body that gives nothing: null, false or empty.",
        examples=["data[0].b64_json"],
    )
    text: Pattern | None = Field(
        default=None,
        description="A regular expression that is found in the body's text, in any case.",
        examples=["flagged as sensitive|NSFW"],
    )
    at: Annotated[list[Stage], Field(min_length=1)] | None = Field(
        default=None,
        description="At which requests; without it at all of them.",
        examples=[["submit"], ["poll", "fetch"]],
    )


class Wait(Part):
    """Seconds to wait, found in the text of the answer, in a header, or written here."""

    text: Pattern | None = Field(
        default=None,
        description="A regular expression whose first group is the number of seconds.",
        examples=[r"resets in ~?(\d+)s"],
    )
    header: Text | None = Field(
        default=None,
        description="The header that holds the seconds.",
        examples=["x-ratelimit-reset"],
    )
    seconds: Seconds | None = Field(default=None, description="Always so long.", examples=[60])


class Rule(Part):
    """If ``when`` holds, the answer means ``then``. The first rule that holds decides."""

    when: When = Field(description="What the answer is.", examples=[{"status": 422}])
    then: Word = Field(
        description=(
            "done: the result is there. pending: ask again. refused: the content was refused. "
            "rejected: the request is wrong and will be wrong again. quota: the account is empty. "
            "rate_limited: too fast. transient: try again. failed: the job failed; another one "
            "may not. unauthorised: the key is missing or wrong."
        ),
        examples=["refused"],
    )
    message: Path | None = Field(
        default=None,
        description="JMESPath of the words for the user; else the usual places are looked at.",
        examples=["error.message"],
    )
    flagged: Path | None = Field(
        default=None,
        description=(
            "Of a refusal: `input` if what was sent was flagged, `output` if what was made; or "
            "JMESPath of text that says so (it holds `input` or `output` in any case). A flagged "
            "input picture is never sent again."
        ),
        examples=["input", "error.moderation_details.moderation_stage"],
    )
    retry_after_s: Annotated[Annotated[Path, AsText] | Annotated[Wait, AsMap], Form] | None = Field(
        default=None,
        description=(
            "When to try again, where no Retry-After says so: JMESPath of the seconds, or where "
            "else they are found."
        ),
        examples=["error.retry_in", {"text": r"resets in ~?(\d+)s"}, {"seconds": 60}],
    )
    billed: Flag = Field(
        default=False,
        description="True where the provider charges for what ends so (Runway's refusals).",
        examples=[True],
    )
