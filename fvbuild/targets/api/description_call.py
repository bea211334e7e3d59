"""How a provider is called: requests, the job between them, where the result and its price are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fvbuild.targets.api.description_base import (
    Expression,
    Fields,
    Flag,
    Headers,
    Number,
    Part,
    Path,
    Seconds,
    Template,
    Text,
    Tree,
    Word,
)
from fvbuild.targets.api.description_outcome import Rule


_WRITTEN = {"json_body": "json", "body": "bytes"}
"""Fields whose names in a file are taken in Python."""


class Request(Part):
    """One HTTP request. Its texts are templates; what renders to none is left out."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        "GET", description="The HTTP method.", examples=["POST"]
    )
    path: Template | None = Field(
        None,
        description="Joined to the base URL (or to that of `host`).",
        examples=["/v1/tasks/{{ job.id }}"],
    )
    url: Template | None = Field(
        None,
        description="A whole URL, mostly one that the provider gave.",
        examples=["{{ job.status_url }}"],
    )
    host: Word | None = Field(
        None, description="Which of `hosts` the path belongs to.", examples=["queue"]
    )
    query: Fields | None = Field(
        None, description="Parameters of the URL.", examples=[{"task_id": "{{ job.id }}"}]
    )
    headers: Headers | None = Field(None, description="Headers of this request alone.")
    auth: Flag | None = Field(
        None,
        description=(
            "Whether the key is sent. Without it: to the provider's own hosts, and to no other."
        ),
        examples=[False],
    )
    json_body: Tree = Field(
        None,
        alias="json",
        description="A body of JSON, written as YAML.",
        examples=[{"model": "{{ model.id }}", "prompt": "{{ prompt }}"}],
    )
    form: Fields | None = Field(None, description="A URL-encoded form.", examples=[{"id": "1"}])
    multipart: Fields | None = Field(
        None,
        description="A multipart form; `media | file` is a file, a list repeats its part.",
        examples=[{"prompt": "{{ prompt }}", "image[]": "{{ references | map('file') | list }}"}],
    )
    body: Template | None = Field(
        None,
        alias="bytes",
        description="A body of bytes as they are.",
        examples=["{{ media }}"],
    )
    hook: Word | None = Field(
        None,
        description="A function of fvbuild's that writes the JSON body, where no template can.",
        examples=["comfyui_graph"],
    )
    save: dict[str, Path] = Field(
        {},
        description="What later requests need of the answer: name -> JMESPath. See `saved`.",
        examples=[{"url": "uploadUrl"}],
    )
    save_headers: dict[str, Text] = Field(
        {},
        description="The same from the answer's headers: name -> header.",
        examples=[{"url": "x-goog-upload-url"}],
    )
    timeout_s: Seconds | None = Field(
        None, description="How long to wait for the answer.", examples=[120]
    )
    read: Literal["json", "bytes", "first_event"] = Field(
        "json",
        description=(
            "How the answer is read: json, bytes (the result itself), or first_event (the first "
            "data of an event stream, as JSON)."
        ),
        examples=["bytes"],
    )

    @model_validator(mode="after")
    def _one_place_and_body(self) -> Request:
        if (self.path is None) == (self.url is None):
            raise ValueError("a request goes to a `path` or to a `url`, one of the two")
        if self.url is not None and self.host is not None:
            raise ValueError("a whole `url` has no `host`")
        fields = self.model_fields_set
        known = ("form", "multipart", "hook", "json_body", "body")
        bodies = [_WRITTEN.get(name, name) for name in known if name in fields]
        if len(bodies) > 1:
            raise ValueError(f"a request has one body, not {' and '.join(bodies)}")
        return self


class Poll(Request):
    """The request that asks how a job is doing, and how often."""

    every_s: Seconds = Field(5.0, description="Seconds between two questions.", examples=[6])
    first_s: Seconds | None = Field(
        None, description="Seconds before the first question; else `every_s`.", examples=[2]
    )
    timeout_s: Seconds = Field(
        3600.0, description="After so long the job counts as failed.", examples=[1800]
    )
    progress: Path | None = Field(
        None, description="JMESPath of how much is done, 0 to 1 or 0 to 100.", examples=["progress"]
    )


class Repeat(Part):
    """A step that is asked again until something is ready."""

    until: Path = Field(
        description="JMESPath that gives something true when it is.", examples=["state == 'ready'"]
    )
    fails: Path | None = Field(
        None,
        description="JMESPath that gives something true when it never will be.",
        examples=["state == 'failed'"],
    )
    every_s: Seconds = Field(1.0, description="Seconds between two questions.", examples=[1])
    give_up_s: Seconds = Field(120.0, description="After so long it failed.", examples=[120])


class Step(Request):
    """One request of an upload. ``media`` is what is uploaded."""

    repeat: Repeat | None = Field(None, description="Asks again until something is ready.")


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


class Result(Part):
    """Where the result is in the last answer: exactly one of url, base64, text, json, body."""

    url: Path | None = Field(
        None,
        description="JMESPath of a URL (or data URI) to fetch at once.",
        examples=["output[0]"],
    )
    auth: Flag = Field(
        False,
        description="Send the key with it, if the URL is of the provider's own hosts.",
        examples=[True],
    )
    base64: Path | None = Field(
        None, description="JMESPath of base64.", examples=["data[0].b64_json"]
    )
    text: Path | None = Field(
        None, description="JMESPath of text.", examples=["content[?type=='text'].text | [0]"]
    )
    json_value: Path | None = Field(
        None,
        alias="json",
        description="JMESPath of a JSON value, for text that is asked for by a schema.",
        examples=["content[?type=='tool_use'].input | [0]"],
    )
    body: Flag = Field(False, description="The answer's body is the result.", examples=[True])
    decode: Word | None = Field(
        None,
        description="How bytes become a file that is a standard, where they are none.",
        examples=["wav_from_pcm_24000"],
    )
    media_type: Text | None = Field(
        None, description="What it is, where the provider does not say.", examples=["audio/mpeg"]
    )

    @model_validator(mode="after")
    def _one_source(self) -> Result:
        sources = [self.url, self.base64, self.text, self.json_value]
        if sum(source is not None for source in sources) + self.body != 1:
            raise ValueError("a result is one of url, base64, text, json and `body: true`")
        if self.auth and self.url is None:
            raise ValueError("`auth` belongs to a `url`")
        return self


class TokensUsed(Part):
    """Where an answer says how many tokens were used."""

    input: Path = Field(description="JMESPath.", examples=["usage.input_tokens"])
    output: Path = Field(description="JMESPath.", examples=["usage.output_tokens"])
    other: dict[Word, Path] = Field(
        {}, description="Tokens with a price of their own.", examples=[{"cached": "usage.cached"}]
    )


class Receipt(Part):
    """Where an answer says what it cost. Of several, the first that is found counts."""

    credits: Path | None = Field(
        None, description="JMESPath of the credits.", examples=["cost.credits"]
    )
    usd: Path | None = Field(None, description="JMESPath of dollars.", examples=["outputs.cost"])
    tokens: TokensUsed | None = Field(
        None, description="Tokens; the rate card makes money of them."
    )
    header: Text | None = Field(
        None, description="A header that holds the amount.", examples=["character-cost"]
    )
    header_unit: Literal["credits", "usd", "characters"] = Field(
        "credits", description="What the header counts.", examples=["characters"]
    )
    scale: Annotated[Number, Field(gt=0)] = Field(
        1.0, description="What amounts are multiplied by.", examples=[1e-10]
    )


class Call(Part):
    """One operation: submit, and where it takes a while, poll, fetch and cancel."""

    defaults: Word | None = Field(
        None, description="One of `defaults`, whose fields it takes over.", examples=["task"]
    )
    submit: Request = Field(
        description="The request that buys.",
        examples=[{"method": "POST", "path": "/v1/images", "json": {"prompt": "{{ prompt }}"}}],
    )
    job: dict[Word, Path] = Field(
        {},
        description=(
            "What finds the job again: name -> JMESPath over the answer, any JSON. It is written "
            "down before anything else. Without it, the answer itself is the result."
        ),
        examples=[{"id": "id"}],
    )
    poll: Poll | None = Field(None, description="Asks how the job is doing.")
    fetch: Request | None = Field(
        None, description="One more request when it is done; `result` looks at its answer."
    )
    result: Result = Field(description="Where the result is.", examples=[{"url": "output[0]"}])
    receipt: Receipt | None = Field(None, description="Where the answer says what it cost.")
    cancel: Request | None = Field(None, description="Stops a job that nobody needs any more.")
    outcomes: list[Rule] = Field(
        [], description="What answers mean; the provider's own rules come next."
    )
    resubmit: Literal["unsafe", "safe"] | None = Field(
        None,
        description="safe: submitting again with the same `purchase.id` buys once. Else the "
        "provider's.",
        examples=["safe"],
    )


class Way(Part):
    """A call for a kind of node, if a condition holds."""

    if_: Expression | None = Field(
        None,
        alias="if",
        description="A Jinja expression; without it the way is always open.",
        examples=["start", "references and not start"],
    )
    call: Word = Field(description="One of `calls`.", examples=["image_to_video"])
    sizes: Annotated[list[Text], Field(min_length=1)] | None = Field(
        None,
        description="The sizes of this way, where they are not the model's.",
        examples=[["1280x720", "720x1280"]],
    )
