"""Gemini's Interactions: pictures and clips from one call, in its answer or by polling."""

from __future__ import annotations

import uuid
from typing import Any

from ..check import Fields
from ..jobs import Job
from ..media import Wanted, clip, picture, short_side_of, size_of
from ..provider import answer, route, with_media
from ..schema import sample
from ..wire import Request, Response
from .google_text import RATIOS, GoogleSurface

_CALL = (
    "model", "input", "background", "responseFormat", "generationConfig", "previousInteractionId",
    "store", "systemInstruction", "tools", "stream", "responseModalities", "responseMimeType",
    "agent",
)  # fmt: skip
_TASKS = (
    "text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale",
)  # fmt: skip


class Interactions(GoogleSurface):
    """The part of the Gemini API under `/interactions`."""

    @route("POST", "/{version}/interactions", stage="submit", operation="interactions")
    def interact(self, request: Request) -> Response:
        fields = self.body(request).known(*_CALL)
        model = fields.text("model", required=True)
        prompt = self._input(fields)
        form = self._format(fields)
        config = fields.object("generationConfig")
        config.object("videoConfig").one_of("task", _TASKS)
        wanted, amount = self._wanted(form)
        delivery = form.one_of("delivery", ("inline", "uri")) or "inline"
        background = fields.flag("background") is True
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=amount,
            wanted=wanted,
            seed=config.integer("seed"),
            job_id="v1_" + uuid.uuid4().hex,
            synchronous=not background,
            delivery=delivery,
            version=request.args["version"],
        )
        if not background:
            job.poll()
        return self._interaction(job)

    def _input(self, fields: Fields) -> str:
        """All text of the input, whose pictures are looked at on the way."""
        if isinstance(fields.get("input", required=True), str):
            return fields.text("input", required=True)
        texts = []
        for step in fields.objects("input", required=True):
            kind = step.text("type", required=True)
            contents = step.objects("content") if kind == "user_input" else [step]
            for content in contents:
                kind = content.one_of("type", ("text", "image", "video", "audio"), required=True)
                if kind == "text":
                    texts.append(content.text("text", required=True))
                    continue
                media_type = content.text("mimeType", required="uri" not in content.values)
                if "uri" not in content.values:
                    content.base64_media("data", media_type, url_safe=True)
        return "\n".join(texts)

    def _format(self, fields: Fields) -> Fields:
        if isinstance(fields.get("responseFormat"), list):
            forms = fields.objects("responseFormat", most=1)
            return forms[0] if forms else fields.object("none")
        return fields.object("responseFormat")

    def _wanted(self, form: Fields) -> tuple[tuple[Wanted, ...], float]:
        kind = form.one_of("type", ("image", "video", "text"))
        if kind == "video":
            form.known("type", "aspectRatio", "resolution", "duration", "delivery", "gcsUri")
            text = form.text("duration") or "8s"
            if not text.endswith("s") or not 3 <= float(text[:-1]) <= 15:
                form.reject("duration", f"{text!r} is not a length from 3s to 15s")
            ratio = form.one_of("aspectRatio", ("16:9", "9:16")) or "16:9"
            lines = form.one_of("resolution", ("360p", "720p", "1080p", "4k")) or "720p"
            size = size_of(ratio, short_side=short_side_of(lines))
            return (clip(size, float(text[:-1]), sound=True),), 0.1 * float(text[:-1])
        if kind == "image":
            form.known("type", "aspectRatio", "imageSize", "mimeType", "delivery")
            form.one_of("mimeType", ("image/jpeg",))
            ratio = form.one_of("aspectRatio", RATIOS) or "1:1"
            side = form.one_of("imageSize", ("512", "1K", "2K", "4K")) or "1K"
            size = size_of(ratio, short_side=short_side_of(side))
            return (picture(size, "jpeg"),), 0.045
        return (), 0.001

    def _interaction(self, job: Job) -> Response:
        state = job.state()
        words = {"running": "in_progress", "done": "completed", "empty": "completed"}
        words |= {"refused": "failed", "canceled": "cancelled"}
        status = words.get(state, state)
        if state == "failed" and job.fate.shape in ("incomplete", "budget_exceeded", "cancelled"):
            status = job.fate.shape
        usage = {"total_input_tokens": 50, "total_output_tokens": 1290, "total_tokens": 1340}
        body: dict[str, Any] = {
            "id": job.id,
            "object": "interaction",
            "model": job.model,
            "status": status,
            "created": "2026-11-20T12:00:00Z",
            "updated": "2026-11-20T12:00:00Z",
            "steps": [],
            "usage": usage,
        }
        if state == "refused":
            message = "The request was blocked: it may violate our usage guidelines."
            body["errors"] = [{"code": "content_blocked", "message": message}]
        elif status == "failed":
            body["errors"] = [{"code": "internal", "message": "An internal error occurred."}]
        elif state == "done":
            body["steps"] = [{"type": "model_output", "content": self._output(job)}]
        return with_media(body)

    def _output(self, job: Job) -> list[dict[str, Any]]:
        if not job.wanted:
            return [{"type": "text", "text": sample({"type": "string"}, job.prompt)}]
        wanted = job.wanted[0]
        kind = {"clip": "video", "picture": "image"}[wanted.kind]
        item: dict[str, Any] = {"type": kind, "mime_type": wanted.media_type}
        if job.extra["delivery"] == "uri":
            item["uri"] = self.file_url(self.at(f"/{job.extra['version']}"), job, 0)
        else:
            item["data"] = self.base64_of(job, wanted)
        return [item]

    def file_url(self, base: str, job: Job, index: int) -> str:
        """A result as a file that is downloaded with the key."""
        name = f"{job.id.rpartition('/')[2]}-{index}"
        self.desk.shelf.wanted[f"/google/{name}"] = job.wanted[index]
        return f"{base}/files/{name}:download?alt=media"

    @route("GET", "/{version}/interactions/{id}", stage="poll", operation="interaction")
    def interaction(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        job.poll()
        return self._interaction(job)

    @route("POST", "/{version}/interactions/{id}/cancel", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        job.canceled = job.state() in ("queued", "running")
        return self._interaction(job)

    @route("DELETE", "/{version}/interactions/{id}", stage="other")
    def delete(self, request: Request) -> Response:
        self.desk.jobs.forget(self.job(request.args["id"]))
        return answer({})
