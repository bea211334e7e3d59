"""Runway's developer API: tasks that are polled, results behind signed URLs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from ..check import Fields
from ..media import Wanted, clip, picture, size_of, sound, spoken
from ..provider import CDN, Provider, answer, route
from ..wire import Request, Response

_GEN4 = ("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672")
_VEO = ("1280:720", "720:1280", "1920:1080", "1080:1920")
_FROM_TEXT = ("1280:720", "720:1280")
_PER_SECOND = {"gen4.5": 12, "gen4_turbo": 5, "veo3.1": 40, "veo3.1_fast": 15, "seedance2": 36}
_COMMON = ("model", "promptText", "ratio", "duration", "contentModeration", "outputFormat")
_FIELDS = {
    "gen4.5": ("seed", "promptImage"),
    "gen4_turbo": ("seed", "promptImage"),
    "veo3.1": ("seed", "promptImage", "audio", "negativePrompt"),
    "veo3.1_fast": ("seed", "promptImage", "audio", "negativePrompt"),
    "kling2.5_turbo_pro": ("promptImage", "cfgScale"),
}
_OTHER_FIELDS = (
    "seed", "promptImage", "audio", "negativePrompt", "references", "referenceVideos",
    "referenceAudio", "resolution", "providerSettings", "cfgScale",
)  # fmt: skip
_ONLY_FIRST = ("gen4.5", "gen4_turbo")
_STILLS = (
    "gen4_image", "gen4_image_turbo", "gpt_image_2", "gemini_image3_pro", "gemini_image3.1_flash",
    "seedream5", "seedream5_lite", "nano_banana_2.1", "ideogram_4_5", "muse_image",
    "grok_imagine_image_2", "recraft", "bria",
)  # fmt: skip
_VOICES = ("eleven_multilingual_v2", "eleven_v3", "eleven_v4", "seed_audio")
_SOUNDS = ("eleven_text_to_sound_v2", "mirelo_sfx_2_0", "seed_audio")
_TOO_LARGE = 5 * 1024 * 1024 * 3 // 4  # of what a data URI of 5 MB carries


class Runway(Provider):
    """Base `https://api.dev.runwayml.com`."""

    name = "runway"
    secrets: ClassVar[Mapping[str, str]] = {"RUNWAYML_API_SECRET": "key_" + "5a" * 64}
    refusals: ClassVar[Mapping[str, str]] = {
        "SAFETY.INPUT.TEXT": "job",
        "SAFETY.INPUT.IMAGE": "job",
        "SAFETY.OUTPUT.VIDEO": "job",
    }
    failures = ("INTERNAL.BAD_OUTPUT.CODE01", "ASSET.INVALID", "INPUT_PREPROCESSING.INTERNAL",
                "CANCELLED")  # fmt: skip

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"error": text}` (+ details)."""
        if kind == "quota":
            return answer({"error": "You do not have enough credits to run this task."}, 400)
        statuses = {"bad_request": 400, "auth": 401, "not_found": 404, "rate_limit": 429}
        return answer({"error": message, "details": name or None}, statuses.get(kind, 503))

    def body(self, request: Request) -> Fields:
        if request.headers.get("x-runway-version") != "2024-11-06":
            self.reject("The X-Runway-Version header must be 2024-11-06")
        return super().body(request)

    @route("POST", "/v1/image_to_video", stage="submit", operation="image_to_video")
    def image_to_video(self, request: Request) -> Response:
        fields = self.body(request)
        model = fields.text("model", required=True)
        fields.get("promptImage", required=model in ("gen4_turbo", "kling2.5_turbo_pro"))
        self._check_positions(fields, model)
        return self._video(request, fields, model, _GEN4)

    @route("POST", "/v1/text_to_video", stage="submit", operation="text_to_video")
    def text_to_video(self, request: Request) -> Response:
        fields = self.body(request)
        model = fields.text("model", required=True)
        if model == "gen4_turbo" or "promptImage" in fields.values:
            fields.reject("model", f"{model} is not a text_to_video model, or has a promptImage")
        fields.text("promptText", required=True)
        for reference in fields.objects("references"):
            self._picture(reference, "uri")
        return self._video(request, fields, model, _FROM_TEXT)

    def _check_positions(self, fields: Fields, model: str) -> None:
        image = fields.get("promptImage")
        if not isinstance(image, list):
            if image is not None:
                self._picture(fields, "promptImage")
            return
        allowed = ("first",) if model in _ONLY_FIRST else ("first", "last")
        seen = []
        for item in fields.objects("promptImage", required=True):
            self._picture(item.known("uri", "position"), "uri")
            seen.append(item.one_of("position", allowed, required=True))
        if len(set(seen)) != len(seen):
            fields.reject("promptImage", "has a position twice")

    def _video(
        self, request: Request, fields: Fields, model: str, gen4_sizes: tuple[str, ...]
    ) -> Response:
        fields.known(*_COMMON, *_FIELDS.get(model, _OTHER_FIELDS))
        prompt = fields.text("promptText", required=model == "gen4.5", most=1000)
        if model in _ONLY_FIRST:
            ratio = fields.one_of("ratio", gen4_sizes, required=True)
            seconds = fields.integer("duration", 2, 10, required=True)
        elif model.startswith("veo3.1"):
            ratio = fields.one_of("ratio", _VEO, required=True)
            seconds = fields.one_of("duration", (4, 6, 8), required=True)
        elif model == "kling2.5_turbo_pro":
            ratio = fields.text("ratio") or "1280:720"
            seconds = fields.one_of("duration", (5, 10))
        else:
            ratio = fields.text("ratio") or "1280:720"
            seconds = (
                None if fields.get("duration") == "auto" else fields.integer("duration", 1, 15)
            )
        seed = fields.integer("seed", 0, 4294967295)
        with_sound = fields.flag("audio") is True
        wanted = clip(size_of(ratio), seconds or 5, sound=with_sound)
        credits = _PER_SECOND.get(model, 20) * int(seconds or 5)
        return self._task(request, model, prompt, credits, wanted, seed)

    @route("POST", "/v1/text_to_image", stage="submit", operation="text_to_image")
    def text_to_image(self, request: Request) -> Response:
        fields = self.body(request).known(
            "model", "promptText", "ratio", "referenceImages", "seed", "outputCount",
            "contentModeration", "quality",
        )  # fmt: skip
        model = fields.text("model", required=True)
        if model not in _STILLS and not model.startswith(("gpt_image_2", "seedream5")):
            fields.reject("model", f"{model} is no image model")
        prompt = fields.text("promptText", required=True, most=1000)
        ratio = fields.text("ratio", required=True)
        if not ratio.replace(":", "").isdigit() or min(size_of(ratio)) < 256:
            fields.reject("ratio", "must be pixels, such as 1920:1080")
        most = 3 if model.startswith("gen4_image") else 16
        references = fields.objects(
            "referenceImages", most=most, required=model == "gen4_image_turbo"
        )
        for reference in references:
            reference.known("uri", "tag").text("tag")
            self._picture(reference, "uri")
        seed = fields.integer("seed", 0, 4294967295)
        credits = 2 if model == "gen4_image_turbo" else 8
        return self._task(request, model, prompt, credits, picture(size_of(ratio)), seed)

    @route("POST", "/v1/text_to_speech", stage="submit", operation="text_to_speech")
    def text_to_speech(self, request: Request) -> Response:
        fields = self.body(request).known("model", "promptText", "voice", "language")
        model = fields.one_of("model", _VOICES, required=True)
        prompt = fields.text("promptText", required=True, most=1000)
        voice = fields.object("voice", required=True)
        voice.one_of("type", ("runway-preset",), required=True)
        voice.text("presetId", required=True)
        return self._task(request, model, prompt, -(-len(prompt) // 50), spoken(prompt))

    @route("POST", "/v1/sound_effect", stage="submit", operation="sound_effect")
    def sound_effect(self, request: Request) -> Response:
        fields = self.body(request).known("model", "promptText", "duration", "loop")
        model = fields.one_of("model", _SOUNDS, required=True)
        prompt = fields.text("promptText", required=True)
        seconds = fields.number("duration", 0.5, 30) or 5.0
        return self._task(request, model, prompt, 2, sound(seconds))

    def _task(
        self,
        request: Request,
        model: str,
        prompt: str,
        credits: int,
        wanted: Wanted,
        seed: int | None = None,
    ) -> Response:
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=credits / 100,
            wanted=(wanted,),
            seed=seed,
            credits=credits,
        )
        return answer({"id": job.id, "estimatedCost": {"credits": credits}})

    @route("GET", "/v1/tasks/{id}", stage="poll")
    def task(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        state = job.poll()
        credits = {"credits": job.extra["credits"]}
        created = datetime.fromtimestamp(job.created, UTC).isoformat().replace("+00:00", "Z")
        task: dict[str, Any] = {"id": job.id, "createdAt": created}
        if state == "queued":
            # Waiting for a free place of the account is a state of its own.
            waits = "THROTTLED" if job.fate.polls > 1 else "PENDING"
            return answer({**task, "status": waits, "estimatedCost": credits})
        if state == "running":
            progress = round(job.progress, 3)
            task.update(status="RUNNING", progress=progress, estimatedCost=credits)
            return answer(task)
        task["cost"] = credits
        if state == "canceled" or job.fate.shape == "CANCELLED":
            return answer({**task, "status": "CANCELLED"})
        if state in ("refused", "failed"):
            failure = "The task did not pass moderation." if state == "refused" else "It failed."
            task.update(status="FAILED", failure=failure, failureCode=job.fate.shape)
            return answer(task)
        return answer(
            {**task, "status": "SUCCEEDED", "output": [] if state == "empty" else self.urls(job)}
        )

    @route("DELETE", "/v1/tasks/{id}", stage="cancel")
    def cancel(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.state() == "queued":
            self.refund(job)
        self.desk.jobs.forget(job)
        return Response(204)

    @route("POST", "/v1/uploads", stage="upload", operation="create_upload")
    def create_upload(self, request: Request) -> Response:
        fields = self.body(request).known("filename", "type", "numberOfParts")
        fields.text("filename", required=True)
        fields.one_of("type", ("ephemeral",), required=True)
        name = uuid.uuid4().hex
        return answer(
            {
                "uploadUrl": self.at(f"/runway/incoming/{name}", CDN),
                "fields": {"key": name, "policy": "cG9saWN5", "x-amz-signature": "aa" * 32},
                "runwayUri": f"runway://{name}",
            }
        )

    @route("POST", "/runway/incoming/{id}", stage="upload", host=CDN, key=False)
    def upload(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return answer({"error": "Only one auth mechanism allowed"}, 400)
        parts = {part.name: part for part in request.parts()}
        if list(parts)[-1:] != ["file"] or {"key", "policy", "x-amz-signature"} - set(parts):
            return answer({"error": "all fields, and then the file, are needed"}, 400)
        file = parts["file"]
        path = f"/runway/uploads/{request.args['id']}"
        self.desk.shelf.uploads[path] = (file.media_type, file.content)
        return Response(204)

    def _picture(self, fields: Fields, name: str) -> None:
        """A picture by URL, data URI, or as an upload, which must have arrived."""
        uri = fields.media_ref(name, required=True, own_scheme="runway://", most_bytes=_TOO_LARGE)
        arrived = self.desk.shelf.uploads
        found = (uri or "").removeprefix("runway://")
        if found != uri and f"/runway/uploads/{found}" not in arrived:
            fields.reject(name, "nothing was uploaded there")
        if (uri or "").startswith("http:"):
            fields.reject(name, "must be an https URL on a domain")

    @route("GET", "/v1/organization", stage="other")
    def organization(self, request: Request) -> Response:
        tier = {"maxMonthlyCreditSpend": 9999, "models": {}}
        return answer({"creditBalance": 9999, "tier": tier, "usage": {"models": {}}})
