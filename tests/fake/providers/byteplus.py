"""BytePlus ModelArk (and Volcengine's Ark): Seedream pictures at once, Seedance clips as tasks."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job
from ..media import Wanted, clip, picture, short_side_of, size_of
from ..provider import Provider, answer, route, with_media
from ..wire import Request, Response

_RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive")
_ROLES = {
    "image_url": ("first_frame", "last_frame", "reference_image"),
    "video_url": ("reference_video",),
    "audio_url": ("reference_audio",),
}
_REFUSED = (
    "InputTextSensitiveContentDetected", "InputImageSensitiveContentDetected",
    "InputImageSensitiveContentDetected.PrivacyInformation", "OutputVideoSensitiveContentDetected",
    "OutputImageSensitiveContentDetected",
)  # fmt: skip


class BytePlus(Provider):
    """Base `https://ark.ap-southeast.bytepluses.com/api/v3`; null is as good as absent."""

    name = "byteplus"
    secrets: ClassVar[Mapping[str, str]] = {"ARK_API_KEY": "5b5b5b5b-fa1e-4cde-8f00-00000000a7c0"}
    hosts: ClassVar[Mapping[str, str]] = {"": "/api/v3"}
    refusals: ClassVar[Mapping[str, str]] = {
        **{code: "submit" for code in _REFUSED if code.startswith("Input")},
        "video:OutputVideoSensitiveContentDetected": "job",
        "image:OutputImageSensitiveContentDetected": "job",
        "video:late_InputTextSensitiveContentDetected": "job",
    }
    failures = ("InternalServiceError", "expired")

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"error": {code, message, param, type}}`."""
        words = {
            "bad_request": (400, "InvalidParameter", "BadRequest"),
            "auth": (401, "AuthenticationError", "Unauthorized"),
            "quota": (403, "AccountOverdueError", "Forbidden"),
            "not_found": (404, "ResourceNotFound", "NotFound"),
            "rate_limit": (429, "RateLimitExceeded.EndpointRPMExceeded", "TooManyRequests"),
            "server": (500, "InternalServiceError", "InternalServerError"),
        }
        return self._error(*words[kind], message, name)

    def _error(self, status: int, code: str, kind: str, message: str, name: str = "") -> Response:
        request_id = uuid.uuid4().hex
        message = f"{message} Request id: {request_id}"
        body = {"code": code, "message": message, "param": name, "type": kind}
        return answer({"error": body}, status, x_request_id=request_id)

    def refused(self, shape: str) -> Response:
        message = "The request failed because the input may contain sensitive information."
        return self._error(400, shape, "BadRequest", message)

    @route("POST", "/api/v3/images/generations", stage="submit", operation="image")
    def images(self, request: Request) -> Response:
        fields = self.body(request)
        model = fields.text("model", required=True)
        prompt = fields.text("prompt", required=True)
        self._check_pictures(fields)
        count = 1
        if fields.one_of("sequential_image_generation", ("auto", "disabled")) == "auto":
            options = fields.object("sequential_image_generation_options")
            count = options.integer("max_images", 1, 15) or 1
        fields.flag("watermark")
        form = fields.one_of("output_format", ("png", "jpeg")) or "jpeg"
        size = self._size(fields)
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.03 * count,
            wanted=(picture(size, form),) * count, seed=fields.integer("seed", -1, 2147483647),
            synchronous=True,
        )  # fmt: skip
        state = job.poll()
        as_data = fields.one_of("response_format", ("url", "b64_json")) == "b64_json"
        data: list[dict[str, Any]] = []
        for number, wanted in enumerate(job.wanted if state != "empty" else ()):
            if state != "done":
                data.append({"error": {"code": job.fate.shape, "message": "It was not made."}})
                continue
            where = (
                {"b64_json": self.base64_of(job, wanted)}
                if as_data
                else {"url": self.url(job, number)}
            )
            data.append({**where, "size": f"{size[0]}x{size[1]}"})
        usage = {"generated_images": count, "output_tokens": 4096, "total_tokens": 4096}
        body = {"model": model, "created": int(time.time()), "data": data, "usage": usage}
        return with_media(body) if as_data else answer(body)

    def _check_pictures(self, fields: Fields) -> None:
        if isinstance(fields.get("image"), list):
            listed = {str(number): url for number, url in enumerate(fields.items("image", most=14))}
            fields = Fields(listed, self.complain, "image")
        for name in [name for name in fields.values if name == "image" or name.isdigit()]:
            self.must_exist(fields, name, fields.media_ref(name))

    def _size(self, fields: Fields) -> tuple[int, int]:
        size = fields.text("size") or "2K"
        if re.fullmatch(r"\d+x\d+", size):
            return size_of(size)
        if size not in ("1K", "2K", "3K", "4K"):
            fields.reject("size", f"{size} is no size")
        side = int(size[0]) * 1024
        return side, side

    @route("POST", "/api/v3/contents/generations/tasks", stage="submit", operation="video")
    def submit(self, request: Request) -> Response:
        fields = self.body(request)
        model = fields.text("model", required=True)
        prompt = self._content(fields)
        lines = fields.one_of("resolution", ("480p", "720p", "1080p", "4k")) or "720p"
        ratio = fields.one_of("ratio", _RATIOS) or "16:9"
        frames = fields.integer("frames", 29, 289)
        seconds = frames / 24 if frames else fields.integer("duration", -1, 15) or 5
        for name in ("watermark", "generate_audio", "camera_fixed", "return_last_frame", "draft"):
            fields.flag(name)
        fields.one_of("service_tier", ("default", "flex"))
        size = size_of("16:9" if ratio == "adaptive" else ratio, short_side=short_side_of(lines))
        wanted: tuple[Wanted, ...] = (
            clip(size, max(seconds, 2), sound=fields.flag("generate_audio") is True),
        )
        if fields.flag("return_last_frame"):
            wanted += (picture(size),)
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.142 * seconds, wanted=wanted,
            seed=fields.integer("seed", -1, 4294967295), job_id="cgt-" + uuid.uuid4().hex[:20],
            resolution=lines, ratio=ratio, duration=int(seconds),
        )  # fmt: skip
        return answer({"id": job.id})

    def _content(self, fields: Fields) -> str:
        roles, texts = [], []
        for item in fields.objects("content", required=True):
            kind = item.one_of("type", ("text", *_ROLES, "draft_task"), required=True)
            if kind == "text":
                texts.append(item.text("text", required=True))
            elif kind == "draft_task":
                item.object("draft_task", required=True).text("id", required=True)
            else:
                roles.append(item.one_of("role", _ROLES[kind]) or "first_frame")
                media = item.object(kind, required=True)
                url = media.media_ref("url", required=True, own_scheme="asset://")
                self.must_exist(media, "url", url)
        framed = {"first_frame", "last_frame"} & set(roles)
        if framed and any(role.startswith("reference") for role in roles):
            fields.reject("content", "frames and references exclude each other")
        if "last_frame" in roles and "first_frame" not in roles:
            fields.reject("content", "last_frame needs first_frame")
        if any(roles.count(role) > 1 for role in framed):
            fields.reject("content", "a frame is given twice")
        return "\n".join(texts)

    @route("GET", "/api/v3/contents/generations/tasks/{id}", stage="poll", operation="task")
    def task(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        return answer(self._task(job))

    def _task(self, job: Job) -> dict[str, Any]:
        state = job.poll()
        words = {"done": "succeeded", "empty": "succeeded", "refused": "failed"}
        words |= {"canceled": "cancelled"}
        status = words.get(state, state)
        if job.fate.shape == "expired" and state == "failed":
            status = "expired"
        body: dict[str, Any] = {
            "id": job.id,
            "model": job.model,
            "status": status,
            "created_at": int(job.created),
            "updated_at": int(time.time()),
            "seed": job.extra["seed"] or 10,
            "resolution": job.extra["resolution"],
            "ratio": job.extra["ratio"],
            "duration": job.extra["duration"],
            "framespersecond": 24,
        }
        if status == "failed":
            code = job.fate.shape.removeprefix("late_")
            body["error"] = {"code": code, "message": "The request failed."}
        elif status == "succeeded":
            names = ("video_url", "last_frame_url")
            urls = self.urls(job) if state == "done" else []
            body["content"] = dict(zip(names, urls, strict=False))
            body["usage"] = {"completion_tokens": 108900, "total_tokens": 108900}
        return body

    @route("DELETE", "/api/v3/contents/generations/tasks/{id}", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        state = job.state()
        if state == "running":
            return self._error(409, "InvalidAction.RunningTask", "Conflict", "The task is running.")
        if state == "queued":
            job.canceled = True
        else:
            self.desk.jobs.forget(job)
        return answer({})
