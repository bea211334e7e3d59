"""fal.ai: a queue in front of any model; only the result tells whether it went well."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..families import wanted_of_model
from ..jobs import Job
from ..provider import Provider, answer, route
from ..wire import Request, Response

_MEDIA_FIELDS = (
    "image_url", "start_image_url", "end_image_url", "tail_image_url", "first_frame_url",
    "last_frame_url", "mask_url", "video_url", "audio_url",
)  # fmt: skip
_TOKEN = "eyJfake.cdn.token"


class Fal(Provider):
    """Base `https://queue.fal.run`; hosts `run`, `rest` and `cdn`."""

    name = "fal"
    secrets: ClassVar[Mapping[str, str]] = {
        "FAL_KEY": "0d7b9a30-fa1e-4cde-8f00-000000000000:" + "fa" * 16
    }
    hosts: ClassVar[Mapping[str, str]] = {"": "", "run": "", "rest": "", "cdn": ""}
    refusals: ClassVar[Mapping[str, str]] = {
        "content_policy_violation": "job",
        "flagged_picture": "job",
        "has_nsfw_concepts": "job",
    }
    failures = (
        "internal_server_error", "image_load_error", "request_timeout", "runner_disconnected",
    )  # fmt: skip
    id_path = "request_id"

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Key {self.key}"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"detail": text or list}`, and in headers whether another try makes sense."""
        if kind == "bad_request":
            loc = ["body", *name.split(".")] if name else ["body"]
            item = {"loc": loc, "msg": message, "type": "value_error", "input": None}
            return self._failed([item], 422, "value_error")
        if kind == "quota":
            locked = "User is locked. Reason: Exhausted balance."
            return self._failed(locked, 403, "exhausted_balance")
        statuses = {"auth": 401, "not_found": 404, "rate_limit": 429, "server": 503}
        return self._failed(message, statuses[kind], kind, retryable=kind == "server")

    def _failed(
        self, detail: Any, status: int, error_type: str, *, retryable: bool = False
    ) -> Response:
        response = answer({"detail": detail}, status)
        response.headers |= {
            "x-fal-error-type": error_type,
            "x-fal-retryable": str(retryable).lower(),
            "x-fal-request-id": str(uuid.uuid4()),
        }
        return response

    def _accept(self, request: Request, *, synchronous: bool) -> Job:
        app = request.args["app"]
        if app.count("/") < 1:
            self.reject("an application is owner/name")
        fields = self.body(request)
        self._check_media(fields)
        prompt = fields.text("prompt") or fields.text("text")
        if not prompt and not any(name in fields.values for name in _MEDIA_FIELDS):
            fields.reject("prompt", "Field required")
        try:
            wanted = wanted_of_model(app, fields.values)
        except (TypeError, ValueError, KeyError) as error:
            fields.reject("input", str(error))
        return self.accept(
            request,
            model=app,
            prompt=prompt,
            amount=0.04 if wanted[0].kind == "picture" else 0.3 * wanted[0].seconds,
            wanted=wanted,
            seed=fields.integer("seed"),
            synchronous=synchronous,
            owner="/".join(app.split("/")[:2]),
        )

    def _check_media(self, fields: Fields) -> None:
        for name in _MEDIA_FIELDS:
            self.must_exist(fields, name, fields.media_ref(name))
        listed = {str(number): url for number, url in enumerate(fields.items("image_urls"))}
        urls = Fields(listed, self.complain, "image_urls")
        for number in listed:
            self.must_exist(urls, number, urls.media_ref(number, required=True))

    @route("POST", "/{app*}", stage="submit", operation="submit")
    def submit(self, request: Request) -> Response:
        job = self._accept(request, synchronous=False)
        place = self.at(f"/{job.extra['owner']}/requests/{job.id}")
        return answer(
            {
                "request_id": job.id,
                "response_url": place,
                "status_url": place + "/status",
                "cancel_url": place + "/cancel",
                "status": "IN_QUEUE",
                "queue_position": 0,
            },
            x_fal_request_id=job.id,
        )

    @route("POST", "/{app*}", stage="submit", operation="run", host="run")
    def run(self, request: Request) -> Response:
        job = self._accept(request, synchronous=True)
        job.poll()
        return self._result(job)

    def _of(self, request: Request) -> Job:
        job = self.job(request.args["id"])
        if job.extra["owner"] != "{owner}/{app}".format(**request.args):
            self.reject("the request belongs to another application")
        return job

    @route("GET", "/{owner}/{app}/requests/{id}/status", stage="poll", operation="status")
    def status(self, request: Request) -> Response:
        job = self._of(request)
        state = job.poll()
        logs: list[str] | None = [] if request.query.get("logs") in ("true", "1") else None
        if state == "queued":
            return answer({"status": "IN_QUEUE", "queue_position": 1}, 202)
        if state == "running":
            return answer({"status": "IN_PROGRESS", "logs": logs}, 202)
        body: dict[str, Any] = {"status": "COMPLETED", "logs": logs}
        body["metrics"] = {"inference_time": time.time() - job.created}
        if state == "failed" and job.fate.shape in ("request_timeout", "runner_disconnected"):
            body |= {"error": "The request failed.", "error_type": job.fate.shape}
        return answer(body)

    @route("GET", "/{owner}/{app}/requests/{id}", stage="fetch", operation="result")
    def result(self, request: Request) -> Response:
        job = self._of(request)
        if job.state() in ("queued", "running"):
            return answer({"detail": "Request is still in progress"}, 400)
        return self._result(job)

    def _result(self, job: Job) -> Response:
        state, shape = job.state(), job.fate.shape
        black = shape == "has_nsfw_concepts" and job.wanted[0].kind == "picture"
        if state == "refused" and not black:
            where = "image_url" if shape == "flagged_picture" else "prompt"
            shape = "content_policy_violation"
            message = "The content could not be processed because it was flagged by a checker."
            item = {"loc": ["body", where], "msg": message, "type": shape, "input": job.prompt}
            item["url"] = "https://docs.fal.ai/errors#content_policy_violation"
            return self._failed([item], 422, shape)
        if state == "failed":
            return self._failure(shape)
        if state == "canceled":
            return self._failed("Request was cancelled", 499, "client_cancelled")
        kind = job.wanted[0].kind
        files = [] if state == "empty" else [self._file(job, n) for n in range(len(job.wanted))]
        body: dict[str, Any] = {"seed": job.extra["seed"] or 42}
        if kind == "picture":
            body |= {"images": files, "prompt": job.prompt, "timings": {}}
            body["has_nsfw_concepts"] = [black for _ in job.wanted]
        else:
            body[{"clip": "video", "sound": "audio"}[kind]] = files[0] if files else None
        return answer(body, x_fal_request_id=job.id)

    def _failure(self, shape: str) -> Response:
        if shape == "image_load_error":
            item = {"loc": ["body", "image_url"], "msg": "Failed to load the image.", "type": shape}
            return self._failed([item], 422, shape)
        if shape == "request_timeout":
            return self._failed("Request timed out", 504, shape, retryable=True)
        item = {"loc": ["body"], "msg": "Internal server error", "type": shape}
        return self._failed([item], 500, shape, retryable=shape == "runner_disconnected")

    def _file(self, job: Job, index: int) -> dict[str, Any]:
        wanted = job.wanted[index]
        file = {"url": self.url(job, index), "content_type": wanted.media_type, "file_size": 12345}
        file["file_name"] = f"{index}.{wanted.format}"
        return file | ({"width": wanted.width, "height": wanted.height} if wanted.width else {})

    @route("PUT", "/{owner}/{app}/requests/{id}/cancel", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self._of(request)
        if job.state() not in ("queued", "running"):
            return answer({"status": "ALREADY_COMPLETED"}, 400)
        job.canceled = True
        return answer({"status": "CANCELLATION_REQUESTED"}, 202)

    @route("POST", "/storage/auth/token", stage="upload", operation="token", host="rest")
    def token(self, request: Request) -> Response:
        if request.query.get("storage_type") != "fal-cdn-v3":
            self.reject("storage_type must be fal-cdn-v3")
        return answer(
            {
                "token": _TOKEN,
                "token_type": "Bearer",
                "base_url": self.at("", "cdn"),
                "expires_at": "2099-01-01T00:00:00+00:00",
            }
        )

    @route("POST", "/files/upload", stage="upload", operation="upload", host="cdn", key=False)
    def upload(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {_TOKEN}":
            return self.error("auth", "the token is missing or wrong")
        if not request.body or "x-fal-file-name" not in request.headers:
            self.reject("the body or X-Fal-File-Name is missing")
        path = self.desk.shelf.keep(self.name, request.body, request.content_type)
        return answer({"access_url": self.desk.shelf.base + path})
