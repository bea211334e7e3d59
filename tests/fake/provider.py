"""What all fake providers have in common: routes, a key, jobs that are billed, places for media."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, TypeVar

from .check import Answered, Fields
from .desk import Desk
from .faults import Fault
from .jobs import Fate, Job, State
from .media import Wanted, made
from .wire import Body, Request, Response, json_response

CDN = "@cdn"
"""The host, one for all providers, that results are downloaded from and signed uploads go to."""

PAGE = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
"""What comes instead of media when something in between has failed."""

Handler = Callable[..., Response | Awaitable[Response]]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True)
class Route:
    """One operation of a provider: where it is, and what it is to a client (its stage)."""

    method: str
    pattern: re.Pattern[str]
    host: str
    stage: str
    operation: str
    needs_key: bool
    name: str


def route(
    method: str, path: str, *, stage: str, operation: str = "", host: str = "", key: bool = True
) -> Callable[[H], H]:
    """Register a method of a provider for a path such as `/v1/tasks/{id}` ({id*} takes slashes).

    Stages are submit, poll, fetch, upload, cancel and other.
    """
    expression = re.sub(r"\\{(\w+)(\\\*)?\\}", _group, re.escape(path))

    def register(handler: H) -> H:
        entry = Route(
            method, re.compile(expression), host, stage, operation or stage, key, handler.__name__
        )
        vars(handler).setdefault("routes", []).append(entry)
        return handler

    return register


def _group(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>.+)" if found[2] else f"(?P<{found[1]}>[^/]+)"


class Provider:
    """One provider. A subclass states its protocol in routes, and its words for every fault."""

    name: ClassVar[str]
    secrets: ClassVar[Mapping[str, str]]
    """Environment variable -> the key that this fake accepts."""

    hosts: ClassVar[Mapping[str, str]] = {"": ""}
    """Host name -> the path of its base URL; "" is the host of `base_url`."""

    refusals: ClassVar[Mapping[str, str]] = {}
    """Shape of a refusal -> `submit` (an error at once, not billed) or `job` (accepted first).

    `images:blocked` is for operations whose name begins with `images`; jobs know it as `blocked`.
    """

    failures: ClassVar[tuple[str, ...]] = ("failed",)
    """Shapes in which an accepted job can fail without being refused."""

    id_path: ClassVar[str] = "id"
    """Where a submit answer has the job's id: dots between the members."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @classmethod
    def routes(cls) -> list[Route]:
        """All routes, those of literal paths before those with arguments."""
        found = [
            entry
            for name in dir(cls)
            for entry in getattr(getattr(cls, name), "__dict__", {}).get("routes", ())
        ]

        def literal_first(entry: Route) -> tuple[int, int]:
            return entry.pattern.pattern.count("(?P"), -len(entry.pattern.pattern)

        return sorted(found, key=literal_first)

    @property
    def key(self) -> str:
        """The (first) key that this fake accepts."""
        return next(iter(self.secrets.values()))

    def authorised(self, request: Request) -> bool:
        """Whether the request brings the key in the right form."""
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """An error in the provider's own shape.

        Kinds: bad_request (`name`: the field), auth, quota, rate_limit, not_found, server.
        """
        raise NotImplementedError

    def operation(self, entry: Route, request: Request) -> str:
        """The name of what is asked for, where the path alone does not tell."""
        return entry.operation

    def error_to(self, request: Request, kind: str, message: str) -> Response:
        """The same as `error`; for providers whose operations have errors of several shapes."""
        return self.error(kind, message)

    def refused(self, shape: str) -> Response:
        """The answer to a request that is refused at once."""
        raise NotImplementedError

    def complain(self, name: str, message: str) -> Response:
        """The answer to a request with a faulty field."""
        return self.error("bad_request", f"{name}: {message}", name)

    def reject(self, message: str, name: str = "") -> NoReturn:
        """Answer that the request is faulty."""
        raise Answered(self.error("bad_request", message, name))

    def body(self, request: Request) -> Fields:
        """The JSON object of a request."""
        if request.content_type != "application/json":
            self.reject("Content-Type must be application/json")
        try:
            values: Body = request.json()
        except ValueError as error:
            self.reject(f"the body is not JSON: {error}")
        return Fields(values, self.complain)

    def job(self, name: str) -> Job:
        """The job of that id; without one the answer is "not found"."""
        job = self.desk.jobs.find(self.name, name)
        if job is None:
            raise Answered(self.error("not_found", f"{name} was not found"))
        return job

    def accept(
        self,
        request: Request,
        *,
        model: str,
        prompt: str,
        amount: float,
        wanted: tuple[Wanted, ...] = (),
        seed: int | None = None,
        job_id: str = "",
        aliases: tuple[str, ...] = (),
        synchronous: bool = False,
        **extra: Any,
    ) -> Job:
        """Take a request on: bill it and keep its job, whose fate is decided here.

        Raises Answered where the script wants it refused at once.
        """
        operation, content = request.args["operation"], request.body.decode("latin-1")
        fate = self._fate(operation, content, synchronous)
        digest = self.desk.jobs.digest(
            self.name, operation, model, prompt, seed, seeded=seed is not None
        )
        look = [item.looking_like(f"{int(digest, 16) ^ n:064x}") for n, item in enumerate(wanted)]
        job_id = job_id or str(uuid.uuid4())
        job = Job(job_id, self.name, operation, model, prompt, amount, fate, tuple(look), {**extra})
        job.extra.setdefault("seed", seed)
        self.desk.jobs.add(job, aliases)
        self.desk.bill.charge(self.name, operation, job.id, model, amount, prompt)
        return job

    def _fate(self, operation: str, content: str, synchronous: bool) -> Fate:
        def possible(fault: Fault) -> bool:
            shape = str(fault.options.get("shape", ""))
            return fault.kind != "refusal" or self._refusal(operation, shape) is not None

        def scripted(*kinds: str) -> Fault | None:
            take = self.desk.script.take
            return take(kinds, self.name, operation, "submit", content, possible)

        polls = 0 if synchronous else self.desk.pending_polls
        seconds = 0.0 if synchronous else self.desk.job_s
        if pending := scripted("pending"):
            polls = int(pending.options.get("polls", 0))
            seconds = float(pending.options.get("seconds", 0.0))
        state: State = "done"
        shape = ""
        if (end := scripted("refusal", "failure", "empty")) is not None:
            shape = str(end.options.get("shape", ""))
            if end.kind == "refusal":
                state, shape = "refused", self._refused_shape(operation, shape)
            elif end.kind == "failure":
                state, shape = "failed", shape or self.failures[0]
            else:
                state = "empty"
        lost = not synchronous and scripted("lost") is not None
        return Fate(state, shape, polls, seconds, lost)

    def _refusal(self, operation: str, shape: str) -> str | None:
        """The full name of a shape of this operation, by default its first one."""
        for name in self.refusals:
            prefix, _, bare = name.rpartition(":")
            if operation.startswith(prefix) and shape in ("", bare, name):
                return name
        return None

    def _refused_shape(self, operation: str, shape: str) -> str:
        """The shape that a job will be refused by; raises Answered for one that refuses at once."""
        name = self._refusal(operation, shape) or ""
        bare = name.rpartition(":")[2]
        if self.refusals[name] == "submit":
            raise Answered(self.refused(bare))
        return bare

    def base64_of(self, job: Job, wanted: Wanted) -> str:
        """What is wanted, in base64, for an answer that carries its media in JSON."""
        take = self.desk.script.take
        spoilt = take(("wrong_media",), self.name, job.operation, "submit", job.prompt)
        content = PAGE if spoilt else made(wanted)
        return base64.b64encode(content).decode()

    def must_exist(self, fields: Fields, name: str, url: str | None) -> None:
        """Answer with a fault for a URL on this fake's own hosts that nothing lies at."""
        shelf = self.desk.shelf
        if url and url.startswith(shelf.base + "/"):
            path = url.removeprefix(shelf.base).partition("?")[0]
            if path not in shelf.uploads and path not in shelf.wanted:
                fields.reject(name, f"{url} could not be downloaded")

    def url(self, job: Job, index: int = 0) -> str:
        """A fresh URL of one result."""
        return self.desk.shelf.publish(job, index)

    def urls(self, job: Job) -> list[str]:
        """Fresh URLs of all results."""
        return [self.url(job, index) for index in range(len(job.wanted))]

    def at(self, path: str, host: str = "") -> str:
        """The full URL of a path on one of this provider's hosts."""
        return self.desk.urls[self.name, host] + path

    def refund(self, job: Job) -> None:
        """Give back, once, what a job cost."""
        if not job.refunded:
            job.refunded = True
            self.desk.bill.refund(job.id)


def answer(body: Body, status: int = 200, **headers: str) -> Response:
    """A JSON answer (see `json_response`); short, because providers say it all the time."""
    return json_response(body, status, **headers)


def with_media(body: Body, status: int = 200, **headers: str) -> Response:
    """A JSON answer that carries its media, which can be cut off on the way."""
    response = json_response(body, status, **headers)
    response.carries_media = True
    return response


def media_answer(content: bytes, media_type: str, **headers: str) -> Response:
    """An answer that is media itself."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(200, content, {"content-type": media_type, **named}, carries_media=True)
