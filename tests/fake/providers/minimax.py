"""MiniMax: v1 tells of faults in a body with HTTP 200 and gives files; v2 is like the others."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Answered, Fields
from ..media import clip, short_side_of, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response

_V1 = (
    "model", "prompt", "first_frame_image", "last_frame_image", "subject_reference", "duration",
    "resolution", "prompt_optimizer", "callback_url", "fast_pretreatment", "aigc_watermark",
)  # fmt: skip
_V2 = ("model", "content", "resolution", "duration", "ratio", "aigc_watermark", "callback_url")
_RATIOS = ("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
_CODES = {
    "bad_request": 2013, "auth": 1004, "quota": 1008, "not_found": 2013, "rate_limit": 1002,
    "server": 1000,
}  # fmt: skip
_TYPES = {
    "bad_request": (400, "bad_request_error"), "auth": (401, "authentication_error"),
    "quota": (402, "insufficient_balance_error"), "not_found": (404, "not_found_error"),
    "rate_limit": (429, "rate_limit_error"), "server": (500, "server_error"),
}  # fmt: skip


class MiniMax(Provider):
    """Base `https://api.minimax.io`; `/v1` and `/v2` by the model."""

    name = "minimax"
    secrets: ClassVar[Mapping[str, str]] = {"MINIMAX_API_KEY": "eyJfake." + "mm" * 24}
    refusals: ClassVar[Mapping[str, str]] = {
        "v1:1026": "submit",
        "v1:1027": "job",
        "v2:content_policy": "job",
        "v2:unprocessable_entity_error": "submit",
    }
    id_path = "task_id"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """v1: HTTP 200 and `base_resp`."""
        return answer({"base_resp": {"status_code": _CODES[kind], "status_msg": message}})

    def error_to(self, request: Request, kind: str, message: str) -> Response:
        if request.path.startswith("/v2/"):
            return self._error_2(kind, message)
        return self.error(kind, message)

    def _error_2(self, kind: str, message: str) -> Response:
        """v2: an HTTP error and `{type: "error", error, request_id}`."""
        status, word = _TYPES[kind]
        error = {"type": word, "message": message, "http_code": str(status)}
        return answer({"type": "error", "error": error, "request_id": uuid.uuid4().hex}, status)

    def refused(self, shape: str) -> Response:
        if shape == "unprocessable_entity_error":
            message = "video description contains sensitive content (1026)"
            error = {"type": shape, "message": message, "http_code": "422"}
            return answer({"type": "error", "error": error, "request_id": uuid.uuid4().hex}, 422)
        return answer(
            {"base_resp": {"status_code": int(shape), "status_msg": "input new_sensitive"}}
        )

    @route("POST", "/v1/video_generation", stage="submit", operation="v1")
    def submit_1(self, request: Request) -> Response:
        fields = self.body(request).known(*_V1)
        model = fields.text("model", required=True)
        if model.startswith("MiniMax-H3"):
            fields.reject("model", f"{model} is served by /v2")
        pictures = [
            fields.media_ref(name, most_bytes=20_000_000)
            for name in ("first_frame_image", "last_frame_image")
        ]
        if any(pictures) and fields.items("subject_reference"):
            fields.reject("subject_reference", "excludes first and last frames")
        prompt = fields.text("prompt", required=not any(pictures), most=2000)
        seconds = fields.one_of("duration", (6, 10)) or 6
        lines = fields.one_of("resolution", ("512P", "768P", "1080P")) or "768P"
        if lines == "1080P" and seconds == 10:
            fields.reject("duration", "1080P is for 6 seconds only")
        fields.flag("prompt_optimizer")
        size = size_of("16:9", short_side=short_side_of(lines))
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.28, wanted=(clip(size, seconds),),
            job_id=str(uuid.uuid4().int)[:18],
        )  # fmt: skip
        ok = {"status_code": 0, "status_msg": "success"}
        return answer({"task_id": job.id, "base_resp": ok})

    @route("GET", "/v1/query/video_generation", stage="poll", operation="v1_query")
    def query_1(self, request: Request) -> Response:
        job = self.job(request.query.get("task_id", ""))
        state = job.poll()
        words = {"queued": "Queueing" if job.polls > 1 else "Preparing", "running": "Processing"}
        words |= {"refused": "Fail", "failed": "Fail"}
        resp = {"status_code": 0, "status_msg": "success"}
        if state == "refused":
            resp = {"status_code": 1027, "status_msg": "output new_sensitive"}
        elif state == "failed":
            resp = {"status_code": 1000, "status_msg": "unknown error"}
        file_id = job.id + "99" if state == "done" else ""
        status = words.get(state, "Success")
        return answer({"task_id": job.id, "status": status, "file_id": file_id, "base_resp": resp})

    @route("GET", "/v1/files/retrieve", stage="fetch", operation="v1_file")
    def file_1(self, request: Request) -> Response:
        job = self.job(request.query.get("file_id", "").removesuffix("99"))
        file = {
            "file_id": request.query["file_id"],
            "bytes": 12345,
            "created_at": int(job.created),
            "filename": "output.mp4",
            "purpose": "video_generation",
            "download_url": self.url(job),
            "backup_download_url": self.url(job),
        }
        return answer({"file": file, "base_resp": {"status_code": 0, "status_msg": "success"}})

    def _fields_2(self, request: Request) -> Fields:
        def complain(name: str, message: str) -> Response:
            return self._error_2("bad_request", f"{name}: {message}")

        return Fields(self.body(request).values, complain).known(*_V2)

    @route("POST", "/v2/video_generation", stage="submit", operation="v2")
    def submit_2(self, request: Request) -> Response:
        fields = self._fields_2(request)
        model = fields.one_of("model", ("MiniMax-H3", "MiniMax-H3-Max"), required=True)
        roles, prompt = self._read_content(fields)
        lines = fields.one_of("resolution", ("480P", "768P", "2K")) or "768P"
        seconds = fields.integer("duration", 4, 15) or 5
        ratio = fields.one_of("ratio", _RATIOS)
        framed = bool(roles & {"first_frame", "last_frame"})
        if framed and any(role.startswith("reference") for role in roles):
            fields.reject("content", "frames and references exclude each other")
        if not framed and ratio in (None, "adaptive"):
            fields.reject("ratio", "is required for text")
        shape = ratio if ratio not in (None, "adaptive") else "16:9"
        size = size_of(shape, short_side=short_side_of(lines))
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.08 * seconds,
            wanted=(clip(size, seconds),), job_id=str(uuid.uuid4().int)[:18], ratio=ratio,
            lines=lines,
        )  # fmt: skip
        return answer({"task_id": job.id})

    def _read_content(self, fields: Fields) -> tuple[set[str], str]:
        roles, texts = set(), []
        media = ("image", "video", "audio")
        allowed = {
            "image_url": ("first_frame", "last_frame", "reference_image"),
            "video_url": ("reference_video",),
            "audio_url": ("reference_audio",),
        }
        for item in fields.objects("content", required=True):
            kind = item.one_of("type", ("text", *(f"{name}_url" for name in media)), required=True)
            if kind == "text":
                texts.append(item.text("text", required=True))
                continue
            roles.add(item.one_of("role", allowed[kind], required=True))
            item.object(kind, required=True).media_ref(
                "url", required=True, own_scheme="mm_file://"
            )
        if not texts:
            fields.reject("content", "needs a text")
        return roles, "\n".join(texts)

    @route("GET", "/v2/query/video_generation/{id}", stage="poll", operation="v2_query")
    def query_2(self, request: Request) -> Response:
        job = self.desk.jobs.find(self.name, request.args["id"])
        if job is None:
            raise Answered(self._error_2("not_found", "task not found"))
        state = job.poll()
        words = {"done": "succeeded", "empty": "succeeded", "refused": "failed"}
        words |= {"canceled": "cancelled"}
        task: dict[str, Any] = {
            "id": job.id,
            "status": words.get(state, state),
            "resolution": job.extra["lines"],
            "ratio": job.extra["ratio"],
            "duration": job.wanted[0].seconds,
            "updated_at": int(time.time()),
        }
        if state == "done":
            task |= {"content": {"url": self.url(job)}, "usage": {"total_tokens": 1000}}
        elif state == "refused":
            message = "The output was flagged as sensitive by content moderation"
            task["error"] = {"code": "1027", "message": message}
        elif state == "failed":
            task["error"] = {"code": "1000", "message": "unknown error"}
        return answer({"task": task})
