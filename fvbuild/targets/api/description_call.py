"""How a provider is called: requests, uploads, and the calls that they make up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fvbuild.targets.api.description_base import (
    Expression,
    Fields,
    Flag,
    Headers,
    Names,
    Part,
    Path,
    Seconds,
    Template,
    Text,
    Tree,
    Word,
    wrong,
)
from fvbuild.targets.api.description_outcome import MOST_RULES, Rule
from fvbuild.targets.api.description_result import Receipt, Result

_WRITTEN = {"json_body": "json", "body": "bytes"}
"""Fields whose names in a file are taken in Python."""


class Request(Part):
    """One HTTP request. Its texts are templates; what renders to none is left out."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="The HTTP method.", examples=["POST"]
    )
    path: Template | None = Field(
        default=None,
        description="Joined to the base URL (or to that of `host`).",
        examples=["/v1/tasks/{{ job.id }}"],
    )
    url: Template | None = Field(
        default=None,
        description="A whole URL, mostly one that the provider gave.",
        examples=["{{ job.status_url }}"],
    )
    host: Word | None = Field(
        default=None, description="Which of `hosts` the path belongs to.", examples=["queue"]
    )
    query: Fields | None = Field(
        default=None, description="Parameters of the URL.", examples=[{"task_id": "{{ job.id }}"}]
    )
    headers: Headers | None = Field(default=None, description="Headers of this request alone.")
    auth: Flag | None = Field(
        default=None,
        description=(
            "Whether the key is sent. Without it: to the provider's own hosts, and to no other."
        ),
        examples=[False],
    )
    json_body: Tree = Field(
        default=None,
        alias="json",
        description="A body of JSON, written as YAML.",
        examples=[{"model": "{{ model.id }}", "prompt": "{{ prompt }}"}],
    )
    form: Fields | None = Field(
        default=None, description="A URL-encoded form.", examples=[{"id": "1"}]
    )
    multipart: Fields | None = Field(
        default=None,
        description="A multipart form; `media | file` is a file, a list repeats its part.",
        examples=[{"prompt": "{{ prompt }}", "image[]": "{{ references | map('file') | list }}"}],
    )
    body: Template | None = Field(
        default=None,
        alias="bytes",
        description="A body of bytes as they are.",
        examples=["{{ media }}"],
    )
    save: dict[str, Path] = Field(
        default={},
        description="What later requests need of the answer: name -> JMESPath. See `saved`.",
        examples=[{"url": "uploadUrl"}],
    )
    save_headers: dict[str, Text] = Field(
        default={},
        description="The same from the answer's headers: name -> header.",
        examples=[{"url": "x-goog-upload-url"}],
    )
    timeout_s: Seconds | None = Field(
        default=None, description="How long to wait for the answer.", examples=[120]
    )
    read: Literal["json", "bytes", "first_event"] = Field(
        default="json",
        description=(
            "How the answer is read: json, bytes (the result itself), or first_event (the first "
            "data of an event stream, as JSON)."
        ),
        examples=["bytes"],
    )

    @model_validator(mode="after")
    def _one_place_and_body(self) -> Request:
        if (self.path is None) == (self.url is None):
            raise wrong("a request goes to a `path` or to a `url`, one of the two")
        if self.url is not None and self.host is not None:
            raise wrong("a whole `url` has no `host`")
        fields = self.model_fields_set
        known = ("form", "multipart", "json_body", "body")
        bodies = [_WRITTEN.get(name, name) for name in known if name in fields]
        if len(bodies) > 1:
            raise wrong(f"a request has one body, not {' and '.join(bodies)}")
        return self


class Poll(Request):
    """The request that asks how a job is doing, and how often."""

    every_s: Seconds = Field(
        default=5.0, description="Seconds between two questions.", examples=[6]
    )
    first_s: Seconds | None = Field(
        default=None, description="Seconds before the first question; else `every_s`.", examples=[2]
    )
    timeout_s: Seconds = Field(
        default=3600.0, description="After so long the job counts as failed.", examples=[1800]
    )
    progress: Path | None = Field(
        default=None,
        description="JMESPath of how much is done, 0 to 1 or 0 to 100.",
        examples=["progress"],
    )


class Repeat(Part):
    """A step that is asked again until something is ready."""

    until: Path = Field(
        description="JMESPath that gives something true when it is.", examples=["state == 'ready'"]
    )
    fails: Path | None = Field(
        default=None,
        description="JMESPath that gives something true when it never will be.",
        examples=["state == 'failed'"],
    )
    every_s: Seconds = Field(
        default=1.0, description="Seconds between two questions.", examples=[1]
    )
    give_up_s: Seconds = Field(
        default=120.0, description="After so long it failed.", examples=[120]
    )


class Step(Request):
    """One request of an upload. ``media`` is what is uploaded."""

    repeat: Repeat | None = Field(default=None, description="Asks again until something is ready.")


class Uploads(Part):
    """How ``media | uploaded`` puts a file where the provider finds it; once for each file."""

    steps: Annotated[list[Step], Field(min_length=1)] = Field(
        description="Requests in order; each may save what the next ones need.",
        examples=[
            [{"method": "POST", "path": "/files", "multipart": {"file": "{{ media | file }}"}}]
        ],
    )
    gives: Template = Field(
        description="What stands for the file in a request.", examples=["{{ saved.uri }}"]
    )


class Call(Part):
    """One operation: submit, and where it takes a while, poll, fetch and cancel."""

    defaults: Names | None = Field(
        default=None,
        description="Of `defaults`, whose fields it takes over where it has none of its own.",
        examples=["task"],
    )
    submit: Request = Field(
        description="The request that buys.",
        examples=[{"method": "POST", "path": "/v1/images", "json": {"prompt": "{{ prompt }}"}}],
    )
    job: dict[Word, Path] = Field(
        default={},
        description=(
            "What finds the job again: name -> JMESPath over the answer, any JSON. It is written "
            "down before anything else. Without it, the answer itself is the result."
        ),
        examples=[{"id": "id"}],
    )
    job_named: dict[Word, Template] = Field(
        default={},
        description=(
            "The same where the answer does not say it, for providers that take ids of ours: so a "
            "job is found again whose first answer was lost."
        ),
        examples=[{"id": "{{ purchase.id }}"}],
    )
    poll: Poll | None = Field(default=None, description="Asks how the job is doing.")
    fetch: Request | None = Field(
        default=None, description="One more request when it is done; `result` looks at its answer."
    )
    result: Result = Field(description="Where the result is.", examples=[{"url": "output[0]"}])
    receipt: Receipt | None = Field(default=None, description="Where the answer says what it cost.")
    cancel: Request | None = Field(
        default=None, description="Stops a job that nobody needs any more."
    )
    outcomes: list[Rule] = Field(
        default=[],
        max_length=MOST_RULES,
        description="What answers mean; the provider's own rules come next.",
    )
    resubmit: Literal["unsafe", "safe"] | None = Field(
        default=None,
        description="safe: submitting again with the same `purchase.id` buys once. Else the "
        "provider's.",
        examples=["safe"],
    )


class Way(Part):
    """A call for a kind of node, if a condition holds."""

    if_: Expression | None = Field(
        default=None,
        alias="if",
        description="A Jinja expression; without it the way is always open.",
        examples=["start", "references and not start"],
    )
    call: Word = Field(description="One of `calls`.", examples=["image_to_video"])
    sizes: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None,
        description="The sizes of this way, where they are not the model's.",
        examples=[["1280x720", "720x1280"]],
    )
