"""Replicate: predictions of any model; a failed one is a success in HTTP, with free text."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from ..check import Fields
from ..families import wanted_of_model
from ..jobs import Job, State
from ..provider import Provider, answer, route
from ..wire import Request, Response

_CALL = ("input", "webhook", "webhook_events_filter", "stream", "version")
_LARGEST_DATA_URI = 256_000 * 4 // 3 + 100
_ERRORS = {
    "E005": "The input or output was flagged as sensitive. Please try again with different "
    "inputs. (E005)",
    "nsfw": "NSFW content detected. Try running it again, or try a different prompt.",
    "failed": "CUDA out of memory. Tried to allocate 2.00 GiB",
    "interrupted": "Prediction interrupted; please retry (code: PA)",
}


class Replicate(Provider):
    """Base `https://api.replicate.com`."""

    name = "replicate"
    secrets: ClassVar[Mapping[str, str]] = {"REPLICATE_API_TOKEN": "r8_" + "Fake" * 9}
    refusals: ClassVar[Mapping[str, str]] = {"E005": "job", "nsfw": "job"}
    failures = ("failed", "interrupted")

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """RFC 7807; a throttled request says in words how long to wait."""
        words = {
            "bad_request": (422, "Input validation failed"),
            "auth": (401, "Unauthenticated"),
            "quota": (402, "Insufficient credit"),
            "not_found": (404, "Not found"),
            "rate_limit": (429, "Too many requests"),
            "server": (500, "Internal server error"),
        }
        status, title = words[kind]
        if kind == "rate_limit":
            message = "Request was throttled. Your rate limit resets in ~1s."
        body = {"type": "about:blank", "title": title, "status": status, "detail": message}
        return answer(body, status, content_type="application/problem+json")

    @route("POST", "/v1/models/{owner}/{name}/predictions", stage="submit", operation="predict")
    def predict_model(self, request: Request) -> Response:
        return self._predict(request, "{owner}/{name}".format(**request.args), "hidden")

    @route("POST", "/v1/predictions", stage="submit", operation="predict")
    def predict_version(self, request: Request) -> Response:
        version = self.body(request).text("version", required=True)
        model, _, digest = version.rpartition(":")
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            self.reject("version must be 64 hexadecimal digits", "version")
        return self._predict(request, model or "unknown/model", digest)

    def _predict(self, request: Request, model: str, version: str) -> Response:
        fields = self.body(request).known(*_CALL)
        inputs = fields.object("input", required=True)
        events = ("start", "output", "logs", "completed")
        if not set(fields.items("webhook_events_filter")) <= set(events):
            fields.reject("webhook_events_filter", f"must be of {events}")
        for name, value in inputs.values.items():
            for item in value if isinstance(value, list) else [value]:
                self._check_media(name, item)
        prompt = inputs.text("prompt") or inputs.text("text")
        try:
            wanted = wanted_of_model(model, inputs.values)
        except (TypeError, ValueError, KeyError) as error:
            inputs.reject("input", str(error))
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=0.04 if wanted[0].kind == "picture" else 0.4,
            wanted=wanted,
            seed=inputs.integer("seed"),
            job_id=uuid.uuid4().hex[:26],
            version=version,
            input=dict(inputs.values),
        )
        found = re.fullmatch(r"wait(?:=(\d+))?", request.headers.get("prefer", ""))
        response = answer({}, 201)
        if found and job.fate.seconds <= int(found[1] or 60) and job.fate.polls < 2:
            response.delay_s = job.fate.seconds
            job.polls, job.created = job.fate.polls + 1, job.created - job.fate.seconds
        response.body = answer(self._prediction(job, job.state())).body
        return response

    def _check_media(self, name: str, value: Any) -> None:
        if isinstance(value, str) and value.startswith(("data:", "http://", "https://")):
            if value.startswith("data:") and len(value) > _LARGEST_DATA_URI:
                self.reject("data URIs are for files of at most 256 kB", name)
            fields = Fields({name: value}, self.complain)
            self.must_exist(fields, name, fields.media_ref(name))
            found = value.removeprefix(self.at("/v1/files/"))
            if found != value and f"/replicate/uploads/{found}" not in self.desk.shelf.uploads:
                fields.reject(name, "there is no such file")

    def _prediction(self, job: Job, state: State) -> dict[str, Any]:
        words = {"queued": "starting", "running": "processing", "refused": "failed"}
        words |= {"done": "succeeded", "empty": "succeeded"}
        ended = state not in ("queued", "running")
        place = self.at(f"/v1/predictions/{job.id}")
        body: dict[str, Any] = {
            "id": job.id,
            "model": job.model,
            "version": job.extra["version"],
            "input": job.extra["input"],
            "status": words.get(state, state),
            "output": None,
            "error": _ERRORS.get(job.fate.shape) if state in ("refused", "failed") else None,
            "logs": "",
            "metrics": {"predict_time": time.time() - job.created} if ended else {},
            "created_at": _iso(job.created),
            "started_at": None if state == "queued" else _iso(job.created),
            "completed_at": _iso(time.time()) if ended else None,
            "data_removed": False,
            "urls": {"get": place, "cancel": place + "/cancel", "web": place},
        }
        if state == "done":
            urls = self.urls(job)
            listed = job.wanted[0].kind == "picture" and "pro" not in job.model
            body["output"] = urls if listed else urls[0]
        return body

    @route("GET", "/v1/predictions/{id}", stage="poll", operation="prediction")
    def prediction(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        return answer(self._prediction(job, job.poll()))

    @route("POST", "/v1/predictions/{id}/cancel", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        job.canceled = job.state() in ("queued", "running")
        return answer(self._prediction(job, job.state()))

    @route("POST", "/v1/files", stage="upload", operation="upload")
    def upload(self, request: Request) -> Response:
        try:
            parts = {part.name: part for part in request.parts()}
        except ValueError as error:
            self.reject(str(error))
        if "content" not in parts:
            self.reject("the part content is missing", "content")
        content, media_type = parts["content"].content, parts["content"].media_type
        name = uuid.uuid4().hex
        self.desk.shelf.uploads[f"/replicate/uploads/{name}"] = (media_type, content)
        return answer(self._file(name), 201)

    def _file(self, name: str) -> dict[str, Any]:
        media_type, content = self.desk.shelf.uploads[f"/replicate/uploads/{name}"]
        return {
            "id": name,
            "name": "file",
            "content_type": media_type,
            "size": len(content),
            "etag": hashlib.md5(content).hexdigest(),
            "checksums": {"sha256": hashlib.sha256(content).hexdigest()},
            "metadata": {},
            "created_at": _iso(time.time()),
            "expires_at": _iso(time.time() + 86400),
            "urls": {"get": self.at(f"/v1/files/{name}")},
        }

    @route("GET", "/v1/files/{id}", stage="other", operation="file")
    def file(self, request: Request) -> Response:
        return answer(self._file(request.args["id"]))

    @route("GET", "/v1/account", stage="other", operation="account")
    def account(self, request: Request) -> Response:
        return answer({"type": "user", "username": "fake", "name": "Fake"})


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat().replace("+00:00", "Z")
