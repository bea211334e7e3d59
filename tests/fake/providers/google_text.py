"""How Google's JSON is read: two spellings of names, two alphabets of base64, both at once."""

from __future__ import annotations

import re
from typing import Any

from ..check import Fields
from ..provider import Provider, answer
from ..wire import Request, Response

RATIOS = (
    "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8",
    "8:1",
)  # fmt: skip
FINISH = (
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "PROHIBITED_CONTENT", "SAFETY",
    "BLOCKLIST", "SPII",
)  # fmt: skip
BLOCK = ("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK", "OTHER")
_OPAQUE = ("responseJsonSchema", "responseSchema")


class GoogleSurface(Provider):
    """The errors and the reading that all of Google's surfaces share."""

    def authorised(self, request: Request) -> bool:
        given = request.headers.get("x-goog-api-key", request.query.get("key"))
        return given == self.key or request.headers.get("authorization") == f"Bearer {self.key}"

    def error(self, kind: str, message: str, name: str = "") -> Response:
        """`{"error": {code, message, status, details}}`."""
        words = {
            "bad_request": (400, "INVALID_ARGUMENT"),
            "auth": (403, "PERMISSION_DENIED"),
            "not_found": (404, "NOT_FOUND"),
            "rate_limit": (429, "RESOURCE_EXHAUSTED"),
            "quota": (429, "RESOURCE_EXHAUSTED"),
            "server": (503, "UNAVAILABLE"),
        }
        code, status = words[kind]
        details: list[dict[str, Any]] = []
        if kind == "quota":
            message = "You exceeded your current quota, please check your plan and billing details."
            violation = {"quotaMetric": "generate_requests", "quotaId": "GenerateRequestsPerDay"}
            kind_name = "type.googleapis.com/google.rpc.QuotaFailure"
            details.append({"@type": kind_name, "violations": [violation]})
        body = {"code": code, "message": message, "status": status, "details": details}
        return answer({"error": body}, code)

    def refused(self, shape: str) -> Response:
        response = self.error("bad_request", "The request was blocked by our usage policy.")
        body = Request("", "", {}, response.body).json()
        info = "type.googleapis.com/google.rpc.ErrorInfo"
        body["error"]["details"] = [{"@type": info, "reason": "POLICY_VIOLATION"}]
        return answer(body, 400)

    def body(self, request: Request) -> Fields:
        plain = super().body(request)
        return Fields(camel(dict(plain.values)), self.complain)


def camel(value: Any) -> Any:
    """The same JSON with all names in camelCase, except inside of schemas."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_(\w)", lambda m: m[1].upper(), name): item for name, item in value.items()}
    return {name: item if name in _OPAQUE else camel(item) for name, item in named.items()}


def read_contents(fields: Fields) -> str:
    """All text of `contents`, whose pictures are looked at on the way."""
    texts = []
    instruction = fields.get("systemInstruction")
    if isinstance(instruction, dict):
        parts = fields.object("systemInstruction").objects("parts", required=True)
        texts += [part.text("text") for part in parts]
    for content in fields.objects("contents", required=True):
        content.one_of("role", ("user", "model"))
        for part in content.objects("parts", required=True):
            part.known("text", "inlineData", "fileData", "thought", "mediaResolution")
            if "text" in part.values:
                texts.append(part.text("text"))
            elif "inlineData" in part.values:
                blob = part.object("inlineData", required=True)
                media_type = blob.text("mimeType", required=True)
                blob.base64_media("data", media_type, url_safe=True)
            else:
                part.object("fileData", required=True).text("fileUri", required=True)
    return "\n".join(texts)
