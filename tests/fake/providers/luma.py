"""Luma Dream Machine: generations whose refusal is free text; pictures come in by URL alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job, State
from ..media import Wanted, clip, picture, short_side_of, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response

_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")
_VIDEO = (
    "generation_type", "model", "prompt", "aspect_ratio", "resolution", "duration", "loop",
    "concepts", "callback_url", "keyframes",
)  # fmt: skip
_IMAGE = (
    "generation_type", "model", "prompt", "aspect_ratio", "format", "image_ref", "style_ref",
    "character_ref", "modify_image_ref", "sync", "sync_timeout", "callback_url",
)  # fmt: skip
_REASONS = {
    "moderated": "400: Input image or prompt did not pass our moderation.",
    "failed": "The job could not be processed. Try again.",
}


class Luma(Provider):
    """Base `https://api.lumalabs.ai/dream-machine/v1`."""

    name = "luma"
    secrets: ClassVar[Mapping[str, str]] = {"LUMAAI_API_KEY": "luma-" + "1a" * 24}
    hosts: ClassVar[Mapping[str, str]] = {"": "/dream-machine/v1"}
    refusals: ClassVar[Mapping[str, str]] = {"moderated": "job", "moderated_at_once": "submit"}

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"detail": text}`, or a list for a faulty field."""
        if kind == "bad_request" and name:
            item = {"type": "value_error", "loc": ["body", name], "msg": message, "input": None}
            return answer({"detail": [item]}, 422)
        if kind == "quota":
            return answer({"detail": "Insufficient credits"}, 400)
        statuses = {"bad_request": 400, "auth": 403, "not_found": 404, "rate_limit": 429}
        return answer({"detail": message}, statuses.get(kind, 500))

    def refused(self, shape: str) -> Response:
        return answer({"detail": "Prompt did not pass moderation"}, 400)

    @route("POST", "/dream-machine/v1/generations", stage="submit", operation="video")
    def generations(self, request: Request) -> Response:
        return self.video(request)

    @route("POST", "/dream-machine/v1/generations/video", stage="submit", operation="video")
    def video(self, request: Request) -> Response:
        fields = self.body(request).known(*_VIDEO)
        model = fields.one_of("model", ("ray-2", "ray-flash-2", "ray-1-6"), required=True)
        ratio = fields.one_of("aspect_ratio", _RATIOS) or "16:9"
        lines = fields.one_of("resolution", ("540p", "720p", "1080p", "4k")) or "720p"
        duration = fields.one_of("duration", ("5s", "9s")) or "5s"
        for concept in fields.objects("concepts"):
            concept.text("key", required=True)
        frames = fields.object("keyframes").known("frame0", "frame1")
        for name in frames.values:
            self._check_frame(frames.object(name, required=True))
        prompt = fields.text("prompt", required=not frames.values)
        size = size_of(ratio, short_side=short_side_of(lines))
        wanted = clip(size, float(duration.removesuffix("s")))
        return self._generation_of(request, fields, model, prompt, wanted, 0.7)

    def _check_frame(self, frame: Fields) -> None:
        if frame.one_of("type", ("image", "generation"), required=True) == "generation":
            self.job(frame.text("id", required=True))
        else:
            self._check_url(frame)

    def _check_url(self, fields: Fields) -> None:
        url = fields.media_ref("url", required=True, data_uri=False)
        if url and not url.startswith("https:"):
            fields.reject("url", "must be a public https URL")

    @route("POST", "/dream-machine/v1/generations/image", stage="submit", operation="image")
    def image(self, request: Request) -> Response:
        fields = self.body(request).known(*_IMAGE)
        model = fields.one_of("model", ("photon-1", "photon-flash-1")) or "photon-1"
        prompt = fields.text("prompt", required=True)
        ratio = fields.one_of("aspect_ratio", _RATIOS) or "16:9"
        form = fields.one_of("format", ("jpg", "png")) or "jpg"
        references = fields.objects("image_ref", most=4) + fields.objects("style_ref")
        if fields.get("modify_image_ref") is not None:
            references.append(fields.object("modify_image_ref"))
        for reference in references:
            reference.known("url", "weight").number("weight", 0, 1)
            self._check_url(reference)
        identity = fields.object("character_ref").object("identity0")
        for number, url in enumerate(identity.items("images")):
            self._check_url(Fields({"url": url}, self.complain, f"character_ref.{number}"))
        wanted = picture(size_of(ratio, short_side=1024), form)
        return self._generation_of(request, fields, model, prompt, wanted, 0.016)

    def _generation_of(
        self,
        request: Request,
        fields: Fields,
        model: str,
        prompt: str,
        wanted: Wanted,
        amount: float,
    ) -> Response:
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=amount,
            wanted=(wanted,),
            synchronous=fields.get("sync") is True,
            asked=dict(fields.values),
        )
        return answer(self._generation(job, job.state()), 201)

    def _generation(self, job: Job, state: State) -> dict[str, Any]:
        words = {"running": "dreaming", "done": "completed", "empty": "completed"}
        words |= {"refused": "failed", "canceled": "failed"}
        kind = "video" if job.operation == "video" else "image"
        assets = {kind: self.url(job)} if state == "done" else None
        if state in ("refused", "failed"):
            self.refund(job)
        return {
            "id": job.id,
            "generation_type": kind,
            "state": words.get(state, state),
            "failure_reason": _REASONS.get(job.fate.shape)
            if words.get(state) == "failed"
            else None,
            "created_at": "2026-11-20T12:00:00.000Z",
            "assets": assets,
            "model": job.model,
            "request": job.extra["asked"],
        }

    @route("GET", "/dream-machine/v1/generations/{id}", stage="poll", operation="generation")
    def generation(self, request: Request) -> Response:
        if not re.fullmatch(r"[0-9a-f-]{36}", request.args["id"]):
            self.reject("not a generation's id", "id")
        job = self.job(request.args["id"])
        return answer(self._generation(job, job.poll()))

    @route("DELETE", "/dream-machine/v1/generations/{id}", stage="cancel")
    def delete(self, request: Request) -> Response:
        self.desk.jobs.forget(self.job(request.args["id"]))
        return Response(204)

    @route("GET", "/dream-machine/v1/credits", stage="other", operation="credits")
    def credits(self, request: Request) -> Response:
        return answer({"credit_balance": 1000.0})
