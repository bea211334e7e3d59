"""Alibaba's Wan, which wants to be told in a header that it shall answer at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from ..check import Fields
from ..media import clip, short_side_of, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response

_ALIBABA = ("model", "input", "parameters")
_MEDIA = ("first_frame", "last_frame", "reference_image")


class Alibaba(Provider):
    """Base `https://dashscope-intl.aliyuncs.com`."""

    name = "alibaba"
    secrets: ClassVar[Mapping[str, str]] = {
        "ALIBABA_API_KEY": "sk-" + "a1" * 16,
        "DASHSCOPE_API_KEY": "sk-" + "a1" * 16,
    }
    refusals: ClassVar[Mapping[str, str]] = {
        "DataInspectionFailed": "job",
        "DataInspectionFailed_at_once": "submit",
    }
    failures = ("InternalError", "UNKNOWN")
    id_path = "output.task_id"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{code, message, request_id}`."""
        words = {
            "bad_request": (400, "InvalidParameter"),
            "auth": (401, "InvalidApiKey"),
            "quota": (400, "Arrearage"),
            "not_found": (404, "NotFound"),
            "rate_limit": (429, "Throttling.RateQuota"),
            "server": (500, "InternalError"),
        }
        status, code = words[kind]
        return answer({"code": code, "message": message, "request_id": str(uuid.uuid4())}, status)

    def refused(self, shape: str) -> Response:
        message = "Input data may contain inappropriate content."
        body = {"code": "DataInspectionFailed", "message": message, "request_id": "r"}
        return answer(body, 400)

    @route("POST", "/api/v1/services/aigc/video-generation/video-synthesis", stage="submit",
           operation="video")  # fmt: skip
    def video(self, request: Request) -> Response:
        if request.headers.get("x-dashscope-async") != "enable":
            self.reject("current user api does not support synchronous calls")
        fields = self.body(request).known(*_ALIBABA)
        model = fields.text("model", required=True)
        inputs = fields.object("input", required=True)
        pictures = self._check_pictures(inputs, model)
        prompt = inputs.text("prompt", required=not pictures)
        options = fields.object("parameters").known(
            "resolution", "size", "ratio", "duration", "seed", "audio", "prompt_extend",
            "watermark", "negative_prompt", "shot_type",
        )  # fmt: skip
        seconds = options.integer("duration", 2, 15) or 5
        lines = options.one_of("resolution", ("480P", "720P", "1080P")) or "720P"
        size = size_of(options.text("ratio") or "16:9", short_side=short_side_of(lines))
        if options.text("size"):
            size = size_of(options.text("size"))
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.1 * seconds,
            wanted=(clip(size, seconds, 30),), seed=options.integer("seed", 0, 2147483647),
        )  # fmt: skip
        output = {"task_id": job.id, "task_status": "PENDING"}
        return answer({"output": output, "request_id": str(uuid.uuid4())})

    def _check_pictures(self, inputs: Fields, model: str) -> bool:
        inputs.known("prompt", "negative_prompt", "media", "img_url", "audio_url", "template")
        if inputs.get("img_url") is not None and "wan2.7" in model:
            inputs.reject("img_url", f"{model} takes media")
        self.must_exist(inputs, "img_url", inputs.media_ref("img_url"))
        media = inputs.objects("media")
        for item in media:
            item.known("type", "url").one_of("type", _MEDIA, required=True)
            self.must_exist(item, "url", item.media_ref("url", required=True))
        return bool(media or inputs.get("img_url"))

    @route("GET", "/api/v1/tasks/{id}", stage="poll", operation="task")
    def task(self, request: Request) -> Response:
        job = self.desk.jobs.find(self.name, request.args["id"])
        request_id = str(uuid.uuid4())
        if job is None:
            output = {"task_id": request.args["id"], "task_status": "UNKNOWN"}
            return answer({"output": output, "request_id": request_id})
        state = job.poll()
        words = {"queued": "PENDING", "running": "RUNNING", "canceled": "CANCELED"}
        words |= {"done": "SUCCEEDED", "empty": "SUCCEEDED"}
        output = {"task_id": job.id, "task_status": words.get(state, "FAILED")}
        if state == "done":
            output["video_url"] = self.url(job)
        elif state in ("refused", "failed"):
            output |= {"code": job.fate.shape, "message": "The task failed."}
            if job.fate.shape == "UNKNOWN":
                output = {"task_id": job.id, "task_status": "UNKNOWN"}
        return answer({"output": output, "request_id": request_id, "usage": {"video_count": 1}})

    @route("POST", "/api/v1/tasks/{id}/cancel", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.state() != "queued":
            self.reject("only a pending task can be canceled")
        job.canceled = True
        return answer({"request_id": str(uuid.uuid4())})
