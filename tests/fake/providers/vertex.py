"""Veo on Google's enterprise surface: polled by POST, with the clip in the answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ..provider import answer, route, with_media
from ..wire import Request, Response
from .google_text import GoogleSurface
from .google_veo import accept_veo

_MODEL = "/publishers/google/models/{model}"
_PROJECT = "/{version}/projects/{project}/locations/{location}" + _MODEL


class Vertex(GoogleSurface):
    """Base `https://aiplatform.googleapis.com/v1beta1`; any other version is served too."""

    name = "vertex"
    secrets: ClassVar[Mapping[str, str]] = {"VERTEX_API_KEY": "AQ.Ab8" + "Vert" * 9}
    hosts: ClassVar[Mapping[str, str]] = {"": "/v1beta1"}
    refusals: ClassVar[Mapping[str, str]] = {"rai_filtered": "job", "INVALID_ARGUMENT": "submit"}
    id_path = "name"

    @route("POST", "/{version}" + _MODEL + ":predictLongRunning", stage="submit", operation="veo")
    def submit(self, request: Request) -> Response:
        model = request.args["model"]
        project = request.args.get("project", "fake-project")
        place = f"projects/{project}/locations/us-central1/publishers/google/models/{model}"
        name = f"{place}/operations/{uuid.uuid4()}"
        job = accept_veo(self, request, self.body(request), model, name, enterprise=True)
        return answer({"name": job.id})

    @route("POST", _PROJECT + ":predictLongRunning", stage="submit", operation="veo")
    def submit_in_project(self, request: Request) -> Response:
        return self.submit(request)

    @route(
        "POST",
        "/{version}" + _MODEL + ":fetchPredictOperation",
        stage="poll",
        operation="operation",
    )
    def poll(self, request: Request) -> Response:
        fields = self.body(request).known("operationName")
        job = self.job(fields.text("operationName", required=True))
        state = job.poll()
        body: dict[str, Any] = {"name": job.id}
        if state in ("queued", "running"):
            return answer(body)
        body["done"] = True
        if state == "failed":
            return answer({**body, "error": {"code": 13, "message": "Internal error."}})
        result: dict[str, Any] = {"@type": "type.googleapis.com/cloud.ai.PredictResponse"}
        if state == "refused":
            reason = "Veo could not generate videos: the prompt may violate usage guidelines."
            result |= {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [reason]}
        elif state == "done":
            data = [self.base64_of(job, wanted) for wanted in job.wanted]
            result["videos"] = [{"bytesBase64Encoded": d, "mimeType": "video/mp4"} for d in data]
        return with_media({**body, "response": result})

    @route("POST", _PROJECT + ":fetchPredictOperation", stage="poll", operation="operation")
    def poll_in_project(self, request: Request) -> Response:
        return self.poll(request)
