"""A provider as data: one YAML file says how it is called, what its models can do and cost.

The model of such a file. It is read by :mod:`fvbuild.targets.api.load`; its schema for editors is
``schemas/provider.schema.json``; ``docs/writing-a-provider.md`` explains it by an example.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fvbuild.targets.api.description_base import (
    Count,
    Day,
    Flag,
    Headers,
    Part,
    Text,
    Url,
    Word,
    wrong,
)
from fvbuild.targets.api.description_call import Call, Request, Uploads
from fvbuild.targets.api.description_model import Model
from fvbuild.targets.api.description_outcome import MOST_RULES, Rule

Variable = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$")]
Region = Annotated[str, Field(pattern=r"^(\*[-.])?[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class Auth(Part):
    """Which secrets it needs, and how they are shown."""

    secrets: dict[Word, Annotated[list[Variable], Field(min_length=1)]] = Field(
        default={},
        description="Name -> environment variables, of which the first that is set is taken.",
        examples=[{"key": ["ACME_API_KEY"]}],
    )
    headers: Headers | None = Field(
        default=None,
        description="Headers that show them, on requests to the provider's own hosts.",
        examples=[{"Authorization": "Bearer {{ secrets.key }}"}],
    )
    hook: Word | None = Field(
        default=None,
        description="Instead of headers: a function of fvbuild's, secrets -> headers.",
        examples=["kling_token"],
    )
    optional: Flag = Field(
        default=False,
        description="True where it also works without; headers that need a key are then left out.",
        examples=[True],
    )
    get_key: Url | None = Field(
        default=None,
        description="Where a key is to be had.",
        examples=["https://acme.example/keys"],
    )

    @model_validator(mode="after")
    def _shown_one_way(self) -> Auth:
        if self.headers is not None and self.hook is not None:
            raise wrong("keys are shown by `headers` or by a `hook`, not by both")
        if self.secrets and self.headers is None and self.hook is None:
            raise wrong("`secrets` are shown by `headers` or by a `hook`")
        return self


class Limits(Part):
    """How much at once, where ``fvbuild.yaml`` says nothing else."""

    concurrency: Count = Field(default=4, description="Requests and jobs in flight.", examples=[3])
    requests_per_minute: Count | None = Field(
        default=None, description="Requests of any kind in a minute.", examples=[60]
    )


class Description(Part):
    """A provider: where it is, how it is called, and its models."""

    provider: Word = Field(
        description="Its name, equal to the file's.", examples=["runway", "acme"]
    )
    title: Text | None = Field(
        default=None, description="Its name for people.", examples=["Runway"]
    )
    docs: Url | None = Field(
        default=None,
        description="Its own documentation.",
        examples=["https://docs.dev.runwayml.com"],
    )
    about: Text | None = Field(
        default=None,
        description="What a user should know beside the facts, in Markdown; its page shows it.",
        examples=["Refused clips are charged like made ones."],
    )
    base_url: Url = Field(
        description="Where paths are joined to; fvbuild.yaml may replace it as a whole.",
        examples=["https://api.acme.example/v1"],
    )
    hosts: dict[Word, Url] = Field(
        default={},
        description="Further base URLs by name, for requests with `host`.",
        examples=[{"queue": "https://queue.acme.example"}],
    )
    regions: list[Region] = Field(
        default=[],
        description=(
            "Further hosts of this provider, which fvbuild.yaml may set as base_url without the "
            "user being asked to trust them; `*` at the beginning stands for a part of a name. "
            "Of no effect in a film's own file."
        ),
        examples=[["api.eu.acme.example", "*-api.acme.example"]],
    )
    local: Flag = Field(
        default=False,
        description=(
            "True for a server of one's own: http and private addresses are allowed. In a film's "
            "own file, once fvbuild.yaml names its base_url."
        ),
        examples=[True],
    )
    checked: Day | None = Field(
        default=None, description="The day these facts were last checked.", examples=["2026-11-20"]
    )
    auth: Auth = Field(
        default=Auth(),
        description="Which keys it needs, and how they are shown.",
        examples=[{"secrets": {"key": ["ACME_KEY"]}, "headers": {"X-Key": "{{ secrets.key }}"}}],
    )
    headers: Headers | None = Field(
        default=None, description="Headers of every request to its own hosts."
    )
    limits: Limits = Field(
        default=Limits(), description="How much at once.", examples=[{"concurrency": 3}]
    )
    credit: Annotated[Text, Field(pattern=r"^\d+(\.\d+)?([eE]-?\d+)? [A-Z]{3}$")] | None = Field(
        default=None, description="What one credit is worth.", examples=["0.01 USD"]
    )
    resubmit: Literal["unsafe", "safe"] = Field(
        default="unsafe",
        description=(
            "safe: submitting again with the same `purchase.id` buys once (an idempotency key, or "
            "an id that the client chooses)."
        ),
        examples=["safe"],
    )
    outcomes: list[Rule] = Field(
        default=[],
        max_length=MOST_RULES,
        description="What answers mean, after a call's own rules and before the usual ones.",
        examples=[[{"when": {"match": "status == 'done'"}, "then": "done"}]],
    )
    probe: Request | None = Field(
        default=None,
        description="A request that costs nothing, for `fvbuild targets --probe`.",
        examples=[{"method": "GET", "path": "/v1/account"}],
    )
    uploads: Uploads | None = Field(
        default=None, description="How `media | uploaded` puts a file where the provider finds it."
    )
    defaults: dict[Word, dict[str, Any]] = Field(
        default={},
        description="Fields that several calls or models share; see their own `defaults`.",
        examples=[{"task": {"job": {"id": "id"}}}],
    )
    calls: Annotated[dict[Word, Call], Field(min_length=1)] = Field(
        description="How things are asked for, by a name that models use."
    )
    models: Annotated[dict[Text, Model], Field(min_length=1)] = Field(
        description="Its models by id. `*` is any id that is not written here."
    )
