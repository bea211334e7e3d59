"""Together: pictures in the answer, clips as jobs of its second version."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..media import clip, picture, short_side_of, size_of
from ..provider import Provider, answer, route, with_media
from ..wire import Request, Response
from .openai_text import error_body

_IMAGE = (
    "model", "prompt", "width", "height", "steps", "n", "seed", "response_format",
    "reference_images", "image_url", "negative_prompt", "guidance_scale", "output_format",
    "image_loras", "disable_safety_checker",
)  # fmt: skip
_VIDEO = (
    "model", "prompt", "seconds", "resolution", "ratio", "width", "height", "fps", "seed",
    "generate_audio", "negative_prompt", "media", "steps", "guidance_scale", "output_format",
    "output_quality",
)  # fmt: skip


class Together(Provider):
    """Base `https://api.together.ai`; paths begin with `/v1` and `/v2`."""

    name = "together"
    secrets: ClassVar[Mapping[str, str]] = {"TOGETHER_API_KEY": "tgp_v1_" + "Toge" * 10}
    refusals: ClassVar[Mapping[str, str]] = {
        "video:content_moderation": "job",
        "image:content_moderation": "submit",
    }

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"error": {message, type, param, code}}`."""
        words = {
            "bad_request": (400, "invalid_request_error", None),
            "auth": (401, "invalid_request_error", "invalid_api_key"),
            "quota": (402, "credit_limit", "credit_limit"),
            "not_found": (404, "invalid_request_error", "not_found"),
            "rate_limit": (429, "rate_limit", "rate_limit"),
            "server": (503, "server_error", None),
        }
        status, word, code = words[kind]
        return answer(error_body(message, word, code, name or None), status)

    def refused(self, shape: str) -> Response:
        message = "The request was flagged by content moderation: NSFW content."
        return answer(error_body(message, "invalid_request_error", shape), 422)

    @route("POST", "/v1/images/generations", stage="submit", operation="image")
    def images(self, request: Request) -> Response:
        fields = self.body(request).known(*_IMAGE)
        model = fields.text("model", required=True)
        prompt = fields.text("prompt", required=True)
        size = fields.integer("width", 64, 4096) or 1024, fields.integer("height", 64, 4096) or 1024
        fields.integer("steps", 1, 100)
        count = fields.integer("n", 1, 4) or 1
        self._check_url(fields, "image_url")
        listed = {str(number): url for number, url in enumerate(fields.items("reference_images"))}
        for name in listed:
            self._check_url(Fields(listed, self.complain, "reference_images"), name)
        as_url = fields.one_of("response_format", ("base64", "url")) != "base64"
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.003 * count,
            wanted=(picture(size),) * count, seed=fields.integer("seed"), synchronous=True,
        )  # fmt: skip
        data: list[dict[str, Any]] = []
        for number, wanted in enumerate(job.wanted if job.poll() == "done" else ()):
            where = (
                {"url": self.url(job, number)}
                if as_url
                else {"b64_json": self.base64_of(job, wanted)}
            )
            data.append({"index": number, "type": "url" if as_url else "b64_json", **where})
        body = {"id": job.id, "model": model, "object": "list", "data": data}
        return answer(body) if as_url else with_media(body)

    def _check_url(self, fields: Fields, name: str) -> None:
        self.must_exist(fields, name, fields.media_ref(name))

    @route("POST", "/v2/videos", stage="submit", operation="video")
    def video(self, request: Request) -> Response:
        fields = self.body(request).known(*_VIDEO)
        model = fields.text("model", required=True)
        media = fields.object("media").known(
            "frame_images", "reference_images", "source_video", "reference_videos",
            "frame_videos", "audio_inputs",
        )  # fmt: skip
        for frame in media.objects("frame_images"):
            frame.known("input_image", "frame")
            frame.one_of("frame", ("first", "last"), required=True)
            given = frame.media_ref("input_image", required=True, data_uri=False, plain_base64=True)
            self.must_exist(frame, "input_image", given)
        prompt = fields.text("prompt", required=not media.items("frame_images"))
        seconds = fields.text("seconds") or "5"
        if not seconds.isdigit() or not 1 <= int(seconds) <= 15:
            fields.reject("seconds", "must be a string such as '6'")
        fields.flag("generate_audio")
        lines = fields.text("resolution") or "720p"
        size = size_of(fields.text("ratio") or "16:9", short_side=short_side_of(lines))
        if fields.get("width") and fields.get("height"):
            size = fields.integer("width", 64) or 0, fields.integer("height", 64) or 0
        fps = fields.integer("fps", 1, 60) or 24
        cost = round(0.05 * int(seconds), 4)
        job = self.accept(
            request, model=model, prompt=prompt, amount=cost, seed=fields.integer("seed"),
            wanted=(clip(size, int(seconds), fps),), job_id=str(uuid.uuid4()), cost=cost,
        )  # fmt: skip
        return answer({"id": job.id, "model": model, "object": "video", "status": "in_progress",
                       "seconds": seconds, "size": f"{size[0]}x{size[1]}",
                       "created_at": int(time.time())})  # fmt: skip

    @route("GET", "/v2/videos/{id}", stage="poll", operation="video_status")
    def status(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        state = job.poll()
        words = {"queued": "in_progress", "running": "in_progress", "refused": "failed"}
        wanted = job.wanted[0]
        body: dict[str, Any] = {
            "id": job.id,
            "model": job.model,
            "object": "video",
            "status": words.get(state, "failed" if state == "failed" else "completed"),
            "size": f"{wanted.width}x{wanted.height}",
            "seconds": str(round(wanted.seconds)),
            "created_at": int(job.created),
        }
        if state == "done":
            body["completed_at"] = int(time.time())
            body["outputs"] = {"cost": job.extra["cost"], "video_url": self.url(job)}
        elif state == "empty":
            body["outputs"] = {"cost": job.extra["cost"]}
        elif state in ("refused", "failed"):
            message = "flagged by content moderation" if state == "refused" else "internal error"
            body["error"] = {"code": job.fate.shape, "message": message}
        return answer(body)

    @route("GET", "/v1/models", stage="other", operation="models")
    def models(self, request: Request) -> Response:
        return answer([])
