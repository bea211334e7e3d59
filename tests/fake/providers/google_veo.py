"""Veo's long-running jobs, on the Gemini API and on the enterprise surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..check import Fields
from ..jobs import Job
from ..media import clip, short_side_of, size_of
from ..provider import Provider
from ..wire import Request

_INSTANCE = ("prompt", "image", "lastFrame", "referenceImages", "video", "mask")
_PARAMETERS = (
    "sampleCount", "durationSeconds", "aspectRatio", "resolution", "negativePrompt",
    "personGeneration",
)  # fmt: skip
_ENTERPRISE = (
    "seed", "generateAudio", "fps", "compressionQuality", "storageUri", "enhancePrompt",
    "resizeMode",
)  # fmt: skip
_PEOPLE = ("dont_allow", "allow_adult", "allow_all")


def accept_veo(
    provider: Provider,
    request: Request,
    fields: Fields,
    model: str,
    job_id: str,
    *,
    enterprise: bool,
) -> Job:
    """Check a request for clips and take it on."""
    fields.known("instances", "parameters")
    (instance,) = fields.objects("instances", required=True, most=1)
    instance.known(*_INSTANCE)
    prompt = instance.text("prompt", required="image" not in instance.values)
    for name in ("image", "lastFrame"):
        if instance.get(name) is not None:
            _check_picture(instance.object(name), enterprise)
    references = instance.objects("referenceImages", most=3)
    for reference in references:
        reference.one_of("referenceType", ("ASSET", "STYLE", "asset", "style"), required=True)
        _check_picture(reference.object("image", required=True), enterprise)
    options = fields.object("parameters").known(*_PARAMETERS, *_ENTERPRISE * enterprise)
    count = options.integer("sampleCount", 1, 4) or 1
    seconds = options.one_of("durationSeconds", (4, 6, 8)) or 8
    ratio = options.one_of("aspectRatio", ("16:9", "9:16")) or "16:9"
    resolution = options.one_of("resolution", ("720p", "1080p", "4k")) or "720p"
    options.one_of("personGeneration", _PEOPLE)
    if seconds != 8 and (resolution != "720p" or references):
        options.reject("durationSeconds", "must be 8 for 1080p, 4k and reference pictures")
    if "lastFrame" in instance.values and "image" not in instance.values:
        instance.reject("lastFrame", "needs image")
    size = size_of(ratio, short_side=short_side_of(resolution))
    sound = options.flag("generateAudio") is not False
    return provider.accept(
        request,
        model=model,
        prompt=prompt,
        amount=0.4 * seconds * count,
        wanted=(clip(size, seconds, options.integer("fps") or 24, sound=sound),) * count,
        seed=options.integer("seed", 0, 4294967295),
        job_id=job_id,
    )


def _check_picture(image: Fields, enterprise: bool) -> None:
    image.known("bytesBase64Encoded", "mimeType", *("gcsUri",) * enterprise)
    media_type = image.one_of("mimeType", ("image/png", "image/jpeg", "image/webp"), required=True)
    if "gcsUri" not in image.values:
        image.base64_media("bytesBase64Encoded", media_type, url_safe=True)


def veo_operation(job: Job, sample: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """The operation as the Gemini API shows it; `done` is absent while it runs."""
    state = job.poll()
    body: dict[str, Any] = {"name": job.id}
    if state in ("queued", "running"):
        return body
    body["done"] = True
    if state == "failed":
        message = "The service is currently unavailable."
        return {**body, "error": {"code": 13, "message": message, "status": "INTERNAL"}}
    result: dict[str, Any] = {}
    if state == "refused":
        reason = "We encountered an issue with the prompt: it may violate our usage guidelines."
        result = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [reason]}
    elif state == "done":
        result = {"generatedSamples": [sample(index) for index in range(len(job.wanted))]}
    return {**body, "response": {"generateVideoResponse": result}}
