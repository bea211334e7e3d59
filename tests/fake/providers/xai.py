"""xAI's clips, whose answer while they are made may be empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..media import clip, short_side_of, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response

_FIELDS = (
    "model", "prompt", "duration", "aspect_ratio", "resolution", "image", "last_frame",
    "reference_images", "generate_audio", "video", "user",
)  # fmt: skip
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3")
_TICKS = 10_000_000_000  # of a US dollar


class XAI(Provider):
    """Base `https://api.x.ai/v1`."""

    name = "xai"
    secrets: ClassVar[Mapping[str, str]] = {"XAI_API_KEY": "xai-" + "Grok" * 15}
    hosts: ClassVar[Mapping[str, str]] = {"": "/v1"}
    refusals: ClassVar[Mapping[str, str]] = {
        "respect_moderation": "job",
        "content_moderation": "submit",
    }
    failures = ("failed", "expired")
    id_path = "request_id"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{code, error}`."""
        statuses = {"bad_request": 400, "auth": 401, "quota": 403, "not_found": 404}
        statuses |= {"rate_limit": 429, "server": 503}
        return answer({"code": kind, "error": message}, statuses[kind])

    def refused(self, shape: str) -> Response:
        return answer({"code": "invalid_argument", "error": "Rejected by content moderation."}, 400)

    @route("POST", "/v1/videos/{kind}", stage="submit", operation="video")
    def video(self, request: Request) -> Response:
        if request.args["kind"] not in ("generations", "edits", "extensions"):
            return self.error("not_found", request.path)
        fields = self.body(request).known(*_FIELDS)
        model = fields.text("model", required=True)
        prompt = fields.text("prompt", required="image" not in fields.values)
        seconds = fields.integer("duration", 1, 15) or 6
        ratio = fields.one_of("aspect_ratio", _RATIOS) or "16:9"
        lines = fields.one_of("resolution", ("480p", "720p", "1080p")) or "480p"
        pictures = fields.objects("reference_images")
        pictures += [fields.object(name) for name in ("image", "last_frame") if fields.get(name)]
        for item in pictures:
            self.must_exist(item.known("url"), "url", item.media_ref("url", required=True))
        amount = {"480p": 0.08, "720p": 0.14, "1080p": 0.25}[lines] * seconds
        wanted = clip(size_of(ratio, short_side=short_side_of(lines)), seconds, sound=True)
        job = self.accept(request, model=model, prompt=prompt, amount=amount, wanted=(wanted,))
        return answer({"request_id": job.id})

    @route("GET", "/v1/videos/{id}", stage="poll", operation="status")
    def status(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        state = job.poll()
        if state in ("queued", "running"):
            # The answer while waiting may be empty; every other one is.
            if job.polls % 2:
                return Response(202)
            return answer({"status": "pending", "progress": round(job.progress * 100)}, 202)
        usage = {"cost_in_usd_ticks": round(job.amount * _TICKS)}
        body: dict[str, Any] = {"model": job.model, "progress": 100, "usage": usage}
        if state == "failed":
            error = {"code": "internal_error", "message": "The video could not be generated."}
            return answer({**body, "status": job.fate.shape, "error": error})
        clean = state != "refused"
        video: dict[str, Any] = {"duration": job.wanted[0].seconds, "respect_moderation": clean}
        video["url"] = self.url(job) if state == "done" else None
        return answer({**body, "status": "done", "video": video if state != "empty" else None})
