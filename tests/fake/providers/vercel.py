"""Vercel's AI Gateway: its own protocol (versions 3 and 4), and OpenAI's beside it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job, State
from ..media import Wanted, clip, picture, size_of, spoken
from ..provider import answer, route, with_media
from ..schema import sample
from ..wire import Request, Response
from .openai_text import OpenAIText, error_body

_IMAGE = (
    "prompt", "n", "size", "aspectRatio", "seed", "files", "mask", "providerOptions",
)  # fmt: skip
_VIDEO = (
    "prompt", "n", "aspectRatio", "resolution", "duration", "fps", "seed", "generateAudio",
    "image", "frameImages", "inputReferences", "providerOptions", "callbackUrl",
)  # fmt: skip
_SPEECH = (
    "text", "voice", "outputFormat", "instructions", "speed", "language", "providerOptions",
)  # fmt: skip
_LANGUAGE = (
    "prompt", "responseFormat", "maxOutputTokens", "temperature", "topP", "topK", "seed", "tools",
    "toolChoice", "providerOptions", "stopSequences", "presencePenalty", "frequencyPenalty",
    "headers", "includeRawChunks", "reasoning",
)  # fmt: skip
_HEARTBEAT_S = 0.2
_REFUSAL = "The request was blocked by the provider's content moderation: it violates the policy."


class Vercel(OpenAIText):
    """Base `https://ai-gateway.vercel.sh`. The model is named in a header alone."""

    name = "vercel"
    secrets: ClassVar[Mapping[str, str]] = {"AI_GATEWAY_API_KEY": "vck_" + "Verc" * 12}
    hosts: ClassVar[Mapping[str, str]] = {"": ""}
    refusals: ClassVar[Mapping[str, str]] = {
        "image:invalid_request_error": "submit",
        "speech:invalid_request_error": "submit",
        "video:event_error": "job",
        "start:status_error": "job",
        "language:content-filter": "job",
        **OpenAIText.refusals,
    }
    failures = ("failed", "cancelled")
    id_path = "operation"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{error: {message, type, param, code}, generationId}`."""
        words = {
            "bad_request": (400, "invalid_request_error"),
            "auth": (401, "authentication_error"),
            "quota": (402, "insufficient_funds"),
            "not_found": (404, "model_not_found"),
            "rate_limit": (429, "rate_limit_exceeded"),
            "server": (500, "internal_server_error"),
        }
        status, word = words[kind]
        return self._error(status, word, message, name)

    def _error(self, status: int, word: str, message: str, name: str = "") -> Response:
        body = error_body(message, word, str(status), name or None)
        return answer({**body, "generationId": "gen_" + uuid.uuid4().hex}, status)

    def refused(self, shape: str) -> Response:
        return self._error(400, shape, _REFUSAL)

    def _model(self, request: Request, kind: str) -> str:
        """The model by its header, after all headers were looked at."""
        version = request.args["version"].removeprefix("v")
        prefix = "ai-language-" if kind == "language" else "ai-"
        wanted = {
            "ai-gateway-protocol-version": "0.0.1",
            "ai-gateway-auth-method": "api-key|oidc",
            f"ai-{kind}-model-specification-version": version,
            f"{prefix}model-id": r"[\w-]+/[\w.-]+",
        }
        for header, expression in wanted.items():
            if not re.fullmatch(expression, request.headers.get(header, "")):
                self.reject(f"the header {header} must be {expression}", header)
        return request.headers[f"{prefix}model-id"]

    def _metadata(self, job: Job) -> dict[str, Any]:
        cost = {"cost": str(round(job.amount, 6)), "generationId": "gen_" + job.id}
        return {"gateway": cost}

    def _file(self, file: Fields) -> None:
        if file.one_of("type", ("file", "url"), required=True) == "url":
            self.must_exist(file, "url", file.media_ref("url", required=True, data_uri=False))
        else:
            file.base64_media("data", file.text("mediaType", required=True))

    @route("POST", "/{version}/ai/image-model", stage="submit", operation="image")
    def image(self, request: Request) -> Response:
        model = self._model(request, "image")
        fields = self.body(request).known(*_IMAGE)
        count = fields.integer("n", 1, 10, required=True) or 1
        for file in fields.objects("files"):
            self._file(file)
        if fields.get("mask") is not None:
            self._file(fields.object("mask"))
        size = size_of(fields.text("aspectRatio") or "1:1", short_side=1024)
        if fields.text("size"):
            size = self._pixels(fields, "size")
        fields.object("providerOptions")
        job = self.accept(
            request, model=model, prompt=fields.text("prompt"), amount=0.04 * count,
            wanted=(picture(size),) * count, seed=fields.integer("seed"), synchronous=True,
        )  # fmt: skip
        wanted = job.wanted if job.poll() == "done" else ()
        data = [self.base64_of(job, item) for item in wanted]
        body = {"images": data, "warnings": [], "providerMetadata": self._metadata(job)}
        return with_media({**body, "usage": {"inputTokens": 5, "outputTokens": 10}})

    def _pixels(self, fields: Fields, name: str) -> tuple[int, int]:
        if not re.fullmatch(r"\d+x\d+", fields.text(name)):
            fields.reject(name, "must be pixels, such as 1280x720")
        return size_of(fields.text(name))

    def _clip(self, request: Request) -> tuple[str, Fields, Wanted]:
        model = self._model(request, "video")
        fields = self.body(request).known(*_VIDEO)
        fields.integer("n", 1, 4, required=True)
        for frame in fields.objects("frameImages"):
            frame.one_of("frameType", ("first_frame", "last_frame"), required=True)
            self._file(frame.object("image", required=True))
        for reference in fields.objects("inputReferences"):
            self._file(reference)
        if fields.get("image") is not None:
            self._file(fields.object("image"))
        ratio = fields.text("aspectRatio") or "16:9"
        size = self._pixels(fields, "resolution") if fields.text("resolution") else size_of(ratio)
        seconds = fields.number("duration", 1, 20) or 5.0
        sound = fields.flag("generateAudio") is True
        return model, fields, clip(size, seconds, fields.integer("fps") or 24, sound=sound)

    def _accept_clip(self, request: Request, *, synchronous: bool) -> Job:
        model, fields, wanted = self._clip(request)
        return self.accept(
            request, model=model, prompt=fields.text("prompt"), amount=0.1 * wanted.seconds,
            wanted=(wanted,), seed=fields.integer("seed"), synchronous=synchronous,
        )  # fmt: skip

    @route("POST", "/{version}/ai/video-model", stage="submit", operation="video")
    def video(self, request: Request) -> Response:
        """One event when it is done, and comments until then."""
        if request.headers.get("accept") != "text/event-stream":
            self.reject("accept must be text/event-stream", "accept")
        job = self._accept_clip(request, synchronous=True)
        job.poll()
        beats = [(_HEARTBEAT_S, b": heartbeat\n\n")] * int(job.fate.seconds / _HEARTBEAT_S)
        event = f"data: {json.dumps(self._event(job))}\n\n".encode()
        headers = {"content-type": "text/event-stream"}
        stream = [(0.0, b": heartbeat\n\n"), *beats, (0.0, event), (0.0, b"data: [DONE]\n\n")]
        return Response(200, b"", headers, stream=stream)

    def _event(self, job: Job) -> dict[str, Any]:
        if job.fate.state in ("refused", "failed"):
            refused = job.fate.state == "refused"
            return {
                "type": "error",
                "message": _REFUSAL if refused else "The provider failed.",
                "errorType": "invalid_request_error" if refused else "internal_server_error",
                "statusCode": 400 if refused else 500,
                "param": None,
            }
        videos = [] if job.fate.state == "empty" else [self._video(job)]
        metadata = self._metadata(job)
        return {"type": "result", "videos": videos, "warnings": [], "providerMetadata": metadata}

    def _video(self, job: Job) -> dict[str, Any]:
        return {"type": "url", "url": self.url(job), "mediaType": "video/mp4"}

    @route("POST", "/v4/ai/video-model/start", stage="submit", operation="start")
    def start(self, request: Request) -> Response:
        request.args["version"] = "v4"
        job = self._accept_clip(request, synchronous=False)
        operation = {"provider": "bytedance", "token": {"id": job.id, "model": job.model}}
        return answer({"operation": operation, "warnings": []})

    @route("POST", "/v4/ai/video-model/status", stage="poll", operation="status")
    def status(self, request: Request) -> Response:
        request.args["version"] = "v4"
        self._model(request, "video")
        operation = self.body(request).known("operation", "providerOptions").object("operation")
        if operation.text("provider", required=True) != "bytedance":
            operation.reject("provider", "the operation has been changed")
        job = self.job(operation.object("token", required=True).text("id", required=True))
        state: State = job.poll()
        if state in ("queued", "running"):
            return answer({"status": "pending"})
        if state == "canceled" or job.fate.shape == "cancelled":
            return answer({"status": "cancelled"})
        if state in ("refused", "failed"):
            error = _REFUSAL if state == "refused" else "The provider failed."
            return answer({"status": "error", "error": error})
        videos = [] if state == "empty" else [self._video(job)]
        body = {"status": "completed", "videos": videos, "warnings": []}
        return answer({**body, "providerMetadata": self._metadata(job)})

    @route("POST", "/{version}/ai/speech-model", stage="submit", operation="speech")
    def speech(self, request: Request) -> Response:
        model = self._model(request, "speech")
        fields = self.body(request).known(*_SPEECH)
        text = fields.text("text", required=True)
        form = fields.one_of("outputFormat", ("mp3", "wav", "opus", "flac", "aac", "pcm")) or "mp3"
        fields.number("speed", 0.25, 4)
        job = self.accept(
            request, model=model, prompt=text, amount=0.08 * len(text) / 1000,
            wanted=(spoken(text, form, 48000 if form == "opus" else 24000),), synchronous=True,
        )  # fmt: skip
        audio = "" if job.poll() == "empty" else self.base64_of(job, job.wanted[0])
        body = {"audio": audio, "warnings": [], "providerMetadata": self._metadata(job)}
        return with_media(body)

    @route("POST", "/{version}/ai/language-model", stage="submit", operation="language")
    def language(self, request: Request) -> Response:
        model = self._model(request, "language")
        if request.headers.get("ai-language-model-streaming") != "false":
            self.reject("streaming is not served here", "ai-language-model-streaming")
        fields = self.body(request).known(*_LANGUAGE)
        prompt = self._messages(fields, request.args["version"])
        with_picture = "image" in model or "banana" in model
        wanted = (picture((1024, 1024)),) if with_picture else ()
        job = self.accept(
            request, model=model, prompt=prompt, amount=0.01, wanted=wanted, synchronous=True
        )
        state = job.poll()
        form = fields.object("responseFormat")
        as_json = form.one_of("type", ("json", "text")) == "json"
        value = sample(form.get("schema") or {"type": "string"}, prompt)
        text = json.dumps(value) if as_json else str(value)
        content: list[dict[str, Any]] = [{"type": "text", "text": text}]
        if wanted:
            data = self.base64_of(job, job.wanted[0])
            content.append({"type": "file", "mediaType": "image/png", "data": data})
        finish = {"refused": "content-filter", "failed": "length"}.get(state, "stop")
        return with_media(
            {
                "content": [] if state in ("refused", "empty") else content,
                "finishReason": {"unified": finish, "raw": finish},
                "usage": {"inputTokens": {"total": 50}, "outputTokens": {"total": 80}},
                "warnings": [],
                "providerMetadata": self._metadata(job),
            }
        )

    def _messages(self, fields: Fields, version: str) -> str:
        texts = []
        for message in fields.objects("prompt", required=True):
            role = message.one_of("role", ("system", "user", "assistant", "tool"), required=True)
            if role == "system":
                texts.append(message.text("content", required=True))
                continue
            for part in message.objects("content", required=True):
                if part.one_of("type", ("text", "file"), required=True) == "text":
                    texts.append(part.text("text", required=True))
                elif version == "v3":
                    part.media_ref("data", required=True)
                else:
                    self._data_object(part)
        return "\n".join(texts)

    def _data_object(self, part: Fields) -> None:
        data = part.object("data", required=True)
        if data.one_of("type", ("data", "url"), required=True) == "data":
            data.base64_media("data", part.text("mediaType", required=True))
        else:
            data.media_ref("url", required=True)

    @route("GET", "/{version}/ai/config", stage="other", operation="config")
    def config(self, request: Request) -> Response:
        version = request.args["version"]
        model = "bytedance/seedance-2.5"
        specification = {"specificationVersion": version, "provider": "gateway", "modelId": model}
        entry = {"id": model, "name": "Seedance 2.5", "specification": specification}
        return answer({"models": [{**entry, "modelType": "video"}]})

    @route("GET", "/v1/credits", stage="other", operation="credits")
    def credits(self, request: Request) -> Response:
        return answer({"balance": "95.50", "total_used": "4.50"})
