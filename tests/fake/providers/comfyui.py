"""A ComfyUI server: graphs in, history out; nothing is paid, so its bill is of zeroes."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ..check import Answered
from ..jobs import Job
from ..media import Wanted, clip, made, picture, sound
from ..provider import Provider, Route, answer, media_answer, route
from ..wire import Body, Request, Response

_OUTPUTS = {
    "SaveImage": "images", "PreviewImage": "images", "SaveVideo": "images",
    "SaveAnimatedWEBP": "images", "VHS_VideoCombine": "gifs", "SaveAudio": "audio",
    "SaveAudioMP3": "audio",
}  # fmt: skip
_CLIPS = ("SaveVideo", "VHS_VideoCombine")


class ComfyUI(Provider):
    """Base `http://127.0.0.1:8188`, without a key; every route also under `/api`."""

    name = "comfyui"
    secrets: ClassVar[Mapping[str, str]] = {}
    failures = ("execution_error", "execution_interrupted")
    id_path = "prompt_id"

    @classmethod
    def routes(cls) -> list[Route]:
        def under_api(entry: Route) -> Route:
            return replace(entry, pattern=re.compile("/api" + entry.pattern.pattern))

        plain = super().routes()
        return plain + [under_api(entry) for entry in plain]

    def authorised(self, request: Request) -> bool:
        return True

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{error: {type, message, details, extra_info}, node_errors}`."""
        statuses = {"bad_request": 400, "not_found": 404, "server": 500, "rate_limit": 429}
        error = {"type": kind, "message": message, "details": name, "extra_info": {}}
        return answer({"error": error, "node_errors": {}}, statuses.get(kind, 403))

    def _own_page(self, request: Request) -> None:
        """Pages of other hosts may not talk to a server on loopback."""
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            raise Answered(Response(403))

    @route("POST", "/prompt", stage="submit", operation="prompt")
    def prompt(self, request: Request) -> Response:
        self._own_page(request)
        fields = self.body(request).known(
            "prompt", "client_id", "prompt_id", "extra_data", "front", "number",
            "partial_execution_targets",
        )  # fmt: skip
        graph: dict[str, Body] = dict(fields.object("prompt", required=True).values)
        self._check(graph)
        prompt_id = fields.text("prompt_id") or str(uuid.uuid4())
        known = self.desk.jobs.find(self.name, prompt_id)
        digest = hashlib.sha256(json.dumps(graph, sort_keys=True).encode()).hexdigest()
        cached = self.desk.jobs.find(self.name, "graph " + digest)
        if known is None:
            words = _texts(graph)
            self.accept(
                request,
                model="comfyui",
                prompt=words,
                amount=0.0,
                wanted=tuple(_wanted(graph).values()),
                seed=int(digest[:8], 16),
                job_id=prompt_id,
                aliases=("graph " + digest,),
                synchronous=cached is not None,
                graph=graph,
            )
        return answer({"prompt_id": prompt_id, "number": 1, "node_errors": {}})

    def _check(self, graph: dict[str, Body]) -> None:
        for name, node in graph.items():
            if not isinstance(node, dict) or not isinstance(node.get("class_type"), str):
                self.reject(f"Cannot execute because node {name} has no class_type", name)
            inputs = node.get("inputs")
            if not isinstance(inputs, dict):
                self.reject(f"node {name} has no inputs", name)
            for field, value in inputs.items():
                linked = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
                if linked and value[0] not in graph:
                    self._invalid(name, node, f"{field} is linked to a node that is not there")
            if node["class_type"] in ("LoadImage", "LoadImageMask"):
                file = str(inputs.get("image", "")).removesuffix(" [input]")
                if f"input/{file}" not in self.desk.shelf.uploads:
                    self._invalid(name, node, f"image - Invalid image file: {file}")
        if not _wanted(graph):
            raise Answered(self.error("prompt_no_outputs", "Prompt has no outputs"))

    def _invalid(self, name: str, node: Body, details: str) -> None:
        problem = {
            "type": "custom_validation_failed",
            "message": "Custom validation failed for node",
        }
        errors = [{**problem, "details": details, "extra_info": {}}]
        entry = {"errors": errors, "dependent_outputs": [], "class_type": node["class_type"]}
        error = {"type": "prompt_outputs_failed_validation", "details": "", "extra_info": {}}
        error["message"] = "Prompt outputs failed validation"
        raise Answered(answer({"error": error, "node_errors": {name: entry}}, 400))

    @route("GET", "/history/{id}", stage="poll", operation="history")
    def history(self, request: Request) -> Response:
        job = self.desk.jobs.find(self.name, request.args["id"])
        if job is None or (state := job.poll()) in ("queued", "running"):
            return answer({})
        fine = state in ("done", "empty")
        messages: list[Any] = [["execution_start", {"prompt_id": job.id}]]
        if (state == "failed" and job.fate.shape == "execution_interrupted") or state == "canceled":
            messages.append(["execution_interrupted", {"prompt_id": job.id, "node_id": "3"}])
        elif not fine:
            fault = {"node_id": "3", "node_type": "KSampler", "exception_type": "OutOfMemoryError"}
            fault["exception_message"] = "Allocation on device 0 would exceed allowed memory."
            messages.append(["execution_error", {"prompt_id": job.id, **fault}])
        else:
            messages.append(["execution_success", {"prompt_id": job.id}])
        status = {"status_str": "success" if fine else "error", "completed": fine}
        entry = {
            "prompt": [1, job.id, job.extra["graph"], {}, []],
            "outputs": self._outputs(job) if state == "done" else {},
            "status": {**status, "messages": messages},
            "meta": {},
        }
        return answer({job.id: entry})

    def _outputs(self, job: Job) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for number, name in enumerate(_wanted(job.extra["graph"])):
            wanted = job.wanted[number]
            file = f"fvbuild_{job.id[:8]}_{number:05}_.{wanted.format}"
            self.desk.shelf.wanted[f"comfyui/output/{file}"] = wanted
            kind = job.extra["graph"][name]["class_type"]
            outputs[name] = {
                _OUTPUTS[kind]: [{"filename": file, "subfolder": "", "type": "output"}]
            }
            if kind == "SaveVideo":
                outputs[name]["animated"] = [True]
        return outputs

    @route("GET", "/view", stage="fetch", operation="view")
    def view(self, request: Request) -> Response:
        place = f"{request.query.get('type', 'output')}/{request.query.get('filename', '')}"
        if place in self.desk.shelf.uploads:
            media_type, content = self.desk.shelf.uploads[place]
            return media_answer(content, media_type)
        wanted = self.desk.shelf.wanted.get("comfyui/" + place)
        if wanted is None:
            return Response(404)
        return media_answer(made(wanted), wanted.media_type)

    @route("POST", "/upload/image", stage="upload", operation="upload")
    def upload(self, request: Request) -> Response:
        self._own_page(request)
        try:
            parts = {part.name: part for part in request.parts()}
        except ValueError:
            return Response(400)
        if "image" not in parts or not parts["image"].filename:
            return Response(400)
        kind = parts["type"].text if "type" in parts else "input"
        folder = parts["subfolder"].text if "subfolder" in parts else ""
        name, content = parts["image"].filename or "", parts["image"].content
        overwrite = "overwrite" in parts and parts["overwrite"].text in ("true", "1")
        stem, _, suffix = name.rpartition(".")
        number = 0
        while not overwrite and self._differs(f"{kind}/{_in(folder, name)}", content):
            number += 1
            name = f"{stem} ({number}).{suffix}"
        self.desk.shelf.uploads[f"{kind}/{_in(folder, name)}"] = (
            parts["image"].media_type,
            content,
        )
        return answer({"name": name, "subfolder": folder, "type": kind})

    def _differs(self, place: str, content: bytes) -> bool:
        there = self.desk.shelf.uploads.get(place)
        return there is not None and there[1] != content

    @route("GET", "/queue", stage="other", operation="queue")
    def queue(self, request: Request) -> Response:
        return answer({"queue_running": [], "queue_pending": []})

    @route("POST", "/queue", stage="cancel", operation="dequeue")
    def dequeue(self, request: Request) -> Response:
        for name in self.body(request).items("delete"):
            job = self.desk.jobs.find(self.name, name)
            if job is not None and job.state() == "queued":
                self.desk.jobs.forget(job)
        return Response(200)

    @route("POST", "/interrupt", stage="cancel", operation="interrupt")
    def interrupt(self, request: Request) -> Response:
        values = request.json() if request.body else None
        job = self.desk.jobs.find(self.name, (values or {}).get("prompt_id", ""))
        if job is not None:
            job.canceled = job.state() in ("queued", "running")
        return Response(200)

    @route("GET", "/system_stats", stage="other", operation="system_stats")
    def system_stats(self, request: Request) -> Response:
        return answer({"system": {"comfyui_version": "0.9.0"}, "devices": []})

    @route("GET", "/object_info", stage="other", operation="object_info")
    def object_info(self, request: Request) -> Response:
        return answer({name: {"output_node": True} for name in _OUTPUTS})


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _texts(graph: Mapping[str, Body]) -> str:
    inputs = [node["inputs"] for node in graph.values()]
    names = ("text", "prompt", "positive_prompt")
    texts = [fields[name] for fields in inputs for name in names if name in fields]
    return "\n".join(text for text in texts if isinstance(text, str))


def _wanted(graph: Mapping[str, Body]) -> dict[str, Wanted]:
    """What each output node makes, by the numbers that stand anywhere in the graph."""

    def number(*names: str, default: float) -> float:
        found = [node["inputs"][name] for node in graph.values() for name in names
                 if isinstance(node.get("inputs", {}).get(name), int | float)]  # fmt: skip
        return float(found[0]) if found else default

    size = int(number("width", default=512)) // 2 * 2, int(number("height", default=512)) // 2 * 2
    fps = int(number("fps", "frame_rate", default=24))
    seconds = number("length", "num_frames", "frames", default=2.0 * fps) / fps
    wanted = {}
    for name, node in graph.items():
        kind = node.get("class_type")
        if kind in _CLIPS:
            wanted[name] = clip(size, seconds, fps)
        elif kind in ("SaveAudio", "SaveAudioMP3"):
            wanted[name] = sound(
                number("seconds", default=2.0), "flac" if kind == "SaveAudio" else "mp3"
            )
        elif kind in _OUTPUTS:
            wanted[name] = picture(size)
    return wanted
