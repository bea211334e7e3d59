"""Stability's v2beta: forms in, a picture or JSON out; a refusal is 403, or 200 with a word."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from PIL import Image

from ..check import Fields, check_picture_part
from ..jobs import Job
from ..media import made, picture, size_of
from ..provider import Provider, answer, media_answer, route, with_media
from ..wire import Part, Request, Response

_RATIOS = ("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
_FIELDS = ("prompt", "negative_prompt", "aspect_ratio", "seed", "style_preset", "output_format")
_SD3 = (*_FIELDS, "mode", "model", "image", "strength", "cfg_scale")
_SD3_MODELS = ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium", "sd3.5-flash")
_PRICES = {"core": 0.03, "ultra": 0.08, "sd3": 0.065, "creative": 0.25}


class Stability(Provider):
    """Base `https://api.stability.ai`."""

    name = "stability"
    secrets: ClassVar[Mapping[str, str]] = {"STABILITY_API_KEY": "sk-" + "Stab" * 12}
    refusals: ClassVar[Mapping[str, str]] = {
        "content_moderation": "submit",
        "CONTENT_FILTERED": "job",
    }

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{id, name, errors: [text]}`."""
        words = {
            "bad_request": (400, "bad_request"),
            "auth": (401, "unauthorized"),
            "quota": (402, "payment_required"),
            "not_found": (404, "not_found"),
            "rate_limit": (429, "rate_limit_exceeded"),
            "server": (500, "internal_error"),
        }
        status, word = words[kind]
        return answer({"id": uuid.uuid4().hex, "name": word, "errors": [message]}, status)

    def refused(self, shape: str) -> Response:
        message = "Your request was flagged by our content moderation system, as a result your "
        errors = [message + "request was denied and you were not charged."]
        return answer({"id": uuid.uuid4().hex, "name": shape, "errors": errors}, 403)

    def _form(self, request: Request, *known: str) -> tuple[Fields, dict[str, Part]]:
        if request.content_type != "multipart/form-data":
            self.reject("content-type: must be multipart/form-data")
        accepted = request.headers.get("accept", "")
        if accepted not in ("image/*", "application/json"):
            self.reject("accept: must be one of image/*, application/json")
        try:
            parts = {part.name: part for part in request.parts()}
        except ValueError as error:
            self.reject(str(error))
        files = {name: part for name, part in parts.items() if part.filename is not None}
        texts = {name: part.text for name, part in parts.items() if name not in files}
        fields = Fields({**texts, **files}, self.complain).known(*known)
        for file in files.values():
            check_picture_part(file, fields, ("image/png", "image/jpeg", "image/webp"))
        return Fields(texts, self.complain), files

    @route("POST", "/v2beta/stable-image/generate/{model}", stage="submit", operation="generate")
    def generate(self, request: Request) -> Response:
        endpoint = request.args["model"]
        if endpoint not in ("sd3", "core", "ultra"):
            return self.error("not_found", endpoint)
        known = {"sd3": _SD3, "core": _FIELDS, "ultra": (*_FIELDS, "image", "strength")}[endpoint]
        fields, files = self._form(request, *known)
        prompt = fields.text("prompt", required=True, most=10000)
        self._check_mode(fields, files, endpoint)
        seed = _number(fields, "seed", 0, 4294967294)
        forms = ("png", "jpeg") + ("webp",) * (endpoint != "sd3")
        form = fields.one_of("output_format", forms) or "png"
        ratio = fields.one_of("aspect_ratio", _RATIOS) or "1:1"
        job = self.accept(
            request,
            model=fields.text("model") or endpoint,
            prompt=prompt,
            amount=_PRICES[endpoint],
            wanted=(picture(size_of(ratio, short_side=1024), form),),
            seed=int(seed) if seed else None,
            synchronous=True,
        )
        job.poll()
        return self._picture(job, request)

    def _check_mode(self, fields: Fields, files: dict[str, Part], endpoint: str) -> None:
        if endpoint == "sd3":
            fields.one_of("model", _SD3_MODELS)
            _number(fields, "cfg_scale", 1, 10)
            mode = fields.one_of("mode", ("text-to-image", "image-to-image")) or "text-to-image"
            if (mode == "image-to-image") != ("image" in files):
                fields.reject("mode", "image-to-image needs image, text-to-image has none")
            if mode == "image-to-image" and "aspect_ratio" in fields.values:
                fields.reject("aspect_ratio", "is for text-to-image only")
        if "image" in files and _number(fields, "strength", 0, 1) is None:
            fields.reject("strength", "is required with image")

    @route("POST", "/v2beta/stable-image/edit/inpaint", stage="submit", operation="inpaint")
    def inpaint(self, request: Request) -> Response:
        fields, files = self._form(
            request, "image", "mask", "prompt", "negative_prompt", "seed", "grow_mask",
            "style_preset", "output_format",
        )  # fmt: skip
        sizes = set()
        for name in ("image", "mask"):
            if name not in files:
                fields.reject(name, "is required")
            with Image.open(io.BytesIO(files[name].content)) as opened:
                sizes.add(opened.size)
        if len(sizes) > 1:
            fields.reject("mask", "must be of the size of image")
        _number(fields, "grow_mask", 0, 100)
        seed = _number(fields, "seed", 0, 4294967294)
        job = self.accept(
            request,
            model="inpaint",
            prompt=fields.text("prompt", required=True, most=10000),
            amount=0.05,
            wanted=(picture(sizes.pop(), fields.text("output_format") or "png"),),
            seed=int(seed) if seed else None,
            synchronous=True,
        )
        job.poll()
        return self._picture(job, request)

    def _picture(self, job: Job, request: Request) -> Response:
        reason = job.fate.shape if job.state() == "refused" else "SUCCESS"
        seed = job.extra["seed"] or 343940597
        if request.headers.get("accept") == "application/json":
            body: dict[str, Any] = {"finish_reason": reason, "seed": seed}
            if job.state() != "empty":
                body["image"] = self.base64_of(job, job.wanted[0])
            return with_media(body)
        content = b"" if job.state() == "empty" else made(job.wanted[0])
        media_type = job.wanted[0].media_type
        return media_answer(content, media_type, finish_reason=reason, seed=str(seed))

    @route("POST", "/v2beta/stable-image/upscale/creative", stage="submit", operation="upscale")
    def upscale(self, request: Request) -> Response:
        fields, files = self._form(
            request, "image", "prompt", "negative_prompt", "seed", "output_format", "creativity",
            "style_preset",
        )  # fmt: skip
        if "image" not in files:
            fields.reject("image", "is required")
        job = self.accept(
            request,
            model="creative",
            prompt=fields.text("prompt", required=True),
            amount=_PRICES["creative"],
            wanted=(picture((2048, 2048), fields.text("output_format") or "png"),),
            job_id=uuid.uuid4().hex * 2,
        )
        return answer({"id": job.id})

    @route("GET", "/v2beta/results/{id}", stage="poll", operation="result")
    def result(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.poll() in ("queued", "running"):
            return answer({"id": job.id, "status": "in-progress"}, 202)
        if job.state() == "failed":
            return self.error("server", "The generation failed.")
        return self._picture(job, request)

    @route("GET", "/v1/user/balance", stage="other", operation="balance")
    def balance(self, request: Request) -> Response:
        return answer({"credits": 1000.0})


def _number(fields: Fields, name: str, low: float, high: float) -> float | None:
    """A number that a form has as text."""
    text = fields.text(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        fields.reject(name, "must be a number")
    if not low <= value <= high:
        fields.reject(name, f"must be between {low} and {high}")
    return value
