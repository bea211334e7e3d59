"""Google's Gemini API: text, pictures and speech by `generateContent`; Veo; files; Imagen."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job
from ..media import made, picture, short_side_of, size_of, spoken
from ..provider import Route, answer, media_answer, route, with_media
from ..schema import sample
from ..wire import Request, Response
from .google_interactions import Interactions
from .google_text import BLOCK, FINISH, RATIOS, read_contents
from .google_veo import accept_veo, veo_operation

_CONFIG = (
    "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed",
    "responseModalities", "responseMimeType", "responseJsonSchema", "responseSchema",
    "imageConfig", "speechConfig", "thinkingConfig", "mediaResolution",
)  # fmt: skip
_CALL = (
    "contents", "systemInstruction", "safetySettings", "generationConfig", "tools", "toolConfig",
)  # fmt: skip
_TOKENS = {"promptTokenCount": 50, "candidatesTokenCount": 1290, "totalTokenCount": 1340}


def _of_pictures(shape: str) -> str:
    return "generate_image:" if shape.startswith("IMAGE_") else "generate:"


class Google(Interactions):
    """Base `https://generativelanguage.googleapis.com/v1`; any other version is served too."""

    name = "google"
    secrets: ClassVar[Mapping[str, str]] = {"GEMINI_API_KEY": "AIza" + "Fake" * 9}
    hosts: ClassVar[Mapping[str, str]] = {"": "/v1"}
    refusals: ClassVar[Mapping[str, str]] = {
        **{_of_pictures(shape) + shape: "job" for shape in FINISH},
        **{f"generate:block_{shape}": "job" for shape in BLOCK},
        "generate:INVALID_ARGUMENT": "submit",
        "veo:rai_filtered": "job",
        "veo:INVALID_ARGUMENT": "submit",
        "interactions:blocked": "job",
        "imagen:rai_filtered": "job",
    }
    failures = ("OTHER", "NO_IMAGE", "IMAGE_OTHER", "MAX_TOKENS", "RECITATION", "incomplete",
                "budget_exceeded", "cancelled")  # fmt: skip
    id_path = "name"

    def operation(self, entry: Route, request: Request) -> str:
        if entry.operation != "generate":
            return entry.operation
        model = request.args["model"]
        if b'"AUDIO"' in request.body or "-tts" in model:
            return "generate_speech"
        drawn = b'"IMAGE"' in request.body or "image" in model or "banana" in model
        return "generate_image" if drawn else "generate_text"

    @route(
        "POST", "/{version}/models/{model}:generateContent", stage="submit", operation="generate"
    )
    def generate(self, request: Request) -> Response:
        fields = self.body(request).known(*_CALL)
        model, prompt = request.args["model"], read_contents(fields)
        config = fields.object("generationConfig").known(*_CONFIG)
        kinds = config.items("responseModalities")
        for kind in kinds:
            if kind not in ("TEXT", "IMAGE", "AUDIO"):
                config.reject("responseModalities", f"there is no modality {kind}")
        making = {"generate_speech": self._speech, "generate_image": self._picture}
        return making.get(request.args["operation"], self._words)(request, config, model, prompt)

    def _picture(self, request: Request, config: Fields, model: str, prompt: str) -> Response:
        form = config.object("imageConfig").known("aspectRatio", "imageSize", "imageOutputOptions")
        ratio = form.one_of("aspectRatio", RATIOS) or "1:1"
        size = form.one_of("imageSize", ("512", "1K", "2K", "4K")) or "1K"
        wanted = picture(size_of(ratio, short_side=short_side_of(size)))
        seed = config.integer("seed")
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.045, wanted=(wanted,), seed=seed,
            synchronous=True,
        )  # fmt: skip
        part = {"inlineData": {"mimeType": "image/png", "data": self.base64_of(job, job.wanted[0])}}
        return self._candidate(job, [part])

    def _speech(self, request: Request, config: Fields, model: str, prompt: str) -> Response:
        speech = config.object("speechConfig", required=True)
        if "multiSpeakerVoiceConfig" not in speech.values:
            voice = speech.object("voiceConfig", required=True)
            named = voice.object("prebuiltVoiceConfig", required=True)
            named.text("voiceName", required=True)
        wanted = spoken(prompt, "pcm", 24000)
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.01, wanted=(wanted,), synchronous=True
        )
        data = self.base64_of(job, job.wanted[0])
        part = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": data}}
        return self._candidate(job, [part])

    def _words(self, request: Request, config: Fields, model: str, prompt: str) -> Response:
        job = self.accept(request, model=model, prompt=prompt, amount=0.001, synchronous=True)
        schema = config.get("responseJsonSchema") or config.get("responseSchema")
        as_json = config.text("responseMimeType") == "application/json"
        value = sample(schema or {"type": "string"}, prompt)
        text = json.dumps(value) if as_json else str(value)
        return self._candidate(job, [{"text": text}])

    def _candidate(self, job: Job, parts: list[dict[str, Any]]) -> Response:
        state, shape = job.poll(), job.fate.shape
        body: dict[str, Any] = {
            "usageMetadata": _TOKENS,
            "modelVersion": job.model,
            "responseId": uuid.uuid4().hex,
        }
        if shape.startswith("block_"):
            body["promptFeedback"] = {"blockReason": shape.removeprefix("block_")}
            return answer(body)
        finish = shape if state in ("refused", "failed") else "STOP"
        if finish == "MAX_TOKENS" and "text" in parts[0]:
            parts = [{"text": parts[0]["text"][:10]}]
        elif finish != "STOP" or state == "empty":
            parts = []
        content = {"role": "model", **({"parts": parts} if parts else {})}
        body["candidates"] = [{"content": content, "finishReason": finish, "index": 0}]
        return with_media(body)

    @route("POST", "/{version}/models/{model}:predictLongRunning", stage="submit", operation="veo")
    def veo(self, request: Request) -> Response:
        model = request.args["model"]
        name = f"models/{model}/operations/{uuid.uuid4().hex[:12]}"
        job = accept_veo(self, request, self.body(request), model, name, enterprise=False)
        return answer({"name": job.id})

    @route("GET", "/{version}/models/{model}/operations/{id}", stage="poll", operation="operation")
    def veo_status(self, request: Request) -> Response:
        job = self.job("models/{model}/operations/{id}".format(**request.args))
        base = self.at(f"/{request.args['version']}")
        return answer(
            veo_operation(job, lambda index: {"video": {"uri": self.file_url(base, job, index)}})
        )

    @route("POST", "/{version}/models/{model}:predict", stage="submit", operation="imagen")
    def imagen(self, request: Request) -> Response:
        fields = self.body(request).known("instances", "parameters")
        (instance,) = fields.objects("instances", required=True, most=1)
        prompt = instance.text("prompt", required=True)
        options = fields.object("parameters")
        count = options.integer("sampleCount", 1, 4) or 1
        ratio = options.one_of("aspectRatio", ("1:1", "3:4", "4:3", "9:16", "16:9")) or "1:1"
        job = self.accept(
            request, model=request.args["model"], prompt=prompt, amount=0.04 * count,
            wanted=(picture(size_of(ratio, short_side=1024)),) * count, synchronous=True,
        )  # fmt: skip
        if job.poll() == "refused":
            reason = "Unable to show generated images. All images were filtered out."
            return answer({"predictions": [{"raiFilteredReason": reason}]})
        data = [self.base64_of(job, wanted) for wanted in job.wanted if job.state() == "done"]
        return with_media(
            {
                "predictions": [
                    {"bytesBase64Encoded": item, "mimeType": "image/png"} for item in data
                ]
            }
        )

    @route("POST", "/upload/{version}/files", stage="upload", operation="start_upload")
    def start_upload(self, request: Request) -> Response:
        for name, value in {"protocol": "resumable", "command": "start"}.items():
            if request.headers.get(f"x-goog-upload-{name}") != value:
                self.reject(f"X-Goog-Upload-{name.title()} must be {value}")
        size = request.headers.get("x-goog-upload-header-content-length", "0")
        media_type = request.headers.get("x-goog-upload-header-content-type", "")
        query = f"upload_id={size}&type={media_type}"
        where = self.at(f"/upload/{request.args['version']}/files/{uuid.uuid4().hex[:12]}?{query}")
        return Response(200, b"{}", {"x-goog-upload-url": where, "x-goog-upload-status": "active"})

    @route("POST", "/upload/{version}/files/{id}", stage="upload", operation="upload", key=False)
    def upload(self, request: Request) -> Response:
        if request.headers.get("x-goog-upload-command") != "upload, finalize":
            self.reject("X-Goog-Upload-Command must be upload, finalize")
        if len(request.body) != int(request.query["upload_id"]):
            self.reject("the size is not the one announced")
        name, media_type = request.args["id"], request.query["type"]
        path = f"/google/uploads/{name}"
        self.desk.shelf.uploads[path] = (media_type, request.body)
        return answer({"file": self._file(name, request)}, x_goog_upload_status="final")

    def _file(self, name: str, request: Request) -> dict[str, Any]:
        media_type, content = self.desk.shelf.uploads[f"/google/uploads/{name}"]
        return {
            "name": f"files/{name}",
            "uri": self.at(f"/{request.args['version']}/files/{name}"),
            "mimeType": media_type,
            "sizeBytes": str(len(content)),
            "state": "ACTIVE",
        }

    @route("GET", "/{version}/files/{id}", stage="other", operation="file")
    def file(self, request: Request) -> Response:
        if f"/google/uploads/{request.args['id']}" not in self.desk.shelf.uploads:
            return self.error("not_found", "no such file")
        return answer(self._file(request.args["id"], request))

    @route("GET", "/{version}/files/{id}:download", stage="fetch", operation="download")
    def download(self, request: Request) -> Response:
        wanted = self.desk.shelf.wanted.get("/google/" + request.args["id"])
        if wanted is None or request.query.get("alt") != "media":
            return self.error("not_found", "no such file, or alt=media is missing")
        return media_answer(made(wanted), wanted.media_type)

    @route("GET", "/{version}/models", stage="other", operation="models")
    def models(self, request: Request) -> Response:
        return answer({"models": [{"name": "models/gemini-3.1-flash-image"}]})
