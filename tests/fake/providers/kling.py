"""Kling: a signed token, one envelope for everything, and its own codes beside those of HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..check import Fields
from ..jobs import Job, State
from ..media import Wanted, clip, picture, size_of
from ..provider import Provider, answer, route
from ..wire import Request, Response

_ACCESS, _SECRET = "AKfake" + "a" * 26, "SKfake" + "s" * 26
_COMMON = (
    "model_name", "prompt", "negative_prompt", "cfg_scale", "mode", "duration", "sound",
    "callback_url", "external_task_id", "camera_control", "watermark_info",
)  # fmt: skip
_KINDS = {
    "text2video": (*_COMMON, "aspect_ratio"),
    "image2video": (*_COMMON, "image", "image_tail", "static_mask", "dynamic_masks", "voice_list"),
    "multi-image2video": (*_COMMON, "image_list", "aspect_ratio"),
    "omni-video": (*_COMMON, "image_list", "video_list", "multi_prompt", "multi_shot",
                   "shot_type", "element_list", "aspect_ratio"),
}  # fmt: skip
_IMAGE = (
    "model_name", "prompt", "negative_prompt", "image", "image_reference", "image_fidelity", "n",
    "aspect_ratio", "resolution", "callback_url", "external_task_id", "human_fidelity",
)  # fmt: skip
_RATIOS = ("16:9", "9:16", "1:1")
_FACTS = {
    "risk": "Failure to pass the risk control system",
    "failed": "Service exception, please try again later",
}


class Kling(Provider):
    """Base `https://api-singapore.klingai.com`."""

    name = "kling"
    secrets: ClassVar[Mapping[str, str]] = {
        "KLING_ACCESS_KEY": _ACCESS,
        "KLING_SECRET_KEY": _SECRET,
    }
    refusals: ClassVar[Mapping[str, str]] = {"1301": "submit", "risk": "job"}
    id_path = "data.task_id"

    def authorised(self, request: Request) -> bool:
        """A token signed with HS256: who it is from, and when it holds."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            head, payload, signature = token.split(".")
            header, claims = json.loads(_unbase64(head)), json.loads(_unbase64(payload))
            expected = hmac.new(_SECRET.encode(), f"{head}.{payload}".encode(), hashlib.sha256)
            right = hmac.compare_digest(expected.digest(), _unbase64(signature))
        except ValueError:
            return False
        now = time.time()
        holds = claims.get("nbf", now) <= now < claims.get("exp", 0) <= now + 1801
        return (
            right
            and header == {"alg": "HS256", "typ": "JWT"}
            and claims.get("iss") == _ACCESS
            and holds
        )

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{code, message, request_id}`."""
        words = {
            "bad_request": (400, 1201),
            "auth": (401, 1000),
            "quota": (429, 1102),
            "not_found": (404, 1203),
            "rate_limit": (429, 1303),
            "server": (500, 5000),
        }
        status, code = words[kind]
        body = {"code": code, "message": message, "request_id": uuid.uuid4().hex, "data": None}
        return answer(body, status)

    def refused(self, shape: str) -> Response:
        message = "The content triggered the platform's content security policy"
        body = {"code": int(shape), "message": message, "request_id": uuid.uuid4().hex}
        return answer(body, 400)

    @route("POST", "/v1/videos/{kind}", stage="submit", operation="video")
    def video(self, request: Request) -> Response:
        kind = request.args["kind"]
        if kind not in _KINDS:
            return self.error("not_found", kind)
        fields = self.body(request).known(*_KINDS[kind])
        model = fields.text("model_name") or "kling-v1"
        self._check_pictures(fields, kind)
        prompt = fields.text("prompt", required=kind == "text2video", most=2500)
        fields.text("negative_prompt", most=2500)
        if fields.number("cfg_scale", 0, 1) is not None and not model.startswith("kling-v1"):
            fields.reject("cfg_scale", f"is not supported by {model}")
        fields.one_of("mode", ("std", "pro"))
        sound = fields.one_of("sound", ("on", "off")) == "on"
        lengths = [str(n) for n in range(3, 11)] if kind == "omni-video" else ["5", "10"]
        if model.startswith("kling-v3"):
            lengths = [str(n) for n in range(3, 16)]
        seconds = int(fields.one_of("duration", lengths) or "5")
        ratio = fields.one_of("aspect_ratio", _RATIOS) or "16:9"
        wanted = clip(size_of(ratio), seconds, sound=sound)
        return self._task_of(request, fields, model, prompt, wanted, 0.056 * seconds)

    def _check_pictures(self, fields: Fields, kind: str) -> None:
        for name in ("image", "image_tail"):
            fields.media_ref(name, data_uri=False, plain_base64=True, most_bytes=10_000_000)
        if kind == "image2video" and not (fields.get("image") or fields.get("image_tail")):
            fields.reject("image", "image or image_tail is required")
        names = ("image", "image_url")
        for item in fields.objects("image_list", most=7, required=kind == "multi-image2video"):
            item.one_of("type", ("first_frame", "end_frame"))
            (name,) = [name for name in names if name in item.values] or ["image_url"]
            item.media_ref(name, required=True, data_uri=False, plain_base64=True)

    @route("POST", "/v1/images/generations", stage="submit", operation="image")
    def image(self, request: Request) -> Response:
        fields = self.body(request).known(*_IMAGE)
        prompt = fields.text("prompt", required=True, most=2500)
        fields.media_ref("image", data_uri=False, plain_base64=True, most_bytes=10_000_000)
        count = fields.integer("n", 1, 9) or 1
        ratio = fields.text("aspect_ratio") or "16:9"
        wanted = picture(size_of(ratio, short_side=1024))
        model = fields.text("model_name") or "kling-v1"
        request.args["kind"] = "images"
        return self._task_of(request, fields, model, prompt, wanted, 0.014 * count)

    def _task_of(
        self,
        request: Request,
        fields: Fields,
        model: str,
        prompt: str,
        wanted: Wanted,
        amount: float,
    ) -> Response:
        external = fields.text("external_task_id")
        if external and self.desk.jobs.find(self.name, external):
            self.reject("external_task_id: already exists", "external_task_id")
        job = self.accept(
            request,
            model=model,
            prompt=prompt,
            amount=amount,
            wanted=(wanted,),
            job_id=str(uuid.uuid4().int)[:18],
            aliases=(external,) * bool(external),
            kind=request.args["kind"],
            external=external,
        )
        return self._envelope(job, "queued")

    def _envelope(self, job: Job, state: State) -> Response:
        words = {"queued": "submitted", "running": "processing", "done": "succeed"}
        words |= {"empty": "succeed", "refused": "failed"}
        status = words.get(state, state)
        data: dict[str, Any] = {
            "task_id": job.id,
            "task_status": status,
            "task_status_msg": _FACTS.get(job.fate.shape, "") if status == "failed" else "",
            "task_info": {"external_task_id": job.extra["external"]},
            "created_at": int(job.created * 1000),
            "updated_at": int(time.time() * 1000),
        }
        if status == "succeed":
            seconds = str(job.wanted[0].seconds)
            entry: dict[str, Any] = {
                "id": uuid.uuid4().hex,
                "url": self.url(job),
                "duration": seconds,
            }
            if job.extra["kind"] == "images":
                entry = {"index": 0, "url": self.url(job)}
            name = "images" if job.extra["kind"] == "images" else "videos"
            data["task_result"] = {name: [] if state == "empty" else [entry]}
        request_id = uuid.uuid4().hex
        return answer({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})

    @route("GET", "/v1/videos/{kind}/{id}", stage="poll", operation="task")
    def task(self, request: Request) -> Response:
        job = self.job(request.args["id"])
        if job.extra["kind"] != request.args["kind"]:
            return self.error("not_found", "the task is of another kind")
        return self._envelope(job, job.poll())

    @route("GET", "/v1/images/generations/{id}", stage="poll", operation="task")
    def image_task(self, request: Request) -> Response:
        request.args["kind"] = "images"
        return self.task(request)


def _unbase64(text: str) -> bytes:
    if "=" in text:
        raise ValueError("a token has no padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
