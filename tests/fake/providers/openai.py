"""OpenAI's images, videos and speech; what answers in words is in `openai_text`."""

from __future__ import annotations

import io
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from PIL import Image

from ..check import Fields, check_picture_part
from ..jobs import Job
from ..media import clip, made, picture, size_of, spoken
from ..provider import answer, media_answer, route, with_media
from ..wire import Request, Response
from .openai_text import OpenAIText, error_body

_GENERATE = (
    "model", "prompt", "n", "size", "quality", "background", "output_format",
    "output_compression", "moderation", "safety_identifier", "stream", "partial_images", "user",
)  # fmt: skip
_EDIT = (*_GENERATE, "input_fidelity", "markup")
_VIDEO_SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
_SPEECH = (
    "model", "voice", "input", "instructions", "response_format", "speed", "stream_format",
)  # fmt: skip
_INTEGERS = ("n", "output_compression", "partial_images")
_RATES = {"mp3": 24000, "opus": 48000, "aac": 24000, "flac": 24000, "wav": 24000, "pcm": 24000}


class OpenAI(OpenAIText):
    """Base `https://api.openai.com/v1`."""

    refusals: ClassVar[Mapping[str, str]] = {
        **OpenAIText.refusals,
        "images:moderation_blocked": "submit",
        "images:moderation_details": "submit",
        "images:content_policy_violation": "submit",
        "videos:moderation_blocked": "job",
        "audio:content_policy_violation": "submit",
    }
    failures = ("server_error", "length")

    def refused(self, shape: str) -> Response:
        message = (
            "Your request was rejected by the safety system. If you believe this is an error, "
            "contact us at help.openai.com. safety_violations=[violence]."
        )
        kind = "image_generation_user_error"
        if shape == "content_policy_violation":
            return answer(error_body(message, "invalid_request_error", shape), 400)
        body = error_body(message, kind, "moderation_blocked")
        if shape == "moderation_details":
            details = {"moderation_stage": "input", "categories": ["violence"]}
            body["error"]["moderation_details"] = details
        return answer(body, 400)

    @route("POST", "/v1/images/generations", stage="submit", operation="images_generate")
    def generate(self, request: Request) -> Response:
        return self._images(request, self.body(request).known(*_GENERATE))

    @route("POST", "/v1/images/edits", stage="submit", operation="images_edit")
    def edit(self, request: Request) -> Response:
        fields, files = self._form(request, "image", "image[]", "mask")
        fields.known(*_EDIT)
        pictures = [*files.get("image[]", []), *files.get("image", [])]
        if not pictures or len(pictures) > 16 or len(files.get("image", [])) > 1:
            fields.reject("image", "1 to 16 pictures, several of them as image[]")
        if "image" in files and "image[]" in files:
            fields.reject("image", "image and image[] exclude each other")
        for part in pictures:
            check_picture_part(part, fields, ("image/png", "image/jpeg", "image/webp"))
        for mask in files.get("mask", []):
            check_picture_part(mask, fields, ("image/png",))
            drawn, first = (Image.open(io.BytesIO(each.content)) for each in (mask, pictures[0]))
            if drawn.mode != "RGBA" or drawn.size != first.size:
                fields.reject("mask", "must have alpha, and the size of the first image")
            if len(mask.content) > 4_000_000:
                fields.reject("mask", "must be smaller than 4 MB")
        if fields.get("input_fidelity") and str(fields.get("model")).startswith("gpt-image-2"):
            fields.reject("input_fidelity", "is not supported by this model")
        return self._images(request, fields)

    def _form(self, request: Request, *file_names: str) -> tuple[Fields, dict[str, list[Any]]]:
        try:
            parts = request.parts()
        except ValueError as error:
            self.reject(str(error))
        values: dict[str, Any] = {}
        files: dict[str, list[Any]] = {}
        for part in parts:
            if part.name in file_names:
                files.setdefault(part.name, []).append(part)
            else:
                values[part.name] = int(part.text) if part.name in _INTEGERS else part.text
        return Fields(values, self.complain), files

    def _images(self, request: Request, fields: Fields) -> Response:
        model = fields.text("model") or "gpt-image-2"
        prompt = fields.text("prompt", required=True, most=32000)
        count = fields.integer("n", 1, 10) or 1
        form = fields.one_of("output_format", ("png", "jpeg", "webp")) or "png"
        qualities = ("low", "medium", "high", "auto") + ("xhigh", "max") * ("2.5" in model)
        quality = fields.one_of("quality", qualities) or "auto"
        background = fields.one_of("background", ("transparent", "opaque", "auto"))
        fields.one_of("moderation", ("low", "auto"))
        fields.integer("output_compression", 0, 100)
        size = self._size(fields, model)
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=0.04 * count,
            wanted=(picture(size_of(size), form),) * count,
            synchronous=True,
        )
        pictures = job.wanted if job.poll() == "done" else ()
        data = [self.base64_of(job, wanted) for wanted in pictures]
        return with_media(
            {
                "created": int(job.created),
                "data": [{"b64_json": item} for item in data],
                "size": size,
                "quality": quality if quality != "auto" else "high",
                "background": background if background != "auto" and background else "opaque",
                "output_format": form,
                "usage": {
                    "input_tokens": 50,
                    "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
                    "output_tokens": 4160,
                    "total_tokens": 4210,
                },
            },
            x_request_id="req_" + uuid.uuid4().hex,
        )

    def _size(self, fields: Fields, model: str) -> str:
        size = fields.text("size") or "auto"
        if size == "auto":
            return "1024x1024"
        found = re.fullmatch(r"(\d+)x(\d+)", size)
        if found is None:
            fields.reject("size", f"{size} is no size such as 1024x1024")
        width, height = int(found[1]), int(found[2])
        if model.startswith("gpt-image-2"):
            fits = width % 16 == height % 16 == 0 and 1 / 3 <= width / height <= 3
            if not fits or max(width, height) > 3840 or min(width, height) > 2160:
                fields.reject("size", f"{size} is not supported")
        elif size not in ("1024x1024", "1536x1024", "1024x1536"):
            fields.reject("size", f"{size} is not supported")
        return size

    @route("POST", "/v1/videos", stage="submit", operation="videos")
    def video(self, request: Request) -> Response:
        fields, files = self._form(request, "input_reference")
        fields.known("model", "prompt", "seconds", "size")
        prompt = fields.text("prompt", required=True, most=32000)
        model = fields.text("model") or "sora-2"
        seconds = fields.one_of("seconds", ("4", "8", "12")) or "4"
        size = fields.one_of("size", _VIDEO_SIZES) or "720x1280"
        for part in files.get("input_reference", []):
            check_picture_part(part, fields, ("image/png", "image/jpeg", "image/webp"))
        per_second = 0.3 if model == "sora-2-pro" else 0.1
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=per_second * int(seconds),
            wanted=(clip(size_of(size), int(seconds), 30, sound=True),),
            job_id="video_" + uuid.uuid4().hex,
            seconds=seconds,
            size=size,
        )
        return answer(self._video(job, "queued"))

    def _video(self, job: Job, state: str) -> dict[str, Any]:
        words = {"running": "in_progress", "done": "completed", "empty": "completed"}
        words |= {"refused": "failed", "canceled": "failed"}
        ended = state not in ("queued", "running")
        error = None
        if state in ("refused", "failed"):
            message = "Your request was blocked by our moderation system."
            error = {"code": job.fate.shape, "message": message}
        return {
            "id": job.id,
            "object": "video",
            "model": job.model,
            "status": words.get(state, state),
            "progress": 100 if ended else round(job.progress * 100),
            "created_at": int(job.created),
            "completed_at": int(time.time()) if ended and error is None else None,
            "expires_at": int(job.created) + 3600,
            "seconds": job.extra["seconds"],
            "size": job.extra["size"],
            "prompt": job.prompt,
            "error": error,
            "remixed_from_video_id": None,
        }

    @route("GET", "/v1/videos/{id}", stage="poll", operation="video")
    def video_status(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        return answer(self._video(job, job.poll()), openai_poll_after_ms="1000")

    @route("GET", "/v1/videos/{id}/content", stage="fetch", operation="video_content")
    def video_content(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.state() != "done":
            return self.error("not_found", "Video is not ready yet.")
        return media_answer(made(job.wanted[0]), "video/mp4")

    @route("DELETE", "/v1/videos/{id}", stage="cancel")
    def delete_video(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.state() in ("queued", "running"):
            return self.error("bad_request", "Video is still in progress.")
        self.desk.jobs.forget(job)
        return answer({"id": job.id, "object": "video.deleted", "deleted": True})

    @route("POST", "/v1/audio/speech", stage="submit", operation="audio_speech")
    def speech(self, request: Request) -> Response:
        fields = self.body(request).known(*_SPEECH)
        model = fields.text("model", required=True)
        if isinstance(fields.get("voice", required=True), dict):
            fields.object("voice").text("id", required=True)
        else:
            fields.text("voice", required=True)
        text = fields.text("input", required=True, most=4096)
        form = fields.one_of("response_format", tuple(_RATES)) or "mp3"
        fields.number("speed", 0.25, 4)
        job = self.accept(
            request,
            model=model,
            prompt=text,
            amount=15 * len(text) / 1_000_000,
            wanted=(spoken(text, form, _RATES[form]),),
            synchronous=True,
        )
        wanted = job.wanted[0]
        return media_answer(b"" if job.poll() == "empty" else made(wanted), wanted.media_type)

    @route("POST", "/v1/moderations", stage="other", operation="moderations")
    def moderations(self, request: Request) -> Response:
        fields = self.body(request).known("model", "input")
        flagged = "blood" in json.dumps(fields.get("input", required=True))
        names = ("violence", "sexual", "hate", "self-harm", "harassment")
        result = {
            "flagged": flagged,
            "categories": {name: flagged and name == "violence" for name in names},
            "category_scores": {name: float(flagged) for name in names},
            "category_applied_input_types": {name: ["text"] for name in names},
        }
        model = fields.text("model") or "omni-moderation-latest"
        return answer({"id": "modr-" + uuid.uuid4().hex, "model": model, "results": [result]})
