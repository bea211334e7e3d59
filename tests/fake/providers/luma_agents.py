"""Luma Agents: the newer API, with codes for failures, and uploads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job, State
from ..media import Wanted, clip, picture, short_side_of, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response


class LumaAgents(Provider):
    """Base `https://agents.lumalabs.ai/v1`: the newer API, with codes and uploads."""

    name = "luma-agents"
    secrets: ClassVar[Mapping[str, str]] = {"LUMA_AGENTS_API_KEY": "luma-agents-" + "2b" * 20}
    hosts: ClassVar[Mapping[str, str]] = {"": "/v1"}
    refusals: ClassVar[Mapping[str, str]] = {"content_moderated": "job"}
    failures = (
        "generation_failed", "budget_exhausted", "output_not_found", "image_too_large",
        "unsupported_format", "corrupt_input", "invalid_request", "rate_limited",
    )  # fmt: skip
    _types = ("image", "image_edit", "video", "video_edit", "video_reframe", "layering")
    _known = (
        "prompt", "model", "type", "aspect_ratio", "output_format", "image_ref", "source", "style",
        "user_id", "web_search", "video",
    )  # fmt: skip
    _video = (
        "start_frame", "end_frame", "keyframes", "keyframe_indexes", "duration", "resolution",
        "loop", "hdr", "exr_export", "edit",
    )  # fmt: skip

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"detail": text}`, as at Dream Machine."""
        statuses = {"bad_request": 400, "auth": 401, "quota": 402, "not_found": 404}
        statuses |= {"rate_limit": 429, "server": 500}
        return answer({"detail": message}, statuses[kind])

    @route("POST", "/v1/generations", stage="submit", operation="generate")
    def generate(self, request: Request) -> Response:
        fields = self.body(request).known(*self._known)
        prompt = fields.text("prompt", required=True)
        model = fields.one_of("model", ("uni-1", "uni-1-max", "ray-3.2")) or "uni-1"
        kind = fields.one_of("type", self._types) or "image"
        if kind.startswith("video") != (model == "ray-3.2"):
            fields.reject("model", f"{model} makes no {kind}")
        for reference in fields.objects("image_ref", most=8 if kind == "image_edit" else 9):
            self._check_media(reference)
        if fields.get("source") is not None or kind in ("image_edit", "video_edit"):
            self._check_media(fields.object("source", required=True))
        if kind.startswith("video"):
            wanted, amount = self._clip(fields), 0.5
        else:
            form = fields.one_of("output_format", ("png", "jpeg")) or "png"
            ratio = fields.text("aspect_ratio") or "1:1"
            wanted, amount = picture(size_of(ratio, short_side=1024), form), 0.05
        job = self.accept(
            request, model=model, prompt=prompt, amount=amount, wanted=(wanted,), kind=kind
        )
        return answer(self._generation(job, "queued"), 201)

    def _clip(self, fields: Fields) -> Wanted:
        ratios = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")
        ratio = fields.one_of("aspect_ratio", ratios) or "16:9"
        video = fields.object("video").known(*self._video)
        for name in ("start_frame", "end_frame"):
            if video.get(name) is not None:
                self._check_media(video.object(name))
        keyframes = video.objects("keyframes")
        for keyframe in keyframes:
            self._check_media(keyframe)
        if len(video.items("keyframe_indexes")) != len(keyframes):
            video.reject("keyframe_indexes", "must be as many as keyframes")
        duration = video.one_of("duration", ("5s", "10s")) or "5s"
        lines = video.one_of("resolution", ("360p", "540p", "720p", "1080p")) or "720p"
        size = size_of(ratio, short_side=short_side_of(lines))
        return clip(size, float(duration.removesuffix("s")))

    def _check_media(self, media: Fields) -> None:
        media.known("url", "data", "media_type", "file_id", "generation_id")
        given = [name for name in media.values if name != "media_type"]
        if len(given) != 1:
            media.reject("", "exactly one of url, data, file_id and generation_id")
        if given == ["url"]:
            self.must_exist(media, "url", media.media_ref("url", data_uri=False))
        elif given == ["data"]:
            media.base64_media("data", media.text("media_type", required=True))
        elif given == ["file_id"] and media.text("file_id") not in self.desk.shelf.uploads:
            media.reject("file_id", "there is no such file, or it is not complete")

    def _generation(self, job: Job, state: State) -> dict[str, Any]:
        words = {"running": "processing", "done": "completed", "empty": "completed"}
        words |= {"refused": "failed", "canceled": "failed"}
        failed = words.get(state, state) == "failed"
        kind = "video" if job.wanted[0].kind == "clip" else "image"
        return {
            "id": job.id,
            "type": job.extra["kind"],
            "model": job.model,
            "state": words.get(state, state),
            "created_at": "2026-11-20T12:00:00Z",
            "output": [{"type": kind, "url": self.url(job)}] if state == "done" else [],
            "failure_code": job.fate.shape if failed else None,
            "failure_reason": "The generation did not succeed." if failed else None,
        }

    @route("GET", "/v1/generations/{id}", stage="poll", operation="generation")
    def generation(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        return answer(self._generation(job, job.poll()))

    @route("POST", "/v1/files", stage="upload", operation="create_file")
    def create_file(self, request: Request) -> Response:
        fields = self.body(request).known("mime_type", "size_bytes", "purpose", "filename")
        media_type = fields.text("mime_type", required=True)
        size = fields.integer("size_bytes", 1, required=True)
        name = "file_" + uuid.uuid4().hex
        query = f"size={size}&type={media_type}"
        upload = {
            "url": self.at(f"/v1/incoming/{name}?{query}"),
            "method": "PUT",
            "headers": {"content-type": media_type},
        }
        return answer({**self._file(name, "pending"), "upload": upload}, 201)

    @route("PUT", "/v1/incoming/{id}", stage="upload", operation="put_file", key=False)
    def put_file(self, request: Request) -> Response:
        if len(request.body) != int(request.query["size"]) or "authorization" in request.headers:
            self.reject("the size is not the one announced, or a key came with it")
        if request.content_type != request.query["type"]:
            self.reject("the content type is not the one announced")
        name = "incoming " + request.args["id"]
        self.desk.shelf.uploads[name] = (request.content_type, request.body)
        return Response(200)

    @route("POST", "/v1/files/{id}/complete", stage="upload", operation="complete_file")
    def complete_file(self, request: Request) -> Response:
        name = request.args["id"]
        if f"incoming {name}" not in self.desk.shelf.uploads:
            self.reject("nothing was uploaded")
        self.desk.shelf.uploads[name] = self.desk.shelf.uploads[f"incoming {name}"]
        return answer(self._file(name, "processing"))

    @route("GET", "/v1/files/{id}", stage="upload", operation="file")
    def file(self, request: Request) -> Response:
        name = request.args["id"]
        return answer(self._file(name, "ready" if name in self.desk.shelf.uploads else "pending"))

    def _file(self, name: str, state: str) -> dict[str, Any]:
        return {
            "id": name,
            "state": state,
            "mime_type": "image/png",
            "size_bytes": 1,
            "created_at": "2026-11-20T12:00:00Z",
        }
