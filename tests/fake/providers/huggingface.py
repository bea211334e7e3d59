"""Hugging Face's router: a picture in the answer, and the hub that says who serves a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..media import made, picture
from ..provider import Provider, answer, route
from ..wire import Request, Response


class HuggingFace(Provider):
    """Base `https://router.huggingface.co`; host `hub` says who serves a model."""

    name = "huggingface"
    secrets: ClassVar[Mapping[str, str]] = {"HF_TOKEN": "hf_" + "Face" * 8}
    hosts: ClassVar[Mapping[str, str]] = {"": "", "hub": ""}
    refusals: ClassVar[Mapping[str, str]] = {"flagged": "submit"}

    failures = ()

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"error": text}`."""
        statuses = {"bad_request": 400, "auth": 401, "quota": 402, "not_found": 404}
        statuses |= {"rate_limit": 429, "server": 503}
        return answer({"error": message}, statuses[kind])

    def refused(self, shape: str) -> Response:
        return answer({"error": "The content was flagged by the safety checker (NSFW)."}, 400)

    @route("POST", "/hf-inference/models/{model*}", stage="submit", operation="image")
    def infer(self, request: Request) -> Response:
        fields = self.body(request).known("inputs", "parameters", "options")
        prompt = fields.text("inputs", required=True)
        options = fields.object("parameters")
        size = (
            options.integer("width", 64, 4096) or 1024,
            options.integer("height", 64, 4096) or 1024,
        )
        options.integer("num_inference_steps", 1, 200)
        options.number("guidance_scale", 0, 30)
        options.text("negative_prompt")
        job = self.accept(
            request, model=request.args["model"], prompt=prompt, amount=0.01,
            wanted=(picture(size, "jpeg"),), seed=options.integer("seed"), synchronous=True,
        )  # fmt: skip
        content = b"" if job.poll() == "empty" else made(job.wanted[0])
        return Response(200, content, {"content-type": "image/jpeg"}, carries_media=True)

    @route("GET", "/api/models/{model*}", stage="other", operation="model", host="hub", key=False)
    def model(self, request: Request) -> Response:
        mapping = {"status": "live", "providerId": request.args["model"], "task": "text-to-image"}
        return answer(
            {
                "id": request.args["model"],
                "pipeline_tag": "text-to-image",
                "tags": [],
                "inferenceProviderMapping": {"hf-inference": mapping},
            }
        )

    @route("GET", "/api/whoami-v2", stage="other", operation="whoami", host="hub")
    def whoami(self, request: Request) -> Response:
        return answer({"type": "user", "name": "fake"})
